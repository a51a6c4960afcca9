/* The site's decision as data: the level, what it changes, its exceptions.
 *
 * A policy is a level (a complete built-in, conf.c) and the file's own keys over
 * it.  Every key but those below `exceptions`, `mounts.allow` and `sysctls.allow`, and
 * at hardened `gate.mode`, can only be as strict as the level's or stricter; a looser
 * value is an error of the file.  man/kanuki-policy.5 documents each key; tests/lint/policy.sh
 * keeps the key table, the man page, the shipped JSON Schema and the tests equal.
 *
 * Everything here is pure.  Who reads the file checks its owner first
 * (cmd/policy_file.c).
 */
#ifndef KANUKI_POLICY_CONF_H
#define KANUKI_POLICY_CONF_H

#include "base/arena.h"
#include "base/json.h"
#include "base/list.h"
#include "base/sha256.h"
#include "base/str.h"
#include "plan/plan.h"

#define POLICY_FILE	 "/etc/kanuki/policy.json"
#define POLICY_MAX_BYTES (4u << 20)

/* MODE_AUDIT: OCI semantics; what would be changed or refused goes to the trail. */
enum policy_mode { MODE_ENFORCE = 0, MODE_AUDIT };

/* What becomes of a bundle that asks for uid or gid 0 (H-01, H-02). */
enum policy_root {
	ROOT_DEMOTE = 0, /* 65532 in its place */
	ROOT_REJECT,	 /* refused */
	/* stays 0 in a user namespace of the container's own where 0 is nobody's id outside */
	ROOT_REMAP,
	ROOT_KEEP,	 /* level oci only: as asked */
};

/* Whether the scan gate is asked for the image (H-85). */
enum policy_gate_mode {
	GATE_REQUIRED = 0, /* and without one nothing starts */
	GATE_PRESENT,	   /* as soon as the site has set one up */
	GATE_OFF,	   /* level oci, builtin:sandbox */
};

/* SECCOMP_PROFILE_NONE: level oci only. */
enum policy_seccomp { SECCOMP_PROFILE_DEFAULT = 0, SECCOMP_PROFILE_STRICT, SECCOMP_PROFILE_NONE };

/* A host directory or file that may be bound: `source` itself and what is beneath it. */
struct policy_mount {
	const char *source; /* clean, absolute */
	const char *target; /* the one place in the container, or NULL: anywhere */
	bool writable;	    /* false: read-only binds only */
};
typedef LIST_OF(struct policy_mount) policy_mounts;
typedef LIST_OF(uint16_t) policy_ports;

/* For one image, named things only; every one is a relaxation that the plan shows. */
struct policy_exception {
	/* "sha256:" and 64 hexadecimal digits: the image's config digest */
	const char *image;
	const char *owner, *reason; /* who answers for it, and why: required, shown */
	/* seconds since 1970, exclusive: from then on it doesn't apply */
	int64_t expires;
	const char *expires_text;  /* as written, RFC 3339, UTC */
	bool root_user;		   /* uid 0 stays, inside a mapped user namespace only */
	bool root_group;	   /* gid 0 stays */
	uint64_t capabilities;	   /* of those asked for, these stay (bit mask) */
	/* mount points in the container that may be executable; read-only or not (H-22, H-24) */
	struct str_list exec_on;
	/* paths beneath "/" that get a writable tmpfs of their own, noexec (H-20) */
	struct str_list writable;
	/* as mounts.allow, also where the level refuses (H-25); never the never-list */
	policy_mounts mounts;
	struct str_list syscalls;  /* names that our own profile lets through too (H-50) */
	policy_ports bind, connect; /* beside ports.* (H-72) */
	uint64_t pids_max, memory_max; /* 0: the policy's */
};

struct policy_conf {
	struct arena arena;	 /* owns what a file brought; empty for a built-in */
	const struct json *json; /* the file's text, as it was taken; NULL for a built-in */
	enum plan_level level;
	const char *name;	 /* "builtin:hardened", or the file's path */
	/* SHA-256 of the file, of the canonical text for a built-in: the trail names it */
	char hash[SHA256_HEX_SIZE];
	enum policy_mode mode;

	enum policy_root root;
	/* ROOT_REMAP: host ids of the container's 0.. (default 524288, 65536) */
	uint32_t remap_first, remap_count;
	enum policy_seccomp seccomp;
	int landlock_abi_min;	 /* 0: take what there is; else fewer is ERR_HOST (H-70) */
	uint64_t pids_max;	 /* H-60 */
	uint64_t memory_max;	 /* bytes, 0: none forced (H-62) */
	uint64_t open_files_max; /* 0: none forced (H-63) */
	bool refuse_super_daemons; /* H-82 */
	/* H-73: files or directories in the container; empty: no limit */
	struct str_list commands_allow, commands_deny;
	bool bind_limited, connect_limited; /* H-72: ports.bind, ports.connect was given */
	policy_ports bind, connect;
	/* at every level but oci: what H-25 doesn't refuse needs an entry */
	bool mounts_limited;
	/* H-25: beside what engines manage and /etc lends; never policy_path_refused()'s */
	policy_mounts mounts;
	/* H-27: a writable host source must lie on dm-crypt, where the host shows it */
	bool encrypted_volumes;
	struct str_list sysctls; /* H-15: names, "/"-separated, or "net/ipv4/" for all beneath */
	bool sysctls_limited;
	uint32_t exceptions_days_max; /* 0: no bound; else expiry at most so far from `now` */
	uint32_t scan_age_days_max;  /* handed to the scan gate */
	enum policy_gate_mode gate;
	/* NULL: the one installed beside us, once the site has set it up */
	const char *gate_program;

	const char *trail;	 /* file of the audit trail, NULL: none */
	bool trail_required;	 /* can't be written: refuse */
	bool trail_syslog;
	LIST_OF(struct policy_exception) exceptions;
};

#define POLICY_CONF_INIT {0}
void policy_conf_release(struct policy_conf *conf);
#define autoconf __attribute__((cleanup(policy_conf_release))) struct policy_conf

/* "builtin:NAME" (oci, sandbox, hardened, personal-data, card-payments) -> *ret, which must be
 * POLICY_CONF_INIT.  ERR_USAGE for any other name, which lists them. */
int policy_conf_builtin(const char *name, struct policy_conf *ret, struct err *err)
	__attribute__((warn_unused_result));

/* A policy file's text -> *ret (POLICY_CONF_INIT).  Strict: unknown or duplicate key,
 * wrong type, missing version, a value looser than the level: ERR_POLICY naming
 * `name` and the key's JSON path.  `name` is kept. */
int policy_conf_parse(const char *text, size_t len, const char *name, struct policy_conf *ret,
		      struct err *err) __attribute__((warn_unused_result));

/* A policy that policy_conf_parse() took, by its root -> the text of the same without its
 * exceptions, appended to `ret`: what holds for an image that nothing was proven of. */
int policy_conf_reduce(const struct json *root, struct str *ret, struct err *err)
	__attribute__((warn_unused_result));

/* Canonical text, one "key: value" per line in the key table's order; two policies are
 * compared by it (kanuki policy diff).  Untrusted strings are escaped. */
void policy_conf_print(const struct policy_conf *conf, struct str *out);

/* The exceptions for `image` merged into one that is valid at `now`; *ret_expired is the
 * first that no longer is.  Both NULL-able results live in `arena`.  image NULL: none. */
int policy_conf_grant(const struct policy_conf *conf, const char *image, int64_t now,
		      struct arena *arena, const struct policy_exception **ret,
		      const struct policy_exception **ret_expired, struct err *err)
	__attribute__((warn_unused_result));

/* An exception that ends later than exceptionsMaxDays allows, seen from `now`: ERR_POLICY.
 * policy_conf_grant() asks for those of its image. */
int policy_conf_check_dates(const struct policy_conf *conf, int64_t now, struct err *err)
	__attribute__((warn_unused_result));

/* Host paths, clean and absolute (host_paths.c); NULL or the place that `source` is, is in, or
 * holds.  Never: not by any entry or exception.  Refused: by H-25, unless an exception names it. */
const char *policy_path_never(const char *source);
const char *policy_path_refused(const char *source, bool writable);
/* Data that engines keep for containers, the host's that is lent to all, or an engine's program:
 * whether it may be executed is known without a look at it (H-24). */
bool policy_path_is_engines(const char *source);

/* As strict as `than` in every key, or stricter; *ret_key names the first that is looser.
 * Remapping root and demoting it are neither, seen from the other. */
bool policy_conf_is_stricter(const struct policy_conf *conf, const struct policy_conf *than,
			     const char **ret_key);

#endif
