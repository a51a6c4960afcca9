/* H-80, H-81: programs and words that come with the bundle. */
#include "config.h"

#include "policy/resolve.h"

#include "base/path.h"

#include <linux/mount.h>
#include <string.h>

#include "base/banned.h"

/* Hooks run as the host's root: their program must be the host's, out of reach of
 * whoever wrote the image or runs in the container (T-HK-1). */
static int check_hook(struct resolve *r, const char *given, struct err *err)
{
	const struct plan *plan = r->plan;
	if (path_has_dotdot(given))
		return err_policy(err, "H-80", "its path '%s' holds '..'; write where it leads to",
				  given);
	const char *path = clean_path(r, given);
	if (!path)
		return err_oom(err);
	if (path_is_beneath(path, plan->root.path))
		return err_policy(
			err, "H-80",
			"its program '%s' is in the container's root; install it on the host",
			path);
	if (path_is_beneath(path, plan->bundle))
		return err_policy(err, "H-80",
				  "its program '%s' is in the bundle; install it on the host",
				  path);
	for (size_t i = 0; i < plan->mounts.n; i++) {
		const struct plan_mount *mount = &plan->mounts.items[i];
		if (mount->kind == MOUNT_BIND &&
		    !((mount->attr_set | mount->attr_set_rec) & MOUNT_ATTR_RDONLY) &&
		    path_is_beneath(path, mount->source))
			return err_policy(err, "H-80",
					  "its program '%s' is in '%s', which the container may "
					  "write as '%s'; "
					  "install it elsewhere",
					  path, mount->source, mount->target);
	}
	return 0;
}

int rule_hooks(struct resolve *r, struct err *err)
{
	for (int k = 0; k < HOOK_COUNT; k++) {
		if (k == HOOK_START_CONTAINER)
			continue; /* a program of the container, confined like it */
		for (size_t i = 0; i < r->plan->hooks[k].n; i++)
			if (check_hook(r, r->plan->hooks[k].items[i].path, err))
				return err_context(err, "hooks.%s[%zu]",
						   plan_hook_name((enum plan_hook_kind)k), i);
	}
	return 0;
}

/* Those that change what crun or runc do: an image or a pod's author may have
 * written them (CVE-2024-3154, CVE-2026-94603). */
int rule_annotations(struct resolve *r, struct err *err)
{
	static const char *const effective[] = {"krun.", "module.wasm.", "org.criu.config",
						"org.systemd.property.", "run.oci."};
	const struct plan *plan = r->plan;
	(void)err;
	for (size_t i = 0; i < plan->annotations.n; i++)
		for (size_t k = 0; k < ARRAY_LEN(effective); k++)
			if (!strncmp(plan->annotations.items[i].key, effective[k],
				     strlen(effective[k])))
				note(r, "H-81", CHANGE_DROPPED, "annotations",
				     plan->annotations.items[i].key, "no effect");
	return 0;
}
