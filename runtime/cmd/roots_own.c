/* Whose the programs are that a policy lets containers execute from the host.  What is root's alone stays so: none but root
 * can change it between this look and the mount. */
#include "config.h"

#include "cmd/roots_own.h"

#include "base/auto.h"
#include "check/probe.h"
#include "sys/owned.h"
#include "sys/sys.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "base/banned.h"

/* A link leads to where something else is mounted, or to what is in the tree; what it leads to is held there.
 * Nodes and sockets are no programs. */
static int visit(void *ctx, const struct check_entry *e, struct err *err)
{
	unsigned *n = ctx;
	bool program = S_ISREG(e->st.st_mode) || S_ISDIR(e->st.st_mode);

	if (++*n > ROOTS_OWN_MAX)
		return err_set(err, ERR_POLICY, "more than %u entries", ROOTS_OWN_MAX);
	if (program && (e->st.st_uid != 0 || (e->st.st_mode & (S_IWGRP | S_IWOTH))))
		return err_set(err, ERR_POLICY, "'%s' can be written by others than root", e->path);
	return 0;
}

bool roots_own(const char *path)
{
	static const struct owned_rules rules = {.what = "mount", .kind = ERR_POLICY, .sticky = true};
	struct check_walk_result result = {0};
	struct err err = ERR_INIT; /* why not: the answer is no, whatever it says */
	struct stat st;
	unsigned n = 0;
	autofd int fd = -1;

	if (sys_fstatat(AT_FDCWD, path, &st, AT_SYMLINK_NOFOLLOW) < 0 || !(S_ISREG(st.st_mode) || S_ISDIR(st.st_mode)))
		return false;
	fd = owned_open(&rules, path, path, S_ISDIR(st.st_mode) ? O_RDONLY | O_DIRECTORY : O_PATH, &err);
	if (fd < 0)
		return false;
	if (S_ISREG(st.st_mode))
		return true;
	return check_walk(fd, visit, &n, &result, &err) == 0 && result.complete && !result.other_file_systems;
}
