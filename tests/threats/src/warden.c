/*
 * Small things that a test needs from the host's side and that the shell can't do.
 *
 * warden seals FILE             "memfd" or "file", then the names of its seals
 * warden without-openat2 CMD... runs CMD under a filter in which openat2 does not exist
 * warden bounded FILE CMD...    runs CMD, writes "seconds S maxrss_kb N status N" to FILE
 * warden inherit FD FILE CMD... runs CMD with FILE open as FD, not close-on-exec
 * warden socket CMD...          runs CMD with a socket as its standard streams, prints what comes
 * warden look PREFIX            as a hook: writes what it was given to PREFIX.{env,cwd,fds,state}
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifndef F_SEAL_EXEC
#define F_SEAL_EXEC 0x0020
#endif

static int show_seals(char **args)
{
	static const struct {
		int bit;
		const char *name;
	} names[] = { { F_SEAL_SEAL, "seal" },	 { F_SEAL_SHRINK, "shrink" },
		      { F_SEAL_GROW, "grow" },	 { F_SEAL_WRITE, "write" },
		      { F_SEAL_EXEC, "exec" } };
	int fd = args[0] ? open(args[0], O_RDONLY | O_CLOEXEC) : -1;
	int seals;

	if (fd < 0)
		return 1;
	seals = fcntl(fd, F_GET_SEALS);
	printf("%s", seals < 0 ? "file" : "memfd");
	for (size_t i = 0; seals > 0 && i < sizeof(names) / sizeof(names[0]); i++)
		if (seals & names[i].bit)
			printf(" %s", names[i].name);
	printf("\n");
	return 0;
}

static int run_without_openat2(char **args)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat2, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof(code) / sizeof(code[0]), code };

	/* Root needs no no_new_privs for this, and setting it would change what is tested. */
	if (!args[0] || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program)) {
		perror("warden: filter");
		return 125;
	}
	execvp(args[0], args);
	return 127;
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static int run_bounded(char **args)
{
	double start = now();
	struct rusage usage;
	int status = 0;
	FILE *out;
	pid_t pid;

	if (!args[0] || !args[1])
		return 2;
	pid = fork();
	if (pid == 0) {
		execvp(args[1], args + 1);
		_exit(127);
	}
	if (pid < 0 || wait4(pid, &status, 0, &usage) != pid)
		return 2;
	out = fopen(args[0], "w");
	if (!out)
		return 2;
	status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	fprintf(out, "seconds %.2f maxrss_kb %ld status %d\n", now() - start, usage.ru_maxrss,
		status);
	fclose(out);
	return status;
}

static int run_inherit(char **args)
{
	int want, fd;

	if (!args[0] || !args[1] || !args[2])
		return 2;
	want = atoi(args[0]);
	fd = open(args[1], O_RDONLY);
	if (fd < 0 || (fd != want && dup2(fd, want) != want))
		return 126;
	if (fd != want)
		close(fd);
	execvp(args[2], args + 2);
	return 127;
}

static int run_on_socket(char **args)
{
	int pair[2], status = 0;
	char buf[4096];
	ssize_t n;
	pid_t pid;

	if (!args[0] || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
		return 2;
	pid = fork();
	if (pid == 0) {
		for (int fd = 0; fd < 3; fd++)
			if (dup2(pair[1], fd) < 0)
				_exit(126);
		execvp(args[0], args);
		_exit(127);
	}
	close(pair[1]);
	while ((n = read(pair[0], buf, sizeof(buf))) > 0)
		if (write(STDOUT_FILENO, buf, (size_t)n) != n)
			return 2;
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return 2;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static FILE *look_open(const char *prefix, const char *what)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s.%s", prefix, what);
	return fopen(path, "we");
}

/* Before any file of its own is open, the descriptors are looked at. */
static int look(char **args)
{
	unsigned char open_fds[256] = { 0 };
	char text[65536];
	FILE *out;
	size_t n;

	for (int fd = 3; fd < 256; fd++)
		open_fds[fd] = fcntl(fd, F_GETFD) >= 0;
	out = args[0] ? look_open(args[0], "fds") : NULL;
	if (!out)
		return 2;
	for (int fd = 3; fd < 256; fd++) {
		char link[64], target[4096];
		ssize_t len;

		if (!open_fds[fd])
			continue;
		snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
		len = readlink(link, target, sizeof(target) - 1);
		target[len > 0 ? len : 0] = '\0';
		fprintf(out, "%d %s\n", fd, target);
	}
	fclose(out);
	out = look_open(args[0], "cwd");
	if (!out || !getcwd(text, sizeof(text)))
		return 2;
	fprintf(out, "%s\n", text);
	fclose(out);
	out = look_open(args[0], "state");
	n = fread(text, 1, sizeof(text), stdin);
	if (!out || fwrite(text, 1, n, out) != n)
		return 2;
	fclose(out);
	/* Last: its presence says that the hook has run to its end. */
	out = look_open(args[0], "env");
	for (char **entry = environ; out && *entry; entry++)
		fprintf(out, "%s\n", *entry);
	return out ? fclose(out) : 2;
}

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "seals"))
		return show_seals(argv + 2);
	if (argc > 1 && !strcmp(argv[1], "without-openat2"))
		return run_without_openat2(argv + 2);
	if (argc > 1 && !strcmp(argv[1], "bounded"))
		return run_bounded(argv + 2);
	if (argc > 1 && !strcmp(argv[1], "inherit"))
		return run_inherit(argv + 2);
	if (argc > 1 && !strcmp(argv[1], "look"))
		return look(argv + 2);
	if (argc > 1 && !strcmp(argv[1], "socket"))
		return run_on_socket(argv + 2);
	return 2;
}
