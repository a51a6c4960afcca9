/* Put before decide_plan() by the linker: the image that TEST_IMAGE names is taken for
 * proven, so that what an exception grants can be tested on real containers. */
#include "config.h"

#include "cmd/decide.h"

#include <stdlib.h>

int __real_decide_plan(const struct cmd_context *ctx, bool makes, struct policy_request *request,
		       const struct host *host, struct decision *decision, struct plan *plan, struct err *err);
int __wrap_decide_plan(const struct cmd_context *ctx, bool makes, struct policy_request *request,
		       const struct host *host, struct decision *decision, struct plan *plan, struct err *err);

int __wrap_decide_plan(const struct cmd_context *ctx, bool makes, struct policy_request *request,
		       const struct host *host, struct decision *decision, struct plan *plan, struct err *err)
{
	request->image = getenv("TEST_IMAGE");
	return __real_decide_plan(ctx, makes, request, host, decision, plan, err);
}
