/* Scanners' reports, signed attestations and VEX documents -> struct report.
 *
 * Streams: a report of 50 MB is read with a few MB (base/json_stream.h).  Whatever a
 * format doesn't say (which scanners ran, when, with which database) stays unsaid; the
 * importer's caller may say it, and signs for it. */
#ifndef KANUKI_GATE_IMPORT_H
#define KANUKI_GATE_IMPORT_H

#include "base/arena.h"
#include "base/err.h"
#include "gate/types.h"

enum report_format {
	FORMAT_AUTO = 0,
	FORMAT_TRIVY,
	FORMAT_GRYPE,
	FORMAT_CLAIR,
	FORMAT_SARIF,
	FORMAT_CLAMAV,
	FORMAT_COSIGN_VULN,
	FORMAT_INTOTO_VULNS,
	FORMAT_OPENVEX,
	FORMAT_CYCLONEDX_VEX,
	FORMAT_COUNT
};

struct import_hints { /* what the person at the command says; 0 and NULL: nothing */
	enum report_format format;
	int64_t scanned_at, db_updated_at;
	unsigned classes;	/* 1 << enum scan_class */
	bool clamav_exit_said;	/* clamscan's exit status is known: ... */
	int clamav_exit;	/* ... this */
	bool clamav_exceeds_max; /* --alert-exceeds-max was on */
	int64_t max_skew_s;	/* between times that should be one; 0: five minutes */
};

/* Reads the report from `fd` (regular file or pipe, at most 64 MiB).  A statement or
 * envelope is given here as its decoded payload, verified before.  ERR_SPEC names the
 * place in the document. */
int report_import(int fd, const char *name, const struct import_hints *hints, struct arena *arena,
		  struct report *ret, struct err *err) __attribute__((warn_unused_result));
int report_import_bytes(const char *text, size_t len, const char *name,
			const struct import_hints *hints, struct arena *arena, struct report *ret,
			struct err *err) __attribute__((warn_unused_result));
const char *report_format_name(enum report_format format);

#endif
