/* Descriptors: what the caller leaked is closed first of all, what we gathered
 * is closed before the program runs (H-17; CVE-2024-21626, CVE-2016-9962). */
#include "config.h"

#include "act/process.h"
#include "base/auto.h"
#include "sys/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <limits.h>
#include <sys/sysmacros.h>

#include "base/banned.h"

int fds_close_inherited(unsigned preserve, struct err *err)
{
	if (preserve > INT_MAX - 3)
		return err_set(err, ERR_USAGE, "--preserve-fds %u: there are not so many", preserve);
	for (unsigned i = 0; i < preserve; i++)
		if (sys_fcntl((int)(3 + i), F_GETFD, 0) < 0)
			return err_set(err, ERR_USAGE, "--preserve-fds: descriptor %u is not open", 3 + i);
	/* containerd-shim 1.6 leaks its listening socket as descriptor 3; such
	 * guests must not reach an init that waits at the gate. */
	if (sys_close_range(3 + preserve, UINT_MAX, 0) < 0)
		return err_sys(err, "close inherited descriptors");
	return 0;
}

int fds_fill_standard(struct err *err)
{
	for (int fd = 0; fd <= 2; fd++) {
		struct stat st;
		int null_fd;

		if (sys_fcntl(fd, F_GETFD, 0) >= 0)
			continue;
		null_fd = sys_open("/dev/null", O_RDWR | O_NOCTTY, 0);
		if (null_fd < 0)
			return err_sys(err, "open '/dev/null'");
		if (sys_fstat(null_fd, &st) < 0 || !S_ISCHR(st.st_mode) || st.st_rdev != makedev(1, 3))
			return err_set(err, ERR_HOST, "'/dev/null' is not the null device");
		if (null_fd != fd) /* the lowest free number, and fd is free */
			return err_set(err, ERR_HOST, "descriptor %d can't be filled", fd);
	}
	return 0;
}

static int close_one(int *fd, struct err *err)
{
	int f = *fd;

	*fd = -1;
	if (f >= 0 && sys_close(f) < 0)
		return err_sys(err, "close descriptor %d", f);
	return 0;
}

int fds_close_gathered(const struct plan *plan, struct child *child, struct err *err)
{
	int *fds[] = {&child->proc_fd,	    &child->host_root_fd, &child->root_fd,   &child->null_fd,
		      &child->cgroup_dirfd, &child->landlock_fd,  &child->pty_fd,    &child->console_fd,
		      &child->init_pidfd};
	unsigned first = 3 + plan->process.preserve_fds;

	for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++)
		if (close_one(fds[i], err) < 0)
			return -1;
	for (size_t i = 0; i < child->n_source_fds; i++)
		if (close_one(&child->source_fds[i], err) < 0)
			return -1;
	for (int i = 0; i < NS_COUNT; i++)
		if (close_one(&child->join_fds[i], err) < 0)
			return -1;
	/* Two are left on purpose, the socket to the parent and the gate; marked,
	 * with anything forgotten, to go at exec. */
	if (sys_close_range(first, UINT_MAX, CLOSE_RANGE_CLOEXEC) < 0)
		return err_sys(err, "mark descriptors to be closed at exec");
	return 0;
}
