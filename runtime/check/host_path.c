/* Where the host has what a container has mounted.  Pure. */
#include "config.h"

#include "check/probe.h"

#include "base/path.h"

#include <string.h>

#include "base/banned.h"

int check_host_path(const mountinfo_list *host, const struct mountinfo *m, struct arena *arena,
		    const char **ret, struct err *err)
{
	const struct mountinfo *best = NULL;
	const char *rest;

	*ret = NULL;
	/* one file system for the whole machine, in which each has its own part */
	if (strcmp(m->type, "cgroup") == 0 || strcmp(m->type, "cgroup2") == 0 || m->root[0] != '/')
		return 0;
	for (size_t i = 0; i < host->n; i++) {
		const struct mountinfo *h = &host->items[i];
		if (h->major != m->major || h->minor != m->minor ||
		    !path_is_beneath(m->root, h->root))
			continue;
		/* the nearest, and of equals the first: where the host itself has it, not who bound
		 * it later */
		if (!best || strlen(h->root) > strlen(best->root))
			best = h;
	}
	if (!best)
		return 0;
	rest = m->root + (strcmp(best->root, "/") == 0 ? 0 : strlen(best->root));
	if (strcmp(rest, "/") == 0 || !*rest)
		*ret = best->target;
	else
		*ret = arena_printf(arena, "%s%s",
				    strcmp(best->target, "/") == 0 ? "" : best->target, rest);
	return *ret ? 0 : err_oom(err);
}
