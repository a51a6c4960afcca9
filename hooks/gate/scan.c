/* Owns which scanners are run how, and what is known of their reports because we ran
 * them: the scanners asked for, the exit status, the time, the database. */
#include "config.h"

#include "gate/scan.h"

#include "base/auto.h"
#include "base/json.h"
#include "base/num.h"
#include "base/rfc3339.h"
#include "gate/import.h"
#include "sys/file.h"
#include "sys/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "base/banned.h"

#define REPORT_MAX  (64u << 20)
#define VERSION_MAX (64u << 10)

struct run_context {
	const struct scan_options *options;
	struct arena *arena;
	const char *rootfs;
	const char *archive; /* the same image as an OCI archive, or NULL */
	const char *work;    /* the empty directory */
	const char *unseen;  /* what no scanner sees of it, or NULL */
};

static const char *const tool_names[SCAN_TOOLS] = {"trivy", "grype", "clamscan"};

static const char *home_of(const struct scan_options *o)
{
	return o->home ? o->home : "/root";
}

static int64_t timeout_of(const struct scan_options *o)
{
	return o->timeout_s > 0 ? o->timeout_s : 3600;
}

/* ---- files ---- */

/* A file without a name; of memory, where the file system of `work` can't. */
static int open_unnamed(const char *work, struct err *err)
{
	int fd = sys_open(work, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR))
		fd = sys_memfd_create("report", MFD_CLOEXEC);
	return fd < 0 ? err_sys(err, "a file for the report in '%s'", work) : fd;
}

static int make_work(const struct scan_options *o, struct arena *arena, const char **ret,
		     struct err *err)
{
	char *path = arena_printf(arena, "%s/kanuki-scan-XXXXXX", o->work ? o->work : "/var/tmp");
	if (!path)
		return err_oom(err);
	if (!mkdtemp(path))
		return err_sys(err, "make a directory '%s'", path);
	*ret = path;
	return 0;
}

static void remove_work(const char *work)
{
	/* Empty, unless a scanner left something there: then it stays, for root to see. */
	(void)sys_unlinkat(AT_FDCWD, work, AT_REMOVEDIR);
}

/* ---- running ---- */

/* 0 also when it failed: *ret_why then says how. */
static int run_program(const struct run_context *c, const char *const *argv, size_t limit,
		       int out_fd, int *ret_status, const char **ret_why, struct err *err)
{
	struct scan_run run = {.argv = argv,
			       .home = home_of(c->options),
			       .cwd = c->work,
			       .timeout_s = timeout_of(c->options),
			       .limit = limit,
			       .out_fd = out_fd};
	char *why = NULL;
	*ret_why = NULL;
	if (gate_scan_run(&run, err) < 0)
		return -1;
	*ret_status = run.exit_status;
	if (run.timed_out)
		why = arena_printf(c->arena, "it took longer than %lld seconds",
				   (long long)run.timeout_s);
	else if (run.too_much)
		why = arena_printf(c->arena, "it printed more than %zu bytes", limit);
	else if (run.exit_status != 0)
		why = arena_printf(c->arena, "it ended with status %d%s%s", run.exit_status,
				   run.complaint[0] ? ": " : "", run.complaint);
	else
		return 0;
	if (!why)
		return err_oom(err);
	*ret_why = why;
	return 0;
}

/* What a short command prints, or NULL when it failed: then something stays unsaid. */
static int ask(const struct run_context *c, const char *const *argv, const char **ret_text,
	       const char **ret_why, struct err *err)
{
	autofd int fd = open_unnamed(c->work, err);
	int status;
	char *text;
	size_t len;
	*ret_text = NULL;
	if (fd < 0 || run_program(c, argv, VERSION_MAX, fd, &status, ret_why, err) < 0)
		return -1;
	if (*ret_why)
		return 0;
	if (sys_lseek(fd, 0, SEEK_SET) < 0)
		return err_sys(err, "read what '%s' said", argv[0]);
	if (file_read_fd(fd, argv[0], VERSION_MAX, c->arena, &text, &len, err) < 0)
		return -1;
	if (strlen(text) == len)
		*ret_text = text;
	return 0;
}

/* ---- databases ---- */

/* {"VulnerabilityDB": {"UpdatedAt": "2026-11-21T06:15:45.123Z"}} */
static int64_t trivy_database(struct arena *arena, const char *text)
{
	struct err err = ERR_INIT;
	const struct json *root, *v;
	int64_t at = 0;
	char utc[RFC3339_SIZE];
	if (json_parse(arena, text, strlen(text), &root, &err) < 0)
		return 0;
	v = json_get(root, "VulnerabilityDB");
	v = v ? json_get(v, "UpdatedAt") : NULL;
	/* In UTC: it is asked for with TZ=UTC, and says so. */
	if (!v || v->type != JSON_STRING || v->text_len < 20 || v->text[v->text_len - 1] != 'Z')
		return 0;
	memcpy(utc, v->text, 19);
	utc[19] = 'Z';
	utc[20] = '\0';
	return rfc3339_parse(utc, &at) ? at : 0;
}

/* "ClamAV 1.4.3/27700/Sat Nov 22 08:35:00 2026": in UTC, for the same reason.  Without a
 * daily database there is only the first part. */
static int64_t clamav_database(const char *text)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	char month[4], utc[RFC3339_SIZE];
	unsigned day, h, m, s, year;
	int64_t at;
	const char *slash = strchr(text, '/');
	const char *date = slash ? strchr(slash + 1, '/') : NULL;
	if (!date ||
	    sscanf(date + 1, "%*3s %3s %2u %2u:%2u:%2u %4u", month, &day, &h, &m, &s, &year) != 6)
		return 0;
	const char *found = strstr(months, month);
	if (!found || strlen(month) != 3 || (found - months) % 3)
		return 0;
	(void)snprintf(utc, sizeof(utc), "%04u-%02u-%02uT%02u:%02u:%02uZ", year % 10000,
		       (unsigned)(found - months) / 3 % 12 + 1, day % 100, h % 100, m % 100,
		       s % 100);
	return rfc3339_parse(utc, &at) ? at : 0;
}

static int read_database(const struct run_context *c, enum scan_tool tool, const char *program,
			 int64_t *ret, struct err *err)
{
	const char *const trivy[] = {program, "version", "--format", "json", NULL};
	const char *const clamscan[] = {program, "--version",
					c->options->clamav_database ? "--database" : NULL,
					c->options->clamav_database, NULL};
	const char *text, *why;
	*ret = 0;
	if (tool == SCAN_GRYPE)
		return 0; /* its report says it */
	if (ask(c, tool == SCAN_TRIVY ? trivy : clamscan, &text, &why, err) < 0)
		return -1;
	if (text)
		*ret = tool == SCAN_TRIVY ? trivy_database(c->arena, text) : clamav_database(text);
	return 0;
}

/* ---- a scanner ---- */

#define MAX_ARGS 20

static void add(const char **argv, size_t *n, const char *arg)
{
	argv[(*n)++] = arg;
}

/* Links of the image are not followed: they would lead to the host's files. */
static int arguments(const struct run_context *c, enum scan_tool tool, const char *program,
		     const char **argv, struct err *err)
{
	static const char *const trivy[] = {"rootfs",     "--quiet",     "--format", "json",
					    "--scanners", "vuln,secret", NULL};
	static const char *const grype[] = {"--quiet", "-o", "json", NULL};
	static const char *const clamscan[] = {
		"--recursive", "--infected", "--alert-exceeds-max=yes", "--max-filesize=2000M",
		"--max-scansize=2000M", "--follow-dir-symlinks=0", "--follow-file-symlinks=0",
		/* Else what lies deeper than 15 is passed over, without a word. */
		"--max-dir-recursion=1000000", NULL};
	static const char *const *const fixed[SCAN_TOOLS] = {trivy, grype, clamscan};
	size_t n = 0;
	add(argv, &n, program);
	for (const char *const *arg = fixed[tool]; *arg; arg++)
		add(argv, &n, *arg);
	if (tool == SCAN_CLAMSCAN && c->options->clamav_database) {
		add(argv, &n, "--database");
		add(argv, &n, c->options->clamav_database);
	}
	const char *place = c->rootfs;
	if (tool == SCAN_GRYPE)
		place = c->archive ? arena_printf(c->arena, "oci-archive:%s", c->archive)
				   : arena_printf(c->arena, "dir:%s", c->rootfs);
	if (!place)
		return err_oom(err);
	add(argv, &n, place);
	argv[n] = NULL;
	return 0;
}

static int read_report(const struct run_context *c, enum scan_tool tool, int64_t started,
		       struct scan_outcome *o, struct err *err)
{
	static const enum report_format formats[SCAN_TOOLS] = {FORMAT_TRIVY, FORMAT_GRYPE,
							       FORMAT_CLAMAV};
	static const unsigned classes[SCAN_TOOLS] = {1u << CLASS_VULN | 1u << CLASS_SECRET,
						     1u << CLASS_VULN, 1u << CLASS_MALWARE};
	struct import_hints hints = {.format = formats[tool], .classes = classes[tool]};
	if (read_database(c, tool, o->program, &hints.db_updated_at, err) < 0)
		return -1;
	if (tool == SCAN_CLAMSCAN) {
		hints.clamav_exit_said = true;
		hints.clamav_exit = o->exit_status;
		hints.clamav_exceeds_max = true;
		hints.scanned_at = started;
	}
	struct err bad = ERR_INIT;
	if (report_import(o->report_fd, tool_names[tool], &hints, c->arena, &o->report, &bad) < 0) {
		o->why = arena_strdup(c->arena, bad.msg);
		return o->why ? 0 : err_oom(err);
	}
	for (size_t i = 0; i < o->report.scans.n; i++) {
		struct scan *scan = &o->report.scans.items[i];
		if (!scan->scanned_at)
			scan->scanned_at = started;
		if (c->unseen && scan->complete) {
			scan->complete = false;
			scan->incomplete_why = c->unseen;
		}
		/* Of a directory grype reads lock files, as of a source tree, and not what npm
		 * has installed (syft: javascript-package-cataloger is for images only). */
		if (tool == SCAN_GRYPE && !c->archive && scan->complete) {
			scan->complete = false;
			scan->incomplete_why =
				"grype reads a directory without the npm packages installed in it";
		}
	}
	o->done = true;
	return 0;
}

static int run_scanner(const struct run_context *c, enum scan_tool tool, struct scan_outcome *o,
		       struct err *err)
{
	const char *argv[MAX_ARGS];
	struct timespec started;
	(void)clock_gettime(CLOCK_REALTIME, &started); /* can't fail with this clock */
	o->report_fd = open_unnamed(c->work, err);
	if (o->report_fd < 0 || arguments(c, tool, o->program, argv, err) < 0 ||
	    run_program(c, argv, REPORT_MAX, o->report_fd, &o->exit_status, &o->why, err) < 0)
		return -1;
	/* clamscan's 1 is "found some", and whatever else it is its log is judged by it. */
	if (o->why && (tool != SCAN_CLAMSCAN || o->exit_status != 1))
		return 0;
	o->why = NULL;
	return read_report(c, tool, started.tv_sec, o, err);
}

/* ---- all of them ---- */

void gate_scan_release(struct scan_outcome outcomes[SCAN_TOOLS])
{
	for (size_t i = 0; i < SCAN_TOOLS; i++)
		auto_close_fd(&outcomes[i].report_fd);
}

static int check_rootfs(const char *rootfs, struct err *err)
{
	struct stat st;
	if (rootfs[0] != '/')
		return err_set(err, ERR_USAGE, "'%s': not an absolute path", rootfs);
	if (sys_fstatat(AT_FDCWD, rootfs, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return err_sys(err, "'%s'", rootfs);
	if (!S_ISDIR(st.st_mode))
		return err_set(err, ERR_USAGE, "'%s': not a directory", rootfs);
	return 0;
}

static int find_all(const struct scan_options *o, struct arena *arena,
		    struct scan_outcome outcomes[SCAN_TOOLS], struct err *err)
{
	bool any = false;
	for (size_t i = 0; i < SCAN_TOOLS; i++) {
		outcomes[i] = (struct scan_outcome){.tool = tool_names[i], .report_fd = -1};
		if (gate_scan_find(o->dirs, tool_names[i], arena, &outcomes[i].program, err) < 0)
			return -1;
		any |= outcomes[i].program != NULL;
	}
	return any ? 0
		   : err_set(err, ERR_HOST,
			     "no scanner on this host: install trivy, grype or clamscan");
}

static int scan_files(const struct scan_options *options, const char *rootfs, const char *archive,
		      struct arena *arena, struct scan_outcome ret[SCAN_TOOLS], struct err *err)
{
	struct run_context c = {
		.options = options, .arena = arena, .rootfs = rootfs, .archive = archive};
	struct scan_outcome outcomes[SCAN_TOOLS];
	if (check_rootfs(rootfs, err) < 0 || find_all(options, arena, outcomes, err) < 0 ||
	    gate_scan_paths(rootfs, &c.unseen, err) < 0 ||
	    make_work(options, arena, &c.work, err) < 0)
		return -1;
	int r = 0;
	for (unsigned i = 0; r == 0 && i < SCAN_TOOLS; i++)
		if (outcomes[i].program)
			r = run_scanner(&c, (enum scan_tool)i, &outcomes[i], err);
	remove_work(c.work);
	if (r < 0) {
		gate_scan_release(outcomes);
		return -1;
	}
	memcpy(ret, outcomes, sizeof(outcomes));
	return 0;
}

int gate_scan_rootfs(const struct scan_options *options, const char *rootfs, struct arena *arena,
		     struct scan_outcome ret[SCAN_TOOLS], struct err *err)
{
	return scan_files(options, rootfs, NULL, arena, ret, err);
}

/* ---- podman's images ---- */

struct image {
	const char *id, *digest, *os, *architecture;
};

/* One line of words. */
static int inspect(const struct run_context *c, const char *podman, const char *reference,
		   struct image *ret, struct err *err)
{
	const char *const argv[] = {
		podman,    "image", "inspect", "--format", "{{.Id}} {{.Os}} {{.Architecture}}",
		reference, NULL};
	const char *text, *why;
	char id[SHA256_HEX_SIZE], os[32], architecture[32];
	if (ask(c, argv, &text, &why, err) < 0)
		return -1;
	if (!text)
		return err_set(err, ERR_NOT_FOUND, "podman knows no image '%s': %s", reference,
			       why ? why : "it said nothing");
	if (sscanf(text, "%64[0-9a-f] %31s %31s", id, os, architecture) != 3 || strlen(id) != 64)
		return err_set(err, ERR_HOST, "podman says nothing of use about image '%s'",
			       reference);
	ret->id = arena_strdup(c->arena, id);
	ret->digest = arena_printf(c->arena, "sha256:%s", id);
	ret->os = arena_strdup(c->arena, os);
	ret->architecture = arena_strdup(c->arena, architecture);
	return ret->id && ret->digest && ret->os && ret->architecture ? 0 : err_oom(err);
}

/* By its id: the name may be given to another image meanwhile. */
static int mount_image(const struct run_context *c, const char *podman, const struct image *image,
		       const char **ret, struct err *err)
{
	const char *const argv[] = {podman, "image", "mount", image->id, NULL};
	const char *text, *why;
	if (ask(c, argv, &text, &why, err) < 0)
		return -1;
	if (!text)
		return err_set(err, ERR_HOST, "podman can't mount the image: %s",
			       why ? why : "it said nothing");
	size_t n = strcspn(text, "\n");
	char *path = arena_memdup(c->arena, text, n);
	if (!path)
		return err_oom(err);
	if (path[0] != '/' || (text[n] && text[n + 1]))
		return err_set(err, ERR_HOST, "podman says no path of the mounted image");
	*ret = path;
	return 0;
}

static int unmount_image(const struct run_context *c, const char *podman, const struct image *image,
			 struct err *err)
{
	const char *const argv[] = {podman, "image", "unmount", image->id, NULL};
	const char *text, *why;
	if (ask(c, argv, &text, &why, err) < 0)
		return -1;
	return text ? 0
		    : err_set(err, ERR_HOST, "podman can't unmount the image: %s",
			      why ? why : "it said nothing");
}

/* For grype, which reads a directory with less than its whole skill. */
static int save_image(const struct run_context *c, const char *podman, const struct image *image,
		      const char **ret, struct err *err)
{
	const char *program, *text, *why;
	*ret = NULL;
	if (gate_scan_find(c->options->dirs, tool_names[SCAN_GRYPE], c->arena, &program, err) < 0)
		return -1;
	if (!program)
		return 0;
	char *path = arena_printf(c->arena, "%s/image.tar", c->work);
	if (!path)
		return err_oom(err);
	const char *const argv[] = {podman,        "image",    "save", "--quiet", "--format",
				    "oci-archive", "--output", path,   image->id, NULL};
	*ret = path;
	if (ask(c, argv, &text, &why, err) < 0)
		return -1;
	return text ? 0
		    : err_set(err, ERR_HOST, "podman can't save the image: %s",
			      why ? why : "it said nothing");
}

/* A directory's report has no subject; an archive's has the one of its conversion. */
static void name_subject(const struct image *image, struct scan_outcome outcomes[SCAN_TOOLS])
{
	for (size_t i = 0; i < SCAN_TOOLS; i++)
		outcomes[i].report.subject = (struct subject){.config = image->digest,
							      .os = image->os,
							      .architecture = image->architecture};
}

static int scan_mounted(const struct run_context *c, const char *podman, const struct image *image,
			struct scan_outcome ret[SCAN_TOOLS], struct err *err)
{
	const char *path = NULL, *archive = NULL;
	struct err unmounted = ERR_INIT;
	if (mount_image(c, podman, image, &path, err) < 0)
		return -1;
	int r = save_image(c, podman, image, &archive, err);
	if (r == 0)
		r = scan_files(c->options, path, archive, c->arena, ret, err);
	if (archive)
		(void)sys_unlinkat(AT_FDCWD, archive, 0); /* it may not have been begun */
	if (unmount_image(c, podman, image, &unmounted) < 0 && r == 0) {
		gate_scan_release(ret);
		*err = unmounted;
		return -1;
	}
	if (r == 0)
		name_subject(image, ret);
	return r;
}

int gate_scan_image(const struct scan_options *options, const char *reference, struct arena *arena,
		    struct scan_outcome ret[SCAN_TOOLS], struct err *err)
{
	struct run_context c = {.options = options, .arena = arena};
	const char *podman;
	struct image image = {0};
	if (!reference[0] || reference[0] == '-')
		return err_set(err, ERR_USAGE, "'%s': not an image", reference);
	if (gate_scan_find(options->dirs, "podman", arena, &podman, err) < 0)
		return -1;
	if (!podman)
		return err_set(err, ERR_HOST,
			       "no podman on this host: give the image's files as a directory");
	if (make_work(options, arena, &c.work, err) < 0)
		return -1;
	int r = inspect(&c, podman, reference, &image, err);
	if (r == 0)
		r = scan_mounted(&c, podman, &image, ret, err);
	remove_work(c.work);
	return r;
}
