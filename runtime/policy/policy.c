/* The decision: stage one, then the table of hardening rules, then the check.
 * The table is the order in which they hold; see rules.h for what each says. */
#include "config.h"

#include "policy/resolve.h"

#include "base/path.h"
#include "policy/rules.h"

#include <string.h>

#include "base/banned.h"

/* Later stages read what earlier ones decided: ids need the maps, the cgroup the
 * mounts and ids. */
static stage_fn *const oci_stages[] = {
	oci_namespaces, oci_sysctls, oci_process, oci_root,  oci_mounts,  oci_paths,
	oci_devices,    oci_filter,  oci_cgroup,  oci_hooks, oci_machine,
};

static const struct rule {
	const char *id;
	stage_fn *apply; /* NULL: stage one or the plan's form holds it already, as its file says */
	bool of_process; /* also applied to a process that exec adds */
} rules[] = {
	{"H-85", rule_scanned_image, false}, /* first: what isn't let in needs no other reason */
	{"H-83", rule_privileged, false}, /* before its parts: one finding instead of many */
	{"H-01", rule_user, true},
	{"H-02", rule_group, true},
	{"H-03", rule_groups, true},
	{"H-04", rule_capabilities, true},
	{"H-05", rule_nnp, true},
	{"H-06", rule_securebits, true},
	{"H-07", rule_core, true},
	{"H-08", rule_keyring, true},
	{"H-09", rule_environment, true},
	{"H-10", rule_namespaces, false},
	{"H-11", rule_host_ns, false},
	{"H-12", rule_userns_last, false},
	{"H-13", rule_userns_none, false},
	{"H-14", rule_memfd, false},
	{"H-15", rule_sysctl, false},
	{"H-16", rule_scheduling, true},
	{"H-17", NULL, true},
	{"H-18", NULL, true},
	{"H-19", rule_own_binary, false},
	{"H-20", rule_root, false},
	{"H-32", rule_kernel_fs, false}, /* before the rules of binds: one may become a sysfs */
	{"H-21", rule_scratch, false},
	{"H-22", rule_noexec, false},
	{"H-23", rule_bind_flags, false},
	{"H-24", rule_write_xor_exec, false},
	{"H-25", rule_host_mounts, false},
	{"H-27", rule_encrypted, false},
	{"H-26", rule_propagation, false},
	{"H-30", rule_masked, false},
	{"H-31", rule_readonly, false},
	{"H-40", rule_devices, false},
	{"H-41", rule_device_filter, false},
	{"H-50", rule_seccomp, false},
	{"H-51", rule_native_abi, false},
	{"H-60", rule_pids, false},
	{"H-62", rule_memory, false},
	{"H-63", rule_open_files, false},
	{"H-61", rule_cgroup_view, false},
	{"H-70", rule_landlock, false},
	{"H-72", rule_ports, false},
	{"H-73", rule_commands, false},
	{"H-71", rule_labels, true},
	{"H-80", rule_hooks, false},
	{"H-82", rule_super_daemon, true},
	{"H-81", rule_annotations, false},
	{"H-84", rule_exceptions, false},
	{"H-90", rule_read_back, false},
};

#define COUNT_ONE(id, name, holds, serves, key) +1
_Static_assert(ARRAY_LEN(rules) == 0 POLICY_RULES(COUNT_ONE),
	       "the table has every rule of rules.h");

int rule_read_back(struct resolve *r, struct err *err)
{
	(void)err;
	r->plan->verify = true;
	return 0;
}

static size_t refusals(const struct resolve *r)
{
	return r->refusals ? r->refusals->told.n + r->refusals->more : 0;
}

static int apply(struct resolve *r, const struct rule *rule, struct err *err)
{
	size_t before = refusals(r);
	struct plan_rule *asked;
	r->rule = rule->id;
	r->idle = NULL;
	if (rule->apply && rule->apply(r, err) && refused(r, err))
		return -1;
	if (r->oom)
		return err_oom(err);
	if (refusals(r) > before || r->ceiling)
		return 0;
	asked = RESOLVE_PUSH(r, &r->plan->rules);
	if (!asked)
		return err_oom(err);
	*asked = (struct plan_rule){rule->id, r->idle};
	return 0;
}

int policy_apply_rules(struct resolve *r, bool of_process, struct err *err)
{
	for (size_t i = 0; i < ARRAY_LEN(rules); i++)
		if ((!of_process || rules[i].of_process) && apply(r, &rules[i], err))
			return -1;
	return 0;
}

/* H-84: grant() has done it, since other rules need what it found. */
int rule_exceptions(struct resolve *r, struct err *err)
{
	(void)err;
	if (r->grant)
		return 0;
	return idle(r, r->request->image ? "the policy has no exception for the image"
					 : "no image is proven");
}

/* What the exceptions for the image let stand, as the plan tells and records it. */
static int grant(struct resolve *r, struct err *err)
{
	const struct policy_exception *expired = NULL;
	struct plan_granted *granted = &r->plan->granted;
	if (policy_conf_grant(r->conf, r->request->image, r->request->now, &r->plan->arena,
			      &r->grant, &expired, err))
		return -1;
	r->expired = expired ? keep(r, expired->expires_text) : NULL;
	if (expired)
		note(r, "H-84", CHANGE_SKIPPED, "exception", keep(r, expired->image),
		     text(r, "expired %s; ask '%s' to renew it", expired->expires_text,
			  expired->owner));
	if (!r->grant)
		return 0;
	*granted = (struct plan_granted){
		.image = keep(r, r->grant->image),
		.owner = keep(r, r->grant->owner),
		.reason = keep(r, r->grant->reason),
		.expires = keep(r, r->grant->expires_text),
		.root_user = r->grant->root_user,
		.root_group = r->grant->root_group,
		.capabilities = r->grant->capabilities,
		.pids_max = r->grant->pids_max,
		.memory_max = r->grant->memory_max,
	};
	for (size_t i = 0; i < r->grant->exec_on.n; i++)
		list_add(r, &granted->exec_on, r->grant->exec_on.items[i]);
	note(r, "H-84", CHANGE_EXCEPTED, "exception.image", NULL, NULL);
	return 0;
}

static int start(struct resolve *r, struct err *err)
{
	struct plan *plan = r->plan;
	if (!path_is_container_id(r->request->id))
		return err_set(err, ERR_USAGE, "container id '%s' is not valid", r->request->id);
	plan->level = r->conf->level;
	plan->policy_name = keep(r, r->conf->name);
	plan->policy_hash = keep(r, r->conf->hash[0] ? r->conf->hash : NULL);
	plan->oci_version = keep(r, r->spec->oci_version);
	plan->id = keep(r, r->request->id);
	plan->bundle = clean_path(r, r->request->bundle);
	return r->oom ? err_oom(err) : 0;
}

/* Whatever an exception is about would be refused or granted wrongly without it: a
 * policy that is wrong for the image is the only thing told. */
static int grant_or_refuse(struct resolve *r, struct err *err)
{
	r->rule = "H-84";
	return grant(r, err) ? refused(r, err) : 0;
}

static int resolve_all(struct resolve *r, struct err *err)
{
	bool hardens = r->conf->level != LEVEL_OCI;
	if (start(r, err) || (hardens && grant_or_refuse(r, err)))
		return -1;
	if (r->refusals && r->refusals->told.n)
		return 0;
	for (size_t i = 0; i < ARRAY_LEN(oci_stages); i++) {
		if (oci_stages[i](r, err))
			return -1;
		if (r->oom)
			return err_oom(err);
	}
	if (hardens && policy_apply_rules(r, false, err))
		return -1;
	/* What a rule refused it has not held. */
	if (r->refusals && r->refusals->told.n)
		return 0;
	r->rule = NULL;
	return plan_check(r->plan, err) ? refused(r, err) : 0;
}

int policy_resolve_all(const struct spec *spec, const struct host *host,
		       const struct policy_conf *conf, const struct policy_request *request,
		       struct plan *plan, struct policy_refusals *refusals, struct err *err)
{
	static const struct spec_linux no_linux;
	struct resolve r = {
		.spec = spec,
		.lin = spec->linux_ ? spec->linux_ : &no_linux,
		.host = host,
		.request = request,
		.conf = conf,
		.refusals = refusals,
		.plan = plan,
	};
	if (resolve_all(&r, err) == 0)
		return 0;
	tell_expired(&r, err);
	return -1;
}

int policy_resolve(const struct spec *spec, const struct host *host, const struct policy_conf *conf,
		   const struct policy_request *request, struct plan *plan, struct err *err)
{
	return policy_resolve_all(spec, host, conf, request, plan, NULL, err);
}
