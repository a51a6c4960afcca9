/* Takers: a JSON value of the right type -> its field.  What they judge is the value alone;
 * what must hold between keys is policy_parse.c's.
 */
#include "config.h"

#include "gate/policy_keys.h"

#include "base/rfc3339.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/banned.h"

/* --- judges --- */

bool policy_is_path(const char *s)
{
	size_t len = strnlen(s, 4096);

	if (s[0] != '/' || len < 2 || len >= 4096)
		return false;
	while (*s) { /* stands on '/' */
		size_t n = strcspn(++s, "/");

		if (n == 0 || (n == 1 && s[0] == '.') || (n == 2 && s[0] == '.' && s[1] == '.'))
			return false;
		for (size_t i = 0; i < n; i++)
			if ((unsigned char)s[i] < ' ' || s[i] == 0x7f)
				return false;
		s += n;
	}
	return true;
}

static bool is_line(const char *s, size_t max, unsigned char least)
{
	size_t len = strnlen(s, max + 1);

	for (size_t i = 0; i < len; i++)
		if ((unsigned char)s[i] < least || s[i] == 0x7f)
			return false;
	return len >= 1 && len <= max;
}

bool policy_is_name(const char *s)
{
	return is_line(s, 200, '!');
}

bool policy_is_label(const char *s)
{
	return is_line(s, 1000, ' ');
}

/* Untrusted text within a message: cut, in one line. */
static const char *shown(const char *s, char buf[72])
{
	size_t n = strnlen(s, 65);

	if (n > 64)
		for (n = 61; n > 0 && ((unsigned char)s[n] & 0xc0) == 0x80; n--)
			;
	for (size_t i = 0; i < n; i++)
		buf[i] = (unsigned char)s[i] < ' ' || s[i] == 0x7f ? '?' : s[i];
	memcpy(buf + n, s[n] ? "..." : "", s[n] ? 4 : 1);
	return buf;
}

/* --- single values --- */

int policy_take_number(struct policy_reader *r, const struct json *v, const struct policy_key *key, void *obj)
{
	int64_t n;

	if (json_as_i64(v, INT64_MIN, INT64_MAX, &n, r->err))
		return -1;
	if (n < key->min || n > key->max)
		return json_error(v, r->err, "%" PRId64 " is out of range: %" PRId64 " to %" PRId64, n, key->min, key->max);
	policy_store(key, obj, n);
	return 0;
}

static const struct policy_word *find_word(struct policy_reader *r, const struct json *v, const struct policy_key *key)
{
	char all[200] = "", buf[72];
	const char *s;
	size_t used = 0;

	if (json_as_string(v, &s, r->err))
		return NULL;
	for (const struct policy_word *w = key->words; w->name; w++) {
		if (!strcmp(w->name, s))
			return w;
		used += (size_t)snprintf(all + used, sizeof(all) - used, "%s%s", used ? ", " : "", w->name);
	}
	(void)json_error(v, r->err, "'%s' is not one of %s", shown(s, buf), all);
	return NULL;
}

int policy_take_word(struct policy_reader *r, const struct json *v, const struct policy_key *key, void *obj)
{
	const struct policy_word *word = find_word(r, v, key);

	if (!word)
		return -1;
	policy_store(key, obj, word->value);
	return 0;
}

static int check_empty(struct policy_reader *r, const struct json *v, const struct policy_key *key)
{
	if (!v->n && (key->flags & KEY_NOT_EMPTY))
		return json_error(v, r->err, "is empty: name something or leave the key out");
	return 0;
}

int policy_take_words(struct policy_reader *r, const struct json *v, const struct policy_key *key, void *obj)
{
	int64_t bits = 0;

	if (check_empty(r, v, key))
		return -1;
	json_each(child, v) {
		const struct policy_word *word = find_word(r, child, key);

		if (!word)
			return -1;
		bits |= INT64_C(1) << word->value;
	}
	policy_store(key, obj, bits);
	return 0;
}

int policy_take_flag(struct policy_reader *r, const struct json *v, const struct policy_key *key, void *obj)
{
	bool flag;

	if (json_as_bool(v, &flag, r->err))
		return -1;
	policy_store(key, obj, flag);
	return 0;
}

int policy_take_duration(struct policy_reader *r, const struct json *v, const struct policy_key *key, void *obj)
{
	const char *s;
	int64_t seconds;
	char buf[72];

	if (json_as_string(v, &s, r->err))
		return -1;
	if (gate_duration_parse(s, &seconds))
		return json_error(v, r->err, "'%s' is not a duration like 10s, 5m, 168h, 30d", shown(s, buf));
	if (seconds < key->min || seconds > key->max)
		return json_error(v, r->err, "'%s' is out of range: %" PRId64 "s to %" PRId64 "s", shown(s, buf), key->min, key->max);
	policy_store(key, obj, seconds);
	return 0;
}

static int judge(struct policy_reader *r, const struct json *v, const struct policy_key *key, const char **ret)
{
	char buf[72];

	if (json_as_string(v, ret, r->err))
		return -1;
	if (!key->judge(*ret))
		return json_error(v, r->err, "'%s' is not %s", shown(*ret, buf), key->want);
	return 0;
}

int policy_take_text(struct policy_reader *r, const struct json *v, const struct policy_key *key, void *obj)
{
	return judge(r, v, key, policy_place(key, obj));
}

int policy_take_time(struct policy_reader *r, const struct json *v, const struct policy_key *key, void *obj)
{
	const char *s;
	int64_t at;
	char buf[72];

	if (json_as_string(v, &s, r->err))
		return -1;
	if (!rfc3339_parse(s, &at) || at == 0)
		return json_error(v, r->err, "'%s' is not a point in time like 2027-01-31T23:59:59Z", shown(s, buf));
	policy_store(key, obj, at);
	return 0;
}

/* --- lists --- */

int policy_take_texts(struct policy_reader *r, const struct json *v, const struct policy_key *key, void *obj)
{
	struct str_list *list = policy_place(key, obj);
	const struct str_list none = {0};
	const struct str_list *kept = r->site && (key->flags & KEY_ADDS) ? policy_field(key, r->site) : &none;
	struct str_list own = {.cap = kept->n + v->n};

	if (check_empty(r, v, key))
		return -1;
	own.items = arena_array(r->arena, own.cap, sizeof(*own.items));
	if (!own.items)
		return err_oom(r->err);
	for (size_t i = 0; i < kept->n; i++)
		own.items[own.n++] = kept->items[i];
	json_each(child, v)
		if (judge(r, child, key, &own.items[own.n++]))
			return -1;
	*list = own;
	return 0;
}

typedef LIST_OF(uint32_t) id_list;
typedef LIST_OF(char) object_list;

int policy_take_ids(struct policy_reader *r, const struct json *v, const struct policy_key *key, void *obj)
{
	id_list own = {.items = arena_array(r->arena, v->n, sizeof(uint32_t)), .cap = v->n};

	if (check_empty(r, v, key))
		return -1;
	if (!own.items)
		return err_oom(r->err);
	json_each(child, v) {
		uint64_t id;

		if (json_as_u64(child, (uint64_t)key->max, &id, r->err))
			return -1;
		own.items[own.n++] = (uint32_t)id;
	}
	memcpy(policy_place(key, obj), &own, sizeof(own));
	return 0;
}

int policy_take_object(struct policy_reader *r, const struct json *v, const struct policy_key *key, void *obj)
{
	return policy_read_object(r, v, key->inner, policy_place(key, obj));
}

/* Any list of structs: LIST_OF has one form. */
int policy_take_objects(struct policy_reader *r, const struct json *v, const struct policy_key *key, void *obj)
{
	size_t size = key->inner->size;
	object_list own = {.items = arena_array(r->arena, v->n, size), .cap = v->n};

	if (check_empty(r, v, key))
		return -1;
	if (!own.items)
		return err_oom(r->err);
	json_each(child, v)
		if (policy_read_object(r, child, key->inner, own.items + size * own.n++))
			return -1;
	memcpy(policy_place(key, obj), &own, sizeof(own));
	return 0;
}

int policy_take_scopes(struct policy_reader *r, const struct json *v, const struct policy_key *key, void *obj)
{
	(void)key;
	(void)obj;
	r->scopes = v;
	return 0;
}
