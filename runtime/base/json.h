/* JSON text -> bounded tree in an arena.  For documents that needn't be held whole:
 * json_stream.h.  Only these two see yajl, through json_parts.h.
 *
 * Strict: RFC 8259 only (no comments, no BOM, no trailing text, no lone
 * surrogates, valid UTF-8), no NUL in strings, no duplicate key in an object,
 * nesting at most JSON_MAX_DEPTH, text at most JSON_MAX_BYTES.  Numbers keep
 * their text: 1.0 and 1e3 are no integers.  Every error names the JSON path
 * ("mounts[3].options[1]") or line:column where the text itself is broken.
 */
#ifndef KANUKI_BASE_JSON_H
#define KANUKI_BASE_JSON_H

#include "base/arena.h"
#include "base/err.h"
#include "base/list.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define JSON_MAX_DEPTH 64
#define JSON_MAX_BYTES (16u << 20)
#define JSON_PATH_MAX 256

enum json_type { JSON_NULL, JSON_BOOL, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT };

struct json {
	enum json_type type;
	const char *key;	  /* name in the parent object, else NULL */
	uint32_t index;		  /* position in the parent */
	bool boolean;
	const char *text;	  /* string, or the number as written; NUL-terminated */
	size_t text_len;
	const struct json *parent;
	const struct json *first; /* first child */
	const struct json *next;  /* next sibling */
	size_t n;		  /* number of children */
};

/* Parses text[len] (need not be terminated).  The tree lives in `arena`.
 * ERR_SPEC on anything but exactly one strict JSON value. */
int json_parse(struct arena *arena, const char *text, size_t len, const struct json **ret_root,
	       struct err *err) __attribute__((warn_unused_result));

/* The JSON path of v ("process.user.uid", "" for the root), cut to fit. */
const char *json_path(const struct json *v, char buf[JSON_PATH_MAX]);

/* Member of an object, or NULL when absent (or when v is no object).  A member
 * with value null is returned as it is. */
const struct json *json_get(const struct json *v, const char *key);

/* Typed access.  On mismatch: -1 with "PATH: expected X, found Y" (ERR_SPEC).
 * Integers: the whole number text must be a decimal integer within range. */
int json_as_string(const struct json *v, const char **ret, struct err *err)
	__attribute__((warn_unused_result));
int json_as_bool(const struct json *v, bool *ret, struct err *err)
	__attribute__((warn_unused_result));
int json_as_i64(const struct json *v, int64_t min, int64_t max, int64_t *ret, struct err *err)
	__attribute__((warn_unused_result));
int json_as_u64(const struct json *v, uint64_t max, uint64_t *ret, struct err *err)
	__attribute__((warn_unused_result));
int json_expect(const struct json *v, enum json_type type, struct err *err)
	__attribute__((warn_unused_result));
/* Array of strings, appended to `ret`. */
int json_as_strings(const struct json *v, struct arena *arena, struct str_list *ret,
		    struct err *err) __attribute__((warn_unused_result));
/* ERR_SPEC "PATH: <text>". */
int json_error(const struct json *v, struct err *err, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#define json_each(child, v) for (const struct json *child = (v)->first; child; child = child->next)

#endif
