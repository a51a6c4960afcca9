/* runtime/audit: a line's form and bounds, the chain through everything that can happen
 * to a writer, and that no tampering stays unseen. */
#include "config.h"

#include "audit/chain.h"
#include "audit/read.h"
#include "audit/trail.h"
#include "base/auto.h"
#include "base/json.h"
#include "base/sha256.h"

#include "fake_sys.h"
#include "tap.h"
#include "temp_dir.h"

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>

#define LINES 20

static char trail_path[128];
static char *original; /* LINES lines and their head */
static size_t original_len;
static char original_head[TRAIL_HEAD_BYTES + 1];
static size_t starts[LINES + 1]; /* of each line; the end */

static const struct trail_change changes[] = {
	{"H-01", "process.uid", "forced", "0", "65532"},
	{"H-30", "masked /proc/kcore", "added", NULL, NULL},
};

static struct trail_entry entry(void)
{
	return (struct trail_entry){
		.event = TRAIL_CREATE, .time_ns = INT64_C(1795331341123456789), .id = "web",
		.caller = {.pid = 77, .comm = "conmon", .exe = "/usr/bin/conmon", .uid = 0, .has_loginuid = true, .loginuid = 1000},
		.image = "sha256:11", .policy = "builtin:hardened", .policy_hash = "aa", .plan_hash = "bb",
		.changes = changes, .n_changes = ARRAY_LEN(changes)};
}

static char *slurp(const char *name, size_t *ret_len)
{
	FILE *f = fopen(name, "r");
	char *text = calloc(1, 4 << 20);
	if (!f || !text)
		abort();
	*ret_len = fread(text, 1, 4 << 20, f);
	fclose(f);
	return text;
}

static void put(const char *name, const void *text, size_t len)
{
	FILE *f = fopen(name, "w");
	if (!f || fwrite(text, 1, len, f) != len || fclose(f))
		abort();
	if (chmod(name, 0600) < 0)
		abort();
}

static int append(enum trail_event event)
{
	struct err err = ERR_INIT;
	struct trail_entry e = entry();
	e.event = event;
	int r = trail_append(trail_path, &e, 0, NULL, &err);
	if (r < 0)
		diag("%s", err.msg);
	return r;
}

static void show_findings(const struct chain *chain)
{
	for (size_t i = 0; i < chain->n_findings; i++) {
		const struct chain_finding *f = &chain->findings[i];
		diag("file %u line %llu byte %llu: %s %llu..%llu", f->at.file, (unsigned long long)f->at.line,
		     (unsigned long long)f->at.byte, chain_kind_name(f->kind), (unsigned long long)f->from,
		     (unsigned long long)f->to);
	}
}

/* A trail of several files, oldest first; the head of the last. */
static bool verify(struct chain *chain, const char *const *names, size_t n, bool known)
{
	struct err err = ERR_INIT;
	struct chain_place at = {0};
	bool good = false;
	*chain = (struct chain)CHAIN_INIT;
	for (size_t i = 0; i < n; i++) {
		autoreader reader = TRAIL_READER_INIT;
		struct trail_text text;
		if (trail_reader_open(names[i], &reader, &err) < 0)
			abort();
		for (;;) {
			if (trail_next(&reader, &text, &err) < 0)
				abort();
			if (!text.text)
				break;
			chain_line(chain, (unsigned)i, reader.line, reader.byte, text.text, text.len, text.ended);
		}
		at = (struct chain_place){.file = (unsigned)i, .line = reader.line, .byte = reader.byte};
		if (i + 1 == n)
			good = chain_end(chain, &at, reader.has_head ? reader.head : NULL, reader.head_len, known);
	}
	return good;
}

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

static bool verify_one(struct chain *chain)
{
	const char *name = trail_path;
	return verify(chain, &name, 1, true);
}

/* Exactly one finding, of this kind at this line. */
static bool found_only(const struct chain *chain, enum chain_kind kind, uint64_t line)
{
	bool good = chain->n_findings == 1 && chain->findings[0].kind == kind && chain->findings[0].at.line == line;
	if (!good)
		show_findings(chain);
	return good;
}

static bool found_kind(const struct chain *chain, enum chain_kind kind)
{
	for (size_t i = 0; i < chain->n_findings; i++)
		if (chain->findings[i].kind == kind)
			return true;
	show_findings(chain);
	return false;
}

static void fresh(void)
{
	unlink("d/trail");
	unlink("d/trail.head");
}

static void restore(const char *text, size_t len)
{
	put("d/trail", text, len);
	put("d/trail.head", original_head, TRAIL_HEAD_BYTES);
}

static void test_form(void)
{
	struct err err = ERR_INIT;
	struct trail_entry e = entry();
	struct trail_link link = {.seq = 7, .prev = TRAIL_NONE}, back;
	autostr out = STR_INIT;
	ok(trail_format(&e, &link, &out, &err) == 0, "formatted");
	is_str(str_text(&out),
	       "{\"seq\":7,\"prev\":\"" TRAIL_NONE "\",\"time\":\"2026-11-22T07:09:01.123Z\",\"event\":\"create\",\"id\":\"web\","
	       "\"engine\":{\"pid\":77,\"comm\":\"conmon\",\"exe\":\"/usr/bin/conmon\"},\"uid\":0,\"loginuid\":1000,"
	       "\"image\":\"sha256:11\",\"policy\":\"builtin:hardened\",\"policyHash\":\"aa\",\"planHash\":\"bb\","
	       "\"changes\":[{\"rule\":\"H-01\",\"key\":\"process.uid\",\"outcome\":\"forced\",\"asked\":\"0\",\"given\":\"65532\"},"
	       "{\"rule\":\"H-30\",\"key\":\"masked /proc/kcore\",\"outcome\":\"added\"}]}\n",
	       "the line");
	ok(trail_link_parse(out.s, out.len - 1, &back) && back.seq == 7 && !strcmp(back.prev, TRAIL_NONE) && !back.torn &&
		   back.found == FOUND_SOUND, "read back");
	unsigned wrong = 0;
	for (size_t i = 0; i < out.len - 1; i++)
		wrong += trail_link_parse(out.s, i, &back);
	is_int(wrong, 0, "no part of it is a line");
	char *at = strstr(out.s, "conmon");
	*at = '\t';
	ok(!trail_link_parse(out.s, out.len - 1, &back), "nor one with a control character");
	*at = 'c';
	ok(!trail_link_parse(out.s, out.len, &back), "nor with something behind it");

	autostr bare = STR_INIT;
	struct trail_entry least = {.event = TRAIL_REFUSED, .rule = "H-25", .message = "no"};
	link.torn = true;
	for (int found = FOUND_CUT; found <= FOUND_HEADLESS; found++) {
		str_release(&bare);
		link.found = (enum trail_found)found;
		ok(trail_format(&least, &link, &bare, &err) == 0 && trail_link_parse(bare.s, bare.len - 1, &back) &&
			   back.torn && back.found == link.found, "torn and found %s", trail_found_name(link.found));
	}
	ok(strstr(bare.s, "\"loginuid\":null,\"image\":null") && strstr(bare.s, "\"rule\":\"H-25\",\"message\":\"no\"}"),
	   "what isn't known is null; a refusal's rule and message");
	for (int event = 0; event < TRAIL_EVENTS; event++)
		ok(strcmp(trail_event_name((enum trail_event)event), "unknown"), "event %d has a name", event);
}

/* Everything that others say, at its worst: still one bounded line of strict JSON. */
static void test_bounds(void)
{
	struct err err = ERR_INIT;
	struct arena a = ARENA_INIT;
	char hostile[2000];
	for (size_t i = 0; i < sizeof(hostile) - 1; i++)
		hostile[i] = (char)("\033\"\\\n\xff\x01\xe2\x80"[i % 8]);
	hostile[sizeof(hostile) - 1] = '\0';
	struct trail_change many[200];
	for (size_t i = 0; i < ARRAY_LEN(many); i++)
		many[i] = (struct trail_change){hostile, hostile, hostile, hostile, hostile};
	struct trail_entry e = {.event = TRAIL_REFUSED, .id = hostile, .image = hostile, .policy = hostile,
				.policy_hash = hostile, .plan_hash = hostile, .rule = hostile, .message = hostile,
				.changes = many, .n_changes = ARRAY_LEN(many)};
	memset(e.caller.comm, 1, sizeof(e.caller.comm) - 1);
	memset(e.caller.exe, 1, sizeof(e.caller.exe) - 1);
	struct trail_link link = {.seq = UINT64_MAX, .prev = TRAIL_NONE, .torn = true, .found = FOUND_HEADLESS}, back;
	autostr out = STR_INIT;
	const struct json *root;
	ok(trail_format(&e, &link, &out, &err) == 0 && out.len <= TRAIL_LINE_MAX, "%zu bytes", out.len);
	ok(trail_link_parse(out.s, out.len - 1, &back) && back.seq == UINT64_MAX, "a line");
	ok(json_parse(&a, out.s, out.len - 1, &root, &err) == 0, "strict JSON %s", err.msg);
	bool clean = true;
	for (size_t i = 0; i + 1 < out.len; i++)
		clean = clean && (unsigned char)out.s[i] >= 0x20 && (unsigned char)out.s[i] < 0x7f;
	ok(clean, "printable");
	uint64_t more = 0;
	ok(json_as_u64(json_get(root, "more"), 1000, &more, &err) == 0 &&
		   more + json_get(root, "changes")->n == ARRAY_LEN(many), "changes left out are counted");

	str_release(&out);
	for (size_t i = 0; i < ARRAY_LEN(many); i++)
		many[i] = (struct trail_change){"H-01", "k", "forced", NULL, NULL};
	char word[400];
	memset(word, 'w', sizeof(word) - 1);
	word[sizeof(word) - 1] = '\0';
	e = (struct trail_entry){.id = word, .changes = many, .n_changes = 65};
	ok(trail_format(&e, &link, &out, &err) == 0 && json_parse(&a, out.s, out.len - 1, &root, &err) == 0, "65 changes");
	is_int(json_get(root, "changes")->n, 64, "64 are written");
	ok(strstr(out.s, "],\"more\":1}"), "and the number of the others");
	is_int(json_get(root, "id")->text_len, TRAIL_WORD_MAX, "a long word is cut");
	ok(!strcmp(json_get(root, "id")->text + TRAIL_WORD_MAX - 3, "..."), "and shows it");
	arena_release(&a);

	char when[32];
	trail_time_text(0, when);
	is_str(when, "1970-01-01T00:00:00.000Z", "the first moment");
	trail_time_text(-1, when);
	is_str(when, "1970-01-01T00:00:00.000Z", "before it");
	trail_time_text(INT64_MAX, when);
	is_str(when, "2262-04-11T23:47:16.854Z", "the last");
}

static void test_head(void)
{
	char text[TRAIL_HEAD_BYTES + 1], hash[65];
	uint64_t seq;
	trail_head_text(12, TRAIL_NONE, text);
	is_str(text, "00000000000000000012 " TRAIL_NONE "\n", "the head");
	ok(trail_head_parse(text, TRAIL_HEAD_BYTES, &seq, hash) && seq == 12 && !strcmp(hash, TRAIL_NONE), "read back");
	unsigned wrong = 0;
	for (size_t i = 0; i < TRAIL_HEAD_BYTES; i++) {
		wrong += trail_head_parse(text, i, &seq, hash);
		text[i] ^= 0x40; /* no digit, and no other letter of a hash */
		wrong += trail_head_parse(text, TRAIL_HEAD_BYTES, &seq, hash);
		text[i] ^= 0x40;
	}
	is_int(wrong, 0, "cut or changed, it is none");
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
	ok(trail_append(trail_path, &e, 0, NULL, &err) == -1, "no room for the second");
	is_err(&err, ERR_SYSTEM, "100 of ", "says so");
	err_clear(&err);
	ok(trail_append(trail_path, &e, 0, NULL, &err) == -1 && err.sys_errno == EFBIG, "nor the third");
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
	fake_fail_named("write", 3, EIO);
	struct err err = ERR_INIT;
	struct trail_entry e = entry();
	ok(trail_append(trail_path, &e, 0, NULL, &err) == -1 && strstr(err.msg, "write its head"), "dying there again");
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

static void refuse(const char *path, const char *part, const char *what)
{
	struct err err = ERR_INIT;
	struct trail_entry e = entry();
	ok(trail_append(path, &e, 0, NULL, &err) == -1, "%s is refused", what);
	is_err(&err, ERR_SYSTEM, part, "says so");
	ok(!strcasestr(err.msg, "no such file"), "not in words that engines remap");
}

/* What is above its directory, where somebody could put another one in its place. */
static void test_above(void)
{
	char path[256];
	struct trail_entry e = entry();
	struct err err = ERR_INIT;
	struct stat st;

	fresh();
	if (mkdir("d/a", 0700) < 0 || mkdir("d/a/b", 0700) < 0 || symlink("a", "d/l") < 0)
		abort();
	snprintf(path, sizeof(path), "%s/d/a/b/trail", temp_dir);
	chmod("d/a", 0777);
	refuse(path, "/d/a' can be written by anybody (mode 0777), only its owner may", "a directory above it that anybody may write to");
	chmod("d/a", 0770);
	refuse(path, "/d/a' can be written by its group (mode 0770)", "one that its group may write to");
	chmod("d/a", 01777);
	ok(trail_append(path, &e, 0, NULL, &err) == 0, "a sticky one above is as good as /tmp");
	chmod("d/a/b", 01777);
	refuse(path, "/d/a/b' can be written by anybody (mode 1777)", "but not as its own directory");
	chmod("d/a/b", 0700);
	chmod("d/a", 0700);
	snprintf(path, sizeof(path), "%s/d/l/b/trail", temp_dir);
	refuse(path, "/d/l' is a symbolic link or no directory; give the real path", "a link above it");
	snprintf(path, sizeof(path), "%s/d/a/b/trail/x", temp_dir);
	refuse(path, "/d/a/b/trail' is a symbolic link or no directory", "a file in a directory's place");
	if (getuid() == 0) {
		snprintf(path, sizeof(path), "%s/d/a/b/trail", temp_dir);
		if (chown("d/a", 1, 0) < 0)
			abort();
		refuse(path, "/d/a' belongs to user 1", "somebody's directory above it");
		snprintf(path, sizeof(path), "%s/d/a/new/trail", temp_dir);
		refuse(path, "/d/a' belongs to user 1", "nor is one made in it");
		ok(stat("d/a/new", &st) < 0, "nothing is there");
		if (chown("d/a", 0, 0) < 0)
			abort();
	} else {
		tap_skip("somebody's directory above it", "not root");
	}
	temp_dir_remove("d/a");
	unlink("d/l");
}

static void test_places(void)
{
	char path[256];
	struct trail_entry e = entry();
	struct err err = ERR_INIT;
	refuse("trail", "not an absolute path", "a relative path");
	snprintf(path, sizeof(path), "%s/no/dir/trail", temp_dir);
	refuse(path, "/no': errno 2", "a directory two levels deep that isn't there");
	fresh();
	put("d/other", "", 0);
	if (symlink("other", "d/trail") < 0)
		abort();
	refuse(trail_path, "open it", "a link");
	fresh();
	if (symlink("other", "d/trail.head") < 0)
		abort();
	refuse(trail_path, "open its head", "a link for a head");
	fresh();
	if (mkfifo("d/trail", 0600) < 0)
		abort();
	refuse(trail_path, "wrong type", "a FIFO");
	fresh();
	put("d/trail", "", 0);
	chmod("d/trail", 0620);
	refuse(trail_path, "it is writable to others (mode 0620)", "a file that its group may write");
	chmod("d/trail", 0640);
	ok(append(TRAIL_START) == 0, "read is fine");
	chmod("d/trail.head", 0602);
	refuse(trail_path, "its head is writable", "such a head");
	fresh();
	chmod("d", 0770);
	refuse(trail_path, "/d' can be written by its group (mode 0770), only its owner may", "such a directory");
	chmod("d", 0700);
	if (getuid() == 0) {
		if (chown("d", 1, 0) < 0)
			abort();
		refuse(trail_path, "/d' belongs to user 1, it must be root's or the caller's", "somebody's directory");
		if (chown("d", 0, 0) < 0)
			abort();
	} else {
		tap_skip("somebody's directory", "not root");
	}
	test_above();
	fresh();
	char *junk = malloc(3 << 20);
	memset(junk, 'x', 3 << 20);
	put("d/trail", junk, 3 << 20);
	free(junk);
	refuse(trail_path, "are no line of a trail", "a file of something else");
	fresh();
	autostr line = STR_INIT;
	ok(trail_append(trail_path, &e, TRAIL_SYNC, &line, &err) == 0 && !strncmp(str_text(&line), "{\"seq\":1,", 9) &&
		   line.s[line.len - 1] == '}', "to the disk, and the line told");
}

/* A big line: the tail's first window is too small for it. */
static void test_big(void)
{
	struct chain chain;
	struct err err = ERR_INIT;
	char word[300];
	memset(word, 1, sizeof(word) - 1);
	word[sizeof(word) - 1] = '\0';
	struct trail_change many[64];
	for (size_t i = 0; i < ARRAY_LEN(many); i++)
		many[i] = (struct trail_change){word, word, word, word, word};
	struct trail_entry e = {.id = word, .changes = many, .n_changes = ARRAY_LEN(many)};
	fresh();
	unsigned failed = 0;
	for (int i = 0; i < 5; i++)
		failed += trail_append(trail_path, &e, 0, NULL, &err) < 0;
	size_t len;
	free(slurp("d/trail", &len));
	ok(!failed && len > 5 * 30000 && verify_one(&chain) && chain.last == 5, "five lines of %zu bytes", len / 5);
	char *text = slurp("d/trail", &len);
	memset(text + 100, 'y', 2 * TRAIL_LINE_MAX); /* over two line ends: longer than a line */
	put("d/trail", text, len);
	ok(!verify_one(&chain) && found_only(&chain, CHAIN_CHANGED, 1), "a line too long to be one");
	free(text);

	/* one that fits the reader's buffer, and one that doesn't */
	for (size_t size = 2 * TRAIL_LINE_MAX; size < 20 * TRAIL_LINE_MAX; size += 17 * TRAIL_LINE_MAX) {
		autoreader reader = TRAIL_READER_INIT;
		struct trail_text part = {0};
		text = malloc(size + 7);
		for (size_t i = 0; i < size; i++)
			text[i] = (char)('a' + i / 1000 % 26);
		memcpy(text + size, "\nnext\n", 7);
		put("d/trail", text, size + 6);
		ok(trail_reader_open(trail_path, &reader, &err) == 0 && trail_next(&reader, &part, &err) == 0 &&
			   part.len == TRAIL_LINE_MAX && part.ended && !memcmp(part.text, text, TRAIL_LINE_MAX),
		   "of %zu bytes the beginning is given", size);
		ok(trail_next(&reader, &part, &err) == 0 && part.ended && part.len == 4 && !memcmp(part.text, "next", 4) &&
			   reader.line == 2 && reader.byte == size + 1, "then the next line");
		ok(trail_next(&reader, &part, &err) == 0 && !part.text && reader.byte == size + 6, "then the end");
		free(text);
	}
}

static int do_append(struct err *err)
{
	struct trail_entry e = entry();
	return trail_append(trail_path, &e, 0, NULL, err);
}

static void test_faults(void)
{
	struct chain chain;
	static const int codes[] = {EIO, ENOSPC};
	unsigned tried = 0, wrong = 0;
	for (size_t c = 0; c < ARRAY_LEN(codes); c++)
		for (unsigned n = 1;; n++) {
			struct err err = ERR_INIT;
			fresh();
			if (append(TRAIL_CREATE) < 0)
				abort();
			unsigned fds = fake_open_fds();
			fake_reset();
			fake_fail(n, codes[c]);
			int r = do_append(&err);
			const char *failed = fake_failed();
			char call[64] = "";
			if (failed)
				snprintf(call, sizeof(call), "%s", failed);
			fake_reset();
			if (!failed)
				break;
			tried++;
			bool good = fake_open_fds() == fds && (r == 0 || (err.kind == ERR_SYSTEM && err.msg[0]));
			/* closing is all that may fail unseen */
			good = good && (r == -1) == (strncmp(call, "close", 5) != 0);
			good = good && append(TRAIL_CREATE) == 0 && verify_one(&chain);
			if (!good) {
				wrong++;
				diag("%s: r %d '%s'", call, r, err.msg);
				show_findings(&chain);
			}
		}
	fake_reset();
	ok(tried > 20, "%u calls failed", tried);
	is_int(wrong, 0, "each is told, leaks nothing, and the next writer goes on");
}

static void test_syslog(void)
{
	struct trail_entry e = entry();
	struct err err = ERR_INIT;
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	char got[512];
	ok(trail_syslog("log", &e, "{}", &err) == -1, "no log");
	is_err(&err, ERR_SYSTEM, "system log 'log': send: errno 2", "says so");
	err_clear(&err);
	autofd int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	memcpy(addr.sun_path, "log", 4);
	if (bind(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0)
		abort();
	ok(trail_syslog("log", &e, "{\"seq\":1}", &err) == 0, "sent");
	ssize_t n = recv(fd, got, sizeof(got) - 1, MSG_DONTWAIT);
	got[n < 0 ? 0 : n] = '\0';
	char want[128];
	snprintf(want, sizeof(want), "<85>Nov 22 07:09:01 kanuki[%d]: {\"seq\":1}", (int)getpid());
	is_str(got, want, "authpriv.notice");
	e.event = TRAIL_REFUSED;
	ok(trail_syslog("log", &e, "{}", &err) == 0 && recv(fd, got, sizeof(got), MSG_DONTWAIT) > 4 && !memcmp(got, "<84>", 4),
	   "a refusal is a warning");
	int sent = 0;
	while (sent < 100000 && trail_syslog("log", &e, "{}", &err) == 0)
		sent++;
	ok(sent < 100000 && err.kind == ERR_SYSTEM, "a full one is not waited for (%d)", sent);
	char deep[200];
	memset(deep, 'x', sizeof(deep) - 1);
	deep[sizeof(deep) - 1] = '\0';
	err_clear(&err);
	ok(trail_syslog(deep, &e, "{}", &err) == -1 && strstr(err.msg, "too long"), "a path too long");
}

static void test_caller(void)
{
	struct trail_caller c;
	char path[64], want[PATH_MAX], text[32] = "";
	trail_caller_read(&c);
	is_int(c.pid, getppid(), "the parent");
	is_int(c.uid, getuid(), "our uid");
	snprintf(path, sizeof(path), "/proc/%d/comm", (int)getppid());
	FILE *f = fopen(path, "r");
	ok(f && fgets(text, sizeof(text), f) && (text[strcspn(text, "\n")] = '\0', !strcmp(text, c.comm)), "its name '%s'", c.comm);
	if (f)
		fclose(f);
	snprintf(path, sizeof(path), "/proc/%d/exe", (int)getppid());
	ssize_t n = readlink(path, want, sizeof(want) - 1);
	want[n < 0 ? 0 : n] = '\0';
	want[TRAIL_WORD_MAX] = '\0';
	is_str(c.exe, want, "its program");
	fake_reset();
	fake_fail_named("open", 1, EACCES);
	trail_caller_read(&c);
	is_str(c.comm, "", "what can't be read is empty");
	fake_reset();
}

int main(void)
{
	temp_dir_enter();
	umask(022);
	snprintf(trail_path, sizeof(trail_path), "%s/d/trail", temp_dir);
	test_form();
	test_bounds();
	test_head();
	test_chain();
	test_flips();
	test_lines();
	test_cuts();
	test_torn();
	test_full();
	test_heads();
	test_rotation();
	test_places();
	test_big();
	test_faults();
	test_syslog();
	test_caller();
	free(original);
	return tap_done();
}
