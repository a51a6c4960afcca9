/* kanuki audit: is the trail whole, and what does it say. */
#include "config.h"

#include "audit/verify.h"
#include "base/json.h"
#include "base/str.h"
#include "cmd/cmd.h"
#include "cmd/policy_file.h"
#include "policy/conf.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/banned.h"

struct audit_args {
	bool json, no_head;
	const char *since, *id;
};

static const struct cmd_option options[] = {
	{"since", 0, OPTION_STRING, offsetof(struct audit_args, since), "TIME",
	 "show: from 2026-11-22 or 2026-11-22T07:09:01 (UTC) on"},
	{"id", 0, OPTION_STRING, offsetof(struct audit_args, id), "ID",
	 "show: of this container only"},
	{"json", 0, OPTION_FLAG, offsetof(struct audit_args, json), NULL,
	 "show: the lines as they are in the file"},
	{"no-head", 0, OPTION_FLAG, offsetof(struct audit_args, no_head), NULL,
	 "verify: a copy or rotated file whose head isn't there"},
};

/* The files named behind the word, else the policy's own. */
static int trail_files(const struct cmd_context *ctx, struct str_list *ret, struct err *err)
{
	autoconf conf = POLICY_CONF_INIT;
	const char **slot;

	for (size_t i = 1; i < ctx->n_args; i++) {
		slot = ARENA_PUSH(ctx->arena, ret);
		if (!slot)
			return err_oom(err);
		*slot = ctx->args[i];
	}
	if (ret->n)
		return 0;
	if (policy_file_load(ctx->globals->policy, &conf, err) < 0)
		return -1;
	if (!conf.trail)
		return err_set(err, ERR_USAGE, "audit: policy %s has no trail; name the file",
			       conf.name);
	slot = ARENA_PUSH(ctx->arena, ret);
	if (slot)
		*slot = arena_strdup(ctx->arena, conf.trail);
	return slot && *slot ? 0 : err_oom(err);
}

/* --- verify --- */

static int verify(const struct cmd_context *ctx, const struct audit_args *args, struct err *err)
{
	struct chain *chain = arena_alloc(ctx->arena, sizeof(*chain));
	struct str_list files = {0};
	autostr out = STR_INIT;
	bool good = false;

	if (!chain)
		return err_oom(err);
	if (args->json || args->since || args->id)
		return err_set(err, ERR_USAGE,
			       "audit verify: --json, --since and --id are show's: a part can't be "
			       "verified");
	if (trail_files(ctx, &files, err) < 0)
		return -1;
	for (size_t i = 0; i < files.n; i++) {
		autoreader reader = TRAIL_READER_INIT;
		struct trail_text line;

		if (trail_reader_open(files.items[i], &reader, err) < 0)
			return -1;
		do {
			if (verify_next(chain, (unsigned)i, &reader, &line, err) < 0)
				return -1;
		} while (line.text);
		if (i + 1 == files.n)
			good = verify_end(chain, (unsigned)i, &reader, !args->no_head);
	}
	chain_print(chain, files.items, good, &out);
	if (str_failed(&out))
		return err_oom(err);
	(void)fputs(str_text(&out), stdout); /* checked at the flush */
	return good ? 0 : 1;
}

/* --- show --- */

/* The beginning of a time as trail_time_text() writes it, so that texts compare as times do. */
static bool is_time_prefix(const char *text)
{
	static const char form[] = "0000-00-00T00:00:00.000Z";
	size_t len = strlen(text);

	if (len != 10 && len != 16 && len != 19 && len != 20 && len != sizeof(form) - 1)
		return false;
	for (size_t i = 0; i < len; i++) {
		bool digit = text[i] >= '0' && text[i] <= '9';

		if (len == 20 && i == 19)
			return text[i] == 'Z';
		if (form[i] == '0' ? !digit : text[i] != form[i])
			return false;
	}
	return true;
}

static const char *word(const struct json *object, const char *key)
{
	const struct json *value = json_get(object, key);

	return value && (value->type == JSON_STRING || value->type == JSON_NUMBER) ? value->text
										   : NULL;
}

static void print_word(struct str *out, const char *name, const char *value)
{
	if (!value)
		return;
	str_addf(out, " %s=", name);
	str_add_printable(out, value, strlen(value));
}

/* "TIME EVENT ID uid=0 ..." and a line for each change. */
static void show_entry(const struct json *entry, struct str *out)
{
	const struct json *changes = json_get(entry, "changes");
	const char *front[] = {word(entry, "time"), word(entry, "event"), word(entry, "id")};

	for (size_t i = 0; i < ARRAY_LEN(front); i++) {
		str_add(out, i ? " " : "");
		str_add_printable(out, front[i] ? front[i] : "-",
				  strlen(front[i] ? front[i] : "-"));
	}
	print_word(out, "uid", word(entry, "uid"));
	print_word(out, "loginuid", word(entry, "loginuid"));
	print_word(out, "engine", word(json_get(entry, "engine"), "comm"));
	print_word(out, "image", word(entry, "image"));
	print_word(out, "policy", word(entry, "policy"));
	print_word(out, "rule", word(entry, "rule"));
	if (word(entry, "message")) {
		str_add(out, ": ");
		str_add_printable(out, word(entry, "message"), strlen(word(entry, "message")));
	}
	str_add(out, "\n");
	if (!changes)
		return;
	json_each(change, changes) {
		const char *rule = word(change, "rule"), *key = word(change, "key");

		str_add(out, "    ");
		str_add_printable(out, rule ? rule : "-", strlen(rule ? rule : "-"));
		print_word(out, "key", key);
		print_word(out, "outcome", word(change, "outcome"));
		print_word(out, "asked", word(change, "asked"));
		print_word(out, "given", word(change, "given"));
		str_add(out, "\n");
	}
	if (word(entry, "more"))
		str_addf(out, "    and %s more\n", word(entry, "more"));
}

/* A line that is none is named on standard error and passed over: the rest is worth seeing. */
static int show_line(const struct audit_args *args, const struct trail_reader *reader,
		     const struct trail_text *line, bool *ret_bad, struct err *err)
{
	struct arena arena = ARENA_INIT;
	autostr out = STR_INIT;
	const struct json *entry;
	const char *when, *id;

	if (json_parse(&arena, line->text, line->len, &entry, err) < 0 || !word(entry, "time")) {
		err_clear(err);
		(void)fprintf(stderr, "%s:%" PRIu64 ":%" PRIu64 ": not a line of a trail\n",
			      reader->name, reader->line, reader->byte + 1);
		*ret_bad = true;
		arena_release(&arena);
		return 0;
	}
	when = word(entry, "time");
	id = word(entry, "id");
	if ((!args->since || strncmp(when, args->since, strcspn(args->since, "Z")) >= 0) &&
	    (!args->id || (id && strcmp(id, args->id) == 0))) {
		if (args->json) {
			str_add_bytes(&out, line->text, line->len);
			str_add(&out, "\n");
		} else {
			show_entry(entry, &out);
		}
	}
	arena_release(&arena);
	if (str_failed(&out))
		return err_oom(err);
	(void)fputs(str_text(&out), stdout); /* checked at the flush */
	return 0;
}

static int show(const struct cmd_context *ctx, const struct audit_args *args, struct err *err)
{
	struct str_list files = {0};
	bool bad = false;

	if (args->no_head)
		return err_set(err, ERR_USAGE, "audit show: --no-head is verify's");
	if (args->since && !is_time_prefix(args->since))
		return err_set(
			err, ERR_USAGE,
			"--since: '%s' is neither a day nor a time like 2026-11-22T07:09:01Z",
			args->since);
	if (trail_files(ctx, &files, err) < 0)
		return -1;
	for (size_t i = 0; i < files.n; i++) {
		autoreader reader = TRAIL_READER_INIT;
		struct trail_text line;

		if (trail_reader_open(files.items[i], &reader, err) < 0)
			return -1;
		for (;;) {
			if (trail_next(&reader, &line, err) < 0)
				return -1;
			if (!line.text)
				break;
			if (show_line(args, &reader, &line, &bad, err) < 0)
				return -1;
		}
	}
	return bad ? 1 : 0;
}

static int run(const struct cmd_context *ctx, void *data, struct err *err)
{
	if (strcmp(ctx->args[0], "verify") == 0)
		return verify(ctx, data, err);
	if (strcmp(ctx->args[0], "show") == 0)
		return show(ctx, data, err);
	return err_set(err, ERR_USAGE, "audit: '%s' is neither verify nor show", ctx->args[0]);
}

const struct cmd cmd_audit = {
	.name = "audit",
	.synopsis = "[OPTIONS] verify|show [FILE...]",
	.summary = "verify or show the audit trail",
	.options = options,
	.n_options = ARRAY_LEN(options),
	.args_size = sizeof(struct audit_args),
	.min_args = 1,
	.max_args = SIZE_MAX,
	.failure_status = 1,
	.run = run,
};
