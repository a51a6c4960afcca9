/* Owns the formatting of struct err.  No allocation, no output, no locale. */
#include "config.h"

#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/banned.h"

/* Formats into dst[size]; a text that does not fit ends in "...". */
__attribute__((format(printf, 3, 0))) static void format_cut(char *dst, size_t size,
							     const char *fmt, va_list ap)
{
	int n = vsnprintf(dst, size, fmt, ap);
	if (n < 0)
		(void)snprintf(dst, size, "%s", "(unprintable error)");
	else if ((size_t)n >= size)
		memcpy(dst + size - 4, "...", 4);
}

static void set_kind(struct err *err, enum err_kind kind, int sys_errno, const char *rule)
{
	err->kind = kind;
	err->sys_errno = sys_errno;
	err->by = ERR_BY_KEYS;
	memset(err->rule, 0, sizeof(err->rule));
	if (rule)
		(void)snprintf(err->rule, sizeof(err->rule), "%s", rule);
}

int err_set(struct err *err, enum err_kind kind, const char *fmt, ...)
{
	if (err->kind != ERR_NONE)
		return -1;
	va_list ap;
	va_start(ap, fmt);
	set_kind(err, kind, 0, NULL);
	format_cut(err->msg, sizeof(err->msg), fmt, ap);
	va_end(ap);
	return -1;
}

int err_sys(struct err *err, const char *fmt, ...)
{
	int code = errno;
	if (err->kind != ERR_NONE)
		return -1;

	/* The reason is what engines match on, so a long text is cut before it. */
	const char *reason = strerrordesc_np(code);
	char number[32];
	if (!reason) {
		(void)snprintf(number, sizeof(number), "error %d", code);
		reason = number;
	}
	size_t tail = strlen(reason) + 2;
	va_list ap;
	va_start(ap, fmt);
	set_kind(err, ERR_SYSTEM, code, NULL);
	format_cut(err->msg, sizeof(err->msg) - tail, fmt, ap);
	va_end(ap);
	size_t len = strlen(err->msg);
	(void)snprintf(err->msg + len, sizeof(err->msg) - len, ": %s", reason);
	errno = code;
	return -1;
}

int err_policy(struct err *err, const char *rule, const char *fmt, ...)
{
	if (err->kind != ERR_NONE)
		return -1;
	va_list ap;
	va_start(ap, fmt);
	set_kind(err, ERR_POLICY, 0, rule);
	format_cut(err->msg, sizeof(err->msg), fmt, ap);
	va_end(ap);
	return -1;
}

int err_changed_by(struct err *err, enum err_changed_by by)
{
	err->by = (uint8_t)by;
	return -1;
}

int err_oom(struct err *err)
{
	if (err->kind != ERR_NONE)
		return -1;
	set_kind(err, ERR_SYSTEM, ENOMEM, NULL);
	(void)snprintf(err->msg, sizeof(err->msg),
		       "out of memory, or more than one document may use");
	return -1;
}

int err_context(struct err *err, const char *fmt, ...)
{
	if (err->kind == ERR_NONE)
		return -1;
	char old[sizeof(err->msg)];
	memcpy(old, err->msg, sizeof(old));

	va_list ap;
	va_start(ap, fmt);
	format_cut(err->msg, sizeof(err->msg), fmt, ap);
	va_end(ap);
	size_t len = strlen(err->msg);
	int n = snprintf(err->msg + len, sizeof(err->msg) - len, ": %s", old);
	if (n < 0 || (size_t)n >= sizeof(err->msg) - len)
		memcpy(err->msg + sizeof(err->msg) - 4, "...", 4);
	return -1;
}

void err_append(struct err *err, const char *fmt, ...)
{
	size_t len = strlen(err->msg);
	va_list ap;
	if (err->kind == ERR_NONE || sizeof(err->msg) - len < sizeof("..."))
		return;
	va_start(ap, fmt);
	format_cut(err->msg + len, sizeof(err->msg) - len, fmt, ap);
	va_end(ap);
}

void err_clear(struct err *err)
{
	memset(err, 0, sizeof(*err));
}

int err_import(struct err *err, const void *buf, uint64_t len)
{
	if (len != sizeof(*err))
		return -1;
	memcpy(err, buf, sizeof(*err));
	err->rule[sizeof(err->rule) - 1] = '\0';
	err->msg[sizeof(err->msg) - 1] = '\0';
	/* ERR_NONE is no error: a peer that sends one is broken. */
	if (err->kind == ERR_NONE || err->kind > ERR_PROTO)
		err->kind = ERR_PROTO;
	if (err->by > ERR_BY_NOTHING)
		err->by = ERR_BY_KEYS;
	return 0;
}
