/* What follows from a plan's mounts: computed, not stored, and used by
 * check.c (to refuse) and print.c (to show).  Pure; internal to plan/. */
#ifndef KANUKI_PLAN_FACTS_H
#define KANUKI_PLAN_FACTS_H

#include "plan/plan.h"

/* What may happen through one mount of the plan.  "Can't" only where the plan
 * itself says so: a bind's source flags are not known here. */
struct mount_powers { bool write, exec, suid, dev; };

/* The mounted object itself; and, of a recursive bind, what is mounted below it. */
struct mount_powers facts_mount_top(const struct plan_mount *mount);
struct mount_powers facts_mount_below(const struct plan_mount *mount);
/* Either of them. */
struct mount_powers facts_mount(const struct plan_mount *mount);

/* H-24: a path that is writable through one name and executable through another.
 * Lexical: equal host paths or one beneath the other. */
struct facts_wx { const char *writable, *executable; /* targets; "/" is the root */ };
bool facts_find_wx(const struct plan *plan, struct facts_wx *ret);

/* What a change says about a key; NULL when nothing. */
const struct plan_change *facts_change(const struct plan *plan, const char *key,
				       enum plan_outcome outcome);

#endif
