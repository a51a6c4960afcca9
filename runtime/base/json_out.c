/* Owns the writing of JSON.  Must not know what it writes. */
#include "config.h"

#include "base/json_out.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "base/banned.h"

static void new_line(struct json_out *o)
{
	str_add(&o->text, "\n");
	for (unsigned i = 0; i < o->depth; i++)
		str_add(&o->text, "  ");
}

/* Comma, line break and key: everything that comes before a value. */
static void begin_value(struct json_out *o, const char *key)
{
	if (o->need_comma)
		str_add(&o->text, ",");
	if (o->pretty && o->depth > 0)
		new_line(o);
	if (key) {
		str_add(&o->text, "\"");
		str_add_escaped(&o->text, key, strlen(key));
		str_add(&o->text, o->pretty ? "\": " : "\":");
	}
	o->need_comma = true;
}

static void open_scope(struct json_out *o, const char *key, const char *bracket)
{
	begin_value(o, key);
	str_add(&o->text, bracket);
	o->depth++;
	o->need_comma = false;
}

static void close_scope(struct json_out *o, const char *bracket)
{
	assert(o->depth > 0);
	o->depth--;
	if (o->pretty && o->need_comma)
		new_line(o);
	str_add(&o->text, bracket);
	o->need_comma = true;
}

void json_out_object(struct json_out *o, const char *key)
{
	open_scope(o, key, "{");
}

void json_out_array(struct json_out *o, const char *key)
{
	open_scope(o, key, "[");
}

void json_out_end_object(struct json_out *o)
{
	close_scope(o, "}");
}

void json_out_end_array(struct json_out *o)
{
	close_scope(o, "]");
}

void json_out_string(struct json_out *o, const char *key, const char *value)
{
	if (!value) {
		json_out_raw(o, key, "null");
		return;
	}
	begin_value(o, key);
	str_add(&o->text, "\"");
	str_add_escaped(&o->text, value, strlen(value));
	str_add(&o->text, "\"");
}

void json_out_i64(struct json_out *o, const char *key, int64_t value)
{
	begin_value(o, key);
	str_addf(&o->text, "%" PRId64, value);
}

void json_out_u64(struct json_out *o, const char *key, uint64_t value)
{
	begin_value(o, key);
	str_addf(&o->text, "%" PRIu64, value);
}

void json_out_bool(struct json_out *o, const char *key, bool value)
{
	json_out_raw(o, key, value ? "true" : "false");
}

void json_out_raw(struct json_out *o, const char *key, const char *json)
{
	begin_value(o, key);
	str_add(&o->text, json);
}

int json_out_finish(struct json_out *o, struct err *err)
{
	assert(o->depth == 0);
	if (str_failed(&o->text))
		return err_oom(err);
	return 0;
}

int json_out_append(struct json_out *o, struct str *out, struct err *err)
{
	if (json_out_finish(o, err) < 0)
		return -1;
	str_add_bytes(out, str_text(&o->text), o->text.len);
	return str_failed(out) ? err_oom(err) : 0;
}

void json_out_release(struct json_out *o)
{
	str_release(&o->text);
	*o = (struct json_out)JSON_OUT_INIT;
}
