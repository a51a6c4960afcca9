/* H-70, H-71, H-90: Landlock, labels, read-back. */
#include "policy_case.h"

#include <linux/landlock.h>

static void landlock(void)
{
	struct host none = full_host;
	autoplan plan = PLAN_INIT, off = PLAN_INIT, mixed = PLAN_INIT;

	if (!resolved(&(struct bundle){.mounts = MOUNTS_ALL "," BIND("/srv/data", "/data", "'bind'") ","
						 BIND("/srv/ro", "/ro", "'bind','ro'") ","
						 BIND("/usr/bin/docker-init", "/init", "'bind','ro'") ","
						 BIND("/srv/rox", "/rox", "'bind','ro','noexec'")},
		      &plan, "mounts"))
		return;
	const struct plan_landlock *l = &plan.landlock;
	ok(l->enabled && l->min_abi == 0, "H-70: Landlock, as much as the kernel has");
	ok((l->handled_fs & LANDLOCK_ACCESS_FS_EXECUTE) && (l->handled_fs & LANDLOCK_ACCESS_FS_WRITE_FILE) &&
		   (l->handled_fs & LANDLOCK_ACCESS_FS_MAKE_REG) && (l->handled_fs & LANDLOCK_ACCESS_FS_REMOVE_FILE),
	   "H-70: writing and executing");
	ok(!(l->handled_fs & (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)) && !(l->handled_fs & 1 << 15),
	   "H-70: neither reading nor ioctl");
	is_str(joined(&l->writable), "/dev,/proc,/tmp,/var/tmp,/run,/data", "H-70: writing where a mount is writable");
	is_str(joined(&l->no_exec), "/tmp,/var/tmp,/run,/proc,/dev,/sys,/data,/ro,/rox", "H-70: executing where no mount is noexec");
	is_change(&plan, "H-70", "landlock", CHANGE_ADDED, NULL, "told");

	if (!resolved(&(struct bundle){.mounts = MOUNTS_ALL "," BIND("/usr/bin/docker-init", "/tmp/tool", "'bind','ro'")}, &mixed, "within"))
		return;
	ok(!has_string(&mixed.landlock.no_exec, "/tmp") && has_string(&mixed.landlock.no_exec, "/var/tmp"),
	   "H-70: not around something executable");

	none.landlock_abi = 0;
	if (!resolved(&(struct bundle){.host = &none}, &off, "no Landlock"))
		return;
	ok(!off.landlock.enabled, "H-70: not where the kernel hasn't got it");
	is_change(&off, "H-70", "landlock", CHANGE_SKIPPED, NULL, "told");
}

static void labels(void)
{
	struct host none = full_host;
	autoplan plan = PLAN_INIT, oci = PLAN_INIT, empty = PLAN_INIT;
	struct bundle b = {.process = "'apparmorProfile':'p','selinuxLabel':'u:r:t:s0'", .lin = "'mountLabel':'u:r:f:s0'"};

	if (!resolved(&b, &plan, "labels"))
		return;
	is_str(plan.process.apparmor_profile, "p", "H-71: the profile asked for");
	is_str(plan.process.selinux_label, "u:r:t:s0", "H-71: the label asked for");
	is_str(find_mount(&plan, "/dev")->mount_label, "u:r:f:s0", "H-71: the mounts' label");
	ok(!find_mount(&plan, "/proc")->mount_label && !find_mount(&plan, "/sys")->mount_label,
	   "H-71: the kernel labels its own file systems");

	none.apparmor = none.selinux = false;
	if (!resolved(&(struct bundle){.host = &none, .process = "'apparmorProfile':'','selinuxLabel':''", .lin = "'mountLabel':''"},
		      &empty, "empty labels"))
		return;
	ok(!empty.process.apparmor_profile && !empty.process.selinux_label, "H-71: empty ones are none");
	const enum plan_level levels[] = {LEVEL_HARDENED, LEVEL_OCI};
	for (size_t i = 0; i < ARRAY_LEN(levels); i++) {
		refused(&(struct bundle){.level = levels[i], .host = &none, .process = "'apparmorProfile':'p'"}, ERR_HOST, NULL,
			"process.apparmorProfile: AppArmor is not enabled", "H-71: refused where it can't be applied (AppArmor)");
		refused(&(struct bundle){.level = levels[i], .host = &none, .process = "'selinuxLabel':'l'"}, ERR_HOST, NULL,
			"process.selinuxLabel: SELinux is not enabled", "H-71: refused where it can't be applied (SELinux)");
		refused(&(struct bundle){.level = levels[i], .host = &none, .lin = "'mountLabel':'l'"}, ERR_HOST, NULL,
			"linux.mountLabel: SELinux is not enabled", "H-71: refused where it can't be applied (mounts)");
	}
	refused(&(struct bundle){.process = "'apparmorProfile':'a\\nb'"}, ERR_SPEC, NULL, "a label is one line",
		"H-71: a label of two lines refused");
	refused(&(struct bundle){.process = "'selinuxLabel':'a\\rb'"}, ERR_SPEC, NULL, "a label is one line",
		"H-71: a label of two lines refused (SELinux)");

	ok(plan.verify, "H-90: the confinement is read back");
	if (!resolved(&(struct bundle){.level = LEVEL_OCI}, &oci, "oci"))
		return;
	ok(!oci.verify, "H-90: not at level oci");
}

int main(void)
{
	landlock();
	labels();
	return tap_done();
}
