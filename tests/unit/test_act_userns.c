/* userns_climb: ioctl(2) is told what to answer, the maps are files of ours, and the
 * namespaces are files of which only the inode counts. */
#include "config.h"

#include "act/userns.h"

#include "base/auto.h"

#include "fake_sys.h"
#include "tap.h"
#include "temp_dir.h"

#include <errno.h>

#define IDENTITY "         0          0 4294967295\n"
#define MAPPED "         0     100000      65536\n"
#define LAST "         1          1      65535\n"

struct proc { const char *uid_map, *gid_map, *max; };

static struct stat own;

static int open_file(const char *name)
{
	int fd = open(name, O_RDONLY | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0)
		abort();
	return fd;
}

static void write_file(const char *name, const char *text)
{
	FILE *f = fopen(name, "we");

	if (!f || fputs(text, f) < 0 || fclose(f))
		abort();
}

static int open_proc(const struct proc *proc)
{
	write_file("proc/self/uid_map", proc->uid_map);
	write_file("proc/self/gid_map", proc->gid_map);
	write_file("proc/sys/user/max_user_namespaces", proc->max);
	return open("proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
}

static ino_t inode(int fd)
{
	struct stat st;

	return fstat(fd, &st) < 0 ? 0 : st.st_ino;
}

static int handed[3], n_handed;

static void hand_out(const char *name)
{
	handed[n_handed] = open_file(name);
	fake_next("ioctl", handed[n_handed++]);
}

/* What no ioctl(2) came to hand out is still ours. */
static void take_back(void)
{
	int given = (int)fake_count_named("ioctl");

	if (fake_failed() && !strncmp(fake_failed(), "ioctl", 5))
		given--;
	for (int i = given; i < n_handed; i++)
		close(handed[i]);
	n_handed = 0;
}

/* `above`: the number of namespaces between the given one and our own, or -1 where
 * what is above the given one isn't ours to see. */
static int climb(int *fd, int above, const struct proc *proc, struct err *err)
{
	static const char *const names[] = {"outer", "outermost"};
	autofd int proc_dirfd = open_proc(proc);
	int r;

	for (int i = 0; i < above; i++)
		hand_out(names[i]);
	if (above >= 0)
		hand_out("own");
	else
		fake_next("ioctl", -EPERM);
	fake_pretend("setns", 0);
	fake_pretend("prctl", 0);
	r = userns_climb(fd, "/proc/7/ns/user", &own, proc_dirfd, err);
	take_back();
	return r;
}

static void expect(const char *name, int above, const struct proc *proc, const char *found, const char *rule,
		   const char *text)
{
	unsigned before = fake_open_fds();
	struct err err = ERR_INIT;

	fake_reset();
	{
		autofd int fd = open_file("given");
		int r = climb(&fd, above, proc, &err);

		if (!found) {
			ok(r == -1 && err.kind == ERR_POLICY && !strcmp(err.rule, rule) && strstr(err.msg, text) &&
				   strstr(err.msg, "'/proc/7/ns/user'"),
			   "refused: %s: %s", name, err.msg);
		} else {
			autofd int want = open_file(found);

			ok(r == 0 && inode(fd) == inode(want), "%s: %s %s", name, found, err.msg);
		}
	}
	is_int(fake_open_fds(), before, "and nothing left open");
}

/* The process that looks counts its own calls on from ours, so some fail in there. */
static void fail_each(void)
{
	static const struct proc proc = {IDENTITY, IDENTITY, "100\n"};
	unsigned tried = 0, within = 0, wrong = 0, before = fake_open_fds();

	for (unsigned n = 1; n < 100; n++) {
		struct err err = ERR_INIT;
		int r;

		fake_reset();
		fake_fail(n, EIO);
		{
			autofd int fd = open_file("given");

			r = climb(&fd, 1, &proc, &err);
		}
		if (!fake_failed() && r == 0)
			break;
		tried++;
		within += !fake_failed();
		/* closing what was only read is no failure */
		if ((r == 0) != (fake_failed() && !strncmp(fake_failed(), "close", 5)) || (r != 0 && !err.msg[0])) {
			wrong++;
			diag("call %u: went on after %s", n, fake_failed() ? fake_failed() : "one within");
		}
		if (fake_open_fds() != before) {
			wrong++;
			diag("call %u (%s) left %d descriptors", n, fake_failed() ? fake_failed() : "one within",
			     (int)fake_open_fds() - (int)before);
			before = fake_open_fds();
		}
	}
	ok(tried > 15 && tried < 98 && within > 5, "%u calls were made to fail, %u only within", tried, within);
	is_int(wrong, 0, "each with an error and nothing left open");
}

int main(void)
{
	static const struct proc mapped = {MAPPED, MAPPED, "100\n"}, same = {IDENTITY, IDENTITY, "100\n"};
	int fd;

	temp_dir_enter();
	alarm(100);
	if (mkdir("proc", 0700) || mkdir("proc/self", 0700) || mkdir("proc/sys", 0700) || mkdir("proc/sys/user", 0700))
		abort();
	fd = open_file("own");
	if (fstat(fd, &own) < 0)
		abort();
	close(fd);

	expect("right beneath our own it stays", 0, &mapped, "given", NULL, NULL);
	expect("one level deeper it is the outer one", 1, &same, "outer", NULL, NULL);
	expect("two levels deeper, the outermost", 2, &same, "outermost", NULL, NULL);
	expect("not beneath our own: EPERM", -1, &mapped, NULL, "H-12", "not made within the runtime's own");
	expect("ids that become others", 1, &mapped, NULL, "H-12", "calls ids otherwise");
	expect("users that stay and groups that don't", 1, &(struct proc){IDENTITY, MAPPED, "100\n"}, NULL, "H-12",
	       "calls ids otherwise");
	expect("a last one right beneath our own", 0, &(struct proc){LAST, LAST, "0\n"}, NULL, "H-11", "built in the host's");
	expect("no uid 0", 0, &(struct proc){LAST, MAPPED, "100\n"}, NULL, "H-11", "built in the host's");
	expect("no gid 0", 0, &(struct proc){MAPPED, LAST, "100\n"}, NULL, "H-11", "built in the host's");
	expect("no maps yet", 0, &(struct proc){"", "", "100\n"}, NULL, "H-11", "built in the host's");
	expect("remapped: a root, but no user namespaces within", 0, &(struct proc){MAPPED, MAPPED, "0\n"}, NULL, "H-11",
	       "nothing can be built in it");
	fail_each();
	return tap_done();
}
