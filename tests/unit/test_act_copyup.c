/* tmpcopyup of a hostile directory: content, modes and links are copied; nothing
 * special is opened, no link followed, no privilege carried over. */
#include "config.h"

#include "act/copyup.h"
#include "act/rootfs.h"

#include "tap.h"
#include "temp_dir.h"

#include <errno.h>
#include <sys/sysmacros.h>

static int root;
static struct err err;

/* The image changes between the look at a name and its opening: the linker puts
 * this in front of the look. */
int __real_sys_fstatat(int dirfd, const char *path, struct stat *st, int flags);
int __wrap_sys_fstatat(int dirfd, const char *path, struct stat *st, int flags);
static void (*after_look)(int dirfd, const char *name);

int __wrap_sys_fstatat(int dirfd, const char *path, struct stat *st, int flags)
{
	int r = __real_sys_fstatat(dirfd, path, st, flags);

	if (r == 0 && after_look)
		after_look(dirfd, path);
	return r;
}

static int copy(const char *path, const char *to)
{
	int from = rootfs_resolve(root, path, O_PATH, 0);
	int fd, r;

	mkdir(to, 0755);
	fd = open(to, O_PATH | O_DIRECTORY | O_CLOEXEC);
	err = (struct err)ERR_INIT;
	r = from < 0 ? -1 : copyup(from, fd, &err);
	close(fd);
	if (from >= 0)
		close(from);
	return r;
}

static void make_file(const char *name, const char *text, mode_t mode)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	if (fd < 0 || write(fd, text, strlen(text)) < 0 || fchmod(fd, mode) < 0 || close(fd) < 0) {
		perror(name);
		exit(99);
	}
}

static bool has_mode(const char *name, mode_t mode)
{
	struct stat st;

	return lstat(name, &st) == 0 && (st.st_mode & (S_IFMT | 07777)) == mode;
}

static bool has_text(const char *name, const char *text)
{
	char buf[256] = "";
	int fd = open(name, O_RDONLY | O_NOFOLLOW);
	ssize_t n = read(fd, buf, sizeof(buf) - 1);

	close(fd);
	return n == (ssize_t)strlen(text) && !strcmp(buf, text);
}

static bool is_link(const char *name, const char *to)
{
	char buf[256] = "";

	return readlink(name, buf, sizeof(buf) - 1) > 0 && !strcmp(buf, to);
}

static void make_source(void)
{
	if (mkdir("root", 0755) < 0 || mkdir("root/etc", 0755) < 0 || mkdir("root/etc/sub", 0750) < 0 ||
	    mkdir("root/etc/sub/empty", 0700) < 0 || mkdir("root/etc/tmp", 0755) < 0 || chmod("root/etc/tmp", 01777) < 0 ||
	    mkdir("root/etc/sgid", 0755) < 0 || chmod("root/etc/sgid", 02775) < 0 || mkdir("out", 0755) < 0)
		exit(99);
	make_file("out/sentinel", "secret", 0600);
	make_file("root/etc/plain", "hello\n", 0640);
	make_file("root/etc/none", "", 0604);
	make_file("root/etc/setuid", "#!", 06755);
	make_file("root/etc/sub/inner", "inner", 0444);
	if (symlink("/etc/plain", "root/etc/absolute") < 0 || symlink("../../out/sentinel", "root/etc/up") < 0 ||
	    symlink("nowhere", "root/etc/dangling") < 0 || symlink("../../out", "root/etc/updir") < 0 ||
	    symlink("etc", "root/etc2") < 0 || link("root/etc/plain", "root/etc/hard") < 0 ||
	    mkfifo("root/etc/fifo", 0600) < 0)
		exit(99);
	root = open("root", O_PATH | O_DIRECTORY | O_CLOEXEC);
	char host[128];
	snprintf(host, sizeof(host), "%s/out", temp_dir);
	if (root < 0 || symlink(host, "root/host") < 0)
		exit(99);
}

static void test_content(void)
{
	ok(copy("/etc", "to") == 0, "copied: %s", err.msg);
	ok(has_text("to/plain", "hello\n") && has_mode("to/plain", S_IFREG | 0640), "a file with its mode");
	ok(has_text("to/none", "") && has_mode("to/none", S_IFREG | 0604), "an empty one");
	ok(has_text("to/setuid", "#!") && has_mode("to/setuid", S_IFREG | 0755), "no setuid or setgid bit survives");
	ok(has_mode("to/sub", S_IFDIR | 0750) && has_text("to/sub/inner", "inner"), "a directory with content");
	ok(has_mode("to/sub/empty", S_IFDIR | 0700) && temp_dir_entries("to/sub/empty") == 0, "an empty directory");
	ok(has_mode("to/tmp", S_IFDIR | 01777), "the sticky bit stays");
	ok(has_mode("to/sgid", S_IFDIR | 0775), "a directory's setgid bit doesn't");
	ok(is_link("to/absolute", "/etc/plain") && is_link("to/up", "../../out/sentinel") && is_link("to/dangling", "nowhere") &&
		   is_link("to/updir", "../../out"),
	   "links are copied as links");
	struct stat a, b;
	ok(has_text("to/hard", "hello\n") && stat("to/hard", &a) == 0 && stat("root/etc/hard", &b) == 0 && a.st_ino != b.st_ino &&
		   a.st_nlink == 1,
	   "a hard link is a file of its own");
	ok(access("to/fifo", F_OK) < 0 && errno == ENOENT, "a FIFO is left out, and nothing waits for it");
	is_int(temp_dir_entries("to"), temp_dir_entries("root/etc") - 1, "all but the FIFO is there");
}

static void test_root_only(void)
{
	struct stat st;

	if (geteuid() != 0 || mknod("root/etc/device", S_IFCHR | 0666, makedev(1, 5)) < 0) {
		tap_skip("devices and owners", "not root");
		return;
	}
	if (chown("root/etc/plain", 123, 456) < 0 || lchown("root/etc/dangling", 7, 8) < 0 || chown("root/etc/sub", 9, 10) < 0 ||
	    chmod("root/etc/setuid", 06755) < 0)
		exit(99);
	ok(copy("/etc", "owned") == 0, "copied: %s", err.msg);
	ok(access("owned/device", F_OK) < 0, "a device is left out");
	ok(stat("owned/plain", &st) == 0 && st.st_uid == 123 && st.st_gid == 456, "a file keeps its owner");
	ok(lstat("owned/dangling", &st) == 0 && st.st_uid == 7 && st.st_gid == 8, "a link, too");
	ok(stat("owned/sub", &st) == 0 && st.st_uid == 9 && st.st_gid == 10, "a directory, too");
	ok(has_mode("owned/setuid", S_IFREG | 0755), "still no setuid bit after the owner was set");
	unlink("root/etc/device");
}

static void test_sources(void)
{
	ok(copy("/etc2", "via-link") == 0 && has_text("via-link/plain", "hello\n"), "a link within the root is followed");
	ok(copy("/host", "via-host") < 0 && temp_dir_entries("via-host") == 0, "one to the host isn't");
	ok(copy("/missing", "missing") < 0, "nothing there");
	ok(copy("/etc/plain", "file") < 0 && err.sys_errno == ENOTDIR, "a file is no directory to copy");
	is_err(&err, ERR_SYSTEM, "open the image's directory", "is told");
	ok(copy("/etc/fifo", "fifo") < 0, "nor is a FIFO, at once");
	ok(copy("/../../out", "up") < 0 && temp_dir_entries("up") == 0, "'..' stays in the root");
}

/* What exists in the target is never written through. */
static void test_occupied(void)
{
	mkdir("occupied", 0755);
	if (symlink("../out/sentinel", "occupied/plain") < 0)
		exit(99);
	ok(copy("/etc", "occupied") < 0, "a name that is taken in the target");
	is_err(&err, ERR_SYSTEM, "'", "is an error");
	ok(has_text("out/sentinel", "secret"), "what a link there points to is untouched");
}

static void test_depth(void)
{
	int fd;

	for (int deep = 63; deep <= 64; deep++) {
		char top[32], to[32];

		snprintf(top, sizeof(top), "root/deep-%d", deep);
		snprintf(to, sizeof(to), "to-deep-%d", deep);
		if (mkdir(top, 0755) < 0 || (fd = open(top, O_PATH | O_DIRECTORY)) < 0)
			exit(99);
		for (int i = 0; i < deep; i++) {
			int next;

			if (mkdirat(fd, "d", 0755) < 0 || (next = openat(fd, "d", O_PATH | O_DIRECTORY)) < 0)
				exit(99);
			close(fd);
			fd = next;
		}
		close(fd);
		ok((copy(top + 4, to) == 0) == (deep == 63), "%d levels beneath the top: %s", deep, err.msg);
	}
	is_err(&err, ERR_SPEC, "nested more than 64 deep", "the bound is told");
}

static void tighten(int dirfd, const char *name)
{
	struct stat st;

	if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
	    (!S_ISLNK(st.st_mode) && fchmodat(dirfd, name, S_ISDIR(st.st_mode) ? 0700 : 0600, 0) < 0))
		exit(99);
}

static void turn_round(int dirfd, const char *name)
{
	if (unlinkat(dirfd, name, 0) < 0 ||
	    (strcmp(name, "file") == 0 ? symlinkat("/etc/shadow", dirfd, name)
				       : close(openat(dirfd, name, O_WRONLY | O_CREAT, 0644))) < 0)
		exit(99);
}

static void test_changed(void)
{
	if (mkdir("root/changing", 0755) < 0 || mkdir("root/changing/dir", 0755) < 0 ||
	    chmod("root/changing/dir", 0777) < 0 || mkdir("root/turning", 0755) < 0 ||
	    mkdir("root/turning2", 0755) < 0 || symlink("x", "root/turning2/link") < 0)
		exit(99);
	make_file("root/changing/file", "secret by now", 0666);
	make_file("root/turning/file", "x", 0644);
	after_look = tighten;
	ok(copy("/changing", "changing") == 0, "modes that change meanwhile");
	ok(has_mode("changing/file", S_IFREG | 0600), "a file has the mode that it had when it was read");
	ok(has_mode("changing/dir", S_IFDIR | 0700), "a directory, too");
	after_look = turn_round;
	ok(copy("/turning", "turning") < 0, "a file that becomes a link is not followed");
	ok(copy("/turning2", "turning2") < 0, "a link that becomes a file");
	is_err(&err, ERR_SPEC, "'link' changed while it was copied", "is told");
	after_look = NULL;
}

/* What was found is what is copied, whatever has its name by now. */
static void test_swapped(void)
{
	int from, to;

	if (mkdir("root/found", 0755) < 0 || mkdir("root/secret", 0755) < 0 || mkdir("swapped", 0755) < 0)
		exit(99);
	make_file("root/found/mine", "x", 0644);
	make_file("root/secret/theirs", "x", 0644);
	from = rootfs_resolve(root, "/found", O_PATH, 0);
	to = open("swapped", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (from < 0 || to < 0 || rename("root/found", "root/away") < 0 || symlink("secret", "root/found") < 0)
		exit(99);
	ok(copyup(from, to, &err) == 0, "a directory whose name leads elsewhere by now: %s", err.msg);
	ok(has_text("swapped/mine", "x") && temp_dir_entries("swapped") == 1, "is copied, and not what has its name");
	close(from);
	close(to);
}

static void test_many(void)
{
	char name[64];

	mkdir("root/many", 0755);
	for (int i = 0; i < 3000; i++) {
		snprintf(name, sizeof(name), "root/many/file-%d", i);
		make_file(name, "x", 0600);
	}
	ok(copy("/many", "many") == 0 && temp_dir_entries("many") == 3000, "3000 files");
}

int main(void)
{
	int before;

	temp_dir_enter();
	alarm(60);
	umask(0);
	make_source();
	umask(077); /* has no say in the copies */
	before = temp_dir_entries("/proc/self/fd");
	test_content();
	test_root_only();
	test_sources();
	test_occupied();
	test_depth();
	test_changed();
	test_swapped();
	test_many();
	is_int(temp_dir_entries("/proc/self/fd"), before, "no descriptor is left");
	ok(has_text("out/sentinel", "secret") && temp_dir_entries("out") == 1, "nothing outside has changed");
	return tap_done();
}
