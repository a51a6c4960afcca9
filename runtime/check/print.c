/* A report for a terminal: what fails first, then the rest, then the demands. */
#include "config.h"

#include "check/check.h"

#include <string.h>

#include "base/banned.h"

static const char *const marks[VERDICT_COUNT] = {[VERDICT_UNKNOWN] = "unknown ",
						 [VERDICT_VIOLATED] = "VIOLATED",
						 [VERDICT_HELD] = "held    ",
						 [VERDICT_NOT_APPLICABLE] = "n/a     "};

static void add_counts(const size_t counts[VERDICT_COUNT], struct str *out)
{
	str_addf(out, "%zu held, %zu violated", counts[VERDICT_HELD], counts[VERDICT_VIOLATED]);
	if (counts[VERDICT_UNKNOWN])
		str_addf(out, ", %zu unknown", counts[VERDICT_UNKNOWN]);
	if (counts[VERDICT_NOT_APPLICABLE])
		str_addf(out, ", %zu not applicable", counts[VERDICT_NOT_APPLICABLE]);
}

static void add_head(const struct check_report *report, struct str *out)
{
	str_addf(out, "%s ", check_subject_name(report->subject));
	str_add_printable(out, report->name, strlen(report->name));
	str_addf(out, "  (%s", report->time);
	if (report->machine) {
		str_add(out, " on ");
		str_add_printable(out, report->machine, strlen(report->machine));
	}
	str_add(out, ")\n");
	add_counts(report->counts, out);
	str_add(out, "\n");
	if (report->has_plan) {
		str_addf(out, "by %s: ", report->policy);
		add_counts(report->planned_counts, out);
		str_add(out, "\n");
	} else if (report->refusal) {
		str_addf(out, "by %s it is refused: ", report->policy);
		str_add_printable(out, report->refusal, strlen(report->refusal));
		str_add(out, "\n");
	}
	for (size_t i = 0; i < report->notes.n; i++) {
		str_add(out, "note: ");
		str_add_printable(out, report->notes.items[i], strlen(report->notes.items[i]));
		str_add(out, "\n");
	}
}

static void add_finding(const struct check_report *report, const struct check_finding *f,
			struct str *out)
{
	str_addf(out, "\n%-8s  %-5s  %s\n", marks[f->verdict], f->item->id, f->item->title);
	str_addf(out, "                 %s\n", f->evidence);
	if (report->has_plan && f->planned != f->verdict)
		str_addf(out, "                 by %s %s: %s%s%s\n", report->policy,
			 check_verdict_name(f->planned), f->planned_evidence,
			 f->item->rules[0] ? "  # " : "", f->item->rules);
	if (f->verdict == VERDICT_VIOLATED || f->verdict == VERDICT_UNKNOWN)
		str_addf(out, "                 mend: %s\n", f->item->mend);
}

void check_print_table(const struct check_report *report, struct str *out)
{
	static const enum check_verdict order[] = {VERDICT_VIOLATED, VERDICT_UNKNOWN, VERDICT_HELD,
						   VERDICT_NOT_APPLICABLE};

	add_head(report, out);
	for (size_t v = 0; v < ARRAY_LEN(order); v++)
		for (size_t i = 0; i < report->findings.n; i++)
			if (report->findings.items[i].verdict == order[v])
				add_finding(report, &report->findings.items[i], out);
	for (enum check_standard s = 0; s < STANDARD_COUNT; s++) {
		str_addf(out, "\n%s\n", check_standard_name(s));
		for (size_t i = 0; i < check_demands_n; i++) {
			const struct check_demand *d = &check_demands[i];
			struct check_row row;

			if (d->standard != s)
				continue;
			row = check_row_of(report, d);
			if (row.standing == STANDING_JUDGED)
				str_addf(out, "  %-6s %-14s %s (%s)\n", d->number,
					 row.partly && row.verdict == VERDICT_HELD
						 ? "held in part"
						 : check_verdict_name(row.verdict),
					 d->title, row.items);
		}
	}
	str_add(out,
		"\n--html and --json list every demand, those outside of a runtime's reach too.\n");
}
