/* O_NOFOLLOW on every component: a link's target could be changed by whoever may write
 * where it leads, and the check would be of another file than the administrator sees. */
#include "config.h"

#include "sys/owned.h"

#include "base/auto.h"
#include "base/num.h"
#include "sys/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/banned.h"

#define COMPONENT_FLAGS (O_NOFOLLOW | O_CLOEXEC)
#define PARENT_FLAGS	(O_PATH | O_DIRECTORY | COMPONENT_FLAGS)

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

	if (sys_fstatat(AT_FDCWD, "/proc/self/ns/user", &st, 0) < 0 ||
	    st.st_ino == INITIAL_USER_NS_INODE)
		return false;
	fd = sys_open("/proc/sys/kernel/overflowuid", O_RDONLY | O_CLOEXEC, 0);
	n = fd < 0 ? -1 : sys_read(fd, text, sizeof(text) - 1);
	if (n < 1)
		return false;
	text[n] = '\0';
	text[strcspn(text, "\n")] = '\0';
	return num_parse_u64(text, UINT32_MAX, &overflow) && uid == overflow;
}

static bool is_own(uid_t uid)
{
	uid_t real, effective, saved;

	return sys_getresuid(&real, &effective, &saved) == 0 && uid == effective;
}

struct walk {
	const struct owned_rules *rules;
	const char *name;
	char part[PATH_MAX]; /* as far as it has been opened */
};

/* Not in the words of strerror(3): engines take those for the container's program that is
 * missing or may not be executed (podman: 127, 126). */
static int open_failed(const struct walk *w, struct err *err)
{
	const struct owned_rules *rules = w->rules;
	int error = errno;

	if (error == ELOOP || error == ENOTDIR)
		return err_set(
			err, rules->kind,
			"%s '%s': '%s' is a symbolic link or no directory; give the real path",
			rules->what, w->name, w->part);
	if (rules->errno_only)
		(void)err_set(err, ERR_SYSTEM, "%s '%s': open '%s': errno %d", rules->what, w->name,
			      w->part, error);
	else if (error == ENOENT || error == EACCES)
		(void)err_set(err, rules->kind, "%s '%s': '%s' %s", rules->what, w->name, w->part,
			      error == ENOENT ? "does not exist"
					      : "may not be opened by this user");
	else
		return err_sys(err, "%s '%s': open '%s'", rules->what, w->name, w->part);
	err->sys_errno = error;
	return -1;
}

/* An access control list that lets somebody write shows in the group's bits (acl(5)). */
static int check(const struct walk *w, int fd, bool last, bool directory, struct err *err)
{
	const struct owned_rules *rules = w->rules;
	bool file = last && !directory;
	struct stat st;
	char what[64];

	(void)snprintf(what, sizeof(what), strnlen(w->part, 50) < 50 ? "'%s'" : "'%.46s...'",
		       w->part);
	if (file)
		(void)snprintf(what, sizeof(what), "it");
	if (sys_fstat(fd, &st) < 0)
		return err_set(err, ERR_SYSTEM, "%s '%s': look at %s: errno %d", rules->what,
			       w->name, what, errno);
	if (file && !S_ISREG(st.st_mode))
		return err_set(err, rules->kind, "%s '%s': is not a regular file", rules->what,
			       w->name);
	if (st.st_uid != 0 && !(rules->own && is_own(st.st_uid)) && !is_unmapped(st.st_uid))
		return err_set(err, rules->kind,
			       "%s '%s': %s belongs to user %u, it must be root's%s", rules->what,
			       w->name, what, st.st_uid, rules->own ? " or the caller's" : "");
	if (!(st.st_mode & (S_IWGRP | S_IWOTH)) ||
	    (rules->sticky && !last && (st.st_mode & S_ISVTX)) ||
	    (rules->system_group && !last && !(st.st_mode & S_IWOTH) && st.st_gid < OWNED_USER_GID))
		return 0;
	return err_set(err, rules->kind,
		       "%s '%s': %s can be written by %s (mode %04o), only %s may", rules->what,
		       w->name, what, st.st_mode & S_IWOTH ? "anybody" : "its group",
		       st.st_mode & 07777, rules->own ? "its owner" : "root");
}

/* Opens the next component beneath *fd, in its place. */
static int step(const struct walk *w, int *fd, const char *name, int flags, struct err *err)
{
	int next = *fd < 0 ? sys_open(name, flags, 0) : sys_openat(*fd, name, flags, 0);

	if (next < 0)
		return open_failed(w, err);
	auto_close_fd(fd);
	*fd = next;
	return 0;
}

int owned_open(const struct owned_rules *rules, const char *name, const char *path, int flags,
	       struct err *err)
{
	struct walk w = {.rules = rules, .name = name, .part = "/"};
	bool directory = flags & O_DIRECTORY;
	autofd int fd = -1;
	bool last = !path[1];

	if (path[0] != '/' || strlen(path) >= sizeof(w.part))
		return err_set(err, rules->kind,
			       "%s '%.100s': is not an absolute path, or too long", rules->what,
			       name);
	if (step(&w, &fd, "/", last ? flags | COMPONENT_FLAGS : PARENT_FLAGS, err) < 0 ||
	    check(&w, fd, last, directory, err) < 0)
		return -1;
	for (size_t at = 1; !last;) {
		size_t len = strcspn(path + at, "/");

		last = !path[at + len];
		memcpy(w.part, path, at + len);
		w.part[at + len] = '\0';
		if (step(&w, &fd, w.part + at, last ? flags | COMPONENT_FLAGS : PARENT_FLAGS, err) <
			    0 ||
		    check(&w, fd, last, directory, err) < 0)
			return -1;
		at += len + 1;
	}
	return steal_fd(&fd);
}
