/* The decision: for each code a request that is admitted and the same spoilt in one place;
 * what may let it stand does, and what may not doesn't.  Times, who deploys and what was
 * found are test_gate_decide_time.c's, test_gate_decide_deployer.c's and
 * test_gate_findings.c's.
 */
#include "config.h"

#include "gate_case.h"

/* --- the gate itself --- */

static void test_good(void)
{
	world_good(&w);
	allows("the request that all others are made of");
	is_int(w.result.n_reasons, 0, "without a reason");
	w.in.policy = NULL;
	denies(E_POLICY_INVALID, "no policy");
	w.in.policy_why = "key 'x' is unknown";
	denies(E_POLICY_INVALID, "a wrong policy");
	tells(E_POLICY_INVALID, "key 'x' is unknown");
	is_int(w.result.n_reasons, 1, "and nothing else");
	world_good(&w);
	w.in.request = NULL;
	denies(E_INTERNAL, "no request");
	world_good(&w);
	w.in.record = NULL;
	denies(E_INTERNAL, "a good record that isn't there");
	world_good(&w);
	w.in.record_state = (enum record_state)99;
	denies(E_INTERNAL, "an unknown state");
	world_good(&w);
	w.in.record_state = RECORD_UNREADABLE;
	w.in.record_why = "records: EIO";
	spoilt(E_STORE, "a record that can't be read", true);
	is_int(gate_code_info(E_TIMEOUT)->exit_status, 14, "E_TIMEOUT is the hook's own, and denies");
	ok(!(gate_code_info(E_TIMEOUT)->waivable_by), "E_TIMEOUT: by nobody");
}

/* --- identity --- */

static void test_identity(void)
{
	world_good(&w);
	w.request.digest = NULL;
	w.request.unresolved_why = "the image's name is a tag";
	denies(E_DIGEST_UNRESOLVED, "no digest");
	tells(E_DIGEST_UNRESOLVED, "the image's name is a tag");
	spoilt(E_DIGEST_UNRESOLVED, "no digest", true);

	w.request.digest = "sha256:ABC";
	spoilt(E_DIGEST_SYNTAX, "no digest of ours", true);
	w.request.manifest = "latest";
	spoilt(E_DIGEST_SYNTAX, "a manifest's that is none", true);

	w.list[0] = OTHER;
	w.request.contradicting = (struct str_list){w.list, 1, 1};
	spoilt(E_DIGEST_MISMATCH, "another source says another image (c8s 236)", true);
	w.list[0] = MANIFEST;
	w.request.contradicting = (struct str_list){w.list, 1, 1};
	allows("another source says the same by its manifest");
	w.list[0] = INDEX;
	denies(E_DIGEST_MISMATCH, "an index's digest that the record doesn't know");
	w.list[1] = INDEX;
	w.record.image.indexes = (struct str_list){w.list + 1, 1, 1};
	allows("an index's digest that the record knows");
	w.record.image.config = OTHER;
	denies(E_DIGEST_MISMATCH, "an index's digest that another image's record knows");
	w.record.image.config = NULL;
	denies(E_DIGEST_MISMATCH, "or one of no image");
	w.in.record_state = RECORD_ABSENT;
	w.in.record = NULL;
	denies(E_DIGEST_MISMATCH, "or none");
	world_good(&w);
	w.request.manifest = NULL;
	w.list[0] = MANIFEST;
	w.request.contradicting = (struct str_list){w.list, 1, 1};
	allows("a manifest's digest that only the record knows");
	w.list[0] = IMAGE;
	allows("the same digest");
	world_good(&w);

	w.request.source = IDENTITY_NONE;
	spoilt(E_IDENTITY_SOURCE, "from nowhere", true);
	w.policy.identity_accept = 1u << IDENTITY_PINNED;
	spoilt(E_IDENTITY_SOURCE, "from a source that isn't accepted", true);
	w.request.source = (enum identity_source)7;
	spoilt(E_IDENTITY_SOURCE, "from an unknown source", true);
	w.request.source = IDENTITY_PINNED;
	allows("pinned");
}

static void test_permit_identity(void)
{
	struct permission *p;

	world_good(&w);
	w.request.source = IDENTITY_PERMIT;
	denies(E_IDENTITY_SOURCE, "permits aren't accepted by default");
	w.policy.identity_accept |= 1u << IDENTITY_PERMIT;
	denies(E_DIGEST_UNRESOLVED, "a digest that no permit names");
	p = world_permission(&w, PERMISSION_PERMIT, ROLE_APPROVER);
	allows("E_DIGEST_UNRESOLVED waived by a permit");
	p->expires = NOW;
	denies(E_DIGEST_UNRESOLVED, "a permit that is over");
	p->expires = NOW + 1;
	w.permitters[0].roles = ROLE_RECORDER;
	denies(E_DIGEST_UNRESOLVED, "a permit of a key without the role");
	w.permitters[0].roles = ROLE_APPROVER;
	w.images[0] = OTHER;
	denies(E_DIGEST_UNRESOLVED, "a permit for another image");
}

static void test_classes(void)
{
	static const enum subject_class others[] = {SUBJECT_ROOTFS, SUBJECT_BUILD, SUBJECT_BUNDLE};

	for (size_t i = 0; i < ARRAY_LEN(others); i++) {
		world_good(&w);
		w.request.subject = others[i];
		w.request.digest = NULL;
		w.in.record_state = RECORD_ABSENT;
		spoilt(E_CLASS_REFUSED, "no image", true);
		w.request.subject = others[i];
		w.request.digest = NULL;
		w.policy.classes_allowed = 1u << others[i];
		w.in.record_state = RECORD_ABSENT;
		allows("a class that the policy lets in");
		w.policy.classes_allowed = ~(1u << others[i]);
		denies(E_CLASS_REFUSED, "all classes but this one");
	}
	world_good(&w);
	w.request.subject = SUBJECT_UNKNOWN;
	w.policy.classes_allowed = ~0u;
	denies(E_CLASS_REFUSED, "the unknown class, whatever the policy says");
	w.request.subject = (enum subject_class)31;
	denies(E_CLASS_REFUSED, "a class that doesn't exist");

	world_good(&w);
	w.request.subject = SUBJECT_PAUSE;
	w.request.digest = PAUSE;
	w.in.record_state = RECORD_ABSENT;
	denies(E_NOT_SCANNED, "a pause image that isn't listed is an image");
	w.list[0] = PAUSE;
	w.policy.pause_digests = (struct str_list){w.list, 1, 1};
	allows("a pause image that is listed");
	w.in.record_state = RECORD_UNREADABLE;
	denies(E_STORE, "whether it is revoked can't be read");
	w.in.record_state = RECORD_ABSENT;
	w.request.digest = NULL;
	allows("the host's own pause program, known by content");
	w.request.digest = PAUSE;
	w.in.image_revoked = true;
	denies(E_REVOKED_IMAGE, "a pause image that is revoked");
	w.in.image_revoked = false;
	w.request.subject = SUBJECT_IMAGE;
	denies(E_NOT_SCANNED, "its digest alone doesn't make an image a pause image");
}

/* --- revoked, denied, allowed --- */

static void test_revoked(void)
{
	world_good(&w);
	w.in.image_revoked = true;
	spoilt(E_REVOKED_IMAGE, "the image", false);
	w.in.record_revoked = true;
	spoilt(E_REVOKED_RECORD, "the record", false);
	w.signers[0].revoked = true;
	spoilt(E_REVOKED_KEY, "its only key", false);
	w.signers[1].revoked = true;
	w.signer_list.n = 2;
	spoilt(E_REVOKED_KEY, "one key of two", false);
	w.policy.signers_required = false;
	w.signers[0].revoked = true;
	denies(E_REVOKED_KEY, "also where no signature is required");
}

static void test_lists(void)
{
	world_good(&w);
	w.list[0] = IMAGE;
	w.policy.deny_digests = (struct str_list){w.list, 1, 1};
	spoilt(E_DENYLISTED, "by config digest", false);
	w.list[0] = MANIFEST;
	w.policy.deny_digests = (struct str_list){w.list, 1, 1};
	spoilt(E_DENYLISTED, "by manifest digest", false);
	w.list[0] = INDEX;
	w.policy.deny_digests = w.record.image.indexes = (struct str_list){w.list, 1, 1};
	spoilt(E_DENYLISTED, "by index digest", false);
	w.list[0] = "registry.example.com/prod/*";
	w.policy.deny_repositories = (struct str_list){w.list, 1, 1};
	spoilt(E_DENYLISTED, "by repository", false);
	w.list[0] = "registry.example.com/test/*";
	w.policy.deny_repositories = (struct str_list){w.list, 1, 1};
	allows("another repository is denied");
	w.request.repository = NULL;
	denies(E_DENYLISTED, "repositories are denied and this one isn't known");

	world_good(&w);
	w.policy.allow = ALLOW_DIGEST;
	spoilt(E_NOT_ALLOWED, "no digest is listed", true);
	w.policy.allow = ALLOW_DIGEST;
	w.list[0] = MANIFEST;
	w.policy.allow_digests = (struct str_list){w.list, 1, 1};
	allows("by manifest digest");
	w.policy.allow = ALLOW_BOTH;
	denies(E_NOT_ALLOWED, "both wants the repository, too");
	w.list[1] = "registry.example.com/*";
	w.policy.allow_repositories = (struct str_list){w.list + 1, 1, 1};
	allows("both");
	w.policy.allow = ALLOW_REPOSITORY;
	w.request.repository = NULL;
	denies(E_NOT_ALLOWED, "a repository that isn't known");
	w.request.subject = SUBJECT_BUNDLE;
	w.policy.classes_allowed = 1u << SUBJECT_BUNDLE;
	allows("lists of images are not for what is none");
	world_good(&w);
	w.policy.allow = (enum allow_mode)9;
	denies(E_NOT_ALLOWED, "an unknown mode");
}

/* --- the record --- */

static void test_record(void)
{
	static const struct { enum record_state state; int code; } states[] = {
		{RECORD_ABSENT, E_NOT_SCANNED}, {RECORD_CORRUPT, E_RECORD_CORRUPT}, {RECORD_WRONG_TYPE, E_PREDICATE_TYPE},
		{RECORD_UNSIGNED, E_SIGNATURE}, {RECORD_BAD_SIGNATURE, E_SIGNATURE}};

	world_good(&w);
	for (size_t i = 0; i < ARRAY_LEN(states); i++) {
		w.in.record_state = states[i].state;
		w.in.record = NULL;
		spoilt(states[i].code, "as it was read", true);
	}
	w.record.image.config = OTHER;
	spoilt(E_SUBJECT_MISMATCH, "another image's", true);
	w.record.counted[CLASS_VULN][SEVERITY_HIGH] = 1;
	spoilt(E_RECORD_CORRUPT, "a summary that isn't the findings'", true);
	w.record.scans.n = 0;
	spoilt(E_RECORD_CORRUPT, "no scan", true);
	w.scans[0].classes |= 1u << 30;
	spoilt(E_RECORD_CORRUPT, "an unknown class", true);
	(void)world_finding(&w, CLASS_VULN, (enum severity)9, "CVE-2026-1");
	denies(E_RECORD_CORRUPT, "an unknown severity");
	world_good(&w);
	world_finding(&w, CLASS_VULN, SEVERITY_LOW, "CVE-2026-1")->fix = (enum fix_state)9;
	denies(E_RECORD_CORRUPT, "an unknown state of the fix");
	world_good(&w);
	(void)world_finding(&w, CLASS_NONE, SEVERITY_LOW, "CVE-2026-1");
	denies(E_RECORD_CORRUPT, "a finding without a class");
	world_good(&w);
	w.vex[0] = (struct vex_statement){.vulnerability = "CVE-2026-1", .status = (enum vex_status)9};
	w.record.vex.n = 1;
	denies(E_RECORD_CORRUPT, "a VEX statement of unknown status");
	world_good(&w);

	w.record.image.platform = "linux/arm64";
	spoilt(E_PLATFORM, "another platform's", true);
	w.record.image.platform = NULL;
	spoilt(E_PLATFORM, "the record doesn't say which", true);
	w.request.platform = w.request.host_platform = NULL;
	spoilt(E_PLATFORM, "nobody says which is started", true);
	w.record.image.platform = NULL;
	w.policy.require_platform = false;
	allows("where the policy doesn't ask");
	w.record.image.platform = "linux/arm64/v8";
	w.request.platform = "linux/arm64";
	allows("arm64 has one variant");
	w.record.image.platform = "linux/arm64";
	w.request.platform = "linux/arm64/v8";
	allows("that either may leave out");
	w.record.image.platform = "linux/arm64/v9";
	denies(E_PLATFORM, "another variant");
	w.record.image.platform = "linux/arm64/v8";
	w.request.platform = "linux/arm64/v9";
	denies(E_PLATFORM, "another variant");
	w.record.image.platform = "linux/arm/v7";
	w.request.platform = "linux/arm";
	denies(E_PLATFORM, "arm has several");
}

static void test_signers(void)
{
	world_good(&w);
	w.signer_list.n = 0;
	spoilt(E_SIGNATURE, "no key of ours", true);
	w.in.signers = NULL;
	denies(E_SIGNATURE, "no list of signers");
	w.policy.signers_required = false;
	allows("where none is required");
	world_good(&w);
	w.signers[0].roles = ROLE_APPROVER | ROLE_VEX;
	spoilt(E_SIGNER_ROLE, "a key without the role", true);
	w.signers[0].out_of_time = true;
	denies(E_SIGNER_ROLE, "one of one");
	ok(!world_reason(&w, E_THRESHOLD), "the threshold of one isn't told besides");
	w.policy.threshold_recorder = 2;
	denies(E_SIGNER_ROLE, "none of two");
	tells(E_THRESHOLD, "recorder 0 < 2");
	w.policy.threshold_recorder = 1;
	spoilt(E_SIGNER_ROLE, "a key outside of its time", true);
	w.list[0] = "registry.example.com/test/*";
	w.signers[0].scopes = (struct str_list){w.list, 1, 1};
	spoilt(E_SIGNER_ROLE, "a key outside of its scope", true);
	w.list[0] = "registry.example.com/prod/*";
	w.signers[0].scopes = (struct str_list){w.list, 1, 1};
	allows("a key within its scope");
	w.request.repository = NULL;
	denies(E_SIGNER_ROLE, "a key with a scope, and the repository isn't known");
	world_good(&w);
	w.policy.threshold_recorder = 2;
	spoilt(E_THRESHOLD, "one of two", true);
	w.policy.threshold_recorder = 2;
	w.signers[1] = w.signers[0];
	w.signer_list.n = 2;
	denies(E_THRESHOLD, "the same key twice is one");
	tells(E_THRESHOLD, "recorder 1 < 2");
	w.signers[1].keyid = "k2";
	allows("two keys");
	w.policy.threshold_scanner = 2;
	w.signers[1].roles = ROLE_RECORDER;
	denies(E_THRESHOLD, "one scanner of two");
	w.policy.threshold_scanner = 1;
	w.signers[0].roles = ROLE_RECORDER;
	denies(E_SIGNER_ROLE, "no scanner");
	world_good(&w);
	w.policy.threshold_recorder = 0;
	w.signers[0].roles = ROLE_SCANNER;
	denies(E_SIGNER_ROLE, "a threshold of none is one");
}

/* --- coverage --- */

/* A waiver for a code, for one thing, and that it counts for nothing else. */
static void waived(int code, const char *package)
{
	struct permission *p = world_permission(&w, PERMISSION_WAIVER, ROLE_WAIVER);

	p->finding = gate_code_info(code)->name;
	p->package = package;
	ok(is_decided(GATE_ALLOW, W_EXCEPTION_USED), "%s: waived", gate_code_info(code)->name);
	p->package = "something else";
	denies(code, "a waiver for something else");
	p->package = package;
	p->expires = NOW;
	ok(is_decided(GATE_DENY, W_EXCEPTION_EXPIRED), "%s: a waiver that has expired", gate_code_info(code)->name);
	p->expires = NOW + 1;
	p->signers.n = 0;
	denies(code, "a waiver that isn't signed");
	p->signers.n = 1;
	p->owner = NULL;
	denies(code, "a waiver without an owner");
	w.permission_list.n = 0;
}

static void uncovered(int code, const char *package, const char *name)
{
	struct world kept = w;

	denies(code, name);
	waived(code, package);
	w = kept;
	world_tie(&w);
	spoilt(code, name, true);
}

static void test_coverage(void)
{
	world_good(&w);
	w.policy.require_classes |= 1u << CLASS_MISCONFIG;
	uncovered(E_CLASS_MISSING, "misconfig", "misconfiguration wasn't looked for");
	w.policy.require_classes |= 1u << 20;
	denies(E_CLASS_MISSING, "a class that doesn't exist");
	world_good(&w);
	w.scans[0].complete = false;
	w.scans[0].incomplete_why = "--only-fixed";
	denies(E_SCAN_INCOMPLETE, "with what it left out");
	tells(E_SCAN_INCOMPLETE, "trivy: --only-fixed");
	uncovered(E_SCAN_INCOMPLETE, "trivy", "something was left out");
	w.scans[0].complete = false;
	w.policy.require_complete = false;
	allows("where the policy doesn't ask");
	world_good(&w);
	w.scans[0].os_family = NULL;
	uncovered(E_OS_UNKNOWN, "trivy", "an unsupported system looks clean (trivy 8256)");
	w.scans[0].os_end_of_life = true;
	uncovered(E_OS_EOL, "trivy", "a system without updates");
	w.list[0] = "grype";
	w.policy.require_tools = (struct str_list){w.list, 1, 1};
	uncovered(E_TOOL_MISSING, "grype", "a tool that didn't run");
	w.policy.min_tools = 3;
	denies(E_TOOL_MISSING, "two tools of three");
	tells(E_TOOL_MISSING, "2 < 3 fresh");
	w.policy.min_tools = 2;
	allows("two tools");
	w.scans[1].scanned_at = NOW - 8 * DAY_S;
	denies(E_TOOL_MISSING, "one of them long ago");
	w.scans[1].scanned_at = NOW - 7 * DAY_S;
	allows("one of them just in time");
	world_good(&w);
	w.list[0] = "clamav";
	w.policy.require_tools = (struct str_list){w.list, 1, 1};
	w.scans[1].scanned_at = NOW - 8 * DAY_S;
	denies(E_SCAN_STALE, "a tool that is required must be fresh");
	w.scans[1].scanned_at = NOW - DAY_S;
	w.scans[1].complete = false;
	denies(E_SCAN_INCOMPLETE, "and have looked at all of it, beside another that has");
	w.record.scans.n = 3;
	w.scans[2] = w.scans[1];
	w.scans[2].complete = true;
	w.scans[2].scanned_at = NOW - 2 * DAY_S;
	allows("its complete scan counts, not a newer one that left something out");
	w.scans[2].scanned_at = NOW - 8 * DAY_S;
	denies(E_SCAN_STALE, "which must be fresh");
}

/* --- scopes; many reasons --- */

static void test_scopes(void)
{
	static struct gate_policy strict, stricter;
	struct tightening scopes[2] = {{.namespace_glob = "prod*", .policy = &strict}, {.repository_glob = "registry.example.com/*", .policy = &stricter}};

	world_good(&w);
	strict = stricter = w.policy;
	strict.max_scan_age_s = 3600;
	stricter.require_classes |= 1u << CLASS_MISCONFIG;
	w.policy.scopes.items = scopes;
	w.policy.scopes.n = 1;
	denies(E_SCAN_STALE, "in its scope");
	w.request.namespace_name = "test";
	allows("outside of it");
	w.request.namespace_name = "production";
	w.policy.scopes.n = 2;
	denies(E_SCAN_STALE, "the first of two scopes");
	ok(world_reason(&w, E_CLASS_MISSING), "and the second");
	w.request.namespace_name = NULL;
	w.request.repository = NULL;
	denies(E_CLASS_MISSING, "a repository that isn't known is in every scope");
	w.policy.mode = strict.mode = stricter.mode = GATE_AUDIT;
	w.request.namespace_name = "prod";
	ok(is_decided(GATE_ALLOW_AUDIT, E_CLASS_MISSING), "mode audit in both");
	strict.mode = GATE_ENFORCE;
	denies(E_CLASS_MISSING, "one that enforces is enough");
	strict.breakglass = true;
	(void)world_permission(&w, PERMISSION_BREAKGLASS, ROLE_BREAKGLASS);
	denies(E_CLASS_MISSING, "a break-glass must be good in each");
}

static void test_many(void)
{
	static const char *many[40];
	static char names[40][8];

	world_good(&w);
	for (size_t i = 0; i < ARRAY_LEN(many); i++) {
		(void)snprintf(names[i], sizeof(names[i]), "tool%zu", i);
		many[i] = names[i];
	}
	w.policy.require_tools = (struct str_list){many, 40, 40};
	denies(E_TOOL_MISSING, "forty of them");
	is_int(w.result.n_reasons, GATE_REASONS_MAX, "as many as fit");
	ok(w.result.more, "and there were more");
	w.in.image_revoked = true;
	denies(E_REVOKED_IMAGE, "what is more important has room");
	is_int(w.result.reasons[0].code, E_REVOKED_IMAGE, "and is told first");
	(void)world_permission(&w, PERMISSION_BREAKGLASS, ROLE_BREAKGLASS);
	for (unsigned i = 1; i < w.result.n_reasons; i++)
		if (w.result.reasons[i - 1].code > w.result.reasons[i].code)
			ok(false, "reasons are by code");
	world_good(&w);
	world_finding(&w, CLASS_VULN, SEVERITY_HIGH, "CVE-2026-1")->package =
		"a-name-that-is-very-long-a-name-that-is-very-long-a-name-that-is-very-long-a-name-that-is-very-long";
	denies(E_VULN, "a long name");
	tells(E_VULN, "high 1 > 0 (CVE-2026-1, ...)");
}

int main(void)
{
	test_good();
	test_identity();
	test_permit_identity();
	test_classes();
	test_revoked();
	test_lists();
	test_record();
	test_signers();
	test_coverage();
	test_scopes();
	test_many();
	return tap_done();
}
