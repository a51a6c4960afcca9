/* H-70, H-71: Landlock and labels. */
#include "config.h"

#include "policy/resolve.h"

#include "base/path.h"

#include <linux/landlock.h>
#include <linux/mount.h>
#include <string.h>

#include "base/banned.h"

/* Newer than the header we build with. */
#ifndef LANDLOCK_ACCESS_FS_REFER
#define LANDLOCK_ACCESS_FS_REFER (UINT64_C(1) << 13) /* Linux 5.19 */
#endif
#ifndef LANDLOCK_ACCESS_FS_TRUNCATE
#define LANDLOCK_ACCESS_FS_TRUNCATE (UINT64_C(1) << 14) /* Linux 6.2 */
#endif

/* Writing and executing, which the mounts hold already: a second lock that doesn't
 * hang on them.  Reading is not restricted.  Neither is ioctl on devices (the
 * default ones and a terminal), nor signals: a program started by exec is in a
 * domain of its own, and the container's first process must be able to reach it. */
static const uint64_t handled =
	LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |
	LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_CHAR |
	LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK |
	LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM |
	LANDLOCK_ACCESS_FS_REFER | LANDLOCK_ACCESS_FS_TRUNCATE;

static uint64_t attrs_of(const struct plan_mount *mount)
{
	return (mount->attr_set & ~mount->attr_clr_rec) | mount->attr_set_rec;
}

/* Already below an entry of the list. */
static bool is_listed(const struct str_list *list, const char *path)
{
	for (size_t i = 0; i < list->n; i++)
		if (path_is_beneath(path, list->items[i]))
			return true;
	return false;
}

/* Rights are given by hierarchy and can't be taken back further down: a place with
 * something executable mounted below it is left to its mounts. */
static bool has_executable_below(const struct plan *plan, const char *target)
{
	for (size_t i = 0; i < plan->mounts.n; i++)
		if (!(attrs_of(&plan->mounts.items[i]) & MOUNT_ATTR_NOEXEC) &&
		    path_is_beneath(plan->mounts.items[i].target, target))
			return true;
	return false;
}

static void add_place(struct resolve *r, struct str_list *list, const char *path)
{
	const char **slot = is_listed(list, path) ? NULL : RESOLVE_PUSH(r, list);
	if (slot)
		*slot = path;
}

int rule_landlock(struct resolve *r, struct err *err)
{
	struct plan *plan = r->plan;
	struct plan_landlock *landlock = &plan->landlock;
	(void)err;
	if (r->host->landlock_abi < 1) {
		note(r, "H-70", CHANGE_SKIPPED, "landlock", NULL, "the kernel has it off");
		return 0;
	}
	landlock->enabled = true;
	landlock->handled_fs = handled;
	add_place(r, &landlock->writable, "/dev");
	/* The files of one's own process; all else in there is read-only or another's. */
	add_place(r, &landlock->writable, "/proc");
	for (size_t i = 0; i < plan->mounts.n; i++) {
		const struct plan_mount *mount = &plan->mounts.items[i];
		if (!(attrs_of(mount) & MOUNT_ATTR_RDONLY))
			add_place(r, &landlock->writable, mount->target);
		if ((attrs_of(mount) & MOUNT_ATTR_NOEXEC) &&
		    !has_executable_below(plan, mount->target))
			add_place(r, &landlock->no_exec, mount->target);
	}
	note(r, "H-70", CHANGE_ADDED, "landlock", NULL, NULL);
	return 0;
}

/* A label that this host can't apply is refused where it is read.  For exec: the
 * container's label holds whatever the process asks, because engines leave it out
 * of what they pass (podman). */
int rule_labels(struct resolve *r, struct err *err)
{
	struct plan_process *process = &r->plan->process;
	(void)err;
	if (!r->ceiling)
		return 0;
	const struct {
		const char *key;
		const char *of_container;
		const char **label;
	} labels[] = {
		{"apparmor", r->ceiling->process.apparmor_profile, &process->apparmor_profile},
		{"selinux", r->ceiling->process.selinux_label, &process->selinux_label},
	};
	for (size_t i = 0; i < ARRAY_LEN(labels); i++) {
		if (!labels[i].of_container ||
		    (*labels[i].label && !strcmp(*labels[i].label, labels[i].of_container)))
			continue;
		note(r, "H-71", CHANGE_FORCED, labels[i].key, *labels[i].label, NULL);
		*labels[i].label = keep(r, labels[i].of_container);
	}
	return 0;
}
