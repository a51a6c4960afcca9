/* The process section of the printed plan: ids, capabilities, limits, labels.
 * The format is described in print.c. */
#include "config.h"

#include "base/auto.h"
#include "plan/names.h"
#include "plan/print.h"

#include <inttypes.h>
#include <string.h>

#include "base/banned.h"

static void print_user(struct printer *p)
{
	const struct plan_process *process = &p->plan->process;
	print_number(p, "user.uid", process->uid);
	print_number(p, "user.gid", process->gid);

	print_begin(p, "user.groups", NULL);
	if (!process->set_groups)
		str_add(p->out, "(not set)");
	else if (process->groups.n == 0)
		str_add(p->out, "none");
	for (size_t i = 0; i < process->groups.n; i++)
		str_addf(p->out, "%s%u", i ? "," : "", process->groups.items[i]);
	print_end(p);

	print_begin(p, "user.umask", NULL);
	str_addf(p->out, "0%03o", process->umask);
	print_end(p);
}

static void print_capabilities(struct printer *p)
{
	const struct plan_caps *caps = &p->plan->process.caps;
	const struct { const char *key; uint64_t set;
	} sets[] = {
		{"capabilities.bounding", caps->bounding},
		{"capabilities.effective", caps->effective},
		{"capabilities.permitted", caps->permitted},
		{"capabilities.inheritable", caps->inheritable},
		{"capabilities.ambient", caps->ambient},
	};
	for (size_t i = 0; i < ARRAY_LEN(sets); i++) {
		print_begin(p, sets[i].key, NULL);
		plan_add_caps(p->out, sets[i].set);
		print_end(p);
	}
}

static void print_privilege(struct printer *p)
{
	const struct plan_process *process = &p->plan->process;
	print_capabilities(p);
	print_yes_no(p, "no-new-privs", process->no_new_privs);
	print_begin(p, "securebits", NULL);
	plan_add_securebits(p->out, process->securebits);
	print_end(p);

	print_begin(p, "keyring", NULL);
	str_add(p->out, process->new_keyring ? "own" : "(the caller's)");
	print_end(p);
}

static void print_streams(struct printer *p)
{
	const struct plan_process *process = &p->plan->process;
	print_begin(p, "terminal", NULL);
	str_add(p->out, process->terminal ? "yes" : "no");
	if (process->console_rows || process->console_cols)
		str_addf(p->out, " %ux%u", process->console_rows, process->console_cols);
	print_end(p);

	print_begin(p, "descriptors", NULL);
	str_addf(p->out, "0-%" PRIu64, UINT64_C(2) + process->preserve_fds);
	print_end(p);
}

static void print_environment(struct printer *p)
{
	const struct plan_process *process = &p->plan->process;
	bool from_passwd = process->home == HOME_FROM_PASSWD;
	print_begin(p, "environment", NULL);
	str_addf(p->out, "%zu", process->env.n + from_passwd);
	print_end(p);

	for (size_t i = 0; i < process->env.n; i++) {
		const char *entry = process->env.items[i];
		const char *equals = strchr(entry, '=');
		autofree char *name =
			strndup(entry, equals ? (size_t)(equals - entry) : strlen(entry));
		if (!name) {
			p->out->failed = true;
			return;
		}
		print_begin(p, "env.", name);
		print_word(p->out, equals ? equals + 1 : "");
		print_end(p);
	}
	if (from_passwd)
		print_text(p, "env.HOME", "(from the image's passwd)");
}

static void add_limit(struct str *out, uint64_t limit)
{
	if (limit == UINT64_MAX)
		str_add(out, "unlimited");
	else
		str_addf(out, "%" PRIu64, limit);
}

static void print_rlimits(struct printer *p)
{
	const struct plan_process *process = &p->plan->process;
	for (size_t i = 0; i < process->rlimits.n; i++) {
		const struct plan_rlimit *limit = &process->rlimits.items[i];
		const char *name = plan_rlimit_name(limit->resource);
		if (name)
			print_begin(p, "rlimit.", name);
		else
			print_begin_indexed(p, "rlimit.", (size_t)(unsigned)limit->resource);
		add_limit(p->out, limit->soft);
		str_add(p->out, ":");
		add_limit(p->out, limit->hard);
		print_end(p);
	}
}

static void print_scheduler(struct printer *p)
{
	const struct plan_sched *sched = &p->plan->process.sched;
	if (!sched->set) {
		print_text(p, "scheduler", "(untouched)");
		print_text(p, "nice", "(untouched)");
		return;
	}
	print_begin(p, "scheduler", NULL);
	const char *name = plan_sched_name(sched->policy);
	if (name)
		str_add(p->out, name);
	else
		str_addf(p->out, "%d", sched->policy);
	if (sched->priority)
		str_addf(p->out, " priority=%u", sched->priority);
	if (sched->runtime_ns || sched->deadline_ns || sched->period_ns)
		str_addf(p->out, " runtime=%" PRIu64 " deadline=%" PRIu64 " period=%" PRIu64,
			 sched->runtime_ns, sched->deadline_ns, sched->period_ns);
	if (sched->flags) {
		str_add(p->out, " flags=");
		plan_add_sched_flags(p->out, sched->flags);
	}
	print_end(p);
	print_number(p, "nice", sched->nice);
}

/* ioprio_set(2): the class is above bit 13. */
static void print_io_priority(struct printer *p)
{
	static const char *const classes[] = {"none", "realtime", "best-effort", "idle"};
	const struct plan_process *process = &p->plan->process;
	if (!process->io_priority_set) {
		print_text(p, "io-priority", "(untouched)");
		return;
	}
	uint32_t value = (uint32_t)process->io_priority;
	uint32_t class = value >> 13;
	print_begin(p, "io-priority", NULL);
	if (class < ARRAY_LEN(classes))
		str_addf(p->out, "%s:%u", classes[class], value & 0x1fffu);
	else
		str_addf(p->out, "0x%x", value);
	print_end(p);
}

static void print_leaks(struct printer *p)
{
	const struct plan_process *process = &p->plan->process;
	if (process->oom_score_adj_set)
		print_number(p, "oom-score-adj", process->oom_score_adj);
	else
		print_text(p, "oom-score-adj", "(untouched)");
	print_scheduler(p);
	print_io_priority(p);
	print_begin(p, "personality", NULL);
	if (process->personality_set)
		str_addf(p->out, "0x%x", process->personality);
	else
		str_add(p->out, "(untouched)");
	print_end(p);

	if (process->affinity_initial)
		print_word_line(p, "affinity.initial", process->affinity_initial);
	if (process->affinity_final)
		print_word_line(p, "affinity.final", process->affinity_final);
	if (process->mempolicy.set) {
		print_begin(p, "memory-policy", NULL);
		str_addf(p->out, "mode=%d flags=0x%x nodes=", process->mempolicy.mode,
			 process->mempolicy.flags);
		print_word(p->out, process->mempolicy.nodes);
		print_end(p);
	}
}

void print_process(struct printer *p)
{
	const struct plan_process *process = &p->plan->process;
	print_user(p);
	print_privilege(p);
	print_streams(p);
	print_begin(p, "args", NULL);
	print_words(p->out, &process->args, " ");
	print_end(p);
	print_begin(p, "cwd", NULL);
	print_word(p->out, process->cwd);
	if (process->create_cwd)
		str_add(p->out, " (created)");
	print_end(p);
	print_environment(p);
	print_rlimits(p);
	print_leaks(p);
	print_word_line(p, "apparmor", process->apparmor_profile);
	print_word_line(p, "selinux", process->selinux_label);
}
