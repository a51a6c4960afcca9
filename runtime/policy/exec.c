/* A further process in a container.  Its ceiling is the recorded plan: engines
 * pass process files without the hardening (podman: no labels; --privileged: all
 * capabilities), or no file at all (conmon-rs). */
#include "config.h"

#include "policy/resolve.h"

#include "base/num.h"
#include "plan/names.h"

#include <string.h>
#include <sys/resource.h>

#include "base/banned.h"

/* --- what the container has and every process in it shares --- */

static int copy_list(struct resolve *r, const struct str_list *from, struct str_list *to)
{
	for (size_t i = 0; i < from->n; i++)
		list_add(r, to, from->items[i]);
	return r->oom ? -1 : 0;
}

static int copy_maps(struct resolve *r, const plan_idmaps *from, plan_idmaps *to)
{
	for (size_t i = 0; i < from->n; i++) {
		struct plan_idmap *map = RESOLVE_PUSH(r, to);
		if (!map)
			return -1;
		*map = from->items[i];
	}
	return 0;
}

static int copy_filter_rules(struct resolve *r, const struct plan_filter *from,
			     struct plan_filter *to)
{
	for (size_t i = 0; i < from->rules.n; i++) {
		struct plan_filter_rule *rule = RESOLVE_PUSH(r, &to->rules);
		if (!rule || copy_list(r, &from->rules.items[i].names, &rule->names))
			return -1;
		rule->action = from->rules.items[i].action;
		for (size_t k = 0; k < from->rules.items[i].args.n; k++) {
			struct plan_filter_arg *arg = RESOLVE_PUSH(r, &rule->args);
			if (!arg)
				return -1;
			*arg = from->rules.items[i].args.items[k];
		}
	}
	return 0;
}

static int copy_filters(struct resolve *r, const struct plan *from)
{
	for (size_t i = 0; i < from->filters.n; i++) {
		const struct plan_filter *filter = &from->filters.items[i];
		struct plan_filter *to = RESOLVE_PUSH(r, &r->plan->filters);
		if (!to)
			return -1;
		to->kind = filter->kind;
		to->default_action = filter->default_action;
		to->flags = filter->flags;
		to->listener_path = keep(r, filter->listener_path);
		to->listener_metadata = keep(r, filter->listener_metadata);
		if (copy_list(r, &filter->archs, &to->archs) ||
		    copy_list(r, &filter->added, &to->added) || copy_filter_rules(r, filter, to))
			return -1;
	}
	return 0;
}

static int copy_ports(struct resolve *r)
{
	const struct plan_landlock *from = &r->ceiling->landlock;
	struct plan_landlock *to = &r->plan->landlock;
	to->bind_limited = from->bind_limited;
	to->connect_limited = from->connect_limited;
	for (size_t i = 0; i < from->bind.n; i++) {
		uint16_t *port = RESOLVE_PUSH(r, &to->bind);
		if (!port)
			return -1;
		*port = from->bind.items[i];
	}
	for (size_t i = 0; i < from->connect.n; i++) {
		uint16_t *port = RESOLVE_PUSH(r, &to->connect);
		if (!port)
			return -1;
		*port = from->connect.items[i];
	}
	return 0;
}

static int copy_container(struct resolve *r)
{
	const struct plan *from = r->ceiling;
	struct plan *plan = r->plan;
	plan->level = from->level;
	plan->policy_name = keep(r, from->policy_name);
	plan->oci_version = keep(r, from->oci_version);
	plan->id = keep(r, from->id);
	plan->bundle = keep(r, from->bundle);
	plan->policy_hash = keep(r, from->policy_hash);
	plan->audit_mode = from->audit_mode;
	plan->root_kept = from->root_kept;
	plan->granted = (struct plan_granted){
		.image = keep(r, from->granted.image),
		.owner = keep(r, from->granted.owner),
		.reason = keep(r, from->granted.reason),
		.expires = keep(r, from->granted.expires),
		.root_user = from->granted.root_user,
		.root_group = from->granted.root_group,
		.capabilities = from->granted.capabilities,
	};
	plan->verify = from->verify;
	plan->own_binary = from->own_binary;
	plan->deny_setgroups = from->deny_setgroups;
	/* Whatever the container's process is in, made or joined then, is joined now by that
	 * process. */
	for (int i = 0; i < NS_COUNT; i++) {
		bool has = from->ns[i].mode != NS_HOST;
		plan->ns[i].mode = has ? NS_JOIN : NS_HOST;
		plan->ns[i].refuse_host =
			has && (from->ns[i].refuse_host || from->ns[i].mode == NS_PRIVATE);
	}
	plan->userns_last.enabled = from->userns_last.enabled;
	plan->userns_last.forbid_children = from->userns_last.forbid_children;
	plan->landlock.enabled = from->landlock.enabled;
	plan->landlock.min_abi = from->landlock.min_abi;
	plan->landlock.handled_fs = from->landlock.handled_fs;
	plan->cgroup.manager = from->cgroup.manager;
	plan->cgroup.path = keep(r, from->cgroup.path);
	plan->cgroup.path_from_caller = from->cgroup.path_from_caller;
	plan->cgroup.delegate_uid = -1;
	plan->cgroup.delegate_gid = -1;
	if (copy_maps(r, &from->uid_maps, &plan->uid_maps) ||
	    copy_maps(r, &from->gid_maps, &plan->gid_maps) ||
	    copy_maps(r, &from->userns_last.uid_maps, &plan->userns_last.uid_maps) ||
	    copy_maps(r, &from->userns_last.gid_maps, &plan->userns_last.gid_maps) ||
	    copy_list(r, &from->landlock.writable, &plan->landlock.writable) ||
	    copy_list(r, &from->landlock.no_exec, &plan->landlock.no_exec) ||
	    copy_list(r, &from->landlock.exec_only, &plan->landlock.exec_only) ||
	    copy_list(r, &from->landlock.no_daemons, &plan->landlock.no_daemons) ||
	    copy_list(r, &from->landlock.daemon_places, &plan->landlock.daemon_places) ||
	    copy_list(r, &from->granted.exec_on, &plan->granted.exec_on) || copy_ports(r))
		return -1;
	return copy_filters(r, from);
}

/* --- the process, from the container's own --- */

static int copy_process(struct resolve *r, const struct str_list *extra_env, struct err *err)
{
	const struct plan_process *from = &r->ceiling->process;
	struct plan_process *to = &r->plan->process;
	if (oci_environment(r, &from->env, extra_env, err))
		return -1;
	to->cwd = keep(r, from->cwd);
	to->uid = from->uid;
	to->gid = from->gid;
	to->umask = from->umask;
	to->set_groups = from->set_groups;
	to->caps = from->caps;
	to->no_new_privs = from->no_new_privs;
	to->oom_score_adj_set = from->oom_score_adj_set;
	to->oom_score_adj = from->oom_score_adj;
	to->sched = from->sched;
	to->io_priority_set = from->io_priority_set;
	to->io_priority = from->io_priority;
	to->affinity_initial = keep(r, from->affinity_initial);
	to->affinity_final = keep(r, from->affinity_final);
	to->apparmor_profile = keep(r, from->apparmor_profile);
	to->selinux_label = keep(r, from->selinux_label);
	for (size_t i = 0; i < from->groups.n; i++) {
		uint32_t *gid = RESOLVE_PUSH(r, &to->groups);
		if (!gid)
			return err_oom(err);
		*gid = from->groups.items[i];
	}
	return copy_list(r, &from->args, &to->args) ? err_oom(err) : 0;
}

/* The rule that has given the container such a limit, or would have. */
static const char *rule_of_limit(int resource)
{
	switch (resource) {
	case RLIMIT_CORE:
		return "H-07";
	case RLIMIT_NPROC:
		return "H-60";
	case RLIMIT_NOFILE:
		return "H-63";
	default:
		return "H-16";
	}
}

static void note_limit(struct resolve *r, const struct plan_rlimit *asked,
		       enum plan_outcome outcome)
{
	note(r, rule_of_limit(asked->resource), outcome,
	     text(r, "rlimit.%s", plan_rlimit_name(asked->resource)), rlimit_text(r, asked), NULL);
}

/* Where the container has no limit it has what create inherited, and nobody here knows how
 * much: no hard limit at all could only be more. */
static void drop_unlimited(struct resolve *r)
{
	__typeof__(r->plan->process.rlimits) *limits = &r->plan->process.rlimits;
	size_t kept = 0;
	for (size_t i = 0; i < limits->n; i++) {
		const struct plan_rlimit *limit = &limits->items[i];
		bool known = limit->hard != UINT64_MAX;
		for (size_t k = 0; k < r->ceiling->process.rlimits.n && !known; k++)
			known = r->ceiling->process.rlimits.items[k].resource == limit->resource;
		if (known)
			limits->items[kept++] = *limit;
		else
			note_limit(r, limit, CHANGE_DROPPED);
	}
	limits->n = kept;
}

/* Of what the process asks for and what the container has, the lower, soft and hard; a limit
 * that the container doesn't have is taken as create would take it. */
static int hold_limits(struct resolve *r)
{
	const __typeof__(r->ceiling->process.rlimits) *most = &r->ceiling->process.rlimits;
	drop_unlimited(r);
	for (size_t i = 0; i < most->n; i++) {
		const struct plan_rlimit *highest = &most->items[i];
		bool asked;
		struct plan_rlimit *limit = process_rlimit(r, highest->resource, &asked);
		if (!limit)
			return -1;
		if (asked && (limit->soft > highest->soft || limit->hard > highest->hard))
			note_limit(r, limit, CHANGE_FORCED);
		if (limit->soft > highest->soft)
			limit->soft = highest->soft;
		if (limit->hard > highest->hard)
			limit->hard = highest->hard;
	}
	return 0;
}

/* What a process doesn't say, it has from the container (runc). */
static int fill_from_container(struct resolve *r, const struct spec_process *spec, struct err *err)
{
	const struct plan_process *from = &r->ceiling->process;
	struct plan_process *to = &r->plan->process;
	if (spec && !spec->capabilities)
		to->caps = from->caps;
	if (!to->apparmor_profile)
		to->apparmor_profile = keep(r, from->apparmor_profile);
	if (!to->selinux_label)
		to->selinux_label = keep(r, from->selinux_label);
	if (!to->oom_score_adj_set) {
		to->oom_score_adj_set = from->oom_score_adj_set;
		to->oom_score_adj = from->oom_score_adj;
	}
	if (!to->sched.set)
		to->sched = from->sched;
	if (!to->io_priority_set) {
		to->io_priority_set = from->io_priority_set;
		to->io_priority = from->io_priority;
	}
	if ((!to->rlimits.n || r->plan->level != LEVEL_OCI) && hold_limits(r))
		return err_oom(err);
	to->securebits = from->securebits;
	to->personality_set = from->personality_set;
	to->personality = from->personality;
	to->mempolicy = from->mempolicy;
	to->mempolicy.nodes = keep(r, from->mempolicy.nodes);
	to->new_keyring = from->new_keyring;
	return 0;
}

/* --- what the command line adds --- */

/* T-CRED-1: "UID" or "UID:GID", digits only; assigned only when all of it is right. */
static int take_user(struct plan_process *process, const char *user, struct err *err)
{
	char uid_text[16];
	uint32_t uid, gid = process->gid;
	size_t n = strcspn(user, ":");
	if (n >= sizeof(uid_text))
		return err_set(err, ERR_USAGE,
			       "--user '%s': write a number, or two with ':' between them", user);
	memcpy(uid_text, user, n);
	uid_text[n] = '\0';
	if (!num_parse_id(uid_text, &uid) || (user[n] && !num_parse_id(user + n + 1, &gid)))
		return err_set(err, ERR_USAGE,
			       "--user '%s': write a number, or two with ':' between them", user);
	process->uid = uid;
	process->gid = gid;
	return 0;
}

static int take_caps(struct resolve *r, const struct str_list *names, struct err *err)
{
	struct plan_caps *caps = &r->plan->process.caps;
	for (size_t i = 0; i < names->n; i++) {
		int number = spec_capability_number(names->items[i]);
		if (number < 0 || number > r->host->last_cap)
			return err_set(err, ERR_USAGE, "--cap '%s': no capability of this kernel",
				       names->items[i]);
		/* Never inheritable or ambient: a program that is executed later must not have them
		 * by accident (CVE-2022-29162). */
		caps->bounding |= UINT64_C(1) << number;
		caps->effective |= UINT64_C(1) << number;
		caps->permitted |= UINT64_C(1) << number;
	}
	return 0;
}

static int take_request(struct resolve *r, const struct policy_exec_request *request,
			struct err *err)
{
	struct plan_process *process = &r->plan->process;
	if (request->args.n) {
		process->args.n = 0;
		if (copy_list(r, &request->args, &process->args))
			return err_oom(err);
	}
	if (request->cwd) {
		if (request->cwd[0] != '/')
			return err_set(err, ERR_USAGE, "--cwd '%s': must be absolute",
				       request->cwd);
		process->cwd = clean_path(r, request->cwd);
	}
	if (request->user && take_user(process, request->user, err))
		return -1;
	if (take_caps(r, &request->caps, err))
		return -1;
	for (size_t i = 0; i < request->additional_gids.n; i++) {
		uint32_t *gid = RESOLVE_PUSH(r, &process->groups);
		if (!gid)
			return err_oom(err);
		*gid = request->additional_gids.items[i];
	}
	process->no_new_privs |= request->no_new_privs;
	process->terminal |= request->tty;
	process->preserve_fds = request->preserve_fds;
	if (request->apparmor && *request->apparmor)
		process->apparmor_profile = keep(r, request->apparmor);
	if (request->process_label && *request->process_label)
		process->selinux_label = keep(r, request->process_label);
	return 0;
}

static int check_labels(const struct resolve *r, struct err *err)
{
	const struct plan_process *process = &r->plan->process;
	if (process->apparmor_profile && !r->host->apparmor)
		return err_set(err, ERR_HOST,
			       "the AppArmor profile '%s' can't be applied: AppArmor is not "
			       "enabled on this host",
			       process->apparmor_profile);
	if (process->selinux_label && !r->host->selinux)
		return err_set(err, ERR_HOST,
			       "the SELinux label '%s' can't be applied: SELinux is not enabled on "
			       "this host",
			       process->selinux_label);
	return 0;
}

/* An id that the last user namespace doesn't map would be an error of setresuid(2)
 * deep in the container. */
static int check_mapped(const struct plan *plan, struct err *err)
{
	const struct plan_process *process = &plan->process;
	bool last = plan->userns_last.enabled;
	const plan_idmaps *uids = last ? &plan->userns_last.uid_maps : &plan->uid_maps;
	const plan_idmaps *gids = last ? &plan->userns_last.gid_maps : &plan->gid_maps;
	if (!uids->n || !gids->n)
		return 0; /* no user namespace, or one that was joined: its maps are not known here
			   */
	if (!plan_has_inside_id(uids, process->uid))
		return err_set(err, ERR_SPEC,
			       "user %u is not mapped in the container's user namespace",
			       process->uid);
	if (!plan_has_inside_id(gids, process->gid))
		return err_set(err, ERR_SPEC,
			       "group %u is not mapped in the container's user namespace",
			       process->gid);
	for (size_t i = 0; i < process->groups.n; i++)
		if (!plan_has_inside_id(gids, process->groups.items[i]))
			return err_set(err, ERR_SPEC,
				       "group %u is not mapped in the container's user namespace",
				       process->groups.items[i]);
	return 0;
}

int policy_resolve_exec(const struct policy_exec_request *request, const struct plan *ceiling,
			const struct host *host, struct plan *plan, struct err *err)
{
	struct resolve r = {.host = host, .ceiling = ceiling, .plan = plan};
	if (!request->process && !request->args.n)
		return err_set(
			err, ERR_USAGE,
			"the program to run is missing: give it after the id, or --process FILE");
	if (copy_container(&r))
		return err_oom(err);
	if (request->process ? oci_process_part(&r, request->process, &request->env, err)
			     : copy_process(&r, &request->env, err))
		return -1;
	if (fill_from_container(&r, request->process, err) || take_request(&r, request, err) ||
	    oci_terminal_check(plan->process.terminal, request->detached, request->console_socket,
			       err))
		return -1;
	if (r.oom)
		return err_oom(err);
	if (!plan->process.args.items[0][0])
		return err_set(err, ERR_USAGE, "the program to run has an empty name");
	if (plan->level != LEVEL_OCI && policy_apply_rules(&r, true, err))
		return -1;
	/* Without no_new_privs only CAP_SYS_ADMIN may load a filter (seccomp(2)). */
	plan->filter_point = plan->process.no_new_privs ? FILTER_BEFORE_EXEC : FILTER_BEFORE_DROP;
	if (r.oom)
		return err_oom(err);
	if (check_labels(&r, err) || check_mapped(plan, err))
		return -1;
	return plan_check_exec(plan, ceiling, err);
}
