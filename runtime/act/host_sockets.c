/* A socket's name says nothing: whoever has the object may speak to who listens. */
#include "config.h"

#include "act/host_sockets.h"

#include "plan/host_sockets.h"
#include "sys/sys.h"

#include <errno.h>
#include <fcntl.h>

#include "base/banned.h"

int host_socket_find(const struct stat *st, const char **ret, struct err *err)
{
	const char *found = NULL;

	for (size_t i = 0; S_ISSOCK(st->st_mode) && !found && i < plan_host_sockets_n; i++) {
		const char *path = plan_host_sockets[i].path;
		struct stat host;

		if (sys_fstatat(AT_FDCWD, path, &host, 0) < 0) {
			if (errno == ENOENT || errno == ENOTDIR || errno == EACCES)
				continue;
			return err_sys(err, "look at '%s'", path);
		}
		if (host.st_dev == st->st_dev && host.st_ino == st->st_ino)
			found = path;
	}
	*ret = found;
	return 0;
}

int host_socket_check(const struct plan_mount *m, int fd, struct err *err)
{
	const char *host;
	struct stat st;

	if (sys_fstat(fd, &st) < 0)
		return err_sys(err, "mount '%s': look at its source", m->target);
	if (!S_ISSOCK(st.st_mode))
		return 0;
	if (host_socket_find(&st, &host, err) < 0)
		return err_context(err, "mount '%s'", m->target);
	if (host)
		return err_policy(err, "H-25",
				  "mount '%s': its source '%s' is the host's '%s'; remove it",
				  m->target, m->source, host);
	if (!m->socket)
		return err_policy(err, "H-25",
				  "mount '%s': its source '%s' is a socket that the policy doesn't "
				  "name; remove it",
				  m->target, m->source);
	return 0;
}
