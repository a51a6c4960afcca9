/* What is known of a subject before anything is judged.
 *
 * Plain data.  Zero means "not seen", and the judges take that for unknown, never for
 * good.  Filled by probe_*.c from the system, by plan_facts.c from a plan, and by hand
 * in the unit tests.
 */
#ifndef KANUKI_CHECK_FACTS_H
#define KANUKI_CHECK_FACTS_H

#include "base/arena.h"
#include "base/err.h"
#include "base/list.h"
#include "plan/plan.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum check_seen { SEEN_NOT = 0, SEEN_YES, SEEN_NO };

/* A number that a file gave. */
struct check_number { bool seen; int64_t v; };
#define CHECK_UNLIMITED INT64_MAX

/* --- one container's confinement: planned, or as /proc shows it --- */
enum check_ns { CHECK_NS_UNSEEN = 0, CHECK_NS_OWN, CHECK_NS_HOST, CHECK_NS_JOINED };
enum check_mask { MASK_UNSEEN = 0, MASK_MASKED, MASK_ABSENT, MASK_OPEN };

struct check_mount {
	const char *target, *type;
	const char *source; /* host path bound there; NULL: a file system of its own */
	bool readonly, nosuid, nodev, noexec;
	bool shared;	    /* in a peer group that the host is in, too */
	bool socket;	    /* an engine's socket, or a directory that holds one */
};

struct check_masked_path { const char *path; enum check_mask state; };
struct check_port {
	uint16_t port;
	const char *protocol, *address;
	bool loopback;
	uint64_t inode;	     /* of its socket; 0: not told */
	const char *program; /* that holds it, where somebody has looked */
};

struct check_confinement {
	bool ids_seen;
	uint32_t uids[4], gids[4]; /* real, effective, saved, file system: as the container sees them */
	LIST_OF(uint32_t) groups;
	bool caps_seen;
	struct plan_caps caps;
	uint64_t caps_all;	   /* the kernel's */
	enum check_seen no_new_privs, filter;
	enum check_ns ns[NS_COUNT];
	enum check_seen root_is_host_root; /* uid 0 of its user namespace is uid 0 outside */
	const char *uid_map;	   /* evidence, or NULL */
	bool mounts_seen;
	LIST_OF(struct check_mount) mounts;
	LIST_OF(struct check_masked_path) masked;
	struct str_list absent;	   /* of check_setting_paths: not there, so there is nothing to protect */
	enum check_seen apparmor_on, selinux_on; /* in the kernel */
	const char *apparmor, *selinux;	 /* profile, label; NULL or "": none */
	bool cgroup_seen;
	const char *cgroup;	   /* path */
	bool cgroup_shared;	   /* the cgroup of the host's init, or the root */
	struct check_number pids_max, memory_max; /* CHECK_UNLIMITED: none */
	enum check_seen cpu_set;   /* cpu.max or cpu.weight differ from the default */
	bool rlimits_seen;
	int64_t nofile, nproc, core;
	bool devices_seen;
	struct str_list devices;   /* nodes beyond the default ones */
	struct check_number memfd_noexec;
	bool programs_seen;
	struct str_list programs;  /* file names of what runs in it, the first process first */
	bool ports_seen;
	LIST_OF(struct check_port) ports;
	bool environment_seen;
	struct str_list secrets;   /* names of variables that look like secrets and are not empty */
};

/* Paths that a container should not see, for MASK_*. */
extern const char *const check_masked_paths[];
extern const size_t check_masked_paths_n;
/* Paths whose content a container should not be able to write. */
extern const char *const check_setting_paths[];
extern const size_t check_setting_paths_n;

/* A plan as confinement facts; pure.  Strings are the plan's. */
int check_plan_facts(const struct plan *plan, struct arena *arena, struct check_confinement *ret,
		     struct err *err) __attribute__((warn_unused_result));
/* "DB_PASSWORD=x" and the like; pure.  The value is not kept. */
bool check_env_is_secret(const char *entry, size_t *ret_name_len);
/* A host path which only one of the host's own should see ("/etc", "/var/lib/kubelet/..."), or
 * NULL: what an engine keeps there for this container is not meant; pure. */
const char *check_sensitive_path(const char *source);
/* 'c' or 'b' device that every container has; pure. */
bool check_is_default_device(char type, uint32_t major, uint32_t minor);
/* By the file name of a program, by a process's name (comm); pure. */
bool check_is_ssh_server(const char *name);
bool check_is_engine(const char *name);

/* --- a root file system --- */
enum check_kind {
	KIND_SETID,
	KIND_FILE_CAPS,
	KIND_DEVICE,
	KIND_WORLD_WRITABLE,
	KIND_SHELL,
	KIND_PACKAGE_MANAGER,
	KIND_COMPILER,
	KIND_NETWORK_TOOL,
	KIND_SSH_SERVER,
	KIND_SUPER_DAEMON,
	KIND_SECRET,
	KIND_COUNT
};
struct check_rootfs {
	/* No whole walk: a kind of which nothing was found is then unknown, not held. */
	bool complete;
	uint64_t entries, other_file_systems, unreadable;
	struct {
		uint64_t n;		/* all of them */
		struct str_list paths;	/* the first CHECK_PATHS_MAX */
	} found[KIND_COUNT];
};
#define CHECK_PATHS_MAX 200
/* What a file is by its name; KIND_COUNT: nothing of interest.  Executable files and
 * links for the programs, any file for KIND_SECRET; pure. */
enum check_kind check_name_kind(const char *path, bool program);

/* --- the host --- */
struct check_socket { const char *path; bool exists; uint32_t uid, gid, mode; };
struct check_host {
	uint32_t kernel_version; /* (major << 16) | minor */
	const char *release, *os_id, *os_name; /* uname, os-release; NULL: not seen */
	const char *lsm;	 /* /sys/kernel/security/lsm, or what could be told without it */
	bool cgroup_seen, cgroup_v2;
	struct check_number kptr_restrict, dmesg_restrict, unprivileged_bpf_disabled,
		perf_event_paranoid, ptrace_scope, unprivileged_userns_clone, apparmor_userns,
		max_user_namespaces, modules_disabled, kexec_disabled, protected_hardlinks,
		protected_symlinks;
	enum check_seen yama, modules, kexec; /* in the kernel at all */
	const char *lockdown;	 /* "none", "integrity", "confidentiality" */
	enum check_seen secure_boot, ima;
	bool sockets_seen;
	LIST_OF(struct check_socket) sockets;
	bool ports_seen;
	/* listening: 2375-2377, 10250, 10255, and whatever port a process of an engine holds */
	LIST_OF(struct check_port) api_ports;
	bool logins_seen;
	struct str_list logins;	 /* "alice on pts/0" */
	bool sshd_seen, sshd_present;
	const char *permit_root_login, *password_authentication; /* in effect */
	enum check_seen updates_pending, reboot_required;
	const char *updates, *reboot; /* evidence, or NULL */
};

/* sshd_config text, Include lines replaced by what they name: the first value of each
 * keyword wins; a "yes" in a Match block is kept as "yes (in a Match block)"; pure. */
struct check_sshd { const char *permit_root_login, *password_authentication; };
int check_sshd_parse(char *text, struct arena *arena, struct check_sshd *config, struct err *err)
	__attribute__((warn_unused_result));
/* "6.1.0-50-amd64" and "6.1.0-49-amd64", both of uname -r: the first is a later version of the
 * same kernel; of another flavour neither is; pure. */
bool check_kernel_is_later(const char *release, const char *than);
/* /proc/net/tcp, tcp6, udp, udp6 text: the listening (udp: unconnected) ports are appended; pure.
 */
int check_ports_parse(char *text, const char *protocol, bool udp, struct arena *arena,
		      struct check_port **items, size_t *n, size_t *cap, struct err *err)
	__attribute__((warn_unused_result));

/* --- a policy --- */
struct check_exception { const char *text; int64_t expires; bool root; };
struct check_policy {
	const char *name;
	enum plan_level level;
	bool enforced;
	bool root_demoted;	 /* root is demoted or refused, not remapped */
	bool seccomp_strict, super_daemons_refused, commands_limited, ports_limited,
		sysctls_limited;
	uint64_t pids_max, memory_max, open_files_max;
	bool trail, trail_required;
	enum check_seen gate;	 /* asked for every image; filled by whoever may look at the host */
	const char *gate_evidence; /* its program, or what is wrong with it */
	struct str_list broad_mounts; /* allow entries that open a whole tree of the host */
	LIST_OF(struct check_exception) exceptions;
	int64_t now;
};
struct policy_conf;
/* Pure; strings are the policy's. */
int check_policy_facts(const struct policy_conf *conf, int64_t now, struct arena *arena,
		       struct check_policy *ret, struct err *err)
	__attribute__((warn_unused_result));

#endif
