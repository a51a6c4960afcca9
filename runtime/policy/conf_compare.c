/* Which of two values is the looser one: lets through anything that the other doesn't. */
#include "config.h"

#include "policy/conf_keys.h"

#include "base/path.h"

#include <string.h>

#include "base/banned.h"

static unsigned rank(const struct key_row *key, const void *obj)
{
	for (const struct key_word *word = key->words; word->name; word++)
		if (word->value == key_load(key, obj))
			return word->rank;
	return 0;
}

bool conf_looser_word(const struct key_row *key, const void *a, const void *b)
{
	return rank(key, a) < rank(key, b);
}

bool conf_looser_flag(const struct key_row *key, const void *a, const void *b)
{
	return key_load(key, a) < key_load(key, b);
}

bool conf_looser_grant(const struct key_row *key, const void *a, const void *b)
{
	return key_load(key, a) > key_load(key, b);
}

/* 0 is no limit, the loosest. */
bool conf_looser_ceiling(const struct key_row *key, const void *a, const void *b)
{
	return key_load(key, a) - 1 > key_load(key, b) - 1;
}

bool conf_looser_floor(const struct key_row *key, const void *a, const void *b)
{
	return key_load(key, a) < key_load(key, b);
}

/* An exception's: 0 asks for nothing. */
bool conf_looser_most(const struct key_row *key, const void *a, const void *b)
{
	return key_load(key, a) > key_load(key, b);
}

bool conf_looser_file(const struct key_row *key, const void *a, const void *b)
{
	return !*(const char *const *)key_field(key, a) && *(const char *const *)key_field(key, b);
}

bool conf_looser_time(const struct key_row *key, const void *a, const void *b)
{
	const struct policy_exception *ea = a, *eb = b;

	(void)key;
	return ea->expires > eb->expires;
}

/* --- lists --- */

typedef bool covers_fn(const char *entry, const char *s);

static bool equals(const char *entry, const char *s)
{
	return !strcmp(entry, s);
}

static bool holds(const char *entry, const char *s)
{
	return path_is_beneath(s, entry);
}

/* "net/ipv4/" is a tree. */
static bool holds_sysctl(const char *entry, const char *s)
{
	size_t len = strlen(entry);
	return len > 0 && entry[len - 1] == '/' ? !strncmp(entry, s, len) : equals(entry, s);
}

/* Every one of `some` is covered by one of `all`. */
static bool covered(const struct str_list *some, const struct str_list *all, covers_fn *covers)
{
	for (size_t i = 0; i < some->n; i++) {
		size_t k = 0;

		while (k < all->n && !covers(all->items[k], some->items[i]))
			k++;
		if (k == all->n)
			return false;
	}
	return true;
}

static bool looser_list(const struct key_row *key, const void *a, const void *b, covers_fn *covers)
{
	if (!conf_is_limited(key, b))
		return false;
	return !conf_is_limited(key, a) || !covered(key_field(key, a), key_field(key, b), covers);
}

bool conf_looser_allow(const struct key_row *key, const void *a, const void *b)
{
	return looser_list(key, a, b, holds);
}

bool conf_looser_names(const struct key_row *key, const void *a, const void *b)
{
	return looser_list(key, a, b, equals);
}

bool conf_looser_sysctls(const struct key_row *key, const void *a, const void *b)
{
	return looser_list(key, a, b, holds_sysctl);
}

/* A ban that isn't there any more. */
bool conf_looser_deny(const struct key_row *key, const void *a, const void *b)
{
	return !covered(key_field(key, b), key_field(key, a), holds);
}

static bool has_port(const policy_ports *ports, uint16_t port)
{
	for (size_t i = 0; i < ports->n; i++)
		if (ports->items[i] == port)
			return true;
	return false;
}

bool conf_looser_ports(const struct key_row *key, const void *a, const void *b)
{
	const policy_ports *some = key_field(key, a), *all = key_field(key, b);

	if (!conf_is_limited(key, b))
		return false;
	if (!conf_is_limited(key, a))
		return true;
	for (size_t i = 0; i < some->n; i++)
		if (!has_port(all, some->items[i]))
			return true;
	return false;
}

static bool covers_mount(const struct policy_mount *entry, const struct policy_mount *m)
{
	return path_is_beneath(m->source, entry->source) &&
	       (!entry->target || (m->target && !strcmp(m->target, entry->target))) &&
	       (entry->writable || !m->writable);
}

bool conf_looser_mounts(const struct key_row *key, const void *a, const void *b)
{
	const policy_mounts *some = key_field(key, a), *all = key_field(key, b);

	if (!conf_is_limited(key, b))
		return false;
	if (!conf_is_limited(key, a))
		return true;
	for (size_t i = 0; i < some->n; i++) {
		size_t k = 0;

		while (k < all->n && !covers_mount(&all->items[k], &some->items[i]))
			k++;
		if (k == all->n)
			return true;
	}
	return false;
}

bool conf_looser_caps(const struct key_row *key, const void *a, const void *b)
{
	return key_load(key, a) & ~key_load(key, b);
}

/* --- exceptions --- */

static bool covers_exception(const struct policy_exception *entry, const struct policy_exception *e)
{
	if (strcmp(entry->image, e->image) != 0)
		return false;
	for (size_t i = 0; i < conf_exception_keys.n; i++) {
		const struct key_row *key = &conf_exception_keys.rows[i];

		if (key->type->is_looser && key->type->is_looser(key, e, entry))
			return false;
	}
	return true;
}

bool conf_looser_exceptions(const struct key_row *key, const void *a, const void *b)
{
	const struct policy_conf *some = a, *all = b;

	(void)key;
	for (size_t i = 0; i < some->exceptions.n; i++) {
		size_t k = 0;

		while (k < all->exceptions.n &&
		       !covers_exception(&all->exceptions.items[k], &some->exceptions.items[i]))
			k++;
		if (k == all->exceptions.n)
			return true;
	}
	return false;
}

/* Root that is nobody's outside, and 65532 in its place: neither contains the other; nor
 * do two choices of whose ids it is. */
static bool is_other_root(const struct policy_conf *a, const struct policy_conf *b)
{
	if (a->root == ROOT_REMAP && b->root == ROOT_REMAP)
		return a->remap_first != b->remap_first || a->remap_count != b->remap_count;
	return (a->root == ROOT_REMAP && b->root == ROOT_DEMOTE) ||
	       (a->root == ROOT_DEMOTE && b->root == ROOT_REMAP);
}

bool policy_conf_is_stricter(const struct policy_conf *conf, const struct policy_conf *than,
			     const char **ret_key)
{
	for (size_t i = 0; i < conf_keys.n; i++) {
		const struct key_row *key = &conf_keys.rows[i];

		if (!key->type->is_looser || !key->type->is_looser(key, conf, than))
			continue;
		*ret_key = key->path;
		return false;
	}
	if (!is_other_root(conf, than))
		return true;
	*ret_key = "root.request";
	return false;
}
