/* The foreground half of run and exec: signals to the container, the terminal to
 * and fro, and the exit status back (128 + signal). */
#ifndef KANUKI_CMD_RELAY_H
#define KANUKI_CMD_RELAY_H

#include "base/err.h"

#include <signal.h>
#include <sys/types.h>

/* Blocks what is to be forwarded; call before launch, so that none is lost.  The
 * child's own mask is reset by its first step. */
int relay_block_signals(struct err *err) __attribute__((warn_unused_result));

/* Called when `fd` has something to read: 1 when it is done with, 0, or -1 and err. */
struct relay_extra {
	int fd; /* -1: none */
	int (*serve)(void *arg, struct err *err);
	void *arg;
};

/* Until the process ends: forwards signals to `pidfd`, copies between our standard
 * streams and terminal_fd (-1: none; takes it over and makes it non-blocking; puts our
 * terminal in raw mode and restores it), serves `extra` (NULL: none), reaps it.  What the
 * terminal still holds then is copied, too, unless SIGTERM, SIGINT, SIGHUP or SIGQUIT comes:
 * nobody may be reading it.  Exit status as a shell shows it. */
int relay_run(pid_t pid, int pidfd, int terminal_fd, struct relay_extra *extra, int *ret_status,
	      struct err *err) __attribute__((warn_unused_result));

/* "15", "TERM", "SIGTERM", "term", "RTMIN+3" -> 15; -1 when unknown. */
int relay_signal_number(const char *name);

#endif
