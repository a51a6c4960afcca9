/*
 * The other end of a runtime's sockets: console, pidfd and seccomp listener.
 *
 * recvfd SOCKET [SECONDS]: listens, accepts one connection, prints the message and what each
 * received fd is ("message TEXT", "fd chr 136:0 fs devpts tiocgptn 0 host-tty no"), then copies what
 * a terminal says to standard output until it hangs up, so that the container is never blocked.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/vfs.h>
#include <unistd.h>

#define DEVPTS_MAGIC 0x1cd1

static void describe(int fd)
{
	struct stat st, host;
	struct statfs fs;
	char path[64];
	unsigned number = 0;
	int is_pty, is_host = 0;

	if (fstat(fd, &st) || fstatfs(fd, &fs))
		return;
	is_pty = ioctl(fd, TIOCGPTN, &number) == 0;
	snprintf(path, sizeof(path), "/dev/pts/%u", number);
	/* Same number on the same devpts instance would be a terminal of the host. */
	if (is_pty && !stat(path, &host))
		is_host = host.st_dev == st.st_dev;
	printf("fd %s %u:%u fs 0x%lx tiocgptn %s host-tty %s\n",
	       S_ISCHR(st.st_mode)   ? "chr"
	       : S_ISREG(st.st_mode) ? "file"
	       : S_ISDIR(st.st_mode) ? "dir"
				     : "other",
	       major(st.st_rdev), minor(st.st_rdev), (unsigned long)fs.f_type,
	       is_pty ? "yes" : "no", is_host ? "yes" : "no");
	fflush(stdout);
}

static void copy_out(int fd)
{
	char buf[4096];
	ssize_t n;

	for (;;) {
		n = read(fd, buf, sizeof(buf));
		if (n < 0 && errno == EINTR)
			continue;
		/* EIO: the last holder of the other side is gone. */
		if (n <= 0 || write(STDOUT_FILENO, buf, (size_t)n) != n)
			return;
	}
}

static int serve(int conn)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(16 * sizeof(int))];
	} control;
	char text[4096];
	struct iovec iov = { text, sizeof(text) - 1 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control,
			      .msg_controllen = sizeof(control) };
	ssize_t n = recvmsg(conn, &msg, MSG_CMSG_CLOEXEC);
	int first = -1;

	if (n < 0)
		return 1;
	text[n] = '\0';
	printf("message %s\n", text);
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&msg); c; c = CMSG_NXTHDR(&msg, c)) {
		size_t count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		for (size_t i = 0; i < count; i++) {
			int fd;

			memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof(int));
			describe(fd);
			if (first < 0)
				first = fd;
		}
	}
	fflush(stdout);
	if (first >= 0)
		copy_out(first);
	return 0;
}

int main(int argc, char **argv)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int sock, conn;

	if (argc < 2 || strlen(argv[1]) >= sizeof(addr.sun_path))
		return 2;
	alarm(argc > 2 ? (unsigned)atoi(argv[2]) : 20);
	strcpy(addr.sun_path, argv[1]);
	unlink(argv[1]);
	sock = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (sock < 0 || bind(sock, (struct sockaddr *)&addr, sizeof(addr)) || listen(sock, 1)) {
		perror("recvfd");
		return 1;
	}
	conn = accept4(sock, NULL, NULL, SOCK_CLOEXEC);
	return conn < 0 ? 1 : serve(conn);
}
