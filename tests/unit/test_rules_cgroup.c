/* H-60, H-61: the cgroup. */
#include "policy_case.h"

#include <sys/resource.h>

static void pids(void)
{
	struct host bare = full_host;
	static const struct { const char *lin, *value, *asked; } cases[] = {
		{"", "1024", NULL},
		{"'resources':{'pids':{'limit':100}}", "100", NULL},
		{"'resources':{'pids':{'limit':1024}}", "1024", NULL},
		{"'resources':{'pids':{'limit':1025}}", "1024", "1025"},
		{"'resources':{'pids':{'limit':-1}}", "1024", "max"},
		{"'resources':{'pids':{'limit':0}}", "1024", NULL},
		{"'resources':{'unified':{'pids.max':'max'}}", "1024", "max"},
		{"'resources':{'unified':{'pids.max':'7'}}", "7", NULL},
		{"'resources':{'pids':{'limit':5},'unified':{'pids.max':'9999'}}", "1024", "9999"},
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		autoplan plan = PLAN_INIT;
		size_t writes = 0;
		if (!resolved(&(struct bundle){.lin = cases[i].lin}, &plan, cases[i].lin))
			continue;
		for (size_t k = 0; k < plan.cgroup.writes.n; k++)
			writes += !strcmp(plan.cgroup.writes.items[k].file, "pids.max");
		const struct plan_change *c = find_change(&plan, "H-60", "cgroup.pids.max");
		bool told = cases[i].asked ? c && c->asked && !strcmp(c->asked, cases[i].asked) : !c || !c->asked;
		const char *value = written(&plan.cgroup, "pids.max");
		ok(writes == 1 && value && !strcmp(value, cases[i].value) && told, "H-60: {%s} gives %s", cases[i].lin,
		   cases[i].value);
	}

	autoplan plan = PLAN_INIT, none = PLAN_INIT, off = PLAN_INIT;
	if (!resolved(&(struct bundle){0}, &plan, "plain"))
		return;
	is_int(find_write(&plan.cgroup, "pids.max")->absent, ABSENT_SKIP, "H-60: ours may be skipped");
	const struct plan_rlimit *nproc = find_rlimit(&plan.process, RLIMIT_NPROC);
	ok(nproc && nproc->soft == 1024 && nproc->hard == 1024, "H-60: processes are limited without a controller too");
	is_change(&plan, "H-60", "rlimit.NPROC", CHANGE_ADDED, NULL, "told");

	bare.ctl_pids = false;
	if (!resolved(&(struct bundle){.host = &bare}, &none, "no controller"))
		return;
	ok(!written(&none.cgroup, "pids.max"), "H-60: not written where there is no controller");
	is_change(&none, "H-60", "cgroup.pids.max", CHANGE_SKIPPED, NULL, "told");
	refused(&(struct bundle){.host = &bare, .lin = "'resources':{'pids':{'limit':10}}"}, ERR_HOST, NULL,
		"linux.resources.pids.limit: the cgroup v2 of this host has no pids controller",
		"H-60: the bundle's own limit is refused there");
	if (!resolved(&(struct bundle){.request = {.cgroup_manager = "disabled"}}, &off, "no cgroup"))
		return;
	is_change(&off, "H-60", "cgroup.pids.max", CHANGE_SKIPPED, NULL, "told without a cgroup");
}

static void nproc(void)
{
	static const struct { const char *asked; uint64_t soft, hard; const char *told; } cases[] = {
		{"'soft':10,'hard':20", 10, 20, NULL},
		{"'soft':10,'hard':5000", 10, 1024, "10:5000"},
		{"'soft':4194304,'hard':4194304", 1024, 1024, "4194304:4194304"},
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		autoplan plan = PLAN_INIT;
		char process[128];
		snprintf(process, sizeof(process), "'rlimits':[{'type':'RLIMIT_NPROC',%s}]", cases[i].asked);
		if (!resolved(&(struct bundle){.process = process}, &plan, process))
			continue;
		const struct plan_rlimit *limit = find_rlimit(&plan.process, RLIMIT_NPROC);
		const struct plan_change *c = find_change(&plan, "H-60", "rlimit.NPROC");
		ok(limit->soft == cases[i].soft && limit->hard == cases[i].hard &&
			   (cases[i].told ? c && !strcmp(c->asked, cases[i].told) : !c),
		   "H-60: %s gives %d:%d", cases[i].asked, (int)cases[i].soft, (int)cases[i].hard);
	}
}

static void update(void)
{
	static const struct { const char *json; enum plan_level level; const char *pids; size_t devices; bool filter; } cases[] = {
		{"{\"pids\":{\"limit\":2048}}", LEVEL_HARDENED, "1024", 0, false},
		{"{\"pids\":{\"limit\":-1}}", LEVEL_HARDENED, "1024", 0, false},
		{"{\"pids\":{\"limit\":7}}", LEVEL_HARDENED, "7", 0, false},
		{"{\"unified\":{\"pids.max\":\"max\"}}", LEVEL_HARDENED, "1024", 0, false},
		{"{\"memory\":{\"limit\":7}}", LEVEL_HARDENED, NULL, 0, false},
		{"{\"devices\":[{\"allow\":true}]}", LEVEL_HARDENED, NULL, 0, false},
		{"{\"pids\":{\"limit\":2048}}", LEVEL_OCI, "2048", 0, false},
		{"{\"devices\":[{\"allow\":true}]}", LEVEL_OCI, NULL, 12, true},
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct arena arena = ARENA_INIT;
		struct plan ceiling = {.level = cases[i].level, .pids_most = 1024, .cgroup = {.device_filter = true}};
		struct plan_cgroup limits = {0};
		struct spec_resources *res = NULL;
		struct err err = ERR_INIT;
		if (spec_parse_resources(cases[i].json, strlen(cases[i].json), &arena, &res, &err))
			abort();
		int rc = policy_resolve_update(res, &ceiling, &full_host, &arena, &limits, &err);
		const char *pids = written(&limits, "pids.max");
		ok(rc == 0 && (cases[i].pids ? pids && !strcmp(pids, cases[i].pids) : !pids) && limits.devices.n == cases[i].devices &&
			   limits.device_filter == cases[i].filter,
		   "H-60 H-41: update %s at %s", cases[i].json, cases[i].level ? "oci" : "hardened");
		arena_release(&arena);
	}
	struct plan ceiling = {0};
	struct spec_resources res = {.memory.swap = {true, 9}};
	struct plan_cgroup limits = {0};
	struct arena arena = ARENA_INIT;
	struct err err = ERR_INIT;
	ok(policy_resolve_update(&res, &ceiling, &full_host, &arena, &limits, &err) == -1 && err.kind == ERR_SPEC, "update: nonsense refused");
	arena_release(&arena);
}

static void view(void)
{
	autoplan plan = PLAN_INIT, oci = PLAN_INIT;
	struct bundle b = {.mounts = MOUNT_PROC "," MOUNT_DEV "," MOUNT_SYS
				     ",{'destination':'/sys/fs/cgroup','type':'cgroup','source':'cgroup','options':['rw','rrw']}",
			   .namespaces = NAMESPACES_ALL ",{'type':'user'}", .user = "'uid':3,'gid':4",
			   .lin = "'uidMappings':[" IDMAP(0, 100000, 65536) "],'gidMappings':[" IDMAP(0, 200000, 65536) "]"};

	if (!resolved(&b, &plan, "writable cgroup"))
		return;
	is_str(mount_flags(find_mount(&plan, "/sys/fs/cgroup")), "ro,nosuid,nodev,noexec", "H-61: cgroupfs is read-only");
	is_change(&plan, "H-61", "mount /sys/fs/cgroup", CHANGE_FORCED, "rw", "told");
	ok(plan.cgroup.delegate_uid == -1 && plan.cgroup.delegate_gid == -1, "H-61: and nobody's in the container");

	b.level = LEVEL_OCI;
	if (!resolved(&b, &oci, "writable cgroup at oci"))
		return;
	is_str(mount_flags(find_mount(&oci, "/sys/fs/cgroup")), "-", "H-61: not at level oci");
	ok(oci.cgroup.delegate_uid == 100003 && oci.cgroup.delegate_gid == 200004, "H-61: there it is given to the process's user");
}

int main(void)
{
	pids();
	nproc();
	update();
	view();
	return tap_done();
}
