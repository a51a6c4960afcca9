/* kanuki-gate import: scanners' reports become an image's record (record_make.h). */
#include "config.h"

#include "base/auto.h"
#include "gate/crypto.h"
#include "gate/findings.h"
#include "gate/import.h"
#include "gate/record_make.h"
#include "sys/file.h"
#include "sys/sys.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/banned.h"

#define PEEK	   4096
#define ENVELOPE_MAX ((size_t)16 << 20)

struct import_args {
	const char *digest, *manifest, *platform, *format, *scanned_at, *db_updated_at, *classes,
		*clamav_exit, *expires, *sbom;
	struct str_list keys, refs;
	bool clamav_exceeds_max;
};

#define OPT(kind, name, member, value, help)                                                       \
	{                                                                                          \
		name, kind, offsetof(struct import_args, member), value, help                      \
	}
static const struct tool_option options[] = {
	OPT(TOOL_STRING, "digest", digest, "DIGEST",
	    "the image's config digest (its id), which every report must be of"),
	OPT(TOOL_STRING, "manifest", manifest, "DIGEST", "its manifest's, if no report says it"),
	OPT(TOOL_STRING, "platform", platform, "OS/ARCH", "its platform, if no report says it"),
	OPT(TOOL_LIST, "ref", refs, "NAME", "what it is called; told, never believed"),
	OPT(TOOL_STRING, "format", format, "FORMAT", "of the reports, where it can't be seen"),
	OPT(TOOL_STRING, "scanned-at", scanned_at, "TIME",
	    "when it was scanned, if the report doesn't say"),
	OPT(TOOL_STRING, "db-updated-at", db_updated_at, "TIME",
	    "of which time the scanner's database is, if the report doesn't say"),
	OPT(TOOL_STRING, "classes", classes, "LIST",
	    "what was looked for: vuln,secret,malware,misconfig"),
	OPT(TOOL_STRING, "clamav-exit", clamav_exit, "N", "clamscan's exit status"),
	OPT(TOOL_FLAG, "clamav-exceeds-max", clamav_exceeds_max, NULL,
	    "clamscan ran with --alert-exceeds-max=yes"),
	OPT(TOOL_STRING, "sbom", sbom, "FILE",
	    "its list of packages, CycloneDX or SPDX as JSON: kept for rescan-list"),
	OPT(TOOL_STRING, "expires", expires, "TIME", "when the record ends (default: 7d)"),
	OPT(TOOL_LIST, "key", keys, "FILE",
	    "sign with this private key and let it count; else it waits for kanuki-gate sign"),
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
			return err_set(err, ERR_USAGE,
				       "import: --classes: '%.*s' is none of vuln, secret, "
				       "malware, misconfig",
				       (int)len, text);
		*ret |= 1u << class;
		text += len + (text[len] == ',');
	}
	return 0;
}

static int take_hints(const struct tool *tool, const struct import_args *args,
		      struct import_hints *ret, struct err *err)
{
	const char *status = args->clamav_exit;

	*ret = (struct import_hints){.clamav_exit = -1,
				     .clamav_exceeds_max = args->clamav_exceeds_max};
	if (status && (strlen(status) != 1 || status[0] < '0' || status[0] > '2'))
		return err_set(err, ERR_USAGE, "import: --clamav-exit: '%s' is none of 0, 1, 2",
			       status);
	if (status) {
		ret->clamav_exit = status[0] - '0';
		ret->clamav_exit_said = true;
	}
	if (args->scanned_at &&
	    tool_time(tool, "scanned-at", args->scanned_at, &ret->scanned_at, err) < 0)
		return -1;
	if (args->db_updated_at &&
	    tool_time(tool, "db-updated-at", args->db_updated_at, &ret->db_updated_at, err) < 0)
		return -1;
	return take_format(args->format, &ret->format, err) < 0 ||
			       take_classes(args->classes, &ret->classes, err) < 0
		       ? -1
		       : 0;
}

/* --- the reports --- */

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
	*ret = contains(head, (size_t)n, "\"payloadType\"") ||
	       contains(head, (size_t)n, "\"payload\"") ||
	       contains(head, (size_t)n, "\"dsseEnvelope\"") ||
	       contains(head, (size_t)n, "application/vnd.dev.sigstore.bundle");
	return 0;
}

/* Its payload is read only when a key of ours is behind it. */
static int take_envelope(struct tool *tool, const struct gate_site *site,
			 struct record_source *source, const struct import_hints *hints,
			 struct err *err)
{
	signer_list signers = {0};
	struct dsse envelope;
	char *text;
	size_t len;

	if (file_read_fd(source->fd, source->path, ENVELOPE_MAX, tool->arena, &text, &len, err) <
		    0 ||
	    dsse_parse(tool->arena, text, len, &envelope, err) < 0 ||
	    gate_signers(site, &envelope, tool->arena, &signers, err) < 0)
		return -1;
	for (size_t i = 0; i < signers.n && !source->signer; i++)
		if ((signers.items[i].roles & (ROLE_SCANNER | ROLE_VEX)) &&
		    !signers.items[i].revoked && !signers.items[i].out_of_time)
			source->signer = signers.items[i].keyid;
	if (!source->signer)
		return err_set(
			err, ERR_STATE, "%s (kanuki-gate keys list)",
			signers.n ? "who signed it has neither role, scanner or vex, here and now"
				  : "no key of the site's has signed it");
	return report_import_bytes(envelope.payload, envelope.payload_len, source->path, hints,
				   tool->arena, &source->report, err);
}

static int read_source(struct tool *tool, const struct gate_site *site,
		       struct record_source *source, const struct import_hints *hints,
		       struct err *err)
{
	struct stat *st = &source->before;
	bool envelope = false;

	source->fd = sys_open(source->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0);
	if (source->fd < 0 || sys_fstat(source->fd, st) < 0)
		return err_sys(err, "open '%s'", source->path);
	if (!S_ISREG(st->st_mode))
		return err_set(err, ERR_USAGE,
			       "'%s' is no regular file; evidence is kept, so it is read twice",
			       source->path);
	if (is_envelope(source->fd, source->path, &envelope, err) < 0)
		return -1;
	if (envelope ? take_envelope(tool, site, source, hints, err) < 0
		     : report_import(source->fd, source->path, hints, tool->arena, &source->report,
				     err) < 0)
		return err_context(err, "'%s'", source->path);
	return sys_lseek(source->fd, 0, SEEK_SET) < 0
		       ? err_sys(err, "read '%s' again", source->path)
		       : 0;
}

static int run_with(struct tool *tool, const struct import_args *args,
		    struct record_source *sources, struct err *err)
{
	const struct record_make how = {.verb = "import",
					.told = tool->args[0],
					.digest = args->digest,
					.manifest = args->manifest,
					.platform = args->platform,
					.expires = args->expires,
					.sbom = args->sbom,
					.keys = args->keys,
					.refs = args->refs};
	autosite site = {.store = GATE_STORE_INIT};
	struct import_hints hints;

	if (take_hints(tool, args, &hints, err) < 0 || tool_site(tool, NULL, &site, err) < 0)
		return -1;
	for (size_t i = 0; i < tool->n_args; i++) {
		sources[i].path = tool->args[i];
		if (read_source(tool, &site, &sources[i], &hints, err) < 0)
			return -1;
	}
	return record_make(tool, &how, &site, sources, tool->n_args, err);
}

static int run(struct tool *tool, void *args, struct err *err)
{
	struct record_source *sources = arena_array(tool->arena, tool->n_args, sizeof(*sources));
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

const struct verb verb_import = {.name = "import",
				 .synopsis = "[OPTIONS] REPORT...",
				 .summary = "make an image's record of scanners' reports",
				 .options = options,
				 .n_options = ARRAY_LEN(options),
				 .args_size = sizeof(struct import_args),
				 .min_args = 1,
				 .max_args = 32,
				 .failure_status = EXIT_TOOL_FAILED,
				 .run = run};
