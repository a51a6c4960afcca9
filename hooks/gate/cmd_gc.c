/* kanuki-gate gc, selftest: the store tidied, and all of it checked. */
#include "config.h"

#include "gate/crypto.h"
#include "gate/tool.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/banned.h"

/* So long an expired permission stays: what it let stand is then told to have expired. */
#define TOLD_S (24 * 3600)

struct gc_args {
	const char *keep;
};

static const struct tool_option gc_options[] = {
	{"keep", TOOL_STRING, offsetof(struct gc_args, keep), "DURATION",
	 "keep history so long (default 90d)"},
};

static int run_gc(struct tool *tool, void *v, struct err *err)
{
	const struct gc_args *args = v;
	struct gate_store store = GATE_STORE_INIT;
	struct gate_gc gc = {.expired_before = tool->now - TOLD_S, .arena = tool->arena};
	char text[80];
	const char **slot;
	int64_t keep;
	int status;

	if (tool_duration("keep", args->keep ? args->keep : "90d", &keep, err) < 0 ||
	    tool_store(tool, &store, err) < 0)
		return -1;
	gc.before = tool->now - keep;
	status = gate_store_gc(&store, &gc, err);
	gate_store_close(&store);
	if (status < 0)
		return -1;
	(void)snprintf(text, sizeof(text),
		       "%" PRIu64 " files removed, %zu of them expired permissions", gc.removed,
		       gc.expired.n);
	printf("%s\n", text);
	slot = ARENA_PUSH(tool->arena, &gc.expired);
	if (!slot)
		return err_oom(err);
	*slot = text;
	return tool_log_all(tool, "gc", NULL, &gc.expired, err);
}

/* A key of each kind signs, the signature verifies, and doesn't on anything else. */
static int try_crypto(struct tool *tool, enum key_algorithm algorithm, const char *name,
		      struct err *err)
{
	struct public_key key;
	const uint8_t *signature;
	const char *pem;
	size_t len;

	if (crypto_generate(algorithm, tool->arena, &pem, err) < 0 ||
	    crypto_sign(pem, strlen(pem), "a", 1, "b", 1, tool->arena, &signature, &len, &key,
			err) < 0)
		return -1;
	if (crypto_verify(&key, "a", 1, "b", 1, signature, len, err) != 1 ||
	    crypto_verify(&key, "a", 1, "c", 1, signature, len, err) != 0)
		return err_set(err, ERR_VERIFY, "%s: signatures aren't told apart", name);
	printf("%-10s signs and verifies\n", name);
	return 0;
}

static int run_selftest(struct tool *tool, void *v, struct err *err)
{
	autosite site = {.store = GATE_STORE_INIT};
	uint64_t files;

	(void)v;
	if (try_crypto(tool, KEY_P256, "ecdsa-p256", err) < 0 ||
	    try_crypto(tool, KEY_ED25519, "ed25519", err) < 0 ||
	    tool_site(tool, NULL, &site, err) < 0 || gate_store_check(&site.store, &files, err) < 0)
		return -1;
	printf("%-10s %" PRIu64 " files are what their names say; generation %" PRIu64 "\n",
	       "store", files, site.generation);
	printf("%-10s %zu\n", "keys", site.keys.n);
	if (!site.policy)
		return err_set(err, ERR_VERIFY, "the policy isn't valid: %s", site.policy_why);
	printf("%-10s sha256:%s\n", "policy", site.policy->hash);
	return 0;
}

const struct verb verb_gc = {.name = "gc",
			     .synopsis = "[OPTIONS]",
			     .summary = "remove what nothing refers to any more",
			     .options = gc_options,
			     .n_options = ARRAY_LEN(gc_options),
			     .args_size = sizeof(struct gc_args),
			     .failure_status = EXIT_TOOL_FAILED,
			     .run = run_gc};
const struct verb verb_selftest = {.name = "selftest",
				   .synopsis = "",
				   .summary = "check crypto, store, keys and policy",
				   .args_size = sizeof(struct gc_args),
				   .failure_status = EXIT_TOOL_BROKEN,
				   .run = run_selftest};
