/* spec + host + policy -> plan.  Pure: no system call, no clock, no environment.
 *
 * All hardening lives in this folder and nowhere else.  A rule is a function in
 * a table run in order; each owns the plan fields it writes.  Three outcomes:
 * accept, tighten (recorded in plan->changes with its H-id), refuse (ERR_POLICY,
 * or ERR_HOST when the kernel lacks what the plan needs).
 */
#ifndef KANUKI_POLICY_POLICY_H
#define KANUKI_POLICY_POLICY_H

#include "host/host.h"
#include "plan/plan.h"
#include "policy/conf.h"
#include "spec/spec.h"

/* A bind source that is a socket, and the host's well-known one that it is, or NULL (H-25). */
struct policy_socket { const char *source, *host; };

/* What the scan gate says of the container (H-85), or that nobody asked it. */
enum policy_gate_answer {
	GATE_ABSENT = 0, /* the site has set none up */
	GATE_LATER,	 /* a plan only: it is asked when the container is made */
	GATE_MISSING,	 /* a plan only: the policy requires one, and there is none to ask then */
	GATE_ADMITTED,
	GATE_REFUSED,
};
struct policy_gate {
	enum policy_gate_answer answer;
	const char *program;		   /* GATE_LATER: who will be asked, or NULL */
	const char *why;		   /* GATE_REFUSED: in one line, with what mends it */
	const char *verdict, *image_class; /* GATE_ADMITTED: "allow", "image" */
	const char *image;		   /* as far as it is proven, also of one that is refused: told, and grants nothing */
};

/* What the command line adds to the bundle. */
struct policy_request {
	const char *id, *bundle;	 /* bundle: absolute path */
	const char *cgroup_manager;	 /* "cgroupfs" (default when NULL), "systemd", "disabled" */
	bool console_socket;		 /* --console-socket given */
	bool detached;			 /* create, or run --detach */
	bool no_pivot, no_new_keyring;
	uint32_t preserve_fds;		 /* already including LISTEN_FDS */
	uint32_t listen_fds;		 /* LISTEN_FDS of the caller (0: none), for the environment: LISTEN_PID=1 */
	const char *listen_fdnames;	 /* or NULL */
	const char *image;		 /* "sha256:..." proven for this container (by the gate), or NULL: no exception applies */
	struct policy_gate gate;
	int64_t now;			 /* seconds since 1970: exceptions expire */
	struct str_list encrypted;	 /* bind sources that the host shows to be on dm-crypt (H-27) */
	LIST_OF(struct policy_socket) sockets;
	struct str_list roots_own;	 /* bind sources that none but root can write to or replace (H-24) */
	const char *notify_dir;		 /* host directory for sd_notify, bound on /run/notify; NULL: none */
};

/* *plan must be PLAN_INIT; strings are copied into its arena, so the spec may be
 * released.  plan_check() has been run on what is returned. */
int policy_resolve(const struct spec *spec, const struct host *host, const struct policy_conf *conf,
		   const struct policy_request *request, struct plan *plan, struct err *err)
	__attribute__((warn_unused_result));

/* What would be refused, in the rules' order.  Lives in the plan's arena. */
#define POLICY_REFUSALS_MAX 64u
struct policy_refusals {
	LIST_OF(struct err) told; /* each with its rule, where it has one */
	size_t more;		  /* beyond POLICY_REFUSALS_MAX: only counted */
};

/* Mode audit: policy_resolve() that goes on behind a refusal with what the rule, and the
 * rules after it, say of the rest.  With refusals (PLAN_INIT's zeroes given) the plan has
 * the changes of whatever didn't refuse and is none that could be carried out: it is not
 * checked.  -1 only for what every level refuses, and for our own failures.
 * refusals NULL: policy_resolve(). */
int policy_resolve_all(const struct spec *spec, const struct host *host,
		       const struct policy_conf *conf, const struct policy_request *request,
		       struct plan *plan, struct policy_refusals *refusals, struct err *err)
	__attribute__((warn_unused_result));

/* exec: what is asked, from the command line or --process. */
struct policy_exec_request {
	const struct spec_process *process; /* --process FILE, or NULL: the container's recorded process part */
	struct str_list args;		    /* command line arguments (replace the process's) */
	struct str_list env;		    /* --env, appended */
	const char *cwd;		    /* NULL: as the process says */
	const char *user;		    /* "uid[:gid]" (T-CRED-1), or NULL */
	struct str_list caps;		    /* --cap: added to bounding, effective, permitted; never inheritable or ambient */
	LIST_OF(uint32_t) additional_gids;
	bool no_new_privs, tty, console_socket, detached;
	const char *apparmor, *process_label;
	uint32_t preserve_fds;
};
/* Pure.  `ceiling` is the recorded plan (plan_store_parse): at hardened, ids are
 * never 0, capabilities never exceed the ceiling's bounding set, filters,
 * Landlock, no_new_privs, securebits, rlimits are the container's.  *plan must
 * be PLAN_INIT; it gets process, filters, landlock, ns, userns_last, cgroup. */
int policy_resolve_exec(const struct policy_exec_request *request, const struct plan *ceiling,
			const struct host *host, struct plan *plan, struct err *err)
	__attribute__((warn_unused_result));

/* resources (create's linux.resources, update's file or flags) -> cgroup writes and
 * device rules appended to `ret`.  The bundle's own: ABSENT_ERROR. */
int policy_resolve_resources(const struct spec_resources *res, const struct host *host,
			     struct arena *arena, struct plan_cgroup *ret, struct err *err)
	__attribute__((warn_unused_result));

/* update: the same for a running container, whose recorded plan is the ceiling: at
 * hardened pids.max stays at most ours (H-60) and the device rules as they are
 * (H-41).  device_filter is set when the rules in `ret` replace the container's. */
int policy_resolve_update(const struct spec_resources *res, const struct plan *ceiling,
			  const struct host *host, struct arena *arena, struct plan_cgroup *ret,
			  struct err *err) __attribute__((warn_unused_result));

#endif
