/* The key table of a policy: what each key is called in the file, where its value is in
 * struct policy_conf, how it is read, printed and compared; internal to conf_*.c.
 *
 * A path with dots is an object within an object.  Rows that begin alike must stand
 * together: the reader works on ranges of the table.
 */
#ifndef KANUKI_POLICY_CONF_KEYS_H
#define KANUKI_POLICY_CONF_KEYS_H

#include "base/json.h"
#include "base/str.h"
#include "policy/conf.h"

#include <limits.h>

struct conf_key;

struct conf_reader {
	struct arena *arena;
	struct err *err;
};

/* What a kind of value can do.  `field` is the value's place, `obj` the struct it is in. */
struct conf_type {
	enum json_type json;
	int (*take)(struct conf_reader *r, const struct json *v, const struct conf_key *key, void *obj);
	/* One or more whole lines that begin with `prefix` and the key's path. */
	void (*print)(const struct conf_key *key, const char *prefix, const void *obj, struct str *out);
	/* a lets through what b doesn't; NULL: no value of this key is looser than another. */
	bool (*is_looser)(const struct conf_key *key, const void *a, const void *b);
};

enum conf_key_flags {
	KEY_REQUIRED = 1 << 0,
	KEY_AT_OCI = 1 << 1, /* means something where nothing is forced */
	KEY_FREE = 1 << 2,   /* may be looser than the level's own value */
};

/* The words of a closed set, and how strict each is. */
struct conf_word {
	const char *name;
	unsigned value, rank;
};

struct conf_key {
	const char *path;
	const struct conf_type *type;
	size_t offset;
	size_t size;	  /* of the value, where it is a number, a word or a bool: 1, 4 or 8 */
	unsigned flags;	  /* enum conf_key_flags */
	uint64_t min, max; /* numbers, and bytes of a text */
	const struct conf_word *words;
	bool (*judge)(const char *s); /* strings, each of a list */
	const char *want;	      /* what `judge` wants: "'x' is not <want>" */
	size_t limited;	  /* offset of the bool that says "this list is a limit"; 0: none */
};

struct conf_table {
	const struct conf_key *keys;
	size_t n;
};

/* The file; one of its exceptions; one entry of a list of mounts. */
extern const struct conf_table conf_keys, conf_exception_keys, conf_mount_keys;

extern const struct conf_type type_version, type_level, type_word, type_flag, type_ceiling, type_floor, type_number,
	type_file, type_program, type_allow, type_deny, type_sysctls, type_ports, type_mounts,
	type_exceptions;

/* Any object by its table; *given gets a bit for each row that was there (may be NULL). */
int conf_read_object(struct conf_reader *r, const struct json *v, const struct conf_table *table, void *obj,
		     uint64_t *given) __attribute__((warn_unused_result));

/* The built-in as it is, without its hash. */
void policy_conf_of_level(enum plan_level level, struct policy_conf *ret);

uint64_t conf_load(const struct conf_key *key, const void *obj);
void conf_store(const struct conf_key *key, void *obj, uint64_t value);
/* The list may hold no more than it names. */
bool conf_is_limited(const struct conf_key *key, const void *obj);
static inline const void *conf_field(const struct conf_key *key, const void *obj)
{
	return (const char *)obj + key->offset;
}

/* takers (conf_take.c) */
typedef int conf_take_fn(struct conf_reader *r, const struct json *v, const struct conf_key *key, void *obj);
conf_take_fn conf_take_version, conf_take_level, conf_take_word, conf_take_flag, conf_take_number, conf_take_text,
	conf_take_time, conf_take_strings, conf_take_sysctls, conf_take_ports, conf_take_mounts, conf_take_caps,
	conf_take_exceptions;
/* judges of strings */
bool conf_is_path(const char *s);	    /* absolute, clean, not "/" */
bool conf_is_container_path(const char *s); /* and not in /proc, /sys, /dev */
bool conf_is_image(const char *s);
bool conf_is_syscall(const char *s);

/* printers (conf_print.c) */
typedef void conf_print_fn(const struct conf_key *key, const char *prefix, const void *obj, struct str *out);
conf_print_fn conf_print_word, conf_print_flag, conf_print_number, conf_print_limit, conf_print_text,
	conf_print_strings, conf_print_ports, conf_print_mounts, conf_print_caps, conf_print_exceptions;

/* comparisons (conf_compare.c) */
typedef bool conf_looser_fn(const struct conf_key *key, const void *a, const void *b);
conf_looser_fn conf_looser_word, conf_looser_flag, conf_looser_grant, conf_looser_ceiling, conf_looser_floor,
	conf_looser_file, conf_looser_time, conf_looser_most, conf_looser_allow, conf_looser_deny, conf_looser_names,
	conf_looser_sysctls, conf_looser_ports, conf_looser_mounts, conf_looser_caps, conf_looser_exceptions;

#endif
