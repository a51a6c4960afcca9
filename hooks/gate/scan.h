/* Runs the scanners that the host has on an image's files, and reads what they say: the
 * quick way in of small sites.
 *
 * A scanner is run by its absolute path, found in a fixed list of directories and nobody
 * else's to write, without a shell, in an environment of our own, in an empty directory,
 * with nothing on its standard input, a time limit and a limit on what it prints.  What
 * it was asked to look for is said for it (import_hints): here, it is known.
 */
#ifndef KANUKI_GATE_SCAN_H
#define KANUKI_GATE_SCAN_H

#include "base/arena.h"
#include "base/err.h"
#include "gate/types.h"

enum scan_tool { SCAN_TRIVY = 0, SCAN_GRYPE, SCAN_CLAMSCAN, SCAN_TOOLS };

struct scan_options {
	const char *const *dirs;     /* where programs are sought, in order, NULL-ended; NULL: the system's */
	const char *home;	     /* of the scanners: their databases lie there; NULL: "/root" */
	const char *work;	     /* for an empty directory and reports; NULL: "/var/tmp" */
	const char *clamav_database; /* NULL: clamscan's own */
	int64_t timeout_s;	     /* of each program; 0: an hour */
};

struct scan_outcome {
	const char *tool;    /* "trivy" */
	const char *program; /* absolute; NULL: the host hasn't got it */
	bool done;	     /* it ran and its report was read */
	const char *why;     /* it wasn't: one phrase */
	int exit_status;
	int report_fd;	     /* what it printed, for the store; -1: nothing */
	struct report report;
};

/* The files beneath `rootfs`, an absolute path of a directory, not a link.  A scanner that
 * fails is an outcome; a host without any is ERR_HOST, and nothing is to be released then. */
int gate_scan_rootfs(const struct scan_options *options, const char *rootfs, struct arena *arena,
		     struct scan_outcome ret[SCAN_TOOLS], struct err *err)
	__attribute__((warn_unused_result));
/* podman's own copy of an image, mounted for as long as it takes; for grype also saved as
 * an archive, beneath `work`: of a directory it leaves something out, and that is
 * recorded.  The reports' subject is the image's id, as podman says it. */
int gate_scan_image(const struct scan_options *options, const char *reference, struct arena *arena,
		    struct scan_outcome ret[SCAN_TOOLS], struct err *err)
	__attribute__((warn_unused_result));
/* What in an image no scanner sees, whatever it says (scan_paths.c): one phrase, or NULL. */
int gate_scan_paths(const char *rootfs, const char **ret_why, struct err *err)
	__attribute__((warn_unused_result));
void gate_scan_release(struct scan_outcome outcomes[SCAN_TOOLS]);

/* --- running programs: scan_run.c --- */

struct scan_run {
	const char *const *argv; /* argv[0] absolute; NULL-ended */
	const char *home, *cwd;
	int64_t timeout_s;
	size_t limit;	/* of what it may print; more ends it */
	int out_fd;	/* where that goes */
	/* answers */
	int exit_status; /* 128 and the signal's number, when one ended it */
	bool timed_out, too_much;
	char complaint[256]; /* the end of what it wrote to standard error, printable */
};

/* -1 only when it couldn't be run at all. */
int gate_scan_run(struct scan_run *run, struct err *err) __attribute__((warn_unused_result));
/* The first of `dirs` with that program, which must be root's or ours and no one else's to
 * write; NULL: none has it.  One that can't be trusted is ERR_HOST. */
int gate_scan_find(const char *const *dirs, const char *name, struct arena *arena, const char **ret,
		   struct err *err) __attribute__((warn_unused_result));

#endif
