/* The host beneath the containers.  Pure. */
#include "config.h"

#include "check/judge.h"

#include <inttypes.h>
#include <string.h>

#include "base/banned.h"

#define KERNEL(major, minor) ((uint32_t)(major) << 16 | (uint32_t)(minor))

enum check_verdict judge_kernel(const struct check_facts *facts, struct str *evidence)
{
	const struct check_host *h = facts->host;

	if (!h->kernel_version)
		return verdict_unseen(evidence, "the kernel's version");
	str_addf(evidence, "Linux %u.%u", h->kernel_version >> 16, h->kernel_version & 0xffff);
	if (h->kernel_version >= KERNEL(5, 15) && h->kernel_version < KERNEL(6, 3))
		str_add(evidence, ": memfd_noexec came with 6.3");
	return verdict_unless(h->kernel_version < KERNEL(6, 3));
}

static bool has_word(const char *list, const char *word)
{
	size_t len = strlen(word);

	for (const char *at = list; *at; at += strspn(at, ",")) {
		size_t n = strcspn(at, ",");
		if (n == len && memcmp(at, word, len) == 0)
			return true;
		at += n;
	}
	return false;
}

enum check_verdict judge_lsm(const struct check_facts *facts, struct str *evidence)
{
	static const char *const confining[] = {"apparmor", "selinux", "smack", "tomoyo",
						"landlock"};
	const char *lsm = facts->host->lsm;

	if (!lsm)
		return verdict_unseen(evidence, "the list of security modules");
	evidence_quote(evidence, lsm);
	for (size_t i = 0; i < ARRAY_LEN(confining); i++)
		if (has_word(lsm, confining[i]))
			return VERDICT_HELD;
	return VERDICT_VIOLATED;
}

enum check_verdict judge_cgroup_v2(const struct check_facts *facts, struct str *evidence)
{
	const struct check_host *h = facts->host;

	if (!h->cgroup_seen)
		return verdict_unseen(evidence, "/sys/fs/cgroup");
	str_add(evidence,
		h->cgroup_v2 ? "version 2 at /sys/fs/cgroup" : "/sys/fs/cgroup is not version 2");
	return verdict_unless(!h->cgroup_v2);
}

static enum check_verdict judge_least(const struct check_number *n, int64_t least, const char *name,
				      struct str *evidence)
{
	if (!n->seen)
		return verdict_unseen(evidence, name);
	str_addf(evidence, "%s is %" PRId64, name, n->v);
	return verdict_unless(n->v < least);
}

#define JUDGE_LEAST(judge, field, least, name)                                          \
	enum check_verdict judge(const struct check_facts *facts, struct str *evidence) \
	{                                                                               \
		return judge_least(&facts->host->field, least, name, evidence);         \
	}

JUDGE_LEAST(judge_kptr, kptr_restrict, 1, "kernel.kptr_restrict")
JUDGE_LEAST(judge_dmesg, dmesg_restrict, 1, "kernel.dmesg_restrict")
JUDGE_LEAST(judge_bpf, unprivileged_bpf_disabled, 1, "kernel.unprivileged_bpf_disabled")
JUDGE_LEAST(judge_perf, perf_event_paranoid, 2, "kernel.perf_event_paranoid")

enum check_verdict judge_ptrace(const struct check_facts *facts, struct str *evidence)
{
	if (facts->host->yama == SEEN_NO) {
		str_add(evidence, "this kernel has no Yama: nothing restricts tracing");
		return VERDICT_VIOLATED;
	}
	return judge_least(&facts->host->ptrace_scope, 1, "kernel.yama.ptrace_scope", evidence);
}

enum check_verdict judge_kexec(const struct check_facts *facts, struct str *evidence)
{
	if (facts->host->kexec == SEEN_NO) {
		str_add(evidence, "this kernel has no kexec");
		return VERDICT_HELD;
	}
	return judge_least(&facts->host->kexec_disabled, 1, "kernel.kexec_load_disabled", evidence);
}

enum check_verdict judge_userns(const struct check_facts *facts, struct str *evidence)
{
	const struct check_host *h = facts->host;
	bool closed = (h->unprivileged_userns_clone.seen && h->unprivileged_userns_clone.v == 0) ||
		      (h->apparmor_userns.seen && h->apparmor_userns.v > 0) ||
		      (h->max_user_namespaces.seen && h->max_user_namespaces.v == 0);

	if (!h->unprivileged_userns_clone.seen && !h->apparmor_userns.seen &&
	    !h->max_user_namespaces.seen)
		return verdict_unseen(evidence, "user.max_user_namespaces");
	if (h->unprivileged_userns_clone.seen)
		str_addf(evidence, "kernel.unprivileged_userns_clone is %" PRId64 ", ",
			 h->unprivileged_userns_clone.v);
	if (h->apparmor_userns.seen)
		str_addf(evidence, "kernel.apparmor_restrict_unprivileged_userns is %" PRId64 ", ",
			 h->apparmor_userns.v);
	str_addf(evidence, "user.max_user_namespaces is %" PRId64, h->max_user_namespaces.v);
	return verdict_unless(!closed);
}

static bool is_locked(const char *lockdown)
{
	return lockdown &&
	       (strcmp(lockdown, "integrity") == 0 || strcmp(lockdown, "confidentiality") == 0);
}

enum check_verdict judge_modules(const struct check_facts *facts, struct str *evidence)
{
	const struct check_host *h = facts->host;

	if (h->modules == SEEN_NO) {
		str_add(evidence, "this kernel has no modules");
		return VERDICT_HELD;
	}
	if (is_locked(h->lockdown)) {
		str_addf(evidence, "lockdown=%s: signed modules only", h->lockdown);
		return VERDICT_HELD;
	}
	return judge_least(&h->modules_disabled, 1, "kernel.modules_disabled", evidence);
}

enum check_verdict judge_links(const struct check_facts *facts, struct str *evidence)
{
	const struct check_host *h = facts->host;
	enum check_verdict hard =
		judge_least(&h->protected_hardlinks, 1, "fs.protected_hardlinks", evidence);
	enum check_verdict sym;

	str_add(evidence, ", ");
	sym = judge_least(&h->protected_symlinks, 1, "fs.protected_symlinks", evidence);
	if (hard == VERDICT_VIOLATED || sym == VERDICT_VIOLATED)
		return VERDICT_VIOLATED;
	return hard == VERDICT_HELD && sym == VERDICT_HELD ? VERDICT_HELD : VERDICT_UNKNOWN;
}

enum check_verdict judge_sockets(const struct check_facts *facts, struct str *evidence)
{
	const struct check_host *h = facts->host;
	bool bad = false;
	size_t n = 0;

	if (!h->sockets_seen)
		return verdict_unseen(evidence, "the sockets");
	for (size_t i = 0; i < h->sockets.n; i++) {
		const struct check_socket *s = &h->sockets.items[i];
		if (!s->exists)
			continue;
		evidence_next(evidence, n++);
		str_addf(evidence, "%s %u:%u %03o", s->path, s->uid, s->gid, s->mode & 07777);
		bad = bad || s->uid != 0 || (s->mode & 07);
	}
	if (!n)
		str_add(evidence, "no engine's socket is there");
	return verdict_unless(bad);
}

enum check_verdict judge_api_ports(const struct check_facts *facts, struct str *evidence)
{
	const struct check_host *h = facts->host;
	size_t n = 0;

	if (!h->ports_seen)
		return verdict_unseen(evidence, "/proc/net/tcp");
	for (size_t i = 0; i < h->api_ports.n; i++) {
		const struct check_port *p = &h->api_ports.items[i];
		if (p->loopback)
			continue;
		evidence_next(evidence, n++);
		str_addf(evidence, "%s port %u listens", p->address, p->port);
		if (p->program)
			str_addf(evidence, " (%s)", p->program);
	}
	if (!n)
		str_add(evidence, "neither 2375-2377, 10250 and 10255 nor a port of an engine's "
				  "process listens beyond the loopback");
	return verdict_unless(n > 0);
}

enum check_verdict judge_logins(const struct check_facts *facts, struct str *evidence)
{
	const struct check_host *h = facts->host;

	if (!h->logins_seen)
		return verdict_unseen(evidence, "utmp and logind's sessions");
	if (h->logins.n)
		evidence_list(evidence, &h->logins, h->logins.n);
	else
		str_add(evidence, "no session");
	return verdict_unless(h->logins.n > 0);
}

/* sshd's values when the file says nothing (sshd_config(5)). */
static enum check_verdict judge_sshd_value(const struct check_host *h, const char *keyword,
					   const char *value, const char *preset,
					   const char *const *good, struct str *evidence)
{
	if (!h->sshd_seen)
		return verdict_unseen(evidence, "sshd's configuration");
	if (!h->sshd_present) {
		str_add(evidence, "no SSH server is installed");
		return VERDICT_HELD;
	}
	str_addf(evidence, "%s ", keyword);
	evidence_quote(evidence, value ? value : preset);
	if (!value)
		str_add(evidence, " (sshd's own default)");
	for (; *good; good++)
		if (strcmp(value ? value : preset, *good) == 0)
			return VERDICT_HELD;
	return VERDICT_VIOLATED;
}

enum check_verdict judge_ssh_root(const struct check_facts *facts, struct str *evidence)
{
	static const char *const good[] = {"no", "prohibit-password", "without-password",
					   "forced-commands-only", NULL};

	return judge_sshd_value(facts->host, "PermitRootLogin", facts->host->permit_root_login,
				"prohibit-password", good, evidence);
}

enum check_verdict judge_ssh_password(const struct check_facts *facts, struct str *evidence)
{
	static const char *const good[] = {"no", NULL};

	return judge_sshd_value(facts->host, "PasswordAuthentication",
				facts->host->password_authentication, "yes", good, evidence);
}

enum check_verdict judge_updates(const struct check_facts *facts, struct str *evidence)
{
	const struct check_host *h = facts->host;

	if (h->reboot_required == SEEN_YES) {
		str_add(evidence, "a restart is required for updates already installed");
		if (h->reboot)
			str_addf(evidence, ": %s", h->reboot);
		return VERDICT_VIOLATED;
	}
	if (h->updates_pending == SEEN_NOT) {
		str_add(evidence, h->updates ? h->updates : "no package manager's state tells");
		return VERDICT_UNKNOWN;
	}
	str_add(evidence, h->updates ? h->updates : "none is known");
	return verdict_unless(h->updates_pending == SEEN_YES);
}

static enum check_verdict judge_switch(enum check_seen seen, const char *what, struct str *evidence)
{
	if (seen == SEEN_NOT)
		return verdict_unseen(evidence, what);
	str_addf(evidence, "%s: %s", what, seen == SEEN_YES ? "on" : "off");
	return verdict_unless(seen == SEEN_NO);
}

enum check_verdict judge_secure_boot(const struct check_facts *facts, struct str *evidence)
{
	return judge_switch(facts->host->secure_boot, "Secure Boot", evidence);
}

enum check_verdict judge_ima(const struct check_facts *facts, struct str *evidence)
{
	return judge_switch(facts->host->ima, "IMA", evidence);
}

enum check_verdict judge_lockdown(const struct check_facts *facts, struct str *evidence)
{
	const char *lockdown = facts->host->lockdown;

	if (!lockdown)
		return verdict_unseen(evidence, "/sys/kernel/security/lockdown");
	str_add(evidence, "lockdown is ");
	evidence_quote(evidence, lockdown);
	return verdict_unless(!is_locked(lockdown));
}

enum check_verdict judge_minimal_os(const struct check_facts *facts, struct str *evidence)
{
	/* ID of os-release(5), or its VARIANT_ID where the family has one for containers */
	static const char *const minimal[] = {
		"flatcar",  "bottlerocket",     "coreos", "talos",     "cos",  "sle-micro",
		"sl-micro", "opensuse-microos", "photon", "rancheros", "k3os", "kairos",
		"ucore"};
	const struct check_host *h = facts->host;

	if (!h->os_id)
		return verdict_unseen(evidence, "/etc/os-release");
	evidence_quote(evidence, h->os_name ? h->os_name : h->os_id);
	for (size_t i = 0; i < ARRAY_LEN(minimal); i++)
		if (strcmp(h->os_id, minimal[i]) == 0)
			return VERDICT_HELD;
	return VERDICT_VIOLATED;
}
