/* H-40, H-41: devices. */
#include "policy_case.h"

static void nodes(void)
{
	autoplan plan = PLAN_INIT, none = PLAN_INIT, own = PLAN_INIT;

	if (!resolved(&(struct bundle){.lin = "'devices':[{'path':'/dev/null','type':'c','major':1,'minor':3,'fileMode':438},"
					      "{'path':'/dev/rnd','type':'c','major':1,'minor':8}]"},
		      &plan, "default devices"))
		return;
	is_int(plan.devices.n, 7, "H-40: default devices may be named, and named otherwise");
	ok(plan.dev_readonly, "H-40: /dev is read-only once they are there");
	is_change(&plan, "H-40", "dev.readonly", CHANGE_ADDED, NULL, "told");

	static const struct { const char *device, *key, *asked; } bad[] = {
		{"{'path':'/dev/fuse','type':'c','major':10,'minor':229}", "device /dev/fuse", "c 10:229"},
		{"{'path':'/dev/mem','type':'c','major':1,'minor':1}", "device /dev/mem", "c 1:1"},
		{"{'path':'/dev/loop','type':'b','major':1,'minor':3}", "device /dev/loop", "b 1:3"},
		{"{'path':'/dev/fifo','type':'p'}", "device /dev/fifo", "p 0:0"},
		{"{'path':'/null','type':'c','major':1,'minor':3}", "device /null", "c 1:3"},
	};
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		autoplan dropped = PLAN_INIT;
		char lin[256];
		snprintf(lin, sizeof(lin), "'devices':[%s,{'path':'/dev/x','type':'c','major':1,'minor':3}]", bad[i].device);
		if (!resolved(&(struct bundle){.lin = lin}, &dropped, lin))
			continue;
		bool there = false;
		for (size_t k = 0; k < dropped.devices.n; k++)
			there |= !strcmp(dropped.devices.items[k].path, bad[i].key + strlen("device "));
		ok(!there && dropped.devices.n == 7, "H-40: left out: %s", bad[i].device);
		is_change(&dropped, "H-40", bad[i].key, CHANGE_DROPPED, bad[i].asked, "told");
	}

	refused(&(struct bundle){.lin = "'netDevices':{'eth0':{'name':'a'}}"}, ERR_POLICY, "H-40",
		"linux.netDevices: 'eth0' is a device of the host", "H-40: a network device refused");

	if (!resolved(&(struct bundle){.mounts = MOUNT_PROC "," MOUNT_SYS}, &none, "no /dev"))
		return;
	const struct plan_mount *dev = find_mount(&none, "/dev");
	ok(dev && dev->kind == MOUNT_NEW && dev->links == LINKS_REFUSED, "H-40: a /dev that the image can't choose");
	ok(dev == &none.mounts.items[0], "H-40: before everything that is mounted in it");
	is_str(mount_flags(dev), "nosuid,noexec", "H-40: with the usual flags");
	is_change(&none, "H-40", "mount /dev", CHANGE_ADDED, NULL, "told");

	if (!resolved(&(struct bundle){.mounts = MOUNT_PROC "," BIND("/srv/dev", "/dev", "'bind'")}, &own, "a /dev brought along"))
		return;
	is_int(own.devices.n, 0, "H-40: nothing is made in a /dev brought along");
	ok(!own.dev_readonly, "H-40: and it stays as it is");
	is_str(mount_flags(find_mount(&own, "/dev")), "nosuid,nodev,noexec", "H-40: but no device works in it");
}

static bool allows(const struct plan *plan, char type, int64_t major, int64_t minor)
{
	bool verdict = false;
	for (size_t i = 0; i < plan->cgroup.devices.n; i++) {
		const struct plan_device_rule *d = &plan->cgroup.devices.items[i];
		if ((d->type == 'a' || d->type == type) && (d->major == -1 || d->major == major) &&
		    (d->minor == -1 || d->minor == minor) && d->read)
			verdict = d->allow;
	}
	return verdict;
}

static void filter(void)
{
	struct host rootless = full_host;
	autoplan plan = PLAN_INIT, oci = PLAN_INIT, skipped = PLAN_INIT, disabled = PLAN_INIT, plain = PLAN_INIT;
	struct bundle b = {.lin = "'resources':{'devices':[{'allow':false,'access':'rwm'},{'allow':true,'type':'c','major':1,"
				  "'minor':1,'access':'rw'},{'allow':true,'access':'rwm'}]}"};

	if (!resolved(&b, &plan, "rules"))
		return;
	ok(plan.cgroup.device_filter, "H-41: devices are filtered");
	ok(allows(&plan, 'c', 1, 3) && allows(&plan, 'c', 1, 5) && allows(&plan, 'c', 1, 7) && allows(&plan, 'c', 1, 8) &&
		   allows(&plan, 'c', 1, 9) && allows(&plan, 'c', 5, 0) && allows(&plan, 'c', 5, 2) && allows(&plan, 'c', 136, 9),
	   "H-41: the default ones are allowed");
	ok(!allows(&plan, 'c', 1, 1) && !allows(&plan, 'b', 8, 0) && !allows(&plan, 'c', 10, 200) && !allows(&plan, 'c', 5, 1) &&
		   !allows(&plan, 'b', 1, 3),
	   "H-41: and no other, whatever the bundle allows");
	bool wild = false;
	for (size_t i = 0; i < plan.cgroup.devices.n; i++)
		wild |= plan.cgroup.devices.items[i].major == -1;
	ok(!wild, "H-41: not even to be made");
	is_change(&plan, "H-41", "devices.filter", CHANGE_DROPPED, "2 allowed by the bundle", "told");
	if (!resolved(&(struct bundle){0}, &plain, "plain"))
		return;
	ok(!find_change(&plain, "H-41", "devices.filter"), "H-41: nothing told where nothing was asked");

	b.level = LEVEL_OCI;
	if (!resolved(&b, &oci, "rules at oci"))
		return;
	ok(allows(&oci, 'c', 1, 1) && allows(&oci, 'b', 8, 0), "H-41: not at level oci");

	rootless.initial_userns = false;
	if (!resolved(&(struct bundle){.host = &rootless}, &skipped, "rootless"))
		return;
	ok(!skipped.cgroup.device_filter, "H-41: without privilege there is no filter");
	is_change(&skipped, "H-41", "devices.filter", CHANGE_SKIPPED, NULL, "told");
	if (!resolved(&(struct bundle){.request = {.cgroup_manager = "disabled"}}, &disabled, "no cgroup"))
		return;
	is_str(find_change(&disabled, "H-41", "devices.filter")->given, "the cgroup manager is disabled", "H-41: told why");
}

int main(void)
{
	nodes();
	filter();
	return tap_done();
}
