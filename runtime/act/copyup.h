/* tmpcopyup: the image's directory copied into the tmpfs that will cover it. */
#ifndef KANUKI_ACT_COPYUP_H
#define KANUKI_ACT_COPYUP_H

#include "base/err.h"

/* `from_fd` is what will be covered (O_PATH is enough), never its name once more: that may
 * lead elsewhere by now.  Directories, plain files and links, with mode and owner; nothing
 * special is opened or made, no link is followed, no setuid bit survives (T-MNT-8).  What
 * doesn't fit the tmpfs is an error. */
int copyup(int from_fd, int to_dirfd, struct err *err)
	__attribute__((warn_unused_result));

#endif
