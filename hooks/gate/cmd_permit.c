/* kanuki-gate waive, permit, breakglass: signed permissions with an owner and an end. */
#include "config.h"

#include "base/auto.h"
#include "gate/crypto.h"
#include "gate/findings.h"
#include "gate/permission.h"
#include "gate/tool.h"

#include <stdio.h>
#include <string.h>

#include "base/banned.h"

struct permit_args {
	struct str_list images, namespaces, keys;
	const char *finding, *package, *severity_max, *role, *owner, *reason, *ticket, *expires,
		*out;
};

#define OPT(kind, name, member, value, help)                                                       \
	{                                                                                          \
		name, kind, offsetof(struct permit_args, member), value, help                      \
	}
#define COMMON                                                                                     \
	OPT(TOOL_LIST, "image", images, "DIGEST", "for this image; may be given several times"),   \
		OPT(TOOL_LIST, "namespace", namespaces, "GLOB",                                    \
		    "only in namespaces like this; may be given several times"),                   \
		OPT(TOOL_STRING, "owner", owner, "NAME", "who answers for it"),                    \
		OPT(TOOL_STRING, "reason", reason, "TEXT", "why"),                                 \
		OPT(TOOL_STRING, "ticket", ticket, "TEXT", "where it was decided"),                \
		OPT(TOOL_LIST, "key", keys, "FILE",                                                \
		    "sign with this private key; may be given several times"),                     \
		OPT(TOOL_STRING, "out", out, "FILE",                                               \
		    "write the envelope there (for kanuki-gate attach), and leave the store as "   \
		    "it is")

static const struct tool_option waive_options[] = {
	OPT(TOOL_STRING, "finding", finding, "ID", "the CVE, rule or signature that may stand"),
	OPT(TOOL_STRING, "package", package, "NAME", "only in this package"),
	OPT(TOOL_STRING, "severity-max", severity_max, "SEVERITY",
	    "only while it isn't above that"),
	OPT(TOOL_STRING, "expires", expires, "TIME",
	    "2027-01-31T00:00:00Z, or a duration like 30d"),
	COMMON,
};
static const struct tool_option permit_options[] = {
	OPT(TOOL_STRING, "role", role, "ROLE", "the deployer's role that it stands for"),
	OPT(TOOL_STRING, "ttl", expires, "DURATION", "how long it holds: 24h"),
	COMMON,
};
static const struct tool_option breakglass_options[] = {
	OPT(TOOL_STRING, "ttl", expires, "DURATION", "how long it holds: 1h"),
	COMMON,
};

static int take_severity(const char *text, enum severity *ret, struct err *err)
{
	for (unsigned s = SEVERITY_UNKNOWN + 1; text && s < SEVERITY_COUNT; s++)
		if (strcmp(text, severity_name((enum severity)s)) == 0) {
			*ret = (enum severity)s;
			return 0;
		}
	return text ? err_set(err, ERR_USAGE,
			      "--severity-max: '%s' is none of negligible, low, medium, high, "
			      "critical",
			      text)
		    : 0;
}

static int fill(struct tool *tool, const struct permit_args *args, const char *verb,
		struct permission *ret, struct err *err)
{
	const char **slot;

	*ret = (struct permission){.kind = ret->kind,
				   .owner = args->owner,
				   .reason = args->reason,
				   .ticket = args->ticket,
				   .namespaces = args->namespaces,
				   .finding = args->finding,
				   .package = args->package,
				   .role = args->role,
				   .created = tool->now};
	if (!args->owner)
		return err_set(err, ERR_USAGE, "%s: --owner is missing: who answers for it?", verb);
	if (!args->expires)
		return err_set(err, ERR_USAGE, "%s: --%s is missing: nothing is permitted for ever",
			       verb, ret->kind == PERMISSION_WAIVER ? "expires" : "ttl");
	if (!args->keys.n)
		return err_set(err, ERR_USAGE,
			       "%s: --key is missing: an unsigned one permits nothing", verb);
	if (tool_time(tool, "expires", args->expires, &ret->expires, err) < 0 ||
	    take_severity(args->severity_max, &ret->severity_max, err) < 0)
		return -1;
	for (size_t i = 0; i < args->images.n; i++) {
		slot = ARENA_PUSH(tool->arena, &ret->images);
		if (!slot)
			return err_oom(err);
		if (tool_digest(tool, args->images.items[i], slot, err) < 0)
			return -1;
	}
	return 0;
}

static int put(struct tool *tool, const struct str_list *images, const struct dsse *envelope,
	       const char *text, size_t len, char ret[72], struct err *err)
{
	struct gate_store store = GATE_STORE_INIT;
	autosite site = {.store = GATE_STORE_INIT};
	signer_list signers = {0};
	int status;

	if (tool_site(tool, NULL, &site, err) < 0 ||
	    gate_signers(&site, envelope, tool->arena, &signers, err) < 0)
		return -1;
	if (!signers.n)
		return err_set(err, ERR_STATE,
			       "the key isn't one of the site's: nobody here would believe it "
			       "(kanuki-gate keys add)");
	if (tool_store(tool, &store, err) < 0)
		return -1;
	status = gate_store_put_permission(&store, images, text, len, ret, err);
	gate_store_close(&store);
	return status;
}

static int issue(struct tool *tool, const struct permit_args *args, enum permission_kind kind,
		 struct err *err)
{
	const char *verb = kind == PERMISSION_WAIVER ? "waive" : permission_kind_name(kind);
	struct permission permission = {.kind = kind};
	struct dsse envelope = {.payload_type = PERMISSION_PAYLOAD_TYPE};
	autostr payload = STR_INIT;
	autostr text = STR_INIT;
	struct public_key key;
	char digest[72];

	if (fill(tool, args, verb, &permission, err) < 0)
		return -1;
	if (permission_print(&permission, &payload, err) < 0) {
		err->kind = err->kind == ERR_SPEC ? ERR_USAGE : err->kind;
		return -1;
	}
	envelope.payload = payload.s;
	envelope.payload_len = payload.len;
	for (size_t i = 0; i < args->keys.n; i++)
		if (tool_sign(tool, args->keys.items[i], &envelope, &key, err) < 0)
			return -1;
	if (dsse_print(&envelope, &text, err) < 0)
		return -1;
	if (args->out)
		return tool_write(args->out, &text, err);
	if (put(tool, &permission.images, &envelope, text.s, text.len, digest, err) < 0)
		return -1;
	printf("%s %s\n", permission_kind_name(kind), digest + 7);
	return tool_log(tool, verb, permission.images.n ? permission.images.items[0] : NULL,
			payload.s, err);
}

static int run_waive(struct tool *tool, void *args, struct err *err)
{
	return issue(tool, args, PERMISSION_WAIVER, err);
}
static int run_permit(struct tool *tool, void *args, struct err *err)
{
	return issue(tool, args, PERMISSION_PERMIT, err);
}
static int run_breakglass(struct tool *tool, void *args, struct err *err)
{
	return issue(tool, args, PERMISSION_BREAKGLASS, err);
}

#define VERB(id, text, what)                                                    \
	const struct verb verb_##id = {.name = #id,                             \
				       .synopsis = "[OPTIONS]",                 \
				       .summary = text,                         \
				       .options = what##_options,               \
				       .n_options = ARRAY_LEN(what##_options),  \
				       .args_size = sizeof(struct permit_args), \
				       .failure_status = EXIT_TOOL_FAILED,      \
				       .run = run_##id}
VERB(waive, "let a finding stand in an image, for a time", waive);
VERB(permit, "permit a deployment, for a time", permit);
VERB(breakglass, "let an image in although it isn't acceptable, for hours, loudly", breakglass);
