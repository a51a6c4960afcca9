/* hooks/gate/store*.c: what others may have put there, a reader beside somebody who swaps files
 * under it, and every call failing once. */
#include "config.h"

#include "gate_store_case.h"

#include "fake_sys.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>

/* --- attacks --- */

static int read_a(void)
{
	struct gate_store store = opened(false);
	struct arena arena = ARENA_INIT;
	const char *text, *config;
	size_t len;

	err_clear(&err);
	int found = gate_store_current(&store, CONFIG, NULL, &arena, &text, &len, &config, &err);
	arena_release(&arena);
	gate_store_close(&store);
	return found;
}

static void test_attacks(void)
{
	autosample a;

	fresh();
	make(&a, 1000, 0, 0);
	ok(publish(&a) == 0 && read_a() == 1, "a record is read");
	ok(link(CURRENT_A, "outside") == 0 && read_a() == -1, "with a second name outside it isn't");
	is_err(&err, ERR_VERIFY, "names", "says why");
	ok(unlink("outside") == 0 && read_a() == 1, "without it, it is");
	ok(chmod(CURRENT_A, 0602) == 0 && read_a() == -1, "not one that others may write");
	is_err(&err, ERR_VERIFY, "writable", "says why");
	ok(chmod(CURRENT_A, 0620) == 0 && read_a() == -1, "nor its group");
	ok(chmod(CURRENT_A, 0400) == 0 && chmod(DIR_A, 0777) == 0 && read_a() == -1, "nor one in a directory that others may write");
	ok(chmod(DIR_A, 0700) == 0 && rename(CURRENT_A, "moved") == 0 && read_a() == 0, "no file is 'never scanned'");
	ok(symlink("../../../../../moved", CURRENT_A) == 0 && read_a() == -1, "a link to it isn't followed");
	ok(unlink(CURRENT_A) == 0 && mkfifo(CURRENT_A, 0400) == 0 && read_a() == -1, "a FIFO isn't waited for");
	ok(unlink(CURRENT_A) == 0 && mkdir(CURRENT_A, 0700) == 0 && read_a() == -1, "a directory is an error");
	ok(rmdir(CURRENT_A) == 0 && rename("moved", CURRENT_A) == 0 && rename(DIR_A, "dir") == 0 &&
		   symlink("../../../../dir", DIR_A) == 0 && read_a() == -1,
	   "a link in place of a directory isn't followed");
	ok(unlink(DIR_A) == 0 && rename("dir", DIR_A) == 0 && read_a() == 1, "all put back");
	if (geteuid() == 0) {
		ok(chown(CURRENT_A, 12345, 0) == 0 && read_a() == -1, "somebody else's file");
		is_err(&err, ERR_VERIFY, "belongs to uid 12345", "says whose");
		ok(chown(CURRENT_A, 0, 0) == 0 && chown(DIR_A, 12345, 0) == 0 && read_a() == -1, "somebody else's directory");
	} else {
		tap_skip("somebody else's file", "needs root");
	}
	err_clear(&err);
	FILE *f = fopen("big", "w");
	for (unsigned i = 0; f && i <= RECORD_MAX_BYTES / 16; i++)
		if (fputs("0123456789abcdef", f) < 0)
			abort();
	if (!f || fclose(f) || chown(DIR_A, geteuid(), getegid()) < 0)
		abort();
	ok(rename("big", CURRENT_A) == 0 && read_a() == -1, "a file that is too large");
	is_err(&err, ERR_SPEC, "larger than", "says so");
	err_clear(&err);
}

/* Somebody puts one thing after another in the record's place. */
static void swap_for_ever(const char *a, const char *b)
{
	for (unsigned i = 0;; i++) {
		const char *text = i & 1 ? a : b;
		int fd = open(DIR_A "/next", O_WRONLY | O_CREAT | O_TRUNC, 0600);

		if (fd < 0 || write(fd, text, strlen(text)) < 0 || close(fd) < 0)
			_exit(1);
		if (i % 7 == 3) {
			(void)unlink(CURRENT_A);
			if (symlink("next", CURRENT_A) < 0)
				_exit(2);
		}
		if (i % 7 == 5) {
			(void)unlink(CURRENT_A);
			if (mkfifo(CURRENT_A, 0600) < 0)
				_exit(3);
		}
		if (i % 7 == 6 && link(DIR_A "/next", DIR_A "/second") < 0)
			_exit(4);
		if (rename(DIR_A "/next", CURRENT_A) < 0)
			_exit(5);
		(void)unlink(DIR_A "/second");
	}
}

static void test_swapped(void)
{
	static char a[30001], b[20001];
	unsigned got_a = 0, got_b = 0, absent = 0, refused = 0, mixed = 0;
	struct gate_store store;
	autosample s;

	fresh();
	make(&s, 1000, 0, 0);
	if (publish(&s) < 0)
		abort();
	memset(a, 'a', sizeof(a) - 1);
	memset(b, 'b', sizeof(b) - 1);
	store = opened(false);
	pid_t pid = fork();
	if (pid == 0)
		swap_for_ever(a, b);
	for (unsigned i = 0; i < 10000; i++) {
		struct arena arena = ARENA_INIT;
		const char *text = NULL, *config;
		size_t len = 0;
		struct err why = ERR_INIT;
		int found = gate_store_current(&store, CONFIG, NULL, &arena, &text, &len, &config, &why);

		if (found == 1 && len == sizeof(a) - 1 && !memcmp(text, a, len))
			got_a++;
		else if (found == 1 && len == sizeof(b) - 1 && !memcmp(text, b, len))
			got_b++;
		else if (found == 1 && !memcmp(text, s.envelope.s, len))
			absent += 0;
		else if (found == 1)
			mixed++;
		else if (found == 0)
			absent++;
		else
			refused++;
		arena_release(&arena);
	}
	kill(pid, SIGKILL);
	int status = 0;
	waitpid(pid, &status, 0);
	ok(WIFSIGNALED(status), "the swapper was at it all the time");
	is_int(mixed, 0, "10,000 reads: never a mix");
	diag("%u of one, %u of the other, %u absent, %u refused", got_a, got_b, absent, refused);
	ok(got_a + got_b > 0, "some were read");
	gate_store_close(&store);
}

/* --- every call fails once --- */

static struct sample fail_old, fail_new;

static int do_create(void)
{
	return gate_store_create("store", "etc", &err);
}

static int do_publish(void)
{
	struct gate_store store = GATE_STORE_INIT;
	int r = gate_store_open("store", "etc", true, &store, &err);

	if (r == 0)
		r = gate_store_publish(&store, &fail_new.record, fail_new.envelope.s, fail_new.envelope.len, &err);
	gate_store_close(&store);
	return r;
}

static int do_put_fd(void)
{
	struct gate_store store = GATE_STORE_INIT;
	autofd int fd = open("evidence", O_RDONLY | O_CLOEXEC);
	char digest[72];
	int r = gate_store_open("store", "etc", true, &store, &err);

	if (r == 0)
		r = gate_store_put_fd(&store, "objects", fd, digest, &err);
	if (r == 0)
		r = gate_store_revoke(&store, "record", digest + 7, "{}", 2, &err);
	if (r == 0)
		r = gate_store_unrevoke(&store, "record", digest + 7, &err);
	if (r == 0)
		r = gate_store_put_permission(&store, NULL, "x", 1, digest, &err);
	gate_store_close(&store);
	return r;
}

/* What a decision reads: absent is never the answer to a failure. */
static int do_read(void)
{
	struct gate_store store = GATE_STORE_INIT;
	struct arena arena = ARENA_INIT;
	gate_key_list keys = {0};
	const char *text, *config;
	size_t len;
	int64_t highest;
	uint64_t generation;
	int r = gate_store_open("store", "etc", false, &store, &err);

	if (r == 0)
		r = gate_store_current(&store, CONFIG, NULL, &arena, &text, &len, &config, &err) == 1 &&
				    gate_store_is_revoked(&store, "image", HEX_B, &err) == 0 &&
				    gate_store_keys(&store, &arena, &keys, &err) == 0 &&
				    gate_store_generation(&store, &generation, &err) == 0 &&
				    gate_store_clock(&store, 5000, &highest, &err) == 0 ?
			    0 :
			    -1;
	gate_store_close(&store);
	arena_release(&arena);
	return r;
}

static int do_gc(void)
{
	struct gate_store store = GATE_STORE_INIT;
	uint64_t removed;
	int r = gate_store_open("store", "etc", true, &store, &err);

	if (r == 0)
		r = gc_before(&store, 1500, &removed);
	gate_store_close(&store);
	return r;
}

static void prepare(bool published)
{
	fresh();
	if (published && publish(&fail_old) < 0)
		abort();
}

static void fail_each(const char *what, int (*run)(void), bool published)
{
	unsigned n, bad = 0, leaks = 0;

	for (n = 1;; n++) {
		fake_reset();
		if (run == do_create) {
			temp_dir_remove("store");
			temp_dir_remove("etc");
		} else {
			prepare(published);
		}
		if (run == do_gc && publish(&fail_new) < 0)
			abort();
		unsigned before = fake_open_fds();
		err_clear(&err);
		fake_reset();
		fake_fail(n, EIO);
		int r = run();
		const char *failed = fake_failed();
		if (!failed) {
			bad += r != 0;
			fake_reset();
			break;
		}
		/* closing and removing what is unneeded may fail unnoticed */
		bool may = strncmp(failed, "close", 5) == 0 || strncmp(failed, "unlinkat", 8) == 0;
		if (r == 0 ? !may : !err.kind) {
			diag("%s: call %u (%s) fails: %d, '%s'", what, n, failed, r, err.msg);
			bad++;
		}
		leaks += fake_open_fds() != before;
		fake_reset();
		err_clear(&err);
		if (run != do_create && !sound())
			bad++;
		if (run() != 0 || !sound()) {
			diag("%s: after call %u failed, again: %s", what, n, err.msg);
			bad++;
		}
	}
	ok(bad == 0, "%s: each of %u calls fails once: it is told, and the store is sound", what, n - 1);
	is_int(leaks, 0, "no descriptor is left open");
	err_clear(&err);
}

static void test_failures(void)
{
	FILE *f = fopen("evidence", "w");

	if (!f || fputs("a report", f) < 0 || fclose(f))
		abort();
	make(&fail_old, 1000, 1, 0);
	make(&fail_new, 2000, 0, 0);
	fail_each("create", do_create, false);
	fail_each("publish", do_publish, true);
	fail_each("evidence, revocation, permission", do_put_fd, false);
	fail_each("what a decision reads", do_read, true);
	fail_each("gc", do_gc, true);
	sample_release(&fail_old);
	sample_release(&fail_new);
}

int main(void)
{
	temp_dir_enter();
	umask(022);
	test_attacks();
	test_swapped();
	test_failures();
	return tap_done();
}
