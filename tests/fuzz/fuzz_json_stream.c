/* Any bytes as JSON in pieces: accepted exactly when json_parse() accepts them, with the
 * same values; the first byte says how the text is cut. */
#include "config.h"

#include "base/json_out.h"
#include "base/json_stream.h"

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

static void write_value(struct json_out *o, const struct json *v)
{
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
		must(strlen(v->text) == v->text_len);
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

static int on_value(void *ctx, const struct json *v, struct err *err)
{
	char path[JSON_PATH_MAX];
	(void)err;
	must(strlen(json_path(v, path)) < JSON_PATH_MAX);
	write_value(ctx, v);
	return 0;
}

static int on_end(void *ctx, const struct json *v, struct err *err)
{
	char path[JSON_PATH_MAX];
	(void)ctx, (void)err;
	must(!v->first && strlen(json_path(v, path)) < JSON_PATH_MAX);
	return 0;
}

static int stream(const char *text, size_t len, size_t step, struct json_out *whole, struct err *err)
{
	static const struct json_selector all[] = {{"", on_value, JSON_SELECT_WHOLE}};
	static const struct json_selector parts[] = {
		{"a", on_end, JSON_SELECT_END}, {"*", on_end, JSON_SELECT_END}, {"[]", on_end, JSON_SELECT_END},
		{"a[].b", on_end, JSON_SELECT_END}, {"[][]", on_end, JSON_SELECT_END}, {"*.*[]", on_end, JSON_SELECT_END},
	};
	struct json_stream *s = json_stream_new(err);
	must(s);
	int r = whole ? json_stream_select(s, "", all, ARRAY_LEN(all), whole, err)
		      : json_stream_select(s, "", parts, ARRAY_LEN(parts), NULL, err);
	for (size_t i = 0; r == 0 && i < len; i += step)
		r = json_stream_feed(s, text + i, len - i < step ? len - i : step, err);
	if (r == 0)
		r = json_stream_end(s, err);
	must(r == 0 || (err->kind != ERR_NONE && err->msg[0]));
	json_stream_free(s);
	return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0 || size > 64 << 10)
		return 0;
	size_t step = (size_t)data[0] + 1;
	const char *text = (const char *)data + 1;
	struct arena arena = {.limit_bytes = 64 << 20};
	struct err err = ERR_INIT, tree_err = ERR_INIT;
	struct json_out streamed = JSON_OUT_INIT, parsed = JSON_OUT_INIT;
	const struct json *root = NULL;
	int tree = json_parse(&arena, text, size - 1, &root, &tree_err);
	bool container = root && (root->type == JSON_ARRAY || root->type == JSON_OBJECT);
	int r = stream(text, size - 1, step, &streamed, &err);
	/* Only a hash that was made to collide, or a long name of a member asked for by "*". */
	must((r == 0) == (tree == 0 && container) || strstr(err.msg, "duplicate key"));
	if (r == 0) {
		write_value(&parsed, root);
		must(json_out_finish(&parsed, &err) == 0 && json_out_finish(&streamed, &err) == 0);
		must(!strcmp(str_text(&parsed.text), str_text(&streamed.text)));
		must(stream(text, size - 1, 7, NULL, &err) == 0 || strstr(err.msg, "a name of more than"));
	}
	json_out_release(&streamed);
	json_out_release(&parsed);
	arena_release(&arena);
	return 0;
}
