/* Owns the patterns' meaning; no recursion, at most pattern times text steps. */
#include "config.h"

#include "gate/glob.h"

#include <string.h>

#include "base/banned.h"

/* `star` is a '*' within the pattern that begins at `start`. */
static bool takes_any_depth(const char *start, const char *star)
{
	return !star[1] && (star == start || star[-1] == '/');
}

bool glob_match(const char *pattern, const char *text)
{
	const char *start = pattern, *star = NULL, *taken = NULL;

	if (!text)
		return false;
	while (*text) {
		if (*pattern == '*') {
			if (takes_any_depth(start, pattern))
				return true;
			star = pattern++;
			taken = text;
		} else if (*pattern == *text) {
			pattern++;
			text++;
		} else if (star && *taken != '/') {
			pattern = star + 1; /* the star takes one more */
			text = ++taken;
		} else {
			return false;
		}
	}
	while (*pattern == '*' && !takes_any_depth(start, pattern))
		pattern++;
	return !*pattern;
}

bool glob_match_any(const struct str_list *patterns, const char *text)
{
	for (size_t i = 0; i < patterns->n; i++)
		if (glob_match(patterns->items[i], text))
			return true;
	return false;
}

bool glob_is_valid(const char *pattern)
{
	size_t len = strnlen(pattern, 513);

	if (len < 1 || len > 512 || strstr(pattern, "**"))
		return false;
	for (size_t i = 0; i < len; i++)
		if (pattern[i] <= ' ' || pattern[i] > '~')
			return false;
	return true;
}

/* The inner pattern read as a text: its stars are then characters that only the outer's
 * stars take, and a star at the end of "/" "*" only one that takes any depth. */
bool glob_is_within(const char *inner, const char *outer)
{
	return !strcmp(inner, outer) || (glob_match(outer, inner) && strcmp(inner, "*") != 0);
}
