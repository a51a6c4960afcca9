/* memlock: runs a command with RLIMIT_MEMLOCK as it would be for a caller that has CAP_SYS_RESOURCE.
 *
 * crun raises that limit before it loads its device program and gives up where it may not. Since Linux 5.11 BPF
 * memory is charged to the cgroup and the limit has no bearing on it, so that a success which does nothing lets
 * crun do all its work, cgroup included, on a machine that withholds the capability. A seccomp filter answers;
 * every runtime measured runs beneath the same one. Where the limit can be raised it is raised, without a filter. */
#include "config.h"

#include <seccomp.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

static int answer_zero(void)
{
	static const char *const calls[] = {"setrlimit", "prlimit64"};
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	int failed = 0;

	if (!filter)
		return -1;
	/* Not "no new privileges": the runtimes shall see what they see elsewhere. */
	failed |= seccomp_attr_set(filter, SCMP_FLTATR_CTL_NNP, 0);
	for (unsigned int i = 0; i < 2; i++) {
		/* The resource is the first argument of setrlimit(2), the second of prlimit(2). */
		struct scmp_arg_cmp resource = {i, SCMP_CMP_EQ, RLIMIT_MEMLOCK, 0};

		failed |= seccomp_rule_add_array(filter, SCMP_ACT_ERRNO(0),
						 seccomp_syscall_resolve_name(calls[i]), 1, &resource);
	}
	failed |= seccomp_load(filter);
	seccomp_release(filter);
	return failed;
}

int main(int argc, char **argv)
{
	const struct rlimit unlimited = {RLIM_INFINITY, RLIM_INFINITY};

	if (argc < 2) {
		fputs("usage: memlock COMMAND [ARGUMENT...]\n", stderr);
		return 2;
	}
	if (setrlimit(RLIMIT_MEMLOCK, &unlimited) < 0 && answer_zero() != 0) {
		fputs("memlock: the filter can't be loaded\n", stderr);
		return 1;
	}
	execvp(argv[1], argv + 1);
	perror(argv[1]);
	return 127;
}
