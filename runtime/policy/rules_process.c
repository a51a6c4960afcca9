/* H-01..H-09, H-16, H-19: the process.  Each rule also holds for a process that
 * exec adds, where the container's recorded plan is the ceiling.
 *
 * H-17 and H-18 have no function: a plan can only name a number of descriptors to
 * keep and a terminal of the container's own, and act closes and leaves the rest.
 */
#include "config.h"

#include "policy/resolve.h"

#include <linux/capability.h>
#include <linux/ioprio.h>
#include <linux/sched.h>
#include <linux/securebits.h>
#include <string.h>
#include <sys/resource.h>

#include "base/banned.h"

/* --- H-01..H-03: who --- */

/* An id of the bundle's user namespace that is 0 outside is root on every file of
 * the host, whatever it is called inside. */
static int refuse_root_outside(const struct resolve *r, const char *rule, const char *what,
			       const plan_idmaps *maps, uint32_t id, struct err *err)
{
	if (r->ceiling || r->plan->ns[NS_USER].mode != NS_PRIVATE || !r->host->initial_userns)
		return 0;
	for (size_t i = 0; i < maps->n; i++)
		if (maps->items[i].inside == id && maps->items[i].outside == 0) {
			err_policy(err, rule,
				   "process.user.%s: linux.%sMappings makes %u the host's 0; "
				   "map it to another id",
				   what, what, id);
			/* a key says what becomes of a request for 0; none does for any other id */
			return err_changed_by(err, id ? ERR_BY_LEVEL : ERR_BY_KEYS);
		}
	return 0;
}

/* The id that stands in for root: the container's own in exec; else 65532, or
 * where the bundle's user namespace doesn't map that, the highest id it maps. */
static int stand_in(struct resolve *r, const char *rule, const char *what, const plan_idmaps *maps,
		    uint32_t ceiling_id, uint32_t *ret, struct err *err)
{
	if (r->ceiling) {
		*ret = ceiling_id;
		return 0;
	}
	*ret = NOBODY_ID;
	if (r->plan->ns[NS_USER].mode != NS_PRIVATE || plan_has_inside_id(maps, NOBODY_ID))
		return 0;
	*ret = 0;
	for (size_t i = 0; i < maps->n; i++) {
		uint32_t last = maps->items[i].inside + (maps->items[i].count - 1);
		if (last > *ret)
			*ret = last;
	}
	if (*ret)
		return 0;
	return err_policy(
		err, rule,
		"process.user.%s: is 0, and linux.%sMappings maps nothing else to use instead; "
		"map more ids",
		what, what);
}

/* An exception lets root stand only where its 0 is nobody's id outside.  In exec: where the
 * container's own 0 is. */
static bool is_granted(struct resolve *r, const char *rule, const char *key, bool granted,
		       bool mapped)
{
	if (!granted || !mapped)
		return false;
	note(r, rule, CHANGE_EXCEPTED, key, "0", NULL);
	return true;
}

static int refuse_root(const struct resolve *r, const char *rule, const char *what, struct err *err)
{
	if (!r->conf || r->conf->root != ROOT_REJECT)
		return 0;
	return err_policy(err, rule,
			  "process.user.%s: is 0, and the policy refuses root; "
			  "name another in the image (USER) or to the engine (--user), "
			  "or have an exception for the image (root.request)",
			  what);
}

/* 0 of the bundle's user namespace is the host's own root, which no exception may grant. */
static bool is_root_outside(const struct resolve *r, const plan_idmaps *maps)
{
	for (size_t i = 0; i < maps->n && !r->ceiling && r->host->initial_userns; i++)
		if (maps->items[i].inside == 0 && maps->items[i].outside == 0)
			return r->plan->ns[NS_USER].mode == NS_PRIVATE;
	return false;
}

static bool has_mapped_root(const struct resolve *r, const plan_idmaps *maps)
{
	if (r->ceiling)
		return plan_has_inside_id(&r->plan->userns_last.uid_maps, 0);
	return r->plan->ns[NS_USER].mode == NS_PRIVATE && plan_has_inside_id(maps, 0) &&
	       !is_root_outside(r, maps);
}

/* root.request "remap": id 0 stays.  In a user namespace of the bundle's own it is
 * nobody's outside already; else the container gets ids that are nobody's, and its root
 * is shown with them.  Not where the runtime itself is in a user namespace: which ids
 * that has is not known here. */
static bool remap(struct resolve *r, const char *rule, const char *key, uint32_t id,
		  const plan_idmaps *maps)
{
	struct plan *plan = r->plan;
	bool host = plan->ns[NS_USER].mode == NS_HOST && r->host->initial_userns;
	if (id || !r->conf || r->conf->root != ROOT_REMAP)
		return false;
	if (!host && !(plan->ns[NS_USER].mode == NS_PRIVATE && plan_has_inside_id(maps, 0)))
		return false;
	plan->root_kept = true;
	plan->root.idmap = host;
	note(r, rule, CHANGE_FORCED, key, "0",
	     host ? text(r, "0, which is %u on the host", r->conf->remap_first) : "0");
	return true;
}

int rule_user(struct resolve *r, struct err *err)
{
	uint32_t *uid = &r->plan->process.uid;
	const plan_idmaps *maps = &r->plan->uid_maps;
	if (remap(r, "H-01", "user.uid", *uid, maps))
		return refuse_root_outside(r, "H-01", "uid", maps, *uid, err);
	if (*uid ||
	    is_granted(r, "H-01", "user.uid", r->plan->granted.root_user || r->plan->root_kept,
		       has_mapped_root(r, maps)))
		return refuse_root_outside(r, "H-01", "uid", maps, *uid, err);
	if (refuse_root(r, "H-01", "uid", err) ||
	    stand_in(r, "H-01", "uid", maps, r->ceiling ? r->ceiling->process.uid : 0, uid, err) ||
	    refuse_root_outside(r, "H-01", "uid", maps, *uid, err))
		return -1;
	note(r, "H-01", CHANGE_FORCED, "user.uid", "0", NULL);
	return 0;
}

/* A root group without root is a common way to share files (OpenShift): an exception
 * may let it stand without a user namespace of the bundle's. */
int rule_group(struct resolve *r, struct err *err)
{
	uint32_t *gid = &r->plan->process.gid;
	const plan_idmaps *maps = &r->plan->gid_maps;
	if (remap(r, "H-02", "user.gid", *gid, maps))
		return refuse_root_outside(r, "H-02", "gid", maps, *gid, err);
	if (*gid || is_granted(r, "H-02", "user.gid",
			       r->plan->granted.root_group || (r->ceiling && r->plan->root_kept),
			       !is_root_outside(r, maps)))
		return refuse_root_outside(r, "H-02", "gid", maps, *gid, err);
	if (refuse_root(r, "H-02", "gid", err) ||
	    stand_in(r, "H-02", "gid", maps, r->ceiling ? r->ceiling->process.gid : 0, gid, err) ||
	    refuse_root_outside(r, "H-02", "gid", maps, *gid, err))
		return -1;
	note(r, "H-02", CHANGE_FORCED, "user.gid", "0", NULL);
	return 0;
}

static const char *groups_text(struct resolve *r)
{
	const struct plan_process *process = &r->plan->process;
	const char *all = "";
	for (size_t i = 0; i < process->groups.n && i < 32 && all; i++)
		all = text(r, "%s%s%u", all, i ? "," : "", process->groups.items[i]);
	return all;
}

int rule_groups(struct resolve *r, struct err *err)
{
	struct plan_process *process = &r->plan->process;
	size_t kept = 0;
	for (size_t i = 0; i < process->groups.n; i++)
		if (process->groups.items[i] &&
		    refuse_root_outside(r, "H-03", "gid", &r->plan->gid_maps,
					process->groups.items[i], err) &&
		    refused(r, err))
			return -1;
	bool granted = (r->plan->granted.root_group || r->plan->root_kept) &&
		       !is_root_outside(r, &r->plan->gid_maps);
	for (size_t i = 0; i < process->groups.n; i++) {
		if (!process->groups.items[i] && kept == i)
			note(r, "H-03", granted ? CHANGE_EXCEPTED : CHANGE_FORCED, "user.groups",
			     groups_text(r), NULL);
		if (process->groups.items[i] || granted)
			process->groups.items[kept++] = process->groups.items[i];
	}
	process->groups.n = kept;
	return 0;
}

/* --- H-04..H-06: power --- */

static const char *caps_text(struct resolve *r, uint64_t set)
{
	const char *all = "";
	for (int i = 0; i < 64 && all; i++) {
		if (!(set >> i & 1))
			continue;
		const char *name = spec_capability_name(i);
		all = name ? text(r, "%s%s%s", all, *all ? "," : "", name)
			   : text(r, "%s%s%d", all, *all ? "," : "", i);
	}
	return all;
}

/* The network namespace isn't our user namespace's (H-12), so the capability itself
 * reaches nothing there; what it is asked for is this. */
static int give_low_ports(struct resolve *r, uint64_t kept, struct err *err)
{
	static const char key[] = "net/ipv4/ip_unprivileged_port_start";
	if (!(kept >> CAP_NET_BIND_SERVICE & 1) || r->plan->ns[NS_NET].mode != NS_PRIVATE)
		return 0;
	struct plan_sysctl *sysctl = RESOLVE_PUSH(r, &r->plan->sysctls);
	if (!sysctl)
		return err_oom(err);
	*sysctl = (struct plan_sysctl){.key = key, .value = "0"};
	note(r, "H-04", CHANGE_ADDED, "sysctl.net/ipv4/ip_unprivileged_port_start", NULL, "0");
	return 0;
}

int rule_capabilities(struct resolve *r, struct err *err)
{
	struct plan_caps *caps = &r->plan->process.caps;
	/* Those asked for and granted are held in all five sets: with securebits locked
	 * (H-06) only ambient ones outlive exec. */
	uint64_t ceiling = r->ceiling ? r->ceiling->process.caps.bounding
				      : caps->bounding & r->plan->granted.capabilities;
	const struct {
		const char *key;
		uint64_t *set;
	} sets[] = {
		{"capabilities.bounding", &caps->bounding},
		{"capabilities.effective", &caps->effective},
		{"capabilities.permitted", &caps->permitted},
		{"capabilities.inheritable", &caps->inheritable},
		{"capabilities.ambient", &caps->ambient},
	};
	(void)err;
	for (size_t i = 0; i < ARRAY_LEN(sets); i++) {
		if (*sets[i].set & ~ceiling)
			note(r, "H-04", CHANGE_FORCED, sets[i].key, caps_text(r, *sets[i].set),
			     NULL);
		*sets[i].set = r->ceiling ? *sets[i].set & ceiling : ceiling;
		if (ceiling && !r->ceiling)
			note(r, "H-04", CHANGE_EXCEPTED, sets[i].key, NULL, NULL);
	}
	return r->ceiling ? 0 : give_low_ports(r, ceiling, err);
}

int rule_nnp(struct resolve *r, struct err *err)
{
	(void)err;
	if (!r->plan->process.no_new_privs)
		note(r, "H-05", CHANGE_FORCED, "no-new-privs", "no", NULL);
	r->plan->process.no_new_privs = true;
	return 0;
}

int rule_securebits(struct resolve *r, struct err *err)
{
	(void)err;
	r->plan->process.securebits = SECBIT_NOROOT | SECBIT_NOROOT_LOCKED |
				      SECBIT_NO_SETUID_FIXUP | SECBIT_NO_SETUID_FIXUP_LOCKED |
				      SECBIT_KEEP_CAPS_LOCKED | SECBIT_NO_CAP_AMBIENT_RAISE |
				      SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED;
	note(r, "H-06", CHANGE_ADDED, "securebits", NULL, NULL);
	return 0;
}

/* --- H-07..H-09: what it carries --- */

const char *rlimit_text(struct resolve *r, const struct plan_rlimit *limit)
{
	const char *soft = limit->soft == UINT64_MAX
				   ? "unlimited"
				   : text(r, "%llu", (unsigned long long)limit->soft);
	const char *hard = limit->hard == UINT64_MAX
				   ? "unlimited"
				   : text(r, "%llu", (unsigned long long)limit->hard);
	return soft && hard ? text(r, "%s:%s", soft, hard) : NULL;
}

int rule_core(struct resolve *r, struct err *err)
{
	bool asked;
	struct plan_rlimit *core = process_rlimit(r, RLIMIT_CORE, &asked);
	if (!core)
		return err_oom(err);
	if (asked && !core->soft && !core->hard)
		return 0;
	note(r, "H-07", asked ? CHANGE_FORCED : CHANGE_ADDED, "rlimit.CORE",
	     asked ? rlimit_text(r, core) : NULL, NULL);
	core->soft = 0;
	core->hard = 0;
	return 0;
}

int rule_keyring(struct resolve *r, struct err *err)
{
	(void)err;
	if (!r->plan->process.new_keyring)
		note(r, "H-08", CHANGE_FORCED, "keyring", "--no-new-keyring", NULL);
	r->plan->process.new_keyring = true;
	return 0;
}

/* The environment is made from the bundle's alone in stage one.  What a service
 * manager's protocols add comes from the caller and is shown. */
int rule_environment(struct resolve *r, struct err *err)
{
	(void)err;
	if (r->request && r->request->notify_dir)
		note(r, "H-09", CHANGE_ADDED, "env.NOTIFY_SOCKET", NULL, NULL);
	if (!r->request || !r->request->listen_fds)
		return 0;
	note(r, "H-09", CHANGE_ADDED, "env.LISTEN_FDS", NULL, NULL);
	note(r, "H-09", CHANGE_ADDED, "env.LISTEN_PID", NULL, NULL);
	if (r->request->listen_fdnames)
		note(r, "H-09", CHANGE_ADDED, "env.LISTEN_FDNAMES", NULL, NULL);
	return 0;
}

/* --- H-16: what leaks in or takes from others --- */

static bool is_privileged(const struct resolve *r)
{
	return r->host->euid == 0 && r->host->initial_userns;
}

static void hold_scheduler(struct resolve *r)
{
	struct plan_sched *sched = &r->plan->process.sched;
	static const char *const realtime[] = {
		[SCHED_FIFO] = "fifo", [SCHED_RR] = "rr", [SCHED_DEADLINE] = "deadline"};
	bool taken = sched->set && (size_t)sched->policy < ARRAY_LEN(realtime) &&
		     realtime[sched->policy];
	if (sched->set && !taken) {
		if (sched->nice < 0) {
			note(r, "H-16", CHANGE_FORCED, "nice", text(r, "%d", sched->nice), NULL);
			sched->nice = 0;
		}
		return;
	}
	if (taken)
		note(r, "H-16", CHANGE_FORCED, "scheduler", realtime[sched->policy], NULL);
	*sched = (struct plan_sched){0};
	/* Only root may lower a niceness; what was inherited is then no more than anybody's. */
	if (!is_privileged(r)) {
		note(r, "H-16", CHANGE_SKIPPED, "scheduler", NULL, "needs root of the host");
		return;
	}
	sched->set = true; /* SCHED_NORMAL, nice 0 */
	if (!taken)
		note(r, "H-16", CHANGE_ADDED, "scheduler", NULL, NULL);
}

static void hold_io_priority(struct resolve *r)
{
	struct plan_process *process = &r->plan->process;
	bool taken = process->io_priority_set &&
		     process->io_priority >> IOPRIO_CLASS_SHIFT == IOPRIO_CLASS_RT;
	if (process->io_priority_set && !taken)
		return;
	note(r, "H-16", taken ? CHANGE_FORCED : CHANGE_ADDED, "io-priority",
	     taken ? "realtime" : NULL, NULL);
	process->io_priority_set = true;
	process->io_priority = 0; /* no class: it follows the niceness */
}

/* Above the domain are the bug emulations: no address randomisation, everything
 * executable (W-29).  An unset one would be the caller's. */
static void hold_personality(struct resolve *r)
{
	struct plan_process *process = &r->plan->process;
	if (!process->personality_set)
		note(r, "H-16", CHANGE_ADDED, "personality", NULL, NULL);
	else if (process->personality & ~UINT32_C(0xff))
		note(r, "H-16", CHANGE_FORCED, "personality", text(r, "0x%x", process->personality),
		     NULL);
	process->personality_set = true;
	process->personality &= 0xff;
}

static void hold_oom_score(struct resolve *r)
{
	struct plan_process *process = &r->plan->process;
	if (process->oom_score_adj_set && process->oom_score_adj >= 0)
		return;
	if (process->oom_score_adj_set)
		note(r, "H-16", CHANGE_FORCED, "oom-score-adj",
		     text(r, "%d", process->oom_score_adj), NULL);
	/* An engine runs at -999 or so and would hand it down. Without privilege ours can't be
	 * lowered, so it can't have been handed a negative one to raise either. */
	else if (is_privileged(r))
		note(r, "H-16", CHANGE_ADDED, "oom-score-adj", NULL, NULL);
	else
		return;
	process->oom_score_adj_set = true;
	process->oom_score_adj = 0;
}

/* What would let the process take a realtime or better priority later. */
static int hold_priority_limits(struct resolve *r, struct err *err)
{
	static const struct {
		int resource;
		const char *key;
	} limits[] = {
		{RLIMIT_RTPRIO, "rlimit.RTPRIO"},
		{RLIMIT_NICE, "rlimit.NICE"},
	};
	for (size_t i = 0; i < ARRAY_LEN(limits); i++) {
		bool asked;
		struct plan_rlimit *limit = process_rlimit(r, limits[i].resource, &asked);
		if (!limit)
			return err_oom(err);
		if (!limit->hard)
			continue;
		note(r, "H-16", asked ? CHANGE_FORCED : CHANGE_ADDED, limits[i].key,
		     asked ? rlimit_text(r, limit) : NULL, NULL);
		limit->soft = 0;
		limit->hard = 0;
	}
	return 0;
}

static int refuse_shares_of_others(const struct plan *plan, struct err *err)
{
	const __typeof__(plan->intel_rdt) *rdt = &plan->intel_rdt;
	if (!rdt->set || rdt->own_group || !rdt->schemata.n)
		return 0;
	return err_policy(err, "H-16",
			  "linux.intelRdt: would change the cache and memory share of class '%s', "
			  "which others are in; remove the schemata, or closID",
			  rdt->clos_id);
}

int rule_scheduling(struct resolve *r, struct err *err)
{
	if (refuse_shares_of_others(r->plan, err) && refused(r, err))
		return -1;
	if (hold_priority_limits(r, err))
		return -1;
	hold_scheduler(r);
	hold_oom_score(r);
	hold_io_priority(r);
	hold_personality(r);
	return 0;
}

/* --- H-19 --- */

/* An id of the last user namespace may be 0 two maps further out (rootless: the
 * caller), or nobody knows: the maps of a joined one are not ours to see. */
static bool may_be_root_outside(const struct plan *plan)
{
	if (plan->ns[NS_USER].mode == NS_PRIVATE)
		for (size_t i = 0; i < plan->uid_maps.n; i++)
			if (plan->uid_maps.items[i].outside == 0 &&
			    plan_has_inside_id(&plan->userns_last.uid_maps,
					   plan->uid_maps.items[i].inside))
				return true;
	return plan->ns[NS_USER].mode == NS_JOIN;
}

/* A process that is not the owner of our file, in a user namespace that owns
 * nothing of the host, can't open it for writing whatever it gets hold of
 * (CVE-2019-5736 needs uid 0).  Else only a sealed copy may be in its reach. */
int rule_own_binary(struct resolve *r, struct err *err)
{
	(void)err;
	bool stranger = r->plan->process.uid && r->plan->userns_last.enabled &&
			!may_be_root_outside(r->plan);
	r->plan->own_binary = stranger ? OWN_BINARY_UNREACHABLE : OWN_BINARY_SEALED_COPY;
	return 0;
}
