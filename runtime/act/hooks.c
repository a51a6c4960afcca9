/* Running OCI hooks: absolute path, own environment, bounded time and output.
 *
 * CVE-2025-23266: a hook never sees the container's environment or a directory
 * of the image.  State goes to it on standard input, from a sealed memory file,
 * so that a hook that doesn't read can't block us.  (H-80)
 */
#include "config.h"

#include "act/filter.h"
#include "act/mount_table.h"
#include "act/process.h"
#include "base/auto.h"
#include "base/json_out.h"
#include "base/list.h"
#include "proto/sync.h"
#include "sys/file.h"
#include "sys/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/sched.h>
#include <signal.h>
#include <string.h>
#include <time.h>

#include "base/banned.h"

#define OUTPUT_MAX 256
#define DRAIN_MAX (64u << 10) /* as much as a pipe holds */

struct hook_run {
	const struct plan *plan;
	const struct prepared *confined_by; /* startContainer: its filters; else NULL */
	int stdin_fd, output_fd, dirfd;
	pid_t pid;
	int pidfd;
	char output[OUTPUT_MAX];
	size_t output_len;
};

static int state_text(const struct plan *plan, const struct hook_state *state, struct json_out *o,
		      struct err *err)
{
	json_out_object(o, NULL);
	json_out_string(o, "ociVersion", plan->oci_version);
	json_out_string(o, "id", plan->id);
	json_out_string(o, "status", state->status);
	if (state->pid)
		json_out_i64(o, "pid", state->pid);
	json_out_string(o, "bundle", plan->bundle);
	json_out_object(o, "annotations");
	for (size_t i = 0; i < plan->annotations.n; i++)
		json_out_string(o, plan->annotations.items[i].key,
				plan->annotations.items[i].value);
	json_out_end_object(o);
	json_out_end_object(o);
	return json_out_finish(o, err);
}

/* A fresh description for each hook: a shared one would share its offset. */
static int open_state(const char *text, size_t len, struct err *err)
{
	autofd int fd =
		sys_memfd_create("state", MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL);

	if (fd < 0 && errno == EINVAL) /* MFD_NOEXEC_SEAL is of 6.3 */
		fd = sys_memfd_create("state", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd < 0)
		return err_sys(err, "create a memory file for a hook");
	if (file_write_all(fd, text, len) < 0 || sys_lseek(fd, 0, SEEK_SET) < 0)
		return err_sys(err, "write the state for a hook");
	if (file_seal(fd, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) < 0)
		return err_sys(err, "seal the state for a hook");
	return steal_fd(&fd);
}

static void __attribute__((noreturn))
exec_hook(const struct plan_hook *hook, const struct hook_run *run, char **argv, char **envp)
{
	struct err ignored = ERR_INIT; /* the status tells */
	sigset_t none;

	sigemptyset(&none);
	/* Its own group, so that a timeout reaches what it started, too. */
	if (sys_setpgid(0, 0) < 0 || session_reset_signals(UINT64_MAX, &ignored) < 0 ||
	    sys_sigprocmask(SIG_SETMASK, &none, NULL) < 0)
		sys_exit(126);
	if (run->dirfd >= 0 && sys_fchdir(run->dirfd) < 0)
		sys_exit(126);
	if (sys_dup3(run->stdin_fd, 0, 0) < 0 || sys_dup3(run->output_fd, 1, 0) < 0 ||
	    sys_dup3(run->output_fd, 2, 0) < 0 || sys_close_range(3, UINT_MAX, 0) < 0)
		sys_exit(126);
	/* H-50: what it starts may live as long as the program does, and beside it. */
	if (run->confined_by && filter_load_for_hook(run->plan, run->confined_by, &ignored) < 0)
		sys_exit(126);
	(void)sys_execve(hook->path, argv, envp); /* returns on failure only */
	sys_exit(errno == ENOENT ? 127 : 126);
}

static int64_t now_ms(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts); /* can't fail with this clock */
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* Reads what is there, and at most DRAIN_MAX of it: one that writes faster than we
 * read must not keep us from its timeout.  Keeps the first OUTPUT_MAX bytes. */
static void drain_output(int fd, struct hook_run *run)
{
	char buf[4096];
	ssize_t n;

	for (size_t left = DRAIN_MAX;
	     left >= sizeof(buf) && (n = sys_read(fd, buf, sizeof(buf))) > 0; left -= sizeof(buf)) {
		size_t room = sizeof(run->output) - 1 - run->output_len;
		size_t take = (size_t)n < room ? (size_t)n : room;

		memcpy(run->output + run->output_len, buf, take);
		run->output_len += take;
	}
	run->output[run->output_len] = 0;
}

/* 0: it ended; -1: the time is over or polling failed. */
static int await_hook(const struct plan_hook *hook, struct hook_run *run, int read_fd,
		      struct err *err)
{
	int64_t deadline = hook->timeout_s ? now_ms() + (int64_t)hook->timeout_s * 1000 : 0;

	for (;;) {
		struct pollfd fds[2] = {{.fd = run->pidfd, .events = POLLIN},
					{.fd = read_fd, .events = POLLIN}};
		int64_t left = deadline ? deadline - now_ms() : -1;
		int n;

		if (deadline && left <= 0)
			return err_set(err, ERR_SYSTEM,
				       "hook '%s' ran longer than its timeout of %u seconds",
				       hook->path, hook->timeout_s);
		n = sys_poll(fds, 2, left > INT_MAX ? INT_MAX : (int)left);
		if (n < 0 && errno != EINTR)
			return err_sys(err, "wait for hook '%s'", hook->path);
		if (n <= 0)
			continue;
		drain_output(read_fd, run);
		if (fds[0].revents)
			return 0;
		/* A hook that closed its output but lives on. */
		if (fds[1].revents & POLLHUP)
			read_fd = -1;
	}
}

static int judge_hook(const struct plan_hook *hook, const struct hook_run *run, struct err *err)
{
	siginfo_t info = {0};

	if (sys_waitid(P_PIDFD, (id_t)run->pidfd, &info, WEXITED, NULL) < 0)
		return err_sys(err, "collect hook '%s'", hook->path);
	if (info.si_code == CLD_EXITED && info.si_status == 0)
		return 0;
	return err_set(err, ERR_SYSTEM, "hook '%s' %s %d%s%.*s", hook->path,
		       info.si_code == CLD_EXITED ? "exited with status" : "was killed by signal",
		       info.si_status, run->output_len ? ": " : "", (int)strcspn(run->output, "\n"),
		       run->output);
}

static int start_hook(const struct plan_hook *hook, struct hook_run *run, struct err *err)
{
	autofree char **argv = calloc(hook->args.n + 2, sizeof(char *));
	autofree char **envp = calloc(hook->env.n + 1, sizeof(char *));
	struct clone_args args = {.flags = CLONE_PIDFD,
				  .pidfd = (uint64_t)(uintptr_t)&run->pidfd,
				  .exit_signal = SIGCHLD};

	if (!argv || !envp)
		return err_oom(err);
	if (hook->args.n == 0)
		argv[0] = (char *)hook->path;
	for (size_t i = 0; i < hook->args.n; i++)
		argv[i] = (char *)hook->args.items[i];
	for (size_t i = 0; i < hook->env.n; i++)
		envp[i] = (char *)hook->env.items[i];
	run->pid = sys_clone3(&args, sizeof(args));
	if (run->pid < 0)
		return err_sys(err, "start hook '%s'", hook->path);
	if (run->pid == 0)
		exec_hook(hook, run, argv, envp);
	return 0;
}

/* `run` says where and under which filters. */
static int run_hook(const struct plan_hook *hook, const char *text, size_t len,
		    struct hook_run run, struct err *err)
{
	autofd int stdin_fd = open_state(text, len, err);
	autofd int read_fd = -1;
	autofd int write_fd = -1;
	autofd int pidfd = -1;
	int pipe_fds[2];

	if (stdin_fd < 0)
		return -1;
	if (sys_pipe2(pipe_fds, O_CLOEXEC) < 0)
		return err_sys(err, "create a pipe for hook '%s'", hook->path);
	read_fd = pipe_fds[0];
	write_fd = pipe_fds[1];
	if (sys_fcntl(read_fd, F_SETFL, O_NONBLOCK) < 0)
		return err_sys(err, "prepare the pipe of hook '%s'", hook->path);
	run.stdin_fd = stdin_fd;
	run.output_fd = write_fd;
	if (start_hook(hook, &run, err) < 0)
		return -1;
	pidfd = run.pidfd;
	(void)sys_close(steal_fd(&write_fd)); /* the hook has its own */
	if (await_hook(hook, &run, read_fd, err) < 0) {
		/* The group by number: its leader is ours and not yet reaped. */
		(void)sys_kill(-run.pid, SIGKILL);
		(void)sys_pidfd_send_signal(pidfd, SIGKILL, 0);
		(void)sys_waitid(P_PIDFD, (id_t)pidfd, NULL, WEXITED, NULL);
		return -1;
	}
	return judge_hook(hook, &run, err);
}

static int run_kind(enum plan_hook_kind kind, const struct hook_state *state,
		    const struct hook_run *run, struct err *err)
{
	const struct plan *plan = run->plan;
	const plan_hooks *hooks = &plan->hooks[kind];
	struct json_out o = JSON_OUT_INIT;
	int result = 0;

	if (hooks->n == 0)
		return 0;
	if (state_text(plan, state, &o, err) < 0) {
		json_out_release(&o);
		return -1; /* poststop, too: better no hook than one that is told nothing */
	}
	for (size_t i = 0; i < hooks->n && (result == 0 || kind == HOOK_POSTSTOP); i++) {
		struct err one = ERR_INIT;

		if (run_hook(&hooks->items[i], str_text(&o.text), o.text.len, *run, &one) == 0)
			continue;
		(void)err_context(&one, "%s hook %zu", plan_hook_name(kind), i);
		if (err->kind == ERR_NONE)
			*err = one;
		else if (result < 0) /* poststop's second: each is told */
			err_append(err, "; %s", one.msg);
		result = -1;
	}
	json_out_release(&o);
	return result;
}

int hooks_run(const struct plan *plan, enum plan_hook_kind kind, const struct hook_state *state,
	      int dirfd, struct err *err)
{
	const struct hook_run run = {.plan = plan, .dirfd = dirfd, .pidfd = -1};

	return run_kind(kind, state, &run, err);
}

int hooks_run_in_bundle(const struct plan *plan, enum plan_hook_kind kind,
			const struct hook_state *state, struct err *err)
{
	autofd int dirfd = -1;

	if (plan->hooks[kind].n == 0)
		return 0;
	dirfd = sys_open(plan->bundle, O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
	if (dirfd < 0 && errno == ENOENT) /* an engine may remove it before delete */
		dirfd = sys_open("/", O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
	if (dirfd < 0)
		return err_sys(err, "open bundle '%s'", plan->bundle);
	return hooks_run(plan, kind, state, dirfd, err);
}

/* Such as may mount something: they run before the root is entered. */
static bool has_mounting_hooks(const struct plan *plan)
{
	return plan->hooks[HOOK_PRESTART].n + plan->hooks[HOOK_CREATE_RUNTIME].n +
		       plan->hooks[HOOK_CREATE_CONTAINER].n >
	       0;
}

int hooks_host(const struct plan *plan, struct child *child, struct err *err)
{
	if (plan->level != LEVEL_OCI && has_mounting_hooks(plan) &&
	    mount_table_list(child, NULL, &child->before_hooks, err) < 0)
		return -1;
	if (plan->hooks[HOOK_PRESTART].n == 0 && plan->hooks[HOOK_CREATE_RUNTIME].n == 0)
		return 0;
	return sync_request(child->sync_fd, SYNC_HOOKS, -1, err);
}

static int run_create_container(const struct plan *plan, struct err *err)
{
	struct hook_state state = {.status = "creating", .pid = sys_getpid()};
	autofd int dirfd = -1;

	if (plan->hooks[HOOK_CREATE_CONTAINER].n == 0)
		return 0;
	/* The bundle, never a directory of the image. */
	dirfd = sys_open(plan->bundle, O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
	if (dirfd < 0)
		return err_sys(err, "open bundle '%s'", plan->bundle);
	return hooks_run(plan, HOOK_CREATE_CONTAINER, &state, dirfd, err);
}

int hooks_container(const struct plan *plan, struct child *child, struct err *err)
{
	if (run_create_container(plan, err) < 0)
		return -1;
	if (plan->level == LEVEL_OCI || !has_mounting_hooks(plan))
		return 0;
	/* Mounting is what such hooks are for (devices and libraries of a GPU); they
	 * are the host's programs (H-80), so that what they made may stay. */
	return mount_table_list(child, &child->before_hooks, &child->hooked, err);
}

int hooks_start(const struct plan *plan, struct child *child, struct err *err)
{
	const struct hook_state state = {.status = "created", .pid = sys_getpid()};
	const struct hook_run run = {
		.plan = plan, .confined_by = child->prepared, .dirfd = -1, .pidfd = -1};

	return run_kind(HOOK_START_CONTAINER, &state, &run, err);
}
