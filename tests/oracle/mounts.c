/* mounts.c: a process's mounts as libmount reads them, one line each, for tests to compare the runtime with.
 *
 *     target fstype ro|rw sb-ro|sb-rw nosuid|suid nodev|dev noexec|exec propagation
 *
 * ro|rw is the mount's own flag, sb-ro|sb-rw the file system's. Propagation is private, shared, slave, shared+slave or unbindable.
 * Independent of the runtime on purpose: another library parses, and no code of the runtime is linked.
 *
 * usage: mounts /proc/PID/mountinfo [TARGET]    with TARGET: that mount only (the topmost); exit status 1 if there is none
 */
#include <libmount/libmount.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>

static bool has_option(const char *options, const char *name)
{
	return options && mnt_optstr_get_option(options, name, NULL, NULL) == 0;
}

static const char *propagation(struct libmnt_fs *fs)
{
	unsigned long flags = 0;

	if (mnt_fs_get_propagation(fs, &flags) != 0)
		return "unknown";
	if (flags & MS_UNBINDABLE)
		return "unbindable";
	if ((flags & MS_SHARED) && (flags & MS_SLAVE))
		return "shared+slave";
	if (flags & MS_SHARED)
		return "shared";
	return flags & MS_SLAVE ? "slave" : "private";
}

static void print_mount(struct libmnt_fs *fs)
{
	const char *vfs = mnt_fs_get_vfs_options(fs);
	const char *sb = mnt_fs_get_fs_options(fs);

	printf("%s %s %s %s %s %s %s %s\n", mnt_fs_get_target(fs), mnt_fs_get_fstype(fs), has_option(vfs, "ro") ? "ro" : "rw",
	       has_option(sb, "ro") ? "sb-ro" : "sb-rw", has_option(vfs, "nosuid") ? "nosuid" : "suid",
	       has_option(vfs, "nodev") ? "nodev" : "dev", has_option(vfs, "noexec") ? "noexec" : "exec", propagation(fs));
}

int main(int argc, char **argv)
{
	struct libmnt_table *table;
	struct libmnt_iter *iter;
	struct libmnt_fs *fs;
	struct libmnt_fs *found = NULL;

	if (argc != 2 && argc != 3) {
		fprintf(stderr, "usage: mounts MOUNTINFO [TARGET]\n");
		return 2;
	}
	table = mnt_new_table_from_file(argv[1]);
	if (!table || mnt_table_is_empty(table)) {
		fprintf(stderr, "mounts: '%s' can't be read or holds no mount\n", argv[1]);
		return 2;
	}
	iter = mnt_new_iter(MNT_ITER_FORWARD);
	if (!iter)
		return 2;
	while (mnt_table_next_fs(table, iter, &fs) == 0) {
		if (argc == 2)
			print_mount(fs);
		else if (strcmp(mnt_fs_get_target(fs), argv[2]) == 0)
			found = fs;
	}
	if (found)
		print_mount(found);
	mnt_free_iter(iter);
	mnt_unref_table(table);
	return argc == 3 && !found;
}
