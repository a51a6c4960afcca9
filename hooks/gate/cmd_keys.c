/* kanuki-gate keys: who may sign what. */
#include "config.h"

#include "base/auto.h"
#include "base/json_out.h"
#include "base/rfc3339.h"
#include "gate/crypto.h"
#include "gate/digest.h"
#include "gate/glob.h"
#include "gate/keys.h"
#include "gate/tool.h"
#include "sys/file.h"
#include "sys/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/banned.h"

#define PEM_MAX ((size_t)64 << 10)

struct keys_args {
	struct str_list roles, scopes;
	const char *not_before, *not_after, *comment, *out;
	bool ed25519, json;
};

static const struct tool_option options[] = {
	{"role", TOOL_LIST, offsetof(struct keys_args, roles), "ROLE",
	 "add: what it may sign as: recorder, scanner, approver, vex, deployer, breakglass, "
	 "waiver"},
	{"scope", TOOL_LIST, offsetof(struct keys_args, scopes), "GLOB",
	 "add: only for repositories like this"},
	{"not-before", TOOL_STRING, offsetof(struct keys_args, not_before), "TIME",
	 "add: not valid earlier"},
	{"not-after", TOOL_STRING, offsetof(struct keys_args, not_after), "TIME",
	 "add: not valid later"},
	{"comment", TOOL_STRING, offsetof(struct keys_args, comment), "TEXT", "add: whose it is"},
	{"out", TOOL_STRING, offsetof(struct keys_args, out), "FILE",
	 "generate: the private key, as PEM (PKCS#8) with mode 0600; the public one goes to "
	 "FILE.pub"},
	{"ed25519", TOOL_FLAG, offsetof(struct keys_args, ed25519), NULL,
	 "generate: Ed25519 instead of ECDSA P-256"},
	{"json", TOOL_FLAG, offsetof(struct keys_args, json), NULL, "list: as JSON"},
};

static void put_roles(struct json_out *o, unsigned roles)
{
	json_out_array(o, "roles");
	for (size_t i = 0; i < GATE_ROLES; i++)
		if (roles & (unsigned)gate_role_names[i].value)
			json_out_string(o, NULL, gate_role_names[i].name);
	json_out_end_array(o);
}

static void put_time(struct json_out *o, const char *key, int64_t at)
{
	char text[RFC3339_SIZE];

	if (!at)
		return;
	rfc3339_format(at, text);
	json_out_string(o, key, text);
}

static void put_key(struct json_out *o, const struct gate_key *key, const char *raw)
{
	json_out_object(o, NULL);
	json_out_string(o, "keyid", key->key.keyid);
	json_out_string(o, "alg", key->key.algorithm == KEY_P256 ? "ecdsa-p256" : "ed25519");
	if (raw)
		json_out_string(o, "raw", raw);
	put_roles(o, key->roles);
	json_out_array(o, "scopes");
	for (size_t i = 0; i < key->scopes.n; i++)
		json_out_string(o, NULL, key->scopes.items[i]);
	json_out_end_array(o);
	put_time(o, "not_before", key->not_before);
	put_time(o, "not_after", key->not_after);
	json_out_string(o, "comment", key->comment);
	if (!raw)
		json_out_bool(o, "revoked", key->revoked);
	json_out_end_object(o);
}

static int take_args(const struct tool *tool, const struct keys_args *args, struct gate_key *key,
		     struct err *err)
{
	int64_t role;

	for (size_t i = 0; i < args->roles.n; i++) {
		if (!table_value_n(gate_role_names, GATE_ROLES, args->roles.items[i], &role))
			return err_set(err, ERR_USAGE, "keys add: unknown role '%s'",
				       args->roles.items[i]);
		key->roles |= (unsigned)role;
	}
	if (!key->roles)
		return err_set(err, ERR_USAGE,
			       "keys add: --role is missing: what may the key sign as?");
	for (size_t i = 0; i < args->scopes.n; i++)
		if (!glob_is_valid(args->scopes.items[i]))
			return err_set(err, ERR_USAGE,
				       "keys add: --scope: '%s' is no pattern of a repository",
				       args->scopes.items[i]);
	key->scopes = args->scopes;
	key->comment = args->comment ? args->comment : "";
	if (args->not_before &&
	    tool_time(tool, "not-before", args->not_before, &key->not_before, err) < 0)
		return -1;
	return args->not_after ? tool_time(tool, "not-after", args->not_after, &key->not_after, err)
			       : 0;
}

static int open_keys(struct gate_store *store, struct err *err)
{
	int fd = sys_openat(store->etc_dirfd, "keys",
			    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0);

	return fd < 0 ? err_sys(err, "open the directory of keys") : fd;
}

static int add(struct tool *tool, const struct keys_args *args, struct err *err)
{
	struct json_out o __attribute__((cleanup(json_out_release))) = JSON_OUT_INIT;
	struct gate_store store = GATE_STORE_INIT;
	struct gate_key key = {0};
	autofd int dirfd = -1;
	autostr raw = STR_INIT;
	const char *pem;
	char name[80];
	size_t len;
	int status;

	if (tool->n_args != 2)
		return err_set(err, ERR_USAGE, "keys add: name one file with a public key in PEM");
	if (take_args(tool, args, &key, err) < 0 ||
	    tool_read(tool, tool->args[1], PEM_MAX, &pem, &len, err) < 0)
		return -1;
	if (crypto_public_from_pem(pem, len, &key.key, err) < 0)
		return err_context(err, "'%s'", tool->args[1]);
	if (base64_encode(key.key.raw, key.key.raw_len, &raw) < 0)
		return err_oom(err);
	put_key(&o, &key, str_text(&raw));
	if (json_out_finish(&o, err) < 0 || tool_store(tool, &store, err) < 0)
		return -1;
	(void)snprintf(name, sizeof(name), "%s.json", key.key.keyid);
	dirfd = open_keys(&store, err);
	status = dirfd < 0 ? -1 : file_replace(dirfd, name, o.text.s, o.text.len, 0600, err);
	gate_store_close(&store);
	if (status < 0)
		return -1;
	printf("%s\n", key.key.keyid);
	return tool_log(tool, "keys add", NULL, key.key.keyid, err);
}

static int list(struct tool *tool, const struct keys_args *args, struct err *err)
{
	struct json_out o __attribute__((cleanup(json_out_release))) = JSON_OUT_INIT;
	autosite site = {.store = GATE_STORE_INIT};

	if (tool_site(tool, NULL, &site, err) < 0)
		return -1;
	o.pretty = true;
	json_out_array(&o, NULL);
	for (size_t i = 0; i < site.keys.n; i++) {
		const struct gate_key *key = &site.keys.items[i];

		put_key(&o, key, NULL);
		if (args->json)
			continue;
		printf("%s %-10s", key->key.keyid,
		       key->key.algorithm == KEY_P256 ? "ecdsa-p256" : "ed25519");
		for (size_t r = 0; r < GATE_ROLES; r++)
			if (key->roles & (unsigned)gate_role_names[r].value)
				printf(" %s", gate_role_names[r].name);
		printf("%s%s", key->revoked ? " REVOKED" : "",
		       site.signers.items[i].out_of_time ? " OUT OF TIME" : "");
		autostr comment = STR_INIT;
		str_add_printable(&comment, key->comment, strlen(key->comment));
		printf("  %s\n", str_text(&comment));
	}
	json_out_end_array(&o);
	if (json_out_finish(&o, err) < 0)
		return -1;
	if (args->json)
		printf("%s\n", o.text.s);
	return 0;
}

static int rm(struct tool *tool, struct err *err)
{
	struct gate_store store = GATE_STORE_INIT;
	autofd int dirfd = -1;
	char name[80];
	int status;

	if (tool->n_args != 2 || !gate_is_hex64(tool->args[1]))
		return err_set(err, ERR_USAGE,
			       "keys rm: name a key's id, 64 digits (kanuki-gate keys list)");
	if (tool_store(tool, &store, err) < 0)
		return -1;
	(void)snprintf(name, sizeof(name), "%s.json", tool->args[1]);
	dirfd = open_keys(&store, err);
	status = dirfd < 0 ? -1 : sys_unlinkat(dirfd, name, 0);
	if (dirfd >= 0 && status < 0)
		(void)(errno == ENOENT ? err_set(err, ERR_NOT_FOUND, "no key %s", tool->args[1])
				       : err_sys(err, "remove key %s", tool->args[1]));
	gate_store_close(&store);
	return status < 0 ? -1 : tool_log(tool, "keys rm", NULL, tool->args[1], err);
}

static int write_new(const char *path, const char *text, mode_t mode, struct err *err)
{
	autofd int fd = sys_open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);

	if (fd < 0)
		return err_sys(err, "make '%s'", path);
	return file_write_all(fd, text, strlen(text)) < 0 ? err_sys(err, "write '%s'", path) : 0;
}

static int generate(struct tool *tool, const struct keys_args *args, struct err *err)
{
	struct public_key key;
	const char *pem, *pub, *pub_path;

	if (!args->out || tool->n_args != 1)
		return err_set(err, ERR_USAGE,
			       "keys generate: --out FILE is missing: where shall the private key "
			       "be written?");
	pub_path = arena_printf(tool->arena, "%s.pub", args->out);
	if (!pub_path)
		return err_oom(err);
	if (crypto_generate(args->ed25519 ? KEY_ED25519 : KEY_P256, tool->arena, &pem, err) < 0 ||
	    crypto_public_of(pem, strlen(pem), tool->arena, &pub, &key, err) < 0 ||
	    write_new(args->out, pem, 0600, err) < 0 || write_new(pub_path, pub, 0644, err) < 0)
		return -1;
	printf("%s\n", key.keyid);
	return 0;
}

static int run(struct tool *tool, void *v, struct err *err)
{
	const struct keys_args *args = v;
	const char *what = tool->args[0];

	if (strcmp(what, "add") == 0)
		return add(tool, args, err);
	if (strcmp(what, "list") == 0 && tool->n_args == 1)
		return list(tool, args, err);
	if (strcmp(what, "rm") == 0)
		return rm(tool, err);
	if (strcmp(what, "generate") == 0)
		return generate(tool, args, err);
	return err_set(err, ERR_USAGE, "keys: '%s' is none of add FILE, list, rm KEYID, generate",
		       what);
}

const struct verb verb_keys = {.name = "keys",
			       .synopsis = "[OPTIONS] add|list|rm|generate [FILE|KEYID]",
			       .summary = "make, add, list or remove keys that may sign",
			       .options = options,
			       .n_options = ARRAY_LEN(options),
			       .args_size = sizeof(struct keys_args),
			       .min_args = 1,
			       .max_args = 2,
			       .failure_status = EXIT_TOOL_FAILED,
			       .run = run};
