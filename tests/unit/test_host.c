/* struct host from text, and from this machine compared with what its files say. */
#include "config.h"

#include "tests/unit/fake_sys.h"
#include "tests/unit/tap.h"

#include "host/host.h"
#include "host/kernel.h"
#include "sys/kernel.h"

#include <errno.h>
#include <sys/utsname.h>
#include <unistd.h>

static const char full[] = "# a comment\n"
			   "kernel 6.18.3-amd64\n"
			   "last_cap 40\n"
			   "\n"
			   "cgroup v2\n"
			   "cgroup_root /sys/fs/cgroup\n"
			   "ctl_cpu yes\nctl_cpuset yes\nctl_io yes\nctl_memory yes\n"
			   "ctl_hugetlb yes\nctl_pids yes\nctl_rdma no\nctl_misc no\n"
			   "swap_accounting yes\n"
			   "landlock_abi 7\n"
			   "memfd_noexec yes\ntime_ns yes\napparmor yes\nselinux no\n"
			   "initial_userns yes\n"
			   "euid 0\negid 4294967294\n"
			   "max_user_namespaces_zero no\nresctrl yes\nthermal_cpus 16";

static void test_parse(void)
{
	struct host host = {0};
	struct err err = ERR_INIT;
	if (!ok(host_parse(full, &host, &err) == 0, "all facts"))
		diag("%s", err.msg);
	is_int(host.kernel_version, 6 << 16 | 18, "kernel");
	is_int(host.last_cap, 40, "last capability");
	is_int(host.cgroup, HOST_CGROUP_V2, "cgroup");
	is_str(host.cgroup_root, "/sys/fs/cgroup", "cgroup root");
	ok(host.ctl_cpu && host.ctl_cpuset && host.ctl_io && host.ctl_memory && host.ctl_hugetlb && host.ctl_pids,
	   "controllers that are there");
	ok(!host.ctl_rdma && !host.ctl_misc, "and those that aren't");
	is_int(host.landlock_abi, 7, "Landlock");
	ok(host.swap_accounting && host.memfd_noexec && host.time_ns && host.apparmor && !host.selinux &&
		   host.initial_userns && !host.max_user_namespaces_zero && host.resctrl, "yes and no");
	is_int(host.euid, 0, "user");
	is_int(host.egid, 4294967294, "group");
	is_int(host.thermal_cpus, 16, "processors with a thermal_throttle directory");
}

static void test_parse_defaults(void)
{
	struct host host;
	struct err err = ERR_INIT;
	memset(&host, 0xff, sizeof(host));
	is_int(host_parse("kernel 5.15\n", &host, &err), 0, "the oldest kernel alone");
	ok(host.cgroup == HOST_CGROUP_NONE && !host.landlock_abi && !host.initial_userns && !host.cgroup_root[0],
	   "what isn't said isn't there");
	is_int(host_parse("kernel 6.1\ncgroup hybrid\n", &host, &err), 0, "hybrid");
	is_int(host.cgroup, HOST_CGROUP_HYBRID, "is read");
	is_int(host_parse("kernel 6.1\ncgroup none\n", &host, &err), 0, "none");
	is_int(host.cgroup, HOST_CGROUP_NONE, "is read");
}

static void test_parse_refusals(void)
{
	static const struct { const char *text; enum err_kind kind; const char *part; } bad[] = {
		{"kernel 5.14\n", ERR_HOST, "linux 5.14 is too old: 5.15"},
		{"kernel 4.19\n", ERR_HOST, "4.19 is too old"},
		{"", ERR_HOST, "0.0 is too old"},
		{"kernel 6\n", ERR_USAGE, "'6' is no value of 'kernel'"},
		{"kernel x.1\n", ERR_USAGE, "no value"},
		{"kernel 6.x\n", ERR_USAGE, "no value"},
		{"kernel 99999.1\n", ERR_USAGE, "no value"},
		{"kernel\n", ERR_USAGE, "line 1: 'kernel' has no value"},
		{"kernel 6.1\nkernel 6.1\n", ERR_USAGE, "line 2: 'kernel' appears twice"},
		{"kernel 6.1\nselinux maybe\n", ERR_USAGE, "line 2: 'maybe' is no value"},
		{"kernel 6.1\nlast_cap 64\n", ERR_USAGE, "'64' is no value"},
		{"kernel 6.1\nlast_cap -1\n", ERR_USAGE, "'-1' is no value"},
		{"kernel 6.1\neuid 4294967295\n", ERR_USAGE, "no value"},
		{"kernel 6.1\ncgroup v1\n", ERR_USAGE, "'v1' is no value"},
		{"kernel 6.1\ncgroup_root cg\n", ERR_USAGE, "'cg' is no value"},
		{"kernel 6.1\ncgroup_root /"
		 "0123456789012345678901234567890123456789012345678901234567890123\n", ERR_USAGE, "no value"},
		{"kernel 6.1\n\ncolour blue\n", ERR_USAGE, "line 3: 'colour' is no fact"},
	};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct host host = {.last_cap = 17};
		struct err err = ERR_INIT;
		is_int(host_parse(bad[i].text, &host, &err), -1, bad[i].part);
		is_err(&err, bad[i].kind, bad[i].part, "says so");
		is_int(host.last_cap, 17, "and the result is untouched");
	}
}

/* The first line of a file, or "" when it can't be read. */
static const char *read_line(const char *path, char buf[256])
{
	FILE *f = fopen(path, "re");
	buf[0] = '\0';
	if (f) {
		if (!fgets(buf, 256, f))
			buf[0] = '\0';
		fclose(f);
	}
	buf[strcspn(buf, "\n")] = '\0';
	return buf;
}

/* Each fact by another way than probe.c's. */
static void test_probe(void)
{
	struct host host = {0};
	struct err err = ERR_INIT;
	char buf[256], path[300];
	if (!ok(host_probe(&host, &err) == 0, "this machine")) {
		diag("%s", err.msg);
		return;
	}
	unsigned major, minor;
	if (sscanf(read_line("/proc/sys/kernel/osrelease", buf), "%u.%u", &major, &minor) != 2)
		abort();
	is_int(host.kernel_version, major << 16 | minor, "kernel as in osrelease");
	is_int(host.last_cap, strtol(read_line("/proc/sys/kernel/cap_last_cap", buf), NULL, 10),
	       "last capability as in cap_last_cap");
	is_int(host.euid, geteuid(), "user");
	is_int(host.egid, getegid(), "group");
	ok(host.memfd_noexec == (access("/proc/sys/vm/memfd_noexec", F_OK) == 0), "memfd_noexec");
	ok(host.time_ns == (access("/proc/self/ns/time", F_OK) == 0), "time namespaces");
	ok(host.max_user_namespaces_zero == !strcmp(read_line("/proc/sys/user/max_user_namespaces", buf), "0"),
	   "user namespaces");
	ok(host.apparmor == !strcmp(read_line("/sys/module/apparmor/parameters/enabled", buf), "Y"), "AppArmor");
	ok(host.selinux == (access("/sys/fs/selinux/enforce", F_OK) == 0), "SELinux");
	ok(host.resctrl == (access("/sys/fs/resctrl/schemata", F_OK) == 0), "resctrl");

	FILE *map = fopen("/proc/self/uid_map", "re");
	unsigned inside = 1, outside = 1, count = 0;
	if (map) {
		if (fscanf(map, "%u %u %u", &inside, &outside, &count) != 3)
			count = 0;
		fclose(map);
	}
	if (inside || outside || count != UINT32_MAX) /* the reverse doesn't follow (W-34) */
		ok(!host.initial_userns, "a user namespace of our own");
	else
		ok(host.initial_userns, "the first user namespace");

	if (host.cgroup == HOST_CGROUP_NONE) {
		is_str(host.cgroup_root, "", "no cgroup v2");
		return;
	}
	(void)snprintf(path, sizeof(path), "%s/cgroup.controllers", host.cgroup_root);
	is_int(access(path, R_OK), 0, "the cgroup root is one");
	read_line(path, buf);
	ok(host.ctl_pids == (strstr(buf, "pids") != NULL), "the pids controller");
	ok(host.ctl_hugetlb == (strstr(buf, "hugetlb") != NULL), "the hugetlb controller");
	ok(host.ctl_memory == (strstr(buf, "memory") != NULL), "the memory controller");
}

/* A call that fails is a clear error or a power that the host is said to lack;
 * never one that it doesn't have, and never a descriptor left open. */
static void test_probe_failures(void)
{
	struct host whole = {0};
	struct err err = ERR_INIT;
	unsigned before = fake_open_fds();
	fake_reset();
	if (host_probe(&whole, &err))
		return;
	for (unsigned n = 1;; n++) {
		struct host host = {0};
		struct err failure = ERR_INIT;
		fake_reset();
		fake_fail(n, EIO);
		int rc = host_probe(&host, &failure);
		if (!fake_failed()) {
			ok(n > 10, "%u calls were tried", n - 1);
			break;
		}
		ok(fake_open_fds() == before, "call %u (%s): no descriptor left", n, fake_failed());
		if (rc) {
			is_int(failure.kind, ERR_SYSTEM, "refused with the reason");
			continue;
		}
		ok(host.landlock_abi == whole.landlock_abi && host.cgroup <= whole.cgroup &&
			   host.memfd_noexec == whole.memfd_noexec && host.time_ns == whole.time_ns &&
			   host.apparmor <= whole.apparmor &&
			   host.selinux <= whole.selinux && host.initial_userns <= whole.initial_userns &&
			   host.max_user_namespaces_zero >= whole.max_user_namespaces_zero &&
			   host.ctl_pids <= whole.ctl_pids && host.resctrl <= whole.resctrl &&
			   host.thermal_cpus == whole.thermal_cpus,
		   "call %u (%s): no power is made up, no protection lost", n, fake_failed());
	}
}

static void test_probe_elsewhere(void)
{
	struct host host = {0};
	struct err err = ERR_INIT, old = ERR_INIT;
	fake_reset();
	fake_pretend("landlock_create_ruleset", 3);
	fake_pretend("prctl", 0); /* every capability number exists */
	is_int(host_probe(&host, &err), 0, "a kernel with other capabilities");
	is_int(host.landlock_abi, 3, "Landlock's version is the kernel's");
	is_int(host.last_cap, 63, "the search for the last capability ends");

	fake_reset();
	fake_pretend("fstatat", 0); /* whatever is looked for is there */
	is_int(host_probe(&host, &err), 0, "a machine that has everything");
	ok(host.memfd_noexec && host.time_ns && host.resctrl, "is seen to");
	ok(host.thermal_cpus >= (uint32_t)sysconf(_SC_NPROCESSORS_ONLN), "and every processor counts how often it was too hot");

	fake_reset();
	fake_fail_named("landlock_create_ruleset", 1, EOPNOTSUPP);
	is_int(host_probe(&host, &err), 0, "Landlock off at boot");
	is_int(host.landlock_abi, 0, "is none");

	fake_reset();
	fake_fail_named("uname", 1, EFAULT);
	is_int(host_probe(&host, &old), -1, "a kernel without a version");
	is_err(&old, ERR_SYSTEM, "kernel's version", "is refused");
	fake_reset();
}

static void test_version(void)
{
	uint32_t version = 1;
	ok(host_version_parse("6.1.0-18-amd64", &version) && version == (6 << 16 | 1), "a distribution's version");
	ok(host_version_parse("6.18-rc1", &version) && version == (6 << 16 | 18), "a candidate's");
	ok(!host_version_parse("", &version) && !host_version_parse("6.", &version), "nonsense");
}

int main(void)
{
	test_parse();
	test_parse_defaults();
	test_parse_refusals();
	test_version();
	test_probe();
	test_probe_failures();
	test_probe_elsewhere();
	return tap_done();
}
