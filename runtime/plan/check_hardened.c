/* Owns the promises of level hardened, as far as a plan shows them: one function
 * per group of rules of policy/rules.h, each error with its H-id.  Written from
 * the promises and not from the rules' code, so that a mistake there is refused
 * here and no container starts with it.
 */
#include "config.h"

#include "plan/check.h"

#include "base/path.h"
#include "plan/facts.h"

#include <linux/mount.h>
#include <linux/securebits.h>
#include <string.h>
#include <sys/resource.h>

#include "base/banned.h"

static int unkept(struct err *err, const char *rule, const char *what)
{
	return err_policy(err, rule, "the plan doesn't keep what the rule promises: %s", what);
}

static bool was_skipped(const struct plan *plan, const char *key)
{
	return facts_change(plan, key, CHANGE_SKIPPED) != NULL;
}

/* --- process: H-01 to H-08 --- */

/* An exception's root is one only within ids that aren't the host's. */
static int hardened_ids(const struct plan *plan, struct err *err)
{
	const struct plan_process *process = &plan->process;
	bool own_ids = plan->ns[NS_USER].mode == NS_HOST;
	if (process->uid == 0 && !plan->granted.root_user && !plan->root_kept)
		return unkept(err, "H-01", "the user is 0");
	if (process->uid == 0 && own_ids && !plan_outside_id(&plan->userns_last.uid_maps, 0))
		return unkept(err, "H-01", "the user is the host's 0");
	if (process->gid == 0 && plan->root_kept && own_ids &&
	    !plan_outside_id(&plan->userns_last.gid_maps, 0))
		return unkept(err, "H-02", "the group is the host's 0");
	if (process->gid == 0 && !plan->granted.root_group && !plan->root_kept)
		return unkept(err, "H-02", "the group is 0");
	for (size_t i = 0; i < process->groups.n; i++)
		if (process->groups.items[i] == 0 && !plan->granted.root_group && !plan->root_kept)
			return unkept(err, "H-03", "group 0 is among the supplementary groups");
	return 0;
}

/* Without these uid 0 means something again, or a later step could undo them. */
#define NEEDED_SECUREBITS                                                       \
	(SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_NO_SETUID_FIXUP_LOCKED | \
	 SECBIT_KEEP_CAPS_LOCKED | SECBIT_NO_CAP_AMBIENT_RAISE |                \
	 SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED)

/* H-16: what isn't set is the caller's (W-28).  Without privilege a niceness can't be
 * taken back, so policy may say that it left that alone. */
int hardened_scheduling(const struct plan *plan, struct err *err)
{
	const struct plan_process *process = &plan->process;
	if (!process->personality_set || (process->personality & ~UINT32_C(0xff)))
		return unkept(err, "H-16", "the personality is the caller's or has bug emulations");
	if (!process->sched.set && !was_skipped(plan, "scheduler"))
		return unkept(err, "H-16", "the scheduling policy is the caller's");
	if (!process->io_priority_set)
		return unkept(err, "H-16", "the I/O priority is the caller's");
	return 0;
}

int hardened_process(const struct plan *plan, struct err *err)
{
	const struct plan_process *process = &plan->process;
	const struct plan_caps *caps = &process->caps;
	if (hardened_ids(plan, err))
		return -1;
	if ((caps->bounding | caps->effective | caps->permitted | caps->inheritable |
	     caps->ambient) &
	    ~plan->granted.capabilities)
		return unkept(err, "H-04", "a capability set isn't empty");
	if (!process->no_new_privs)
		return unkept(err, "H-05", "no_new_privs is off");
	if ((process->securebits & NEEDED_SECUREBITS) != NEEDED_SECUREBITS ||
	    (process->securebits & SECBIT_KEEP_CAPS))
		return unkept(err, "H-06", "securebits aren't set and locked");

	bool no_core = false;
	for (size_t i = 0; i < process->rlimits.n; i++) {
		const struct plan_rlimit *limit = &process->rlimits.items[i];
		no_core |= limit->resource == RLIMIT_CORE && limit->soft == 0 && limit->hard == 0;
	}
	if (!no_core)
		return unkept(err, "H-07", "core dumps are possible");
	if (!process->new_keyring)
		return unkept(err, "H-08", "the caller's keyring is kept");
	return 0;
}

/* --- namespaces: H-10 to H-15 --- */

int hardened_userns(const struct plan *plan, struct err *err)
{
	const struct plan_userns_last *last = &plan->userns_last;
	if (!last->enabled)
		return unkept(err, "H-12", "no user namespace is entered last");
	/* Of the host's own ids never; of a mapped user namespace's, or of ids that are
	 * nobody's, where the policy says so. */
	bool mapped = plan->ns[NS_USER].mode != NS_HOST;
	bool user = plan->root_kept || (plan->granted.root_user && mapped);
	bool group = plan->root_kept || plan->granted.root_group;
	if (plan_has_inside_id(&last->uid_maps, 0) && !user)
		return unkept(err, "H-12", "user 0 is in the container's user namespace");
	if (plan_has_outside_id(&last->uid_maps, 0) && !(user && mapped))
		return unkept(err, "H-12",
			      "the host's user 0 is in the container's user namespace");
	if (plan_has_inside_id(&last->gid_maps, 0) && !group)
		return unkept(err, "H-12", "group 0 is in the container's user namespace");
	if (plan_has_outside_id(&last->gid_maps, 0) &&
	    !(plan->granted.root_group || (group && mapped)))
		return unkept(err, "H-12",
			      "the host's group 0 is in the container's user namespace");
	if (!last->forbid_children)
		return unkept(err, "H-13", "user namespaces can be made inside");
	return 0;
}

int hardened_namespaces(const struct plan *plan, struct err *err)
{
	for (int i = 0; i < NS_COUNT; i++) {
		const struct plan_ns *ns = &plan->ns[i];
		if (ns->mode == NS_JOIN && !ns->refuse_host)
			return unkept(err, "H-11",
				      "a namespace is joined without looking whose it is");
		if (ns->mode != NS_HOST || i == NS_USER)
			continue;
		/* a kernel without time namespaces has none to share either */
		if (i == NS_TIME && was_skipped(plan, "namespace.time"))
			continue;
		return unkept(err, "H-10", "a namespace is the host's");
	}
	if (plan->ns[NS_MNT].mode != NS_PRIVATE)
		return unkept(err, "H-10", "the mount namespace isn't new");
	if (plan->ns[NS_USER].mode == NS_JOIN && !plan->join_below_own)
		return unkept(err, "H-12",
			      "the last user namespace would be made within another container's");
	return 0;
}

static bool begins(const char *s, const char *with)
{
	return !strncmp(s, with, strlen(with));
}

/* Names below these are per network, IPC and UTS namespace. */
static bool is_namespaced_sysctl(const char *key)
{
	static const char *const names[] = {
		"kernel/domainname", "kernel/msgmax",   "kernel/msgmnb", "kernel/msgmni",
		"kernel/sem",        "kernel/shmall",   "kernel/shmmax", "kernel/shm_rmid_forced",
		"kernel/shmmni",     "vm/memfd_noexec",
	};
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (!strcmp(key, names[i]))
			return true;
	return begins(key, "net/") || begins(key, "fs/mqueue/");
}

int hardened_sysctls(const struct plan *plan, struct err *err)
{
	bool memfd = false;
	for (size_t i = 0; i < plan->sysctls.n; i++) {
		const struct plan_sysctl *sysctl = &plan->sysctls.items[i];
		if (!is_namespaced_sysctl(sysctl->key))
			return unkept(err, "H-15", "a sysctl that is the host's is set");
		if (!strcmp(sysctl->key, "vm/memfd_noexec"))
			memfd = !strcmp(sysctl->value, "2");
	}
	if (!memfd && !was_skipped(plan, "sysctl.vm/memfd_noexec"))
		return unkept(err, "H-14", "memory files can be executed");
	return 0;
}

/* --- file systems: H-20 to H-26, H-32 --- */

/* `key` is "mount PATH": something is mounted there or above, or a change says why not. */
static bool is_covered(const struct plan *plan, const char *key)
{
	const char *path = strchr(key, '/');
	for (size_t i = 0; i < plan->mounts.n; i++) {
		const char *target = plan->mounts.items[i].target;
		if (target[1] && path_is_beneath(path, target))
			return true;
	}
	return was_skipped(plan, key);
}

static int hardened_mount_flags(const struct plan *plan, const struct plan_mount *mount,
				struct err *err)
{
	struct mount_powers can = facts_mount(mount);
	bool exec = can.exec && !plan_is_exec_granted(plan, mount->target);
	bool new = mount->kind == MOUNT_NEW;
	/* devpts is made of devices; so is /dev, which dev_readonly closes */
	bool of_devices = new && (!strcmp(mount->type, "devpts") || !strcmp(mount->target, "/dev"));
	if (mount->kind == MOUNT_BIND && (can.suid || can.dev))
		return unkept(err, "H-23", "a bind mount with set-user-id programs or devices");
	if (can.write && (exec || can.suid || (can.dev && !of_devices)))
		return unkept(err, "H-22", "a writable mount without noexec, nosuid or nodev");
	if (mount->kind == MOUNT_BIND && exec && mount->programs == PROGRAMS_NONE)
		return unkept(err, "H-24", "a bind mount of data is executable");
	return 0;
}

/* What no container may see of the host, and what holds or leads to it. */
static bool is_dangerous_source(const char *source)
{
	static const char *const roots[] = {"/proc", "/sys", "/dev", "/boot"};
	static const char *const sockets[] = {
		"/run/docker.sock",
		"/var/run/docker.sock",
		"/run/containerd/containerd.sock",
		"/run/podman/podman.sock",
		"/run/crio/crio.sock",
		"/run/dbus/system_bus_socket",
		"/run/systemd/private",
	};
	for (size_t i = 0; i < ARRAY_LEN(roots); i++)
		if (path_is_beneath(source, roots[i]))
			return true;
	for (size_t i = 0; i < ARRAY_LEN(sockets); i++)
		if (path_is_beneath(sockets[i], source)) /* the socket or a directory above it */
			return true;
	return !strcmp(source, "/");
}

static int hardened_mount_origin(const struct plan_mount *mount, struct err *err)
{
	static const char *const types[] = {"proc", "sysfs", "tmpfs", "devpts", "mqueue"};
	bool known = mount->kind != MOUNT_NEW;
	if (mount->kind == MOUNT_BIND && is_dangerous_source(mount->source))
		return unkept(err, "H-25", "a dangerous path of the host is mounted");
	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		known |= mount->type && !strcmp(mount->type, types[i]);
	if (!known)
		return unkept(err, "H-25",
			      "a file system that may be made of the host's devices is mounted");
	if (mount->propagation & MS_SHARED)
		return unkept(err, "H-26", "a mount is shared with the host");
	if (!mount->refuse_procfs_target && path_is_beneath(mount->target, "/proc") &&
	    mount->kind != MOUNT_BIND)
		return unkept(err, "H-32", "something that isn't procfs may cover /proc");
	return 0;
}

static int hardened_kernel_fs(const struct plan_mount *mount, struct err *err)
{
	struct mount_powers can = facts_mount(mount);
	bool proc = mount->kind == MOUNT_NEW && !strcmp(mount->type, "proc");
	bool sys = mount->kind == MOUNT_NEW && !strcmp(mount->type, "sysfs");
	if (!strcmp(mount->target, "/proc") && !proc)
		return unkept(err, "H-32", "/proc isn't procfs");
	if (sys && can.write)
		return unkept(err, "H-32", "sysfs is writable");
	if (mount->kind == MOUNT_CGROUP_VIEW && can.write)
		return unkept(err, "H-61", "cgroupfs is writable");
	return 0;
}

int hardened_mounts(const struct plan *plan, struct err *err)
{
	static const char *const scratch[] = {"mount /tmp", "mount /var/tmp", "mount /run"};
	struct facts_wx wx;
	if (!plan->root.readonly)
		return unkept(err, "H-20", "the root is writable");
	for (size_t i = 0; i < ARRAY_LEN(scratch); i++)
		if (!is_covered(plan, scratch[i]))
			return unkept(err, "H-21", "a scratch directory is missing");
	for (size_t i = 0; i < plan->mounts.n; i++) {
		const struct plan_mount *mount = &plan->mounts.items[i];
		if (hardened_mount_flags(plan, mount, err) || hardened_mount_origin(mount, err) ||
		    hardened_kernel_fs(mount, err))
			return -1;
	}
	if (facts_find_wx(plan, &wx))
		return err_policy(
			err, "H-24",
			"the plan doesn't keep what the rule promises: '%s' is writable and "
			"executable as '%s'",
			wx.writable, wx.executable);
	if (plan->root.propagation & MS_SHARED)
		return unkept(err, "H-26", "the root is shared with the host");
	if (plan->root.no_pivot)
		return unkept(err, "H-26", "the host's root stays mounted");
	return 0;
}

/* --- kernel paths: H-30, H-31 --- */

static bool has_path(const struct plan_path *paths, size_t n, const char *path)
{
	for (size_t i = 0; i < n; i++)
		if (path_is_beneath(path, paths[i].path))
			return true;
	return false;
}

int hardened_paths(const struct plan *plan, struct err *err)
{
	static const char *const masked[] = {
		"/proc/acpi",        "/proc/asound",  "/proc/interrupts",
		"/proc/kcore",       "/proc/keys",    "/proc/latency_stats",
		"/proc/sched_debug", "/proc/scsi",    "/proc/timer_list",
		"/proc/timer_stats", "/sys/firmware", "/sys/devices/virtual/powercap",
	};
	static const char *const readonly[] = {
		"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger",
	};
	for (size_t i = 0; i < ARRAY_LEN(masked); i++)
		if (!has_path(plan->masked.items, plan->masked.n, masked[i]))
			return err_policy(
				err, "H-30",
				"the plan doesn't keep what the rule promises: '%s' isn't masked",
				masked[i]);
	for (size_t i = 0; i < ARRAY_LEN(readonly); i++)
		if (!has_path(plan->readonly.items, plan->readonly.n, readonly[i]) &&
		    !has_path(plan->masked.items, plan->masked.n, readonly[i]))
			return err_policy(err, "H-31",
					  "the plan doesn't keep what the rule promises: '%s' "
					  "isn't read-only",
					  readonly[i]);
	return 0;
}

/* --- devices: H-40, H-41 --- */

/* null, zero, full, random, urandom; tty, console, ptmx; pseudo-terminals. */
static bool is_default_device(char type, int64_t major, int64_t minor)
{
	if (type != 'c')
		return false;
	if (major == 1)
		return minor == 3 || minor == 5 || minor == 7 || minor == 8 || minor == 9;
	if (major == 5)
		return minor >= 0 && minor <= 2;
	return major == 136;
}

int hardened_devices(const struct plan *plan, struct err *err)
{
	for (size_t i = 0; i < plan->devices.n; i++) {
		const struct plan_device *device = &plan->devices.items[i];
		if ((device->type != 'p' &&
		     !is_default_device(device->type, device->major, device->minor)) ||
		    !path_is_beneath(device->path, "/dev"))
			return unkept(err, "H-40", "a device that isn't one of the default ones");
	}
	for (size_t i = 0; i < plan->cgroup.devices.n; i++) {
		const struct plan_device_rule *rule = &plan->cgroup.devices.items[i];
		if (rule->allow && !is_default_device(rule->type, rule->major, rule->minor))
			return unkept(err, "H-41",
				      "a device that isn't one of the default ones is allowed");
	}
	if (!plan->cgroup.device_filter && !was_skipped(plan, "devices.filter"))
		return unkept(err, "H-41", "devices aren't filtered");
	return 0;
}

/* --- filters, Landlock, cgroup: H-50 to H-70 --- */

int hardened_filters(const struct plan *plan, struct err *err)
{
	if (plan->filters.n == 0 || plan->filters.items[0].kind == FILTER_RULES)
		return unkept(err, "H-50", "our own filter isn't the first");
	return 0;
}

int hardened_landlock(const struct plan *plan, struct err *err)
{
	if (!plan->landlock.enabled && !was_skipped(plan, "landlock"))
		return unkept(err, "H-70", "no Landlock domain");
	for (size_t i = 0; i < plan->landlock.writable.n; i++)
		if (!plan->landlock.writable.items[i][1])
			return unkept(err, "H-70", "Landlock leaves the root writable");
	return 0;
}

int hardened_cgroup(const struct plan *plan, struct err *err)
{
	bool limited = was_skipped(plan, "cgroup.pids.max");
	for (size_t i = 0; i < plan->cgroup.writes.n; i++) {
		const struct plan_cgroup_write *write = &plan->cgroup.writes.items[i];
		if (!strcmp(write->file, "pids.max"))
			limited = strcmp(write->value, "max") != 0;
	}
	if (!limited)
		return unkept(err, "H-60", "the number of processes has no limit");
	if (plan->cgroup.delegate_uid >= 0 || plan->cgroup.delegate_gid >= 0)
		return unkept(err, "H-61", "the cgroup belongs to the container");
	return 0;
}

int hardened_start(const struct plan *plan, struct err *err)
{
	if (!plan->verify)
		return unkept(err, "H-90", "nothing is read back before exec");
	return 0;
}
