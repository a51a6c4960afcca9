/* Owns the calendar.  timegm(3) and strptime(3) take more than one form, look at the
 * locale and carry 31 February over into March. */
#include "config.h"

#include "base/rfc3339.h"

#include <string.h>

#include "base/banned.h"

#define DAY 86400
#define LAST_DAY 2932896 /* 9999-12-31 */

static bool is_leap(unsigned year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static unsigned month_days(unsigned year, unsigned month)
{
	static const unsigned char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	return days[month - 1] + (month == 2 && is_leap(year) ? 1u : 0u);
}

/* From 1970-01-01 to the first of January. */
static int64_t days_before(unsigned year)
{
	unsigned last = year - 1;
	return (int64_t)(year - 1970) * 365 + (last / 4 - last / 100 + last / 400) -
	       (1969 / 4 - 1969 / 100 + 1969 / 400);
}

bool rfc3339_parse(const char *s, int64_t *ret)
{
	static const char form[] = "dddd-dd-ddTdd:dd:ddZ";
	unsigned fields[6] = {0}; /* year, month, day, hour, minute, second */
	size_t field = 0;

	if (strnlen(s, sizeof(form)) != sizeof(form) - 1)
		return false;
	for (size_t i = 0; form[i]; i++) {
		if (form[i] != 'd') {
			if (s[i] != form[i])
				return false;
			field++;
		} else if (s[i] < '0' || s[i] > '9') {
			return false;
		} else {
			fields[field] = fields[field] * 10 + (unsigned)(s[i] - '0');
		}
	}
	if (fields[0] < 1970 || fields[1] < 1 || fields[1] > 12 || fields[2] < 1 ||
	    fields[2] > month_days(fields[0], fields[1]) || fields[3] > 23 || fields[4] > 59 ||
	    fields[5] > 59)
		return false;
	int64_t days = days_before(fields[0]) + fields[2] - 1;
	for (unsigned month = 1; month < fields[1]; month++)
		days += month_days(fields[0], month);
	*ret = days * DAY + fields[3] * 3600 + fields[4] * 60 + fields[5];
	return true;
}

static char *put(char *at, unsigned value, unsigned digits, char behind)
{
	for (unsigned i = digits; i-- > 0; value /= 10)
		at[i] = (char)('0' + value % 10);
	at[digits] = behind;
	return at + digits + 1;
}

void rfc3339_format(int64_t seconds, char ret[RFC3339_SIZE])
{
	const int64_t last = (int64_t)LAST_DAY * DAY + DAY - 1;
	int64_t s = seconds < 0 ? 0 : seconds > last ? last : seconds;
	int64_t days = s / DAY;
	unsigned year = 1970 + (unsigned)(days / 366), month = 1, rest = (unsigned)(s % DAY);

	while (days_before(year + 1) <= days)
		year++;
	days -= days_before(year);
	while (days >= month_days(year, month))
		days -= month_days(year, month++);
	char *at = put(ret, year, 4, '-');
	at = put(at, month, 2, '-');
	at = put(at, (unsigned)days + 1, 2, 'T');
	at = put(at, rest / 3600, 2, ':');
	at = put(at, rest / 60 % 60, 2, ':');
	(void)put(at, rest % 60, 2, 'Z');
	ret[RFC3339_SIZE - 1] = '\0';
}
