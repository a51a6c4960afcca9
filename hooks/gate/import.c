/* Owns which format a report is in, and the run of one importer over bytes.  Pure; files
 * are import_fd.c's. */
#include "config.h"

#include "gate/import_parts.h"

#include <stdlib.h>
#include <string.h>

#include "base/banned.h"

static const char *const names[FORMAT_COUNT] = {
	[FORMAT_AUTO] = "auto",
	[FORMAT_TRIVY] = "trivy-json",
	[FORMAT_GRYPE] = "grype-json",
	[FORMAT_CLAIR] = "clair-json",
	[FORMAT_SARIF] = "trivy-sarif",
	[FORMAT_CLAMAV] = "clamav-log",
	[FORMAT_COSIGN_VULN] = "cosign-vuln",
	[FORMAT_INTOTO_VULNS] = "in-toto-vulns",
	[FORMAT_OPENVEX] = "openvex",
	[FORMAT_CYCLONEDX_VEX] = "cyclonedx-vex",
};

const char *report_format_name(enum report_format format)
{
	return (unsigned)format < FORMAT_COUNT ? names[format] : "unknown";
}

/* ---- detection: by what the outermost object has ---- */

enum marker {
	TRIVY_SCHEMA,
	TRIVY_ARTIFACT,
	GRYPE,
	CLAIR_HASH,
	CLAIR_PAIRS,
	SARIF_RUNS,
	OPENVEX,
	CYCLONEDX,
	ENVELOPE,
	BUNDLE,
	MARKERS
};

struct import_detector {
	struct json_stream *stream; /* NULL: text */
	bool decided;		    /* JSON or text */
	bool empty_so_far, has_summary;
	char tail[64]; /* the end of the text so far */
	size_t tail_len;
	bool has[MARKERS], is_array, statement;
	struct import_detected predicate; /* format 0: unknown type */
	bool has_predicate;
};

static int mark_trivy_schema(void *ctx, const struct json *v, struct err *err)
{
	(void)v, (void)err;
	((struct import_detector *)ctx)->has[TRIVY_SCHEMA] = true;
	return 0;
}

static int mark_trivy_artifact(void *ctx, const struct json *v, struct err *err)
{
	(void)v, (void)err;
	((struct import_detector *)ctx)->has[TRIVY_ARTIFACT] = true;
	return 0;
}

static int mark_grype(void *ctx, const struct json *v, struct err *err)
{
	(void)err;
	((struct import_detector *)ctx)->has[GRYPE] = import_is_text(v, "grype");
	return 0;
}

static int mark_clair_hash(void *ctx, const struct json *v, struct err *err)
{
	(void)v, (void)err;
	((struct import_detector *)ctx)->has[CLAIR_HASH] = true;
	return 0;
}

static int mark_clair_pairs(void *ctx, const struct json *v, struct err *err)
{
	(void)v, (void)err;
	((struct import_detector *)ctx)->has[CLAIR_PAIRS] = true;
	return 0;
}

static int mark_runs(void *ctx, const struct json *v, struct err *err)
{
	(void)v, (void)err;
	((struct import_detector *)ctx)->has[SARIF_RUNS] = true;
	return 0;
}

static int mark_context(void *ctx, const struct json *v, struct err *err)
{
	static const char ns[] = "https://openvex.dev/ns";
	(void)err;
	((struct import_detector *)ctx)->has[OPENVEX] =
		v->type == JSON_STRING && !strncmp(v->text, ns, sizeof(ns) - 1);
	return 0;
}

static int mark_bom(void *ctx, const struct json *v, struct err *err)
{
	(void)err;
	((struct import_detector *)ctx)->has[CYCLONEDX] = import_is_text(v, "CycloneDX");
	return 0;
}

static int mark_envelope(void *ctx, const struct json *v, struct err *err)
{
	(void)v, (void)err;
	((struct import_detector *)ctx)->has[ENVELOPE] = true;
	return 0;
}

static int mark_media_type(void *ctx, const struct json *v, struct err *err)
{
	static const char bundle[] = "application/vnd.dev.sigstore.bundle";
	(void)err;
	((struct import_detector *)ctx)->has[BUNDLE] =
		v->type == JSON_STRING && !strncmp(v->text, bundle, sizeof(bundle) - 1);
	return 0;
}

static int mark_root(void *ctx, const struct json *v, struct err *err)
{
	(void)err;
	((struct import_detector *)ctx)->is_array = v->type == JSON_ARRAY;
	return 0;
}

static int mark_statement(void *ctx, const struct json *v, struct err *err)
{
	if (!import_is_text(v, "https://in-toto.io/Statement/v0.1") &&
	    !import_is_text(v, "https://in-toto.io/Statement/v1"))
		return json_error(v, err, "not in-toto's Statement v0.1 or v1");
	((struct import_detector *)ctx)->statement = true;
	return 0;
}

/* The scheme is missing in old attestations and some policies. */
static int mark_predicate(void *ctx, const struct json *v, struct err *err)
{
	static const struct {
		const char *type;
		enum report_format format;
		bool custom;
	} types[] = {
		{"cosign.sigstore.dev/attestation/vuln/v1", FORMAT_COSIGN_VULN, false},
		{"cosign.sigstore.dev/attestation/v1", FORMAT_COSIGN_VULN, true},
		{"in-toto.io/attestation/vulns/v0.1", FORMAT_INTOTO_VULNS, false},
		{"in-toto.io/attestation/vulns/v0.2", FORMAT_INTOTO_VULNS, false},
		{"openvex.dev/ns", FORMAT_OPENVEX, false},
		{"openvex.dev/ns/v0.2.0", FORMAT_OPENVEX, false},
		{"cyclonedx.org/bom", FORMAT_CYCLONEDX_VEX, false},
	};
	struct import_detector *d = ctx;
	const char *type;
	if (json_as_string(v, &type, err) < 0)
		return -1;
	if (!strncmp(type, "https://", 8))
		type += 8;
	d->has_predicate = true;
	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		if (!strcmp(type, types[i].type))
			d->predicate =
				(struct import_detected){types[i].format, true, types[i].custom};
	return d->predicate.format
		       ? 0
		       : json_error(
				 v, err,
				 "no type of predicate that has a scan or VEX which is read here");
}

struct import_detector *import_detect_new(struct err *err)
{
	static const struct json_selector selectors[] = {
		{"", mark_root, JSON_SELECT_END},
		{"SchemaVersion", mark_trivy_schema, JSON_SELECT_END},
		{"ArtifactName", mark_trivy_artifact, JSON_SELECT_END},
		{"ArtifactType", mark_trivy_artifact, JSON_SELECT_END},
		{"descriptor.name", mark_grype, JSON_SELECT_WHOLE},
		{"manifest_hash", mark_clair_hash, JSON_SELECT_END},
		{"package_vulnerabilities", mark_clair_pairs, JSON_SELECT_END},
		{"runs", mark_runs, JSON_SELECT_END},
		{"@context", mark_context, JSON_SELECT_WHOLE},
		{"bomFormat", mark_bom, JSON_SELECT_WHOLE},
		{"payloadType", mark_envelope, JSON_SELECT_END},
		{"mediaType", mark_media_type, JSON_SELECT_WHOLE},
		{"_type", mark_statement, JSON_SELECT_WHOLE},
		{"predicateType", mark_predicate, JSON_SELECT_WHOLE},
	};
	struct import_detector *d = calloc(1, sizeof(*d));
	if (!d) {
		err_oom(err);
		return NULL;
	}
	d->stream = json_stream_new(err);
	if (!d->stream ||
	    json_stream_select(d->stream, "", selectors, ARRAY_LEN(selectors), d, err) < 0) {
		import_detect_free(d);
		return NULL;
	}
	return d;
}

void import_detect_free(struct import_detector *d)
{
	if (d)
		json_stream_free(d->stream);
	free(d);
}

static void look_for_summary(struct import_detector *d, const char *text, size_t len)
{
	static const char summary[] = "- SCAN SUMMARY -";
	const size_t n = sizeof(summary) - 1;
	/* across the seam of two pieces */
	size_t more = len < n ? len : n;
	memcpy(d->tail + d->tail_len, text, more);
	if (memmem(d->tail, d->tail_len + more, summary, n) || memmem(text, len, summary, n))
		d->has_summary = true;
	size_t all = d->tail_len + more, keep = n - 1;
	if (len >= keep) {
		memcpy(d->tail, text + len - keep, keep);
		d->tail_len = keep;
	} else {
		size_t kept = all < keep ? all : keep;
		memmove(d->tail, d->tail + all - kept, kept);
		d->tail_len = kept;
	}
}

int import_detect_feed(struct import_detector *d, const char *text, size_t len, struct err *err)
{
	if (!d->decided) {
		size_t blank = 0;
		while (blank < len && strchr(" \t\r\n", text[blank]) && text[blank])
			blank++;
		if (blank < len) {
			d->decided = true;
			/* A byte order mark is JSON's to refuse. */
			if (text[blank] != '{' && text[blank] != '[' && text[blank] != '\xef') {
				json_stream_free(d->stream);
				d->stream = NULL;
			}
		}
	}
	if (d->stream)
		return json_stream_feed(d->stream, text, len, err);
	look_for_summary(d, text, len);
	return 0;
}

static int decide(const struct import_detector *d, struct import_detected *ret, struct err *err)
{
	const struct {
		enum report_format format;
		bool is;
	} candidates[] = {
		{FORMAT_TRIVY, d->has[TRIVY_SCHEMA] && d->has[TRIVY_ARTIFACT]},
		{FORMAT_GRYPE, d->has[GRYPE]},
		{FORMAT_CLAIR, d->has[CLAIR_HASH] && d->has[CLAIR_PAIRS]},
		{FORMAT_SARIF, d->has[SARIF_RUNS]},
		{FORMAT_OPENVEX, d->has[OPENVEX]},
		{FORMAT_CYCLONEDX_VEX, d->has[CYCLONEDX]},
		{d->predicate.format, d->has_predicate && d->statement},
	};
	unsigned n = 0;
	if (d->is_array)
		return err_set(err, ERR_SPEC,
			       "an array: Trivy's schema version 1 and the like aren't read: scan "
			       "again with a current trivy");
	if (d->has[ENVELOPE] || d->has[BUNDLE])
		return err_set(err, ERR_SPEC,
			       "a signed envelope: its signature is verified first, and its "
			       "payload is what is read here");
	for (size_t i = 0; i < ARRAY_LEN(candidates); i++) {
		if (!candidates[i].is)
			continue;
		if (n++ > 0)
			return err_set(err, ERR_SPEC, "ambiguous: could be %s and %s",
				       report_format_name(ret->format),
				       report_format_name(candidates[i].format));
		*ret = (struct import_detected){.format = candidates[i].format};
	}
	if (n == 0)
		return err_set(err, ERR_SPEC,
			       "no report that is known: trivy -f json, grype -o json, Clair, "
			       "clamscan's log, SARIF of trivy, "
			       "in-toto statements and VEX are");
	if (d->has_predicate)
		*ret = d->predicate;
	return 0;
}

int import_detect_end(struct import_detector *d, struct import_detected *ret, struct err *err)
{
	if (!d->decided)
		return err_set(err, ERR_SPEC, "empty");
	if (d->stream)
		return json_stream_end(d->stream, err) < 0 ? -1 : decide(d, ret, err);
	if (!d->has_summary)
		return err_set(err, ERR_SPEC,
			       "neither JSON nor a log of clamscan with its summary");
	*ret = (struct import_detected){.format = FORMAT_CLAMAV};
	return 0;
}

/* ---- a run ---- */

struct import_run {
	struct import imp;
	const struct import_json *importer; /* NULL: clamscan's log */
	void *state;
	size_t total;
};

static const struct import_json *importer_of(const struct import_detected *what)
{
	static const struct import_json *const all[] = {
		&import_trivy,       &import_grype,        &import_clair,   &import_sarif,
		&import_cosign_vuln, &import_intoto_vulns, &import_openvex, &import_cyclonedx,
	};
	if (what->custom)
		return &import_cosign_custom;
	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		if (all[i]->format == what->format)
			return all[i];
	return NULL;
}

static int begin_run(struct import_run *run, const struct import_detected *what, struct err *err)
{
	run->importer = importer_of(what);
	if (!run->importer) {
		run->state = import_clamav_begin(&run->imp, err);
		return run->state ? 0 : -1;
	}
	bool inside = what->statement &&
		      (what->format == FORMAT_OPENVEX || what->format == FORMAT_CYCLONEDX_VEX);
	run->imp.stream = json_stream_new(err);
	if (run->imp.stream)
		run->state = run->importer->begin(&run->imp, inside ? "predicate" : "", err);
	return run->state ? 0 : -1;
}

struct import_run *import_run_new(const struct import_detected *what, const char *name,
				  const struct import_hints *hints, struct arena *arena,
				  struct report *ret, struct err *err)
{
	static const struct import_hints none;
	struct import_run *run = calloc(1, sizeof(*run));
	if (!run) {
		err_oom(err);
		return NULL;
	}
	run->imp = (struct import){
		.arena = arena, .report = ret, .hints = hints ? hints : &none, .name = name};
	if (begin_run(run, what, err) < 0) {
		import_run_free(run);
		return NULL;
	}
	return run;
}

void import_run_free(struct import_run *run)
{
	if (run)
		json_stream_free(run->imp.stream);
	free(run);
}

int import_run_feed(struct import_run *run, const char *text, size_t len, struct err *err)
{
	if (len > JSON_STREAM_MAX_BYTES - run->total)
		return err_set(err, ERR_SPEC, "larger than %u bytes", JSON_STREAM_MAX_BYTES);
	run->total += len;
	return run->importer ? json_stream_feed(run->imp.stream, text, len, err)
			     : import_clamav_feed(run->state, text, len, err);
}

int import_run_end(struct import_run *run, struct err *err)
{
	if (!run->importer)
		return import_clamav_finish(run->state, err);
	return json_stream_end(run->imp.stream, err) < 0 ? -1
							 : run->importer->finish(run->state, err);
}

static int detect_bytes(const char *text, size_t len, struct import_detected *ret, struct err *err)
{
	struct import_detector *d = import_detect_new(err);
	int r = -1;
	if (d && import_detect_feed(d, text, len, err) == 0)
		r = import_detect_end(d, ret, err);
	import_detect_free(d);
	return r;
}

int import_nested(struct import *imp, const char *text, size_t len, struct err *err)
{
	struct import_detected what = {0};
	if (imp->report->scans.n > 0)
		return err_set(err, ERR_SPEC, "a second report");
	if (detect_bytes(text, len, &what, err) < 0)
		return -1;
	if (what.format != FORMAT_TRIVY && what.format != FORMAT_GRYPE)
		return err_set(err, ERR_SPEC,
			       "%s in a statement: only Trivy's and Grype's JSON are read there",
			       report_format_name(what.format));
	struct import_run *run =
		import_run_new(&what, imp->name, imp->hints, imp->arena, imp->report, err);
	int r = run && import_run_feed(run, text, len, err) == 0 ? import_run_end(run, err) : -1;
	import_run_free(run);
	return r;
}

int import_check_hint(const struct import_hints *hints, const struct import_detected *what,
		      struct err *err)
{
	if (!hints || hints->format == FORMAT_AUTO || hints->format == what->format)
		return 0;
	return err_set(err, ERR_SPEC, "you say %s, it is %s", report_format_name(hints->format),
		       report_format_name(what->format));
}

int report_import_bytes(const char *text, size_t len, const char *name,
			const struct import_hints *hints, struct arena *arena, struct report *ret,
			struct err *err)
{
	struct import_detected what = {.format = FORMAT_CLAMAV};
	struct report report = {0};
	bool is_log = hints && hints->format == FORMAT_CLAMAV;
	if ((!is_log && detect_bytes(text, len, &what, err) < 0) ||
	    import_check_hint(hints, &what, err) < 0)
		return err_context(err, "%s", name);
	struct import_run *run = import_run_new(&what, name, hints, arena, &report, err);
	int r = run && import_run_feed(run, text, len, err) == 0 ? import_run_end(run, err) : -1;
	import_run_free(run);
	if (r < 0)
		return err_context(err, "%s", name);
	*ret = report;
	return 0;
}
