/* Owns the reading of a trail in pieces of bounded size; see the header. */
#include "config.h"

#include "audit/read.h"

#include "base/auto.h"
#include "sys/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>

#include "base/banned.h"

#define BUF_BYTES    ((size_t)TRAIL_LINE_MAX * 4)
#define LOCK_WAIT_MS 5000

void trail_reader_release(struct trail_reader *reader)
{
	if (reader->fd >= 0)
		(void)sys_close(reader->fd); /* was only read */
	free(reader->buf);
	*reader = (struct trail_reader)TRAIL_READER_INIT;
}

static int lock_shared(int fd, const char *path, struct err *err)
{
	for (int waited = 0; sys_flock(fd, LOCK_SH | LOCK_NB) < 0; waited++) {
		if ((errno != EWOULDBLOCK && errno != EINTR) || waited == LOCK_WAIT_MS)
			return err_sys(err, "'%s.head': lock", path);
		if (sys_poll(NULL, 0, 1) < 0 && errno != EINTR)
			return err_sys(err, "'%s.head': wait", path);
	}
	return 0;
}

/* The head's text; the lock lasts as long as *head_fd. */
static int read_head(const char *path, struct trail_reader *reader, int *head_fd, struct err *err)
{
	char head[PATH_MAX];
	ssize_t n;

	if ((size_t)snprintf(head, sizeof(head), "%s.head", path) >= sizeof(head))
		return err_set(err, ERR_USAGE, "'%s': the path is too long", path);
	*head_fd = sys_open(head, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0);
	if (*head_fd < 0) {
		if (errno == ENOENT)
			return 0;
		return err_sys(err, "open '%s'", head);
	}
	if (lock_shared(*head_fd, path, err) < 0)
		return -1;
	n = sys_pread(*head_fd, reader->head, sizeof(reader->head), 0);
	if (n < 0)
		return err_sys(err, "read '%s'", head);
	reader->has_head = true;
	reader->head_len = (size_t)n;
	return 0;
}

int trail_reader_open(const char *path, struct trail_reader *reader, struct err *err)
{
	autofd int head_fd = -1;
	struct stat st;

	if (read_head(path, reader, &head_fd, err) < 0)
		return -1;
	reader->fd = sys_open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0);
	if (reader->fd < 0)
		return err_sys(err, "open '%s'", path);
	if (sys_fstat(reader->fd, &st) < 0)
		return err_sys(err, "stat '%s'", path);
	if (!S_ISREG(st.st_mode))
		return err_set(err, ERR_USAGE, "'%s' is not a regular file", path);
	reader->name = path;
	reader->limit = (uint64_t)st.st_size;
	reader->buf = malloc(BUF_BYTES + TRAIL_LINE_MAX);
	return reader->buf ? 0 : err_oom(err);
}

/* More into the buffer, of which reader->start bytes are used up. */
static int fill(struct trail_reader *reader, struct err *err)
{
	uint64_t left = reader->limit - reader->taken;
	size_t room;
	ssize_t n;

	memmove(reader->buf, reader->buf + reader->start, reader->len - reader->start);
	reader->len -= reader->start;
	reader->start = 0;
	room = BUF_BYTES - reader->len;
	n = sys_pread(reader->fd, reader->buf + reader->len, room < left ? room : (size_t)left,
		      (off_t)reader->taken);
	if (n < 0)
		return err_sys(err, "read '%s'", reader->name);
	if (n == 0)
		return err_set(err, ERR_SYSTEM, "'%s' became shorter while it was read",
			       reader->name);
	reader->len += (size_t)n;
	reader->taken += (uint64_t)n;
	return 0;
}

/* Past the rest of a line that no buffer holds. */
static int skip_line(struct trail_reader *reader, bool *ret_ended, struct err *err)
{
	for (;;) {
		const char *newline =
			memchr(reader->buf + reader->start, '\n', reader->len - reader->start);

		if (newline) {
			reader->start = (size_t)(newline - reader->buf) + 1;
			*ret_ended = true;
			return 0;
		}
		reader->start = reader->len;
		*ret_ended = false;
		if (reader->taken == reader->limit)
			return 0;
		if (fill(reader, err) < 0)
			return -1;
	}
}

int trail_next(struct trail_reader *reader, struct trail_text *ret, struct err *err)
{
	const char *at, *newline;
	size_t have;

	reader->byte = reader->taken - (reader->len - reader->start);
	while (reader->len - reader->start < TRAIL_LINE_MAX && reader->taken < reader->limit)
		if (fill(reader, err) < 0)
			return -1;
	at = reader->buf + reader->start;
	have = reader->len - reader->start;
	*ret = (struct trail_text){0};
	if (!have)
		return 0;
	reader->line++;
	newline = memchr(at, '\n', have);
	*ret = (struct trail_text){.text = at,
				   .len = newline ? (size_t)(newline - at) : have,
				   .ended = newline != NULL};
	if (newline || reader->taken == reader->limit) {
		reader->start += ret->len + (newline ? 1 : 0);
		if (ret->len > TRAIL_LINE_MAX)
			ret->len = TRAIL_LINE_MAX;
		return 0;
	}
	/* Too long for a line: its beginning is kept where fill() doesn't reach. */
	memcpy(reader->buf + BUF_BYTES, at, TRAIL_LINE_MAX);
	ret->text = reader->buf + BUF_BYTES;
	ret->len = TRAIL_LINE_MAX;
	return skip_line(reader, &ret->ended, err);
}
