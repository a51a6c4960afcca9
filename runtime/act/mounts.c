/* Mounts of the plan, in order: built detached, given their attributes, attached
 * last, onto a descriptor, so that no link can lead one elsewhere.
 */
#include "config.h"

#include "act/rootfs.h"

#include "act/act.h"
#include "act/copyup.h"
#include "act/host_sockets.h"
#include "act/idmap_mounts.h"
#include "act/process.h"
#include "act/resolve.h"
#include "base/auto.h"
#include "base/list.h"
#include "base/path.h"
#include "sys/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>

#include "base/banned.h"

/* --- sources --- */

static int open_tree_of(const struct plan_mount *m, int dirfd, const char *path, unsigned flags)
{
	return sys_open_tree(dirfd, path,
			     OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC |
				     (m->recursive ? AT_RECURSIVE : 0) |
				     (m->source_nofollow ? AT_SYMLINK_NOFOLLOW : 0) | flags);
}

int mounts_open_source(const struct plan *plan, const struct plan_mount *m, struct err *err)
{
	struct open_how how = {.flags = O_PATH | O_CLOEXEC | (m->source_nofollow ? O_NOFOLLOW : 0),
			       .resolve = RESOLVE_NO_SYMLINKS};
	autofd int at = AT_FDCWD;
	autofd int fd = -1;
	const char *path = m->source;

	/* Policy judged the place by its real name (decide_plan): a link put there
	 * since would lead elsewhere (CVE-2021-25741). */
	if (plan->level != LEVEL_OCI && !path_is_beneath(path, PATH_JUDGED_BY_NAME)) {
		at = sys_openat2(AT_FDCWD, path, &how);
		if (at < 0)
			return err_sys(err, "mount '%s': open source '%s' without following links",
				       m->target, path);
		path = "";
	}
	fd = open_tree_of(m, at, path, *path ? 0 : AT_EMPTY_PATH);
	if (fd < 0)
		return err_sys(err, "mount '%s': open source '%s'", m->target, m->source);
	if (plan->level != LEVEL_OCI && host_socket_check(m, fd, err) < 0)
		return -1;
	return steal_fd(&fd);
}

/* Without a cgroup namespace the view is the container's own directory. */
static int open_cgroup_source(const struct plan_mount *m, const struct child *child,
			      struct err *err)
{
	const struct prepared *p = child->prepared;
	char path[sizeof(p->cgroup.path) + 128];
	int n = snprintf(path, sizeof(path), "%s%s", p->cgroup_root, p->cgroup.path);
	int fd;

	if (p->cgroup.dirfd < 0 || n < 0 || (size_t)n >= sizeof(path))
		return err_set(err, ERR_SPEC, "mount '%s': the container has no cgroup to show",
			       m->target);
	fd = open_tree_of(m, AT_FDCWD, path, 0);
	return fd < 0 ? err_sys(err, "mount '%s': open '%s'", m->target, path) : fd;
}

/* What /proc shows below one of our own directories, and a namespace there, is that of the
 * network namespace we stood in when it was opened: it is opened again where that was the
 * host's, still (net_enter). */
static int open_source(const struct plan *plan, const struct plan_mount *m, struct child *child,
		       struct err *err)
{
	autofd int fd = mounts_open_source(plan, m, err);
	struct statfs sfs;

	if (fd < 0 || child->net_entered || !net_is_made_apart(plan))
		return steal_fd(&fd);
	if (sys_fstatfs(fd, &sfs) < 0)
		return err_sys(err, "mount '%s': look at source '%s'", m->target, m->source);
	if (sfs.f_type != PROC_SUPER_MAGIC && sfs.f_type != NSFS_MAGIC)
		return steal_fd(&fd);
	return net_enter(plan, child, err) < 0 ? -1 : mounts_open_source(plan, m, err);
}

int mounts_open_sources(const struct plan *plan, struct child *child, struct err *err)
{
	for (size_t i = 0; i < plan->mounts.n; i++) {
		const struct plan_mount *m = &plan->mounts.items[i];

		if (child->source_fds[i] >= 0)
			continue; /* idmapped: opened by the parent (idmap_mounts.h) */
		if (m->kind == MOUNT_BIND)
			child->source_fds[i] = open_source(plan, m, child, err);
		else if (m->kind == MOUNT_CGROUP_VIEW && plan->ns[NS_CGROUP].mode == NS_HOST)
			child->source_fds[i] = open_cgroup_source(m, child, err);
		else
			continue;
		if (child->source_fds[i] < 0)
			return -1;
	}
	return plan->root.propagation == MS_SHARED ? rootfs_separate(plan, err) : 0;
}

/* --- new file systems --- */

/* What the file system itself says is wrong (fsopen(2), "message retrieval"). */
static int fs_error(int fs_fd, const struct plan_mount *m, const char *what, struct err *err)
{
	int saved = errno;
	char text[200];
	ssize_t n = sys_read(fs_fd, text, sizeof(text) - 1);

	errno = saved;
	if (n <= 2)
		return err_sys(err, "mount '%s' (%s): %s", m->target, m->type, what);
	while (n > 2 && text[n - 1] == '\n')
		n--;
	text[n] = 0;
	return err_sys(err, "mount '%s' (%s): %s: %s", m->target, m->type, what, text + 2);
}

static bool has_mode(const struct plan_mount *m)
{
	for (size_t i = 0; i < m->data.n; i++)
		if (strncmp(m->data.items[i], "mode=", 5) == 0)
			return true;
	return false;
}

/* A tmpfs takes the mode of the directory it covers (runc's habit, which images
 * rely on: the kernel's own default is 1777). */
static int set_mode(int fs_fd, const struct plan_mount *m, int covered_fd, struct err *err)
{
	char text[16];
	struct stat st;

	if (strcmp(m->type, "tmpfs") != 0 || has_mode(m))
		return 0;
	if (sys_fstat(covered_fd, &st) < 0)
		return err_sys(err, "look at mount target '%s'", m->target);
	(void)snprintf(text, sizeof(text), "%04o", (unsigned)st.st_mode & 07777);
	if (sys_fsconfig(fs_fd, FSCONFIG_SET_STRING, "mode", text, 0) < 0)
		return fs_error(fs_fd, m, "mode", err);
	return 0;
}

static bool takes_context(const struct plan_mount *m)
{
	return strcmp(m->type, "mqueue") != 0;
}

/* As runc does: mqueue's inodes have labels of their own, so it takes none as a mount
 * option, but on its root directory. */
static int label_root(int mount_fd, const struct plan_mount *m, struct err *err)
{
	autofd int fd = -1;

	if (!m->mount_label || takes_context(m))
		return 0;
	fd = sys_openat(mount_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0); /* the mount's own is O_PATH */
	if (fd < 0 ||
	    sys_fsetxattr(fd, "security.selinux", m->mount_label, strlen(m->mount_label), 0) < 0)
		return err_sys(err, "mount '%s': SELinux label '%s'", m->target, m->mount_label);
	return 0;
}

static int configure(int fs_fd, const struct plan_mount *m, int covered_fd, struct err *err)
{
	if (m->source && sys_fsconfig(fs_fd, FSCONFIG_SET_STRING, "source", m->source, 0) < 0)
		return fs_error(fs_fd, m, "source", err);
	if (m->mount_label && takes_context(m) &&
	    sys_fsconfig(fs_fd, FSCONFIG_SET_STRING, "context", m->mount_label, 0) < 0)
		return fs_error(fs_fd, m, "SELinux context", err);
	for (size_t i = 0; i < m->data.n; i++) {
		const char *equals = strchr(m->data.items[i], '=');
		char key[64];
		int r;

		if (!equals) {
			r = sys_fsconfig(fs_fd, FSCONFIG_SET_FLAG, m->data.items[i], NULL, 0);
		} else if ((size_t)(equals - m->data.items[i]) < sizeof(key)) {
			(void)snprintf(key, sizeof(key), "%.*s", (int)(equals - m->data.items[i]),
				       m->data.items[i]);
			r = sys_fsconfig(fs_fd, FSCONFIG_SET_STRING, key, equals + 1, 0);
		} else {
			errno = EINVAL;
			r = -1;
		}
		if (r < 0)
			return fs_error(fs_fd, m, m->data.items[i], err);
	}
	if (set_mode(fs_fd, m, covered_fd, err) < 0)
		return -1;
	if (sys_fsconfig(fs_fd, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return fs_error(fs_fd, m, "create", err);
	return 0;
}

/* A new file system has its attributes from the beginning, but for read-only where
 * something is to be written into it first. */
static bool is_finished_last(const struct plan_mount *m)
{
	return (m->tmpcopyup || m->mount_label) && plan_mount_attrs(m) & MOUNT_ATTR_RDONLY;
}

/* A detached mount of a new file system. */
static int make_new(const struct plan_mount *m, const char *type, int target_fd, struct err *err)
{
	autofd int fs_fd = sys_fsopen(type, FSOPEN_CLOEXEC);
	autofd int fd = -1;

	if (fs_fd < 0)
		return err_sys(err, "mount '%s': file system type '%s'", m->target, type);
	if (configure(fs_fd, m, target_fd, err) < 0)
		return -1;
	fd = sys_fsmount(fs_fd, FSMOUNT_CLOEXEC,
			 (unsigned)(plan_mount_attrs(m) &
				    ~(uint64_t)(is_finished_last(m) ? MOUNT_ATTR_RDONLY : 0)));
	if (fd < 0)
		return fs_error(fs_fd, m, "mount", err);
	return label_root(fd, m, err) < 0 ? -1 : steal_fd(&fd);
}

/* --- attributes and attaching --- */

static int set_propagation(const struct plan_mount *m, int fd, bool made, struct err *err)
{
	struct mount_attr propagation = {.propagation =
						 m->propagation ? m->propagation : MS_PRIVATE};

	/* A new file system is private already. */
	if (made && !m->propagation)
		return 0;
	if (sys_mount_setattr(fd, "",
			      AT_EMPTY_PATH |
				      (m->propagation_rec || !m->propagation ? AT_RECURSIVE : 0),
			      &propagation, sizeof(propagation)) < 0)
		return err_sys(err, "mount '%s': set its propagation", m->target);
	return 0;
}

static int set_attributes(const struct plan_mount *m, int fd, struct err *err)
{
	struct mount_attr rec = {.attr_set = m->attr_set_rec, .attr_clr = m->attr_clr_rec};
	struct mount_attr own = {.attr_set = m->attr_set, .attr_clr = m->attr_clr};

	/* The tree's come last, and hold for the top, too: "rw" beside "rro" is read-only
	 * (runc's order, and what policy reckons with). */
	if ((own.attr_set || own.attr_clr) &&
	    sys_mount_setattr(fd, "", AT_EMPTY_PATH, &own, sizeof(own)) < 0)
		return err_sys(err, "mount '%s': set attributes 0x%llx", m->target,
			       (unsigned long long)own.attr_set);
	if ((rec.attr_set || rec.attr_clr) &&
	    sys_mount_setattr(fd, "", AT_EMPTY_PATH | AT_RECURSIVE, &rec, sizeof(rec)) < 0)
		return err_sys(err, "mount '%s': set attributes 0x%llx of the tree", m->target,
			       (unsigned long long)rec.attr_set);
	return 0;
}

/* A link of the image that leads to "/": what lies over the root is not seen by
 * init, which stands below, but setns(2) would make it the root of every exec. */
static int check_not_root(const struct plan_mount *m, const struct child *child, int fd,
			  struct err *err)
{
	struct statx target;

	if (sys_statx(fd, "", AT_EMPTY_PATH, STATX_INO | STATX_MNT_ID, &target) < 0)
		return err_sys(err, "look at mount target '%s'", m->target);
	if (child->root_mount_id == target.stx_mnt_id && child->root_ino == target.stx_ino)
		return err_set(err, ERR_SPEC, "mount '%s': leads to the container's root itself",
			       m->target);
	return 0;
}

/* T-MNT-2, CVE-2019-16884: over procfs only what policy named. */
static int check_target(const struct plan_mount *m, const struct child *child, int fd,
			struct err *err)
{
	struct statfs sfs;

	if (check_not_root(m, child, fd, err) < 0)
		return -1;
	if (!m->refuse_procfs_target)
		return 0;
	if (sys_fstatfs(fd, &sfs) < 0)
		return err_sys(err, "look at mount target '%s'", m->target);
	if (sfs.f_type == PROC_SUPER_MAGIC)
		return err_set(err, ERR_SPEC,
			       "mount '%s': lies within /proc, where nothing may be mounted",
			       m->target);
	return 0;
}

/* The number of a detached tree's mount is the one it will have attached. */
static int target_kind(int fd, enum target_kind *ret, uint64_t *ret_id, struct err *err)
{
	struct statx st;

	if (sys_statx(fd, "", AT_EMPTY_PATH, STATX_TYPE | STATX_MNT_ID, &st) < 0)
		return err_sys(err, "look at a mount's source");
	*ret = S_ISDIR(st.stx_mode) ? TARGET_DIRECTORY : TARGET_FILE;
	*ret_id = st.stx_mnt_id;
	return 0;
}

static int make_mount(const struct plan_mount *m, int target_fd, struct err *err)
{
	const char *type = m->kind == MOUNT_CGROUP_VIEW ? "cgroup2" : m->type;
	/* Without its options: they are the hierarchy's, which is the host's (skipped= in the
	 * plan). */
	struct plan_mount view = {.target = m->target,
				  .type = type,
				  .attr_set = m->attr_set,
				  .attr_set_rec = m->attr_set_rec,
				  .attr_clr_rec = m->attr_clr_rec};

	return make_new(m->kind == MOUNT_CGROUP_VIEW ? &view : m, type, target_fd, err);
}

/* The container's /proc is the same file system as ours, mounted twice: making and
 * dropping another would cost 50 µs.  Ours is attached, and a clone of it, without what
 * will be mounted over it, takes its place.  A shared one would be the clone's peer: what is
 * mounted over it might come to the clone as well. */
static bool is_our_procfs(const struct plan_mount *m)
{
	return m->kind == MOUNT_NEW && strcmp(m->type, "proc") == 0 && m->source &&
	       strcmp(m->source, PROCFS_SOURCE) == 0 && !m->data.n && !m->mount_label &&
	       !m->tmpcopyup && !(m->propagation & MS_SHARED) &&
	       plan_mount_attrs(m) == PROCFS_ATTRS;
}

static int clone_procfs(struct child *child, int attached_fd, struct err *err)
{
	child->proc_fd =
		sys_open_tree(attached_fd, "", AT_EMPTY_PATH | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	return child->proc_fd < 0 ? err_sys(err, "keep a procfs of our own") : 0;
}

static int apply_one(const struct plan_mount *m, struct child *child, int *source_fd, uint64_t *id,
		     struct err *err)
{
	enum target_kind kind = TARGET_DIRECTORY;
	autofd int target_fd = -1;
	autofd int made_fd = -1;
	int fd = *source_fd;
	int found;

	if (fd >= 0 && target_kind(fd, &kind, id, err) < 0)
		return -1;
	found = resolve_target(child->root_fd, m->target, m->links, kind,
			       m->on_missing == ON_MISSING_CREATE, m->mode ? m->mode : 0755,
			       &target_fd, err);
	if (found < 0)
		return err_context(err, "mount '%s'", m->target);
	if (!found) {
		*id = MOUNT_SKIPPED;
		return 0;
	}
	if (check_target(m, child, target_fd, err) < 0)
		return -1;
	if (fd < 0) {
		made_fd = is_our_procfs(m) ? steal_fd(&child->proc_fd)
					   : make_mount(m, target_fd, err);
		if (made_fd < 0)
			return -1;
		fd = made_fd;
	}
	if (m->tmpcopyup && copyup(target_fd, fd, err) < 0)
		return err_context(err, "mount '%s': tmpcopyup", m->target);
	if ((made_fd < 0 || is_finished_last(m)) && set_attributes(m, fd, err) < 0)
		return -1;
	if (set_propagation(m, fd, made_fd >= 0, err) < 0)
		return -1;
	if (sys_move_mount(fd, "", target_fd, "",
			   MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0)
		return err_sys(err, "mount '%s': attach", m->target);
	auto_close_fd(source_fd);
	return made_fd >= 0 && is_our_procfs(m) ? clone_procfs(child, made_fd, err) : 0;
}

/* Those of no device.  Of any other a mount may open one, by its source or its options, and
 * the device rules decide whether it may. */
static bool may_open_device(const struct plan_mount *m)
{
	static const char *const types[] = {"devpts", "mqueue", "overlay", "proc",
					    "ramfs",  "sysfs",  "tmpfs"};

	if (m->kind != MOUNT_NEW)
		return false;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (strcmp(m->type, types[i]) == 0)
			return false;
	return true;
}

/* sysfs has /sys/class/net, of its mounter's network namespace. */
static bool shows_network(const struct plan_mount *m)
{
	return m->kind == MOUNT_NEW && strcmp(m->type, "sysfs") == 0;
}

int mounts_apply(const struct plan *plan, struct child *child, struct err *err)
{
	/* Modes of made directories are the plan's, not the caller's umask's. */
	mode_t saved = sys_umask(0);
	int none = -1;
	int r = 0;

	if (plan->mounts.n) {
		child->mount_ids =
			arena_array(&child->arena, plan->mounts.n, sizeof(*child->mount_ids));
		if (!child->mount_ids)
			r = err_oom(err);
	}
	for (size_t i = 0; i < plan->mounts.n && r == 0; i++) {
		const struct plan_mount *m = &plan->mounts.items[i];

		if (may_open_device(m))
			r = devices_await_rules(plan, child, err);
		else if (shows_network(m))
			r = net_enter(plan, child, err);
		if (r == 0)
			r = apply_one(m, child, child->source_fds ? &child->source_fds[i] : &none,
				      &child->mount_ids[i], err);
	}
	(void)sys_umask(saved); /* cannot fail */
	return r;
}
