/* The file system section of the printed plan: root, mounts, devices, masks.
 * The format is described in print.c. */
#include "config.h"

#include "plan/facts.h"
#include "plan/names.h"
#include "plan/print.h"

#include <linux/mount.h>
#include <string.h>

#include "base/banned.h"

static void add_propagation(struct str *out, uint32_t flag, bool recursive)
{
	const char *name = plan_propagation_name(flag);
	if (recursive)
		str_add(out, "r");
	if (name)
		str_add(out, name);
	else
		str_addf(out, "0x%x", flag);
}

static void print_root(struct printer *p)
{
	const struct plan_root *root = &p->plan->root;
	print_word_line(p, "root.path", root->path);
	print_yes_no(p, "root.readonly", root->readonly);
	if (root->idmap)
		print_yes_no(p, "root.idmap", true);
	print_begin(p, "root.flags", NULL);
	plan_add_mount_attrs(p->out, root->attr_set, false);
	print_end(p);
	print_begin(p, "root.propagation", NULL);
	add_propagation(p->out, root->propagation ? root->propagation : MS_PRIVATE,
			root->propagation_rec);
	print_end(p);
	print_yes_no(p, "root.no-pivot", root->no_pivot);

	struct facts_wx wx;
	print_begin(p, "writable-executable", NULL);
	if (facts_find_wx(p->plan, &wx)) {
		print_word(p->out, wx.writable);
		str_add(p->out, " as ");
		print_word(p->out, wx.executable);
	} else {
		str_add(p->out, "none");
	}
	print_end(p);
}

/* The rules that speak of this mount in particular. */
static void own_mount(struct printer *p, const struct plan_mount *mount)
{
	if (mount->kind == MOUNT_BIND)
		print_owner(p, "H-23");
	if (mount->programs != PROGRAMS_NONE)
		print_owner(p, "H-24");
	if (mount->kind == MOUNT_CGROUP_VIEW)
		print_owner(p, "H-61");
	else if (facts_mount(mount).write)
		print_owner(p, "H-22");
	if (mount->kind == MOUNT_NEW && mount->type &&
	    (!strcmp(mount->type, "proc") || !strcmp(mount->type, "sysfs")))
		print_owner(p, "H-32");
}

/* mount_setattr(2) wants the atime field cleared to set a part of it: that says nothing. */
static uint64_t cleared(uint64_t set, uint64_t clear)
{
	return set & MOUNT_ATTR__ATIME ? clear & ~(uint64_t)MOUNT_ATTR__ATIME : clear;
}

static void add_attr_field(struct str *out, const char *name, uint64_t attrs, bool clear)
{
	if (!attrs)
		return;
	str_add(out, " ");
	str_add(out, name);
	str_add(out, "=");
	plan_add_mount_attrs(out, attrs, clear);
}

static void add_data(struct str *out, const struct plan_mount *mount)
{
	if (mount->data.n == 0)
		return;
	str_add(out, mount->kind == MOUNT_CGROUP_VIEW ? " skipped=" : " data=");
	print_words(out, &mount->data, ",");
}

static void add_mount_idmap(struct str *out, const struct plan_mount *mount)
{
	if (!mount->idmap)
		return;
	str_add(out, mount->idmap_rec ? " ridmap=" : " idmap=");
	if (mount->uid_maps.n == 0 && mount->gid_maps.n == 0) {
		str_add(out, "(the container's)");
		return;
	}
	print_idmaps(out, &mount->uid_maps);
	str_add(out, ";");
	print_idmaps(out, &mount->gid_maps);
}

static const char *kind_name(const struct plan_mount *mount)
{
	switch (mount->kind) {
	case MOUNT_BIND:
		return mount->recursive ? "bind-recursive" : "bind";
	case MOUNT_CGROUP_VIEW:
		return "cgroup-view";
	case MOUNT_NEW:
		break;
	}
	return "new";
}

static void add_programs(struct str *out, enum plan_programs programs)
{
	switch (programs) {
	case PROGRAMS_IMAGE:
		str_add(out, " programs=image");
		break;
	case PROGRAMS_ENGINE:
		str_add(out, " programs=engine");
		break;
	case PROGRAMS_HOST:
		str_add(out, " programs=host");
		break;
	case PROGRAMS_NONE:
		break;
	}
}

static void print_mount(struct printer *p, const struct plan_mount *mount)
{
	print_begin(p, "mount ", mount->target);
	own_mount(p, mount);
	str_add(p->out, kind_name(mount));
	if (mount->kind == MOUNT_NEW) {
		str_add(p->out, " type=");
		print_word(p->out, mount->type);
	}
	if (mount->source) {
		str_add(p->out, " source=");
		print_word(p->out, mount->source);
	}
	str_add(p->out, " flags=");
	if (!(mount->attr_set & MOUNT_ATTR_RDONLY))
		str_add(p->out, mount->attr_set ? "rw," : "rw");
	if (mount->attr_set)
		plan_add_mount_attrs(p->out, mount->attr_set, false);
	add_attr_field(p->out, "clear", cleared(mount->attr_set, mount->attr_clr), true);
	add_attr_field(p->out, "tree", mount->attr_set_rec, false);
	add_attr_field(p->out, "tree-clear", cleared(mount->attr_set_rec, mount->attr_clr_rec),
		       true);
	if (mount->propagation) {
		str_add(p->out, " propagation=");
		add_propagation(p->out, mount->propagation, mount->propagation_rec);
	}
	add_data(p->out, mount);
	if (mount->tmpcopyup)
		str_add(p->out, " tmpcopyup=yes");
	add_mount_idmap(p->out, mount);
	if (mount->mount_label) {
		str_add(p->out, " label=");
		print_word(p->out, mount->mount_label);
	}
	str_addf(p->out, " links=%s missing=",
		 mount->links == LINKS_IN_ROOT ? "in-root" : "refused");
	if (mount->on_missing == ON_MISSING_SKIP)
		str_add(p->out, "skip");
	else if (mount->mode)
		str_addf(p->out, "create(0%o)", mount->mode);
	else
		str_add(p->out, "create");
	if (mount->source_nofollow)
		str_add(p->out, " source-links=refused");
	if (mount->socket)
		str_add(p->out, " socket=named");
	add_programs(p->out, mount->programs);
	if (mount->refuse_procfs_target)
		str_add(p->out, " on-procfs=refused");
	print_end(p);
}

static void print_devices(struct printer *p)
{
	const struct plan *plan = p->plan;
	print_yes_no(p, "dev.readonly", plan->dev_readonly);
	print_number(p, "devices", (int64_t)plan->devices.n);
	for (size_t i = 0; i < plan->devices.n; i++) {
		const struct plan_device *device = &plan->devices.items[i];
		print_begin(p, "device ", device->path);
		str_addf(p->out, "%c %u:%u 0%03o %u:%u", device->type, device->major, device->minor,
			 device->mode, device->uid, device->gid);
		print_end(p);
	}
	for (size_t i = 0; i < plan->dev_links.n; i++) {
		print_begin(p, "dev-link ", plan->dev_links.items[i].path);
		print_word(p->out, plan->dev_links.items[i].target);
		print_end(p);
	}
}

void print_mounts(struct printer *p)
{
	const struct plan *plan = p->plan;
	int64_t from_host = 0;
	for (size_t i = 0; i < plan->mounts.n; i++)
		from_host += plan->mounts.items[i].kind == MOUNT_BIND;
	print_root(p);
	print_number(p, "mounts.from-host", from_host);
	for (size_t i = 0; i < plan->mounts.n; i++)
		print_mount(p, &plan->mounts.items[i]);
	print_devices(p);
	for (size_t i = 0; i < plan->masked.n; i++) {
		print_begin(p, "masked ", plan->masked.items[i].path);
		str_add(p->out, "yes");
		print_end(p);
	}
	for (size_t i = 0; i < plan->readonly.n; i++) {
		print_begin(p, "readonly ", plan->readonly.items[i].path);
		str_add(p->out, "yes");
		print_end(p);
	}
}
