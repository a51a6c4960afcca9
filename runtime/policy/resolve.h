/* What the stages of a decision share; internal to policy/.
 *
 * Two stages.  oci_*() write the plan exactly as runc or crun would act (level
 * oci ends here); rule_*() then tighten it or refuse.  A stage function may read
 * the whole plan so far and writes only the fields it owns.
 */
#ifndef KANUKI_POLICY_RESOLVE_H
#define KANUKI_POLICY_RESOLVE_H

#include "policy/policy.h"

struct resolve {
	const struct spec *spec; /* create; NULL in exec */
	const struct spec_linux
		*lin; /* create: never NULL, an empty one stands for an absent object */
	const struct host *host;
	const struct policy_request *request; /* create; NULL in exec */
	const struct policy_conf *conf; /* create; NULL in exec, which is held to `ceiling` */
	const struct policy_exception *grant; /* create: what the exceptions for the image let stand, or NULL */
	const struct plan *ceiling; /* exec: the container's recorded plan; NULL in create */
	struct plan *plan;
	struct policy_refusals *refusals; /* NULL: the first refusal is the answer */
	const char *rule; /* whose turn it is, or NULL */
	const char *idle; /* why that has nothing to do here, or NULL; idle() */
	const char *expired; /* when the exception for the image ended, where one has; else NULL */
	bool oom; /* sticky: the loop turns it into an error, so that helpers can stay expressions */
};

typedef int stage_fn(struct resolve *r, struct err *err);

#define RESOLVE_PUSH(r, list)                                                                      \
	({                                                                                         \
		__typeof__((list)->items) pushed_ = ARENA_PUSH(&(r)->plan->arena, list);           \
		if (!pushed_)                                                                      \
			(r)->oom = true;                                                           \
		pushed_;                                                                           \
	})

/* Copies into the plan's arena.  NULL in, NULL out; NULL with r->oom set when
 * memory ran out.  A list gets no entry then. */
const char *keep(struct resolve *r, const char *s);
const char *text(struct resolve *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
const char *clean_path(struct resolve *r, const char *path);
void list_add(struct resolve *r, struct str_list *list, const char *s);

/* Records what a rule did.  `key` is that of the printed line; `asked` what the
 * bundle said (NULL: nothing), `given` what is done (NULL: the line says it).
 * The three are kept as they are: literals or text in the plan's arena. */
void note(struct resolve *r, const char *rule, enum plan_outcome outcome, const char *key,
	  const char *asked, const char *given);

/* The rule whose turn it is has nothing to do, and why: a clause in a literal, shown by
 * --diff unless the rule changes something after all. */
int idle(struct resolve *r, const char *why); /* 0 */

/* A refusal that an exception could have held off says that there was one. */
void tell_expired(const struct resolve *r, struct err *err);

/* A rule has refused, as `err` says: -1.  Where refusals are collected: 0, with the
 * refusal in the list and `err` empty, and the rule goes on with what is left. */
int refused(struct resolve *r, struct err *err) __attribute__((warn_unused_result));

/* --- stage one: the OCI semantics --- */
stage_fn oci_namespaces, oci_sysctls, oci_root, oci_mounts, oci_paths, oci_devices, oci_process,
	oci_filter, oci_cgroup, oci_hooks, oci_machine;

/* The part of oci_process() that exec shares. `extra_env` wins over the process's own. */
int oci_process_part(struct resolve *r, const struct spec_process *spec,
		     const struct str_list *extra_env, struct err *err);
/* Last value of a name wins; an absent or empty HOME is looked up in the image. */
int oci_environment(struct resolve *r, const struct str_list *env, const struct str_list *extra_env,
		    struct err *err);
/* As config.json has them; one for each of the plan's, in the same order. */
const spec_hooks *asked_hooks(const struct spec *spec, enum plan_hook_kind kind);
int oci_terminal_check(bool terminal, bool detached, bool console_socket, struct err *err);

/* --- stage two: the hardening rules (rules.h) --- */
stage_fn rule_user, rule_group, rule_groups, rule_capabilities, rule_nnp, rule_securebits,
	rule_core, rule_keyring, rule_environment, rule_namespaces, rule_host_ns, rule_userns_last,
	rule_userns_none, rule_memfd, rule_sysctl, rule_scheduling, rule_own_binary, rule_root,
	rule_scratch, rule_noexec, rule_bind_flags, rule_write_xor_exec, rule_host_mounts,
	rule_propagation, rule_masked, rule_readonly, rule_kernel_fs, rule_devices,
	rule_device_filter, rule_seccomp, rule_native_abi, rule_pids, rule_cgroup_view,
	rule_landlock, rule_labels, rule_hooks, rule_annotations, rule_read_back, rule_privileged,
	rule_encrypted, rule_memory, rule_open_files, rule_ports, rule_commands, rule_super_daemon,
	rule_scanned_image, rule_exceptions;

/* The rules in their order; only those of a process for exec. */
int policy_apply_rules(struct resolve *r, bool of_process, struct err *err);

/* A cgroup file whose value may be at most so much. */
struct cgroup_most {
	const char *controller, *file;
	uint64_t most;
};

/* H-60, H-62 for the limit that is asked: takes all writes of the file out of *cgroup and
 * puts in one that is at most the rule's.  *ret_asked is what stood there, NULL when
 * nothing did; `always` limits then too. */
int cgroup_limit(struct arena *arena, struct plan_cgroup *cgroup, const struct cgroup_most *most,
		 bool always, const char **ret_asked, bool *ret_changed, struct err *err);

#define NOTIFY_TARGET "/run/notify"   /* and notify.sock in it: runc's place */
#define NOBODY_ID     UINT32_C(65532) /* "nonroot" of the minimal base images */

const char *rlimit_text(struct resolve *r, const struct plan_rlimit *limit); /* "soft:hard" */
/* An rlimit of the process, appended with no limit when it isn't there; NULL on oom. */
struct plan_rlimit *process_rlimit(struct resolve *r, int resource, bool *ret_existed);
bool has_dev_mount(const struct plan *plan, bool *ret_is_bind);
/* Why what a bind shows may be executed; PROGRAMS_NONE: it may not (host_paths.c). */
enum plan_programs mount_programs(const struct resolve *r, const struct plan_mount *mount);
/* As it ends up: what is asked for the whole tree ("rrw") comes after what its top gets ("ro"). */
bool is_readonly_mount(const struct plan_mount *mount);

#endif
