/* Limits, freezing, killing and counting in a cgroup that exists. */
#include "config.h"

#include "act/cgroup.h"

#include "act/cgroup_files.h"
#include "base/auto.h"
#include "base/num.h"
#include "base/path.h"
#include "sys/file.h"
#include "sys/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/banned.h"

#define FREEZE_WAIT_MS 10000

int cgroup_file_read(int dirfd, const char *name, char *buf, size_t size, struct err *err)
{
	autofd int fd = sys_openat(dirfd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW, 0);
	size_t len = 0;
	ssize_t n = 0;

	if (fd < 0 && errno == ENOENT)
		return err_set(err, ERR_NOT_FOUND, "cgroup file '%s' does not exist", name);
	while (fd >= 0 && len < size - 1 && (n = sys_read(fd, buf + len, size - 1 - len)) > 0)
		len += (size_t)n;
	if (fd < 0 || n < 0)
		return err_sys(err, "read cgroup file '%s'", name);
	buf[len] = 0;
	return 0;
}

bool cgroup_text_value(const char *text, const char *key, uint64_t *ret)
{
	size_t len = strlen(key);

	for (const char *line = text; line;
	     line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
		char digits[24];
		size_t n;

		if (strncmp(line, key, len) != 0 || line[len] != ' ')
			continue;
		n = strcspn(line + len + 1, "\n");
		if (n >= sizeof(digits))
			return false;
		memcpy(digits, line + len + 1, n);
		digits[n] = 0;
		return num_parse_u64(digits, UINT64_MAX, ret);
	}
	return false;
}

/* checkBeforeUpdate: a memory limit below what is used now would kill. */
static int check_memory(const struct cgroup *cg, const struct plan_cgroup *limits, struct err *err)
{
	char buf[32];
	uint64_t used, limit;

	if (!limits->check_before_update)
		return 0;
	for (size_t i = 0; i < limits->writes.n; i++) {
		const struct plan_cgroup_write *w = &limits->writes.items[i];

		if (strcmp(w->file, "memory.max") != 0 ||
		    !num_parse_u64(w->value, UINT64_MAX, &limit))
			continue;
		if (cgroup_file_read(cg->dirfd, "memory.current", buf, sizeof(buf), err) < 0)
			return -1;
		buf[strcspn(buf, "\n")] = 0;
		if (!num_parse_u64(buf, UINT64_MAX, &used))
			return err_set(err, ERR_HOST,
				       "cgroup file 'memory.current' has an unknown form");
		if (used > limit)
			return err_set(err, ERR_STATE,
				       "memory.limit: %llu is less than the %llu bytes in use "
				       "(checkBeforeUpdate)",
				       (unsigned long long)limit, (unsigned long long)used);
	}
	return 0;
}

int cgroup_apply(const struct cgroup *cg, const struct plan_cgroup *limits, struct err *err)
{
	if (check_memory(cg, limits, err) < 0)
		return -1;
	for (size_t i = 0; i < limits->writes.n; i++) {
		const struct plan_cgroup_write *w = &limits->writes.items[i];

		if (file_write_once(cg->dirfd, w->file, w->value) == 0)
			continue;
		if (errno == ENOENT && w->absent == ABSENT_SKIP)
			continue; /* the plan shows it */
		if (errno == ENOENT)
			return err_set(err, ERR_HOST,
				       "cgroup: '%s' is asked for, but controller '%s' is not "
				       "available here; enable it or drop the limit",
				       w->file, w->controller ? w->controller : "core");
		return err_sys(err, "set cgroup limit %s to '%s'", w->file, w->value);
	}
	return 0;
}

int cgroup_is_frozen(const struct cgroup *cg, bool *ret, struct err *err)
{
	char buf[256];
	uint64_t frozen;

	if (cgroup_file_read(cg->dirfd, "cgroup.events", buf, sizeof(buf), err) < 0)
		return -1;
	*ret = cgroup_text_value(buf, "frozen", &frozen) && frozen == 1;
	return 0;
}

int cgroup_path_is_frozen(const char *cgroup_root, const char *path, bool *ret, struct err *err)
{
	char file[1400], buf[256];
	struct statfs sfs;
	uint64_t frozen;
	int n = snprintf(file, sizeof(file), "%s%s/cgroup.events", cgroup_root, path);
	autofd int fd = -1;
	ssize_t len;

	*ret = false;
	if (n < 0 || (size_t)n >= sizeof(file))
		return err_set(err, ERR_STATE, "cgroup '%s': its path is too long", path);
	fd = sys_open(file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW, 0);
	if (fd < 0 && (errno == ENOENT || errno == ENODEV))
		return 0;
	if (fd < 0 || sys_fstatfs(fd, &sfs) < 0)
		return err_sys(err, "open '%s'", file);
	if (sfs.f_type != CGROUP2_SUPER_MAGIC) /* W-31 */
		return err_set(err, ERR_HOST, "'%s' is not of a cgroup v2", file);
	len = sys_read(fd, buf, sizeof(buf) - 1);
	if (len < 0 && errno == ENODEV) /* removed since */
		return 0;
	if (len < 0)
		return err_sys(err, "read '%s'", file);
	buf[len] = 0;
	*ret = cgroup_text_value(buf, "frozen", &frozen) && frozen == 1;
	return 0;
}

/* cgroup.events is pollable, but one that changed between the read and the poll
 * is told at once by POLLPRI on a descriptor read before: short sleeps are enough
 * and can't miss it. */
int cgroup_freeze(const struct cgroup *cg, bool frozen, struct err *err)
{
	if (file_write_once(cg->dirfd, "cgroup.freeze", frozen ? "1" : "0") < 0)
		return err_sys(err, "%s the cgroup", frozen ? "freeze" : "thaw");
	for (int waited = 0; waited < FREEZE_WAIT_MS; waited++) {
		struct timespec step = {.tv_nsec = 1000000};
		bool now;

		if (cgroup_is_frozen(cg, &now, err) < 0)
			return -1;
		if (now == frozen)
			return 0;
		(void)nanosleep(&step, NULL); /* interrupted: only sooner */
	}
	/* Half frozen is neither: let it run again, and say so. */
	if (frozen && file_write_once(cg->dirfd, "cgroup.freeze", "0") < 0)
		return err_sys(err, "thaw the cgroup after a failed freeze");
	return err_set(err, ERR_SYSTEM, "the container did not %s within %d seconds",
		       frozen ? "freeze" : "thaw", FREEZE_WAIT_MS / 1000);
}

static int append_pids(int dirfd, struct arena *arena, int64_t **list, size_t *n, size_t *cap,
		       struct err *err)
{
	char *text, *line;
	size_t len;

	if (file_read(dirfd, "cgroup.procs", 4u << 20, arena, &text, &len, err) < 0) {
		/* A threaded cgroup lists no processes: the one above it does.  One that
		 * is gone has none. */
		if (err->sys_errno != EOPNOTSUPP && err->sys_errno != ENODEV &&
		    err->sys_errno != ENOENT)
			return -1;
		err_clear(err);
		return 0;
	}
	while ((line = strsep(&text, "\n"))) {
		int64_t *slot;
		uint64_t pid;

		if (!num_parse_u64(line, INT32_MAX, &pid) || pid == 0)
			continue; /* the last line is empty; 0 is a process outside our pid namespace */
		slot = arena_push(arena, list, n, cap, sizeof(**list));
		if (!slot)
			return err_oom(err);
		*slot = (int64_t)pid;
	}
	return 0;
}

#define MAX_CGROUPS 65536 /* one that makes more while we count can't keep us for ever */

struct walk {
	DIR *at;
	long *resume; /* where to go on in each directory above `at` */
	size_t depth, cap;
	unsigned seen;
};

static int walk_open(struct walk *w, int fd, struct err *err)
{
	DIR *d = fdopendir(fd);

	if (!d) {
		(void)err_sys(err, "list a cgroup");
		auto_close_fd(&fd);
		return -1;
	}
	auto_close_dir(&w->at);
	w->at = d;
	return 0;
}

/* Positions in a cgroup's directory are hashes of names, so they stay good whatever
 * is made or removed meanwhile; and ".." can't lead elsewhere: cgroups are never
 * moved. */
static int walk_up(struct walk *w, struct err *err)
{
	int fd = sys_openat(dirfd(w->at), "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);

	if (fd < 0)
		return err_sys(err, "open the parent of a cgroup");
	if (walk_open(w, fd, err) < 0)
		return -1;
	seekdir(w->at, w->resume[--w->depth]);
	return 0;
}

/* 1: the next cgroup, in w->at; 0: there is none. */
static int walk_next(struct walk *w, struct arena *arena, struct err *err)
{
	for (;;) {
		struct dirent *e;
		long *slot;
		int fd;

		errno = 0;
		e = readdir(w->at);
		if (!e && errno && errno != ENOENT && errno != ENODEV) /* removed meanwhile: empty */
			return err_sys(err, "list a cgroup");
		if (!e && w->depth == 0)
			return 0;
		if (!e) {
			if (walk_up(w, err) < 0)
				return -1;
			continue;
		}
		if (e->d_type != DT_DIR || path_is_dots(e->d_name))
			continue;
		if (++w->seen > MAX_CGROUPS)
			return err_set(err, ERR_SYSTEM, "the container has more than %d cgroups",
				       MAX_CGROUPS);
		fd = sys_openat(dirfd(w->at), e->d_name,
				O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0);
		if (fd < 0 && (errno == ENOENT || errno == ENODEV))
			continue;
		if (fd < 0)
			return err_sys(err, "open cgroup '%s'", e->d_name);
		slot = arena_push(arena, &w->resume, &w->depth, &w->cap, sizeof(*slot));
		if (!slot) {
			auto_close_fd(&fd);
			return err_oom(err);
		}
		*slot = telldir(w->at);
		return walk_open(w, fd, err) < 0 ? -1 : 1;
	}
}

/* Depth first with two descriptors, however many cgroups the container has made and
 * however deep: no path is built, nothing recurses. */
static int walk(int top_dirfd, struct arena *arena, int64_t **list, size_t *n, size_t *cap,
		struct err *err)
{
	struct walk w = {.at = NULL};
	int fd = sys_openat(top_dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	int r;

	if (fd < 0)
		return err_sys(err, "open a cgroup");
	r = walk_open(&w, fd, err) < 0 ? -1 : 1;
	while (r > 0)
		r = append_pids(dirfd(w.at), arena, list, n, cap, err) < 0
			    ? -1
			    : walk_next(&w, arena, err);
	auto_close_dir(&w.at);
	return r;
}

int cgroup_pids(const struct cgroup *cg, struct arena *arena, int64_t **ret, size_t *ret_n,
		struct err *err)
{
	int64_t *list = NULL;
	size_t n = 0, cap = 0;

	if (walk(cg->dirfd, arena, &list, &n, &cap, err) < 0)
		return -1;
	*ret = list;
	*ret_n = n;
	return 0;
}

/* A frozen process of cgroup v2 dies of SIGKILL as it is; thawed all the same, so
 * that the cgroup isn't frozen for who comes next (T-CG-6). */
static int kill_all_now(const struct cgroup *cg, struct err *err)
{
	if (file_write_once(cg->dirfd, "cgroup.kill", "1") < 0) {
		if (errno == ENOENT || errno == ENODEV)
			return 0; /* removed meanwhile */
		return err_sys(err, "kill the processes of the cgroup");
	}
	if (file_write_once(cg->dirfd, "cgroup.freeze", "0") < 0 && errno != ENOENT &&
	    errno != ENODEV)
		return err_sys(err, "thaw the cgroup");
	return 0;
}

#define KILL_CHUNK 128

static bool is_listed(const int64_t *pids, size_t n, int64_t pid)
{
	for (size_t i = 0; i < n; i++)
		if (pids[i] == pid)
			return true;
	return false;
}

/* A number read from cgroup.procs may be another process's by the time it is
 * opened.  So the list is read again with the descriptors open: a number that is
 * still in it belongs to the process held, or that process has ended and its
 * descriptor takes no signal. */
static int signal_chunk(const struct cgroup *cg, const int64_t *pids, size_t n, int sig,
			struct err *err)
{
	struct arena arena __attribute__((cleanup(arena_release))) = ARENA_INIT;
	int fds[KILL_CHUNK], r = 0;
	int64_t *now = NULL;
	size_t n_now = 0;

	for (size_t i = 0; i < n; i++) {
		fds[i] = sys_pidfd_open((pid_t)pids[i], 0);
		if (fds[i] < 0 && errno != ESRCH && r == 0)
			r = err_sys(err, "open process %lld of the cgroup", (long long)pids[i]);
	}
	if (r == 0)
		r = cgroup_pids(cg, &arena, &now, &n_now, err);
	for (size_t i = 0; i < n; i++) {
		if (r == 0 && fds[i] >= 0 && is_listed(now, n_now, pids[i]) &&
		    sys_pidfd_send_signal(fds[i], sig, 0) < 0 && errno != ESRCH)
			r = err_sys(err, "send signal %d to process %lld", sig, (long long)pids[i]);
		auto_close_fd(&fds[i]);
	}
	return r;
}

int cgroup_kill(const struct cgroup *cg, int sig, struct err *err)
{
	struct arena arena __attribute__((cleanup(arena_release))) = ARENA_INIT;
	int64_t *pids;
	size_t n;

	if (sig == SIGKILL)
		return kill_all_now(cg, err);
	if (cgroup_pids(cg, &arena, &pids, &n, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i += KILL_CHUNK)
		if (signal_chunk(cg, pids + i, n - i < KILL_CHUNK ? n - i : KILL_CHUNK, sig, err) <
		    0)
			return -1;
	return 0;
}

int cgroup_open_events(const struct cgroup *cg, struct err *err)
{
	char buf[512];
	int fd = sys_openat(cg->dirfd, "memory.events", O_RDONLY | O_CLOEXEC | O_NOFOLLOW, 0);

	if (fd < 0 && errno == ENOENT) /* no memory controller: the core file still wakes us at the end */
		fd = sys_openat(cg->dirfd, "cgroup.events", O_RDONLY | O_CLOEXEC | O_NOFOLLOW, 0);
	if (fd < 0)
		return err_sys(err, "open the events of the cgroup");
	/* POLLPRI tells of changes since the last read. */
	if (sys_read(fd, buf, sizeof(buf)) < 0) {
		auto_close_fd(&fd);
		return err_sys(err, "read the events of the cgroup");
	}
	return fd;
}

int cgroup_oom_kills(const struct cgroup *cg, uint64_t *ret, struct err *err)
{
	char buf[512];

	*ret = 0;
	if (cgroup_file_read(cg->dirfd, "memory.events", buf, sizeof(buf), err) < 0) {
		if (err->kind != ERR_NOT_FOUND)
			return -1;
		err_clear(err);
		return 0;
	}
	(void)cgroup_text_value(buf, "oom_kill", ret); /* absent before 4.13: stays 0 */
	return 0;
}
