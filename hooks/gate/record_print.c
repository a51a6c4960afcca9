/* Record -> statement, in the one order of keys and findings that is signed.  What the
 * reader wouldn't take isn't printed.
 */
#include "config.h"

#include "gate/record_form.h"

#include "base/json_out.h"
#include "base/rfc3339.h"
#include "gate/findings.h"

#include <stdlib.h>
#include <string.h>

#include "base/banned.h"

/* --- may it be printed --- */

/* What isn't UTF-8 is printed as U+FFFD, three bytes for one. */
static bool fits(const char *s)
{
	size_t len = s ? strnlen(s, RECORD_MAX_TEXT + 1) : 0;

	return len <=
	       (len && str_utf8_valid_prefix(s, len) < len ? RECORD_MAX_TEXT / 3 : RECORD_MAX_TEXT);
}

static bool is_digest_or_none(const char *s)
{
	return !s || digest_is_valid(s);
}

static bool is_time(int64_t at)
{
	return at > 0 && at <= RECORD_LAST_TIME;
}

static bool is_time_or_none(int64_t at)
{
	return at == 0 || is_time(at);
}

static const char *wrong_image(const struct record_image *image)
{
	if (!digest_is_valid(image->config))
		return "image.config";
	if (!is_digest_or_none(image->manifest))
		return "image.manifest";
	for (size_t i = 0; i < image->indexes.n; i++)
		if (!digest_is_valid(image->indexes.items[i]))
			return "image.indexes";
	if (!is_digest_or_none(image->sbom))
		return "image.sbom";
	return fits(image->platform) ? NULL : "image.platform";
}

static const char *wrong_scan(const struct scan *scan)
{
	if (!scan->tool || !*scan->tool || !fits(scan->tool) || !fits(scan->tool_version) ||
	    !fits(scan->format))
		return "scans.tool";
	if (scan->classes >> CLASS_COUNT || scan->classes & 1u << CLASS_NONE)
		return "scans.classes";
	if (!is_time_or_none(scan->scanned_at) || !is_time_or_none(scan->db_updated_at))
		return "scans: a time";
	if (!fits(scan->incomplete_why) || !fits(scan->os_family) || !fits(scan->os_version) ||
	    !fits(scan->signer))
		return "scans: a text";
	return is_digest_or_none(scan->evidence) ? NULL : "scans.evidence";
}

static const char *wrong_finding(const struct finding *f)
{
	if (!finding_is_valid(f) || !fits(f->id))
		return "findings";
	if (!fits(f->package) || !fits(f->version) || !fits(f->fixed_version) || !fits(f->alias) ||
	    !fits(f->purl) || f->published < 0)
		return "findings: a text";
	return NULL;
}

static const char *wrong_vex(const struct vex_statement *vex)
{
	if (!vex->vulnerability || !*vex->vulnerability || !fits(vex->vulnerability) ||
	    !fits(vex->justification) || !fits(vex->product) || !fits(vex->signer) ||
	    !table_name(record_vex_states, vex->status))
		return "vex";
	return is_time_or_none(vex->at) && is_digest_or_none(vex->evidence)
		       ? NULL
		       : "vex: a time or digest";
}

static const char *wrong(const struct record *record)
{
	const char *what = wrong_image(&record->image);

	if (!what &&
	    (record->sequence < 0 || !is_time(record->issued_at) || !is_time(record->expires_at)))
		what = "sequence, issuedAt or expiresAt";
	for (size_t i = 0; !what && i < record->scans.n; i++)
		what = wrong_scan(&record->scans.items[i]);
	for (size_t i = 0; !what && i < record->findings.n; i++)
		what = wrong_finding(&record->findings.items[i]);
	for (size_t i = 0; !what && i < record->vex.n; i++)
		what = wrong_vex(&record->vex.items[i]);
	return what;
}

/* --- values --- */

static void text(struct json_out *o, const char *key, const char *value)
{
	if (value && *value)
		json_out_string(o, key, value);
}

static void time_at(struct json_out *o, const char *key, int64_t at)
{
	char buf[RFC3339_SIZE];

	if (at <= 0)
		return;
	rfc3339_format(at, buf);
	json_out_string(o, key, buf);
}

static void texts(struct json_out *o, const char *key, const struct str_list *list)
{
	if (!list->n)
		return;
	json_out_array(o, key);
	for (size_t i = 0; i < list->n; i++)
		if (list->items[i] && *list->items[i])
			json_out_string(o, NULL, list->items[i]);
	json_out_end_array(o);
}

static void print_subject(struct json_out *o, const char *name, const char *digest)
{
	json_out_object(o, NULL);
	json_out_string(o, "name", name);
	json_out_object(o, "digest");
	json_out_string(o, "sha256", digest + 7);
	json_out_end_object(o);
	json_out_end_object(o);
}

static void print_image(struct json_out *o, const struct record_image *image)
{
	json_out_object(o, "image");
	json_out_string(o, "config", image->config);
	text(o, "manifest", image->manifest);
	texts(o, "indexes", &image->indexes);
	text(o, "platform", image->platform);
	texts(o, "refs", &image->refs);
	text(o, "sbom", image->sbom);
	json_out_end_object(o);
}

static void print_scan(struct json_out *o, const struct scan *scan)
{
	json_out_object(o, NULL);
	json_out_string(o, "tool", scan->tool);
	text(o, "version", scan->tool_version);
	text(o, "format", scan->format);
	json_out_array(o, "classes");
	for (int c = CLASS_NONE + 1; c < CLASS_COUNT; c++)
		if (scan->classes & 1u << c)
			json_out_string(o, NULL, scan_class_name((enum scan_class)c));
	json_out_end_array(o);
	time_at(o, "scannedAt", scan->scanned_at);
	time_at(o, "dbUpdatedAt", scan->db_updated_at);
	json_out_bool(o, "complete", scan->complete);
	text(o, "incomplete", scan->incomplete_why);
	if (scan->os_family && *scan->os_family) {
		json_out_object(o, "os");
		json_out_string(o, "family", scan->os_family);
		text(o, "version", scan->os_version);
		json_out_bool(o, "eol", scan->os_end_of_life);
		json_out_end_object(o);
	}
	texts(o, "filters", &scan->filters);
	text(o, "evidence", scan->evidence);
	text(o, "signer", scan->signer);
	json_out_end_object(o);
}

static void print_vex(struct json_out *o, const struct vex_statement *vex)
{
	json_out_object(o, NULL);
	json_out_string(o, "vulnerability", vex->vulnerability);
	json_out_string(o, "status", table_name(record_vex_states, vex->status));
	text(o, "justification", vex->justification);
	text(o, "product", vex->product);
	time_at(o, "at", vex->at);
	text(o, "evidence", vex->evidence);
	text(o, "signer", vex->signer);
	json_out_end_object(o);
}

/* --- findings --- */

static unsigned last_column(const struct finding *f)
{
	const char *const said[] = {f->package,       f->version,
				    f->fixed_version, f->fix == FIX_UNKNOWN ? NULL : "fix",
				    f->alias,         f->purl};
	unsigned n = 2;

	for (unsigned i = 0; i < ARRAY_LEN(said); i++)
		if (said[i] && *said[i])
			n = 3 + i;
	if (f->published > 0)
		n = 9;
	return f->known_exploited ? 10 : n;
}

static void column(struct json_out *o, const char *value)
{
	json_out_string(o, NULL, value && *value ? value : NULL);
}

static void print_finding(struct json_out *o, const struct finding *f)
{
	const char letter[] = {RECORD_SEVERITIES[f->severity], '\0'};
	const char *const said[] = {
		f->package,       f->version,
		f->fixed_version, f->fix == FIX_UNKNOWN ? NULL : table_name(record_fixes, f->fix),
		f->alias,         f->purl};
	unsigned last = last_column(f);

	json_out_array(o, NULL);
	json_out_string(o, NULL, f->id);
	json_out_string(o, NULL, letter);
	for (unsigned i = 0; i < ARRAY_LEN(said) && 3 + i <= last; i++)
		column(o, said[i]);
	if (last >= 9 && f->published > 0)
		json_out_i64(o, NULL, f->published);
	else if (last >= 9)
		json_out_raw(o, NULL, "null");
	if (last >= 10)
		json_out_bool(o, NULL, true);
	json_out_end_array(o);
}

static int by_order(const void *a, const void *b)
{
	return finding_compare(*(const struct finding *const *)a,
			       *(const struct finding *const *)b);
}

static void print_summary(struct json_out *o, const struct record *record)
{
	uint64_t counted[CLASS_COUNT][SEVERITY_COUNT];

	record_count(record, counted);
	json_out_object(o, "summary");
	for (int c = CLASS_NONE + 1; c < CLASS_COUNT; c++) {
		json_out_object(o, scan_class_name((enum scan_class)c));
		for (int s = SEVERITY_COUNT - 1; s >= 0; s--)
			json_out_u64(o, severity_name((enum severity)s), counted[c][s]);
		json_out_end_object(o);
	}
	json_out_end_object(o);
}

static int print_findings(struct json_out *o, const finding_list *findings, struct err *err)
{
	const struct finding **sorted = malloc((findings->n + 1) * sizeof(struct finding *));

	if (!sorted)
		return err_oom(err);
	for (size_t i = 0; i < findings->n; i++)
		sorted[i] = &findings->items[i];
	qsort(sorted, findings->n, sizeof(struct finding *), by_order);
	json_out_object(o, "findings");
	for (int c = CLASS_NONE + 1; c < CLASS_COUNT; c++) {
		json_out_array(o, scan_class_name((enum scan_class)c));
		for (size_t i = 0; i < findings->n; i++)
			if (sorted[i]->scan_class == (enum scan_class)c)
				print_finding(o, sorted[i]);
		json_out_end_array(o);
	}
	json_out_end_object(o);
	free(sorted);
	return 0;
}

static int print_predicate(struct json_out *o, const struct record *record, struct err *err)
{
	json_out_object(o, "predicate");
	json_out_i64(o, "schema", 1);
	json_out_i64(o, "sequence", record->sequence);
	time_at(o, "issuedAt", record->issued_at);
	time_at(o, "expiresAt", record->expires_at);
	print_image(o, &record->image);
	json_out_array(o, "scans");
	for (size_t i = 0; i < record->scans.n; i++)
		print_scan(o, &record->scans.items[i]);
	json_out_end_array(o);
	print_summary(o, record);
	if (print_findings(o, &record->findings, err))
		return -1;
	if (record->vex.n) {
		json_out_array(o, "vex");
		for (size_t i = 0; i < record->vex.n; i++)
			print_vex(o, &record->vex.items[i]);
		json_out_end_array(o);
	}
	json_out_end_object(o);
	return 0;
}

int record_print(const struct record *record, struct str *ret, struct err *err)
{
	struct json_out o = JSON_OUT_INIT;
	const char *what = wrong(record);
	int rc;

	if (what)
		return err_set(err, ERR_SPEC, "no record can say this: %s", what);
	if (record->findings.n > RECORD_MAX_FINDINGS)
		return err_set(err, ERR_SPEC, "the record would have %zu findings; %u are the most",
			       record->findings.n, RECORD_MAX_FINDINGS);
	json_out_object(&o, NULL);
	json_out_string(&o, "_type", RECORD_STATEMENT);
	json_out_array(&o, "subject");
	print_subject(&o, "config", record->image.config);
	if (record->image.manifest)
		print_subject(&o, "manifest", record->image.manifest);
	json_out_end_array(&o);
	json_out_string(&o, "predicateType", RECORD_PREDICATE_TYPE);
	rc = print_predicate(&o, record, err);
	json_out_end_object(&o);
	if (!rc)
		rc = json_out_append(&o, ret, err);
	json_out_release(&o);
	return rc;
}
