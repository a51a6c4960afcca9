/* From a bundle to a confined process: read, decide, reserve, record, prepare, launch,
 * record again, serve.  Everything made on the way is undone in reverse unless it is
 * committed (bring_up_release). */
#include "config.h"

#include "cmd/bring_up.h"

#include "act/own_binary.h"
#include "act/process.h"
#include "base/auto.h"
#include "base/path.h"
#include "cmd/container.h"
#include "cmd/decide.h"
#include "cmd/notify.h"
#include "cmd/trail.h"
#include "sys/file.h"
#include "sys/sys.h"

#include <fcntl.h>
#include <pwd.h>
#include <string.h>
#include <time.h>

#include "base/banned.h"

void bring_up_release(struct bring_up *b)
{
	struct err ignored = ERR_INIT; /* the failure that brought us here is the one to tell */

	act_init_release(&b->init);
	/* conmon takes an existing pid file for a process that ran. */
	if (b->pid_file)
		container_remove_pid_file(b->pid_file);
	act_prepared_release(&b->prepared);
	if (b->plan.notify_socket && b->dir.reserved && notify_remove(b->dir.dirfd, &ignored) < 0)
		err_clear(&ignored);
	state_dir_release(&b->dir);
	plan_release(&b->plan);
	str_release(&b->plan_text);
}

void bring_up_commit(struct bring_up *b)
{
	state_dir_commit(&b->dir);
	b->prepared.cgroup.committed = true;
	b->pid_file = NULL;
	auto_close_fd(&b->init.pidfd); /* released without a pidfd, the process lives on */
}

static int write_filters(const struct bring_up *b, struct err *err)
{
	for (size_t i = 0; i < b->prepared.n_programs; i++) {
		const struct filter_program *p = &b->prepared.programs[i];
		char name[FILTER_NAME_MAX];

		if (!p->owned)
			continue; /* embedded in every kanuki of this version */
		filter_name(i, name);
		if (file_replace(b->dir.dirfd, name, p->insns, p->owned_len, 0600, err) < 0)
			return -1;
	}
	return 0;
}

static int write_plan(const struct bring_up *b, const char *name, const struct plan *plan,
		      struct err *err)
{
	autostr text = STR_INIT;

	if (plan_store_write(plan, &text, err) < 0)
		return -1;
	return file_replace(b->dir.dirfd, name, str_text(&text), text.len, 0600, err);
}

/* Under its name at once, unlike the others: nobody reads it before the record says that the
 * container is created. */
static int write_plan_text(const struct bring_up *b, struct err *err)
{
	autofd int fd = sys_openat(b->dir.dirfd, RECORD_TEXT_NAME,
				   O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0 || file_write_all(fd, str_text(&b->plan_text), b->plan_text.len) < 0)
		return err_sys(err, "state directory: write '%s'", RECORD_TEXT_NAME);
	return 0;
}

static int write_question(const struct bring_up *b, const struct scan_gate *gate, struct err *err)
{
	if (!gate->program)
		return 0;
	return file_replace(b->dir.dirfd, RECORD_QUESTION_NAME, gate->question,
			    strlen(gate->question), 0600, err);
}

static int write_plans(const struct bring_up *b, const struct decision *decision, struct err *err)
{
	if (write_plan(b, RECORD_PLAN_NAME, &b->plan, err) < 0 ||
	    (b->plan_hash[0] && write_plan_text(b, err) < 0))
		return -1;
	if (!decision->watched || decision->refusals.told.n)
		return 0;
	return write_plan(b, RECORD_WOULD_NAME, &decision->would, err);
}

/* What later commands need; they never read the bundle again.  Written twice: as
 * RECORD_CREATING before anything is made, so that a create that is killed leaves
 * behind where its cgroup is, and when all of it stands. */
static int write_record(const struct cmd_context *ctx, struct bring_up *b,
			enum record_status status, struct err *err)
{
	const struct plan *plan = &b->plan;
	const struct cgroup *cgroup = &b->prepared.cgroup;
	char path[sizeof(cgroup->path)];
	struct record *r = &b->record;

	r->status = status;
	r->pid = b->init.pid > 0 ? b->init.pid : 0;
	if (r->pid && record_pid_start_time(r->pid, &r->pid_start_time, err) < 0)
		return -1;
	if (plan->cgroup.manager != CGROUP_DISABLED && status == RECORD_CREATING) {
		if (cgroup_resolve_path(&plan->cgroup, path, err) < 0)
			return -1;
		r->cgroup_path = arena_strdup(ctx->arena, path);
		if (!r->cgroup_path)
			return err_oom(err);
		/* At most these, and only while empty: parents that others use stay. */
		for (const char *c = path; *c; c++)
			r->cgroup_made += *c == '/';
	}
	if (status != RECORD_CREATING)
		r->cgroup_made = cgroup->n_made;
	r->intel_rdt_clos_id = b->prepared.rdt_made;
	return record_write(b->dir.dirfd, r, err);
}

/* What start, kill and delete tell the trail that create told. */
static int fill_trail(const struct cmd_context *ctx, struct bring_up *b,
		      const struct decision *decision, struct err *err)
{
	const struct policy_conf *conf = &decision->conf;

	if (!b->plan_hash[0])
		return 0;
	if (decision->refusals.told.n) {
		b->record.would_refuse =
			arena_strdup(ctx->arena, decision->refusals.told.items[0].rule);
		if (!b->record.would_refuse)
			return err_oom(err);
	}
	b->record.trail = conf->trail ? arena_strdup(ctx->arena, conf->trail) : NULL;
	b->record.trail_required = conf->trail_required;
	b->record.trail_syslog = conf->trail_syslog;
	b->record.policy_hash = b->plan.policy_hash;
	b->record.plan_hash = b->plan_hash;
	return conf->trail && !b->record.trail ? err_oom(err) : 0;
}

static int fill_record(const struct cmd_context *ctx, struct bring_up *b,
		       const struct decision *decision, const struct policy_request *request,
		       struct err *err)
{
	const struct plan *plan = &b->plan;

	b->record = (struct record){
		.id = plan->id,
		.bundle = plan->bundle,
		.rootfs = plan->root.path,
		.oci_version = plan->oci_version,
		.policy = plan->policy_name,
		.cgroup_manager = (int)plan->cgroup.manager,
		.cgroup_root = b->request.cgroup_root,
		.own_pid_namespace = plan->ns[NS_PID].mode == NS_PRIVATE,
	};
	for (size_t i = 0; i < plan->annotations.n; i++) {
		struct record_pair *pair = ARENA_PUSH(ctx->arena, &b->record.annotations);

		if (!pair)
			return err_oom(err);
		*pair = (struct record_pair){plan->annotations.items[i].key,
					     plan->annotations.items[i].value};
	}
	/* start asks the same gate the same question again. */
	b->record.image = decide_image(request);
	b->record.gate_program = decision->gate.program;
	b->record.image_class = decision->gate.answer.image_class;
	b->record.scan_record = decision->gate.answer.record;
	b->record.gate_generation = decision->gate.answer.generation;
	if (fill_trail(ctx, b, decision, err) < 0)
		return -1;
	return record_fill_created(&b->record, ctx->arena, err);
}

static int fill_request(const struct cmd_context *ctx, const char *id,
			const struct bring_up_args *args, bool detached, struct policy_request *ret,
			struct err *err)
{
	uint32_t listen_fds;
	const char *names;

	if (!path_is_container_id(id))
		return err_set(err, ERR_USAGE,
			       "invalid container id: letters, digits, '_', '+', '-', '.' only, "
			       "not beginning with '.' or '-'");
	if (decide_listen_fds(ctx, &listen_fds, &names, err) < 0)
		return -1;
	*ret = (struct policy_request){
		.id = id,
		.console_socket = args->console_socket != NULL,
		.detached = detached,
		.no_pivot = args->no_pivot,
		.no_new_keyring = args->no_new_keyring,
		.preserve_fds = args->preserve_fds.v + listen_fds,
		.listen_fds = listen_fds,
		.listen_fdnames = names,
	};
	if (fds_fill_standard(err) < 0 ||
	    fds_close_inherited(ret->preserve_fds, ctx->log->fd, err) < 0 ||
	    decide_bundle_path(ctx, args->bundle, &ret->bundle, err) < 0 ||
	    notify_path(ctx, id, &ret->notify_dir, err) < 0)
		return -1;
	return decide_cgroup_manager(ctx, &ret->cgroup_manager, err);
}

void bring_up_undo_hooks(struct bring_up *b)
{
	act_init_release(&b->init);
	container_run_poststop(&b->plan);
}

/* The effects. */
static int build(const struct cmd_context *ctx, const struct bring_up_args *args,
		 const struct decision *decision, const struct policy_request *request,
		 struct bring_up *b, struct err *err)
{
	enum record_status status = b->request.gate ? RECORD_CREATED : RECORD_RUNNING;

	if (container_reserve(ctx, request->id, &b->dir, err) < 0)
		return -1;
	b->request.state_dirfd = b->dir.dirfd;
	if (b->plan.notify_socket && notify_make(b->dir.dirfd, err) < 0)
		return -1;
	if (fill_record(ctx, b, decision, request, err) < 0 ||
	    write_record(ctx, b, RECORD_CREATING, err) < 0)
		return -1;
	if (act_prepare(&b->plan, &b->request, &b->prepared, err) < 0 ||
	    act_launch(&b->plan, &b->prepared, &b->request, &b->init, err) < 0)
		return -1;
	/* The child builds its mounts meanwhile; it waits for us before the gate. */
	if (write_filters(b, err) < 0 || write_plans(b, decision, err) < 0 ||
	    write_question(b, &decision->gate, err) < 0 || write_record(ctx, b, status, err) < 0)
		return -1;
	if (act_serve(&b->plan, &b->prepared, &b->request, &b->init, err) < 0 ||
	    (b->prepared.rdt_made && write_record(ctx, b, status, err) < 0) ||
	    (args->pid_file && container_write_pid_file(args->pid_file, b->init.pid, err) < 0)) {
		bring_up_undo_hooks(b);
		return -1;
	}
	b->pid_file = args->pid_file;
	return 0;
}

int bring_up(const struct cmd_context *ctx, const char *id, const struct bring_up_args *args,
	     bool gate, bool detached, struct bring_up *b, struct err *err)
{
	struct policy_request request;
	autodecision decision = DECISION_INIT;
	struct host *host = arena_alloc(ctx->arena, sizeof(*host));

	if (!host)
		return err_oom(err);
	/* the decision: pure but for the reading */
	if (fill_request(ctx, id, args, detached, &request, err) < 0 || host_probe(host, err) < 0)
		return -1;
	if (decide_plan(ctx, true, &request, host, &decision, &b->plan, err) < 0)
		return cmd_trail_refused(ctx, &decision.conf, id, decide_image(&request), err);
	if (b->plan.own_binary == OWN_BINARY_SEALED_COPY &&
	    own_binary_enter_copy(ctx->argv, ctx->envp, ctx->log->given_fd, err) < 0)
		return -1;
	decide_log_changes(ctx, &b->plan); /* after it: what runs again would be told twice */
	if (decide_tell(ctx, &decision, &request, &b->plan, b->plan_hash, &b->plan_text, err) < 0)
		return -1;
	b->request = (struct act_request){
		.state_dirfd = -1,
		.gate = gate,
		/* a line of the trail, the pid file: before the program runs, and only if it can */
		.go_ahead = !gate && !b->plan_hash[0] && !args->pid_file && !b->plan.notify_socket,
		.detached = detached,
		.console_socket = args->console_socket,
		.pidfd_socket = args->pidfd_socket,
		.cgroup_root = host->cgroup_root,
		.init_pidfd = -1,
	};
	if (build(ctx, args, &decision, &request, b, err) == 0)
		return 0;
	/* H-11 and H-25 refuse some things only when they are opened, after create's line. */
	return cmd_trail_refused(ctx, &decision.conf, id, decide_image(&request), err);
}
