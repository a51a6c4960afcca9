/* Masked and read-only paths.
 *
 * CVE-2025-31133: what covers a file is the host's null device, verified, never
 * the container's; and only the absence of the target itself is no error.
 */
#include "config.h"

#include "act/rootfs.h"

#include "base/auto.h"
#include "sys/sys.h"

#include <errno.h>
#include <fcntl.h>

#include "base/banned.h"

#define MASK_ATTRS (MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC)

/* A clone of what `fd` refers to, with attributes (0: it has them already), attached
 * over target_fd; the clone's descriptor is returned. */
static int cover(int fd, int target_fd, uint64_t attrs, bool recursive)
{
	struct mount_attr attr = {.attr_set = attrs};
	unsigned flags = AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0);
	autofd int tree_fd = sys_open_tree(fd, "", flags | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);

	if (tree_fd < 0 ||
	    (attrs && sys_mount_setattr(tree_fd, "", flags, &attr, sizeof(attr)) < 0) ||
	    sys_move_mount(tree_fd, "", target_fd, "",
			   MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0)
		return -1;
	return steal_fd(&tree_fd);
}

/* What covers masked files and directories: only the first mount of each is made, the
 * others are clones of that, with its attributes (a tmpfs each would cost 40 µs to
 * drop). */
struct covers {
	int file_fd, directory_fd;
	struct stat file, directory;
};

/* A path named twice, or by two names: a mask over a mask would cover nothing, and the
 * read-back takes it for none. */
static bool is_masked(const struct covers *covers, const struct stat *st)
{
	const struct stat *by = S_ISDIR(st->st_mode) ? &covers->directory : &covers->file;
	int fd = S_ISDIR(st->st_mode) ? covers->directory_fd : covers->file_fd;

	return fd >= 0 && st->st_dev == by->st_dev && st->st_ino == by->st_ino;
}

static int mask_file(int null_fd, int target_fd, struct covers *covers)
{
	autofd int fd = -1;

	if (covers->file_fd < 0) {
		covers->file_fd =
			cover(null_fd, target_fd, MASK_ATTRS & ~(uint64_t)MOUNT_ATTR_NODEV, false);
		return covers->file_fd < 0 ? -1 : sys_fstat(covers->file_fd, &covers->file);
	}
	fd = cover(covers->file_fd, target_fd, 0, false);
	return fd < 0 ? -1 : 0;
}

static int mask_directory(int target_fd, struct covers *covers)
{
	autofd int fs_fd = -1;
	autofd int fd = -1;

	if (covers->directory_fd >= 0) {
		fd = cover(covers->directory_fd, target_fd, 0, false);
		return fd < 0 ? -1 : 0;
	}
	fs_fd = sys_fsopen("tmpfs", FSOPEN_CLOEXEC);
	if (fs_fd < 0 || sys_fsconfig(fs_fd, FSCONFIG_SET_STRING, "nr_blocks", "1", 0) < 0 ||
	    sys_fsconfig(fs_fd, FSCONFIG_SET_STRING, "nr_inodes", "1", 0) < 0 ||
	    sys_fsconfig(fs_fd, FSCONFIG_SET_STRING, "mode", "0555", 0) < 0 ||
	    sys_fsconfig(fs_fd, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return -1;
	fd = sys_fsmount(fs_fd, FSMOUNT_CLOEXEC, MASK_ATTRS);
	if (fd < 0 || sys_move_mount(fd, "", target_fd, "",
				     MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0)
		return -1;
	covers->directory_fd = steal_fd(&fd);
	return sys_fstat(covers->directory_fd, &covers->directory);
}

/* 1: opened; 0: the kernel has no such path. */
static int open_target(struct child *child, const char *path, int *ret_fd, struct stat *st,
		       struct err *err)
{
	int fd = rootfs_resolve(child->root_fd, path, O_PATH, 0);

	if (fd < 0) {
		if (errno == ENOENT || errno == ENOTDIR)
			return 0;
		return err_sys(err, "find '%s' in the root", path);
	}
	*ret_fd = fd;
	if (sys_fstat(fd, st) < 0)
		return err_sys(err, "look at '%s' in the root", path);
	/* A link of the image's to "/": what is attached over the root covers nothing
	 * for a process whose root it is (T-MASK-3). */
	if (st->st_dev == child->root_dev && st->st_ino == child->root_ino)
		return err_set(err, ERR_SPEC,
			       "'%s' in the image leads to the root itself and can't be covered",
			       path);
	return 1;
}

static int mask(const char *path, struct child *child, struct covers *covers, struct err *err)
{
	autofd int target_fd = -1;
	struct stat st;
	int found = open_target(child, path, &target_fd, &st, err);

	if (found <= 0)
		return found;
	if (is_masked(covers, &st))
		return 0;
	if (S_ISDIR(st.st_mode))
		return mask_directory(target_fd, covers) < 0
			       ? err_sys(err, "mask directory '%s'", path)
			       : 0;
	return mask_file(child->null_fd, target_fd, covers) < 0
		       ? err_sys(err, "mask file '%s'", path)
		       : 0;
}

static int make_readonly(const char *path, struct child *child, struct err *err)
{
	autofd int target_fd = -1;
	autofd int fd = -1;
	struct stat st;
	int found = open_target(child, path, &target_fd, &st, err);

	if (found <= 0)
		return found;
	fd = cover(target_fd, target_fd, MOUNT_ATTR_RDONLY, true);
	return fd < 0 ? err_sys(err, "make '%s' read-only", path) : 0;
}

static int make_dev_readonly(struct child *child, struct err *err)
{
	struct mount_attr attr = {.attr_set = MOUNT_ATTR_RDONLY};
	autofd int fd =
		rootfs_resolve(child->root_fd, "/dev", O_PATH | O_DIRECTORY, RESOLVE_NO_SYMLINKS);

	if (fd < 0 || sys_mount_setattr(fd, "", AT_EMPTY_PATH, &attr, sizeof(attr)) < 0)
		return err_sys(err, "make '/dev' read-only");
	return 0;
}

int paths_apply(const struct plan *plan, struct child *child, struct err *err)
{
	struct covers covers = {.file_fd = -1, .directory_fd = -1};
	int r = 0;

	if (plan->dev_readonly && make_dev_readonly(child, err) < 0)
		return -1;
	/* Read-only first: its recursive clones would copy the masks, too. */
	for (size_t i = 0; i < plan->readonly.n; i++)
		if (make_readonly(plan->readonly.items[i].path, child, err) < 0)
			return -1;
	for (size_t i = 0; i < plan->masked.n && r == 0; i++)
		r = mask(plan->masked.items[i].path, child, &covers, err);
	auto_close_fd(&covers.file_fd);
	auto_close_fd(&covers.directory_fd);
	return r;
}
