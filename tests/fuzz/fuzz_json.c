/* Any bytes as JSON: a clear refusal, or a tree that holds every promise of
 * base/json.h and that is written and read again as the same text. */
#include "config.h"

#include "base/json.h"
#include "base/json_out.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define must(cond)                                                                                                     \
	do {                                                                                                           \
		if (!(cond)) {                                                                                         \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #cond);                                     \
			abort();                                                                                       \
		}                                                                                                      \
	} while (0)

static void check_node(const struct json *v, unsigned depth)
{
	char path[JSON_PATH_MAX];
	size_t n = 0;
	must(depth <= JSON_MAX_DEPTH);
	must(strlen(json_path(v, path)) < JSON_PATH_MAX);
	if (v->type == JSON_STRING || v->type == JSON_NUMBER)
		must(strlen(v->text) == v->text_len);
	json_each (child, v) {
		must(child->parent == v && child->index == n++);
		must((child->key != NULL) == (v->type == JSON_OBJECT));
		/* quadratic on purpose: the parser's own check is not */
		if (v->n < 200)
			for (const struct json *other = child->next; other && child->key; other = other->next)
				must(strcmp(child->key, other->key) != 0);
		check_node(child, depth + (v->type == JSON_ARRAY || v->type == JSON_OBJECT));
	}
	must(n == v->n);
}

static void check_access(const struct json *v)
{
	struct err err = ERR_INIT;
	int64_t i;
	uint64_t u;
	if (v->type != JSON_NUMBER)
		return;
	if (json_as_i64(v, INT64_MIN, INT64_MAX, &i, &err) == 0)
		must(!strpbrk(v->text, ".eE"));
	err_clear(&err);
	if (json_as_u64(v, UINT64_MAX, &u, &err) == 0)
		must(!strpbrk(v->text, ".eE-"));
}

static void write_value(struct json_out *o, const struct json *v)
{
	check_access(v);
	switch (v->type) {
	case JSON_NULL:
		json_out_string(o, v->key, NULL);
		break;
	case JSON_BOOL:
		json_out_bool(o, v->key, v->boolean);
		break;
	case JSON_NUMBER:
		json_out_raw(o, v->key, v->text);
		break;
	case JSON_STRING:
		json_out_string(o, v->key, v->text);
		break;
	case JSON_ARRAY:
	case JSON_OBJECT:
		if (v->type == JSON_ARRAY)
			json_out_array(o, v->key);
		else
			json_out_object(o, v->key);
		json_each (child, v)
			write_value(o, child);
		if (v->type == JSON_ARRAY)
			json_out_end_array(o);
		else
			json_out_end_object(o);
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = {.limit_bytes = 4 << 20};
	struct err err = ERR_INIT;
	const struct json *root = NULL, *again = NULL;
	if (json_parse(&arena, (const char *)data, size, &root, &err) < 0) {
		must((err.kind == ERR_SPEC || err.kind == ERR_SYSTEM) && err.msg[0] && !root);
	} else {
		struct json_out first = JSON_OUT_INIT, second = JSON_OUT_INIT;
		check_node(root, 0);
		write_value(&first, root);
		must(json_out_finish(&first, &err) == 0);
		struct arena other = ARENA_INIT;
		must(json_parse(&other, str_text(&first.text), first.text.len, &again, &err) == 0);
		write_value(&second, again);
		must(!strcmp(str_text(&first.text), str_text(&second.text)));
		json_out_release(&first);
		json_out_release(&second);
		arena_release(&other);
	}
	arena_release(&arena);
	return 0;
}
