/* interpret: classic BPF, the part of it that seccomp(2) accepts from us; see interpret.h. */
#include "interpret.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void broken(const char *what, size_t pc)
{
	fprintf(stderr, "interpret: %s at instruction %zu\n", what, pc);
	abort();
}

uint32_t interpret_filter(const struct sock_filter *prog, size_t n, const struct seccomp_data *data)
{
	uint32_t a = 0;

	for (size_t pc = 0; pc < n; pc++) {
		const struct sock_filter *i = &prog[pc];

		switch (i->code) {
		case BPF_LD | BPF_W | BPF_ABS:
			if (i->k % 4 || i->k > sizeof(*data) - 4)
				broken("load out of bounds", pc);
			memcpy(&a, (const char *)data + i->k, sizeof(a));
			break;
		case BPF_ALU | BPF_AND | BPF_K:
			a &= i->k;
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
	broken("the end", n);
	return 0;
}
