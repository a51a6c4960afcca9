/* What holds of every report that an importer took. */
#ifndef KANUKI_TESTS_GATE_PROMISES_H
#define KANUKI_TESTS_GATE_PROMISES_H

#include "base/str.h"
#include "gate/import_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define must(cond)                                                                                                     \
	do {                                                                                                           \
		if (!(cond)) {                                                                                         \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #cond);                                     \
			abort();                                                                                       \
		}                                                                                                      \
	} while (0)

static void text_promises(const char *text, size_t max)
{
	if (!text)
		return;
	must(text[0] && strlen(text) <= max);
	must(str_utf8_valid_prefix(text, strlen(text)) == strlen(text));
}

static void scan_promises(const struct scan *s)
{
	must(s->tool && s->tool[0] && s->format && s->format[0]);
	text_promises(s->tool, IMPORT_MAX_NAME);
	text_promises(s->tool_version, IMPORT_MAX_NAME);
	text_promises(s->os_family, IMPORT_MAX_NAME);
	text_promises(s->os_version, IMPORT_MAX_NAME);
	must(s->complete == !s->incomplete_why);
	must(s->scanned_at >= 0 && s->db_updated_at >= 0);
	must(!(s->classes & (1u << CLASS_NONE)) && s->classes < 1u << CLASS_COUNT);
	must(!s->evidence && !s->signer);
}

static void report_promises(const struct report *r)
{
	const struct subject *subject = &r->subject;
	must(!subject->config || import_is_digest(subject->config));
	must(!subject->manifest || import_is_digest(subject->manifest));
	for (size_t i = 0; i < subject->indexes.n; i++)
		must(import_is_digest(subject->indexes.items[i]));
	must(r->scans.n + r->vex.n > 0 && r->scans.n <= 1);
	for (size_t i = 0; i < r->scans.n; i++)
		scan_promises(&r->scans.items[i]);
	must(r->findings.n == 0 || r->scans.n == 1);
	for (size_t i = 0; i < r->findings.n; i++) {
		const struct finding *f = &r->findings.items[i];
		must(f->id && f->scan_class > CLASS_NONE && f->scan_class < CLASS_COUNT);
		must(r->scans.items[0].classes >> f->scan_class & 1);
		must((unsigned)f->severity < SEVERITY_COUNT && f->published >= 0);
		text_promises(f->id, IMPORT_MAX_NAME);
		text_promises(f->package, IMPORT_MAX_NAME);
		text_promises(f->version, IMPORT_MAX_NAME);
		text_promises(f->fixed_version, IMPORT_MAX_NAME);
		must(!f->alias || import_is_cve(f->alias));
		must(!f->purl || !strncmp(f->purl, "pkg:", 4));
	}
	for (size_t i = 0; i < r->vex.n; i++) {
		must(r->vex.items[i].vulnerability && r->vex.items[i].product);
		must(!r->vex.items[i].image || import_is_digest(r->vex.items[i].image));
		must(r->vex.items[i].status != VEX_UNKNOWN);
	}
}

/* Clean, by clamscan: its exit status, its own limits and its last summary all say so. */
static void clamav_promises(const struct report *r, const struct import_hints *hints, const char *text, size_t len)
{
	static const char summary[] = "----------- SCAN SUMMARY -----------";
	const size_t n = sizeof(summary) - 1;
	const char *last = NULL, *next = text, *end = text + len;
	if (strcmp(r->scans.items[0].tool, "clamav") != 0 || !r->scans.items[0].complete || r->findings.n > 0)
		return;
	must(hints->clamav_exit_said && hints->clamav_exit == 0 && hints->clamav_exceeds_max);
	while ((next = memmem(next, (size_t)(end - next), summary, n))) {
		const char *behind = next + n + (next + n < end && next[n] == '\r');
		if ((next == text || next[-1] == '\n') && (behind == end || *behind == '\n'))
			last = next;
		next++;
	}
	must(last && memmem(last, (size_t)(end - last), "\nInfected files:", 16));
	must(!memmem(text, len, " FOUND\n", 7));
}

/* What clamscan's log doesn't say, from a byte. */
static inline struct import_hints clamav_hints(uint8_t byte)
{
	return (struct import_hints){
		.clamav_exit_said = byte & 1,
		.clamav_exit = byte >> 1 & 3,
		.clamav_exceeds_max = byte >> 3 & 1,
		.scanned_at = byte & 16 ? 1795222818 : 0,
	};
}

/* Refused with a reason, or a report with every promise. */
static inline void import_promises(int r, const struct report *report, const struct err *err, const struct import_hints *hints,
				   const char *text, size_t len)
{
	if (r < 0) {
		must((err->kind == ERR_SPEC || err->kind == ERR_SYSTEM) && err->msg[0]);
		return;
	}
	report_promises(report);
	if (report->scans.n)
		clamav_promises(report, hints, text, len);
}

/* The format is what the hint says, or refused, or by the content. */
static inline void run_import(enum report_format format, const struct import_hints *given, const char *text, size_t len)
{
	struct arena arena = {.limit_bytes = 32 << 20};
	struct import_hints hints = *given;
	struct report report = {0};
	struct err err = ERR_INIT;
	hints.format = format;
	int r = report_import_bytes(text, len, "fuzz", &hints, &arena, &report, &err);
	must(r == 0 || (!report.scans.n && !report.findings.n));
	import_promises(r, &report, &err, &hints, text, len);
	arena_release(&arena);
}

/* One importer, whatever the bytes look like: nothing is lost to what detection refuses or knows as another's. */
static inline void run_importer(const struct import_detected *what, const struct import_hints *hints, const char *text, size_t len)
{
	struct arena arena = {.limit_bytes = 32 << 20};
	struct report report = {0};
	struct err err = ERR_INIT;
	struct import_run *run = import_run_new(what, "fuzz", hints, &arena, &report, &err);
	int r = run && import_run_feed(run, text, len, &err) == 0 ? import_run_end(run, &err) : -1;
	import_run_free(run);
	import_promises(r, &report, &err, hints, text, len);
	arena_release(&arena);
}

#endif
