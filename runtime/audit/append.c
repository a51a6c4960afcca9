/* Owns the writing of the trail: lock, tail, one write(2), head.  Must not decide what
 * a failure means (the caller's), nor repair what it finds: it writes down that it
 * found it.  The order is in trail.h. */
#include "config.h"

#include "audit/trail.h"

#include "base/auto.h"
#include "base/sha256.h"
#include "sys/owned.h"
#include "sys/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>

#include "base/banned.h"

#define LOCK_WAIT_MS 5000
#define TAIL_FIRST   ((size_t)8 << 10)
#define TAIL_MAX     ((size_t)1 << 20) /* so far back a whole line is looked for */

#define OPEN_FLAGS (O_RDWR | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)

/* ERR_SYSTEM without the words of errno: engines read "no such file or directory" in a
 * failed create as "the container's program is missing". */
static int fail(struct err *err, const char *what, const char *path)
{
	int code = errno;

	(void)err_set(err, ERR_SYSTEM, "audit trail '%s': %s: errno %d", path, what, code);
	if (err->sys_errno == 0)
		err->sys_errno = code;
	return -1;
}

/* Root's, or our own where we aren't root; and nobody else can write to it. */
static int check_owner(int fd, const char *path, const char *what, struct stat *ret,
		       struct err *err)
{
	uid_t real, effective, saved;

	if (sys_fstat(fd, ret) < 0)
		return fail(err, "look at it", path);
	if (!S_ISREG(ret->st_mode))
		return err_set(err, ERR_SYSTEM, "audit trail '%s': %s is of the wrong type", path,
			       what);
	if (ret->st_uid != 0 &&
	    (sys_getresuid(&real, &effective, &saved) < 0 || ret->st_uid != effective))
		return err_set(err, ERR_SYSTEM, "audit trail '%s': %s belongs to uid %u", path,
			       what, ret->st_uid);
	if (ret->st_mode & (S_IWGRP | S_IWOTH))
		return err_set(err, ERR_SYSTEM,
			       "audit trail '%s': %s is writable to others (mode %04o)", path, what,
			       (unsigned)(ret->st_mode & 07777));
	return 0;
}

static const struct owned_rules directory_rules = {.what = "audit trail",
						   .kind = ERR_SYSTEM,
						   .own = true,
						   .sticky = true,
						   .system_group = true,
						   .errno_only = true};

#define DIRECTORY_FLAGS (O_RDONLY | O_DIRECTORY)

/* Made as the last part of what is there; then it is looked at as if it had been there. */
static int make_dir(const char *path, const char *dir, struct err *err)
{
	char above[PATH_MAX];
	const char *slash = strrchr(dir, '/');
	autofd int fd = -1;

	(void)snprintf(above, sizeof(above), "%.*s", slash == dir ? 1 : (int)(slash - dir), dir);
	fd = owned_open(&directory_rules, path, above, O_PATH | O_DIRECTORY, err);
	if (fd < 0)
		return -1;
	if (sys_mkdirat(fd, slash + 1, 0700) < 0 && errno != EEXIST)
		return fail(err, "make its directory", path);
	return owned_open(&directory_rules, path, dir, DIRECTORY_FLAGS, err);
}

/* The path may lead there by any way, if it is the directory that was looked at before and
 * is root's alone.  -1: it isn't, or not to be told so; it is looked at from "/" on. */
static int open_known(const char *dir, const struct trail_place *place)
{
	autofd int fd = sys_open(dir, DIRECTORY_FLAGS | O_NOFOLLOW | O_CLOEXEC, 0);
	struct stat st;

	if (fd < 0 || sys_fstat(fd, &st) < 0 || st.st_dev != place->dev ||
	    st.st_ino != place->ino || st.st_uid != 0 || (st.st_mode & (S_IWGRP | S_IWOTH)))
		return -1;
	return steal_fd(&fd);
}

static int note_place(int fd, const char *path, struct trail_place *place, struct err *err)
{
	struct stat st;

	if (sys_fstat(fd, &st) < 0)
		return fail(err, "look at its directory", path);
	place->known = true;
	place->dev = st.st_dev;
	place->ino = st.st_ino;
	return 0;
}

/* The directory, made when only its last part is missing.  Whoever could put another
 * directory in the place of one above it could put another trail there. */
static int open_dir(const char *path, struct trail_place *place, const char **ret_name,
		    struct err *err)
{
	const char *slash = strrchr(path, '/');
	char dir[PATH_MAX];
	autofd int fd = -1;

	if (path[0] != '/' || !slash[1] || (size_t)(slash - path) >= sizeof(dir) ||
	    strlen(slash + 1) > NAME_MAX - 5)
		return err_set(err, ERR_SYSTEM, "audit trail '%s': not an absolute path of a file",
			       path);
	(void)snprintf(dir, sizeof(dir), "%.*s", slash == path ? 1 : (int)(slash - path), path);
	*ret_name = slash + 1;
	if (place && place->known && (fd = open_known(dir, place)) >= 0)
		return steal_fd(&fd);
	fd = owned_open(&directory_rules, path, dir, DIRECTORY_FLAGS, err);
	if (fd < 0 && err->sys_errno == ENOENT) {
		err_clear(err);
		fd = make_dir(path, dir, err);
	}
	if (fd < 0 || (place && note_place(fd, path, place, err) < 0))
		return -1;
	return steal_fd(&fd);
}

static int lock(int fd, const char *path, struct err *err)
{
	for (int waited = 0; sys_flock(fd, LOCK_EX | LOCK_NB) < 0; waited++) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return fail(err, "lock its head", path);
		if (waited == LOCK_WAIT_MS)
			return err_set(err, ERR_SYSTEM,
				       "audit trail '%s': its head was locked for %d ms", path,
				       LOCK_WAIT_MS);
		if (sys_poll(NULL, 0, 1) < 0 && errno != EINTR)
			return fail(err, "wait for its lock", path);
	}
	return 0;
}

/* There already but for the first time: to ask for its making takes the directory's lock. */
static int open_or_make(int dirfd, const char *name, int flags)
{
	int fd = sys_openat(dirfd, name, OPEN_FLAGS | flags, 0);

	return fd < 0 && errno == ENOENT
		       ? sys_openat(dirfd, name, OPEN_FLAGS | O_CREAT | flags, 0600)
		       : fd;
}

/* The head, locked, and still the one of that name. */
static int open_head(int dirfd, const char *name, const char *path, int sync, struct err *err)
{
	char head[NAME_MAX + 1];

	(void)snprintf(head, sizeof(head), "%.*s.head", NAME_MAX - 5, name);
	for (int tries = 0; tries < 10; tries++) {
		autofd int fd = open_or_make(dirfd, head, sync);
		struct stat mine, named;

		if (fd < 0)
			return fail(err, "open its head", path);
		if (check_owner(fd, path, "its head", &mine, err) < 0 || lock(fd, path, err) < 0)
			return -1;
		if (sys_fstatat(dirfd, head, &named, AT_SYMLINK_NOFOLLOW) < 0) {
			if (errno == ENOENT)
				continue;
			return fail(err, "look at its head", path);
		}
		if (mine.st_dev == named.st_dev && mine.st_ino == named.st_ino)
			return steal_fd(&fd);
	}
	return err_set(err, ERR_SYSTEM, "audit trail '%s': its head is replaced again and again",
		       path);
}

struct head {
	bool valid, empty;
	uint64_t seq;
	char hash[SHA256_HEX_SIZE];
};

static int read_head(int fd, const char *path, struct head *ret, struct err *err)
{
	char text[TRAIL_HEAD_BYTES + 1];
	ssize_t n = sys_pread(fd, text, sizeof(text), 0);

	if (n < 0)
		return fail(err, "read its head", path);
	ret->empty = n == 0;
	ret->valid = trail_head_parse(text, (size_t)n, &ret->seq, ret->hash);
	return 0;
}

static int write_head(int fd, const char *path, uint64_t seq, const char hash[SHA256_HEX_SIZE],
		      struct err *err)
{
	char text[TRAIL_HEAD_BYTES + 1];
	ssize_t n;

	trail_head_text(seq, hash, text);
	n = sys_pwrite(fd, text, TRAIL_HEAD_BYTES, 0);
	if (n < 0)
		return fail(err, "write its head", path);
	if ((size_t)n != TRAIL_HEAD_BYTES)
		return err_set(err, ERR_SYSTEM, "audit trail '%s': its head was written in part",
			       path);
	return 0;
}

/* The end of the file: its last whole line, and what lies behind that. */
struct tail {
	char *buf;
	bool has_line;
	struct trail_link link;
	char hash[SHA256_HEX_SIZE];
	const char *torn; /* lines that aren't whole; NULL: none */
	size_t torn_len;
	bool open;	  /* the last byte is no newline */
};

static void tail_release(struct tail *tail)
{
	free(tail->buf);
}

/* A line is whole by its form; or it is the head's, whose writer has written all of it. */
static bool take_line(const char *line, size_t len, const struct head *head, struct tail *tail)
{
	sha256_hex(line, len, tail->hash);
	tail->has_line = true;
	if (head->valid && !strcmp(tail->hash, head->hash))
		tail->link = (struct trail_link){.seq = head->seq};
	else
		tail->has_line = trail_link_parse(line, len, &tail->link);
	return tail->has_line;
}

/* Looks back from the end of buf[len] for a whole line; `all`: that is the file from its
 * beginning.  False: not to be told from so little. */
static bool find_line(const char *buf, size_t len, bool all, const struct head *head,
		      struct tail *tail)
{
	size_t end = len;

	tail->open = buf[len - 1] != '\n';
	if (!tail->open)
		end--;
	for (;;) {
		const char *before = memrchr(buf, '\n', end);
		size_t start = before ? (size_t)(before - buf) + 1 : 0;

		if (!before && !all)
			return false;
		/* All but its newline arrived: whole. */
		if (take_line(buf + start, end - start, head, tail))
			return true;
		tail->torn = buf + start;
		tail->torn_len = len - (tail->open ? 0 : 1) - start;
		if (!before)
			return true;
		end = start - 1;
	}
}

static int read_back(int fd, char *buf, size_t len, off_t from, const char *path, struct err *err)
{
	for (size_t done = 0; done < len;) {
		ssize_t n = sys_pread(fd, buf + done, len - done, from + (off_t)done);

		if (n < 0)
			return fail(err, "read its end", path);
		if (n == 0)
			return err_set(err, ERR_SYSTEM,
				       "audit trail '%s': it became shorter while it was read",
				       path);
		done += (size_t)n;
	}
	return 0;
}

static int read_tail(int fd, off_t size, const char *path, const struct head *head,
		     struct tail *tail, struct err *err)
{
	if (size == 0)
		return 0;
	for (size_t window = TAIL_FIRST; window <= TAIL_MAX; window *= 2) {
		bool all = (uint64_t)size <= window;
		size_t len = all ? (size_t)size : window;
		char *buf = realloc(tail->buf, len);

		if (!buf)
			return err_oom(err);
		tail->buf = buf;
		if (read_back(fd, buf, len, size - (off_t)len, path, err) < 0)
			return -1;
		tail->torn = NULL;
		if (find_line(buf, len, all, head, tail))
			return 0;
	}
	return err_set(err, ERR_SYSTEM,
		       "audit trail '%s': its last %zu bytes are no line of a trail", path,
		       TAIL_MAX);
}

/* What the next line continues.  Where file and head contradict each other, the head is
 * continued if it knows more, so that the contradiction stays visible in the chain. */
static void resolve_link(const struct tail *tail, const struct head *head, struct trail_link *ret)
{
	uint64_t seq = 0;
	const char *hash = TRAIL_NONE;

	if (tail->has_line) {
		seq = tail->link.seq;
		hash = tail->hash;
	}
	if (!head->valid) {
		/* The first line's writer may have died before the head. */
		if (tail->has_line && !(seq == 1 && head->empty))
			ret->found = FOUND_HEADLESS;
	} else if (!tail->has_line) {
		seq = head->seq; /* rotated */
		hash = head->hash;
	} else if (seq <= head->seq) {
		if (seq < head->seq)
			ret->found = FOUND_CUT;
		else if (strcmp(hash, head->hash) != 0)
			ret->found = FOUND_CHANGED;
		seq = head->seq;
		hash = head->hash;
	} else if (seq > head->seq + 1 ||
		   (!tail->link.torn && strcmp(tail->link.prev, head->hash) != 0)) {
		ret->found = FOUND_AHEAD;
	}
	ret->seq = seq + 1;
	memcpy(ret->prev, hash, SHA256_HEX_SIZE);
}

static void put_torn_chain(const struct tail *tail, struct trail_link *link)
{
	const char *p = tail->torn, *end = p + tail->torn_len;

	link->torn = true;
	for (;;) {
		const char *newline = memchr(p, '\n', (size_t)(end - p));
		char next[SHA256_HEX_SIZE];

		trail_chain_torn(link->prev, p, (size_t)((newline ? newline : end) - p), next);
		memcpy(link->prev, next, SHA256_HEX_SIZE);
		if (!newline)
			return;
		p = newline + 1;
	}
}

/* One write(2): what of it arrived is a prefix, whatever happens. */
static int write_line(int fd, const char *path, const struct str *line, struct err *err)
{
	ssize_t n = sys_write(fd, line->s, line->len);

	if (n < 0)
		return fail(err, "append to it", path);
	if ((size_t)n != line->len)
		return err_set(err, ERR_SYSTEM, "audit trail '%s': %zd of %zu bytes were written",
			       path, n, line->len);
	return 0;
}

/* Nobody has written since our last line: no longer a file, no other head. */
static bool is_our_end(const struct trail_place *place, const struct stat *st,
		       const struct head *head)
{
	return place && place->end.size && place->end.size == st->st_size &&
	       place->end.ino == st->st_ino && head->valid && head->seq == place->end.seq &&
	       !strcmp(head->hash, place->end.hash);
}

static int find_tail(int fd, const struct stat *st, const char *path, const struct head *head,
		     const struct trail_place *place, struct tail *ret, struct err *err)
{
	if (!is_our_end(place, st, head))
		return read_tail(fd, st->st_size, path, head, ret, err);
	ret->has_line = true;
	ret->link.seq = head->seq;
	memcpy(ret->hash, head->hash, sizeof(ret->hash));
	return 0;
}

/* All with the head locked; `st` is the file's. */
static int append_locked(int fd, const struct stat *st, int head_fd, const char *path,
			 const struct trail_entry *entry, struct trail_place *place,
			 struct str *ret_line, struct err *err)
{
	struct tail tail __attribute__((cleanup(tail_release))) = {0};
	struct trail_link link = {0};
	struct head head = {0};
	autostr line = STR_INIT;
	const char *text;
	char hash[SHA256_HEX_SIZE];

	if (read_head(head_fd, path, &head, err) < 0 ||
	    find_tail(fd, st, path, &head, place, &tail, err) < 0)
		return -1;
	resolve_link(&tail, &head, &link);
	/* Else a second writer that dies before its head would leave it two behind. */
	if (tail.has_line && link.seq == tail.link.seq + 1 &&
	    (!head.valid || head.seq < tail.link.seq) &&
	    write_head(head_fd, path, tail.link.seq, tail.hash, err) < 0)
		return -1;
	if (tail.torn)
		put_torn_chain(&tail, &link);
	if (tail.open)
		str_add(&line, "\n");
	if (trail_format(entry, &link, &line, err) < 0 || write_line(fd, path, &line, err) < 0)
		return -1;
	text = line.s + (tail.open ? 1 : 0);
	sha256_hex(text, strlen(text) - 1, hash);
	if (write_head(head_fd, path, link.seq, hash, err) < 0)
		return -1;
	if (place) {
		place->end.ino = st->st_ino;
		place->end.size = st->st_size + (off_t)line.len;
		place->end.seq = link.seq;
		memcpy(place->end.hash, hash, sizeof(hash));
	}
	if (ret_line)
		str_add_bytes(ret_line, text, strlen(text) - 1);
	return ret_line && str_failed(ret_line) ? err_oom(err) : 0;
}

int trail_append(const char *path, const struct trail_entry *entry, unsigned options,
		 struct trail_place *place, struct str *ret_line, struct err *err)
{
	int sync = options & TRAIL_SYNC ? O_DSYNC : 0;
	const char *name = NULL;
	autofd int dirfd = open_dir(path, place, &name, err);
	autofd int head_fd = -1, fd = -1;
	struct stat st;

	if (dirfd < 0)
		return -1;
	head_fd = open_head(dirfd, name, path, sync, err);
	if (head_fd < 0)
		return -1;
	/* Behind the lock: if it is renamed from here on, the line is the last of the old file. */
	fd = open_or_make(dirfd, name, O_APPEND | sync);
	if (fd < 0)
		return fail(err, "open it", path);
	if (check_owner(fd, path, "it", &st, err) < 0)
		return -1;
	return append_locked(fd, &st, head_fd, path, entry, place, ret_line, err);
}
