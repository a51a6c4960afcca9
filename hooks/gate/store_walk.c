/* Owns walks over the whole store: lists, the check of everything, and what may go. */
#include "config.h"

#include "gate/store.h"
#include "gate/store_files.h"

#include "base/auto.h"
#include "base/json.h"
#include "base/num.h"
#include "base/rfc3339.h"
#include "gate/dsse.h"
#include "gate/findings.h"
#include "gate/permission.h"
#include "gate/record.h"
#include "sys/sys.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/banned.h"

#define LIST_BYTES     ((size_t)32 << 10)
#define NAMES_MAX      1000000u

struct raw_dirent { /* getdents64(2) */
	uint64_t ino;
	int64_t off;
	uint16_t reclen;
	uint8_t type;
	char name[];
};

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Temporaries only, or all but them. */
static int list(int fd, const char *path, bool temporaries, struct arena *arena,
		struct str_list *ret, struct err *err)
{
	char *buf = arena_alloc(arena, LIST_BYTES);
	long n;

	if (!buf)
		return err_oom(err);
	while ((n = sys_getdents64(fd, buf, LIST_BYTES)) > 0) {
		for (long at = 0; at < n;) {
			const struct raw_dirent *entry =
				(const struct raw_dirent *)(const void *)(buf + at);
			const char **slot;

			at += entry->reclen;
			if (strcmp(entry->name, ".") == 0 || strcmp(entry->name, "..") == 0 ||
			    (entry->name[0] == '.') != temporaries)
				continue;
			slot = ret->n < NAMES_MAX ? ARENA_PUSH(arena, ret) : NULL;
			if (slot)
				*slot = arena_strdup(arena, entry->name);
			if (!slot || !*slot)
				return err_oom(err);
		}
	}
	if (n < 0)
		return err_sys(err, "list '%s' of the store", path);
	if (ret->n)
		qsort(ret->items, ret->n, sizeof(*ret->items), compare_names);
	return 0;
}

int store_files_names(int dirfd, const char *path, struct arena *arena, struct str_list *ret,
		      struct err *err)
{
	autofd int fd = store_files_open(dirfd, path, O_RDONLY | O_DIRECTORY, err);

	if (fd < 0)
		return fd == STORE_ABSENT ? 0 : -1;
	if (store_files_check(fd, S_IFDIR, path, err) < 0)
		return -1;
	return list(fd, path, false, arena, ret, err);
}

/* --- every <top>/ab/<62> --- */

struct walk {
	const struct gate_store *store;
	const char *top; /* "records/sha256" */
	struct arena *arena; /* released after each visit: a record can be large */
	int (*visit)(struct walk *walk, const char *path, const char digest[72], struct err *err);
	void *arg;
};

static int visit(struct walk *walk, const char *path, const char digest[72], struct err *err)
{
	struct arena arena = {.limit_bytes = RECORD_ARENA_BYTES};
	int status;

	walk->arena = &arena;
	status = walk->visit(walk, path, digest, err);
	walk->arena = NULL;
	arena_release(&arena);
	return status;
}

static int walk_one(struct walk *walk, const char *ab, struct arena *arena, struct err *err)
{
	char path[STORE_PATH_MAX], digest[72];
	struct str_list names = {0};

	(void)snprintf(path, sizeof(path), "%s/%.2s", walk->top, ab);
	if (store_files_names(walk->store->dirfd, path, arena, &names, err) < 0)
		return -1;
	for (size_t i = 0; i < names.n; i++) {
		(void)snprintf(path, sizeof(path), "%s/%.2s/%.64s", walk->top, ab, names.items[i]);
		(void)snprintf(digest, sizeof(digest), "sha256:%.2s%.62s", ab, names.items[i]);
		if (strlen(ab) != 2 || strlen(names.items[i]) != 62 || !digest_is_valid(digest))
			return err_set(err, ERR_VERIFY, "'%s' has no name of the store's", path);
		if (visit(walk, path, digest, err) < 0)
			return -1;
	}
	return 0;
}

static int walk_all(struct walk *walk, struct err *err)
{
	struct arena top_arena = ARENA_INIT;
	struct str_list top = {0};
	int status = store_files_names(walk->store->dirfd, walk->top, &top_arena, &top, err);

	for (size_t i = 0; !status && i < top.n; i++) {
		struct arena arena = ARENA_INIT;

		status = walk_one(walk, top.items[i], &arena, err);
		arena_release(&arena);
	}
	arena_release(&top_arena);
	return status;
}

struct digests {
	struct arena *arena;
	struct str_list *ret;
};

static int visit_digest(struct walk *walk, const char *path, const char digest[72], struct err *err)
{
	struct digests *digests = walk->arg;
	char current[STORE_PATH_MAX];
	const char **slot;
	autofd int fd = -1;

	(void)snprintf(current, sizeof(current), "%.120s/current", path);
	fd = store_files_open(walk->store->dirfd, current, O_PATH, err);
	if (fd < 0)
		return fd == STORE_ABSENT ? 0 : -1;
	slot = ARENA_PUSH(digests->arena, digests->ret);
	if (slot)
		*slot = arena_strdup(digests->arena, digest);
	return slot && *slot ? 0 : err_oom(err);
}

int gate_store_digests(const struct gate_store *store, struct arena *arena, struct str_list *ret,
		       struct err *err)
{
	struct digests digests = {.arena = arena, .ret = ret};
	struct walk walk = {
		.store = store, .top = "by-digest/sha256", .visit = visit_digest, .arg = &digests};

	return walk_all(&walk, err);
}

int gate_store_permissions(const struct gate_store *store, struct arena *arena,
			   struct str_list *ret, struct err *err)
{
	return store_files_names(store->dirfd, "permissions", arena, ret, err);
}

int gate_store_permission(const struct gate_store *store, const char *name, struct arena *arena,
			  const char **ret, size_t *ret_len, struct err *err)
{
	char path[STORE_PATH_MAX];

	(void)snprintf(path, sizeof(path), "permissions/%.140s", name);
	return gate_store_read(store->dirfd, path, PERMISSION_MAX_BYTES, arena, ret, ret_len, err);
}

/* --- the check --- */

/* A file's bytes hash to its name. */
static int check_content(struct walk *walk, const char *path, const char digest[72],
			 struct err *err)
{
	struct arena arena = {.limit_bytes = 4 * STORE_EVIDENCE_MAX};
	char found_digest[72];
	const char *text;
	size_t len;
	int found = gate_store_read(walk->store->dirfd, path, STORE_EVIDENCE_MAX, &arena, &text,
				    &len, err);

	if (found == 1)
		crypto_digest(text, len, found_digest);
	arena_release(&arena);
	if (found < 0)
		return -1;
	/* Gone since it was listed: gc, which needs no check. */
	if (found == 1 && strcmp(digest, found_digest) != 0)
		return err_set(err, ERR_VERIFY, "'%s' of the store has other content, %s", path,
			       found_digest);
	*(uint64_t *)walk->arg += (uint64_t)found;
	return 0;
}

static int check_record(struct walk *walk, const char *digest, const char *text, size_t len,
			struct err *err)
{
	struct record record;
	struct dsse dsse;
	bool wrong_type = false;

	if (dsse_parse(walk->arena, text, len, &dsse, err) < 0 ||
	    record_parse(walk->arena, dsse.payload, dsse.payload_len, &record, &wrong_type, err) <
		    0)
		return err_context(err, "record of %s", digest);
	if (wrong_type || strcmp(record.image.config, digest) != 0)
		return err_set(err, ERR_VERIFY, "record of %s is none, or another image's", digest);
	return 0;
}

static int check_digest(struct walk *walk, const char *path, const char digest[72], struct err *err)
{
	char envelope[72], record_path[STORE_PATH_MAX];
	const struct json *alias;
	const char *text;
	size_t len;
	int found = store_files_of(walk->store, digest, "current", RECORD_MAX_BYTES, walk->arena,
				   &text, &len, err);

	(void)path;
	if (found < 0)
		return -1;
	if (found == 1) {
		crypto_digest(text, len, envelope);
		(void)snprintf(record_path, sizeof(record_path), "records/sha256/%.2s/%.62s",
			       envelope + 7, envelope + 9);
		autofd int fd = store_files_open(walk->store->dirfd, record_path, O_PATH, err);

		if (fd < 0)
			return fd == STORE_ABSENT
				       ? err_set(err, ERR_VERIFY, "record of %s isn't in records/",
						 digest)
				       : -1;
		if (check_record(walk, digest, text, len, err) < 0)
			return -1;
		++*(uint64_t *)walk->arg;
	}
	return store_files_alias(walk->store, digest, walk->arena, &alias, err) < 0 ? -1 : 0;
}

int gate_store_check(const struct gate_store *store, uint64_t *ret_files, struct err *err)
{
	uint64_t files = 0, generation;
	int64_t highest;
	struct walk walks[] = {
		{.store = store, .top = "objects/sha256", .visit = check_content, .arg = &files},
		{.store = store, .top = "records/sha256", .visit = check_content, .arg = &files},
		{.store = store, .top = "by-digest/sha256", .visit = check_digest, .arg = &files},
	};

	for (size_t i = 0; i < ARRAY_LEN(walks); i++)
		if (walk_all(&walks[i], err) < 0)
			return -1;
	if (gate_store_generation(store, &generation, err) < 0 ||
	    gate_store_clock(store, 0, &highest, err) < 0)
		return -1;
	*ret_files = files;
	return 0;
}

/* --- what may go --- */

struct gc {
	struct gate_store *store;
	struct gate_gc *how;
	struct arena arena;   /* of what is kept */
	struct str_list kept; /* digests of records and evidence, sorted when complete */
};

static int remove_name(struct gc *gc, int dirfd, const char *name, struct err *err)
{
	if (sys_unlinkat(dirfd, name, 0) < 0 && errno != ENOENT)
		return err_sys(err, "remove '%s' from the store", name);
	gc->how->removed++;
	return 0;
}

static int remove_temporaries(struct gc *gc, const char *path, struct err *err)
{
	autofd int fd = store_files_open(gc->store->dirfd, path, O_RDONLY | O_DIRECTORY, err);
	struct arena arena = ARENA_INIT;
	struct str_list names = {0};
	int status;

	if (fd < 0)
		return fd == STORE_ABSENT ? 0 : -1;
	status = list(fd, path, true, &arena, &names, err);
	for (size_t i = 0; !status && i < names.n; i++)
		status = remove_name(gc, fd, names.items[i], err);
	arena_release(&arena);
	return status;
}

static int keep(struct gc *gc, const char *digest, struct err *err)
{
	const char **slot = ARENA_PUSH(&gc->arena, &gc->kept);

	if (slot)
		*slot = arena_strdup(&gc->arena, digest);
	return slot && *slot ? 0 : err_oom(err);
}

static int keep_evidence(struct gc *gc, struct arena *arena, const char *text, size_t len,
			 struct err *err)
{
	struct err broken = ERR_INIT; /* a record that can't be read names nothing */
	struct record record;
	struct dsse dsse;
	bool wrong_type = false;

	if (dsse_parse(arena, text, len, &dsse, &broken) < 0 ||
	    record_parse(arena, dsse.payload, dsse.payload_len, &record, &wrong_type,
			 &broken) < 0 ||
	    wrong_type)
		return broken.sys_errno == ENOMEM ? err_oom(err) : 0;
	if (record.image.sbom && keep(gc, record.image.sbom, err) < 0)
		return -1;
	for (size_t i = 0; i < record.scans.n; i++)
		if (record.scans.items[i].evidence &&
		    keep(gc, record.scans.items[i].evidence, err) < 0)
			return -1;
	for (size_t i = 0; i < record.vex.n; i++)
		if (record.vex.items[i].evidence && keep(gc, record.vex.items[i].evidence, err) < 0)
			return -1;
	return 0;
}

/* A record and the evidence that it names. */
static int keep_record(struct gc *gc, const char *text, size_t len, struct err *err)
{
	struct arena arena = {.limit_bytes = RECORD_ARENA_BYTES};
	char digest[72];
	int status;

	crypto_digest(text, len, digest);
	status = keep(gc, digest, err) < 0 ? -1 : keep_evidence(gc, &arena, text, len, err);
	arena_release(&arena);
	return status;
}

/* By its name, which a history has; one that is gone needs nothing. */
static int keep_named(struct gc *gc, const char *name, struct err *err)
{
	struct arena arena = {.limit_bytes = RECORD_ARENA_BYTES};
	char path[STORE_PATH_MAX];
	const char *text;
	size_t len;
	int status;

	(void)snprintf(path, sizeof(path), "records/sha256/%.2s/%.62s", name + 7, name + 9);
	status = gate_store_read(gc->store->dirfd, path, RECORD_MAX_BYTES, &arena, &text, &len,
				 err);
	if (status == 1)
		status = keep_record(gc, text, len, err);
	arena_release(&arena);
	return status;
}

static int sweep_history(struct gc *gc, struct arena *arena, const char *digest, struct err *err)
{
	char path[STORE_PATH_MAX], stamp[24];
	struct str_list names = {0};
	autofd int fd = -1;

	store_files_digest_path(digest, "history", path);
	if (store_files_names(gc->store->dirfd, path, arena, &names, err) < 0 || !names.n)
		return err->kind ? -1 : 0;
	fd = store_files_open(gc->store->dirfd, path, O_RDONLY | O_DIRECTORY, err);
	if (fd < 0)
		return -1;
	for (size_t i = 0; i < names.n; i++) {
		const char *text;
		size_t len, digits = strcspn(names.items[i], "-");
		int64_t at;

		(void)snprintf(stamp, sizeof(stamp), "%.*s", digits < 20 ? (int)digits : 0,
			       names.items[i]);
		if (num_parse_i64(stamp, 0, INT64_MAX, &at) && at < gc->how->before) {
			if (remove_name(gc, fd, names.items[i], err) < 0)
				return -1;
			continue;
		}
		if (gate_store_read(fd, names.items[i], 128, arena, &text, &len, err) != 1)
			return err->kind ? -1 : 0;
		if (len != 72)
			return err_set(err, ERR_VERIFY, "'%s/%s' names no record", path,
				       names.items[i]);
		if (keep_named(gc, text, err) < 0)
			return -1;
	}
	return 0;
}

static int sweep_digest(struct walk *walk, const char *path, const char digest[72], struct err *err)
{
	static const char *const names[] = {"current", "pending"};
	struct gc *gc = walk->arg;
	const char *text;
	size_t len;

	if (remove_temporaries(gc, path, err) < 0)
		return -1;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		int found = store_files_of(walk->store, digest, names[i], RECORD_MAX_BYTES,
					   walk->arena, &text, &len, err);

		if (found < 0 || (found == 1 && keep_record(gc, text, len, err) < 0))
			return -1;
	}
	return sweep_history(gc, walk->arena, digest, err);
}

static int sweep_content(struct walk *walk, const char *path, const char digest[72],
			 struct err *err)
{
	struct gc *gc = walk->arg;
	char dir[STORE_PATH_MAX];
	autofd int fd = -1;

	if (bsearch(&digest, gc->kept.items, gc->kept.n, sizeof(*gc->kept.items), compare_names))
		return 0;
	(void)snprintf(dir, sizeof(dir), "%s/%.2s", walk->top, digest + 7);
	(void)path;
	fd = store_files_open(walk->store->dirfd, dir, O_RDONLY | O_DIRECTORY, err);
	return fd < 0 ? -1 : remove_name(gc, fd, digest + 9, err);
}

/* 1: it had expired, and `ret` says what it was; 0: it hadn't, or can't be read: then it permits
 * nothing, and when it ends isn't known. */
static int has_expired(struct gc *gc, int dirfd, const char *name, struct arena *arena,
		       const char **ret, struct err *err)
{
	struct permission permission = {0};
	struct err broken = ERR_INIT;
	char until[RFC3339_SIZE];
	struct dsse dsse;
	const char *text;
	size_t len;
	int found = gate_store_read(dirfd, name, PERMISSION_MAX_BYTES, arena, &text, &len, err);

	if (found != 1)
		return found;
	if (dsse_parse(arena, text, len, &dsse, &broken) < 0 ||
	    strcmp(dsse.payload_type, PERMISSION_PAYLOAD_TYPE) != 0 ||
	    permission_parse(arena, dsse.payload, dsse.payload_len, &permission, &broken) < 0)
		return broken.sys_errno == ENOMEM ? err_oom(err) : 0;
	if (permission.expires >= gc->how->expired_before)
		return 0;
	rfc3339_format(permission.expires, until);
	*ret = arena_printf(gc->how->arena, "%s %s of %s expired %s and is removed",
			    permission_kind_name(permission.kind), name, permission.owner, until);
	return *ret ? 1 : err_oom(err);
}

static int sweep_permission(struct gc *gc, int dirfd, const char *name, struct err *err)
{
	struct arena arena = ARENA_INIT;
	const char *told, **slot;
	int expired = has_expired(gc, dirfd, name, &arena, &told, err);

	arena_release(&arena);
	if (expired != 1)
		return expired;
	slot = ARENA_PUSH(gc->how->arena, &gc->how->expired);
	if (!slot)
		return err_oom(err);
	*slot = told;
	return remove_name(gc, dirfd, name, err);
}

static int sweep_permissions(struct gc *gc, struct arena *arena, struct err *err)
{
	autofd int fd = store_files_open(gc->store->dirfd, "permissions", O_RDONLY | O_DIRECTORY,
					 err);
	struct str_list names = {0};

	if (fd < 0)
		return fd == STORE_ABSENT ? 0 : -1;
	if (store_files_names(gc->store->dirfd, "permissions", arena, &names, err) < 0)
		return -1;
	for (size_t i = 0; i < names.n; i++)
		if (sweep_permission(gc, fd, names.items[i], err) < 0)
			return -1;
	return 0;
}

static int sweep(struct gc *gc, struct err *err)
{
	static const char *const plain[] = {"objects", "records", "permissions", "revoked/records",
					    "revoked/keys"};
	struct walk digests = {
		.store = gc->store, .top = "by-digest/sha256", .visit = sweep_digest, .arg = gc};
	struct walk contents[] = {
		{.store = gc->store, .top = "records/sha256", .visit = sweep_content, .arg = gc},
		{.store = gc->store, .top = "objects/sha256", .visit = sweep_content, .arg = gc}};
	struct arena arena = ARENA_INIT;
	int status;

	for (size_t i = 0; i < ARRAY_LEN(plain); i++)
		if (remove_temporaries(gc, plain[i], err) < 0)
			return -1;
	status = sweep_permissions(gc, &arena, err);
	arena_release(&arena);
	if (status < 0 || walk_all(&digests, err) < 0)
		return -1;
	if (gc->kept.n)
		qsort(gc->kept.items, gc->kept.n, sizeof(*gc->kept.items), compare_names);
	for (size_t i = 0; i < ARRAY_LEN(contents); i++)
		if (walk_all(&contents[i], err) < 0)
			return -1;
	return gc->how->removed ? store_files_bump(gc->store, err) : 0;
}

int gate_store_gc(struct gate_store *store, struct gate_gc *how, struct err *err)
{
	struct gc gc = {.store = store, .how = how, .arena = {.limit_bytes = (size_t)1 << 30}};
	int status;

	how->removed = 0;
	how->expired = (struct str_list){0};
	if (store->lock_fd < 0)
		return err_set(err, ERR_USAGE, "the store isn't open for writing");
	status = sweep(&gc, err);
	arena_release(&gc.arena);
	return status;
}
