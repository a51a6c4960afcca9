/* Part of H-90: the container's mount table as the kernel shows it.
 *
 * The plan is not asked again how things should have been done, only what must
 * hold: root read-only (H-20), what is writable is noexec, nosuid and nodev
 * (H-22), no file system is writable at one place and executable at another
 * (H-24), nothing propagates to the host (H-26).
 */
#include "config.h"

#include "act/mountinfo.h"
#include "act/rootfs.h"
#include "base/auto.h"
#include "base/list.h"
#include "base/path.h"
#include "sys/file.h"
#include "sys/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/banned.h"

#define MOUNTINFO_MAX (4u << 20)

typedef LIST_OF(struct mountinfo) mount_list;

static int read_mounts(struct child *child, mount_list *ret, struct err *err)
{
	char *text, *line;
	size_t len;

	if (file_read(child->proc_fd, "self/mountinfo", MOUNTINFO_MAX, &child->arena, &text, &len, err) < 0)
		return err_context(err, "H-90");
	while ((line = strsep(&text, "\n"))) {
		struct mountinfo *m;

		if (!*line)
			continue;
		m = ARENA_PUSH(&child->arena, ret);
		if (!m)
			return err_oom(err);
		if (!mountinfo_parse(line, m))
			return err_set(err, ERR_VERIFY, "H-90: the kernel's mount table has an unknown form");
	}
	return 0;
}

static bool is_writable(const struct mountinfo *m)
{
	return !m->readonly && !m->sb_readonly;
}

/* Holds devices by design, with nothing of the bundle's: devpts, and /dev's nodes
 * where they are bound one by one. */
static bool needs_devices(const struct mountinfo *m)
{
	return strcmp(m->type, "devpts") == 0 || strcmp(m->type, "devtmpfs") == 0 ||
	       strcmp(m->target, "/dev/console") == 0;
}

static int verify_flags(const struct mountinfo *m, struct err *err)
{
	if (m->shared)
		return err_set(err, ERR_VERIFY, "H-90: mount '%s' propagates", m->target);
	if (strcmp(m->target, "/") == 0)
		return !is_writable(m) ? 0 : err_set(err, ERR_VERIFY, "H-90: the root is writable");
	if (!is_writable(m))
		return 0;
	if (!m->noexec || !m->nosuid)
		return err_set(err, ERR_VERIFY, "H-90: mount '%s' is writable and not %s", m->target,
			       !m->noexec ? "noexec" : "nosuid");
	if (!m->nodev && !needs_devices(m))
		return err_set(err, ERR_VERIFY, "H-90: mount '%s' is writable and not nodev", m->target);
	return 0;
}

/* The same part of one file system, written here and executed there. */
static bool overlap(const struct mountinfo *a, const struct mountinfo *b)
{
	return a->major == b->major && a->minor == b->minor &&
	       (path_is_beneath(a->root, b->root) || path_is_beneath(b->root, a->root));
}

static int verify_exclusion(const mount_list *mounts, struct err *err)
{
	for (size_t i = 0; i < mounts->n; i++) {
		const struct mountinfo *w = &mounts->items[i];

		if (!is_writable(w) || strcmp(w->type, "proc") == 0)
			continue;
		for (size_t k = 0; k < mounts->n; k++) {
			const struct mountinfo *x = &mounts->items[k];

			if (k != i && !x->noexec && overlap(w, x))
				return err_set(err, ERR_VERIFY,
					       "H-24: what can be written at '%s' could be executed at '%s'", w->target,
					       x->target);
		}
	}
	return 0;
}

int mounts_verify(const struct plan *plan, struct child *child, struct err *err)
{
	mount_list mounts = {0};

	if (plan->level != LEVEL_HARDENED)
		return 0;
	if (read_mounts(child, &mounts, err) < 0)
		return -1;
	if (mounts.n == 0)
		return err_set(err, ERR_VERIFY, "H-90: the kernel shows no mounts");
	for (size_t i = 0; i < mounts.n; i++)
		if (verify_flags(&mounts.items[i], err) < 0)
			return -1;
	return verify_exclusion(&mounts, err);
}
