/* Stage one, where the container's cgroup is and who manages it.  Owns
 * plan->cgroup; what is written into it is in resources.c. */
#include "config.h"

#include "policy/devices.h"
#include "policy/resolve.h"

#include "base/path.h"

#include <string.h>

#include "base/banned.h"

static int take_manager(struct resolve *r, struct err *err)
{
	const char *name = r->request->cgroup_manager ? r->request->cgroup_manager : "cgroupfs";
	if (!strcmp(name, "cgroupfs"))
		r->plan->cgroup.manager = CGROUP_CGROUPFS;
	else if (!strcmp(name, "disabled"))
		r->plan->cgroup.manager = CGROUP_DISABLED;
	else if (!strcmp(name, "systemd"))
		return err_set(err, ERR_HOST,
			       "cgroup manager 'systemd' is not built in yet: "
			       "use --cgroup-manager=cgroupfs");
	else
		return err_set(err, ERR_USAGE,
			       "cgroup manager '%s' is none of cgroupfs, systemd, disabled", name);
	return 0;
}

/* T-CG-3: a path that is exactly one place beneath the cgroup root. */
static int check_path(const char *path, struct err *err)
{
	if (strchr(path, ':'))
		return err_set(err, ERR_SPEC,
			       "linux.cgroupsPath: '%s' has the form of the systemd manager "
			       "(slice:prefix:name); give a path for cgroupfs",
			       path);
	if (path_has_dotdot(path))
		return err_set(err, ERR_SPEC, "linux.cgroupsPath: '%s' holds '..'", path);
	for (const char *c = path; *c; c++) {
		size_t n = strcspn(c, "/");
		if (n > 255)
			return err_set(err, ERR_SPEC,
				       "linux.cgroupsPath: a component is longer than 255 bytes");
		for (size_t i = 0; i < n; i++)
			if ((unsigned char)c[i] < ' ' || c[i] == 0x7f)
				return err_set(err, ERR_SPEC,
					       "linux.cgroupsPath: holds a control character");
		c += n;
		if (!*c)
			break;
	}
	if (strlen(path) > 3072) /* cgroup root, "/kanuki" and a sub-cgroup still fit PATH_MAX */
		return err_set(err, ERR_SPEC, "linux.cgroupsPath: longer than 3072 bytes");
	return 0;
}

/* An absolute path is taken from the cgroup root, as runc and crun do.  For a
 * relative or missing one the specification leaves the place to us, if only it is
 * always the same; runc's depends on the cgroup of whoever calls it (a session
 * that ends, a unit with processes of its own).  Ours is /kanuki, as crun takes the
 * root for it.  Without privilege only what lies beneath the caller can be made. */
static int take_path(struct resolve *r, struct err *err)
{
	struct plan_cgroup *cgroup = &r->plan->cgroup;
	const char *path = r->lin->cgroups_path ? r->lin->cgroups_path : "";
	bool privileged = r->host->euid == 0 && r->host->initial_userns;
	if (check_path(path, err))
		return -1;
	if (path[0] == '/')
		cgroup->path = clean_path(r, path);
	else
		cgroup->path = clean_path(
			r, text(r, PLAN_CGROUP_PARENT "/%s", path[0] ? path : r->plan->id));
	if (cgroup->path && !cgroup->path[1])
		return err_set(err, ERR_SPEC,
			       "linux.cgroupsPath: is the root of the hierarchy; "
			       "name a cgroup beneath it");
	/* It stays when they go, and with it whatever one of them had written there. */
	if (cgroup->path && !strcmp(cgroup->path, PLAN_CGROUP_PARENT))
		return err_set(
			err, ERR_SPEC,
			"linux.cgroupsPath: '%s' is the parent of all containers' cgroups; "
			"name a cgroup beneath it",
			path);
	cgroup->path_from_caller = path[0] != '/' && !privileged;
	return 0;
}

static bool asks_limits(const struct plan_cgroup *cgroup)
{
	return cgroup->writes.n > 0;
}

/* A container that may write its own cgroup needs to own it: runc's condition is
 * a cgroup namespace and a writable view; the owner is the process's user. */
static void take_delegation(struct resolve *r)
{
	const struct plan *plan = r->plan;
	bool writable = false;
	if (plan->ns[NS_CGROUP].mode != NS_PRIVATE || plan->ns[NS_USER].mode != NS_PRIVATE)
		return;
	for (size_t i = 0; i < plan->mounts.n; i++) {
		const struct plan_mount *mount = &plan->mounts.items[i];
		writable |= mount->kind == MOUNT_CGROUP_VIEW && !is_readonly_mount(mount);
	}
	const struct {
		const plan_idmaps *maps;
		uint32_t id;
		int64_t *to;
	} ids[] = {
		{&plan->uid_maps, plan->process.uid, &r->plan->cgroup.delegate_uid},
		{&plan->gid_maps, plan->process.gid, &r->plan->cgroup.delegate_gid},
	};
	for (size_t k = 0; writable && k < ARRAY_LEN(ids); k++)
		for (size_t i = 0; i < ids[k].maps->n; i++) {
			const struct plan_idmap *map = &ids[k].maps->items[i];
			if (ids[k].id >= map->inside && ids[k].id - map->inside < map->count)
				*ids[k].to = (int64_t)map->outside + (ids[k].id - map->inside);
		}
}

int oci_cgroup(struct resolve *r, struct err *err)
{
	struct plan_cgroup *cgroup = &r->plan->cgroup;
	cgroup->delegate_uid = -1;
	cgroup->delegate_gid = -1;
	if (take_manager(r, err))
		return -1;
	if (r->lin->resources &&
	    policy_resolve_resources(r->lin->resources, r->host, &r->plan->arena, cgroup, err))
		return -1;
	if (cgroup->manager == CGROUP_DISABLED) {
		if (asks_limits(cgroup))
			return err_set(err, ERR_SPEC,
				       "linux.resources: limits need a cgroup, "
				       "and the cgroup manager is disabled");
		cgroup->devices.n = 0;
		return 0;
	}
	if (r->host->cgroup == HOST_CGROUP_NONE)
		return err_set(err, ERR_HOST,
			       "no cgroup v2 is mounted on this host: "
			       "mount one at /sys/fs/cgroup, or use --cgroup-manager=disabled");
	if (take_path(r, err) || devices_allow_as_runc(&r->plan->arena, cgroup, err))
		return -1;
	/* The program that decides needs CAP_SYS_ADMIN of the initial user namespace; elsewhere no
	 * device node can be made either. */
	cgroup->device_filter = r->host->euid == 0 && r->host->initial_userns;
	take_delegation(r);
	return 0;
}
