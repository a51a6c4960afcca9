/* Points in time as text: RFC 3339, UTC, whole seconds, in one form only:
 * "2027-01-31T23:59:59Z".  Arithmetic of its own: no clock, locale or time zone. */
#ifndef KANUKI_BASE_RFC3339_H
#define KANUKI_BASE_RFC3339_H

#include <stdbool.h>
#include <stdint.h>

#define RFC3339_SIZE 21 /* with the NUL */

/* Seconds since 1970.  False for any other form, a day that isn't in the calendar,
 * second 60, or a year before 1970. */
bool rfc3339_parse(const char *s, int64_t *ret) __attribute__((warn_unused_result));
/* The other way; what lies outside of the years 1970..9999 becomes the nearer end. */
void rfc3339_format(int64_t seconds, char ret[RFC3339_SIZE]);

#endif
