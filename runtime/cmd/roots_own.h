/* Whether what is at a path on the host can be written by none but root, with all that is beneath it (H-24). */
#ifndef KANUKI_CMD_ROOTS_OWN_H
#define KANUKI_CMD_ROOTS_OWN_H

#include <stdbool.h>

/* `path` is clean and absolute and has no link in it: a file, or a directory of which each file and directory is looked at.
 * Root's, as what holds it is (a directory that others write to does there when it is sticky), and neither its group nor others
 * may write.  False also for what can't be read, for a tree with another file system in it, and for one of more than
 * ROOTS_OWN_MAX entries: nobody has looked at all of that.  Reads only. */
#define ROOTS_OWN_MAX 20000u
bool roots_own(const char *path);

#endif
