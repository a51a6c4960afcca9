/*
 * See attempts.h. Arguments are chosen so that a call that gets past the filter and the
 * capability check still does nothing: null pointers, bad magic numbers, impossible flags. EFAULT
 * or EINVAL then tell "the kernel took it up" from EPERM, EACCES, ENOSYS or SIGSYS.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "attempts.h"

#define HIGH 0x100000000ul	/* a bit that an int argument does not have */
#define ROOT ((unsigned long)"/")
#define EMPTY ((unsigned long)"")
#define UFFD_USER_MODE_ONLY_FLAG 1ul

#ifndef SYS_mount_setattr
#define SYS_mount_setattr 442
#endif

struct attempt {
	const char *name;
	long nr;
	unsigned long arg[6];
	long (*run)(const struct attempt *attempt);
};

/* clone(2) with a namespace flag; the new process leaves at once. */
static long run_clone(const struct attempt *attempt)
{
	long pid = syscall(SYS_clone, attempt->arg[0] | SIGCHLD, 0, 0, 0, 0);

	if (pid == 0)
		_exit(0);
	return pid < 0 ? -1 : 0;
}

struct clone3_args {
	uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls;
	uint64_t set_tid, set_tid_size, cgroup;
};

static long run_clone3(const struct attempt *attempt)
{
	struct clone3_args args = { .flags = attempt->arg[0], .exit_signal = SIGCHLD };
	long pid = syscall(SYS_clone3, &args, sizeof(args));

	if (pid == 0)
		_exit(0);
	return pid < 0 ? -1 : 0;
}

static long run_setns_self(const struct attempt *attempt)
{
	long fd = syscall(SYS_pidfd_open, getpid(), 0);

	return fd < 0 ? -1 : syscall(SYS_setns, fd, attempt->arg[0]);
}

/* CVE-2022-0492: a user namespace gave the rights to mount a version 1 hierarchy. */
static long run_release_agent(const struct attempt *attempt)
{
	static const char *const controllers[] = { "rdma", "misc", "memory", "pids", "cpu",
						   "devices" };
	const char *at = "/tmp";
	int fd;

	(void)attempt;
	if (syscall(SYS_unshare, CLONE_NEWUSER | CLONE_NEWCGROUP | CLONE_NEWNS))
		return -1;
	for (size_t i = 0; i < sizeof(controllers) / sizeof(controllers[0]); i++) {
		if (mount("cgroup", at, "cgroup", 0, controllers[i]))
			continue;
		fd = open("/tmp/release_agent", O_WRONLY);
		return fd < 0 ? -1 : 0;
	}
	return -1;
}

/* open_by_handle_at(2) with inode 2, the root of most file systems ("shocker"). */
static long run_handle(const struct attempt *attempt)
{
	struct {
		unsigned int bytes;
		int type;
		unsigned char data[8];
	} handle = { 8, 1, { 2 } };
	int dir = open("/", O_RDONLY | O_DIRECTORY);

	(void)attempt;
	return syscall(SYS_open_by_handle_at, dir, &handle, O_RDONLY);
}

static long run_process_vm(const struct attempt *attempt)
{
	char from[8], to[8];
	struct {
		void *base;
		size_t len;
	} local = { to, 8 }, remote = { from, 8 };

	(void)attempt;
	return syscall(SYS_process_vm_readv, getppid(), &local, 1, &remote, 1, 0);
}

#if defined(__x86_64__)
/* The 32-bit entry of a 64-bit kernel: another table of calls, which a filter must know of. */
static long run_i386(const struct attempt *attempt)
{
	unsigned long *low = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
				  MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	unsigned long arg[3] = { attempt->arg[0], attempt->arg[1], attempt->arg[2] };
	long ret;

	if (low == MAP_FAILED)
		return -1;
	if (attempt->nr == 102) {	/* socketcall(SYS_SOCKET, {family, type, protocol}) */
		unsigned int *words = (unsigned int *)low;

		words[0] = (unsigned int)arg[0];
		words[1] = (unsigned int)arg[1];
		words[2] = (unsigned int)arg[2];
		arg[0] = 1;
		arg[1] = (unsigned long)low;
	}
	__asm__ volatile("int $0x80"
			 : "=a"(ret)
			 : "a"(attempt->nr), "b"(arg[0]), "c"(arg[1]), "d"(arg[2])
			 : "memory", "r8", "r9", "r10", "r11");
	ret = (int)ret;
	if (ret < 0) {
		errno = (int)-ret;
		return -1;
	}
	return ret;
}
#endif

static long run_packet(const struct attempt *attempt)
{
	(void)attempt;
	return syscall(SYS_socket, 17, 3, 0x0300);	/* AF_PACKET, SOCK_RAW, ETH_P_ALL */
}

/* Shared with the parent: the only thing a killed child leaves. */
static volatile int *outcome;


static const struct attempt attempts[] = {
	{ "socket-alg", SYS_socket, { 38, 5, 0 }, NULL },
	{ "socket-alg-high", SYS_socket, { HIGH | 38, 5, 0 }, NULL },
	{ "socket-vsock", SYS_socket, { 40, 1, 0 }, NULL },
	{ "socket-vsock-high", SYS_socket, { HIGH | 40, 1, 0 }, NULL },
	{ "socket-vsock-high2", SYS_socket, { 0xffffffff00000000ul | 40, 1, 0 }, NULL },
	{ "socket-rxrpc", SYS_socket, { 33, 2, 2 }, NULL },
	{ "socket-rxrpc-high", SYS_socket, { HIGH | 33, 2, 2 }, NULL },
	{ "socket-packet", 0, { 0 }, run_packet },
	{ "socket-raw", SYS_socket, { 2, 3, 1 }, NULL },
	{ "socket-netlink-xfrm", SYS_socket, { 16, 3, 6 }, NULL },
	{ "socket-netlink-audit", SYS_socket, { 16, 3, 9 }, NULL },
	{ "socket-unix", SYS_socket, { 1, 1, 0 }, NULL },
	{ "socket-inet", SYS_socket, { 2, 1, 0 }, NULL },
	{ "socketpair-vsock-high", SYS_socketpair, { HIGH | 40, 1, 0, 0 }, NULL },
	{ "unshare-user", SYS_unshare, { CLONE_NEWUSER }, NULL },
	{ "unshare-user-high", SYS_unshare, { HIGH | CLONE_NEWUSER }, NULL },
	{ "unshare-mount", SYS_unshare, { CLONE_NEWNS }, NULL },
	{ "unshare-net", SYS_unshare, { CLONE_NEWNET }, NULL },
	{ "unshare-pid", SYS_unshare, { CLONE_NEWPID }, NULL },
	{ "unshare-cgroup", SYS_unshare, { CLONE_NEWCGROUP }, NULL },
	{ "clone-user", 0, { CLONE_NEWUSER }, run_clone },
	{ "clone-mount", 0, { CLONE_NEWNS }, run_clone },
	{ "clone-net", 0, { CLONE_NEWNET }, run_clone },
	{ "clone-pid", 0, { CLONE_NEWPID }, run_clone },
	{ "clone-ipc", 0, { CLONE_NEWIPC }, run_clone },
	{ "clone-uts", 0, { CLONE_NEWUTS }, run_clone },
	{ "clone-cgroup", 0, { CLONE_NEWCGROUP }, run_clone },
	{ "clone-high", 0, { HIGH | CLONE_NEWUSER }, run_clone },
	{ "clone3-user", 0, { CLONE_NEWUSER }, run_clone3 },
	{ "clone3-plain", 0, { 0 }, run_clone3 },
	{ "setns-user", 0, { CLONE_NEWUSER }, run_setns_self },
	{ "setns-mount", 0, { CLONE_NEWNS }, run_setns_self },
	{ "mount", SYS_mount, { EMPTY, ROOT, EMPTY, MS_BIND, 0 }, NULL },
	{ "umount2", SYS_umount2, { ROOT, MNT_EXPIRE | MNT_FORCE }, NULL },
	{ "pivot_root", SYS_pivot_root, { ROOT, ROOT }, NULL },
	{ "fsopen", SYS_fsopen, { (unsigned long)"tmpfs", 0 }, NULL },
	{ "fspick", SYS_fspick, { (unsigned long)AT_FDCWD, ROOT, 0 }, NULL },
	{ "fsmount", SYS_fsmount, { (unsigned long)-1, 0, 0 }, NULL },
	{ "open_tree", SYS_open_tree, { (unsigned long)AT_FDCWD, ROOT, 1 }, NULL },
	{ "move_mount", SYS_move_mount, { (unsigned long)-1, EMPTY, (unsigned long)-1, EMPTY, 0x44 },
	  NULL },
	{ "mount_setattr", SYS_mount_setattr, { (unsigned long)AT_FDCWD, ROOT, 0, 0, 32 }, NULL },
	{ "chroot", SYS_chroot, { ROOT }, NULL },
	{ "io_uring_setup", SYS_io_uring_setup, { 1, 0 }, NULL },
	{ "io_uring_enter", SYS_io_uring_enter, { (unsigned long)-1, 0, 0, 0, 0, 0 }, NULL },
	{ "io_uring_register", SYS_io_uring_register, { (unsigned long)-1, 0, 0, 0 }, NULL },
	{ "userfaultfd", SYS_userfaultfd, { 0 }, NULL },
	{ "userfaultfd-user", SYS_userfaultfd, { UFFD_USER_MODE_ONLY_FLAG }, NULL },
	{ "bpf", SYS_bpf, { 0, 0, 0 }, NULL },
	{ "perf_event_open", SYS_perf_event_open, { 0, 0, (unsigned long)-1, (unsigned long)-1, 0 },
	  NULL },
	{ "add_key", SYS_add_key, { (unsigned long)"user", (unsigned long)"k", 0, 0,
				    (unsigned long)KEY_SPEC_SESSION_KEYRING }, NULL },
	{ "request_key", SYS_request_key, { (unsigned long)"user", (unsigned long)"k", 0, 0 }, NULL },
	{ "keyctl", SYS_keyctl, { KEYCTL_GET_KEYRING_ID, (unsigned long)KEY_SPEC_SESSION_KEYRING, 0 },
	  NULL },
	{ "open_by_handle_at", 0, { 0 }, run_handle },
	{ "ptrace-init", SYS_ptrace, { 0x4206, 1, 0, 0 }, NULL },
	{ "process_vm_readv", 0, { 0 }, run_process_vm },
	{ "kcmp", SYS_kcmp, { 1, 1, 0, 0, 0 }, NULL },
	{ "pidfd_getfd", SYS_pidfd_getfd, { (unsigned long)-1, 0, 0 }, NULL },
	{ "personality", SYS_personality, { 0x0040000 }, NULL },
	{ "ioctl-tiocsti", SYS_ioctl, { 0, 0x5412, EMPTY }, NULL },
	{ "ioctl-tiocsti-high", SYS_ioctl, { 0, HIGH | 0x5412, EMPTY }, NULL },
	{ "setsockopt-ulp", SYS_setsockopt, { (unsigned long)-1, 6, 31, EMPTY, 0 }, NULL },
	{ "setsockopt-ulp-high", SYS_setsockopt, { (unsigned long)-1, HIGH | 6, HIGH | 31, EMPTY, 0 },
	  NULL },
	{ "personality-high", SYS_personality, { HIGH | 0x0040000 }, NULL },
	{ "init_module", SYS_init_module, { 0, 0, EMPTY }, NULL },
	{ "finit_module", SYS_finit_module, { (unsigned long)-1, EMPTY, 0 }, NULL },
	{ "delete_module", SYS_delete_module, { (unsigned long)"none", 0 }, NULL },
	{ "kexec_load", SYS_kexec_load, { 0, 0, 0, 0 }, NULL },
	{ "reboot", SYS_reboot, { 0, 0, 0, 0 }, NULL },
	{ "swapon", SYS_swapon, { (unsigned long)"/nowhere", 0 }, NULL },
	{ "acct", SYS_acct, { (unsigned long)"/nowhere" }, NULL },
	{ "settimeofday", SYS_settimeofday, { 0, 0 }, NULL },
	{ "clock_settime", SYS_clock_settime, { 0, 0 }, NULL },
	{ "sethostname", SYS_sethostname, { (unsigned long)"x", 1 }, NULL },
	{ "syslog", SYS_syslog, { 3, 0, 0 }, NULL },
	{ "quotactl", SYS_quotactl, { 0, 0, 0, 0 }, NULL },
	{ "fanotify_init", SYS_fanotify_init, { 0, 0 }, NULL },
	{ "vhangup", SYS_vhangup, { 0 }, NULL },
	{ "setuid-0", SYS_setuid, { 0 }, NULL },
	{ "setgid-0", SYS_setgid, { 0 }, NULL },
	{ "mknod-mem", SYS_mknodat, { (unsigned long)AT_FDCWD, (unsigned long)"/tmp/mem",
				      0020600, 0x101 }, NULL },
	{ "release-agent", 0, { 0 }, run_release_agent },
#if defined(__x86_64__)
	{ "iopl", SYS_iopl, { 3 }, NULL },
	{ "ioperm", SYS_ioperm, { 0x80, 1, 1 }, NULL },
	{ "modify_ldt", SYS_modify_ldt, { 0, 0, 0 }, NULL },
	{ "x32-socket", 0x40000000 | SYS_socket, { 40, 1, 0 }, NULL },
	{ "x32-getpid", 0x40000000 | SYS_getpid, { 0 }, NULL },
	{ "i386-socket", 359, { 40, 1, 0 }, run_i386 },
	{ "i386-socketcall", 102, { 40, 1, 0 }, run_i386 },
	{ "i386-unshare", 310, { CLONE_NEWUSER }, run_i386 },
	{ "i386-getpid", 20, { 0 }, run_i386 },
#endif
};

static void attempt_report(const struct attempt *attempt)
{
	int status = 0;
	pid_t pid;

	*outcome = -1;
	pid = fork();
	if (pid == 0) {
		long ret;

		errno = 0;
		if (attempt->run)
			ret = attempt->run(attempt);
		else
			ret = syscall(attempt->nr, attempt->arg[0], attempt->arg[1],
				      attempt->arg[2], attempt->arg[3], attempt->arg[4],
				      attempt->arg[5]);
		*outcome = ret < 0 ? errno : 0;
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid) {
		printf("%s untried\n", attempt->name);
		return;
	}
	if (WIFSIGNALED(status))
		printf("%s SIG%s\n", attempt->name, sigabbrev_np(WTERMSIG(status)));
	else if (*outcome == 0)
		printf("%s OK\n", attempt->name);
	else
		printf("%s %s\n", attempt->name, strerrorname_np(*outcome));
}

int attempts_run(char **args)
{
	outcome = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (outcome == MAP_FAILED)
		return 1;
	for (size_t i = 0; i < sizeof(attempts) / sizeof(attempts[0]); i++) {
		int wanted = !args[0];

		for (char **name = args; *name; name++)
			wanted |= !strcmp(*name, attempts[i].name);
		if (wanted)
			attempt_report(&attempts[i]);
	}
	return 0;
}
