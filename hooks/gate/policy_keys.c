/* Owns the list of keys.  A new key is a row here, its sentence in kanuki-gate-policy(5),
 * its property in hooks/gate-policy.schema.json and its case in
 * tests/unit/test_gate_policy.c; tests/lint/gate.sh holds the four together.
 */
#include "config.h"

#include "gate/policy_keys.h"

#include "gate/findings.h"
#include "gate/glob.h"

#include <stddef.h>
#include <string.h>

#include "base/banned.h"

/* The last of a type is which way is looser. */
static const struct key_type
	type_version = {JSON_NUMBER, JSON_NULL, policy_take_number, NULL, NULL},
	type_only = {JSON_STRING, JSON_NULL, key_take_word, NULL, NULL},
	type_word = {JSON_STRING, JSON_NULL, key_take_word, policy_print_word, NULL},
	type_mode = {JSON_STRING, JSON_NULL, key_take_word, policy_print_word, policy_looser_more},
	type_allow = {JSON_STRING, JSON_NULL, key_take_word, policy_print_word,
		      policy_looser_allowed},
	type_accepted = {JSON_ARRAY, JSON_STRING, policy_take_words, policy_print_words,
			 policy_looser_bits},
	type_demanded = {JSON_ARRAY, JSON_STRING, policy_take_words, policy_print_words,
			 policy_looser_fewer_bits},
	type_demand = {JSON_BOOL, JSON_NULL, key_take_flag, policy_print_flag, policy_looser_less},
	type_grant = {JSON_BOOL, JSON_NULL, key_take_flag, policy_print_flag, policy_looser_more},
	type_age = {JSON_STRING, JSON_NULL, policy_take_duration, policy_print_duration,
		    policy_looser_more},
	type_duration = {JSON_STRING, JSON_NULL, policy_take_duration, policy_print_duration, NULL},
	type_grace = {JSON_STRING, JSON_NULL, policy_take_duration, policy_print_duration,
		      policy_looser_grace},
	type_least = {JSON_NUMBER, JSON_NULL, policy_take_number, policy_print_number,
		      policy_looser_less},
	type_limit = {JSON_NUMBER, JSON_NULL, policy_take_number, policy_print_number,
		      policy_looser_limit},
	type_limits = {JSON_OBJECT, JSON_NULL, policy_take_object, policy_print_object,
		       policy_looser_object},
	type_number = {JSON_NUMBER, JSON_NULL, policy_take_number, NULL, NULL},
	type_text = {JSON_STRING, JSON_NULL, policy_take_text, policy_print_text, NULL},
	type_time = {JSON_STRING, JSON_NULL, policy_take_time, policy_print_time, NULL},
	type_texts = {JSON_ARRAY, JSON_STRING, policy_take_texts, policy_print_texts, NULL},
	type_denied = {JSON_ARRAY, JSON_STRING, policy_take_texts, policy_print_texts,
		       policy_looser_missing},
	type_listed = {JSON_ARRAY, JSON_STRING, policy_take_texts, policy_print_texts,
		       policy_looser_listed},
	type_ids = {JSON_ARRAY, JSON_NUMBER, policy_take_ids, policy_print_ids, NULL},
	type_objects = {JSON_ARRAY, JSON_OBJECT, policy_take_objects, policy_print_objects, NULL},
	type_scopes = {JSON_ARRAY, JSON_OBJECT, policy_take_scopes, policy_print_scopes, NULL};

#define WORD(text, number) {.name = (text), .value = (number)} /* none goes by rank */
static const struct key_word modes[] = {
	WORD("enforce", GATE_ENFORCE), WORD("audit", GATE_AUDIT), {0}};
static const struct key_word on_error[] = {WORD("deny", 0), {0}};
static const struct key_word sources[] = {WORD("engine", IDENTITY_ENGINE),
					  WORD("pinned", IDENTITY_PINNED),
					  WORD("permit", IDENTITY_PERMIT),
					  {0}};
static const struct key_word subjects[] = {WORD("rootfs", SUBJECT_ROOTFS),
					   WORD("build", SUBJECT_BUILD),
					   WORD("bundle", SUBJECT_BUNDLE),
					   {0}};
static const struct key_word classes[] = {WORD("vuln", CLASS_VULN),
					  WORD("secret", CLASS_SECRET),
					  WORD("malware", CLASS_MALWARE),
					  WORD("misconfig", CLASS_MISCONFIG),
					  {0}};
static const struct key_word allow_modes[] = {WORD("any", ALLOW_ANY),
					      WORD("digest", ALLOW_DIGEST),
					      WORD("repository", ALLOW_REPOSITORY),
					      WORD("both", ALLOW_BOTH),
					      {0}};
static const struct key_word severities[] = {
	WORD("negligible", SEVERITY_NEGLIGIBLE), WORD("low", SEVERITY_LOW),
	WORD("medium", SEVERITY_MEDIUM),         WORD("high", SEVERITY_HIGH),
	WORD("critical", SEVERITY_CRITICAL),     {0}};
static const struct key_word kinds[] = {WORD("storage", ENGINE_STORAGE),
					WORD("containerd", ENGINE_CONTAINERD),
					WORD("docker", ENGINE_DOCKER),
					{0}};

#define POLICY(field)	   KEY_PLACE(struct gate_policy, field)
#define EXCEPTION(field)   KEY_PLACE(struct permission, field)
#define ROLE(field)	   KEY_PLACE(struct deploy_role, field)
#define ENGINE(field)	   KEY_PLACE(struct engine_place, field)
#define SCOPE(field)	   KEY_PLACE(struct tightening, field)
#define IN_SCOPE	   .flags = KEY_IN_SCOPE
#define ADDS		   .flags = KEY_IN_SCOPE | KEY_ADDS

#define MINUTE 60
#define DAYS   (INT64_C(24) * 3600)
#define AGE    .min = MINUTE, .max = 3650 * DAYS
#define GRACE  .min = 0, .max = 3650 * DAYS
#define COUNT  .min = NO_LIMIT, .max = 1000000
#define KEYS   .max = 16

#define WANT_DIGEST                                                                                \
	.judge = digest_is_valid,                                                                  \
	.want = "a digest, \"sha256:\" and 64 hexadecimal digits in lower case"
#define WANT_GLOB                                                                         \
	.judge = glob_is_valid,                                                           \
	.want = "a pattern like registry.example.com/prod/*: printable, without blanks, " \
		"no two stars together"
#define WANT_NAME                                                                                  \
	.judge = policy_is_name, .want = "a name: 1 to 200 printable characters without blanks"
#define WANT_LABEL .judge = policy_is_label, .want = "1 to 1000 characters of text in one line"

/* --- numbers by severity --- */

#define LIMIT(name, severity)                                              \
	{                                                                  \
		name, &type_limit, .offset = (severity) * sizeof(int64_t), \
		.size = sizeof(int64_t), IN_SCOPE, COUNT                   \
	}
static const struct key_row limit_keys[] = {
	LIMIT("critical", SEVERITY_CRITICAL),     LIMIT("high", SEVERITY_HIGH),
	LIMIT("medium", SEVERITY_MEDIUM),         LIMIT("low", SEVERITY_LOW),
	LIMIT("negligible", SEVERITY_NEGLIGIBLE), LIMIT("unknown", SEVERITY_UNKNOWN),
};
static const struct key_table limits = {limit_keys, ARRAY_LEN(limit_keys),
					sizeof(int64_t[SEVERITY_COUNT])};

/* --- lists of objects --- */

static const struct key_row exception_keys[] = {
	{"id", &type_text, EXCEPTION(id), .flags = KEY_REQUIRED, WANT_NAME},
	{"finding", &type_text, EXCEPTION(finding), .flags = KEY_REQUIRED, WANT_NAME},
	{"package", &type_text, EXCEPTION(package), WANT_LABEL},
	{"severity_max", &type_word, EXCEPTION(severity_max), .words = severities},
	{"images", &type_texts, EXCEPTION(images), .flags = KEY_REQUIRED | KEY_NOT_EMPTY,
	 WANT_DIGEST},
	{"namespaces", &type_texts, EXCEPTION(namespaces), .flags = KEY_NOT_EMPTY, WANT_GLOB},
	{"owner", &type_text, EXCEPTION(owner), .flags = KEY_REQUIRED, WANT_LABEL},
	{"reason", &type_text, EXCEPTION(reason), .flags = KEY_REQUIRED, WANT_LABEL},
	{"ticket", &type_text, EXCEPTION(ticket), WANT_LABEL},
	{"created", &type_time, EXCEPTION(created)},
	{"expires", &type_time, EXCEPTION(expires), .flags = KEY_REQUIRED},
};
const struct key_table policy_exception_keys = {exception_keys, ARRAY_LEN(exception_keys),
						sizeof(struct permission)};

static const struct key_row engine_keys[] = {
	{"name", &type_text, ENGINE(name), .flags = KEY_REQUIRED, WANT_NAME},
	{"kind", &type_word, ENGINE(kind), .flags = KEY_REQUIRED, .words = kinds},
	{"roots", &type_texts, ENGINE(roots), .flags = KEY_REQUIRED | KEY_NOT_EMPTY, KEY_WANT_PATH},
	{"additional", &type_texts, ENGINE(additional), KEY_WANT_PATH},
	{"client", &type_text, ENGINE(client), KEY_WANT_PATH},
	{"address", &type_text, ENGINE(address), KEY_WANT_PATH},
};
const struct key_table policy_engine_keys = {engine_keys, ARRAY_LEN(engine_keys),
					     sizeof(struct engine_place)};

static const struct key_row role_keys[] = {
	{"name", &type_text, ROLE(name), .flags = KEY_REQUIRED, WANT_NAME},
	{"uids", &type_ids, ROLE(uids), .flags = KEY_NOT_EMPTY, .max = UINT32_MAX - 1},
	{"gids", &type_ids, ROLE(gids), .flags = KEY_NOT_EMPTY, .max = UINT32_MAX - 1},
	{"login_uids", &type_ids, ROLE(login_uids), .flags = KEY_NOT_EMPTY, .max = UINT32_MAX - 1},
	{"namespaces", &type_texts, ROLE(namespaces), .flags = KEY_NOT_EMPTY, WANT_GLOB},
};
const struct key_table policy_role_keys = {role_keys, ARRAY_LEN(role_keys),
					   sizeof(struct deploy_role)};

/* `tighten` itself is policy_parse.c's: the whole table once more. */
static const struct key_row scope_keys[] = {
	{"namespace", &type_text, SCOPE(namespace_glob), WANT_GLOB},
	{"repository", &type_text, SCOPE(repository_glob), WANT_GLOB},
	{"engine", &type_text, SCOPE(engine), WANT_NAME},
};
const struct key_table policy_scope_keys = {scope_keys, ARRAY_LEN(scope_keys),
					    sizeof(struct tightening)};

/* --- the file --- */

static const struct key_row keys[] = {
	{"version", &type_version, .flags = KEY_REQUIRED, .min = 1, .max = 1},
	{"mode", &type_mode, POLICY(mode), IN_SCOPE, .words = modes},
	{"on_error", &type_only, .words = on_error},
	{"identity.accept", &type_accepted, POLICY(identity_accept),
	 .flags = KEY_IN_SCOPE | KEY_NOT_EMPTY, .words = sources},
	{"identity.require_platform", &type_demand, POLICY(require_platform), IN_SCOPE},
	{"identity.classes", &type_accepted, POLICY(classes_allowed), IN_SCOPE, .words = subjects},
	{"engines", &type_objects, POLICY(engines), .inner = &policy_engine_keys},
	{"freshness.max_scan_age", &type_age, POLICY(max_scan_age_s), IN_SCOPE, AGE},
	{"freshness.max_db_age", &type_age, POLICY(max_db_age_s), IN_SCOPE, AGE},
	{"freshness.clock_skew", &type_age, POLICY(clock_skew_s), IN_SCOPE, .min = 0, .max = 3600},
	{"freshness.grace_restart", &type_age, POLICY(grace_restart_s), IN_SCOPE, GRACE},
	{"require.classes", &type_demanded, POLICY(require_classes), IN_SCOPE, .words = classes},
	{"require.tools", &type_denied, POLICY(require_tools), ADDS, WANT_NAME},
	{"require.min_tools", &type_least, POLICY(min_tools), IN_SCOPE, .min = 1, KEYS},
	{"require.complete", &type_demand, POLICY(require_complete), IN_SCOPE},
	{"require.os_detected", &type_demand, POLICY(require_os), IN_SCOPE},
	{"require.deny_eol_os", &type_demand, POLICY(deny_eol_os), IN_SCOPE},
	{"thresholds.vuln", &type_limits, POLICY(limit[CLASS_VULN]), IN_SCOPE, .inner = &limits},
	{"thresholds.secret", &type_limits, POLICY(limit[CLASS_SECRET]), IN_SCOPE,
	 .inner = &limits},
	{"thresholds.misconfig", &type_limits, POLICY(limit[CLASS_MISCONFIG]), IN_SCOPE,
	 .inner = &limits},
	{"thresholds.malware", &type_number, .min = 0, .max = 0},
	{"thresholds.kev", &type_limit, POLICY(limit_known_exploited), IN_SCOPE, COUNT},
	{"unfixed.ignore", &type_grant, POLICY(ignore_unfixed), IN_SCOPE},
	{"unfixed.grace", &type_grace, POLICY(unfixed_grace_s), IN_SCOPE, GRACE},
	{"deny_cves", &type_denied, POLICY(deny_cves), ADDS, WANT_NAME},
	{"signers.required", &type_demand, POLICY(signers_required), IN_SCOPE},
	{"signers.threshold.recorder", &type_least, POLICY(threshold_recorder), IN_SCOPE, .min = 1,
	 KEYS},
	{"signers.threshold.scanner", &type_least, POLICY(threshold_scanner), IN_SCOPE, .min = 0,
	 KEYS},
	{"signers.max_record_age", &type_age, POLICY(max_record_age_s), IN_SCOPE, AGE},
	{"allow.mode", &type_allow, POLICY(allow), IN_SCOPE, .words = allow_modes},
	{"allow.digests", &type_listed, POLICY(allow_digests), IN_SCOPE, WANT_DIGEST},
	{"allow.repositories", &type_listed, POLICY(allow_repositories), IN_SCOPE, WANT_GLOB},
	{"allow.pause", &type_listed, POLICY(pause_digests), IN_SCOPE, WANT_DIGEST},
	{"deny.digests", &type_denied, POLICY(deny_digests), ADDS, WANT_DIGEST},
	{"deny.repositories", &type_denied, POLICY(deny_repositories), ADDS, WANT_GLOB},
	{"vex.accept", &type_grant, POLICY(vex_accept), IN_SCOPE},
	{"vex.max_age", &type_age, POLICY(vex_max_age_s), IN_SCOPE, AGE},
	{"exceptions", &type_objects, POLICY(exceptions), .inner = &policy_exception_keys},
	{"deploy.require_role", &type_demand, POLICY(require_role), IN_SCOPE},
	{"deploy.roles", &type_objects, POLICY(roles), .inner = &policy_role_keys},
	{"deploy.permit_max_age", &type_age, POLICY(permit_max_age_s), IN_SCOPE, AGE},
	{"breakglass.enabled", &type_grant, POLICY(breakglass), IN_SCOPE},
	{"breakglass.max_ttl", &type_age, POLICY(breakglass_max_s), IN_SCOPE, .min = MINUTE,
	 .max = DAYS},
	{"breakglass.require_ticket", &type_demand, POLICY(breakglass_ticket), IN_SCOPE},
	{"hook.deadline", &type_duration, POLICY(hook_deadline_s), .min = 1,
	 .max = GATE_DEADLINE_MAX_S},
	{"log.path", &type_text, POLICY(log_path), KEY_WANT_PATH},
	{"log.syslog", &type_demand, POLICY(log_syslog)},
	{"log.required", &type_demand, POLICY(log_required)},
	{"scopes", &type_scopes, POLICY(scopes), .inner = &policy_scope_keys},
};

_Static_assert(ARRAY_LEN(keys) <= KEY_TABLE_MAX, "the reader's bits");
const struct key_table policy_keys = {keys, ARRAY_LEN(keys), sizeof(struct gate_policy)};
