/*
 * The payload of the threat tests: says what the process it runs as can see and do.
 *
 * Facts go to standard output, one per line, so that a test can compare them with the bundle's
 * configuration. It changes nothing outside the files it is told to make. The matrix of attempted
 * system calls is in attempts.c.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "attempts.h"

/* The raw call: glibc turns "(unreachable)/..." into ENOENT, and that prefix is the finding. */
static int show_cwd(char **args)
{
	char path[PATH_MAX];
	long n;

	(void)args;
	n = syscall(SYS_getcwd, path, sizeof(path));
	if (n < 0)
		printf("cwd error %s\n", strerrorname_np(errno));
	else
		printf("cwd %s\n", path);
	return 0;
}

static int show_ids(char **args)
{
	gid_t groups[1024];
	uid_t uid[3];
	gid_t gid[3];
	int n;

	(void)args;
	if (getresuid(&uid[0], &uid[1], &uid[2]) || getresgid(&gid[0], &gid[1], &gid[2]))
		return 1;
	printf("uid %u %u %u\n", uid[0], uid[1], uid[2]);
	printf("gid %u %u %u\n", gid[0], gid[1], gid[2]);
	n = getgroups(1024, groups);
	printf("groups");
	for (int i = 0; i < n; i++)
		printf(" %u", groups[i]);
	printf("\n");
	return 0;
}

/* Through fstat and fcntl alone: /proc may be absent or hostile where this runs. */
static int show_fds(char **args)
{
	(void)args;
	for (int fd = 0; fd < 1024; fd++) {
		struct stat st;
		const char *type;

		if (fcntl(fd, F_GETFD) < 0 || fstat(fd, &st))
			continue;
		type = S_ISDIR(st.st_mode)    ? "dir"
		       : S_ISREG(st.st_mode)  ? "file"
		       : S_ISCHR(st.st_mode)  ? "char"
		       : S_ISBLK(st.st_mode)  ? "block"
		       : S_ISFIFO(st.st_mode) ? "pipe"
		       : S_ISSOCK(st.st_mode) ? "socket"
					      : "other";
		printf("fd %d %s %u:%u\n", fd, type, major(st.st_rdev), minor(st.st_rdev));
	}
	return 0;
}

/* Makes a device node and opens it: needs both mknod and the device programme's consent. */
static int show_mknod(char **args)
{
	mode_t type;
	dev_t dev;
	int fd;

	if (!args[0] || !args[1] || !args[2] || !args[3])
		return 2;
	type = args[1][0] == 'b' ? S_IFBLK : S_IFCHR;
	dev = makedev((unsigned)atoi(args[2]), (unsigned)atoi(args[3]));
	unlink(args[0]);
	if (mknod(args[0], type | 0666, dev)) {
		printf("mknod %s\n", strerrorname_np(errno));
		return 0;
	}
	fd = open(args[0], O_RDONLY | O_NONBLOCK);
	if (fd < 0)
		printf("open %s\n", strerrorname_np(errno));
	else
		printf("open OK\n");
	return 0;
}

static int show_open(char **args)
{
	for (; args[0]; args++) {
		int rd = open(args[0], O_RDONLY | O_NONBLOCK | O_NOCTTY);
		int rd_errno = errno;
		char byte[4096];
		ssize_t n = rd < 0 ? -1 : read(rd, byte, sizeof(byte));
		int read_errno = errno;
		int wr = open(args[0], O_WRONLY | O_NONBLOCK | O_NOCTTY);

		printf("%s read=%s write=%s\n", args[0],
		       rd < 0	? strerrorname_np(rd_errno)
		       : n < 0	? strerrorname_np(read_errno)
		       : n == 0 ? "empty"
				: "DATA",
		       wr < 0 ? strerrorname_np(errno) : "OK");
		if (rd >= 0)
			close(rd);
		if (wr >= 0)
			close(wr);
	}
	return 0;
}

/* What a parent can leave behind in a child besides ids and fds. */
static int show_leftovers(char **args)
{
	cpu_set_t cpus;
	int pdeathsig = -1;

	(void)args;
	if (prctl(PR_GET_PDEATHSIG, &pdeathsig))
		return 1;
	printf("pdeathsig %d\n", pdeathsig);
	printf("personality 0x%x\n", (unsigned)personality(0xffffffff));
	printf("dumpable %d\n", prctl(PR_GET_DUMPABLE));
	printf("no_new_privs %d\n", prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
	printf("securebits 0x%x\n", (unsigned)prctl(PR_GET_SECUREBITS));
	printf("timerslack %d\n", prctl(PR_GET_TIMERSLACK));
	printf("sched %d\n", sched_getscheduler(0));
	printf("ioprio %ld\n", syscall(SYS_ioprio_get, 1, 0));
	printf("sid %d pid %d pgrp %d\n", getsid(0), getpid(), getpgrp());
	printf("umask 0%02o\n", (unsigned)umask(022));
	for (int sig = 1; sig < 65; sig++) {
		struct sigaction action;

		if (!sigaction(sig, NULL, &action) && action.sa_handler == SIG_IGN)
			printf("ignored %d\n", sig);
	}
	if (!sched_getaffinity(0, sizeof(cpus), &cpus))
		printf("cpus %d\n", CPU_COUNT(&cpus));
	return 0;
}

/* Copies this program to a path (or to a memfd for "-") and runs or maps the copy. */
static int copy_self(int to)
{
	char buf[65536];
	ssize_t n;
	int from = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);

	if (from < 0)
		from = open("/bin/probe", O_RDONLY | O_CLOEXEC);
	if (from < 0)
		return -1;
	while ((n = read(from, buf, sizeof(buf))) > 0)
		if (write(to, buf, (size_t)n) != n)
			return -1;
	close(from);
	return n < 0 ? -1 : 0;
}

static int show_exec(char **args)
{
	char *const argv[] = { (char *)"probe", (char *)"exit42", NULL };
	char *const envp[] = { NULL };
	char link[64];
	void *map;
	int fd, run_fd, status = 0;
	pid_t pid;

	if (!args[0])
		return 2;
	if (!strcmp(args[0], "-"))
		fd = (int)syscall(SYS_memfd_create, "x", 0);
	else
		fd = open(args[0], O_RDWR | O_CREAT | O_TRUNC, 0755);
	if (fd < 0) {
		printf("create %s\n", strerrorname_np(errno));
		return 0;
	}
	if (copy_self(fd) || fchmod(fd, 0755)) {
		printf("write %s\n", strerrorname_np(errno));
		return 0;
	}
	map = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);
	printf("map-exec %s\n", map == MAP_FAILED ? strerrorname_np(errno) : "OK");
	/* A file that is open for writing can't be executed: use a second, read-only fd. */
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	run_fd = open(link, O_RDONLY);
	if (run_fd < 0)
		run_fd = open(args[0], O_RDONLY);
	close(fd);
	if (run_fd < 0) {
		printf("reopen %s\n", strerrorname_np(errno));
		return 0;
	}
	pid = fork();
	if (pid == 0) {
		syscall(SYS_execveat, run_fd, "", argv, envp, AT_EMPTY_PATH);
		_exit(errno & 0x7f);
	}
	if (waitpid(pid, &status, 0) != pid)
		return 1;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 42)
		printf("exec OK\n");
	else if (WIFEXITED(status))
		printf("exec %s\n", strerrorname_np(WEXITSTATUS(status)));
	else
		printf("exec signal %d\n", WTERMSIG(status));
	return 0;
}

static int exit_42(char **args)
{
	(void)args;
	return 42;
}

/* Leaves a mark that says where the program ran; used as the thing that must not be run. */
static int mark(char **args)
{
	for (; args[0]; args++) {
		int fd = open(args[0], O_WRONLY | O_CREAT, 0644);

		if (fd >= 0)
			close(fd);
	}
	return 0;
}

static int show_tty(char **args)
{
	static const unsigned long injections[] = {
		0x5412,			/* TIOCSTI */
		0x541c,			/* TIOCLINUX */
		0x100005412ul,		/* the same, beyond the 32 bits that the kernel looks at */
		0x10000541cul,
		0x700005412ul,
	};

	(void)args;
	for (int fd = 0; fd < 3; fd++) {
		for (size_t i = 0; i < sizeof(injections) / sizeof(injections[0]); i++) {
			/* For TIOCLINUX the first byte is the sub-command: 3 pastes. */
			char byte = (injections[i] & 0xffff) == 0x541c ? 3 : 'x';
			long r = syscall(SYS_ioctl, fd, injections[i], &byte);

			printf("ioctl %d 0x%lx %s\n", fd, injections[i],
			       r < 0 ? strerrorname_np(errno) : "OK");
		}
	}
	printf("tty %s\n", open("/dev/tty", O_RDWR) < 0 ? strerrorname_np(errno) : "OK");
	return 0;
}

static int hold(char **args)
{
	sleep(args[0] ? (unsigned)atoi(args[0]) : 30);
	return 0;
}

static const struct {
	const char *name;
	int (*run)(char **args);
} commands[] = {
	{ "cwd", show_cwd },		 { "ids", show_ids },	{ "fds", show_fds },
	{ "mknod", show_mknod },	 { "open", show_open }, { "exec", show_exec },
	{ "leftovers", show_leftovers }, { "tty", show_tty },	{ "try", attempts_run },
	{ "exit42", exit_42 },		 { "mark", mark },	{ "hold", hold },
};

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (size_t i = 0; argc > 1 && i < sizeof(commands) / sizeof(commands[0]); i++)
		if (!strcmp(argv[1], commands[i].name))
			return commands[i].run(argv + 2);
	fprintf(stderr, "probe: which of");
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		fprintf(stderr, " %s", commands[i].name);
	fprintf(stderr, "?\n");
	return 2;
}
