/* Takers: a JSON value of the right type -> its field.  What they judge is the value
 * alone; what must hold between keys is conf_parse.c's.
 */
#include "config.h"

#include "policy/conf_keys.h"

#include "base/path.h"
#include "base/rfc3339.h"
#include "plan/names.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/banned.h"

/* --- judges --- */

bool conf_is_container_path(const char *s)
{
	return key_is_path(s) && !path_is_beneath(s, "/proc") && !path_is_beneath(s, "/sys") &&
	       !path_is_beneath(s, "/dev");
}

bool conf_is_image(const char *s)
{
	return !strncmp(s, "sha256:", 7) && strspn(s + 7, "0123456789abcdef") == 64 && !s[7 + 64];
}

bool conf_is_syscall(const char *s)
{
	size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789_");
	return n > 0 && n <= 64 && !s[n] && (*s < '0' || *s > '9');
}

/* --- single values --- */

int conf_take_version(struct key_reader *r, const struct json *v, const struct key_row *key,
		      void *obj)
{
	uint64_t version;

	(void)key;
	(void)obj;
	if (json_as_u64(v, UINT64_MAX, &version, r->err))
		return -1;
	if (version != 1)
		return json_error(v, r->err, "%" PRIu64 " is unknown: this program reads version 1",
				  version);
	return 0;
}

/* Read once before all others: conf_parse.c has made *obj of it. */
int conf_take_level(struct key_reader *r, const struct json *v, const struct key_row *key,
		    void *obj)
{
	return key_take_word(r, v, key, obj);
}

/* No row's range begins below 0. */
static bool is_within(const struct key_row *key, uint64_t n)
{
	return n >= (uint64_t)key->min && n <= (uint64_t)key->max;
}

int conf_take_number(struct key_reader *r, const struct json *v, const struct key_row *key,
		     void *obj)
{
	uint64_t n;

	if (json_as_u64(v, UINT64_MAX, &n, r->err))
		return -1;
	if (!is_within(key, n))
		return json_error(v, r->err, "%" PRIu64 " is out of range: %" PRId64 " to %" PRId64,
				  n, key->min, key->max);
	key_store(key, obj, n);
	return 0;
}

int conf_take_text(struct key_reader *r, const struct json *v, const struct key_row *key, void *obj)
{
	const char *s;

	if (key_judge(r, v, key, &s))
		return -1;
	if (!is_within(key, v->text_len))
		return json_error(v, r->err, "has %zu bytes: it must have %" PRId64 " to %" PRId64,
				  v->text_len, key->min, key->max);
	for (const char *c = s; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			return json_error(v, r->err, "has a control character in it");
	*(const char **)key_place(key, obj) = s;
	return 0;
}

int conf_take_time(struct key_reader *r, const struct json *v, const struct key_row *key, void *obj)
{
	struct policy_exception *e = obj;
	char buf[KEY_SHOWN_SIZE];
	const char *s;

	(void)key;
	if (json_as_string(v, &s, r->err))
		return -1;
	if (!rfc3339_parse(s, &e->expires))
		return json_error(v, r->err,
				  "'%s' is not a point in time like 2027-01-31T23:59:59Z",
				  key_shown(s, buf));
	e->expires_text = s;
	return 0;
}

/* --- lists --- */

static void set_limited(const struct key_row *key, void *obj)
{
	if (key->limited)
		*(bool *)((char *)obj + key->limited) = true;
}

/* Empties a list and makes room for all of v's children at once: growing by doubling would
 * touch three times the memory, and most of the cost of a first parse is touching it. */
#define START_LIST(r, list, v)                                                                     \
	((list)->n = 0, (list)->cap = (v)->n,                                                      \
	 (list)->items = arena_array((r)->arena, (v)->n, sizeof(*(list)->items)),                  \
	 (list)->items ? 0 : err_oom((r)->err))

static int push_string(struct key_reader *r, struct str_list *list, const char *s)
{
	const char **item = ARENA_PUSH(r->arena, list);

	if (!item)
		return err_oom(r->err);
	*item = s;
	return 0;
}

int conf_take_strings(struct key_reader *r, const struct json *v, const struct key_row *key,
		      void *obj)
{
	struct str_list *list = key_place(key, obj);

	if (key->type == &type_allow && !v->n)
		return json_error(
			v, r->err,
			"is empty, which would read as 'any': name something or leave the key out");
	if (START_LIST(r, list, v))
		return -1;
	json_each(child, v) {
		const char *s;

		if (key_judge(r, child, key, &s) || push_string(r, list, s))
			return -1;
	}
	set_limited(key, obj);
	return 0;
}

/* As sysctl(8) reads them: whichever of '.' and '/' comes first parts the components. */
static char *sysctl_path(struct key_reader *r, const struct json *v, const char *s)
{
	size_t first = strcspn(s, "./"), len = strlen(s);
	bool dots = s[first] == '.', clean = s[first] && first > 0;
	char *path = arena_memdup(r->arena, s, len), buf[KEY_SHOWN_SIZE];

	if (!path) {
		(void)err_oom(r->err);
		return NULL;
	}
	for (char *c = path; *c; c++) {
		if (dots && (*c == '.' || *c == '/'))
			*c = *c == '.' ? '/' : '.';
		clean &= !((unsigned char)*c <= ' ' || *c == 0x7f ||
			   (*c == '/' && c > path && c[-1] == '/'));
	}
	if (clean && !path_has_dotdot(path))
		return path;
	(void)json_error(v, r->err,
			 "'%s' is not a sysctl (net.ipv4.ip_forward) or a tree of them (net.ipv4.)",
			 key_shown(s, buf));
	return NULL;
}

int conf_take_sysctls(struct key_reader *r, const struct json *v, const struct key_row *key,
		      void *obj)
{
	struct str_list *list = key_place(key, obj);

	if (START_LIST(r, list, v))
		return -1;
	json_each(child, v) {
		const char *s;
		char *path;

		if (json_as_string(child, &s, r->err))
			return -1;
		path = sysctl_path(r, child, s);
		if (!path || push_string(r, list, path))
			return -1;
	}
	set_limited(key, obj);
	return 0;
}

int conf_take_ports(struct key_reader *r, const struct json *v, const struct key_row *key,
		    void *obj)
{
	policy_ports *ports = key_place(key, obj);

	if (START_LIST(r, ports, v))
		return -1;
	json_each(child, v) {
		uint64_t n;
		uint16_t *port;

		if (json_as_u64(child, UINT64_MAX, &n, r->err))
			return -1;
		if (!is_within(key, n))
			return json_error(child, r->err,
					  "%" PRIu64 " is out of range: %" PRId64 " to %" PRId64, n,
					  key->min, key->max);
		port = ARENA_PUSH(r->arena, ports);
		if (!port)
			return err_oom(r->err);
		*port = (uint16_t)n;
	}
	set_limited(key, obj);
	return 0;
}

/* `key` tells whether an exception asks, which may also have what the level refuses. */
static int check_source(struct key_reader *r, const struct json *v, const struct key_row *key,
			const struct policy_mount *mount)
{
	const char *place = policy_path_never(mount->source);

	if (place)
		return json_error(v, r->err,
				  "'%s' reaches the host's %s, which no policy can allow",
				  mount->source, place);
	if (!key->limited)
		return 0;
	place = policy_path_refused(mount->source, mount->writable);
	if (place)
		return json_error(
			v, r->err,
			"'%s' reaches the host's %s%s; only an exception for an image can allow it",
			mount->source, place, mount->writable ? " or makes it writable" : "");
	return 0;
}

int conf_take_mounts(struct key_reader *r, const struct json *v, const struct key_row *key,
		     void *obj)
{
	policy_mounts *mounts = key_place(key, obj);

	if (START_LIST(r, mounts, v))
		return -1;
	json_each(child, v) {
		struct policy_mount *mount = ARENA_PUSH(r->arena, mounts);

		if (!mount)
			return err_oom(r->err);
		if (key_table_read(r, child, &conf_mount_keys, mount, NULL) ||
		    check_source(r, child, key, mount))
			return -1;
	}
	set_limited(key, obj);
	return 0;
}

int conf_take_caps(struct key_reader *r, const struct json *v, const struct key_row *key, void *obj)
{
	uint64_t set = 0;

	json_each(child, v) {
		char buf[KEY_SHOWN_SIZE];
		const char *s, *name = NULL;

		if (json_as_string(child, &s, r->err))
			return -1;
		for (int cap = 0; cap < 64 && !name; cap++) {
			name = plan_cap_name(cap);
			if (name && !strcmp(name, s))
				set |= UINT64_C(1) << cap;
			else
				name = NULL;
		}
		if (!name)
			return json_error(
				child, r->err,
				"'%s' is not a capability's name, like CAP_NET_BIND_SERVICE",
				key_shown(s, buf));
	}
	key_store(key, obj, set);
	return 0;
}

static int check_exception(struct key_reader *r, const struct json *v, uint64_t given)
{
	uint64_t grants = 0;

	for (size_t i = 0; i < conf_exception_keys.n; i++)
		if (!strncmp(conf_exception_keys.rows[i].path, "allow.", 6))
			grants |= UINT64_C(1) << i;
	return given & grants
		       ? 0
		       : json_error(v, r->err,
				    "allows nothing: name something in 'allow' or remove it");
}

int conf_take_exceptions(struct key_reader *r, const struct json *v, const struct key_row *key,
			 void *obj)
{
	struct policy_conf *conf = obj;

	(void)key;
	if (START_LIST(r, &conf->exceptions, v))
		return -1;
	json_each(child, v) {
		struct policy_exception *e = ARENA_PUSH(r->arena, &conf->exceptions);
		uint64_t given = 0;

		if (!e)
			return err_oom(r->err);
		if (key_table_read(r, child, &conf_exception_keys, e, &given) ||
		    check_exception(r, child, given))
			return -1;
	}
	return 0;
}
