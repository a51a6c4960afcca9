/* The options of an overlay.  Pure. */
#include "config.h"

#include "gate/identity_parts.h"

#include <string.h>

#include "base/banned.h"

bool identity_next(const char **rest, char separator, const char **ret, size_t *ret_len)
{
	if (!*rest)
		return false;
	*ret = *rest;
	*ret_len = (size_t)(strchrnul(*rest, separator) - *rest);
	*rest = (*rest)[*ret_len] ? *rest + *ret_len + 1 : NULL;
	return true;
}

/* An escape (of a blank, a comma or a colon) stays: such a path is none of an engine's. */
const char *identity_option(struct arena *arena, const char *options, const char *name)
{
	size_t len = strlen(name), n;
	const char *option;

	while (identity_next(&options, ',', &option, &n))
		if (n > len && !strncmp(option, name, len) && option[len] == '=')
			return arena_memdup(arena, option + len + 1, n - len - 1);
	return "";
}
