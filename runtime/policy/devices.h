/* The default devices, for both stages; internal to policy/. */
#ifndef KANUKI_POLICY_DEVICES_H
#define KANUKI_POLICY_DEVICES_H

#include "policy/resolve.h"

struct default_device { const char *path; uint32_t major, minor; };
#define DEFAULT_DEVICES 6
extern const struct default_device default_devices[DEFAULT_DEVICES];

/* Appends rules that allow the default devices and terminals, and no more. */
int devices_allow_default(struct resolve *r, struct err *err);

#endif
