/* A report of the gate's importers as text, one fact a line: what golden files hold. */
#ifndef KANUKI_TESTS_GATE_REPORT_H
#define KANUKI_TESTS_GATE_REPORT_H

#include "base/rfc3339.h"
#include "base/str.h"
#include "gate/import.h"

#include <string.h>

static const char *const report_classes[CLASS_COUNT] = {"none", "vuln", "secret", "malware", "misconfig"};
static const char *const report_severities[SEVERITY_COUNT] = {"unknown", "negligible", "low", "medium", "high", "critical"};
static const char *const report_fixes[] = {"unknown", "fixed", "none", "wont"};
static const char *const report_vex[] = {"unknown", "not_affected", "fixed", "affected", "investigated"};

static void report_text(struct str *out, const char *name, const char *value)
{
	if (!value)
		return;
	str_addf(out, " %s=", name);
	str_add_printable(out, value, strlen(value));
}

static void report_time(struct str *out, const char *name, int64_t at)
{
	char text[RFC3339_SIZE];
	if (!at)
		return;
	rfc3339_format(at, text);
	report_text(out, name, text);
}

static void report_list(struct str *out, const char *name, const struct str_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		report_text(out, name, list->items[i]);
}

static void report_scan(struct str *out, const struct scan *s)
{
	str_add(out, "scan");
	report_text(out, "tool", s->tool);
	report_text(out, "version", s->tool_version);
	report_text(out, "format", s->format);
	for (unsigned i = 0; i < CLASS_COUNT; i++)
		if (s->classes >> i & 1)
			report_text(out, "class", report_classes[i]);
	report_time(out, "at", s->scanned_at);
	report_time(out, "db", s->db_updated_at);
	report_text(out, "os", s->os_family);
	report_text(out, "os-version", s->os_version);
	str_add(out, s->os_end_of_life ? " end-of-life" : "");
	report_list(out, "filter", &s->filters);
	str_add(out, s->complete ? " complete" : " incomplete:");
	if (!s->complete)
		str_addf(out, " %s", s->incomplete_why ? s->incomplete_why : "(no reason)");
	str_add(out, "\n");
}

static void report_print(struct str *out, const struct report *r)
{
	str_add(out, "subject");
	report_text(out, "config", r->subject.config);
	report_text(out, "manifest", r->subject.manifest);
	report_list(out, "index", &r->subject.indexes);
	report_list(out, "about", &r->subject.about);
	report_text(out, "os", r->subject.os);
	report_text(out, "arch", r->subject.architecture);
	report_text(out, "variant", r->subject.variant);
	report_list(out, "ref", &r->subject.refs);
	str_add(out, "\n");
	for (size_t i = 0; i < r->scans.n; i++)
		report_scan(out, &r->scans.items[i]);
	for (size_t i = 0; i < r->findings.n; i++) {
		const struct finding *f = &r->findings.items[i];
		str_addf(out, "finding %s %s", report_classes[f->scan_class], report_severities[f->severity]);
		report_text(out, "id", f->id);
		report_text(out, "alias", f->alias);
		report_text(out, "package", f->package);
		report_text(out, "version", f->version);
		report_text(out, "fixed", f->fixed_version);
		report_text(out, "fix", report_fixes[f->fix]);
		report_text(out, "purl", f->purl);
		report_time(out, "published", f->published);
		str_add(out, f->known_exploited ? " exploited\n" : "\n");
	}
	for (size_t i = 0; i < r->vex.n; i++) {
		const struct vex_statement *v = &r->vex.items[i];
		str_addf(out, "vex %s", report_vex[v->status]);
		report_text(out, "id", v->vulnerability);
		report_text(out, "because", v->justification);
		report_text(out, "product", v->product);
		report_text(out, "image", v->image);
		report_time(out, "at", v->at);
		str_add(out, "\n");
	}
}

#endif
