/* The command line in every spelling engines use, with commands of the test's own
 * in place of the real ones: what cmd.c hands to a command, and what it refuses. */
#include "config.h"

#include "cmd/cmd.h"
#include "spec/spec.h"

#include "tap.h"
#include "temp_dir.h"

struct args {
	bool flag, detach;
	const char *string;
	struct str_list list;
	struct opt_u32 number;
};

static char seen[1024]; /* what the command was given */
static int result = 7;

static int run(const struct cmd_context *ctx, void *data, struct err *err)
{
	const struct args *a = data;
	size_t n = 0;

	n += (size_t)snprintf(seen + n, sizeof(seen) - n, "f=%d d=%d s=%s", a->flag, a->detach, a->string ? a->string : "-");
	for (size_t i = 0; i < a->list.n; i++)
		n += (size_t)snprintf(seen + n, sizeof(seen) - n, " l=%s", a->list.items[i]);
	if (a->number.set)
		n += (size_t)snprintf(seen + n, sizeof(seen) - n, " n=%u", a->number.v);
	for (size_t i = 0; i < ctx->n_args; i++)
		n += (size_t)snprintf(seen + n, sizeof(seen) - n, " [%s]", ctx->args[i]);
	if (ctx->globals->root)
		n += (size_t)snprintf(seen + n, sizeof(seen) - n, " root=%s", ctx->globals->root);
	if (ctx->globals->debug || ctx->globals->systemd_cgroup)
		snprintf(seen + n, sizeof(seen) - n, " debug=%d systemd=%d", ctx->globals->debug, ctx->globals->systemd_cgroup);
	return result < 0 ? err_set(err, ERR_SPEC, "the command failed") : result;
}

static const struct cmd_option options[] = {
	{"flag", 0, OPTION_FLAG, offsetof(struct args, flag), NULL, "a flag"},
	{"detach", 'd', OPTION_FLAG, offsetof(struct args, detach), NULL, "another"},
	{"string", 's', OPTION_STRING, offsetof(struct args, string), "TEXT", "a string"},
	{"list", 'l', OPTION_LIST, offsetof(struct args, list), "ITEM", "a list"},
	{"number", 'n', OPTION_U32, offsetof(struct args, number), "N", "a number"},
	{"old-flag", 0, OPTION_IGNORED_FLAG, 0, NULL, "accepted"},
	{"old-string", 0, OPTION_IGNORED_STRING, 0, "TEXT", "accepted"},
};

#define COMMAND(text, min, max, stop, failure)                                                                         \
	{                                                                                                              \
		.name = text, .synopsis = "[OPTIONS] CONTAINER", .summary = "summary of " text, .options = options,    \
		.n_options = sizeof(options) / sizeof(options[0]), .args_size = sizeof(struct args), .min_args = min,  \
		.max_args = max, .stop_at_first = stop, .failure_status = failure, .run = run                          \
	}
#define NO_COMMAND { .name = "other", .synopsis = "", .summary = "" }

/* cmd.c's table refers to these; the linker has no need of the real ones. */
extern const struct cmd cmd_create, cmd_start, cmd_state, cmd_kill, cmd_delete, cmd_run, cmd_exec, cmd_ps, cmd_list,
	cmd_pause, cmd_resume, cmd_update, cmd_events, cmd_spec, cmd_features, cmd_plan;
const struct cmd cmd_create = COMMAND("create", 1, 1, false, 1);
const struct cmd cmd_exec = COMMAND("exec", 1, SIZE_MAX, true, 255);
const struct cmd cmd_list = COMMAND("list", 0, 0, false, 1);
const struct cmd cmd_start = NO_COMMAND, cmd_state = NO_COMMAND, cmd_kill = NO_COMMAND, cmd_delete = NO_COMMAND,
		 cmd_run = NO_COMMAND, cmd_ps = NO_COMMAND, cmd_pause = NO_COMMAND, cmd_resume = NO_COMMAND,
		 cmd_update = NO_COMMAND, cmd_events = NO_COMMAND, cmd_spec = NO_COMMAND, cmd_features = NO_COMMAND,
		 cmd_plan = NO_COMMAND;

static struct err err;

/* Words separated by single blanks; "''" is an empty one.  Output goes to "stdout". */
static int call(const char *line)
{
	static char text[1024];
	static char *environment[] = {NULL};
	struct log log = LOG_INIT;
	char *argv[32] = {"kanuki"}, *rest = text;
	int argc = 1, status, saved, out;

	snprintf(text, sizeof(text), "%s", line);
	for (char *word; *line && (word = strsep(&rest, " "));)
		argv[argc++] = strcmp(word, "''") ? word : "";
	argv[argc] = NULL;
	seen[0] = 0;
	err = (struct err)ERR_INIT;
	fflush(stdout);
	saved = dup(1);
	out = open("stdout", O_WRONLY | O_CREAT | O_TRUNC, 0600);
	dup2(out, 1);
	close(out);
	status = cmd_main(argc, argv, environment, &log, &err);
	fflush(stdout);
	dup2(saved, 1);
	close(saved);
	return status;
}

static const char *output(void)
{
	static char text[16384];
	int fd = open("stdout", O_RDONLY);
	ssize_t n = read(fd, text, sizeof(text) - 1);

	close(fd);
	text[n < 0 ? 0 : n] = 0;
	return text;
}

static void test_spellings(void)
{
	static const struct {
		const char *line, *want;
	} cases[] = {
		{"create box", "f=0 d=0 s=- [box]"},
		{"create --flag box", "f=1 d=0 s=- [box]"},
		{"create -flag box", "f=1 d=0 s=- [box]"},
		{"create --flag=true box", "f=1 d=0 s=- [box]"},
		{"create --flag=1 box", "f=1 d=0 s=- [box]"},
		{"create --flag=false box", "f=0 d=0 s=- [box]"},
		{"create --flag --flag=0 box", "f=0 d=0 s=- [box]"},
		{"create --flag=t --detach=T box", "f=1 d=1 s=- [box]"},
		{"create --flag=TRUE --detach=True box", "f=1 d=1 s=- [box]"},
		{"create --flag --detach --flag=f --detach=F box", "f=0 d=0 s=- [box]"},
		{"create --flag --detach --flag=FALSE --detach=False box", "f=0 d=0 s=- [box]"},
		{"create --old-flag=TRUE box", "f=0 d=0 s=- [box]"},
		{"create -d box", "f=0 d=1 s=- [box]"},
		{"create --d box", "f=0 d=1 s=- [box]"},
		{"create --string v box", "f=0 d=0 s=v [box]"},
		{"create --string=v box", "f=0 d=0 s=v [box]"},
		{"create -string v box", "f=0 d=0 s=v [box]"},
		{"create -string=v box", "f=0 d=0 s=v [box]"},
		{"create -s v box", "f=0 d=0 s=v [box]"},
		{"create -s=v box", "f=0 d=0 s=v [box]"},
		{"create --string= box", "f=0 d=0 s= [box]"},
		{"create --string '' box", "f=0 d=0 s= [box]"},
		{"create --string=a=b box", "f=0 d=0 s=a=b [box]"},
		{"create --string --flag box", "f=0 d=0 s=--flag [box]"},
		{"create --string -- box", "f=0 d=0 s=-- [box]"},
		{"create --string one --string two box", "f=0 d=0 s=two [box]"},
		{"create --list a -l b --list=c box", "f=0 d=0 s=- l=a l=b l=c [box]"},
		{"create --number 5 box", "f=0 d=0 s=- n=5 [box]"},
		{"create -n 1 --number=4294967295 box", "f=0 d=0 s=- n=4294967295 [box]"},
		{"create --number 0 box", "f=0 d=0 s=- n=0 [box]"},
		{"create --old-flag --old-string x box", "f=0 d=0 s=- [box]"},
		{"create --old-string=x --old-flag=false box", "f=0 d=0 s=- [box]"},
		{"create box --flag", "f=1 d=0 s=- [box]"},
		{"create -- --flag", "f=0 d=0 s=- [--flag]"},
		{"create -", "f=0 d=0 s=- [-]"},
		{"create ''", "f=0 d=0 s=- []"},
		{"list", "f=0 d=0 s=-"},
		{"exec box ls -l --flag", "f=0 d=0 s=- [box] [ls] [-l] [--flag]"},
		{"exec -d box -- ls", "f=0 d=1 s=- [box] [--] [ls]"},
		{"exec -- box --flag", "f=0 d=0 s=- [box] [--flag]"},
		{"--root /r create box", "f=0 d=0 s=- [box] root=/r"},
		{"--root=/r --root /s create box", "f=0 d=0 s=- [box] root=/s"},
		{"-root /r create box", "f=0 d=0 s=- [box] root=/r"},
		{"--debug --systemd-cgroup=false create box", "f=0 d=0 s=- [box] debug=1 systemd=0"},
		{"--systemd-cgroup --rootless=auto --criu x create box", "f=0 d=0 s=- [box] debug=0 systemd=1"},
		{"--log-level warning --log-level=info create box", "f=0 d=0 s=- [box]"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int status = call(cases[i].line);

		is_str(seen, cases[i].want, cases[i].line);
		if (status != 7 || err.kind)
			ok(false, "%s: %s", cases[i].line, err.msg);
	}
}

static void test_refusals(void)
{
	static const struct {
		const char *line, *part;
		int status;
	} cases[] = {
		{"create --none box", "create: unknown option '--none'", 1},
		{"create --string", "create: option needs an argument: --string", 1},
		{"create box -s", "option needs an argument: --string", 1},
		{"create --number x box", "--number: 'x' is not a number", 1},
		{"create --number= box", "--number: ''", 1},
		{"create --number -1 box", "--number: '-1'", 1},
		{"create --number 4294967296 box", "--number: '4294967296'", 1},
		{"create --flag=yes box", "--flag: 'yes' is neither true nor false", 1},
		{"create --flag= box", "--flag: ''", 1},
		{"create --flag=tRUE box", "--flag: 'tRUE' is neither true nor false", 1},
		{"create --flag=on box", "--flag: 'on'", 1},
		{"create --flag=01 box", "--flag: '01'", 1},
		{"create --old-flag=yes box", "--old-flag: 'yes'", 1},
		{"create ---flag box", "unknown option '---flag'", 1},
		{"create --=x box", "unknown option '--=x'", 1},
		{"create -=x box", "unknown option '-=x'", 1},
		{"create --fla box", "unknown option '--fla'", 1},
		{"create --flagx box", "unknown option '--flagx'", 1},
		{"create -sv box", "unknown option '-sv'", 1},
		{"create --flagg=true box", "unknown option", 1},
		{"create", "create: 0 arguments given; usage: kanuki create [OPTIONS] CONTAINER", 1},
		{"create a b", "create: 2 arguments given", 1},
		{"list x", "list: 1 arguments given", 1},
		{"exec", "exec: 0 arguments given", 255},
		{"exec --none box", "exec: unknown option", 255},
		{"crate box", "unknown command 'crate'", 1},
		{"help crate", "unknown command 'crate'", 1},
		{"help ''", "unknown command ''", 1},
		{"''", "unknown command ''", 1},
		{"--none create box", "unknown option '--none'", 1},
		{"--root", "option needs an argument: --root", 1},
		{"-- create box", "unknown option '--'", 1},
		{"--flag create box", "unknown option '--flag'", 1},
		{"create --root /r box", "create: unknown option '--root'", 1},
		{"--log-level=loud create box", "--log-level: unknown level 'loud'", 1},
		{"--log-format=xml create box", "xml", 1},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int status = call(cases[i].line);

		is_err(&err, ERR_USAGE, cases[i].part, cases[i].line);
		ok(status == cases[i].status && !seen[0] && !*output(), "status %d, not run, nothing printed", status);
	}
	result = -1;
	is_int(call("exec box"), 255, "a command's own failure has its own status");
	is_err(&err, ERR_SPEC, "the command failed", "and its error");
	is_int(call("create box"), 1, "mostly 1");
	result = 7;
}

static void test_help(void)
{
	static const char *const lines[] = {"", "--help", "-h", "-help", "help", "--root /r --help", "--help create box"};
	static const char *const command[] = {"create --help", "help create", "create -h box", "create --flag --help", "create box --help"};

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		is_int(call(lines[i]), 0, lines[i]);
		ok(strstr(output(), "usage: kanuki [GLOBAL OPTIONS]") && strstr(output(), "summary of create") &&
			   strstr(output(), "--log-format FORMAT") && !seen[0],
		   "prints the commands and the global options");
	}
	for (size_t i = 0; i < sizeof(command) / sizeof(command[0]); i++) {
		is_int(call(command[i]), 0, command[i]);
		ok(strstr(output(), "usage: kanuki [GLOBAL OPTIONS] create [OPTIONS] CONTAINER\n") &&
			   strstr(output(), "-s, --string TEXT") && strstr(output(), "    --flag ") && !seen[0],
		   "prints the command's options");
	}
	ok(call("exec box --help") == 7 && !strcmp(seen, "f=0 d=0 s=- [box] [--help]"), "behind exec's container it is an argument");
	ok(call("--version") == 0 && strstr(output(), "kanuki version ") && strstr(output(), "\nspec: "), "--version");
	ok(call("-v create box") == 0 && strstr(output(), "kanuki version ") && !seen[0], "-v");
}

int main(void)
{
	temp_dir_enter();
	test_spellings();
	test_refusals();
	test_help();
	return tap_done();
}
