/* The decision: one pure function, the same for hook, tool, tests and fuzzers.
 *
 * No I/O, no clock, no allocation, no globals.  All rules are judged, so that a refusal
 * tells everything at once.  What holds of it (tests/fuzz/fuzz_gate_decide.c): a finding
 * more, a later time, a stricter number or a permission less never turns a refusal into
 * an admission (but for what lies in the future, which time itself mends: E_SCAN_FUTURE,
 * E_CLOCK_ROLLBACK, a permission or VEX statement that isn't made yet); no record is a
 * refusal; an unknown value of any enum is one; mode audit changes the verdict and no
 * reason.
 *
 * Mode audit lets everything through but E_INTERNAL, malware, what is revoked and what is
 * on the deny list.  Scopes are part of it: each policy that holds for the request
 * (gate_policy_within) must admit it.
 */
#ifndef KANUKI_GATE_DECIDE_H
#define KANUKI_GATE_DECIDE_H

#include "gate/reason.h"
#include "gate/types.h"

struct gate_input {
	const struct gate_policy *policy; /* NULL: invalid; then nothing is admitted */
	const char *policy_why;		  /* what is wrong with it */
	const struct gate_request *request;
	enum record_state record_state;
	const char *record_why;		  /* one phrase for any state but RECORD_GOOD and RECORD_ABSENT */
	const struct record *record;	  /* only with RECORD_GOOD */
	const signer_list *signers;	  /* of the record; keys that the site knows */
	const signer_list *keys;	  /* all keys of the site, for signers of VEX statements; NULL: none counts */
	const permission_list *permissions; /* whose signatures are good; beside the policy's own exceptions */
	bool image_revoked, record_revoked;
	const char *revoked; /* with image_revoked: by which of its digests; NULL: its own */
	int64_t now, highest_seen;	  /* Unix seconds; the latest time the store has seen (clock going back) */
};

void gate_decide(const struct gate_input *in, struct gate_result *ret);

#endif
