/* Any bytes as a policy file: a clear error that names the file, or a policy that is no looser than its level but where
 * it may be, prints as clean lines, is as strict as itself, and whose exceptions end when they say. */
#include "config.h"

#include "policy/conf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fail(const char *what, const char *more)
{
	fprintf(stderr, "%s: %s\n", what, more);
	abort();
}

static void check_text(const struct policy_conf *conf)
{
	autostr text = STR_INIT;
	size_t lines = 0;

	policy_conf_print(conf, &text);
	if (str_failed(&text))
		fail("not printed", conf->name);
	for (const char *line = str_text(&text); *line; lines++) {
		size_t len = strcspn(line, "\n");
		if (line[len] != '\n' || !memmem(line, len, ": ", 2))
			fail("not a line", line);
		for (size_t i = 0; i < len; i++)
			if ((unsigned char)line[i] < ' ' || line[i] == 0x7f)
				fail("a control character", line);
		line += len + 1;
	}
	if (lines < 24)
		fail("lines are missing", str_text(&text));
}

static void check_level(const struct policy_conf *conf)
{
	static const char *const names[] = {"builtin:hardened", "builtin:oci", "builtin:personal-data", "builtin:card-payments"};
	static const char *const free_keys[] = {"mode", "mounts.allow", "sysctls.allow", "exceptions"};
	struct policy_conf level = POLICY_CONF_INIT, own = *conf, bare;
	struct err err = ERR_INIT;
	const char *key = "";

	if (policy_conf_builtin(names[conf->level], &level, &err))
		fail("no such level", err.msg);
	/* neither is the stricter, so that a file may say either */
	if (own.root == ROOT_REMAP && level.root == ROOT_DEMOTE)
		own.root = ROOT_DEMOTE;
	/* without what may be looser */
	bare = own;
	bare.mode = level.mode;
	bare.mounts = level.mounts;
	bare.mounts_limited = level.mounts_limited;
	bare.sysctls = level.sysctls;
	bare.sysctls_limited = level.sysctls_limited;
	bare.exceptions.n = 0;
	if (!policy_conf_is_stricter(&bare, &level, &key))
		fail("looser than its level", key);
	if (!policy_conf_is_stricter(&bare, &own, &key) && (strcmp(key, "mounts.allow") != 0 && strcmp(key, "sysctls.allow") != 0))
		fail("looser without its exceptions", key);
	if (policy_conf_is_stricter(&own, &level, &key))
		return;
	for (size_t i = 0; i < ARRAY_LEN(free_keys); i++)
		if (!strcmp(key, free_keys[i]))
			return;
	fail("looser than its level", key);
}

static void check_grant(const struct policy_conf *conf, const struct policy_exception *e)
{
	const struct policy_exception *grant, *expired;
	struct arena arena = ARENA_INIT;
	struct err err = ERR_INIT;

	if (policy_conf_grant(conf, e->image, e->expires, &arena, &grant, &expired, &err)) {
		if (!conf->exceptions_days_max)
			fail("refused", err.msg);
	} else if (!expired || (grant && grant->expires <= e->expires)) {
		fail("applies after its end", e->expires_text);
	}
	err_clear(&err);
	if (e->expires > 0 && !policy_conf_grant(conf, e->image, e->expires - 1, &arena, &grant, &expired, &err) &&
	    (!grant || (e->capabilities & ~grant->capabilities) || e->pids_max > grant->pids_max ||
	     (e->root_user && !grant->root_user) || e->exec_on.n > grant->exec_on.n))
		fail("doesn't apply before its end", e->expires_text);
	arena_release(&arena);
}

/* What is noted of a policy is the same policy without its exceptions. */
static void check_reduced(struct policy_conf *conf)
{
	autoconf reduced = POLICY_CONF_INIT;
	autostr note = STR_INIT, want = STR_INIT, got = STR_INIT;
	struct err err = ERR_INIT;
	size_t n = conf->exceptions.n;

	if (policy_conf_reduce(conf->json, &note, &err) ||
	    policy_conf_parse(str_text(&note), note.len, "/p", &reduced, &err))
		fail("not accepted without its exceptions", err.msg);
	conf->exceptions.n = 0;
	policy_conf_print(conf, &want);
	policy_conf_print(&reduced, &got);
	conf->exceptions.n = n;
	if (reduced.exceptions.n || strcmp(str_text(&want), str_text(&got)) != 0)
		fail("not the same without its exceptions", str_text(&note));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autoconf conf = POLICY_CONF_INIT, again = POLICY_CONF_INIT;
	struct err err = ERR_INIT;
	const char *key = "";

	if (policy_conf_parse((const char *)data, size, "/p", &conf, &err)) {
		if ((err.kind != ERR_POLICY && err.kind != ERR_SYSTEM) || strncmp(err.msg, "policy '/p': ", 13) != 0)
			fail("refused without saying why", err.msg);
		if (conf.name || conf.arena.head)
			fail("something is left of what was refused", err.msg);
		return 0;
	}
	if (policy_conf_parse((const char *)data, size, "/p", &again, &err) || strcmp(conf.hash, again.hash) != 0 ||
	    !policy_conf_is_stricter(&conf, &again, &key) || !policy_conf_is_stricter(&again, &conf, &key))
		fail("not the same again", key);
	check_text(&conf);
	check_level(&conf);
	check_reduced(&conf);
	for (size_t i = 0; i < conf.exceptions.n && i < 8; i++)
		check_grant(&conf, &conf.exceptions.items[i]);
	return 0;
}
