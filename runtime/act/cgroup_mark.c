/* Whose a cgroup is (cgroup.h).  One attribute of its directory, "ID DEVICE:INODE", the
 * numbers being those of the container's state directory. */
#include "config.h"

#include "act/cgroup.h"

#include "sys/sys.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include "base/banned.h"

#define MARK_NAME "trusted.kanuki.container"
#define MARK_SIZE 1100 /* an id is at most 1024 bytes */

static int print_mark(const char *id, int state_dirfd, char ret[MARK_SIZE], struct err *err)
{
	struct stat st;
	int n;

	if (sys_fstat(state_dirfd, &st) < 0)
		return err_sys(err, "look at the state directory");
	n = snprintf(ret, MARK_SIZE, "%s %llu:%llu", id, (unsigned long long)st.st_dev,
		     (unsigned long long)st.st_ino);
	return n > 0 && n < MARK_SIZE ? 0
				      : err_set(err, ERR_STATE, "the container's id is too long");
}

/* 1: there is one, 0: none, -1: none can be. */
static int read_mark(const struct cgroup *cg, char ret[MARK_SIZE], struct err *err,
		     bool *ret_failed)
{
	ssize_t n = sys_fgetxattr(cg->dirfd, MARK_NAME, ret, MARK_SIZE - 1);

	*ret_failed = false;
	if (n >= 0) {
		ret[n] = 0;
		return 1;
	}
	if (errno == ENODATA || errno == ENOENT || errno == ENODEV) /* gone: nobody's any more */
		return 0;
	if (errno == EOPNOTSUPP || errno == EPERM || errno == EACCES)
		return -1;
	*ret_failed = true;
	return err_sys(err, "read whose cgroup '%s' is", cg->path);
}

static bool is_of(const char *mark, const char *id)
{
	size_t len = strlen(id);

	return strncmp(mark, id, len) == 0 && mark[len] == ' ';
}

static int taken(const struct cgroup *cg, struct err *err)
{
	char mark[MARK_SIZE];
	bool failed;

	if (read_mark(cg, mark, err, &failed) <= 0)
		return failed ? -1
			      : err_set(err, ERR_STATE,
					"cgroupsPath: '%s' is being made by another; choose "
					"another path",
					cg->path);
	return err_set(err, ERR_STATE,
		       "cgroupsPath: '%s' is the cgroup of container '%.*s'; delete that one, or "
		       "choose another path",
		       cg->path, (int)strcspn(mark, " "), mark);
}

int cgroup_mark(struct cgroup *cg, const char *id, int state_dirfd, struct err *err)
{
	char mark[MARK_SIZE], old[MARK_SIZE];
	bool failed, again;

	if (print_mark(id, state_dirfd, mark, err) < 0)
		return -1;
	/* That of the same id is what is left of a state that is lost. */
	again = cg->n_made == 0 && read_mark(cg, old, err, &failed) > 0 && is_of(old, id);
	if (err->kind != ERR_NONE)
		return -1;
	if (sys_fsetxattr(cg->dirfd, MARK_NAME, mark, strlen(mark), again ? 0 : XATTR_CREATE) ==
	    0) {
		cg->marked = true;
		return 0;
	}
	if (errno == EEXIST)
		return taken(cg, err);
	return errno == EPERM || errno == EOPNOTSUPP
		       ? 0
		       : err_sys(err, "mark cgroup '%s' as the container's", cg->path);
}

int cgroup_check_parent(const struct cgroup *cg, struct err *err)
{
	char mark[MARK_SIZE];
	bool failed;

	if (read_mark(cg, mark, err, &failed) <= 0)
		return failed ? -1 : 0;
	return err_set(err, ERR_STATE,
		       "cgroupsPath: '%s' is beneath the cgroup of container '%.*s'; choose a path "
		       "beside it",
		       cg->path, (int)strcspn(mark, " "), mark);
}

int cgroup_whose(const struct cgroup *cg, const char *id, int state_dirfd, enum cgroup_owner *ret,
		 struct err *err)
{
	char mark[MARK_SIZE], found[MARK_SIZE];
	bool failed;
	int r;

	if (print_mark(id, state_dirfd, mark, err) < 0)
		return -1;
	r = read_mark(cg, found, err, &failed);
	if (failed)
		return -1;
	if (r > 0)
		*ret = strcmp(found, mark) == 0 ? CGROUP_OURS : CGROUP_ANOTHERS;
	else if (r < 0)
		*ret = CGROUP_UNKNOWN;
	else /* Who may not see marks is told that there is none; who may not remove them is told so. */
		*ret = sys_fremovexattr(cg->dirfd, MARK_NAME) < 0 && errno == EPERM
			       ? CGROUP_UNKNOWN
			       : CGROUP_NOBODYS;
	return 0;
}

void cgroup_unmark(const struct cgroup *cg)
{
	/* A mark that stays says of an empty cgroup that it was ours: another is refused it. */
	(void)sys_fremovexattr(cg->dirfd, MARK_NAME);
}
