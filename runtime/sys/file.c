/* Owns whole-file reading and writing with limits, and sealing.  Must not decide anything:
 * what is read, how large it may be and what an error means is the caller's. */
#include "config.h"

#include "sys/file.h"

#include "base/auto.h"
#include "sys/sys.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/banned.h"

#define READ_FIRST  ((size_t)4096)
#define PIECE_BYTES ((size_t)64 << 10)
#define SEAL_TRIES  50

/* read(2) that survives signals.  `wait`: a non-blocking pipe that is empty for now is
 * waited for (engines hand over such pipes as standard input).  A "regular" file that has
 * nothing yet is a kernel's (/proc/kmsg), and would be waited for for ever. */
static ssize_t read_some(int fd, char *buf, size_t len, bool wait)
{
	for (;;) {
		ssize_t n = sys_read(fd, buf, len);
		if (n >= 0)
			return n;
		if (errno == EAGAIN && wait) {
			struct pollfd pfd = {.fd = fd, .events = POLLIN};
			if (sys_poll(&pfd, 1, -1) < 0 && errno != EINTR)
				return -1;
		} else if (errno != EINTR) {
			return -1;
		}
	}
}

/* `expect` is a guess of the size: right for files, 0 for pipes and /proc. */
static int read_all(int fd, const char *name, size_t limit, size_t expect, bool wait,
		    struct arena *arena, char **ret_text, size_t *ret_len, struct err *err)
{
	/* One byte more than the limit tells "full" from "too large". */
	size_t cap = (expect < limit ? expect : limit) + 1;
	if (cap < READ_FIRST)
		cap = limit + 1 < READ_FIRST ? limit + 1 : READ_FIRST;
	char *buf = arena_alloc(arena, cap + 1);
	if (!buf)
		return err_oom(err);
	size_t len = 0;
	for (;;) {
		ssize_t n = read_some(fd, buf + len, cap - len, wait);
		if (n < 0)
			return err_sys(err, "read '%s'", name);
		if (n == 0)
			break;
		len += (size_t)n;
		if (len > limit)
			return err_set(err, ERR_SPEC, "'%s' is larger than %zu bytes", name, limit);
		if (len == cap) {
			size_t more = cap > limit / 2 ? limit + 1 : cap * 2;
			char *moved = arena_alloc(arena, more + 1);
			if (!moved)
				return err_oom(err);
			memcpy(moved, buf, len);
			buf = moved;
			cap = more;
		}
	}
	buf[len] = '\0';
	*ret_text = buf;
	*ret_len = len;
	return 0;
}

int file_read_fd(int fd, const char *name, size_t limit, struct arena *arena, char **ret_text,
		 size_t *ret_len, struct err *err)
{
	struct stat st;
	if (sys_fstat(fd, &st) < 0)
		return err_sys(err, "stat '%s'", name);
	size_t expect = S_ISREG(st.st_mode) && st.st_size > 0 ? (size_t)st.st_size : 0;
	return read_all(fd, name, limit, expect, true, arena, ret_text, ret_len, err);
}

int file_read(int dirfd, const char *path, size_t limit, struct arena *arena, char **ret_text,
	      size_t *ret_len, struct err *err)
{
	autofd int fd = sys_openat(dirfd, path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0);
	if (fd < 0)
		return err_sys(err, "open '%s'", path);
	struct stat st;
	if (sys_fstat(fd, &st) < 0)
		return err_sys(err, "stat '%s'", path);
	if (!S_ISREG(st.st_mode))
		return err_set(err, ERR_SPEC, "'%s' is not a regular file", path);
	size_t expect = st.st_size > 0 ? (size_t)st.st_size : 0;
	if (expect > limit)
		return err_set(err, ERR_SPEC, "'%s' is larger than %zu bytes", path, limit);
	return read_all(fd, path, limit, expect, false, arena, ret_text, ret_len, err);
}

int file_read_pieces(int fd, file_piece *take, void *to, struct err *err)
{
	autofree char *piece = malloc(PIECE_BYTES);

	if (!piece)
		return err_oom(err);
	for (;;) {
		ssize_t n = read_some(fd, piece, PIECE_BYTES, false);

		if (n == 0)
			return 0;
		if (n < 0)
			return err_sys(err, "read");
		if (take(to, piece, (size_t)n, err) < 0)
			return -1;
	}
}

int file_write_all(int fd, const void *data, size_t len)
{
	const char *p = data;
	while (len > 0) {
		ssize_t n = sys_write(fd, p, len);
		if (n < 0) {
			if (errno == EINTR)
				continue;
			return -1;
		}
		if (n == 0) {
			errno = EIO; /* write(2) of more than 0 bytes never returns 0 on a file */
			return -1;
		}
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

int file_seal(int fd, int seals)
{
	struct timespec step = {.tv_nsec = 5000000};

	for (unsigned tries = 1; sys_fcntl(fd, F_ADD_SEALS, seals) < 0; tries++) {
		if (errno != EBUSY || tries == SEAL_TRIES)
			return -1;
		(void)nanosleep(&step, NULL); /* interrupted: only sooner */
	}
	return 0;
}

int file_write_once(int dirfd, const char *path, const char *text)
{
	autofd int fd = sys_openat(dirfd, path, O_WRONLY | O_NOFOLLOW | O_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	size_t len = strlen(text);
	ssize_t n;
	do
		n = sys_write(fd, text, len);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -1;
	if ((size_t)n != len) {
		errno = EIO; /* kernel files take a value whole; a part would be another value */
		return -1;
	}
	return 0;
}

/* Creates ".NAME.PID-N.tmp"; nobody else's temporary is ever touched, so two
 * writers can't publish each other's half-written file. */
static int create_temporary(int dirfd, const char *name, char *temp, size_t size)
{
	for (unsigned i = 0; i < 100; i++) {
		(void)snprintf(temp, size, ".%.200s.%ld-%u.tmp", name, (long)sys_getpid(), i);
		int fd = sys_openat(dirfd, temp,
				    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
		if (fd >= 0 || errno != EEXIST)
			return fd;
	}
	return -1; /* errno is EEXIST */
}

static int fill_and_rename(int fd, int dirfd, const char *temp, const char *name, const void *data,
			   size_t len, mode_t mode)
{
	if (file_write_all(fd, data, len) < 0)
		return -1;
	/* open(2) applied the umask, and was called with 0600. */
	if ((mode & ~(mode_t)0600) && sys_fchmod(fd, mode) < 0)
		return -1;
	return sys_renameat(dirfd, temp, dirfd, name);
}

int file_replace(int dirfd, const char *name, const void *data, size_t len, mode_t mode,
		 struct err *err)
{
	assert(!strchr(name, '/'));
	char temp[NAME_MAX + 1];
	autofd int fd = create_temporary(dirfd, name, temp, sizeof(temp));
	if (fd < 0)
		return err_sys(err, "create temporary file for '%s'", name);
	if (fill_and_rename(fd, dirfd, temp, name, data, len, mode) < 0) {
		(void)err_sys(err, "write '%s'", name);
		(void)sys_unlinkat(dirfd, temp, 0); /* the first error is the one to tell */
		return -1;
	}
	return 0;
}

/* An existing directory is fine, whoever made it. */
static int make_one(const char *path, mode_t mode)
{
	if (sys_mkdirat(AT_FDCWD, path, mode) == 0)
		return 0;
	if (errno != EEXIST)
		return -1;
	struct stat st;
	if (sys_fstatat(AT_FDCWD, path, &st, 0) < 0)
		return -1;
	if (!S_ISDIR(st.st_mode)) {
		errno = ENOTDIR;
		return -1;
	}
	return 0;
}

int file_mkdir_parents(const char *path, mode_t mode, struct err *err)
{
	if (path[0] != '/')
		return err_set(err, ERR_USAGE, "'%s' is not an absolute path", path);
	if (make_one(path, mode) == 0)
		return 0;
	if (errno != ENOENT)
		return err_sys(err, "create directory '%s'", path);

	autofree char *prefix = strdup(path);
	if (!prefix)
		return err_oom(err);
	for (char *p = prefix + 1; *p; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		if (make_one(prefix, mode) < 0)
			return err_sys(err, "create directory '%s'", prefix);
		*p = '/';
	}
	if (make_one(path, mode) < 0)
		return err_sys(err, "create directory '%s'", path);
	return 0;
}
