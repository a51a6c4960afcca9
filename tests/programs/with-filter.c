/* with-filter: runs a program under one of the embedded seccomp profiles and nothing else of kanuki.
 *
 * For finding out what a profile breaks, on the host, before a container is in the way: strace -f with-filter default PROGRAM.
 * The exit status is the program's; 125 if it could not be started.
 *
 * Usage: with-filter default|strict PROGRAM [ARGUMENT...]
 */
#include "seccomp-profiles/embedded.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	struct sock_fprog prog;

	if (argc < 3 || (strcmp(argv[1], "default") != 0 && strcmp(argv[1], "strict") != 0)) {
		fprintf(stderr, "usage: with-filter default|strict PROGRAM [ARGUMENT...]\n");
		return 125;
	}
	/* sock_fprog has no const, and the kernel only reads */
	if (strcmp(argv[1], "default") == 0)
		prog = (struct sock_fprog){ embedded_default_len, (struct sock_filter *)embedded_default };
	else
		prog = (struct sock_fprog){ embedded_strict_len, (struct sock_filter *)embedded_strict };
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &prog) < 0) {
		perror("with-filter: load");
		return 125;
	}
	execvp(argv[2], argv + 2);
	fprintf(stderr, "with-filter: %s: %s\n", argv[2], strerror(errno));
	return 125;
}
