/* A profile's JSON (the OCI linux.seccomp object) to the BPF of one architecture, for our own two
 * files.
 *
 * Runs on the build machine and in `check`, never in the runtime: a bundle's own
 * profile takes another way. Stricter than OCI, because every leniency would be a
 * hole in a list that is ours: an unknown name, an unknown property, another
 * operator than a 32-bit masked comparison is an error.
 */
#ifndef KANUKI_PROFILES_PROFILE_H
#define KANUKI_PROFILES_PROFILE_H

#include "base/err.h"

#include <linux/filter.h>
#include <stddef.h>
#include <stdint.h>

enum profile_form {
	PROFILE_FLAT = 0, /* libseccomp's output through flatten: what we embed */
	PROFILE_PLAIN,	  /* libseccomp as it is: a test per system call */
	PROFILE_TREE,	  /* libseccomp with CTL_OPTIMIZE=2: its binary tree over numbers */
};

/* The SCMP_ARCH_* value of a machine as uname, configure and libseccomp name it
 * ("x86_64", "aarch64", "riscv64"). 0: unknown. */
uint32_t profile_arch(const char *machine);

/* Compiles the file for `arch`; it must be one of those that the file names. */
int profile_compile(const char *path, uint32_t arch, enum profile_form form,
		    struct sock_filter *out, size_t max_out, size_t *ret_n, struct err *err)
	__attribute__((warn_unused_result));

/* The number of `name` on `arch`, from libseccomp or from our table of newer
 * calls; -1: the architecture has none; -2: nobody knows the name. */
int profile_syscall(uint32_t arch, const char *name);

#endif
