/* kanuki evidence: what an auditor asks for, in one archive that is named by its hash.
 *
 * Everything is read and written in one go into a file that has no name yet: there is
 * a whole archive in the end, or none.  What a part holds is decided by whoever wrote
 * it (audit/, state/, check/); here it is only collected.  man/kanuki-evidence.8 lists it.
 */
#include "config.h"

#include "cmd/evidence.h"

#include "base/auto.h"
#include "base/path.h"
#include "cmd/container.h"
#include "cmd/policy_file.h"
#include "cmd/report.h"
#include "sys/file.h"
#include "sys/sys.h"
#include "version.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/banned.h"

#define TOP		 "evidence/"
#define OS_RELEASE_BYTES (64u << 10)
#define ID_IN_NAME_MAX	 128u	      /* ustar's prefix holds no more; longer ones get "@N" */
#define STATUS_DOUBTFUL	 2	      /* made, but the trail or a plan isn't what was written */

struct evidence_args {
	const char *since, *output;
};

static const struct cmd_option options[] = {
	{"since", 0, OPTION_STRING, offsetof(struct evidence_args, since), "TIME",
	 "the trail from 2026-11-01 or 2026-11-01T07:00:00Z on; else all of it"},
	{"output", 'o', OPTION_STRING, offsetof(struct evidence_args, output), "FILE",
	 "the archive to make, which must not exist"},
};

/* --- the archive --- */

int evidence_begin(struct evidence *e, const char *name, struct err *err)
{
	const char *path = arena_printf(e->ctx->arena, TOP "%s", name);

	return path ? ustar_begin(&e->tar, path, err) : err_oom(err);
}

/* A line of MANIFEST as sha256sum(1) reads it; to which the one before is a comment. */
int evidence_end(struct evidence *e, const char *name, struct err *err)
{
	char hash[SHA256_HEX_SIZE];
	uint64_t size;

	if (ustar_end(&e->tar, hash, &size, err) < 0)
		return -1;
	str_addf(&e->manifest, "# %" PRIu64 " bytes:\n%s  %s\n", size, hash, name);
	e->n_files++;
	return str_failed(&e->manifest) ? err_oom(err) : 0;
}

int evidence_add(struct evidence *e, const char *name, const char *text, size_t len,
		 struct err *err)
{
	if (evidence_begin(e, name, err) < 0 || ustar_write(&e->tar, text, len, err) < 0)
		return -1;
	return evidence_end(e, name, err);
}

int evidence_add_text(struct evidence *e, const char *name, const struct str *text, struct err *err)
{
	if (str_failed(text))
		return err_oom(err);
	return evidence_add(e, name, str_text(text), text->len, err);
}

static int add_report(struct evidence *e, const char *name, const struct check_report *report,
		      struct err *err)
{
	autostr out = STR_INIT;

	if (check_print_json(report, &out, err) < 0)
		return -1;
	return evidence_add_text(e, name, &out, err);
}

int evidence_remember(struct evidence *e, struct str_list *list, const char *name, struct err *err)
{
	const char **slot;

	if (!name || str_list_has(list, name))
		return 0;
	slot = ARENA_PUSH(e->ctx->arena, list);
	if (slot)
		*slot = arena_strdup(e->ctx->arena, name);
	return slot && *slot ? 0 : err_oom(err);
}

/* --- what made it, and where --- */

static int add_about(struct evidence *e, struct err *err)
{
	struct trail_caller caller;
	autostr out = STR_INIT;
	struct utsname uts;
	char now[RFC3339_SIZE];

	if (sys_uname(&uts) < 0)
		return err_sys(err, "ask for the kernel's version");
	trail_caller_read(&caller);
	rfc3339_format(e->tar.mtime, now);
	str_addf(&out, "kanuki: %s\ncommit: %s\nmade: %s\nsince: %s\nmachine: ", PACKAGE_VERSION,
		 KANUKI_COMMIT, now, e->since[0] ? e->since : "the beginning");
	str_add_printable(&out, uts.nodename, strlen(uts.nodename));
	str_addf(&out, "\nkernel: %s %s %s %s\nuid: %" PRIu32 "\n", uts.sysname, uts.release,
		 uts.version, uts.machine, caller.uid);
	if (caller.has_loginuid)
		str_addf(&out, "loginuid: %" PRIu32 "\n", caller.loginuid);
	return evidence_add_text(e, "versions.txt", &out, err);
}

/* A machine without the file has no name for its distribution: check/host.json says so. */
static int add_distribution(struct evidence *e, struct err *err)
{
	static const char path[] = "/etc/os-release";
	char *text;
	size_t len;

	if (file_read(AT_FDCWD, path, OS_RELEASE_BYTES, e->ctx->arena, &text, &len, err) < 0) {
		if (err->sys_errno != ENOENT)
			return -1;
		err_clear(err);
		return 0;
	}
	return evidence_add(e, "os-release", text, len, err);
}

static int add_host_report(struct evidence *e, struct err *err)
{
	struct check_report report = {0};

	if (report_begin(&report, e->ctx->arena, err) < 0 ||
	    report_host(&report, &e->host, err) < 0)
		return -1;
	return add_report(e, "check/host.json", &report, err);
}

/* --- policies --- */

static int add_policy_text(struct evidence *e, const char *stem, const struct policy_conf *conf,
			   const char *file, size_t len, struct err *err)
{
	const char *json = arena_printf(e->ctx->arena, "%s.json", stem);
	const char *canonical = arena_printf(e->ctx->arena, "%s.txt", stem);
	autostr out = STR_INIT;

	if (!json || !canonical)
		return err_oom(err);
	str_add(&out, "policy: ");
	str_add_printable(&out, conf->name, strlen(conf->name));
	str_addf(&out, "\nsha256: %s\n", conf->hash);
	policy_conf_print(conf, &out);
	if (file && evidence_add(e, json, file, len, err) < 0)
		return -1;
	return evidence_add_text(e, canonical, &out, err);
}

static int add_policy(struct evidence *e, struct err *err)
{
	struct check_report report = {0};
	char *text;
	size_t len;

	if (policy_file_read(e->ctx->globals->policy, e->ctx->arena, &text, &len, &e->conf, err) <
		    0 ||
	    add_policy_text(e, "policy/in-force", &e->conf, text, len, err) < 0 ||
	    report_begin(&report, e->ctx->arena, err) < 0 ||
	    report_policy(&report, &e->conf, err) < 0)
		return -1;
	return add_report(e, "check/policy.json", &report, err);
}

/* Containers know theirs by name and hash; the file may have changed or be gone since.
 * record.json has the hash to compare with. */
static int add_container_policies(struct evidence *e, struct err *err)
{
	size_t n = 0;

	for (size_t i = 0; i < e->policies.n; i++) {
		autoconf conf = POLICY_CONF_INIT;
		const char *stem;
		char *text;
		size_t len;

		if (strcmp(e->policies.items[i], e->conf.name) == 0)
			continue;
		if (policy_file_read(e->policies.items[i], e->ctx->arena, &text, &len, &conf, err) <
		    0) {
			if (err->sys_errno != ENOENT)
				return -1;
			err_clear(err);
			continue;
		}
		stem = arena_printf(e->ctx->arena, "policy/of-containers-%zu", ++n);
		if (!stem)
			return err_oom(err);
		if (add_policy_text(e, stem, &conf, text, len, err) < 0)
			return -1;
	}
	return 0;
}

/* --- containers --- */

/* All that a container leaves, read before any of it is written: it may vanish meanwhile. */
struct leaving {
	char *record;
	size_t record_len;
	struct evidence_plan plan;
	bool has_report;
	struct check_report report;
};

/* What stops a reading is none of our business when the container is gone now. */
static int unless_gone(const struct cmd_context *ctx, const char *id, bool *ret_gone,
		       struct err *err)
{
	autocontainer again = CONTAINER_INIT;
	struct err own = ERR_INIT;

	if (container_open(ctx, id, false, &again, &own) == 0 ? again.has_record
							      : own.kind != ERR_NOT_FOUND)
		return -1;
	err_clear(err);
	*ret_gone = true;
	return 0;
}

static int look_at(struct evidence *e, const struct cmd_context *ctx, const struct container *c,
		   struct leaving *ret, struct err *err)
{
	struct err own = ERR_INIT;

	if (file_read(c->dir.dirfd, STATE_RECORD_NAME, RECORD_MAX_BYTES, ctx->arena, &ret->record,
		      &ret->record_len, err) < 0 ||
	    evidence_read_plan(ctx, c, &ret->plan, err) < 0)
		return -1;
	if (c->status != LIFECYCLE_RUNNING && c->status != LIFECYCLE_PAUSED)
		return 0;
	if (report_begin(&ret->report, ctx->arena, err) < 0)
		return -1;
	if (report_container(&ret->report, &e->host, c->record.id, (pid_t)c->record.pid,
			     c->init_pidfd, &own) == 0) {
		ret->has_report = true;
	} else if (sys_pidfd_send_signal(c->init_pidfd, 0, 0) ==
		   0) { /* it runs on: so that isn't why */
		*err = own;
		return -1;
	}
	return 0;
}

static int add_member(struct evidence *e, const struct cmd_context *ctx, const char *dir,
		      const char *name, const char *text, size_t len, struct err *err)
{
	const char *path = arena_printf(ctx->arena, "%s/%s", dir, name);

	return path ? evidence_add(e, path, text, len, err) : err_oom(err);
}

static int add_container(struct evidence *e, const struct cmd_context *ctx, const char *id,
			 size_t number, struct str *index, struct err *err)
{
	autocontainer c = CONTAINER_INIT;
	struct leaving all = {0};
	const struct evidence_plan *plan = &all.plan;
	const char *dir, *report;
	bool gone = false;

	if (container_open(ctx, id, false, &c, err) < 0 ||
	    (c.has_record && look_at(e, ctx, &c, &all, err) < 0))
		if (unless_gone(ctx, id, &gone, err) < 0)
			return -1;
	if (gone)
		return 0;
	dir = strlen(id) > ID_IN_NAME_MAX ? arena_printf(ctx->arena, "containers/@%zu", number)
					  : arena_printf(ctx->arena, "containers/%s", id);
	report = dir ? arena_printf(ctx->arena, "%s/check.json", dir) : NULL;
	if (!report)
		return err_oom(err);
	str_addf(index, "%s %s %s", id, dir, lifecycle_status_name(c.status));
	if (!c.has_record) {
		str_add(index, ", without a record\n");
		return 0;
	}
	str_add(index, plan->differs ? ", whose plan.txt is not what planHash names\n" : "\n");
	if (evidence_remember(e, &e->policies, c.record.policy, err) < 0 ||
	    evidence_remember(e, &e->trails, c.record.trail, err) < 0 ||
	    add_member(e, ctx, dir, STATE_RECORD_NAME, all.record, all.record_len, err) < 0 ||
	    (plan->json &&
	     (add_member(e, ctx, dir, RECORD_PLAN_NAME, plan->json, plan->json_len, err) < 0 ||
	      add_member(e, ctx, dir, RECORD_TEXT_NAME, plan->text, plan->text_len, err) < 0)))
		return -1;
	e->plans_differ |= plan->differs;
	return all.has_report ? add_report(e, report, &all.report, err) : 0;
}

static int add_containers(struct evidence *e, struct err *err)
{
	struct str_list ids = {0};
	autostr index = STR_INIT;

	if (container_list(e->ctx, &ids, err) < 0)
		return -1;
	for (size_t i = 0; i < ids.n; i++) {
		struct arena arena = ARENA_INIT; /* of one container: the number of all of them is nobody's limit */
		struct cmd_context ctx = *e->ctx;
		int r;

		ctx.arena = &arena;
		r = add_container(e, &ctx, ids.items[i], i + 1, &index, err);
		arena_release(&arena);
		if (r < 0)
			return err_context(err, "container '%s'", ids.items[i]);
	}
	return evidence_add_text(e, "containers.txt", &index, err);
}

/* --- the command --- */

static int collect(struct evidence *e, char ret_hash[SHA256_HEX_SIZE], struct err *err)
{
	autostr manifest = STR_INIT;

	/* The trail comes last: it has the events of all that is in front of it. */
	if (host_probe(&e->host, err) < 0 || add_about(e, err) < 0 ||
	    add_distribution(e, err) < 0 || add_host_report(e, err) < 0 || add_policy(e, err) < 0 ||
	    add_containers(e, err) < 0 || add_container_policies(e, err) < 0 ||
	    evidence_add_trail(e, err) < 0)
		return -1;
	manifest = e->manifest;
	e->manifest = (struct str)STR_INIT;
	if (evidence_add_text(e, "MANIFEST", &manifest, err) < 0)
		return -1;
	return ustar_finish(&e->tar, ret_hash, err);
}

static int is_taken(const char *path, struct err *err)
{
	return err_set(err, ERR_USAGE, "'%s' exists already and is left as it is", path);
}

/* A file in `dir` that has no name until it is whole. */
static int open_nameless(const char *dir, struct err *err)
{
	autofd int fd = sys_open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	if (fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR))
		return err_set(
			err, ERR_HOST,
			"the file system of '%s' has no nameless files (O_TMPFILE): choose another",
			dir);
	if (fd < 0)
		return err_sys(err, "make a file in '%s'", dir);
	if (sys_fchmod(fd, 0600) < 0)
		return err_sys(err, "set the mode of the archive");
	return steal_fd(&fd);
}

static int publish(int fd, const char *path, struct err *err)
{
	char self[32];

	if (fsync(fd) < 0)
		return err_sys(err, "bring the archive to the disk");
	(void)snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
	if (sys_linkat(AT_FDCWD, self, AT_FDCWD, path, AT_SYMLINK_FOLLOW) == 0)
		return 0;
	return errno == EEXIST ? is_taken(path, err)
			       : err_sys(err, "give the archive its name '%s'", path);
}

static int parse_since(const char *since, char ret[RFC3339_SIZE], struct err *err)
{
	char text[RFC3339_SIZE];
	int64_t seconds;

	if (!since)
		return 0;
	if (strlen(since) >= sizeof(text) ||
	    (size_t)snprintf(text, sizeof(text), "%s%s", since,
			     strlen(since) == 10 ? "T00:00:00Z" : "") >= sizeof(text) ||
	    !rfc3339_parse(text, &seconds))
		return err_set(
			err, ERR_USAGE,
			"--since: '%s' is neither a day nor a time like 2026-11-22T07:09:01Z",
			since);
	memcpy(ret, text, sizeof(text));
	return 0;
}

static int make(struct evidence *e, const char *path, struct err *err)
{
	const char *base = path_base(path);
	const char *dir =
		base == path ? "." : arena_printf(e->ctx->arena, "%.*s", (int)(base - path), path);
	char hash[SHA256_HEX_SIZE];
	struct stat st;

	if (!*base)
		return err_set(err, ERR_USAGE, "--output: '%s' is no file", path);
	if (!dir)
		return err_oom(err);
	if (sys_fstatat(AT_FDCWD, path, &st, AT_SYMLINK_NOFOLLOW) == 0)
		return is_taken(path, err);
	autofd int fd = open_nameless(dir, err);
	if (fd < 0)
		return -1;
	e->tar = (struct ustar){.fd = fd, .mtime = time(NULL)};
	if (collect(e, hash, err) < 0 || publish(fd, path, err) < 0)
		return -1;
	(void)printf("%s: %zu files, sha256 %s\n", path, e->n_files, hash); /* checked at the flush */
	return 0;
}

static int run(const struct cmd_context *ctx, void *data, struct err *err)
{
	struct evidence e = {.ctx = ctx};
	const struct evidence_args *args = data;
	struct err doubt = ERR_INIT;
	int r;

	if (!args->output)
		return err_set(err, ERR_USAGE,
			       "evidence: say with --output where the archive goes");
	r = parse_since(args->since, e.since, err) < 0 ? -1 : make(&e, args->output, err);
	policy_conf_release(&e.conf);
	str_release(&e.manifest);
	if (r < 0 || (!e.doubtful && !e.plans_differ))
		return r;
	if (e.doubtful) {
		(void)err_set(&doubt, ERR_VERIFY,
			      "the audit trail isn't what was written: see audit/verify.txt "
			      "in '%s'",
			      args->output);
		log_warning(&doubt);
	}
	if (e.plans_differ) {
		(void)err_set(&doubt, ERR_VERIFY,
			      "a container's plan isn't the one that it was made by: see "
			      "containers.txt in '%s'",
			      args->output);
		log_warning(&doubt);
	}
	return STATUS_DOUBTFUL;
}

const struct cmd cmd_evidence = {
	.name = "evidence",
	.synopsis = "[OPTIONS] [TRAIL...]",
	.summary = "collect what an auditor asks for in one archive",
	.options = options,
	.n_options = ARRAY_LEN(options),
	.args_size = sizeof(struct evidence_args),
	.max_args = SIZE_MAX,
	.failure_status = 1,
	.run = run,
};
