/* Whether the record can be believed: readable, of our form, of this image, signed by who
 * may. */
#include "config.h"

#include "gate/judge.h"

#include "gate/findings.h"
#include "gate/glob.h"
#include "gate/record.h"

#include <string.h>

#include "base/banned.h"

/* --- whether there is one --- */

static bool judge_state(struct judge *j)
{
	const char *why = j->in->record_why ? j->in->record_why : "no more is known";

	switch (j->in->record_state) {
	case RECORD_GOOD:
		if (j->in->record)
			return true;
		judge_add(j, E_INTERNAL, "a good record that isn't there");
		return false;
	case RECORD_ABSENT:
		if (j->request->digest) /* else E_DIGEST_UNRESOLVED says what is wrong */
			judge_add(j, E_NOT_SCANNED, "%s", j->request->digest);
		return false;
	case RECORD_UNREADABLE:
		judge_add(j, E_STORE, "%s", why);
		return false;
	case RECORD_CORRUPT:
		judge_add(j, E_RECORD_CORRUPT, "%s", why);
		return false;
	case RECORD_WRONG_TYPE:
		judge_add(j, E_PREDICATE_TYPE, "%s", why);
		return false;
	case RECORD_UNSIGNED:
	case RECORD_BAD_SIGNATURE:
		judge_add(j, E_SIGNATURE, "%s", why);
		return false;
	}
	judge_add(j, E_INTERNAL, "record state %d", (int)j->in->record_state);
	return false;
}

/* --- its parts --- */

static const char *unsound(const struct record *record)
{
	uint64_t counted[CLASS_COUNT][SEVERITY_COUNT];

	if (!record->scans.n)
		return "it names no scan";
	for (size_t i = 0; i < record->scans.n; i++)
		if (!record->scans.items[i].tool || record->scans.items[i].classes >> CLASS_COUNT)
			return "a scan without a tool or of an unknown class";
	for (size_t i = 0; i < record->findings.n; i++)
		if (!finding_is_valid(&record->findings.items[i]))
			return "a finding of unknown class, severity or state";
	for (size_t i = 0; i < record->vex.n; i++)
		if (!record->vex.items[i].vulnerability ||
		    (unsigned)record->vex.items[i].status > VEX_INVESTIGATED)
			return "a VEX statement of unknown status";
	record_count(record, counted);
	return memcmp(counted, record->counted, sizeof(counted)) != 0
		       ? "its summary differs from its findings"
		       : NULL;
}

/* arm64 has one variant that images may leave out. */
static bool is_same_platform(const char *a, const char *b)
{
	static const char arm64[] = "linux/arm64";
	size_t n = sizeof(arm64) - 1;

	if (!strcmp(a, b))
		return true;
	return !strncmp(a, arm64, n) && !strncmp(b, arm64, n) && (!a[n] || !strcmp(a + n, "/v8")) &&
	       (!b[n] || !strcmp(b + n, "/v8"));
}

static void judge_platform(struct judge *j, const char *recorded)
{
	const char *wanted =
		j->request->platform ? j->request->platform : j->request->host_platform;

	if (wanted && recorded) {
		if (!is_same_platform(wanted, recorded))
			judge_add(j, E_PLATFORM, "%s scanned, %s started", recorded, wanted);
	} else if (j->policy->require_platform) {
		judge_add(j, E_PLATFORM, "%s",
			  recorded ? "which one is started isn't known"
				   : "the record doesn't say which");
	}
}

/* --- who signed --- */

static bool is_first(const signer_list *signers, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (signers->items[i].keyid &&
		    !strcmp(signers->items[i].keyid, signers->items[at].keyid))
			return false;
	return true;
}

static bool speaks_for(const struct judge *j, const struct signer *signer, unsigned roles)
{
	return signer->keyid && (signer->roles & roles) && !signer->revoked &&
	       !signer->out_of_time &&
	       (!signer->scopes.n || glob_match_any(&signer->scopes, j->request->repository));
}

bool judge_signed(const struct judge *j, const signer_list *signers, unsigned roles)
{
	for (size_t i = 0; i < signers->n; i++)
		if (speaks_for(j, &signers->items[i], roles))
			return true;
	return false;
}

static void judge_threshold(struct judge *j, const signer_list *signers, unsigned role,
			    const char *name, uint32_t wanted)
{
	uint32_t n = 0;

	for (size_t i = 0; i < signers->n; i++)
		n += speaks_for(j, &signers->items[i], role) && is_first(signers, i);
	if (n >= wanted)
		return;
	if (!n)
		judge_add(j, E_SIGNER_ROLE, "none of %zu keys may sign as %s here and now",
			  signers->n, name);
	if (n || wanted > 1)
		judge_add(j, E_THRESHOLD, "%s %u < %u", name, n, wanted);
}

static void judge_signers(struct judge *j)
{
	static const signer_list none;
	const signer_list *signers = j->in->signers ? j->in->signers : &none;
	const struct gate_policy *policy = j->policy;

	for (size_t i = 0; i < signers->n; i++)
		if (signers->items[i].revoked)
			judge_add(j, E_REVOKED_KEY, "%s",
				  signers->items[i].keyid ? signers->items[i].keyid : "?");
	if (!policy->signers_required)
		return;
	if (!signers->n) {
		judge_add(j, E_SIGNATURE, "no key of the site's has signed it");
		return;
	}
	judge_threshold(j, signers, ROLE_RECORDER, "recorder",
			policy->threshold_recorder ? policy->threshold_recorder : 1);
	judge_threshold(j, signers, ROLE_SCANNER, "scanner", policy->threshold_scanner);
}

void judge_record(struct judge *j)
{
	const struct record *record = j->in->record;
	const char *why;

	if (!judge_state(j))
		return;
	judge_signers(j);
	why = unsound(record);
	if (why) {
		judge_add(j, E_RECORD_CORRUPT, "%s", why);
		judge_malware(j, &record->findings);
		return;
	}
	if (!record->image.config ||
	    (j->request->digest && strcmp(record->image.config, j->request->digest) != 0)) {
		judge_add(j, E_SUBJECT_MISMATCH, "it is of %s",
			  record->image.config ? record->image.config : "no image");
		return;
	}
	judge_platform(j, record->image.platform);
	j->record = record;
}
