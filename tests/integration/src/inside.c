/* inside.c: what a test's program in a container does that a shell can't. Each command prints one line: a value, or the errno's name.
 *
 *     inside call NR ARG...        a system call by number; ARG is a number, or s:TEXT for a string
 *     inside raise-cap N           capset: adds capability N to all three sets
 *     inside groups GID...         setgroups
 *     inside rlimit N SOFT HARD    setrlimit
 *     inside keyring               the session keyring's description
 *     inside mempolicy             the memory policy's mode and nodes
 *     inside exec FILE             executes it: "ran" or the errno
 *     inside map FILE              maps it executable
 *     inside notify TEXT           sends a datagram to $NOTIFY_SOCKET
 *     inside write FILE TEXT       opens, writes; errno of the first that fails
 *     inside fifo                  sched_setscheduler to realtime
 *     inside tcp HOW PORT          HOW is bind; connect or fastopen (to 127.0.0.1); or listen, on a socket that wasn't bound
 *     inside fork N                starts N children that stay; how many it got and why no more
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/keyctl.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static int tell(long result)
{
	if (result < 0)
		printf("%s\n", strerrorname_np(errno));
	else
		printf("%ld\n", result);
	return 0;
}

static int do_call(char **args)
{
	long a[7] = {0};

	for (int i = 0; i < 7 && args[i]; i++)
		a[i] = strncmp(args[i], "s:", 2) == 0 ? (long)(args[i] + 2) : strtol(args[i], NULL, 0);
	return tell(syscall(a[0], a[1], a[2], a[3], a[4], a[5], a[6]));
}

static int do_raise_cap(char **args)
{
	struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct data[2];
	int cap = atoi(args[0]);

	if (syscall(SYS_capget, &header, data) < 0)
		return tell(-1);
	data[cap / 32].effective |= 1u << cap % 32;
	data[cap / 32].permitted |= 1u << cap % 32;
	return tell(syscall(SYS_capset, &header, data));
}

static int do_groups(char **args)
{
	gid_t groups[32];
	size_t n = 0;

	for (; args[n] && n < 32; n++)
		groups[n] = (gid_t)strtoul(args[n], NULL, 10);
	return tell(setgroups(n, groups));
}

static int do_rlimit(char **args)
{
	struct rlimit limit = {strtoull(args[1], NULL, 10), strtoull(args[2], NULL, 10)};

	return tell(setrlimit((__rlimit_resource_t)atoi(args[0]), &limit));
}

static int do_keyring(char **args)
{
	char text[512] = "";

	(void)args;
	if (syscall(SYS_keyctl, KEYCTL_DESCRIBE, KEY_SPEC_SESSION_KEYRING, text, sizeof(text) - 1) < 0)
		return tell(-1);
	printf("%s\n", text);
	return 0;
}

static int do_mempolicy(char **args)
{
	unsigned long nodes[16] = {0};
	int mode = -1;

	(void)args;
	if (syscall(SYS_get_mempolicy, &mode, nodes, sizeof(nodes) * 8, NULL, 0) < 0)
		return tell(-1);
	printf("mode 0x%x nodes 0x%lx\n", (unsigned)mode, nodes[0]);
	return 0;
}

static int do_exec(char **args)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		char *argv[] = {args[0], (char *)"true", NULL};

		execve(args[0], argv, NULL);
		_exit(errno);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return tell(-1);
	if (WIFSIGNALED(status))
		printf("signal %d\n", WTERMSIG(status));
	else
		printf("%s\n", WEXITSTATUS(status) ? strerrorname_np(WEXITSTATUS(status)) : "ran");
	return 0;
}

static int do_map(char **args)
{
	int fd = open(args[0], O_RDONLY | O_CLOEXEC);

	if (fd < 0 || mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0) == MAP_FAILED)
		return tell(-1);
	puts("mapped");
	return 0;
}

static int do_notify(char **args)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	const char *path = getenv("NOTIFY_SOCKET");
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (!path || strlen(path) >= sizeof(addr.sun_path)) {
		puts("no NOTIFY_SOCKET");
		return 1;
	}
	strcpy(addr.sun_path, path);
	return tell(sendto(fd, args[0], strlen(args[0]), 0, (struct sockaddr *)&addr, sizeof(addr)) < 0 ? -1 : 0);
}

static int do_write(char **args)
{
	int fd = open(args[0], O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

	if (fd < 0)
		return tell(-1);
	return tell(write(fd, args[1], strlen(args[1])) < 0 ? -1 : 0);
}

static int do_fork(char **args)
{
	int want = atoi(args[0]), n = 0;
	pid_t *pids = calloc((size_t)want, sizeof(*pids));
	const char *why = "all";

	for (; pids && n < want; n++) {
		pids[n] = fork();
		if (pids[n] == 0) {
			pause();
			_exit(0);
		}
		if (pids[n] < 0) {
			why = strerrorname_np(errno);
			break;
		}
	}
	for (int i = 0; i < n; i++)
		kill(pids[i], SIGKILL);
	printf("%d %s\n", n, why);
	return 0;
}

static int do_fifo(char **args)
{
	struct sched_param param = {.sched_priority = 5};

	(void)args;
	return tell(sched_setscheduler(0, SCHED_FIFO, &param));
}

static int do_tcp(char **args)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(args[1]))};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0)
		return tell(-1);
	if (strcmp(args[0], "bind") == 0)
		return tell(bind(fd, (struct sockaddr *)&to, sizeof(to)));
	if (strcmp(args[0], "connect") == 0)
		return tell(connect(fd, (struct sockaddr *)&to, sizeof(to)));
	if (strcmp(args[0], "fastopen") == 0)
		return tell(sendto(fd, "x", 1, MSG_FASTOPEN | MSG_DONTWAIT, (struct sockaddr *)&to, sizeof(to)));
	return tell(listen(fd, 1));
}

static const struct {
	const char *name;
	int args;
	int (*run)(char **args);
} commands[] = {
	{"call", 1, do_call},	      {"raise-cap", 1, do_raise_cap}, {"groups", 0, do_groups}, {"rlimit", 3, do_rlimit},
	{"keyring", 0, do_keyring},   {"mempolicy", 0, do_mempolicy}, {"exec", 1, do_exec},	{"map", 1, do_map},
	{"notify", 1, do_notify},     {"write", 2, do_write},	      {"fork", 1, do_fork},
	{"fifo", 0, do_fifo},	      {"tcp", 2, do_tcp},
};

int main(int argc, char **argv)
{
	for (size_t i = 0; argc > 1 && i < sizeof(commands) / sizeof(commands[0]); i++)
		if (strcmp(argv[1], "true") == 0)
			return 0;
		else if (strcmp(argv[1], commands[i].name) == 0 && argc - 2 >= commands[i].args)
			return commands[i].run(argv + 2);
	fprintf(stderr, "inside: what?\n");
	return 2;
}
