/* Foreground: one poll loop over signals, the process and the terminal. */
#include "config.h"

#include "cmd/relay.h"

#include "base/auto.h"
#include "base/list.h"
#include "base/num.h"
#include "sys/file.h"
#include "sys/sys.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
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

struct relay {
	int pidfd, signal_fd, terminal_fd;
	bool stdin_open, raw;
	struct termios saved;
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

	if (r->terminal_fd < 0 || tcgetattr(STDIN_FILENO, &r->saved) < 0)
		return 0; /* not a terminal: nothing to change */
	t = r->saved;
	cfmakeraw(&t);
	if (tcsetattr(STDIN_FILENO, TCSANOW, &t) < 0)
		return err_sys(err, "put the terminal in raw mode");
	r->raw = true;
	return 0;
}

/* 1: copied, 0: end of file or nothing more, -1: error. */
static int copy_some(int from, int to)
{
	char buf[8192];
	ssize_t n = sys_read(from, buf, sizeof(buf));

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return 1;
	if (n <= 0)
		return n < 0 && errno != EIO ? -1 : 0; /* EIO: the other end of a pty is closed */
	return file_write_all(to, buf, (size_t)n) < 0 ? -1 : 1;
}

static int forward_signal(struct relay *r, struct err *err)
{
	struct signalfd_siginfo info;

	if (sys_read(r->signal_fd, &info, sizeof(info)) != (ssize_t)sizeof(info))
		return err_sys(err, "read a signal");
	if (info.ssi_signo == SIGCHLD)
		return 0; /* the pidfd tells */
	if (info.ssi_signo == SIGWINCH && r->terminal_fd >= 0) {
		copy_window_size(r);
		return 0;
	}
	if (sys_pidfd_send_signal(r->pidfd, (int)info.ssi_signo, 0) < 0 && errno != ESRCH)
		return err_sys(err, "forward signal %u", info.ssi_signo);
	return 0;
}

static int relay_loop(struct relay *r, struct err *err)
{
	for (;;) {
		struct pollfd fds[5] = {
			{.fd = r->pidfd, .events = POLLIN},
			{.fd = r->signal_fd, .events = POLLIN},
			{.fd = r->terminal_fd, .events = POLLIN},
			{.fd = r->terminal_fd >= 0 && r->stdin_open ? STDIN_FILENO : -1,
			 .events = POLLIN},
			{.fd = r->extra ? r->extra->fd : -1, .events = POLLIN},
		};

		if (sys_poll(fds, 5, -1) < 0) {
			if (errno == EINTR)
				continue;
			return err_sys(err, "wait for the container");
		}
		if (fds[1].revents && forward_signal(r, err) < 0)
			return -1;
		if (fds[2].revents && copy_some(r->terminal_fd, STDOUT_FILENO) <= 0)
			auto_close_fd(&r->terminal_fd);
		if (fds[3].revents && copy_some(STDIN_FILENO, r->terminal_fd) <= 0)
			r->stdin_open = false;
		if (fds[4].revents) {
			int done = r->extra->serve(r->extra->arg, err);

			if (done < 0)
				return -1;
			if (done > 0)
				r->extra->fd = -1;
		}
		if (fds[0].revents)
			return 0;
	}
}

int relay_run(pid_t pid, int pidfd, int terminal_fd, struct relay_extra *extra, int *ret_status,
	      struct err *err)
{
	struct relay r = {.pidfd = pidfd,
			  .signal_fd = -1,
			  .terminal_fd = terminal_fd,
			  .stdin_open = true,
			  .extra = extra};
	siginfo_t info = {0};
	sigset_t set;
	int result;

	forwarded_signals(&set);
	r.signal_fd = sys_signalfd(-1, &set, SFD_CLOEXEC);
	if (r.signal_fd < 0)
		return err_sys(err, "create a signal descriptor");
	if (terminal_fd >= 0)
		copy_window_size(&r);
	result = make_raw(&r, err);
	if (result == 0)
		result = relay_loop(&r, err);
	/* What the program wrote last is still in the pty. */
	while (result == 0 && r.terminal_fd >= 0) {
		struct pollfd left = {.fd = r.terminal_fd, .events = POLLIN};

		if (sys_poll(&left, 1, 0) <= 0 || !(left.revents & POLLIN) ||
		    copy_some(r.terminal_fd, STDOUT_FILENO) <= 0)
			break;
	}
	if (r.raw && tcsetattr(STDIN_FILENO, TCSANOW, &r.saved) < 0 && result == 0)
		result = err_sys(err, "restore the terminal");
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
