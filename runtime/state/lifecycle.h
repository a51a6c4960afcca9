/* Which operation is allowed in which status: one table, pure (runtime.md
 * "Lifecycle"; texts as engines match them, engines.md 1.8, 1.9). */
#ifndef KANUKI_STATE_LIFECYCLE_H
#define KANUKI_STATE_LIFECYCLE_H

#include "base/err.h"

#include <stdbool.h>

enum lifecycle_status { LIFECYCLE_CREATING, LIFECYCLE_CREATED, LIFECYCLE_RUNNING, LIFECYCLE_PAUSED, LIFECYCLE_STOPPED, LIFECYCLE_STATUSES };
enum lifecycle_operation {
	LIFECYCLE_START, LIFECYCLE_KILL, LIFECYCLE_DELETE, LIFECYCLE_EXEC, LIFECYCLE_PAUSE, LIFECYCLE_RESUME,
	LIFECYCLE_UPDATE, LIFECYCLE_EVENTS, LIFECYCLE_OPERATIONS
};

/* "creating", "created", "running", "paused", "stopped" */
const char *lifecycle_status_name(enum lifecycle_status status);

/* 0: allowed; *ret_done: it is so already, nothing to do.  -1: ERR_STATE, or
 * ERR_NOT_RUNNING "container not running". */
int lifecycle_check(enum lifecycle_status status, enum lifecycle_operation operation, bool *ret_done, struct err *err)
	__attribute__((warn_unused_result));

#endif
