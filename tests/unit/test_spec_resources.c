/* The resources object. */
#include "config.h"

#include "spec_case.h"

static const struct refusal refusals[] = {
	{ "'memory':{'limit':-2}", "memory.limit: -2 is out of range: a limit is a number of bytes, or -1 for none" },
	{ "'memory':{'reservation':-2}",
	  "memory.reservation: -2 is out of range: a limit is a number of bytes, or -1 for none" },
	{ "'memory':{'swap':-9}", "memory.swap: -9 is out of range: a limit is a number of bytes, or -1 for none" },
	{ "'memory':{'kernel':-2}", "memory.kernel: -2 is out of range: a limit is a number of bytes, or -1 for none" },
	{ "'memory':{'kernelTCP':-2}",
	  "memory.kernelTCP: -2 is out of range: a limit is a number of bytes, or -1 for none" },
	{ "'memory':{'swappiness':101}", "memory.swappiness: 101 is out of range: swappiness is 0 to 100" },
	{ "'memory':{'disableOOMKiller':0}", "memory.disableOOMKiller: expected a boolean, found a number" },
	{ "'memory':{'limits':0}", "memory.limits: unknown property (did you mean 'limit'?)" },

	{ "'cpu':{'quota':-2}", "cpu.quota: -2 is out of range: a quota is in microseconds, or -1 for none" },
	{ "'cpu':{'idle':2}", "cpu.idle: 2 is out of range: idle is 0 or 1" },
	{ "'cpu':{'quota':10,'burst':11}", "cpu: burst 11 is above quota 10; lower the one or raise the other" },
	{ "'cpu':{'cpus':'0-3;rm'}", "cpu.cpus: '0-3;rm' is no list of numbers; write it like 0-3,7" },
	{ "'cpu':{'mems':'0\\n1'}", "cpu.mems: '0?1' is no list of numbers; write it like 0-3,7" },
	{ "'cpu':{'cpus':'0-7:3/2'}", "cpu.cpus: '0-7:3/2' is no list of numbers; write it like 0-3,7" },
	{ "'cpu':{'cpus':'0-7:0/0'}", "cpu.cpus: '0-7:0/0' is no list of numbers; write it like 0-3,7" },
	{ "'cpu':{'cpus':'0-7:1'}", "cpu.cpus: '0-7:1' is no list of numbers; write it like 0-3,7" },
	{ "'cpu':{'weight':1}",
	  "cpu.weight: unknown property; runtime-spec 1.3.0 has none of this name here, remove it" },

	{ "'pids':{}", "pids.limit: is missing; the specification requires it" },
	{ "'pids':{'limit':-2}", "pids.limit: -2 is out of range: a limit is a number of tasks, or -1 for none" },
	{ "'pids':{'limit':1,'max':1}",
	  "pids.max: unknown property; runtime-spec 1.3.0 has none of this name here, remove it" },

	{ "'blockIO':{'weight':1001}",
	  "blockIO.weight: 1001 is out of range: a weight is 10 to 1000, or 0 for none" },
	{ "'blockIO':{'leafWeight':1001}",
	  "blockIO.leafWeight: 1001 is out of range: a weight is 10 to 1000, or 0 for none" },
	{ "'blockIO':{'weightDevice':[{'major':8,'minor':0}]}",
	  "blockIO.weightDevice[0]: gives neither 'weight' nor 'leafWeight'" },
	{ "'blockIO':{'weightDevice':[{'major':8,'minor':0,'weight':2000}]}",
	  "blockIO.weightDevice[0].weight: 2000 is out of range: a weight is 10 to 1000, or 0 for none" },
	{ "'blockIO':{'weightDevice':[{'minor':0,'weight':20}]}",
	  "blockIO.weightDevice[0].major: is missing; the specification requires it" },
	{ "'blockIO':{'weightDevice':[{'major':8,'weight':20}]}",
	  "blockIO.weightDevice[0].minor: is missing; the specification requires it" },
	{ "'blockIO':{'weightDevice':[{'major':-1,'minor':0,'weight':20}]}",
	  "blockIO.weightDevice[0].major: -1 is out of range: a major number is 0 to 4095" },
	{ "'blockIO':{'weightDevice':[{'major':8,'minor':1048576,'weight':20}]}",
	  "blockIO.weightDevice[0].minor: 1048576 is out of range: a minor number is 0 to 1048575" },
	{ "'blockIO':{'weightDevice':[{'major':8,'minor':0,'leafWeight':1001}]}",
	  "blockIO.weightDevice[0].leafWeight: 1001 is out of range: a weight is 10 to 1000, or 0 for none" },
	{ "'blockIO':{'throttleReadBpsDevice':[{'minor':0,'rate':1}]}",
	  "blockIO.throttleReadBpsDevice[0].major: is missing; the specification requires it" },
	{ "'blockIO':{'throttleReadBpsDevice':[{'major':8,'minor':-1,'rate':1}]}",
	  "blockIO.throttleReadBpsDevice[0].minor: -1 is out of range: a minor number is 0 to 1048575" },
	{ "'blockIO':{'throttleReadBpsDevice':[{'major':8,'minor':0}]}",
	  "blockIO.throttleReadBpsDevice[0].rate: is missing; the specification requires it" },
	{ "'blockIO':{'throttleWriteBpsDevice':[{'major':8,'rate':0}]}",
	  "blockIO.throttleWriteBpsDevice[0].minor: is missing; the specification requires it" },
	{ "'blockIO':{'throttleReadIOPSDevice':[{'major':4096,'minor':0,'rate':1}]}",
	  "blockIO.throttleReadIOPSDevice[0].major: 4096 is out of range: a major number is 0 to 4095" },
	{ "'blockIO':{'throttleWriteIOPSDevice':[{'major':8,'minor':0,'rate':1,'weight':1}]}",
	  "blockIO.throttleWriteIOPSDevice[0].weight: unknown property; runtime-spec 1.3.0 has none of this name here, "
	  "remove it" },

	{ "'hugepageLimits':[{'limit':1}]", "hugepageLimits[0].pageSize: is missing; the specification requires it" },
	{ "'hugepageLimits':[{'pageSize':'2MB'}]",
	  "hugepageLimits[0].limit: is missing; the specification requires it" },
	{ "'hugepageLimits':[{'pageSize':'64kB','limit':1}]",
	  "hugepageLimits[0].pageSize: '64kB' is no page size; write it like 64KB, 2MB or 1GB" },
	{ "'hugepageLimits':[{'pageSize':'02MB','limit':1}]",
	  "hugepageLimits[0].pageSize: '02MB' is no page size; write it like 64KB, 2MB or 1GB" },
	{ "'hugepageLimits':[{'pageSize':'MB','limit':1}]",
	  "hugepageLimits[0].pageSize: 'MB' is no page size; write it like 64KB, 2MB or 1GB" },
	{ "'hugepageLimits':[{'pageSize':'2','limit':1}]",
	  "hugepageLimits[0].pageSize: '2' is no page size; write it like 64KB, 2MB or 1GB" },
	{ "'hugepageLimits':[{'pageSize':'2MBx','limit':1}]",
	  "hugepageLimits[0].pageSize: '2MBx' is no page size; write it like 64KB, 2MB or 1GB" },
	{ "'hugepageLimits':[{'pageSize':'2MB/../x','limit':1}]",
	  "hugepageLimits[0].pageSize: '2MB/../x' is no page size; write it like 64KB, 2MB or 1GB" },
	{ "'hugepageLimits':[{'pageSize':'2MB','limit':1},{'pageSize':'1GB','limit':1},{'pageSize':'2MB','limit':2}]",
	  "hugepageLimits: page size 2MB is given twice; keep one" },

	{ "'network':{'classID':4294967296}", "network.classID: expected an integer from 0 to 4294967295, found 4294967296" },
	{ "'network':{'priorities':[{'priority':1}]}",
	  "network.priorities[0].name: is missing; the specification requires it" },
	{ "'network':{'priorities':[{'name':'eth0'}]}",
	  "network.priorities[0].priority: is missing; the specification requires it" },
	{ "'network':{'priorities':[{'name':'eth 0','priority':1}]}",
	  "network.priorities[0].name: 'eth 0' is no network device name: no '/', ':', '%' or blank" },

	{ "'rdma':{'mlx5_1':{}}", "rdma.mlx5_1: gives neither 'hcaHandles' nor 'hcaObjects'" },
	{ "'rdma':{'mlx 5':{'hcaHandles':1}}",
	  "rdma.mlx 5: 'mlx 5' is no RDMA device name: 1 to 63 bytes, no '/' or blank" },
	{ "'rdma':{'':{'hcaHandles':1}}", "rdma.: '' is no RDMA device name: 1 to 63 bytes, no '/' or blank" },
	{ "'rdma':{'mlx5_1':{'hcaHandles':'not a number'}}",
	  "rdma.mlx5_1.hcaHandles: expected a number, found a string" },
	{ "'rdma':{'mlx5_1':{'hcaHandle':1}}", "rdma.mlx5_1.hcaHandle: unknown property (did you mean 'hcaHandles'?)" },

	{ "'unified':{'../memory.max':'1'}",
	  "unified.../memory.max: '../memory.max' is no cgroup file name; write it like memory.high" },
	{ "'unified':{'a/memory.max':'1'}",
	  "unified.a/memory.max: 'a/memory.max' is no cgroup file name; write it like memory.high" },
	{ "'unified':{'.x':'1'}", "unified..x: '.x' is no cgroup file name; write it like memory.high" },
	{ "'unified':{'':'1'}", "unified: has an entry with an empty key; name it or remove it" },
	{ "'unified':{'memory.max':1}", "unified.memory.max: expected a string, found a number" },

	{ "'oomScoreAdj':100", "oomScoreAdj: unknown property: it is process.oomScoreAdj since 1.0.0" },
	{ "'disableOOMKiller':false",
	  "disableOOMKiller: unknown property: it is linux.resources.memory.disableOOMKiller since 1.0.0" },
	{ "'io':{}", "io: unknown property; runtime-spec 1.3.0 has none of this name here, remove it" },
};

static void memory_and_cpu(void)
{
	struct arena arena = ARENA_INIT;
	struct spec_resources *r = NULL;
	struct err err = ERR_INIT;
	int rc = parse_resources("'memory':{'limit':536870912,'reservation':1,'swap':-1,'kernel':2,'kernelTCP':3,"
				 "'swappiness':100,'disableOOMKiller':false,'useHierarchy':true,"
				 "'checkBeforeUpdate':true},"
				 "'cpu':{'shares':1024,'quota':-1,'burst':5,'period':500000,'realtimeRuntime':950000,"
				 "'realtimePeriod':1000000,'cpus':'2-3','mems':'0-7:1/2,9','idle':1},'pids':{'limit':-1}",
				 &arena, &r, &err);

	ok(rc == 0, "memory, cpu and pids");
	if (rc) {
		diag("%s", err.msg);
		arena_release(&arena);
		return;
	}
	ok(r->memory.limit.v == 536870912 && r->memory.reservation.v == 1 && r->memory.swap.set &&
		       r->memory.swap.v == -1 && r->memory.kernel.v == 2 && r->memory.kernel_tcp.v == 3 &&
		       r->memory.swappiness.v == 100,
	       "memory limits");
	ok(r->memory.disable_oom_killer.set && !r->memory.disable_oom_killer.v && r->memory.use_hierarchy.v &&
		       r->memory.check_before_update.v,
	       "memory switches");
	ok(r->cpu.shares.v == 1024 && r->cpu.quota.set && r->cpu.quota.v == -1 && r->cpu.burst.v == 5 &&
		       r->cpu.period.v == 500000,
	       "cpu time");
	ok(r->cpu.realtime_runtime.v == 950000 && r->cpu.realtime_period.v == 1000000 && r->cpu.idle.v == 1,
	       "realtime and idle");
	ok(same(r->cpu.cpus, "2-3") && same(r->cpu.mems, "0-7:1/2,9"), "cpus and mems");
	ok(r->pids_limit.set && r->pids_limit.v == -1, "pids");
	arena_release(&arena);
}

static bool throttle_is(const spec_blkio_devices *list, int64_t minor, uint64_t rate)
{
	return list->n == 1 && list->items[0].major == 8 && list->items[0].minor == minor &&
	       list->items[0].rate.set && list->items[0].rate.v == rate;
}

static void the_others(void)
{
	struct arena arena = ARENA_INIT;
	struct spec_resources *r = NULL;
	struct err err = ERR_INIT;
	int rc = parse_resources(
		"'blockIO':{'weight':10,'leafWeight':0,'weightDevice':[{'major':8,'minor':0,'weight':500,"
		"'leafWeight':300},{'major':8,'minor':16,'leafWeight':1000}],"
		"'throttleReadBpsDevice':[{'major':8,'minor':1,'rate':600}],"
		"'throttleWriteBpsDevice':[{'major':8,'minor':2,'rate':0}],"
		"'throttleReadIOPSDevice':[{'major':8,'minor':3,'rate':18446744073709551615}],"
		"'throttleWriteIOPSDevice':[{'major':8,'minor':4,'rate':300}]},"
		"'hugepageLimits':[{'pageSize':'2MB','limit':9223372036854772000},{'pageSize':'64KB','limit':0}],"
		"'network':{'classID':1048577,'priorities':[{'name':'eth0','priority':500},{'name':'eth1','priority':0}]},"
		"'rdma':{'mlx5_1':{'hcaHandles':3,'hcaObjects':10000},'rxe3':{'hcaObjects':0}},"
		"'unified':{'io.max':'8:0 rbps=1\\n8:16 wbps=2','hugetlb.1GB.max':'1073741824'}",
		&arena, &r, &err);
	const struct spec_blkio_device *w;

	ok(rc == 0, "blockIO, hugepageLimits, network, rdma, unified");
	if (rc) {
		diag("%s", err.msg);
		arena_release(&arena);
		return;
	}
	ok(r->block_io.weight.v == 10 && r->block_io.leaf_weight.set && r->block_io.leaf_weight.v == 0 &&
		       r->block_io.weight_device.n == 2,
	       "block weights");
	w = r->block_io.weight_device.items;
	ok(w[0].weight.v == 500 && w[0].leaf_weight.v == 300 && w[1].minor == 16 && !w[1].weight.set &&
		       w[1].leaf_weight.v == 1000,
	       "block weights of devices");
	ok(throttle_is(&r->block_io.read_bps, 1, 600) && throttle_is(&r->block_io.write_bps, 2, 0) &&
		       throttle_is(&r->block_io.read_iops, 3, UINT64_MAX) &&
		       throttle_is(&r->block_io.write_iops, 4, 300),
	       "block throttles, each in its place");
	ok(r->hugepage_limits.n == 2 && same(r->hugepage_limits.items[0].page_size, "2MB") &&
		       r->hugepage_limits.items[0].limit == 9223372036854772000ull &&
		       same(r->hugepage_limits.items[1].page_size, "64KB"),
	       "huge pages");
	ok(r->network.class_id.v == 1048577 && r->network.priorities.n == 2 &&
		       same(r->network.priorities.items[0].name, "eth0") &&
		       r->network.priorities.items[0].priority == 500,
	       "network");
	ok(r->rdma.n == 2 && same(r->rdma.items[0].name, "mlx5_1") && r->rdma.items[0].hca_handles.v == 3 &&
		       r->rdma.items[0].hca_objects.v == 10000 && !r->rdma.items[1].hca_handles.set &&
		       r->rdma.items[1].hca_objects.set,
	       "rdma");
	ok(r->unified.n == 2 && same(r->unified.items[0].key, "io.max") &&
		       same(r->unified.items[0].value, "8:0 rbps=1\n8:16 wbps=2"),
	       "unified");
	arena_release(&arena);
}

static void unset(void)
{
	struct arena arena = ARENA_INIT;
	struct spec_resources *r = NULL;
	struct err err = ERR_INIT;
	int rc = parse_resources("'memory':{},'cpu':{'cpus':'','shares':null},'pids':null,'blockIO':{},'unified':{},"
				 "'rdma':null,'network':{},'hugepageLimits':[],'devices':null",
				 &arena, &r, &err);

	ok(rc == 0 && !r->memory.limit.set && !r->cpu.cpus && !r->cpu.shares.set && !r->pids_limit.set &&
		       !r->block_io.weight.set && r->unified.n == 0 && r->rdma.n == 0 && !r->network.class_id.set &&
		       r->devices.n == 0,
	       "empty objects set nothing");
	arena_release(&arena);
}

static int parse_page_sizes(int n, struct arena *arena, struct err *err)
{
	char inside[4096];
	struct spec_resources *r;
	size_t used = (size_t)sprintf(inside, "'hugepageLimits':[");

	for (int i = 1; i <= n; i++)
		used += (size_t)sprintf(inside + used, "%s{'pageSize':'%dKB','limit':1}", i > 1 ? "," : "", i);
	memcpy(inside + used, "]", 2);
	return parse_resources(inside, arena, &r, err);
}

static void number_of_page_sizes(void)
{
	static const struct refusal want = { "65 page sizes", "hugepageLimits: has 65 page sizes; 64 at most" };
	struct arena arena = ARENA_INIT;
	struct err err = ERR_INIT;

	ok(parse_page_sizes(64, &arena, &err) == 0, "64 page sizes are taken");
	arena_release(&arena);
	is_refusal(parse_page_sizes(65, &arena, &err), &err, &want);
	arena_release(&arena);
}

/* The longest name of each kind, and one byte more. */
static void lengths(void)
{
	static const struct {
		const char *form;
		int longest;
		const char *refused; /* a part of the message */
	} cases[] = {
		{ "'rdma':{'@':{'hcaHandles':1}}", 63, "is no RDMA device name" },
		{ "'unified':{'@':'1'}", 255, "is no cgroup file name" },
		{ "'hugepageLimits':[{'pageSize':'1@KB','limit':1}]", 17, "is no page size" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		for (int more = 0; more < 2; more++) {
			char inside[512];
			struct arena arena = ARENA_INIT;
			struct spec_resources *r;
			struct err err = ERR_INIT;
			int rc;

			memcpy(inside, cases[i].form, strlen(cases[i].form) + 1);
			char *star = strchr(inside, '@');
			size_t length = (size_t)(cases[i].longest + more);

			/* "@" becomes that many zeros. */
			memmove(star + length, star + 1, strlen(star + 1) + 1);
			memset(star, '0', length);
			rc = parse_resources(inside, &arena, &r, &err);
			ok(more ? rc == -1 && strstr(err.msg, cases[i].refused) : rc == 0, "%zu bytes are %s: %s", length,
			   more ? "too many" : "taken", cases[i].refused);
			arena_release(&arena);
		}
	}
}

static void at_the_border(void)
{
	struct arena arena = ARENA_INIT;
	struct spec_resources *r;
	struct err err = ERR_INIT;

	ok(parse_resources("'cpu':{'quota':10,'burst':10,'cpus':'3-3,0-7:2/2,65535'}", &arena, &r, &err) == 0,
	   "a burst of the whole quota, a range of one CPU, a stride that uses all");
	arena_release(&arena);
	ok(parse_resources("'cpu':{'quota':0,'burst':5},'memory':{'limit':0}", &arena, &r, &err) == 0 &&
		   r->cpu.quota.set && r->memory.limit.set,
	   "zeros are kept, and no quota bounds no burst");
	arena_release(&arena);
}

int main(void)
{
	resources_refusals(refusals, ARRAY_LEN(refusals));
	memory_and_cpu();
	the_others();
	unset();
	number_of_page_sizes();
	lengths();
	at_the_border();
	return tap_done();
}
