/* The parent's half of proto/sync.h: each request is served at most once, and
 * only if the plan has it; anything else from the child is an error. */
#include "config.h"

#include "act/act.h"
#include "act/process.h"
#include "act/rdt.h"
#include "base/auto.h"
#include "proto/sync.h"
#include "sys/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>

#include "base/banned.h"

struct server {
	const struct plan *plan;
	const struct act_request *request;
	struct prepared *prepared;
	struct init *init;
	struct sync_facts facts;
};

static int serve_maps_first(struct server *s, int fd, struct err *err)
{
	(void)fd;
	/* The child is in its user namespace from its first moment: it can't do this itself. */
	if (limits_raise(s->plan, s->init->pid, err) < 0)
		return -1;
	return idmap_write(s->init->pid, &s->plan->uid_maps, &s->plan->gid_maps,
			   s->plan->deny_setgroups, err);
}

static int serve_maps_last(struct server *s, int fd, struct err *err)
{
	const struct plan_userns_last *last = &s->plan->userns_last;
	bool deny = !s->plan->process.set_groups;

	(void)fd;
	if ((s->plan->ns[NS_USER].mode != NS_HOST
		     ? idmap_write_nested(s->init->pid, &last->uid_maps, &last->gid_maps, deny, err)
		     : idmap_write(s->init->pid, &last->uid_maps, &last->gid_maps, deny, err)) < 0)
		return -1;
	return sync_send_facts(s->init->sync_fd, &s->facts, err);
}

static int serve_network(struct server *s, int fd, struct err *err)
{
	(void)fd;
	return net_move_devices(s->plan, s->init->pid, err);
}

static int serve_hooks(struct server *s, int fd, struct err *err)
{
	struct hook_state state = {.status = "creating", .pid = s->init->pid};
	autofd int dirfd = sys_open(s->plan->bundle, O_PATH | O_DIRECTORY | O_CLOEXEC, 0);

	(void)fd;
	if (dirfd < 0)
		return err_sys(err, "open bundle '%s'", s->plan->bundle);
	if (hooks_run(s->plan, HOOK_PRESTART, &state, dirfd, err) < 0)
		return -1;
	return hooks_run(s->plan, HOOK_CREATE_RUNTIME, &state, dirfd, err);
}

static int serve_terminal(struct server *s, int fd, struct err *err)
{
	if (fd < 0 || s->request->detached || s->request->console_socket)
		return err_set(err, ERR_PROTO, "a terminal arrived that nobody asked for");
	s->init->terminal_fd = sys_fcntl(fd, F_DUPFD_CLOEXEC, 3);
	if (s->init->terminal_fd < 0)
		return err_sys(err, "keep the terminal");
	return 0;
}

static int serve_listener(struct server *s, int fd, struct err *err)
{
	if (fd < 0)
		return err_set(err, ERR_PROTO, "a seccomp listener arrived without its descriptor");
	return filter_send_listener(s->plan, s->init->pid, "creating", fd, err);
}

static int (*const serve[SYNC_KINDS])(struct server *s, int fd, struct err *err) = {
	[SYNC_MAPS_FIRST] = serve_maps_first, [SYNC_NETWORK] = serve_network,
	[SYNC_HOOKS] = serve_hooks,           [SYNC_MAPS_LAST] = serve_maps_last,
	[SYNC_TERMINAL] = serve_terminal,     [SYNC_LISTENER] = serve_listener,
};

/* Each request once, and only those the plan has: a child taken over by what it
 * mounted can't have maps written twice or hooks run again, also after READY. */
static unsigned allowed_requests(const struct plan *plan)
{
	unsigned mask = 0;

	if (plan->ns[NS_USER].mode == NS_PRIVATE)
		mask |= 1u << SYNC_MAPS_FIRST;
	if (plan->userns_last.enabled)
		mask |= 1u << SYNC_MAPS_LAST;
	if (plan->net_devices.n)
		mask |= 1u << SYNC_NETWORK;
	if (plan->hooks[HOOK_PRESTART].n || plan->hooks[HOOK_CREATE_RUNTIME].n)
		mask |= 1u << SYNC_HOOKS;
	if (plan->process.terminal)
		mask |= 1u << SYNC_TERMINAL;
	for (size_t i = 0; i < plan->filters.n; i++)
		if (plan->filters.items[i].listener_path)
			mask |= 1u << SYNC_LISTENER;
	return mask;
}

static int child_died(const struct init *init, struct err *err)
{
	siginfo_t info = {0};

	if (sys_waitid(P_PIDFD, (id_t)init->pidfd, &info, WEXITED | WNOWAIT, NULL) < 0)
		return err_set(err, ERR_PROTO, "the container process went away");
	if (info.si_code == CLD_EXITED)
		return err_set(err, ERR_PROTO,
			       "the container process exited with status %d during its set-up",
			       info.si_status);
	return err_set(err, ERR_PROTO,
		       "the container process was killed by signal %d during its set-up",
		       info.si_status);
}

/* When the plan has no request left that could take this GO for its own: one round trip
 * less.  A child that isn't what the plan says still says so and ends, as ever. */
static int go_ahead(struct server *s, unsigned allowed, struct err *err)
{
	struct init *init = s->init;

	if (!s->request->go_ahead || s->prepared->rdt_made || s->prepared->pidfd_socket_fd >= 0 ||
	    init->told_to_go || allowed)
		return 0;
	init->told_to_go = true;
	return act_tell(init->sync_fd, SYNC_GO, -1, err);
}

/* Requests until `until` arrives. */
static int serve_until(struct server *s, enum sync_kind until, unsigned allowed, struct err *err)
{
	for (;;) {
		autofd int fd = -1;
		enum sync_kind kind;

		if (go_ahead(s, allowed, err) < 0)
			return -1;
		if (sync_recv(s->init->sync_fd, &kind, &fd, err) < 0)
			return -1;
		if (kind == until)
			return 0;
		if (kind == SYNC_EOF)
			return child_died(s->init, err);
		if (!serve[kind] || !(allowed & 1u << kind))
			return err_set(err, ERR_PROTO, "unexpected '%s' from the container process",
				       sync_name(kind));
		allowed &= ~(1u << kind);
		if (serve[kind](s, fd, err) < 0 ||
		    sync_send(s->init->sync_fd, SYNC_GO, -1, err) < 0)
			return -1;
	}
}

/* Whoever gets it may enter the process's namespaces by it (setns(2)), and before READY it
 * can stand in the host's network namespace. */
static int send_pidfd(const struct prepared *prepared, const struct act_request *request,
		      const struct init *init, struct err *err)
{
	const char *payload = request->init_pidfd >= 0 ? "setns" : "standard";

	if (prepared->pidfd_socket_fd < 0)
		return 0;
	if (sync_send_fds(prepared->pidfd_socket_fd, payload, strlen(payload), &init->pidfd, 1,
			  err) < 0)
		return err_context(err, "--pidfd-socket");
	return 0;
}

static int fill_facts(struct server *s, struct err *err)
{
	struct prepared *p = s->prepared;

	if (prepared_note_namespaces(s->plan, p, err) < 0)
		return -1;
	for (int i = 0; i < NS_COUNT; i++)
		s->facts.own_ns[i] =
			(struct sync_identity){p->own_ns[i].st_dev, p->own_ns[i].st_ino};
	return session_read_ignored(&s->facts.ignored, err);
}

int act_serve(const struct plan *plan, struct prepared *prepared, const struct act_request *request,
	      struct init *init, struct err *err)
{
	struct server s = {.plan = plan, .request = request, .prepared = prepared, .init = init};
	bool rdt_made;

	if (rdt_apply(plan, init->pid, &rdt_made, err) < 0)
		return -1;
	prepared->rdt_made = rdt_made ? plan->intel_rdt.clos_id : NULL;
	if (plan->userns_last.enabled && request->init_pidfd < 0 && fill_facts(&s, err) < 0)
		return -1;
	if (serve_until(&s, SYNC_READY, allowed_requests(plan), err) < 0)
		return -1;
	return send_pidfd(prepared, request, init, err);
}

int act_commit(const struct plan *plan, struct prepared *prepared,
	       const struct act_request *request, struct init *init, struct err *err)
{
	struct server s = {.plan = plan, .request = request, .prepared = prepared, .init = init};

	if (!init->told_to_go && sync_send(init->sync_fd, SYNC_GO, -1, err) < 0)
		return -1;
	init->told_to_go = true;
	if (request->gate) /* the rest is told to `start` */
		return 0;
	/* The filters come last (child.c), so a listener is all that may still be asked for. */
	return serve_until(&s, SYNC_EOF, allowed_requests(plan) & 1u << SYNC_LISTENER, err);
}
