/* hostile.c: what an attacker tries first, once code of his runs in a container.
 *
 * Tries each attempt of the table in a child of its own and prints one line for it:
 *
 *     name|the kernel's answer|stopped: yes or no
 *
 * An attempt counts as stopped only if what it wanted did not happen. Each asks for something that works on an open machine, so
 * that the row can fail. Nothing does harm where it is not stopped: signals are null signals, sockets send no packet, what was
 * changed is changed back, forks are counted and killed one by one. Static, because it runs where there is no library.
 *
 * It refuses to run unless it is the first process of a pid namespace, so that nobody runs it on a machine by mistake.
 *
 * usage: hostile HOST-PID    HOST-PID is a process outside the container that it must not reach
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/perf_event.h>
#include <linux/securebits.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MAX_FORKS 20000
#define TIME_LIMIT_S 30
#define SETUID_COPY "/bin/hostile-setuid"
#define SCRATCH "/tmp/hostile-scratch"

static pid_t host_pid;
static char detail[200]; /* where an attempt has more to tell than an errno */

__attribute__((format(printf, 1, 2))) static void say(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintf(detail, sizeof(detail), format, ap);
	va_end(ap);
}

/* Every attempt returns 0 if it got what it wanted, else -1 with errno set or a detail said. */

/* --- becoming somebody ------------------------------------------------------------------------ */

static int become_root(void)
{
	return setuid(0);
}

static int become_root_group(void)
{
	gid_t root = 0;

	return setgroups(1, &root) == 0 ? 0 : setgid(0);
}

/* The copy is owned by root and has the setuid bit: it prints who it runs as. */
static int run_setuid_program(void)
{
	char who[16] = "";
	int out[2];
	pid_t pid;

	if (pipe(out) < 0)
		return 0;
	pid = fork();
	if (pid == 0) {
		dup2(out[1], STDOUT_FILENO);
		execl(SETUID_COPY, SETUID_COPY, "--who", NULL);
		dprintf(STDOUT_FILENO, "!%d", errno);
		_exit(1);
	}
	close(out[1]);
	if (read(out[0], who, sizeof(who) - 1) <= 0)
		return 0;
	waitpid(pid, NULL, 0);
	if (who[0] == '!') {
		errno = atoi(who + 1);
		return -1;
	}
	say("it ran, but as uid %s", who);
	return strcmp(who, "0") == 0 ? 0 : -1;
}

static int gain_capability(void)
{
	struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct want[2] = {{0}, {0}};

	want[0].effective = want[0].permitted = 1u << CAP_SYS_ADMIN;
	return (int)syscall(SYS_capset, &head, want);
}

static int unlock_securebits(void)
{
	int bits = prctl(PR_GET_SECUREBITS);

	if (prctl(PR_SET_SECUREBITS, bits & ~SECBIT_NOROOT) == 0)
		return 0;
	return -1;
}

/* --- files ------------------------------------------------------------------------------------ */

static int write_root(void)
{
	int fd = open("/hostile-was-here", O_CREAT | O_WRONLY | O_CLOEXEC, 0600);

	if (fd < 0)
		return -1;
	close(fd);
	unlink("/hostile-was-here");
	return 0;
}

static int remount_root(void)
{
	return mount(NULL, "/", NULL, MS_REMOUNT | MS_BIND, NULL);
}

static int copy_self(int to_fd)
{
	char buffer[65536];
	ssize_t got;
	int from_fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);

	if (from_fd < 0)
		return -1;
	while ((got = read(from_fd, buffer, sizeof(buffer))) > 0)
		if (write(to_fd, buffer, (size_t)got) != got) {
			close(from_fd);
			return -1;
		}
	close(from_fd);
	return got < 0 ? -1 : 0;
}

/* Did a program start? execveat is tried in a child, whose failure comes back as its exit status. */
static int exec_fd_or_path(int fd, const char *path)
{
	char *const argv[] = {(char *)"scratch", (char *)"--nothing", NULL};
	char *const envp[] = {NULL};
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		syscall(SYS_execveat, fd, path, argv, envp, *path ? 0 : AT_EMPTY_PATH);
		_exit(errno);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return 0;
	if (WIFSIGNALED(status)) {
		say("killed by signal %d", WTERMSIG(status));
		return -1;
	}
	errno = WEXITSTATUS(status);
	return errno == 0 ? 0 : -1;
}

static int write_and_execute(void)
{
	int result;
	int fd = open(SCRATCH, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0755);

	if (fd < 0)
		return -1;
	result = copy_self(fd);
	close(fd);
	if (result == 0)
		result = exec_fd_or_path(AT_FDCWD, SCRATCH);
	return result;
}

static int map_executable(void)
{
	void *at;
	int fd = open(SCRATCH, O_CREAT | O_RDWR | O_CLOEXEC, 0755);

	if (fd < 0 || ftruncate(fd, 4096) < 0)
		return -1;
	at = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);
	close(fd);
	return at == MAP_FAILED ? -1 : 0;
}

static int execute_memfd(void)
{
	int fd = memfd_create("hostile", 0);

	if (fd < 0)
		return -1;
	if (copy_self(fd) < 0)
		return -1;
	return exec_fd_or_path(fd, "");
}

/* Any mount that is neither read-only nor noexec: its place is what an attacker looks for. */
static int find_writable_executable(void)
{
	char line[4096];
	char target[1024];
	char options[1024];
	unsigned count = 0;
	FILE *mounts = fopen("/proc/self/mountinfo", "re");

	if (!mounts)
		return 0;
	while (fgets(line, sizeof(line), mounts)) {
		if (sscanf(line, "%*s %*s %*s %*s %1023s %1023s", target, options) != 2)
			continue;
		count++;
		if (strncmp(options, "ro", 2) != 0 && !strstr(options, "noexec")) {
			say("%s is writable and executable", target);
			fclose(mounts);
			return 0;
		}
	}
	fclose(mounts);
	say("none among %u mounts", count);
	return count > 0 ? -1 : 0;
}

/* --- namespaces, mounts, modules ---------------------------------------------------------------- */

static int unshare_user(void)
{
	return unshare(CLONE_NEWUSER);
}

static int clone_user(void)
{
	pid_t pid = (pid_t)syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, NULL, NULL, NULL, NULL);

	if (pid == 0)
		_exit(0);
	return pid < 0 ? -1 : 0;
}

static int clone3_user(void)
{
	uint64_t args[8] = {CLONE_NEWUSER, 0, 0, 0, SIGCHLD, 0, 0, 0};
	pid_t pid = (pid_t)syscall(SYS_clone3, args, sizeof(args));

	if (pid == 0)
		_exit(0);
	return pid < 0 ? -1 : 0;
}

static int mount_tmpfs(void)
{
	if (mount("none", "/tmp", "tmpfs", 0, NULL) < 0)
		return -1;
	umount2("/tmp", MNT_DETACH);
	return 0;
}

static int mount_new_api(void)
{
	return (int)syscall(SYS_fsopen, "tmpfs", 0) < 0 ? -1 : 0;
}

/* The image is no module, so an open kernel says ENOEXEC: then the loader was reached. */
static int loader_answer(long result)
{
	return result == 0 || errno == ENOEXEC || errno == EINVAL || errno == EBADMSG ? 0 : -1;
}

static int load_module(void)
{
	static char image[4096];

	return loader_answer(syscall(SYS_init_module, image, sizeof(image), ""));
}

static int load_module_file(void)
{
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);

	return loader_answer(syscall(SYS_finit_module, fd, "", 0));
}

static int change_root(void)
{
	return chroot("/tmp");
}

static int open_by_handle(void)
{
	struct {
		struct file_handle handle;
		unsigned char bytes[128];
	} buffer = {.handle = {.handle_bytes = 128}};
	int mount_id;
	int dirfd = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	/* A file system that gives no handle is asked with one made up: EPERM comes before the handle is looked at. */
	if (name_to_handle_at(AT_FDCWD, "/tmp", &buffer.handle, &mount_id, 0) < 0)
		buffer.handle.handle_bytes = 8;
	if (open_by_handle_at(dirfd, &buffer.handle, O_RDONLY) >= 0)
		return 0;
	return errno == ESTALE || errno == EINVAL ? 0 : -1;
}

/* --- the host's processes ----------------------------------------------------------------------- */

static int see_processes(void)
{
	struct dirent *entry;
	unsigned own = 0;
	unsigned foreign = 0;
	DIR *proc = opendir("/proc");

	if (!proc)
		return -1;
	while ((entry = readdir(proc))) {
		int pid = atoi(entry->d_name);

		if (pid <= 0)
			continue;
		if (pid == 1 || pid == getpid())
			own++;
		else
			foreign++;
	}
	closedir(proc);
	say("sees %u of its own, %u others", own, foreign);
	return foreign == 0 && own > 0 ? -1 : 0;
}

static int signal_host(void)
{
	return kill(host_pid, 0);
}

static int trace_host(void)
{
	if (ptrace(PTRACE_SEIZE, host_pid, NULL, NULL) < 0)
		return -1;
	ptrace(PTRACE_DETACH, host_pid, NULL, NULL);
	return 0;
}

/* An address that is not mapped gives EFAULT only after the process was found and access to it granted. */
static int read_host_memory(void)
{
	char here[8];
	struct iovec local = {here, sizeof(here)};
	struct iovec remote = {(void *)4096, sizeof(here)};

	if (process_vm_readv(host_pid, &local, 1, &remote, 1, 0) >= 0)
		return 0;
	return errno == EFAULT ? 0 : -1;
}

/* --- network ------------------------------------------------------------------------------------ */

/* 192.0.2.1 is set aside for documentation. Connecting a datagram socket looks up the route and sends nothing. */
static int reach_network(void)
{
	struct sockaddr_in far = {.sin_family = AF_INET, .sin_port = htons(53)};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	far.sin_addr.s_addr = htonl(0xc0000201);
	return connect(fd, (struct sockaddr *)&far, sizeof(far));
}

static int list_interfaces(void)
{
	struct if_nameindex *all = if_nameindex();
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	unsigned up = 0;

	if (!all || fd < 0)
		return -1;
	for (const struct if_nameindex *one = all; one->if_index; one++) {
		struct ifreq request = {0};

		snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", one->if_name);
		if (ioctl(fd, SIOCGIFFLAGS, &request) == 0 && (request.ifr_flags & IFF_UP) &&
		    !(request.ifr_flags & IFF_LOOPBACK)) {
			up++;
			say("%s is up", one->if_name);
		}
	}
	if (up > 0)
		return 0;
	say("no interface but the loopback is up");
	return -1;
}

static int raw_socket(void)
{
	return socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0) < 0 ? -1 : 0;
}

/* --- the kernel's own things -------------------------------------------------------------------- */

static int read_kernel_log(void)
{
	char buffer[4096];

	return syscall(SYS_syslog, 3 /* read all */, buffer, sizeof(buffer)) < 0 ? -1 : 0;
}

static int opens(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return -1;
	close(fd);
	return 0;
}

static int first_that_opens(const char *const *paths, int flags)
{
	int last = 0;

	for (; *paths; paths++) {
		if (opens(*paths, flags) == 0) {
			say("%s opened", *paths);
			return 0;
		}
		last = errno == ENOENT && last ? last : errno;
	}
	errno = last;
	return -1;
}

/* A masked file opens, and holds nothing. */
static int reads_something(const char *path)
{
	char buffer[64];
	ssize_t got;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return -1;
	got = read(fd, buffer, sizeof(buffer));
	close(fd);
	if (got == 0)
		say("empty: masked");
	return got > 0 ? 0 : -1;
}

static int read_kmsg(void)
{
	return reads_something("/dev/kmsg") == 0 ? 0 : reads_something("/proc/kmsg");
}

static int read_kcore(void)
{
	return reads_something("/proc/kcore");
}

static int write_core_pattern(void)
{
	return opens("/proc/sys/kernel/core_pattern", O_WRONLY);
}

static int write_sysrq(void)
{
	return opens("/proc/sysrq-trigger", O_WRONLY);
}

static int write_cgroup(void)
{
	static const char *const paths[] = {"/sys/fs/cgroup/cgroup.procs", "/sys/fs/cgroup/release_agent",
					    "/sys/fs/cgroup/pids/cgroup.procs", "/sys/fs/cgroup/unified/cgroup.procs", NULL};

	return first_that_opens(paths, O_WRONLY);
}

static int make_device(void)
{
	if (mknod("/tmp/hostile-mem", S_IFCHR | 0600, makedev(1, 1)) < 0)
		return -1;
	unlink("/tmp/hostile-mem");
	return 0;
}

static int open_devices(void)
{
	static const char *const paths[] = {"/dev/mem",	 "/dev/kvm",  "/dev/vda", "/dev/sda",	  "/dev/nvme0n1",
					    "/dev/fuse", "/dev/port", "/dev/tty0", "/dev/net/tun", NULL};

	return first_that_opens(paths, O_RDWR);
}

static int io_uring(void)
{
	char params[256] = {0};

	return syscall(SYS_io_uring_setup, 1, params) < 0 ? -1 : 0;
}

static int add_key(void)
{
	return syscall(SYS_add_key, "user", "hostile", "x", 1, -3 /* session keyring */) < 0 ? -1 : 0;
}

static int load_bpf(void)
{
	uint32_t attr[32] = {2 /* array */, 4, 8, 1};

	return syscall(SYS_bpf, 0 /* BPF_MAP_CREATE */, attr, sizeof(attr)) < 0 ? -1 : 0;
}

static int user_faults(void)
{
	return syscall(SYS_userfaultfd, O_CLOEXEC | 1 /* user mode only */) < 0 ? -1 : 0;
}

static int perf_events(void)
{
	struct perf_event_attr attr = {.type = PERF_TYPE_SOFTWARE, .size = sizeof(attr), .config = PERF_COUNT_SW_TASK_CLOCK};

	attr.exclude_kernel = 1;
	return syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0) < 0 ? -1 : 0;
}

/* The kernel takes an int: bits above 32 are dropped there, but a filter may look at them. */
static int crypto_socket(void)
{
	if (syscall(SYS_socket, (uint64_t)AF_ALG, SOCK_SEQPACKET, 0) >= 0)
		return 0;
	return syscall(SYS_socket, (uint64_t)AF_ALG | 1ull << 32, SOCK_SEQPACKET, 0) < 0 ? -1 : 0;
}

static int vm_socket(void)
{
	if (syscall(SYS_socket, (uint64_t)AF_VSOCK, SOCK_STREAM, 0) >= 0)
		return 0;
	return syscall(SYS_socket, (uint64_t)AF_VSOCK | 1ull << 32, SOCK_STREAM, 0) < 0 ? -1 : 0;
}

static int set_personality(void)
{
	return personality(READ_IMPLIES_EXEC) < 0 ? -1 : 0;
}

/* A pseudo-terminal of its own is enough for TIOCSTI where it is not refused. */
static int inject_input(void)
{
	int master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);
	int unlock = 0;
	int slave;

	if (master < 0)
		return -1;
	if (ioctl(master, TIOCSPTLCK, &unlock) < 0)
		return -1;
	slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY);
	if (slave < 0)
		return -1;
	setsid();
	ioctl(slave, TIOCSCTTY, 0);
	return ioctl(slave, TIOCSTI, "x");
}

static int x32_call(void)
{
#ifdef __x86_64__
	return syscall(0x40000000 | SYS_getpid) < 0 ? -1 : 0;
#else
	say("no such ABI on this processor");
	return -1;
#endif
}

static int i386_call(void)
{
#ifdef __x86_64__
	long result;

	__asm__ volatile("int $0x80" : "=a"(result) : "a"(20 /* getpid */) : "memory", "r8", "r9", "r10", "r11");
	if (result >= 0)
		return 0;
	errno = (int)-result;
	return -1;
#else
	say("no such ABI on this processor");
	return -1;
#endif
}

/* --- what leaks in, what runs away -------------------------------------------------------------- */

static int find_descriptors(void)
{
	unsigned found = 0;

	for (int fd = 3; fd < 4096; fd++)
		if (fcntl(fd, F_GETFD) >= 0)
			found++;
	say("%u beside standard input, output and error", found);
	return found > 0 ? 0 : -1;
}

static int find_environment(void)
{
	const char *secret = getenv("TOUR_SECRET");

	say(secret ? "the caller's variable is here" : "the caller's variable is not here");
	return secret ? 0 : -1;
}

static int find_terminal(void)
{
	return opens("/dev/tty", O_RDWR);
}

static int dump_core(void)
{
	const struct rlimit unlimited = {RLIM_INFINITY, RLIM_INFINITY};

	return setrlimit(RLIMIT_CORE, &unlimited);
}

static int real_time(void)
{
	const struct sched_param high = {.sched_priority = 50};

	return sched_setscheduler(0, SCHED_FIFO, &high);
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static int fork_without_end(void)
{
	static pid_t children[MAX_FORKS];
	unsigned count = 0;
	int error = 0;
	double deadline = now() + TIME_LIMIT_S - 10;
	pid_t parent = getpid();

	while (count < MAX_FORKS && now() < deadline) {
		pid_t pid = fork();

		if (pid == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			if (getppid() != parent)
				_exit(0);
			pause();
			_exit(0);
		}
		if (pid < 0) {
			error = errno;
			break;
		}
		children[count++] = pid;
	}
	for (unsigned i = 0; i < count; i++)
		kill(children[i], SIGKILL);
	for (unsigned i = 0; i < count; i++)
		waitpid(children[i], NULL, 0);
	if (error == 0) {
		say("%u processes and no end", count);
		return 0;
	}
	say("%s after %u processes", strerrorname_np(error), count);
	return -1;
}

/* --- the table ---------------------------------------------------------------------------------- */

static const struct attempt {
	const char *name;
	int (*run)(void);
} attempts[] = {
	{"become-root", become_root},
	{"become-root-group", become_root_group},
	{"setuid-program", run_setuid_program},
	{"gain-capability", gain_capability},
	{"unlock-securebits", unlock_securebits},
	{"write-root", write_root},
	{"remount-root", remount_root},
	{"write-and-execute", write_and_execute},
	{"map-executable", map_executable},
	{"execute-memfd", execute_memfd},
	{"writable-executable", find_writable_executable},
	{"unshare-user", unshare_user},
	{"clone-user", clone_user},
	{"clone3-user", clone3_user},
	{"mount", mount_tmpfs},
	{"fsopen", mount_new_api},
	{"chroot", change_root},
	{"open-by-handle", open_by_handle},
	{"load-module", load_module},
	{"load-module-file", load_module_file},
	{"see-processes", see_processes},
	{"signal-host", signal_host},
	{"trace-host", trace_host},
	{"read-host-memory", read_host_memory},
	{"reach-network", reach_network},
	{"list-interfaces", list_interfaces},
	{"raw-socket", raw_socket},
	{"kernel-log", read_kernel_log},
	{"kernel-log-file", read_kmsg},
	{"kernel-memory", read_kcore},
	{"core-pattern", write_core_pattern},
	{"sysrq", write_sysrq},
	{"cgroup", write_cgroup},
	{"make-device", make_device},
	{"open-devices", open_devices},
	{"io-uring", io_uring},
	{"add-key", add_key},
	{"bpf", load_bpf},
	{"userfaultfd", user_faults},
	{"perf-events", perf_events},
	{"crypto-socket", crypto_socket},
	{"vm-socket", vm_socket},
	{"personality", set_personality},
	{"inject-input", inject_input},
	{"x32-call", x32_call},
	{"i386-call", i386_call},
	{"descriptors", find_descriptors},
	{"environment", find_environment},
	{"terminal", find_terminal},
	{"dump-core", dump_core},
	{"real-time", real_time},
	{"fork-without-end", fork_without_end},
};

/* In a child: an attempt that is killed or hangs is an answer too. The child prints its line, the parent only what the child can't. */
static void try(const struct attempt *attempt)
{
	int status;
	pid_t pid = fork();

	if (pid < 0) {
		printf("%s|could not fork: %s|no\n", attempt->name, strerror(errno));
		return;
	}
	if (pid == 0) {
		int result;

		alarm(TIME_LIMIT_S);
		errno = 0;
		result = attempt->run();
		if (result == 0)
			printf("%s|allowed%s%s|no\n", attempt->name, *detail ? ": " : "", detail);
		else if (*detail)
			printf("%s|%s|yes\n", attempt->name, detail);
		else
			printf("%s|%s (%s)|yes\n", attempt->name, strerrorname_np(errno), strerror(errno));
		fflush(stdout);
		_exit(0);
	}
	if (waitpid(pid, &status, 0) != pid) {
		printf("%s|lost its process: %s|no\n", attempt->name, strerror(errno));
		return;
	}
	while (waitpid(-1, NULL, WNOHANG) > 0) /* what the attempt left behind has come to this process, the first one */
		;
	if (!WIFSIGNALED(status))
		return;
	if (WTERMSIG(status) == SIGALRM)
		printf("%s|no answer in %d s|no\n", attempt->name, TIME_LIMIT_S);
	else
		printf("%s|killed by signal %d (%s)|yes\n", attempt->name, WTERMSIG(status), strsignal(WTERMSIG(status)));
}

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc == 2 && strcmp(argv[1], "--nothing") == 0)
		return 0;
	if (argc == 2 && strcmp(argv[1], "--who") == 0) {
		printf("%u", (unsigned)geteuid());
		return 0;
	}
	if (getpid() != 1) {
		fprintf(stderr, "hostile: not the first process of a container: nothing tried\n");
		return 2;
	}
	if (argc != 2 || (host_pid = atoi(argv[1])) <= 2) {
		fprintf(stderr, "usage: hostile HOST-PID\n");
		return 2;
	}
	for (size_t i = 0; i < sizeof(attempts) / sizeof(attempts[0]); i++)
		try(&attempts[i]);
	unlink(SCRATCH);
	puts("end|the table is complete|yes");
	return 0;
}
