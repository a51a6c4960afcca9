/* TAP for unit tests in C: ok(), is_str(), is_int(), is_err(), and at the end
 * `return tap_done();`.  The plan is printed last, so a test that dies half-way
 * has none and fails. */
#ifndef KANUKI_TESTS_TAP_H
#define KANUKI_TESTS_TAP_H

#include "base/err.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned tap_count, tap_failed;

/* Prints one result and gives the condition back, so that a test can stop
 * where going on makes no sense: if (!ok(p, "parsed")) return tap_done(); */
__attribute__((format(printf, 4, 5), unused)) static bool tap_ok(bool good, const char *file, int line,
								 const char *fmt, ...)
{
	char name[512];
	va_list ap;
	va_start(ap, fmt);
	(void)vsnprintf(name, sizeof(name), fmt, ap);
	va_end(ap);
	/* '#' would begin a directive, a line break another line. */
	for (char *c = name; *c; c++)
		if (*c == '#' || (unsigned char)*c < 0x20)
			*c = '?';
	tap_count++;
	tap_failed += !good;
	printf("%s %u - %s\n", good ? "ok" : "not ok", tap_count, name);
	if (!good)
		printf("# failed at %s:%d\n", file, line);
	(void)fflush(stdout); /* before the next fork, and for a test that crashes */
	return good;
}

/* A line of explanation; several at line breaks. */
__attribute__((format(printf, 1, 2), unused)) static void diag(const char *fmt, ...)
{
	char text[4096];
	va_list ap;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	char *rest = text;
	for (char *line; (line = strsep(&rest, "\n"));)
		printf("# %s\n", line);
}

__attribute__((unused)) static bool tap_is_str(const char *got, const char *want, const char *file, int line,
					       const char *name)
{
	bool good = got && want ? !strcmp(got, want) : got == want;
	tap_ok(good, file, line, "%s", name);
	if (!good)
		diag("got  '%s'\nwant '%s'", got ? got : "(null)", want ? want : "(null)");
	return good;
}

__attribute__((unused)) static bool tap_is_int(intmax_t got, intmax_t want, const char *file, int line,
					       const char *name)
{
	tap_ok(got == want, file, line, "%s", name);
	if (got != want)
		diag("got  %" PRIdMAX "\nwant %" PRIdMAX, got, want);
	return got == want;
}

/* The error has the kind, and its message contains the text. */
__attribute__((unused)) static bool tap_is_err(const struct err *err, enum err_kind kind, const char *part,
					       const char *file, int line, const char *name)
{
	bool good = err->kind == (uint32_t)kind && strstr(err->msg, part);
	tap_ok(good, file, line, "%s", name);
	if (!good)
		diag("got  kind %u '%s'\nwant kind %u '%s'", err->kind, err->msg, (unsigned)kind, part);
	return good;
}

#define ok(cond, ...)			   tap_ok(!!(cond), __FILE__, __LINE__, __VA_ARGS__)
#define is_str(got, want, name)		   tap_is_str((got), (want), __FILE__, __LINE__, (name))
#define is_int(got, want, name)		   tap_is_int((intmax_t)(got), (intmax_t)(want), __FILE__, __LINE__, (name))
#define is_err(err, kind, part, name)	   tap_is_err((err), (kind), (part), __FILE__, __LINE__, (name))

/* Everything below needs something this machine lacks; exits. */
__attribute__((unused, noreturn)) static void tap_skip_all(const char *reason)
{
	printf("1..0 # SKIP %s\n", reason);
	exit(0);
}

/* One test that can't run here, with the reason. */
__attribute__((unused)) static void tap_skip(const char *name, const char *reason)
{
	printf("ok %u - %s # SKIP %s\n", ++tap_count, name, reason);
}

__attribute__((unused)) static int tap_done(void)
{
	printf("1..%u\n", tap_count);
	if (tap_failed)
		printf("# %u of %u failed\n", tap_failed, tap_count);
	return tap_failed ? 1 : 0;
}

#endif
