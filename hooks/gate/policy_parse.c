/* A policy file's text -> struct gate_policy: the keys (base/key_table.h), what must hold
 * between them, and the scopes, which are read last and compared with all the rest.
 */
#include "config.h"

#include "gate/policy_keys.h"

#include "base/sha256.h"

#include <stdio.h>
#include <string.h>

#include "base/banned.h"

/* --- between keys --- */

static int check_engines(const struct gate_policy *policy, struct err *err)
{
	for (size_t i = 0; i < policy->engines.n; i++) {
		const struct engine_place *engine = &policy->engines.items[i];
		bool asks = engine->kind == ENGINE_CONTAINERD;

		for (size_t k = 0; k < i; k++)
			if (!strcmp(policy->engines.items[k].name, engine->name))
				return err_set(err, ERR_SPEC, "engines[%zu].name: is there twice",
					       i);
		if (asks && (!engine->client || !engine->address))
			return err_set(err, ERR_SPEC,
				       "engines[%zu]: containerd is asked through 'client' (ctr) "
				       "at 'address'",
				       i);
		if (!asks && (engine->client || engine->address))
			return err_set(
				err, ERR_SPEC,
				"engines[%zu]: 'client' and 'address' are for kind containerd", i);
	}
	return 0;
}

static int check_exceptions(struct gate_policy *policy, struct err *err)
{
	for (size_t i = 0; i < policy->exceptions.n; i++) {
		struct permission *exception = &policy->exceptions.items[i];

		for (size_t k = 0; k < i; k++)
			if (!strcmp(policy->exceptions.items[k].id, exception->id))
				return err_set(err, ERR_SPEC, "exceptions[%zu].id: is there twice",
					       i);
		if (exception->created >= exception->expires)
			return err_set(err, ERR_SPEC,
				       "exceptions[%zu].expires: is not after 'created'", i);
		exception->kind = PERMISSION_WAIVER;
	}
	return 0;
}

static int check_roles(const struct gate_policy *policy, struct err *err)
{
	for (size_t i = 0; i < policy->roles.n; i++) {
		const struct deploy_role *role = &policy->roles.items[i];

		if (!role->uids.n && !role->gids.n && !role->login_uids.n && !role->namespaces.n)
			return err_set(err, ERR_SPEC,
				       "deploy.roles[%zu]: names nobody: say uids, gids, "
				       "login_uids or namespaces",
				       i);
	}
	return 0;
}

static int check_allow(const struct gate_policy *policy, const char *where, struct err *err)
{
	if ((policy->allow == ALLOW_DIGEST || policy->allow == ALLOW_BOTH) &&
	    !policy->allow_digests.n)
		return err_set(err, ERR_SPEC,
			       "%sallow.digests: is empty, so that allow.mode lets in nothing",
			       where);
	if ((policy->allow == ALLOW_REPOSITORY || policy->allow == ALLOW_BOTH) &&
	    !policy->allow_repositories.n)
		return err_set(err, ERR_SPEC,
			       "%sallow.repositories: is empty, so that allow.mode lets in nothing",
			       where);
	return 0;
}

/* --- scopes --- */

/* What the site has, without the key's name and in one line. */
static void add_value(struct str *out, const struct key_row *key, const struct gate_policy *policy)
{
	autostr lines = STR_INIT;

	key->type->print(key, "", policy, &lines);
	for (const char *line = str_text(&lines); *line;) {
		size_t len = strcspn(line, "\n");

		str_add(out, out->len ? ", " : "");
		str_add_bytes(out, line, len);
		line += len + (line[len] != '\0');
	}
	out->failed |= str_failed(&lines);
}

static int check_tighter(const struct gate_policy *policy, const struct gate_policy *site,
			 size_t nth, struct err *err)
{
	for (size_t i = 0; i < policy_keys.n; i++) {
		const struct key_row *key = &policy_keys.rows[i];
		autostr value = STR_INIT;

		if (!(key->flags & KEY_IN_SCOPE) || !key->type->is_looser(key, policy, site))
			continue;
		add_value(&value, key, site);
		if (str_failed(&value))
			return err_oom(err);
		return err_set(err, ERR_SPEC,
			       "scopes[%zu].tighten.%s: is looser than the site has it (%s): a "
			       "scope can only tighten",
			       nth, key->path, str_text(&value));
	}
	return 0;
}

/* One scope; "tighten" is the file's own table once more, but for what KEY_IN_SCOPE leaves. */
static int read_scope(struct key_reader *r, const struct json *v, const struct gate_policy *site,
		      struct tightening *scope, size_t nth)
{
	struct policy_reading reading = {.site = site};
	struct key_reader inner = {.arena = r->arena,
				   .err = r->err,
				   .owner = &reading,
				   .only = KEY_IN_SCOPE,
				   .where = "(in a scope) "};
	const struct json *tighten = json_get(v, "tighten");
	struct gate_policy *policy = arena_alloc(r->arena, sizeof(*policy));
	char where[64];

	if (!policy)
		return err_oom(r->err);
	if (json_expect(v, JSON_OBJECT, r->err))
		return -1;
	if (!tighten)
		return json_error(v, r->err, "key 'tighten' is missing");
	json_each(child, v) {
		const struct key_row *key = policy_scope_keys.rows,
				     *end = key + policy_scope_keys.n;

		if (child == tighten)
			continue;
		while (key < end && strcmp(key->path, child->key) != 0)
			key++;
		if (key == end)
			return json_error(child, r->err,
					  "unknown key; here are known: namespace, repository, "
					  "engine, tighten");
		if (json_expect(child, key->type->json, r->err) ||
		    key->type->take(r, child, key, scope))
			return -1;
	}
	if (v->n < 2)
		return json_error(v, r->err,
				  "is for everything: say namespace, repository or engine, or put "
				  "it into the file itself");
	*policy = *site;
	memset(&policy->scopes, 0, sizeof(policy->scopes));
	(void)snprintf(where, sizeof(where), "scopes[%zu].tighten.", nth);
	if (key_table_read(&inner, tighten, &policy_keys, policy, NULL) ||
	    check_tighter(policy, site, nth, r->err) || check_allow(policy, where, r->err))
		return -1;
	scope->policy = policy;
	return 0;
}

static int read_scopes(struct key_reader *r, const struct json *v, struct gate_policy *policy)
{
	size_t n = 0;

	policy->scopes.items = arena_array(r->arena, v->n, sizeof(*policy->scopes.items));
	if (!policy->scopes.items)
		return err_oom(r->err);
	json_each(child, v) {
		if (read_scope(r, child, policy, &policy->scopes.items[n], n))
			return -1;
		n++;
	}
	policy->scopes.n = policy->scopes.cap = n;
	return 0;
}

/* --- the file --- */

static int parse(struct key_reader *r, const char *text, size_t len, struct gate_policy *policy)
{
	struct policy_reading reading = {0};
	const struct json *root;

	r->owner = &reading;
	if (len > GATE_POLICY_MAX_BYTES)
		return err_set(r->err, ERR_SPEC, "has %zu bytes; %u are the most", len,
			       GATE_POLICY_MAX_BYTES);
	if (json_parse(r->arena, text, len, &root, r->err) ||
	    key_table_read(r, root, &policy_keys, policy, NULL) || check_engines(policy, r->err) ||
	    check_exceptions(policy, r->err) || check_roles(policy, r->err) ||
	    check_allow(policy, "", r->err))
		return -1;
	sha256_hex(text, len, policy->hash);
	return reading.scopes ? read_scopes(r, reading.scopes, policy) : 0;
}

int gate_policy_parse(struct arena *arena, const char *text, size_t len, struct gate_policy *ret,
		      struct err *err)
{
	struct key_reader r = {.arena = arena, .err = err};
	struct gate_policy policy;

	gate_policy_defaults(&policy);
	if (parse(&r, text, len, &policy)) {
		if (err->kind == ERR_SPEC) /* base/json's word for any text */
			err->kind = ERR_POLICY;
		return -1;
	}
	*ret = policy;
	return 0;
}
