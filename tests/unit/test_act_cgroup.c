/* "key value" lines of cgroup files; a parent that can't hand controllers on. */
#include "config.h"

#include "act/cgroup.h"
#include "act/cgroup_files.h"

#include "sys/file.h"
#include "sys/sys.h"

#include "tap.h"
#include "temp_dir.h"

#include <errno.h>
#include <linux/magic.h>
#include <sys/vfs.h>

/* A directory stands for the cgroup file system: the linker puts these in front. */
int __real_sys_fstatfs(int fd, struct statfs *sfs);
int __wrap_sys_fstatfs(int fd, struct statfs *sfs);
int __real_file_write_once(int dirfd, const char *path, const char *text);
int __wrap_file_write_once(int dirfd, const char *path, const char *text);
static char tried[128];

int __wrap_sys_fstatfs(int fd, struct statfs *sfs)
{
	int r = __real_sys_fstatfs(fd, sfs);

	sfs->f_type = CGROUP2_SUPER_MAGIC;
	return r;
}

/* The parent holds processes itself, and so its children have no files of controllers. */
int __wrap_file_write_once(int dirfd, const char *path, const char *text)
{
	(void)dirfd;
	if (!strcmp(path, "cgroup.subtree_control"))
		snprintf(tried, sizeof(tried), "%s", text);
	errno = strcmp(path, "cgroup.subtree_control") ? ENOENT : EBUSY;
	return -1;
}

static void test_busy_parent(void)
{
	struct plan_cgroup_write writes[] = {{"pids", "pids.max", "1024", ABSENT_SKIP},
					     {"pids", "pids.max", "7", ABSENT_ERROR}};
	struct plan plan = {.cgroup = {.path = "/box", .writes = {writes, 1, 2}, .delegate_uid = -1, .delegate_gid = -1}};
	struct err err = ERR_INIT;
	struct cgroup cg = CGROUP_INIT;

	temp_dir_enter();
	ok(cgroup_create(&plan, temp_dir, &cg, &err) == 0, "a controller that nobody asked for may be missing: %s", err.msg);
	is_str(tried, "+pids", "it was tried");
	cg.committed = true;
	cgroup_release(&cg);
	rmdir("box");
	plan.cgroup.writes.n = 2;
	cg = (struct cgroup)CGROUP_INIT;
	ok(cgroup_create(&plan, temp_dir, &cg, &err) < 0, "one that was asked for may not");
	is_err(&err, ERR_HOST, "controller 'pids' can't be enabled for containers", "and is named");
	cg.committed = true;
	cgroup_release(&cg);
}

int main(void)
{
	static const struct {
		const char *text, *key;
		bool found;
		uint64_t want;
	} cases[] = {
		{"populated 1\nfrozen 0\n", "populated", true, 1},
		{"populated 1\nfrozen 0\n", "frozen", true, 0},
		{"populated 1\nfrozen 1", "frozen", true, 1},
		{"max 18446744073709551615\n", "max", true, UINT64_MAX},
		{"max 18446744073709551616\n", "max", false, 0},
		{"max max\n", "max", false, 0},
		{"max 99999999999999999999999999999999\n", "max", false, 0},
		{"anon 5\nanon_thp 6\n", "anon", true, 5},
		{"anon_thp 6\nanon 5\n", "anon", true, 5},
		{"anon_thp 6\n", "anon", false, 0},
		{"xanon 6\n", "anon", false, 0},
		{"file anon 6\n", "anon", false, 0},
		{"anon\n", "anon", false, 0},
		{"anon \n", "anon", false, 0},
		{"anon  6\n", "anon", false, 0},
		{"anon -6\n", "anon", false, 0},
		{"anon 6 7\n", "anon", false, 0},
		{"anon\t6\n", "anon", false, 0},
		{"anon 6\nanon 7\n", "anon", true, 6},
		{"\n\n\nanon 6", "anon", true, 6},
		{"", "anon", false, 0},
		{"\n", "anon", false, 0},
		{"anon", "anon", false, 0},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint64_t value = 0;
		bool found = cgroup_text_value(cases[i].text, cases[i].key, &value);

		ok(found == cases[i].found && (!found || value == cases[i].want), "'%s' in '%s'", cases[i].key, cases[i].text);
	}
	test_busy_parent();
	return tap_done();
}
