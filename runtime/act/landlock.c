/* H-70, H-72: the container's Landlock rule set: where may be written, which TCP ports
 * may be bound and connected to.  What may be executed is landlock_exec.c's.
 */
#include "config.h"

#include "act/landlock.h"

#include "act/rootfs.h"
#include "base/auto.h"
#include "sys/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>

#include "base/banned.h"

#define FILE_RIGHTS                                                                                \
	(LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_TRUNCATE)

/* What the running kernel's ABI knows; unknown bits would be refused. */
static uint64_t known_rights(int abi)
{
	uint64_t rights = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1; /* ABI 1 */

	if (abi >= 2)
		rights |= LANDLOCK_ACCESS_FS_REFER;
	if (abi >= 3)
		rights |= LANDLOCK_ACCESS_FS_TRUNCATE;
	return rights;
}

int landlock_allow(const struct child *child, int fd, uint64_t rights, const char *path,
		   struct err *err)
{
	struct landlock_path_beneath_attr attr = {.allowed_access = rights, .parent_fd = fd};

	if (!rights)
		return 0;
	if (sys_landlock_add_rule(child->landlock_fd, LANDLOCK_RULE_PATH_BENEATH, &attr, 0) < 0)
		return err_sys(err, "Landlock rule for '%s'", path);
	return 0;
}

/* Links of the image are followed; they lie in the read-only root.  A place beneath
 * a writable mount, where the container might put links of its own before an exec,
 * has no rule of its own: the one above holds (rules_lsm.c).  Should one be met all
 * the same, it gains nothing: only the top of a mount is given, and not of the
 * root's, and only the runtime makes mounts. */
static int allow_writing(const struct plan_landlock *l, struct child *child, int root_fd,
			 uint64_t handled, struct str_list *plain, struct err *err)
{
	uint64_t rights = handled & ~(uint64_t)LANDLOCK_ACCESS_FS_EXECUTE;
	struct statx root;

	if (sys_statx(root_fd, "", AT_EMPTY_PATH, STATX_INO | STATX_MNT_ID, &root) < 0)
		return err_sys(err, "Landlock: look at the root");
	for (size_t i = 0; i < l->writable.n; i++) {
		const char *path = l->writable.items[i];
		autofd int fd = rootfs_resolve(root_fd, path, O_PATH, RESOLVE_NO_SYMLINKS);
		const char **slot = fd >= 0 ? ARENA_PUSH(&child->arena, plain) : NULL;
		struct statx st;

		if (fd >= 0 && !slot)
			return err_oom(err);
		if (slot)
			*slot = path;
		else if (errno == ELOOP)
			fd = rootfs_resolve(root_fd, path, O_PATH, 0);

		if (fd < 0) {
			if (errno == ENOENT)
				continue; /* a mount the plan skips where its target is missing */
			return err_sys(err, "Landlock: open '%s'", path);
		}
		if (sys_statx(fd, "", AT_EMPTY_PATH, STATX_TYPE | STATX_MNT_ID, &st) < 0)
			return err_sys(err, "Landlock: look at '%s'", path);
		if (!(st.stx_attributes & STATX_ATTR_MOUNT_ROOT) ||
		    st.stx_mnt_id == root.stx_mnt_id)
			continue;
		if (landlock_allow(child, fd, S_ISDIR(st.stx_mode) ? rights : rights & FILE_RIGHTS,
				   path, err) < 0)
			return -1;
	}
	return 0;
}

/* Port 0 in the list: bind(2) to a port that the kernel chooses (ip_local_port_range),
 * as the caller wrote it.  Whether it is in the list or not, listen(2) on a socket that
 * was never bound gets such a port without being asked. */
static int allow_ports(const struct child *child, const uint16_t *ports, size_t n, uint64_t right,
		       struct err *err)
{
	for (size_t i = 0; i < n; i++) {
		struct kernel_landlock_net_port_attr attr = {.allowed_access = right,
							     .port = ports[i]};

		if (sys_landlock_add_rule(child->landlock_fd, KERNEL_LANDLOCK_RULE_NET_PORT, &attr,
					  0) < 0)
			return err_sys(err, "H-72: Landlock rule for port %u", ports[i]);
	}
	return 0;
}

static int check_abi(const struct plan_landlock *l, int abi, struct err *err)
{
	if (abi < l->min_abi)
		return err_policy(err, "H-70", "Landlock ABI %d is needed, this kernel has %d",
				  l->min_abi, abi);
	if ((l->bind_limited || l->connect_limited) && abi < 4)
		return err_policy(
			err, "H-72",
			"limits on ports need Landlock ABI 4 (Linux 6.7), this kernel has %d", abi);
	if (l->exec_only.n && abi < 1)
		return err_policy(err, "H-73",
				  "limits on commands need Landlock, this kernel has none");
	return 0;
}

int landlock_build(const struct plan *plan, struct child *child, struct err *err)
{
	const struct plan_landlock *l = &plan->landlock;
	struct kernel_landlock_ruleset_attr attr = {0};
	struct str_list plain = {.n = 0};
	autofd int root_fd = -1;
	int abi;

	if (!l->enabled)
		return 0;
	abi = sys_landlock_create_ruleset(NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	if (abi < 0)
		abi = 0;
	if (check_abi(l, abi, err) < 0)
		return -1;
	if (abi == 0)
		return 0; /* the plan says min_abi 0: shown there */
	attr.handled_access_fs = l->handled_fs & known_rights(abi);
	attr.handled_access_net = (l->bind_limited ? LANDLOCK_ACCESS_NET_BIND_TCP : 0) |
				  (l->connect_limited ? LANDLOCK_ACCESS_NET_CONNECT_TCP : 0);
	child->landlock_fd = sys_landlock_create_ruleset(&attr, sizeof(attr), 0);
	if (child->landlock_fd < 0)
		return err_sys(err, "create a Landlock rule set");
	root_fd = sys_open("/", O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
	if (root_fd < 0)
		return err_sys(err, "open the root");
	if (allow_writing(l, child, root_fd, attr.handled_access_fs, &plain, err) < 0 ||
	    (l->bind_limited &&
	     allow_ports(child, l->bind.items, l->bind.n, LANDLOCK_ACCESS_NET_BIND_TCP, err) < 0) ||
	    (l->connect_limited && allow_ports(child, l->connect.items, l->connect.n,
					       LANDLOCK_ACCESS_NET_CONNECT_TCP, err) < 0))
		return -1;
	return landlock_allow_executing(l, child, root_fd, &plain, err);
}

int landlock_load(const struct plan *plan, struct child *child, struct err *err)
{
	(void)plan;
	if (child->landlock_fd < 0)
		return 0;
	if (sys_landlock_restrict_self(child->landlock_fd, 0) < 0)
		return err_sys(err, "enter the Landlock rule set");
	return 0;
}
