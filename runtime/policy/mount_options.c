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
	NOTHING,	/* asks for what is so anyway */
	SET,		/* attribute on */
	CLR,		/* attribute off */
	ATIME,		/* one of the three values of the atime field */
	ATIME_NOT,	/* the negation of one of them */
	SET_REC, CLR_REC, ATIME_REC, ATIME_NOT_REC,
	PROPAGATION, PROPAGATION_REC,
	BIND, RBIND, IDMAP, RIDMAP, TMPCOPYUP, SRC_NOFOLLOW,
	SUPERBLOCK,	/* fsconfig's flag of the same name */
	REFUSED,
};

struct option {
	const char *name;
	enum effect effect;
	uint64_t value;
};

/* Sorted by name: bsearch(3). */
static const struct option options[] = {
	{"acl", SUPERBLOCK, 0},
	{"async", NOTHING, 0},
	{"atime", ATIME_NOT, MOUNT_ATTR_NOATIME},
	{"bind", BIND, 0},
	{"copy-symlink", REFUSED, 0},
	{"defaults", NOTHING, 0},
	{"dest-nofollow", REFUSED, 0},
	{"dev", CLR, MOUNT_ATTR_NODEV},
	{"diratime", CLR, MOUNT_ATTR_NODIRATIME},
	{"dirsync", SUPERBLOCK, 0},
	{"exec", CLR, MOUNT_ATTR_NOEXEC},
	{"idmap", IDMAP, 0},
	{"iversion", SUPERBLOCK, 0},
	{"lazytime", SUPERBLOCK, 0},
	{"loud", NOTHING, 0},
	{"mand", REFUSED, 0},
	{"noacl", SUPERBLOCK, 0},
	{"noatime", ATIME, MOUNT_ATTR_NOATIME},
	{"nodev", SET, MOUNT_ATTR_NODEV},
	{"nodiratime", SET, MOUNT_ATTR_NODIRATIME},
	{"noexec", SET, MOUNT_ATTR_NOEXEC},
	{"noiversion", NOTHING, 0},
	{"nolazytime", NOTHING, 0},
	{"nomand", NOTHING, 0},
	{"norelatime", ATIME_NOT, MOUNT_ATTR_RELATIME},
	{"nostrictatime", ATIME_NOT, MOUNT_ATTR_STRICTATIME},
	{"nosuid", SET, MOUNT_ATTR_NOSUID},
	{"nosymfollow", SET, MOUNT_ATTR_NOSYMFOLLOW},
	{"private", PROPAGATION, MS_PRIVATE},
	{"ratime", ATIME_NOT_REC, MOUNT_ATTR_NOATIME},
	{"rbind", RBIND, 0},
	{"rdev", CLR_REC, MOUNT_ATTR_NODEV},
	{"rdiratime", CLR_REC, MOUNT_ATTR_NODIRATIME},
	{"relatime", ATIME, MOUNT_ATTR_RELATIME},
	{"remount", REFUSED, 0},
	{"rexec", CLR_REC, MOUNT_ATTR_NOEXEC},
	{"ridmap", RIDMAP, 0},
	{"rnoatime", ATIME_REC, MOUNT_ATTR_NOATIME},
	{"rnodev", SET_REC, MOUNT_ATTR_NODEV},
	{"rnodiratime", SET_REC, MOUNT_ATTR_NODIRATIME},
	{"rnoexec", SET_REC, MOUNT_ATTR_NOEXEC},
	{"rnorelatime", ATIME_NOT_REC, MOUNT_ATTR_RELATIME},
	{"rnostrictatime", ATIME_NOT_REC, MOUNT_ATTR_STRICTATIME},
	{"rnosuid", SET_REC, MOUNT_ATTR_NOSUID},
	{"rnosymfollow", SET_REC, MOUNT_ATTR_NOSYMFOLLOW},
	{"ro", SET, MOUNT_ATTR_RDONLY},
	{"rprivate", PROPAGATION_REC, MS_PRIVATE},
	{"rrelatime", ATIME_REC, MOUNT_ATTR_RELATIME},
	{"rro", SET_REC, MOUNT_ATTR_RDONLY},
	{"rrw", CLR_REC, MOUNT_ATTR_RDONLY},
	{"rshared", PROPAGATION_REC, MS_SHARED},
	{"rslave", PROPAGATION_REC, MS_SLAVE},
	{"rstrictatime", ATIME_REC, MOUNT_ATTR_STRICTATIME},
	{"rsuid", CLR_REC, MOUNT_ATTR_NOSUID},
	{"rsymfollow", CLR_REC, MOUNT_ATTR_NOSYMFOLLOW},
	{"runbindable", PROPAGATION_REC, MS_UNBINDABLE},
	{"rw", CLR, MOUNT_ATTR_RDONLY},
	{"shared", PROPAGATION, MS_SHARED},
	{"silent", NOTHING, 0},
	{"slave", PROPAGATION, MS_SLAVE},
	{"src-nofollow", SRC_NOFOLLOW, 0},
	{"strictatime", ATIME, MOUNT_ATTR_STRICTATIME},
	{"suid", CLR, MOUNT_ATTR_NOSUID},
	{"symfollow", CLR, MOUNT_ATTR_NOSYMFOLLOW},
	{"sync", SUPERBLOCK, 0},
	{"tmpcopyup", TMPCOPYUP, 0},
	{"unbindable", PROPAGATION, MS_UNBINDABLE},
};

const char *mount_option_name(size_t index)
{
	return index < ARRAY_LEN(options) ? options[index].name : NULL;
}

/* Why, for the options that are known and yet not taken. */
static int refuse(const char *name, struct err *err)
{
	if (!strcmp(name, "remount"))
		return err_set(err, ERR_SPEC, "'remount': a container's mounts are new; there is nothing to remount");
	if (!strcmp(name, "mand"))
		return err_set(err, ERR_SPEC, "'mand': Linux has no mandatory locking since 5.15");
	return err_set(err, ERR_SPEC, "'%s': an extension of crun that is not supported; remove it", name);
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

int mount_option_add(const char *name, struct mount_options *o, struct err *err)
{
	const struct option *option = bsearch(name, options, ARRAY_LEN(options), sizeof(options[0]), compare);
	if (!option)
		return 0;
	switch (option->effect) {
	case NOTHING:
		break;
	case SET:
		set(option->value, &o->set, &o->clr);
		break;
	case CLR:
		set(option->value, &o->clr, &o->set);
		break;
	case ATIME:
		set_atime(option->value, &o->set, &o->clr);
		break;
	case ATIME_NOT:
		unset_atime(option->value, &o->set, &o->clr);
		break;
	case SET_REC:
		set(option->value, &o->set_rec, &o->clr_rec);
		break;
	case CLR_REC:
		set(option->value, &o->clr_rec, &o->set_rec);
		break;
	case ATIME_REC:
		set_atime(option->value, &o->set_rec, &o->clr_rec);
		break;
	case ATIME_NOT_REC:
		unset_atime(option->value, &o->set_rec, &o->clr_rec);
		break;
	case PROPAGATION:
	case PROPAGATION_REC:
		o->propagation = (uint32_t)option->value;
		o->propagation_rec = option->effect == PROPAGATION_REC;
		break;
	case RBIND:
		o->recursive = true;
		o->bind = true;
		break;
	case BIND:
		o->bind = true;
		break;
	case RIDMAP:
	case IDMAP:
		o->idmap = true;
		o->idmap_rec = option->effect == RIDMAP;
		break;
	case TMPCOPYUP:
		o->tmpcopyup = true;
		break;
	case SRC_NOFOLLOW:
		o->source_nofollow = true;
		break;
	case SUPERBLOCK:
		if (!o->superblock_only)
			o->superblock_only = option->name;
		return 0;
	case REFUSED:
		return refuse(name, err);
	}
	return 1;
}
