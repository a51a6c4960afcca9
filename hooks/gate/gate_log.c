/* Turns decisions into lines of the trail. */
#include "config.h"

#include "gate/gate_log.h"

#include "audit/trail.h"
#include "gate/line.h"
#include "gate/policy.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/banned.h"

static int64_t now_ns(void)
{
	struct timespec at;

	/* can't fail for this clock */
	(void)clock_gettime(CLOCK_REALTIME, &at);
	return at.tv_sec * INT64_C(1000000000) + at.tv_nsec;
}

static int append(const struct gate_policy *policy, const struct trail_entry *entry,
		  unsigned options, struct err *err)
{
	autostr line = STR_INIT;

	if (!policy->log_path)
		return 0;
	if (trail_append(policy->log_path, entry, options, NULL, policy->log_syslog ? &line : NULL,
			 err) < 0)
		return -1;
	return policy->log_syslog ? trail_syslog("/dev/log", entry, str_text(&line), err) : 0;
}

static enum trail_event event_of(enum gate_verdict verdict)
{
	switch (verdict) {
	case GATE_ALLOW:
		return TRAIL_ADMIT;
	case GATE_ALLOW_AUDIT:
		return TRAIL_WOULD_REFUSE;
	case GATE_ALLOW_BREAKGLASS:
		return TRAIL_BREAKGLASS;
	case GATE_DENY:
		break;
	}
	return TRAIL_REFUSED;
}

int gate_log_decision(const struct gate_site *site, const struct gate_request *request,
		      const struct gate_found *found, const struct gate_result *result,
		      const char *id, struct err *err)
{
	struct trail_change reasons[GATE_REASONS_MAX];
	struct trail_entry entry = {.event = event_of(result->verdict),
				    .time_ns = now_ns(),
				    .id = id,
				    .image = request->digest,
				    .policy_hash = site->policy ? site->policy->hash : NULL,
				    .changes = reasons,
				    .record = found->record_digest[0] ? found->record_digest : NULL,
				    .generation = site->generation};
	struct gate_policy fallback;
	char line[GATE_LINE_MAX];

	trail_caller_read(&entry.caller);
	for (unsigned i = 0; i < result->n_reasons; i++)
		reasons[entry.n_changes++] = (struct trail_change){
			.rule = gate_code_info(result->reasons[i].code)->name,
			.key = "image",
			.outcome = gate_code_info(result->reasons[i].code)->exit_status ? "refused"
											: "noted",
			.given = result->reasons[i].text};
	if (result->verdict != GATE_ALLOW) {
		gate_line(result, request, line);
		entry.message = line;
		entry.rule =
			result->n_reasons ? gate_code_info(result->reasons[0].code)->name : NULL;
	}
	/* A site whose policy is broken still wants to know. */
	if (!site->policy)
		gate_policy_defaults(&fallback);
	return append(site->policy ? site->policy : &fallback, &entry,
		      result->verdict == GATE_ALLOW ? 0 : TRAIL_SYNC, err);
}

int gate_log_admin(const struct gate_policy *policy, const char *verb, const char *image,
		   const char *text, struct err *err)
{
	struct trail_entry entry = {.event = TRAIL_ADMIN,
				    .time_ns = now_ns(),
				    .image = image,
				    .rule = verb,
				    .message = text,
				    .policy_hash = policy->hash};

	trail_caller_read(&entry.caller);
	return append(policy, &entry, TRAIL_SYNC, err);
}
