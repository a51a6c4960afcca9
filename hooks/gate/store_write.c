/* Owns the writing of the store, with LOCK held.  Every file is a temporary in its own
 * directory, synced and renamed, and then the directory is synced; so whoever reads, or
 * comes after a crash, sees the old file or the new one.
 *
 * Order: evidence and records before what names them, `current` after history and aliases, the
 * generation last.  Whatever is left out by a kill is repeated by the next import.
 */
#include "config.h"

#include "gate/store.h"
#include "gate/store_files.h"

#include "base/auto.h"
#include "gate/findings.h"
#include "gate/permission.h"
#include "gate/record.h"
#include "sys/file.h"
#include "sys/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/banned.h"

#define COPY_BYTES ((size_t)64 << 10)

/* --- one file, one directory --- */

static int sync_dir(int dirfd, const char *path, struct err *err)
{
	return sys_fsync(dirfd) < 0 ? err_sys(err, "sync directory '%s' of the store", path) : 0;
}

/* One level of store_files_make_dir: `name` in `dirfd`. */
static int make_part(int dirfd, const char *name, struct err *err)
{
	autofd int fd = store_files_open(dirfd, name, O_RDONLY | O_DIRECTORY, err);

	if (fd == STORE_ABSENT) {
		if (sys_mkdirat(dirfd, name, 0700) < 0 && errno != EEXIST)
			return err_sys(err, "make directory '%s' in the store", name);
		if (sync_dir(dirfd, name, err) < 0)
			return -1;
		fd = store_files_open(dirfd, name, O_RDONLY | O_DIRECTORY, err);
	}
	if (fd < 0)
		return fd == STORE_ABSENT ? err_set(err, ERR_VERIFY,
						    "directory '%s' of the store vanished", name)
					  : -1;
	if (store_files_check(fd, S_IFDIR, name, err) < 0)
		return -1;
	return steal_fd(&fd);
}

int store_files_make_dir(int dirfd, const char *path, struct err *err)
{
	autofd int dir = -1;
	char name[NAME_MAX + 1];

	for (const char *rest = path; *rest;) {
		size_t len = strcspn(rest, "/");
		int fd;

		if (!len || len > NAME_MAX)
			return err_set(err, ERR_VERIFY, "'%s' is no path of the store", path);
		memcpy(name, rest, len);
		name[len] = '\0';
		rest += len + (rest[len] == '/');
		fd = make_part(dir >= 0 ? dir : dirfd, name, err);
		if (fd < 0)
			return -1;
		if (dir >= 0)
			(void)sys_close(dir); /* nothing was written through it */
		dir = fd;
	}
	return steal_fd(&dir);
}

/* A name that begins with '.', which no reader looks at and gc removes. */
static int open_temporary(int dirfd, char name[32], struct err *err)
{
	for (unsigned i = 0; i < 1000; i++) {
		int fd;

		(void)snprintf(name, 32, ".new-%d-%u", (int)sys_getpid(), i);
		fd = sys_openat(dirfd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
				0600);
		if (fd >= 0)
			return fd;
		if (errno != EEXIST)
			return err_sys(err, "make a temporary file in the store");
	}
	return err_set(err, ERR_SYSTEM,
		       "the store is full of temporary files (kanuki-gate gc removes them)");
}

/* `fd` is whole: synced, named, and the name synced. */
static int settle(int fd, int from_dirfd, const char *temporary, int dirfd, const char *name,
		  struct err *err)
{
	if (sys_fchmod(fd, 0400) < 0 || sys_fsync(fd) < 0)
		return err_sys(err, "write '%s' of the store", name);
	if (sys_renameat(from_dirfd, temporary, dirfd, name) < 0)
		return err_sys(err, "name '%s' in the store", name);
	return sync_dir(dirfd, name, err);
}

static int give_up(int dirfd, const char *temporary)
{
	(void)sys_unlinkat(dirfd, temporary, 0); /* the first error is the one to tell; gc removes what stays */
	return -1;
}

int store_files_put(int dirfd, const char *name, const void *data, size_t len, struct err *err)
{
	char temporary[32];
	autofd int fd = open_temporary(dirfd, temporary, err);

	if (fd < 0)
		return -1;
	if (file_write_all(fd, data, len) < 0) {
		(void)err_sys(err, "write '%s' of the store", name);
		return give_up(dirfd, temporary);
	}
	return settle(fd, dirfd, temporary, dirfd, name, err) < 0 ? give_up(dirfd, temporary) : 0;
}

static int put_at(const struct gate_store *store, const char *dir, const char *name,
		  const void *data, size_t len, struct err *err)
{
	autofd int dirfd = store_files_make_dir(store->dirfd, dir, err);

	return dirfd < 0 ? -1 : store_files_put(dirfd, name, data, len, err);
}

int store_files_bump(const struct gate_store *store, struct err *err)
{
	uint64_t generation;
	char text[24];

	if (gate_store_generation(store, &generation, err) < 0)
		return -1;
	(void)snprintf(text, sizeof(text), "%" PRIu64 "\n", generation + 1);
	return store_files_put(store->dirfd, "generation", text, strlen(text), err);
}

static int want_lock(const struct gate_store *store, struct err *err)
{
	return store->lock_fd >= 0 ? 0
				   : err_set(err, ERR_USAGE, "the store isn't open for writing");
}

/* --- making one --- */

static int make_root(const char *path, struct err *err)
{
	autofd int fd = -1;

	if (path[0] == '/' ? file_mkdir_parents(path, 0700, err) < 0
			   : sys_mkdirat(AT_FDCWD, path, 0700) < 0 && errno != EEXIST)
		return err->kind ? -1 : err_sys(err, "make directory '%s'", path);
	fd = sys_open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0);
	if (fd < 0)
		return err_sys(err, "open '%s'", path);
	return store_files_check(fd, S_IFDIR, path, err) < 0 ? -1 : steal_fd(&fd);
}

static int put_absent(int dirfd, const char *name, const char *text, struct err *err)
{
	autofd int fd = store_files_open(dirfd, name, O_PATH, err);

	if (fd != STORE_ABSENT)
		return fd < 0 ? -1 : 0;
	return store_files_put(dirfd, name, text, strlen(text), err);
}

/* Written to in place, so their owner may. */
static int put_writable(int dirfd, const char *name, const char *text, struct err *err)
{
	if (put_absent(dirfd, name, text, err) < 0)
		return -1;
	return sys_fchmodat(dirfd, name, 0600) < 0 ? err_sys(err, "set the mode of '%s'", name) : 0;
}

int gate_store_create(const char *root, const char *etc, struct err *err)
{
	static const char *const dirs[] = {"objects/sha256",
					   "records/sha256",
					   "by-digest/sha256",
					   "revoked/records",
					   "revoked/keys",
					   "permissions",
					   "seen"};
	autofd int dirfd = make_root(root, err);
	autofd int etc_dirfd = -1, keys_dirfd = -1;

	if (dirfd < 0)
		return -1;
	etc_dirfd = make_root(etc, err);
	keys_dirfd = etc_dirfd < 0 ? -1 : store_files_make_dir(etc_dirfd, "keys", err);
	if (keys_dirfd < 0)
		return -1;
	for (size_t i = 0; i < ARRAY_LEN(dirs); i++) {
		autofd int fd = store_files_make_dir(dirfd, dirs[i], err);

		if (fd < 0)
			return -1;
	}
	if (put_writable(dirfd, "LOCK", "", err) < 0 ||
	    put_absent(dirfd, "generation", "1\n", err) < 0 ||
	    put_writable(dirfd, "clock", "00000000000000000000\n", err) < 0)
		return -1;
	/* Last: without it there is no store. */
	return put_absent(dirfd, "VERSION", "1\n", err);
}

/* --- content-addressed --- */

static int kind_dir(const char *kind, const char *digest, char ret[STORE_PATH_MAX], struct err *err)
{
	if (strcmp(kind, "objects") != 0 && strcmp(kind, "records") != 0)
		return err_set(err, ERR_USAGE, "the store has no '%s'", kind);
	(void)snprintf(ret, STORE_PATH_MAX, "%s/sha256/%.2s", kind, digest + 7);
	return 0;
}

/* A file of that name was whole before it got its name; the length is compared for what
 * happened to it since. */
static int has_content(int dirfd, const char *name, uint64_t len, struct err *err)
{
	autofd int fd = store_files_open(dirfd, name, O_PATH, err);
	struct stat st;

	if (fd < 0)
		return fd == STORE_ABSENT ? 0 : -1;
	if (sys_fstat(fd, &st) < 0)
		return err_sys(err, "look at '%s' of the store", name);
	return S_ISREG(st.st_mode) && (uint64_t)st.st_size == len;
}

int gate_store_put(struct gate_store *store, const char *kind, const void *data, size_t len,
		   char ret[72], struct err *err)
{
	char path[STORE_PATH_MAX], digest[72];
	autofd int dirfd = -1;
	int there;

	crypto_digest(data, len, digest);
	if (want_lock(store, err) < 0 || kind_dir(kind, digest, path, err) < 0)
		return -1;
	dirfd = store_files_make_dir(store->dirfd, path, err);
	there = dirfd < 0 ? -1 : has_content(dirfd, digest + 9, len, err);
	if (there < 0 || (!there && store_files_put(dirfd, digest + 9, data, len, err) < 0))
		return -1;
	memcpy(ret, digest, 72);
	return 0;
}

static int copy(int from, int to, struct crypto_hash *hash, uint64_t *ret_len, struct err *err)
{
	struct arena arena = ARENA_INIT;
	char *buf = arena_alloc(&arena, COPY_BYTES);
	ssize_t n = -1;
	int status = 0;

	*ret_len = 0;
	if (!buf)
		return err_oom(err);
	while (!status && (n = sys_read(from, buf, COPY_BYTES)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			status = err_sys(err, "read the evidence");
		else if (*ret_len + (uint64_t)n >
			 STORE_EVIDENCE_MAX) /* whose file it is may still write to it */
			status = err_set(err, ERR_SPEC, "the evidence has more than %zu bytes",
					 STORE_EVIDENCE_MAX);
		else if (crypto_hash_add(hash, buf, (size_t)n) < 0 ||
			 file_write_all(to, buf, (size_t)n) < 0)
			status = err_sys(err, "copy the evidence into the store");
		else
			*ret_len += (uint64_t)n;
	}
	arena_release(&arena);
	return status;
}

/* The copy's name is known when it is there. */
static int put_copy(int fd, int kind_dirfd, const char *temporary, int from, char digest[72],
		    const struct gate_store *store, const char *kind, struct err *err)
{
	struct crypto_hash *hash = crypto_hash_new();
	char path[STORE_PATH_MAX];
	autofd int dirfd = -1;
	uint64_t len;
	int there, copied;

	if (!hash)
		return err_oom(err);
	copied = copy(from, fd, hash, &len, err);
	if (crypto_hash_end(hash, digest) < 0 || copied < 0)
		return -1;
	if (kind_dir(kind, digest, path, err) < 0)
		return -1;
	dirfd = store_files_make_dir(store->dirfd, path, err);
	there = dirfd < 0 ? -1 : has_content(dirfd, digest + 9, len, err);
	if (there < 0)
		return -1;
	if (there)
		return sys_unlinkat(kind_dirfd, temporary, 0) < 0
			       ? err_sys(err, "remove a temporary file")
			       : 0;
	return settle(fd, kind_dirfd, temporary, dirfd, digest + 9, err);
}

int gate_store_put_fd(struct gate_store *store, const char *kind, int from, char ret[72],
		      struct err *err)
{
	autofd int kind_dirfd = -1, fd = -1;
	char temporary[32], digest[72];

	if (want_lock(store, err) < 0)
		return -1;
	kind_dirfd = store_files_make_dir(store->dirfd, kind, err);
	fd = kind_dirfd < 0 ? -1 : open_temporary(kind_dirfd, temporary, err);
	if (fd < 0)
		return -1;
	if (put_copy(fd, kind_dirfd, temporary, from, digest, store, kind, err) < 0)
		return give_up(kind_dirfd, temporary);
	memcpy(ret, digest, 72);
	return 0;
}

/* --- revocation, permissions, what waits --- */

static int put_path(const struct gate_store *store, char path[STORE_PATH_MAX], const void *data,
		    size_t len, struct err *err)
{
	char *slash = strrchr(path, '/');

	*slash = '\0';
	return put_at(store, path, slash + 1, data, len, err);
}

int gate_store_revoke(struct gate_store *store, const char *kind, const char *hex, const char *text,
		      size_t len, struct err *err)
{
	char path[STORE_PATH_MAX];

	if (want_lock(store, err) < 0 || store_files_revoked_path(kind, hex, path, err) < 0 ||
	    put_path(store, path, text, len, err) < 0)
		return -1;
	return store_files_bump(store, err);
}

int gate_store_unrevoke(struct gate_store *store, const char *kind, const char *hex,
			struct err *err)
{
	char path[STORE_PATH_MAX], *slash;
	autofd int dirfd = -1;

	if (want_lock(store, err) < 0 || store_files_revoked_path(kind, hex, path, err) < 0)
		return -1;
	slash = strrchr(path, '/');
	*slash = '\0';
	dirfd = store_files_open(store->dirfd, path, O_RDONLY | O_DIRECTORY, err);
	if (dirfd == STORE_ABSENT ||
	    (dirfd >= 0 && sys_unlinkat(dirfd, slash + 1, 0) < 0 && errno == ENOENT))
		return err_set(err, ERR_NOT_FOUND, "%s %s isn't revoked", kind, hex);
	if (dirfd < 0)
		return -1;
	if (sync_dir(dirfd, path, err) < 0)
		return -1;
	return store_files_bump(store, err);
}

int gate_store_put_permission(struct gate_store *store, const struct str_list *images,
			      const char *envelope, size_t len, char ret[72], struct err *err)
{
	size_t n = images ? images->n : 0;
	char name[2 * 64 + 2];

	if (want_lock(store, err) < 0)
		return -1;
	crypto_digest(envelope, len, ret);
	if (len > PERMISSION_MAX_BYTES) /* a reader would refuse it */
		return err_set(err, ERR_SPEC, "the permission has %zu bytes; at most %u are taken",
			       len, PERMISSION_MAX_BYTES);
	for (size_t i = 0; i < n; i++) {
		if (!digest_is_valid(images->items[i]))
			return err_set(err, ERR_SPEC, "'%s' is no digest", images->items[i]);
		(void)snprintf(name, sizeof(name), "%.64s-%.64s", ret + 7, images->items[i] + 7);
		if (put_at(store, "permissions", name, envelope, len, err) < 0)
			return -1;
	}
	if (!n && put_at(store, "permissions", ret + 7, envelope, len, err) < 0)
		return -1;
	return store_files_bump(store, err);
}

int gate_store_put_pending(struct gate_store *store, const char *config, const char *envelope,
			   size_t len, struct err *err)
{
	char path[STORE_PATH_MAX];

	if (want_lock(store, err) < 0)
		return -1;
	if (!digest_is_valid(config))
		return err_set(err, ERR_SPEC, "'%s' is no digest", config ? config : "");
	if (len > RECORD_MAX_BYTES)
		return err_set(err, ERR_SPEC, "the record has %zu bytes; at most %u are taken", len,
			       RECORD_MAX_BYTES);
	store_files_digest_path(config, "pending", path);
	return put_path(store, path, envelope, len, err);
}
