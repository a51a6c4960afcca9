/* What is mounted at the root: asked of the kernel by the mount's id, not by its name, so
 * that a mount on top of it or one seen through another name is told from it. */
#include "config.h"

#include "gate/identity_parts.h"

#include "base/auto.h"
#include "base/mountinfo.h"
#include "base/num.h"
#include "sys/file.h"
#include "sys/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/banned.h"

#define MOUNTINFO_MAX ((size_t)16 << 20)

static int mount_id(int fd, struct arena *arena, uint32_t *ret, struct err *err)
{
	char path[40], *text, *at;
	uint64_t id;
	size_t len;

	(void)snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	if (file_read(AT_FDCWD, path, 4096, arena, &text, &len, err) < 0)
		return -1;
	at = strstr(text, "mnt_id:\t");
	if (!at)
		return err_set(err, ERR_HOST, "the kernel doesn't say what is mounted at the root");
	at += 8;
	at[strcspn(at, "\n")] = '\0';
	if (!num_parse_u64(at, UINT32_MAX, &id))
		return err_set(err, ERR_HOST, "the kernel doesn't say what is mounted at the root");
	*ret = (uint32_t)id;
	return 0;
}

static int open_root(const struct identity_facts *facts, const char *root, struct err *err)
{
	struct open_how how = {.flags = O_PATH | O_DIRECTORY | O_CLOEXEC,
			       .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS |
					  RESOLVE_NO_MAGICLINKS};
	autofd int top = -1;
	char path[40] = "/";
	int fd;

	if (facts->mount_pid)
		(void)snprintf(path, sizeof(path), "/proc/%d/root", facts->mount_pid);
	top = sys_open(path, O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
	if (top >= 0 && facts->is_inside)
		return steal_fd(&top);
	fd = top < 0 || !root[1] ? -1 : sys_openat2(top, root + 1, &how);
	return fd < 0 ? err_set(err, ERR_VERIFY,
				"the root '%s' can't be opened without links: errno %d", root,
				errno)
		      : fd;
}

int identity_root_read(const struct identity_facts *facts, const char *root, struct arena *arena,
		       struct identity_root *ret, struct err *err)
{
	autofd int fd = open_root(facts, root, err);
	const char *target = facts->is_inside ? "/" : root;
	char path[40] = "/proc/self/mountinfo", *text, *line;
	struct mountinfo m;
	struct stat st;
	uint32_t id;
	size_t len;

	if (fd < 0 || mount_id(fd, arena, &id, err) < 0)
		return -1;
	if (sys_fstat(fd, &st) < 0)
		return err_set(err, ERR_SYSTEM, "the root '%s' can't be looked at: errno %d", root,
			       errno);
	if (facts->mount_pid)
		(void)snprintf(path, sizeof(path), "/proc/%d/mountinfo", facts->mount_pid);
	if (file_read(AT_FDCWD, path, MOUNTINFO_MAX, arena, &text, &len, err) < 0)
		return -1;
	while ((line = strsep(&text, "\n")) && *line) {
		if (!mountinfo_parse(line, &m))
			return err_set(err, ERR_HOST, "a line of mountinfo is not understood");
		if (m.id != id)
			continue;
		*ret = (struct identity_root){.is_mount = !strcmp(m.target, target) &&
							  !strcmp(m.root, "/"),
					      .is_overlay = !strcmp(m.type, "overlay"),
					      .options = m.sb_options,
					      .device = st.st_dev,
					      .inode = st.st_ino};
		return 0;
	}
	return err_set(err, ERR_VERIFY, "the root '%s' is in no mount that can be seen", root);
}
