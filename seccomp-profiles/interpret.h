/* Runs a classic BPF program on one struct seccomp_data, as the kernel would.
 *
 * For checks: it says what a filter answers without loading it, also for
 * architectures that this machine is not, and which arguments it looked at.
 */
#ifndef KANUKI_PROFILES_INTERPRET_H
#define KANUKI_PROFILES_INTERPRET_H

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>

/* The comparisons of argument words that a run made. A run that made none would
 * have answered the same for any arguments. */
struct interpret_trace {
	size_t n;
	struct {
		unsigned word; /* 2 * argument, + 1 for the upper half */
		uint32_t mask, k;
	} seen[256];
};

/* The action (SECCOMP_RET_* with its data). `trace` may be NULL, else the run is
 * added to it. A program that the kernel would not load is our own bug: abort. */
uint32_t interpret_filter(const struct sock_filter *prog, size_t n, const struct seccomp_data *data,
			  struct interpret_trace *trace);

#endif
