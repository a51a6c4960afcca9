/* The point of no return: clone3 into the namespaces and the cgroup at once, then what is
 * made beside the child that it waits for: its network namespace, the device rules.
 *
 * The child starts inside its cgroup (CLONE_INTO_CGROUP), so there is no moment
 * in which it runs without its limits (but for the device rules, which it awaits),
 * and the parent holds a pidfd, so there is none in which the number could mean
 * another process.
 */
#include "config.h"

#include "act/act.h"
#include "act/child.h"
#include "act/process.h"
#include "base/auto.h"
#include "proto/sync.h"
#include "sys/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <linux/sched/types.h>
#include <signal.h>
#include <string.h>

#include "base/banned.h"

/* cgroup and time namespaces are made by the child (ns_unshare_late), that of the
 * network beside it where it can be (net_make). */
static uint64_t clone_namespaces(const struct plan *plan)
{
	static const enum plan_ns_kind kinds[] = {NS_USER, NS_MNT, NS_PID, NS_NET, NS_IPC, NS_UTS};
	uint64_t flags = 0;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (plan->ns[kinds[i]].mode == NS_PRIVATE &&
		    !(kinds[i] == NS_NET && net_is_made_apart(plan)))
			flags |= (uint64_t)plan_ns_clone_flag(kinds[i]);
	return flags;
}

/* A pid namespace is joined by one's children only. */
static int join_pid_namespace(const struct plan *plan, const struct prepared *prepared,
			      const struct act_request *request, struct err *err)
{
	if (plan->ns[NS_PID].mode != NS_JOIN)
		return 0;
	if (sys_setns(request->init_pidfd >= 0 ? request->init_pidfd : prepared->join_fds[NS_PID],
		      CLONE_NEWPID) < 0)
		return err_sys(err, "join the pid namespace");
	return 0;
}

/* Hooks are children too, and the host's; so is the helper that LeakSanitizer starts at
 * our end, which asks who its parent is, would be told 0 from within another pid namespace,
 * and leave us waiting for it for ever. */
static int leave_pid_namespace(const struct plan *plan, const struct prepared *prepared,
			       struct err *err)
{
	autofd int fd = -1;

	if (plan->ns[NS_PID].mode != NS_JOIN)
		return 0;
	fd = sys_openat(prepared->self_ns_dirfd, "pid", O_RDONLY | O_CLOEXEC, 0);
	if (fd < 0 || sys_setns(fd, CLONE_NEWPID) < 0)
		return err_sys(err, "leave the joined pid namespace");
	return 0;
}

extern char **environ;

/* W-26, W-27: a container that waits at the gate would show the command line and
 * the environment of whoever created it in its /proc entries.  Both lie in one
 * piece, argv before envp; nothing of them is used any more. */
static void forget_caller(void)
{
	char *begin = program_invocation_name;
	char *end = begin + strlen(begin);

	for (char **e = environ; e && *e; e++)
		if (*e + strlen(*e) > end)
			end = *e + strlen(*e);
	if (environ && *environ && *environ < begin)
		return; /* not the kernel's layout: somebody moved it */
	explicit_bzero(begin, (size_t)(end - begin));
	environ = NULL;
	if ((size_t)(end - begin) >= sizeof("kanuki"))
		memcpy(begin, "kanuki", sizeof("kanuki"));
}

static void __attribute__((noreturn)) run_child(const struct plan *plan, struct prepared *prepared,
						const struct act_request *request)
{
	struct child child = {
		.sync_fd = prepared->sync_fds[1],
		.proc_fd = -1,
		.host_root_fd = -1,
		.root_fd = -1,
		.null_fd = -1,
		.source_fds = prepared->source_fds,
		.n_source_fds = prepared->source_fds ? plan->mounts.n : 0,
		.cgroup_dirfd = prepared->cgroup.dirfd,
		.landlock_fd = -1,
		.gate_fd = prepared->gate_fd,
		.console_fd = prepared->console_fd,
		.tty_fd = -1,
		.init_pidfd = request->init_pidfd,
		.prepared = prepared,
		.is_exec = request->init_pidfd >= 0,
	};

	forget_caller();
	for (int i = 0; i < NS_COUNT; i++) {
		child.join_fds[i] = prepared->join_fds[i];
		child.own_ns[i] = (struct sync_identity){prepared->own_ns[i].st_dev,
							 prepared->own_ns[i].st_ino};
	}
	/* The parent's end: its death must be our end of file. */
	if (sys_close(prepared->sync_fds[0]) < 0)
		sys_exit(1);
	prepared->sync_fds[0] = -1;
	child_main(plan, &child);
}

/* exec, and the caller named no cgroup. */
static bool may_use_inits_cgroup(const struct prepared *prepared, const struct act_request *request)
{
	return request->init_pidfd >= 0 && prepared->cgroup.dirfd >= 0 &&
	       prepared->exec_cgroup_dirfd < 0;
}

/* Namespaces belong to the user namespace that their maker stands in.  One that is
 * joined must therefore be entered before the others are made: by a process in
 * between, which makes the child its sibling (CLONE_PARENT) and goes.  Never
 * returns in it: the number, or a negated errno, goes up the pipe. */
static void __attribute__((noreturn))
join_and_clone(const struct plan *plan, struct prepared *prepared,
	       const struct act_request *request, struct clone_args *args, int write_fd)
{
	struct err ignored = ERR_INIT; /* errno goes up */
	int answer = -1;

	args->flags = (args->flags & ~(uint64_t)CLONE_PIDFD) | CLONE_PARENT;
	args->exit_signal = 0; /* the parent's: as ours */
	args->pidfd = 0;
	/* The last moment in which it is allowed.  What isn't done here fails again in the
	 * child's own step, which can say so. */
	if (limits_raise(plan, 0, &ignored) < 0)
		err_clear(&ignored);
	/* The pid namespace is joined here and not by the parent: this process would be in
	 * it, and the number that it sends up one of that namespace, where it is another's. */
	if (join_pid_namespace(plan, prepared, request, &ignored) == 0 &&
	    sys_setns(prepared->join_fds[NS_USER], CLONE_NEWUSER) == 0)
		answer = sys_clone3(args, sizeof(*args));
	if (answer == 0) {
		prepared->join_fds[NS_USER] = -1; /* there already */
		run_child(plan, prepared, request);
	}
	if (answer < 0)
		answer = -errno;
	sys_exit(sys_write(write_fd, &answer, sizeof(answer)) == (ssize_t)sizeof(answer) ? 0 : 1);
}

static pid_t clone_in_user_namespace(const struct plan *plan, struct prepared *prepared,
				     const struct act_request *request, struct clone_args *args,
				     int *ret_pidfd, struct err *err)
{
	struct clone_args between_args = {.exit_signal = SIGCHLD};
	autofd int read_fd = -1;
	autofd int write_fd = -1;
	pid_t between;
	int fds[2], answer;

	if (sys_pipe2(fds, O_CLOEXEC) < 0)
		return err_sys(err, "create a pipe");
	read_fd = fds[0];
	write_fd = fds[1];
	between = sys_clone3(&between_args, sizeof(between_args));
	if (between < 0)
		return err_sys(err, "create a process that joins the user namespace");
	if (between == 0)
		join_and_clone(plan, prepared, request, args, write_fd);
	auto_close_fd(&write_fd);
	if (sys_read(read_fd, &answer, sizeof(answer)) != (ssize_t)sizeof(answer))
		answer = -EPROTO;
	if (sys_waitid(P_PID, (id_t)between, NULL, WEXITED, NULL) < 0)
		return err_sys(err, "collect the process that joined the user namespace");
	if (answer <= 0) {
		errno = -answer;
		return err_sys(err,
			       "join its pid and user namespaces and create the container process");
	}
	/* Our child, and not reaped: the number is its own. */
	*ret_pidfd = sys_pidfd_open(answer, 0);
	if (*ret_pidfd < 0) {
		(void)err_sys(err, "open the container process");
		(void)sys_kill(answer, SIGKILL);
		(void)sys_waitid(P_PID, (id_t)answer, NULL, WEXITED, NULL);
		return -1;
	}
	return answer;
}

/* Makes the child in the way its namespaces need; the pid, or -1. */
static pid_t clone_child(const struct plan *plan, struct prepared *prepared,
			 const struct act_request *request, struct clone_args *args, int *ret_pidfd,
			 struct err *err)
{
	pid_t pid;

	if (request->init_pidfd < 0 && prepared->join_fds[NS_USER] >= 0)
		return clone_in_user_namespace(plan, prepared, request, args, ret_pidfd, err);
	if (join_pid_namespace(plan, prepared, request, err) < 0)
		return -1;
	pid = sys_clone3(args, sizeof(*args));
	if (pid < 0 && errno == EBUSY && may_use_inits_cgroup(prepared, request)) {
		if (cgroup_open_init(&prepared->cgroup, request->init_pid, request->init_pidfd,
				     &prepared->exec_cgroup_dirfd, err) < 0)
			return -1;
		args->cgroup = (uint64_t)prepared->exec_cgroup_dirfd;
		pid = sys_clone3(args, sizeof(*args));
	}
	if (pid < 0)
		return err_sys(err, "create the container process");
	if (pid == 0)
		run_child(plan, prepared, request);
	return pid;
}

int act_tell(int sync_fd, enum sync_kind kind, int fd, struct err *err)
{
	if (sync_send(sync_fd, kind, fd, err) == 0)
		return 0;
	if (err->sys_errno != EPIPE && err->sys_errno != ECONNRESET)
		return -1;
	/* The child has failed meanwhile; what it said of that is read by act_serve. */
	err_clear(err);
	return 0;
}

static int hand_over_network(const struct plan *plan, struct prepared *prepared, int sync_fd,
			     int *ret_socket_fd, struct err *err)
{
	autofd int fd = net_make(prepared->self_ns_dirfd, &prepared->own_ns[NS_NET], ret_socket_fd,
				 err);

	if (fd < 0)
		return -1;
	/* Nothing else that the child waits for may come before these. */
	if (plan->loopback_up && plan->hooks[HOOK_CREATE_CONTAINER].n &&
	    net_raise_loopback(*ret_socket_fd, err) < 0)
		return -1;
	return act_tell(sync_fd, SYNC_NETNS, fd, err);
}

/* What the child needs soon comes first; it has the loopback interface up before it is told
 * to go on for the first time. */
static int provide(const struct plan *plan, struct prepared *prepared,
		   const struct act_request *request, int sync_fd, struct err *err)
{
	autofd int socket_fd = -1;

	if (net_is_made_apart(plan) &&
	    hand_over_network(plan, prepared, sync_fd, &socket_fd, err) < 0)
		return -1;
	/* 0.1 ms, in which the child opens and mounts; no device is made and nothing of the
	 * bundle's runs before the child is told that they hold (SYNC_DEVICES). */
	if (request->init_pidfd < 0 && cgroup_has_device_rules(plan) &&
	    (cgroup_set_devices(&prepared->cgroup, &plan->cgroup, err) < 0 ||
	     act_tell(sync_fd, SYNC_DEVICES, -1, err) < 0))
		return -1;
	return socket_fd >= 0 && plan->loopback_up ? net_raise_loopback(socket_fd, err) : 0;
}

int act_launch(const struct plan *plan, struct prepared *prepared,
	       const struct act_request *request, struct init *ret, struct err *err)
{
	int cgroup_fd = prepared->exec_cgroup_dirfd >= 0 ? prepared->exec_cgroup_dirfd
							 : prepared->cgroup.dirfd;
	int pidfd = -1;
	struct clone_args args = {
		.flags = CLONE_PIDFD | clone_namespaces(plan),
		.pidfd = (uint64_t)(uintptr_t)&pidfd,
		.exit_signal = SIGCHLD,
	};
	struct sched_attr niceness = {.size = sizeof(niceness),
				      .sched_nice = plan->process.sched.nice};
	pid_t pid;

	if (cgroup_fd >= 0) {
		args.flags |= CLONE_INTO_CGROUP;
		args.cgroup = (uint64_t)cgroup_fd;
	}
	/* Before any namespace is shared with the container (CVE-2016-9962); see
	 * session_start for the one that shares none yet. */
	if (plan->ns[NS_USER].mode != NS_PRIVATE && session_undumpable(err) < 0)
		return -1;
	/* H-16: in a user namespace the child has no right to lower its caller's
	 * niceness.  Where we have none either, the child's own step says so. */
	if (plan->process.sched.set && plan->ns[NS_USER].mode != NS_HOST)
		(void)sys_sched_setattr(0, &niceness, 0);
	pid = clone_child(plan, prepared, request, &args, &pidfd, err);
	if (pid < 0) {
		struct err ignored = ERR_INIT; /* the first is told */
		(void)leave_pid_namespace(plan, prepared, &ignored);
		return -1;
	}
	*ret = (struct init){.pid = pid,
			     .pidfd = pidfd,
			     .sync_fd = steal_fd(&prepared->sync_fds[0]),
			     .terminal_fd = -1};
	if (leave_pid_namespace(plan, prepared, err) < 0)
		return -1;
	/* The child's end: its death, and its exec, must be our end of file. */
	if (sys_close(prepared->sync_fds[1]) < 0)
		return err_sys(err, "close the child's end of the socket pair");
	prepared->sync_fds[1] = -1;
	return provide(plan, prepared, request, ret->sync_fd, err);
}

void act_init_release(struct init *init)
{
	if (init->pidfd >= 0) {
		(void)sys_pidfd_send_signal(init->pidfd, SIGKILL, 0);
		(void)sys_waitid(P_PIDFD, (id_t)init->pidfd, NULL, WEXITED, NULL);
	}
	auto_close_fd(&init->pidfd);
	auto_close_fd(&init->sync_fd);
	auto_close_fd(&init->terminal_fd);
	init->pid = -1;
}
