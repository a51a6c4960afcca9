/* The device rules of a container as an eBPF program of its cgroup (H-41).
 *
 * cgroup v2 has no device files; a BPF_PROG_TYPE_CGROUP_DEVICE program decides
 * each access.  The plan's list means "last match wins, starting from deny", so
 * the program tests the rules in reverse order and denies at its end.
 */
#include "config.h"

#include "act/cgroup.h"

#include "act/device_program.h"
#include "base/auto.h"
#include "sys/sys.h"

#include <errno.h>
#include <string.h>

#include "base/banned.h"

/* --- the program --- */

enum { R0 = 0, R1, R2, R3, R4, R5 }; /* R2: type, R3: access, R4: major, R5: minor */

static void emit(struct device_program *p, uint8_t code, int dst, int src, int16_t off, int32_t imm)
{
	if (p->n < DEVICE_PROGRAM_MAX)
		p->insns[p->n] = (struct bpf_insn){.code = code,
						   .dst_reg = (uint8_t)(dst & 15),
						   .src_reg = (uint8_t)(src & 15),
						   .off = off,
						   .imm = imm};
	p->n++;
}

static void emit_prologue(struct device_program *p)
{
	/* struct bpf_cgroup_dev_ctx: access_type = access << 16 | type */
	emit(p, BPF_LDX | BPF_MEM | BPF_W, R2, R1, offsetof(struct bpf_cgroup_dev_ctx, access_type),
	     0);
	emit(p, BPF_ALU | BPF_MOV | BPF_X, R3, R2, 0, 0);
	emit(p, BPF_ALU | BPF_AND | BPF_K, R2, 0, 0, 0xffff);
	emit(p, BPF_ALU | BPF_RSH | BPF_K, R3, 0, 0, 16);
	emit(p, BPF_LDX | BPF_MEM | BPF_W, R4, R1, offsetof(struct bpf_cgroup_dev_ctx, major), 0);
	emit(p, BPF_LDX | BPF_MEM | BPF_W, R5, R1, offsetof(struct bpf_cgroup_dev_ctx, minor), 0);
}

static void emit_return(struct device_program *p, bool allow)
{
	emit(p, BPF_ALU64 | BPF_MOV | BPF_K, R0, 0, 0, allow);
	emit(p, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

static int32_t access_bits(const struct plan_device_rule *r)
{
	return (r->read ? BPF_DEVCG_ACC_READ : 0) | (r->write ? BPF_DEVCG_ACC_WRITE : 0) |
	       (r->mknod ? BPF_DEVCG_ACC_MKNOD : 0);
}

static bool is_same_head(const struct plan_device_rule *a, const struct plan_device_rule *b)
{
	return a->allow == b->allow && a->type == b->type && access_bits(a) == access_bits(b);
}

struct jumps { /* instructions that jump to a place not yet emitted */
	uint32_t at[4];
	unsigned n;
};

static void emit_jump(struct device_program *p, struct jumps *j, uint8_t code, int reg,
		      int32_t value)
{
	j->at[j->n++] = p->n;
	emit(p, code, reg, 0, 0, value);
}

static void land(struct device_program *p, const struct jumps *j)
{
	for (unsigned i = 0; i < j->n; i++)
		if (j->at[i] < DEVICE_PROGRAM_MAX)
			p->insns[j->at[i]].off = (int16_t)(p->n - j->at[i] - 1);
}

/* What rules of a group have in common: type and access.  Tests that fail jump
 * behind the group. */
static void emit_head(struct device_program *p, const struct plan_device_rule *r, struct jumps *out)
{
	const int32_t all = BPF_DEVCG_ACC_READ | BPF_DEVCG_ACC_WRITE | BPF_DEVCG_ACC_MKNOD;

	if (r->type != 'a')
		emit_jump(p, out, BPF_JMP | BPF_JNE | BPF_K, R2,
			  r->type == 'c' ? BPF_DEVCG_DEV_CHAR : BPF_DEVCG_DEV_BLOCK);
	if (access_bits(r) == all)
		return;
	/* Allowed: all that is asked must be in the rule.  Denied: any of it is
	 * enough. */
	emit(p, BPF_ALU | BPF_MOV | BPF_X, R1, R3, 0, 0);
	emit(p, BPF_ALU | BPF_AND | BPF_K, R1, 0, 0,
	     r->allow ? all & ~access_bits(r) : access_bits(r));
	emit_jump(p, out, BPF_JMP | (r->allow ? BPF_JNE : BPF_JEQ) | BPF_K, R1, 0);
}

/* Rules that follow each other and differ in their numbers only: whichever of them
 * matches, the answer is the same, and stands once.  Instructions are what the verifier
 * takes its time for, 3 µs each. */
struct group {
	struct plan_device_rule head;
	bool is_open;
	uint32_t start;
	struct jumps out;         /* type or access is another one, or no number matches */
	struct jumps other_major; /* past the minors of `major` */
	int64_t major;
};

#define TO_ANSWER (-1) /* offset of a jump to the group's answer until that is there */

static void emit_match(struct device_program *p, int reg, int64_t number)
{
	emit(p, BPF_JMP | BPF_JEQ | BPF_K, reg, 0, TO_ANSWER, (int32_t)number);
}

static void end_major(struct device_program *p, struct group *g)
{
	land(p, &g->other_major);
	g->other_major.n = 0;
}

static void emit_numbers(struct device_program *p, struct group *g,
			 const struct plan_device_rule *r)
{
	if (g->other_major.n && (r->major != g->major || r->minor < 0))
		end_major(p, g);
	if (r->major >= 0 && r->minor >= 0) {
		if (!g->other_major.n)
			emit_jump(p, &g->other_major, BPF_JMP | BPF_JNE | BPF_K, R4,
				  (int32_t)r->major);
		g->major = r->major;
		emit_match(p, R5, r->minor);
	} else if (r->major >= 0) {
		emit_match(p, R4, r->major);
	} else if (r->minor >= 0) {
		emit_match(p, R5, r->minor);
	}
}

/* The last test is turned round: what fails it goes out, what passes it stands before the
 * answer; and so does what has another major than that. */
static void turn_last(struct device_program *p, struct group *g)
{
	uint32_t last = p->n - 1;

	if (last < DEVICE_PROGRAM_MAX) {
		p->insns[last].code = BPF_JMP | BPF_JNE | BPF_K;
		p->insns[last].off = 0;
	}
	g->out.at[g->out.n++] = last;
	if (g->other_major.n)
		g->out.at[g->out.n++] = g->other_major.at[0];
	g->other_major.n = 0;
}

/* `all`: its last rule is for every number, so nothing gets past it. */
static void end_group(struct device_program *p, struct group *g, bool all)
{
	if (!g->is_open)
		return;
	if (all)
		end_major(p, g);
	else
		turn_last(p, g);
	for (uint32_t i = g->start; i < p->n && i < DEVICE_PROGRAM_MAX; i++)
		if (p->insns[i].off == TO_ANSWER)
			p->insns[i].off = (int16_t)(p->n - i - 1);
	emit_return(p, g->head.allow);
	land(p, &g->out);
	g->is_open = false;
}

static void begin_group(struct device_program *p, struct group *g, const struct plan_device_rule *r)
{
	*g = (struct group){.head = *r, .is_open = true, .start = p->n};
	emit_head(p, r, &g->out);
}

/* Rules before one that matches everything can't be reached: the verifier would
 * refuse dead code, and reading it would take time. */
static bool matches_everything(const struct plan_device_rule *r)
{
	return r->type == 'a' && r->major < 0 && r->minor < 0 && r->read && r->write && r->mknod;
}

/* A rule with what those before it allow for the same numbers, as long as none in
 * between denies: "r" and "w" given apart are meant to let a program open the device
 * for both (cgroup v1 and runc join them as well). */
static struct plan_device_rule fold(const struct plan_cgroup *limits, size_t index)
{
	struct plan_device_rule r = limits->devices.items[index];

	while (r.allow && index-- > 0) {
		const struct plan_device_rule *before = &limits->devices.items[index];

		if (!before->allow)
			break;
		if (before->type != r.type || before->major != r.major || before->minor != r.minor)
			continue;
		r.read |= before->read;
		r.write |= before->write;
		r.mknod |= before->mknod;
	}
	return r;
}

int device_program_make(const struct plan_cgroup *limits, struct device_program *p, struct err *err)
{
	struct group group = {.is_open = false};
	bool decided = false;

	p->n = 0;
	emit_prologue(p);
	/* What doesn't fit is refused below: no need to look at all of it. */
	for (size_t i = limits->devices.n; i > 0 && !decided && p->n <= DEVICE_PROGRAM_MAX; i--) {
		const struct plan_device_rule folded = fold(limits, i - 1), *r = &folded;

		/* No access, or a number that no device has (the kernel's are of 12
		 * and 20 bits; a larger one must not be cut to one that exists). */
		if (access_bits(r) == 0 || r->major > INT32_MAX || r->minor > INT32_MAX)
			continue;
		if (!group.is_open || !is_same_head(&group.head, r)) {
			end_group(p, &group, false);
			begin_group(p, &group, r);
		}
		decided = matches_everything(r);
		emit_numbers(p, &group, r);
		/* A rule for any number of its type ends its group: what follows there
		 * would be dead code, which the verifier of old kernels refuses. */
		if (r->major < 0 && r->minor < 0)
			end_group(p, &group, true);
	}
	end_group(p, &group, false);
	if (!decided)
		emit_return(p, false);
	if (p->n > DEVICE_PROGRAM_MAX)
		return err_set(err, ERR_SPEC, "linux.resources.devices: %zu rules are too many",
			       limits->devices.n);
	return 0;
}

/* --- loading and attaching --- */

static int load(const struct device_program *p, struct err *err)
{
	static const char license[] = "Apache-2.0";
	union bpf_attr attr;
	int fd;

	memset(&attr, 0, sizeof(attr));
	attr.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE;
	attr.insns = (uint64_t)(uintptr_t)p->insns;
	attr.insn_cnt = p->n;
	attr.license = (uint64_t)(uintptr_t)license;
	memcpy(attr.prog_name, "kanuki_devices", sizeof("kanuki_devices"));
	fd = sys_bpf(BPF_PROG_LOAD, &attr, sizeof(attr));
	return fd < 0 ? err_sys(err, "load the device program of %u instructions", p->n) : fd;
}

/* The one program of ours that is attached, as a descriptor; -1 and ret_none when
 * there is none yet. */
static int find_attached(const struct cgroup *cg, bool *ret_none, struct err *err)
{
	union bpf_attr attr;
	uint32_t ids[64] = {0};
	int fd;

	*ret_none = false;
	memset(&attr, 0, sizeof(attr));
	attr.query.target_fd = (uint32_t)cg->dirfd;
	attr.query.attach_type = BPF_CGROUP_DEVICE;
	attr.query.prog_ids = (uint64_t)(uintptr_t)ids;
	attr.query.prog_cnt = 64;
	if (sys_bpf(BPF_PROG_QUERY, &attr, sizeof(attr)) < 0)
		return err_sys(err, "ask for the cgroup's device programs");
	if (attr.query.prog_cnt == 0) {
		*ret_none = true;
		return -1;
	}
	if (attr.query.prog_cnt != 1)
		return err_set(err, ERR_STATE,
			       "the container's cgroup has %u device programs, one is ours",
			       attr.query.prog_cnt);
	memset(&attr, 0, sizeof(attr));
	attr.prog_id = ids[0];
	fd = sys_bpf(BPF_PROG_GET_FD_BY_ID, &attr, sizeof(attr));
	return fd < 0 ? err_sys(err, "open the cgroup's device program") : fd;
}

int cgroup_set_devices(const struct cgroup *cg, const struct plan_cgroup *limits, struct err *err)
{
	struct device_program program;
	autofd int new_fd = -1;
	autofd int old_fd = -1;
	bool none = true;
	union bpf_attr attr;

	if (device_program_make(limits, &program, err) < 0)
		return -1;
	new_fd = load(&program, err);
	if (new_fd < 0)
		return -1;
	/* A cgroup that this start made has none: one call less. */
	if (cg->n_made == 0) {
		old_fd = find_attached(cg, &none, err);
		if (old_fd < 0 && !none)
			return -1;
	}
	memset(&attr, 0, sizeof(attr));
	attr.target_fd = (uint32_t)cg->dirfd;
	attr.attach_bpf_fd = (uint32_t)new_fd;
	attr.attach_type = BPF_CGROUP_DEVICE;
	/* MULTI: programs of cgroups above stay in force.  REPLACE: there is no
	 * moment with none, or with both (W-20). */
	attr.attach_flags = BPF_F_ALLOW_MULTI | (none ? 0 : BPF_F_REPLACE);
	if (!none)
		attr.replace_bpf_fd = (uint32_t)old_fd;
	if (sys_bpf(BPF_PROG_ATTACH, &attr, sizeof(attr)) < 0)
		return err_sys(err, "attach the device program");
	return 0;
}
