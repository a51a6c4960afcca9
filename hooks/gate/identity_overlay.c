/* What an overlay is made of: its options, and the layers that they name.  Opens no file itself. */
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

int identity_layer(struct identity *i, const char *home, const char *path, const char **ret,
		   struct err *err)
{
	size_t len;

	*ret = "";
	if (!strncmp(path, "l/", 2)) {
		const char *links = arena_printf(i->arena, "%s/l", home), *target;

		if (!links)
			return err_oom(err);
		if (identity_link(i, links, path + 2, &target, err) < 0)
			return -1;
		if (strncmp(target, "../", 3) != 0)
			return 0;
		path = target + 3;
	}
	len = strcspn(path, "/");
	if (strcmp(path + len, "/diff") != 0)
		return 0;
	*ret = arena_memdup(i->arena, path, len);
	return *ret ? 0 : err_oom(err);
}
