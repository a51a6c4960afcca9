/* The record as JSON; see record.h. */
#include "config.h"

#include "state/record.h"

#include "base/auto.h"
#include "base/json.h"
#include "base/json_out.h"
#include "base/num.h"
#include "sys/file.h"
#include "sys/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/banned.h"

#define RECORD_VERSION 1

enum field_type { STRING, OPTIONAL_STRING, I64, U64, U32, BOOL, STATUS, INT };

static const struct field {
	const char *key;
	enum field_type type;
	size_t offset;
} fields[] = {
#define FIELD(key, type, member) {key, type, offsetof(struct record, member)}
	FIELD("id", STRING, id),
	FIELD("ociVersion", STRING, oci_version),
	FIELD("bundle", STRING, bundle),
	FIELD("rootfs", STRING, rootfs),
	FIELD("policy", STRING, policy),
	FIELD("created", STRING, created),
	FIELD("owner", STRING, owner),
	FIELD("ownerUid", U32, owner_uid),
	FIELD("pid", I64, pid),
	FIELD("pidStartTime", U64, pid_start_time),
	FIELD("status", STATUS, status),
	FIELD("ownPidNamespace", BOOL, own_pid_namespace),
	FIELD("cgroupManager", INT, cgroup_manager),
	FIELD("cgroupRoot", OPTIONAL_STRING, cgroup_root),
	FIELD("cgroupPath", OPTIONAL_STRING, cgroup_path),
	FIELD("cgroupMade", U32, cgroup_made),
	FIELD("rdtGroup", OPTIONAL_STRING, rdt_group),
};

static void print_field(const struct field *f, const struct record *record, struct json_out *o)
{
	const char *at = (const char *)record + f->offset;

	switch (f->type) {
	case STRING:
	case OPTIONAL_STRING:
		json_out_string(o, f->key, *(const char *const *)at);
		break;
	case I64:
		json_out_i64(o, f->key, *(const int64_t *)at);
		break;
	case U64:
		json_out_u64(o, f->key, *(const uint64_t *)at);
		break;
	case U32:
		json_out_u64(o, f->key, *(const uint32_t *)at);
		break;
	case BOOL:
		json_out_bool(o, f->key, *(const bool *)at);
		break;
	case STATUS:
		json_out_string(o, f->key, *(const enum record_status *)at == RECORD_RUNNING ? "running" : "created");
		break;
	case INT:
		json_out_i64(o, f->key, *(const int *)at);
		break;
	}
}

int record_print(const struct record *record, struct str *out, struct err *err)
{
	struct json_out o __attribute__((cleanup(json_out_release))) = JSON_OUT_INIT;

	json_out_object(&o, NULL);
	json_out_i64(&o, "version", RECORD_VERSION);
	for (size_t i = 0; i < ARRAY_LEN(fields); i++)
		print_field(&fields[i], record, &o);
	json_out_object(&o, "annotations");
	for (size_t i = 0; i < record->annotations.n; i++)
		json_out_string(&o, record->annotations.items[i].key, record->annotations.items[i].value);
	json_out_end_object(&o);
	json_out_end_object(&o);
	if (json_out_finish(&o, err) < 0)
		return -1;
	str_add_bytes(out, str_text(&o.text), o.text.len);
	return str_failed(out) ? err_oom(err) : 0;
}

static int parse_status(const struct json *v, enum record_status *ret, struct err *err)
{
	const char *text;

	if (json_as_string(v, &text, err) < 0)
		return -1;
	if (strcmp(text, "created") != 0 && strcmp(text, "running") != 0)
		return json_error(v, err, "unknown status '%s'", text);
	*ret = strcmp(text, "running") == 0 ? RECORD_RUNNING : RECORD_CREATED;
	return 0;
}

static int parse_field(const struct field *f, const struct json *v, struct record *ret, struct err *err)
{
	char *at = (char *)ret + f->offset;
	int64_t i;
	uint64_t u;

	switch (f->type) {
	case OPTIONAL_STRING:
		if (v->type == JSON_NULL)
			return 0;
		return json_as_string(v, (const char **)at, err);
	case STRING:
		return json_as_string(v, (const char **)at, err);
	case I64:
		return json_as_i64(v, 1, INT32_MAX, (int64_t *)at, err);
	case U64:
		return json_as_u64(v, UINT64_MAX, (uint64_t *)at, err);
	case U32:
		if (json_as_u64(v, UINT32_MAX, &u, err) < 0)
			return -1;
		*(uint32_t *)at = (uint32_t)u;
		return 0;
	case BOOL:
		return json_as_bool(v, (bool *)at, err);
	case STATUS:
		return parse_status(v, (enum record_status *)at, err);
	case INT:
		if (json_as_i64(v, 0, 16, &i, err) < 0)
			return -1;
		*(int *)at = (int)i;
		return 0;
	}
	return json_error(v, err, "unknown field type");
}

static int parse_annotations(const struct json *v, struct arena *arena, struct record *ret, struct err *err)
{
	if (json_expect(v, JSON_OBJECT, err) < 0)
		return -1;
	json_each(child, v)
	{
		struct record_pair *pair = ARENA_PUSH(arena, &ret->annotations);

		if (!pair)
			return err_oom(err);
		pair->key = child->key;
		if (json_as_string(child, &pair->value, err) < 0)
			return -1;
	}
	return 0;
}

static bool is_known(const char *key)
{
	for (size_t i = 0; i < ARRAY_LEN(fields); i++)
		if (strcmp(fields[i].key, key) == 0)
			return true;
	return strcmp(key, "version") == 0 || strcmp(key, "annotations") == 0;
}

int record_parse(const char *text, size_t len, struct arena *arena, struct record *ret, struct err *err)
{
	const struct json *root, *v;
	int64_t version;

	*ret = (struct record){0};
	if (json_parse(arena, text, len, &root, err) < 0 || json_expect(root, JSON_OBJECT, err) < 0)
		return -1;
	v = json_get(root, "version");
	if (!v)
		return err_set(err, ERR_SPEC, "version: missing");
	if (json_as_i64(v, 0, INT32_MAX, &version, err) < 0)
		return -1;
	if (version != RECORD_VERSION)
		return json_error(v, err, "%lld is not known to this kanuki (it knows %d)", (long long)version,
				  RECORD_VERSION);
	json_each(child, root)
		if (!is_known(child->key))
			return json_error(child, err, "unknown key");
	for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
		v = json_get(root, fields[i].key);
		if (!v)
			return err_set(err, ERR_SPEC, "%s: missing", fields[i].key);
		if (parse_field(&fields[i], v, ret, err) < 0)
			return -1;
	}
	v = json_get(root, "annotations");
	if (!v)
		return err_set(err, ERR_SPEC, "annotations: missing");
	return parse_annotations(v, arena, ret, err);
}

int record_write(int state_dirfd, const struct record *record, struct err *err)
{
	autostr text = STR_INIT;

	if (record_print(record, &text, err) < 0)
		return -1;
	return file_replace(state_dirfd, RECORD_NAME, str_text(&text), text.len, 0600, err);
}

int record_read(int state_dirfd, struct arena *arena, struct record *ret, struct err *err)
{
	char *text;
	size_t len;

	if (sys_faccessat2(state_dirfd, RECORD_NAME, F_OK, AT_SYMLINK_NOFOLLOW) < 0 && errno == ENOENT)
		return err_set(err, ERR_NOT_FOUND, "the container has no record");
	if (file_read(state_dirfd, RECORD_NAME, RECORD_MAX_BYTES, arena, &text, &len, err) < 0)
		return -1;
	if (record_parse(text, len, arena, ret, err) < 0)
		return err_context(err, RECORD_NAME);
	return 0;
}

int record_pid_start_time(pid_t pid, uint64_t *ret, struct err *err)
{
	char path[32], buf[1024], *rest, *word = NULL;
	autofd int fd = -1;
	ssize_t n;

	(void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	fd = sys_open(path, O_RDONLY | O_CLOEXEC, 0);
	n = fd < 0 ? -1 : sys_read(fd, buf, sizeof(buf) - 1);
	if (n < 0) {
		if (errno == ENOENT || errno == ESRCH)
			return err_set(err, ERR_NOT_FOUND, "process %d is gone", (int)pid);
		return err_sys(err, "read '%s'", path);
	}
	buf[n] = 0;
	/* The name may hold anything, also ')': the last one ends it. */
	rest = strrchr(buf, ')');
	if (!rest || rest[1] != ' ')
		return err_set(err, ERR_HOST, "'%s' has an unknown form", path);
	rest += 2;
	if (rest[0] == 'Z' || rest[0] == 'X')
		return err_set(err, ERR_NOT_FOUND, "process %d is dead", (int)pid);
	for (int field = 3; field <= 22; field++) /* the state is field 3, proc_pid_stat(5) */
		word = strsep(&rest, " ");
	if (!word || !num_parse_u64(word, UINT64_MAX, ret))
		return err_set(err, ERR_HOST, "'%s' has an unknown form", path);
	return 0;
}

int record_fill_created(struct record *record, struct arena *arena, struct err *err)
{
	struct timespec now;
	struct tm tm;
	char text[32];

	if (clock_gettime(CLOCK_REALTIME, &now) < 0 || !gmtime_r(&now.tv_sec, &tm) ||
	    strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm) == 0)
		return err_sys(err, "ask for the time");
	record->created = arena_printf(arena, "%s.%09ldZ", text, now.tv_nsec);
	record->owner_uid = geteuid();
	/* No user database: NSS has no place in this program. */
	record->owner = record->owner_uid == 0 ? "root" : arena_printf(arena, "%u", record->owner_uid);
	return record->created && record->owner ? 0 : err_oom(err);
}
