/* A policy file's text -> struct policy_conf: the keys (base/key_table.h), and what must
 * hold between them.
 *
 * The file's level is read first, for the other keys change a copy of it; at the end each
 * is compared with what the level had.
 */
#include "config.h"

#include "policy/conf_keys.h"

#include "base/sha256.h"

#include <string.h>

#include "base/banned.h"

/* --- between keys --- */

static bool is_given(uint64_t given, const char *path)
{
	for (size_t i = 0; i < conf_keys.n; i++)
		if (!strcmp(conf_keys.rows[i].path, path))
			return given & UINT64_C(1) << i;
	return false;
}

static int check_remap(const struct policy_conf *conf, uint64_t given, struct err *err)
{
	bool asked = is_given(given, "root.remap.first") || is_given(given, "root.remap.count");

	if (asked && conf->root != ROOT_REMAP)
		return err_set(err, ERR_POLICY, "root.remap: is for root.request 'remap' only");
	if (conf->root == ROOT_REMAP && conf->remap_count > UINT32_MAX - conf->remap_first)
		return err_set(err, ERR_POLICY,
			       "root.remap: first and count reach beyond id 4294967294");
	return 0;
}

static int check_trail(const struct policy_conf *conf, struct err *err)
{
	if (conf->trail)
		return 0;
	if (conf->trail_required)
		return err_set(err, ERR_POLICY, "audit.required: there is no audit.file to write");
	if (conf->trail_syslog)
		return err_set(err, ERR_POLICY,
			       "audit.syslog: there is no audit.file whose lines to send");
	/* Nothing would be held, and nobody would learn what should have been. */
	if (conf->mode == MODE_AUDIT && conf->level != LEVEL_OCI)
		return err_set(err, ERR_POLICY,
			       "mode: is audit, and there is no audit.file to write");
	return 0;
}

/* Where nothing is forced, a key that forces would be a promise that isn't kept. */
static int check_oci(const struct policy_conf *conf, uint64_t given, struct err *err)
{
	if (conf->level != LEVEL_OCI)
		return 0;
	for (size_t i = 0; i < conf_keys.n; i++)
		if (given & UINT64_C(1) << i && !(conf_keys.rows[i].flags & KEY_AT_OCI))
			return err_set(err, ERR_POLICY,
				       "%s: has no effect at level oci, which forces nothing; "
				       "choose another level",
				       conf_keys.rows[i].path);
	return 0;
}

/* What the level has, without the key's name and in one line. */
static void add_values(struct str *out, const struct key_row *key, const struct policy_conf *conf)
{
	autostr lines = STR_INIT;

	key->type->print(key, "", conf, &lines);
	const char *line = str_text(&lines);
	while (*line) {
		size_t len = strcspn(line, "\n"), name = strlen(key->path) + 2;

		if (len > name) {
			str_add(out, out->len ? ", " : "");
			str_add_bytes(out, line + name, len - name);
		}
		line += len + (line[len] != '\0');
	}
	out->failed |= str_failed(&lines);
}

static bool may_be_looser(const struct key_row *key, enum plan_level level)
{
	return (key->flags & KEY_FREE) ||
	       ((key->flags & KEY_FREE_AT_HARDENED) && level == LEVEL_HARDENED);
}

static int check_level(const struct policy_conf *conf, const struct policy_conf *level,
		       struct err *err)
{
	for (size_t i = 0; i < conf_keys.n; i++) {
		const struct key_row *key = &conf_keys.rows[i];
		autostr value = STR_INIT;

		if (may_be_looser(key, level->level) || !key->type->is_looser ||
		    !key->type->is_looser(key, conf, level))
			continue;
		add_values(&value, key, level);
		if (str_failed(&value))
			return err_oom(err);
		return err_set(err, ERR_POLICY, "%s: is looser than %s has it: %s", key->path,
			       level->name, str_text(&value));
	}
	return 0;
}

/* --- the file --- */

/* The level's word -> the built-in that the file changes; hardened if it names none. */
static int start_from_level(struct key_reader *r, const struct json *root,
			    struct policy_conf *level)
{
	const struct json *v = json_get(root, "level");
	struct policy_conf named = POLICY_CONF_INIT;

	for (size_t i = 0; v && i < conf_keys.n; i++)
		if (conf_keys.rows[i].type == &type_level &&
		    (json_expect(v, JSON_STRING, r->err) ||
		     conf_take_level(r, v, &conf_keys.rows[i], &named)))
			return -1;
	policy_conf_of_level(named.level, level);
	return 0;
}

static int parse(const char *text, size_t len, struct policy_conf *conf, struct err *err)
{
	struct arena arena = ARENA_INIT;
	struct key_reader r = {.arena = &arena, .err = err};
	struct policy_conf level, parsed;
	const struct json *root;
	uint64_t given;

	if (len > POLICY_MAX_BYTES)
		return err_set(err, ERR_POLICY, "has %zu bytes; %u are the most", len,
			       POLICY_MAX_BYTES);
	if (json_parse(&arena, text, len, &root, err) || json_expect(root, JSON_OBJECT, err) ||
	    start_from_level(&r, root, &level))
		goto fail;
	parsed = level;
	if (key_table_read(&r, root, &conf_keys, &parsed, &given) ||
	    check_remap(&parsed, given, err) || check_trail(&parsed, err) ||
	    check_oci(&parsed, given, err) || check_level(&parsed, &level, err))
		goto fail;
	parsed.arena = arena;
	parsed.json = root;
	*conf = parsed;
	return 0;
fail:
	arena_release(&arena);
	return -1;
}

int policy_conf_parse(const char *text, size_t len, const char *name, struct policy_conf *ret,
		      struct err *err)
{
	if (parse(text, len, ret, err)) {
		if (err->kind == ERR_SPEC) /* base/json's word for any text */
			err->kind = ERR_POLICY;
		return err_context(err, "policy '%s'", name);
	}
	ret->name = arena_strdup(&ret->arena, name);
	if (!ret->name) {
		policy_conf_release(ret);
		return err_oom(err);
	}
	sha256_hex(text, len, ret->hash);
	return 0;
}
