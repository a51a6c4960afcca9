/* Owns the one look at an image's directories that we take ourselves: whether there is
 * anything that a program can't open by its name.  Scanners pass over that in silence
 * (clamscan 1.4: no error, no line, exit status 0), and in a container it is opened from
 * where one is. */
#include "config.h"

#include "gate/scan.h"

#include "base/auto.h"
#include "sys/sys.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/banned.h"

#define PENDING_MAX ((size_t)1 << 20)

struct pending {
	char **paths; /* of directories that are still to be looked at */
	size_t n, cap;
};

static void release(struct pending *p)
{
	while (p->n)
		free(p->paths[--p->n]);
	free(p->paths);
}

/* 1; 0: there are too many. */
static int push(struct pending *p, const char *directory, const char *name, struct err *err)
{
	size_t len = strlen(directory) + strlen(name) + 2;
	char *path;

	if (p->n == PENDING_MAX)
		return 0;
	if (p->n == p->cap) {
		size_t cap = p->cap ? 2 * p->cap : 64;
		char **more = reallocarray(p->paths, cap, sizeof(*more));

		if (!more)
			return err_oom(err);
		p->paths = more;
		p->cap = cap;
	}
	path = malloc(len);
	if (!path)
		return err_oom(err);
	(void)snprintf(path, len, "%s%s%s", directory, *name ? "/" : "", name);
	p->paths[p->n++] = path;
	return 1;
}

static bool is_directory(int fd, const struct dirent *entry)
{
	struct stat st;

	if (entry->d_type != DT_UNKNOWN)
		return entry->d_type == DT_DIR;
	return sys_fstatat(fd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode);
}

/* 1; 0: *ret_why. */
static int look(struct pending *p, const char *path, const char **ret_why, struct err *err)
{
	autofd int fd = sys_open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0);
	autodir DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	*ret_why = "a directory of the image can't be read";
	if (!dir)
		return 0;
	(void)steal_fd(&fd); /* dir's now */
	for (struct dirent *entry; (errno = 0, entry = readdir(dir));) {
		int pushed;

		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		if (strlen(path) + 1 + strlen(entry->d_name) >= PATH_MAX) {
			*ret_why = "the image has paths that are too long for a program to open";
			return 0;
		}
		pushed = is_directory(dirfd(dir), entry) ? push(p, path, entry->d_name, err) : 1;
		if (pushed == 0)
			*ret_why = "the image has more directories than are looked at";
		if (pushed != 1)
			return pushed;
	}
	return errno ? 0 : 1;
}

int gate_scan_paths(const char *rootfs, const char **ret_why, struct err *err)
{
	struct pending pending = {0};
	const char *why = NULL;
	int r = push(&pending, rootfs, "", err);

	while (r == 1 && pending.n) {
		autofree char *path = pending.paths[--pending.n];

		r = look(&pending, path, &why, err);
	}
	release(&pending);
	*ret_why = r == 0 ? why : NULL;
	return r < 0 ? -1 : 0;
}
