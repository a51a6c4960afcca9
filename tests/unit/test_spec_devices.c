/* Devices to make and device access rules. */
#include "config.h"

#include "spec_case.h"

#define IN_DEVICE(text) IN_LINUX("'devices':[{" text "}]")
#define IN_RULE(text) "'devices':[{" text "}]"

static const struct refusal refusals[] = {
	{ IN_DEVICE("'path':'/dev/x'"), "linux.devices[0].type: is missing; the specification requires it" },
	{ IN_DEVICE("'type':'c','major':1,'minor':3"),
	  "linux.devices[0].path: is missing; the specification requires it" },
	{ IN_DEVICE("'type':'c','path':'dev/x','major':1,'minor':3"),
	  "linux.devices[0].path: 'dev/x' is not an absolute path; it must begin with '/'" },
	{ IN_DEVICE("'type':'','path':'/dev/x'"),
	  "linux.devices[0].type: '' is not a device type; use one of c, b, u, p" },
	{ IN_DEVICE("'type':'d','path':'/dev/x'"),
	  "linux.devices[0].type: 'd' is not a device type; use one of c, b, u, p" },
	{ IN_DEVICE("'type':'cb','path':'/dev/x'"),
	  "linux.devices[0].type: 'cb' is not a device type; use one of c, b, u, p" },
	{ IN_DEVICE("'type':'c','path':'/dev/x','major':1"),
	  "linux.devices[0]: a device of type 'c' needs 'major' and 'minor'" },
	{ IN_DEVICE("'type':'b','path':'/dev/x','minor':1"),
	  "linux.devices[0]: a device of type 'b' needs 'major' and 'minor'" },
	{ IN_DEVICE("'type':'u','path':'/dev/x'"),
	  "linux.devices[0]: a device of type 'c' needs 'major' and 'minor'" },
	{ IN_DEVICE("'type':'c','path':'/dev/x','major':null,'minor':1"),
	  "linux.devices[0]: a device of type 'c' needs 'major' and 'minor'" },
	{ IN_DEVICE("'type':'c','path':'/dev/x','major':4096,'minor':1"),
	  "linux.devices[0].major: 4096 is out of range: a major number is 0 to 4095" },
	{ IN_DEVICE("'type':'c','path':'/dev/x','major':-1,'minor':1"),
	  "linux.devices[0].major: -1 is out of range: a major number is 0 to 4095" },
	{ IN_DEVICE("'type':'c','path':'/dev/x','major':1,'minor':1048576"),
	  "linux.devices[0].minor: 1048576 is out of range: a minor number is 0 to 1048575" },
	{ IN_DEVICE("'type':'c','path':'/dev/x','major':1,'minor':3,'fileMode':512"),
	  "linux.devices[0]: fileMode 512 is none of a device of type 'c': access bits are 0 to 511 (octal 0777), written in decimal" },
	{ IN_DEVICE("'type':'b','path':'/dev/x','major':8,'minor':3,'fileMode':8612"),
	  "linux.devices[0]: fileMode 8612 is none of a device of type 'b': access bits are 0 to 511 (octal 0777), written in decimal" },
	{ IN_DEVICE("'type':'p','path':'/dev/x','fileMode':16877"),
	  "linux.devices[0]: fileMode 16877 is none of a device of type 'p': access bits are 0 to 511 (octal 0777), written in decimal" },
	{ IN_DEVICE("'type':'c','path':'/dev/x','major':1,'minor':3,'fileMode':10660"),
	  "linux.devices[0]: fileMode 10660 is none of a device of type 'c': access bits are 0 to 511 (octal 0777), written in decimal" },
	{ IN_DEVICE("'type':'c','path':'/dev/x','major':1,'minor':3,'uid':4294967295"),
	  "linux.devices[0].uid: 4294967295 is no id: the kernel reads it as \"leave unchanged\"; choose another" },
	{ IN_DEVICE("'type':'c','path':'/dev/x','major':1,'minor':3,'gid':4294967295"),
	  "linux.devices[0].gid: 4294967295 is no id: the kernel reads it as \"leave unchanged\"; choose another" },
	{ IN_DEVICE("'type':'c','path':'/dev/x','major':1,'minor':3,'mode':1"),
	  "linux.devices[0].mode: unknown property; runtime-spec 1.3.0 has none of this name here, remove it" },
};

static const struct refusal rule_refusals[] = {
	{ IN_RULE("'access':'rwm'"), "devices[0].allow: is missing; the specification requires it" },
	{ IN_RULE("'allow':true,'type':'p'"),
	  "devices[0].type: 'p' is not a device type of a rule; use one of a, c, b" },
	{ IN_RULE("'allow':true,'type':'cc'"),
	  "devices[0].type: 'cc' is not a device type of a rule; use one of a, c, b" },
	{ IN_RULE("'allow':true,'access':'rx'"), "devices[0].access: 'rx' is no device access; use letters of rwm" },
	{ IN_RULE("'allow':true,'major':-2"),
	  "devices[0].major: -2 is out of range: a major number is 0 to 4095, or -1 for any" },
	{ IN_RULE("'allow':true,'major':4096"),
	  "devices[0].major: 4096 is out of range: a major number is 0 to 4095, or -1 for any" },
	{ IN_RULE("'allow':true,'minor':1048576"),
	  "devices[0].minor: 1048576 is out of range: a minor number is 0 to 1048575, or -1 for any" },
	{ IN_RULE("'allow':true,'path':'/dev/x'"),
	  "devices[0].path: unknown property; runtime-spec 1.3.0 has none of this name here, remove it" },
};

static void devices(void)
{
	struct spec spec = SPEC_INIT;
	struct err err = ERR_INIT;
	int rc = parse_config(
		IN_LINUX("'devices':[{'path':'/dev/fuse','type':'c','major':10,'minor':229,'fileMode':438,'uid':1,'gid':2},"
			 "{'path':'/dev/sda','type':'b','major':4095,'minor':1048575},"
			 "{'path':'/dev/u','type':'u','major':0,'minor':0},{'path':'/run/fifo','type':'p'}]"),
		&spec, &err);
	const struct spec_device *d;

	ok(rc == 0 && spec.linux_->devices.n == 4, "four devices");
	if (rc) {
		diag("%s", err.msg);
		spec_release(&spec);
		return;
	}
	d = spec.linux_->devices.items;
	ok(d[0].type == 'c' && same(d[0].path, "/dev/fuse") && d[0].major == 10 && d[0].minor == 229 &&
		       d[0].file_mode.v == 0666 && d[0].uid.v == 1 && d[0].gid.v == 2 && d[0].uid.set,
	       "a device with everything");
	ok(d[1].type == 'b' && d[1].major == 4095 && d[1].minor == 1048575 && !d[1].file_mode.set &&
		       !d[1].uid.set && !d[1].gid.set,
	       "a block device with the largest numbers");
	ok(d[2].type == 'c', "u is read as c");
	ok(d[3].type == 'p' && same(d[3].path, "/run/fifo"), "a FIFO has no numbers");
	spec_release(&spec);
}

/* podman 5 --privileged and --device: the mode as stat(2) has it. */
static void modes_with_type(void)
{
	struct spec spec = SPEC_INIT;
	struct err err = ERR_INIT;
	int rc = parse_config(
		IN_LINUX("'devices':[{'path':'/dev/kmsg','type':'c','major':1,'minor':11,'fileMode':8612},"
			 "{'path':'/dev/sda','type':'b','major':8,'minor':0,'fileMode':25008},"
			 "{'path':'/dev/u','fileMode':8630,'type':'u','major':0,'minor':0},"
			 "{'path':'/dev/fifo','type':'p','fileMode':4516}]"),
		&spec, &err);

	if (!ok(rc == 0 && spec.linux_->devices.n == 4, "modes that hold the device's own file type")) {
		diag("%s", err.msg);
		spec_release(&spec);
		return;
	}
	const struct spec_device *d = spec.linux_->devices.items;

	ok(d[0].file_mode.v == 0644 && d[1].file_mode.v == 0660 && d[2].file_mode.v == 0666 && d[3].file_mode.v == 0644,
	   "are read as their access bits");
	spec_release(&spec);
}

static bool access_is(const struct spec_device_rule *rule, bool read, bool write, bool make)
{
	return rule->read == read && rule->write == write && rule->mknod == make;
}

static void rules(void)
{
	struct arena arena = ARENA_INIT;
	struct spec_resources *res = NULL;
	struct err err = ERR_INIT;
	int rc = parse_resources("'devices':[{'allow':false,'access':'rwm'},{'allow':true,'type':'c','major':1,'minor':-1,"
				 "'access':'r'},{'allow':true,'type':'b','access':'wm'},{'allow':true,'type':'',"
				 "'access':''},{'allow':true,'type':'a','major':null,'access':'m'}]",
				 &arena, &res, &err);
	const struct spec_device_rule *d;

	ok(rc == 0 && res->devices.n == 5, "five rules in order");
	if (rc) {
		diag("%s", err.msg);
		arena_release(&arena);
		return;
	}
	d = res->devices.items;
	ok(!d[0].allow && d[0].type == 'a' && !d[0].major.set && !d[0].minor.set && access_is(d, true, true, true),
	       "no type is all types");
	ok(d[1].allow && d[1].type == 'c' && d[1].major.v == 1 && d[1].minor.set && d[1].minor.v == -1 &&
		       access_is(d + 1, true, false, false),
	       "numbers and -1");
	ok(d[2].type == 'b' && access_is(d + 2, false, true, true), "letters of access");
	ok(d[3].type == 'a' && access_is(d + 3, true, true, true), "empty type and access are absent ones");
	ok(!d[4].major.set && access_is(d + 4, false, false, true), "null is absent");
	arena_release(&arena);
}

int main(void)
{
	config_refusals(refusals, ARRAY_LEN(refusals));
	resources_refusals(rule_refusals, ARRAY_LEN(rule_refusals));
	devices();
	modes_with_type();
	rules();
	return tap_done();
}
