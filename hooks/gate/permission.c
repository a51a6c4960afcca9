/* The form of a permission, both ways. */
#include "config.h"

#include "gate/permission.h"

#include "base/json.h"
#include "base/json_out.h"
#include "base/rfc3339.h"
#include "base/table.h"
#include "gate/findings.h"

#include <string.h>

#include "base/banned.h"

static const struct table_entry kinds[] = {{"waiver", PERMISSION_WAIVER},
					   {"permit", PERMISSION_PERMIT},
					   {"breakglass", PERMISSION_BREAKGLASS}};

const char *permission_kind_name(enum permission_kind kind)
{
	const char *name = table_name(kinds, kind);

	return name ? name : "unknown";
}

static int take_time(const struct json *v, int64_t *ret, struct err *err)
{
	const char *text;

	if (json_as_string(v, &text, err) < 0)
		return -1;
	return rfc3339_parse(text, ret)
		       ? 0
		       : json_error(v, err, "'%s' is no time like 2027-01-31T00:00:00Z", text);
}

static int take_kind(const struct json *v, struct permission *ret, struct err *err)
{
	const char *text;
	int64_t kind;

	if (json_as_string(v, &text, err) < 0)
		return -1;
	if (!table_value(kinds, text, &kind))
		return json_error(v, err, "'%s' is neither waiver, permit nor breakglass", text);
	ret->kind = (enum permission_kind)kind;
	return 0;
}

static int take_severity(const struct json *v, struct permission *ret, struct err *err)
{
	const char *text;

	if (json_as_string(v, &text, err) < 0)
		return -1;
	for (unsigned s = SEVERITY_UNKNOWN + 1; s < SEVERITY_COUNT; s++)
		if (strcmp(text, severity_name((enum severity)s)) == 0) {
			ret->severity_max = (enum severity)s;
			return 0;
		}
	return json_error(v, err, "'%s' is no severity", text);
}

static int take_images(const struct json *v, struct permission *ret, struct arena *arena,
		       struct err *err)
{
	if (json_as_strings(v, arena, &ret->images, err) < 0)
		return -1;
	for (size_t i = 0; i < ret->images.n; i++)
		if (!digest_is_valid(ret->images.items[i]))
			return json_error(v, err, "'%s' is no digest", ret->images.items[i]);
	return 0;
}

static int take_member(const struct json *v, struct permission *ret, struct arena *arena,
		       struct err *err)
{
	const struct {
		const char *key;
		const char **at;
	} texts[] = {{"owner", &ret->owner},     {"reason", &ret->reason},
		     {"ticket", &ret->ticket},   {"finding", &ret->finding},
		     {"package", &ret->package}, {"role", &ret->role}};

	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		if (strcmp(v->key, texts[i].key) == 0)
			return json_as_string(v, texts[i].at, err);
	if (strcmp(v->key, "kind") == 0)
		return take_kind(v, ret, err);
	if (strcmp(v->key, "images") == 0)
		return take_images(v, ret, arena, err);
	if (strcmp(v->key, "namespaces") == 0)
		return json_as_strings(v, arena, &ret->namespaces, err);
	if (strcmp(v->key, "severity_max") == 0)
		return take_severity(v, ret, err);
	if (strcmp(v->key, "created") == 0)
		return take_time(v, &ret->created, err);
	if (strcmp(v->key, "expires") == 0)
		return take_time(v, &ret->expires, err);
	return json_error(v, err, "unknown key");
}

/* What it would be worth nothing without. */
static int check(const struct permission *p, struct err *err)
{
	if (p->kind == PERMISSION_NONE)
		return err_set(err, ERR_SPEC, "a permission without a kind");
	if (!p->owner || !p->owner[0])
		return err_set(err, ERR_SPEC, "a %s without an owner",
			       permission_kind_name(p->kind));
	if (p->created <= 0 || p->expires <= p->created)
		return err_set(err, ERR_SPEC,
			       "a %s must have a time of creation and a later one of expiry",
			       permission_kind_name(p->kind));
	if (!p->images.n && !(p->kind == PERMISSION_BREAKGLASS && p->namespaces.n))
		return err_set(err, ERR_SPEC, "a %s must name images%s",
			       permission_kind_name(p->kind),
			       p->kind == PERMISSION_BREAKGLASS ? " or namespaces" : "");
	if (p->kind == PERMISSION_BREAKGLASS && (!p->reason || !p->reason[0]))
		return err_set(err, ERR_SPEC, "a breakglass without a reason");
	if (p->kind == PERMISSION_WAIVER && (!p->finding || !p->finding[0]))
		return err_set(err, ERR_SPEC, "a waiver must name a finding");
	return 0;
}

int permission_parse(struct arena *arena, const char *text, size_t len, struct permission *ret,
		     struct err *err)
{
	struct permission permission = {0};
	const struct json *root;

	if (json_parse(arena, text, len, &root, err) < 0 || json_expect(root, JSON_OBJECT, err) < 0)
		return -1;
	json_each(v, root)
		if (take_member(v, &permission, arena, err) < 0)
			return -1;
	if (check(&permission, err) < 0)
		return -1;
	*ret = permission;
	return 0;
}

static void put_list(struct json_out *o, const char *key, const struct str_list *list)
{
	if (!list->n)
		return;
	json_out_array(o, key);
	for (size_t i = 0; i < list->n; i++)
		json_out_string(o, NULL, list->items[i]);
	json_out_end_array(o);
}

static void put_text(struct json_out *o, const char *key, const char *text)
{
	if (text)
		json_out_string(o, key, text);
}

static void put_time(struct json_out *o, const char *key, int64_t at)
{
	char text[RFC3339_SIZE];

	rfc3339_format(at, text);
	json_out_string(o, key, text);
}

int permission_print(const struct permission *p, struct str *ret, struct err *err)
{
	struct json_out o __attribute__((cleanup(json_out_release))) = JSON_OUT_INIT;

	if (check(p, err) < 0)
		return -1;
	json_out_object(&o, NULL);
	json_out_string(&o, "kind", permission_kind_name(p->kind));
	put_list(&o, "images", &p->images);
	put_list(&o, "namespaces", &p->namespaces);
	put_text(&o, "finding", p->finding);
	put_text(&o, "package", p->package);
	if (p->severity_max != SEVERITY_UNKNOWN)
		json_out_string(&o, "severity_max", severity_name(p->severity_max));
	put_text(&o, "role", p->role);
	put_text(&o, "owner", p->owner);
	put_text(&o, "reason", p->reason);
	put_text(&o, "ticket", p->ticket);
	put_time(&o, "created", p->created);
	put_time(&o, "expires", p->expires);
	json_out_end_object(&o);
	return json_out_append(&o, ret, err);
}
