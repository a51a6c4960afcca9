/* H-80 to H-83: programs and words that come with the bundle, and what it looks like as
 * a whole. */
#include "config.h"

#include "policy/resolve.h"

#include "base/path.h"
#include "policy/super_daemons.h"

#include <linux/mount.h>
#include <string.h>

#include "base/banned.h"

/* Hooks run as the host's root: their program must be the host's, out of reach of
 * whoever wrote the image or runs in the container (T-HK-1). */
static int check_hook(struct resolve *r, const struct spec_hook *hook, struct err *err)
{
	const struct plan *plan = r->plan;
	const char *given = hook->path;
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
		    !is_readonly_mount(mount) &&
		    path_is_beneath(path, mount->source))
			return err_policy(err, "H-80",
					  "its program '%s' is in '%s', "
					  "which the container may write as '%s'; "
					  "install it elsewhere",
					  path, mount->source, mount->target);
	}
	/* Where it will lead once it is there, nobody knows; it may be the container that
	 * makes it. */
	if (hook->absent)
		return err_policy(err, "H-80",
				  "its program '%s' isn't there; install it before the container",
				  path);
	return 0;
}

int rule_hooks(struct resolve *r, struct err *err)
{
	size_t n = 0;
	for (int k = 0; k < HOOK_COUNT; k++) {
		const spec_hooks *asked = asked_hooks(r->spec, (enum plan_hook_kind)k);
		n += asked->n;
		if (k == HOOK_START_CONTAINER)
			continue; /* a program of the container, confined like it */
		for (size_t i = 0; i < asked->n; i++)
			if (check_hook(r, &asked->items[i], err)) {
				err_context(err, "hooks.%s[%zu]",
					    plan_hook_name((enum plan_hook_kind)k), i);
				if (refused(r, err))
					return -1;
			}
	}
	return n ? 0 : idle(r, "the bundle has no hooks");
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
	return plan->annotations.n ? 0 : idle(r, "the bundle has no annotations");
}

/* --- H-82 --- */

/* By the name that the process is called by; Landlock holds the files. */
static int check_program(const struct plan_process *process, struct err *err)
{
	size_t daemon;
	if (!has_super_daemon(&process->args, &daemon))
		return 0;
	return err_policy(
		err, "H-82",
		"process.args[%zu]: '%s' starts and minds other services; "
		"run one service to a container and let the engine mind it (superDaemons)",
		daemon, process->args.items[daemon]);
}

/* A container has one service, and its engine minds it. */
int rule_super_daemon(struct resolve *r, struct err *err)
{
	struct plan_landlock *landlock = &r->plan->landlock;
	if (!r->conf)
		return 0; /* exec: the container's own Landlock lists them */
	if (!r->conf->refuse_super_daemons)
		return idle(r, "the policy lets super daemons run (superDaemons)");
	if (check_program(&r->plan->process, err) && refused(r, err))
		return -1;
	if (!landlock->enabled)
		return 0;
	for (size_t i = 0; i < super_daemon_names_n; i++)
		list_add(r, &landlock->no_daemons, super_daemon_names[i]);
	for (size_t i = 0; i < super_daemon_places_n; i++)
		list_add(r, &landlock->daemon_places, super_daemon_places[i]);
	note(r, "H-82", CHANGE_ADDED, "landlock.no-daemons", NULL, NULL);
	return 0;
}

/* --- H-83 --- */

#define ALL_CAPABILITIES ((UINT64_C(1) << 38) - 1) /* those of Linux 5.7, the last that podman 3 knew */

static bool allows_all_devices(const struct resolve *r)
{
	for (size_t i = 0; i < r->plan->cgroup.devices.n; i++) {
		const struct plan_device_rule *rule = &r->plan->cgroup.devices.items[i];
		if (rule->allow && rule->type == 'a' && rule->major < 0 && rule->minor < 0)
			return true;
	}
	return false;
}

/* What every engine's privileged mode leaves out or opens at once: told as one thing. */
int rule_privileged(struct resolve *r, struct err *err)
{
	const struct plan *plan = r->plan;
	bool caps = (plan->process.caps.bounding & ALL_CAPABILITIES) == ALL_CAPABILITIES;
	bool masks = !plan->masked.n && !plan->readonly.n;
	bool devices = allows_all_devices(r);
	bool filter = !plan->filters.n;
	if (!caps)
		return idle(r, "the bundle wants fewer than all capabilities");
	if (masks + devices + filter < 2)
		return idle(r, "the bundle wants all capabilities, but masks, device rules or a "
			       "filter as well");
	return err_policy(err, "H-83",
			  "this is a privileged container (all capabilities%s%s%s); "
			  "start it without --privileged, "
			  "and ask for the single thing it needs",
			  masks ? ", no masked paths" : "", devices ? ", all devices" : "",
			  filter ? ", no seccomp filter" : "");
}
