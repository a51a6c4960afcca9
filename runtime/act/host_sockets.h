/* H-25: sockets of the host's among the sources of binds, by the opened object. */
#ifndef KANUKI_ACT_HOST_SOCKETS_H
#define KANUKI_ACT_HOST_SOCKETS_H

#include "plan/plan.h"

#include "base/err.h"

#include <sys/stat.h>

/* The path of plan/host_sockets.h at which the host has the very socket that `st` is of,
 * whatever link, second name or mount it was opened by; *ret is NULL when none.  A path
 * that isn't there, or that the caller may not look at, is passed over. */
int host_socket_find(const struct stat *st, const char **ret, struct err *err)
	__attribute__((warn_unused_result));

/* ERR_POLICY when `fd`, the opened source of `m`, is a socket that the plan doesn't take:
 * one that the policy doesn't name, or the host's own by any name. */
int host_socket_check(const struct plan_mount *m, int fd, struct err *err)
	__attribute__((warn_unused_result));

#endif
