/* Owns the reading of the store: what is opened, whose it must be, what is absent.  Changes
 * nothing but the clock and what has run (seen/), which readers may add to.
 *
 * Each part of a path is opened by itself, without links and mounts, and must be root's and
 * not writable to others: so whoever can't write the store can't have put anything
 * into it either, whatever its modes once were.
 */
#include "config.h"

#include "gate/store.h"
#include "gate/store_files.h"

#include "base/auto.h"
#include "base/json.h"
#include "base/num.h"
#include "gate/digest.h"
#include "gate/findings.h"
#include "gate/record.h"
#include "sys/file.h"
#include "sys/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>

#include "base/banned.h"

#define NO_DETOUR (RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV)
#define SMALL_MAX ((size_t)64)
#define ALIAS_MAX ((size_t)64 << 10)
/* Seconds by which the clock must have advanced before that is written down. */
#define CLOCK_STEP 60

/* --- what may be read --- */

/* Where we aren't root: then the whole store is only ours. */
static bool is_our_own(uid_t uid)
{
	uid_t real, effective, saved;

	return sys_getresuid(&real, &effective, &saved) == 0 && uid == effective;
}

int store_files_check(int fd, mode_t type, const char *path, struct err *err)
{
	struct stat st;

	if (sys_fstat(fd, &st) < 0)
		return err_sys(err, "look at '%s'", path);
	if ((st.st_mode & S_IFMT) != type)
		return err_set(err, ERR_VERIFY, "'%s' is no %s", path,
			       type == S_IFDIR ? "directory" : "regular file");
	if (st.st_uid != 0 && !is_our_own(st.st_uid))
		return err_set(err, ERR_VERIFY, "'%s' belongs to uid %u, not to root", path,
			       st.st_uid);
	if (st.st_mode & (S_IWGRP | S_IWOTH))
		return err_set(err, ERR_VERIFY, "'%s' is writable to others (mode %04o)", path,
			       (unsigned)(st.st_mode & 07777));
	/* Another name could lie where others may write. */
	if (type == S_IFREG && st.st_nlink != 1)
		return err_set(err, ERR_VERIFY, "'%s' has %lu names", path,
			       (unsigned long)st.st_nlink);
	return 0;
}

static int open_part(int dirfd, const char *name, uint64_t flags)
{
	struct open_how how = {.flags = flags | O_CLOEXEC | O_NOFOLLOW, .resolve = NO_DETOUR};

	return sys_openat2(dirfd, name, &how);
}

/* Takes the next part of *path; false: that was the last one. */
static bool next_part(const char **path, char name[NAME_MAX + 1], size_t *ret_len)
{
	size_t len = strcspn(*path, "/");

	*ret_len = len;
	if (len > NAME_MAX)
		return false;
	memcpy(name, *path, len);
	name[len] = '\0';
	*path += len;
	if (!**path)
		return false;
	(*path)++;
	return true;
}

int store_files_open(int dirfd, const char *path, uint64_t flags, struct err *err)
{
	autofd int dir = -1;
	const char *rest = path;
	char name[NAME_MAX + 1];
	size_t len;

	while (next_part(&rest, name, &len)) {
		int fd = open_part(dir >= 0 ? dir : dirfd, name, O_PATH | O_DIRECTORY);

		if (fd < 0)
			return errno == ENOENT
				       ? STORE_ABSENT
				       : err_sys(err, "open '%s' of the store ('%s')", path, name);
		if (dir >= 0)
			(void)sys_close(dir); /* O_PATH: nothing to lose */
		dir = fd;
		if (store_files_check(dir, S_IFDIR, name, err) < 0)
			return err_context(err, "'%s' of the store", path);
	}
	if (!len || len > NAME_MAX)
		return err_set(err, ERR_VERIFY, "'%s' is no path of the store", path);
	int fd = open_part(dir >= 0 ? dir : dirfd, name, flags);

	if (fd < 0)
		return errno == ENOENT ? STORE_ABSENT
				       : err_sys(err, "open '%s' of the store", path);
	return fd;
}

int store_files_dir(int dirfd, const char *path, struct err *err)
{
	autofd int fd = store_files_open(dirfd, path, O_PATH | O_DIRECTORY, err);

	if (fd < 0)
		return fd;
	return store_files_check(fd, S_IFDIR, path, err) < 0 ? -1 : steal_fd(&fd);
}

int gate_store_read(int dirfd, const char *path, size_t limit, struct arena *arena,
		    const char **ret, size_t *ret_len, struct err *err)
{
	/* A FIFO must not be waited for, nor a terminal become ours. */
	autofd int fd = store_files_open(dirfd, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, err);
	struct stat st;
	char *text;
	size_t len;

	if (fd == STORE_ABSENT)
		return 0;
	if (fd < 0 || store_files_check(fd, S_IFREG, path, err) < 0)
		return -1;
	if (file_read_fd(fd, path, limit, arena, &text, &len, err) < 0)
		return -1;
	/* The store's files are never changed, only replaced. */
	if (sys_fstat(fd, &st) < 0)
		return err_sys(err, "look at '%s'", path);
	if ((uint64_t)st.st_size != len)
		return err_set(err, ERR_VERIFY, "'%s' changed while it was read", path);
	*ret = text;
	*ret_len = len;
	return 1;
}

/* --- opening --- */

static int open_root(const char *path, const char *what, struct err *err)
{
	autofd int fd = sys_open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0);

	if (fd < 0 && errno == ENOENT)
		return err_set(err, ERR_NOT_FOUND, "no %s at '%s' (kanuki-gate init makes one)",
			       what, path);
	if (fd < 0)
		return err_sys(err, "open %s '%s'", what, path);
	if (store_files_check(fd, S_IFDIR, path, err) < 0)
		return -1;
	return steal_fd(&fd);
}

static int check_version(int dirfd, const char *root, struct err *err)
{
	struct arena arena = ARENA_INIT;
	const char *text;
	size_t len;
	int found = gate_store_read(dirfd, "VERSION", SMALL_MAX, &arena, &text, &len, err);
	bool known = found == 1 && len == 2 && memcmp(text, "1\n", 2) == 0;

	arena_release(&arena);
	if (found < 0)
		return -1;
	if (found == 0)
		return err_set(
			err, ERR_NOT_FOUND,
			"'%s' is no gate store: it has no VERSION (kanuki-gate init makes one)",
			root);
	if (!known)
		return err_set(err, ERR_VERIFY, "'%s' is a store of another version", root);
	return 0;
}

static int take_lock(int dirfd, struct err *err)
{
	autofd int fd = open_part(dirfd, "LOCK", O_RDWR);

	if (fd < 0)
		return err_sys(err, "open the store's LOCK");
	if (store_files_check(fd, S_IFREG, "LOCK", err) < 0)
		return -1;
	while (sys_flock(fd, LOCK_EX) < 0)
		if (errno != EINTR)
			return err_sys(err, "lock the store");
	return steal_fd(&fd);
}

int gate_store_open(const char *root, const char *etc, bool write, struct gate_store *ret,
		    struct err *err)
{
	autofd int dirfd = open_root(root, "gate store", err);
	autofd int etc_dirfd = -1, lock_fd = -1;

	if (dirfd < 0 || check_version(dirfd, root, err) < 0)
		return -1;
	etc_dirfd = open_root(etc, "directory of the gate's keys and policy", err);
	if (etc_dirfd < 0)
		return -1;
	if (write) {
		lock_fd = take_lock(dirfd, err);
		if (lock_fd < 0)
			return -1;
	}
	*ret = (struct gate_store){.dirfd = steal_fd(&dirfd),
				   .etc_dirfd = steal_fd(&etc_dirfd),
				   .lock_fd = steal_fd(&lock_fd)};
	return 0;
}

void gate_store_close(struct gate_store *store)
{
	int *fds[] = {&store->lock_fd, &store->dirfd, &store->etc_dirfd};

	for (size_t i = 0; i < ARRAY_LEN(fds); i++)
		if (*fds[i] >= 0) {
			(void)sys_close(*fds[i]); /* written files were synced before */
			*fds[i] = -1;
		}
}

/* --- what is known of a digest --- */

void store_files_digest_path(const char *digest, const char *name, char ret[STORE_PATH_MAX])
{
	(void)snprintf(ret, STORE_PATH_MAX, "by-digest/sha256/%.2s/%.62s%s%s", digest + 7,
		       digest + 9, name[0] ? "/" : "", name);
}

int store_files_of(const struct gate_store *store, const char *digest, const char *name,
		   size_t limit, struct arena *arena, const char **ret, size_t *ret_len,
		   struct err *err)
{
	char path[STORE_PATH_MAX];

	if (!digest_is_valid(digest))
		return err_set(err, ERR_SPEC,
			       "'%s' is no digest (sha256: and 64 lower-case digits)",
			       digest ? digest : "");
	store_files_digest_path(digest, name, path);
	return gate_store_read(store->dirfd, path, limit, arena, ret, ret_len, err);
}

static int check_digests(const struct str_list *configs, struct err *err)
{
	for (size_t i = 0; i < configs->n; i++)
		if (!digest_is_valid(configs->items[i]))
			return err_set(err, ERR_VERIFY, "'%s' is no digest", configs->items[i]);
	return 0;
}

/* One, or a list of those that contradict each other. */
static int check_configs(const struct json *entry, struct arena *arena, struct err *err)
{
	struct str_list configs = {.n = 0};
	const char *one;

	if (entry->type == JSON_ARRAY)
		return json_as_strings(entry, arena, &configs, err) < 0
			       ? -1
			       : check_digests(&configs, err);
	if (json_as_string(entry, &one, err) < 0)
		return -1;
	return check_digests(&(struct str_list){.items = &one, .n = 1}, err);
}

int store_files_alias(const struct gate_store *store, const char *digest, struct arena *arena,
		      const struct json **ret, struct err *err)
{
	const char *text;
	size_t len;
	int found = store_files_of(store, digest, "alias", ALIAS_MAX, arena, &text, &len, err);

	if (found != 1)
		return found;
	if (json_parse(arena, text, len, ret, err) < 0 || json_expect(*ret, JSON_OBJECT, err) < 0)
		return err_context(err, "alias of %s", digest);
	json_each(entry, *ret)
		if (check_configs(entry, arena, err) < 0)
			return err_context(err, "alias of %s", digest);
	return 1;
}

static int contradicted(const char *digest, const struct json *entry, const char *one,
			const char *other, struct err *err)
{
	return err_set(err, ERR_VERIFY,
		       "records of different images claim %s as %s: %s and %s; 'kanuki-gate revoke "
		       "image' what isn't it, or ask by config digest",
		       digest, entry->key, one ? one : "none", other);
}

/* What an alias stands for: of images that contradict each other the one that alone isn't
 * revoked, if all are known; where all are revoked, any. */
static int resolve_alias(const struct gate_store *store, const char *digest,
			 const struct json *entry, const char **ret, struct err *err)
{
	const char *left = NULL;
	unsigned n = 0;

	if (entry->type == JSON_STRING) {
		*ret = entry->text;
		return 0;
	}
	json_each(one, entry) {
		int revoked = gate_store_is_revoked(store, "image", one->text + 7, err);

		if (revoked < 0)
			return -1;
		if (!revoked && n++)
			return contradicted(digest, entry, left, one->text, err);
		if (!revoked || !left)
			left = one->text;
	}
	if (!left || entry->n >= ALIAS_CLAIMS_MAX)
		return contradicted(digest, entry, left, "others", err);
	*ret = left;
	return 0;
}

int gate_store_current(const struct gate_store *store, const char *digest, const char *platform,
		       struct arena *arena, const char **ret_envelope, size_t *ret_len,
		       const char **ret_config, struct err *err)
{
	int found = store_files_of(store, digest, "current", RECORD_MAX_BYTES, arena, ret_envelope,
				   ret_len, err);
	const struct json *alias, *entry;

	*ret_config = digest;
	if (found != 0)
		return found;
	found = store_files_alias(store, digest, arena, &alias, err);
	if (found != 1)
		return found;
	/* Another platform's image is another image. */
	entry = platform ? json_get(alias, platform) : NULL;
	if (!entry)
		return 0;
	if (resolve_alias(store, digest, entry, ret_config, err) < 0)
		return -1;
	return store_files_of(store, *ret_config, "current", RECORD_MAX_BYTES, arena, ret_envelope,
			      ret_len, err);
}

int gate_store_object(const struct gate_store *store, const char *digest, struct arena *arena,
		      const char **ret, struct err *err)
{
	char path[STORE_PATH_MAX];
	autofd int fd = -1;

	*ret = NULL;
	(void)snprintf(path, sizeof(path), "objects/sha256/%.2s/%.62s", digest + 7, digest + 9);
	fd = store_files_open(store->dirfd, path, O_PATH, err);
	if (fd < 0)
		return fd == STORE_ABSENT ? 0 : -1;
	*ret = arena_strdup(arena, path);
	return *ret ? 0 : err_oom(err);
}

int gate_store_pending(const struct gate_store *store, const char *config, struct arena *arena,
		       const char **ret_envelope, size_t *ret_len, struct err *err)
{
	return store_files_of(store, config, "pending", RECORD_MAX_BYTES, arena, ret_envelope,
			      ret_len, err);
}

int store_files_revoked_path(const char *kind, const char *hex, char ret[STORE_PATH_MAX],
			     struct err *err)
{
	char digest[DIGEST_LEN + 1];

	if (!gate_is_hex64(hex))
		return err_set(err, ERR_SPEC, "'%s' is no digest or id of 64 lower-case digits",
			       hex ? hex : "");
	if (strcmp(kind, "image") == 0) {
		(void)snprintf(digest, sizeof(digest), "sha256:%.64s", hex);
		store_files_digest_path(digest, "revoked", ret);
		return 0;
	}
	if (strcmp(kind, "record") != 0 && strcmp(kind, "key") != 0)
		return err_set(err, ERR_USAGE, "'%s' can't be revoked: image, record or key", kind);
	(void)snprintf(ret, STORE_PATH_MAX, "revoked/%ss/%.64s", kind, hex);
	return 0;
}

/* Whatever lies there revokes. */
int gate_store_is_revoked(const struct gate_store *store, const char *kind, const char *hex,
			  struct err *err)
{
	char path[STORE_PATH_MAX];
	autofd int fd = -1;

	if (store_files_revoked_path(kind, hex, path, err) < 0)
		return -1;
	fd = store_files_open(store->dirfd, path, O_PATH, err);
	return fd == STORE_ABSENT ? 0 : fd < 0 ? -1 : 1;
}

/* --- numbers --- */

/* One decimal number and a newline. */
static int read_number(const struct gate_store *store, const char *path, uint64_t max,
		       uint64_t *ret, struct err *err)
{
	struct arena arena = ARENA_INIT;
	const char *text;
	size_t len;
	int found = gate_store_read(store->dirfd, path, SMALL_MAX, &arena, &text, &len, err);
	bool good = false;

	if (found == 1 && len >= 2 && text[len - 1] == '\n') {
		((char *)(uintptr_t)text)[len - 1] = '\0';
		good = num_parse_u64(text, max, ret);
	}
	arena_release(&arena);
	if (found == 1 && !good)
		return err_set(err, ERR_VERIFY, "'%s' of the store holds no number", path);
	return found;
}

int gate_store_generation(const struct gate_store *store, uint64_t *ret, struct err *err)
{
	int found = read_number(store, "generation", UINT64_MAX - 1, ret, err);

	return found == 0  ? err_set(err, ERR_VERIFY, "the store has no generation")
	       : found < 0 ? -1
			   : 0;
}

/* Always of the same length, so that it can be overwritten in one write(2). */
static int raise_clock(const struct gate_store *store, int64_t now, struct err *err)
{
	autofd int fd = open_part(store->dirfd, "clock", O_RDWR);
	char text[24];
	uint64_t there;

	/* A store on a read-only file system can't remember; its records expire all the same. */
	if (fd < 0)
		return errno == EROFS ? 0 : err_sys(err, "open the store's clock");
	while (sys_flock(fd, LOCK_EX) < 0)
		if (errno != EINTR)
			return err_sys(err, "lock the store's clock");
	/* Another reader may have been here. */
	if (read_number(store, "clock", INT64_MAX, &there, err) != 1)
		return err->kind ? -1 : err_set(err, ERR_VERIFY, "the store has no clock");
	if ((int64_t)there >= now)
		return 0;
	(void)snprintf(text, sizeof(text), "%020" PRId64 "\n", now);
	if (file_write_all(fd, text, 21) < 0)
		return err_sys(err, "write the store's clock");
	return 0;
}

int gate_store_clock(const struct gate_store *store, int64_t now, int64_t *ret_highest,
		     struct err *err)
{
	uint64_t highest;
	int found = read_number(store, "clock", INT64_MAX, &highest, err);

	if (found != 1)
		return found < 0 ? -1 : err_set(err, ERR_VERIFY, "the store has no clock");
	if (now > (int64_t)highest && now - (int64_t)highest >= CLOCK_STEP &&
	    raise_clock(store, now, err) < 0)
		return -1;
	*ret_highest = (int64_t)highest > now ? (int64_t)highest : now;
	return 0;
}

int gate_store_seen(const struct gate_store *store, const char *digest, int64_t now, int64_t *ret,
		    struct err *err)
{
	char path[STORE_PATH_MAX], text[24];
	uint64_t at = 0;
	int found;

	if (!digest_is_valid(digest))
		return err_set(err, ERR_SPEC, "'%s' is no digest", digest ? digest : "");
	(void)snprintf(path, sizeof(path), "seen/%.64s", digest + 7);
	found = read_number(store, path, INT64_MAX, &at, err);
	if (found < 0)
		return -1;
	*ret = (int64_t)at;
	if (found == 1 || now <= 0)
		return 0;
	autofd int dirfd = store_files_open(store->dirfd, "seen", O_RDONLY | O_DIRECTORY, err);

	if (dirfd < 0)
		return dirfd == STORE_ABSENT ? err_set(err, ERR_VERIFY, "the store has no 'seen'")
					     : -1;
	/* Two that start the same image at once write the same. */
	(void)snprintf(text, sizeof(text), "%" PRId64 "\n", now);
	return file_replace(dirfd, digest + 7, text, strlen(text), 0600, err);
}
