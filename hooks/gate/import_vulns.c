/* Owns the predicates that carry a vulnerability scan in an in-toto statement: cosign's
 * vuln/v1 (specs/COSIGN_VULN_ATTESTATION_SPEC.md) and custom one, in-toto's vulns v0.1
 * and v0.2.  Whose signature it has was verified before.
 */
#include "config.h"

#include "gate/import_parts.h"

#include "base/rfc3339.h"

#include <string.h>

#include "base/banned.h"

struct vulns {
	struct import *imp;
	struct str_list digests; /* of the statement's subjects */
	size_t subjects;
	int64_t finished, db_updated;
	const char *uri, *version;
	enum json_type result; /* of scanner.result */
	bool has_result, is_trivy, is_grype;
	void *trivy, *grype; /* cosign: who reads the result */
	/* in-toto */
	struct scan scan;
	finding_list findings;
	/* cosign's custom predicate */
	bool has_data;
};

/* ---- the statement ---- */

static int on_subject(void *ctx, const struct json *v, struct err *err)
{
	struct vulns *p = ctx;
	const struct json *digests = json_get(v, "digest");
	if (!digests)
		return json_error(v, err, "no digest");
	if (json_expect(digests, JSON_OBJECT, err) < 0)
		return -1;
	p->subjects++;
	const struct json *sha256 = json_get(digests, "sha256");
	if (!sha256)
		return json_error(digests, err, "no sha256");
	char text[DIGEST_LEN + 1] = "sha256:";
	if (json_expect(sha256, JSON_STRING, err) < 0)
		return -1;
	if (sha256->text_len != 64)
		return json_error(sha256, err, "not 64 lower-case hexadecimal digits");
	memcpy(text + 7, sha256->text, 65);
	if (!import_is_digest(text))
		return json_error(sha256, err, "not 64 lower-case hexadecimal digits");
	return import_add(p->imp, &p->digests, text, err);
}

/* min: the older of the two is what counts, and a report that is younger or much older
 * than its wrapping says was wrapped again (trivy convert). */
static int on_finished(void *ctx, const struct json *v, struct err *err)
{
	return import_time(v, &((struct vulns *)ctx)->finished, err);
}

static int on_uri(void *ctx, const struct json *v, struct err *err)
{
	struct vulns *p = ctx;
	return import_hostile(p->imp, v, &p->uri, err);
}

static int on_scanner_version(void *ctx, const struct json *v, struct err *err)
{
	struct vulns *p = ctx;
	return import_hostile(p->imp, v, &p->version, err);
}

static int on_db_update(void *ctx, const struct json *v, struct err *err)
{
	return import_time(v, &((struct vulns *)ctx)->db_updated, err);
}

static int on_result(void *ctx, const struct json *v, struct err *err)
{
	struct vulns *p = ctx;
	(void)err;
	p->has_result = true;
	p->result = v->type;
	return 0;
}

static int on_schema(void *ctx, const struct json *v, struct err *err)
{
	(void)v;
	(void)err;
	((struct vulns *)ctx)->is_trivy = true;
	return 0;
}

static int on_descriptor(void *ctx, const struct json *v, struct err *err)
{
	(void)v;
	(void)err;
	((struct vulns *)ctx)->is_grype = true;
	return 0;
}

#define STATEMENT                                                                      \
	{"subject[]", on_subject, JSON_SELECT_WHOLE},                                  \
		{"predicate.metadata.scanFinishedOn", on_finished, JSON_SELECT_WHOLE}, \
		{"predicate.scanner.uri", on_uri, JSON_SELECT_WHOLE},                  \
		{"predicate.scanner.version", on_scanner_version, JSON_SELECT_WHOLE},  \
		{"predicate.scanner.result", on_result, JSON_SELECT_END}

static struct vulns *new_state(struct import *imp, struct err *err)
{
	struct vulns *p = arena_alloc(imp->arena, sizeof(*p));
	if (!p) {
		err_oom(err);
		return NULL;
	}
	p->imp = imp;
	return p;
}

static int check_statement(const struct vulns *p, struct err *err)
{
	if (p->subjects == 0)
		return err_set(err, ERR_SPEC, "subject: the statement is about nothing");
	if (!p->has_result || p->result == JSON_NULL)
		return err_set(err, ERR_SPEC,
			       "predicate.scanner.result: null or missing: nothing was scanned");
	return 0;
}

/* What the statement is about may be a manifest or an index. */
static int add_subjects(struct vulns *p, struct err *err)
{
	for (size_t i = 0; i < p->digests.n; i++)
		if (import_add(p->imp, &p->imp->report->subject.about, p->digests.items[i], err) <
		    0)
			return -1;
	return 0;
}

/* ---- cosign: vuln/v1 ---- */

/* A report in a report: its time and its wrapping's have to agree, and what the format
 * of the predicate says is added to what the report says. */
static int wrap(struct vulns *p, const char *format, struct err *err)
{
	struct scan *scan = &p->imp->report->scans.items[p->imp->report->scans.n - 1];
	int64_t skew = p->imp->hints->max_skew_s > 0 ? p->imp->hints->max_skew_s : IMPORT_SKEW_S;
	scan->format = format;
	scan->classes |= 1u << CLASS_VULN; /* a predicate of that type says so */
	if (!scan->tool_version)
		scan->tool_version = p->version;
	if (p->finished && scan->scanned_at) {
		int64_t apart = p->finished - scan->scanned_at;
		if (apart > skew || apart < -skew) {
			char a[RFC3339_SIZE], b[RFC3339_SIZE];
			rfc3339_format(p->finished, a);
			rfc3339_format(scan->scanned_at, b);
			return err_set(err, ERR_SPEC,
				       "predicate: says that the scan ended %s, the report in it "
				       "says %s: an old report wrapped again?",
				       a, b);
		}
	}
	if (p->finished && (!scan->scanned_at || p->finished < scan->scanned_at))
		scan->scanned_at = p->finished;
	return add_subjects(p, err);
}

static void *begin_cosign(struct import *imp, const char *prefix, struct err *err)
{
	static const struct json_selector selectors[] = {
		STATEMENT,
		{"predicate.scanner.result.SchemaVersion", on_schema, JSON_SELECT_END},
		{"predicate.scanner.result.descriptor", on_descriptor, JSON_SELECT_END},
	};
	struct vulns *p = new_state(imp, err);
	if (!p ||
	    json_stream_select(imp->stream, prefix, selectors, ARRAY_LEN(selectors), p, err) < 0)
		return NULL;
	p->trivy = import_trivy.begin(imp, "predicate.scanner.result", err);
	if (p->trivy)
		p->grype = import_grype.begin(imp, "predicate.scanner.result", err);
	return p->grype ? p : NULL;
}

static int finish_cosign(void *state, struct err *err)
{
	struct vulns *p = state;
	if (check_statement(p, err) < 0)
		return -1;
	if (p->is_trivy == p->is_grype)
		return err_set(err, ERR_SPEC,
			       "predicate.scanner.result: neither a Trivy nor a Grype report: "
			       "import the scanner's own JSON");
	if ((p->is_trivy ? import_trivy.finish(p->trivy, err)
			 : import_grype.finish(p->grype, err)) < 0)
		return -1;
	return wrap(p, "cosign-vuln", err);
}

const struct import_json import_cosign_vuln = {FORMAT_COSIGN_VULN, begin_cosign, finish_cosign};

/* ---- cosign: custom, with the report as a string ---- */

static int on_data(void *ctx, const struct json *v, struct err *err)
{
	struct vulns *p = ctx;
	if (json_expect(v, JSON_STRING, err) < 0)
		return -1;
	p->has_data = true;
	return import_nested(p->imp, v->text, v->text_len, err) < 0
		       ? err_context(err, "predicate.Data")
		       : 0;
}

static void *begin_custom(struct import *imp, const char *prefix, struct err *err)
{
	static const struct json_selector selectors[] = {
		{"subject[]", on_subject, JSON_SELECT_WHOLE},
		{"predicate.Data", on_data, JSON_SELECT_WHOLE},
		{"predicate.Timestamp", on_finished, JSON_SELECT_WHOLE},
	};
	struct vulns *p = new_state(imp, err);
	return p && json_stream_select(imp->stream, prefix, selectors, ARRAY_LEN(selectors), p,
				       err) == 0
		       ? p
		       : NULL;
}

static int finish_custom(void *state, struct err *err)
{
	struct vulns *p = state;
	if (p->subjects == 0)
		return err_set(err, ERR_SPEC, "subject: the statement is about nothing");
	if (!p->has_data || p->imp->report->scans.n != 1)
		return err_set(err, ERR_SPEC,
			       "predicate.Data: no report in it: nothing was scanned");
	unsigned classes = p->imp->report->scans.items[0].classes;
	if (wrap(p, "cosign-custom", err) < 0)
		return -1;
	p->imp->report->scans.items[0].classes = classes; /* this type says nothing of it */
	return 0;
}

const struct import_json import_cosign_custom = {FORMAT_COSIGN_VULN, begin_custom, finish_custom};

/* ---- in-toto: vulns v0.1, v0.2 ---- */

/* "medium", "5.2": a word or a CVSS score. */
static enum severity score_severity(const char *score)
{
	static const char digits[] = "0123456789";
	enum severity word = import_severity(score);
	size_t n = strspn(score, digits);
	const char *rest = score + n;
	if (word != SEVERITY_UNKNOWN || n == 0 || n > 2)
		return word;
	if (*rest == '.' && (rest[1] == '\0' || rest[1 + strspn(rest + 1, digits)] != '\0'))
		return SEVERITY_UNKNOWN;
	if (*rest != '.' && *rest != '\0')
		return SEVERITY_UNKNOWN;
	unsigned whole = (unsigned)(score[0] - '0');
	if (n == 2)
		whole = whole * 10 + (unsigned)(score[1] - '0');
	bool fraction = *rest == '.' && strspn(rest + 1, "0") != strlen(rest + 1);
	if (whole > 10 || (whole == 10 && fraction))
		return SEVERITY_UNKNOWN;
	return whole >= 9	     ? SEVERITY_CRITICAL
	       : whole >= 7	     ? SEVERITY_HIGH
	       : whole >= 4	     ? SEVERITY_MEDIUM
	       : whole || fraction ? SEVERITY_LOW
				     : SEVERITY_NEGLIGIBLE;
}

/* The highest counts: scanners disagree. */
static int severities(const struct json *list, struct finding *f, struct err *err)
{
	if (!list)
		return 0;
	if (import_expect_array(list, err) < 0)
		return -1;
	json_each (e, list) {
		const struct json *score = json_get(e, "score");
		if (json_expect(e, JSON_OBJECT, err) < 0)
			return -1;
		if (!score || score->type == JSON_NULL)
			continue;
		if (score->type != JSON_NUMBER && json_expect(score, JSON_STRING, err) < 0)
			return -1;
		enum severity severity = score_severity(score->text);
		if (severity > f->severity)
			f->severity = severity;
	}
	return 0;
}

static int on_element(void *ctx, const struct json *v, struct err *err)
{
	struct vulns *p = ctx;
	const struct json *hole = v;
	if (json_expect(v, JSON_OBJECT, err) < 0)
		return -1;
	/* v0.1's table nests what its example has flat. */
	if (json_get(v, "vulnerability")) {
		hole = json_get(v, "vulnerability");
		if (json_expect(hole, JSON_OBJECT, err) < 0)
			return -1;
	}
	struct finding *f = import_finding(p->imp, &p->findings, CLASS_VULN, err);
	if (!f || import_string(p->imp, json_get(hole, "id"), IMPORT_MAX_ID, &f->id, err) < 0)
		return -1;
	if (!f->id)
		return json_error(hole, err, "no id");
	return severities(json_get(hole, "severity"), f, err);
}

static void *begin_intoto(struct import *imp, const char *prefix, struct err *err)
{
	static const struct json_selector selectors[] = {
		STATEMENT,
		{"predicate.scanner.db.lastUpdate", on_db_update, JSON_SELECT_WHOLE},
		{"predicate.scanner.result[]", on_element, JSON_SELECT_WHOLE},
	};
	struct vulns *p = new_state(imp, err);
	return p && json_stream_select(imp->stream, prefix, selectors, ARRAY_LEN(selectors), p,
				       err) == 0
		       ? p
		       : NULL;
}

static int finish_intoto(void *state, struct err *err)
{
	struct vulns *p = state;
	if (check_statement(p, err) < 0)
		return -1;
	if (p->result != JSON_ARRAY)
		return err_set(err, ERR_SPEC, "predicate.scanner.result: expected a list");
	if (!p->db_updated)
		return err_set(err, ERR_SPEC,
			       "predicate.scanner.db.lastUpdate: missing, and required");
	p->scan.tool = p->uri ? p->uri : "unknown";
	p->scan.tool_version = p->version;
	p->scan.format = "in-toto-vulns";
	p->scan.complete = true;
	p->scan.classes = 1u << CLASS_VULN;
	if (import_times(p->imp, &p->scan, p->finished, p->db_updated, err) < 0 ||
	    add_subjects(p, err) < 0)
		return -1;
	return import_commit(p->imp, &p->scan, &p->findings, err);
}

const struct import_json import_intoto_vulns = {FORMAT_INTOTO_VULNS, begin_intoto, finish_intoto};
