/* Owns the vocabulary of mount options: runc's and crun's, and the table of
 * runtime-spec config.md "Linux mount options".  Lexical: what an option may do
 * in a container is decided elsewhere.
 */
#include "config.h"

#include "policy/mount_options.h"

#include <linux/mount.h>
#include <stdlib.h>
#include <string.h>

#include "base/banned.h"

#ifndef MOUNT_ATTR_NOSYMFOLLOW
#define MOUNT_ATTR_NOSYMFOLLOW 0x00200000 /* Linux 5.14 */
#endif

enum effect {
	NOTHING,   /* asks for what is so anyway */
	SET,       /* attribute on */
	CLR,       /* attribute off */
	ATIME,     /* one of the three values of the atime field */
	ATIME_NOT, /* the negation of one of them */
	PROPAGATION,
	BIND,
	IDMAP,
	TMPCOPYUP,
	SRC_NOFOLLOW,
	SUPERBLOCK, /* fsconfig's flag of the same name */
	REFUSED,
};

struct option {
	const char *name;
	enum effect effect;
	uint64_t value;
	bool tree; /* of all that is mounted below, too */
};

/* Sorted by name: bsearch(3). */
static const struct option options[] = {
	{"acl", SUPERBLOCK, 0, false},
	{"async", NOTHING, 0, false},
	{"atime", ATIME_NOT, MOUNT_ATTR_NOATIME, false},
	{"bind", BIND, 0, false},
	{"copy-symlink", REFUSED, 0, false},
	{"defaults", NOTHING, 0, false},
	{"dest-nofollow", REFUSED, 0, false},
	{"dev", CLR, MOUNT_ATTR_NODEV, false},
	{"diratime", CLR, MOUNT_ATTR_NODIRATIME, false},
	{"dirsync", SUPERBLOCK, 0, false},
	{"exec", CLR, MOUNT_ATTR_NOEXEC, false},
	{"idmap", IDMAP, 0, false},
	{"iversion", SUPERBLOCK, 0, false},
	{"lazytime", SUPERBLOCK, 0, false},
	{"loud", NOTHING, 0, false},
	{"mand", REFUSED, 0, false},
	{"noacl", SUPERBLOCK, 0, false},
	{"noatime", ATIME, MOUNT_ATTR_NOATIME, false},
	{"nodev", SET, MOUNT_ATTR_NODEV, false},
	{"nodiratime", SET, MOUNT_ATTR_NODIRATIME, false},
	{"noexec", SET, MOUNT_ATTR_NOEXEC, false},
	{"noiversion", NOTHING, 0, false},
	{"nolazytime", NOTHING, 0, false},
	{"nomand", NOTHING, 0, false},
	{"norelatime", ATIME_NOT, MOUNT_ATTR_RELATIME, false},
	{"nostrictatime", ATIME_NOT, MOUNT_ATTR_STRICTATIME, false},
	{"nosuid", SET, MOUNT_ATTR_NOSUID, false},
	{"nosymfollow", SET, MOUNT_ATTR_NOSYMFOLLOW, false},
	{"private", PROPAGATION, MS_PRIVATE, false},
	{"ratime", ATIME_NOT, MOUNT_ATTR_NOATIME, true},
	{"rbind", BIND, 0, true},
	{"rdev", CLR, MOUNT_ATTR_NODEV, true},
	{"rdiratime", CLR, MOUNT_ATTR_NODIRATIME, true},
	{"relatime", ATIME, MOUNT_ATTR_RELATIME, false},
	{"remount", REFUSED, 0, false},
	{"rexec", CLR, MOUNT_ATTR_NOEXEC, true},
	{"ridmap", IDMAP, 0, true},
	{"rnoatime", ATIME, MOUNT_ATTR_NOATIME, true},
	{"rnodev", SET, MOUNT_ATTR_NODEV, true},
	{"rnodiratime", SET, MOUNT_ATTR_NODIRATIME, true},
	{"rnoexec", SET, MOUNT_ATTR_NOEXEC, true},
	{"rnorelatime", ATIME_NOT, MOUNT_ATTR_RELATIME, true},
	{"rnostrictatime", ATIME_NOT, MOUNT_ATTR_STRICTATIME, true},
	{"rnosuid", SET, MOUNT_ATTR_NOSUID, true},
	{"rnosymfollow", SET, MOUNT_ATTR_NOSYMFOLLOW, true},
	{"ro", SET, MOUNT_ATTR_RDONLY, false},
	{"rprivate", PROPAGATION, MS_PRIVATE, true},
	{"rrelatime", ATIME, MOUNT_ATTR_RELATIME, true},
	{"rro", SET, MOUNT_ATTR_RDONLY, true},
	{"rrw", CLR, MOUNT_ATTR_RDONLY, true},
	{"rshared", PROPAGATION, MS_SHARED, true},
	{"rslave", PROPAGATION, MS_SLAVE, true},
	{"rstrictatime", ATIME, MOUNT_ATTR_STRICTATIME, true},
	{"rsuid", CLR, MOUNT_ATTR_NOSUID, true},
	{"rsymfollow", CLR, MOUNT_ATTR_NOSYMFOLLOW, true},
	{"runbindable", PROPAGATION, MS_UNBINDABLE, true},
	{"rw", CLR, MOUNT_ATTR_RDONLY, false},
	{"shared", PROPAGATION, MS_SHARED, false},
	{"silent", NOTHING, 0, false},
	{"slave", PROPAGATION, MS_SLAVE, false},
	{"src-nofollow", SRC_NOFOLLOW, 0, false},
	{"strictatime", ATIME, MOUNT_ATTR_STRICTATIME, false},
	{"suid", CLR, MOUNT_ATTR_NOSUID, false},
	{"symfollow", CLR, MOUNT_ATTR_NOSYMFOLLOW, false},
	{"sync", SUPERBLOCK, 0, false},
	{"tmpcopyup", TMPCOPYUP, 0, false},
	{"unbindable", PROPAGATION, MS_UNBINDABLE, false},
};

const char *mount_option_name(size_t index)
{
	for (size_t i = 0; i < ARRAY_LEN(options); i++)
		if (options[i].effect != REFUSED && index-- == 0)
			return options[i].name;
	return NULL;
}

/* Why, for the options that are known and yet not taken. */
static int refuse(const char *name, struct err *err)
{
	if (!strcmp(name, "remount"))
		return err_set(
			err, ERR_SPEC,
			"'remount': a container's mounts are new; there is nothing to remount");
	if (!strcmp(name, "mand"))
		return err_set(err, ERR_SPEC, "'mand': Linux has no mandatory locking since 5.15");
	return err_set(err, ERR_SPEC, "'%s': an extension of crun that is not supported; remove it",
		       name);
}

static void set(uint64_t bits, uint64_t *on, uint64_t *off)
{
	*on |= bits;
	*off &= ~bits;
}

/* The atime setting is a field of three values and not a bit; mount_setattr(2)
 * wants the whole field cleared when one is set. */
static void set_atime(uint64_t value, uint64_t *on, uint64_t *off)
{
	*on = (*on & ~(uint64_t)MOUNT_ATTR__ATIME) | value;
	*off |= MOUNT_ATTR__ATIME;
}

/* "nostrictatime" leaves a "noatime" beside it alone. */
static void unset_atime(uint64_t value, uint64_t *on, uint64_t *off)
{
	bool chosen = *off & MOUNT_ATTR__ATIME;
	if (value != MOUNT_ATTR_RELATIME && (!chosen || (*on & MOUNT_ATTR__ATIME) == value))
		set_atime(MOUNT_ATTR_RELATIME, on, off);
}

static int compare(const void *key, const void *element)
{
	return strcmp(key, ((const struct option *)element)->name);
}

/* False when it is none of an attribute. */
static bool apply_attribute(const struct option *option, struct mount_options *o)
{
	uint64_t *on = option->tree ? &o->set_rec : &o->set;
	uint64_t *off = option->tree ? &o->clr_rec : &o->clr;
	if (option->effect == SET)
		set(option->value, on, off);
	else if (option->effect == CLR)
		set(option->value, off, on);
	else if (option->effect == ATIME)
		set_atime(option->value, on, off);
	else if (option->effect == ATIME_NOT)
		unset_atime(option->value, on, off);
	else
		return false;
	return true;
}

static void apply_flag(const struct option *option, struct mount_options *o)
{
	if (option->effect == PROPAGATION) {
		o->propagation = (uint32_t)option->value;
		o->propagation_rec = option->tree;
	} else if (option->effect == BIND) {
		o->bind = true;
		o->recursive |= option->tree;
	} else if (option->effect == IDMAP) {
		o->idmap = true;
		o->idmap_rec = option->tree;
	}
	o->tmpcopyup |= option->effect == TMPCOPYUP;
	o->source_nofollow |= option->effect == SRC_NOFOLLOW;
}

int mount_option_add(const char *name, struct mount_options *o, struct err *err)
{
	const struct option *option =
		bsearch(name, options, ARRAY_LEN(options), sizeof(options[0]), compare);
	if (!option || option->effect == SUPERBLOCK)
		return 0;
	if (option->effect == REFUSED)
		return refuse(name, err);
	if (!apply_attribute(option, o))
		apply_flag(option, o);
	return 1;
}
