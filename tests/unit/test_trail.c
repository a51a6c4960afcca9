/* runtime/audit: a line's form and bounds, where a trail may lie, and each call of a
 * writer failing. */
#include "config.h"

#include "base/json.h"

#include "trail_case.h"

#include <sys/socket.h>
#include <sys/un.h>

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

static void refuse(const char *path, const char *part, const char *what)
{
	struct err err = ERR_INIT;
	struct trail_entry e = entry();
	ok(trail_append(path, &e, 0, NULL, NULL, &err) == -1, "%s is refused", what);
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
	if (getuid() == 0 && chown("d/a", (uid_t)-1, 1000) < 0)
		abort();
	if (stat("d/a", &st) < 0)
		abort();
	if (st.st_gid >= 1000)
		refuse(path, "/d/a' can be written by its group (mode 0770)", "one that a group of people may write to");
	if (getuid() == 0) {
		if (chown("d/a", (uid_t)-1, 4) < 0 || chmod("d/a", 0770) < 0)
			abort();
		ok(trail_append(path, &e, 0, NULL, NULL, &err) == 0,
		   "one that a group of the system may write to will do: %s", err.msg);
		if (chown("d/a", (uid_t)-1, 0) < 0)
			abort();
	}
	chmod("d/a", 01777);
	ok(trail_append(path, &e, 0, NULL, NULL, &err) == 0,
	   "a sticky one above is as good as /tmp");
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
	ok(trail_append(trail_path, &e, TRAIL_SYNC, NULL, &line, &err) == 0 &&
		   !strncmp(str_text(&line), "{\"seq\":1,", 9) && line.s[line.len - 1] == '}',
	   "to the disk, and the line told");
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
		failed += trail_append(trail_path, &e, 0, NULL, NULL, &err) < 0;
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

static int do_append(struct trail_place *place, struct err *err)
{
	struct trail_entry e = entry();
	return trail_append(trail_path, &e, 0, place, NULL, err);
}

/* What is above is looked at once for each directory, not once for each line. */
static void test_place(void)
{
	struct trail_place place = {0}, other;
	struct err err = ERR_INIT;
	struct chain chain;

	if (getuid() != 0) {
		tap_skip("one look at what is above",
			 "a directory that isn't root's is always looked at from above");
		return;
	}
	fresh();
	ok(do_append(&place, &err) == 0 && place.known, "the first line finds the place");
	other = place;
	chmod(".", 0777);
	ok(do_append(&place, &err) == 0, "the second goes there: %s", err.msg);
	ok(do_append(NULL, &err) == -1 && strstr(err.msg, "can be written by anybody"),
	   "without a place it is looked at again");
	err_clear(&err);
	place.ino++;
	ok(do_append(&place, &err) == -1 && strstr(err.msg, "can be written by anybody"),
	   "so is another directory");
	err_clear(&err);
	place = other;
	chmod("d", 0720);
	ok(do_append(&place, &err) == -1, "and the same, when others may write to it");
	err_clear(&err);
	chmod("d", 0700);
	chmod(".", 0700);
	if (rename("d", "e") < 0)
		abort();
	ok(do_append(&place, &err) == 0 && place.ino != other.ino,
	   "one that was moved away is left: %s", err.msg);
	ok(verify_one(&chain), "a trail of its own is begun there");
}

static void write_at(const char *name, off_t off, const char *text)
{
	int fd = open(name, O_WRONLY | O_CLOEXEC | (off < 0 ? O_APPEND : 0));

	if (fd < 0 || (off >= 0 && lseek(fd, off, SEEK_SET) < 0) ||
	    write(fd, text, strlen(text)) != (ssize_t)strlen(text) || close(fd) != 0)
		abort();
}

/* Its own last line isn't read again, as long as nothing tells of anybody else. */
static void test_own_end(void)
{
	struct trail_place place = {0};
	struct err err = ERR_INIT;
	struct chain chain;

	fresh();
	ok(do_append(&place, &err) == 0 && place.end.seq == 1, "the end is known");
	fake_reset();
	fake_fail_named("pread", 2, EIO);
	ok(do_append(&place, &err) == 0 && place.end.seq == 2, "only the head is read: %s", err.msg);
	fake_reset();
	ok(append(TRAIL_KILL) == 0, "another writes");
	ok(do_append(&place, &err) == 0 && place.end.seq == 4 && verify_one(&chain), "and is continued");
	write_at("d/trail", -1, "{\"seq\":5,");
	ok(do_append(&place, &err) == 0 && place.end.seq == 5 && !verify_one(&chain) &&
		   found_only(&chain, CHAIN_TORN, 5),
	   "what another left in part is seen");
	fresh();
	ok(do_append(&place, &err) == 0 && place.end.seq == 1 && verify_one(&chain), "so is a new file");
	write_at("d/trail", 20, "f");
	write_at("d/trail", 21, "e");
	ok(do_append(&place, &err) == 0 && !verify_one(&chain), "a byte changed meanwhile is found by verify");
}

static void test_faults(bool with_place)
{
	struct trail_place place = {0};
	struct chain chain;
	static const int codes[] = {EIO, ENOSPC};
	unsigned tried = 0, wrong = 0;
	for (size_t c = 0; c < ARRAY_LEN(codes); c++)
		for (unsigned n = 1;; n++) {
			struct err err = ERR_INIT;
			fresh();
			if (do_append(&place, &err) < 0)
				abort();
			unsigned fds = fake_open_fds();
			fake_reset();
			fake_fail(n, codes[c]);
			int r = do_append(with_place ? &place : NULL, &err);
			const char *failed = fake_failed();
			char call[64] = "";
			if (failed)
				snprintf(call, sizeof(call), "%s", failed);
			fake_reset();
			if (!failed)
				break;
			tried++;
			bool good = fake_open_fds() == fds && (r == 0 || (err.kind == ERR_SYSTEM && err.msg[0]));
			/* closing is all that may fail unseen; and looking whether it is the place
			 * as before */
			bool again = with_place && (n <= 2 || !strncmp(call, "getresuid", 9));
			good = good && (r == -1) == (strncmp(call, "close", 5) != 0 && !again);
			good = good && append(TRAIL_CREATE) == 0 && verify_one(&chain);
			if (!good) {
				wrong++;
				diag("%s: r %d '%s'", call, r, err.msg);
				show_findings(&chain);
			}
		}
	fake_reset();
	ok(tried > (with_place ? 15 : 20), "%u calls failed", tried);
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
	if (mkdir("d", 0700) < 0)
		abort();
	test_form();
	test_bounds();
	test_head();
	test_places();
	test_big();
	test_place();
	test_own_end();
	test_faults(false);
	test_faults(true);
	test_syslog();
	test_caller();
	return tap_done();
}
