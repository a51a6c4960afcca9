/* kanuki state: the state of one container as JSON (runtime.md, "State"). */
#include "config.h"

#include "base/json_out.h"
#include "cmd/container.h"

#include <stdio.h>

#include "base/banned.h"

static int run(const struct cmd_context *ctx, void *data, struct err *err)
{
	autocontainer container = CONTAINER_INIT;
	struct json_out o __attribute__((cleanup(json_out_release))) = {.pretty = true};

	(void)data;
	if (container_open(ctx, ctx->args[0], false, &container, err) < 0 ||
	    container_check(&container, LIFECYCLE_STATE, err) < 0)
		return -1;
	if (!container.has_record)
		return err_set(err, ERR_NOT_FOUND,
			       "container '%s' does not exist (its creation is not finished)",
			       ctx->args[0]);
	json_out_object(&o, NULL);
	container_write_state(&container,
			      container.record.owner_uid == 0 ? "" : container.record.owner, &o);
	json_out_end_object(&o);
	if (json_out_finish(&o, err) < 0)
		return -1;
	(void)puts(str_text(&o.text)); /* checked at the flush */
	return 0;
}

const struct cmd cmd_state = {
	.name = "state",
	.synopsis = "CONTAINER",
	.summary = "print a container's state as JSON",
	.min_args = 1,
	.max_args = 1,
	.failure_status = 1,
	.run = run,
};
