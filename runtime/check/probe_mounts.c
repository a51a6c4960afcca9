/* A container's mounts, seen from outside: what they give it, and what of the host. */
#include "config.h"

#include "check/probe_container.h"

#include "base/auto.h"
#include "base/path.h"
#include "plan/host_sockets.h"
#include "sys/file.h"
#include "sys/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "base/banned.h"

int check_read_bytes(const struct check_probe *p, int dirfd, const char *path, char **ret,
		     size_t *ret_len, struct err *err)
{
	return file_read(dirfd, path, (size_t)8 << 20, p->arena, ret, ret_len, err);
}

/* The host's table: of pid 1, else of our own mount namespace. */
static int read_host_mounts(const struct check_probe *p, mountinfo_list *ret, struct err *err)
{
	struct err why = ERR_INIT;
	char *text;
	size_t len;

	if (check_read_bytes(p, AT_FDCWD, "/proc/1/mountinfo", &text, &len, &why) < 0 &&
	    check_read_bytes(p, AT_FDCWD, "/proc/self/mountinfo", &text, &len, err) < 0)
		return -1;
	return mountinfo_parse_all(text, p->arena, ERR_SYSTEM, ret, err);
}

static bool has_peer(const mountinfo_list *host, uint32_t peer)
{
	for (size_t i = 0; peer && i < host->n; i++)
		if (host->items[i].peer == peer)
			return true;
	return false;
}

/* Of a file system that answers from somewhere else: looking might wait for ever. */
static bool is_remote(const char *type)
{
	static const char *const types[] = {"fuse",     "nfs",  "cifs",   "smb",       "9p",
					    "virtiofs", "ceph", "autofs", "glusterfs", "lustre"};

	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		if (strncmp(type, types[i], strlen(types[i])) == 0)
			return true;
	return false;
}

/* Also for the lookup of what is mounted further down. */
static bool is_behind_remote(const mountinfo_list *theirs, const char *target)
{
	for (size_t i = 0; i < theirs->n; i++)
		if (strcmp(theirs->items[i].target, "/") != 0 && is_remote(theirs->items[i].type) &&
		    path_is_beneath(target, theirs->items[i].target))
			return true;
	return false;
}

/* The same socket by its inode, whatever it is called inside; and directories that hold it by
 * the host's name for them. */
static bool gives_socket(int root_fd, const mountinfo_list *table, const struct check_mount *m)
{
	const struct open_how how = {.flags = O_PATH | O_NOFOLLOW | O_CLOEXEC,
				     .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS};
	struct stat theirs, ours;
	bool socket = false;
	bool look = strcmp(m->target, "/") != 0 && !is_behind_remote(table, m->target);
	autofd int fd = look ? sys_openat2(root_fd, m->target, &how) : -1;

	if (fd >= 0 && sys_fstat(fd, &theirs) == 0)
		socket = S_ISSOCK(theirs.st_mode);
	for (size_t i = 0; i < plan_host_sockets_n; i++) {
		const char *path = plan_host_sockets[i].path;

		if (!plan_host_sockets[i].engine)
			continue;
		if (sys_fstatat(AT_FDCWD, path, &ours, AT_SYMLINK_NOFOLLOW) < 0 ||
		    !S_ISSOCK(ours.st_mode))
			continue;
		if (socket && theirs.st_ino == ours.st_ino && theirs.st_dev == ours.st_dev)
			return true;
		if (m->source && strcmp(m->target, "/") != 0 && path_is_beneath(path, m->source))
			return true;
	}
	return false;
}

static int take_mount(const struct check_probe *p, int root_fd, const mountinfo_list *host,
		      const mountinfo_list *theirs, const struct mountinfo *m,
		      struct check_confinement *c, struct err *err)
{
	struct check_mount *to = ARENA_PUSH(p->arena, &c->mounts);
	const char *source = NULL;

	if (!to)
		return err_oom(err);
	if (check_host_path(host, m, p->arena, &source, err) < 0)
		return -1;
	*to = (struct check_mount){.target = m->target,
				   .type = m->type,
				   .source = source,
				   .readonly = m->readonly || m->sb_readonly,
				   .nosuid = m->nosuid,
				   .nodev = m->nodev,
				   .noexec = m->noexec,
				   .shared = has_peer(host, m->peer)};
	to->socket = gives_socket(root_fd, theirs, to);
	return 0;
}

/* Hidden by something that is neither procfs nor sysfs any more? */
static enum check_mask mask_state(int root_fd, const char *path, const struct check_confinement *c)
{
	const struct open_how how = {.flags = O_PATH | O_NOFOLLOW | O_CLOEXEC,
				     .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS};
	autofd int fd = sys_openat2(root_fd, path, &how);
	const struct check_mount *best = NULL;

	if (fd < 0)
		return errno == ENOENT || errno == ENOTDIR ? MASK_ABSENT : MASK_UNSEEN;
	for (size_t i = 0; i < c->mounts.n; i++)
		if (path_is_beneath(path, c->mounts.items[i].target) &&
		    (!best || strlen(c->mounts.items[i].target) >= strlen(best->target)))
			best = &c->mounts.items[i];
	if (!best)
		return MASK_UNSEEN;
	return strcmp(best->type, "proc") == 0 || strcmp(best->type, "sysfs") == 0 ? MASK_OPEN
										   : MASK_MASKED;
}

static int take_masks(const struct check_probe *p, int root_fd, struct check_confinement *c,
		      struct err *err)
{
	for (size_t i = 0; i < check_masked_paths_n; i++) {
		struct check_masked_path *m = ARENA_PUSH(p->arena, &c->masked);

		if (!m)
			return err_oom(err);
		m->path = check_masked_paths[i];
		m->state = mask_state(root_fd, m->path, c);
	}
	for (size_t i = 0; i < check_setting_paths_n; i++) {
		const char **slot;

		if (mask_state(root_fd, check_setting_paths[i], c) != MASK_ABSENT)
			continue;
		slot = ARENA_PUSH(p->arena, &c->absent);
		if (!slot)
			return err_oom(err);
		*slot = check_setting_paths[i];
	}
	return 0;
}

int check_probe_mounts(const struct check_probe *p, int dirfd, struct check_confinement *c,
		       struct err *err)
{
	autofd int root_fd = sys_openat(dirfd, "root", O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
	mountinfo_list host = {0}, theirs = {0};
	char *text;

	if (check_read(p, dirfd, "mountinfo", &text, err) < 0)
		return -1;
	if (!text || root_fd < 0)
		return check_note(p, err, "its mounts can't be read: that needs root");
	if (read_host_mounts(p, &host, err) < 0 ||
	    mountinfo_parse_all(text, p->arena, ERR_SYSTEM, &theirs, err) < 0)
		return -1;
	for (size_t i = 0; i < theirs.n; i++)
		if (take_mount(p, root_fd, &host, &theirs, &theirs.items[i], c, err) < 0)
			return -1;
	c->mounts_seen = true;
	return take_masks(p, root_fd, c, err);
}

struct device_visit { struct arena *arena; struct check_confinement *c; };

static int visit_device(void *ctx, const struct check_entry *e, struct err *err)
{
	struct device_visit *v = ctx;
	char type = S_ISCHR(e->st.st_mode) ? 'c' : S_ISBLK(e->st.st_mode) ? 'b' : 0;
	const char **slot;

	if (!type || check_is_default_device(type, major(e->st.st_rdev), minor(e->st.st_rdev)))
		return 0;
	slot = ARENA_PUSH(v->arena, &v->c->devices);
	if (!slot)
		return err_oom(err);
	*slot = arena_printf(v->arena, "/dev%s", e->path);
	return *slot ? 0 : err_oom(err);
}

int check_probe_devices(const struct check_probe *p, int dirfd, struct check_confinement *c,
			struct err *err)
{
	const struct open_how how = {.flags = O_PATH | O_DIRECTORY | O_CLOEXEC,
				     .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS |
						RESOLVE_NO_SYMLINKS};
	autofd int root_fd = sys_openat(dirfd, "root", O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
	autofd int dev_fd = root_fd < 0 ? -1 : sys_openat2(root_fd, "dev", &how);
	struct device_visit v = {.arena = p->arena, .c = c};
	struct check_walk_result walked;

	if (dev_fd < 0) {
		c->devices_seen = root_fd >= 0 && errno == ENOENT;
		return 0;
	}
	if (check_walk(dev_fd, visit_device, &v, &walked, err) < 0)
		return err_context(err, "/dev of the container");
	c->devices_seen = walked.complete;
	return 0;
}
