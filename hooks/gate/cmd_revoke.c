/* kanuki-gate revoke, unrevoke: what is never let in again, whatever its record says. */
#include "config.h"

#include "base/json.h"
#include "base/json_out.h"
#include "base/rfc3339.h"
#include "gate/crypto.h"
#include "gate/digest.h"
#include "gate/dsse.h"
#include "gate/findings.h"
#include "gate/record.h"
#include "gate/store_files.h"
#include "gate/tool.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/banned.h"

#define REVOCATION_MAX ((size_t)64 << 10)

struct revoke_args {
	const char *reason;
};

static const struct tool_option options[] = {
	{"reason", TOOL_STRING, offsetof(struct revoke_args, reason), "TEXT",
	 "why; it is kept and logged"},
};

static const char *hex_of(const char *text)
{
	return strncmp(text, "sha256:", 7) == 0 ? text + 7 : text;
}

static int check(const struct tool *tool, const struct revoke_args *args, const char *verb,
		 struct err *err)
{
	const char *kind = tool->args[0];

	if (strcmp(kind, "image") != 0 && strcmp(kind, "record") != 0 && strcmp(kind, "key") != 0)
		return err_set(err, ERR_USAGE, "%s: '%s' is none of image, record, key", verb,
			       kind);
	if (!gate_is_hex64(hex_of(tool->args[1])))
		return err_set(err, ERR_USAGE,
			       "%s: '%.100s' is no digest or id of 64 lower-case digits", verb,
			       tool->args[1]);
	return args->reason && args->reason[0]
		       ? 0
		       : err_set(err, ERR_USAGE, "%s: --reason is missing", verb);
}

static int log_it(struct tool *tool, const struct revoke_args *args, const char *verb,
		  struct err *err)
{
	const char *kind = tool->args[0], *hex = hex_of(tool->args[1]);
	const char *text = arena_printf(tool->arena, "%s %s: %s", kind, hex, args->reason);

	return text ? tool_log(tool, verb, strcmp(kind, "image") == 0 ? tool->args[1] : NULL, text,
			       err)
		    : err_oom(err);
}

/* A record is revoked as what it says: its envelope can be written in many ways, each with a digest
 * of its own.  *ret is the hash of what was signed, or "" where the store hasn't got the record. */
static int payload_of(const struct tool *tool, const struct gate_store *store, char ret[72],
		      struct err *err)
{
	const char *hex = hex_of(tool->args[1]), *text;
	char path[STORE_PATH_MAX];
	struct err broken = ERR_INIT;
	struct dsse envelope;
	size_t len;
	int found;

	ret[0] = '\0';
	if (strcmp(tool->args[0], "record") != 0)
		return 0;
	(void)snprintf(path, sizeof(path), "records/sha256/%.2s/%.62s", hex, hex + 2);
	found = gate_store_read(store->dirfd, path, RECORD_MAX_BYTES, tool->arena, &text, &len,
				err);
	if (found == 1 && dsse_parse(tool->arena, text, len, &envelope, &broken) == 0)
		crypto_digest(envelope.payload, envelope.payload_len, ret);
	return found < 0 ? -1 : 0;
}

/* What the revocation says for people, and for taking it back. */
static int write_text(const struct tool *tool, const struct revoke_args *args, const char *payload,
		      struct json_out *o, struct err *err)
{
	char at[RFC3339_SIZE];

	rfc3339_format(tool->now, at);
	json_out_object(o, NULL);
	json_out_string(o, "reason", args->reason);
	json_out_u64(o, "by", getuid());
	json_out_string(o, "at", at);
	if (payload[0])
		json_out_string(o, "payload", payload);
	json_out_end_object(o);
	return json_out_finish(o, err);
}

static int put_revoked(const struct tool *tool, const struct revoke_args *args,
		       struct gate_store *store, struct err *err)
{
	struct json_out o __attribute__((cleanup(json_out_release))) = JSON_OUT_INIT;
	char payload[72];

	if (payload_of(tool, store, payload, err) < 0 ||
	    write_text(tool, args, payload, &o, err) < 0 ||
	    (payload[0] &&
	     gate_store_revoke(store, "record", payload + 7, o.text.s, o.text.len, err) < 0))
		return -1;
	return gate_store_revoke(store, tool->args[0], hex_of(tool->args[1]), o.text.s, o.text.len,
				 err);
}

/* The record may be gone by now; the revocation has kept what was signed. */
static int read_payload(const struct tool *tool, const struct gate_store *store, const char **ret,
			struct err *err)
{
	struct err broken = ERR_INIT; /* one of a person's making: its presence is what counts */
	const struct json *root, *payload;
	char path[STORE_PATH_MAX];
	const char *text;
	size_t len;
	int found;

	*ret = NULL;
	if (strcmp(tool->args[0], "record") != 0)
		return 0;
	if (store_files_revoked_path("record", hex_of(tool->args[1]), path, err) < 0)
		return -1;
	found = gate_store_read(store->dirfd, path, REVOCATION_MAX, tool->arena, &text, &len, err);
	if (found != 1)
		return found;
	if (json_parse(tool->arena, text, len, &root, &broken) < 0)
		return 0;
	payload = root->type == JSON_OBJECT ? json_get(root, "payload") : NULL;
	if (payload && payload->type == JSON_STRING && digest_is_valid(payload->text))
		*ret = payload->text;
	return 0;
}

static int take_back(const struct tool *tool, struct gate_store *store, struct err *err)
{
	struct err absent = ERR_INIT;
	const char *payload;

	if (read_payload(tool, store, &payload, err) < 0 ||
	    gate_store_unrevoke(store, tool->args[0], hex_of(tool->args[1]), err) < 0)
		return -1;
	if (!payload || gate_store_unrevoke(store, "record", payload + 7, &absent) == 0 ||
	    absent.kind == ERR_NOT_FOUND)
		return 0;
	*err = absent;
	return -1;
}

static int run_revoke(struct tool *tool, void *v, struct err *err)
{
	const struct revoke_args *args = v;
	struct gate_store store = GATE_STORE_INIT;
	int status;

	if (check(tool, args, "revoke", err) < 0 || tool_store(tool, &store, err) < 0)
		return -1;
	status = put_revoked(tool, args, &store, err);
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
		status = take_back(tool, &store, err);
	gate_store_close(&store);
	return status;
}

const struct verb verb_revoke = {
	.name = "revoke",
	.synopsis = "[OPTIONS] image|record|key DIGEST",
	.summary = "refuse an image, a record or what a key signed, from now on",
	.options = options,
	.n_options = ARRAY_LEN(options),
	.args_size = sizeof(struct revoke_args),
	.min_args = 2,
	.max_args = 2,
	.failure_status = EXIT_TOOL_FAILED,
	.run = run_revoke};
const struct verb verb_unrevoke = {.name = "unrevoke",
				   .synopsis = "[OPTIONS] image|record|key DIGEST",
				   .summary = "take a revocation back",
				   .options = options,
				   .n_options = ARRAY_LEN(options),
				   .args_size = sizeof(struct revoke_args),
				   .min_args = 2,
				   .max_args = 2,
				   .failure_status = EXIT_TOOL_FAILED,
				   .run = run_unrevoke};
