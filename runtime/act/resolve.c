/* In-root resolution: openat2(2) with RESOLVE_IN_ROOT, and mkdir step by step. */
#include "config.h"

#include "act/resolve.h"

#include "act/rootfs.h"
#include "base/auto.h"
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
		return err_set(err, ERR_SPEC, "'%s' in the image is reached through a symbolic link; it must be an ordinary directory",
			       path);
	return err_sys(err, "find '%s' in the root", path);
}

/* Opens the longest prefix of `path` that exists, component by component from the
 * root; what follows is returned in *ret_rest ("" when all of it exists).  Each
 * prefix is resolved in-root as a whole, so a link in it means what it means to
 * the container. */
static int open_prefix(int root_fd, const char *path, enum plan_target_links links, const char **ret_rest,
		       struct err *err)
{
	char prefix[PATH_MAX];
	size_t len = strlen(path);

	if (len >= sizeof(prefix))
		return err_set(err, ERR_SPEC, "a path of %zu bytes is too long", len);
	memcpy(prefix, path, len + 1);
	for (;;) {
		char *slash;
		int fd = rootfs_resolve(root_fd, prefix[0] ? prefix : "/", O_PATH, link_flags(links));

		if (fd >= 0) {
			const char *rest = path + strlen(prefix);

			while (*rest == '/')
				rest++;
			*ret_rest = rest;
			return fd;
		}
		if (errno != ENOENT)
			return link_error(path, err);
		slash = strrchr(prefix, '/');
		if (!slash)
			return link_error(path, err);
		*slash = 0;
	}
}

/* The new entry is opened without following: if somebody put a link in its place
 * in between, that is an error and not a way out (CVE-2024-45310). */
static int make_directory(int dirfd, const char *name, mode_t mode)
{
	int fd;

	if (sys_mkdirat(dirfd, name, mode) < 0 && errno != EEXIST)
		return -1;
	fd = sys_openat(dirfd, name, O_PATH | O_NOFOLLOW | O_DIRECTORY | O_CLOEXEC, 0);
	return fd;
}

static int make_file(int dirfd, const char *name)
{
	if (sys_mknodat(dirfd, name, S_IFREG | 0644, 0) < 0 && errno != EEXIST)
		return -1;
	return sys_openat(dirfd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC, 0);
}

/* Makes `rest` beneath dirfd (taken over).  The last component as `kind`. */
static int make_rest(int dirfd, const char *path, const char *rest, enum target_kind kind, mode_t mode, struct err *err)
{
	autofd int at = dirfd;
	char name[NAME_MAX + 1];

	while (*rest) {
		size_t len = strcspn(rest, "/");
		bool last;
		int next;

		if (len > NAME_MAX)
			return err_set(err, ERR_SPEC, "'%s': a component is longer than %d bytes", path, NAME_MAX);
		memcpy(name, rest, len);
		name[len] = 0;
		/* Plans hold clean paths; here ".." would be the one way up and out
		 * of the root that no openat2(2) sees. */
		if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
			return err_set(err, ERR_SPEC, "'%s' has '%s' behind a component that does not exist", path, name);
		rest += len;
		while (*rest == '/')
			rest++;
		last = *rest == 0;
		next = last && kind == TARGET_FILE ? make_file(at, name) : make_directory(at, name, last ? mode : 0755);
		if (next < 0) {
			if (errno == ENOTDIR || errno == ELOOP)
				return err_set(err, ERR_SPEC,
					       "'%s': '%s' in the image is no directory and leads nowhere in it", path,
					       name);
			return err_sys(err, "make '%s' in the root", path);
		}
		auto_close_fd(&at);
		at = next;
	}
	return steal_fd(&at);
}

static int check_kind(int fd, const char *path, enum target_kind kind, struct err *err)
{
	struct stat st;

	if (sys_fstat(fd, &st) < 0)
		return err_sys(err, "look at '%s' in the root", path);
	if (kind == TARGET_DIRECTORY && !S_ISDIR(st.st_mode))
		return err_set(err, ERR_SPEC, "'%s' in the image is not a directory", path);
	if (kind == TARGET_FILE && S_ISDIR(st.st_mode))
		return err_set(err, ERR_SPEC, "'%s' in the image is a directory, the source is a file", path);
	if (S_ISLNK(st.st_mode))
		return err_set(err, ERR_SPEC, "'%s' in the image is a symbolic link", path);
	return 0;
}

int resolve_target(int root_fd, const char *path, enum plan_target_links links, enum target_kind kind, bool create,
		   mode_t mode, int *ret_fd, struct err *err)
{
	const char *rest = "";
	autofd int fd = rootfs_resolve(root_fd, path, O_PATH, link_flags(links));

	if (fd < 0 && errno != ENOENT)
		return link_error(path, err);
	if (fd < 0 && !create)
		return 0;
	if (fd < 0) {
		int prefix_fd = open_prefix(root_fd, path, links, &rest, err);

		if (prefix_fd < 0)
			return -1;
		fd = make_rest(prefix_fd, path, rest, kind, mode, err);
		if (fd < 0)
			return -1;
	}
	if (check_kind(fd, path, kind, err) < 0)
		return -1;
	*ret_fd = steal_fd(&fd);
	return 1;
}

int resolve_parent(int root_fd, const char *path, enum plan_target_links links, int *ret_fd, const char **ret_name,
		   struct err *err)
{
	const char *slash = strrchr(path, '/');
	char parent[PATH_MAX];
	int n = snprintf(parent, sizeof(parent), "%.*s/", slash ? (int)(slash - path) : 0, path);

	if (n < 0 || (size_t)n >= sizeof(parent) || !slash || !slash[1])
		return err_set(err, ERR_SPEC, "'%s' is no path of a file", path);
	if (n > 1)
		parent[n - 1] = 0;
	*ret_name = slash + 1;
	return resolve_target(root_fd, parent, links, TARGET_DIRECTORY, true, 0755, ret_fd, err) < 0 ? -1 : 0;
}
