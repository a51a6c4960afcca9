/* The seccomp object, of a bundle or of a shipped profile.  Words are checked against the closed
 * sets of the specification; whether the machine knows a system call or an architecture is not.
 */
#include "config.h"

#include "spec/table.h"

#include <string.h>
#include <sys/un.h>

#include "base/banned.h"

static const struct table_entry action_items[] = {
	{"SCMP_ACT_KILL", 0},
	{"SCMP_ACT_KILL_PROCESS", 0},
	{"SCMP_ACT_KILL_THREAD", 0},
	{"SCMP_ACT_TRAP", 0},
	/* The value of an action: the largest errnoRet it takes. */
	{"SCMP_ACT_ERRNO", 4095},  /* MAX_ERRNO: beyond it the C library sees a success */
	{"SCMP_ACT_TRACE", 65535}, /* SECCOMP_RET_DATA */
	{"SCMP_ACT_ALLOW", 0},
	{"SCMP_ACT_LOG", 0},
	{"SCMP_ACT_NOTIFY", 0},
};
NAME_SET(seccomp_action_names, action_items, "a seccomp action");

static const struct table_entry arch_items[] = {
	{"SCMP_ARCH_X86", 0},         {"SCMP_ARCH_X86_64", 0},  {"SCMP_ARCH_X32", 0},
	{"SCMP_ARCH_ARM", 0},         {"SCMP_ARCH_AARCH64", 0}, {"SCMP_ARCH_LOONGARCH64", 0},
	{"SCMP_ARCH_M68K", 0},        {"SCMP_ARCH_MIPS", 0},    {"SCMP_ARCH_MIPS64", 0},
	{"SCMP_ARCH_MIPS64N32", 0},   {"SCMP_ARCH_MIPSEL", 0},  {"SCMP_ARCH_MIPSEL64", 0},
	{"SCMP_ARCH_MIPSEL64N32", 0}, {"SCMP_ARCH_PPC", 0},     {"SCMP_ARCH_PPC64", 0},
	{"SCMP_ARCH_PPC64LE", 0},     {"SCMP_ARCH_S390", 0},    {"SCMP_ARCH_S390X", 0},
	{"SCMP_ARCH_SH", 0},          {"SCMP_ARCH_SHEB", 0},    {"SCMP_ARCH_PARISC", 0},
	{"SCMP_ARCH_PARISC64", 0},    {"SCMP_ARCH_RISCV64", 0},
};
NAME_SET(seccomp_arch_names, arch_items, "an architecture of seccomp");

static const struct table_entry flag_items[] = {
	{"SECCOMP_FILTER_FLAG_TSYNC", 0},
	{"SECCOMP_FILTER_FLAG_LOG", 0},
	{"SECCOMP_FILTER_FLAG_SPEC_ALLOW", 0},
	{"SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV", 0},
};
NAME_SET(seccomp_flag_names, flag_items, "a seccomp flag");

static const struct table_entry operator_items[] = {
	{"SCMP_CMP_NE", 0}, {"SCMP_CMP_LT", 0}, {"SCMP_CMP_LE", 0},        {"SCMP_CMP_EQ", 0},
	{"SCMP_CMP_GE", 0}, {"SCMP_CMP_GT", 0}, {"SCMP_CMP_MASKED_EQ", 0},
};
NAME_SET(seccomp_operator_names, operator_items, "a seccomp operator");

/* The specification: an errno with an action that has none is an error. */
static int check_errno(struct reader *r, const struct json *v, const char *key, const char *action,
		       struct opt_u32 errno_ret)
{
	const struct table_entry *name = names_find(&seccomp_action_names, action);

	if (!errno_ret.set)
		return 0;
	if (name->value == 0)
		return json_error(json_get(v, key), r->err, "%s returns no errno; remove it",
				  action);
	if (errno_ret.v <= name->value)
		return 0;
	return json_error(json_get(v, key), r->err, "%u is out of range: %s takes 0 to %lld",
			  errno_ret.v, action, (long long)name->value);
}

/* --- syscalls[].args[] --- */

static const struct range index_range = {0, 5, "a system call has arguments 0 to 5"};

static int arg_check(struct reader *r, const struct json *v, void *obj)
{
	const struct spec_seccomp_arg *arg = obj;

	/* Elsewhere it would be dropped, and the rule would mean less than it says. 0 is what older
	 * tools write for "none". */
	if (arg->value_two && strcmp(arg->op, "SCMP_CMP_MASKED_EQ") != 0)
		return json_error(json_get(v, "valueTwo"), r->err,
				  "only SCMP_CMP_MASKED_EQ compares with a second value, %s does "
				  "not; remove it",
				  arg->op);
	return 0;
}

#define AT(field) offsetof(struct spec_seccomp_arg, field)
static const struct property arg_rows[] = {
	ROW("index", JSON_NUMBER, take_u32, AT(index), .flags = PROPERTY_REQUIRED,
	    .rule = &index_range),
	ROW("value", JSON_NUMBER, take_u64, AT(value), .flags = PROPERTY_REQUIRED),
	ROW("valueTwo", JSON_NUMBER, take_u64, AT(value_two)),
	ROW("op", JSON_STRING, take_word, AT(op), .flags = PROPERTY_REQUIRED,
	    .rule = &seccomp_operator_names),
};
#undef AT
static TABLE(arg_table, arg_rows, struct spec_seccomp_arg, arg_check);

/* --- syscalls[] --- */

#define RULE_ARGS_MAX 6

static int text_syscall_name(struct reader *r, const struct json *v, const char *s)
{
	if (!s[0])
		return json_error(v, r->err, "is empty; it names a system call");
	return 0;
}

static int rule_check(struct reader *r, const struct json *v, void *obj)
{
	const struct spec_seccomp_rule *rule = obj;

	if (rule->args.n > RULE_ARGS_MAX)
		return json_error(json_get(v, "args"), r->err, "has %zu conditions; %d at most",
				  rule->args.n, RULE_ARGS_MAX);
	return check_errno(r, v, "errnoRet", rule->action, rule->errno_ret);
}

static const char docker_format[] =
	"it belongs to docker's own profile format; give the OCI form of the profile";

#define AT(field) offsetof(struct spec_seccomp_rule, field)
static const struct property rule_rows[] = {
	ROW("names", JSON_ARRAY, take_strings, AT(names),
	    .flags = PROPERTY_REQUIRED | PROPERTY_NOT_EMPTY, .text = text_syscall_name),
	ROW("action", JSON_STRING, take_word, AT(action), .flags = PROPERTY_REQUIRED,
	    .rule = &seccomp_action_names),
	ROW("errnoRet", JSON_NUMBER, take_opt_u32, AT(errno_ret)),
	ROW("args", JSON_ARRAY, take_list, AT(args), .child = &arg_table),
	ROW_REMOVED("name", "a rule has 'names', an array, since 1.0.0"),
	ROW_REMOVED("includes", docker_format),
	ROW_REMOVED("excludes", docker_format),
};
#undef AT
static TABLE(rule_table, rule_rows, struct spec_seccomp_rule, rule_check);

/* --- seccomp --- */

static int text_socket_path(struct reader *r, const struct json *v, const char *s)
{
	size_t n = strlen(s);

	if (n >= sizeof(((struct sockaddr_un *)0)->sun_path))
		return json_error(v, r->err, "is %zu bytes long; a socket's path has 107 at most",
				  n);
	return text_absolute_path(r, v, s);
}

static bool uses_notify(const struct spec_seccomp *seccomp)
{
	if (strcmp(seccomp->default_action, "SCMP_ACT_NOTIFY") == 0)
		return true;
	for (size_t i = 0; i < seccomp->syscalls.n; i++)
		if (strcmp(seccomp->syscalls.items[i].action, "SCMP_ACT_NOTIFY") == 0)
			return true;
	return false;
}

static int seccomp_check(struct reader *r, const struct json *v, void *obj)
{
	const struct spec_seccomp *seccomp = obj;

	if (seccomp->listener_metadata && !seccomp->listener_path)
		return json_error(
			v, r->err,
			"'listenerMetadata' needs 'listenerPath', to which it would be sent");
	/* Without a listener every call that notifies would block for ever. */
	if (!seccomp->listener_path && uses_notify(seccomp))
		return json_error(v, r->err,
				  "SCMP_ACT_NOTIFY needs 'listenerPath', where the listener waits");
	return check_errno(r, v, "defaultErrnoRet", seccomp->default_action,
			   seccomp->default_errno_ret);
}

#define AT(field) offsetof(struct spec_seccomp, field)
static const struct property seccomp_rows[] = {
	ROW("defaultAction", JSON_STRING, take_word, AT(default_action), .flags = PROPERTY_REQUIRED,
	    .rule = &seccomp_action_names),
	ROW("defaultErrnoRet", JSON_NUMBER, take_opt_u32, AT(default_errno_ret)),
	ROW("architectures", JSON_ARRAY, take_words, AT(architectures),
	    .rule = &seccomp_arch_names),
	ROW("flags", JSON_ARRAY, take_words, AT(flags), .rule = &seccomp_flag_names),
	ROW("listenerPath", JSON_STRING, take_string, AT(listener_path), .text = text_socket_path),
	ROW("listenerMetadata", JSON_STRING, take_string, AT(listener_metadata)),
	ROW("syscalls", JSON_ARRAY, take_list, AT(syscalls), .child = &rule_table),
	ROW_REMOVED("archMap", docker_format),
};
#undef AT
TABLE(seccomp_table, seccomp_rows, struct spec_seccomp, seccomp_check);
