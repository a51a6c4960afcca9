/* state/dir.c: who gets an id, what is refused, what is removed, what is left when
 * any call fails or the holder is killed. */
#include "config.h"

#include "state/dir.h"

#include "base/auto.h"
#include "sys/sys.h"

#include "fake_sys.h"
#include "tap.h"
#include "temp_dir.h"

#include <signal.h>
#include <sys/wait.h>

#define ROOT "root"

static int root(void)
{
	struct err err = ERR_INIT;
	int fd = state_root_open(ROOT, NULL, true, &err);
	if (fd < 0) {
		diag("root: %s", err.msg);
		abort();
	}
	return fd;
}

static void put(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		abort();
	close(fd);
}

static void test_default_root(void)
{
	struct err err = ERR_INIT;
	char xdg[128];
	snprintf(xdg, sizeof(xdg), "%s/xdg", temp_dir);
	/* Only the choice is looked at here, not /run: the open is made to fail. */
	fake_reset();
	fake_fail_named("openat", 1, EIO);
	ok(state_root_open(NULL, "", true, &err) == -1, "default root");
	if (geteuid() == 0)
		ok(fake_find(0, "openat(-100, /run/kanuki,") >= 0, "an empty XDG_RUNTIME_DIR counts as unset");
	else
		is_err(&err, ERR_USAGE, "XDG_RUNTIME_DIR", "a user without XDG_RUNTIME_DIR");
	err_clear(&err);

	char want[160];
	snprintf(want, sizeof(want), "openat(-100, %s/kanuki,", xdg);
	struct stat st;
	bool host_root = geteuid() == 0 && stat("/proc/self/ns/user", &st) == 0 && st.st_ino == 0xEFFFFFFDU;
	fake_reset();
	fake_fail_named("openat", 1, EIO);
	ok(state_root_open(NULL, xdg, true, &err) == -1, "with XDG_RUNTIME_DIR");
	ok(fake_find(0, host_root ? "openat(-100, /run/kanuki," : want) >= 0,
	   "users have their own, the host's root has not");
	err_clear(&err);
	fake_reset();
	fake_fail_named("openat", 1, EIO);
	ok(state_root_open("/given", xdg, true, &err) == -1 && fake_find(0, "openat(-100, /given,") >= 0, "--root wins");
	fake_reset();
	err_clear(&err);

	struct arena arena __attribute__((cleanup(arena_release))) = ARENA_INIT;
	const char *path = NULL;
	snprintf(want, sizeof(want), "%s/kanuki", xdg);
	ok(state_root_read_path("", xdg, &arena, &path, &err) == 0, "its name");
	is_str(path, host_root ? "/run/kanuki" : want, "the same by name");
	ok(state_root_read_path("/given", xdg, &arena, &path, &err) == 0 && strcmp(path, "/given") == 0, "as given");
}

static void test_root(void)
{
	struct err err = ERR_INIT;
	struct stat st;
	mode_t old = umask(0);
	ok(state_root_open("deep/er/root", NULL, false, &err) == -1 && err.kind == ERR_NOT_FOUND && access("deep", F_OK) < 0,
	   "is not made by who only looks");
	err = (struct err)ERR_INIT;
	autofd int fd = state_root_open("deep/er/root", NULL, true, &err);
	umask(old);
	ok(fd >= 0, "made with its parents, relative to here");
	ok(stat("deep/er/root", &st) == 0 && (st.st_mode & 07777) == 0700, "0700 with umask 0 (T-LC-5)");
	ok(fcntl(fd, F_GETFD) & FD_CLOEXEC, "close-on-exec");
	if (mkdir("open", 0700) < 0)
		abort();
	static const mode_t bad[] = {0777, 0770, 0720, 0702, 01777};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		chmod("open", bad[i]);
		int r = state_root_open("open", NULL, true, &err);
		ok(r == -1 && strstr(err.msg, "can be written to by others"), "mode %04o is refused (T-LC-5)",
		   (unsigned)bad[i]);
		err_clear(&err);
	}
	chmod("open", 0711);
	autofd int fine = state_root_open("open", NULL, true, &err);
	ok(fine >= 0, "0711 is taken");
	if (geteuid() == 0) {
		ok(chown("open", 12345, 0) == 0 && state_root_open("open", NULL, true, &err) == -1, "another's is refused");
		is_err(&err, ERR_HOST, "belongs to uid 12345", "says whose");
		err_clear(&err);
	} else {
		tap_skip("another's is refused", "needs root to make one");
		tap_skip("says whose", "needs root to make one");
	}
	if (symlink("deep/er/root", "link") < 0)
		abort();
	ok(state_root_open("link", NULL, true, &err) == -1, "a link is refused");
	err_clear(&err);
	put("plain");
	ok(state_root_open("plain", NULL, true, &err) == -1, "a file is refused");
}

static void test_ids(void)
{
	static const char *const bad[] = {"", ".", "..", "../x", "a/b", "-x", ".x", "a b"};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct err err = ERR_INIT;
		struct state_dir dir = STATE_DIR_INIT;
		unsigned fds = fake_open_fds();
		ok(state_dir_reserve(root(), bad[i], &dir, &err) == -1 && err.kind == ERR_USAGE, "reserve '%s'", bad[i]);
		err_clear(&err);
		ok(state_dir_open(root(), bad[i], false, &dir, &err) == -1 && err.kind == ERR_USAGE, "open '%s'",
		   bad[i]);
		is_int(fake_open_fds(), fds, "no descriptor left");
	}
	char id[300];
	struct err err = ERR_INIT;
	autostatedir dir = STATE_DIR_INIT;
	memset(id, 'x', sizeof(id));
	id[256] = '\0';
	ok(state_dir_reserve(root(), id, &dir, &err) == -1 && strstr(err.msg, "longer than 255"), "256 bytes");
	err_clear(&err);
	id[255] = '\0';
	ok(state_dir_reserve(root(), id, &dir, &err) == 0, "255 bytes");
}

static void test_reserve(void)
{
	struct err err = ERR_INIT;
	struct stat st;
	{
		autostatedir dir = STATE_DIR_INIT;
		mode_t old = umask(0);
		ok(state_dir_reserve(root(), "one", &dir, &err) == 0, "reserved");
		umask(old);
		ok(stat(ROOT "/one", &st) == 0 && (st.st_mode & 07777) == 0700, "0700");
		ok(dir.locked && dir.reserved && !strcmp(dir.id, "one"), "locked, not committed");
		autostatedir second = STATE_DIR_INIT;
		ok(state_dir_reserve(root(), "one", &second, &err) == -1 && err.kind == ERR_EXISTS, "taken");
		err_clear(&err);
		put(ROOT "/one/plan.json");
		put(ROOT "/one/would.json");
		put(ROOT "/one/question.json");
		put(ROOT "/one/filter-0.bpf");
	}
	ok(stat(ROOT "/one", &st) < 0, "not committed: gone with its scope, files too");
	{
		autostatedir dir = STATE_DIR_INIT;
		ok(state_dir_reserve(root(), "one", &dir, &err) == 0, "reserved again");
		put(ROOT "/one/record.json");
		state_dir_commit(&dir);
		ok(!dir.reserved && !dir.locked, "committed: others may lock it");
		autostatedir other = STATE_DIR_INIT;
		ok(state_dir_open(root(), "one", true, &other, &err) == 0, "and do");
		state_dir_unlock(&other);
		state_dir_unlock(&other);
		ok(!other.locked && state_dir_lock(&dir, &err) == 0, "who unlocks lets others in, and keeps it open");
	}
	ok(stat(ROOT "/one/record.json", &st) == 0, "committed: stays");
	autostatedir dir = STATE_DIR_INIT;
	ok(state_dir_open(root(), "one", true, &dir, &err) == 0 && state_dir_remove(&dir, &err) == 0, "removed");
	ok(stat(ROOT "/one", &st) < 0, "gone");
	ok(state_dir_remove(&dir, &err) == 0, "removed twice");
	state_dir_release(&dir);
	state_dir_release(&dir);
	ok(state_dir_open(root(), "one", false, &dir, &err) == -1, "unknown now");
	is_err(&err, ERR_NOT_FOUND, "container does not exist", "in the engines' words");
}

/* Ours was removed for a dead create's before we opened it, and another create's has the
 * name since: its lock is free once it is committed, and it must outlive our failure. */
static void test_replaced(void)
{
	struct err err = ERR_INIT;
	{
		autostatedir theirs = STATE_DIR_INIT;
		autostatedir ours = STATE_DIR_INIT;
		ok(state_dir_reserve(root(), "swapped", &theirs, &err) == 0, "another's");
		put(ROOT "/swapped/record.json");
		state_dir_commit(&theirs);
		fake_reset();
		fake_pretend("mkdirat", 0);
		ok(state_dir_reserve(root(), "swapped", &ours, &err) == -1, "is not taken for ours");
		fake_reset();
		is_err(&err, ERR_STATE, "was deleted while it was created", "and told");
	}
	ok(access(ROOT "/swapped/record.json", F_OK) == 0, "and stays");
	unlink(ROOT "/swapped/record.json");
	rmdir(ROOT "/swapped");
}

static void test_remove(void)
{
	struct err err = ERR_INIT;
	autostatedir dir = STATE_DIR_INIT;
	ok(state_dir_reserve(root(), "r", &dir, &err) == 0, "reserved");
	state_dir_commit(&dir);
	state_dir_release(&dir);
	ok(state_dir_open(root(), "r", true, &dir, &err) == 0, "opened");
	put(ROOT "/r/.record.json.12-0.tmp");
	put(ROOT "/r/filter-3.bpf");
	if (mkfifo(ROOT "/r/gate", 0600) < 0 || symlink("/etc", ROOT "/r/notify") < 0)
		abort();
	ok(state_dir_remove(&dir, &err) == 0 && access(ROOT "/r", F_OK) < 0, "every kind of file of ours");
	ok(access("/etc/passwd", F_OK) == 0, "no link followed (T-LC-8)");
	state_dir_release(&dir);

	if (mkdir(ROOT "/s", 0700) < 0 || mkdir(ROOT "/s/gate", 0700) < 0)
		abort();
	put(ROOT "/s/record.json");
	put(ROOT "/s/gate/inner");
	ok(state_dir_open(root(), "s", true, &dir, &err) == 0, "opened");
	ok(state_dir_remove(&dir, &err) == -1 && access(ROOT "/s/gate/inner", F_OK) == 0, "never descends");
	err_clear(&err);
	unlink(ROOT "/s/gate/inner");
	rmdir(ROOT "/s/gate");
	put(ROOT "/s/letter");
	ok(state_dir_remove(&dir, &err) == -1 && access(ROOT "/s/letter", F_OK) == 0, "what is not ours stays");
	is_err(&err, ERR_STATE, "'letter', which is not kanuki's", "says what");
	err_clear(&err);
	unlink(ROOT "/s/letter");
	ok(state_dir_remove(&dir, &err) == 0, "without it: removed");
	state_dir_release(&dir);

	if (symlink("/tmp", ROOT "/t") < 0)
		abort();
	ok(state_dir_open(root(), "t", true, &dir, &err) == -1, "a link in place of the directory");
	err_clear(&err);
	unlink(ROOT "/t");
	if (mkdir(ROOT "/u", 0700) < 0 || chmod(ROOT "/u", 0777) < 0)
		abort();
	ok(state_dir_open(root(), "u", true, &dir, &err) == -1 && strstr(err.msg, "written to by others"),
	   "a directory open to others");
	rmdir(ROOT "/u");
}

static void test_list(void)
{
	struct err err = ERR_INIT;
	struct arena a = ARENA_INIT;
	struct str_list ids = {0};
	autofd int fd = state_root_open("listed", NULL, true, &err);
	ok(state_root_list(fd, &a, &ids, &err) == 0 && ids.n == 0, "empty");
	for (int i = 0; i < 500; i++) {
		char name[64];
		snprintf(name, sizeof(name), "listed/container-with-a-long-name-%03d", (i * 7) % 500);
		if (mkdir(name, 0700) < 0)
			abort();
	}
	put("listed/file");
	if (mkdir("listed/.hidden", 0700) < 0 || mkdir("listed/-dash", 0700) < 0 || symlink("/", "listed/link") < 0)
		abort();
	ok(state_root_list(fd, &a, &ids, &err) == 0, "listed");
	is_int(ids.n, 500, "directories with an id's name only");
	bool sorted = true;
	for (size_t i = 1; i < ids.n; i++)
		sorted = sorted && strcmp(ids.items[i - 1], ids.items[i]) < 0;
	ok(sorted, "sorted, none twice");
	struct str_list again = {0};
	ok(state_root_list(fd, &a, &again, &err) == 0 && again.n == 500, "a second time");
	arena_release(&a);
}

/* 8 processes, one id, many rounds: exactly one winner each. */
static void test_fight(void)
{
	int rounds = 40;
	int good = 0;
	for (int round = 0; round < rounds; round++) {
		int fds[2];
		if (pipe(fds) < 0)
			abort();
		pid_t pids[8];
		for (int i = 0; i < 8; i++) {
			pids[i] = fork();
			if (pids[i])
				continue;
			char go;
			close(fds[1]);
			(void)!read(fds[0], &go, 1); /* end of file: all at once */
			struct err err = ERR_INIT;
			struct state_dir dir = STATE_DIR_INIT;
			int r = state_dir_reserve(root(), "prize", &dir, &err);
			if (r == 0) {
				put(ROOT "/prize/record.json");
				state_dir_commit(&dir);
			}
			state_dir_release(&dir);
			_exit(r == 0 ? 0 : err.kind == ERR_EXISTS ? 1 : 2);
		}
		close(fds[0]);
		close(fds[1]);
		int winners = 0;
		int losers = 0;
		for (int i = 0; i < 8; i++) {
			int status;
			waitpid(pids[i], &status, 0);
			winners += WIFEXITED(status) && WEXITSTATUS(status) == 0;
			losers += WIFEXITED(status) && WEXITSTATUS(status) == 1;
		}
		good += winners == 1 && losers == 7;
		struct err err = ERR_INIT;
		autostatedir dir = STATE_DIR_INIT;
		if (state_dir_open(root(), "prize", true, &dir, &err) < 0 || state_dir_remove(&dir, &err) < 0)
			good = -1000;
	}
	is_int(good, rounds, "one winner, seven told that the id is taken, every time");
}

/* create against delete --force: whoever wins, nothing stays and nobody crashes. */
static void test_fight_delete(void)
{
	int fds[2];
	if (pipe(fds) < 0)
		abort();
	pid_t pids[4];
	for (int i = 0; i < 4; i++) {
		pids[i] = fork();
		if (pids[i])
			continue;
		char go;
		close(fds[1]);
		(void)!read(fds[0], &go, 1);
		int bad = 0;
		for (int n = 0; n < 300; n++) {
			struct err err = ERR_INIT;
			struct state_dir dir = STATE_DIR_INIT;
			if (i < 2) { /* reserve, look that it is still there, leave it for the others */
				if (state_dir_reserve(root(), "both", &dir, &err) == 0) {
					struct stat st;
					bad += fstat(dir.dirfd, &st) < 0 || st.st_nlink == 0;
					state_dir_commit(&dir);
				} else {
					bad += err.kind != ERR_EXISTS && err.kind != ERR_STATE;
				}
			} else if (state_dir_open(root(), "both", true, &dir, &err) == 0) {
				bad += state_dir_remove(&dir, &err) < 0;
			} else {
				bad += err.kind != ERR_NOT_FOUND;
			}
			state_dir_release(&dir);
		}
		_exit(bad > 100 ? 100 : bad);
	}
	close(fds[0]);
	close(fds[1]);
	for (int i = 0; i < 4; i++) {
		int status;
		waitpid(pids[i], &status, 0);
		ok(WIFEXITED(status) && WEXITSTATUS(status) == 0, "%s %d: status %x", i < 2 ? "create" : "delete", i,
		   (unsigned)status);
	}
	struct err err = ERR_INIT;
	autostatedir dir = STATE_DIR_INIT;
	if (state_dir_open(root(), "both", true, &dir, &err) == 0)
		ok(state_dir_remove(&dir, &err) == 0, "the last one is removed");
	else
		is_int(err.kind, ERR_NOT_FOUND, "the last one is removed");
	is_int(temp_dir_entries(ROOT), 0, "nothing is left");
}

static void test_killed(void)
{
	struct err err = ERR_INIT;
	int fds[2];
	if (pipe(fds) < 0)
		abort();
	pid_t pid = fork();
	if (pid == 0) {
		struct state_dir dir = STATE_DIR_INIT;
		if (state_dir_reserve(root(), "half", &dir, &err) < 0)
			_exit(1);
		put(ROOT "/half/plan.json");
		(void)!write(fds[1], "x", 1);
		pause();
	}
	char c;
	(void)!read(fds[0], &c, 1);
	{
		autostatedir dir = STATE_DIR_INIT;
		ok(state_dir_open(root(), "half", false, &dir, &err) == 0, "a create under way is seen");
		ok(state_dir_is_busy(&dir), "as busy");
	}
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	autostatedir dir = STATE_DIR_INIT;
	ok(state_dir_open(root(), "half", false, &dir, &err) == 0, "killed: the directory is there");
	ok(!state_dir_is_busy(&dir), "and not busy");
	state_dir_release(&dir);
	ok(state_dir_reserve(root(), "half", &dir, &err) == -1 && err.kind == ERR_EXISTS, "the id stays taken");
	err_clear(&err);
	ok(state_dir_open(root(), "half", true, &dir, &err) == 0 && state_dir_remove(&dir, &err) == 0, "delete --force");
	is_int(temp_dir_entries(ROOT), 0, "nothing is left");
	close(fds[0]);
	close(fds[1]);
}

/* The container's init shares the open file of the lock; unlocking must not wait
 * for it to end. */
static void test_inherited_lock(void)
{
	struct err err = ERR_INIT;
	autostatedir dir = STATE_DIR_INIT;
	ok(state_dir_reserve(root(), "heir", &dir, &err) == 0, "reserved");
	pid_t pid = fork();
	if (pid == 0) {
		pause();
		_exit(0);
	}
	state_dir_commit(&dir);
	state_dir_release(&dir);
	autostatedir other = STATE_DIR_INIT;
	ok(state_dir_open(root(), "heir", true, &other, &err) == 0, "locked while the child holds a copy");
	ok(state_dir_remove(&other, &err) == 0, "removed");
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

/* Who waits for the lock of a directory that is being deleted finds no container. */
static void test_wait_for_deleted(void)
{
	struct err err = ERR_INIT;
	struct state_dir dir = STATE_DIR_INIT;
	ok(state_dir_reserve(root(), "w", &dir, &err) == 0, "reserved");
	pid_t pid = fork();
	if (pid == 0) {
		/* the copy of the lock's open file goes, or it would be held here too */
		close(dir.dirfd);
		struct state_dir mine = STATE_DIR_INIT;
		int r = state_dir_open(root(), "w", true, &mine, &err);
		_exit(r == -1 && err.kind == ERR_NOT_FOUND ? 0 : 1);
	}
	usleep(30000);
	state_dir_release(&dir); /* not committed: removed */
	int status;
	waitpid(pid, &status, 0);
	ok(WIFEXITED(status) && WEXITSTATUS(status) == 0, "the waiting one is told that it does not exist");
	ok(access(ROOT "/w", F_OK) < 0, "and it does not");
}

static int do_reserve(struct err *err)
{
	int fd = state_root_open(ROOT, NULL, true, err);
	if (fd < 0)
		return -1;
	autostatedir dir = STATE_DIR_INIT;
	return state_dir_reserve(fd, "fault", &dir, err);
}

static int do_first(struct err *err)
{
	autofd int fd = state_root_open("first/root", NULL, true, err);
	rmdir("first/root");
	rmdir("first");
	return fd < 0 ? -1 : 0;
}

static int do_delete(struct err *err)
{
	if (access(ROOT "/victim", F_OK) < 0 && mkdir(ROOT "/victim", 0700) < 0)
		abort();
	put(ROOT "/victim/record.json");
	put(ROOT "/victim/plan.json");
	int fd = state_root_open(ROOT, NULL, true, err);
	if (fd < 0)
		return -1;
	autostatedir dir = STATE_DIR_INIT;
	if (state_dir_open(fd, "victim", true, &dir, err) < 0)
		return -1;
	return state_dir_remove(&dir, err);
}

static int do_list(struct err *err)
{
	struct arena a = ARENA_INIT;
	struct str_list ids = {0};
	autofd int fd = state_root_open("listed", NULL, true, err);
	int r = fd < 0 ? -1 : state_root_list(fd, &a, &ids, err);
	arena_release(&a);
	return r;
}

/* Every call of `run` fails once: an error, no descriptor, no directory.  A call
 * whose failure is not the end (undoing) may be passed over: then all is well. */
static void test_faults(const char *name, int (*run)(struct err *), const char *leftover)
{
	unsigned tried = 0;
	for (unsigned n = 1;; n++) {
		struct err err = ERR_INIT;
		unsigned fds = fake_open_fds();
		fake_reset();
		fake_fail(n, EIO);
		int r = run(&err);
		if (!fake_failed())
			break;
		tried++;
		bool cleaning = r == 0; /* release: unlock and remove after success */
		bool good = (cleaning || err.kind == ERR_SYSTEM) && fake_open_fds() == fds;
		if (leftover && !cleaning)
			good = good && access(leftover, F_OK) < 0;
		if (!ok(good, "%s: %s fails", name, fake_failed()))
			diag("r %d '%s' fds %u -> %u", r, err.msg, fds, fake_open_fds());
		if (leftover)
			temp_dir_remove(leftover);
	}
	fake_reset();
	ok(tried >= 3, "%s: %u calls failed", name, tried);
}

int main(void)
{
	temp_dir_enter();
	test_default_root();
	test_root();
	test_ids();
	test_reserve();
	test_replaced();
	test_remove();
	test_list();
	test_fight();
	test_fight_delete();
	test_killed();
	test_inherited_lock();
	test_wait_for_deleted();
	test_faults("reserve", do_reserve, ROOT "/fault");
	test_faults("first root", do_first, NULL);
	test_faults("delete", do_delete, NULL);
	struct err err = ERR_INIT;
	ok(do_delete(&err) == 0 && access(ROOT "/victim", F_OK) < 0, "delete after failed deletes");
	test_faults("list", do_list, NULL);
	return tap_done();
}
