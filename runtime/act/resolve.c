/* In-root resolution: openat2(2) with RESOLVE_IN_ROOT, and mkdir step by step. */
#include "config.h"

#include "act/resolve.h"

#include "act/rootfs.h"
#include "base/auto.h"
#include "base/path.h"
#include "sys/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/banned.h"

/* W-32: under a storm of renames openat2 gives EAGAIN rather than a wrong answer;
 * 128 tries fail once in a thousand such starts, and then the start fails. */
#define MAX_TRIES 128
#define MAX_LINKS 40 /* as many as the kernel follows */

int rootfs_resolve(int root_fd, const char *path, int flags, unsigned extra_resolve)
{
	struct open_how how = {.flags = (uint64_t)(flags | O_CLOEXEC),
			       .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS | extra_resolve};
	int fd = -1;

	for (int i = 0; i < MAX_TRIES; i++) {
		fd = sys_openat2(root_fd, path, &how);
		if (fd >= 0 || (errno != EAGAIN && errno != EINTR))
			break;
	}
	return fd;
}

static unsigned link_flags(enum plan_target_links links)
{
	return links == LINKS_REFUSED ? RESOLVE_NO_SYMLINKS : 0;
}

static int link_error(const char *path, struct err *err)
{
	if (errno == ELOOP)
		return err_set(err, ERR_SPEC,
			       "'%s' in the image is reached through a symbolic link; it must be "
			       "an ordinary directory",
			       path);
	return err_sys(err, "find '%s' in the root", path);
}

/* A walk from the root that makes what is missing.  `at` is where `dirfd` stands,
 * a path without links or dots; `rest` is what remains.  Both are bounded, whatever
 * links say, and no component is ever followed by the kernel: what stands in its
 * place is opened itself and looked at (CVE-2024-45310). */
struct walk {
	int root_fd, dirfd;
	enum plan_target_links links;
	enum target_kind kind;
	mode_t mode;
	int followed, tries;
	char at[PATH_MAX];
	char rest[2 * PATH_MAX];
};

static void step_into(struct walk *w, int fd)
{
	auto_close_fd(&w->dirfd);
	w->dirfd = fd;
}

/* ".." comes from links only.  The parent is found from the root again: the
 * directory may have been moved, and its own ".." may lead out of the root. */
static int step_up(struct walk *w)
{
	char *slash = strrchr(w->at, '/');
	int fd;

	if (slash)
		*slash = 0;
	fd = rootfs_resolve(w->root_fd, w->at[0] ? w->at : "/", O_PATH | O_DIRECTORY,
			    RESOLVE_NO_SYMLINKS);
	if (fd < 0)
		return -1;
	step_into(w, fd);
	return 0;
}

/* Puts a link's text in front of what remains.  Images have such links to what
 * only their own start would have made (/etc/resolv.conf -> /run/...). */
static int follow_link(struct walk *w, int link_fd)
{
	char text[PATH_MAX];
	size_t rest_len = strlen(w->rest);
	ssize_t n;

	if (w->links == LINKS_REFUSED || ++w->followed > MAX_LINKS) {
		errno = ELOOP;
		return -1;
	}
	n = sys_readlinkat(link_fd, "", text, sizeof(text));
	if (n < 0)
		return -1;
	if ((size_t)n >= sizeof(text) || (size_t)n + 1 + rest_len >= sizeof(w->rest)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memmove(w->rest + n + 1, w->rest, rest_len + 1);
	memcpy(w->rest, text, (size_t)n);
	w->rest[n] = '/';
	if (text[0] != '/')
		return 0;
	w->at[0] = 0;
	return step_up(w);
}

static int make(int dirfd, const char *name, enum target_kind kind, mode_t mode)
{
	return kind == TARGET_FILE ? sys_mknodat(dirfd, name, S_IFREG | 0644, 0)
				   : sys_mkdirat(dirfd, name, mode);
}

static int make_one(struct walk *w, const char *name, bool last)
{
	int r = make(w->dirfd, name, last ? w->kind : TARGET_DIRECTORY, last ? w->mode : 0755);

	return r < 0 && errno != EEXIST ? -1 : 0; /* somebody was faster: then it is looked at */
}

static int open_or_make(struct walk *w, const char *name, bool last)
{
	for (;;) {
		int fd = sys_openat(w->dirfd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC, 0);

		if (fd >= 0 || errno != ENOENT || ++w->tries > MAX_TRIES)
			return fd;
		if (make_one(w, name, last) < 0)
			return -1;
	}
}

static int remember_name(struct walk *w, const char *name)
{
	size_t at = strlen(w->at), n = strlen(name);

	if (at + 1 + n >= sizeof(w->at)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	w->at[at] = '/';
	memcpy(w->at + at + 1, name, n + 1);
	return 0;
}

/* 1: the end, and no directory: *ret_fd.  0: go on. */
static int step(struct walk *w, const char *name, bool last, int *ret_fd)
{
	autofd int fd = -1;
	struct stat st;

	if (strcmp(name, ".") == 0)
		return 0;
	if (strcmp(name, "..") == 0)
		return step_up(w);
	fd = open_or_make(w, name, last);
	if (fd < 0 || sys_fstat(fd, &st) < 0)
		return -1;
	if (S_ISLNK(st.st_mode))
		return follow_link(w, fd);
	if (S_ISDIR(st.st_mode)) {
		if (remember_name(w, name) < 0)
			return -1;
		step_into(w, steal_fd(&fd));
		return 0;
	}
	if (!last) {
		errno = ENOTDIR;
		return -1;
	}
	*ret_fd = steal_fd(&fd);
	return 1;
}

/* The next component of `rest` is moved to name; its length, 0 at the end. */
static int next_name(struct walk *w, char name[NAME_MAX + 1], bool *last)
{
	char *start = w->rest + strspn(w->rest, "/");
	size_t n = strcspn(start, "/");
	char *after = start + n + strspn(start + n, "/");

	if (n > NAME_MAX) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(name, start, n);
	name[n] = 0;
	*last = *after == 0;
	memmove(w->rest, after, strlen(after) + 1);
	return (int)n;
}

/* O_PATH of the end of the walk, or -1 and errno. */
static int walk_on(struct walk *w)
{
	char name[NAME_MAX + 1];
	bool last;
	int n;

	while ((n = next_name(w, name, &last)) > 0) {
		int fd = -1;
		int r = step(w, name, last, &fd);

		if (r != 0)
			return r < 0 ? -1 : fd;
	}
	return n < 0 ? -1 : steal_fd(&w->dirfd);
}

static int walk_and_make(int root_fd, const char *path, enum plan_target_links links,
			 enum target_kind kind, mode_t mode, struct err *err)
{
	struct walk w = {
		.root_fd = root_fd, .dirfd = -1, .links = links, .kind = kind, .mode = mode};
	size_t len = strlen(path);
	int fd = -1;

	if (len >= sizeof(w.at))
		return err_set(err, ERR_SPEC, "a path of %zu bytes is too long", len);
	memcpy(w.rest, path, len + 1);
	if (step_up(&w) == 0) /* from nowhere: to the root */
		fd = walk_on(&w);
	auto_close_fd(&w.dirfd);
	if (fd < 0 && errno == ELOOP)
		return link_error(path, err);
	return fd < 0 ? err_sys(err, "make '%s' in the root", path) : fd;
}

/* Nearly always only the last component is missing: then the walk is not needed.  -1 for
 * anything else (a link that leads nowhere stands there); what is opened is looked at as
 * if it had been there before. */
static int make_last(int root_fd, const char *path, enum plan_target_links links,
		     enum target_kind kind, mode_t mode)
{
	const char *slash = strrchr(path, '/');
	size_t len = slash ? (size_t)(slash - path) : 0;
	char parent[256];
	autofd int dirfd = -1;

	if (len == 0 || len >= sizeof(parent) || !slash[1] || path_is_dots(slash + 1))
		return -1;
	memcpy(parent, path, len);
	parent[len] = 0;
	dirfd = rootfs_resolve(root_fd, parent, O_PATH | O_DIRECTORY, link_flags(links));
	if (dirfd < 0 || make(dirfd, slash + 1, kind, mode) < 0)
		return -1;
	return sys_openat(dirfd, slash + 1, O_PATH | O_NOFOLLOW | O_CLOEXEC, 0);
}

static int check_kind(int fd, const char *path, enum target_kind kind, struct err *err)
{
	struct stat st;

	if (sys_fstat(fd, &st) < 0)
		return err_sys(err, "look at '%s' in the root", path);
	if (kind == TARGET_DIRECTORY && !S_ISDIR(st.st_mode))
		return err_set(err, ERR_SPEC, "'%s' in the image is not a directory", path);
	if (kind == TARGET_FILE && S_ISDIR(st.st_mode))
		return err_set(err, ERR_SPEC,
			       "'%s' in the image is a directory, the source is a file", path);
	if (S_ISLNK(st.st_mode))
		return err_set(err, ERR_SPEC, "'%s' in the image is a symbolic link", path);
	return 0;
}

int resolve_target(int root_fd, const char *path, enum plan_target_links links,
		   enum target_kind kind, bool create, mode_t mode, int *ret_fd, struct err *err)
{
	autofd int fd = rootfs_resolve(root_fd, path, O_PATH, link_flags(links));

	if (fd < 0 && errno != ENOENT)
		return link_error(path, err);
	if (fd < 0 && !create)
		return 0;
	if (fd < 0)
		fd = make_last(root_fd, path, links, kind, mode);
	if (fd < 0) {
		fd = walk_and_make(root_fd, path, links, kind, mode, err);
		if (fd < 0)
			return -1;
	}
	if (check_kind(fd, path, kind, err) < 0)
		return -1;
	*ret_fd = steal_fd(&fd);
	return 1;
}

int resolve_parent(int root_fd, const char *path, enum plan_target_links links, int *ret_fd,
		   const char **ret_name, struct err *err)
{
	const char *slash = strrchr(path, '/');
	char parent[PATH_MAX];
	int n = snprintf(parent, sizeof(parent), "%.*s/", slash ? (int)(slash - path) : 0, path);

	if (n < 0 || (size_t)n >= sizeof(parent) || !slash || !slash[1])
		return err_set(err, ERR_SPEC, "'%s' is no path of a file", path);
	if (n > 1)
		parent[n - 1] = 0;
	*ret_name = slash + 1;
	return resolve_target(root_fd, parent, links, TARGET_DIRECTORY, true, 0755, ret_fd, err) < 0
		       ? -1
		       : 0;
}
