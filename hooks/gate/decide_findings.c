/* What was found, against the policy's numbers: malware, denied CVEs, known exploited ones,
 * counts by class and severity; and what VEX statements, waivers and missing fixes take out
 * of the count.
 */
#include "config.h"

#include "gate/judge.h"

#include "base/rfc3339.h"
#include "gate/findings.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/banned.h"

/* --- VEX --- */

static bool is_known_justification(const char *label)
{
	static const char *const labels[] = {
		/* OpenVEX */
		"component_not_present",
		"vulnerable_code_not_present",
		"vulnerable_code_not_in_execute_path",
		"vulnerable_code_cannot_be_controlled_by_adversary",
		"inline_mitigations_already_exist",
		/* CycloneDX */
		"code_not_present",
		"code_not_reachable",
		"requires_configuration",
		"requires_dependency",
		"requires_environment",
		"protected_by_compiler",
		"protected_at_runtime",
		"protected_at_perimeter",
		"protected_by_mitigating_control",
	};

	for (size_t i = 0; label && i < ARRAY_LEN(labels); i++)
		if (!strcmp(labels[i], label))
			return true;
	return false;
}

static bool has_vex_role(const struct judge *j, const char *keyid)
{
	const signer_list *keys = j->in->keys;

	for (size_t i = 0; keyid && keys && i < keys->n; i++)
		if (keys->items[i].keyid && !strcmp(keys->items[i].keyid, keyid)) {
			signer_list one = {&keys->items[i], 1, 1};
			return judge_signed(j, &one, ROLE_VEX);
		}
	return false;
}

static bool is_about(const struct judge *j, const struct vex_statement *vex,
		     const struct finding *finding)
{
	const struct record_image *image = &j->record->image;

	if (strcmp(vex->vulnerability, finding->id) != 0 &&
	    !(finding->alias && !strcmp(vex->vulnerability, finding->alias)))
		return false;
	return !vex->product || !strcmp(vex->product, image->config) ||
	       (image->manifest && !strcmp(vex->product, image->manifest)) ||
	       (finding->purl && !strcmp(vex->product, finding->purl));
}

static bool is_suppressing(const struct vex_statement *vex)
{
	return vex->status == VEX_FIXED ||
	       (vex->status == VEX_NOT_AFFECTED && is_known_justification(vex->justification));
}

static bool is_current(const struct judge *j, const struct vex_statement *vex,
		       const struct finding *finding)
{
	int64_t age = seconds_between(j->in->now, vex->at);

	return vex->at > 0 && age <= j->policy->vex_max_age_s && age >= -j->policy->clock_skew_s &&
	       vex->at > finding->published;
}

/* The statement that takes the finding out, or NULL.  Whoever says the contrary later, or
 * at the same time, wins, signed or not. */
static const struct vex_statement *vex_for(const struct judge *j, const struct finding *finding)
{
	const vex_list *list = &j->record->vex;
	const struct vex_statement *found = NULL;
	int64_t contrary = INT64_MIN;

	if (!j->policy->vex_accept || finding->scan_class != CLASS_VULN)
		return NULL;
	for (size_t i = 0; i < list->n; i++) {
		const struct vex_statement *vex = &list->items[i];

		if (!is_about(j, vex, finding))
			continue;
		if (!is_suppressing(vex))
			contrary = vex->at > contrary ? vex->at : contrary;
		else if ((!found || vex->at > found->at) && is_current(j, vex, finding) &&
			 has_vex_role(j, vex->signer))
			found = vex;
	}
	return found && found->at > contrary ? found : NULL;
}

/* --- what counts --- */

static bool is_unfixed(const struct judge *j, const struct finding *finding)
{
	const struct gate_policy *policy = j->policy;

	if (!policy->ignore_unfixed || finding->scan_class != CLASS_VULN ||
	    (finding->fix != FIX_NONE && finding->fix != FIX_WONT))
		return false;
	/* Without a date of publication the time isn't known to be left. */
	return policy->unfixed_grace_s <= 0 ||
	       (finding->published > 0 &&
		seconds_between(j->in->now, finding->published) <= policy->unfixed_grace_s);
}

/* A fix that doesn't exist excuses a hole, but not one that is being used. */
static bool is_counted(const struct judge *j, const struct finding *finding, bool exploited)
{
	if (exploited)
		return finding->known_exploited && finding->scan_class == CLASS_VULN &&
		       !vex_for(j, finding) && !judge_is_waived(j, finding);
	return !is_unfixed(j, finding) && !vex_for(j, finding) && !judge_is_waived(j, finding);
}

/* It counts, and no earlier one that counts is the same hole. */
static bool is_new(const struct judge *j, size_t at, bool exploited)
{
	const struct finding *items = j->record->findings.items;

	if (!is_counted(j, &items[at], exploited))
		return false;
	for (size_t i = at; i-- > 0;) {
		if (finding_is_same(&items[i], &items[at])) {
			if (is_counted(j, &items[i], exploited))
				return false;
		} else if (j->sorted) {
			break;
		}
	}
	return true;
}

/* --- naming them --- */

struct names {
	char text[GATE_REASON_TEXT];
	size_t used;
	bool full;
};

static void add_name(struct names *names, const struct finding *f)
{
	char one[GATE_REASON_TEXT];
	int n = snprintf(one, sizeof(one), "%s%s%s%s%s%s%s%s", names->used ? ", " : "",
			 finding_name(f), f->package ? " " : "", f->package ? f->package : "",
			 f->version ? " " : "", f->version ? f->version : "",
			 f->fixed_version ? " fixed " : "",
			 f->fixed_version ? f->fixed_version : "");

	if (names->full)
		return;
	/* The reason's own words come before, ", ...)" comes behind. */
	if (n < 0 || (size_t)n >= sizeof(one) || names->used + (size_t)n > 100) {
		names->full = true;
		if (!names->used) /* one that is long: its name at least */
			names->used = (size_t)snprintf(names->text, sizeof(names->text), "%.90s",
						       finding_name(f));
		return;
	}
	memcpy(names->text + names->used, one, (size_t)n + 1);
	names->used += (size_t)n;
}

static const char *more(const struct names *names)
{
	return names->full ? ", ..." : "";
}

/* --- the judgements --- */

static int code_of(enum scan_class scan_class)
{
	return scan_class == CLASS_VULN     ? E_VULN
	       : scan_class == CLASS_SECRET ? E_SECRET
					    : E_MISCONFIG;
}

static void tell_over(struct judge *j, enum scan_class scan_class, enum severity severity,
		      uint64_t n, int64_t limit)
{
	const finding_list *findings = &j->record->findings;
	struct names names = {.used = 0};

	for (size_t i = 0; i < findings->n && !names.full; i++)
		if (findings->items[i].scan_class == scan_class &&
		    findings->items[i].severity == severity && is_new(j, i, false))
			add_name(&names, &findings->items[i]);
	judge_add(j, code_of(scan_class), "%s %" PRIu64 " > %" PRId64 " (%s%s)",
		  severity_name(severity), n, limit, names.text, more(&names));
}

static void judge_counts(struct judge *j)
{
	const finding_list *findings = &j->record->findings;
	uint64_t counts[CLASS_COUNT][SEVERITY_COUNT] = {{0}};

	for (size_t i = 0; i < findings->n; i++) {
		const struct finding *f = &findings->items[i];

		if (f->scan_class != CLASS_MALWARE &&
		    j->policy->limit[f->scan_class][f->severity] != NO_LIMIT)
			counts[f->scan_class][f->severity] += is_new(j, i, false);
	}
	for (int c = CLASS_NONE + 1; c < CLASS_COUNT; c++)
		for (int s = SEVERITY_COUNT - 1; s >= 0; s--) {
			int64_t limit = j->policy->limit[c][s];

			if (counts[c][s] && (limit < 0 || counts[c][s] > (uint64_t)limit))
				tell_over(j, (enum scan_class)c, (enum severity)s, counts[c][s],
					  limit);
		}
}

static void judge_exploited(struct judge *j)
{
	const finding_list *findings = &j->record->findings;
	int64_t limit = j->policy->limit_known_exploited;
	struct names names = {.used = 0};
	uint64_t n = 0;

	if (limit == NO_LIMIT)
		return;
	for (size_t i = 0; i < findings->n; i++)
		if (findings->items[i].known_exploited && is_new(j, i, true)) {
			add_name(&names, &findings->items[i]);
			n++;
		}
	if (n && (limit < 0 || n > (uint64_t)limit))
		judge_add(j, E_KEV, "%" PRIu64 " > %" PRId64 " (%s%s)", n, limit, names.text,
			  more(&names));
}

static bool is_denied(const struct judge *j, const struct finding *finding)
{
	const struct str_list *denied = &j->policy->deny_cves;

	return str_list_has(denied, finding->id) || str_list_has(denied, finding->alias);
}

void judge_malware(struct judge *j, const finding_list *findings)
{
	struct names names = {.used = 0};
	bool found = false;

	for (size_t i = 0; i < findings->n; i++)
		if (findings->items[i].scan_class == CLASS_MALWARE) {
			add_name(&names, &findings->items[i]);
			found = true;
		}
	if (found)
		judge_add(j, E_MALWARE, "%s%s", names.text, more(&names));
}

static void judge_denied_cves(struct judge *j)
{
	const finding_list *findings = &j->record->findings;
	struct names names = {.used = 0};

	for (size_t i = 0; i < findings->n; i++)
		if (is_denied(j, &findings->items[i]))
			add_name(&names, &findings->items[i]);
	if (names.used)
		judge_add(j, E_CVE_DENIED, "%s%s", names.text, more(&names));
}

/* --- what was let stand --- */

static bool is_limited(const struct judge *j, const struct finding *f)
{
	return f->scan_class != CLASS_MALWARE &&
	       (j->policy->limit[f->scan_class][f->severity] != NO_LIMIT ||
		(f->known_exploited && j->policy->limit_known_exploited != NO_LIMIT));
}

static void tell_waiver(struct judge *j, const struct permission *p, bool own)
{
	const finding_list *findings = &j->record->findings;
	char until[RFC3339_SIZE];

	for (size_t i = 0; i < findings->n; i++) {
		const struct finding *f = &findings->items[i];

		if (!is_limited(j, f) || !permission_waives(j, p, own, f))
			continue;
		rfc3339_format(p->expires, until);
		judge_add(j, permission_is_over(j, p) ? W_EXCEPTION_EXPIRED : W_EXCEPTION_USED,
			  "%s: %s until %s, %s", p->id ? p->id : "?", p->finding, until, p->owner);
		return;
	}
}

static void tell_suppressed(struct judge *j)
{
	const finding_list *findings = &j->record->findings;
	struct names names = {.used = 0};
	const struct permission *p;
	uint64_t n = 0;
	bool own;

	for (size_t i = 0; j->record->vex.n && i < findings->n; i++)
		if (is_limited(j, &findings->items[i]) && vex_for(j, &findings->items[i])) {
			add_name(&names, &findings->items[i]);
			n++;
		}
	if (n)
		judge_add(j, W_VEX_USED, "%" PRIu64 " (%s%s)", n, names.text, more(&names));
	for (size_t i = 0; judge_permission(j, i, &p, &own); i++)
		tell_waiver(j, p, own);
}

void judge_findings(struct judge *j)
{
	judge_malware(j, &j->record->findings);
	judge_denied_cves(j);
	judge_exploited(j);
	judge_counts(j);
	tell_suppressed(j);
}
