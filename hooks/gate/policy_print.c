/* The canonical text: one line per key and per entry of a list, in the key table's order. */
#include "config.h"

#include "gate/policy_keys.h"

#include "base/rfc3339.h"

#include <inttypes.h>
#include <string.h>

#include "base/banned.h"

static void begin(const struct key_row *key, const char *prefix, struct str *out)
{
	str_addf(out, "%s%s: ", prefix, key->path);
}

static void line(const struct key_row *key, const char *prefix, const char *text, struct str *out)
{
	begin(key, prefix, out);
	str_add_printable(out, text, strlen(text));
	str_add(out, "\n");
}

void policy_print_number(const struct key_row *key, const char *prefix, const void *obj,
			 struct str *out)
{
	int64_t n = policy_load(key, obj);

	begin(key, prefix, out);
	if (n == NO_LIMIT)
		str_add(out, "no limit\n");
	else
		str_addf(out, "%" PRId64 "\n", n);
}

void policy_print_word(const struct key_row *key, const char *prefix, const void *obj,
		       struct str *out)
{
	const struct key_word *word = key->words;

	while (word->name && word->value != policy_load(key, obj))
		word++;
	line(key, prefix, word->name ? word->name : "any", out);
}

void policy_print_words(const struct key_row *key, const char *prefix, const void *obj,
			struct str *out)
{
	int64_t bits = policy_load(key, obj);
	bool any = false;

	begin(key, prefix, out);
	for (const struct key_word *word = key->words; word->name; word++)
		if (bits & INT64_C(1) << word->value) {
			str_addf(out, "%s%s", any ? ", " : "", word->name);
			any = true;
		}
	str_add(out, any ? "\n" : "none\n");
}

void policy_print_flag(const struct key_row *key, const char *prefix, const void *obj,
		       struct str *out)
{
	line(key, prefix, policy_load(key, obj) ? "yes" : "no", out);
}

void policy_print_duration(const struct key_row *key, const char *prefix, const void *obj,
			   struct str *out)
{
	static const struct {
		int64_t seconds;
		char name;
	} units[] = {{86400, 'd'}, {3600, 'h'}, {60, 'm'}, {1, 's'}};
	int64_t seconds = policy_load(key, obj);
	size_t i = 0;

	while (i + 1 < ARRAY_LEN(units) && (!seconds || seconds % units[i].seconds))
		i++;
	begin(key, prefix, out);
	str_addf(out, "%" PRId64 "%c\n", seconds / units[i].seconds, units[i].name);
}

void policy_print_text(const struct key_row *key, const char *prefix, const void *obj,
		       struct str *out)
{
	const char *text = *(const char *const *)key_field(key, obj);

	line(key, prefix, text ? text : "any", out);
}

void policy_print_time(const struct key_row *key, const char *prefix, const void *obj,
		       struct str *out)
{
	int64_t at = policy_load(key, obj);
	char text[RFC3339_SIZE];

	rfc3339_format(at, text);
	line(key, prefix, at ? text : "not said", out);
}

void policy_print_texts(const struct key_row *key, const char *prefix, const void *obj,
			struct str *out)
{
	const struct str_list *list = key_field(key, obj);

	if (!list->n)
		line(key, prefix, "none", out);
	for (size_t i = 0; i < list->n; i++)
		line(key, prefix, list->items[i], out);
}

typedef LIST_OF(const uint32_t) id_list;
typedef LIST_OF(const char) object_list;

void policy_print_ids(const struct key_row *key, const char *prefix, const void *obj,
		      struct str *out)
{
	const id_list *ids = key_field(key, obj);

	if (!ids->n)
		line(key, prefix, "any", out);
	for (size_t i = 0; i < ids->n; i++) {
		begin(key, prefix, out);
		str_addf(out, "%" PRIu32 "\n", ids->items[i]);
	}
}

static void print_table(const struct key_table *table, const char *prefix, const void *obj,
			struct str *out)
{
	for (size_t i = 0; i < table->n; i++)
		if (table->rows[i].type->print)
			table->rows[i].type->print(&table->rows[i], prefix, obj, out);
}

void policy_print_object(const struct key_row *key, const char *prefix, const void *obj,
			 struct str *out)
{
	autostr inner = STR_INIT;

	str_addf(&inner, "%s%s.", prefix, key->path);
	print_table(key->inner, str_text(&inner), key_field(key, obj), out);
	out->failed |= str_failed(&inner);
}

void policy_print_objects(const struct key_row *key, const char *prefix, const void *obj,
			  struct str *out)
{
	const object_list *list = key_field(key, obj);

	if (!list->n)
		line(key, prefix, "none", out);
	for (size_t i = 0; i < list->n; i++) {
		autostr inner = STR_INIT;

		str_addf(&inner, "%s%s[%zu].", prefix, key->path, i);
		print_table(key->inner, str_text(&inner), list->items + i * key->inner->size, out);
		out->failed |= str_failed(&inner);
	}
}

/* A scope: where it is, and the keys that differ from the site's. */
static void print_scope(const struct gate_policy *site, const struct tightening *scope,
			const char *prefix, struct str *out)
{
	print_table(&policy_scope_keys, prefix, scope, out);
	for (size_t i = 0; i < policy_keys.n; i++) {
		const struct key_row *key = &policy_keys.rows[i];
		autostr inner = STR_INIT, own = STR_INIT, sites = STR_INIT;

		if (!(key->flags & KEY_IN_SCOPE))
			continue;
		str_addf(&inner, "%stighten.", prefix);
		key->type->print(key, str_text(&inner), scope->policy, &own);
		key->type->print(key, str_text(&inner), site, &sites);
		if (strcmp(str_text(&own), str_text(&sites)) != 0)
			str_add(out, str_text(&own));
		out->failed |= str_failed(&inner) || str_failed(&own) || str_failed(&sites);
	}
}

void policy_print_scopes(const struct key_row *key, const char *prefix, const void *obj,
			 struct str *out)
{
	const struct gate_policy *policy = obj;

	if (!policy->scopes.n)
		line(key, prefix, "none", out);
	for (size_t i = 0; i < policy->scopes.n; i++) {
		autostr inner = STR_INIT;

		str_addf(&inner, "%s%s[%zu].", prefix, key->path, i);
		print_scope(policy, &policy->scopes.items[i], str_text(&inner), out);
		out->failed |= str_failed(&inner);
	}
}

int gate_policy_print(const struct gate_policy *policy, struct str *ret, struct err *err)
{
	print_table(&policy_keys, "", policy, ret);
	return str_failed(ret) ? err_oom(err) : 0;
}
