/* The key table of the gate's policy: what each key is called in the file, where its value
 * is in struct gate_policy, how it is read, printed and compared (base/key_table.h);
 * internal to policy_*.c.
 */
#ifndef KANUKI_GATE_POLICY_KEYS_H
#define KANUKI_GATE_POLICY_KEYS_H

#include "base/key_table.h"
#include "gate/policy.h"

enum policy_key_flags {
	KEY_IN_SCOPE = 1 << 1,	/* a scope may tighten it */
	KEY_NOT_EMPTY = 1 << 2, /* lists */
	KEY_ADDS = 1 << 3,	/* a scope's list is beside the site's */
};

/* key_reader.owner of the reader of a policy. */
struct policy_reading {
	const struct gate_policy *site; /* within a scope: what is tightened; else NULL */
	const struct json *scopes;	/* read last: they begin with what the file says */
};

extern const struct key_table policy_keys, policy_exception_keys, policy_engine_keys,
	policy_role_keys, policy_scope_keys;

static inline int64_t policy_load(const struct key_row *key, const void *obj)
{
	return (int64_t)key_load(key, obj);
}

key_take_fn policy_take_number, policy_take_words, policy_take_duration, policy_take_text,
	policy_take_time, policy_take_texts, policy_take_ids, policy_take_object,
	policy_take_objects, policy_take_scopes;
/* judges of strings */
bool policy_is_name(const char *s);  /* of a finding, tool, engine, role: printable, no blank */
bool policy_is_label(const char *s); /* printable UTF-8 without control characters */

typedef void policy_print_fn(const struct key_row *key, const char *prefix, const void *obj,
			     struct str *out);
policy_print_fn policy_print_number, policy_print_word, policy_print_words, policy_print_flag,
	policy_print_duration, policy_print_text, policy_print_time, policy_print_texts,
	policy_print_ids, policy_print_object, policy_print_objects, policy_print_scopes;

typedef bool policy_looser_fn(const struct key_row *key, const void *a, const void *b);
policy_looser_fn policy_looser_more, policy_looser_less, policy_looser_limit, policy_looser_grace,
	policy_looser_bits, policy_looser_fewer_bits, policy_looser_object, policy_looser_allowed,
	policy_looser_missing, policy_looser_listed;

#endif
