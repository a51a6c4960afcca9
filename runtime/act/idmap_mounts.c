/* Idmapped binds; see the header for who does it and why. */
#include "config.h"

#include "act/idmap_mounts.h"

#include "act/process.h"
#include "base/auto.h"
#include "sys/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdio.h>

#include "base/banned.h"

/* Waits to be killed; also with the runtime, should that be killed first. */
static void __attribute__((noreturn)) hold_namespace(pid_t parent)
{
	if (sys_prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0 || sys_getppid() != parent)
		sys_exit(1);
	for (;;)
		(void)sys_poll(NULL, 0, -1);
}

/* A user namespace with these maps, held by its descriptor alone: the process in
 * it only waits to be killed. */
int idmap_open_namespace(const plan_idmaps *uid_maps, const plan_idmaps *gid_maps, struct err *err)
{
	int pidfd = -1;
	struct clone_args args = {.flags = CLONE_NEWUSER | CLONE_PIDFD,
				  .pidfd = (uint64_t)(uintptr_t)&pidfd,
				  .exit_signal = SIGCHLD};
	pid_t parent = sys_getpid();
	pid_t pid = sys_clone3(&args, sizeof(args));
	char path[40];
	int fd = -1, r;

	if (pid < 0)
		return err_sys(err, "create a user namespace for an idmapped mount");
	if (pid == 0)
		hold_namespace(parent);
	r = idmap_write(pid, uid_maps, gid_maps, false, err);
	if (r == 0) {
		(void)snprintf(path, sizeof(path), "/proc/%d/ns/user", (int)pid);
		fd = sys_open(path, O_RDONLY | O_CLOEXEC, 0);
		if (fd < 0)
			r = err_sys(err, "open '%s'", path);
	}
	(void)sys_pidfd_send_signal(pidfd, SIGKILL, 0);
	(void)sys_waitid(P_PIDFD, (id_t)pidfd, NULL, WEXITED, NULL);
	auto_close_fd(&pidfd);
	return r < 0 ? -1 : fd;
}

static int open_one(const struct plan *plan, const struct plan_mount *m, struct err *err)
{
	bool own = m->uid_maps.n == 0;
	autofd int userns_fd = idmap_open_namespace(own ? &plan->uid_maps : &m->uid_maps,
						   own ? &plan->gid_maps : &m->gid_maps, err);
	autofd int fd = -1;
	struct mount_attr attr = {.attr_set = MOUNT_ATTR_IDMAP};

	if (userns_fd < 0)
		return -1;
	fd = mounts_open_source(plan, m, err);
	if (fd < 0)
		return -1;
	attr.userns_fd = (uint64_t)userns_fd;
	if (sys_mount_setattr(fd, "", AT_EMPTY_PATH | (m->idmap_rec ? AT_RECURSIVE : 0), &attr,
			      sizeof(attr)) < 0)
		return err_sys(err,
			       "mount '%s': map ids of '%s' (does its file system support idmapped "
			       "mounts?)",
			       m->target, m->source);
	return steal_fd(&fd);
}

int idmap_mounts_open(const struct plan *plan, int *source_fds, struct err *err)
{
	for (size_t i = 0; i < plan->mounts.n; i++) {
		const struct plan_mount *m = &plan->mounts.items[i];

		if (!m->idmap || m->kind != MOUNT_BIND)
			continue;
		source_fds[i] = open_one(plan, m, err);
		if (source_fds[i] < 0)
			return -1;
	}
	return 0;
}
