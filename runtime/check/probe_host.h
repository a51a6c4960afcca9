/* The part of check_probe_host that reads sshd's configuration. */
#ifndef KANUKI_CHECK_PROBE_HOST_H
#define KANUKI_CHECK_PROBE_HOST_H

#include "check/probe.h"

int check_probe_sshd(const struct check_probe *p, struct check_host *h, struct err *err) __attribute__((warn_unused_result));

#endif
