/* outside.c: the host's side of what a runtime talks to, for tests.
 *
 *     outside datagrams SOCKET N          prints N datagrams, one line each (newlines become '|')
 *     outside pidfd SOCKET                accepts, prints the message and the pid that the received pidfd stands for
 *     outside listener SOCKET ERRNO       a seccomp agent: accepts, prints the state it is sent, then answers every notification with
 *                                         ERRNO (0: let it continue) and prints the call's number, until nobody is left
 *     outside fds N COMMAND...            runs the command with descriptors 3..3+N-1 open, each a file holding its number
 *     outside blocked COMMAND...          runs it with SIGTERM blocked and SIGUSR1 ignored
 *     outside keyring NAME COMMAND...     runs it with a session keyring of that name
 *     outside plant NAME COMMAND...       runs it holding a keyring of that name, with a key 'bait' in it, which anybody may join
 *     outside owner NAMESPACE             the user namespace that owns it, as /proc/PID/ns/user would show it
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <linux/nsfs.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

static int listen_on(const char *path, int type)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);

	if (strlen(path) >= sizeof(addr.sun_path) || fd < 0)
		return -1;
	strcpy(addr.sun_path, path);
	unlink(path);
	if (bind(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0)
		return -1;
	return type == SOCK_DGRAM || listen(fd, 4) == 0 ? fd : -1;
}

static int do_datagrams(char **args)
{
	int fd = listen_on(args[0], SOCK_DGRAM);
	char text[4096];

	for (int i = 0; fd >= 0 && i < atoi(args[1]); i++) {
		ssize_t n = recv(fd, text, sizeof(text) - 1, 0);

		if (n < 0)
			return 1;
		text[n] = 0;
		for (char *c = text; *c; c++)
			if (*c == '\n')
				*c = '|';
		printf("%s\n", text);
	}
	return fd < 0;
}

/* One message of a stream; the first descriptor in it, or -1. */
static int receive(int conn, char *text, size_t size)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(8 * sizeof(int))];
	} control;
	struct iovec iov = {text, size - 1};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)};
	ssize_t n = recvmsg(conn, &msg, MSG_CMSG_CLOEXEC);
	struct cmsghdr *c = n < 0 ? NULL : CMSG_FIRSTHDR(&msg);
	int fd = -1;

	text[n < 0 ? 0 : n] = 0;
	if (c && c->cmsg_type == SCM_RIGHTS)
		memcpy(&fd, CMSG_DATA(c), sizeof(fd));
	return fd;
}

static int do_pidfd(char **args)
{
	int sock = listen_on(args[0], SOCK_STREAM), conn = sock < 0 ? -1 : accept4(sock, NULL, NULL, SOCK_CLOEXEC), fd;
	char text[4096], path[64], line[256];
	FILE *info;

	if (conn < 0)
		return 1;
	fd = receive(conn, text, sizeof(text));
	printf("message %s\n", text);
	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	info = fopen(path, "re");
	while (info && fgets(line, sizeof(line), info))
		if (strncmp(line, "Pid:", 4) == 0)
			printf("pid %d\n", atoi(line + 4));
	return !info;
}

static int serve(int listener, int answer)
{
	struct pollfd p = {listener, POLLIN, 0};

	for (;;) {
		struct seccomp_notif call = {0};
		struct seccomp_notif_resp reply = {0};

		if (poll(&p, 1, 10000) <= 0 || !(p.revents & POLLIN))
			return 0;
		if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &call) < 0)
			continue;
		printf("call %d\n", call.data.nr);
		fflush(stdout);
		reply.id = call.id;
		reply.error = -answer;
		reply.flags = answer ? 0 : SECCOMP_USER_NOTIF_FLAG_CONTINUE;
		if (ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &reply) < 0 && errno != ENOENT)
			return 1;
	}
}

static int do_listener(char **args)
{
	int sock = listen_on(args[0], SOCK_STREAM), conn = sock < 0 ? -1 : accept4(sock, NULL, NULL, SOCK_CLOEXEC), fd;
	static char text[65536];

	if (conn < 0)
		return 1;
	fd = receive(conn, text, sizeof(text));
	printf("%s\n", text);
	fflush(stdout);
	return fd < 0 ? 1 : serve(fd, atoi(args[1]));
}

static int do_fds(char **args)
{
	int n = atoi(args[0]), up[64];

	for (int i = 0; i < n && i < 64; i++) {
		char text[16];
		int fd = memfd_create("numbered", 0);

		snprintf(text, sizeof(text), "%d\n", 3 + i);
		if (fd < 0 || write(fd, text, strlen(text)) < 0 || lseek(fd, 0, SEEK_SET) < 0)
			return 126;
		up[i] = fcntl(fd, F_DUPFD, 100);
		close(fd);
	}
	for (int i = 0; i < n && i < 64; i++) {
		dup2(up[i], 3 + i);
		close(up[i]);
	}
	execvp(args[1], args + 1);
	return 127;
}

static int do_blocked(char **args)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGUSR1, SIG_IGN);
	execvp(args[0], args);
	return 127;
}

static int do_keyring(char **args)
{
	if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, args[0]) < 0)
		return 126;
	execvp(args[1], args + 1);
	return 127;
}

static int do_plant(char **args)
{
	long ring = -1;

	/* In a session keyring of our own: only who possesses a key may set its permissions. */
	if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) >= 0)
		ring = syscall(SYS_add_key, "keyring", args[0], NULL, 0, KEY_SPEC_SESSION_KEYRING);
	if (ring < 0 || syscall(SYS_add_key, "user", "bait", "x", 1, ring) < 0 ||
	    syscall(SYS_keyctl, KEYCTL_SETPERM, ring, 0x3f3f3f3f) < 0)
		return 126;
	execvp(args[1], args + 1);
	return 127;
}

static int do_owner(char **args)
{
	int fd = open(args[0], O_RDONLY | O_CLOEXEC), owner = fd < 0 ? -1 : ioctl(fd, NS_GET_USERNS);
	struct stat st;

	if (owner < 0 || fstat(owner, &st) < 0)
		return 1;
	printf("user:[%lu]\n", (unsigned long)st.st_ino);
	return 0;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int args;
		int (*run)(char **args);
	} commands[] = {{"datagrams", 2, do_datagrams}, {"pidfd", 1, do_pidfd}, {"listener", 2, do_listener}, {"fds", 2, do_fds},
			{"blocked", 1, do_blocked}, {"keyring", 2, do_keyring}, {"plant", 2, do_plant},
			{"owner", 1, do_owner}};

	for (size_t i = 0; argc > 1 && i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (strcmp(argv[1], commands[i].name) != 0 || argc - 2 < commands[i].args)
			continue;
		if (argv[2][0] == '/')
			alarm(20); /* a server that nobody calls */
		return commands[i].run(argv + 2);
	}
	fprintf(stderr, "outside: what?\n");
	return 2;
}
