/* Any bytes as a seccomp object: no crash, a clear error or a struct that the filter's compiler can trust.
 */
#include "config.h"

#include "spec/spec.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define must(cond)                                                                                                     \
	do {                                                                                                           \
		if (!(cond)) {                                                                                         \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #cond);                                     \
			abort();                                                                                       \
		}                                                                                                      \
	} while (0)

static bool begins(const char *s, const char *prefix)
{
	return s && strncmp(s, prefix, strlen(prefix)) == 0;
}

static void check_rule(const struct spec_seccomp_rule *rule)
{
	must(rule->names.n > 0 && begins(rule->action, "SCMP_ACT_"));
	for (size_t i = 0; i < rule->names.n; i++)
		must(rule->names.items[i][0]);
	must(!rule->errno_ret.set || strcmp(rule->action, "SCMP_ACT_TRACE") == 0 ||
	     (strcmp(rule->action, "SCMP_ACT_ERRNO") == 0 && rule->errno_ret.v <= 4095));
	must(rule->args.n <= 6);
	for (size_t i = 0; i < rule->args.n; i++) {
		const struct spec_seccomp_arg *arg = &rule->args.items[i];

		must(arg->index <= 5 && begins(arg->op, "SCMP_CMP_"));
		must(arg->value_two == 0 || strcmp(arg->op, "SCMP_CMP_MASKED_EQ") == 0);
	}
}

static void check_seccomp(const struct spec_seccomp *s)
{
	bool notify = strcmp(s->default_action, "SCMP_ACT_NOTIFY") == 0;

	must(begins(s->default_action, "SCMP_ACT_"));
	for (size_t i = 0; i < s->syscalls.n; i++) {
		check_rule(&s->syscalls.items[i]);
		notify |= strcmp(s->syscalls.items[i].action, "SCMP_ACT_NOTIFY") == 0;
	}
	must(!notify || s->listener_path);
	must(!s->listener_metadata || s->listener_path);
	must(!s->listener_path || (s->listener_path[0] == '/' && strlen(s->listener_path) < 108));
	for (size_t i = 0; i < s->architectures.n; i++)
		must(begins(s->architectures.items[i], "SCMP_ARCH_"));
	for (size_t i = 0; i < s->flags.n; i++)
		must(begins(s->flags.items[i], "SECCOMP_FILTER_FLAG_"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = ARENA_INIT;
	struct spec_seccomp *seccomp;
	struct err err = ERR_INIT;

	if (spec_parse_seccomp((const char *)data, size, &arena, &seccomp, &err) == 0)
		check_seccomp(seccomp);
	else
		must((err.kind == ERR_SPEC || err.kind == ERR_SYSTEM) && err.msg[0]);
	arena_release(&arena);
	return 0;
}
