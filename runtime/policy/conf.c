/* The site's decision: today the two built-in policies.  Must not read a file;
 * policy files bring a parser of their own. */
#include "config.h"

#include "policy/policy.h"

#include <string.h>

#include "base/banned.h"

int policy_conf_builtin(const char *name, struct policy_conf *ret, struct err *err)
{
	static const struct policy_conf builtins[] = {
		{LEVEL_HARDENED, "builtin:hardened"},
		{LEVEL_OCI, "builtin:oci"},
	};
	for (size_t i = 0; i < ARRAY_LEN(builtins); i++) {
		if (!strcmp(name, builtins[i].name)) {
			*ret = builtins[i];
			return 0;
		}
	}
	if (!strncmp(name, "builtin:", 8))
		return err_set(err, ERR_USAGE,
			       "policy '%s' is unknown: there are builtin:hardened and builtin:oci",
			       name);
	return err_set(err, ERR_USAGE,
		       "policy '%s': policy files are not built in yet; use builtin:hardened or "
		       "builtin:oci",
		       name);
}
