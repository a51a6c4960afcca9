/* Everything of act/ that is neither file system, cgroup nor filter, by source file: steps of the
 * child (`int step(plan, child, err)`, for the tables of child.c) and, where it says "parent",
 * what the parent does for it. */
#ifndef KANUKI_ACT_PROCESS_H
#define KANUKI_ACT_PROCESS_H

#include "act/child.h"
#include "proto/sync.h"

#include <sys/stat.h>
#include <sys/types.h>

struct prepared;

/* launch.c, parent: what the child didn't ask for.  That it has ended is no error here:
 * what it said of that is still to be read. */
int act_tell(int sync_fd, enum sync_kind kind, int fd, struct err *err)
	__attribute__((warn_unused_result));

/* session.c: own session (no controlling terminal of the caller: H-18), default
 * signal dispositions and an empty mask (H-16), not dumpable (CVE-2016-9962). */
int session_start(const struct plan *plan, struct child *child, struct err *err);
/* Default for signals that are ignored: an ignored one would stay so in the program. */
int session_reset_signals(uint64_t ignored, struct err *err) __attribute__((warn_unused_result));
/* Those that the caller ignores. */
int session_read_ignored(uint64_t *ret, struct err *err) __attribute__((warn_unused_result));
/* session.c: a session keyring of its own (H-08); label first where SELinux asks. */
int session_new_keyring(const struct plan *plan, struct child *child, struct err *err);
/* Not dumpable, again: every change of credentials resets it. */
int session_undumpable(struct err *err) __attribute__((warn_unused_result));

/* ns.c: joins by descriptor, then a cgroup and a time namespace of our own, whose
 * roots and offsets are taken from the process as it is now. */
int ns_await_maps(const struct plan *plan, struct child *child, struct err *err);
int ns_join(const struct plan *plan, struct child *child, struct err *err);
/* Root of the user namespace entered; one that is joined must have the program's ids
 * (ERR_SPEC names the one that it lacks). */
int ns_become_root(const struct plan *plan, struct child *child, struct err *err);
int ns_unshare_late(const struct plan *plan, struct child *child, struct err *err);
int ns_set_names(const struct plan *plan, struct child *child, struct err *err);
/* H-12: unshare(CLONE_NEWUSER) when everything else stands. exec joins it. */
int ns_enter_last_user(const struct plan *plan, struct child *child, struct err *err);
/* Its maps, which that step has asked for, are written; H-13: it has no children. */
int ns_await_last_maps(const struct plan *plan, struct child *child, struct err *err);
/* Opened namespace for plan->ns[kind].path: is nsfs, of this type, not the runtime's
 * own when refuse_host (inode compare, H-11).  The path is opened once; of a user
 * namespace it is the one to be joined (plan->join_below_own).  Owned fd or -1. */
int ns_open(const struct plan *plan, enum plan_ns_kind kind, const struct stat *own,
	    struct err *err);
/* prepare.c, parent: the runtime's own namespaces that are compared with the container's. */
int prepared_note_namespaces(const struct plan *plan, struct prepared *p, struct err *err)
	__attribute__((warn_unused_result));
/* H-90: every private namespace differs from the runtime's own. */
int ns_verify(const struct plan *plan, const struct child *child, struct err *err);

/* idmap.c, parent: writes maps of `pid` through /proc. */
int idmap_write(pid_t pid, const plan_idmaps *uid_maps, const plan_idmaps *gid_maps,
		bool deny_setgroups, struct err *err) __attribute__((warn_unused_result));

/* The same for a user namespace within the container's own: written by a process
 * that enters the latter, which is where the kernel takes such maps from. */
int idmap_write_nested(pid_t pid, const plan_idmaps *uid_maps, const plan_idmaps *gid_maps,
		       bool deny_setgroups, struct err *err) __attribute__((warn_unused_result));

/* net.c */
/* The kernel takes longer for a network namespace than for the other five together, and
 * nothing of the container needs it before sysfs is mounted.  So the parent makes it
 * while the child mounts, and hands it over (SYNC_NETNS).  Not where the child has a user
 * namespace of its own from the beginning, or joins one: that must own it. */
bool net_is_made_apart(const struct plan *plan);
/* Parent: makes it and comes back to the namespace that it stands in, whose identity is
 * *ret_own (H-90: as it was before).  Owned fd or -1; *ret_socket_fd, owned as well whatever
 * is returned, is a socket in the new one. */
int net_make(int self_ns_dirfd, struct stat *ret_own, int *ret_socket_fd, struct err *err)
	__attribute__((warn_unused_result));
/* The loopback interface of the socket's namespace. */
int net_raise_loopback(int socket_fd, struct err *err) __attribute__((warn_unused_result));
/* Child: waits for it and enters, once; before whatever shows or sets something of it. */
int net_enter(const struct plan *plan, struct child *child, struct err *err)
	__attribute__((warn_unused_result));
/* Step: entered, or made with the child; loopback up, the plan's devices in it. */
int net_apply(const struct plan *plan, struct child *child, struct err *err);
/* Parent: moves plan->net_devices into the namespace of `pid`, renamed, addresses kept. */
int net_move_devices(const struct plan *plan, pid_t pid, struct err *err)
	__attribute__((warn_unused_result));

/* limits.c: rlimits, oom score, scheduler, io priority, affinity, memory policy,
 * personality, timer slack, umask (H-07, H-16, H-60). */
int limits_apply_priorities(const struct plan *plan, struct child *child, struct err *err);
/* Hard limits that are higher than those of `pid` (0: the caller): raising them needs
 * CAP_SYS_RESOURCE of the initial user namespace, so it is done to, or by, a process of
 * another user namespace before that is its only one.  Nothing is lowered, which could
 * stop what comes between: that is limits_apply's. */
int limits_raise(const struct plan *plan, pid_t pid, struct err *err)
	__attribute__((warn_unused_result));
/* exec: before it joins; create's child is made in it (parent.c, launch.c). */
int limits_raise_before_join(const struct plan *plan, struct child *child, struct err *err);
int limits_apply(const struct plan *plan, struct child *child, struct err *err);
int limits_apply_personality(const struct plan *plan, struct child *child, struct err *err);
int limits_verify(const struct plan *plan, struct err *err);

/* labels.c: AppArmor and SELinux exec labels through the private procfs (H-71). */
int labels_apply(const struct plan *plan, struct child *child, struct err *err);

/* ids.c */
int ids_apply(const struct plan *plan, struct child *child, struct err *err);
int ids_verify(const struct plan *plan, struct err *err);

/* caps.c: bounding set and securebits while CAP_SETPCAP is there; after the ids:
 * permitted, effective, inheritable, ambient; no_new_privs. */
int caps_drop_bounding(const struct plan *plan, struct child *child, struct err *err);
int caps_apply(const struct plan *plan, struct child *child, struct err *err);
/* Effective again what is permitted: a change of user has emptied it. */
int caps_keep(const struct plan *plan, struct child *child, struct err *err);
int caps_verify(const struct plan *plan, struct err *err);

/* fds.c */
/* Closes every descriptor the caller leaked (H-17); first thing in a command. Also
 * checks that 3..3+preserve-1 are open.  `keep_fd`: our own log, or -1. */
int fds_close_inherited(unsigned preserve, int keep_fd, struct err *err)
	__attribute__((warn_unused_result));
/* Standard streams must be open; missing ones become /dev/null (verified). */
int fds_fill_standard(struct err *err) __attribute__((warn_unused_result));
/* Step: all gathered descriptors go, but the gate and the sync socket. */
int fds_close_gathered(const struct plan *plan, struct child *child, struct err *err);

/* program.c: chdir to cwd and check where that is (CVE-2024-21626); find args[0]
 * with the container's PATH as the container's user; HOME. */
int program_prepare(const struct plan *plan, struct child *child, struct err *err);
/* execve; returns only on failure. */
int program_exec(const struct plan *plan, struct child *child, struct err *err);

/* console.c */
int console_open(const struct plan *plan, struct child *child, struct err *err);
int console_attach(const struct plan *plan, struct child *child, struct err *err);

/* hooks.c */
struct hook_state {
	const char *status; /* "creating", "created", "running", "stopped" */
	int64_t pid;	    /* 0: left out */
};
/* poststart, poststop: the same, standing in the bundle, or in "/" where it is gone. */
int hooks_run_in_bundle(const struct plan *plan, enum plan_hook_kind kind,
			const struct hook_state *state, struct err *err)
	__attribute__((warn_unused_result));
/* Runs one kind in order; the first failure stops (poststop: all run, and the error tells of each
 * that failed).  Without its state no hook runs.  `dirfd`: the working directory; AT_FDCWD: as it
 * is. */
int hooks_run(const struct plan *plan, enum plan_hook_kind kind, const struct hook_state *state,
	      int dirfd, struct err *err) __attribute__((warn_unused_result));
/* Step: asks the parent. */
int hooks_host(const struct plan *plan, struct child *child, struct err *err);
/* Step: createContainer. */
int hooks_container(const struct plan *plan, struct child *child, struct err *err);
/* Step: startContainer. */
int hooks_start(const struct plan *plan, struct child *child, struct err *err);

/* verify.c (H-90): all of the above read back and compared. */
int verify_child(const struct plan *plan, struct child *child, struct err *err);

/* gate.c, the child's side */
int gate_await(const struct plan *plan, struct child *child, struct err *err);
int child_ready(const struct plan *plan, struct child *child, struct err *err);

#endif
