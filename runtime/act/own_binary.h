/* H-19, CVE-2019-5736: the runtime's own program file and its page cache can't be
 * reached for writing from a container. */
#ifndef KANUKI_ACT_OWN_BINARY_H
#define KANUKI_ACT_OWN_BINARY_H

#include "base/err.h"

/* Where the plan says OWN_BINARY_SEALED_COPY: goes on from a fully sealed memory
 * copy of this program (execs it with the same arguments), unless we run from
 * one already.  Call before anything is opened or made.  A copy, not a read-only
 * bind: that one would share the host file's page cache.  `given_fd`: a descriptor of the
 * caller's that the copy needs, too, or -1. */
int own_binary_enter_copy(char **argv, char **envp, int given_fd, struct err *err)
	__attribute__((warn_unused_result));

#endif
