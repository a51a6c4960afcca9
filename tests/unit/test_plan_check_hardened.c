/* What plan_check() holds of a hardened plan, each by a plan that breaks only that; and what
 * an exec's plan may not have beyond its container's. */
#include "config.h"

#include "tests/unit/plan_breach.h"

/* --- hardened --- */

BREACH(root_uid, p->process.uid = 0; *PUSH(p, &p->userns_last.uid_maps) = ((struct plan_idmap){0, 70000, 1}))
BREACH(root_gid, p->process.gid = 0; *PUSH(p, &p->userns_last.gid_maps) = ((struct plan_idmap){0, 70000, 1}))
BREACH(root_group, p->process.groups.items[0] = 0;
       *PUSH(p, &p->userns_last.gid_maps) = ((struct plan_idmap){0, 70000, 1}))
BREACH(some_bounding, p->process.caps.bounding = 1)
BREACH(some_inheritable, p->process.caps.inheritable = 1)
BREACH(some_permitted, p->process.caps.permitted = 1)
BREACH(nnp_off, p->process.no_new_privs = false; p->filter_point = FILTER_BEFORE_DROP;
       p->landlock.enabled = false)
BREACH(no_securebits, p->process.securebits = 0)
BREACH(unlocked_securebits, p->process.securebits &= ~(uint32_t)SECBIT_NOROOT_LOCKED)
BREACH(keep_caps, p->process.securebits |= SECBIT_KEEP_CAPS)
BREACH(soft_core, p->process.rlimits.items[0].hard = 1)
BREACH(no_core_limit, p->process.rlimits.items[0].resource = RLIMIT_AS)
BREACH(old_keyring, p->process.new_keyring = false)
BREACH(no_personality, p->process.personality_set = false)
BREACH(odd_personality, p->process.personality = 0x0040000)
BREACH(no_scheduler, p->process.sched.set = false)
BREACH(no_io_priority, p->process.io_priority_set = false)
BREACH(host_pid, p->ns[NS_PID].mode = NS_HOST)
BREACH(host_time, p->ns[NS_TIME].mode = NS_HOST)
BREACH(joined_mnt, p->ns[NS_MNT] = ((struct plan_ns){NS_JOIN, "/proc/1/ns/mnt", true}))
BREACH(joined_unseen, p->loopback_up = false; p->ns[NS_NET] = ((struct plan_ns){NS_JOIN, "/run/netns/x", false}))
BREACH(joined_last, p->own_binary = OWN_BINARY_SEALED_COPY;
       p->ns[NS_USER] = ((struct plan_ns){NS_JOIN, "/proc/7/ns/user", true}))
BREACH(no_userns, p->userns_last.enabled = false; p->own_binary = OWN_BINARY_SEALED_COPY)
BREACH(last_has_root, *PUSH(p, &p->userns_last.uid_maps) = ((struct plan_idmap){0, 70000, 1}))
BREACH(last_has_host_root, *PUSH(p, &p->userns_last.uid_maps) = ((struct plan_idmap){70000, 0, 1});
       p->own_binary = OWN_BINARY_SEALED_COPY)
BREACH(last_has_root_group, *PUSH(p, &p->userns_last.gid_maps) = ((struct plan_idmap){0, 70000, 1}))
BREACH(children_allowed, p->userns_last.forbid_children = false)
BREACH(memfd_allowed, p->sysctls.items[1].value = "1")
BREACH(memfd_forgotten, p->sysctls.n = 1)
BREACH(host_sysctl, p->sysctls.items[0].key = "kernel/core_pattern")
BREACH(netlike_sysctl, p->sysctls.items[0].key = "network/x")
BREACH(writable_root, p->root.readonly = false)
BREACH(no_tmp, fixture_find_mount(p, "/tmp")->target = "/tmpx")
BREACH(exec_tmp, fixture_find_mount(p, "/tmp")->attr_set &= ~(uint64_t)MOUNT_ATTR_NOEXEC)
BREACH(suid_tmp, fixture_find_mount(p, "/tmp")->attr_set &= ~(uint64_t)MOUNT_ATTR_NOSUID)
BREACH(dev_tmp, fixture_find_mount(p, "/tmp")->attr_set &= ~(uint64_t)MOUNT_ATTR_NODEV)
BREACH(exec_pts, fixture_find_mount(p, "/dev/pts")->attr_set &= ~(uint64_t)MOUNT_ATTR_NOEXEC)
BREACH(suid_bind, fixture_find_mount(p, "/opt/tools")->attr_set &= ~(uint64_t)MOUNT_ATTR_NOSUID)
BREACH(dev_bind, fixture_find_mount(p, "/opt/tools")->attr_set &= ~(uint64_t)MOUNT_ATTR_NODEV)
BREACH(deep_bind, fixture_find_mount(p, "/opt/tools")->recursive = true)
BREACH(cleared_bind, fixture_find_mount(p, "/data")->attr_clr_rec = MOUNT_ATTR_NOSUID)
BREACH(bind_overlap, fixture_find_mount(p, "/data")->source = "/srv/tools/cache")
BREACH(bind_overlap_above, fixture_find_mount(p, "/data")->source = "/srv")
BREACH(bind_of_data, fixture_find_mount(p, "/opt/tools")->programs = PROGRAMS_NONE)
BREACH(bind_tree_of_data, struct plan_mount *m = fixture_find_mount(p, "/opt/tools"); m->recursive = true;
       m->programs = PROGRAMS_NONE; m->attr_set |= MOUNT_ATTR_NOEXEC; m->attr_set_rec = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV)
BREACH(bind_of_root, fixture_find_mount(p, "/data")->source = "/b/rootfs/data")
BREACH(bind_above_root, fixture_find_mount(p, "/data")->source = "/b")
BREACH(bind_of_everything, fixture_find_mount(p, "/opt/tools")->source = "/")
BREACH(bind_of_proc, fixture_find_mount(p, "/opt/tools")->source = "/proc/1")
BREACH(bind_of_sys, fixture_find_mount(p, "/opt/tools")->source = "/sys")
BREACH(bind_of_dev, fixture_find_mount(p, "/opt/tools")->source = "/dev/sda")
BREACH(bind_of_socket, fixture_find_mount(p, "/opt/tools")->source = "/run/docker.sock")
BREACH(bind_of_run, fixture_find_mount(p, "/opt/tools")->source = "/run")
BREACH(block_fs, fixture_find_mount(p, "/tmp")->type = "ext4")
BREACH(shared_mount, fixture_find_mount(p, "/data")->propagation = MS_SHARED)
BREACH(shared_root, p->root.propagation = MS_SHARED)
BREACH(no_pivot, p->root.no_pivot = true)
BREACH(fake_proc, fixture_find_mount(p, "/proc")->type = "tmpfs")
BREACH(writable_sys, fixture_find_mount(p, "/sys")->attr_set &= ~(uint64_t)MOUNT_ATTR_RDONLY)
BREACH(over_proc, struct plan_mount *m = fixture_mount(p, MOUNT_NEW, "tmpfs", "t", "/proc/self/attr", RW_FLAGS);
       m->refuse_procfs_target = false)
BREACH(writable_cgroupfs, fixture_find_mount(p, "/sys/fs/cgroup")->attr_set &= ~(uint64_t)MOUNT_ATTR_RDONLY)
BREACH(delegated, p->cgroup.delegate_uid = 65532)
BREACH(unmasked, p->masked.items[3].path = "/proc/kcorex")
BREACH(not_readonly, p->readonly.items[4].path = "/proc/x")
BREACH(disk, *PUSH(p, &p->devices) = ((struct plan_device){"/dev/sda", 'b', 8, 0, 0660, 0, 0}))
BREACH(kmem, p->devices.items[0].minor = 1)
BREACH(device_elsewhere, p->devices.items[0].path = "/tmp/null")
BREACH(allow_disk, p->cgroup.devices.items[0] = ((struct plan_device_rule){true, 'b', 8, 0, true, false, false}))
BREACH(allow_all, p->cgroup.devices.items[0] = ((struct plan_device_rule){true, 'a', -1, -1, true, true, true}))
BREACH(allow_major, p->cgroup.devices.items[0].minor = -1)
BREACH(no_device_filter, p->cgroup.device_filter = false)
BREACH(no_filter, p->filters.n = 0)
BREACH(foreign_filter_first, p->filters.items[0].kind = FILTER_RULES)
BREACH(no_landlock, p->landlock.enabled = false)
BREACH(landlock_writes_root, p->landlock.writable.items[0] = "/")
BREACH(no_pids_limit, p->cgroup.writes.n = 0)
BREACH(pids_max, p->cgroup.writes.items[0].value = "max")
BREACH(no_read_back, p->verify = false)

static const struct breach hardened[] = {
	{"uid 0", root_uid, "H-01", "user"},
	{"gid 0", root_gid, "H-02", "group"},
	{"group 0", root_group, "H-03", "supplementary"},
	{"a bounding capability", some_bounding, "H-04", "capability"},
	{"an inheritable capability", some_inheritable, "H-04", "capability"},
	{"a permitted capability", some_permitted, "H-04", "capability"},
	{"no_new_privs off", nnp_off, "H-05", "no_new_privs"},
	{"no securebits", no_securebits, "H-06", "securebits"},
	{"securebits that aren't locked", unlocked_securebits, "H-06", "securebits"},
	{"keep-caps", keep_caps, "H-06", "securebits"},
	{"a core limit that can be raised", soft_core, "H-07", "core"},
	{"no core limit", no_core_limit, "H-07", "core"},
	{"the caller's keyring", old_keyring, "H-08", "keyring"},
	{"the host's pid namespace", host_pid, "H-10", "host"},
	{"the host's time namespace", host_time, "H-10", "host"},
	{"a joined mount namespace", joined_mnt, "H-10", "mount namespace"},
	{"a namespace joined unseen", joined_unseen, "H-11", "joined"},
	{"a last user namespace within another container's", joined_last, "H-12", "another container's"},
	{"no user namespace", no_userns, "H-12", "no user namespace"},
	{"the caller's personality", no_personality, "H-16", "personality"},
	{"no address randomisation", odd_personality, "H-16", "personality"},
	{"the caller's scheduling", no_scheduler, "H-16", "scheduling"},
	{"the caller's I/O priority", no_io_priority, "H-16", "I/O"},
	{"uid 0 in the last user namespace", last_has_root, "H-12", "user 0"},
	{"the host's uid 0 in it", last_has_host_root, "H-12", "user 0"},
	{"gid 0 in it", last_has_root_group, "H-12", "group 0"},
	{"user namespaces inside", children_allowed, "H-13", "inside"},
	{"memfd_noexec 1", memfd_allowed, "H-14", "memory files"},
	{"no memfd_noexec", memfd_forgotten, "H-14", "memory files"},
	{"a sysctl of the host's", host_sysctl, "H-15", "sysctl"},
	{"a sysctl that only begins like net", netlike_sysctl, "H-15", "sysctl"},
	{"a writable root", writable_root, "H-20", "root"},
	{"no /tmp", no_tmp, "H-21", "scratch"},
	{"exec on /tmp", exec_tmp, "H-22", "writable"},
	{"suid on /tmp", suid_tmp, "H-22", "writable"},
	{"devices on /tmp", dev_tmp, "H-22", "writable"},
	{"exec on /dev/pts", exec_pts, "H-22", "writable"},
	{"suid on a bind", suid_bind, "H-23", "bind"},
	{"devices on a bind", dev_bind, "H-23", "bind"},
	{"a recursive bind with flags at its top only", deep_bind, "H-23", "bind"},
	{"a flag cleared in the tree", cleared_bind, "H-23", "bind"},
	{"a writable bind below an executable one", bind_overlap, "H-24", "'/data' is writable and executable as '/opt/tools'"},
	{"a writable bind above an executable one", bind_overlap_above, "H-24", "'/opt/tools'"},
	{"data that is executable", bind_of_data, "H-24", "a bind mount of data is executable"},
	{"data that is executable below its top", bind_tree_of_data, "H-24", "a bind mount of data is executable"},
	{"a writable bind of the root's inside", bind_of_root, "H-24", "executable as '/'"},
	{"a writable bind above the root", bind_above_root, "H-24", "executable as '/'"},
	{"a bind of everything", bind_of_everything, "H-25", "dangerous"},
	{"a bind of procfs", bind_of_proc, "H-25", "dangerous"},
	{"a bind of sysfs", bind_of_sys, "H-25", "dangerous"},
	{"a bind of a device", bind_of_dev, "H-25", "dangerous"},
	{"a bind of an engine's socket", bind_of_socket, "H-25", "dangerous"},
	{"a bind of what holds sockets", bind_of_run, "H-25", "dangerous"},
	{"a file system of the host's devices", block_fs, "H-25", "devices"},
	{"a shared mount", shared_mount, "H-26", "shared"},
	{"a shared root", shared_root, "H-26", "shared"},
	{"no pivot_root", no_pivot, "H-26", "root"},
	{"/proc that isn't procfs", fake_proc, "H-32", "procfs"},
	{"a writable sysfs", writable_sys, "H-32", "writable"},
	{"a mount over procfs", over_proc, "H-32", "cover /proc"},
	{"a writable cgroupfs", writable_cgroupfs, "H-61", "writable"},
	{"a delegated cgroup", delegated, "H-61", "belongs"},
	{"a path that isn't masked", unmasked, "H-30", "'/proc/kcore'"},
	{"a path that isn't read-only", not_readonly, "H-31", "'/proc/sysrq-trigger'"},
	{"a disk", disk, "H-40", "device"},
	{"physical memory", kmem, "H-40", "device"},
	{"a device outside of /dev", device_elsewhere, "H-40", "device"},
	{"a rule that allows a disk", allow_disk, "H-41", "allowed"},
	{"a rule that allows everything", allow_all, "H-41", "allowed"},
	{"a rule that allows a whole major", allow_major, "H-41", "allowed"},
	{"no device filter", no_device_filter, "H-41", "filtered"},
	{"no filter", no_filter, "H-50", "filter"},
	{"the bundle's filter first", foreign_filter_first, "H-50", "filter"},
	{"no Landlock", no_landlock, "H-70", "Landlock"},
	{"Landlock that lets all be written", landlock_writes_root, "H-70", "root writable"},
	{"no pids limit", no_pids_limit, "H-60", "limit"},
	{"a pids limit of max", pids_max, "H-60", "limit"},
	{"no read-back", no_read_back, "H-90", "read back"},
};

/* --- exec --- */

struct exec_breach {
	const char *name;
	void (*change)(struct plan *plan);
	const char *rule, *text;
};

static void expect_exec(const struct exec_breach *breach, bool oci)
{
	autoplan ceiling = PLAN_INIT, plan = PLAN_INIT;
	struct err err = ERR_INIT;
	if (oci) {
		fixture_oci_plan(&ceiling);
		fixture_oci_plan(&plan);
	} else {
		fixture_plan(&ceiling);
		fixture_plan(&plan);
	}
	if (breach->change)
		breach->change(&plan);
	int rc = plan_check_exec(&plan, &ceiling, &err);
	bool good = breach->text ? rc == -1 && err.kind == ERR_POLICY && !strcmp(err.rule, breach->rule) &&
					   strstr(err.msg, breach->text)
				 : rc == 0;
	if (!ok(good, "exec: %s", breach->name))
		diag("returned %d, rule '%s', '%s'", rc, err.rule, err.msg);
}

BREACH(no_args, p->process.args.n = 0)
BREACH(other_level, p->level = LEVEL_OCI)
BREACH(stricter_level, p->level = LEVEL_PERSONAL_DATA)
BREACH(other_filters, p->filters.items[0].kind = FILTER_STRICT)
BREACH(other_filter_flags, p->filters.items[0].flags = 2)
BREACH(more_caps, p->process.caps.bounding |= 0x40)
BREACH(other_userns, p->userns_last.enabled = false)

static const struct exec_breach hardened_execs[] = {
	{"the container's own plan", NULL, "", NULL},
	{"another level", other_level, "", "another level"},
	{"a stricter level", stricter_level, "", "another level"},
	{"no program", no_args, "", "no program"},
	{"fewer filters", no_filter, "", "other filters"},
	{"another filter", other_filters, "", "other filters"},
	{"other filter flags", other_filter_flags, "", "other filters"},
	{"uid 0", root_uid, "H-01", "user is 0"},
	{"a capability", some_bounding, "H-04", "capability"},
	{"no Landlock", no_landlock, "H-70", "Landlock"},
	{"outside of the user namespace", other_userns, "H-12", "user namespace"},
};

static const struct exec_breach oci_execs[] = {
	{"the container's own plan at oci", NULL, "", NULL},
	{"more capabilities at oci", more_caps, "", NULL},
};

int main(void)
{
	expect_refusals(hardened, ARRAY_LEN(hardened));
	for (size_t i = 0; i < ARRAY_LEN(hardened_execs); i++)
		expect_exec(&hardened_execs[i], false);
	for (size_t i = 0; i < ARRAY_LEN(oci_execs); i++)
		expect_exec(&oci_execs[i], true);
	return tap_done();
}
