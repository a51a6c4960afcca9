/* kanuki-gate log: is the gate's trail whole, and what does it say. */
#include "config.h"

#include "audit/chain.h"
#include "audit/read.h"
#include "gate/log_revoked.h"
#include "gate/policy.h"
#include "gate/tool.h"

#include <stdio.h>
#include <string.h>

#include "base/banned.h"

struct log_args {
	bool no_head;
};

static const struct tool_option options[] = {
	{"no-head", TOOL_FLAG, offsetof(struct log_args, no_head), NULL, "verify: a copy or rotated file whose head isn't there"},
};

/* Those named behind the word, else the policy's. */
static int files(struct tool *tool, struct str_list *ret, struct err *err)
{
	const char **slot;

	for (size_t i = 1; i < tool->n_args; i++) {
		slot = ARENA_PUSH(tool->arena, ret);
		if (!slot)
			return err_oom(err);
		*slot = tool->args[i];
	}
	if (ret->n)
		return 0;
	autosite site = {.store = GATE_STORE_INIT};

	if (gate_site_open(&tool->paths, tool->now, tool->arena, &site, err) < 0)
		return -1;
	if (!site.policy)
		return err_set(err, ERR_VERIFY, "the policy names the log, and isn't valid: %s", site.policy_why);
	if (!site.policy->log_path)
		return err_set(err, ERR_USAGE, "log: the policy has no log; name the file");
	slot = ARENA_PUSH(tool->arena, ret);
	if (slot)
		*slot = site.policy->log_path;
	return slot ? 0 : err_oom(err);
}

/* What is read of the log: all of it, in order. */
struct reading {
	struct tool *tool;
	struct chain *chain; /* NULL: the lines are shown */
	log_revocation_list revoked;
};

static int feed(struct reading *reading, struct trail_reader *reader, unsigned file, struct chain_place *ret, struct err *err)
{
	struct trail_text line;

	for (;;) {
		if (trail_next(reader, &line, err) < 0)
			return -1;
		if (!line.text)
			break;
		if (!reading->chain) {
			printf("%.*s\n", (int)line.len, line.text);
			continue;
		}
		chain_line(reading->chain, file, reader->line, reader->byte, line.text, line.len, line.ended);
		if (log_revoked_line(line.text, line.len, reading->tool->arena, &reading->revoked, err) < 0)
			return -1;
	}
	*ret = (struct chain_place){.file = file, .line = reader->line, .byte = reader->byte};
	return 0;
}

/* A copy says nothing of this host's store. */
static int check_revoked(struct tool *tool, const struct log_args *args, const log_revocation_list *list, bool *good, struct err *err)
{
	autosite site = {.store = GATE_STORE_INIT};
	size_t gone;

	if (args->no_head || !list->n)
		return 0;
	if (tool_site(tool, NULL, &site, err) < 0 || log_revoked_check(list, &site.store, &gone, err) < 0)
		return -1;
	*good &= gone == 0;
	return 0;
}

static int run(struct tool *tool, void *v, struct err *err)
{
	const struct log_args *args = v;
	bool show = strcmp(tool->args[0], "show") == 0, good = false;
	struct chain *chain = arena_alloc(tool->arena, sizeof(*chain));
	struct reading reading = {.tool = tool, .chain = show ? NULL : chain};
	struct str_list names = {0};
	autostr out = STR_INIT;
	struct chain_place end;

	if (!chain)
		return err_oom(err);
	if (!show && strcmp(tool->args[0], "verify") != 0)
		return err_set(err, ERR_USAGE, "log: '%s' is neither verify nor show", tool->args[0]);
	if (files(tool, &names, err) < 0)
		return -1;
	for (size_t i = 0; i < names.n; i++) {
		autoreader reader = TRAIL_READER_INIT;

		if (trail_reader_open(names.items[i], &reader, err) < 0 || feed(&reading, &reader, (unsigned)i, &end, err) < 0)
			return -1;
		if (i + 1 == names.n && !show)
			good = chain_end(chain, &end, reader.has_head ? reader.head : NULL, reader.head_len, !args->no_head);
	}
	if (show)
		return 0;
	chain_print(chain, names.items, good, &out);
	if (str_failed(&out))
		return err_oom(err);
	printf("%s", str_text(&out));
	if (check_revoked(tool, args, &reading.revoked, &good, err) < 0)
		return -1;
	return good ? 0 : EXIT_TOOL_FAILED;
}

const struct verb verb_log = {.name = "log", .synopsis = "[OPTIONS] verify|show [FILE...]", .summary = "verify or show what was decided and done",
			      .options = options, .n_options = ARRAY_LEN(options), .args_size = sizeof(struct log_args), .min_args = 1,
			      .max_args = 1000, .failure_status = EXIT_TOOL_FAILED, .run = run};
