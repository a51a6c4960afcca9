/* resctrl (Documentation/arch/x86/resctrl.rst): a directory is a group, its files
 * `schemata` and `tasks` are its limits and members. */
#include "config.h"

#include "act/rdt.h"

#include "base/auto.h"
#include "base/path.h"
#include "base/str.h"
#include "sys/file.h"
#include "sys/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>

#include "base/banned.h"

#define RESCTRL_ROOT "/sys/fs/resctrl"
#ifndef RDTGROUP_SUPER_MAGIC
#define RDTGROUP_SUPER_MAGIC 0x7655821
#endif

static int open_root(struct err *err)
{
	autofd int fd = sys_open(RESCTRL_ROOT, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	struct statfs sfs;

	if (fd < 0 || sys_fstatfs(fd, &sfs) < 0 || sfs.f_type != RDTGROUP_SUPER_MAGIC)
		return err_set(err, ERR_HOST,
			       "linux.intelRdt: resctrl is not mounted at " RESCTRL_ROOT
			       "; mount it, or drop intelRdt");
	return steal_fd(&fd);
}

static int open_group(int root_dirfd, const char *group, bool make, bool *ret_made, struct err *err)
{
	int fd;

	*ret_made = false;
	if (strcmp(group, "/") == 0)
		return sys_fcntl(root_dirfd, F_DUPFD_CLOEXEC, 3);
	if (make) {
		if (sys_mkdirat(root_dirfd, group, 0755) == 0)
			*ret_made = true;
		else if (errno != EEXIST)
			return err_sys(err, "linux.intelRdt: make group '%s'", group);
	}
	fd = sys_openat(root_dirfd, group, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0);
	return fd < 0 ? err_sys(err, "linux.intelRdt: open group '%s'", group) : fd;
}

static int write_schemata(const struct str_list *schemata, int dirfd, struct err *err)
{
	for (size_t i = 0; i < schemata->n; i++) {
		autostr line = STR_INIT;

		str_addf(&line, "%s\n", schemata->items[i]);
		if (str_failed(&line))
			return err_oom(err);
		if (file_write_once(dirfd, "schemata", str_text(&line)) < 0)
			return err_sys(err, "linux.intelRdt: set schemata '%s'",
				       schemata->items[i]);
	}
	return 0;
}

static int fill_group(const struct plan *plan, int dirfd, pid_t pid, struct err *err)
{
	char text[16];

	(void)snprintf(text, sizeof(text), "%d", (int)pid);
	if (write_schemata(&plan->intel_rdt.schemata, dirfd, err) < 0)
		return -1;
	if (file_write_once(dirfd, "tasks", text) < 0)
		return err_sys(err, "linux.intelRdt: move process %s", text);
	if (!plan->intel_rdt.enable_monitoring)
		return 0;
	if (sys_mkdirat(dirfd, "mon_groups", 0755) < 0 && errno != EEXIST)
		return err_sys(err, "linux.intelRdt: open its monitoring groups");
	{
		autofd int groups_fd = sys_openat(
			dirfd, "mon_groups", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0);
		autofd int own_fd = -1;

		if (groups_fd < 0 ||
		    (sys_mkdirat(groups_fd, plan->id, 0755) < 0 && errno != EEXIST))
			return err_sys(err, "linux.intelRdt: make a monitoring group");
		own_fd = sys_openat(groups_fd, plan->id,
				    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0);
		if (own_fd < 0 || file_write_once(own_fd, "tasks", text) < 0)
			return err_sys(err, "linux.intelRdt: monitor process %s", text);
	}
	return 0;
}

int rdt_apply(const struct plan *plan, pid_t pid, bool *ret_made, struct err *err)
{
	const char *group = plan->intel_rdt.clos_id;
	autofd int root_dirfd = -1;
	autofd int dirfd = -1;

	*ret_made = false;
	if (!plan->intel_rdt.set)
		return 0;
	root_dirfd = open_root(err);
	if (root_dirfd < 0)
		return -1;
	dirfd = open_group(root_dirfd, group, true, ret_made, err);
	if (dirfd >= 0 && fill_group(plan, dirfd, pid, err) == 0)
		return 0;
	if (*ret_made)
		(void)sys_unlinkat(root_dirfd, group, AT_REMOVEDIR); /* the failure above is the one to tell */
	*ret_made = false;
	return -1;
}

int rdt_update(const char *group, const struct str_list *schemata, struct err *err)
{
	autofd int root_dirfd = open_root(err);
	autofd int dirfd = -1;
	bool made;

	if (root_dirfd < 0)
		return -1;
	dirfd = open_group(root_dirfd, group, false, &made, err);
	return dirfd < 0 ? -1 : write_schemata(schemata, dirfd, err);
}

int rdt_remove(const char *group, struct err *err)
{
	autofd int root_dirfd = open_root(err);

	if (root_dirfd < 0) {
		err_clear(err); /* unmounted: its groups are gone */
		return 0;
	}
	if (path_has_dotdot(group) || strchr(group, '/'))
		return err_set(err, ERR_STATE, "'%s' is no group of ours", group);
	if (sys_unlinkat(root_dirfd, group, AT_REMOVEDIR) < 0 && errno != ENOENT)
		return err_sys(err, "remove resctrl group '%s'", group);
	return 0;
}
