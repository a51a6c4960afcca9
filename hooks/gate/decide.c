/* Owns the verdict: asks every part under every policy that holds, collects the reasons,
 * and lets a break-glass or mode audit through what they may. */
#include "config.h"

#include "gate/judge.h"

#include "base/rfc3339.h"
#include "gate/findings.h"
#include "gate/policy.h"

#include <stdio.h>
#include <string.h>

#include "base/banned.h"

static void note(struct judge *j, int code)
{
	const struct gate_code_info *info = gate_code_info(code);

	if (!info->exit_status) /* only told */
		return;
	j->denied = true;
	j->lasting |= !(info->waivable_by & BY_BREAKGLASS);
	j->always |= code == E_INTERNAL || code == E_POLICY_INVALID || code == E_MALWARE ||
		     code == E_REVOKED_IMAGE || code == E_REVOKED_RECORD || code == E_REVOKED_KEY ||
		     code == E_DENYLISTED;
}

/* By code; where there is no room, what is told last goes. */
static void insert(struct gate_result *ret, const struct gate_reason *reason)
{
	unsigned at = ret->n_reasons;

	for (unsigned i = 0; i < ret->n_reasons; i++)
		if (ret->reasons[i].code == reason->code &&
		    !strcmp(ret->reasons[i].text, reason->text))
			return;
	while (at > 0 && ret->reasons[at - 1].code > reason->code)
		at--;
	if (ret->n_reasons == GATE_REASONS_MAX) {
		ret->more = true;
		if (at == GATE_REASONS_MAX)
			return;
		ret->n_reasons--;
	}
	memmove(&ret->reasons[at + 1], &ret->reasons[at], (ret->n_reasons - at) * sizeof(*reason));
	ret->reasons[at] = *reason;
	ret->n_reasons++;
}

void judge_add(struct judge *j, int code, const char *fmt, ...)
{
	struct gate_reason reason = {.code = code};
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(reason.text, sizeof(reason.text), fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= sizeof(reason.text))
		memcpy(reason.text + sizeof(reason.text) - 4, "...", 4);
	/* Names of files and packages are the image's author's. */
	for (char *c = reason.text; *c; c++)
		if (*c < ' ' || *c > '~')
			*c = '?';
	note(j, code);
	insert(j->ret, &reason);
}

static void judge_all(struct judge *j)
{
	unsigned needs = judge_identity(j);

	j->record = NULL;
	judge_clock(j);
	if (needs & NEEDS_SCAN)
		judge_record(j);
	judge_lists(j, needs);
	if (j->record) {
		j->sorted = findings_are_sorted(&j->record->findings);
		judge_freshness(j);
		judge_coverage(j);
		judge_findings(j);
	}
	if (needs & NEEDS_DEPLOYER)
		judge_deployer(j);
}

static void tell_breakglass(struct judge *j, const struct permission *p)
{
	char until[RFC3339_SIZE];

	rfc3339_format(p->expires, until);
	judge_add(j, W_BREAKGLASS, "%s until %s by %s%s%s: %s", p->id ? p->id : "?", until,
		  p->owner, p->ticket ? " ticket " : "", p->ticket ? p->ticket : "", p->reason);
}

void gate_decide(const struct gate_input *in, struct gate_result *ret)
{
	struct judge j = {.in = in, .request = in->request, .ret = ret};
	const struct permission *glass = NULL;
	bool enforce = false, broken = true;

	memset(ret, 0, sizeof(*ret)); /* GATE_DENY */
	if (!in->policy) {
		judge_add(&j, E_POLICY_INVALID, "%s",
			  in->policy_why ? in->policy_why : "there is none");
		return;
	}
	if (!in->request) {
		judge_add(&j, E_INTERNAL, "nothing was asked");
		return;
	}
	for (size_t i = 0; (j.policy = gate_policy_within(in->policy, in->request, i)) != NULL;
	     i++) {
		judge_all(&j);
		glass = judge_breakglass(&j);
		broken &= glass != NULL;
		enforce |= j.policy->mode != GATE_AUDIT;
	}
	if (!j.denied) {
		ret->verdict = GATE_ALLOW;
	} else if (!j.lasting && broken && glass) {
		tell_breakglass(&j, glass);
		ret->verdict = GATE_ALLOW_BREAKGLASS;
	} else if (!enforce && !j.always) {
		ret->verdict = GATE_ALLOW_AUDIT;
	}
}
