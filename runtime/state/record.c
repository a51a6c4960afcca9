/* Owns the record file and its format, and the question whether the recorded
 * init still lives.  Must not decide what a status allows (lifecycle.c). */
#include "config.h"

#include "state/record.h"

#include "base/auto.h"
#include "base/json.h"
#include "base/json_out.h"
#include "base/path.h"
#include "base/rfc3339.h"
#include "base/table.h"
#include "state/dir.h"
#include "sys/file.h"
#include "sys/sys.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/banned.h"

static const struct table_entry statuses[] = {
	{"creating", RECORD_CREATING},
	{"created", RECORD_CREATED},
	{"running", RECORD_RUNNING},
};

/* One row per key: the same table prints and parses. */
enum field_type {
	FIELD_STRING,
	FIELD_OPTIONAL, /* NULL is left out */
	FIELD_FLAG,	/* false is left out */
	FIELD_COUNT,	/* 0 is left out */
	FIELD_I64,
	FIELD_U64,
	FIELD_U32,
	FIELD_INT,
	FIELD_BOOL,
	FIELD_STATUS
};

struct field {
	const char *key;
	enum field_type type;
	size_t offset;
	uint64_t max; /* of numbers; the least is 0 */
};

#define FIELD(key, type, member, max) {key, type, offsetof(struct record, member), max}

static const struct field fields[] = {
	FIELD("id", FIELD_STRING, id, 0),
	FIELD("pid", FIELD_I64, pid, INT32_MAX),
	FIELD("pidStartTime", FIELD_U64, pid_start_time, UINT64_MAX),
	FIELD("status", FIELD_STATUS, status, 0),
	FIELD("ociVersion", FIELD_STRING, oci_version, 0),
	FIELD("bundle", FIELD_STRING, bundle, 0),
	FIELD("rootfs", FIELD_STRING, rootfs, 0),
	FIELD("created", FIELD_STRING, created, 0),
	FIELD("owner", FIELD_STRING, owner, 0),
	FIELD("ownerUid", FIELD_U32, owner_uid, UINT32_MAX),
	FIELD("policy", FIELD_STRING, policy, 0),
	FIELD("cgroupManager", FIELD_INT, cgroup_manager, 15),
	FIELD("cgroupRoot", FIELD_STRING, cgroup_root, 0),
	FIELD("cgroupPath", FIELD_OPTIONAL, cgroup_path, 0),
	FIELD("cgroupMade", FIELD_U32, cgroup_made, 4096),
	FIELD("ownPidNamespace", FIELD_BOOL, own_pid_namespace, 0),
	FIELD("image", FIELD_OPTIONAL, image, 0),
	FIELD("policyHash", FIELD_OPTIONAL, policy_hash, 0),
	FIELD("planHash", FIELD_OPTIONAL, plan_hash, 0),
	FIELD("trail", FIELD_OPTIONAL, trail, 0),
	FIELD("trailRequired", FIELD_FLAG, trail_required, 0),
	FIELD("trailSyslog", FIELD_FLAG, trail_syslog, 0),
	FIELD("wouldRefuse", FIELD_OPTIONAL, would_refuse, 0),
	FIELD("gateProgram", FIELD_OPTIONAL, gate_program, 0),
	FIELD("imageClass", FIELD_OPTIONAL, image_class, 0),
	FIELD("scanRecord", FIELD_OPTIONAL, scan_record, 0),
	FIELD("gateGeneration", FIELD_COUNT, gate_generation, UINT64_MAX),
	FIELD("intelRdtClosId", FIELD_OPTIONAL, intel_rdt_clos_id, 0),
};

/* ---- printing ---- */

static int print_string(struct json_out *o, const char *key, const char *value, bool optional,
			struct err *err)
{
	if (!value && optional)
		return 0; /* absent */
	if (!value)
		return err_set(err, ERR_STATE, "record: no %s", key);
	size_t len = strlen(value);
	if (str_utf8_valid_prefix(value, len) != len)
		return err_set(err, ERR_SPEC, "record: %s is not valid UTF-8", key);
	json_out_string(o, key, value);
	return 0;
}

static int print_field(const struct record *r, const struct field *f, struct json_out *o,
		       struct err *err)
{
	const void *p = (const char *)r + f->offset;
	switch (f->type) {
	case FIELD_STRING:
	case FIELD_OPTIONAL:
		return print_string(o, f->key, *(const char *const *)p, f->type == FIELD_OPTIONAL,
				    err);
	case FIELD_I64:
		json_out_i64(o, f->key, *(const int64_t *)p);
		return 0;
	case FIELD_COUNT:
	case FIELD_U64:
		if (f->type == FIELD_U64 || *(const uint64_t *)p)
			json_out_u64(o, f->key, *(const uint64_t *)p);
		return 0;
	case FIELD_U32:
		json_out_u64(o, f->key, *(const uint32_t *)p);
		return 0;
	case FIELD_INT:
		json_out_i64(o, f->key, *(const int *)p);
		return 0;
	case FIELD_BOOL:
	case FIELD_FLAG:
		if (f->type == FIELD_BOOL || *(const bool *)p)
			json_out_bool(o, f->key, *(const bool *)p);
		return 0;
	case FIELD_STATUS:
		return print_string(o, f->key, table_name(statuses, *(const enum record_status *)p),
				    false, err);
	}
	return err_set(err, ERR_STATE, "record: key '%s' has no type", f->key);
}

int record_print(const struct record *record, struct str *out, struct err *err)
{
	struct json_out o __attribute__((cleanup(json_out_release))) = JSON_OUT_INIT;
	json_out_object(&o, NULL);
	json_out_i64(&o, "version", RECORD_VERSION);
	for (size_t i = 0; i < ARRAY_LEN(fields); i++)
		if (print_field(record, &fields[i], &o, err) < 0)
			return -1;
	json_out_object(&o, "annotations");
	for (size_t i = 0; i < record->annotations.n; i++) {
		const struct record_pair *pair = &record->annotations.items[i];
		if (str_utf8_valid_prefix(pair->key, strlen(pair->key)) != strlen(pair->key))
			return err_set(err, ERR_SPEC,
				       "record: a key of annotations is not valid UTF-8");
		if (print_string(&o, pair->key, pair->value, false, err) < 0)
			return -1;
	}
	json_out_end_object(&o);
	json_out_end_object(&o);
	if (json_out_append(&o, out, err) < 0)
		return -1;
	str_add(out, "\n");
	return str_failed(out) ? err_oom(err) : 0;
}

int record_write(int state_dirfd, const struct record *record, struct err *err)
{
	autostr text = STR_INIT;
	if (record_print(record, &text, err) < 0)
		return -1;
	if (text.len > RECORD_MAX_BYTES)
		return err_set(err, ERR_SPEC, "record: larger than %u bytes (annotations)",
			       RECORD_MAX_BYTES);
	return file_replace(state_dirfd, STATE_RECORD_NAME, str_text(&text), text.len, 0600, err);
}

/* ---- parsing ---- */

static int parse_status(const struct json *v, enum record_status *ret, struct err *err)
{
	const char *name;
	int64_t value;
	if (json_as_string(v, &name, err) < 0)
		return -1;
	if (!table_value(statuses, name, &value))
		return json_error(v, err, "unknown status '%s'", name);
	*ret = (enum record_status)value;
	return 0;
}

static int parse_field(const struct json *v, const struct field *f, struct record *r,
		       struct err *err)
{
	void *p = (char *)r + f->offset;
	int64_t i64;
	uint64_t u64;
	switch (f->type) {
	case FIELD_STRING:
	case FIELD_OPTIONAL:
		return json_as_string(v, (const char **)p, err);
	case FIELD_I64:
		return json_as_i64(v, 0, (int64_t)f->max, (int64_t *)p, err);
	case FIELD_COUNT:
	case FIELD_U64:
		return json_as_u64(v, f->max, (uint64_t *)p, err);
	case FIELD_U32:
		if (json_as_u64(v, f->max, &u64, err) < 0)
			return -1;
		*(uint32_t *)p = (uint32_t)u64;
		return 0;
	case FIELD_INT:
		if (json_as_i64(v, 0, (int64_t)f->max, &i64, err) < 0)
			return -1;
		*(int *)p = (int)i64;
		return 0;
	case FIELD_BOOL:
	case FIELD_FLAG:
		return json_as_bool(v, (bool *)p, err);
	case FIELD_STATUS:
		return parse_status(v, (enum record_status *)p, err);
	}
	return json_error(v, err, "has no type");
}

static int parse_annotations(const struct json *v, struct arena *arena, struct record *r,
			     struct err *err)
{
	if (json_expect(v, JSON_OBJECT, err) < 0)
		return -1;
	json_each (child, v) {
		const char *value;
		if (json_as_string(child, &value, err) < 0)
			return -1;
		struct record_pair *pair = ARENA_PUSH(arena, &r->annotations);
		if (!pair)
			return err_oom(err);
		*pair = (struct record_pair){child->key, value};
	}
	return 0;
}

static int parse_member(const struct json *v, struct arena *arena, struct record *r,
			struct err *err)
{
	if (!strcmp(v->key, "version"))
		return 0; /* seen to first */
	if (!strcmp(v->key, "annotations"))
		return parse_annotations(v, arena, r, err);
	for (size_t i = 0; i < ARRAY_LEN(fields); i++)
		if (!strcmp(fields[i].key, v->key))
			return parse_field(v, &fields[i], r, err);
	return json_error(v, err, "unknown key");
}

static int check_version(const struct json *root, struct err *err)
{
	if (json_expect(root, JSON_OBJECT, err) < 0)
		return -1;
	const struct json *version = json_get(root, "version");
	if (!version)
		return err_set(err, ERR_STATE, "no version");
	uint64_t value;
	if (json_as_u64(version, UINT32_MAX, &value, err) < 0)
		return -1;
	if (value != RECORD_VERSION)
		return err_set(err, ERR_STATE,
			       "version %" PRIu64 " is another kanuki's (this one reads %d)", value,
			       RECORD_VERSION);
	return 0;
}

/* The file is ours, but whoever could write it would direct a root process: what
 * becomes a path or a pid is checked as if it were the user's. */
static int check_values(const struct record *r, struct err *err)
{
	if (!path_is_container_id(r->id))
		return err_set(err, ERR_STATE, "id: not a container id");
	if (r->pid < 1 && r->status != RECORD_CREATING)
		return err_set(err, ERR_STATE, "pid: not a process");
	if (r->cgroup_path && (r->cgroup_path[0] != '/' || path_has_dotdot(r->cgroup_path)))
		return err_set(err, ERR_STATE, "cgroupPath: not a clean absolute path");
	if (r->cgroup_root[0] != '/' || path_has_dotdot(r->cgroup_root))
		return err_set(err, ERR_STATE, "cgroupRoot: not a clean absolute path");
	if (r->trail && (r->trail[0] != '/' || path_has_dotdot(r->trail)))
		return err_set(err, ERR_STATE, "trail: not a clean absolute path");
	if (r->gate_program &&
	    (r->gate_program[0] != '/' || path_has_dotdot(r->gate_program) || !r->image_class))
		return err_set(err, ERR_STATE,
			       "gateProgram: not a clean absolute path, or without imageClass");
	if (r->intel_rdt_clos_id &&
	    (strchr(r->intel_rdt_clos_id, '/') || r->intel_rdt_clos_id[0] == '\0' ||
	     !strcmp(r->intel_rdt_clos_id, ".") || !strcmp(r->intel_rdt_clos_id, "..")))
		return err_set(err, ERR_STATE, "intelRdtClosId: not a file name");
	return 0;
}

static int parse_root(const struct json *root, struct arena *arena, struct record *r,
		      struct err *err)
{
	if (check_version(root, err) < 0)
		return -1;
	json_each (child, root)
		if (parse_member(child, arena, r, err) < 0)
			return -1;
	for (size_t i = 0; i < ARRAY_LEN(fields); i++)
		if (fields[i].type != FIELD_OPTIONAL && fields[i].type != FIELD_FLAG &&
		    fields[i].type != FIELD_COUNT && !json_get(root, fields[i].key))
			return err_set(err, ERR_STATE, "no %s", fields[i].key);
	return check_values(r, err);
}

int record_parse(const char *text, size_t len, struct arena *arena, struct record *ret,
		 struct err *err)
{
	const struct json *root;
	struct record r = {0};
	if (json_parse(arena, text, len, &root, err) < 0 || parse_root(root, arena, &r, err) < 0) {
		if (err->kind == ERR_SPEC)
			err->kind = ERR_STATE; /* broken, but not the bundle's fault */
		return err_context(err, "record");
	}
	*ret = r;
	return 0;
}

int record_read(int state_dirfd, struct arena *arena, struct record *ret, struct err *err)
{
	autofd int fd = sys_openat(state_dirfd, STATE_RECORD_NAME,
				   O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0);
	if (fd < 0 && errno == ENOENT)
		return err_set(err, ERR_NOT_FOUND, "container has no record");
	if (fd < 0)
		return err_sys(err, "open record");
	struct stat st;
	if (sys_fstat(fd, &st) < 0)
		return err_sys(err, "stat record");
	if (!S_ISREG(st.st_mode))
		return err_set(err, ERR_STATE, "record is not a regular file");
	char *text;
	size_t len;
	if (file_read_fd(fd, STATE_RECORD_NAME, RECORD_MAX_BYTES, arena, &text, &len, err) < 0)
		return -1;
	return record_parse(text, len, arena, ret, err);
}

/* ---- who and when ---- */

/* The name in /etc/passwd, or NULL.  Not getpwuid(3): a static program can't load
 * the modules that it consults. */
static const char *user_name(struct arena *arena, uint32_t uid)
{
	struct err ignored = ERR_INIT; /* no name is no failure: it is for display */
	char *text;
	size_t len;
	if (file_read(AT_FDCWD, "/etc/passwd", 1u << 20, arena, &text, &len, &ignored) < 0)
		return NULL;
	char wanted[16];
	(void)snprintf(wanted, sizeof(wanted), "%" PRIu32, uid);
	for (char *line; (line = strsep(&text, "\n"));) {
		char *name = strsep(&line, ":");
		(void)strsep(&line, ":"); /* password */
		char *id = strsep(&line, ":");
		if (id && name[0] && !strcmp(id, wanted) &&
		    str_utf8_valid_prefix(name, strlen(name)) == strlen(name))
			return name;
	}
	return NULL;
}

int record_fill_created(struct record *record, struct arena *arena, struct err *err)
{
	uid_t real, effective, saved;
	if (sys_getresuid(&real, &effective, &saved) < 0)
		return err_sys(err, "get user id");
	const char *owner = effective == 0 ? "root" : user_name(arena, effective);
	if (!owner)
		owner = arena_printf(arena, "#%u", (unsigned)effective);

	struct timespec now;
	char seconds[RFC3339_SIZE];
	if (clock_gettime(CLOCK_REALTIME, &now) < 0)
		return err_sys(err, "get the time");
	/* Not gmtime(3), which reads /etc/localtime first. */
	rfc3339_format(now.tv_sec, seconds);
	const char *created = arena_printf(arena, "%.19s.%09ldZ", seconds, now.tv_nsec);
	if (!owner || !created)
		return err_oom(err);
	record->owner_uid = effective;
	record->owner = owner;
	record->created = created;
	return 0;
}

/* ---- the process ---- */

struct process_facts {
	char state; /* 'R', 'S', 'Z' ... as proc(5) has it */
	uint64_t start_time;
};

/* proc(5): "pid (comm) state ppid ..."; comm is the program's and may hold blanks
 * and parentheses, so counting starts behind the last one. */
static int parse_stat(const char *text, struct process_facts *ret)
{
	const char *p = strrchr(text, ')');
	if (!p || p[1] != ' ' || !p[2] || p[3] != ' ')
		return -1;
	char state = p[2];
	p += 4;
	for (int field = 4; field < 22; field++) {
		p = strchr(p, ' ');
		if (!p)
			return -1;
		p++;
	}
	uint64_t value = 0;
	size_t n = strspn(p, "0123456789");
	if (n == 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (__builtin_mul_overflow(value, (uint64_t)10, &value) ||
		    __builtin_add_overflow(value, (uint64_t)(p[i] - '0'), &value))
			return -1;
	ret->state = state;
	ret->start_time = value;
	return 0;
}

static int no_process(int64_t pid, struct err *err)
{
	return err_set(err, ERR_NOT_FOUND, "container not running: no such process: %" PRId64, pid);
}

static int probe_process(int64_t pid, struct process_facts *ret, struct err *err)
{
	char path[48];
	(void)snprintf(path, sizeof(path), "/proc/%" PRId64 "/stat", pid);
	autofd int fd = sys_openat(AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);
	if (fd < 0 && errno == ENOENT)
		return no_process(pid, err);
	if (fd < 0)
		return err_sys(err, "open '%s'", path);
	char text[1024];
	ssize_t n = sys_read(fd, text, sizeof(text) - 1);
	if (n < 0 && errno == ESRCH)
		return no_process(pid, err);
	if (n < 0)
		return err_sys(err, "read '%s'", path);
	text[n] = '\0';
	if (parse_stat(text, ret) < 0)
		return err_set(err, ERR_SYSTEM, "'%s' does not look like proc(5) says", path);
	return 0;
}

int record_pid_start_time(int64_t pid, uint64_t *ret, struct err *err)
{
	struct process_facts facts;
	if (probe_process(pid, &facts, err) < 0)
		return -1;
	*ret = facts.start_time;
	return 0;
}

int record_open_init(const struct record *record, int *ret_pidfd, struct err *err)
{
	*ret_pidfd = -1;
	if (record->pid < 1)
		return 0; /* not launched yet */
	/* First the pidfd, then the look: what is looked at is what was opened, as
	 * long as it lives, and a dead one's pid is not given away before it is reaped. */
	autofd int pidfd = sys_pidfd_open((pid_t)record->pid, 0);
	if (pidfd < 0 && errno == ESRCH)
		return 0;
	if (pidfd < 0)
		return err_sys(err, "open process %" PRId64, record->pid);
	struct process_facts facts;
	if (probe_process(record->pid, &facts, err) < 0) {
		if (err->kind != ERR_NOT_FOUND)
			return -1;
		err_clear(err);
		return 0;
	}
	if (facts.start_time != record->pid_start_time || facts.state == 'Z' || facts.state == 'X')
		return 0;
	*ret_pidfd = steal_fd(&pidfd);
	return 0;
}
