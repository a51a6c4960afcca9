/* The vocabulary of mount options. */
#include "policy/mount_options.h"

#include <linux/mount.h>

#include "tap.h"

#define ATIME MOUNT_ATTR__ATIME
#define SYMFOLLOW 0x00200000

static const struct { const char *options[3]; uint64_t set, clr, set_rec, clr_rec; } cases[] = {
	{{"ro"}, MOUNT_ATTR_RDONLY, 0, 0, 0},
	{{"rw"}, 0, MOUNT_ATTR_RDONLY, 0, 0},
	{{"ro", "rw"}, 0, MOUNT_ATTR_RDONLY, 0, 0},
	{{"rw", "ro"}, MOUNT_ATTR_RDONLY, 0, 0, 0},
	{{"nosuid", "nodev", "noexec"}, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC, 0, 0, 0},
	{{"suid", "dev", "exec"}, 0, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC, 0, 0},
	{{"nodiratime", "nosymfollow"}, MOUNT_ATTR_NODIRATIME | SYMFOLLOW, 0, 0, 0},
	{{"diratime", "symfollow"}, 0, MOUNT_ATTR_NODIRATIME | SYMFOLLOW, 0, 0},
	{{"noatime"}, MOUNT_ATTR_NOATIME, ATIME, 0, 0},
	{{"strictatime"}, MOUNT_ATTR_STRICTATIME, ATIME, 0, 0},
	{{"relatime"}, 0, ATIME, 0, 0},
	{{"noatime", "strictatime"}, MOUNT_ATTR_STRICTATIME, ATIME, 0, 0},
	{{"noatime", "atime"}, 0, ATIME, 0, 0},
	{{"atime"}, 0, ATIME, 0, 0},
	{{"strictatime", "atime"}, MOUNT_ATTR_STRICTATIME, ATIME, 0, 0},
	{{"strictatime", "nostrictatime"}, 0, ATIME, 0, 0},
	{{"noatime", "nostrictatime"}, MOUNT_ATTR_NOATIME, ATIME, 0, 0},
	{{"norelatime"}, 0, 0, 0, 0},
	{{"noatime", "norelatime"}, MOUNT_ATTR_NOATIME, ATIME, 0, 0},
	{{"rro"}, 0, 0, MOUNT_ATTR_RDONLY, 0},
	{{"rrw"}, 0, 0, 0, MOUNT_ATTR_RDONLY},
	{{"rro", "rrw"}, 0, 0, 0, MOUNT_ATTR_RDONLY},
	{{"rnosuid", "rnodev", "rnoexec"}, 0, 0, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC, 0},
	{{"rsuid", "rdev", "rexec"}, 0, 0, 0, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC},
	{{"rnodiratime", "rnosymfollow"}, 0, 0, MOUNT_ATTR_NODIRATIME | SYMFOLLOW, 0},
	{{"rdiratime", "rsymfollow"}, 0, 0, 0, MOUNT_ATTR_NODIRATIME | SYMFOLLOW},
	{{"rnoatime"}, 0, 0, MOUNT_ATTR_NOATIME, ATIME},
	{{"rstrictatime"}, 0, 0, MOUNT_ATTR_STRICTATIME, ATIME},
	{{"rrelatime"}, 0, 0, 0, ATIME},
	{{"ratime"}, 0, 0, 0, ATIME},
	{{"rnostrictatime"}, 0, 0, 0, ATIME},
	{{"rnorelatime"}, 0, 0, 0, 0},
	{{"defaults", "async", "loud"}, 0, 0, 0, 0},
	{{"silent", "nomand", "nolazytime"}, 0, 0, 0, 0},
	{{"noiversion"}, 0, 0, 0, 0},
};

static void attributes(void)
{
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct mount_options o = {0};
		struct err err = ERR_INIT;
		char name[128] = "";
		bool known = true;
		for (size_t k = 0; k < 3 && cases[i].options[k]; k++) {
			known &= mount_option_add(cases[i].options[k], &o, &err) == 1;
			snprintf(name + strlen(name), sizeof(name) - strlen(name), "%s%s", k ? "," : "", cases[i].options[k]);
		}
		ok(known && o.set == cases[i].set && o.clr == cases[i].clr && o.set_rec == cases[i].set_rec && o.clr_rec == cases[i].clr_rec,
		   "%s", name);
	}
}

static void others(void)
{
	static const struct { const char *name; uint32_t flag; bool rec; } all[] = {
		{"private", MS_PRIVATE, false},	{"rprivate", MS_PRIVATE, true},		  {"shared", MS_SHARED, false},
		{"rshared", MS_SHARED, true},	{"slave", MS_SLAVE, false},		  {"rslave", MS_SLAVE, true},
		{"unbindable", MS_UNBINDABLE, false}, {"runbindable", MS_UNBINDABLE, true},
	};
	static const char *const to_fs[] = {"sync", "dirsync", "lazytime", "iversion", "acl", "noacl", "size=5", "x", "", "roo", "mode=755", "rsync"};
	static const char *const refused[] = {"remount", "mand", "copy-symlink", "dest-nofollow"};
	struct err err = ERR_INIT;
	struct mount_options o = {0};

	for (size_t i = 0; i < ARRAY_LEN(all); i++) {
		struct mount_options p = {0};
		ok(mount_option_add(all[i].name, &p, &err) == 1 && p.propagation == all[i].flag && p.propagation_rec == all[i].rec, "%s",
		   all[i].name);
	}
	ok(mount_option_add("bind", &o, &err) == 1 && o.bind && !o.recursive, "bind");
	ok(mount_option_add("rbind", &o, &err) == 1 && o.bind && o.recursive, "rbind");
	ok(mount_option_add("idmap", &o, &err) == 1 && o.idmap && !o.idmap_rec, "idmap");
	ok(mount_option_add("ridmap", &o, &err) == 1 && o.idmap && o.idmap_rec, "ridmap");
	ok(mount_option_add("tmpcopyup", &o, &err) == 1 && o.tmpcopyup, "tmpcopyup");
	ok(mount_option_add("src-nofollow", &o, &err) == 1 && o.source_nofollow, "src-nofollow");
	for (size_t i = 0; i < ARRAY_LEN(to_fs); i++)
		is_int(mount_option_add(to_fs[i], &o, &err), 0, to_fs[i][0] ? to_fs[i] : "(empty)");
	ok(!err.kind, "none of them is an error");
	for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
		struct err no = ERR_INIT;
		ok(mount_option_add(refused[i], &o, &no) == -1 && no.kind == ERR_SPEC && strstr(no.msg, refused[i]), "refused: %s", refused[i]);
	}
}

/* bsearch(3) finds every one only if so. */
static void sorted(void)
{
	size_t n = 0;
	bool good = true;

	for (; mount_option_name(n); n++)
		good &= !n || strcmp(mount_option_name(n - 1), mount_option_name(n)) < 0;
	ok(good && n > 60, "the table is sorted");
	ok(!mount_option_name(n + 1), "and has an end");
}

int main(void)
{
	attributes();
	others();
	sorted();
	return tap_done();
}
