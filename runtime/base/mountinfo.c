/* mountinfo lines; the fields are separated by single spaces, and blanks within
 * them are written as octal escapes. */
#include "config.h"

#include "base/mountinfo.h"

#include "base/num.h"

#include <string.h>

#include "base/banned.h"

/* The byte that an escape stands for, or 0: the kernel escapes no NUL, and one of
 * anybody else's would cut the path short. */
static unsigned char escaped(const char *s)
{
	unsigned value = 0;

	if (s[0] != '\\')
		return 0;
	for (int i = 1; i <= 3; i++) {
		if (s[i] < '0' || s[i] > '7')
			return 0;
		value = value << 3 | (unsigned)(s[i] - '0');
	}
	return value <= UINT8_MAX ? (unsigned char)value : 0;
}

static void unescape(char *s)
{
	char *to = s;

	while (*s) {
		unsigned char byte = escaped(s);

		*to++ = byte ? (char)byte : *s;
		s += byte ? 4 : 1;
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

	if (!num_parse_u64(text, UINT32_MAX, &v))
		return false;
	*ret = (uint32_t)v;
	return true;
}

static bool parse_device(char *text, struct mountinfo *ret)
{
	char *minor = strchr(text, ':');

	if (!minor)
		return false;
	*minor++ = 0;
	return parse_u32(text, &ret->major) && parse_u32(minor, &ret->minor);
}

bool mountinfo_parse(char *line, struct mountinfo *ret)
{
	char *field[6], *word, *sb_options;

	*ret = (struct mountinfo){.id = 0};
	for (int i = 0; i < 6; i++) {
		field[i] = strsep(&line, " ");
		if (!field[i])
			return false;
	}
	while ((word = strsep(&line, " ")) && strcmp(word, "-") != 0)
		if (strncmp(word, "shared:", 7) == 0 &&
		    (!parse_u32(word + 7, &ret->peer) || !ret->peer))
			return false;
	if (!word)
		return false;
	ret->type = strsep(&line, " ");
	if (!ret->type || !strsep(&line, " ")) /* the source may hold anything: not used */
		return false;
	sb_options = line;
	if (!sb_options || !parse_device(field[2], ret) || !parse_u32(field[0], &ret->id) ||
	    !parse_u32(field[1], &ret->parent))
		return false;
	unescape(field[3]);
	unescape(field[4]);
	ret->root = field[3];
	ret->target = field[4];
	ret->readonly = has_option(field[5], "ro");
	ret->nosuid = has_option(field[5], "nosuid");
	ret->nodev = has_option(field[5], "nodev");
	ret->noexec = has_option(field[5], "noexec");
	ret->sb_readonly = has_option(sb_options, "ro");
	ret->sb_options = sb_options;
	return true;
}

int mountinfo_parse_all(char *text, struct arena *arena, enum err_kind kind, mountinfo_list *ret,
			struct err *err)
{
	char *line;

	while ((line = strsep(&text, "\n"))) {
		struct mountinfo *m;

		if (!*line)
			continue;
		m = ARENA_PUSH(arena, ret);
		if (!m)
			return err_oom(err);
		if (!mountinfo_parse(line, m))
			return err_set(err, kind, "mountinfo: line %zu is not understood", ret->n);
	}
	return 0;
}
