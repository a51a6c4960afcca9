/* update: new limits for a running container, within its recorded plan (H-60). */
#include "config.h"

#include "policy/policy.h"

#include "base/banned.h"

/* What H-60 gives every container; kept in one place with rules_cgroup.c. */
#define PIDS_MOST 1024

int policy_resolve_update(const struct spec_resources *res, const struct plan *ceiling, const struct host *host,
			  struct arena *arena, struct plan_cgroup *ret, struct err *err)
{
	if (ceiling->level == LEVEL_HARDENED && res->pids_limit.set &&
	    (res->pids_limit.v <= 0 || res->pids_limit.v > PIDS_MOST))
		return err_policy(err, "H-60", "pids.limit: %lld asked, at most %d is given; ask for less",
				  (long long)res->pids_limit.v, PIDS_MOST);
	if (ceiling->level == LEVEL_HARDENED)
		for (size_t i = 0; i < res->devices.n; i++)
			if (res->devices.items[i].allow)
				return err_policy(err, "H-41",
						  "devices[%zu]: allows a device; an update can't add one", i);
	return policy_resolve_resources(res, host, arena, ret, err);
}
