/* Namespaces, id mappings, clock offsets, network devices. */
#include "config.h"

#include "spec_case.h"

#define IN_MAPS(text) IN_LINUX("'uidMappings':[" text "]")
#define MAP(container, host, size) "{'containerID':" #container ",'hostID':" #host ",'size':" #size "}"

static const struct refusal refusals[] = {
	{ IN_LINUX("'namespaces':[{}]"), "linux.namespaces[0].type: is missing; the specification requires it" },
	{ IN_LINUX("'namespaces':[{'type':'pid'},{'type':'mount'},{'type':'net'}]"),
	  "linux.namespaces[2].type: 'net' is not a namespace type (did you mean 'network'?)" },
	{ IN_LINUX("'namespaces':[{'type':'mnt'}]"),
	  "linux.namespaces[0].type: 'mnt' is not a namespace type (did you mean 'mount'?)" },
	{ IN_LINUX("'namespaces':[{'type':'userns'}]"),
	  "linux.namespaces[0].type: 'userns' is not a namespace type (did you mean 'user'?)" },
	{ IN_LINUX("'namespaces':[{'type':'pidns'}]"),
	  "linux.namespaces[0].type: 'pidns' is not a namespace type (did you mean 'pid'?)" },
	{ IN_LINUX("'namespaces':[{'type':'cgruop'}]"),
	  "linux.namespaces[0].type: 'cgruop' is not a namespace type (did you mean 'cgroup'?)" },
	{ IN_LINUX("'namespaces':[{'type':'galaxy'}]"),
	  "linux.namespaces[0].type: 'galaxy' is not a namespace type; use one of user, mount, pid, network, ipc, uts, "
	  "cgroup, time" },
	{ IN_LINUX("'namespaces':[{'type':''}]"),
	  "linux.namespaces[0].type: '' is not a namespace type; use one of user, mount, pid, network, ipc, uts, "
	  "cgroup, time" },
	{ IN_LINUX("'namespaces':[{'type':'pid'},{'type':'pid','path':'/x'}]"),
	  "linux.namespaces[1]: namespace type 'pid' is given twice; keep one" },
	{ IN_LINUX("'namespaces':[{'type':'network','path':''}]"),
	  "linux.namespaces[0].path: is empty; give a value or leave the property out" },
	{ IN_LINUX("'namespaces':[{'type':'network','path':'proc/1/ns/net'}]"),
	  "linux.namespaces[0].path: 'proc/1/ns/net' is not an absolute path; it must begin with '/'" },
	{ IN_LINUX("'namespaces':[{'type':'network','paths':'/x'}]"),
	  "linux.namespaces[0].paths: unknown property (did you mean 'path'?)" },

	{ IN_MAPS("{'hostID':0,'size':1}"),
	  "linux.uidMappings[0].containerID: is missing; the specification requires it" },
	{ IN_MAPS("{'containerID':0,'size':1}"),
	  "linux.uidMappings[0].hostID: is missing; the specification requires it" },
	{ IN_MAPS("{'containerID':0,'hostID':1}"),
	  "linux.uidMappings[0].size: is missing; the specification requires it" },
	{ IN_MAPS(MAP(0, 0, 0)),
	  "linux.uidMappings[0]: size 0 maps nothing; remove the mapping or give its size" },
	{ IN_MAPS(MAP(4294967295, 0, 1)),
	  "linux.uidMappings[0]: the mapping runs beyond id 4294967294; make it smaller" },
	{ IN_MAPS(MAP(0, 4294967295, 1)),
	  "linux.uidMappings[0]: the mapping runs beyond id 4294967294; make it smaller" },
	{ IN_MAPS(MAP(1, 0, 4294967295)),
	  "linux.uidMappings[0]: the mapping runs beyond id 4294967294; make it smaller" },
	{ IN_MAPS(MAP(0, 100, 10) "," MAP(9, 200, 1)), "linux.uidMappings[1]: container ids overlap those of entry 0" },
	{ IN_MAPS(MAP(0, 100, 10) "," MAP(50, 0, 1) "," MAP(10, 95, 6)),
	  "linux.uidMappings[2]: host ids overlap those of entry 0" },
	{ IN_LINUX("'gidMappings':[" MAP(5, 5, 1) "," MAP(0, 100, 10) "]"),
	  "linux.gidMappings[1]: container ids overlap those of entry 0" },

	{ IN_LINUX("'timeOffsets':{'realtime':{'secs':1}}"),
	  "linux.timeOffsets.realtime: unknown property; runtime-spec 1.3.0 has none of this name here, remove it" },
	{ IN_LINUX("'timeOffsets':{'boottime':{'nanosecs':1000000000}}"),
	  "linux.timeOffsets.boottime.nanosecs: 1000000000 is out of range: nanosecs is 0 to 999999999; put whole "
	  "seconds into secs" },
	{ IN_LINUX("'timeOffsets':{'monotonic':{'hours':1}}"),
	  "linux.timeOffsets.monotonic.hours: unknown property; runtime-spec 1.3.0 has none of this name here, "
	  "remove it" },

	{ IN_LINUX("'netDevices':{'':{}}"), "linux.netDevices.: '' is no network device name: 1 to 15 bytes" },
	{ IN_LINUX("'netDevices':{'a23456789012345x':{}}"),
	  "linux.netDevices.a23456789012345x: 'a23456789012345x' is no network device name: 1 to 15 bytes" },
	{ IN_LINUX("'netDevices':{'eth0':{'name':'a/b'}}"),
	  "linux.netDevices.eth0.name: 'a/b' is no network device name: no '/', ':', '%' or blank" },
	{ IN_LINUX("'netDevices':{'eth0':{'name':'eth%d'}}"),
	  "linux.netDevices.eth0.name: 'eth%d' is no network device name: no '/', ':', '%' or blank" },
	{ IN_LINUX("'netDevices':{'eth0':{'name':'a b'}}"),
	  "linux.netDevices.eth0.name: 'a b' is no network device name: no '/', ':', '%' or blank" },
	{ IN_LINUX("'netDevices':{'eth0':{'name':'..'}}"),
	  "linux.netDevices.eth0.name: '..' is no network device name: no '/', ':', '%' or blank" },
	{ IN_LINUX("'netDevices':{'.':{}}"),
	  "linux.netDevices..: '.' is no network device name: no '/', ':', '%' or blank" },
	{ IN_LINUX("'netDevices':{'eth0':{'name':23}}"),
	  "linux.netDevices.eth0.name: expected a string, found a number" },
	{ IN_LINUX("'netDevices':{'eth0':{'names':'x'}}"),
	  "linux.netDevices.eth0.names: unknown property (did you mean 'name'?)" },
	{ IN_LINUX("'netDevices':{'eth0':{'name':'eth1'},'eth1':{}}"),
	  "linux.netDevices: 'eth0' and 'eth1' would both be called 'eth1' in the container" },
};

static void namespaces(void)
{
	struct spec spec = SPEC_INIT;
	struct err err = ERR_INIT;
	int rc = parse_config(IN_LINUX("'namespaces':[{'type':'pid'},{'type':'network','path':'/run/netns/x'},"
				       "{'type':'ipc','path':null},{'type':'time'},{'type':'user'},{'type':'cgroup'},"
				       "{'type':'uts'}]"),
			      &spec, &err);
	const struct spec_namespace *ns;

	ok(rc == 0, "seven namespaces");
	if (rc) {
		diag("%s", err.msg);
		spec_release(&spec);
		return;
	}
	ns = spec.linux_->namespaces;
	ok(ns[SPEC_NS_PID].present && !ns[SPEC_NS_PID].path && ns[SPEC_NS_IPC].present && !ns[SPEC_NS_IPC].path,
	       "new ones");
	ok(ns[SPEC_NS_NETWORK].present && same(ns[SPEC_NS_NETWORK].path, "/run/netns/x"), "one to join");
	ok(ns[SPEC_NS_TIME].present && ns[SPEC_NS_USER].present && ns[SPEC_NS_CGROUP].present &&
		       ns[SPEC_NS_UTS].present,
	       "the others");
	ok(!ns[SPEC_NS_MOUNT].present, "what is not listed is not present");
	spec_release(&spec);
}

static void mappings(void)
{
	struct spec spec = SPEC_INIT;
	struct err err = ERR_INIT;
	int rc = parse_config(IN_LINUX("'uidMappings':[" MAP(0, 0, 4294967295) "],"
				       "'gidMappings':[" MAP(0, 100, 10) "," MAP(10, 90, 10) "," MAP(4294967294, 0, 1) "]"),
			      &spec, &err);

	ok(rc == 0 && spec.linux_->uid_mappings.items[0].size == UINT32_MAX && spec.linux_->gid_mappings.n == 3 &&
		       spec.linux_->gid_mappings.items[2].container_id == UINT32_MAX - 1,
	       "the identity map, neighbours, and the last id");
	if (rc)
		diag("%s", err.msg);
	spec_release(&spec);
}

/* n mappings of one id each, side by side. */
static int many_mappings(size_t n, struct spec *spec, struct err *err)
{
	char *inside = malloc(n * 70 + 100);
	size_t used;
	int rc;

	if (!inside)
		abort();
	used = (size_t)sprintf(inside, "'linux':{'uidMappings':[");
	for (size_t i = 0; i < n; i++)
		used += (size_t)sprintf(inside + used, "%s{'containerID':%zu,'hostID':%zu,'size':1}", i ? "," : "", i,
					i + 1000);
	memcpy(inside + used, "]}", 3);
	rc = parse_config(inside, spec, err);
	free(inside);
	return rc;
}

static void mapping_lines(void)
{
	static const struct refusal want[] = {
		{ "341 lines", "linux.uidMappings: has 341 lines; the kernel takes 340 at most" },
		{ "100000 lines", "linux.uidMappings: has 100000 lines; the kernel takes 340 at most" },
	};
	static const size_t lines[] = { 341, 100000 };

	for (size_t i = 0; i < ARRAY_LEN(want); i++) {
		struct spec spec = SPEC_INIT;
		struct err err = ERR_INIT;

		is_refusal(many_mappings(lines[i], &spec, &err), &err, &want[i]);
		spec_release(&spec);
	}
	struct spec spec = SPEC_INIT;
	struct err err = ERR_INIT;
	int rc = many_mappings(340, &spec, &err);

	ok(rc == 0 && spec.linux_->uid_mappings.n == 340 && spec.linux_->uid_mappings.items[339].host_id == 1339,
	       "340 lines are taken");
	spec_release(&spec);
}

static void offsets(void)
{
	struct spec spec = SPEC_INIT;
	struct err err = ERR_INIT;
	int rc = parse_config(IN_LINUX("'timeOffsets':{'monotonic':{'secs':-172800,'nanosecs':999999999},'boottime':{}}"),
			      &spec, &err);

	ok(rc == 0 && spec.linux_->monotonic.set && spec.linux_->monotonic.secs == -172800 &&
		       spec.linux_->monotonic.nanosecs == 999999999 && spec.linux_->boottime.set &&
		       spec.linux_->boottime.secs == 0,
	       "clock offsets");
	spec_release(&spec);
	rc = parse_config(IN_LINUX("'timeOffsets':{}"), &spec, &err);
	ok(rc == 0 && !spec.linux_->monotonic.set && !spec.linux_->boottime.set, "no clock offsets");
	spec_release(&spec);
}

static void net_devices(void)
{
	struct spec spec = SPEC_INIT;
	struct err err = ERR_INIT;
	int rc = parse_config(IN_LINUX("'netDevices':{'eth0':{'name':'inside'},'ens4':{},'a23456789012345':{'name':''},"
				       "'eth1':{'name':'eth0'}}"),
			      &spec, &err);
	const struct spec_net_device *d;

	ok(rc == 0 && spec.linux_->net_devices.n == 4, "four devices, two of which swap a name");
	if (rc) {
		diag("%s", err.msg);
		spec_release(&spec);
		return;
	}
	d = spec.linux_->net_devices.items;
	ok(same(d[0].host_name, "eth0") && same(d[0].name, "inside"), "renamed");
	ok(same(d[1].host_name, "ens4") && !d[1].name && !d[2].name, "kept");
	spec_release(&spec);
}

static int parse_net_devices(int n, struct spec *spec, struct err *err)
{
	char *inside = malloc((size_t)n * 20 + 100);
	size_t used;
	int rc;

	if (!inside)
		abort();
	used = (size_t)sprintf(inside, "'linux':{'netDevices':{");
	for (int i = 0; i < n; i++)
		used += (size_t)sprintf(inside + used, "%s'd%d':{}", i ? "," : "", i);
	memcpy(inside + used, "}}", 3);
	rc = parse_config(inside, spec, err);
	free(inside);
	return rc;
}

static void number_of_net_devices(void)
{
	static const struct refusal want = { "1025 devices", "linux.netDevices: has 1025 devices; 1024 at most" };
	struct spec spec = SPEC_INIT;
	struct err err = ERR_INIT;

	ok(parse_net_devices(1024, &spec, &err) == 0 && spec.linux_->net_devices.n == 1024, "1024 devices are taken");
	spec_release(&spec);
	is_refusal(parse_net_devices(1025, &spec, &err), &err, &want);
	spec_release(&spec);
}

int main(void)
{
	config_refusals(refusals, ARRAY_LEN(refusals));
	namespaces();
	mappings();
	mapping_lines();
	offsets();
	net_devices();
	number_of_net_devices();
	return tap_done();
}
