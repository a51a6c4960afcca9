/* H-20..H-24, H-26: what may be written, what may be executed, and that nothing
 * is both.  H-25, whose list is long, is in host_paths.c. */
#include "config.h"

#include "policy/resolve.h"

#include "base/path.h"

#include <linux/mount.h>
#include <string.h>

#include "base/banned.h"

static bool is_new(const struct plan_mount *mount, const char *type)
{
	return mount->kind == MOUNT_NEW && !strcmp(mount->type, type);
}

static const char *mount_key(struct resolve *r, const struct plan_mount *mount)
{
	return text(r, "mount %s", mount->target);
}

/* --- H-20 --- */

int rule_root(struct resolve *r, struct err *err)
{
	struct plan_root *root = &r->plan->root;
	(void)err;
	if (!root->readonly)
		note(r, "H-20", CHANGE_FORCED, "root.readonly", "no", NULL);
	root->readonly = true;
	return 0;
}

/* --- H-21 --- */

/* Moves everything one place on. A scratch mount comes before all others, since
 * the bundle may mount something beneath it (podman: /run/.containerenv). */
static struct plan_mount *insert_first(struct resolve *r)
{
	if (!RESOLVE_PUSH(r, &r->plan->mounts))
		return NULL;
	struct plan_mount *items = r->plan->mounts.items;
	memmove(items + 1, items, (r->plan->mounts.n - 1) * sizeof(*items));
	items[0] = (struct plan_mount){0};
	return items;
}

static bool is_covered(const struct plan *plan, const char *target)
{
	for (size_t i = 0; i < plan->mounts.n; i++)
		if (path_is_beneath(target, plan->mounts.items[i].target))
			return true;
	return false;
}

/* 64 MiB each and one inode per KiB: what a program leaves there can't fill the
 * host's memory. */
#define SCRATCH_BYTES  "67108864"
#define SCRATCH_INODES "65536"

static int add_scratch(struct resolve *r, const char *target, struct err *err)
{
	struct plan_mount *mount = insert_first(r);
	if (!mount)
		return err_oom(err);
	*mount = (struct plan_mount){
		.kind = MOUNT_NEW,
		.type = "tmpfs",
		.source = "tmpfs",
		.target = target,
		.on_missing = ON_MISSING_SKIP, /* an image without it doesn't use it */
		.links = LINKS_IN_ROOT,        /* /var/tmp is a link in some */
		.attr_set = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC,
		.tmpcopyup = true, /* directories that the image made there (/run/lock) */
		.refuse_procfs_target = true,
		.mode = 0755,
	};
	list_add(r, &mount->data, "size=" SCRATCH_BYTES);
	list_add(r, &mount->data, "nr_inodes=" SCRATCH_INODES);
	if (strcmp(target, "/run")) {
		list_add(r, &mount->data, "mode=1777");
	} else {
		/* A daemon that starts as root makes its directory in /run and then drops its ids;
		 * ours starts without root, so the directory is its own. */
		list_add(r, &mount->data, "mode=0755");
		list_add(r, &mount->data,
			 text(r, "uid=%u",
			      plan_outside_id(&r->plan->userns_last.uid_maps,
					      r->plan->process.uid)));
		list_add(r, &mount->data,
			 text(r, "gid=%u",
			      plan_outside_id(&r->plan->userns_last.gid_maps,
					      r->plan->process.gid)));
	}
	note(r, "H-21", CHANGE_ADDED, mount_key(r, mount), NULL, NULL);
	return 0;
}

int rule_scratch(struct resolve *r, struct err *err)
{
	static const char *const targets[] = {"/run", "/var/tmp", "/tmp"};
	for (size_t i = 0; i < ARRAY_LEN(targets); i++)
		if (!is_covered(r->plan, targets[i]) && add_scratch(r, targets[i], err))
			return -1;
	/* What an exception lets be written is in memory, and gone with the container. */
	for (size_t i = 0; r->grant && i < r->grant->writable.n; i++) {
		const char *target = keep(r, r->grant->writable.items[i]);
		if (!target || is_covered(r->plan, target))
			continue;
		if (add_scratch(r, target, err))
			return -1;
		note(r, "H-20", CHANGE_EXCEPTED, text(r, "mount %s", target), NULL, NULL);
	}
	return 0;
}

/* --- H-22, H-23 --- */

/* Sets attributes whatever the bundle said, on the whole tree of a recursive bind. */
static void force(struct resolve *r, const char *rule, struct plan_mount *mount, uint64_t attrs)
{
	static const struct {
		uint64_t attr;
		const char *without;
	} names[] = {
		{MOUNT_ATTR_RDONLY, "rw"},
		{MOUNT_ATTR_NOEXEC, "exec"},
		{MOUNT_ATTR_NOSUID, "suid"},
		{MOUNT_ATTR_NODEV, "dev"},
	};
	uint64_t missing = attrs & ~plan_mount_attrs(mount);
	if (mount->recursive)
		missing |= attrs & ~mount->attr_set_rec;
	if (!missing)
		return;
	const char *asked = NULL;
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (missing & names[i].attr)
			asked = text(r, "%s%s%s", asked ? asked : "", asked ? "," : "",
				     names[i].without);
	note(r, rule, CHANGE_FORCED, mount_key(r, mount), asked, NULL);
	mount->attr_set |= attrs;
	mount->attr_clr &= ~attrs;
	mount->attr_clr_rec &= ~attrs;
	if (mount->recursive)
		mount->attr_set_rec |= attrs;
}

static bool is_writable(const struct plan_mount *mount)
{
	return !(plan_mount_attrs(mount) & MOUNT_ATTR_RDONLY);
}

int rule_noexec(struct resolve *r, struct err *err)
{
	struct plan *plan = r->plan;
	(void)err;
	for (size_t i = 0; i < plan->mounts.n; i++) {
		struct plan_mount *mount = &plan->mounts.items[i];
		uint64_t attrs = MOUNT_ATTR_NOEXEC | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV;
		/* Terminals and the default devices live in these two and nowhere else; /dev is
		 * read-only once they are there (H-40). */
		if (is_new(mount, "devpts") ||
		    (is_new(mount, "tmpfs") && !strcmp(mount->target, "/dev")))
			attrs &= ~(uint64_t)MOUNT_ATTR_NODEV;
		if (plan_is_exec_granted(r->plan, mount->target)) {
			attrs &= ~(uint64_t)MOUNT_ATTR_NOEXEC;
			note(r, "H-22", CHANGE_EXCEPTED, mount_key(r, mount), "exec", NULL);
		}
		/* What is made here, in memory or by the kernel, has nothing to execute (H-25). */
		if (is_writable(mount) || mount->kind != MOUNT_BIND)
			force(r, "H-22", mount, attrs);
	}
	return 0;
}

int rule_bind_flags(struct resolve *r, struct err *err)
{
	struct plan *plan = r->plan;
	(void)err;
	plan->root.attr_set |=
		MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV; /* the root is a bind mount too */
	note(r, "H-23", CHANGE_ADDED, "root.flags", NULL, NULL);
	for (size_t i = 0; i < plan->mounts.n; i++)
		if (plan->mounts.items[i].kind == MOUNT_BIND)
			force(r, "H-23", &plan->mounts.items[i],
			      MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV);
	return 0;
}

/* --- H-24 --- */

/* The root is read-only and executable: a second, writable name for it or for a
 * part of it would undo both. */
static int refuse_root_as_source(const struct plan *plan, const struct plan_mount *mount,
				 struct err *err)
{
	if (!path_is_beneath(mount->source, plan->root.path) &&
	    !path_is_beneath(plan->root.path, mount->source))
		return 0;
	err_policy(
		err, "H-24",
		"mount '%s': its source '%s' is or holds the container's own root, which would be "
		"writable and executable; mount it read-only or remove it",
		mount->target, mount->source);
	return err_changed_by(err, ERR_BY_LEVEL);
}

/* noexec at the top of a tree says nothing of what the host has mounted below it. */
static bool is_executable(const struct plan_mount *mount)
{
	return !(plan_mount_attrs(mount) & MOUNT_ATTR_NOEXEC) ||
	       (mount->recursive && !(mount->attr_set_rec & MOUNT_ATTR_NOEXEC));
}

static bool overlap(const char *a, const char *b)
{
	return path_is_beneath(a, b) || path_is_beneath(b, a);
}

/* That an exception lets the mount be executable beside a writable name: there may be several. */
static void note_once(struct resolve *r, const char *rule, const struct plan_mount *mount)
{
	const char *key = mount_key(r, mount);
	for (size_t i = 0; key && i < r->plan->changes.n; i++) {
		const struct plan_change *change = &r->plan->changes.items[i];
		if (change->outcome == CHANGE_EXCEPTED && !strcmp(change->rule, rule) &&
		    !strcmp(change->key, key))
			return;
	}
	note(r, rule, CHANGE_EXCEPTED, key, "exec", NULL);
}

/* Beside the names of one volume in this container there may be another's, which nobody
 * sees here: what isn't known to be programs is data, read-only or not.  So is a tree that the
 * bundle wants noexec at its top: Landlock can't give back below what it takes there (H-70). */
static void hold_data(struct resolve *r, struct plan_mount *mount)
{
	if (!is_executable(mount))
		return;
	if (plan_is_exec_granted(r->plan, mount->target)) {
		note_once(r, "H-24", mount);
		return;
	}
	bool wanted = !(plan_mount_attrs(mount) & MOUNT_ATTR_NOEXEC);
	mount->programs = wanted ? mount_programs(r, mount) : PROGRAMS_NONE;
	if (mount->programs == PROGRAMS_NONE)
		force(r, "H-24", mount, MOUNT_ATTR_NOEXEC);
}

/* The executable name loses, and not the writable one its writing: the data stay
 * where they are used, and nothing placed there can be run. */
static void part_from(struct resolve *r, const struct plan_mount *writable)
{
	for (size_t i = 0; i < r->plan->mounts.n; i++) {
		struct plan_mount *mount = &r->plan->mounts.items[i];
		if (mount->kind != MOUNT_BIND || !is_executable(mount) ||
		    !overlap(writable->source, mount->source))
			continue;
		if (plan_is_exec_granted(r->plan, mount->target))
			note_once(r, "H-24", mount);
		else
			force(r, "H-24", mount, MOUNT_ATTR_NOEXEC);
		mount->programs = PROGRAMS_NONE;
	}
}

int rule_write_xor_exec(struct resolve *r, struct err *err)
{
	struct plan *plan = r->plan;
	for (size_t i = 0; i < plan->mounts.n; i++) {
		struct plan_mount *mount = &plan->mounts.items[i];
		if (mount->kind != MOUNT_BIND)
			continue;
		/* Of a tree that is read-only at its top, what is mounted below may not be. */
		if (!is_writable(mount) && mount->recursive)
			force(r, "H-24", mount, MOUNT_ATTR_RDONLY);
		hold_data(r, mount);
		if (!is_writable(mount))
			continue;
		if (refuse_root_as_source(plan, mount, err) && refused(r, err))
			return -1;
		part_from(r, mount);
	}
	return 0;
}

/* --- H-26 --- */

static int refuse_no_pivot(const struct plan *plan, struct err *err)
{
	if (!plan->root.no_pivot)
		return 0;
	return err_policy(err, "H-26",
			  "--no-pivot: leaves the host's root within reach of the "
			  "container; remove it");
}

int rule_propagation(struct resolve *r, struct err *err)
{
	struct plan *plan = r->plan;
	if (refuse_no_pivot(plan, err) && refused(r, err))
		return -1;
	if (plan->root.propagation == MS_SHARED) {
		note(r, "H-26", CHANGE_FORCED, "root.propagation",
		     plan->root.propagation_rec ? "rshared" : "shared", NULL);
		plan->root.propagation = MS_SLAVE;
	}
	for (size_t i = 0; i < plan->mounts.n; i++) {
		struct plan_mount *mount = &plan->mounts.items[i];
		if (mount->propagation != MS_SHARED)
			continue;
		/* Mounts of the host still appear inside; none made inside goes out. */
		note(r, "H-26", CHANGE_FORCED, mount_key(r, mount),
		     mount->propagation_rec ? "rshared" : "shared", NULL);
		mount->propagation = MS_SLAVE;
	}
	return 0;
}
