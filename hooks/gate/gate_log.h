/* The gate's trail: what was decided and what administrators did, in the runtime's form of
 * an audit trail (audit/trail.h) and to the system's log. */
#ifndef KANUKI_GATE_GATE_LOG_H
#define KANUKI_GATE_GATE_LOG_H

#include "gate/site.h"

/* A decision of the hook.  -1 is the caller's to judge: policy.log_required. */
int gate_log_decision(const struct gate_site *site, const struct gate_request *request,
		      const struct gate_found *found, const struct gate_result *result,
		      const char *id, struct err *err) __attribute__((warn_unused_result));
/* Something was changed: verb "revoke", what it was done to, and a phrase. */
int gate_log_admin(const struct gate_policy *policy, const char *verb, const char *image,
		   const char *text, struct err *err) __attribute__((warn_unused_result));

#endif
