/* One call per event from the commands to the audit trail; whether a failure stops the
 * command is the policy's word (audit.required) and decided here, nowhere else. */
#ifndef KANUKI_CMD_TRAIL_H
#define KANUKI_CMD_TRAIL_H

#include "audit/trail.h"
#include "cmd/cmd.h"
#include "plan/plan.h"
#include "policy/conf.h"

struct cmd_trail {
	enum trail_event event;
	const char *id;
	const char *image;	   /* "sha256:...", or NULL */
	const struct plan *plan;   /* its changes; NULL where there is none (a refusal, delete) */
	/* NULL: the SHA-256 of `plan`'s canonical text, if there is a plan */
	const char *plan_hash;
	char *ret_plan_hash;	   /* gets that hash (SHA256_HEX_SIZE); NULL: nobody wants it */
	struct str *ret_plan_text; /* gets that text; NULL: nobody wants it */
	/* `plan` is none that could be made: no hash, and no values but those asked */
	bool changes_only;
	const struct err *refusal; /* of TRAIL_REFUSED and TRAIL_WOULD_REFUSE, else NULL */
};

/* A line to conf->trail and, with conf->trail_syslog, to the system's log; nothing
 * where the policy has no trail.  Call it before the effect: an event whose line was
 * required and couldn't be written must not happen.
 * -1 only with conf->trail_required; else a failure is a warning on standard error. */
int cmd_trail(const struct cmd_context *ctx, const struct policy_conf *conf,
	      const struct cmd_trail *what, struct err *err) __attribute__((warn_unused_result));

/* For a command that is about to fail with `err`: TRAIL_REFUSED when that is a refusal
 * (ERR_POLICY, ERR_HOST or ERR_SPEC: bundle, machine or policy said no).  Returns -1 and
 * leaves `err` the refusal, whatever becomes of the line. */
int cmd_trail_refused(const struct cmd_context *ctx, const struct policy_conf *conf, const char *id,
		      const char *image, struct err *err);

#endif
