/* What a container may do by its plan, compared: whether one plan lets through nothing that another doesn't. For the fuzzer of
 * levels; written from what the fields mean to the kernel, and with nothing of runtime/policy/conf_compare.c.
 */
#ifndef KANUKI_TESTS_POWERS_H
#define KANUKI_TESTS_POWERS_H

#include "plan/plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The name of the first power that is in `less` and not in `more` is told before it aborts. */
#define power(cond, what)                                                                                              \
	do {                                                                                                           \
		if (!(cond)) {                                                                                         \
			fprintf(stderr, "%s:%d: more of %s: %s\n", __FILE__, __LINE__, what, #cond);                   \
			abort();                                                                                       \
		}                                                                                                      \
	} while (0)

enum { AT_RO = 1, AT_NOSUID = 2, AT_NODEV = 4, AT_NOEXEC = 8, AT_ALL = 15 };

static bool lies_in(const char *path, const char *dir)
{
	size_t n = strlen(dir);
	return !strcmp(dir, "/") || (!strncmp(path, dir, n) && (path[n] == '/' || path[n] == '\0'));
}

static bool in_list(const char *path, const struct str_list *dirs)
{
	for (size_t i = 0; i < dirs->n; i++)
		if (lies_in(path, dirs->items[i]))
			return true;
	return false;
}

/* What is held back, of the mounted object and of all below it. */
static uint64_t held(const struct plan_mount *m)
{
	uint64_t top = ((m->attr_set & ~m->attr_clr_rec) | m->attr_set_rec) & AT_ALL;
	return m->kind == MOUNT_BIND && m->recursive ? top & m->attr_set_rec : top;
}

static bool is_same_mount(const struct plan_mount *a, const struct plan_mount *b)
{
	return a->kind == b->kind && !strcmp(a->target, b->target) && (a->kind != MOUNT_BIND || !strcmp(a->source, b->source)) &&
	       (a->kind != MOUNT_NEW || !strcmp(a->type, b->type));
}

/* The mount of `p` that is number `index` of `of`; where there are several alike, the one that comes as late. */
static const struct plan_mount *same_mount(const struct plan *p, const struct plan *of, size_t index)
{
	const struct plan_mount *m = &of->mounts.items[index];
	size_t later = 0;
	for (size_t i = index + 1; i < of->mounts.n; i++)
		later += is_same_mount(&of->mounts.items[i], m);
	for (size_t i = p->mounts.n; i > 0; i--)
		if (is_same_mount(&p->mounts.items[i - 1], m) && later-- == 0)
			return &p->mounts.items[i - 1];
	return NULL;
}

static bool mounts_at(const struct plan *p, const char *target)
{
	for (size_t i = 0; i < p->mounts.n; i++)
		if (!strcmp(p->mounts.items[i].target, target))
			return true;
	return false;
}

/* A mount that may be in the stricter plan alone: memory of a hardened container's own, never executable. */
static bool is_scratch(const struct plan_mount *m)
{
	bool place = !strcmp(m->target, "/dev") || !strcmp(m->target, "/tmp") || !strcmp(m->target, "/run") || !strcmp(m->target, "/var/tmp");
	return place && m->kind == MOUNT_NEW && !strcmp(m->type, "tmpfs") && (held(m) & AT_NOEXEC) && (held(m) & AT_NOSUID);
}

/* --- who --- */

/* Every id of `less` is one of `more`. */
static bool maps_within(const plan_idmaps *less, const plan_idmaps *more)
{
	for (size_t i = 0; i < less->n; i++) {
		uint64_t at = less->items[i].inside, end = at + less->items[i].count;
		while (at < end) {
			uint64_t next = at;
			for (size_t k = 0; k < more->n; k++) {
				uint64_t from = more->items[k].inside, to = from + more->items[k].count;
				if (at >= from && at < to)
					next = to;
			}
			if (next == at)
				return false;
			at = next;
		}
	}
	return true;
}

static bool has_group(const struct plan_process *p, uint32_t gid)
{
	for (size_t i = 0; i < p->groups.n; i++)
		if (p->groups.items[i] == gid)
			return true;
	return false;
}

/* Ids may be others only in root's place. */
static void power_of_ids(const struct plan *less, const struct plan *more)
{
	const struct plan_process *l = &less->process, *m = &more->process;
	power(l->uid == m->uid || (m->uid == 0 && l->uid != 0), "user");
	power(l->gid == m->gid || (m->gid == 0 && l->gid != 0), "group");
	for (size_t i = 0; i < l->groups.n; i++)
		power(has_group(m, l->groups.items[i]), "groups");
	power(less->userns_last.enabled || !more->userns_last.enabled, "user namespaces");
	power(less->userns_last.forbid_children || !more->userns_last.forbid_children, "user namespaces");
	/* of a joined user namespace, or without privilege, a plan names what the process has and nothing else */
	if (more->userns_last.enabled && (less->process.uid == m->uid || more->ns[NS_USER].mode == NS_PRIVATE) &&
	    (less->process.gid == m->gid || more->ns[NS_USER].mode == NS_PRIVATE)) {
		power(maps_within(&less->userns_last.uid_maps, &more->userns_last.uid_maps), "user ids");
		power(maps_within(&less->userns_last.gid_maps, &more->userns_last.gid_maps), "group ids");
	}
}

static uint64_t all_caps(const struct plan *p)
{
	const struct plan_caps *c = &p->process.caps;
	return c->bounding | c->effective | c->permitted | c->inheritable | c->ambient;
}

static const struct plan_rlimit *find_limit(const struct plan *p, int resource)
{
	for (size_t i = 0; i < p->process.rlimits.n; i++)
		if (p->process.rlimits.items[i].resource == resource)
			return &p->process.rlimits.items[i];
	return NULL;
}

static void power_of_process(const struct plan *less, const struct plan *more)
{
	power(!(all_caps(less) & ~all_caps(more)), "capabilities");
	power(less->process.no_new_privs || !more->process.no_new_privs, "new privileges");
	power((less->process.securebits & more->process.securebits) == more->process.securebits, "securebits");
	power(less->process.new_keyring || !more->process.new_keyring, "keys");
	for (size_t i = 0; i < more->process.rlimits.n; i++) {
		const struct plan_rlimit *m = &more->process.rlimits.items[i], *l = find_limit(less, m->resource);
		power(l && l->hard <= m->hard && l->soft <= m->soft, "resource limits");
	}
}

static void power_of_namespaces(const struct plan *less, const struct plan *more)
{
	for (int i = 0; i < NS_COUNT; i++) {
		const struct plan_ns *l = &less->ns[i], *m = &more->ns[i];
		power(l->mode == m->mode || m->mode == NS_HOST, "namespaces");
		power(l->mode != NS_JOIN || m->mode != NS_JOIN || l->refuse_host || !m->refuse_host, "namespaces of the host");
	}
	for (size_t i = 0; i < less->sysctls.n; i++) {
		const char *key = less->sysctls.items[i].key;
		bool found = !strcmp(key, "vm/memfd_noexec");
		for (size_t k = 0; k < more->sysctls.n; k++)
			found |= !strcmp(key, more->sysctls.items[k].key);
		/* in the place of CAP_NET_BIND_SERVICE */
		found |= !strcmp(key, "net/ipv4/ip_unprivileged_port_start") && (all_caps(more) >> 10 & 1);
		power(found, "sysctls");
	}
}

/* --- files --- */

static void power_of_mounts(const struct plan *less, const struct plan *more)
{
	power(less->root.readonly || !more->root.readonly, "the root, to write");
	power((less->root.attr_set & more->root.attr_set) == more->root.attr_set, "the root's flags");
	power(!less->root.no_pivot || more->root.no_pivot, "the host's root");
	for (size_t i = 0; i < less->mounts.n; i++) {
		const struct plan_mount *l = &less->mounts.items[i], *m = same_mount(more, less, i);
		if (!m && is_scratch(l))
			continue;
		power(m, "mounts");
		power((held(l) & held(m)) == held(m), l->target);
	}
	for (size_t i = 0; i < more->masked.n; i++) {
		bool found = false;
		for (size_t k = 0; k < less->masked.n; k++)
			found |= lies_in(more->masked.items[i].path, less->masked.items[k].path);
		power(found, "masked paths");
	}
	for (size_t i = 0; i < more->readonly.n; i++) {
		bool found = false;
		for (size_t k = 0; k < less->readonly.n; k++)
			found |= !strcmp(more->readonly.items[i].path, less->readonly.items[k].path);
		for (size_t k = 0; k < less->masked.n; k++)
			found |= lies_in(more->readonly.items[i].path, less->masked.items[k].path);
		power(found, "read-only paths");
	}
}

static bool allows_device(const struct plan *p, const struct plan_device_rule *rule)
{
	for (size_t i = 0; i < p->cgroup.devices.n; i++) {
		const struct plan_device_rule *o = &p->cgroup.devices.items[i];
		if (o->allow && (o->type == 'a' || o->type == rule->type) && (o->major < 0 || o->major == rule->major) &&
		    (o->minor < 0 || o->minor == rule->minor) && o->read >= rule->read && o->write >= rule->write && o->mknod >= rule->mknod)
			return true;
	}
	return false;
}

static void power_of_devices(const struct plan *less, const struct plan *more)
{
	for (size_t i = 0; i < less->devices.n; i++) {
		bool found = false;
		for (size_t k = 0; k < more->devices.n; k++)
			found |= !strcmp(less->devices.items[i].path, more->devices.items[k].path) &&
				 less->devices.items[i].major == more->devices.items[k].major &&
				 less->devices.items[i].minor == more->devices.items[k].minor;
		power(found, "devices");
	}
	power(less->dev_readonly || !more->dev_readonly, "/dev");
	power(less->cgroup.device_filter || !more->cgroup.device_filter, "devices");
	if (more->cgroup.device_filter)
		for (size_t i = 0; i < less->cgroup.devices.n; i++)
			power(!less->cgroup.devices.items[i].allow || allows_device(more, &less->cgroup.devices.items[i]), "device rules");
}

/* --- system calls, Landlock, the cgroup --- */

static bool has_port(const uint16_t *ports, size_t n, uint16_t port)
{
	for (size_t i = 0; i < n; i++)
		if (ports[i] == port)
			return true;
	return false;
}

static void power_of_landlock(const struct plan *less, const struct plan *more)
{
	const struct plan_landlock *l = &less->landlock, *m = &more->landlock;
	power(l->enabled || !m->enabled, "Landlock");
	power((l->handled_fs & m->handled_fs) == m->handled_fs, "Landlock's rights");
	if (m->enabled)
		for (size_t i = 0; i < l->writable.n; i++)
			power(in_list(l->writable.items[i], &m->writable), "places to write");
	for (size_t i = 0; i < m->no_exec.n; i++)
		/* what only the looser plan mounts isn't there in the other */
		power(in_list(m->no_exec.items[i], &l->no_exec) || (mounts_at(more, m->no_exec.items[i]) && !mounts_at(less, m->no_exec.items[i])),
		      "places to execute");
	for (size_t i = 0; i < m->no_daemons.n; i++)
		power(in_list(m->no_daemons.items[i], &l->no_daemons), "super daemons");
	for (size_t i = 0; i < m->daemon_places.n; i++)
		power(in_list(m->daemon_places.items[i], &l->daemon_places), "places of super daemons");
	power(l->exec_only.n || !m->exec_only.n, "commands");
	for (size_t i = 0; m->exec_only.n && i < l->exec_only.n; i++)
		power(in_list(l->exec_only.items[i], &m->exec_only), "commands");
	power(l->bind_limited || !m->bind_limited, "ports to bind");
	for (size_t i = 0; m->bind_limited && i < l->bind.n; i++)
		power(has_port(m->bind.items, m->bind.n, l->bind.items[i]), "ports to bind");
	power(l->connect_limited || !m->connect_limited, "ports to connect to");
	for (size_t i = 0; m->connect_limited && i < l->connect.n; i++)
		power(has_port(m->connect.items, m->connect.n, l->connect.items[i]), "ports to connect to");
}

/* Ours is the first, where there is one; the bundle's own are in both. */
static void power_of_filters(const struct plan *less, const struct plan *more)
{
	bool ours_l = less->filters.n && less->filters.items[0].kind != FILTER_RULES;
	bool ours_m = more->filters.n && more->filters.items[0].kind != FILTER_RULES;
	power(ours_l || !ours_m, "system calls");
	power(less->filters.n - ours_l == more->filters.n - ours_m, "system calls: the bundle's filters");
	if (!ours_m)
		return;
	const struct plan_filter *l = &less->filters.items[0], *m = &more->filters.items[0];
	power(l->kind >= m->kind, "system calls: the profile");
	for (size_t i = 0; l->kind == m->kind && i < l->added.n; i++) {
		bool found = false;
		for (size_t k = 0; k < m->added.n; k++)
			found |= !strcmp(l->added.items[i], m->added.items[k]);
		power(found, "system calls: added ones");
	}
}

/* A number, or no limit. */
static uint64_t cgroup_most(const struct plan *p, const char *file)
{
	uint64_t most = UINT64_MAX;
	for (size_t i = 0; i < p->cgroup.writes.n; i++)
		if (!strcmp(p->cgroup.writes.items[i].file, file)) {
			char *end;
			unsigned long long n = strtoull(p->cgroup.writes.items[i].value, &end, 10);
			most = *end || end == p->cgroup.writes.items[i].value ? UINT64_MAX : n;
		}
	return most;
}

static void power_of_cgroup(const struct plan *less, const struct plan *more)
{
	power(cgroup_most(less, "pids.max") <= cgroup_most(more, "pids.max"), "processes");
	power(cgroup_most(less, "memory.max") <= cgroup_most(more, "memory.max"), "memory");
	power(less->cgroup.delegate_uid < 0 || more->cgroup.delegate_uid >= 0, "the cgroup");
	/* update is held to these; 0: to nothing */
	power(less->pids_most - 1 <= more->pids_most - 1, "processes, by update");
	power(less->memory_most - 1 <= more->memory_most - 1, "memory, by update");
}

static void powers_within(const struct plan *less, const struct plan *more)
{
	power_of_ids(less, more);
	power_of_process(less, more);
	power_of_namespaces(less, more);
	power_of_mounts(less, more);
	power_of_devices(less, more);
	power_of_landlock(less, more);
	power_of_filters(less, more);
	power_of_cgroup(less, more);
	power(less->verify || !more->verify, "reading back");
	power(less->own_binary == more->own_binary || less->own_binary == OWN_BINARY_UNREACHABLE || more->own_binary == OWN_BINARY_SEALED_COPY,
	      "the runtime's program");
}

#endif
