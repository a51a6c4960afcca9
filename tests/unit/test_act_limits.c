/* Limits and priorities, each tried in a process of its own: what it has then, and
 * what is refused. */
#include "config.h"

#include "act/process.h"

#include "tap.h"
#include "temp_dir.h"

#include <linux/ioprio.h>
#include <sched.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

struct seen {
	int result;
	struct err err;
	int nice, policy, slack, personality, ioprio;
	unsigned long cpus;
	mode_t mask;
	struct rlimit files;
};

typedef int step(const struct plan *plan, struct child *child, struct err *err);

static struct child child;

static int verify(const struct plan *plan, struct child *c, struct err *err)
{
	(void)c;
	(void)umask(plan->process.umask);
	return limits_verify(plan, err);
}

static int apply_and_verify(const struct plan *plan, struct child *c, struct err *err)
{
	return limits_apply(plan, c, err) < 0 ? -1 : limits_verify(plan, err);
}

static int one_less(const struct plan *plan, struct child *c, struct err *err)
{
	struct rlimit lim = {.rlim_cur = 99, .rlim_max = 200};

	if (limits_apply(plan, c, err) < 0 || setrlimit(RLIMIT_NOFILE, &lim) < 0)
		return 0;
	return limits_verify(plan, err);
}

/* Runs the step elsewhere; what that process is like afterwards. */
static struct seen try(step *run, const struct plan *plan)
{
	struct seen s = {.err = ERR_INIT};
	int fds[2];
	pid_t pid;

	if (pipe(fds) < 0 || (pid = fork()) < 0)
		exit(99);
	if (pid == 0) {
		cpu_set_t set;

		(void)prctl(PR_SET_TIMERSLACK, 77777, 0, 0, 0);
		(void)personality(ADDR_NO_RANDOMIZE);
		s.result = run(plan, &child, &s.err);
		s.nice = getpriority(PRIO_PROCESS, 0);
		s.policy = sched_getscheduler(0);
		s.slack = prctl(PR_GET_TIMERSLACK, 0, 0, 0, 0);
		s.personality = personality(0xffffffff);
		s.ioprio = (int)syscall(SYS_ioprio_get, 1, 0);
		CPU_ZERO(&set);
		(void)sched_getaffinity(0, sizeof(set), &set);
		for (unsigned i = 0; i < 64; i++)
			s.cpus |= CPU_ISSET(i, &set) ? 1UL << i : 0;
		s.mask = umask(0);
		(void)getrlimit(RLIMIT_NOFILE, &s.files);
		_exit(write(fds[1], &s, sizeof(s)) == (ssize_t)sizeof(s) ? 0 : 1);
	}
	close(fds[1]);
	if (read(fds[0], &s, sizeof(s)) != (ssize_t)sizeof(s))
		exit(99);
	close(fds[0]);
	waitpid(pid, NULL, 0);
	return s;
}

static void is_refused(step *run, const struct plan *plan, enum err_kind kind, const char *part)
{
	struct seen s = try(run, plan);

	is_int(s.result, -1, part);
	is_err(&s.err, kind, part, "is told");
}

static void test_limits(void)
{
	static struct plan_rlimit limit = {.resource = RLIMIT_NOFILE, .soft = 100, .hard = 200};
	struct plan plan = PLAN_INIT;
	struct seen s;

	plan.process.umask = 027;
	plan.process.rlimits.items = &limit;
	plan.process.rlimits.n = 1;
	s = try(apply_and_verify, &plan);
	ok(s.result == 0, "limits and umask are set and read back: %s", s.err.msg);
	ok(s.files.rlim_cur == 100 && s.files.rlim_max == 200, "soft and hard");
	is_int(s.mask, 027, "umask");
	ok(s.slack != 77777, "the caller's timer slack is gone");
	is_refused(verify, &plan, ERR_VERIFY, "H-90: resource limit");
	is_refused(one_less, &plan, ERR_VERIFY, "H-90: resource limit");
	plan.process.rlimits.n = 0;
	s = try(verify, &plan);
	ok(s.result == 0, "nothing differs: %s", s.err.msg);
	is_refused(limits_apply_priorities, (plan.process.oom_score_adj_set = true, &plan), ERR_SYSTEM, "set oom_score_adj to 0");
	plan.process.rlimits.n = 1;
	limit.resource = 9999;
	is_refused(limits_apply, &plan, ERR_SYSTEM, "set resource limit 9999 to 100:200");
	is_refused(verify, &plan, ERR_SYSTEM, "read back resource limit 9999");
}

static int raise_from_100(const struct plan *plan, struct child *c, struct err *err)
{
	struct rlimit lim = {.rlim_cur = 50, .rlim_max = 100};

	(void)c;
	(void)setrlimit(RLIMIT_NOFILE, &lim);
	return limits_raise(plan, 0, err);
}

/* What comes true depends on the caller: without CAP_SYS_RESOURCE it must be told (tests/vm has it). */
static void test_raise(void)
{
	static struct plan_rlimit limit = {.resource = RLIMIT_NOFILE, .soft = 10, .hard = 90};
	struct plan plan = PLAN_INIT;
	struct seen s;

	plan.process.rlimits.items = &limit;
	plan.process.rlimits.n = 1;
	s = try(raise_from_100, &plan);
	ok(s.result == 0 && s.files.rlim_cur == 50 && s.files.rlim_max == 100, "nothing is lowered: %s", s.err.msg);
	limit.hard = 200;
	s = try(raise_from_100, &plan);
	if (s.result == 0)
		ok(s.files.rlim_cur == 50 && s.files.rlim_max == 200, "only the hard limit is raised");
	else
		is_err(&s.err, ERR_SYSTEM, "set resource limit 7 to 10:200", "a limit that can't be raised");
	s = try(limits_raise_before_join, &plan);
	is_int(s.result, 0, "without a user namespace to be joined nothing is done before");
	limit.resource = 9999;
	is_refused(raise_from_100, &plan, ERR_SYSTEM, "set resource limit 9999 to 10:200");
	plan.ns[NS_USER].mode = NS_JOIN;
	is_refused(limits_raise_before_join, &plan, ERR_SYSTEM, "set resource limit 9999 to 10:200");
}

static int other_umask(const struct plan *plan, struct child *c, struct err *err)
{
	(void)c;
	(void)umask(0);
	return limits_verify(plan, err);
}

static void test_priorities(void)
{
	struct plan plan = PLAN_INIT;
	struct seen s;
	char text[16] = "";
	FILE *f;

	plan.process.umask = 022;
	is_refused(other_umask, &plan, ERR_VERIFY, "H-90: umask is 00, the plan has 022");
	if (mkdir("self", 0755) < 0 || !(f = fopen("self/oom_score_adj", "w")))
		exit(99);
	fclose(f);
	plan.process.oom_score_adj_set = true;
	plan.process.oom_score_adj = -321;
	plan.process.sched.set = true;
	plan.process.sched.policy = SCHED_BATCH;
	plan.process.sched.nice = 19; /* whatever the caller has, this may be had */
	plan.process.io_priority_set = true;
	plan.process.io_priority = IOPRIO_PRIO_VALUE(IOPRIO_CLASS_BE, 6);
	s = try(limits_apply_priorities, &plan);
	ok(s.result == 0, "priorities: %s", s.err.msg);
	is_int(s.policy, SCHED_BATCH, "scheduler");
	is_int(s.nice, 19, "nice");
	is_int(s.ioprio, IOPRIO_PRIO_VALUE(IOPRIO_CLASS_BE, 6), "I/O class and level");
	f = fopen("self/oom_score_adj", "r");
	if (!f || !fgets(text, sizeof(text), f))
		exit(99);
	fclose(f);
	is_str(text, "-321", "oom score, in the private procfs");

	plan.process.io_priority = 0xffff;
	is_refused(limits_apply_priorities, &plan, ERR_SYSTEM, "set the I/O priority");
	plan.process.sched.policy = 99;
	is_refused(limits_apply_priorities, &plan, ERR_SYSTEM, "set the scheduling policy");
}

static unsigned long first_cpu(void)
{
	cpu_set_t set;
	unsigned long i = 0;

	if (sched_getaffinity(0, sizeof(set), &set) < 0)
		exit(99);
	while (!CPU_ISSET(i, &set))
		i++;
	return i;
}

static void test_affinity(void)
{
	static const char *const wrong[] = {"", "x", "1-", "-1", "1,", ",1", "3-1", "0 1", "0x1", "8192", "0-8192", "123456789"};
	struct plan plan = PLAN_INIT;
	unsigned long cpu = first_cpu();
	char list[32], want[96];
	struct seen s;

	child.is_exec = true;
	snprintf(list, sizeof(list), "%lu-%lu,%lu", cpu, cpu, cpu);
	plan.process.affinity_initial = list;
	s = try(limits_apply_priorities, &plan);
	ok(s.result == 0 && (cpu > 63 || s.cpus == 1UL << cpu), "the processors exec begins on: %s", s.err.msg);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		plan.process.affinity_initial = wrong[i];
		snprintf(want, sizeof(want), "process.execCPUAffinity: '%s' is not a list of CPUs", wrong[i]);
		is_refused(limits_apply_priorities, &plan, ERR_SPEC, want);
	}
	plan.process.affinity_initial = "8191"; /* the kernel's own limit; hardly a machine has it */
	is_refused(limits_apply_priorities, &plan, ERR_SYSTEM, "run on CPUs '8191'");

	plan.process.affinity_initial = NULL;
	plan.process.affinity_final = list;
	s = try(limits_apply_personality, &plan);
	ok(s.result == 0 && (cpu > 63 || s.cpus == 1UL << cpu), "and goes on on: %s", s.err.msg);
	is_int(s.personality, 0, "the caller's personality is gone");
	plan.process.affinity_final = "what";
	is_refused(limits_apply_personality, &plan, ERR_SPEC, "'what' is not a list of CPUs");
	child.is_exec = false;
	plan.process.affinity_initial = "what";
	plan.process.personality_set = true;
	plan.process.personality = ADDR_COMPAT_LAYOUT;
	s = try(limits_apply_personality, &plan);
	ok(s.result == 0, "neither is for the first process: %s", s.err.msg);
	is_int(s.personality, ADDR_COMPAT_LAYOUT, "the plan's personality");
	s = try(limits_apply_priorities, &plan);
	ok(s.result == 0, "nor at its beginning: %s", s.err.msg);
}

static void test_memory_policy(void)
{
	struct plan plan = PLAN_INIT;

	plan.process.mempolicy.set = true;
	plan.process.mempolicy.nodes = "0,x";
	is_refused(limits_apply_priorities, &plan, ERR_SPEC, "linux.memoryPolicy.nodes: '0,x' is not a list of nodes");
	plan.process.mempolicy.nodes = "";
	plan.process.mempolicy.mode = 99;
	is_refused(limits_apply_priorities, &plan, ERR_SYSTEM, "set the memory policy");
}

int main(void)
{
	temp_dir_enter();
	child.proc_fd = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	test_limits();
	test_raise();
	test_priorities();
	test_affinity();
	test_memory_policy();
	return tap_done();
}
