/* Replaces runtime/sys/sys.c in a test program: each call is counted, recorded
 * and, unless told otherwise, made.  So a test can run against a temporary
 * directory, fail the N-th call, and look at what was called in which order.
 *
 *	for (unsigned n = 1;; n++) {
 *		fake_reset();
 *		fake_fail(n, EIO);
 *		r = thing_under_test(...);
 *		if (!fake_failed())
 *			break;			// n-1 calls were tried, all of them
 *		ok(r == -1 && fake_open_fds() == before, "call %u (%s)", n, fake_failed());
 *	}
 *
 * In local.mk the test names tests/unit/fake_sys.c among its SOURCES; the linker
 * then has no use for libsys.a's sys.o.
 */
#ifndef KANUKI_TESTS_FAKE_SYS_H
#define KANUKI_TESTS_FAKE_SYS_H

#include <stdbool.h>

/* Forgets everything: counts, records, failures, pretences. */
void fake_reset(void);

/* The n-th counted call (from 1) fails with `code` and has no effect; close()
 * fails after having closed, as the kernel's does.  0: none. */
void fake_fail(unsigned n, int code);
/* The n-th call of this name ("openat") fails. */
void fake_fail_named(const char *name, unsigned n, int code);
/* The call ("close(5)") that was made to fail, or NULL when none was yet. */
const char *fake_failed(void);

/* Calls of this name are not made but succeed with `result`; FAKE_FD gives each
 * a fresh descriptor (of /dev/null), for calls that return one. */
#define FAKE_FD (-1000L)
void fake_pretend(const char *name, long result);
/* The next call of this name, after those already told so, isn't made but has this
 * result; a negative one is -1 and that errno. */
void fake_next(const char *name, long result);
/* Every call that changes this process, mounts or namespaces succeeds without
 * being made (fds for those that return one); files stay real. */
void fake_pretend_privileged(void);

/* Number of calls since the reset, and each as text: "mkdirat(5, x, 0700)". */
unsigned fake_count(void);
const char *fake_call(unsigned i);
/* Index of the first call at or after `from` whose text begins with `prefix`, or -1. */
int fake_find(unsigned from, const char *prefix);
unsigned fake_count_named(const char *name);

/* Open descriptors of this process, for leak checks. */
unsigned fake_open_fds(void);

#endif
