/* The child: the process that becomes the container's init (or an exec'd
 * process), and the order in which it is confined.
 *
 * Each step is one function in one table; the order is the security argument.
 * Steps take the const plan and this context; they decide nothing.  After the
 * clone there is no JSON, no policy, and no branching on user input beyond what
 * the plan says.
 */
#ifndef KANUKI_ACT_CHILD_H
#define KANUKI_ACT_CHILD_H

#include "base/err.h"
#include "plan/plan.h"
#include "proto/sync.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Of mount_ids: its target was missing, and the plan lets it be (ON_MISSING_SKIP). */
#define MOUNT_SKIPPED UINT64_MAX

/* Descriptors and facts a child gathers on its way; all CLOEXEC, -1 when unset. */
struct child {
	int sync_fd;	  /* SOCK_SEQPACKET to the parent (proto/sync.h) */
	int proc_fd;	  /* private procfs of our pid namespace: the only way /proc is ever reached */
	int host_root_fd; /* O_PATH of plan->root.path as seen before anything is mounted */
	int root_fd;	  /* the container's root mount once attached */
	dev_t root_dev;	  /* the planned root directory, as opened while the host was visible */
	ino_t root_ino;
	uint64_t root_mount_id;	 /* of root_fd (statx(2), STATX_MNT_ID) */
	uint64_t *mount_ids;	 /* of attached binds, by index of plan->mounts; 0: not known, or MOUNT_SKIPPED */
	struct str_list came;	 /* paths in the root: what the host had mounted there, */
	struct str_list before_hooks, hooked; /* ... all that was when hooks began, what is new since */
	int null_fd;	  /* the host's /dev/null, O_PATH, verified 1:3 */
	int *source_fds;  /* detached trees of plan->mounts (bind kinds), by index; -1 where none */
	size_t n_source_fds;
	int cgroup_dirfd; /* the container's cgroup directory, or -1 */
	int landlock_fd;  /* rule set built while paths are still reachable */
	int gate_fd;	  /* listening gate socket (create), or -1 (run, exec) */
	int console_fd;	  /* connected --console-socket, or -1 */
	int tty_fd;	  /* the container's end of its terminal, until it is the standard streams */
	int init_pidfd;	  /* exec: the container's init */
	char *program;	  /* what execve gets: args[0] found with the container's PATH */
	char **argv, **envp; /* NULL-terminated copies for execve */
	struct arena arena; /* of the lists above */
	int join_fds[NS_COUNT]; /* namespaces to join, opened and checked in the parent */
	const struct prepared *prepared;
	struct sync_identity own_ns[NS_COUNT]; /* the runtime's own namespaces (H-90) */
	bool net_entered;       /* the network namespace that the parent made (net_enter) is ours */
	bool device_rules_hold; /* the parent said so (devices_await_rules) */
	bool is_exec;	  /* an exec'd process: joins, mounts nothing */
};

enum child_power { /* what a step needs, and what no later step has any more */
	POWER_MOUNT = 1 << 0,	 /* CAP_SYS_ADMIN over the mount namespace */
	POWER_HOST_PATHS = 1 << 1, /* the host's file systems are reachable by path */
	POWER_CAPS = 1 << 2,	 /* capabilities in the namespace that owns the others */
	POWER_SETID = 1 << 3,
	POWER_OPEN_FDS = 1 << 4, /* gathered descriptors are still open */
	POWER_PARENT = 1 << 5,	 /* the parent still serves requests */
	POWER_SYSCALLS = 1 << 6, /* no filter yet */
};

struct child_step {
	const char *name;
	int (*run)(const struct plan *plan, struct child *child, struct err *err);
	unsigned needs, drops; /* enum child_power */
};

extern const struct child_step child_steps_create[];
extern const size_t child_steps_create_len;
extern const struct child_step child_steps_exec[];
extern const size_t child_steps_exec_len;

/* Runs the table; never returns: execs, or sends the error and exits. */
void child_main(const struct plan *plan, struct child *child) __attribute__((noreturn));

#endif
