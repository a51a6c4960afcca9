/* The parts of check_probe_host that read sshd's configuration, the ports of engines, and what
 * package managers leave. */
#ifndef KANUKI_CHECK_PROBE_HOST_H
#define KANUKI_CHECK_PROBE_HOST_H

#include "check/probe.h"

int check_probe_sshd(const struct check_probe *p, struct check_host *h, struct err *err)
	__attribute__((warn_unused_result));
int check_probe_api_ports(const struct check_probe *p, struct check_host *h, struct err *err)
	__attribute__((warn_unused_result));
/* Beneath `rootfd`; wants h->release, fills what there is about updates. */
int check_probe_updates(const struct check_probe *p, int rootfd, struct check_host *h,
			struct err *err) __attribute__((warn_unused_result));

#endif
