/* Descriptors: what the caller leaked is closed first of all, what we gathered
 * is closed before the program runs (H-17; CVE-2024-21626, CVE-2016-9962). */
#include "config.h"

#include "act/process.h"
#include "base/auto.h"
#include "sys/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/sysmacros.h>

#include "base/banned.h"

/* Closes [first, last]; an empty range is fine. */
static int close_between(unsigned first, unsigned last, struct err *err)
{
	if (first > last)
		return 0;
	if (sys_close_range(first, last, 0) < 0)
		return err_sys(err, "close descriptors");
	return 0;
}

int fds_close_inherited(unsigned preserve, int keep_fd, struct err *err)
{
	unsigned first = 3 + preserve;

	if (preserve > INT_MAX - 3)
		return err_set(err, ERR_USAGE, "--preserve-fds %u: there are not so many",
			       preserve);
	for (unsigned i = 0; i < preserve; i++)
		if (sys_fcntl((int)(3 + i), F_GETFD, 0) < 0)
			return err_set(err, ERR_USAGE, "--preserve-fds: descriptor %u is not open",
				       3 + i);
	/* containerd-shim 1.6 leaks its listening socket as descriptor 3; such
	 * guests must not reach an init that waits at the gate. */
	if (keep_fd < 0)
		return close_between(first, UINT_MAX, err);
	if ((unsigned)keep_fd < first)
		return err_set(err, ERR_USAGE,
			       "--preserve-fds %u: descriptor %d is the runtime's log", preserve,
			       keep_fd);
	if (close_between(first, (unsigned)keep_fd - 1, err) < 0)
		return -1;
	return close_between((unsigned)keep_fd + 1, UINT_MAX, err);
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
		if (sys_fstat(null_fd, &st) < 0 || !S_ISCHR(st.st_mode) ||
		    st.st_rdev != makedev(1, 3))
			return err_set(err, ERR_HOST, "'/dev/null' is not the null device");
		if (null_fd != fd) /* the lowest free number, and fd is free */
			return err_set(err, ERR_HOST, "descriptor %d can't be filled", fd);
	}
	return 0;
}

int fds_close_gathered(const struct plan *plan, struct child *child, struct err *err)
{
	unsigned first = 3 + plan->process.preserve_fds;
	int low = child->sync_fd, high = child->gate_fd;

	/* All go, known or not, but the socket to the parent and the gate: an init
	 * that waits there for hours holds nothing of the runtime's, neither a
	 * directory of the host (CVE-2024-21626) nor the lock of its own state. */
	if (high >= 0 && high < low) {
		low = child->gate_fd;
		high = child->sync_fd;
	}
	if (low < 0 || (unsigned)low < first)
		return err_set(err, ERR_PROTO, "descriptor %d stands among those to be kept", low);
	if (close_between(first, (unsigned)low - 1, err) < 0)
		return -1;
	if (high < 0)
		return close_between((unsigned)low + 1, UINT_MAX, err);
	if (close_between((unsigned)low + 1, (unsigned)high - 1, err) < 0)
		return -1;
	return close_between((unsigned)high + 1, UINT_MAX, err);
}
