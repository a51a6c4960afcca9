/* Everything that can fail while nothing runs: namespaces to join, filters,
 * sockets, the cgroup.  What it makes, act_prepared_release undoes. */
#include "config.h"

#include "act/act.h"
#include "act/gate.h"
#include "act/idmap_mounts.h"
#include "act/process.h"
#include "act/rdt.h"
#include "base/auto.h"
#include "proto/sync.h"
#include "sys/sys.h"

#include <errno.h>
#include <fcntl.h>

#include "base/banned.h"

int prepared_note_namespaces(const struct plan *plan, struct prepared *p, struct err *err)
{
	for (int kind = 0; kind < NS_COUNT; kind++) {
		bool compared = plan->ns[kind].mode != NS_HOST ||
				(kind == NS_USER && plan->userns_last.enabled);

		if (!compared || p->own_ns[kind].st_ino)
			continue;
		if (sys_fstatat(p->self_ns_dirfd, plan_ns_name(kind), &p->own_ns[kind], 0) < 0)
			return err_sys(err, "look at the runtime's own %s namespace",
				       plan_ns_name(kind));
	}
	return 0;
}

static int open_namespaces(const struct plan *plan, struct prepared *p, struct err *err)
{
	for (int kind = 0; kind < NS_COUNT; kind++) {
		if (plan->ns[kind].mode != NS_JOIN || !plan->ns[kind].path)
			continue;
		/* H-11; the host's /proc, before any namespace is entered. */
		if (sys_fstatat(p->self_ns_dirfd, plan_ns_name(kind), &p->own_ns[kind], 0) < 0)
			return err_sys(err, "look at the runtime's own %s namespace",
				       plan_ns_name(kind));
		p->join_fds[kind] = ns_open(plan, kind, &p->own_ns[kind], err);
		if (p->join_fds[kind] < 0)
			return -1;
	}
	return 0;
}

static int compile_filters(const struct plan *plan, struct prepared *p, struct err *err)
{
	for (size_t i = 0; i < plan->filters.n; i++) {
		if (i >= sizeof(p->programs) / sizeof(p->programs[0]))
			return err_set(err, ERR_SPEC,
				       "linux.seccomp: more filters than can be loaded");
		if (filter_compile_planned(plan, i, &p->programs[i], err) < 0)
			return -1;
		p->n_programs = i + 1;
	}
	return 0;
}

/* exec: the bytes create compiled, so that no library runs for a second time. */
static int open_filters(const struct plan *plan, const struct act_request *request,
			struct prepared *p, struct err *err)
{
	for (size_t i = 0; i < plan->filters.n; i++) {
		const struct plan_filter *f = &plan->filters.items[i];
		char name[FILTER_NAME_MAX];

		if (i >= sizeof(p->programs) / sizeof(p->programs[0]))
			return err_set(err, ERR_SPEC,
				       "linux.seccomp: more filters than can be loaded");
		if (filter_is_recorded(plan, i)) {
			filter_name(i, name);
			if (filter_open(request->state_dirfd, name, f->flags, &p->programs[i],
					err) < 0)
				return -1;
			p->programs[i].listener = f->listener_path != NULL;
		} else if (filter_compile_planned(plan, i, &p->programs[i], err) < 0) {
			return -1;
		}
		p->n_programs = i + 1;
	}
	return 0;
}

static int connect_sockets(const struct act_request *request, struct prepared *p, struct err *err)
{
	if (request->console_socket) {
		p->console_fd = sync_connect(request->console_socket, err);
		if (p->console_fd < 0)
			return err_context(err, "--console-socket");
	}
	if (request->pidfd_socket) {
		p->pidfd_socket_fd = sync_connect(request->pidfd_socket, err);
		if (p->pidfd_socket_fd < 0)
			return err_context(err, "--pidfd-socket");
	}
	return 0;
}

static int prepare_create(const struct plan *plan, const struct act_request *request,
			  struct prepared *p, struct err *err)
{
	if (open_namespaces(plan, p, err) < 0 || compile_filters(plan, p, err) < 0)
		return -1;
	/* Later where there is time for it (SYNC_FACTS). */
	if (!plan->userns_last.enabled && prepared_note_namespaces(plan, p, err) < 0)
		return -1;
	if (plan->mounts.n) {
		p->source_fds = malloc(plan->mounts.n * sizeof(int));
		if (!p->source_fds)
			return err_oom(err);
		for (size_t i = 0; i < plan->mounts.n; i++)
			p->source_fds[i] = -1;
		p->n_source_fds = plan->mounts.n;
		if (idmap_mounts_open(plan, p->source_fds, err) < 0)
			return -1;
	}
	if (plan->root.idmap) {
		p->root_userns_fd = idmap_open_namespace(&plan->userns_last.uid_maps,
							 &plan->userns_last.gid_maps, err);
		if (p->root_userns_fd < 0)
			return -1;
	}
	p->cgroup_root = request->cgroup_root;
	if (connect_sockets(request, p, err) < 0)
		return -1;
	if (request->gate) {
		p->gate_fd = gate_listen(request->state_dirfd, err);
		if (p->gate_fd < 0)
			return -1;
	}
	/* Last: the only thing here that another process could see. */
	if (plan->cgroup.manager != CGROUP_DISABLED &&
	    cgroup_create(plan, request->cgroup_root, request->state_dirfd, &p->cgroup, err) < 0)
		return -1;
	return 0;
}

static int prepare_exec(const struct plan *plan, const struct act_request *request,
			struct prepared *p, struct err *err)
{
	if (open_namespaces(plan, p, err) < 0 || prepared_note_namespaces(plan, p, err) < 0 ||
	    open_filters(plan, request, p, err) < 0 || connect_sockets(request, p, err) < 0)
		return -1;
	if (plan->cgroup.manager == CGROUP_DISABLED) {
		if (request->sub_cgroup)
			return err_set(err, ERR_USAGE,
				       "--cgroup: the container has no cgroup of its own");
		return 0;
	}
	if (cgroup_open(request->cgroup_root, request->cgroup_path, &p->cgroup, err) < 0)
		return -1;
	if (request->sub_cgroup)
		return cgroup_open_sub(&p->cgroup, request->sub_cgroup, &p->exec_cgroup_dirfd, err);
	return 0;
}

int act_prepare(const struct plan *plan, const struct act_request *request, struct prepared *ret,
		struct err *err)
{
	if (sync_open(ret->sync_fds, err) < 0)
		return -1;
	ret->self_ns_dirfd = sys_open("/proc/self/ns", O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
	if (ret->self_ns_dirfd < 0)
		return err_sys(err, "open '/proc/self/ns'");
	return request->init_pidfd >= 0 ? prepare_exec(plan, request, ret, err)
					: prepare_create(plan, request, ret, err);
}

void act_prepared_release(struct prepared *p)
{
	int *fds[] = {&p->sync_fds[0], &p->sync_fds[1], &p->self_ns_dirfd,   &p->exec_cgroup_dirfd,
		      &p->gate_fd,     &p->console_fd,	&p->pidfd_socket_fd, &p->root_userns_fd};
	struct err ignored = ERR_INIT; /* the failure that brought us here is the one to tell */

	for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++)
		auto_close_fd(fds[i]);
	for (int i = 0; i < NS_COUNT; i++)
		auto_close_fd(&p->join_fds[i]);
	for (size_t i = 0; i < p->n_programs; i++)
		filter_release(&p->programs[i]);
	p->n_programs = 0;
	for (size_t i = 0; i < p->n_source_fds; i++)
		auto_close_fd(&p->source_fds[i]);
	p->n_source_fds = 0;
	free(p->source_fds);
	p->source_fds = NULL;
	if (p->rdt_made && !p->cgroup.committed && rdt_remove(p->rdt_made, &ignored) < 0)
		err_clear(&ignored);
	p->rdt_made = NULL;
	cgroup_release(&p->cgroup);
}
