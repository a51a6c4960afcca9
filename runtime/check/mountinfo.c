/* mountinfo text -> list, and where the host has what a container has mounted.  Pure. */
#include "config.h"

#include "check/probe.h"

#include "base/num.h"
#include "base/path.h"

#include <string.h>

#include "base/banned.h"

static bool is_octal(char c)
{
	return c >= '0' && c <= '7';
}

/* Blanks and backslashes are written as \ooo. */
static void unescape(char *s)
{
	char *to = s;

	for (; *s; to++) {
		if (s[0] == '\\' && is_octal(s[1]) && is_octal(s[2]) && is_octal(s[3])) {
			*to = (char)((s[1] - '0') << 6 | (s[2] - '0') << 3 | (s[3] - '0'));
			s += 4;
		} else {
			*to = *s++;
		}
	}
	*to = 0;
}

static bool has_option(const char *options, const char *name)
{
	size_t len = strlen(name);

	for (const char *o = options; o; o = strchr(o, ',') ? strchr(o, ',') + 1 : NULL)
		if (strncmp(o, name, len) == 0 && (o[len] == ',' || o[len] == 0))
			return true;
	return false;
}

static bool parse_u32(const char *text, uint32_t *ret)
{
	uint64_t v;

	if (!text || !num_parse_u64(text, UINT32_MAX, &v))
		return false;
	*ret = (uint32_t)v;
	return true;
}

static bool parse_line(char *line, struct check_mountinfo *m)
{
	char *fields[6], *word, *minor, *options;

	for (size_t i = 0; i < 6; i++)
		if (!(fields[i] = strsep(&line, " ")))
			return false;
	while ((word = strsep(&line, " ")) && strcmp(word, "-") != 0)
		if (strncmp(word, "shared:", 7) == 0 && !parse_u32(word + 7, &m->peer))
			return false;
	m->type = strsep(&line, " ");
	/* the source may be anything, empty too; the file system's options are the last */
	if (!word || !m->type || !strsep(&line, " "))
		return false;
	options = line ? line : (char[]){""};
	minor = strchr(fields[2], ':');
	if (!minor)
		return false;
	*minor++ = 0;
	if (!parse_u32(fields[2], &m->major) || !parse_u32(minor, &m->minor))
		return false;
	unescape(fields[3]);
	unescape(fields[4]);
	m->root = fields[3];
	m->target = fields[4];
	m->readonly = has_option(fields[5], "ro") || has_option(options, "ro");
	m->nosuid = has_option(fields[5], "nosuid");
	m->nodev = has_option(fields[5], "nodev");
	m->noexec = has_option(fields[5], "noexec");
	return true;
}

int check_mountinfo_parse(char *text, struct arena *arena, check_mountinfos *ret, struct err *err)
{
	char *line;

	while ((line = strsep(&text, "\n"))) {
		struct check_mountinfo *m;

		if (!*line)
			continue;
		m = ARENA_PUSH(arena, ret);
		if (!m)
			return err_oom(err);
		if (!parse_line(line, m))
			return err_set(err, ERR_SYSTEM, "mountinfo: line %zu is not understood", ret->n);
	}
	return 0;
}

int check_host_path(const check_mountinfos *host, const struct check_mountinfo *m, struct arena *arena, const char **ret,
		    struct err *err)
{
	const struct check_mountinfo *best = NULL;
	const char *rest;

	*ret = NULL;
	/* one file system for the whole machine, in which each has its own part */
	if (strcmp(m->type, "cgroup") == 0 || strcmp(m->type, "cgroup2") == 0 || m->root[0] != '/')
		return 0;
	for (size_t i = 0; i < host->n; i++) {
		const struct check_mountinfo *h = &host->items[i];
		if (h->major != m->major || h->minor != m->minor || !path_is_beneath(m->root, h->root))
			continue;
		/* the nearest, and of equals the first: where the host itself has it, not who bound it later */
		if (!best || strlen(h->root) > strlen(best->root))
			best = h;
	}
	if (!best)
		return 0;
	rest = m->root + (strcmp(best->root, "/") == 0 ? 0 : strlen(best->root));
	if (strcmp(rest, "/") == 0 || !*rest)
		*ret = best->target;
	else
		*ret = arena_printf(arena, "%s%s", strcmp(best->target, "/") == 0 ? "" : best->target, rest);
	return *ret ? 0 : err_oom(err);
}
