/* What store*.c share: opening beneath the store's root, and where things lie. */
#ifndef KANUKI_GATE_STORE_FILES_H
#define KANUKI_GATE_STORE_FILES_H

#include "gate/store.h"

#include <sys/types.h>

#define STORE_PATH_MAX       160
#define STORE_EVIDENCE_MAX   ((size_t)64 << 20)
#define STORE_ABSENT         (-2)

struct json;

/* fd, STORE_ABSENT or -1.  All but the last part are directories of root's. */
int store_files_open(int dirfd, const char *path, uint64_t flags, struct err *err)
	__attribute__((warn_unused_result));
/* A directory, checked, beneath which more is opened by name: fd, STORE_ABSENT or -1. */
int store_files_dir(int dirfd, const char *path, struct err *err)
	__attribute__((warn_unused_result));
/* Root's (or our own), not writable to others, of this type; a file with one name. */
int store_files_check(int fd, mode_t type, const char *path, struct err *err)
	__attribute__((warn_unused_result));
/* by-digest/sha256/ab/<62>[/name] of a valid digest. */
void store_files_digest_path(const char *digest, const char *name, char ret[STORE_PATH_MAX]);
/* A file in a digest's directory: 1, 0, -1. */
int store_files_of(const struct gate_store *store, const char *digest, const char *name,
		   size_t limit, struct arena *arena, const char **ret, size_t *ret_len,
		   struct err *err) __attribute__((warn_unused_result));
/* So many claims for one platform's name are kept; with as many it stands for nothing. */
#define ALIAS_CLAIMS_MAX 16u

/* Its alias, platform -> config digest or an array of them, checked. 1, 0, -1. */
int store_files_alias(const struct gate_store *store, const char *digest, struct arena *arena,
		      const struct json **ret, struct err *err) __attribute__((warn_unused_result));
int store_files_revoked_path(const char *kind, const char *hex, char ret[STORE_PATH_MAX],
			     struct err *err) __attribute__((warn_unused_result));
/* Names in a directory of the store without those that begin with '.', sorted; none when it isn't
 * there. */
int store_files_names(int dirfd, const char *path, struct arena *arena, struct str_list *ret,
		      struct err *err) __attribute__((warn_unused_result));
/* Directory `path`, made with its parents where missing, each synced: fd or -1. */
int store_files_make_dir(int dirfd, const char *path, struct err *err)
	__attribute__((warn_unused_result));
/* Temporary, fsync, rename, fsync of the directory. */
int store_files_put(int dirfd, const char *name, const void *data, size_t len, struct err *err)
	__attribute__((warn_unused_result));
/* The change is done: readers that compare generations look again. */
int store_files_bump(const struct gate_store *store, struct err *err)
	__attribute__((warn_unused_result));

#endif
