/* Owns the layout of the state directory and its locks; see the header for the
 * protocol.  Must not know what is in the files. */
#include "config.h"

#include "state/dir.h"

#include "base/auto.h"
#include "base/path.h"
#include "sys/file.h"
#include "sys/sys.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/banned.h"

#define DIR_FLAGS (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
#define RETRY_MS  5

/* Inode of the initial user namespace: PROC_USER_INIT_INO, fixed in the kernel
 * since 3.8.  A uid_map can look like the initial one in a child. */
#define INITIAL_USERNS_INO 0xEFFFFFFDU

/* What release, remove and the commands put into a container's directory. */
static const char *const known_names[] = {"plan.json",     "plan.txt", "would.json",
					  "question.json", "gate",     "notify"};

/* NULL with the error set. */
static const char *default_root(struct arena *arena, const char *xdg_runtime_dir, uid_t euid,
				struct err *err)
{
	bool has_xdg = xdg_runtime_dir && xdg_runtime_dir[0];
	bool user = euid != 0;
	if (!user && has_xdg) {
		struct stat st;
		if (sys_fstatat(AT_FDCWD, "/proc/self/ns/user", &st, 0) < 0) {
			err_sys(err, "stat '/proc/self/ns/user'");
			return NULL;
		}
		user = st.st_ino != INITIAL_USERNS_INO;
	}
	if (!user)
		return STATE_ROOT_DEFAULT;
	if (!has_xdg || xdg_runtime_dir[0] != '/') {
		err_set(err, ERR_USAGE,
			"no absolute XDG_RUNTIME_DIR to keep containers in: set it, or give "
			"--root");
		return NULL;
	}
	const char *root = path_join(arena, xdg_runtime_dir, "kanuki");
	if (!root)
		err_oom(err);
	return root;
}

static int check_id(const char *id, struct err *err)
{
	if (!path_is_container_id(id))
		return err_set(err, ERR_USAGE, "invalid container id '%s'", id);
	if (strlen(id) > NAME_MAX)
		return err_set(err, ERR_USAGE, "container id is longer than %d bytes", NAME_MAX);
	return 0;
}

static int not_found(const char *id, struct err *err)
{
	return err_set(err, ERR_NOT_FOUND, "container does not exist: '%s'", id);
}

/* Nobody else may have made the directory, or be able to put a name into it. */
static int check_owner(const struct stat *st, uid_t owner, const char *path, struct err *err)
{
	if (st->st_uid != owner)
		return err_set(err, ERR_HOST,
			       "state directory '%s' belongs to uid %u, not to uid %u", path,
			       (unsigned)st->st_uid, (unsigned)owner);
	if (st->st_mode & (S_IWGRP | S_IWOTH))
		return err_set(err, ERR_HOST,
			       "state directory '%s' can be written to by others (mode %04o)", path,
			       (unsigned)(st->st_mode & 07777));
	return 0;
}

/* Makes it with its parents; `root` may be relative to here. */
static int make_root(const char *root, struct err *err)
{
	struct arena arena __attribute__((cleanup(arena_release))) = ARENA_INIT;
	char here[PATH_MAX];
	if (root[0] != '/' && sys_getcwd(here, sizeof(here)) < 0)
		return err_sys(err, "get the current directory");
	const char *path = path_join(&arena, here, root);
	if (!path)
		return err_oom(err);
	if (file_mkdir_parents(path, 0700, err) < 0)
		return err_context(err, "state directory");
	return 0;
}

static const char *root_path(const char *root, const char *xdg_runtime_dir, uid_t euid,
			     struct arena *arena, struct err *err)
{
	return root && root[0] ? root : default_root(arena, xdg_runtime_dir, euid, err);
}

int state_root_read_path(const char *root, const char *xdg_runtime_dir, struct arena *arena,
			 const char **ret, struct err *err)
{
	uid_t real, effective, saved;
	if (sys_getresuid(&real, &effective, &saved) < 0)
		return err_sys(err, "get user id");
	root = root_path(root, xdg_runtime_dir, effective, arena, err);
	if (!root)
		return -1;
	*ret = root;
	return 0;
}

int state_root_open(const char *root, const char *xdg_runtime_dir, bool make, struct err *err)
{
	struct arena arena __attribute__((cleanup(arena_release))) = ARENA_INIT;
	uid_t real, effective, saved;
	if (sys_getresuid(&real, &effective, &saved) < 0)
		return err_sys(err, "get user id");
	root = root_path(root, xdg_runtime_dir, effective, &arena, err);
	if (!root)
		return -1;
	autofd int fd = sys_openat(AT_FDCWD, root, DIR_FLAGS, 0);
	if (fd < 0 && errno == ENOENT && !make)
		return err_set(err, ERR_NOT_FOUND, "state directory '%s' does not exist", root);
	if (fd < 0 && errno == ENOENT) {
		if (make_root(root, err) < 0)
			return -1;
		fd = sys_openat(AT_FDCWD, root, DIR_FLAGS, 0);
	}
	if (fd < 0)
		return err_sys(err, "open state directory '%s'", root);
	struct stat st;
	if (sys_fstat(fd, &st) < 0)
		return err_sys(err, "stat state directory '%s'", root);
	if (check_owner(&st, effective, root, err) < 0)
		return -1;
	return steal_fd(&fd);
}

/* Opens and checks ROOT/ID; *ret_gone when there is none (any more). */
static int open_checked(int root_dirfd, const char *id, int *ret_fd, bool *ret_gone,
			struct err *err)
{
	*ret_gone = false;
	autofd int fd = sys_openat(root_dirfd, id, DIR_FLAGS, 0);
	if (fd < 0 && errno == ENOENT) {
		*ret_gone = true;
		return 0;
	}
	if (fd < 0)
		return err_sys(err, "open state directory of '%s'", id);
	struct stat root, st;
	if (sys_fstat(root_dirfd, &root) < 0 || sys_fstat(fd, &st) < 0)
		return err_sys(err, "stat state directory of '%s'", id);
	if (check_owner(&st, root.st_uid, id, err) < 0)
		return -1;
	*ret_fd = steal_fd(&fd);
	return 0;
}

static int64_t now_ms(void)
{
	struct timespec ts;
	(void)clock_gettime(CLOCK_MONOTONIC, &ts); /* this clock always exists */
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static int lock_within(int fd, int64_t timeout_ms, const char *id, struct err *err)
{
	int64_t start = now_ms();
	for (;;) {
		if (sys_flock(fd, LOCK_EX | LOCK_NB) == 0)
			return 0;
		if (errno == EINTR)
			continue;
		if (errno != EWOULDBLOCK)
			return err_sys(err, "lock state directory of '%s'", id);
		if (now_ms() - start >= timeout_ms)
			return err_set(err, ERR_STATE,
				       "container '%s' is in use by another command", id);
		if (sys_poll(NULL, 0, RETRY_MS) < 0 && errno != EINTR)
			return err_sys(err, "wait for the lock of '%s'", id);
	}
}

/* The directory that was locked may have been removed while we waited.  A new
 * one of the same name is another container. */
static int still_there(int fd, const char *id, bool *ret, struct err *err)
{
	struct stat st;
	if (sys_fstat(fd, &st) < 0)
		return err_sys(err, "stat state directory of '%s'", id);
	*ret = st.st_nlink > 0;
	return 0;
}

/* ---- directory contents ---- */

/* As getdents64(2) fills it; the C library has no name for it. */
struct entry {
	uint64_t ino;
	int64_t off;
	uint16_t reclen;
	uint8_t type;
	char name[];
};

/* Calls `each` for every entry but "." and "..".  It may remove the entry. */
static int for_each_entry(int dirfd, const char *what,
			  int (*each)(int, const struct entry *, void *, struct err *), void *data,
			  struct err *err)
{
	_Alignas(struct entry) char buf[8192];
	if (sys_lseek(dirfd, 0, SEEK_SET) < 0)
		return err_sys(err, "rewind %s", what);
	for (;;) {
		long n = sys_getdents64(dirfd, buf, sizeof(buf));
		if (n == 0 || (n < 0 && errno == ENOENT))
			return 0; /* ENOENT: the directory itself is gone */
		if (n < 0)
			return err_sys(err, "list %s", what);
		for (long i = 0; i < n;) {
			const struct entry *e = (const struct entry *)(buf + i);
			i += e->reclen;
			if (!strcmp(e->name, ".") || !strcmp(e->name, ".."))
				continue;
			if (each(dirfd, e, data, err) < 0)
				return -1;
		}
	}
}

static void fill(struct state_dir *dir, int *root_fd, int *fd, const char *id)
{
	*dir = (struct state_dir)STATE_DIR_INIT;
	dir->root_dirfd = steal_fd(root_fd);
	dir->dirfd = steal_fd(fd);
	(void)snprintf(dir->id, sizeof(dir->id), "%s", id);
}

static int note_entry(int dirfd, const struct entry *e, void *data, struct err *err)
{
	(void)dirfd;
	(void)e;
	(void)err;
	*(bool *)data = true;
	return 0;
}

int state_dir_reserve(int root_dirfd, const char *id, struct state_dir *ret, struct err *err)
{
	autofd int root_fd = root_dirfd;
	if (check_id(id, err) < 0)
		return -1;
	if (sys_mkdirat(root_fd, id, 0700) < 0) {
		if (errno == EEXIST)
			return err_set(err, ERR_EXISTS,
				       "container with given ID already exists: '%s'", id);
		return err_sys(err, "create state directory of '%s'", id);
	}

	autofd int fd = -1;
	bool gone = false;
	if (open_checked(root_fd, id, &fd, &gone, err) < 0) {
		/* rmdir takes an empty directory only.  Should it be another create's by
		 * now, that one fails cleanly. */
		(void)sys_unlinkat(root_fd, id, AT_REMOVEDIR);
		return -1;
	}
	if (gone)
		return err_set(err, ERR_STATE, "container '%s' was deleted while it was created",
			       id);
	autostatedir dir = STATE_DIR_INIT;
	fill(&dir, &root_fd, &fd, id);
	dir.reserved = true;
	/* A state_dir_is_busy() holds the lock for a moment; a delete --force that
	 * came between holds it until it has removed the directory. */
	if (lock_within(dir.dirfd, STATE_LOCK_TIMEOUT_MS, id, err) < 0)
		return -1;
	dir.locked = true;
	bool there = false;
	if (still_there(dir.dirfd, id, &there, err) < 0)
		return -1;
	/* Ours is empty.  A delete --force that took it for a dead create's, followed by
	 * another create, has put that one's directory in its place before it was opened. */
	bool used = false;
	if (there && for_each_entry(dir.dirfd, "state directory", note_entry, &used, err) < 0)
		return -1;
	if (!there || used) {
		dir.reserved = false; /* what has the name now is not ours */
		return err_set(err, ERR_STATE, "container '%s' was deleted while it was created",
			       id);
	}
	*ret = dir;
	dir = (struct state_dir)STATE_DIR_INIT;
	return 0;
}

void state_dir_unlock(struct state_dir *dir)
{
	if (dir->locked)
		(void)sys_flock(dir->dirfd, LOCK_UN); /* fails for a bad descriptor only */
	dir->locked = false;
}

void state_dir_commit(struct state_dir *dir)
{
	if (!dir->reserved)
		return;
	dir->reserved = false;
	state_dir_unlock(dir);
}

int state_dir_open(int root_dirfd, const char *id, bool lock, struct state_dir *ret,
		   struct err *err)
{
	autofd int root_fd = root_dirfd;
	if (check_id(id, err) < 0)
		return -1;
	autofd int fd = -1;
	bool gone = false;
	if (open_checked(root_fd, id, &fd, &gone, err) < 0)
		return -1;
	if (gone)
		return not_found(id, err);
	if (lock) {
		bool there = false;
		if (lock_within(fd, STATE_LOCK_TIMEOUT_MS, id, err) < 0 ||
		    still_there(fd, id, &there, err) < 0)
			return -1;
		if (!there)
			return not_found(id, err);
	}
	fill(ret, &root_fd, &fd, id);
	ret->locked = lock;
	return 0;
}

int state_dir_lock(struct state_dir *dir, struct err *err)
{
	bool there = false;
	if (lock_within(dir->dirfd, STATE_LOCK_TIMEOUT_MS, dir->id, err) < 0)
		return -1;
	dir->locked = true;
	if (still_there(dir->dirfd, dir->id, &there, err) < 0)
		return -1;
	return there ? 0 : not_found(dir->id, err);
}

bool state_dir_is_busy(const struct state_dir *dir)
{
	if (dir->locked)
		return false;
	if (sys_flock(dir->dirfd, LOCK_SH | LOCK_NB) < 0)
		return true; /* taken; anything else can't be told from it, and busy is the careful answer */
	(void)sys_flock(dir->dirfd, LOCK_UN);
	return false;
}

/* ---- removing ---- */

static bool is_known(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(known_names); i++)
		if (!strcmp(name, known_names[i]))
			return true;
	size_t len = strlen(name);
	if (!strncmp(name, "filter-", 7))
		return len > 11 && !strcmp(name + len - 4, ".bpf");
	/* file_replace's, left by a process that was killed */
	return name[0] == '.' && len > 5 && !strcmp(name + len - 4, ".tmp");
}

static int remove_file(int dirfd, const char *name, struct err *err)
{
	if (sys_unlinkat(dirfd, name, 0) < 0 && errno != ENOENT)
		return err_sys(err, "remove '%s' from the state directory", name);
	return 0;
}

static int remove_entry(int dirfd, const struct entry *e, void *data, struct err *err)
{
	(void)data;
	if (!is_known(e->name))
		return err_set(err, ERR_STATE,
			       "state directory holds '%s', which is not kanuki's: left alone",
			       e->name);
	return remove_file(dirfd, e->name, err);
}

int state_dir_remove(struct state_dir *dir, struct err *err)
{
	assert(dir->locked);
	/* First: killed after this, a later delete --force finds no container. */
	if (remove_file(dir->dirfd, STATE_RECORD_NAME, err) < 0 ||
	    for_each_entry(dir->dirfd, "state directory", remove_entry, NULL, err) < 0)
		return -1;
	/* By name: with the lock held nobody else removes it, so the name is ours. */
	bool there = false;
	if (still_there(dir->dirfd, dir->id, &there, err) < 0)
		return -1;
	if (there && sys_unlinkat(dir->root_dirfd, dir->id, AT_REMOVEDIR) < 0 && errno != ENOENT)
		return err_sys(err, "remove state directory of '%s'", dir->id);
	dir->reserved = false;
	return 0;
}

struct listing {
	struct arena *arena;
	struct str_list *ids;
};

static int list_entry(int dirfd, const struct entry *e, void *data, struct err *err)
{
	struct listing *l = data;
	if (!path_is_container_id(e->name))
		return 0;
	if (e->type == DT_UNKNOWN) {
		struct stat st;
		if (sys_fstatat(dirfd, e->name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			return errno == ENOENT
				       ? 0
				       : err_sys(err, "stat '%s' in the state directory", e->name);
		if (!S_ISDIR(st.st_mode))
			return 0;
	} else if (e->type != DT_DIR) {
		return 0;
	}
	const char **slot = ARENA_PUSH(l->arena, l->ids);
	const char *id = arena_strdup(l->arena, e->name);
	if (!slot || !id)
		return err_oom(err);
	*slot = id;
	return 0;
}

static int compare_ids(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

int state_root_list(int root_dirfd, struct arena *arena, struct str_list *ret, struct err *err)
{
	struct str_list ids = {0};
	struct listing listing = {.arena = arena, .ids = &ids};
	if (for_each_entry(root_dirfd, "state directory", list_entry, &listing, err) < 0)
		return -1;
	if (ids.n > 0)
		qsort(ids.items, ids.n, sizeof(*ids.items), compare_ids);
	*ret = ids;
	return 0;
}

void state_dir_release(struct state_dir *dir)
{
	/* Undoing: the failure that led here is the one to tell; and twice, so that
	 * one in passing leaves nothing behind. */
	for (int i = 0; i < 2 && dir->reserved; i++) {
		struct err ignored = ERR_INIT;
		if (dir->locked && state_dir_remove(dir, &ignored) == 0)
			break;
		if (!dir->locked && sys_unlinkat(dir->root_dirfd, dir->id, AT_REMOVEDIR) == 0)
			break;
	}
	state_dir_unlock(dir);
	auto_close_fd(&dir->dirfd);
	auto_close_fd(&dir->root_dirfd);
	*dir = (struct state_dir)STATE_DIR_INIT;
}
