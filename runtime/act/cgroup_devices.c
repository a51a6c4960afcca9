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
		p->insns[p->n] = (struct bpf_insn){
			.code = code, .dst_reg = (uint8_t)(dst & 15), .src_reg = (uint8_t)(src & 15), .off = off, .imm = imm};
	p->n++;
}

static void emit_prologue(struct device_program *p)
{
	/* struct bpf_cgroup_dev_ctx: access_type = access << 16 | type */
	emit(p, BPF_LDX | BPF_MEM | BPF_W, R2, R1, offsetof(struct bpf_cgroup_dev_ctx, access_type), 0);
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
	uint32_t at[2];
	unsigned n;
};

static void emit_jump(struct device_program *p, struct jumps *j, uint8_t code, int reg, int32_t value)
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
	emit(p, BPF_ALU | BPF_AND | BPF_K, R1, 0, 0, r->allow ? all & ~access_bits(r) : access_bits(r));
	emit_jump(p, out, BPF_JMP | (r->allow ? BPF_JNE : BPF_JEQ) | BPF_K, R1, 0);
}

static void emit_numbers(struct device_program *p, const struct plan_device_rule *r)
{
	struct jumps next = {.n = 0};

	if (r->major >= 0)
		emit_jump(p, &next, BPF_JMP | BPF_JNE | BPF_K, R4, (int32_t)r->major);
	if (r->minor >= 0)
		emit_jump(p, &next, BPF_JMP | BPF_JNE | BPF_K, R5, (int32_t)r->minor);
	emit_return(p, r->allow);
	land(p, &next);
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
	struct plan_device_rule head; /* of the group that is open */
	bool is_open = false;
	struct jumps out = {.n = 0};
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
		/* A rule for any number of its type ends the reach of its group:
		 * what follows there would be dead code, which the verifier of
		 * old kernels refuses. */
		if (!is_open || !is_same_head(&head, r)) {
			land(p, &out);
			out.n = 0;
			head = *r;
			is_open = true;
			emit_head(p, r, &out);
		}
		decided = matches_everything(r);
		emit_numbers(p, r);
		if (r->major < 0 && r->minor < 0) {
			land(p, &out);
			out.n = 0;
			is_open = false;
		}
	}
	land(p, &out);
	if (!decided)
		emit_return(p, false);
	if (p->n > DEVICE_PROGRAM_MAX)
		return err_set(err, ERR_SPEC, "linux.resources.devices: %zu rules are too many", limits->devices.n);
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
		return err_set(err, ERR_STATE, "the container's cgroup has %u device programs, one is ours",
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
