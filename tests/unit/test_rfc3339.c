/* base/rfc3339.c: one form, the real calendar, and back.  The C library is the oracle. */
#include "config.h"

#include "base/rfc3339.h"

#include <time.h>

#include "tap.h"

static void test_known(void)
{
	static const struct {
		const char *text;
		int64_t seconds;
	} known[] = {
		{"1970-01-01T00:00:00Z", 0},
		{"1970-01-01T00:00:01Z", 1},
		{"2000-02-29T12:00:00Z", 951825600},
		{"2027-01-31T23:59:59Z", 1801439999},
		{"2100-03-01T00:00:00Z", 4107542400},
		{"9999-12-31T23:59:59Z", 253402300799},
	};
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		int64_t got = -1;
		char text[RFC3339_SIZE];
		ok(rfc3339_parse(known[i].text, &got), "%s", known[i].text);
		is_int(got, known[i].seconds, "its seconds");
		rfc3339_format(known[i].seconds, text);
		is_str(text, known[i].text, "and back");
	}
}

static void test_refused(void)
{
	static const char *const refused[] = {
		"", "2027", "2027-01-31", "2027-01-31T23:59Z", "2027-01-31T23:59:59", "2027-01-31t23:59:59Z",
		"2027-01-31T23:59:59z", "2027-01-31 23:59:59Z", "2027-01-31T23:59:59+00:00", "2027-01-31T23:59:59.0Z",
		"2027-01-31T23:59:59Z ", " 2027-01-31T23:59:59Z", "2027-1-31T23:59:59Z", "+027-01-31T23:59:59Z",
		"1969-12-31T23:59:59Z", "0000-01-01T00:00:00Z", "2027-00-31T00:00:00Z", "2027-13-01T00:00:00Z",
		"2027-01-00T00:00:00Z", "2027-01-32T00:00:00Z", "2027-04-31T00:00:00Z", "2027-02-29T00:00:00Z",
		"2100-02-29T00:00:00Z", "2028-02-30T00:00:00Z", "2027-01-31T24:00:00Z", "2027-01-31T23:60:00Z",
		"2027-01-31T23:59:60Z", "2027-01-31T23:59:5\xd9Z", "-027-01-31T23:59:59Z", "20270131T235959Z00000",
	};
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		int64_t got = -7;
		ok(!rfc3339_parse(refused[i], &got) && got == -7, "'%s' is refused", refused[i]);
	}
}

/* Every day of eight thousand years, at some time of it. */
static void test_every_day(void)
{
	int wrong = 0;
	for (int64_t day = 0; day <= 2932896; day++) {
		int64_t t = day * 86400 + day * 7919 % 86400, got = -1;
		time_t wanted = (time_t)t;
		char text[RFC3339_SIZE], want[40];
		struct tm tm;
		gmtime_r(&wanted, &tm);
		(void)strftime(want, sizeof(want), "%Y-%m-%dT%H:%M:%SZ", &tm);
		rfc3339_format(t, text);
		if (strcmp(text, want) != 0 || !rfc3339_parse(text, &got) || got != t) {
			if (wrong++ < 3)
				diag("%" PRId64 ": '%s', the C library has '%s'", t, text, want);
		}
	}
	is_int(wrong, 0, "every day to the end of 9999 as the C library has it");
}

int main(void)
{
	char text[RFC3339_SIZE];

	test_known();
	test_refused();
	test_every_day();
	rfc3339_format(-1, text);
	is_str(text, "1970-01-01T00:00:00Z", "before 1970: its beginning");
	rfc3339_format(INT64_MIN, text);
	is_str(text, "1970-01-01T00:00:00Z", "long before");
	rfc3339_format(INT64_MAX, text);
	is_str(text, "9999-12-31T23:59:59Z", "after 9999: its end");
	return tap_done();
}
