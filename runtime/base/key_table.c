/* Owns the walk along a table of keys, and the values that any such table has. */
#include "config.h"

#include "base/key_table.h"

#include <assert.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/banned.h"

/* --- objects --- */

static bool is_known(const struct key_reader *r, const struct key_row *row)
{
	return (row->flags & r->only) == r->only;
}

/* "what is known here" of the rows [from, to), whose paths have `skip` bytes in common. */
static int unknown_key(struct key_reader *r, const struct json *v, const struct key_row *from,
		       const struct key_row *to, size_t skip)
{
	autostr known = STR_INIT;
	const char *last = "";
	size_t last_len = 0;

	for (const struct key_row *row = from; row < to; row++) {
		const char *name = row->path + skip;
		size_t len = strcspn(name, ".");

		if (!is_known(r, row) || (len == last_len && !memcmp(name, last, len)))
			continue;
		str_add(&known, known.len ? ", " : "");
		str_add_bytes(&known, name, len);
		last = name;
		last_len = len;
	}
	if (str_failed(&known))
		return err_oom(r->err);
	return json_error(v, r->err, "unknown key; here %sare known: %s", r->where ? r->where : "",
			  str_text(&known));
}

/* `name` is all of `path` up to its next dot.  The first letter decides most often. */
static bool names(const char *path, const char *name, size_t len)
{
	return path[0] == name[0] && !strncmp(path, name, len) && (!path[len] || path[len] == '.');
}

struct place {
	const struct key_table *table;
	void *obj;
	uint64_t given;
};

/* v is the object of the rows [from, to).  Each call follows a dot in a row's path, so the
 * depth is the table's. */
static int read_rows(struct key_reader *r, const struct json *v, const struct key_row *from,
		     const struct key_row *to, size_t skip, struct place *place)
{
	if (json_expect(v, JSON_OBJECT, r->err))
		return -1;
	json_each(child, v) {
		const struct key_row *row = from, *end;
		size_t len = strlen(child->key);

		while (row < to && !(names(row->path + skip, child->key, len) && is_known(r, row)))
			row++;
		/* A dot in the input's key is no way into a group. */
		if (row == to || len == 0 || memchr(child->key, '.', len))
			return unknown_key(r, child, from, to, skip);
		if (!row->path[skip + len]) {
			if (json_expect(child, row->type->json, r->err) ||
			    row->type->take(r, child, row, place->obj))
				return -1;
			place->given |= UINT64_C(1) << (row - place->table->rows);
			continue;
		}
		for (end = row + 1; end < to && !strncmp(end->path, row->path, skip + len + 1);
		     end++)
			;
		if (read_rows(r, child, row, end, skip + len + 1, place))
			return -1;
	}
	return 0;
}

int key_table_read(struct key_reader *r, const struct json *v, const struct key_table *table,
		   void *obj, uint64_t *given)
{
	struct place place = {.table = table, .obj = obj};

	assert(table->n <= KEY_TABLE_MAX);
	if (read_rows(r, v, table->rows, table->rows + table->n, 0, &place))
		return -1;
	for (size_t i = 0; i < table->n; i++) {
		const struct key_row *row = &table->rows[i];

		if ((row->flags & KEY_REQUIRED) && is_known(r, row) &&
		    !(place.given & UINT64_C(1) << i))
			return json_error(v, r->err, "key '%s' is missing", row->path);
	}
	if (given)
		*given = place.given;
	return 0;
}

/* --- values of any size --- */

uint64_t key_load(const struct key_row *row, const void *obj)
{
	const void *field = key_field(row, obj);
	uint64_t u64;
	uint32_t u32;

	switch (row->size) {
	case sizeof(u64):
		memcpy(&u64, field, sizeof(u64));
		return u64;
	case sizeof(u32):
		memcpy(&u32, field, sizeof(u32));
		return u32;
	default:
		return *(const bool *)field;
	}
}

void key_store(const struct key_row *row, void *obj, uint64_t value)
{
	void *field = key_place(row, obj);
	uint32_t u32 = (uint32_t)value;

	switch (row->size) {
	case 0: /* said, but not kept: it has one value */
		break;
	case sizeof(value):
		memcpy(field, &value, sizeof(value));
		break;
	case sizeof(u32):
		memcpy(field, &u32, sizeof(u32));
		break;
	default:
		*(bool *)field = value;
	}
}

/* --- takers, and their parts --- */

const char *key_shown(const char *s, char buf[KEY_SHOWN_SIZE])
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

const struct key_word *key_find_word(struct key_reader *r, const struct json *v,
				     const struct key_row *row)
{
	char all[200] = "", buf[KEY_SHOWN_SIZE];
	const char *s;
	size_t used = 0;

	if (json_as_string(v, &s, r->err))
		return NULL;
	for (const struct key_word *w = row->words; w->name; w++) {
		if (!strcmp(w->name, s))
			return w;
		used += (size_t)snprintf(all + used, sizeof(all) - used, "%s%s", used ? ", " : "",
					 w->name);
	}
	(void)json_error(v, r->err, "'%s' is not one of %s", key_shown(s, buf), all);
	return NULL;
}

int key_take_word(struct key_reader *r, const struct json *v, const struct key_row *row, void *obj)
{
	const struct key_word *word = key_find_word(r, v, row);

	if (!word)
		return -1;
	key_store(row, obj, word->value);
	return 0;
}

int key_take_flag(struct key_reader *r, const struct json *v, const struct key_row *row, void *obj)
{
	bool flag;

	if (json_as_bool(v, &flag, r->err))
		return -1;
	key_store(row, obj, flag);
	return 0;
}

int key_judge(struct key_reader *r, const struct json *v, const struct key_row *row,
	      const char **ret)
{
	char buf[KEY_SHOWN_SIZE];
	const char *s;

	if (json_as_string(v, &s, r->err))
		return -1;
	if (row->judge && !row->judge(s))
		return json_error(v, r->err, "'%s' is not %s", key_shown(s, buf), row->want);
	*ret = s;
	return 0;
}

bool key_is_path(const char *s)
{
	size_t len = strnlen(s, PATH_MAX);

	if (s[0] != '/' || len < 2 || len >= PATH_MAX)
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
