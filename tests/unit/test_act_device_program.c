/* The device program against a plain evaluation of the rules: "the last match
 * wins, starting from deny".  The program is run by an interpreter that refuses
 * what the kernel's verifier would; as root it is loaded, too. */
#include "config.h"

#include "act/device_program.h"
#include "sys/sys.h"

#include "tap.h"

#include <errno.h>
#include <unistd.h>

#define ALL (BPF_DEVCG_ACC_READ | BPF_DEVCG_ACC_WRITE | BPF_DEVCG_ACC_MKNOD)

struct query {
	uint32_t type, access, major, minor;
};

static const char *broken; /* what the verifier would not have let pass */

static int64_t fail_run(const char *why)
{
	broken = why;
	return -1;
}

static int64_t run(const struct device_program *p, const struct query *q)
{
	const struct bpf_cgroup_dev_ctx ctx = {
		.access_type = q->access << 16 | q->type, .major = q->major, .minor = q->minor};
	uint64_t r[11] = {0};
	unsigned known = 1u << 1; /* registers with a value: R1, the context */
	bool is_context = true;	  /* R1 still is */

	for (uint32_t pc = 0; pc < p->n; pc++) {
		const struct bpf_insn *i = &p->insns[pc];
		const unsigned dst = i->dst_reg, src = i->src_reg;
		bool jump;

		switch (i->code) {
		case BPF_LDX | BPF_MEM | BPF_W:
			if (src != 1 || !is_context || i->off < 0 || i->off % 4 || (size_t)i->off + 4 > sizeof(ctx))
				return fail_run("load from elsewhere");
			r[dst] = ((const uint32_t *)&ctx)[i->off / 4];
			break;
		case BPF_ALU | BPF_MOV | BPF_X:
			if (!(known & 1u << src) || (src == 1 && is_context))
				return fail_run("copy of no value");
			r[dst] = (uint32_t)r[src];
			break;
		case BPF_ALU | BPF_AND | BPF_K:
			r[dst] = (uint32_t)r[dst] & (uint32_t)i->imm;
			break;
		case BPF_ALU | BPF_RSH | BPF_K:
			r[dst] = (uint32_t)r[dst] >> i->imm;
			break;
		case BPF_ALU64 | BPF_MOV | BPF_K:
			r[dst] = (uint64_t)(int64_t)i->imm;
			break;
		case BPF_JMP | BPF_JEQ | BPF_K:
		case BPF_JMP | BPF_JNE | BPF_K:
			jump = (r[dst] == (uint64_t)(int64_t)i->imm) == (BPF_OP(i->code) == BPF_JEQ);
			if (!(known & 1u << dst) || i->off < 0 || pc + 1 + (uint32_t)i->off >= p->n)
				return fail_run("jump on no value or to nowhere");
			pc += jump ? (uint32_t)i->off : 0;
			continue;
		case BPF_JMP | BPF_EXIT:
			return known & 1 ? (int64_t)r[0] : fail_run("exit without a result");
		default:
			return fail_run("unknown instruction");
		}
		if (BPF_OP(i->code) != BPF_MOV && BPF_CLASS(i->code) == BPF_ALU && !(known & 1u << dst))
			return fail_run("arithmetic on no value");
		known |= 1u << dst;
		is_context = is_context && dst != 1;
	}
	return fail_run("ran off the end");
}

/* Code that no path reaches, which kernels before 5.x refuse (check_cfg); or a jump, taken or
 * not, that goes back or past the end. */
static bool all_reachable(const struct device_program *p)
{
	static bool reached[DEVICE_PROGRAM_MAX + 1];

	memset(reached, 0, sizeof(reached));
	reached[0] = true;
	for (uint32_t pc = 0; pc < p->n; pc++) {
		const uint8_t code = p->insns[pc].code;

		if (!reached[pc] || p->insns[pc].off < 0 ||
		    (BPF_CLASS(code) == BPF_JMP &&
		     pc + 1 + (uint32_t)p->insns[pc].off >= p->n + (code == (BPF_JMP | BPF_EXIT))))
			return false;
		if (code == (BPF_JMP | BPF_EXIT))
			continue;
		reached[pc + 1] = true;
		if (BPF_CLASS(code) == BPF_JMP)
			reached[pc + 1 + (uint32_t)p->insns[pc].off] = true;
	}
	return !reached[p->n];
}

static uint32_t rule_access(const struct plan_device_rule *r)
{
	return (r->read ? BPF_DEVCG_ACC_READ : 0u) | (r->write ? BPF_DEVCG_ACC_WRITE : 0u) |
	       (r->mknod ? BPF_DEVCG_ACC_MKNOD : 0u);
}

/* Allowed for the same numbers since the last rule that denies. */
static uint32_t allowed_before(const struct plan_cgroup *g, size_t at)
{
	const struct plan_device_rule *r = &g->devices.items[at];
	uint32_t access = 0;

	for (size_t i = 0; i < at; i++) {
		const struct plan_device_rule *b = &g->devices.items[i];

		if (!b->allow)
			access = 0;
		else if (b->type == r->type && b->major == r->major && b->minor == r->minor)
			access |= rule_access(b);
	}
	return access;
}

/* A rule that allows must cover all that is asked, together with what was allowed
 * before for the same numbers; of one that denies any part is enough. */
static bool reference(const struct plan_cgroup *g, const struct query *q)
{
	bool allowed = false;

	for (size_t i = 0; i < g->devices.n; i++) {
		const struct plan_device_rule *r = &g->devices.items[i];
		const uint32_t access = rule_access(r) | (r->allow ? allowed_before(g, i) : 0);

		if (r->type != 'a' && (r->type == 'c' ? BPF_DEVCG_DEV_CHAR : BPF_DEVCG_DEV_BLOCK) != (int)q->type)
			continue;
		if ((r->major >= 0 && r->major != q->major) || (r->minor >= 0 && r->minor != q->minor))
			continue;
		if (r->allow ? access && !(q->access & ~access) : q->access & access)
			allowed = r->allow;
	}
	return allowed;
}

static const struct plan_cgroup *shown; /* of the first difference */

static void show(const struct plan_cgroup *g, const struct query *q, int64_t got)
{
	for (size_t i = 0; i < g->devices.n; i++)
		diag("%s %c %d:%d %u", g->devices.items[i].allow ? "allow" : "deny", g->devices.items[i].type,
		     (int)g->devices.items[i].major, (int)g->devices.items[i].minor, rule_access(&g->devices.items[i]));
	diag("asked type %u access %u %u:%u: the program says %d (%s)", q->type, q->access, q->major, q->minor,
	     (int)got, broken ? broken : "ran");
	shown = g;
}

/* All questions; false at the first difference. */
static bool agrees(const struct plan_cgroup *g, const uint32_t *majors, const uint32_t *minors, unsigned n)
{
	static struct device_program p;
	struct err err = ERR_INIT;

	if (device_program_make(g, &p, &err) < 0 || !all_reachable(&p))
		return false;
	for (uint32_t i = 0; i < 2 * ALL * n * n; i++) {
		const struct query q = {.type = i % 2 ? BPF_DEVCG_DEV_CHAR : BPF_DEVCG_DEV_BLOCK,
					.access = i / 2 % ALL + 1,
					.major = majors[i / 2 / ALL % n],
					.minor = minors[i / 2 / ALL / n]};
		int64_t got = run(&p, &q);

		if (got != reference(g, &q)) {
			if (!shown)
				show(g, &q, got);
			return false;
		}
	}
	return true;
}

static void set_access(struct plan_device_rule *r, unsigned access)
{
	r->read = access & BPF_DEVCG_ACC_READ;
	r->write = access & BPF_DEVCG_ACC_WRITE;
	r->mknod = access & BPF_DEVCG_ACC_MKNOD;
}

/* Every list of up to three rules over a small alphabet. */
static void test_all_triples(void)
{
	static const uint32_t majors[] = {1, 2}, minors[] = {3, 4};
	static const unsigned accesses[] = {0, BPF_DEVCG_ACC_READ, ALL & ~BPF_DEVCG_ACC_READ, ALL};
	struct plan_device_rule alphabet[96], rules[3];
	size_t n = 0, differ = 0, lists = 0;

	for (unsigned i = 0; i < 96; i++) {
		struct plan_device_rule *r = &alphabet[n++];

		*r = (struct plan_device_rule){.allow = i % 2, .type = "abc"[i / 2 % 3]};
		r->major = i / 6 % 2 ? 1 : -1;
		r->minor = i / 12 % 2 ? 3 : -1;
		set_access(r, accesses[i / 24]);
	}
	for (size_t len = 0; len <= 3; len++) {
		size_t total = 1;

		for (size_t k = 0; k < len; k++)
			total *= n;
		for (size_t i = 0; i < total; i++, lists++) {
			struct plan_cgroup g = {.devices = {.items = rules, .n = len}};
			size_t rest = i;

			for (size_t k = 0; k < len; k++, rest /= n)
				rules[k] = alphabet[rest % n];
			differ += !agrees(&g, majors, minors, 2);
		}
	}
	is_int(differ, 0, "all lists of up to three rules mean what the rules say");
	is_int(lists, 1 + 96 + 96 * 96 + 96 * 96 * 96, "that were all of them");
}

static uint64_t seed = 20230719;

static unsigned dice(unsigned sides)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(seed >> 33) % sides;
}

static void random_rules(struct plan_device_rule *rules, size_t n)
{
	static const int64_t majors[] = {-1, 0, 1, 5, 4095}, minors[] = {-1, 0, 3, 7, 1048575};

	for (size_t i = 0; i < n; i++) {
		/* Often the head of the one before: groups are what is to be tried. */
		if (i == 0 || dice(2)) {
			rules[i] = (struct plan_device_rule){.allow = dice(3) > 0, .type = "abcc"[dice(4)]};
			set_access(&rules[i], dice(3) ? dice(8) : ALL);
		} else {
			rules[i] = rules[i - 1];
		}
		/* A rule for everything hides all before it: seldom. */
		rules[i].major = majors[dice(5)];
		rules[i].minor = rules[i].major < 0 && dice(4) ? minors[1 + dice(4)] : minors[dice(5)];
	}
}

static void test_random(void)
{
	static const uint32_t majors[] = {0, 1, 5, 4095, 9}, minors[] = {0, 3, 7, 1048575, 9};
	static struct plan_device_rule rules[64];
	size_t differ = 0;

	for (unsigned i = 0; i < 6000; i++) {
		struct plan_cgroup g = {.devices = {.items = rules, .n = dice(65)}};

		random_rules(rules, g.devices.n);
		differ += !agrees(&g, majors, minors, 5);
	}
	is_int(differ, 0, "6000 random lists of up to 64 rules mean what the rules say");
}

/* What is allowed at once is allowed bit by bit: combining asks gains nothing. */
static void test_no_gain_by_combining(void)
{
	static struct plan_device_rule rules[16];
	static struct device_program p;
	struct err err = ERR_INIT;
	size_t gained = 0;

	for (unsigned i = 0; i < 4000; i++) {
		struct plan_cgroup g = {.devices = {.items = rules, .n = 16}};
		struct query q = {.type = BPF_DEVCG_DEV_CHAR, .major = 1, .minor = 3};

		random_rules(rules, 16);
		if (device_program_make(&g, &p, &err) < 0)
			break;
		for (uint32_t access = 1; access <= ALL; access++) {
			q.access = access;
			if (run(&p, &q) != 1)
				continue;
			for (uint32_t bit = 1; bit <= ALL; bit <<= 1) {
				q.access = bit;
				gained += access & bit && run(&p, &q) != 1;
			}
		}
	}
	is_int(gained, 0, "no combination of accesses is allowed that has a denied part");
	ok(!err.kind, "every program was made");
}

/* The size limit: up to it the program is right, above it is refused. */
/* A program opens for reading and writing at once, whatever the rules were given as. */
static void test_folded(void)
{
	struct plan_device_rule rules[] = {
		{.allow = true, .type = 'c', .major = 7, .minor = 1, .read = true},
		{.allow = true, .type = 'c', .major = 7, .minor = 2, .read = true},
		{.allow = true, .type = 'c', .major = 7, .minor = 1, .write = true},
		{.allow = false, .type = 'c', .major = 7, .minor = 2, .read = true},
		{.allow = true, .type = 'c', .major = 7, .minor = 2, .write = true},
	};
	struct plan_cgroup g = {.devices = {rules, 5, 5}};
	const uint32_t rw = BPF_DEVCG_ACC_READ | BPF_DEVCG_ACC_WRITE;
	struct query both = {BPF_DEVCG_DEV_CHAR, rw, 7, 1}, mknod = {BPF_DEVCG_DEV_CHAR, rw | BPF_DEVCG_ACC_MKNOD, 7, 1};
	struct query other = {BPF_DEVCG_DEV_CHAR, rw, 7, 2}, kind = {BPF_DEVCG_DEV_BLOCK, rw, 7, 1};
	struct device_program p;
	struct err err = ERR_INIT;

	ok(device_program_make(&g, &p, &err) == 0 && run(&p, &both) == 1, "'r' and 'w' of one device are 'rw'");
	is_int(run(&p, &mknod), 0, "and no more than that");
	is_int(run(&p, &other), 0, "but not over one that denies in between");
	is_int(run(&p, &kind), 0, "nor of another kind");
}

/* The kernel takes 3 µs for each instruction, and every container has these. */
static void test_size(void)
{
	static const int numbers[][2] = {{1, 3}, {1, 5}, {1, 7}, {1, 8},
					 {1, 9}, {5, 0}, {5, 2}, {136, -1}};
	struct plan_device_rule rules[8];
	struct plan_cgroup g = {.devices = {.items = rules, .n = 8}};
	static struct device_program p;
	struct err err = ERR_INIT;

	for (size_t i = 0; i < 8; i++)
		rules[i] = (struct plan_device_rule){.allow = true,
						     .type = 'c',
						     .major = numbers[i][0],
						     .minor = numbers[i][1],
						     .read = true,
						     .write = true,
						     .mknod = true};
	is_int(device_program_make(&g, &p, &err), 0, "the default devices");
	ok(p.n <= 21, "take %u instructions", p.n);
}

static void test_limit(void)
{
	static struct {
		struct device_program p;
		struct bpf_insn guard[4096];
	} at;
	static struct plan_device_rule rules[4096];
	static const struct bpf_insn untouched[4096];
	size_t fit = 0;
	bool clean = true, refused_after = true;

	for (size_t n = 1; n <= 4096; n += n < 400 ? 1 : 517) {
		struct plan_cgroup g = {.devices = {.items = rules, .n = n}};
		struct err err = ERR_INIT;

		for (size_t i = 0; i < n; i++)
			rules[i] = (struct plan_device_rule){.allow = true, .type = i % 2 ? 'c' : 'b', .major = (int64_t)i,
							     .minor = 1, .read = true};
		if (device_program_make(&g, &at.p, &err) == 0) {
			refused_after = refused_after && fit == n - 1;
			fit = n;
			clean = clean && at.p.n <= DEVICE_PROGRAM_MAX && all_reachable(&at.p);
		} else {
			clean = clean && err.kind == ERR_SPEC && strstr(err.msg, "linux.resources.devices");
		}
		clean = clean && !memcmp(at.guard, untouched, sizeof(untouched));
	}
	ok(fit > 100 && refused_after, "%zu different rules fit, more are refused", fit);
	ok(clean, "nothing is written behind the program");

	struct plan_cgroup g = {.devices = {.items = rules, .n = fit}};
	struct query q = {.type = BPF_DEVCG_DEV_BLOCK, .access = BPF_DEVCG_ACC_READ, .minor = 1};
	struct err err = ERR_INIT;
	bool right = device_program_make(&g, &at.p, &err) == 0;

	for (uint32_t i = 0; right && i < fit + 2; i++) {
		q.major = i;
		right = run(&at.p, &q) == (i < fit && i % 2 == 0);
	}
	ok(right, "the largest program is right about each of its rules");
}

/* A number cut to 32 bits would be a device that the rule does not name. */
static void test_large_numbers(void)
{
	static struct device_program p;
	struct plan_device_rule rule = {.allow = true, .type = 'c', .major = (INT64_C(1) << 32) + 1, .minor = 3};
	const struct query q = {.type = BPF_DEVCG_DEV_CHAR, .access = BPF_DEVCG_ACC_READ, .major = 1, .minor = 3};
	struct plan_cgroup g = {.devices = {.items = &rule, .n = 1}};
	struct err err = ERR_INIT;

	set_access(&rule, ALL);
	ok(device_program_make(&g, &p, &err) == 0 && run(&p, &q) == 0, "a major number beyond 32 bits allows no other");
	rule.major = 1;
	rule.minor = (INT64_C(1) << 32) + 3;
	ok(device_program_make(&g, &p, &err) == 0 && run(&p, &q) == 0, "nor a minor number");
}

static int load(const struct device_program *p)
{
	static char log[1 << 16];
	union bpf_attr attr;
	int fd;

	memset(&attr, 0, sizeof(attr));
	attr.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE;
	attr.insns = (uint64_t)(uintptr_t)p->insns;
	attr.insn_cnt = p->n;
	attr.license = (uint64_t)(uintptr_t) "Apache-2.0";
	attr.log_buf = (uint64_t)(uintptr_t)log;
	attr.log_size = sizeof(log);
	attr.log_level = 1;
	fd = sys_bpf(BPF_PROG_LOAD, &attr, sizeof(attr));
	if (fd < 0 && errno != EPERM && errno != ENOSYS)
		diag("%d: %s", errno, log);
	return fd;
}

static void test_kernel(void)
{
	static struct plan_device_rule rules[48];
	static struct device_program p;
	struct plan_cgroup g = {.devices = {.items = rules}};
	struct err err = ERR_INIT;
	unsigned refused = 0;
	int fd;

	if (device_program_make(&g, &p, &err) < 0 || (fd = load(&p)) < 0) {
		tap_skip("the kernel takes the programs", "no bpf(2) here");
		return;
	}
	close(fd);
	for (unsigned i = 0; i < 500; i++) {
		g.devices.n = dice(49);
		random_rules(rules, g.devices.n);
		fd = device_program_make(&g, &p, &err) < 0 ? -1 : load(&p);
		refused += fd < 0;
		if (fd >= 0)
			close(fd);
	}
	is_int(refused, 0, "the kernel takes 500 random programs");
}

int main(void)
{
	test_all_triples();
	test_random();
	test_no_gain_by_combining();
	test_folded();
	test_size();
	test_limit();
	test_large_numbers();
	test_kernel();
	is_str(broken, NULL, "no program did what the verifier refuses");
	return tap_done();
}
