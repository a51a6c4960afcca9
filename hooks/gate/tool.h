/* kanuki-gate's verbs: one file each or a few, options as tables that parse the command
 * line, print --help, and are what the manual page and the completion are checked against. */
#ifndef KANUKI_GATE_TOOL_H
#define KANUKI_GATE_TOOL_H

#include "base/arena.h"
#include "base/err.h"
#include "base/list.h"
#include "gate/site.h"

#include <stdbool.h>
#include <stddef.h>

enum { EXIT_TOOL_FAILED = 1, EXIT_TOOL_USAGE = 2, EXIT_TOOL_BROKEN = 13, EXIT_TOOL_FOUND = 20 };

enum tool_option_type { TOOL_FLAG, TOOL_STRING, TOOL_LIST };
struct tool_option {
	const char *name;  /* without dashes */
	enum tool_option_type type;
	size_t offset;	   /* in the verb's argument struct: bool, const char *, struct str_list */
	const char *value; /* "FILE"; NULL for flags */
	const char *help;
};

struct tool {
	struct gate_paths paths;
	struct arena *arena; /* released after the verb */
	const char **args;   /* what isn't an option */
	size_t n_args;
	int64_t now;
};

struct verb {
	const char *name;
	const char *synopsis; /* "[OPTIONS] DIGEST" */
	const char *summary;  /* one line, lower case */
	const struct tool_option *options;
	size_t n_options;
	size_t args_size; /* of the argument struct, given zeroed and filled */
	size_t min_args, max_args;
	int failure_status;
	/* Exit status >= 0, or -1 with err. */
	int (*run)(struct tool *tool, void *args, struct err *err);
};

extern const struct verb *const tool_verbs[]; /* NULL-terminated, in --help's order */

/* The program.  Fills err and prints nothing on failure. */
int tool_main(int argc, char **argv, struct err *err);

/* --- what several verbs need --- */

/* Like gate_site_open, but a store that can't be read is a failure. */
int tool_site(struct tool *tool, const char *policy, struct gate_site *ret, struct err *err)
	__attribute__((warn_unused_result));
/* The store for writing; LOCK is waited for. */
int tool_store(struct tool *tool, struct gate_store *ret, struct err *err)
	__attribute__((warn_unused_result));
/* Writes down what was done (of what lets in: what is about to be), as the policy says; where that
 * fails and is required, so does the verb. */
int tool_log(struct tool *tool, const char *verb, const char *image, const char *text,
	     struct err *err) __attribute__((warn_unused_result));
/* The same, a line for each text. */
int tool_log_all(struct tool *tool, const char *verb, const char *image,
		 const struct str_list *texts, struct err *err) __attribute__((warn_unused_result));
/* "2027-01-31T00:00:00Z", or a duration from now ("48h"): option `name` in messages. */
int tool_time(const struct tool *tool, const char *name, const char *text, int64_t *ret,
	      struct err *err) __attribute__((warn_unused_result));
int tool_duration(const char *name, const char *text, int64_t *ret, struct err *err)
	__attribute__((warn_unused_result));
/* Until when a scan may lie to be taken: a later one is refused by every decision, and makes each
 * next one look old. */
int64_t tool_latest(const struct tool *tool, const struct gate_site *site);
/* A digest as given, with or without "sha256:"; ERR_USAGE on anything else. */
int tool_digest(struct tool *tool, const char *text, const char **ret, struct err *err)
	__attribute__((warn_unused_result));
/* "linux/amd64" of this machine. */
const char *tool_platform(struct tool *tool);
/* A file of the command line. */
int tool_read(struct tool *tool, const char *path, size_t limit, const char **ret, size_t *ret_len,
	      struct err *err) __attribute__((warn_unused_result));
/* Writes a file of the command line, whole or not at all. */
int tool_write(const char *path, const struct str *text, struct err *err)
	__attribute__((warn_unused_result));
/* A question about an image by its digest, as if an engine's data had named it. */
struct gate_request tool_request(struct tool *tool, const struct gate_site *site,
				 const char *digest);
/* Adds a signature by the private key of the file; the same key signs once. */
int tool_sign(struct tool *tool, const char *key_file, struct dsse *envelope,
	      struct public_key *ret_key, struct err *err) __attribute__((warn_unused_result));

#endif
