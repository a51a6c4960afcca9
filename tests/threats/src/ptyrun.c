/*
 * Runs a command on a terminal of its own, like a login shell would, and afterwards looks whether
 * somebody typed into it: TIOCSTI puts characters into the input queue, where the shell that comes
 * after the container would read them as a command (CVE-2016-10124, CVE-2017-5226).
 *
 * ptyrun [-e] COMMAND...: copies the terminal's output to standard output; the last line is
 * "ptyrun: status N injected N". The pty is left in raw mode so that a single character counts. -e: standard error
 * is left as it is. Ends with the command's status.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

static void drain(int master, int wait_ms)
{
	struct pollfd poll_fd = { master, POLLIN, 0 };
	char buf[4096];
	ssize_t n;

	while (poll(&poll_fd, 1, wait_ms) > 0 && (poll_fd.revents & POLLIN)) {
		n = read(master, buf, sizeof(buf));
		if (n <= 0 || write(STDOUT_FILENO, buf, (size_t)n) != n)
			return;
	}
}

int main(int argc, char **argv)
{
	struct termios mode;
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	int slave, status = 0, typed = 0, keep_stderr = 0;
	pid_t pid;

	if (argc > 1 && !strcmp(argv[1], "-e")) {
		keep_stderr = 1;
		argv++;
		argc--;
	}

	if (argc < 2 || master < 0 || grantpt(master) || unlockpt(master))
		return 2;
	slave = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (slave < 0 || tcgetattr(slave, &mode))
		return 2;
	cfmakeraw(&mode);
	tcsetattr(slave, TCSANOW, &mode);
	pid = fork();
	if (pid == 0) {
		if (setsid() < 0 || ioctl(slave, TIOCSCTTY, 0) || dup2(slave, 0) < 0 ||
		    dup2(slave, 1) < 0 || (!keep_stderr && dup2(slave, 2) < 0))
			_exit(126);
		execvp(argv[1], argv + 1);
		_exit(127);
	}
	for (int waited = 0; waitpid(pid, &status, WNOHANG) == 0; waited++) {
		if (waited > 300)
			kill(pid, SIGKILL);
		drain(master, 50);
	}
	drain(master, 100);
	ioctl(slave, FIONREAD, &typed);
	status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	printf("ptyrun: status %d injected %d\n", status, typed);
	return status;
}
