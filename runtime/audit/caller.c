/* Owns what the kernel says of our caller, and the copy of a line to the system's
 * log.  Both are the line's surroundings: neither touches the trail itself. */
#include "config.h"

#include "audit/trail.h"

#include "base/auto.h"
#include "base/num.h"
#include "sys/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>
#include <time.h>

#include "base/banned.h"

/* A small file of /proc without its newline; empty when it can't be read. */
static void read_word(const char *path, char *ret, size_t size)
{
	autofd int fd = sys_open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY, 0);
	ssize_t n = fd < 0 ? -1 : sys_read(fd, ret, size - 1);

	if (n < 0)
		n = 0;
	if (n > 0 && ret[n - 1] == '\n')
		n--;
	ret[n] = '\0';
}

void trail_caller_read(struct trail_caller *ret)
{
	char path[64], text[16];
	uint64_t loginuid;
	uid_t effective, saved;
	ssize_t n;

	*ret = (struct trail_caller){.pid = sys_getppid()};
	(void)snprintf(path, sizeof(path), "/proc/%lld/comm", (long long)ret->pid);
	read_word(path, ret->comm, sizeof(ret->comm));
	(void)snprintf(path, sizeof(path), "/proc/%lld/exe", (long long)ret->pid);
	n = sys_readlinkat(AT_FDCWD, path, ret->exe, sizeof(ret->exe) - 1);
	ret->exe[n < 0 ? 0 : n] = '\0';
	if (sys_getresuid(&ret->uid, &effective, &saved) < 0)
		ret->uid = UINT32_MAX; /* can't happen: the call has no other failure than a bad address */
	read_word("/proc/self/loginuid", text, sizeof(text));
	/* (uid_t)-1: nobody has logged in on this session's behalf */
	ret->has_loginuid = num_parse_u64(text, UINT32_MAX - 1, &loginuid);
	if (ret->has_loginuid)
		ret->loginuid = (uint32_t)loginuid;
}

int trail_syslog(const char *socket, const struct trail_entry *entry, const char *line,
		 struct err *err)
{
	bool warning = entry->event == TRAIL_REFUSED || entry->event == TRAIL_WOULD_REFUSE ||
		       entry->event == TRAIL_BREAKGLASS;
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	autofd int fd = -1;
	char stamp[32], front[80];
	time_t seconds = (time_t)(entry->time_ns / 1000000000);
	struct tm tm;
	int n;

	if (strlen(socket) >= sizeof(addr.sun_path))
		return err_set(err, ERR_SYSTEM, "system log '%s': the path is too long", socket);
	memcpy(addr.sun_path, socket, strlen(socket) + 1);
	/* UTC: the local time of RFC 3164 would take files and variables of the caller's. */
	if (!gmtime_r(&seconds, &tm) || strftime(stamp, sizeof(stamp), "%b %e %H:%M:%S", &tm) == 0)
		return err_set(err, ERR_SYSTEM, "system log '%s': the time has no text", socket);
	/* facility 10 (authpriv), severity 4 (warning) or 5 (notice) */
	n = snprintf(front, sizeof(front), "<%d>%s kanuki[%d]: ", 10 * 8 + (warning ? 4 : 5), stamp,
		     (int)sys_getpid());
	struct iovec iov[2] = {{.iov_base = front, .iov_len = (size_t)n},
			       {.iov_base = (void *)(uintptr_t)line, .iov_len = strlen(line)}};
	struct msghdr msg = {
		.msg_name = &addr, .msg_namelen = sizeof(addr), .msg_iov = iov, .msg_iovlen = 2};

	fd = sys_socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 || sys_sendmsg(fd, &msg, MSG_DONTWAIT | MSG_NOSIGNAL) < 0) {
		int code = errno;
		return err_set(err, ERR_SYSTEM, "system log '%s': send: errno %d", socket, code);
	}
	return 0;
}
