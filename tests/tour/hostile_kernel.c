/* hostile, the part about the kernel's own things: its files, devices, and calls that an open machine answers. */
#define _GNU_SOURCE
#include "hostile.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* --- the kernel's own things -------------------------------------------------------------------- */

int read_kernel_log(void)
{
	char buffer[4096];

	return syscall(SYS_syslog, 3 /* read all */, buffer, sizeof(buffer)) < 0 ? -1 : 0;
}

int opens(const char *path, int flags)
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

int read_kmsg(void)
{
	return reads_something("/dev/kmsg") == 0 ? 0 : reads_something("/proc/kmsg");
}

int read_kcore(void)
{
	return reads_something("/proc/kcore");
}

int write_core_pattern(void)
{
	return opens("/proc/sys/kernel/core_pattern", O_WRONLY);
}

int write_sysrq(void)
{
	return opens("/proc/sysrq-trigger", O_WRONLY);
}

int write_cgroup(void)
{
	static const char *const paths[] = {"/sys/fs/cgroup/cgroup.procs", "/sys/fs/cgroup/release_agent",
					    "/sys/fs/cgroup/pids/cgroup.procs", "/sys/fs/cgroup/unified/cgroup.procs", NULL};

	return first_that_opens(paths, O_WRONLY);
}

int make_device(void)
{
	if (mknod("/tmp/hostile-mem", S_IFCHR | 0600, makedev(1, 1)) < 0)
		return -1;
	unlink("/tmp/hostile-mem");
	return 0;
}

int open_devices(void)
{
	static const char *const paths[] = {"/dev/mem",	 "/dev/kvm",  "/dev/vda", "/dev/sda",	  "/dev/nvme0n1",
					    "/dev/fuse", "/dev/port", "/dev/tty0", "/dev/net/tun", NULL};

	return first_that_opens(paths, O_RDWR);
}

int io_uring(void)
{
	char params[256] = {0};

	return syscall(SYS_io_uring_setup, 1, params) < 0 ? -1 : 0;
}

int add_key(void)
{
	return syscall(SYS_add_key, "user", "hostile", "x", 1, -3 /* session keyring */) < 0 ? -1 : 0;
}

int load_bpf(void)
{
	uint32_t attr[32] = {2 /* array */, 4, 8, 1};

	return syscall(SYS_bpf, 0 /* BPF_MAP_CREATE */, attr, sizeof(attr)) < 0 ? -1 : 0;
}

int user_faults(void)
{
	return syscall(SYS_userfaultfd, O_CLOEXEC | 1 /* user mode only */) < 0 ? -1 : 0;
}

int perf_events(void)
{
	struct perf_event_attr attr = {.type = PERF_TYPE_SOFTWARE, .size = sizeof(attr), .config = PERF_COUNT_SW_TASK_CLOCK};

	attr.exclude_kernel = 1;
	return syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0) < 0 ? -1 : 0;
}

/* The kernel takes an int: bits above 32 are dropped there, but a filter may look at them. */
int crypto_socket(void)
{
	if (syscall(SYS_socket, (uint64_t)AF_ALG, SOCK_SEQPACKET, 0) >= 0)
		return 0;
	return syscall(SYS_socket, (uint64_t)AF_ALG | 1ull << 32, SOCK_SEQPACKET, 0) < 0 ? -1 : 0;
}

int vm_socket(void)
{
	if (syscall(SYS_socket, (uint64_t)AF_VSOCK, SOCK_STREAM, 0) >= 0)
		return 0;
	return syscall(SYS_socket, (uint64_t)AF_VSOCK | 1ull << 32, SOCK_STREAM, 0) < 0 ? -1 : 0;
}

int set_personality(void)
{
	return personality(READ_IMPLIES_EXEC) < 0 ? -1 : 0;
}

/* A pseudo-terminal of its own is enough for TIOCSTI where it is not refused. */
int inject_input(void)
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

int x32_call(void)
{
#ifdef __x86_64__
	return syscall(0x40000000 | SYS_getpid) < 0 ? -1 : 0;
#else
	say("no such ABI on this processor");
	return -1;
#endif
}

int i386_call(void)
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
