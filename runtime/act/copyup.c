/* tmpcopyup; see copyup.h.  Iterative: a hostile image has any depth. */
#include "config.h"

#include "act/copyup.h"

#include "base/auto.h"
#include "base/path.h"
#include "sys/sys.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>

#include "base/banned.h"

#define MAX_DEPTH 64
#define MAX_ENTRIES 65536
#define CHUNK_BYTES (1u << 20)

struct level {
	DIR *from;
	int to_fd;
};

struct copy {
	struct level stack[MAX_DEPTH];
	size_t depth, entries;
};

static void pop(struct copy *c)
{
	struct level *l = &c->stack[--c->depth];

	auto_close_dir(&l->from);
	auto_close_fd(&l->to_fd);
}

/* Both descriptors are taken over. */
static int push(struct copy *c, int from_fd, int to_fd, struct err *err)
{
	DIR *d;

	if (c->depth == MAX_DEPTH) {
		auto_close_fd(&from_fd);
		auto_close_fd(&to_fd);
		return err_set(err, ERR_SPEC, "directories are nested more than %d deep",
			       MAX_DEPTH);
	}
	d = fdopendir(from_fd);
	if (!d) {
		int r = err_sys(err, "list a directory");

		auto_close_fd(&from_fd);
		auto_close_fd(&to_fd);
		return r;
	}
	c->stack[c->depth++] = (struct level){.from = d, .to_fd = to_fd};
	return 0;
}

/* Owner and mode are those of what was opened, not of what had the name before:
 * the image may be changed by another container while it is copied. */
static int copy_owner(int to_fd, const struct stat *st)
{
	return sys_fchown(to_fd, st->st_uid, st->st_gid) < 0
		       ? -1
		       : sys_fchmod(to_fd, st->st_mode & 01777);
}

static int copy_file(int from_dirfd, int to_dirfd, const char *name, struct err *err)
{
	autofd int from = sys_openat(from_dirfd, name,
				     O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0);
	autofd int to = -1;
	struct stat st;
	ssize_t n;

	if (from < 0 || sys_fstat(from, &st) < 0)
		return err_sys(err, "open '%s'", name);
	if (!S_ISREG(st.st_mode))
		return err_set(err, ERR_SPEC, "'%s' changed while it was copied", name);
	to = sys_openat(to_dirfd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (to < 0)
		return err_sys(err, "make '%s'", name);
	while ((n = sys_sendfile(to, from, CHUNK_BYTES)) > 0)
		;
	if (n < 0)
		return err_sys(err, "copy '%s'", name);
	if (copy_owner(to, &st) < 0)
		return err_sys(err, "set owner and mode of '%s'", name);
	return 0;
}

static int copy_link(int from_dirfd, int to_dirfd, const char *name, struct err *err)
{
	autofd int from = sys_openat(from_dirfd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC, 0);
	char target[PATH_MAX];
	struct stat st;
	ssize_t n;

	if (from < 0 || sys_fstat(from, &st) < 0)
		return err_sys(err, "open link '%s'", name);
	if (!S_ISLNK(st.st_mode))
		return err_set(err, ERR_SPEC, "'%s' changed while it was copied", name);
	n = sys_readlinkat(from, "", target, sizeof(target) - 1);
	if (n < 0)
		return err_sys(err, "read link '%s'", name);
	target[n] = 0;
	if (sys_symlinkat(target, to_dirfd, name) < 0 ||
	    sys_fchownat(to_dirfd, name, st.st_uid, st.st_gid, AT_SYMLINK_NOFOLLOW) < 0)
		return err_sys(err, "make link '%s'", name);
	return 0;
}

static int enter_directory(struct copy *c, int from_dirfd, int to_dirfd, const char *name,
			   struct err *err)
{
	autofd int from =
		sys_openat(from_dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0);
	autofd int to = -1;
	struct stat st;

	if (from < 0 || sys_fstat(from, &st) < 0)
		return err_sys(err, "open '%s'", name);
	if (sys_mkdirat(to_dirfd, name, 0700) < 0)
		return err_sys(err, "make '%s'", name);
	to = sys_openat(to_dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0);
	if (to < 0 || copy_owner(to, &st) < 0)
		return err_sys(err, "set owner and mode of '%s'", name);
	return push(c, steal_fd(&from), steal_fd(&to), err);
}

static int copy_entry(struct copy *c, const char *name, struct err *err)
{
	struct level *l = &c->stack[c->depth - 1];
	int from_dirfd = dirfd(l->from);
	struct stat st;

	if (++c->entries > MAX_ENTRIES)
		return err_set(err, ERR_SPEC, "more than %d files", MAX_ENTRIES);
	if (sys_fstatat(from_dirfd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return err_sys(err, "look at '%s'", name);
	if (S_ISREG(st.st_mode))
		return copy_file(from_dirfd, l->to_fd, name, err);
	if (S_ISLNK(st.st_mode))
		return copy_link(from_dirfd, l->to_fd, name, err);
	if (S_ISDIR(st.st_mode))
		return enter_directory(c, from_dirfd, l->to_fd, name, err);
	return 0; /* FIFOs, sockets, devices: not content */
}

/* Nearly all of these directories are empty: two calls say so.  What can't be told
 * here (-1 from the kernel as well) is left to the copying, from the beginning. */
static bool is_empty(int fd)
{
	union {
		struct dirent64 first;
		char bytes[2 * sizeof(struct dirent64)];
	} buf;
	long n = sys_getdents64(fd, &buf, sizeof(buf));
	bool dots = n > 0;

	for (long at = 0; dots && at < n;) {
		const struct dirent64 *e = (const void *)(buf.bytes + at);

		dots = path_is_dots(e->d_name);
		at += e->d_reclen;
	}
	return dots && sys_getdents64(fd, &buf, sizeof(buf)) == 0;
}

int copyup(int from_fd, int to_dirfd, struct err *err)
{
	struct copy c = {.depth = 0};
	autofd int from = sys_openat(from_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	autofd int to = -1;
	int r;

	if (from < 0)
		return err_sys(err, "open the image's directory");
	if (is_empty(from))
		return 0;
	if (sys_lseek(from, 0, SEEK_SET) < 0)
		return err_sys(err, "list the image's directory");
	to = sys_openat(to_dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	if (to < 0)
		return err_sys(err, "open the tmpfs");
	r = push(&c, steal_fd(&from), steal_fd(&to), err);
	while (r == 0 && c.depth > 0) {
		struct dirent *e;

		errno = 0;
		e = readdir(c.stack[c.depth - 1].from);
		if (!e && errno)
			r = err_sys(err, "list a directory");
		else if (!e)
			pop(&c);
		else if (!path_is_dots(e->d_name))
			r = copy_entry(&c, e->d_name, err);
	}
	while (c.depth > 0)
		pop(&c);
	return r;
}
