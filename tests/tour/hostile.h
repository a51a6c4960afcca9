/* What the parts of the hostile program share: the attempts, and how one tells more than
 * an errno. */
#ifndef KANUKI_TESTS_HOSTILE_H
#define KANUKI_TESTS_HOSTILE_H

#include <sys/types.h>

#define SETUID_COPY "/bin/hostile-setuid"
#define SCRATCH "/tmp/hostile-scratch"

/* A process outside that must not be reached. */
extern pid_t host_pid;

/* Where an attempt has more to tell than an errno. */
__attribute__((format(printf, 1, 2))) void say(const char *format, ...);
/* 0 when it can be opened so, else -1 and errno. */
int opens(const char *path, int flags);

/* Name and function of each, in the order of the table. An attempt returns 0 if it got what it wanted, else -1 with errno
 * set or something said. */
#define ATTEMPTS(X) \
	X("become-root", become_root) \
	X("become-root-group", become_root_group) \
	X("setuid-program", run_setuid_program) \
	X("gain-capability", gain_capability) \
	X("unlock-securebits", unlock_securebits) \
	X("write-root", write_root) \
	X("remount-root", remount_root) \
	X("write-and-execute", write_and_execute) \
	X("map-executable", map_executable) \
	X("execute-memfd", execute_memfd) \
	X("writable-executable", find_writable_executable) \
	X("unshare-user", unshare_user) \
	X("clone-user", clone_user) \
	X("clone3-user", clone3_user) \
	X("mount", mount_tmpfs) \
	X("fsopen", mount_new_api) \
	X("chroot", change_root) \
	X("open-by-handle", open_by_handle) \
	X("load-module", load_module) \
	X("load-module-file", load_module_file) \
	X("see-processes", see_processes) \
	X("signal-host", signal_host) \
	X("trace-host", trace_host) \
	X("read-host-memory", read_host_memory) \
	X("reach-network", reach_network) \
	X("list-interfaces", list_interfaces) \
	X("raw-socket", raw_socket) \
	X("kernel-log", read_kernel_log) \
	X("kernel-log-file", read_kmsg) \
	X("kernel-memory", read_kcore) \
	X("core-pattern", write_core_pattern) \
	X("sysrq", write_sysrq) \
	X("cgroup", write_cgroup) \
	X("make-device", make_device) \
	X("open-devices", open_devices) \
	X("io-uring", io_uring) \
	X("add-key", add_key) \
	X("bpf", load_bpf) \
	X("userfaultfd", user_faults) \
	X("perf-events", perf_events) \
	X("crypto-socket", crypto_socket) \
	X("vm-socket", vm_socket) \
	X("personality", set_personality) \
	X("inject-input", inject_input) \
	X("x32-call", x32_call) \
	X("i386-call", i386_call) \
	X("descriptors", find_descriptors) \
	X("environment", find_environment) \
	X("terminal", find_terminal) \
	X("dump-core", dump_core) \
	X("real-time", real_time) \
	X("fork-without-end", fork_without_end)

#define ATTEMPT(name, run) int run(void);
ATTEMPTS(ATTEMPT)
#undef ATTEMPT

#endif
