/* Owns a plan's life, what whoever reads one asks of it, and the names of its namespaces,
 * hooks and outcomes.  A plan has no per-field memory: everything is in its arena. */
#include "config.h"

#include "plan/plan.h"

#include <linux/sched.h>
#include <stddef.h>
#include <string.h>

#include "base/banned.h"

void plan_release(struct plan *plan)
{
	arena_release(&plan->arena);
	*plan = (struct plan)PLAN_INIT;
}

uint64_t plan_mount_attrs(const struct plan_mount *mount)
{
	return (mount->attr_set & ~mount->attr_clr_rec) | mount->attr_set_rec;
}

bool plan_is_exec_granted(const struct plan *plan, const char *target)
{
	return str_list_has(&plan->granted.exec_on, target);
}

uint32_t plan_outside_id(const plan_idmaps *maps, uint32_t inside)
{
	for (size_t i = 0; i < maps->n; i++)
		if (inside >= maps->items[i].inside &&
		    inside - maps->items[i].inside < maps->items[i].count)
			return maps->items[i].outside + (inside - maps->items[i].inside);
	return inside; /* no maps: one and the same */
}

bool plan_has_inside_id(const plan_idmaps *maps, uint32_t id)
{
	for (size_t i = 0; i < maps->n; i++) {
		const struct plan_idmap *map = &maps->items[i];
		if (id >= map->inside && id - map->inside < map->count)
			return true;
	}
	return false;
}

bool plan_has_outside_id(const plan_idmaps *maps, uint32_t id)
{
	for (size_t i = 0; i < maps->n; i++) {
		const struct plan_idmap *map = &maps->items[i];
		if (id >= map->outside && id - map->outside < map->count)
			return true;
	}
	return false;
}

static const struct {
	const char *name; /* as in /proc/PID/ns */
	int clone_flag;
} namespaces[NS_COUNT] = {
	[NS_USER] = {"user", CLONE_NEWUSER},	   [NS_MNT] = {"mnt", CLONE_NEWNS},
	[NS_PID] = {"pid", CLONE_NEWPID},	   [NS_NET] = {"net", CLONE_NEWNET},
	[NS_IPC] = {"ipc", CLONE_NEWIPC},	   [NS_UTS] = {"uts", CLONE_NEWUTS},
	[NS_CGROUP] = {"cgroup", CLONE_NEWCGROUP}, [NS_TIME] = {"time", CLONE_NEWTIME},
};

const char *plan_ns_name(enum plan_ns_kind ns)
{
	return (unsigned)ns < NS_COUNT ? namespaces[ns].name : NULL;
}

int plan_ns_clone_flag(enum plan_ns_kind ns)
{
	return (unsigned)ns < NS_COUNT ? namespaces[ns].clone_flag : 0;
}

static const char *const hook_names[HOOK_COUNT] = {
	[HOOK_PRESTART] = "prestart",
	[HOOK_CREATE_RUNTIME] = "createRuntime",
	[HOOK_CREATE_CONTAINER] = "createContainer",
	[HOOK_START_CONTAINER] = "startContainer",
	[HOOK_POSTSTART] = "poststart",
	[HOOK_POSTSTOP] = "poststop",
};

const char *plan_hook_name(enum plan_hook_kind hook)
{
	return (unsigned)hook < HOOK_COUNT ? hook_names[hook] : NULL;
}

const char *plan_outcome_name(enum plan_outcome outcome)
{
	switch (outcome) {
	case CHANGE_ADDED:
		return "added";
	case CHANGE_DROPPED:
		return "dropped";
	case CHANGE_SKIPPED:
		return "skipped";
	case CHANGE_EXCEPTED:
		return "excepted";
	case CHANGE_FORCED:
		break;
	}
	return "forced";
}
