/* The order of confinement, as data.  Read the tables top to bottom: they are
 * the security argument; tests/unit/test_child_steps.c fails when a step needs
 * a power that an earlier one gave up.
 */
#include "config.h"

#include "act/child.h"

#include "act/filter.h"
#include "act/process.h"
#include "act/rootfs.h"
#include "base/list.h"
#include "proto/sync.h"
#include "sys/sys.h"

#include <string.h>

#include "base/banned.h"

/* Where the two orders part (plan.h, enum plan_filter_point).  With no_new_privs
 * capabilities go early and the filter is loaded without any; without it loading
 * needs CAP_SYS_ADMIN, so they go right after it: what the filter must allow of
 * ours is capset, prctl and execve (W-14).
 *
 * runc loads it before it waits for start and waits without capabilities; its
 * profiles must then allow the waiting and the hooks, too.  Ours waits with them:
 * it runs none but our own code, and nobody in the container can trace it or open
 * its memory (not dumpable).  What startContainer hooks execute has no more than
 * runc's: by execve(2) root gets the bounding set, reduced long before (drop-bounding),
 * and any other user nothing, as no ambient set is raised yet.
 * A hook loads the filters itself, just before it is executed (hooks.c). */
static int caps_drop(const struct plan *plan, struct child *child, struct err *err)
{
	return plan->filter_point == FILTER_BEFORE_EXEC ? caps_apply(plan, child, err)
							: caps_keep(plan, child, err);
}

static int caps_drop_late(const struct plan *plan, struct child *child, struct err *err)
{
	return plan->filter_point == FILTER_BEFORE_DROP ? caps_apply(plan, child, err) : 0;
}

#define MOUNT POWER_MOUNT
#define HOST POWER_HOST_PATHS
#define CAPS POWER_CAPS
#define SETID POWER_SETID
#define FDS POWER_OPEN_FDS
#define PARENT POWER_PARENT
#define CALLS POWER_SYSCALLS

const struct child_step child_steps_create[] = {
	/* a process of its own */
	{"own-session", session_start, 0, 0},
	{"await-id-maps", ns_await_maps, PARENT, 0},
	{"join-namespaces", ns_join, CAPS, 0},
	{"late-namespaces", ns_unshare_late, CAPS, 0},
	/* what must be seen with the host's file systems still there */
	{"open-root", rootfs_open, MOUNT | HOST, 0},
	{"open-procfs", procfs_open, MOUNT, 0},
	{"open-sources", mounts_open_sources, MOUNT | HOST | PARENT | CAPS, 0},
	/* what asks for rights over the host, or for its uid 0 besides (vm.memfd_noexec) */
	{"priorities", limits_apply_priorities, CAPS | FDS, 0},
	{"sysctls", sysctls_apply, CAPS | FDS | PARENT, 0},
	{"become-root", ns_become_root, CAPS | FDS, 0},
	/* the container's file system */
	{"attach-root", rootfs_attach, MOUNT | FDS, 0},
	{"mount", mounts_apply, MOUNT | FDS | PARENT | CAPS, 0},
	{"network", net_apply, CAPS | PARENT, 0},
	/* until here nothing of the bundle's ran and no device was made; whatever above binds
	 * a device or hands something to the parent has waited by itself */
	{"device-rules", devices_await_rules, PARENT, 0},
	{"devices", devices_apply, MOUNT | FDS, 0},
	{"terminal", console_open, MOUNT | FDS | PARENT, 0},
	{"host-hooks", hooks_host, PARENT, 0},
	{"container-hooks", hooks_container, HOST, 0},
	{"working-directory", rootfs_make_cwd, FDS, 0},
	{"mask-paths", paths_apply, MOUNT | FDS, 0},
	{"enter-root", rootfs_enter, MOUNT | FDS, HOST},
	{"names", ns_set_names, CAPS, 0},
	/* the process itself */
	{"limits", limits_apply, CAPS | FDS, 0},
	{"keyring", session_new_keyring, 0, 0},
	{"labels", labels_apply, FDS, 0},
	{"landlock-rules", landlock_build, FDS, 0},
	{"attach-terminal", console_attach, SETID, 0},
	{"last-user-namespace", ns_enter_last_user, CAPS | PARENT | FDS, MOUNT},
	/* what needs no id, while the parent writes the maps */
	{"drop-bounding", caps_drop_bounding, CAPS, 0},
	{"await-last-maps", ns_await_last_maps, CAPS | PARENT | FDS, 0},
	{"set-ids", ids_apply, SETID, SETID},
	{"drop-capabilities", caps_drop, CAPS, 0},
	{"program", program_prepare, 0, 0},
	{"landlock", landlock_load, FDS, 0},
	{"personality", limits_apply_personality, 0, 0},
	/* nothing is taken on trust */
	{"read-back", verify_child, FDS, 0},
	{"close-descriptors", fds_close_gathered, FDS, FDS},
	{"ready", child_ready, PARENT, PARENT},
	{"gate", gate_await, 0, 0},
	{"start-hooks", hooks_start, 0, 0},
	{"filter", filter_load, CALLS, CALLS},
	{"late-drop", caps_drop_late, CAPS, CAPS},
	{"exec", program_exec, 0, 0},
};
const size_t child_steps_create_len = ARRAY_LEN(child_steps_create);

const struct child_step child_steps_exec[] = {
	{"own-session", session_start, 0, 0},
	/* before the container's mounts: over a masked /proc the kernel gives no new one */
	{"open-procfs", procfs_open, MOUNT, 0},
	{"priorities", limits_apply_priorities, CAPS | FDS, 0},
	{"raise-limits", limits_raise_before_join, CAPS, 0},
	{"join-namespaces", ns_join, CAPS, MOUNT | HOST},
	{"terminal", console_open, FDS | PARENT, 0},
	{"limits", limits_apply, CAPS | FDS, 0},
	{"keyring", session_new_keyring, 0, 0},
	{"labels", labels_apply, FDS, 0},
	{"landlock-rules", landlock_build, FDS, 0},
	{"attach-terminal", console_attach, SETID, 0},
	{"last-user-namespace", ns_enter_last_user, CAPS | FDS, 0},
	{"drop-bounding", caps_drop_bounding, CAPS, 0},
	{"set-ids", ids_apply, SETID, SETID},
	{"drop-capabilities", caps_drop, CAPS, 0},
	{"program", program_prepare, 0, 0},
	{"landlock", landlock_load, FDS, 0},
	{"personality", limits_apply_personality, 0, 0},
	{"read-back", verify_child, FDS, 0},
	{"close-descriptors", fds_close_gathered, FDS, FDS},
	{"ready", child_ready, PARENT, PARENT},
	{"filter", filter_load, CALLS, CALLS},
	{"late-drop", caps_drop_late, CAPS, CAPS},
	{"exec", program_exec, 0, 0},
};
const size_t child_steps_exec_len = ARRAY_LEN(child_steps_exec);

/* The failure goes to whoever listens: the parent, or `start` at the gate
 * (gate_await puts its connection in sync_fd). */
static void __attribute__((noreturn)) child_fail(struct child *child, const struct err *err)
{
	if (child->sync_fd >= 0)
		sync_send_error(child->sync_fd, err);
	sys_exit(err->kind == ERR_EXEC ? 127 : 1);
}

void child_main(const struct plan *plan, struct child *child)
{
	const struct child_step *steps = child->is_exec ? child_steps_exec : child_steps_create;
	size_t n = child->is_exec ? child_steps_exec_len : child_steps_create_len;
	struct err err = ERR_INIT;

	for (size_t i = 0; i < n; i++) {
		if (steps[i].run(plan, child, &err) < 0) {
			/* A policy refusal or a missing program speaks for itself. */
			if (err.kind == ERR_SYSTEM || err.kind == ERR_PROTO)
				(void)err_context(&err, "%s", steps[i].name);
			child_fail(child, &err);
		}
	}
	(void)err_set(&err, ERR_PROTO, "the last step returned");
	child_fail(child, &err);
}
