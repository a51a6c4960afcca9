/* What a site's policy holds and what it lets go.  Pure. */
#include "config.h"

#include "check/judge.h"

#include <inttypes.h>
#include <string.h>

#include "base/banned.h"

enum check_verdict judge_policy_enforced(const struct check_facts *facts, struct str *evidence)
{
	str_add(evidence, facts->policy->enforced ? "mode enforce" : "mode audit");
	return verdict_unless(!facts->policy->enforced);
}

enum check_verdict judge_policy_level(const struct check_facts *facts, struct str *evidence)
{
	static const char *const names[] = {[LEVEL_HARDENED] = "hardened",
					    [LEVEL_OCI] = "oci",
					    [LEVEL_PERSONAL_DATA] = "personal-data",
					    [LEVEL_CARD_PAYMENTS] = "card-payments"};

	str_addf(evidence, "level %s", names[facts->policy->level]);
	return verdict_unless(facts->policy->level == LEVEL_OCI);
}

static enum check_verdict judge_flag(bool good, const char *yes, const char *no,
				     struct str *evidence)
{
	str_add(evidence, good ? yes : no);
	return verdict_unless(!good);
}

enum check_verdict judge_policy_root(const struct check_facts *facts, struct str *evidence)
{
	return judge_flag(facts->policy->root_demoted, "root is demoted or refused",
			  "root stays root", evidence);
}

enum check_verdict judge_policy_seccomp(const struct check_facts *facts, struct str *evidence)
{
	return judge_flag(facts->policy->seccomp_strict, "profile strict", "not the strict profile",
			  evidence);
}

enum check_verdict judge_policy_daemons(const struct check_facts *facts, struct str *evidence)
{
	return judge_flag(facts->policy->super_daemons_refused, "refused", "not refused", evidence);
}

enum check_verdict judge_policy_limits(const struct check_facts *facts, struct str *evidence)
{
	const struct check_policy *p = facts->policy;
	const struct { const char *name; uint64_t v;
	} limits[] = {{"processes", p->pids_max},
		      {"memory", p->memory_max},
		      {"open files", p->open_files_max}};
	bool all = true;

	for (size_t i = 0; i < ARRAY_LEN(limits); i++) {
		evidence_next(evidence, i);
		if (limits[i].v)
			str_addf(evidence, "%s %" PRIu64, limits[i].name, limits[i].v);
		else
			str_addf(evidence, "%s not limited", limits[i].name);
		all = all && limits[i].v;
	}
	return verdict_unless(!all);
}

enum check_verdict judge_policy_ports(const struct check_facts *facts, struct str *evidence)
{
	return judge_flag(facts->policy->ports_limited, "listed",
			  "any port may be bound and connected to", evidence);
}

enum check_verdict judge_policy_commands(const struct check_facts *facts, struct str *evidence)
{
	return judge_flag(facts->policy->commands_limited, "listed",
			  "anything in the image may be executed", evidence);
}

enum check_verdict judge_policy_mounts(const struct check_facts *facts, struct str *evidence)
{
	if (facts->policy->broad_mounts.n)
		evidence_list(evidence, &facts->policy->broad_mounts,
			      facts->policy->broad_mounts.n);
	else
		str_add(evidence, "no entry opens a whole tree of the host");
	return verdict_unless(facts->policy->broad_mounts.n > 0);
}

enum check_verdict judge_policy_trail(const struct check_facts *facts, struct str *evidence)
{
	const struct check_policy *p = facts->policy;

	str_add(evidence, !p->trail           ? "no trail"
			  : p->trail_required ? "kept and required"
					      : "kept, not required");
	return verdict_unless(!p->trail || !p->trail_required);
}

#define DAY_S INT64_C(86400)

/* Those that expire in [from, until). */
static enum check_verdict judge_expiry(const struct check_policy *p, int64_t from, int64_t until,
				       struct str *evidence)
{
	size_t n = 0;

	for (size_t i = 0; i < p->exceptions.n; i++) {
		const struct check_exception *e = &p->exceptions.items[i];
		if (e->expires < from || e->expires >= until)
			continue;
		if (n++ >= EVIDENCE_SHOWN)
			continue;
		evidence_next(evidence, n - 1);
		evidence_quote(evidence, e->text);
	}
	if (n > EVIDENCE_SHOWN)
		str_addf(evidence, " and %zu more", n - EVIDENCE_SHOWN);
	if (!n)
		str_addf(evidence, "none of %zu", p->exceptions.n);
	return verdict_unless(n > 0);
}

enum check_verdict judge_policy_expired(const struct check_facts *facts, struct str *evidence)
{
	/* exclusive: from that second on it does not apply */
	return judge_expiry(facts->policy, INT64_MIN, facts->policy->now + 1, evidence);
}

enum check_verdict judge_policy_expiring(const struct check_facts *facts, struct str *evidence)
{
	return judge_expiry(facts->policy, facts->policy->now + 1, facts->policy->now + 30 * DAY_S,
			    evidence);
}

enum check_verdict judge_policy_exceptions(const struct check_facts *facts, struct str *evidence)
{
	const struct check_policy *p = facts->policy;
	size_t n = 0;

	for (size_t i = 0; i < p->exceptions.n; i++)
		if (p->exceptions.items[i].root && p->exceptions.items[i].expires > p->now) {
			evidence_next(evidence, n++);
			evidence_quote(evidence, p->exceptions.items[i].text);
		}
	if (!n)
		str_add(evidence, "none");
	return verdict_unless(n > 0);
}

enum check_verdict judge_policy_gate(const struct check_facts *facts, struct str *evidence)
{
	const struct check_policy *p = facts->policy;

	if (p->gate == SEEN_NOT)
		return VERDICT_UNKNOWN;
	evidence_quote(evidence, p->gate_evidence);
	return verdict_unless(p->gate == SEEN_NO);
}
