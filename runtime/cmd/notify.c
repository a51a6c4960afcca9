/* sd_notify; see notify.h. */
#include "config.h"

#include "cmd/notify.h"

#include "base/auto.h"
#include "cmd/container.h"
#include "cmd/decide.h"
#include "proto/sync.h"
#include "sys/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>

#include "base/banned.h"

#define SOCKET_NAME "notify.sock"
#define MESSAGE_MAX 4096
#define BARRIER_WAIT_MS 30000

int notify_path(const struct cmd_context *ctx, const char *id, const char **ret, struct err *err)
{
	autofd int root_dirfd = -1;
	char link[40], root[PATH_MAX];
	ssize_t n;

	*ret = NULL;
	if (!decide_env(ctx, "NOTIFY_SOCKET"))
		return 0;
	/* Made if missing: a container that is about to be is what asks. */
	root_dirfd =
		state_root_open(ctx->globals->root, decide_env(ctx, "XDG_RUNTIME_DIR"), true, err);
	if (root_dirfd < 0)
		return -1;
	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", root_dirfd);
	n = sys_readlinkat(AT_FDCWD, link, root, sizeof(root) - 1);
	if (n < 0)
		return err_sys(err, "ask where the state root is");
	root[n] = 0;
	*ret = arena_printf(ctx->arena, "%s/%s/" NOTIFY_DIR, root, id);
	return *ret ? 0 : err_oom(err);
}

int notify_make(int state_dirfd, struct err *err)
{
	/* Searchable for the container's user; the directory above is 0700. */
	if (sys_mkdirat(state_dirfd, NOTIFY_DIR, 0711) < 0)
		return err_sys(err, "make the notify directory");
	return 0;
}

int notify_listen(int state_dirfd, struct err *err)
{
	autofd int fd = sys_socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	mode_t saved;
	int r;

	if (fd < 0)
		return err_sys(err, "create the notify socket");
	(void)snprintf(addr.sun_path, sizeof(addr.sun_path),
		       "/proc/self/fd/%d/" NOTIFY_DIR "/" SOCKET_NAME, state_dirfd);
	saved = sys_umask(0); /* the program sends as its own user */
	r = sys_bind(fd, (const struct sockaddr *)&addr, sizeof(addr));
	(void)sys_umask(saved); /* cannot fail */
	if (r < 0)
		return err_sys(err, "bind the notify socket");
	return steal_fd(&fd);
}

static bool has_line(const char *text, const char *line)
{
	size_t len = strlen(line);

	for (const char *at = text; at; at = strchr(at, '\n') ? strchr(at, '\n') + 1 : NULL)
		if (strncmp(at, line, len) == 0 && (at[len] == '\n' || at[len] == 0))
			return true;
	return false;
}

static int manager_address(const struct cmd_context *ctx, struct sockaddr_un *addr,
			   socklen_t *ret_len, struct err *err)
{
	const char *path = decide_env(ctx, "NOTIFY_SOCKET");
	size_t len = path ? strlen(path) : 0;

	memset(addr, 0, sizeof(*addr));
	addr->sun_family = AF_UNIX;
	if (!path || (path[0] != '/' && path[0] != '@') || len >= sizeof(addr->sun_path))
		return err_set(err, ERR_USAGE, "NOTIFY_SOCKET: no path of a socket");
	memcpy(addr->sun_path, path, len + 1);
	if (path[0] == '@') /* the abstract name space, sd_notify(3) */
		addr->sun_path[0] = 0;
	*ret_len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len + (path[0] == '/'));
	return 0;
}

/* A pipe whose other end the manager closes when it has read so far: before that we
 * had better not go away, or it may no longer see whose message it was. */
static int await_manager(int fd, struct err *err)
{
	static const char barrier[] = "BARRIER=1";
	autofd int read_fd = -1;
	autofd int write_fd = -1;
	struct pollfd wait;
	int fds[2];

	if (sys_pipe2(fds, O_CLOEXEC) < 0)
		return err_sys(err, "create a pipe");
	read_fd = fds[0];
	write_fd = fds[1];
	if (sync_send_fds(fd, barrier, sizeof(barrier) - 1, &write_fd, 1, err) < 0)
		return -1;
	auto_close_fd(&write_fd);
	wait = (struct pollfd){.fd = read_fd};
	if (sys_poll(&wait, 1, BARRIER_WAIT_MS) < 0 && errno != EINTR)
		return err_sys(err, "wait for the service manager");
	return 0;
}

static int tell_manager(const struct cmd_context *ctx, pid_t pid, struct err *err)
{
	autofd int fd = sys_socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct err no_barrier = ERR_INIT;
	struct sockaddr_un addr;
	char text[64];
	socklen_t len = 0; /* gcc 14 does not see that manager_address sets it */

	if (fd < 0)
		return err_sys(err, "create a socket");
	if (manager_address(ctx, &addr, &len, err) < 0)
		return -1;
	if (sys_connect(fd, (const struct sockaddr *)&addr, len) < 0)
		return err_sys(err, "connect to NOTIFY_SOCKET");
	(void)snprintf(text, sizeof(text), "READY=1\nMAINPID=%d", (int)pid);
	if (sys_write(fd, text, strlen(text)) < 0)
		return err_sys(err, "tell NOTIFY_SOCKET that the container is ready");
	/* READY is delivered, and that was the task.  A listener that is gone after it, or
	 * knows no barriers (systemd before 246), takes nothing back. */
	if (await_manager(fd, &no_barrier) < 0)
		log_debug(ctx->log, "NOTIFY_SOCKET: %s", no_barrier.msg);
	return 0;
}

int notify_forward(const struct cmd_context *ctx, int fd, pid_t pid, struct err *err)
{
	char text[MESSAGE_MAX + 1];
	ssize_t n = sys_read(fd, text, MESSAGE_MAX);

	if (n < 0) {
		if (errno == EINTR || errno == EAGAIN)
			return 0;
		return err_sys(err, "read from the notify socket");
	}
	text[n] = 0;
	if (!has_line(text, "READY=1"))
		return 0;
	return tell_manager(ctx, pid, err) < 0 ? -1 : 1;
}

int notify_await(const struct cmd_context *ctx, int fd, pid_t pid, int pidfd, struct err *err)
{
	for (;;) {
		struct pollfd fds[2] = {{.fd = fd, .events = POLLIN},
					{.fd = pidfd, .events = POLLIN}};
		int r;

		if (sys_poll(fds, 2, -1) < 0) {
			if (errno == EINTR)
				continue;
			return err_sys(err, "wait for the container to be ready");
		}
		r = fds[0].revents ? notify_forward(ctx, fd, pid, err) : 0;
		if (r != 0)
			return r < 0 ? -1 : 0;
		if (fds[1].revents)
			return 0;
	}
}

int notify_remove(int state_dirfd, struct err *err)
{
	if (sys_unlinkat(state_dirfd, NOTIFY_DIR "/" SOCKET_NAME, 0) < 0 && errno != ENOENT)
		return err_sys(err, "remove the notify socket");
	if (sys_unlinkat(state_dirfd, NOTIFY_DIR, AT_REMOVEDIR) < 0 && errno != ENOENT)
		return err_sys(err, "remove the notify directory");
	return 0;
}
