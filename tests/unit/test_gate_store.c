/* hooks/gate/store*.c: what is read and what is refused, what may displace what, and what is tidied
 * away.  Attacks and failures are test_gate_store_hostile.c's. */
#include "config.h"

#include "gate_store_case.h"

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
	b.record.image.platform = "linux/arm64";
	ok(publish(&b) == 0, "another image as another platform of that index");
	is_str(current(buf, INDEX, "linux/amd64"), a.envelope.s, "the index gives the one for amd64");
	is_str(current(buf, INDEX, "linux/arm64"), b.envelope.s, "and the one for arm64");
	b.record.image.config = "sha256:xyz";
	ok(publish(&b) == -1, "a record that names no digest");
	is_err(&err, ERR_SPEC, "no valid digests", "is refused");
	err_clear(&err);
}

static void revoke_image(const char *digest)
{
	struct gate_store store = opened(true);

	if (gate_store_revoke(&store, "image", digest + 7, "{}", 2, &err) < 0)
		abort();
	gate_store_close(&store);
}

/* Whoever claims an image's names first must neither get it let in by another's record nor
 * keep its own out. */
static void test_contradicting_aliases(void)
{
	static const char third[] =
		"sha256:5555555555555555555555555555555555555555555555555555555555555555";
	autosample a, b;
	static char buf[65536];

	fresh();
	make(&a, 1000, 0, 0);
	make(&b, 1000, 0, 0);
	b.record.image.config = OTHER;
	b.record.image.manifest = NULL;
	seal(&b);
	ok(publish(&a) == 0 && publish(&b) == 0, "two images as one platform of one index");
	is_str(current(buf, INDEX, "linux/amd64"), "error", "the index stands for neither");
	is_err(&err, ERR_VERIFY, "records of different images claim " INDEX " as linux/amd64: "
	       CONFIG " and " OTHER, "which names both");
	err_clear(&err);
	is_str(current(buf, INDEX, "linux/arm64"), "absent", "and for no other platform's");
	is_str(current(buf, CONFIG, "linux/amd64"), a.envelope.s, "each is found by its config");
	is_str(current(buf, OTHER, "linux/amd64"), b.envelope.s, "digest, both of them");
	ok(publish(&a) == 0 && publish(&b) == 0 && sound(), "both can be published again");
	is_str(current(buf, INDEX, "linux/amd64"), "error", "which decides nothing");
	err_clear(&err);
	b.record.image.config = third;
	b.record.image.platform = "linux/arm64";
	seal(&b);
	ok(publish(&b) == 0 && sound(), "a third one, as another platform");
	is_str(current(buf, INDEX, "linux/arm64"), b.envelope.s, "is found by the index");
	is_str(current(buf, INDEX, "linux/amd64"), "error", "which is as it was for the others");
	err_clear(&err);
	b.record.image.platform = "linux/amd64";
	seal(&b);
	ok(publish(&b) == 0 && sound(), "a third one that contradicts");
	is_str(current(buf, third, "linux/amd64"), b.envelope.s, "is found as well");
	revoke_image(OTHER);
	is_str(current(buf, INDEX, "linux/amd64"), "error", "one of three revoked");
	err_clear(&err);
	revoke_image(third);
	is_str(current(buf, INDEX, "linux/amd64"), a.envelope.s, "two: it is the one that is left");
	revoke_image(CONFIG);
	is_str(current(buf, INDEX, "linux/amd64"), a.envelope.s, "all: one that is known as revoked");
}

static void test_many_claims(void)
{
	autosample a;
	static char buf[65536], config[80];

	fresh();
	make(&a, 1000, 0, 0);
	a.record.image.manifest = NULL;
	for (unsigned i = 0; i < 20; i++) {
		snprintf(config, sizeof(config), "sha256:%064x", i);
		a.record.image.config = config;
		seal(&a);
		if (publish(&a) < 0)
			abort();
		if (i)
			revoke_image(config);
	}
	ok(sound(), "twenty images that claim one index");
	is_str(current(buf, INDEX, "linux/amd64"), "error", "not all are kept: it stands for none");
	is_err(&err, ERR_VERIFY, "and others", "and says so");
	err_clear(&err);
}

/* --- revocation, permissions, numbers --- */

static void test_revoke(void)
{
	struct gate_store store;
	struct arena arena = ARENA_INIT;
	const char *image[] = {CONFIG, OTHER}, *text;
	struct str_list names = {0}, more = {0}, images = {.items = image};
	char id[72];
	size_t len;
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
		ok(gate_store_is_revoked(&store, kinds[i], HEX_B, &err) == 0, "others aren't");
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
	ok(gate_store_put_permission(&store, NULL, "{\"a\":1}", 7, id, &err) == 0 && gate_store_permissions(&store, &arena, &names, &err) == 0 &&
		   names.n == 1 && !strcmp(names.items[0], id + 7) &&
		   gate_store_permission(&store, names.items[0], &arena, &text, &len, &err) == 1 && !strcmp(text, "{\"a\":1}"),
	   "a permission is stored by its content and listed");
	images.n = 2;
	ok(gate_store_put_permission(&store, &images, "{\"b\":2}", 7, id, &err) == 0 && gate_store_permissions(&store, &arena, &more, &err) == 0 &&
		   more.n == 3,
	   "one of two images by the names of both");
	for (size_t i = 0; i < more.n; i++)
		ok(!strcmp(more.items[i], names.items[0]) || (!strncmp(more.items[i], id + 7, 64) && more.items[i][64] == '-' &&
							    (!strcmp(more.items[i] + 65, HEX_A) || !strcmp(more.items[i] + 65, &OTHER[7]))),
		   "name %zu", i);
	image[0] = "sha256:../../etc";
	ok(gate_store_put_permission(&store, &images, "{\"c\":3}", 7, id, &err) == -1 && err.kind == ERR_SPEC, "what is no digest gets no name");
	err_clear(&err);
	ok(gate_store_permission(&store, id + 7, &arena, &text, &len, &err) == 0, "one that isn't there");
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

/* --- tidying --- */

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

/* Who gives a report may go on writing to it, and would fill the disk. */
static void test_large(void)
{
	struct gate_store store;
	autofd int fd = open("large", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	uint64_t removed = 0;
	char digest[72];

	fresh();
	store = opened(true);
	if (fd < 0 || ftruncate(fd, ((off_t)64 << 20) + 1) < 0)
		abort();
	is_int(gate_store_put_fd(&store, "objects", fd, digest, &err), -1,
	       "evidence of more than 64 MiB");
	is_err(&err, ERR_SPEC, "more than 67108864 bytes", "isn't kept");
	err_clear(&err);
	ok(gc_before(&store, 0, &removed) == 0 && removed == 0, "nothing of it stays");
	gate_store_close(&store);
	(void)unlink("large");
}

int main(void)
{
	temp_dir_enter();
	umask(022);
	test_open();
	test_publish();
	test_alias();
	test_contradicting_aliases();
	test_many_claims();
	test_revoke();
	test_numbers();
	test_gc();
	test_large();
	return tap_done();
}
