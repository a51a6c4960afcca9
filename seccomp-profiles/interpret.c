/* interpret: classic BPF, the part of it that libseccomp and flatten write; see interpret.h. */
#include "interpret.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static _Noreturn void broken(const char *what, size_t pc)
{
	fprintf(stderr, "interpret: %s at instruction %zu\n", what, pc);
	abort();
}

static void record(struct interpret_trace *trace, uint32_t offset, uint32_t mask, uint32_t k,
		   size_t pc)
{
	if (!trace || offset < offsetof(struct seccomp_data, args))
		return;
	if (trace->n == sizeof(trace->seen) / sizeof(trace->seen[0]))
		broken("too many comparisons", pc);
	trace->seen[trace->n].word = (unsigned)(offset - offsetof(struct seccomp_data, args)) / 4;
	trace->seen[trace->n].mask = mask;
	trace->seen[trace->n++].k = k;
}

uint32_t interpret_filter(const struct sock_filter *prog, size_t n, const struct seccomp_data *data,
			  struct interpret_trace *trace)
{
	uint32_t a = 0, offset = 0, mask = 0;

	for (size_t pc = 0; pc < n; pc++) {
		const struct sock_filter *i = &prog[pc];

		if (BPF_CLASS(i->code) == BPF_JMP && BPF_OP(i->code) != BPF_JA)
			record(trace, offset, BPF_OP(i->code) == BPF_JSET ? mask & i->k : mask,
			       i->k, pc);
		switch (i->code) {
		case BPF_LD | BPF_W | BPF_ABS:
			if (i->k % 4 || i->k > sizeof(*data) - 4)
				broken("load out of bounds", pc);
			memcpy(&a, (const char *)data + i->k, sizeof(a));
			offset = i->k;
			mask = UINT32_MAX;
			break;
		case BPF_ALU | BPF_AND | BPF_K:
			a &= i->k;
			mask &= i->k;
			break;
		case BPF_JMP | BPF_JA:
			pc += i->k;
			break;
		case BPF_JMP | BPF_JEQ | BPF_K:
			pc += a == i->k ? i->jt : i->jf;
			break;
		case BPF_JMP | BPF_JGT | BPF_K:
			pc += a > i->k ? i->jt : i->jf;
			break;
		case BPF_JMP | BPF_JGE | BPF_K:
			pc += a >= i->k ? i->jt : i->jf;
			break;
		case BPF_JMP | BPF_JSET | BPF_K:
			pc += a & i->k ? i->jt : i->jf;
			break;
		case BPF_RET | BPF_K:
			return i->k;
		default:
			broken("unknown instruction", pc);
		}
	}
	broken("no return", n);
}
