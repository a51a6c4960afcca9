/* A report as JSON: for machines, and for kanuki evidence. */
#include "config.h"

#include "check/check.h"

#include "base/json_out.h"

#include <string.h>

#include "base/banned.h"

static void put_counts(struct json_out *o, const char *key, const size_t counts[VERDICT_COUNT])
{
	json_out_object(o, key);
	json_out_u64(o, "held", counts[VERDICT_HELD]);
	json_out_u64(o, "violated", counts[VERDICT_VIOLATED]);
	json_out_u64(o, "unknown", counts[VERDICT_UNKNOWN]);
	json_out_u64(o, "notApplicable", counts[VERDICT_NOT_APPLICABLE]);
	json_out_end_object(o);
}

static int put_words(struct json_out *o, const char *key, const char *words, struct arena *arena,
		     struct err *err)
{
	char *copy = arena_strdup(arena, words), *word;

	if (!copy)
		return err_oom(err);
	json_out_array(o, key);
	while ((word = strsep(&copy, " ")))
		if (*word)
			json_out_string(o, NULL, word);
	json_out_end_array(o);
	return 0;
}

static int put_finding(struct json_out *o, const struct check_report *report,
		       const struct check_finding *f, struct err *err)
{
	const struct check_item *item = f->item;

	json_out_object(o, NULL);
	json_out_string(o, "id", item->id);
	json_out_string(o, "title", item->title);
	json_out_string(o, "verdict", check_verdict_name(f->verdict));
	json_out_string(o, "evidence", f->evidence);
	if (report->has_plan) {
		json_out_object(o, "planned");
		json_out_string(o, "verdict", check_verdict_name(f->planned));
		json_out_string(o, "evidence", f->planned_evidence);
		json_out_end_object(o);
	}
	json_out_string(o, "means", item->means);
	json_out_string(o, "mend", item->mend);
	if (put_words(o, "rules", item->rules, report->arena, err) < 0 ||
	    put_words(o, "requirements", item->reqs, report->arena, err) < 0 ||
	    put_words(o, "cis", item->cis, report->arena, err) < 0 ||
	    put_words(o, "nist", item->nist, report->arena, err) < 0 ||
	    put_words(o, "pci", item->pci, report->arena, err) < 0)
		return -1;
	json_out_end_object(o);
	return 0;
}

static int put_row(struct json_out *o, const struct check_report *report,
		   const struct check_demand *d, struct err *err)
{
	struct check_row row = check_row_of(report, d);
	char subjects[64];

	json_out_object(o, NULL);
	json_out_string(o, "number", d->number);
	json_out_string(o, "title", d->title);
	json_out_string(o, "source", d->source);
	switch (row.standing) {
	case STANDING_OUTSIDE:
		json_out_string(o, "status", "outside");
		json_out_string(o, "responsible", d->outside);
		break;
	case STANDING_ELSEWHERE:
		json_out_string(o, "status", "elsewhere");
		json_out_string(o, "subjects", check_subject_names(row.subjects, subjects));
		break;
	case STANDING_JUDGED:
		json_out_string(o, "status", check_verdict_name(row.verdict));
		json_out_bool(o, "partly", row.partly);
		if (row.others)
			json_out_string(o, "others", check_subject_names(row.others, subjects));
		if (d->outside)
			json_out_string(o, "responsible", d->outside);
		if (put_words(o, "items", row.items, report->arena, err) < 0)
			return -1;
		break;
	}
	json_out_end_object(o);
	return 0;
}

static int put_standards(struct json_out *o, const struct check_report *report, struct err *err)
{
	static const char *const keys[STANDARD_COUNT] = {"requirements", "cis", "nist", "pci"};

	json_out_object(o, "standards");
	for (enum check_standard s = 0; s < STANDARD_COUNT; s++) {
		json_out_array(o, keys[s]);
		for (size_t i = 0; i < check_demands_n; i++)
			if (check_demands[i].standard == s &&
			    put_row(o, report, &check_demands[i], err) < 0)
				return -1;
		json_out_end_array(o);
	}
	json_out_end_object(o);
	return 0;
}

static int put_report(struct json_out *o, const struct check_report *report, struct err *err)
{
	json_out_object(o, NULL);
	json_out_string(o, "subject", check_subject_name(report->subject));
	json_out_string(o, "name", report->name);
	json_out_string(o, "time", report->time);
	json_out_string(o, "machine", report->machine);
	put_counts(o, "counts", report->counts);
	if (report->policy)
		json_out_string(o, "policy", report->policy);
	if (report->has_plan)
		put_counts(o, "plannedCounts", report->planned_counts);
	if (report->refusal)
		json_out_string(o, "refusal", report->refusal);
	json_out_array(o, "notes");
	for (size_t i = 0; i < report->notes.n; i++)
		json_out_string(o, NULL, report->notes.items[i]);
	json_out_end_array(o);
	json_out_array(o, "findings");
	for (size_t i = 0; i < report->findings.n; i++)
		if (put_finding(o, report, &report->findings.items[i], err) < 0)
			return -1;
	json_out_end_array(o);
	if (put_standards(o, report, err) < 0)
		return -1;
	json_out_end_object(o);
	return json_out_finish(o, err);
}

int check_print_json(const struct check_report *report, struct str *out, struct err *err)
{
	struct json_out o = {.pretty = true};
	int r = put_report(&o, report, err);

	if (r == 0) {
		str_add(out, str_text(&o.text));
		str_add(out, "\n");
	}
	json_out_release(&o);
	return r;
}
