/* H-10..H-15: namespaces and sysctls.  That a sysctl belongs to a namespace of the container's own
 * holds at any level and is checked where sysctls are read (oci_ns.c). */
#include "config.h"

#include "policy/resolve.h"

#include <string.h>

#include "base/banned.h"

static const char *const spec_names[NS_COUNT] = {"user", "mount", "pid",    "network",
						 "ipc",  "uts",   "cgroup", "time"};

static const char *host_has(enum plan_ns_kind kind)
{
	static const char *const what[NS_COUNT] = {
		"users",     "mounts",  "processes", "network", "System V IPC and message queues",
		"host name", "cgroups", "clocks"};
	return what[kind];
}

/* A time namespace is not added: without offsets it shows the host's clocks all
 * the same, and it would make every clock_gettime(2) a little slower. */
int rule_namespaces(struct resolve *r, struct err *err)
{
	struct plan *plan = r->plan;
	static const enum plan_ns_kind needed[] = {NS_MNT, NS_PID, NS_NET, NS_IPC, NS_UTS};
	for (size_t i = 0; i < ARRAY_LEN(needed); i++)
		if (plan->ns[needed[i]].mode == NS_HOST) {
			err_policy(err, "H-10",
				   "linux.namespaces: the container would share the host's %s; "
				   "add {\"type\": \"%s\"}",
				   host_has(needed[i]), spec_names[needed[i]]);
			if (refused(r, err))
				return -1;
		}
	/* No engine asks for the host's on purpose: where cgroup v1 was default it was left out. */
	if (plan->ns[NS_CGROUP].mode == NS_HOST) {
		plan->ns[NS_CGROUP].mode = NS_PRIVATE;
		note(r, "H-10", CHANGE_ADDED, "namespace.cgroup", NULL, NULL);
	}
	if (plan->ns[NS_TIME].mode == NS_HOST)
		note(r, "H-10", CHANGE_SKIPPED, "namespace.time", NULL,
		     "without offsets it would show the host's clocks too");
	return 0;
}

/* A path says nothing about whose namespace it is: engines write
 * /proc/PID/ns/net of a pause process that is in the host's.  act compares. */
int rule_host_ns(struct resolve *r, struct err *err)
{
	bool joins = false;
	(void)err;
	for (int i = 0; i < NS_COUNT; i++)
		if (r->plan->ns[i].mode == NS_JOIN)
			joins = r->plan->ns[i].refuse_host = true;
	return joins ? 0 : idle(r, "no namespace is joined by path");
}

/* --- H-12 --- */

static int add_map(struct resolve *r, plan_idmaps *maps, uint32_t inside, uint32_t outside,
		   uint32_t count)
{
	struct plan_idmap *map = RESOLVE_PUSH(r, maps);
	if (!map)
		return -1;
	*map = (struct plan_idmap){inside, outside, count};
	return 0;
}

/* What the bundle's own user namespace has, as it is called inside that, without 0 (but
 * where an exception lets it stand: it is nobody's outside)
 * and without the id that is the host's root. */
static int map_like(struct resolve *r, const plan_idmaps *from, bool with_root, plan_idmaps *to)
{
	for (size_t i = 0; i < from->n; i++) {
		uint32_t inside = from->items[i].inside, outside = from->items[i].outside,
			 count = from->items[i].count;
		/* Either can only be the first of a line. */
		if ((inside == 0 && !with_root) || (outside == 0 && r->host->initial_userns)) {
			inside++;
			count--;
		}
		if (count && add_map(r, to, inside, inside, count))
			return -1;
	}
	return 0;
}

/* Only what the process has: which ids a joined user namespace, or the runtime's
 * own, has is not known here. */
static int map_one(struct resolve *r, plan_idmaps *maps, uint32_t id, bool with_root)
{
	if ((!id && !with_root) || plan_has_inside_id(maps, id))
		return 0;
	return add_map(r, maps, id, id, 1);
}

#define MAP_LINES_MAX 340 /* UID_GID_MAP_MAX_EXTENTS of the kernel */

static int map_own_ids(struct resolve *r)
{
	struct plan_userns_last *last = &r->plan->userns_last;
	const struct plan_process *process = &r->plan->process;
	bool root_group = r->plan->granted.root_group;
	if (map_one(r, &last->uid_maps, process->uid, false) ||
	    map_one(r, &last->gid_maps, process->gid, root_group))
		return -1;
	for (size_t i = 0; i < process->groups.n && last->gid_maps.n <= MAP_LINES_MAX; i++)
		if (map_one(r, &last->gid_maps, process->groups.items[i], root_group))
			return -1;
	return 0;
}

/* The other ids that the bundle names must be among those that were set aside. */
static int check_shifted(struct resolve *r, struct err *err)
{
	const struct plan_process *process = &r->plan->process;
	uint32_t highest = process->uid > process->gid ? process->uid : process->gid;
	for (size_t i = 0; i < process->groups.n; i++)
		if (process->groups.items[i] > highest)
			highest = process->groups.items[i];
	if (highest < r->conf->remap_count)
		return 0;
	return err_policy(err, "H-12",
			  "process.user: id %u is beyond the %u ids "
			  "that the policy sets aside (root.remap.count)",
			  highest, r->conf->remap_count);
}

static int check_userns(const struct host *host, struct err *err)
{
	if (!host->max_user_namespaces_zero)
		return 0;
	return err_set(err, ERR_HOST,
		       "H-12: user namespaces are turned off on this host "
		       "(user.max_user_namespaces is 0); the container is confined by one");
}

int rule_userns_last(struct resolve *r, struct err *err)
{
	struct plan *plan = r->plan;
	struct plan_userns_last *last = &plan->userns_last;
	int oom;
	if (check_userns(r->host, err) && refused(r, err))
		return -1;
	last->enabled = true;
	/* Not within another container's last one, which is what engines name (/proc/PID/ns/user):
	 * it owns none of the namespaces that are joined with it. */
	plan->join_below_own = plan->ns[NS_USER].mode == NS_JOIN;
	if (plan->root.idmap)
		oom = add_map(r, &last->uid_maps, 0, r->conf->remap_first, r->conf->remap_count) ||
		      add_map(r, &last->gid_maps, 0, r->conf->remap_first, r->conf->remap_count);
	else if (plan->ns[NS_USER].mode == NS_PRIVATE)
		oom = map_like(r, &plan->uid_maps, plan->granted.root_user || plan->root_kept,
			       &last->uid_maps) ||
		      map_like(r, &plan->gid_maps, plan->granted.root_group || plan->root_kept,
			       &last->gid_maps);
	else if (plan->ns[NS_USER].mode == NS_HOST && r->host->initial_userns)
		/* 0 is left out, and 4294967295 is no id. */
		oom = add_map(r, &last->uid_maps, 1, 1, UINT32_MAX - 1) ||
		      (plan->granted.root_group && add_map(r, &last->gid_maps, 0, 0, 1)) ||
		      add_map(r, &last->gid_maps, 1, 1, UINT32_MAX - 1);
	else
		oom = map_own_ids(r);
	if (oom)
		return err_oom(err);
	if (plan->root.idmap && check_shifted(r, err) && refused(r, err))
		return -1;
	if (last->gid_maps.n > MAP_LINES_MAX)
		return err_policy(err, "H-12",
				  "process.user.additionalGids: "
				  "a user namespace takes at most %d groups here; give fewer",
				  MAP_LINES_MAX - 1);
	note(r, "H-12", CHANGE_ADDED, "userns-last", NULL, NULL);
	return 0;
}

int rule_userns_none(struct resolve *r, struct err *err)
{
	(void)err;
	r->plan->userns_last.forbid_children = true;
	note(r, "H-13", CHANGE_ADDED, "userns-last.children", NULL, NULL);
	return 0;
}

/* --- H-15 --- */

static bool is_listed_sysctl(const struct policy_conf *conf, const char *key)
{
	for (size_t i = 0; i < conf->sysctls.n; i++) {
		const char *entry = conf->sysctls.items[i];
		size_t n = strlen(entry);
		if (entry[n - 1] == '/' ? !strncmp(key, entry, n) : !strcmp(key, entry))
			return true;
	}
	return false;
}

/* That each is of the container's own namespaces holds at any level (oci_ns.c). */
int rule_sysctl(struct resolve *r, struct err *err)
{
	if (!r->lin->sysctl.n)
		return idle(r, "the bundle sets no sysctls");
	for (size_t i = 0; i < r->lin->sysctl.n && r->conf->sysctls_limited; i++) {
		if (is_listed_sysctl(r->conf, r->plan->sysctls.items[i].key))
			continue;
		err_policy(err, "H-15",
			   "linux.sysctl: '%s' is not in the policy's sysctls.allow; "
			   "remove it or have it added there",
			   r->plan->sysctls.items[i].key);
		if (refused(r, err))
			return -1;
	}
	return 0;
}

/* --- H-14 --- */

/* Per pid namespace since Linux 6.3.  2: memfd_create(2) without MFD_NOEXEC_SEAL
 * is refused, so no program can be run that never was a file. */
int rule_memfd(struct resolve *r, struct err *err)
{
	static const char key[] = "sysctl.vm/memfd_noexec";
	if (!r->host->memfd_noexec) {
		note(r, "H-14", CHANGE_SKIPPED, key, NULL, "the kernel has it since 6.3");
		return 0;
	}
	if (r->plan->ns[NS_PID].mode != NS_PRIVATE) {
		note(r, "H-14", CHANGE_SKIPPED, key, NULL,
		     "the pid namespace is another container's");
		return 0;
	}
	struct plan_sysctl *sysctl = RESOLVE_PUSH(r, &r->plan->sysctls);
	if (!sysctl)
		return err_oom(err);
	*sysctl = (struct plan_sysctl){.key = "vm/memfd_noexec", .value = "2"};
	note(r, "H-14", CHANGE_ADDED, key, NULL, NULL);
	return 0;
}
