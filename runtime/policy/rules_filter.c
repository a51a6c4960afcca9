/* H-50, H-51: system calls.  Filters add up in the kernel and the strictest
 * answer wins, so the bundle's own is kept as it is and ours lies beneath it. */
#include "config.h"

#include "policy/resolve.h"

#include <linux/seccomp.h>
#include <string.h>

#include "base/banned.h"

int rule_seccomp(struct resolve *r, struct err *err)
{
	struct plan *plan = r->plan;
	if (!RESOLVE_PUSH(r, &plan->filters))
		return err_oom(err);
	memmove(plan->filters.items + 1, plan->filters.items,
		(plan->filters.n - 1) * sizeof(plan->filters.items[0]));
	plan->filters.items[0] = (struct plan_filter){
		.kind = r->conf->seccomp == SECCOMP_PROFILE_STRICT ? FILTER_STRICT
								   : FILTER_DEFAULT};
	for (size_t i = 0; r->grant && i < r->grant->syscalls.n; i++)
		list_add(r, &plan->filters.items[0].added, r->grant->syscalls.items[i]);
	if (plan->filters.items[0].added.n)
		note(r, "H-50", CHANGE_EXCEPTED, "filter.0", NULL, NULL);
	plan->filter_point = FILTER_BEFORE_EXEC; /* no_new_privs is on: H-05 */
	note(r, "H-50", CHANGE_ADDED, "filter.0", NULL, NULL);
	for (size_t i = 1; i < plan->filters.n; i++) {
		struct plan_filter *filter = &plan->filters.items[i];
		/* It would switch off the kernel's protection from speculative store bypass (W-14).
		 */
		if (!(filter->flags & SECCOMP_FILTER_FLAG_SPEC_ALLOW))
			continue;
		filter->flags &= ~(uint32_t)SECCOMP_FILTER_FLAG_SPEC_ALLOW;
		note(r, "H-50", CHANGE_FORCED, text(r, "filter.%zu", i),
		     "SECCOMP_FILTER_FLAG_SPEC_ALLOW", NULL);
	}
	return 0;
}

/* The default filter kills foreign ABIs (W-11); rules for them are dead weight in
 * the bundle's, and every ABI makes its program longer. */
int rule_native_abi(struct resolve *r, struct err *err)
{
	(void)err;
	for (size_t i = 0; i < r->plan->filters.n; i++) {
		struct plan_filter *filter = &r->plan->filters.items[i];
		if (filter->kind != FILTER_RULES || !filter->archs.n)
			continue;
		const char *asked = "";
		for (size_t k = 0; k < filter->archs.n && k < 32 && asked; k++)
			asked = text(r, "%s%s%s", asked, k ? "," : "", filter->archs.items[k]);
		note(r, "H-51", CHANGE_FORCED, text(r, "filter.%zu", i), asked, NULL);
		filter->archs.n = 0;
	}
	return 0;
}
