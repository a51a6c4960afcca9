/* linux.resources -> cgroup v2 files. */
#include "policy_case.h"

/* The writes of a resources object as "file=value;..."; an error's text in its place. */
static const char *writes(const char *json, const struct host *host)
{
	static char out[4096];
	struct arena arena = ARENA_INIT;
	struct plan_cgroup cgroup = {0};
	struct spec_resources *res = NULL;
	struct err err = ERR_INIT;
	char *text = strdup(json);
	size_t at = 0;

	for (char *c = text; *c; c++)
		if (*c == '\'')
			*c = '"';
	if (spec_parse_resources(text, strlen(text), &arena, &res, &err)) {
		diag("the test's own resources: %s", err.msg);
		fflush(stdout);
		abort();
	}
	out[0] = '\0';
	if (policy_resolve_resources(res, host ? host : &full_host, &arena, &cgroup, &err))
		snprintf(out, sizeof(out), "%s: %s", err.kind == ERR_HOST ? "host" : "spec", err.msg);
	for (size_t i = 0; !err.kind && i < cgroup.writes.n; i++)
		at += (size_t)snprintf(out + at, sizeof(out) - at, "%s%s%s=%s", i ? ";" : "",
				       cgroup.writes.items[i].absent == ABSENT_SKIP ? "?" : "", cgroup.writes.items[i].file,
				       cgroup.writes.items[i].value);
	if (!err.kind && cgroup.check_before_update)
		snprintf(out + at, sizeof(out) - at, ";check");
	free(text);
	arena_release(&arena);
	return out;
}

static const struct { const char *json, *want; } cases[] = {
	{"{}", ""},
	/* memory: swap is counted apart in v2 */
	{"{'memory':{'limit':1000,'reservation':500}}", "memory.max=1000;memory.low=500"},
	{"{'memory':{'limit':1000,'swap':3000}}", "memory.swap.max=2000;memory.max=1000"},
	{"{'memory':{'limit':1000,'swap':1000}}", "memory.swap.max=0;memory.max=1000"},
	{"{'memory':{'limit':1000,'swap':-1}}", "memory.swap.max=max;memory.max=1000"},
	{"{'memory':{'limit':-1}}", "memory.swap.max=max;memory.max=max"},
	{"{'memory':{'limit':-1,'swap':500}}", "memory.swap.max=500;memory.max=max"},
	{"{'memory':{'limit':0,'swap':0,'reservation':-1}}", "memory.low=max"},
	{"{'memory':{'limit':1000,'swap':999}}", "spec: linux.resources.memory.swap: is memory and swap together, so at least"},
	{"{'memory':{'swap':999}}", "spec: linux.resources.memory.swap: is memory and swap together; give memory.limit too"},
	{"{'memory':{'limit':7,'checkBeforeUpdate':true}}", "memory.max=7;check"},
	{"{'memory':{'kernel':-1,'kernelTCP':-1,'useHierarchy':true,'disableOOMKiller':false}}", ""},
	{"{'memory':{'kernel':0,'kernelTCP':0}}", ""},
	{"{'memory':{'kernel':5}}", "spec: linux.resources.memory.kernel: has no counterpart in cgroup v2; remove it"},
	{"{'memory':{'kernelTCP':4096}}", "spec: linux.resources.memory.kernelTCP: has no counterpart in cgroup v2"},
	{"{'memory':{'useHierarchy':false}}", "spec: linux.resources.memory.useHierarchy: has no counterpart in cgroup v2"},
	{"{'memory':{'swappiness':0}}", "spec: linux.resources.memory.swappiness: has no counterpart in cgroup v2"},
	{"{'memory':{'disableOOMKiller':true}}", "spec: linux.resources.memory.disableOOMKiller: has no counterpart"},
	/* cpu: runc's curve from shares to weight */
	{"{'cpu':{'shares':0}}", ""},
	{"{'cpu':{'shares':1}}", "cpu.weight=1"},
	{"{'cpu':{'shares':2}}", "cpu.weight=1"},
	{"{'cpu':{'shares':3}}", "cpu.weight=2"},
	{"{'cpu':{'shares':102}}", "cpu.weight=17"},
	{"{'cpu':{'shares':512}}", "cpu.weight=59"},
	{"{'cpu':{'shares':1024}}", "cpu.weight=100"},
	{"{'cpu':{'shares':2048}}", "cpu.weight=174"},
	{"{'cpu':{'shares':262143}}", "cpu.weight=10000"},
	{"{'cpu':{'shares':262144}}", "cpu.weight=10000"},
	{"{'cpu':{'shares':18446744073709551615}}", "cpu.weight=10000"},
	{"{'cpu':{'idle':1,'shares':1024}}", "cpu.idle=1"},
	{"{'cpu':{'idle':0,'shares':1024}}", "cpu.idle=0;cpu.weight=100"},
	{"{'cpu':{'quota':50000,'period':200000}}", "cpu.max=50000 200000"},
	{"{'cpu':{'quota':50000}}", "cpu.max=50000 100000"},
	{"{'cpu':{'quota':-1}}", "cpu.max=max 100000"},
	{"{'cpu':{'period':5000}}", "cpu.max=max 5000"},
	{"{'cpu':{'burst':7}}", "cpu.max.burst=7"},
	{"{'cpu':{'quota':50,'burst':7}}", "cpu.max.burst=0;cpu.max=50 100000;cpu.max.burst=7"},
	{"{'cpu':{'cpus':'0-3,7','mems':'0'}}", "cpuset.cpus=0-3,7;cpuset.mems=0"},
	{"{'cpu':{'cpus':'','realtimeRuntime':0,'realtimePeriod':0}}", ""},
	{"{'cpu':{'realtimeRuntime':5}}", "spec: linux.resources.cpu.realtimeRuntime: has no counterpart"},
	{"{'cpu':{'realtimePeriod':5}}", "spec: linux.resources.cpu.realtimePeriod: has no counterpart"},
	/* pids */
	{"{'pids':{'limit':5}}", "pids.max=5"},
	{"{'pids':{'limit':-1}}", "pids.max=max"},
	{"{'pids':{'limit':0}}", ""},
	/* io */
	{"{'blockIO':{'weight':10}}", "?io.bfq.weight=10;io.weight=1"},
	{"{'blockIO':{'weight':1000}}", "?io.bfq.weight=1000;io.weight=10000"},
	{"{'blockIO':{'weight':0,'leafWeight':0}}", ""},
	{"{'blockIO':{'weight':9}}", "spec: linux.resources.blockIO.weight: 9 is not within 10 and 1000"},
	{"{'blockIO':{'leafWeight':10}}", "spec: linux.resources.blockIO.leafWeight: has no counterpart"},
	{"{'blockIO':{'weightDevice':[{'major':8,'minor':0,'weight':500},{'major':8,'minor':1,'weight':0}]}}",
	 "?io.bfq.weight=8:0 500;io.weight=8:0 4950"},
	{"{'blockIO':{'weightDevice':[{'major':8,'minor':0,'leafWeight':500}]}}",
	 "spec: linux.resources.blockIO.weightDevice.leafWeight: has no counterpart"},
	{"{'blockIO':{'weightDevice':[{'major':8,'minor':0,'weight':5}]}}", "spec: linux.resources.blockIO.weightDevice: 5 is not within"},
	{"{'blockIO':{'throttleReadBpsDevice':[{'major':8,'minor':0,'rate':1}],'throttleWriteBpsDevice':[{'major':8,'minor':0,'rate':2}],"
	 "'throttleReadIOPSDevice':[{'major':8,'minor':0,'rate':3}],'throttleWriteIOPSDevice':[{'major':8,'minor':0,'rate':0}]}}",
	 "io.max=8:0 rbps=1;io.max=8:0 wbps=2;io.max=8:0 riops=3;io.max=8:0 wiops=max"},
	/* huge pages, rdma */
	{"{'hugepageLimits':[{'pageSize':'2MB','limit':5}]}", "hugetlb.2MB.max=5;?hugetlb.2MB.rsvd.max=5"},
	{"{'rdma':{'mlx5':{'hcaHandles':3,'hcaObjects':4},'b':{'hcaObjects':1}}}",
	 "rdma.max=mlx5 hca_handle=3;rdma.max=mlx5 hca_object=4;rdma.max=b hca_object=1"},
	{"{'network':{'classID':0,'priorities':[]}}", ""},
	{"{'network':{'classID':5}}", "spec: linux.resources.network.classID: has no counterpart"},
	{"{'network':{'priorities':[{'name':'eth0','priority':1}]}}", "spec: linux.resources.network.priorities: has no counterpart"},
	/* unified: after the others, as it stands */
	{"{'unified':{'memory.high':'5','io.max':'8:0 rbps=1\\n8:1 wbps=2\\n','misc.max':'','cgroup.max.depth':'3'},'pids':{'limit':5}}",
	 "pids.max=5;memory.high=5;io.max=8:0 rbps=1;io.max=8:1 wbps=2;misc.max=;cgroup.max.depth=3"},
	{"{'unified':{'cgroup.procs':'1'}}", "spec: linux.resources.unified: 'cgroup.procs' is an operation of the runtime"},
	{"{'unified':{'cgroup.kill':'1'}}", "'cgroup.kill' is an operation of the runtime"},
	{"{'unified':{'cgroup.subtree_control':'+x'}}", "is an operation of the runtime"},
	{"{'unified':{'cgroup.freeze':'1'}}", "is an operation of the runtime"},
	{"{'unified':{'foo.bar':'1'}}", "spec: linux.resources.unified: 'foo.bar' belongs to no controller of cgroup v2"},
	{"{'unified':{'memoryx.high':'1'}}", "belongs to no controller"},
	{"{'unified':{'memory':'1'}}", "'memory' is no cgroup file, like memory.high"},
	{"{'unified':{'memory.':'1'}}", "is no cgroup file"},
	{"{'unified':{'memory..high':'1'}}", "is no cgroup file"},
};

static void controllers(void)
{
	struct host none = full_host;
	static const struct { const char *json, *want; } lacking[] = {
		{"{'memory':{'limit':1}}", "host: linux.resources.memory.limit: the cgroup v2 of this host has no memory controller"},
		{"{'cpu':{'shares':5}}", "host: linux.resources.cpu.shares: the cgroup v2 of this host has no cpu controller"},
		{"{'cpu':{'cpus':'0'}}", "has no cpuset controller"},
		{"{'blockIO':{'weight':100}}", "has no io controller"},
		{"{'blockIO':{'throttleReadBpsDevice':[{'major':8,'minor':0,'rate':1}]}}", "has no io controller"},
		{"{'hugepageLimits':[{'pageSize':'2MB','limit':5}]}", "has no hugetlb controller"},
		{"{'rdma':{'m':{'hcaHandles':3}}}", "has no rdma controller"},
		{"{'unified':{'misc.max':'x'}}", "host: linux.resources.unified: 'misc.max': the cgroup v2 of this host has no misc controller"},
	};
	none.ctl_cpu = none.ctl_cpuset = none.ctl_io = none.ctl_memory = none.ctl_hugetlb = none.ctl_pids = none.ctl_rdma =
		none.ctl_misc = false;
	for (size_t i = 0; i < ARRAY_LEN(lacking); i++) {
		const char *got = writes(lacking[i].json, &none);
		if (!ok(strstr(got, lacking[i].want), "refused without the controller: %s", lacking[i].json))
			diag("got  %s\nwant %s", got, lacking[i].want);
	}
	none = full_host;
	none.swap_accounting = false;
	is_str(writes("{'memory':{'limit':5,'swap':5}}", &none), "memory.max=5", "no swap needs no accounting");
	is_str(writes("{'memory':{'limit':5,'swap':-1}}", &none), "memory.max=5", "nor does unlimited swap");
	is_str(writes("{'memory':{'limit':5,'swap':6}}", &none), "host: linux.resources.memory.swap: this host does not account swap",
	       "a limit does");
}

static void devices(void)
{
	struct arena arena = ARENA_INIT;
	struct plan_cgroup cgroup = {0};
	struct spec_resources *res = NULL;
	struct err err = ERR_INIT;
	const char *json = "{\"devices\":[{\"allow\":false},{\"allow\":true,\"type\":\"b\",\"major\":8,\"access\":\"rm\"},"
			   "{\"allow\":true,\"type\":\"c\",\"major\":-1,\"minor\":3}]}";

	if (spec_parse_resources(json, strlen(json), &arena, &res, &err))
		abort();
	is_int(policy_resolve_resources(res, &full_host, &arena, &cgroup, &err), 0, "device rules");
	const struct plan_device_rule *d = cgroup.devices.items;
	ok(cgroup.devices.n == 3 && !d[0].allow && d[0].type == 'a' && d[0].major == -1 && d[0].minor == -1, "deny all");
	ok(d[1].allow && d[1].type == 'b' && d[1].major == 8 && d[1].minor == -1 && d[1].read && !d[1].write && d[1].mknod, "one major");
	ok(d[2].major == -1 && d[2].minor == 3 && d[2].write, "-1 is any");
	arena_release(&arena);
}

/* Between the fixed points the curve only rises. */
static void weights(void)
{
	unsigned long last = 0;
	bool rises = true;

	for (int shares = 2; shares <= 262144; shares += 997) {
		char json[64];
		snprintf(json, sizeof(json), "{'cpu':{'shares':%d}}", shares);
		unsigned long weight = strtoul(writes(json, NULL) + strlen("cpu.weight="), NULL, 10);
		rises &= weight >= last && weight >= 1 && weight <= 10000;
		last = weight;
	}
	ok(rises, "more shares are never less weight");
}

int main(void)
{
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *got = writes(cases[i].json, NULL);
		bool error = strstr(cases[i].want, "spec: ") == cases[i].want || strchr(cases[i].want, '\'') || !strchr(cases[i].want, '=');
		if (!ok(error && *cases[i].want ? strstr(got, cases[i].want) != NULL : !strcmp(got, cases[i].want), "%s", cases[i].json))
			diag("got  %s\nwant %s", got, cases[i].want);
	}
	controllers();
	devices();
	weights();
	return tap_done();
}
