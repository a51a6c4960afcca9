/* A seccomp filter in, an equal and shorter one out.
 *
 * libseccomp tests one system call number after the other, or halves the list
 * of numbers; the kernel pays for every instruction when it loads the filter
 * (it compiles it and also runs it once per number to fill its cache). This
 * pass works out what the filter does for every architecture and every number,
 * merges neighbours that are treated alike into ranges and writes a search
 * over ranges. Pure; knows no system call and no policy.
 */
#ifndef KANUKI_PROFILES_FLATTEN_H
#define KANUKI_PROFILES_FLATTEN_H

#include <linux/filter.h>
#include <stddef.h>

/* Reads in[n_in], writes at most max_out instructions to `out` (no overlap) and
 * their number to ret_n. The result returns the same action for every
 * architecture, number, instruction pointer and argument.
 * max_out is at most BPF_MAXINSNS; n_in asks for a result that is not longer.
 * -1, with nothing written: the program uses an instruction that libseccomp does
 * not make, is malformed, memory ran out, or the result needs more room. Then the
 * input is the filter to load. */
int flatten_filter(const struct sock_filter *in, size_t n_in, struct sock_filter *out,
		   size_t max_out, size_t *ret_n) __attribute__((warn_unused_result));

#endif
