/* Opens a policy file component by component and reads it. */
#include "config.h"

#include "cmd/policy_file.h"

#include "base/auto.h"
#include "base/num.h"
#include "base/path.h"
#include "sys/file.h"
#include "sys/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/banned.h"

/* O_NOFOLLOW on every component: a link's target could be changed by whoever may write
 * where it leads, and the check would be of another file than the administrator sees. */
#define DIRECTORY_FLAGS (O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
#define FILE_FLAGS	(O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)

#define INITIAL_USER_NS_INODE 0xEFFFFFFDu /* PROC_USER_INIT_INO, include/linux/proc_ns.h */

/* Within a user namespace that doesn't map the host's root (rootless engines) its files
 * belong to nobody there is.  Who is in one is bound by no policy that isn't their own
 * choice: it holds the containers' wishes, not the caller's. */
static bool is_unmapped(uid_t uid)
{
	struct stat st;
	uint64_t overflow;
	char text[16];
	ssize_t n;
	autofd int fd = -1;

	if (sys_fstatat(AT_FDCWD, "/proc/self/ns/user", &st, 0) < 0 || st.st_ino == INITIAL_USER_NS_INODE)
		return false;
	fd = sys_open("/proc/sys/kernel/overflowuid", O_RDONLY | O_CLOEXEC, 0);
	n = fd < 0 ? -1 : sys_read(fd, text, sizeof(text) - 1);
	if (n < 1)
		return false;
	text[n] = '\0';
	text[strcspn(text, "\n")] = '\0';
	return num_parse_u64(text, UINT32_MAX, &overflow) && uid == overflow;
}

/* An access control list that lets somebody write shows in the group's bits (acl(5)). */
static int check_owner(int fd, const char *what, const char *path, bool regular, struct err *err)
{
	struct stat st;

	if (sys_fstat(fd, &st) < 0)
		return err_sys(err, "policy '%s': look at %s", path, what);
	if (regular && !S_ISREG(st.st_mode))
		return err_set(err, ERR_POLICY, "policy '%s': is not a regular file", path);
	if (st.st_uid != 0 && !is_unmapped(st.st_uid))
		return err_set(err, ERR_POLICY, "policy '%s': %s belongs to user %u, it must be root's", path, what,
			       st.st_uid);
	if (st.st_mode & (S_IWGRP | S_IWOTH))
		return err_set(err, ERR_POLICY, "policy '%s': %s can be written by %s (mode %04o), only root may", path,
			       what, st.st_mode & S_IWOTH ? "anybody" : "its group", st.st_mode & 07777);
	return 0;
}

/* Not in the words of strerror(3): engines take those for the container's program that is
 * missing or may not be executed (podman: 127, 126). */
static int open_failed(const char *path, const char *part, struct err *err)
{
	int error = errno;

	if (error == ENOENT || error == EACCES) {
		(void)err_set(err, ERR_POLICY, "policy '%s': '%s' %s", path, part,
			      error == ENOENT ? "does not exist" : "may not be opened by this user");
		err->sys_errno = error;
		return -1;
	}
	if (errno == ELOOP || errno == ENOTDIR)
		return err_set(err, ERR_POLICY, "policy '%s': '%s' is a symbolic link or no directory; give the real path",
			       path, part);
	return err_sys(err, "policy '%s': open '%s'", path, part);
}

/* `path` is clean and absolute.  The file's descriptor, or -1 with ENOENT in err->sys_errno
 * where something is missing. */
static int open_checked(const char *path, struct arena *arena, struct err *err)
{
	char *part = arena_strdup(arena, path);
	int dirfd = sys_open("/", DIRECTORY_FLAGS, 0);

	if (!part)
		(void)err_oom(err);
	else if (dirfd < 0)
		(void)open_failed(path, "/", err);
	if (!part || dirfd < 0 || check_owner(dirfd, "'/'", path, false, err) < 0)
		goto fail;
	for (size_t at = 1;;) {
		size_t len = strcspn(part + at, "/");
		bool last = !part[at + len];
		char what[64];
		int fd;

		part[at + len] = '\0';
		fd = sys_openat(dirfd, part + at, last ? FILE_FLAGS : DIRECTORY_FLAGS, 0);
		if (fd < 0) {
			(void)open_failed(path, part, err);
			goto fail;
		}
		(void)sys_close(dirfd); /* was only looked at */
		dirfd = fd;
		(void)snprintf(what, sizeof(what), strnlen(part, 50) < 50 ? "'%s'" : "'%.46s...'", part);
		if (check_owner(fd, last ? "it" : what, path, last, err) < 0)
			goto fail;
		if (last)
			return fd;
		part[at + len] = '/';
		at += len + 1;
	}
fail:
	if (dirfd >= 0)
		(void)sys_close(dirfd); /* the first error is told */
	return -1;
}

static int read_policy(const char *path, struct arena *arena, char **ret_text, size_t *ret_len, struct policy_conf *ret,
		       struct err *err)
{
	autofd int fd = open_checked(path, arena, err);

	if (fd < 0)
		return -1;
	if (file_read_fd(fd, path, POLICY_MAX_BYTES, arena, ret_text, ret_len, err) < 0)
		return err_context(err, "policy");
	return policy_conf_parse(*ret_text, *ret_len, path, ret, err);
}

static char *absolute(const char *path, struct arena *arena, struct err *err)
{
	autofree char *cwd = path[0] == '/' ? NULL : getcwd(NULL, 0);
	char *ret;

	if (path[0] != '/' && !cwd) {
		(void)err_sys(err, "policy '%s': find the working directory", path);
		return NULL;
	}
	ret = path_join(arena, cwd ? cwd : "/", path);
	ret = ret ? path_clean_absolute(arena, ret) : NULL;
	if (!ret)
		(void)err_oom(err);
	return ret;
}

int policy_file_read(const char *name_or_path, struct arena *arena, char **ret_text, size_t *ret_len,
		     struct policy_conf *ret, struct err *err)
{
	const char *path;
	char *text = NULL;
	size_t len = 0;
	int r = -1;

	if (name_or_path && !strncmp(name_or_path, "builtin:", 8)) {
		*ret_text = NULL;
		*ret_len = 0;
		return policy_conf_builtin(name_or_path, ret, err);
	}
	path = name_or_path ? absolute(name_or_path, arena, err) : POLICY_FILE;
	if (path && !strcmp(path, "/"))
		(void)err_set(err, ERR_POLICY, "policy '%s': is not a regular file", name_or_path);
	else if (path)
		r = read_policy(path, arena, &text, &len, ret, err);
	if (r < 0 && !name_or_path && err->sys_errno == ENOENT) {
		err_clear(err);
		r = policy_conf_builtin("builtin:hardened", ret, err);
	}
	if (r == 0) {
		*ret_text = text;
		*ret_len = len;
	}
	return r;
}

int policy_file_load(const char *name_or_path, struct policy_conf *ret, struct err *err)
{
	struct arena arena = ARENA_INIT;
	char *text;
	size_t len;
	int r = policy_file_read(name_or_path, &arena, &text, &len, ret, err);

	arena_release(&arena);
	return r;
}
