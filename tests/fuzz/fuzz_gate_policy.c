/* Any bytes as a gate policy: refused clearly, or one that prints as clean lines, is the same when read again, and whose scopes
 * admit nothing that the site's own part doesn't. */
#include "config.h"

#include "tests/unit/gate_world.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define must(cond)                                                                                                     \
	do {                                                                                                           \
		if (!(cond)) {                                                                                         \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #cond);                                     \
			abort();                                                                                       \
		}                                                                                                      \
	} while (0)

static void check_text(const struct gate_policy *policy, const struct gate_policy *again)
{
	autostr text = STR_INIT, other = STR_INIT;
	struct err err = ERR_INIT;
	size_t lines = 0;

	must(!gate_policy_print(policy, &text, &err) && !gate_policy_print(again, &other, &err));
	must(text.len == other.len && !memcmp(text.s, other.s, text.len));
	for (const char *line = str_text(&text); *line; lines++) {
		size_t len = strcspn(line, "\n");

		must(line[len] == '\n' && memmem(line, len, ": ", 2));
		for (size_t i = 0; i < len; i++)
			must((unsigned char)line[i] >= ' ' && line[i] != 0x7f);
		line += len + 1;
	}
	must(lines >= 60);
}

static void check_values(const struct gate_policy *p)
{
	must(p->identity_accept && p->max_scan_age_s > 0 && p->max_db_age_s > 0 && p->max_record_age_s > 0 && p->min_tools >= 1);
	must(p->threshold_recorder >= 1 && p->breakglass_max_s <= DAY_S && p->clock_skew_s >= 0 && p->clock_skew_s <= 3600);
	for (size_t i = 0; i < p->exceptions.n; i++)
		must(p->exceptions.items[i].kind == PERMISSION_WAIVER && p->exceptions.items[i].expires > 0 &&
		     p->exceptions.items[i].images.n && p->exceptions.items[i].owner);
}

/* Under the site's policy and under it with its scopes: the second admits no more. */
static void check_scopes(struct gate_policy *policy, const uint8_t *data, size_t size)
{
	static struct world w;
	size_t scopes = policy->scopes.n;
	enum gate_verdict alone;

	world_good(&w);
	w.in.policy = policy;
	if (size && data[0] % 2)
		w.request.repository = w.request.engine = NULL;
	for (size_t i = 0; i < size && i < 4; i++)
		(void)world_finding(&w, (enum scan_class)(1 + data[i] % 4), (enum severity)(data[i] / 4 % SEVERITY_COUNT), "CVE-2021-44228");
	policy->scopes.n = 0;
	world_decide(&w);
	alone = w.result.verdict;
	policy->scopes.n = scopes;
	world_decide(&w);
	must(alone != GATE_DENY || w.result.verdict == GATE_DENY);
	must(alone == GATE_ALLOW || w.result.verdict != GATE_ALLOW);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = ARENA_INIT;
	struct err err = ERR_INIT;
	struct gate_policy policy, again;

	if (gate_policy_parse(&arena, (const char *)data, size, &policy, &err)) {
		must((err.kind == ERR_POLICY || err.kind == ERR_SYSTEM) && err.msg[0]);
	} else {
		must(!gate_policy_parse(&arena, (const char *)data, size, &again, &err) && !strcmp(policy.hash, again.hash));
		check_text(&policy, &again);
		check_values(&policy);
		for (size_t i = 0; i < policy.scopes.n; i++)
			check_values(policy.scopes.items[i].policy);
		check_scopes(&policy, (const uint8_t *)policy.hash, 1 + (size_t)policy.hash[0] % 4);
	}
	arena_release(&arena);
	return 0;
}
