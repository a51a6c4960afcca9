/* Resource limits and scheduling of the program (H-07, H-16, H-60; W-28, W-29).
 *
 * Scheduling is the plan's, nothing of the caller's.  So are the limits that the plan names;
 * the others stay the caller's, as with runc and crun, and so does the coredump_filter:
 * raising a hard limit to the kernel's own default takes CAP_SYS_RESOURCE, which the
 * runtime may not have.
 *
 * Runs while the process still has its capabilities: raising a hard limit or
 * lowering the oom score needs CAP_SYS_RESOURCE of the initial user namespace.
 */
#include "config.h"

#include "act/process.h"
#include "base/auto.h"
#include "base/num.h"
#include "sys/file.h"
#include "sys/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/ioprio.h>
#include <linux/sched/types.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#include "base/banned.h"

#define CPU_WORDS 128 /* 8192 CPUs, the kernel's own maximum */
#define WORD_BITS (8 * sizeof(unsigned long))

static int parse_number(const char **at, unsigned long *ret)
{
	char digits[8];
	size_t n = strspn(*at, "0123456789");
	uint64_t v;

	if (n == 0 || n >= sizeof(digits))
		return -1;
	memcpy(digits, *at, n);
	digits[n] = 0;
	if (!num_parse_u64(digits, CPU_WORDS * WORD_BITS - 1, &v))
		return -1;
	*ret = v;
	*at += n;
	return 0;
}

/* "0-3,7" -> bit mask; the kernel's list format (cpuset(7)). */
static int parse_list(const char *text, unsigned long mask[CPU_WORDS])
{
	memset(mask, 0, CPU_WORDS * sizeof(*mask));
	for (const char *at = text;;) {
		unsigned long first, last;

		if (parse_number(&at, &first) < 0)
			return -1;
		last = first;
		if (*at == '-') {
			at++;
			if (parse_number(&at, &last) < 0 || last < first)
				return -1;
		}
		for (unsigned long i = first; i <= last; i++)
			mask[i / WORD_BITS] |= 1UL << i % WORD_BITS;
		if (*at == 0)
			return 0;
		if (*at++ != ',')
			return -1;
	}
}

/* All CPUs that the container's cgroup has, whatever the caller was bound to (W-28).
 * Before Linux 6.2 a cpuset did this by itself; since then it leaves a mask that
 * somebody set alone (da019032819a).  Of a mask that is too large the kernel takes
 * what exists and is allowed. */
static int reset_affinity(struct err *err)
{
	unsigned long mask[CPU_WORDS];

	memset(mask, 0xff, sizeof(mask));
	if (sys_sched_setaffinity(0, sizeof(mask), mask) < 0)
		return err_sys(err, "run on all CPUs of the container");
	return 0;
}

static int apply_affinity(const char *list, struct err *err)
{
	unsigned long mask[CPU_WORDS];

	if (!list)
		return reset_affinity(err);
	if (parse_list(list, mask) < 0)
		return err_set(err, ERR_SPEC, "process.execCPUAffinity: '%s' is not a list of CPUs",
			       list);
	if (sys_sched_setaffinity(0, sizeof(mask), mask) < 0)
		return err_sys(err, "run on CPUs '%s'", list);
	return 0;
}

static int apply_scheduler(const struct plan_sched *s, struct err *err)
{
	struct sched_attr attr = {.size = sizeof(attr)};

	if (!s->set)
		return 0;
	attr.sched_policy = (uint32_t)s->policy;
	attr.sched_flags = s->flags;
	attr.sched_nice = s->nice;
	attr.sched_priority = s->priority;
	attr.sched_runtime = s->runtime_ns;
	attr.sched_deadline = s->deadline_ns;
	attr.sched_period = s->period_ns;
	if (sys_sched_setattr(0, &attr, 0) < 0)
		return err_sys(err, "set the scheduling policy");
	return 0;
}

static int apply_mempolicy(const struct plan *plan, struct err *err)
{
	unsigned long mask[CPU_WORDS] = {0};
	const char *nodes = plan->process.mempolicy.nodes;
	bool any = nodes && *nodes;

	if (!plan->process.mempolicy.set)
		return 0;
	if (any && parse_list(nodes, mask) < 0)
		return err_set(err, ERR_SPEC,
			       "linux.memoryPolicy.nodes: '%s' is not a list of nodes", nodes);
	if (sys_set_mempolicy(plan->process.mempolicy.mode | (int)plan->process.mempolicy.flags,
			      any ? mask : NULL, any ? CPU_WORDS * WORD_BITS : 0) < 0)
		return err_sys(err, "set the memory policy");
	return 0;
}

static int rlimit_error(const struct plan_rlimit *r, struct err *err)
{
	return err_sys(err, "set resource limit %d to %llu:%llu", r->resource,
		       (unsigned long long)r->soft, (unsigned long long)r->hard);
}

static int apply_rlimits(const struct plan_process *p, struct err *err)
{
	for (size_t i = 0; i < p->rlimits.n; i++) {
		const struct plan_rlimit *r = &p->rlimits.items[i];
		struct rlimit lim = {.rlim_cur = r->soft, .rlim_max = r->hard};

		if (sys_prlimit(0, r->resource, &lim, NULL) < 0)
			return rlimit_error(r, err);
	}
	return 0;
}

int limits_raise(const struct plan *plan, pid_t pid, struct err *err)
{
	const struct plan_process *p = &plan->process;

	for (size_t i = 0; i < p->rlimits.n; i++) {
		const struct plan_rlimit *r = &p->rlimits.items[i];
		struct rlimit lim;

		if (sys_prlimit(pid, r->resource, NULL, &lim) < 0)
			return rlimit_error(r, err);
		if (lim.rlim_max >= r->hard)
			continue;
		lim.rlim_max = r->hard;
		if (sys_prlimit(pid, r->resource, &lim, NULL) < 0)
			return rlimit_error(r, err);
	}
	return 0;
}

int limits_raise_before_join(const struct plan *plan, struct child *child, struct err *err)
{
	(void)child;
	return plan->ns[NS_USER].mode == NS_JOIN ? limits_raise(plan, 0, err) : 0;
}

/* Zero that the bundle didn't ask for: H-16 adds it so that an engine's -999 is not
 * handed down.  An exec has the container's decision without its reasons. */
static bool is_our_own_zero(const struct plan *plan, const struct child *child)
{
	if (plan->level != LEVEL_HARDENED || plan->process.oom_score_adj != 0)
		return false;
	for (size_t i = 0; i < plan->changes.n; i++)
		if (strcmp(plan->changes.items[i].key, "oom-score-adj") == 0)
			return plan->changes.items[i].outcome == CHANGE_ADDED;
	return child->is_exec;
}

static int read_oom_score(const struct child *child, long *ret, struct err *err)
{
	autofd int fd = sys_openat(child->proc_fd, "self/oom_score_adj", O_RDONLY | O_CLOEXEC, 0);
	char text[16];
	ssize_t n = fd < 0 ? -1 : sys_read(fd, text, sizeof(text) - 1);

	if (n < 0)
		return err_sys(err, "read oom_score_adj");
	text[n] = 0;
	*ret = strtol(text, NULL, 10); /* the kernel's own number */
	return 0;
}

static int apply_oom_score(const struct plan *plan, const struct child *child, struct err *err)
{
	char text[16];
	long is = 0; /* gcc 14 takes it for unset after a failure */

	(void)snprintf(text, sizeof(text), "%d", plan->process.oom_score_adj);
	if (file_write_once(child->proc_fd, "self/oom_score_adj", text) == 0)
		return 0;
	/* Below what a service manager has set it can't go without CAP_SYS_RESOURCE.
	 * A positive one protects the container from nothing: it may stay. */
	if (errno != EACCES || !is_our_own_zero(plan, child))
		return err_sys(err, "set oom_score_adj to %s", text);
	if (read_oom_score(child, &is, err) < 0)
		return -1;
	return is > 0 ? 0
		      : err_set(err, ERR_SYSTEM, "oom_score_adj is %ld and can't be set to %s", is,
				text);
}

int limits_apply_priorities(const struct plan *plan, struct child *child, struct err *err)
{
	const struct plan_process *p = &plan->process;

	if (p->oom_score_adj_set && apply_oom_score(plan, child, err) < 0)
		return -1;
	/* process.execCPUAffinity speaks of exec only, never of init.  Before the
	 * scheduler: a deadline's CPUs can't be changed any more. */
	if (apply_affinity(child->is_exec ? p->affinity_initial : NULL, err) < 0 ||
	    apply_scheduler(&p->sched, err) < 0 || apply_mempolicy(plan, err) < 0)
		return -1;
	if (p->io_priority_set && sys_ioprio_set(IOPRIO_WHO_PROCESS, 0, p->io_priority) < 0)
		return err_sys(err, "set the I/O priority");
	return 0;
}

int limits_apply(const struct plan *plan, struct child *child, struct err *err)
{
	const struct plan_process *p = &plan->process;

	(void)child;
	/* The caller's timer slack is inherited over fork and exec. */
	if (sys_prctl(PR_SET_TIMERSLACK, 0, 0, 0, 0) < 0)
		return err_sys(err, "reset the timer slack");
	(void)sys_umask((mode_t)p->umask); /* cannot fail */
	return apply_rlimits(p, err);
}

int limits_apply_personality(const struct plan *plan, struct child *child, struct err *err)
{
	const struct plan_process *p = &plan->process;

	/* Without any in the bundle the CPUs are right already. */
	if (child->is_exec && (p->affinity_initial || p->affinity_final) &&
	    apply_affinity(p->affinity_final, err) < 0)
		return -1;
	/* Always: the caller's (ADDR_NO_RANDOMIZE of a debugger) is inherited
	 * otherwise (W-28, W-29). */
	if (sys_personality(p->personality_set ? p->personality : 0) < 0)
		return err_sys(err, "set personality 0x%x",
			       p->personality_set ? p->personality : 0);
	return 0;
}

int limits_verify(const struct plan *plan, struct err *err)
{
	const struct plan_process *p = &plan->process;
	mode_t mask;

	for (size_t i = 0; i < p->rlimits.n; i++) {
		const struct plan_rlimit *r = &p->rlimits.items[i];
		struct rlimit lim;

		if (sys_prlimit(0, r->resource, NULL, &lim) < 0)
			return err_sys(err, "read back resource limit %d", r->resource);
		if (lim.rlim_cur != r->soft || lim.rlim_max != r->hard)
			return err_set(err, ERR_VERIFY,
				       "H-90: resource limit %d differs from the plan",
				       r->resource);
	}
	mask = sys_umask((mode_t)p->umask);
	if (mask != (mode_t)p->umask)
		return err_set(err, ERR_VERIFY, "H-90: umask is 0%o, the plan has 0%o", mask,
			       p->umask);
	return 0;
}
