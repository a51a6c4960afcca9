/* What the scan gate answers (hooks/gate/answer.h): its text and exit status -> data.  Pure. */
#ifndef KANUKI_CMD_SCAN_ANSWER_H
#define KANUKI_CMD_SCAN_ANSWER_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SCAN_ANSWER_MAX ((size_t)64 << 10)
#define SCAN_LINE_MAX	400u /* of the line that people see: fits into an err with its context */

struct scan_answer {
	bool admitted;
	const char *verdict;	 /* "allow", "allow-audit", "allow-breakglass", "deny" */
	const char *image_class; /* "image", "pause", "rootfs", "build", "bundle", "unknown" */
	const char *image;	 /* config digest, or NULL where none is proven */
	bool claimed; /* a permit names it, and the bundle says so: nothing binds it to what is
			 there */
	const char *record;	 /* digest of the scan record decided by, or NULL */
	uint64_t generation;	 /* of the gate's store */
	const char *line;	 /* for people: printable ASCII, at most SCAN_LINE_MAX bytes, its command kept */
};

/* Strict: exactly the keys of the contract, each of its type and its words; verdict and
 * exit status say the same (0: admitted; 10 to 14: denied).  ERR_PROTO for anything else:
 * then there is no answer, and that refuses. */
int scan_answer_parse(const char *text, size_t len, int status, struct arena *arena,
		      struct scan_answer *ret, struct err *err) __attribute__((warn_unused_result));

#endif
