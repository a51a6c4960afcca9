/* kanuki-gate import: scanners' reports become an image's record.
 *
 * What the record says of a class comes from the newest scan for it: the reports given now,
 * and for classes that none of them speaks of, the record that is there.  The evidence is
 * stored before the record that names it. */
#include "config.h"

#include "base/auto.h"
#include "gate/crypto.h"
#include "gate/findings.h"
#include "gate/import.h"
#include "gate/record.h"
#include "gate/tool.h"
#include "sys/file.h"
#include "sys/sys.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/banned.h"

#define DAY	   INT64_C(86400)
#define VALID_DAYS 7
#define PEEK	   4096
#define ENVELOPE_MAX ((size_t)16 << 20)

struct import_args {
	const char *digest, *manifest, *platform, *format, *scanned_at, *db_updated_at, *classes, *clamav_exit, *expires;
	struct str_list keys, refs;
	bool clamav_exceeds_max;
};

#define OPT(kind, name, member, value, help) {name, kind, offsetof(struct import_args, member), value, help}
static const struct tool_option options[] = {
	OPT(TOOL_STRING, "digest", digest, "DIGEST", "the image's config digest (its id), which every report must be of"),
	OPT(TOOL_STRING, "manifest", manifest, "DIGEST", "its manifest's, if no report says it"),
	OPT(TOOL_STRING, "platform", platform, "OS/ARCH", "its platform, if no report says it"),
	OPT(TOOL_LIST, "ref", refs, "NAME", "what it is called; told, never believed"),
	OPT(TOOL_STRING, "format", format, "FORMAT", "of the reports, where it can't be seen"),
	OPT(TOOL_STRING, "scanned-at", scanned_at, "TIME", "when it was scanned, if the report doesn't say"),
	OPT(TOOL_STRING, "db-updated-at", db_updated_at, "TIME", "of which time the scanner's database is, if the report doesn't say"),
	OPT(TOOL_STRING, "classes", classes, "LIST", "what was looked for: vuln,secret,malware,misconfig"),
	OPT(TOOL_STRING, "clamav-exit", clamav_exit, "N", "clamscan's exit status"),
	OPT(TOOL_FLAG, "clamav-exceeds-max", clamav_exceeds_max, NULL, "clamscan ran with --alert-exceeds-max=yes"),
	OPT(TOOL_STRING, "expires", expires, "TIME", "when the record ends (default: 7d)"),
	OPT(TOOL_LIST, "key", keys, "FILE", "sign with this private key and let it count; else it waits for kanuki-gate sign"),
};

static int take_format(const char *text, enum report_format *ret, struct err *err)
{
	for (unsigned f = FORMAT_AUTO; text && f < FORMAT_COUNT; f++)
		if (strcmp(text, report_format_name((enum report_format)f)) == 0) {
			*ret = (enum report_format)f;
			return 0;
		}
	return text ? err_set(err, ERR_USAGE, "import: --format: '%s' is unknown", text) : 0;
}

static int take_classes(const char *text, unsigned *ret, struct err *err)
{
	while (text && *text) {
		size_t len = strcspn(text, ",");
		unsigned class;

		for (class = CLASS_NONE + 1; class < CLASS_COUNT; class++)
			if (strlen(scan_class_name((enum scan_class)class)) == len &&
			    strncmp(text, scan_class_name((enum scan_class)class), len) == 0)
				break;
		if (class == CLASS_COUNT)
			return err_set(err, ERR_USAGE, "import: --classes: '%.*s' is none of vuln, secret, malware, misconfig", (int)len, text);
		*ret |= 1u << class;
		text += len + (text[len] == ',');
	}
	return 0;
}

static int take_hints(const struct tool *tool, const struct import_args *args, struct import_hints *ret, struct err *err)
{
	const char *status = args->clamav_exit;

	*ret = (struct import_hints){.clamav_exit = -1, .clamav_exceeds_max = args->clamav_exceeds_max};
	if (status && (strlen(status) != 1 || status[0] < '0' || status[0] > '2'))
		return err_set(err, ERR_USAGE, "import: --clamav-exit: '%s' is none of 0, 1, 2", status);
	if (status) {
		ret->clamav_exit = status[0] - '0';
		ret->clamav_exit_said = true;
	}
	if (args->scanned_at && tool_time(tool, "scanned-at", args->scanned_at, &ret->scanned_at, err) < 0)
		return -1;
	if (args->db_updated_at && tool_time(tool, "db-updated-at", args->db_updated_at, &ret->db_updated_at, err) < 0)
		return -1;
	return take_format(args->format, &ret->format, err) < 0 || take_classes(args->classes, &ret->classes, err) < 0 ? -1 : 0;
}

/* --- the subject --- */

static bool is_among(const struct str_list *list, const char *text)
{
	for (size_t i = 0; i < list->n; i++)
		if (strcmp(list->items[i], text) == 0)
			return true;
	return false;
}

static int add_text(struct tool *tool, struct str_list *list, const char *text, struct err *err)
{
	const char **slot = is_among(list, text) ? &text : ARENA_PUSH(tool->arena, list);

	if (!slot)
		return err_oom(err);
	*slot = text;
	return 0;
}

/* A report of another image is refused; one that names none must be vouched for by --digest. */
static int take_subject(struct tool *tool, const struct subject *subject, const char *name, struct record_image *image, struct err *err)
{
	if (subject->config && strcmp(subject->config, image->config) != 0)
		return err_set(err, ERR_STATE, "'%s' is a report of %s, not of %s", name, subject->config, image->config);
	if (subject->manifest && image->manifest && strcmp(subject->manifest, image->manifest) != 0)
		return err_set(err, ERR_STATE, "'%s' is a report of manifest %s, not of %s", name, subject->manifest, image->manifest);
	if (subject->manifest)
		image->manifest = subject->manifest;
	if (subject->os && subject->architecture) {
		const char *platform = arena_printf(tool->arena, "%s/%s%s%s", subject->os, subject->architecture,
						    subject->variant ? "/" : "", subject->variant ? subject->variant : "");

		if (!platform)
			return err_oom(err);
		if (image->platform && strcmp(image->platform, platform) != 0)
			return err_set(err, ERR_STATE, "'%s' is a report of an image for %s, not for %s", name, platform, image->platform);
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

/* --- the record --- */

static int add_scan(struct tool *tool, struct record *record, const struct scan *scan, const char *evidence, const char *signer, struct err *err)
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

static int add_findings(struct tool *tool, struct record *record, const finding_list *findings, unsigned classes, struct err *err)
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
static int carry_over(struct tool *tool, const struct record *present, struct record *record, struct err *err)
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
	for (size_t i = 0; i < present->image.indexes.n; i++)
		if (add_text(tool, &record->image.indexes, present->image.indexes.items[i], err) < 0)
			return -1;
	if (!record->image.manifest)
		record->image.manifest = present->image.manifest;
	if (!record->image.platform)
		record->image.platform = present->image.platform;
	record->sequence = present->sequence;
	return 0;
}

/* --- the reports --- */

struct source {
	const char *path;
	int fd;
	struct report report;
	const char *signer; /* of the envelope, or NULL */
};

static bool contains(const char *text, size_t len, const char *word)
{
	return memmem(text, len, word, strlen(word)) != NULL;
}

/* Whether it is an envelope is seen at its beginning; reports are read in pieces, not whole. */
static int is_envelope(int fd, const char *path, bool *ret, struct err *err)
{
	char head[PEEK];
	ssize_t n = sys_pread(fd, head, sizeof(head), 0);

	if (n < 0)
		return err_sys(err, "read '%s'", path);
	*ret = contains(head, (size_t)n, "\"payloadType\"") || contains(head, (size_t)n, "\"payload\"") ||
	       contains(head, (size_t)n, "\"dsseEnvelope\"") || contains(head, (size_t)n, "application/vnd.dev.sigstore.bundle");
	return 0;
}

/* Its payload is read only when a key of ours is behind it. */
static int take_envelope(struct tool *tool, const struct gate_site *site, struct source *source, const struct import_hints *hints,
			 struct err *err)
{
	signer_list signers = {0};
	struct dsse envelope;
	char *text;
	size_t len;

	if (file_read_fd(source->fd, source->path, ENVELOPE_MAX, tool->arena, &text, &len, err) < 0 ||
	    dsse_parse(tool->arena, text, len, &envelope, err) < 0 || gate_signers(site, &envelope, tool->arena, &signers, err) < 0)
		return -1;
	for (size_t i = 0; i < signers.n && !source->signer; i++)
		if ((signers.items[i].roles & (ROLE_SCANNER | ROLE_VEX)) && !signers.items[i].revoked && !signers.items[i].out_of_time)
			source->signer = signers.items[i].keyid;
	if (!source->signer)
		return err_set(err, ERR_STATE, "%s (kanuki-gate keys list)",
			       signers.n ? "who signed it has neither role, scanner or vex, here and now" : "no key of the site's has signed it");
	return report_import_bytes(envelope.payload, envelope.payload_len, source->path, hints, tool->arena, &source->report, err);
}

static int read_source(struct tool *tool, const struct gate_site *site, struct source *source, const struct import_hints *hints,
		       struct err *err)
{
	bool envelope = false;
	struct stat st;

	source->fd = sys_open(source->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0);
	if (source->fd < 0 || sys_fstat(source->fd, &st) < 0)
		return err_sys(err, "open '%s'", source->path);
	if (!S_ISREG(st.st_mode))
		return err_set(err, ERR_USAGE, "'%s' is no regular file; evidence is kept, so it is read twice", source->path);
	if (is_envelope(source->fd, source->path, &envelope, err) < 0)
		return -1;
	if (envelope ? take_envelope(tool, site, source, hints, err) < 0 :
		       report_import(source->fd, source->path, hints, tool->arena, &source->report, err) < 0)
		return err_context(err, "'%s'", source->path);
	return sys_lseek(source->fd, 0, SEEK_SET) < 0 ? err_sys(err, "read '%s' again", source->path) : 0;
}

/* With LOCK: the evidence into the store, what it says into the record. */
static int take_source(struct tool *tool, struct gate_store *store, const struct source *source, struct record *record, struct err *err)
{
	const struct report *report = &source->report;
	const char *evidence;
	char digest[72];

	if (gate_store_put_fd(store, "objects", source->fd, digest, err) < 0)
		return -1;
	evidence = arena_strdup(tool->arena, digest);
	if (!evidence)
		return err_oom(err);
	for (size_t i = 0; i < report->scans.n; i++) {
		if (report->scans.items[i].scanned_at > tool->now + DAY)
			return err_set(err, ERR_SPEC, "'%s': the scan lies in the future", source->path);
		if (add_scan(tool, record, &report->scans.items[i], evidence, source->signer, err) < 0)
			return -1;
	}
	for (size_t i = 0; i < report->vex.n; i++) {
		struct vex_statement *slot = ARENA_PUSH(tool->arena, &record->vex);

		if (!slot)
			return err_oom(err);
		*slot = report->vex.items[i];
		slot->evidence = evidence;
		slot->signer = source->signer;
	}
	return add_findings(tool, record, &report->findings, ~0u, err);
}

static int take_present(struct tool *tool, const struct gate_store *store, struct record *record, struct err *err)
{
	const char *text, *config;
	struct record present;
	struct dsse envelope;
	bool wrong_type = false;
	struct err broken = ERR_INIT;
	size_t len;
	int found = gate_store_current(store, record->image.config, NULL, tool->arena, &text, &len, &config, err);

	if (found != 1)
		return found;
	/* One that can't be read has nothing to carry over; it admits nothing either. */
	if (dsse_parse(tool->arena, text, len, &envelope, &broken) < 0 ||
	    record_parse(tool->arena, envelope.payload, envelope.payload_len, &present, &wrong_type, &broken) < 0 || wrong_type)
		return 0;
	return carry_over(tool, &present, record, err);
}

static int compare_findings(const void *a, const void *b)
{
	return finding_compare(a, b);
}

static int print_envelope(struct tool *tool, const struct import_args *args, struct record *record, struct str *ret, struct err *err)
{
	struct dsse envelope = {.payload_type = DSSE_STATEMENT_TYPE};
	autostr payload = STR_INIT;
	struct public_key key;

	if (record->findings.n)
		qsort(record->findings.items, record->findings.n, sizeof(*record->findings.items), compare_findings);
	record_count(record, record->counted);
	if (record_print(record, &payload, err) < 0)
		return -1;
	envelope.payload = payload.s;
	envelope.payload_len = payload.len;
	for (size_t i = 0; i < args->keys.n; i++)
		if (tool_sign(tool, args->keys.items[i], &envelope, &key, err) < 0)
			return -1;
	return dsse_print(&envelope, ret, err);
}

/* With LOCK, all of it, so that two imports of one image carry over each other's scans. */
static int store_all(struct tool *tool, const struct import_args *args, const struct gate_site *site, struct gate_store *store,
		     const struct source *sources, struct record *record, struct err *err)
{
	bool counts = args->keys.n || (site->policy && !site->policy->signers_required);
	autostr envelope = STR_INIT;

	for (size_t i = 0; i < tool->n_args; i++)
		if (take_source(tool, store, &sources[i], record, err) < 0)
			return -1;
	if (take_present(tool, store, record, err) < 0)
		return -1;
	record->sequence++;
	if (!record->image.platform)
		return err_set(err, ERR_USAGE, "import: no report says the image's platform; --platform OS/ARCH does");
	if (print_envelope(tool, args, record, &envelope, err) < 0)
		return -1;
	if (counts ? gate_store_publish(store, record, envelope.s, envelope.len, err) < 0 :
		     gate_store_put_pending(store, record->image.config, envelope.s, envelope.len, err) < 0)
		return -1;
	printf("%s%s%s\n", record->image.config, counts ? "" : " waits for: kanuki-gate sign --key FILE ", counts ? "" : record->image.config);
	return 0;
}

static int fill_image(struct tool *tool, const struct import_args *args, const struct source *sources, struct record_image *image,
		      struct err *err)
{
	if (args->digest && tool_digest(tool, args->digest, &image->config, err) < 0)
		return -1;
	if (args->manifest && tool_digest(tool, args->manifest, &image->manifest, err) < 0)
		return -1;
	image->platform = args->platform;
	image->refs = args->refs;
	for (size_t i = 0; i < tool->n_args && !image->config; i++)
		image->config = sources[i].report.subject.config;
	if (!image->config)
		return err_set(err, ERR_USAGE, "import: no report says of which image it is; --digest DIGEST does");
	for (size_t i = 0; i < tool->n_args; i++)
		if (take_subject(tool, &sources[i].report.subject, sources[i].path, image, err) < 0)
			return -1;
	return 0;
}

static int run_with(struct tool *tool, const struct import_args *args, struct source *sources, struct err *err)
{
	autosite site = {.store = GATE_STORE_INIT};
	struct gate_store store = GATE_STORE_INIT;
	struct import_hints hints;
	struct record record = {.issued_at = tool->now, .expires_at = tool->now + VALID_DAYS * DAY};
	int status;

	if (args->expires && tool_time(tool, "expires", args->expires, &record.expires_at, err) < 0)
		return -1;
	if (take_hints(tool, args, &hints, err) < 0 || tool_site(tool, NULL, &site, err) < 0)
		return -1;
	for (size_t i = 0; i < tool->n_args; i++) {
		sources[i].path = tool->args[i];
		if (read_source(tool, &site, &sources[i], &hints, err) < 0)
			return -1;
	}
	if (fill_image(tool, args, sources, &record.image, err) < 0 || tool_store(tool, &store, err) < 0)
		return -1;
	status = store_all(tool, args, &site, &store, sources, &record, err);
	gate_store_close(&store);
	return status < 0 ? -1 : tool_log(tool, "import", record.image.config, tool->args[0], err);
}

static int run(struct tool *tool, void *args, struct err *err)
{
	struct source *sources = arena_array(tool->arena, tool->n_args, sizeof(*sources));
	int status;

	if (!sources)
		return err_oom(err);
	for (size_t i = 0; i < tool->n_args; i++)
		sources[i].fd = -1;
	status = run_with(tool, args, sources, err);
	for (size_t i = 0; i < tool->n_args; i++)
		auto_close_fd(&sources[i].fd);
	return status;
}

const struct verb verb_import = {.name = "import", .synopsis = "[OPTIONS] REPORT...", .summary = "make an image's record of scanners' reports",
				 .options = options, .n_options = ARRAY_LEN(options), .args_size = sizeof(struct import_args), .min_args = 1,
				 .max_args = 32, .failure_status = EXIT_TOOL_FAILED, .run = run};
