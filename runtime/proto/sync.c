/* Packets between parent and child; see sync.h for the drawing.
 *
 * Owns the packet layout and descriptor passing.  Decides nothing about what a
 * packet means: that is act/parent.c and the steps of act/child.c.
 */
#include "config.h"

#include "proto/sync.h"

#include "base/auto.h"
#include "base/list.h"
#include "sys/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>

#include "base/banned.h"

#define SYNC_MAGIC 0x6b616e75u /* "kanu" */

struct sync_packet {
	uint32_t magic;
	uint32_t kind;
	union {
		struct err error;        /* SYNC_ERROR only */
		struct sync_facts facts; /* SYNC_FACTS only */
	};
};

const char *sync_name(enum sync_kind kind)
{
	static const char *const names[] = {
		"end of file", "error",     "go",    "maps-first", "network",  "netns", "devices",
		"hooks",       "maps-last", "facts", "terminal",   "listener", "ready"};
	_Static_assert(ARRAY_LEN(names) == SYNC_KINDS, "one name per kind");

	return (unsigned)kind < ARRAY_LEN(names) ? names[kind] : "unknown";
}

int sync_open(int ret_fds[2], struct err *err)
{
	if (sys_socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ret_fds) < 0)
		return err_sys(err, "create the socket pair to the container process");
	return 0;
}

static ssize_t send_packet(int sync_fd, const struct sync_packet *packet, size_t len, int fd)
{
	union {
		struct cmsghdr align;
		char buf[CMSG_SPACE(sizeof(int))];
	} control = {0};
	struct iovec iov = {.iov_base = (void *)packet, .iov_len = len};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};
	ssize_t n;

	if (fd >= 0) {
		struct cmsghdr *c;

		msg.msg_control = control.buf;
		msg.msg_controllen = sizeof(control.buf);
		c = CMSG_FIRSTHDR(&msg);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(c), &fd, sizeof(int));
	}
	do
		n = sys_sendmsg(sync_fd, &msg, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	return n;
}

int sync_send(int sync_fd, enum sync_kind kind, int fd, struct err *err)
{
	struct sync_packet packet = {.magic = SYNC_MAGIC, .kind = kind};

	if (send_packet(sync_fd, &packet, sizeof(packet), fd) != (ssize_t)sizeof(packet))
		return err_sys(err, "send '%s' to the peer process", sync_name(kind));
	return 0;
}

void sync_send_error(int sync_fd, const struct err *error)
{
	struct sync_packet packet = {.magic = SYNC_MAGIC, .kind = SYNC_ERROR, .error = *error};

	/* If the parent is gone nobody is left to tell; we exit either way. */
	(void)send_packet(sync_fd, &packet, sizeof(packet), -1);
}

int sync_send_facts(int sync_fd, const struct sync_facts *facts, struct err *err)
{
	struct sync_packet packet = {.magic = SYNC_MAGIC, .kind = SYNC_FACTS, .facts = *facts};

	if (send_packet(sync_fd, &packet, sizeof(packet), -1) != (ssize_t)sizeof(packet))
		return err_sys(err, "send '%s' to the peer process", sync_name(SYNC_FACTS));
	return 0;
}

int sync_parse(const void *buf, uint64_t len, enum sync_kind *ret_kind, struct err *ret_error)
{
	struct sync_packet packet;

	if (len != sizeof(packet))
		return -1;
	memcpy(&packet, buf, sizeof(packet));
	if (packet.magic != SYNC_MAGIC || packet.kind == SYNC_EOF || packet.kind >= SYNC_KINDS)
		return -1;
	if (packet.kind == SYNC_ERROR &&
	    err_import(ret_error, &packet.error, sizeof(packet.error)) < 0)
		return -1;
	*ret_kind = packet.kind;
	return 0;
}

/* The one descriptor of a control message; more than one, or of another kind,
 * is refused with all of them closed. */
static int take_fd(struct msghdr *msg, int *ret_fd)
{
	int n = 0;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
		size_t count;

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			return -1;
		count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (size_t i = 0; i < count; i++) {
			int fd;

			memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof(int));
			if (n++ == 0)
				*ret_fd = fd;
			else
				(void)sys_close(fd); /* unasked for: nothing to lose */
		}
	}
	return n <= 1 && !(msg->msg_flags & MSG_CTRUNC) ? 0 : -1;
}

/* A packet without bytes is read as 0, too, and end of file means that exec
 * succeeded: only a peer that is gone may say so. */
static bool is_end(int sync_fd)
{
	struct pollfd peer = {.fd = sync_fd, .events = POLLRDHUP};

	return sys_poll(&peer, 1, 0) == 1 && (peer.revents & (POLLHUP | POLLRDHUP));
}

static int receive(int sync_fd, struct sync_packet *packet, enum sync_kind *ret_kind, int *ret_fd,
		   struct err *err)
{
	union {
		struct cmsghdr align;
		char buf[CMSG_SPACE(4 * sizeof(int))];
	} control = {0};
	struct iovec iov = {.iov_base = packet, .iov_len = sizeof(*packet)};
	struct msghdr msg = {.msg_iov = &iov,
			     .msg_iovlen = 1,
			     .msg_control = control.buf,
			     .msg_controllen = sizeof(control.buf)};
	struct err remote = ERR_INIT;
	autofd int fd = -1;
	enum sync_kind kind;
	int reset = 0;
	bool taken;
	ssize_t n;

	/* A peer that ended with a packet of ours unread shows as ECONNRESET, once, and before
	 * what it had sent: its reason. */
	do
		n = sys_recvmsg(sync_fd, &msg, MSG_CMSG_CLOEXEC);
	while (n < 0 && (errno == EINTR || (errno == ECONNRESET && !reset++)));
	if (n < 0 && errno != ECONNRESET)
		return err_sys(err, "receive from the peer process");
	taken = n >= 0 && take_fd(&msg, &fd) == 0;
	if (n < 0 || (n == 0 && is_end(sync_fd))) {
		*ret_kind = SYNC_EOF;
		if (ret_fd)
			*ret_fd = -1;
		return 0;
	}
	if (!taken || (msg.msg_flags & MSG_TRUNC) ||
	    sync_parse(packet, (uint64_t)n, &kind, &remote) < 0 || (fd >= 0 && !ret_fd))
		return err_set(err, ERR_PROTO, "malformed packet from the peer process");
	if (kind == SYNC_ERROR) {
		*err = remote;
		return -1;
	}
	*ret_kind = kind;
	if (ret_fd)
		*ret_fd = steal_fd(&fd);
	return 0;
}

int sync_recv(int sync_fd, enum sync_kind *ret_kind, int *ret_fd, struct err *err)
{
	struct sync_packet packet;

	return receive(sync_fd, &packet, ret_kind, ret_fd, err);
}

static int await_packet(int sync_fd, enum sync_kind kind, struct sync_packet *packet,
			struct err *err)
{
	enum sync_kind told;

	if (receive(sync_fd, packet, &told, NULL, err) < 0)
		return -1;
	if (told != kind)
		return err_set(err, ERR_PROTO, "waited for '%s', the runtime sent '%s'",
			       sync_name(kind), sync_name(told));
	return 0;
}

int sync_await(int sync_fd, enum sync_kind kind, struct err *err)
{
	struct sync_packet packet;

	return await_packet(sync_fd, kind, &packet, err);
}

int sync_await_facts(int sync_fd, struct sync_facts *ret, struct err *err)
{
	struct sync_packet packet;

	if (await_packet(sync_fd, SYNC_FACTS, &packet, err) < 0)
		return -1;
	*ret = packet.facts;
	return 0;
}

int sync_request(int sync_fd, enum sync_kind kind, int fd, struct err *err)
{
	enum sync_kind answer;

	if (sync_send(sync_fd, kind, fd, err) < 0 || sync_recv(sync_fd, &answer, NULL, err) < 0)
		return -1;
	if (answer != SYNC_GO)
		return err_set(err, ERR_PROTO, "asked for '%s', the runtime answered '%s'",
			       sync_name(kind), sync_name(answer));
	return 0;
}

#define SYNC_MAX_FDS 4

int sync_send_fds(int sock_fd, const char *payload, uint64_t len, const int *fds, unsigned n_fds,
		  struct err *err)
{
	union {
		struct cmsghdr align;
		char buf[CMSG_SPACE(SYNC_MAX_FDS * sizeof(int))];
	} control = {0};
	struct iovec iov = {.iov_base = (void *)payload, .iov_len = len};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};
	struct cmsghdr *c;
	ssize_t n;

	if (n_fds == 0 || n_fds > SYNC_MAX_FDS || len == 0)
		return err_set(err, ERR_PROTO, "%u descriptors don't fit one message", n_fds);
	msg.msg_control = control.buf;
	msg.msg_controllen = CMSG_SPACE(n_fds * sizeof(int));
	c = CMSG_FIRSTHDR(&msg);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(n_fds * sizeof(int));
	memcpy(CMSG_DATA(c), fds, n_fds * sizeof(int));
	do
		n = sys_sendmsg(sock_fd, &msg, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	if (n != (ssize_t)len)
		return err_sys(err, "pass a descriptor over a socket");
	return 0;
}

/* sun_path holds 107 bytes; longer paths go through an O_PATH descriptor of the
 * directory (T-LC-6).  This runs in the runtime's own mount namespace, so /proc
 * is the host's. */
static int socket_address(const char *path, struct sockaddr_un *addr, int *ret_dirfd,
			  struct err *err)
{
	const char *slash = strrchr(path, '/');
	char dir[4096];
	int n;

	memset(addr, 0, sizeof(*addr));
	addr->sun_family = AF_UNIX;
	if (strlen(path) < sizeof(addr->sun_path)) {
		memcpy(addr->sun_path, path, strlen(path) + 1);
		return 0;
	}
	if (!slash || (size_t)(slash - path) >= sizeof(dir) - 1)
		return err_set(err, ERR_USAGE, "socket path of %zu bytes is too long",
			       strlen(path));
	n = snprintf(dir, sizeof(dir), "%.*s/", (int)(slash - path), path);
	if (n < 0 || (size_t)n >= sizeof(dir))
		return err_set(err, ERR_USAGE, "socket path of %zu bytes is too long",
			       strlen(path));
	*ret_dirfd = sys_open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
	if (*ret_dirfd < 0)
		return err_sys(err, "open the directory of socket '%s'", path);
	n = snprintf(addr->sun_path, sizeof(addr->sun_path), "/proc/self/fd/%d/%s", *ret_dirfd,
		     slash + 1);
	if (n < 0 || (size_t)n >= sizeof(addr->sun_path))
		return err_set(err, ERR_USAGE, "socket name '%s' is too long", slash + 1);
	return 0;
}

int sync_connect(const char *path, struct err *err)
{
	autofd int fd = -1;
	autofd int dirfd = -1;
	struct sockaddr_un addr;

	if (socket_address(path, &addr, &dirfd, err) < 0)
		return -1;
	fd = sys_socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return err_sys(err, "create a socket");
	if (sys_connect(fd, (const struct sockaddr *)&addr, sizeof(addr)) < 0)
		return err_sys(err, "connect to socket '%s'", path);
	return steal_fd(&fd);
}
