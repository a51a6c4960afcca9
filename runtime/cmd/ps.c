/* kanuki ps: the processes of a container, as ps(1) shows them or as JSON. */
#include "config.h"

#include "base/auto.h"
#include "base/json_out.h"
#include "base/num.h"
#include "cmd/container.h"
#include "sys/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/banned.h"

struct ps_args {
	const char *format;
};

static const struct cmd_option options[] = {
	{"format", 'f', OPTION_STRING, offsetof(struct ps_args, format), "FORMAT",
	 "table (default) or json"},
};

static bool has_pid(const int64_t *pids, size_t n, uint64_t pid)
{
	for (size_t i = 0; i < n; i++)
		if (pids[i] == (int64_t)pid)
			return true;
	return false;
}

/* Copies the header and the lines whose PID column names one of ours. */
static int filter_lines(FILE *from, const int64_t *pids, size_t n, struct err *err)
{
	autofree char *line = NULL;
	size_t cap = 0, column = 0;
	bool header = true;

	while (getline(&line, &cap, from) > 0) {
		autofree char *copy = strdup(line);
		char *rest = copy, *word;
		uint64_t pid;

		if (!copy)
			return err_oom(err);
		for (size_t i = 0; (word = strsep(&rest, " \t\n"));) {
			if (!*word)
				continue;
			if (header && strcmp(word, "PID") == 0)
				column = i + 1;
			if (!header && i + 1 == column && num_parse_u64(word, INT64_MAX, &pid) &&
			    has_pid(pids, n, pid))
				(void)fputs(line, stdout); /* checked at the flush */
			i++;
		}
		if (header && !column)
			return err_set(err, ERR_USAGE, "ps: the output has no PID column");
		if (header)
			(void)fputs(line, stdout); /* checked at the flush */
		header = false;
	}
	return 0;
}

/* By absolute path: whoever calls us may have no PATH, or a hostile one. */
static void __attribute__((noreturn)) exec_ps(int out_fd, char **argv)
{
	static char *env[] = {"PATH=/usr/bin:/bin", NULL};
	sigset_t none;

	sigemptyset(&none);
	if (sys_sigprocmask(SIG_SETMASK, &none, NULL) == 0 &&
	    sys_dup3(out_fd, STDOUT_FILENO, 0) >= 0) {
		(void)sys_execveat(AT_FDCWD, "/usr/bin/ps", argv, env, 0);
		(void)sys_execveat(AT_FDCWD, "/bin/ps", argv, env, 0); /* both return on failure only */
	}
	sys_exit(127);
}

static int show_table(const struct cmd_context *ctx, const int64_t *pids, size_t n, struct err *err)
{
	static char *default_argv[] = {"ps", "-ef", NULL};
	char **argv = default_argv;
	siginfo_t info = {0};
	int pipe_fds[2];
	FILE *from;
	pid_t pid;
	int r;

	if (ctx->n_args > 1) {
		argv = arena_array(ctx->arena, ctx->n_args + 1, sizeof(*argv));
		if (!argv)
			return err_oom(err);
		argv[0] = default_argv[0];
		for (size_t i = 1; i < ctx->n_args; i++)
			argv[i] = (char *)ctx->args[i];
	}
	if (sys_pipe2(pipe_fds, O_CLOEXEC) < 0)
		return err_sys(err, "create a pipe");
	pid = fork();
	if (pid < 0) {
		(void)sys_close(pipe_fds[0]);
		(void)sys_close(pipe_fds[1]);
		return err_sys(err, "start ps");
	}
	if (pid == 0)
		exec_ps(pipe_fds[1], argv);
	(void)sys_close(pipe_fds[1]);
	from = fdopen(pipe_fds[0], "r");
	if (!from) {
		(void)sys_close(pipe_fds[0]);
		return err_sys(err, "read from ps");
	}
	r = filter_lines(from, pids, n, err);
	(void)fclose(from); /* only read */
	if (sys_waitid(P_PID, (id_t)pid, &info, WEXITED, NULL) < 0)
		return err_sys(err, "collect ps");
	if (r == 0 && (info.si_code != CLD_EXITED || info.si_status != 0))
		return err_set(err, ERR_SYSTEM, "ps ended with status %d", info.si_status);
	return r;
}

static int show_json(const int64_t *pids, size_t n, struct err *err)
{
	struct json_out o __attribute__((cleanup(json_out_release))) = JSON_OUT_INIT;

	json_out_array(&o, NULL);
	for (size_t i = 0; i < n; i++)
		json_out_i64(&o, NULL, pids[i]);
	json_out_end_array(&o);
	if (json_out_finish(&o, err) < 0)
		return -1;
	(void)puts(str_text(&o.text)); /* checked at the flush */
	return 0;
}

static int run(const struct cmd_context *ctx, void *data, struct err *err)
{
	const struct ps_args *args = data;
	struct cgroup cgroup __attribute__((cleanup(cgroup_release))) = CGROUP_INIT;
	autocontainer container = CONTAINER_INIT;
	int64_t *pids;
	size_t n;

	if (args->format && strcmp(args->format, "json") != 0 && strcmp(args->format, "table") != 0)
		return err_set(err, ERR_USAGE, "--format: '%s' is neither table nor json",
			       args->format);
	if (container_open(ctx, ctx->args[0], false, &container, err) < 0 ||
	    container_check(&container, LIFECYCLE_PS, err) < 0 ||
	    container_open_cgroup(&container, &cgroup, err) < 0)
		return -1;
	cgroup.committed = true;
	if (cgroup_pids(&cgroup, ctx->arena, &pids, &n, err) < 0)
		return -1;
	return args->format && strcmp(args->format, "json") == 0 ? show_json(pids, n, err)
								  : show_table(ctx, pids, n, err);
}

const struct cmd cmd_ps = {
	.name = "ps",
	.synopsis = "[OPTIONS] CONTAINER [PS OPTIONS]",
	.summary = "list the processes of a container",
	.options = options,
	.n_options = ARRAY_LEN(options),
	.args_size = sizeof(struct ps_args),
	.min_args = 1,
	.max_args = SIZE_MAX,
	.stop_at_first = true,
	.failure_status = 1,
	.run = run,
};
