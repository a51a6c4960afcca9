/* The parts of gate_decide(), one file per topic; internal to decide*.c.
 *
 * Each part asks everything and adds its reasons; the verdict is made of what was added
 * (decide.c).  What a part can't know counts against the image.
 */
#ifndef KANUKI_GATE_JUDGE_H
#define KANUKI_GATE_JUDGE_H

#include "gate/decide.h"

struct judge {
	const struct gate_input *in;
	const struct gate_policy *policy; /* one of those that hold */
	const struct gate_request *request;
	const struct record *record; /* of this image and sound; NULL: there is none */
	bool sorted;		     /* its findings */
	bool denied;		     /* something was added that denies ... */
	bool lasting;		     /* ... and that no break-glass lifts */
	bool always;		     /* ... and that not even mode audit lets through */
	struct gate_result *ret;
};

/* Formats, makes it printable ASCII, cuts it to fit.  The same reason twice is one. */
void judge_add(struct judge *j, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* What is to be asked about the subject. */
enum subject_needs { NEEDS_NOTHING = 0, NEEDS_DEPLOYER = 1 << 0, NEEDS_SCAN = 1 << 1 };
unsigned judge_identity(struct judge *j); /* decide_identity.c; enum subject_needs bits */
void judge_lists(struct judge *j, unsigned needs); /* revoked, denied, allowed */
void judge_clock(struct judge *j);
void judge_record(struct judge *j); /* decide_record.c; sets j->record */
void judge_freshness(struct judge *j);
void judge_coverage(struct judge *j);
void judge_findings(struct judge *j);
/* Asked of a broken record, too: mode audit must not let through what it names. */
void judge_malware(struct judge *j, const finding_list *findings);
void judge_deployer(struct judge *j);
/* The break-glass that is good for this request, or NULL; adds nothing. */
const struct permission *judge_breakglass(const struct judge *j);

/* --- permissions (decide_permission.c) --- */

/* The policy's exceptions, then the signed ones; false after the last.  *ret_own: the
 * policy's, which needs no signature. */
bool judge_permission(const struct judge *j, size_t i, const struct permission **ret,
		      bool *ret_own);
/* A key of the site's with one of the roles, in its time and scope, signed it. */
bool judge_signed(const struct judge *j, const signer_list *signers, unsigned roles);
/* It is made, has an owner, and speaks of this image in this namespace; not whether it is
 * still good. */
bool permission_fits(const struct judge *j, const struct permission *p);
bool permission_is_over(const struct judge *j, const struct permission *p);
/* A waiver for a reason that is not a finding's, named by the code ("E_OS_EOL") and, where
 * it gives one, by `package` (tool or class).  Tells what was used or has expired. */
bool judge_waive(struct judge *j, int code, const char *package);
/* A waiver that is still good covers the finding. */
bool judge_is_waived(const struct judge *j, const struct finding *finding);
bool permission_waives(const struct judge *j, const struct permission *p, bool own,
		       const struct finding *finding);

/* --- scans (decide_scans.c) --- */

/* The scan that counts for a class: the newest complete one, else the newest; NULL: none. */
const struct scan *judge_scan_of(const struct judge *j, enum scan_class scan_class);
/* How far back a scan may lie, with what a restart is granted. */
int64_t judge_age_limit(const struct judge *j, int64_t limit);
/* a - b without overflow. */
int64_t seconds_between(int64_t a, int64_t b);

#define TIME_TEXT 21
/* "21d > 7d": the coarsest unit in which it shows. */
const char *text_age(int64_t age_s, int64_t limit_s, char ret[64]);

#endif
