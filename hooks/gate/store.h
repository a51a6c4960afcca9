/* The store, /var/lib/kanuki/gate, and the keys and policy beside it in /etc/kanuki/gate.
 *
 * One directory per digest, so that a look-up costs the same with ten images and with a
 * hundred thousand; no lock for readers.  Readers open beneath the root without links
 * and mounts (openat2), want a regular file of root's that nobody else may write, with
 * one name or the store's own, read it once and use those bytes.  Writers hold LOCK, write a
 * temporary in the same directory, fsync, rename, fsync the directory: objects, then records,
 * history, alias, current, generation.  Absent is ENOENT and nothing else.
 *
 *   VERSION LOCK generation clock
 *   objects/sha256/ab/<62>     evidence, named by its content
 *   records/sha256/ab/<62>     envelopes, named by their content
 *   by-digest/sha256/ab/<62>/{current,pending,alias,revoked,history/}
 *   revoked/records/<64> revoked/keys/<64>
 *   permissions/<id>[-<64>]    signed waivers, permits, break-glass: once for each image named
 *   seen/<64>                  when a digest first ran here
 *
 * `current` is a copy of the record that counts; `pending` one that nobody has signed yet
 * and no decision looks at.  `alias` (of a manifest or an index) maps platforms to config
 * digests; to a list of them where records contradict each other: then it stands for the
 * one that alone isn't revoked, or for none (ERR_VERIFY); each is found by
 * its own.  A history entry, <newest scan>-<16 digits>, holds the name of a record.
 */
#ifndef KANUKI_GATE_STORE_H
#define KANUKI_GATE_STORE_H

#include "base/arena.h"
#include "base/err.h"
#include "gate/crypto.h"
#include "gate/types.h"

struct gate_store {
	int dirfd;	/* of the store's root */
	int etc_dirfd;	/* of /etc/kanuki/gate */
	int lock_fd;	/* held by a writer, or -1 */
};
#define GATE_STORE_INIT { .dirfd = -1, .etc_dirfd = -1, .lock_fd = -1 }

/* ERR_NOT_FOUND: the site has no store. */
int gate_store_open(const char *root, const char *etc, bool write, struct gate_store *ret,
		    struct err *err) __attribute__((warn_unused_result));
void gate_store_close(struct gate_store *store);
/* Makes an empty one (kanuki-gate init). */
int gate_store_create(const char *root, const char *etc, struct err *err)
	__attribute__((warn_unused_result));

/* 1: read; 0: not there; -1: anything else (E_STORE). */
int gate_store_read(int dirfd, const char *path, size_t limit, struct arena *arena,
		    const char **ret, size_t *ret_len, struct err *err)
	__attribute__((warn_unused_result));
/* By a config digest, or through an alias from a manifest's or index's (platform must fit). */
int gate_store_current(const struct gate_store *store, const char *digest, const char *platform,
		       struct arena *arena, const char **ret_envelope, size_t *ret_len,
		       const char **ret_config, struct err *err)
	__attribute__((warn_unused_result));
/* kind: "image", "record", "key".  1, 0, -1. */
int gate_store_is_revoked(const struct gate_store *store, const char *kind, const char *hex,
			  struct err *err) __attribute__((warn_unused_result));
int gate_store_generation(const struct gate_store *store, uint64_t *ret, struct err *err)
	__attribute__((warn_unused_result));
/* The highest time seen; a reader may raise it, nobody lowers it (to the minute: a step
 * back of less is none). */
int gate_store_clock(const struct gate_store *store, int64_t now, int64_t *ret_highest,
		     struct err *err) __attribute__((warn_unused_result));

/* Content-addressed; the same content twice is no error.  ret: "sha256:..." */
int gate_store_put(struct gate_store *store, const char *kind, const void *data, size_t len,
		   char ret[72], struct err *err) __attribute__((warn_unused_result));
/* The same from a file of any size, copied in pieces. */
int gate_store_put_fd(struct gate_store *store, const char *kind, int fd, char ret[72],
		      struct err *err) __attribute__((warn_unused_result));
/* Makes the envelope the record of its image: refused (ERR_STATE) where the present one
 * has newer scans, or the same with more findings: an older clean record can't displace
 * a newer bad one. */
int gate_store_publish(struct gate_store *store, const struct record *record, const char *envelope,
		       size_t len, struct err *err) __attribute__((warn_unused_result));

/* A record that waits for signatures, beside the current one. */
int gate_store_put_pending(struct gate_store *store, const char *config, const char *envelope,
			   size_t len, struct err *err) __attribute__((warn_unused_result));
/* 1, 0, -1. */
int gate_store_pending(const struct gate_store *store, const char *config, struct arena *arena,
		       const char **ret_envelope, size_t *ret_len, struct err *err)
	__attribute__((warn_unused_result));
/* `text` says who, when and why; presence alone is what counts. */
int gate_store_revoke(struct gate_store *store, const char *kind, const char *hex, const char *text,
		      size_t len, struct err *err) __attribute__((warn_unused_result));
/* ERR_NOT_FOUND: it wasn't revoked. */
int gate_store_unrevoke(struct gate_store *store, const char *kind, const char *hex,
			struct err *err) __attribute__((warn_unused_result));
/* A signed waiver, permit or break-glass (an envelope of at most PERMISSION_MAX_BYTES) -> its id;
 * `images` as it names them, or NULL. */
int gate_store_put_permission(struct gate_store *store, const struct str_list *images,
			      const char *envelope, size_t len, char ret[72], struct err *err)
	__attribute__((warn_unused_result));
/* Names of files, in order: an id (64 digits), and "-" and the digits of an image where it is for
 * one.  What a name says of the content is where to look for it and no more. */
int gate_store_permissions(const struct gate_store *store, struct arena *arena,
			   struct str_list *ret, struct err *err)
	__attribute__((warn_unused_result));
/* 1, 0: removed in between, -1. */
int gate_store_permission(const struct gate_store *store, const char *name, struct arena *arena,
			  const char **ret, size_t *ret_len, struct err *err)
	__attribute__((warn_unused_result));
/* When the digest first ran here; 0: never.  `now` other than 0: it runs now. */
int gate_store_seen(const struct gate_store *store, const char *digest, int64_t now, int64_t *ret,
		    struct err *err) __attribute__((warn_unused_result));
/* A stored object's file beneath the store's root; NULL: it isn't there. -1: the store failed. */
int gate_store_object(const struct gate_store *store, const char *digest, struct arena *arena,
		      const char **ret, struct err *err) __attribute__((warn_unused_result));
/* The config digests that have a current record, in order. */
int gate_store_digests(const struct gate_store *store, struct arena *arena, struct str_list *ret,
		       struct err *err) __attribute__((warn_unused_result));
/* Every file is what its name says and readable as what it should be.  ERR_VERIFY names the first
 * that isn't. */
int gate_store_check(const struct gate_store *store, uint64_t *ret_files, struct err *err)
	__attribute__((warn_unused_result));
/* Removes what nothing refers to: temporaries of dead writers, history older than `before`, records
 * without history, evidence of no record; and permissions that had expired by `expired_before`.
 * Memory from `arena`. */
struct gate_gc {
	int64_t before, expired_before;
	struct arena *arena;
	uint64_t removed;	 /* out: files */
	struct str_list expired; /* out: a line for each permission that went */
};
int gate_store_gc(struct gate_store *store, struct gate_gc *gc, struct err *err)
	__attribute__((warn_unused_result));

/* keys/<keyid>.json of /etc: all of them, with roles and times. */
struct gate_key {
	struct public_key key;
	unsigned roles;
	struct str_list scopes; /* repository globs */
	int64_t not_before, not_after;
	const char *comment;
	bool revoked;
};
typedef LIST_OF(struct gate_key) gate_key_list;
int gate_store_keys(const struct gate_store *store, struct arena *arena, gate_key_list *ret,
		    struct err *err) __attribute__((warn_unused_result));

#endif
