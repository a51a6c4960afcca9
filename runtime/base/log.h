/* Log lines, text or JSON, to --log's file and standard error; called from
 * main.c and cmd/ only.  Engines read this file: exactly one line per failure
 * (podman parses the whole file as one object), RFC 3339 time (containerd refuses
 * any other), nothing below error unless --debug. */
#ifndef KANUKI_BASE_LOG_H
#define KANUKI_BASE_LOG_H

#include "base/err.h"

#include <stdbool.h>

struct log {
	int fd;	   /* --log file (O_APPEND), or -1 */
	int given_fd; /* the same where it is the caller's own (above 2) and no copy, or -1 */
	bool json; /* --log-format json */
	bool debug;
};

#define LOG_INIT { .fd = -1, .given_fd = -1 }

/* Opens --log: O_APPEND|O_CREAT|O_NOFOLLOW|O_CLOEXEC|O_NOCTTY|O_NONBLOCK, must be a
 * regular file, FIFO or character device.  /dev/stderr, /dev/stdout and /proc/self/fd/N are
 * no files to open: they name a descriptor of ours. */
int log_open(struct log *log, const char *path, const char *format, bool debug, struct err *err)
	__attribute__((warn_unused_result));
/* One error line to the log file (if any) and "kanuki: msg" on stderr. Bounded
 * to 4 KiB, control characters escaped. */
void log_error(const struct log *log, const struct err *err);
/* One line "kanuki: warning: msg" on stderr only: engines take what is in the log file for
 * the failure of a command, and this one goes on. */
void log_warning(const struct err *err);
/* Only with --debug. */
void log_debug(const struct log *log, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
