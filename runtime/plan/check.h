/* The parts of plan_check(); internal to plan/.  Each returns 0 or -1 with err. */
#ifndef KANUKI_PLAN_CHECK_H
#define KANUKI_PLAN_CHECK_H

#include "plan/plan.h"

typedef int check_fn(const struct plan *plan, struct err *err);

/* Of any plan. */
check_fn check_process, check_namespaces, check_maps, check_sysctls, check_root, check_mounts,
	check_devices, check_paths, check_filters, check_landlock, check_cgroup, check_hooks,
	check_own_binary, check_changes;

/* The promises of level hardened; each error names its rule. */
check_fn hardened_process, hardened_scheduling, hardened_namespaces, hardened_userns,
	hardened_sysctls, hardened_mounts, hardened_paths, hardened_devices, hardened_filters,
	hardened_landlock, hardened_cgroup, hardened_start;

/* The plan breaks an invariant: our own bug. */
int check_broken(struct err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

bool check_is_clean_path(const char *path); /* absolute, no "//", "." or "..", no trailing slash */

/* What a recorded plan (store.c) must still satisfy when it is read back. */
check_fn plan_check_recorded;

#endif
