/* Reading /proc/self/mountinfo and walking it; see the header. */
#include "config.h"

#include "act/mount_table.h"

#include "base/path.h"
#include "sys/file.h"

#include <string.h>

#include "base/banned.h"

#define MOUNTINFO_MAX (4u << 20)

int mount_table_read(struct child *child, uint64_t root_id, struct mount_table *ret,
		     struct err *err)
{
	char *text;
	size_t len;

	*ret = (struct mount_table){.root = NULL};
	if (file_read(child->proc_fd, "self/mountinfo", MOUNTINFO_MAX, &child->arena, &text, &len,
		      err) < 0 ||
	    mountinfo_parse_all(text, &child->arena, ERR_VERIFY, &ret->mounts, err) < 0)
		return err_context(err, "H-90");
	/* The list moves while it grows: only now. */
	for (size_t i = 0; i < ret->mounts.n; i++)
		if (ret->mounts.items[i].id == root_id)
			ret->root = &ret->mounts.items[i];
	if (!ret->root)
		return err_set(err, ERR_VERIFY, "H-90: the kernel's mount table has no root");
	return 0;
}

const struct mountinfo *mount_table_find(const struct mount_table *table, const char *path)
{
	const struct mountinfo *at = table->root;

	for (;;) {
		const struct mountinfo *next = NULL;

		/* Of the mounts on this one, the first that a walk along the path meets. */
		for (size_t i = 0; i < table->mounts.n; i++) {
			const struct mountinfo *m = &table->mounts.items[i];

			if (m->parent == at->id && m != at && path_is_beneath(path, m->target) &&
			    (!next || strlen(m->target) < strlen(next->target)))
				next = m;
		}
		if (!next)
			return at;
		at = next;
	}
}

const struct mountinfo *mount_table_parent(const struct mount_table *table,
					   const struct mountinfo *m)
{
	for (size_t i = 0; m != table->root && i < table->mounts.n; i++)
		if (table->mounts.items[i].id == m->parent && &table->mounts.items[i] != m)
			return &table->mounts.items[i];
	return NULL;
}

/* Bounded by the table's length: a table that the kernel changed while it was read
 * might hold a circle. */
static bool is_beneath_root(const struct mount_table *table, const struct mountinfo *m)
{
	for (size_t i = 0; m && i < table->mounts.n; i++) {
		m = mount_table_parent(table, m);
		if (m == table->root)
			return true;
	}
	return false;
}

int mount_table_list(struct child *child, const struct str_list *known, struct str_list *ret,
		     struct err *err)
{
	struct mount_table table;
	size_t prefix;

	if (mount_table_read(child, child->root_mount_id, &table, err) < 0)
		return -1;
	/* Before the pivot targets are the host's paths. */
	prefix = strcmp(table.root->target, "/") == 0 ? 0 : strlen(table.root->target);
	for (size_t i = 0; i < table.mounts.n; i++) {
		const struct mountinfo *m = &table.mounts.items[i];
		const char **item;

		if (!is_beneath_root(&table, m) || strlen(m->target) <= prefix ||
		    (known && str_list_has(known, m->target + prefix)))
			continue;
		item = ARENA_PUSH(&child->arena, ret);
		if (!item)
			return err_oom(err);
		*item = m->target + prefix;
	}
	return 0;
}
