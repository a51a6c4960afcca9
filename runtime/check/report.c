/* Facts -> findings -> how each demand stands.  Pure; no wording beyond the tables'. */
#include "config.h"

#include "check/check.h"
#include "check/maps.h"

#include <stdio.h>
#include <string.h>

#include "base/banned.h"

#define AS_DEMAND(standard_, number_, title_, outside_, source_)                                   \
	{.standard = (standard_),                                                                  \
	 .number = (number_),                                                                      \
	 .title = (title_),                                                                        \
	 .outside = (outside_),                                                                    \
	 .source = (source_)},

const struct check_demand check_demands[] = {CHECK_DEMANDS(AS_DEMAND)};
const size_t check_demands_n = ARRAY_LEN(check_demands);

static int judge_one(struct check_report *report, const struct check_item *item,
		     const struct check_facts *facts, enum check_verdict *ret,
		     const char **ret_evidence, struct err *err)
{
	autostr evidence = STR_INIT;
	enum check_verdict verdict = item->judge(facts, &evidence);
	const char *text =
		str_failed(&evidence) ? NULL : arena_strdup(report->arena, str_text(&evidence));

	if (!text)
		return err_oom(err);
	*ret = verdict;
	*ret_evidence = text;
	return 0;
}

int check_judge_all(struct check_report *report, const struct check_facts *facts,
		    const struct check_facts *planned, struct err *err)
{
	for (size_t i = 0; i < check_items_n; i++) {
		const struct check_item *item = &check_items[i];
		struct check_finding *f;

		if (!(item->subjects & report->subject))
			continue;
		f = ARENA_PUSH(report->arena, &report->findings);
		if (!f)
			return err_oom(err);
		f->item = item;
		if (judge_one(report, item, facts, &f->verdict, &f->evidence, err) < 0)
			return -1;
		report->counts[f->verdict]++;
		if (!planned)
			continue;
		if (judge_one(report, item, planned, &f->planned, &f->planned_evidence, err) < 0)
			return -1;
		report->planned_counts[f->planned]++;
	}
	report->has_plan = planned != NULL;
	return 0;
}

static const char *numbers_of(const struct check_item *item, enum check_standard standard)
{
	switch (standard) {
	case STANDARD_REQUIREMENTS:
		return item->reqs;
	case STANDARD_CIS:
		return item->cis;
	case STANDARD_NIST:
		return item->nist;
	case STANDARD_PCI:
		return item->pci;
	case STANDARD_COUNT:
		break;
	}
	return "";
}

/* Violated before unknown before held: one item that fails, fails the demand. */
static enum check_verdict worse(enum check_verdict a, enum check_verdict b)
{
	static const int rank[VERDICT_COUNT] = {[VERDICT_VIOLATED] = 3,
						[VERDICT_UNKNOWN] = 2,
						[VERDICT_HELD] = 1,
						[VERDICT_NOT_APPLICABLE] = 0};

	return rank[a] >= rank[b] ? a : b;
}

static void add_item(struct check_row *row, const char *id)
{
	size_t len = strlen(row->items);

	/* cut where an item no longer fits: ids are never cut in two */
	if (len + strlen(id) + 2 <= sizeof(row->items))
		(void)snprintf(row->items + len, sizeof(row->items) - len, "%s%s", len ? " " : "",
			       id);
}

struct check_row check_row_of(const struct check_report *report, const struct check_demand *demand)
{
	struct check_row row = {
		.demand = demand, .standing = STANDING_OUTSIDE, .verdict = VERDICT_NOT_APPLICABLE};

	for (size_t i = 0; i < check_items_n; i++)
		if (check_has_number(numbers_of(&check_items[i], demand->standard), demand->number))
			row.subjects |= check_items[i].subjects;
	if (!row.subjects)
		return row;
	row.standing = STANDING_ELSEWHERE;
	row.others =
		row.subjects & ~(report->subject & CHECK_CONFINEMENT ? (unsigned)CHECK_CONFINEMENT
								     : (unsigned)report->subject);
	for (size_t i = 0; i < report->findings.n; i++) {
		const struct check_finding *f = &report->findings.items[i];
		if (!check_has_number(numbers_of(f->item, demand->standard), demand->number))
			continue;
		row.standing = STANDING_JUDGED;
		row.verdict = worse(row.verdict, f->verdict);
		add_item(&row, f->item->id);
	}
	row.partly = row.standing == STANDING_JUDGED && (row.others || demand->outside);
	return row;
}

struct check_standard_counts check_count_standard(const struct check_report *report,
						  enum check_standard standard)
{
	struct check_standard_counts counts = {0};

	for (size_t i = 0; i < check_demands_n; i++) {
		struct check_row row;

		if (check_demands[i].standard != standard)
			continue;
		row = check_row_of(report, &check_demands[i]);
		switch (row.standing) {
		case STANDING_JUDGED:
			counts.verdicts[row.verdict]++;
			counts.held_partly += row.partly && row.verdict == VERDICT_HELD;
			break;
		case STANDING_ELSEWHERE:
			counts.elsewhere++;
			break;
		case STANDING_OUTSIDE:
			counts.outside++;
			break;
		}
	}
	return counts;
}
