/* The container's root: opened while the host is visible, bound on itself, made
 * read-only, entered with pivot_root(2). */
#include "config.h"

#include "act/rootfs.h"

#include "act/act.h"
#include "act/mount_table.h"
#include "act/resolve.h"
#include "base/auto.h"
#include "sys/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/sysmacros.h>

#include "base/banned.h"

static int open_null(struct child *child, struct err *err)
{
	struct stat st;

	child->null_fd = sys_open("/dev/null", O_PATH | O_CLOEXEC | O_NOFOLLOW, 0);
	if (child->null_fd < 0)
		return err_sys(err, "open '/dev/null'");
	/* By type and number: what is bound over every masked file (CVE-2025-31133). */
	if (sys_fstat(child->null_fd, &st) < 0 || !S_ISCHR(st.st_mode) ||
	    st.st_rdev != makedev(1, 3))
		return err_set(err, ERR_HOST, "the host's '/dev/null' is not the null device");
	return 0;
}

/* Slave, not private: mounts of the host that appear in a volume later are seen
 * where the plan wants that; ours never go back (W-24, T-MNT-11). */
int rootfs_separate(const struct plan *plan, struct err *err)
{
	struct mount_attr attr = {.propagation = MS_SLAVE};

	if (plan->ns[NS_MNT].mode == NS_PRIVATE &&
	    sys_mount_setattr(AT_FDCWD, "/", AT_RECURSIVE, &attr, sizeof(attr)) < 0)
		return err_sys(err, "separate our mounts from the host's");
	return 0;
}

int rootfs_open(const struct plan *plan, struct child *child, struct err *err)
{
	/* Hardened: by its real name only, see mounts_open_source. */
	struct open_how how = {.flags = O_PATH | O_DIRECTORY | O_CLOEXEC,
			       .resolve = plan->level != LEVEL_OCI ? RESOLVE_NO_SYMLINKS : 0};
	struct stat own, st;

	/* With a shared root (never hardened: H-26) a volume may be asked for as
	 * the host's peer. It must be cloned as that, so mounts_open_sources
	 * separates, when it has the clones. */
	if (plan->root.propagation != MS_SHARED && rootfs_separate(plan, err) < 0)
		return -1;
	child->host_root_fd = sys_openat2(AT_FDCWD, plan->root.path, &how);
	if (child->host_root_fd < 0)
		return err_sys(err, "root.path: open '%s'", plan->root.path);
	if (sys_fstat(child->host_root_fd, &st) < 0 || sys_fstatat(AT_FDCWD, "/", &own, 0) < 0)
		return err_sys(err, "root.path: look at '%s'", plan->root.path);
	/* By identity: a link or a bind mount gives the host's root another name. */
	if (st.st_dev == own.st_dev && st.st_ino == own.st_ino)
		return err_set(
			err, ERR_SPEC,
			"root.path: '%s' is the host's own root; give the container one of its own",
			plan->root.path);
	child->root_dev = st.st_dev;
	child->root_ino = st.st_ino;
	return open_null(child, err);
}

/* What came along with the root is not the plan's and must not be taken for a
 * breach later (mounts_verify).  Most roots bring nothing, and the kernel says so
 * at once since Linux 6.8; before, its whole table has to be read. */
static int note_mounts_of_root(const struct plan *plan, struct child *child, struct err *err)
{
	struct statx st;
	uint64_t first;
	int n;

	if (sys_statx(child->root_fd, "", AT_EMPTY_PATH, STATX_MNT_ID, &st) < 0)
		return err_sys(err, "look at the root");
	child->root_mount_id = st.stx_mnt_id;
	if (plan->level == LEVEL_OCI)
		return 0;
	if (sys_statx(child->root_fd, "", AT_EMPTY_PATH, STATX_MNT_ID_UNIQUE, &st) < 0)
		return err_sys(err, "look at the root");
	n = st.stx_mask & STATX_MNT_ID_UNIQUE ? sys_listmount(st.stx_mnt_id, &first, 1) : -1;
	return n == 0 ? 0 : mount_table_list(child, NULL, &child->came, err);
}

/* The root's files as the container's ids see them: what is root's on disk is its 0, which
 * is nobody's here.  Before it is attached: a mount that is in use can't be mapped. */
static int map_root(const struct plan *plan, const struct child *child, int tree_fd,
		    struct err *err)
{
	struct mount_attr attr = {.attr_set = MOUNT_ATTR_IDMAP};

	if (!plan->root.idmap)
		return 0;
	attr.userns_fd = (uint64_t)child->prepared->root_userns_fd;
	if (sys_mount_setattr(tree_fd, "", AT_EMPTY_PATH, &attr, sizeof(attr)) < 0)
		return err_sys(err,
			       "H-01: root.path: show '%s' with other ids "
			       "(root.request remap; overlay and some others can't: "
			       "have the engine make the user namespace, podman --userns=auto)",
			       plan->root.path);
	return 0;
}

int rootfs_attach(const struct plan *plan, struct child *child, struct err *err)
{
	struct mount_attr flags = {.attr_set = plan->root.attr_set};
	struct mount_attr private_attr = {.propagation = MS_PRIVATE,
					  .attr_set = plan->root.attr_set};
	bool with_tree = plan->root.propagation == 0 || plan->root.propagation == MS_PRIVATE;
	autofd int tree_fd =
		sys_open_tree(child->host_root_fd, "",
			      AT_EMPTY_PATH | AT_RECURSIVE | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);

	if (tree_fd < 0)
		return err_sys(err, "root.path: bind '%s'", plan->root.path);
	/* The root mount itself is private whatever it came from: pivot_root(2)
	 * refuses a shared one, and its mounts are the container's own.  What came
	 * along beneath it goes the same way, lest the host mount something in a
	 * container that runs, with flags that nobody checked. */
	if (sys_mount_setattr(tree_fd, "", AT_EMPTY_PATH | (with_tree ? AT_RECURSIVE : 0),
			      &private_attr, sizeof(private_attr)) < 0)
		return err_sys(err, "root.path: make '%s' private", plan->root.path);
	/* The flags are for all that came (H-23), also where its propagation stays. */
	if (!with_tree && flags.attr_set &&
	    sys_mount_setattr(tree_fd, "", AT_EMPTY_PATH | AT_RECURSIVE, &flags, sizeof(flags)) < 0)
		return err_sys(err, "root.path: set the flags of '%s'", plan->root.path);
	if (map_root(plan, child, tree_fd, err) < 0)
		return -1;
	if (sys_move_mount(tree_fd, "", child->host_root_fd, "",
			   MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0)
		return err_sys(err, "root.path: attach '%s'", plan->root.path);
	child->root_fd = steal_fd(&tree_fd);
	return note_mounts_of_root(plan, child, err);
}

static int set_root_attributes(const struct plan *plan, struct child *child, struct err *err)
{
	struct mount_attr attr = {.attr_set = plan->root.attr_set};

	if (plan->root.readonly)
		attr.attr_set |= MOUNT_ATTR_RDONLY;
	/* On the descriptor: no path of the container's is involved (CVE-2026-115521). */
	if (attr.attr_set &&
	    sys_mount_setattr(child->root_fd, "", AT_EMPTY_PATH, &attr, sizeof(attr)) < 0)
		return err_sys(err, "make the root read-only");
	return 0;
}

static int set_root_propagation(const struct plan *plan, struct child *child, struct err *err)
{
	struct mount_attr attr = {.propagation = plan->root.propagation};

	if (plan->root.propagation == 0 || plan->root.propagation == MS_PRIVATE)
		return 0;
	if (sys_mount_setattr(child->root_fd, "",
			      AT_EMPTY_PATH | (plan->root.propagation_rec ? AT_RECURSIVE : 0),
			      &attr, sizeof(attr)) < 0)
		return err_sys(err, "linux.rootfsPropagation: set it");
	return 0;
}

/* The old root is stacked beneath the new one at "." and goes at once (W-23). */
static int pivot(struct child *child, struct err *err)
{
	auto_close_fd(&child->host_root_fd);
	/* Closing a detached mount waits for the kernel to forget it, 0.1 ms of every
	 * start; one attached to the old root goes with that, in the wait that
	 * umount2 below makes anyway, and its descriptor stays good.  Without a place
	 * for it, it is closed later and costs what it costs. */
	(void)sys_move_mount(child->proc_fd, "", AT_FDCWD, "/proc", MOVE_MOUNT_F_EMPTY_PATH);
	if (sys_fchdir(child->root_fd) < 0)
		return err_sys(err, "enter the root");
	if (sys_pivot_root(".", ".") < 0)
		return err_sys(err, "pivot into the root");
	if (sys_umount2(".", MNT_DETACH) < 0)
		return err_sys(err, "take the host's file systems away");
	if (sys_chdir("/") < 0)
		return err_sys(err, "stand in the new root");
	return 0;
}

/* In a user namespace inherited mounts are locked: then an empty file system lies
 * over it. */
static int cover_mount(const char *target, struct err *err)
{
	autofd int fs_fd = sys_fsopen("tmpfs", FSOPEN_CLOEXEC);
	autofd int fd = -1;

	if (fs_fd < 0 || sys_fsconfig(fs_fd, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return err_sys(err, "--no-pivot: make an empty file system");
	fd = sys_fsmount(fs_fd, FSMOUNT_CLOEXEC,
			 MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV |
				 MOUNT_ATTR_NOEXEC);
	if (fd < 0 || sys_move_mount(fd, "", AT_FDCWD, target, MOVE_MOUNT_F_EMPTY_PATH) < 0)
		return err_sys(err, "--no-pivot: cover the host's '%s'", target);
	return 0;
}

/* What stands on the host's root goes, with all that stands on it.  Names are still
 * the host's: what lies over our own root isn't seen by a path that begins there. */
static int detach_host_mounts(const struct mount_table *table, uint64_t host_id, struct err *err)
{
	for (size_t i = 0; i < table->mounts.n; i++) {
		const struct mountinfo *m = &table->mounts.items[i];

		if (m->parent != host_id || m->id == host_id || m == table->root)
			continue;
		if (sys_umount2(m->target, MNT_DETACH | UMOUNT_NOFOLLOW) == 0)
			continue;
		if (errno != EINVAL && errno != EPERM)
			return err_sys(err, "--no-pivot: take the host's '%s' away", m->target);
		if (cover_mount(m->target, err) < 0)
			return -1;
	}
	return 0;
}

/* --no-pivot, for roots on a ramfs only, which can't be pivoted from.  Our root is
 * moved over "/", where a process with CAP_SYS_CHROOT can climb out from under it:
 * so nothing else of the host's stays there, least of all an unmasked /proc (W-22).
 * Hardened never comes here (H-26). */
static int move_root(struct child *child, struct err *err)
{
	struct mount_table table;
	struct statx host;

	auto_close_fd(&child->host_root_fd);
	if (sys_statx(AT_FDCWD, "/", 0, STATX_MNT_ID, &host) < 0)
		return err_sys(err, "look at the host's root");
	if (mount_table_read(child, child->root_mount_id, &table, err) < 0)
		return -1;
	if (sys_fchdir(child->root_fd) < 0)
		return err_sys(err, "enter the root");
	if (sys_move_mount(child->root_fd, "", AT_FDCWD, "/", MOVE_MOUNT_F_EMPTY_PATH) < 0)
		return err_sys(err, "move the root over '/'");
	if (detach_host_mounts(&table, host.stx_mnt_id, err) < 0)
		return -1;
	if (sys_chroot(".") < 0 || sys_chdir("/") < 0)
		return err_sys(err, "stand in the new root");
	return 0;
}

int rootfs_enter(const struct plan *plan, struct child *child, struct err *err)
{
	if (set_root_attributes(plan, child, err) < 0)
		return -1;
	if ((plan->root.no_pivot ? move_root(child, err) : pivot(child, err)) < 0)
		return -1;
	return set_root_propagation(plan, child, err);
}

int rootfs_make_cwd(const struct plan *plan, struct child *child, struct err *err)
{
	autofd int fd = -1;
	mode_t saved;
	int found;

	if (!plan->process.create_cwd)
		return 0;
	found = resolve_target(child->root_fd, plan->process.cwd, LINKS_IN_ROOT, TARGET_DIRECTORY,
			       false, 0755, &fd, err);
	if (found != 0)
		return found < 0 ? err_context(err, "process.cwd") : 0;
	saved = sys_umask(0); /* a caller's 077 would make it root's alone */
	found = resolve_target(child->root_fd, plan->process.cwd, LINKS_IN_ROOT, TARGET_DIRECTORY,
			       true, 0755, &fd, err);
	(void)sys_umask(saved); /* cannot fail */
	return found < 0 ? err_context(err, "process.cwd") : 0;
}
