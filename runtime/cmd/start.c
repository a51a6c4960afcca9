/* kanuki start: asks the scan gate again, opens the container's own gate, runs poststart hooks. */
#include "config.h"

#include "act/gate.h"
#include "act/process.h"
#include "base/auto.h"
#include "cmd/container.h"
#include "cmd/decide.h"
#include "cmd/notify.h"
#include "cmd/scan_gate.h"
#include "sys/file.h"

#include "base/banned.h"

/* A poststart hook that fails is the end of the container, with poststop, as in `run`
 * and in runc. */
static int undo(struct container *c, const struct plan *plan)
{
	struct err second = ERR_INIT; /* the hook's failure is the one to tell; delete finds what stays */

	if (container_destroy_planned(c, plan, &second) < 0)
		err_clear(&second);
	return -1;
}

static int ask_gate(const struct cmd_context *ctx, const struct container *c, struct err *err)
{
	const struct record *r = &c->record;
	char *question;
	size_t len;

	if (file_read(c->dir.dirfd, RECORD_QUESTION_NAME, RECORD_MAX_BYTES, ctx->arena, &question,
		      &len, err) < 0)
		return err_context(err, "what the scan gate was asked");
	return scan_gate_ask_again(ctx, r, question, err);
}

/* Between create and start an image may have been revoked, or found bad. */
static int check_image(const struct cmd_context *ctx, const struct container *c, bool audit_mode,
		       struct err *err)
{
	struct err refusal = ERR_INIT;

	if (!c->record.gate_program || ask_gate(ctx, c, &refusal) == 0)
		return 0;
	if (audit_mode && refusal.kind == ERR_POLICY)
		return container_tell_would(ctx, c, NULL, &refusal, err);
	*err = refusal;
	return container_tell_refused(ctx, c, err);
}

static int run(const struct cmd_context *ctx, void *data, struct err *err)
{
	autocontainer container = CONTAINER_INIT;
	autoplan plan = PLAN_INIT;
	struct hook_state state = {.status = "running"};
	autofd int notify_fd = -1;

	(void)data;
	if (container_open(ctx, ctx->args[0], true, &container, err) < 0 ||
	    container_check(&container, LIFECYCLE_START, err) < 0 ||
	    container_read_plan(&container, &plan, err) < 0 ||
	    check_image(ctx, &container, plan.audit_mode, err) < 0)
		return -1;
	if (plan.notify_socket) {
		notify_fd = notify_listen(container.dir.dirfd, err);
		if (notify_fd < 0)
			return -1;
	}
	if (container_tell(ctx, &container, TRAIL_START, NULL, err) < 0 ||
	    gate_open(&plan, container.dir.dirfd, container.record.pid, err) < 0)
		return -1;
	container.record.status = RECORD_RUNNING;
	if (record_write(container.dir.dirfd, &container.record, err) < 0)
		return -1;
	state.pid = container.record.pid;
	if (hooks_run_in_bundle(&plan, HOOK_POSTSTART, &state, err) < 0)
		return undo(&container, &plan);
	if (notify_fd >= 0 && decide_env(ctx, "NOTIFY_SOCKET")) {
		/* READY may never come, and nothing of the state is touched any more.  Whoever
		 * deletes the container ends its process, which the pidfd tells. */
		state_dir_unlock(&container.dir);
		return notify_await(ctx, notify_fd, (pid_t)container.record.pid,
				    container.init_pidfd, err);
	}
	return 0;
}

const struct cmd cmd_start = {
	.name = "start",
	.synopsis = "CONTAINER",
	.summary = "start the program of a created container",
	.min_args = 1,
	.max_args = 1,
	.failure_status = 1,
	.run = run,
};
