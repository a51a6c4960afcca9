/* What a container's mounts give it.  Pure. */
#include "config.h"

#include "check/judge.h"
#include "base/path.h"

#include <string.h>

#include "base/banned.h"

static bool type_is(const struct check_mount *m, const char *const *types, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(m->type, types[i]) == 0)
			return true;
	return false;
}

/* The kernel lets nothing be executed from these, and there are no devices in them that
 * weren't made by it (SB_I_NOEXEC, SB_I_NODEV). */
static bool is_kernel_fs(const struct check_mount *m)
{
	static const char *const types[] = {"proc",    "sysfs",  "cgroup",
					    "cgroup2", "devpts", "mqueue"};

	return type_is(m, types, ARRAY_LEN(types));
}

/* One node bound over a name in /dev, or /dev/null over what is masked. */
static bool is_node(const struct check_mount *m)
{
	static const char *const nodes[] = {"/dev/null",   "/dev/zero",    "/dev/full",
					    "/dev/random", "/dev/urandom", "/dev/tty"};

	if (strcmp(m->target, "/dev/console") == 0)
		return true;
	for (size_t i = 0; m->source && i < ARRAY_LEN(nodes); i++)
		if (strcmp(m->source, nodes[i]) == 0)
			return true;
	return false;
}

/* Covered by a later one: nothing reaches it any more. */
static bool is_hidden(const struct check_confinement *c, size_t at)
{
	for (size_t i = at + 1; i < c->mounts.n; i++)
		if (path_is_beneath(c->mounts.items[at].target, c->mounts.items[i].target))
			return true;
	return false;
}

/* The mount that shows at `path`; NULL when the root is not there. */
static const struct check_mount *covering(const struct check_confinement *c, const char *path)
{
	const struct check_mount *best = NULL;

	for (size_t i = 0; i < c->mounts.n; i++) {
		const struct check_mount *m = &c->mounts.items[i];
		if (path_is_beneath(path, m->target) &&
		    (!best || strlen(m->target) >= strlen(best->target)))
			best = m;
	}
	return best;
}

enum check_verdict judge_root_readonly(const struct check_facts *facts, struct str *evidence)
{
	const struct check_mount *root = covering(facts->confinement, "/");

	if (!facts->confinement->mounts_seen || !root)
		return verdict_unseen(evidence, "the root mount");
	str_addf(evidence, "/ is %s", root->readonly ? "read-only" : "writable");
	return verdict_unless(!root->readonly);
}

typedef bool mount_test(const struct check_mount *m);

/* Every mount that shows and that `is` something bad, by its target. */
static enum check_verdict judge_each(const struct check_facts *facts, mount_test *is,
				     const char *good, struct str *evidence)
{
	const struct check_confinement *c = facts->confinement;
	size_t n = 0;

	if (!c->mounts_seen)
		return verdict_unseen(evidence, "mounts");
	for (size_t i = 0; i < c->mounts.n; i++) {
		const struct check_mount *m = &c->mounts.items[i];
		if (is_hidden(c, i) || !is(m))
			continue;
		if (n++ >= EVIDENCE_SHOWN)
			continue;
		evidence_next(evidence, n - 1);
		evidence_quote(evidence, m->target);
		if (m->source && strcmp(m->target, "/") != 0 && strcmp(m->source, m->target) != 0) {
			str_add(evidence, " from ");
			evidence_quote(evidence, m->source);
		}
	}
	if (n > EVIDENCE_SHOWN)
		str_addf(evidence, " and %zu more", n - EVIDENCE_SHOWN);
	if (!n)
		str_add(evidence, good);
	return verdict_unless(n > 0);
}

static bool is_writable_exec(const struct check_mount *m)
{
	return !is_kernel_fs(m) && !is_node(m) && !m->readonly && !m->noexec;
}

enum check_verdict judge_write_xor_exec(const struct check_facts *facts, struct str *evidence)
{
	return judge_each(facts, is_writable_exec, "each mount is read-only or noexec", evidence);
}

static bool lacks_flags(const struct check_mount *m)
{
	/* /dev holds the devices: they are its purpose */
	bool nodev = m->nodev || strcmp(m->target, "/dev") == 0;

	return !is_kernel_fs(m) && !is_node(m) && !m->readonly && !(m->nosuid && nodev);
}

enum check_verdict judge_mount_flags(const struct check_facts *facts, struct str *evidence)
{
	return judge_each(facts, lacks_flags, "each writable mount is nosuid and nodev", evidence);
}

static bool is_sensitive(const struct check_mount *m)
{
	static const char *const opens_kernel[] = {"debugfs",  "tracefs",     "securityfs",
						   "bpf",      "configfs",    "pstore",
						   "efivarfs", "binfmt_misc", "fusectl"};

	if (type_is(m, opens_kernel, ARRAY_LEN(opens_kernel)))
		return true;
	/* engines keep roots beneath /var/lib; the host's own is none */
	if (strcmp(m->target, "/") == 0)
		return m->source && strcmp(m->source, "/") == 0;
	return m->source && !is_node(m) && check_sensitive_path(m->source);
}

enum check_verdict judge_host_mounts(const struct check_facts *facts, struct str *evidence)
{
	return judge_each(facts, is_sensitive, "none", evidence);
}

static bool is_engine_socket(const struct check_mount *m)
{
	return m->socket;
}

enum check_verdict judge_engine_socket(const struct check_facts *facts, struct str *evidence)
{
	return judge_each(facts, is_engine_socket, "none", evidence);
}

static bool is_shared(const struct check_mount *m)
{
	return m->shared;
}

enum check_verdict judge_propagation(const struct check_facts *facts, struct str *evidence)
{
	return judge_each(facts, is_shared, "no mount is shared with the host", evidence);
}

enum check_verdict judge_devices(const struct check_facts *facts, struct str *evidence)
{
	const struct check_confinement *c = facts->confinement;

	if (!c->devices_seen)
		return verdict_unseen(evidence, "/dev");
	if (c->devices.n)
		evidence_list(evidence, &c->devices, c->devices.n);
	else
		str_add(evidence, "the default devices only");
	return verdict_unless(c->devices.n > 0);
}

enum check_verdict judge_masked(const struct check_facts *facts, struct str *evidence)
{
	const struct check_confinement *c = facts->confinement;
	size_t open = 0, unseen = 0;

	for (size_t i = 0; i < c->masked.n; i++) {
		unseen += c->masked.items[i].state == MASK_UNSEEN;
		if (c->masked.items[i].state != MASK_OPEN)
			continue;
		evidence_next(evidence, open++);
		str_add(evidence, c->masked.items[i].path);
	}
	if (open) {
		str_add(evidence, open == 1 ? " shows" : " show");
		return VERDICT_VIOLATED;
	}
	if (!c->masked.n || unseen)
		return verdict_unseen(evidence, "the kernel's files");
	str_addf(evidence, "%zu paths looked at: masked or not there", c->masked.n);
	return VERDICT_HELD;
}

enum check_verdict judge_kernel_readonly(const struct check_facts *facts, struct str *evidence)
{
	size_t n = 0;

	if (!facts->confinement->mounts_seen)
		return verdict_unseen(evidence, "mounts");
	for (size_t i = 0; i < check_setting_paths_n; i++) {
		const char *path = check_setting_paths[i];
		const struct check_mount *m = covering(facts->confinement, path);

		/* neither procfs nor sysfs there: no settings there */
		if (str_list_has(&facts->confinement->absent, path) || !m || m->readonly ||
		    (strcmp(m->type, "proc") != 0 && strcmp(m->type, "sysfs") != 0))
			continue;
		evidence_next(evidence, n++);
		str_add(evidence, path);
	}
	str_add(evidence,
		n ? " writable" : "/proc/sys, /sys and the like are read-only or not there");
	return verdict_unless(n > 0);
}
