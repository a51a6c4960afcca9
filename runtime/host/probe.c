/* Owns the questions to this machine.  Reads only, and few: this runs before
 * every create.  A power that can't be found out is reported as absent: a plan
 * that needs it is then refused.
 */
#include "config.h"

#include "host/host.h"

#include "base/auto.h"
#include "base/list.h"
#include "base/num.h"
#include "host/kernel.h"
#include "sys/sys.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/banned.h"

/* include/linux/proc_ns.h: the inode of the first user namespace, fixed since 3.8.
 * A text of 0 0 4294967295 in uid_map says nothing: a child may be mapped alike (W-34). */
#define INITIAL_USER_NS_INODE 0xEFFFFFFDu

#define CGROUP2_MAGIC 0x63677270
#define SELINUX_MAGIC_NUMBER 0xf97cff8c

static bool exists(const char *path)
{
	struct stat st;
	return sys_fstatat(AT_FDCWD, path, &st, 0) == 0;
}

/* For what a plan leaves out where it is missing: only "no such file" says so, and
 * any other failure must not weaken the plan. */
static int probe_exists(const char *path, bool *ret, struct err *err)
{
	*ret = exists(path);
	if (!*ret && errno != ENOENT && errno != ENOTDIR)
		return err_sys(err, "look at '%s'", path);
	return 0;
}

/* The name alone: what such a link of the kernel's leads to takes it three times as long. */
static int probe_link(const char *path, bool *ret, struct err *err)
{
	struct stat st;
	*ret = sys_fstatat(AT_FDCWD, path, &st, AT_SYMLINK_NOFOLLOW) == 0;
	if (!*ret && errno != ENOENT)
		return err_sys(err, "look at '%s'", path);
	return 0;
}

/* A short kernel file as text without its line end; -1 when it can't be read. */
static int read_fd(int fd, char *buf, size_t size)
{
	ssize_t n;
	do
		n = sys_read(fd, buf, size - 1);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -1;
	buf[n] = '\0';
	buf[strcspn(buf, "\n")] = '\0';
	return 0;
}

static int read_text(const char *path, char *buf, size_t size)
{
	int fd = sys_open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY, 0);
	if (fd < 0)
		return -1;
	int rc = read_fd(fd, buf, size);
	(void)sys_close(fd); /* only read from */
	return rc;
}

static int probe_kernel(struct host *host, struct err *err)
{
	struct utsname uts;
	if (sys_uname(&uts))
		return err_sys(err, "ask for the kernel's version");
	if (!host_version_parse(uts.release, &host->kernel_version))
		return err_set(err, ERR_HOST, "the kernel's version is not understood: '%s'",
			       uts.release);
	return host_version_check(host->kernel_version, err);
}

/* 40 since Linux 5.9; the kernel may know more than the header we were built with. */
static int probe_last_cap(struct host *host, struct err *err)
{
	host->last_cap = 40;
	while (host->last_cap < 63 &&
	       sys_prctl(PR_CAPBSET_READ, (unsigned long)host->last_cap + 1, 0, 0, 0) >= 0)
		host->last_cap++;
	if (errno != EINVAL && host->last_cap < 63)
		return err_sys(err, "ask for the last capability");
	return 0;
}

static void take_controllers(struct host *host, char *list)
{
	const struct { const char *name; bool *has;
	} controllers[] = {
		{"cpu", &host->ctl_cpu},         {"cpuset", &host->ctl_cpuset},
		{"io", &host->ctl_io},           {"memory", &host->ctl_memory},
		{"hugetlb", &host->ctl_hugetlb}, {"pids", &host->ctl_pids},
		{"rdma", &host->ctl_rdma},       {"misc", &host->ctl_misc},
	};
	for (char *word = list; *word;) {
		size_t len = strcspn(word, " ");
		for (size_t i = 0; i < ARRAY_LEN(controllers); i++)
			if (strlen(controllers[i].name) == len &&
			    !memcmp(word, controllers[i].name, len))
				*controllers[i].has = true;
		word += len;
		word += strspn(word, " ");
	}
}

static bool probe_cgroup_at(struct host *host, const char *root, enum host_cgroup kind)
{
	char path[96], controllers[512];
	struct statfs sfs;
	(void)snprintf(path, sizeof(path), "%s/cgroup.controllers", root); /* both roots are literals below */
	int fd = sys_open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY, 0);
	if (fd < 0)
		return false;
	/* a directory of somebody else's with such a file in it is no cgroup (W-31) */
	bool found = sys_fstatfs(fd, &sfs) == 0 && sfs.f_type == CGROUP2_MAGIC &&
		     read_fd(fd, controllers, sizeof(controllers)) == 0;
	(void)sys_close(fd); /* only read from */
	if (!found)
		return false;
	host->cgroup = kind;
	(void)snprintf(host->cgroup_root, sizeof(host->cgroup_root), "%s", root);
	take_controllers(host, controllers);
	return true;
}

/* The root cgroup has no memory.* files to tell from; systemd's first children do,
 * and in a cgroup namespace the root of the mount does.  Where none of them is,
 * accounting is taken for on: writing the limit would fail with a clear error. */
static bool probe_swap(const struct host *host)
{
	static const char *const children[] = {"init.scope/", "system.slice/", ""};
	for (size_t i = 0; i < ARRAY_LEN(children); i++) {
		char path[128];
		(void)snprintf(path, sizeof(path), "%s/%smemory.swap.max", host->cgroup_root,
			       children[i]);
		if (exists(path))
			return true;
		(void)snprintf(path, sizeof(path), "%s/%smemory.max", host->cgroup_root,
			       children[i]);
		if (exists(path))
			return false;
	}
	return true;
}

static void probe_cgroup(struct host *host)
{
	if (!probe_cgroup_at(host, "/sys/fs/cgroup", HOST_CGROUP_V2) &&
	    !probe_cgroup_at(host, "/sys/fs/cgroup/unified", HOST_CGROUP_HYBRID))
		return;
	host->swap_accounting = host->ctl_memory && probe_swap(host);
}

static bool probe_selinux(void)
{
	struct statfs sfs;
	/* the kernel makes this directory only where SELinux is on; mounted is what counts */
	int fd = sys_open("/sys/fs/selinux", O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
	if (fd < 0)
		return false;
	bool mounted =
		sys_fstatfs(fd, &sfs) == 0 && (unsigned long)sfs.f_type == SELINUX_MAGIC_NUMBER;
	(void)sys_close(fd); /* a path only */
	return mounted;
}

static int probe_landlock(struct host *host, struct err *err)
{
	int abi = sys_landlock_create_ruleset(NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	/* not built in; off at boot; filtered where we run inside of another container */
	if (abi < 0 && errno != ENOSYS && errno != EOPNOTSUPP && errno != EPERM)
		return err_sys(err, "ask for Landlock's version");
	host->landlock_abi = abi > 0 ? abi : 0;
	return 0;
}

static int probe_security(struct host *host, struct err *err)
{
	char text[16];
	if (probe_landlock(host, err) ||
	    probe_exists("/proc/sys/vm/memfd_noexec", &host->memfd_noexec, err))
		return -1;
	host->apparmor =
		read_text("/sys/module/apparmor/parameters/enabled", text, sizeof(text)) == 0 &&
		text[0] == 'Y';
	host->selinux = probe_selinux();
	return 0;
}

static int probe_namespaces(struct host *host, struct err *err)
{
	struct stat st;
	uid_t ruid, suid;
	gid_t rgid, sgid;
	char text[24];
	if (sys_fstatat(AT_FDCWD, "/proc/self/ns/user", &st, 0) == 0)
		host->initial_userns = st.st_ino == INITIAL_USER_NS_INODE;
	else if (errno == ENOENT && exists("/proc/self/ns/mnt"))
		host->initial_userns = true; /* a kernel without user namespaces has the one */
	else
		return err_sys(err, "look at '/proc/self/ns/user'");
	if (probe_link("/proc/self/ns/time", &host->time_ns, err))
		return -1;
	host->max_user_namespaces_zero =
		read_text("/proc/sys/user/max_user_namespaces", text, sizeof(text)) ||
		!strcmp(text, "0");
	if (sys_getresuid(&ruid, &host->euid, &suid) || sys_getresgid(&rgid, &host->egid, &sgid))
		return err_sys(err, "ask for our own ids");
	return 0;
}

/* "0-3" or "0,2-7": the highest decides, since who lacks one is skipped. */
static int probe_thermal(struct host *host, struct err *err)
{
	char text[256];
	uint64_t last;
	bool there;
	if (probe_exists("/sys/devices/system/cpu/cpu0/thermal_throttle", &there, err))
		return -1;
	if (!there)
		return 0;
	if (read_text("/sys/devices/system/cpu/present", text, sizeof(text)))
		return err_sys(err, "read which processors there are");
	const char *number = text + strlen(text);
	while (number > text && number[-1] >= '0' && number[-1] <= '9')
		number--;
	if (!num_parse_u64(number, UINT16_MAX, &last))
		return err_set(err, ERR_HOST,
			       "/sys/devices/system/cpu/present: '%s' is no list of processors",
			       text);
	host->thermal_cpus = (uint32_t)last + 1;
	return 0;
}

int host_probe(struct host *ret, struct err *err)
{
	struct host host = {0};
	if (probe_kernel(&host, err) || probe_last_cap(&host, err) || probe_namespaces(&host, err))
		return -1;
	probe_cgroup(&host);
	if (probe_security(&host, err) || probe_thermal(&host, err))
		return -1;
	host.resctrl = exists("/sys/fs/resctrl/schemata");
	*ret = host;
	return 0;
}
