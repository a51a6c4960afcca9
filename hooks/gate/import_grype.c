/* Owns Grype's JSON report (grype: grype/presenter/models/), database layouts 5 and 6. */
#include "config.h"

#include "gate/import_parts.h"

#include "base/sha256.h"

#include <string.h>

#include "base/banned.h"

struct grype {
	struct import *imp;
	struct scan scan;
	finding_list findings;
	struct subject subject;
	const char *manifest; /* as said: maybe of a daemon's making */
	bool is_grype, has_matches, only_fixed, db_failed, is_image;
	int64_t timestamp, db_built;
	size_t ignored, excluded, alerted; /* alerted: packages */
	const char *alert;		   /* the first one's type */
};

/* ---- matches ---- */

static enum fix_state fix_of(const char *state, bool has_version)
{
	if (has_version)
		return FIX_FIXED;
	if (!state)
		return FIX_UNKNOWN;
	if (!strcmp(state, "not-fixed"))
		return FIX_NONE;
	if (!strcmp(state, "wont-fix"))
		return FIX_WONT;
	return strcmp(state, "fixed") == 0 ? FIX_FIXED : FIX_UNKNOWN;
}

static int fix(struct grype *g, const struct json *v, struct finding *f, struct err *err)
{
	const char *state;
	if (!v || v->type == JSON_NULL)
		return 0;
	if (json_expect(v, JSON_OBJECT, err) < 0 ||
	    import_string(g->imp, json_get(v, "state"), IMPORT_MAX_ID, &state, err) < 0)
		return -1;
	const struct json *versions = json_get(v, "versions");
	if (versions && import_expect_array(versions, err) < 0)
		return -1;
	if (versions && versions->first &&
	    import_hostile(g->imp, versions->first, &f->fixed_version, err) < 0)
		return -1;
	f->fix = fix_of(state, f->fixed_version != NULL);
	return 0;
}

static int known_exploited(const struct json *vulnerability, struct finding *f, struct err *err)
{
	const struct json *list = json_get(vulnerability, "knownExploited");
	if (!list)
		return 0;
	if (import_expect_array(list, err) < 0)
		return -1;
	f->known_exploited |= list->n > 0;
	return 0;
}

/* A GHSA's CVE is its alias.  Where it stands for several, each further one is a finding
 * of its own: a list of denied CVEs has to meet all of them. */
static int related(struct grype *g, const struct json *list, size_t which, struct err *err)
{
	if (!list)
		return 0;
	if (import_expect_array(list, err) < 0)
		return -1;
	json_each (e, list) {
		const char *id;
		struct finding *f = &g->findings.items[which];
		if (json_expect(e, JSON_OBJECT, err) < 0 ||
		    import_string(g->imp, json_get(e, "id"), IMPORT_MAX_ID, &id, err) < 0 ||
		    known_exploited(e, f, err) < 0)
			return -1;
		if (!id || !import_is_cve(id) || !strcmp(id, f->id) ||
		    (f->alias && !strcmp(id, f->alias)))
			continue;
		if (!f->alias && !import_is_cve(f->id)) {
			f->alias = id;
			continue;
		}
		struct finding *more = import_finding(g->imp, &g->findings, CLASS_VULN, err);
		if (!more)
			return -1;
		*more = g->findings.items[which]; /* the list may have moved */
		more->id = id;
		more->alias = NULL;
	}
	return 0;
}

static int artifact(struct grype *g, const struct json *v, struct finding *f, struct err *err)
{
	if (!v || v->type == JSON_NULL)
		return 0;
	if (json_expect(v, JSON_OBJECT, err) < 0 ||
	    import_hostile(g->imp, json_get(v, "name"), &f->package, err) < 0 ||
	    import_hostile(g->imp, json_get(v, "version"), &f->version, err) < 0)
		return -1;
	return import_purl(g->imp, json_get(v, "purl"), &f->purl, err);
}

static int on_match(void *ctx, const struct json *v, struct err *err)
{
	struct grype *g = ctx;
	const char *severity;
	if (json_expect(v, JSON_OBJECT, err) < 0)
		return -1;
	const struct json *vulnerability = json_get(v, "vulnerability");
	if (!vulnerability)
		return json_error(v, err, "no vulnerability");
	if (json_expect(vulnerability, JSON_OBJECT, err) < 0)
		return -1;
	struct finding *f = import_finding(g->imp, &g->findings, CLASS_VULN, err);
	if (!f)
		return -1;
	size_t which = g->findings.n - 1;
	if (import_string(g->imp, json_get(vulnerability, "id"), IMPORT_MAX_ID, &f->id, err) < 0 ||
	    import_string(g->imp, json_get(vulnerability, "severity"), IMPORT_MAX_ID, &severity,
			  err) < 0)
		return -1;
	if (!f->id)
		return json_error(vulnerability, err, "no id");
	f->severity = import_severity(severity);
	if (fix(g, json_get(vulnerability, "fix"), f, err) < 0 ||
	    known_exploited(vulnerability, f, err) < 0 ||
	    artifact(g, json_get(v, "artifact"), f, err) < 0)
		return -1;
	return related(g, json_get(v, "relatedVulnerabilities"), which, err);
}

static int on_matches(void *ctx, const struct json *v, struct err *err)
{
	((struct grype *)ctx)->has_matches = true;
	return json_expect(v, JSON_ARRAY, err);
}

/* Paths that weren't looked at. */
static int on_exclude(void *ctx, const struct json *v, struct err *err)
{
	((struct grype *)ctx)->excluded = v->n;
	return import_expect_array(v, err);
}

static int on_ignored(void *ctx, const struct json *v, struct err *err)
{
	((struct grype *)ctx)->ignored = v->n;
	return import_expect_array(v, err);
}

static int on_alerts(void *ctx, const struct json *v, struct err *err)
{
	(void)ctx;
	return import_expect_array(v, err);
}

/* Packages whose distribution is past its end, or that weren't looked up at all: grype has no
 * data for their distribution, and a match would be a surprise.  What isn't known is as bad. */
static int on_alert(void *ctx, const struct json *v, struct err *err)
{
	struct grype *g = ctx;
	const struct json *alerts;
	bool alerted = false;
	if (json_expect(v, JSON_OBJECT, err) < 0)
		return -1;
	alerts = json_get(v, "alerts");
	if (!alerts)
		return json_error(v, err, "no alerts");
	if (import_expect_array(alerts, err) < 0)
		return -1;
	json_each (e, alerts) {
		const char *type;
		if (json_expect(e, JSON_OBJECT, err) < 0 ||
		    import_hostile(g->imp, json_get(e, "type"), &type, err) < 0)
			return -1;
		if (type && !strcmp(type, "distro-eol")) {
			g->scan.os_end_of_life = true;
			continue;
		}
		alerted = true;
		if (!g->alert)
			g->alert = type ? type : "of no type";
	}
	g->alerted += alerted;
	return 0;
}

/* ---- source ---- */

static int on_source_type(void *ctx, const struct json *v, struct err *err)
{
	(void)err;
	((struct grype *)ctx)->is_image = import_is_text(v, "image");
	return 0;
}

static int base64_digit(char c)
{
	return c >= 'A' && c <= 'Z'   ? c - 'A'
	       : c >= 'a' && c <= 'z' ? c - 'a' + 26
	       : c >= '0' && c <= '9' ? c - '0' + 52
	       : c == '+'	      ? 62
	       : c == '/'	      ? 63
				      : -1;
}

/* Standard alphabet with padding, as Go writes it; false for anything else. */
static bool hash_base64(const char *text, size_t len, char ret[SHA256_HEX_SIZE])
{
	struct sha256 sha;
	sha256_init(&sha);
	if (len % 4)
		return false;
	for (size_t i = 0; i < len; i += 4) {
		uint32_t bits = 0;
		unsigned padding = 0;
		for (size_t k = 0; k < 4; k++) {
			int digit = base64_digit(text[i + k]);
			if (digit < 0 && (text[i + k] != '=' || k < 2 || i + 4 != len))
				return false;
			if (digit >= 0 && padding)
				return false;
			padding += digit < 0;
			bits = bits << 6 | (digit < 0 ? 0 : (uint32_t)digit);
		}
		uint8_t bytes[3] = {(uint8_t)(bits >> 16), (uint8_t)(bits >> 8), (uint8_t)bits};
		sha256_update(&sha, bytes, 3 - padding);
	}
	sha256_final_hex(&sha, ret);
	return true;
}

/* The image's configuration, as it is: its hash is the image's id, or somebody lies. */
static int check_config(const struct json *target, const struct grype *g, struct err *err)
{
	const struct json *config = json_get(target, "config");
	char hex[SHA256_HEX_SIZE];
	if (!config || config->type == JSON_NULL || !g->subject.config)
		return 0;
	if (json_expect(config, JSON_STRING, err) < 0)
		return -1;
	if (!config->text_len)
		return 0;
	if (!hash_base64(config->text, config->text_len, hex))
		return json_error(config, err, "not base64");
	if (strcmp(hex, g->subject.config + strlen("sha256:")) != 0)
		return json_error(config, err, "its SHA-256 isn't imageID: sha256:%s", hex);
	return 0;
}

static int on_target(void *ctx, const struct json *v, struct err *err)
{
	struct grype *g = ctx;
	struct import *imp = g->imp;
	if (v->type != JSON_OBJECT)
		return 0; /* a directory's path: no image is named */
	const struct json *digests = json_get(v, "repoDigests");
	if (import_digest(imp, json_get(v, "imageID"), &g->subject.config, err) < 0 ||
	    import_digest(imp, json_get(v, "manifestDigest"), &g->manifest, err) < 0 ||
	    (digests && import_repo_digests(imp, digests, &g->subject, err) < 0) ||
	    import_string(imp, json_get(v, "os"), IMPORT_MAX_ID, &g->subject.os, err) < 0 ||
	    import_string(imp, json_get(v, "architecture"), IMPORT_MAX_ID, &g->subject.architecture,
			  err) < 0 ||
	    import_string(imp, json_get(v, "variant"), IMPORT_MAX_ID, &g->subject.variant, err) < 0)
		return -1;
	return check_config(v, g, err);
}

static int on_distro(void *ctx, const struct json *v, struct err *err)
{
	struct grype *g = ctx;
	if (import_expect_object(v, err) < 0 ||
	    import_hostile(g->imp, json_get(v, "name"), &g->scan.os_family, err) < 0)
		return -1;
	return import_hostile(g->imp, json_get(v, "version"), &g->scan.os_version, err);
}

/* ---- descriptor ---- */

static int on_name(void *ctx, const struct json *v, struct err *err)
{
	struct grype *g = ctx;
	if (!import_is_text(v, "grype"))
		return json_error(v, err, "not grype");
	g->is_grype = true;
	return 0;
}

static int on_version(void *ctx, const struct json *v, struct err *err)
{
	struct grype *g = ctx;
	return import_string(g->imp, v, IMPORT_MAX_ID, &g->scan.tool_version, err);
}

static int on_timestamp(void *ctx, const struct json *v, struct err *err)
{
	return import_time(v, &((struct grype *)ctx)->timestamp, err);
}

static int on_built(void *ctx, const struct json *v, struct err *err)
{
	struct grype *g = ctx;
	int64_t at;
	if (import_time(v, &at, err) < 0)
		return -1;
	if (at && (!g->db_built || at < g->db_built))
		g->db_built = at;
	return 0;
}

static int on_db_error(void *ctx, const struct json *v, struct err *err)
{
	(void)err;
	((struct grype *)ctx)->db_failed |= v->type != JSON_NULL && !import_is_text(v, "");
	return 0;
}

static int on_only_fixed(void *ctx, const struct json *v, struct err *err)
{
	struct grype *g = ctx;
	bool on = false;
	if (v->type != JSON_NULL && json_as_bool(v, &on, err) < 0)
		return -1;
	g->only_fixed |= on;
	return 0;
}

static int on_only_notfixed(void *ctx, const struct json *v, struct err *err)
{
	struct grype *g = ctx;
	bool on = false;
	if (v->type != JSON_NULL && json_as_bool(v, &on, err) < 0)
		return -1;
	if (!on)
		return 0;
	if (import_filter(g->imp, &g->scan, err, "--only-notfixed") < 0)
		return -1;
	return import_incomplete(g->imp, &g->scan, err, "reduced by --only-notfixed");
}

static void *begin(struct import *imp, const char *prefix, struct err *err)
{
	static const struct json_selector selectors[] = {
		{"matches", on_matches, JSON_SELECT_END},
		{"matches[]", on_match, JSON_SELECT_WHOLE},
		{"ignoredMatches", on_ignored, JSON_SELECT_END},
		{"alertsByPackage", on_alerts, JSON_SELECT_END},
		{"alertsByPackage[]", on_alert, JSON_SELECT_WHOLE},
		{"source.type", on_source_type, JSON_SELECT_WHOLE},
		{"source.target", on_target, JSON_SELECT_WHOLE},
		{"distro", on_distro, JSON_SELECT_WHOLE},
		{"descriptor.name", on_name, JSON_SELECT_WHOLE},
		{"descriptor.version", on_version, JSON_SELECT_WHOLE},
		{"descriptor.timestamp", on_timestamp, JSON_SELECT_WHOLE},
		{"descriptor.db.built", on_built, JSON_SELECT_WHOLE},
		{"descriptor.db.error", on_db_error, JSON_SELECT_WHOLE},
		{"descriptor.db.status.built", on_built, JSON_SELECT_WHOLE},
		{"descriptor.db.status.error", on_db_error, JSON_SELECT_WHOLE},
		{"descriptor.configuration.exclude", on_exclude, JSON_SELECT_END},
		{"descriptor.configuration.only-fixed", on_only_fixed, JSON_SELECT_WHOLE},
		{"descriptor.configuration.only-notfixed", on_only_notfixed, JSON_SELECT_WHOLE},
	};
	struct grype *g = arena_alloc(imp->arena, sizeof(*g));
	if (!g) {
		err_oom(err);
		return NULL;
	}
	g->imp = imp;
	g->scan.tool = "grype";
	g->scan.format = "grype-json";
	g->scan.complete = true;
	g->scan.classes = 1u << CLASS_VULN; /* it looks for nothing else */
	return json_stream_select(imp->stream, prefix, selectors, ARRAY_LEN(selectors), g, err) < 0
		       ? NULL
		       : g;
}

static int judge(struct grype *g, struct err *err)
{
	struct import *imp = g->imp;
	if (!g->scan.os_family &&
	    import_incomplete(imp, &g->scan, err, "no operating system was recognised") < 0)
		return -1;
	if (g->db_failed &&
	    import_incomplete(imp, &g->scan, err, "the scanner's database had an error") < 0)
		return -1;
	if (g->only_fixed && (import_filter(imp, &g->scan, err, "--only-fixed") < 0 ||
			      import_incomplete(imp, &g->scan, err, "reduced by --only-fixed") < 0))
		return -1;
	if (g->excluded &&
	    (import_filter(imp, &g->scan, err, "--exclude") < 0 ||
	     import_incomplete(imp, &g->scan, err, "files were left out by --exclude") < 0))
		return -1;
	if (g->alerted &&
	    import_incomplete(imp, &g->scan, err, "%zu packages with an alert of the scanner: %s",
			      g->alerted, g->alert) < 0)
		return -1;
	if (g->ignored == 0)
		return 0;
	if (import_filter(imp, &g->scan, err, "%zu ignored by rules or VEX", g->ignored) < 0)
		return -1;
	return import_incomplete(imp, &g->scan, err, "%zu matches were ignored by the scanner",
				 g->ignored);
}

/* A daemon's images have a manifest that grype made up; one that a registry knows is
 * among the repository digests. */
static void confirm_manifest(struct grype *g)
{
	if (str_list_has(&g->subject.indexes, g->manifest))
		g->subject.manifest = g->manifest;
}

static int finish(void *state, struct err *err)
{
	struct grype *g = state;
	if (!g->is_grype)
		return err_set(err, ERR_SPEC, "not a Grype report: descriptor.name is missing");
	if (!g->has_matches) /* grype writes the list even when it is empty */
		return err_set(err, ERR_SPEC, "not a Grype report: matches is missing");
	if (!g->is_image)
		g->subject.config = NULL;
	confirm_manifest(g);
	if (judge(g, err) < 0 || import_times(g->imp, &g->scan, g->timestamp, g->db_built, err) < 0)
		return -1;
	g->imp->report->subject = g->subject;
	return import_commit(g->imp, &g->scan, &g->findings, err);
}

const struct import_json import_grype = {FORMAT_GRYPE, begin, finish};
