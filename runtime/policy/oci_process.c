/* Stage one, the process: who runs what, with which limits, as runc and crun do.
 * Owns plan->process; tightens nothing. */
#include "config.h"

#include "policy/resolve.h"

#include "base/path.h"
#include "spec/spec.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/banned.h"

/* --- environment --- */

struct env_entry {
	const char *text;
	size_t name_len, order;
};

static int compare_entries(const void *left, const void *right)
{
	const struct env_entry *a = left, *b = right;
	size_t shorter = a->name_len < b->name_len ? a->name_len : b->name_len;
	int diff = memcmp(a->text, b->text, shorter);
	if (diff)
		return diff;
	if (a->name_len != b->name_len)
		return a->name_len < b->name_len ? -1 : 1;
	return a->order < b->order ? -1 : 1;
}

static int take_entries(const struct str_list *env, struct env_entry *entries, size_t *n,
			struct err *err)
{
	for (size_t i = 0; env && i < env->n; i++) {
		const char *equals = strchr(env->items[i], '=');
		/* One without a value is never filled from our environment (CVE-2021-3602). */
		if (!equals || equals == env->items[i])
			return err_set(err, ERR_USAGE,
				       "environment entry '%s' must have the form NAME=VALUE",
				       env->items[i]);
		entries[*n] =
			(struct env_entry){env->items[i], (size_t)(equals - env->items[i]), *n};
		++*n;
	}
	return 0;
}

int oci_environment(struct resolve *r, const struct str_list *env, const struct str_list *extra_env,
		    struct err *err)
{
	struct plan_process *process = &r->plan->process;
	size_t n = 0, room = env->n + (extra_env ? extra_env->n : 0);
	struct env_entry *entries = arena_array(&r->plan->arena, room, sizeof(*entries));
	const char **kept = arena_array(&r->plan->arena, room, sizeof(*kept));
	if (!entries || !kept)
		return err_oom(err);
	if (take_entries(env, entries, &n, err) || take_entries(extra_env, entries, &n, err))
		return -1;

	process->home = HOME_FROM_PASSWD;
	qsort(entries, n, sizeof(*entries), compare_entries);
	for (size_t i = 0; i < n; i++) {
		const struct env_entry *e = &entries[i], *next = i + 1 < n ? e + 1 : NULL;
		if (next && next->name_len == e->name_len &&
		    !memcmp(next->text, e->text, e->name_len))
			continue; /* a later value of the same name wins */
		if (e->name_len == 4 && !memcmp(e->text, "HOME", 4)) {
			if (!e->text[5])
				continue;
			process->home = HOME_FROM_ENV;
		}
		kept[e->order] = e->text;
	}
	for (size_t i = 0; i < n; i++)
		list_add(r, &process->env, kept[i]); /* no entry for NULL */
	return 0;
}

/* Socket activation: runc passes what it was passed itself, for pid 1.  And the
 * socket of sd_notify(3), by its name inside. */
static void add_supervision(struct resolve *r, struct str_list *extra)
{
	const struct policy_request *request = r->request;
	if (request->notify_dir)
		list_add(r, extra, "NOTIFY_SOCKET=" NOTIFY_TARGET "/notify.sock");
	if (!request->listen_fds)
		return;
	list_add(r, extra, text(r, "LISTEN_FDS=%u", request->listen_fds));
	list_add(r, extra, "LISTEN_PID=1");
	if (request->listen_fdnames)
		list_add(r, extra, text(r, "LISTEN_FDNAMES=%s", request->listen_fdnames));
}

/* --- ids, capabilities, limits --- */

/* Every id the process gets must exist in a user namespace of the container's
 * own; setresuid(2) would fail with EINVAL, which says nothing. */
static int check_mapped(const struct plan *plan, const struct plan_process *process,
			struct err *err)
{
	if (plan->ns[NS_USER].mode != NS_PRIVATE)
		return 0;
	if (!plan_has_inside_id(&plan->uid_maps, process->uid))
		return err_set(err, ERR_SPEC,
			       "process.user.uid: %u is not mapped by linux.uidMappings",
			       process->uid);
	if (!plan_has_inside_id(&plan->gid_maps, process->gid))
		return err_set(err, ERR_SPEC,
			       "process.user.gid: %u is not mapped by linux.gidMappings",
			       process->gid);
	for (size_t i = 0; i < process->groups.n; i++)
		if (!plan_has_inside_id(&plan->gid_maps, process->groups.items[i]))
			return err_set(err, ERR_SPEC,
				       "process.user.additionalGids[%zu]: "
				       "%u is not mapped by linux.gidMappings",
				       i, process->groups.items[i]);
	return 0;
}

static int take_user(struct resolve *r, const struct spec_user *user, struct err *err)
{
	struct plan_process *process = &r->plan->process;
	process->uid = user->uid;
	process->gid = user->gid;
	process->umask = user->umask.set ? user->umask.v : 022;
	process->set_groups = !r->plan->deny_setgroups;
	if (!process->set_groups && user->additional_gids.n)
		return err_set(err, ERR_SPEC,
			       "process.user.additionalGids: "
			       "supplementary groups can't be set without privilege; remove them");
	for (size_t i = 0; i < user->additional_gids.n; i++) {
		uint32_t *gid = RESOLVE_PUSH(r, &process->groups);
		if (!gid)
			return err_oom(err);
		*gid = user->additional_gids.items[i];
	}
	return r->ceiling ? 0 : check_mapped(r->plan, process, err);
}

static int refuse_caps(const char *set, uint64_t bad, const char *why, struct err *err)
{
	int number = __builtin_ctzll(bad);
	const char *name = spec_capability_name(number);
	return err_set(err, ERR_SPEC, "process.capabilities.%s: %s %s", set,
		       name ? name : "an unknown capability", why);
}

static int take_capabilities(struct resolve *r, const struct spec_capabilities *caps,
			     struct err *err)
{
	struct plan_caps *c = &r->plan->process.caps;
	*c = (struct plan_caps){0};
	if (!caps)
		return 0; /* T-CRED-3: absent means none, in all five */
	uint64_t known =
		r->host->last_cap >= 63 ? UINT64_MAX : (UINT64_C(1) << (r->host->last_cap + 1)) - 1;
	const struct {
		const char *name;
		uint64_t set;
	} sets[] = {
		{"bounding", caps->bounding},   {"effective", caps->effective},
		{"permitted", caps->permitted}, {"inheritable", caps->inheritable},
		{"ambient", caps->ambient},
	};
	for (size_t i = 0; i < ARRAY_LEN(sets); i++)
		if (sets[i].set & ~known)
			return refuse_caps(sets[i].name, sets[i].set & ~known,
					   "is unknown to this kernel; remove it", err);
	if (caps->effective & ~caps->permitted)
		return refuse_caps("effective", caps->effective & ~caps->permitted,
				   "is not permitted; add it to process.capabilities.permitted",
				   err);
	c->bounding = caps->bounding;
	c->effective = caps->effective;
	c->permitted = caps->permitted;
	c->inheritable = caps->inheritable;
	/* The kernel raises no other; runc and crun ask for the others in vain and go on. Bundles
	 * that `runc spec` makes rely on that: they have an ambient set and no inheritable one. */
	c->ambient = caps->ambient & caps->permitted & caps->inheritable;
	return 0;
}

static int take_rlimits(struct resolve *r, const struct spec_process *spec, struct err *err)
{
	for (size_t i = 0; i < spec->rlimits.n; i++) {
		const struct spec_rlimit *limit = &spec->rlimits.items[i];
		struct plan_rlimit *to = RESOLVE_PUSH(r, &r->plan->process.rlimits);
		if (!to)
			return err_oom(err);
		*to = (struct plan_rlimit){limit->resource, limit->soft, limit->hard};
	}
	return 0;
}

static void take_scheduling(struct resolve *r, const struct spec_process *spec)
{
	struct plan_process *process = &r->plan->process;
	if (spec->oom_score_adj.set) {
		process->oom_score_adj_set = true;
		process->oom_score_adj = (int32_t)spec->oom_score_adj.v;
	}
	if (spec->scheduler) {
		const struct spec_scheduler *s = spec->scheduler;
		process->sched = (struct plan_sched){
			.set = true,
			.policy = s->policy,
			.nice = (int32_t)s->nice.v,
			.priority = (uint32_t)s->priority.v,
			.flags = s->flags,
			.runtime_ns = s->runtime.v,
			.deadline_ns = s->deadline.v,
			.period_ns = s->period.v,
		};
	}
	if (spec->io_priority) {
		process->io_priority_set = true;
		process->io_priority = spec->io_priority->class << 13 | spec->io_priority->priority;
	}
	/* runtime-spec: for programs that exec starts, not for the container's first. */
	process->affinity_initial = keep(r, spec->exec_cpu_affinity.initial);
	process->affinity_final = keep(r, spec->exec_cpu_affinity.final);
}

static const char *label(struct resolve *r, const char *asked)
{
	return asked && *asked ? keep(r, asked) : NULL; /* "" is how engines write "none" */
}

static int take_labels(struct resolve *r, const struct spec_process *spec, struct err *err)
{
	struct plan_process *process = &r->plan->process;
	process->apparmor_profile = label(r, spec->apparmor_profile);
	process->selinux_label = label(r, spec->selinux_label);
	if ((process->apparmor_profile && strpbrk(process->apparmor_profile, "\r\n")) ||
	    (process->selinux_label && strpbrk(process->selinux_label, "\r\n")))
		return err_set(err, ERR_SPEC,
			       "process.apparmorProfile, selinuxLabel: a label is one line");
	if (process->apparmor_profile && !r->host->apparmor)
		return err_set(
			err, ERR_HOST,
			"process.apparmorProfile: AppArmor is not enabled on this host; remove it");
	if (process->selinux_label && !r->host->selinux)
		return err_set(
			err, ERR_HOST,
			"process.selinuxLabel: SELinux is not enabled on this host; remove it");
	return 0;
}

int oci_terminal_check(bool terminal, bool detached, bool console_socket, struct err *err)
{
	if (detached && terminal && !console_socket)
		return err_set(err, ERR_USAGE,
			       "process.terminal: a terminal without --console-socket "
			       "has nobody to hold it when the runtime exits; "
			       "give one or run in the foreground");
	if (console_socket && !(detached && terminal))
		return err_set(
			err, ERR_USAGE,
			"--console-socket is for a detached process with process.terminal only");
	return 0;
}

int oci_process_part(struct resolve *r, const struct spec_process *spec,
		     const struct str_list *extra_env, struct err *err)
{
	struct plan_process *process = &r->plan->process;
	if (spec->args.n == 0)
		return err_set(err, ERR_SPEC, "process.args: must name the program to run");
	for (size_t i = 0; i < spec->args.n; i++)
		list_add(r, &process->args, spec->args.items[i]);
	if (oci_environment(r, &spec->env, extra_env, err))
		return -1;
	process->cwd = clean_path(r, spec->cwd);
	process->terminal = spec->terminal;
	if (spec->terminal && spec->console_size.set) {
		process->console_rows = (uint16_t)spec->console_size.height;
		process->console_cols = (uint16_t)spec->console_size.width;
	}
	process->no_new_privs = spec->no_new_privileges.v;
	if (take_user(r, &spec->user, err) || take_capabilities(r, spec->capabilities, err) ||
	    take_rlimits(r, spec, err) || take_labels(r, spec, err))
		return -1;
	take_scheduling(r, spec);
	return 0;
}

int oci_process(struct resolve *r, struct err *err)
{
	const struct policy_request *request = r->request;
	struct plan_process *process = &r->plan->process;
	struct str_list extra = {0};
	if (!r->spec->process)
		return err_set(err, ERR_SPEC,
			       "process: missing; a container needs a program to run");
	add_supervision(r, &extra);
	if (oci_process_part(r, r->spec->process, &extra, err) ||
	    oci_terminal_check(process->terminal, request->detached, request->console_socket, err))
		return -1;
	process->create_cwd = true;
	process->preserve_fds = request->preserve_fds;
	process->new_keyring = !request->no_new_keyring;
	return 0;
}
