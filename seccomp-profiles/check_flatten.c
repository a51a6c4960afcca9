/* check_flatten: flatten.c on filters that libseccomp makes of random rules. TAP; no root.
 *
 * check proves it for our two lists; this one looks for a program that flatten gets wrong: every
 * comparison operator in 64 bits, several architectures in one filter, all actions, libseccomp's
 * list and its tree. The rules come from a seed, so a failure can be had again.
 *
 * Usage: check_flatten [SEED [FILTERS]]
 */
#include "flatten.h"
#include "judge.h"

#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static uint64_t state;

static uint32_t pick(uint32_t below)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (uint32_t)(state >> 33) % below;
}

static uint32_t random_action(void)
{
	static const uint32_t actions[] = {
		SCMP_ACT_ALLOW, SCMP_ACT_ERRNO(1), SCMP_ACT_ERRNO(38), SCMP_ACT_KILL_PROCESS,
		SCMP_ACT_TRAP,  SCMP_ACT_LOG,      SCMP_ACT_TRACE(7)};

	return actions[pick(sizeof(actions) / sizeof(actions[0]))];
}

static uint64_t random_value(void)
{
	static const uint64_t values[] = {0,
					  1,
					  2,
					  16,
					  38,
					  0x5412,
					  0x7fffffff,
					  0x80000000,
					  0xffffffff,
					  1ull << 32,
					  (1ull << 32) | 38,
					  UINT64_MAX,
					  0x7e020000};

	return values[pick(sizeof(values) / sizeof(values[0]))];
}

static void add_random_rule(scmp_filter_ctx ctx)
{
	struct scmp_arg_cmp args[2];
	unsigned n = pick(3) ? 0 : 1 + pick(2), first = pick(3);

	for (unsigned i = 0; i < n; i++) {
		enum scmp_compare op = SCMP_CMP_NE + pick(7);
		uint64_t a = random_value();

		args[i] = (struct scmp_arg_cmp){ .arg = first + i, .op = op, .datum_a = a,
			.datum_b = op == SCMP_CMP_MASKED_EQ ? random_value() & a : 0 };
	}
	/* libseccomp refuses a rule that contradicts an earlier one or equals the default: then
	 * there is one rule less */
	(void)seccomp_rule_add_array(ctx, random_action(), (int)pick(440), n, args);
}

/* False when libseccomp itself gives up on the rules. */
static bool random_filter(struct filter *f)
{
	static const uint32_t more[] = {SCMP_ARCH_X86, SCMP_ARCH_X32,     SCMP_ARCH_AARCH64,
					SCMP_ARCH_ARM, SCMP_ARCH_RISCV64, SCMP_ARCH_X86_64};
	scmp_filter_ctx ctx = seccomp_init(random_action());
	int fd = memfd_create("bpf", MFD_CLOEXEC);
	bool made = false;

	if (!ctx || fd < 0)
		abort();
	for (uint32_t i = pick(4); i > 0; i--)
		(void)seccomp_arch_add(ctx, more[pick(sizeof(more) / sizeof(more[0]))]); /* twice the same is refused: fine */
	if (pick(2) && seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2))
		abort();
	for (uint32_t i = 1 + pick(100); i > 0; i--)
		add_random_rule(ctx);
	if (seccomp_export_bpf(ctx, fd) == 0) {
		ssize_t size = pread(fd, f->prog, sizeof(f->prog), 0);

		made = size > 0 && (size_t)size < sizeof(f->prog);
		f->n = made ? (size_t)size / sizeof(f->prog[0]) : 0;
	}
	close(fd);
	seccomp_release(ctx);
	return made;
}

static bool is_equal(uint32_t a, uint32_t b)
{
	return a == b;
}

int main(int argc, char **argv)
{
	static struct filter plain = { .name = "libseccomp" }, flat = { .name = "flattened" };
	unsigned long seed = argc > 1 ? strtoul(argv[1], NULL, 0) : 1,
		      count = argc > 2 ? strtoul(argv[2], NULL, 0) : 100;
	size_t made = 0, flattened = 0, before = 0, after = 0, inputs = 0;
	bool equal = true;

	for (unsigned long i = 0; i < count; i++) {
		size_t runs;

		state = 0x9e3779b97f4a7c15u * (seed + i + 1);
		if (!random_filter(&plain))
			continue;
		made++;
		if (flatten_filter(plain.prog, plain.n, flat.prog, BPF_MAXINSNS, &flat.n) < 0)
			continue;
		flattened++;
		before += plain.n;
		after += flat.n;
		if (!judge_filters(&flat, &plain, is_equal, &runs)) {
			printf("# the filter of seed %lu\n", seed + i);
			equal = false;
		}
		inputs += runs;
	}
	printf("%sok 1 - %zu random filters answer as before (%zu inputs)\n", equal ? "" : "not ",
	       flattened, inputs);
	printf("%sok 2 - %zu of %zu were flattened, %zu instructions became %zu\n",
	       made > 0 && flattened * 10 >= made * 9 ? "" : "not ", flattened, made, before,
	       after);
	printf("1..2\n");
	return equal && flattened * 10 >= made * 9 ? 0 : 1;
}
