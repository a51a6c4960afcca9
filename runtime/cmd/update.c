/* kanuki update: new cgroup limits for a container, from a file or from options. */
#include "config.h"

#include "act/rdt.h"
#include "base/num.h"
#include "cmd/container.h"
#include "policy/policy.h"
#include "sys/file.h"

#include <fcntl.h>
#include <string.h>

#include "base/banned.h"

#define RESOURCES_MAX_BYTES (1u << 20)

struct update_args {
	const char *resources;
	const char *blkio_weight, *cpu_period, *cpu_quota, *cpu_burst, *cpu_share, *cpuset_cpus,
		*cpuset_mems, *cpu_idle;
	const char *cpu_rt_period, *cpu_rt_runtime;
	const char *memory, *memory_reservation, *memory_swap, *pids_limit;
	const char *l3_cache_schema, *mem_bw_schema;
};

#define ARG(member) offsetof(struct update_args, member)
static const struct cmd_option options[] = {
	{"resources", 'r', OPTION_STRING, ARG(resources), "FILE",
	 "a resources object as in config.json, '-' for stdin"},
	{"blkio-weight", 0, OPTION_STRING, ARG(blkio_weight), "N", "I/O weight, 10 to 1000"},
	{"cpu-period", 0, OPTION_STRING, ARG(cpu_period), "US",
	 "length of a CPU period in microseconds"},
	{"cpu-quota", 0, OPTION_STRING, ARG(cpu_quota), "US",
	 "CPU time per period in microseconds, -1 for no limit"},
	{"cpu-burst", 0, OPTION_STRING, ARG(cpu_burst), "US",
	 "CPU time that may be saved up in microseconds"},
	{"cpu-share", 0, OPTION_STRING, ARG(cpu_share), "N", "CPU shares, 2 to 262144"},
	{"cpu-rt-period", 0, OPTION_STRING, ARG(cpu_rt_period), "US",
	 "realtime period (refused: cgroup v2 has none)"},
	{"cpu-rt-runtime", 0, OPTION_STRING, ARG(cpu_rt_runtime), "US",
	 "realtime runtime (refused: cgroup v2 has none)"},
	{"cpuset-cpus", 0, OPTION_STRING, ARG(cpuset_cpus), "LIST", "CPUs, as in 0-3,7"},
	{"cpuset-mems", 0, OPTION_STRING, ARG(cpuset_mems), "LIST", "memory nodes"},
	{"cpu-idle", 0, OPTION_STRING, ARG(cpu_idle), "0|1", "SCHED_IDLE for the whole cgroup"},
	{"memory", 0, OPTION_STRING, ARG(memory), "BYTES", "memory limit, as in 512m, -1 for none"},
	{"memory-reservation", 0, OPTION_STRING, ARG(memory_reservation), "BYTES",
	 "memory that is protected when the host runs short"},
	{"memory-swap", 0, OPTION_STRING, ARG(memory_swap), "BYTES",
	 "memory and swap together, -1 for no limit"},
	{"pids-limit", 0, OPTION_STRING, ARG(pids_limit), "N", "most processes, -1 for no limit"},
	{"l3-cache-schema", 0, OPTION_STRING, ARG(l3_cache_schema), "LINE",
	 "part of the L3 cache (resctrl), as in L3:0=f"},
	{"mem-bw-schema", 0, OPTION_STRING, ARG(mem_bw_schema), "LINE",
	 "memory bandwidth (resctrl), as in MB:0=70"},
	{"kernel-memory", 0, OPTION_IGNORED_STRING, 0, "BYTES",
	 "accepted: has no effect since Linux 5.4"},
	{"kernel-memory-tcp", 0, OPTION_IGNORED_STRING, 0, "BYTES",
	 "accepted: has no effect on cgroup v2"},
};

static int set_u64(const char *option, const char *text, struct opt_u64 *ret, struct err *err)
{
	if (!text)
		return 0;
	ret->set = true;
	if (!num_parse_u64(text, UINT64_MAX, &ret->v))
		return err_set(err, ERR_USAGE, "--%s: '%s' is not a number", option, text);
	return 0;
}

static int set_i64(const char *option, const char *text, struct opt_i64 *ret, struct err *err)
{
	if (!text)
		return 0;
	ret->set = true;
	if (!num_parse_i64(text, -1, INT64_MAX, &ret->v))
		return err_set(err, ERR_USAGE, "--%s: '%s' is not a number", option, text);
	return 0;
}

/* "512m" or -1. */
static int set_bytes(const char *option, const char *text, struct opt_i64 *ret, struct err *err)
{
	uint64_t bytes;

	if (!text)
		return 0;
	ret->set = true;
	ret->v = -1;
	if (strcmp(text, "-1") == 0)
		return 0;
	if (!num_parse_size(text, &bytes) || bytes > INT64_MAX)
		return err_set(err, ERR_USAGE, "--%s: '%s' is not a size", option, text);
	ret->v = (int64_t)bytes;
	return 0;
}

static int from_options(const struct update_args *a, struct spec_resources *r, struct err *err)
{
	struct opt_u64 weight = {0};

	if (set_u64("cpu-period", a->cpu_period, &r->cpu.period, err) < 0 ||
	    set_i64("cpu-quota", a->cpu_quota, &r->cpu.quota, err) < 0 ||
	    set_u64("cpu-burst", a->cpu_burst, &r->cpu.burst, err) < 0 ||
	    set_u64("cpu-share", a->cpu_share, &r->cpu.shares, err) < 0 ||
	    set_u64("cpu-rt-period", a->cpu_rt_period, &r->cpu.realtime_period, err) < 0 ||
	    set_i64("cpu-rt-runtime", a->cpu_rt_runtime, &r->cpu.realtime_runtime, err) < 0 ||
	    set_i64("cpu-idle", a->cpu_idle, &r->cpu.idle, err) < 0 ||
	    set_bytes("memory", a->memory, &r->memory.limit, err) < 0 ||
	    set_bytes("memory-reservation", a->memory_reservation, &r->memory.reservation, err) <
		    0 ||
	    set_bytes("memory-swap", a->memory_swap, &r->memory.swap, err) < 0 ||
	    set_i64("pids-limit", a->pids_limit, &r->pids_limit, err) < 0 ||
	    set_u64("blkio-weight", a->blkio_weight, &weight, err) < 0)
		return -1;
	if (weight.v > UINT16_MAX)
		return err_set(err, ERR_USAGE, "--blkio-weight: '%s' is too large",
			       a->blkio_weight);
	r->block_io.weight = (struct opt_u32){.set = weight.set, .v = (uint32_t)weight.v};
	r->cpu.cpus = a->cpuset_cpus;
	r->cpu.mems = a->cpuset_mems;
	return 0;
}

static int read_resources(const struct cmd_context *ctx, const struct update_args *args,
			  struct spec_resources **ret, struct err *err)
{
	char *text;
	size_t len;
	int r;

	if (!args->resources) {
		*ret = arena_alloc(ctx->arena, sizeof(**ret));
		return *ret ? from_options(args, *ret, err) : err_oom(err);
	}
	if (strcmp(args->resources, "-") == 0)
		r = file_read_fd(0, "standard input", RESOURCES_MAX_BYTES, ctx->arena, &text, &len,
				 err);
	else
		r = file_read(AT_FDCWD, args->resources, RESOURCES_MAX_BYTES, ctx->arena, &text,
			      &len, err);
	if (r < 0 || spec_parse_resources(text, len, ctx->arena, ret, err) < 0)
		return err_context(err, "--resources");
	return 0;
}

/* Beside the cgroup's limits; the group is the one that create put the container in. */
static int update_rdt(const struct cmd_context *ctx, const struct update_args *args,
		      const struct plan *ceiling, struct err *err)
{
	const char *const lines[] = {args->l3_cache_schema, args->mem_bw_schema};
	struct str_list schemata = {0};

	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		const char **slot = lines[i] ? ARENA_PUSH(ctx->arena, &schemata) : NULL;

		if (lines[i] && !slot)
			return err_oom(err);
		if (slot)
			*slot = lines[i];
	}
	if (!schemata.n)
		return 0;
	if (!ceiling->intel_rdt.set)
		return err_set(err, ERR_USAGE,
			       "--l3-cache-schema, --mem-bw-schema: the container was made without "
			       "linux.intelRdt");
	return rdt_update(ceiling->intel_rdt.clos_id, &schemata, err);
}

static int run(const struct cmd_context *ctx, void *data, struct err *err)
{
	const struct update_args *args = data;
	struct cgroup cgroup __attribute__((cleanup(cgroup_release))) = CGROUP_INIT;
	autocontainer container = CONTAINER_INIT;
	autoplan ceiling = PLAN_INIT;
	struct plan_cgroup limits = {.delegate_uid = -1, .delegate_gid = -1};
	struct spec_resources *resources;
	struct host host;

	if (container_open(ctx, ctx->args[0], true, &container, err) < 0 ||
	    container_check(&container, LIFECYCLE_UPDATE, err) < 0 ||
	    container_read_plan(&container, &ceiling, err) < 0 ||
	    read_resources(ctx, args, &resources, err) < 0 || host_probe(&host, err) < 0 ||
	    policy_resolve_update(resources, &ceiling, &host, ctx->arena, &limits, err) < 0 ||
	    container_open_cgroup(&container, &cgroup, err) < 0)
		return -1;
	cgroup.committed = true;
	if (update_rdt(ctx, args, &ceiling, err) < 0 || cgroup_enable(&cgroup, &limits, err) < 0 ||
	    cgroup_apply(&cgroup, &limits, err) < 0)
		return -1;
	return limits.device_filter ? cgroup_set_devices(&cgroup, &limits, err) : 0;
}

const struct cmd cmd_update = {
	.name = "update",
	.synopsis = "[OPTIONS] CONTAINER",
	.summary = "change the limits of a container",
	.options = options,
	.n_options = ARRAY_LEN(options),
	.args_size = sizeof(struct update_args),
	.min_args = 1,
	.max_args = 1,
	.failure_status = 1,
	.run = run,
};
