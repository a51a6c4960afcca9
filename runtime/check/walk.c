/* One walk through a tree that somebody hostile may have made: descriptors only, no link
 * followed, no other file system entered, bounded in depth and number. */
#include "config.h"

#include "check/probe.h"

#include "base/auto.h"
#include "base/str.h"
#include "sys/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/banned.h"

#define DEPTH_MAX   96u
#define ENTRIES_MAX UINT64_C(4000000)

struct level { DIR *dir; size_t path_len; };

struct walk {
	struct level levels[DEPTH_MAX];
	unsigned depth;
	struct str path;
	struct check_walk_result result;
};

static void walk_release(struct walk *w)
{
	while (w->depth)
		(void)closedir(w->levels[--w->depth].dir); /* only read from */
	str_release(&w->path);
}

/* Takes fd. */
static int push(struct walk *w, int fd, struct err *err)
{
	DIR *dir;

	if (w->depth == DEPTH_MAX) {
		(void)sys_close(fd); /* a directory */
		w->result.complete = false;
		return 0;
	}
	dir = fdopendir(fd);
	if (!dir) {
		(void)err_sys(err, "read a directory");
		(void)sys_close(fd); /* a directory */
		return -1;
	}
	w->levels[w->depth++] = (struct level){.dir = dir, .path_len = w->path.len};
	return 0;
}

static int enter(struct walk *w, const struct check_entry *e, struct err *err)
{
	const struct open_how how = {.flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC |
					      O_NONBLOCK,
				     .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS |
						RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV};
	int fd = sys_openat2(e->dirfd, e->name, &how);

	if (fd >= 0)
		return push(w, fd, err);
	if (errno == EXDEV)
		w->result.other_file_systems++;
	else
		w->result.unreadable++;
	return 0;
}

static void truncate_path(struct walk *w, size_t len)
{
	if (w->path.s) {
		w->path.len = len;
		w->path.s[len] = 0;
	}
}

static int visit_one(struct walk *w, const struct dirent *d, check_visit *visit, void *ctx,
		     struct err *err)
{
	struct level *level = &w->levels[w->depth - 1];
	struct check_entry e = {.dirfd = dirfd(level->dir), .name = d->d_name};

	truncate_path(w, level->path_len);
	str_add(&w->path, "/");
	str_add(&w->path, d->d_name);
	if (str_failed(&w->path))
		return err_oom(err);
	e.path = str_text(&w->path);
	w->result.entries++;
	if (sys_fstatat(e.dirfd, e.name, &e.st, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT) < 0) {
		/* gone since: somebody works in the tree */
		w->result.unreadable++;
		return 0;
	}
	if (visit(ctx, &e, err) < 0)
		return -1;
	return S_ISDIR(e.st.st_mode) ? enter(w, &e, err) : 0;
}

static int walk_all(struct walk *w, check_visit *visit, void *ctx, struct err *err)
{
	while (w->depth) {
		const struct dirent *d;

		errno = 0;
		d = readdir(w->levels[w->depth - 1].dir);
		if (!d) {
			if (errno)
				w->result.unreadable++;
			(void)closedir(w->levels[--w->depth].dir); /* only read from */
			continue;
		}
		if (strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0)
			continue;
		if (w->result.entries >= ENTRIES_MAX) {
			w->result.complete = false;
			return 0;
		}
		if (visit_one(w, d, visit, ctx, err) < 0)
			return -1;
	}
	return 0;
}

int check_walk(int top_fd, check_visit *visit, void *ctx, struct check_walk_result *ret,
	       struct err *err)
{
	struct walk w = {.result.complete = true};
	int fd = sys_openat(top_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK, 0);
	int r = -1;

	if (fd < 0)
		return err_sys(err, "open the top directory");
	if (push(&w, fd, err) == 0 && walk_all(&w, visit, ctx, err) == 0) {
		w.result.complete = w.result.complete && !w.result.unreadable;
		*ret = w.result;
		r = 0;
	}
	walk_release(&w);
	return r;
}
