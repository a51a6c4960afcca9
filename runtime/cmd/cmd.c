/* Command line: tables in, argument struct out; help from the same tables.
 * Owns no command's meaning: that is in one file per command. */
#include "config.h"

#include "cmd/cmd.h"

#include "base/num.h"
#include "base/table.h"
#include "policy/policy.h"
#include "policy/rules.h"
#include "spec/spec.h"
#include "sys/sys.h"
#include "version.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/banned.h"

extern const struct cmd cmd_create, cmd_start, cmd_state, cmd_kill, cmd_delete, cmd_run, cmd_exec,
	cmd_ps, cmd_list, cmd_pause, cmd_resume, cmd_update, cmd_events, cmd_spec, cmd_features,
	cmd_plan, cmd_check, cmd_policy, cmd_audit, cmd_evidence;

const struct cmd *const cmd_table[] = {
	&cmd_create,   &cmd_start, &cmd_state, &cmd_kill,   &cmd_delete, &cmd_run,      &cmd_exec,
	&cmd_ps,       &cmd_list,  &cmd_pause, &cmd_resume, &cmd_update, &cmd_events,   &cmd_spec,
	&cmd_features, &cmd_plan,  &cmd_check, &cmd_policy, &cmd_audit,  &cmd_evidence, NULL};

#define GLOBAL(member) offsetof(struct cmd_globals, member)
static const struct cmd_option global_options[] = {
	{"root", 0, OPTION_STRING, GLOBAL(root), "DIR",
	 "where container state is kept (default /run/kanuki)"},
	{"policy", 0, OPTION_STRING, GLOBAL(policy), "POLICY",
	 "a policy file or builtin:NAME (/etc/kanuki/policy.json, else builtin:hardened)"},
	{"log", 0, OPTION_STRING, GLOBAL(log), "FILE", "append errors to FILE as well"},
	{"log-format", 0, OPTION_STRING, GLOBAL(log_format), "FORMAT",
	 "of --log: text (default) or json"},
	{"log-level", 0, OPTION_STRING, GLOBAL(log_level), "LEVEL",
	 "debug (as --debug), info, warning or error: errors only"},
	{"debug", 0, OPTION_FLAG, GLOBAL(debug), NULL,
	 "also tell what policy changed in the bundle"},
	{"cgroup-manager", 0, OPTION_STRING, GLOBAL(cgroup_manager), "MANAGER",
	 "cgroupfs (default) or disabled; systemd is refused"},
	{"systemd-cgroup", 0, OPTION_FLAG, GLOBAL(systemd_cgroup), NULL,
	 "the same as --cgroup-manager=systemd"},
	{"rootless", 0, OPTION_STRING, GLOBAL(rootless), "MODE",
	 "accepted: kanuki finds out by itself"},
	{"criu", 0, OPTION_IGNORED_STRING, 0, "PATH", "accepted for compatibility"},
};

static const struct cmd_option *find_option(const struct cmd_option *options, size_t n,
					    const char *name, size_t len)
{
	for (size_t i = 0; i < n; i++) {
		if (len == 1 && options[i].short_name == name[0] && name[0])
			return &options[i];
		if (strlen(options[i].name) == len && strncmp(options[i].name, name, len) == 0)
			return &options[i];
	}
	return NULL;
}

static bool takes_value(const struct cmd_option *o)
{
	return o->type != OPTION_FLAG && o->type != OPTION_IGNORED_FLAG;
}

/* The spellings of Go's flag package, which runc's callers were written for. */
static const struct table_entry flag_values[] = {
	{"1", true},  {"t", true},  {"T", true},  {"true", true},   {"TRUE", true},   {"True", true},
	{"0", false}, {"f", false}, {"F", false}, {"false", false}, {"FALSE", false}, {"False", false},
};

static int store_flag(const struct cmd_option *o, void *base, const char *value, struct err *err)
{
	int64_t v = true;

	if (value && !table_value(flag_values, value, &v))
		return err_set(err, ERR_USAGE, "--%s: '%s' is neither true nor false", o->name,
			       value);
	if (o->type == OPTION_FLAG)
		*(bool *)((char *)base + o->offset) = v;
	return 0;
}

static int store_value(struct arena *arena, const struct cmd_option *o, void *base,
		       const char *value, struct err *err)
{
	char *at = (char *)base + o->offset;
	uint64_t number;
	const char **slot;

	switch (o->type) {
	case OPTION_FLAG:
	case OPTION_IGNORED_FLAG:
		return store_flag(o, base, value, err);
	case OPTION_STRING:
		*(const char **)at = value;
		return 0;
	case OPTION_LIST:
		slot = ARENA_PUSH(arena, (struct str_list *)at);
		if (!slot)
			return err_oom(err);
		*slot = value;
		return 0;
	case OPTION_U32:
		if (!num_parse_u64(value, UINT32_MAX, &number))
			return err_set(err, ERR_USAGE, "--%s: '%s' is not a number", o->name,
				       value);
		*(struct opt_u32 *)at = (struct opt_u32){.set = true, .v = (uint32_t)number};
		return 0;
	case OPTION_IGNORED_STRING:
		return 0;
	}
	return err_set(err, ERR_USAGE, "--%s: unknown option type", o->name);
}

struct option_table {
	const struct cmd_option *options;
	size_t n;
	void *base;
	const char *command; /* for messages; NULL: the options before one */
};

/* One option at argv[*i]; moves *i over a value taken from the next word. */
static int parse_option(struct arena *arena, const struct option_table *table, char **argv,
			int argc, int *i, bool *ret_help, struct err *err)
{
	const char *word = argv[*i];
	const char *name = word + (word[1] == '-' ? 2 : 1);
	const char *equals = strchr(name, '=');
	size_t len = equals ? (size_t)(equals - name) : strlen(name);
	const struct cmd_option *o = find_option(table->options, table->n, name, len);
	const char *value = equals ? equals + 1 : NULL;

	if (!o) {
		if ((len == 4 && strncmp(name, "help", 4) == 0) || (len == 1 && name[0] == 'h')) {
			*ret_help = true;
			return 0;
		}
		return err_set(err, ERR_USAGE, "%s%sunknown option '%s' (see %s --help)",
			       table->command ? table->command : "", table->command ? ": " : "",
			       word, table->command ? table->command : "kanuki");
	}
	if (takes_value(o) && !value) {
		if (*i + 1 >= argc)
			return err_set(err, ERR_USAGE, "%s%soption needs an argument: --%s",
				       table->command ? table->command : "",
				       table->command ? ": " : "", o->name);
		value = argv[++*i];
	}
	return store_value(arena, o, table->base, value, err);
}

static bool is_option(const char *word)
{
	return word[0] == '-' && word[1] != 0;
}

static void print_options(const struct cmd_option *options, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char left[64];

		(void)snprintf(
			left, sizeof(left), "%s%c%s--%s%s%s", options[i].short_name ? "-" : "  ",
			options[i].short_name ? options[i].short_name : ' ',
			options[i].short_name ? ", " : " ", options[i].name,
			options[i].value ? " " : "", options[i].value ? options[i].value : "");
		printf("  %-32s %s\n", left, options[i].help);
	}
	printf("  %-32s %s\n", "-h, --help", "this text");
}

static void print_help(void)
{
	printf("usage: kanuki [GLOBAL OPTIONS] COMMAND [OPTIONS] [ARGUMENTS]\n\n"
	       "A hardened, minimal OCI container runtime.\n\nCommands:\n");
	for (size_t i = 0; cmd_table[i]; i++)
		printf("  %-10s %s\n", cmd_table[i]->name, cmd_table[i]->summary);
	printf("\nGlobal options:\n");
	print_options(global_options, ARRAY_LEN(global_options));
	printf("  %-32s %s\n", "-v, --version", "version of kanuki and of the specification");
}

static void print_command_help(const struct cmd *cmd)
{
	printf("usage: kanuki [GLOBAL OPTIONS] %s%s%s\n\n%s\n\nOptions:\n", cmd->name,
	       cmd->synopsis[0] ? " " : "", cmd->synopsis, cmd->summary);
	print_options(cmd->options, cmd->n_options);
}

static void print_version(void)
{
	printf("kanuki version %s\ncommit: %s\nspec: 1.3.0\n", PACKAGE_VERSION, KANUKI_COMMIT);
}

static int flush_stdout(struct err *err)
{
	if (fflush(stdout) != 0 || ferror(stdout))
		return err_sys(err, "write to standard output");
	return 0;
}

/* Which key of the policy would change a refusal, and what of the mission it serves. */
static void explain(struct err *err)
{
	const struct policy_rule *rule =
		err->kind == ERR_POLICY ? policy_rule_find(err->rule) : NULL;
	char note[POLICY_NOTE_SIZE];

	if (rule)
		err_append(err, "%s", policy_rule_note(rule, err, note));
}

/* Options and positional arguments of `cmd`; argv[i] is the first word after it. */
static int run_command(const struct cmd *cmd, struct cmd_context *ctx, int argc, char **argv, int i,
		       struct err *err)
{
	struct option_table table = {
		.options = cmd->options, .n = cmd->n_options, .command = cmd->name};
	bool help = false, options_end = false;
	int status;

	table.base = arena_alloc(ctx->arena, cmd->args_size);
	ctx->args = arena_array(ctx->arena, (size_t)(argc - i) + 1, sizeof(*ctx->args));
	if (!table.base || !ctx->args)
		return err_oom(err);
	for (; i < argc; i++) {
		if (!options_end && strcmp(argv[i], "--") == 0) {
			options_end = true;
		} else if (!options_end && is_option(argv[i])) {
			if (parse_option(ctx->arena, &table, argv, argc, &i, &help, err) < 0)
				return -1;
		} else {
			ctx->args[ctx->n_args++] = argv[i];
			options_end = options_end || cmd->stop_at_first;
		}
	}
	if (help) {
		print_command_help(cmd);
		return flush_stdout(err);
	}
	if (ctx->n_args < cmd->min_args || ctx->n_args > cmd->max_args)
		return err_set(err, ERR_USAGE, "%s: %zu arguments given; usage: kanuki %s %s",
			       cmd->name, ctx->n_args, cmd->name, cmd->synopsis);
	/* A caller that ignores it has its children collected by nobody: neither a hook's
	 * failure nor the container's end would be told. */
	if (sys_signal_default(SIGCHLD) < 0)
		return err_sys(err, "reset the signal of a child's end");
	status = cmd->run(ctx, table.base, err);
	if (status < 0)
		explain(err);
	if (status >= 0 && flush_stdout(err) < 0)
		return -1;
	return status;
}

static const struct cmd *find_command(const char *name)
{
	for (size_t i = 0; cmd_table[i]; i++)
		if (strcmp(cmd_table[i]->name, name) == 0)
			return cmd_table[i];
	return NULL;
}

#define LOG_FD_LEAST 200

/* Out of the way of descriptors that the caller has for the container, or should
 * have: one that is missing must not turn out to be our log. */
static int move_log(struct log *log, struct err *err)
{
	int fd = sys_fcntl(log->fd, F_DUPFD_CLOEXEC, LOG_FD_LEAST);

	if (fd < 0)
		return err_sys(err, "--log: keep it open");
	(void)sys_close(log->fd); /* the copy is open */
	log->fd = fd;
	return 0;
}

static int open_log(const struct cmd_globals *g, struct log *log, struct err *err)
{
	static const char *const levels[] = {"debug", "info",  "warn", "warning",
					     "error", "fatal", "panic"};
	bool known = !g->log_level;

	for (size_t i = 0; !known && i < ARRAY_LEN(levels); i++)
		known = strcmp(g->log_level, levels[i]) == 0;
	if (!known)
		return err_set(err, ERR_USAGE, "--log-level: unknown level '%s'", g->log_level);
	if (log_open(log, g->log, g->log_format,
		     g->debug || (g->log_level && strcmp(g->log_level, "debug") == 0), err) < 0)
		return -1;
	return log->fd >= 0 && log->given_fd < 0 ? move_log(log, err) : 0;
}

/* A wrong word is told whatever the command, not first by the one that needs it. */
static int check_globals(const struct cmd_globals *g, struct err *err)
{
	const char *manager = g->cgroup_manager ? g->cgroup_manager : "cgroupfs";
	const char *rootless = g->rootless ? g->rootless : "auto";
	struct policy_conf conf = POLICY_CONF_INIT; /* a built-in owns nothing */

	/* A file is read by the commands that decide: delete must work beside a broken one. */
	if (g->policy && !strchr(g->policy, '/') && policy_conf_builtin(g->policy, &conf, err) < 0)
		return err_context(err, "--policy");
	if (strcmp(manager, "cgroupfs") != 0 && strcmp(manager, "systemd") != 0 &&
	    strcmp(manager, "disabled") != 0)
		return err_set(err, ERR_USAGE,
			       "--cgroup-manager: '%s' is none of cgroupfs, systemd, disabled",
			       manager);
	if (strcmp(rootless, "true") != 0 && strcmp(rootless, "false") != 0 &&
	    strcmp(rootless, "auto") != 0)
		return err_set(err, ERR_USAGE, "--rootless: '%s' is none of true, false, auto",
			       rootless);
	return 0;
}

int cmd_main(int argc, char **argv, char **envp, struct log *log, struct err *err)
{
	struct arena arena = ARENA_INIT;
	struct cmd_globals globals = {0};
	struct option_table table = {.options = global_options,
				     .n = ARRAY_LEN(global_options),
				     .base = &globals};
	struct cmd_context ctx = {
		.globals = &globals, .log = log, .arena = &arena, .argv = argv, .envp = envp};
	const struct cmd *cmd = NULL;
	bool help = false, about;
	int status, i;

	for (i = 1; i < argc && is_option(argv[i]); i++) {
		if (strcmp(argv[i], "--version") == 0 || strcmp(argv[i], "-version") == 0 ||
		    strcmp(argv[i], "-v") == 0) {
			print_version();
			return flush_stdout(err) < 0 ? 1 : 0;
		}
		if (parse_option(&arena, &table, argv, argc, &i, &help, err) < 0)
			return 1;
	}
	about = !help && i + 1 < argc && strcmp(argv[i], "help") == 0;
	i += about;
	if (help || i >= argc || strcmp(argv[i], "help") == 0) {
		print_help();
		return flush_stdout(err) < 0 ? 1 : 0;
	}
	if (open_log(&globals, log, err) < 0 || check_globals(&globals, err) < 0)
		return 1;
	cmd = find_command(argv[i]);
	if (!cmd) {
		(void)err_set(err, ERR_USAGE, "unknown command '%s' (see kanuki --help)", argv[i]);
		return 1;
	}
	if (about) {
		print_command_help(cmd);
		return flush_stdout(err) < 0 ? 1 : 0;
	}
	status = run_command(cmd, &ctx, argc, argv, i + 1, err);
	arena_release(&arena);
	return status < 0 ? cmd->failure_status : status;
}
