/* The two built-in policies. */
#include "policy_case.h"

int main(void)
{
	struct policy_conf conf = {LEVEL_OCI, "untouched"};
	struct err err = ERR_INIT;

	ok(policy_conf_builtin("/etc/kanuki.policy", &conf, &err) == -1 && err.kind == ERR_USAGE && strstr(err.msg, "not built in yet"),
	   "a file is refused with a clear text");
	is_str(conf.name, "untouched", "the result is untouched then");
	err_clear(&err);
	ok(policy_conf_builtin("builtin:strict", &conf, &err) == -1 && strstr(err.msg, "is unknown: there are builtin:hardened"),
	   "an unknown one too");
	err_clear(&err);
	ok(policy_conf_builtin("builtin:hardened", &conf, &err) == 0 && conf.level == LEVEL_HARDENED, "builtin:hardened");
	is_str(conf.name, "builtin:hardened", "is called so");
	ok(policy_conf_builtin("builtin:oci", &conf, &err) == 0 && conf.level == LEVEL_OCI, "builtin:oci");
	struct policy_conf zero = {0};
	is_int(zero.level, LEVEL_HARDENED, "the zero value is the safe one");
	return tap_done();
}
