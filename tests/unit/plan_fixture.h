/* A hardened plan by hand that plan_check() accepts: what tests of plan/ break,
 * print and record.  Every line of the printed plan has something to show. */
#ifndef KANUKI_TESTS_PLAN_FIXTURE_H
#define KANUKI_TESTS_PLAN_FIXTURE_H

#include "plan/plan.h"

#include <linux/landlock.h>
#include <linux/mount.h>
#include <linux/securebits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

/* Appends a zeroed element; a test without memory is no test. */
#define PUSH(plan, list)                                                                                               \
	({                                                                                                             \
		__typeof__((list)->items) pushed_ = ARENA_PUSH(&(plan)->arena, (list));                                \
		if (!pushed_)                                                                                          \
			abort();                                                                                       \
		pushed_;                                                                                               \
	})

#define RO_FLAGS (MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC)
#define RW_FLAGS (MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC)

__attribute__((unused)) static void fixture_text(struct plan *plan, struct str_list *list, const char *text)
{
	*PUSH(plan, list) = text;
}

__attribute__((unused)) static struct plan_mount *fixture_mount(struct plan *plan, enum plan_mount_kind kind,
								const char *type, const char *source,
								const char *target, uint64_t flags)
{
	struct plan_mount *mount = PUSH(plan, &plan->mounts);
	*mount = (struct plan_mount){.kind = kind, .type = type, .source = source, .target = target,
				     .attr_set = flags, .mode = 0755, .refuse_procfs_target = true};
	return mount;
}

__attribute__((unused)) static struct plan_mount *fixture_find_mount(struct plan *plan, const char *target)
{
	for (size_t i = 0; i < plan->mounts.n; i++)
		if (!strcmp(plan->mounts.items[i].target, target))
			return &plan->mounts.items[i];
	abort();
}

__attribute__((unused)) static void fixture_mounts(struct plan *plan)
{
	static const char *const masked[] = {
		"/proc/acpi", "/proc/asound", "/proc/interrupts", "/proc/kcore", "/proc/keys", "/proc/latency_stats",
		"/proc/sched_debug", "/proc/scsi", "/proc/timer_list", "/proc/timer_stats", "/sys/firmware",
		"/sys/devices/virtual/powercap",
	};
	static const char *const readonly[] = {"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys",
					       "/proc/sysrq-trigger"};
	plan->root.path = "/b/rootfs";
	plan->root.readonly = true;
	plan->root.propagation = MS_PRIVATE;
	fixture_mount(plan, MOUNT_NEW, "proc", "proc", "/proc", RW_FLAGS);
	fixture_mount(plan, MOUNT_NEW, "tmpfs", "tmpfs", "/dev", MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC);
	fixture_mount(plan, MOUNT_NEW, "devpts", "devpts", "/dev/pts", MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC);
	fixture_mount(plan, MOUNT_NEW, "sysfs", "sysfs", "/sys", RO_FLAGS);
	fixture_mount(plan, MOUNT_CGROUP_VIEW, "cgroup2", "cgroup", "/sys/fs/cgroup", RO_FLAGS);
	fixture_mount(plan, MOUNT_NEW, "tmpfs", "tmpfs", "/tmp", RW_FLAGS)->on_missing = ON_MISSING_SKIP;
	fixture_text(plan, &fixture_find_mount(plan, "/tmp")->data, "size=64m");
	fixture_mount(plan, MOUNT_NEW, "tmpfs", "tmpfs", "/var/tmp", RW_FLAGS)->links = LINKS_IN_ROOT;
	fixture_mount(plan, MOUNT_NEW, "tmpfs", "tmpfs", "/run", RW_FLAGS)->tmpcopyup = true;
	fixture_mount(plan, MOUNT_BIND, NULL, "/srv/tools", "/opt/tools",
		      MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV)->source_nofollow = true;
	fixture_find_mount(plan, "/opt/tools")->programs = PROGRAMS_HOST;
	fixture_mount(plan, MOUNT_BIND, NULL, "/srv/data", "/data", RW_FLAGS)->propagation = MS_PRIVATE;
	for (size_t i = 0; i < ARRAY_LEN(masked); i++)
		PUSH(plan, &plan->masked)->path = masked[i];
	for (size_t i = 0; i < ARRAY_LEN(readonly); i++)
		PUSH(plan, &plan->readonly)->path = readonly[i];
	*PUSH(plan, &plan->devices) = (struct plan_device){"/dev/null", 'c', 1, 3, 0666, 0, 0};
	*PUSH(plan, &plan->dev_links) = (struct plan_symlink){"/dev/fd", "/proc/self/fd"};
	plan->dev_readonly = true;
}

__attribute__((unused)) static void fixture_process(struct plan *plan)
{
	struct plan_process *process = &plan->process;
	fixture_text(plan, &process->args, "sleep");
	fixture_text(plan, &process->args, "1 h");
	fixture_text(plan, &process->env, "PATH=/usr/bin:/bin");
	process->home = HOME_FROM_PASSWD;
	process->cwd = "/";
	process->create_cwd = true;
	process->uid = process->gid = 65532;
	*PUSH(plan, &process->groups) = 100;
	process->set_groups = true;
	process->umask = 022;
	process->securebits = SECBIT_NOROOT | SECBIT_NO_SETUID_FIXUP | SECBIT_NO_CAP_AMBIENT_RAISE |
			      SECBIT_NOROOT_LOCKED | SECBIT_NO_SETUID_FIXUP_LOCKED | SECBIT_KEEP_CAPS_LOCKED |
			      SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED;
	process->no_new_privs = true;
	*PUSH(plan, &process->rlimits) = (struct plan_rlimit){RLIMIT_CORE, 0, 0};
	*PUSH(plan, &process->rlimits) = (struct plan_rlimit){RLIMIT_NOFILE, 1024, UINT64_MAX};
	process->sched.set = process->io_priority_set = process->personality_set = true;
	process->new_keyring = true;
}

__attribute__((unused)) static void fixture_confinement(struct plan *plan)
{
	*PUSH(plan, &plan->userns_last.uid_maps) = (struct plan_idmap){1, 1, 65535};
	*PUSH(plan, &plan->userns_last.gid_maps) = (struct plan_idmap){1, 1, 65535};
	plan->ns[NS_USER].mode = NS_HOST;
	plan->userns_last.enabled = plan->userns_last.forbid_children = true;
	plan->hostname = "c1";
	plan->loopback_up = true;
	*PUSH(plan, &plan->sysctls) = (struct plan_sysctl){"net/ipv4/ip_forward", "0", false};
	*PUSH(plan, &plan->sysctls) = (struct plan_sysctl){"vm/memfd_noexec", "2", false};
	PUSH(plan, &plan->filters)->kind = FILTER_DEFAULT;
	plan->landlock.enabled = true;
	plan->landlock.handled_fs = LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE;
	fixture_text(plan, &plan->landlock.writable, "/tmp");
	fixture_text(plan, &plan->landlock.no_daemons, "init");
	fixture_text(plan, &plan->landlock.daemon_places, "/sbin");
	fixture_text(plan, &plan->landlock.no_exec, "/tmp");
	plan->cgroup.path = "/kanuki/c1";
	*PUSH(plan, &plan->cgroup.writes) = (struct plan_cgroup_write){"pids", "pids.max", "1024", ABSENT_SKIP};
	*PUSH(plan, &plan->cgroup.devices) = (struct plan_device_rule){true, 'c', 1, 3, true, true, true};
	*PUSH(plan, &plan->cgroup.devices) = (struct plan_device_rule){true, 'c', 136, -1, true, true, true};
	plan->cgroup.device_filter = true;
	plan->cgroup.delegate_uid = plan->cgroup.delegate_gid = -1;
	struct plan_hook *hook = PUSH(plan, &plan->hooks[HOOK_POSTSTOP]);
	hook->path = "/usr/bin/cleanup";
	fixture_text(plan, &hook->args, "cleanup");
	hook->timeout_s = 5;
	*PUSH(plan, &plan->annotations) = (struct plan_pair){"a", "b"};
	plan->own_binary = OWN_BINARY_UNREACHABLE;
	plan->verify = true;
}

/* *plan is PLAN_INIT; strings are literals, lists are in its arena. */
__attribute__((unused)) static void fixture_plan(struct plan *plan)
{
	plan->policy_name = "builtin:hardened";
	plan->oci_version = "1.3.0";
	plan->id = "c1";
	plan->bundle = "/b";
	fixture_process(plan);
	fixture_mounts(plan);
	fixture_confinement(plan);
}

__attribute__((unused)) static void fixture_change(struct plan *plan, const char *rule, const char *key,
						   enum plan_outcome outcome, const char *asked, const char *given)
{
	*PUSH(plan, &plan->changes) = (struct plan_change){rule, key, outcome, asked, given};
}

/* The same container at level oci: root with capabilities, as runc would run it. */
__attribute__((unused)) static void fixture_oci_plan(struct plan *plan)
{
	fixture_plan(plan);
	plan->level = LEVEL_OCI;
	plan->policy_name = "builtin:oci";
	plan->userns_last = (struct plan_userns_last){0};
	plan->own_binary = OWN_BINARY_SEALED_COPY;
	plan->process.uid = plan->process.gid = 0;
	plan->process.securebits = 0;
	plan->process.no_new_privs = false;
	plan->process.caps = (struct plan_caps){0x21, 0x21, 0x21, 0x21, 0x01};
	plan->filter_point = FILTER_BEFORE_DROP;
	plan->filters.n = 0;
	plan->landlock = (struct plan_landlock){0};
	plan->verify = false;
}

#endif
