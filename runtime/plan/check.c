/* Owns what must hold of any plan, whoever made it: consistency that act/ relies
 * on and never checks again.  The promises of level hardened are in
 * check_hardened.c.  Pure, and deliberately ignorant of policy/: the rules make
 * plans, this says what a plan is.
 */
#include "config.h"

#include "plan/check.h"

#include "base/path.h"
#include "plan/facts.h"
#include "plan/names.h"

#include <linux/securebits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/banned.h"

int check_broken(struct err *err, const char *fmt, ...)
{
	char text[400];
	va_list ap;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap); /* cutting a long path is fine */
	va_end(ap);
	return err_set(err, ERR_POLICY, "the plan contradicts itself: %s", text);
}

bool check_is_clean_path(const char *path)
{
	if (!path || path[0] != '/')
		return false;
	if (path[1] == '\0')
		return true;
	for (const char *s = path; *s;) {
		s++; /* the slash */
		size_t len = strcspn(s, "/");
		if (len == 0 || (len == 1 && s[0] == '.') ||
		    (len == 2 && s[0] == '.' && s[1] == '.'))
			return false;
		s += len;
	}
	return true;
}

/* --- process --- */

static bool is_subset(uint64_t set, uint64_t of)
{
	return (set & ~of) == 0;
}

static int check_caps(const struct plan *plan, struct err *err)
{
	const struct plan_caps *caps = &plan->process.caps;
	if (!is_subset(caps->effective, caps->permitted))
		return check_broken(err, "effective capabilities exceed the permitted ones");
	if (!is_subset(caps->ambient, caps->permitted & caps->inheritable))
		return check_broken(
			err, "ambient capabilities exceed the permitted and inheritable ones");
	if (plan->process.securebits > 0xfff)
		return check_broken(err, "unknown securebits 0x%x", plan->process.securebits);
	return 0;
}

static int check_ids(const struct plan_process *process, struct err *err)
{
	/* (uid_t)-1 means "leave as it is" to setresuid(2): it would stay root (W-02) */
	if (process->uid == UINT32_MAX || process->gid == UINT32_MAX)
		return check_broken(err, "4294967295 is no user or group id");
	for (size_t i = 0; i < process->groups.n; i++)
		if (process->groups.items[i] == UINT32_MAX)
			return check_broken(err, "4294967295 is no group id");
	if (!process->set_groups && process->groups.n)
		return check_broken(err, "supplementary groups are listed but not set");
	if (process->umask > 0777)
		return check_broken(err, "umask 0%o", process->umask);
	return 0;
}

static int check_program(const struct plan_process *process, struct err *err)
{
	if (process->args.n == 0 || !process->args.items[0] || !*process->args.items[0])
		return check_broken(err, "no program to execute");
	for (size_t i = 0; i < process->env.n; i++) {
		const char *entry = process->env.items[i];
		if (!strchr(entry, '=') || entry[0] == '=')
			return check_broken(err, "'%s' is no environment variable", entry);
		if (process->home == HOME_FROM_PASSWD && !strncmp(entry, "HOME=", 5))
			return check_broken(err, "HOME is set and to be looked up");
	}
	if (!check_is_clean_path(process->cwd))
		return check_broken(err, "working directory '%s' is not clean",
				    process->cwd ? process->cwd : "");
	return 0;
}

static int check_limits(const struct plan_process *process, struct err *err)
{
	uint64_t seen = 0;
	for (size_t i = 0; i < process->rlimits.n; i++) {
		const struct plan_rlimit *limit = &process->rlimits.items[i];
		if (!plan_rlimit_name(limit->resource))
			return check_broken(err, "resource limit %d is unknown", limit->resource);
		if (seen & (UINT64_C(1) << limit->resource))
			return check_broken(err, "resource limit %s appears twice",
					    plan_rlimit_name(limit->resource));
		seen |= UINT64_C(1) << limit->resource;
		if (limit->soft > limit->hard)
			return check_broken(err, "resource limit %s: soft exceeds hard",
					    plan_rlimit_name(limit->resource));
	}
	if (process->oom_score_adj_set &&
	    (process->oom_score_adj < -1000 || process->oom_score_adj > 1000))
		return check_broken(err, "oom score %d", process->oom_score_adj);
	if (process->sched.set && (process->sched.nice < -20 || process->sched.nice > 19))
		return check_broken(err, "nice value %d", process->sched.nice);
	return 0;
}

/* A label is written to a file of procfs, where a line break would end it. */
static bool is_label(const char *label)
{
	return !label || (*label && !strpbrk(label, "\n\r"));
}

int check_process(const struct plan *plan, struct err *err)
{
	const struct plan_process *process = &plan->process;
	if (check_program(process, err) || check_ids(process, err) || check_caps(plan, err) ||
	    check_limits(process, err))
		return -1;
	if (!is_label(process->apparmor_profile) || !is_label(process->selinux_label))
		return check_broken(err, "a security label is empty or has several lines");
	if (plan->filter_point != (process->no_new_privs ? FILTER_BEFORE_EXEC : FILTER_BEFORE_DROP))
		return check_broken(err, "the filter's place doesn't match no_new_privs");
	return 0;
}

/* --- namespaces --- */

static int check_join_paths(const struct plan *plan, struct err *err)
{
	for (int i = 0; i < NS_COUNT; i++) {
		const struct plan_ns *ns = &plan->ns[i];
		const char *name = plan_ns_name((enum plan_ns_kind)i);
		if ((unsigned)ns->mode > NS_HOST)
			return check_broken(err, "%s namespace: unknown mode", name);
		if (ns->mode == NS_JOIN && (!ns->path || ns->path[0] != '/'))
			return check_broken(err, "%s namespace: nothing to join", name);
		if (ns->mode != NS_JOIN && ns->path)
			return check_broken(err, "%s namespace: a path, but it isn't joined", name);
	}
	/* Our own has no ancestor beneath itself. */
	if (plan->join_below_own &&
	    (plan->ns[NS_USER].mode != NS_JOIN || !plan->ns[NS_USER].refuse_host))
		return check_broken(
			err,
			"user namespace: another level of what isn't joined, or may be our own");
	return 0;
}

int check_namespaces(const struct plan *plan, struct err *err)
{
	if (check_join_paths(plan, err))
		return -1;
	if ((plan->hostname || plan->domainname) && plan->ns[NS_UTS].mode == NS_HOST)
		return check_broken(err, "the host's own name would be set");
	if ((plan->boottime.set || plan->monotonic.set) && plan->ns[NS_TIME].mode != NS_PRIVATE)
		return check_broken(err, "time offsets without a new time namespace");
	if (plan->loopback_up && plan->ns[NS_NET].mode != NS_PRIVATE)
		return check_broken(
			err, "the loopback device of another network namespace would be set up");
	if (plan->net_devices.n && plan->ns[NS_NET].mode == NS_HOST)
		return check_broken(err, "network devices to move, but no network namespace");
	for (size_t i = 0; i < plan->net_devices.n; i++) {
		const struct plan_net_device *device = &plan->net_devices.items[i];
		if (!device->host_name || !*device->host_name || !device->name || !*device->name)
			return check_broken(err, "a network device without a name");
	}
	return 0;
}

/* --- id maps --- */

#define MAX_MAP_LINES 340 /* user_namespaces(7) */

static bool ranges_meet(uint32_t a, uint32_t b, uint32_t a_count, uint32_t b_count)
{
	return (uint64_t)a < (uint64_t)b + b_count && (uint64_t)b < (uint64_t)a + a_count;
}

static int check_map(const plan_idmaps *maps, const char *what, struct err *err)
{
	if (maps->n > MAX_MAP_LINES)
		return check_broken(err, "%s map: more than %d lines", what, MAX_MAP_LINES);
	for (size_t i = 0; i < maps->n; i++) {
		const struct plan_idmap *a = &maps->items[i];
		if (a->count == 0 || (uint64_t)a->inside + a->count > UINT32_MAX ||
		    (uint64_t)a->outside + a->count > UINT32_MAX)
			return check_broken(err, "%s map: line %zu is empty or wraps around", what,
					    i);
		for (size_t j = 0; j < i; j++) {
			const struct plan_idmap *b = &maps->items[j];
			if (ranges_meet(a->inside, b->inside, a->count, b->count) ||
			    ranges_meet(a->outside, b->outside, a->count, b->count))
				return check_broken(err, "%s map: lines %zu and %zu overlap", what,
						    j, i);
		}
	}
	return 0;
}

static int check_mapped(const struct plan *plan, const plan_idmaps *uids, const plan_idmaps *gids,
			struct err *err)
{
	const struct plan_process *process = &plan->process;
	if (uids->n == 0 || gids->n == 0)
		return check_broken(err, "a new user namespace without id maps");
	if (!plan_has_inside_id(uids, process->uid))
		return check_broken(err, "user %u is not in the user namespace", process->uid);
	if (!plan_has_inside_id(gids, process->gid))
		return check_broken(err, "group %u is not in the user namespace", process->gid);
	for (size_t i = 0; i < process->groups.n; i++)
		if (!plan_has_inside_id(gids, process->groups.items[i]))
			return check_broken(err, "group %u is not in the user namespace",
					    process->groups.items[i]);
	return 0;
}

int check_maps(const struct plan *plan, struct err *err)
{
	const struct plan_userns_last *last = &plan->userns_last;
	if (check_map(&plan->uid_maps, "user", err) || check_map(&plan->gid_maps, "group", err) ||
	    check_map(&last->uid_maps, "last user", err) ||
	    check_map(&last->gid_maps, "last group", err))
		return -1;
	if (plan->ns[NS_USER].mode == NS_PRIVATE &&
	    check_mapped(plan, &plan->uid_maps, &plan->gid_maps, err))
		return -1;
	if (plan->ns[NS_USER].mode == NS_HOST && (plan->uid_maps.n || plan->gid_maps.n))
		return check_broken(err, "id maps without a user namespace");
	if (plan->deny_setgroups &&
	    (plan->ns[NS_USER].mode != NS_PRIVATE || plan->process.set_groups))
		return check_broken(err, "setgroups is denied in a place where it is needed");
	return last->enabled ? check_mapped(plan, &last->uid_maps, &last->gid_maps, err) : 0;
}

int check_sysctls(const struct plan *plan, struct err *err)
{
	for (size_t i = 0; i < plan->sysctls.n; i++) {
		const struct plan_sysctl *sysctl = &plan->sysctls.items[i];
		char path[512];
		int n = snprintf(path, sizeof(path), "/%s", sysctl->key ? sysctl->key : "");
		if (n < 2 || (size_t)n >= sizeof(path) || !check_is_clean_path(path))
			return check_broken(err, "sysctl '%s' is no clean name",
					    sysctl->key ? sysctl->key : "");
		if (!sysctl->value || strchr(sysctl->value, '\n'))
			return check_broken(err, "sysctl '%s' has no value of one line",
					    sysctl->key);
	}
	return 0;
}

/* --- the list --- */

/* Somebody in the last user namespace is, two maps further out, uid 0 of where we
 * run; or nobody knows, because that of a joined namespace isn't ours to see. */
static bool may_be_root_outside(const struct plan *plan)
{
	const plan_idmaps *last = &plan->userns_last.uid_maps;
	switch (plan->ns[NS_USER].mode) {
	case NS_HOST:
		return plan_has_outside_id(last, 0);
	case NS_PRIVATE:
		for (size_t i = 0; i < plan->uid_maps.n; i++)
			if (plan->uid_maps.items[i].outside == 0 &&
			    plan_has_outside_id(last, plan->uid_maps.items[i].inside))
				return true;
		return false;
	case NS_JOIN:
		break;
	}
	return true;
}

/* Our own program file can be left reachable only where nobody inside is uid 0
 * outside or can become it (CVE-2019-5736). */
int check_own_binary(const struct plan *plan, struct err *err)
{
	if (plan->own_binary == OWN_BINARY_SEALED_COPY ||
	    (plan->userns_last.enabled && !may_be_root_outside(plan)))
		return 0;
	return err_policy(err, "H-19",
			  "the runtime's own file would be within reach of a root inside");
}

int check_changes(const struct plan *plan, struct err *err)
{
	for (size_t i = 0; i < plan->changes.n; i++) {
		const struct plan_change *change = &plan->changes.items[i];
		if (!change->rule || strncmp(change->rule, "H-", 2) || !change->key ||
		    !*change->key)
			return check_broken(err, "a change without its rule or its key");
	}
	return 0;
}

static int run(check_fn *const *checks, size_t n, const struct plan *plan, struct err *err)
{
	for (size_t i = 0; i < n; i++)
		if (checks[i](plan, err))
			return -1;
	return 0;
}

static int check_identity(const struct plan *plan, struct err *err)
{
	if ((unsigned)plan->level > LEVEL_CARD_PAYMENTS || !plan->policy_name)
		return check_broken(err, "no policy made it");
	if (!plan->id || !path_is_container_id(plan->id))
		return check_broken(err, "no container id");
	if (!plan->bundle || plan->bundle[0] != '/')
		return check_broken(err, "no bundle");
	return 0;
}

int plan_check(const struct plan *plan, struct err *err)
{
	static check_fn *const any[] = {
		check_identity, check_process, check_namespaces, check_maps,   check_sysctls,
		check_root,	check_mounts,  check_devices,	 check_paths,  check_filters,
		check_landlock, check_cgroup,  check_hooks,	 check_own_binary, check_changes,
	};
	static check_fn *const hardened[] = {
		hardened_process, hardened_scheduling, hardened_namespaces, hardened_userns,
		hardened_sysctls, hardened_mounts,     hardened_paths,	    hardened_devices,
		hardened_filters, hardened_landlock,   hardened_cgroup,	    hardened_start,
	};
	if (run(any, ARRAY_LEN(any), plan, err))
		return -1;
	return plan->level != LEVEL_OCI ? run(hardened, ARRAY_LEN(hardened), plan, err) : 0;
}

int plan_check_recorded(const struct plan *plan, struct err *err)
{
	static check_fn *const any[] = {
		check_identity, check_process, check_namespaces, check_maps, check_filters,
		check_landlock, check_cgroup,  check_hooks,	 check_own_binary,
	};
	static check_fn *const hardened[] = {hardened_process, hardened_userns, hardened_filters};
	if (run(any, ARRAY_LEN(any), plan, err))
		return -1;
	return plan->level != LEVEL_OCI ? run(hardened, ARRAY_LEN(hardened), plan, err) : 0;
}

/* --- exec --- */

static bool same_filters(const struct plan *a, const struct plan *b)
{
	if (a->filters.n != b->filters.n)
		return false;
	for (size_t i = 0; i < a->filters.n; i++)
		if (a->filters.items[i].kind != b->filters.items[i].kind ||
		    a->filters.items[i].flags != b->filters.items[i].flags)
			return false;
	return true;
}

/* The resource that it may have more of than its container, or -1. */
static int higher_limit(const struct plan_process *process, const struct plan_process *most)
{
	for (size_t i = 0; i < most->rlimits.n; i++) {
		const struct plan_rlimit *highest = &most->rlimits.items[i];
		bool held = false;
		for (size_t k = 0; k < process->rlimits.n; k++) {
			const struct plan_rlimit *limit = &process->rlimits.items[k];
			held |= limit->resource == highest->resource &&
				limit->soft <= highest->soft && limit->hard <= highest->hard;
		}
		if (!held)
			return highest->resource;
	}
	return -1;
}

int plan_check_exec(const struct plan *plan, const struct plan *ceiling, struct err *err)
{
	const struct plan_process *process = &plan->process;
	const struct plan_caps *caps = &process->caps;
	int resource;
	if (plan->level != ceiling->level)
		return check_broken(err, "exec at another level than its container");
	if (check_process(plan, err) || check_filters(plan, err))
		return -1;
	if (!same_filters(plan, ceiling))
		return check_broken(err, "exec with other filters than its container's");
	if (plan->level == LEVEL_OCI)
		return 0;
	if (hardened_process(plan, err) || hardened_scheduling(plan, err) ||
	    hardened_filters(plan, err))
		return -1;
	if (!is_subset(caps->bounding | caps->permitted | caps->inheritable,
		       ceiling->process.caps.bounding))
		return err_policy(err, "H-04", "exec with more capabilities than its container");
	resource = higher_limit(process, &ceiling->process);
	if (resource >= 0)
		return err_policy(err, "H-16", "exec with a higher limit than its container: %s",
				  plan_rlimit_name(resource));
	if (plan->landlock.enabled != ceiling->landlock.enabled)
		return err_policy(err, "H-70", "exec without its container's Landlock domain");
	if (ceiling->userns_last.enabled != plan->userns_last.enabled)
		return err_policy(err, "H-12", "exec outside of its container's user namespace");
	return 0;
}
