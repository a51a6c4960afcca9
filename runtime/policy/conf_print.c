/* The canonical text: one line per key and per entry of a list, in the key table's order.
 * `kanuki policy show` prints it, `diff` compares it, and a built-in is named by its sum.
 */
#include "config.h"

#include "policy/conf_keys.h"

#include "plan/names.h"
#include "plan/print.h"

#include <inttypes.h>

#include "base/banned.h"

static void begin(const struct key_row *key, const char *prefix, struct str *out)
{
	str_addf(out, "%s%s: ", prefix, key->path);
}

static void line(const struct key_row *key, const char *prefix, const char *trusted,
		 struct str *out)
{
	begin(key, prefix, out);
	str_add(out, trusted);
	str_add(out, "\n");
}

void conf_print_word(const struct key_row *key, const char *prefix, const void *obj,
		     struct str *out)
{
	const struct key_word *word = key->words;

	while (word->name && word->value != key_load(key, obj))
		word++;
	line(key, prefix, word->name ? word->name : "unknown", out);
}

void conf_print_flag(const struct key_row *key, const char *prefix, const void *obj,
		     struct str *out)
{
	line(key, prefix, key_load(key, obj) ? "yes" : "no", out);
}

void conf_print_number(const struct key_row *key, const char *prefix, const void *obj,
		       struct str *out)
{
	begin(key, prefix, out);
	str_addf(out, "%" PRIu64 "\n", key_load(key, obj));
}

void conf_print_limit(const struct key_row *key, const char *prefix, const void *obj,
		      struct str *out)
{
	if (key_load(key, obj))
		conf_print_number(key, prefix, obj, out);
	else
		line(key, prefix, "no limit", out);
}

void conf_print_text(const struct key_row *key, const char *prefix, const void *obj,
		     struct str *out)
{
	begin(key, prefix, out);
	print_word(out, *(const char *const *)key_field(key, obj));
	str_add(out, "\n");
}

/* True when the list has no entry to print, which is said then. */
static bool said_empty(const struct key_row *key, const char *prefix, const void *obj, size_t n,
		       struct str *out)
{
	if (n == 0)
		line(key, prefix, conf_is_limited(key, obj) ? "none" : "any", out);
	return n == 0;
}

void conf_print_strings(const struct key_row *key, const char *prefix, const void *obj,
			struct str *out)
{
	const struct str_list *list = key_field(key, obj);

	if (said_empty(key, prefix, obj, list->n, out))
		return;
	for (size_t i = 0; i < list->n; i++) {
		begin(key, prefix, out);
		print_word(out, list->items[i]);
		str_add(out, "\n");
	}
}

void conf_print_ports(const struct key_row *key, const char *prefix, const void *obj,
		      struct str *out)
{
	const policy_ports *ports = key_field(key, obj);

	if (said_empty(key, prefix, obj, ports->n, out))
		return;
	for (size_t i = 0; i < ports->n; i++) {
		begin(key, prefix, out);
		str_addf(out, "%u\n", ports->items[i]);
	}
}

void conf_print_mounts(const struct key_row *key, const char *prefix, const void *obj,
		       struct str *out)
{
	const policy_mounts *mounts = key_field(key, obj);

	if (said_empty(key, prefix, obj, mounts->n, out))
		return;
	for (size_t i = 0; i < mounts->n; i++) {
		const struct policy_mount *m = &mounts->items[i];

		begin(key, prefix, out);
		print_word(out, m->source);
		str_add(out, " at ");
		if (m->target)
			print_word(out, m->target);
		else
			str_add(out, "any place");
		str_add(out, m->writable ? ", writable\n" : ", read-only\n");
	}
}

void conf_print_caps(const struct key_row *key, const char *prefix, const void *obj,
		     struct str *out)
{
	begin(key, prefix, out);
	plan_add_caps(out, key_load(key, obj));
	str_add(out, "\n");
}

void conf_print_exceptions(const struct key_row *key, const char *prefix, const void *obj,
			   struct str *out)
{
	const struct policy_conf *conf = obj;

	if (conf->exceptions.n == 0)
		line(key, prefix, "none", out);
	for (size_t i = 0; i < conf->exceptions.n; i++) {
		autostr inner = STR_INIT;

		str_addf(&inner, "%s%s[%zu].", prefix, key->path, i);
		for (size_t k = 0; k < conf_exception_keys.n; k++)
			conf_exception_keys.rows[k].type->print(&conf_exception_keys.rows[k],
								str_text(&inner),
								&conf->exceptions.items[i], out);
		out->failed |= str_failed(&inner);
	}
}

void policy_conf_print(const struct policy_conf *conf, struct str *out)
{
	for (size_t i = 0; i < conf_keys.n; i++)
		if (conf_keys.rows[i].type->print)
			conf_keys.rows[i].type->print(&conf_keys.rows[i], "", conf, out);
}
