/* Paths inside the container's root, by descriptor; internal to the file system
 * half of act/.  Three rules: no string names a path in the root,
 * nothing is resolved twice, what is missing is made component by component. */
#ifndef KANUKI_ACT_RESOLVE_H
#define KANUKI_ACT_RESOLVE_H

#include "base/err.h"
#include "plan/plan.h"

#include <stdbool.h>
#include <sys/stat.h>
#include <sys/types.h>

/* What a mount target must be. */
enum target_kind { TARGET_DIRECTORY, TARGET_FILE };

/* O_PATH of `path` in the root, made as `kind` when missing (create), parents as
 * directories of `mode`.  Links per `links`.  1: opened, *ret_fd is owned.  0:
 * missing and not to be made.  -1: err. */
int resolve_target(int root_fd, const char *path, enum plan_target_links links,
		   enum target_kind kind, bool create, mode_t mode, int *ret_fd, struct err *err)
	__attribute__((warn_unused_result));

/* The parent directory of `path` (made when missing) as O_PATH, and its last component. */
int resolve_parent(int root_fd, const char *path, enum plan_target_links links, int *ret_fd,
		   const char **ret_name, struct err *err) __attribute__((warn_unused_result));

#endif
