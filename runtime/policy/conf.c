/* Owns the four levels and the sandbox as data, and which exceptions apply to an image at a time.
 * Must not read a file or a clock.
 */
#include "config.h"

#include "policy/conf_keys.h"

#include "base/sha256.h"

#include <inttypes.h>
#include <string.h>

#include "base/banned.h"

#define TRAIL "/var/log/kanuki/audit.jsonl"

/* hardened for bundles of one's own: there is no image that somebody could have scanned. */
#define SANDBOX "builtin:sandbox"

/* What podman, Docker and containerd set for every container of theirs. */
static const char *const engine_sysctls[] = {"net/ipv4/ip_unprivileged_port_start",
					     "net/ipv4/ping_group_range"};

/* Each level and what it adds to the one before it; man/kanuki-policy.5 has the reasons. */
static const struct policy_conf levels[] = {
	{
		.level = LEVEL_OCI,
		.name = "builtin:oci",
		.root = ROOT_KEEP,
		.seccomp = SECCOMP_PROFILE_NONE,
		.gate = GATE_OFF,
	},
	{
		.level = LEVEL_HARDENED,
		.name = "builtin:hardened",
		.root = ROOT_DEMOTE,
		.seccomp = SECCOMP_PROFILE_DEFAULT,
		.pids_max = 1024,
		.refuse_super_daemons = true,
		.mounts_limited = true,
		.exceptions_days_max = 365,
		.scan_age_days_max = 30,
		.gate = GATE_REQUIRED,
	},
	{
		.level = LEVEL_PERSONAL_DATA,
		.name = "builtin:personal-data",
		.root = ROOT_REJECT,
		.seccomp = SECCOMP_PROFILE_DEFAULT,
		.landlock_abi_min = 1, /* there at all */
		.pids_max = 1024,
		.open_files_max = 1048576,
		.refuse_super_daemons = true,
		.mounts_limited = true,
		.encrypted_volumes = true,
		.exceptions_days_max = 180,
		.scan_age_days_max = 14,
		.trail = TRAIL,
		.gate = GATE_REQUIRED,
	},
	{
		.level = LEVEL_CARD_PAYMENTS,
		.name = "builtin:card-payments",
		.root = ROOT_REJECT,
		.seccomp = SECCOMP_PROFILE_STRICT,
		.landlock_abi_min = 3, /* the first that holds truncate(2) */
		.pids_max = 512,
		.memory_max = UINT64_C(4) << 30,
		.open_files_max = 65536,
		.refuse_super_daemons = true,
		.mounts_limited = true,
		.encrypted_volumes = true,
		.sysctls = {(const char **)engine_sysctls, ARRAY_LEN(engine_sysctls), 0},
		.sysctls_limited = true,
		.exceptions_days_max = 90,
		.scan_age_days_max = 7,
		.trail = TRAIL,
		.trail_required = true,
		.gate = GATE_REQUIRED,
	},
};

void policy_conf_release(struct policy_conf *conf)
{
	arena_release(&conf->arena);
	*conf = (struct policy_conf)POLICY_CONF_INIT;
}

static void fill(const struct policy_conf *level, struct policy_conf *ret)
{
	*ret = *level;
	ret->remap_first = 524288; /* where systemd and podman begin, too */
	ret->remap_count = 65536;
}

void policy_conf_of_level(enum plan_level level, struct policy_conf *ret)
{
	size_t i = 0;

	while (i + 1 < ARRAY_LEN(levels) && levels[i].level != level)
		i++;
	fill(&levels[i], ret); /* the last is the strictest */
}

static bool fill_named(const char *name, struct policy_conf *ret)
{
	if (!strcmp(name, SANDBOX)) {
		policy_conf_of_level(LEVEL_HARDENED, ret);
		ret->name = SANDBOX;
		ret->gate = GATE_OFF;
		return true;
	}
	for (size_t i = 0; i < ARRAY_LEN(levels); i++)
		if (!strcmp(name, levels[i].name)) {
			fill(&levels[i], ret);
			return true;
		}
	return false;
}

int policy_conf_builtin(const char *name, struct policy_conf *ret, struct err *err)
{
	autostr text = STR_INIT;

	if (!fill_named(name, ret))
		return err_set(err, ERR_USAGE,
			       "policy '%s' is unknown: there are builtin:oci, builtin:sandbox, "
			       "builtin:hardened, builtin:personal-data and builtin:card-payments",
			       name);
	policy_conf_print(ret, &text);
	if (str_failed(&text))
		return err_oom(err);
	sha256_hex(str_text(&text), text.len, ret->hash);
	return 0;
}

/* --- exceptions --- */

static int check_bound(const struct policy_conf *conf, const struct policy_exception *e,
		       int64_t now, struct err *err)
{
	int64_t most = (int64_t)conf->exceptions_days_max * 86400;

	if (!conf->exceptions_days_max || e->expires <= now || e->expires - now <= most)
		return 0;
	return err_set(err, ERR_POLICY,
		       "policy '%s': exceptions[%zu].expires: %s is more than %" PRIu32
		       " days ahead, the most that exceptionsMaxDays allows",
		       conf->name, (size_t)(e - conf->exceptions.items), e->expires_text,
		       conf->exceptions_days_max);
}

int policy_conf_check_dates(const struct policy_conf *conf, int64_t now, struct err *err)
{
	for (size_t i = 0; i < conf->exceptions.n; i++)
		if (check_bound(conf, &conf->exceptions.items[i], now, err))
			return -1;
	return 0;
}

static bool add_names(struct arena *arena, struct str_list *to, const struct str_list *from)
{
	for (size_t i = 0; i < from->n; i++) {
		const char **item = ARENA_PUSH(arena, to);
		if (!item)
			return false;
		*item = arena_strdup(arena, from->items[i]);
		if (!*item)
			return false;
	}
	return true;
}

static bool add_ports(struct arena *arena, policy_ports *to, const policy_ports *from)
{
	for (size_t i = 0; i < from->n; i++) {
		uint16_t *item = ARENA_PUSH(arena, to);
		if (!item)
			return false;
		*item = from->items[i];
	}
	return true;
}

static bool add_mounts(struct arena *arena, policy_mounts *to, const policy_mounts *from)
{
	for (size_t i = 0; i < from->n; i++) {
		const struct policy_mount *m = &from->items[i];
		struct policy_mount *item = ARENA_PUSH(arena, to);
		if (!item)
			return false;
		item->source = arena_strdup(arena, m->source);
		item->target = arena_strdup(arena, m->target);
		item->writable = m->writable;
		if (!item->source || (m->target && !item->target))
			return false;
	}
	return true;
}

/* "a" and "b" -> "a; b" */
static bool add_text(struct arena *arena, const char **to, const char *from)
{
	*to = *to ? arena_printf(arena, "%s; %s", *to, from) : arena_strdup(arena, from);
	return *to;
}

static bool add_grant(struct arena *arena, struct policy_exception *to,
		      const struct policy_exception *from)
{
	to->image = to->image ? to->image : arena_strdup(arena, from->image);
	if (!to->expires_text || from->expires < to->expires) {
		to->expires = from->expires;
		to->expires_text = arena_strdup(arena, from->expires_text);
	}
	to->root_user |= from->root_user;
	to->root_group |= from->root_group;
	to->capabilities |= from->capabilities;
	to->pids_max = from->pids_max > to->pids_max ? from->pids_max : to->pids_max;
	to->memory_max = from->memory_max > to->memory_max ? from->memory_max : to->memory_max;
	return to->image && to->expires_text && add_text(arena, &to->owner, from->owner) &&
	       add_text(arena, &to->reason, from->reason) &&
	       add_names(arena, &to->exec_on, &from->exec_on) &&
	       add_names(arena, &to->writable, &from->writable) &&
	       add_names(arena, &to->syscalls, &from->syscalls) &&
	       add_mounts(arena, &to->mounts, &from->mounts) &&
	       add_ports(arena, &to->bind, &from->bind) &&
	       add_ports(arena, &to->connect, &from->connect);
}

static struct policy_exception *add_to(struct arena *arena, struct policy_exception *to,
				       const struct policy_exception *from)
{
	if (!to)
		to = arena_alloc(arena, sizeof(*to));
	return to && add_grant(arena, to, from) ? to : NULL;
}

int policy_conf_grant(const struct policy_conf *conf, const char *image, int64_t now,
		      struct arena *arena, const struct policy_exception **ret,
		      const struct policy_exception **ret_expired, struct err *err)
{
	struct policy_exception *grant = NULL, *expired = NULL;

	for (size_t i = 0; image && i < conf->exceptions.n; i++) {
		const struct policy_exception *e = &conf->exceptions.items[i];

		if (strcmp(e->image, image) != 0)
			continue;
		if (check_bound(conf, e, now, err))
			return -1;
		if (e->expires > now) {
			grant = add_to(arena, grant, e);
			if (!grant)
				return err_oom(err);
		} else if (!expired) {
			expired = add_to(arena, NULL, e);
			if (!expired)
				return err_oom(err);
		}
	}
	*ret = grant;
	*ret_expired = expired;
	return 0;
}
