/* Runs a classic BPF program on one struct seccomp_data, as the kernel would.
 *
 * For checks: it says what a filter answers without loading it, also for
 * architectures that this machine is not.
 */
#ifndef KANUKI_PROFILES_INTERPRET_H
#define KANUKI_PROFILES_INTERPRET_H

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>

/* The action (SECCOMP_RET_* with its data). A program that the kernel would not
 * load, or that runs off its end, is our own bug: abort. */
uint32_t interpret_filter(const struct sock_filter *prog, size_t n, const struct seccomp_data *data);

#endif
