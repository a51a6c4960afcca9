/* Sockets by which the host, or every container on it, is ruled: engines', the kubelet's,
 * systemd's, D-Bus's.  Their usual places; pure.  What is at one of them is recognised
 * by whatever name it is bound (act/host_sockets.h). */
#ifndef KANUKI_PLAN_HOST_SOCKETS_H
#define KANUKI_PLAN_HOST_SOCKETS_H

#include <stdbool.h>
#include <stddef.h>

struct plan_host_socket {
	const char *path;
	bool engine; /* who listens starts containers */
};
extern const struct plan_host_socket plan_host_sockets[];
extern const size_t plan_host_sockets_n;

#endif
