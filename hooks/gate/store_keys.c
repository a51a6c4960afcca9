/* Owns the keyring, keys/<keyid>.json of /etc: who may sign what.  One broken file breaks all
 * of it: a key that silently isn't there could be one that a threshold counts on. */
#include "config.h"

#include "gate/store.h"
#include "gate/store_files.h"

#include "base/auto.h"
#include "base/json.h"
#include "base/rfc3339.h"
#include "base/table.h"
#include "gate/dsse.h"
#include "gate/keys.h"

#include <fcntl.h>
#include <string.h>

#include "base/banned.h"

#define KEY_FILE_MAX ((size_t)16 << 10)
#define KEYS_MAX     1000u

const struct table_entry gate_role_names[GATE_ROLES] = {
	{"recorder", ROLE_RECORDER}, {"scanner", ROLE_SCANNER},   {"approver", ROLE_APPROVER},
	{"vex", ROLE_VEX},           {"deployer", ROLE_DEPLOYER}, {"breakglass", ROLE_BREAKGLASS},
	{"waiver", ROLE_WAIVER},
};

static int take_roles(const struct json *v, struct gate_key *key, struct arena *arena,
		      struct err *err)
{
	struct str_list names = {0};
	int64_t role;

	if (json_as_strings(v, arena, &names, err) < 0)
		return -1;
	for (size_t i = 0; i < names.n; i++) {
		if (!table_value_n(gate_role_names, GATE_ROLES, names.items[i], &role))
			return json_error(v, err, "unknown role '%s'", names.items[i]);
		key->roles |= (unsigned)role;
	}
	return 0;
}

static int take_time(const struct json *v, int64_t *ret, struct err *err)
{
	const char *text;

	if (json_as_string(v, &text, err) < 0)
		return -1;
	return rfc3339_parse(text, ret)
		       ? 0
		       : json_error(v, err, "'%s' is no time like 2027-01-31T00:00:00Z", text);
}

static int take_algorithm(const struct json *v, struct gate_key *key, struct err *err)
{
	const char *text;

	if (json_as_string(v, &text, err) < 0)
		return -1;
	if (strcmp(text, "ecdsa-p256") == 0)
		key->key.algorithm = KEY_P256;
	else if (strcmp(text, "ed25519") == 0)
		key->key.algorithm = KEY_ED25519;
	else
		return json_error(v, err, "'%s' is neither ecdsa-p256 nor ed25519", text);
	return 0;
}

static int take_raw(const struct json *v, struct gate_key *key, struct arena *arena,
		    struct err *err)
{
	const char *text;
	const uint8_t *raw;
	size_t len;

	if (json_as_string(v, &text, err) < 0)
		return -1;
	if (base64_decode(arena, text, strlen(text), &raw, &len) < 0 || len > sizeof(key->key.raw))
		return json_error(v, err, "is no key in base64");
	memcpy(key->key.raw, raw, len);
	key->key.raw_len = len;
	return 0;
}

static int take_member(const struct json *v, struct gate_key *key, const char **ret_id,
		       struct arena *arena, struct err *err)
{
	if (strcmp(v->key, "keyid") == 0)
		return json_as_string(v, ret_id, err);
	if (strcmp(v->key, "alg") == 0)
		return take_algorithm(v, key, err);
	if (strcmp(v->key, "raw") == 0)
		return take_raw(v, key, arena, err);
	if (strcmp(v->key, "roles") == 0)
		return take_roles(v, key, arena, err);
	if (strcmp(v->key, "scopes") == 0)
		return json_as_strings(v, arena, &key->scopes, err);
	if (strcmp(v->key, "not_before") == 0)
		return take_time(v, &key->not_before, err);
	if (strcmp(v->key, "not_after") == 0)
		return take_time(v, &key->not_after, err);
	if (strcmp(v->key, "comment") == 0)
		return json_as_string(v, &key->comment, err);
	return json_error(v, err, "unknown key");
}

int gate_key_parse(struct arena *arena, const char *text, size_t len, struct gate_key *ret,
		   struct err *err)
{
	const struct json *root;
	struct gate_key key = {.comment = ""};
	const char *id = NULL;

	if (json_parse(arena, text, len, &root, err) < 0 || json_expect(root, JSON_OBJECT, err) < 0)
		return -1;
	json_each(v, root)
		if (take_member(v, &key, &id, arena, err) < 0)
			return -1;
	if (crypto_key_id(&key.key) < 0)
		return err_set(err, ERR_SPEC, "alg and raw are no key");
	if (!id || strcmp(id, key.key.keyid) != 0)
		return err_set(err, ERR_SPEC, "keyid isn't the key's, which is %s", key.key.keyid);
	if (!key.roles)
		return err_set(err, ERR_SPEC, "the key has no roles");
	*ret = key;
	return 0;
}

/* revoked_dirfd: STORE_ABSENT: none is. */
static int read_key(int dirfd, int revoked_dirfd, const char *name, struct arena *arena,
		    gate_key_list *ret, struct err *err)
{
	struct gate_key *key = ARENA_PUSH(arena, ret);
	const char *text;
	size_t len;

	if (!key)
		return err_oom(err);
	if (strlen(name) != 69 || strcmp(name + 64, ".json") != 0)
		return err_set(err, ERR_VERIFY, "is no key's file (<keyid>.json)");
	if (gate_store_read(dirfd, name, KEY_FILE_MAX, arena, &text, &len, err) != 1)
		return err->kind ? -1 : err_set(err, ERR_VERIFY, "vanished while it was read");
	if (gate_key_parse(arena, text, len, key, err) < 0)
		return -1;
	if (strncmp(name, key->key.keyid, 64) != 0)
		return err_set(err, ERR_VERIFY, "holds another key, %s", key->key.keyid);
	if (revoked_dirfd == STORE_ABSENT)
		return 0;
	autofd int revoked = store_files_open(revoked_dirfd, key->key.keyid, O_PATH, err);

	key->revoked = revoked >= 0;
	return revoked < 0 && revoked != STORE_ABSENT ? -1 : 0;
}

int gate_store_keys(const struct gate_store *store, struct arena *arena, gate_key_list *ret,
		    struct err *err)
{
	struct str_list names = {0};
	autofd int revoked_dirfd = -1;
	autofd int dirfd = -1;

	if (store_files_names(store->etc_dirfd, "keys", arena, &names, err) < 0)
		return -1;
	if (names.n > KEYS_MAX)
		return err_set(err, ERR_SPEC, "%zu keys; at most %u are taken", names.n, KEYS_MAX);
	if (!names.n)
		return 0;
	dirfd = store_files_dir(store->etc_dirfd, "keys", err);
	revoked_dirfd = store_files_dir(store->dirfd, "revoked/keys", err);
	if (dirfd < 0 || revoked_dirfd == -1)
		return err->kind ? -1
				 : err_set(err, ERR_VERIFY, "keys: vanished while it was read");
	for (size_t i = 0; i < names.n; i++)
		if (read_key(dirfd, revoked_dirfd, names.items[i], arena, ret, err) < 0)
			return err_context(err, "keys/%.80s", names.items[i]);
	return 0;
}
