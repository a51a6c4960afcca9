/* Running from a sealed memory copy; see own_binary.h for why. */
#include "config.h"

#include "act/own_binary.h"

#include "base/auto.h"
#include "sys/file.h"
#include "sys/sys.h"

#include <errno.h>
#include <fcntl.h>

#include "base/banned.h"

#ifndef F_SEAL_EXEC
#define F_SEAL_EXEC 0x0020 /* 6.3 */
#endif
#define SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

static int copy_self(int exe_fd, struct err *err)
{
	autofd int fd = sys_memfd_create("kanuki", MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_EXEC);
	int seals = SEALS | F_SEAL_EXEC;
	ssize_t n;

	if (fd < 0 && errno == EINVAL) { /* before 6.3: no MFD_EXEC, always executable */
		fd = sys_memfd_create("kanuki", MFD_CLOEXEC | MFD_ALLOW_SEALING);
		seals = SEALS;
	}
	if (fd < 0)
		return err_sys(err, "create a memory file for the runtime's own copy");
	while ((n = sys_sendfile(fd, exe_fd, 1u << 24)) > 0)
		;
	if (n < 0 || file_seal(fd, seals) < 0)
		return err_sys(err, "make a sealed copy of the runtime");
	return steal_fd(&fd);
}

int own_binary_enter_copy(char **argv, char **envp, int given_fd, struct err *err)
{
	autofd int exe_fd = sys_open("/proc/self/exe", O_RDONLY | O_CLOEXEC, 0);
	autofd int copy_fd = -1;
	int seals;

	if (exe_fd < 0)
		return err_sys(err, "open '/proc/self/exe'");
	/* EINVAL for anything that isn't a memory file. */
	seals = sys_fcntl(exe_fd, F_GET_SEALS, 0);
	if (seals >= 0 && (seals & SEALS) == SEALS)
		return 0;
	copy_fd = copy_self(exe_fd, err);
	if (copy_fd < 0)
		return -1;
	if (given_fd >= 0 && sys_fcntl(given_fd, F_SETFD, 0) < 0)
		return err_sys(err, "hand the log to the runtime's own copy");
	(void)sys_execveat(copy_fd, "", argv, envp, AT_EMPTY_PATH); /* returns on failure only */
	return err_sys(err, "run the sealed copy of the runtime");
}
