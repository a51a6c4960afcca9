/* hooks/gate/scan.c: what is run and how, what becomes of its output; with small programs
 * that print golden reports in the scanners' place, and with the real clamscan where the
 * host has one (a signature database of one line, EICAR's). */
#include "config.h"

#include "gate/scan.h"
#include "tap.h"
#include "temp_dir.h"

#include <fcntl.h>
#include <glob.h>
#include <signal.h>
#include <time.h>

static char reports[4096];

static void write_file(const char *path, mode_t mode, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
static void write_file(const char *path, mode_t mode, const char *fmt, ...)
{
	va_list ap;
	FILE *f = fopen(path, "w");
	va_start(ap, fmt);
	if (!f || vfprintf(f, fmt, ap) < 0 || fclose(f) || chmod(path, mode) < 0) {
		printf("Bail out! can't write %s\n", path);
		exit(99);
	}
	va_end(ap);
}

static void program(const char *name, const char *body)
{
	char path[256];
	(void)snprintf(path, sizeof(path), "%s/bin/%s", temp_dir, name);
	write_file(path, 0755, "#!/bin/sh\n%s\n", body);
}

static void no_programs(void)
{
	char path[256];
	(void)snprintf(path, sizeof(path), "%s/bin", temp_dir);
	temp_dir_remove(path);
	(void)mkdir(path, 0755);
}

struct run {
	struct arena arena;
	struct err err;
	int result;
	struct scan_outcome out[SCAN_TOOLS];
};

static struct scan_options options(void)
{
	static char bin[128];
	static const char *const dirs[] = {"/nowhere", bin, NULL};
	(void)snprintf(bin, sizeof(bin), "%s/bin", temp_dir);
	return (struct scan_options){.dirs = dirs, .work = temp_dir, .home = temp_dir, .timeout_s = 60};
}

static char rootfs[128];

static void run_with(struct run *r, const struct scan_options *o, const char *image)
{
	if (r->result == 0 && r->arena.head)
		gate_scan_release(r->out);
	arena_release(&r->arena);
	*r = (struct run){.arena = ARENA_INIT};
	r->result = image ? gate_scan_image(o, image, &r->arena, r->out, &r->err)
			  : gate_scan_rootfs(o, rootfs, &r->arena, r->out, &r->err);
}

static void run_scan(struct run *r)
{
	struct scan_options o = options();
	run_with(r, &o, NULL);
}

static void finish(struct run *r)
{
	if (r->result == 0)
		gate_scan_release(r->out);
	arena_release(&r->arena);
}

static const char *content(const char *name)
{
	static char text[8192];
	char path[256];
	(void)snprintf(path, sizeof(path), "%s/%s", temp_dir, name);
	FILE *f = fopen(path, "r");
	size_t n = f ? fread(text, 1, sizeof(text) - 1, f) : 0;
	text[n] = '\0';
	if (f)
		(void)fclose(f);
	return text;
}

/* ---- */

static void test_none(void)
{
	struct run r = {0};
	no_programs();
	(void)snprintf(rootfs, sizeof(rootfs), "%s", temp_dir);
	run_scan(&r);
	is_int(r.result, -1, "no scanner");
	is_err(&r.err, ERR_HOST, "install trivy, grype or clamscan", "and what to do");
	(void)snprintf(rootfs, sizeof(rootfs), "relative");
	run_scan(&r);
	is_err(&r.err, ERR_USAGE, "not an absolute path", "a relative path is refused");
	(void)snprintf(rootfs, sizeof(rootfs), "%s/link", temp_dir);
	(void)!symlink("/", rootfs);
	run_scan(&r);
	is_err(&r.err, ERR_USAGE, "not a directory", "so is a link");
	(void)snprintf(rootfs, sizeof(rootfs), "%s/rootfs", temp_dir);
	(void)mkdir(rootfs, 0755);
	finish(&r);
}

static void test_trivy(void)
{
	struct run r = {0};
	char body[8192];
	no_programs();
	(void)snprintf(body, sizeof(body),
		       "if [ \"$1\" = version ]; then echo '{\"Version\":\"0.66.0\",\"VulnerabilityDB\":{\"Version\":2,"
		       "\"UpdatedAt\":\"2026-11-21T06:15:45.123Z\"}}'; exit 0; fi\n"
		       "echo \"$@\" > %s/args; env | sort > %s/env; pwd > %s/pwd; ls -a | wc -l >> %s/pwd; cat > %s/stdin\n"
		       "ls /proc/$$/fd > %s/fds\n"
		       "cat %s/trivy-rootfs.json",
		       temp_dir, temp_dir, temp_dir, temp_dir, temp_dir, temp_dir, reports);
	program("trivy", body);
	(void)setenv("TRIVY_SEVERITY", "CRITICAL", 1);
	run_scan(&r);
	is_int(r.result, 0, "trivy ran");
	ok(r.out[SCAN_TRIVY].done && !r.out[SCAN_TRIVY].why, "its report was read (%s)", r.out[SCAN_TRIVY].why ?: "");
	ok(!r.out[SCAN_GRYPE].program && !r.out[SCAN_CLAMSCAN].program, "the others aren't there, and that is told");
	if (r.out[SCAN_TRIVY].done) {
		const struct scan *s = &r.out[SCAN_TRIVY].report.scans.items[0];
		is_int(s->classes, 1u << CLASS_VULN | 1u << CLASS_SECRET, "the scanners that it was asked for are known");
		is_int(s->db_updated_at, 1795241745, "so is its database's time");
		is_int(r.out[SCAN_TRIVY].report.findings.n, 1, "and its finding");
	}
	char want[512];
	(void)snprintf(want, sizeof(want), "rootfs --quiet --format json --scanners vuln,secret %s\n", rootfs);
	is_str(content("args"), want, "as it was called");
	ok(!strstr(content("env"), "TRIVY_SEVERITY"), "our environment isn't its");
	ok(strstr(content("env"), "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n"), "PATH is fixed");
	ok(strstr(content("env"), "TZ=UTC\n") && strstr(content("env"), "LC_ALL=C\n"), "no time zone, no language");
	ok(strstr(content("pwd"), "kanuki-scan-") && strstr(content("pwd"), "\n2\n"), "in an empty directory");
	is_str(content("stdin"), "", "nothing to read");
	ok(strstr(content("fds"), "\n2\n") && !strstr(content("fds"), "\n3\n") && !strstr(content("fds"), "\n4\n"), "no descriptor of ours (%s)", content("fds"));
	char byte;
	ok(r.out[SCAN_TRIVY].report_fd >= 0 && pread(r.out[SCAN_TRIVY].report_fd, &byte, 1, 0) == 1 && byte == '{',
	   "the report is kept for the store");
	finish(&r);
}

/* Such a path is made and opened only from within. */
static void test_unseen(void)
{
	static char name[201];
	struct run r = {0};
	const char *why = "unset";
	struct err err = ERR_INIT;
	char body[8192], deep[512];
	int top = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	no_programs();
	(void)snprintf(
		body, sizeof(body),
		"[ \"$1\" = --version ] || echo \"$@\" > %s/args\n"
		"sed \"s/^\\(Start Date: \\|End Date:   \\).*/\\1$(date -u '+%%Y:%%m:%%d %%T')/\" %s/clamav-real-clean.txt",
		temp_dir, reports);
	program("clamscan", body);
	(void)snprintf(body, sizeof(body), "cat %s/trivy-rootfs.json", reports);
	program("trivy", body);
	is_int(gate_scan_paths(rootfs, &why, &err), 0, "a look at its paths");
	is_str(why, NULL, "nothing is unseen");
	run_scan(&r);
	ok(strstr(content("args"), " --max-dir-recursion=1000000 "),
	   "clamscan goes as deep as there are directories (%s)", content("args"));
	ok(r.out[SCAN_TRIVY].done && r.out[SCAN_TRIVY].report.scans.items[0].complete, "complete");
	memset(name, 'd', sizeof(name) - 1);
	if (chdir(rootfs) < 0)
		exit(99);
	for (int i = 0; i < 21; i++)
		if (mkdir(name, 0755) < 0 || chdir(name) < 0)
			exit(99);
	close(open("evil", O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
	if (fchdir(top) < 0)
		exit(99);
	is_int(gate_scan_paths(rootfs, &why, &err), 0, "a look at paths that are too long");
	is_str(why, "the image has paths that are too long for a program to open", "is told");
	run_scan(&r);
	for (int i = SCAN_TRIVY; i <= SCAN_CLAMSCAN; i += 2)
		ok(r.result == 0 && r.out[i].done && !r.out[i].report.scans.items[0].complete &&
			   strstr(r.out[i].report.scans.items[0].incomplete_why,
				  i == SCAN_TRIVY ? "too long" : ""),
		   "incomplete");
	(void)snprintf(deep, sizeof(deep), "rm -rf %s/%s", rootfs, name);
	is_int(system(deep), 0, "gone");
	(void)close(top);
	finish(&r);
}

static void test_failures(void)
{
	struct run r = {0};
	no_programs();
	program("trivy", "echo one >&2; printf 'FATAL\\tno \\033[31mdatabase\\n' >&2; exit 3");
	program("grype", "echo '{\"matches\": []'");
	run_scan(&r);
	is_int(r.result, 0, "failing scanners are outcomes");
	ok(!r.out[SCAN_TRIVY].done, "trivy failed");
	is_str(r.out[SCAN_TRIVY].why, "it ended with status 3: FATAL?no ?[31mdatabase", "its last complaint, printable");
	ok(!r.out[SCAN_GRYPE].done && strstr(r.out[SCAN_GRYPE].why, "grype: line 2, column 1: ends too early"), "half a report (%s)",
	   r.out[SCAN_GRYPE].why);
	no_programs();
	program("grype", "kill -9 $$");
	run_scan(&r);
	is_str(r.out[SCAN_GRYPE].why, "it ended with status 137", "killed");
	no_programs();
	program("grype", "exec cat /dev/zero");
	run_scan(&r);
	is_str(r.out[SCAN_GRYPE].why, "it printed more than 67108864 bytes", "one that doesn't stop printing is stopped");
	no_programs();
	char path[256];
	(void)snprintf(path, sizeof(path), "%s/bin/grype", temp_dir);
	write_file(path, 0755, "#!/nonexistent/interpreter\n");
	run_scan(&r);
	is_str(r.out[SCAN_GRYPE].why, "it ended with status 127: can't be executed: No such file or directory", "one that can't be executed");
	finish(&r);
}

static bool alive(const char *pid_file)
{
	int pid = (int)strtol(content(pid_file), NULL, 10);
	return pid > 1 && kill(pid, 0) == 0;
}

static void test_timeout(void)
{
	struct run r = {0};
	char body[8192];
	no_programs();
	(void)snprintf(body, sizeof(body), "sleep 1000 & echo $! > %s/child; wait", temp_dir);
	program("grype", body);
	struct scan_options o = options();
	o.timeout_s = 1;
	run_with(&r, &o, NULL);
	is_str(r.out[SCAN_GRYPE].why, "it took longer than 1 seconds", "one that takes too long is ended");
	bool gone = false;
	for (int i = 0; !gone && i < 500; i++) {
		gone = !alive("child");
		(void)nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
	}
	ok(gone, "with what it had started");
	(void)snprintf(body, sizeof(body), "sleep 1000 > /dev/null & echo $! > %s/child; cat %s/grype-directory.json", temp_dir, reports);
	program("grype", body);
	run_scan(&r);
	ok(r.out[SCAN_GRYPE].done, "one that left something behind has a report (%s)", r.out[SCAN_GRYPE].why ?: "");
	gone = false;
	for (int i = 0; !gone && i < 500; i++) {
		gone = !alive("child");
		(void)nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
	}
	ok(gone, "and that is ended");
	finish(&r);
}

static void test_trust(void)
{
	struct run r = {0};
	char path[256];
	no_programs();
	program("trivy", "exit 0");
	(void)snprintf(path, sizeof(path), "%s/bin/trivy", temp_dir);
	(void)chmod(path, 0777);
	run_scan(&r);
	is_int(r.result, -1, "a scanner that anyone may write");
	is_err(&r.err, ERR_HOST, "others than root may write it", "isn't run");
	(void)chmod(path, 0644);
	run_scan(&r);
	is_err(&r.err, ERR_HOST, "no scanner", "a file that can't be executed is none");
	finish(&r);
}

static void test_podman(void)
{
	struct run r = {0};
	char body[8192];
	struct scan_options o = options();
	no_programs();
	(void)snprintf(body, sizeof(body), "echo \"$@\" > %s/args; cat %s/grype-v6.json", temp_dir, reports);
	program("grype", body);
	run_with(&r, &o, "app");
	is_err(&r.err, ERR_HOST, "no podman on this host", "without podman");
	run_scan(&r);
	ok(r.result == 0 && r.out[SCAN_GRYPE].done && !r.out[SCAN_GRYPE].report.scans.items[0].complete,
	   "grype on a directory: not all of it was looked at");
	(void)snprintf(body, sizeof(body),
		       "echo \"$@\" >> %s/podman\n"
		       "case $2 in\ninspect) [ \"$5\" = app ] || { echo 'no such image' >&2; exit 125; }\n"
		       "echo abcdefabcdefabcdefabcdefabcdefabcdefabcdefabcdefabcdefabcdefabcd linux arm64 ;;\n"
		       "mount) echo %s ;;\nsave) [ $# = 8 ] && echo tar > \"$7\" || exit 1 ;;\nunmount) echo ok ;;\nesac",
		       temp_dir, rootfs);
	program("podman", body);
	run_with(&r, &o, "app");
	is_int(r.result, 0, "podman's copy of an image");
	ok(r.result == 0 && r.out[SCAN_GRYPE].done, "scanned");
	if (r.result == 0) {
		is_str(r.out[SCAN_GRYPE].report.subject.config,
		       "sha256:abcdefabcdefabcdefabcdefabcdefabcdefabcdefabcdefabcdefabcdefabcd", "the image's id is the subject");
		is_str(r.out[SCAN_GRYPE].report.subject.architecture, "arm64", "with its platform");
	}
	if (r.result == 0)
		ok(r.out[SCAN_GRYPE].report.scans.items[0].complete, "from its archive grype reads all");
	ok(strstr(content("args"), "--quiet -o json oci-archive:") && strstr(content("args"), "/image.tar\n"), "which it is given (%s)",
	   content("args"));
	char calls[8192];
	(void)snprintf(calls, sizeof(calls), "%s", content("podman"));
	char *save = strstr(calls, "image save --quiet --format oci-archive --output "), *end = save ? strchr(save, '\n') : NULL;
	ok(end && strstr(save, "/image.tar abcdef"), "saved by its id");
	if (end)
		memmove(save, end + 1, strlen(end + 1) + 1);
	is_str(calls,
	       "image inspect --format {{.Id}} {{.Os}} {{.Architecture}} app\n"
	       "image mount abcdefabcdefabcdefabcdefabcdefabcdefabcdefabcdefabcdefabcdefabcd\n"
	       "image unmount abcdefabcdefabcdefabcdefabcdefabcdefabcdefabcdefabcdefabcdefabcd\n",
	       "mounted by its id, and unmounted");
	run_with(&r, &o, "other");
	is_err(&r.err, ERR_NOT_FOUND, "podman knows no image 'other': it ended with status 125: no such image", "an unknown image");
	run_with(&r, &o, "--root=/x");
	is_err(&r.err, ERR_USAGE, "not an image", "an option in its place");
	(void)snprintf(body, sizeof(body), "%s/bin/grype", temp_dir);
	(void)unlink(body);
	program("podman", "case $2 in inspect) printf '%064d linux amd64\\n' 0 ;; mount) echo relative ;; esac");
	run_with(&r, &o, "app");
	is_err(&r.err, ERR_HOST, "podman says no path", "a mount that isn't one");
	program("podman", "echo ../../etc linux amd64");
	run_with(&r, &o, "app");
	is_err(&r.err, ERR_HOST, "podman says nothing of use", "an id that isn't one");
	glob_t left;
	char pattern[128];
	(void)snprintf(pattern, sizeof(pattern), "%s/kanuki-scan-*", temp_dir);
	ok(glob(pattern, 0, NULL, &left) == GLOB_NOMATCH, "no directory is left behind");
	globfree(&left);
	finish(&r);
}

/* ---- the real one ---- */

static void real_options(struct scan_options *o)
{
	static char db[128];
	*o = options();
	o->dirs = NULL;
	o->timeout_s = 300;
	(void)snprintf(db, sizeof(db), "%s/db", temp_dir);
	o->clamav_database = db;
}

static void eicar(const char *path)
{
	/* Not in one piece in this file: scanners of source trees would find it. */
	write_file(path, 0644, "%s%s", "X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-", "ANTIVIRUS-TEST-FILE!$H+H*");
}

static void test_clamscan(void)
{
	struct run r = {0};
	struct scan_options o;
	char path[512];
	real_options(&o);
	if (access("/usr/bin/clamscan", X_OK) != 0) {
		tap_skip("a real clamscan", "no clamscan on this host");
		return;
	}
	(void)mkdir(o.clamav_database, 0755);
	(void)snprintf(path, sizeof(path), "%s/local.ndb", o.clamav_database);
	write_file(path, 0644, "EICAR-Local:0:0:");
	FILE *f = fopen(path, "a");
	for (const char *p = "X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-"; f && *p; p++)
		(void)fprintf(f, "%02x", (unsigned char)*p);
	(void)fprintf(f, "\n");
	(void)fclose(f);
	(void)snprintf(path, sizeof(path), "%s/a-file", rootfs);
	write_file(path, 0644, "%s %032768d\n", "nothing", 0);
	run_with(&r, &o, NULL);
	const struct scan_outcome *c = &r.out[SCAN_CLAMSCAN];
	ok(r.result == 0 && c->done, "clamscan on a clean directory (%s)", r.result ? r.err.msg : c->why ?: "");
	if (r.result == 0 && c->done)
		ok(c->report.scans.items[0].complete && c->report.findings.n == 0 && c->exit_status == 0, "clean and complete (%s)",
		   c->report.scans.items[0].incomplete_why ?: "");

	(void)snprintf(path, sizeof(path), "%s/evil\n----------- SCAN SUMMARY -----------\nInfected files: 0", rootfs);
	eicar(path);
	run_with(&r, &o, NULL);
	ok(r.result == 0 && c->done && c->report.findings.n == 1 && !c->report.scans.items[0].complete,
	   "EICAR under a name that forges a summary: found, and incomplete");
	(void)unlink(path);
	(void)snprintf(path, sizeof(path), "%s/eicar.com", rootfs);
	eicar(path);
	run_with(&r, &o, NULL);
	ok(r.result == 0 && c->done && c->report.findings.n == 1, "EICAR is found");
	if (r.result == 0 && c->done && c->report.findings.n == 1) {
		is_str(c->report.findings.items[0].package, path, "where it is");
		is_str(c->report.findings.items[0].id, "EICAR-Local.UNOFFICIAL", "what it is");
		is_int(c->report.findings.items[0].scan_class, CLASS_MALWARE, "malware");
		is_int(c->exit_status, 1, "by its exit status, too");
		ok(c->report.scans.items[0].complete, "complete (%s)", c->report.scans.items[0].incomplete_why ?: "");
	}
	(void)unlink(path);

	(void)snprintf(path, sizeof(path), "mkdir -p %s$(printf '/d%%.0s' $(seq 30))", rootfs);
	is_int(system(path), 0, "a deep directory");
	(void)snprintf(path, sizeof(path),
		       "%s/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/eicar.com",
		       rootfs);
	eicar(path);
	run_with(&r, &o, NULL);
	ok(r.result == 0 && c->done && c->report.findings.n == 1,
	   "EICAR is found however deep it lies");
	(void)unlink(path);
	(void)snprintf(path, sizeof(path), "%s/eicar.com", rootfs);

	/* A link to the host's files isn't the image's file. */
	char outside[512];
	(void)snprintf(outside, sizeof(outside), "%s/outside", temp_dir);
	eicar(outside);
	(void)!symlink(outside, path);
	run_with(&r, &o, NULL);
	ok(r.result == 0 && c->done && c->report.findings.n == 0, "links out of the image aren't followed");
	(void)unlink(path);

	(void)snprintf(path, sizeof(path), "%s/nothing", temp_dir);
	o.clamav_database = path;
	run_with(&r, &o, NULL);
	ok(r.result == 0 && !c->done && strstr(c->why, "status 2"), "no database: no scan (%s)", r.result ? r.err.msg : c->why ?: "");
	finish(&r);
}

int main(void)
{
	const char *src = getenv("top_srcdir");
	(void)snprintf(reports, sizeof(reports), "%s/tests/gate/reports", src ? src : "..");
	if (reports[0] != '/') {
		static char absolute[4096];
		if (realpath(reports, absolute))
			(void)snprintf(reports, sizeof(reports), "%s", absolute);
	}
	temp_dir_enter();
	(void)chmod(temp_dir, 0755);
	test_none();
	test_trivy();
	test_unseen();
	test_failures();
	test_timeout();
	test_trust();
	test_podman();
	test_clamscan();
	return tap_done();
}
