/* intelRdt on a directory that behaves as resctrl does: a new group has its files,
 * and removing a group takes them along.  What is written, what an existing group
 * keeps, and what is undone when a write is refused. */
#include "config.h"

#include "act/rdt.h"
#include "sys/sys.h"

#include "tap.h"
#include "temp_dir.h"

#include <errno.h>

#define ROOT "/sys/fs/resctrl"
#define MAGIC 0x7655821

static bool mounted = true;	  /* the directory is resctrl */
static const char *refused = "";  /* a file that takes nothing */
static char written[4][128];
static unsigned n_written;

int __real_sys_open(const char *path, int flags, mode_t mode);
int __wrap_sys_open(const char *path, int flags, mode_t mode);
int __wrap_sys_fstatfs(int fd, struct statfs *sfs);
int __real_sys_mkdirat(int dirfd, const char *path, mode_t mode);
int __wrap_sys_mkdirat(int dirfd, const char *path, mode_t mode);
int __real_sys_unlinkat(int dirfd, const char *path, int flags);
int __wrap_sys_unlinkat(int dirfd, const char *path, int flags);
ssize_t __wrap_sys_write(int fd, const void *buf, size_t len);

int __wrap_sys_open(const char *path, int flags, mode_t mode)
{
	if (strncmp(path, ROOT, strlen(ROOT)) != 0)
		return __real_sys_open(path, flags, mode);
	return __real_sys_open("resctrl", flags, mode);
}

int __wrap_sys_fstatfs(int fd, struct statfs *sfs)
{
	(void)fd;
	memset(sfs, 0, sizeof(*sfs));
	sfs->f_type = mounted ? MAGIC : 1;
	return 0;
}

static void make_file(int dirfd, const char *name)
{
	int fd = openat(dirfd, name, O_WRONLY | O_CREAT | O_EXCL, 0600);

	if (fd < 0)
		exit(99);
	close(fd);
}

int __wrap_sys_mkdirat(int dirfd, const char *path, mode_t mode)
{
	int fd;

	if (__real_sys_mkdirat(dirfd, path, mode) < 0)
		return -1;
	fd = openat(dirfd, path, O_RDONLY | O_DIRECTORY);
	make_file(fd, "schemata");
	make_file(fd, "tasks");
	close(fd);
	return 0;
}

int __wrap_sys_unlinkat(int dirfd, const char *path, int flags)
{
	char name[128];

	if (flags != AT_REMOVEDIR)
		return __real_sys_unlinkat(dirfd, path, flags);
	snprintf(name, sizeof(name), "resctrl/%s", path);
	if (temp_dir_entries(name) < 0) {
		errno = ENOENT;
		return -1;
	}
	temp_dir_remove(name);
	return 0;
}

/* "group/file text" of each write, in order. */
ssize_t __wrap_sys_write(int fd, const void *buf, size_t len)
{
	char link[40], path[256];
	const char *name;
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, sizeof(path) - 1);
	path[n > 0 ? n : 0] = 0;
	name = strstr(path, "resctrl/");
	if (!name || n_written == 4)
		exit(99);
	name += strlen("resctrl/");
	if (strcmp(name, refused) == 0) {
		errno = EINVAL;
		return -1;
	}
	snprintf(written[n_written++], sizeof(written[0]), "%s %.*s", name, (int)len, (const char *)buf);
	return (ssize_t)len;
}

static void fresh(void)
{
	temp_dir_remove("resctrl");
	if (mkdir("resctrl", 0755) < 0 || mkdir("resctrl/mon_groups", 0755) < 0)
		exit(99);
	make_file(AT_FDCWD, "resctrl/schemata");
	make_file(AT_FDCWD, "resctrl/tasks");
	mounted = true;
	refused = "";
	n_written = 0;
	memset(written, 0, sizeof(written));
}

static void is_written(unsigned i, const char *want)
{
	is_str(i < n_written ? written[i] : "", want, want);
}

static void test_applied(struct plan *plan)
{
	struct err err = ERR_INIT;
	bool made = false;

	fresh();
	ok(rdt_apply(plan, 77, &made, &err) == 0, "a group is made: %s", err.msg);
	ok(made, "it is ours to remove");
	is_int(n_written, 3, "each line of the schemata is written, then the process");
	is_written(0, "box/schemata L3:0=f\n");
	is_written(1, "box/schemata MB:0=20\n");
	is_written(2, "box/tasks 77");

	n_written = 0;
	ok(rdt_apply(plan, 78, &made, &err) == 0, "a group that is there is taken: %s", err.msg);
	ok(!made, "it is not ours to remove");
	is_written(2, "box/tasks 78");

	fresh();
	plan->intel_rdt.clos_id = "/";
	ok(rdt_apply(plan, 79, &made, &err) == 0, "the default group: %s", err.msg);
	ok(!made, "is never made");
	is_written(0, "schemata L3:0=f\n");
	is_written(2, "tasks 79");
	plan->intel_rdt.clos_id = "box";

	fresh();
	plan->intel_rdt.enable_monitoring = true;
	plan->intel_rdt.schemata.n = 0;
	ok(rdt_apply(plan, 80, &made, &err) == 0, "with a monitoring group: %s", err.msg);
	is_int(n_written, 2, "the process is put in both");
	is_written(0, "box/tasks 80");
	is_written(1, "box/mon_groups/one/tasks 80");
	plan->intel_rdt.enable_monitoring = false;
	plan->intel_rdt.schemata.n = 2;

	fresh();
	plan->intel_rdt.set = false;
	made = true;
	is_int(rdt_apply(plan, 81, &made, &err), 0, "a plan without intelRdt");
	ok(!made && n_written == 0 && temp_dir_entries("resctrl/box") < 0, "touches nothing");
	plan->intel_rdt.set = true;
}

static void is_failed(struct plan *plan, enum err_kind kind, const char *part, const char *what)
{
	struct err err = ERR_INIT;
	bool made = true;

	is_int(rdt_apply(plan, 77, &made, &err), -1, what);
	is_err(&err, kind, part, "the error says what");
	ok(!made, "nothing is left to remove");
}

static void test_refused(struct plan *plan)
{
	static const char *const files[][2] = {{"box/schemata", "set schemata 'L3:0=f'"}, {"box/tasks", "move process 77"}};

	fresh();
	mounted = false;
	is_failed(plan, ERR_HOST, "resctrl is not mounted", "another file system there is not resctrl");
	is_int(temp_dir_entries("resctrl/box"), -1, "and nothing is made in it");
	for (size_t i = 0; i < 2; i++) {
		fresh();
		refused = files[i][0];
		is_failed(plan, ERR_SYSTEM, files[i][1], files[i][0]);
		is_int(temp_dir_entries("resctrl/box"), -1, "the group made for it is removed");
		fresh();
		if (mkdir("resctrl/box", 0755) < 0)
			exit(99);
		make_file(AT_FDCWD, "resctrl/box/schemata");
		make_file(AT_FDCWD, "resctrl/box/tasks");
		refused = files[i][0];
		is_failed(plan, ERR_SYSTEM, files[i][1], files[i][0]);
		is_int(temp_dir_entries("resctrl/box"), 2, "one that was there stays");
	}
	fresh();
	plan->intel_rdt.enable_monitoring = true;
	refused = "box/mon_groups/one/tasks";
	is_failed(plan, ERR_SYSTEM, "monitor process 77", "a process that can't be monitored");
	plan->intel_rdt.enable_monitoring = false;
	fresh();
	if (symlink("mon_groups", "resctrl/box") < 0)
		exit(99);
	is_failed(plan, ERR_SYSTEM, "open group 'box'", "a link is no group");
	fresh();
	temp_dir_remove("resctrl");
	is_failed(plan, ERR_HOST, "resctrl is not mounted", "no resctrl at all");
}

static void test_removed(void)
{
	static const char *const foreign[] = {"..", "../box", "box/mon_groups", "/"};
	struct err err = ERR_INIT;

	fresh();
	if (mkdir("resctrl/box", 0755) < 0)
		exit(99);
	for (size_t i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++) {
		is_int(rdt_remove(foreign[i], &err), -1, foreign[i]);
		is_err(&err, ERR_STATE, "is no group of ours", "is not removed");
		err_clear(&err);
	}
	ok(rdt_remove("box", &err) == 0, "a group is removed: %s", err.msg);
	is_int(temp_dir_entries("resctrl/box"), -1, "and gone");
	ok(rdt_remove("box", &err) == 0, "again: nothing to do: %s", err.msg);
	mounted = false;
	ok(rdt_remove("box", &err) == 0 && !err.kind, "unmounted meanwhile: its groups went with it");
}

int main(void)
{
	static const char *lines[] = {"L3:0=f", "MB:0=20"};
	struct plan plan = PLAN_INIT;

	temp_dir_enter();
	plan.id = "one";
	plan.intel_rdt.set = true;
	plan.intel_rdt.clos_id = "box";
	plan.intel_rdt.schemata = (struct str_list){.items = lines, .n = 2, .cap = 2};
	test_applied(&plan);
	test_refused(&plan);
	test_removed();
	return tap_done();
}
