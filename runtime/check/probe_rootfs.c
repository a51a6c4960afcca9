/* A root file system: what lies in it that a container does better without. */
#include "config.h"

#include "check/probe.h"

#include "base/auto.h"
#include "base/path.h"
#include "sys/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/xattr.h>

#include "base/banned.h"

struct rootfs_visit { struct arena *arena; struct check_rootfs *facts; };

static int found(struct rootfs_visit *v, enum check_kind kind, const char *path, struct err *err)
{
	struct str_list *paths = &v->facts->found[kind].paths;
	const char **slot;

	v->facts->found[kind].n++;
	if (paths->n >= CHECK_PATHS_MAX)
		return 0;
	slot = ARENA_PUSH(v->arena, paths);
	if (!slot)
		return err_oom(err);
	*slot = arena_strdup(v->arena, path);
	return *slot ? 0 : err_oom(err);
}

/* There is no getxattrat(2) before Linux 6.13: by the descriptor's own name. */
static int has_file_caps(const struct check_entry *e, bool *ret)
{
	const struct open_how how = {.flags = O_PATH | O_NOFOLLOW | O_CLOEXEC,
				     .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS |
						RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV};
	autofd int fd = sys_openat2(e->dirfd, e->name, &how);
	char link[32];

	if (fd < 0)
		return errno == EXDEV ? 0 : -1;
	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd); /* fits any int */
	*ret = getxattr(link, "security.capability", NULL, 0) > 0;
	return *ret || errno == ENODATA || errno == ENOTSUP ? 0 : -1;
}

static int visit_file(struct rootfs_visit *v, const struct check_entry *e, struct err *err)
{
	bool executable = e->st.st_mode & 0111, caps = false;
	enum check_kind kind = check_name_kind(e->path, executable);

	if ((e->st.st_mode & (S_ISUID | S_ISGID)) && found(v, KIND_SETID, e->path, err) < 0)
		return -1;
	if ((e->st.st_mode & S_IWOTH) && found(v, KIND_WORLD_WRITABLE, e->path, err) < 0)
		return -1;
	if (kind != KIND_COUNT && found(v, kind, e->path, err) < 0)
		return -1;
	if (!executable)
		return 0;
	if (has_file_caps(e, &caps) < 0)
		v->facts->unreadable++;
	return caps ? found(v, KIND_FILE_CAPS, e->path, err) : 0;
}

/* /bin/sh is a link more often than not; elsewhere a link's name says nothing. */
static bool is_in_bin(const char *path)
{
	const char *base = path_base(path);
	size_t len = (size_t)(base - path);

	return len >= 4 && memcmp(base - 4, "bin/", 4) == 0;
}

static int visit(void *ctx, const struct check_entry *e, struct err *err)
{
	struct rootfs_visit *v = ctx;
	enum check_kind kind;

	switch (e->st.st_mode & S_IFMT) {
	case S_IFREG:
		return visit_file(v, e, err);
	case S_IFLNK:
		kind = is_in_bin(e->path) ? check_name_kind(e->path, true) : KIND_COUNT;
		return kind == KIND_COUNT ? 0 : found(v, kind, e->path, err);
	case S_IFDIR:
		if ((e->st.st_mode & (S_IWOTH | S_ISVTX)) == S_IWOTH)
			return found(v, KIND_WORLD_WRITABLE, e->path, err);
		return 0;
	case S_IFCHR:
	case S_IFBLK:
		/* 0:0 is what overlayfs leaves for a deleted file */
		return e->st.st_rdev ? found(v, KIND_DEVICE, e->path, err) : 0;
	default:
		return 0;
	}
}

int check_probe_rootfs(const struct check_probe *p, const char *path, struct check_rootfs *ret,
		       struct err *err)
{
	autofd int fd = sys_open(path, O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
	struct check_rootfs facts = {0};
	struct rootfs_visit v = {.arena = p->arena, .facts = &facts};
	struct check_walk_result walked;

	if (fd < 0)
		return err_sys(err, "open '%s'", path);
	if (check_walk(fd, visit, &v, &walked, err) < 0)
		return err_context(err, "'%s'", path);
	facts.entries = walked.entries;
	facts.other_file_systems = walked.other_file_systems;
	facts.unreadable += walked.unreadable;
	facts.complete = walked.complete && !facts.unreadable;
	if (facts.unreadable && check_note(p, err, "%llu entries could not be read",
					   (unsigned long long)facts.unreadable) < 0)
		return -1;
	if (facts.other_file_systems &&
	    check_note(p, err, "%llu mounted file systems in it were not entered",
		       (unsigned long long)facts.other_file_systems) < 0)
		return -1;
	*ret = facts;
	return 0;
}
