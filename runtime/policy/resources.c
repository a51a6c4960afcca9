/* linux.resources -> writes to cgroup v2 files.  The numbers are those of cgroup
 * v1; the conversions are runc's where there is one, since engines reckon with
 * them.  Owns plan_cgroup.writes and devices; also serves `update`. */
#include "config.h"

#include "policy/resolve.h"

#include "base/num.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/banned.h"

struct writer {
	const struct host *host;
	struct arena *arena;
	struct plan_cgroup *to;
	struct err *err;
};

/* Where the bundle says it, for messages; update has no bundle and the same names. */
#define WHERE "linux.resources."

static int refuse_v1(struct writer *w, const char *property)
{
	return err_set(w->err, ERR_SPEC, WHERE "%s: has no counterpart in cgroup v2; remove it",
		       property);
}

static bool has_controller(const struct host *host, const char *name)
{
	const struct {
		const char *name;
		bool has;
	} controllers[] = {
		{"cpu", host->ctl_cpu},   {"cpuset", host->ctl_cpuset},
		{"io", host->ctl_io},     {"memory", host->ctl_memory},
		{"pids", host->ctl_pids}, {"hugetlb", host->ctl_hugetlb},
		{"rdma", host->ctl_rdma}, {"misc", host->ctl_misc},
	};
	for (size_t i = 0; i < ARRAY_LEN(controllers); i++)
		if (!strcmp(name, controllers[i].name))
			return controllers[i].has;
	return false;
}

static int push(struct writer *w, const char *controller, const char *file, const char *value,
		enum plan_cgroup_absent absent)
{
	struct plan_cgroup_write *write = ARENA_PUSH(w->arena, &w->to->writes);
	if (!write || !file || !value)
		return err_oom(w->err);
	*write = (struct plan_cgroup_write){controller, file, value, absent};
	return 0;
}

__attribute__((format(printf, 5, 6))) static int add(struct writer *w, const char *property,
						     const char *controller, const char *file,
						     const char *fmt, ...)
{
	char value[128];
	va_list ap;
	if (!has_controller(w->host, controller))
		return err_set(w->err, ERR_HOST,
			       WHERE "%s: the cgroup v2 of this host has no %s controller",
			       property, controller);
	va_start(ap, fmt);
	int n = vsnprintf(value, sizeof(value), fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= sizeof(value))
		return err_set(w->err, ERR_SPEC, WHERE "%s: too long", property);
	return push(w, controller, arena_strdup(w->arena, file), arena_strdup(w->arena, value),
		    ABSENT_ERROR);
}

/* -1 is "no limit" everywhere. */
static int add_limit(struct writer *w, const char *property, const char *controller,
		     const char *file, int64_t limit)
{
	if (limit < 0)
		return add(w, property, controller, file, "max");
	return add(w, property, controller, file, "%" PRId64, limit);
}

/* --- memory --- */

/* The specification counts memory and swap together, the kernel swap alone. */
static int swap_limit(struct writer *w, int64_t memory, int64_t both, int64_t *ret)
{
	if (both == -1 || memory == -1) {
		*ret = both;
		return 0;
	}
	if (memory == 0)
		return err_set(w->err, ERR_SPEC,
			       WHERE
			       "memory.swap: is memory and swap together; give memory.limit too");
	if (both < memory)
		return err_set(
			w->err, ERR_SPEC,
			WHERE "memory.swap: is memory and swap together, so at least memory.limit");
	*ret = both - memory;
	return 0;
}

static int add_swap(struct writer *w, const struct spec_resources *res)
{
	int64_t memory = res->memory.limit.v, both = res->memory.swap.v, swap = 0;
	/* As with cgroup v1, unlimited memory without a word on swap means unlimited swap. */
	if (memory == -1 && both == 0)
		both = -1;
	if (both == 0)
		return 0;
	if (swap_limit(w, memory, both, &swap))
		return -1;
	/* Without swap accounting the file is missing; "no limit" and "no swap" hold as it is. */
	if (!w->host->swap_accounting && swap <= 0)
		return 0;
	if (!w->host->swap_accounting)
		return err_set(w->err, ERR_HOST,
			       WHERE "memory.swap: this host does not account swap");
	return add_limit(w, "memory.swap", "memory", "memory.swap.max", swap);
}

static int take_memory(struct writer *w, const struct spec_resources *res)
{
	if (res->memory.swappiness.set)
		return refuse_v1(w, "memory.swappiness");
	if (res->memory.disable_oom_killer.v)
		return refuse_v1(w, "memory.disableOOMKiller");
	/* 0 and -1 ask for no limit. */
	if (res->memory.kernel.v > 0)
		return refuse_v1(w, "memory.kernel");
	if (res->memory.kernel_tcp.v > 0)
		return refuse_v1(w, "memory.kernelTCP");
	/* v2 is always hierarchical. */
	if (res->memory.use_hierarchy.set && !res->memory.use_hierarchy.v)
		return refuse_v1(w, "memory.useHierarchy");
	w->to->check_before_update |= res->memory.check_before_update.v;
	/* Swap first: a new memory.max below the usage may need room to move out to. */
	if (add_swap(w, res))
		return -1;
	if (res->memory.limit.v &&
	    add_limit(w, "memory.limit", "memory", "memory.max", res->memory.limit.v))
		return -1;
	if (res->memory.reservation.v &&
	    add_limit(w, "memory.reservation", "memory", "memory.low", res->memory.reservation.v))
		return -1;
	return 0;
}

/* --- cpu --- */

/* ln and exp without libm, which would be a library for one formula.  Both are
 * good to 1e-15 in the range used. */
static double natural_log(double x)
{
	double result = 0;
	while (x >= 2) {
		x /= 2;
		result += 0.693147180559945309417;
	}
	double t = (x - 1) / (x + 1), term = t, sum = 0;
	for (int k = 1; k < 60; k += 2, term *= t * t)
		sum += term / k;
	return result + 2 * sum;
}

static double power_of_ten(double x)
{
	double t = x * 2.302585092994045684018 / 32, term = 1, sum = 1;
	for (int k = 1; k < 24; k++) {
		term *= t / k;
		sum += term;
	}
	for (int i = 0; i < 5; i++)
		sum *= sum;
	return sum;
}

/* runc's since 1.3.2 and crun's since 1.23: a curve through (2, 1), (1024, 100)
 * and (262144, 10000), so that the default of v1 is the default of v2.  The
 * straight line before it turned 1024 into 39 and starved containers beside
 * ordinary cgroups. */
static uint64_t weight_of_shares(uint64_t shares)
{
	if (shares <= 2)
		return 1;
	if (shares >= 262144)
		return 10000;
	double l = natural_log((double)shares) / 0.693147180559945309417;
	double weight = power_of_ten((l * l + 125 * l) / 612 - 7.0 / 34);
	uint64_t whole = (uint64_t)weight;
	/* Rounded up, but 1024 is 100 and not 100.0000000000001. */
	return weight - (double)whole > 1e-9 ? whole + 1 : whole;
}

static int add_quota(struct writer *w, const struct spec_resources *res)
{
	int64_t quota = res->cpu.quota.v;
	uint64_t period = res->cpu.period.v ? res->cpu.period.v : 100000;
	bool limits = quota || res->cpu.period.v;
	/* The kernel compares burst with quota at each write, so whichever way both move, one order
	 * of two writes would be refused. */
	if (limits && res->cpu.burst.set && add(w, "cpu.burst", "cpu", "cpu.max.burst", "0"))
		return -1;
	if (limits && quota > 0 &&
	    add(w, "cpu.quota", "cpu", "cpu.max", "%" PRId64 " %" PRIu64, quota, period))
		return -1;
	if (limits && quota <= 0 && add(w, "cpu.period", "cpu", "cpu.max", "max %" PRIu64, period))
		return -1;
	if (res->cpu.burst.set &&
	    add(w, "cpu.burst", "cpu", "cpu.max.burst", "%" PRIu64, res->cpu.burst.v))
		return -1;
	return 0;
}

static int add_set(struct writer *w, const char *property, const char *file, const char *list)
{
	if (!list || !*list)
		return 0;
	if (!has_controller(w->host, "cpuset"))
		return err_set(w->err, ERR_HOST,
			       WHERE "%s: the cgroup v2 of this host has no cpuset controller",
			       property);
	return push(w, "cpuset", file, arena_strdup(w->arena, list), ABSENT_ERROR);
}

static int take_cpu(struct writer *w, const struct spec_resources *res)
{
	if (res->cpu.realtime_runtime.v)
		return refuse_v1(w, "cpu.realtimeRuntime");
	if (res->cpu.realtime_period.v)
		return refuse_v1(w, "cpu.realtimePeriod");
	if (res->cpu.idle.set && add(w, "cpu.idle", "cpu", "cpu.idle", "%" PRId64, res->cpu.idle.v))
		return -1;
	/* An idle cgroup has no weight; the kernel refuses to set one. */
	if (res->cpu.shares.v && res->cpu.idle.v != 1 &&
	    add(w, "cpu.shares", "cpu", "cpu.weight", "%" PRIu64,
		weight_of_shares(res->cpu.shares.v)))
		return -1;
	if (add_quota(w, res) || add_set(w, "cpu.cpus", "cpuset.cpus", res->cpu.cpus) ||
	    add_set(w, "cpu.mems", "cpuset.mems", res->cpu.mems))
		return -1;
	return 0;
}

/* --- io --- */

/* Which of the two proportional controllers a disk uses is its scheduler's choice,
 * so both are told: bfq in v1's numbers where the kernel has it, and iocost. */
static int add_weight(struct writer *w, const char *property, const char *device, uint32_t weight)
{
	char bfq[128];
	int n = snprintf(bfq, sizeof(bfq), "%s%u", device, weight);
	if (n < 0 || (size_t)n >= sizeof(bfq))
		return err_set(w->err, ERR_SPEC, WHERE "%s: too long", property);
	if (weight < 10 || weight > 1000)
		return err_set(w->err, ERR_SPEC, WHERE "%s: %u is not within 10 and 1000", property,
			       weight);
	if (!has_controller(w->host, "io"))
		return err_set(w->err, ERR_HOST,
			       WHERE "%s: the cgroup v2 of this host has no io controller",
			       property);
	if (push(w, "io", "io.bfq.weight", arena_strdup(w->arena, bfq), ABSENT_SKIP))
		return -1;
	return add(w, property, "io", "io.weight", "%s%" PRIu64, device,
		   1 + (uint64_t)(weight - 10) * 9999 / 990);
}

static int add_device_weights(struct writer *w, const spec_blkio_devices *list)
{
	for (size_t i = 0; i < list->n; i++) {
		const struct spec_blkio_device *d = &list->items[i];
		char device[64];
		if (d->leaf_weight.v)
			return refuse_v1(w, "blockIO.weightDevice.leafWeight");
		if (!d->weight.v)
			continue;
		int n = snprintf(device, sizeof(device), "%" PRId64 ":%" PRId64 " ", d->major,
				 d->minor);
		if (n < 0 || (size_t)n >= sizeof(device))
			return err_set(w->err, ERR_SPEC, WHERE "blockIO.weightDevice: too long");
		if (add_weight(w, "blockIO.weightDevice", device, d->weight.v))
			return -1;
	}
	return 0;
}

static int add_throttle(struct writer *w, const char *property, const char *key,
			const spec_blkio_devices *list)
{
	for (size_t i = 0; i < list->n; i++) {
		const struct spec_blkio_device *d = &list->items[i];
		/* 0 took the limit away in v1; v2 spells that "max" and refuses 0. */
		if (!d->rate.v) {
			if (add(w, property, "io", "io.max", "%" PRId64 ":%" PRId64 " %s=max",
				d->major, d->minor, key))
				return -1;
		} else if (add(w, property, "io", "io.max", "%" PRId64 ":%" PRId64 " %s=%" PRIu64,
			       d->major, d->minor, key, d->rate.v)) {
			return -1;
		}
	}
	return 0;
}

static int take_io(struct writer *w, const struct spec_resources *res)
{
	if (res->block_io.leaf_weight.v)
		return refuse_v1(w, "blockIO.leafWeight");
	if (res->block_io.weight.v && add_weight(w, "blockIO.weight", "", res->block_io.weight.v))
		return -1;
	if (add_device_weights(w, &res->block_io.weight_device) ||
	    add_throttle(w, "blockIO.throttleReadBpsDevice", "rbps", &res->block_io.read_bps) ||
	    add_throttle(w, "blockIO.throttleWriteBpsDevice", "wbps", &res->block_io.write_bps) ||
	    add_throttle(w, "blockIO.throttleReadIOPSDevice", "riops", &res->block_io.read_iops) ||
	    add_throttle(w, "blockIO.throttleWriteIOPSDevice", "wiops", &res->block_io.write_iops))
		return -1;
	return 0;
}

/* --- the small ones --- */

static int take_pids(struct writer *w, const struct spec_resources *res)
{
	/* 0 meant "not set" to engines before it could mean "none at all"; runc and crun leave it
	 * alone. */
	if (!res->pids_limit.v)
		return 0;
	return add_limit(w, "pids.limit", "pids", "pids.max", res->pids_limit.v);
}

static int take_hugetlb(struct writer *w, const struct spec_resources *res)
{
	for (size_t i = 0; i < res->hugepage_limits.n; i++) {
		const struct spec_hugepage *page = &res->hugepage_limits.items[i];
		char file[64];
		int n = snprintf(file, sizeof(file), "hugetlb.%s.max", page->page_size);
		if (n < 0 || (size_t)n >= sizeof(file))
			return err_set(w->err, ERR_SPEC,
				       WHERE "hugepageLimits[%zu].pageSize: no page size", i);
		if (add(w, "hugepageLimits", "hugetlb", file, "%" PRIu64, page->limit))
			return -1;
		/* Reserved and not yet touched pages are counted apart since Linux 5.7. */
		char *rsvd = arena_printf(w->arena, "hugetlb.%s.rsvd.max", page->page_size);
		if (push(w, "hugetlb", rsvd, arena_printf(w->arena, "%" PRIu64, page->limit),
			 ABSENT_SKIP))
			return -1;
	}
	return 0;
}

static int take_rdma(struct writer *w, const struct spec_resources *res)
{
	for (size_t i = 0; i < res->rdma.n; i++) {
		const struct spec_rdma *d = &res->rdma.items[i];
		if (d->hca_handles.set && add(w, "rdma", "rdma", "rdma.max", "%s hca_handle=%u",
					      d->name, d->hca_handles.v))
			return -1;
		if (d->hca_objects.set && add(w, "rdma", "rdma", "rdma.max", "%s hca_object=%u",
					      d->name, d->hca_objects.v))
			return -1;
	}
	return 0;
}

static int take_network(struct writer *w, const struct spec_resources *res)
{
	if (res->network.class_id.v)
		return refuse_v1(w, "network.classID");
	if (res->network.priorities.n)
		return refuse_v1(w, "network.priorities");
	return 0;
}

/* --- unified --- */

/* Files that move processes or change what a cgroup is would turn a limit into an
 * operation: cgroup.procs takes any pid of the host. */
static bool is_safe_core_file(const char *file)
{
	static const char *const files[] = {"cgroup.max.depth", "cgroup.max.descendants",
					    "cgroup.pressure"};
	for (size_t i = 0; i < ARRAY_LEN(files); i++)
		if (!strcmp(file, files[i]))
			return true;
	return false;
}

static int check_unified(struct writer *w, const char *file, const char **ret_controller)
{
	static const char *const controllers[] = {"cpu",  "cpuset",  "io",   "memory",
						  "pids", "hugetlb", "rdma", "misc"};
	size_t n = strcspn(file, ".");
	if (strchr(file, '/') || strstr(file, "..") || !file[n] || !file[n + 1])
		return err_set(w->err, ERR_SPEC,
			       WHERE "unified: '%s' is no cgroup file, like memory.high", file);
	if (!strncmp(file, "cgroup.", 7)) {
		*ret_controller = NULL;
		if (is_safe_core_file(file))
			return 0;
		return err_set(w->err, ERR_SPEC,
			       WHERE "unified: '%s' is an operation of the runtime and no limit",
			       file);
	}
	for (size_t i = 0; i < ARRAY_LEN(controllers); i++) {
		if (strlen(controllers[i]) != n || strncmp(file, controllers[i], n))
			continue;
		*ret_controller = controllers[i];
		if (has_controller(w->host, controllers[i]))
			return 0;
		return err_set(w->err, ERR_HOST,
			       WHERE
			       "unified: '%s': the cgroup v2 of this host has no %s controller",
			       file, controllers[i]);
	}
	return err_set(w->err, ERR_SPEC,
		       WHERE "unified: '%s' belongs to no controller of cgroup v2", file);
}

static int take_unified(struct writer *w, const struct spec_resources *res)
{
	for (size_t i = 0; i < res->unified.n; i++) {
		const char *file = res->unified.items[i].key, *value = res->unified.items[i].value;
		const char *controller = NULL;
		if (check_unified(w, file, &controller))
			return -1;
		file = arena_strdup(w->arena, file);
		/* A file of several keys takes one line at a time (io.max). */
		do {
			size_t n = strcspn(value, "\n");
			if (push(w, controller, file, arena_memdup(w->arena, value, n),
				 ABSENT_ERROR))
				return -1;
			value += n + (value[n] == '\n');
		} while (*value);
	}
	return 0;
}

/* --- devices --- */

static int take_devices(struct writer *w, const struct spec_resources *res)
{
	for (size_t i = 0; i < res->devices.n; i++) {
		const struct spec_device_rule *from = &res->devices.items[i];
		struct plan_device_rule *rule = ARENA_PUSH(w->arena, &w->to->devices);
		if (!rule)
			return err_oom(w->err);
		*rule = (struct plan_device_rule){
			.allow = from->allow,
			.type = from->type,
			.major = from->major.set ? from->major.v : -1,
			.minor = from->minor.set ? from->minor.v : -1,
			.read = from->read,
			.write = from->write,
			.mknod = from->mknod,
		};
	}
	return 0;
}

int policy_resolve_resources(const struct spec_resources *res, const struct host *host,
			     struct arena *arena, struct plan_cgroup *ret, struct err *err)
{
	struct writer w = {host, arena, ret, err};
	if (take_network(&w, res) || take_memory(&w, res) || take_cpu(&w, res) ||
	    take_pids(&w, res) || take_io(&w, res) || take_hugetlb(&w, res) || take_rdma(&w, res) ||
	    take_unified(&w, res) || take_devices(&w, res))
		return -1;
	return 0;
}
