/* Collects what a line of the trail says and applies the policy's word on failures.  The
 * form and the file are audit/'s. */
#include "config.h"

#include "cmd/trail.h"

#include "base/sha256.h"
#include "base/str.h"

#include <string.h>
#include <time.h>

#include "base/banned.h"

#define SYSTEM_LOG "/dev/log"

/* More than a line takes is only counted there. */
static int collect_changes(const struct cmd_context *ctx, const struct plan *plan,
			   const char *const *values, struct trail_entry *entry, struct err *err)
{
	size_t n = plan->changes.n < TRAIL_CHANGES_MAX ? plan->changes.n : TRAIL_CHANGES_MAX;
	struct trail_change *changes = arena_array(ctx->arena, n, sizeof(*changes));

	if (!changes)
		return err_oom(err);
	for (size_t i = 0; i < n; i++) {
		const struct plan_change *change = &plan->changes.items[i];

		changes[i] = (struct trail_change){.rule = change->rule,
						   .key = change->key,
						   .outcome = plan_outcome_name(change->outcome),
						   .asked = change->asked,
						   .given = change->given};
		/* What was skipped is not done; the line is another's. */
		if (!change->given && values && change->outcome != CHANGE_SKIPPED)
			changes[i].given = values[i];
	}
	entry->changes = changes;
	entry->n_changes = plan->changes.n;
	return 0;
}

/* The plan's own text is where its values stand. */
static int take_plan(const struct cmd_context *ctx, const struct cmd_trail *what,
		     char hash[SHA256_HEX_SIZE], struct trail_entry *entry, struct err *err)
{
	const struct plan *plan = what->plan;
	const char **values;
	autostr text = STR_INIT;

	if (what->changes_only)
		return collect_changes(ctx, plan, NULL, entry, err);
	values = arena_array(ctx->arena, plan->changes.n, sizeof(*values));
	if (!values)
		return err_oom(err);
	plan_print_values(plan, ctx->arena, values, &text);
	if (str_failed(&text))
		return err_oom(err);
	if (!what->plan_hash)
		sha256_hex(str_text(&text), text.len, hash);
	entry->plan_hash = what->plan_hash ? what->plan_hash : hash;
	if (what->ret_plan_text) {
		str_release(what->ret_plan_text);
		*what->ret_plan_text = text;
		text = (struct str)STR_INIT;
	}
	return collect_changes(ctx, plan, values, entry, err);
}

/* Who called, as it was at this process's first line: it may be gone before the last. */
static const struct trail_caller *caller(void)
{
	static struct trail_caller known;

	if (!known.pid)
		trail_caller_read(&known);
	return &known;
}

static int write_entry(const struct cmd_context *ctx, const struct policy_conf *conf,
		       const struct cmd_trail *what, struct err *err)
{
	struct trail_entry entry = {.event = what->event,
				    .id = what->id,
				    .image = what->image,
				    .policy = conf->name,
				    .policy_hash = conf->hash,
				    .plan_hash = what->plan_hash};
	static struct trail_place place; /* of this process's lines */
	autostr line = STR_INIT;
	struct timespec now;
	char hash[SHA256_HEX_SIZE];

	if (clock_gettime(CLOCK_REALTIME, &now) < 0)
		return err_sys(err, "read the clock");
	entry.time_ns = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
	entry.caller = *caller();
	if (what->plan &&
	    take_plan(ctx, what, what->ret_plan_hash ? what->ret_plan_hash : hash, &entry, err) < 0)
		return -1;
	if (what->refusal) {
		entry.rule = what->refusal->rule[0] ? what->refusal->rule : NULL;
		entry.message = what->refusal->msg;
	}
	if (trail_append(conf->trail, &entry, 0, &place, &line, err) < 0)
		return -1;
	/* Behind the file: the log never has a line that the file lacks. */
	return conf->trail_syslog ? trail_syslog(SYSTEM_LOG, &entry, str_text(&line), err) : 0;
}

int cmd_trail(const struct cmd_context *ctx, const struct policy_conf *conf,
	      const struct cmd_trail *what, struct err *err)
{
	struct err own = ERR_INIT;

	if (!conf->trail || write_entry(ctx, conf, what, &own) == 0)
		return 0;
	if (!conf->trail_required) {
		log_warning(&own);
		return 0;
	}
	err_set(err, ERR_SYSTEM, "%s (the policy requires the audit trail)", own.msg);
	return -1;
}

int cmd_trail_refused(const struct cmd_context *ctx, const struct policy_conf *conf, const char *id,
		      const char *image, struct err *err)
{
	struct cmd_trail what = {.event = TRAIL_REFUSED, .id = id, .image = image, .refusal = err};
	struct err own = ERR_INIT;

	if (err->kind != ERR_POLICY && err->kind != ERR_HOST && err->kind != ERR_SPEC)
		return -1;
	/* Nothing happens anyway: the refusal is what the caller must be told first. */
	if (cmd_trail(ctx, conf, &what, &own) < 0)
		log_warning(&own);
	return -1;
}
