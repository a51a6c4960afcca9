/* Owns what can be derived from a plan: powers of a mount, overlaps.
 * Must not refuse anything: that is check.c. */
#include "config.h"

#include "plan/facts.h"

#include "base/path.h"

#include <linux/mount.h>
#include <string.h>

#include "base/banned.h"

static struct mount_powers powers_of(uint64_t attrs)
{
	return (struct mount_powers){
		.write = !(attrs & MOUNT_ATTR_RDONLY),
		.exec = !(attrs & MOUNT_ATTR_NOEXEC),
		.suid = !(attrs & MOUNT_ATTR_NOSUID),
		.dev = !(attrs & MOUNT_ATTR_NODEV),
	};
}

struct mount_powers facts_mount_top(const struct plan_mount *mount)
{
	return powers_of(plan_mount_attrs(mount));
}

struct mount_powers facts_mount_below(const struct plan_mount *mount)
{
	if (!mount->recursive)
		return (struct mount_powers){0};
	return powers_of(mount->attr_set_rec);
}

struct mount_powers facts_mount(const struct plan_mount *mount)
{
	struct mount_powers top = facts_mount_top(mount);
	struct mount_powers below = facts_mount_below(mount);
	return (struct mount_powers){
		.write = top.write || below.write,
		.exec = top.exec || below.exec,
		.suid = top.suid || below.suid,
		.dev = top.dev || below.dev,
	};
}

static bool overlap(const char *a, const char *b)
{
	return path_is_beneath(a, b) || path_is_beneath(b, a);
}

static bool mount_is_wx(const struct plan_mount *mount)
{
	struct mount_powers top = facts_mount_top(mount);
	struct mount_powers below = facts_mount_below(mount);
	return (top.write && top.exec) || (below.write && below.exec);
}

/* A writable bind of something that is executable by another name. */
static bool bind_is_wx(const struct plan *plan, const struct plan_mount *writable,
		       struct facts_wx *ret)
{
	if (plan->root.path && overlap(writable->source, plan->root.path)) {
		*ret = (struct facts_wx){.writable = writable->target, .executable = "/"};
		return true;
	}
	for (size_t i = 0; i < plan->mounts.n; i++) {
		const struct plan_mount *other = &plan->mounts.items[i];
		if (other->kind != MOUNT_BIND || other == writable || !facts_mount(other).exec ||
		    plan_is_exec_granted(plan, other->target))
			continue;
		if (overlap(writable->source, other->source)) {
			*ret = (struct facts_wx){.writable = writable->target,
						 .executable = other->target};
			return true;
		}
	}
	return false;
}

bool facts_find_wx(const struct plan *plan, struct facts_wx *ret)
{
	if (!plan->root.readonly) {
		*ret = (struct facts_wx){.writable = "/", .executable = "/"};
		return true;
	}
	for (size_t i = 0; i < plan->mounts.n; i++) {
		const struct plan_mount *mount = &plan->mounts.items[i];
		if (mount_is_wx(mount) && !plan_is_exec_granted(plan, mount->target)) {
			*ret = (struct facts_wx){.writable = mount->target,
						 .executable = mount->target};
			return true;
		}
		if (mount->kind == MOUNT_BIND && facts_mount(mount).write &&
		    bind_is_wx(plan, mount, ret))
			return true;
	}
	return false;
}

const struct plan_change *facts_change(const struct plan *plan, const char *key,
				       enum plan_outcome outcome)
{
	for (size_t i = 0; i < plan->changes.n; i++) {
		const struct plan_change *change = &plan->changes.items[i];
		if (change->outcome == outcome && !strcmp(change->key, key))
			return change;
	}
	return NULL;
}
