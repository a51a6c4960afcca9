/* The parent writes the id maps of the child's new user namespace: inside it the
 * child has no right over ids of the parent's (user_namespaces(7)). */
#include "config.h"

#include "act/process.h"
#include "base/auto.h"
#include "base/str.h"
#include "sys/file.h"
#include "sys/sys.h"

#include <fcntl.h>
#include <stdio.h>

#include "base/banned.h"

static int write_map(int pid_dirfd, const char *file, const plan_idmaps *maps, struct err *err)
{
	autostr text = STR_INIT;

	for (size_t i = 0; i < maps->n; i++)
		str_addf(&text, "%u %u %u\n", maps->items[i].inside, maps->items[i].outside, maps->items[i].count);
	if (str_failed(&text))
		return err_oom(err);
	/* One write: the kernel takes the whole map or nothing. */
	if (file_write_once(pid_dirfd, file, str_text(&text)) < 0)
		return err_sys(err, "write %s of the container's user namespace", file);
	return 0;
}

int idmap_write(pid_t pid, const plan_idmaps *uid_maps, const plan_idmaps *gid_maps, bool deny_setgroups,
		struct err *err)
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
	if (write_map(dirfd, "uid_map", uid_maps, err) < 0 || write_map(dirfd, "gid_map", gid_maps, err) < 0)
		return -1;
	return 0;
}
