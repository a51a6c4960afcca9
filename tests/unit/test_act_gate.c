/* The gate between create and start, with a forked process as the waiting init. */
#include "config.h"

#include "act/gate.h"
#include "act/process.h"
#include "proto/sync.h"

#include "tap.h"
#include "temp_dir.h"

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

enum deed { EXEC, EXEC_FEW, EXEC_LONG, FAIL, SPEAK, LISTENER, WAIT, DIE_ACCEPTED };

static struct plan plan = PLAN_INIT; /* the recorded one: says no more than a test sets */
static int dirfd_;
static pid_t init_pid;

static _Noreturn void be_init(int gate_fd, int sync_fd, enum deed deed)
{
	struct child child = {.sync_fd = sync_fd, .gate_fd = gate_fd};
	struct err err = ERR_INIT;

	if (child_ready(&plan, &child, &err) < 0)
		_exit(40);
	if (deed == WAIT)
		pause();
	if (deed == EXEC_FEW) {
		struct rlimit few = {.rlim_cur = (rlim_t)gate_fd + 3, .rlim_max = (rlim_t)gate_fd + 3};

		/* Room for two callers: the socket that GO came by closes after. */
		close(sync_fd);
		child.sync_fd = -1;
		if (setrlimit(RLIMIT_NOFILE, &few) < 0)
			_exit(45);
	}
	if (deed == DIE_ACCEPTED) {
		(void)!accept(gate_fd, NULL, NULL);
		_exit(0);
	}
	if (gate_await(&plan, &child, &err) < 0 || child.gate_fd != -1)
		_exit(41);
	switch (deed) {
	case EXEC:
	case EXEC_FEW:
		execl("/bin/true", "true", NULL);
		_exit(42);
	case EXEC_LONG:
		execl("/bin/sleep", "sleep", "60", NULL);
		_exit(42);
	case FAIL:
		(void)err_set(&err, ERR_EXEC, "exec 'nothing': no such file");
		sync_send_error(child.sync_fd, &err);
		_exit(127);
	case SPEAK:
		(void)!sync_send(child.sync_fd, SYNC_READY, -1, &err);
		_exit(0);
	case LISTENER:
		/* As filter_load does: waits for the answer, then execs. */
		if (sync_request(child.sync_fd, SYNC_LISTENER, STDIN_FILENO, &err) < 0)
			_exit(43);
		execl("/bin/true", "true", NULL);
		_exit(42);
	case WAIT:
	case DIE_ACCEPTED:
		break;
	}
	_exit(44);
}

/* What create does: listens, starts init, and goes when init is ready. */
static void create(enum deed deed)
{
	struct err err = ERR_INIT;
	enum sync_kind kind = SYNC_EOF;
	int sync_fds[2], gate_fd;

	(void)unlinkat(dirfd_, GATE_NAME, 0);
	gate_fd = gate_listen(dirfd_, &err);
	if (gate_fd < 0 || sync_open(sync_fds, &err) < 0) {
		printf("Bail out! %s\n", err.msg);
		exit(99);
	}
	init_pid = fork();
	if (init_pid == 0) {
		close(sync_fds[0]);
		be_init(gate_fd, sync_fds[1], deed);
	}
	close(gate_fd);
	close(sync_fds[1]);
	if (sync_recv(sync_fds[0], &kind, NULL, &err) < 0 || kind != SYNC_READY ||
	    sync_send(sync_fds[0], SYNC_GO, -1, &err) < 0) {
		printf("Bail out! init isn't ready: %s\n", err.msg);
		exit(99);
	}
	close(sync_fds[0]);
}

static int reap(void)
{
	int status = -1;

	(void)waitpid(init_pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void test_start(void)
{
	struct err err = ERR_INIT;
	int before = temp_dir_entries("/proc/self/fd");

	ok(!gate_is_present(dirfd_), "no gate at first");
	create(EXEC);
	ok(gate_is_present(dirfd_), "created: the gate is there");
	ok(gate_open(&plan, dirfd_, init_pid, &err) == 0, "start succeeds when init execs");
	is_int(reap(), 0, "the program has run");
	ok(!gate_is_present(dirfd_), "the gate is gone");
	ok(gate_open(&plan, dirfd_, init_pid, &err) < 0, "a second start");
	is_err(&err, ERR_STATE, "started already", "is told so");
	is_int(temp_dir_entries("/proc/self/fd"), before, "no descriptor is left");
}

static void test_failures(void)
{
	struct err err = ERR_INIT;

	create(FAIL);
	ok(gate_open(&plan, dirfd_, init_pid, &err) < 0, "exec fails");
	is_err(&err, ERR_EXEC, "exec 'nothing': no such file", "start has init's own error");
	(void)reap();

	err = (struct err)ERR_INIT;
	create(WAIT);
	kill(init_pid, SIGKILL);
	(void)reap();
	ok(gate_is_present(dirfd_), "init was killed, its gate still has a name");
	ok(gate_open(&plan, dirfd_, init_pid, &err) < 0, "start of a dead container");
	is_err(&err, ERR_NOT_RUNNING, "container not running", "is refused at once");

	err = (struct err)ERR_INIT;
	create(EXEC);
	ok(gate_open(&plan, dirfd_, init_pid + 1, &err) < 0, "another process than the recorded one");
	is_err(&err, ERR_PROTO, "not the container's init", "isn't started");
	err = (struct err)ERR_INIT;
	ok(gate_open(&plan, dirfd_, init_pid, &err) == 0 && reap() == 0, "and can still be, by whoever knows better");

	err = (struct err)ERR_INIT;
	create(SPEAK);
	ok(gate_open(&plan, dirfd_, init_pid, &err) < 0, "a packet that doesn't belong here");
	is_err(&err, ERR_PROTO, "unexpected 'ready'", "is refused");
	(void)reap();

	err = (struct err)ERR_INIT;
	create(DIE_ACCEPTED);
	ok(gate_open(&plan, dirfd_, init_pid, &err) < 0, "init dies before it answers");
	is_err(&err, ERR_STATE, "its init died", "that is no success");
	(void)reap();
}

/* Bound, but nobody listens yet: what start sees while create is at work. */
static void test_not_ready(void)
{
	struct err err = ERR_INIT;
	int fd;

	(void)unlinkat(dirfd_, GATE_NAME, 0);
	fd = gate_listen(dirfd_, &err);
	ok(fd >= 0 && (fcntl(fd, F_GETFD) & FD_CLOEXEC), "bound, CLOEXEC");
	ok(gate_open(&plan, dirfd_, getpid(), &err) < 0 && err.kind == ERR_NOT_RUNNING, "nobody listens: refused");
	err = (struct err)ERR_INIT;
	ok(gate_listen(dirfd_, &err) < 0 && err.sys_errno == EADDRINUSE, "one gate per directory");
	close(fd);
	(void)unlinkat(dirfd_, GATE_NAME, 0);
	close(openat(dirfd_, GATE_NAME, O_CREAT | O_WRONLY, 0600));
	ok(!gate_is_present(dirfd_), "a plain file is no gate");
	(void)unlinkat(dirfd_, GATE_NAME, 0);
	ok(symlinkat("/dev/log", dirfd_, GATE_NAME) == 0 && !gate_is_present(dirfd_), "nor is a link");
	(void)unlinkat(dirfd_, GATE_NAME, 0);
}

static int connect_only(void)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	snprintf(addr.sun_path, sizeof(addr.sun_path), "/proc/self/fd/%d/" GATE_NAME, dirfd_);
	if (connect(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0)
		exit(99);
	return fd;
}

/* Whoever else comes to the gate changes nothing for the one `start`. */
static void test_others(void)
{
	struct err err = ERR_INIT, remote = ERR_INIT;
	enum sync_kind kind;
	int fds[20];

	create(EXEC);
	close(connect_only());
	fds[0] = connect_only();
	(void)!send(fds[0], "junk", 4, 0);
	fds[1] = connect_only();
	(void)!send(fds[1], "", 0, 0);
	fds[2] = connect_only();
	ok(sync_send(fds[2], SYNC_READY, -1, &err) == 0 && sync_recv(fds[2], &kind, NULL, &err) == 0 && kind == SYNC_EOF,
	   "another word than GO: hung up on");
	fds[3] = connect_only();
	ok(sync_send(fds[3], SYNC_GO, fds[2], &err) == 0 && sync_recv(fds[3], &kind, NULL, &err) == 0 && kind == SYNC_EOF,
	   "GO with a descriptor: hung up on");
	(void)err_set(&remote, ERR_EXEC, "what?");
	fds[4] = connect_only();
	sync_send_error(fds[4], &remote);
	for (int i = 5; i < 20; i++)
		fds[i] = connect_only(); /* and says nothing */
	ok(gate_is_present(dirfd_), "the gate is still there");
	ok(gate_open(&plan, dirfd_, init_pid, &err) == 0, "start succeeds: %s", err.msg);
	is_int(reap(), 0, "the program has run");
	for (int i = 0; i < 20; i++)
		close(fds[i]);

	/* As few descriptors as the container may have. */
	create(EXEC_FEW);
	for (int i = 0; i < 6; i++)
		fds[i] = connect_only();
	ok(gate_open(&plan, dirfd_, init_pid, &err) == 0, "with the container's limit of descriptors: %s", err.msg);
	is_int(reap(), 0, "the program has run");
	for (int i = 0; i < 6; i++)
		close(fds[i]);
}

static void test_race(void)
{
	unsigned won = 0, told = 0, rounds = 20;

	for (unsigned i = 0; i < rounds; i++) {
		pid_t starter[3];

		create(EXEC_LONG);
		for (int k = 0; k < 3; k++) {
			starter[k] = fork();
			if (starter[k] == 0) {
				struct err err = ERR_INIT;

				if (gate_open(&plan, dirfd_, init_pid, &err) == 0)
					_exit(0);
				_exit(err.kind == ERR_STATE || err.kind == ERR_NOT_RUNNING ? 1 : 2);
			}
		}
		for (int k = 0; k < 3; k++) {
			int status = -1;

			(void)waitpid(starter[k], &status, 0);
			won += WIFEXITED(status) && WEXITSTATUS(status) == 0;
			told += WIFEXITED(status) && WEXITSTATUS(status) == 1;
		}
		kill(init_pid, SIGKILL);
		(void)reap();
	}
	is_int(won, rounds, "of three starts at once one succeeds, every time");
	is_int(told, 2 * rounds, "the others are told that it was started");
}

/* W-42: the listener goes to its agent, with the container's state. */
static void test_listener(void)
{
	struct plan_filter filter = {.kind = FILTER_RULES, .listener_path = "agent", .listener_metadata = "m\"1"};
	struct sockaddr_un addr = {.sun_family = AF_UNIX, .sun_path = "agent"};
	char text[1024] = "", want[1024], control[CMSG_SPACE(4 * sizeof(int))];
	struct iovec iov = {.iov_base = text, .iov_len = sizeof(text) - 1};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control)};
	struct err err = ERR_INIT;
	int agent = socket(AF_UNIX, SOCK_STREAM, 0), peer;

	create(LISTENER);
	ok(gate_open(&plan, dirfd_, init_pid, &err) < 0, "a listener that the plan doesn't have");
	is_err(&err, ERR_PROTO, "doesn't have", "is refused");
	is_int(reap(), 43, "and init doesn't run the program");

	err = (struct err)ERR_INIT;
	plan.filters.items = &filter;
	plan.filters.n = 1;
	create(LISTENER);
	ok(gate_open(&plan, dirfd_, init_pid, &err) < 0 && strstr(err.msg, "linux.seccomp.listenerPath"),
	   "an agent that isn't there fails the start");
	is_int(reap(), 43, "and init doesn't run the program");

	err = (struct err)ERR_INIT;
	if (bind(agent, (struct sockaddr *)&addr, sizeof(addr)) < 0 || listen(agent, 1) < 0)
		exit(99);
	create(LISTENER);
	ok(gate_open(&plan, dirfd_, init_pid, &err) == 0, "with its agent there");
	peer = accept(agent, NULL, NULL);
	ok(peer >= 0 && recvmsg(peer, &msg, 0) > 0 && CMSG_FIRSTHDR(&msg) &&
		   CMSG_FIRSTHDR(&msg)->cmsg_len == CMSG_LEN(sizeof(int)),
	   "the agent has one descriptor");
	snprintf(want, sizeof(want),
		 "{\"ociVersion\":\"1.2.0\",\"fds\":[\"seccompFd\"],\"pid\":%d,\"metadata\":\"m\\\"1\",\"state\":"
		 "{\"ociVersion\":\"1.2.0\",\"id\":\"box\",\"status\":\"created\",\"pid\":%d,\"bundle\":\"/b\"}}",
		 (int)init_pid, (int)init_pid);
	is_str(text, want, "and the process state");
	is_int(reap(), 0, "the program has run");
	close(agent);
	plan.filters.n = 0;
}

static void test_no_gate(void)
{
	struct child child = {.sync_fd = 5, .gate_fd = -1};
	struct err err = ERR_INIT;

	ok(gate_await(&plan, &child, &err) == 0 && child.sync_fd == 5, "run and exec have no gate to wait at");
}

int main(void)
{
	char deep[200];

	temp_dir_enter();
	/* The state directory's path may be longer than sun_path. */
	memset(deep, 'd', sizeof(deep));
	deep[sizeof(deep) - 1] = 0;
	if (mkdir(deep, 0700) < 0 || (dirfd_ = open(deep, O_PATH | O_DIRECTORY | O_CLOEXEC)) < 0)
		exit(99);
	plan.oci_version = "1.2.0";
	plan.id = "box";
	plan.bundle = "/b";
	alarm(60);
	test_start();
	test_failures();
	test_not_ready();
	test_others();
	test_race();
	test_listener();
	test_no_gate();
	return tap_done();
}
