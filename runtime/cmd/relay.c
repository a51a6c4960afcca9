/* Foreground: one poll loop over signals, the process and the terminal. */
#include "config.h"

#include "cmd/relay.h"

#include "base/auto.h"
#include "base/list.h"
#include "base/num.h"
#include "sys/sys.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#include "base/banned.h"

static void forwarded_signals(sigset_t *set)
{
	/* All but those about ourselves: faults, our children, job control. */
	static const int own[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL,  SIGTRAP,
				  SIGABRT, SIGSYS, SIGURG, SIGTTIN, SIGTTOU};

	sigfillset(set);
	for (size_t i = 0; i < ARRAY_LEN(own); i++)
		sigdelset(set, own[i]);
}

int relay_block_signals(struct err *err)
{
	sigset_t set;

	forwarded_signals(&set);
	if (sys_sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return err_sys(err, "block signals");
	return 0;
}

/* What was read and isn't written yet.  Of one that holds anything the source isn't read. */
struct flow {
	char data[PIPE_BUF];
	size_t at, len;
};

struct relay {
	int pidfd, signal_fd, terminal_fd, stdout_fd;
	bool stdin_open, raw;
	bool ended, given_up;
	struct termios saved;
	struct flow in, out;
	struct relay_extra *extra;
};

static void copy_window_size(const struct relay *r)
{
	struct winsize size;

	/* Not a terminal, or gone: the program keeps the size it has. */
	if (sys_ioctl(STDIN_FILENO, TIOCGWINSZ, &size) == 0)
		(void)sys_ioctl(r->terminal_fd, TIOCSWINSZ, &size);
}

static int make_raw(struct relay *r, struct err *err)
{
	struct termios t;

	if (tcgetattr(STDIN_FILENO, &r->saved) < 0)
		return 0; /* not a terminal: nothing to change */
	t = r->saved;
	cfmakeraw(&t);
	if (tcsetattr(STDIN_FILENO, TCSANOW, &t) < 0)
		return err_sys(err, "put the terminal in raw mode");
	r->raw = true;
	return 0;
}

/* Our standard streams are shared with who knows whom, so they stay blocking.  A pipe or
 * terminal is opened anew: O_NONBLOCK is then ours alone, and it is needed, for a terminal that
 * takes one byte may not take the next.  What can't be opened (a socket; another user's pipe or
 * terminal) is written to after POLLOUT and PIPE_BUF at most: a pipe takes that much at once,
 * and no socket is called writable before a third of its buffer is free. */
static int open_stdout(void)
{
	struct stat st;
	int fd = -1;

	if (sys_fstat(STDOUT_FILENO, &st) == 0 && (S_ISFIFO(st.st_mode) || isatty(STDOUT_FILENO)))
		fd = sys_open("/proc/self/fd/1", O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0);
	return fd < 0 ? STDOUT_FILENO : fd;
}

static int open_terminal(struct relay *r, struct err *err)
{
	int flags = sys_fcntl(r->terminal_fd, F_GETFL, 0);

	/* Opened for this container and handed to nobody else. */
	if (flags < 0 || sys_fcntl(r->terminal_fd, F_SETFL, flags | O_NONBLOCK) < 0)
		return err_sys(err, "make the container's terminal non-blocking");
	r->stdout_fd = open_stdout();
	copy_window_size(r);
	return make_raw(r, err);
}

static bool is_passing(void)
{
	return errno == EINTR || errno == EAGAIN;
}

/* -1: end of file, an error, or the other end of a pty is closed (EIO). */
static int read_some(int fd, struct flow *flow)
{
	ssize_t n = sys_read(fd, flow->data, sizeof(flow->data));

	if (n <= 0)
		return n < 0 && is_passing() ? 0 : -1;
	flow->at = 0;
	flow->len = (size_t)n;
	return 0;
}

static int write_some(int fd, struct flow *flow)
{
	ssize_t n = sys_write(fd, flow->data + flow->at, flow->len);

	if (n < 0)
		return is_passing() ? 0 : -1;
	flow->at += (size_t)n;
	flow->len -= (size_t)n;
	return 0;
}

static int forward_signal(struct relay *r, struct err *err)
{
	struct signalfd_siginfo info;
	int sig;

	if (sys_read(r->signal_fd, &info, sizeof(info)) != (ssize_t)sizeof(info))
		return err_sys(err, "read a signal");
	sig = (int)info.ssi_signo;
	if (r->ended) {
		/* Only our reader keeps us, and may never read: we are meant. */
		r->given_up |= sig == SIGTERM || sig == SIGINT || sig == SIGHUP || sig == SIGQUIT;
		return 0;
	}
	if (sig == SIGCHLD)
		return 0; /* the pidfd tells */
	if (sig == SIGWINCH && r->terminal_fd >= 0) {
		copy_window_size(r);
		return 0;
	}
	if (sys_pidfd_send_signal(r->pidfd, sig, 0) < 0 && errno != ESRCH)
		return err_sys(err, "forward signal %d", sig);
	return 0;
}

static int serve_extra(struct relay *r, struct err *err)
{
	int done = r->extra->serve(r->extra->arg, err);

	if (done > 0)
		r->extra->fd = -1;
	return done < 0 ? -1 : 0;
}

enum { ON_SIGNAL, ON_END, ON_EXTRA, ON_TERMINAL, ON_STDIN, ON_STDOUT, N_POLLED };

static int poll_all(const struct relay *r, struct pollfd fds[N_POLLED])
{
	short wanted = (short)((r->out.len ? 0 : POLLIN) | (r->in.len ? POLLOUT : 0));
	bool take_stdin = r->stdin_open && r->terminal_fd >= 0 && !r->in.len;

	fds[ON_SIGNAL] = (struct pollfd){.fd = r->signal_fd, .events = POLLIN};
	fds[ON_END] = (struct pollfd){.fd = r->ended ? -1 : r->pidfd, .events = POLLIN};
	fds[ON_EXTRA] =
		(struct pollfd){.fd = r->extra && !r->ended ? r->extra->fd : -1, .events = POLLIN};
	/* Left out where nothing is wanted: a hang-up is told unasked, again and again. */
	fds[ON_TERMINAL] = (struct pollfd){.fd = wanted ? r->terminal_fd : -1, .events = wanted};
	fds[ON_STDIN] = (struct pollfd){.fd = take_stdin ? STDIN_FILENO : -1, .events = POLLIN};
	fds[ON_STDOUT] = (struct pollfd){.fd = r->out.len ? r->stdout_fd : -1, .events = POLLOUT};
	/* What the program wrote last is in the pty already. */
	return sys_poll(fds, N_POLLED, r->ended && !r->out.len ? 0 : -1);
}

static void copy(struct relay *r, const struct pollfd fds[N_POLLED])
{
	if (fds[ON_STDOUT].revents && write_some(r->stdout_fd, &r->out) < 0) {
		r->out.len = 0;
		auto_close_fd(&r->terminal_fd);
	}
	if (fds[ON_STDIN].revents && read_some(STDIN_FILENO, &r->in) < 0)
		r->stdin_open = false;
	if (!fds[ON_TERMINAL].revents)
		return;
	if (r->in.len && write_some(r->terminal_fd, &r->in) < 0) {
		r->in.len = 0;
		r->stdin_open = false;
	}
	if (!r->out.len && read_some(r->terminal_fd, &r->out) < 0)
		auto_close_fd(&r->terminal_fd);
}

static bool is_done(const struct relay *r)
{
	return r->ended && (r->given_up || (r->terminal_fd < 0 && !r->out.len));
}

static int relay_loop(struct relay *r, struct err *err)
{
	while (!is_done(r)) {
		struct pollfd fds[N_POLLED];
		int n = poll_all(r, fds);

		if (n == 0)
			return 0;
		if (n < 0) {
			if (errno == EINTR)
				continue;
			return err_sys(err, "wait for the container");
		}
		if (fds[ON_SIGNAL].revents && forward_signal(r, err) < 0)
			return -1;
		if (fds[ON_EXTRA].revents && serve_extra(r, err) < 0)
			return -1;
		copy(r, fds);
		if (fds[ON_END].revents) {
			r->ended = true;
			r->stdin_open = false;
			r->in.len = 0; /* for a program that is no more */
		}
	}
	return 0;
}

int relay_run(pid_t pid, int pidfd, int terminal_fd, struct relay_extra *extra, int *ret_status,
	      struct err *err)
{
	struct relay r = {.pidfd = pidfd,
			  .signal_fd = -1,
			  .terminal_fd = terminal_fd,
			  .stdout_fd = STDOUT_FILENO,
			  .stdin_open = true,
			  .extra = extra};
	siginfo_t info = {0};
	sigset_t set;
	int result = 0;

	forwarded_signals(&set);
	r.signal_fd = sys_signalfd(-1, &set, SFD_CLOEXEC);
	if (r.signal_fd < 0)
		return err_sys(err, "create a signal descriptor");
	if (terminal_fd >= 0)
		result = open_terminal(&r, err);
	if (result == 0)
		result = relay_loop(&r, err);
	if (r.raw && tcsetattr(STDIN_FILENO, TCSANOW, &r.saved) < 0 && result == 0)
		result = err_sys(err, "restore the terminal");
	if (r.stdout_fd != STDOUT_FILENO)
		auto_close_fd(&r.stdout_fd);
	auto_close_fd(&r.terminal_fd);
	auto_close_fd(&r.signal_fd);
	if (result < 0)
		return -1;
	if (sys_waitid(P_PIDFD, (id_t)pidfd, &info, WEXITED, NULL) < 0)
		return err_sys(err, "collect process %d", (int)pid);
	*ret_status = info.si_code == CLD_EXITED ? info.si_status : 128 + info.si_status;
	return 0;
}

static int realtime_signal(const char *name)
{
	uint64_t n;

	if (strncmp(name, "RTMIN", 5) == 0 && (name[5] == 0 || name[5] == '+')) {
		if (name[5] == 0)
			return SIGRTMIN;
		return num_parse_u64(name + 6, (uint64_t)(SIGRTMAX - SIGRTMIN), &n)
			       ? SIGRTMIN + (int)n
			       : -1;
	}
	if (strncmp(name, "RTMAX", 5) == 0 && (name[5] == 0 || name[5] == '-')) {
		if (name[5] == 0)
			return SIGRTMAX;
		return num_parse_u64(name + 6, (uint64_t)(SIGRTMAX - SIGRTMIN), &n)
			       ? SIGRTMAX - (int)n
			       : -1;
	}
	return -1;
}

int relay_signal_number(const char *name)
{
	char upper[16];
	uint64_t n;
	size_t i;

	if (num_parse_u64(name, (uint64_t)SIGRTMAX, &n))
		return (int)n;
	for (i = 0; name[i] && i < sizeof(upper) - 1; i++)
		upper[i] = (char)toupper((unsigned char)name[i]);
	if (name[i])
		return -1;
	upper[i] = 0;
	name = strncmp(upper, "SIG", 3) == 0 ? upper + 3 : upper;
	for (int sig = 1; sig < 32; sig++) {
		const char *abbrev = sigabbrev_np(sig);

		if (abbrev && strcmp(abbrev, name) == 0)
			return sig;
	}
	if (strcmp(name, "IOT") == 0)
		return SIGABRT;
	if (strcmp(name, "CLD") == 0)
		return SIGCHLD;
	return realtime_signal(name);
}
