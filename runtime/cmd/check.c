/* kanuki check: what holds and what doesn't, of a bundle, a running container, a root file
 * system, the host or a policy; as a table, JSON or a page.  Reads only. */
#include "config.h"

#include "cmd/container.h"
#include "cmd/decide.h"
#include "cmd/policy_file.h"
#include "cmd/report.h"

#include "base/auto.h"
#include "base/num.h"
#include "base/path.h"
#include "check/check.h"
#include "check/probe.h"
#include "sys/sys.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/banned.h"

/* 1 is an error: neither may be taken for the other. */
#define STATUS_VIOLATED 2

struct check_args {
	bool json, html;
	const char *pid;
};

static const struct cmd_option options[] = {
	{"json", 0, OPTION_FLAG, offsetof(struct check_args, json), NULL,
	 "print the report as JSON"},
	{"html", 0, OPTION_FLAG, offsetof(struct check_args, html), NULL,
	 "print the report as one page that needs nothing else"},
	{"pid", 0, OPTION_STRING, offsetof(struct check_args, pid), "PID",
	 "of container: any runtime's, by one of its processes"},
};

struct check_job {
	const struct cmd_context *ctx;
	const struct check_args *args;
	const char *name; /* the second argument, or NULL */
	struct host host;
	struct check_report report;
};

static int print_report(const struct check_job *job, struct err *err)
{
	autostr out = STR_INIT;

	if (job->args->html)
		check_print_html(&job->report, &out);
	else if (!job->args->json)
		check_print_table(&job->report, &out);
	else if (check_print_json(&job->report, &out, err) < 0)
		return -1;
	if (str_failed(&out))
		return err_oom(err);
	(void)fputs(str_text(&out), stdout); /* checked at the flush */
	return 0;
}

static struct check_probe probe_of(struct check_job *job)
{
	return (struct check_probe){.arena = job->ctx->arena, .notes = &job->report.notes};
}

/* --- bundle --- */

/* What this kernel doesn't have needs no mask. */
static int take_host(const struct host *host, struct arena *arena, struct check_confinement *c,
		     struct err *err)
{
	c->caps_all = host->last_cap >= 63 ? UINT64_MAX : (UINT64_C(1) << (host->last_cap + 1)) - 1;
	c->apparmor_on = host->apparmor ? SEEN_YES : SEEN_NO;
	c->selinux_on = host->selinux ? SEEN_YES : SEEN_NO;
	for (size_t i = 0; i < c->masked.n; i++)
		if (c->masked.items[i].state == MASK_OPEN &&
		    sys_faccessat2(AT_FDCWD, c->masked.items[i].path, F_OK, AT_SYMLINK_NOFOLLOW) <
			    0)
			c->masked.items[i].state = MASK_ABSENT;
	for (size_t i = 0; i < check_setting_paths_n; i++) {
		const char **slot;

		if (sys_faccessat2(AT_FDCWD, check_setting_paths[i], F_OK, AT_SYMLINK_NOFOLLOW) ==
		    0)
			continue;
		slot = ARENA_PUSH(arena, &c->absent);
		if (!slot)
			return err_oom(err);
		*slot = check_setting_paths[i];
	}
	return 0;
}

/* Whose namespace a path leads to is the host's answer, and only for now: kanuki asks again when it
 * opens it (H-11). */
static void take_joins(const struct plan *plan, struct check_confinement *c)
{
	for (enum plan_ns_kind ns = 0; ns < NS_COUNT; ns++) {
		struct stat theirs, ours;
		char name[32];

		if (c->ns[ns] != CHECK_NS_JOINED || !plan->ns[ns].path)
			continue;
		(void)snprintf(name, sizeof(name), "/proc/self/ns/%s", plan_ns_name(ns)); /* names of at most 6 */
		if (sys_fstatat(AT_FDCWD, plan->ns[ns].path, &theirs, 0) == 0 &&
		    sys_fstatat(AT_FDCWD, name, &ours, 0) == 0)
			c->ns[ns] = theirs.st_ino == ours.st_ino && theirs.st_dev == ours.st_dev
					    ? CHECK_NS_HOST
					    : CHECK_NS_OWN;
	}
}

/* A link to the host's /etc is the host's /etc; one that leads nowhere is what its name says. */
static int take_links(struct arena *arena, struct check_confinement *c, struct err *err)
{
	for (size_t i = 0; i < c->mounts.n; i++) {
		struct check_mount *m = &c->mounts.items[i];
		autofree char *real = m->source ? realpath(m->source, NULL) : NULL;

		if (!real)
			continue;
		m->source = arena_strdup(arena, real);
		if (!m->source)
			return err_oom(err);
	}
	return 0;
}

/* The plan for the bundle under `policy`; facts live as long as it does. */
static int plan_facts(struct check_job *job, const char *policy, struct plan *plan,
		      struct check_confinement *ret, struct err *err)
{
	struct cmd_globals globals = *job->ctx->globals;
	struct cmd_context ctx = *job->ctx;
	struct policy_request request = {.id = "example", .bundle = job->report.name};
	const struct check_probe probe = probe_of(job);
	autodecision decision = DECISION_INIT;

	if (policy)
		globals.policy = policy;
	ctx.globals = &globals;
	if (decide_cgroup_manager(&ctx, &request.cgroup_manager, err) < 0 ||
	    decide_plan(&ctx, false, &request, &job->host, &decision, plan, err) < 0 ||
	    check_plan_facts(plan, ctx.arena, ret, err) < 0)
		return -1;
	if (decision.watched &&
	    check_note(&probe, err,
		       "mode audit: the policy watches, and what it would change is not changed") <
		    0)
		return -1;
	take_joins(plan, ret);
	if (take_links(ctx.arena, ret, err) < 0)
		return -1;
	return take_host(&job->host, ctx.arena, ret, err);
}

static int check_bundle(struct check_job *job, struct err *err)
{
	autoplan asked_plan = PLAN_INIT;
	autoplan given_plan = PLAN_INIT;
	struct check_confinement asked, given;
	const struct check_facts facts = {.confinement = &asked}, planned = {.confinement = &given};
	autoconf conf = POLICY_CONF_INIT;
	struct err refusal = ERR_INIT;

	job->report.subject = CHECK_BUNDLE;
	if (decide_bundle_path(job->ctx, job->name, &job->report.name, err) < 0 ||
	    policy_file_load(job->ctx->globals->policy, &conf, err) < 0 ||
	    plan_facts(job, "builtin:oci", &asked_plan, &asked, err) < 0)
		return -1;
	job->report.policy = arena_strdup(job->ctx->arena, conf.name);
	if (!job->report.policy)
		return err_oom(err);
	if (plan_facts(job, NULL, &given_plan, &given, &refusal) == 0)
		return check_judge_all(&job->report, &facts, &planned, err);
	/* only a decision is a finding */
	if (refusal.kind != ERR_POLICY && refusal.kind != ERR_HOST) {
		*err = refusal;
		return -1;
	}
	job->report.refusal = arena_printf(job->ctx->arena, "%s%s%s", refusal.rule,
					   *refusal.rule ? ": " : "", refusal.msg);
	if (!job->report.refusal)
		return err_oom(err);
	return check_judge_all(&job->report, &facts, NULL, err);
}

/* --- container --- */

static int find_pid(struct check_job *job, struct container *container, pid_t *ret, struct err *err)
{
	uint64_t pid;

	if (!job->name == !job->args->pid)
		return err_set(
			err, ERR_USAGE,
			"check: use it as 'check container ID' or 'check --pid PID container'");
	if (job->args->pid) {
		if (!num_parse_u64(job->args->pid, INT32_MAX, &pid) || !pid)
			return err_set(err, ERR_USAGE, "--pid: '%s' is not a process id",
				       job->args->pid);
		*ret = (pid_t)pid;
		return 0;
	}
	if (container_open(job->ctx, job->name, false, container, err) < 0)
		return -1;
	if (!container->has_record || container->init_pidfd < 0)
		return err_set(err, ERR_NOT_RUNNING, "container '%s' is not running", job->name);
	*ret = (pid_t)container->record.pid;
	return 0;
}

static int check_container(struct check_job *job, struct err *err)
{
	autocontainer container = CONTAINER_INIT;
	const char *name;
	pid_t pid = 0; /* gcc 14 takes it for unset after a failure */

	if (find_pid(job, &container, &pid, err) < 0)
		return -1;
	name = job->name ? job->name : arena_printf(job->ctx->arena, "pid %d", pid);
	if (!name)
		return err_oom(err);
	return report_container(&job->report, &job->host, name, pid, container.init_pidfd, err);
}

/* --- rootfs, host, policy --- */

static int check_rootfs(struct check_job *job, struct err *err)
{
	const struct check_probe probe = probe_of(job);
	struct check_rootfs r;
	const struct check_facts facts = {.rootfs = &r};

	if (!job->name)
		return err_set(err, ERR_USAGE, "check: use it as 'check rootfs DIR'");
	job->report.subject = CHECK_ROOTFS;
	job->report.name = job->name;
	if (check_probe_rootfs(&probe, job->name, &r, err) < 0)
		return -1;
	return check_judge_all(&job->report, &facts, NULL, err);
}

static int check_host(struct check_job *job, struct err *err)
{
	if (job->name)
		return err_set(err, ERR_USAGE, "check: there is one host: 'check host'");
	return report_host(&job->report, &job->host, err);
}

static int check_policy(struct check_job *job, struct err *err)
{
	autoconf conf = POLICY_CONF_INIT;

	if (policy_file_load(job->name ? job->name : job->ctx->globals->policy, &conf, err) < 0)
		return -1;
	return report_policy(&job->report, &conf, err);
}

/* --- the command --- */

static int run(const struct cmd_context *ctx, void *data, struct err *err)
{
	static const struct {
		const char *name;
		int (*check)(struct check_job *job, struct err *err);
	} subjects[] = {
		{"bundle", check_bundle}, {"container", check_container}, {"rootfs", check_rootfs},
		{"host", check_host},     {"policy", check_policy},
	};
	struct check_job job = {
		.ctx = ctx, .args = data, .name = ctx->n_args > 1 ? ctx->args[1] : NULL};

	if (job.args->json && job.args->html)
		return err_set(err, ERR_USAGE, "check: --json and --html exclude each other");
	if (job.args->pid && strcmp(ctx->args[0], "container") != 0)
		return err_set(err, ERR_USAGE, "--pid: is for 'check container' only");
	for (size_t i = 0; i < ARRAY_LEN(subjects); i++) {
		if (strcmp(ctx->args[0], subjects[i].name) != 0)
			continue;
		if (report_begin(&job.report, ctx->arena, err) < 0 ||
		    host_probe(&job.host, err) < 0 || subjects[i].check(&job, err) < 0 ||
		    print_report(&job, err) < 0)
			return -1;
		return job.report.counts[VERDICT_VIOLATED] || job.report.counts[VERDICT_UNKNOWN]
			       ? STATUS_VIOLATED
			       : 0;
	}
	return err_set(err, ERR_USAGE,
		       "check: '%s' is none of bundle, container, rootfs, host, policy",
		       ctx->args[0]);
}

const struct cmd cmd_check = {
	.name = "check",
	.synopsis = "[OPTIONS] SUBJECT [NAME]",
	.summary = "say what holds and what doesn't, and how to mend it",
	.options = options,
	.n_options = ARRAY_LEN(options),
	.args_size = sizeof(struct check_args),
	.min_args = 1,
	.max_args = 2,
	.failure_status = 1,
	.run = run,
};
