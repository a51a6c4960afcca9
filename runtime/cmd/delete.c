/* kanuki delete: what create made is taken away again. */
#include "config.h"

#include "cmd/container.h"
#include "sys/sys.h"

#include <signal.h>

#include "base/banned.h"

struct delete_args {
	bool force;
};

static const struct cmd_option options[] = {
	{"force", 'f', OPTION_FLAG, offsetof(struct delete_args, force), NULL,
	 "kill it first if it runs; an unknown container is no error"},
};

/* `start` holds the lock until init has executed its program.  Before that run the
 * startContainer hooks, which are the container's own and may take for ever, and in a pod's
 * pid namespace another container may stop init at its gate: without init, `start` ends. */
static void end_waiting_start(const struct cmd_context *ctx)
{
	autocontainer container = CONTAINER_INIT;
	struct err ignored = ERR_INIT; /* the same is looked at with the lock, and told then */

	if (container_open(ctx, ctx->args[0], false, &container, &ignored) == 0 &&
	    container.init_pidfd >= 0 && container.record.status == RECORD_CREATED &&
	    state_dir_is_busy(&container.dir))
		(void)sys_pidfd_send_signal(container.init_pidfd, SIGKILL, 0);
}

static int run(const struct cmd_context *ctx, void *data, struct err *err)
{
	const struct delete_args *args = data;
	autocontainer container = CONTAINER_INIT;

	if (args->force)
		end_waiting_start(ctx);
	if (container_open(ctx, ctx->args[0], true, &container, err) < 0) {
		/* Opened and locked, but what is in it can't be believed. */
		bool broken =
			err->kind == ERR_STATE && container.dir.locked && !container.has_record;

		if (!args->force || (err->kind != ERR_NOT_FOUND && !broken))
			return -1;
		err_clear(err);
		return broken ? container_destroy_broken(&container, err) : 0;
	}
	if (container_check(&container, args->force ? LIFECYCLE_DELETE_FORCE : LIFECYCLE_DELETE,
			    err) < 0)
		return -1;
	if (container.has_record && container_tell(ctx, &container, TRAIL_DELETE, NULL, err) < 0)
		return -1;
	return container_destroy(ctx, &container, args->force, err);
}

const struct cmd cmd_delete = {
	.name = "delete",
	.synopsis = "[OPTIONS] CONTAINER",
	.summary = "delete a stopped or created container",
	.options = options,
	.n_options = ARRAY_LEN(options),
	.args_size = sizeof(struct delete_args),
	.min_args = 1,
	.max_args = 1,
	.failure_status = 1,
	.run = run,
};
