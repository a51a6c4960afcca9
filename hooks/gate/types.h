/* The nouns of the scan gate: what a scanner found, what was recorded of it, what the
 * site asks for, who asks, and the answer.  Data only; every string lives in the arena
 * of whoever parsed it.
 *
 * Zero is the careful value everywhere: an unknown severity is counted as such and
 * limited by its own threshold, an unknown class proves nothing, a time of 0 is "not
 * said", which is never fresh.
 */
#ifndef KANUKI_GATE_TYPES_H
#define KANUKI_GATE_TYPES_H

#include "base/list.h"
#include "base/sha256.h"

#include <stdbool.h>
#include <stdint.h>

#define DIGEST_LEN 71 /* "sha256:" and 64 lower-case hexadecimal digits */

/* --- what a scanner says --- */

enum severity {
	SEVERITY_UNKNOWN = 0,
	SEVERITY_NEGLIGIBLE,
	SEVERITY_LOW,
	SEVERITY_MEDIUM,
	SEVERITY_HIGH,
	SEVERITY_CRITICAL,
	SEVERITY_COUNT
};

enum scan_class {
	CLASS_NONE = 0,
	CLASS_VULN,
	CLASS_SECRET,
	CLASS_MALWARE,
	CLASS_MISCONFIG,
	CLASS_COUNT
};

/* Whether the maintainer has a fix; unknown counts as one that exists. */
enum fix_state { FIX_UNKNOWN = 0, FIX_FIXED, FIX_NONE, FIX_WONT };

struct finding {
	enum scan_class scan_class;
	enum severity severity;
	const char *id;		/* CVE-2026-1234, GHSA-..., rule id, signature name */
	const char *alias;	/* the same hole's CVE where id is another name, or NULL */
	const char *package;	/* name, or the path for secrets and malware; NULL when not said */
	const char *version, *fixed_version; /* NULL when not said */
	const char *purl;	/* NULL when not said */
	enum fix_state fix;
	bool known_exploited;	/* CISA KEV, as the scanner says */
	int64_t published;	/* Unix seconds, 0: not said */
};
typedef LIST_OF(struct finding) finding_list;

/* One run of one scanner. */
struct scan {
	const char *tool, *tool_version, *format; /* "trivy", "0.66.0", "trivy-json" */
	unsigned classes;	/* 1 << enum scan_class: what it looked for */
	int64_t scanned_at;	/* Unix seconds; 0: not said */
	int64_t db_updated_at;	/* of its vulnerability or signature database; 0: not said */
	bool complete;		/* false: said or seen to have left something out */
	const char *incomplete_why; /* one phrase, NULL when complete */
	const char *os_family, *os_version; /* NULL: none detected */
	bool os_end_of_life;
	struct str_list filters; /* what the report was reduced by: "--only-fixed", ... */
	const char *evidence;	/* digest of the stored report */
	const char *signer;	/* key id that signed the evidence, or NULL */
};
typedef LIST_OF(struct scan) scan_list;

enum vex_status { VEX_UNKNOWN = 0, VEX_NOT_AFFECTED, VEX_FIXED, VEX_AFFECTED, VEX_INVESTIGATED };

struct vex_statement {
	const char *vulnerability; /* its name, as in finding.id or finding.alias */
	enum vex_status status;
	const char *justification; /* a label of the standard; NULL: none, and then nothing is suppressed */
	const char *product;	   /* purl or digest that it speaks of; NULL: the image as a whole */
	const char *image;	   /* only of the image with this digest, or NULL; the import compares it, a record hasn't got it */
	int64_t at;
	const char *evidence, *signer;
};
typedef LIST_OF(struct vex_statement) vex_list;

/* What a report says of the image it was made of; any may be NULL.  The importer
 * compares them with the digest it was told. */
struct subject {
	const char *config;   /* the image's id */
	const char *manifest;
	struct str_list indexes; /* digests that may be an index's: trivy's RepoDigests */
	struct str_list
		about; /* digests that a statement says it is about: one must be the image's */
	const char *os, *architecture, *variant;
	struct str_list refs;	 /* repository names, never evidence */
};

/* A report, read: the importers' one output. */
struct report {
	struct subject subject;
	scan_list scans;
	finding_list findings;
	vex_list vex;
};

/* --- the record of an image: one signed statement --- */

struct record_image {
	const char *config;	/* key of everything */
	const char *manifest;	/* NULL: not known */
	struct str_list indexes;
	const char *platform;	/* "linux/amd64", "linux/arm64/v8" */
	struct str_list refs;
	const char *sbom;	/* digest of the stored list of packages, or NULL; never evidence */
};

struct record {
	int64_t sequence;	/* grows with each record of this image */
	int64_t issued_at, expires_at;
	struct record_image image;
	scan_list scans;
	finding_list findings;	/* all of them, LOW as well: a policy may tighten */
	uint64_t counted[CLASS_COUNT][SEVERITY_COUNT]; /* the record's own summary; decide counts again */
	vex_list vex;
};

/* Who signed it: key ids computed from keys, each once, with the roles that the site
 * gave them (enum role bits). */
enum role {
	ROLE_RECORDER = 1 << 0,
	ROLE_SCANNER = 1 << 1,
	ROLE_APPROVER = 1 << 2,
	ROLE_VEX = 1 << 3,
	ROLE_DEPLOYER = 1 << 4,
	ROLE_BREAKGLASS = 1 << 5,
	ROLE_WAIVER = 1 << 6
};
struct signer {
	const char *keyid;
	unsigned roles;
	bool revoked, out_of_time; /* key revoked; outside not_before..not_after */
	struct str_list scopes;	   /* repository globs (gate/glob.h) that it may speak of; empty: any */
};
typedef LIST_OF(struct signer) signer_list;

/* How far the record could be read. */
enum record_state {
	RECORD_ABSENT = 0, /* never scanned */
	RECORD_UNREADABLE, /* store or file error: never "absent" */
	RECORD_CORRUPT,	   /* not strict JSON, wrong schema, summary differs */
	RECORD_WRONG_TYPE, /* payload or predicate type */
	RECORD_UNSIGNED,   /* no signature by a key of ours */
	RECORD_BAD_SIGNATURE,
	RECORD_GOOD,
};

/* --- signed permissions: waivers, permits, break-glass --- */

enum permission_kind {
	PERMISSION_NONE = 0,
	PERMISSION_WAIVER,
	PERMISSION_PERMIT,
	PERMISSION_BREAKGLASS
};
struct permission {
	enum permission_kind kind;
	const char *id, *owner, *reason, *ticket;
	struct str_list images;	  /* digests; empty only for a break-glass that names a namespace */
	struct str_list namespaces; /* scopes; empty: any */
	const char *finding;	  /* waiver: CVE, rule or signature id */
	const char *package;	  /* waiver: NULL: any */
	enum severity severity_max; /* waiver: not above; 0: any */
	const char *role;	  /* permit: the role that its holder has */
	int64_t created, expires; /* expires is never 0 */
	signer_list signers;	  /* empty for exceptions that stand in the policy file */
};
typedef LIST_OF(struct permission) permission_list;

/* --- the site's gate policy --- */

enum gate_mode { GATE_ENFORCE = 0, GATE_AUDIT };
enum allow_mode { ALLOW_ANY = 0, ALLOW_DIGEST, ALLOW_REPOSITORY, ALLOW_BOTH };

/* What is started; anything but an image or a recognised pause program is refused unless
 * the policy lets the class in. */
enum subject_class {
	SUBJECT_UNKNOWN = 0,
	SUBJECT_IMAGE,
	SUBJECT_PAUSE,
	SUBJECT_ROOTFS,
	SUBJECT_BUILD,
	SUBJECT_BUNDLE,
	SUBJECT_CLASSES
};

/* How the digest became known; a policy lists which it accepts. */
enum identity_source { IDENTITY_NONE = 0, IDENTITY_ENGINE, IDENTITY_PINNED, IDENTITY_PERMIT };

#define NO_LIMIT (-1)

struct gate_policy {
	enum gate_mode mode;
	unsigned identity_accept;	/* 1 << enum identity_source */
	bool require_platform;
	unsigned classes_allowed;	/* 1 << enum subject_class, beside images and pause */
	int64_t max_scan_age_s, max_db_age_s, clock_skew_s, grace_restart_s, max_record_age_s; /* seconds */
	unsigned require_classes;	/* 1 << enum scan_class */
	struct str_list require_tools;
	uint32_t min_tools;
	bool require_complete, require_os, deny_eol_os;
	int64_t limit[CLASS_COUNT][SEVERITY_COUNT]; /* at most so many; NO_LIMIT */
	int64_t limit_known_exploited;
	bool ignore_unfixed;		/* findings without a fix aren't counted ... */
	int64_t unfixed_grace_s;	/* ... until so long after publication; 0: for ever */
	struct str_list deny_cves;
	bool signers_required;
	uint32_t threshold_recorder, threshold_scanner;
	enum allow_mode allow;
	struct str_list allow_digests, allow_repositories, deny_digests, deny_repositories,
		pause_digests;
	bool vex_accept;
	int64_t vex_max_age_s;
	permission_list exceptions;
	bool require_role;
	LIST_OF(struct deploy_role) roles;
	int64_t permit_max_age_s;
	bool breakglass;
	int64_t breakglass_max_s;
	bool breakglass_ticket;
	LIST_OF(struct engine_place) engines; /* where root-owned data of engines lies */
	LIST_OF(struct tightening) scopes;    /* only ever stricter */
	int64_t hook_deadline_s;
	const char *log_path;
	bool log_syslog, log_required;
	char hash[SHA256_HEX_SIZE];		/* of the file's bytes */
};

struct deploy_role {
	const char *name;
	LIST_OF(uint32_t) uids, gids, login_uids;
	struct str_list namespaces;
};

enum engine_kind { ENGINE_NONE = 0, ENGINE_STORAGE /* podman, CRI-O */, ENGINE_CONTAINERD, ENGINE_DOCKER };
struct engine_place {
	enum engine_kind kind;
	const char *name;	/* "podman" */
	struct str_list roots;	/* graph roots, data roots, state roots: absolute */
	struct str_list additional; /* additional image stores */
	const char *client, *address; /* containerd: ctr and its socket, absolute */
};

struct tightening {
	const char *namespace_glob, *repository_glob, *engine; /* NULL: any */
	const struct gate_policy *policy; /* the whole policy as it is within the scope */
};

/* --- who asks for what --- */

struct gate_request {
	enum subject_class subject;
	enum identity_source source;
	const char *digest;	  /* config digest, or NULL when unresolved */
	const char *manifest;	  /* as the engine has it, or NULL */
	const char *reference;	  /* "registry/repo:tag", told only */
	const char *repository;	  /* from root-owned data, or NULL */
	const char *platform;	  /* of the image as the engine's data has it, or NULL */
	const char *host_platform;
	const char *engine;	  /* name of the engine_place */
	const char *namespace_name; /* the engine's: pod namespace, containerd namespace; or NULL */
	uint32_t uid, gid, login_uid; /* of the caller; login_uid UINT32_MAX: none */
	struct str_list contradicting; /* digests that another source named */
	const char *unresolved_why; /* one phrase, when digest is NULL */
	int64_t max_scan_age_s;	  /* the runtime's own limit beside the policy's; 0: none */
	bool is_restart;	  /* first seen before, see seen_at */
	int64_t seen_at;
};

/* --- the answer --- */

enum gate_verdict { GATE_DENY = 0, GATE_ALLOW, GATE_ALLOW_AUDIT, GATE_ALLOW_BREAKGLASS };

#define GATE_REASONS_MAX 32
#define GATE_REASON_TEXT 160

struct gate_reason {
	int code;		/* enum gate_code (reason.h) */
	char text[GATE_REASON_TEXT]; /* value, limit, where; printable ASCII */
};

struct gate_result {
	enum gate_verdict verdict;
	struct gate_reason reasons[GATE_REASONS_MAX]; /* by code; what denies first */
	unsigned n_reasons;
	bool more;		/* there were more reasons than fit */
};

#endif
