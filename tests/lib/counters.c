/* counters.c: coverage of processes that can't write a file. Linked into kanuki by --enable-coverage only.
 *
 * gcov's counters are written at exit, to a path. A container's first process has neither: its root is another, it may write
 * nothing, and it becomes another program. So a file that all of kanuki's processes share is mapped over the counters: what the
 * child counts is in the file as it happens. At exit nothing is written (and nothing fails, when the tests make writing fail) but
 * by the one process that run-coverage starts last, with KANUKI_WRITE_COUNTERS set. Nor is it at fork and exec, where gcc calls
 * functions that write and then set the counters to zero: here that would be everybody's.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

extern char counters_begin[];
extern char counters_end[];
void __real___gcov_exit(void); /* names that ld --wrap=__gcov_exit gives */
void __wrap___gcov_exit(void);

__attribute__((no_profile_instrument_function)) void __wrap___gcov_exit(void)
{
	if (getenv("KANUKI_WRITE_COUNTERS"))
		__real___gcov_exit();
}

/* The C library's own: called by their names, gcc would take its functions again. */
pid_t plain_fork(void) __asm__("fork");
int plain_execve(const char *path, char *const argv[], char *const envp[]) __asm__("execve");
pid_t __wrap___gcov_fork(void);
int __wrap___gcov_execve(const char *path, char *const argv[], char *const envp[]);

__attribute__((no_profile_instrument_function)) pid_t __wrap___gcov_fork(void)
{
	return plain_fork();
}

__attribute__((no_profile_instrument_function)) int __wrap___gcov_execve(const char *path, char *const argv[],
									   char *const envp[])
{
	return plain_execve(path, argv, envp);
}

__attribute__((constructor(101), no_profile_instrument_function)) static void share_counters(void)
{
	size_t size = (size_t)(counters_end - counters_begin);
	int fd = open(COUNTERS_FILE, O_RDWR | O_CREAT | O_CLOEXEC, 0666);

	if (fd < 0)
		return; /* another user's process: it counts for itself */
	if (ftruncate(fd, (off_t)size) < 0 ||
	    mmap(counters_begin, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 0) == MAP_FAILED) {
		perror("coverage counters");
		_exit(1); /* tests that make calls fail expect the command to */
	}
	close(fd);
}
