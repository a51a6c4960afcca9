/* H-50, H-51: system calls. */
#include "policy_case.h"

#include <linux/seccomp.h>

int main(void)
{
	autoplan none = PLAN_INIT, own = PLAN_INIT, oci = PLAN_INIT;
	struct bundle b = {.lin = "'seccomp':{'defaultAction':'SCMP_ACT_ALLOW','architectures':['SCMP_ARCH_X86_64','SCMP_ARCH_X86'],"
				  "'flags':['SECCOMP_FILTER_FLAG_SPEC_ALLOW','SECCOMP_FILTER_FLAG_LOG'],"
				  "'syscalls':[{'names':['kill'],'action':'SCMP_ACT_ERRNO'}]}",
			   .process = "'noNewPrivileges':false"};

	if (!resolved(&(struct bundle){0}, &none, "no seccomp"))
		return tap_done();
	ok(none.filters.n == 1 && none.filters.items[0].kind == FILTER_DEFAULT, "H-50: the default filter where none is asked for");
	is_change(&none, "H-50", "filter.0", CHANGE_ADDED, NULL, "told");
	is_int(none.filter_point, FILTER_BEFORE_EXEC, "H-50: loaded last");

	if (!resolved(&b, &own, "own seccomp"))
		return tap_done();
	ok(own.filters.n == 2 && own.filters.items[0].kind == FILTER_DEFAULT && own.filters.items[1].kind == FILTER_RULES,
	   "H-50: the default filter beneath the bundle's own");
	is_int(own.filters.items[1].rules.n, 1, "H-50: which is kept");
	is_int(own.filters.items[1].flags, SECCOMP_FILTER_FLAG_LOG, "H-50: without lifting a mitigation");
	is_change(&own, "H-50", "filter.1", CHANGE_FORCED, "SECCOMP_FILTER_FLAG_SPEC_ALLOW", "told");
	is_int(own.filters.items[1].archs.n, 0, "H-51: for the native ABI");
	is_change(&own, "H-51", "filter.1", CHANGE_FORCED, "SCMP_ARCH_X86_64,SCMP_ARCH_X86", "told");
	is_int(own.filter_point, FILTER_BEFORE_EXEC, "H-50: loaded last even where the bundle has no noNewPrivileges");

	b.level = LEVEL_OCI;
	if (!resolved(&b, &oci, "oci"))
		return tap_done();
	ok(oci.filters.n == 1 && oci.filters.items[0].archs.n == 2 &&
		   oci.filters.items[0].flags == (SECCOMP_FILTER_FLAG_LOG | SECCOMP_FILTER_FLAG_SPEC_ALLOW),
	   "H-50 H-51: not at level oci");
	is_int(oci.filter_point, FILTER_BEFORE_DROP, "H-50: where no_new_privs is off the filter needs privilege");
	return tap_done();
}
