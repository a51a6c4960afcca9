/* A container's plan for an archive that is given away: values of environment variables are
 * passwords more often than anything else, so none is in it. */
#include "config.h"

#include "cmd/evidence.h"

#include "base/sha256.h"
#include "sys/file.h"

#include <errno.h>
#include <string.h>

#include "base/banned.h"

#define PLAN_MAX_BYTES (16u << 20)

/* --- the recorded part --- */

/* "NAME=value" -> "NAME=(not shown)" */
static int hide_values(struct arena *arena, struct str_list *env, struct err *err)
{
	for (size_t i = 0; i < env->n; i++) {
		const char *entry = env->items[i];

		if (!strchr(entry, '='))
			continue;
		env->items[i] =
			arena_printf(arena, "%.*s=(not shown)", (int)strcspn(entry, "="), entry);
		if (!env->items[i])
			return err_oom(err);
	}
	return 0;
}

static int give_text(const struct cmd_context *ctx, const struct str *text,
		     struct evidence_plan *ret, struct err *err)
{
	ret->text = str_failed(text) ? NULL
				     : arena_memdup(ctx->arena, str_text(text), text->len);
	ret->text_len = text->len;
	return ret->text ? 0 : err_oom(err);
}

/* The JSON without values, and its text. */
static int hide_environment(const struct cmd_context *ctx, struct evidence_plan *ret,
			    struct err *err)
{
	struct plan plan = PLAN_INIT;
	autostr out = STR_INIT, text = STR_INIT;
	int r = plan_store_parse(ret->json, ret->json_len, &plan, err);

	if (r == 0)
		r = hide_values(&plan.arena, &plan.process.env, err);
	for (size_t kind = 0; r == 0 && kind < HOOK_COUNT; kind++)
		for (size_t i = 0; r == 0 && i < plan.hooks[kind].n; i++)
			r = hide_values(&plan.arena, &plan.hooks[kind].items[i].env, err);
	if (r == 0)
		r = plan_store_write(&plan, &out, err);
	if (r == 0) {
		plan_print_recorded(&plan, &text);
		r = give_text(ctx, &text, ret, err);
	}
	plan_release(&plan);
	if (r < 0)
		return err_context(err, RECORD_PLAN_NAME);
	ret->json_len = out.len;
	ret->json = arena_memdup(ctx->arena, str_text(&out), out.len);
	return ret->json ? 0 : err_oom(err);
}

/* --- the whole text --- */

/* Where a word in double quotes ends, with JSON's escapes in it. */
static const char *skip_quoted(const char *s, const char *end)
{
	for (s++; s < end && *s != '"'; s++)
		if (*s == '\\' && s + 1 < end)
			s++;
	return s < end ? s + 1 : end;
}

/* The field that begins with `name`, outside of quotes; NULL: the line has none. */
static const char *find_field(const char *line, const char *end, const char *name)
{
	size_t n = strlen(name);

	while (line < end) {
		if ((size_t)(end - line) >= n && !memcmp(line, name, n))
			return line + n;
		line = *line == '"' ? skip_quoted(line, end) : line + 1;
	}
	return NULL;
}

static const char *field_end(const char *s, const char *end)
{
	while (s < end && *s != ' ')
		s = *s == '"' ? skip_quoted(s, end) : s + 1;
	return s;
}

static bool begins(const char *line, const char *end, const char *with)
{
	return (size_t)(end - line) >= strlen(with) && !memcmp(line, with, strlen(with));
}

/* "env.NAME: value", and " env=" in "hook.KIND: ..."; NAME may be in quotes, too. */
static void add_line(const char *line, const char *end, struct str *out)
{
	const char *value = NULL, *after;

	if (begins(line, end, "env."))
		value = find_field(line, end, ": ");
	else if (begins(line, end, "hook."))
		value = find_field(line, end, " env=");
	after = value ? field_end(value, end) : end;
	if (value && !(begins(value, after, "none") && after - value == 4) &&
	    !begins(value, end, "(from ")) {
		str_add_bytes(out, line, (size_t)(value - line));
		str_add(out, "(not shown)");
		line = after;
	}
	str_add_bytes(out, line, (size_t)(end - line));
	str_add(out, "\n");
}

static int take_whole(const struct cmd_context *ctx, const char *text, size_t len,
		      const char *plan_hash, struct evidence_plan *ret, struct err *err)
{
	autostr out = STR_INIT;
	char hash[SHA256_HEX_SIZE];

	sha256_hex(text, len, hash);
	ret->differs = !plan_hash || strcmp(hash, plan_hash) != 0;
	str_addf(&out,
		 "# the whole plan; values of environment variables are not shown. With them its "
		 "SHA-256 is %s,\n# %s\n",
		 hash,
		 ret->differs ? "which is NOT what planHash names: it was changed since create"
			      : "which planHash in record.json and in the trail names");
	for (const char *at = text, *end = text + len; at < end;) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));

		add_line(at, newline ? newline : end, &out);
		at = newline ? newline + 1 : end;
	}
	return give_text(ctx, &out, ret, err);
}

/* --- both --- */

/* *ret is NULL where there is none and there may be none. */
static int read_part(const struct cmd_context *ctx, const struct container *c, const char *name,
		     bool may_lack, char **ret, size_t *ret_len, struct err *err)
{
	if (file_read(c->dir.dirfd, name, PLAN_MAX_BYTES, ctx->arena, ret, ret_len, err) == 0)
		return 0;
	if (err->sys_errno != ENOENT || !may_lack)
		return -1;
	err_clear(err);
	*ret = NULL;
	return 0;
}

int evidence_read_plan(const struct cmd_context *ctx, const struct container *c,
		       struct evidence_plan *ret, struct err *err)
{
	/* The plan comes between the record's first and last writing. */
	bool early = c->record.status == RECORD_CREATING;
	size_t len = 0;
	char *whole;

	if (read_part(ctx, c, RECORD_PLAN_NAME, early, &ret->json, &ret->json_len, err) < 0)
		return -1;
	if (!ret->json)
		return 0;
	if (hide_environment(ctx, ret, err) < 0)
		return -1;
	if (early) /* the text may be there in part */
		return 0;
	if (read_part(ctx, c, RECORD_TEXT_NAME, true, &whole, &len, err) < 0)
		return -1;
	return whole ? take_whole(ctx, whole, len, c->record.plan_hash, ret, err) : 0;
}
