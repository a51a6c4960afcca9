/* User, group, supplementary groups: set all three ids of each, then read back
 * (W-02: (uid_t)-1 would silently change nothing). */
#include "config.h"

#include "act/process.h"
#include "sys/sys.h"

#include <stdlib.h>
#include <sys/prctl.h>

#include "base/banned.h"

int ids_apply(const struct plan *plan, struct child *child, struct err *err)
{
	const struct plan_process *p = &plan->process;

	(void)child;
	if (p->set_groups && sys_setgroups(p->groups.n, p->groups.items) < 0)
		return err_sys(err, "set %zu supplementary groups", p->groups.n);
	if (sys_setresgid(p->gid, p->gid, p->gid) < 0)
		return err_sys(err, "set group %u", p->gid);
	/* Without this a change away from uid 0 empties the permitted set before
	 * caps_apply has given it its final value.  Locked off by securebits at
	 * hardened: nothing is to be kept there. */
	if (!p->securebits && sys_prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0)
		return err_sys(err, "keep capabilities over the change of user");
	if (sys_setresuid(p->uid, p->uid, p->uid) < 0)
		return err_sys(err, "set user %u", p->uid);
	return session_undumpable(err);
}

#define MAX_GROUPS_READ 1024

static int groups_verify(const struct plan_process *p, struct err *err)
{
	gid_t list[MAX_GROUPS_READ];
	int n = sys_getgroups(MAX_GROUPS_READ, list);

	if (n < 0)
		return err_sys(err, "read back the supplementary groups");
	if ((size_t)n != p->groups.n)
		return err_set(err, ERR_VERIFY, "H-90: %d supplementary groups, the plan has %zu",
			       n, p->groups.n);
	/* The kernel keeps them sorted. */
	for (size_t i = 0; i < p->groups.n; i++) {
		bool found = false;

		for (int k = 0; k < n && !found; k++)
			found = list[k] == p->groups.items[i];
		if (!found)
			return err_set(err, ERR_VERIFY, "H-90: supplementary group %u is missing",
				       p->groups.items[i]);
	}
	return 0;
}

int ids_verify(const struct plan *plan, struct err *err)
{
	const struct plan_process *p = &plan->process;
	uid_t r, e, s;
	gid_t rg, eg, sg;

	if (sys_getresuid(&r, &e, &s) < 0 || sys_getresgid(&rg, &eg, &sg) < 0)
		return err_sys(err, "read back user and group");
	if (r != p->uid || e != p->uid || s != p->uid)
		return err_set(err, ERR_VERIFY, "H-90: user is %u/%u/%u, the plan has %u", r, e, s,
			       p->uid);
	if (rg != p->gid || eg != p->gid || sg != p->gid)
		return err_set(err, ERR_VERIFY, "H-90: group is %u/%u/%u, the plan has %u", rg, eg,
			       sg, p->gid);
	return p->set_groups ? groups_verify(p, err) : 0;
}
