/* Between landlock.c, which makes the rule set, and landlock_exec.c, which says what
 * in it may be executed. */
#ifndef KANUKI_ACT_LANDLOCK_H
#define KANUKI_ACT_LANDLOCK_H

#include "act/child.h"

/* A rule for the file or hierarchy `fd` (O_PATH does); `path` is for the error. */
int landlock_allow(const struct child *child, int fd, uint64_t rights, const char *path,
		   struct err *err) __attribute__((warn_unused_result));

/* Where execution stays possible: everywhere, or in exec_only alone; never in no_exec,
 * and never a file of no_daemons in daemon_places.  `plain`: paths that were opened
 * already, without a link on the way. */
int landlock_allow_executing(const struct plan_landlock *l, struct child *child, int root_fd,
			     const struct str_list *plain, struct err *err)
	__attribute__((warn_unused_result));

/* What the kernel would open besides to execute `fd`, a regular file of the image: the
 * ELF loader, or the "#!" interpreter (*ret_script).  1: its absolute path is in `path`;
 * 0: nothing, or nothing that we could say.  Reads 12 KiB at most. */
int landlock_interpreter(int fd, char path[4096], bool *ret_script, struct err *err)
	__attribute__((warn_unused_result));

#endif
