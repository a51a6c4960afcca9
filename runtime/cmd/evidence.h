/* An archive in the making, between evidence.c and the part that copies the trail. */
#ifndef KANUKI_CMD_EVIDENCE_H
#define KANUKI_CMD_EVIDENCE_H

#include "base/rfc3339.h"
#include "cmd/cmd.h"
#include "cmd/container.h"
#include "cmd/ustar.h"
#include "host/host.h"
#include "policy/conf.h"

struct evidence {
	const struct cmd_context *ctx;
	char since[RFC3339_SIZE]; /* empty: from the beginning */
	struct ustar tar;
	struct str manifest;
	size_t n_files;
	struct host host;
	struct policy_conf conf;    /* in force */
	struct str_list policies;   /* names of those that containers were made with */
	struct str_list trails;	    /* and where they have their lines */
	bool doubtful;	   /* the trail isn't what was written */
	bool plans_differ; /* a container's plan isn't what its planHash names */
};

/* A file of the archive, and its lines in MANIFEST; `name` is without the top directory.
 * In pieces: begin, ustar_write, end. */
int evidence_begin(struct evidence *e, const char *name, struct err *err)
	__attribute__((warn_unused_result));
int evidence_end(struct evidence *e, const char *name, struct err *err)
	__attribute__((warn_unused_result));
int evidence_add(struct evidence *e, const char *name, const char *text, size_t len,
		 struct err *err) __attribute__((warn_unused_result));
int evidence_add_text(struct evidence *e, const char *name, const struct str *text, struct err *err)
	__attribute__((warn_unused_result));
/* Into a list, once; NULL is passed over. */
int evidence_remember(struct evidence *e, struct str_list *list, const char *name, struct err *err)
	__attribute__((warn_unused_result));

/* What is given away of a container's plan: no values of environment variables.  json NULL:
 * there is none yet. */
struct evidence_plan {
	char *json, *text; /* in ctx->arena */
	size_t json_len, text_len;
	bool differs; /* the whole text is there, and isn't what record.json's planHash names */
};
/* The text is the whole plan where create has left it (where there is a trail), else as much
 * of it as is recorded; its first line says which.  evidence_plan.c */
int evidence_read_plan(const struct cmd_context *ctx, const struct container *c,
		       struct evidence_plan *ret, struct err *err)
	__attribute__((warn_unused_result));

/* The trail since e->since, its head, and what is wrong with all of it (then e->doubtful
 * is set).  From the files that the command line names, else the policy's. */
int evidence_add_trail(struct evidence *e, struct err *err) __attribute__((warn_unused_result));

#endif
