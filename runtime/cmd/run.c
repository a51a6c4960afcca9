/* kanuki run: create and start in one, without a gate; in the foreground the
 * exit status is the program's and the container is removed afterwards. */
#include "config.h"

#include "act/process.h"
#include "base/auto.h"
#include "cmd/bring_up.h"
#include "cmd/container.h"
#include "cmd/notify.h"
#include "cmd/relay.h"
#include "sys/sys.h"

#include <stdio.h>

#include "base/banned.h"

struct run_args {
	struct bring_up_args common;
	bool detach, keep;
};

static const struct cmd_option options[] = {
	BRING_UP_OPTIONS(struct run_args, common),
	{"detach", 'd', OPTION_FLAG, offsetof(struct run_args, detach), NULL,
	 "return once the program runs"},
	{"keep", 0, OPTION_FLAG, offsetof(struct run_args, keep), NULL,
	 "keep the container's state when it ends"},
	{"no-subreaper", 0, OPTION_IGNORED_FLAG, 0, NULL, "accepted: kanuki is never a subreaper"},
};

struct notify {
	const struct cmd_context *ctx;
	int fd;
	pid_t pid;
};

/* The program runs, and whoever should hear so not being there is no fault of it: as
 * with runc, `run` goes on.  A manager that waits for READY has its own timeout. */
static int forgive(const struct cmd_context *ctx, struct err *err)
{
	log_debug(ctx->log, "NOTIFY_SOCKET: %s", err->msg);
	err_clear(err);
	return 1;
}

static int serve_notify(void *arg, struct err *err)
{
	const struct notify *n = arg;
	int r = notify_forward(n->ctx, n->fd, n->pid, err);

	return r < 0 ? forgive(n->ctx, err) : r;
}

static int wait_and_remove(const struct cmd_context *ctx, const struct run_args *args,
			   struct bring_up *b, int notify_fd, struct err *err)
{
	autocontainer container = CONTAINER_INIT;
	autofd int pidfd = steal_fd(&b->init.pidfd);
	/* The main process is this one: it outlives init, to remove the container. */
	struct notify notify = {.ctx = ctx, .fd = notify_fd, .pid = sys_getpid()};
	struct relay_extra extra = {.fd = notify_fd, .serve = serve_notify, .arg = &notify};
	int status;

	if (relay_run(b->init.pid, pidfd, steal_fd(&b->init.terminal_fd), &extra, &status, err) < 0)
		return -1;
	if (args->keep)
		return status;
	/* Record, plan and directory are at hand, and init's end is known; but the lock is
	 * taken anew, and somebody may have deleted the container meanwhile. */
	container.dir = b->dir;
	b->dir = (struct state_dir)STATE_DIR_INIT;
	if (state_dir_lock(&container.dir, err) < 0) {
		if (err->kind != ERR_NOT_FOUND)
			return -1;
		err_clear(err);
		return status;
	}
	container.record = b->record;
	container.has_record = true;
	if (container_tell(ctx, &container, TRAIL_DELETE, NULL, err) < 0)
		return -1;
	return container_destroy_planned(&container, &b->plan, err) < 0 ? -1 : status;
}

/* create's line is there already: together they say what the same two commands would. */
static int tell_start(const struct cmd_context *ctx, const struct bring_up *b, struct err *err)
{
	struct container c = CONTAINER_INIT; /* only looked at */

	(void)snprintf(c.dir.id, sizeof(c.dir.id), "%s", b->dir.id);
	c.record = b->record;
	return container_tell(ctx, &c, TRAIL_START, NULL, err);
}

static int run(const struct cmd_context *ctx, void *data, struct err *err)
{
	const struct run_args *args = data;
	autobringup b = BRING_UP_INIT;
	struct hook_state state = {.status = "running"};
	autofd int notify_fd = -1;

	if (!args->detach && relay_block_signals(err) < 0)
		return -1;
	if (bring_up(ctx, ctx->args[0], &args->common, /*gate*/ false, args->detach, &b, err) < 0)
		return -1;
	if (b.plan.notify_socket && (notify_fd = notify_listen(b.dir.dirfd, err)) < 0)
		return -1;
	state.pid = b.init.pid;
	if (tell_start(ctx, &b, err) < 0 ||
	    act_commit(&b.plan, &b.prepared, &b.request, &b.init, err) < 0 ||
	    hooks_run_in_bundle(&b.plan, HOOK_POSTSTART, &state, err) < 0) {
		bring_up_undo_hooks(&b);
		return -1;
	}
	b.prepared.cgroup.committed = true;
	b.pid_file = NULL;
	state_dir_commit(&b.dir);
	if (!args->detach)
		return wait_and_remove(ctx, args, &b, notify_fd, err);
	if (notify_fd >= 0 && notify_await(ctx, notify_fd, b.init.pid, b.init.pidfd, err) < 0)
		(void)forgive(ctx, err);
	bring_up_commit(&b);
	return 0;
}

const struct cmd cmd_run = {
	.name = "run",
	.synopsis = "[OPTIONS] CONTAINER",
	.summary = "create and start a container",
	.options = options,
	.n_options = ARRAY_LEN(options),
	.args_size = sizeof(struct run_args),
	.min_args = 1,
	.max_args = 1,
	.failure_status = 1,
	.run = run,
};
