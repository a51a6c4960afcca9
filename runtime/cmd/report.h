/* Check reports of what kanuki finds by itself: the host, a policy, a running container.
 * For kanuki check, which adds what it is told, and kanuki evidence. */
#ifndef KANUKI_CMD_REPORT_H
#define KANUKI_CMD_REPORT_H

#include "check/check.h"
#include "host/host.h"
#include "policy/conf.h"

#include <sys/types.h>

/* Time and machine; all that the report has lives in `arena`. */
int report_begin(struct check_report *report, struct arena *arena, struct err *err)
	__attribute__((warn_unused_result));

/* The rest, after report_begin. */
int report_host(struct check_report *report, const struct host *host, struct err *err)
	__attribute__((warn_unused_result));
int report_policy(struct check_report *report, const struct policy_conf *conf, struct err *err)
	__attribute__((warn_unused_result));
/* `pidfd` is that of `pid`, or -1 when nobody knows whose it was: ERR_NOT_RUNNING
 * when the process ended meanwhile. */
int report_container(struct check_report *report, const struct host *host, const char *name,
		     pid_t pid, int pidfd, struct err *err) __attribute__((warn_unused_result));

#endif
