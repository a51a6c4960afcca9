/* Owns host.txt, the golden plan tests' form of struct host, and the oldest
 * kernel we run on.  Pure: what the machine says is probe.c's. */
#include "config.h"

#include "host/host.h"

#include "base/auto.h"
#include "base/list.h"
#include "base/num.h"
#include "host/kernel.h"

#include <stddef.h>
#include <string.h>

#include "base/banned.h"

bool host_version_parse(const char *release, uint32_t *ret)
{
	uint32_t parts[2] = {0, 0};
	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		if (*release < '0' || *release > '9')
			return false;
		for (; *release >= '0' && *release <= '9'; release++) {
			parts[i] = parts[i] * 10 + (uint32_t)(*release - '0');
			if (parts[i] > UINT16_MAX)
				return false;
		}
		if (i == 0 && *release++ != '.')
			return false;
	}
	*ret = parts[0] << 16 | parts[1];
	return true;
}

int host_version_check(uint32_t version, struct err *err)
{
	if (version >= HOST_OLDEST_KERNEL)
		return 0;
	return err_set(err, ERR_HOST, "linux %u.%u is too old: %u.%u or later is needed",
		       version >> 16, version & 0xffff, HOST_OLDEST_KERNEL >> 16,
		       HOST_OLDEST_KERNEL & 0xffff);
}

/* --- host.txt --- */

enum fact_type { FACT_BOOL, FACT_INT, FACT_ID, FACT_VERSION, FACT_CGROUP, FACT_ROOT };

#define FACT(name, type, field) {name, type, offsetof(struct host, field)}
static const struct { const char *name; enum fact_type type; size_t offset; } facts[] = {
	FACT("kernel", FACT_VERSION, kernel_version),
	FACT("last_cap", FACT_INT, last_cap),
	FACT("cgroup", FACT_CGROUP, cgroup),
	FACT("cgroup_root", FACT_ROOT, cgroup_root),
	FACT("ctl_cpu", FACT_BOOL, ctl_cpu),
	FACT("ctl_cpuset", FACT_BOOL, ctl_cpuset),
	FACT("ctl_io", FACT_BOOL, ctl_io),
	FACT("ctl_memory", FACT_BOOL, ctl_memory),
	FACT("ctl_hugetlb", FACT_BOOL, ctl_hugetlb),
	FACT("ctl_pids", FACT_BOOL, ctl_pids),
	FACT("ctl_rdma", FACT_BOOL, ctl_rdma),
	FACT("ctl_misc", FACT_BOOL, ctl_misc),
	FACT("swap_accounting", FACT_BOOL, swap_accounting),
	FACT("landlock_abi", FACT_INT, landlock_abi),
	FACT("memfd_noexec", FACT_BOOL, memfd_noexec),
	FACT("time_ns", FACT_BOOL, time_ns),
	FACT("apparmor", FACT_BOOL, apparmor),
	FACT("selinux", FACT_BOOL, selinux),
	FACT("initial_userns", FACT_BOOL, initial_userns),
	FACT("euid", FACT_ID, euid),
	FACT("egid", FACT_ID, egid),
	FACT("max_user_namespaces_zero", FACT_BOOL, max_user_namespaces_zero),
	FACT("resctrl", FACT_BOOL, resctrl),
	FACT("thermal_cpus", FACT_ID, thermal_cpus),
};

static bool parse_bool(const char *value, bool *ret)
{
	*ret = !strcmp(value, "yes");
	return *ret || !strcmp(value, "no");
}

static bool parse_cgroup(const char *value, enum host_cgroup *ret)
{
	static const char *const names[] = {[HOST_CGROUP_NONE] = "none",
					    [HOST_CGROUP_V2] = "v2",
					    [HOST_CGROUP_HYBRID] = "hybrid"};
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (!strcmp(value, names[i])) {
			*ret = (enum host_cgroup)i;
			return true;
		}
	return false;
}

static bool parse_root(const char *value, char root[64])
{
	size_t len = strlen(value);
	if (value[0] != '/' || len >= 64)
		return false;
	memcpy(root, value, len + 1);
	return true;
}

static bool parse_fact(size_t index, const char *value, struct host *host)
{
	void *field = (char *)host + facts[index].offset;
	int64_t number;
	switch (facts[index].type) {
	case FACT_BOOL:
		return parse_bool(value, field);
	case FACT_INT:
		if (!num_parse_i64(value, 0, 63, &number))
			return false;
		*(int *)field = (int)number;
		return true;
	case FACT_ID:
		return num_parse_id(value, field);
	case FACT_VERSION:
		return host_version_parse(value, field);
	case FACT_CGROUP:
		return parse_cgroup(value, field);
	case FACT_ROOT:
		return parse_root(value, field);
	}
	return false;
}

/* One line without its end: "name value", empty, or a comment. */
static int parse_line(char *line, size_t number, uint64_t *seen, struct host *host, struct err *err)
{
	if (!*line || *line == '#')
		return 0;
	char *space = strchr(line, ' ');
	if (!space)
		return err_set(err, ERR_USAGE, "line %zu: '%s' has no value", number, line);
	*space = '\0';
	for (size_t i = 0; i < ARRAY_LEN(facts); i++) {
		if (strcmp(line, facts[i].name))
			continue;
		if (*seen & (UINT64_C(1) << i))
			return err_set(err, ERR_USAGE, "line %zu: '%s' appears twice", number,
				       line);
		*seen |= UINT64_C(1) << i;
		if (!parse_fact(i, space + 1, host))
			return err_set(err, ERR_USAGE, "line %zu: '%s' is no value of '%s'", number,
				       space + 1, line);
		return 0;
	}
	return err_set(err, ERR_USAGE, "line %zu: '%s' is no fact", number, line);
}

int host_parse(const char *text, struct host *ret, struct err *err)
{
	struct host host = {0};
	uint64_t seen = 0;
	autofree char *copy = strdup(text);
	if (!copy)
		return err_oom(err);
	size_t number = 1;
	for (char *line = copy; line; number++) {
		char *end = strchr(line, '\n');
		if (end)
			*end = '\0';
		if (parse_line(line, number, &seen, &host, err))
			return err_context(err, "host facts");
		line = end ? end + 1 : NULL;
	}
	if (host_version_check(host.kernel_version, err))
		return -1;
	*ret = host;
	return 0;
}
