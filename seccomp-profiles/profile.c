/* profile: reads a profile and has libseccomp compile it, for the build and for `check`; see
 * profile.h.
 *
 * libseccomp does the part that takes years to get right (numbers of each architecture, order of
 * overlapping argument tests, the x32 bit); flatten.c then makes the result short.
 */
#include "profile.h"

#include "base/arena.h"
#include "base/auto.h"
#include "base/json.h"
#include "embedded.h"
#include "flatten.h"

#include <fcntl.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#define ENOSYS_PORTABLE 38 /* the same on the architectures named; the target's, not the build machine's */

typedef scmp_filter_ctx filter_ctx;

static void release_filter(filter_ctx *ctx)
{
	if (*ctx)
		seccomp_release(*ctx);
}
#define autofilter __attribute__((cleanup(release_filter)))

static const struct {
	const char *oci;
	uint32_t arch;
} arches[] = {
	{ "SCMP_ARCH_X86_64", SCMP_ARCH_X86_64 },
	{ "SCMP_ARCH_AARCH64", SCMP_ARCH_AARCH64 },
	{ "SCMP_ARCH_RISCV64", SCMP_ARCH_RISCV64 },
};

uint32_t profile_arch(const char *machine)
{
	return seccomp_arch_resolve_name(machine);
}

int profile_syscall(uint32_t arch, const char *name)
{
	int number = seccomp_syscall_resolve_name_arch(arch, name);
	int newer = number >= 0 ? -2 : embedded_newer_call(arch, name);

	if (number >= 0 || newer >= 0)
		return number >= 0 ? number : newer;
	return number != __NR_SCMP_ERROR ? -1 : newer;
}

struct builder {
	uint32_t arch;
	filter_ctx ctx;
	/* allowed calls that libseccomp can't name */
	int extra[EMBEDDED_N_NEWER];
	size_t n_extra;
};

static int add_rule(struct builder *b, const struct json *name, uint32_t action,
		    const struct scmp_arg_cmp *args, unsigned n_args, struct err *err)
{
	const char *text;

	if (json_as_string(name, &text, err) < 0)
		return -1;
	int number = profile_syscall(b->arch, text);

	if (number == -2)
		return json_error(name, err, "unknown system call '%s'", text);
	if (number == -1)
		return 0;
	if (seccomp_syscall_resolve_name_arch(b->arch, text) < 0) {
		if (action != SCMP_ACT_ALLOW || n_args > 0 || b->n_extra == EMBEDDED_N_NEWER)
			return json_error(name, err,
					  "'%s' is younger than libseccomp: it can only be allowed "
					  "as a whole",
					  text);
		b->extra[b->n_extra++] = number;
		return 0;
	}
	/* libseccomp wants the number that the build machine gives the name, and translates it */
	int failed = seccomp_rule_add_exact_array(b->ctx, action,
						  seccomp_syscall_resolve_name(text), n_args, args);

	if (failed)
		return json_error(name, err, "'%s': %s", text, strerror(-failed));
	return 0;
}

static int parse_arg(const struct json *v, struct scmp_arg_cmp *ret, struct err *err)
{
	uint64_t index, mask, value;
	const char *op;

	json_each(member, v)
		if (strcmp(member->key, "index") && strcmp(member->key, "value") &&
		    strcmp(member->key, "valueTwo") && strcmp(member->key, "op"))
			return json_error(member, err, "unknown property");
	if (!json_get(v, "index") || !json_get(v, "value") || !json_get(v, "valueTwo") ||
	    !json_get(v, "op"))
		return json_error(v, err, "index, value, valueTwo and op are needed");
	if (json_as_u64(json_get(v, "index"), 5, &index, err) < 0 ||
	    json_as_u64(json_get(v, "value"), UINT32_MAX, &mask, err) < 0 ||
	    json_as_u64(json_get(v, "valueTwo"), mask, &value, err) < 0 ||
	    json_as_string(json_get(v, "op"), &op, err) < 0)
		return -1;
	/* Every other operator compares 64 bits where the kernel reads an int: a caller sets bit 32
	 * and is past it (CVE-2026-123876 and its kin). */
	if (strcmp(op, "SCMP_CMP_MASKED_EQ") != 0)
		return json_error(
			json_get(v, "op"), err,
			"only SCMP_CMP_MASKED_EQ compares the 32 bits that the kernel reads");
	if (value & ~mask)
		return json_error(v, err,
				  "the value has bits outside of the mask: it never matches");
	/* a mask of 0 makes the rule unconditional, which drops every other rule of the call */
	if (mask == 0)
		return json_error(v, err, "an empty mask");
	*ret = (struct scmp_arg_cmp){.arg = (unsigned)index,
				     .op = SCMP_CMP_MASKED_EQ,
				     .datum_a = mask,
				     .datum_b = value};
	return 0;
}

static int parse_action(const struct json *rule, const char *action_key, const char *errno_key,
			uint32_t *ret, struct err *err)
{
	const struct json *action = json_get(rule, action_key);
	uint64_t number;
	const char *text;

	if (!action)
		return json_error(rule, err, "no %s", action_key);
	if (json_as_string(action, &text, err) < 0)
		return -1;
	if (strcmp(text, "SCMP_ACT_ALLOW") == 0) {
		if (json_get(rule, errno_key))
			return json_error(action, err, "%s with SCMP_ACT_ALLOW", errno_key);
		*ret = SCMP_ACT_ALLOW;
		return 0;
	}
	if (strcmp(text, "SCMP_ACT_ERRNO") != 0)
		return json_error(action, err,
				  "only SCMP_ACT_ALLOW and SCMP_ACT_ERRNO are used here");
	if (!json_get(rule, errno_key))
		return json_error(rule, err, "no %s", errno_key);
	if (json_as_u64(json_get(rule, errno_key), 133, &number, err) < 0)
		return -1;
	*ret = SCMP_ACT_ERRNO((uint32_t)number);
	return 0;
}

static int parse_rule(struct builder *b, const struct json *rule, struct err *err)
{
	struct scmp_arg_cmp args[6];
	unsigned n_args = 0;
	uint32_t action;

	json_each(member, rule)
		if (strcmp(member->key, "names") && strcmp(member->key, "action") &&
		    strcmp(member->key, "errnoRet") && strcmp(member->key, "args"))
			return json_error(member, err, "unknown property");
	const struct json *names = json_get(rule, "names"), *list = json_get(rule, "args");

	if (!names)
		return json_error(rule, err, "no names");
	if (json_expect(names, JSON_ARRAY, err) < 0 ||
	    parse_action(rule, "action", "errnoRet", &action, err) < 0)
		return -1;
	if (list) {
		if (json_expect(list, JSON_ARRAY, err) < 0)
			return -1;
		if (list->n == 0 || list->n > 6)
			return json_error(list, err, "one to six comparisons");
		json_each(arg, list)
			if (parse_arg(arg, &args[n_args++], err) < 0)
				return -1;
	}
	json_each(name, names)
		if (add_rule(b, name, action, args, n_args, err) < 0)
			return -1;
	return 0;
}

static int parse_profile(struct builder *b, const struct json *root, struct err *err)
{
	const struct json *names = json_get(root, "architectures"),
			  *rules = json_get(root, "syscalls");
	uint32_t action;
	/* reviewed, but not named in the files: runc before 1.2 refuses a profile that names it */
	bool named = b->arch == SCMP_ARCH_RISCV64;

	json_each(member, root)
		if (strcmp(member->key, "defaultAction") &&
		    strcmp(member->key, "defaultErrnoRet") &&
		    strcmp(member->key, "architectures") && strcmp(member->key, "syscalls"))
			return json_error(member, err, "unknown property");
	if (!names || !rules)
		return json_error(root, err, "architectures and syscalls are needed");
	if (json_expect(names, JSON_ARRAY, err) < 0 || json_expect(rules, JSON_ARRAY, err) < 0 ||
	    parse_action(root, "defaultAction", "defaultErrnoRet", &action, err) < 0)
		return -1;
	if (action != SCMP_ACT_ERRNO(ENOSYS_PORTABLE))
		return json_error(root, err, "what is not listed must answer ENOSYS (%d)",
				  ENOSYS_PORTABLE);
	json_each(name, names) {
		const char *text;
		uint32_t arch = 0;

		if (json_as_string(name, &text, err) < 0)
			return -1;
		for (size_t i = 0; i < sizeof(arches) / sizeof(arches[0]); i++)
			if (strcmp(arches[i].oci, text) == 0)
				arch = arches[i].arch;
		if (arch == 0)
			return json_error(name, err, "architecture '%s' was not reviewed", text);
		named |= arch == b->arch;
	}
	if (!named)
		return json_error(names, err, "the target architecture is not named");
	json_each(rule, rules)
		if (parse_rule(b, rule, err) < 0)
			return -1;
	return 0;
}

static int make_context(struct builder *b, enum profile_form form, struct err *err)
{
	b->ctx = seccomp_init(SCMP_ACT_ERRNO(ENOSYS_PORTABLE));
	if (!b->ctx)
		return err_oom(err);
	if (b->arch != seccomp_arch_native() &&
	    (seccomp_arch_add(b->ctx, b->arch) ||
	     seccomp_arch_remove(b->ctx, seccomp_arch_native())))
		return err_set(err, ERR_HOST, "libseccomp does not know the target architecture");
	/* the default is to kill the thread only, which leaves a process with a missing thread */
	if (seccomp_attr_set(b->ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS) ||
	    (form == PROFILE_TREE && seccomp_attr_set(b->ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2)))
		return err_set(err, ERR_HOST,
			       "libseccomp is too old: kill process or the binary tree is missing");
	return 0;
}

/* libseccomp before 2.6 exports to a file only. */
static int export_program(struct builder *b, struct sock_filter *out, size_t max_out, size_t *ret_n,
			  struct err *err)
{
	autofd int fd = memfd_create("bpf", MFD_CLOEXEC);

	if (fd < 0)
		return err_sys(err, "memfd_create");
	int failed = seccomp_export_bpf(b->ctx, fd);

	if (failed)
		return err_set(err, ERR_SYSTEM, "export the filter: %s", strerror(-failed));
	ssize_t size = pread(fd, out, max_out * sizeof(out[0]), 0);

	if (size <= 0 || (size_t)size % sizeof(out[0]) || lseek(fd, 0, SEEK_END) != size)
		return err_set(err, ERR_SYSTEM, "the filter does not fit %zu instructions",
			       max_out);
	*ret_n = (size_t)size / sizeof(out[0]);
	return 0;
}

/* Puts "our architecture and one of these numbers: allow" in front. All jumps are relative, so
 * nothing else changes. */
static int prepend_extras(const struct builder *b, struct sock_filter *prog, size_t max, size_t *n,
			  struct err *err)
{
	size_t head = 0, length = b->n_extra + 4;

	if (b->n_extra == 0)
		return 0;
	if (*n + length > max)
		return err_set(err, ERR_SYSTEM, "the filter does not fit %zu instructions", max);
	memmove(prog + length, prog, *n * sizeof(prog[0]));
	prog[head++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
						    offsetof(struct seccomp_data, arch));
	prog[head++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, b->arch, 0,
						    (uint8_t)(b->n_extra + 2));
	prog[head++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
						    offsetof(struct seccomp_data, nr));
	for (size_t i = 0; i < b->n_extra; i++, head++)
		prog[head] = (struct sock_filter)BPF_JUMP(
			BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)b->extra[i],
			(uint8_t)(b->n_extra - 1 - i), i + 1 == b->n_extra ? 1 : 0);
	prog[head] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	*n += length;
	return 0;
}

static int read_profile(struct arena *arena, const char *path, const struct json **ret,
			struct err *err)
{
	static char text[1 << 18];
	autofd int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return err_sys(err, "open '%s'", path);
	ssize_t size = read(fd, text, sizeof(text));

	if (size < 0)
		return err_sys(err, "read '%s'", path);
	if ((size_t)size == sizeof(text))
		return err_set(err, ERR_SPEC, "'%s' is too long", path);
	return json_parse(arena, text, (size_t)size, ret, err);
}

static void release_arena(struct arena *arena)
{
	arena_release(arena);
}

int profile_compile(const char *path, uint32_t arch, enum profile_form form,
		    struct sock_filter *out, size_t max_out, size_t *ret_n, struct err *err)
{
	__attribute__((cleanup(release_arena))) struct arena arena = ARENA_INIT;
	autofilter filter_ctx owned = NULL;
	struct builder b = { .arch = arch };
	static struct sock_filter prog[BPF_MAXINSNS];
	const struct json *root;
	size_t n = 0, n_flat;

	if (read_profile(&arena, path, &root, err) < 0)
		return -1;
	int failed = make_context(&b, form, err);

	owned = b.ctx;
	if (failed || parse_profile(&b, root, err) < 0)
		return err_context(err, "%s", path);
	if (export_program(&b, prog, BPF_MAXINSNS, &n, err) < 0 ||
	    prepend_extras(&b, prog, BPF_MAXINSNS, &n, err) < 0)
		return err_context(err, "%s", path);
	if (form == PROFILE_FLAT) {
		static struct sock_filter flat[BPF_MAXINSNS];

		if (flatten_filter(prog, n, flat, BPF_MAXINSNS, &n_flat) < 0)
			return err_set(err, ERR_SYSTEM, "%s: the filter can't be flattened", path);
		memcpy(prog, flat, n_flat * sizeof(flat[0]));
		n = n_flat;
	}
	if (n > max_out)
		return err_set(err, ERR_SYSTEM, "%s: %zu instructions don't fit %zu", path, n,
			       max_out);
	memcpy(out, prog, n * sizeof(prog[0]));
	*ret_n = n;
	return 0;
}
