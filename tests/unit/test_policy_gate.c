/* H-85: what the scan gate's answer makes of a plan, at each level and whatever was answered. */
#include "policy_case.h"

#define IMAGE "sha256:a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1"

static int decide(const char *level, const struct policy_gate *gate, struct plan *plan, struct err *err)
{
	struct policy_request request = {.id = "c1", .bundle = "/bundle", .gate = *gate, .image = gate->answer == GATE_ADMITTED ? gate->image : NULL};
	struct bundle b = {0};
	struct spec spec = SPEC_INIT;
	autoconf conf = POLICY_CONF_INIT;
	char *json = bundle_text(&b);
	int rc;

	if (policy_conf_builtin(level, &conf, err) || spec_parse(json, strlen(json), &spec, err))
		abort();
	rc = policy_resolve(&spec, &full_host, &conf, &request, plan, err);
	spec_release(&spec);
	free(json);
	return rc;
}

static bool skipped(const struct plan *plan)
{
	for (size_t i = 0; i < plan->changes.n; i++)
		if (!strcmp(plan->changes.items[i].rule, "H-85") && plan->changes.items[i].outcome == CHANGE_SKIPPED)
			return true;
	return false;
}

static void test_answers(void)
{
	static const struct {
		const char *level;
		struct policy_gate gate;
		const char *refusal; /* NULL: there is a plan */
		enum plan_gate_state state;
		bool skipped;
	} cases[] = {
		{"builtin:oci", {.answer = GATE_ABSENT}, NULL, PLAN_GATE_UNASKED, false},
		{"builtin:oci", {.answer = GATE_REFUSED, .why = "no"}, NULL, PLAN_GATE_UNASKED, false},
		{"builtin:hardened", {.answer = GATE_ABSENT}, "--policy builtin:sandbox", PLAN_GATE_UNASKED, false},
		{"builtin:sandbox", {.answer = GATE_ABSENT}, NULL, PLAN_GATE_UNASKED, true},
		{"builtin:sandbox", {.answer = GATE_REFUSED, .why = "no"}, NULL, PLAN_GATE_UNASKED, true},
		{"builtin:hardened", {.answer = GATE_LATER}, NULL, PLAN_GATE_LATER, false},
		{"builtin:hardened", {.answer = GATE_ADMITTED, .verdict = "allow", .image_class = "image", .image = IMAGE}, NULL, PLAN_GATE_ASKED, false},
		{"builtin:hardened", {.answer = GATE_ADMITTED, .verdict = "allow", .image_class = "pause"}, NULL, PLAN_GATE_ASKED, false},
		{"builtin:hardened", {.answer = GATE_REFUSED, .why = "image denied; run: kanuki-gate explain x", .image = IMAGE},
		 "image denied; run: kanuki-gate explain x", PLAN_GATE_UNASKED, false},
		{"builtin:hardened", {.answer = GATE_REFUSED}, "the scan gate gave no answer", PLAN_GATE_UNASKED, false},
		{"builtin:hardened", {.answer = (enum policy_gate_answer)99}, "the scan gate gave no answer", PLAN_GATE_UNASKED, false},
		{"builtin:personal-data", {.answer = GATE_LATER, .program = "/usr/sbin/kanuki-gate"}, NULL, PLAN_GATE_LATER, false},
		{"builtin:personal-data", {.answer = GATE_MISSING}, NULL, PLAN_GATE_MISSING, false},
		{"builtin:personal-data", {.answer = GATE_ABSENT}, "run: kanuki-gate init", PLAN_GATE_UNASKED, false},
		{"builtin:personal-data", {.answer = GATE_ADMITTED, .verdict = "allow", .image_class = "image", .image = IMAGE}, NULL, PLAN_GATE_ASKED, false},
		{"builtin:card-payments", {.answer = GATE_ABSENT}, "the policy lets nothing start without one", PLAN_GATE_UNASKED, false},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *want = cases[i].refusal;
		struct err err = ERR_INIT;
		autoplan plan = PLAN_INIT;
		int rc = decide(cases[i].level, &cases[i].gate, &plan, &err);

		if (!ok((rc == 0) == !want, "H-85: case %zu at %s: %s", i, cases[i].level, err.msg))
			continue;
		if (want)
			ok(err.kind == ERR_POLICY && !strcmp(err.rule, "H-85") && strstr(err.msg, want), "H-85: says '%s'", err.msg);
		else
			ok(plan.gate.state == cases[i].state && skipped(&plan) == cases[i].skipped, "H-85: case %zu shows what was asked", i);
		if (!want && plan.gate.state == PLAN_GATE_ASKED)
			ok(!strcmp(plan.gate.image_class, cases[i].gate.image_class) && !plan.gate.image == !cases[i].gate.image, "H-85: and what it is");
	}
}

/* The zero value: whoever forgets to ask has not been let in. */
static void test_forgotten(void)
{
	struct policy_gate nobody = {0};
	struct policy_conf conf = POLICY_CONF_INIT;
	struct err err = ERR_INIT;
	autoplan plan = PLAN_INIT;

	is_int(conf.gate, GATE_REQUIRED, "a policy that says nothing requires it");
	is_int(decide("builtin:card-payments", &nobody, &plan, &err), -1, "nobody asked: refused");
}

int main(void)
{
	test_answers();
	test_forgotten();
	return tap_done();
}
