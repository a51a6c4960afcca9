/* What a hardened plan promises, said a second time and independently of plan/check*.c: for the policy fuzzer.  Written from
 * the list and threats' lessons, with the kernel's numbers instead of our names, and with its own idea of what a mount
 * lets through; nothing of runtime/plan/facts.h is used here on purpose.
 */
#ifndef KANUKI_TESTS_PROMISES_H
#define KANUKI_TESTS_PROMISES_H

#include "host/host.h"
#include "plan/plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define promise(cond, id)                                                                                              \
	do {                                                                                                           \
		if (!(cond)) {                                                                                         \
			fprintf(stderr, "%s:%d: %s broken: %s\n", __FILE__, __LINE__, id, #cond);                      \
			abort();                                                                                       \
		}                                                                                                      \
	} while (0)

enum { RO = 1, NOSUID = 2, NODEV = 4, NOEXEC = 8 };
enum { SHARED = 1 << 20 };

static bool one_of(const char *s, const char *const *list)
{
	for (; s && *list; list++)
		if (!strcmp(s, *list))
			return true;
	return false;
}
static bool one_of_list(const char *s, const struct str_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		if (!strcmp(s, list->items[i]))
			return true;
	return false;
}
#define IS_ONE_OF(s, ...) one_of((s), (const char *const[]){__VA_ARGS__, NULL})

static bool within(const char *path, const char *dir)
{
	size_t n = strlen(dir);
	if (!strcmp(dir, "/"))
		return path[0] == '/';
	return !strncmp(path, dir, n) && (path[n] == '/' || path[n] == '\0');
}

/* Each component by itself: no "", "." or ".." among them. */
static bool is_plain(const char *path)
{
	return path && path[0] == '/' && !strstr(path, "//") && !strstr(path, "/./") && !strstr(path, "/../") &&
	       (strlen(path) == 1 || path[strlen(path) - 1] != '/') && strcmp(path + strlen(path) - 1, "/.") != 0 &&
	       !(strlen(path) >= 3 && !strcmp(path + strlen(path) - 3, "/..")) &&
	       !(strlen(path) >= 2 && !strcmp(path + strlen(path) - 2, "/."));
}

/* Where `id` comes out of a map; UINT32_MAX when it isn't in it. */
static uint32_t map_out(const plan_idmaps *maps, uint32_t id)
{
	for (size_t i = 0; i < maps->n; i++)
		if (id >= maps->items[i].inside && (uint64_t)id < (uint64_t)maps->items[i].inside + maps->items[i].count)
			return maps->items[i].outside + (id - maps->items[i].inside);
	return UINT32_MAX;
}

/* --- who --- */

static void promise_id(const struct plan *p, const struct host *h, uint32_t id, bool group, const char *rule)
{
	const plan_idmaps *last = group ? &p->userns_last.gid_maps : &p->userns_last.uid_maps;
	const plan_idmaps *first = group ? &p->gid_maps : &p->uid_maps;
	/* root.request remap: 0 inside, which is 0 nowhere outside */
	bool kept = p->root_kept;
	promise((id != 0 || kept) && id != UINT32_MAX, rule);
	uint32_t out = map_out(last, id);
	promise(out != UINT32_MAX && (out != 0 || (kept && p->ns[NS_USER].mode == NS_PRIVATE)), "H-12");
	if (p->ns[NS_USER].mode == NS_PRIVATE) {
		out = map_out(first, out);
		promise(out != UINT32_MAX, "H-12");
	}
	/* as seen by the host: never its root */
	promise(out != 0 || !h->initial_userns || p->ns[NS_USER].mode == NS_JOIN, rule);
}

static void promise_user(const struct plan *p, const struct host *h)
{
	const struct plan_process *q = &p->process;
	promise_id(p, h, q->uid, false, "H-01");
	promise_id(p, h, q->gid, true, "H-02");
	for (size_t i = 0; i < q->groups.n; i++)
		promise_id(p, h, q->groups.items[i], true, "H-03");
	promise(p->userns_last.enabled && p->userns_last.forbid_children, "H-12");
	promise(map_out(&p->userns_last.uid_maps, 0) == UINT32_MAX || p->root_kept, "H-12");
	promise(map_out(&p->userns_last.gid_maps, 0) == UINT32_MAX || p->root_kept, "H-12");
}

static void promise_process(const struct plan *p)
{
	const struct plan_process *q = &p->process;
	unsigned core = 0, nproc = 0;
	promise(!q->caps.bounding && !q->caps.effective && !q->caps.permitted && !q->caps.inheritable && !q->caps.ambient, "H-04");
	promise(q->no_new_privs && p->filter_point == FILTER_BEFORE_EXEC, "H-05");
	/* NOROOT and NO_CAP_AMBIENT_RAISE set, KEEP_CAPS clear, all four locked */
	promise((q->securebits & 0x41) == 0x41 && !(q->securebits & 0x10) && (q->securebits & 0xaa) == 0xaa, "H-06");
	for (size_t i = 0; i < q->rlimits.n; i++) {
		const struct plan_rlimit *l = &q->rlimits.items[i];
		core += l->resource == 4 && !l->soft && !l->hard;
		nproc += l->resource == 6 && l->hard < 1000000;
		promise(l->resource != 4 || !l->hard, "H-07");
		promise(l->soft <= l->hard, "H-07");
	}
	promise(core == 1, "H-07");
	promise(nproc == 1, "H-60");
	promise(q->new_keyring, "H-08");
	promise(q->personality_set && q->personality <= 0xff, "H-16");
	promise(!q->sched.set || (q->sched.policy != 1 && q->sched.policy != 2 && q->sched.policy != 6), "H-16");
	promise(!q->sched.set || (q->sched.nice >= 0 && q->sched.nice <= 19), "H-16");
	promise(!q->oom_score_adj_set || q->oom_score_adj >= 0, "H-16");
	promise(q->io_priority_set && q->io_priority >> 13 != 1, "H-16");
	promise(q->umask <= 0777, "H-16");
	for (size_t i = 0; i < q->env.n; i++)
		promise(strchr(q->env.items[i], '=') > q->env.items[i], "H-09");
	promise(is_plain(q->cwd), "H-20");
}

static void promise_namespaces(const struct plan *p, const struct host *h)
{
	static const enum plan_ns_kind own[] = {NS_PID, NS_NET, NS_IPC, NS_UTS, NS_CGROUP};
	const char *memfd = NULL;
	promise(p->ns[NS_MNT].mode == NS_PRIVATE, "H-10");
	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		promise(p->ns[own[i]].mode != NS_HOST, "H-10");
	for (int i = 0; i < NS_COUNT; i++)
		promise(p->ns[i].mode != NS_JOIN || (p->ns[i].refuse_host && p->ns[i].path), "H-11");
	promise(p->join_below_own == (p->ns[NS_USER].mode == NS_JOIN), "H-12");
	for (size_t i = 0; i < p->sysctls.n; i++) {
		const char *key = p->sysctls.items[i].key;
		promise(!strstr(key, "..") || strstr(key, "..") > strstr(key, "net/"), "H-15");
		promise(!strncmp(key, "net/", 4) || !strncmp(key, "fs/mqueue/", 10) || !strncmp(key, "kernel/shm", 10) ||
				!strncmp(key, "kernel/msg", 10) || IS_ONE_OF(key, "kernel/sem", "kernel/domainname", "vm/memfd_noexec"),
			"H-15");
		for (const char *c = key; (c = strstr(c, "..")); c++)
			promise((c[2] && c[2] != '/') || c[-1] != '/', "H-15");
		if (!strcmp(key, "vm/memfd_noexec"))
			memfd = p->sysctls.items[i].value;
	}
	if (h->memfd_noexec && p->ns[NS_PID].mode == NS_PRIVATE)
		promise(memfd && !strcmp(memfd, "2"), "H-14");
}

/* --- file systems --- */

/* What the mounted object ends up with, and what is mounted below it at least. */
static uint64_t flags_top(const struct plan_mount *m)
{
	return (m->attr_set & ~m->attr_clr_rec) | m->attr_set_rec;
}

static uint64_t flags_tree(const struct plan_mount *m)
{
	return m->kind == MOUNT_BIND && m->recursive ? m->attr_set_rec & flags_top(m) : flags_top(m);
}

static bool may_write(const struct plan_mount *m)
{
	return !(flags_tree(m) & RO);
}

static bool may_exec(const struct plan_mount *m)
{
	return !(flags_tree(m) & NOEXEC);
}

static void promise_source(const struct plan_mount *m)
{
	const char *s = m->source;
	promise(is_plain(s), "H-25");
	promise(strcmp(s, "/") != 0, "H-25");
	promise(!IS_ONE_OF(s, "/etc", "/root", "/boot", "/proc", "/sys", "/dev", "/run", "/var", "/var/run", "/var/lib", "/var/lib/docker",
			   "/var/lib/kubelet", "/var/lib/containers", "/var/lib/containerd"), "H-25");
	promise(!within(s, "/proc") && !within(s, "/sys") && !within(s, "/dev") && !within(s, "/root") && !within(s, "/boot"), "H-25");
	promise(!strstr(s, "docker.sock") && !strstr(s, "containerd.sock") && !strstr(s, "crio.sock"), "H-25");
	if (within(s, "/etc") || within(s, "/usr") || within(s, "/bin") || within(s, "/lib") || within(s, "/sbin"))
		promise(!may_write(m), "H-25");
}

/* Data that engines keep for containers, and what the host lends to all: another container may have written the same place. */
static bool is_data(const char *s)
{
	return within(s, "/var/lib/docker") || within(s, "/var/lib/containers") || within(s, "/var/lib/containerd") ||
	       within(s, "/var/lib/kubelet") || within(s, "/run") || within(s, "/var/run") || within(s, "/etc") ||
	       strstr(s, "/.local/share/");
}

/* Only the image's own files, an engine's program and what is root's alone on the host. */
static void promise_programs(const struct plan *p, const struct plan_mount *m, const struct str_list *roots_own)
{
	bool named = IS_ONE_OF(m->source, "/usr/bin/catatonit", "/usr/bin/docker-init", "/usr/bin/tini-static",
			       "/usr/libexec/catatonit/catatonit", "/usr/libexec/docker/docker-init", "/usr/libexec/podman/catatonit");
	if ((flags_tree(m) & NOEXEC) && (flags_top(m) & NOEXEC))
		return;
	promise(!is_data(m->source), "H-24");
	promise(named || within(m->source, p->root.path) || one_of_list(m->source, roots_own), "H-24");
	for (size_t i = 0; i < p->landlock.no_exec.n; i++)
		promise(!within(m->target, p->landlock.no_exec.items[i]), "H-70");
}

static void promise_mount(const struct plan_mount *m)
{
	uint64_t tree = flags_tree(m);
	bool has_nodes = m->kind == MOUNT_NEW && (IS_ONE_OF(m->type, "devpts") || !strcmp(m->target, "/dev"));
	promise(is_plain(m->target) && m->target[1], "H-22");
	promise(!(m->propagation & SHARED), "H-26");
	promise((flags_top(m) & NOSUID) && (tree & NOSUID), "H-22");
	promise(has_nodes || ((flags_top(m) & NODEV) && (tree & NODEV)), "H-22");
	if (!(flags_top(m) & RO) || may_write(m))
		promise((tree & NOEXEC) && (flags_top(m) & NOEXEC), "H-22");
	switch (m->kind) {
	case MOUNT_NEW:
		promise(IS_ONE_OF(m->type, "tmpfs", "proc", "sysfs", "devpts", "mqueue"), "H-25");
		if (IS_ONE_OF(m->type, "sysfs"))
			promise(flags_top(m) & RO, "H-32");
		if (within(m->target, "/proc"))
			promise(IS_ONE_OF(m->type, "proc") && !strcmp(m->target, "/proc"), "H-32");
		break;
	case MOUNT_BIND:
		promise_source(m);
		promise(strcmp(m->target, "/proc") != 0 && !within(m->target, "/proc/self") && !within(m->target, "/proc/1"), "H-32");
		break;
	case MOUNT_CGROUP_VIEW:
		promise(flags_top(m) & RO, "H-61");
		break;
	}
}

static void promise_file_systems(const struct plan *p, const struct str_list *roots_own)
{
	static const char *const scratch[] = {"/tmp", "/var/tmp", "/run"};
	promise(p->root.readonly && !p->root.no_pivot && !(p->root.propagation & SHARED), "H-20");
	promise((p->root.attr_set & (NOSUID | NODEV)) == (NOSUID | NODEV), "H-23");
	for (size_t i = 0; i < p->mounts.n; i++)
		promise_mount(&p->mounts.items[i]);
	for (size_t i = 0; i < p->mounts.n; i++)
		if (p->mounts.items[i].kind == MOUNT_BIND)
			promise_programs(p, &p->mounts.items[i], roots_own);
	/* nothing is writable by one name and executable by another */
	for (size_t i = 0; i < p->mounts.n; i++) {
		const struct plan_mount *w = &p->mounts.items[i];
		if (w->kind != MOUNT_BIND || !may_write(w))
			continue;
		promise(!within(w->source, p->root.path) && !within(p->root.path, w->source), "H-24");
		for (size_t k = 0; k < p->mounts.n; k++) {
			const struct plan_mount *x = &p->mounts.items[k];
			if (x->kind == MOUNT_BIND && may_exec(x))
				promise(!within(w->source, x->source) && !within(x->source, w->source), "H-24");
		}
	}
	for (size_t s = 0; s < 3; s++) {
		bool found = false;
		for (size_t i = 0; i < p->mounts.n; i++)
			found |= p->mounts.items[i].target[1] && within(scratch[s], p->mounts.items[i].target);
		promise(found, "H-21");
	}
}

static void promise_paths(const struct plan *p)
{
	static const char *const hidden[] = {
		"/proc/acpi", "/proc/asound", "/proc/interrupts", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/sched_debug",
		"/proc/scsi", "/proc/timer_list", "/proc/timer_stats", "/sys/devices/virtual/powercap", "/sys/firmware",
	};
	static const char *const fixed[] = {"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"};
	for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++) {
		bool found = false;
		for (size_t k = 0; k < p->masked.n; k++)
			found |= within(hidden[i], p->masked.items[k].path);
		promise(found, "H-30");
	}
	for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++) {
		bool found = false;
		for (size_t k = 0; k < p->masked.n; k++)
			found |= within(fixed[i], p->masked.items[k].path);
		for (size_t k = 0; k < p->readonly.n; k++)
			found |= !strcmp(fixed[i], p->readonly.items[k].path);
		promise(found, "H-31");
	}
}

/* --- devices, filters, Landlock, cgroup, start --- */

static bool is_harmless_device(int64_t major, int64_t minor)
{
	return (major == 1 && (minor == 3 || minor == 5 || minor == 7 || minor == 8 || minor == 9)) ||
	       (major == 5 && minor >= 0 && minor <= 2) || major == 136;
}

static void promise_devices(const struct plan *p, const struct host *h)
{
	for (size_t i = 0; i < p->devices.n; i++) {
		const struct plan_device *d = &p->devices.items[i];
		promise(d->type == 'p' || (d->type == 'c' && is_harmless_device(d->major, d->minor)), "H-40");
		promise(within(d->path, "/dev") && is_plain(d->path), "H-40");
	}
	for (size_t i = 0; i < p->cgroup.devices.n; i++) {
		const struct plan_device_rule *r = &p->cgroup.devices.items[i];
		promise(!r->allow || (r->type == 'c' && is_harmless_device(r->major, r->minor)), "H-41");
	}
	if (h->euid == 0 && h->initial_userns && p->cgroup.manager != CGROUP_DISABLED)
		promise(p->cgroup.device_filter, "H-41");
}

static void promise_confinement(const struct plan *p, const struct host *h)
{
	const char *pids = NULL;
	promise(p->filters.n && p->filters.items[0].kind != FILTER_RULES && !p->filters.items[0].rules.n, "H-50");
	promise(p->level != LEVEL_CARD_PAYMENTS || p->filters.items[0].kind == FILTER_STRICT, "H-50");
	for (size_t i = 0; i < p->filters.n; i++) {
		promise(!(p->filters.items[i].flags & 4), "H-50"); /* SECCOMP_FILTER_FLAG_SPEC_ALLOW */
		promise(p->filters.items[i].archs.n == 0, "H-51");
	}
	promise(p->landlock.enabled == (h->landlock_abi > 0), "H-70");
	if (p->landlock.enabled) {
		promise((p->landlock.handled_fs & 0x1ff3) == 0x1ff3, "H-70"); /* execute, write, remove, make */
		for (size_t i = 0; i < p->landlock.writable.n; i++) {
			const char *place = p->landlock.writable.items[i];
			bool mounted = IS_ONE_OF(place, "/dev", "/proc");
			for (size_t k = 0; k < p->mounts.n; k++)
				mounted |= !strcmp(place, p->mounts.items[k].target) && may_write(&p->mounts.items[k]);
			promise(mounted, "H-70");
		}
	}
	for (size_t i = 0; i < p->cgroup.writes.n; i++) {
		const char *file = p->cgroup.writes.items[i].file;
		promise(!strchr(file, '/') && strncmp(file, "cgroup.procs", 12) != 0, "H-61");
		if (!strcmp(file, "pids.max"))
			pids = p->cgroup.writes.items[i].value;
	}
	if (h->ctl_pids && p->cgroup.manager != CGROUP_DISABLED)
		promise(pids && strcmp(pids, "max") != 0 && atol(pids) <= 1000000, "H-60");
	promise(p->cgroup.delegate_uid < 0 && p->cgroup.delegate_gid < 0, "H-61");
	if (p->cgroup.manager != CGROUP_DISABLED)
		promise(is_plain(p->cgroup.path) && p->cgroup.path[1], "H-61");
}

static void promise_start(const struct plan *p)
{
	bool reach = p->ns[NS_USER].mode == NS_JOIN;
	for (int k = 0; k < HOOK_COUNT; k++)
		for (size_t i = 0; i < p->hooks[k].n; i++) {
			promise(p->hooks[k].items[i].path[0] == '/', "H-80");
			if (k == HOOK_START_CONTAINER)
				continue;
			promise(!within(p->hooks[k].items[i].path, p->root.path), "H-80");
			for (size_t m = 0; m < p->mounts.n; m++)
				promise(p->mounts.items[m].kind != MOUNT_BIND || !may_write(&p->mounts.items[m]) ||
						!within(p->hooks[k].items[i].path, p->mounts.items[m].source), "H-80");
		}
	for (size_t i = 0; p->ns[NS_USER].mode == NS_PRIVATE && i < p->uid_maps.n; i++)
		reach |= p->uid_maps.items[i].outside == 0 && p->uid_maps.items[i].inside != 0;
	promise(!reach || p->own_binary == OWN_BINARY_SEALED_COPY, "H-19");
	promise(p->verify, "H-90");
	promise(p->dev_readonly || p->devices.n == 0, "H-40");
}

/* `roots_own`: what the host was said to keep from all but root. */
static void promises_hold(const struct plan *p, const struct host *h, const struct str_list *roots_own)
{
	promise_user(p, h);
	promise_process(p);
	promise_namespaces(p, h);
	promise_file_systems(p, roots_own);
	promise_paths(p);
	promise_devices(p, h);
	promise_confinement(p, h);
	promise_start(p);
}

#endif
