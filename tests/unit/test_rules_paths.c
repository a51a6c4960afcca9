/* H-30 to H-32: the kernel's own files. */
#include "policy_case.h"

static bool is_masked(const struct plan *plan, const char *path)
{
	for (size_t i = 0; i < plan->masked.n; i++)
		if (!strcmp(plan->masked.items[i].path, path))
			return true;
	return false;
}

static bool is_readonly(const struct plan *plan, const char *path)
{
	for (size_t i = 0; i < plan->readonly.n; i++)
		if (!strcmp(plan->readonly.items[i].path, path))
			return true;
	return false;
}

static void paths(void)
{
	static const char *const masked[] = {
		"/proc/acpi", "/proc/asound", "/proc/interrupts", "/proc/kallsyms", "/proc/kcore", "/proc/key-users",
		"/proc/keys", "/proc/kmsg", "/proc/latency_stats", "/proc/sched_debug", "/proc/scsi", "/proc/slabinfo",
		"/proc/timer_list", "/proc/timer_stats", "/sys/devices/virtual/powercap", "/sys/firmware",
	};
	static const char *const readonly[] = {"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"};
	autoplan none = PLAN_INIT, some = PLAN_INIT, above = PLAN_INIT;

	if (!resolved(&(struct bundle){.lin = "'maskedPaths':[],'readonlyPaths':[]"}, &none, "none asked"))
		return;
	for (size_t i = 0; i < ARRAY_LEN(masked); i++)
		ok(is_masked(&none, masked[i]), "H-30: %s is masked", masked[i]);
	for (size_t i = 0; i < ARRAY_LEN(readonly); i++)
		ok(is_readonly(&none, readonly[i]), "H-31: %s is read-only", readonly[i]);
	is_change(&none, "H-30", "masked /proc/kcore", CHANGE_ADDED, NULL, "told");
	is_change(&none, "H-31", "readonly /proc/sys", CHANGE_ADDED, NULL, "told");

	if (!resolved(&(struct bundle){.lin = "'maskedPaths':['/proc/kcore','/own'],'readonlyPaths':['/proc/sys','/other']"}, &some,
		      "some asked"))
		return;
	is_int(some.masked.n, ARRAY_LEN(masked) + 1, "H-30: each once, and the bundle's own");
	is_int(some.readonly.n, ARRAY_LEN(readonly) + 1, "H-31: each once, and the bundle's own");
	ok(is_masked(&some, "/own") && is_readonly(&some, "/other"), "H-30 H-31: the bundle's own stay");
	ok(!find_change(&some, "H-30", "masked /proc/kcore") && !find_change(&some, "H-31", "readonly /proc/sys"),
	   "H-30 H-31: nothing told where nothing changed");

	if (!resolved(&(struct bundle){.lin = "'maskedPaths':['/sys/devices','/proc/irq']"}, &above, "a directory above"))
		return;
	ok(!is_masked(&above, "/sys/devices/virtual/powercap"), "H-30: not again below what is masked");
	ok(!is_readonly(&above, "/proc/irq"), "H-31: what is masked needn't be read-only");
}

static void kernel_fs(void)
{
	autoplan plan = PLAN_INIT, rec = PLAN_INIT;

	if (!resolved(&(struct bundle){.mounts = MOUNT_PROC "," MOUNT_DEV ",{'destination':'/sys','type':'sysfs','source':'s',"
						 "'options':['rw']}"},
		      &plan, "writable sysfs"))
		return;
	is_str(mount_flags(find_mount(&plan, "/sys")), "ro,nosuid,nodev,noexec", "H-32: /sys is read-only");
	is_int(find_mount(&plan, "/sys")->attr_clr & MOUNT_ATTR_RDONLY, 0, "H-32: and not made writable again");
	is_change(&plan, "H-32", "mount /sys", CHANGE_FORCED, "rw", "told");
	if (!resolved(&(struct bundle){.mounts = MOUNT_PROC "," MOUNT_DEV ",{'destination':'/sys','type':'sysfs','source':'s',"
						 "'options':['ro','rrw']}"},
		      &rec, "writable again by an r-option"))
		return;
	is_str(mount_flags(find_mount(&rec, "/sys")), "ro,nosuid,nodev,noexec", "H-32: whatever its r-options say");

	refused(&(struct bundle){.mounts = MOUNTS_ALL ",{'destination':'/mnt','type':'proc','source':'p'}"}, ERR_POLICY, "H-32",
		"mount '/mnt': type proc belongs on /proc, where it is masked", "H-32: a second procfs refused");
	refused(&(struct bundle){.mounts = MOUNTS_ALL ",{'destination':'/mnt','type':'sysfs','source':'p'}"}, ERR_POLICY, "H-32",
		"mount '/mnt': type sysfs belongs on /sys, where it is masked", "H-32: a second sysfs refused");
	refused(&(struct bundle){.mounts = MOUNT_PROC "," MOUNT_DEV ",{'destination':'/sys','type':'tmpfs','source':'t'}"},
		ERR_POLICY, "H-32", "mount '/sys': must have type sysfs", "H-32: another file system on /sys refused");
	refused(&(struct bundle){.mounts = MOUNT_DEV "," BIND("/srv/proc", "/proc", "'bind'")}, ERR_SPEC, NULL,
		"'/proc' takes type proc only", "H-32: another on /proc is refused at any level");
}

int main(void)
{
	paths();
	kernel_fs();
	return tap_done();
}
