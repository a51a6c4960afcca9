/* H-90: what the kernel now says about this process, compared with the plan.
 * A difference kills it before a single instruction of the program runs. */
#include "config.h"

#include "act/process.h"
#include "act/rootfs.h"
#include "sys/sys.h"

#include "base/banned.h"

/* 0xffffffff only asks (personality(2)). */
static int verify_personality(const struct plan_process *p, struct err *err)
{
	unsigned want = p->personality_set ? p->personality : 0;
	int is = sys_personality(0xffffffff);

	if (is < 0)
		return err_sys(err, "read back the personality");
	return (unsigned)is == want ? 0
				    : err_set(err, ERR_VERIFY,
					      "H-90: the personality is 0x%x, the plan has 0x%x",
					      (unsigned)is, want);
}

/* Not the filter, which is loaded last: filter_load asks for a built-in one when it is there,
 * and behind a bundle's own we might not be let ask. */
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
	if (ns_verify(plan, child, err) < 0 || limits_verify(plan, err) < 0 ||
	    verify_personality(&plan->process, err) < 0)
		return -1;
	return child->is_exec ? 0 : mounts_verify(plan, child, err);
}
