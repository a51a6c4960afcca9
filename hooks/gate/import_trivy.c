/* Owns Trivy's JSON report, schema version 2 (trivy: pkg/types/report.go).
 *
 * It says neither which scanners ran nor how the report was filtered nor how old the
 * database is: none of that is made up here.
 */
#include "config.h"

#include "gate/import_parts.h"

#include <string.h>

#include "base/banned.h"

struct trivy {
	struct import *imp;
	struct scan scan;
	finding_list findings;
	struct subject subject;
	bool is_report, artifact;
	bool misconfigured, os_packages;
	int64_t created_at;
	size_t suppressed;
	/* of the element of Results in hand */
	const char *target;
	const char *result_class;
	size_t first; /* of its findings */
};

/* ---- the report's head ---- */

static int on_schema(void *ctx, const struct json *v, struct err *err)
{
	struct trivy *t = ctx;
	if (!import_is_number(v, 2))
		return json_error(
			v, err,
			"only Trivy's schema version 2 is read: scan again with a current trivy");
	t->is_report = true;
	return 0;
}

static int on_created(void *ctx, const struct json *v, struct err *err)
{
	return import_time(v, &((struct trivy *)ctx)->created_at, err);
}

static int on_version(void *ctx, const struct json *v, struct err *err)
{
	struct trivy *t = ctx;
	return import_string(t->imp, v, IMPORT_MAX_ID, &t->scan.tool_version, err);
}

static int on_artifact(void *ctx, const struct json *v, struct err *err)
{
	const char *type;
	(void)err;
	type = v->type == JSON_STRING ? v->text : "";
	((struct trivy *)ctx)->artifact |= type[0] != '\0';
	return 0;
}

static int on_os(void *ctx, const struct json *v, struct err *err)
{
	struct trivy *t = ctx;
	const struct json *eosl;
	if (import_expect_object(v, err) < 0)
		return -1;
	eosl = json_get(v, "EOSL");
	if (eosl && eosl->type != JSON_NULL && json_as_bool(eosl, &t->scan.os_end_of_life, err) < 0)
		return -1;
	if (import_hostile(t->imp, json_get(v, "Family"), &t->scan.os_family, err) < 0)
		return -1;
	/* Trivy's word for "none found" */
	if (t->scan.os_family && !strcmp(t->scan.os_family, "none"))
		t->scan.os_family = NULL;
	return import_hostile(t->imp, json_get(v, "Name"), &t->scan.os_version, err);
}

static int on_image_id(void *ctx, const struct json *v, struct err *err)
{
	struct trivy *t = ctx;
	return import_digest(t->imp, v, &t->subject.config, err);
}

/* May be an index's, though one platform of it was scanned: never the manifest. */
static int on_repo_digests(void *ctx, const struct json *v, struct err *err)
{
	struct trivy *t = ctx;
	return import_repo_digests(t->imp, v, &t->subject, err);
}

static int on_platform_os(void *ctx, const struct json *v, struct err *err)
{
	struct trivy *t = ctx;
	return import_string(t->imp, v, IMPORT_MAX_ID, &t->subject.os, err);
}

static int on_architecture(void *ctx, const struct json *v, struct err *err)
{
	struct trivy *t = ctx;
	return import_string(t->imp, v, IMPORT_MAX_ID, &t->subject.architecture, err);
}

static int on_variant(void *ctx, const struct json *v, struct err *err)
{
	struct trivy *t = ctx;
	return import_string(t->imp, v, IMPORT_MAX_ID, &t->subject.variant, err);
}

/* ---- results ---- */

static int on_list(void *ctx, const struct json *v, struct err *err)
{
	(void)ctx;
	return import_expect_array(v, err);
}

static int on_target(void *ctx, const struct json *v, struct err *err)
{
	struct trivy *t = ctx;
	return import_hostile(t->imp, v, &t->target, err);
}

static int on_class(void *ctx, const struct json *v, struct err *err)
{
	struct trivy *t = ctx;
	return import_string(t->imp, v, IMPORT_MAX_ID, &t->result_class, err);
}

static int on_summary(void *ctx, const struct json *v, struct err *err)
{
	struct trivy *t = ctx;
	t->misconfigured |= v->type == JSON_OBJECT; /* written only when checks ran */
	return import_expect_object(v, err);
}

/* Members of a result come in any order (protobuf sorts them), so what needs its target
 * and class waits for its end. */
static int on_result(void *ctx, const struct json *v, struct err *err)
{
	struct trivy *t = ctx;
	if (json_expect(v, JSON_OBJECT, err) < 0)
		return -1;
	for (size_t i = t->first; i < t->findings.n; i++) {
		struct finding *f = &t->findings.items[i];
		if (f->scan_class == CLASS_SECRET || f->scan_class == CLASS_MISCONFIG)
			f->package = t->target;
	}
	t->first = t->findings.n;
	t->os_packages |= t->result_class && !strcmp(t->result_class, "os-pkgs");
	t->target = t->result_class = NULL;
	return 0;
}

static enum fix_state fix_of(const char *status, bool has_version)
{
	if (has_version)
		return FIX_FIXED; /* whatever the status says: a fix that exists counts */
	if (!status)
		return FIX_UNKNOWN;
	if (!strcmp(status, "affected") || !strcmp(status, "fix_deferred"))
		return FIX_NONE;
	if (!strcmp(status, "will_not_fix") || !strcmp(status, "end_of_life"))
		return FIX_WONT;
	return strcmp(status, "fixed") == 0 ? FIX_FIXED : FIX_UNKNOWN;
}

static int id_and_severity(struct trivy *t, const struct json *v, const char *id, struct finding *f,
			   struct err *err)
{
	const char *severity;
	if (import_string(t->imp, json_get(v, id), IMPORT_MAX_ID, &f->id, err) < 0 ||
	    import_string(t->imp, json_get(v, "Severity"), IMPORT_MAX_ID, &severity, err) < 0)
		return -1;
	if (!f->id)
		return json_error(v, err, "no %s", id);
	f->severity = import_severity(severity);
	return 0;
}

static int alias_of(struct trivy *t, const struct json *vendor_ids, struct finding *f,
		    struct err *err)
{
	if (!vendor_ids || import_is_cve(f->id))
		return 0;
	if (import_expect_array(vendor_ids, err) < 0)
		return -1;
	json_each (e, vendor_ids) {
		const char *text;
		if (json_as_string(e, &text, err) < 0)
			return -1;
		if (import_is_cve(text))
			return import_string(t->imp, e, IMPORT_MAX_ID, &f->alias, err);
	}
	return 0;
}

static int on_vulnerability(void *ctx, const struct json *v, struct err *err)
{
	struct trivy *t = ctx;
	struct import *imp = t->imp;
	const char *status;
	if (json_expect(v, JSON_OBJECT, err) < 0)
		return -1;
	struct finding *f = import_finding(imp, &t->findings, CLASS_VULN, err);
	if (!f || id_and_severity(t, v, "VulnerabilityID", f, err) < 0)
		return -1;
	const struct json *identifier = json_get(v, "PkgIdentifier");
	if (import_hostile(imp, json_get(v, "PkgName"), &f->package, err) < 0 ||
	    import_hostile(imp, json_get(v, "InstalledVersion"), &f->version, err) < 0 ||
	    import_hostile(imp, json_get(v, "FixedVersion"), &f->fixed_version, err) < 0 ||
	    import_string(imp, json_get(v, "Status"), IMPORT_MAX_ID, &status, err) < 0 ||
	    import_time(json_get(v, "PublishedDate"), &f->published, err) < 0 ||
	    alias_of(t, json_get(v, "VendorIDs"), f, err) < 0)
		return -1;
	f->fix = fix_of(status, f->fixed_version != NULL);
	if (identifier && (import_expect_object(identifier, err) < 0 ||
			   import_purl(imp, json_get(identifier, "PURL"), &f->purl, err) < 0))
		return -1;
	return 0;
}

static int on_secret(void *ctx, const struct json *v, struct err *err)
{
	struct trivy *t = ctx;
	if (json_expect(v, JSON_OBJECT, err) < 0)
		return -1;
	struct finding *f = import_finding(t->imp, &t->findings, CLASS_SECRET, err);
	return f ? id_and_severity(t, v, "RuleID", f, err) : -1;
}

static int on_misconfiguration(void *ctx, const struct json *v, struct err *err)
{
	struct trivy *t = ctx;
	const char *status;
	if (json_expect(v, JSON_OBJECT, err) < 0 ||
	    import_string(t->imp, json_get(v, "Status"), IMPORT_MAX_ID, &status, err) < 0)
		return -1;
	t->misconfigured = true;
	if (status && !strcmp(status, "PASS"))
		return 0;
	if (status && !strcmp(status, "EXCEPTION")) {
		t->suppressed++;
		return 0;
	}
	struct finding *f = import_finding(t->imp, &t->findings, CLASS_MISCONFIG, err);
	return f ? id_and_severity(t, v, "ID", f, err) : -1;
}

/* --show-suppressed: what an ignore file or a VEX document had removed. */
static int on_modified(void *ctx, const struct json *v, struct err *err)
{
	((struct trivy *)ctx)->suppressed += v->n;
	return import_expect_array(v, err);
}

static void *begin(struct import *imp, const char *prefix, struct err *err)
{
	static const struct json_selector selectors[] = {
		{"SchemaVersion", on_schema, JSON_SELECT_WHOLE},
		{"CreatedAt", on_created, JSON_SELECT_WHOLE},
		{"Trivy.Version", on_version, JSON_SELECT_WHOLE},
		{"ArtifactType", on_artifact, JSON_SELECT_WHOLE},
		{"ArtifactName", on_artifact, JSON_SELECT_WHOLE},
		{"Metadata.OS", on_os, JSON_SELECT_WHOLE},
		{"Metadata.ImageID", on_image_id, JSON_SELECT_WHOLE},
		{"Metadata.RepoDigests", on_repo_digests, JSON_SELECT_WHOLE},
		{"Metadata.ImageConfig.os", on_platform_os, JSON_SELECT_WHOLE},
		{"Metadata.ImageConfig.architecture", on_architecture, JSON_SELECT_WHOLE},
		{"Metadata.ImageConfig.variant", on_variant, JSON_SELECT_WHOLE},
		{"Results", on_list, JSON_SELECT_END},
		{"Results[]", on_result, JSON_SELECT_END},
		{"Results[].Target", on_target, JSON_SELECT_WHOLE},
		{"Results[].Class", on_class, JSON_SELECT_WHOLE},
		{"Results[].MisconfSummary", on_summary, JSON_SELECT_END},
		{"Results[].Vulnerabilities", on_list, JSON_SELECT_END},
		{"Results[].Vulnerabilities[]", on_vulnerability, JSON_SELECT_WHOLE},
		{"Results[].Secrets", on_list, JSON_SELECT_END},
		{"Results[].Secrets[]", on_secret, JSON_SELECT_WHOLE},
		{"Results[].Misconfigurations", on_list, JSON_SELECT_END},
		{"Results[].Misconfigurations[]", on_misconfiguration, JSON_SELECT_WHOLE},
		{"Results[].ExperimentalModifiedFindings", on_modified, JSON_SELECT_END},
	};
	struct trivy *t = arena_alloc(imp->arena, sizeof(*t));
	if (!t) {
		err_oom(err);
		return NULL;
	}
	t->imp = imp;
	t->scan.tool = "trivy";
	t->scan.format = "trivy-json";
	t->scan.complete = true;
	return json_stream_select(imp->stream, prefix, selectors, ARRAY_LEN(selectors), t, err) < 0
		       ? NULL
		       : t;
}

static int judge(struct trivy *t, struct err *err)
{
	struct import *imp = t->imp;
	if (!t->scan.os_family &&
	    import_incomplete(imp, &t->scan, err, "no operating system was recognised") < 0)
		return -1;
	/* An unsupported one is only told in trivy's log. */
	if (!t->os_packages &&
	    import_incomplete(imp, &t->scan, err,
			      "no packages of an operating system were looked at") < 0)
		return -1;
	if (t->suppressed == 0)
		return 0;
	if (import_filter(imp, &t->scan, err, "%zu suppressed (ignore file, exception or VEX)",
			  t->suppressed) < 0)
		return -1;
	return import_incomplete(imp, &t->scan, err, "%zu findings were suppressed by the scanner",
				 t->suppressed);
}

static int finish(void *state, struct err *err)
{
	struct trivy *t = state;
	if (!t->is_report || !t->artifact)
		return err_set(err, ERR_SPEC,
			       "not a Trivy report: SchemaVersion or the artifact is missing");
	if (t->misconfigured)
		t->scan.classes |= 1u << CLASS_MISCONFIG;
	if (judge(t, err) < 0 || import_times(t->imp, &t->scan, t->created_at, 0, err) < 0)
		return -1;
	t->imp->report->subject = t->subject;
	return import_commit(t->imp, &t->scan, &t->findings, err);
}

const struct import_json import_trivy = {FORMAT_TRIVY, begin, finish};
