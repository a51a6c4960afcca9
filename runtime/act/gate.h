/* The gate between create and start: a listening socket `gate` in the state
 * directory, held by the waiting init and by nobody else.
 *
 * A dead init refuses connections at once; only one `start` can win, because
 * init answers the first that says GO and closes the listener (who connects and
 * says nothing, or something else, changes nothing); exec's failure comes back on the
 * connection, its success as end of file (CLOEXEC).  The socket's file is made
 * by create in a 0700 directory and is not in the container's mount namespace.
 */
#ifndef KANUKI_ACT_GATE_H
#define KANUKI_ACT_GATE_H

#include "base/err.h"
#include "plan/plan.h"

#include <stdbool.h>
#include <sys/types.h>

#define GATE_NAME "gate"

/* create, before launch: an owned listening descriptor. */
int gate_listen(int state_dirfd, struct err *err) __attribute__((warn_unused_result));
/* start: connects (the peer must be `init_pid`), serves a seccomp listener, waits
 * until the program runs or has failed with the child's error; removes the
 * socket's file.  `plan` is the recorded one. */
int gate_open(const struct plan *plan, int state_dirfd, pid_t init_pid, struct err *err)
	__attribute__((warn_unused_result));
/* state: a gate that still has a file means "created" while init lives. */
bool gate_is_present(int state_dirfd);

#endif
