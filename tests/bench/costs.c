/* costs: what each kernel operation that a container start is made of costs on this machine.
 *
 * Every sample runs in a fresh child with a private mount namespace of its own, so no sample inherits another's leftovers;
 * the clock is read around the one call (or group) that the line names. Prints a Markdown table with median and 90th
 * percentile in microseconds. Needs root. Leaves nothing: mounts die with the children, the cgroup is removed.
 *
 * Usage: costs [-n SAMPLES] [-f FILTER.bpf]... [NAME-PREFIX]
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/filter.h>
#include <linux/keyctl.h>
#include <linux/landlock.h>
#include <linux/mount.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MAX_SAMPLES 2000

enum { MOVE_TO_FD = 0x44, MS_PRIV_REC = (1 << 18) | 0x4000, UMOUNT_DETACH = 2 };

static char base_dir[] = "/tmp/costs.XXXXXX";	/* a tmpfs, in the program's own mount namespace */
static char cgroup_dir[128];
static int cgroup_fd = -1;
static double *shared;				/* the running sample's result, in microseconds */

static void die(const char *what)
{
	fprintf(stderr, "costs: %s: %s\n", what, strerror(errno));
	_exit(111);
}

static double now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

#define TIMED(expression, what)							\
	do {									\
		double start_ = now_us();					\
		int failed_ = (expression) < 0;					\
		*shared = now_us() - start_;					\
		if (failed_)							\
			die(what);						\
	} while (0)

/* --- mount helpers: the new API only, as the runtime uses it --- */

static int new_fs(const char *type, const char *key, const char *value)
{
	int fs = (int)syscall(SYS_fsopen, type, FSOPEN_CLOEXEC);
	int mnt;

	if (fs < 0)
		die(type);
	if (key && syscall(SYS_fsconfig, fs, FSCONFIG_SET_STRING, key, value, 0) < 0)
		die(key);
	if (syscall(SYS_fsconfig, fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		die("fsconfig create");
	mnt = (int)syscall(SYS_fsmount, fs, FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
	close(fs);
	return mnt;
}

static int clone_tree(const char *path)
{
	return (int)syscall(SYS_open_tree, AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
}

static int attach(int mnt, int target)
{
	return (int)syscall(SYS_move_mount, mnt, "", target, "", MOVE_TO_FD);
}

static int make_target(const char *name, int is_dir)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", base_dir, name);
	if (is_dir)
		(void)mkdir(path, 0755);
	else
		close(open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
	fd = open(path, O_PATH | O_CLOEXEC);
	if (fd < 0)
		die(path);
	return fd;
}

/* --- the samples --- */

static void s_nothing(long arg) { (void)arg; TIMED(0, "nothing"); }

static void s_unshare(long flags) { TIMED(unshare((int)flags), "unshare"); }

static void s_fork_wait(long flags)
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

static void s_clone_only(long flags)
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

static void s_spawn(long flags)
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

static void s_mountns(long n)
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

static int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t done;

	if (fd < 0)
		return -1;
	done = write(fd, text, strlen(text));
	close(fd);
	return done < 0 ? -1 : 0;
}

static void s_userns_map(long arg)
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

static void s_fs(long type)
{
	static const char *const types[] = { "tmpfs", "proc", "sysfs", "mqueue", "devpts", "cgroup2" };

	if (type != 0 && unshare(CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWPID) < 0)
		die("unshare");
	if (type == 1) {	/* procfs shows the pid namespace of who mounts it: be inside the new one */
		pid_t pid = fork();
		if (pid > 0) {
			waitpid(pid, NULL, 0);
			return;
		}
	}
	double start = now_us();
	int mnt = new_fs(types[type], type == 4 ? "ptmxmode" : NULL, "0666");
	*shared = now_us() - start;
	if (mnt < 0)
		die(types[type]);
	if (type == 1)
		_exit(0);
}

static void s_rootfs(long readonly)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV,
		.propagation = 1 << 18 };
	double start = now_us();
	int mnt = clone_tree("/usr");

	if (mnt < 0)
		die("open_tree");
	if (readonly && syscall(SYS_mount_setattr, mnt, "", AT_EMPTY_PATH | AT_RECURSIVE, &attr, sizeof(attr)) < 0)
		die("mount_setattr");
	*shared = now_us() - start;
}

static void s_attach(long n)
{
	int target[32], mnt[32];

	for (long i = 0; i < n; i++) {
		char name[32];

		snprintf(name, sizeof(name), "a%ld", i);
		target[i] = make_target(name, 0);
		mnt[i] = clone_tree("/dev/null");
	}
	double start = now_us();
	for (long i = 0; i < n; i++)
		if (attach(mnt[i], target[i]) < 0)
			die("move_mount");
	*shared = now_us() - start;
}

/* A mask as the runtime makes it: clone /dev/null, set attributes, attach. */
static void s_mask(long n)
{
	int target[32];

	for (long i = 0; i < n; i++) {
		char name[32];

		snprintf(name, sizeof(name), "k%ld", i);
		target[i] = make_target(name, 0);
	}
	double start = now_us();
	for (long i = 0; i < n; i++) {
		struct mount_attr attr = { .attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC };
		int mnt = clone_tree("/dev/null");

		if (mnt < 0 || syscall(SYS_mount_setattr, mnt, "", AT_EMPTY_PATH, &attr, sizeof(attr)) < 0 ||
		    attach(mnt, target[i]) < 0)
			die("mask");
		close(mnt);
	}
	*shared = now_us() - start;
}

static void s_mask_dir(long n)
{
	int target[32];

	for (long i = 0; i < n; i++) {
		char name[32];

		snprintf(name, sizeof(name), "d%ld", i);
		target[i] = make_target(name, 1);
	}
	double start = now_us();
	int mnt = new_fs("tmpfs", "mode", "0000");
	for (long i = 0; i < n; i++) {
		int copy = (int)syscall(SYS_open_tree, mnt, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH);

		if (copy < 0 || attach(copy, target[i]) < 0)
			die("mask dir");
		close(copy);
	}
	close(mnt);
	*shared = now_us() - start;
}

/* A detached mount whose last reference goes away: the kernel waits for an RCU grace period in some versions. */
static void s_close_detached(long attached)
{
	int target = make_target("cd", 1);
	int mnt = new_fs("tmpfs", NULL, NULL);

	if (attached && attach(mnt, target) < 0)
		die("attach");
	TIMED(close(mnt), "close");
}

static void s_umount(long flags)
{
	int target = make_target("um", 1);
	int mnt = new_fs("tmpfs", NULL, NULL);
	char path[256];

	if (attach(mnt, target) < 0)
		die("attach");
	close(mnt);
	close(target);
	snprintf(path, sizeof(path), "%s/um", base_dir);
	TIMED((int)syscall(SYS_umount2, path, flags), "umount2");
}

static void pivot_prepare(void)
{
	int target = make_target("root", 1);
	int mnt = new_fs("tmpfs", NULL, NULL);

	if (attach(mnt, target) < 0)
		die("attach");
	if (fchdir(mnt) < 0)
		die("fchdir");
	close(mnt);
	close(target);
}

static void s_pivot(long with_umount)
{
	double start;

	pivot_prepare();
	start = now_us();
	if (syscall(SYS_pivot_root, ".", ".") < 0)
		die("pivot_root");
	if (with_umount && syscall(SYS_umount2, ".", UMOUNT_DETACH) < 0)
		die("umount2");
	*shared = now_us() - start;
}

/* Death of a mount namespace with n mounts of its own: seen by whoever waits for the process. */
static void s_mountns_exit(long n)
{
	int gate[2];
	char c;

	if (pipe(gate) < 0)
		die("pipe");
	pid_t pid = fork();
	if (pid == 0) {
		if (unshare(CLONE_NEWNS) < 0)
			_exit(1);
		for (long i = 0; i < n; i++) {
			int mnt = new_fs("tmpfs", NULL, NULL);
			char name[32];

			snprintf(name, sizeof(name), "x%ld", i);
			if (attach(mnt, make_target(name, 1)) < 0)
				_exit(1);
		}
		(void)!write(gate[1], "r", 1);
		pause();
	}
	(void)!read(gate[0], &c, 1);
	double start = now_us();
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	*shared = now_us() - start;
}

static void s_mknod(long n)
{
	static const unsigned minors[] = { 3, 5, 7, 8, 9, 3 };
	char path[256];
	double start;

	umask(0);
	int dir = new_fs("tmpfs", NULL, NULL);
	if (attach(dir, make_target("nodes", 1)) < 0)
		die("attach");
	start = now_us();
	for (long i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "n%ld", i);
		if (mknodat(dir, path, S_IFCHR | 0666, makedev(1, minors[i])) < 0)
			die("mknodat");
	}
	*shared = now_us() - start;
}

static void s_cgroup(long what)
{
	char dir[192], procs[224];

	snprintf(dir, sizeof(dir), "%s/c%d", cgroup_dir, getpid());
	if (what == 0) {
		TIMED(mkdir(dir, 0755), "mkdir");
		rmdir(dir);
		return;
	}
	if (mkdir(dir, 0755) < 0)
		die("mkdir");
	if (what == 1) {
		TIMED(rmdir(dir), "rmdir");
		return;
	}
	/* 2: migration by writing cgroup.procs, what CLONE_INTO_CGROUP avoids */
	snprintf(procs, sizeof(procs), "%s/cgroup.procs", dir);
	pid_t pid = fork();
	if (pid == 0) {
		TIMED(write_file(procs, "0"), "cgroup.procs");
		_exit(0);
	}
	waitpid(pid, NULL, 0);
	rmdir(dir);
}

static void s_cgroup_kill(long arg)
{
	struct clone_args args = { .flags = CLONE_INTO_CGROUP, .exit_signal = SIGCHLD };
	char dir[192], file[224];

	(void)arg;
	snprintf(dir, sizeof(dir), "%s/k%d", cgroup_dir, getpid());
	if (mkdir(dir, 0755) < 0)
		die("mkdir");
	args.cgroup = (unsigned)open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	long pid = syscall(SYS_clone3, &args, sizeof(args));
	if (pid == 0)
		for (;;)
			pause();
	snprintf(file, sizeof(file), "%s/cgroup.kill", dir);
	double start = now_us();
	if (write_file(file, "1") < 0)
		die("cgroup.kill");
	waitpid((pid_t)pid, NULL, 0);
	*shared = now_us() - start;
	rmdir(dir);
}

/* A device list of `entries` items, each testing type, access, major and minor, then deny. */
static int bpf_device_prog(long entries)
{
	struct bpf_insn prog[160];
	int n = 0;
	char log[4096];

#define EMIT(c, d, s, o, i) prog[n++] = (struct bpf_insn){ .code = (c), .dst_reg = (d), .src_reg = (s), .off = (o), .imm = (i) }
	EMIT(BPF_LDX | BPF_MEM | BPF_W, 2, 1, 0, 0);
	EMIT(BPF_ALU | BPF_AND | BPF_K, 2, 0, 0, 0xffff);
	EMIT(BPF_LDX | BPF_MEM | BPF_W, 3, 1, 0, 0);
	EMIT(BPF_ALU | BPF_RSH | BPF_K, 3, 0, 0, 16);
	EMIT(BPF_LDX | BPF_MEM | BPF_W, 4, 1, 4, 0);
	EMIT(BPF_LDX | BPF_MEM | BPF_W, 5, 1, 8, 0);
	for (int i = 0; i < (int)entries; i++) {
		EMIT(BPF_JMP | BPF_JNE | BPF_K, 2, 0, 6, BPF_DEVCG_DEV_CHAR);
		EMIT(BPF_ALU | BPF_MOV | BPF_X, 6, 3, 0, 0);
		EMIT(BPF_ALU | BPF_AND | BPF_K, 6, 0, 0, 7);
		EMIT(BPF_JMP | BPF_JNE | BPF_X, 6, 3, 3, 0);
		EMIT(BPF_JMP | BPF_JNE | BPF_K, 4, 0, 2, i);
		EMIT(BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, 1);
		EMIT(BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
	}
	EMIT(BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, 0);
	EMIT(BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
#undef EMIT
	union bpf_attr attr = { 0 };

	attr.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE;
	attr.insns = (unsigned long)prog;
	attr.insn_cnt = (unsigned)n;
	attr.license = (unsigned long)"Apache-2.0";
	int fd = (int)syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof(attr));
	if (fd < 0) {
		attr.log_buf = (unsigned long)log;
		attr.log_size = sizeof(log);
		attr.log_level = 1;
		syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof(attr));
		fprintf(stderr, "%s", log);
		die("device program");
	}
	return fd;
}

static void s_bpf_load(long entries)
{
	TIMED(bpf_device_prog(entries), "load");
}

static void s_bpf_attach(long what)
{
	union bpf_attr attr = { 0 };
	char dir[192];
	int prog = bpf_device_prog(16);

	snprintf(dir, sizeof(dir), "%s/b%d", cgroup_dir, getpid());
	if (mkdir(dir, 0755) < 0)
		die("mkdir");
	int cg = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	attr.target_fd = (unsigned)cg;
	attr.attach_bpf_fd = (unsigned)prog;
	attr.attach_type = BPF_CGROUP_DEVICE;
	attr.attach_flags = BPF_F_ALLOW_MULTI;
	TIMED((int)syscall(SYS_bpf, BPF_PROG_ATTACH, &attr, sizeof(attr)), "attach");
	if (what == 2)
		TIMED(rmdir(dir), "rmdir");
	else
		rmdir(dir);
	close(cg);
}

static void s_landlock(long rules)
{
	static const char *const paths[] = { "/usr", "/etc", "/bin", "/lib", "/var", "/tmp", "/dev", "/proc", "/sys",
		"/run", "/home", "/opt", "/root" };
	struct landlock_ruleset_attr attr = { .handled_access_fs = (1ull << 13) - 1 };
	double start = now_us();
	int set = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr), 0);

	if (set < 0)
		die("landlock");
	for (long i = 0; i < rules; i++) {
		struct landlock_path_beneath_attr rule = { .allowed_access = 1ull << (i % 13) };

		rule.parent_fd = open(paths[(size_t)i % (sizeof(paths) / sizeof(*paths))], O_PATH | O_CLOEXEC);
		if (rule.parent_fd < 0)
			continue;
		if (!(rule.allowed_access & ((1 << 2) | (1 << 3) | 1 << 4)))
			rule.allowed_access |= LANDLOCK_ACCESS_FS_EXECUTE;
		if (syscall(SYS_landlock_add_rule, set, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) < 0)
			die("landlock rule");
		close(rule.parent_fd);
	}
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || syscall(SYS_landlock_restrict_self, set, 0) < 0)
		die("landlock restrict");
	close(set);
	*shared = now_us() - start;
}

static struct sock_filter filter[4096];
static unsigned short filter_len;

static void s_seccomp(long flags)
{
	struct sock_fprog prog = { .len = filter_len, .filter = filter };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		die("no_new_privs");
	double start = now_us();
	long failed = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &prog);
	double end = now_us();
	*shared = end - start;
	if (failed < 0)
		die("seccomp");
}

static void s_netns_lo(long arg)
{
	struct ifreq ifr = { .ifr_name = "lo" };

	(void)arg;
	if (unshare(CLONE_NEWNET) < 0)
		die("unshare");
	double start = now_us();
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	ifr.ifr_flags = IFF_UP;
	if (ioctl(fd, SIOCSIFFLAGS, &ifr) < 0)
		die("lo up");
	close(fd);
	*shared = now_us() - start;
}

static void s_keyring(long arg)
{
	(void)arg;
	TIMED((int)syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, "_ses.costs"), "keyctl");
}

static void s_memfd_copy(long bytes)
{
	static char block[1 << 20];
	double start = now_us();
	int fd = memfd_create("copy", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	for (long done = 0; done < bytes; done += (long)sizeof(block))
		if (write(fd, block, sizeof(block)) < 0)
			die("write");
	if (fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) < 0)
		die("seal");
	*shared = now_us() - start;
	close(fd);
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
