/* Status x operation -> allowed, or refused with the words that engines look for
 * in our messages.  Pure. */
#ifndef KANUKI_STATE_LIFECYCLE_H
#define KANUKI_STATE_LIFECYCLE_H

#include "base/err.h"

#include <stdbool.h>

enum lifecycle_status {
	LIFECYCLE_BROKEN = 0, /* left by a create that died */
	LIFECYCLE_CREATING,
	LIFECYCLE_CREATED,
	LIFECYCLE_RUNNING,
	LIFECYCLE_PAUSED,
	LIFECYCLE_STOPPED,
	LIFECYCLE_STATUS_COUNT
};

enum lifecycle_operation {
	LIFECYCLE_STATE = 0,
	LIFECYCLE_START,
	LIFECYCLE_KILL,
	LIFECYCLE_KILL_ALL,
	LIFECYCLE_DELETE,
	LIFECYCLE_DELETE_FORCE,
	LIFECYCLE_EXEC,
	LIFECYCLE_PAUSE,
	LIFECYCLE_RESUME,
	LIFECYCLE_UPDATE,
	LIFECYCLE_EVENTS,
	LIFECYCLE_PS,
	LIFECYCLE_OPERATION_COUNT
};

/* What a command has found out; the status follows from it. */
struct lifecycle_facts {
	bool has_record; /* and its status is not RECORD_CREATING */
	bool busy;	 /* without a record: state_dir_is_busy() */
	bool init_alive; /* record_open_init() */
	bool gate;	 /* the gate's file is there */
	bool frozen;	 /* cgroup.freeze */
};

enum lifecycle_status lifecycle_resolve(const struct lifecycle_facts *facts);

/* "creating", "created", "running", "paused", "stopped"; LIFECYCLE_BROKEN counts as
 * the last.  Never NULL. */
const char *lifecycle_status_name(enum lifecycle_status status);

/* 0: go on.  Else -1 with
 * ERR_NOT_FOUND, ERR_NOT_RUNNING or ERR_STATE. */
int lifecycle_check(enum lifecycle_status status, enum lifecycle_operation operation,
		    struct err *err) __attribute__((warn_unused_result));

#endif
