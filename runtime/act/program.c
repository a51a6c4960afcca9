/* The last steps before and at execve: working directory, HOME, the program.
 *
 * Runs as the container's user inside the container's root; the image is
 * hostile, so nothing of it is opened without a type check or read without a
 * bound (T-CFG-9, T-FD-3, W-35, W-36).
 */
#include "config.h"

#include "act/process.h"
#include "base/auto.h"
#include "base/list.h"
#include "base/num.h"
#include "sys/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>

#include "base/banned.h"

#define PASSWD_MAX_BYTES (1u << 20)
#define DEFAULT_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

/* CVE-2024-21626: a working directory reached through a leaked descriptor is
 * outside our root, which the raw getcwd(2) shows and libc's hides. */
static int enter_cwd(const struct plan_process *p, struct err *err)
{
	char cwd[4096];
	ssize_t n;

	if (sys_chdir(p->cwd) < 0)
		return err_sys(err, "process.cwd: enter '%s'", p->cwd);
	n = sys_getcwd(cwd, sizeof(cwd));
	if (n < 0)
		return err_sys(err, "process.cwd: ask where '%s' is", p->cwd);
	if (cwd[0] != '/')
		return err_set(err, ERR_EXEC, "process.cwd: '%s' is outside the container's root",
			       p->cwd);
	return 0;
}

/* Home directory of `uid` in one passwd(5) line, or NULL. */
static const char *home_in_line(char *line, uint32_t uid)
{
	char *field[7];
	uint32_t line_uid;

	for (int i = 0; i < 7; i++)
		field[i] = strsep(&line, ":");
	if (!field[5] || !num_parse_id(field[2], &line_uid) || line_uid != uid ||
	    field[5][0] != '/')
		return NULL;
	/* A control character would smuggle a line into whatever prints it. */
	for (const char *c = field[5]; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			return NULL;
	return field[5];
}

/* The image's own passwd, if it is a plain file of a bounded size; "/" otherwise:
 * a hostile or missing file is the image's loss, not ours. */
static const char *find_home(struct child *child, uint32_t uid)
{
	struct open_how how = {.flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC,
			       .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS};
	autofd int root_fd = sys_open("/", O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
	autofd int fd = -1;
	struct statfs sfs;
	struct stat st;
	size_t size, len = 0;
	char *text;

	if (root_fd < 0)
		return "/";
	fd = sys_openat2(root_fd, "etc/passwd", &how);
	if (fd < 0 || sys_fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) ||
	    st.st_size > PASSWD_MAX_BYTES || sys_fstatfs(fd, &sfs) < 0 ||
	    sfs.f_type == PROC_SUPER_MAGIC)
		return "/";
	/* What it has grown by since is not read. */
	size = (size_t)st.st_size;
	text = arena_alloc(&child->arena, size + 1);
	if (!text)
		return "/";
	while (len < size) {
		ssize_t n = sys_read(fd, text + len, size - len);

		if (n <= 0)
			break;
		len += (size_t)n;
	}
	text[len] = 0;
	for (char *rest = text, *line; (line = strsep(&rest, "\n"));) {
		const char *home = home_in_line(line, uid);

		if (home)
			return home;
	}
	return "/";
}

static int build_vectors(const struct plan *plan, struct child *child, struct err *err)
{
	const struct plan_process *p = &plan->process;
	size_t n = 0;

	child->argv = arena_array(&child->arena, p->args.n + 1, sizeof(char *));
	child->envp = arena_array(&child->arena, p->env.n + 2, sizeof(char *));
	if (!child->argv || !child->envp)
		return err_oom(err);
	for (size_t i = 0; i < p->args.n; i++)
		child->argv[i] = (char *)p->args.items[i];
	for (size_t i = 0; i < p->env.n; i++)
		child->envp[n++] = (char *)p->env.items[i];
	if (p->home == HOME_FROM_PASSWD) {
		child->envp[n] = arena_printf(&child->arena, "HOME=%s", find_home(child, p->uid));
		if (!child->envp[n])
			return err_oom(err);
	}
	return 0;
}

static const char *find_env(char **envp, const char *name, const char *fallback)
{
	size_t len = strlen(name);

	for (; *envp; envp++)
		if (strncmp(*envp, name, len) == 0 && (*envp)[len] == '=')
			return *envp + len + 1;
	return fallback;
}

/* 0: a regular file we may execute.  -1 and errno. */
static int check_program(const char *path)
{
	/* O_PATH opens nothing: a FIFO or a device can't hang or act. */
	autofd int fd = sys_open(path, O_PATH | O_CLOEXEC, 0);
	struct stat st;

	if (fd < 0 || sys_fstat(fd, &st) < 0)
		return -1;
	if (S_ISDIR(st.st_mode)) {
		errno = EISDIR;
		return -1;
	}
	if (!S_ISREG(st.st_mode)) {
		errno = EACCES;
		return -1;
	}
	return sys_faccessat2(AT_FDCWD, path, X_OK, AT_EACCESS);
}

static int find_in_path(struct child *child, const char *name, struct err *err)
{
	const char *dirs = find_env(child->envp, "PATH", DEFAULT_PATH);
	bool denied = false;

	for (const char *end; *dirs; dirs = *end ? end + 1 : end) {
		char *path;

		end = strchrnul(dirs, ':');
		if (dirs[0] != '/') /* never the working directory's */
			continue;
		path = arena_printf(&child->arena, "%.*s/%s", (int)(end - dirs), dirs, name);
		if (!path)
			return err_oom(err);
		if (check_program(path) == 0) {
			child->program = path;
			return 0;
		}
		denied = denied || errno == EACCES;
	}
	if (denied)
		return err_set(err, ERR_EXEC, "process.args[0]: exec '%s': permission denied",
			       name);
	return err_set(err, ERR_EXEC,
		       "process.args[0]: exec '%s': executable file not found in $PATH", name);
}

int program_prepare(const struct plan *plan, struct child *child, struct err *err)
{
	const char *name = plan->process.args.items[0];

	if (enter_cwd(&plan->process, err) < 0 || build_vectors(plan, child, err) < 0)
		return -1;
	if (!strchr(name, '/'))
		return find_in_path(child, name, err);
	if (check_program(name) < 0)
		return err_set(err, ERR_EXEC, "process.args[0]: exec '%s': %s", name,
			       errno == EISDIR	 ? "permission denied (is a directory)" /* podman: 126 */
			       : errno == EACCES ? "permission denied"
						 : strerror(errno));
	child->program = arena_strdup(&child->arena, name);
	return child->program ? 0 : err_oom(err);
}

int program_exec(const struct plan *plan, struct child *child, struct err *err)
{
	const char *hint = "";

	/* execve, not execveat: the one call that every filter of a bundle allows. */
	(void)sys_execve(child->program, child->argv, child->envp); /* returns on failure only */
	if (errno == EACCES && plan->landlock.exec_only.n)
		hint = " (H-73: it, or its loader, is not in the policy's commands.allow)";
	else if (errno == EACCES && plan->landlock.no_daemons.n) /* its mode was asked before: program_prepare() */
		hint = " (it, its loader or its interpreter is held by superDaemons (H-82), "
		       "commands.deny (H-73) or a noexec "
		       "mount (H-22))";
	return err_set(err, ERR_EXEC, "exec '%s': %s%s", plan->process.args.items[0],
		       strerror(errno), hint);
}
