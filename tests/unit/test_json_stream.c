/* base/json_stream.c: takes and refuses what json_parse() does, however the text is cut;
 * gives what was asked for and nothing else; memory that doesn't grow. */
#include "config.h"

#include "base/json_stream.h"
#include "base/str.h"

#include "fake_alloc.h"
#include "tap.h"

static char seen[8192];

static int note(void *ctx, const struct json *v, struct err *err)
{
	char path[JSON_PATH_MAX];
	size_t len = strlen(seen);
	(void)err;
	(void)snprintf(seen + len, sizeof(seen) - len, "%s%s=%d/%zu%s%s;", (const char *)ctx, json_path(v, path), (int)v->type,
		       v->n, v->text ? ":" : "", v->text ? v->text : "");
	return 0;
}

static int refuse_it(void *ctx, const struct json *v, struct err *err)
{
	(void)ctx;
	return json_error(v, err, "not this one");
}

/* In pieces of `step` bytes; 0 or -1 and *err. */
static int read_in_pieces(const char *text, size_t len, size_t step, const struct json_selector *sel, size_t n, struct err *err)
{
	struct json_stream *s = json_stream_new(err);
	int r = -1;
	seen[0] = '\0';
	if (s && json_stream_select(s, "", sel, n, (void *)"", err) == 0) {
		r = 0;
		for (size_t i = 0; r == 0 && i < len; i += step)
			r = json_stream_feed(s, text + i, len - i < step ? len - i : step, err);
		if (r == 0)
			r = json_stream_end(s, err);
	}
	json_stream_free(s);
	return r;
}

static const struct json_selector everything[] = {{"", note, JSON_SELECT_WHOLE}};

static const char *const texts[] = {
	"{}", "[]", "[0]", "[-0,12,-1.5e+10,1E5]", "[\"\"]", "[\"a\",true,false,null]", "\t\r\n[1]\n",
	"[1,2,[3,{\"a\":null}]]", "[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\"]", "[\"\\ud83d\\udc27\"]", "[\"\\\\u0000\"]",
	"[\"\xc3\xa9\xf0\x9f\x90\xa7\"]", "{\"a\":1,\"A\":2,\"\":3}", "[\"\x7f\"]", "[\"\\uFFFF\"]", "[\"\\\\ud800\"]",
	"", "   ", "[", "{\"a\":", "[\"abc", "[tru", "[tru]", "[1,]", "{\"a\":1,}", "{\"a\" 1}", "{a:1}", "{'a':1}", "[1 2]",
	"[01]", "[1.]", "[.5]", "[+1]", "[-]", "[1e]", "[0x10]", "[NaN]", "[Infinity]", "[TRUE]", "[\"\\x41\"]", "[\"\\u12\"]",
	"[\"\\u12g4\"]", "[\"a\nb\"]", "[\"\t\"]", "[1] 2", "{} x", "{}{}", "[] \"unfinished", "{} tru", "{}]", "[]\"b\"",
	"// comment\n[1]", "/* comment */[1]", "[1,/*x*/2]", "{}//x", "\xef\xbb\xbf{}", "[\v1]", "[1\f]", "[\"\\u0000\"]",
	"[\"\\ud800\"]", "[\"\\udc00\"]", "[\"\\ud800x\"]", "[\"\\ud800\\n\"]", "[\"\\ud800\\u0041\"]", "[\"\\ud800\\ud800\"]",
	"[\"\xc0\x80\"]", "[\"\xc3\"]", "[\"\xc3(\"]", "[\"\xed\xa0\x80\"]", "[\"\xf4\x90\x80\x80\"]", "[\"\xe0\x9f\xbf\"]",
	"[\"\xf0\x8f\xbf\xbf\"]", "[\"\xff\"]", "[\"\x80\"]", "{\"a\":1,\"a\":2}", "{\"a\":1,\"\\u0061\":2}", "[{\"x\":{\"a\":1,\"b\":1,\"a\":2}}]",
	"{\"a\":{\"a\":1},\"b\":{\"a\":1}}", "[{\"a\":1},{\"a\":1}]", "[\x01]", "[\xc3\xa9]", "[1}", "{]", "[[[]]", ",", "[,1]", "{\"a\":}", "{:1}",
	"[\"\\\"]", "[\"\\", "[\"\\u00",
};

static void test_same_as_tree(void)
{
	static const size_t steps[] = {1, 2, 3, 7, 4096};
	unsigned differ = 0;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		struct arena arena = ARENA_INIT;
		struct err err = ERR_INIT;
		const struct json *root;
		int want = json_parse(&arena, texts[i], strlen(texts[i]), &root, &err);
		for (size_t k = 0; k < ARRAY_LEN(steps); k++)
			for (int whole = 0; whole < 2; whole++) {
				struct err got = ERR_INIT;
				int r = read_in_pieces(texts[i], strlen(texts[i]), steps[k], everything, (size_t)whole, &got);
				if (r != want || (r < 0 && (got.kind != ERR_SPEC || !got.msg[0]))) {
					diag("%s, in pieces of %zu: %d, not %d: %s", texts[i], steps[k], r, want, got.msg);
					differ++;
				}
			}
		arena_release(&arena);
	}
	is_int(differ, 0, "accepts and refuses what json_parse() does, in pieces of any size");
}

static void test_selecting(void)
{
	static const char text[] =
		"{\"a\":{\"b\":[1,{\"c\":\"x\",\"d\":[true]},null],\"e\":5},\"m\":{\"k1\":{\"n\":1},\"k2\":{\"n\":2}},\"z\":[[7],[8,9]],\"b\":3}";
	static const struct json_selector sel[] = {
		{"a.b[]", note, JSON_SELECT_WHOLE}, {"a.b", note, JSON_SELECT_END},	{"m.*.n", note, JSON_SELECT_WHOLE},
		{"m.*", note, JSON_SELECT_END},	    {"z[][]", note, JSON_SELECT_WHOLE}, {"nothing", note, JSON_SELECT_WHOLE},
		{"b", note, JSON_SELECT_END},
	};
	struct err err = ERR_INIT;
	for (size_t step = 1; step < 200; step += 13) {
		is_int(read_in_pieces(text, strlen(text), step, sel, ARRAY_LEN(sel), &err), 0, "read");
		is_str(seen,
		       "a.b[0]=2/0:1;a.b[1]=5/2;a.b[2]=0/0;a.b=4/3;m.k1.n=2/0:1;m.k1=5/1;m.k2.n=2/0:2;m.k2=5/1;"
		       "z[0][0]=2/0:7;z[1][0]=2/0:8;z[1][1]=2/0:9;b=2/0;",
		       "what was asked for, with its path, in the document's order");
	}
	is_int(read_in_pieces("[[1,2],{\"a\":3}]", 15, 4, (struct json_selector[]){{"[].a", note, JSON_SELECT_WHOLE}}, 1, &err), 0,
	       "an array as the document");
	is_str(seen, "[1].a=2/0:3;", "a member of an element");
	is_int(read_in_pieces("{\"a\":[{},{\"b\":1}]}", 18, 5, (struct json_selector[]){{"a[].b", refuse_it, JSON_SELECT_WHOLE}}, 1, &err),
	       -1, "who was told may refuse");
	is_err(&err, ERR_SPEC, "a[1].b: not this one", "and its message has the whole path");
}

static void test_places(void)
{
	struct err err = ERR_INIT;
	static const struct {
		const char *text, *message;
	} bad[] = {
		{"{\n \"a\": 1,\n \"b\": tru }", "line 3, column"},
		{"{\"a\":\"\xc3\xa9\xff\"}", "line 1, column 8: invalid UTF-8"},
		{"[\n\n\"\\u0000\"]", "line 3, column 7: a string may not hold NUL"},
		{"{\"x\":[{\"k\":1,\"k\":2}]}", "x[0].k: duplicate key"},
		{"[1]\n]", "line 2, column 1: text after the value"},
		{"{\"a\":1", "line 1, column 7: ends too early"},
		{"\"text\"", "expected an object or an array"},
		{"\xef\xbb\xbf{}", "byte order mark"},
	};
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		for (size_t step = 1; step < 30; step += 9) {
			err_clear(&err);
			is_int(read_in_pieces(bad[i].text, strlen(bad[i].text), step, NULL, 0, &err), -1, bad[i].text);
			is_err(&err, ERR_SPEC, bad[i].message, "says where");
		}
}

/* `head`, `n` times `each`, `tail`; the peak of what the arena holds isn't seen from here,
 * but that the limits are met is. */
static int read_repeated(const char *head, const char *each, size_t n, const char *tail, const struct json_selector *sel,
			 size_t n_sel, struct err *err)
{
	struct json_stream *s = json_stream_new(err);
	int r = s ? json_stream_select(s, "", sel, n_sel, (void *)"", err) : -1;
	char piece[4096];
	size_t len = strlen(each), fit = sizeof(piece) / len;
	for (size_t i = 0; i < fit; i++)
		memcpy(piece + i * len, each, len);
	if (r == 0)
		r = json_stream_feed(s, head, strlen(head), err);
	while (r == 0 && n > 0) {
		size_t k = n < fit ? n : fit;
		r = json_stream_feed(s, piece, k * len, err);
		n -= k;
	}
	if (r == 0)
		r = json_stream_feed(s, tail, strlen(tail), err);
	if (r == 0)
		r = json_stream_end(s, err);
	json_stream_free(s);
	return r;
}

static void test_limits(void)
{
	struct err err = ERR_INIT;
	is_int(read_repeated("", "[", 64, "", NULL, 0, &err), -1, "open arrays");
	is_err(&err, ERR_SPEC, "ends too early", "64 levels are no error by themselves");
	err_clear(&err);
	is_int(read_repeated("", "[", 65, "", NULL, 0, &err), -1, "65 levels");
	is_err(&err, ERR_SPEC, "nested deeper than 64 levels", "are too many");
	err_clear(&err);
	is_int(read_repeated("[\"", "a", 1 << 20, "\"]", everything, 1, &err), 0, "a string of 1 MiB");
	is_int(read_repeated("[\"", "a", (1 << 20) + 1, "\"]", NULL, 0, &err), -1, "one byte more");
	is_err(&err, ERR_SPEC, "string too long", "is too long, even when nobody asked for it");
	err_clear(&err);
	is_int(read_repeated("[1", "1", 62, "]", NULL, 0, &err), 0, "a number of 63 digits");
	is_int(read_repeated("[1", "1", 63, "]", NULL, 0, &err), -1, "of 64");
	is_err(&err, ERR_SPEC, "more than 63 characters", "too long");
	err_clear(&err);
	is_int(read_repeated("[", "1,", 19999998, "1]", NULL, 0, &err), 0, "20 million values and names");
	is_int(read_repeated("[", "1,", 19999999, "1]", NULL, 0, &err), -1, "one more");
	is_err(&err, ERR_SPEC, "more than 20000000 values", "are too many");
	err_clear(&err);
	is_int(read_repeated("[", "        ", (64 << 20) / 8, "]", NULL, 0, &err), -1, "64 MiB and two bytes");
	is_err(&err, ERR_SPEC, "larger than 67108864 bytes", "are too many");
	err_clear(&err);
	is_int(read_repeated("{\"a\":[", "{\"k\":\"0123456789\"},", 1000000, "1]}", everything, 1, &err), -1, "a value of 50 MB asked for");
	is_err(&err, ERR_SPEC, "a value needs more than 16777216 bytes", "is refused by its size");
	err_clear(&err);
	is_int(read_repeated("{\"a\":[", "{\"k\":\"0123456789\"},", 1000000, "1]}",
			     (struct json_selector[]){{"a[].k", note, JSON_SELECT_END}}, 1, &err), 0, "its parts aren't");
}

static void test_many_members(void)
{
	struct err err = ERR_INIT;
	struct str text = STR_INIT;
	str_add(&text, "{");
	for (int i = 0; i < 1000; i++)
		str_addf(&text, "%s\"k%d\":%d", i ? "," : "", i, i);
	struct str twice = STR_INIT;
	str_addf(&twice, "%s,\"k500\":0}", text.s);
	str_add(&text, "}");
	is_int(read_in_pieces(text.s, text.len, 100, NULL, 0, &err), 0, "an object of 1,000 members");
	is_int(read_in_pieces(twice.s, twice.len, 100, NULL, 0, &err), -1, "one of them twice");
	is_err(&err, ERR_SPEC, "duplicate key: two of the 1001 members", "is found");
	err_clear(&err);
	is_int(read_in_pieces(twice.s, twice.len, 100, everything, 1, &err), -1, "in a tree as well");
	is_err(&err, ERR_SPEC, "duplicate key", "is found");
	str_release(&text);
	str_release(&twice);

	/* 1,048,577 members */
	err_clear(&err);
	struct json_stream *s = json_stream_new(&err);
	int r = json_stream_feed(s, "{", 1, &err);
	for (int i = 0; r == 0 && i <= 1 << 20; i++) {
		char member[32];
		(void)snprintf(member, sizeof(member), "%s\"%x\":0", i ? "," : "", i);
		r = json_stream_feed(s, member, strlen(member), &err);
	}
	is_int(r, -1, "a million members");
	is_err(&err, ERR_SPEC, "more than 1048576 members", "and more are refused");
	is_int(json_stream_feed(s, "}", 1, &err), -1, "nothing is read after an error");
	json_stream_free(s);
}

static void test_long_name(void)
{
	struct err err = ERR_INIT;
	char text[600];
	static const struct json_selector any[] = {{"*", note, JSON_SELECT_END}};
	(void)snprintf(text, sizeof(text), "{\"%0300d\":1}", 0);
	is_int(read_in_pieces(text, strlen(text), 50, NULL, 0, &err), 0, "a name of 300 bytes is passed over");
	is_int(read_in_pieces(text, strlen(text), 50, any, 1, &err), -1, "but isn't given to who asked for any name");
	is_err(&err, ERR_SPEC, "a name of more than 255 bytes", "because it would be cut");
}

static void test_without_memory(void)
{
	static const char text[] = "{\"a\":[{\"b\":\"some text\"},2],\"c\":{\"d\":[1,2,3]}}";
	unsigned failed = 0;
	int r = -1;
	for (unsigned n = 1; r < 0 && n < 200; n++) {
		struct err err = ERR_INIT;
		fake_alloc_fail(n);
		r = read_in_pieces(text, strlen(text), 7, everything, 1, &err);
		fake_alloc_fail(0);
		failed += r < 0 && err.kind != ERR_NONE;
		if (r < 0 && err.kind == ERR_NONE)
			ok(false, "failed without saying so");
	}
	ok(r == 0 && failed > 3, "without memory at the n-th allocation: an error each time (%u times)", failed);
}

int main(void)
{
	test_same_as_tree();
	test_selecting();
	test_places();
	test_limits();
	test_many_members();
	test_long_name();
	test_without_memory();
	return tap_done();
}
