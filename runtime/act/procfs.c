/* A private procfs: the only way act/ reaches /proc once the container's mounts
 * exist (CVE-2019-16884, CVE-2025-52881).
 *
 * It is never attached where a container could see it (the old root takes it away
 * at the end, rootfs.c), so nothing can be mounted over its entries, and it is closed
 * before the program runs: a full procfs in foreign hands is an escape.
 */
#include "config.h"

#include "act/rootfs.h"

#include "act/process.h"
#include "base/auto.h"
#include "sys/file.h"
#include "sys/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>

#include "base/banned.h"

int procfs_open(const struct plan *plan, struct child *child, struct err *err)
{
	autofd int fs_fd = sys_fsopen("proc", FSOPEN_CLOEXEC);
	struct statfs sfs;

	(void)plan;
	if (fs_fd < 0)
		return err_sys(err, "open a procfs of our own");
	if (sys_fsconfig(fs_fd, FSCONFIG_SET_STRING, "source", PROCFS_SOURCE, 0) < 0 ||
	    sys_fsconfig(fs_fd, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return err_sys(err, "create a procfs of our own");
	child->proc_fd = sys_fsmount(fs_fd, FSMOUNT_CLOEXEC, PROCFS_ATTRS);
	if (child->proc_fd < 0)
		return err_sys(err, "mount a procfs of our own");
	if (sys_fstatfs(child->proc_fd, &sfs) < 0 || sfs.f_type != PROC_SUPER_MAGIC)
		return err_set(err, ERR_HOST, "the kernel gave something that is no procfs");
	return 0;
}

int sysctls_apply(const struct plan *plan, struct child *child, struct err *err)
{
	for (size_t i = 0; i < plan->sysctls.n; i++) {
		const struct plan_sysctl *s = &plan->sysctls.items[i];
		struct open_how how = {.flags = O_WRONLY | O_CLOEXEC | O_NOFOLLOW,
				       .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS |
						  RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV};
		autofd int dirfd = sys_openat(child->proc_fd, "sys",
					      O_PATH | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW, 0);
		autofd int fd = -1;
		size_t len = strlen(s->value);

		if (dirfd < 0)
			return err_sys(err, "open the kernel's settings");
		/* Looked up in the writer's network namespace. */
		if (strncmp(s->key, "net/", 4) == 0 && net_enter(plan, child, err) < 0)
			return -1;
		fd = sys_openat2(dirfd, s->key, &how);
		if (fd < 0 && errno == ENOENT && s->optional)
			continue;
		/* One write: a value can't smuggle a second setting (CVE-2022-0811). */
		if (fd < 0 || sys_write(fd, s->value, len) != (ssize_t)len)
			return err_sys(err, "linux.sysctl: set '%s' to '%s'", s->key, s->value);
	}
	return 0;
}
