/* H-60, H-61: the cgroup. */
#include "config.h"

#include "policy/resolve.h"

#include "base/num.h"

#include <linux/mount.h>
#include <string.h>
#include <sys/resource.h>

#include "base/banned.h"

#define PIDS_MAX      UINT64_C(1024)
#define PIDS_MAX_TEXT "1024"

/* The kernel counts RLIMIT_NPROC for each user namespace since 5.14, so it holds
 * for this container alone, and without a pids controller too. */
static int limit_nproc(struct resolve *r, struct err *err)
{
	bool asked;
	struct plan_rlimit *nproc = process_rlimit(r, RLIMIT_NPROC, &asked);
	if (!nproc)
		return err_oom(err);
	if (nproc->hard <= PIDS_MAX)
		return 0;
	note(r, "H-60", asked ? CHANGE_FORCED : CHANGE_ADDED, "rlimit.NPROC",
	     asked ? rlimit_text(r, nproc) : NULL, NULL);
	nproc->hard = PIDS_MAX;
	if (nproc->soft > PIDS_MAX)
		nproc->soft = PIDS_MAX;
	return 0;
}

/* The bundle's value where it is lower: "max" and anything strange are not. */
static bool is_tight(const char *value)
{
	uint64_t n;
	return num_parse_u64(value, PIDS_MAX, &n);
}

int cgroup_limit_pids(struct arena *arena, struct plan_cgroup *cgroup, bool always,
		      const char **ret_asked, bool *ret_changed, struct err *err)
{
	const char *asked = NULL;
	size_t kept = 0;
	/* The last write of a file is the one that counts, whether from pids.limit or unified. */
	for (size_t i = 0; i < cgroup->writes.n; i++) {
		if (strcmp(cgroup->writes.items[i].file, "pids.max"))
			cgroup->writes.items[kept++] = cgroup->writes.items[i];
		else
			asked = cgroup->writes.items[i].value;
	}
	cgroup->writes.n = kept;
	bool tight = asked && is_tight(asked);
	*ret_asked = asked;
	*ret_changed = !tight && (asked || always);
	if (!asked && !always)
		return 0;
	struct plan_cgroup_write *write = ARENA_PUSH(arena, &cgroup->writes);
	if (!write)
		return err_oom(err);
	*write = (struct plan_cgroup_write){"pids", "pids.max", tight ? asked : PIDS_MAX_TEXT,
					    asked ? ABSENT_ERROR : ABSENT_SKIP};
	return 0;
}

int rule_pids(struct resolve *r, struct err *err)
{
	struct plan_cgroup *cgroup = &r->plan->cgroup;
	bool possible = cgroup->manager != CGROUP_DISABLED && r->host->ctl_pids, changed;
	const char *asked;
	if (limit_nproc(r, err) ||
	    cgroup_limit_pids(&r->plan->arena, cgroup, possible, &asked, &changed, err))
		return -1;
	if (changed)
		note(r, "H-60", asked ? CHANGE_FORCED : CHANGE_ADDED, "cgroup.pids.max", asked,
		     NULL);
	else if (!asked)
		note(r, "H-60", CHANGE_SKIPPED, "cgroup.pids.max", NULL,
		     cgroup->manager == CGROUP_DISABLED
			     ? "the cgroup manager is disabled; rlimit.NPROC holds"
			     : "this host has no pids controller; rlimit.NPROC holds");
	return 0;
}

/* Read-only wherever it is mounted; nobody in the container owns its cgroup then. */
int rule_cgroup_view(struct resolve *r, struct err *err)
{
	struct plan *plan = r->plan;
	(void)err;
	for (size_t i = 0; i < plan->mounts.n; i++) {
		struct plan_mount *mount = &plan->mounts.items[i];
		if (mount->kind != MOUNT_CGROUP_VIEW)
			continue;
		if (!(((mount->attr_set & ~mount->attr_clr_rec) | mount->attr_set_rec) &
		      MOUNT_ATTR_RDONLY))
			note(r, "H-61", CHANGE_FORCED, text(r, "mount %s", mount->target), "rw",
			     NULL);
		mount->attr_set |= MOUNT_ATTR_RDONLY;
		mount->attr_clr &= ~(uint64_t)MOUNT_ATTR_RDONLY;
		mount->attr_clr_rec &= ~(uint64_t)MOUNT_ATTR_RDONLY;
	}
	plan->cgroup.delegate_uid = -1;
	plan->cgroup.delegate_gid = -1;
	return 0;
}
