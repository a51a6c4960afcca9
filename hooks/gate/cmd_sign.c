/* kanuki-gate sign, attach: signatures on records, made here or elsewhere. */
#include "config.h"

#include "base/auto.h"
#include "gate/crypto.h"
#include "gate/permission.h"
#include "gate/record.h"
#include "gate/tool.h"

#include <stdio.h>
#include <string.h>

#include "base/banned.h"

struct sign_args {
	struct str_list keys;
	const char *out;
};

static const struct tool_option sign_options[] = {
	{"key", TOOL_LIST, offsetof(struct sign_args, keys), "FILE",
	 "a private key, PEM (PKCS#8) without a password; may be given several times"},
	{"out", TOOL_STRING, offsetof(struct sign_args, out), "FILE",
	 "write the envelope there, and leave the store as it is"},
};

static int read_record(struct tool *tool, const struct dsse *envelope, struct record *ret,
		       struct err *err)
{
	bool wrong_type = false;

	if (strcmp(envelope->payload_type, DSSE_STATEMENT_TYPE) != 0)
		return err_set(err, ERR_SPEC, "the envelope holds '%.100s', no scan record",
			       envelope->payload_type);
	if (record_parse(tool->arena, envelope->payload, envelope->payload_len, ret, &wrong_type,
			 err) < 0)
		return -1;
	return wrong_type ? err_set(err, ERR_SPEC, "the statement is no scan record") : 0;
}

/* A time to come would make every later record look old. */
static int check_times(const struct tool *tool, const struct gate_site *site,
		       const struct record *record, struct err *err)
{
	for (size_t i = 0; i < record->scans.n; i++)
		if (record->scans.items[i].scanned_at > tool_latest(tool, site))
			return err_set(err, ERR_SPEC, "scan %zu of the record lies in the future",
				       i);
	return 0;
}

/* What waits, else what is there. */
static int take_envelope(struct tool *tool, const struct gate_site *site, const char *digest,
			 struct dsse *ret, struct err *err)
{
	const char *text, *config;
	size_t len;
	int found = gate_store_pending(&site->store, digest, tool->arena, &text, &len, err);

	if (found == 0)
		found = gate_store_current(&site->store, digest, tool_platform(tool), tool->arena,
					   &text, &len, &config, err);
	if (found == 0)
		return err_set(err, ERR_NOT_FOUND, "no record of %s (kanuki-gate import makes one)",
			       digest);
	return found < 0 ? -1 : dsse_parse(tool->arena, text, len, ret, err);
}

static int check_key(const struct gate_site *site, const struct public_key *key, struct err *err)
{
	for (size_t i = 0; i < site->keys.n; i++)
		if (strcmp(site->keys.items[i].key.keyid, key->keyid) == 0)
			return 0;
	return err_set(err, ERR_STATE,
		       "key %s isn't one of the site's: nobody here would believe it (kanuki-gate "
		       "keys add)",
		       key->keyid);
}

static int publish(struct tool *tool, const struct gate_site *site, const struct record *record,
		   const char *text, size_t len, const char *verb, struct err *err)
{
	struct gate_store store = GATE_STORE_INIT;
	char digest[72];
	int status;

	if (check_times(tool, site, record, err) < 0 || tool_store(tool, &store, err) < 0)
		return -1;
	status = gate_store_publish(&store, record, text, len, err);
	gate_store_close(&store);
	if (status < 0)
		return -1;
	crypto_digest(text, len, digest);
	printf("%s record %s\n", record->image.config, digest);
	return tool_log(tool, verb, record->image.config, digest, err);
}

/* Whoever is about to sign what waits has looked at it: another one doesn't take its place. */
static int put_waiting(struct tool *tool, struct gate_store *store, const struct record *record,
		       const struct dsse *envelope, const struct str *text, struct err *err)
{
	const char *there;
	struct dsse waiting;
	size_t len;
	int found = gate_store_pending(store, record->image.config, tool->arena, &there, &len, err);

	if (found < 0 || (found && dsse_parse(tool->arena, there, len, &waiting, err) < 0))
		return -1;
	if (found && (waiting.payload_len != envelope->payload_len ||
		      memcmp(waiting.payload, envelope->payload, waiting.payload_len) != 0))
		return err_set(err, ERR_STATE,
			       "another record of %s waits already (kanuki-gate sign, or import "
			       "once more)",
			       record->image.config);
	return gate_store_put_pending(store, record->image.config, text->s, text->len, err);
}

/* One that no recorder has signed would be refused: it waits, and what counts stays. */
static int let_wait(struct tool *tool, const struct record *record, const struct dsse *envelope,
		    const struct str *text, struct err *err)
{
	struct gate_store store = GATE_STORE_INIT;
	int status;

	if (tool_store(tool, &store, err) < 0)
		return -1;
	status = put_waiting(tool, &store, record, envelope, text, err);
	gate_store_close(&store);
	if (status < 0)
		return -1;
	printf("%s waits for a recorder's signature\n", record->image.config);
	return tool_log(tool, "attach", record->image.config, "it waits for a recorder's signature",
			err);
}

static int run_sign(struct tool *tool, void *v, struct err *err)
{
	const struct sign_args *args = v;
	autosite site = {.store = GATE_STORE_INIT};
	autostr text = STR_INIT;
	struct public_key key;
	struct record record;
	const char *digest;
	struct dsse envelope;

	if (!args->keys.n)
		return err_set(err, ERR_USAGE, "sign: --key FILE is missing");
	if (tool_digest(tool, tool->args[0], &digest, err) < 0 ||
	    tool_site(tool, NULL, &site, err) < 0 ||
	    take_envelope(tool, &site, digest, &envelope, err) < 0 ||
	    read_record(tool, &envelope, &record, err) < 0)
		return -1;
	for (size_t i = 0; i < args->keys.n; i++)
		if (tool_sign(tool, args->keys.items[i], &envelope, &key, err) < 0 ||
		    (!args->out && check_key(&site, &key, err) < 0))
			return -1;
	if (dsse_print(&envelope, &text, err) < 0)
		return -1;
	if (!args->out)
		return publish(tool, &site, &record, text.s, text.len, "sign", err);
	return tool_write(args->out, &text, err);
}

/* A key speaks in its roles alone; else any key could take the place of what counts, or make the
 * store large. */
static bool has_role(const signer_list *signers, unsigned roles)
{
	for (size_t i = 0; i < signers->n; i++)
		if ((signers->items[i].roles & roles) && !signers->items[i].revoked &&
		    !signers->items[i].out_of_time)
			return true;
	return false;
}

static unsigned roles_for(enum permission_kind kind)
{
	return kind == PERMISSION_WAIVER       ? ROLE_WAIVER
	       : kind == PERMISSION_BREAKGLASS ? ROLE_BREAKGLASS
					       : ROLE_APPROVER | ROLE_DEPLOYER;
}

static int attach_permission(struct tool *tool, const struct gate_site *site, const char *text,
			     size_t len, const struct dsse *envelope, struct err *err)
{
	struct gate_store store = GATE_STORE_INIT;
	struct permission permission;
	signer_list signers = {0};
	char digest[72];
	int status;

	if (permission_parse(tool->arena, envelope->payload, envelope->payload_len, &permission,
			     err) < 0 ||
	    gate_signers(site, envelope, tool->arena, &signers, err) < 0)
		return -1;
	if (!signers.n)
		return err_set(err, ERR_STATE, "no key of the site's has signed it");
	if (!has_role(&signers, roles_for(permission.kind)))
		return err_set(
			err, ERR_STATE,
			"none of its keys may give a %s, here and now (kanuki-gate keys list)",
			permission_kind_name(permission.kind));
	if (tool_store(tool, &store, err) < 0)
		return -1;
	status = gate_store_put_permission(&store, &permission.images, text, len, digest, err);
	gate_store_close(&store);
	if (status < 0)
		return -1;
	printf("%s %s\n", permission_kind_name(permission.kind), digest + 7);
	return tool_log(tool, "attach", NULL, digest, err);
}

/* Signatures of both on the same payload. */
static int merge_present(struct tool *tool, const struct gate_site *site, const char *digest,
			 struct dsse *envelope, struct err *err)
{
	struct dsse present;
	struct err none = ERR_INIT;

	if (take_envelope(tool, site, digest, &present, &none) < 0 ||
	    present.payload_len != envelope->payload_len ||
	    memcmp(present.payload, envelope->payload, envelope->payload_len) != 0)
		return 0;
	for (size_t i = 0; i < present.signatures.n && envelope->signatures.n < DSSE_MAX_SIGNATURES;
	     i++) {
		const struct dsse_signature *old = &present.signatures.items[i];
		struct dsse_signature *slot;
		bool there = false;

		for (size_t j = 0; j < envelope->signatures.n; j++)
			there |= envelope->signatures.items[j].len == old->len &&
				 memcmp(envelope->signatures.items[j].bytes, old->bytes,
					old->len) == 0;
		if (there)
			continue;
		slot = ARENA_PUSH(tool->arena, &envelope->signatures);
		if (!slot)
			return err_oom(err);
		*slot = *old;
	}
	return 0;
}

struct attach_args {
	bool unused;
};

static int run_attach(struct tool *tool, void *v, struct err *err)
{
	autosite site = {.store = GATE_STORE_INIT};
	autostr merged = STR_INIT;
	signer_list signers = {0};
	struct record record;
	struct dsse envelope;
	const char *text;
	size_t len;

	(void)v;
	if (tool_read(tool, tool->args[0], RECORD_MAX_BYTES, &text, &len, err) < 0 ||
	    tool_site(tool, NULL, &site, err) < 0)
		return -1;
	if (dsse_parse(tool->arena, text, len, &envelope, err) < 0)
		return err_context(err, "'%s'", tool->args[0]);
	if (strcmp(envelope.payload_type, PERMISSION_PAYLOAD_TYPE) == 0)
		return attach_permission(tool, &site, text, len, &envelope, err);
	if (read_record(tool, &envelope, &record, err) < 0)
		return err_context(err, "'%s'", tool->args[0]);
	if (gate_signers(&site, &envelope, tool->arena, &signers, err) < 0)
		return -1;
	/* It would take the place of one that counts. */
	if (!signers.n)
		return err_set(err, ERR_STATE,
			       "'%s': no key of the site's has signed it (kanuki-gate keys list)",
			       tool->args[0]);
	if (!has_role(&signers, ROLE_RECORDER | ROLE_SCANNER))
		return err_set(err, ERR_STATE,
			       "'%s': none of its keys may sign a record, here and now "
			       "(kanuki-gate keys list)",
			       tool->args[0]);
	if (merge_present(tool, &site, record.image.config, &envelope, err) < 0 ||
	    dsse_print(&envelope, &merged, err) < 0)
		return -1;
	if (!has_role(&signers, ROLE_RECORDER) && (!site.policy || site.policy->signers_required))
		return let_wait(tool, &record, &envelope, &merged, err);
	return publish(tool, &site, &record, merged.s, merged.len, "attach", err);
}

const struct verb verb_sign = {.name = "sign",
			       .synopsis = "[OPTIONS] DIGEST",
			       .summary = "sign an image's record, and let it count",
			       .options = sign_options,
			       .n_options = ARRAY_LEN(sign_options),
			       .args_size = sizeof(struct sign_args),
			       .min_args = 1,
			       .max_args = 1,
			       .failure_status = EXIT_TOOL_FAILED,
			       .run = run_sign};
const struct verb verb_attach = {.name = "attach",
				 .synopsis = "FILE",
				 .summary = "take a record or permission that was signed elsewhere",
				 .args_size = sizeof(struct attach_args),
				 .min_args = 1,
				 .max_args = 1,
				 .failure_status = EXIT_TOOL_FAILED,
				 .run = run_attach};
