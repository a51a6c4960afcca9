/* A policy file's text without its exceptions.  The tree is walked along its own links:
 * how deep it is, is the input's. */
#include "config.h"

#include "policy/conf.h"

#include "base/json.h"
#include "base/json_out.h"

#include <string.h>

#include "base/banned.h"

/* v or the first behind it that is kept. */
static const struct json *kept(const struct json *v, const struct json *root)
{
	while (v && v->parent == root && root->type == JSON_OBJECT && !strcmp(v->key, "exceptions"))
		v = v->next;
	return v;
}

static void open_value(struct json_out *o, const struct json *v)
{
	switch (v->type) {
	case JSON_NULL: json_out_raw(o, v->key, "null"); break;
	case JSON_BOOL: json_out_bool(o, v->key, v->boolean); break;
	case JSON_NUMBER: json_out_raw(o, v->key, v->text); break;
	case JSON_STRING: json_out_string(o, v->key, v->text); break;
	case JSON_ARRAY: json_out_array(o, v->key); break;
	case JSON_OBJECT: json_out_object(o, v->key); break;
	}
}

static void close_value(struct json_out *o, const struct json *v)
{
	if (v->type == JSON_ARRAY)
		json_out_end_array(o);
	else if (v->type == JSON_OBJECT)
		json_out_end_object(o);
}

static void write_tree(struct json_out *o, const struct json *root)
{
	const struct json *v = root;

	for (;;) {
		const struct json *next = kept(v->first, root);

		open_value(o, v);
		while (!next) {
			close_value(o, v);
			if (v == root)
				return;
			next = kept(v->next, root);
			if (!next)
				v = v->parent;
		}
		v = next;
	}
}

int policy_conf_reduce(const struct json *root, struct str *ret, struct err *err)
{
	struct json_out out = JSON_OUT_INIT;
	int r;

	write_tree(&out, root);
	r = json_out_finish(&out, err);
	if (r == 0)
		str_add_bytes(ret, str_text(&out.text), out.text.len);
	json_out_release(&out);
	return r == 0 && str_failed(ret) ? err_oom(err) : r;
}
