/* base/str.c: growing, sticky failure, escaping, UTF-8; base/list.h: texts in a list. */
#include "config.h"

#include "base/str.h"

#include "base/list.h"

#include "fake_alloc.h"
#include "tap.h"

static void test_append(void)
{
	autostr s = STR_INIT;
	is_str(str_text(&s), "", "empty");
	str_add(&s, "a");
	str_add_bytes(&s, "bcd", 2);
	str_addf(&s, "%d-%s", 12, "x");
	is_str(str_text(&s), "abc12-x", "appended");
	is_int(s.len, 7, "length");
	for (int i = 0; i < 1000; i++)
		str_addf(&s, "%03d", i);
	is_int(s.len, 3007, "grown");
	is_str(s.s + 3004, "999", "end");
	ok(!str_failed(&s), "no failure");
	str_release(&s);
	is_str(str_text(&s), "", "released");
	str_add_bytes(&s, NULL, 0);
	is_str(s.s, "", "nothing appended is a terminated string");
}

static void test_sticky(void)
{
	autostr s = STR_INIT;
	str_add(&s, "kept");
	fake_alloc_fail(1);
	char big[200] = {0};
	memset(big, 'x', sizeof(big) - 1);
	str_add(&s, big);
	ok(str_failed(&s) && fake_alloc_failed(), "failure is seen");
	str_add(&s, "y");
	str_addf(&s, "%d", 1);
	str_add_escaped(&s, "z", 1);
	is_str(str_text(&s), "kept", "and nothing is appended any more");
	str_release(&s);
	str_add_bytes(&s, "x", SIZE_MAX / 2);
	ok(str_failed(&s), "absurd length");
}

static void escaped(const char *text, size_t len, const char *want, const char *name)
{
	autostr s = STR_INIT;
	str_add_escaped(&s, text, len);
	is_str(str_text(&s), want, name);
}

static void test_escape(void)
{
	escaped("plain text", 10, "plain text", "plain");
	escaped("a\"b\\c", 5, "a\\\"b\\\\c", "quote and backslash");
	escaped("\n\r\t", 3, "\\n\\r\\t", "short forms");
	escaped("\033[31m", 5, "\\u001b[31m", "ANSI sequence (W-37)");
	escaped("\0x", 2, "\\u0000x", "NUL");
	escaped("\x7f", 1, "\\u007f", "DEL");
	escaped("\xc2\x9b" "31m", 5, "\\u009b31m", "C1 control: 8-bit CSI");
	escaped("\xc3\xa9\xe2\x82\xac\xf0\x9f\x90\xa7", 9, "\xc3\xa9\xe2\x82\xac\xf0\x9f\x90\xa7", "UTF-8 stays");
	escaped("a\xff" "b", 3, "a\\ufffdb", "stray byte");
	escaped("\xc3", 1, "\\ufffd", "cut character");
	escaped("\xed\xa0\x80", 3, "\\ufffd\\ufffd\\ufffd", "surrogate");
	escaped("", 0, "", "empty");
}

static void test_utf8(void)
{
	static const struct {
		const char *text;
		size_t want;
	} cases[] = {
		{"a", 1},		{"\x7f", 1},		{"\xc2\x80", 2},	{"\xdf\xbf", 2},
		{"\xe0\xa0\x80", 3},	{"\xed\x9f\xbf", 3},	{"\xee\x80\x80", 3},	{"\xef\xbf\xbf", 3},
		{"\xf0\x90\x80\x80", 4}, {"\xf4\x8f\xbf\xbf", 4},
		{"\x80", 0},		{"\xbf", 0},		{"\xc0\x80", 0},	{"\xc1\xbf", 0},
		{"\xe0\x80\x80", 0},	{"\xe0\x9f\xbf", 0},	{"\xed\xa0\x80", 0},	{"\xed\xbf\xbf", 0},
		{"\xf0\x8f\xbf\xbf", 0}, {"\xf4\x90\x80\x80", 0}, {"\xf5\x80\x80\x80", 0}, {"\xff", 0},
		{"\xc3\x28", 0},	{"\xe2\x82", 0},	{"\xe2\x28\xa1", 0},	{"\xf0\x9f\x90", 0},
		{"", 0},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		is_int(str_utf8_char(cases[i].text, strlen(cases[i].text)), cases[i].want, "UTF-8 character");
	is_int(str_utf8_valid_prefix("12345678\xc3\xa9", 10), 10, "all valid");
	is_int(str_utf8_valid_prefix("1234567890123456\xff", 17), 16, "prefix");
	is_int(str_utf8_valid_prefix("", 0), 0, "empty");
}

static void test_list(void)
{
	const char *items[] = {"a", "", "bc"};
	struct str_list list = {items, 3, 3};

	ok(str_list_has(&list, "bc") && str_list_has(&list, ""), "among them");
	ok(!str_list_has(&list, "b") && !str_list_has(&list, "bcd"), "not a part, nor more");
	ok(!str_list_has(&list, NULL), "nothing is no text");
	list.n = 2;
	ok(!str_list_has(&list, "bc"), "behind the end");
	ok(!str_list_has(&(struct str_list){0}, ""), "an empty list");
}

int main(void)
{
	test_list();
	test_append();
	test_sticky();
	test_escape();
	test_utf8();
	return tap_done();
}
