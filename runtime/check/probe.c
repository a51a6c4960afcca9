/* What the readers share. */
#include "config.h"

#include "check/probe.h"

#include "base/num.h"
#include "sys/file.h"
#include "sys/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/banned.h"

#define TEXT_MAX ((size_t)8 << 20)

int check_note(const struct check_probe *p, struct err *err, const char *fmt, ...)
{
	const char **slot = ARENA_PUSH(p->arena, p->notes);
	char text[512];
	va_list ap;

	if (!slot)
		return err_oom(err);
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap); /* a long name is cut */
	va_end(ap);
	*slot = arena_strdup(p->arena, text);
	return *slot ? 0 : err_oom(err);
}

int check_read(const struct check_probe *p, int dirfd, const char *path, char **ret,
	       struct err *err)
{
	struct err why = ERR_INIT;
	size_t len;

	*ret = NULL;
	if (file_read(dirfd, path, TEXT_MAX, p->arena, ret, &len, &why) == 0)
		return 0;
	*ret = NULL;
	if (why.sys_errno == ENOENT || why.sys_errno == ENOTDIR)
		return 0;
	return check_note(p, err, "%s", why.msg);
}

int check_read_number(const struct check_probe *p, const char *path, struct check_number *ret,
		      struct err *err)
{
	char *text;

	if (check_read(p, AT_FDCWD, path, &text, err) < 0)
		return -1;
	if (!text)
		return 0;
	text[strcspn(text, "\n")] = 0;
	ret->seen = num_parse_i64(text, INT64_MIN, INT64_MAX, &ret->v);
	return 0;
}
