/* The kernel's version; internal to host/. */
#ifndef KANUKI_HOST_KERNEL_H
#define KANUKI_HOST_KERNEL_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

#define HOST_OLDEST_KERNEL ((uint32_t)(5 << 16 | 15))

/* "6.1.0-18-amd64" -> (6 << 16) | 1; what follows the second number is free. */
bool host_version_parse(const char *release, uint32_t *ret) __attribute__((warn_unused_result));
int host_version_check(uint32_t version, struct err *err) __attribute__((warn_unused_result));

#endif
