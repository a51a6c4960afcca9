/* The key table of the gate's policy: what each key is called in the file, where its value
 * is in struct gate_policy, how it is read, printed and compared; internal to policy_*.c.
 *
 * A path with dots is an object within an object; rows that begin alike stand together.
 */
#ifndef KANUKI_GATE_POLICY_KEYS_H
#define KANUKI_GATE_POLICY_KEYS_H

#include "base/json.h"
#include "base/str.h"
#include "gate/policy.h"

struct policy_key;
struct policy_table;

struct policy_reader {
	struct arena *arena;
	struct err *err;
	const struct gate_policy *site; /* within a scope: what is tightened; else NULL */
	const struct json *scopes;	/* read last: they begin with what the file says */
};

struct policy_type {
	enum json_type json;
	enum json_type item; /* of a list */
	int (*take)(struct policy_reader *r, const struct json *v, const struct policy_key *key, void *obj);
	/* One or more whole lines that begin with `prefix` and the key's path; NULL: none. */
	void (*print)(const struct policy_key *key, const char *prefix, const void *obj, struct str *out);
	/* a admits what b doesn't. */
	bool (*is_looser)(const struct policy_key *key, const void *a, const void *b);
};

enum policy_key_flags {
	KEY_REQUIRED = 1 << 0,
	KEY_IN_SCOPE = 1 << 1,	/* a scope may tighten it */
	KEY_NOT_EMPTY = 1 << 2, /* lists */
	KEY_ADDS = 1 << 3,	/* a scope's list is beside the site's */
};

struct policy_word {
	const char *name;
	unsigned value;
};

struct policy_key {
	const char *path;
	const struct policy_type *type;
	size_t offset, size; /* of the value; size where it is a number, a word or a flag: 1, 4 or 8 */
	unsigned flags;	     /* enum policy_key_flags */
	int64_t min, max;    /* numbers; seconds; bytes of a text */
	const struct policy_word *words;
	bool (*judge)(const char *s);
	const char *want; /* what `judge` wants: "'x' is not <want>" */
	const struct policy_table *inner; /* of an object, of each object of a list */
};

struct policy_table {
	const struct policy_key *keys;
	size_t n, size; /* rows; bytes of the struct */
};

extern const struct policy_table policy_keys, policy_exception_keys, policy_engine_keys, policy_role_keys, policy_scope_keys;

/* Any object by its table, within a scope only what it may say. */
int policy_read_object(struct policy_reader *r, const struct json *v, const struct policy_table *table, void *obj)
	__attribute__((warn_unused_result));

int64_t policy_load(const struct policy_key *key, const void *obj);
void policy_store(const struct policy_key *key, void *obj, int64_t value);
static inline const void *policy_field(const struct policy_key *key, const void *obj)
{
	return (const char *)obj + key->offset;
}
static inline void *policy_place(const struct policy_key *key, void *obj)
{
	return (char *)obj + key->offset;
}

typedef int policy_take_fn(struct policy_reader *r, const struct json *v, const struct policy_key *key, void *obj);
policy_take_fn policy_take_number, policy_take_word, policy_take_words, policy_take_flag, policy_take_duration, policy_take_text,
	policy_take_time, policy_take_texts, policy_take_ids, policy_take_object, policy_take_objects, policy_take_scopes;
/* judges of strings */
bool policy_is_path(const char *s);
bool policy_is_name(const char *s);  /* of a finding, tool, engine, role: printable, no blank */
bool policy_is_label(const char *s); /* printable UTF-8 without control characters */

typedef void policy_print_fn(const struct policy_key *key, const char *prefix, const void *obj, struct str *out);
policy_print_fn policy_print_number, policy_print_word, policy_print_words, policy_print_flag, policy_print_duration,
	policy_print_text, policy_print_time, policy_print_texts, policy_print_ids, policy_print_object, policy_print_objects,
	policy_print_scopes;

typedef bool policy_looser_fn(const struct policy_key *key, const void *a, const void *b);
policy_looser_fn policy_looser_more, policy_looser_less, policy_looser_limit, policy_looser_grace, policy_looser_bits,
	policy_looser_fewer_bits, policy_looser_object, policy_looser_allowed, policy_looser_missing, policy_looser_listed;

#endif
