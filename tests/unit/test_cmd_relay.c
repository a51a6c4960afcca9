/* Names and numbers of signals; the foreground loop with a child of our own. */
#include "config.h"

#include "cmd/relay.h"
#include "sys/sys.h"

#include "tap.h"

#include <sys/wait.h>
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

int main(void)
{
	alarm(60);
	test_names();
	test_loop();
	return tap_done();
}
