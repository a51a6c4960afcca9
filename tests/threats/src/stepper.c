/*
 * The exhaustive half of the races: stops a runtime at its K-th call that takes a path, makes one
 * exchange of two names, and lets it run on (RENAME_EXCHANGE, as swap does in a loop).
 *
 * stepper K A B COMMAND...: status of COMMAND; the last line on standard error is
 * "stepper: calls N exchanged yes|no", so that the caller knows when K is past the last call.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef SYS_mount_setattr
#define SYS_mount_setattr 442
#endif

/* PTRACE_GET_SYSCALL_INFO's answer, as far as it is used (linux/ptrace.h clashes with sys/ptrace.h). */
struct syscall_info {
	unsigned char op;
	unsigned char pad[3];
	unsigned int arch;
	unsigned long long ip;
	unsigned long long sp;
	unsigned long long nr;
	unsigned long long args[6];
	unsigned long long rest[4];
};

#define INFO_ENTRY 1

static const long path_calls[] = {
	SYS_openat,	   SYS_openat2,	   SYS_mkdirat,	    SYS_mknodat,    SYS_symlinkat,
	SYS_unlinkat,	   SYS_fchownat,   SYS_fchmodat,    SYS_newfstatat, SYS_statx,
	SYS_readlinkat,	   SYS_mount,	   SYS_umount2,	    SYS_pivot_root, SYS_open_tree,
	SYS_move_mount,	   SYS_mount_setattr, SYS_chdir,    SYS_fchdir,	    SYS_chroot,
	SYS_faccessat,	   SYS_linkat,	   SYS_renameat2,   SYS_fsconfig,   SYS_fsmount,
	SYS_execve,	   SYS_execveat,   SYS_write,	    SYS_setns,	    SYS_unshare,
#ifdef SYS_open
	SYS_open,	   SYS_mkdir,	   SYS_mknod,	    SYS_symlink,    SYS_unlink,
	SYS_stat,	   SYS_lstat,	   SYS_readlink,    SYS_chown,	    SYS_chmod,
#endif
};

static int is_path_call(unsigned long long nr)
{
	for (size_t i = 0; i < sizeof(path_calls) / sizeof(path_calls[0]); i++)
		if ((unsigned long long)path_calls[i] == nr)
			return 1;
	return 0;
}

struct stepper {
	unsigned long at;
	const char *from;
	const char *to;
	unsigned long calls;
	int exchanged;
	pid_t main_pid;
	int status;
};

static void on_syscall(struct stepper *stepper, pid_t pid)
{
	struct syscall_info info;

	memset(&info, 0, sizeof(info));
	if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, (void *)sizeof(info), &info) < 0 ||
	    info.op != INFO_ENTRY || !is_path_call(info.nr))
		return;
	if (++stepper->calls != stepper->at)
		return;
	if (renameat2(AT_FDCWD, stepper->from, AT_FDCWD, stepper->to, RENAME_EXCHANGE))
		fprintf(stderr, "stepper: exchange: %s\n", strerror(errno));
	else
		stepper->exchanged = 1;
}

/* One stop of one tracee: what it was, and how it goes on. */
static void on_stop(struct stepper *stepper, pid_t pid, int status)
{
	int sig = WSTOPSIG(status);
	int event = status >> 16;
	int deliver = 0;

	if (sig == (SIGTRAP | 0x80)) {
		on_syscall(stepper, pid);
	} else if (event == 0 && sig != SIGSTOP && sig != SIGTRAP) {
		deliver = sig;
	} else if (event == PTRACE_EVENT_STOP && sig != SIGTRAP) {
		/* A group stop: let it be one. */
		ptrace(PTRACE_LISTEN, pid, 0, 0);
		return;
	}
	/* Once the exchange is made there is nothing left to stop for. */
	ptrace(stepper->exchanged ? PTRACE_CONT : PTRACE_SYSCALL, pid, 0, deliver);
}

static void follow(struct stepper *stepper)
{
	for (;;) {
		int status;
		pid_t pid = waitpid(-1, &status, __WALL);

		if (pid < 0 && errno == EINTR)
			continue;
		if (pid < 0)
			return;
		if (WIFSTOPPED(status))
			on_stop(stepper, pid, status);
		else if (pid == stepper->main_pid)
			stepper->status = WIFEXITED(status) ? WEXITSTATUS(status)
							    : 128 + WTERMSIG(status);
	}
}

int main(int argc, char **argv)
{
	struct stepper stepper = { 0 };
	long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK |
		       PTRACE_O_TRACEVFORK | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL;
	int go[2];
	char byte = 0;
	pid_t pid;

	if (argc < 5 || pipe2(go, O_CLOEXEC))
		return 2;
	stepper.at = strtoul(argv[1], NULL, 10);
	stepper.from = argv[2];
	stepper.to = argv[3];
	pid = fork();
	if (pid == 0) {
		if (read(go[0], &byte, 1) != 1)
			_exit(126);
		execvp(argv[4], argv + 4);
		_exit(127);
	}
	stepper.main_pid = pid;
	if (pid < 0 || ptrace(PTRACE_SEIZE, pid, 0, options) || ptrace(PTRACE_INTERRUPT, pid, 0, 0) ||
	    write(go[1], &byte, 1) != 1) {
		perror("stepper");
		return 2;
	}
	follow(&stepper);
	fprintf(stderr, "stepper: calls %lu exchanged %s\n", stepper.calls,
		stepper.exchanged ? "yes" : "no");
	return stepper.status;
}
