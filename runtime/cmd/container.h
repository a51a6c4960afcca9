/* An existing container as commands see it: its directory, record, recorded plan,
 * and what the kernel says of its init.  Nothing is taken from the bundle again. */
#ifndef KANUKI_CMD_CONTAINER_H
#define KANUKI_CMD_CONTAINER_H

#include "act/cgroup.h"
#include "audit/trail.h"
#include "cmd/cmd.h"
#include "host/host.h"
#include "plan/plan.h"
#include "state/dir.h"
#include "state/lifecycle.h"
#include "state/record.h"

#include <stdbool.h>

struct container {
	struct state_dir dir;
	struct record record;
	bool has_record;	/* false: left by a create that was killed */
	int init_pidfd;		/* of the living init, else -1 */
	enum lifecycle_status status;
};
#define CONTAINER_INIT { .dir = STATE_DIR_INIT, .init_pidfd = -1 }
void container_release(struct container *c);
#define autocontainer __attribute__((cleanup(container_release))) struct container

/* Locked (start, delete, update, ...: one at a time) or not (state, list, kill).
 * ERR_NOT_FOUND "container 'ID' does not exist". */
int container_open(const struct cmd_context *ctx, const char *id, bool lock, struct container *c,
		   struct err *err) __attribute__((warn_unused_result));
/* The recorded plan (exec's ceiling, hooks, cgroup): PLAN_INIT given. */
int container_read_plan(const struct container *c, struct plan *plan, struct err *err)
	__attribute__((warn_unused_result));
/* Mode audit: what enforce would have made the ceiling.  Only where enforce wouldn't have
 * refused the container (record.would_refuse). */
int container_read_would(const struct container *c, struct plan *plan, struct err *err)
	__attribute__((warn_unused_result));
/* The container's cgroup; ERR_NOT_FOUND when it has none any more. */
int container_open_cgroup(const struct container *c, struct cgroup *ret, struct err *err)
	__attribute__((warn_unused_result));
/* Refuses `operation` unless the status allows it (state/lifecycle.h). */
int container_check(const struct container *c, enum lifecycle_operation operation, struct err *err)
	__attribute__((warn_unused_result));
/* The state root of --root, an owned descriptor; ERR_NOT_FOUND when there is none yet. */
int container_open_root(const struct cmd_context *ctx, struct err *err)
	__attribute__((warn_unused_result));
/* Every id in the state root, sorted. */
int container_list(const struct cmd_context *ctx, struct str_list *ret, struct err *err)
	__attribute__((warn_unused_result));
/* Reserves the id of a new container. */
int container_reserve(const struct cmd_context *ctx, const char *id, struct state_dir *ret,
		      struct err *err) __attribute__((warn_unused_result));
/* The state as runc prints it: one JSON object's members.  runc's `state` has no owner
 * for root, its `list` has. */
struct json_out;
void container_write_state(const struct container *c, const char *owner, struct json_out *o);
/* A line of the trail that create used, if any; `plan`: exec's, else NULL.  -1 only where
 * the policy requires the line; never for kill and delete. */
int container_tell(const struct cmd_context *ctx, const struct container *c, enum trail_event event,
		   const struct plan *plan, struct err *err) __attribute__((warn_unused_result));
/* Mode audit: a line for what enforce would have refused (`refusal`) or changed (`plan`). */
int container_tell_would(const struct cmd_context *ctx, const struct container *c,
			 const struct plan *plan, const struct err *refusal, struct err *err)
	__attribute__((warn_unused_result));
/* For a command about to fail with `err`: its line, if that is a refusal.  Returns -1. */
int container_tell_refused(const struct cmd_context *ctx, const struct container *c,
			   struct err *err);
/* The poststop hooks, when everything else is gone.  One that fails is a warning: the
 * specification orders it ("the remaining hooks and lifecycle continue as if the hook had
 * succeeded"), and nothing is left that it could keep safe. */
void container_run_poststop(const struct plan *plan);
/* Kills, waits, removes cgroup and directory, runs poststop hooks; each part does
 * nothing where it is done already. */
int container_destroy(const struct cmd_context *ctx, struct container *c, bool force,
		      struct err *err) __attribute__((warn_unused_result));
/* The same for a container whose plan is at hand (NULL: no hooks are run). */
int container_destroy_planned(struct container *c, const struct plan *plan, struct err *err)
	__attribute__((warn_unused_result));
/* delete --force where the record can't be read (opened and locked, no record): what
 * the recorded plan still tells is enough, or nothing is touched and the message says
 * what is left to do by hand. */
int container_destroy_broken(struct container *c, struct err *err)
	__attribute__((warn_unused_result));
/* pid file: decimal, no newline (containerd parses the whole of it), replaced atomically. */
int container_write_pid_file(const char *path, pid_t pid, struct err *err)
	__attribute__((warn_unused_result));
/* Takes it away again (a failed exec must leave none). */
void container_remove_pid_file(const char *path);

#endif
