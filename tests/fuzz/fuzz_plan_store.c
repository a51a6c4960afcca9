/* Any bytes as plan.json: a clear error, or a plan that plan_check()'s part accepts and that is recorded again as the same text. */
#include "config.h"

#include "plan/plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fail(const char *what, const struct err *err)
{
	fprintf(stderr, "%s: %s\n", what, err->msg);
	abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autoplan plan = PLAN_INIT, again = PLAN_INIT;
	autostr first = STR_INIT, second = STR_INIT, text = STR_INIT;
	struct err err = ERR_INIT;
	if (plan_store_parse((const char *)data, size, &plan, &err)) {
		if ((err.kind != ERR_SPEC && err.kind != ERR_POLICY && err.kind != ERR_SYSTEM) || !err.msg[0])
			fail("refused without saying why", &err);
		return 0;
	}
	if (plan.level != LEVEL_OCI &&
	    (!plan.process.uid || !plan.process.gid || plan.process.caps.bounding || !plan.process.no_new_privs ||
	     !plan.userns_last.enabled || !plan.filters.n))
		fail("a record that isn't hardened", &err);
	if (plan_store_write(&plan, &first, &err))
		fail("not recorded again", &err);
	if (plan_store_parse(str_text(&first), first.len, &again, &err))
		fail("not read again", &err);
	if (plan_store_write(&again, &second, &err) || first.len != second.len || memcmp(first.s, second.s, first.len))
		fail("not the same", &err);
	plan_print(&plan, true, &text);
	if (str_failed(&text))
		fail("not printed", &err);
	return 0;
}
