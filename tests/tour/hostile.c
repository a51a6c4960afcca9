/* hostile.c: what an attacker tries first, once code of his runs in a container.
 *
 * Tries each attempt of the table in a child of its own and prints one line for it:
 *
 *     name|the kernel's answer|stopped: yes or no
 *
 * An attempt counts as stopped only if what it wanted did not happen. Each asks for something that works on an open machine, so
 * that the row can fail. Nothing does harm where it is not stopped: signals are null signals, sockets send no packet, what was
 * changed is changed back, forks are counted and killed one by one. Static, because it runs where there is no library.
 *
 * It refuses to run unless it is the first process of a pid namespace, so that nobody runs it on a machine by mistake.
 *
 * usage: hostile HOST-PID    HOST-PID is a process outside the container that it must not reach
 */
#define _GNU_SOURCE
#include "hostile.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <net/if.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>

#define MAX_FORKS 20000
#define TIME_LIMIT_S 30

pid_t host_pid;
static char detail[200];

void say(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintf(detail, sizeof(detail), format, ap);
	va_end(ap);
}

/* --- becoming somebody ------------------------------------------------------------------------ */

int become_root(void)
{
	return setuid(0);
}

int become_root_group(void)
{
	gid_t root = 0;

	return setgroups(1, &root) == 0 ? 0 : setgid(0);
}

/* The copy is owned by root and has the setuid bit: it prints who it runs as. */
int run_setuid_program(void)
{
	char who[16] = "";
	int out[2];
	pid_t pid;

	if (pipe(out) < 0)
		return 0;
	pid = fork();
	if (pid == 0) {
		dup2(out[1], STDOUT_FILENO);
		execl(SETUID_COPY, SETUID_COPY, "--who", NULL);
		dprintf(STDOUT_FILENO, "!%d", errno);
		_exit(1);
	}
	close(out[1]);
	if (read(out[0], who, sizeof(who) - 1) <= 0)
		return 0;
	waitpid(pid, NULL, 0);
	if (who[0] == '!') {
		errno = atoi(who + 1);
		return -1;
	}
	say("it ran, but as uid %s", who);
	return strcmp(who, "0") == 0 ? 0 : -1;
}

int gain_capability(void)
{
	struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct want[2] = {{0}, {0}};

	want[0].effective = want[0].permitted = 1u << CAP_SYS_ADMIN;
	return (int)syscall(SYS_capset, &head, want);
}

int unlock_securebits(void)
{
	int bits = prctl(PR_GET_SECUREBITS);

	if (prctl(PR_SET_SECUREBITS, bits & ~SECBIT_NOROOT) == 0)
		return 0;
	return -1;
}

/* --- the host's processes ----------------------------------------------------------------------- */

int see_processes(void)
{
	struct dirent *entry;
	unsigned own = 0;
	unsigned foreign = 0;
	DIR *proc = opendir("/proc");

	if (!proc)
		return -1;
	while ((entry = readdir(proc))) {
		int pid = atoi(entry->d_name);

		if (pid <= 0)
			continue;
		if (pid == 1 || pid == getpid())
			own++;
		else
			foreign++;
	}
	closedir(proc);
	say("sees %u of its own, %u others", own, foreign);
	return foreign == 0 && own > 0 ? -1 : 0;
}

int signal_host(void)
{
	return kill(host_pid, 0);
}

int trace_host(void)
{
	if (ptrace(PTRACE_SEIZE, host_pid, NULL, NULL) < 0)
		return -1;
	ptrace(PTRACE_DETACH, host_pid, NULL, NULL);
	return 0;
}

/* An address that is not mapped gives EFAULT only after the process was found and access to it granted. */
int read_host_memory(void)
{
	char here[8];
	struct iovec local = {here, sizeof(here)};
	struct iovec remote = {(void *)4096, sizeof(here)};

	if (process_vm_readv(host_pid, &local, 1, &remote, 1, 0) >= 0)
		return 0;
	return errno == EFAULT ? 0 : -1;
}

/* --- network ------------------------------------------------------------------------------------ */

/* 192.0.2.1 is set aside for documentation. Connecting a datagram socket looks up the route and sends nothing. */
int reach_network(void)
{
	struct sockaddr_in far = {.sin_family = AF_INET, .sin_port = htons(53)};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	far.sin_addr.s_addr = htonl(0xc0000201);
	return connect(fd, (struct sockaddr *)&far, sizeof(far));
}

int list_interfaces(void)
{
	struct if_nameindex *all = if_nameindex();
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	unsigned up = 0;

	if (!all || fd < 0)
		return -1;
	for (const struct if_nameindex *one = all; one->if_index; one++) {
		struct ifreq request = {0};

		snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", one->if_name);
		if (ioctl(fd, SIOCGIFFLAGS, &request) == 0 && (request.ifr_flags & IFF_UP) &&
		    !(request.ifr_flags & IFF_LOOPBACK)) {
			up++;
			say("%s is up", one->if_name);
		}
	}
	if (up > 0)
		return 0;
	say("no interface but the loopback is up");
	return -1;
}

int raw_socket(void)
{
	return socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0) < 0 ? -1 : 0;
}

/* --- what leaks in, what runs away -------------------------------------------------------------- */

int find_descriptors(void)
{
	unsigned found = 0;

	for (int fd = 3; fd < 4096; fd++)
		if (fcntl(fd, F_GETFD) >= 0)
			found++;
	say("%u beside standard input, output and error", found);
	return found > 0 ? 0 : -1;
}

int find_environment(void)
{
	const char *secret = getenv("TOUR_SECRET");

	say(secret ? "the caller's variable is here" : "the caller's variable is not here");
	return secret ? 0 : -1;
}

int find_terminal(void)
{
	return opens("/dev/tty", O_RDWR);
}

int dump_core(void)
{
	const struct rlimit unlimited = {RLIM_INFINITY, RLIM_INFINITY};

	return setrlimit(RLIMIT_CORE, &unlimited);
}

int real_time(void)
{
	const struct sched_param high = {.sched_priority = 50};

	return sched_setscheduler(0, SCHED_FIFO, &high);
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

int fork_without_end(void)
{
	static pid_t children[MAX_FORKS];
	unsigned count = 0;
	int error = 0;
	double deadline = now() + TIME_LIMIT_S - 10;
	pid_t parent = getpid();

	while (count < MAX_FORKS && now() < deadline) {
		pid_t pid = fork();

		if (pid == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			if (getppid() != parent)
				_exit(0);
			pause();
			_exit(0);
		}
		if (pid < 0) {
			error = errno;
			break;
		}
		children[count++] = pid;
	}
	for (unsigned i = 0; i < count; i++)
		kill(children[i], SIGKILL);
	for (unsigned i = 0; i < count; i++)
		waitpid(children[i], NULL, 0);
	if (error == 0) {
		say("%u processes and no end", count);
		return 0;
	}
	say("%s after %u processes", strerrorname_np(error), count);
	return -1;
}

/* --- the table ---------------------------------------------------------------------------------- */

static const struct attempt {
	const char *name;
	int (*run)(void);
} attempts[] = {
#define ATTEMPT(name, run) {name, run},
	ATTEMPTS(ATTEMPT)
#undef ATTEMPT
};

/* In a child: an attempt that is killed or hangs is an answer too. The child prints its line, the parent only what the child can't. */
static void try(const struct attempt *attempt)
{
	int status;
	pid_t pid = fork();

	if (pid < 0) {
		printf("%s|could not fork: %s|no\n", attempt->name, strerror(errno));
		return;
	}
	if (pid == 0) {
		int result;

		alarm(TIME_LIMIT_S);
		errno = 0;
		result = attempt->run();
		if (result == 0)
			printf("%s|allowed%s%s|no\n", attempt->name, *detail ? ": " : "", detail);
		else if (*detail)
			printf("%s|%s|yes\n", attempt->name, detail);
		else
			printf("%s|%s (%s)|yes\n", attempt->name, strerrorname_np(errno), strerror(errno));
		fflush(stdout);
		_exit(0);
	}
	if (waitpid(pid, &status, 0) != pid) {
		printf("%s|lost its process: %s|no\n", attempt->name, strerror(errno));
		return;
	}
	while (waitpid(-1, NULL, WNOHANG) > 0) /* what the attempt left behind has come to this process, the first one */
		;
	if (!WIFSIGNALED(status))
		return;
	if (WTERMSIG(status) == SIGALRM)
		printf("%s|no answer in %d s|no\n", attempt->name, TIME_LIMIT_S);
	else
		printf("%s|killed by signal %d (%s)|yes\n", attempt->name, WTERMSIG(status), strsignal(WTERMSIG(status)));
}

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc == 2 && strcmp(argv[1], "--nothing") == 0)
		return 0;
	if (argc == 2 && strcmp(argv[1], "--who") == 0) {
		printf("%u", (unsigned)geteuid());
		return 0;
	}
	if (getpid() != 1) {
		fprintf(stderr, "hostile: not the first process of a container: nothing tried\n");
		return 2;
	}
	if (argc != 2 || (host_pid = atoi(argv[1])) <= 2) {
		fprintf(stderr, "usage: hostile HOST-PID\n");
		return 2;
	}
	for (size_t i = 0; i < sizeof(attempts) / sizeof(attempts[0]); i++)
		try(&attempts[i]);
	unlink(SCRATCH);
	puts("end|the table is complete|yes");
	return 0;
}
