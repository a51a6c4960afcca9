/* base/path.c: paths as text. */
#include "config.h"

#include "base/path.h"

#include "tap.h"

static void test_clean(void)
{
	static const char *const cases[][2] = {
		{"/", "/"},	      {"", "/"},	     {"a", "/a"},	     {"/a/b", "/a/b"},
		{"/a//b/./c/", "/a/b/c"}, {"/a/../b", "/b"}, {"/..", "/"},	     {"/../../a", "/a"},
		{"../../a", "/a"},    {"/a/b/../../..", "/"}, {"/a/..b", "/a/..b"}, {"/a/b..", "/a/b.."},
		{"/a/...", "/a/..."}, {".", "/"},	     {"./a/.", "/a"},	     {"//", "/"},
		{"/a/b/..", "/a"},    {"a/../b", "/b"},
	};
	struct arena a = ARENA_INIT;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *got = path_clean_absolute(&a, cases[i][0]);
		ok(got && !strcmp(got, cases[i][1]), "clean '%s' -> '%s'", cases[i][0], got ? got : "(null)");
	}
	struct arena tight = {.limit_bytes = 16};
	ok(path_clean_absolute(&tight, "/a/path/longer/than/sixteen") == NULL, "NULL without memory");
	arena_release(&tight);
	arena_release(&a);
}

static void test_join(void)
{
	struct arena a = ARENA_INIT;
	is_str(path_join(&a, "/x", "y"), "/x/y", "join");
	is_str(path_join(&a, "/x/", "y"), "/x/y", "no double slash");
	is_str(path_join(&a, "/x", "/y"), "/y", "an absolute one stands alone");
	is_str(path_join(&a, "/x", "../y"), "/x/../y", "not cleaned");
	arena_release(&a);
}

static void test_beneath(void)
{
	ok(path_is_beneath("/a/b", "/a"), "below");
	ok(path_is_beneath("/a", "/a"), "equal");
	ok(path_is_beneath("/a", "/"), "below the root");
	ok(path_is_beneath("/", "/"), "the root itself");
	ok(!path_is_beneath("/ab", "/a"), "a common prefix is not enough");
	ok(!path_is_beneath("/a", "/a/b"), "above");
	ok(!path_is_beneath("/", "/a"), "the root is below nothing");
	ok(!path_is_beneath("a", "/"), "relative");
	ok(!path_is_beneath("/a", ""), "an empty directory holds nothing");
}

static void test_dotdot(void)
{
	ok(path_has_dotdot(".."), "..");
	ok(path_has_dotdot("/.."), "/..");
	ok(path_has_dotdot("/a/../b"), "in the middle");
	ok(path_has_dotdot("/a/.."), "at the end");
	ok(path_has_dotdot("../a"), "at the beginning");
	ok(path_has_dotdot("/a//..//b"), "between double slashes");
	ok(!path_has_dotdot("/a/..b/c.."), "names with two dots");
	ok(!path_has_dotdot("/a/.../b"), "three dots");
	ok(!path_has_dotdot("/a/./b"), "one dot");
	ok(!path_has_dotdot(""), "empty");
}

static void test_base(void)
{
	is_str(path_base("/a/b"), "b", "last component");
	is_str(path_base("b"), "b", "no slash");
	is_str(path_base("/"), "", "root");
	ok(path_is_dots(".") && path_is_dots(".."), "a directory's own names");
	ok(!path_is_dots(".a") && !path_is_dots("...") && !path_is_dots(""), "and no others");
}

static void test_id(void)
{
	static const char *const good[] = {"a", "A9", "x.y", "a-b_c+d.e", "_", "+", "0", "web..1", "a."};
	static const char *const bad[] = {"",  ".",    "..",	"...",	"../x", "a/b",	"/",   "-x",	"--help", ".hidden",
					  "a b", "a\n", "a\033", "\xc3\xa4", "a:b", "a%b", "a\\b", "a*", "a\x7f"};
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		ok(path_is_container_id(good[i]), "id '%s'", good[i]);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ok(!path_is_container_id(bad[i]), "no id: case %zu", i);
	char longest[1026];
	memset(longest, 'x', sizeof(longest));
	longest[1024] = '\0';
	ok(path_is_container_id(longest), "1024 bytes");
	longest[1024] = 'x';
	longest[1025] = '\0';
	ok(!path_is_container_id(longest), "1025 bytes");
}

int main(void)
{
	test_clean();
	test_join();
	test_beneath();
	test_dotdot();
	test_base();
	test_id();
	return tap_done();
}
