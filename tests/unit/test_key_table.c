/* base/key_table: the walk along a table, the values that any table has, and what is refused. */
#include "config.h"

#include "base/key_table.h"

#include "tap.h"

#include <limits.h>

#define KEY_HERE (1u << 1)

struct inner {
	bool on;
};

struct thing {
	uint64_t big;
	uint32_t word;
	bool flag, deep;
	const char *name;
	struct inner inner;
};

static int take_text(struct key_reader *r, const struct json *v, const struct key_row *row,
		     void *obj)
{
	return key_judge(r, v, row, key_place(row, obj));
}

static int take_inner(struct key_reader *r, const struct json *v, const struct key_row *row,
		      void *obj)
{
	return key_table_read(r, v, row->inner, key_place(row, obj), NULL);
}

static const struct key_type
	type_word = {JSON_STRING, JSON_NULL, key_take_word, NULL, NULL},
	type_flag = {JSON_BOOL, JSON_NULL, key_take_flag, NULL, NULL},
	type_text = {JSON_STRING, JSON_NULL, take_text, NULL, NULL},
	type_inner = {JSON_OBJECT, JSON_NULL, take_inner, NULL, NULL};

static const struct key_word colours[] = {{"red", 7, 0}, {"blue", 9, 1}, {0}};

static const struct key_row inner_rows[] = {
	{"on", &type_flag, KEY_PLACE(struct inner, on), .flags = KEY_REQUIRED}};
static const struct key_table inner_keys = {inner_rows, ARRAY_LEN(inner_rows),
					    sizeof(struct inner)};

static const struct key_row rows[] = {
	{"colour", &type_word, KEY_PLACE(struct thing, word), .flags = KEY_REQUIRED | KEY_HERE,
	 .words = colours},
	{"same", &type_word, .words = colours},
	{"flag", &type_flag, KEY_PLACE(struct thing, flag), .flags = KEY_HERE},
	{"a.b.deep", &type_flag, KEY_PLACE(struct thing, deep), .flags = KEY_HERE},
	{"a.b.name", &type_text, KEY_PLACE(struct thing, name), KEY_WANT_PATH},
	{"a.free", &type_text, KEY_PLACE(struct thing, name)},
	{"inner", &type_inner, KEY_PLACE(struct thing, inner), .inner = &inner_keys},
};
static const struct key_table table = {rows, ARRAY_LEN(rows), sizeof(struct thing)};

static struct arena arena;
static struct err err;
static struct thing thing;
static uint64_t given;

static int read_as(const char *text, unsigned only, const char *where)
{
	struct key_reader r = {.arena = &arena, .err = &err, .only = only, .where = where};
	const struct json *root;

	arena_release(&arena);
	err_clear(&err);
	thing = (struct thing){0};
	given = 0;
	if (json_parse(&arena, text, strlen(text), &root, &err) < 0)
		abort();
	return key_table_read(&r, root, &table, &thing, &given);
}

static void reads(const char *text)
{
	ok(read_as(text, 0, NULL) == 0, "read: %s", text);
	if (err.kind != ERR_NONE)
		diag("%s", err.msg);
}

static void refuses(const char *text, const char *why)
{
	ok(read_as(text, 0, NULL) < 0 && err.kind == ERR_SPEC, "refused: %s", text);
	is_str(err.msg, why, why);
}

static void test_read(void)
{
	reads("{\"colour\": \"blue\"}");
	is_int(thing.word, 9, "the word's value");
	is_int(given, 1, "the row's bit");
	reads("{\"a\": {\"free\": \"\\n\", \"b\": {\"deep\": true}}, \"flag\": true, \"colour\": "
	      "\"red\", \"same\": \"blue\"}");
	ok(thing.flag && thing.deep && thing.word == 7, "each in its place");
	is_int(thing.big, 0, "what has no place is kept nowhere");
	is_int(given, 1 | 2 | 4 | 8 | 32, "each row's bit");
	is_str(thing.name, "\n", "a text without a judge is any");
	reads("{\"colour\": \"red\", \"a\": {\"b\": {\"name\": \"/x\"}}}");
	is_str(thing.name, "/x", "a text that its judge takes");
	reads("{\"colour\": \"red\", \"inner\": {\"on\": true}}");
	ok(thing.inner.on, "an object with a table of its own");
}

static void test_refused(void)
{
	refuses("{}", "key 'colour' is missing");
	refuses("[]", "expected an object, found an array");
	refuses("{\"colour\": 1}", "colour: expected a string, found a number");
	refuses("{\"colour\": \"green\"}", "colour: 'green' is not one of red, blue");
	refuses("{\"flag\": \"yes\"}", "flag: expected a boolean, found a string");
	refuses("{\"color\": 1}",
		"color: unknown key; here are known: colour, same, flag, a, inner");
	refuses("{\"\": 1}", "unknown key; here are known: colour, same, flag, a, inner");
	refuses("{\"a\": 1}", "a: expected an object, found a number");
	refuses("{\"a\": {\"b.deep\": true}}", "a.b.deep: unknown key; here are known: b, free");
	refuses("{\"a.free\": \"\"}",
		"a.free: unknown key; here are known: colour, same, flag, a, inner");
	refuses("{\"a\": {\"b\": {\"dee\": true}}}",
		"a.b.dee: unknown key; here are known: deep, name");
	refuses("{\"inner\": {}}", "inner: key 'on' is missing");
	refuses("{\"a\": {\"b\": {\"name\": \"x\"}}}",
		"a.b.name: 'x' is not a clean absolute path beneath '/' (no '//', '.', '..' or '/' "
		"at its end)");
}

/* Of the rows only those with a flag. */
static void test_only(void)
{
	ok(read_as("{\"colour\": \"red\", \"a\": {\"b\": {\"deep\": true}}}", KEY_HERE,
		   "(here) ") == 0,
	   "rows that are known here");
	ok(read_as("{\"same\": \"red\"}", KEY_HERE, "(here) ") < 0, "one that isn't");
	is_str(err.msg, "same: unknown key; here (here) are known: colour, flag, a", "said so");
	ok(read_as("{\"a\": {\"free\": \"\"}}", KEY_HERE, "(here) ") < 0, "within a group");
	is_str(err.msg, "a.free: unknown key; here (here) are known: b", "said so");
	ok(read_as("{}", KEY_HERE, NULL) < 0, "what is required and known");
	ok(read_as("{}", 1u << 2, NULL) == 0,
	   "what is required and not known here isn't asked for");
}

static void test_values(void)
{
	static const struct key_row big = {"", &type_flag, KEY_PLACE(struct thing, big)},
				    word = {"", &type_flag, KEY_PLACE(struct thing, word)},
				    flag = {"", &type_flag, KEY_PLACE(struct thing, flag)};
	struct thing t = {0};

	key_store(&big, &t, UINT64_MAX);
	ok(t.big == UINT64_MAX && key_load(&big, &t) == UINT64_MAX, "8 bytes");
	key_store(&word, &t, UINT32_MAX);
	ok(t.word == UINT32_MAX && key_load(&word, &t) == UINT32_MAX, "4 bytes, zero-extended");
	key_store(&flag, &t, 1);
	ok(t.flag && key_load(&flag, &t) == 1 && !t.deep, "1 byte");
}

static void test_shown(void)
{
	char buf[KEY_SHOWN_SIZE], text[80];

	is_str(key_shown("a\nb\x7f\x1b", buf), "a?b??", "one line");
	memset(text, 'x', sizeof(text));
	text[64] = '\0';
	is_int(strlen(key_shown(text, buf)), 64, "64 bytes stay");
	text[64] = 'x';
	text[65] = '\0';
	is_int(strlen(key_shown(text, buf)), 64, "65 are cut");
	is_str(buf + 61, "...", "and it shows");
	memcpy(text + 60, "\xc3\xa4", 2); /* its second byte would be the first that goes */
	is_int(strlen(key_shown(text, buf)), 63, "not within a character");
}

static void test_path(void)
{
	static const char *const good[] = {"/a", "/a/b", "/...", "/.a/b..", "/\xc3\xa4"};
	static const char *const bad[] = {"",   "/",    "a",       "//a", "/a/",  "/a//b",
					  "/.", "/a/.", "/a/../b", "/..", "/a\n", "/\x7f"};
	char path[PATH_MAX + 1];

	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		ok(key_is_path(good[i]), "a path: %s", good[i]);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		ok(!key_is_path(bad[i]), "no path (%zu)", i);
	memset(path, 'x', sizeof(path));
	path[0] = '/';
	path[PATH_MAX - 1] = '\0';
	ok(key_is_path(path), "the longest");
	path[PATH_MAX - 1] = 'x';
	path[PATH_MAX] = '\0';
	ok(!key_is_path(path), "one byte more");
}

int main(void)
{
	test_read();
	test_refused();
	test_only();
	test_values();
	test_shown();
	test_path();
	arena_release(&arena);
	return tap_done();
}
