/* The parent writes the id maps of the child's new user namespace: inside it the
 * child has no right over ids of the parent's (user_namespaces(7)). */
#include "config.h"

#include "act/process.h"
#include "act/userns.h"
#include "base/auto.h"
#include "base/str.h"
#include "sys/file.h"
#include "sys/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

#include "base/banned.h"

static int write_map(int pid_dirfd, const char *file, const plan_idmaps *maps, struct err *err)
{
	autostr text = STR_INIT;

	for (size_t i = 0; i < maps->n; i++)
		str_addf(&text, "%u %u %u\n", maps->items[i].inside, maps->items[i].outside,
			 maps->items[i].count);
	if (str_failed(&text))
		return err_oom(err);
	/* One write: the kernel takes the whole map or nothing. */
	if (file_write_once(pid_dirfd, file, str_text(&text)) < 0)
		return err_sys(err, "write %s of the container's user namespace", file);
	return 0;
}

int idmap_write(pid_t pid, const plan_idmaps *uid_maps, const plan_idmaps *gid_maps,
		bool deny_setgroups, struct err *err)
{
	char path[32];
	autofd int dirfd = -1;

	/* The child is ours and not reaped, so the number can't be another's. */
	(void)snprintf(path, sizeof(path), "/proc/%d", (int)pid);
	dirfd = sys_open(path, O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
	if (dirfd < 0)
		return err_sys(err, "open '%s'", path);
	if (deny_setgroups && file_write_once(dirfd, "setgroups", "deny") < 0)
		return err_sys(err, "deny setgroups in the container's user namespace");
	if (write_map(dirfd, "uid_map", uid_maps, err) < 0 ||
	    write_map(dirfd, "gid_map", gid_maps, err) < 0)
		return -1;
	return 0;
}

/* Into the user namespace that `pid`'s own was made in; it is the only place
 * besides the own one from which the kernel takes its maps. */
static int enter_parent_of(pid_t pid, struct err *err)
{
	char path[40];
	autofd int own_fd = -1;
	autofd int parent_fd = -1;

	(void)snprintf(path, sizeof(path), "/proc/%d/ns/user", (int)pid);
	own_fd = sys_open(path, O_RDONLY | O_CLOEXEC, 0);
	if (own_fd < 0)
		return err_sys(err, "open '%s'", path);
	parent_fd = sys_ioctl(own_fd, NS_GET_PARENT, NULL);
	if (parent_fd < 0 || sys_setns(parent_fd, CLONE_NEWUSER) < 0)
		return err_sys(err, "enter the parent of the last user namespace");
	return 0;
}

struct nested {
	pid_t pid;
	const plan_idmaps *uid_maps, *gid_maps;
	bool deny_setgroups;
};

/* In a process of its own; 0, or an errno. */
static int write_within(const void *arg)
{
	const struct nested *n = arg;
	struct err own = ERR_INIT;

	if (enter_parent_of(n->pid, &own) == 0 &&
	    idmap_write(n->pid, n->uid_maps, n->gid_maps, n->deny_setgroups, &own) == 0)
		return 0;
	return own.sys_errno > 0 && own.sys_errno < 255 ? own.sys_errno : 255;
}

int idmap_write_nested(pid_t pid, const plan_idmaps *uid_maps, const plan_idmaps *gid_maps,
		       bool deny_setgroups, struct err *err)
{
	struct nested n = {pid, uid_maps, gid_maps, deny_setgroups};
	int failed = userns_run_apart(write_within, &n,
				      "writes the maps of the last user namespace", err);

	if (failed <= 0)
		return failed;
	errno = failed;
	return err_sys(err, "write the maps of the last user namespace");
}
