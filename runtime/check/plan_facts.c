/* A plan as confinement facts: what a container will have.  Pure. */
#include "config.h"

#include "check/facts.h"

#include "base/num.h"
#include "base/path.h"
#include "plan/host_sockets.h"

#include <linux/mount.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>

#include "base/banned.h"

static const char *const socket_names[] = {"containerd.sock", "crio.sock", "docker.sock",
					   "dockershim.sock", "podman.sock"};

static int take_ids(const struct plan_process *process, struct arena *arena,
		    struct check_confinement *c, struct err *err)
{
	for (size_t i = 0; i < 4; i++) {
		c->uids[i] = process->uid;
		c->gids[i] = process->gid;
	}
	for (size_t i = 0; i < process->groups.n; i++) {
		uint32_t *gid = ARENA_PUSH(arena, &c->groups);
		if (!gid)
			return err_oom(err);
		*gid = process->groups.items[i];
	}
	c->ids_seen = true;
	return 0;
}

static void take_namespaces(const struct plan *plan, struct check_confinement *c)
{
	static const enum check_ns states[] = {[NS_PRIVATE] = CHECK_NS_OWN,
					       [NS_JOIN] = CHECK_NS_JOINED,
					       [NS_HOST] = CHECK_NS_HOST};

	for (size_t i = 0; i < NS_COUNT; i++) {
		c->ns[i] = states[plan->ns[i].mode];
		/* H-11 compares by inode when it is opened, and refuses the host's */
		if (plan->ns[i].mode == NS_JOIN && plan->ns[i].refuse_host)
			c->ns[i] = CHECK_NS_OWN;
	}
	if (plan->userns_last.enabled) {
		c->ns[NS_USER] = CHECK_NS_OWN;
		c->root_is_host_root = SEEN_NO;
		return;
	}
	if (plan->ns[NS_USER].mode != NS_PRIVATE)
		return;
	c->root_is_host_root = SEEN_NO;
	for (size_t i = 0; i < plan->uid_maps.n; i++)
		if (plan->uid_maps.items[i].inside == 0 && plan->uid_maps.items[i].outside == 0)
			c->root_is_host_root = SEEN_YES;
}

static bool holds_socket(const char *source)
{
	if (!source)
		return false;
	for (size_t i = 0; i < ARRAY_LEN(socket_names); i++)
		if (strcmp(path_base(source), socket_names[i]) == 0)
			return true;
	for (size_t i = 0; i < plan_host_sockets_n; i++)
		if (plan_host_sockets[i].engine &&
		    path_is_beneath(plan_host_sockets[i].path, source))
			return true;
	return false;
}

static int take_mounts(const struct plan *plan, struct arena *arena, struct check_confinement *c,
		       struct err *err)
{
	struct check_mount *m = ARENA_PUSH(arena, &c->mounts);

	if (!m)
		return err_oom(err);
	*m = (struct check_mount){.target = "/",
				  .type = "rootfs",
				  .source = plan->root.path,
				  .readonly = plan->root.readonly,
				  .nosuid = plan->root.attr_set & MOUNT_ATTR_NOSUID,
				  .nodev = plan->root.attr_set & MOUNT_ATTR_NODEV,
				  .noexec = plan->root.attr_set & MOUNT_ATTR_NOEXEC,
				  .shared = plan->root.propagation == MS_SHARED};
	for (size_t i = 0; i < plan->mounts.n; i++) {
		const struct plan_mount *p = &plan->mounts.items[i];
		uint64_t attr = plan_mount_attrs(p);

		m = ARENA_PUSH(arena, &c->mounts);
		if (!m)
			return err_oom(err);
		*m = (struct check_mount){.target = p->target,
					  .type = p->kind == MOUNT_CGROUP_VIEW ? "cgroup2"
						  : p->kind == MOUNT_BIND      ? "bind"
						  : p->type                    ? p->type
									       : "none",
					  .source = p->kind == MOUNT_BIND ? p->source : NULL,
					  .readonly = attr & MOUNT_ATTR_RDONLY,
					  .nosuid = attr & MOUNT_ATTR_NOSUID,
					  .nodev = attr & MOUNT_ATTR_NODEV,
					  .noexec = attr & MOUNT_ATTR_NOEXEC,
					  .shared = p->propagation == MS_SHARED,
					  .socket =
						  p->kind == MOUNT_BIND && holds_socket(p->source)};
		if (strcmp(m->target, "/dev") == 0 && plan->dev_readonly)
			m->readonly = true;
	}
	for (size_t i = 0; i < plan->readonly.n; i++) {
		const char *path = plan->readonly.items[i].path;

		m = ARENA_PUSH(arena, &c->mounts);
		if (!m)
			return err_oom(err);
		*m = (struct check_mount){.target = path,
					  .type = path_is_beneath(path, "/sys") ? "sysfs" :
						  path_is_beneath(path, "/proc") ? "proc" :
										   "bind",
					  .readonly = true,
					  .nosuid = true,
					  .nodev = true,
					  .noexec = true};
	}
	c->mounts_seen = true;
	return 0;
}

static int take_masks(const struct plan *plan, struct arena *arena, struct check_confinement *c,
		      struct err *err)
{
	for (size_t i = 0; i < check_masked_paths_n; i++) {
		struct check_masked_path *p = ARENA_PUSH(arena, &c->masked);
		if (!p)
			return err_oom(err);
		*p = (struct check_masked_path){.path = check_masked_paths[i], .state = MASK_OPEN};
		for (size_t k = 0; k < plan->masked.n; k++)
			if (path_is_beneath(p->path, plan->masked.items[k].path))
				p->state = MASK_MASKED;
	}
	return 0;
}

/* "max", and whatever is no number, is no limit. */
static struct check_number limit_of(const char *value)
{
	struct check_number n = {.seen = true, .v = CHECK_UNLIMITED};

	if (!num_parse_i64(value, 0, CHECK_UNLIMITED, &n.v))
		n.v = CHECK_UNLIMITED;
	return n;
}

static void take_cgroup(const struct plan *plan, struct check_confinement *c)
{
	c->cgroup_seen = true;
	c->cgroup = plan->cgroup.path;
	c->cgroup_shared = plan->cgroup.manager == CGROUP_DISABLED;
	c->pids_max = c->memory_max = (struct check_number){.seen = true, .v = CHECK_UNLIMITED};
	c->cpu_set = SEEN_NO;
	for (size_t i = 0; i < plan->cgroup.writes.n; i++) {
		const struct plan_cgroup_write *w = &plan->cgroup.writes.items[i];
		if (strcmp(w->file, "pids.max") == 0)
			c->pids_max = limit_of(w->value);
		else if (strcmp(w->file, "memory.max") == 0)
			c->memory_max = limit_of(w->value);
		else if (strcmp(w->file, "cpu.max") == 0 || strcmp(w->file, "cpu.weight") == 0)
			c->cpu_set = SEEN_YES;
	}
}

/* What the bundle leaves out is inherited from the engine: not seen here. */
static void take_rlimits(const struct plan_process *process, struct check_confinement *c)
{
	bool nofile = false, core = false;

	c->nproc = CHECK_UNLIMITED;
	for (size_t i = 0; i < process->rlimits.n; i++) {
		const struct plan_rlimit *r = &process->rlimits.items[i];
		int64_t v =
			r->hard >= (uint64_t)CHECK_UNLIMITED ? CHECK_UNLIMITED : (int64_t)r->hard;

		if (r->resource == RLIMIT_NOFILE) {
			c->nofile = v;
			nofile = true;
		} else if (r->resource == RLIMIT_CORE) {
			c->core = v;
			core = true;
		} else if (r->resource == RLIMIT_NPROC) {
			c->nproc = v;
		}
	}
	if (!core)
		c->core = CHECK_UNLIMITED;
	if (!nofile)
		c->nofile = CHECK_UNLIMITED;
	c->rlimits_seen = true;
}

static int push_text(struct arena *arena, struct str_list *list, const char *text, struct err *err)
{
	const char **slot = ARENA_PUSH(arena, list);

	if (!slot)
		return err_oom(err);
	*slot = text;
	return 0;
}

static int take_process(const struct plan_process *process, struct arena *arena,
			struct check_confinement *c, struct err *err)
{
	c->caps_seen = true;
	c->caps = process->caps;
	c->no_new_privs = process->no_new_privs ? SEEN_YES : SEEN_NO;
	c->apparmor = process->apparmor_profile;
	c->selinux = process->selinux_label;
	c->programs_seen = process->args.n > 0;
	if (process->args.n &&
	    push_text(arena, &c->programs, path_base(process->args.items[0]), err) < 0)
		return -1;
	c->environment_seen = true;
	for (size_t i = 0; i < process->env.n; i++) {
		size_t len;
		char *name;

		if (!check_env_is_secret(process->env.items[i], &len))
			continue;
		name = arena_memdup(arena, process->env.items[i], len);
		if (!name)
			return err_oom(err);
		if (push_text(arena, &c->secrets, name, err) < 0)
			return -1;
	}
	return 0;
}

static int take_devices(const struct plan *plan, struct arena *arena, struct check_confinement *c,
			struct err *err)
{
	for (size_t i = 0; i < plan->devices.n; i++) {
		const struct plan_device *d = &plan->devices.items[i];
		if (d->type != 'p' && !check_is_default_device(d->type, d->major, d->minor) &&
		    push_text(arena, &c->devices, d->path, err) < 0)
			return -1;
	}
	c->devices_seen = true;
	return 0;
}

int check_plan_facts(const struct plan *plan, struct arena *arena, struct check_confinement *ret,
		     struct err *err)
{
	struct check_confinement c = {0};

	if (take_ids(&plan->process, arena, &c, err) < 0 || take_mounts(plan, arena, &c, err) < 0 ||
	    take_masks(plan, arena, &c, err) < 0 ||
	    take_process(&plan->process, arena, &c, err) < 0 ||
	    take_devices(plan, arena, &c, err) < 0)
		return -1;
	take_namespaces(plan, &c);
	take_cgroup(plan, &c);
	take_rlimits(&plan->process, &c);
	c.filter = plan->filters.n ? SEEN_YES : SEEN_NO;
	c.memfd_noexec.seen = true;
	for (size_t i = 0; i < plan->sysctls.n; i++)
		if (strcmp(plan->sysctls.items[i].key, "vm/memfd_noexec") == 0)
			c.memfd_noexec.v = plan->sysctls.items[i].value[0] - '0';
	*ret = c;
	return 0;
}
