/* H-25: sockets among the sources, by the opened object. */
#include "config.h"

#include "act/host_sockets.h"
#include "sys/sys.h"

#include "tap.h"
#include "temp_dir.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* What the host has at /run/docker.sock, and how looking at the others fails. */
static const struct stat *docker;
static int failure = ENOENT;

int __real_sys_fstatat(int dirfd, const char *path, struct stat *st, int flags);
int __wrap_sys_fstatat(int dirfd, const char *path, struct stat *st, int flags);
int __wrap_sys_fstatat(int dirfd, const char *path, struct stat *st, int flags)
{
	if (path[0] != '/')
		return __real_sys_fstatat(dirfd, path, st, flags);
	if (docker && strcmp(path, "/run/docker.sock") == 0) {
		*st = *docker;
		return 0;
	}
	errno = failure;
	return -1;
}

static struct stat make_socket(const char *name)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	struct stat st;

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", name);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 || stat(address.sun_path, &st) < 0)
		abort();
	close(fd);
	return st;
}

static int check(const char *name, bool named, struct err *err)
{
	const struct plan_mount m = {.kind = MOUNT_BIND, .source = "/srv/x", .target = "/data", .socket = named};
	int fd = open(name, O_PATH | O_CLOEXEC);
	int r;

	if (fd < 0)
		abort();
	*err = (struct err)ERR_INIT;
	r = host_socket_check(&m, fd, err);
	close(fd);
	return r;
}

int main(void)
{
	struct stat own, engine;
	struct err err;

	temp_dir_enter();
	own = make_socket("own");
	engine = make_socket("engine");
	if (mkdir("sub", 0700) < 0)
		abort();
	ok(check("own", false, &err) < 0 && !strcmp(err.rule, "H-25") && strstr(err.msg, "mount '/data': its source '/srv/x' is a socket"),
	   "a socket that the policy doesn't name");
	is_int(check("own", true, &err), 0, "one that it names");
	is_int(check("sub", false, &err), 0, "a directory");
	docker = &engine;
	ok(check("engine", true, &err) < 0 && !strcmp(err.rule, "H-25") && strstr(err.msg, "is the host's '/run/docker.sock'"),
	   "an engine's, which no entry lets in");
	is_int(check("own", true, &err), 0, "beside which another is still taken");
	docker = &own;
	ok(check("own", true, &err) < 0, "it counts what is there now");
	failure = EACCES;
	docker = NULL;
	is_int(check("own", true, &err), 0, "places that the caller may not look into hold nothing of the caller's");
	failure = EIO;
	ok(check("own", true, &err) < 0 && err.kind == ERR_SYSTEM, "a look that fails is no answer");
	is_int(check("sub", false, &err), 0, "and only sockets need one");
	return tap_done();
}
