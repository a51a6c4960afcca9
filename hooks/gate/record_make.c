/* See the header.  What the record says of a class comes from the newest scan for it: the
 * reports given now, and for classes that none of them speaks of, the record that is there.
 * The evidence is stored before the record that names it. */
#include "config.h"

#include "base/auto.h"
#include "gate/crypto.h"
#include "gate/findings.h"
#include "gate/record.h"
#include "gate/record_make.h"
#include "sys/sys.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/banned.h"

#define DAY	   INT64_C(86400)
#define VALID_DAYS 7
#define SBOM_PEEK  4096

/* --- the subject --- */

static int add_text(struct tool *tool, struct str_list *list, const char *text, struct err *err)
{
	const char **slot = str_list_has(list, text) ? &text : ARENA_PUSH(tool->arena, list);

	if (!slot)
		return err_oom(err);
	*slot = text;
	return 0;
}

/* Whether the digest is one of the image's own. */
static bool is_of(const struct record_image *image, const char *digest)
{
	return strcmp(digest, image->config) == 0 ||
	       (image->manifest && strcmp(digest, image->manifest) == 0) ||
	       str_list_has(&image->indexes, digest);
}

/* A statement that names no config is about one of the digests that the other reports, the person
 * at the command or the present record give the image: its own word isn't enough. */
static int check_about(const struct subject *subject, const char *name,
		       const struct record_image *image, struct err *err)
{
	bool good = subject->about.n == 0 || subject->config;

	for (size_t i = 0; i < subject->about.n; i++)
		good |= is_of(image, subject->about.items[i]);
	return good ? 0
		    : err_set(err, ERR_STATE,
			      "'%s' is about %s, not about %s (--manifest says if that is its "
			      "manifest)",
			      name, subject->about.items[0], image->config);
}

/* A report of another image is refused; one that names none must be vouched for by --digest. */
static int take_subject(struct tool *tool, const struct subject *subject, const char *name,
			struct record_image *image, struct err *err)
{
	if (subject->config && strcmp(subject->config, image->config) != 0)
		return err_set(err, ERR_STATE, "'%s' is a report of %s, not of %s", name,
			       subject->config, image->config);
	if (subject->manifest && image->manifest && strcmp(subject->manifest, image->manifest) != 0)
		return err_set(err, ERR_STATE, "'%s' is a report of manifest %s, not of %s", name,
			       subject->manifest, image->manifest);
	if (subject->manifest)
		image->manifest = subject->manifest;
	if (subject->os && subject->architecture) {
		const char *platform = arena_printf(
			tool->arena, "%s/%s%s%s", subject->os, subject->architecture,
			subject->variant ? "/" : "", subject->variant ? subject->variant : "");

		if (!platform)
			return err_oom(err);
		if (image->platform && strcmp(image->platform, platform) != 0)
			return err_set(err, ERR_STATE,
				       "'%s' is a report of an image for %s, not for %s", name,
				       platform, image->platform);
		image->platform = platform;
	}
	for (size_t i = 0; i < subject->indexes.n; i++)
		if (add_text(tool, &image->indexes, subject->indexes.items[i], err) < 0)
			return -1;
	for (size_t i = 0; i < subject->refs.n; i++)
		if (add_text(tool, &image->refs, subject->refs.items[i], err) < 0)
			return -1;
	return 0;
}

/* The names that a scan gives the image in a statement around it; VEX may speak of several images.
 */
static int take_names(struct tool *tool, const struct report *report, struct record_image *image,
		      struct err *err)
{
	for (size_t i = 0; report->scans.n && i < report->subject.about.n; i++)
		if (strcmp(report->subject.about.items[i], image->config) != 0 &&
		    add_text(tool, &image->indexes, report->subject.about.items[i], err) < 0)
			return -1;
	return 0;
}

/* --- the record --- */

static int add_scan(struct tool *tool, struct record *record, const struct scan *scan,
		    const char *evidence, const char *signer, struct err *err)
{
	struct scan *slot = ARENA_PUSH(tool->arena, &record->scans);

	if (!slot)
		return err_oom(err);
	*slot = *scan;
	if (evidence)
		slot->evidence = evidence;
	if (signer)
		slot->signer = signer;
	return 0;
}

static int add_findings(struct tool *tool, struct record *record, const finding_list *findings,
			unsigned classes, struct err *err)
{
	for (size_t i = 0; i < findings->n; i++) {
		struct finding *slot;

		if (!(classes & 1u << findings->items[i].scan_class))
			continue;
		slot = ARENA_PUSH(tool->arena, &record->findings);
		if (!slot)
			return err_oom(err);
		*slot = findings->items[i];
	}
	return 0;
}

static unsigned all_classes(const scan_list *scans)
{
	unsigned classes = 0;

	for (size_t i = 0; i < scans->n; i++)
		classes |= scans->items[i].classes;
	return classes;
}

/* What the present record says of classes that the new reports are silent about. */
static int carry_over(struct tool *tool, const struct record *present, struct record *record,
		      struct err *err)
{
	unsigned missing = all_classes(&present->scans) & ~all_classes(&record->scans);

	for (size_t i = 0; i < present->scans.n; i++) {
		struct scan scan = present->scans.items[i];

		scan.classes &= missing;
		if (scan.classes && add_scan(tool, record, &scan, NULL, NULL, err) < 0)
			return -1;
	}
	if (add_findings(tool, record, &present->findings, missing, err) < 0)
		return -1;
	for (size_t i = 0; i < present->vex.n; i++) {
		struct vex_statement *slot = ARENA_PUSH(tool->arena, &record->vex);

		if (!slot)
			return err_oom(err);
		*slot = present->vex.items[i];
	}
	if (!record->image.platform)
		record->image.platform = present->image.platform;
	if (!record->image.refs.n)
		record->image.refs = present->image.refs;
	if (!record->image.sbom)
		record->image.sbom = present->image.sbom;
	record->sequence = present->sequence;
	return 0;
}

/* A document may speak of many images; what it says of others is nothing to this one. */
static int take_vex(struct tool *tool, const struct record_source *source, const char *evidence,
		    struct record *record, struct err *err)
{
	const vex_list *list = &source->report.vex;
	size_t taken = 0;

	for (size_t i = 0; i < list->n; i++) {
		struct vex_statement *slot;

		if (list->items[i].image && !is_of(&record->image, list->items[i].image))
			continue;
		slot = ARENA_PUSH(tool->arena, &record->vex);
		if (!slot)
			return err_oom(err);
		*slot = list->items[i];
		slot->evidence = evidence;
		slot->signer = source->signer;
		taken++;
	}
	if (list->n && !taken)
		return err_set(err, ERR_STATE, "'%s' says nothing of this image, %s", source->path,
			       record->image.config);
	return 0;
}

/* It was read once for what it says and once to be kept: both must have been the same. */
static int check_unchanged(const struct record_source *source, struct err *err)
{
	const struct stat *before = &source->before;
	struct stat now;

	if (!before->st_mode)
		return 0;
	if (sys_fstat(source->fd, &now) < 0)
		return err_sys(err, "look at '%s'", source->path);
	if (now.st_size == before->st_size && now.st_ctim.tv_sec == before->st_ctim.tv_sec &&
	    now.st_ctim.tv_nsec == before->st_ctim.tv_nsec)
		return 0;
	return err_set(err, ERR_STATE, "'%s' was written to while it was read", source->path);
}

/* With LOCK: the evidence into the store, what it says into the record. */
static int take_source(struct tool *tool, const struct gate_site *site, struct gate_store *store,
		       const struct record_source *source, struct record *record, struct err *err)
{
	const struct report *report = &source->report;
	const char *evidence;
	char digest[72];

	if (gate_store_put_fd(store, "objects", source->fd, digest, err) < 0 ||
	    check_unchanged(source, err) < 0)
		return -1;
	evidence = arena_strdup(tool->arena, digest);
	if (!evidence)
		return err_oom(err);
	for (size_t i = 0; i < report->scans.n; i++) {
		if (report->scans.items[i].scanned_at > tool_latest(tool, site))
			return err_set(err, ERR_SPEC, "'%s': the scan lies in the future",
				       source->path);
		if (add_scan(tool, record, &report->scans.items[i], evidence, source->signer, err) <
		    0)
			return -1;
	}
	if (take_vex(tool, source, evidence, record, err) < 0)
		return -1;
	return add_findings(tool, record, &report->findings, ~0u, err);
}

/* What says at its beginning that it is one; a report in its place would show only when needed. */
static int check_sbom(int fd, const char *path, struct err *err)
{
	static const char *const words[] = {"\"bomFormat\"", "\"spdxVersion\""};
	char head[SBOM_PEEK];
	struct stat st;
	ssize_t n;

	if (fd < 0 || sys_fstat(fd, &st) < 0)
		return err_sys(err, "--sbom: open '%s'", path);
	n = S_ISREG(st.st_mode) ? sys_pread(fd, head, sizeof(head), 0) : 0;
	if (n < 0)
		return err_sys(err, "--sbom: read '%s'", path);
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (memmem(head, (size_t)n, words[i], strlen(words[i])))
			return 0;
	return err_set(err, ERR_SPEC,
		       "--sbom: '%s' is no list of packages, neither CycloneDX nor SPDX as JSON",
		       path);
}

static int take_sbom(struct tool *tool, struct gate_store *store, const char *path,
		     struct record *record, struct err *err)
{
	autofd int fd = sys_open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0);
	char digest[72];

	if (check_sbom(fd, path, err) < 0 ||
	    gate_store_put_fd(store, "objects", fd, digest, err) < 0)
		return -1;
	record->image.sbom = arena_strdup(tool->arena, digest);
	return record->image.sbom ? 0 : err_oom(err);
}

/* A record that no recorder's good key stands behind, or that is revoked, has nothing to carry
 * over: the new record's signature would be for words that nobody believes. */
static bool is_believed(const struct gate_site *site, const struct gate_found *found)
{
	bool good = site->policy && !site->policy->signers_required && found->signers.n == 0;

	for (size_t i = 0; i < found->signers.n; i++) {
		const struct signer *signer = &found->signers.items[i];

		if (signer->revoked)
			return false;
		good |= (signer->roles & ROLE_RECORDER) && !signer->out_of_time;
	}
	return good && found->state == RECORD_GOOD && !found->record_revoked;
}

/* With what the present record, the person and the reports that name the config say, statements are
 * held against the image. */
static int take_statements(struct tool *tool, const struct record_source *sources, size_t n,
			   const struct record *present, struct record_image *image,
			   struct err *err)
{
	if (present && !image->manifest)
		image->manifest = present->image.manifest;
	for (size_t i = 0; present && i < present->image.indexes.n; i++)
		if (add_text(tool, &image->indexes, present->image.indexes.items[i], err) < 0)
			return -1;
	for (size_t i = 0; i < n; i++)
		if (check_about(&sources[i].report.subject, sources[i].path, image, err) < 0)
			return -1;
	for (size_t i = 0; i < n; i++)
		if (take_names(tool, &sources[i].report, image, err) < 0)
			return -1;
	return 0;
}

static int compare_findings(const void *a, const void *b)
{
	return finding_compare(a, b);
}

/* A package that lies in several places is reported once for each: what is alike to the last word
 * is one, and nothing that a policy, a waiver or a VEX statement could ask about is lost. */
static void sort_findings(finding_list *findings)
{
	size_t n = 0;

	if (findings->n)
		qsort(findings->items, findings->n, sizeof(*findings->items), compare_findings);
	for (size_t i = 0; i < findings->n; i++)
		if (!n || finding_compare(&findings->items[n - 1], &findings->items[i]) != 0)
			findings->items[n++] = findings->items[i];
	findings->n = n;
}

static int print_envelope(struct tool *tool, const struct record_make *how, struct record *record,
			  struct str *ret, struct err *err)
{
	struct dsse envelope = {.payload_type = DSSE_STATEMENT_TYPE};
	autostr payload = STR_INIT;
	struct public_key key;

	sort_findings(&record->findings);
	record_count(record, record->counted);
	if (record_print(record, &payload, err) < 0)
		return -1;
	envelope.payload = payload.s;
	envelope.payload_len = payload.len;
	for (size_t i = 0; i < how->keys.n; i++)
		if (tool_sign(tool, how->keys.items[i], &envelope, &key, err) < 0)
			return -1;
	return dsse_print(&envelope, ret, err);
}

/* With LOCK, all of it, so that two imports of one image carry over each other's scans. */
static int store_all(struct tool *tool, const struct record_make *how, const struct gate_site *site,
		     struct gate_store *store, const struct record_source *sources, size_t n,
		     struct record *record, struct err *err)
{
	bool counts = how->keys.n || (site->policy && !site->policy->signers_required);
	const struct record *present;
	autostr envelope = STR_INIT;
	struct gate_found found;

	gate_site_find(site, record->image.config, NULL, tool->arena, &found);
	present = is_believed(site, &found) ? &found.record : NULL;
	if (take_statements(tool, sources, n, present, &record->image, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (take_source(tool, site, store, &sources[i], record, err) < 0)
			return -1;
	if ((how->sbom && take_sbom(tool, store, how->sbom, record, err) < 0) ||
	    (present && carry_over(tool, present, record, err) < 0))
		return -1;
	record->sequence++;
	if (!record->image.platform)
		return err_set(err, ERR_USAGE,
			       "%s: no report says the image's platform; --platform OS/ARCH does",
			       how->verb);
	if (print_envelope(tool, how, record, &envelope, err) < 0)
		return -1;
	if (counts ? gate_store_publish(store, record, envelope.s, envelope.len, err) < 0
		   : gate_store_put_pending(store, record->image.config, envelope.s, envelope.len,
					    err) < 0)
		return -1;
	printf("%s%s%s\n", record->image.config,
	       counts ? "" : " waits for: kanuki-gate sign --key FILE ",
	       counts ? "" : record->image.config);
	return 0;
}

static int fill_image(struct tool *tool, const struct record_make *how,
		      const struct record_source *sources, size_t n, struct record_image *image,
		      struct err *err)
{
	if (how->digest && tool_digest(tool, how->digest, &image->config, err) < 0)
		return -1;
	if (how->manifest && tool_digest(tool, how->manifest, &image->manifest, err) < 0)
		return -1;
	image->platform = how->platform;
	image->refs = how->refs;
	for (size_t i = 0; i < n && !image->config; i++)
		image->config = sources[i].report.subject.config;
	if (!image->config)
		return err_set(err, ERR_USAGE,
			       "%s: no report says of which image it is; --digest DIGEST does",
			       how->verb);
	for (size_t i = 0; i < n; i++)
		if (take_subject(tool, &sources[i].report.subject, sources[i].path, image, err) < 0)
			return -1;
	return 0;
}

int record_make(struct tool *tool, const struct record_make *how, const struct gate_site *site,
		const struct record_source *sources, size_t n, struct err *err)
{
	struct record record = {.issued_at = tool->now, .expires_at = tool->now + VALID_DAYS * DAY};
	struct gate_store store = GATE_STORE_INIT;
	int status;

	if (how->expires && tool_time(tool, "expires", how->expires, &record.expires_at, err) < 0)
		return -1;
	if (fill_image(tool, how, sources, n, &record.image, err) < 0 ||
	    tool_store(tool, &store, err) < 0)
		return -1;
	status = store_all(tool, how, site, &store, sources, n, &record, err);
	gate_store_close(&store);
	return status < 0 ? -1 : tool_log(tool, how->verb, record.image.config, how->told, err);
}
