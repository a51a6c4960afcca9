/* kanuki-gate log: is the gate's trail whole, and what does it say. */
#include "config.h"

#include "audit/verify.h"
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
	{"no-head", TOOL_FLAG, offsetof(struct log_args, no_head), NULL,
	 "verify: a copy or rotated file whose head isn't there"},
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
		return err_set(err, ERR_VERIFY, "the policy names the log, and isn't valid: %s",
			       site.policy_why);
	if (!site.policy->log_path)
		return err_set(err, ERR_USAGE, "log: the policy has no log; name the file");
	slot = ARENA_PUSH(tool->arena, ret);
	if (slot)
		*slot = site.policy->log_path;
	return slot ? 0 : err_oom(err);
}

static int show(const struct str_list *names, struct err *err)
{
	for (size_t i = 0; i < names->n; i++) {
		autoreader reader = TRAIL_READER_INIT;
		struct trail_text line;

		if (trail_reader_open(names->items[i], &reader, err) < 0)
			return -1;
		for (;;) {
			if (trail_next(&reader, &line, err) < 0)
				return -1;
			if (!line.text)
				break;
			printf("%.*s\n", (int)line.len, line.text);
		}
	}
	return 0;
}

/* --- verify --- */

/* One file's lines: each is a link of the chain, and may say that something was revoked. */
static int judge(struct chain *chain, unsigned file, struct trail_reader *reader,
		 struct arena *arena, log_revocation_list *revoked, struct err *err)
{
	struct trail_text line;

	for (;;) {
		if (verify_next(chain, file, reader, &line, err) < 0)
			return -1;
		if (!line.text)
			return 0;
		if (log_revoked_line(line.text, line.len, arena, revoked, err) < 0)
			return -1;
	}
}

/* A copy says nothing of this host's store. */
static int check_revoked(struct tool *tool, const struct log_args *args,
			 const log_revocation_list *list, bool *good, struct err *err)
{
	autosite site = {.store = GATE_STORE_INIT};
	size_t gone;

	if (args->no_head || !list->n)
		return 0;
	if (tool_site(tool, NULL, &site, err) < 0 ||
	    log_revoked_print_gone(list, &site.store, &gone, err) < 0)
		return -1;
	*good &= gone == 0;
	return 0;
}

static int verify(struct tool *tool, const struct log_args *args, const struct str_list *names,
		  struct err *err)
{
	struct chain *chain = arena_alloc(tool->arena, sizeof(*chain));
	log_revocation_list revoked = {0};
	autostr out = STR_INIT;
	bool good = false;

	if (!chain)
		return err_oom(err);
	for (size_t i = 0; i < names->n; i++) {
		autoreader reader = TRAIL_READER_INIT;

		if (trail_reader_open(names->items[i], &reader, err) < 0 ||
		    judge(chain, (unsigned)i, &reader, tool->arena, &revoked, err) < 0)
			return -1;
		if (i + 1 == names->n)
			good = verify_end(chain, (unsigned)i, &reader, !args->no_head);
	}
	chain_print(chain, names->items, good, &out);
	if (str_failed(&out))
		return err_oom(err);
	printf("%s", str_text(&out));
	if (check_revoked(tool, args, &revoked, &good, err) < 0)
		return -1;
	return good ? 0 : EXIT_TOOL_FAILED;
}

static int run(struct tool *tool, void *v, struct err *err)
{
	bool shows = strcmp(tool->args[0], "show") == 0;
	struct str_list names = {0};

	if (!shows && strcmp(tool->args[0], "verify") != 0)
		return err_set(err, ERR_USAGE, "log: '%s' is neither verify nor show",
			       tool->args[0]);
	if (files(tool, &names, err) < 0)
		return -1;
	return shows ? show(&names, err) : verify(tool, v, &names, err);
}

const struct verb verb_log = {.name = "log",
			      .synopsis = "[OPTIONS] verify|show [FILE...]",
			      .summary = "verify or show what was decided and done",
			      .options = options,
			      .n_options = ARRAY_LEN(options),
			      .args_size = sizeof(struct log_args),
			      .min_args = 1,
			      .max_args = 1000,
			      .failure_status = EXIT_TOOL_FAILED,
			      .run = run};
