/* The record: what later commands need to know of a container, fixed when create
 * succeeded and replaced whole when it changes.
 *
 * config.json is never read again.  What exec, start and delete obey (process,
 * hooks, devices) is the recorded plan beside it, RECORD_PLAN_NAME.
 */
#ifndef KANUKI_STATE_RECORD_H
#define KANUKI_STATE_RECORD_H

#include "base/arena.h"
#include "base/err.h"
#include "base/list.h"
#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

#define RECORD_VERSION	 1
#define RECORD_PLAN_NAME "plan.json"
#define RECORD_TEXT_NAME "plan.txt" /* all of it, for people; with a trail: what planHash names */
#define RECORD_WOULD_NAME "would.json" /* mode audit: the plan that enforce would have made, for exec to tell by */
#define RECORD_QUESTION_NAME "question.json" /* what the scan gate was asked, for start to ask again */
#define RECORD_MAX_BYTES (4u << 20)

/* As last written; the status that users see is lifecycle_resolve()'s. */
enum record_status { RECORD_CREATING = 0, RECORD_CREATED, RECORD_RUNNING };

struct record_pair {
	const char *key, *value;
};

struct record {
	const char *id;
	int64_t pid;		 /* of init, in the runtime's pid namespace; 0 only while RECORD_CREATING */
	uint64_t pid_start_time; /* clock ticks since boot: tells init from a later process with its pid (T-LC-2) */
	enum record_status status;
	const char *oci_version;
	const char *bundle, *rootfs;
	const char *created;	/* RFC 3339 with nanoseconds, UTC */
	const char *owner;	/* name of the user who ran create, "#UID" when it has none */
	uint32_t owner_uid;
	const char *policy;	/* "builtin:hardened" */
	int cgroup_manager;	/* enum plan_cgroup_manager */
	const char *cgroup_root; /* where the hierarchy is mounted */
	const char *cgroup_path; /* beneath it; NULL: none of its own */
	unsigned cgroup_made;	/* how many trailing components create made, to be removed */
	bool own_pid_namespace; /* else init's death takes nobody along */
	/* What later commands tell the audit trail; NULL: nothing known, no trail. */
	const char *image, *policy_hash, *plan_hash, *trail;
	bool trail_required, trail_syslog;
	const char *would_refuse; /* mode audit: the rule by which enforce would have refused, "" of none; NULL: it wouldn't */
	/* The scan gate that let it in, NULL: none was asked, or enforce would have refused (mode
	 * audit); and what the gate knew of it.  scan_record and the digest `image` may be NULL all
	 * the same: a pause program has none. */
	const char *gate_program, *image_class, *scan_record;
	uint64_t gate_generation; /* of the gate's store; 0 is not written */
	const char *intel_rdt_clos_id; /* resctrl group to remove; NULL: none */
	LIST_OF(struct record_pair) annotations;
};

/* Sets created, owner and owner_uid; memory from `arena`. */
int record_fill_created(struct record *record, struct arena *arena, struct err *err)
	__attribute__((warn_unused_result));

/* Atomically replaces the record in the state directory.  Every string but those
 * that may be NULL is required and must be UTF-8 (JSON holds nothing else): a
 * bundle path that isn't is refused, not altered. */
int record_write(int state_dirfd, const struct record *record, struct err *err)
	__attribute__((warn_unused_result));
/* ERR_NOT_FOUND when there is none.  Never blocks, follows no link. */
int record_read(int state_dirfd, struct arena *arena, struct record *ret, struct err *err)
	__attribute__((warn_unused_result));

/* The text of the file; pure.  Strict: unknown version, unknown, missing or
 * repeated key, wrong type or value are ERR_STATE. */
int record_print(const struct record *record, struct str *out, struct err *err)
	__attribute__((warn_unused_result));
int record_parse(const char *text, size_t len, struct arena *arena, struct record *ret,
		 struct err *err) __attribute__((warn_unused_result));

/* Field 22 of /proc/PID/stat; ERR_NOT_FOUND when there is no such process. */
int record_pid_start_time(int64_t pid, uint64_t *ret, struct err *err)
	__attribute__((warn_unused_result));
/* A pidfd of the recorded init; *ret is -1 when that process is dead (a zombie
 * too) or its pid is another's by now.  Caller owns the descriptor. */
int record_open_init(const struct record *record, int *ret_pidfd, struct err *err)
	__attribute__((warn_unused_result));

#endif
