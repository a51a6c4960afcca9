/* Seccomp filters: compiled by libseccomp (this file alone knows it) or embedded,
 * loaded by one seccomp(2) call each (H-50, H-51).
 *
 * Several filters stack: the kernel takes the strictest answer, so the default
 * one beneath can't be relaxed by the bundle's own.
 */
#include "config.h"

#include "act/filter.h"

#include "act/act.h"
#include "act/child.h"
#include "base/auto.h"
#include "base/json_out.h"
#include "base/list.h"
#include "proto/sync.h"
#include "seccomp-profiles/embedded.h"
#include "sys/sys.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "base/banned.h"

#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5) /* Linux 5.19 */
#endif

#define BPF_MAX_INSNS 4096u /* BPF_MAXINSNS of the kernel */

static void release_context(scmp_filter_ctx *ctx)
{
	if (*ctx)
		seccomp_release(*ctx);
}

/* libseccomp returns a negated errno. */
static int fail(struct err *err, int negated, const char *what)
{
	errno = -negated;
	return err_sys(err, "linux.seccomp: %s", what);
}

static int add_architectures(scmp_filter_ctx ctx, const struct plan_filter *filter, struct err *err)
{
	for (size_t i = 0; i < filter->archs.n; i++) {
		char name[32] = {0};
		const char *arch = filter->archs.items[i];
		uint32_t token;
		int r;

		if (strncmp(arch, "SCMP_ARCH_", 10) == 0)
			arch += 10;
		for (size_t k = 0; arch[k] && k < sizeof(name) - 1; k++)
			name[k] = (char)tolower((unsigned char)arch[k]);
		token = seccomp_arch_resolve_name(name);
		if (token == 0)
			return err_set(err, ERR_HOST,
				       "linux.seccomp.architectures: libseccomp doesn't know '%s'",
				       filter->archs.items[i]);
		r = seccomp_arch_add(ctx, token);
		if (r < 0 && r != -EEXIST)
			return fail(err, r, filter->archs.items[i]);
	}
	return 0;
}

/* Arguments that the kernel takes as 32-bit integers, bit i for argument i.  A
 * filter compares all 64 bits, so socket(38 | 1 << 32, ...) would be another value
 * to it and the same one to the kernel (CVE-2026-123876 class, W-12). */
static const struct {
	const char *name;
	unsigned args;
} int_arguments[] = {
	{"accept4", 011}, {"arch_prctl", 1}, {"bpf", 5}, {"clone", 1}, {"fcntl", 3},
	{"finit_module", 5}, {"fsconfig", 023}, {"fsmount", 7}, {"fsopen", 2}, {"futex", 046},
	{"getpriority", 3}, {"getsockopt", 7}, {"io_uring_setup", 1}, {"ioctl", 3},
	{"ioprio_set", 7}, {"kcmp", 7}, {"kexec_file_load", 3}, {"keyctl", 1}, {"kill", 3},
	{"madvise", 4}, {"memfd_create", 2}, {"mmap", 034}, {"modify_ldt", 1},
	{"move_mount", 025}, {"mprotect", 4}, {"open", 2}, {"open_tree", 5}, {"openat", 5},
	{"perf_event_open", 016}, {"personality", 1}, {"prctl", 1}, {"prlimit64", 3},
	{"quotactl", 5}, {"reboot", 7}, {"recvfrom", 011}, {"recvmsg", 5},
	{"sched_setscheduler", 3}, {"seccomp", 3}, {"sendmsg", 5}, {"sendto", 011}, {"setgid", 1},
	{"setns", 3}, {"setpriority", 7}, {"setresgid", 7}, {"setresuid", 7}, {"setrlimit", 1},
	{"setsockopt", 027}, {"setuid", 1}, {"socket", 7}, {"socketpair", 7}, {"syslog", 5},
	{"tgkill", 7}, {"tkill", 3}, {"umount2", 2}, {"unshare", 1}, {"userfaultfd", 1}};

static bool is_int_argument(const char *name, unsigned index)
{
	for (size_t i = 0; i < ARRAY_LEN(int_arguments); i++)
		if (strcmp(int_arguments[i].name, name) == 0)
			return int_arguments[i].args >> index & 1;
	return false;
}

/* NE and ranges can't be compared in the low half only: such an argument must have
 * nothing in its upper half, or the sign of the lower one, as C libraries differ in
 * how they pass an int (guard_program).  Compared with less than 1 << 31 both are the
 * same; with more they aren't, and then a sign is refused (`exact`). */
struct guard {
	struct {
		int nr;
		unsigned arg;
		bool exact;
	} list[32];
	unsigned n;
};

static int add_guard(struct guard *guard, int nr, unsigned arg, bool exact, struct err *err)
{
	for (unsigned i = 0; i < guard->n; i++) {
		if (guard->list[i].nr != nr || guard->list[i].arg != arg)
			continue;
		guard->list[i].exact |= exact;
		return 0;
	}
	if (guard->n == ARRAY_LEN(guard->list))
		return err_set(err, ERR_SPEC,
			       "linux.seccomp: more than %zu arguments are compared by range",
			       ARRAY_LEN(guard->list));
	guard->list[guard->n].nr = nr;
	guard->list[guard->n].arg = arg;
	guard->list[guard->n++].exact = exact;
	return 0;
}

static int convert_argument(const char *name, int nr, const struct plan_filter_arg *from,
			    struct scmp_arg_cmp *to, struct guard *guard, struct err *err)
{
	*to = (struct scmp_arg_cmp){.arg = from->index,
				    .op = (enum scmp_compare)from->op,
				    .datum_a = from->a,
				    .datum_b = from->b};
	if (!is_int_argument(name, from->index))
		return 0;
	switch (to->op) {
	case SCMP_CMP_EQ:
		to->op = SCMP_CMP_MASKED_EQ;
		to->datum_a = UINT32_MAX;
		to->datum_b = from->a & UINT32_MAX;
		return 0;
	case SCMP_CMP_MASKED_EQ:
		to->datum_a &= UINT32_MAX;
		to->datum_b &= UINT32_MAX;
		return 0;
	case SCMP_CMP_NE:
		to->datum_a &= UINT32_MAX;
		return add_guard(guard, nr, from->index, to->datum_a > INT32_MAX, err);
	case SCMP_CMP_LT:
	case SCMP_CMP_LE:
	case SCMP_CMP_GE:
	case SCMP_CMP_GT:
		return add_guard(guard, nr, from->index, to->datum_a > INT32_MAX, err);
	case _SCMP_CMP_MIN:
	case _SCMP_CMP_MAX:
		break;
	}
	return err_set(err, ERR_SPEC, "linux.seccomp: unknown comparison %d", from->op);
}

static int add_rule(scmp_filter_ctx ctx, const struct plan_filter_rule *rule, const char *name,
		    struct guard *guard, struct err *err)
{
	struct scmp_arg_cmp args[6];
	int nr = seccomp_syscall_resolve_name(name);
	int r;

	bool younger = nr == __NR_SCMP_ERROR;

	/* A call that neither libseccomp nor newer.c knows gets the default action, as with
	 * runc: profiles are written for every kernel.  Where that is laxer than the rule (a
	 * name denied beneath SCMP_ACT_ALLOW) level hardened loses nothing: our own filter
	 * lies beneath, and lists nothing that these two don't know.  The plan says
	 * unknown=skipped. */
	if (younger && (nr = embedded_newer_call(seccomp_arch_native(), name)) < 0)
		return 0;
	if (rule->args.n > 6)
		return err_set(err, ERR_SPEC, "linux.seccomp: '%s' has more than six arguments",
			       name);
	for (size_t i = 0; i < rule->args.n; i++)
		if (convert_argument(name, nr, &rule->args.items[i], &args[i], guard, err) < 0)
			return -1;
	r = seccomp_rule_add_array(ctx, rule->action, nr, (unsigned)rule->args.n, args);
	/* A bare number is the native ABI's; beside others (level oci) libseccomp takes none. */
	if (r == -EFAULT && younger)
		return 0;
	/* The same rule twice is none to libseccomp; what it doesn't take is another action. */
	if (r == -EEXIST)
		return err_set(err, ERR_SPEC,
			       "linux.seccomp: '%s' has two actions under the same conditions; "
			       "remove one",
			       name);
	return r < 0 ? fail(err, r, name) : 0;
}

static int compile(scmp_filter_ctx ctx, const struct plan_filter *filter, struct guard *guard,
		   struct err *err)
{
	int r = seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);

	if (r < 0)
		return fail(err, r, "foreign architectures");
	/* A binary tree instead of a chain: the profiles of engines name 400 calls. */
	r = seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	if (r < 0)
		return fail(err, r, "optimisation");
	if (add_architectures(ctx, filter, err) < 0)
		return -1;
	for (size_t i = 0; i < filter->rules.n; i++) {
		const struct plan_filter_rule *rule = &filter->rules.items[i];

		if (rule->action == filter->default_action)
			continue; /* libseccomp refuses a rule that changes nothing */
		for (size_t k = 0; k < rule->names.n; k++)
			if (add_rule(ctx, rule, rule->names.items[k], guard, err) < 0)
				return -1;
	}
	return 0;
}

/* The whole file `fd` as instructions on the heap. */
static int read_program(int fd, const char *name, struct filter_program *ret, struct err *err)
{
	struct stat st;
	size_t len;
	ssize_t n;
	void *buf;

	if (sys_fstat(fd, &st) < 0)
		return err_sys(err, "look at %s", name);
	if (st.st_size <= 0 || st.st_size % (off_t)sizeof(struct sock_filter) ||
	    st.st_size / (off_t)sizeof(struct sock_filter) > BPF_MAX_INSNS)
		return err_set(err, ERR_HOST,
			       "%s has %lld bytes, which is no filter the kernel would take", name,
			       (long long)st.st_size);
	len = (size_t)st.st_size;
	buf = malloc(len);
	if (!buf)
		return err_oom(err);
	n = sys_pread(fd, buf, len, 0);
	if (n != (ssize_t)len) {
		free(buf);
		return err_sys(err, "read %s", name);
	}
	ret->owned = buf;
	ret->owned_len = len;
	ret->insns = buf;
	ret->n = (unsigned short)(len / sizeof(struct sock_filter));
	return 0;
}

/* Puts `n` instructions in front of a program, whose jumps are relative. */
static int prepend(const struct sock_filter *first, size_t n, struct filter_program *ret,
		   struct err *err)
{
	size_t all = n + ret->n;
	struct sock_filter *insns;

	if (all > BPF_MAX_INSNS)
		return err_set(
			err, ERR_SPEC,
			"seccomp: the filter would have %zu instructions, the kernel takes %u", all,
			BPF_MAX_INSNS);
	insns = malloc(all * sizeof(*insns));
	if (!insns)
		return err_oom(err);
	memcpy(insns, first, n * sizeof(*insns));
	memcpy(insns + n, ret->insns, ret->n * sizeof(*insns));
	free(ret->owned);
	ret->owned = insns;
	ret->owned_len = all * sizeof(*insns);
	ret->insns = insns;
	ret->n = (unsigned short)all;
	return 0;
}

/* Little-endian, as every architecture that is built for. */
static unsigned low_half(unsigned arg)
{
	return (unsigned)offsetof(struct seccomp_data, args) + 8 * arg;
}

/* The first three of whatever is put in front: the rest of it, `n` instructions, is
 * for the native architecture only.  JA, because a conditional jump reaches 255. */
static struct sock_filter *begin_native(struct sock_filter *at, size_t n)
{
	*at++ = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
					     offsetof(struct seccomp_data, arch));
	*at++ = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, seccomp_arch_native(), 1,
					     0);
	*at++ = (struct sock_filter)BPF_STMT(BPF_JMP | BPF_JA, (unsigned)n);
	return at;
}
#define N_BEGIN 3

/* EPERM for a guarded argument with something in its upper half. */
static int guard_program(const struct guard *guard, struct filter_program *ret, struct err *err)
{
	struct sock_filter insns[N_BEGIN + 8 * ARRAY_LEN(guard->list)];
	size_t n = 8 * (size_t)guard->n;
	struct sock_filter *at = begin_native(insns, n);

	if (guard->n == 0)
		return 0;
	for (unsigned i = 0; i < guard->n; i++) {
		unsigned low = low_half(guard->list[i].arg);

		*at++ = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
						     offsetof(struct seccomp_data, nr));
		*at++ = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
						     (unsigned)guard->list[i].nr, 0, 6);
		*at++ = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, low + 4);
		*at++ = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 4, 0);
		*at++ = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, UINT32_MAX,
						     guard->list[i].exact ? 2 : 0, 2);
		*at++ = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, low);
		*at++ = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 1U << 31, 1, 0);
		*at++ = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM);
	}
	return prepend(insns, N_BEGIN + n, ret, err);
}

static int compile_rules(const struct plan_filter *filter, struct filter_program *ret,
			 struct err *err)
{
	scmp_filter_ctx ctx __attribute__((cleanup(release_context))) =
		seccomp_init(filter->default_action);
	struct guard guard = {.n = 0};
	autofd int fd = -1;
	int r;

	if (!ctx)
		return err_set(err, ERR_SPEC,
			       "linux.seccomp.defaultAction: libseccomp refuses 0x%x",
			       filter->default_action);
	if (compile(ctx, filter, &guard, err) < 0)
		return -1;
	/* libseccomp 2.5 exports to a descriptor only. */
	fd = sys_memfd_create("filter", MFD_CLOEXEC | MFD_NOEXEC_SEAL);
	if (fd < 0 && errno == EINVAL) /* MFD_NOEXEC_SEAL is of 6.3 */
		fd = sys_memfd_create("filter", MFD_CLOEXEC);
	if (fd < 0)
		return err_sys(err, "create a memory file for the filter");
	r = seccomp_export_bpf(ctx, fd);
	if (r < 0)
		return fail(err, r, "compile");
	if (read_program(fd, "the compiled filter", ret, err) < 0)
		return -1;
	return guard_program(&guard, ret, err);
}

/* H-50: what an exception lets through besides is answered before our filter is asked.
 * Only by its native number, which an x32 call's is not (bit 30 is set in those). */
static int add_calls(const struct plan_filter *filter, struct filter_program *ret, struct err *err)
{
	size_t n = 1 + 2 * filter->added.n;
	struct sock_filter *insns, *at;
	int r;

	if (!filter->added.n)
		return 0;
	if (n > BPF_MAX_INSNS)
		return err_policy(err, "H-50", "an exception with %zu system calls is none",
				  filter->added.n);
	insns = malloc((N_BEGIN + n) * sizeof(*insns));
	if (!insns)
		return err_oom(err);
	at = begin_native(insns, n);
	*at++ = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
					     offsetof(struct seccomp_data, nr));
	for (size_t i = 0; i < filter->added.n; i++) {
		const char *name = filter->added.items[i];
		int nr = seccomp_syscall_resolve_name(name);

		if (nr == __NR_SCMP_ERROR)
			nr = embedded_newer_call(seccomp_arch_native(), name);
		if (nr < 0) {
			free(insns);
			return err_policy(
				err, "H-50",
				"the exception's system call '%s' is not one of this architecture",
				name);
		}
		*at++ = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)nr, 0, 1);
		*at++ = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	}
	r = prepend(insns, N_BEGIN + n, ret, err);
	free(insns);
	return r;
}

int filter_compile(const struct plan_filter *filter, struct filter_program *ret, struct err *err)
{
	*ret = (struct filter_program){.flags = filter->flags};
	switch (filter->kind) {
	case FILTER_DEFAULT:
		ret->insns = embedded_default;
		ret->n = embedded_default_len;
		return add_calls(filter, ret, err);
	case FILTER_STRICT:
		ret->insns = embedded_strict;
		ret->n = embedded_strict_len;
		return add_calls(filter, ret, err);
	case FILTER_RULES:
		ret->listener = filter->listener_path != NULL;
		return compile_rules(filter, ret, err);
	}
	return err_set(err, ERR_SPEC, "unknown filter kind %d", (int)filter->kind);
}

/* H-72: with MSG_FASTOPEN sending connects, and Landlock isn't asked (seen up to Linux
 * 6.18).  Other ways around it the built-in filters don't have: MPTCP and io_uring. */
static int hold_connect(struct filter_program *ret, struct err *err)
{
	static const struct {
		unsigned nr, flags_arg;
	} calls[] = {{SYS_sendto, 3}, {SYS_sendmsg, 2}, {SYS_sendmmsg, 3}};
	struct sock_filter insns[N_BEGIN + 5 * ARRAY_LEN(calls)];
	struct sock_filter *at = begin_native(insns, 5 * ARRAY_LEN(calls));

	for (size_t i = 0; i < ARRAY_LEN(calls); i++) {
		*at++ = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
						     offsetof(struct seccomp_data, nr));
		*at++ = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, calls[i].nr, 0, 3);
		*at++ = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
						     low_half(calls[i].flags_arg));
		*at++ = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, MSG_FASTOPEN, 0,
						     1);
		*at++ = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EACCES);
	}
	return prepend(insns, ARRAY_LEN(insns), ret, err);
}

/* The first is ours, where ports are limited at all. */
static bool holds_connect(const struct plan *plan, size_t i)
{
	return i == 0 && plan->landlock.connect_limited;
}

int filter_compile_planned(const struct plan *plan, size_t i, struct filter_program *ret,
			   struct err *err)
{
	if (filter_compile(&plan->filters.items[i], ret, err) == 0 &&
	    (!holds_connect(plan, i) || hold_connect(ret, err) == 0))
		return 0;
	filter_release(ret);
	return -1;
}

bool filter_is_recorded(const struct plan *plan, size_t i)
{
	const struct plan_filter *f = &plan->filters.items[i];

	return f->kind == FILTER_RULES || f->added.n || holds_connect(plan, i);
}

int filter_open(int dirfd, const char *name, unsigned flags, struct filter_program *ret,
		struct err *err)
{
	autofd int fd = sys_openat(dirfd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0);

	*ret = (struct filter_program){.flags = flags};
	if (fd < 0)
		return err_sys(err, "open recorded filter '%s'", name);
	return read_program(fd, name, ret, err);
}

void filter_release(struct filter_program *program)
{
	free(program->owned);
	*program = (struct filter_program){0};
}

/* One program; the descriptor of its listener, if it has one that somebody is to hear. */
static int load(const struct filter_program *p, bool listen, struct err *err)
{
	struct sock_fprog prog = {.len = p->n, .filter = (struct sock_filter *)p->insns};
	unsigned flags = p->flags;
	int r;

	if (listen)
		flags |= SECCOMP_FILTER_FLAG_NEW_LISTENER;
	else /* EINVAL without the other */
		flags &= ~(unsigned)SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;
	r = sys_seccomp(SECCOMP_SET_MODE_FILTER, flags, &prog);
	if (r < 0)
		return err_sys(err, "load a seccomp filter of %u instructions", p->n);
	return r;
}

/* Read back while our own filter is the only one: a bundle's might kill for asking. */
static int read_back(const struct plan *plan, struct err *err)
{
	if (plan->filters.items[0].kind != FILTER_RULES &&
	    sys_prctl(PR_GET_SECCOMP, 0, 0, 0, 0) != SECCOMP_MODE_FILTER)
		return err_set(err, ERR_VERIFY, "H-90: the kernel shows no seccomp filter");
	return 0;
}

int filter_load(const struct plan *plan, struct child *child, struct err *err)
{
	const struct prepared *prepared = child->prepared;

	for (size_t i = 0; i < prepared->n_programs; i++) {
		const struct filter_program *p = &prepared->programs[i];
		autofd int listener_fd = -1;
		int r = load(p, p->listener, err);

		if (r < 0 || (i == 0 && read_back(plan, err) < 0))
			return -1;
		if (!p->listener)
			continue;
		listener_fd = r;
		/* W-42: it leaves this process here, before the program starts. */
		if (sync_request(child->sync_fd, SYNC_LISTENER, listener_fd, err) < 0)
			return -1;
	}
	return 0;
}

int filter_load_for_hook(const struct plan *plan, const struct prepared *prepared, struct err *err)
{
	for (size_t i = 0; i < prepared->n_programs; i++)
		if (load(&prepared->programs[i], false, err) < 0 ||
		    (i == 0 && read_back(plan, err) < 0))
			return -1;
	return 0;
}

int filter_send_listener(const struct plan *plan, int64_t pid, const char *status, int listener_fd,
			 struct err *err)
{
	struct json_out o __attribute__((cleanup(json_out_release))) = JSON_OUT_INIT;
	const struct plan_filter *filter = NULL;
	autofd int fd = -1;

	for (size_t i = 0; i < plan->filters.n; i++)
		if (plan->filters.items[i].listener_path)
			filter = &plan->filters.items[i];
	if (!filter)
		return err_set(err, ERR_PROTO,
			       "a seccomp listener arrived that the plan doesn't have");
	json_out_object(&o, NULL);
	json_out_string(&o, "ociVersion", plan->oci_version);
	json_out_array(&o, "fds");
	json_out_string(&o, NULL, "seccompFd");
	json_out_end_array(&o);
	json_out_i64(&o, "pid", pid);
	if (filter->listener_metadata)
		json_out_string(&o, "metadata", filter->listener_metadata);
	json_out_object(&o, "state");
	json_out_string(&o, "ociVersion", plan->oci_version);
	json_out_string(&o, "id", plan->id);
	json_out_string(&o, "status", status);
	json_out_i64(&o, "pid", pid);
	json_out_string(&o, "bundle", plan->bundle);
	json_out_end_object(&o);
	json_out_end_object(&o);
	if (json_out_finish(&o, err) < 0)
		return -1;
	fd = sync_connect(filter->listener_path, err);
	if (fd < 0)
		return err_context(err, "linux.seccomp.listenerPath");
	return sync_send_fds(fd, str_text(&o.text), o.text.len, &listener_fd, 1, err);
}
