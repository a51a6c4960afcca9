/* compile: both profiles to C arrays, at build time, for the architecture that kanuki is built for.
 *
 * Runs on the build machine. A profile that can't be compiled breaks the build: there is no
 * filter-less kanuki.
 *
 * Usage: compile MACHINE DEFAULT.json STRICT.json > embedded.c
 *        compile --raw flat|plain|tree MACHINE PROFILE.json > filter.bpf     for the benchmark of
 * README.md
 */
#include "base/err.h"
#include "profile.h"

#include <stdio.h>
#include <string.h>

static struct sock_filter prog[BPF_MAXINSNS];

static int complain(const struct err *err)
{
	fprintf(stderr, "compile: %s\n", err->msg);
	return 1;
}

static int write_array(const char *name, const char *path, uint32_t arch)
{
	struct err err = ERR_INIT;
	size_t n;

	if (profile_compile(path, arch, PROFILE_FLAT, prog, BPF_MAXINSNS, &n, &err) < 0)
		return complain(&err);
	printf("\nconst struct sock_filter %s[] = {\n", name);
	for (size_t i = 0; i < n; i++)
		printf("\t{ 0x%02x, %u, %u, 0x%08x },\n", prog[i].code, prog[i].jt, prog[i].jf,
		       prog[i].k);
	printf("};\nconst unsigned short %s_len = %zu;\n", name, n);
	return 0;
}

static int write_raw(const char *form_name, uint32_t arch, const char *path)
{
	static const char *const forms[] = { "flat", "plain", "tree" };
	struct err err = ERR_INIT;
	size_t n;

	for (int form = PROFILE_FLAT; form <= PROFILE_TREE; form++) {
		if (strcmp(forms[form], form_name) != 0)
			continue;
		if (profile_compile(path, arch, (enum profile_form)form, prog, BPF_MAXINSNS, &n,
				    &err) < 0)
			return complain(&err);
		return fwrite(prog, sizeof(prog[0]), n, stdout) == n ? 0 : 1;
	}
	fprintf(stderr, "compile: '%s' is none of flat, plain, tree\n", form_name);
	return 2;
}

int main(int argc, char **argv)
{
	int raw = argc == 5 && strcmp(argv[1], "--raw") == 0;
	uint32_t arch;

	if (!raw && argc != 4) {
		fprintf(stderr, "usage: compile MACHINE DEFAULT.json STRICT.json | compile --raw "
				"FORM MACHINE PROFILE.json\n");
		return 2;
	}
	arch = profile_arch(argv[raw ? 3 : 1]);
	if (arch == 0) {
		fprintf(stderr, "compile: libseccomp does not know '%s'\n", argv[raw ? 3 : 1]);
		return 1;
	}
	if (raw)
		return write_raw(argv[2], arch, argv[4]) || fflush(stdout);
	printf("/* Made by seccomp-profiles/compile for %s: do not edit. */\n#include \"seccomp-profiles/embedded.h\"\n", argv[1]);
	if (write_array("embedded_default", argv[2], arch) ||
	    write_array("embedded_strict", argv[3], arch))
		return 1;
	return fflush(stdout) || ferror(stdout);
}
