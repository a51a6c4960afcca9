/* The table machinery: read an object by its table, walk the tables, and the takers for the
 * types that every object shares.
 *
 * Pure: memory in, struct out.  Recursion follows the tables (a fixed depth), never the input.
 */
#include "config.h"

#include "spec/table.h"

#include <stdio.h>
#include <string.h>

#include "base/banned.h"

/* --- reading --- */

static const struct property *table_find(const struct table *t, const char *key)
{
	for (size_t i = 0; i < t->n; i++)
		if (strcmp(t->rows[i].key, key) == 0)
			return &t->rows[i];
	return NULL;
}

static int unknown_property(struct reader *r, const struct json *v, const struct table *t)
{
	const char *near = names_closest(v->key, t->rows, t->n, sizeof(*t->rows));

	if (near && !table_find(t, near)->refused)
		return json_error(v, r->err, "unknown property (did you mean '%s'?)", near);
	return json_error(
		v, r->err,
		"unknown property; runtime-spec 1.3.0 has none of this name here, remove it");
}

static int refused_property(struct reader *r, const struct json *v, const struct property *p)
{
	if (p->flags & PROPERTY_NOT_LINUX)
		return json_error(v, r->err, "not supported on Linux: %s; remove it", p->refused);
	return json_error(v, r->err, "unknown property: %s", p->refused);
}

static int missing_property(struct reader *r, const struct json *v, const char *key)
{
	char path[JSON_PATH_MAX];

	json_path(v, path);
	return err_set(r->err, ERR_SPEC, "%s%s%s: is missing; the specification requires it", path,
		       path[0] ? "." : "", key);
}

static int read_property(struct reader *r, const struct json *v, const struct property *p,
			 void *obj)
{
	if (json_expect(v, p->type, r->err))
		return -1;
	if (p->take(r, v, p, (char *)obj + p->offset))
		return -1;
	if (p->mark)
		*(bool *)((char *)obj + p->mark) = true;
	return 0;
}

int table_read(struct reader *r, const struct json *v, const struct table *t, void *obj)
{
	uint64_t seen = 0;

	if (json_expect(v, JSON_OBJECT, r->err))
		return -1;
	json_each(child, v) {
		const struct property *p = table_find(t, child->key);

		if (!p)
			return unknown_property(r, child, t);
		/* Go writes null for a slice, map or pointer that was not set. */
		if (child->type == JSON_NULL)
			continue;
		if (p->refused)
			return refused_property(r, child, p);
		if (read_property(r, child, p, obj))
			return -1;
		seen |= UINT64_C(1) << (p - t->rows);
	}
	for (size_t i = 0; i < t->n; i++)
		if ((t->rows[i].flags & PROPERTY_REQUIRED) && !(seen & UINT64_C(1) << i))
			return missing_property(r, v, t->rows[i].key);
	return t->check ? t->check(r, v, obj) : 0;
}

/* Any LIST_OF: the layout is the same whatever the element. */
struct any_list {
	void *items;
	size_t n;
	size_t cap;
};

void *table_append(struct reader *r, const struct json *v, const struct table *t, void *list)
{
	struct any_list *l = list;
	void *item = arena_push(r->arena, &l->items, &l->n, &l->cap, t->size);

	if (!item) {
		err_oom(r->err);
		return NULL;
	}
	return table_read(r, v, t, item) ? NULL : item;
}

int table_push(struct reader *r, struct str_list *list, const char *s)
{
	const char **item = ARENA_PUSH(r->arena, list);

	if (!item)
		return err_oom(r->err);
	*item = s;
	return 0;
}

bool table_has(const struct json *v, const char *key)
{
	const struct json *child = json_get(v, key);

	return child && child->type != JSON_NULL;
}

/* --- walking --- */

static const char *treatment_of(const struct property *p)
{
	if (p->treatment)
		return p->treatment;
	return p->flags & PROPERTY_NOT_LINUX ? "not linux" : "handled";
}

void table_walk(const struct table *t, const char *prefix,
		void (*each)(const char *path, const char *treatment, void *arg), void *arg)
{
	char path[JSON_PATH_MAX];

	for (size_t i = 0; i < t->n; i++) {
		const struct property *p = &t->rows[i];
		size_t n;

		if (p->flags & PROPERTY_REMOVED)
			continue;
		snprintf(path, sizeof(path), "%s%s%s", prefix, prefix[0] ? "." : "", p->key);
		each(path, treatment_of(p), arg);
		if (!p->child)
			continue;
		n = strlen(path);
		if (p->type == JSON_ARRAY)
			snprintf(path + n, sizeof(path) - n, "[]");
		else if (p->take == take_map || p->take == take_net_devices)
			snprintf(path + n, sizeof(path) - n, ".*");
		table_walk(p->child, path, each, arg);
	}
}

/* --- strings --- */

struct shown table_show(const char *s)
{
	struct shown shown;
	size_t n = strnlen(s, 65);

	if (n > 64) {
		n = 61;
		while (n > 0 && ((unsigned char)s[n] & 0xc0) == 0x80)
			n--;
	}
	for (size_t i = 0; i < n; i++)
		shown.s[i] = (unsigned char)s[i] < 0x20 || s[i] == 0x7f ? '?' : s[i];
	memcpy(shown.s + n, s[n] ? "..." : "", s[n] ? 4 : 1);
	return shown;
}

static int check_text(struct reader *r, const struct json *v, const struct property *p)
{
	if (p->text)
		return p->text(r, v, v->text);
	return 0;
}

int take_string(struct reader *r, const struct json *v, const struct property *p, void *field)
{
	const char *s = v->text;

	if (!s[0] && (p->flags & PROPERTY_REQUIRED))
		return json_error(v, r->err, "is empty; the specification requires a value");
	if (!s[0] && (p->flags & PROPERTY_NOT_EMPTY))
		return json_error(v, r->err, "is empty; give a value or leave the property out");
	if (!s[0])
		return 0;
	if (check_text(r, v, p))
		return -1;
	*(const char **)field = s;
	return 0;
}

int take_strings(struct reader *r, const struct json *v, const struct property *p, void *field)
{
	if ((p->flags & PROPERTY_NOT_EMPTY) && v->n == 0)
		return json_error(v, r->err, "is empty; at least one entry is needed");
	json_each(child, v) {
		const char *s;

		if (json_as_string(child, &s, r->err) || check_text(r, child, p))
			return -1;
		if (table_push(r, field, s))
			return -1;
	}
	return 0;
}

int take_pairs(struct reader *r, const struct json *v, const struct property *p, void *field)
{
	spec_pairs *pairs = field;

	json_each(child, v) {
		struct spec_pair *pair;
		const char *s;

		if (json_as_string(child, &s, r->err))
			return -1;
		if (!child->key[0])
			return json_error(v, r->err,
					  "has an entry with an empty key; name it or remove it");
		if (p->text && p->text(r, child, child->key))
			return -1;
		pair = ARENA_PUSH(r->arena, pairs);
		if (!pair)
			return err_oom(r->err);
		pair->key = child->key;
		pair->value = s;
	}
	return 0;
}

/* --- closed sets --- */

/* "(did you mean 'x'?)", or what the set holds, where that is short. */
static int not_in_set(struct reader *r, const struct json *v, const struct name_set *set)
{
	const char *near = names_closest(v->text, set->items, set->n, sizeof(*set->items));
	char all[200];
	size_t used = 0;

	if (near)
		return json_error(v, r->err, "'%s' is not %s (did you mean '%s'?)",
				  table_show(v->text).s, set->noun, near);
	for (size_t i = 0; i < set->n; i++) {
		int n = snprintf(all + used, sizeof(all) - used, "%s%s", i ? ", " : "",
				 set->items[i].name);

		if (n < 0 || (size_t)n >= sizeof(all) - used)
			return json_error(v, r->err, "'%s' is not %s", table_show(v->text).s,
					  set->noun);
		used += (size_t)n;
	}
	return json_error(v, r->err, "'%s' is not %s; use one of %s", table_show(v->text).s,
			  set->noun, all);
}

static const struct table_entry *find_word(struct reader *r, const struct json *v,
					   const struct property *p)
{
	const struct table_entry *name;
	const char *s;

	if (json_as_string(v, &s, r->err))
		return NULL;
	name = names_find(p->rule, s);
	if (!name)
		(void)not_in_set(r, v, p->rule);
	return name;
}

int take_word(struct reader *r, const struct json *v, const struct property *p, void *field)
{
	const struct table_entry *name = find_word(r, v, p);

	if (!name)
		return -1;
	*(const char **)field = name->name;
	return 0;
}

int take_words(struct reader *r, const struct json *v, const struct property *p, void *field)
{
	json_each(child, v) {
		const struct table_entry *name = find_word(r, child, p);

		if (!name || table_push(r, field, name->name))
			return -1;
	}
	return 0;
}

int take_named(struct reader *r, const struct json *v, const struct property *p, void *field)
{
	const struct table_entry *name = find_word(r, v, p);

	if (!name)
		return -1;
	*(int *)field = (int)name->value;
	return 0;
}

/* --- scalars --- */

int take_bool(struct reader *r, const struct json *v, const struct property *p, void *field)
{
	(void)p;
	return json_as_bool(v, field, r->err);
}

int take_opt_bool(struct reader *r, const struct json *v, const struct property *p, void *field)
{
	struct opt_bool *opt = field;

	if (take_bool(r, v, p, &opt->v))
		return -1;
	opt->set = true;
	return 0;
}

static int out_of_range(struct reader *r, const struct json *v, const struct range *range)
{
	return json_error(v, r->err, "%s is out of range: %s", table_show(v->text).s, range->what);
}

int take_i64(struct reader *r, const struct json *v, const struct property *p, void *field)
{
	const struct range *range = p->rule;
	int64_t n;

	if (json_as_i64(v, INT64_MIN, INT64_MAX, &n, r->err))
		return -1;
	if (range && (n < range->min || n > range->max))
		return out_of_range(r, v, range);
	*(int64_t *)field = n;
	return 0;
}

int take_opt_i64(struct reader *r, const struct json *v, const struct property *p, void *field)
{
	struct opt_i64 *opt = field;

	if (take_i64(r, v, p, &opt->v))
		return -1;
	opt->set = true;
	return 0;
}

static int take_unsigned(struct reader *r, const struct json *v, const struct property *p,
			 uint64_t max, uint64_t *ret)
{
	const struct range *range = p->rule;
	uint64_t n;

	if (json_as_u64(v, max, &n, r->err))
		return -1;
	if (range && (n < (uint64_t)range->min || n > (uint64_t)range->max))
		return out_of_range(r, v, range);
	*ret = n;
	return 0;
}

int take_u64(struct reader *r, const struct json *v, const struct property *p, void *field)
{
	return take_unsigned(r, v, p, UINT64_MAX, field);
}

int take_opt_u64(struct reader *r, const struct json *v, const struct property *p, void *field)
{
	struct opt_u64 *opt = field;

	if (take_u64(r, v, p, &opt->v))
		return -1;
	opt->set = true;
	return 0;
}

int take_u32(struct reader *r, const struct json *v, const struct property *p, void *field)
{
	uint64_t n = 0;

	if (take_unsigned(r, v, p, UINT32_MAX, &n))
		return -1;
	*(uint32_t *)field = (uint32_t)n;
	return 0;
}

int take_opt_u32(struct reader *r, const struct json *v, const struct property *p, void *field)
{
	struct opt_u32 *opt = field;

	if (take_u32(r, v, p, &opt->v))
		return -1;
	opt->set = true;
	return 0;
}

int take_id(struct reader *r, const struct json *v, const struct property *p, void *field)
{
	uint32_t id;

	if (take_u32(r, v, p, &id))
		return -1;
	if (id == UINT32_MAX)
		return json_error(v, r->err,
				  "4294967295 is no id: the kernel reads it as \"leave "
				  "unchanged\"; choose another");
	*(uint32_t *)field = id;
	return 0;
}

int take_opt_id(struct reader *r, const struct json *v, const struct property *p, void *field)
{
	struct opt_u32 *opt = field;

	if (take_id(r, v, p, &opt->v))
		return -1;
	opt->set = true;
	return 0;
}

/* --- objects --- */

int take_object(struct reader *r, const struct json *v, const struct property *p, void *field)
{
	return table_read(r, v, p->child, field);
}

int take_object_ptr(struct reader *r, const struct json *v, const struct property *p, void *field)
{
	void *obj = arena_alloc(r->arena, p->child->size);

	if (!obj)
		return err_oom(r->err);
	if (table_read(r, v, p->child, obj))
		return -1;
	*(void **)field = obj;
	return 0;
}

int take_list(struct reader *r, const struct json *v, const struct property *p, void *field)
{
	json_each(child, v) {
		if (!table_append(r, child, p->child, field))
			return -1;
	}
	return 0;
}

int take_map(struct reader *r, const struct json *v, const struct property *p, void *field)
{
	json_each(child, v) {
		void *item;

		if (p->text && p->text(r, child, child->key))
			return -1;
		item = table_append(r, child, p->child, field);
		if (!item)
			return -1;
		*(const char **)item = child->key;
	}
	return 0;
}
