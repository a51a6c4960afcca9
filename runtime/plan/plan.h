/* The plan: one container, decided.
 *
 * Validated, typed, fully resolved: no "unset", no JSON, no library handle, no
 * descriptor.  What exists only when acting (a path in the root file system, an
 * image's /etc/passwd) appears as an explicit instruction with its constraint.
 * policy/ makes it, plan/check.c states what must hold of any plan, plan/print.c
 * shows it, plan/store.c keeps the part later commands need, act/ executes it
 * through a const pointer and decides nothing.
 *
 * Enum values are chosen so that zero is the safe one.
 */
#ifndef KANUKI_PLAN_PLAN_H
#define KANUKI_PLAN_PLAN_H

#include "base/arena.h"
#include "base/err.h"
#include "base/list.h"
#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

/* All but LEVEL_OCI keep the promises of hardened; the last two add to them. */
enum plan_level { LEVEL_HARDENED = 0, LEVEL_OCI, LEVEL_PERSONAL_DATA, LEVEL_CARD_PAYMENTS };

/* --- namespaces and ids --- */
enum plan_ns_kind { NS_USER, NS_MNT, NS_PID, NS_NET, NS_IPC, NS_UTS, NS_CGROUP, NS_TIME, NS_COUNT };
enum plan_ns_mode {
	NS_PRIVATE = 0, /* create a new one */
	NS_JOIN,	/* open `path`, check its type, setns(2) */
	NS_HOST,	/* stay in the runtime's own */
};

struct plan_ns {
	enum plan_ns_mode mode;
	const char *path;	/* NS_JOIN only */
	bool refuse_host;	/* H-11: the opened namespace must not be the runtime's own (compare st_dev, st_ino) */
};

struct plan_idmap { uint32_t inside, outside, count; };
typedef LIST_OF(struct plan_idmap) plan_idmaps;

/* H-12: a user namespace entered when all other namespaces and mounts stand, so that it owns
 * nothing.  Ids 0 are in its maps only where an exception grants them, or where they are nobody's
 * outside (plan.root_kept). */
struct plan_userns_last {
	bool enabled;
	plan_idmaps uid_maps, gid_maps;
	bool forbid_children; /* H-13: user.max_user_namespaces = 0 in it */
};

/* --- process --- */
struct plan_rlimit { int resource; uint64_t soft, hard; };

struct plan_caps { uint64_t bounding, effective, permitted, inheritable, ambient; };

struct plan_sched {
	bool set;
	int policy;
	int32_t nice;
	uint32_t priority;
	uint64_t flags, runtime_ns, deadline_ns, period_ns;
};

enum plan_home { HOME_FROM_ENV = 0, HOME_FROM_PASSWD /* env has none: image's passwd, bounded; else "/" */ };

/* The process part; `exec` resolves one of its own (policy_resolve_exec). */
struct plan_process {
	struct str_list args, env; /* env: exactly what the payload gets (plus HOME when HOME_FROM_PASSWD) */
	enum plan_home home;
	const char *cwd;	   /* clean, absolute, in the container; created in-root when missing (create only) */
	bool create_cwd;
	uint32_t uid, gid;
	LIST_OF(uint32_t) groups;  /* exactly these supplementary groups */
	bool set_groups;	   /* false only where setgroups(2) is denied by an engine's own user namespace */
	uint32_t umask;
	struct plan_caps caps;
	uint32_t securebits;	   /* SECBIT_* of capabilities(7) */
	bool no_new_privs;
	LIST_OF(struct plan_rlimit) rlimits;
	bool oom_score_adj_set;
	int32_t oom_score_adj;
	struct plan_sched sched;
	bool io_priority_set;
	int32_t io_priority;	   /* ioprio_set(2) value */
	const char *affinity_initial, *affinity_final; /* exec: cpu list text, NULL: all of the cpuset */
	bool personality_set;
	uint32_t personality;
	struct { bool set; int32_t mode; uint32_t flags; const char *nodes; } mempolicy;
	const char *apparmor_profile, *selinux_label; /* NULL: none asked. An LSM that is missing is ERR_HOST */
	bool terminal;
	uint16_t console_rows, console_cols; /* 0: leave */
	uint32_t preserve_fds;	   /* descriptors 3..3+n-1 stay open, all others are closed */
	bool new_keyring;	   /* H-08 */
};

/* --- mounts --- */
enum plan_mount_kind {
	MOUNT_NEW = 0,	  /* fsopen(type) .. fsmount */
	MOUNT_BIND,	  /* open_tree(source, CLONE) */
	MOUNT_CGROUP_VIEW /* cgroup2 of the container's cgroup namespace; without one: bind of the container's cgroup */
};
enum plan_missing { ON_MISSING_CREATE = 0, ON_MISSING_SKIP };
enum plan_target_links {
	LINKS_REFUSED = 0, /* no symlink component at all: proc, sysfs, cgroup, mqueue, devpts, /dev */
	LINKS_IN_ROOT,	   /* resolved inside the root (RESOLVE_IN_ROOT), never outside */
};

/* Why a bind's files may be executed, where they may; an exception's
 * exec is granted.exec_on (H-24). */
enum plan_programs {
	PROGRAMS_NONE = 0, /* data: noexec */
	PROGRAMS_IMAGE,	   /* a part of the container's own root */
	PROGRAMS_ENGINE,   /* a program that engines put into containers, from where the host keeps its own */
	PROGRAMS_HOST,	   /* the policy lets it be bound, and none but the host's root can write what is there */
};

struct plan_mount {
	enum plan_mount_kind kind;
	const char *type;	/* file system type of MOUNT_NEW */
	const char *source;	/* MOUNT_BIND: absolute host path; MOUNT_NEW: the "source" string */
	const char *target;	/* clean, absolute, in the container */
	enum plan_missing on_missing;	    /* the target */
	enum plan_target_links links;
	bool source_nofollow;
	bool socket;			    /* an entry of the policy names the source: it may be a socket (H-25) */
	enum plan_programs programs;	    /* of an executable bind; PROGRAMS_NONE in level oci, which doesn't ask */
	bool recursive;			    /* rbind */
	uint64_t attr_set, attr_clr;	    /* MOUNT_ATTR_* for the mount itself */
	uint64_t attr_set_rec, attr_clr_rec; /* the r* options: whole tree (mount_setattr AT_RECURSIVE) */
	uint32_t propagation;		    /* MS_SHARED, MS_SLAVE, MS_PRIVATE, MS_UNBINDABLE, or 0 */
	bool propagation_rec;
	struct str_list data;		    /* file system options, "key=value" or "flag", in order */
	bool tmpcopyup;
	bool idmap, idmap_rec;		    /* with the maps below, or the container's own when they are empty */
	plan_idmaps uid_maps, gid_maps;
	uint32_t mode;			    /* mode of a created target directory, 0755 unless said */
	const char *mount_label;	    /* SELinux context=, NULL: none */
	bool refuse_procfs_target;	    /* T-MNT-2: nothing over procfs except what policy lists in its place */
};

struct plan_root {
	const char *path;	/* absolute host path of the root file system */
	bool readonly;
	uint64_t attr_set;	/* further MOUNT_ATTR_* (nosuid, nodev) */
	/* Of the container's "/" seen from the host: MS_PRIVATE (0 means that), MS_SLAVE,
	 * MS_SHARED, MS_UNBINDABLE. */
	uint32_t propagation;
	bool propagation_rec;
	bool idmap;		/* its files have the owners of userns_last's maps (H-01: root.request "remap") */
	bool no_pivot;		/* --no-pivot: MS_MOVE + chroot; refused by hardened */
};

struct plan_path { const char *path; }; /* absent paths are skipped: the kernel need not have them */

struct plan_device {
	const char *path; /* clean, absolute, beneath the root */
	char type;	  /* 'c' 'b' 'p' */
	uint32_t major, minor;
	uint32_t mode, uid, gid;
};

struct plan_symlink { const char *path, *target; };

struct plan_device_rule {
	bool allow;
	char type;	      /* 'a' 'c' 'b' */
	int64_t major, minor; /* -1: any */
	bool read, write, mknod;
};

/* --- seccomp --- */
enum plan_filter_point {
	FILTER_BEFORE_EXEC = 0, /* no_new_privs is on: the very last step */
	FILTER_BEFORE_DROP,	/* no_new_privs off: needs CAP_SYS_ADMIN, so capabilities go right after it */
};
enum plan_filter_kind { FILTER_DEFAULT = 0, FILTER_STRICT, FILTER_RULES };

struct plan_filter_arg { uint32_t index; int op; /* enum scmp_compare */ uint64_t a, b; };
struct plan_filter_rule {
	struct str_list names;
	uint32_t action; /* SECCOMP_RET_* | data */
	LIST_OF(struct plan_filter_arg) args;
};
struct plan_filter {
	enum plan_filter_kind kind;
	/* FILTER_RULES only: */
	uint32_t default_action;
	struct str_list archs;		/* "SCMP_ARCH_..." ; native always included */
	LIST_OF(struct plan_filter_rule) rules;
	uint32_t flags;			/* SECCOMP_FILTER_FLAG_* */
	const char *listener_path, *listener_metadata;
	/* FILTER_DEFAULT and FILTER_STRICT: calls that an exception lets through it as well. */
	struct str_list added;
};

/* --- Landlock (H-70, H-72, H-73) --- */
struct plan_landlock {
	bool enabled;
	int min_abi;		   /* fewer is ERR_HOST; 0: take what there is */
	uint64_t handled_fs;	   /* LANDLOCK_ACCESS_FS_*; masked by the kernel's ABI when min_abi allows */
	struct str_list writable;  /* hierarchies in the container where writing stays possible */
	struct str_list no_exec;   /* hierarchies excluded from execution: the rule set is built from their siblings */
	/* Files of these names in these directories aren't executed, unless they are links to
	 * something else (H-82). */
	struct str_list no_daemons, daemon_places;
	/* When not empty: only these files and hierarchies, and their programs' loaders. */
	struct str_list exec_only;
	bool bind_limited, connect_limited; /* TCP, LANDLOCK_ACCESS_NET_*: ABI 4, Linux 6.7; needs min_abi >= 4 */
	LIST_OF(uint16_t) bind, connect;
};

/* --- cgroup v2 --- */
enum plan_cgroup_manager { CGROUP_CGROUPFS = 0, CGROUP_SYSTEMD, CGROUP_DISABLED };
enum plan_cgroup_absent {
	ABSENT_ERROR = 0, /* the bundle asked: ERR_HOST naming the controller */
	ABSENT_SKIP,	  /* our own addition; shown in the plan */
};
struct plan_cgroup_write {
	const char *controller; /* "memory"; NULL for core files (cgroup.*) */
	const char *file, *value;
	enum plan_cgroup_absent absent;
};
/* Where containers live that name no place of their own.  Made once and left: making
 * and removing it with every container costs as much as the container's own cgroup. */
#define PLAN_CGROUP_PARENT "/kanuki"
struct plan_cgroup {
	enum plan_cgroup_manager manager;
	const char *path;	  /* clean, absolute, beneath the cgroup root (PLAN_CGROUP_PARENT "/ID") */
	bool path_from_caller;	  /* relative cgroupsPath or none: beneath the caller's own cgroup (rootless) */
	LIST_OF(struct plan_cgroup_write) writes; /* in order */
	LIST_OF(struct plan_device_rule) devices; /* evaluated last-match-wins, starting from deny all */
	bool device_filter;	  /* attach the eBPF program */
	bool check_before_update; /* refuse a memory limit below the present usage */
	int64_t delegate_uid, delegate_gid; /* >= 0: chown the delegatable files to it */
};

struct plan_hook { const char *path; struct str_list args, env; uint32_t timeout_s; /* 0: none */ };
typedef LIST_OF(struct plan_hook) plan_hooks;
enum plan_hook_kind {
	HOOK_PRESTART,
	HOOK_CREATE_RUNTIME,
	HOOK_CREATE_CONTAINER,
	HOOK_START_CONTAINER,
	HOOK_POSTSTART,
	HOOK_POSTSTOP,
	HOOK_COUNT
};

struct plan_sysctl {
	const char *key; /* '/'-separated, clean: "net/ipv4/ip_forward" */
	const char *value;
	bool optional;
};

enum plan_own_binary { OWN_BINARY_UNREACHABLE = 0, OWN_BINARY_SEALED_COPY };

/* --- what policy changed --- */
enum plan_outcome {
	CHANGE_FORCED = 0,
	CHANGE_ADDED,
	CHANGE_DROPPED,
	CHANGE_SKIPPED,
	CHANGE_EXCEPTED, /* an exception lets it stand */
};
struct plan_change {
	const char *rule;  /* "H-01" */
	const char *key;   /* the printed plan's key it concerns: "process.uid", "mount /tmp" */
	enum plan_outcome outcome;
	const char *asked; /* what the bundle said, as text; NULL: nothing */
	const char *given; /* what will be done; NULL where the value printed says it */
};

/* A rule that was asked and didn't refuse.  What it changed is among the changes. */
struct plan_rule {
	const char *id;
	const char *idle; /* why it had nothing to do; NULL: what it holds was so, or was made so */
};

/* What the policy's exception for the image lets stand; all zero where there is none.
 * Everything else of a level is promised all the same (plan/check_hardened.c). */
struct plan_granted {
	const char *image; /* NULL: no exception applies */
	const char *owner, *reason, *expires; /* shown */
	bool root_user, root_group;
	uint64_t capabilities;
	struct str_list exec_on; /* mount points that may be executable */
	uint64_t pids_max, memory_max;
};

/* What the scan gate said (H-85).  For people: record.json keeps what start needs. */
enum plan_gate_state {
	PLAN_GATE_UNASKED = 0, /* no line */
	PLAN_GATE_LATER,       /* only planned: create asks `program`, with scan_age_days */
	PLAN_GATE_MISSING,     /* only planned: the policy wants one, and there is none */
	PLAN_GATE_ASKED,
};
struct plan_gate {
	enum plan_gate_state state;
	const char *program;		   /* PLAN_GATE_LATER; NULL: not said */
	uint32_t scan_age_days;		   /* the same; 0: no limit beside its own */
	const char *verdict, *image_class; /* PLAN_GATE_ASKED */
	const char *image;		   /* config digest, or NULL: none is proven */
};

struct plan_net_device { const char *host_name, *name; };
struct plan_pair { const char *key, *value; };

struct plan {
	struct arena arena; /* owns all memory of the plan */
	enum plan_level level;
	const char *policy_name; /* "builtin:hardened" */
	const char *policy_hash; /* SHA-256 of the policy, or NULL */
	bool audit_mode;	 /* the policy only watches: OCI semantics, whatever its level says */
	struct plan_gate gate;
	struct plan_granted granted;
	bool root_kept;		 /* id 0 stays where it is nobody's outside (root.request "remap") */
	uint64_t pids_most, memory_most; /* what update is held to (H-60, H-62); 0: nothing */
	const char *oci_version, *id, *bundle;

	struct plan_ns ns[NS_COUNT];
	plan_idmaps uid_maps, gid_maps;	  /* of ns[NS_USER] when NS_PRIVATE */
	bool join_below_own;		  /* ns[NS_USER], NS_JOIN: its ancestor right beneath the runtime's own */
	bool deny_setgroups;
	struct plan_userns_last userns_last;
	struct { bool set; int64_t secs; uint32_t nanosecs; } boottime, monotonic;
	const char *hostname, *domainname; /* NULL: leave */
	bool loopback_up;		   /* private network namespace: bring lo up */
	LIST_OF(struct plan_net_device) net_devices;
	LIST_OF(struct plan_sysctl) sysctls; /* in order; written through a private procfs handle */

	struct plan_root root;
	LIST_OF(struct plan_mount) mounts;   /* in order */
	LIST_OF(struct plan_device) devices;
	bool devices_bind;		     /* not in the initial user namespace, no mknod(2): the host's nodes */
	LIST_OF(struct plan_symlink) dev_links; /* /dev/fd, /dev/stdin, ... (/dev/ptmx too) */
	bool dev_readonly;		     /* /dev itself read-only once it is populated */
	LIST_OF(struct plan_path) masked, readonly;

	struct plan_process process;
	LIST_OF(struct plan_filter) filters; /* loaded in order: the default first, beneath the bundle's own */
	enum plan_filter_point filter_point;
	struct plan_landlock landlock;

	struct plan_cgroup cgroup;
	plan_hooks hooks[HOOK_COUNT];
	struct {
		bool set;
		const char *clos_id;
		struct str_list schemata;
		bool enable_monitoring, own_group;
	} intel_rdt;
	bool notify_socket;		     /* NOTIFY_SOCKET was set for the runtime: proxy it */
	enum plan_own_binary own_binary;
	bool verify;			     /* H-90: read back and compare before exec; at any level but oci */
	LIST_OF(struct plan_pair) annotations; /* for the state only; inert (H-81) */
	LIST_OF(struct plan_change) changes;
	LIST_OF(struct plan_rule) rules; /* in the order asked; for people: not recorded */
};

#define PLAN_INIT {0}
void plan_release(struct plan *plan);
#define autoplan __attribute__((cleanup(plan_release))) struct plan

/* Invariants of any plan, whoever made it (plan/check.c): effective ⊆ permitted,
 * ambient ⊆ permitted ∩ inheritable, filter point matches no_new_privs, every
 * target clean and beneath the root, user namespace ⇒ maps, hardened ⇒ each
 * hardening promise (read-only root, uid and gid non-zero, ...).  A violation is
 * our own bug and fails closed with ERR_POLICY. */
int plan_check(const struct plan *plan, struct err *err) __attribute__((warn_unused_result));
/* The same for an exec's plan: its process part is sound, and never more than the
 * container's recorded plan allows. */
int plan_check_exec(const struct plan *plan, const struct plan *ceiling, struct err *err)
	__attribute__((warn_unused_result));

/* Canonical text in stable order, one "key: value" per line; a changed value is
 * followed by "  # H-nn".  With `diff`: "# H-nn asked: X" as well, and values
 * dropped are listed.  Untrusted strings are escaped.  plan/print.c */
void plan_print(const struct plan *plan, bool diff, struct str *out);
/* The same without `diff`, and for each of plan->changes the value of the line that it is a
 * note on, in `arena`; NULL where there is no line.  ret_values has plan->changes.n places. */
void plan_print_values(const struct plan *plan, struct arena *arena, const char **ret_values,
		       struct str *out);
/* The changes alone, "# H-nn outcome: key asked: X given: Y" each. */
void plan_print_changes(const struct plan *plan, struct str *out);
/* The same lines of a plan that was read from its record, as far as that goes: what isn't
 * recorded (mounts, paths, devices, sysctls, host names, limits of the cgroup, the first
 * hooks, a bundle's own rules, which rule changed what) has no line, and the text begins
 * with a comment that says so. */
void plan_print_recorded(const struct plan *plan, struct str *out);

/* --- plan/store.c: the recorded decision (plan.json in the state directory) ---
 * The part that exec, start, update and delete act on: level, process part,
 * namespaces, filters (kinds and flags; bytes are kept beside it), Landlock,
 * cgroup path and manager, device rules, hooks of start and delete. */
int plan_store_write(const struct plan *plan, struct str *out, struct err *err)
	__attribute__((warn_unused_result));
/* Strict; `plan` must be PLAN_INIT.  The result is a plan whose other fields are
 * zero; it is the ceiling for policy_resolve_exec. */
int plan_store_parse(const char *text, size_t len, struct plan *plan, struct err *err)
	__attribute__((warn_unused_result));

/* MOUNT_ATTR_* of the mounted object as it ends up: the tree's are set after its own, and
 * hold for the top, too. */
uint64_t plan_mount_attrs(const struct plan_mount *mount);
/* The policy's exception lets what is mounted there be executable. */
bool plan_is_exec_granted(const struct plan *plan, const char *target);

/* What an id of the process is called before the last user namespace is entered. */
uint32_t plan_outside_id(const plan_idmaps *maps, uint32_t inside);
/* `id` is one of the map's inside (outside) ids. */
bool plan_has_inside_id(const plan_idmaps *maps, uint32_t id);
bool plan_has_outside_id(const plan_idmaps *maps, uint32_t id);

const char *plan_ns_name(enum plan_ns_kind ns);	  /* "mnt", as in /proc/PID/ns */
int plan_ns_clone_flag(enum plan_ns_kind ns);	  /* CLONE_NEW* */
const char *plan_hook_name(enum plan_hook_kind hook); /* "createRuntime" */
const char *plan_outcome_name(enum plan_outcome outcome); /* "forced" */

#endif
