/* H-70, H-73, H-82: which files may be executed.
 *
 * Rights are given to hierarchies and nothing takes a right away beneath one, so
 * "execute everywhere but in /tmp" is said by naming every other directory beside
 * it.  A rule of a directory covers what is mounted beneath it, too.
 *
 * The kernel asks for the right to execute where it opens a file to execute it: the
 * program, a script's interpreter, the ELF loader.  Mapping code is not asked about
 * (Documentation/userspace-api/landlock.rst, "Current limitations"), so libraries need
 * no rule; for the same reason a loader started by hand runs what it can read, and an
 * interpreter a script (man/kanuki-policy.5 says so).
 *
 * A rule is the inode's.  Of a listed file with several names (hard links) each is the
 * same program.  Of an excluded one the other names in a directory that is gone through
 * get none, as that would be the excluded name's as well; in other directories they are
 * not looked for.  The container makes no such name: its root is read-only, and what it
 * can write is not executable.
 */
#include "config.h"

#include "act/landlock.h"

#include "act/rootfs.h"
#include "base/auto.h"
#include "base/path.h"
#include "sys/sys.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>

#include "base/banned.h"

#define MAX_DEPTH 16
#define MAX_ENTRIES 65536 /* each costs a rule, which is memory of the kernel's */
#define MAX_INTERPRETERS 5 /* of interpreters: as many as the kernel follows (fs/exec.c) */

struct excluded {
	const char *path; /* without links */
	bool is_file;	  /* dev and ino say which (identify) */
	dev_t dev;
	ino_t ino;
};

struct rules {
	const struct plan_landlock *plan;
	struct child *child;
	int root_fd;
	const struct str_list *plain;
	LIST_OF(struct excluded) excluded;
	bool identified;
	unsigned entries;
};

/* --- what is excluded --- */

/* Without links, as it is seen from the root. */
static int real_path(struct child *child, int fd, const char *path, const char **ret,
		     struct err *err)
{
	char name[32], real[PATH_MAX];
	ssize_t n;

	(void)snprintf(name, sizeof(name), "self/fd/%d", fd);
	n = sys_readlinkat(child->proc_fd, name, real, sizeof(real) - 1);
	if (n < 0)
		return err_sys(err, "Landlock: ask where '%s' is", path);
	real[n] = 0;
	if (real[0] != '/')
		return err_set(err, ERR_SYSTEM, "Landlock: '%s' is nowhere in the root", path);
	*ret = arena_strdup(&child->arena, real);
	return *ret ? 0 : err_oom(err);
}

/* O_PATH of a clean path, and where it is.  Without a link on the way it is where it says,
 * and nobody has to be asked.  -1 and errno: there is none; -2: err is set. */
static int open_real(struct rules *r, const char *path, int flags, const char **ret_real,
		     struct err *err)
{
	autofd int fd = rootfs_resolve(r->root_fd, path, O_PATH | flags, RESOLVE_NO_SYMLINKS);

	*ret_real = path;
	if (fd >= 0 || errno != ELOOP)
		return steal_fd(&fd);
	fd = rootfs_resolve(r->root_fd, path, O_PATH | flags, 0);
	if (fd < 0)
		return -1;
	return real_path(r->child, fd, path, ret_real, err) < 0 ? -2 : steal_fd(&fd);
}

/* Nothing that could be executed: missing, or links of the image that lead nowhere. */
static bool leads_nowhere(void)
{
	return errno == ENOENT || errno == ENOTDIR || errno == ELOOP || errno == ENAMETOOLONG;
}

static int exclude(struct rules *r, const char *path, struct err *err)
{
	struct excluded *e = ARENA_PUSH(&r->child->arena, &r->excluded);

	if (!e)
		return err_oom(err);
	*e = (struct excluded){.path = path};
	return 0;
}

/* On a read-only mount what is missing stays so, and needs no walk around it. */
static bool can_appear(const struct rules *r, const char *path)
{
	char parent[PATH_MAX];
	autofd int fd = -1;
	struct statfs sfs;
	size_t len = (size_t)(strrchr(path, '/') - path);

	if (len >= sizeof(parent))
		return true;
	(void)snprintf(parent, sizeof(parent), "%.*s", len ? (int)len : 1, path);
	fd = rootfs_resolve(r->root_fd, parent, O_PATH, 0);
	return fd < 0 || sys_fstatfs(fd, &sfs) < 0 || !(sfs.f_flags & ST_RDONLY);
}

/* Where a place of the plan really is.  A mount on a link of the image's (/var/lock ->
 * /run/lock) lies where the link leads, and the walk below sees real directories only;
 * of a command that is a link it is the file behind it that is executed. */
static int exclude_place(struct rules *r, const char *path, struct err *err)
{
	const char *real;
	autofd int fd = -1;

	if (str_list_has(r->plain, path))
		return exclude(r, path, err);
	fd = open_real(r, path, 0, &real, err);
	if (fd == -1) {
		if (!leads_nowhere())
			return err_sys(err, "Landlock: open '%s'", path);
		return can_appear(r, path) ? exclude(r, path, err) : 0;
	}
	return fd < 0 ? -1 : exclude(r, real, err);
}

/* H-82.  /sbin/init may be a link to a small init or to busybox, which are other
 * programs; or to a daemon of the list, whichever directory that is in. */
static int exclude_daemon(struct rules *r, const char *path, struct err *err)
{
	const char *real;
	autofd int fd = open_real(r, path, 0, &real, err);

	if (fd == -1)
		return leads_nowhere() ? 0 : err_sys(err, "Landlock: open '%s'", path);
	if (fd < 0)
		return -1;
	return str_list_has(&r->plan->no_daemons, path_base(real)) ? exclude(r, real, err) : 0;
}

static int exclude_daemon_in(struct rules *r, const char *place, const char *name, struct err *err)
{
	const char *path =
		arena_printf(&r->child->arena, "%s/%s", strcmp(place, "/") == 0 ? "" : place, name);

	return path ? exclude_daemon(r, path, err) : err_oom(err);
}

union entries {
	struct dirent64 first;
	char bytes[4096];
};

/* The whole directory where it is that small; else, or where it can't be listed, 0. */
static long list_small(int place_fd, union entries *ret)
{
	autofd int fd = sys_openat(place_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	char more[sizeof(struct dirent64)];
	long n = fd < 0 ? -1 : sys_getdents64(fd, ret, sizeof(*ret));

	return n > 0 && sys_getdents64(fd, more, sizeof(more)) == 0 ? n : 0;
}

/* Most images have few of the names: each is asked for in the opened directory, and only
 * what is there is looked at. */
static int exclude_daemons_in(struct rules *r, int place_fd, const char *place, struct err *err)
{
	union entries entries;
	long n = list_small(place_fd, &entries);

	/* Two calls rather than one for each name; of a large directory the other way round. */
	for (long at = 0; at < n;) {
		const struct dirent64 *e = (const void *)(entries.bytes + at);

		if (str_list_has(&r->plan->no_daemons, e->d_name) &&
		    exclude_daemon_in(r, place, e->d_name, err) < 0)
			return -1;
		at += e->d_reclen;
	}
	for (size_t i = 0; n == 0 && i < r->plan->no_daemons.n; i++) {
		const char *name = r->plan->no_daemons.items[i];
		struct stat st;

		if (sys_fstatat(place_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0) {
			if (leads_nowhere())
				continue;
			return err_sys(err, "Landlock: look for '%s' in '%s'", name, place);
		}
		if (exclude_daemon_in(r, place, name, err) < 0)
			return -1;
	}
	return 0;
}

/* In many images /sbin is a link to /usr/sbin: that one is gone through once. */
static int exclude_daemons(struct rules *r, struct err *err)
{
	const struct str_list *places = &r->plan->daemon_places;
	const char **seen = arena_array(&r->child->arena, places->n, sizeof(*seen));
	size_t n = 0;

	if (!seen)
		return err_oom(err);
	for (size_t i = 0; i < places->n; i++) {
		const char *place = places->items[i];
		const char *real;
		autofd int fd = open_real(r, place, O_DIRECTORY, &real, err);

		if (fd == -1) {
			if (leads_nowhere())
				continue;
			return err_sys(err, "Landlock: open '%s'", place);
		}
		if (fd < 0)
			return -1;
		if (texts_have(seen, n, real))
			continue;
		seen[n++] = real;
		if (exclude_daemons_in(r, fd, real, err) < 0)
			return -1;
	}
	return 0;
}

static int exclude_all(struct rules *r, struct err *err)
{
	for (size_t i = 0; i < r->plan->no_exec.n; i++)
		if (exclude_place(r, r->plan->no_exec.items[i], err) < 0)
			return -1;
	return r->plan->no_daemons.n ? exclude_daemons(r, err) : 0;
}

/* Asked for only when a file with several names is met. */
static int identify(struct rules *r, struct err *err)
{
	r->identified = true;
	for (size_t i = 0; i < r->excluded.n; i++) {
		struct excluded *e = &r->excluded.items[i];
		autofd int fd = rootfs_resolve(r->root_fd, e->path, O_PATH, 0);
		struct stat st;

		if (fd < 0 && leads_nowhere())
			continue;
		if (fd < 0 || sys_fstat(fd, &st) < 0)
			return err_sys(err, "Landlock: look at '%s'", e->path);
		e->is_file = S_ISREG(st.st_mode);
		e->dev = st.st_dev;
		e->ino = st.st_ino;
	}
	return 0;
}

/* 1: the file is an excluded one by another name. */
static int is_other_name(struct rules *r, const struct stat *st, struct err *err)
{
	if (!S_ISREG(st->st_mode) || st->st_nlink < 2)
		return 0;
	if (!r->identified && identify(r, err) < 0)
		return -1;
	for (size_t i = 0; i < r->excluded.n; i++)
		if (r->excluded.items[i].is_file && r->excluded.items[i].dev == st->st_dev &&
		    r->excluded.items[i].ino == st->st_ino)
			return 1;
	return 0;
}

enum relation { APART, IS_EXCLUDED, HOLDS_EXCLUDED };

static enum relation relate(const struct rules *r, const char *path)
{
	enum relation relation = APART;

	for (size_t i = 0; i < r->excluded.n; i++) {
		if (path_is_beneath(path, r->excluded.items[i].path))
			return IS_EXCLUDED;
		if (path_is_beneath(r->excluded.items[i].path, path))
			relation = HOLDS_EXCLUDED;
	}
	return relation;
}

/* --- hierarchies --- */

struct walk { /* readdir(3) would take 32 KiB for each directory, and four calls more */
	int fd;
	const char *path;
	union entries *entries;
	long n, at;
};

static int allow_apart(struct rules *r, int fd, const char *path, struct err *err)
{
	struct stat st;
	int other;

	if (sys_fstat(fd, &st) < 0)
		return err_sys(err, "Landlock: look at '%s'", path);
	if (!S_ISDIR(st.st_mode) && !S_ISREG(st.st_mode))
		return 0;
	other = is_other_name(r, &st, err);
	if (other)
		return other < 0 ? -1 : 0;
	return landlock_allow(r->child, fd, LANDLOCK_ACCESS_FS_EXECUTE, path, err);
}

/* Gives one entry of a directory that holds an excluded one the right to execute,
 * or opens it to look further.  1: *ret_fd is to be walked. */
static int allow_entry(struct rules *r, const struct walk *at, const char *name,
		       char path[PATH_MAX], int *ret_fd, struct err *err)
{
	autofd int fd = -1;
	int n = snprintf(path, PATH_MAX, "%s/%s", strcmp(at->path, "/") == 0 ? "" : at->path, name);
	enum relation relation;

	if (n < 0 || n >= PATH_MAX)
		return err_set(err, ERR_SPEC,
			       "Landlock: a path in the image is longer than %d bytes", PATH_MAX);
	relation = relate(r, path);
	if (relation == IS_EXCLUDED)
		return 0;
	fd = sys_openat(at->fd, name,
			(relation == HOLDS_EXCLUDED ? O_RDONLY | O_DIRECTORY : O_PATH) |
				O_NOFOLLOW | O_CLOEXEC,
			0);
	if (fd < 0) {
		if (errno == ENOENT || errno == ENOTDIR || errno == ELOOP)
			return 0; /* gone, or a link: what it points to has its own rule */
		return err_sys(err, "Landlock: open '%s'", path);
	}
	if (relation == HOLDS_EXCLUDED) {
		*ret_fd = steal_fd(&fd);
		return 1;
	}
	return allow_apart(r, fd, path, err);
}

static int push(struct rules *r, struct walk *stack, int *depth, int fd, const char *path,
		struct err *err)
{
	struct walk *w = &stack[*depth];

	if (*depth == MAX_DEPTH) {
		auto_close_fd(&fd);
		return err_set(err, ERR_SPEC,
			       "Landlock: mounts are nested more than %d directories deep",
			       MAX_DEPTH);
	}
	w->path = arena_strdup(&r->child->arena, path);
	if (!w->entries)
		w->entries = arena_alloc(&r->child->arena, sizeof(*w->entries));
	if (!w->path || !w->entries) {
		auto_close_fd(&fd);
		return err_oom(err);
	}
	w->fd = fd;
	w->n = w->at = 0;
	(*depth)++;
	return 0;
}

/* One entry of the directory on top: 0 to go on. */
static int walk_entry(struct rules *r, struct walk *stack, int *depth, struct err *err)
{
	struct walk *top = &stack[*depth - 1];
	char path[PATH_MAX];
	const struct dirent64 *e;
	int fd = -1, found; /* gcc 14 takes fd for unset after a failure */

	if (top->at >= top->n) {
		top->at = 0;
		top->n = sys_getdents64(top->fd, top->entries, sizeof(*top->entries));
	}
	if (top->n < 0)
		return err_sys(err, "Landlock: list '%s'", top->path);
	if (top->n == 0) {
		auto_close_fd(&top->fd);
		(*depth)--;
		return 0;
	}
	e = (const void *)(top->entries->bytes + top->at);
	top->at += e->d_reclen;
	if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0 || e->d_type == DT_LNK)
		return 0;
	if (++r->entries > MAX_ENTRIES)
		return err_set(err, ERR_SPEC,
			       "Landlock: more than %d files beside what is not to be executed, "
			       "the last in '%s'; move the mount or the files",
			       MAX_ENTRIES, top->path);
	found = allow_entry(r, top, e->d_name, path, &fd, err);
	return found > 0 ? push(r, stack, depth, fd, path, err) : found;
}

/* The directory `dir_fd`, which holds something excluded. */
static int walk_around(struct rules *r, int dir_fd, const char *path, struct err *err)
{
	struct walk stack[MAX_DEPTH] = {{.fd = -1}};
	int fd = sys_openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	int depth = 0, ret;

	if (fd < 0)
		return err_sys(err, "Landlock: open '%s'", path);
	ret = push(r, stack, &depth, fd, path, err);
	while (ret == 0 && depth > 0)
		ret = walk_entry(r, stack, &depth, err);
	while (depth > 0)
		auto_close_fd(&stack[--depth].fd);
	return ret;
}

/* `path` has no links. */
static int allow_place(struct rules *r, int fd, const char *path, struct err *err)
{
	switch (relate(r, path)) {
	case IS_EXCLUDED:
		return 0;
	case HOLDS_EXCLUDED:
		return walk_around(r, fd, path, err);
	case APART:
		break;
	}
	return allow_apart(r, fd, path, err);
}

/* --- H-73: only what is listed --- */

/* Before an exec the container may have put links of its own into what it can write.
 * None of those is followed: either no mount is crossed, or no link is there. */
static int open_listed(const struct rules *r, const char *path)
{
	int fd = rootfs_resolve(r->root_fd, path, O_PATH, RESOLVE_NO_XDEV);

	return fd < 0 && errno == EXDEV
		       ? rootfs_resolve(r->root_fd, path, O_PATH, RESOLVE_NO_SYMLINKS)
		       : fd;
}

/* What else has to be executed for the regular file `fd`.  The container must not say
 * so: a file that it could have written names nothing. */
static int find_interpreter(const struct rules *r, int fd, const char *path, char next[PATH_MAX],
			    bool *ret_script, struct err *err)
{
	autofd int read_fd = -1;
	struct statfs sfs;
	struct stat st;
	char name[32];

	if (sys_fstat(fd, &st) < 0 || sys_fstatfs(fd, &sfs) < 0)
		return err_sys(err, "Landlock: look at '%s'", path);
	if (!S_ISREG(st.st_mode) || !(sfs.f_flags & ST_RDONLY))
		return 0;
	/* The very file that was looked at: never a FIFO or a device in its place. */
	(void)snprintf(name, sizeof(name), "self/fd/%d", fd);
	read_fd = sys_openat(r->child->proc_fd, name, O_RDONLY | O_CLOEXEC, 0);
	if (read_fd < 0)
		return err_sys(err, "Landlock: read '%s'", path);
	return landlock_interpreter(read_fd, next, ret_script, err);
}

static int allow_listed(struct rules *r, const char *path, struct err *err)
{
	char next[PATH_MAX];
	bool script = true; /* a loader has none of its own */

	for (int i = 0; i <= MAX_INTERPRETERS; i++) {
		autofd int fd = open_listed(r, path);
		const char *real;
		int found;

		if (fd < 0)
			return leads_nowhere() ? 0 : err_sys(err, "Landlock: open '%s'", path);
		if (real_path(r->child, fd, path, &real, err) < 0 ||
		    allow_place(r, fd, real, err) < 0)
			return -1;
		if (!script)
			return 0;
		found = find_interpreter(r, fd, path, next, &script, err);
		if (found <= 0)
			return found;
		path = next;
	}
	return 0; /* longer: the kernel gives up as well */
}

/* Programs in a listed directory aren't looked at one by one: these are the places
 * that the ABIs of the architectures fix, whoever built the image. */
static int allow_loaders(struct rules *r, struct err *err)
{
	static const char *const loaders[] = {
		"/lib64/ld-linux-x86-64.so.2",
		"/lib/ld-linux-aarch64.so.1",
		"/lib/ld-linux-riscv64-lp64d.so.1",
		"/lib64/ld64.so.2",
		"/lib/ld64.so.1",
		"/lib/ld-linux-armhf.so.3",
		"/lib/ld-musl-x86_64.so.1",
		"/lib/ld-musl-aarch64.so.1",
		"/lib/ld-musl-riscv64.so.1",
		"/lib/ld-musl-powerpc64le.so.1",
		"/lib/ld-musl-s390x.so.1",
		"/lib/ld-musl-armhf.so.1",
	};

	for (size_t i = 0; i < ARRAY_LEN(loaders); i++)
		if (allow_listed(r, loaders[i], err) < 0)
			return -1;
	return 0;
}

static int allow_only(struct rules *r, struct err *err)
{
	bool directory = false;

	for (size_t i = 0; i < r->plan->exec_only.n; i++) {
		const char *path = r->plan->exec_only.items[i];
		autofd int fd = open_listed(r, path);
		struct stat st;

		if (fd < 0) {
			if (leads_nowhere())
				continue;
			return err_sys(err, "Landlock: open '%s'", path);
		}
		if (sys_fstat(fd, &st) < 0)
			return err_sys(err, "Landlock: look at '%s'", path);
		directory = directory || S_ISDIR(st.st_mode);
		if (allow_listed(r, path, err) < 0)
			return -1;
	}
	return directory ? allow_loaders(r, err) : 0;
}

int landlock_allow_executing(const struct plan_landlock *l, struct child *child, int root_fd,
			     const struct str_list *plain, struct err *err)
{
	struct rules r = {.plan = l, .child = child, .root_fd = root_fd, .plain = plain};

	if (exclude_all(&r, err) < 0)
		return -1;
	return l->exec_only.n ? allow_only(&r, err) : allow_place(&r, root_fd, "/", err);
}
