/* base/json.c: what is taken, what is refused and where, at what cost; and that
 * yajl's own gaps are closed. */
#include "config.h"

#include "base/json.h"

#include "fake_alloc.h"
#include "tap.h"

#include <time.h>

struct parsed {
	struct arena arena;
	const struct json *root;
	struct err err;
	int result;
};

static void parse_bytes(struct parsed *p, const char *text, size_t len)
{
	arena_release(&p->arena);
	*p = (struct parsed){.arena = p->arena};
	p->result = json_parse(&p->arena, text, len, &p->root, &p->err);
}

static void parse(struct parsed *p, const char *text)
{
	parse_bytes(p, text, strlen(text));
}

static const char *const valid[] = {
	"{}", "[]", "0", "-0", "12", "-1.5e+10", "1E5", "\"\"", "\"a\"", "true", "false", "null", " 1 ", "\t\r\n[1]\n",
	"[1,2,[3,{\"a\":null}]]", "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\"", "\"\\ud83d\\udc27\"", "\"\\\\u0000\"",
	"\"\xc3\xa9\xf0\x9f\x90\xa7\"", "{\"a\":1,\"A\":2,\"\":3}", "\"\x7f\"", "\"\\uFFFF\"", "\"\\\\ud800\"",
};

/* Text, and a part of the message; each is a rule of RFC 8259 or of ours. */
static const struct {
	const char *text;
	const char *message;
} invalid[] = {
	{"", "ends too early"},
	{"   ", "ends too early"},
	{"[", "ends too early"},
	{"{\"a\":", "ends too early"},
	{"\"abc", "ends too early"},
	{"tru", ""},
	{"[1,]", ""},
	{"{\"a\":1,}", ""},
	{"{\"a\" 1}", ""},
	{"{a:1}", ""},
	{"{'a':1}", ""},
	{"[1 2]", ""},
	{"01", ""},
	{"1.", ""},
	{".5", ""},
	{"+1", ""},
	{"-", ""},
	{"1e", ""},
	{"0x10", ""},
	{"NaN", ""},
	{"Infinity", ""},
	{"TRUE", ""},
	{"\"\\x41\"", ""},
	{"\"\\u12\"", ""},
	{"\"\\u12g4\"", ""},
	{"\"a\nb\"", ""},
	{"\"\t\"", ""},
	{"1 2", "text after the value"},
	{"{} x", "text after the value"},
	{"{}{}", "text after the value"},
	{"[] \"unfinished", "text after the value"}, /* yajl takes the part of a string for nothing */
	{"{} tru", "text after the value"},
	{"{}]", "text after the value"},
	{"\"a\"\"b\"", "text after the value"},
	{"// comment\n1", ""},
	{"/* comment */1", ""},
	{"[1,/*x*/2]", ""},
	{"{}//x", "text after the value"},
	{"\xef\xbb\xbf{}", "byte order mark"},
	{"[\v1]", "line 1, column 2: invalid character"}, /* yajl: isspace(3) */
	{"[1\f]", "line 1, column 3: invalid character"},
	{"\"\\u0000\"", "NUL"},
	{"{\"a\\u0000b\":1}", "NUL"},
	{"\"\\ud83d\"", "lone surrogate"},
	{"\"\\udc27\"", "lone surrogate"},
	{"\"\\ud83dx\"", "lone surrogate"},
	{"\"\\ud83d\\n\"", "lone surrogate"},
	{"\"\\ud83d\\u0041\"", "lone surrogate"},
	{"\"\\udc27\\ud83d\"", "lone surrogate"},
	{"\"\xff\"", "line 1, column 2: invalid UTF-8"},
	{"\"\xc0\x80\"", "invalid UTF-8"}, /* overlong: yajl takes it */
	{"\"\xed\xa0\x80\"", "invalid UTF-8"},
	{"\"\xf4\x90\x80\x80\"", "invalid UTF-8"},
	{"\xff", "invalid UTF-8"},
	{"{\"a\":1,\"a\":1}", "a: duplicate key"},
	{"{\"a\":1,\"\\u0061\":1}", "a: duplicate key"},
	{"{\"x\":{\"b\":[0,{\"c\":1,\"d\":2,\"c\":3}]}}", "x.b[1].c: duplicate key"},
	{"{\"\":1,\"\":1}", "duplicate key"},
	{"\n\n  {\"a\": tru}", "line 3"},
};

static void test_valid(void)
{
	struct parsed p = {.root = NULL};
	for (size_t i = 0; i < ARRAY_LEN(valid); i++) {
		parse(&p, valid[i]);
		if (!ok(p.result == 0, "valid %zu: %s", i, valid[i]))
			diag("%s", p.err.msg);
	}
	arena_release(&p.arena);
}

static void test_invalid(void)
{
	struct parsed p = {.root = NULL};
	for (size_t i = 0; i < ARRAY_LEN(invalid); i++) {
		parse(&p, invalid[i].text);
		bool good = p.result == -1 && p.err.kind == ERR_SPEC && strstr(p.err.msg, invalid[i].message);
		if (!ok(good && !p.root, "invalid %zu: %s", i, invalid[i].text))
			diag("result %d kind %u '%s'", p.result, p.err.kind, p.err.msg);
	}
	parse_bytes(&p, "1\0", 2);
	ok(p.result == -1, "a NUL byte after the value");
	parse_bytes(&p, "[\"a\0b\"]", 7);
	ok(p.result == -1, "a NUL byte in a string");
	parse_bytes(&p, "[1]garbage", 3);
	ok(p.result == 0, "what lies beyond the length is not read");
	arena_release(&p.arena);
}

static void test_tree(void)
{
	struct parsed p = {.root = NULL};
	parse(&p, "{\"a\":[10,\"x\\u00e9\",null],\"b\":{\"c\":true},\"d\":-1.50}");
	if (!ok(p.result == 0, "parsed"))
		return;
	const struct json *a = json_get(p.root, "a");
	is_int(p.root->n, 3, "members");
	is_int(a->n, 3, "elements");
	is_str(a->key, "a", "key");
	is_str(a->first->text, "10", "number as written");
	is_str(a->first->next->text, "x\xc3\xa9", "string decoded");
	is_int(a->first->next->text_len, 3, "its length");
	is_int(a->first->next->next->type, JSON_NULL, "null is kept");
	ok(a->first->next->next->next == NULL, "end of list");
	ok(json_get(p.root, "zz") == NULL && json_get(a, "a") == NULL && json_get(NULL, "a") == NULL, "absent members");
	is_str(json_get(p.root, "d")->text, "-1.50", "fraction as written");
	char path[JSON_PATH_MAX];
	is_str(json_path(json_get(json_get(p.root, "b"), "c"), path), "b.c", "path of a member");
	is_str(json_path(a->first->next, path), "a[1]", "path of an element");
	is_str(json_path(p.root, path), "", "path of the root");
	arena_release(&p.arena);
}

static void test_access(void)
{
	struct parsed p = {.root = NULL};
	parse(&p, "{\"i\":-5,\"big\":18446744073709551615,\"f\":1.0,\"e\":1e3,\"s\":\"x\",\"b\":true,"
		  "\"l\":[\"p\",\"q\"],\"m\":[\"p\",1],\"n\":null}");
	const struct json *r = p.root;
	int64_t i = 0;
	uint64_t u = 0;
	bool b = false;
	const char *s = NULL;
	struct err err = ERR_INIT;
	ok(json_as_i64(json_get(r, "i"), -5, 5, &i, &err) == 0 && i == -5, "i64");
	ok(json_as_i64(json_get(r, "i"), -4, 5, &i, &err) == -1, "i64 below min");
	is_err(&err, ERR_SPEC, "i: expected an integer from -4 to 5, found -5", "says so");
	err_clear(&err);
	ok(json_as_u64(json_get(r, "big"), UINT64_MAX, &u, &err) == 0 && u == UINT64_MAX, "u64");
	ok(json_as_i64(json_get(r, "big"), INT64_MIN, INT64_MAX, &i, &err) == -1, "no i64");
	err_clear(&err);
	ok(json_as_u64(json_get(r, "i"), 10, &u, &err) == -1, "negative is no u64");
	err_clear(&err);
	ok(json_as_i64(json_get(r, "f"), 0, 10, &i, &err) == -1, "1.0 is no integer");
	err_clear(&err);
	ok(json_as_u64(json_get(r, "e"), 10000, &u, &err) == -1, "1e3 is no integer");
	err_clear(&err);
	ok(json_as_string(json_get(r, "s"), &s, &err) == 0 && !strcmp(s, "x"), "string");
	ok(json_as_string(json_get(r, "b"), &s, &err) == -1, "no string");
	is_err(&err, ERR_SPEC, "b: expected a string, found a boolean", "says so");
	err_clear(&err);
	ok(json_as_bool(json_get(r, "b"), &b, &err) == 0 && b, "bool");
	ok(json_as_bool(json_get(r, "n"), &b, &err) == -1, "null is no bool");
	err_clear(&err);
	ok(json_as_i64(json_get(r, "s"), 0, 1, &i, &err) == -1, "a string is no number");
	err_clear(&err);
	struct str_list list = {0};
	ok(json_as_strings(json_get(r, "l"), &p.arena, &list, &err) == 0 && list.n == 2 && !strcmp(list.items[1], "q"),
	   "strings");
	ok(json_as_strings(json_get(r, "m"), &p.arena, &list, &err) == -1, "not all strings");
	is_err(&err, ERR_SPEC, "m[1]: expected a string, found a number", "says which");
	err_clear(&err);
	ok(json_as_strings(r, &p.arena, &list, &err) == -1, "an object is no list");
	is_err(&err, ERR_SPEC, "expected an array, found an object", "the root has no path");
	arena_release(&p.arena);
}

static char *repeat(const char *head, const char *part, size_t n, const char *tail, size_t *ret_len)
{
	size_t step = strlen(part);
	size_t len = strlen(head) + n * step + strlen(tail);
	char *text = malloc(len + 1);
	if (!text)
		abort();
	char *p = text + strlen(head);
	memcpy(text, head, strlen(head));
	for (size_t i = 0; i < n; i++, p += step)
		memcpy(p, part, step);
	memcpy(p, tail, strlen(tail) + 1);
	*ret_len = len;
	return text;
}

static double seconds(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* Parses, and holds it to the time and the memory that hostile text may cost. */
static void costs(const char *text, size_t len, int want, const char *message, const char *name)
{
	struct parsed p = {.root = NULL};
	double start = seconds();
	parse_bytes(&p, text, len);
	double took = seconds() - start;
	ok(p.result == want && strstr(p.err.msg, message), "%s", name);
	diag("%.3f s, %zu bytes of arena, '%s'", took, p.arena.used, p.err.msg);
	ok(p.arena.used <= ARENA_DEFAULT_LIMIT, "%s: bounded memory", name);
	arena_release(&p.arena);
}

static void test_limits(void)
{
	struct parsed p = {.root = NULL};
	size_t len;
	char *text = repeat("", "[", JSON_MAX_DEPTH, "", &len);
	text = realloc(text, len * 2 + 1);
	if (!text)
		abort();
	memset(text + len, ']', len);
	parse_bytes(&p, text, len * 2);
	ok(p.result == 0, "as deep as allowed");
	free(text);
	text = repeat("", "[", JSON_MAX_DEPTH + 1, "", &len);
	parse_bytes(&p, text, len);
	is_err(&p.err, ERR_SPEC, "nested deeper than 64 levels", "one level more");
	free(text);
	text = repeat("", "{\"a\":", JSON_MAX_DEPTH + 1, "", &len);
	parse_bytes(&p, text, len);
	is_err(&p.err, ERR_SPEC, "nested deeper than 64 levels", "objects count too");
	free(text);

	char digits[200];
	memset(digits, '1', sizeof(digits));
	parse_bytes(&p, digits, 63);
	ok(p.result == 0, "a number of 63 digits");
	parse_bytes(&p, digits, 64);
	ok(p.result == -1, "one of 64");

	text = repeat("\"", "x", JSON_MAX_BYTES - 2, "\"", &len);
	parse_bytes(&p, text, len);
	ok(p.result == 0 && p.root->text_len == len - 2, "as large as allowed");
	free(text);
	text = repeat("\"", "x", JSON_MAX_BYTES - 1, "\"", &len);
	parse_bytes(&p, text, len);
	is_err(&p.err, ERR_SPEC, "larger than 16777216 bytes", "one byte more");
	free(text);
	arena_release(&p.arena);
}

static void test_hostile(void)
{
	size_t len;
	char *text = repeat("", "[", JSON_MAX_BYTES, "", &len);
	costs(text, len, -1, "nested deeper", "16 MB of brackets");
	free(text);
	text = repeat("[", "[],", (JSON_MAX_BYTES - 3) / 3, "1]", &len);
	costs(text, len, -1, "memory", "16 MB of empty arrays");
	free(text);
	text = repeat("\"", "\\n", (JSON_MAX_BYTES - 2) / 2, "\"", &len);
	costs(text, len, 0, "", "16 MB of escapes");
	free(text);
	text = repeat("\"", "\xc3\xa9", (JSON_MAX_BYTES - 2) / 2, "\"", &len);
	costs(text, len, 0, "", "16 MB of two-byte characters");
	free(text);
}

/* Keys 0, 1, 2 ... n-1, and then `last`. */
static char *many_keys(size_t n, const char *last, size_t *ret_len)
{
	char *text = malloc(n * 14 + 64);
	if (!text)
		abort();
	size_t len = 0;
	text[len++] = '{';
	for (size_t i = 0; i < n; i++)
		len += (size_t)snprintf(text + len, 14, "\"%zu\":0,", i);
	len += (size_t)snprintf(text + len, 64, "\"%s\":0}", last);
	*ret_len = len;
	return text;
}

static void test_many_keys(void)
{
	size_t len;
	char *text = many_keys(400000, "last", &len);
	costs(text, len, 0, "", "400000 keys");
	free(text);
	text = many_keys(400000, "7", &len);
	costs(text, len, -1, "7: duplicate key", "400000 keys and one of them again");
	free(text);
	text = many_keys(1200000, "7", &len);
	costs(text, len, -1, "", "more keys than memory");
	free(text);

	/* Around the count where the check changes. */
	for (size_t n = 12; n < 22; n++) {
		struct parsed p = {.root = NULL};
		text = many_keys(n, "0", &len);
		parse_bytes(&p, text, len);
		ok(p.result == -1 && strstr(p.err.msg, "0: duplicate key"), "%zu keys and the first again", n);
		free(text);
		text = many_keys(n, "x", &len);
		parse_bytes(&p, text, len);
		ok(p.result == 0 && p.root->n == n + 1, "%zu different keys", n + 1);
		free(text);
		arena_release(&p.arena);
	}
}

/* Whichever allocation fails, ours or yajl's: an error, and nothing crashes. */
static void test_no_memory(void)
{
	static const char text[] = "{\"a\\n\":[1,\"x\\u00e9y\",{\"b\":null}],\"c\":\"\\\\\\\\\"} x";
	unsigned tried = 0;
	for (unsigned n = 1;; n++) {
		struct parsed p = {.root = NULL};
		/* the last byte but two: also a text that is valid, and one that isn't */
		size_t len = sizeof(text) - 1 - (n % 2 ? 2 : 0);
		fake_alloc_fail(n);
		p.result = json_parse(&p.arena, text, len, &p.root, &p.err);
		bool failed = fake_alloc_failed();
		fake_alloc_fail(0);
		arena_release(&p.arena);
		if (!failed)
			break;
		tried++;
		if (!ok(p.result == -1 && p.err.kind == ERR_SYSTEM, "allocation %u fails", n))
			diag("result %d '%s'", p.result, p.err.msg);
	}
	ok(tried >= 4, "%u allocations tried", tried);

	struct parsed tight = {.arena = {.limit_bytes = 300}};
	tight.result = json_parse(&tight.arena, text, sizeof(text) - 3, &tight.root, &tight.err);
	is_err(&tight.err, ERR_SYSTEM, "memory", "the arena's limit");
	arena_release(&tight.arena);
}

/* A broken text must not be able to write to a terminal or break the log. */
static void test_messages(void)
{
	struct parsed p = {.root = NULL};
	parse(&p, "{\"\\u001b[31m\\n\":1,\"\\u001b[31m\\n\":2}");
	ok(p.result == -1, "duplicate of an ugly key");
	bool clean = true;
	for (const char *c = p.err.msg; *c; c++)
		clean = clean && (unsigned char)*c >= 0x20;
	ok(clean, "message without control characters");
	size_t len;
	char *text = repeat("{\"", "\xc3\xa9", 4000, "\":[{}]}", &len);
	parse_bytes(&p, text, len);
	char path[JSON_PATH_MAX];
	json_path(p.root->first->first, path);
	ok(strlen(path) < JSON_PATH_MAX && strlen(path) > 200, "a long key is cut");
	ok((unsigned char)path[strlen(path) - 1] == 0xa9, "between characters");
	free(text);
	arena_release(&p.arena);
}

int main(void)
{
	test_valid();
	test_invalid();
	test_tree();
	test_access();
	test_limits();
	test_hostile();
	test_many_keys();
	test_no_memory();
	test_messages();
	return tap_done();
}
