/* The directory of one container beneath the state root, always by descriptor.
 *
 * root/            0700, owned by the caller (T-LC-5)
 *   ID/            0700; made by create, removed by delete
 *     lock         flock(2): create holds it until the record is complete
 *     record.json  written once by create, replaced atomically
 *     plan.json    the recorded plan
 *     filter-N.bpf compiled filters of the bundle
 *     gate         socket between create and start
 *
 * A create that was killed leaves a directory without record.json and an unlocked
 * lock: opening it finds that out, and delete --force removes it.
 */
#ifndef KANUKI_STATE_DIR_H
#define KANUKI_STATE_DIR_H

#include "base/arena.h"
#include "base/err.h"
#include "base/list.h"

#include <stdbool.h>

struct state_dir {
	int root_dirfd, dirfd, lock_fd;
	const char *id;	     /* not owned */
	bool remove;	     /* release removes the directory (a reservation that was not committed) */
};
#define STATE_DIR_INIT { .root_dirfd = -1, .dirfd = -1, .lock_fd = -1 }

/* The state root: `path`, or for NULL /run/kanuki (euid 0) or XDG_RUNTIME_DIR/kanuki
 * (`xdg_runtime_dir`, NULL when unset or empty).  Made 0700 when missing; one
 * that others own or can write is refused.  Owned descriptor or -1. */
int state_root_open(const char *path, const char *xdg_runtime_dir, struct err *err) __attribute__((warn_unused_result));

/* Takes `id` for a new container: exactly one caller wins.  ERR_EXISTS otherwise.
 * The root descriptor is taken over.  `id` must outlive ret. */
int state_dir_reserve(int root_dirfd, const char *id, struct state_dir *ret, struct err *err)
	__attribute__((warn_unused_result));
/* Opens an existing one, ERR_NOT_FOUND "container 'ID' does not exist".  `lock`: wait
 * for whoever works on it (bounded, 10 s), and keep others out until release. */
int state_dir_open(int root_dirfd, const char *id, bool lock, struct state_dir *ret, struct err *err)
	__attribute__((warn_unused_result));
/* The reservation stays. */
void state_dir_commit(struct state_dir *dir);
/* Removes the known files and the directory; nothing is followed, nothing else is
 * touched; what is gone already is fine. */
int state_dir_remove(struct state_dir *dir, struct err *err) __attribute__((warn_unused_result));
/* Closes, unlocks, and removes an uncommitted reservation. */
void state_dir_release(struct state_dir *dir);
/* All ids, sorted. */
int state_root_list(int root_dirfd, struct arena *arena, struct str_list *ret, struct err *err)
	__attribute__((warn_unused_result));

#endif
