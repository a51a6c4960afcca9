/* mountinfo lines; the fields are separated by single spaces, and blanks within
 * them are written as octal escapes. */
#include "config.h"

#include "act/mountinfo.h"

#include "base/num.h"

#include <string.h>

#include "base/banned.h"

static bool is_octal(char c)
{
	return c >= '0' && c <= '7';
}

static void unescape(char *s)
{
	char *to = s;

	for (; *s; s++) {
		if (s[0] == '\\' && is_octal(s[1]) && is_octal(s[2]) && is_octal(s[3])) {
			*to++ = (char)((s[1] - '0') << 6 | (s[2] - '0') << 3 | (s[3] - '0'));
			s += 3;
		} else {
			*to++ = *s;
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

static bool parse_id(const char *text, uint32_t *ret)
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
	uint64_t a, b;

	if (!minor)
		return false;
	*minor++ = 0;
	if (!num_parse_u64(text, UINT32_MAX, &a) || !num_parse_u64(minor, UINT32_MAX, &b))
		return false;
	ret->major = (uint32_t)a;
	ret->minor = (uint32_t)b;
	return true;
}

bool mountinfo_parse(char *line, struct mountinfo *ret)
{
	char *field[6], *word, *sb_options;

	*ret = (struct mountinfo){0};
	for (int i = 0; i < 6; i++) {
		field[i] = strsep(&line, " ");
		if (!field[i])
			return false;
	}
	while ((word = strsep(&line, " ")) && strcmp(word, "-") != 0)
		if (strncmp(word, "shared:", 7) == 0)
			ret->shared = true;
	if (!word)
		return false;
	ret->type = strsep(&line, " ");
	if (!ret->type || !strsep(&line, " ")) /* the source may hold anything: not used */
		return false;
	sb_options = line;
	if (!sb_options || !parse_device(field[2], ret) || !parse_id(field[0], &ret->id) ||
	    !parse_id(field[1], &ret->parent))
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
	return true;
}
