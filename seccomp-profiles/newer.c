/* newer: the numbers of calls that the libseccomp we must work with has no name for.
 *
 * In the program, too: what the built-in profiles allow by this table a bundle's own
 * filter must be able to deny (act/filter.c).  Must not include libseccomp.
 */
#include "embedded.h"

#include <linux/audit.h>
#include <stddef.h>
#include <string.h>

/* From 424 on a number is the same on every architecture. */
static const struct {
	const char *name;
	uint32_t arch; /* 0: all */
	int number;
} newer[EMBEDDED_N_NEWER] = {
	{ "uretprobe", AUDIT_ARCH_X86_64, 335 },
	{ "riscv_hwprobe", AUDIT_ARCH_RISCV64, 258 },
	{ "fchmodat2", 0, 452 },
	{ "map_shadow_stack", 0, 453 },
	{ "mseal", 0, 462 },
	{ "setxattrat", 0, 463 },
	{ "getxattrat", 0, 464 },
	{ "listxattrat", 0, 465 },
	{ "removexattrat", 0, 466 },
};

int embedded_newer_call(uint32_t arch, const char *name)
{
	int number = -2;

	for (size_t i = 0; i < EMBEDDED_N_NEWER && number < 0; i++)
		if (strcmp(newer[i].name, name) == 0)
			number = newer[i].arch == 0 || newer[i].arch == arch ? newer[i].number : -1;
	return number;
}
