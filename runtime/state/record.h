/* The record: what later commands know of a container, written once by create and
 * replaced atomically.  Small on purpose: `list` reads one per container.  What
 * exec needs is beside it (plan.json, filter-N.bpf). */
#ifndef KANUKI_STATE_RECORD_H
#define KANUKI_STATE_RECORD_H

#include "base/arena.h"
#include "base/err.h"
#include "base/list.h"
#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define RECORD_NAME "record.json"
#define RECORD_PLAN_NAME "plan.json"
#define RECORD_MAX_BYTES (4u << 20)

enum record_status { RECORD_CREATED = 0, RECORD_RUNNING };

struct record_pair { const char *key, *value; };

struct record {
	const char *id, *oci_version, *bundle, *rootfs, *policy;
	const char *created; /* RFC 3339 with nanoseconds, UTC */
	const char *owner;   /* user name, or the uid in digits */
	uint32_t owner_uid;
	int64_t pid;
	uint64_t pid_start_time; /* field 22 of /proc/PID/stat: pid and this name one process (T-LC-2) */
	enum record_status status;
	bool own_pid_namespace;
	int cgroup_manager;	 /* enum plan_cgroup_manager; state/ doesn't interpret it */
	const char *cgroup_root, *cgroup_path; /* path NULL: none */
	uint32_t cgroup_made;	 /* trailing components of cgroup_path that create made */
	const char *rdt_group;	 /* resctrl group made by create, or NULL */
	LIST_OF(struct record_pair) annotations;
};

/* Pure; strict: unknown version or key, missing key, wrong type are refused. */
int record_print(const struct record *record, struct str *out, struct err *err) __attribute__((warn_unused_result));
int record_parse(const char *text, size_t len, struct arena *arena, struct record *ret, struct err *err)
	__attribute__((warn_unused_result));

int record_write(int state_dirfd, const struct record *record, struct err *err) __attribute__((warn_unused_result));
/* ERR_NOT_FOUND when there is none (a create that is unfinished or was killed). */
int record_read(int state_dirfd, struct arena *arena, struct record *ret, struct err *err)
	__attribute__((warn_unused_result));

/* ERR_NOT_FOUND when there is no such process; a zombie counts as gone. */
int record_pid_start_time(pid_t pid, uint64_t *ret, struct err *err) __attribute__((warn_unused_result));
/* Sets created, owner and owner_uid: now, and the caller. */
int record_fill_created(struct record *record, struct arena *arena, struct err *err) __attribute__((warn_unused_result));

#endif
