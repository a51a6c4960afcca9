/* The default devices, for both stages; internal to policy/. */
#ifndef KANUKI_POLICY_DEVICES_H
#define KANUKI_POLICY_DEVICES_H

#include "policy/resolve.h"

struct default_device {
	const char *path;
	uint32_t major, minor;
};
#define DEFAULT_DEVICES 6
extern const struct default_device default_devices[DEFAULT_DEVICES];

/* Appends rules that allow the default devices and terminals, and no more. */
int devices_allow_default(struct arena *arena, struct plan_cgroup *to, struct err *err);
/* Those that runc appends to the rules of any container. */
int devices_allow_as_runc(struct arena *arena, struct plan_cgroup *to, struct err *err);

#endif
