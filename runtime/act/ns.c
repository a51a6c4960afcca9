/* Namespaces: checked joins, the late ones, and the last user namespace.
 *
 * Identity of a namespace is (st_dev, st_ino) of its nsfs file, never a name
 * or the text of uid_map (W-34).
 */
#include "config.h"

#include "act/act.h"
#include "act/process.h"
#include "act/rootfs.h"
#include "act/userns.h"
#include "base/auto.h"
#include "proto/sync.h"
#include "sys/file.h"
#include "sys/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

#include "base/banned.h"

#define ID_MAP_MAX 65536 /* 340 lines of 33 bytes are the kernel's limit */

/* *fd, until now what `path` is, becomes what is joined. */
static int climb(int *fd, const char *path, const struct stat *own, struct err *err)
{
	autofd int proc_dirfd = sys_open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC, 0);

	if (proc_dirfd < 0)
		return err_sys(err, "open '/proc'");
	return userns_climb(fd, path, own, proc_dirfd, err);
}

int ns_open(const struct plan *plan, enum plan_ns_kind kind, const struct stat *own,
	    struct err *err)
{
	const struct plan_ns *ns = &plan->ns[kind];
	struct statfs sfs;
	struct stat st;
	autofd int fd = -1;
	int type;

	/* O_NONBLOCK: a FIFO at that path must not hang us. */
	fd = sys_open(ns->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0);
	if (fd < 0)
		return err_sys(err, "open %s namespace '%s'", plan_ns_name(kind), ns->path);
	if (sys_fstatfs(fd, &sfs) < 0 || sys_fstat(fd, &st) < 0)
		return err_sys(err, "look at %s namespace '%s'", plan_ns_name(kind), ns->path);
	if (sfs.f_type != NSFS_MAGIC)
		return err_set(err, ERR_SPEC, "linux.namespaces: '%s' is not a namespace",
			       ns->path);
	type = sys_ioctl(fd, NS_GET_NSTYPE, NULL);
	if (type < 0)
		return err_sys(err, "ask for the type of namespace '%s'", ns->path);
	if (type != plan_ns_clone_flag(kind))
		return err_set(err, ERR_SPEC, "linux.namespaces: '%s' is not a %s namespace",
			       ns->path, plan_ns_name(kind));
	if (ns->refuse_host && st.st_dev == own->st_dev && st.st_ino == own->st_ino)
		return err_policy(err, "H-11",
				  "linux.namespaces: '%s' is the host's %s namespace; give the "
				  "container one of its own (remove \"path\")",
				  ns->path, plan_ns_name(kind));
	if (kind == NS_USER && plan->join_below_own && climb(&fd, ns->path, own, err) < 0)
		return -1;
	return steal_fd(&fd);
}

int ns_await_maps(const struct plan *plan, struct child *child, struct err *err)
{
	if (plan->ns[NS_USER].mode != NS_PRIVATE)
		return 0;
	if (devices_await_rules(plan, child, err) < 0 ||
	    sync_request(child->sync_fd, SYNC_MAPS_FIRST, -1, err) < 0)
		return -1;
	return session_undumpable(err);
}

/* The user namespace first: it gives the rights to enter the others.  The pid
 * and time namespaces of a join hold for children only, so the parent entered
 * them before the clone; the mount namespace comes last because paths change
 * under it. */
static const enum plan_ns_kind join_order[] = {NS_USER, NS_CGROUP, NS_IPC, NS_UTS,
					       NS_NET,  NS_TIME,   NS_MNT};

/* exec: all of init's namespaces by one call on its pidfd, which can't become
 * another process's.  The last user namespace comes at the end, and the pid
 * namespace came with the clone. */
static int join_container(const struct plan *plan, const struct child *child, struct err *err)
{
	int flags = 0;

	for (int kind = 0; kind < NS_COUNT; kind++)
		if (plan->ns[kind].mode == NS_JOIN && kind != NS_PID &&
		    !(kind == NS_USER && plan->userns_last.enabled))
			flags |= plan_ns_clone_flag(kind);
	if (flags && sys_setns(child->init_pidfd, flags) < 0)
		return err_sys(err, "join the container's namespaces");
	return 0;
}

/* Where a user namespace was joined, our rights are those that we have in it. */
static int not_joined(const struct plan *plan, enum plan_ns_kind kind, struct err *err)
{
	if (errno != EPERM || plan->ns[NS_USER].mode != NS_JOIN)
		return err_sys(err, "join the %s namespace", plan_ns_name(kind));
	return err_set(err, ERR_SPEC,
		       "linux.namespaces: '%s' doesn't belong to the user namespace joined, '%s'; "
		       "name both of one container, "
		       "and make that one again if it was made at another level of the policy",
		       plan->ns[kind].path, plan->ns[NS_USER].path);
}

int ns_join(const struct plan *plan, struct child *child, struct err *err)
{
	if (child->is_exec)
		return join_container(plan, child, err);
	for (size_t i = 0; i < sizeof(join_order) / sizeof(join_order[0]); i++) {
		enum plan_ns_kind kind = join_order[i];
		int fd = child->join_fds[kind];

		if (fd < 0)
			continue;
		if (sys_setns(fd, plan_ns_clone_flag(kind)) < 0)
			return not_joined(plan, kind, err);
	}
	return 0;
}

/* 1: the user namespace that we stand in has a name for the id. */
static int is_mapped(struct child *child, const char *file, uint32_t id, struct err *err)
{
	char *text, *line;
	size_t len;

	if (file_read(child->proc_fd, file, ID_MAP_MAX, &child->arena, &text, &len, err) < 0)
		return -1;
	while ((line = strsep(&text, "\n"))) {
		unsigned inside, outside, count;

		if (sscanf(line, "%u %u %u", &inside, &outside, &count) == 3 && id >= inside &&
		    id - inside < count)
			return 1;
	}
	return 0;
}

static int check_id(const struct plan *plan, struct child *child, const char *file, const char *key,
		    uint32_t id, struct err *err)
{
	int mapped = is_mapped(child, file, id, err);

	if (mapped < 0)
		return -1;
	return mapped ? 0
		      : err_set(err, ERR_SPEC,
				"process.user.%s: %u is not mapped in the user namespace '%s'; map "
				"it there, or choose another",
				key, id, plan->ns[NS_USER].path);
}

/* Only of a namespace that is joined the maps are not in the plan, and the kernel's
 * own answer would be EINVAL, much later. */
static int check_ids(const struct plan *plan, struct child *child, struct err *err)
{
	const struct plan_process *p = &plan->process;

	if (plan->ns[NS_USER].mode != NS_JOIN)
		return 0;
	if (check_id(plan, child, "self/uid_map", "uid", p->uid, err) < 0 ||
	    check_id(plan, child, "self/gid_map", "gid", p->gid, err) < 0)
		return -1;
	for (size_t i = 0; i < p->groups.n; i++)
		if (check_id(plan, child, "self/gid_map", "additionalGids", p->groups.items[i],
			     err) < 0)
			return -1;
	return 0;
}

int ns_become_root(const struct plan *plan, struct child *child, struct err *err)
{
	if (check_ids(plan, child, err) < 0)
		return -1;
	/* In a user namespace entered first, our uid is the host's and has no
	 * name inside until we take the namespace's own; files made before
	 * would fail with EOVERFLOW. */
	if (plan->ns[NS_USER].mode == NS_HOST)
		return 0;
	if (!plan->deny_setgroups && sys_setgroups(0, NULL) < 0)
		return err_sys(err, "drop supplementary groups");
	if (sys_setresgid(0, 0, 0) < 0 || sys_setresuid(0, 0, 0) < 0)
		return err_sys(err, "become root of the container's user namespace");
	return session_undumpable(err);
}

static int write_time_offsets(const struct plan *plan, struct err *err)
{
	char text[128];
	int len = 0;

	if (plan->monotonic.set)
		len += snprintf(text, sizeof(text), "monotonic %lld %u\n",
				(long long)plan->monotonic.secs, plan->monotonic.nanosecs);
	if (plan->boottime.set)
		len += snprintf(text + len, sizeof(text) - (size_t)len, "boottime %lld %u\n",
				(long long)plan->boottime.secs, plan->boottime.nanosecs);
	if (len && file_write_once(AT_FDCWD, "/proc/self/timens_offsets", text) < 0)
		return err_sys(err, "set the clock offsets of the time namespace");
	return 0;
}

int ns_unshare_late(const struct plan *plan, struct child *child, struct err *err)
{
	(void)child;
	/* A cgroup namespace is rooted where its maker stands: only now, in the
	 * container's cgroup (clone3's CLONE_NEWCGROUP would take the parent's). */
	if (plan->ns[NS_CGROUP].mode == NS_PRIVATE && sys_unshare(CLONE_NEWCGROUP) < 0)
		return err_sys(err, "create a cgroup namespace");
	if (plan->ns[NS_TIME].mode == NS_PRIVATE) {
		autofd int fd = -1;

		/* Offsets can be set only until a process lives in it; setns(2)
		 * to our own "for children" one makes us that process.  Before
		 * any mount of the container's, so /proc is the host's. */
		if (sys_unshare(CLONE_NEWTIME) < 0)
			return err_sys(err, "create a time namespace");
		if (write_time_offsets(plan, err) < 0)
			return -1;
		fd = sys_open("/proc/self/ns/time_for_children", O_RDONLY | O_CLOEXEC, 0);
		if (fd < 0 || sys_setns(fd, CLONE_NEWTIME) < 0)
			return err_sys(err, "enter the time namespace");
	}
	return 0;
}

int ns_set_names(const struct plan *plan, struct child *child, struct err *err)
{
	(void)child;
	if (plan->hostname && sys_sethostname(plan->hostname, strlen(plan->hostname)) < 0)
		return err_sys(err, "set the host name");
	if (plan->domainname && sys_setdomainname(plan->domainname, strlen(plan->domainname)) < 0)
		return err_sys(err, "set the domain name");
	return 0;
}

int ns_enter_last_user(const struct plan *plan, struct child *child, struct err *err)
{
	if (!plan->userns_last.enabled)
		return 0;
	if (child->is_exec) {
		if (sys_setns(child->init_pidfd, CLONE_NEWUSER) < 0)
			return err_sys(err, "join the container's user namespace");
		return session_undumpable(err);
	}
	if (sys_unshare(CLONE_NEWUSER) < 0)
		return err_sys(err, "create the last user namespace");
	if (session_undumpable(err) < 0)
		return -1;
	return sync_send(child->sync_fd, SYNC_MAPS_LAST, -1, err);
}

_Static_assert(sizeof(((struct sync_facts *)0)->own_ns) == sizeof(((struct child *)0)->own_ns),
	       "one for each kind");

int ns_await_last_maps(const struct plan *plan, struct child *child, struct err *err)
{
	struct sync_facts facts;

	if (!plan->userns_last.enabled || child->is_exec)
		return 0;
	if (sync_await_facts(child->sync_fd, &facts, err) < 0 ||
	    sync_await(child->sync_fd, SYNC_GO, err) < 0)
		return -1;
	memcpy(child->own_ns, facts.own_ns, sizeof(child->own_ns));
	/* The sysctl is looked up in the writer's user namespace.  Not before GO: by then the
	 * kernel has taken maps for it, so it is a new one and the limit isn't the host's. */
	if (plan->userns_last.forbid_children &&
	    file_write_once(child->proc_fd, "sys/user/max_user_namespaces", "0") < 0)
		return err_sys(err, "forbid user namespaces inside");
	return session_reset_signals(facts.ignored, err);
}

int ns_verify(const struct plan *plan, const struct child *child, struct err *err)
{
	const struct sync_identity *own = child->own_ns;
	autofd int dirfd =
		sys_openat(child->proc_fd, "self/ns", O_PATH | O_DIRECTORY | O_CLOEXEC, 0);

	if (dirfd < 0)
		return err_sys(err, "read back the namespaces");
	for (int kind = 0; kind < NS_COUNT; kind++) {
		bool differs = plan->ns[kind].mode == NS_PRIVATE ||
			       (plan->ns[kind].mode == NS_JOIN && plan->ns[kind].refuse_host) ||
			       (kind == NS_USER && plan->userns_last.enabled);
		struct stat st;

		if (!differs)
			continue;
		if (sys_fstatat(dirfd, plan_ns_name(kind), &st, 0) < 0)
			return err_sys(err, "read back the %s namespace", plan_ns_name(kind));
		if (!own[kind].ino)
			return err_set(err, ERR_VERIFY,
				       "H-90: the runtime's own %s namespace isn't known",
				       plan_ns_name(kind));
		if (st.st_dev == own[kind].dev && st.st_ino == own[kind].ino)
			return err_set(err, ERR_VERIFY, "H-90: still in the host's %s namespace",
				       plan_ns_name(kind));
	}
	return 0;
}
