/* kanuki pause and resume: the cgroup's freezer. */
#include "config.h"

#include "cmd/container.h"

#include "base/banned.h"

static int freeze(const struct cmd_context *ctx, enum lifecycle_operation operation, bool frozen,
		  struct err *err)
{
	struct cgroup cgroup __attribute__((cleanup(cgroup_release))) = CGROUP_INIT;
	autocontainer container = CONTAINER_INIT;

	if (container_open(ctx, ctx->args[0], true, &container, err) < 0 ||
	    container_check(&container, operation, err) < 0)
		return -1;
	if (container_open_cgroup(&container, &cgroup, err) < 0)
		return -1;
	cgroup.committed = true;
	return cgroup_freeze(&cgroup, frozen, err);
}

static int run_pause(const struct cmd_context *ctx, void *data, struct err *err)
{
	(void)data;
	return freeze(ctx, LIFECYCLE_PAUSE, true, err);
}

static int run_resume(const struct cmd_context *ctx, void *data, struct err *err)
{
	(void)data;
	return freeze(ctx, LIFECYCLE_RESUME, false, err);
}

const struct cmd cmd_pause = {
	.name = "pause",
	.synopsis = "CONTAINER",
	.summary = "suspend all processes of a container",
	.min_args = 1,
	.max_args = 1,
	.failure_status = 1,
	.run = run_pause,
};

const struct cmd cmd_resume = {
	.name = "resume",
	.synopsis = "CONTAINER",
	.summary = "let a suspended container go on",
	.min_args = 1,
	.max_args = 1,
	.failure_status = 1,
	.run = run_resume,
};
