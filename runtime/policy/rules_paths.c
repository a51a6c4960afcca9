/* H-30..H-32: the kernel's own files.  A mask costs a few system calls at every
 * start, so the list holds what an unprivileged reader would get, and what the
 * kernel keeps to uid 0 where other software may rely on the mask. */
#include "config.h"

#include "policy/resolve.h"

#include "base/path.h"

#include <linux/mount.h>
#include <string.h>

#include "base/banned.h"

/* W-04, W-05.  Left out, with reason:
 * - /sys/kernel/{debug,tracing,security}, /sys/fs/{bpf,pstore,selinux}: mount points
 *   that are empty in the container's own sysfs (H-32, H-25 refuse the host's);
 * - /proc/{vmallocinfo,pagetypeinfo,kpage*}: mode 0400 of uid 0, which the
 *   container's user namespace doesn't have (H-12). */
static const char *const masked[] = {
	"/proc/acpi",
	"/proc/asound",
	"/proc/interrupts",
	"/proc/kallsyms",
	"/proc/kcore",
	"/proc/key-users",
	"/proc/keys",
	"/proc/kmsg",
	"/proc/latency_stats",
	"/proc/sched_debug",
	"/proc/scsi",
	"/proc/slabinfo",
	"/proc/timer_list",
	"/proc/timer_stats",
	"/sys/devices/virtual/powercap", /* GHSA-7ww5-4wqc-m92c: power readings tell keys */
	"/sys/firmware",
};

static const char *const readonly[] = {
	"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger",
};

static bool is_masked(const struct plan *plan, const char *path)
{
	for (size_t i = 0; i < plan->masked.n; i++)
		if (path_is_beneath(path, plan->masked.items[i].path))
			return true;
	return false;
}

static int mask(struct resolve *r, const char *path, struct err *err)
{
	struct plan_path *entry =
		path && !is_masked(r->plan, path) ? RESOLVE_PUSH(r, &r->plan->masked) : NULL;
	if (r->oom)
		return err_oom(err);
	if (!entry)
		return 0;
	entry->path = path;
	note(r, "H-30", CHANGE_ADDED, text(r, "masked %s", path), NULL, NULL);
	return 0;
}

int rule_masked(struct resolve *r, struct err *err)
{
	for (size_t i = 0; i < ARRAY_LEN(masked); i++)
		if (mask(r, masked[i], err))
			return -1;
	/* How often the host's processors were too hot tells who computes when. */
	for (uint32_t i = 0; i < r->host->thermal_cpus; i++)
		if (mask(r, text(r, "/sys/devices/system/cpu/cpu%u/thermal_throttle", i), err))
			return -1;
	return 0;
}

int rule_readonly(struct resolve *r, struct err *err)
{
	struct plan *plan = r->plan;
	for (size_t i = 0; i < ARRAY_LEN(readonly); i++) {
		bool have = is_masked(plan, readonly[i]);
		for (size_t k = 0; k < plan->readonly.n; k++)
			have |= !strcmp(readonly[i], plan->readonly.items[k].path);
		if (have)
			continue;
		struct plan_path *path = RESOLVE_PUSH(r, &plan->readonly);
		if (!path)
			return err_oom(err);
		path->path = readonly[i];
		note(r, "H-31", CHANGE_ADDED, text(r, "readonly %s", readonly[i]), NULL, NULL);
	}
	return 0;
}

/* At its place nothing else, and elsewhere nothing of it: the masks are at that place. */
static int check_place(const struct plan_mount *mount, const char *place, const char *type,
		       struct err *err)
{
	bool at_place = !strcmp(mount->target, place);
	bool of_type = mount->kind == MOUNT_NEW && !strcmp(mount->type, type);
	if (at_place && !of_type)
		return err_policy(
			err, "H-32",
			"mount '%s': must have type %s; programs and the masks rely on it", place,
			type);
	if (of_type && !at_place)
		return err_policy(err, "H-32",
				  "mount '%s': type %s belongs on %s, where it is masked; move it",
				  mount->target, type, place);
	return 0;
}

/* Engines bind the host's /sys where a container in a user namespace can't mount one
 * (podman, for a pod with --userns): its network namespace is another's.  Here it can:
 * the one that owns both is joined (H-12).  So it gets its own. */
static void replace_bound_sysfs(struct resolve *r)
{
	for (size_t i = 0; i < r->plan->mounts.n; i++) {
		struct plan_mount *mount = &r->plan->mounts.items[i];
		if (mount->kind != MOUNT_BIND || strcmp(mount->source, "/sys") ||
		    strcmp(mount->target, "/sys"))
			continue;
		note(r, "H-32", CHANGE_FORCED, "mount /sys", "bind", NULL);
		*mount = (struct plan_mount){.kind = MOUNT_NEW,
					     .type = "sysfs",
					     .source = "sysfs",
					     .target = mount->target,
					     .on_missing = mount->on_missing,
					     .mode = mount->mode,
					     .links = LINKS_REFUSED,
					     .refuse_procfs_target = true,
					     .attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID |
							 MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC};
	}
}

/* A sysfs of the container's own network namespace, read-only wherever it is
 * mounted.  /proc is of its own pid namespace by H-10. */
int rule_kernel_fs(struct resolve *r, struct err *err)
{
	replace_bound_sysfs(r);
	for (size_t i = 0; i < r->plan->mounts.n; i++) {
		struct plan_mount *mount = &r->plan->mounts.items[i];
		if ((check_place(mount, "/proc", "proc", err) ||
		     check_place(mount, "/sys", "sysfs", err)) &&
		    refused(r, err))
			return -1;
		if (mount->kind != MOUNT_NEW || strcmp(mount->type, "sysfs"))
			continue;
		if (!((mount->attr_set & ~mount->attr_clr_rec) & MOUNT_ATTR_RDONLY))
			note(r, "H-32", CHANGE_FORCED, text(r, "mount %s", mount->target), "rw",
			     NULL);
		mount->attr_set |= MOUNT_ATTR_RDONLY;
		mount->attr_clr &= ~(uint64_t)MOUNT_ATTR_RDONLY;
		mount->attr_clr_rec &= ~(uint64_t)MOUNT_ATTR_RDONLY;
	}
	return 0;
}
