/* kanuki create: a confined process that waits at the gate for start. */
#include "config.h"

#include "cmd/bring_up.h"

#include "base/banned.h"

struct create_args {
	struct bring_up_args common;
};

static const struct cmd_option options[] = {BRING_UP_OPTIONS(struct create_args, common)};

static int run(const struct cmd_context *ctx, void *data, struct err *err)
{
	const struct create_args *args = data;
	autobringup container = BRING_UP_INIT;

	if (bring_up(ctx, ctx->args[0], &args->common, /*gate*/ true, /*detached*/ true,
		     &container, err) < 0 ||
	    act_commit(&container.plan, &container.prepared, &container.request, &container.init,
		       err) < 0)
		return -1;
	bring_up_commit(&container);
	return 0;
}

const struct cmd cmd_create = {
	.name = "create",
	.synopsis = "[OPTIONS] CONTAINER",
	.summary = "create a container, up to the point where its program would start",
	.options = options,
	.n_options = ARRAY_LEN(options),
	.args_size = sizeof(struct create_args),
	.min_args = 1,
	.max_args = 1,
	.failure_status = 1,
	.run = run,
};
