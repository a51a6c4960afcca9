/* The container's terminal: a pty of the container's own devpts.
 *
 * CVE-2025-52565: nothing under /dev is taken by name.  The multiplexer is
 * checked to be 5:2 on devpts before it is opened, and the other end comes from
 * TIOCGPTPEER, not from a path.
 */
#include "config.h"

#include "act/process.h"
#include "act/rootfs.h"
#include "base/auto.h"
#include "proto/sync.h"
#include "sys/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/sysmacros.h>
#include <termios.h>

#include "base/banned.h"

/* Our end of a new pty, or -1. */
static int open_multiplexer(struct child *child, struct err *err)
{
	char path[32];
	autofd int own_root_fd = -1;
	autofd int fd = -1;
	int root_fd = child->root_fd;
	struct statfs sfs;
	struct stat st;
	int pty_fd;

	if (root_fd < 0) { /* exec: we stand in the container's root */
		own_root_fd = sys_open("/", O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
		if (own_root_fd < 0)
			return err_sys(err, "open the container's root");
		root_fd = own_root_fd;
	}
	fd = rootfs_resolve(root_fd, "dev/pts/ptmx", O_PATH, RESOLVE_NO_SYMLINKS);
	if (fd < 0)
		return err_sys(err, "process.terminal: find '/dev/pts/ptmx' in the container");
	if (sys_fstat(fd, &st) < 0 || sys_fstatfs(fd, &sfs) < 0)
		return err_sys(err, "look at '/dev/pts/ptmx'");
	if (!S_ISCHR(st.st_mode) || st.st_rdev != makedev(5, 2) || sfs.f_type != DEVPTS_SUPER_MAGIC)
		return err_set(
			err, ERR_SPEC,
			"process.terminal: '/dev/pts/ptmx' of the container is not a devpts one");
	(void)snprintf(path, sizeof(path), "self/fd/%d", fd);
	pty_fd = sys_openat(child->proc_fd, path, O_RDWR | O_NOCTTY | O_CLOEXEC, 0);
	if (pty_fd < 0)
		return err_sys(err, "open '/dev/pts/ptmx'");
	return pty_fd;
}

static int open_peer(const struct plan *plan, int pty_fd, int *ret_number, struct err *err)
{
	const struct plan_process *p = &plan->process;
	uint32_t owner = plan_outside_id(&plan->userns_last.uid_maps, p->uid);
	struct winsize size = {.ws_row = p->console_rows, .ws_col = p->console_cols};
	autofd int fd = -1;
	int locked = 0;

	if (sys_ioctl(pty_fd, TIOCSPTLCK, &locked) < 0 ||
	    sys_ioctl(pty_fd, TIOCGPTN, ret_number) < 0)
		return err_sys(err, "unlock the terminal");
	fd = sys_ioctl(pty_fd, TIOCGPTPEER, (void *)(unsigned long)(O_RDWR | O_NOCTTY | O_CLOEXEC));
	if (fd < 0)
		return err_sys(err, "open the terminal");
	if (size.ws_row && size.ws_col && sys_ioctl(pty_fd, TIOCSWINSZ, &size) < 0)
		return err_sys(err, "set the terminal's size");
	/* The pty is ours: the only thing whose owner we ever change for stdio. */
	if (sys_fchown(fd, owner, (gid_t)-1) < 0)
		return err_sys(err, "give the terminal to user %u", owner);
	return steal_fd(&fd);
}

int console_open(const struct plan *plan, struct child *child, struct err *err)
{
	autofd int pty_fd = -1;
	autofd int peer_fd = -1;
	char name[32];
	int number;

	if (!plan->process.terminal)
		return 0;
	pty_fd = open_multiplexer(child, err);
	if (pty_fd < 0)
		return -1;
	peer_fd = open_peer(plan, pty_fd, &number, err);
	if (peer_fd < 0)
		return -1;
	if (!child->is_exec && devices_bind_console(plan, child, peer_fd, err) < 0)
		return -1;
	(void)snprintf(name, sizeof(name), "/dev/pts/%d", number);
	if (child->console_fd >= 0) {
		if (sync_send_fds(child->console_fd, name, strlen(name), &pty_fd, 1, err) < 0)
			return err_context(err, "--console-socket");
	} else if (sync_request(child->sync_fd, SYNC_TERMINAL, pty_fd, err) < 0) {
		return -1;
	}
	child->tty_fd = steal_fd(&peer_fd);
	return 0;
}

int console_attach(const struct plan *plan, struct child *child, struct err *err)
{
	if (!plan->process.terminal)
		return 0;
	/* We lead a session without a terminal (session_start), so this becomes
	 * ours; the caller's never does (H-18). */
	if (sys_ioctl(child->tty_fd, TIOCSCTTY, NULL) < 0)
		return err_sys(err, "make the terminal controlling");
	for (int fd = 0; fd <= 2; fd++)
		if (sys_dup3(child->tty_fd, fd, 0) < 0)
			return err_sys(err, "make the terminal standard stream %d", fd);
	return 0;
}
