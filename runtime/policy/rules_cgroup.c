/* H-60, H-61: the cgroup. */
#include "config.h"

#include "policy/resolve.h"

#include "base/num.h"

#include <linux/mount.h>
#include <string.h>
#include <sys/resource.h>

#include "base/banned.h"

/* The kernel counts RLIMIT_NPROC for each user namespace since 5.14, so it holds
 * for this container alone, and without a pids controller too. */
static int limit_rlimit(struct resolve *r, const char *rule, int resource, const char *key,
			uint64_t most, struct err *err)
{
	bool asked;
	struct plan_rlimit *limit = process_rlimit(r, resource, &asked);
	if (!limit)
		return err_oom(err);
	if (limit->hard <= most)
		return 0;
	note(r, rule, asked ? CHANGE_FORCED : CHANGE_ADDED, key,
	     asked ? rlimit_text(r, limit) : NULL, NULL);
	limit->hard = most;
	if (limit->soft > most)
		limit->soft = most;
	return 0;
}

/* The bundle's value where it is lower: "max" and anything strange are not. */
static bool is_tight(const char *value, uint64_t most)
{
	uint64_t n;
	return num_parse_u64(value, most, &n);
}

int cgroup_limit(struct arena *arena, struct plan_cgroup *cgroup, const struct cgroup_most *most,
		 bool always, const char **ret_asked, bool *ret_changed, struct err *err)
{
	const char *asked = NULL;
	size_t kept = 0;
	/* The last write of a file is the one that counts, whether from its own property or
	 * unified. */
	for (size_t i = 0; i < cgroup->writes.n; i++) {
		if (strcmp(cgroup->writes.items[i].file, most->file))
			cgroup->writes.items[kept++] = cgroup->writes.items[i];
		else
			asked = cgroup->writes.items[i].value;
	}
	cgroup->writes.n = kept;
	bool tight = asked && is_tight(asked, most->most);
	*ret_asked = asked;
	*ret_changed = !tight && (asked || always);
	if (!asked && !always)
		return 0;
	struct plan_cgroup_write *write = ARENA_PUSH(arena, &cgroup->writes);
	const char *value =
		tight ? asked : arena_printf(arena, "%llu", (unsigned long long)most->most);
	if (!write || !value)
		return err_oom(err);
	*write = (struct plan_cgroup_write){most->controller, most->file, value,
					    asked ? ABSENT_ERROR : ABSENT_SKIP};
	return 0;
}

/* The policy's limit in a cgroup file; `what` is why it is left out where the host can't. */
static int limit_cgroup(struct resolve *r, const char *rule, const struct cgroup_most *most,
			bool possible, const char *what, struct err *err)
{
	struct plan_cgroup *cgroup = &r->plan->cgroup;
	const char *key = text(r, "cgroup.%s", most->file), *asked;
	bool disabled = cgroup->manager == CGROUP_DISABLED, changed;
	if (cgroup_limit(&r->plan->arena, cgroup, most, possible && !disabled, &asked, &changed,
			 err))
		return -1;
	if (changed)
		note(r, rule, asked ? CHANGE_FORCED : CHANGE_ADDED, key, asked, NULL);
	else if (!asked)
		note(r, rule, CHANGE_SKIPPED, key, NULL,
		     text(r, "%s%s",
			  disabled ? "the cgroup manager is disabled" : "this host has no ",
			  disabled ? what + strcspn(what, ";") : what));
	return 0;
}

static uint64_t granted_or(uint64_t granted, uint64_t most)
{
	return granted > most ? granted : most;
}

int rule_pids(struct resolve *r, struct err *err)
{
	const struct plan_granted *granted = &r->plan->granted;
	struct cgroup_most most = {"pids", "pids.max",
				   granted_or(granted->pids_max, r->conf->pids_max)};
	if (granted->pids_max > r->conf->pids_max)
		note(r, "H-60", CHANGE_EXCEPTED, "rlimit.NPROC", NULL, NULL);
	r->plan->pids_most = most.most;
	if (limit_rlimit(r, "H-60", RLIMIT_NPROC, "rlimit.NPROC", most.most, err))
		return -1;
	return limit_cgroup(r, "H-60", &most, r->host->ctl_pids,
			    "pids controller; rlimit.NPROC holds", err);
}

int rule_memory(struct resolve *r, struct err *err)
{
	const struct plan_granted *granted = &r->plan->granted;
	struct cgroup_most most = {"memory", "memory.max",
				   granted_or(granted->memory_max, r->conf->memory_max)};
	if (!r->conf->memory_max)
		return idle(r, "the policy sets no limit (limits.memory)");
	if (granted->memory_max > r->conf->memory_max)
		note(r, "H-62", CHANGE_EXCEPTED, "cgroup.memory.max", NULL, NULL);
	r->plan->memory_most = most.most;
	if (r->plan->cgroup.manager == CGROUP_DISABLED || !r->host->ctl_memory)
		return err_set(err, ERR_HOST,
			       "H-62: the policy limits memory (limits.memory), and %s; nothing "
			       "else could hold it",
			       r->plan->cgroup.manager == CGROUP_DISABLED
				       ? "the cgroup manager is disabled"
				       : "this host has no memory controller");
	if (limit_cgroup(r, "H-62", &most, true, "memory controller", err))
		return -1;
	/* The last write is this one; nothing else would hold it where it can't be done. */
	r->plan->cgroup.writes.items[r->plan->cgroup.writes.n - 1].absent = ABSENT_ERROR;
	return 0;
}

int rule_open_files(struct resolve *r, struct err *err)
{
	if (!r->conf->open_files_max)
		return idle(r, "the policy sets no limit (limits.openFiles)");
	return limit_rlimit(r, "H-63", RLIMIT_NOFILE, "rlimit.NOFILE", r->conf->open_files_max,
			    err);
}

/* Read-only wherever it is mounted; nobody in the container owns its cgroup then. */
int rule_cgroup_view(struct resolve *r, struct err *err)
{
	struct plan *plan = r->plan;
	bool mounted = false;
	(void)err;
	for (size_t i = 0; i < plan->mounts.n; i++) {
		struct plan_mount *mount = &plan->mounts.items[i];
		if (mount->kind != MOUNT_CGROUP_VIEW)
			continue;
		mounted = true;
		if (!is_readonly_mount(mount))
			note(r, "H-61", CHANGE_FORCED, text(r, "mount %s", mount->target), "rw",
			     NULL);
		mount->attr_set |= MOUNT_ATTR_RDONLY;
		mount->attr_clr &= ~(uint64_t)MOUNT_ATTR_RDONLY;
		mount->attr_clr_rec &= ~(uint64_t)MOUNT_ATTR_RDONLY;
	}
	plan->cgroup.delegate_uid = -1;
	plan->cgroup.delegate_gid = -1;
	return mounted ? 0 : idle(r, "the bundle doesn't mount cgroupfs");
}
