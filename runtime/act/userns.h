/* The user namespace that a container which joins one is built in (H-11, H-12).
 *
 * What engines name, /proc/PID/ns/user, is for a container that we confine its last
 * one.  That owns nothing: to stand in it gives no power over the network or ipc
 * namespace beside it, and no other can be made within it.  So what is joined is the
 * one right beneath our own that it was made in, and a last one is made there again.
 */
#ifndef KANUKI_ACT_USERNS_H
#define KANUKI_ACT_USERNS_H

#include "base/err.h"

#include <sys/stat.h>

/* Replaces *fd, an open user namespace that is not `own` (our own), by its ancestor, or
 * itself, right beneath `own`.  Refused (ERR_POLICY) when there is none, when on
 * the way up ids come to mean other ones, and when in what is found no container can be
 * built, because it is itself the last one of a container that has no other.  `path`:
 * as the bundle has it, for messages.  `proc_dirfd`: a procfs; in it the maps are read by a
 * process that enters each.  *fd stays owned by the caller, also after a failure. */
int userns_climb(int *fd, const char *path, const struct stat *own, int proc_dirfd, struct err *err)
	__attribute__((warn_unused_result));

/* Runs `run` in a process of its own, since a user namespace once entered can't be left:
 * the number that it returns, 0 to 255, or -1.  `what`: for messages, "the process that ...". */
int userns_run_apart(int (*run)(const void *arg), const void *arg, const char *what,
		     struct err *err) __attribute__((warn_unused_result));

#endif
