/* The parts of check_probe_container, by what they read. `dirfd` is /proc/PID. */
#ifndef KANUKI_CHECK_PROBE_CONTAINER_H
#define KANUKI_CHECK_PROBE_CONTAINER_H

#include "check/probe.h"

/* As check_read, for what may hold NULs; a failure is an error. */
int check_read_bytes(const struct check_probe *p, int dirfd, const char *path, char **ret,
		     size_t *ret_len, struct err *err) __attribute__((warn_unused_result));
/* Mounts, what is masked by them, engine sockets by inode. */
int check_probe_mounts(const struct check_probe *p, int dirfd, struct check_confinement *c,
		       struct err *err) __attribute__((warn_unused_result));
/* Nodes beneath its /dev, beyond the default ones; none is opened. */
int check_probe_devices(const struct check_probe *p, int dirfd, struct check_confinement *c,
			struct err *err) __attribute__((warn_unused_result));
int check_probe_cgroup(const struct check_probe *p, int dirfd, const struct host *host,
		       struct check_confinement *c, struct err *err)
	__attribute__((warn_unused_result));
/* Needs a child of ours in its process namespace: the sysctl shows the reader's own. */
void check_probe_memfd(int dirfd, struct check_confinement *c);

#endif
