/* The moments around execveat(2): what the program inherits, and until when it is waited for. */
#include "config.h"

#include "cmd/scan_program.h"

#include "base/auto.h"
#include "sys/file.h"
#include "sys/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/close_range.h>
#include <linux/sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <time.h>

#include "base/banned.h"

enum { CANT_EXEC = 126, CANT_PREPARE = 125 };

struct pipes {
	int question_fd, output_fd, null_fd;
	pid_t parent;
};

static int open_question(const struct scan_program *run, struct err *err)
{
	autofd int fd =
		sys_memfd_create("question", MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL);

	if (fd < 0 && errno == EINVAL) /* MFD_NOEXEC_SEAL is of 6.3 */
		fd = sys_memfd_create("question", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd < 0)
		return err_sys(err, "create a memory file for the scan gate");
	if (file_write_all(fd, run->question, run->question_len) < 0 ||
	    sys_lseek(fd, 0, SEEK_SET) < 0)
		return err_sys(err, "write the scan gate's question");
	if (file_seal(fd, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) < 0)
		return err_sys(err, "seal the scan gate's question");
	return steal_fd(&fd);
}

/* Nothing of the caller's goes along: not its descriptors, directory, environment, signals. */
static void __attribute__((noreturn))
child(const struct scan_program *run, const struct pipes *pipes)
{
	char *const argv[] = {(char *)run->path, (char *)"hook", (char *)"--runtime", NULL};
	char *const envp[] = {(char *)"PATH=/usr/sbin:/usr/bin:/sbin:/bin", (char *)"LC_ALL=C",
			      NULL};
	struct sigaction dfl = {.sa_handler = SIG_DFL};
	sigset_t none;

	sigemptyset(&none);
	/* Its own group, so that a kill reaches what it started, too; and it doesn't outlive us. */
	if (sys_setpgid(0, 0) < 0 || sys_prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0 ||
	    sys_getppid() != pipes->parent || sys_sigaction(SIGPIPE, &dfl, NULL) < 0 ||
	    sys_sigprocmask(SIG_SETMASK, &none, NULL) < 0)
		sys_exit(CANT_PREPARE);
	if (sys_dup3(pipes->question_fd, 0, 0) < 0 || sys_dup3(pipes->output_fd, 1, 0) < 0 ||
	    sys_dup3(pipes->null_fd, 2, 0) < 0 ||
	    sys_close_range(3, UINT_MAX, CLOSE_RANGE_CLOEXEC) < 0 || sys_chdir("/") < 0)
		sys_exit(CANT_PREPARE);
	(void)sys_execveat(run->fd, "", argv, envp, AT_EMPTY_PATH); /* returns on failure only */
	sys_exit(CANT_EXEC);
}

static int64_t now_ms(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts); /* can't fail with this clock */
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* What is there now.  -1: it is more than there is room for. */
static int drain(int fd, struct scan_program *run)
{
	ssize_t n;

	while (run->len < run->room &&
	       (n = sys_read(fd, run->output + run->len, run->room - run->len)) > 0)
		run->len += (size_t)n;
	return run->len < run->room ? 0 : -1;
}

/* 1: it ended; 0: why it must be killed; -1: our own failure. */
static int await(struct scan_program *run, int pidfd, int read_fd, struct err *err)
{
	int64_t deadline = now_ms() + (int64_t)run->limit_s * 1000;

	for (;;) {
		struct pollfd fds[2] = {{.fd = pidfd, .events = POLLIN},
					{.fd = read_fd, .events = POLLIN}};
		int64_t left = deadline - now_ms();
		int n;

		if (left <= 0) {
			(void)err_set(err, ERR_PROTO, "E_TIMEOUT no answer within %u seconds",
				      run->limit_s);
			return 0;
		}
		n = sys_poll(fds, 2, (int)left);
		if (n < 0 && errno != EINTR)
			return err_sys(err, "wait for the scan gate");
		if (n <= 0)
			continue;
		if (drain(read_fd, run) < 0) {
			(void)err_set(err, ERR_PROTO, "more than %zu bytes are no answer",
				      run->room - 1);
			return 0;
		}
		if (fds[0].revents)
			return 1;
		if (fds[1].revents & POLLHUP)
			read_fd = -1; /* closed, but it lives on */
	}
}

static int collect(struct scan_program *run, pid_t pid, int pidfd, struct err *err)
{
	siginfo_t info = {0};

	/* What it has left behind ends with it.  By number: the leader isn't reaped yet, so the
	 * group is its own. */
	(void)sys_kill(-pid, SIGKILL);
	if (sys_waitid(P_PIDFD, (id_t)pidfd, &info, WEXITED, NULL) < 0)
		return err_sys(err, "collect the scan gate");
	if (info.si_code != CLD_EXITED) {
		(void)err_set(err, ERR_PROTO, "killed by signal %d", info.si_status);
		return 0;
	}
	run->status = info.si_status;
	if (run->status != CANT_EXEC && run->status != CANT_PREPARE)
		return 1;
	(void)err_set(err, ERR_PROTO,
		      run->status == CANT_EXEC ? "it can't be executed: it must be a program for "
						 "this machine, not a script"
					       : "its process can't be prepared");
	return 0;
}

/* Its pidfd, or -1. */
static int start(const struct scan_program *run, const struct pipes *pipes, pid_t *ret_pid,
		 struct err *err)
{
	int pidfd = -1;
	struct clone_args args = {
		.flags = CLONE_PIDFD, .pidfd = (uint64_t)(uintptr_t)&pidfd, .exit_signal = SIGCHLD};

	*ret_pid = sys_clone3(&args, sizeof(args));
	if (*ret_pid < 0)
		return err_sys(err, "start the scan gate");
	if (*ret_pid == 0)
		child(run, pipes);
	return pidfd;
}

int scan_program_run(struct scan_program *run, struct err *err)
{
	autofd int question_fd = open_question(run, err);
	autofd int null_fd = -1;
	autofd int read_fd = -1;
	autofd int write_fd = -1;
	autofd int pidfd = -1;
	struct pipes pipes;
	int ends[2], ended;
	pid_t pid;

	if (question_fd < 0)
		return -1;
	null_fd = sys_open("/dev/null", O_WRONLY | O_CLOEXEC, 0);
	if (null_fd < 0)
		return err_sys(err, "open '/dev/null'");
	if (sys_pipe2(ends, O_CLOEXEC) < 0)
		return err_sys(err, "create a pipe for the scan gate");
	read_fd = ends[0];
	write_fd = ends[1];
	if (sys_fcntl(read_fd, F_SETFL, O_NONBLOCK) < 0)
		return err_sys(err, "prepare the scan gate's pipe");
	pipes = (struct pipes){.question_fd = question_fd,
			       .output_fd = write_fd,
			       .null_fd = null_fd,
			       .parent = sys_getpid()};
	pidfd = start(run, &pipes, &pid, err);
	if (pidfd < 0)
		return -1;
	auto_close_fd(&write_fd); /* it has its own */
	ended = await(run, pidfd, read_fd, err);
	if (ended == 1)
		return collect(run, pid, pidfd, err);
	/* The group by number: its leader is ours and not yet reaped. */
	(void)sys_kill(-pid, SIGKILL);
	(void)sys_pidfd_send_signal(pidfd, SIGKILL, 0);
	(void)sys_waitid(P_PIDFD, (id_t)pidfd, NULL, WEXITED, NULL);
	return ended;
}
