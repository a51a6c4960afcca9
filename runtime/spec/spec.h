/* The bundle's config.json as given: OCI runtime-spec 1.3.0, Linux.
 *
 * Pure data.  Optional scalars say whether they were present; optional objects
 * are NULL when absent (or null).  Names are validated where the specification
 * closes the set (enums below); free strings are kept as text.  Nothing here is
 * a decision: policy/ turns a spec into a plan.  All memory is in spec->arena.
 */
#ifndef KANUKI_SPEC_SPEC_H
#define KANUKI_SPEC_SPEC_H

#include "base/arena.h"
#include "base/err.h"
#include "base/list.h"

#include <stdbool.h>
#include <stdint.h>

struct opt_bool { bool set, v; };
struct opt_i64 { bool set; int64_t v; };
struct opt_u64 { bool set; uint64_t v; };
struct opt_u32 { bool set; uint32_t v; };

struct spec_pair { const char *key, *value; };
typedef LIST_OF(struct spec_pair) spec_pairs; /* annotations, sysctl, unified */

/* --- process --- */
struct spec_capabilities { /* each set is a bit mask by capability number */
	uint64_t bounding, effective, inheritable, permitted, ambient;
};

struct spec_rlimit {
	const char *type; /* "RLIMIT_NOFILE" as written */
	int resource;	  /* getrlimit(2) */
	uint64_t soft, hard; /* UINT64_MAX: RLIM_INFINITY */
};

struct spec_user {
	uint32_t uid, gid; /* never 4294967295 (W-02) */
	struct opt_u32 umask;
	LIST_OF(uint32_t) additional_gids;
	const char *username; /* Windows only: parsed, then refused by spec_parse */
};

struct spec_scheduler {
	int policy; /* SCHED_* of sched(7) */
	struct opt_i64 nice, priority;
	uint64_t flags; /* SCHED_FLAG_* */
	struct opt_u64 runtime, deadline, period; /* ns */
};

struct spec_io_priority { int class, priority; }; /* IOPRIO_CLASS_*; 0..7 */

struct spec_process {
	bool terminal;
	struct { bool set; uint32_t height, width; } console_size;
	const char *cwd;
	struct str_list args, env;
	struct spec_user user;
	struct spec_capabilities *capabilities; /* NULL: absent */
	LIST_OF(struct spec_rlimit) rlimits;
	struct opt_bool no_new_privileges;
	const char *apparmor_profile;
	const char *selinux_label;
	struct opt_i64 oom_score_adj;
	struct spec_scheduler *scheduler;
	struct spec_io_priority *io_priority;
	struct { const char *initial, *final; } exec_cpu_affinity; /* cpu list text, or NULL */
};

/* --- mounts --- */
struct spec_idmap { uint32_t container_id, host_id, size; };
typedef LIST_OF(struct spec_idmap) spec_idmaps;

struct spec_mount {
	const char *destination; /* as written; absolute (a relative one is taken from "/") */
	const char *type;	 /* NULL when absent */
	const char *source;	 /* NULL when absent */
	struct str_list options;
	spec_idmaps uid_mappings, gid_mappings;
};

/* --- hooks --- */
struct spec_hook {
	const char *path; /* absolute */
	struct str_list args;
	struct str_list env;
	bool env_set;
	struct opt_i64 timeout; /* seconds, > 0 */
	bool absent; /* not config.json's: nothing is at `path` on this host (cmd/decide.c) */
};
typedef LIST_OF(struct spec_hook) spec_hooks;

/* --- linux --- */
enum spec_ns {
	SPEC_NS_USER,
	SPEC_NS_MOUNT,
	SPEC_NS_PID,
	SPEC_NS_NETWORK,
	SPEC_NS_IPC,
	SPEC_NS_UTS,
	SPEC_NS_CGROUP,
	SPEC_NS_TIME,
	SPEC_NS_COUNT
};

struct spec_namespace {
	bool present;	  /* listed in linux.namespaces (each type at most once) */
	const char *path; /* NULL: create a new one */
};

struct spec_device {
	char type; /* 'c' 'b' 'p' ('u' is read as 'c') */
	const char *path;
	int64_t major, minor; /* both required for c and b */
	struct opt_u32 file_mode, uid, gid;
};

struct spec_device_rule {
	bool allow;
	char type; /* 'a' 'c' 'b' */
	struct opt_i64 major, minor; /* absent or -1: any */
	bool read, write, mknod; /* access absent: all three */
};

struct spec_blkio_device {
	int64_t major, minor;
	struct opt_u64 rate;
	struct opt_u32 weight, leaf_weight;
};
typedef LIST_OF(struct spec_blkio_device) spec_blkio_devices;

struct spec_hugepage { const char *page_size; uint64_t limit; };
struct spec_net_priority { const char *name; uint32_t priority; };
struct spec_rdma { const char *name; struct opt_u32 hca_handles, hca_objects; };

struct spec_resources {
	LIST_OF(struct spec_device_rule) devices;
	struct {
		struct opt_i64 limit, reservation, swap, kernel, kernel_tcp;
		struct opt_u64 swappiness;
		struct opt_bool disable_oom_killer, use_hierarchy, check_before_update;
	} memory;
	struct {
		struct opt_u64 shares, period, realtime_period, burst;
		struct opt_i64 quota, realtime_runtime, idle;
		const char *cpus, *mems;
	} cpu;
	struct opt_i64 pids_limit;
	struct {
		struct opt_u32 weight, leaf_weight;
		spec_blkio_devices weight_device, read_bps, write_bps, read_iops, write_iops;
	} block_io;
	LIST_OF(struct spec_hugepage) hugepage_limits;
	struct {
		struct opt_u32 class_id;
		LIST_OF(struct spec_net_priority) priorities;
	} network;
	LIST_OF(struct spec_rdma) rdma;
	spec_pairs unified;
};

/* seccomp: strings are checked against the closed sets of the schema and kept
 * as numbers where the kernel or libseccomp has one. */
struct spec_seccomp_arg { uint32_t index; uint64_t value, value_two; const char *op; /* "SCMP_CMP_EQ" ... */ };

struct spec_seccomp_rule {
	struct str_list names;
	const char *action; /* "SCMP_ACT_ERRNO" ... */
	struct opt_u32 errno_ret;
	LIST_OF(struct spec_seccomp_arg) args;
};

struct spec_seccomp {
	const char *default_action;
	struct opt_u32 default_errno_ret;
	struct str_list architectures; /* "SCMP_ARCH_X86_64" ... */
	struct str_list flags;	       /* "SECCOMP_FILTER_FLAG_LOG" ... */
	const char *listener_path, *listener_metadata;
	LIST_OF(struct spec_seccomp_rule) syscalls;
};

struct spec_time_offset { bool set; int64_t secs; uint32_t nanosecs; };

struct spec_net_device { const char *host_name, *name; /* name NULL: keep */ };

struct spec_linux {
	spec_idmaps uid_mappings, gid_mappings;
	spec_pairs sysctl;
	struct spec_resources *resources;
	const char *cgroups_path;
	struct spec_namespace namespaces[SPEC_NS_COUNT];
	LIST_OF(struct spec_device) devices;
	LIST_OF(struct spec_net_device) net_devices;
	struct spec_seccomp *seccomp;
	const char *rootfs_propagation; /* NULL, "shared" "slave" "private" "unbindable" (an 'r' form too) */
	struct str_list masked_paths, readonly_paths;
	bool masked_paths_set, readonly_paths_set;
	const char *mount_label;
	struct {
		bool set;
		const char *clos_id, *l3_cache_schema, *mem_bw_schema;
		struct str_list schemata;
		bool enable_monitoring;
	} intel_rdt;
	struct {
		bool set;
		const char *mode, *nodes; /* "MPOL_BIND"; node list text */
		struct str_list flags;
	} memory_policy;
	struct { bool set; uint32_t domain; /* personality(2) value */ struct str_list flags; } personality;
	struct spec_time_offset boottime, monotonic;
};

struct spec {
	struct arena arena;
	const char *oci_version;
	struct { bool set; const char *path; struct opt_bool readonly; } root;
	struct spec_process *process; /* NULL: absent (create refuses) */
	const char *hostname, *domainname;
	LIST_OF(struct spec_mount) mounts;
	struct {
		spec_hooks prestart, create_runtime, create_container, start_container, poststart,
			poststop;
	} hooks;
	spec_pairs annotations;
	struct spec_linux *linux_; /* NULL: absent.  (`linux` is a macro of gnu11) */
};

#define SPEC_INIT {0}
#define SPEC_MAX_BYTES (16u << 20)

/* config.json -> *spec.  Refuses unknown and unsupported properties by name
 * (two different messages), wrong types, duplicate keys, out-of-range numbers,
 * all with their JSON path; a major version other than 1.  spec must be
 * SPEC_INIT; release it also after a failure. */
int spec_parse(const char *text, size_t len, struct spec *spec, struct err *err)
	__attribute__((warn_unused_result));
/* A bare `process` object (exec --process). The caller owns `arena`. */
int spec_parse_process(const char *text, size_t len, struct arena *arena, struct spec_process **ret,
		       struct err *err) __attribute__((warn_unused_result));
/* A bare LinuxResources object (update --resources). */
int spec_parse_resources(const char *text, size_t len, struct arena *arena,
			 struct spec_resources **ret, struct err *err)
	__attribute__((warn_unused_result));
/* A bare LinuxSeccomp object (the shipped profiles, seccomp-profiles/). */
int spec_parse_seccomp(const char *text, size_t len, struct arena *arena, struct spec_seccomp **ret,
		       struct err *err) __attribute__((warn_unused_result));
void spec_release(struct spec *spec);

/* "CAP_KILL" (any case, with or without CAP_) <-> number; -1/NULL when unknown. */
int spec_capability_number(const char *name);
const char *spec_capability_name(int number);
/* "RLIMIT_NOFILE" <-> RLIMIT_NOFILE; -1/NULL when unknown. */
int spec_rlimit_number(const char *name);
const char *spec_rlimit_name(int resource);
/* "network" <-> SPEC_NS_NETWORK; -1/NULL when unknown. */
int spec_ns_number(const char *name);
const char *spec_ns_name(enum spec_ns ns);

/* The closed sets of the specification, for `features`: the i-th word, NULL past the last. */
enum spec_words {
	SPEC_WORDS_SECCOMP_ACTION,
	SPEC_WORDS_SECCOMP_OPERATOR,
	SPEC_WORDS_SECCOMP_ARCH,
	SPEC_WORDS_SECCOMP_FLAG,
	SPEC_WORDS_MEMORY_MODE,
	SPEC_WORDS_MEMORY_FLAG,
};
const char *spec_word(enum spec_words set, size_t i);

/* Each property of the schema that the tables know, for the parity lint:
 * calls `each` with "linux.resources.memory.limit" and how it is treated
 * ("handled", "refused: why", "not linux"). */
void spec_each_property(void (*each)(const char *path, const char *treatment, void *arg),
			void *arg);

#endif
