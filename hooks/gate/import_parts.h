/* What the importers share.  For hooks/gate/import*.c and vex_*.c only; pure.
 *
 * Whoever built an image chose the names in it, so every string of a report is hostile:
 * bounded here, kept as it is, never looked into for anything but what its field means.
 */
#ifndef KANUKI_GATE_IMPORT_PARTS_H
#define KANUKI_GATE_IMPORT_PARTS_H

#include "base/json_stream.h"
#include "gate/import.h"

#define IMPORT_MAX_FINDINGS 65536u /* of one report: 50 MB of real ones are 13,000 */
#define IMPORT_MAX_ID	    256
#define IMPORT_MAX_NAME	    1024   /* of package, path, version, purl */
#define IMPORT_SKEW_S	    300

struct import {
	struct arena *arena;
	struct report *report;
	const struct import_hints *hints;
	const char *name;
	struct json_stream *stream; /* NULL for text */
};

/* One format.  begin: its selectors, beneath `prefix`; finish: what was seen -> the
 * report, once all is read. */
struct import_json {
	enum report_format format;
	void *(*begin)(struct import *imp, const char *prefix, struct err *err);
	int (*finish)(void *state, struct err *err);
};
extern const struct import_json import_trivy, import_grype, import_clair, import_sarif,
	import_cosign_vuln, import_cosign_custom, import_intoto_vulns, import_openvex,
	import_cyclonedx;

/* --- values --- */

/* A string; null, absent (v NULL) and "" are NULL.  Longer than `max`: ERR_SPEC. */
int import_string(struct import *imp, const struct json *v, size_t max, const char **ret,
		  struct err *err) __attribute__((warn_unused_result));
/* The same for what an image may have named: cut, with "..." at its end. */
int import_hostile(struct import *imp, const struct json *v, const char **ret, struct err *err)
	__attribute__((warn_unused_result));
/* The same for bytes that may not be UTF-8: those that aren't become \xNN; none are NULL. */
int import_bytes(struct import *imp, const char *text, size_t len, const char **ret,
		 struct err *err) __attribute__((warn_unused_result));
/* A purl too long to keep is as good as none: a cut one could match another's. */
int import_purl(struct import *imp, const struct json *v, const char **ret, struct err *err)
	__attribute__((warn_unused_result));
/* RFC 3339 with fraction and offset.  0: null, absent, "", or before 1970 (Go's zero). */
int import_time(const struct json *v, int64_t *ret, struct err *err)
	__attribute__((warn_unused_result));
/* "sha256:" and 64 lower-case digits, or ERR_SPEC; NULL when not said. */
int import_digest(struct import *imp, const struct json *v, const char **ret, struct err *err)
	__attribute__((warn_unused_result));
bool import_is_digest(const char *s);
/* "repository@sha256:..." of an array, to indexes and refs. */
int import_repo_digests(struct import *imp, const struct json *v, struct subject *subject,
			struct err *err) __attribute__((warn_unused_result));
int import_add(struct import *imp, struct str_list *list, const char *text, struct err *err)
	__attribute__((warn_unused_result));
/* An array or null: another type means a document that isn't understood. */
int import_expect_array(const struct json *v, struct err *err) __attribute__((warn_unused_result));
int import_expect_object(const struct json *v, struct err *err) __attribute__((warn_unused_result));
/* The number, in any way of writing it whole (2, 2.0): protobuf makes them doubles. */
bool import_is_number(const struct json *v, unsigned number);
bool import_is_text(const struct json *v, const char *text);
enum severity import_severity(const char *text); /* any case; NULL and unknown words are SEVERITY_UNKNOWN */
bool import_is_cve(const char *id);

/* --- the report --- */

struct finding *import_finding(struct import *imp, finding_list *list, enum scan_class scan_class,
			       struct err *err) __attribute__((warn_unused_result));
/* First reason stands, others are added while there is room. */
int import_incomplete(struct import *imp, struct scan *scan, struct err *err, const char *fmt, ...)
	__attribute__((format(printf, 4, 5), warn_unused_result));
int import_filter(struct import *imp, struct scan *scan, struct err *err, const char *fmt, ...)
	__attribute__((format(printf, 4, 5), warn_unused_result));
/* scanned_at and db_updated_at from what the report said (0: nothing) and the hints:
 * the older of two; further apart than the skew is ERR_SPEC. */
int import_times(struct import *imp, struct scan *scan, int64_t said, int64_t db_said,
		 struct err *err) __attribute__((warn_unused_result));
/* Classes that were seen, and those that the hints name and the scanner can look for; scan and
 * findings go to the report. */
int import_commit(struct import *imp, const struct scan *scan, const finding_list *findings,
		  struct err *err) __attribute__((warn_unused_result));

/* A whole report within one string: Trivy's or Grype's, into imp's report. */
int import_nested(struct import *imp, const char *text, size_t len, struct err *err)
	__attribute__((warn_unused_result));

/* --- detection --- */

struct import_detected {
	enum report_format format;
	bool statement; /* an in-toto statement around it */
	bool custom;	/* cosign's custom predicate: the report is a string */
};
struct import_detector;
struct import_detector *import_detect_new(struct err *err);
int import_detect_feed(struct import_detector *d, const char *text, size_t len, struct err *err)
	__attribute__((warn_unused_result));
int import_detect_end(struct import_detector *d, struct import_detected *ret, struct err *err)
	__attribute__((warn_unused_result));
void import_detect_free(struct import_detector *d);

/* What the hints say the format is and what it is are the same. */
int import_check_hint(const struct import_hints *hints, const struct import_detected *what,
		      struct err *err) __attribute__((warn_unused_result));

/* A run: bytes in, report out. */
struct import_run;
struct import_run *import_run_new(const struct import_detected *what, const char *name,
				  const struct import_hints *hints, struct arena *arena,
				  struct report *ret, struct err *err);
int import_run_feed(struct import_run *run, const char *text, size_t len, struct err *err)
	__attribute__((warn_unused_result));
int import_run_end(struct import_run *run, struct err *err) __attribute__((warn_unused_result));
void import_run_free(struct import_run *run);

/* ClamAV's log, line by line. */
void *import_clamav_begin(struct import *imp, struct err *err);
int import_clamav_feed(void *state, const char *text, size_t len, struct err *err)
	__attribute__((warn_unused_result));
int import_clamav_finish(void *state, struct err *err) __attribute__((warn_unused_result));

/* --- VEX --- */

/* purl, digest or reference -> what vex_statement.product may be matched with, and the
 * image digest that it is limited to. */
int vex_product(struct import *imp, const char *id, const char *subcomponent,
		const char **ret_product, const char **ret_image, struct err *err)
	__attribute__((warn_unused_result));
/* An element of an in-toto statement's subject: its digest, to *ret. */
int vex_subject(struct import *imp, const struct json *v, struct str_list *ret, struct err *err)
	__attribute__((warn_unused_result));
int vex_add(struct import *imp, const struct vex_statement *statement, struct err *err)
	__attribute__((warn_unused_result));
/* Of several statements on the same vulnerability, product and image the latest stays. */
void vex_keep_latest(vex_list *list);

#endif
