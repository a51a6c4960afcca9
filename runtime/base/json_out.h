/* JSON writer into a growable string: escaping, commas, nothing else.
 *
 * Used for state, features, records and hook input.  Errors (no memory) are
 * sticky and told by json_out_finish.  Strings are escaped so that control
 * characters and ANSI sequences can't reach a terminal or a log (W-37).
 */
#ifndef KANUKI_BASE_JSON_OUT_H
#define KANUKI_BASE_JSON_OUT_H

#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

struct json_out {
	struct str text;
	unsigned depth;
	bool pretty;	 /* two-space indentation, as runc prints */
	bool need_comma;
};

#define JSON_OUT_INIT {0}

/* `key` is NULL inside arrays and at the top. */
void json_out_object(struct json_out *o, const char *key);
void json_out_array(struct json_out *o, const char *key);
void json_out_end_object(struct json_out *o);
void json_out_end_array(struct json_out *o);
void json_out_string(struct json_out *o, const char *key, const char *value); /* NULL value: null */
void json_out_i64(struct json_out *o, const char *key, int64_t value);
void json_out_u64(struct json_out *o, const char *key, uint64_t value);
void json_out_bool(struct json_out *o, const char *key, bool value);
void json_out_raw(struct json_out *o, const char *key, const char *json); /* already JSON */
/* 0, or -1/ENOMEM when anything could not be stored. */
int json_out_finish(struct json_out *o, struct err *err) __attribute__((warn_unused_result));
/* The same, and what was written is appended to `out`. */
int json_out_append(struct json_out *o, struct str *out, struct err *err)
	__attribute__((warn_unused_result));
void json_out_release(struct json_out *o);

#endif
