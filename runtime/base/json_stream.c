/* Owns the reading of JSON in pieces.
 *
 * yajl is the tokenizer again, trusted with as little as in json.c: bytes are checked
 * before it sees them (json_bytes.c), and it is stopped at the end of the document.
 */
#include "config.h"

#include "base/json_stream.h"

#include "base/auto.h"
#include "base/json_bytes.h"
#include "base/json_parts.h"
#include "base/str.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/banned.h"

#define KEY_SIZE    256 /* of what is kept of a name, for paths */
#define FEW_MEMBERS 32	/* objects with more are checked for duplicates when they end */
#define MAX_STEPS   12	/* of a selector's path */

struct selector {
	char *path;		      /* owned; cut into steps */
	const char *steps[MAX_STEPS]; /* "" stands for [] */
	unsigned n;
	json_found *found;
	void *ctx;
	enum json_select what;
};

struct frame {
	struct json node; /* for paths: its key is cut, it has no children */
	char key[KEY_SIZE];
	struct json *tree;  /* the same in the value in hand, or NULL */
	struct json *last;  /* its youngest child */
	uint64_t live;	    /* selectors whose beginning this is */
	size_t first_hash;  /* of its members */
};

struct json_stream {
	struct json_memory memory;
	yajl_handle yajl;
	struct err *err;
	struct selector selectors[JSON_STREAM_SELECTORS];
	size_t n_selectors;

	struct json_bytes bytes;
	const char *text; /* the piece */
	size_t len;
	size_t total, line, column; /* before the piece */
	unsigned tokens;
	bool started, done, failed;
	size_t done_at; /* within the piece */

	struct frame stack[JSON_MAX_DEPTH];
	unsigned depth;
	char key[KEY_SIZE]; /* of the value to come */
	bool key_cut;
	char *tree_key;	 /* the same, whole, where it is kept */
	uint64_t live;	 /* what selects the value to come */

	struct arena arena; /* the value in hand */
	struct json *root;
	uint64_t root_wanted; /* the selectors that asked for it */

	uint64_t *hashes;
	size_t n_hashes, cap_hashes;
};

/* ---- places ---- */

static int error_at(struct json_stream *s, size_t offset, const char *what)
{
	size_t line = s->line, column = s->column;
	json_place_advance(s->text, offset < s->len ? offset : s->len, &line, &column);
	return err_set(s->err, ERR_SPEC, "line %zu, column %zu: %s", line, column, what);
}

/* ---- selecting ---- */

static bool step_fits(const struct selector *sel, unsigned step, const char *key, size_t len)
{
	if (step >= sel->n)
		return false;
	const char *want = sel->steps[step];
	if (!key)
		return want[0] == '\0';
	if (want[0] == '*')
		return true;
	return strlen(want) == len && len > 0 && memcmp(want, key, len) == 0;
}

/* Of those that the open container begins, the ones that its next child goes on. */
static uint64_t live_below(const struct json_stream *s, const char *key, size_t len)
{
	const struct frame *top = &s->stack[s->depth - 1];
	uint64_t live = 0;
	if (!top->live || top->tree)
		return 0;
	for (size_t i = 0; i < s->n_selectors; i++)
		if (top->live >> i & 1 && step_fits(&s->selectors[i], s->depth - 1, key, len))
			live |= UINT64_C(1) << i;
	return live;
}

/* Of `live`, those whose path ends here. */
static uint64_t ending(const struct json_stream *s, uint64_t live, enum json_select what)
{
	uint64_t end = 0;
	for (size_t i = 0; live >> i && i < s->n_selectors; i++)
		if (live >> i & 1 && s->selectors[i].n == s->depth && s->selectors[i].what == what)
			end |= UINT64_C(1) << i;
	return end;
}

static int tell(struct json_stream *s, uint64_t whom, const struct json *v)
{
	for (size_t i = 0; whom >> i && i < s->n_selectors; i++)
		if (whom >> i & 1 && s->selectors[i].found(s->selectors[i].ctx, v, s->err) < 0) {
			assert(s->err->kind != ERR_NONE);
			return -1;
		}
	return 0;
}

/* ---- values ---- */

static char *keep(struct json_stream *s, const void *text, size_t len)
{
	char *copy = arena_memdup(&s->arena, text, len);
	if (!copy)
		err_set(s->err, ERR_SPEC, "a value needs more than %u bytes",
			JSON_STREAM_MAX_VALUE);
	return copy;
}

static struct json *new_node(struct json_stream *s, const struct json *like)
{
	struct json *v = arena_alloc(&s->arena, sizeof(*v));
	if (!v)
		err_set(s->err, ERR_SPEC, "a value needs more than %u bytes",
			JSON_STREAM_MAX_VALUE);
	else
		*v = *like;
	return v;
}

static void link_child(struct frame *parent, struct json *v)
{
	v->parent = parent->tree;
	if (parent->last)
		parent->last->next = v;
	else
		parent->tree->first = v;
	parent->last = v;
	parent->tree->n++;
}

/* The value to come, on the stack of the caller: what paths and selectors need. */
static int begin_value(struct json_stream *s, enum json_type type, struct json *ret,
		       uint64_t *ret_live)
{
	if (++s->tokens > JSON_STREAM_MAX_TOKENS)
		return err_set(s->err, ERR_SPEC, "more than %u values and names",
			       JSON_STREAM_MAX_TOKENS);
	*ret = (struct json){.type = type};
	if (s->depth == 0) {
		*ret_live = s->n_selectors == 64 ? UINT64_MAX : (UINT64_C(1) << s->n_selectors) - 1;
		return 0;
	}
	struct frame *top = &s->stack[s->depth - 1];
	ret->parent = top->tree ? top->tree : &top->node;
	ret->index = (uint32_t)top->node.n++;
	if (top->node.type == JSON_OBJECT) {
		ret->key = top->tree ? s->tree_key : s->key;
		*ret_live = s->live;
		for (size_t i = 0; s->key_cut && s->live >> i && i < s->n_selectors; i++)
			if (s->live >> i & 1 && s->selectors[i].steps[s->depth - 1][0] == '*')
				return json_error(ret, s->err, "a name of more than %d bytes",
						  KEY_SIZE - 1);
	} else {
		*ret_live = live_below(s, NULL, 0);
	}
	return 0;
}

/* Its node in a tree: of the value in hand, or the beginning of one; NULL for neither. */
static int begin_tree(struct json_stream *s, const struct json *v, uint64_t live, struct json **ret)
{
	struct frame *top = s->depth > 0 ? &s->stack[s->depth - 1] : NULL;
	*ret = NULL;
	if (top && top->tree) {
		*ret = new_node(s, v);
		if (!*ret)
			return -1;
		link_child(top, *ret);
		return 0;
	}
	uint64_t wanted = ending(s, live, JSON_SELECT_WHOLE);
	if (!wanted)
		return 0;
	*ret = new_node(s, v);
	if (!*ret || (v->key && !((*ret)->key = keep(s, v->key, strlen(v->key)))))
		return -1;
	s->root = *ret;
	s->root_wanted = wanted;
	return 0;
}

static int end_value(struct json_stream *s, const struct json *v, const struct json *tree,
		     uint64_t live)
{
	if (tree && tree == s->root) {
		s->root = NULL;
		int r = tell(s, s->root_wanted, tree);
		arena_release(&s->arena);
		if (r < 0)
			return -1;
	}
	uint64_t wanted = ending(s, live, JSON_SELECT_END);
	return wanted ? tell(s, wanted, v) : 0;
}

static int scalar(struct json_stream *s, enum json_type type, bool boolean, const char *text,
		  size_t len)
{
	struct json v, *tree;
	uint64_t live;
	if (s->depth == 0)
		return err_set(s->err, ERR_SPEC, "expected an object or an array");
	if (begin_value(s, type, &v, &live) < 0)
		return -1;
	v.boolean = boolean;
	if (type == JSON_NUMBER && !json_is_number(text, len))
		return json_error(&v, s->err, "not a number, or one of more than 63 characters");
	if (begin_tree(s, &v, live, &tree) < 0)
		return -1;
	if (tree && text) {
		tree->text = keep(s, text, len);
		tree->text_len = len;
		if (!tree->text)
			return -1;
	}
	return end_value(s, &v, tree, live);
}

static int open_container(struct json_stream *s, enum json_type type)
{
	struct json v, *tree;
	uint64_t live;
	if (begin_value(s, type, &v, &live) < 0 || begin_tree(s, &v, live, &tree) < 0)
		return -1;
	if (s->depth == JSON_MAX_DEPTH)
		return json_error(&v, s->err, "nested deeper than %d levels", JSON_MAX_DEPTH);
	struct frame *f = &s->stack[s->depth];
	f->node = v;
	if (v.key && !tree) {
		memcpy(f->key, v.key, strlen(v.key) + 1); /* s->key: of the same size */
		f->node.key = f->key;
	} else if (tree) {
		f->node.key = tree->key;
	}
	f->tree = tree;
	f->last = NULL;
	f->live = live;
	f->first_hash = s->n_hashes;
	s->depth++;
	return 0;
}

static int compare_hashes(const void *a, const void *b)
{
	uint64_t x, y;
	memcpy(&x, a, sizeof(x));
	memcpy(&y, b, sizeof(y));
	return x < y ? -1 : x > y;
}

static int close_container(struct json_stream *s)
{
	struct frame *f = &s->stack[s->depth - 1];
	size_t n = s->n_hashes - f->first_hash;
	if (n > FEW_MEMBERS) {
		uint64_t *hashes = s->hashes + f->first_hash;
		qsort(hashes, n, sizeof(*hashes), compare_hashes);
		for (size_t i = 1; i < n; i++)
			if (hashes[i - 1] == hashes[i])
				return json_error(
					&f->node, s->err,
					"duplicate key: two of the %zu members have the same name",
					n);
	}
	s->n_hashes = f->first_hash;
	s->depth--;
	if (end_value(s, &f->node, f->tree, f->live) < 0)
		return -1;
	if (s->depth == 0) {
		s->done = true;
		/* Within a callback this is the offset behind the token. */
		s->done_at = yajl_get_bytes_consumed(s->yajl);
	}
	return 0;
}

/* ---- names ---- */

static int add_hash(struct json_stream *s, uint64_t hash)
{
	if (s->n_hashes == JSON_STREAM_MAX_MEMBERS)
		return err_set(s->err, ERR_SPEC,
			       "more than %u members in the objects that are open",
			       JSON_STREAM_MAX_MEMBERS);
	if (s->n_hashes == s->cap_hashes) {
		size_t more = s->cap_hashes ? s->cap_hashes * 2 : 256;
		uint64_t *grown = realloc(s->hashes, more * sizeof(*grown));
		if (!grown)
			return err_oom(s->err);
		s->hashes = grown;
		s->cap_hashes = more;
	}
	s->hashes[s->n_hashes++] = hash;
	return 0;
}

static int name(struct json_stream *s, const unsigned char *text, size_t len)
{
	struct frame *top = &s->stack[s->depth - 1];
	if (++s->tokens > JSON_STREAM_MAX_TOKENS)
		return err_set(s->err, ERR_SPEC, "more than %u values and names",
			       JSON_STREAM_MAX_TOKENS);
	s->key_cut = len >= KEY_SIZE;
	size_t kept = s->key_cut ? KEY_SIZE - 1 : len;
	memcpy(s->key, text, kept);
	kept = str_utf8_valid_prefix(s->key, kept);
	s->key[kept] = '\0';
	s->tree_key = NULL;
	if (top->tree && !(s->tree_key = keep(s, text, len)))
		return -1;
	s->live = live_below(s, (const char *)text, len);

	uint64_t hash = json_name_hash(text, len);
	if (s->n_hashes - top->first_hash < FEW_MEMBERS)
		for (size_t i = top->first_hash; i < s->n_hashes; i++)
			if (s->hashes[i] == hash) {
				struct json v = {.key = s->key,
						 .parent = top->tree ? top->tree : &top->node};
				return json_error(&v, s->err, "duplicate key");
			}
	return add_hash(s, hash);
}

/* ---- yajl ---- */

static int on_null(void *ctx)
{
	return scalar(ctx, JSON_NULL, false, NULL, 0) == 0;
}

static int on_boolean(void *ctx, int value)
{
	return scalar(ctx, JSON_BOOL, value != 0, NULL, 0) == 0;
}

static int on_number(void *ctx, const char *text, size_t len)
{
	return scalar(ctx, JSON_NUMBER, false, text, len) == 0;
}

static int on_string(void *ctx, const unsigned char *text, size_t len)
{
	/* An empty string may come without text. */
	return scalar(ctx, JSON_STRING, false, text ? (const char *)text : "", len) == 0;
}

static int on_key(void *ctx, const unsigned char *text, size_t len)
{
	return name(ctx, text ? text : (const unsigned char *)"", len) == 0;
}

static int on_start_map(void *ctx)
{
	return open_container(ctx, JSON_OBJECT) == 0;
}

static int on_start_array(void *ctx)
{
	return open_container(ctx, JSON_ARRAY) == 0;
}

/* 0, "cancel", at the end of the document: what follows is ours to judge. */
static int on_end(void *ctx)
{
	struct json_stream *s = ctx;
	return close_container(s) == 0 && !s->done;
}

static void start_yajl(struct json_stream *s)
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
	/* json_bytes_check() has validated strings. */
	s->yajl = json_yajl_new(&s->memory, &callbacks, s);
}

static int yajl_failed(struct json_stream *s)
{
	if (s->err->kind != ERR_NONE)
		return -1; /* one of the callbacks said what is wrong */
	size_t offset;
	const char *why = json_yajl_why(s->yajl, s->text, s->len, &offset);
	return error_at(s, offset, why);
}

/* No locals: none may be lost by longjmp. */
static int run_guarded(struct json_stream *s)
{
	if (_setjmp(s->memory.out_of_memory))
		return err_oom(s->err);
	if (!s->yajl)
		start_yajl(s);
	if (yajl_parse(s->yajl, (const unsigned char *)s->text, s->len) != yajl_status_ok &&
	    !s->done)
		return yajl_failed(s);
	return 0;
}

/* ---- the stream ---- */

struct json_stream *json_stream_new(struct err *err)
{
	struct json_stream *s = calloc(1, sizeof(*s));
	if (!s) {
		err_oom(err);
		return NULL;
	}
	json_memory_init(&s->memory);
	s->arena.limit_bytes = JSON_STREAM_MAX_VALUE;
	s->bytes.max_string = JSON_STREAM_MAX_STRING;
	s->line = s->column = 1;
	return s;
}

void json_stream_free(struct json_stream *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->n_selectors; i++)
		free(s->selectors[i].path);
	json_memory_release(&s->memory);
	arena_release(&s->arena);
	free(s->hashes);
	free(s);
}

/* "a.b[][].c" -> steps. */
static void cut_path(struct selector *sel)
{
	char *rest = sel->path;
	while (*rest) {
		assert(sel->n < MAX_STEPS);
		if (*rest == '[') {
			*rest = '\0';
			sel->steps[sel->n++] = "";
			rest += 2;
			if (*rest == '.')
				rest++;
			continue;
		}
		sel->steps[sel->n++] = rest;
		rest += strcspn(rest, ".[");
		if (*rest == '.')
			*rest++ = '\0';
	}
}

int json_stream_select(struct json_stream *s, const char *prefix,
		       const struct json_selector *selectors, size_t n, void *ctx, struct err *err)
{
	assert(!s->started && n <= JSON_STREAM_SELECTORS - s->n_selectors);
	for (size_t i = 0; i < n; i++) {
		struct selector *sel = &s->selectors[s->n_selectors];
		const char *dot =
			prefix[0] && selectors[i].path[0] && selectors[i].path[0] != '[' ? "." : "";
		int len = snprintf(NULL, 0, "%s%s%s", prefix, dot, selectors[i].path);
		sel->path = malloc((size_t)len + 1);
		if (!sel->path)
			return err_oom(err);
		(void)snprintf(sel->path, (size_t)len + 1, "%s%s%s", prefix, dot,
			       selectors[i].path);
		sel->found = selectors[i].found;
		sel->what = selectors[i].what;
		sel->ctx = ctx;
		s->n_selectors++;
		cut_path(sel);
	}
	return 0;
}

static int check_rest(struct json_stream *s, size_t from)
{
	for (size_t i = from; i < s->len; i++)
		if (!strchr(" \t\r\n", s->text[i]) || !s->text[i])
			return error_at(s, i, "text after the value");
	return 0;
}

static int feed(struct json_stream *s)
{
	size_t at;
	if (s->len > JSON_STREAM_MAX_BYTES - s->total)
		return err_set(s->err, ERR_SPEC, "larger than %u bytes", JSON_STREAM_MAX_BYTES);
	if (s->done)
		return check_rest(s, 0);
	const char *wrong = json_bytes_check(&s->bytes, s->text, s->len, &at);
	if (wrong)
		return error_at(s, at,
				s->total + at == 0 && s->text[0] == '\xef'
					? "starts with a byte order mark"
					: wrong);
	if (run_guarded(s) < 0)
		return -1;
	return s->done ? check_rest(s, s->done_at) : 0;
}

int json_stream_feed(struct json_stream *s, const char *text, size_t len, struct err *err)
{
	if (s->failed)
		return err_set(err, ERR_STATE, "json: fed after an error");
	if (len == 0)
		return 0;
	s->started = true;
	s->err = err;
	s->text = text;
	s->len = len;
	if (feed(s) < 0) {
		s->failed = true;
		return -1;
	}
	json_place_advance(text, len, &s->line, &s->column);
	s->total += len;
	return 0;
}

int json_stream_end(struct json_stream *s, struct err *err)
{
	if (s->failed)
		return err_set(err, ERR_STATE, "json: ended after an error");
	s->err = err;
	s->text = "";
	s->len = 0;
	return s->done ? 0 : error_at(s, 0, "ends too early");
}
