/* runtime/cmd/scan_answer.c: what the gate prints, in form and out of it. */
#include "config.h"

#include "cmd/scan_answer.h"

#include <stdlib.h>
#include <string.h>

#include "tap.h"

#define DIGEST "sha256:a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1"
#define GOOD                                                                                                                     \
	"{'verdict':'allow','class':'image','image':'" DIGEST "','source':'engine','record':'" DIGEST "','generation':7,'reasons':[]," \
	"'line':'kanuki: image allowed'}"
#define DENIED                                                                                                                         \
	"{'verdict':'deny','class':'image','image':'" DIGEST "','source':'engine','record':null,'generation':7,'reasons':['E_NOT_SCANNED']," \
	"'line':'kanuki: image denied: E_NOT_SCANNED; run: kanuki-gate explain " DIGEST "'}"

static struct arena arena = ARENA_INIT;

static int parse(const char *text, int status, struct scan_answer *ret, struct err *err)
{
	char *json = strdup(text);
	int rc;

	if (!json)
		abort();
	for (char *c = json; *c; c++)
		if (*c == '\'')
			*c = '"';
	rc = scan_answer_parse(json, strlen(json), status, &arena, ret, err);
	free(json);
	return rc;
}

static void test_good(void)
{
	struct scan_answer a = {0};
	struct err err = ERR_INIT;

	if (!ok(parse(GOOD, 0, &a, &err) == 0, "an admission"))
		diag("%s", err.msg);
	ok(a.admitted && a.generation == 7, "is one");
	is_str(a.verdict, "allow", "verdict");
	is_str(a.image_class, "image", "class");
	is_str(a.image, DIGEST, "image");
	is_str(a.record, DIGEST, "record");
	is_str(a.line, "image allowed", "the line, without who says it");
	for (int status = 10; status <= 14; status++)
		ok(parse(DENIED, status, &a, &err) == 0 && !a.admitted, "a denial with status %d", status);
	is_str(a.line, "image denied: E_NOT_SCANNED; run: kanuki-gate explain " DIGEST, "in its words");
	ok(!a.record, "null is NULL");
	ok(parse("{'verdict':'allow','class':'pause','image':null,'source':'engine','record':null,'generation':0,'reasons':[],'line':'x'}", 0, &a,
		 &err) == 0 && !a.image,
	   "a pause program has no image");
	ok(parse("{'verdict':'allow-audit','class':'image','image':null,'source':null,'record':null,'generation':18446744073709551615,"
		 "'reasons':['E_DIGEST_UNRESOLVED'],'line':'x'}",
		 0, &a, &err) == 0 && a.generation == UINT64_MAX,
	   "mode audit lets in what isn't known");
}

/* GOOD with `from` replaced. */
static void refused(const char *from, const char *to, int status)
{
	struct scan_answer a = {.line = "untouched"};
	struct err err = ERR_INIT;
	const char *at = strstr(GOOD, from);
	char *text;

	if (!at || asprintf(&text, "%.*s%s%s", (int)(at - GOOD), GOOD, to, at + strlen(from)) < 0)
		abort();
	ok(parse(text, status, &a, &err) == -1 && err.kind == ERR_PROTO && !strcmp(a.line, "untouched"), "'%s' -> '%s', status %d: %s", from, to,
	   status, err.msg);
	free(text);
}

static void test_bad(void)
{
	static const struct {
		const char *from, *to;
	} cases[] = {
		{"'allow'", "'ALLOW'"}, {"'allow'", "'yes'"}, {"'allow'", "true"}, {"'allow'", "'deny'"}, {"'verdict':'allow',", ""},
		{"'class':'image'", "'class':'other'"}, {"'image':'" DIGEST "'", "'image':null"}, {"'image':'sha256", "'image':'SHA256"},
		{"'image':'sha256:a1", "'image':'sha256:A1"}, {"'image':'sha256:a1", "'image':'sha256:a1a1"}, {"'image':'" DIGEST "'", "'image':7"},
		{"'engine'", "'rumour'"}, {"'engine'", "null"}, {"'record':'sha256:a1", "'record':'sha256:"}, {"7", "-1"}, {"7", "1.0"},
		{"7", "18446744073709551616"}, {"7", "'7'"}, {"[]", "{}"}, {"[]", "['e']"}, {"[]", "['E X']"}, {"[]", "[1]"},
		{"'kanuki: image allowed'", "''"}, {"'kanuki: image allowed'", "'kanuki: '"}, {"'kanuki: image allowed'", "null"},
		{"'generation':7", "'generation':7,'generation':8"}, {"'generation':7", "'generation':7,'more':8"}, {"{", ""}, {"{", "{}{"}, {"{", "["},
	};
	struct scan_answer a;
	struct err err = ERR_INIT;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		refused(cases[i].from, cases[i].to, 0);
	/* Verdict and exit status are two witnesses. */
	refused("7", "7", 1);
	refused("7", "7", 10);
	refused("7", "7", 255);
	for (int status = 0; status < 256; status++)
		if (status < 10 || status > 14) {
			err_clear(&err);
			if (parse(DENIED, status, &a, &err) == 0)
				ok(false, "a denial with status %d", status);
		}
	err_clear(&err);
	ok(parse("", 0, &a, &err) == -1 && err.kind == ERR_PROTO, "nothing");
	err_clear(&err);
	ok(scan_answer_parse("\0\0\0", 3, 0, &arena, &a, &err) == -1, "bytes");
}

static void line_is(const char *line, const char *want, const char *name)
{
	struct scan_answer a;
	struct err err = ERR_INIT;
	char *text;

	if (asprintf(&text, "{'verdict':'deny','class':'unknown','image':null,'source':null,'record':null,'generation':0,'reasons':[],'line':'%s'}",
		     line) < 0)
		abort();
	if (ok(parse(text, 13, &a, &err) == 0, "%s: %s", name, err.msg))
		is_str(a.line, want, name);
	free(text);
}

static void test_line(void)
{
	struct scan_answer a;
	struct err err = ERR_INIT;
	char *text, *many = malloc(3000);

	line_is("a\\u001b[31m\\nb", "a\\u001b[31m\\nb", "what a terminal would obey is escaped");
	line_is("k\u0430nuki \xc3\xa4", "k??nuki ??", "and nothing is a letter that only looks like one");
	line_is("E_STORE open x: No such file or directory; Permission denied", "E_STORE open x: ENOENT; EACCES",
		"what an engine would take for a missing program is called by its number's name");
	if (!many)
		abort();
	memset(many, 'x', 2999);
	many[2999] = '\0';
	if (asprintf(&text,
		     "{'verdict':'deny','class':'image','image':null,'source':null,'record':null,'generation':0,'reasons':[],"
		     "'line':'kanuki: %s; run: kanuki-gate explain " DIGEST "'}",
		     many) < 0)
		abort();
	ok(parse(text, 10, &a, &err) == 0, "a long one");
	is_int((intmax_t)strlen(a.line), SCAN_LINE_MAX, "is cut");
	ok(strstr(a.line, "x...; run: kanuki-gate explain " DIGEST) && !strstr(a.line, DIGEST)[strlen(DIGEST)], "and keeps its command");
	free(text);
	memcpy(many + 2000, " run: ", 6);
	if (asprintf(&text, "{'verdict':'deny','class':'image','image':null,'source':null,'record':null,'generation':0,'reasons':[],'line':'%s'}", many) < 0)
		abort();
	ok(parse(text, 10, &a, &err) == 0 && strlen(a.line) == SCAN_LINE_MAX, "a command that is too long is cut, too");
	free(text);
	free(many);
}

int main(void)
{
	test_good();
	test_bad();
	test_line();
	arena_release(&arena);
	return tap_done();
}
