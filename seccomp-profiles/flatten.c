/* flatten: partial evaluation of a seccomp filter over architecture and number.
 *
 * Three steps. (1) Collect the constants that the program compares the architecture and the number
 * with: between two neighbouring constants the program can't tell values apart, so one
 * representative speaks for the whole interval, and the intervals cover all 32 bits. (2) For each
 * pair of intervals, follow the program with both known; what remains is a small graph of tests on
 * arguments that ends in actions. Equal graphs are the same node (every node is made once). (3)
 * Write the graphs, then per architecture a binary search over ranges of equal graphs, then the
 * choice of architecture. Programs only jump forward, so one pass up and one pass down the
 * instructions are enough; nothing here recurses over input.
 */
#include "flatten.h"

#include <linux/seccomp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define MAX_NODES 8192
#define HASH_SIZE 16384 /* a power of two above MAX_NODES */
#define MAX_STATES 12	/* different accumulators that may reach one instruction */
#define MAX_RANGES 2048
#define MAX_ARCHES 64
#define MAX_HOLES 3
#define NO_NODE UINT32_MAX

#define NR_OFFSET offsetof(struct seccomp_data, nr)
#define ARCH_OFFSET offsetof(struct seccomp_data, arch)

/* What is known of the accumulator. */
struct acc {
	bool known;
	uint32_t value; /* known: the value; else the offset that was loaded */
	uint32_t mask;	/* not known: the bits kept of it */
};

struct node {
	bool is_return;
	uint16_t op;   /* BPF_JEQ, BPF_JGT, BPF_JGE or BPF_JSET */
	uint32_t offset, mask;
	uint32_t k;    /* compared with, or returned */
	uint32_t t, f; /* nodes; made before this one, so smaller numbers */
	bool used;
	bool entered;  /* somebody arrives without the value in the accumulator */
	uint32_t entry_label, loaded_label;
};

struct reach {
	struct acc acc[MAX_STATES];
	uint32_t node[MAX_STATES];
};

struct breaks {
	uint32_t at[MAX_RANGES];
	size_t n;
};

struct range {
	uint32_t start, root;
	uint32_t hole[MAX_HOLES], hole_root[MAX_HOLES];
	unsigned n_holes;
};

struct arch_part {
	uint32_t start;
	size_t first, n; /* in ranges[] */
	uint32_t root;	 /* the label, once written */
};

struct flatten {
	const struct sock_filter *in;
	size_t n_in;
	struct reach *reach;
	uint8_t *n_states; /* beside reach[], so that looking for the few that are reached stays in the cache */
	struct node nodes[MAX_NODES];
	uint32_t n_nodes;
	uint32_t hash[HASH_SIZE]; /* node number + 1 */
	struct breaks arches, numbers;
	struct range ranges[MAX_RANGES * 2];
	size_t n_ranges;
	struct arch_part parts[MAX_ARCHES];
	size_t n_parts;
	/* the result, last instruction first: every target is written before the jump to it */
	struct sock_filter *out;
	size_t n_out, max_out;
	bool failed;
};

/* --- nodes --- */

static uint32_t node_intern(struct flatten *fl, const struct node *want)
{
	uint32_t h = want->k * 2654435761u ^ want->offset * 40503u ^ want->mask * 97u ^
		     want->t * 31u ^ want->f * 17u ^ want->op ^ (want->is_return ? 0x5bd1e995u : 0);

	for (h ^= h >> 15;; h++) {
		uint32_t *slot = &fl->hash[h & (HASH_SIZE - 1)];

		if (*slot == 0) {
			if (fl->n_nodes == MAX_NODES) {
				fl->failed = true;
				return 0;
			}
			fl->nodes[fl->n_nodes] = *want;
			*slot = ++fl->n_nodes;
			return *slot - 1;
		}
		const struct node *have = &fl->nodes[*slot - 1];

		if (have->is_return == want->is_return && have->k == want->k &&
		    have->op == want->op && have->offset == want->offset &&
		    have->mask == want->mask && have->t == want->t && have->f == want->f)
			return *slot - 1;
	}
}

static uint32_t node_return(struct flatten *fl, uint32_t k)
{
	struct node n = { .is_return = true, .k = k };

	return node_intern(fl, &n);
}

static bool same_test(const struct node *a, const struct node *b)
{
	return !b->is_return && a->op == b->op && a->offset == b->offset && a->mask == b->mask &&
	       a->k == b->k;
}

/* "All of these bits are 0" and "this bit is 1" are the same instruction with the branches swapped,
 * and need no mask of their own. So the second half of a pair of rules that only together cover
 * everything is seen to be certain. */
static uint32_t node_test(struct flatten *fl, uint16_t op, struct acc a, uint32_t k, uint32_t t,
			  uint32_t f)
{
	struct node n = { .op = op, .offset = a.value, .mask = a.mask, .k = k, .t = t, .f = f };

	if (t == NO_NODE || f == NO_NODE)
		return NO_NODE;
	if (op == BPF_JEQ && k == 0 && a.mask != UINT32_MAX)
		n = (struct node){ .op = BPF_JSET, .offset = a.value, .k = a.mask, .t = f, .f = t };
	else if (op == BPF_JEQ && k == a.mask && (k & (k - 1)) == 0)
		n = (struct node){ .op = BPF_JSET, .offset = a.value, .k = k, .t = t, .f = f };
	else if (op == BPF_JSET)
		n.k &= a.mask;
	if (n.op == BPF_JSET)
		n.mask = UINT32_MAX;
	if (same_test(&n, &fl->nodes[n.t]))
		n.t = fl->nodes[n.t].t;
	if (same_test(&n, &fl->nodes[n.f]))
		n.f = fl->nodes[n.f].f;
	return n.t == n.f ? n.t : node_intern(fl, &n);
}

/* --- following the program --- */

/* 1 or 0 where the outcome does not depend on what was loaded, else -1. */
static int test_outcome(uint16_t op, struct acc a, uint32_t k)
{
	if (a.known)
		return op == BPF_JEQ   ? a.value == k
		       : op == BPF_JGT ? a.value > k
		       : op == BPF_JGE ? a.value >= k
				       : (a.value & k) != 0;
	/* a masked value is at most the mask */
	if (op == BPF_JEQ && (k & ~a.mask))
		return 0;
	if (op == BPF_JGT && a.mask <= k)
		return 0;
	if (op == BPF_JGE && (k == 0 || a.mask < k))
		return k == 0;
	if (op == BPF_JSET && !(a.mask & k))
		return 0;
	return -1;
}

/* Loads and masks; false if the instruction is none of those that libseccomp makes. */
static bool acc_after(const struct sock_filter *ins, const uint32_t *arch, const uint32_t *nr,
		      struct acc *a)
{
	if (ins->code == (BPF_LD | BPF_W | BPF_ABS)) {
		if (ins->k % 4 || ins->k >= sizeof(struct seccomp_data))
			return false;
		*a = (struct acc){ .value = ins->k, .mask = UINT32_MAX };
		if (ins->k == ARCH_OFFSET && arch)
			*a = (struct acc){ .known = true, .value = *arch };
		else if (ins->k == NR_OFFSET && nr)
			*a = (struct acc){ .known = true, .value = *nr };
		return true;
	}
	if (ins->code == (BPF_ALU | BPF_AND | BPF_K)) {
		if (a->known)
			a->value &= ins->k;
		else
			a->mask &= ins->k;
		if (!a->known && a->mask == 0)
			*a = (struct acc){ .known = true, .value = 0 };
		return true;
	}
	return false;
}

static bool is_test(uint16_t code)
{
	return code == (BPF_JMP | BPF_JEQ | BPF_K) || code == (BPF_JMP | BPF_JGT | BPF_K) ||
	       code == (BPF_JMP | BPF_JGE | BPF_K) || code == (BPF_JMP | BPF_JSET | BPF_K);
}

/* The state's index at pc, added if new; -1 when out of the program or too many. */
static int reach_index(struct flatten *fl, size_t pc, struct acc a)
{
	if (pc >= fl->n_in)
		return -1;
	struct reach *r = &fl->reach[pc];

	/* what forgets the accumulator does not care with which it was reached */
	if (BPF_CLASS(fl->in[pc].code) == BPF_RET || BPF_CLASS(fl->in[pc].code) == BPF_LD)
		a = (struct acc){ .known = true };
	for (int i = 0; i < fl->n_states[pc]; i++)
		if (r->acc[i].known == a.known && r->acc[i].value == a.value &&
		    (a.known || r->acc[i].mask == a.mask))
			return i;
	if (fl->n_states[pc] == MAX_STATES)
		return -1;
	r->acc[fl->n_states[pc]] = a;
	return fl->n_states[pc]++;
}

static bool breaks_add(struct breaks *b, uint32_t value)
{
	if (b->n == MAX_RANGES)
		return false;
	b->at[b->n++] = value;
	return true;
}

/* A comparison with k splits the line of values before k, after k, or both. */
static bool breaks_collect(struct flatten *fl, uint16_t op, struct acc a, uint32_t k)
{
	struct breaks *b = a.value == ARCH_OFFSET ? &fl->arches : &fl->numbers;

	if (a.known || (a.value != ARCH_OFFSET && a.value != NR_OFFSET))
		return true;
	if (op == BPF_JSET || a.mask != UINT32_MAX)
		return false;
	if (op != BPF_JGT && !breaks_add(b, k))
		return false;
	return op == BPF_JGE || k == UINT32_MAX || breaks_add(b, k + 1);
}

/* Marks what can be reached, instruction by instruction. What is NULL is unknown: what it is
 * compared with is collected. */
static bool follow_down(struct flatten *fl, const uint32_t *arch, const uint32_t *nr)
{
	memset(fl->n_states, 0, fl->n_in);
	if (reach_index(fl, 0, (struct acc){ .known = true, .value = 0 }) < 0)
		return false;
	for (size_t pc = 0; pc < fl->n_in; pc++) {
		const struct sock_filter *ins = &fl->in[pc];

		for (int i = 0; i < fl->n_states[pc]; i++) {
			struct acc a = fl->reach[pc].acc[i];

			if (ins->code == (BPF_RET | BPF_K))
				continue;
			if (ins->code == (BPF_JMP | BPF_JA)) {
				if (ins->k >= fl->n_in || reach_index(fl, pc + 1 + ins->k, a) < 0)
					return false;
			} else if (is_test(ins->code)) {
				int outcome = test_outcome(BPF_OP(ins->code), a, ins->k);

				if (!nr && !breaks_collect(fl, BPF_OP(ins->code), a, ins->k))
					return false;
				if (outcome != 0 && reach_index(fl, pc + 1 + ins->jt, a) < 0)
					return false;
				if (outcome != 1 && reach_index(fl, pc + 1 + ins->jf, a) < 0)
					return false;
			} else if (!acc_after(ins, arch, nr, &a) ||
				   reach_index(fl, pc + 1, a) < 0) {
				return false;
			}
		}
	}
	return true;
}

static uint32_t node_at(struct flatten *fl, size_t pc, struct acc a)
{
	int i = reach_index(fl, pc, a);

	return i < 0 ? NO_NODE : fl->reach[pc].node[i];
}

/* What remains of the program for this architecture and number: the node of its start. */
static uint32_t follow(struct flatten *fl, uint32_t arch, uint32_t nr)
{
	if (!follow_down(fl, &arch, &nr)) {
		fl->failed = true;
		return 0;
	}
	for (size_t pc = fl->n_in; pc-- > 0;) {
		const struct sock_filter *ins = &fl->in[pc];
		struct reach *r = &fl->reach[pc];

		for (int i = 0; i < fl->n_states[pc]; i++) {
			struct acc a = r->acc[i];

			if (ins->code == (BPF_RET | BPF_K)) {
				r->node[i] = node_return(fl, ins->k);
			} else if (ins->code == (BPF_JMP | BPF_JA)) {
				r->node[i] = node_at(fl, pc + 1 + ins->k, a);
			} else if (is_test(ins->code)) {
				int outcome = test_outcome(BPF_OP(ins->code), a, ins->k);

				if (outcome >= 0)
					r->node[i] = node_at(
						fl, pc + 1 + (outcome ? ins->jt : ins->jf), a);
				else
					r->node[i] = node_test(fl, BPF_OP(ins->code), a, ins->k,
							       node_at(fl, pc + 1 + ins->jt, a),
							       node_at(fl, pc + 1 + ins->jf, a));
			} else {
				(void)acc_after(ins, &arch, &nr, &a); /* it succeeded on the way down */
				r->node[i] = node_at(fl, pc + 1, a);
			}
		}
	}
	return fl->reach[0].node[0];
}

/* --- ranges --- */

static int compare_u32(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static bool breaks_sort(struct breaks *b)
{
	size_t n = 0;

	if (!breaks_add(b, 0))
		return false;
	qsort(b->at, b->n, sizeof(b->at[0]), compare_u32);
	for (size_t i = 0; i < b->n; i++)
		if (i == 0 || b->at[i] != b->at[i - 1])
			b->at[n++] = b->at[i];
	b->n = n;
	return true;
}

/* The ranges of one architecture. A lone number inside a range of others becomes a hole in that
 * range: one comparison finds it, where splitting the range in three would take two. */
static bool ranges_of(struct flatten *fl, uint32_t arch, struct arch_part *part)
{
	const size_t room = sizeof(fl->ranges) / sizeof(fl->ranges[0]);

	fl->numbers.n = 0;
	if (!follow_down(fl, &arch, NULL) || !breaks_sort(&fl->numbers))
		return false;
	part->first = fl->n_ranges;
	for (size_t i = 0; i < fl->numbers.n; i++) {
		uint32_t root = follow(fl, arch, fl->numbers.at[i]);
		struct range *last =
			fl->n_ranges > part->first ? &fl->ranges[fl->n_ranges - 1] : NULL;
		struct range *before = fl->n_ranges > part->first + 1 ? last - 1 : NULL;

		if (fl->failed || root == NO_NODE || fl->n_ranges == room)
			return false;
		if (last && last->root == root)
			continue;
		if (before && before->root == root && before->n_holes < MAX_HOLES &&
		    last->n_holes == 0 && last->start + 1 == fl->numbers.at[i]) {
			before->hole[before->n_holes] = last->start;
			before->hole_root[before->n_holes++] = last->root;
			fl->n_ranges--;
			continue;
		}
		fl->ranges[fl->n_ranges++] =
			(struct range){.start = fl->numbers.at[i], .root = root};
	}
	part->n = fl->n_ranges - part->first;
	return true;
}

static bool parts_equal(const struct flatten *fl, const struct arch_part *a,
			const struct arch_part *b)
{
	return a->n == b->n && memcmp(&fl->ranges[a->first], &fl->ranges[b->first],
				      a->n * sizeof(struct range)) == 0;
}

static bool parts_of(struct flatten *fl)
{
	for (size_t i = 0; i < fl->arches.n; i++) {
		struct arch_part *part = &fl->parts[fl->n_parts];

		if (fl->n_parts == MAX_ARCHES)
			return false;
		*part = (struct arch_part){ .start = fl->arches.at[i] };
		if (!ranges_of(fl, part->start, part))
			return false;
		if (fl->n_parts > 0 && parts_equal(fl, part - 1, part))
			fl->n_ranges = part->first;
		else
			fl->n_parts++;
	}
	return true;
}

/* --- writing, from the end --- */

static uint32_t emit(struct flatten *fl, struct sock_filter ins)
{
	if (fl->n_out == fl->max_out) {
		fl->failed = true;
		return 0;
	}
	fl->out[fl->n_out] = ins;
	return (uint32_t)fl->n_out++;
}

/* A label within reach of a conditional jump, whose offsets have eight bits: the label itself, or a
 * stepping stone. Two stones may have to fit between the jump and a label. */
static uint32_t near_label(struct flatten *fl, uint32_t label)
{
	if (fl->n_out + 2 - label <= UINT8_MAX)
		return label;
	if (fl->out[label].code == (BPF_RET | BPF_K))
		return emit(fl, fl->out[label]);
	return emit(fl, (struct sock_filter)BPF_STMT(BPF_JMP | BPF_JA,
						     (uint32_t)fl->n_out - label - 1));
}

static uint32_t emit_test(struct flatten *fl, uint16_t op, uint32_t k, uint32_t t, uint32_t f)
{
	t = near_label(fl, t);
	f = near_label(fl, f);
	return emit(fl, (struct sock_filter)BPF_JUMP(BPF_JMP | op | BPF_K, k,
						     (uint8_t)(fl->n_out - t - 1),
						     (uint8_t)(fl->n_out - f - 1)));
}

static bool same_value(const struct node *a, const struct node *b)
{
	return !a->is_return && !b->is_return && a->offset == b->offset && a->mask == b->mask;
}

static void emit_nodes(struct flatten *fl)
{
	for (size_t i = 0; i < fl->n_ranges; i++) {
		fl->nodes[fl->ranges[i].root].used = fl->nodes[fl->ranges[i].root].entered = true;
		for (unsigned h = 0; h < fl->ranges[i].n_holes; h++)
			fl->nodes[fl->ranges[i].hole_root[h]].used =
				fl->nodes[fl->ranges[i].hole_root[h]].entered = true;
	}
	for (uint32_t i = fl->n_nodes; i-- > 0;) {
		struct node *n = &fl->nodes[i];

		if (!n->used || n->is_return)
			continue;
		fl->nodes[n->t].used = fl->nodes[n->f].used = true;
		fl->nodes[n->t].entered |= !same_value(n, &fl->nodes[n->t]);
		fl->nodes[n->f].entered |= !same_value(n, &fl->nodes[n->f]);
	}
	for (uint32_t i = 0; i < fl->n_nodes; i++) {
		struct node *n = &fl->nodes[i];

		if (!n->used)
			continue;
		if (n->is_return) {
			n->entry_label = n->loaded_label =
				emit(fl, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, n->k));
			continue;
		}
		const struct node *t = &fl->nodes[n->t], *f = &fl->nodes[n->f];

		n->loaded_label = emit_test(fl, n->op, n->k,
					    same_value(n, t) ? t->loaded_label : t->entry_label,
					    same_value(n, f) ? f->loaded_label : f->entry_label);
		if (!n->entered)
			continue;
		if (n->mask != UINT32_MAX)
			emit(fl, (struct sock_filter)BPF_STMT(BPF_ALU | BPF_AND | BPF_K, n->mask));
		n->entry_label =
			emit(fl, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, n->offset));
	}
}

/* Halves the ranges: the depth is the logarithm of MAX_RANGES. */
static uint32_t emit_search(struct flatten *fl, const struct range *r, size_t n)
{
	if (n > 1) {
		uint32_t right = emit_search(fl, r + n / 2, n - n / 2);
		uint32_t left = emit_search(fl, r, n / 2);

		return emit_test(fl, BPF_JGE, r[n / 2].start, right, left);
	}
	uint32_t label = fl->nodes[r->root].entry_label;

	for (unsigned h = 0; h < r->n_holes; h++)
		label = emit_test(fl, BPF_JEQ, r->hole[h], fl->nodes[r->hole_root[h]].entry_label,
				  label);
	return label;
}

static uint32_t emit_part(struct flatten *fl, const struct arch_part *part)
{
	const struct range *r = &fl->ranges[part->first];
	uint32_t label = emit_search(fl, r, part->n);

	/* one graph for all numbers, as of a foreign architecture: nothing to look at */
	if (part->n == 1 && r->n_holes == 0)
		return label;
	return emit(fl, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, NR_OFFSET));
}

static void emit_arches(struct flatten *fl)
{
	/* Few, so one after the other, the highest first. An architecture between two foreign
	 * ranges takes one test. */
	for (size_t i = 0; i < fl->n_parts; i++)
		fl->parts[i].root = emit_part(fl, &fl->parts[i]);

	uint32_t label = fl->parts[0].root;

	for (size_t i = 1; i < fl->n_parts; i++) {
		const struct arch_part *part = &fl->parts[i];

		if (i + 1 < fl->n_parts && part->start + 1 == part[1].start &&
		    parts_equal(fl, part - 1, part + 1)) {
			label = emit_test(fl, BPF_JEQ, part->start, part->root, label);
			i++;
		} else {
			label = emit_test(fl, BPF_JGE, part->start, part->root, label);
		}
	}
	/* the chain begins where the last test was written; without a test it is wherever the only
	 * part begins */
	if (fl->n_parts == 1 && label + 1 != fl->n_out)
		emit(fl, (struct sock_filter)BPF_STMT(BPF_JMP | BPF_JA,
						      (uint32_t)fl->n_out - label - 1));
	if (fl->n_parts > 1)
		emit(fl, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, ARCH_OFFSET));
}

static bool flatten_run(struct flatten *fl)
{
	if (!follow_down(fl, NULL, NULL) || !breaks_sort(&fl->arches) || !parts_of(fl))
		return false;
	emit_nodes(fl);
	emit_arches(fl);
	return !fl->failed;
}

int flatten_filter(const struct sock_filter *in, size_t n_in, struct sock_filter *out,
		   size_t max_out, size_t *ret_n)
{
	int result = -1;

	if (n_in == 0 || n_in > BPF_MAXINSNS || max_out == 0 || max_out > BPF_MAXINSNS)
		return -1;
	struct flatten *fl = calloc(1, sizeof(*fl));

	if (!fl)
		return -1;
	fl->in = in;
	fl->n_in = n_in;
	fl->max_out = max_out;
	fl->reach = calloc(n_in, sizeof(*fl->reach));
	fl->n_states = calloc(n_in, 1);
	fl->out = calloc(max_out, sizeof(*fl->out));
	if (fl->reach && fl->n_states && fl->out && flatten_run(fl)) {
		for (size_t i = 0; i < fl->n_out; i++)
			out[i] = fl->out[fl->n_out - 1 - i];
		*ret_n = fl->n_out;
		result = 0;
	}
	free(fl->reach);
	free(fl->n_states);
	free(fl->out);
	free(fl);
	return result;
}
