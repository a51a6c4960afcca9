/* Owns the table of what may be done when.  Must not look at the system: the
 * facts are given. */
#include "config.h"

#include "state/lifecycle.h"

#include <stddef.h>

#include "base/banned.h"

enum verdict { REFUSED = 0, ALLOWED };

struct cell {
	enum verdict verdict;
	enum err_kind kind;
	const char *reason;
};

#define YES	    {ALLOWED, ERR_NONE, NULL}
#define NO(reason)  {REFUSED, ERR_STATE, reason}
#define DEAD	    {REFUSED, ERR_NOT_RUNNING, "container not running"}
#define GONE                                                                                       \
	{                                                                                          \
		REFUSED, ERR_NOT_FOUND,                                                            \
			"container does not exist (an unfinished create was killed: delete "       \
			"--force removes what is left)"                                            \
	}
#define IN_CREATION {REFUSED, ERR_STATE, "container is still being created"}

/* clang-format off */
static const struct cell table[LIFECYCLE_OPERATION_COUNT][LIFECYCLE_STATUS_COUNT] = {
	[LIFECYCLE_STATE] = {
		[LIFECYCLE_BROKEN] = GONE,
		[LIFECYCLE_CREATING] = YES,
		[LIFECYCLE_CREATED] = YES,
		[LIFECYCLE_RUNNING] = YES,
		[LIFECYCLE_PAUSED] = YES,
		[LIFECYCLE_STOPPED] = YES,
	},
	[LIFECYCLE_START] = {
		[LIFECYCLE_BROKEN] = GONE,
		[LIFECYCLE_CREATING] = IN_CREATION,
		[LIFECYCLE_CREATED] = YES,
		[LIFECYCLE_RUNNING] = NO("cannot start an already running container"),
		[LIFECYCLE_PAUSED] = NO("cannot start an already running container (it is paused)"),
		[LIFECYCLE_STOPPED] = NO("cannot start a container that has stopped"),
	},
	[LIFECYCLE_KILL] = {
		[LIFECYCLE_BROKEN] = GONE,
		[LIFECYCLE_CREATING] = IN_CREATION,
		[LIFECYCLE_CREATED] = YES,
		[LIFECYCLE_RUNNING] = YES,
		[LIFECYCLE_PAUSED] = YES,
		[LIFECYCLE_STOPPED] = DEAD,
	},
	/* --all is for what may be left in the cgroup, so a dead init is no error. */
	[LIFECYCLE_KILL_ALL] = {
		[LIFECYCLE_BROKEN] = GONE,
		[LIFECYCLE_CREATING] = IN_CREATION,
		[LIFECYCLE_CREATED] = YES,
		[LIFECYCLE_RUNNING] = YES,
		[LIFECYCLE_PAUSED] = YES,
		[LIFECYCLE_STOPPED] = YES,
	},
	[LIFECYCLE_DELETE] = {
		[LIFECYCLE_BROKEN] = GONE,
		[LIFECYCLE_CREATING] = IN_CREATION,
		[LIFECYCLE_CREATED] = YES,
		[LIFECYCLE_RUNNING] = NO("cannot delete a container that is not stopped: running"),
		[LIFECYCLE_PAUSED] = NO("cannot delete a container that is not stopped: paused"),
		[LIFECYCLE_STOPPED] = YES,
	},
	[LIFECYCLE_DELETE_FORCE] = {
		[LIFECYCLE_BROKEN] = YES,
		[LIFECYCLE_CREATING] = IN_CREATION,
		[LIFECYCLE_CREATED] = YES,
		[LIFECYCLE_RUNNING] = YES,
		[LIFECYCLE_PAUSED] = YES,
		[LIFECYCLE_STOPPED] = YES,
	},
	[LIFECYCLE_EXEC] = {
		[LIFECYCLE_BROKEN] = GONE,
		[LIFECYCLE_CREATING] = IN_CREATION,
		[LIFECYCLE_CREATED] = YES,
		[LIFECYCLE_RUNNING] = YES,
		[LIFECYCLE_PAUSED] = NO("cannot exec in a paused container (--ignore-paused overrides)"),
		[LIFECYCLE_STOPPED] = {REFUSED, ERR_NOT_RUNNING,
				       "cannot exec in a stopped container: container not running"},
	},
	[LIFECYCLE_PAUSE] = {
		[LIFECYCLE_BROKEN] = GONE,
		[LIFECYCLE_CREATING] = IN_CREATION,
		[LIFECYCLE_CREATED] = YES,
		[LIFECYCLE_RUNNING] = YES,
		[LIFECYCLE_PAUSED] = NO("cannot pause a container that is paused already"), /* as runc, youki */
		[LIFECYCLE_STOPPED] = DEAD,
	},
	[LIFECYCLE_RESUME] = {
		[LIFECYCLE_BROKEN] = GONE,
		[LIFECYCLE_CREATING] = IN_CREATION,
		[LIFECYCLE_CREATED] = NO("container not paused"),
		[LIFECYCLE_RUNNING] = NO("container not paused"),
		[LIFECYCLE_PAUSED] = YES,
		[LIFECYCLE_STOPPED] = DEAD,
	},
	[LIFECYCLE_UPDATE] = {
		[LIFECYCLE_BROKEN] = GONE,
		[LIFECYCLE_CREATING] = IN_CREATION,
		[LIFECYCLE_CREATED] = YES,
		[LIFECYCLE_RUNNING] = YES,
		[LIFECYCLE_PAUSED] = YES,
		[LIFECYCLE_STOPPED] = DEAD,
	},
	[LIFECYCLE_EVENTS] = {
		[LIFECYCLE_BROKEN] = GONE,
		[LIFECYCLE_CREATING] = IN_CREATION,
		[LIFECYCLE_CREATED] = YES,
		[LIFECYCLE_RUNNING] = YES,
		[LIFECYCLE_PAUSED] = YES,
		[LIFECYCLE_STOPPED] = DEAD,
	},
	[LIFECYCLE_PS] = {
		[LIFECYCLE_BROKEN] = GONE,
		[LIFECYCLE_CREATING] = IN_CREATION,
		[LIFECYCLE_CREATED] = YES,
		[LIFECYCLE_RUNNING] = YES,
		[LIFECYCLE_PAUSED] = YES,
		[LIFECYCLE_STOPPED] = YES,
	},
};
/* clang-format on */

enum lifecycle_status lifecycle_resolve(const struct lifecycle_facts *facts)
{
	if (!facts->has_record)
		return facts->busy ? LIFECYCLE_CREATING : LIFECYCLE_BROKEN;
	if (!facts->init_alive)
		return LIFECYCLE_STOPPED;
	if (facts->frozen)
		return LIFECYCLE_PAUSED;
	return facts->gate ? LIFECYCLE_CREATED : LIFECYCLE_RUNNING;
}

const char *lifecycle_status_name(enum lifecycle_status status)
{
	switch (status) {
	case LIFECYCLE_CREATING:
		return "creating";
	case LIFECYCLE_CREATED:
		return "created";
	case LIFECYCLE_RUNNING:
		return "running";
	case LIFECYCLE_PAUSED:
		return "paused";
	case LIFECYCLE_BROKEN:
	case LIFECYCLE_STOPPED:
	case LIFECYCLE_STATUS_COUNT:
		break;
	}
	return "stopped";
}

int lifecycle_check(enum lifecycle_status status, enum lifecycle_operation operation,
		    struct err *err)
{
	if ((unsigned)status >= LIFECYCLE_STATUS_COUNT ||
	    (unsigned)operation >= LIFECYCLE_OPERATION_COUNT)
		return err_set(err, ERR_STATE, "unknown status or operation");
	const struct cell *cell = &table[operation][status];
	if (cell->verdict == REFUSED)
		return err_set(err, cell->kind, "%s", cell->reason);
	return 0;
}
