/* kanuki policy: what a policy says, whether a file would be taken, and what lies between
 * two of them. */
#include "config.h"

#include "cmd/cmd.h"
#include "cmd/policy_file.h"

#include "base/str.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/banned.h"

/* A level's bare name stands for its built-in; what has a '/' in it is a file. */
static int load(const struct cmd_context *ctx, const char *name, struct policy_conf *conf,
		struct err *err)
{
	const char *builtin;

	if (!name || strchr(name, '/') || !strncmp(name, "builtin:", 8))
		return policy_file_load(name, conf, err);
	builtin = arena_printf(ctx->arena, "builtin:%s", name);
	if (!builtin)
		return err_oom(err);
	if (policy_conf_builtin(builtin, conf, err) < 0)
		return err_context(err, "policy: no level (a file's path has a '/')");
	return 0;
}

static int text_of(const struct policy_conf *conf, struct str *text, struct err *err)
{
	policy_conf_print(conf, text);
	return str_failed(text) ? err_oom(err) : 0;
}

/* --- show --- */

static int show(const struct cmd_context *ctx, struct err *err)
{
	const char *name = ctx->n_args > 1 ? ctx->args[1] : ctx->globals->policy;
	autoconf conf = POLICY_CONF_INIT;
	autostr text = STR_INIT;

	if (load(ctx, name, &conf, err) < 0 || text_of(&conf, &text, err) < 0)
		return -1;
	(void)printf("policy: %s\nsha256: %s\n%s", conf.name, conf.hash, str_text(&text)); /* checked at the flush */
	return 0;
}

/* --- check --- */

static int check(const struct cmd_context *ctx, struct err *err)
{
	autoconf conf = POLICY_CONF_INIT;
	struct timespec now;
	size_t expired = 0;

	if (clock_gettime(CLOCK_REALTIME, &now) < 0)
		return err_sys(err, "read the clock");
	if (load(ctx, ctx->args[1], &conf, err) < 0 ||
	    policy_conf_check_dates(&conf, now.tv_sec, err) < 0)
		return -1;
	for (size_t i = 0; i < conf.exceptions.n; i++) {
		const struct policy_exception *e = &conf.exceptions.items[i];

		if (e->expires > now.tv_sec)
			continue;
		expired++;
		(void)printf("exceptions[%zu]: expired at %s, no longer applies to %s\n", i,
			     e->expires_text, e->image);
	}
	(void)printf("%s: accepted, sha256 %s, exceptions: %zu, expired: %zu\n", conf.name,
		     conf.hash, conf.exceptions.n, expired);
	return 0;
}

/* --- diff --- */

/* The canonical text as lines; the text's line ends become NULs. */
static int split(struct arena *arena, struct str *text, struct str_list *lines, struct err *err)
{
	for (char *at = text->s; at && *at;) {
		char *end = strchr(at, '\n');
		const char **line = ARENA_PUSH(arena, lines);

		if (!line)
			return err_oom(err);
		*line = at;
		*end = '\0'; /* policy_conf_print() ends each line */
		at = end + 1;
	}
	return 0;
}

/* Up to the colon. */
static bool same_key(const char *a, const char *b)
{
	size_t len = strcspn(a, ":");
	return strcspn(b, ":") == len && !memcmp(a, b, len);
}

static bool has_key(const struct str_list *lines, const char *line)
{
	for (size_t i = 0; i < lines->n; i++)
		if (same_key(lines->items[i], line))
			return true;
	return false;
}

/* Both follow the key table, so what is added to a key stands behind what it lost; keys
 * that only `to` has are those of its further exceptions, which come last. */
static void print_diff(const struct str_list *from, const struct str_list *to)
{
	for (size_t i = 0; i < from->n; i++) {
		if (!str_list_has(to, from->items[i]))
			(void)printf("- %s\n", from->items[i]);
		if (i + 1 < from->n && same_key(from->items[i], from->items[i + 1]))
			continue;
		for (size_t k = 0; k < to->n; k++)
			if (same_key(from->items[i], to->items[k]) &&
			    !str_list_has(from, to->items[k]))
				(void)printf("+ %s\n", to->items[k]);
	}
	for (size_t k = 0; k < to->n; k++)
		if (!has_key(from, to->items[k]))
			(void)printf("+ %s\n", to->items[k]);
}

static int diff(const struct cmd_context *ctx, struct err *err)
{
	autoconf from = POLICY_CONF_INIT, to = POLICY_CONF_INIT;
	autostr from_text = STR_INIT, to_text = STR_INIT;
	struct str_list from_lines = {0}, to_lines = {0};

	if (load(ctx, ctx->args[1], &from, err) < 0 || load(ctx, ctx->args[2], &to, err) < 0 ||
	    text_of(&from, &from_text, err) < 0 || text_of(&to, &to_text, err) < 0 ||
	    split(ctx->arena, &from_text, &from_lines, err) < 0 ||
	    split(ctx->arena, &to_text, &to_lines, err) < 0)
		return -1;
	print_diff(&from_lines, &to_lines);
	return 0;
}

/* --- the command --- */

static int run(const struct cmd_context *ctx, void *args, struct err *err)
{
	static const struct {
		const char *name, *want;
		size_t least, most; /* arguments, the action's name among them */
		int (*run)(const struct cmd_context *ctx, struct err *err);
	} actions[] = {
		{"show", "show [LEVEL|FILE]", 1, 2, show},
		{"check", "check FILE", 2, 2, check},
		{"diff", "diff LEVEL|FILE LEVEL|FILE", 3, 3, diff},
	};

	(void)args;
	for (size_t i = 0; i < ARRAY_LEN(actions); i++) {
		if (strcmp(ctx->args[0], actions[i].name) != 0)
			continue;
		if (ctx->n_args < actions[i].least || ctx->n_args > actions[i].most)
			return err_set(err, ERR_USAGE, "policy: use it as 'policy %s'",
				       actions[i].want);
		return actions[i].run(ctx, err);
	}
	return err_set(err, ERR_USAGE, "policy: '%s' is none of show, check, diff", ctx->args[0]);
}

const struct cmd cmd_policy = {
	.name = "policy",
	.synopsis = "ACTION [POLICY] [POLICY]",
	.summary = "show a policy, check a policy file, or print what differs between two",
	.min_args = 1,
	.max_args = 3,
	.failure_status = 1,
	.run = run,
};
