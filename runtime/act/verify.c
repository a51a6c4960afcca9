/* H-90: what the kernel now says about this process, compared with the plan.
 * A difference kills it before a single instruction of the program runs. */
#include "config.h"

#include "act/process.h"
#include "act/rootfs.h"

#include "base/banned.h"

int verify_child(const struct plan *plan, struct child *child, struct err *err)
{
	/* Identity and capabilities are compared at every level: a difference
	 * there is never what anybody asked for. */
	if (ids_verify(plan, err) < 0)
		return -1;
	/* Without no_new_privs they go behind the filter, which may not even let us
	 * ask: there capset's own answer has to do. */
	if (plan->filter_point == FILTER_BEFORE_EXEC && caps_verify(plan, err) < 0)
		return -1;
	if (!plan->verify)
		return 0;
	if (ns_verify(plan, child, err) < 0 || limits_verify(plan, err) < 0)
		return -1;
	return child->is_exec ? 0 : mounts_verify(plan, child, err);
}
