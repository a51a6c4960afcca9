/* base/log.c: one line per error, whole JSON, bounded, and only into files that
 * can't be used against us. */
#include "config.h"

#include "base/log.h"

#include "base/auto.h"
#include "base/json.h"

#include "tap.h"
#include "temp_dir.h"

static char seen[65536];

static size_t slurp(const char *path)
{
	autofd int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, seen, sizeof(seen) - 1);
	seen[n < 0 ? 0 : n] = '\0';
	return n < 0 ? 0 : (size_t)n;
}

/* log_error (if there is one) and log_debug with standard error in a file. */
static void tell_both(const struct log *log, const struct err *err, const char *details)
{
	autofd int saved = dup(2);
	autofd int file = open("stderr", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	dup2(file, 2);
	if (err)
		log_error(log, err);
	log_debug(log, "%s", details);
	dup2(saved, 2);
}

static void tell(const struct log *log, const struct err *err)
{
	tell_both(log, err, "details 1");
}

/* A warning is for people: the file is for failures. */
static void test_warning(void)
{
	struct log log = LOG_INIT;
	struct err err = ERR_INIT;
	autofd int saved = dup(2);
	ok(log_open(&log, "log.warning", "json", true, &err) == 0, "opened");
	(void)err_set(&err, ERR_SYSTEM, "disk\033[31m full");
	autofd int file = open("stderr", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	dup2(file, 2);
	log_warning(&err);
	dup2(saved, 2);
	(void)slurp("stderr");
	is_str(seen, "kanuki: warning: disk\\u001b[31m full\n", "a warning, on stderr");
	is_int(slurp("log.warning"), 0, "nothing in the log");
	close(log.fd);
}

static unsigned lines(const char *text)
{
	unsigned n = 0;
	for (; *text; text++)
		n += *text == '\n';
	return n;
}

static void test_json(void)
{
	struct log log = LOG_INIT;
	struct err err = ERR_INIT;
	ok(log_open(&log, "log.json", "json", false, &err) == 0, "opened");
	(void)err_set(&err, ERR_SPEC, "bad \"x\"\nline\033[31m\xff");
	tell(&log, &err);
	size_t n = slurp("log.json");
	is_int(lines(seen), 1, "one line: podman parses the whole file");
	struct arena a = ARENA_INIT;
	const struct json *root;
	struct err perr = ERR_INIT;
	const char *msg = NULL, *level = NULL, *time = NULL;
	ok(json_parse(&a, seen, n, &root, &perr) == 0 && json_as_string(json_get(root, "msg"), &msg, &perr) == 0 &&
		   json_as_string(json_get(root, "level"), &level, &perr) == 0 &&
		   json_as_string(json_get(root, "time"), &time, &perr) == 0, "is JSON with msg, level and time");
	is_str(level, "error", "level");
	is_str(msg, "bad \"x\"\nline\033[31m\xef\xbf\xbd", "message");
	ok(time && strlen(time) == 20 && time[10] == 'T' && time[19] == 'Z', "RFC 3339: %s", time);
	slurp("stderr");
	is_str(seen, "kanuki: bad \"x\"\\nline\\u001b[31m\\ufffd\n",
	       "on standard error control bytes are escaped (W-37), quotes are not: nothing is quoted there");
	tell(&log, &err);
	slurp("log.json");
	is_int(lines(seen), 2, "appended");
	close(log.fd);
	arena_release(&a);
}

static void test_text(void)
{
	struct log log = LOG_INIT;
	struct err err = ERR_INIT;
	ok(log_open(&log, "log.txt", NULL, true, &err) == 0, "text, debug");
	(void)err_policy(&err, "H-30", "no");
	tell(&log, &err);
	slurp("log.txt");
	ok(strstr(seen, "level=error msg=\"policy: H-30: no\"\n"), "a rule's refusal names the rule");
	ok(strstr(seen, "level=debug msg=\"details 1\"\n"), "debug lines when asked for");
	slurp("stderr");
	ok(strstr(seen, "kanuki: debug: details 1\n"), "on standard error too");
	close(log.fd);
	log = (struct log)LOG_INIT;
	ok(log_open(&log, "quoted.txt", "text", false, &err) == 0, "text by name");
	err_clear(&err);
	(void)err_set(&err, ERR_SPEC, "a \"b\" c:\\d\n");
	tell(&log, &err);
	slurp("quoted.txt");
	ok(strstr(seen, "level=error msg=\"a \\\"b\\\" c:\\\\d\\n\"\n"), "in msg=\"...\" quotes are escaped, as logrus has it");
	slurp("stderr");
	is_str(seen, "kanuki: a \"b\" c:\\d\\n\n", "and plain on standard error");
	close(log.fd);
	log = (struct log)LOG_INIT;
	err_clear(&err);
	(void)err_policy(&err, "H-30", "no");
	tell(&log, &err);
	slurp("stderr");
	is_str(seen, "kanuki: policy: H-30: no\n", "without a file; no debug unless asked for");
}

static void test_bounded(void)
{
	struct log log = LOG_INIT;
	struct err err = ERR_INIT;
	ok(log_open(&log, "long", "json", true, &err) == 0, "opened");
	char big[20000];
	memset(big, 1, sizeof(big) - 1); /* six bytes each when escaped */
	big[sizeof(big) - 1] = '\0';
	tell_both(&log, NULL, big);
	size_t n = slurp("long");
	ok(n > 3000 && n <= 4096, "a line of %zu bytes (T-LC-7)", n);
	struct arena a = ARENA_INIT;
	const struct json *root;
	ok(json_parse(&a, seen, n, &root, &err) == 0, "still JSON");
	arena_release(&a);
	close(log.fd);
}

static void test_refused(void)
{
	struct log log = LOG_INIT;
	struct err err = ERR_INIT;
	ok(log_open(&log, NULL, "xml", false, &err) == -1 && err.kind == ERR_USAGE, "unknown format");
	err_clear(&err);
	ok(log_open(&log, NULL, "json", false, &err) == 0 && log.fd == -1, "no file");
	ok(log_open(&log, "", "json", false, &err) == 0 && log.fd == -1, "an empty name is none");
	if (symlink("target", "link") < 0 || mkdir("dir", 0700) < 0 || mkfifo("fifo", 0600) < 0)
		abort();
	ok(log_open(&log, "link", "json", false, &err) == -1 && access("target", F_OK) < 0, "a link (T-LC-3)");
	err_clear(&err);
	ok(log_open(&log, "dir", "json", false, &err) == -1, "a directory");
	err_clear(&err);
	ok(log_open(&log, "fifo", "json", false, &err) == -1, "a FIFO without reader does not hang");
	err_clear(&err);
	ok(log_open(&log, "no/such/dir", "json", false, &err) == -1 && err.sys_errno == ENOENT, "no directory");
	is_int(log.fd, -1, "nothing open");
}

/* Links of procfs, all of them: the descriptors that we were started with, and no other file. */
static void test_descriptors(void)
{
	static const char *const names[] = {"/dev/stdout", "/dev/stderr", "/proc/self/fd/1", "/proc/self/fd/2"};
	static const struct { const char *name; int kind, sys_errno; } refused[] = {
		{"/proc/self/fd/", ERR_SYSTEM, 0}, {"/proc/self/fd/x", ERR_SYSTEM, 0}, {"/proc/self/fd/1x", ERR_SYSTEM, 0},
		{"/proc/self/fd/-1", ERR_SYSTEM, 0}, {"/proc/self/fd/999", ERR_SYSTEM, EBADF}, {"/proc/self/fd/4294967297", ERR_SYSTEM, 0},
		{"/dev/stdin", ERR_SYSTEM, ELOOP}, {"/dev/fd/2", ERR_SYSTEM, ELOOP}, {"//dev/stderr", ERR_SYSTEM, ELOOP},
	};
	struct log log = LOG_INIT;
	struct err err = ERR_INIT;
	char name[64];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		int number = i % 2 + 1;
		ok(log_open(&log, names[i], "json", false, &err) == 0, "%s: %s", names[i], err.msg);
		struct stat a, b;
		ok(log.fd > 2 && fcntl(log.fd, F_GETFD) == FD_CLOEXEC && fstat(log.fd, &a) == 0 && fstat(number, &b) == 0 &&
			   a.st_ino == b.st_ino && a.st_dev == b.st_dev, "a copy of it, closed at exec");
		if (log.fd > 2)
			close(log.fd);
		log = (struct log)LOG_INIT;
		err_clear(&err);
	}
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		ok(log_open(&log, refused[i].name, "json", false, &err) == -1 && err.kind == (uint32_t)refused[i].kind &&
			   (!refused[i].sys_errno || err.sys_errno == refused[i].sys_errno) && log.fd == -1, "not %s: %s", refused[i].name, err.msg);
		err_clear(&err);
	}
	autofd int reader = open("stderr", O_RDONLY | O_CLOEXEC);
	snprintf(name, sizeof(name), "/proc/self/fd/%d", reader);
	ok(log_open(&log, name, "json", false, &err) == -1 && err.kind == ERR_USAGE && strstr(err.msg, "not open for writing"),
	   "nor one that can't be written to: %s", err.msg);
}

int main(void)
{
	temp_dir_enter();
	test_json();
	test_text();
	test_bounded();
	test_refused();
	test_warning();
	test_descriptors();
	return tap_done();
}
