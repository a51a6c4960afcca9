/* TCP ports that engines listen on: the usual ones, whoever holds them, and whatever port a
 * process of an engine holds.  In the network of process 1, not of whoever runs us. */
#include "config.h"

#include "check/probe_host.h"

#include "base/auto.h"
#include "base/num.h"
#include "sys/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/banned.h"

typedef LIST_OF(struct check_port) port_list;

static bool is_usual(uint16_t port)
{
	/* Docker's, swarm's, the kubelet's */
	return port == 2375 || port == 2376 || port == 2377 || port == 10250 || port == 10255;
}

static int read_ports(const struct check_probe *p, struct check_host *h, port_list *ret,
		      struct err *err)
{
	static const char *const files[] = {"/proc/1/net/tcp", "/proc/1/net/tcp6"};

	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		char *text;

		if (check_read(p, AT_FDCWD, files[i], &text, err) < 0)
			return -1;
		h->ports_seen = h->ports_seen || text;
		if (text && check_ports_parse(text, "tcp", false, p->arena, &ret->items, &ret->n,
					      &ret->cap, err) < 0)
			return -1;
	}
	return 0;
}

static void mark_socket(port_list *ports, uint64_t inode, const char *program)
{
	for (size_t i = 0; i < ports->n; i++)
		if (ports->items[i].inode == inode)
			ports->items[i].program = program;
}

/* "socket:[1234]" */
static bool socket_inode(const char *link, uint64_t *ret)
{
	char digits[24];
	size_t n = strncmp(link, "socket:[", 8) ? 0 : strcspn(link + 8, "]");

	if (!n || n >= sizeof(digits))
		return false;
	memcpy(digits, link + 8, n);
	digits[n] = 0;
	return num_parse_u64(digits, UINT64_MAX, ret);
}

/* What isn't there any more, or may not be looked at, has nothing to tell. */
static void mark_sockets_of(int procfd, const char *pid, const char *program, port_list *ports)
{
	char path[64], link[64];
	struct dirent *d;

	(void)snprintf(path, sizeof(path), "%.20s/fd", pid);
	autofd int fd = sys_openat(procfd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	autodir DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (!dir)
		return;
	(void)steal_fd(&fd); /* the stream's now */
	while ((d = readdir(dir))) {
		ssize_t n = sys_readlinkat(dirfd(dir), d->d_name, link, sizeof(link) - 1);
		uint64_t inode;

		if (n <= 0)
			continue;
		link[n] = 0;
		if (socket_inode(link, &inode) && inode)
			mark_socket(ports, inode, program);
	}
}

static int mark_engines(const struct check_probe *p, port_list *ports, struct err *err)
{
	autodir DIR *dir = opendir("/proc");
	struct dirent *d;

	if (!dir)
		return check_note(p, err, "/proc can't be listed");
	while (ports->n && (d = readdir(dir))) {
		char path[64], *comm;

		if (d->d_name[0] < '1' || d->d_name[0] > '9')
			continue;
		(void)snprintf(path, sizeof(path), "%.20s/comm", d->d_name);
		autofd int fd = sys_openat(dirfd(dir), path, O_RDONLY | O_CLOEXEC, 0);
		char text[32];
		ssize_t n = fd < 0 ? -1 : sys_read(fd, text, sizeof(text) - 1);
		if (n <= 0)
			continue;
		text[n] = 0;
		text[strcspn(text, "\n")] = 0;
		if (!check_is_engine(text))
			continue;
		comm = arena_strdup(p->arena, text);
		if (!comm)
			return err_oom(err);
		mark_sockets_of(dirfd(dir), d->d_name, comm, ports);
	}
	return 0;
}

int check_probe_api_ports(const struct check_probe *p, struct check_host *h, struct err *err)
{
	port_list all = {0};

	if (read_ports(p, h, &all, err) < 0 || mark_engines(p, &all, err) < 0)
		return -1;
	for (size_t i = 0; i < all.n; i++) {
		struct check_port *to;

		if (!is_usual(all.items[i].port) && !all.items[i].program)
			continue;
		to = ARENA_PUSH(p->arena, &h->api_ports);
		if (!to)
			return err_oom(err);
		*to = all.items[i];
	}
	return 0;
}
