/* A policy as facts.  Pure. */
#include "config.h"

#include "check/facts.h"

#include "policy/conf.h"

#include <string.h>

#include "base/banned.h"

/* A whole top directory, or a writable place that may appear anywhere in any container. */
static bool is_broad(const struct policy_mount *m)
{
	return !strchr(m->source + 1, '/') || (m->writable && !m->target);
}

static int take_mounts(const policy_mounts *mounts, struct arena *arena, struct check_policy *p,
		       struct err *err)
{
	for (size_t i = 0; i < mounts->n; i++) {
		const char **slot;

		if (!is_broad(&mounts->items[i]))
			continue;
		slot = ARENA_PUSH(arena, &p->broad_mounts);
		if (!slot)
			return err_oom(err);
		*slot = mounts->items[i].source;
	}
	return 0;
}

static int take_exceptions(const struct policy_conf *conf, struct arena *arena,
			   struct check_policy *p, struct err *err)
{
	for (size_t i = 0; i < conf->exceptions.n; i++) {
		const struct policy_exception *from = &conf->exceptions.items[i];
		struct check_exception *to = ARENA_PUSH(arena, &p->exceptions);

		if (!to)
			return err_oom(err);
		/* enough of the digest to find it */
		to->text = arena_printf(arena, "%.19s (%s, until %s)", from->image, from->owner,
					from->expires_text);
		if (!to->text)
			return err_oom(err);
		to->expires = from->expires;
		to->root = from->root_user;
		if (take_mounts(&from->mounts, arena, p, err) < 0)
			return -1;
	}
	return 0;
}

int check_policy_facts(const struct policy_conf *conf, int64_t now, struct arena *arena,
		       struct check_policy *ret, struct err *err)
{
	bool oci = conf->level == LEVEL_OCI;
	struct check_policy p = {
		.name = conf->name,
		.level = conf->level,
		.enforced = conf->mode == MODE_ENFORCE,
		.root_demoted = !oci && conf->root != ROOT_REMAP,
		.seccomp_strict = !oci && conf->seccomp == SECCOMP_PROFILE_STRICT,
		.super_daemons_refused = conf->refuse_super_daemons,
		.commands_limited = conf->commands_allow.n > 0 || conf->commands_deny.n > 0,
		.ports_limited = conf->bind_limited && conf->connect_limited,
		.sysctls_limited = conf->sysctls_limited,
		.pids_max = oci ? 0 : conf->pids_max,
		.memory_max = conf->memory_max,
		.open_files_max = conf->open_files_max,
		.trail = conf->trail != NULL,
		.trail_required = conf->trail_required,
		.now = now,
	};

	if (take_mounts(&conf->mounts, arena, &p, err) < 0 ||
	    take_exceptions(conf, arena, &p, err) < 0)
		return -1;
	*ret = p;
	return 0;
}
