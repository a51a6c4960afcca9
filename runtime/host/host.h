/* What this machine can do: facts asked once, as a plain value.
 *
 * probe.c reads and changes nothing.  Only what a decision needs is here; the
 * cheap facts are probed for every create, the others for `features` only.
 */
#ifndef KANUKI_HOST_HOST_H
#define KANUKI_HOST_HOST_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

enum host_cgroup { HOST_CGROUP_NONE = 0, HOST_CGROUP_V2, HOST_CGROUP_HYBRID /* v2 at /sys/fs/cgroup/unified */ };

struct host {
	uint32_t kernel_version; /* (major << 16) | minor */
	int last_cap;		 /* from the kernel, not the header */
	enum host_cgroup cgroup;
	char cgroup_root[64];	 /* where cgroup2 is mounted: "/sys/fs/cgroup" */
	/* in the root's cgroup.controllers */
	bool ctl_cpu, ctl_cpuset, ctl_io, ctl_memory, ctl_hugetlb, ctl_pids, ctl_rdma, ctl_misc;
	bool swap_accounting;
	int landlock_abi;	 /* 0: none */
	bool memfd_noexec;	 /* the sysctl exists (6.3) */
	bool time_ns;
	bool apparmor, selinux;	 /* enabled now */
	bool initial_userns;	 /* the runtime is in the initial user namespace (inode, not uid_map text: W-34) */
	uint32_t euid, egid;
	bool max_user_namespaces_zero; /* no user namespace can be made at all */
	bool resctrl;
	uint32_t thermal_cpus;	 /* processors with a thermal_throttle directory; in most virtual machines 0 */
};

/* The facts of struct host.  ERR_HOST below Linux 5.15. */
int host_probe(struct host *ret, struct err *err) __attribute__((warn_unused_result));

/* host.txt of golden plan tests: "key value" per line -> struct host; pure. */
int host_parse(const char *text, struct host *ret, struct err *err)
	__attribute__((warn_unused_result));

#endif
