/* hooks/gate/store*.c: what is read and what is refused, every call failing once, what may displace
 * what, and a reader beside somebody who swaps files under it. */
#include "config.h"

#include "gate/store.h"

#include "base/auto.h"
#include "gate/dsse.h"
#include "gate/record.h"

#include "fake_sys.h"
#include "tap.h"
#include "temp_dir.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>

#define CONFIG	 "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define OTHER	 "sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define MANIFEST "sha256:cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"
#define INDEX	 "sha256:dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd"
#define HEX_A	 (CONFIG + 7)
#define DIR_A	 "store/by-digest/sha256/aa/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define CURRENT_A DIR_A "/current"

static struct err err;

static void fresh(void)
{
	temp_dir_remove("store");
	temp_dir_remove("etc");
	err_clear(&err);
	if (gate_store_create("store", "etc", &err) < 0) {
		diag("create: %s", err.msg);
		abort();
	}
}

static struct gate_store opened(bool write)
{
	struct gate_store store = GATE_STORE_INIT;

	if (gate_store_open("store", "etc", write, &store, &err) < 0) {
		diag("open: %s", err.msg);
		abort();
	}
	return store;
}

/* --- records --- */

struct sample {
	struct scan scans[2];
	struct finding findings[8];
	const char *indexes[1];
	struct record record;
	struct str envelope;
};

static void sample_release(struct sample *s)
{
	str_release(&s->envelope);
}
#define autosample __attribute__((cleanup(sample_release))) struct sample

/* A scan for vulnerabilities at `at` with n findings, and one for malware at malware_at (0: none). */
static void make(struct sample *s, int64_t at, unsigned n, int64_t malware_at)
{
	struct dsse dsse = {.payload_type = DSSE_STATEMENT_TYPE};
	autostr payload = STR_INIT;

	*s = (struct sample){.indexes = {INDEX}};
	s->scans[0] = (struct scan){.tool = "trivy", .tool_version = "1", .format = "trivy-json", .classes = 1 << CLASS_VULN,
				    .scanned_at = at, .db_updated_at = at, .complete = true, .evidence = OTHER};
	s->scans[1] = (struct scan){.tool = "clamav", .tool_version = "1", .format = "clamav-log", .classes = 1 << CLASS_MALWARE,
				    .scanned_at = malware_at, .db_updated_at = malware_at, .complete = true, .evidence = OTHER};
	for (unsigned i = 0; i < n; i++) {
		static const char *const ids[] = {"CVE-2026-1", "CVE-2026-2", "CVE-2026-3", "CVE-2026-4"};

		s->findings[i] = (struct finding){.scan_class = CLASS_VULN, .severity = SEVERITY_HIGH, .id = ids[i],
						  .package = "p", .version = "1"};
	}
	s->record = (struct record){
		.sequence = 1, .issued_at = at, .expires_at = at + 1000,
		.image = {.config = CONFIG, .manifest = MANIFEST, .indexes = {.items = s->indexes, .n = 1}, .platform = "linux/amd64"},
		.scans = {.items = s->scans, .n = malware_at ? 2 : 1}, .findings = {.items = s->findings, .n = n}};
	record_count(&s->record, s->record.counted);
	if (record_print(&s->record, &payload, &err) < 0)
		abort();
	dsse.payload = payload.s;
	dsse.payload_len = payload.len;
	if (dsse_print(&dsse, &s->envelope, &err) < 0)
		abort();
}

static int publish(const struct sample *s)
{
	struct gate_store store = opened(true);
	int r = gate_store_publish(&store, &s->record, s->envelope.s, s->envelope.len, &err);

	gate_store_close(&store);
	return r;
}

static bool sound(void)
{
	struct gate_store store = opened(false);
	struct err why = ERR_INIT;
	uint64_t files;
	bool good = gate_store_check(&store, &files, &why) == 0;

	if (!good)
		diag("store: %s", why.msg);
	gate_store_close(&store);
	return good;
}

/* --- opening --- */

static void test_open(void)
{
	struct gate_store store = GATE_STORE_INIT;
	struct stat st;

	ok(gate_store_open("nothing", "etc", false, &store, &err) == -1, "no store");
	is_err(&err, ERR_NOT_FOUND, "kanuki-gate init", "says what makes one");
	err_clear(&err);
	if (mkdir("empty", 0700) < 0)
		abort();
	ok(gate_store_open("empty", "etc", false, &store, &err) == -1, "a directory that is none");
	is_err(&err, ERR_NOT_FOUND, "VERSION", "says why");
	err_clear(&err);
	fresh();
	ok(stat("store", &st) == 0 && (st.st_mode & 07777) == 0700, "a store is 0700");
	ok(gate_store_create("store", "etc", &err) == 0, "making it twice is fine");
	store = opened(false);
	uint64_t generation = 0;
	ok(gate_store_generation(&store, &generation, &err) == 0 && generation == 1, "its generation is 1");
	ok(gate_store_put(&store, "objects", "x", 1, (char[72]){0}, &err) == -1, "a reader can't write");
	err_clear(&err);
	gate_store_close(&store);
	ok(chmod("store", 0777) == 0 && gate_store_open("store", "etc", false, &store, &err) == -1, "a store that others may write to");
	is_err(&err, ERR_VERIFY, "writable to others", "is refused");
	err_clear(&err);
	if (chmod("store", 0700) < 0 || rename("store", "real") < 0 || symlink("real", "store") < 0)
		abort();
	ok(gate_store_open("store", "etc", false, &store, &err) == -1, "a link to a store");
	err_clear(&err);
	if (unlink("store") < 0 || rename("real", "store") < 0)
		abort();
	FILE *f = fopen("store/VERSION.new", "w");
	if (!f || fputs("2\n", f) < 0 || fclose(f) || rename("store/VERSION.new", "store/VERSION") < 0)
		abort();
	ok(gate_store_open("store", "etc", false, &store, &err) == -1, "a store of version 2");
	is_err(&err, ERR_VERIFY, "another version", "is refused");
	err_clear(&err);
}

/* --- what may displace what --- */

static const char *current(char ret[65536], const char *digest, const char *platform)
{
	struct gate_store store = opened(false);
	struct arena arena = ARENA_INIT;
	const char *text = NULL, *config = NULL;
	size_t len = 0;
	int found = gate_store_current(&store, digest, platform, &arena, &text, &len, &config, &err);

	snprintf(ret, 65536, "%.*s", found == 1 ? (int)len : 0, found == 1 ? text : "");
	if (found < 0)
		diag("%s", err.msg);
	arena_release(&arena);
	gate_store_close(&store);
	return found == 1 ? ret : found == 0 ? "absent" : "error";
}

static void test_publish(void)
{
	static char buf[65536];
	autosample old, bad, clean, same, newer, malware, later;

	fresh();
	make(&old, 1000, 1, 0);
	make(&bad, 2000, 2, 0);
	make(&clean, 1500, 0, 0);
	make(&same, 2000, 1, 0);
	make(&newer, 3000, 0, 0);
	make(&malware, 3000, 0, 3000);
	make(&later, 4000, 0, 0);
	is_str(current(buf, CONFIG, NULL), "absent", "nothing is known of an image at first");
	ok(publish(&old) == 0, "a first record");
	is_str(current(buf, CONFIG, NULL), old.envelope.s, "is the current one");
	is_str(current(buf, MANIFEST, "linux/amd64"), old.envelope.s, "by the manifest's digest too");
	is_str(current(buf, INDEX, "linux/amd64"), old.envelope.s, "and by the index's");
	is_str(current(buf, INDEX, "linux/arm64"), "absent", "but not for another platform");
	is_str(current(buf, INDEX, NULL), "absent", "nor for none");
	ok(publish(&bad) == 0, "a newer one takes its place");
	is_str(current(buf, CONFIG, NULL), bad.envelope.s, "and is the current one");
	ok(publish(&clean) == -1, "an older clean one doesn't");
	is_err(&err, ERR_STATE, "newer scan for vuln", "says why");
	err_clear(&err);
	ok(publish(&same) == -1, "nor one of the same time with fewer findings");
	is_err(&err, ERR_STATE, "more findings (vuln: 2 instead of 1)", "says why");
	err_clear(&err);
	is_str(current(buf, CONFIG, NULL), bad.envelope.s, "the bad one stays");
	ok(publish(&bad) == 0, "itself again is fine");
	ok(publish(&newer) == 0, "a newer clean one takes its place");
	ok(publish(&malware) == 0, "with malware looked for, too");
	ok(publish(&later) == -1, "a newer one that leaves malware out doesn't");
	is_err(&err, ERR_STATE, "scan for malware", "says why");
	err_clear(&err);
	ok(sound(), "the store verifies");

	/* what can't be read is no reason to take something old */
	FILE *f = fopen("broken", "w");
	if (!f || fputs("nonsense", f) < 0 || fclose(f) || chmod("broken", 0400) < 0 || rename("broken", CURRENT_A) < 0)
		abort();
	ok(publish(&old) == -1, "a broken current record isn't displaced by an old one");
	is_err(&err, ERR_STATE, "scan it anew", "says what helps");
	err_clear(&err);
	ok(publish(&later) == 0 && sound(), "but by a new one");
}

static void test_alias(void)
{
	autosample a, b;
	static char buf[65536];

	fresh();
	make(&a, 1000, 0, 0);
	make(&b, 1000, 0, 0);
	ok(publish(&a) == 0, "an image under an index");
	b.record.image.config = OTHER;
	b.record.image.manifest = NULL;
	ok(publish(&b) == -1, "another image as the same platform of that index");
	is_err(&err, ERR_STATE, "known as linux/amd64", "is refused");
	err_clear(&err);
	b.record.image.platform = "linux/arm64";
	ok(publish(&b) == 0, "as another platform it is taken");
	is_str(current(buf, INDEX, "linux/amd64"), a.envelope.s, "the index gives the one for amd64");
	is_str(current(buf, INDEX, "linux/arm64"), b.envelope.s, "and the one for arm64");
	b.record.image.config = "sha256:xyz";
	ok(publish(&b) == -1, "a record that names no digest");
	is_err(&err, ERR_SPEC, "no valid digests", "is refused");
	err_clear(&err);
}

/* --- revocation, permissions, numbers --- */

static void test_revoke(void)
{
	struct gate_store store;
	struct arena arena = ARENA_INIT;
	gate_blob_list blobs = {0};
	char id[72];
	uint64_t before, after;

	fresh();
	store = opened(true);
	const char *kinds[] = {"image", "record", "key"};
	for (unsigned i = 0; i < 3; i++) {
		ok(gate_store_is_revoked(&store, kinds[i], HEX_A, &err) == 0, "%s: not revoked", kinds[i]);
		ok(gate_store_unrevoke(&store, kinds[i], HEX_A, &err) == -1 && err.kind == ERR_NOT_FOUND, "so can't be unrevoked");
		err_clear(&err);
		ok(gate_store_generation(&store, &before, &err) == 0 && gate_store_revoke(&store, kinds[i], HEX_A, "{}", 2, &err) == 0 &&
			   gate_store_generation(&store, &after, &err) == 0 && after == before + 1,
		   "revoked, and the generation is another");
		ok(gate_store_is_revoked(&store, kinds[i], HEX_A, &err) == 1, "is seen");
		ok(gate_store_is_revoked(&store, kinds[i], OTHER + 7, &err) == 0, "others aren't");
		ok(gate_store_unrevoke(&store, kinds[i], HEX_A, &err) == 0 && gate_store_is_revoked(&store, kinds[i], HEX_A, &err) == 0,
		   "unrevoked");
	}
	ok(gate_store_is_revoked(&store, "key", "../../etc/passwd", &err) == -1, "a path is no key's id");
	err_clear(&err);
	/* whatever lies there */
	ok(symlink("nowhere", "store/revoked/keys/" "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa") == 0 &&
		   gate_store_is_revoked(&store, "key", HEX_A, &err) != 0,
	   "a dead link revokes");
	err_clear(&err);
	ok(gate_store_put_permission(&store, "{\"a\":1}", 7, id, &err) == 0 && gate_store_permissions(&store, &arena, &blobs, &err) == 0 &&
		   blobs.n == 1 && !strcmp(blobs.items[0].name, id + 7) && !strcmp(blobs.items[0].text, "{\"a\":1}"),
	   "a permission is stored by its content and listed");
	arena_release(&arena);
	gate_store_close(&store);
}

static void test_numbers(void)
{
	struct gate_store store;
	int64_t highest = 0, at = 0;

	fresh();
	store = opened(false);
	ok(gate_store_clock(&store, 1000000, &highest, &err) == 0 && highest == 1000000, "the clock is raised");
	ok(gate_store_clock(&store, 500, &highest, &err) == 0 && highest == 1000000, "and not lowered");
	ok(gate_store_clock(&store, 1000059, &highest, &err) == 0 && gate_store_clock(&store, 500, &highest, &err) == 0 && highest == 1000000,
	   "less than a minute isn't written down");
	ok(gate_store_clock(&store, 1000060, &highest, &err) == 0 && gate_store_clock(&store, 500, &highest, &err) == 0 && highest == 1000060,
	   "a minute is");
	ok(gate_store_seen(&store, CONFIG, 0, &at, &err) == 0 && at == 0, "an image that never ran");
	ok(gate_store_seen(&store, CONFIG, 77, &at, &err) == 0 && at == 0 && gate_store_seen(&store, CONFIG, 88, &at, &err) == 0 && at == 77,
	   "the first time is kept");
	FILE *f = fopen("store/clock", "w");
	if (!f || fputs("soon\n", f) < 0 || fclose(f))
		abort();
	ok(gate_store_clock(&store, 1, &highest, &err) == -1, "a clock that is no number");
	is_err(&err, ERR_VERIFY, "holds no number", "is an error, not 0");
	err_clear(&err);
	ok(unlink("store/clock") == 0 && gate_store_clock(&store, 1, &highest, &err) == -1, "no clock is one as well");
	err_clear(&err);
	ok(unlink("store/generation") == 0 && gate_store_generation(&store, &(uint64_t){0}, &err) == -1, "nor may the generation be missing");
	err_clear(&err);
	gate_store_close(&store);
}

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
		r = gate_store_put_permission(&store, "x", 1, digest, &err);
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
				    gate_store_is_revoked(&store, "image", OTHER + 7, &err) == 0 &&
				    gate_store_keys(&store, &arena, &keys, &err) == 0 &&
				    gate_store_generation(&store, &generation, &err) == 0 &&
				    gate_store_clock(&store, 5000, &highest, &err) == 0 ?
			    0 :
			    -1;
	gate_store_close(&store);
	arena_release(&arena);
	return r;
}

static int gc_before(struct gate_store *store, int64_t before, uint64_t *ret_removed)
{
	struct arena arena = ARENA_INIT;
	struct gate_gc gc = {.before = before, .arena = &arena};
	int r = gate_store_gc(store, &gc, &err);

	*ret_removed = gc.removed;
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

static void test_gc(void)
{
	static char buf[65536];
	autosample old, new;
	struct gate_store store;
	uint64_t removed = 0;
	char digest[72];

	fresh();
	make(&old, 1000, 1, 0);
	make(&new, 2000, 2, 0);
	ok(publish(&old) == 0 && publish(&new) == 0, "two records");
	store = opened(true);
	ok(gate_store_put(&store, "objects", "unused", 6, digest, &err) == 0, "evidence of no record");
	FILE *f = fopen(DIR_A "/.new-1-0", "w");
	if (!f || fclose(f))
		abort();
	ok(gc_before(&store, 500, &removed) == 0 && removed == 2, "gc removes a temporary and the evidence");
	is_int(removed, 2, "no more");
	ok(gc_before(&store, 1500, &removed) == 0, "gc of old history");
	is_int(removed, 2, "removes the older record and its history");
	gate_store_close(&store);
	is_str(current(buf, CONFIG, NULL), new.envelope.s, "the current one stays");
	ok(sound(), "the store verifies");
}

int main(void)
{
	temp_dir_enter();
	umask(022);
	test_open();
	test_publish();
	test_alias();
	test_revoke();
	test_numbers();
	test_attacks();
	test_swapped();
	test_gc();
	FILE *f = fopen("evidence", "w");
	if (!f || fputs("a report", f) < 0 || fclose(f))
		return 99;
	make(&fail_old, 1000, 1, 0);
	make(&fail_new, 2000, 0, 0);
	fail_each("create", do_create, false);
	fail_each("publish", do_publish, true);
	fail_each("evidence, revocation, permission", do_put_fd, false);
	fail_each("what a decision reads", do_read, true);
	fail_each("gc", do_gc, true);
	sample_release(&fail_old);
	sample_release(&fail_new);
	return tap_done();
}
