/* Plans that break one invariant of plan_check(), and what it says to them. */
#ifndef KANUKI_TESTS_PLAN_BREACH_H
#define KANUKI_TESTS_PLAN_BREACH_H

#include "tests/unit/plan_fixture.h"
#include "tests/unit/tap.h"

#include "plan/check.h"

/* A change to the fixture and what plan_check() says to it. */
struct breach {
	const char *name;
	void (*change)(struct plan *plan);
	const char *rule; /* "" where no rule is behind it */
	const char *text;
};

#define BREACH(function, body) static void function(struct plan *p) { body; }

__attribute__((unused)) static void expect_refusals(const struct breach *breaches, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		autoplan plan = PLAN_INIT;
		struct err err = ERR_INIT;
		fixture_plan(&plan);
		breaches[i].change(&plan);
		int rc = plan_check(&plan, &err);
		bool good = rc == -1 && err.kind == ERR_POLICY && !strcmp(err.rule, breaches[i].rule) &&
			    strstr(err.msg, breaches[i].text);
		if (!ok(good, "refused: %s", breaches[i].name))
			diag("returned %d, rule '%s', '%s'", rc, err.rule, err.msg);
	}
}

__attribute__((unused)) static void expect_accepted(const char *name, void (*make)(struct plan *), void (*change)(struct plan *))
{
	autoplan plan = PLAN_INIT;
	struct err err = ERR_INIT;
	make(&plan);
	if (change)
		change(&plan);
	if (!ok(plan_check(&plan, &err) == 0, "accepted: %s", name))
		diag("%s", err.msg);
}

#endif
