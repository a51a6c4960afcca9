/* Limits, freezer, processes and signals of a cgroup, on a directory of files as
 * cgroupfs has them; time passes without waiting. */
#include "config.h"

#include "act/cgroup.h"
#include "base/arena.h"
#include "sys/sys.h"

#include "tap.h"
#include "temp_dir.h"

#include <errno.h>
#include <linux/magic.h>
#include <sys/wait.h>
#include <time.h>

static struct cgroup cg = CGROUP_INIT;
static unsigned waits;		/* how often was slept */
static unsigned thaw_at;	/* the sleep during which the kernel catches up */
static long fs_magic = CGROUP2_SUPER_MAGIC;

int __wrap_nanosleep(const struct timespec *request, struct timespec *left);
int __wrap_sys_fstatfs(int fd, struct statfs *sfs);

static void put(const char *name, const char *text)
{
	FILE *f = fopen(name, "w");

	if (!f || fputs(text, f) < 0 || fclose(f) != 0) {
		perror(name);
		exit(99);
	}
}

static void is_file(const char *name, const char *want)
{
	char text[64] = "";
	FILE *f = fopen(name, "r");

	if (f) {
		text[fread(text, 1, sizeof(text) - 1, f)] = 0;
		fclose(f);
	}
	is_str(text, want, name);
}

int __wrap_nanosleep(const struct timespec *request, struct timespec *left)
{
	(void)request;
	(void)left;
	if (++waits == thaw_at)
		put("cgroup.events", "populated 1\nfrozen 1\n");
	return 0;
}

int __wrap_sys_fstatfs(int fd, struct statfs *sfs)
{
	(void)fd;
	memset(sfs, 0, sizeof(*sfs));
	sfs->f_type = fs_magic;
	return 0;
}

static int apply(struct plan_cgroup *limits, struct plan_cgroup_write write, struct err *err)
{
	limits->writes.items = &write;
	limits->writes.n = 1;
	err_clear(err);
	return cgroup_apply(&cg, limits, err);
}

static void test_apply(void)
{
	struct plan_cgroup limits = {0};
	struct err err = ERR_INIT;
	struct plan_cgroup_write none = {.controller = "rdma", .file = "rdma.max", .value = "1", .absent = ABSENT_SKIP};
	struct plan_cgroup_write memory = {.controller = "memory", .file = "memory.max", .value = "1000"};

	put("pids.max", "");
	ok(apply(&limits, (struct plan_cgroup_write){.controller = "pids", .file = "pids.max", .value = "17"}, &err) == 0,
	   "a limit is written: %s", err.msg);
	is_file("pids.max", "17");
	is_int(apply(&limits, none, &err), 0, "a file that may be absent");
	none.absent = ABSENT_ERROR;
	is_int(apply(&limits, none, &err), -1, "one that may not");
	is_err(&err, ERR_HOST, "controller 'rdma' is not available here", "its controller is named");
	none.controller = NULL;
	is_int(apply(&limits, none, &err), -1, "a core file");
	is_err(&err, ERR_HOST, "controller 'core'", "is told as such");
	if (mkdir("cpu.max", 0755) < 0)
		exit(99);
	is_int(apply(&limits, (struct plan_cgroup_write){.controller = "cpu", .file = "cpu.max", .value = "5",
							  .absent = ABSENT_SKIP}, &err), -1,
	       "what is there and takes nothing is an error even where absence is none");
	is_err(&err, ERR_SYSTEM, "set cgroup limit cpu.max to '5'", "with file and value");

	put("memory.max", "");
	limits.check_before_update = true;
	is_int(apply(&limits, memory, &err), -1, "checkBeforeUpdate without the present usage");
	put("memory.current", "1001\n");
	is_int(apply(&limits, memory, &err), -1, "a limit below what is used");
	is_err(&err, ERR_STATE, "1000 is less than the 1001 bytes in use", "is refused with both figures");
	is_file("memory.max", "");
	put("memory.current", "what\n");
	is_int(apply(&limits, memory, &err), -1, "a usage that is no number");
	is_err(&err, ERR_HOST, "unknown form", "is no small one");
	put("memory.current", "1000\n");
	is_int(apply(&limits, memory, &err), 0, "just what is used");
	is_file("memory.max", "1000");
	put("memory.current", "5000\n");
	memory.value = "max";
	is_int(apply(&limits, memory, &err), 0, "no limit at all needs no check");
	limits.check_before_update = false;
	memory.value = "1";
	is_int(apply(&limits, memory, &err), 0, "and without checkBeforeUpdate there is none");
}

static void test_freeze(void)
{
	struct err err = ERR_INIT;
	bool frozen = true;

	is_int(cgroup_freeze(&cg, true, &err), -1, "a cgroup without a freezer");
	is_err(&err, ERR_SYSTEM, "freeze the cgroup", "can't be frozen");
	err_clear(&err);
	put("cgroup.freeze", "");
	put("cgroup.events", "populated 1\nfrozen 0\n");
	thaw_at = 5;
	ok(cgroup_freeze(&cg, true, &err) == 0, "is frozen: %s", err.msg);
	is_int(waits, 5, "when the kernel says so, not before");
	is_file("cgroup.freeze", "1");
	ok(cgroup_is_frozen(&cg, &frozen, &err) == 0 && frozen, "and is seen to be");
	waits = thaw_at = 0;
	is_int(cgroup_freeze(&cg, false, &err), -1, "one that stays frozen");
	is_err(&err, ERR_SYSTEM, "did not thaw within", "is told");
	ok(waits >= 1000, "after a while");
	is_file("cgroup.freeze", "0");
	err_clear(&err);
	put("cgroup.events", "populated 1\nfrozen 0\n");
	put("cgroup.freeze", "");
	is_int(cgroup_freeze(&cg, true, &err), -1, "one that can't be frozen");
	is_err(&err, ERR_SYSTEM, "did not freeze within", "is told");
	is_file("cgroup.freeze", "0");
	err_clear(&err);
}

static void test_frozen_path(void)
{
	struct err err = ERR_INIT;
	char *deep = malloc(3000);
	bool frozen = true;

	put("cgroup.events", "populated 1\nfrozen 1\n");
	ok(cgroup_path_is_frozen(temp_dir, "", &frozen, &err) == 0 && frozen, "frozen, by path: %s", err.msg);
	ok(cgroup_path_is_frozen(temp_dir, "/gone", &frozen, &err) == 0 && !frozen, "one that is gone is not: %s", err.msg);
	fs_magic = TMPFS_MAGIC;
	is_int(cgroup_path_is_frozen(temp_dir, "", &frozen, &err), -1, "a directory of another file system");
	is_err(&err, ERR_HOST, "is not of a cgroup v2", "is not believed");
	err_clear(&err);
	fs_magic = CGROUP2_SUPER_MAGIC;
	if (!deep)
		exit(99);
	memset(deep, 'x', 2999);
	deep[0] = '/';
	deep[2999] = 0;
	is_int(cgroup_path_is_frozen("", deep, &frozen, &err), -1, "a path without end");
	is_err(&err, ERR_STATE, "cgroup '/xxx", "is not cut");
	err_clear(&err);
	free(deep);
	if (unlink("cgroup.events") < 0 || symlink("/dev/null", "cgroup.events") < 0)
		exit(99);
	is_int(cgroup_path_is_frozen(temp_dir, "", &frozen, &err), -1, "a link in place of the file");
	is_err(&err, ERR_SYSTEM, "cgroup.events", "is not followed");
}

static void test_pids(void)
{
	struct arena arena = ARENA_INIT;
	struct err err = ERR_INIT;
	int64_t *pids;
	size_t n = 99;

	if (mkdir("a", 0755) < 0 || mkdir("a/b", 0755) < 0 || mkdir("threaded", 0755) < 0 || symlink("a", "link") < 0)
		exit(99);
	put("cgroup.procs", "10\n0\nwhat\n-5\n99999999999\n11");
	put("a/cgroup.procs", "");
	put("a/b/cgroup.procs", "12\n");
	ok(cgroup_pids(&cg, &arena, &pids, &n, &err) == 0, "processes are listed: %s", err.msg);
	if (ok(n == 3, "those of the cgroups beneath too, and of no link"))
		ok(pids[0] == 10 && pids[1] == 11 && pids[2] == 12, "and no other number");
	if (unlink("a/b/cgroup.procs") < 0 || mkdir("a/b/cgroup.procs", 0755) < 0)
		exit(99);
	is_int(cgroup_pids(&cg, &arena, &pids, &n, &err), -1, "a list that can't be read");
	ok(err.msg[0], "is an error: %s", err.msg);
	temp_dir_remove("a");
	arena_release(&arena);
}

static pid_t start_child(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		alarm(60);
		for (;;)
			pause();
	}
	return pid;
}

static void test_kill(void)
{
	struct err err = ERR_INIT;
	pid_t inside = start_child(), outside = start_child();
	char text[32];
	int status = 0;

	snprintf(text, sizeof(text), "%d\n", (int)inside);
	put("cgroup.procs", text);
	ok(cgroup_kill(&cg, SIGTERM, &err) == 0, "the processes of the list get a signal: %s", err.msg);
	is_int(waitpid(inside, &status, 0), inside, "it ends");
	ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM, "by that signal");
	is_int(waitpid(outside, &status, WNOHANG), 0, "no other does");
	ok(cgroup_kill(&cg, SIGTERM, &err) == 0, "a process that is gone is no error: %s", err.msg);

	ok(cgroup_kill(&cg, SIGKILL, &err) == 0, "a cgroup that is gone is no error: %s", err.msg);
	put("cgroup.kill", "");
	put("cgroup.freeze", "");
	ok(cgroup_kill(&cg, SIGKILL, &err) == 0, "killed: %s", err.msg);
	is_file("cgroup.kill", "1");
	is_file("cgroup.freeze", "0");
	is_int(waitpid(outside, &status, WNOHANG), 0, "by the kernel alone");
	if (unlink("cgroup.kill") < 0 || mkdir("cgroup.kill", 0755) < 0)
		exit(99);
	is_int(cgroup_kill(&cg, SIGKILL, &err), -1, "where it can't");
	is_err(&err, ERR_SYSTEM, "kill the processes of the cgroup", "it is told");
	kill(outside, SIGKILL);
	waitpid(outside, &status, 0);
}

int main(void)
{
	temp_dir_enter();
	cg.dirfd = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	test_apply();
	test_freeze();
	test_frozen_path();
	test_pids();
	test_kill();
	return tap_done();
}
