/* Owns OpenVEX (openvex/spec: OPENVEX-SPEC.md), 0.2.0 and the older form with strings for
 * vulnerability and products; alone or as the predicate of an in-toto statement. */
#include "config.h"

#include "gate/import_parts.h"

#include <string.h>

#include "base/banned.h"

struct openvex {
	struct import *imp;
	bool is_openvex, inside;
	int64_t timestamp, last_updated;
	struct str_list subjects; /* digests of the statement around it */
};

static int on_context(void *ctx, const struct json *v, struct err *err)
{
	static const char ns[] = "https://openvex.dev/ns";
	if (v->type != JSON_STRING || strncmp(v->text, ns, sizeof(ns) - 1) != 0)
		return json_error(v, err, "not OpenVEX's");
	((struct openvex *)ctx)->is_openvex = true;
	return 0;
}

static int on_timestamp(void *ctx, const struct json *v, struct err *err)
{
	return import_time(v, &((struct openvex *)ctx)->timestamp, err);
}

static int on_last_updated(void *ctx, const struct json *v, struct err *err)
{
	return import_time(v, &((struct openvex *)ctx)->last_updated, err);
}

static int on_subject(void *ctx, const struct json *v, struct err *err)
{
	struct openvex *o = ctx;
	return vex_subject(o->imp, v, &o->subjects, err);
}

/* ---- a statement ---- */

static int status_of(const struct json *v, const struct json *text, enum vex_status *ret,
		     struct err *err)
{
	static const struct {
		const char *name;
		enum vex_status status;
	} names[] = {
		{"not_affected", VEX_NOT_AFFECTED},
		{"affected", VEX_AFFECTED},
		{"fixed", VEX_FIXED},
		{"under_investigation", VEX_INVESTIGATED},
	};
	for (size_t i = 0; text && i < ARRAY_LEN(names); i++)
		if (import_is_text(text, names[i].name)) {
			*ret = names[i].status;
			return 0;
		}
	return json_error(text ? text : v, err, "%s",
			  text ? "not a status that OpenVEX has" : "no status");
}

/* Only the standard's five labels count; prose (impact_statement) is none. */
static const char *justification_of(const struct json *text)
{
	static const char *const labels[] = {
		"component_not_present",
		"vulnerable_code_not_present",
		"vulnerable_code_not_in_execute_path",
		"vulnerable_code_cannot_be_controlled_by_adversary",
		"inline_mitigations_already_exist",
	};
	for (size_t i = 0; text && i < ARRAY_LEN(labels); i++)
		if (import_is_text(text, labels[i]))
			return labels[i];
	return NULL;
}

/* What a component is called: its purl, its hash, its id. */
static int component(struct openvex *o, const struct json *v, const char **ret, struct err *err)
{
	if (v->type == JSON_STRING)
		return import_string(o->imp, v, IMPORT_MAX_NAME, ret, err);
	if (json_expect(v, JSON_OBJECT, err) < 0)
		return -1;
	const struct json *hashes = json_get(v, "hashes");
	const struct json *hash = hashes ? json_get(hashes, "sha-256") : NULL;
	const struct json *identifiers = json_get(v, "identifiers");
	const struct json *purl = identifiers ? json_get(identifiers, "purl") : NULL;
	if (hash && hash->type == JSON_STRING) {
		char *digest = arena_printf(o->imp->arena, "sha256:%s", hash->text);
		if (!digest)
			return err_oom(err);
		if (import_is_digest(digest)) {
			*ret = digest;
			return 0;
		}
	}
	return import_string(o->imp, purl ? purl : json_get(v, "@id"), IMPORT_MAX_NAME, ret, err);
}

static int add(struct openvex *o, struct vex_statement st, const char *product,
	       const char *subcomponent, struct err *err)
{
	if (vex_product(o->imp, product, subcomponent, &st.product, &st.image, err) < 0)
		return -1;
	return vex_add(o->imp, &st, err);
}

static int add_product(struct openvex *o, const struct vex_statement *st, const struct json *v,
		       struct err *err)
{
	const char *product, *part;
	if (component(o, v, &product, err) < 0)
		return -1;
	if (!product)
		return json_error(v, err, "a product without a name");
	const struct json *parts = json_get(v, "subcomponents");
	if (!parts || !parts->first)
		return add(o, *st, product, NULL, err);
	json_each (e, parts) {
		if (component(o, e, &part, err) < 0)
			return -1;
		if (!part)
			return json_error(e, err, "a component without a name");
		if (add(o, *st, product, part, err) < 0)
			return -1;
	}
	return 0;
}

/* The same statement of each product that it names, or of the subjects around it. */
static int add_products(struct openvex *o, const struct vex_statement *st, const struct json *v,
			struct err *err)
{
	const struct json *products = json_get(v, "products");
	if (products && products->first) {
		if (json_expect(products, JSON_ARRAY, err) < 0)
			return -1;
		json_each (e, products)
			if (add_product(o, st, e, err) < 0)
				return -1;
		return 0;
	}
	/* subject may still come: it is looked up at the end */
	struct vex_statement whole = *st;
	whole.product = NULL;
	return vex_add(o->imp, &whole, err);
}

static int on_statement(void *ctx, const struct json *v, struct err *err)
{
	struct openvex *o = ctx;
	struct vex_statement st = {0};
	if (json_expect(v, JSON_OBJECT, err) < 0)
		return -1;
	const struct json *hole = json_get(v, "vulnerability");
	const struct json *aliases = hole ? json_get(hole, "aliases") : NULL;
	const struct json *name = hole && hole->type == JSON_OBJECT ? json_get(hole, "name") : hole;
	if (name == NULL && hole)
		name = json_get(hole, "@id");
	if (import_string(o->imp, name, IMPORT_MAX_ID, &st.vulnerability, err) < 0)
		return -1;
	if (!st.vulnerability)
		return json_error(v, err, "no vulnerability");
	const struct json *at = json_get(v, "last_updated");
	if (status_of(v, json_get(v, "status"), &st.status, err) < 0 ||
	    import_time(at ? at : json_get(v, "timestamp"), &st.at, err) < 0)
		return -1;
	st.justification = justification_of(json_get(v, "justification"));
	if (add_products(o, &st, v, err) < 0)
		return -1;
	if (!aliases)
		return 0;
	if (import_expect_array(aliases, err) < 0)
		return -1;
	json_each (e, aliases) {
		if (import_string(o->imp, e, IMPORT_MAX_ID, &st.vulnerability, err) < 0)
			return -1;
		if (st.vulnerability && add_products(o, &st, v, err) < 0)
			return -1;
	}
	return 0;
}

static int on_list(void *ctx, const struct json *v, struct err *err)
{
	(void)ctx;
	return json_expect(v, JSON_ARRAY, err);
}

static void *begin(struct import *imp, const char *prefix, struct err *err)
{
	static const struct json_selector document[] = {
		{"@context", on_context, JSON_SELECT_WHOLE},
		{"timestamp", on_timestamp, JSON_SELECT_WHOLE},
		{"last_updated", on_last_updated, JSON_SELECT_WHOLE},
		{"statements", on_list, JSON_SELECT_END},
		{"statements[]", on_statement, JSON_SELECT_WHOLE},
	};
	static const struct json_selector around[] = {{"subject[]", on_subject, JSON_SELECT_WHOLE}};
	struct openvex *o = arena_alloc(imp->arena, sizeof(*o));
	if (!o) {
		err_oom(err);
		return NULL;
	}
	o->imp = imp;
	o->inside = prefix[0] != '\0';
	if (json_stream_select(imp->stream, prefix, document, ARRAY_LEN(document), o, err) < 0 ||
	    (o->inside &&
	     json_stream_select(imp->stream, "", around, ARRAY_LEN(around), o, err) < 0))
		return NULL;
	return o;
}

/* A statement without products is about the subjects of what is around it. */
static int give_subjects(struct openvex *o, struct err *err)
{
	size_t n = o->imp->report->vex.n;
	for (size_t i = 0; i < n; i++) {
		if (o->imp->report->vex.items[i].product)
			continue;
		if (o->subjects.n == 0)
			return err_set(err, ERR_SPEC, "statements: one of them names no product");
		o->imp->report->vex.items[i].product = o->imp->report->vex.items[i].image =
			o->subjects.items[0];
		for (size_t k = 1; k < o->subjects.n; k++) {
			struct vex_statement more = o->imp->report->vex.items[i];
			more.product = more.image = o->subjects.items[k];
			if (vex_add(o->imp, &more, err) < 0)
				return -1;
		}
	}
	return 0;
}

static int finish(void *state, struct err *err)
{
	struct openvex *o = state;
	vex_list *list = &o->imp->report->vex;
	if (!o->is_openvex)
		return err_set(err, ERR_SPEC, "not OpenVEX: @context is missing");
	if (list->n == 0)
		return err_set(err, ERR_SPEC, "statements: none: the document says nothing");
	if (o->inside && o->subjects.n == 0)
		return err_set(err, ERR_SPEC, "subject: the statement is about nothing");
	if (give_subjects(o, err) < 0)
		return -1;
	/* The document's own time is that of the statements that have none; not its
	 * last_updated, which another statement may be the reason of. */
	for (size_t i = 0; i < list->n; i++)
		if (!list->items[i].at)
			list->items[i].at = o->timestamp ? o->timestamp : o->last_updated;
	vex_keep_latest(list);
	for (size_t i = 0; i < o->subjects.n; i++)
		if (import_add(o->imp, &o->imp->report->subject.about, o->subjects.items[i], err) <
		    0)
			return -1;
	return 0;
}

const struct import_json import_openvex = {FORMAT_OPENVEX, begin, finish};
