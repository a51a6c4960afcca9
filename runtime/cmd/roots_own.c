/* Whose the place is that a policy lets containers execute from on the host. */
#include "config.h"

#include "cmd/roots_own.h"

#include "base/auto.h"
#include "sys/owned.h"
#include "sys/sys.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "base/banned.h"

bool roots_own(const char *path)
{
	static const struct owned_rules rules = {
		.what = "mount", .kind = ERR_POLICY, .sticky = true};
	struct err err = ERR_INIT; /* why not: the answer is no, whatever it says */
	struct stat st;
	autofd int fd = -1;

	if (sys_fstatat(AT_FDCWD, path, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
	    !(S_ISREG(st.st_mode) || S_ISDIR(st.st_mode)))
		return false;
	fd = owned_open(&rules, path, path, S_ISDIR(st.st_mode) ? O_RDONLY | O_DIRECTORY : O_PATH,
			&err);
	return fd >= 0;
}
