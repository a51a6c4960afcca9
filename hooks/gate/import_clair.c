/* Owns Clair v4's VulnerabilityReport (claircore: vulnerabilityreport.go).
 *
 * Three maps by id that are joined at the end, because they come in any order.  There is
 * no time in it, neither of the scan nor of the database.
 */
#include "config.h"

#include "gate/import_parts.h"

#include <stdlib.h>
#include <string.h>

#include "base/banned.h"

struct hole {
	const char *id; /* Clair's own */
	struct finding finding;
	bool inverted; /* says "not vulnerable" */
};

struct package {
	const char *id, *name, *version;
};

struct pair {
	const char *package, *hole;
};

struct clair {
	struct import *imp;
	struct scan scan;
	finding_list findings;
	const char *manifest;
	LIST_OF(struct hole) holes;
	LIST_OF(struct package) packages;
	LIST_OF(struct pair) pairs;
	bool has_pairs;
};

static int too_many(const struct json *v, struct err *err)
{
	return json_error(v, err, "more than %u of these", IMPORT_MAX_FINDINGS);
}

static int on_manifest(void *ctx, const struct json *v, struct err *err)
{
	struct clair *c = ctx;
	return import_digest(c->imp, v, &c->manifest, err);
}

static int keep_key(struct clair *c, const struct json *v, const char **ret, struct err *err)
{
	*ret = arena_strdup(c->imp->arena, v->key);
	return *ret ? 0 : err_oom(err);
}

static int on_package(void *ctx, const struct json *v, struct err *err)
{
	struct clair *c = ctx;
	if (c->packages.n == IMPORT_MAX_FINDINGS)
		return too_many(v, err);
	struct package *p = ARENA_PUSH(c->imp->arena, &c->packages);
	if (!p)
		return err_oom(err);
	if (json_expect(v, JSON_OBJECT, err) < 0 || keep_key(c, v, &p->id, err) < 0 ||
	    import_hostile(c->imp, json_get(v, "name"), &p->name, err) < 0)
		return -1;
	return import_hostile(c->imp, json_get(v, "version"), &p->version, err);
}

static int on_distribution(void *ctx, const struct json *v, struct err *err)
{
	struct clair *c = ctx;
	if (json_expect(v, JSON_OBJECT, err) < 0)
		return -1;
	if (c->scan.os_family)
		return 0;
	if (import_hostile(c->imp, json_get(v, "did"), &c->scan.os_family, err) < 0)
		return -1;
	return import_hostile(c->imp, json_get(v, "version_id"), &c->scan.os_version, err);
}

/* "CVE-2009-5155 on Ubuntu 18.04 LTS (bionic) - low." is the hole CVE-2009-5155. */
static void cut_name(char *name)
{
	size_t n = strcspn(name, " ");
	char kept = name[n];
	name[n] = '\0';
	if (!import_is_cve(name))
		name[n] = kept;
}

static int on_vulnerability(void *ctx, const struct json *v, struct err *err)
{
	struct clair *c = ctx;
	const char *name, *severity;
	if (c->holes.n == IMPORT_MAX_FINDINGS)
		return too_many(v, err);
	struct hole *h = ARENA_PUSH(c->imp->arena, &c->holes);
	if (!h)
		return err_oom(err);
	if (json_expect(v, JSON_OBJECT, err) < 0 || keep_key(c, v, &h->id, err) < 0 ||
	    import_string(c->imp, json_get(v, "name"), IMPORT_MAX_ID, &name, err) < 0 ||
	    import_string(c->imp, json_get(v, "normalized_severity"), IMPORT_MAX_ID, &severity,
			  err) < 0 ||
	    import_hostile(c->imp, json_get(v, "fixed_in_version"), &h->finding.fixed_version,
			   err) < 0 ||
	    import_time(json_get(v, "issued"), &h->finding.published, err) < 0)
		return -1;
	if (!name)
		return json_error(v, err, "no name");
	char *id = arena_strdup(c->imp->arena, name);
	if (!id)
		return err_oom(err);
	cut_name(id);
	h->finding.id = id;
	h->finding.scan_class = CLASS_VULN;
	h->finding.severity = import_severity(severity);
	h->finding.fix = h->finding.fixed_version ? FIX_FIXED : FIX_NONE;
	const struct json *invert = json_get(v, "Invert");
	if (!invert)
		invert = json_get(v, "invert");
	return invert && invert->type != JSON_NULL ? json_as_bool(invert, &h->inverted, err) : 0;
}

static int on_pairs(void *ctx, const struct json *v, struct err *err)
{
	struct clair *c = ctx;
	if (import_expect_array(v, err) < 0)
		return -1;
	json_each (e, v) {
		if (c->pairs.n == IMPORT_MAX_FINDINGS)
			return too_many(e, err);
		struct pair *p = ARENA_PUSH(c->imp->arena, &c->pairs);
		if (!p)
			return err_oom(err);
		if (keep_key(c, v, &p->package, err) < 0)
			return -1;
		/* Ids are strings, and were numbers once. */
		if (e->type != JSON_NUMBER && json_expect(e, JSON_STRING, err) < 0)
			return -1;
		p->hole = arena_strdup(c->imp->arena, e->text);
		if (!p->hole)
			return err_oom(err);
	}
	return 0;
}

static int on_all_pairs(void *ctx, const struct json *v, struct err *err)
{
	((struct clair *)ctx)->has_pairs = v->type == JSON_OBJECT;
	return json_expect(v, JSON_OBJECT, err);
}

static int on_map(void *ctx, const struct json *v, struct err *err)
{
	(void)ctx;
	return import_expect_object(v, err);
}

static void *begin(struct import *imp, const char *prefix, struct err *err)
{
	static const struct json_selector selectors[] = {
		{"manifest_hash", on_manifest, JSON_SELECT_WHOLE},
		{"packages", on_map, JSON_SELECT_END},
		{"packages.*", on_package, JSON_SELECT_WHOLE},
		{"distributions", on_map, JSON_SELECT_END},
		{"distributions.*", on_distribution, JSON_SELECT_WHOLE},
		{"vulnerabilities", on_map, JSON_SELECT_END},
		{"vulnerabilities.*", on_vulnerability, JSON_SELECT_WHOLE},
		{"package_vulnerabilities", on_all_pairs, JSON_SELECT_END},
		{"package_vulnerabilities.*", on_pairs, JSON_SELECT_WHOLE},
	};
	struct clair *c = arena_alloc(imp->arena, sizeof(*c));
	if (!c) {
		err_oom(err);
		return NULL;
	}
	c->imp = imp;
	c->scan.tool = "clair";
	c->scan.format = "clair-json";
	c->scan.complete = true;
	c->scan.classes = 1u << CLASS_VULN;
	return json_stream_select(imp->stream, prefix, selectors, ARRAY_LEN(selectors), c, err) < 0
		       ? NULL
		       : c;
}

/* ---- joining ---- */

static int by_hole(const void *a, const void *b)
{
	return strcmp(((const struct hole *)a)->id, ((const struct hole *)b)->id);
}

static int by_package(const void *a, const void *b)
{
	return strcmp(((const struct package *)a)->id, ((const struct package *)b)->id);
}

static int join(struct clair *c, struct err *err)
{
	if (c->holes.n)
		qsort(c->holes.items, c->holes.n, sizeof(*c->holes.items), by_hole);
	if (c->packages.n)
		qsort(c->packages.items, c->packages.n, sizeof(*c->packages.items), by_package);
	for (size_t i = 0; i < c->pairs.n; i++) {
		struct hole hole_key = {.id = c->pairs.items[i].hole};
		struct package package_key = {.id = c->pairs.items[i].package};
		const struct hole *h = c->holes.n ? bsearch(&hole_key, c->holes.items, c->holes.n,
							    sizeof(hole_key), by_hole)
						  : NULL;
		const struct package *p =
			c->packages.n ? bsearch(&package_key, c->packages.items, c->packages.n,
						sizeof(package_key), by_package)
				      : NULL;
		if (!h)
			return err_set(err, ERR_SPEC,
				       "package_vulnerabilities: there is no vulnerability with "
				       "one of the ids");
		if (h->inverted)
			continue;
		struct finding *f = import_finding(c->imp, &c->findings, CLASS_VULN, err);
		if (!f)
			return -1;
		*f = h->finding;
		f->package = p ? p->name : NULL;
		f->version = p ? p->version : NULL;
	}
	return 0;
}

static int finish(void *state, struct err *err)
{
	struct clair *c = state;
	if (!c->manifest || !c->has_pairs)
		return err_set(
			err, ERR_SPEC,
			"not Clair's report: manifest_hash or package_vulnerabilities is missing");
	if (!c->scan.os_family &&
	    import_incomplete(c->imp, &c->scan, err, "no operating system was recognised") < 0)
		return -1;
	if (join(c, err) < 0 || import_times(c->imp, &c->scan, 0, 0, err) < 0)
		return -1;
	c->imp->report->subject.manifest = c->manifest;
	return import_commit(c->imp, &c->scan, &c->findings, err);
}

const struct import_json import_clair = {FORMAT_CLAIR, begin, finish};
