/* Bytes as choices: a bundle, a host, a command line, a level.  Every decision is a clear refusal or a plan that plan_check
 * accepts, that can be printed, recorded and read again, and that exec and update stay beneath.  A refusal in the words of
 * plan_check means that the rules and the promises disagree: that is a finding.
 */
#include "config.h"

#include "policy/policy.h"
#include "policy/rules.h"
#include "tests/fuzz/bundles.h"
#include "tests/fuzz/promises.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* --- what must hold --- */

static void check_exec(struct choices *c, struct spec *s, const struct plan *ceiling, const struct host *host)
{
	autoplan plan = PLAN_INIT;
	struct err err = ERR_INIT;
	const char *args[] = {"x"}, *env[] = {pick(c, words)}, *caps[] = {"CAP_SYS_ADMIN"};
	struct policy_exec_request request = {
		.args = {args, 1, 1},
		.env = {env, 1, 1},
		.user = chance(c, 2) ? "0:0" : NULL,
		.caps = {caps, chance(c, 2), 1},
		.no_new_privs = chance(c, 2),
	};
	if (chance(c, 2)) {
		make_process(s, c);
		request.process = s->process;
	}
	if (policy_resolve_exec(&request, ceiling, host, &plan, &err)) {
		check_refusal(&err);
		return;
	}
	must(plan.level == ceiling->level);
	if (plan.level == LEVEL_OCI)
		return;
	must(plan.process.uid && plan.process.gid && plan.process.no_new_privs && !plan.process.caps.bounding);
	must(plan.filters.n == ceiling->filters.n && plan.landlock.enabled == ceiling->landlock.enabled);
}

static void check_record(struct choices *c, struct spec *s, const struct plan *plan, const struct host *host)
{
	autostr text = STR_INIT, record = STR_INIT;
	autoplan again = PLAN_INIT;
	struct err err = ERR_INIT;
	if (chance(c, 8)) { /* slow, and the golden plans show its words */
		plan_print(plan, true, &text);
		must(!str_failed(&text) && text.len > 100);
	}
	must(plan_store_write(plan, &record, &err) == 0);
	must(plan_store_parse(str_text(&record), record.len, &again, &err) == 0);
	must(again.level == plan->level && again.process.uid == plan->process.uid);
	check_exec(c, s, &again, host);
}

/* The same question has the same answer. */
static void check_pure(const struct spec *spec, const struct host *host, const struct policy_conf *conf,
		       const struct policy_request *request, const struct plan *plan)
{
	autoplan again = PLAN_INIT;
	autostr one = STR_INIT, two = STR_INIT;
	struct err err = ERR_INIT;
	must(policy_resolve(spec, host, conf, request, &again, &err) == 0);
	plan_print(plan, true, &one);
	plan_print(&again, true, &two);
	must(one.len == two.len && !strcmp(str_text(&one), str_text(&two)));
}

/* plan --diff tells of every rule once; of level oci there are none. */
static void check_told(const struct plan *plan)
{
#define COUNT(...) +1
	const size_t all = plan->level == LEVEL_OCI ? 0 : 0 POLICY_RULES(COUNT);
	struct str text = STR_INIT;
	size_t lines = 0;
	policy_print_rules(plan, &text);
	for (const char *s = str_text(&text); *s; s++)
		lines += *s == '\n';
	if (str_failed(&text) || lines != all) {
		fprintf(stderr, "%zu of %zu rules are told:\n%s", lines, all, str_text(&text));
		abort();
	}
	str_release(&text);
}

/* Mode audit asks for all refusals: the first is the one of enforce, and without one the plan is the same. */
static void check_all(const struct spec *spec, const struct host *host, const struct policy_conf *conf,
		      const struct policy_request *request, const struct plan *plan, const struct err *refusal)
{
	autoplan again = PLAN_INIT;
	struct policy_refusals refusals = {0};
	struct err err = ERR_INIT;
	if (policy_resolve_all(spec, host, conf, request, &again, &refusals, &err)) {
		must(err.kind == refusal->kind && !strcmp(err.msg, refusal->msg));
		return;
	}
	must((refusals.told.n > 0) == (refusal->kind != ERR_NONE));
	must(refusals.told.n || again.changes.n == plan->changes.n);
	for (size_t i = 0; i < refusals.told.n; i++)
		check_refusal(&refusals.told.items[i]);
	must(!refusals.told.n || strstr(refusal->msg, refusals.told.items[0].msg));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct choices c = {data, data + size};
	struct spec spec = SPEC_INIT;
	struct host host;
	struct err err = ERR_INIT;
	autoplan plan = PLAN_INIT;
	const struct policy_conf *conf = pick_level(&c);
	uint8_t flags = byte(&c);
	struct policy_request request = {
		.id = "c1",
		.bundle = "/bundle",
		.cgroup_manager = flags & 1 ? "disabled" : NULL,
		.console_socket = flags & 2,
		.detached = flags & 4,
		.no_pivot = (flags & 24) == 24,
		.no_new_keyring = flags & 32,
		.listen_fds = flags & 64 ? 2 : 0,
		.gate.answer = GATE_LATER,
		.notify_dir = flags & 128 ? "/run/kanuki/c1/notify" : NULL,
	};
	make_host(&host, &c);
	make_spec(&spec, &c);
	pick_sources(&spec, &c, &spec.arena, &request.roots_own);
	int rc = policy_resolve(&spec, &host, conf, &request, &plan, &err);
	check_all(&spec, &host, conf, &request, &plan, &err);
	if (rc) {
		check_refusal(&err);
	} else {
		if (conf->level != LEVEL_OCI)
			promises_hold(&plan, &host, &request.roots_own);
		check_told(&plan);
		if (size % 8 == 0)
			check_pure(&spec, &host, conf, &request, &plan);
		check_record(&c, &spec, &plan, &host);
	}
	spec_release(&spec);
	return 0;
}
