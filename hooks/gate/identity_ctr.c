/* Running containerd's client: by absolute path, root's, no shell, no environment, five seconds
 * at most, its answer bounded.  What it says on standard error is told with a failure. */
#include "config.h"

#include "gate/identity_parts.h"

#include "base/auto.h"
#include "base/str.h"
#include "sys/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>

#include "base/banned.h"

#define TIME_MS	      5000
#define ARGUMENTS_MAX 12

struct client {
	const char *argv[ARGUMENTS_MAX + 6];
	int in_fd, out_fd, err_fd; /* the child's */
};

struct stream {
	int fd;		/* -1: at its end */
	struct str text;
	size_t limit;
};

static int64_t now_ms(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts); /* can't fail with this clock */
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static void __attribute__((noreturn)) execute(const struct client *client)
{
	char *const no_environment[] = {NULL};
	struct sigaction dfl = {.sa_handler = SIG_DFL};
	sigset_t none;

	sigemptyset(&none);
	/* Its own group, so that what it started ends with it; and it ends with us, who may have a
	 * deadline. */
	if (sys_setpgid(0, 0) < 0 || sys_prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0 ||
	    sys_sigaction(SIGPIPE, &dfl, NULL) < 0 ||
	    sys_sigprocmask(SIG_SETMASK, &none, NULL) < 0 || sys_dup3(client->in_fd, 0, 0) < 0 ||
	    sys_dup3(client->out_fd, 1, 0) < 0 || sys_dup3(client->err_fd, 2, 0) < 0 ||
	    sys_close_range(3, UINT_MAX, 0) < 0)
		sys_exit(126);
	(void)sys_execve(client->argv[0], (char *const *)client->argv, no_environment); /* returns on failure only */
	sys_exit(127);
}

/* What is there; -1 when it is more than may be. */
static int drain(struct stream *s)
{
	char piece[8192];
	ssize_t n = sys_read(s->fd, piece, sizeof(piece));

	if (n < 0)
		return errno == EINTR || errno == EAGAIN ? 0 : -1;
	if (n == 0)
		s->fd = -1;
	if (s->text.len + (size_t)n > s->limit)
		return -1;
	str_add_bytes(&s->text, piece, (size_t)n);
	return str_failed(&s->text) ? -1 : 0;
}

/* Until both are closed and it has ended, or -1 at the end of the time. */
static int await(int pidfd, struct stream streams[2], struct err *err)
{
	int64_t deadline = now_ms() + TIME_MS;

	for (;;) {
		struct pollfd fds[3] = {{.fd = streams[0].fd, .events = POLLIN},
					{.fd = streams[1].fd, .events = POLLIN},
					{.fd = pidfd, .events = POLLIN}};
		int64_t left = deadline - now_ms();
		int n = left > 0 ? sys_poll(fds, 3, (int)left) : 0;

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return err_set(err, ERR_HOST, "gave no answer within %d s", TIME_MS / 1000);
		for (int k = 0; k < 2; k++)
			if (fds[k].revents && drain(&streams[k]) < 0)
				return err_set(err, ERR_HOST, "said more than %zu bytes",
					       streams[k].limit);
		/* Who still holds the pipes then isn't waited for. */
		if (fds[2].revents && !fds[0].revents && !fds[1].revents)
			return 0;
	}
}

static int judge(int pidfd, const struct str *complaint, struct err *err)
{
	siginfo_t info = {0};

	if (sys_waitid(P_PIDFD, (id_t)pidfd, &info, WEXITED, NULL) < 0)
		return err_set(err, ERR_SYSTEM, "can't be waited for: errno %d", errno);
	if (info.si_code == CLD_EXITED && info.si_status == 0)
		return 0;
	return err_set(err, ERR_HOST, "failed (%d): %.*s", info.si_status,
		       (int)strcspn(str_text(complaint), "\n"), str_text(complaint));
}

static void end(pid_t pid, int pidfd)
{
	/* The group by number: its leader is ours and not yet reaped. */
	(void)sys_kill(-pid, SIGKILL);
	(void)sys_pidfd_send_signal(pidfd, SIGKILL, 0);
	(void)sys_waitid(P_PIDFD, (id_t)pidfd, NULL, WEXITED, NULL);
}

/* Closes the child's ends here, whatever becomes of it. */
static pid_t start(struct client *client, int *ret_pidfd, struct err *err)
{
	struct clone_args args = {.flags = CLONE_PIDFD,
				  .pidfd = (uint64_t)(uintptr_t)ret_pidfd,
				  .exit_signal = SIGCHLD};
	pid_t pid = sys_clone3(&args, sizeof(args));

	if (pid == 0)
		execute(client);
	if (pid < 0)
		(void)err_set(err, ERR_SYSTEM, "can't be started: errno %d", errno);
	auto_close_fd(&client->in_fd);
	auto_close_fd(&client->out_fd);
	auto_close_fd(&client->err_fd);
	return pid;
}

static int make_pipe(int *ret_read, int *ret_write, struct err *err)
{
	int fds[2];

	if (sys_pipe2(fds, O_CLOEXEC) < 0)
		return err_set(err, ERR_SYSTEM, "can't be started: errno %d", errno);
	*ret_read = fds[0];
	*ret_write = fds[1];
	return 0;
}

static int run(struct client *client, struct str *ret, struct err *err)
{
	struct stream streams[2] = {{.fd = -1, .limit = ENGINE_JSON_MAX},
				    {.fd = -1, .limit = ENGINE_JSON_MAX}};
	autofd int out_fd = -1, complaint_fd = -1, pidfd = -1;
	autostr complaint = STR_INIT;
	pid_t pid;
	int result;

	client->in_fd = sys_open("/dev/null", O_RDONLY | O_CLOEXEC, 0);
	if (client->in_fd < 0)
		return err_set(err, ERR_SYSTEM, "can't be started: errno %d", errno);
	if (make_pipe(&out_fd, &client->out_fd, err) < 0 ||
	    make_pipe(&complaint_fd, &client->err_fd, err) < 0)
		return -1;
	pid = start(client, &pidfd, err);
	if (pid < 0)
		return -1;
	streams[0].fd = out_fd;
	streams[1].fd = complaint_fd;
	result = await(pidfd, streams, err);
	*ret = streams[0].text;
	complaint = streams[1].text;
	if (result < 0)
		end(pid, pidfd);
	return result < 0 ? -1 : judge(pidfd, &complaint, err);
}

static void client_release(struct client *client)
{
	auto_close_fd(&client->in_fd);
	auto_close_fd(&client->out_fd);
	auto_close_fd(&client->err_fd);
}

int identity_ctr(struct identity *i, const char *const *arguments, size_t n, const char **ret,
		 size_t *ret_len, struct err *err)
{
	const struct engine_place *place = identity_containerd_place(i);
	__attribute__((cleanup(client_release))) struct client client = {
		.in_fd = -1, .out_fd = -1, .err_fd = -1};
	autostr text = STR_INIT;
	size_t at = 0;

	if (!place || !place->client || !place->address)
		return err_set(
			err, ERR_HOST,
			"the policy names no client of containerd (engines: client, address)");
	if (n > ARGUMENTS_MAX)
		return err_set(err, ERR_HOST, "too many arguments");
	if (identity_check_program(place->client, err) < 0)
		return -1;
	client.argv[at++] = place->client;
	client.argv[at++] = "-a";
	client.argv[at++] = place->address;
	client.argv[at++] = "-n";
	client.argv[at++] = i->space;
	for (size_t k = 0; k < n; k++)
		client.argv[at++] = arguments[k];
	if (run(&client, &text, err) < 0)
		return err_context(err, "ctr %s %s", arguments[0], n > 1 ? arguments[1] : "");
	*ret = arena_memdup(i->arena, str_text(&text), text.len);
	*ret_len = text.len;
	return *ret ? 0 : err_oom(err);
}
