/* update: new limits for a running container, within its recorded plan.  There is
 * no printed plan to tell a change in, and engines repeat here all that the bundle
 * said (podman: its pids limit, containerd: its device rules): what the rules gave
 * the container then, it keeps. */
#include "config.h"

#include "policy/devices.h"
#include "policy/resolve.h"

#include "base/banned.h"

int policy_resolve_update(const struct spec_resources *res, const struct plan *ceiling,
			  const struct host *host, struct arena *arena, struct plan_cgroup *ret,
			  struct err *err)
{
	struct cgroup_most pids = {"pids", "pids.max", ceiling->pids_most};
	struct cgroup_most memory = {"memory", "memory.max", ceiling->memory_most};
	const char *asked;
	bool changed;
	if (policy_resolve_resources(res, host, arena, ret, err))
		return -1;
	if (ceiling->level != LEVEL_OCI) {
		ret->devices.n = 0; /* H-41 */
		if (ceiling->pids_most &&
		    cgroup_limit(arena, ret, &pids, false, &asked, &changed, err))
			return -1;
		return ceiling->memory_most
			       ? cgroup_limit(arena, ret, &memory, false, &asked, &changed, err)
			       : 0;
	}
	if (!ret->devices.n)
		return 0;
	ret->device_filter = ceiling->cgroup.device_filter;
	return devices_allow_as_runc(arena, ret, err);
}
