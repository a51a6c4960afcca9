/* Commands: one file each, one constant describing it; options as tables.
 *
 * The same tables parse the command line, print --help, and are what the man
 * pages and the completion are checked against (tests/lint/man.sh).  Spelling
 * as engines use it: --flag v, --flag=v, -flag v (go-runc),
 * short ones, repeated ones (the last wins; lists append).
 */
#ifndef KANUKI_CMD_CMD_H
#define KANUKI_CMD_CMD_H

#include "base/arena.h"
#include "base/err.h"
#include "base/list.h"
#include "base/log.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum option_type {
	OPTION_FLAG,   /* bool */
	OPTION_STRING, /* const char * */
	OPTION_LIST,   /* struct str_list, appended */
	OPTION_U32,    /* struct { bool set; uint32_t v; }: struct opt_u32 of spec.h */
	OPTION_IGNORED_FLAG,   /* accepted for compatibility, no effect */
	OPTION_IGNORED_STRING,
};

struct cmd_option {
	const char *name;  /* without dashes */
	char short_name;   /* 0: none */
	enum option_type type;
	size_t offset;	   /* in the command's argument struct */
	const char *value; /* placeholder in --help: "PATH"; NULL for flags */
	const char *help;
};

/* Options before the command; the last of repeated ones wins. */
struct cmd_globals {
	const char *root;	    /* NULL: the default */
	const char *log, *log_format, *log_level;
	const char *policy;	    /* a path or "builtin:NAME"; NULL: see policy_file_load() */
	const char *cgroup_manager; /* NULL: cgroupfs */
	const char *rootless;
	bool debug, systemd_cgroup;
};

struct cmd_context {
	const struct cmd_globals *globals;
	struct log *log;
	struct arena *arena;	/* released after the command */
	char **argv, **envp; /* the whole command line as given (re-exec) */
	const char **args;	/* positional arguments */
	size_t n_args;
};

struct cmd {
	const char *name;
	const char *synopsis; /* "[OPTIONS] CONTAINER" */
	const char *summary;  /* one line, lower case */
	const struct cmd_option *options;
	size_t n_options;
	size_t args_size; /* of the argument struct; given to run zeroed and filled */
	size_t min_args, max_args; /* max SIZE_MAX: any */
	bool stop_at_first;	   /* no options after the first positional argument (exec, kill, ps) */
	int failure_status;	   /* exit status of a failure: 1, exec 255 */
	/* Exit status >= 0, or -1 with err. */
	int (*run)(const struct cmd_context *ctx, void *args, struct err *err);
};

extern const struct cmd *const cmd_table[]; /* NULL-terminated, in --help's order */

/* The program: globals, command, options.  Returns the exit status; fills err and
 * prints nothing on failure (main.c does). */
int cmd_main(int argc, char **argv, char **envp, struct log *log, struct err *err);

#endif
