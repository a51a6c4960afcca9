/* Owns SARIF 2.1.0 as Trivy writes it (trivy: pkg/report/sarif.go).  Severity is a tag of
 * the rule; a result's level has less (critical and high are both "error").  Others'
 * SARIF hasn't got the image's digest or the severity: refused, with what to do.
 */
#include "config.h"

#include "gate/import_parts.h"

#include <stdlib.h>
#include <string.h>

#include "base/banned.h"

struct rule {
	const char *id;
	enum severity severity;
	enum scan_class scan_class;
	bool is_licence;
};

struct sarif {
	struct import *imp;
	struct scan scan;
	finding_list findings;
	struct subject subject;
	LIST_OF(struct rule) rules;
	bool is_sarif, is_trivy;
	size_t runs;
};

static int on_sarif_version(void *ctx, const struct json *v, struct err *err)
{
	if (!import_is_text(v, "2.1.0"))
		return json_error(v, err, "only SARIF 2.1.0 is read");
	((struct sarif *)ctx)->is_sarif = true;
	return 0;
}

static int on_driver(void *ctx, const struct json *v, struct err *err)
{
	struct sarif *s = ctx;
	if (!import_is_text(v, "Trivy"))
		return json_error(v, err,
				  "only Trivy's SARIF says which image and how severe: give the "
				  "scanner's JSON (grype -o json)");
	s->is_trivy = true;
	return 0;
}

static int on_driver_version(void *ctx, const struct json *v, struct err *err)
{
	struct sarif *s = ctx;
	return import_string(s->imp, v, IMPORT_MAX_ID, &s->scan.tool_version, err);
}

static int on_run(void *ctx, const struct json *v, struct err *err)
{
	struct sarif *s = ctx;
	s->runs++;
	return json_expect(v, JSON_OBJECT, err);
}

static int on_list(void *ctx, const struct json *v, struct err *err)
{
	(void)ctx;
	return import_expect_array(v, err);
}

static void read_tag(const char *tag, struct rule *r)
{
	static const struct {
		const char *tag;
		enum scan_class scan_class;
	} classes[] = {{"vulnerability", CLASS_VULN},
		       {"secret", CLASS_SECRET},
		       {"misconfiguration", CLASS_MISCONFIG}};
	enum severity severity = import_severity(tag);
	if (severity > r->severity)
		r->severity = severity;
	for (size_t i = 0; i < ARRAY_LEN(classes); i++)
		if (!strcmp(tag, classes[i].tag))
			r->scan_class = classes[i].scan_class;
	r->is_licence |= !strcmp(tag, "license");
}

static int on_rule(void *ctx, const struct json *v, struct err *err)
{
	struct sarif *s = ctx;
	if (s->rules.n == IMPORT_MAX_FINDINGS)
		return json_error(v, err, "more than %u rules", IMPORT_MAX_FINDINGS);
	struct rule *r = ARENA_PUSH(s->imp->arena, &s->rules);
	if (!r)
		return err_oom(err);
	if (json_expect(v, JSON_OBJECT, err) < 0 ||
	    import_string(s->imp, json_get(v, "id"), IMPORT_MAX_ID, &r->id, err) < 0)
		return -1;
	if (!r->id)
		return json_error(v, err, "no id");
	const struct json *properties = json_get(v, "properties");
	const struct json *tags = properties ? json_get(properties, "tags") : NULL;
	if (!tags)
		return 0;
	if (import_expect_array(tags, err) < 0)
		return -1;
	json_each (e, tags) {
		const char *tag;
		if (json_as_string(e, &tag, err) < 0)
			return -1;
		read_tag(tag, r);
	}
	return 0;
}

/* Where, for a secret or a misconfiguration. */
static const struct json *uri_of(const struct json *result)
{
	const struct json *v = json_get(result, "locations");
	static const char *const steps[] = {"physicalLocation", "artifactLocation", "uri"};
	v = v ? v->first : NULL;
	for (size_t i = 0; v && i < ARRAY_LEN(steps); i++)
		v = json_get(v, steps[i]);
	return v;
}

static int on_result(void *ctx, const struct json *v, struct err *err)
{
	struct sarif *s = ctx;
	if (json_expect(v, JSON_OBJECT, err) < 0)
		return -1;
	struct finding *f = import_finding(s->imp, &s->findings, CLASS_NONE, err);
	if (!f || import_string(s->imp, json_get(v, "ruleId"), IMPORT_MAX_ID, &f->id, err) < 0 ||
	    import_hostile(s->imp, uri_of(v), &f->package, err) < 0)
		return -1;
	return f->id ? 0 : json_error(v, err, "no ruleId");
}

static int on_image_id(void *ctx, const struct json *v, struct err *err)
{
	struct sarif *s = ctx;
	return import_digest(s->imp, v, &s->subject.config, err);
}

static int on_repo_digests(void *ctx, const struct json *v, struct err *err)
{
	struct sarif *s = ctx;
	return import_repo_digests(s->imp, v, &s->subject, err);
}

static void *begin(struct import *imp, const char *prefix, struct err *err)
{
	static const struct json_selector selectors[] = {
		{"version", on_sarif_version, JSON_SELECT_WHOLE},
		{"runs", on_list, JSON_SELECT_END},
		{"runs[]", on_run, JSON_SELECT_END},
		{"runs[].tool.driver.name", on_driver, JSON_SELECT_WHOLE},
		{"runs[].tool.driver.version", on_driver_version, JSON_SELECT_WHOLE},
		{"runs[].tool.driver.rules", on_list, JSON_SELECT_END},
		{"runs[].tool.driver.rules[]", on_rule, JSON_SELECT_WHOLE},
		{"runs[].results", on_list, JSON_SELECT_END},
		{"runs[].results[]", on_result, JSON_SELECT_WHOLE},
		{"runs[].properties.imageID", on_image_id, JSON_SELECT_WHOLE},
		{"runs[].properties.repoDigests", on_repo_digests, JSON_SELECT_WHOLE},
	};
	struct sarif *s = arena_alloc(imp->arena, sizeof(*s));
	if (!s) {
		err_oom(err);
		return NULL;
	}
	s->imp = imp;
	s->scan.tool = "trivy";
	s->scan.format = "trivy-sarif";
	return json_stream_select(imp->stream, prefix, selectors, ARRAY_LEN(selectors), s, err) < 0
		       ? NULL
		       : s;
}

static int by_id(const void *a, const void *b)
{
	const struct rule *x = a, *y = b;
	int order = strcmp(x->id, y->id);
	return order                        ? order
	       : x->severity != y->severity ? (x->severity > y->severity ? -1 : 1)
					    : 0;
}

/* Results with their rules.  The first of equal ids has the highest severity. */
static int join(struct sarif *s, struct err *err)
{
	size_t n = 0;
	if (s->rules.n)
		qsort(s->rules.items, s->rules.n, sizeof(*s->rules.items), by_id);
	for (size_t i = 0; i < s->rules.n; i++)
		if (n == 0 || strcmp(s->rules.items[n - 1].id, s->rules.items[i].id) != 0)
			s->rules.items[n++] = s->rules.items[i];
	size_t kept = 0;
	for (size_t i = 0; i < s->findings.n; i++) {
		struct finding f = s->findings.items[i];
		size_t low = 0, high = n;
		while (low < high) {
			size_t middle = (low + high) / 2;
			if (strcmp(s->rules.items[middle].id, f.id) < 0)
				low = middle + 1;
			else
				high = middle;
		}
		if (low == n || strcmp(s->rules.items[low].id, f.id) != 0)
			return err_set(
				err, ERR_SPEC,
				"runs[].results: there is no rule with the id of one of them");
		const struct rule *r = &s->rules.items[low];
		f.scan_class = r->scan_class;
		f.severity = r->severity;
		if (f.scan_class == CLASS_VULN)
			f.package = NULL; /* its location is the image's name */
		if (f.scan_class == CLASS_NONE && !r->is_licence)
			return err_set(err, ERR_SPEC,
				       "runs[].tool.driver.rules: no tag says what kind of finding "
				       "one of them is");
		if (f.scan_class != CLASS_NONE)
			s->findings.items[kept++] = f;
	}
	s->findings.n = kept;
	return 0;
}

static int finish(void *state, struct err *err)
{
	struct sarif *s = state;
	if (!s->is_sarif || !s->is_trivy)
		return err_set(err, ERR_SPEC,
			       "not Trivy's SARIF: the version or the tool's name is missing");
	if (s->runs != 1)
		return err_set(err, ERR_SPEC,
			       "runs: %zu runs; one is read: give each scan's own report", s->runs);
	if (import_incomplete(s->imp, &s->scan, err,
			      "SARIF doesn't say which system and packages were looked at") < 0 ||
	    join(s, err) < 0 || import_times(s->imp, &s->scan, 0, 0, err) < 0)
		return -1;
	s->imp->report->subject = s->subject;
	return import_commit(s->imp, &s->scan, &s->findings, err);
}

const struct import_json import_sarif = {FORMAT_SARIF, begin, finish};
