/* The container's root: attach, populate, enter.  Steps of the child (child.h).
 *
 * Everything inside the root is reached from child->root_fd by openat2(2); no
 * string ever names a path in it (resolve.h).  New mounts are built
 * detached, given their attributes, and attached last.
 */
#ifndef KANUKI_ACT_ROOTFS_H
#define KANUKI_ACT_ROOTFS_H

#include "act/child.h"

/* Propagation of our copy of the mount table: slave, recursively, so that nothing
 * reaches the host.  Before it, nothing may be attached. */
int rootfs_separate(const struct plan *plan, struct err *err);
/* Step: rootfs_separate (with a shared root it is left to mounts_open_sources),
 * open the root file system and the host's /dev/null. */
int rootfs_open(const struct plan *plan, struct child *child, struct err *err);
/* Step: a private procfs of our pid namespace as child->proc_fd (fsopen, subset
 * not set: sysctls are needed).  It is never attached within the container; the old
 * root takes it along (rootfs_enter), and it is closed before exec. */
int procfs_open(const struct plan *plan, struct child *child, struct err *err);
#define PROCFS_SOURCE "proc"
#define PROCFS_ATTRS  (MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC)
/* Step: child->source_fds: every bind source cloned (open_tree) while host paths
 * are reachable, one object each: what was opened is what gets mounted (T-MNT-6). */
int mounts_open_sources(const struct plan *plan, struct child *child, struct err *err);
/* Step: bind the root on itself, child->root_fd. */
int rootfs_attach(const struct plan *plan, struct child *child, struct err *err);
/* Step: plan->mounts in order. */
int mounts_apply(const struct plan *plan, struct child *child, struct err *err);
/* The parent attaches the device rules while the first steps run, and says so before it
 * says anything else: waits for that, once.  So whoever asks the parent for something
 * waits first, so does a mount that may open a device, and `devices` makes nothing that
 * they don't let it. */
int devices_await_rules(const struct plan *plan, struct child *child, struct err *err);
/* Step: plan->devices and dev_links; then /dev read-only where the plan says so. */
int devices_apply(const struct plan *plan, struct child *child, struct err *err);
/* Step: bind the terminal `tty_fd` on /dev/console (a pts of our devpts only). */
int devices_bind_console(const struct plan *plan, struct child *child, int tty_fd, struct err *err);
/* Step: masked and read-only paths. */
int paths_apply(const struct plan *plan, struct child *child, struct err *err);
/* Step: root attributes (read-only last, after targets were made), then
 * pivot_root(".", "."), old root detached; cwd is the new "/". */
int rootfs_enter(const struct plan *plan, struct child *child, struct err *err);
/* Step: plan->sysctls through child->proc_fd, component-wise beneath "sys". */
int sysctls_apply(const struct plan *plan, struct child *child, struct err *err);
/* Step: plan->process.cwd made in-root where missing (T-CRED-7), as the final user where possible.
 */
int rootfs_make_cwd(const struct plan *plan, struct child *child, struct err *err);

/* Part of the read-back (H-90): the mount table as the kernel shows it, compared
 * with the plan.  The root is the planned directory, read-only, with nothing over
 * it; each planned mount is there, of its type (a bind: the very mount), with its
 * attributes; each masked and read-only path that exists is covered (H-30, H-31);
 * nothing else is mounted but what lies in a recursive bind, came with the root or
 * was made by a hook; nothing writable and executable (also not one file system
 * mounted twice).  ERR_VERIFY names the rule and the path. */
int mounts_verify(const struct plan *plan, struct child *child, struct err *err);

/* H-70: rule set from plan->landlock (child->landlock_fd), built after pivot while
 * directories are readable; loaded by landlock_load after no_new_privs.  Writing is
 * given to tops of mounts only.  Where "execute" has to be given entry by entry,
 * more than 65536 entries are refused (ERR_SPEC, names the directory). */
int landlock_build(const struct plan *plan, struct child *child, struct err *err);
int landlock_load(const struct plan *plan, struct child *child, struct err *err);

/* Opens `path` inside root_fd as O_PATH|flags with RESOLVE_IN_ROOT|RESOLVE_NO_MAGICLINKS,
 * retried boundedly on EAGAIN (W-32: at most 128 tries), fail closed.  -1 and errno. */
int rootfs_resolve(int root_fd, const char *path, int flags, unsigned extra_resolve)
	__attribute__((warn_unused_result));

#endif
