/* Reading of engines' files.  Each path is walked from "/" without links, each part root's
 * and not writable to others (sys/owned); mounts are crossed: engines mount their own
 * directories. */
#include "config.h"

#include "gate/identity_parts.h"

#include "base/auto.h"
#include "base/path.h"
#include "base/sha256.h"
#include "sys/file.h"
#include "sys/owned.h"
#include "sys/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>

#include "base/banned.h"

#define PROGRAM_MAX ((size_t)32 << 20)

/* A directory like /tmp may lie above: what is root's in it can't be moved away. */
static const struct owned_rules rules = {.what = "engine's data",
					 .kind = ERR_VERIFY,
					 .own = true,
					 .sticky = true,
					 .errno_only = true};

/* fd, -1, or -2: not there. */
static int open_owned(const char *path, int flags, struct err *err)
{
	int fd;

	if (path_has_dotdot(path))
		return err_set(err, ERR_VERIFY, "'%s' goes upwards", path);
	/* A FIFO is not waited for. */
	fd = owned_open(&rules, path, path, flags | O_NONBLOCK | O_NOCTTY, err);
	if (fd < 0 && err->sys_errno == ENOENT) {
		err_clear(err);
		return -2;
	}
	return fd;
}

int identity_read(struct identity *i, const char *path, size_t limit, const char **ret,
		  size_t *ret_len, struct err *err)
{
	autofd int fd = open_owned(path, O_RDONLY, err);
	char *text;

	if (fd < 0)
		return fd == -2 ? 0 : -1;
	if (file_read_fd(fd, path, limit, i->arena, &text, ret_len, err) < 0)
		return -1;
	*ret = text;
	return 1;
}

int identity_blob(struct identity *i, const char *path, const char *digest, size_t limit,
		  const char **ret, size_t *ret_len, struct err *err)
{
	int found = identity_read(i, path, limit, ret, ret_len, err);

	if (found == 0)
		return err_set(err, ERR_VERIFY, "the engine has no blob %.19s... (%s)", digest,
			       path);
	if (found < 0)
		return -1;
	return image_check(*ret, *ret_len, digest, err) < 0 ? err_context(err, "%s", path) : 0;
}

/* --- lists --- */

static int take_json(void *to, const char *text, size_t len, struct err *err)
{
	return json_stream_feed(to, text, len, err);
}

static int feed(struct json_stream *stream, int fd, struct err *err)
{
	return file_read_pieces(fd, take_json, stream, err) < 0 ? -1 : json_stream_end(stream, err);
}

/* null is what Go writes for an empty list; and a document of its own is only a list or an object.
 */
static bool is_null(int fd)
{
	char text[8];
	ssize_t n = sys_pread(fd, text, sizeof(text), 0);

	return (n == 4 || (n == 5 && text[4] == '\n')) && !memcmp(text, "null", 4);
}

int identity_list(const char *path, json_found *found, void *ctx, struct err *err)
{
	const struct json_selector each = {.path = "[]", .found = found, .what = JSON_SELECT_WHOLE};
	autofd int fd = open_owned(path, O_RDONLY, err);
	struct json_stream *stream;
	int r;

	if (fd < 0)
		return fd == -2 ? 0 : -1;
	if (is_null(fd))
		return 1;
	stream = json_stream_new(err);
	r = stream && json_stream_select(stream, "", &each, 1, ctx, err) == 0 &&
			    feed(stream, fd, err) == 0
		    ? 1
		    : -1;
	json_stream_free(stream);
	return r < 0 ? err_context(err, "%s", path) : r;
}

/* --- what is only looked at --- */

int identity_has_dir(const char *path, struct err *err)
{
	autofd int fd = open_owned(path, O_PATH | O_DIRECTORY, err);

	return fd >= 0 ? 1 : fd == -2 ? 0 : -1;
}

int identity_is_dir(const char *directory, const char *name, const struct identity_root *root,
		    struct err *err)
{
	/* What is mounted there, here, is not what the engine has there. */
	struct open_how how = {.flags = O_PATH | O_DIRECTORY | O_CLOEXEC,
			       .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS |
					  RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV};
	autofd int above = open_owned(directory, O_PATH | O_DIRECTORY, err), fd = -1;
	struct stat st;

	if (above < 0)
		return above == -2 ? 0 : -1;
	if (!memchr(name, '/', strlen(name)))
		fd = sys_openat2(above, name, &how);
	return fd >= 0 && sys_fstat(fd, &st) == 0 && st.st_dev == root->device &&
	       st.st_ino == root->inode;
}

int identity_check_program(const char *path, struct err *err)
{
	autofd int fd = open_owned(path, O_PATH, err);

	return fd >= 0    ? 0
	       : fd == -2 ? err_set(err, ERR_HOST, "there is no '%s' (policy: engines)", path)
			  : -1;
}

int identity_link(struct identity *i, const char *directory, const char *name, const char **ret,
		  struct err *err)
{
	autofd int fd = open_owned(directory, O_PATH | O_DIRECTORY, err);
	char target[PATH_MAX];
	ssize_t n;

	if (fd == -1)
		return -1;
	n = fd < 0 ? -1 : sys_readlinkat(fd, name, target, sizeof(target) - 1);
	if (n < 0 || memchr(name, '/', strlen(name)))
		return err_set(err, ERR_VERIFY, "'%s/%s' is no link of the engine's", directory,
			       name);
	*ret = arena_memdup(i->arena, target, (size_t)n);
	return *ret ? 0 : err_oom(err);
}

bool identity_is_direct(const char *root, const char *path)
{
	struct open_how how = {.flags = O_PATH | O_CLOEXEC,
			       .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS |
					  RESOLVE_NO_MAGICLINKS};
	autofd int root_fd = sys_open(root, O_PATH | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW, 0);
	autofd int fd = -1;

	if (root_fd < 0 || !path[1])
		return root_fd >= 0;
	fd = sys_openat2(root_fd, path + 1, &how);
	return fd >= 0 || errno == ENOENT || errno == ENOTDIR;
}

/* --- a program's content --- */

struct hashing {
	struct sha256 sha;
	size_t total;
};

static int take_hash(void *to, const char *text, size_t len, struct err *err)
{
	struct hashing *hashing = to;

	hashing->total += len;
	if (hashing->total > PROGRAM_MAX)
		return err_set(err, ERR_VERIFY, "too large for a pause program");
	sha256_update(&hashing->sha, text, len);
	return 0;
}

static int hash_fd(int fd, const char *path, char ret[72], struct err *err)
{
	struct hashing hashing = {.total = 0};

	sha256_init(&hashing.sha);
	if (file_read_pieces(fd, take_hash, &hashing, err) < 0)
		return err_context(err, "'%s'", path);
	memcpy(ret, "sha256:", 7);
	sha256_final_hex(&hashing.sha, ret + 7);
	return 0;
}

int identity_hash(const char *root, const char *path, char ret[72], struct err *err)
{
	struct open_how how = {.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW,
			       .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS |
					  RESOLVE_NO_MAGICLINKS};
	autofd int root_fd = -1, fd = -1;
	struct stat st;

	if (!root) {
		fd = open_owned(path, O_RDONLY, err);
		if (fd < 0)
			return fd == -2 ? err_set(err, ERR_VERIFY, "there is no '%s'", path) : -1;
		return hash_fd(fd, path, ret, err);
	}
	root_fd = sys_open(root, O_PATH | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW, 0);
	if (root_fd >= 0)
		fd = sys_openat2(root_fd, path + 1, &how);
	if (fd < 0 || sys_fstat(fd, &st) < 0)
		return err_set(err, ERR_VERIFY, "'%s' can't be opened in the root: errno %d", path,
			       errno);
	if (!S_ISREG(st.st_mode))
		return err_set(err, ERR_VERIFY, "'%s' in the root is no regular file", path);
	return hash_fd(fd, path, ret, err);
}
