/* The resources object: cgroup limits, as given.  Also read alone, from update's --resources file.
 *
 * Zeros and -1 are kept: what "0" means differs by limit and engine, and policy/ decides it.
 */
#include "config.h"

#include "spec/table.h"

#include <limits.h>
#include <string.h>

#include "base/banned.h"

#define AT(field) offsetof(struct spec_resources, field)

/* --- memory --- */

static const struct range limit_range = {-1, INT64_MAX,
					 "a limit is a number of bytes, or -1 for none"};
static const struct range swappiness_range = {0, 100, "swappiness is 0 to 100"};

static const struct property memory_rows[] = {
	ROW("limit", JSON_NUMBER, take_opt_i64, AT(memory.limit), .rule = &limit_range),
	ROW("reservation", JSON_NUMBER, take_opt_i64, AT(memory.reservation), .rule = &limit_range),
	ROW("swap", JSON_NUMBER, take_opt_i64, AT(memory.swap), .rule = &limit_range),
	ROW("kernel", JSON_NUMBER, take_opt_i64, AT(memory.kernel), .rule = &limit_range,
	    .treatment = NO_COUNTERPART),
	ROW("kernelTCP", JSON_NUMBER, take_opt_i64, AT(memory.kernel_tcp),
	    .rule = &limit_range, .treatment = NO_COUNTERPART),
	ROW("swappiness", JSON_NUMBER, take_opt_u64, AT(memory.swappiness),
	    .rule = &swappiness_range, .treatment = NO_COUNTERPART),
	ROW("disableOOMKiller", JSON_BOOL, take_opt_bool, AT(memory.disable_oom_killer),
	    .treatment = NO_COUNTERPART),
	ROW("useHierarchy", JSON_BOOL, take_opt_bool, AT(memory.use_hierarchy)),
	ROW("checkBeforeUpdate", JSON_BOOL, take_opt_bool, AT(memory.check_before_update)),
};
static TABLE(memory_table, memory_rows, struct spec_resources, NULL);

/* --- cpu --- */

static const struct range quota_range = {-1, INT64_MAX,
					 "a quota is in microseconds, or -1 for none"};
static const struct range idle_range = {0, 1, "idle is 0 or 1"};

static int cpu_check(struct reader *r, const struct json *v, void *obj)
{
	const struct spec_resources *res = obj;

	if (res->cpu.quota.v > 0 && res->cpu.burst.v > (uint64_t)res->cpu.quota.v)
		return json_error(
			v, r->err,
			"burst %llu is above quota %lld; lower the one or raise the other",
			(unsigned long long)res->cpu.burst.v, (long long)res->cpu.quota.v);
	return 0;
}

static const struct property cpu_rows[] = {
	ROW("shares", JSON_NUMBER, take_opt_u64, AT(cpu.shares)),
	ROW("quota", JSON_NUMBER, take_opt_i64, AT(cpu.quota), .rule = &quota_range),
	ROW("burst", JSON_NUMBER, take_opt_u64, AT(cpu.burst)),
	ROW("period", JSON_NUMBER, take_opt_u64, AT(cpu.period)),
	ROW("realtimeRuntime", JSON_NUMBER, take_opt_i64, AT(cpu.realtime_runtime),
	    .treatment = NO_COUNTERPART),
	ROW("realtimePeriod", JSON_NUMBER, take_opt_u64, AT(cpu.realtime_period),
	    .treatment = NO_COUNTERPART),
	ROW("cpus", JSON_STRING, take_string, AT(cpu.cpus), .text = text_set_list),
	ROW("mems", JSON_STRING, take_string, AT(cpu.mems), .text = text_set_list),
	ROW("idle", JSON_NUMBER, take_opt_i64, AT(cpu.idle), .rule = &idle_range),
};
static TABLE(cpu_table, cpu_rows, struct spec_resources, cpu_check);

/* --- pids --- */

static const struct range pids_range = {-1, INT64_MAX,
					"a limit is a number of tasks, or -1 for none"};

static const struct property pids_rows[] = {
	ROW("limit", JSON_NUMBER, take_opt_i64, AT(pids_limit), .flags = PROPERTY_REQUIRED,
	    .rule = &pids_range),
};
static TABLE(pids_table, pids_rows, struct spec_resources, NULL);

/* --- blockIO --- */

#undef AT
#define AT(field) offsetof(struct spec_blkio_device, field)

static const struct range weight_range = {0, 1000, "a weight is 10 to 1000, or 0 for none"};

static int weight_device_check(struct reader *r, const struct json *v, void *obj)
{
	const struct spec_blkio_device *device = obj;

	if (!device->weight.set && !device->leaf_weight.set)
		return json_error(v, r->err, "gives neither 'weight' nor 'leafWeight'");
	return 0;
}

static const struct property weight_device_rows[] = {
	ROW("major", JSON_NUMBER, take_i64, AT(major), .flags = PROPERTY_REQUIRED,
	    .rule = &device_major_range),
	ROW("minor", JSON_NUMBER, take_i64, AT(minor), .flags = PROPERTY_REQUIRED,
	    .rule = &device_minor_range),
	ROW("weight", JSON_NUMBER, take_opt_u32, AT(weight), .rule = &weight_range),
	ROW("leafWeight", JSON_NUMBER, take_opt_u32, AT(leaf_weight), .rule = &weight_range,
	    .treatment = NO_COUNTERPART),
};
static TABLE(weight_device_table, weight_device_rows, struct spec_blkio_device,
	     weight_device_check);

static const struct property throttle_device_rows[] = {
	ROW("major", JSON_NUMBER, take_i64, AT(major), .flags = PROPERTY_REQUIRED,
	    .rule = &device_major_range),
	ROW("minor", JSON_NUMBER, take_i64, AT(minor), .flags = PROPERTY_REQUIRED,
	    .rule = &device_minor_range),
	ROW("rate", JSON_NUMBER, take_opt_u64, AT(rate), .flags = PROPERTY_REQUIRED),
};
static TABLE(throttle_device_table, throttle_device_rows, struct spec_blkio_device, NULL);

#undef AT
#define AT(field) offsetof(struct spec_resources, field)

static const struct property block_io_rows[] = {
	ROW("weight", JSON_NUMBER, take_opt_u32, AT(block_io.weight), .rule = &weight_range),
	ROW("leafWeight", JSON_NUMBER, take_opt_u32, AT(block_io.leaf_weight),
	    .rule = &weight_range, .treatment = NO_COUNTERPART),
	ROW("weightDevice", JSON_ARRAY, take_list, AT(block_io.weight_device),
	    .child = &weight_device_table),
	ROW("throttleReadBpsDevice", JSON_ARRAY, take_list, AT(block_io.read_bps),
	    .child = &throttle_device_table),
	ROW("throttleWriteBpsDevice", JSON_ARRAY, take_list, AT(block_io.write_bps),
	    .child = &throttle_device_table),
	ROW("throttleReadIOPSDevice", JSON_ARRAY, take_list, AT(block_io.read_iops),
	    .child = &throttle_device_table),
	ROW("throttleWriteIOPSDevice", JSON_ARRAY, take_list, AT(block_io.write_iops),
	    .child = &throttle_device_table),
};
static TABLE(block_io_table, block_io_rows, struct spec_resources, NULL);

/* --- hugepageLimits --- */

/* ^[1-9][0-9]*[KMG]B$, short enough for the name of a control file. */
static int text_page_size(struct reader *r, const struct json *v, const char *s)
{
	size_t digits = strspn(s, "0123456789");

	if (digits < 1 || digits > 18 || s[0] == '0' || !s[digits] || !strchr("KMG", s[digits]) ||
	    strcmp(s + digits + 1, "B") != 0)
		return json_error(v, r->err, "'%s' is no page size; write it like 64KB, 2MB or 1GB",
				  table_show(s).s);
	return 0;
}

static const struct property hugepage_rows[] = {
	ROW("pageSize", JSON_STRING, take_string, offsetof(struct spec_hugepage, page_size),
	    .flags = PROPERTY_REQUIRED, .text = text_page_size),
	ROW("limit", JSON_NUMBER, take_u64, offsetof(struct spec_hugepage, limit),
	    .flags = PROPERTY_REQUIRED),
};
static TABLE(hugepage_table, hugepage_rows, struct spec_hugepage, NULL);

/* --- network --- */

static const struct property net_priority_rows[] = {
	ROW("name", JSON_STRING, take_string, offsetof(struct spec_net_priority, name),
	    .flags = PROPERTY_REQUIRED, .text = text_net_name, .treatment = NO_COUNTERPART),
	ROW("priority", JSON_NUMBER, take_u32, offsetof(struct spec_net_priority, priority),
	    .flags = PROPERTY_REQUIRED, .treatment = NO_COUNTERPART),
};
static TABLE(net_priority_table, net_priority_rows, struct spec_net_priority, NULL);

static const struct property network_rows[] = {
	ROW("classID", JSON_NUMBER, take_opt_u32, AT(network.class_id),
	    .treatment = NO_COUNTERPART),
	ROW("priorities", JSON_ARRAY, take_list, AT(network.priorities),
	    .child = &net_priority_table, .treatment = NO_COUNTERPART),
};
static TABLE(network_table, network_rows, struct spec_resources, NULL);

/* --- rdma --- */

/* The name begins a line of rdma.max, whose fields are parted by blanks. */
static int text_rdma_name(struct reader *r, const struct json *v, const char *s)
{
	size_t n = strlen(s);

	if (n < 1 || n > 63 || strpbrk(s, "/ \t\n\v\f\r"))
		return json_error(v, r->err,
				  "'%s' is no RDMA device name: 1 to 63 bytes, no '/' or blank",
				  table_show(s).s);
	return 0;
}

static int rdma_check(struct reader *r, const struct json *v, void *obj)
{
	const struct spec_rdma *rdma = obj;

	if (!rdma->hca_handles.set && !rdma->hca_objects.set)
		return json_error(v, r->err, "gives neither 'hcaHandles' nor 'hcaObjects'");
	return 0;
}

static const struct property rdma_rows[] = {
	ROW("hcaHandles", JSON_NUMBER, take_opt_u32, offsetof(struct spec_rdma, hca_handles)),
	ROW("hcaObjects", JSON_NUMBER, take_opt_u32, offsetof(struct spec_rdma, hca_objects)),
};
static TABLE(rdma_table, rdma_rows, struct spec_rdma, rdma_check);

/* --- resources --- */

/* A key is the name of a file in the container's cgroup, and of nothing else. */
static int text_cgroup_file(struct reader *r, const struct json *v, const char *s)
{
	if (strchr(s, '/') || s[0] == '.' || strlen(s) > NAME_MAX)
		return json_error(v, r->err,
				  "'%s' is no cgroup file name; write it like memory.high",
				  table_show(s).s);
	return 0;
}

static int resources_check(struct reader *r, const struct json *v, void *obj)
{
	const struct spec_resources *res = obj;
	const struct json *limits = json_get(v, "hugepageLimits");

	/* No kernel has more sizes than this; it keeps the comparison below short. */
	if (res->hugepage_limits.n > 64)
		return json_error(limits, r->err, "has %zu page sizes; 64 at most",
				  res->hugepage_limits.n);
	for (size_t i = 0; i < res->hugepage_limits.n; i++)
		for (size_t j = 0; j < i; j++)
			if (strcmp(res->hugepage_limits.items[i].page_size,
				   res->hugepage_limits.items[j].page_size) == 0)
				return json_error(limits, r->err,
						  "page size %s is given twice; keep one",
						  res->hugepage_limits.items[i].page_size);
	return 0;
}

static const struct property resources_rows[] = {
	ROW("devices", JSON_ARRAY, take_list, AT(devices), .child = &device_rule_table),
	ROW("memory", JSON_OBJECT, take_object, 0, .child = &memory_table),
	ROW("cpu", JSON_OBJECT, take_object, 0, .child = &cpu_table),
	ROW("pids", JSON_OBJECT, take_object, 0, .child = &pids_table),
	ROW("blockIO", JSON_OBJECT, take_object, 0, .child = &block_io_table),
	ROW("hugepageLimits", JSON_ARRAY, take_list, AT(hugepage_limits), .child = &hugepage_table),
	ROW("network", JSON_OBJECT, take_object, 0, .child = &network_table),
	ROW("rdma", JSON_OBJECT, take_map, AT(rdma), .child = &rdma_table, .text = text_rdma_name),
	ROW("unified", JSON_OBJECT, take_pairs, AT(unified), .text = text_cgroup_file),
	ROW_REMOVED("oomScoreAdj", "it is process.oomScoreAdj since 1.0.0"),
	ROW_REMOVED("disableOOMKiller",
		    "it is linux.resources.memory.disableOOMKiller since 1.0.0"),
};
TABLE(resources_table, resources_rows, struct spec_resources, resources_check);
#undef AT
