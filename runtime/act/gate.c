/* The gate between create and start; see gate.h for why it is a socket. */
#include "config.h"

#include "act/gate.h"

#include "act/filter.h"
#include "act/process.h"
#include "base/auto.h"
#include "proto/sync.h"
#include "sys/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>

#include "base/banned.h"

#define CALLERS_MAX 8

/* Reached by descriptor, so that its path may have any length. */
static void gate_address(int state_dirfd, struct sockaddr_un *addr)
{
	memset(addr, 0, sizeof(*addr));
	addr->sun_family = AF_UNIX;
	(void)snprintf(addr->sun_path, sizeof(addr->sun_path), "/proc/self/fd/%d/" GATE_NAME,
		       state_dirfd);
}

int gate_listen(int state_dirfd, struct err *err)
{
	struct sockaddr_un addr;
	autofd int fd = sys_socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return err_sys(err, "create the gate's socket");
	gate_address(state_dirfd, &addr);
	if (sys_bind(fd, (const struct sockaddr *)&addr, sizeof(addr)) < 0)
		return err_sys(err, "bind the gate's socket");
	return steal_fd(&fd);
}

int child_ready(const struct plan *plan, struct child *child, struct err *err)
{
	(void)plan;
	/* listen(2) by the waiting process itself: its pid is what `start` sees
	 * as the peer's and compares with the record. */
	if (child->gate_fd >= 0 && sys_listen(child->gate_fd, CALLERS_MAX) < 0)
		return err_sys(err, "listen at the gate");
	return sync_request(child->sync_fd, SYNC_READY, -1, err);
}

/* Who has connected and not said yet what for. */
struct callers {
	int fds[CALLERS_MAX];
	unsigned n;
};

static int take_caller(struct callers *c, unsigned i)
{
	int fd = c->fds[i];

	c->n--;
	for (; i < c->n; i++)
		c->fds[i] = c->fds[i + 1];
	return fd;
}

static void drop_caller(struct callers *c, unsigned i)
{
	(void)sys_close(take_caller(c, i)); /* it has nothing of ours */
}

static int admit_caller(int gate_fd, struct callers *c, struct err *err)
{
	int fd;

	if (c->n == CALLERS_MAX)
		drop_caller(c, 0);
	/* The container's limit of open files holds already. */
	while ((fd = sys_accept4(gate_fd, NULL, NULL, SOCK_CLOEXEC)) < 0 && errno == EMFILE &&
	       c->n > 0)
		drop_caller(c, 0);
	if (fd >= 0)
		c->fds[c->n++] = fd;
	else if (errno != EINTR && errno != ECONNABORTED)
		return err_sys(err, "wait at the gate");
	return 0;
}

static bool says_go(int fd)
{
	struct err ignored = ERR_INIT; /* it was not `start`, which says one thing */
	enum sync_kind kind;

	return sync_recv(fd, &kind, NULL, &ignored) == 0 && kind == SYNC_GO;
}

/* The connection of the first caller that says GO.  One that only connects (to look
 * who is here, by mistake) or says something else must not use up the one start; nor
 * may one that says nothing keep the real one waiting. */
static int await_start(int gate_fd, struct err *err)
{
	struct callers c = {.n = 0};
	int found = -1;

	while (found < 0) {
		struct pollfd fds[CALLERS_MAX + 1];

		for (unsigned i = 0; i < c.n; i++)
			fds[i] = (struct pollfd){.fd = c.fds[i], .events = POLLIN};
		fds[c.n] = (struct pollfd){.fd = gate_fd, .events = POLLIN};
		if (sys_poll(fds, c.n + 1, -1) < 0) {
			if (errno == EINTR)
				continue;
			return err_sys(err, "wait at the gate");
		}
		bool rings = fds[c.n].revents;
		for (unsigned i = c.n; i-- > 0 && found < 0;) {
			if (!fds[i].revents)
				continue;
			if (says_go(c.fds[i]))
				found = take_caller(&c, i);
			else
				drop_caller(&c, i);
		}
		if (found < 0 && rings && admit_caller(gate_fd, &c, err) < 0)
			return -1;
	}
	while (c.n > 0)
		drop_caller(&c, 0);
	return found;
}

int gate_await(const struct plan *plan, struct child *child, struct err *err)
{
	int fd;

	(void)plan;
	if (child->gate_fd < 0)
		return 0;
	/* The creating runtime is gone after its GO; errors go to `start` from here on. */
	(void)sys_close(child->sync_fd); /* a socket: nothing to lose */
	child->sync_fd = -1;
	fd = await_start(child->gate_fd, err);
	if (fd < 0)
		return -1;
	child->sync_fd = fd;
	/* One start, ever: a second caller finds the door gone. */
	(void)sys_close(child->gate_fd);
	child->gate_fd = -1;
	return sync_send(child->sync_fd, SYNC_GO, -1, err);
}

/* Until end of file: exec has closed the connection. */
static int await_exec(const struct plan *plan, int fd, pid_t init_pid, struct err *err)
{
	for (;;) {
		autofd int listener_fd = -1;
		enum sync_kind kind;

		if (sync_recv(fd, &kind, &listener_fd, err) < 0)
			return -1;
		if (kind == SYNC_EOF)
			return 0;
		if (kind != SYNC_LISTENER || listener_fd < 0)
			return err_set(err, ERR_PROTO, "unexpected '%s' from the container's init",
				       sync_name(kind));
		if (filter_send_listener(plan, init_pid, "created", listener_fd, err) < 0 ||
		    sync_send(fd, SYNC_GO, -1, err) < 0)
			return -1;
	}
}

int gate_open(const struct plan *plan, int state_dirfd, pid_t init_pid, struct err *err)
{
	autofd int fd = sys_socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	struct err lost = ERR_INIT;
	struct ucred peer;
	socklen_t len = sizeof(peer);
	struct sockaddr_un addr;
	enum sync_kind kind;

	if (fd < 0)
		return err_sys(err, "create a socket");
	gate_address(state_dirfd, &addr);
	if (sys_connect(fd, (const struct sockaddr *)&addr, sizeof(addr)) < 0) {
		if (errno == ECONNREFUSED)
			return err_set(err, ERR_NOT_RUNNING,
				       "container not running: its init died before start");
		if (errno == ENOENT)
			return err_set(err, ERR_STATE, "the container was started already");
		return err_sys(err, "connect to the container's gate");
	}
	if (sys_getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) < 0)
		return err_sys(err, "ask who waits at the gate");
	if (peer.pid != init_pid)
		return err_set(err, ERR_PROTO,
			       "process %d waits at the gate, not the container's init %d",
			       (int)peer.pid, (int)init_pid);
	/* A `start` that came first has closed the gate, or init died: no packet gets
	 * through, or none comes back. */
	if (sync_send(fd, SYNC_GO, -1, &lost) < 0)
		kind = SYNC_EOF;
	else if (sync_recv(fd, &kind, NULL, err) < 0)
		return -1;
	if (kind != SYNC_GO)
		return err_set(err, ERR_STATE,
			       "the container was started already, or its init died");
	if (sys_unlinkat(state_dirfd, GATE_NAME, 0) < 0 && errno != ENOENT)
		return err_sys(err, "remove the gate");
	return await_exec(plan, fd, init_pid, err);
}

bool gate_is_present(int state_dirfd)
{
	struct stat st;

	return sys_fstatat(state_dirfd, GATE_NAME, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       S_ISSOCK(st.st_mode);
}
