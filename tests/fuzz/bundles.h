/* Bytes as choices: a bundle and a host, for the fuzzers of decisions.  Every list of words here is one of things that mattered
 * to a rule once; what a choice takes when the bytes are used up is the first of them.
 */
#ifndef KANUKI_TESTS_BUNDLES_H
#define KANUKI_TESTS_BUNDLES_H

#include "policy/policy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define must(cond)                                                                                                     \
	do {                                                                                                           \
		if (!(cond)) {                                                                                         \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #cond);                                     \
			abort();                                                                                       \
		}                                                                                                      \
	} while (0)

/* --- choices --- */

struct choices { const uint8_t *at, *end; };

static uint8_t byte(struct choices *c)
{
	return c->at < c->end ? *c->at++ : 0;
}

static bool chance(struct choices *c, int in)
{
	return byte(c) % in == 1;
}

static uint32_t number(struct choices *c)
{
	static const uint32_t some[] = {0, 1, 2, 5, 7, 100, 1000, 1024, 65532, 65536, 2147483647, 4294967294u};
	uint8_t b = byte(c);
	return b < ARRAY_LEN(some) ? some[b] : b;
}

#define pick(c, words) words[byte(c) % ARRAY_LEN(words)]

static const char *const paths[] = {
	"/", "/proc", "/proc/self/attr", "/proc/meminfo", "/sys", "/sys/fs/cgroup", "/dev", "/dev/pts", "/dev/shm", "/dev/null",
	"/dev/../x", "/tmp", "/tmp/a", "/run", "/run/a/b", "/var/tmp", "/var", "/etc", "/etc/localtime", "/a", "/a/b", "/a/b/c", "/ab",
	"/bundle", "/bundle/rootfs", "/bundle/rootfs/bin", "/usr", "/usr/lib", "/var/lib/docker/containers/i/hosts", "/srv/docker.sock",
	"/run/containers/storage/o-containers/i/userdata/hosts", "/var/lib/docker/volumes/v/_data", "/var/lib/docker/volumes/v/_data/sub",
	"/var/lib/kubelet/pods/p/volumes/e/v", "/var/lib/containers/storage/volumes/v/_data", "/usr/bin/docker-init", "rel/a", "//x/./y/../z", "/home/u",
};
static const char *const options[] = {
	"ro", "rw", "rro", "rrw", "exec", "noexec", "rexec", "rnoexec", "suid", "rnosuid", "dev", "rdev", "bind", "rbind", "private",
	"rshared", "shared", "rslave", "unbindable", "tmpcopyup", "idmap", "ridmap", "noatime", "ratime", "strictatime", "size=5", "sync",
	"remount", "", "src-nofollow", "copy-symlink", "nosuid", "nodev",
};
static const char *const types[] = {NULL, "bind", "tmpfs", "proc", "sysfs", "cgroup", "cgroup2", "mqueue", "devpts", "ext4", "overlay", ""};
static const char *const words[] = {"", "x", "a=b", "HOME=", "HOME=/h", "A=", "A=2", "LD_PRELOAD=/x"};
static const char *const sysctls[] = {
	"net.ipv4.ip_forward", "net/ipv4/conf/eth0.1/x", "kernel.shmmax", "kernel.core_pattern", "fs.mqueue.msg_max", "kernel.domainname",
	"kernel.hostname", "net.ipv4./../../kernel/x", "", "vm.memfd_noexec", ".", "/",
};
static const char *const ns_paths[] = {NULL, NULL, NULL, "/proc/7/ns/x", "/run/netns/a"};
static const char *const actions[] = {
	"SCMP_ACT_ALLOW", "SCMP_ACT_ERRNO", "SCMP_ACT_TRACE", "SCMP_ACT_NOTIFY", "SCMP_ACT_KILL", "SCMP_ACT_KILL_PROCESS", "SCMP_ACT_TRAP",
	"SCMP_ACT_LOG", "SCMP_ACT_KILL_THREAD",
};
static const char *const operators[] = {"SCMP_CMP_EQ", "SCMP_CMP_NE", "SCMP_CMP_MASKED_EQ", "SCMP_CMP_GT"};
static const char *const calls[] = {"read", "sendmsg", "kill", "nonsense"};
static const char *const files[] = {"pids.max", "memory.high", "cgroup.procs", "io.max", "misc.max", "x.y", "memory", "cgroup.max.depth"};
static const char *const values[] = {"max", "1", "1024", "99999", "", "a\nb"};

/* Memory of the spec's own; a fuzzer that runs out has a finding of another kind. */
#define ADD(s, list)                                                                                                   \
	({                                                                                                             \
		__typeof__((list)->items) added_ = ARENA_PUSH(&(s)->arena, list);                                      \
		if (!added_)                                                                                           \
			abort();                                                                                       \
		added_;                                                                                                \
	})

static void *zeroed(struct spec *s, size_t size)
{
	void *p = arena_alloc(&s->arena, size);
	must(p);
	return p;
}

/* --- the bundle --- */

static void make_maps(struct spec *s, struct choices *c, spec_idmaps *maps)
{
	uint32_t inside = 0, outside = 0;
	for (int n = byte(c) % 4; n > 0; n--) {
		uint32_t skip = number(c) % 100000, size = 1 + number(c) % 70000;
		struct spec_idmap *map = ADD(s, maps);
		*map = (struct spec_idmap){inside + skip % 1000, outside + skip, size};
		inside = map->container_id + size;
		outside = map->host_id + size;
	}
}

static void make_process(struct spec *s, struct choices *c)
{
	struct spec_process *p = zeroed(s, sizeof(*p));
	s->process = p;
	p->cwd = "/w";
	p->terminal = chance(c, 4);
	*ADD(s, &p->args) = chance(c, 16) ? "/sbin/init" : "prog";
	for (int n = byte(c) % 4; n > 0; n--) {
		const char *word = pick(c, words);
		if (strchr(word, '='))
			*ADD(s, &p->env) = word;
	}
	p->user.uid = number(c);
	p->user.gid = number(c);
	for (int n = byte(c) % 3; n > 0; n--)
		*ADD(s, &p->user.additional_gids) = number(c);
	if (chance(c, 2)) {
		p->capabilities = zeroed(s, sizeof(*p->capabilities));
		p->capabilities->bounding = byte(c);
		p->capabilities->permitted = byte(c);
		p->capabilities->effective = p->capabilities->permitted & byte(c);
		p->capabilities->inheritable = byte(c);
		p->capabilities->ambient = byte(c);
	}
	uint32_t seen = 0;
	for (int n = byte(c) % 4; n > 0; n--) {
		int resource = byte(c) % 16;
		uint32_t hard = number(c);
		if (!(seen & 1u << resource))
			*ADD(s, &p->rlimits) = (struct spec_rlimit){"RLIMIT_X", resource, hard / 2, hard};
		seen |= 1u << resource;
	}
	p->no_new_privileges = (struct opt_bool){chance(c, 2), chance(c, 2)};
	if (chance(c, 4))
		p->apparmor_profile = pick(c, values);
	if (chance(c, 4))
		p->selinux_label = pick(c, values);
	if (chance(c, 3))
		p->oom_score_adj = (struct opt_i64){true, (int)byte(c) - 128};
	if (chance(c, 3)) {
		p->scheduler = zeroed(s, sizeof(*p->scheduler));
		p->scheduler->policy = byte(c) % 7;
		p->scheduler->nice = (struct opt_i64){true, (int)(byte(c) % 40) - 20};
	}
	if (chance(c, 3)) {
		p->io_priority = zeroed(s, sizeof(*p->io_priority));
		*p->io_priority = (struct spec_io_priority){1 + byte(c) % 3, byte(c) % 8};
	}
}

static void make_mounts(struct spec *s, struct choices *c)
{
	for (int n = byte(c) % 8; n > 0; n--) {
		struct spec_mount *m = ADD(s, &s->mounts);
		m->destination = pick(c, paths);
		m->type = pick(c, types);
		m->source = chance(c, 4) ? NULL : pick(c, paths);
		for (int k = byte(c) % 5; k > 0; k--)
			*ADD(s, &m->options) = pick(c, options);
		if (chance(c, 8)) {
			make_maps(s, c, &m->uid_mappings);
			make_maps(s, c, &m->gid_mappings);
		}
	}
}

/* Binds that no rule refuses by their place: what is left is whether they get along (H-24). */
static void make_volumes(struct spec *s, struct choices *c)
{
	static const char *const sources[] = {"/srv", "/srv/v", "/srv/v/w", "/srv/vw", "/srv/v-w", "/bundle/rootfs/v", "/home/u", "data",
					     "/var/lib/docker/volumes/v/_data", "/var/lib/kubelet/pods/p/volumes/e/v", "/usr/bin/catatonit"};
	static const char *const targets[] = {"/v1", "/v2", "/v2/v3", "/opt/x"};
	static const char *const modes[] = {"ro", "rw", "rro", "exec", "rexec", "noexec", "rrw", "suid"};
	for (int n = byte(c) % 5; n > 0; n--) {
		struct spec_mount *m = ADD(s, &s->mounts);
		m->destination = pick(c, targets);
		m->type = "bind";
		m->source = pick(c, sources);
		*ADD(s, &m->options) = chance(c, 3) ? "rbind" : "bind";
		for (int k = byte(c) % 3; k > 0; k--)
			*ADD(s, &m->options) = pick(c, modes);
	}
}

/* Some of the bundle's sources: those that the host was said to keep so. */
static void pick_sources(const struct spec *s, struct choices *c, struct arena *arena, struct str_list *ret)
{
	for (size_t i = 0; i < s->mounts.n; i++)
		if (s->mounts.items[i].source && chance(c, 2)) {
			const char **slot = ARENA_PUSH(arena, ret);
			must(slot);
			*slot = s->mounts.items[i].source;
		}
}

static void make_seccomp(struct spec *s, struct choices *c, struct spec_linux *l)
{
	struct spec_seccomp *f = zeroed(s, sizeof(*f));
	l->seccomp = f;
	f->default_action = pick(c, actions);
	f->listener_path = "/l"; /* the parser demands it beside SCMP_ACT_NOTIFY */
	if (chance(c, 2))
		*ADD(s, &f->architectures) = "SCMP_ARCH_X86";
	if (chance(c, 3))
		*ADD(s, &f->flags) = "SECCOMP_FILTER_FLAG_SPEC_ALLOW";
	if (chance(c, 5))
		*ADD(s, &f->flags) = "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV";
	for (int n = byte(c) % 4; n > 0; n--) {
		struct spec_seccomp_rule *rule = ADD(s, &f->syscalls);
		*ADD(s, &rule->names) = pick(c, calls);
		rule->action = pick(c, actions);
		for (int k = byte(c) % 4; k > 0; k--)
			*ADD(s, &rule->args) = (struct spec_seccomp_arg){byte(c) % 6, byte(c), byte(c), pick(c, operators)};
	}
}

static void make_resources(struct spec *s, struct choices *c, struct spec_resources *r)
{
	for (int n = byte(c) % 3; n > 0; n--)
		*ADD(s, &r->devices) = (struct spec_device_rule){
			chance(c, 2), "acb"[byte(c) % 3], {true, (int)byte(c) - 1}, {chance(c, 2), byte(c)}, true, chance(c, 2), chance(c, 2)};
	if (chance(c, 3))
		r->memory.limit = (struct opt_i64){true, (int64_t)number(c) - 1};
	if (chance(c, 3))
		r->memory.swap = (struct opt_i64){true, (int64_t)number(c) - 1};
	if (chance(c, 3))
		r->pids_limit = (struct opt_i64){true, (int64_t)number(c) - 1};
	if (chance(c, 3))
		r->cpu.shares = (struct opt_u64){true, number(c)};
	if (chance(c, 3))
		r->cpu.quota = (struct opt_i64){true, (int64_t)number(c) - 1};
	if (chance(c, 3))
		r->cpu.burst = (struct opt_u64){true, number(c)};
	if (chance(c, 4))
		r->block_io.weight = (struct opt_u32){true, number(c) % 1001};
	for (int n = byte(c) % 3; n > 0; n--) {
		struct spec_pair *pair = ADD(s, &r->unified);
		*pair = (struct spec_pair){pick(c, files), pick(c, values)};
	}
}

static void add_path(struct spec *s, struct str_list *list, const char *path)
{
	*ADD(s, list) = path;
}

static void make_linux(struct spec *s, struct choices *c)
{
	struct spec_linux *l = zeroed(s, sizeof(*l));
	s->linux_ = l;
	for (int i = 0; i < SPEC_NS_COUNT; i++) {
		l->namespaces[i].present = i == SPEC_NS_USER || i == SPEC_NS_TIME ? chance(c, 3) : !chance(c, 12);
		l->namespaces[i].path = l->namespaces[i].present ? pick(c, ns_paths) : NULL;
	}
	if (l->namespaces[SPEC_NS_USER].present || chance(c, 8)) {
		make_maps(s, c, &l->uid_mappings);
		make_maps(s, c, &l->gid_mappings);
	}
	for (int n = byte(c) % 3; n > 0; n--) {
		struct spec_pair *pair = ADD(s, &l->sysctl);
		*pair = (struct spec_pair){pick(c, sysctls), pick(c, values)};
	}
	for (int n = byte(c) % 3; n > 0; n--) {
		struct spec_device *d = ADD(s, &l->devices);
		const char *path = pick(c, paths);
		*d = (struct spec_device){.type = "cbp"[byte(c) % 3], .path = path[0] == '/' ? path : "/dev/x", .major = byte(c) % 6, .minor = byte(c) % 10};
	}
	for (int n = byte(c) % 3; n > 0; n--) {
		const char *path = pick(c, paths);
		if (path[0] == '/')
			add_path(s, chance(c, 2) ? &l->masked_paths : &l->readonly_paths, path);
	}
	if (chance(c, 3))
		make_seccomp(s, c, l);
	if (chance(c, 2)) {
		l->resources = zeroed(s, sizeof(*l->resources));
		make_resources(s, c, l->resources);
	}
	if (chance(c, 4))
		l->cgroups_path = pick(c, paths);
	if (chance(c, 6))
		l->rootfs_propagation = "rshared";
	if (chance(c, 6)) {
		l->personality.set = true;
		l->personality.domain = number(c);
	}
	l->boottime.set = chance(c, 8);
	if (chance(c, 8))
		*ADD(s, &l->net_devices) = (struct spec_net_device){"eth0", NULL};
}

static void make_spec(struct spec *s, struct choices *c)
{
	s->oci_version = "1.3.0";
	s->root.set = true;
	s->root.path = chance(c, 8) ? pick(c, paths) : "rootfs";
	s->root.readonly = (struct opt_bool){true, chance(c, 2)};
	make_process(s, c);
	make_linux(s, c);
	if (chance(c, 3))
		make_mounts(s, c);
	make_volumes(s, c);
	if (chance(c, 4))
		s->hostname = "h";
	if (chance(c, 4)) {
		spec_hooks *hooks = chance(c, 2) ? &s->hooks.prestart : &s->hooks.poststop;
		struct spec_hook *hook = ADD(s, hooks);
		static const char *const programs[] = {"/h", "/bundle/rootfs/v/h", "/bundle/h", "/srv/v/h", "/usr/../srv/h"};
		hook->path = pick(c, programs);
	}
	if (chance(c, 4))
		*ADD(s, &s->annotations) = (struct spec_pair){"run.oci.handler", "x"};
}

static void make_host(struct host *h, struct choices *c)
{
	uint8_t a = byte(c), b = byte(c), d = byte(c);
	*h = (struct host){
		.kernel_version = 6 << 16 | (a & 15),
		.last_cap = 40,
		.cgroup = a & 16 ? HOST_CGROUP_NONE : HOST_CGROUP_V2,
		.ctl_cpu = b & 1, .ctl_cpuset = b & 2, .ctl_io = b & 4, .ctl_memory = b & 8, .ctl_pids = b & 16, .ctl_misc = b & 32,
		.swap_accounting = b & 64,
		.memfd_noexec = b & 128,
		.landlock_abi = d & 7,
		.time_ns = d & 8, .apparmor = d & 16, .selinux = d & 32, .resctrl = d & 64, .thermal_cpus = d >> 7 & 3,
		.initial_userns = !(a & 32),
		.euid = a & 64 ? 1000 : 0,
		.max_user_namespaces_zero = a == 255,
	};
}

/* A level by itself, each made once. */
static const struct policy_conf *level_conf(enum plan_level level)
{
	static const struct { enum plan_level level; const char *name; } names[] = {
		{LEVEL_OCI, "builtin:oci"},
		{LEVEL_HARDENED, "builtin:hardened"},
		{LEVEL_PERSONAL_DATA, "builtin:personal-data"},
		{LEVEL_CARD_PAYMENTS, "builtin:card-payments"},
	};
	static struct policy_conf confs[ARRAY_LEN(names)];
	size_t i = 0;
	while (names[i].level != level)
		i++;
	struct err err = ERR_INIT;
	if (!confs[i].name)
		must(policy_conf_builtin(names[i].name, &confs[i], &err) == 0);
	return &confs[i];
}

static const struct policy_conf *pick_level(struct choices *c)
{
	static const enum plan_level levels[] = {LEVEL_HARDENED, LEVEL_HARDENED, LEVEL_OCI, LEVEL_PERSONAL_DATA, LEVEL_CARD_PAYMENTS};
	return level_conf(pick(c, levels));
}

/* Every decision: a clear refusal, not one in the words of plan_check. */
static void check_refusal(const struct err *err)
{
	must(err->kind != ERR_NONE && err->msg[0] && memchr(err->msg, '\0', sizeof(err->msg)));
	if (strstr(err->msg, "contradicts itself") || strstr(err->msg, "what the rule promises") || strstr(err->msg, "(null)")) {
		fprintf(stderr, "%s: %s\n", err->rule, err->msg);
		abort();
	}
	must(err->kind != ERR_POLICY || err->rule[0]);
}

#endif
