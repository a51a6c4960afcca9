/* kanuki check: facts -> findings -> a report that an auditor can read.
 *
 * Three stages that don't mix: probe_*.c reads (and changes nothing), judge_*.c and
 * report.c decide (pure), print*.c renders (pure).  items.h is the only list of what
 * is judged, maps.h the only list of what others require.
 */
#ifndef KANUKI_CHECK_CHECK_H
#define KANUKI_CHECK_CHECK_H

#include "base/arena.h"
#include "base/err.h"
#include "base/list.h"
#include "base/str.h"
#include "check/facts.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum check_subject {
	CHECK_BUNDLE = 1 << 0,
	CHECK_CONTAINER = 1 << 1,
	CHECK_ROOTFS = 1 << 2,
	CHECK_HOST = 1 << 3,
	CHECK_POLICY = 1 << 4,
};
#define CHECK_CONFINEMENT (CHECK_BUNDLE | CHECK_CONTAINER)

/* Zero: nobody could tell, which is never taken for good. */
enum check_verdict {
	VERDICT_UNKNOWN = 0,
	VERDICT_VIOLATED,
	VERDICT_HELD,
	VERDICT_NOT_APPLICABLE, /* e.g. an AppArmor profile where the kernel runs no AppArmor */
	VERDICT_COUNT
};

/* What is known of the subject; the part of the subject is set, the others are NULL. */
struct check_facts {
	const struct check_confinement *confinement;
	const struct check_rootfs *rootfs;
	const struct check_host *host;
	const struct check_policy *policy;
};

/* Pure.  Writes the evidence (untrusted text in it is escaped). */
typedef enum check_verdict check_judge(const struct check_facts *facts, struct str *evidence);

struct check_item {
	const char *id; /* "K-01" */
	unsigned subjects;
	const char *title;
	const char *rules;			/* kanuki's own, "H-01 H-03"; "" where none */
	const char *reqs, *cis, *nist, *pci;	/* numbers in maps.h, separated by blanks */
	const char *means, *mend;
	check_judge *judge;
};
extern const struct check_item check_items[];
extern const size_t check_items_n;

struct check_finding {
	const struct check_item *item;
	enum check_verdict verdict;
	const char *evidence;
	/* Bundles only: the same item under kanuki's plan. */
	enum check_verdict planned;
	const char *planned_evidence;
};

struct check_report {
	struct arena *arena;
	enum check_subject subject;
	const char *name;	 /* what was looked at, as given */
	const char *time;	 /* RFC 3339, UTC */
	const char *machine;	 /* host name */
	const char *policy;	 /* bundles: the policy that the second column is by */
	const char *refusal;	 /* bundles: kanuki refuses it, why; NULL: it doesn't */
	bool has_plan;		 /* bundles: the second column is there */
	LIST_OF(struct check_finding) findings;
	size_t counts[VERDICT_COUNT], planned_counts[VERDICT_COUNT];
	struct str_list notes;	 /* what limits this report: unreadable parts, cut walks */
};

/* Judges every item of the subject.  `planned` NULL: no second column. */
int check_judge_all(struct check_report *report, const struct check_facts *facts,
		    const struct check_facts *planned, struct err *err)
	__attribute__((warn_unused_result));

/* --- what others require, and how it stands --- */
enum check_standard {
	STANDARD_REQUIREMENTS,
	STANDARD_CIS,
	STANDARD_NIST,
	STANDARD_PCI,
	STANDARD_COUNT
};

struct check_demand {
	enum check_standard standard;
	const char *number, *title;
	const char *outside; /* who is responsible for what no item of any subject tells; NULL: they tell all */
	const char *source;  /* where number and title are from, "unverified" where from nowhere checked */
};
extern const struct check_demand check_demands[];
extern const size_t check_demands_n;
const char *check_standard_name(enum check_standard standard);

enum check_standing {
	STANDING_OUTSIDE = 0,	/* demand->outside says whose it is */
	STANDING_ELSEWHERE,	/* another subject's items tell: `subjects` */
	STANDING_JUDGED,	/* `verdict`, the worst of its items */
};
struct check_row {
	const struct check_demand *demand;
	enum check_standing standing;
	enum check_verdict verdict;
	unsigned subjects;	/* that have items for it */
	unsigned others;	/* those among them that this report is not about */
	bool partly;		/* judged, but others or somebody outside have a part in it */
	char items[160]; /* "K-01 K-03" */
};
/* Pure; judged by the bundle's own words, not by the plan. */
struct check_row check_row_of(const struct check_report *report, const struct check_demand *demand);
/* held_partly: among those held. */
struct check_standard_counts { size_t verdicts[VERDICT_COUNT], held_partly, elsewhere, outside; };
struct check_standard_counts check_count_standard(const struct check_report *report,
						  enum check_standard standard);

const char *check_verdict_name(enum check_verdict verdict);
const char *check_subject_name(enum check_subject subject);
/* "container" or "bundle, container" for a set. */
const char *check_subject_names(unsigned subjects, char buf[64]);
/* `number` is one of the blank-separated `numbers`. */
bool check_has_number(const char *numbers, const char *number);

void check_print_table(const struct check_report *report, struct str *out);
int check_print_json(const struct check_report *report, struct str *out, struct err *err)
	__attribute__((warn_unused_result));
void check_print_html(const struct check_report *report, struct str *out);

#endif
