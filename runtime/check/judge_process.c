/* The process of a container: ids, capabilities, filter, namespaces, limits, what runs
 * in it.  Pure. */
#include "config.h"

#include "check/judge.h"
#include "policy/super_daemons.h"
#include "spec/spec.h"

#include <inttypes.h>
#include <string.h>

#include "base/banned.h"

static const char *const id_kinds[] = {"real", "effective", "saved", "file system"};

static enum check_verdict judge_ids(const uint32_t ids[4], const char *what, struct str *evidence)
{
	for (size_t i = 0; i < 4; i++)
		if (ids[i] == 0) {
			str_addf(evidence, "%s 0 (%s)", what, id_kinds[i]);
			return VERDICT_VIOLATED;
		}
	str_addf(evidence, "%s %" PRIu32, what, ids[0]);
	return VERDICT_HELD;
}

enum check_verdict judge_user(const struct check_facts *facts, struct str *evidence)
{
	const struct check_confinement *c = facts->confinement;

	return c->ids_seen ? judge_ids(c->uids, "uid", evidence)
			   : verdict_unseen(evidence, "the user");
}

enum check_verdict judge_group(const struct check_facts *facts, struct str *evidence)
{
	const struct check_confinement *c = facts->confinement;

	if (!c->ids_seen)
		return verdict_unseen(evidence, "the groups");
	if (judge_ids(c->gids, "gid", evidence) == VERDICT_VIOLATED)
		return VERDICT_VIOLATED;
	for (size_t i = 0; i < c->groups.n; i++)
		if (c->groups.items[i] == 0) {
			str_add(evidence, "; 0 is a supplementary group");
			return VERDICT_VIOLATED;
		}
	str_addf(evidence, ", %zu supplementary groups", c->groups.n);
	return VERDICT_HELD;
}

static void add_caps(struct str *evidence, uint64_t caps)
{
	size_t n = 0;

	for (int i = 0; i < 64; i++) {
		const char *name;

		if (!(caps >> i & 1))
			continue;
		name = spec_capability_name(i);
		if (n < EVIDENCE_SHOWN) {
			evidence_next(evidence, n);
			if (name)
				str_add(evidence, strncmp(name, "CAP_", 4) == 0 ? name + 4 : name);
			else
				str_addf(evidence, "%d", i);
		}
		n++;
	}
	if (n > EVIDENCE_SHOWN)
		str_addf(evidence, " and %zu more", n - EVIDENCE_SHOWN);
}

static uint64_t any_caps(const struct plan_caps *caps)
{
	return caps->bounding | caps->effective | caps->permitted | caps->inheritable |
	       caps->ambient;
}

/* What podman, Docker and CRI-O give; without NET_RAW and MKNOD, which CIS has dropped. */
static const char *const usual_caps[] = {
	"CAP_CHOWN",   "CAP_DAC_OVERRIDE",     "CAP_FOWNER",     "CAP_FSETID",
	"CAP_KILL",    "CAP_NET_BIND_SERVICE", "CAP_SETFCAP",    "CAP_SETGID",
	"CAP_SETPCAP", "CAP_SETUID",           "CAP_SYS_CHROOT", "CAP_AUDIT_WRITE",
};

enum check_verdict judge_caps_restricted(const struct check_facts *facts, struct str *evidence)
{
	const struct check_confinement *c = facts->confinement;
	uint64_t more = any_caps(&c->caps);

	if (!c->caps_seen)
		return verdict_unseen(evidence, "capabilities");
	for (size_t i = 0; i < ARRAY_LEN(usual_caps); i++)
		more &= ~(UINT64_C(1) << spec_capability_number(usual_caps[i]));
	if (!more) {
		str_add(evidence,
			any_caps(&c->caps) ? "none beyond an engine's usual ones" : "none");
		return VERDICT_HELD;
	}
	str_add(evidence, "beyond an engine's usual ones: ");
	add_caps(evidence, more);
	return VERDICT_VIOLATED;
}

enum check_verdict judge_caps_none(const struct check_facts *facts, struct str *evidence)
{
	const struct check_confinement *c = facts->confinement;
	const struct { const char *name; uint64_t caps;
	} sets[] = {
		{"effective", c->caps.effective}, {"permitted", c->caps.permitted},
		{"ambient", c->caps.ambient},     {"inheritable", c->caps.inheritable},
		{"bounding", c->caps.bounding},
	};

	if (!c->caps_seen)
		return verdict_unseen(evidence, "capabilities");
	for (size_t i = 0; i < ARRAY_LEN(sets); i++)
		if (sets[i].caps) {
			str_addf(evidence, "%s: ", sets[i].name);
			add_caps(evidence, sets[i].caps);
			return VERDICT_VIOLATED;
		}
	str_add(evidence, "all five sets are empty");
	return VERDICT_HELD;
}

/* CAP_SYS_ADMIN over the host is the mark of it; with no filter or with host devices it
 * needs nothing more. */
enum check_verdict judge_privileged(const struct check_facts *facts, struct str *evidence)
{
	const struct check_confinement *c = facts->confinement;
	uint64_t admin = UINT64_C(1) << spec_capability_number("CAP_SYS_ADMIN");
	bool all, bare;

	if (!c->caps_seen)
		return verdict_unseen(evidence, "capabilities");
	all = c->caps_all && (c->caps.effective & c->caps_all) == c->caps_all;
	bare = (c->caps.effective & admin) && (c->filter == SEEN_NO || c->devices.n > 0);
	if (all)
		str_add(evidence, "it has every capability");
	else if (bare)
		str_addf(evidence, "it has SYS_ADMIN, %s",
			 c->filter == SEEN_NO ? "and no seccomp filter" : "and host devices");
	else
		str_add(evidence, "neither every capability, nor SYS_ADMIN without a filter");
	return verdict_unless(all || bare);
}

static enum check_verdict judge_seen(enum check_seen seen, const char *what, const char *yes,
				     const char *no, struct str *evidence)
{
	if (seen == SEEN_NOT)
		return verdict_unseen(evidence, what);
	str_add(evidence, seen == SEEN_YES ? yes : no);
	return verdict_unless(seen == SEEN_NO);
}

enum check_verdict judge_nnp(const struct check_facts *facts, struct str *evidence)
{
	return judge_seen(facts->confinement->no_new_privs, "no_new_privs", "no_new_privs is on",
			  "no_new_privs is off", evidence);
}

enum check_verdict judge_seccomp(const struct check_facts *facts, struct str *evidence)
{
	return judge_seen(facts->confinement->filter, "seccomp", "a filter is loaded",
			  "no filter is loaded", evidence);
}

static enum check_verdict judge_ns(const struct check_facts *facts, enum plan_ns_kind ns,
				   struct str *evidence)
{
	switch (facts->confinement->ns[ns]) {
	case CHECK_NS_OWN:
		str_addf(evidence, "%s: not the host's", plan_ns_name(ns));
		return VERDICT_HELD;
	case CHECK_NS_JOINED:
		/* whose it is turns out when it is opened; kanuki refuses the host's then (H-11) */
		str_addf(evidence,
			 "%s: joins another, which the bundle alone doesn't show to be a pod's",
			 plan_ns_name(ns));
		return VERDICT_UNKNOWN;
	case CHECK_NS_HOST:
		str_addf(evidence, "%s: the host's", plan_ns_name(ns));
		return VERDICT_VIOLATED;
	case CHECK_NS_UNSEEN:
		break;
	}
	return verdict_unseen(evidence, "the namespace");
}

enum check_verdict judge_ns_net(const struct check_facts *facts, struct str *evidence)
{
	return judge_ns(facts, NS_NET, evidence);
}

enum check_verdict judge_ns_ipc(const struct check_facts *facts, struct str *evidence)
{
	return judge_ns(facts, NS_IPC, evidence);
}

enum check_verdict judge_ns_pid(const struct check_facts *facts, struct str *evidence)
{
	return judge_ns(facts, NS_PID, evidence);
}

enum check_verdict judge_ns_uts(const struct check_facts *facts, struct str *evidence)
{
	return judge_ns(facts, NS_UTS, evidence);
}

enum check_verdict judge_ns_user(const struct check_facts *facts, struct str *evidence)
{
	const struct check_confinement *c = facts->confinement;
	enum check_verdict verdict = judge_ns(facts, NS_USER, evidence);

	if (verdict != VERDICT_HELD)
		return verdict;
	if (c->uid_map) {
		str_add(evidence, ", uid map ");
		evidence_quote(evidence, c->uid_map);
	}
	if (c->root_is_host_root == SEEN_NOT)
		return verdict_unseen(evidence, "; who its root is");
	if (c->root_is_host_root == SEEN_YES)
		str_add(evidence, ": its uid 0 is uid 0 outside");
	return verdict_unless(c->root_is_host_root == SEEN_YES);
}

enum check_verdict judge_ns_cgroup(const struct check_facts *facts, struct str *evidence)
{
	enum check_verdict cgroup = judge_ns(facts, NS_CGROUP, evidence);
	enum check_verdict mnt;

	str_add(evidence, "; ");
	mnt = judge_ns(facts, NS_MNT, evidence);
	if (cgroup == VERDICT_VIOLATED || mnt == VERDICT_VIOLATED)
		return VERDICT_VIOLATED;
	return cgroup == VERDICT_HELD && mnt == VERDICT_HELD ? VERDICT_HELD : VERDICT_UNKNOWN;
}

static enum check_verdict judge_label(enum check_seen on, const char *label, const char *lsm,
				      struct str *evidence)
{
	if (on == SEEN_NOT)
		return verdict_unseen(evidence, lsm);
	if (on == SEEN_NO) {
		str_addf(evidence, "%s is off in this kernel", lsm);
		return VERDICT_NOT_APPLICABLE;
	}
	if (!label || !*label) {
		str_add(evidence, "none asked for");
		return VERDICT_VIOLATED;
	}
	evidence_quote(evidence, label);
	return verdict_unless(strncmp(label, "unconfined", 10) == 0 || strstr(label, ":spc_t:") ||
			      strstr(label, ":unconfined_t:"));
}

enum check_verdict judge_apparmor(const struct check_facts *facts, struct str *evidence)
{
	return judge_label(facts->confinement->apparmor_on, facts->confinement->apparmor,
			   "AppArmor", evidence);
}

enum check_verdict judge_selinux(const struct check_facts *facts, struct str *evidence)
{
	return judge_label(facts->confinement->selinux_on, facts->confinement->selinux, "SELinux",
			   evidence);
}

static enum check_verdict judge_limit(const struct check_number *limit, const char *file,
				      struct str *evidence)
{
	if (!limit->seen)
		return verdict_unseen(evidence, file);
	if (limit->v == CHECK_UNLIMITED)
		str_addf(evidence, "%s: no limit", file);
	else
		str_addf(evidence, "%s: %" PRId64, file, limit->v);
	return verdict_unless(limit->v == CHECK_UNLIMITED);
}

enum check_verdict judge_memory(const struct check_facts *facts, struct str *evidence)
{
	return judge_limit(&facts->confinement->memory_max, "memory.max", evidence);
}

enum check_verdict judge_cpu(const struct check_facts *facts, struct str *evidence)
{
	return judge_seen(facts->confinement->cpu_set, "cpu.max and cpu.weight",
			  "cpu.max or cpu.weight is set",
			  "cpu.max and cpu.weight are the kernel's default", evidence);
}

/* RLIMIT_NPROC is counted by user namespace since Linux 5.14: in one of its own it is the
 * container's own limit, whether there is a pids controller or not. */
enum check_verdict judge_pids(const struct check_facts *facts, struct str *evidence)
{
	const struct check_confinement *c = facts->confinement;
	enum check_verdict verdict = judge_limit(&c->pids_max, "pids.max", evidence);

	if (verdict == VERDICT_HELD || !c->rlimits_seen || c->ns[NS_USER] != CHECK_NS_OWN ||
	    c->nproc == CHECK_UNLIMITED)
		return verdict;
	str_addf(evidence, "; RLIMIT_NPROC %" PRId64 " in a user namespace of its own", c->nproc);
	return VERDICT_HELD;
}

enum check_verdict judge_rlimits(const struct check_facts *facts, struct str *evidence)
{
	const struct check_confinement *c = facts->confinement;
	bool endless = c->nofile == CHECK_UNLIMITED || c->nofile > 1048576;

	if (!c->rlimits_seen)
		return verdict_unseen(evidence, "the limits");
	if (c->nofile == CHECK_UNLIMITED)
		str_add(evidence, "open files: no limit");
	else
		str_addf(evidence, "open files: %" PRId64, c->nofile);
	str_addf(evidence, ", core dumps: %s", c->core ? "on" : "off");
	return verdict_unless(endless || c->core);
}

enum check_verdict judge_cgroup(const struct check_facts *facts, struct str *evidence)
{
	const struct check_confinement *c = facts->confinement;

	if (!c->cgroup_seen)
		return verdict_unseen(evidence, "the cgroup");
	evidence_quote(evidence, c->cgroup ? c->cgroup : "");
	if (c->cgroup_shared) {
		str_add(evidence, " is the host's own");
		return VERDICT_VIOLATED;
	}
	for (size_t i = 0; i < c->mounts.n; i++) {
		const struct check_mount *m = &c->mounts.items[i];
		if ((strcmp(m->type, "cgroup2") == 0 || strcmp(m->type, "cgroup") == 0) &&
		    !m->readonly) {
			str_add(evidence, "; cgroupfs is writable at ");
			evidence_quote(evidence, m->target);
			return VERDICT_VIOLATED;
		}
	}
	return c->mounts_seen ? VERDICT_HELD : verdict_unseen(evidence, "; mounts");
}

enum check_verdict judge_memfd(const struct check_facts *facts, struct str *evidence)
{
	const struct check_number *n = &facts->confinement->memfd_noexec;

	if (!n->seen)
		return verdict_unseen(evidence, "vm.memfd_noexec of its process namespace");
	str_addf(evidence, "vm.memfd_noexec is %" PRId64, n->v);
	return verdict_unless(n->v < 2);
}

static enum check_verdict judge_programs(const struct check_confinement *c,
					 bool (*is)(const char *), struct str *evidence)
{
	size_t n = 0;

	if (!c->programs_seen)
		return verdict_unseen(evidence, "what runs in it");
	for (size_t i = 0; i < c->programs.n; i++)
		if (is(c->programs.items[i])) {
			evidence_next(evidence, n++);
			evidence_quote(evidence, c->programs.items[i]);
		}
	if (!n && c->programs.n) {
		str_add(evidence, "it runs ");
		evidence_list(evidence, &c->programs, c->programs.n);
	}
	return verdict_unless(n > 0);
}

enum check_verdict judge_super_daemon(const struct check_facts *facts, struct str *evidence)
{
	return judge_programs(facts->confinement, is_super_daemon, evidence);
}

enum check_verdict judge_sshd(const struct check_facts *facts, struct str *evidence)
{
	return judge_programs(facts->confinement, check_is_ssh_server, evidence);
}

enum check_verdict judge_ports(const struct check_facts *facts, struct str *evidence)
{
	const struct check_confinement *c = facts->confinement;
	bool low = false;

	if (!c->ports_seen)
		return verdict_unseen(evidence, "its ports");
	if (c->ns[NS_NET] == CHECK_NS_HOST) {
		str_add(evidence, "its ports are the host's (K-08)");
		return VERDICT_UNKNOWN;
	}
	for (size_t i = 0; i < c->ports.n; i++) {
		const struct check_port *p = &c->ports.items[i];
		low = low || (p->port < 1024 && !p->loopback);
		if (i >= EVIDENCE_SHOWN)
			continue;
		evidence_next(evidence, i);
		str_addf(evidence, "%s %s port %u", p->protocol, p->address, p->port);
	}
	if (c->ports.n > EVIDENCE_SHOWN)
		str_addf(evidence, " and %zu more", c->ports.n - EVIDENCE_SHOWN);
	if (!c->ports.n)
		str_add(evidence, "nothing listens");
	return verdict_unless(low);
}

enum check_verdict judge_secrets(const struct check_facts *facts, struct str *evidence)
{
	const struct check_confinement *c = facts->confinement;

	if (!c->environment_seen)
		return verdict_unseen(evidence, "the environment");
	if (c->secrets.n)
		evidence_list(evidence, &c->secrets, c->secrets.n);
	else
		str_add(evidence, "no variable is named like one");
	return verdict_unless(c->secrets.n > 0);
}
