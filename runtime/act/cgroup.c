/* Making, finding and removing a container's cgroup (v2, cgroupfs).
 *
 * All by descriptors beneath one root, checked to be cgroup2 (W-31); names from
 * the plan resolve without links and without "..", so nothing outside the root
 * is ever touched (T-CG-3).
 */
#include "config.h"

#include "act/cgroup.h"

#include "act/cgroup_files.h"
#include "base/auto.h"
#include "base/path.h"
#include "sys/file.h"
#include "sys/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/banned.h"

#define REMOVE_WAIT_MS 10000

void cgroup_release(struct cgroup *cg)
{
	/* Twice: what failed once in passing must not leave a cgroup behind; the
	 * failure that brought us here is the one to tell. */
	for (int i = 0; i < 2 && cg->n_made && !cg->committed; i++) {
		struct err ignored = ERR_INIT;

		if (cgroup_kill(cg, SIGKILL, &ignored) < 0 ||
		    cgroup_remove(cg, cg->n_made, &ignored) < 0)
			err_clear(&ignored);
	}
	if (cg->marked && !cg->n_made && !cg->committed)
		cgroup_unmark(cg);
	auto_close_fd(&cg->dirfd);
	auto_close_fd(&cg->root_dirfd);
	cg->n_made = 0;
}

static int open_root(const char *cgroup_root, struct err *err)
{
	autofd int fd = sys_open(cgroup_root, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	struct statfs sfs;

	if (fd < 0)
		return err_sys(err, "open the cgroup file system '%s'", cgroup_root);
	if (sys_fstatfs(fd, &sfs) < 0)
		return err_sys(err, "look at '%s'", cgroup_root);
	if (sfs.f_type != CGROUP2_SUPER_MAGIC)
		return err_set(
			err, ERR_HOST,
			"'%s' is not cgroup v2; mount it there, or use --cgroup-manager=disabled",
			cgroup_root);
	return steal_fd(&fd);
}

static int open_beneath(int dirfd, const char *path)
{
	struct open_how how = {.flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC,
			       .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV |
					  RESOLVE_NO_MAGICLINKS};

	return sys_openat2(dirfd, path, &how);
}

/* Some write needs it, and does this where it is missing. */
static bool is_needed(const struct plan_cgroup *limits, const char *controller,
		      enum plan_cgroup_absent absent)
{
	for (size_t i = 0; i < limits->writes.n; i++)
		if (limits->writes.items[i].controller &&
		    strcmp(limits->writes.items[i].controller, controller) == 0 &&
		    limits->writes.items[i].absent == absent)
			return true;
	return false;
}

/* Controllers that the plan's files need, for subtree_control: "+cpu +memory", and
 * "?pids" where only writes need it that are skipped without it. */
static void wanted_controllers(const struct plan_cgroup *limits, char *ret, size_t size)
{
	size_t len = 0;

	ret[0] = 0;
	for (size_t i = 0; i < limits->writes.n; i++) {
		const char *c = limits->writes.items[i].controller;
		char word[32];
		int n;

		if (!c)
			continue;
		n = snprintf(word, sizeof(word), "%c%s ",
			     is_needed(limits, c, ABSENT_ERROR) ? '+' : '?', c);
		if (n < 0 || (size_t)n >= sizeof(word) || strstr(ret, word) ||
		    len + (size_t)n >= size)
			continue;
		memcpy(ret + len, word, (size_t)n + 1);
		len += (size_t)n;
	}
}

/* A cgroup above ours was removed while we stood in it: another container's, the
 * last one there, has ended.  The whole path is begun again. */
#define VANISHED 1
#define PATH_TRIES 64

/* One controller at a time: one that the parent doesn't offer must not keep the
 * others away.  What is then missing shows when its file is written, where the
 * plan says whether that is an error (cgroup_apply). */
static int enable_controllers(int dirfd, const char *wanted, struct err *err)
{
	char word[33];

	for (const char *at = wanted; *at; at += strcspn(at, " ") + 1) {
		bool optional = *at == '?';

		(void)snprintf(word, sizeof(word), "+%.*s", (int)strcspn(at, " ") - 1, at + 1);
		if (file_write_once(dirfd, "cgroup.subtree_control", word) == 0)
			continue;
		if (errno == ENODEV)
			return VANISHED;
		if (errno == EBUSY && optional)
			continue; /* our own wish only: the plan shows it as one that may be skipped */
		if (errno == EBUSY)
			return err_set(err, ERR_HOST,
				       "cgroup: controller '%s' can't be enabled for containers: "
				       "the parent cgroup holds processes itself",
				       word + 1);
		if (errno != ENOENT && errno != EINVAL && errno != EOPNOTSUPP && errno != EACCES &&
		    errno != EPERM && errno != EROFS)
			return err_sys(err, "enable cgroup controller '%s'", word + 1);
	}
	return 0;
}

static bool has_processes(int dirfd, struct err *err, bool *ret_failed)
{
	char buf[512];

	*ret_failed = cgroup_file_read(dirfd, "cgroup.events", buf, sizeof(buf), err) < 0;
	return !*ret_failed && strstr(buf, "populated 1") != NULL;
}

/* One component: opened, or made.  The last one must be ours alone. */
static int descend(struct cgroup *cg, const char *name, bool last, struct err *err)
{
	autofd int fd = -1;
	bool failed;

	if (sys_mkdirat(cg->dirfd, name, 0755) == 0)
		cg->n_made++;
	else if (errno == EEXIST)
		cg->n_made = 0; /* what we made above it is another's by now, too */
	else if (errno == ENOENT || errno == ENODEV)
		return VANISHED;
	else
		return err_sys(err, "make cgroup '%s'", cg->path);
	fd = open_beneath(cg->dirfd, name);
	if (fd < 0 && (errno == ENOENT || errno == ENODEV))
		return VANISHED;
	if (fd < 0)
		return err_sys(err, "open cgroup '%s'", cg->path);
	if (last && cg->n_made == 0 && has_processes(fd, err, &failed))
		return err_set(err, ERR_STATE,
			       "cgroupsPath: '%s' exists and holds processes; choose another one",
			       cg->path);
	if (last && cg->n_made == 0 && err->kind != ERR_NONE)
		return -1;
	auto_close_fd(&cg->dirfd);
	cg->dirfd = steal_fd(&fd);
	return last || cg->n_made ? 0 : cgroup_check_parent(cg, err);
}

/* Takes back the directories of a path that could not be made to its end.  Nothing
 * is killed and nothing waited for: a parent may hold other containers by now, and
 * then it is theirs. */
static void undo_path(struct cgroup *cg, size_t made_len)
{
	char path[sizeof(cg->path)];

	memcpy(path, cg->path, made_len);
	path[made_len] = 0;
	for (; cg->n_made; cg->n_made--) {
		char *slash = strrchr(path, '/');

		/* Whatever the reason, we have no better idea; the first error is told. */
		if (!slash || sys_unlinkat(cg->root_dirfd, path + 1, AT_REMOVEDIR) < 0)
			break;
		*slash = 0;
	}
	cg->n_made = 0;
}

static int try_path(struct cgroup *cg, const char *wanted, struct err *err)
{
	char component[256];
	size_t at = 1, made_len = 0;

	auto_close_fd(&cg->dirfd);
	cg->n_made = 0;
	cg->dirfd = sys_fcntl(cg->root_dirfd, F_DUPFD_CLOEXEC, 3);
	if (cg->dirfd < 0)
		return err_sys(err, "keep the cgroup root");
	for (size_t len; (len = strcspn(cg->path + at, "/")) > 0;
	     at += len + (cg->path[at + len] == '/')) {
		unsigned before = cg->n_made;
		int r;

		if (len >= sizeof(component))
			return err_set(err, ERR_SPEC,
				       "cgroupsPath: a component is longer than 255 bytes");
		memcpy(component, cg->path + at, len);
		component[len] = 0;
		r = enable_controllers(cg->dirfd, wanted, err);
		if (r == 0)
			r = descend(cg, component, cg->path[at + len] == 0, err);
		if (cg->n_made > before)
			made_len = at + len;
		if (r != 0) {
			undo_path(cg, made_len);
			return r;
		}
	}
	return 0;
}

static int make_path(struct cgroup *cg, const char *wanted, struct err *err)
{
	for (int i = 0; i < PATH_TRIES; i++) {
		int r = try_path(cg, wanted, err);

		if (r != VANISHED)
			return r;
	}
	return err_set(err, ERR_SYSTEM,
		       "cgroup '%s': its parents are removed as fast as they are made", cg->path);
}

/* Where a process stands: "/a/b" of "0::/a/b". */
static int read_cgroup(const char *file, char *ret, size_t size, struct err *err)
{
	autofd int fd = sys_open(file, O_RDONLY | O_CLOEXEC, 0);
	char buf[4096], *line;
	ssize_t n = fd < 0 ? -1 : sys_read(fd, buf, sizeof(buf) - 1);

	if (n < 0)
		return err_sys(err, "read '%s'", file);
	buf[n] = 0;
	for (char *rest = buf; (line = strsep(&rest, "\n"));) {
		if (strncmp(line, "0::", 3) != 0)
			continue;
		if ((size_t)snprintf(ret, size, "%s", line + 3) < size)
			return 0;
	}
	return err_set(err, ERR_HOST, "'%s': in no cgroup v2", file);
}

int cgroup_resolve_path(const struct plan_cgroup *limits, char ret[1024], struct err *err)
{
	char own[1024] = "";
	int n;

	if (limits->path_from_caller && read_cgroup("/proc/self/cgroup", own, sizeof(own), err) < 0)
		return -1;
	n = snprintf(ret, 1024, "%s%s", strcmp(own, "/") == 0 ? "" : own, limits->path);
	if (n < 0 || n >= 1024)
		return err_set(err, ERR_SPEC, "cgroupsPath: longer than 1023 bytes");
	if (path_has_dotdot(ret) || ret[0] != '/' || ret[1] == 0)
		return err_set(err, ERR_SPEC, "cgroupsPath: '%s' is no cgroup of its own", ret);
	return 0;
}

/* The files that cgroups(7) "Delegation" names; the list is the kernel's own. */
static int delegate(const struct cgroup *cg, const struct plan_cgroup *limits, struct err *err)
{
	uid_t uid = (uid_t)limits->delegate_uid;
	gid_t gid = limits->delegate_gid < 0 ? (gid_t)-1 : (gid_t)limits->delegate_gid;
	autofd int fd = -1;
	char buf[1024], *line;
	ssize_t n;

	if (limits->delegate_uid < 0)
		return 0;
	fd = sys_open("/sys/kernel/cgroup/delegate", O_RDONLY | O_CLOEXEC, 0);
	n = fd < 0 ? -1 : sys_read(fd, buf, sizeof(buf) - 1);
	if (n < 0)
		return err_sys(err, "read '/sys/kernel/cgroup/delegate'");
	buf[n] = 0;
	if (sys_fchown(cg->dirfd, uid, gid) < 0)
		return err_sys(err, "delegate cgroup '%s'", cg->path);
	for (char *rest = buf; (line = strsep(&rest, "\n"));) {
		if (!*line || strchr(line, '/'))
			continue;
		if (sys_fchownat(cg->dirfd, line, uid, gid, AT_SYMLINK_NOFOLLOW) < 0 &&
		    errno != ENOENT)
			return err_sys(err, "delegate '%s' of cgroup '%s'", line, cg->path);
	}
	return 0;
}

int cgroup_create(const struct plan *plan, const char *cgroup_root, int state_dirfd,
		  struct cgroup *cg, struct err *err)
{
	const struct plan_cgroup *limits = &plan->cgroup;
	char wanted[256];

	*cg = (struct cgroup)CGROUP_INIT;
	cg->root_dirfd = open_root(cgroup_root, err);
	if (cg->root_dirfd < 0 || cgroup_resolve_path(limits, cg->path, err) < 0)
		return -1;
	wanted_controllers(limits, wanted, sizeof(wanted));
	if (make_path(cg, wanted, err) < 0 || cgroup_mark(cg, plan->id, state_dirfd, err) < 0 ||
	    cgroup_apply(cg, limits, err) < 0)
		return -1;
	return delegate(cg, limits, err);
}

int cgroup_enable(const struct cgroup *cg, const struct plan_cgroup *limits, struct err *err)
{
	autofd int at = sys_fcntl(cg->root_dirfd, F_DUPFD_CLOEXEC, 3);
	char wanted[256], component[256];

	wanted_controllers(limits, wanted, sizeof(wanted));
	/* From the root down to the parent: each gives to its children. */
	for (const char *path = cg->path + 1; at >= 0; path += strlen(component) + 1) {
		autofd int next = -1;
		int n = snprintf(component, sizeof(component), "%.*s", (int)strcspn(path, "/"),
				 path);

		if (enable_controllers(at, wanted, err) < 0)
			return -1;
		if (n < 0 || (size_t)n >= sizeof(component) || !path[n])
			return 0;
		next = open_beneath(at, component);
		if (next < 0)
			return err_sys(err, "open cgroup '%s'", component);
		auto_close_fd(&at);
		at = steal_fd(&next);
	}
	return err_sys(err, "keep the cgroup root");
}

int cgroup_open(const char *cgroup_root, const char *path, struct cgroup *ret, struct err *err)
{
	bool committed = ret->committed;

	*ret = (struct cgroup)CGROUP_INIT;
	ret->committed = committed;
	if (!path || path[0] != '/' || path[1] == 0 || strlen(path) >= sizeof(ret->path))
		return err_set(err, ERR_NOT_FOUND, "the container has no cgroup");
	ret->root_dirfd = open_root(cgroup_root, err);
	if (ret->root_dirfd < 0)
		return -1;
	memcpy(ret->path, path, strlen(path) + 1);
	ret->dirfd = open_beneath(ret->root_dirfd, path + 1);
	if (ret->dirfd < 0) {
		if (errno == ENOENT)
			return err_set(err, ERR_NOT_FOUND, "cgroup '%s' does not exist", path);
		return err_sys(err, "open cgroup '%s'", path);
	}
	return 0;
}

int cgroup_open_sub(const struct cgroup *cg, const char *sub, int *ret_dirfd, struct err *err)
{
	autofd int fd = -1;

	while (*sub == '/')
		sub++;
	/* crun before 1.29 let "../outside" out (T-CG-3). */
	if (!*sub || path_has_dotdot(sub))
		return err_set(err, ERR_USAGE,
			       "--cgroup: '%s' is not beneath the container's cgroup", sub);
	fd = open_beneath(cg->dirfd, sub);
	if (fd < 0 && errno == ENOENT && !strchr(sub, '/')) {
		if (sys_mkdirat(cg->dirfd, sub, 0755) < 0)
			return err_sys(err, "--cgroup: make '%s'", sub);
		fd = open_beneath(cg->dirfd, sub);
	}
	if (fd < 0)
		return err_sys(err, "--cgroup: open '%s' beneath the container's cgroup", sub);
	*ret_dirfd = steal_fd(&fd);
	return 0;
}

int cgroup_open_init(const struct cgroup *cg, pid_t pid, int pidfd, int *ret_dirfd, struct err *err)
{
	char file[40], path[1024];
	autofd int fd = -1;

	(void)snprintf(file, sizeof(file), "/proc/%d/cgroup", (int)pid);
	if (read_cgroup(file, path, sizeof(path), err) < 0)
		return -1;
	/* Still init's number, so it was init's line. */
	if (sys_pidfd_send_signal(pidfd, 0, 0) < 0)
		return err_sys(err, "look for the container's init");
	if (!path_is_beneath(path, cg->path))
		return err_set(
			err, ERR_SYSTEM,
			"cgroup '%s' takes no processes, and init's, '%s', is not beneath it",
			cg->path, path);
	fd = open_beneath(cg->root_dirfd, path + 1);
	if (fd < 0)
		return err_sys(err, "open cgroup '%s'", path);
	*ret_dirfd = steal_fd(&fd);
	return 0;
}

/* --- removal: children first, no recursion --- */

/* The name of a child cgroup of dirfd, or an empty one. */
static int first_child(int dirfd, char name[256], struct err *err)
{
	int fd = sys_openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	autodir DIR *d = fd >= 0 ? fdopendir(fd) : NULL;

	name[0] = 0;
	if (!d) {
		auto_close_fd(&fd);
		if (errno == ENOENT || errno == ENODEV)
			return 0;
		return err_sys(err, "list a cgroup");
	}
	for (struct dirent *e; (e = readdir(d));) {
		if (e->d_type != DT_DIR || path_is_dots(e->d_name))
			continue;
		memcpy(name, e->d_name, strlen(e->d_name) + 1);
		return 0;
	}
	return 0;
}

/* EBUSY for a moment after the last process ended: bounded. */
static int remove_one(int dirfd, const char *name, int *left_ms, struct err *err)
{
	struct timespec step = {.tv_nsec = 200000};

	for (int us = 0;; us += 200) {
		if (sys_unlinkat(dirfd, name, AT_REMOVEDIR) == 0 || errno == ENOENT ||
		    errno == ENODEV)
			return 0;
		if (errno != EBUSY)
			return err_sys(err, "remove cgroup '%s'", name);
		if (us >= 1000) {
			us = 0;
			if (--*left_ms <= 0)
				return err_set(err, ERR_SYSTEM, "cgroup '%s' still holds processes",
					       name);
		}
		(void)nanosleep(&step, NULL); /* interrupted: only sooner */
	}
}

/* Everything beneath dirfd, of any depth: a container that may write its cgroups
 * must not be able to make itself impossible to delete.  Down to an empty one, up
 * by "..", which can't lead elsewhere: cgroups are never moved. */
static int remove_children(int dirfd, int *left_ms, struct err *err)
{
	autofd int at = sys_fcntl(dirfd, F_DUPFD_CLOEXEC, 3);
	unsigned depth = 0;

	if (at < 0)
		return err_sys(err, "keep a cgroup");
	for (;;) {
		autofd int next = -1;
		char name[256], child[256] = "";

		if (first_child(at, name, err) < 0)
			return -1;
		if (!name[0] && depth == 0)
			return 0;
		if (!name[0]) {
			next = sys_openat(at, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
			if (next < 0)
				return err_sys(err, "open the parent of a cgroup");
			depth--;
		} else {
			next = open_beneath(at, name);
			if (next < 0 && errno == ENOENT)
				continue;
			if (next < 0)
				return err_sys(err, "open cgroup '%s'", name);
			if (first_child(next, child, err) < 0)
				return -1;
			if (!child[0]) {
				if (remove_one(at, name, left_ms, err) < 0)
					return -1;
				continue;
			}
			depth++;
		}
		auto_close_fd(&at);
		at = steal_fd(&next);
	}
}

/* The directory above `path`, which ends before its last component, *ret_name, then;
 * 0 when it is gone. */
static int open_above(const struct cgroup *cg, char *path, const char **ret_name, int *ret_fd,
		      struct err *err)
{
	char *slash = strrchr(path, '/');

	*ret_name = slash + 1;
	*slash = 0;
	*ret_fd = open_beneath(cg->root_dirfd, path[0] ? path + 1 : ".");
	if (*ret_fd >= 0)
		return 1;
	return errno == ENOENT ? 0 : err_sys(err, "open the parent of a cgroup");
}

/* The container's own cgroup.  Nearly always it is empty, and one call does it. */
static int remove_own(const struct cgroup *cg, int above_fd, const char *name, struct err *err)
{
	int left_ms = REMOVE_WAIT_MS;

	if (sys_unlinkat(above_fd, name, AT_REMOVEDIR) == 0 || errno == ENOENT || errno == ENODEV)
		return 0;
	if (cg->dirfd >= 0 && remove_children(cg->dirfd, &left_ms, err) < 0)
		return -1;
	return remove_one(above_fd, name, &left_ms, err);
}

bool cgroup_remove_ended(struct cgroup *cg)
{
	char path[sizeof(cg->path)];
	struct err ignored = ERR_INIT; /* then the long way tells */
	autofd int fd = -1;
	const char *name;

	memcpy(path, cg->path, sizeof(path));
	cg->removed = path[0] == '/' && path[1] && open_above(cg, path, &name, &fd, &ignored) > 0 &&
		      sys_unlinkat(fd, name, AT_REMOVEDIR) == 0;
	return cg->removed;
}

int cgroup_remove(struct cgroup *cg, unsigned n_made, struct err *err)
{
	char path[sizeof(cg->path)];
	int left_ms = REMOVE_WAIT_MS;

	/* One that was there before stays, without what the container made in it. */
	if (n_made == 0 && cg->dirfd >= 0) {
		if (remove_children(cg->dirfd, &left_ms, err) < 0)
			return -1;
		cgroup_unmark(cg);
	}
	memcpy(path, cg->path, sizeof(path));
	for (unsigned i = 0; i < n_made && path[0] == '/' && path[1]; i++) {
		autofd int fd = -1;
		const char *name;
		int found;

		if (i && strcmp(path, PLAN_CGROUP_PARENT) == 0)
			break;
		if (i == 0 && cg->removed) {
			*strrchr(path, '/') = 0;
			continue;
		}
		found = open_above(cg, path, &name, &fd, err);
		if (found < 0)
			return -1;
		if (!found)
			continue;
		if (i == 0) {
			if (remove_own(cg, fd, name, err) < 0)
				return -1;
		} else if (sys_unlinkat(fd, name, AT_REMOVEDIR) < 0) {
			/* Another container moved in meanwhile: it stays. */
			if (errno == EBUSY || errno == ENOTEMPTY)
				break;
			if (errno != ENOENT)
				return err_sys(err, "remove cgroup '%s'", name);
		}
	}
	cg->n_made = 0;
	return 0;
}
