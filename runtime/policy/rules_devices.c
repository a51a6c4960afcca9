/* H-40, H-41: the default devices and no other, twice: no node, and no access. */
#include "config.h"

#include "policy/devices.h"
#include "policy/resolve.h"

#include "base/path.h"

#include <linux/mount.h>
#include <string.h>

#include "base/banned.h"

static bool is_default(const struct plan_device *device)
{
	for (size_t i = 0; i < DEFAULT_DEVICES; i++)
		if (device->type == 'c' && device->major == default_devices[i].major &&
		    device->minor == default_devices[i].minor)
			return true;
	return false;
}

/* Left out and told, not refused: engines hand over devices that most programs
 * never open (/dev/fuse, or with --privileged all of the host's).  Outside /dev a
 * node would be there and not work, since the root is nodev (H-23). */
static void drop_devices(struct resolve *r)
{
	struct plan *plan = r->plan;
	size_t kept = 0;
	for (size_t i = 0; i < plan->devices.n; i++) {
		const struct plan_device *device = &plan->devices.items[i];
		if (is_default(device) && path_is_beneath(device->path, "/dev")) {
			plan->devices.items[kept++] = *device;
			continue;
		}
		note(r, "H-40", CHANGE_DROPPED, text(r, "device %s", device->path),
		     text(r, "%c %u:%u", device->type, device->major, device->minor), NULL);
	}
	plan->devices.n = kept;
}

/* An image can't bring a /dev of its own: everything in it would be under its
 * control while we work there (T-DEV-1..3). */
static int add_dev(struct resolve *r, struct err *err)
{
	struct plan *plan = r->plan;
	if (!RESOLVE_PUSH(r, &plan->mounts))
		return err_oom(err);
	memmove(plan->mounts.items + 1, plan->mounts.items,
		(plan->mounts.n - 1) * sizeof(plan->mounts.items[0]));
	struct plan_mount *mount = &plan->mounts.items[0];
	*mount = (struct plan_mount){
		.kind = MOUNT_NEW,
		.type = "tmpfs",
		.source = "tmpfs",
		.target = "/dev",
		.links = LINKS_REFUSED,
		.attr_set = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC | MOUNT_ATTR_STRICTATIME,
		.attr_clr = MOUNT_ATTR__ATIME,
		.refuse_procfs_target = true,
		.mode = 0755,
	};
	list_add(r, &mount->data, "mode=755");
	list_add(r, &mount->data, "size=65536k");
	note(r, "H-40", CHANGE_ADDED, "mount /dev", NULL, NULL);
	return 0;
}

int rule_devices(struct resolve *r, struct err *err)
{
	struct plan *plan = r->plan;
	bool is_bind;
	/* Of these a program makes use for certain, and the host loses it meanwhile. */
	for (size_t i = 0; i < plan->net_devices.n; i++) {
		err_policy(err, "H-40",
			   "linux.netDevices: '%s' is a device of the host; "
			   "have the engine move it before, or remove it",
			   plan->net_devices.items[i].host_name);
		if (refused(r, err))
			return -1;
	}
	drop_devices(r);
	if (!has_dev_mount(plan, &is_bind) && add_dev(r, err))
		return -1;
	plan->dev_readonly = !is_bind;
	note(r, "H-40", CHANGE_ADDED, "dev.readonly", NULL, NULL);
	return 0;
}

/* Of the bundle's rules only what they deny could be kept, and they come before the
 * defaults, which would win: so the defaults stand alone. */
int rule_device_filter(struct resolve *r, struct err *err)
{
	struct plan_cgroup *cgroup = &r->plan->cgroup;
	size_t asked = 0;
	for (size_t i = 0; r->lin->resources && i < r->lin->resources->devices.n; i++)
		asked += r->lin->resources->devices.items[i].allow;
	if (asked)
		note(r, "H-41", CHANGE_DROPPED, "devices.filter",
		     text(r, "%zu allowed by the bundle", asked), NULL);
	cgroup->devices.n = 0;
	if (!cgroup->device_filter) {
		note(r, "H-41", CHANGE_SKIPPED, "devices.filter", NULL,
		     cgroup->manager == CGROUP_DISABLED
			     ? "the cgroup manager is disabled"
			     : "needs root of the host, and no device can be made without it");
		return 0;
	}
	return devices_allow_default(&r->plan->arena, cgroup, err);
}
