/* The table status × operation. */
#include "config.h"

#include "state/lifecycle.h"

#include "base/list.h"

#include "base/banned.h"

enum verdict { REFUSED = 0, ALLOWED, DONE, NOT_RUNNING };

static const char *const status_names[] = {"creating", "created", "running", "paused", "stopped"};
static const char *const operation_names[] = {"start", "kill",	 "delete", "exec into",
					      "pause", "resume", "update", "watch"};

/* clang-format off */
static const enum verdict table[LIFECYCLE_OPERATIONS][LIFECYCLE_STATUSES] = {
	/*                     creating  created      running  paused       stopped */
	[LIFECYCLE_START]  = { REFUSED,  ALLOWED,     REFUSED, REFUSED,     REFUSED     },
	[LIFECYCLE_KILL]   = { REFUSED,  ALLOWED,     ALLOWED, ALLOWED,     NOT_RUNNING },
	[LIFECYCLE_DELETE] = { REFUSED,  ALLOWED,     REFUSED, REFUSED,     ALLOWED     },
	[LIFECYCLE_EXEC]   = { REFUSED,  ALLOWED,     ALLOWED, REFUSED,     NOT_RUNNING },
	[LIFECYCLE_PAUSE]  = { REFUSED,  ALLOWED,     ALLOWED, DONE,        NOT_RUNNING },
	[LIFECYCLE_RESUME] = { REFUSED,  REFUSED,     REFUSED, ALLOWED,     NOT_RUNNING },
	[LIFECYCLE_UPDATE] = { REFUSED,  ALLOWED,     ALLOWED, ALLOWED,     NOT_RUNNING },
	[LIFECYCLE_EVENTS] = { REFUSED,  ALLOWED,     ALLOWED, ALLOWED,     NOT_RUNNING },
};
/* clang-format on */

const char *lifecycle_status_name(enum lifecycle_status status)
{
	_Static_assert(ARRAY_LEN(status_names) == LIFECYCLE_STATUSES, "one name per status");
	return (unsigned)status < ARRAY_LEN(status_names) ? status_names[status] : "unknown";
}

int lifecycle_check(enum lifecycle_status status, enum lifecycle_operation operation, bool *ret_done, struct err *err)
{
	_Static_assert(ARRAY_LEN(operation_names) == LIFECYCLE_OPERATIONS, "one name per operation");
	enum verdict verdict = REFUSED;

	if ((unsigned)status < LIFECYCLE_STATUSES && (unsigned)operation < LIFECYCLE_OPERATIONS)
		verdict = table[operation][status];
	*ret_done = verdict == DONE;
	switch (verdict) {
	case ALLOWED:
	case DONE:
		return 0;
	case NOT_RUNNING:
		return err_set(err, ERR_NOT_RUNNING, "container not running");
	case REFUSED:
		break;
	}
	return err_set(err, ERR_STATE, "can't %s a container that is %s", operation_names[operation],
		       lifecycle_status_name(status));
}
