/* Owns the reading of JSON into a tree (json_stream.c has the other way).
 *
 * yajl 2.1 is a tokenizer here; it is not trusted with limits.  Left alone it
 * takes overlong UTF-8, turns a lone surrogate into '?', skips vertical tabs,
 * takes an unfinished string after the root value, knows no depth and does not
 * look at what malloc returned.  Each is dealt with below; tests/unit/test_json.c
 * has a case for each.
 */
#include "config.h"

#include "base/json.h"

#include "base/auto.h"
#include "base/json_parts.h"
#include "base/str.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/banned.h"

/* Objects with more members are checked for duplicates when they end. */
#define FEW_MEMBERS 16

struct frame {
	struct json *node;
	struct json *last; /* youngest child */
};

struct parser {
	struct arena *arena;
	struct err *err;
	const char *text;
	size_t len;
	yajl_handle yajl;
	struct json_memory memory;
	struct frame stack[JSON_MAX_DEPTH];
	unsigned depth;
	const char *key; /* of the value to come */
	struct json *root;
	size_t root_end; /* offset behind the root value */
	bool finishing;	 /* the whole text has been given to yajl */
};

/* ---- places ---- */

__attribute__((format(printf, 3, 4))) static int error_at(struct parser *p, size_t offset,
							  const char *fmt, ...)
{
	char reason[160];
	va_list ap;
	va_start(ap, fmt);
	(void)vsnprintf(reason, sizeof(reason), fmt, ap);
	va_end(ap);
	size_t line = 1, column = 1;
	json_place_advance(p->text, offset < p->len ? offset : p->len, &line, &column);
	return err_set(p->err, ERR_SPEC, "line %zu, column %zu: %s", line, column, reason);
}

/* ---- building the tree ---- */

static int check_members(struct parser *p, const struct json *object);

static int root_complete(struct parser *p)
{
	/* Within a callback this is the offset behind the token; in the final
	 * call it counts in a text of yajl's own. */
	p->root_end = p->finishing ? p->len : yajl_get_bytes_consumed(p->yajl);
	return 1;
}

/* A new node under the open container, or the root; NULL with the error set. */
static struct json *add_node(struct parser *p, enum json_type type)
{
	struct json *v = arena_alloc(p->arena, sizeof(*v));
	if (!v) {
		err_oom(p->err);
		return NULL;
	}
	v->type = type;
	v->key = p->key;
	p->key = NULL;
	if (p->depth == 0) {
		if (p->root) {
			err_set(p->err, ERR_SPEC, "more than one value");
			return NULL;
		}
		p->root = v;
		return v;
	}
	struct frame *top = &p->stack[p->depth - 1];
	v->parent = top->node;
	v->index = (uint32_t)top->node->n++;
	if (top->last)
		top->last->next = v;
	else
		top->node->first = v;
	top->last = v;
	return v;
}

static char *copy_text(struct parser *p, const void *text, size_t len)
{
	char *copy = arena_memdup(p->arena, text, len);
	if (!copy)
		err_oom(p->err);
	return copy;
}

static int scalar_added(struct parser *p)
{
	return p->depth == 0 ? root_complete(p) : 1;
}

static int on_null(void *ctx)
{
	struct parser *p = ctx;
	return add_node(p, JSON_NULL) ? scalar_added(p) : 0;
}

static int on_boolean(void *ctx, int value)
{
	struct parser *p = ctx;
	struct json *v = add_node(p, JSON_BOOL);
	if (!v)
		return 0;
	v->boolean = value != 0;
	return scalar_added(p);
}

static int on_number(void *ctx, const char *text, size_t len)
{
	struct parser *p = ctx;
	struct json *v = add_node(p, JSON_NUMBER);
	if (!v)
		return 0;
	if (!json_is_number(text, len)) {
		json_error(v, p->err, "not a number, or one of more than 63 characters");
		return 0;
	}
	v->text = copy_text(p, text, len);
	v->text_len = len;
	return v->text ? scalar_added(p) : 0;
}

static int on_string(void *ctx, const unsigned char *text, size_t len)
{
	struct parser *p = ctx;
	struct json *v = add_node(p, JSON_STRING);
	if (!v)
		return 0;
	v->text = copy_text(p, text, len);
	v->text_len = len;
	return v->text ? scalar_added(p) : 0;
}

static int on_key(void *ctx, const unsigned char *text, size_t len)
{
	struct parser *p = ctx;
	p->key = copy_text(p, text, len);
	if (!p->key)
		return 0;
	const struct json *object = p->stack[p->depth - 1].node;
	if (object->n > FEW_MEMBERS)
		return 1;
	json_each (child, object)
		/* The first letter decides most often. */
		if (child->key[0] == p->key[0] && !strcmp(child->key, p->key)) {
			json_error(child, p->err, "duplicate key");
			return 0;
		}
	return 1;
}

static int open_container(struct parser *p, enum json_type type)
{
	struct json *v = add_node(p, type);
	if (!v)
		return 0;
	if (p->depth == JSON_MAX_DEPTH) {
		json_error(v, p->err, "nested deeper than %d levels", JSON_MAX_DEPTH);
		return 0;
	}
	p->stack[p->depth++] = (struct frame){.node = v};
	return 1;
}

static int close_container(struct parser *p)
{
	const struct json *v = p->stack[--p->depth].node;
	if (v->type == JSON_OBJECT && v->n > FEW_MEMBERS && check_members(p, v) < 0)
		return 0;
	return p->depth == 0 ? root_complete(p) : 1;
}

static int on_start_map(void *ctx)
{
	return open_container(ctx, JSON_OBJECT);
}

static int on_start_array(void *ctx)
{
	return open_container(ctx, JSON_ARRAY);
}

static int on_end(void *ctx)
{
	return close_container(ctx);
}

/* ---- duplicate keys ---- */

struct member {
	uint64_t hash;
	const struct json *v;
};

/* By hash, so that comparing rarely leaves the array; equal hashes by key, so
 * that keys made to collide only cost time, and no more than sorting takes. */
static int compare_members(const void *a, const void *b)
{
	const struct member *x = a;
	const struct member *y = b;
	if (x->hash != y->hash)
		return x->hash < y->hash ? -1 : 1;
	return strcmp(x->v->key, y->v->key);
}

static int check_members(struct parser *p, const struct json *object)
{
	autofree struct member *members = calloc(object->n, sizeof(*members));
	if (!members)
		return err_oom(p->err);
	size_t n = 0;
	json_each(child, object) {
		uint64_t hash = json_name_hash(child->key, strlen(child->key));

		members[n++] = (struct member){.hash = hash, .v = child};
	}
	qsort(members, n, sizeof(*members), compare_members);
	for (size_t i = 1; i < n; i++)
		if (compare_members(&members[i - 1], &members[i]) == 0)
			return json_error(members[i].v, p->err, "duplicate key");
	return 0;
}

/* ---- what yajl does not check ---- */

static unsigned hex_digit(char c)
{
	return c >= '0' && c <= '9'   ? (unsigned)(c - '0')
	       : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10
	       : c >= 'A' && c <= 'F' ? (unsigned)(c - 'A') + 10
				      : 16;
}

/* The 16-bit unit that text[offset] spells as \uXXXX, or -1. */
static int escaped_unit(const struct parser *p, size_t offset)
{
	if (p->len < 6 || offset > p->len - 6 || p->text[offset] != '\\' ||
	    p->text[offset + 1] != 'u')
		return -1;
	unsigned value = 0;
	for (size_t i = 2; i < 6; i++) {
		unsigned digit = hex_digit(p->text[offset + i]);
		if (digit > 15)
			return -1;
		value = value << 4 | digit;
	}
	return (int)value;
}

/* Backslashes are valid in strings only, so they can be found without knowing
 * where strings begin; elsewhere yajl refuses them. */
static int check_escapes(struct parser *p)
{
	size_t i = 0;
	for (;;) {
		const char *backslash = memchr(p->text + i, '\\', p->len - i);
		if (!backslash)
			return 0;
		i = (size_t)(backslash - p->text);
		int unit = escaped_unit(p, i);
		if (unit == 0)
			return error_at(p, i, "a string may not hold NUL (\\u0000)");
		if (unit >= 0xd800 && unit <= 0xdfff) {
			int low = escaped_unit(p, i + 6);
			if (unit >= 0xdc00 || low < 0xdc00 || low > 0xdfff)
				return error_at(p, i, "lone surrogate in a string");
			i += 6;
		}
		/* Past the backslash and the character it escapes: `\\u0000` is text. */
		i += 2;
		if (i > p->len)
			return 0;
	}
}

static int check_bytes(struct parser *p)
{
	if (p->len > JSON_MAX_BYTES)
		return err_set(p->err, ERR_SPEC, "larger than %u bytes", JSON_MAX_BYTES);
	size_t valid = str_utf8_valid_prefix(p->text, p->len);
	if (valid != p->len)
		return error_at(p, valid, "invalid UTF-8");
	if (p->len >= 3 && !memcmp(p->text, "\xef\xbb\xbf", 3))
		return error_at(p, 0, "starts with a byte order mark");
	/* isspace(3)'s idea of blanks, which yajl shares, is not RFC 8259's. */
	static const char blanks[] = "\v\f";
	for (const char *c = blanks; *c; c++) {
		const char *found = memchr(p->text, *c, p->len);
		if (found)
			return error_at(p, (size_t)(found - p->text), "invalid character");
	}
	return check_escapes(p);
}

static int check_rest(struct parser *p)
{
	for (size_t i = p->root_end; i < p->len; i++) {
		char c = p->text[i];
		if (c != ' ' && c != '\t' && c != '\n' && c != '\r')
			return error_at(p, i, "text after the value");
	}
	return 0;
}

/* ---- parsing ---- */

static int yajl_failed(struct parser *p, yajl_status status)
{
	if (p->err->kind != ERR_NONE)
		return -1; /* one of the callbacks said what is wrong */
	if (p->finishing || status == yajl_status_client_canceled)
		return error_at(p, p->len, "ends too early");
	size_t offset;
	const char *why = json_yajl_why(p->yajl, p->text, p->len, &offset);
	return error_at(p, offset, "%s", why);
}

static int run_yajl(struct parser *p)
{
	static const yajl_callbacks callbacks = {
		.yajl_null = on_null,
		.yajl_boolean = on_boolean,
		.yajl_number = on_number,
		.yajl_string = on_string,
		.yajl_start_map = on_start_map,
		.yajl_map_key = on_key,
		.yajl_end_map = on_end,
		.yajl_start_array = on_start_array,
		.yajl_end_array = on_end,
	};
	/* check_bytes() has looked, and more closely; at what follows, check_rest() looks. */
	p->yajl = json_yajl_new(&p->memory, &callbacks, p);
	yajl_status status = yajl_parse(p->yajl, (const unsigned char *)p->text, p->len);
	if (status != yajl_status_ok)
		return yajl_failed(p, status);
	if (!p->root || p->depth > 0 || !p->root_end) {
		p->finishing = true;
		status = yajl_complete_parse(p->yajl);
		if (status != yajl_status_ok)
			return yajl_failed(p, status);
	}
	if (!p->root || p->depth > 0 || !p->root_end)
		return error_at(p, p->len, "ends too early");
	return check_rest(p);
}

/* No locals: none may be lost by longjmp. */
static int run_guarded(struct parser *p)
{
	if (_setjmp(p->memory.out_of_memory))
		return err_oom(p->err);
	return run_yajl(p);
}

int json_parse(struct arena *arena, const char *text, size_t len, const struct json **ret_root,
	       struct err *err)
{
	struct parser p = {.arena = arena, .err = err, .text = text, .len = len};
	json_memory_init(&p.memory);
	if (check_bytes(&p) < 0)
		return -1;
	int r = run_guarded(&p);
	json_memory_release(&p.memory);
	if (r < 0)
		return -1;
	*ret_root = p.root;
	return 0;
}
