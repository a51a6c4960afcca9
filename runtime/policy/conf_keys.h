/* The key table of a policy: what each key is called in the file, where its value is in
 * struct policy_conf, how it is read, printed and compared (base/key_table.h); internal to
 * conf_*.c.
 */
#ifndef KANUKI_POLICY_CONF_KEYS_H
#define KANUKI_POLICY_CONF_KEYS_H

#include "base/key_table.h"
#include "policy/conf.h"

enum conf_key_flags {
	KEY_AT_OCI = 1 << 1, /* means something where nothing is forced */
	KEY_FREE = 1 << 2,   /* may be looser than the level's own value */
	KEY_FREE_AT_HARDENED = 1 << 3, /* there the level's value is only where the file begins */
};

/* The file; one of its exceptions; one entry of a list of mounts. */
extern const struct key_table conf_keys, conf_exception_keys, conf_mount_keys;

extern const struct key_type type_version, type_level, type_word, type_flag, type_ceiling,
	type_floor, type_number, type_file, type_program, type_allow, type_deny, type_sysctls,
	type_ports, type_mounts, type_exceptions;

/* The built-in as it is, without its hash. */
void policy_conf_of_level(enum plan_level level, struct policy_conf *ret);

/* The list may hold no more than it names. */
bool conf_is_limited(const struct key_row *key, const void *obj);

/* takers (conf_take.c) */
key_take_fn conf_take_version, conf_take_level, conf_take_number, conf_take_text, conf_take_time,
	conf_take_strings, conf_take_sysctls, conf_take_ports, conf_take_mounts, conf_take_caps,
	conf_take_exceptions;
/* judges of strings */
bool conf_is_container_path(const char *s); /* key_is_path(), and not in /proc, /sys, /dev */
bool conf_is_image(const char *s);
bool conf_is_syscall(const char *s);

/* printers (conf_print.c) */
typedef void conf_print_fn(const struct key_row *key, const char *prefix, const void *obj,
			   struct str *out);
conf_print_fn conf_print_word, conf_print_flag, conf_print_number, conf_print_limit,
	conf_print_text, conf_print_strings, conf_print_ports, conf_print_mounts, conf_print_caps,
	conf_print_exceptions;

/* comparisons (conf_compare.c) */
typedef bool conf_looser_fn(const struct key_row *key, const void *a, const void *b);
conf_looser_fn conf_looser_word, conf_looser_flag, conf_looser_grant, conf_looser_ceiling,
	conf_looser_floor, conf_looser_file, conf_looser_time, conf_looser_most, conf_looser_allow,
	conf_looser_deny, conf_looser_names, conf_looser_sysctls, conf_looser_ports,
	conf_looser_mounts, conf_looser_caps, conf_looser_exceptions;

#endif
