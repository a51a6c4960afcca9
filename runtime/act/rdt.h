/* linux.intelRdt: the container's processes in a resource group of resctrl. */
#ifndef KANUKI_ACT_RDT_H
#define KANUKI_ACT_RDT_H

#include "base/err.h"
#include "plan/plan.h"

#include <stdbool.h>
#include <sys/types.h>

/* Makes (or finds) the group, writes its schemata, puts `pid` in it.  *ret_made: the
 * group is ours to remove.  ERR_HOST where resctrl is not mounted. */
int rdt_apply(const struct plan *plan, pid_t pid, bool *ret_made, struct err *err)
	__attribute__((warn_unused_result));
/* New schemata for a group that is there, one line each ("L3:0=f"). */
int rdt_update(const char *group, const struct str_list *schemata, struct err *err)
	__attribute__((warn_unused_result));
/* Removes a group that rdt_apply made; idempotent. */
int rdt_remove(const char *group, struct err *err) __attribute__((warn_unused_result));

#endif
