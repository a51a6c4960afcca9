/* Which layer an overlay has mounted, by the path that it was mounted by: containers/storage's and
 * Docker's drivers lay them out alike. */
#include "config.h"

#include "gate/identity_parts.h"

#include <string.h>

#include "base/banned.h"

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
