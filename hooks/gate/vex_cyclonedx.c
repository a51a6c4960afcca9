/* Owns VEX in CycloneDX 1.4 to 1.7: vulnerabilities with an analysis.  Those without are
 * a scanner's findings in a form that lacks too much; their scanner's JSON has it all. */
#include "config.h"

#include "gate/import_parts.h"

#include "base/str.h"

#include <stdlib.h>
#include <string.h>

#include "base/banned.h"

#define MAX_COMPONENTS 65536

struct named {
	const char *ref, *purl;
};

struct cyclonedx {
	struct import *imp;
	bool is_cyclonedx;
	bool inside;
	int64_t timestamp;
	const char *image; /* that the document as a whole is of (metadata.component), or NULL */
	LIST_OF(struct named) components;
	size_t without_analysis;
};

static int on_format(void *ctx, const struct json *v, struct err *err)
{
	if (!import_is_text(v, "CycloneDX"))
		return json_error(v, err, "not CycloneDX");
	((struct cyclonedx *)ctx)->is_cyclonedx = true;
	return 0;
}

static int on_timestamp(void *ctx, const struct json *v, struct err *err)
{
	return import_time(v, &((struct cyclonedx *)ctx)->timestamp, err);
}

/* A component's own name in the document -> its purl. */
static int on_component(void *ctx, const struct json *v, struct err *err)
{
	struct cyclonedx *c = ctx;
	struct named n = {0};
	if (json_expect(v, JSON_OBJECT, err) < 0 ||
	    import_string(c->imp, json_get(v, "bom-ref"), IMPORT_MAX_NAME, &n.ref, err) < 0 ||
	    import_purl(c->imp, json_get(v, "purl"), &n.purl, err) < 0)
		return -1;
	if (!n.ref || !n.purl)
		return 0;
	if (c->components.n == MAX_COMPONENTS)
		return json_error(v, err, "more than %d components", MAX_COMPONENTS);
	struct named *slot = ARENA_PUSH(c->imp->arena, &c->components);
	if (!slot)
		return err_oom(err);
	*slot = n;
	return 0;
}

/* A document of one image: what it says of a package there holds in no other. */
static int on_whole(void *ctx, const struct json *v, struct err *err)
{
	struct cyclonedx *c = ctx;
	const char *purl, *product;
	if (on_component(c, v, err) < 0 || import_purl(c->imp, json_get(v, "purl"), &purl, err) < 0)
		return -1;
	return purl ? vex_product(c->imp, purl, NULL, &product, &c->image, err) : 0;
}

static int on_subject(void *ctx, const struct json *v, struct err *err)
{
	struct cyclonedx *c = ctx;
	return vex_subject(c->imp, v, &c->imp->report->subject.about, err);
}

/* ---- a vulnerability ---- */

static int status_of(const struct json *v, enum vex_status *ret, struct err *err)
{
	static const struct {
		const char *name;
		enum vex_status status;
	} names[] = {
		{"resolved", VEX_FIXED},
		{"resolved_with_pedigree", VEX_FIXED},
		{"exploitable", VEX_AFFECTED},
		{"in_triage", VEX_INVESTIGATED},
		{"false_positive", VEX_NOT_AFFECTED},
		{"not_affected", VEX_NOT_AFFECTED},
	};
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (import_is_text(v, names[i].name)) {
			*ret = names[i].status;
			return 0;
		}
	return json_error(v, err, "not a state that CycloneDX has");
}

static const char *justification_of(const struct json *text)
{
	static const char *const labels[] = {
		"code_not_present",     "code_not_reachable",     "requires_configuration",
		"requires_dependency",  "requires_environment",   "protected_by_compiler",
		"protected_at_runtime", "protected_at_perimeter", "protected_by_mitigating_control",
	};
	for (size_t i = 0; text && i < ARRAY_LEN(labels); i++)
		if (import_is_text(text, labels[i]))
			return labels[i];
	return NULL;
}

/* affects[].versions: "affected" is what a version without a status is. */
static int only_unaffected(const struct json *versions, bool *ret, struct err *err)
{
	*ret = true;
	if (!versions)
		return 0;
	if (import_expect_array(versions, err) < 0)
		return -1;
	json_each (e, versions) {
		if (json_expect(e, JSON_OBJECT, err) < 0)
			return -1;
		const struct json *status = json_get(e, "status");
		*ret &= status && import_is_text(status, "unaffected");
	}
	return 0;
}

/* The reference stands in `product` until all components are known. */
static int add_affected(struct cyclonedx *c, struct vex_statement st, const struct json *v,
			struct err *err)
{
	bool unaffected;
	if (json_expect(v, JSON_OBJECT, err) < 0 ||
	    import_string(c->imp, json_get(v, "ref"), IMPORT_MAX_NAME, &st.product, err) < 0)
		return -1;
	if (!st.product)
		return json_error(v, err, "no ref");
	if (only_unaffected(json_get(v, "versions"), &unaffected, err) < 0)
		return -1;
	if (!unaffected)
		st.status = VEX_AFFECTED;
	return vex_add(c->imp, &st, err);
}

static int on_vulnerability(void *ctx, const struct json *v, struct err *err)
{
	struct cyclonedx *c = ctx;
	struct vex_statement st = {0};
	if (json_expect(v, JSON_OBJECT, err) < 0)
		return -1;
	const struct json *analysis = json_get(v, "analysis");
	const struct json *state = analysis ? json_get(analysis, "state") : NULL;
	if (!state || state->type == JSON_NULL) {
		c->without_analysis++;
		return 0;
	}
	if (import_string(c->imp, json_get(v, "id"), IMPORT_MAX_ID, &st.vulnerability, err) < 0)
		return -1;
	if (!st.vulnerability)
		return json_error(v, err, "no id");
	const struct json *at = json_get(analysis, "lastUpdated");
	if (status_of(state, &st.status, err) < 0 ||
	    import_time(at ? at : json_get(v, "updated"), &st.at, err) < 0)
		return -1;
	st.justification = justification_of(json_get(analysis, "justification"));
	const struct json *affects = json_get(v, "affects");
	if (!affects || !affects->first)
		return json_error(v, err, "affects nothing: which product is meant isn't said");
	if (json_expect(affects, JSON_ARRAY, err) < 0)
		return -1;
	json_each (e, affects)
		if (add_affected(c, st, e, err) < 0)
			return -1;
	return 0;
}

static int on_list(void *ctx, const struct json *v, struct err *err)
{
	(void)ctx;
	return import_expect_array(v, err);
}

static void *begin(struct import *imp, const char *prefix, struct err *err)
{
	static const struct json_selector selectors[] = {
		{"bomFormat", on_format, JSON_SELECT_WHOLE},
		{"metadata.timestamp", on_timestamp, JSON_SELECT_WHOLE},
		{"metadata.component", on_whole, JSON_SELECT_WHOLE},
		{"components", on_list, JSON_SELECT_END},
		{"components[]", on_component, JSON_SELECT_WHOLE},
		{"vulnerabilities", on_list, JSON_SELECT_END},
		{"vulnerabilities[]", on_vulnerability, JSON_SELECT_WHOLE},
	};
	static const struct json_selector around[] = {{"subject[]", on_subject, JSON_SELECT_WHOLE}};
	struct cyclonedx *c = arena_alloc(imp->arena, sizeof(*c));
	if (!c) {
		err_oom(err);
		return NULL;
	}
	c->imp = imp;
	c->inside = prefix[0] != '\0';
	if (json_stream_select(imp->stream, prefix, selectors, ARRAY_LEN(selectors), c, err) < 0 ||
	    (c->inside &&
	     json_stream_select(imp->stream, "", around, ARRAY_LEN(around), c, err) < 0))
		return NULL;
	return c;
}

/* ---- joining ---- */

static int by_ref(const void *a, const void *b)
{
	return strcmp(((const struct named *)a)->ref, ((const struct named *)b)->ref);
}

static unsigned hex_digit(char c)
{
	return c >= '0' && c <= '9'   ? (unsigned)(c - '0')
	       : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10
	       : c >= 'A' && c <= 'F' ? (unsigned)(c - 'A') + 10
				      : 16;
}

/* urn:cdx:SERIAL/VERSION#REF: the part behind '#', with its %XX undone. */
static char *linked_ref(struct import *imp, const char *link)
{
	const char *mark = strchr(link, '#');
	char *ref = mark ? arena_strdup(imp->arena, mark + 1) : NULL;
	if (!ref)
		return NULL;
	char *to = ref;
	for (const char *from = ref; *from; from++, to++) {
		unsigned high = from[0] == '%' ? hex_digit(from[1]) : 16;
		unsigned low = high < 16 ? hex_digit(from[2]) : 16;
		*to = *from;
		if (low < 16 && (high << 4 | low) != 0) {
			*to = (char)(high << 4 | low);
			from += 2;
		}
	}
	*to = '\0';
	return ref;
}

static int resolve(struct cyclonedx *c, struct vex_statement *st, struct err *err)
{
	const char *name = st->product;
	if (!strncmp(name, "urn:cdx:", 8)) {
		name = linked_ref(c->imp, name);
		if (!name || str_utf8_valid_prefix(name, strlen(name)) != strlen(name))
			return err_set(
				err, ERR_SPEC,
				"vulnerabilities[].affects[].ref: a link that names no component");
	}
	struct named key = {.ref = name};
	const struct named *found = c->components.n ? bsearch(&key, c->components.items,
							      c->components.n, sizeof(key), by_ref)
						    : NULL;
	if (vex_product(c->imp, found ? found->purl : name, NULL, &st->product, &st->image, err) <
	    0)
		return -1;
	if (!st->image)
		st->image = c->image;
	return 0;
}

static int finish(void *state, struct err *err)
{
	struct cyclonedx *c = state;
	vex_list *list = &c->imp->report->vex;
	if (!c->is_cyclonedx)
		return err_set(err, ERR_SPEC, "not CycloneDX: bomFormat is missing");
	if (list->n == 0)
		return err_set(
			err, ERR_SPEC, "%s",
			c->without_analysis
				? "vulnerabilities without analysis are no VEX: give the scanner's "
				  "own JSON"
				: "no vulnerabilities in it: a list of components is no scan");
	if (c->inside && c->imp->report->subject.about.n == 0)
		return err_set(err, ERR_SPEC, "subject: the statement is about nothing");
	if (c->components.n)
		qsort(c->components.items, c->components.n, sizeof(*c->components.items), by_ref);
	for (size_t i = 0; i < list->n; i++) {
		if (resolve(c, &list->items[i], err) < 0)
			return -1;
		if (!list->items[i].at)
			list->items[i].at = c->timestamp;
	}
	vex_keep_latest(list);
	return 0;
}

const struct import_json import_cyclonedx = {FORMAT_CYCLONEDX_VEX, begin, finish};
