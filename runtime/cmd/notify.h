/* sd_notify(3) for a container started directly by a service manager: the program
 * tells its own socket, and READY=1, nothing else of it, is passed on (W-25).
 *
 * The socket is in a directory of the state, bound read-only on /run/notify; create
 * makes the directory, start or run the socket.
 */
#ifndef KANUKI_CMD_NOTIFY_H
#define KANUKI_CMD_NOTIFY_H

#include "base/err.h"
#include "cmd/cmd.h"

#include <sys/types.h>

#define NOTIFY_DIR "notify"
#define NOTIFY_TARGET "/run/notify"

/* The directory's host path for the plan when NOTIFY_SOCKET is set, else NULL. */
int notify_path(const struct cmd_context *ctx, const char *id, const char **ret, struct err *err)
	__attribute__((warn_unused_result));
/* create: the directory, in the state directory. */
int notify_make(int state_dirfd, struct err *err) __attribute__((warn_unused_result));
/* start, run: the socket, writable by whatever user the program is.  Owned fd. */
int notify_listen(int state_dirfd, struct err *err) __attribute__((warn_unused_result));
/* Reads one message.  1: it was READY=1 and the service manager has been told so, with
 * `pid` as MAINPID, and has taken note (BARRIER=1).  0: something else.  -1. */
int notify_forward(const struct cmd_context *ctx, int fd, pid_t pid, struct err *err)
	__attribute__((warn_unused_result));
/* Until READY=1 or the end of the process. */
int notify_await(const struct cmd_context *ctx, int fd, pid_t pid, int pidfd, struct err *err)
	__attribute__((warn_unused_result));
/* Idempotent. */
int notify_remove(int state_dirfd, struct err *err) __attribute__((warn_unused_result));

#endif
