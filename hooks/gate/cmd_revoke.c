/* kanuki-gate revoke, unrevoke: what is never let in again, whatever its record says. */
#include "config.h"

#include "base/json_out.h"
#include "base/rfc3339.h"
#include "gate/digest.h"
#include "gate/tool.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/banned.h"

struct revoke_args {
	const char *reason;
};

static const struct tool_option options[] = {
	{"reason", TOOL_STRING, offsetof(struct revoke_args, reason), "TEXT", "why; it is kept and logged"},
};

static const char *hex_of(const char *text)
{
	return strncmp(text, "sha256:", 7) == 0 ? text + 7 : text;
}

static int check(const struct tool *tool, const struct revoke_args *args, const char *verb, struct err *err)
{
	const char *kind = tool->args[0];

	if (strcmp(kind, "image") != 0 && strcmp(kind, "record") != 0 && strcmp(kind, "key") != 0)
		return err_set(err, ERR_USAGE, "%s: '%s' is none of image, record, key", verb, kind);
	if (!gate_is_hex64(hex_of(tool->args[1])))
		return err_set(err, ERR_USAGE, "%s: '%.100s' is no digest or id of 64 lower-case digits", verb, tool->args[1]);
	return args->reason && args->reason[0] ? 0 : err_set(err, ERR_USAGE, "%s: --reason is missing", verb);
}

static int log_it(struct tool *tool, const struct revoke_args *args, const char *verb, struct err *err)
{
	const char *kind = tool->args[0], *hex = hex_of(tool->args[1]);
	const char *text = arena_printf(tool->arena, "%s %s: %s", kind, hex, args->reason);

	return text ? tool_log(tool, verb, strcmp(kind, "image") == 0 ? tool->args[1] : NULL, text, err) : err_oom(err);
}

static int run_revoke(struct tool *tool, void *v, struct err *err)
{
	struct json_out o __attribute__((cleanup(json_out_release))) = JSON_OUT_INIT;
	const struct revoke_args *args = v;
	struct gate_store store = GATE_STORE_INIT;
	char at[RFC3339_SIZE];
	int status;

	if (check(tool, args, "revoke", err) < 0)
		return -1;
	rfc3339_format(tool->now, at);
	json_out_object(&o, NULL);
	json_out_string(&o, "reason", args->reason);
	json_out_u64(&o, "by", getuid());
	json_out_string(&o, "at", at);
	json_out_end_object(&o);
	if (json_out_finish(&o, err) < 0 || tool_store(tool, &store, err) < 0)
		return -1;
	status = gate_store_revoke(&store, tool->args[0], hex_of(tool->args[1]), o.text.s, o.text.len, err);
	gate_store_close(&store);
	return status < 0 ? -1 : log_it(tool, args, "revoke", err);
}

static int run_unrevoke(struct tool *tool, void *v, struct err *err)
{
	const struct revoke_args *args = v;
	struct gate_store store = GATE_STORE_INIT;
	int status;

	if (check(tool, args, "unrevoke", err) < 0 || tool_store(tool, &store, err) < 0)
		return -1;
	/* What lets something in again is in the log before it does. */
	status = gate_store_is_revoked(&store, tool->args[0], hex_of(tool->args[1]), err);
	if (status == 1)
		status = log_it(tool, args, "unrevoke", err);
	if (status == 0)
		status = gate_store_unrevoke(&store, tool->args[0], hex_of(tool->args[1]), err);
	gate_store_close(&store);
	return status;
}

const struct verb verb_revoke = {.name = "revoke", .synopsis = "[OPTIONS] image|record|key DIGEST",
				 .summary = "refuse an image, a record or what a key signed, from now on", .options = options,
				 .n_options = ARRAY_LEN(options), .args_size = sizeof(struct revoke_args), .min_args = 2, .max_args = 2,
				 .failure_status = EXIT_TOOL_FAILED, .run = run_revoke};
const struct verb verb_unrevoke = {.name = "unrevoke", .synopsis = "[OPTIONS] image|record|key DIGEST", .summary = "take a revocation back",
				   .options = options, .n_options = ARRAY_LEN(options), .args_size = sizeof(struct revoke_args),
				   .min_args = 2, .max_args = 2, .failure_status = EXIT_TOOL_FAILED, .run = run_unrevoke};
