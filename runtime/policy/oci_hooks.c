/* Stage one, the rest: hooks, annotations, cache and memory placement,
 * personality.  Owns those fields of the plan. */
#include "config.h"

#include "policy/resolve.h"

#include <linux/mempolicy.h>
#include <string.h>

#include "base/banned.h"

enum { WEIGHTED_INTERLEAVE = 6 }; /* Linux 6.9; an enum, so its presence can't be asked */

/* --- hooks --- */

static void take_hook(struct resolve *r, const struct spec_hook *from, struct plan_hook *hook)
{
	hook->path = keep(r, from->path);
	for (size_t i = 0; i < from->args.n; i++)
		list_add(r, &hook->args, from->args.items[i]);
	if (!from->args.n)
		list_add(r, &hook->args, from->path);
	/* T-HK-1: no env means an empty one. runc and crun pass on what they were started with,
	 * which lets an engine's secrets, or LD_PRELOAD, into programs that run as the host's root.
	 */
	for (size_t i = 0; i < from->env.n; i++)
		list_add(r, &hook->env, from->env.items[i]);
	hook->timeout_s = (uint32_t)from->timeout.v;
}

#define HOOKS_MAX 1024 /* of a kind; each is compared with the mounts */

const spec_hooks *asked_hooks(const struct spec *spec, enum plan_hook_kind kind)
{
	const spec_hooks *const kinds[HOOK_COUNT] = {
		[HOOK_PRESTART] = &spec->hooks.prestart,
		[HOOK_CREATE_RUNTIME] = &spec->hooks.create_runtime,
		[HOOK_CREATE_CONTAINER] = &spec->hooks.create_container,
		[HOOK_START_CONTAINER] = &spec->hooks.start_container,
		[HOOK_POSTSTART] = &spec->hooks.poststart,
		[HOOK_POSTSTOP] = &spec->hooks.poststop,
	};

	return kinds[kind];
}

int oci_hooks(struct resolve *r, struct err *err)
{
	for (int k = 0; k < HOOK_COUNT; k++) {
		const spec_hooks *asked = asked_hooks(r->spec, (enum plan_hook_kind)k);
		if (asked->n > HOOKS_MAX)
			return err_set(err, ERR_SPEC, "hooks.%s: %zu entries; %d at most",
				       plan_hook_name((enum plan_hook_kind)k), asked->n, HOOKS_MAX);
		for (size_t i = 0; i < asked->n; i++) {
			struct plan_hook *hook = RESOLVE_PUSH(r, &r->plan->hooks[k]);
			if (!hook)
				return err_oom(err);
			take_hook(r, &asked->items[i], hook);
		}
	}
	for (size_t i = 0; i < r->spec->annotations.n; i++) {
		struct plan_pair *pair = RESOLVE_PUSH(r, &r->plan->annotations);
		if (!pair)
			return err_oom(err);
		*pair = (struct plan_pair){keep(r, r->spec->annotations.items[i].key),
					   keep(r, r->spec->annotations.items[i].value)};
	}
	return 0;
}

/* --- where on the machine it runs --- */

static int take_mempolicy(struct resolve *r, struct err *err)
{
	static const struct {
		const char *name;
		int mode;
	} modes[] = {
		{"MPOL_DEFAULT", MPOL_DEFAULT},
		{"MPOL_PREFERRED", MPOL_PREFERRED},
		{"MPOL_BIND", MPOL_BIND},
		{"MPOL_INTERLEAVE", MPOL_INTERLEAVE},
		{"MPOL_LOCAL", MPOL_LOCAL},
		{"MPOL_PREFERRED_MANY", MPOL_PREFERRED_MANY},
		{"MPOL_WEIGHTED_INTERLEAVE", WEIGHTED_INTERLEAVE},
	};
	static const struct {
		const char *name;
		uint32_t flag;
	} flags[] = {
		{"MPOL_F_STATIC_NODES", MPOL_F_STATIC_NODES},
		{"MPOL_F_RELATIVE_NODES", MPOL_F_RELATIVE_NODES},
		{"MPOL_F_NUMA_BALANCING", MPOL_F_NUMA_BALANCING},
	};
	__typeof__(r->plan->process.mempolicy) *to = &r->plan->process.mempolicy;
	if (!r->lin->memory_policy.set)
		return 0;
	size_t m = 0;
	while (m < ARRAY_LEN(modes) && strcmp(modes[m].name, r->lin->memory_policy.mode))
		m++;
	if (m == ARRAY_LEN(modes))
		return err_set(err, ERR_SPEC, "linux.memoryPolicy.mode: '%s' is unknown",
			       r->lin->memory_policy.mode);
	to->set = true;
	to->mode = modes[m].mode;
	to->nodes = keep(r, r->lin->memory_policy.nodes);
	for (size_t i = 0; i < r->lin->memory_policy.flags.n; i++) {
		size_t f = 0;
		while (f < ARRAY_LEN(flags) &&
		       strcmp(flags[f].name, r->lin->memory_policy.flags.items[i]))
			f++;
		if (f == ARRAY_LEN(flags))
			return err_set(err, ERR_SPEC,
				       "linux.memoryPolicy.flags[%zu]: '%s' is unknown", i,
				       r->lin->memory_policy.flags.items[i]);
		to->flags |= flags[f].flag;
	}
	return 0;
}

static int take_rdt(struct resolve *r, struct err *err)
{
	__typeof__(r->plan->intel_rdt) *to = &r->plan->intel_rdt;
	const struct spec_linux *lin = r->lin;
	if (!lin->intel_rdt.set)
		return 0;
	if (!r->host->resctrl)
		return err_set(err, ERR_HOST,
			       "linux.intelRdt: this host has no resctrl file system; remove it");
	to->set = true;
	/* Without a name the class is the container's own, called like it, and goes with it. */
	to->own_group = !lin->intel_rdt.clos_id || !*lin->intel_rdt.clos_id;
	to->clos_id = to->own_group ? r->plan->id : keep(r, lin->intel_rdt.clos_id);
	to->enable_monitoring = lin->intel_rdt.enable_monitoring;
	if (lin->intel_rdt.l3_cache_schema)
		list_add(r, &to->schemata, lin->intel_rdt.l3_cache_schema);
	if (lin->intel_rdt.mem_bw_schema)
		list_add(r, &to->schemata, lin->intel_rdt.mem_bw_schema);
	for (size_t i = 0; i < lin->intel_rdt.schemata.n; i++)
		list_add(r, &to->schemata, lin->intel_rdt.schemata.items[i]);
	return 0;
}

int oci_machine(struct resolve *r, struct err *err)
{
	struct plan *plan = r->plan;
	plan->process.personality_set = r->lin->personality.set;
	plan->process.personality = r->lin->personality.domain;
	/* Root inside and files of the host inside: only a copy of ourselves may be in reach
	 * (CVE-2019-5736). */
	plan->own_binary = OWN_BINARY_SEALED_COPY;
	if (take_mempolicy(r, err) || take_rdt(r, err))
		return -1;
	return 0;
}
