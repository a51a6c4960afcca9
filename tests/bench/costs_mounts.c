/* costs, the part about mounts. */
#include "costs.h"

#include <fcntl.h>
#include <linux/mount.h>
#include <sched.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>

/* --- mount helpers: the new API only, as the runtime uses it --- */

int new_fs(const char *type, const char *key, const char *value)
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

int clone_tree(const char *path)
{
	return (int)syscall(SYS_open_tree, AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
}

int attach(int mnt, int target)
{
	return (int)syscall(SYS_move_mount, mnt, "", target, "", MOVE_TO_FD);
}

int make_target(const char *name, int is_dir)
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

void s_fs(long type)
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

void s_rootfs(long readonly)
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

void s_attach(long n)
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

/* A mask by itself: clone /dev/null, set attributes, attach.  The runtime makes the first
 * one so, and clones that. */
void s_mask(long n)
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

void s_mask_dir(long n)
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
void s_close_detached(long attached)
{
	int target = make_target("cd", 1);
	int mnt = new_fs("tmpfs", NULL, NULL);

	if (attached && attach(mnt, target) < 0)
		die("attach");
	TIMED(close(mnt), "close");
}

void s_umount(long flags)
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

void s_pivot(long with_umount)
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
void s_mountns_exit(long n)
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

void s_mknod(long n)
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
