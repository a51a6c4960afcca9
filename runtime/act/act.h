/* Executing a plan: prepare (nothing exists yet), launch (the point of no
 * return), serve (the parent's half of proto/sync.h).  See runtime/README.md.
 *
 * Everything takes the plan const.  What is neither plan nor kernel comes in
 * struct act_request: the descriptors and paths of this one call.
 */
#ifndef KANUKI_ACT_ACT_H
#define KANUKI_ACT_ACT_H

#include "act/cgroup.h"
#include "act/filter.h"
#include "plan/plan.h"

#include <sys/stat.h>
#include <sys/types.h>

struct act_request {
	int state_dirfd;	    /* the container's state directory (create: the gate lives there); -1 for exec */
	bool gate;		    /* create: wait for start */
	bool go_ahead;		    /* nothing comes between act_serve and act_commit: no wait */
	bool detached;		    /* nobody relays a terminal or waits */
	const char *console_socket; /* absolute path, or NULL */
	const char *pidfd_socket;   /* absolute path, or NULL */
	const char *cgroup_root;    /* host.cgroup_root */
	/* exec only: */
	int init_pidfd;		    /* of the container's init, -1 for create */
	pid_t init_pid;
	const char *sub_cgroup;	    /* exec --cgroup, or NULL */
	const char *cgroup_path;    /* the container's cgroup as recorded */
};

/* Everything that can fail while nothing runs.  Release undoes what it made. */
struct prepared {
	int sync_fds[2];	/* ours, the child's */
	int join_fds[NS_COUNT]; /* checked namespaces to join, -1 elsewhere */
	struct stat own_ns[NS_COUNT]; /* our own namespaces' identities (H-11, H-90) */
	int self_ns_dirfd;	/* /proc/self/ns */
	struct filter_program programs[4];
	size_t n_programs;
	struct cgroup cgroup;
	int exec_cgroup_dirfd;	/* exec: where the process goes */
	int gate_fd;		/* listening socket, created in state_dirfd */
	int console_fd, pidfd_socket_fd;
	int *source_fds;	/* by index of plan->mounts; idmapped ones are opened here */
	size_t n_source_fds;
	int root_userns_fd;	/* what the root's files are mapped by (plan->root.idmap), or -1 */
	const char *cgroup_root;
	const char *rdt_made;	/* the resctrl group that this start made, or NULL */
};

#define PREPARED_INIT                                                                        \
	{                                                                                    \
		.sync_fds = {-1, -1}, .join_fds = {-1, -1, -1, -1, -1, -1, -1, -1},          \
		.self_ns_dirfd = -1, .cgroup = CGROUP_INIT, .exec_cgroup_dirfd = -1,         \
		.gate_fd = -1, .console_fd = -1, .pidfd_socket_fd = -1, .root_userns_fd = -1 \
	}
_Static_assert(NS_COUNT == 8, "PREPARED_INIT names each namespace");

/* A started child. */
struct init {
	pid_t pid;
	int pidfd;
	int sync_fd;
	int terminal_fd; /* foreground terminal received from the child, or -1 */
	bool told_to_go; /* by act_commit, or in advance (act_request.go_ahead) */
};
#define INIT_INIT { .pid = -1, .pidfd = -1, .sync_fd = -1, .terminal_fd = -1 }

/* `ret` is PREPARED_INIT; released by the caller also after a failure. */
int act_prepare(const struct plan *plan, const struct act_request *request, struct prepared *ret,
		struct err *err) __attribute__((warn_unused_result));
void act_prepared_release(struct prepared *p);
#define autoprepared __attribute__((cleanup(act_prepared_release))) struct prepared

/* clone3 into the namespaces and the cgroup; the child runs the step table. */
int act_launch(const struct plan *plan, struct prepared *prepared,
	       const struct act_request *request, struct init *ret, struct err *err)
	__attribute__((warn_unused_result));

/* Serves the child until it is READY, or fails with the child's error.  It waits there for
 * act_commit, unless it was let go in advance (go_ahead).  Runs prestart and
 * createRuntime hooks when asked. */
int act_serve(const struct plan *plan, struct prepared *prepared, const struct act_request *request,
	      struct init *init, struct err *err) __attribute__((warn_unused_result));
/* The record is written: lets the child go on (to the gate or to exec).  Without a
 * gate it waits until the program runs (end of file) or has failed. */
int act_commit(const struct plan *plan, struct prepared *prepared,
	       const struct act_request *request, struct init *init, struct err *err)
	__attribute__((warn_unused_result));

/* SIGKILL and reap; idempotent.  With pidfd -1 the process lives on and only descriptors go. */
void act_init_release(struct init *init);
#define autoinit __attribute__((cleanup(act_init_release))) struct init

#endif
