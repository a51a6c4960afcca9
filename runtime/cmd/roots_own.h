/* Whether a place on the host is root's to fill (H-24). */
#ifndef KANUKI_CMD_ROOTS_OWN_H
#define KANUKI_CMD_ROOTS_OWN_H

#include <stdbool.h>

/* `path` is clean and absolute and has no link in it: a file or a directory, root's and writable by
 * neither its group nor others, as are those that hold it (a directory that others write to does
 * there when it is sticky).  What lies deeper isn't looked at: who lists the place in the policy
 * vouches for it, and nobody but root can put another in its stead.  False also for what can't be
 * read.  Reads only. */
bool roots_own(const char *path);

#endif
