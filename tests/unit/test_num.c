/* base/num.c: the whole string or nothing. */
#include "config.h"

#include "base/num.h"

#include "tap.h"

static const char *const never_numbers[] = {
	"", " ", "+1", " 1", "1 ", "1\n", "0x10", "1e3", "1.0", "1,000", "one", "--1", "-", "\xd9\xa1", "1_0", "1u",
};

static void test_u64(void)
{
	uint64_t v = 99;
	ok(num_parse_u64("0", UINT64_MAX, &v) && v == 0, "0");
	ok(num_parse_u64("18446744073709551615", UINT64_MAX, &v) && v == UINT64_MAX, "UINT64_MAX");
	ok(num_parse_u64("00012", UINT64_MAX, &v) && v == 12, "leading zeros");
	v = 99;
	ok(!num_parse_u64("18446744073709551616", UINT64_MAX, &v), "one more overflows");
	ok(!num_parse_u64("99999999999999999999999", UINT64_MAX, &v), "many more overflow");
	ok(!num_parse_u64("11", 10, &v), "above max");
	ok(num_parse_u64("10", 10, &v) && v == 10, "max itself");
	ok(!num_parse_u64("-1", UINT64_MAX, &v), "negative");
	v = 99;
	for (size_t i = 0; i < sizeof(never_numbers) / sizeof(never_numbers[0]); i++)
		ok(!num_parse_u64(never_numbers[i], UINT64_MAX, &v) && v == 99, "u64 refuses '%s'", never_numbers[i]);
}

static void test_i64(void)
{
	int64_t v = 99;
	ok(num_parse_i64("9223372036854775807", INT64_MIN, INT64_MAX, &v) && v == INT64_MAX, "INT64_MAX");
	ok(num_parse_i64("-9223372036854775808", INT64_MIN, INT64_MAX, &v) && v == INT64_MIN, "INT64_MIN");
	ok(num_parse_i64("-0", INT64_MIN, INT64_MAX, &v) && v == 0, "-0");
	v = 99;
	ok(!num_parse_i64("9223372036854775808", INT64_MIN, INT64_MAX, &v), "overflow");
	ok(!num_parse_i64("-9223372036854775809", INT64_MIN, INT64_MAX, &v), "underflow");
	ok(!num_parse_i64("-6", -5, 5, &v), "below min");
	ok(!num_parse_i64("6", -5, 5, &v), "above max");
	ok(num_parse_i64("-5", -5, 5, &v) && v == -5, "min itself");
	v = 99;
	for (size_t i = 0; i < sizeof(never_numbers) / sizeof(never_numbers[0]); i++)
		ok(!num_parse_i64(never_numbers[i], INT64_MIN, INT64_MAX, &v) && v == 99, "i64 refuses '%s'",
		   never_numbers[i]);
}

static void test_id(void)
{
	uint32_t v = 99;
	ok(num_parse_id("0", &v) && v == 0, "id 0");
	ok(num_parse_id("4294967294", &v) && v == 4294967294U, "largest id");
	v = 99;
	ok(!num_parse_id("4294967295", &v) && v == 99, "(uid_t)-1 is none (W-02)");
	ok(!num_parse_id("4294967296", &v) && v == 99, "nor what wraps to 0 (CVE-2026-30892's kind)");
	ok(!num_parse_id("-1", &v), "nor -1");
}

static void test_size(void)
{
	uint64_t v = 99;
	static const struct {
		const char *text;
		uint64_t want;
	} good[] = {
		{"0", 0},	   {"123", 123},       {"5b", 5},	  {"5B", 5},
		{"1k", 1024},	   {"1K", 1024},       {"1kb", 1024},	  {"1KiB", 1024},
		{"64m", 64 << 20}, {"64MB", 64 << 20}, {"64mib", 64 << 20}, {"3g", UINT64_C(3) << 30},
		{"2t", UINT64_C(2) << 40},	       {"16777215t", UINT64_C(16777215) << 40},
		{"18446744073709551615", UINT64_MAX},
	};
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		ok(num_parse_size(good[i].text, &v) && v == good[i].want, "size %s", good[i].text);
	static const char *const bad[] = {
		"",	"k",	 "m1",	 "1kk",	  "1ki",  "1bb",       "1bi", "1mbx",		      "1.5m",
		"-1",	"1 m",	 "1m ",	 "1p",	  "1i",	  "16777216t", "1ib", "18446744073709551616",
	};
	v = 99;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ok(!num_parse_size(bad[i], &v) && v == 99, "no size: '%s'", bad[i]);
}

int main(void)
{
	test_u64();
	test_i64();
	test_id();
	test_size();
	return tap_done();
}
