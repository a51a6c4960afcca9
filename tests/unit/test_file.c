/* sys/file.c: limits, kinds of files, atomic replacement; and for every call that
 * can fail: no descriptor and no temporary file stays. */
#include "config.h"

#include "sys/file.h"

#include "base/auto.h"
#include "sys/sys.h"

#include "fake_sys.h"
#include "tap.h"
#include "temp_dir.h"

#include <sys/file.h>
#include <time.h>

#ifndef _SYS_FILE_H
#error "<sys/file.h> is ours instead of that of the C library"
#endif

static void put(const char *name, const char *text, size_t len)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, text, len) != (ssize_t)len)
		abort();
	close(fd);
}

static void test_read(void)
{
	struct arena a = ARENA_INIT;
	struct err err = ERR_INIT;
	char *text;
	size_t len;
	put("f", "hello", 5);
	ok(file_read(AT_FDCWD, "f", 5, &a, &text, &len, &err) == 0 && len == 5 && !strcmp(text, "hello"), "a file");
	ok(file_read(AT_FDCWD, "f", 4, &a, &text, &len, &err) == -1, "one byte more than the limit");
	is_err(&err, ERR_SPEC, "larger than 4 bytes", "says so");
	err_clear(&err);
	put("empty", "", 0);
	ok(file_read(AT_FDCWD, "empty", 5, &a, &text, &len, &err) == 0 && len == 0 && !strcmp(text, ""), "empty");
	ok(file_read(AT_FDCWD, "missing", 5, &a, &text, &len, &err) == -1 && err.sys_errno == ENOENT, "missing");
	err_clear(&err);
	ok(file_read(AT_FDCWD, "/proc/self/stat", 65536, &a, &text, &len, &err) == 0 && len > 20,
	   "a file that says it is empty");
	ok(file_read(AT_FDCWD, "/proc/self/stat", 10, &a, &text, &len, &err) == -1, "and its limit");
	err_clear(&err);
	char *big = calloc(1, 300000);
	memset(big, 'y', 300000);
	put("big", big, 300000);
	ok(file_read(AT_FDCWD, "big", 300000, &a, &text, &len, &err) == 0 && len == 300000 && text[300000] == '\0' &&
		   !memcmp(text, big, len), "a big one");
	free(big);
	arena_release(&a);
}

static void test_special(void)
{
	struct arena a = ARENA_INIT;
	struct err err = ERR_INIT;
	char *text;
	size_t len;
	time_t start = time(NULL);
	if (mkfifo("fifo", 0600) < 0 || mkdir("d", 0700) < 0)
		abort();
	ok(file_read(AT_FDCWD, "fifo", 5, &a, &text, &len, &err) == -1, "a FIFO is refused");
	is_err(&err, ERR_SPEC, "not a regular file", "says so");
	err_clear(&err);
	ok(file_read(AT_FDCWD, "d", 5, &a, &text, &len, &err) == -1, "a directory");
	err_clear(&err);
	ok(file_read(AT_FDCWD, "/dev/zero", 5, &a, &text, &len, &err) == -1, "a device");
	err_clear(&err);
	ok(time(NULL) - start < 2, "and nothing hangs");

	int fds[2];
	if (pipe(fds) < 0 || write(fds[1], "from a pipe", 11) != 11)
		abort();
	close(fds[1]);
	ok(file_read_fd(fds[0], "stdin", 100, &a, &text, &len, &err) == 0 && !strcmp(text, "from a pipe"),
	   "a pipe until its end");
	close(fds[0]);
	int zero = open("/dev/zero", O_RDONLY | O_CLOEXEC);
	ok(file_read_fd(zero, "zero", 100000, &a, &text, &len, &err) == -1, "an endless one is stopped at the limit");
	is_err(&err, ERR_SPEC, "'zero' is larger than 100000 bytes", "says so");
	close(zero);
	arena_release(&a);
}

static void test_write_once(void)
{
	char buf[10] = "";
	put("value", "", 0);
	ok(file_write_once(AT_FDCWD, "value", "max") == 0, "written");
	int fd = open("value", O_RDONLY | O_CLOEXEC);
	ok(read(fd, buf, sizeof(buf)) == 3 && !memcmp(buf, "max", 3), "is there");
	close(fd);
	ok(file_write_once(AT_FDCWD, "nothing", "1") == -1 && errno == ENOENT && access("nothing", F_OK) < 0,
	   "a missing file is not made");
	if (symlink("value", "link") < 0)
		abort();
	ok(file_write_once(AT_FDCWD, "link", "1") == -1 && errno == ELOOP, "a link is not followed");
}

static void test_replace(void)
{
	struct err err = ERR_INIT;
	struct arena a = ARENA_INIT;
	struct stat st;
	char *text;
	size_t len;
	mode_t old = umask(077);
	ok(file_replace(AT_FDCWD, "new", "one", 3, 0644, &err) == 0, "made");
	umask(old);
	ok(stat("new", &st) == 0 && (st.st_mode & 07777) == 0644, "mode as asked, whatever the umask");
	ok(file_replace(AT_FDCWD, "new", "three", 5, 0600, &err) == 0, "replaced");
	ok(stat("new", &st) == 0 && (st.st_mode & 07777) == 0600, "mode of the new");
	ok(file_read(AT_FDCWD, "new", 10, &a, &text, &len, &err) == 0 && !strcmp(text, "three"), "content of the new");

	put("victim", "precious", 8);
	if (symlink("victim", "trap") < 0)
		abort();
	ok(file_replace(AT_FDCWD, "trap", "x", 1, 0600, &err) == 0, "over a link");
	ok(lstat("trap", &st) == 0 && S_ISREG(st.st_mode), "the link is replaced");
	ok(file_read(AT_FDCWD, "victim", 10, &a, &text, &len, &err) == 0 && !strcmp(text, "precious"),
	   "its target is untouched (T-LC-3)");
	char name[256];
	memset(name, 'n', 255);
	name[255] = '\0';
	ok(file_replace(AT_FDCWD, name, "x", 1, 0600, &err) == 0, "the longest name");
	unlink(name);
	arena_release(&a);
}

/* Another writer's temporary is in the way: it stays, and we find another name. */
static void test_replace_collision(void)
{
	struct err err = ERR_INIT;
	char temp[64];
	snprintf(temp, sizeof(temp), ".pid.%ld-0.tmp", (long)getpid());
	put(temp, "theirs", 6);
	ok(file_replace(AT_FDCWD, "pid", "1", 1, 0600, &err) == 0, "replaced beside a stale temporary");
	ok(access(temp, F_OK) == 0, "which is left alone");
	unlink(temp);
}

static void test_mkdir_parents(void)
{
	struct err err = ERR_INIT;
	char path[128];
	struct stat st;
	snprintf(path, sizeof(path), "%s/p/q/r", temp_dir);
	ok(file_mkdir_parents(path, 0700, &err) == 0 && stat(path, &st) == 0 && S_ISDIR(st.st_mode), "made");
	ok(file_mkdir_parents(path, 0700, &err) == 0, "twice");
	snprintf(path, sizeof(path), "%s/p//x/", temp_dir);
	ok(file_mkdir_parents(path, 0700, &err) == 0 && stat(path, &st) == 0, "odd slashes");
	snprintf(path, sizeof(path), "%s/f/x", temp_dir);
	ok(file_mkdir_parents(path, 0700, &err) == -1 && err.sys_errno == ENOTDIR, "a file in the way");
	err_clear(&err);
	snprintf(path, sizeof(path), "%s/f", temp_dir);
	ok(file_mkdir_parents(path, 0700, &err) == -1 && err.sys_errno == ENOTDIR, "a file at the end");
	err_clear(&err);
	ok(file_mkdir_parents("relative", 0700, &err) == -1 && err.kind == ERR_USAGE, "relative");
}

static int do_read(struct err *err)
{
	struct arena a = ARENA_INIT;
	char *text;
	size_t len;
	int r = file_read(AT_FDCWD, "f", 100, &a, &text, &len, err);
	arena_release(&a);
	return r;
}

static int do_replace(struct err *err)
{
	return file_replace(AT_FDCWD, "replaced", "new", 3, 0644, err);
}

struct pieces {
	size_t n, total, most;
};

static int take_piece(void *to, const char *text, size_t len, struct err *err)
{
	struct pieces *pieces = to;

	pieces->n++;
	pieces->total += len;
	if (pieces->total > pieces->most)
		return err_set(err, ERR_VERIFY, "enough");
	return text[len - 1] == 'x' ? 0 : err_set(err, ERR_VERIFY, "not what was written");
}

static int read_pieces(struct pieces *pieces, struct err *err)
{
	autofd int fd = open("pieces", O_RDONLY | O_CLOEXEC);

	return file_read_pieces(fd, take_piece, pieces, err);
}

static int do_pieces(struct err *err)
{
	struct pieces pieces = {.most = SIZE_MAX};

	return read_pieces(&pieces, err);
}

static void test_pieces(void)
{
	static char text[150000];
	struct pieces all = {.most = sizeof(text)}, part = {.most = 70000};
	struct err err = ERR_INIT;

	memset(text, 'x', sizeof(text));
	put("pieces", text, sizeof(text));
	is_int(read_pieces(&all, &err), 0, "pieces: all of them");
	ok(all.total == sizeof(text) && all.n > 1, "pieces: every byte, in %zu", all.n);
	is_int(read_pieces(&part, &err), -1, "pieces: the taker ends it");
	is_str(err.msg, "enough", "pieces: with its words");
	ok(part.total < sizeof(text), "pieces: at once");
}

static int do_write_once(struct err *err)
{
	return file_write_once(AT_FDCWD, "value", "7") < 0 ? err_sys(err, "write") : 0;
}

static int do_mkdir(struct err *err)
{
	char path[128];
	snprintf(path, sizeof(path), "%s/m/n/o", temp_dir);
	int r = file_mkdir_parents(path, 0700, err);
	rmdir("m/n/o");
	rmdir("m/n");
	rmdir("m");
	return r;
}

static void test_faults(const char *name, int (*run)(struct err *))
{
	static const int codes[] = {EIO, EINTR, EAGAIN};
	unsigned tried = 0;
	for (size_t c = 0; c < sizeof(codes) / sizeof(codes[0]); c++)
		for (unsigned n = 1;; n++) {
			struct err err = ERR_INIT;
			unsigned fds = fake_open_fds();
			int files = temp_dir_entries(".");
			fake_reset();
			fake_fail(n, codes[c]);
			int r = run(&err);
			if (!fake_failed())
				break;
			tried++;
			int extra = temp_dir_entries(".") - files;
			/* what a signal interrupts is repeated */
			bool told = r == -1 ? err.kind == ERR_SYSTEM && err.sys_errno == codes[c] : codes[c] != EIO;
			bool good = told && extra == 0 && fake_open_fds() == fds;
			if (!good)
				diag("r %d kind %u errno %d '%s' fds %u -> %u, extra files %d", r, err.kind,
				     err.sys_errno, err.msg, fds, fake_open_fds(), extra);
			ok(good, "%s: %s failing with %d", name, fake_failed(), codes[c]);
		}
	fake_reset();
	ok(tried > 3, "%s: %u calls failed", name, tried);
}

#define SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

static void test_seal(void)
{
	int fd = memfd_create("sealed", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	void *page;

	if (fd < 0 || ftruncate(fd, 4096) < 0)
		abort();
	fake_reset();
	fake_next("fcntl", -EBUSY);
	fake_next("fcntl", -EBUSY);
	ok(file_seal(fd, SEALS) == 0 && fake_count_named("fcntl") == 3, "a page that the kernel holds for a moment is waited for");
	ok(fcntl(fd, F_GET_SEALS) == SEALS, "and then it is sealed");
	ok(write(fd, "x", 1) == -1 && errno == EPERM, "it can't be written");
	fake_reset();
	ok(file_seal(fd, F_SEAL_WRITE) == -1 && errno == EPERM && fake_count_named("fcntl") == 1, "any other error is told at once");
	close(fd);

	fd = memfd_create("mapped", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd < 0 || ftruncate(fd, 4096) < 0)
		abort();
	page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	fake_reset();
	ok(page != MAP_FAILED && file_seal(fd, SEALS) == -1 && errno == EBUSY, "one that stays held is an error");
	ok(fake_count_named("fcntl") == 50, "after a bounded number of tries");
	munmap(page, 4096);
	close(fd);
	fake_reset();
}

int main(void)
{
	temp_dir_enter();
	test_read();
	test_special();
	test_write_once();
	test_replace();
	test_replace_collision();
	test_mkdir_parents();
	test_pieces();
	test_seal();
	put("replaced", "old", 3); /* so that success leaves no new name */
	test_faults("read", do_read);
	test_faults("pieces", do_pieces);
	test_faults("replace", do_replace);
	test_faults("write once", do_write_once);
	test_faults("mkdir", do_mkdir);
	return tap_done();
}
