/* Put before policy_resolve() by the linker: the image that TEST_IMAGE names is taken
 * for proven, so that what an exception grants can be tested on real containers. */
#include "config.h"

#include "policy/policy.h"

#include <stdlib.h>
#include <time.h>

int __real_policy_resolve(const struct spec *spec, const struct host *host, const struct policy_conf *conf,
			  const struct policy_request *request, struct plan *plan, struct err *err);
int __wrap_policy_resolve(const struct spec *spec, const struct host *host, const struct policy_conf *conf,
			  const struct policy_request *request, struct plan *plan, struct err *err);

int __wrap_policy_resolve(const struct spec *spec, const struct host *host, const struct policy_conf *conf,
			  const struct policy_request *request, struct plan *plan, struct err *err)
{
	struct policy_request with_image = *request;

	with_image.image = getenv("TEST_IMAGE");
	with_image.now = time(NULL);
	return __real_policy_resolve(spec, host, conf, &with_image, plan, err);
}
