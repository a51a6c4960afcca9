/* Reads a subject and has it judged; what becomes of the report is the command's. */
#include "config.h"

#include "cmd/report.h"

#include "base/auto.h"
#include "base/rfc3339.h"
#include "check/probe.h"
#include "cmd/scan_gate.h"
#include "sys/sys.h"

#include <time.h>

#include "base/banned.h"

int report_begin(struct check_report *report, struct arena *arena, struct err *err)
{
	struct utsname uts;
	char text[RFC3339_SIZE];

	report->arena = arena;
	if (sys_uname(&uts) < 0)
		return err_sys(err, "ask for the machine's name");
	rfc3339_format(time(NULL), text);
	report->machine = arena_strdup(arena, uts.nodename);
	report->time = arena_strdup(arena, text);
	return report->machine && report->time ? 0 : err_oom(err);
}

int report_host(struct check_report *report, const struct host *host, struct err *err)
{
	const struct check_probe probe = {.arena = report->arena, .notes = &report->notes};
	struct check_host h;
	const struct check_facts facts = {.host = &h};

	report->subject = CHECK_HOST;
	report->name = report->machine;
	if (check_probe_host(&probe, host, &h, err) < 0)
		return -1;
	return check_judge_all(report, &facts, NULL, err);
}

static int take_gate(struct check_report *report, const struct policy_conf *conf,
		     struct check_policy *p, struct err *err)
{
	struct err why = ERR_INIT;
	const char *program, *evidence;
	autofd int fd = -1;

	p->gate = SEEN_NO;
	if (conf->gate == GATE_OFF) {
		p->gate_evidence = "the policy asks none (gate.mode)";
		return 0;
	}
	if (!scan_gate_is_set_up(conf)) {
		p->gate_evidence = "not set up";
		return 0;
	}
	fd = scan_gate_open(conf, &program, &why);
	p->gate = fd < 0 ? SEEN_NO : SEEN_YES;
	evidence = fd < 0 ? why.msg : program;
	p->gate_evidence = arena_strdup(report->arena, evidence);
	return p->gate_evidence ? 0 : err_oom(err);
}

int report_policy(struct check_report *report, const struct policy_conf *conf, struct err *err)
{
	struct check_policy p;
	const struct check_facts facts = {.policy = &p};

	report->subject = CHECK_POLICY;
	if (check_policy_facts(conf, time(NULL), report->arena, &p, err) < 0 ||
	    take_gate(report, conf, &p, err) < 0)
		return -1;
	report->name = arena_strdup(report->arena, conf->name);
	if (!report->name)
		return err_oom(err);
	return check_judge_all(report, &facts, NULL, err);
}

int report_container(struct check_report *report, const struct host *host, const char *name,
		     pid_t pid, int pidfd, struct err *err)
{
	const struct check_probe probe = {.arena = report->arena, .notes = &report->notes};
	struct check_confinement c;
	const struct check_facts facts = {.confinement = &c};

	report->subject = CHECK_CONTAINER;
	report->name = name;
	if (check_probe_container(&probe, pid, host, &c, err) < 0)
		return -1;
	/* still there: so it was this container, and not a later process with its pid */
	if (pidfd >= 0 && sys_pidfd_send_signal(pidfd, 0, 0) < 0)
		return err_set(err, ERR_NOT_RUNNING, "container '%s' ended while it was looked at",
			       name);
	return check_judge_all(report, &facts, NULL, err);
}
