/* Packets between parent and child: what is sent arrives, everything else is
 * refused, and no descriptor is left behind. */
#include "config.h"

#include "proto/sync.h"

#include "tap.h"
#include "temp_dir.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

static int pair[2] = {-1, -1};

static void renew(void)
{
	struct err err = ERR_INIT;

	for (int i = 0; i < 2; i++)
		if (pair[i] >= 0)
			close(pair[i]);
	if (sync_open(pair, &err) < 0) {
		printf("Bail out! %s\n", err.msg);
		exit(99);
	}
}

static void cut(void)
{
	close(pair[0]);
	pair[0] = -1;
}

static int open_fds(void)
{
	return temp_dir_entries("/proc/self/fd");
}

/* Bytes and descriptors as a peer with other intentions sends them. */
static void send_raw(const void *bytes, size_t len, const int *fds, unsigned n_fds)
{
	union {
		struct cmsghdr align;
		char buf[CMSG_SPACE(16 * sizeof(int))];
	} control = {0};
	struct iovec iov = {.iov_base = (void *)bytes, .iov_len = len};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};

	if (n_fds) {
		struct cmsghdr *c;

		msg.msg_control = control.buf;
		msg.msg_controllen = CMSG_SPACE(n_fds * sizeof(int));
		c = CMSG_FIRSTHDR(&msg);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(n_fds * sizeof(int));
		memcpy(CMSG_DATA(c), fds, n_fds * sizeof(int));
	}
	if (sendmsg(pair[0], &msg, MSG_NOSIGNAL) < 0) {
		perror("sendmsg");
		exit(99);
	}
}

/* A genuine packet, to be spoilt. */
static size_t genuine(enum sync_kind kind, unsigned char *buf, size_t size)
{
	struct err err = ERR_INIT;

	if (kind == SYNC_ERROR) {
		(void)err_set(&err, ERR_EXEC, "no such program");
		sync_send_error(pair[0], &err);
	} else if (sync_send(pair[0], kind, -1, &err) < 0) {
		exit(99);
	}
	return (size_t)recv(pair[1], buf, size, 0);
}

static void test_kinds(void)
{
	struct err err = ERR_INIT;

	renew();
	ok((fcntl(pair[0], F_GETFD) & FD_CLOEXEC) && (fcntl(pair[1], F_GETFD) & FD_CLOEXEC), "both ends are CLOEXEC");
	for (int kind = SYNC_GO; kind < SYNC_KINDS; kind++) {
		enum sync_kind got = SYNC_EOF;
		int fd = 0;

		ok(sync_send(pair[0], (enum sync_kind)kind, -1, &err) == 0 && sync_recv(pair[1], &got, &fd, &err) == 0 &&
			   (int)got == kind && fd == -1,
		   "'%s' arrives as itself, without a descriptor", sync_name((enum sync_kind)kind));
		for (int other = 0; other < kind; other++)
			if (!strcmp(sync_name((enum sync_kind)kind), sync_name((enum sync_kind)other)))
				ok(false, "kinds %d and %d have one name", kind, other);
	}
	is_str(sync_name(SYNC_KINDS), "unknown", "a kind that is none");
	is_str(sync_name((enum sync_kind)-1), "unknown", "a negative kind");
}

static void test_facts(void)
{
	const struct sync_facts facts = {.own_ns = {[3] = {7, 4026531840}}, .ignored = UINT64_C(1) << 63};
	struct sync_facts got = {.ignored = 0};
	struct err err = ERR_INIT;

	renew();
	ok(sync_send_facts(pair[0], &facts, &err) == 0 && sync_await_facts(pair[1], &got, &err) == 0 &&
		   !memcmp(&got, &facts, sizeof(facts)),
	   "facts arrive as they are: %s", err.msg);
	got = (struct sync_facts){.ignored = 5};
	ok(sync_send(pair[0], SYNC_GO, -1, &err) == 0 && sync_await_facts(pair[1], &got, &err) < 0,
	   "another packet is none");
	is_err(&err, ERR_PROTO, "waited for 'facts', the runtime sent 'go'", "and says so");
	is_int(got.ignored, 5, "and changes nothing");
}

static void test_descriptor(void)
{
	struct err err = ERR_INIT;
	enum sync_kind kind = SYNC_EOF;
	struct stat sent, got;
	int before, fd = -1, file = open("file", O_RDWR | O_CREAT, 0600);

	renew();
	before = open_fds();
	ok(sync_send(pair[0], SYNC_TERMINAL, file, &err) == 0 && sync_recv(pair[1], &kind, &fd, &err) == 0 && fd >= 0,
	   "a descriptor arrives");
	ok(fstat(file, &sent) == 0 && fstat(fd, &got) == 0 && sent.st_ino == got.st_ino && fd != file, "of the same file");
	ok(fcntl(fd, F_GETFD) & FD_CLOEXEC, "CLOEXEC");
	close(fd);
	ok(sync_send(pair[0], SYNC_GO, file, &err) == 0 && sync_recv(pair[1], &kind, NULL, &err) < 0,
	   "where none is expected it is refused");
	is_err(&err, ERR_PROTO, "malformed", "as malformed");
	is_int(open_fds(), before, "and closed");
	close(file);
}

static void test_error(void)
{
	struct err sent = ERR_INIT, got = ERR_INIT;
	enum sync_kind kind = SYNC_READY;
	int before;

	renew();
	before = open_fds();
	(void)err_policy(&sent, "H-30", "refused '%s'", "x\n");
	sync_send_error(pair[0], &sent);
	ok(sync_recv(pair[1], &kind, NULL, &got) < 0, "an error is a failure here, too");
	ok(got.kind == ERR_POLICY && !strcmp(got.rule, "H-30") && !strcmp(got.msg, sent.msg), "the same one");
	got = (struct err)ERR_INIT;
	errno = ENOSPC;
	sent = (struct err)ERR_INIT;
	(void)err_sys(&sent, "write");
	sync_send_error(pair[0], &sent);
	ok(sync_recv(pair[1], &kind, NULL, &got) < 0 && got.sys_errno == ENOSPC, "with its errno");
	cut();
	sync_send_error(pair[1], &sent); /* nobody there: no signal, no harm */
	is_int(open_fds(), before - 1, "nothing left behind");
}

static void test_end(void)
{
	struct err err = ERR_INIT, said = ERR_INIT;
	enum sync_kind kind = SYNC_READY;
	int fd = 7;

	renew();
	cut();
	ok(sync_recv(pair[1], &kind, &fd, &err) == 0 && kind == SYNC_EOF && fd == -1, "the end is told as such");
	kind = SYNC_READY;
	ok(sync_recv(pair[1], &kind, NULL, &err) == 0 && kind == SYNC_EOF, "also to who wants no descriptor");
	ok(sync_send(pair[1], SYNC_GO, -1, &err) < 0, "sending to nobody fails, without a signal");
	is_err(&err, ERR_SYSTEM, "send 'go'", "and says what");

	renew();
	err = (struct err)ERR_INIT;
	kind = SYNC_READY;
	/* Our packet unread when the peer goes: ECONNRESET. */
	ok(sync_send(pair[1], SYNC_GO, -1, &err) == 0, "sent");
	cut();
	ok(sync_recv(pair[1], &kind, &fd, &err) == 0 && kind == SYNC_EOF, "a peer that died with a packet of ours unread");

	renew();
	(void)err_policy(&said, "H-25", "remove it");
	sync_send_error(pair[0], &said);
	ok(sync_send(pair[1], SYNC_DEVICES, -1, &err) == 0, "sent unasked, to a peer that has said why it ends");
	cut();
	ok(sync_recv(pair[1], &kind, &fd, &err) < 0, "its reason isn't lost");
	is_err(&err, ERR_POLICY, "remove it", "and read as it is");
	err = (struct err)ERR_INIT;
	ok(sync_recv(pair[1], &kind, &fd, &err) == 0 && kind == SYNC_EOF, "then comes the end");

	renew();
	ok(sync_send(pair[0], SYNC_READY, -1, &err) == 0, "sent before the end");
	cut();
	ok(sync_recv(pair[1], &kind, &fd, &err) == 0 && kind == SYNC_READY, "is read before the end");
	ok(sync_recv(pair[1], &kind, &fd, &err) == 0 && kind == SYNC_EOF, "then the end");
}

static void refused(const void *bytes, size_t len, const int *fds, unsigned n_fds, const char *name)
{
	struct err err = ERR_INIT;
	enum sync_kind kind = SYNC_EOF;
	int before, fd = -1;

	renew();
	before = open_fds();
	send_raw(bytes, len, fds, n_fds);
	int r = sync_recv(pair[1], &kind, &fd, &err);
	ok(r < 0 && err.kind == ERR_PROTO && fd == -1 && open_fds() == before, "refused, nothing left open: %s", name);
	if (fd >= 0)
		close(fd);
	renew();
}

static void test_malformed(void)
{
	unsigned char good[2048] = {0}, bad[2048];
	const int fds[16] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
	size_t len;

	renew();
	len = genuine(SYNC_GO, good, sizeof(good));
	ok(len > 8 && len < 1024, "a packet has %zu bytes", len);
	refused(good, len - 1, NULL, 0, "a byte too few");
	refused(good, len + 1, NULL, 0, "a byte too many");
	refused(good, 2 * len, NULL, 0, "two in one");
	refused(good, 1, NULL, 0, "one byte");
	refused(good, 0, NULL, 0, "no byte, which is not the end");
	refused(good, 0, fds, 1, "no byte but a descriptor");
	memcpy(bad, good, len);
	bad[0] ^= 1;
	refused(bad, len, NULL, 0, "another magic number");
	for (uint32_t kind = 0; kind < 4; kind++) {
		static const uint32_t kinds[] = {SYNC_EOF, SYNC_KINDS, 255, UINT32_MAX};

		memcpy(bad, good, len);
		memcpy(bad + 4, &kinds[kind], sizeof(uint32_t));
		refused(bad, len, NULL, 0, "a kind that nobody sends");
	}
	for (unsigned n = 2; n <= 16; n++)
		refused(good, len, fds, n, "more than one descriptor");
	refused(good, len - 1, fds, 1, "malformed, with a descriptor");

	renew();
	len = genuine(SYNC_ERROR, good, sizeof(good));
	refused(good, len - 1, NULL, 0, "an error cut short");
	struct err err = ERR_INIT;
	enum sync_kind kind = SYNC_EOF;
	int before = open_fds(), fd = -1;

	send_raw(good, len, fds, 1);
	ok(sync_recv(pair[1], &kind, &fd, &err) < 0 && fd == -1 && open_fds() == before,
	   "a descriptor with an error isn't kept");
	/* Bytes of another process: no terminator, no known kind. */
	memset(good + 8, 'x', len - 8);
	err = (struct err)ERR_INIT;
	send_raw(good, len, NULL, 0);
	ok(sync_recv(pair[1], &kind, &fd, &err) < 0 && err.kind && strnlen(err.msg, sizeof(err.msg)) < sizeof(err.msg) &&
		   strnlen(err.rule, sizeof(err.rule)) < sizeof(err.rule),
	   "an error full of rubbish is made safe");
	memset(good + 8, 0, len - 8);
	err = (struct err)ERR_INIT;
	send_raw(good, len, NULL, 0);
	ok(sync_recv(pair[1], &kind, &fd, &err) < 0 && err.kind != ERR_NONE, "an error without a kind is still one");
}

static void test_request(void)
{
	static const struct {
		enum sync_kind answer;
		int result;
		const char *name;
	} cases[] = {{SYNC_GO, 0, "GO"}, {SYNC_READY, -1, "another packet"}, {SYNC_ERROR, -1, "an error"},
		     {SYNC_EOF, -1, "the end"}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct err err = ERR_INIT, other = ERR_INIT;
		enum sync_kind kind;

		renew();
		if (fork() == 0) {
			struct err told = ERR_INIT;

			close(pair[1]);
			if (sync_recv(pair[0], &kind, NULL, &told) < 0 || kind != SYNC_NETWORK)
				_exit(1);
			(void)err_set(&told, ERR_HOST, "no such device");
			if (cases[i].answer == SYNC_ERROR)
				sync_send_error(pair[0], &told);
			else if (cases[i].answer != SYNC_EOF && sync_send(pair[0], cases[i].answer, -1, &other) < 0)
				_exit(1);
			_exit(0);
		}
		cut();
		ok(sync_request(pair[1], SYNC_NETWORK, -1, &err) == cases[i].result && !err.kind == !cases[i].result,
		   "a request answered with %s", cases[i].name);
		if (cases[i].answer == SYNC_ERROR)
			is_err(&err, ERR_HOST, "no such device", "the answer's error is the request's");
		else if (cases[i].result)
			is_err(&err, ERR_PROTO, "network", "the message names the request");
		wait(NULL);
	}
}

static void test_send_fds(void)
{
	struct err err = ERR_INIT;
	int stream[2], fds[5] = {0, 1, 0, 1, 0}, got[8];
	char control[CMSG_SPACE(8 * sizeof(int))], text[64] = "";
	struct iovec iov = {.iov_base = text, .iov_len = sizeof(text) - 1};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control)};
	struct cmsghdr *c;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, stream) < 0)
		exit(99);
	ok(sync_send_fds(stream[0], "/dev/pts/7", 10, fds, 2, &err) == 0, "a payload with two descriptors");
	ok(recvmsg(stream[1], &msg, 0) == 10 && !strcmp(text, "/dev/pts/7"), "the payload arrives");
	c = CMSG_FIRSTHDR(&msg);
	ok(c && c->cmsg_type == SCM_RIGHTS && c->cmsg_len == CMSG_LEN(2 * sizeof(int)) && !CMSG_NXTHDR(&msg, c),
	   "both descriptors, in one message");
	if (c && c->cmsg_len == CMSG_LEN(2 * sizeof(int))) {
		memcpy(got, CMSG_DATA(c), 2 * sizeof(int));
		close(got[0]);
		close(got[1]);
	}
	ok(sync_send_fds(stream[0], "x", 1, fds, 0, &err) < 0, "no descriptor is refused");
	is_err(&err, ERR_PROTO, "0 descriptors", "with the number");
	err = (struct err)ERR_INIT;
	ok(sync_send_fds(stream[0], "x", 1, fds, 5, &err) < 0, "five don't fit");
	err = (struct err)ERR_INIT;
	ok(sync_send_fds(stream[0], "", 0, fds, 1, &err) < 0, "no payload is refused: descriptors need a byte");
	close(stream[1]);
	err = (struct err)ERR_INIT;
	ok(sync_send_fds(stream[0], "x", 1, fds, 1, &err) < 0 && err.kind == ERR_SYSTEM, "nobody there");
	close(stream[0]);
}

/* Paths longer than sun_path (T-LC-6). */
static void test_connect(void)
{
	static char path[4600];
	struct sockaddr_un addr = {.sun_family = AF_UNIX, .sun_path = "sock"};
	struct err err = ERR_INIT;
	int fd, listener = socket(AF_UNIX, SOCK_STREAM, 0), before = open_fds();

	if (listener < 0 || bind(listener, (struct sockaddr *)&addr, sizeof(addr)) < 0 || listen(listener, 9) < 0)
		exit(99);
	snprintf(path, sizeof(path), "%s/sock", temp_dir);
	fd = sync_connect(path, &err);
	ok(fd >= 0 && (fcntl(fd, F_GETFD) & FD_CLOEXEC), "a short path");
	close(fd);
	/* Exactly at, one below and one above the 107 bytes; then very long. */
	for (size_t want = 106; want <= 4000; want += want < 109 ? 1 : 3891) {
		size_t len = (size_t)snprintf(path, sizeof(path), "%s", temp_dir);

		while (len + 5 < want)
			path[len++] = '/';
		memcpy(path + len, "/sock", 6);
		fd = sync_connect(path, &err);
		ok(fd >= 0, "a path of %zu bytes", strlen(path));
		if (fd >= 0)
			close(fd);
	}
	memset(path, '/', sizeof(path));
	memcpy(path + 4500, "sock", 5);
	ok(sync_connect(path, &err) < 0, "longer than a path can be");
	is_err(&err, ERR_USAGE, "4504 bytes", "with the length");
	err = (struct err)ERR_INIT;
	memset(path, 'n', 300);
	path[0] = '/';
	path[300] = 0;
	ok(sync_connect(path, &err) < 0, "a name that no directory holds");
	is_err(&err, ERR_USAGE, "too long", "is refused");
	err = (struct err)ERR_INIT;
	snprintf(path, sizeof(path), "%s/none", temp_dir);
	ok(sync_connect(path, &err) < 0 && err.sys_errno == ENOENT && strstr(err.msg, path), "nothing there");
	is_int(open_fds(), before, "nothing left open");
	close(listener);
}

int main(void)
{
	temp_dir_enter();
	test_kinds();
	test_facts();
	test_descriptor();
	test_error();
	test_end();
	test_malformed();
	test_request();
	test_send_fds();
	test_connect();
	return tap_done();
}
