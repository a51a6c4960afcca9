/* state/lifecycle.c: the whole table, cell by cell, against the words
 * that engines look for. */
#include "config.h"

#include "state/lifecycle.h"

#include "tap.h"

/* y: allowed, r: not running, s: refused by the status, n: not found */
static const struct {
	enum lifecycle_operation operation;
	const char *name;
	/* broken creating created running paused stopped */
	const char *verdicts;
} expected[] = {
	{LIFECYCLE_STATE, "state", "nyyyyy"},	     {LIFECYCLE_START, "start", "nsysss"},
	{LIFECYCLE_KILL, "kill", "nsyyyr"},	     {LIFECYCLE_KILL_ALL, "kill --all", "nsyyyy"},
	{LIFECYCLE_DELETE, "delete", "nsyssy"},	     {LIFECYCLE_DELETE_FORCE, "delete --force", "ysyyyy"},
	{LIFECYCLE_EXEC, "exec", "nsyysr"},	     {LIFECYCLE_PAUSE, "pause", "nsyysr"},
	{LIFECYCLE_RESUME, "resume", "nsssyr"},	     {LIFECYCLE_UPDATE, "update", "nsyyyr"},
	{LIFECYCLE_EVENTS, "events", "nsyyyr"},	     {LIFECYCLE_PS, "ps", "nsyyyy"},
};

static char verdict(enum lifecycle_status status, enum lifecycle_operation operation, struct err *err)
{
	if (lifecycle_check(status, operation, err) == 0)
		return 'y';
	switch (err->kind) {
	case ERR_NOT_RUNNING:
		return 'r';
	case ERR_STATE:
		return 's';
	case ERR_NOT_FOUND:
		return 'n';
	}
	return '?';
}

static void test_table(void)
{
	is_int(sizeof(expected) / sizeof(expected[0]), LIFECYCLE_OPERATION_COUNT, "every operation is listed");
	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		char got[LIFECYCLE_STATUS_COUNT + 1] = "";
		for (unsigned s = 0; s < LIFECYCLE_STATUS_COUNT; s++) {
			struct err err = ERR_INIT;
			got[s] = verdict((enum lifecycle_status)s, expected[i].operation, &err);
			if (err.kind == ERR_NOT_RUNNING)
				ok(strstr(err.msg, "container not running"), "%s of a stopped one: engines' phrase",
				   expected[i].name);
			if (err.kind == ERR_NOT_FOUND)
				ok(strstr(err.msg, "does not exist"), "%s of a broken one: engines' phrase",
				   expected[i].name);
		}
		is_str(got, expected[i].verdicts, expected[i].name);
	}
	struct err err = ERR_INIT;
	ok(lifecycle_check(LIFECYCLE_STATUS_COUNT, LIFECYCLE_STATE, &err) == -1, "unknown status");
	err_clear(&err);
	ok(lifecycle_check(LIFECYCLE_RUNNING, LIFECYCLE_OPERATION_COUNT, &err) == -1, "unknown operation");
}

static void test_words(void)
{
	struct err err = ERR_INIT;
	(void)!lifecycle_check(LIFECYCLE_RUNNING, LIFECYCLE_START, &err);
	is_err(&err, ERR_STATE, "cannot start an already running container", "start twice");
	err_clear(&err);
	(void)!lifecycle_check(LIFECYCLE_STOPPED, LIFECYCLE_START, &err);
	is_err(&err, ERR_STATE, "cannot start a container that has stopped", "start after the end");
	err_clear(&err);
	(void)!lifecycle_check(LIFECYCLE_RUNNING, LIFECYCLE_DELETE, &err);
	is_err(&err, ERR_STATE, "not stopped: running", "delete of a running one");
}

static void test_resolve(void)
{
	for (unsigned bits = 0; bits < 32; bits++) {
		struct lifecycle_facts f = {
			.has_record = bits & 1,
			.busy = bits & 2,
			.init_alive = bits & 4,
			.gate = bits & 8,
			.frozen = bits & 16,
		};
		enum lifecycle_status want = !f.has_record ? (f.busy ? LIFECYCLE_CREATING : LIFECYCLE_BROKEN)
					     : !f.init_alive ? LIFECYCLE_STOPPED
					     : f.frozen	     ? LIFECYCLE_PAUSED
					     : f.gate	     ? LIFECYCLE_CREATED
							     : LIFECYCLE_RUNNING;
		ok(lifecycle_resolve(&f) == want, "facts %u are %s", bits, lifecycle_status_name(want));
	}
}

static void test_names(void)
{
	is_str(lifecycle_status_name(LIFECYCLE_CREATING), "creating", "creating");
	is_str(lifecycle_status_name(LIFECYCLE_CREATED), "created", "created");
	is_str(lifecycle_status_name(LIFECYCLE_RUNNING), "running", "running");
	is_str(lifecycle_status_name(LIFECYCLE_PAUSED), "paused", "paused");
	is_str(lifecycle_status_name(LIFECYCLE_STOPPED), "stopped", "stopped");
	is_str(lifecycle_status_name(LIFECYCLE_BROKEN), "stopped", "broken");
}

int main(void)
{
	test_table();
	test_words();
	test_resolve();
	test_names();
	return tap_done();
}
