/* hooks/gate/import*.c: what golden files can't show: limits, memory, the kinds of input. */
#include "config.h"

#include "gate/import_parts.h"
#include "base/str.h"
#include "fake_alloc.h"
#include "tap.h"
#include "temp_dir.h"

#include <sys/resource.h>
#include <sys/wait.h>

#if defined(__SANITIZE_ADDRESS__)
#define MEASURABLE false
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define MEASURABLE false
#endif
#endif
#ifndef MEASURABLE
#define MEASURABLE true
#endif

#define HEAD                                                                                                           \
	"{\"SchemaVersion\":2,\"ArtifactName\":\"a\",\"Metadata\":{\"OS\":{\"Family\":\"alpine\"}},"                 \
	"\"Results\":[{\"Target\":\"t\",\"Class\":\"os-pkgs\",\"Vulnerabilities\":["

static int import_text(const char *text, size_t len, struct arena *arena, struct report *ret, struct err *err)
{
	*err = (struct err)ERR_INIT;
	return report_import_bytes(text, len, "report", NULL, arena, ret, err);
}

static void many(struct str *text, unsigned n, const char *element)
{
	str_add(text, HEAD);
	for (unsigned i = 0; i < n; i++)
		str_addf(text, "%s%s", i ? "," : "", element);
	str_add(text, "]}]}");
}

static void test_limits(void)
{
	struct err err = ERR_INIT;
	struct report report = {0};
	struct arena arena = {0};
	struct str text = STR_INIT;
	many(&text, IMPORT_MAX_FINDINGS, "{\"VulnerabilityID\":\"C\"}");
	is_int(import_text(text.s, text.len, &arena, &report, &err), 0, "65,536 findings");
	is_int(report.findings.n, IMPORT_MAX_FINDINGS, "are read");
	str_release(&text);
	arena_release(&arena);
	many(&text, IMPORT_MAX_FINDINGS + 1, "{\"VulnerabilityID\":\"C\"}");
	is_int(import_text(text.s, text.len, &arena, &report, &err), -1, "one more");
	is_err(&err, ERR_SPEC, "more than 65536 findings", "is too many");
	str_release(&text);
	arena_release(&arena);

	struct report untouched = {.subject.os = "mine"};
	is_int(import_text("{", 1, &arena, &untouched, &err), -1, "half a report");
	is_str(untouched.subject.os, "mine", "leaves what it would return as it was");
	arena_release(&arena);

	char *blanks = malloc(JSON_STREAM_MAX_BYTES + 1);
	memset(blanks, ' ', JSON_STREAM_MAX_BYTES + 1);
	is_int(import_text(blanks, JSON_STREAM_MAX_BYTES + 1, &arena, &report, &err), -1, "64 MiB and a byte");
	is_err(&err, ERR_SPEC, "larger than 67108864 bytes", "are too large");
	struct import_hints hints = {.format = FORMAT_CLAMAV};
	err_clear(&err);
	is_int(report_import_bytes(blanks, JSON_STREAM_MAX_BYTES + 1, "log", &hints, &arena, &report, &err), -1, "a log as well");
	is_err(&err, ERR_SPEC, "larger than 67108864 bytes", "is too large");
	free(blanks);
	arena_release(&arena);
}

/* The strings of 65,536 findings at their longest don't fit the arena: an error, no more. */
static void test_long_strings(void)
{
	struct err err = ERR_INIT;
	struct report report = {0};
	struct arena arena = {0};
	struct str text = STR_INIT;
	char element[2200];
	(void)snprintf(element, sizeof(element), "{\"VulnerabilityID\":\"C\",\"PkgName\":\"%01000d\",\"InstalledVersion\":\"%01000d\"}", 0, 0);
	many(&text, 30000, element);
	is_int(import_text(text.s, text.len, &arena, &report, &err), -1, "60 MB of names");
	is_err(&err, ERR_SYSTEM, "out of memory", "are refused for their size");
	str_release(&text);
	arena_release(&arena);
}

static void test_skew(void)
{
	static const char text[] = "{\"SchemaVersion\":2,\"ArtifactName\":\"a\",\"CreatedAt\":\"2026-11-21T12:00:00Z\"}";
	static const struct {
		int64_t hint, skew, want;
	} cases[] = {
		/* 1795262400 is that time */
		{0, 0, 1795262400},	     {1795262400 - 300, 0, 1795262400 - 300}, {1795262400 + 300, 0, 1795262400},
		{1795262400 + 301, 0, -1},   {1795262400 - 301, 0, -1},		      {1795262400 - 301, 600, 1795262400 - 301},
		{1795262400 + 10, 5, -1},
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct import_hints hints = {.scanned_at = cases[i].hint, .max_skew_s = cases[i].skew};
		struct err err = ERR_INIT;
		struct report report = {0};
		struct arena arena = {0};
		int r = report_import_bytes(text, sizeof(text) - 1, "report", &hints, &arena, &report, &err);
		is_int(r == 0 ? report.scans.items[0].scanned_at : -1, cases[i].want, "the older time, within the skew");
		arena_release(&arena);
	}
}

static void test_times(void)
{
	static const struct {
		const char *text;
		int64_t want; /* -1: refused */
	} times[] = {
		{"2026-11-21T12:00:00Z", 1795262400},
		{"2026-11-21t12:00:00z", 1795262400},
		{"2026-11-21T12:00:00.999999999Z", 1795262400},
		{"2026-11-21T13:30:00+01:30", 1795262400},
		{"2026-11-21T02:00:00.5-10:00", 1795262400},
		{"0001-01-01T00:00:00Z", 0},
		{"1970-01-01T00:30:00+01:00", 0},
		{"2026-11-21T12:00:00", -1},
		{"2026-11-21T12:00:00.Z", -1},
		{"2026-11-21T12:00:00+1:00", -1},
		{"2026-11-21T12:00:00+24:00", -1},
		{"2026-11-21T12:00:00+01:60", -1},
		{"2026-02-30T12:00:00Z", -1},
		{"2026-11-21T12:00:60Z", -1},
		{"2026-11-21", -1},
		{"20261121T120000Z...", -1},
		{"x026-11-21T12:00:00Z", -1},
		{"2026-11-21T12:00:00ZZ", -1},
		{"1795262400", -1},
	};
	for (size_t i = 0; i < ARRAY_LEN(times); i++) {
		struct json v = {.type = JSON_STRING, .text = times[i].text, .text_len = strlen(times[i].text)};
		struct err err = ERR_INIT;
		int64_t at = -2;
		int r = import_time(&v, &at, &err);
		is_int(r == 0 ? at : -1, times[i].want, times[i].text);
	}
}

static void test_big(void)
{
	char command[4200];
	const char *src = getenv("top_srcdir");
	(void)snprintf(command, sizeof(command), "%s/tests/gate/big-report 13000 > big.json", src ? src : "..");
	int made = system(command);
	struct stat st;
	ok(made == 0 && stat("big.json", &st) == 0 && st.st_size > 50000000 && st.st_size < 64 << 20, "a report of 50 MB");
	/* In a process of its own: the largest size it has ever had. */
	int pipe_fds[2];
	(void)!pipe(pipe_fds);
	pid_t pid = fork();
	if (pid == 0) {
		struct err err = ERR_INIT;
		struct report report = {0};
		struct arena arena = {0};
		struct rusage before, after;
		int fd = open("big.json", O_RDONLY | O_CLOEXEC);
		(void)getrusage(RUSAGE_SELF, &before);
		int r = report_import(fd, "big.json", NULL, &arena, &report, &err);
		(void)getrusage(RUSAGE_SELF, &after);
		long answer[4] = {r, (long)report.findings.n, after.ru_maxrss, before.ru_maxrss};
		diag("%s%.3f s of CPU, %ld KiB at most, %zu KiB of them the report", err.msg,
		     (double)(after.ru_utime.tv_sec - before.ru_utime.tv_sec) +
			     (double)(after.ru_utime.tv_usec - before.ru_utime.tv_usec) / 1e6,
		     after.ru_maxrss, arena.used >> 10);
		(void)fflush(stdout);
		(void)!write(pipe_fds[1], answer, sizeof(answer));
		_exit(0);
	}
	long answer[4] = {-1, 0, 0, 0};
	(void)!read(pipe_fds[0], answer, sizeof(answer));
	(void)waitpid(pid, NULL, 0);
	is_int(answer[0], 0, "is imported");
	is_int(answer[1], 13000, "with all its findings");
	if (MEASURABLE)
		ok(answer[2] < 16 << 10 || answer[2] - answer[3] < 12 << 10, "in less than 16 MiB (%ld KiB, %ld before)", answer[2],
		   answer[3]);
	else
		ok(true, "in how much memory can't be told under a sanitizer");
	close(pipe_fds[0]);
	close(pipe_fds[1]);
}

/* Without memory at the n-th allocation, for each n: an error that says so, nothing given. */
static void test_without_memory(void)
{
	static const char *const names[] = {"trivy-full.json", "grype-ghsa-of-two-cves.json", "clair.json", "sarif-trivy.json",
					    "openvex.json", "cyclonedx-vex.json", "cosign-vuln-trivy.json", "cosign-custom-trivy.json",
					    "in-toto-vulns-v0.2.json", "openvex-statement.json", "clamav-infected.txt"};
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		char path[4300];
		static char text[65536];
		(void)snprintf(path, sizeof(path), "%s/tests/gate/reports/%s", getenv("top_srcdir"), names[i]);
		FILE *f = fopen(path, "r");
		size_t len = f ? fread(text, 1, sizeof(text), f) : 0;
		if (f)
			(void)fclose(f);
		unsigned failed = 0, silent = 0;
		int r = -1;
		for (unsigned n = 1; r < 0 && n < 1000; n++) {
			struct err err = ERR_INIT;
			struct report report = {0};
			struct arena arena = {0};
			fake_alloc_fail(n);
			r = report_import_bytes(text, len, "report", NULL, &arena, &report, &err);
			bool hit = fake_alloc_failed();
			fake_alloc_fail(0);
			failed += r < 0 && hit;
			silent += r < 0 && (err.kind == ERR_NONE || report.scans.n || report.findings.n || report.vex.n);
			arena_release(&arena);
		}
		ok(r == 0 && failed > 2 && silent == 0, "%s: %u times without memory", names[i], failed);
	}
}

static void test_bad_descriptors(void)
{
	struct err err = ERR_INIT;
	struct report report = {0};
	struct arena arena = {0};
	int fd = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	is_int(report_import(fd, "dir", NULL, &arena, &report, &err), -1, "a directory");
	is_err(&err, ERR_SYSTEM, "dir: read: Is a directory", "can't be read");
	close(fd);
	err_clear(&err);
	is_int(report_import(fd, "gone", NULL, &arena, &report, &err), -1, "a descriptor that is closed");
	is_err(&err, ERR_SYSTEM, "gone: status", "neither");
	arena_release(&arena);
	is_str(report_format_name(FORMAT_TRIVY), "trivy-json", "formats have names");
	is_str(report_format_name((enum report_format)99), "unknown", "others haven't");
}

int main(void)
{
	/* Before anything here was large. */
	char src[4096];
	const char *given = getenv("top_srcdir");
	if (realpath(given ? given : "..", src))
		(void)setenv("top_srcdir", src, 1);
	temp_dir_enter();
	test_big();
	test_times();
	test_skew();
	test_bad_descriptors();
	test_limits();
	test_long_strings();
	test_without_memory();
	return tap_done();
}
