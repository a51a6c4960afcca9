/* The record: what is printed is read again, what differs in anything from the form isn't. */
#include "config.h"

#include "gate_world.h"
#include "gate/dsse.h"
#include "gate/findings.h"

#include "tap.h"

static struct world w;

/* A record with something in every place. */
static void full(void)
{
	struct finding *f;
	static const char *indexes[] = {INDEX}, *refs[] = {"docker.io/library/alpine"}, *filters[] = {"--only-fixed"};

	world_good(&w);
	w.record.sequence = 42;
	w.record.image.indexes = (struct str_list){indexes, 1, 1};
	w.record.image.sbom = INDEX;
	w.record.image.refs = (struct str_list){refs, 1, 1};
	w.scans[0].filters = (struct str_list){filters, 1, 1};
	w.scans[0].evidence = OTHER;
	w.scans[0].signer = "k1";
	w.scans[1].complete = false;
	w.scans[1].incomplete_why = "a file larger than MaxFileSize";
	(void)world_finding(&w, CLASS_VULN, SEVERITY_HIGH, "CVE-2026-2");
	f = world_finding(&w, CLASS_VULN, SEVERITY_CRITICAL, "GHSA-1");
	f->alias = "CVE-2026-1";
	f->known_exploited = true;
	f->fix = FIX_WONT;
	f = world_finding(&w, CLASS_SECRET, SEVERITY_HIGH, "aws-access-key-id");
	*f = (struct finding){.scan_class = CLASS_SECRET, .severity = SEVERITY_HIGH, .id = "aws-access-key-id", .package = "/a\n\"b\\"};
	f = world_finding(&w, CLASS_MISCONFIG, SEVERITY_UNKNOWN, "DS-0002");
	*f = (struct finding){.scan_class = CLASS_MISCONFIG, .id = "DS-0002"};
	f = world_finding(&w, CLASS_MALWARE, SEVERITY_UNKNOWN, "Eicar-Test-Signature");
	*f = (struct finding){.scan_class = CLASS_MALWARE, .id = "Eicar-Test-Signature", .published = 7};
	w.vex[0] = (struct vex_statement){.vulnerability = "CVE-2026-2", .status = VEX_NOT_AFFECTED, .justification = "code_not_present",
					  .product = IMAGE, .at = NOW, .evidence = OTHER, .signer = "v1"};
	w.vex[1] = (struct vex_statement){.vulnerability = "CVE-2026-2", .status = VEX_INVESTIGATED};
	w.record.vex.n = 2;
	world_count(&w);
}

static char *printed(const struct record *record)
{
	struct err err = ERR_INIT;
	struct str text = STR_INIT;

	if (!ok(!record_print(record, &text, &err), "printed"))
		diag("%s", err.msg);
	return text.s ? text.s : strdup("");
}

static int parse(struct arena *arena, const char *text, struct record *ret, bool *foreign, struct err *err)
{
	return record_parse(arena, text, strlen(text), ret, foreign, err);
}

static void is_same_record(const struct record *a, const struct record *b)
{
	ok(a->sequence == b->sequence && a->issued_at == b->issued_at && a->expires_at == b->expires_at, "numbers and times");
	is_str(b->image.config, a->image.config, "config");
	is_str(b->image.manifest, a->image.manifest, "manifest");
	is_str(b->image.platform, a->image.platform, "platform");
	is_str(b->image.sbom, INDEX, "the list of packages");
	ok(b->image.indexes.n == 1 && b->image.refs.n == 1 && b->scans.n == 2 && b->findings.n == 5 && b->vex.n == 2, "lists");
	ok(!memcmp(a->counted, b->counted, sizeof(a->counted)), "the summary");
	is_int(b->scans.items[0].classes, a->scans.items[0].classes, "classes");
	is_int(b->scans.items[0].db_updated_at, a->scans.items[0].db_updated_at, "time of the database");
	is_str(b->scans.items[0].os_version, "12", "system");
	is_str(b->scans.items[0].filters.items[0], "--only-fixed", "filters");
	ok(!b->scans.items[1].complete && b->scans.items[0].complete, "completeness");
	is_str(b->scans.items[1].incomplete_why, a->scans.items[1].incomplete_why, "why not");
	ok(findings_are_sorted(&b->findings), "findings are sorted");
	is_str(b->findings.items[0].id, "GHSA-1", "the worst first");
	is_str(b->findings.items[0].alias, "CVE-2026-1", "alias");
	ok(b->findings.items[0].known_exploited && b->findings.items[0].fix == FIX_WONT, "exploited, no fix");
	for (size_t i = 0; i < b->findings.n; i++)
		if (b->findings.items[i].scan_class == CLASS_SECRET)
			is_str(b->findings.items[i].package, "/a\n\"b\\", "a file's name");
	is_int(b->vex.items[0].status, VEX_NOT_AFFECTED, "VEX status");
	is_str(b->vex.items[0].product, IMAGE, "VEX product");
	is_int(b->vex.items[1].at, 0, "VEX without a time");
}

static void test_round_trip(void)
{
	struct arena arena = ARENA_INIT;
	struct err err = ERR_INIT;
	struct record read;
	bool foreign = true;
	char *text, *again;

	full();
	text = printed(&w.record);
	if (ok(!parse(&arena, text, &read, &foreign, &err), "read")) {
		is_same_record(&w.record, &read);
		again = printed(&read);
		is_str(again, text, "printed again");
		free(again);
	} else {
		diag("%s\n%.800s", err.msg, text);
	}
	ok(!foreign, "ours");
	free(text);
	arena_release(&arena);
}

/* The full record's text with its first `from` replaced. */
static char *changed(const char *from, const char *to)
{
	char *text = printed(&w.record), *at = strstr(text, from);
	struct str out = STR_INIT;

	if (!at) {
		diag("no '%s' in %.600s", from, text);
		abort();
	}
	str_add_bytes(&out, text, (size_t)(at - text));
	str_add(&out, to);
	str_add(&out, at + strlen(from));
	free(text);
	return out.s;
}

static void refuses(const char *from, const char *to, const char *why)
{
	struct arena arena = ARENA_INIT;
	struct err err = ERR_INIT;
	struct record read;
	bool foreign;
	char *text = changed(from, to);

	ok(parse(&arena, text, &read, &foreign, &err) == -1, "refused: %s", to);
	is_err(&err, ERR_SPEC, why, why);
	ok(!foreign, "and it is ours all the same");
	free(text);
	arena_release(&arena);
}

static void test_strict(void)
{
	full();
	refuses("\"sequence\":42", "\"sequence\":42,\"sequence\":42", "duplicate");
	refuses("\"sequence\":42", "\"sequence\":42,\"x\":1", "predicate.x: unknown key");
	refuses("\"sequence\":42,", "", "key 'sequence' is missing");
	refuses("\"sequence\":42", "\"sequence\":42.0", "sequence");
	refuses("\"sequence\":42", "\"sequence\":-1", "sequence");
	refuses("\"schema\":1", "\"schema\":2", "reads schema 1");
	refuses("\"issuedAt\":\"2026-11-20T00:00:00Z\"", "\"issuedAt\":\"2026-11-20T00:00:00.5Z\"", "is not a point in time");
	refuses("\"issuedAt\":\"2026-11-20T00:00:00Z\"", "\"issuedAt\":1", "issuedAt: expected");
	refuses("\"issuedAt\":\"2026-11-20T00:00:00Z\"", "\"issuedAt\":\"1970-01-01T00:00:00Z\"", "is not a point in time");
	refuses("\"config\":\"sha256:", "\"config\":\"sha256:A", "image.config: is not");
	refuses("\"config\":\"sha256:", "\"config\":\"sha512:", "image.config: is not");
	refuses("\"manifest\":\"sha256:", "\"manifest\":\"sha256: ", "image.manifest: is not");
	refuses("\"tool\":\"trivy\"", "\"tool\":\"\"", "has 0 bytes");
	refuses("\"tool\":\"trivy\"", "\"tool\":\"tri\\u0000vy\"", "NUL");
	refuses("\"complete\":true", "\"complete\":1", "complete: expected");
	refuses("\"complete\":true,", "", "key 'complete' is missing");
	refuses("\"classes\":[\"vuln\",\"secret\"]", "\"classes\":[\"vuln\",\"vuln\"]", "is there twice");
	refuses("\"classes\":[\"vuln\",\"secret\"]", "\"classes\":[\"none\"]", "is not one of");
	refuses("\"os\":{\"family\":\"debian\",", "\"os\":{", "key 'family' is missing");
	refuses("\"high\":1", "\"high\":0", "summary: differs from the findings");
	refuses("\"vuln\":{\"critical\":1,", "\"vuln\":{", "doesn't count each severity");
	refuses("\"high\":1", "\"severe\":1", "is no severity");
	refuses("\"C\",\"openssl\"", "\"CRITICAL\",\"openssl\"", "is not one of the letters");
	refuses("\"C\",\"openssl\"", "\"\",\"openssl\"", "is not one of the letters");
	refuses("\"C\",\"openssl\"", "null,\"openssl\"", "expected");
	refuses("[\"DS-0002\",\"U\"]", "[\"DS-0002\"]", "has 1 columns");
	refuses("[\"DS-0002\",\"U\"]", "[\"DS-0002\",\"U\",null,null,null,null,null,null,null,null,null]", "has 11 columns");
	refuses("[\"DS-0002\",\"U\"]", "[\"DS-0002\",\"U\",null,null,null,\"maybe\"]", "is not one of fixed");
	refuses("[\"DS-0002\",\"U\"]", "[\"DS-0002\",\"U\",7]", "expected");
	refuses("[\"DS-0002\",\"U\"]", "{\"id\":\"DS-0002\"}", "expected");
	refuses("\"findings\":{\"vuln\"", "\"findings\":{\"license\"", "is not one of vuln");
	refuses("\"status\":\"not_affected\"", "\"status\":\"maybe\"", "is not one of not_affected");
	refuses("\"name\":\"config\"", "\"name\":\"config\",\"uri\":\"x\"", "is not a name and a digest");
	refuses("\"digest\":{\"sha256\":\"aaaa", "\"digest\":{\"sha256\":\"baaa", "is not the image's");
	refuses("\"digest\":{\"sha256\"", "\"digest\":{\"sha1\"", "is not one digest");
	refuses("\"subject\":[{", "\"subject\":[{\"name\":\"x\",\"digest\":{\"sha256\":\"00\"}},{", "names 3 things");
	refuses("\"predicate\":{", "\"predicate\":[],\"x\":{", "expected");
	refuses("{\"_type\"", " [] {\"_type\"", "");
}

static void foreign(const char *from, const char *to)
{
	struct arena arena = ARENA_INIT;
	struct err err = ERR_INIT;
	struct record read;
	bool is_foreign = false;
	char *text = changed(from, to);

	ok(parse(&arena, text, &read, &is_foreign, &err) == -1 && is_foreign, "a statement, but not ours: %s", to);
	free(text);
	arena_release(&arena);
}

/* CVE-2022-35929, CVE-2026-39395: a good signature on another predicate is no scan. */
static void test_foreign(void)
{
	struct arena arena = ARENA_INIT;
	struct err err = ERR_INIT;
	struct record read;
	bool is_foreign = true;

	full();
	foreign(RECORD_PREDICATE_TYPE, "https://cosign.sigstore.dev/attestation/vuln/v1");
	foreign(RECORD_PREDICATE_TYPE, RECORD_PREDICATE_TYPE "1");
	foreign("Statement/v1", "Statement/v0.1");
	ok(parse(&arena, "{\"payload\":\"\"}", &read, &is_foreign, &err) == -1 && !is_foreign, "no statement at all");
	ok(record_parse(&arena, "", 0, &read, &is_foreign, &err) == -1 && !is_foreign, "nothing");
	arena_release(&arena);
}

static void wont_print(const char *what)
{
	struct err err = ERR_INIT;
	autostr text = STR_INIT;

	ok(record_print(&w.record, &text, &err) == -1, "not printed: %s", what);
	is_err(&err, ERR_SPEC, "no record can say this", what);
	full();
}

static void test_unprintable(void)
{
	full();
	w.record.image.config = "latest";
	wont_print("a config that is no digest");
	w.record.expires_at = 0;
	wont_print("no expiry");
	w.record.issued_at = INT64_MAX;
	wont_print("a time after the calendar's end");
	w.scans[0].classes |= 1u << 9;
	wont_print("an unknown class");
	w.scans[0].tool = NULL;
	wont_print("a scan without a tool");
	w.findings[0].severity = SEVERITY_COUNT;
	wont_print("an unknown severity");
	w.findings[0].id = "";
	wont_print("a finding without a name");
	w.vex[0].status = VEX_UNKNOWN;
	wont_print("VEX without a status");
	w.scans[0].evidence = "sha256:";
	wont_print("evidence that is no digest");
}

/* Two tools, two names: one hole.  Two severities, versions or packages: two. */
static void test_count(void)
{
	uint64_t n[CLASS_COUNT][SEVERITY_COUNT];
	struct finding *f;

	world_good(&w);
	for (int i = 0; i < 2; i++) {
		f = world_finding(&w, CLASS_VULN, SEVERITY_HIGH, "GHSA-cfh5-3ghh-wfjx");
		f->alias = "CVE-2014-3577";
		(void)world_finding(&w, CLASS_VULN, SEVERITY_HIGH, "CVE-2014-3577");
	}
	record_count(&w.record, n);
	is_int((intmax_t)n[CLASS_VULN][SEVERITY_HIGH], 1, "four times the same");
	w.findings[0].severity = SEVERITY_CRITICAL;
	record_count(&w.record, n);
	ok(n[CLASS_VULN][SEVERITY_HIGH] == 1 && n[CLASS_VULN][SEVERITY_CRITICAL] == 1, "once in each severity that is told");
	w.findings[1].package = "libssl3";
	record_count(&w.record, n);
	is_int((intmax_t)n[CLASS_VULN][SEVERITY_HIGH], 2, "another package is another");
	w.findings[2].version = "1";
	record_count(&w.record, n);
	is_int((intmax_t)n[CLASS_VULN][SEVERITY_HIGH], 3, "another version is another");
	w.findings[3].scan_class = CLASS_SECRET;
	record_count(&w.record, n);
	ok(n[CLASS_SECRET][SEVERITY_HIGH] == 1 && n[CLASS_VULN][SEVERITY_HIGH] == 2, "another class is another");
}

/* A total order: what isn't said comes first, and each field counts. */
static void test_order(void)
{
	struct finding a = {.scan_class = CLASS_VULN, .severity = SEVERITY_HIGH, .id = "CVE-1"};
	struct finding others[10];

	for (size_t i = 0; i < ARRAY_LEN(others); i++)
		others[i] = a;
	others[0].package = "p";
	others[1].version = "1";
	others[2].alias = "CVE-2";
	others[3].fixed_version = "2";
	others[4].purl = "pkg:x";
	others[5].fix = FIX_WONT;
	others[6].published = 1;
	others[7].known_exploited = true;
	others[8].scan_class = CLASS_SECRET;
	others[9].severity = SEVERITY_LOW;
	for (size_t i = 0; i < ARRAY_LEN(others); i++) {
		ok(finding_compare(&a, &others[i]) < 0 && finding_compare(&others[i], &a) > 0, "%zu: comes behind", i);
		ok(finding_compare(&others[i], &others[i]) == 0, "%zu: is itself", i);
	}
	finding_list twice = {(struct finding[]){a, a, others[0]}, 3, 3}, wrong = {(struct finding[]){others[0], a}, 2, 2};
	ok(findings_are_sorted(&twice) && !findings_are_sorted(&wrong), "sorted");
}

/* What a record can hold, and how large a usual one is. */
static void test_size(void)
{
	static struct finding many[1000];
	static char names[1000][16];
	struct arena arena = ARENA_INIT;
	struct err err = ERR_INIT;
	struct record read;
	bool is_foreign;
	autostr text = STR_INIT, large = STR_INIT;

	world_good(&w);
	for (size_t i = 0; i < ARRAY_LEN(many); i++) {
		(void)snprintf(names[i], sizeof(names[i]), "CVE-2026-%zu", 10000 + i * 7 % 1000);
		many[i] = (struct finding){.scan_class = CLASS_VULN, .severity = SEVERITY_LOW, .id = names[i], .package = "libssl3",
					   .version = "3.0.11-1", .fixed_version = "3.0.13-1", .fix = FIX_FIXED};
	}
	w.record.findings.items = many;
	w.record.findings.n = w.record.findings.cap = ARRAY_LEN(many);
	world_count(&w);
	ok(!record_print(&w.record, &text, &err) && text.len < 72u << 10, "a thousand findings in %zu bytes", text.len);
	ok(!record_parse(&arena, str_text(&text), text.len, &read, &is_foreign, &err) && read.findings.n == 1000, "and read");
	is_int((intmax_t)read.counted[CLASS_VULN][SEVERITY_LOW], 1000, "a thousand holes");
	while (large.len <= RECORD_MAX_BYTES)
		str_add(&large, "                                ");
	ok(record_parse(&arena, str_text(&large), large.len, &read, &is_foreign, &err) == -1, "too large");
	is_err(&err, ERR_SPEC, "are the most", "too large");
	arena_release(&arena);
}

/* Two scanners that found 10,000 each, in the longest rows that they write. */
static void test_many(void)
{
	static struct finding many[RECORD_MAX_FINDINGS + 1];
	static char names[RECORD_MAX_FINDINGS + 1][24];
	struct arena arena = {.limit_bytes = RECORD_ARENA_BYTES};
	struct err err = ERR_INIT;
	struct record read;
	bool is_foreign;
	autostr text = STR_INIT, none = STR_INIT, too_many = STR_INIT;

	world_good(&w);
	for (size_t i = 0; i < ARRAY_LEN(many); i++) {
		(void)snprintf(names[i], sizeof(names[i]), "CVE-2026-%zu", 10000 + i);
		many[i] = (struct finding){.scan_class = CLASS_VULN, .severity = SEVERITY_LOW, .id = names[i], .package = "libmagickcore-6.q16-6",
					   .version = "8:6.9.11.60+dfsg-1.6+deb12u2", .fixed_version = "8:6.9.11.60+dfsg-1.6+deb12u3",
					   .fix = FIX_FIXED, .published = 1772000000,
					   .purl = "pkg:deb/debian/libmagickcore-6.q16-6@8%3A6.9.11.60%2Bdfsg-1.6%2Bdeb12u2?arch=amd64&distro=debian-12"};
	}
	w.record.findings.items = many;
	w.record.findings.n = w.record.findings.cap = 20000;
	world_count(&w);
	ok(!record_print(&w.record, &text, &err) && text.len / 3 * 4 < RECORD_MAX_BYTES, "20,000 findings in %zu bytes", text.len);
	ok(!record_parse(&arena, str_text(&text), text.len, &read, &is_foreign, &err) && read.findings.n == 20000, "and read in %zu",
	   arena.used);
	arena_release(&arena);
	w.record.findings.n = RECORD_MAX_FINDINGS + 1;
	ok(record_print(&w.record, &none, &err) == -1, "too many aren't printed");
	is_err(&err, ERR_SPEC, "30000 are the most", "says so");
	str_addf(&too_many, "%.*s", (int)(strstr(str_text(&text), "\"findings\":{\"vuln\":[") + 20 - str_text(&text)), str_text(&text));
	for (size_t i = 0; i < ARRAY_LEN(many); i++)
		str_addf(&too_many, "%s[\"%s\",\"L\"]", i ? "," : "", names[i]);
	str_addf(&too_many, "],\"secret\":[],\"malware\":[],\"misconfig\":[]}%s", "}}");
	err_clear(&err);
	ok(record_parse(&arena, str_text(&too_many), too_many.len, &read, &is_foreign, &err) == -1, "nor read");
	is_err(&err, ERR_SPEC, "30000 are the most", "says so");
	arena_release(&arena);
}

int main(void)
{
	test_round_trip();
	test_strict();
	test_foreign();
	test_unprintable();
	test_count();
	test_order();
	test_size();
	test_many();
	return tap_done();
}
