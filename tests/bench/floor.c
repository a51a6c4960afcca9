/* floor: the least that any program must do to start a container like the default one, and nothing else.
 *
 * The same namespaces (mount, pid, net, ipc, uts, cgroup, and user last with a map that the parent writes), the same mounts, a
 * cgroup entered by clone3, pivot_root, exec. No configuration, no masks, no limits, no seccomp, no state, no checks of what the
 * image holds: it is a measure for the others, not a runtime. Needs root and a cgroup v2 at /sys/fs/cgroup.
 *
 * Usage: floor ROOTFS PROGRAM [ARGUMENT...]     the exit status is PROGRAM's
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/mount.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#define ID_MAP "1 1 65534\n"
#define CONTAINER_ID 65532
#define SAFE (MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC)

static void check(long result, const char *what)
{
	if (result >= 0)
		return;
	dprintf(2, "floor: %s: %s\n", what, strerror(errno));
	_exit(125);
}

static int make_fs(const char *type, unsigned attributes, const char *const options[][2])
{
	int fs = (int)syscall(SYS_fsopen, type, FSOPEN_CLOEXEC);

	check(fs, type);
	for (; options && (*options)[0]; options++)
		check(syscall(SYS_fsconfig, fs, FSCONFIG_SET_STRING, (*options)[0], (*options)[1], 0), (*options)[0]);
	check(syscall(SYS_fsconfig, fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0), type);
	int mnt = (int)syscall(SYS_fsmount, fs, FSMOUNT_CLOEXEC, attributes);

	check(mnt, type);
	close(fs);
	return mnt;
}

static void attach(int mnt, int dir, const char *name)
{
	check(syscall(SYS_move_mount, mnt, "", dir, name, MOVE_MOUNT_F_EMPTY_PATH), name);
	close(mnt);
}

static void make_dev(int root)
{
	static const struct { const char *name; unsigned minor; } nodes[] = {
		{ "null", 3 }, { "zero", 5 }, { "full", 7 }, { "random", 8 }, { "urandom", 9 },
	};
	static const char *const dev_options[][2] = { { "mode", "755" }, { "size", "65536k" }, { NULL, NULL } };
	static const char *const pts_options[][2] = { { "ptmxmode", "0666" }, { "mode", "0620" }, { NULL, NULL } };
	static const char *const shm_options[][2] = { { "mode", "1777" }, { "size", "65536k" }, { NULL, NULL } };
	int dev = make_fs("tmpfs", MOUNT_ATTR_NOSUID, dev_options);

	umask(0);
	for (size_t i = 0; i < sizeof(nodes) / sizeof(nodes[0]); i++)
		check(mknodat(dev, nodes[i].name, S_IFCHR | 0666, makedev(1, nodes[i].minor)), nodes[i].name);
	check(mknodat(dev, "tty", S_IFCHR | 0666, makedev(5, 0)), "tty");
	check(symlinkat("pts/ptmx", dev, "ptmx"), "ptmx");
	check(symlinkat("/proc/self/fd", dev, "fd"), "fd");
	check(symlinkat("/proc/self/fd/0", dev, "stdin"), "stdin");
	check(symlinkat("/proc/self/fd/1", dev, "stdout"), "stdout");
	check(symlinkat("/proc/self/fd/2", dev, "stderr"), "stderr");
	check(mkdirat(dev, "pts", 0755), "pts");
	check(mkdirat(dev, "mqueue", 0755), "mqueue");
	check(mkdirat(dev, "shm", 0755), "shm");
	check(syscall(SYS_move_mount, dev, "", root, "dev", MOVE_MOUNT_F_EMPTY_PATH), "dev");
	attach(make_fs("devpts", MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC, pts_options), dev, "pts");
	attach(make_fs("mqueue", SAFE, NULL), dev, "mqueue");
	attach(make_fs("tmpfs", SAFE, shm_options), dev, "shm");
	close(dev);
}

static void build_root(const char *rootfs)
{
	struct mount_attr private = { .propagation = 1 << 18 /* MS_PRIVATE */ };
	struct mount_attr read_only = { .attr_set = MOUNT_ATTR_RDONLY };

	check(syscall(SYS_mount_setattr, AT_FDCWD, "/", AT_RECURSIVE, &private, sizeof(private)), "private");
	int root = (int)syscall(SYS_open_tree, AT_FDCWD, rootfs, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);

	check(root, rootfs);
	check(syscall(SYS_move_mount, root, "", AT_FDCWD, rootfs, MOVE_MOUNT_F_EMPTY_PATH), "attach the root");
	attach(make_fs("proc", SAFE, NULL), root, "proc");
	make_dev(root);
	int sys = make_fs("sysfs", SAFE | MOUNT_ATTR_RDONLY, NULL);

	check(syscall(SYS_move_mount, sys, "", root, "sys", MOVE_MOUNT_F_EMPTY_PATH), "sys");
	attach(make_fs("cgroup2", SAFE | MOUNT_ATTR_RDONLY, NULL), sys, "fs/cgroup");
	close(sys);
	check(syscall(SYS_mount_setattr, root, "", AT_EMPTY_PATH, &read_only, sizeof(read_only)), "read-only root");
	check(fchdir(root), "fchdir");
	check(syscall(SYS_pivot_root, ".", "."), "pivot_root");
	check(syscall(SYS_umount2, ".", 2 /* MNT_DETACH */), "umount2");
	check(chdir("/"), "chdir");
	close(root);
}

static void child(const char *rootfs, char **argv, int sync)
{
	char answer;

	build_root(rootfs);
	check(sethostname("floor", 5), "sethostname");
	check(setsid(), "setsid");
	check(unshare(CLONE_NEWUSER), "unshare user");
	check(write(sync, "u", 1), "ask for the map");
	check(read(sync, &answer, 1) == 1 ? 0 : -1, "await the map");
	check(setgroups(0, NULL), "setgroups");
	check(setresgid(CONTAINER_ID, CONTAINER_ID, CONTAINER_ID), "setresgid");
	check(setresuid(CONTAINER_ID, CONTAINER_ID, CONTAINER_ID), "setresuid");
	execve(argv[0], argv, (char *[]){ (char *)"PATH=/bin", NULL });
	check(-1, argv[0]);
}

static void write_map(pid_t pid, const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	check(fd, path);
	check(write(fd, ID_MAP, sizeof(ID_MAP) - 1), path);
	close(fd);
}

int main(int argc, char **argv)
{
	struct clone_args args = {
		.flags = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP |
			 CLONE_INTO_CGROUP,
		.exit_signal = SIGCHLD,
	};
	int sync[2], status;
	char cgroup[64], ask;

	if (argc < 3) {
		dprintf(2, "usage: floor ROOTFS PROGRAM [ARGUMENT...]\n");
		return 2;
	}
	snprintf(cgroup, sizeof(cgroup), "/sys/fs/cgroup/floor.%d", getpid());
	check(mkdir(cgroup, 0755), cgroup);
	int cgroup_fd = open(cgroup, O_PATH | O_DIRECTORY | O_CLOEXEC);

	check(cgroup_fd, cgroup);
	args.cgroup = (unsigned)cgroup_fd;
	check(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sync), "socketpair");
	pid_t pid = (pid_t)syscall(SYS_clone3, &args, sizeof(args));

	if (pid == 0)
		child(argv[1], argv + 2, sync[1]);
	if (pid < 0) {
		(void)rmdir(cgroup);	/* the failure below is the one to report */
		check(pid, "clone3");
	}
	close(sync[1]);
	if (read(sync[0], &ask, 1) == 1) {
		write_map(pid, "uid_map");
		write_map(pid, "gid_map");
		check(write(sync[0], "g", 1), "release the child");
	}
	check(waitpid(pid, &status, 0), "waitpid");
	check(rmdir(cgroup), "remove the cgroup");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
