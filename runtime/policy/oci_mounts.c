/* Stage one, file systems: the root, the mounts in their order, masked and
 * read-only paths.  Owns plan->root, mounts, masked, readonly. */
#include "config.h"

#include "policy/mount_options.h"
#include "policy/resolve.h"

#include "base/path.h"

#include <linux/mount.h>
#include <string.h>

#include "base/banned.h"

/* --- the root --- */

static const struct {
	const char *name;
	uint32_t flag;
	bool recursive;
} propagations[] = {
	{"private", MS_PRIVATE, false},       {"rprivate", MS_PRIVATE, true},
	{"shared", MS_SHARED, false},         {"rshared", MS_SHARED, true},
	{"slave", MS_SLAVE, false},           {"rslave", MS_SLAVE, true},
	{"unbindable", MS_UNBINDABLE, false}, {"runbindable", MS_UNBINDABLE, true},
};

static int take_propagation(struct resolve *r, const char *name, struct err *err)
{
	if (!name || !*name)
		return 0;
	for (size_t i = 0; i < ARRAY_LEN(propagations); i++) {
		if (strcmp(name, propagations[i].name))
			continue;
		r->plan->root.propagation = propagations[i].flag;
		r->plan->root.propagation_rec = propagations[i].recursive;
		return 0;
	}
	return err_set(
		err, ERR_SPEC,
		"linux.rootfsPropagation: '%s' is none of private, shared, slave, unbindable",
		name);
}

static const char *host_path(struct resolve *r, const char *path)
{
	const char *joined = path_join(&r->plan->arena, r->request->bundle, path);
	if (!joined) {
		r->oom = true;
		return NULL;
	}
	return clean_path(r, joined);
}

int oci_root(struct resolve *r, struct err *err)
{
	struct plan_root *root = &r->plan->root;
	if (!r->spec->root.set || !r->spec->root.path || !*r->spec->root.path)
		return err_set(err, ERR_SPEC,
			       "root.path: missing; it names the container's root file system");
	root->path = host_path(r, r->spec->root.path);
	root->readonly = r->spec->root.readonly.v;
	root->no_pivot = r->request->no_pivot;
	if (root->path && !strcmp(root->path, "/"))
		return err_set(
			err, ERR_SPEC,
			"root.path: is the host's own root; give the container one of its own");
	return take_propagation(r, r->lin->rootfs_propagation, err);
}

/* --- one mount --- */

/* Kernel file systems whose target decides what later writes to /proc and /sys
 * mean; a symlink there is an attack and never an image's habit (T-MNT-1). */
static bool is_kernel_fs(const char *type)
{
	static const char *const types[] = {"proc",   "sysfs",  "mqueue",
					    "devpts", "cgroup", "cgroup2"};
	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		if (!strcmp(type, types[i]))
			return true;
	return false;
}

static int take_options(struct resolve *r, const struct spec_mount *from, struct mount_options *o,
			struct plan_mount *mount, struct err *err)
{
	for (size_t i = 0; i < from->options.n; i++) {
		if (!*from->options.items[i])
			continue; /* crun and runc pass over it; fsconfig(2) wouldn't */
		int known = mount_option_add(from->options.items[i], o, err);
		if (known < 0)
			return err_context(err, "options[%zu]", i);
		if (!known)
			list_add(r, &mount->data, from->options.items[i]);
	}
	return 0;
}

static int take_idmaps(struct resolve *r, const struct spec_mount *from, struct plan_mount *mount,
		       struct err *err)
{
	const struct {
		const spec_idmaps *from;
		plan_idmaps *to;
	} maps[] = {
		{&from->uid_mappings, &mount->uid_maps},
		{&from->gid_mappings, &mount->gid_maps},
	};
	bool given = from->uid_mappings.n || from->gid_mappings.n;
	if (!given && !mount->idmap)
		return 0;
	mount->idmap = true; /* mappings alone ask for it too (runtime-spec) */
	if (mount->kind != MOUNT_BIND)
		return err_set(err, ERR_SPEC, "an id-mapped mount must be a bind mount");
	if (given && !(from->uid_mappings.n && from->gid_mappings.n))
		return err_set(err, ERR_SPEC, "uidMappings and gidMappings go together; give both");
	if (!given && r->plan->ns[NS_USER].mode == NS_HOST)
		return err_set(
			err, ERR_SPEC,
			"idmap without mappings takes those of the container's user namespace, "
			"and it has none; give uidMappings and gidMappings");
	for (size_t m = 0; m < ARRAY_LEN(maps); m++) {
		for (size_t i = 0; i < maps[m].from->n; i++) {
			const struct spec_idmap *map = &maps[m].from->items[i];
			struct plan_idmap *to = RESOLVE_PUSH(r, maps[m].to);
			if (!to)
				return err_oom(err);
			*to = (struct plan_idmap){map->container_id, map->host_id, map->size};
		}
	}
	return 0;
}

/* Options of the whole hierarchy, which are the host's: engines copy them from its own mount
 * and the kernel heeds them in its first cgroup namespace only.  The plan shows them as skipped. */
static int check_cgroup_options(const struct spec_mount *from, const struct plan_mount *mount,
				struct err *err)
{
	static const char *const known[] = {
		"favordynmods",		"memory_hugetlb_accounting", "memory_localevents",
		"memory_recursiveprot", "nofavordynmods",	     "nsdelegate",
		"pids_localevents",
	};
	for (size_t i = 0; i < from->options.n; i++) {
		const char *option = from->options.items[i];
		size_t k = 0;
		if (!str_list_has(&mount->data, option))
			continue;
		while (k < ARRAY_LEN(known) && strcmp(known[k], option))
			k++;
		if (k == ARRAY_LEN(known))
			return err_set(err, ERR_SPEC,
				       "options[%zu]: '%s' is no option of cgroup v2; remove it", i,
				       option);
	}
	return 0;
}

static int take_kind(struct resolve *r, const struct spec_mount *from,
		     const struct mount_options *o, struct plan_mount *mount, struct err *err)
{
	const char *type = from->type ? from->type : "";
	if (o->bind || !strcmp(type, "bind")) {
		mount->kind = MOUNT_BIND;
		mount->recursive = o->recursive;
		if (!from->source || !*from->source)
			return err_set(err, ERR_SPEC, "source: missing; a bind mount needs one");
		mount->source = host_path(r, from->source);
		if (mount->data.n)
			return err_set(err, ERR_SPEC, "options: '%s' is no option of a bind mount",
				       mount->data.items[0]);
		return 0;
	}
	if (!*type)
		return err_set(err, ERR_SPEC,
			       "type: missing; name the file system, or give the option bind");
	/* On v2 too the specification's name for it is "cgroup"; it stands for the container's own
	 * part. */
	mount->kind =
		!strcmp(type, "cgroup") || !strcmp(type, "cgroup2") ? MOUNT_CGROUP_VIEW : MOUNT_NEW;
	mount->type = mount->kind == MOUNT_CGROUP_VIEW ? "cgroup2" : keep(r, type);
	mount->source = keep(r, from->source && *from->source ? from->source : type);
	return mount->kind == MOUNT_CGROUP_VIEW ? check_cgroup_options(from, mount, err) : 0;
}

/* Files of /proc that lxcfs and the like replace; runc's list. */
static const char *const proc_files[] = {
	"/proc/cpuinfo",
	"/proc/diskstats",
	"/proc/loadavg",
	"/proc/meminfo",
	"/proc/slabinfo",
	"/proc/stat",
	"/proc/swaps",
	"/proc/sys/crypto/fips_enabled",
	"/proc/sys/kernel/ns_last_pid",
	"/proc/uptime",
};

/* T-MNT-2: a mount over procfs would receive what we write to it (labels, maps,
 * limits) in the kernel's place.  By name here; act compares the opened target too,
 * since a symlink can lead there. */
static int check_proc_target(struct plan_mount *mount, struct err *err)
{
	mount->refuse_procfs_target = true;
	if (!path_is_beneath(mount->target, "/proc"))
		return 0;
	if (!strcmp(mount->target, "/proc")) {
		bool procfs = mount->kind == MOUNT_NEW && !strcmp(mount->type, "proc");
		bool of_host = mount->kind == MOUNT_BIND && !strcmp(mount->source, "/proc");
		if (procfs || of_host)
			return 0;
		return err_set(err, ERR_SPEC, "destination: '/proc' takes type proc only");
	}
	for (size_t i = 0; i < ARRAY_LEN(proc_files); i++) {
		if (strcmp(mount->target, proc_files[i]))
			continue;
		if (mount->kind != MOUNT_BIND)
			return err_set(err, ERR_SPEC, "destination: '%s' takes a bind mount only",
				       mount->target);
		mount->refuse_procfs_target = false;
		return 0;
	}
	return err_set(err, ERR_SPEC, "destination: '%s' is inside /proc, which is the kernel's",
		       mount->target);
}

static const char *selinux_context(struct resolve *r, const struct plan_mount *mount)
{
	const char *label = r->lin->mount_label;
	/* procfs and sysfs carry the kernel's own labels. */
	if (!label || !*label || mount->kind != MOUNT_NEW || !strcmp(mount->type, "proc") ||
	    !strcmp(mount->type, "sysfs"))
		return NULL;
	return keep(r, label);
}

/* A read-only superblock too, where a device may be behind it: ext4 and xfs would
 * replay a journal.  The kernel's own file systems share theirs. */
static bool wants_ro_superblock(const struct plan_mount *mount)
{
	return mount->kind == MOUNT_NEW && (mount->attr_set & MOUNT_ATTR_RDONLY) &&
	       !is_kernel_fs(mount->type) && strcmp(mount->type, "tmpfs");
}

static int take_mount(struct resolve *r, const struct spec_mount *from, struct plan_mount *mount,
		      struct err *err)
{
	struct mount_options o = {0};
	if (!*from->destination)
		return err_set(err, ERR_SPEC, "destination: empty");
	mount->target = clean_path(r, from->destination);
	if (!mount->target)
		return err_oom(err);
	if (!strcmp(mount->target, "/"))
		return err_set(err, ERR_SPEC,
			       "destination: '/' is the root itself; that is root.path");
	if (take_options(r, from, &o, mount, err) || take_kind(r, from, &o, mount, err))
		return -1;
	if (r->oom)
		return err_oom(err);
	mount->attr_set = o.set;
	mount->attr_clr = o.clr;
	mount->attr_set_rec = o.set_rec;
	mount->attr_clr_rec = o.clr_rec;
	mount->propagation = o.propagation;
	mount->propagation_rec = o.propagation_rec;
	mount->source_nofollow = o.source_nofollow;
	mount->idmap = o.idmap;
	mount->idmap_rec = o.idmap_rec;
	mount->tmpcopyup = o.tmpcopyup;
	mount->mode = 0755;
	const char *type = mount->kind == MOUNT_BIND ? "bind" : mount->type;
	mount->links = is_kernel_fs(type) || !strcmp(mount->target, "/dev") ? LINKS_REFUSED
									    : LINKS_IN_ROOT;
	if (o.tmpcopyup && strcmp(type, "tmpfs"))
		return err_set(err, ERR_SPEC, "options: tmpcopyup is for tmpfs only");
	if (o.source_nofollow && mount->kind != MOUNT_BIND)
		return err_set(err, ERR_SPEC, "options: src-nofollow is for bind mounts only");
	mount->mount_label = selinux_context(r, mount);
	if (wants_ro_superblock(mount))
		list_add(r, &mount->data, "ro");
	if (take_idmaps(r, from, mount, err))
		return -1;
	return check_proc_target(mount, err);
}

/* sd_notify(3): the socket that the runtime listens on, as runc shows it.  Sending
 * to a socket is no writing, so read-only is enough. */
static int add_notify(struct resolve *r, struct err *err)
{
	struct plan_mount *mount = RESOLVE_PUSH(r, &r->plan->mounts);
	if (!mount)
		return err_oom(err);
	*mount = (struct plan_mount){
		.kind = MOUNT_BIND,
		.source = clean_path(r, r->request->notify_dir),
		.target = NOTIFY_TARGET,
		.links = LINKS_REFUSED,
		.attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV |
			    MOUNT_ATTR_NOEXEC,
		.propagation = MS_PRIVATE,
		.refuse_procfs_target = true,
		.mode = 0755,
	};
	r->plan->notify_socket = true;
	return 0;
}

/* Later steps compare mounts with each other, here and in act; no container has
 * a hundredth of this. */
#define MOUNTS_MAX 4096

int oci_mounts(struct resolve *r, struct err *err)
{
	if (r->spec->mounts.n > MOUNTS_MAX)
		return err_set(err, ERR_SPEC, "mounts: %zu entries; %d at most", r->spec->mounts.n,
			       MOUNTS_MAX);
	for (size_t i = 0; i < r->spec->mounts.n; i++) {
		struct plan_mount *mount = RESOLVE_PUSH(r, &r->plan->mounts);
		if (!mount)
			return err_oom(err);
		if (take_mount(r, &r->spec->mounts.items[i], mount, err))
			return err_context(err, "mounts[%zu]", i);
	}
	if (r->request->notify_dir && add_notify(r, err))
		return -1;
	if (r->lin->mount_label && *r->lin->mount_label && !r->host->selinux)
		return err_set(err, ERR_HOST,
			       "linux.mountLabel: SELinux is not enabled on this host; remove it");
	return 0;
}

/* --- masked and read-only paths --- */

static int take_paths(struct resolve *r, const struct str_list *from, const char *property,
		      bool masked, struct err *err)
{
	for (size_t i = 0; i < from->n; i++) {
		struct plan_path *path = masked ? RESOLVE_PUSH(r, &r->plan->masked)
						: RESOLVE_PUSH(r, &r->plan->readonly);
		if (!path)
			return err_oom(err);
		path->path = clean_path(r, from->items[i]);
		if (path->path && !path->path[1])
			return err_set(err, ERR_SPEC, "linux.%s[%zu]: is the root itself", property,
				       i);
	}
	return 0;
}

int oci_paths(struct resolve *r, struct err *err)
{
	if (take_paths(r, &r->lin->masked_paths, "maskedPaths", true, err))
		return -1;
	return take_paths(r, &r->lin->readonly_paths, "readonlyPaths", false, err);
}
