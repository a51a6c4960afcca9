/* The mount table of this process as the kernel shows it, and what a path leads to
 * in it.  Reads only; judging is mount_verify.c's. */
#ifndef KANUKI_ACT_MOUNT_TABLE_H
#define KANUKI_ACT_MOUNT_TABLE_H

#include "act/child.h"

#include "base/mountinfo.h"

struct mount_table {
	mountinfo_list mounts;
	const struct mountinfo *root; /* by its number: what "/" is, whatever lies over it */
};

/* Through child->proc_fd, into child->arena.  ERR_VERIFY when a line has an unknown
 * form or no mount has the number `root_id`. */
int mount_table_read(struct child *child, uint64_t root_id, struct mount_table *ret,
		     struct err *err) __attribute__((warn_unused_result));
/* The mount that a clean absolute path without links ends in.  Never NULL. */
const struct mountinfo *mount_table_find(const struct mount_table *table, const char *path);
/* The parent, or NULL for the root and what is not beneath it. */
const struct mountinfo *mount_table_parent(const struct mount_table *table,
					   const struct mountinfo *m);

/* Adds what is mounted beneath child->root_fd now, as paths in the container, but for
 * those in `known` (may be NULL). */
int mount_table_list(struct child *child, const struct str_list *known, struct str_list *ret,
		     struct err *err) __attribute__((warn_unused_result));

#endif
