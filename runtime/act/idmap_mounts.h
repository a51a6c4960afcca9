/* Idmapped bind mounts: cloned and mapped by the parent, which has the rights over
 * the file system that a child in a user namespace of its own lacks. */
#ifndef KANUKI_ACT_IDMAP_MOUNTS_H
#define KANUKI_ACT_IDMAP_MOUNTS_H

#include "base/err.h"
#include "plan/plan.h"

/* source_fds[i] for every idmapped mount of the plan: a detached, mapped clone.
 * A file system without idmapped mounts is an error, never an unmapped bind (W-40). */
int idmap_mounts_open(const struct plan *plan, int *source_fds, struct err *err)
	__attribute__((warn_unused_result));

/* A user namespace with these maps and nobody in it, an owned descriptor: what
 * mount_setattr(2) maps by. */
int idmap_open_namespace(const plan_idmaps *uid_maps, const plan_idmaps *gid_maps, struct err *err)
	__attribute__((warn_unused_result));

/* A detached clone of one bind source; at hardened no link leads to it. */
int mounts_open_source(const struct plan *plan, const struct plan_mount *m, struct err *err)
	__attribute__((warn_unused_result));

#endif
