/* Owns the invariants of a plan's file systems, filters, cgroup and hooks; the
 * other half of check.c, of which it is a part. */
#include "config.h"

#include "plan/check.h"

#include "plan/facts.h"
#include "plan/names.h"

#include <linux/mount.h>
#include <string.h>

#include "base/banned.h"

#define KNOWN_ATTRS                                                                     \
	(MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC | \
	 MOUNT_ATTR__ATIME | MOUNT_ATTR_NODIRATIME | MOUNT_ATTR_NOSYMFOLLOW)

static bool is_propagation(uint32_t flag)
{
	return flag == 0 || plan_propagation_name(flag);
}

/* The atime bits are one field: mount_setattr(2) wants all of them cleared when
 * any is set, so they alone may stand on both sides. */
static bool attrs_fit(uint64_t set, uint64_t clear)
{
	if ((set | clear) & ~(uint64_t)KNOWN_ATTRS)
		return false;
	return (set & clear & ~(uint64_t)MOUNT_ATTR__ATIME) == 0;
}

int check_root(const struct plan *plan, struct err *err)
{
	if (!plan->root.path || plan->root.path[0] != '/')
		return check_broken(err, "no root file system");
	if (!attrs_fit(plan->root.attr_set, 0))
		return check_broken(err, "unknown attributes of the root: 0x%llx",
				    (unsigned long long)plan->root.attr_set);
	if (!is_propagation(plan->root.propagation))
		return check_broken(err, "propagation of the root: 0x%x", plan->root.propagation);
	return 0;
}

static int check_mount_source(const struct plan_mount *mount, struct err *err)
{
	switch (mount->kind) {
	case MOUNT_NEW:
		if (!mount->type || !*mount->type)
			return check_broken(err, "mount '%s' has no type", mount->target);
		if (mount->recursive || mount->source_nofollow)
			return check_broken(err, "mount '%s': a new file system is no bind",
					    mount->target);
		return 0;
	case MOUNT_BIND:
		if (!mount->source || mount->source[0] != '/')
			return check_broken(err, "mount '%s' binds nothing", mount->target);
		if (mount->data.n)
			return check_broken(err, "mount '%s': a bind takes no file system options",
					    mount->target);
		return 0;
	case MOUNT_CGROUP_VIEW:
		return 0;
	}
	return check_broken(err, "mount '%s' is of no kind", mount->target);
}

static int check_mount(const struct plan_mount *mount, struct err *err)
{
	if (!check_is_clean_path(mount->target))
		return check_broken(err, "mount target '%s' is not clean",
				    mount->target ? mount->target : "");
	if (check_mount_source(mount, err))
		return -1;
	if (!attrs_fit(mount->attr_set, mount->attr_clr) ||
	    !attrs_fit(mount->attr_set_rec, mount->attr_clr_rec))
		return check_broken(err,
				    "mount '%s' sets and clears the same or unknown attributes",
				    mount->target);
	if (!is_propagation(mount->propagation))
		return check_broken(err, "mount '%s': propagation 0x%x", mount->target,
				    mount->propagation);
	if (!mount->idmap && (mount->idmap_rec || mount->uid_maps.n || mount->gid_maps.n))
		return check_broken(err, "mount '%s' has id maps but is not mapped", mount->target);
	if (mount->tmpcopyup && (mount->kind != MOUNT_NEW || strcmp(mount->type, "tmpfs")))
		return check_broken(err, "mount '%s': only a tmpfs takes a copy of what it covers",
				    mount->target);
	if (mount->mode > 07777)
		return check_broken(err, "mount '%s': mode 0%o", mount->target, mount->mode);
	return 0;
}

int check_mounts(const struct plan *plan, struct err *err)
{
	for (size_t i = 0; i < plan->mounts.n; i++)
		if (check_mount(&plan->mounts.items[i], err))
			return -1;
	return 0;
}

int check_devices(const struct plan *plan, struct err *err)
{
	for (size_t i = 0; i < plan->devices.n; i++) {
		const struct plan_device *device = &plan->devices.items[i];
		if (!check_is_clean_path(device->path) || !device->path[1])
			return check_broken(err, "device path '%s' is not clean",
					    device->path ? device->path : "");
		if (!device->type || !strchr("cbp", device->type))
			return check_broken(err, "device '%s' is of no type", device->path);
		if (device->mode > 07777 || device->uid == UINT32_MAX || device->gid == UINT32_MAX)
			return check_broken(err, "device '%s': mode or owner out of range",
					    device->path);
	}
	for (size_t i = 0; i < plan->dev_links.n; i++) {
		const struct plan_symlink *link = &plan->dev_links.items[i];
		if (!check_is_clean_path(link->path) || !link->path[1] || !link->target ||
		    !*link->target)
			return check_broken(err, "symbolic link '%s' is not clean",
					    link->path ? link->path : "");
	}
	return 0;
}

int check_paths(const struct plan *plan, struct err *err)
{
	for (size_t i = 0; i < plan->masked.n; i++)
		if (!check_is_clean_path(plan->masked.items[i].path))
			return check_broken(err, "masked path %zu is not clean", i);
	for (size_t i = 0; i < plan->readonly.n; i++)
		if (!check_is_clean_path(plan->readonly.items[i].path))
			return check_broken(err, "read-only path %zu is not clean", i);
	return 0;
}

/* --- filters --- */

#define MAX_FILTERS 4 /* act/ keeps as many programs */

static int check_filter_rules(const struct plan_filter *filter, struct err *err)
{
	for (size_t i = 0; i < filter->rules.n; i++) {
		const struct plan_filter_rule *rule = &filter->rules.items[i];
		if (rule->names.n == 0)
			return check_broken(err, "filter rule %zu names no system call", i);
		for (size_t j = 0; j < rule->args.n; j++)
			if (rule->args.items[j].index > 5 ||
			    !plan_compare_name(rule->args.items[j].op))
				return check_broken(err, "filter rule %zu: condition %zu is none",
						    i, j);
	}
	return 0;
}

int check_filters(const struct plan *plan, struct err *err)
{
	size_t listeners = 0;
	if (plan->filters.n > MAX_FILTERS)
		return check_broken(err, "more than %d filters", MAX_FILTERS);
	for (size_t i = 0; i < plan->filters.n; i++) {
		const struct plan_filter *filter = &plan->filters.items[i];
		if ((unsigned)filter->kind > FILTER_RULES)
			return check_broken(err, "filter %zu is of no kind", i);
		if (filter->kind != FILTER_RULES &&
		    (filter->rules.n || filter->archs.n || filter->listener_path))
			return check_broken(err, "filter %zu is ours and has rules of its own", i);
		if (filter->listener_path && filter->listener_path[0] != '/')
			return check_broken(err, "filter %zu: listener path '%s'", i,
					    filter->listener_path);
		listeners += filter->listener_path != NULL;
		if (check_filter_rules(filter, err))
			return -1;
	}
	if (listeners > 1) /* the kernel has one listener per task */
		return check_broken(err, "%zu filters have a listener", listeners);
	return 0;
}

static int check_clean_list(const struct str_list *list, const char *what, struct err *err)
{
	for (size_t i = 0; i < list->n; i++)
		if (!check_is_clean_path(list->items[i]))
			return check_broken(err, "%s: '%s' is not clean", what, list->items[i]);
	return 0;
}

int check_landlock(const struct plan *plan, struct err *err)
{
	const struct plan_landlock *landlock = &plan->landlock;
	if (!landlock->enabled)
		return 0;
	if (!plan->process.no_new_privs)
		return check_broken(err, "Landlock without no_new_privs");
	if (landlock->handled_fs == 0 || landlock->min_abi < 0)
		return check_broken(err, "Landlock that forbids nothing");
	if (check_clean_list(&landlock->writable, "Landlock's writable paths", err))
		return -1;
	for (size_t i = 0; i < landlock->no_daemons.n; i++)
		if (!landlock->no_daemons.items[i][0] || strchr(landlock->no_daemons.items[i], '/'))
			return check_broken(err, "Landlock's super daemons: '%s' is no name",
					    landlock->no_daemons.items[i]);
	if (landlock->no_daemons.n && !landlock->daemon_places.n)
		return check_broken(err, "Landlock's super daemons are looked for nowhere");
	if (check_clean_list(&landlock->daemon_places, "Landlock's places of super daemons", err))
		return -1;
	return check_clean_list(&landlock->no_exec, "Landlock's paths without execution", err);
}

/* --- cgroup --- */

/* "controller.name", so that it is a file of cgroupfs and nothing else; and so
 * that no key of the printed plan can be imitated. */
static bool is_cgroup_file(const char *file)
{
	return file && file[0] != '.' && strchr(file, '.') && !strchr(file, '/') &&
	       !strstr(file, "..");
}

static int check_device_rules(const struct plan_cgroup *cgroup, struct err *err)
{
	for (size_t i = 0; i < cgroup->devices.n; i++) {
		const struct plan_device_rule *rule = &cgroup->devices.items[i];
		if (!rule->type || !strchr("acb", rule->type))
			return check_broken(err, "device rule %zu is of no type", i);
		if (rule->major < -1 || rule->major > UINT32_MAX || rule->minor < -1 ||
		    rule->minor > UINT32_MAX)
			return check_broken(err, "device rule %zu: number out of range", i);
	}
	return 0;
}

int check_cgroup(const struct plan *plan, struct err *err)
{
	const struct plan_cgroup *cgroup = &plan->cgroup;
	if ((unsigned)cgroup->manager > CGROUP_DISABLED)
		return check_broken(err, "no cgroup manager");
	if (cgroup->manager == CGROUP_DISABLED && (cgroup->writes.n || cgroup->device_filter))
		return check_broken(err, "cgroup settings without a cgroup");
	if (cgroup->manager == CGROUP_CGROUPFS &&
	    (!check_is_clean_path(cgroup->path) || !cgroup->path[1]))
		return check_broken(err, "cgroup path '%s' is not clean",
				    cgroup->path ? cgroup->path : "");
	for (size_t i = 0; i < cgroup->writes.n; i++) {
		const struct plan_cgroup_write *write = &cgroup->writes.items[i];
		if (!is_cgroup_file(write->file) || !write->value)
			return check_broken(err, "'%s' is no file of a cgroup",
					    write->file ? write->file : "");
	}
	if (cgroup->delegate_uid >= UINT32_MAX || cgroup->delegate_gid >= UINT32_MAX)
		return check_broken(err, "cgroup delegated to nobody");
	return check_device_rules(cgroup, err);
}

int check_hooks(const struct plan *plan, struct err *err)
{
	for (int kind = 0; kind < HOOK_COUNT; kind++)
		for (size_t i = 0; i < plan->hooks[kind].n; i++) {
			const struct plan_hook *hook = &plan->hooks[kind].items[i];
			if (!hook->path || hook->path[0] != '/')
				return err_policy(err, "H-80", "%s hook '%s' is not absolute",
						  plan_hook_name((enum plan_hook_kind)kind),
						  hook->path ? hook->path : "");
		}
	return 0;
}
