/* The site's gate policy, /etc/kanuki/gate/policy.json: strict JSON -> struct.  Pure.
 *
 * An unknown or duplicate key, a wrong type, a number out of range or no version makes
 * the whole policy invalid, and then nothing is admitted. */
#ifndef KANUKI_GATE_POLICY_H
#define KANUKI_GATE_POLICY_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "gate/types.h"

/* Of a decision.  Kanuki, and the engines as the shipped hook tells them, wait 10 s for it: what
 * takes longer is told before. */
#define GATE_DEADLINE_S	    8
#define GATE_DEADLINE_MAX_S 9
#define GATE_POLICY_MAX_BYTES (256u << 10)

int gate_policy_parse(struct arena *arena, const char *text, size_t len, struct gate_policy *ret,
		      struct err *err) __attribute__((warn_unused_result));
/* The policies that hold for this request, one for each `nth` from 0 on, NULL after the
 * last: the one of every scope that matches, which is the site's tightened (checked by
 * the parser); the site's own where no scope does.  gate_decide() asks all of them. */
const struct gate_policy *gate_policy_within(const struct gate_policy *policy,
					     const struct gate_request *request, size_t nth);
/* What a site gets that sets nothing but the version; also the man page's defaults. */
void gate_policy_defaults(struct gate_policy *ret);
/* "168h", "30d", "5m", "10s": whole numbers and a unit; -1 on anything else or overflow. */
int gate_duration_parse(const char *text, int64_t *ret_seconds) __attribute__((warn_unused_result));
/* All keys with what holds, as a table. */
int gate_policy_print(const struct gate_policy *policy, struct str *ret, struct err *err)
	__attribute__((warn_unused_result));

#endif
