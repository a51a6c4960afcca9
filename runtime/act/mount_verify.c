/* Part of H-90: the container's mount table as the kernel shows it.
 *
 * The plan is not asked again how things should have been done, only what must
 * hold: each of its mounts, masks and read-only paths is there and reached by its
 * path, nothing else is; root read-only (H-20), what is writable is noexec, nosuid
 * and nodev (H-22), no file system is writable at one place and executable at
 * another (H-24), nothing propagates to the host (H-26).  An exception's mount is what
 * it says.
 */
#include "config.h"

#include "act/mount_table.h"
#include "act/rootfs.h"
#include "base/auto.h"
#include "base/list.h"
#include "base/path.h"
#include "sys/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "base/banned.h"

/* --- what the plan names --- */

enum expected_kind { EXPECT_MOUNT, EXPECT_NODE, EXPECT_READONLY, EXPECT_MASK };

struct expected {
	enum expected_kind kind;
	const char *planned; /* as the plan has it */
	const char *path;    /* where that leads in the root */
	size_t index;	     /* EXPECT_MOUNT: of plan->mounts */
};

typedef LIST_OF(struct expected) expected_list; /* in the order of attaching */

struct verifier {
	const struct plan *plan;
	struct child *child;
	struct mount_table table;
	expected_list expected;
};

static bool has_mount_at(const struct mount_table *table, const char *path)
{
	for (size_t i = 0; i < table->mounts.n; i++)
		if (strcmp(table->mounts.items[i].target, path) == 0)
			return true;
	return false;
}

/* 1, and *ret is where the path leads; 0: nowhere that the program could reach. */
static int resolve_path(const struct verifier *v, const char *path, const char **ret,
			struct err *err)
{
	autofd int fd = rootfs_resolve(v->child->root_fd, path, O_PATH, 0);
	char name[32], real[PATH_MAX];
	ssize_t n;

	/* EACCES: we have no more rights than the program will have. */
	if (fd < 0)
		return errno == ENOENT || errno == ENOTDIR || errno == EACCES
			       ? 0
			       : err_sys(err, "H-90: look at '%s'", path);
	(void)snprintf(name, sizeof(name), "self/fd/%d", fd);
	n = sys_readlinkat(v->child->proc_fd, name, real, sizeof(real) - 1);
	if (n < 0)
		return err_sys(err, "H-90: ask where '%s' is", path);
	real[n] = 0;
	*ret = arena_strdup(&v->child->arena, real);
	return *ret ? 1 : err_oom(err);
}

static const char *rule_of(enum expected_kind kind)
{
	return kind == EXPECT_MASK ? "H-90, H-30" : kind == EXPECT_READONLY ? "H-90, H-31" : "H-90";
}

/* Only a path that the table doesn't have as it stands costs system calls: it is
 * missing, or leads through a link of the image. */
static int expect(struct verifier *v, enum expected_kind kind, const char *path, size_t index,
		  bool may_miss, struct err *err)
{
	struct expected e = {.kind = kind, .planned = path, .path = path, .index = index}, *slot;

	if (!has_mount_at(&v->table, path)) {
		int found = resolve_path(v, path, &e.path, err);

		if (found < 0)
			return -1;
		if (!found && may_miss)
			return 0;
		if (!found || !has_mount_at(&v->table, e.path))
			return err_set(err, ERR_VERIFY, "%s: nothing is mounted on '%s'",
				       rule_of(kind), path);
	}
	slot = ARENA_PUSH(&v->child->arena, &v->expected);
	if (!slot)
		return err_oom(err);
	*slot = e;
	return 0;
}

static int expect_all(struct verifier *v, struct err *err)
{
	const struct plan *plan = v->plan;

	for (size_t i = 0; i < plan->mounts.n; i++) {
		const struct plan_mount *m = &plan->mounts.items[i];
		bool may_miss = m->on_missing == ON_MISSING_SKIP;

		/* The target may be there by now: a later mount, as podman's /run/.containerenv,
		 * makes what it lacks. */
		if (may_miss && v->child->mount_ids && v->child->mount_ids[i] == MOUNT_SKIPPED)
			continue;
		if (expect(v, EXPECT_MOUNT, m->target, i, may_miss, err) < 0)
			return -1;
	}
	for (size_t i = 0; plan->devices_bind && i < plan->devices.n; i++)
		if (plan->devices.items[i].type != 'p' &&
		    expect(v, EXPECT_NODE, plan->devices.items[i].path, 0, false, err) < 0)
			return -1;
	if (plan->process.terminal && expect(v, EXPECT_NODE, "/dev/console", 0, false, err) < 0)
		return -1;
	for (size_t i = 0; i < plan->readonly.n; i++)
		if (expect(v, EXPECT_READONLY, plan->readonly.items[i].path, 0, true, err) < 0)
			return -1;
	for (size_t i = 0; i < plan->masked.n; i++)
		if (expect(v, EXPECT_MASK, plan->masked.items[i].path, 0, true, err) < 0)
			return -1;
	return 0;
}

/* The last one attached there. */
static const struct expected *expected_at(const struct verifier *v, const char *path)
{
	for (size_t i = v->expected.n; i-- > 0;)
		if (strcmp(v->expected.items[i].path, path) == 0)
			return &v->expected.items[i];
	return NULL;
}

/* --- it is there, and it is that --- */

static int verify_attributes(const struct plan_mount *p, const struct mountinfo *m, bool readonly,
			     struct err *err)
{
	uint64_t want = plan_mount_attrs(p);
	const char *lacks = NULL;

	if (((want & MOUNT_ATTR_RDONLY) || readonly) && !m->readonly)
		lacks = "read-only";
	else if ((want & MOUNT_ATTR_NOSUID) && !m->nosuid)
		lacks = "nosuid";
	else if ((want & MOUNT_ATTR_NODEV) && !m->nodev)
		lacks = "nodev";
	else if ((want & MOUNT_ATTR_NOEXEC) && !m->noexec)
		lacks = "noexec";
	return lacks ? err_set(err, ERR_VERIFY, "H-90: mount '%s' is not %s", p->target, lacks) : 0;
}

static int verify_mount(const struct verifier *v, const struct expected *e,
			const struct mountinfo *m, struct err *err)
{
	const struct plan_mount *p = &v->plan->mounts.items[e->index];
	uint64_t id = v->child->mount_ids ? v->child->mount_ids[e->index] : 0;
	const char *type = p->kind == MOUNT_CGROUP_VIEW ? "cgroup2"
			   : p->kind == MOUNT_NEW       ? p->type
							: NULL;

	if ((type && strcmp(m->type, type) != 0) || (id && m->id != id))
		return err_set(err, ERR_VERIFY, "H-90: mount '%s' is another one than was planned",
			       p->target);
	return verify_attributes(p, m, v->plan->dev_readonly && strcmp(p->target, "/dev") == 0,
				 err);
}

/* A mount that shows what lay there before covers nothing. */
static bool shows_the_covered(const struct verifier *v, const struct mountinfo *m)
{
	const struct mountinfo *below = mount_table_parent(&v->table, m);
	size_t root_len, at;

	if (!below || below->major != m->major || below->minor != m->minor)
		return false;
	root_len = strcmp(below->root, "/") == 0 ? 0 : strlen(below->root);
	at = strcmp(below->target, "/") == 0 ? 0 : strlen(below->target);
	return strncmp(m->root, below->root, root_len) == 0 &&
	       strcmp(m->root + root_len, m->target + at) == 0;
}

static int verify_mask(const struct verifier *v, const struct expected *e,
		       const struct mountinfo *m, struct err *err)
{
	const struct expected *there = expected_at(v, m->target);

	/* Or a directory above it is masked. */
	if (!there || there->kind != EXPECT_MASK || !m->readonly || !m->noexec || !m->nosuid ||
	    shows_the_covered(v, m))
		return err_set(err, ERR_VERIFY, "H-90, H-30: '%s' is not masked", e->planned);
	return 0;
}

static int verify_readonly(const struct verifier *v, const struct expected *e, struct err *err)
{
	for (size_t i = 0; i < v->table.mounts.n; i++) {
		const struct mountinfo *m = &v->table.mounts.items[i];

		if (path_is_beneath(m->target, e->path) && !m->readonly &&
		    mount_table_find(&v->table, m->target) == m)
			return err_set(err, ERR_VERIFY, "H-90, H-31: '%s' is not read-only at '%s'",
				       e->planned, m->target);
	}
	if (!mount_table_find(&v->table, e->path)->readonly)
		return err_set(err, ERR_VERIFY, "H-90, H-31: '%s' is not read-only", e->planned);
	return 0;
}

static int verify_expected(const struct verifier *v, struct err *err)
{
	for (size_t i = 0; i < v->expected.n; i++) {
		const struct expected *e = &v->expected.items[i];
		const struct mountinfo *m = mount_table_find(&v->table, e->path);

		if (e->kind == EXPECT_MASK && verify_mask(v, e, m, err) < 0)
			return -1;
		if (e->kind == EXPECT_READONLY && verify_readonly(v, e, err) < 0)
			return -1;
		/* What a later one of the plan covers isn't reached any more. */
		if (e->kind == EXPECT_MOUNT && expected_at(v, e->path) == e &&
		    strcmp(m->target, e->path) == 0 && verify_mount(v, e, m, err) < 0)
			return -1;
	}
	return 0;
}

/* --- and nothing else is --- */

static bool is_of_hook(const struct verifier *v, const struct mountinfo *m)
{
	return str_list_has(&v->child->hooked, m->target);
}

/* Comes with a bind of the plan: its source's own mounts, or later ones of the host
 * where the plan lets them in. */
static bool brings_others(const struct verifier *v, const struct mountinfo *m)
{
	const struct expected *e = expected_at(v, m->target);
	const struct plan_mount *p;

	for (size_t i = v->expected.n; e && e->kind != EXPECT_MOUNT && i-- > 0;)
		if (strcmp(v->expected.items[i].path, m->target) == 0)
			e = &v->expected.items[i];
	if (!e || e->kind != EXPECT_MOUNT)
		return false;
	p = &v->plan->mounts.items[e->index];
	return p->kind == MOUNT_BIND &&
	       (p->recursive || (p->propagation && p->propagation != MS_PRIVATE));
}

static int verify_planned(const struct verifier *v, const struct mountinfo *m, struct err *err)
{
	const struct mountinfo *above = m;

	if (m == v->table.root)
		return 0;
	if (strcmp(m->target, "/") == 0)
		return err_set(err, ERR_VERIFY, "H-90: something is mounted over the root");
	if (expected_at(v, m->target) || str_list_has(&v->child->came, m->target) ||
	    is_of_hook(v, m))
		return 0;
	for (size_t i = 0; above && i < v->table.mounts.n; i++) {
		above = mount_table_parent(&v->table, above);
		if (above && brings_others(v, above))
			return 0;
	}
	return err_set(err, ERR_VERIFY, "H-90: '%s' is mounted and the plan has no such mount",
		       m->target);
}

static int verify_root(struct verifier *v, struct err *err)
{
	const struct child *child = v->child;
	struct statx st;

	if (sys_statx(AT_FDCWD, "/", 0, STATX_INO | STATX_MNT_ID, &st) < 0)
		return err_sys(err, "H-90: look at the root");
	if (makedev(st.stx_dev_major, st.stx_dev_minor) != child->root_dev ||
	    st.stx_ino != child->root_ino || st.stx_mnt_id != child->root_mount_id)
		return err_set(err, ERR_VERIFY, "H-90: the root is not '%s'", v->plan->root.path);
	return mount_table_read(v->child, st.stx_mnt_id, &v->table, err);
}

/* --- what must hold of any mount --- */

static bool is_writable(const struct mountinfo *m)
{
	return !m->readonly && !m->sb_readonly;
}

/* Holds devices by design, with nothing of the bundle's: devpts, and /dev's nodes where they
 * are bound one by one, from a devtmpfs or, where we are in a container ourselves, any other. */
static bool needs_devices(const struct verifier *v, const struct mountinfo *m)
{
	const struct expected *e = expected_at(v, m->target);

	if (e && e->kind == EXPECT_NODE)
		return true;
	return (e || is_of_hook(v, m)) &&
	       (strcmp(m->type, "devpts") == 0 || strcmp(m->type, "devtmpfs") == 0);
}

/* What an exception lets be executed, and where: the mount of the plan there, and none
 * beneath it (H-22, H-24). */
static bool is_exec_granted(const struct verifier *v, const struct mountinfo *m)
{
	const struct expected *e = v->plan->granted.exec_on.n ? expected_at(v, m->target) : NULL;

	return e && e->kind == EXPECT_MOUNT && plan_is_exec_granted(v->plan, e->planned);
}

static int verify_flags(const struct verifier *v, const struct mountinfo *m, struct err *err)
{
	bool writable = is_writable(m);
	const char *lacks = NULL;

	if (m->peer)
		return err_set(err, ERR_VERIFY, "H-90: mount '%s' propagates", m->target);
	if (m == v->table.root)
		return !writable ? 0 : err_set(err, ERR_VERIFY, "H-90: the root is writable");
	/* Read-only ones are as the plan has them (verify_expected), or as hooks do. */
	if (!writable && (expected_at(v, m->target) || is_of_hook(v, m)))
		return 0;
	if (!m->nosuid)
		lacks = "nosuid";
	else if (writable && !m->noexec && !is_exec_granted(v, m))
		lacks = "noexec";
	else if (!m->nodev && !needs_devices(v, m))
		lacks = "nodev";
	return lacks ? err_set(err, ERR_VERIFY, "H-90: mount '%s' is %snot %s", m->target,
			       writable ? "writable and " : "", lacks)
		     : 0;
}

static bool is_of_kernel(const char *type)
{
	static const char *const types[] = {
		"binfmt_misc", "bpf",  "cgroup", "cgroup2", "configfs",	  "debugfs", "efivarfs",
		"nsfs",	       "proc", "pstore", "resctrl", "securityfs", "sysfs",   "tracefs",
	};

	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		if (strcmp(type, types[i]) == 0)
			return true;
	return false;
}

/* Made for the container, or bound from what was: where it is masked or read-only. */
static bool is_of_container(const struct verifier *v, const struct expected *e,
			    const struct mountinfo *m)
{
	if (e->kind != EXPECT_MOUNT || v->plan->mounts.items[e->index].kind == MOUNT_BIND)
		return false;
	for (size_t i = 0; i < v->table.mounts.n; i++) {
		const struct mountinfo *own = &v->table.mounts.items[i];

		if (strcmp(own->target, e->path) == 0 && own->major == m->major &&
		    own->minor == m->minor)
			return true;
	}
	return false;
}

/* H-25 judged names: the tree of a volume, or the root's, may have one of the kernel's own
 * file systems in it all the same (a chroot's /proc).  What is covered shows nothing. */
static int verify_kernel_fs(const struct verifier *v, const struct mountinfo *m, struct err *err)
{
	bool made = false;

	if (!is_of_kernel(m->type) || is_of_hook(v, m) ||
	    mount_table_find(&v->table, m->target) != m)
		return 0;
	for (size_t i = v->expected.n; i-- > 0;) {
		const struct expected *e = &v->expected.items[i];

		if (strcmp(e->path, m->target) != 0)
			continue;
		made = e->kind != EXPECT_MOUNT ||
		       v->plan->mounts.items[e->index].kind != MOUNT_BIND;
		if (e->kind == EXPECT_MOUNT)
			break;
	}
	for (size_t i = 0; made && i < v->expected.n; i++)
		if (is_of_container(v, &v->expected.items[i], m))
			return 0;
	if (str_list_has(&v->child->came, m->target))
		err_policy(err, "H-25", "root.path: '%s%s' shows the host's %s; unmount it",
			   v->plan->root.path, m->target, m->type);
	else
		err_policy(err, "H-25",
			   "mount '%s': shows the host's %s; bind what doesn't hold it", m->target,
			   m->type);
	return err_changed_by(err, ERR_BY_LEVEL);
}

/* The same part of one file system, written here and executed there. */
static bool overlap(const struct mountinfo *a, const struct mountinfo *b)
{
	return a->major == b->major && a->minor == b->minor &&
	       (path_is_beneath(a->root, b->root) || path_is_beneath(b->root, a->root));
}

static int verify_exclusion(const struct verifier *v, struct err *err)
{
	const struct mount_table *table = &v->table;

	for (size_t i = 0; i < table->mounts.n; i++) {
		const struct mountinfo *w = &table->mounts.items[i];

		if (!is_writable(w) || strcmp(w->type, "proc") == 0)
			continue;
		for (size_t k = 0; k < table->mounts.n; k++) {
			const struct mountinfo *x = &table->mounts.items[k];

			if (k != i && !x->noexec && overlap(w, x) && !is_exec_granted(v, x))
				return err_set(err, ERR_VERIFY,
					       "H-90, H-24: what can be written at '%s' could be "
					       "executed at '%s'",
					       w->target, x->target);
		}
	}
	return 0;
}

int mounts_verify(const struct plan *plan, struct child *child, struct err *err)
{
	struct verifier v = {.plan = plan, .child = child};

	if (plan->level == LEVEL_OCI)
		return 0;
	if (verify_root(&v, err) < 0 || expect_all(&v, err) < 0)
		return -1;
	for (size_t i = 0; i < v.table.mounts.n; i++)
		if (verify_planned(&v, &v.table.mounts.items[i], err) < 0 ||
		    verify_kernel_fs(&v, &v.table.mounts.items[i], err) < 0 ||
		    verify_flags(&v, &v.table.mounts.items[i], err) < 0)
			return -1;
	if (verify_expected(&v, err) < 0)
		return -1;
	return verify_exclusion(&v, err);
}
