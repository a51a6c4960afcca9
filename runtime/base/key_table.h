/* JSON objects read along a table of their keys: what each is called, where its value is
 * in a struct, how it is read, printed and compared.  The policies' (the runtime's and the
 * gate's) are such tables.
 *
 * A path with dots is an object within an object.  Rows that begin alike must stand
 * together: the reader works on ranges of the table.
 */
#ifndef KANUKI_BASE_KEY_TABLE_H
#define KANUKI_BASE_KEY_TABLE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/json.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct key_row;
struct key_table;

struct key_reader {
	struct arena *arena; /* of lists; texts stay where the JSON's are */
	struct err *err;
	void *owner;	     /* for the owner's own takers */
	unsigned only;	     /* of the rows, those with all of these flags are known here */
	const char *where;   /* unknown keys: "here WHEREare known"; NULL: nothing more to say */
};

/* What a kind of value can do.  `obj` is the struct that the value is in. */
struct key_type {
	enum json_type json;
	enum json_type item; /* of a list; else JSON_NULL.  For who describes the table */
	/* v is of that type. */
	int (*take)(struct key_reader *r, const struct json *v, const struct key_row *row,
		    void *obj);
	/* One or more whole lines that begin with `prefix` and the row's path; NULL: none. */
	void (*print)(const struct key_row *row, const char *prefix, const void *obj,
		      struct str *out);
	/* a lets through what b doesn't; NULL: no value of this key is looser than another. */
	bool (*is_looser)(const struct key_row *row, const void *a, const void *b);
};

/* The words of a closed set, and how strict each is where that is by rank.  The last has no
 * name. */
struct key_word {
	const char *name;
	unsigned value, rank;
};

#define KEY_REQUIRED (1u << 0) /* the owner's own flags begin with 1u << 1 */

struct key_row {
	const char *path;
	const struct key_type *type;
	unsigned offset; /* of the value */
	unsigned size;	 /* where it is a number, a word or a bool: 1, 4 or 8 */
	unsigned flags;
	unsigned limited;	/* offset of the bool that says "this list is a limit"; 0: none */
	int64_t min, max;	/* numbers, seconds, bytes of a text: the taker's */
	const struct key_word *words;
	bool (*judge)(const char *s);	/* strings, each of a list; NULL: any */
	const char *want;		/* what `judge` wants: "'x' is not <want>" */
	const struct key_table *inner;	/* of an object, of each object of a list */
};

struct key_table {
	const struct key_row *rows;
	size_t n, size; /* rows, at most KEY_TABLE_MAX; bytes of the struct */
};

#define KEY_TABLE_MAX 64 /* a reader keeps a bit for each */

/* .offset and .size of a field. */
#define KEY_PLACE(type, field) .offset = offsetof(type, field), .size = sizeof(((type *)0)->field)

/* v -> obj.  *given gets a bit for each row that was there (may be NULL).  -1 with the JSON
 * path in `err` (ERR_SPEC): unknown, missing or refused by its taker; obj is then to be
 * thrown away. */
int key_table_read(struct key_reader *r, const struct json *v, const struct key_table *table,
		   void *obj, uint64_t *given) __attribute__((warn_unused_result));

/* A value of size 1 (bool), 4 (enums too, zero-extended) or 8; size 0 is not kept. */
uint64_t key_load(const struct key_row *row, const void *obj);
void key_store(const struct key_row *row, void *obj, uint64_t value);
static inline const void *key_field(const struct key_row *row, const void *obj)
{
	return (const char *)obj + row->offset;
}
static inline void *key_place(const struct key_row *row, void *obj)
{
	return (char *)obj + row->offset;
}

/* Takers: what they judge is the value alone. */
typedef int key_take_fn(struct key_reader *r, const struct json *v, const struct key_row *row,
			void *obj);
key_take_fn key_take_word, key_take_flag;

/* What takers are made of.  The word that v is, or NULL with the error set. */
const struct key_word *key_find_word(struct key_reader *r, const struct json *v,
				     const struct key_row *row);
/* The string that v is, if `judge` takes it. */
int key_judge(struct key_reader *r, const struct json *v, const struct key_row *row,
	      const char **ret) __attribute__((warn_unused_result));
/* Untrusted text within a message: cut, in one line; `buf`. */
#define KEY_SHOWN_SIZE 72
const char *key_shown(const char *s, char buf[KEY_SHOWN_SIZE]);

/* A judge: absolute, clean, not "/", without control characters. */
bool key_is_path(const char *s);
#define KEY_WANT_PATH                                                                              \
	.judge = key_is_path,                                                                      \
	.want = "a clean absolute path beneath '/' (no '//', '.', '..' or '/' at its end)"

#endif
