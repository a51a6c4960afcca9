/* kanuki kill: a signal to the container's init, or to all of its processes. */
#include "config.h"

#include "cmd/container.h"
#include "cmd/relay.h"
#include "sys/sys.h"

#include <errno.h>
#include <signal.h>

#include "base/banned.h"

struct kill_args {
	bool all;
};

static const struct cmd_option options[] = {
	{"all", 'a', OPTION_FLAG, offsetof(struct kill_args, all), NULL,
	 "signal every process of the container"},
};

static int signal_all(struct container *c, int sig, struct err *err)
{
	struct cgroup cgroup __attribute__((cleanup(cgroup_release))) = CGROUP_INIT;

	if (container_open_cgroup(c, &cgroup, err) < 0) {
		/* One that never had a cgroup may have processes all the same. */
		if (err->kind != ERR_NOT_FOUND || !c->record.cgroup_path)
			return -1;
		err_clear(err); /* its cgroup is gone, so are they */
		return 0;
	}
	cgroup.committed = true;
	return cgroup_kill(&cgroup, sig, err);
}

static int run(const struct cmd_context *ctx, void *data, struct err *err)
{
	const struct kill_args *args = data;
	autocontainer container = CONTAINER_INIT;
	int sig = ctx->n_args > 1 ? relay_signal_number(ctx->args[1]) : SIGTERM;

	if (sig < 0)
		return err_set(err, ERR_USAGE, "kill: unknown signal '%s'", ctx->args[1]);
	if (container_open(ctx, ctx->args[0], false, &container, err) < 0)
		return -1;
	if (container_check(&container, args->all ? LIFECYCLE_KILL_ALL : LIFECYCLE_KILL, err) < 0)
		return -1;
	if (container_tell(ctx, &container, TRAIL_KILL, NULL, err) < 0)
		return -1;
	/* Processes of a stopped container can be left where it shares a pid
	 * namespace: --all reaches them by the cgroup. */
	if (args->all)
		return signal_all(&container, sig, err);
	/* Without a pid namespace of its own its death takes nobody along. */
	if (sig == SIGKILL && !container.record.own_pid_namespace && container.record.cgroup_path)
		return signal_all(&container, sig, err);
	if (sys_pidfd_send_signal(container.init_pidfd, sig, 0) < 0) {
		if (errno == ESRCH)
			return err_set(err, ERR_NOT_RUNNING,
				       "container not running: no such process");
		return err_sys(err, "send signal %d to process %d", sig, (int)container.record.pid);
	}
	return 0;
}

const struct cmd cmd_kill = {
	.name = "kill",
	.synopsis = "[OPTIONS] CONTAINER [SIGNAL]",
	.summary = "send a signal (default SIGTERM) to a container's init",
	.options = options,
	.n_options = ARRAY_LEN(options),
	.args_size = sizeof(struct kill_args),
	.min_args = 1,
	.max_args = 2,
	.stop_at_first = true,
	.failure_status = 1,
	.run = run,
};
