/* Owns what is done with a tree once it is parsed: paths, members, typed access.
 * The text is json.c's. */
#include "config.h"

#include "base/json.h"

#include "base/num.h"
#include "base/str.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/banned.h"

/* Keys are the input's and may hold anything: what is printed is cut and has
 * no control characters. */
static void append_key(char *buf, size_t size, const char *key)
{
	size_t len = strlen(buf);
	for (const char *c = key; *c && len + 1 < size; c++)
		buf[len++] = (unsigned char)*c < 0x20 || *c == 0x7f ? '?' : *c;
	buf[len] = '\0';
}

const char *json_path(const struct json *v, char buf[JSON_PATH_MAX])
{
	const struct json *chain[JSON_MAX_DEPTH + 1];
	size_t n = 0;
	for (; v && v->parent && n < ARRAY_LEN(chain); v = v->parent)
		chain[n++] = v;
	buf[0] = '\0';
	while (n-- > 0) {
		size_t len = strlen(buf);
		if (chain[n]->key) {
			if (len > 0 && len + 1 < JSON_PATH_MAX)
				memcpy(buf + len, ".", 2);
			append_key(buf, JSON_PATH_MAX, chain[n]->key);
		} else {
			(void)snprintf(buf + len, JSON_PATH_MAX - len, "[%u]", chain[n]->index);
		}
	}
	/* A key may have been cut within a character. */
	buf[str_utf8_valid_prefix(buf, strlen(buf))] = '\0';
	return buf;
}

int json_error(const struct json *v, struct err *err, const char *fmt, ...)
{
	char text[sizeof(err->msg)];
	va_list ap;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	char path[JSON_PATH_MAX];
	json_path(v, path);
	return err_set(err, ERR_SPEC, "%s%s%s", path, path[0] ? ": " : "", text);
}

const struct json *json_get(const struct json *v, const char *key)
{
	if (!v || v->type != JSON_OBJECT)
		return NULL;
	json_each (child, v)
		if (!strcmp(child->key, key))
			return child;
	return NULL;
}

static const char *type_name(enum json_type type)
{
	switch (type) {
	case JSON_NULL:
		return "null";
	case JSON_BOOL:
		return "a boolean";
	case JSON_NUMBER:
		return "a number";
	case JSON_STRING:
		return "a string";
	case JSON_ARRAY:
		return "an array";
	case JSON_OBJECT:
		return "an object";
	}
	return "nothing known";
}

int json_expect(const struct json *v, enum json_type type, struct err *err)
{
	if (v->type != type)
		return json_error(v, err, "expected %s, found %s", type_name(type),
				  type_name(v->type));
	return 0;
}

int json_as_string(const struct json *v, const char **ret, struct err *err)
{
	if (json_expect(v, JSON_STRING, err) < 0)
		return -1;
	*ret = v->text;
	return 0;
}

int json_as_bool(const struct json *v, bool *ret, struct err *err)
{
	if (json_expect(v, JSON_BOOL, err) < 0)
		return -1;
	*ret = v->boolean;
	return 0;
}

int json_as_i64(const struct json *v, int64_t min, int64_t max, int64_t *ret, struct err *err)
{
	if (json_expect(v, JSON_NUMBER, err) < 0)
		return -1;
	if (!num_parse_i64(v->text, min, max, ret))
		return json_error(v, err, "expected an integer from %lld to %lld, found %s",
				  (long long)min, (long long)max, v->text);
	return 0;
}

int json_as_u64(const struct json *v, uint64_t max, uint64_t *ret, struct err *err)
{
	if (json_expect(v, JSON_NUMBER, err) < 0)
		return -1;
	if (!num_parse_u64(v->text, max, ret))
		return json_error(v, err, "expected an integer from 0 to %llu, found %s",
				  (unsigned long long)max, v->text);
	return 0;
}

int json_as_strings(const struct json *v, struct arena *arena, struct str_list *ret,
		    struct err *err)
{
	if (json_expect(v, JSON_ARRAY, err) < 0)
		return -1;
	json_each (child, v) {
		const char *text;
		if (json_as_string(child, &text, err) < 0)
			return -1;
		const char **slot = ARENA_PUSH(arena, ret);
		if (!slot)
			return err_oom(err);
		*slot = text;
	}
	return 0;
}
