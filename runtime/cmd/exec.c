/* kanuki exec: one more process in a running container, held to the container's
 * recorded plan in every field. */
#include "config.h"

#include "act/act.h"
#include "act/own_binary.h"
#include "act/process.h"
#include "base/auto.h"
#include "base/num.h"
#include "cmd/container.h"
#include "cmd/decide.h"
#include "cmd/relay.h"
#include "policy/policy.h"
#include "sys/file.h"
#include "sys/sys.h"

#include <fcntl.h>
#include <string.h>

#include "base/banned.h"

#define PROCESS_MAX_BYTES (1u << 20)

struct exec_args {
	const char *console_socket, *pidfd_socket, *cwd, *user, *process, *pid_file, *process_label,
		*apparmor, *cgroup;
	struct str_list env, additional_gids, caps;
	struct opt_u32 preserve_fds;
	bool tty, detach, no_new_privs, ignore_paused;
};

#define ARG(member) offsetof(struct exec_args, member)
static const struct cmd_option options[] = {
	{"console-socket", 0, OPTION_STRING, ARG(console_socket), "PATH",
	 "socket that gets the terminal"},
	{"pidfd-socket", 0, OPTION_STRING, ARG(pidfd_socket), "PATH",
	 "socket that gets a pidfd of the process"},
	{"cwd", 0, OPTION_STRING, ARG(cwd), "DIR", "working directory in the container"},
	{"env", 'e', OPTION_LIST, ARG(env), "NAME=VALUE", "add to the environment (repeatable)"},
	{"tty", 't', OPTION_FLAG, ARG(tty), NULL, "give the process a terminal"},
	{"user", 'u', OPTION_STRING, ARG(user), "UID[:GID]", "run as this user, in numbers"},
	{"additional-gids", 'g', OPTION_LIST, ARG(additional_gids), "GID",
	 "supplementary group (repeatable)"},
	{"process", 'p', OPTION_STRING, ARG(process), "FILE", "a process object as in config.json"},
	{"detach", 'd', OPTION_FLAG, ARG(detach), NULL, "return once the process runs"},
	{"pid-file", 0, OPTION_STRING, ARG(pid_file), "PATH", "where to write the pid"},
	{"process-label", 0, OPTION_STRING, ARG(process_label), "LABEL", "SELinux label"},
	{"apparmor", 0, OPTION_STRING, ARG(apparmor), "PROFILE", "AppArmor profile"},
	{"no-new-privs", 0, OPTION_FLAG, ARG(no_new_privs), NULL, "set no_new_privs"},
	{"cap", 'c', OPTION_LIST, ARG(caps), "CAP",
	 "add a capability, within the plan's bounds (repeatable)"},
	{"preserve-fds", 0, OPTION_U32, ARG(preserve_fds), "N",
	 "keep N more descriptors open, from 3 on"},
	{"cgroup", 0, OPTION_STRING, ARG(cgroup), "PATH",
	 "run in this cgroup beneath the container's, made if missing"},
	{"ignore-paused", 0, OPTION_FLAG, ARG(ignore_paused), NULL, "also in a paused container"},
};

static int read_process(const struct cmd_context *ctx, const char *path, struct spec_process **ret,
			struct err *err)
{
	char *text;
	size_t len;

	if (file_read(AT_FDCWD, path, PROCESS_MAX_BYTES, ctx->arena, &text, &len, err) < 0 ||
	    spec_parse_process(text, len, ctx->arena, ret, err) < 0)
		return err_context(err, "--process '%s'", path);
	return 0;
}

static int fill_request(const struct cmd_context *ctx, const struct exec_args *args,
			struct policy_exec_request *ret, struct err *err)
{
	struct spec_process *process = NULL;

	if (args->process && read_process(ctx, args->process, &process, err) < 0)
		return -1;
	*ret = (struct policy_exec_request){
		.process = process,
		.args = {.items = ctx->args + 1, .n = ctx->n_args - 1},
		.env = args->env,
		.cwd = args->cwd,
		.user = args->user,
		.caps = args->caps,
		.no_new_privs = args->no_new_privs,
		.tty = args->tty,
		.console_socket = args->console_socket != NULL,
		.detached = args->detach,
		.apparmor = args->apparmor,
		.process_label = args->process_label,
		.preserve_fds = args->preserve_fds.v,
	};
	for (size_t i = 0; i < args->additional_gids.n; i++) {
		uint32_t *gid = ARENA_PUSH(ctx->arena, &ret->additional_gids);

		if (!gid)
			return err_oom(err);
		if (!num_parse_id(args->additional_gids.items[i], gid))
			return err_set(err, ERR_USAGE, "--additional-gids: '%s' is not a group id",
				       args->additional_gids.items[i]);
	}
	return 0;
}

static int check_status(struct container *c, const struct exec_args *args, struct err *err)
{
	if (c->status == LIFECYCLE_PAUSED && args->ignore_paused)
		return 0;
	return container_check(c, LIFECYCLE_EXEC, err);
}

/* Launches, serves, and lets go: the process runs when this returns 0. */
static int start_process(const struct plan *plan, const struct container *c,
			 const struct exec_args *args, struct init *init, struct err *err)
{
	autoprepared prepared = PREPARED_INIT;
	struct act_request request = {
		.state_dirfd = c->dir.dirfd,
		.detached = args->detach,
		.go_ahead = !args->pid_file,
		.console_socket = args->console_socket,
		.pidfd_socket = args->pidfd_socket,
		.cgroup_root = c->record.cgroup_root,
		.init_pidfd = c->init_pidfd,
		.init_pid = (pid_t)c->record.pid,
		.sub_cgroup = args->cgroup,
		.cgroup_path = c->record.cgroup_path,
	};

	prepared.cgroup.committed = true; /* the container's, not ours to remove */
	if (act_prepare(plan, &request, &prepared, err) < 0 ||
	    act_launch(plan, &prepared, &request, init, err) < 0 ||
	    act_serve(plan, &prepared, &request, init, err) < 0)
		return -1;
	if (args->pid_file && container_write_pid_file(args->pid_file, init->pid, err) < 0)
		return -1;
	if (act_commit(plan, &prepared, &request, init, err) < 0) {
		/* conmon takes an existing pid file for a process that ran. */
		if (args->pid_file)
			container_remove_pid_file(args->pid_file);
		return -1;
	}
	return 0;
}

/* Mode audit: the ceiling is the OCI plan; beside it the process is held to the plan that
 * enforce would have made, and what comes out is told. */
static int tell_would(const struct cmd_context *ctx, const struct container *c,
		      const struct policy_exec_request *request, const struct host *host,
		      struct err *err)
{
	struct err refusal = ERR_INIT;
	autoplan ceiling = PLAN_INIT;
	autoplan plan = PLAN_INIT;

	if (!c->record.trail)
		return 0;
	if (c->record.would_refuse) {
		err_policy(&refusal, c->record.would_refuse,
			   "the container itself would have been refused");
		return container_tell_would(ctx, c, NULL, &refusal, err);
	}
	/* Of a container that an older kanuki made nobody knows; only a line hangs on it. */
	if (container_read_would(c, &ceiling, &refusal) < 0) {
		(void)err_context(&refusal,
				  "what the policy would do with this process is not known");
		log_warning(&refusal);
		return 0;
	}
	if (policy_resolve_exec(request, &ceiling, host, &plan, &refusal) < 0) {
		if (refusal.kind != ERR_SYSTEM)
			return container_tell_would(ctx, c, NULL, &refusal, err);
		*err = refusal; /* no memory */
		return -1;
	}
	return plan.changes.n ? container_tell_would(ctx, c, &plan, NULL, err) : 0;
}

/* A pod's pause container is let in without a scan for its one program, which the site knows; of
 * what else lies in its image nobody knows anything. */
static int check_class(const struct cmd_context *ctx, const struct container *c, bool audit_mode,
		       struct err *err)
{
	struct err refusal = ERR_INIT;

	if (!c->record.image_class || strcmp(c->record.image_class, "pause") != 0)
		return 0;
	(void)err_policy(&refusal, "H-85",
			 "a pause container is let in without a scan, for its one program; no "
			 "other is run in it");
	if (audit_mode)
		return container_tell_would(ctx, c, NULL, &refusal, err);
	*err = refusal;
	return container_tell_refused(ctx, c, err);
}

static int run(const struct cmd_context *ctx, void *data, struct err *err)
{
	const struct exec_args *args = data;
	autocontainer container = CONTAINER_INIT;
	autoplan ceiling = PLAN_INIT;
	autoplan plan = PLAN_INIT;
	autoinit init = INIT_INIT;
	struct policy_exec_request request;
	autofd int pidfd = -1;
	struct host host;
	int status;

	if (fds_fill_standard(err) < 0 ||
	    fds_close_inherited(args->preserve_fds.v, ctx->log->fd, err) < 0 ||
	    container_open(ctx, ctx->args[0], false, &container, err) < 0 ||
	    check_status(&container, args, err) < 0 ||
	    container_read_plan(&container, &ceiling, err) < 0 ||
	    fill_request(ctx, args, &request, err) < 0 || host_probe(&host, err) < 0)
		return -1;
	if (policy_resolve_exec(&request, &ceiling, &host, &plan, err) < 0)
		return container_tell_refused(ctx, &container, err);
	if (plan.own_binary == OWN_BINARY_SEALED_COPY &&
	    own_binary_enter_copy(ctx->argv, ctx->envp, ctx->log->given_fd, err) < 0)
		return -1;
	if (check_class(ctx, &container, ceiling.audit_mode, err) < 0)
		return -1;
	decide_log_changes(ctx, &plan);
	if (ceiling.audit_mode && tell_would(ctx, &container, &request, &host, err) < 0)
		return -1;
	if (container_tell(ctx, &container, TRAIL_EXEC, &plan, err) < 0)
		return -1;
	if ((!args->detach && relay_block_signals(err) < 0) ||
	    start_process(&plan, &container, args, &init, err) < 0)
		return -1;
	pidfd = steal_fd(&init.pidfd); /* the process runs: no longer ours to kill */
	if (args->detach)
		return 0;
	if (relay_run(init.pid, pidfd, steal_fd(&init.terminal_fd), NULL, &status, err) < 0)
		return -1;
	return status;
}

const struct cmd cmd_exec = {
	.name = "exec",
	.synopsis = "[OPTIONS] CONTAINER [COMMAND [ARGUMENTS]]",
	.summary = "run one more process in a container",
	.options = options,
	.n_options = ARRAY_LEN(options),
	.args_size = sizeof(struct exec_args),
	.min_args = 1,
	.max_args = SIZE_MAX,
	.stop_at_first = true,
	.failure_status = 255,
	.run = run,
};
