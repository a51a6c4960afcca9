/* chain: runs commands one after the other, with as little of its own cost as can be; a shell for hyperfine.
 *
 * Words are split at blanks, commands at a word ";"; there is no quoting and no path search. Stops at the first failure.
 * It takes in orphans (a container's init after `create`), because whoever starts containers has to reap them.
 *
 * Usage: chain -c 'COMMAND [ ; COMMAND ]...'     run
 *        chain -m COMMAND [ARGUMENT...]          run in silence, then print the peak resident memory in KiB of the command or of the
 *                                                largest process that it waited for
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX_WORDS 256

extern char **environ;

/* The exit status of the command; orphans that end meanwhile are reaped. */
static int run(char **argv, long *ret_peak_kib)
{
	struct rusage usage;
	int status;
	pid_t pid = vfork();

	if (pid == 0) {
		execve(argv[0], argv, environ);
		_exit(127);
	}
	if (pid < 0)
		return 126;
	for (;;) {
		pid_t ended = wait4(-1, &status, 0, &usage);

		if (ended < 0 && errno != EINTR)
			return 126;
		if (ended != pid)
			continue;
		*ret_peak_kib = usage.ru_maxrss;
		return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	}
}

static int run_chain(char *text)
{
	char *words[MAX_WORDS + 1];
	int n = 0, status = 0;
	long peak;

	for (char *word = strtok(text, " \t\n");; word = strtok(NULL, " \t\n")) {
		if (word && strcmp(word, ";") != 0) {
			if (n == MAX_WORDS)
				return 2;
			words[n++] = word;
			continue;
		}
		words[n] = NULL;
		if (n > 0)
			status = run(words, &peak);
		if (status) {
			fprintf(stderr, "chain: '%s %s' ended with status %d\n", words[0], n > 1 ? words[1] : "", status);
			return status;
		}
		if (!word)
			return 0;
		n = 0;
	}
}

int main(int argc, char **argv)
{
	long peak = 0;
	int status;

	if (argc < 3 || (strcmp(argv[1], "-c") != 0 && strcmp(argv[1], "-m") != 0)) {
		fprintf(stderr, "usage: chain -c 'COMMAND [ ; COMMAND ]...' | chain -m COMMAND [ARGUMENT...]\n");
		return 2;
	}
	if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0)
		return 126;
	if (argv[1][1] == 'c')
		return run_chain(argv[2]);
	/* what stays behind (a created container) must not keep our output open */
	int out = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3), null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (out < 0 || null < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0 || dup2(null, 2) < 0)
		return 126;
	status = run(argv + 2, &peak);
	dprintf(out, "%ld\n", peak);
	return status;
}
