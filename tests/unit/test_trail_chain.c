/* runtime/audit: the chain through everything that can happen to a writer, and that no
 * tampering stays unseen. */
#include "config.h"

#include "trail_case.h"

#include <signal.h>
#include <sys/resource.h>

#define LINES 20

static char *original; /* LINES lines and their head */
static size_t original_len;
static char original_head[TRAIL_HEAD_BYTES + 1];
static size_t starts[LINES + 1]; /* of each line; the end */

/* The same for a text in memory, with the original's head. */
static bool verify_text(struct chain *chain, const char *text, size_t len)
{
	struct chain_place at = {0};
	*chain = (struct chain)CHAIN_INIT;
	while (at.byte < len) {
		const char *line = text + at.byte, *newline = memchr(line, '\n', len - at.byte);
		size_t n = newline ? (size_t)(newline - line) : len - at.byte;
		chain_line(chain, 0, ++at.line, at.byte, line, n, newline != NULL);
		at.byte += n + (newline ? 1 : 0);
	}
	return chain_end(chain, &at, original_head, TRAIL_HEAD_BYTES, true);
}

static void restore(const char *text, size_t len)
{
	put("d/trail", text, len);
	put("d/trail.head", original_head, TRAIL_HEAD_BYTES);
}

static void test_chain(void)
{
	struct chain chain;
	struct stat st;
	unsigned failed = 0;
	fresh();
	for (int i = 0; i < LINES; i++)
		failed += append((enum trail_event)(i % TRAIL_EVENTS)) < 0;
	is_int(failed, 0, "20 lines");
	ok(verify_one(&chain) && chain.lines == LINES && chain.first == 1 && chain.last == LINES, "verified");
	ok(stat("d/trail", &st) == 0 && (st.st_mode & 07777) == 0600 && stat("d/trail.head", &st) == 0 &&
		   (st.st_mode & 07777) == 0600 && st.st_size == TRAIL_HEAD_BYTES, "0600, and a head of fixed size");
	ok(stat("d", &st) == 0 && (st.st_mode & 07777) == 0700, "its directory was made");
	original = slurp("d/trail", &original_len);
	size_t n;
	char *head = slurp("d/trail.head", &n);
	memcpy(original_head, head, TRAIL_HEAD_BYTES);
	free(head);
	size_t line = 0;
	starts[line++] = 0;
	for (size_t i = 0; i < original_len; i++)
		if (original[i] == '\n')
			starts[line++] = i + 1;
	char prev[65];
	sha256_hex(original, starts[1] - 1, prev);
	ok(!strncmp(original + starts[1], "{\"seq\":2,\"prev\":\"", 17) && !strncmp(original + starts[1] + 17, prev, 64),
	   "the second names the first's hash");
}

static void test_flips(void)
{
	struct chain chain;
	unsigned unseen = 0, misplaced = 0;
	size_t line = 0;
	char *text = malloc(original_len);
	memcpy(text, original, original_len);
	for (size_t i = 0; i < original_len; i++) {
		if (i == starts[line + 1])
			line++;
		char to[3] = {(char)(original[i] ^ 1), '\n', '}'};
		for (size_t k = 0; k < sizeof(to); k++) {
			if (to[k] == original[i])
				continue;
			text[i] = to[k];
			if (verify_text(&chain, text, original_len)) {
				unseen++;
				diag("byte %zu -> %d", i, to[k]);
			} else if (chain.findings[0].at.line != line + 1 || chain.n_findings != 1) {
				/* a new line break shifts the count by itself */
				misplaced++;
				if (misplaced < 5) {
					diag("byte %zu of line %zu -> %d:", i - starts[line], line + 1, to[k]);
					show_findings(&chain);
				}
			}
		}
		text[i] = original[i];
	}
	free(text);
	is_int(unseen, 0, "each byte changed in three ways is seen");
	is_int(misplaced, 0, "as one finding, at its line");
}

/* text without the lines from..to-1, and with `put` in their place */
static void edit(size_t from, size_t to, const char *between, size_t len)
{
	char *text = malloc(original_len + len);
	memcpy(text, original, starts[from]);
	memcpy(text + starts[from], between, len);
	memcpy(text + starts[from] + len, original + starts[to], original_len - starts[to]);
	restore(text, starts[from] + len + original_len - starts[to]);
	free(text);
}

static void test_lines(void)
{
	struct chain chain;
	unsigned removed = 0, several = 0, swapped = 0, twice = 0, foreign = 0, replayed = 0;
	for (size_t i = 1; i < LINES - 1; i++) {
		edit(i, i + 1, "", 0);
		removed += !verify_one(&chain) && found_only(&chain, CHAIN_REMOVED, i + 1) && chain.findings[0].from == i + 1 &&
			   chain.findings[0].to == i + 1;
		edit(1, i + 1, "", 0);
		several += !verify_one(&chain) && found_only(&chain, CHAIN_REMOVED, 2) && chain.findings[0].from == 2 &&
			   chain.findings[0].to == i + 1;
		edit(i, i, original + starts[i - 1], starts[i] - starts[i - 1]);
		twice += !verify_one(&chain) && found_only(&chain, CHAIN_INSERTED, i + 1);
		edit(i, i, "good morning\n", 13);
		foreign += !verify_one(&chain) && found_only(&chain, CHAIN_INSERTED, i + 1);
		edit(i + 1, i + 1, original, starts[1]);
		replayed += !verify_one(&chain) && found_only(&chain, CHAIN_INSERTED, i + 2);
	}
	for (size_t i = 1; i < LINES - 2; i++) {
		char *pair = malloc(original_len);
		size_t first = starts[i + 1] - starts[i], second = starts[i + 2] - starts[i + 1];
		memcpy(pair, original + starts[i + 1], second);
		memcpy(pair + second, original + starts[i], first);
		edit(i, i + 2, pair, first + second);
		swapped += !verify_one(&chain) && found_only(&chain, CHAIN_REORDERED, i + 1);
		free(pair);
	}
	is_int(removed, LINES - 2, "each line removed: which, and where");
	is_int(several, LINES - 2, "lines removed");
	is_int(twice, LINES - 2, "each line doubled: an insertion there");
	is_int(foreign, LINES - 2, "something put between: an insertion there");
	is_int(replayed, LINES - 2, "the first line put there once more");
	is_int(swapped, LINES - 3, "each pair swapped");

	edit(0, 1, "", 0);
	const char *name = trail_path;
	ok(verify(&chain, &name, 1, true) && chain.first == 2, "without the first: sound, from seq 2 on, as after a rotation");
	edit(LINES - 1, LINES, "", 0);
	ok(!verify_one(&chain) && found_only(&chain, CHAIN_CUT, LINES - 1) && chain.findings[0].from == LINES &&
		   chain.findings[0].to == LINES && chain.findings[0].at.byte == starts[LINES - 1], "without the last");
	edit(0, LINES, "", 0);
	ok(!verify_one(&chain) && found_kind(&chain, CHAIN_CUT), "with none");
	edit(LINES - 2, LINES, "", 0);
	ok(!verify_one(&chain) && chain.findings[0].from == LINES - 1 && chain.findings[0].to == LINES, "without the last two");

	/* A line of a forger's who knows how it is done, with the right hash. */
	struct trail_entry e = entry();
	struct err err = ERR_INIT;
	struct trail_link link = {.seq = 6};
	autostr forged = STR_INIT;
	e.id = "forged";
	sha256_hex(original + starts[4], starts[5] - starts[4] - 1, link.prev);
	ok(trail_format(&e, &link, &forged, &err) == 0, "forged");
	edit(5, 5, forged.s, forged.len);
	ok(!verify_one(&chain) && found_only(&chain, CHAIN_INSERTED, 6), "a forged line before the one it imitates");
	edit(5, 6, forged.s, forged.len);
	ok(!verify_one(&chain) && found_only(&chain, CHAIN_CHANGED, 6), "in its place");
	edit(5, LINES, forged.s, forged.len);
	ok(!verify_one(&chain) && found_only(&chain, CHAIN_CUT, 6), "in place of all that follow");
}

/* The file is cut at each byte; then the next writer comes. */
static void test_cuts(void)
{
	struct chain chain;
	unsigned unseen = 0, lost = 0, misnamed = 0;
	size_t from = starts[LINES - 2];
	for (size_t end = from; end < original_len; end++) {
		restore(original, end);
		unseen += verify_one(&chain);
		bool named = chain.n_findings == 1 && chain.findings[0].kind == CHAIN_CUT && chain.findings[0].at.byte == end;
		misnamed += !named;
		if (!named && misnamed < 5)
			show_findings(&chain);
		/* and still after others have written */
		bool nothing_lost = end == original_len - 1;
		lost += append(TRAIL_START) < 0 || append(TRAIL_KILL) < 0 || verify_one(&chain) != nothing_lost ||
			chain.last != LINES + 2;
	}
	is_int(unseen, 0, "a cut at each byte of the last two lines is seen");
	is_int(misnamed, 0, "as a cut, at that byte");
	is_int(lost, 0, "and stays seen when the trail goes on (but for the last newline, which is put back)");
}

/* A writer dies within its line: the head knows the one before. */
static void test_torn(void)
{
	struct chain chain;
	char head[TRAIL_HEAD_BYTES + 1], hash[65];
	unsigned named = 0, healed = 0, flips = 0, unseen = 0, all = 0;
	size_t last = starts[LINES - 1];
	sha256_hex(original + starts[LINES - 2], last - starts[LINES - 2] - 1, hash);
	trail_head_text(LINES - 1, hash, head);
	for (size_t end = last + 1; end < original_len - 1; end++) {
		restore(original, end);
		put("d/trail.head", head, TRAIL_HEAD_BYTES);
		all++;
		named += !verify_one(&chain) && found_only(&chain, CHAIN_TORN, LINES) && chain.findings[0].at.byte == end;
		healed += append(TRAIL_EXEC) == 0 && append(TRAIL_EXEC) == 0 && !verify_one(&chain) &&
			  found_only(&chain, CHAIN_TORN, LINES) && chain.findings[0].at.byte == end && chain.last == LINES + 1;
		if (end % 50)
			continue;
		size_t n, head_len;
		char *torn = slurp("d/trail", &n), *torn_head = slurp("d/trail.head", &head_len);
		char kept[TRAIL_HEAD_BYTES];
		memcpy(kept, original_head, TRAIL_HEAD_BYTES);
		for (size_t i = starts[LINES - 2]; i < n; i++) {
			torn[i] ^= 1;
			memcpy(original_head, torn_head, TRAIL_HEAD_BYTES);
			bool good = verify_text(&chain, torn, n);
			memcpy(original_head, kept, TRAIL_HEAD_BYTES);
			torn[i] ^= 1;
			flips++;
			/* more than what is there anyway */
			unseen += good || (chain.n_findings == 1 && chain.findings[0].kind == CHAIN_TORN);
		}
		free(torn);
		free(torn_head);
	}
	is_int(named, all, "torn at each byte: named");
	is_int(healed, all, "the next writers go on");
	ok(flips > 500, "%u bytes changed in and around torn lines", flips);
	is_int(unseen, 0, "are seen");

	restore(original, original_len - 1);
	put("d/trail.head", head, TRAIL_HEAD_BYTES);
	ok(!verify_one(&chain) && found_only(&chain, CHAIN_TORN, LINES), "only the newline is missing");
	ok(append(TRAIL_EXEC) == 0 && verify_one(&chain) && chain.last == LINES + 1, "and is put there");

	/* Nothing before it. */
	size_t len;
	put("d/trail", original, 40);
	put("d/trail.head", "", 0);
	ok(append(TRAIL_EXEC) == 0 && !verify_one(&chain) && found_only(&chain, CHAIN_TORN, 1) && chain.last == 1,
	   "the very first line torn");
	char *text = slurp("d/trail", &len);
	text[10] ^= 1;
	put("d/trail", text, len);
	free(text);
	ok(!verify_one(&chain) && found_only(&chain, CHAIN_CHANGED, 1), "and changed");

	/* The one that would end it dies, too: after its newline, then within its own line. */
	restore(original, last + 30);
	put("d/trail.head", head, TRAIL_HEAD_BYTES);
	for (int times = 0; times < 3; times++) {
		size_t at;
		text = slurp("d/trail", &len);
		at = len;
		text[len++] = '\n';
		memcpy(text + len, original + last, (size_t)times * 20);
		len += (size_t)times * 20;
		put("d/trail", text, len);
		put("d/trail.head", head, TRAIL_HEAD_BYTES);
		ok(!verify_one(&chain) && found_kind(&chain, CHAIN_TORN), "torn again (%zu bytes)", len - at);
		free(text);
	}
	ok(append(TRAIL_EXEC) == 0 && !verify_one(&chain) && chain.last == LINES && chain.n_findings == 1 &&
		   chain.findings[0].kind == CHAIN_TORN, "and healed once");
}

/* A real short write(2). */
static void test_full(void)
{
	struct chain chain;
	struct err err = ERR_INIT;
	struct trail_entry e = entry();
	struct rlimit old, limit;
	fresh();
	ok(append(TRAIL_CREATE) == 0, "a line");
	size_t len, later;
	free(slurp("d/trail", &len));
	getrlimit(RLIMIT_FSIZE, &old);
	limit = (struct rlimit){len + 100, old.rlim_max};
	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &limit);
	ok(trail_append(trail_path, &e, 0, NULL, NULL, &err) == -1, "no room for the second");
	is_err(&err, ERR_SYSTEM, "100 of ", "says so");
	err_clear(&err);
	ok(trail_append(trail_path, &e, 0, NULL, NULL, &err) == -1 && err.sys_errno == EFBIG,
	   "nor the third");
	setrlimit(RLIMIT_FSIZE, &old);
	free(slurp("d/trail", &later));
	is_int(later, len + 100, "a part of it is there");
	ok(!verify_one(&chain) && found_only(&chain, CHAIN_TORN, 2), "torn");
	ok(append(TRAIL_CREATE) == 0 && !verify_one(&chain) && found_only(&chain, CHAIN_TORN, 2) && chain.last == 2, "goes on");
}

static void set_head(uint64_t seq, size_t line)
{
	char head[TRAIL_HEAD_BYTES + 1], hash[65];
	sha256_hex(original + starts[line], starts[line + 1] - starts[line] - 1, hash);
	trail_head_text(seq, hash, head);
	put("d/trail.head", head, TRAIL_HEAD_BYTES);
}

static void test_heads(void)
{
	struct chain chain;
	restore(original, original_len);
	set_head(LINES - 1, LINES - 2);
	ok(verify_one(&chain), "a head one behind is accepted");
	ok(append(TRAIL_KILL) == 0 && verify_one(&chain) && chain.last == LINES + 1, "and by the next writer");
	restore(original, original_len);
	set_head(LINES - 1, LINES - 2);
	fake_reset();
	fake_fail_named("pwrite", 2, EIO);
	struct err err = ERR_INIT;
	struct trail_entry e = entry();
	ok(trail_append(trail_path, &e, 0, NULL, NULL, &err) == -1 &&
		   strstr(err.msg, "write its head"),
	   "dying there again");
	fake_reset();
	ok(verify_one(&chain) && chain.last == LINES + 1, "leaves it one behind, not two");
	restore(original, original_len);
	set_head(LINES - 1, 3);
	ok(!verify_one(&chain) && found_kind(&chain, CHAIN_CHANGED), "one behind, of another hash");
	ok(append(TRAIL_KILL) == 0 && !verify_one(&chain) && found_only(&chain, CHAIN_TOLD, LINES + 1), "stays seen");
	set_head(LINES - 2, LINES - 3);
	restore(original, original_len);
	set_head(LINES - 2, LINES - 3);
	ok(!verify_one(&chain) && found_only(&chain, CHAIN_AHEAD, LINES), "two behind");
	ok(append(TRAIL_KILL) == 0 && !verify_one(&chain) && found_only(&chain, CHAIN_TOLD, LINES + 1), "stays seen");
	restore(original, original_len);
	set_head(LINES, 3);
	ok(!verify_one(&chain) && found_only(&chain, CHAIN_CHANGED, LINES), "another last line");
	ok(append(TRAIL_KILL) == 0 && !verify_one(&chain) && found_kind(&chain, CHAIN_CHANGED) &&
		   found_kind(&chain, CHAIN_TOLD), "stays seen, and the writer said so");
	restore(original, starts[3]);
	ok(append(TRAIL_KILL) == 0 && !verify_one(&chain) && found_kind(&chain, CHAIN_REMOVED) &&
		   found_kind(&chain, CHAIN_TOLD), "a cut end, too");
	restore(original, original_len);
	unlink("d/trail.head");
	ok(!verify_one(&chain) && found_only(&chain, CHAIN_HEADLESS, LINES), "no head");
	const char *name = trail_path;
	ok(verify(&chain, &name, 1, false), "which nobody expects of a rotated file");
	ok(append(TRAIL_KILL) == 0 && !verify_one(&chain) && found_only(&chain, CHAIN_TOLD, LINES + 1), "stays seen");
	restore(original, original_len);
	put("d/trail.head", "x", 1);
	ok(!verify_one(&chain) && found_only(&chain, CHAIN_HEADLESS, LINES), "a head that is none");
	restore(original, starts[1]);
	put("d/trail.head", "", 0);
	ok(verify_one(&chain), "the first line, whose writer made no head any more");
	ok(append(TRAIL_KILL) == 0 && verify_one(&chain) && chain.last == 2, "goes on");
	fresh();
	put("d/trail.head", "", 0);
	put("d/trail", "", 0);
	ok(verify_one(&chain) && chain.lines == 0, "nothing yet");
}

static void test_rotation(void)
{
	struct chain chain;
	const char *both[] = {"d/trail.1", "d/trail"};
	restore(original, original_len);
	if (rename("d/trail", "d/trail.1") < 0)
		abort();
	ok(append(TRAIL_START) == 0 && append(TRAIL_START) == 0 && verify_one(&chain) && chain.first == LINES + 1,
	   "renamed: the new file continues");
	ok(verify(&chain, both, 2, true) && chain.first == 1 && chain.last == LINES + 2, "both are one trail");
	const char *old = both[0];
	ok(verify(&chain, &old, 1, false) && chain.last == LINES, "the old one alone");
	put("d/trail", "", 0); /* copytruncate's truncation */
	ok(append(TRAIL_START) == 0 && !verify(&chain, both, 2, true) && found_kind(&chain, CHAIN_REMOVED) &&
		   chain.findings[0].from == LINES + 1 && chain.findings[0].to == LINES + 2, "lines lost between are named");
	unlink("d/trail.1");

	/* copied and truncated */
	restore(original, original_len);
	put("d/trail.1", original, original_len);
	put("d/trail", "", 0);
	ok(append(TRAIL_START) == 0 && verify(&chain, both, 2, true) && chain.last == LINES + 1, "copied and truncated");
	/* the new file's first line torn */
	restore(original, original_len);
	put("d/trail", "{\"seq\":21,\"pr", 13);
	ok(append(TRAIL_START) == 0 && !verify(&chain, both, 2, true) && chain.n_findings == 1 &&
		   chain.findings[0].kind == CHAIN_TORN && chain.findings[0].at.file == 1 && chain.findings[0].at.byte == 13,
	   "torn right after it");
	ok(!verify_one(&chain) && found_only(&chain, CHAIN_TORN, 1), "seen alone, too");
	unlink("d/trail.1");
}

int main(void)
{
	temp_dir_enter();
	umask(022);
	snprintf(trail_path, sizeof(trail_path), "%s/d/trail", temp_dir);
	test_chain();
	test_flips();
	test_lines();
	test_cuts();
	test_torn();
	test_full();
	test_heads();
	test_rotation();
	free(original);
	return tap_done();
}
