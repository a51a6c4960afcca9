/* The state directory of a container, always by descriptor.
 *
 *	ROOT/			0700, ours alone (T-LC-5)
 *	    ID/			0700; flock(2)ed by the command that changes the container
 *		record.json	written last by create: without it there is no container yet
 *		plan.json plan.txt would.json question.json filter-N.bpf gate ...
 *
 * A reservation is a new directory (mkdir is exclusive: of all processes that
 * want one id, one wins) that is locked and has no record.  The kernel gives the lock
 * back when its holder dies, however it dies, so
 *
 *	no record, locked	a create is under way
 *	no record, not locked	a create was killed: delete --force removes it
 *	record			a container
 *
 * and a dead reservation can't be mistaken for a living one.  The lock belongs to
 * the open file, which a child shares: commit, unlock and release unlock explicitly,
 * not by closing.
 */
#ifndef KANUKI_STATE_DIR_H
#define KANUKI_STATE_DIR_H

#include "base/arena.h"
#include "base/err.h"
#include "base/list.h"

#include <limits.h>
#include <stdbool.h>

#define STATE_ROOT_DEFAULT "/run/kanuki"
#define STATE_RECORD_NAME  "record.json"
/* How long a command waits for another that holds the lock. */
#define STATE_LOCK_TIMEOUT_MS 10000

struct state_dir {
	int dirfd;	/* ROOT/ID */
	int root_dirfd; /* ROOT */
	bool locked;	/* by us */
	bool reserved;	/* made by us and not committed: release removes it */
	char id[NAME_MAX + 1];
};
#define STATE_DIR_INIT { .dirfd = -1, .root_dirfd = -1 }

/* The directory that holds them all: `root` (--root), or when it is NULL or empty
 * $XDG_RUNTIME_DIR/kanuki for all but the host's root (who in a child user
 * namespace is some user), else STATE_ROOT_DEFAULT.  `xdg_runtime_dir` is the
 * variable's value; NULL and "" (podman's, for root) mean unset.  When missing: with
 * `make` made, parents too, else ERR_NOT_FOUND.  Refused when somebody else owns it or
 * can write to it. */
int state_root_open(const char *root, const char *xdg_runtime_dir, bool make, struct err *err)
	 __attribute__((warn_unused_result));
/* Its name alone, by the same rule: `root` itself, or memory from `arena`, never NULL or empty. */
int state_root_read_path(const char *root, const char *xdg_runtime_dir, struct arena *arena,
			 const char **ret, struct err *err) __attribute__((warn_unused_result));
/* The ids in it, sorted. */
int state_root_list(int root_dirfd, struct arena *arena, struct str_list *ret, struct err *err)
	__attribute__((warn_unused_result));

/* The next two take over root_dirfd, also when they fail.
 *
 * Makes ROOT/ID, locked.  ERR_EXISTS when the id is taken, be it by a create that
 * was killed. */
int state_dir_reserve(int root_dirfd, const char *id, struct state_dir *ret, struct err *err)
	__attribute__((warn_unused_result));
/* Opens ROOT/ID; with `lock` waits at most STATE_LOCK_TIMEOUT_MS for its turn.
 * ERR_NOT_FOUND "container does not exist"; ERR_STATE when the lock stays taken. */
int state_dir_open(int root_dirfd, const char *id, bool lock, struct state_dir *ret,
		   struct err *err) __attribute__((warn_unused_result));

/* The container exists from now on: release will not remove it, and others may
 * lock it.  Without effect on a directory that was not reserved. */
void state_dir_commit(struct state_dir *dir);

/* Locks what was committed, again; ERR_NOT_FOUND when it was removed since, whatever has
 * its name now. */
int state_dir_lock(struct state_dir *dir, struct err *err) __attribute__((warn_unused_result));

/* Others may lock it from now on, change it and remove it.  Idempotent. */
void state_dir_unlock(struct state_dir *dir);

/* Someone else holds the lock: with no record, a create is under way. */
bool state_dir_is_busy(const struct state_dir *dir);

/* Removes the files we make, the record first, then the directory; never follows
 * a link and never descends.  A file of another name is an error and stays.
 * Needs the lock.  Idempotent: what is gone already is fine. */
int state_dir_remove(struct state_dir *dir, struct err *err) __attribute__((warn_unused_result));

/* Closes and unlocks; removes what was reserved and not committed.  Idempotent. */
void state_dir_release(struct state_dir *dir);
#define autostatedir __attribute__((cleanup(state_dir_release))) struct state_dir

#endif
