/* Paths as text only; nothing here looks at a file system. */
#ifndef KANUKI_BASE_PATH_H
#define KANUKI_BASE_PATH_H

#include "base/arena.h"

#include <stdbool.h>

/* Where a bind's source is what its name says, links and all: see decide_plan. */
#define PATH_JUDGED_BY_NAME "/etc"

/* "/a//b/./c/" -> "/a/b/c"; ".." is resolved lexically and never climbs above
 * "/".  A relative path is taken from "/".  NULL on oom. */
char *path_clean_absolute(struct arena *a, const char *path) __attribute__((warn_unused_result));
/* base + "/" + path unless path is absolute; not cleaned. */
char *path_join(struct arena *a, const char *base, const char *path)
	__attribute__((warn_unused_result));
/* Both clean and absolute: path == dir or below it. */
bool path_is_beneath(const char *path, const char *dir);
/* Any component is "..". */
bool path_has_dotdot(const char *path);
/* A name that a directory has for itself or its parent: "." or "..".  Any other that
 * begins with a dot is an entry like all others. */
bool path_is_dots(const char *name);
/* Pointer to the last component ("" for "/"). */
const char *path_base(const char *path);
/* A container id: [a-zA-Z0-9_+-][a-zA-Z0-9_+.-]*, 1..1024 bytes, not "." or ".."
 * (T-CFG-4). A leading '-' is refused too: it would read as an option. */
bool path_is_container_id(const char *id);

#endif
