/* Seccomp filters of a bundle: what libseccomp made of the rules, run by the
 * interpreter of seccomp-profiles, against the rules themselves; and the recorded
 * programs that exec reads back. */
#include "config.h"

#include "act/filter.h"
#include "seccomp-profiles/embedded.h"
#include "seccomp-profiles/interpret.h"

#include "tap.h"
#include "temp_dir.h"

#include <errno.h>
#include <linux/audit.h>
#include <seccomp.h>

#define EPERM_ACTION (SECCOMP_RET_ERRNO | EPERM)

static struct plan_filter filter;
static struct plan_filter_rule rules[64];
static struct plan_filter_arg args[64][6];
static const char *names[64][4];
static struct err err;

static void reset(uint32_t default_action)
{
	static const char *native[1];

	filter = (struct plan_filter){.kind = FILTER_RULES, .default_action = default_action};
	filter.rules.items = rules;
	filter.archs.items = native;
	err = (struct err)ERR_INIT;
}

static struct plan_filter_rule *add(const char *name, uint32_t action)
{
	size_t i = filter.rules.n++;

	names[i][0] = name;
	rules[i] = (struct plan_filter_rule){.names = {names[i], 1, 4}, .action = action};
	rules[i].args.items = args[i];
	return &rules[i];
}

static void compare(struct plan_filter_rule *r, uint32_t index, int op, uint64_t a, uint64_t b)
{
	r->args.items[r->args.n++] = (struct plan_filter_arg){.index = index, .op = op, .a = a, .b = b};
}

static bool holds(const struct plan_filter_arg *c, const struct seccomp_data *data)
{
	const uint64_t v = data->args[c->index];

	switch (c->op) {
	case SCMP_CMP_NE:
		return v != c->a;
	case SCMP_CMP_LT:
		return v < c->a;
	case SCMP_CMP_LE:
		return v <= c->a;
	case SCMP_CMP_EQ:
		return v == c->a;
	case SCMP_CMP_GE:
		return v >= c->a;
	case SCMP_CMP_GT:
		return v > c->a;
	default:
		return (v & c->a) == c->b;
	}
}

/* What the rules say of one call. */
static uint32_t reference(const struct seccomp_data *data)
{
	for (size_t i = 0; i < filter.rules.n; i++) {
		bool all = seccomp_syscall_resolve_name(names[i][0]) == data->nr;

		for (size_t k = 0; all && k < rules[i].args.n; k++)
			all = holds(&rules[i].args.items[k], data);
		if (all)
			return rules[i].action;
	}
	return filter.default_action;
}

static uint64_t seed = 7;

static unsigned dice(unsigned sides)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(seed >> 33) % sides;
}

/* Values where 32-bit halves matter. */
static uint64_t word(void)
{
	static const uint64_t words[] = {0,	     1,		  2,	      0xff,	   0x7fffffff,	       0x80000000, 0xffffffff,
					 0x100000000, 0x100000001, 0x1000000ff, 0xffffffff00000000, UINT64_MAX, INT64_MAX, 0x10000000};

	return words[dice(sizeof(words) / sizeof(words[0]))];
}

static void random_filter(void)
{
	/* None whose arguments filter.c knows to be 32 bits: those have tests of their own. */
	static const char *const calls[] = {"read",   "write", "pread64", "pwrite64", "lseek", "ftruncate", "munmap", "brk",
					    "mremap", "shmat", "mount",	  "mincore",  "readv", "writev",    "getpid", "exit_group"};
	static const uint32_t actions[] = {SECCOMP_RET_ALLOW, EPERM_ACTION, SECCOMP_RET_ERRNO | ENOSYS,
					   SECCOMP_RET_KILL_PROCESS, SECCOMP_RET_LOG, SECCOMP_RET_TRAP};

	reset(actions[dice(4)]);
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		uint32_t action = actions[dice(6)];
		unsigned n_args;

		if (dice(3) == 0)
			continue;
		struct plan_filter_rule *r = add(calls[i], action);

		n_args = dice(4);
		for (unsigned k = 0; k < n_args; k++) {
			uint64_t a = word();
			int op = SCMP_CMP_NE + (int)dice(7);

			compare(r, k, op, a, op == SCMP_CMP_MASKED_EQ ? word() & a : 0);
		}
	}
}

static void test_meaning(void)
{
	unsigned differ = 0, made = 0, foreign = 0;

	for (unsigned i = 0; i < 300; i++) {
		struct filter_program p;

		random_filter();
		if (filter_compile(&filter, &p, &err) < 0) {
			diag("%s", err.msg);
			continue;
		}
		made++;
		for (unsigned k = 0; k < 3000; k++) {
			struct seccomp_data data = {.arch = AUDIT_ARCH_X86_64};

			if (dice(4))
				data.nr = seccomp_syscall_resolve_name(filter.rules.n ? names[dice((unsigned)filter.rules.n)][0] : "read");
			else
				data.nr = (int)dice(470);
			for (int a = 0; a < 6; a++)
				data.args[a] = word();
			uint32_t got = interpret_filter(p.insns, p.n, &data, NULL);
			if (got != reference(&data) && differ++ == 0)
				diag("call %d (%#llx, %#llx, %#llx): %#x instead of %#x", data.nr,
				     (unsigned long long)data.args[0], (unsigned long long)data.args[1],
				     (unsigned long long)data.args[2], got, reference(&data));
			data.arch = k % 2 ? AUDIT_ARCH_I386 : AUDIT_ARCH_AARCH64;
			foreign += interpret_filter(p.insns, p.n, &data, NULL) != SECCOMP_RET_KILL_PROCESS;
			data.arch = AUDIT_ARCH_X86_64;
			data.nr |= 0x40000000; /* x32 */
			foreign += interpret_filter(p.insns, p.n, &data, NULL) != SECCOMP_RET_KILL_PROCESS;
		}
		filter_release(&p);
	}
	is_int(made, 300, "300 random filters compile");
	is_int(differ, 0, "and answer as their rules say");
	is_int(foreign, 0, "a foreign architecture, also x32, is killed");
}

static uint32_t ask(const struct filter_program *p, uint32_t arch, int nr, uint64_t arg0)
{
	struct seccomp_data data = {.arch = arch, .nr = nr, .args = {arg0}};

	return interpret_filter(p->insns, p->n, &data, NULL);
}

static void test_architectures(void)
{
	const char *two[] = {"SCMP_ARCH_X86_64", "SCMP_ARCH_X86"}, *wrong[] = {"SCMP_ARCH_Z80"};
	struct filter_program p;

	reset(EPERM_ACTION);
	filter.archs = (struct str_list){two, 2, 2};
	add("getpid", SECCOMP_RET_ALLOW);
	ok(filter_compile(&filter, &p, &err) == 0, "two architectures");
	ok(ask(&p, AUDIT_ARCH_X86_64, 39, 0) == SECCOMP_RET_ALLOW && ask(&p, AUDIT_ARCH_I386, 20, 0) == SECCOMP_RET_ALLOW,
	   "each has its own number of a call");
	ok(ask(&p, AUDIT_ARCH_X86_64, 20, 0) == EPERM_ACTION && ask(&p, AUDIT_ARCH_I386, 39, 0) == EPERM_ACTION,
	   "and not the other's");
	filter_release(&p);
	reset(EPERM_ACTION);
	filter.archs = (struct str_list){wrong, 1, 1};
	ok(filter_compile(&filter, &p, &err) < 0, "an architecture that isn't known");
	is_err(&err, ERR_HOST, "SCMP_ARCH_Z80", "is named");
}

static void test_edges(void)
{
	struct filter_program p;
	struct plan_filter_rule *r;

	reset(EPERM_ACTION);
	add("no_such_call", SECCOMP_RET_ALLOW);
	ok(filter_compile(&filter, &p, &err) == 0, "an unknown call that would be allowed stays denied");
	filter_release(&p);
	reset(SECCOMP_RET_ALLOW);
	add("no_such_call", EPERM_ACTION);
	add("getpid", EPERM_ACTION);
	ok(filter_compile(&filter, &p, &err) == 0 && ask(&p, AUDIT_ARCH_X86_64, 39, 0) == EPERM_ACTION &&
		   ask(&p, AUDIT_ARCH_X86_64, 1, 0) == SECCOMP_RET_ALLOW,
	   "one that should be denied is skipped (runc), the known ones are not");
	filter_release(&p);
	reset(SECCOMP_RET_ALLOW);
	add("mseal", EPERM_ACTION);
	add("setxattrat", EPERM_ACTION);
	ok(filter_compile(&filter, &p, &err) == 0 && ask(&p, AUDIT_ARCH_X86_64, 462, 0) == EPERM_ACTION &&
		   ask(&p, AUDIT_ARCH_X86_64, 463, 0) == EPERM_ACTION && ask(&p, AUDIT_ARCH_X86_64, 464, 0) == SECCOMP_RET_ALLOW,
	   "what our own filter allows and libseccomp can't name is denied by number");
	filter_release(&p);
	reset(SECCOMP_RET_LOG);
	add("no_such_call", SECCOMP_RET_KILL_PROCESS);
	ok(filter_compile(&filter, &p, &err) == 0, "also beneath SCMP_ACT_LOG");
	filter_release(&p);

	reset(SECCOMP_RET_ALLOW);
	add("read", SECCOMP_RET_ALLOW);
	add("write", EPERM_ACTION);
	add("write", EPERM_ACTION);
	ok(filter_compile(&filter, &p, &err) == 0 && ask(&p, AUDIT_ARCH_X86_64, 1, 0) == EPERM_ACTION &&
		   ask(&p, AUDIT_ARCH_X86_64, 0, 0) == SECCOMP_RET_ALLOW,
	   "rules that say nothing new do no harm");
	ok(p.owned && !p.listener, "it owns its bytes");
	filter_release(&p);
	ok(!p.owned && !p.insns && !p.n, "and gives them back");
	filter_release(&p);

	reset(EPERM_ACTION);
	r = add("personality", SECCOMP_RET_ALLOW);
	compare(r, 0, SCMP_CMP_EQ, 8, 0);
	r = add("personality", SECCOMP_RET_ALLOW);
	compare(r, 0, SCMP_CMP_EQ, 0xffffffff, 0);
	ok(filter_compile(&filter, &p, &err) == 0 && ask(&p, AUDIT_ARCH_X86_64, 135, 8) == SECCOMP_RET_ALLOW &&
		   ask(&p, AUDIT_ARCH_X86_64, 135, 0xffffffff) == SECCOMP_RET_ALLOW &&
		   ask(&p, AUDIT_ARCH_X86_64, 135, 0x100000008) == SECCOMP_RET_ALLOW &&
		   ask(&p, AUDIT_ARCH_X86_64, 135, 0) == EPERM_ACTION,
	   "one of several rules is enough; an int is compared as the kernel takes it");
	filter_release(&p);

	/* CVE-2026-123876: a range that skips 38 and 40 must skip them with bit 32 set, too. */
	reset(EPERM_ACTION);
	r = add("socket", SECCOMP_RET_ALLOW);
	compare(r, 0, SCMP_CMP_LT, 38, 0);
	r = add("socket", SECCOMP_RET_ALLOW);
	compare(r, 0, SCMP_CMP_GT, 40, 0);
	ok(filter_compile(&filter, &p, &err) == 0 && ask(&p, AUDIT_ARCH_X86_64, 41, 2) == SECCOMP_RET_ALLOW &&
		   ask(&p, AUDIT_ARCH_X86_64, 41, 44) == SECCOMP_RET_ALLOW &&
		   ask(&p, AUDIT_ARCH_X86_64, 41, 38) == EPERM_ACTION &&
		   ask(&p, AUDIT_ARCH_X86_64, 41, 0x100000026) == EPERM_ACTION &&
		   ask(&p, AUDIT_ARCH_X86_64, 41, 0x100000028) == EPERM_ACTION &&
		   ask(&p, AUDIT_ARCH_I386, 41, 2) == SECCOMP_RET_KILL_PROCESS,
	   "nothing reaches around a range by its upper half");
	filter_release(&p);

	reset(EPERM_ACTION);
	r = add("socket", SECCOMP_RET_ALLOW);
	compare(r, 0, SCMP_CMP_EQ, 2, 0);
	r = add("socket", SECCOMP_RET_ERRNO | ENOSYS);
	compare(r, 0, SCMP_CMP_EQ, UINT64_C(1) << 32 | 2, 0);
	ok(filter_compile(&filter, &p, &err) < 0, "W-13: two actions under the same conditions");
	is_err(&err, ERR_SPEC, "'socket' has two actions", "are refused");

	reset(EPERM_ACTION);
	r = add("read", SECCOMP_RET_ALLOW);
	r->args.n = 7;
	ok(filter_compile(&filter, &p, &err) < 0, "seven arguments");
	is_err(&err, ERR_SPEC, "more than six", "are refused");
	reset(0x12345678);
	ok(filter_compile(&filter, &p, &err) < 0, "a default action that is none");
	is_err(&err, ERR_SPEC, "defaultAction", "is named");
	reset(EPERM_ACTION);
	add("read", 0x12345678);
	ok(filter_compile(&filter, &p, &err) < 0 && strstr(err.msg, "read"), "so is a rule's");
	reset(EPERM_ACTION);
	filter.flags = SECCOMP_FILTER_FLAG_LOG;
	filter.listener_path = "/agent";
	ok(filter_compile(&filter, &p, &err) == 0 && p.listener && p.flags == SECCOMP_FILTER_FLAG_LOG,
	   "flags and listener are handed on");
	filter_release(&p);

	filter = (struct plan_filter){.kind = FILTER_DEFAULT};
	ok(filter_compile(&filter, &p, &err) == 0 && p.insns == embedded_default && p.n == embedded_default_len && !p.owned,
	   "the default filter is embedded");
	filter = (struct plan_filter){.kind = FILTER_STRICT};
	ok(filter_compile(&filter, &p, &err) == 0 && p.insns == embedded_strict && p.n == embedded_strict_len && !p.owned,
	   "the strict one, too");
	filter = (struct plan_filter){.kind = (enum plan_filter_kind)9};
	err = (struct err)ERR_INIT;
	ok(filter_compile(&filter, &p, &err) < 0 && err.kind == ERR_SPEC, "no other kind");
}

static uint32_t ask2(const struct filter_program *p, int nr, uint64_t arg1)
{
	struct seccomp_data data = {.arch = AUDIT_ARCH_X86_64, .nr = nr, .args = {3, arg1}};

	return interpret_filter(p->insns, p->n, &data, NULL);
}

/* W-12: what NE and ranges leave out isn't reached by an upper half, and a request that a C
 * library extended by its sign is the same request. */
static void test_requests(void)
{
	static const struct { int op; uint64_t value; bool less, same, more, sign; } cases[] = {
		{SCMP_CMP_NE, 0x5412, true, false, true, true},
		{SCMP_CMP_LT, 0x5412, true, false, false, false},
		{SCMP_CMP_LE, 0x5412, true, true, false, false},
		{SCMP_CMP_GE, 0x5412, false, true, true, true},
		{SCMP_CMP_GT, 0x5412, false, false, true, true},
		{SCMP_CMP_NE, 0x80045430, true, false, true, false},
		{SCMP_CMP_NE, 0xffffffff80045430, true, false, true, false},
		{SCMP_CMP_GT, 0x80045430, false, false, true, false},
	};
	static const struct { const char *name; int nr; } calls[] = {{"ioctl", 16}, {"fcntl", 72}, {"setsockopt", 54}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		for (size_t c = 0; c < sizeof(calls) / sizeof(calls[0]); c++) {
			const uint64_t v = cases[i].value & UINT32_MAX, high = UINT64_C(1) << 32;
			const int nr = calls[c].nr;
			struct filter_program p;

			reset(EPERM_ACTION);
			compare(add(calls[c].name, SECCOMP_RET_ALLOW), 1, cases[i].op, cases[i].value, 0);
			if (filter_compile(&filter, &p, &err) < 0)
				exit(99);
			ok((ask2(&p, nr, v - 1) == SECCOMP_RET_ALLOW) == cases[i].less &&
				   (ask2(&p, nr, v) == SECCOMP_RET_ALLOW) == cases[i].same &&
				   (ask2(&p, nr, v + 1) == SECCOMP_RET_ALLOW) == cases[i].more,
			   "W-12: %s, operator %d, %#llx: compared", calls[c].name, cases[i].op, (unsigned long long)cases[i].value);
			ok(ask2(&p, nr, high | v) == EPERM_ACTION && ask2(&p, nr, high | (v - 1)) == EPERM_ACTION &&
				   ask2(&p, nr, high | (v + 1)) == EPERM_ACTION &&
				   ask2(&p, nr, UINT64_C(0xffffffff00000000) | v) == EPERM_ACTION,
			   "nothing more is let through with an upper half");
			ok((ask2(&p, nr, 0xffffffff80086601) == SECCOMP_RET_ALLOW) == cases[i].sign, "a sign is an upper half where it may be");
			filter_release(&p);
		}
}

/* W-12: each integer of each call that the table has, by the answer to a denied value. */
static void test_integers(void)
{
	static const struct { const char *name; unsigned args; } calls[] = {
		{"setsockopt", 027}, {"getsockopt", 7}, {"accept4", 011}, {"arch_prctl", 1}, {"futex", 046}, {"syslog", 5},
		{"sched_setscheduler", 3}, {"umount2", 2}, {"memfd_create", 2}, {"ioctl", 3}, {"fcntl", 3}, {"read", 0},
	};

	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		unsigned seen = 0;

		for (unsigned arg = 0; arg < 6; arg++) {
			struct seccomp_data data = {.arch = AUDIT_ARCH_X86_64, .nr = seccomp_syscall_resolve_name(calls[i].name)};
			struct filter_program p;

			reset(SECCOMP_RET_ALLOW);
			compare(add(calls[i].name, EPERM_ACTION), arg, SCMP_CMP_EQ, 6, 0);
			if (filter_compile(&filter, &p, &err) < 0)
				exit(99);
			data.args[arg] = UINT64_C(1) << 32 | 6;
			if (interpret_filter(p.insns, p.n, &data, NULL) == EPERM_ACTION)
				seen |= 1U << arg;
			filter_release(&p);
		}
		ok(seen == calls[i].args, "W-12: the integers of %s are compared as such (%#o)", calls[i].name, seen);
	}
}

/* H-50: an exception's calls, before our own filter and of the native ABI only. */
static void test_added(void)
{
	const char *two[] = {"perf_event_open", "map_shadow_stack"}, *wrong[] = {"ptrace", "no_such_call"};
	struct filter_program own, p;
	unsigned differ = 0;

	for (int kind = FILTER_DEFAULT; kind <= FILTER_STRICT; kind++) {
		filter = (struct plan_filter){.kind = (enum plan_filter_kind)kind};
		if (filter_compile(&filter, &own, &err) < 0)
			exit(99);
		filter.added = (struct str_list){two, 2, 2};
		ok(filter_compile(&filter, &p, &err) == 0 && p.owned && p.owned_len == p.n * sizeof(struct sock_filter),
		   "H-50: two calls beside the built-in filter");
		ok(ask(&own, AUDIT_ARCH_X86_64, 298, 0) != SECCOMP_RET_ALLOW && ask(&p, AUDIT_ARCH_X86_64, 298, 0) == SECCOMP_RET_ALLOW,
		   "what it denies is allowed then");
		ok(ask(&p, AUDIT_ARCH_X86_64, 453, 0) == SECCOMP_RET_ALLOW, "a call without a name in libseccomp, too");
		for (int nr = 0; nr < 600; nr++) {
			if (nr != 298 && nr != 453)
				differ += ask(&own, AUDIT_ARCH_X86_64, nr, 1) != ask(&p, AUDIT_ARCH_X86_64, nr, 1);
			differ += ask(&own, AUDIT_ARCH_X86_64, nr | 0x40000000, 1) != ask(&p, AUDIT_ARCH_X86_64, nr | 0x40000000, 1);
			differ += ask(&own, AUDIT_ARCH_I386, nr, 1) != ask(&p, AUDIT_ARCH_I386, nr, 1);
		}
		filter_release(&p);
	}
	is_int(differ, 0, "and nothing else, nor anything of a foreign ABI");
	filter.added = (struct str_list){wrong, 2, 2};
	err = (struct err)ERR_INIT;
	ok(filter_compile(&filter, &p, &err) < 0 && !p.owned, "a name that is no call's");
	is_err(&err, ERR_POLICY, "'no_such_call'", "is refused, not skipped");
}

static uint32_t send_with(const struct filter_program *p, uint32_t arch, int nr, int flags_arg, uint64_t flags)
{
	struct seccomp_data data = {.arch = arch, .nr = nr};

	data.args[flags_arg] = flags;
	return interpret_filter(p->insns, p->n, &data, NULL);
}

/* H-72: where connecting is limited, nothing connects by sending. */
static void test_connect(void)
{
	static const struct {
		int nr, arg;
	} calls[] = {{44, 3}, {46, 2}, {307, 3}};
	const char *more[] = {"sendto"};
	struct plan_filter two[2];
	struct plan plan = {.filters = {.items = two, .n = 2}};
	struct filter_program p;

	two[0] = (struct plan_filter){.kind = FILTER_DEFAULT};
	reset(SECCOMP_RET_ALLOW);
	add("getpid", EPERM_ACTION);
	two[1] = filter;
	ok(filter_compile_planned(&plan, 0, &p, &err) == 0 && p.insns == embedded_default && !filter_is_recorded(&plan, 0) &&
		   send_with(&p, AUDIT_ARCH_X86_64, 44, 3, 0x20000000) == SECCOMP_RET_ALLOW,
	   "H-72: without limits the filter is the embedded one, and not recorded");
	plan.landlock.connect_limited = true;
	two[0].added = (struct str_list){more, 1, 1};
	ok(filter_compile_planned(&plan, 0, &p, &err) == 0 && filter_is_recorded(&plan, 0), "with them it is recorded");
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		ok(send_with(&p, AUDIT_ARCH_X86_64, calls[i].nr, calls[i].arg, 0x20004000) == (SECCOMP_RET_ERRNO | EACCES) &&
			   send_with(&p, AUDIT_ARCH_X86_64, calls[i].nr, calls[i].arg, 0x720000000) ==
				   (SECCOMP_RET_ERRNO | EACCES) &&
			   send_with(&p, AUDIT_ARCH_X86_64, calls[i].nr, calls[i].arg, 0x4000) == SECCOMP_RET_ALLOW &&
			   send_with(&p, AUDIT_ARCH_X86_64, calls[i].nr, calls[i].arg == 2 ? 3 : 2, 0x20000000) ==
				   SECCOMP_RET_ALLOW,
		   "call %d with MSG_FASTOPEN is denied, and without it isn't, whatever an exception adds", calls[i].nr);
	ok(send_with(&p, AUDIT_ARCH_I386, 44, 3, 0) == SECCOMP_RET_KILL_PROCESS, "a foreign ABI is killed as ever");
	filter_release(&p);
	ok(filter_compile_planned(&plan, 1, &p, &err) == 0 && filter_is_recorded(&plan, 1) &&
		   send_with(&p, AUDIT_ARCH_X86_64, 44, 3, 0x20000000) == SECCOMP_RET_ALLOW,
	   "the bundle's own stays what it is: the strictest answers");
	filter_release(&p);
}

static void write_file(const char *name, const void *bytes, size_t len)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	if (fd < 0 || write(fd, bytes, len) != (ssize_t)len || close(fd) < 0)
		exit(99);
}

static void test_open(void)
{
	static const struct sock_filter many[4097];
	static const struct {
		const char *name, *part;
	} bad[] = {{"missing", "missing"}, {"empty", "0 bytes"}, {"odd", "9 bytes"}, {"large", "32776 bytes"},
		   {"link", "link"},	   {"fifo", "0 bytes"},	 {"dir", "dir"}};
	struct filter_program made, p;
	char name[FILTER_NAME_MAX];
	int before;

	write_file("empty", "", 0);
	write_file("odd", "123456789", 9);
	write_file("large", many, sizeof(many));
	write_file("largest", many, sizeof(many) - sizeof(many[0]));
	mkdir("dir", 0700);
	if (symlink("largest", "link") < 0 || mkfifo("fifo", 0600) < 0)
		exit(99);
	before = temp_dir_entries("/proc/self/fd");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		err = (struct err)ERR_INIT;
		ok(filter_open(AT_FDCWD, bad[i].name, 0, &p, &err) < 0 && strstr(err.msg, bad[i].part) && !p.owned,
		   "refused, with the reason: %s", bad[i].name);
		filter_release(&p);
	}
	ok(filter_open(AT_FDCWD, "largest", 3, &p, &err) == 0 && p.n == 4096 && p.flags == 3, "4096 instructions are taken");
	filter_release(&p);

	reset(EPERM_ACTION);
	add("read", SECCOMP_RET_ALLOW);
	filter_name(2, name);
	is_str(name, "filter-2.bpf", "the name of a recorded filter");
	if (filter_compile(&filter, &made, &err) < 0)
		exit(99);
	write_file(name, made.insns, made.n * sizeof(struct sock_filter));
	ok(filter_open(AT_FDCWD, name, 0, &p, &err) == 0 && p.n == made.n &&
		   !memcmp(p.insns, made.insns, p.n * sizeof(struct sock_filter)),
	   "what was compiled is what is read back");
	filter_release(&p);
	filter_release(&made);
	is_int(temp_dir_entries("/proc/self/fd"), before, "no descriptor is left");
}

int main(void)
{
	temp_dir_enter();
	alarm(60);
	test_edges();
	test_requests();
	test_integers();
	test_open();
	if (seccomp_arch_native() != SCMP_ARCH_X86_64) {
		tap_skip("the meaning of filters", "the numbers here are those of x86_64");
		return tap_done();
	}
	test_architectures();
	test_added();
	test_connect();
	test_meaning();
	return tap_done();
}
