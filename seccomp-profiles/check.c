/* check: what must hold of the two profiles on every architecture named, proven on the compiled
 * filters. TAP; no root.
 *
 *  1 both compile;
 *  2 the embedded form answers as libseccomp's own output does, and as libseccomp's binary tree
 * does; 3 strict allows nothing that default does not; 4 a table of calls and arguments answers as
 * it must, with and without rubbish in the upper half of int arguments; 5 every call in the running
 * libseccomp's table is listed in default.json or argued absent in README.md.
 *
 * judge.c says why 2 and 3 cover every input.
 *
 * Usage: check [DIRECTORY of the profiles]
 */
#include "judge.h"
#include "profile.h"

#include <linux/audit.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ALLOW SECCOMP_RET_ALLOW
#define ERRNO(e) (SECCOMP_RET_ERRNO | (e))

static const struct {
	const char *name;
	uint32_t audit;
} arches[] = {
	{ "x86_64", AUDIT_ARCH_X86_64 },
	{ "aarch64", AUDIT_ARCH_AARCH64 },
	{ "riscv64", AUDIT_ARCH_RISCV64 },
};
#define N_ARCHES (sizeof(arches) / sizeof(arches[0]))

static const uint32_t foreign_arches[] = {AUDIT_ARCH_I386,  AUDIT_ARCH_X86_64,  AUDIT_ARCH_AARCH64,
					  AUDIT_ARCH_ARM,   AUDIT_ARCH_RISCV64, AUDIT_ARCH_RISCV32,
					  AUDIT_ARCH_S390X, AUDIT_ARCH_PPC64LE, 0,
					  UINT32_MAX};

static int results, failures;
static const char *directory;

static void result(bool good, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void result(bool good, const char *fmt, ...)
{
	va_list ap;

	printf("%sok %d - ", good ? "" : "not ", ++results);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
	failures += !good;
}

static void judged(const struct filter *a, const struct filter *b, judge *good, const char *claim,
		   const char *arch_name)
{
	size_t runs;
	bool all = judge_filters(a, b, good, &runs);

	result(all, "%s: %s %s %s (%zu inputs)", arch_name, a->name, claim, b->name, runs);
}

static bool is_equal(uint32_t a, uint32_t b) { return a == b; }
static bool is_subset(uint32_t a, uint32_t b) { return a != ALLOW || b == ALLOW; }

/* --- 4: what must be answered --- */

static const struct {
	const char *call;
	uint64_t args[3];
	uint32_t in_default, in_strict;
} expected[] = {
	{ "read", { 0 }, ALLOW, ALLOW },
	{ "clone3", { 0 }, ERRNO(38), ERRNO(38) },
	{ "clone", { 0x3d0f00 }, ALLOW, ALLOW },	/* what pthread_create passes */
	{ "clone", { 0x1200011 }, ALLOW, ALLOW },	/* what fork passes */
	{ "clone", { 0x20000 }, ERRNO(1), ERRNO(1) },	/* mount */
	{ "clone", { 0x2000000 }, ERRNO(1), ERRNO(1) }, /* cgroup */
	{ "clone", { 0x4000000 }, ERRNO(1), ERRNO(1) }, /* uts */
	{ "clone", { 0x8000000 }, ERRNO(1), ERRNO(1) }, /* ipc */
	{ "clone", { 0x10000011 }, ERRNO(1), ERRNO(1) }, /* user */
	{ "clone", { 0x20000011 }, ERRNO(1), ERRNO(1) }, /* pid */
	{ "clone", { 0x40000011 }, ERRNO(1), ERRNO(1) }, /* net */
	{ "unshare", { 0x10000000 }, ERRNO(1), ERRNO(1) },
	{ "setns", { 3 }, ERRNO(1), ERRNO(1) },
	{ "mount", { 0 }, ERRNO(1), ERRNO(1) },
	{ "umount2", { 0 }, ERRNO(1), ERRNO(1) },
	{ "pivot_root", { 0 }, ERRNO(1), ERRNO(1) },
	{ "move_mount", { 0 }, ERRNO(1), ERRNO(1) },
	{ "fsopen", { 0 }, ERRNO(1), ERRNO(1) },
	{ "open_tree", { 0 }, ERRNO(1), ERRNO(1) },
	{ "bpf", { 0 }, ERRNO(1), ERRNO(1) },
	{ "perf_event_open", { 0 }, ERRNO(1), ERRNO(1) },
	{ "userfaultfd", { 1 }, ERRNO(1), ERRNO(1) },
	{ "io_uring_setup", { 1 }, ERRNO(1), ERRNO(1) },
	{ "keyctl", { 0 }, ERRNO(1), ERRNO(1) },
	{ "add_key", { 0 }, ERRNO(1), ERRNO(1) },
	{ "request_key", { 0 }, ERRNO(1), ERRNO(1) },
	{ "ptrace", { 0 }, ERRNO(1), ERRNO(1) },
	{ "process_vm_readv", { 1 }, ERRNO(1), ERRNO(1) },
	{ "process_vm_writev", { 1 }, ERRNO(1), ERRNO(1) },
	{ "pidfd_getfd", { 3 }, ERRNO(1), ERRNO(1) },
	{ "kcmp", { 0 }, ERRNO(1), ERRNO(1) },
	{ "open_by_handle_at", { 0 }, ERRNO(1), ERRNO(1) },
	{ "init_module", { 0 }, ERRNO(1), ERRNO(1) },
	{ "finit_module", { 0 }, ERRNO(1), ERRNO(1) },
	{ "kexec_load", { 0 }, ERRNO(1), ERRNO(1) },
	{ "reboot", { 0xfee1dead }, ERRNO(1), ERRNO(1) },
	{ "syslog", { 3 }, ERRNO(1), ERRNO(1) },
	{ "clock_settime", { 0 }, ERRNO(1), ERRNO(1) },
	{ "settimeofday", { 0 }, ERRNO(1), ERRNO(1) },
	{ "memfd_secret", { 0 }, ERRNO(1), ERRNO(1) },
	{ "memfd_create", { 0 }, ALLOW, ERRNO(1) },
	{ "modify_ldt", { 0 }, ERRNO(1), ERRNO(1) },
	{ "chroot", { 0 }, ALLOW, ERRNO(1) },
	{ "setuid", { 0 }, ALLOW, ERRNO(1) },
	{ "personality", { 0 }, ALLOW, ERRNO(1) },
	{ "personality", { 8 }, ALLOW, ERRNO(1) },
	{ "personality", { 0x20000 }, ALLOW, ERRNO(1) },
	{ "personality", { 0x20008 }, ALLOW, ERRNO(1) },
	{ "personality", { 0xffffffff }, ALLOW, ERRNO(1) },
	{ "personality", { 0x40000 }, ERRNO(1), ERRNO(1) },  /* ADDR_NO_RANDOMIZE */
	{ "personality", { 0x400000 }, ERRNO(1), ERRNO(1) }, /* READ_IMPLIES_EXEC */
	{ "socket", { 1, 1, 0 }, ALLOW, ALLOW },
	{ "socket", { 1, 0x80805, 0 }, ALLOW, ALLOW },
	{ "socket", { 2, 1, 0 }, ALLOW, ERRNO(97) },
	{ "socket", { 2, 0x80801, 6 }, ALLOW, ERRNO(97) },
	{ "socket", { 10, 2, 17 }, ALLOW, ERRNO(97) },
	{ "socket", { 2, 2, 1 }, ALLOW, ERRNO(97) },	   /* unprivileged ping */
	{ "socket", { 10, 2, 58 }, ALLOW, ERRNO(97) },
	{ "socket", { 2, 3, 255 }, ALLOW, ERRNO(97) },	   /* raw: needs CAP_NET_RAW besides */
	{ "socket", { 2, 10, 0 }, ERRNO(94), ERRNO(97) },  /* SOCK_PACKET: a packet socket by its old name */
	{ "socket", { 2, 0x8080a, 0 }, ERRNO(94), ERRNO(97) },
	{ "socket", { 2, 5, 132 }, ERRNO(94), ERRNO(97) }, /* SCTP */
	{ "socket", { 2, 1, 132 }, ERRNO(93), ERRNO(97) },
	{ "socket", { 2, 1, 262 }, ERRNO(93), ERRNO(97) }, /* MPTCP */
	{ "socket", { 2, 6, 33 }, ERRNO(94), ERRNO(97) },  /* DCCP */
	{ "socket", { 2, 2, 115 }, ERRNO(93), ERRNO(97) }, /* L2TP */
	{ "socket", { 16, 3, 0 }, ALLOW, ERRNO(97) },	   /* NETLINK_ROUTE */
	{ "socket", { 16, 3, 9 }, ERRNO(93), ERRNO(97) },  /* NETLINK_AUDIT */
	{ "socket", { 16, 3, 12 }, ERRNO(93), ERRNO(97) }, /* NETLINK_NETFILTER */
	{ "socket", { 16, 2, 6 }, ERRNO(93), ERRNO(97) },  /* NETLINK_XFRM */
	{ "socket", { 17, 3, 0 }, ERRNO(97), ERRNO(97) },  /* AF_PACKET */
	{ "socket", { 29, 3, 1 }, ERRNO(97), ERRNO(97) },  /* AF_CAN */
	{ "socket", { 33, 2, 2 }, ERRNO(97), ERRNO(97) },  /* AF_RXRPC */
	{ "socket", { 38, 5, 0 }, ERRNO(97), ERRNO(97) },  /* AF_ALG */
	{ "socket", { 40, 1, 0 }, ERRNO(97), ERRNO(97) },  /* AF_VSOCK */
	{ "socket", { 44, 3, 0 }, ERRNO(97), ERRNO(97) },  /* AF_XDP */
	{ "socketpair", { 1, 1, 0 }, ALLOW, ALLOW },
	{ "socketpair", { 30, 1, 0 }, ERRNO(97), ERRNO(97) }, /* AF_TIPC */
	{ "setsockopt", { 3, 1, 2 }, ALLOW, ALLOW },
	{ "setsockopt", { 3, 6, 1 }, ALLOW, ERRNO(92) },
	{ "setsockopt", { 3, 6, 31 }, ERRNO(1), ERRNO(92) },  /* TCP_ULP */
	{ "ioctl", { 0, 0x5401 }, ALLOW, ALLOW },
	{ "ioctl", { 0, 0x5412 }, ERRNO(1), ERRNO(25) },      /* TIOCSTI */
	{ "ioctl", { 0, 0x541c }, ERRNO(1), ERRNO(25) },      /* TIOCLINUX */
	{ "ioctl", { 0, 0x5423 }, ERRNO(1), ERRNO(25) },      /* TIOCSETD */
	{ "ioctl", { 0, 0x40049409 }, ALLOW, ERRNO(25) },     /* FICLONE */
	{ "mknodat", { 3, 0, 0010644 }, ALLOW, ALLOW },
	{ "mknodat", { 3, 0, 0100644 }, ALLOW, ERRNO(1) },
	{ "mknodat", { 3, 0, 0020666 }, ERRNO(1), ERRNO(1) },
	{ "mknodat", { 3, 0, 0060660 }, ERRNO(1), ERRNO(1) },
	{ "mmap", { 0, 4096, 3 }, ALLOW, ALLOW },
	{ "mmap", { 0, 4096, 5 }, ALLOW, ALLOW },
	{ "mmap", { 0, 4096, 7 }, ALLOW, ERRNO(1) },
	{ "mmap", { 0, 4096, 6 }, ALLOW, ERRNO(1) },
	{ "mprotect", { 0, 4096, 1 }, ALLOW, ALLOW },
	{ "mprotect", { 0, 4096, 5 }, ALLOW, ERRNO(1) },
	{ "prctl", { 15 }, ALLOW, ALLOW },
	{ "prctl", { 35 }, ALLOW, ERRNO(22) }, /* PR_SET_MM */
	{ "fchmodat2", { 0 }, ALLOW, ALLOW },
	{ "mseal", { 0 }, ALLOW, ALLOW },
};

static bool expect_one(const struct filter *f, uint32_t arch, uint32_t nr, size_t row,
		       uint32_t want)
{
	bool good = true;

	/* 64 bits of rubbish above each int argument: the kernel ignores it, so must the filter.
	 * mmap's and mprotect's lengths and the pointers are wide, but no rule looks at them. */
	for (unsigned rubbish = 0; rubbish < 8; rubbish++) {
		uint64_t args[6] = { 0 };

		for (unsigned i = 0; i < 3; i++)
			args[i] = expected[row].args[i] |
				  (rubbish & (1u << i) ? 0xdeadbeefull << 32 : 0);
		uint32_t have = filter_run(f, arch, nr, args, NULL);

		if (have != want) {
			printf("# %s(%#llx, %#llx, %#llx): %s answers %#x, not %#x\n",
			       expected[row].call, (unsigned long long)args[0],
			       (unsigned long long)args[1], (unsigned long long)args[2], f->name,
			       have, want);
			good = false;
		}
	}
	return good;
}

static void expect_all(const struct filter *def, const struct filter *strict, size_t arch)
{
	const size_t n = sizeof(expected) / sizeof(expected[0]);
	uint64_t none[6] = { 0 };
	bool good = true;
	size_t tried = 0;

	for (size_t row = 0; row < n; row++) {
		int nr = profile_syscall(profile_arch(arches[arch].name), expected[row].call);

		if (nr == -2) {
			printf("# unknown call '%s'\n", expected[row].call);
			good = false;
		}
		if (nr < 0)
			continue;
		tried++;
		good &= expect_one(def, arches[arch].audit, (uint32_t)nr, row,
				   expected[row].in_default);
		good &= expect_one(strict, arches[arch].audit, (uint32_t)nr, row,
				   expected[row].in_strict);
		for (size_t f = 0; f < sizeof(foreign_arches) / sizeof(foreign_arches[0]); f++)
			good &= foreign_arches[f] == arches[arch].audit ||
				filter_run(def, foreign_arches[f], (uint32_t)nr, none, NULL) ==
					SECCOMP_RET_KILL_PROCESS;
		/* x32: the native architecture's token, bit 30 of the number */
		good &= arches[arch].audit != AUDIT_ARCH_X86_64 ||
			filter_run(def, AUDIT_ARCH_X86_64, (uint32_t)nr | 0x40000000, none, NULL) ==
				SECCOMP_RET_KILL_PROCESS;
	}
	result(good,
	       "%s: %zu calls answer as they must, also with their upper halves set; foreign ABIs "
	       "and x32 die",
	       arches[arch].name, tried);
}

/* --- 5: nothing unspoken --- */

static bool readme_names(const char *text, const char *name)
{
	char quoted[64];

	snprintf(quoted, sizeof(quoted), "`%s`", name);
	return strstr(text, quoted) != NULL;
}

static char *read_text(const char *file)
{
	static char text[1 << 18];
	char path[4096];

	snprintf(path, sizeof(path), "%s/%s", directory, file);
	FILE *f = fopen(path, "re");

	if (!f) {
		perror(path);
		exit(1);
	}
	text[fread(text, 1, sizeof(text) - 1, f)] = '\0';
	fclose(f);
	return text;
}

/* README.md has the allowed groups, then "## Denied" (EPERM), then "## Unknown" (ENOSYS). A call
 * must be named in exactly the part that the filter's answer belongs to. */
static void check_readme(const struct filter *def, size_t arch)
{
	char *text = read_text("README.md"), *denied = strstr(text, "\n## Denied"),
	     *unknown = strstr(text, "\n## Unknown");
	char *rest = unknown ? strstr(unknown + 1, "\n## ") : NULL;
	bool good = denied && unknown && rest && denied < unknown;
	size_t calls = 0;

	if (good)
		*denied = *unknown = *rest = '\0';
	for (int nr = 0; good && nr < 1024; nr++) {
		char *name = seccomp_syscall_resolve_num_arch(profile_arch(arches[arch].name), nr);
		bool known[3], want[3] = { false };
		uint64_t args[2][6] = { { 0 }, { 1, 1, 1, 1, 1, 1 } };

		if (!name)
			continue;
		calls++;
		for (unsigned i = 0; i < 2; i++) {
			uint32_t answer =
				filter_run(def, arches[arch].audit, (uint32_t)nr, args[i], NULL);

			want[answer == ALLOW ? 0 : answer == ERRNO(38) ? 2 : 1] = true;
		}
		known[0] = readme_names(text, name);
		known[1] = readme_names(denied + 1, name);
		known[2] = readme_names(unknown + 1, name);
		/* a call that is allowed for some arguments belongs to the first part */
		if (known[0] != want[0] ||
		    (!want[0] && (known[1] != want[1] || known[2] != want[2]))) {
			printf("# %s: is %s, README.md has it%s%s%s\n", name,
			       want[0]   ? "allowed"
			       : want[1] ? "denied"
					 : "unknown",
			       known[0] ? " allowed" : "", known[1] ? " denied" : "",
			       known[2] ? " unknown" : "");
			failures++;
		}
		free(name);
	}
	result(good && failures == 0, "%s: README.md speaks of all %zu calls that libseccomp knows",
	       arches[arch].name, calls);
}

static bool compile_one(struct filter *f, const char *file, const char *arch,
			enum profile_form form)
{
	struct err err = ERR_INIT;
	char path[4096];

	snprintf(path, sizeof(path), "%s/%s", directory, file);
	if (profile_compile(path, profile_arch(arch), form, f->prog, BPF_MAXINSNS, &f->n, &err) ==
	    0)
		return true;
	printf("# %s\n", err.msg);
	return false;
}

static void check_arch(size_t arch)
{
	static struct filter def = {.name = "default"},
			     def_plain = {.name = "libseccomp's default"},
			     def_tree = {.name = "libseccomp's tree of default"},
			     strict = {.name = "strict"},
			     strict_plain = {.name = "libseccomp's strict"};
	const char *name = arches[arch].name;
	bool compiled = compile_one(&def, "default.json", name, PROFILE_FLAT) &&
			compile_one(&def_plain, "default.json", name, PROFILE_PLAIN) &&
			compile_one(&def_tree, "default.json", name, PROFILE_TREE) &&
			compile_one(&strict, "strict.json", name, PROFILE_FLAT) &&
			compile_one(&strict_plain, "strict.json", name, PROFILE_PLAIN);

	result(compiled, "%s: both profiles compile", name);
	if (!compiled)
		return;
	printf("# %s: default %zu instructions (libseccomp %zu, tree %zu), strict %zu (libseccomp "
	       "%zu)\n",
	       name, def.n, def_plain.n, def_tree.n, strict.n, strict_plain.n);
	judged(&def, &def_plain, is_equal, "equals", name);
	judged(&def, &def_tree, is_equal, "equals", name);
	judged(&strict, &strict_plain, is_equal, "equals", name);
	judged(&strict, &def, is_subset, "allows no more than", name);
	expect_all(&def, &strict, arch);
	check_readme(&def, arch);
}

int main(int argc, char **argv)
{
	static char from_environment[4096];
	const char *top = getenv("top_srcdir");

	snprintf(from_environment, sizeof(from_environment), "%s/seccomp-profiles",
		 top ? top : ".");
	directory = argc > 1 ? argv[1] : from_environment;
	for (size_t arch = 0; arch < N_ARCHES; arch++)
		check_arch(arch);
	printf("1..%d\n", results);
	return failures ? 1 : 0;
}
