/* Stage one, devices: the specification's default ones, the bundle's, and the
 * rules of the device cgroup.  Owns plan->devices and dev_links. */
#include "config.h"

#include "policy/devices.h"
#include "policy/resolve.h"

#include "base/path.h"

#include <string.h>

#include "base/banned.h"

/* runtime-spec config-linux.md "Default Devices".  /dev/console and /dev/ptmx are
 * no device nodes of ours: the one is the container's terminal, the other a link. */
const struct default_device default_devices[DEFAULT_DEVICES] = {
	{"/dev/null", 1, 3},   {"/dev/zero", 1, 5},    {"/dev/full", 1, 7},
	{"/dev/random", 1, 8}, {"/dev/urandom", 1, 9}, {"/dev/tty", 5, 0},
};

static const struct plan_symlink links[] = {
	{"/dev/fd", "/proc/self/fd"},       {"/dev/stdin", "/proc/self/fd/0"},
	{"/dev/stdout", "/proc/self/fd/1"}, {"/dev/stderr", "/proc/self/fd/2"},
	{"/dev/ptmx", "pts/ptmx"},
};

static bool bundle_has(const struct resolve *r, const char *path)
{
	for (size_t i = 0; i < r->plan->devices.n; i++)
		if (!strcmp(r->plan->devices.items[i].path, path))
			return true;
	return false;
}

static int take_device(struct resolve *r, const struct spec_device *from, size_t index,
		       struct err *err)
{
	/* T-DEV-5: the node must not be made anywhere but where the text says. */
	if (path_has_dotdot(from->path))
		return err_set(err, ERR_SPEC, "linux.devices[%zu].path: '%s' holds '..'", index,
			       from->path);
	const char *path = clean_path(r, from->path);
	if (!path)
		return err_oom(err);
	if (!path[1])
		return err_set(err, ERR_SPEC, "linux.devices[%zu].path: is the root itself", index);
	if (!strcmp(path, "/dev/ptmx"))
		return 0; /* always the container's own devpts, as with runc */
	struct plan_device *device = RESOLVE_PUSH(r, &r->plan->devices);
	if (!device)
		return err_oom(err);
	*device = (struct plan_device){
		.path = path,
		.type = from->type,
		.major = from->type == 'p' ? 0 : (uint32_t)from->major,
		.minor = from->type == 'p' ? 0 : (uint32_t)from->minor,
		.mode = from->file_mode.set ? from->file_mode.v & 07777 : 0666,
		.uid = from->uid.v,
		.gid = from->gid.v,
	};
	return 0;
}

int oci_devices(struct resolve *r, struct err *err)
{
	struct plan *plan = r->plan;
	bool bind;
	(void)has_dev_mount(plan, &bind);
	if (bind)
		return 0; /* a /dev brought along is complete; nothing is made in it (runc, crun) */
	/* mknod(2) of a device asks for CAP_MKNOD in the initial user namespace. */
	plan->devices_bind = plan->ns[NS_USER].mode != NS_HOST || !r->host->initial_userns;
	for (size_t i = 0; i < r->lin->devices.n; i++)
		if (take_device(r, &r->lin->devices.items[i], i, err))
			return -1;
	for (size_t i = 0; i < DEFAULT_DEVICES; i++) {
		if (bundle_has(r, default_devices[i].path))
			continue;
		struct plan_device *device = RESOLVE_PUSH(r, &plan->devices);
		if (!device)
			return err_oom(err);
		*device = (struct plan_device){default_devices[i].path,
					       'c',
					       default_devices[i].major,
					       default_devices[i].minor,
					       0666,
					       0,
					       0};
	}
	for (size_t i = 0; i < ARRAY_LEN(links); i++) {
		struct plan_symlink *link = RESOLVE_PUSH(r, &plan->dev_links);
		if (!link)
			return err_oom(err);
		*link = links[i];
	}
	return 0;
}

static int add_rule(struct arena *arena, struct plan_cgroup *to, char type, int64_t major,
		    int64_t minor, bool rw, struct err *err)
{
	struct plan_device_rule *rule = ARENA_PUSH(arena, &to->devices);
	if (!rule)
		return err_oom(err);
	*rule = (struct plan_device_rule){true, type, major, minor, rw, rw, true};
	return 0;
}

int devices_allow_default(struct arena *arena, struct plan_cgroup *to, struct err *err)
{
	for (size_t i = 0; i < DEFAULT_DEVICES; i++)
		if (add_rule(arena, to, 'c', default_devices[i].major, default_devices[i].minor,
			     true, err))
			return -1;
	if (add_rule(arena, to, 'c', 5, 2, true, err)) /* ptmx of the container's devpts */
		return -1;
	return add_rule(arena, to, 'c', 136, -1, true, err); /* and its terminals */
}

/* What runc appends to any container's rules, so that a bundle can't take it
 * away: making (not opening) every node, the defaults, and /dev/net/tun, which
 * runc 1.2.0 took out and 1.2.4 put back because engines can't ask for it. */
int devices_allow_as_runc(struct arena *arena, struct plan_cgroup *to, struct err *err)
{
	if (add_rule(arena, to, 'c', -1, -1, false, err) ||
	    add_rule(arena, to, 'b', -1, -1, false, err) || devices_allow_default(arena, to, err))
		return -1;
	return add_rule(arena, to, 'c', 10, 200, true, err);
}
