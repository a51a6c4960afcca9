/* See the header: which user namespace is joined.  ioctl_ns(2) leads up, and only from
 * within are the maps of one to be read that no process may be left in. */
#include "config.h"

#include "act/userns.h"

#include "act/process.h"
#include "base/auto.h"
#include "sys/file.h"
#include "sys/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/banned.h"

#define ID_MAP_MAX 65536 /* 340 lines of 33 bytes are the kernel's limit */

int userns_run_apart(int (*run)(const void *arg), const void *arg, const char *what,
		     struct err *err)
{
	int pidfd = -1;
	struct clone_args args = {
		.flags = CLONE_PIDFD, .pidfd = (uint64_t)(uintptr_t)&pidfd, .exit_signal = SIGCHLD};
	pid_t helper = sys_clone3(&args, sizeof(args));
	siginfo_t info = {0};
	int r;

	if (helper < 0)
		return err_sys(err, "start a process that %s", what);
	if (helper == 0)
		sys_exit(run(arg));
	r = sys_waitid(P_PIDFD, (id_t)pidfd, &info, WEXITED, NULL);
	auto_close_fd(&pidfd);
	if (r < 0)
		return err_sys(err, "collect the process that %s", what);
	if (info.si_code != CLD_EXITED)
		return err_set(err, ERR_SYSTEM, "the process that %s was killed", what);
	return info.si_status;
}

/* What a look from within tells, as a sum; from LOOK_FAILED on it is an errno. */
enum { LOOK_ROOT = 1, LOOK_SAME_IDS = 2, LOOK_CHILDREN = 4, LOOK_FAILED = 8 };

struct look { int fd, proc_dirfd; };

static int look_failed(void)
{
	/* 255 is the greatest status; the kernel's own numbers end at 133. */
	return errno > 0 && errno < 256 - LOOK_FAILED ? LOOK_FAILED + errno : 255;
}

/* What a look reads has no struct err to go up in: NULL and errno. */
static char *read_text(int proc_dirfd, const char *file, struct arena *arena)
{
	struct err err = ERR_INIT;
	char *text;
	size_t len;

	if (file_read(proc_dirfd, file, ID_MAP_MAX, arena, &text, &len, &err) == 0)
		return text;
	errno = err.sys_errno ? err.sys_errno : EIO;
	return NULL;
}

/* Whether it maps 0, and whether every id is called the same outside; -1 and errno. */
static int read_map(int proc_dirfd, const char *file, bool *root, bool *same)
{
	struct arena arena __attribute__((cleanup(arena_release))) = ARENA_INIT;
	char *text = read_text(proc_dirfd, file, &arena), *line;

	if (!text)
		return -1;
	*root = false;
	*same = true;
	while ((line = strsep(&text, "\n"))) {
		unsigned inside, outside, count;

		if (sscanf(line, "%u %u %u", &inside, &outside, &count) != 3)
			continue;
		*root |= inside == 0;
		*same &= inside == outside;
	}
	return 0;
}

/* H-13 sets it to 0, in the last user namespace of a container. */
static int read_may_have_children(int proc_dirfd, bool *ret)
{
	struct arena arena __attribute__((cleanup(arena_release))) = ARENA_INIT;
	const char *text = read_text(proc_dirfd, "sys/user/max_user_namespaces", &arena);

	if (!text)
		return -1;
	*ret = strcmp(text, "0\n") != 0;
	return 0;
}

static int look_within(const void *arg)
{
	const struct look *look = arg;
	struct err ignored = ERR_INIT; /* errno goes up */
	bool root_user, root_group, same_users, same_groups, children;

	/* Somebody in there may be root (CVE-2016-9962); a change of credentials makes
	 * dumpable again. */
	if (session_undumpable(&ignored) < 0 || sys_setns(look->fd, CLONE_NEWUSER) < 0 ||
	    session_undumpable(&ignored) < 0 ||
	    read_map(look->proc_dirfd, "self/uid_map", &root_user, &same_users) < 0 ||
	    read_map(look->proc_dirfd, "self/gid_map", &root_group, &same_groups) < 0 ||
	    read_may_have_children(look->proc_dirfd, &children) < 0)
		return look_failed();
	return (root_user && root_group ? LOOK_ROOT : 0) |
	       (same_users && same_groups ? LOOK_SAME_IDS : 0) | (children ? LOOK_CHILDREN : 0);
}

/* The sum, or -1. */
static int look_into(int fd, const char *path, int proc_dirfd, struct err *err)
{
	struct look look = {fd, proc_dirfd};
	int seen =
		userns_run_apart(look_within, &look, "looks into the user namespace to join", err);

	if (seen < LOOK_FAILED)
		return seen;
	errno = seen - LOOK_FAILED;
	return err_sys(err, "look into user namespace '%s'", path);
}

/* Owned fd, or -1. */
static int open_parent(int fd, const char *path, struct err *err)
{
	int parent_fd = sys_ioctl(fd, NS_GET_PARENT, NULL);

	if (parent_fd >= 0)
		return parent_fd;
	/* It tells nothing of what is neither our own nor beneath: whatever we have come
	 * to isn't ours (user_namespaces(7)). */
	if (errno == EPERM)
		return err_policy(err, "H-12",
				  "linux.namespaces: '%s' is a user namespace "
				  "that was not made within the runtime's own; "
				  "name one of a container that was made from here",
				  path);
	return err_sys(err, "ask for the parent of user namespace '%s'", path);
}

/* `fd` is right beneath our own. */
static int check_can_build(int fd, const char *path, int proc_dirfd, struct err *err)
{
	int seen = look_into(fd, path, proc_dirfd, err);

	if (seen < 0)
		return -1;
	if (seen & LOOK_ROOT && seen & LOOK_CHILDREN)
		return 0;
	/* What it was made in, and the other container is built in, is our own. */
	return err_policy(err, "H-11",
			  "linux.namespaces: '%s' is the last user namespace of a container "
			  "that is built in the host's, and nothing can be built in it; "
			  "leave {\"type\": \"user\"} out, "
			  "or give the other container one with mappings first",
			  path);
}

int userns_climb(int *fd, const char *path, const struct stat *own, int proc_dirfd, struct err *err)
{
	for (;;) {
		autofd int parent_fd = open_parent(*fd, path, err);
		struct stat st;
		int seen;

		if (parent_fd < 0)
			return -1;
		if (sys_fstat(parent_fd, &st) < 0)
			return err_sys(err, "look at the parent of user namespace '%s'", path);
		if (st.st_dev == own->st_dev && st.st_ino == own->st_ino)
			return check_can_build(*fd, path, proc_dirfd, err);
		/* A last one calls every id as the one that it was made in does.  Where that
		 * isn't so, the bundle's ids would become others. */
		seen = look_into(*fd, path, proc_dirfd, err);
		if (seen < 0)
			return -1;
		if (!(seen & LOOK_SAME_IDS))
			return err_policy(err, "H-12",
					  "linux.namespaces: '%s' is a user namespace within "
					  "another that is not the runtime's own, and "
					  "calls ids otherwise than that; name the outer one",
					  path);
		auto_close_fd(fd);
		*fd = steal_fd(&parent_fd);
	}
}
