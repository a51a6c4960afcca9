/* Mount targets in a hostile root: whatever links and names the image has, what
 * is opened or made lies in the root, and "out" beside it stays as it was. */
#include "config.h"

#include "act/resolve.h"
#include "act/rootfs.h"

#include "tap.h"
#include "temp_dir.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>

static int root;
static struct err err;

static int target(const char *path, enum plan_target_links links, enum target_kind kind, bool create, int *ret_fd)
{
	err = (struct err)ERR_INIT;
	*ret_fd = -1;
	return resolve_target(root, path, links, kind, create, 0755, ret_fd, &err);
}

/* Resolves; "" or the path in the root of what was opened. */
static const char *where(const char *path, enum plan_target_links links, enum target_kind kind)
{
	static char text[PATH_MAX];
	char link[64];
	size_t len = strlen(temp_dir) + strlen("/root");
	ssize_t n;
	int fd;

	if (target(path, links, kind, true, &fd) != 1)
		return "";
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, text, sizeof(text) - 1);
	close(fd);
	text[n < 0 ? 0 : n] = 0;
	/* temp_dir is "/tmp/..." without links */
	return strncmp(text, temp_dir, strlen(temp_dir)) || strncmp(text + strlen(temp_dir), "/root", 5) ? "outside" :
													   text + len;
}

static void link_to(const char *to, const char *name)
{
	if (symlinkat(to, root, name) < 0) {
		perror(name);
		exit(99);
	}
}

static bool out_is_untouched(void)
{
	struct stat st;

	return temp_dir_entries("out") == 1 && temp_dir_entries("out/sub") == 0 && stat("out", &st) == 0 &&
	       (st.st_mode & 07777) == 0751;
}

static void test_plain(void)
{
	struct stat st;
	int fd;

	is_str(where("/", LINKS_REFUSED, TARGET_DIRECTORY), "", "the root itself");
	is_str(where("/real", LINKS_REFUSED, TARGET_DIRECTORY), "/real", "what is there");
	ok(target("/none", LINKS_IN_ROOT, TARGET_DIRECTORY, false, &fd) == 0 && fd == -1 && faccessat(root, "none", F_OK, 0) < 0,
	   "what is missing is not made unless asked");
	is_str(where("/a/b/c", LINKS_REFUSED, TARGET_DIRECTORY), "/a/b/c", "what is missing is made, with its parents");
	is_str(where("/a/b//d", LINKS_IN_ROOT, TARGET_FILE), "/a/b/d", "a file");
	ok(fstatat(root, "a/b/d", &st, 0) == 0 && S_ISREG(st.st_mode) && st.st_size == 0 && (st.st_mode & 07777) == 0644,
	   "is an empty plain one");
	err = (struct err)ERR_INIT;
	ok(resolve_target(root, "/m/tmp", LINKS_REFUSED, TARGET_DIRECTORY, true, 01777, &fd, &err) == 1 &&
		   fstat(fd, &st) == 0 && (st.st_mode & 07777) == 01777,
	   "a directory has the mode asked for");
	ok(fcntl(fd, F_GETFD) & FD_CLOEXEC && (fcntl(fd, F_GETFL) & O_PATH), "it is O_PATH and CLOEXEC");
	close(fd);
	ok(fstatat(root, "m", &st, 0) == 0 && (st.st_mode & 07777) == 0755, "its parent 0755");

	ok(target("/file", LINKS_IN_ROOT, TARGET_DIRECTORY, true, &fd) < 0, "a file where a directory is needed");
	is_err(&err, ERR_SPEC, "'/file' in the image is not a directory", "is told");
	ok(target("/real", LINKS_IN_ROOT, TARGET_FILE, true, &fd) < 0, "a directory where a file is needed");
	is_err(&err, ERR_SPEC, "is a directory", "is told");
	ok(target("/file/x", LINKS_IN_ROOT, TARGET_FILE, true, &fd) < 0 && fd == -1, "nothing is beneath a file");
	is_str(where("/fifo", LINKS_IN_ROOT, TARGET_FILE), "/fifo", "a FIFO is covered, not opened");
}

static void test_names(void)
{
	static char path[5000];
	int fd;

	memset(path, 'n', 300);
	path[0] = '/';
	ok(target(path, LINKS_IN_ROOT, TARGET_DIRECTORY, true, &fd) < 0, "a component of 299 bytes");
	memset(path, 'n', sizeof(path) - 1);
	for (size_t i = 0; i < sizeof(path) - 1; i += 100)
		path[i] = '/';
	ok(target(path, LINKS_IN_ROOT, TARGET_DIRECTORY, true, &fd) < 0 && err.kind, "a path of 4999 bytes");
	path[0] = '/';
	memset(path + 1, 'k', 255);
	path[256] = 0;
	ok(*where(path, LINKS_IN_ROOT, TARGET_DIRECTORY), "a component of 255 bytes is the longest");
}

/* Plans hold clean paths only; should one not, it still doesn't leave the root. */
static void test_dotdot(void)
{
	static const char *const paths[] = {"/../out/x",	 "/../../../../out/x",	   "/a/../../out/x",
					    "/missing1/../../out/x", "/missing2/../../../out/sub/x", "/missing3/..",
					    "/missing4/../..",	 "/lnk-up/../../out/x",	   "/missing5/./../../out/x"};

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		const char *at = where(paths[i], LINKS_IN_ROOT, TARGET_DIRECTORY);

		ok(strcmp(at, "outside") && out_is_untouched(), "stays in the root: '%s'", paths[i]);
		at = where(paths[i], LINKS_REFUSED, TARGET_FILE);
		ok(strcmp(at, "outside") && out_is_untouched(), "also as a file: '%s'", paths[i]);
	}
}

static void test_links(void)
{
	static const struct {
		const char *path;
		const char *want; /* "": refused */
	} cases[] = {
		{"/lnk-real", "/real"},
		{"/lnk-real/new", "/real/new"},
		{"/lnk-abs/new2/deep", "/real/new2/deep"},
		{"/lnk-rel/new3", "/real/new3"},
		{"/lnk-up/new4", "/real/new4"},
		{"/lnk-dotdot/sub", "/out/sub"},
		/* Links to what isn't there: made where they lead, within the root. */
		{"/lnk-dangling/x", "/not/there/x"},
		{"/lnk-dangling", "/not/there"},
		{"/real/inner-dangling/x", "/real/missing/x"},
		{"/lnk-away/new", "/away/new"},
		{"/lnk-proc/new", "/proc/self/root/new"},
		{"/lnk-self/new", "/proc/1/cwd/new"},
		{"/loop-a/x", ""},
		{"/chain-0", ""},
		{"/chain-0/new", ""},
		{"/chain-20/new5", "/real/new5"},
		{"/chain-20/../new6", "/new6"},
	};
	int fd;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		is_str(where(cases[i].path, LINKS_IN_ROOT, TARGET_DIRECTORY), cases[i].want, cases[i].path);
		if (!*cases[i].want)
			ok(err.kind && err.msg[0], "with a reason: %s", err.msg);
	}
	for (int i = 0; i < 2; i++) {
		const char *path = i ? "/lnk-host" : "/lnk-host/new";
		char want[128];

		snprintf(want, sizeof(want), "%s/out%s", temp_dir, i ? "" : "/new");
		is_str(where(path, LINKS_IN_ROOT, TARGET_DIRECTORY), want, path); /* of that name in the root */
	}
	ok(out_is_untouched(), "nothing was made outside");
	is_str(where("/lnk-file", LINKS_IN_ROOT, TARGET_FILE), "/file", "a link to a file");
	is_str(where("/etc/resolv.conf", LINKS_IN_ROOT, TARGET_FILE), "/run/systemd/resolve/stub.conf",
	       "a file through a dangling link (Docker's resolv.conf)");
	is_str(where("/real/lnk-long/x", LINKS_IN_ROOT, TARGET_DIRECTORY), "", "links that expand beyond any path (T-MNT-5)");
	ok(err.sys_errno == ENAMETOOLONG || err.sys_errno == ELOOP, "and told: %s", err.msg);
	is_str(where("/lnk-host-file", LINKS_IN_ROOT, TARGET_FILE), "/etc-of-image/hostname",
	       "the root's, also when the host has that file");
	ok(out_is_untouched(), "nothing was made outside");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ok(target(cases[i].path, LINKS_REFUSED, TARGET_DIRECTORY, true, &fd) < 0 && err.kind == ERR_SPEC && fd == -1,
		   "links refused: %s", cases[i].path);
		ok(strstr(err.msg, "symbolic link"), "and told");
	}
	ok(out_is_untouched(), "nothing was made outside");
}

static void test_magic(void)
{
	int host = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC), fd;

	fd = rootfs_resolve(host, "proc/self/cwd", O_PATH, 0);
	ok(fd < 0 && errno == ELOOP, "magic links are not followed");
	fd = rootfs_resolve(host, "proc/self/root/etc", O_PATH, 0);
	ok(fd < 0 && errno == ELOOP, "not in the middle either");
	fd = rootfs_resolve(root, "/../../../../..", O_PATH, 0);
	struct stat a, b;
	ok(fd >= 0 && fstat(fd, &a) == 0 && fstat(root, &b) == 0 && a.st_ino == b.st_ino && a.st_dev == b.st_dev,
	   "above the root is the root");
	close(fd);
	close(host);
}

static void test_parent(void)
{
	const char *name = NULL;
	int fd = -1;

	err = (struct err)ERR_INIT;
	ok(resolve_parent(root, "/p/q/r", LINKS_IN_ROOT, &fd, &name, &err) == 0 && fd >= 0, "the parent is made");
	is_str(name, "r", "the last component is left");
	ok(faccessat(fd, "../q", F_OK, 0) == 0 && faccessat(fd, "r", F_OK, 0) < 0, "and not made");
	close(fd);
	struct stat a, b;
	ok(resolve_parent(root, "/top", LINKS_REFUSED, &fd, &name, &err) == 0 && fstat(fd, &a) == 0 && fstat(root, &b) == 0 &&
		   a.st_ino == b.st_ino && !strcmp(name, "top"),
	   "the root is a parent");
	close(fd);
	static const char *const bad[] = {"", "x", "/", "/x/"};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		err = (struct err)ERR_INIT;
		ok(resolve_parent(root, bad[i], LINKS_IN_ROOT, &fd, &name, &err) < 0 && err.kind == ERR_SPEC,
		   "no path of a file: '%s'", bad[i]);
	}
	err = (struct err)ERR_INIT;
	ok(resolve_parent(root, "/lnk-host/x", LINKS_IN_ROOT, &fd, &name, &err) == 0 && out_is_untouched(),
	   "no parent outside");
	close(fd);
	ok(resolve_parent(root, "/lnk-real/x", LINKS_REFUSED, &fd, &name, &err) < 0, "no parent through a link");
}

/* A component that is now a directory, now a link out of the root. */
static void test_race(void)
{
	unsigned in = 0, refused = 0, outside = 0;
	char out[128];
	pid_t pid;

	if (mkdirat(root, "swap", 0755) < 0)
		exit(99);
	snprintf(out, sizeof(out), "%s/out", temp_dir);
	link_to(out, "swap-link");
	pid = fork();
	if (pid == 0)
		for (;;)
			(void)syscall(SYS_renameat2, root, "swap", root, "swap-link", 1u << 1 /* RENAME_EXCHANGE */);
	for (unsigned i = 0; i < 3000; i++) {
		char path[64];
		const char *at;

		snprintf(path, sizeof(path), "/swap/%u/x", i % 50);
		at = where(path, LINKS_IN_ROOT, TARGET_DIRECTORY);
		in += at[0] == '/';
		refused += !at[0];
		outside += !strcmp(at, "outside");
	}
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	ok(!outside && out_is_untouched(), "while a component is swapped nothing is made outside");
	diag("%u in the root, %u refused", in, refused);
	ok(in > 0, "and it does go through in between");
}

/* Links of almost PATH_MAX bytes, each through the next. */
static void make_long_links(void)
{
	static char text[4000];
	char name[32];

	for (int i = 0; i < 10; i++) {
		size_t n = (size_t)snprintf(text, sizeof(text), "lnk-long%d", i + 1);

		while (n < sizeof(text) - 300) {
			memset(text + n, 'l', 250);
			text[n] = '/';
			n += 250;
		}
		text[n] = 0;
		snprintf(name, sizeof(name), i ? "real/lnk-long%d" : "real/lnk-long", i);
		link_to(text, name);
	}
}

static void make_root(void)
{
	char out[128], name[32], next[32];

	if (mkdir("root", 0755) < 0 || mkdir("root/etc-of-image", 0755) < 0 || mkdir("out", 0751) < 0 || mkdir("out/sub", 0755) < 0 || mkdir("root/real", 0755) < 0 ||
	    (root = open("root", O_PATH | O_DIRECTORY | O_CLOEXEC)) < 0 || mkfifo("root/fifo", 0600) < 0 ||
	    close(openat(root, "file", O_CREAT | O_WRONLY, 0644)) < 0) {
		perror("the test's root");
		exit(99);
	}
	snprintf(out, sizeof(out), "%s/out", temp_dir);
	link_to("real", "lnk-real");
	link_to("/real", "lnk-abs");
	link_to("./real/../real", "lnk-rel");
	link_to("../../../../real", "lnk-up");
	link_to(out, "lnk-host");
	link_to("/etc/hostname", "lnk-host-file");
	link_to("../out", "lnk-dotdot");
	link_to("/not/there", "lnk-dangling");
	link_to("missing", "real/inner-dangling");
	link_to("../../../../../../away", "real/lnk-away");
	link_to("real/lnk-away", "lnk-away");
	link_to("etc-of-image", "etc");
	link_to("../run/systemd/resolve/stub.conf", "etc-of-image/resolv.conf");
	link_to("/proc/self/root", "lnk-proc");
	link_to("/proc/1/cwd", "lnk-self");
	link_to("file", "lnk-file");
	link_to("loop-b", "loop-a");
	link_to("loop-a", "loop-b");
	make_long_links();
	for (int i = 0; i < 45; i++) {
		snprintf(name, sizeof(name), "chain-%d", i);
		snprintf(next, sizeof(next), "chain-%d", i + 1);
		link_to(i == 44 ? "real" : next, name);
	}
}

int main(void)
{
	int before;

	umask(0);
	temp_dir_enter();
	alarm(60);
	make_root();
	before = temp_dir_entries("/proc/self/fd");
	test_plain();
	test_names();
	test_dotdot();
	test_links();
	test_magic();
	test_parent();
	test_race();
	is_int(temp_dir_entries("/proc/self/fd"), before, "no descriptor is left");
	return tap_done();
}
