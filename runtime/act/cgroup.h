/* cgroup v2 through cgroupfs, by directory descriptor only.
 *
 * The systemd manager will be a program of its own (runtime/README.md, Static-pie).
 * Every descriptor is checked to be cgroup2 before use (W-31); paths resolve
 * beneath the cgroup root without links.
 */
#ifndef KANUKI_ACT_CGROUP_H
#define KANUKI_ACT_CGROUP_H

#include "base/str.h"
#include "plan/plan.h"

#include <signal.h>
#include <stdint.h>

/* What create made; release removes the directories it made unless committed. */
struct cgroup {
	int dirfd;		/* the container's cgroup, -1 when disabled */
	char path[1024];	/* absolute beneath the cgroup root, as /proc/PID/cgroup shows it */
	unsigned n_made;	/* how many trailing components were made by us */
	int root_dirfd;
	bool committed;
	bool marked; /* by us (cgroup_mark) */
	bool removed; /* its own directory, not those above (cgroup_remove_ended) */
};
#define CGROUP_INIT { .dirfd = -1, .root_dirfd = -1 }
void cgroup_release(struct cgroup *cg);

/* Where the plan's cgroup will be, absolute beneath the cgroup root; pure but for a
 * path relative to the caller's own cgroup.  For the record, before it is made. */
int cgroup_resolve_path(const struct plan_cgroup *limits, char ret[1024], struct err *err)
	__attribute__((warn_unused_result));
/* mkdir -p beneath the root, enable the controllers that plan->cgroup.writes need
 * in each parent's cgroup.subtree_control, write the limits (the device program is
 * cgroup_set_devices's).  The leaf must be new and empty: an existing one with processes is
 * refused, and a place beneath another container's.  It is marked as the container's
 * (cgroup_mark).  `cgroup_root`: host.cgroup_root. */
int cgroup_create(const struct plan *plan, const char *cgroup_root, int state_dirfd,
		  struct cgroup *cg, struct err *err) __attribute__((warn_unused_result));
/* Whose it is stands in the cgroup itself (an extended attribute that needs CAP_SYS_ADMIN
 * of the initial user namespace): a path alone may by now be another's, and the record of
 * a create that was killed names one that it perhaps never had.  `state_dirfd` is the
 * container's state directory; the same id in another root is another container. */
enum cgroup_owner {
	CGROUP_UNKNOWN = 0, /* no marks here (rootless): as recorded */
	CGROUP_OURS,
	CGROUP_ANOTHERS,
	CGROUP_NOBODYS, /* not made by us, or we had not come to marking it */
};
/* Before anything runs in it; one that another container's mark is on is refused. */
int cgroup_mark(struct cgroup *cg, const char *id, int state_dirfd, struct err *err)
	__attribute__((warn_unused_result));
/* `cg->dirfd` is one above the container's: a container's own is refused. Its freezer, its
 * cgroup.kill and its limits would be this one's, too. */
int cgroup_check_parent(const struct cgroup *cg, struct err *err)
	__attribute__((warn_unused_result));
int cgroup_whose(const struct cgroup *cg, const char *id, int state_dirfd, enum cgroup_owner *ret,
		 struct err *err) __attribute__((warn_unused_result));
/* Of one that stays. */
void cgroup_unmark(const struct cgroup *cg);
/* Opens an existing cgroup (exec, kill, update...). ERR_NOT_FOUND when gone. */
int cgroup_open(const char *cgroup_root, const char *path, struct cgroup *ret, struct err *err)
	__attribute__((warn_unused_result));
/* A sub-cgroup for exec --cgroup: beneath the container's own, no "..", made when missing. */
int cgroup_open_sub(const struct cgroup *cg, const char *sub, int *ret_dirfd, struct err *err)
	__attribute__((warn_unused_result));
/* Where init itself stands, at or beneath the container's own: for exec when that
 * one takes no processes, since init (systemd) hands controllers on. */
int cgroup_open_init(const struct cgroup *cg, pid_t pid, int pidfd, int *ret_dirfd, struct err *err)
	__attribute__((warn_unused_result));
/* update: the controllers that these limits need, in every cgroup above; create had
 * enabled those of its own only. */
int cgroup_enable(const struct cgroup *cg, const struct plan_cgroup *limits, struct err *err)
	__attribute__((warn_unused_result));
/* Writes in order; ABSENT_ERROR files that don't exist: ERR_HOST naming the controller. */
int cgroup_apply(const struct cgroup *cg, const struct plan_cgroup *limits, struct err *err)
	__attribute__((warn_unused_result));
static inline bool cgroup_has_device_rules(const struct plan *plan)
{
	return plan->cgroup.manager != CGROUP_DISABLED && plan->cgroup.device_filter;
}
/* Attaches the device program, or replaces it atomically (BPF_F_REPLACE): once there is
 * one, never a moment without (T-DEV-6). */
int cgroup_set_devices(const struct cgroup *cg, const struct plan_cgroup *limits, struct err *err)
	__attribute__((warn_unused_result));
/* Waits for cgroup.events, bounded 10 s. */
int cgroup_freeze(const struct cgroup *cg, bool frozen, struct err *err)
	__attribute__((warn_unused_result));
int cgroup_is_frozen(const struct cgroup *cg, bool *ret, struct err *err)
	__attribute__((warn_unused_result));
/* The same by path, in four system calls (list); a cgroup that is gone is not frozen. */
int cgroup_path_is_frozen(const char *cgroup_root, const char *path, bool *ret, struct err *err)
	__attribute__((warn_unused_result));
/* `sig` to every process of the subtree: SIGKILL by cgroup.kill (thaws first), others by pidfd. */
int cgroup_kill(const struct cgroup *cg, int sig, struct err *err)
	__attribute__((warn_unused_result));
/* Removes it if neither process nor child cgroup is left in it, and tells: whoever
 * knows that init has ended need not kill then.  A failure has no other meaning. */
bool cgroup_remove_ended(struct cgroup *cg);
/* Waits until the subtree is empty, bounded; then removes all of it, children
 * first, and the parents this runtime made while they are empty, but for
 * PLAN_CGROUP_PARENT.  Idempotent. */
int cgroup_remove(struct cgroup *cg, unsigned n_made, struct err *err)
	__attribute__((warn_unused_result));
/* All pids of the subtree, whatever its width and depth, with a handful of descriptors. */
int cgroup_pids(const struct cgroup *cg, struct arena *arena, int64_t **ret, size_t *ret_n,
		struct err *err) __attribute__((warn_unused_result));
/* runc's `events --stats` data as JSON members (cpu, memory, pids, blkio, hugetlb, PSI). */
struct json_out;
int cgroup_stats(const struct cgroup *cg, struct json_out *o, struct err *err)
	__attribute__((warn_unused_result));
/* An fd to poll (POLLPRI) for memory.events, and the oom_kill count in it. */
int cgroup_open_events(const struct cgroup *cg, struct err *err);
int cgroup_oom_kills(const struct cgroup *cg, uint64_t *ret, struct err *err)
	__attribute__((warn_unused_result));

#endif
