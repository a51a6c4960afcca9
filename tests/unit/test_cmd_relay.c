/* Names and numbers of signals; the foreground loop with a child of our own. */
#include "config.h"

#include "cmd/relay.h"
#include "sys/sys.h"

#include "tap.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

static void test_names(void)
{
	static const struct {
		const char *name;
		int want;
	} cases[] = {
		{"15", 15},	   {"TERM", 15},      {"SIGTERM", 15},	   {"term", 15},	  {"sigterm", 15},
		{"SigTerm", 15},   {"9", 9},	      {"KILL", 9},	   {"0", 0},		  {"HUP", 1},
		{"1", 1},	   {"USR1", 10},      {"WINCH", 28},	   {"STKFLT", 16},	  {"SYS", 31},
		{"IOT", 6},	   {"SIGIOT", 6},     {"ABRT", 6},	   {"CLD", 17},		  {"CHLD", 17},
		{"RTMIN", 0x100},  {"SIGRTMIN", 0x100}, {"rtmin+1", 0x101}, {"RTMIN+3", 0x103},	  {"SIGRTMIN+30", 0x11e},
		{"RTMAX", 0x200},  {"SIGRTMAX-1", 0x1ff}, {"RTMAX-30", 0x1e2}, {"64", 64},	  {"", -1},
		{"SIG", -1},	   {"SIGSIGTERM", -1}, {"TERM ", -1},	   {" TERM", -1},	  {"TERMX", -1},
		{"T", -1},	   {"-1", -1},	      {"65", -1},	   {"1x", -1},		  {"+9", -1},
		{"0x9", -1},	   {"9999999999999999999999", -1},	   {"RTMIN+", -1},	  {"RTMIN+31", -1},
		{"RTMIN-1", -1},   {"RTMAX+1", -1},   {"RTMAX-31", -1},	   {"RTMIN+x", -1},	  {"RTMINX", -1},
		{"SIGAVERYLONGNAMEINDEED", -1},	      {"SIG15", -1},	   {"EXIT", -1},	  {"T\xc3\x84RM", -1},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int want = cases[i].want;

		if (want >= 0x180) /* counted from SIGRTMAX */
			want = SIGRTMAX + want - 0x200;
		else if (want >= 0x100)
			want = SIGRTMIN + want - 0x100;
		is_int(relay_signal_number(cases[i].name), want, cases[i].name);
	}
	for (int sig = 1; sig < 32; sig++) {
		char name[32];

		snprintf(name, sizeof(name), "SIG%s", sigabbrev_np(sig));
		if (relay_signal_number(name) != sig)
			ok(false, "%s is %d", name, sig);
	}
}

static int relay(void (*be)(void), void (*meanwhile)(void))
{
	struct err err = ERR_INIT;
	int status = -1, pidfd;
	pid_t pid = fork();

	if (pid == 0) {
		sigset_t none;

		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		be();
		_exit(99);
	}
	pidfd = sys_pidfd_open(pid, 0);
	if (meanwhile)
		meanwhile();
	if (relay_run(pid, pidfd, -1, NULL, &status, &err) < 0)
		diag("%s", err.msg);
	close(pidfd);
	return status;
}

static void exit_42(void)
{
	_exit(42);
}

static void die_term(void)
{
	raise(SIGTERM);
}

static volatile sig_atomic_t got;

static void on_signal(int sig)
{
	got = sig;
}

static void await_usr1(void)
{
	struct timespec tick = {.tv_nsec = 10000000};

	signal(SIGUSR1, on_signal);
	for (int i = 0; !got && i < 500; i++)
		nanosleep(&tick, NULL);
	_exit(got == SIGUSR1 ? 11 : 12);
}

static void send_usr1(void)
{
	struct timespec tick = {.tv_nsec = 200000000};

	nanosleep(&tick, NULL); /* until the handler is there */
	kill(getpid(), SIGUSR1);
}

static void send_term(void)
{
	kill(getpid(), SIGTERM);
}

static void sleep_long(void)
{
	execl("/bin/sleep", "sleep", "30", NULL);
}

static int served;

static int serve_once(void *arg, struct err *err)
{
	char c;

	(void)err;
	served += (int)read(*(int *)arg, &c, 1);
	return 1;
}

static void test_loop(void)
{
	struct err err = ERR_INIT;

	ok(relay_block_signals(&err) == 0, "signals are blocked");
	is_int(relay(exit_42, NULL), 42, "an exit status");
	is_int(relay(die_term, NULL), 128 + SIGTERM, "a death by signal");
	is_int(relay(await_usr1, send_usr1), 11, "a signal to us reaches the process");
	is_int(relay(sleep_long, send_term), 128 + SIGTERM, "SIGTERM ends it, and not us");
	ok(waitpid(-1, NULL, WNOHANG) == -1, "nothing is left to reap");

	int pipe_fds[2], status = -1;
	if (pipe(pipe_fds) < 0 || write(pipe_fds[1], "xy", 2) != 2)
		return;
	struct relay_extra extra = {.fd = pipe_fds[0], .serve = serve_once, .arg = &pipe_fds[0]};
	pid_t pid = fork();
	if (pid == 0) {
		usleep(100000);
		_exit(3);
	}
	int pidfd = sys_pidfd_open(pid, 0);
	ok(relay_run(pid, pidfd, -1, &extra, &status, &err) == 0 && status == 3, "with something else to serve");
	is_int(served, 1, "it is served until it is done");
	close(pidfd);
	close(pipe_fds[0]);
	close(pipe_fds[1]);
}

/* ---- with a terminal ---- */

#define MUCH 100000

static int master_fd = -1, slave_fd = -1;

static void bail(const char *what)
{
	diag("%s", what);
	exit(1);
}

static void open_pty(int *ret_master, int *ret_slave, bool raw)
{
	struct termios t;

	*ret_master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (*ret_master < 0 || grantpt(*ret_master) < 0 || unlockpt(*ret_master) < 0)
		bail("no pty");
	*ret_slave = open(ptsname(*ret_master), O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (*ret_slave < 0 || tcgetattr(*ret_slave, &t) < 0)
		bail("no pty");
	if (raw)
		cfmakeraw(&t);
	else
		t.c_oflag |= OPOST | ONLCR;
	tcsetattr(*ret_slave, TCSANOW, &t);
}

/* Nothing is blocked in it, and it doesn't outlive us. */
static pid_t fork_child(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		sigset_t none;

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
	}
	return pid;
}

/* A process of the test's, without the pty. */
static pid_t aside(void (*be)(int fd), int fd)
{
	pid_t pid = fork_child();

	if (pid == 0) {
		close(master_fd);
		close(slave_fd);
		be(fd);
		_exit(0);
	}
	return pid;
}

static void end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

/* The program has the slave alone; our standard streams are `in` and `out` for as long. */
static int relay_terminal(void (*be)(void), int in, int out)
{
	int saved_in = fcntl(0, F_DUPFD_CLOEXEC, 3), saved_out = fcntl(1, F_DUPFD_CLOEXEC, 3);
	struct err err = ERR_INIT;
	int status = -1, pidfd;
	pid_t pid;

	fflush(stdout);
	pid = fork_child();
	if (pid == 0) {
		close(master_fd);
		be();
		_exit(99);
	}
	close(slave_fd);
	pidfd = sys_pidfd_open(pid, 0);
	dup2(in, 0);
	dup2(out, 1);
	int r = relay_run(pid, pidfd, master_fd, NULL, &status, &err);
	dup2(saved_in, 0);
	dup2(saved_out, 1);
	if (r < 0)
		diag("%s", err.msg);
	close(saved_in);
	close(saved_out);
	close(pidfd);
	return status;
}

static void write_much(int fd)
{
	char buf[1000];

	memset(buf, 'a', sizeof(buf));
	for (int n = 0; n < MUCH; n += (int)sizeof(buf))
		if (write(fd, buf, sizeof(buf)) != (ssize_t)sizeof(buf))
			_exit(1);
}

/* Longer than the relay needs to have filled what there is to fill. */
static void leave_full_input(void)
{
	int n = 0;

	while (ioctl(slave_fd, FIONREAD, &n) == 0 && n < 4000)
		usleep(10000);
	usleep(200000);
	_exit(5);
}

static void count_input(void)
{
	static char buf[MUCH];
	ssize_t n;

	for (size_t have = 0; have < MUCH; have += (size_t)n) {
		n = read(slave_fd, buf, sizeof(buf) - have);
		if (n <= 0)
			_exit(1);
	}
	_exit(7);
}

static void test_input(void)
{
	static const struct {
		void (*be)(void);
		int want;
		const char *what;
	} cases[] = {
		{leave_full_input, 5, "input that the program doesn't read holds nothing up"},
		{count_input, 7, "input arrives whole, however much there is"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int fds[2], null_fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
		pid_t writer;

		if (pipe2(fds, O_CLOEXEC) < 0)
			bail("no pipe");
		open_pty(&master_fd, &slave_fd, true);
		writer = aside(write_much, fds[1]);
		close(fds[1]);
		is_int(relay_terminal(cases[i].be, fds[0], null_fd), cases[i].want, cases[i].what);
		end(writer);
		close(fds[0]);
		close(null_fd);
	}
}

static void write_for_ever(void)
{
	for (;;)
		write_much(slave_fd);
}

static void write_and_leave(void)
{
	write_much(slave_fd);
	_exit(6);
}

/* The first is for the program, a later one for a relay that nobody reads from. */
static void ask_to_end(int fd)
{
	pid_t relay_pid = getppid();

	(void)fd;
	for (;;) {
		usleep(200000);
		kill(relay_pid, SIGTERM);
	}
}

/* Nothing more goes into it, and the flag is no longer set then. */
static void fill(int fd)
{
	char buf[4096] = {0};

	fcntl(fd, F_SETFL, O_NONBLOCK);
	while (write(fd, buf, sizeof(buf)) > 0 || write(fd, buf, 1) > 0)
		;
	fcntl(fd, F_SETFL, 0);
}

static void stalled(int out, const char *what)
{
	int null_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	pid_t killer;

	open_pty(&master_fd, &slave_fd, true);
	killer = aside(ask_to_end, -1);
	is_int(relay_terminal(write_for_ever, null_fd, out), 128 + SIGTERM, what);
	end(killer);
	ok((fcntl(out, F_GETFL) & O_NONBLOCK) == 0, "and standard output stays blocking");
	close(null_fd);
}

static void test_stalled_reader(void)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) < 0)
		bail("no pipe");
	stalled(fds[1], "a pipe that isn't read: SIGTERM ends the program, and then us");
	close(fds[0]);
	close(fds[1]);
	open_pty(&fds[0], &fds[1], false);
	stalled(fds[1], "and so with a terminal");
	close(fds[0]);
	close(fds[1]);
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0)
		bail("no socket");
	stalled(fds[1], "and with a socket, which can't be opened anew");
	close(fds[0]);
	close(fds[1]);
}

static int out_fds[2];

/* Begins when the pipe is full, the pty too, and the program may have ended. */
static void read_late(int fd)
{
	char buf[4096];
	int have = 0;
	ssize_t n;

	close(out_fds[1]);
	usleep(300000);
	while ((n = read(out_fds[0], buf, sizeof(buf))) > 0)
		have += (int)n;
	have -= fd; /* what was in the pipe before */
	_exit(have == MUCH ? 8 : 9);
}

static int filled(int fd)
{
	int n = 0;

	fill(fd);
	ioctl(fd, FIONREAD, &n);
	return n;
}

static void test_late_reader(void)
{
	int null_fd = open("/dev/null", O_RDONLY | O_CLOEXEC), status = 0;
	pid_t reader;

	if (pipe2(out_fds, O_CLOEXEC) < 0)
		bail("no pipe");
	open_pty(&master_fd, &slave_fd, true);
	reader = aside(read_late, filled(out_fds[1]));
	is_int(relay_terminal(write_and_leave, null_fd, out_fds[1]), 6, "a reader that comes late");
	close(out_fds[0]);
	close(out_fds[1]);
	waitpid(reader, &status, 0);
	ok(WIFEXITED(status) && WEXITSTATUS(status) == 8, "gets all that the program wrote");
	close(null_fd);
}

/* alarm()'s signal is blocked here, and a relay that hangs doesn't read it. */
static void end_what_hangs(int fd)
{
	(void)fd;
	sleep(60);
	kill(getppid(), SIGKILL);
}

static void test_terminal(void)
{
	pid_t guard = aside(end_what_hangs, -1);

	test_input();
	test_stalled_reader();
	test_late_reader();
	end(guard);
}

int main(void)
{
	alarm(60);
	test_names();
	test_loop();
	test_terminal();
	return tap_done();
}
