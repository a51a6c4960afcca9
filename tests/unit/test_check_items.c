/* check/: every item, on facts that are good, on facts with one thing wrong, and on none. */
#include "config.h"

#include "check/check.h"
#include "spec/spec.h"

#include "tap.h"

static struct arena arena = ARENA_INIT;

#define ADD(list)                                                                                                      \
	({                                                                                                             \
		__typeof__((list)->items) added_ = ARENA_PUSH(&arena, (list));                                         \
		if (!added_)                                                                                           \
			abort();                                                                                       \
		added_;                                                                                                \
	})

struct facts {
	struct check_confinement confinement;
	struct check_rootfs rootfs;
	struct check_host host;
	struct check_policy policy;
};

static void add_mount(struct check_confinement *c, const char *target, const char *type, const char *source, bool readonly)
{
	*ADD(&c->mounts) = (struct check_mount){
		.target = target, .type = type, .source = source, .readonly = readonly, .nosuid = true, .nodev = true, .noexec = true};
}

static void good_confinement(struct check_confinement *c)
{
	c->ids_seen = c->caps_seen = c->mounts_seen = c->cgroup_seen = c->rlimits_seen = c->devices_seen = true;
	c->programs_seen = c->ports_seen = c->environment_seen = true;
	for (size_t i = 0; i < 4; i++)
		c->uids[i] = c->gids[i] = 65532;
	*ADD(&c->groups) = 7;
	c->caps_all = (UINT64_C(1) << 41) - 1;
	c->no_new_privs = c->filter = c->cpu_set = SEEN_YES;
	for (size_t i = 0; i < NS_COUNT; i++)
		c->ns[i] = CHECK_NS_OWN;
	c->root_is_host_root = SEEN_NO;
	add_mount(c, "/", "overlay", NULL, true);
	add_mount(c, "/proc", "proc", NULL, false);
	add_mount(c, "/proc/sys", "proc", NULL, true);
	add_mount(c, "/proc/sysrq-trigger", "proc", NULL, true);
	add_mount(c, "/proc/irq", "proc", NULL, true);
	add_mount(c, "/proc/bus", "proc", NULL, true);
	add_mount(c, "/proc/fs", "proc", NULL, true);
	add_mount(c, "/sys", "sysfs", NULL, true);
	add_mount(c, "/sys/fs/cgroup", "cgroup2", NULL, true);
	add_mount(c, "/dev/null", "devtmpfs", "/dev/null", false);
	add_mount(c, "/data", "ext4", "/srv/web/data", false);
	for (size_t i = 0; i < check_masked_paths_n; i++)
		*ADD(&c->masked) = (struct check_masked_path){check_masked_paths[i], i % 2 ? MASK_MASKED : MASK_ABSENT};
	c->apparmor_on = c->selinux_on = SEEN_YES;
	c->apparmor = "containers-default (enforce)";
	c->selinux = "system_u:system_r:container_t:s0:c1,c2";
	c->cgroup = "/kanuki/x";
	c->pids_max = (struct check_number){true, 512};
	c->memory_max = (struct check_number){true, 1 << 28};
	c->nofile = 1024;
	c->nproc = CHECK_UNLIMITED;
	c->memfd_noexec = (struct check_number){true, 2};
	*ADD(&c->programs) = "web";
	*ADD(&c->ports) = (struct check_port){.port = 8080, .protocol = "tcp", .address = "::"};
	*ADD(&c->ports) = (struct check_port){.port = 53, .protocol = "udp", .address = "127.0.0.1", .loopback = true};
}

static void good_host(struct check_host *h)
{
	const struct check_number one = {true, 1}, two = {true, 2};

	h->kernel_version = 6 << 16 | 12;
	h->os_id = "flatcar";
	h->lsm = "lockdown,capability,landlock,apparmor";
	h->cgroup_seen = h->cgroup_v2 = h->sockets_seen = h->ports_seen = h->logins_seen = h->sshd_seen = h->sshd_present = true;
	h->kptr_restrict = h->dmesg_restrict = h->ptrace_scope = h->modules_disabled = h->kexec_disabled = one;
	h->protected_hardlinks = h->protected_symlinks = one;
	h->unprivileged_bpf_disabled = h->perf_event_paranoid = two;
	h->unprivileged_userns_clone = (struct check_number){true, 0};
	h->max_user_namespaces = (struct check_number){true, 9999};
	h->yama = h->modules = h->kexec = h->secure_boot = h->ima = SEEN_YES;
	h->lockdown = "integrity";
	*ADD(&h->sockets) = (struct check_socket){.path = "/run/docker.sock", .exists = true, .gid = 99, .mode = 0140660};
	*ADD(&h->sockets) = (struct check_socket){.path = "/run/absent.sock", .uid = 7, .mode = 0777};
	*ADD(&h->api_ports) = (struct check_port){.port = 2375, .protocol = "tcp", .address = "127.0.0.1", .loopback = true};
	h->permit_root_login = "no";
	h->password_authentication = "no";
	h->updates_pending = h->reboot_required = SEEN_NO;
}

#define NOW INT64_C(1800000000)
#define DAY INT64_C(86400)

static void good_policy(struct check_policy *p)
{
	p->level = LEVEL_CARD_PAYMENTS;
	p->enforced = p->root_demoted = p->seccomp_strict = p->super_daemons_refused = p->commands_limited = true;
	p->gate = SEEN_YES;
	p->gate_evidence = "/usr/sbin/kanuki-gate";
	p->ports_limited = p->sysctls_limited = p->trail = p->trail_required = true;
	p->pids_max = p->memory_max = p->open_files_max = 100;
	p->now = NOW;
	*ADD(&p->exceptions) = (struct check_exception){.text = "later", .expires = NOW + 30 * DAY};
	*ADD(&p->exceptions) = (struct check_exception){.text = "much later", .expires = NOW + 300 * DAY};
}

static void good(struct facts *f)
{
	*f = (struct facts){.rootfs = {.complete = true, .entries = 7}};
	good_confinement(&f->confinement);
	good_host(&f->host);
	good_policy(&f->policy);
}

static enum check_verdict judge(const struct check_item *item, const struct facts *f, struct str *evidence)
{
	const struct check_facts facts = {
		.confinement = &f->confinement, .rootfs = &f->rootfs, .host = &f->host, .policy = &f->policy};

	return item->judge(&facts, evidence);
}

static const struct check_item *find(const char *id)
{
	for (size_t i = 0; i < check_items_n; i++)
		if (!strcmp(check_items[i].id, id))
			return &check_items[i];
	return NULL;
}

/* --- one thing wrong: the item, what is wrong, what the evidence says --- */

#define CAP(name) (UINT64_C(1) << spec_capability_number(name))
static struct check_confinement *c;
static struct check_host *h;
static struct check_policy *p;
static struct check_rootfs *r;

static struct check_mount *mount_at(const char *target)
{
	for (size_t i = 0; i < c->mounts.n; i++)
		if (!strcmp(c->mounts.items[i].target, target))
			return &c->mounts.items[i];
	abort();
}

static void break_bundle_of_caps(void)
{
	c->caps.effective = c->caps_all;
}

static void find_file(enum check_kind kind, const char *path)
{
	r->found[kind].n = 1;
	*ADD(&r->found[kind].paths) = path;
}

#define CASES(X)                                                                                                       \
	X("K-01", c->uids[0] = 0, "uid 0 (real)")                                                                      \
	X("K-01", c->uids[3] = 0, "file system")                                                                       \
	X("K-02", c->gids[2] = 0, "gid 0 (saved)")                                                                     \
	X("K-02", *ADD(&c->groups) = 0, "0 is a supplementary group")                                                  \
	X("K-03", c->caps.effective = CAP("CAP_NET_RAW"), "NET_RAW")                                                   \
	X("K-03", c->caps.bounding = CAP("CAP_SYS_ADMIN") | CAP("CAP_CHOWN"), "ones: SYS_ADMIN")                       \
	X("K-04", c->caps.bounding = CAP("CAP_CHOWN"), "bounding: CHOWN")                                              \
	X("K-04", c->caps.ambient = CAP("CAP_KILL"), "ambient: KILL")                                                  \
	X("K-05", break_bundle_of_caps(), "every capability")                                                          \
	X("K-05", (c->caps.effective = CAP("CAP_SYS_ADMIN"), c->filter = SEEN_NO), "no seccomp filter")                \
	X("K-05", (c->caps.effective = CAP("CAP_SYS_ADMIN"), *ADD(&c->devices) = "/dev/sda"), "host devices")          \
	X("K-06", c->no_new_privs = SEEN_NO, "off")                                                                    \
	X("K-07", c->filter = SEEN_NO, "no filter")                                                                    \
	X("K-08", c->ns[NS_NET] = CHECK_NS_HOST, "net: the host's")                                                    \
	X("K-09", c->ns[NS_IPC] = CHECK_NS_HOST, "ipc: the host's")                                                    \
	X("K-10", c->ns[NS_PID] = CHECK_NS_HOST, "pid: the host's")                                                    \
	X("K-11", c->ns[NS_UTS] = CHECK_NS_HOST, "uts: the host's")                                                    \
	X("K-12", c->ns[NS_USER] = CHECK_NS_HOST, "user: the host's")                                                  \
	X("K-12", c->root_is_host_root = SEEN_YES, "uid 0 outside")                                                    \
	X("K-13", c->ns[NS_CGROUP] = CHECK_NS_HOST, "cgroup: the host's")                                              \
	X("K-13", c->ns[NS_MNT] = CHECK_NS_HOST, "mnt: the host's")                                                    \
	X("K-14", mount_at("/")->readonly = false, "writable")                                                         \
	X("K-15", mount_at("/data")->noexec = false, "'/data' from '/srv/web/data'")                                   \
	X("K-15", (mount_at("/")->readonly = mount_at("/")->noexec = false), "'/'")                                    \
	X("K-16", mount_at("/data")->nosuid = false, "'/data'")                                                        \
	X("K-16", mount_at("/data")->nodev = false, "'/data'")                                                         \
	X("K-17", c->memfd_noexec.v = 1, "is 1")                                                                       \
	X("K-18", mount_at("/data")->source = "/etc", "'/data' from '/etc'")                                           \
	X("K-18", mount_at("/data")->source = "/", "from '/'")                                                         \
	X("K-18", mount_at("/data")->source = "/var/lib/kubelet/pki/x", "kubelet")                                     \
	X("K-18", mount_at("/")->source = "/", "'/'")                                                                  \
	X("K-18", add_mount(c, "/d", "debugfs", NULL, true), "'/d'")                                                   \
	X("K-19", mount_at("/data")->socket = true, "'/data'")                                                         \
	X("K-20", *ADD(&c->devices) = "/dev/kvm", "'/dev/kvm'")                                                        \
	X("K-21", c->masked.items[1].state = MASK_OPEN, "/proc/kcore shows")                                           \
	X("K-22", mount_at("/proc/sys")->readonly = false, "/proc/sys writable")                                       \
	X("K-22", mount_at("/sys")->readonly = false, "/sys writable")                                                 \
	X("K-23", c->apparmor = NULL, "none asked for")                                                                \
	X("K-23", c->apparmor = "unconfined", "'unconfined'")                                                          \
	X("K-24", c->selinux = "system_u:system_r:spc_t:s0", "spc_t")                                                  \
	X("K-25", c->memory_max.v = CHECK_UNLIMITED, "no limit")                                                       \
	X("K-26", c->cpu_set = SEEN_NO, "default")                                                                     \
	X("K-27", c->pids_max.v = CHECK_UNLIMITED, "no limit")                                                         \
	X("K-27", (c->pids_max.v = CHECK_UNLIMITED, c->nproc = 9, c->ns[NS_USER] = CHECK_NS_HOST), "no limit")         \
	X("K-28", c->nofile = CHECK_UNLIMITED, "open files: no limit")                                                 \
	X("K-28", c->core = 1, "core dumps: on")                                                                       \
	X("K-29", mount_at("/data")->shared = true, "'/data'")                                                         \
	X("K-30", c->cgroup_shared = true, "host's own")                                                               \
	X("K-30", mount_at("/sys/fs/cgroup")->readonly = false, "writable")                                            \
	X("K-31", *ADD(&c->programs) = "systemd", "'systemd'")                                                         \
	X("K-32", *ADD(&c->programs) = "sshd", "'sshd'")                                                               \
	X("K-33", c->ports.items[0].port = 80, "port 80")                                                              \
	X("K-34", *ADD(&c->secrets) = "DB_PASSWORD", "'DB_PASSWORD'")                                                  \
	X("K-40", find_file(KIND_SETID, "/bin/su"), "'/bin/su'")                                                       \
	X("K-41", find_file(KIND_FILE_CAPS, "/bin/ping"), "ping")                                                      \
	X("K-42", find_file(KIND_DEVICE, "/dev/sda"), "sda")                                                           \
	X("K-43", find_file(KIND_WORLD_WRITABLE, "/x\n"), "'/x\\n'")                                                   \
	X("K-44", find_file(KIND_SHELL, "/bin/sh"), "sh")                                                              \
	X("K-45", find_file(KIND_PACKAGE_MANAGER, "/sbin/apk"), "apk")                                                 \
	X("K-46", find_file(KIND_COMPILER, "/usr/bin/gcc"), "gcc")                                                     \
	X("K-47", find_file(KIND_NETWORK_TOOL, "/usr/bin/nc"), "nc")                                                   \
	X("K-48", find_file(KIND_SSH_SERVER, "/usr/sbin/sshd"), "sshd")                                                \
	X("K-49", find_file(KIND_SUPER_DAEMON, "/sbin/init"), "init")                                                  \
	X("K-50", find_file(KIND_SECRET, "/root/.ssh/id_rsa"), "id_rsa")                                               \
	X("K-60", h->kernel_version = 6 << 16 | 1, "memfd_noexec came with 6.3")                                       \
	X("K-60", h->kernel_version = 5 << 16 | 10, "5.10")                                                            \
	X("K-61", h->lsm = "lockdown,capability,yama", "yama")                                                         \
	X("K-62", h->cgroup_v2 = false, "not version 2")                                                               \
	X("K-63", h->kptr_restrict.v = 0, "is 0")                                                                      \
	X("K-64", h->dmesg_restrict.v = 0, "is 0")                                                                     \
	X("K-65", h->unprivileged_bpf_disabled.v = 0, "is 0")                                                          \
	X("K-66", h->perf_event_paranoid.v = 1, "is 1")                                                                \
	X("K-67", h->ptrace_scope.v = 0, "is 0")                                                                       \
	X("K-67", h->yama = SEEN_NO, "no Yama")                                                                        \
	X("K-68", h->unprivileged_userns_clone.v = 1, "is 9999")                                                       \
	X("K-69", (h->lockdown = "none", h->modules_disabled.v = 0), "is 0")                                           \
	X("K-70", h->kexec_disabled.v = 0, "is 0")                                                                     \
	X("K-71", h->protected_symlinks.v = 0, "protected_symlinks is 0")                                              \
	X("K-71", h->protected_hardlinks.v = 0, "protected_hardlinks is 0")                                            \
	X("K-72", h->sockets.items[0].mode = 0140666, "666")                                                           \
	X("K-72", h->sockets.items[0].uid = 1000, "1000:99")                                                           \
	X("K-73", (h->api_ports.items[0].loopback = false, h->api_ports.items[0].address = "::"), ":: port 2375")      \
	X("K-74", *ADD(&h->logins) = "alice on pts/0", "alice")                                                        \
	X("K-75", h->permit_root_login = "yes", "'yes'")                                                               \
	X("K-76", h->password_authentication = NULL, "sshd's own default")                                             \
	X("K-77", (h->updates_pending = SEEN_YES, h->updates = "9 updates"), "9 updates")                              \
	X("K-77", h->reboot_required = SEEN_YES, "restart")                                                            \
	X("K-77", (h->reboot_required = SEEN_YES, h->reboot = "a flag"), "installed: a flag")                          \
	X("K-78", h->secure_boot = SEEN_NO, "off")                                                                     \
	X("K-79", h->lockdown = "none", "none")                                                                        \
	X("K-80", h->ima = SEEN_NO, "off")                                                                             \
	X("K-81", h->os_id = "debian", "debian")                                                                       \
	X("K-90", p->enforced = false, "audit")                                                                        \
	X("K-91", p->level = LEVEL_OCI, "oci")                                                                         \
	X("K-92", p->root_demoted = false, "root stays root")                                                          \
	X("K-93", p->seccomp_strict = false, "not the strict")                                                         \
	X("K-94", p->super_daemons_refused = false, "not refused")                                                     \
	X("K-95", p->memory_max = 0, "memory not limited")                                                             \
	X("K-96", p->ports_limited = false, "any port")                                                                \
	X("K-97", p->commands_limited = false, "anything")                                                             \
	X("K-98", *ADD(&p->broad_mounts) = "/srv", "'/srv'")                                                           \
	X("K-99", p->trail_required = false, "not required")                                                           \
	X("K-99", p->trail = false, "no trail")                                                                        \
	X("K-100", p->exceptions.items[0].expires = NOW, "'later'")                                                    \
	X("K-101", p->exceptions.items[0].expires = NOW + 1, "'later'")                                                \
	X("K-101", p->exceptions.items[0].expires = NOW + 30 * DAY - 1, "'later'")                                     \
	X("K-103", (p->gate = SEEN_NO, p->gate_evidence = "not set up"), "'not set up'")                               \
	X("K-102", p->exceptions.items[1].root = true, "'much later'")

static void test_violated(void)
{
	struct facts f;

#define TRY(id, wrong, says)                                                                                           \
	{                                                                                                              \
		autostr evidence = STR_INIT;                                                                           \
		good(&f);                                                                                              \
		c = &f.confinement, h = &f.host, p = &f.policy, r = &f.rootfs;                                         \
		(void)(wrong);                                                                                         \
		is_int(judge(find(id), &f, &evidence), VERDICT_VIOLATED, id " violated: " #wrong);                     \
		if (!ok(strstr(str_text(&evidence), says), id ": its evidence"))                                       \
			diag("'%s' is not in '%s'", says, str_text(&evidence));                                        \
	}
	CASES(TRY)
}

static void test_every_item_has_a_case(void)
{
	static const char *const tried[] = {
#define ID(id, wrong, says) id,
		CASES(ID)};

	for (size_t i = 0; i < check_items_n; i++) {
		bool found = false;
		for (size_t k = 0; k < ARRAY_LEN(tried); k++)
			found = found || !strcmp(tried[k], check_items[i].id);
		ok(found, "%s has a case in which it is violated", check_items[i].id);
	}
}

static void test_held_and_unknown(void)
{
	struct facts f;
	const struct facts nothing = {0};

	good(&f);
	for (size_t i = 0; i < check_items_n; i++) {
		autostr evidence = STR_INIT, none = STR_INIT;
		enum check_verdict verdict;

		is_int(judge(&check_items[i], &f, &evidence), VERDICT_HELD, check_items[i].id);
		ok(evidence.len > 0, "%s: with evidence", check_items[i].id);
		/* a policy is always wholly known: a zero one is lax or empty, not unknown */
		if (check_items[i].subjects == CHECK_POLICY)
			continue;
		verdict = judge(&check_items[i], &nothing, &none);
		is_int(verdict, VERDICT_UNKNOWN, "nothing seen is unknown");
		if (verdict != VERDICT_UNKNOWN)
			diag("%s", check_items[i].id);
	}
}

static void test_exact(void)
{
	struct facts f;
	autostr evidence = STR_INIT;

	good(&f);
	f.confinement.apparmor_on = f.confinement.selinux_on = SEEN_NO;
	is_int(judge(find("K-23"), &f, &evidence), VERDICT_NOT_APPLICABLE, "no AppArmor in the kernel");
	is_int(judge(find("K-24"), &f, &evidence), VERDICT_NOT_APPLICABLE, "no SELinux in the kernel");
	f.confinement.ns[NS_NET] = CHECK_NS_JOINED;
	is_int(judge(find("K-08"), &f, &evidence), VERDICT_UNKNOWN, "whose a joined namespace is can't be told from the bundle");
	f.confinement.pids_max.v = CHECK_UNLIMITED;
	f.confinement.nproc = 512;
	is_int(judge(find("K-27"), &f, &evidence), VERDICT_HELD, "RLIMIT_NPROC in a user namespace of its own is a limit");
	f.confinement.caps.effective = CAP("CAP_CHOWN") | CAP("CAP_NET_BIND_SERVICE");
	is_int(judge(find("K-03"), &f, &evidence), VERDICT_HELD, "an engine's usual capabilities are restricted ones");
	c = &f.confinement;
	mount_at("/data")->noexec = false;
	add_mount(c, "/data", "tmpfs", NULL, false);
	is_int(judge(find("K-15"), &f, &evidence), VERDICT_HELD, "what is mounted over doesn't count");
	f.rootfs.complete = false;
	is_int(judge(find("K-44"), &f, &evidence), VERDICT_UNKNOWN, "nothing found in half a tree is unknown");
	f.host.modules = f.host.kexec = SEEN_NO;
	is_int(judge(find("K-69"), &f, &evidence), VERDICT_HELD, "a kernel without modules loads none");
	is_int(judge(find("K-70"), &f, &evidence), VERDICT_HELD, "a kernel without kexec");
	f.host.sshd_present = false;
	f.host.permit_root_login = "yes";
	is_int(judge(find("K-75"), &f, &evidence), VERDICT_HELD, "no SSH server");
}

int main(void)
{
	test_held_and_unknown();
	test_violated();
	test_every_item_has_a_case();
	test_exact();
	arena_release(&arena);
	return tap_done();
}
