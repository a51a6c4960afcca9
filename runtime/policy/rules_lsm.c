/* H-70 to H-73: Landlock, labels, ports and commands. */
#include "config.h"

#include "policy/resolve.h"

#include "base/path.h"

#include <linux/landlock.h>
#include <linux/mount.h>
#include <string.h>

#include "base/banned.h"

/* Newer than the header we build with. */
#ifndef LANDLOCK_ACCESS_FS_REFER
#define LANDLOCK_ACCESS_FS_REFER (UINT64_C(1) << 13) /* Linux 5.19 */
#endif
#ifndef LANDLOCK_ACCESS_FS_TRUNCATE
#define LANDLOCK_ACCESS_FS_TRUNCATE (UINT64_C(1) << 14) /* Linux 6.2 */
#endif

/* Writing and executing, which the mounts hold already: a second lock that doesn't
 * hang on them.  Reading is not restricted.  Neither is ioctl on devices (the
 * default ones and a terminal), nor signals: a program started by exec is in a
 * domain of its own, and the container's first process must be able to reach it. */
static const uint64_t handled =
	LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |
	LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_CHAR |
	LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK |
	LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM |
	LANDLOCK_ACCESS_FS_REFER | LANDLOCK_ACCESS_FS_TRUNCATE;

/* Already below an entry of the list. */
static bool is_listed(const struct str_list *list, const char *path)
{
	for (size_t i = 0; i < list->n; i++)
		if (path_is_beneath(path, list->items[i]))
			return true;
	return false;
}

/* Rights are given by hierarchy and can't be taken back further down: a place with
 * something executable mounted below it is left to its mounts. */
static bool has_executable_below(const struct plan *plan, const char *target)
{
	for (size_t i = 0; i < plan->mounts.n; i++)
		if (!(plan_mount_attrs(&plan->mounts.items[i]) & MOUNT_ATTR_NOEXEC) &&
		    path_is_beneath(plan->mounts.items[i].target, target))
			return true;
	return false;
}

static void add_place(struct resolve *r, struct str_list *list, const char *path)
{
	const char **slot = is_listed(list, path) ? NULL : RESOLVE_PUSH(r, list);
	if (slot)
		*slot = path;
}

static int check_abi(struct resolve *r, struct err *err)
{
	if (r->host->landlock_abi >= r->conf->landlock_abi_min)
		return 0;
	return err_set(err, ERR_HOST,
		       "H-70: the policy wants Landlock ABI %d or newer (landlock.minimumAbi), and "
		       "this kernel has %s",
		       r->conf->landlock_abi_min,
		       r->host->landlock_abi ? text(r, "%d", r->host->landlock_abi) : "none");
}

int rule_landlock(struct resolve *r, struct err *err)
{
	struct plan *plan = r->plan;
	struct plan_landlock *landlock = &plan->landlock;
	if (check_abi(r, err) && refused(r, err))
		return -1;
	if (r->host->landlock_abi < 1) {
		note(r, "H-70", CHANGE_SKIPPED, "landlock", NULL, "the kernel has it off");
		return 0;
	}
	landlock->enabled = true;
	landlock->min_abi = r->conf->landlock_abi_min;
	landlock->handled_fs = handled;
	add_place(r, &landlock->writable, "/dev");
	/* The files of one's own process; all else in there is read-only or another's. */
	add_place(r, &landlock->writable, "/proc");
	for (size_t i = 0; i < plan->mounts.n; i++) {
		const struct plan_mount *mount = &plan->mounts.items[i];
		if (!(plan_mount_attrs(mount) & MOUNT_ATTR_RDONLY))
			add_place(r, &landlock->writable, mount->target);
		if ((plan_mount_attrs(mount) & MOUNT_ATTR_NOEXEC) &&
		    !has_executable_below(plan, mount->target))
			add_place(r, &landlock->no_exec, mount->target);
	}
	note(r, "H-70", CHANGE_ADDED, "landlock", NULL, NULL);
	return 0;
}

/* --- H-72, H-73 --- */

static int add_ports(struct resolve *r, const policy_ports *ports, const policy_ports *granted,
		     void *to_list, struct err *err)
{
	__typeof__(r->plan->landlock.bind) *to = to_list;
	const policy_ports *const both[] = {ports, granted};
	for (size_t k = 0; k < ARRAY_LEN(both); k++) {
		for (size_t i = 0; both[k] && i < both[k]->n; i++) {
			uint16_t *port = RESOLVE_PUSH(r, to);
			if (!port)
				return err_oom(err);
			*port = both[k]->items[i];
		}
	}
	return 0;
}

/* TCP only: the kernel knows no other rule.  That what is published can't be another
 * port holds because nobody inside can listen on one. */
int rule_ports(struct resolve *r, struct err *err)
{
	struct plan_landlock *landlock = &r->plan->landlock;
	const struct policy_conf *conf = r->conf;
	if (!conf->bind_limited && !conf->connect_limited)
		return idle(r, "the policy lists no ports (ports.bind, ports.connect)");
	if (r->host->landlock_abi < 4)
		return err_set(err, ERR_HOST,
			       "H-72: the policy limits ports (ports.bind, ports.connect), "
			       "which takes Landlock ABI 4 (Linux 6.7)");
	if (landlock->min_abi < 4)
		landlock->min_abi = 4;
	landlock->bind_limited = conf->bind_limited;
	landlock->connect_limited = conf->connect_limited;
	if (conf->bind_limited &&
	    add_ports(r, &conf->bind, r->grant ? &r->grant->bind : NULL, &landlock->bind, err))
		return -1;
	if (conf->connect_limited &&
	    add_ports(r, &conf->connect, r->grant ? &r->grant->connect : NULL, &landlock->connect,
		      err))
		return -1;
	if (conf->bind_limited)
		note(r, "H-72", CHANGE_ADDED, "landlock.bind", NULL, NULL);
	if (conf->bind_limited && r->grant && r->grant->bind.n)
		note(r, "H-72", CHANGE_EXCEPTED, "landlock.bind", NULL, NULL);
	if (conf->connect_limited)
		note(r, "H-72", CHANGE_ADDED, "landlock.connect", NULL, NULL);
	if (conf->connect_limited && r->grant && r->grant->connect.n)
		note(r, "H-72", CHANGE_EXCEPTED, "landlock.connect", NULL, NULL);
	return 0;
}

/* Files of the image that may, or may not, be executed, whoever asks for it: a shell, an
 * interpreter's system(), a program that was placed beside it.  What interpreters make
 * of a script that they read is not execution (man/kanuki-policy.5). */
int rule_commands(struct resolve *r, struct err *err)
{
	struct plan_landlock *landlock = &r->plan->landlock;
	const struct policy_conf *conf = r->conf;
	if (!conf->commands_allow.n && !conf->commands_deny.n)
		return idle(r, "the policy lists no commands (commands.allow, commands.deny)");
	if (!landlock->enabled)
		return err_set(err, ERR_HOST,
			       "H-73: the policy limits commands (commands.allow, commands.deny), "
			       "which takes Landlock; this kernel has it off");
	for (size_t i = 0; i < conf->commands_allow.n; i++)
		list_add(r, &landlock->exec_only, conf->commands_allow.items[i]);
	for (size_t i = 0; i < conf->commands_deny.n; i++)
		if (!is_listed(&landlock->no_exec, conf->commands_deny.items[i]))
			list_add(r, &landlock->no_exec, conf->commands_deny.items[i]);
	if (conf->commands_allow.n)
		note(r, "H-73", CHANGE_ADDED, "landlock.exec-only", NULL, NULL);
	if (conf->commands_deny.n)
		note(r, "H-73", CHANGE_ADDED, "landlock.no-exec", NULL, NULL);
	return 0;
}

/* A label that this host can't apply is refused where it is read.  For exec: the
 * container's label holds whatever the process asks, because engines leave it out
 * of what they pass (podman). */
int rule_labels(struct resolve *r, struct err *err)
{
	struct plan_process *process = &r->plan->process;
	(void)err;
	if (!r->ceiling) {
		bool wanted = process->apparmor_profile || process->selinux_label;

		return wanted ? 0 : idle(r, "the bundle wants no label");
	}
	const struct {
		const char *key;
		const char *of_container;
		const char **label;
	} labels[] = {
		{"apparmor", r->ceiling->process.apparmor_profile, &process->apparmor_profile},
		{"selinux", r->ceiling->process.selinux_label, &process->selinux_label},
	};
	for (size_t i = 0; i < ARRAY_LEN(labels); i++) {
		if (!labels[i].of_container ||
		    (*labels[i].label && !strcmp(*labels[i].label, labels[i].of_container)))
			continue;
		note(r, "H-71", CHANGE_FORCED, labels[i].key, *labels[i].label, NULL);
		*labels[i].label = keep(r, labels[i].of_container);
	}
	return 0;
}
