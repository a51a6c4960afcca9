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
	const char *asked;
	bool changed;
	if (policy_resolve_resources(res, host, arena, ret, err))
		return -1;
	if (ceiling->level != LEVEL_OCI) {
		ret->devices.n = 0; /* H-41 */
		return cgroup_limit_pids(arena, ret, false, &asked, &changed, err);
	}
	if (!ret->devices.n)
		return 0;
	ret->device_filter = ceiling->cgroup.device_filter;
	return devices_allow_as_runc(arena, ret, err);
}
