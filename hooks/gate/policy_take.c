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

/* --- single values --- */

int policy_take_number(struct key_reader *r, const struct json *v, const struct key_row *key,
		       void *obj)
{
	int64_t n;

	if (json_as_i64(v, INT64_MIN, INT64_MAX, &n, r->err))
		return -1;
	if (n < key->min || n > key->max)
		return json_error(v, r->err, "%" PRId64 " is out of range: %" PRId64 " to %" PRId64,
				  n, key->min, key->max);
	key_store(key, obj, (uint64_t)n);
	return 0;
}

static int check_empty(struct key_reader *r, const struct json *v, const struct key_row *key)
{
	if (!v->n && (key->flags & KEY_NOT_EMPTY))
		return json_error(v, r->err, "is empty: name something or leave the key out");
	return 0;
}

int policy_take_words(struct key_reader *r, const struct json *v, const struct key_row *key,
		      void *obj)
{
	int64_t bits = 0;

	if (check_empty(r, v, key))
		return -1;
	json_each(child, v) {
		const struct key_word *word = key_find_word(r, child, key);

		if (!word)
			return -1;
		bits |= INT64_C(1) << word->value;
	}
	key_store(key, obj, (uint64_t)bits);
	return 0;
}

int policy_take_duration(struct key_reader *r, const struct json *v, const struct key_row *key,
			 void *obj)
{
	const char *s;
	int64_t seconds;
	char buf[KEY_SHOWN_SIZE];

	if (json_as_string(v, &s, r->err))
		return -1;
	if (gate_duration_parse(s, &seconds))
		return json_error(v, r->err, "'%s' is not a duration like 10s, 5m, 168h, 30d",
				  key_shown(s, buf));
	if (seconds < key->min || seconds > key->max)
		return json_error(v, r->err, "'%s' is out of range: %" PRId64 "s to %" PRId64 "s",
				  key_shown(s, buf), key->min, key->max);
	key_store(key, obj, (uint64_t)seconds);
	return 0;
}

int policy_take_text(struct key_reader *r, const struct json *v, const struct key_row *key,
		     void *obj)
{
	return key_judge(r, v, key, key_place(key, obj));
}

int policy_take_time(struct key_reader *r, const struct json *v, const struct key_row *key,
		     void *obj)
{
	const char *s;
	int64_t at;
	char buf[KEY_SHOWN_SIZE];

	if (json_as_string(v, &s, r->err))
		return -1;
	if (!rfc3339_parse(s, &at) || at == 0)
		return json_error(v, r->err,
				  "'%s' is not a point in time like 2027-01-31T23:59:59Z",
				  key_shown(s, buf));
	key_store(key, obj, (uint64_t)at);
	return 0;
}

/* --- lists --- */

int policy_take_texts(struct key_reader *r, const struct json *v, const struct key_row *key,
		      void *obj)
{
	struct str_list *list = key_place(key, obj);
	const struct str_list none = {0};
	const struct policy_reading *reading = r->owner;
	const struct str_list *kept =
		reading->site && (key->flags & KEY_ADDS) ? key_field(key, reading->site) : &none;
	struct str_list own = {.cap = kept->n + v->n};

	if (check_empty(r, v, key))
		return -1;
	own.items = arena_array(r->arena, own.cap, sizeof(*own.items));
	if (!own.items)
		return err_oom(r->err);
	for (size_t i = 0; i < kept->n; i++)
		own.items[own.n++] = kept->items[i];
	json_each(child, v)
		if (key_judge(r, child, key, &own.items[own.n++]))
			return -1;
	*list = own;
	return 0;
}

typedef LIST_OF(uint32_t) id_list;
typedef LIST_OF(char) object_list;

int policy_take_ids(struct key_reader *r, const struct json *v, const struct key_row *key,
		    void *obj)
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
	memcpy(key_place(key, obj), &own, sizeof(own));
	return 0;
}

int policy_take_object(struct key_reader *r, const struct json *v, const struct key_row *key,
		       void *obj)
{
	return key_table_read(r, v, key->inner, key_place(key, obj), NULL);
}

/* Any list of structs: LIST_OF has one form. */
int policy_take_objects(struct key_reader *r, const struct json *v, const struct key_row *key,
			void *obj)
{
	size_t size = key->inner->size;
	object_list own = {.items = arena_array(r->arena, v->n, size), .cap = v->n};

	if (check_empty(r, v, key))
		return -1;
	if (!own.items)
		return err_oom(r->err);
	json_each(child, v)
		if (key_table_read(r, child, key->inner, own.items + size * own.n++, NULL))
			return -1;
	memcpy(key_place(key, obj), &own, sizeof(own));
	return 0;
}

int policy_take_scopes(struct key_reader *r, const struct json *v, const struct key_row *key,
		       void *obj)
{
	struct policy_reading *reading = r->owner;

	(void)key;
	(void)obj;
	reading->scopes = v;
	return 0;
}
