/* Compares two compiled filters over everything that either can tell apart.
 *
 * For checks: the verdict holds for every architecture token tried and for all
 * numbers and arguments, not for a sample of them.
 */
#ifndef KANUKI_PROFILES_JUDGE_H
#define KANUKI_PROFILES_JUDGE_H

#include "interpret.h"

#include <stdbool.h>

struct filter {
	const char *name;
	struct sock_filter prog[BPF_MAXINSNS];
	size_t n;
};

/* Whether the two answers to one input go together. */
typedef bool judge(uint32_t a, uint32_t b);

/* False at the first input whose answers `good` refuses, after a line "# ..."
 * that names it. ret_runs: inputs tried. */
bool judge_filters(const struct filter *a, const struct filter *b, judge *good, size_t *ret_runs);

/* The answer to one input; trace may be NULL. */
uint32_t filter_run(const struct filter *f, uint32_t arch, uint32_t nr, const uint64_t args[6],
		    struct interpret_trace *trace);

#endif
