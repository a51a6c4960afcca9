/* Owns the running of scanners: one child at a time, bounded in time and in what it
 * prints; its whole process group ends with it. */
#include "config.h"

#include "gate/scan.h"

#include "base/auto.h"
#include "base/list.h"
#include "base/str.h"
#include "sys/file.h"
#include "sys/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>

#include "base/banned.h"

#define SYSTEM_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

struct child {
	pid_t pid;
	int pidfd, out_fd, err_fd;
	bool ended;
};

/* ---- the child ---- */

__attribute__((noreturn)) static void become(const struct scan_run *run, int out_fd, int err_fd)
{
	char home[PATH_MAX + 8];
	char *const env[] = {(char *)"PATH=" SYSTEM_PATH,
			     home,
			     (char *)"LC_ALL=C",
			     (char *)"TZ=UTC",
			     (char *)"GRYPE_CHECK_FOR_APP_UPDATE=false",
			     NULL};
	struct sigaction dfl = {.sa_handler = SIG_DFL};
	sigset_t none;
	(void)snprintf(home, sizeof(home), "HOME=%s", run->home);
	int null = sys_open("/dev/null", O_RDWR | O_CLOEXEC, 0);
	(void)sigemptyset(&none);
	if (null >= 0 && sys_setpgid(0, 0) == 0 &&
	    sys_prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) == 0 &&
	    sys_sigaction(SIGPIPE, &dfl, NULL) == 0 &&
	    sys_sigprocmask(SIG_SETMASK, &none, NULL) == 0 && sys_chdir(run->cwd) == 0 &&
	    sys_dup3(null, 0, 0) == 0 && sys_dup3(out_fd, 1, 0) == 1 &&
	    sys_dup3(err_fd, 2, 0) == 2 && sys_close_range(3, UINT_MAX, CLOSE_RANGE_CLOEXEC) == 0)
		(void)sys_execve(run->argv[0], (char *const *)run->argv, env);
	char text[128];
	int n = snprintf(text, sizeof(text), "can't be executed: %s", strerror(errno));
	/* The status says it, too. */
	(void)!sys_write(2, text, (size_t)n);
	sys_exit(127);
}

/* The pipes' ends are above 2, whatever the caller has closed. */
static int pipe_above(int fds[2], struct err *err)
{
	if (sys_pipe2(fds, O_CLOEXEC) < 0)
		return err_sys(err, "pipe");
	for (int i = 0; i < 2; i++) {
		if (fds[i] > 2)
			continue;
		int moved = sys_fcntl(fds[i], F_DUPFD_CLOEXEC, 3);
		if (moved < 0)
			return err_sys(err, "pipe");
		(void)sys_close(fds[i]);
		fds[i] = moved;
	}
	return 0;
}

static int start(const struct scan_run *run, struct child *c, struct err *err)
{
	int out[2] = {-1, -1}, bad[2] = {-1, -1};
	if (pipe_above(out, err) < 0 || pipe_above(bad, err) < 0) {
		for (int i = 0; i < 2; i++)
			if (out[i] >= 0)
				(void)sys_close(out[i]);
		return -1;
	}
	struct clone_args args = {.flags = CLONE_PIDFD,
				  .pidfd = (uint64_t)(uintptr_t)&c->pidfd,
				  .exit_signal = SIGCHLD};
	c->pid = sys_clone3(&args, sizeof(args));
	if (c->pid == 0)
		become(run, out[1], bad[1]);
	int saved = errno;
	(void)sys_close(out[1]);
	(void)sys_close(bad[1]);
	c->out_fd = out[0];
	c->err_fd = bad[0];
	errno = saved;
	return c->pid < 0 ? err_sys(err, "start '%s'", run->argv[0]) : 0;
}

/* ---- the parent ---- */

static int64_t now_ms(void)
{
	struct timespec t;
	(void)clock_gettime(CLOCK_MONOTONIC, &t); /* can't fail with this clock */
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* The last bytes are what says why. */
static void keep_end(char *kept, size_t *len, size_t size, const char *text, size_t n)
{
	if (n >= size) {
		memcpy(kept, text + n - size, size);
		*len = size;
		return;
	}
	size_t stay = *len + n > size ? size - n : *len;
	memmove(kept, kept + *len - stay, stay);
	memcpy(kept + stay, text, n);
	*len = stay + n;
}

/* 1: more may come, 0: it is closed, -1: err. */
static int drain_output(struct scan_run *run, struct child *c, size_t *total, struct err *err)
{
	char piece[65536];
	ssize_t n = sys_read(c->out_fd, piece, sizeof(piece));
	if (n < 0)
		return errno == EINTR ? 1 : err_sys(err, "read from '%s'", run->argv[0]);
	if (n == 0)
		return 0;
	*total += (size_t)n;
	if (*total > run->limit) {
		run->too_much = true;
		return 0;
	}
	return file_write_all(run->out_fd, piece, (size_t)n) < 0 ? err_sys(err, "keep the report")
								 : 1;
}

static int drain_errors(struct child *c, char *kept, size_t *len, size_t size)
{
	char piece[4096];
	ssize_t n = sys_read(c->err_fd, piece, sizeof(piece));
	if (n < 0)
		return errno == EINTR;
	keep_end(kept, len, size, piece, (size_t)n);
	return n > 0;
}

static void end_group(struct child *c)
{
	/* It is its own group's leader, but for the moment before it became that. */
	(void)sys_kill(-c->pid, SIGKILL);
	(void)sys_pidfd_send_signal(c->pidfd, SIGKILL, 0);
}

static int watch(struct scan_run *run, struct child *c, char *kept, size_t *len, size_t size,
		 struct err *err)
{
	int64_t deadline = now_ms() + run->timeout_s * 1000;
	bool out_open = true, err_open = true;
	size_t total = 0;
	while (out_open || err_open || !c->ended) {
		struct pollfd fds[3] = {{.fd = out_open ? c->out_fd : -1, .events = POLLIN},
					{.fd = err_open ? c->err_fd : -1, .events = POLLIN},
					{.fd = c->ended ? -1 : c->pidfd, .events = POLLIN}};
		int64_t left = deadline - now_ms();
		if (left <= 0) {
			run->timed_out = true;
			return 0;
		}
		int n = sys_poll(fds, 3, left > INT_MAX ? INT_MAX : (int)left);
		if (n < 0 && errno != EINTR)
			return err_sys(err, "wait for '%s'", run->argv[0]);
		if (n <= 0)
			continue;
		if (fds[0].revents) {
			int r = drain_output(run, c, &total, err);
			if (r < 0)
				return -1;
			out_open = r > 0;
			if (run->too_much)
				return 0;
		}
		if (fds[1].revents)
			err_open = drain_errors(c, kept, len, size);
		if (fds[2].revents) {
			/* What it left behind would keep the pipes open. */
			c->ended = true;
			(void)sys_kill(-c->pid, SIGKILL);
		}
	}
	return 0;
}

static int reap(struct scan_run *run, struct child *c, struct err *err)
{
	siginfo_t info = {0};
	while (sys_waitid(P_PIDFD, (id_t)c->pidfd, &info, WEXITED, NULL) < 0)
		if (errno != EINTR)
			return err_sys(err, "wait for '%s'", run->argv[0]);
	run->exit_status = info.si_code == CLD_EXITED ? info.si_status : 128 + info.si_status;
	return 0;
}

static void say(struct scan_run *run, const char *kept, size_t len)
{
	autostr text = STR_INIT;
	while (len > 0 && (kept[len - 1] == '\n' || kept[len - 1] == ' '))
		len--;
	/* The last line says it. */
	const char *line = len > 0 ? memrchr(kept, '\n', len) : NULL;
	const char *begin = line ? line + 1 : kept;
	for (const char *p = begin; p < kept + len; p++) {
		char c = *p >= 0x20 && *p < 0x7f ? *p : '?';
		str_add_bytes(&text, &c, 1);
	}
	(void)snprintf(run->complaint, sizeof(run->complaint), "%s", str_text(&text));
}

int gate_scan_run(struct scan_run *run, struct err *err)
{
	struct child c = {.pid = -1, .pidfd = -1, .out_fd = -1, .err_fd = -1};
	char kept[512];
	size_t len = 0;
	int r = start(run, &c, err);
	if (c.pid > 0) {
		r = watch(run, &c, kept, &len, sizeof(kept), err);
		if (!c.ended)
			end_group(&c);
		if (reap(run, &c, err) < 0)
			r = -1;
		say(run, kept, len);
	}
	const int fds[] = {c.pidfd, c.out_fd, c.err_fd};
	for (size_t i = 0; i < ARRAY_LEN(fds); i++)
		if (fds[i] >= 0)
			(void)sys_close(fds[i]);
	return r;
}

/* ---- finding them ---- */

/* 1: that one, 0: there is none, -1: err. */
static int candidate(const char *path, struct err *err)
{
	struct stat st;
	if (sys_fstatat(AT_FDCWD, path, &st, 0) < 0) {
		if (errno == ENOENT || errno == ENOTDIR)
			return 0;
		return err_sys(err, "program '%s'", path);
	}
	if (!S_ISREG(st.st_mode) || !(st.st_mode & 0111))
		return 0;
	if ((st.st_uid != 0 && st.st_uid != geteuid()) || (st.st_mode & 022))
		return err_set(err, ERR_HOST,
			       "program '%s': others than root may write it; it isn't run", path);
	return 1;
}

int gate_scan_find(const char *const *dirs, const char *name, struct arena *arena, const char **ret,
		   struct err *err)
{
	static const char *const system[] = {
		"/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin",
		"/sbin",           "/bin",           NULL};
	*ret = NULL;
	for (const char *const *dir = dirs ? dirs : system; *dir; dir++) {
		char *path = arena_printf(arena, "%s/%s", *dir, name);
		if (!path)
			return err_oom(err);
		int r = candidate(path, err);
		if (r < 0)
			return -1;
		if (r > 0) {
			*ret = path;
			return 0;
		}
	}
	return 0;
}
