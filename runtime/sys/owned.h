/* Paths that nobody but root may change: opened component by component, and the owner
 * and mode of each, from "/" on, looked at on what was opened, not on names.  Whoever may
 * write to one of them could put something else in the place of what is below it. */
#ifndef KANUKI_SYS_OWNED_H
#define KANUKI_SYS_OWNED_H

#include "base/err.h"

#include <stdbool.h>

#define OWNED_USER_GID 1000 /* groups of people begin here (login.defs(5), GID_MIN) */

struct owned_rules {
	const char *what;   /* "policy": messages begin with it and the name */
	enum err_kind kind; /* of a refusal */
	bool own;	    /* the caller's effective uid is as good as root's */
	bool sticky;	    /* but for the last, a directory that others may write to does when it is sticky (/tmp):
			     * what root or the caller has in it, others can't move away */
	bool system_group;  /* but for the last, a directory that a group of the system's own (below
			     * OWNED_USER_GID) may write to does: the distribution made it so
			     * (Ubuntu's  /var/log is syslog's) */
	bool errno_only;    /* no words that an engine could read as something else */
};

/* Opens `path`, clean and absolute, with `flags` (and O_NOFOLLOW|O_CLOEXEC for each
 * component: a link is refused).  The last is a regular file, or a directory if flags have
 * O_DIRECTORY.  `name` is for messages: the file that it is about.  -1: a refusal is of the kind in
 * `rules`; where something is missing err->sys_errno is ENOENT.  Within a user namespace that
 * doesn't map the host's root its files do as root's. */
int owned_open(const struct owned_rules *rules, const char *name, const char *path, int flags,
	       struct err *err) __attribute__((warn_unused_result));

#endif
