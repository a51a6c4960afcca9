/* H-70: Landlock as a second lock on writing and executing.
 *
 * Rights are given to hierarchies and nothing takes a right away beneath one, so
 * "execute everywhere but in /tmp" is said by naming every other directory beside
 * it.  A rule of a directory covers what is mounted beneath it, too.
 */
#include "config.h"

#include "act/rootfs.h"

#include "base/auto.h"
#include "base/path.h"
#include "sys/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/landlock.h>
#include <stdio.h>
#include <string.h>

#include "base/banned.h"

#define FILE_RIGHTS (LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_TRUNCATE)
#define MAX_DEPTH 16
#define MAX_ENTRIES 65536 /* each costs a rule, which is memory of the kernel's */

/* What the running kernel's ABI knows; unknown bits would be refused. */
static uint64_t known_rights(int abi)
{
	uint64_t rights = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1; /* ABI 1 */

	if (abi >= 2)
		rights |= LANDLOCK_ACCESS_FS_REFER;
	if (abi >= 3)
		rights |= LANDLOCK_ACCESS_FS_TRUNCATE;
	return rights;
}

static int add_rule(const struct child *child, int fd, uint64_t rights, const char *path, struct err *err)
{
	struct landlock_path_beneath_attr attr = {.allowed_access = rights, .parent_fd = fd};

	if (!rights)
		return 0;
	if (sys_landlock_add_rule(child->landlock_fd, LANDLOCK_RULE_PATH_BENEATH, &attr, 0) < 0)
		return err_sys(err, "Landlock rule for '%s'", path);
	return 0;
}

/* Links of the image are followed; they lie in the read-only root.  A place beneath
 * a writable mount, where the container might put links of its own before an exec,
 * has no rule of its own: the one above holds (rules_lsm.c).  Should one be met all
 * the same, it gains nothing: only the top of a mount is given, and not of the
 * root's, and only the runtime makes mounts. */
static int allow_writing(const struct plan_landlock *l, struct child *child, int root_fd, uint64_t handled,
			 struct err *err)
{
	uint64_t rights = handled & ~(uint64_t)LANDLOCK_ACCESS_FS_EXECUTE;
	struct statx root;

	if (sys_statx(root_fd, "", AT_EMPTY_PATH, STATX_INO | STATX_MNT_ID, &root) < 0)
		return err_sys(err, "Landlock: look at the root");
	for (size_t i = 0; i < l->writable.n; i++) {
		const char *path = l->writable.items[i];
		autofd int fd = rootfs_resolve(root_fd, path, O_PATH, 0);
		struct statx st;

		if (fd < 0) {
			if (errno == ENOENT)
				continue; /* a mount the plan skips where its target is missing */
			return err_sys(err, "Landlock: open '%s'", path);
		}
		if (sys_statx(fd, "", AT_EMPTY_PATH, STATX_TYPE | STATX_MNT_ID, &st) < 0)
			return err_sys(err, "Landlock: look at '%s'", path);
		if (!(st.stx_attributes & STATX_ATTR_MOUNT_ROOT) || st.stx_mnt_id == root.stx_mnt_id)
			continue;
		if (add_rule(child, fd, S_ISDIR(st.stx_mode) ? rights : rights & FILE_RIGHTS, path, err) < 0)
			return -1;
	}
	return 0;
}

/* Where a hierarchy of the plan really is.  A mount on a link of the image's
 * (/var/lock -> /run/lock) lies where the link leads, and the walk below sees real
 * directories only.  One that is missing stays as it is written. */
static int resolve_excluded(struct child *child, int root_fd, const char *path, const char **ret, struct err *err)
{
	autofd int fd = rootfs_resolve(root_fd, path, O_PATH, 0);
	char name[32], real[PATH_MAX];
	ssize_t n;

	*ret = path;
	if (fd < 0)
		return errno == ENOENT || errno == ENOTDIR ? 0 : err_sys(err, "Landlock: open '%s'", path);
	(void)snprintf(name, sizeof(name), "self/fd/%d", fd);
	n = sys_readlinkat(child->proc_fd, name, real, sizeof(real) - 1);
	if (n < 0)
		return err_sys(err, "Landlock: ask where '%s' is", path);
	real[n] = 0;
	if (real[0] != '/')
		return err_set(err, ERR_SYSTEM, "Landlock: '%s' is nowhere in the root", path);
	*ret = arena_strdup(&child->arena, real);
	return *ret ? 0 : err_oom(err);
}

static int resolve_all_excluded(const struct plan_landlock *l, struct child *child, int root_fd, struct str_list *ret,
				struct err *err)
{
	for (size_t i = 0; i < l->no_exec.n; i++) {
		const char **item = ARENA_PUSH(&child->arena, ret);

		if (!item)
			return err_oom(err);
		if (resolve_excluded(child, root_fd, l->no_exec.items[i], item, err) < 0)
			return -1;
	}
	return 0;
}

enum relation { APART, IS_EXCLUDED, HOLDS_EXCLUDED };

static enum relation relate(const struct str_list *no_exec, const char *path)
{
	enum relation relation = APART;

	for (size_t i = 0; i < no_exec->n; i++) {
		if (path_is_beneath(path, no_exec->items[i]))
			return IS_EXCLUDED;
		if (path_is_beneath(no_exec->items[i], path))
			relation = HOLDS_EXCLUDED;
	}
	return relation;
}

struct walk {
	DIR *dir;
	char path[PATH_MAX];
};

/* Gives one entry of a directory that holds an excluded one the right to execute,
 * or opens it to look further.  1: *ret_fd is to be walked. */
static int allow_entry(const struct str_list *no_exec, struct child *child, const struct walk *at, const char *name,
		       char path[PATH_MAX], int *ret_fd, struct err *err)
{
	autofd int fd = -1;
	struct stat st;
	int n = snprintf(path, PATH_MAX, "%s/%s", strcmp(at->path, "/") == 0 ? "" : at->path, name);
	enum relation relation;

	if (n < 0 || n >= PATH_MAX)
		return err_set(err, ERR_SPEC, "Landlock: a path in the image is longer than %d bytes", PATH_MAX);
	relation = relate(no_exec, path);
	if (relation == IS_EXCLUDED)
		return 0;
	fd = sys_openat(dirfd(at->dir), name,
			(relation == HOLDS_EXCLUDED ? O_RDONLY | O_DIRECTORY : O_PATH) | O_NOFOLLOW | O_CLOEXEC, 0);
	if (fd < 0) {
		if (errno == ENOENT || errno == ENOTDIR || errno == ELOOP)
			return 0; /* gone, or a link: what it points to has its own rule */
		return err_sys(err, "Landlock: open '%s'", path);
	}
	if (relation == HOLDS_EXCLUDED) {
		*ret_fd = steal_fd(&fd);
		return 1;
	}
	if (sys_fstat(fd, &st) < 0)
		return err_sys(err, "Landlock: look at '%s'", path);
	if (!S_ISDIR(st.st_mode) && !S_ISREG(st.st_mode))
		return 0;
	return add_rule(child, fd, LANDLOCK_ACCESS_FS_EXECUTE, path, err);
}

static int push(struct walk *stack, int *depth, int fd, const char *path, struct err *err)
{
	struct walk *w = &stack[*depth];

	if (*depth == MAX_DEPTH) {
		auto_close_fd(&fd);
		return err_set(err, ERR_SPEC, "Landlock: mounts are nested more than %d directories deep", MAX_DEPTH);
	}
	(void)snprintf(w->path, sizeof(w->path), "%s", path); /* bounded by PATH_MAX before */
	w->dir = fdopendir(fd);
	if (!w->dir) {
		auto_close_fd(&fd);
		return err_sys(err, "Landlock: list '%s'", path);
	}
	(*depth)++;
	return 0;
}

static int allow_executing(const struct plan_landlock *l, struct child *child, int root_fd, struct err *err)
{
	struct str_list no_exec = {0};
	struct walk *stack;
	unsigned entries = 0;
	int depth = 0, r;
	int fd;

	if (l->no_exec.n == 0)
		return add_rule(child, root_fd, LANDLOCK_ACCESS_FS_EXECUTE, "/", err);
	if (resolve_all_excluded(l, child, root_fd, &no_exec, err) < 0)
		return -1;
	fd = sys_openat(root_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	if (fd < 0)
		return err_sys(err, "Landlock: open the root");
	stack = arena_array(&child->arena, MAX_DEPTH, sizeof(*stack));
	if (!stack) {
		auto_close_fd(&fd);
		return err_oom(err);
	}
	r = push(stack, &depth, fd, "/", err);
	while (r == 0 && depth > 0) {
		struct walk *top = &stack[depth - 1];
		char path[PATH_MAX];
		struct dirent *e;
		int found;

		errno = 0;
		e = readdir(top->dir);
		if (!e && errno) {
			r = err_sys(err, "Landlock: list '%s'", top->path);
			break;
		}
		if (!e) {
			auto_close_dir(&top->dir);
			depth--;
			continue;
		}
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0 || e->d_type == DT_LNK)
			continue;
		if (++entries > MAX_ENTRIES) {
			r = err_set(err, ERR_SPEC,
				    "Landlock: more than %d files beside the mounts that are not to be executed, the last in '%s'; move the mount or the files",
				    MAX_ENTRIES, top->path);
			break;
		}
		found = allow_entry(&no_exec, child, top, e->d_name, path, &fd, err);
		r = found > 0 ? push(stack, &depth, fd, path, err) : found;
	}
	while (depth > 0)
		auto_close_dir(&stack[--depth].dir);
	return r;
}

int landlock_build(const struct plan *plan, struct child *child, struct err *err)
{
	const struct plan_landlock *l = &plan->landlock;
	struct landlock_ruleset_attr attr = {0};
	autofd int root_fd = -1;
	int abi;

	if (!l->enabled)
		return 0;
	abi = sys_landlock_create_ruleset(NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	if (abi < 0)
		abi = 0;
	if (abi < l->min_abi)
		return err_policy(err, "H-70", "Landlock ABI %d is needed, this kernel has %d", l->min_abi, abi);
	if (abi == 0)
		return 0; /* the plan says min_abi 0: shown there */
	attr.handled_access_fs = l->handled_fs & known_rights(abi);
	child->landlock_fd = sys_landlock_create_ruleset(&attr, sizeof(attr.handled_access_fs), 0);
	if (child->landlock_fd < 0)
		return err_sys(err, "create a Landlock rule set");
	root_fd = sys_open("/", O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
	if (root_fd < 0)
		return err_sys(err, "open the root");
	if (allow_writing(l, child, root_fd, attr.handled_access_fs, err) < 0)
		return -1;
	return allow_executing(l, child, root_fd, err);
}

int landlock_load(const struct plan *plan, struct child *child, struct err *err)
{
	(void)plan;
	if (child->landlock_fd < 0)
		return 0;
	if (sys_landlock_restrict_self(child->landlock_fd, 0) < 0)
		return err_sys(err, "enter the Landlock rule set");
	return 0;
}
