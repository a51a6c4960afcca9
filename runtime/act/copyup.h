/* tmpcopyup: the image's directory copied into the tmpfs that will cover it. */
#ifndef KANUKI_ACT_COPYUP_H
#define KANUKI_ACT_COPYUP_H

#include "base/err.h"

/* Directories, plain files and links, with mode and owner; nothing special is
 * opened or made, no link is followed, no setuid bit survives (T-MNT-8).  What
 * doesn't fit the tmpfs is an error. */
int copyup(int root_fd, const char *path, int to_dirfd, struct err *err)
	__attribute__((warn_unused_result));

#endif
