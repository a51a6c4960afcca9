/* costs: what each kernel operation that a container start is made of costs on this machine.
 *
 * Every sample runs in a fresh child with a private mount namespace of its own, so no sample inherits another's leftovers;
 * the clock is read around the one call (or group) that the line names. Prints a Markdown table with median and 90th
 * percentile in microseconds. Needs root. Leaves nothing: mounts die with the children, the cgroup is removed.
 *
 * Usage: costs [-n SAMPLES] [-f FILTER.bpf]... [NAME-PREFIX]
 */
#include "costs.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#define MAX_SAMPLES 2000

char base_dir[] = "/tmp/costs.XXXXXX";
char cgroup_dir[128];
int cgroup_fd = -1;
double *shared;
struct sock_filter filter[4096];
unsigned short filter_len;

void die(const char *what)
{
	fprintf(stderr, "costs: %s: %s\n", what, strerror(errno));
	_exit(111);
}

double now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

/* --- processes and namespaces --- */

void s_nothing(long arg) { (void)arg; TIMED(0, "nothing"); }

void s_unshare(long flags) { TIMED(unshare((int)flags), "unshare"); }

void s_fork_wait(long flags)
{
	struct clone_args args = { .flags = (unsigned long)flags & ~(1ul << 63), .exit_signal = SIGCHLD };
	double start = now_us();
	long pid;

	if (flags & CLONE_INTO_CGROUP)
		args.cgroup = (unsigned)cgroup_fd;
	pid = syscall(SYS_clone3, &args, sizeof(args));
	if (pid == 0)
		_exit(0);
	if (pid < 0)
		die("clone3");
	if (waitpid((pid_t)pid, NULL, __WALL) < 0)
		die("waitpid");
	*shared = now_us() - start;
}

void s_clone_only(long flags)
{
	struct clone_args args = { .flags = (unsigned long)flags, .exit_signal = SIGCHLD };
	double start = now_us();
	long pid = syscall(SYS_clone3, &args, sizeof(args));

	if (pid == 0)
		_exit(0);
	*shared = now_us() - start;
	if (pid < 0)
		die("clone3");
	waitpid((pid_t)pid, NULL, __WALL);
}

void s_spawn(long flags)
{
	char *argv[] = { (char *)"/bin/busybox", (char *)"true", NULL };
	double start = now_us();
	pid_t pid;

	(void)flags;
	pid = vfork();
	if (pid == 0) {
		execve(argv[0], argv, argv + 2);
		_exit(127);
	}
	int status = 0;
	waitpid(pid, &status, 0);
	*shared = now_us() - start;
	if (status)
		die("busybox true");
}

void s_mountns(long n)
{
	for (long i = 0; i < n; i++) {
		char name[32];

		snprintf(name, sizeof(name), "m%ld", i);
		int target = make_target(name, 1);
		int mnt = clone_tree("/proc/sys/kernel");

		if (mnt < 0 || attach(mnt, target) < 0)
			die("attach");
	}
	TIMED(unshare(CLONE_NEWNS), "unshare");
}

int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t done;

	if (fd < 0)
		return -1;
	done = write(fd, text, strlen(text));
	close(fd);
	return done < 0 ? -1 : 0;
}

void s_userns_map(long arg)
{
	char path[64];
	int ready[2], go[2];
	char c;

	(void)arg;
	if (pipe(ready) < 0 || pipe(go) < 0)
		die("pipe");
	pid_t pid = fork();
	if (pid == 0) {
		if (unshare(CLONE_NEWUSER) < 0)
			_exit(1);
		(void)!write(ready[1], "r", 1);
		(void)!read(go[0], &c, 1);
		_exit(0);
	}
	(void)!read(ready[0], &c, 1);
	double start = now_us();
	snprintf(path, sizeof(path), "/proc/%d/uid_map", pid);
	if (write_file(path, "1 100001 65534\n") < 0)
		die("uid_map");
	snprintf(path, sizeof(path), "/proc/%d/gid_map", pid);
	if (write_file(path, "1 100001 65534\n") < 0)
		die("gid_map");
	*shared = now_us() - start;
	(void)!write(go[1], "g", 1);
	waitpid(pid, NULL, 0);
}

#define ALL_NS (CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP)

static const struct {
	const char *name;
	void (*run)(long arg);
	long arg;
} samples[] = {
	{ "clock alone", s_nothing, 0 },
	{ "clone3, wait", s_fork_wait, 0 },
	{ "clone3 into a cgroup, wait", s_fork_wait, (long)CLONE_INTO_CGROUP },
	{ "vfork, exec static true, wait", s_spawn, 0 },
	{ "unshare mount", s_unshare, CLONE_NEWNS },
	{ "unshare pid", s_unshare, CLONE_NEWPID },
	{ "unshare ipc", s_unshare, CLONE_NEWIPC },
	{ "unshare uts", s_unshare, CLONE_NEWUTS },
	{ "unshare cgroup", s_unshare, CLONE_NEWCGROUP },
	{ "unshare net", s_unshare, CLONE_NEWNET },
	{ "unshare time", s_unshare, 0x80 },
	{ "unshare user", s_unshare, CLONE_NEWUSER },
	{ "user maps, two writes by the parent", s_userns_map, 0 },
	{ "clone3 call alone", s_clone_only, 0 },
	{ "clone3 call alone, six namespaces", s_clone_only, ALL_NS },
	{ "clone3 with six namespaces, exit, wait", s_fork_wait, ALL_NS },
	{ "clone3 with the same without net, exit, wait", s_fork_wait, ALL_NS & ~CLONE_NEWNET },
	{ "unshare mount with 20 more mounts", s_mountns, 20 },
	{ "unshare mount with 100 more mounts", s_mountns, 100 },
	{ "kill and reap, mount namespace with 0 own mounts", s_mountns_exit, 0 },
	{ "kill and reap, mount namespace with 10 own mounts", s_mountns_exit, 10 },
	{ "fsopen..fsmount tmpfs", s_fs, 0 },
	{ "fsopen..fsmount proc", s_fs, 1 },
	{ "fsopen..fsmount sysfs", s_fs, 2 },
	{ "fsopen..fsmount mqueue", s_fs, 3 },
	{ "fsopen..fsmount devpts", s_fs, 4 },
	{ "fsopen..fsmount cgroup2", s_fs, 5 },
	{ "open_tree clone", s_rootfs, 0 },
	{ "open_tree clone, mount_setattr recursive", s_rootfs, 1 },
	{ "move_mount, 1", s_attach, 1 },
	{ "move_mount, 20", s_attach, 20 },
	{ "mask a file (clone, setattr, attach), 1", s_mask, 1 },
	{ "mask a file, 10", s_mask, 10 },
	{ "mask a directory (one tmpfs, cloned), 10", s_mask_dir, 10 },
	{ "close of a detached tmpfs", s_close_detached, 0 },
	{ "close of an attached mount's fd", s_close_detached, 1 },
	{ "umount2", s_umount, 0 },
	{ "umount2 detach", s_umount, UMOUNT_DETACH },
	{ "pivot_root", s_pivot, 0 },
	{ "pivot_root, umount2 detach", s_pivot, 1 },
	{ "mknodat, 6", s_mknod, 6 },
	{ "cgroup mkdir", s_cgroup, 0 },
	{ "cgroup rmdir", s_cgroup, 1 },
	{ "cgroup.procs write (migration)", s_cgroup, 2 },
	{ "cgroup.kill and reap", s_cgroup_kill, 0 },
	{ "device program load (8 instructions)", s_bpf_load, 0 },
	{ "device program load (36 instructions)", s_bpf_load, 4 },
	{ "device program load (64 instructions)", s_bpf_load, 8 },
	{ "device program load (120 instructions)", s_bpf_load, 16 },
	{ "device program attach", s_bpf_attach, 1 },
	{ "cgroup rmdir with a device program", s_bpf_attach, 2 },
	{ "landlock, 0 rules", s_landlock, 0 },
	{ "landlock, 25 rules", s_landlock, 25 },
	{ "lo up", s_netns_lo, 0 },
	{ "join a new session keyring", s_keyring, 0 },
	{ "sealed memfd copy of 1 MiB", s_memfd_copy, 1 << 20 },
};

static int compare_double(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static void measure(const char *name, void (*run)(long), long arg, int count)
{
	static double results[MAX_SAMPLES];

	for (int i = 0; i < count; i++) {
		int status;
		pid_t pid = fork();

		if (pid < 0)
			die("fork");
		if (pid == 0) {
			if (unshare(CLONE_NEWNS) < 0)
				die("unshare");
			run(arg);
			_exit(0);
		}
		if (waitpid(pid, &status, 0) < 0 || status != 0) {
			printf("| %s | failed | |\n", name);
			return;
		}
		results[i] = *shared;
	}
	qsort(results, (size_t)count, sizeof(results[0]), compare_double);
	printf("| %s | %.1f | %.1f |\n", name, results[count / 2], results[count * 9 / 10]);
	fflush(stdout);
}

static void load_filter(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t size = fd < 0 ? -1 : read(fd, filter, sizeof(filter));

	if (size <= 0 || (size_t)size % sizeof(filter[0]))
		die(path);
	filter_len = (unsigned short)((size_t)size / sizeof(filter[0]));
	close(fd);
}

static void set_up(void)
{
	int fs;

	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED || unshare(CLONE_NEWNS) < 0)
		die("set up");
	if (syscall(SYS_mount, NULL, "/", NULL, MS_PRIV_REC, NULL) < 0)
		die("make private");
	if (!mkdtemp(base_dir))
		die("mkdtemp");
	fs = new_fs("tmpfs", NULL, NULL);
	if (attach(fs, open(base_dir, O_PATH | O_CLOEXEC)) < 0)
		die("tmpfs");
	close(fs);
	snprintf(cgroup_dir, sizeof(cgroup_dir), "%s/cg", base_dir);
	mkdir(cgroup_dir, 0755);
	fs = new_fs("cgroup2", NULL, NULL);
	if (attach(fs, open(cgroup_dir, O_PATH | O_CLOEXEC)) < 0)
		die("cgroup2");
	close(fs);
	snprintf(cgroup_dir, sizeof(cgroup_dir), "%s/cg/costs.%d", base_dir, getpid());
	if (mkdir(cgroup_dir, 0755) < 0)
		die("cgroup");
	cgroup_fd = open(cgroup_dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

int main(int argc, char **argv)
{
	const char *filters[8];
	int count = 101, n_filters = 0, option;

	while ((option = getopt(argc, argv, "n:f:")) != -1) {
		if (option == 'n' && atoi(optarg) > 0 && atoi(optarg) <= MAX_SAMPLES) {
			count = atoi(optarg);
		} else if (option == 'f' && n_filters < 8) {
			filters[n_filters++] = optarg;
		} else {
			fprintf(stderr, "usage: costs [-n SAMPLES] [-f FILTER.bpf]... [NAME-PREFIX]\n");
			return 2;
		}
	}
	const char *prefix = argv[optind] ? argv[optind] : "";

	for (int i = 0; i < n_filters; i++)
		load_filter(filters[i]);	/* complains before there is anything to remove */
	set_up();
	printf("| operation | median µs | 90 %% µs |\n|---|---:|---:|\n");
	fflush(stdout);
	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++)
		if (strncmp(samples[i].name, prefix, strlen(prefix)) == 0)
			measure(samples[i].name, samples[i].run, samples[i].arg, count);
	for (int i = 0; i < n_filters; i++) {
		char name[320];

		load_filter(filters[i]);
		snprintf(name, sizeof(name), "seccomp load, %s (%u instructions)", filters[i], filter_len);
		measure(name, s_seccomp, 0, count);
	}
	rmdir(cgroup_dir);
	cgroup_dir[strlen(base_dir)] = '\0';
	syscall(SYS_umount2, cgroup_dir, UMOUNT_DETACH);
	syscall(SYS_umount2, base_dir, UMOUNT_DETACH);
	rmdir(base_dir);
	return 0;
}
