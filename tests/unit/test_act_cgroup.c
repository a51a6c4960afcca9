/* "key value" lines of cgroup files; whose a cgroup is; a parent that can't hand controllers on. */
#include "config.h"

#include "act/cgroup.h"
#include "act/cgroup_files.h"

#include "sys/file.h"
#include "sys/sys.h"

#include "tap.h"
#include "temp_dir.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/vfs.h>
#include <sys/xattr.h>
#include <unistd.h>

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

/* The mark of the one cgroup there is; refusal: the errno that all of them have. */
static char attribute[1200];
static bool has_attribute;
static int refusal;
int __wrap_sys_fsetxattr(int fd, const char *name, const void *value, size_t size, int flags);
ssize_t __wrap_sys_fgetxattr(int fd, const char *name, void *value, size_t size);
int __wrap_sys_fremovexattr(int fd, const char *name);

static int answer(int code)
{
	errno = refusal ? refusal : code;
	return errno ? -1 : 0;
}

int __wrap_sys_fsetxattr(int fd, const char *name, const void *value, size_t size, int flags)
{
	(void)fd;
	(void)name;
	if (answer(flags == XATTR_CREATE && has_attribute ? EEXIST : 0) < 0)
		return -1;
	memcpy(attribute, value, size);
	attribute[size] = 0;
	has_attribute = true;
	return 0;
}

/* Without the right to see it there is none. */
ssize_t __wrap_sys_fgetxattr(int fd, const char *name, void *value, size_t size)
{
	(void)fd;
	(void)name;
	errno = refusal == EPERM || !has_attribute ? ENODATA : refusal;
	if (errno)
		return -1;
	memcpy(value, attribute, strlen(attribute));
	return size > strlen(attribute) ? (ssize_t)strlen(attribute) : -1;
}

int __wrap_sys_fremovexattr(int fd, const char *name)
{
	(void)fd;
	(void)name;
	if (answer(has_attribute ? 0 : ENODATA) < 0)
		return -1;
	has_attribute = false;
	return 0;
}

static enum cgroup_owner whose(const struct cgroup *cg, const char *id, int state_fd)
{
	struct err err = ERR_INIT;
	enum cgroup_owner owner = CGROUP_UNKNOWN;

	ok(cgroup_whose(cg, id, state_fd, &owner, &err) == 0, "whose it is: %s", err.msg);
	return owner;
}

static void test_marks(void)
{
	int state_fd = open("/proc/self", O_PATH | O_DIRECTORY | O_CLOEXEC), other_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct cgroup made = {.path = "/box", .n_made = 1}, found = {.path = "/box"};
	struct err err = ERR_INIT;

	is_int(whose(&found, "web", state_fd), CGROUP_NOBODYS, "no mark: nobody's");
	ok(cgroup_mark(&made, "web", state_fd, &err) == 0 && made.marked, "one that was made is marked");
	is_int(whose(&found, "web", state_fd), CGROUP_OURS, "and ours");
	is_int(whose(&found, "we", state_fd), CGROUP_ANOTHERS, "not that of another id");
	is_int(whose(&found, "web", other_fd), CGROUP_ANOTHERS, "nor of the same in another root");
	ok(cgroup_mark(&found, "other", state_fd, &err) < 0 && !found.marked, "nobody else takes it");
	is_err(&err, ERR_STATE, "'/box' is the cgroup of container 'web'; delete that one", "and is told why");
	err_clear(&err);
	ok(cgroup_mark(&made, "other", state_fd, &err) < 0, "nor who made it, and was slower");
	err_clear(&err);
	ok(cgroup_mark(&found, "web", other_fd, &err) == 0, "what is left of a lost state is its own id's");
	is_int(whose(&found, "web", state_fd), CGROUP_ANOTHERS, "and no more the older one's");
	ok(cgroup_check_parent(&found, &err) < 0, "nobody's place is beneath a container's");
	is_err(&err, ERR_STATE, "'/box' is beneath the cgroup of container 'web'; choose a path beside it", "and is told so");
	err_clear(&err);
	cgroup_unmark(&found);
	is_int(whose(&found, "web", other_fd), CGROUP_NOBODYS, "nobody's again");
	refusal = EPERM;
	found.marked = false;
	ok(cgroup_mark(&found, "web", state_fd, &err) == 0 && !found.marked, "without the right there is no mark");
	is_int(whose(&found, "web", state_fd), CGROUP_UNKNOWN, "and nobody can say");
	refusal = EIO;
	ok(cgroup_mark(&made, "web", state_fd, &err) < 0, "any other failure is told");
	is_err(&err, ERR_SYSTEM, "mark cgroup '/box'", "by name");
	refusal = 0;
	has_attribute = false;
	close(state_fd);
	close(other_fd);
}

static void test_busy_parent(void)
{
	int state_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct plan_cgroup_write writes[] = {{"pids", "pids.max", "1024", ABSENT_SKIP},
					     {"pids", "pids.max", "7", ABSENT_ERROR}};
	struct plan plan = {.id = "web", .cgroup = {.path = "/box", .writes = {writes, 1, 2}, .delegate_uid = -1, .delegate_gid = -1}};
	struct err err = ERR_INIT;
	struct cgroup cg = CGROUP_INIT;

	temp_dir_enter();
	ok(cgroup_create(&plan, temp_dir, state_fd, &cg, &err) == 0, "a controller that nobody asked for may be missing: %s", err.msg);
	is_str(tried, "+pids", "it was tried");
	cg.committed = true;
	cgroup_release(&cg);
	rmdir("box");
	has_attribute = false;
	plan.cgroup.writes.n = 2;
	cg = (struct cgroup)CGROUP_INIT;
	ok(cgroup_create(&plan, temp_dir, state_fd, &cg, &err) < 0, "one that was asked for may not");
	is_err(&err, ERR_HOST, "controller 'pids' can't be enabled for containers", "and is named");
	cg.committed = true;
	cgroup_release(&cg);
	close(state_fd);
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
	test_marks();
	test_busy_parent();
	return tap_done();
}
