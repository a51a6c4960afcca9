/* Runs the scan gate's program: bounded in time and output, with nothing of ours. */
#ifndef KANUKI_CMD_SCAN_PROGRAM_H
#define KANUKI_CMD_SCAN_PROGRAM_H

#include "base/err.h"

#include <stddef.h>

struct scan_program {
	const char *path;    /* told, and its first argument */
	int fd;		     /* what is executed */
	unsigned limit_s;
	const char *question; /* its standard input */
	size_t question_len;
	char *output;	      /* its standard output, `room` bytes; standard error is nobody's */
	size_t room, len;
	int status;	      /* exit status */
};

/* 1: it ended by itself with a status.  0: it didn't, or said more than there is room for: why is
 * in err (ERR_PROTO); it and its group are killed.  -1: it couldn't be started, our own fault. */
int scan_program_run(struct scan_program *run, struct err *err) __attribute__((warn_unused_result));

#endif
