/* State directories; see dir.h for the layout and the lock's meaning. */
#include "config.h"

#include "state/dir.h"

#include "base/auto.h"
#include "base/path.h"
#include "sys/file.h"
#include "sys/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "base/banned.h"

#define LOCK_NAME "lock"
#define LOCK_WAIT_MS 10000
#define LOCK_STEP_MS 5
#define DEFAULT_ROOT "/run/kanuki"

static int check_root(int fd, const char *path, struct err *err)
{
	struct stat st;

	if (sys_fstat(fd, &st) < 0)
		return err_sys(err, "look at state root '%s'", path);
	if (st.st_uid != geteuid())
		return err_set(err, ERR_HOST, "--root: '%s' belongs to user %u; it must be the caller's own", path,
			       st.st_uid);
	if (st.st_mode & 022)
		return err_set(err, ERR_HOST, "--root: '%s' can be written by others (mode 0%o); make it 0700", path,
			       st.st_mode & 07777);
	return 0;
}

int state_root_open(const char *path, const char *xdg_runtime_dir, struct err *err)
{
	struct arena arena __attribute__((cleanup(arena_release))) = ARENA_INIT;
	autofd int fd = -1;

	if (!path && geteuid() != 0) {
		if (!xdg_runtime_dir)
			return err_set(err, ERR_USAGE, "--root is needed: XDG_RUNTIME_DIR is not set");
		path = arena_printf(&arena, "%s/kanuki", xdg_runtime_dir);
		if (!path)
			return err_oom(err);
	}
	if (!path)
		path = DEFAULT_ROOT;
	fd = sys_open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	if (fd < 0 && errno == ENOENT) {
		if (file_mkdir_parents(path, 0700, err) < 0)
			return -1;
		fd = sys_open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	}
	if (fd < 0)
		return err_sys(err, "--root: open '%s'", path);
	if (check_root(fd, path, err) < 0)
		return -1;
	return steal_fd(&fd);
}

static int open_dir(int root_dirfd, const char *id)
{
	return sys_openat(root_dirfd, id, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0);
}

int state_dir_reserve(int root_dirfd, const char *id, struct state_dir *ret, struct err *err)
{
	ret->root_dirfd = root_dirfd;
	ret->id = id;
	if (!path_is_container_id(id))
		return err_set(err, ERR_USAGE, "invalid container id");
	/* mkdir(2) is the race's one winner, whatever umask the caller has. */
	if (sys_mkdirat(root_dirfd, id, 0700) < 0) {
		if (errno == EEXIST)
			return err_set(err, ERR_EXISTS, "container with id '%s' exists already", id);
		return err_sys(err, "make the state directory of '%s'", id);
	}
	ret->remove = true;
	ret->dirfd = open_dir(root_dirfd, id);
	if (ret->dirfd < 0)
		return err_sys(err, "open the state directory of '%s'", id);
	ret->lock_fd = sys_openat(ret->dirfd, LOCK_NAME, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (ret->lock_fd < 0)
		return err_sys(err, "make the lock of '%s'", id);
	/* A delete --force that got here first may have it: then it wins. */
	if (sys_flock(ret->lock_fd, LOCK_EX | LOCK_NB) < 0)
		return err_sys(err, "lock the state of '%s'", id);
	return 0;
}

static int not_found(const char *id, struct err *err)
{
	return err_set(err, ERR_NOT_FOUND, "container '%s' does not exist", id);
}

/* Bounded: a holder that hangs must not hang us. */
static int take_lock(int lock_fd, const char *id, struct err *err)
{
	for (int waited = 0; sys_flock(lock_fd, LOCK_EX | LOCK_NB) < 0; waited += LOCK_STEP_MS) {
		struct timespec step = {.tv_nsec = LOCK_STEP_MS * 1000000L};

		if (errno != EWOULDBLOCK && errno != EINTR)
			return err_sys(err, "lock the state of '%s'", id);
		if (waited >= LOCK_WAIT_MS)
			return err_set(err, ERR_STATE, "container '%s' is being worked on by another process", id);
		(void)nanosleep(&step, NULL); /* interrupted: only sooner */
	}
	return 0;
}

int state_dir_open(int root_dirfd, const char *id, bool lock, struct state_dir *ret, struct err *err)
{
	struct stat st;

	ret->root_dirfd = root_dirfd;
	ret->id = id;
	if (!path_is_container_id(id))
		return not_found(id, err);
	ret->dirfd = open_dir(root_dirfd, id);
	if (ret->dirfd < 0) {
		if (errno == ENOENT)
			return not_found(id, err);
		return err_sys(err, "open the state directory of '%s'", id);
	}
	if (sys_fstat(ret->dirfd, &st) < 0)
		return err_sys(err, "look at the state directory of '%s'", id);
	if (st.st_uid != geteuid())
		return err_set(err, ERR_HOST, "the state directory of '%s' belongs to user %u", id, st.st_uid);
	if (!lock)
		return 0;
	/* O_CREAT: a create killed between its first two calls has made none. */
	ret->lock_fd = sys_openat(ret->dirfd, LOCK_NAME, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (ret->lock_fd < 0) {
		if (errno == ENOENT) /* removed while we came */
			return not_found(id, err);
		return err_sys(err, "open the lock of '%s'", id);
	}
	if (take_lock(ret->lock_fd, id, err) < 0)
		return -1;
	if (sys_fstat(ret->dirfd, &st) < 0)
		return err_sys(err, "look at the state directory of '%s'", id);
	if (st.st_nlink == 0) /* deleted while we waited */
		return not_found(id, err);
	return 0;
}

void state_dir_commit(struct state_dir *dir)
{
	dir->remove = false;
}

/* Only names that we make; ".NAME...tmp" is file_replace's temporary. */
static bool is_known(const char *name)
{
	size_t len = strlen(name);

	return strcmp(name, LOCK_NAME) == 0 || strcmp(name, "record.json") == 0 || strcmp(name, "plan.json") == 0 ||
	       strcmp(name, "gate") == 0 || strcmp(name, "notify") == 0 || strncmp(name, "filter-", 7) == 0 ||
	       (name[0] == '.' && len > 4 && strcmp(name + len - 4, ".tmp") == 0);
}

static int remove_files(const struct state_dir *dir, struct err *err)
{
	int fd = sys_openat(dir->dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	autodir DIR *d = fd >= 0 ? fdopendir(fd) : NULL;

	if (!d) {
		auto_close_fd(&fd);
		return err_sys(err, "list the state of '%s'", dir->id);
	}
	for (struct dirent *e; (e = readdir(d));) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		if (!is_known(e->d_name))
			return err_set(err, ERR_STATE, "the state of '%s' holds '%s', which is not ours; not removed",
				       dir->id, e->d_name);
		if (sys_unlinkat(dir->dirfd, e->d_name, 0) < 0 && errno != ENOENT)
			return err_sys(err, "remove '%s' of '%s'", e->d_name, dir->id);
	}
	return 0;
}

int state_dir_remove(struct state_dir *dir, struct err *err)
{
	if (dir->dirfd >= 0 && remove_files(dir, err) < 0)
		return -1;
	if (sys_unlinkat(dir->root_dirfd, dir->id, AT_REMOVEDIR) < 0 && errno != ENOENT)
		return err_sys(err, "remove the state directory of '%s'", dir->id);
	dir->remove = false;
	return 0;
}

void state_dir_release(struct state_dir *dir)
{
	struct err ignored = ERR_INIT; /* the failure that brought us here is the one to tell */

	if (dir->remove)
		(void)state_dir_remove(dir, &ignored);
	dir->remove = false;
	auto_close_fd(&dir->lock_fd);
	auto_close_fd(&dir->dirfd);
	auto_close_fd(&dir->root_dirfd);
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

int state_root_list(int root_dirfd, struct arena *arena, struct str_list *ret, struct err *err)
{
	int fd = sys_openat(root_dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	autodir DIR *d = fd >= 0 ? fdopendir(fd) : NULL;

	if (!d) {
		auto_close_fd(&fd);
		return err_sys(err, "list the state root");
	}
	for (struct dirent *e; (e = readdir(d));) {
		const char **slot;

		if (!path_is_container_id(e->d_name) || (e->d_type != DT_DIR && e->d_type != DT_UNKNOWN))
			continue;
		slot = ARENA_PUSH(arena, ret);
		if (!slot)
			return err_oom(err);
		*slot = arena_strdup(arena, e->d_name);
		if (!*slot)
			return err_oom(err);
	}
	if (ret->n)
		qsort(ret->items, ret->n, sizeof(*ret->items), compare);
	return 0;
}
