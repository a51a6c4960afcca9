/* Owns the list of keys.  A new key is a row here, its sentence in kanuki-policy(5), its
 * property in man/kanuki-policy.schema.json and its cases in tests/unit/test_conf.c;
 * tests/lint/policy.sh holds the four together.
 */
#include "config.h"

#include "policy/conf_keys.h"

#include <limits.h>
#include <stddef.h>
#include <string.h>

#include "base/banned.h"

const struct key_type
	type_version = {JSON_NUMBER, JSON_NULL, conf_take_version, NULL, NULL},
	type_level = {JSON_STRING, JSON_NULL, conf_take_level, conf_print_word, conf_looser_word},
	type_word = {JSON_STRING, JSON_NULL, key_take_word, conf_print_word, conf_looser_word},
	type_flag = {JSON_BOOL, JSON_NULL, key_take_flag, conf_print_flag, conf_looser_flag},
	type_ceiling = {JSON_NUMBER, JSON_NULL, conf_take_number, conf_print_limit,
			conf_looser_ceiling},
	type_floor = {JSON_NUMBER, JSON_NULL, conf_take_number, conf_print_number,
		      conf_looser_floor},
	type_number = {JSON_NUMBER, JSON_NULL, conf_take_number, conf_print_number, NULL},
	type_file = {JSON_STRING, JSON_NULL, conf_take_text, conf_print_text, conf_looser_file},
	type_program = {JSON_STRING, JSON_NULL, conf_take_text, conf_print_text,
			NULL}, /* whichever it is, it is asked */
	type_allow = {JSON_ARRAY, JSON_STRING, conf_take_strings, conf_print_strings,
		      conf_looser_allow},
	type_deny = {JSON_ARRAY, JSON_STRING, conf_take_strings, conf_print_strings,
		     conf_looser_deny},
	type_sysctls = {JSON_ARRAY, JSON_STRING, conf_take_sysctls, conf_print_strings,
			conf_looser_sysctls},
	type_ports = {JSON_ARRAY, JSON_NUMBER, conf_take_ports, conf_print_ports,
		      conf_looser_ports},
	type_mounts = {JSON_ARRAY, JSON_OBJECT, conf_take_mounts, conf_print_mounts,
		       conf_looser_mounts},
	type_exceptions = {JSON_ARRAY, JSON_OBJECT, conf_take_exceptions, conf_print_exceptions,
			   conf_looser_exceptions};

/* Those of an exception: all that is given makes it looser. */
static const struct key_type
	type_label = {JSON_STRING, JSON_NULL, conf_take_text, conf_print_text, NULL},
	type_expiry = {JSON_STRING, JSON_NULL, conf_take_time, conf_print_text, conf_looser_time},
	type_grant = {JSON_BOOL, JSON_NULL, key_take_flag, conf_print_flag, conf_looser_grant},
	type_more = {JSON_NUMBER, JSON_NULL, conf_take_number, conf_print_limit, conf_looser_most},
	type_names = {JSON_ARRAY, JSON_STRING, conf_take_strings, conf_print_strings,
		      conf_looser_names},
	type_caps = {JSON_ARRAY, JSON_STRING, conf_take_caps, conf_print_caps, conf_looser_caps};

static const struct key_word levels[] = {
	{"oci", LEVEL_OCI, 0},
	{"hardened", LEVEL_HARDENED, 1},
	{"personal-data", LEVEL_PERSONAL_DATA, 2},
	{"card-payments", LEVEL_CARD_PAYMENTS, 3},
	{0},
};
static const struct key_word modes[] = {
	{"audit", MODE_AUDIT, 0}, {"enforce", MODE_ENFORCE, 1}, {0}};
/* "keep" and "none" are what level oci does; a file can't say them, for they are looser
 * than any other level. */
static const struct key_word roots[] = {
	{"keep", ROOT_KEEP, 0},
	{"demote", ROOT_DEMOTE, 1},
	{"remap", ROOT_REMAP, 1}, /* root inside, nobody outside: neither way is the stricter */
	{"reject", ROOT_REJECT, 2},
	{0},
};
static const struct key_word profiles[] = {
	{"none", SECCOMP_PROFILE_NONE, 0},
	{"default", SECCOMP_PROFILE_DEFAULT, 1},
	{"strict", SECCOMP_PROFILE_STRICT, 2},
	{0},
};
static const struct key_word gates[] = {
	{"off", GATE_OFF, 0}, {"present", GATE_PRESENT, 1}, {"required", GATE_REQUIRED, 2}, {0}};
static const struct key_word daemons[] = {{"allow", false, 0}, {"refuse", true, 1}, {0}};

#define CONF(field)	   KEY_PLACE(struct policy_conf, field)
#define LIMITED(field)	   .limited = offsetof(struct policy_conf, field)
#define IN_EXCEPTION(field) KEY_PLACE(struct policy_exception, field)
#define WANT_CONTAINER_PATH                                                                        \
	.judge = conf_is_container_path,                                                           \
	.want = "a clean absolute path beneath '/' outside of /proc, /sys and /dev"

#define PIDS	.min = 1, .max = 4194304
#define BYTES	.min = 1u << 20, .max = UINT64_C(1) << 50
/* RLIMIT_NOFILE's upper end: sysctl fs.nr_open. */
#define FILES	.min = 16, .max = 1073741816
#define DAYS	.min = 1, .max = 3650

static const struct key_row keys[] = {
	{"version", &type_version, .min = 1, .max = 1, .flags = KEY_REQUIRED | KEY_AT_OCI},
	{"level", &type_level, CONF(level), .words = levels, .flags = KEY_AT_OCI},
	{"mode", &type_word, CONF(mode), .words = modes, .flags = KEY_AT_OCI | KEY_FREE},
	{"root.request", &type_word, CONF(root), .words = roots},
	/* Beyond the ids of people and services, within what a kernel takes. */
	{"root.remap.first", &type_number, CONF(remap_first), .min = 65536, .max = 4294901760},
	{"root.remap.count", &type_number, CONF(remap_count), .min = 1, .max = 1u << 30},
	{"seccomp", &type_word, CONF(seccomp), .words = profiles},
	{"landlock.minimumAbi", &type_floor, CONF(landlock_abi_min), .min = 0, .max = 1000},
	{"limits.pids", &type_ceiling, CONF(pids_max), PIDS},
	{"limits.memory", &type_ceiling, CONF(memory_max), BYTES},
	{"limits.openFiles", &type_ceiling, CONF(open_files_max), FILES},
	{"superDaemons", &type_word, CONF(refuse_super_daemons), .words = daemons},
	{"commands.allow", &type_allow, CONF(commands_allow), KEY_WANT_PATH},
	{"commands.deny", &type_deny, CONF(commands_deny), KEY_WANT_PATH},
	{"ports.bind", &type_ports, CONF(bind), LIMITED(bind_limited), .min = 0, .max = 65535},
	{"ports.connect", &type_ports, CONF(connect), LIMITED(connect_limited), .min = 1,
	 .max = 65535},
	{"mounts.allow", &type_mounts, CONF(mounts), LIMITED(mounts_limited), .flags = KEY_FREE},
	{"mounts.encryptedVolumes", &type_flag, CONF(encrypted_volumes)},
	{"sysctls.allow", &type_sysctls, CONF(sysctls), LIMITED(sysctls_limited),
	 .flags = KEY_FREE},
	{"exceptionsMaxDays", &type_ceiling, CONF(exceptions_days_max), DAYS},
	{"scan.maxAgeDays", &type_ceiling, CONF(scan_age_days_max), DAYS},
	/* Who has no gate yet, or runs bundles of his own, is better off with the rest of hardened
	   than with oci. */
	{"gate.mode", &type_word, CONF(gate), .words = gates, .flags = KEY_FREE_AT_HARDENED},
	{"gate.program", &type_program, CONF(gate_program), .min = 1, .max = PATH_MAX - 1,
	 KEY_WANT_PATH},
	{"audit.file", &type_file, CONF(trail), .min = 1, .max = PATH_MAX - 1, .flags = KEY_AT_OCI,
	 KEY_WANT_PATH},
	{"audit.required", &type_flag, CONF(trail_required), .flags = KEY_AT_OCI},
	{"audit.syslog", &type_flag, CONF(trail_syslog), .flags = KEY_AT_OCI},
	{"exceptions", &type_exceptions, CONF(exceptions), .flags = KEY_FREE},
};

static const struct key_row exception_keys[] = {
	{"image", &type_label, IN_EXCEPTION(image), .flags = KEY_REQUIRED, .min = 71, .max = 71,
	 .judge = conf_is_image,
	 .want = "an image's config digest, \"sha256:\" and 64 hexadecimal digits in lower case"},
	{"owner", &type_label, IN_EXCEPTION(owner), .flags = KEY_REQUIRED, .min = 1, .max = 200},
	{"reason", &type_label, IN_EXCEPTION(reason), .flags = KEY_REQUIRED, .min = 1, .max = 1000},
	{"expires", &type_expiry, IN_EXCEPTION(expires_text), .flags = KEY_REQUIRED},
	{"allow.rootUser", &type_grant, IN_EXCEPTION(root_user)},
	{"allow.rootGroup", &type_grant, IN_EXCEPTION(root_group)},
	{"allow.capabilities", &type_caps, IN_EXCEPTION(capabilities)},
	{"allow.exec", &type_names, IN_EXCEPTION(exec_on), WANT_CONTAINER_PATH},
	{"allow.writable", &type_names, IN_EXCEPTION(writable), WANT_CONTAINER_PATH},
	{"allow.mounts", &type_mounts, IN_EXCEPTION(mounts)},
	{"allow.syscalls", &type_names, IN_EXCEPTION(syscalls), .judge = conf_is_syscall,
	 .want = "the name of a system call"},
	{"allow.ports.bind", &type_ports, IN_EXCEPTION(bind), .min = 0, .max = 65535},
	{"allow.ports.connect", &type_ports, IN_EXCEPTION(connect), .min = 1, .max = 65535},
	{"allow.pids", &type_more, IN_EXCEPTION(pids_max), PIDS},
	{"allow.memory", &type_more, IN_EXCEPTION(memory_max), BYTES},
};

static const struct key_row mount_keys[] = {
	{"source", &type_label, KEY_PLACE(struct policy_mount, source), .flags = KEY_REQUIRED,
	 .min = 1, .max = PATH_MAX - 1, KEY_WANT_PATH},
	{"target", &type_label, KEY_PLACE(struct policy_mount, target), .min = 1,
	 .max = PATH_MAX - 1, WANT_CONTAINER_PATH},
	{"writable", &type_grant, KEY_PLACE(struct policy_mount, writable)},
};

_Static_assert(ARRAY_LEN(keys) <= KEY_TABLE_MAX && ARRAY_LEN(exception_keys) <= KEY_TABLE_MAX,
	       "the reader's bits");

const struct key_table conf_keys = {keys, ARRAY_LEN(keys), sizeof(struct policy_conf)},
		       conf_exception_keys = {exception_keys, ARRAY_LEN(exception_keys),
					      sizeof(struct policy_exception)},
		       conf_mount_keys = {mount_keys, ARRAY_LEN(mount_keys),
					  sizeof(struct policy_mount)};

bool conf_is_limited(const struct key_row *key, const void *obj)
{
	if (key->limited)
		return *(const bool *)((const char *)obj + key->limited);
	return key->type != &type_allow || ((const struct str_list *)key_field(key, obj))->n > 0;
}
