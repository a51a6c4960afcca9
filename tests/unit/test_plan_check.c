/* Every invariant of plan_check() for any plan, each by a plan that breaks only that one. */
#include "config.h"

#include "tests/unit/plan_breach.h"

#include <linux/sched.h>

/* --- any plan --- */

BREACH(no_policy, p->policy_name = NULL)
BREACH(bad_level, p->level = (enum plan_level)7)
BREACH(level_past_last, p->level = (enum plan_level)(LEVEL_CARD_PAYMENTS + 1))
BREACH(no_id, p->id = NULL)
BREACH(odd_id, p->id = "../c1")
BREACH(no_bundle, p->bundle = "b")
BREACH(no_args, p->process.args.n = 0)
BREACH(empty_program, p->process.args.items[0] = "")
BREACH(bad_env, p->process.env.items[0] = "PATH")
BREACH(nameless_env, p->process.env.items[0] = "=x")
BREACH(home_twice, p->process.env.items[0] = "HOME=/")
BREACH(relative_cwd, p->process.cwd = "tmp")
BREACH(dotted_cwd, p->process.cwd = "/tmp/..")
BREACH(no_cwd, p->process.cwd = NULL)
BREACH(uid_minus_one, p->process.uid = UINT32_MAX)
BREACH(gid_minus_one, p->process.gid = UINT32_MAX)
BREACH(group_minus_one, p->process.groups.items[0] = UINT32_MAX)
BREACH(groups_unset, p->process.set_groups = false)
BREACH(big_umask, p->process.umask = 01000)
BREACH(effective_too_big, p->process.caps.effective = 1)
BREACH(ambient_not_inheritable, p->process.caps = ((struct plan_caps){.permitted = 1, .ambient = 1}))
BREACH(ambient_not_permitted, p->process.caps = ((struct plan_caps){.inheritable = 1, .ambient = 1}))
BREACH(odd_securebits, p->process.securebits |= 0x1000)
BREACH(unknown_limit, p->process.rlimits.items[1].resource = 16)
BREACH(negative_limit, p->process.rlimits.items[1].resource = -1)
BREACH(limit_twice, p->process.rlimits.items[1].resource = RLIMIT_CORE)
BREACH(soft_above_hard, p->process.rlimits.items[1].hard = 1)
BREACH(oom_too_big, p->process.oom_score_adj_set = true; p->process.oom_score_adj = 1001)
BREACH(oom_too_small, p->process.oom_score_adj_set = true; p->process.oom_score_adj = -1001)
BREACH(nice_too_big, p->process.sched = ((struct plan_sched){.set = true, .nice = 20}))
BREACH(nice_too_small, p->process.sched = ((struct plan_sched){.set = true, .nice = -21}))
BREACH(empty_apparmor, p->process.apparmor_profile = "")
BREACH(two_line_selinux, p->process.selinux_label = "a\nb")
BREACH(filter_too_early, p->filter_point = FILTER_BEFORE_DROP)
BREACH(odd_ns_mode, p->ns[NS_IPC].mode = (enum plan_ns_mode)9)
BREACH(join_nothing, p->ns[NS_IPC].mode = NS_JOIN)
BREACH(join_relative, p->ns[NS_IPC] = ((struct plan_ns){NS_JOIN, "proc/1/ns/ipc", true}))
BREACH(path_not_joined, p->ns[NS_IPC].path = "/proc/1/ns/ipc")
BREACH(name_of_host, p->ns[NS_UTS].mode = NS_HOST)
BREACH(domain_of_host, p->hostname = NULL; p->domainname = "d"; p->ns[NS_UTS].mode = NS_HOST)
BREACH(offset_without_ns, p->boottime.set = true; p->ns[NS_TIME].mode = NS_HOST)
BREACH(monotonic_without_ns, p->monotonic.set = true;
       p->ns[NS_TIME] = ((struct plan_ns){NS_JOIN, "/run/time", true}))
BREACH(foreign_loopback, p->ns[NS_NET] = ((struct plan_ns){NS_JOIN, "/run/netns/x", true}))
BREACH(level_unjoined, p->join_below_own = true)
BREACH(level_of_host, p->ns[NS_USER] = ((struct plan_ns){NS_JOIN, "/run/userns", false}); p->join_below_own = true)
BREACH(device_without_ns, p->ns[NS_NET].mode = NS_HOST; p->loopback_up = false;
       *PUSH(p, &p->net_devices) = ((struct plan_net_device){"eth0", "eth0"}))
BREACH(nameless_device, *PUSH(p, &p->net_devices) = ((struct plan_net_device){"eth0", ""}))
BREACH(private_without_maps, p->ns[NS_USER].mode = NS_PRIVATE)
BREACH(maps_without_ns, *PUSH(p, &p->uid_maps) = ((struct plan_idmap){0, 1000, 1}))
BREACH(last_without_maps, p->userns_last.gid_maps.n = 0)
BREACH(empty_map, p->userns_last.uid_maps.items[0].count = 0)
BREACH(map_wraps_inside, p->userns_last.uid_maps.items[0] = ((struct plan_idmap){UINT32_MAX, 1, 2}))
BREACH(map_wraps_outside, p->userns_last.uid_maps.items[0] = ((struct plan_idmap){1, UINT32_MAX - 1, 2}))
BREACH(maps_overlap_inside, *PUSH(p, &p->userns_last.uid_maps) = ((struct plan_idmap){65535, 70000, 1}))
BREACH(maps_overlap_outside, *PUSH(p, &p->userns_last.gid_maps) = ((struct plan_idmap){70000, 65535, 1}))
BREACH(too_many_maps, for (uint32_t i = 0; i < 340; i++) *PUSH(p, &p->userns_last.uid_maps) =
       ((struct plan_idmap){70000 + i, 70000 + i, 1}))
BREACH(uid_unmapped, p->process.uid = 65536)
BREACH(gid_unmapped, p->process.gid = 65536)
BREACH(group_unmapped, p->process.groups.items[0] = 65536)
BREACH(setgroups_denied, p->deny_setgroups = true)
BREACH(empty_sysctl, p->sysctls.items[0].key = "")
BREACH(no_sysctl, p->sysctls.items[0].key = NULL)
BREACH(climbing_sysctl, p->sysctls.items[0].key = "net/../kernel/core_pattern")
BREACH(absolute_sysctl, p->sysctls.items[0].key = "/net/x")
BREACH(two_line_sysctl, p->sysctls.items[0].value = "0\n1")
BREACH(no_root, p->root.path = NULL)
BREACH(relative_root, p->root.path = "rootfs")
BREACH(odd_root_flags, p->root.attr_set = UINT64_C(1) << 40)
BREACH(odd_root_propagation, p->root.propagation = MS_SHARED | MS_PRIVATE)
BREACH(relative_target, fixture_find_mount(p, "/tmp")->target = "tmp")
BREACH(climbing_target, fixture_find_mount(p, "/tmp")->target = "/tmp/../etc")
BREACH(slash_target, fixture_find_mount(p, "/tmp")->target = "/tmp/")
BREACH(no_target, fixture_find_mount(p, "/tmp")->target = NULL)
BREACH(no_type, fixture_find_mount(p, "/tmp")->type = NULL)
BREACH(recursive_new, fixture_find_mount(p, "/tmp")->recursive = true)
BREACH(bind_nothing, fixture_find_mount(p, "/data")->source = NULL)
BREACH(bind_relative, fixture_find_mount(p, "/data")->source = "srv")
BREACH(bind_with_data, fixture_text(p, &fixture_find_mount(p, "/data")->data, "size=1"))
BREACH(odd_kind, fixture_find_mount(p, "/data")->kind = (enum plan_mount_kind)9)
BREACH(set_and_clear, fixture_find_mount(p, "/data")->attr_clr = MOUNT_ATTR_NOEXEC)
BREACH(set_and_clear_rec, fixture_find_mount(p, "/data")->attr_set_rec =
       fixture_find_mount(p, "/data")->attr_clr_rec = MOUNT_ATTR_RDONLY)
BREACH(idmap_as_flag, fixture_find_mount(p, "/data")->attr_set |= MOUNT_ATTR_IDMAP)
BREACH(odd_propagation, fixture_find_mount(p, "/data")->propagation = 3)
BREACH(maps_not_mapped, *PUSH(p, &fixture_find_mount(p, "/data")->uid_maps) = ((struct plan_idmap){1, 1, 1}))
BREACH(copyup_of_bind, fixture_find_mount(p, "/data")->tmpcopyup = true)
BREACH(copyup_of_proc, fixture_find_mount(p, "/proc")->tmpcopyup = true)
BREACH(odd_mode, fixture_find_mount(p, "/data")->mode = 010000)
BREACH(device_climbs, p->devices.items[0].path = "/dev/../x")
BREACH(device_is_root, p->devices.items[0].path = "/")
BREACH(device_of_no_type, p->devices.items[0].type = 'u')
BREACH(device_without_type, p->devices.items[0].type = 0)
BREACH(device_odd_mode, p->devices.items[0].mode = 020666)
BREACH(device_odd_owner, p->devices.items[0].uid = UINT32_MAX)
BREACH(link_climbs, p->dev_links.items[0].path = "/dev/../fd")
BREACH(link_to_nothing, p->dev_links.items[0].target = "")
BREACH(mask_relative, p->masked.items[0].path = "proc")
BREACH(readonly_climbs, p->readonly.items[0].path = "/proc/..")
BREACH(too_many_filters, for (int i = 0; i < 4; i++) PUSH(p, &p->filters)->kind = FILTER_STRICT)
BREACH(odd_filter, p->filters.items[0].kind = (enum plan_filter_kind)5)
BREACH(our_filter_listens, p->filters.items[0].listener_path = "/run/l")
BREACH(relative_listener, struct plan_filter *f = PUSH(p, &p->filters); f->kind = FILTER_RULES;
       f->listener_path = "l")
BREACH(two_listeners, for (int i = 0; i < 2; i++) {
	struct plan_filter *f = PUSH(p, &p->filters);
	f->kind = FILTER_RULES;
	f->listener_path = "/run/l";
})
BREACH(rule_without_names, struct plan_filter *f = PUSH(p, &p->filters); f->kind = FILTER_RULES;
       (void)PUSH(p, &f->rules))
static struct plan_filter_arg *filter_arg(struct plan *p)
{
	struct plan_filter *f = PUSH(p, &p->filters);
	f->kind = FILTER_RULES;
	struct plan_filter_rule *rule = PUSH(p, &f->rules);
	fixture_text(p, &rule->names, "read");
	return PUSH(p, &rule->args);
}
BREACH(sixth_argument, *filter_arg(p) = ((struct plan_filter_arg){6, 4, 0, 0}))
BREACH(odd_comparison, *filter_arg(p) = ((struct plan_filter_arg){0, 8, 0, 0}))
BREACH(landlock_without_nnp, p->process.no_new_privs = false; p->filter_point = FILTER_BEFORE_DROP)
BREACH(landlock_of_nothing, p->landlock.handled_fs = 0)
BREACH(landlock_unclean, p->landlock.writable.items[0] = "tmp")
BREACH(landlock_no_exec_unclean, p->landlock.no_exec.items[0] = "/tmp/")
BREACH(landlock_daemon_path, p->landlock.no_daemons.items[0] = "/sbin/init")
BREACH(landlock_daemon_empty, p->landlock.no_daemons.items[0] = "")
BREACH(landlock_daemon_place, p->landlock.daemon_places.items[0] = "sbin")
BREACH(landlock_daemon_nowhere, p->landlock.daemon_places.n = 0)
BREACH(odd_manager, p->cgroup.manager = (enum plan_cgroup_manager)9)
BREACH(settings_without_cgroup, p->cgroup.manager = CGROUP_DISABLED)
BREACH(cgroup_climbs, p->cgroup.path = "/kanuki/../x")
BREACH(cgroup_is_root, p->cgroup.path = "/")
BREACH(no_cgroup_path, p->cgroup.path = NULL)
BREACH(cgroup_file_slash, p->cgroup.writes.items[0].file = "../pids.max")
BREACH(cgroup_file_dots, p->cgroup.writes.items[0].file = "a..b")
BREACH(cgroup_file_no_dot, p->cgroup.writes.items[0].file = "path")
BREACH(cgroup_no_value, p->cgroup.writes.items[0].value = NULL)
BREACH(delegate_minus_one, p->cgroup.delegate_uid = UINT32_MAX)
BREACH(device_rule_type, p->cgroup.devices.items[0].type = 'x')
BREACH(device_rule_number, p->cgroup.devices.items[0].major = -2)
BREACH(relative_hook, p->hooks[HOOK_POSTSTOP].items[0].path = "cleanup")
BREACH(binary_in_reach, p->userns_last.enabled = false)
BREACH(binary_mapped_root, *PUSH(p, &p->userns_last.uid_maps) = ((struct plan_idmap){70000, 0, 1}))
BREACH(binary_private_root, p->ns[NS_USER].mode = NS_PRIVATE;
       *PUSH(p, &p->uid_maps) = ((struct plan_idmap){1000, 0, 65536});
       *PUSH(p, &p->gid_maps) = ((struct plan_idmap){0, 0, 65536}))
BREACH(binary_joined, p->ns[NS_USER] = ((struct plan_ns){NS_JOIN, "/run/userns", true}))
BREACH(change_without_rule, fixture_change(p, "X", "k", CHANGE_FORCED, NULL, NULL))
BREACH(change_without_key, fixture_change(p, "H-01", "", CHANGE_FORCED, NULL, NULL))

static const struct breach any[] = {
	{"no policy", no_policy, "", "no policy made it"},
	{"level out of range", bad_level, "", "no policy made it"},
	{"the first level there isn't", level_past_last, "", "no policy made it"},
	{"no id", no_id, "", "no container id"},
	{"an id that is a path", odd_id, "", "no container id"},
	{"a relative bundle", no_bundle, "", "no bundle"},
	{"no arguments", no_args, "", "no program"},
	{"an empty program", empty_program, "", "no program"},
	{"a variable without value", bad_env, "", "'PATH' is no environment variable"},
	{"a variable without name", nameless_env, "", "is no environment variable"},
	{"HOME set and looked up", home_twice, "", "HOME"},
	{"a relative cwd", relative_cwd, "", "working directory 'tmp'"},
	{"a climbing cwd", dotted_cwd, "", "working directory '/tmp/..'"},
	{"no cwd", no_cwd, "", "working directory"},
	{"uid -1", uid_minus_one, "", "4294967295"},
	{"gid -1", gid_minus_one, "", "4294967295"},
	{"group -1", group_minus_one, "", "4294967295"},
	{"groups listed but not set", groups_unset, "", "listed but not set"},
	{"umask above 0777", big_umask, "", "umask 01000"},
	{"effective exceeds permitted", effective_too_big, "", "effective"},
	{"ambient exceeds inheritable", ambient_not_inheritable, "", "ambient"},
	{"ambient exceeds permitted", ambient_not_permitted, "", "ambient"},
	{"unknown securebits", odd_securebits, "", "securebits"},
	{"unknown resource limit", unknown_limit, "", "limit 16"},
	{"negative resource limit", negative_limit, "", "limit -1"},
	{"resource limit twice", limit_twice, "", "twice"},
	{"soft limit above hard", soft_above_hard, "", "soft exceeds hard"},
	{"oom score above 1000", oom_too_big, "", "oom score 1001"},
	{"oom score below -1000", oom_too_small, "", "oom score -1001"},
	{"nice above 19", nice_too_big, "", "nice value 20"},
	{"nice below -20", nice_too_small, "", "nice value -21"},
	{"an empty AppArmor label", empty_apparmor, "", "label"},
	{"a SELinux label of two lines", two_line_selinux, "", "label"},
	{"filter point against no_new_privs", filter_too_early, "", "no_new_privs"},
	{"unknown namespace mode", odd_ns_mode, "", "ipc namespace: unknown mode"},
	{"joining nothing", join_nothing, "", "nothing to join"},
	{"joining a relative path", join_relative, "", "nothing to join"},
	{"a path that isn't joined", path_not_joined, "", "isn't joined"},
	{"the host's name", name_of_host, "", "the host's own name"},
	{"the host's domain", domain_of_host, "", "the host's own name"},
	{"a boot time offset without namespace", offset_without_ns, "", "time offsets"},
	{"a clock offset in a joined namespace", monotonic_without_ns, "", "time offsets"},
	{"another's loopback", foreign_loopback, "", "loopback"},
	{"a level of a user namespace that isn't joined", level_unjoined, "", "another level"},
	{"a level beneath what may be the host's", level_of_host, "", "another level"},
	{"a network device without namespace", device_without_ns, "", "no network namespace"},
	{"a network device without name", nameless_device, "", "without a name"},
	{"a user namespace without maps", private_without_maps, "", "without id maps"},
	{"maps without a user namespace", maps_without_ns, "", "without a user namespace"},
	{"last user namespace without maps", last_without_maps, "", "without id maps"},
	{"an empty map line", empty_map, "", "line 0 is empty"},
	{"a map that wraps inside", map_wraps_inside, "", "wraps around"},
	{"a map that wraps outside", map_wraps_outside, "", "wraps around"},
	{"maps that overlap inside", maps_overlap_inside, "", "overlap"},
	{"maps that overlap outside", maps_overlap_outside, "", "overlap"},
	{"341 map lines", too_many_maps, "", "more than 340"},
	{"an unmapped user", uid_unmapped, "", "user 65536"},
	{"an unmapped group", gid_unmapped, "", "group 65536"},
	{"an unmapped supplementary group", group_unmapped, "", "group 65536"},
	{"setgroups denied where it is needed", setgroups_denied, "", "setgroups"},
	{"an empty sysctl", empty_sysctl, "", "no clean name"},
	{"no sysctl", no_sysctl, "", "no clean name"},
	{"a climbing sysctl", climbing_sysctl, "", "no clean name"},
	{"an absolute sysctl", absolute_sysctl, "", "no clean name"},
	{"a sysctl value of two lines", two_line_sysctl, "", "one line"},
	{"no root", no_root, "", "no root"},
	{"a relative root", relative_root, "", "no root"},
	{"unknown attributes of the root", odd_root_flags, "", "attributes of the root"},
	{"two propagations of the root", odd_root_propagation, "", "propagation of the root"},
	{"a relative target", relative_target, "", "target 'tmp'"},
	{"a climbing target", climbing_target, "", "target '/tmp/../etc'"},
	{"a target with a slash at its end", slash_target, "", "target '/tmp/'"},
	{"no target", no_target, "", "target ''"},
	{"no type", no_type, "", "no type"},
	{"a recursive new mount", recursive_new, "", "no bind"},
	{"binding nothing", bind_nothing, "", "binds nothing"},
	{"binding a relative path", bind_relative, "", "binds nothing"},
	{"a bind with file system options", bind_with_data, "", "no file system options"},
	{"an unknown kind of mount", odd_kind, "", "no kind"},
	{"an attribute set and cleared", set_and_clear, "", "sets and clears"},
	{"a recursive attribute set and cleared", set_and_clear_rec, "", "sets and clears"},
	{"id mapping as an attribute", idmap_as_flag, "", "unknown attributes"},
	{"an unknown propagation", odd_propagation, "", "propagation"},
	{"maps of a mount that isn't mapped", maps_not_mapped, "", "not mapped"},
	{"tmpcopyup of a bind", copyup_of_bind, "", "only a tmpfs"},
	{"tmpcopyup of procfs", copyup_of_proc, "", "only a tmpfs"},
	{"a mode with a file type", odd_mode, "", "mode 010000"},
	{"a climbing device", device_climbs, "", "device path"},
	{"a device that is the root", device_is_root, "", "device path"},
	{"a device of no type", device_of_no_type, "", "of no type"},
	{"a device without type", device_without_type, "", "of no type"},
	{"a device mode with a file type", device_odd_mode, "", "out of range"},
	{"a device of user -1", device_odd_owner, "", "out of range"},
	{"a climbing link", link_climbs, "", "symbolic link"},
	{"a link to nothing", link_to_nothing, "", "symbolic link"},
	{"a relative mask", mask_relative, "", "masked path 0"},
	{"a climbing read-only path", readonly_climbs, "", "read-only path 0"},
	{"five filters", too_many_filters, "", "more than 4 filters"},
	{"an unknown kind of filter", odd_filter, "", "filter 0 is of no kind"},
	{"our filter with a listener", our_filter_listens, "", "filter 0 is ours"},
	{"a relative listener", relative_listener, "", "listener path 'l'"},
	{"two listeners", two_listeners, "", "2 filters have a listener"},
	{"a filter rule without names", rule_without_names, "", "names no system call"},
	{"a seventh argument", sixth_argument, "", "condition 0"},
	{"an unknown comparison", odd_comparison, "", "condition 0"},
	{"Landlock without no_new_privs", landlock_without_nnp, "", "Landlock without"},
	{"Landlock that forbids nothing", landlock_of_nothing, "", "forbids nothing"},
	{"an unclean writable path", landlock_unclean, "", "writable paths"},
	{"an unclean path without execution", landlock_no_exec_unclean, "", "without execution"},
	{"a super daemon with a path", landlock_daemon_path, "", "'/sbin/init' is no name"},
	{"a super daemon without a name", landlock_daemon_empty, "", "'' is no name"},
	{"a super daemon in a relative place", landlock_daemon_place, "", "places of super daemons"},
	{"super daemons in no place", landlock_daemon_nowhere, "", "looked for nowhere"},
	{"an unknown cgroup manager", odd_manager, "", "cgroup manager"},
	{"cgroup settings without cgroup", settings_without_cgroup, "", "without a cgroup"},
	{"a climbing cgroup", cgroup_climbs, "", "cgroup path"},
	{"the root cgroup", cgroup_is_root, "", "cgroup path"},
	{"no cgroup path", no_cgroup_path, "", "cgroup path"},
	{"a cgroup file elsewhere", cgroup_file_slash, "", "no file of a cgroup"},
	{"a cgroup file with two dots", cgroup_file_dots, "", "no file of a cgroup"},
	{"a cgroup file without controller", cgroup_file_no_dot, "", "no file of a cgroup"},
	{"a cgroup file without value", cgroup_no_value, "", "no file of a cgroup"},
	{"a cgroup delegated to user -1", delegate_minus_one, "", "delegated"},
	{"a device rule of no type", device_rule_type, "", "of no type"},
	{"a device rule out of range", device_rule_number, "", "out of range"},
	{"a relative hook", relative_hook, "H-80", "poststop hook 'cleanup'"},
	{"our binary in reach", binary_in_reach, "H-19", "within reach"},
	{"our binary in reach of a mapped root", binary_mapped_root, "H-19", "within reach"},
	{"our binary in reach of a namespace's root", binary_private_root, "H-19", "within reach"},
	{"our binary in reach of an unknown namespace", binary_joined, "H-19", "within reach"},
	{"a change without rule", change_without_rule, "", "without its rule"},
	{"a change without key", change_without_key, "", "or its key"},
};

/* --- what must be accepted --- */

BREACH(time_skipped, p->ns[NS_TIME].mode = NS_HOST;
       fixture_change(p, "H-10", "namespace.time", CHANGE_SKIPPED, NULL, NULL))
BREACH(memfd_skipped, p->sysctls.n = 1;
       fixture_change(p, "H-14", "sysctl.vm/memfd_noexec", CHANGE_SKIPPED, NULL, NULL))
BREACH(landlock_skipped, p->landlock.enabled = false;
       fixture_change(p, "H-70", "landlock", CHANGE_SKIPPED, NULL, NULL))
BREACH(pids_skipped, p->cgroup.writes.n = 0;
       fixture_change(p, "H-60", "cgroup.pids.max", CHANGE_SKIPPED, NULL, NULL))
BREACH(tmp_under_var, fixture_find_mount(p, "/var/tmp")->target = "/var")
BREACH(joined_pod, p->loopback_up = false; p->ns[NS_NET] = ((struct plan_ns){NS_JOIN, "/run/netns/x", true}))
BREACH(mapped_first, p->ns[NS_USER].mode = NS_PRIVATE;
       *PUSH(p, &p->uid_maps) = ((struct plan_idmap){0, 100000, 65536});
       *PUSH(p, &p->gid_maps) = ((struct plan_idmap){0, 100000, 65536}))
BREACH(joined_sealed, p->own_binary = OWN_BINARY_SEALED_COPY;
       p->ns[NS_USER] = ((struct plan_ns){NS_JOIN, "/run/userns", true}); p->join_below_own = true)
BREACH(nice_skipped, p->process.sched.set = false;
       fixture_change(p, "H-16", "scheduler", CHANGE_SKIPPED, NULL, NULL))
BREACH(named_pipe, *PUSH(p, &p->devices) = ((struct plan_device){"/dev/log", 'p', 0, 0, 0600, 0, 0}))
BREACH(deep_bind_flagged, struct plan_mount *m = fixture_find_mount(p, "/opt/tools"); m->recursive = true;
       m->attr_set_rec = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV)
BREACH(atime_set_and_cleared, struct plan_mount *m = fixture_find_mount(p, "/data");
       m->attr_set |= MOUNT_ATTR_NOATIME; m->attr_clr = MOUNT_ATTR__ATIME)
BREACH(masked_above, p->readonly.items[0].path = "/proc/busx"; PUSH(p, &p->masked)->path = "/proc/bus")
BREACH(systemd_path, p->cgroup.manager = CGROUP_SYSTEMD; p->cgroup.path = "system.slice:kanuki:c1")
BREACH(listener, struct plan_filter *f = PUSH(p, &p->filters); f->kind = FILTER_RULES;
       f->listener_path = "/run/l"; *filter_arg(p) = ((struct plan_filter_arg){5, 7, 1, 1}))

static void test_names(void)
{
	is_str(plan_ns_name(NS_MNT), "mnt", "the mount namespace is called mnt");
	is_int(plan_ns_clone_flag(NS_TIME), CLONE_NEWTIME, "the time namespace has its clone flag");
	ok(!plan_ns_name(NS_COUNT), "no other namespace has a name");
	is_int(plan_ns_clone_flag(NS_COUNT), 0, "nor a flag");
	is_str(plan_hook_name(HOOK_CREATE_RUNTIME), "createRuntime", "hooks have the specification's names");
	ok(!plan_hook_name(HOOK_COUNT), "no other hook has a name");
}

static void test_release(void)
{
	struct plan plan = PLAN_INIT;
	plan_release(&plan);
	fixture_plan(&plan);
	plan_release(&plan);
	plan_release(&plan);
	ok(!plan.policy_name && plan.mounts.n == 0, "release takes the zero value, and twice");
}

int main(void)
{
	expect_accepted("the hardened fixture", fixture_plan, NULL);
	expect_accepted("the oci fixture", fixture_oci_plan, NULL);
	expect_accepted("no time namespace, said so", fixture_plan, time_skipped);
	expect_accepted("no memfd_noexec, said so", fixture_plan, memfd_skipped);
	expect_accepted("no Landlock, said so", fixture_plan, landlock_skipped);
	expect_accepted("no pids controller, said so", fixture_plan, pids_skipped);
	expect_accepted("/var instead of /var/tmp", fixture_plan, tmp_under_var);
	expect_accepted("a pod's network", fixture_plan, joined_pod);
	expect_accepted("an engine's own user namespace", fixture_plan, mapped_first);
	expect_accepted("an engine's user namespace joined", fixture_plan, joined_sealed);
	expect_accepted("scheduling left alone, said so", fixture_plan, nice_skipped);
	expect_accepted("a named pipe", fixture_plan, named_pipe);
	expect_accepted("a recursive bind with flags for its tree", fixture_plan, deep_bind_flagged);
	expect_accepted("atime set and cleared", fixture_plan, atime_set_and_cleared);
	expect_accepted("a read-only path that is masked", fixture_plan, masked_above);
	expect_accepted("systemd's form of a cgroup path", fixture_plan, systemd_path);
	expect_accepted("a listener and a condition", fixture_plan, listener);
	expect_refusals(any, ARRAY_LEN(any));
	test_names();
	test_release();
	return tap_done();
}
