/* The decision on what was found: counts, malware, denied and exploited ones, missing fixes,
 * VEX, waivers.
 */
#include "config.h"

#include "gate_case.h"

/* --- findings --- */

static void finding(int code, enum scan_class scan_class, enum severity severity)
{
	struct permission *p;

	world_good(&w);
	(void)world_finding(&w, scan_class, severity, "X-1");
	denies(code, "one is too many");
	p = world_permission(&w, PERMISSION_WAIVER, ROLE_WAIVER);
	p->finding = "X-1";
	ok(is_decided(GATE_ALLOW, W_EXCEPTION_USED), "%s: waived", gate_code_info(code)->name);
	p->package = "libc6";
	denies(code, "a waiver for another package");
	p->package = "openssl";
	allows("a waiver for this package");
	p->severity_max = SEVERITY_LOW;
	denies(code, "a waiver up to a lower severity");
	p->severity_max = SEVERITY_CRITICAL;
	allows("a waiver up to this severity");
	p->finding = "X-2";
	denies(code, "a waiver for another finding");
	p->finding = "X-1";
	p->images.n = 0;
	denies(code, "a waiver for no image");
	p->images.n = 1;
	w.list[0] = "test-*";
	p->namespaces = (struct str_list){w.list, 1, 1};
	denies(code, "a waiver for another namespace");
	w.list[0] = "prod*";
	allows("a waiver for this namespace");
	p->created = NOW + 301;
	denies(code, "a waiver of tomorrow");
	p->created = NOW;
	p->kind = (enum permission_kind)9;
	denies(code, "a permission of unknown kind");
	p->kind = PERMISSION_WAIVER;
	p->expires = NOW;
	ok(is_decided(GATE_DENY, W_EXCEPTION_EXPIRED), "%s: a waiver that has expired (kyverno 17473)", gate_code_info(code)->name);
	p->expires = 0;
	denies(code, "a waiver without an end");
	p->expires = NOW + 1;
	p->finding = "GHSA-1";
	denies(code, "a waiver by another name");
	w.findings[0].alias = "GHSA-1";
	world_count(&w);
	allows("a waiver by its other name");
	p->finding = "GHSA-2";
	denies(code, "a waiver by none of its names");
	ok(!world_reason(&w, W_EXCEPTION_USED) && !world_reason(&w, W_EXCEPTION_EXPIRED), "which isn't told");
	w.permission_list.n = 0;
	world_decide(&w);
	breakglass(code);
	audit(code, true);
}

static void test_counts(void)
{
	struct finding *f;

	finding(E_VULN, CLASS_VULN, SEVERITY_CRITICAL);
	finding(E_SECRET, CLASS_SECRET, SEVERITY_HIGH);
	finding(E_MISCONFIG, CLASS_MISCONFIG, SEVERITY_CRITICAL);
	world_good(&w);
	(void)world_finding(&w, CLASS_VULN, SEVERITY_CRITICAL, "CVE-2026-1234");
	(void)world_finding(&w, CLASS_VULN, SEVERITY_CRITICAL, "CVE-2026-1235");
	denies(E_VULN, "two");
	(void)world_finding(&w, CLASS_VULN, SEVERITY_MEDIUM, "CVE-2026-1236");
	(void)world_finding(&w, CLASS_SECRET, SEVERITY_MEDIUM, "rule");
	denies(E_VULN, "two, beside what isn't limited");
	tells(E_VULN, "critical 2 > 0 (CVE-2026-1234 openssl 3.0.1 fixed 3.0.2, CVE-2026-1235 openssl 3.0.1 fixed 3.0.2)");
	w.policy.limit[CLASS_VULN][SEVERITY_CRITICAL] = 1;
	denies(E_VULN, "two of one");
	w.policy.limit[CLASS_VULN][SEVERITY_CRITICAL] = 2;
	allows("two of two");
	for (int i = 0; i < 4; i++)
		(void)world_finding(&w, CLASS_VULN, SEVERITY_CRITICAL, "CVE-2026-12345");
	denies(E_VULN, "the same hole told four times is one more");
	tells(E_VULN, "critical 3 > 2 (CVE-2026-1234 openssl 3.0.1 fixed 3.0.2, CVE-2026-1235 openssl 3.0.1 fixed 3.0.2, ...)");
	w.policy.limit[CLASS_VULN][SEVERITY_CRITICAL] = NO_LIMIT;
	allows("no limit");
	w.policy.limit[CLASS_VULN][SEVERITY_CRITICAL] = INT64_MIN;
	denies(E_VULN, "a number that is no limit's");

	world_good(&w);
	f = world_finding(&w, CLASS_VULN, SEVERITY_HIGH, "GHSA-cfh5-3ghh-wfjx");
	f->alias = "CVE-2014-3577";
	(void)world_finding(&w, CLASS_VULN, SEVERITY_HIGH, "CVE-2014-3577");
	w.policy.limit[CLASS_VULN][SEVERITY_HIGH] = 1;
	world_count(&w);
	is_int((intmax_t)w.record.counted[CLASS_VULN][SEVERITY_HIGH], 1, "one hole under two names is counted once");
	allows("one hole under two names");
	(void)world_finding(&w, CLASS_VULN, SEVERITY_UNKNOWN, "CVE-2026-1");
	denies(E_VULN, "unknown severity has a limit of its own");
	world_good(&w);
	world_finding(&w, CLASS_SECRET, SEVERITY_HIGH, "aws-access-key-id")->package = "/app/a\nb\033[1m\xc3\xa9";
	denies(E_SECRET, "a file's name with control characters");
	tells(E_SECRET, "high 1 > 0 (aws-access-key-id /app/a?b?[1m?? 3.0.1 fixed 3.0.2)");
}

static void test_never(void)
{
	struct permission *p;
	struct finding *f;

	world_good(&w);
	(void)world_finding(&w, CLASS_MALWARE, SEVERITY_UNKNOWN, "Eicar-Test-Signature");
	w.policy.limit[CLASS_MALWARE][SEVERITY_UNKNOWN] = NO_LIMIT;
	p = world_permission(&w, PERMISSION_WAIVER, ROLE_WAIVER);
	p->finding = "Eicar-Test-Signature";
	denies(E_MALWARE, "no number and no waiver lets it stand");
	w.permission_list.n = 0;
	spoilt(E_MALWARE, "malware", false);

	(void)world_finding(&w, CLASS_MALWARE, SEVERITY_HIGH, "Eicar-Test-Signature");
	w.record.counted[CLASS_VULN][SEVERITY_LOW] = 1;
	denies(E_MALWARE, "in a record that is broken besides");
	spoilt(E_MALWARE, "in a record that is broken besides", false);

	f = world_finding(&w, CLASS_VULN, SEVERITY_LOW, "GHSA-jfh8-c2jp-5v3q");
	w.denied[0] = "CVE-2021-44228";
	w.policy.deny_cves = (struct str_list){w.denied, 1, 1};
	allows("another CVE is denied");
	f->alias = "CVE-2021-44228";
	denies(E_CVE_DENIED, "by its alias");
	p = world_permission(&w, PERMISSION_WAIVER, ROLE_WAIVER);
	p->finding = "CVE-2021-44228";
	w.vex[0] = (struct vex_statement){.vulnerability = "CVE-2021-44228", .status = VEX_FIXED, .at = NOW - DAY_S, .signer = "v1"};
	w.record.vex.n = 1;
	f->fix = FIX_NONE;
	w.policy.ignore_unfixed = true;
	denies(E_CVE_DENIED, "neither waiver nor VEX nor a missing fix lets it stand");
	w.denied[0] = "GHSA-jfh8-c2jp-5v3q";
	denies(E_CVE_DENIED, "by its own name");
	w.permission_list.n = 0;
	spoilt(E_CVE_DENIED, "denied", true);

	world_finding(&w, CLASS_VULN, SEVERITY_LOW, "CVE-2026-7")->known_exploited = true;
	w.findings[0].fix = FIX_NONE;
	w.policy.ignore_unfixed = true;
	denies(E_KEV, "low, without a fix, but exploited");
	tells(E_KEV, "1 > 0 (CVE-2026-7 openssl 3.0.1 fixed 3.0.2)");
	p = world_permission(&w, PERMISSION_WAIVER, ROLE_WAIVER);
	p->finding = "CVE-2026-7";
	ok(is_decided(GATE_ALLOW, W_EXCEPTION_USED), "E_KEV: waived");
	w.permission_list.n = 0;
	w.policy.limit_known_exploited = 1;
	allows("one of one");
	w.policy.limit_known_exploited = 0;
	spoilt(E_KEV, "exploited", true);
}

static void test_unfixed(void)
{
	struct finding *f;

	world_good(&w);
	f = world_finding(&w, CLASS_VULN, SEVERITY_HIGH, "CVE-2026-1");
	f->fix = FIX_NONE;
	denies(E_VULN, "without a fix");
	w.policy.ignore_unfixed = true;
	allows("unfixed ones aren't counted");
	f->fix = FIX_WONT;
	allows("nor those that won't be");
	f->fix = FIX_UNKNOWN;
	denies(E_VULN, "unknown counts as fixed");
	f->fix = FIX_NONE;
	w.policy.unfixed_grace_s = 40 * DAY_S;
	allows("for 40 days");
	w.policy.unfixed_grace_s--;
	denies(E_VULN, "and not a second longer");
	f->published = 0;
	w.policy.unfixed_grace_s = 1000 * DAY_S;
	denies(E_VULN, "published when isn't said");
}

static void test_vex(void)
{
	struct vex_statement *v;

	world_good(&w);
	(void)world_finding(&w, CLASS_VULN, SEVERITY_CRITICAL, "CVE-2026-9");
	v = &w.vex[0];
	*v = (struct vex_statement){.vulnerability = "CVE-2026-9", .status = VEX_NOT_AFFECTED,
				    .justification = "vulnerable_code_not_present", .at = NOW - DAY_S, .signer = "v1"};
	w.record.vex.n = 1;
	ok(is_decided(GATE_ALLOW, W_VEX_USED), "W_VEX_USED: of the image as a whole");
	tells(W_VEX_USED, "1 (CVE-2026-9 openssl 3.0.1 fixed 3.0.2)");
	v->vulnerability = "GHSA-9";
	denies(E_VULN, "of another vulnerability");
	w.findings[0].alias = "GHSA-8";
	world_count(&w);
	denies(E_VULN, "by none of its names");
	w.findings[0].alias = "GHSA-9";
	world_count(&w);
	allows("by its other name");
	v->vulnerability = "CVE-2026-9";
	w.findings[0].severity = SEVERITY_LOW;
	world_count(&w);
	allows("where there is no limit");
	ok(!world_reason(&w, W_VEX_USED), "and isn't told then");
	w.findings[0].severity = SEVERITY_CRITICAL;
	world_count(&w);
	v->product = "pkg:deb/debian/openssl@3.0.1";
	allows("(b) of the package by its purl");
	v->product = MANIFEST;
	allows("(b) of the image by its manifest");
	v->product = "pkg:deb/debian/openssl@3.0.2";
	denies(E_VULN, "(b) of another package");
	v->product = IMAGE;
	v->signer = "s1";
	denies(E_VULN, "(a) of a key without the role");
	v->signer = "unknown";
	denies(E_VULN, "(a) of a key that isn't ours");
	v->signer = NULL;
	denies(E_VULN, "(a) not signed");
	v->signer = "v1";
	w.keys[0].revoked = true;
	denies(E_VULN, "(a) of a revoked key");
	w.keys[0].revoked = false;
	w.in.keys = NULL;
	denies(E_VULN, "(a) and no keys are known");
	w.in.keys = &w.key_list;
	v->status = VEX_INVESTIGATED;
	denies(E_VULN, "(c) under investigation");
	v->status = VEX_AFFECTED;
	denies(E_VULN, "(c) affected");
	v->status = VEX_NOT_AFFECTED;
	v->justification = NULL;
	denies(E_VULN, "(c) not affected without a justification");
	v->justification = "because I say so";
	denies(E_VULN, "(c) a justification that is no label");
	v->status = VEX_FIXED;
	allows("(c) fixed needs none");
	v->at = NOW - 40 * DAY_S;
	denies(E_VULN, "(d) not newer than the finding's publication");
	v->at = NOW - 181 * DAY_S;
	w.findings[0].published = 0;
	denies(E_VULN, "(d) too old");
	v->at = NOW - 180 * DAY_S;
	allows("(d) just not too old");
	v->at = 0;
	w.policy.vex_max_age_s = INT64_MAX;
	denies(E_VULN, "(d) made when isn't said");
	w.policy.vex_max_age_s = 180 * DAY_S;
	v->at = NOW + 300;
	allows("(d) by a clock that is ahead");
	v->at = NOW + 301;
	denies(E_VULN, "(d) of tomorrow");
	v->at = NOW - DAY_S;
	allows("(d) a finding that says no date");
	w.vex[1] = *v;
	w.vex[1].status = VEX_AFFECTED;
	w.vex[1].signer = NULL;
	w.record.vex.n = 2;
	denies(E_VULN, "whoever says the contrary at the same time wins");
	w.vex[1].at -= 1;
	allows("but not who said it before");
	w.policy.vex_accept = false;
	denies(E_VULN, "where VEX isn't accepted");
	w.policy.vex_accept = true;
	w.findings[0].scan_class = CLASS_SECRET;
	world_count(&w);
	denies(E_SECRET, "VEX speaks of vulnerabilities only");
}

static void test_exceptions(void)
{
	struct permission own = {.kind = PERMISSION_WAIVER, .id = "e1", .owner = "anna", .reason = "r", .finding = "CVE-2026-1",
				 .images = {w.images, 1, 1}, .expires = NOW + 60};

	world_good(&w);
	(void)world_finding(&w, CLASS_VULN, SEVERITY_HIGH, "CVE-2026-1");
	w.policy.exceptions.items = &own;
	w.policy.exceptions.n = 1;
	ok(is_decided(GATE_ALLOW, W_EXCEPTION_USED), "an exception of the policy needs no signature");
	tells(W_EXCEPTION_USED, "e1: CVE-2026-1 until 2026-11-21T00:01:00Z, anna");
	own.severity_max = SEVERITY_CRITICAL;
	w.findings[0].severity = SEVERITY_UNKNOWN;
	world_count(&w);
	denies(E_VULN, "unknown severity is not below any");
	own.kind = PERMISSION_BREAKGLASS;
	own.created = NOW - 1;
	w.policy.breakglass = true;
	denies(E_VULN, "the policy can't break the glass for itself");
}

int main(void)
{
	test_counts();
	test_never();
	test_unfixed();
	test_vex();
	test_exceptions();
	return tap_done();
}
