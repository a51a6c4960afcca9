/* /dev: nodes, links, the console.
 *
 * CVE-2026-41579: /dev of an image may be a link to anywhere, so the directory is
 * reached without following any, and everything is made relative to it.
 */
#include "config.h"

#include "act/rootfs.h"

#include "act/cgroup.h"
#include "act/process.h"
#include "act/resolve.h"
#include "base/auto.h"
#include "proto/sync.h"
#include "sys/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "base/banned.h"

static mode_t node_type(char type)
{
	return type == 'c' ? S_IFCHR : type == 'b' ? S_IFBLK : S_IFIFO;
}

static bool is_same_node(const struct stat *st, const struct plan_device *d)
{
	return (st->st_mode & S_IFMT) == node_type(d->type) &&
	       (d->type == 'p' || st->st_rdev == makedev(d->major, d->minor));
}

/* On the node itself, held by descriptor: a link put in its place is never
 * followed (runc's GHSA-qw9x findings, T-DEV-4). */
static int set_owner(const struct plan_device *d, struct child *child, int dirfd, const char *name,
		     struct err *err)
{
	autofd int fd = sys_openat(dirfd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC, 0);
	struct stat st;
	char path[32];

	if (fd < 0 || sys_fstat(fd, &st) < 0)
		return err_sys(err, "device '%s': look at it", d->path);
	if (!is_same_node(&st, d))
		return err_set(err, ERR_SPEC, "device '%s': something else is there in the image",
			       d->path);
	if ((st.st_uid != d->uid || st.st_gid != d->gid) &&
	    sys_fchownat(fd, "", d->uid, d->gid, AT_EMPTY_PATH) < 0)
		return err_sys(err, "device '%s': set its owner", d->path);
	if ((st.st_mode & 07777) == d->mode)
		return 0;
	(void)snprintf(path, sizeof(path), "self/fd/%d", fd);
	if (sys_fchmodat(child->proc_fd, path, d->mode) < 0)
		return err_sys(err, "device '%s': set its mode", d->path);
	return 0;
}

/* The directory that the last node or link was made in; nearly all are in one. */
struct place {
	int dirfd;
	const char *path; /* of what was made there */
	size_t len;	  /* of its directory's part */
};

static int enter_place(struct place *p, const struct child *child, const char *path,
		       const char **ret_name, struct err *err)
{
	const char *slash = strrchr(path, '/');
	size_t len = slash ? (size_t)(slash - path) : 0;
	int fd = -1;

	if (p->dirfd >= 0 && slash && slash[1] && len == p->len &&
	    memcmp(path, p->path, len) == 0) {
		*ret_name = slash + 1;
		return 0;
	}
	if (resolve_parent(child->root_fd, path, LINKS_REFUSED, &fd, ret_name, err) < 0)
		return -1;
	auto_close_fd(&p->dirfd);
	*p = (struct place){.dirfd = fd, .path = path, .len = len};
	return 0;
}

static int make_node(const struct plan_device *d, struct child *child, struct place *place,
		     struct err *err)
{
	const char *name;
	bool made;

	if (enter_place(place, child, d->path, &name, err) < 0)
		return err_context(err, "device '%s'", d->path);
	made = sys_mknodat(place->dirfd, name, node_type(d->type) | d->mode,
			   makedev(d->major, d->minor)) == 0;
	if (!made && errno != EEXIST)
		return err_sys(err, "device '%s': make it", d->path);
	/* Made with umask 0 by root: mode and owner are right unless the plan has
	 * another owner. */
	if (made && d->uid == 0 && d->gid == 0)
		return 0;
	return set_owner(d, child, place->dirfd, name, err);
}

/* Where mknod(2) isn't allowed (a user namespace): the host's own node. */
static int bind_node(const struct plan_device *d, struct child *child, struct err *err)
{
	autofd int source_fd = sys_open(d->path, O_PATH | O_NOFOLLOW | O_CLOEXEC, 0);
	autofd int tree_fd = -1;
	autofd int target_fd = -1;
	struct mount_attr attr = {.attr_set = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC,
				  .propagation = MS_PRIVATE};
	struct stat st;

	if (source_fd < 0 || sys_fstat(source_fd, &st) < 0)
		return err_sys(err, "device '%s': open the host's", d->path);
	if (!is_same_node(&st, d))
		return err_set(err, ERR_HOST, "device '%s': the host's is another one", d->path);
	if (resolve_target(child->root_fd, d->path, LINKS_REFUSED, TARGET_FILE, true, 0, &target_fd,
			   err) < 0)
		return err_context(err, "device '%s'", d->path);
	tree_fd = sys_open_tree(source_fd, "", AT_EMPTY_PATH | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	if (tree_fd < 0 || sys_mount_setattr(tree_fd, "", AT_EMPTY_PATH, &attr, sizeof(attr)) < 0 ||
	    sys_move_mount(tree_fd, "", target_fd, "",
			   MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0)
		return err_sys(err, "device '%s': bind the host's", d->path);
	return 0;
}

static int make_link(const struct plan_symlink *l, const struct child *child, struct place *place,
		     struct err *err)
{
	char target[PATH_MAX];
	const char *name;
	ssize_t n;

	if (enter_place(place, child, l->path, &name, err) < 0)
		return err_context(err, "link '%s'", l->path);
	if (sys_symlinkat(l->target, place->dirfd, name) == 0)
		return 0;
	if (errno != EEXIST)
		return err_sys(err, "make link '%s'", l->path);
	n = sys_readlinkat(place->dirfd, name, target, sizeof(target) - 1);
	if (n >= 0 && (size_t)n == strlen(l->target) && memcmp(target, l->target, (size_t)n) == 0)
		return 0;
	/* An image with a /dev of its own: its entry goes, never what it points to. */
	if (sys_unlinkat(place->dirfd, name, 0) < 0 ||
	    sys_symlinkat(l->target, place->dirfd, name) < 0)
		return err_sys(err, "replace '%s' by a link", l->path);
	return 0;
}

int devices_await_rules(const struct plan *plan, struct child *child, struct err *err)
{
	if (net_enter(plan, child, err) < 0) /* what the parent sends before */
		return -1;
	if (child->is_exec || child->device_rules_hold || !cgroup_has_device_rules(plan))
		return 0;
	child->device_rules_hold = true;
	return sync_await(child->sync_fd, SYNC_DEVICES, err);
}

int devices_apply(const struct plan *plan, struct child *child, struct err *err)
{
	mode_t saved = sys_umask(0);
	struct place place = {.dirfd = -1};
	int r = 0;

	for (size_t i = 0; i < plan->devices.n && r == 0; i++) {
		const struct plan_device *d = &plan->devices.items[i];

		/* A FIFO is no device: anybody can make one. */
		r = plan->devices_bind && d->type != 'p' ? bind_node(d, child, err)
							 : make_node(d, child, &place, err);
	}
	for (size_t i = 0; i < plan->dev_links.n && r == 0; i++)
		r = make_link(&plan->dev_links.items[i], child, &place, err);
	auto_close_fd(&place.dirfd);
	(void)sys_umask(saved); /* cannot fail */
	return r;
}

int devices_bind_console(const struct plan *plan, struct child *child, int tty_fd, struct err *err)
{
	autofd int target_fd = -1;
	autofd int tree_fd = -1;
	struct mount_attr attr = {.attr_set = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC};

	(void)plan;
	/* CVE-2026-88264: a link at /dev/console is refused, not followed. */
	if (resolve_target(child->root_fd, "/dev/console", LINKS_REFUSED, TARGET_FILE, true, 0,
			   &target_fd, err) < 0)
		return err_context(err, "process.terminal");
	tree_fd = sys_open_tree(tty_fd, "", AT_EMPTY_PATH | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	if (tree_fd < 0 || sys_mount_setattr(tree_fd, "", AT_EMPTY_PATH, &attr, sizeof(attr)) < 0 ||
	    sys_move_mount(tree_fd, "", target_fd, "",
			   MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0)
		return err_sys(err, "process.terminal: bind it on '/dev/console'");
	return 0;
}
