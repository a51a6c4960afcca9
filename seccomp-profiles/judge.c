/* judge: the inputs that tell two filters apart, if anything does; see judge.h.
 *
 * Between two neighbouring constants of both programs neither can tell numbers apart, so the
 * constants and their neighbours stand for all 2^32 numbers. A run that compares no argument speaks
 * for all arguments; where one is compared, values on both sides of every comparison met are tried
 * in all combinations, until no new one is met.
 */
#include "judge.h"

#include "interpret.h"

#include <linux/audit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_NUMBERS 16384
#define MAX_VALUES 512
#define UPPER (1ull << 32)

static const uint32_t token[] = {AUDIT_ARCH_I386,  AUDIT_ARCH_X86_64,  AUDIT_ARCH_AARCH64,
				 AUDIT_ARCH_ARM,   AUDIT_ARCH_RISCV64, AUDIT_ARCH_RISCV32,
				 AUDIT_ARCH_S390X, AUDIT_ARCH_PPC64LE, 0,
				 UINT32_MAX};

uint32_t filter_run(const struct filter *f, uint32_t arch, uint32_t nr, const uint64_t args[6],
		    struct interpret_trace *trace)
{
	struct seccomp_data data = { .nr = (int)nr, .arch = arch };

	memcpy(data.args, args, sizeof(data.args));
	return interpret_filter(f->prog, f->n, &data, trace);
}

static int compare_u32(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static size_t collect_numbers(const struct filter *a, const struct filter *b, uint32_t *numbers)
{
	const struct filter *both[] = { a, b };
	size_t n = 0, unique = 0;

	for (uint32_t nr = 0; nr < 1024; nr++)
		numbers[n++] = nr;
	for (size_t f = 0; f < 2; f++)
		for (size_t i = 0; i < both[f]->n && n + 3 < MAX_NUMBERS; i++)
			for (uint32_t near = 0; near < 3; near++)
				if (BPF_CLASS(both[f]->prog[i].code) == BPF_JMP)
					numbers[n++] = both[f]->prog[i].k - 1 + near;
	numbers[n++] = UINT32_MAX;
	qsort(numbers, n, sizeof(numbers[0]), compare_u32);
	for (size_t i = 0; i < n; i++)
		if (i == 0 || numbers[i] != numbers[i - 1])
			numbers[unique++] = numbers[i];
	return unique;
}

struct values {
	uint64_t v[6][MAX_VALUES];
	size_t n[6];
	bool grown;
};

static void values_add(struct values *vs, unsigned arg, uint64_t value)
{
	for (size_t i = 0; i < vs->n[arg]; i++)
		if (vs->v[arg][i] == value)
			return;
	if (vs->n[arg] == MAX_VALUES) {
		fprintf(stderr, "check: more than %d values of an argument\n", MAX_VALUES);
		abort();
	}
	vs->v[arg][vs->n[arg]++] = value;
	vs->grown = true;
}

/* Values on both sides of each comparison that a run made, beside what the other half of the
 * argument was. */
static void values_from(struct values *vs, const struct interpret_trace *trace,
			const uint64_t args[6])
{
	for (size_t i = 0; i < trace->n; i++) {
		unsigned arg = trace->seen[i].word / 2;
		bool upper = trace->seen[i].word % 2;
		uint32_t k = trace->seen[i].k, mask = trace->seen[i].mask;
		uint32_t sides[] = { k, k ^ (mask & -mask), k | ~mask, k - 1, k + 1 };

		for (size_t side = 0; side < sizeof(sides) / sizeof(sides[0]); side++) {
			if (upper)
				values_add(vs, arg, sides[side] * UPPER | (uint32_t)args[arg]);
			else
				values_add(vs, arg, sides[side] | (args[arg] & -UPPER));
		}
		if (!upper)
			values_add(vs, arg, k | 5 * UPPER);
	}
}

/* Runs both filters over all combinations of the values found for this number; false with a line at
 * the first bad one. */
static bool judge_number(const struct filter *a, const struct filter *b, judge *good, uint32_t arch,
			 uint32_t nr, size_t *ret_runs)
{
	static struct values vs;
	static struct interpret_trace trace;

	memset(&vs, 0, sizeof(vs));
	for (unsigned i = 0; i < 6; i++)
		values_add(&vs, i, 0);
	do {
		size_t at[6] = { 0 };
		unsigned i = 0;

		vs.grown = false;
		while (i < 6) {
			uint64_t args[6];

			for (i = 0; i < 6; i++)
				args[i] = vs.v[i][at[i]];
			trace.n = 0;
			uint32_t x = filter_run(a, arch, nr, args, &trace),
				 y = filter_run(b, arch, nr, args, &trace);

			++*ret_runs;
			if (!good(x, y)) {
				printf("# arch %#x number %u (%#llx, %#llx, %#llx): %s answers "
				       "%#x, %s %#x\n",
				       arch, nr, (unsigned long long)args[0],
				       (unsigned long long)args[1], (unsigned long long)args[2],
				       a->name, x, b->name, y);
				return false;
			}
			values_from(&vs, &trace, args);
			for (i = 0; i < 6 && ++at[i] == vs.n[i]; i++)
				at[i] = 0;
		}
	} while (vs.grown);
	return true;
}

bool judge_filters(const struct filter *a, const struct filter *b, judge *good, size_t *ret_runs)
{
	static uint32_t numbers[MAX_NUMBERS];
	size_t n = collect_numbers(a, b, numbers);

	*ret_runs = 0;
	for (size_t f = 0; f < sizeof(token) / sizeof(token[0]); f++)
		for (size_t i = 0; i < n; i++)
			if (!judge_number(a, b, good, token[f], numbers[i], ret_runs))
				return false;
	return true;
}
