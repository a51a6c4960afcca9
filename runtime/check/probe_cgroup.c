/* A container's limits from its cgroup, and the one sysctl that only its own process
 * namespace shows. */
#include "config.h"

#include "check/probe_container.h"

#include "base/auto.h"
#include "base/num.h"
#include "sys/sys.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/banned.h"

/* The path in a line of /proc/PID/cgroup ("0::/x", "5:pids:/x"). */
static const char *path_of(const char *line)
{
	const char *at = strchr(line, ':');

	at = at ? strchr(at + 1, ':') : NULL;
	return at ? at + 1 : NULL;
}

/* The same line of the other process: its hierarchy and controllers are equal. */
static bool has_line(const char *text, const char *line)
{
	size_t len = strlen(line);

	for (const char *at = text; at && *at; at = strchr(at, '\n') ? strchr(at, '\n') + 1 : NULL)
		if (strncmp(at, line, len) == 0 && (at[len] == '\n' || at[len] == 0))
			return true;
	return false;
}

static int take_paths(const struct check_probe *p, int dirfd, struct check_confinement *c,
		      const char **ret_v2, struct err *err)
{
	char *text, *hosts, *line;

	*ret_v2 = NULL;
	if (check_read(p, dirfd, "cgroup", &text, err) < 0 ||
	    check_read(p, AT_FDCWD, "/proc/1/cgroup", &hosts, err) < 0)
		return -1;
	if (!text)
		return 0;
	c->cgroup_seen = true;
	c->cgroup_shared = true;
	while ((line = strsep(&text, "\n"))) {
		const char *path = path_of(line);

		if (!path)
			continue;
		if (strncmp(line, "0::", 3) == 0)
			*ret_v2 = path;
		if (strcmp(path, "/") != 0 && !(hosts && has_line(hosts, line)) &&
		    (c->cgroup_shared || strncmp(line, "0::", 3) == 0)) {
			c->cgroup_shared = false;
			c->cgroup = path;
		} else if (!c->cgroup) {
			c->cgroup = path;
		}
	}
	return 0;
}

/* The least of a file's values from the cgroup up to the top: all of them hold. */
static int read_limit(const struct check_probe *p, const char *root, const char *path,
		      const char *file, struct check_number *ret, struct err *err)
{
	char *at = arena_strdup(p->arena, path);

	if (!at)
		return err_oom(err);
	*ret = (struct check_number){.seen = true, .v = CHECK_UNLIMITED};
	for (;;) {
		const char *name = arena_printf(p->arena, "%s%s/%s", root, at, file);
		char *text, *slash = strrchr(at, '/');
		int64_t v;

		if (!name)
			return err_oom(err);
		if (check_read(p, AT_FDCWD, name, &text, err) < 0)
			return -1;
		if (text) {
			text[strcspn(text, " \n")] = 0;
			if (num_parse_i64(text, 0, CHECK_UNLIMITED, &v) && v < ret->v)
				ret->v = v;
		}
		if (!slash || !*at)
			return 0;
		*slash = 0;
	}
}

static int take_cpu(const struct check_probe *p, const char *root, const char *path,
		    struct check_confinement *c, struct err *err)
{
	struct check_number max, weight;

	if (read_limit(p, root, path, "cpu.max", &max, err) < 0 ||
	    read_limit(p, root, path, "cpu.weight", &weight, err) < 0)
		return -1;
	c->cpu_set = max.v != CHECK_UNLIMITED || (weight.v != CHECK_UNLIMITED && weight.v != 100)
			     ? SEEN_YES
			     : SEEN_NO;
	return 0;
}

int check_probe_cgroup(const struct check_probe *p, int dirfd, const struct host *host,
		       struct check_confinement *c, struct err *err)
{
	const char *path, *root = host->cgroup_root;
	char *text;

	if (take_paths(p, dirfd, c, &path, err) < 0)
		return -1;
	if (!path || host->cgroup == HOST_CGROUP_NONE)
		return check_note(p, err, "its limits can't be read: no cgroup version 2 here");
	text = arena_printf(p->arena, "%s%s/cgroup.procs", root, path);
	if (!text)
		return err_oom(err);
	if (sys_faccessat2(AT_FDCWD, text, F_OK, 0) < 0)
		return check_note(p, err, "its limits can't be read: there is no %s", text);
	if (read_limit(p, root, path, "pids.max", &c->pids_max, err) < 0 ||
	    read_limit(p, root, path, "memory.max", &c->memory_max, err) < 0)
		return -1;
	return take_cpu(p, root, path, c, err);
}

/* In the grandchild: one read, one write, nothing else. */
static void answer(int fd)
{
	char text[24];
	int file = sys_open("/proc/sys/vm/memfd_noexec", O_RDONLY | O_CLOEXEC | O_NOCTTY, 0);
	ssize_t n = file < 0 ? -1 : sys_read(file, text, sizeof(text));

	if (n > 0)
		n = sys_write(fd, text, (size_t)n);
	sys_exit(n > 0 ? 0 : 1);
}

/* setns(2) of a process namespace is for children only: the child joins, its child reads. */
static void ask(int ns_fd, int fd)
{
	pid_t pid;
	siginfo_t info;

	if (sys_setns(ns_fd, CLONE_NEWPID) < 0)
		sys_exit(1);
	pid = fork();
	if (pid == 0)
		answer(fd);
	sys_exit(pid > 0 && sys_waitid(P_PID, (id_t)pid, &info, WEXITED, NULL) == 0 ? 0 : 1);
}

void check_probe_memfd(int dirfd, struct check_confinement *c)
{
	autofd int ns_fd = sys_openat(dirfd, "ns/pid", O_RDONLY | O_CLOEXEC, 0);
	int fds[2];
	char text[24];
	siginfo_t info;
	ssize_t n;
	pid_t pid;

	if (ns_fd < 0 || sys_pipe2(fds, O_CLOEXEC) < 0)
		return;
	pid = fork();
	if (pid == 0)
		ask(ns_fd, fds[1]);
	(void)sys_close(fds[1]); /* the child's */
	n = pid < 0 ? -1 : sys_read(fds[0], text, sizeof(text) - 1);
	(void)sys_close(fds[0]); /* read from */
	if (pid > 0 && sys_waitid(P_PID, (id_t)pid, &info, WEXITED, NULL) < 0)
		return;
	if (n <= 0)
		return;
	text[n] = 0;
	text[strcspn(text, "\n")] = 0;
	c->memfd_noexec.seen = num_parse_i64(text, 0, 2, &c->memfd_noexec.v);
}
