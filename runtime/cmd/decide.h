/* Bundle in, plan out: the reading around the pure core (spec → policy → plan). */
#ifndef KANUKI_CMD_DECIDE_H
#define KANUKI_CMD_DECIDE_H

#include "base/sha256.h"
#include "cmd/cmd.h"
#include "cmd/scan_gate.h"
#include "host/host.h"
#include "policy/policy.h"

#define CONFIG_MAX_BYTES SPEC_MAX_BYTES

/* Absolute path of the bundle directory ("." when NULL), links resolved. */
int decide_bundle_path(const struct cmd_context *ctx, const char *bundle, const char **ret,
		       struct err *err) __attribute__((warn_unused_result));
/* config.json of the bundle -> spec (SPEC_INIT given; caller releases). */
int decide_read_spec(const struct cmd_context *ctx, const char *bundle, struct spec *spec,
		     struct err *err) __attribute__((warn_unused_result));
/* "cgroupfs", "systemd" or "disabled" from the two global options. */
int decide_cgroup_manager(const struct cmd_context *ctx, const char **ret, struct err *err)
	__attribute__((warn_unused_result));
/* A decision and what it was made with: the policy and, where that only watches (mode
 * audit), what it would have done. */
struct decision {
	struct policy_conf conf;
	bool watched;		 /* mode audit: plan is the OCI one */
	struct scan_gate gate;	 /* who was asked for the image, and what it said */
	struct plan would;	 /* watched: the plan that enforce would give */
	/* watched: why it would refuse; then `would` has only the changes */
	struct policy_refusals refusals;
};
#define DECISION_INIT { .watched = false }
void decision_release(struct decision *d);
#define autodecision __attribute__((cleanup(decision_release))) struct decision

/* All of it: plan is PLAN_INIT, decision DECISION_INIT; both released by the caller.
 * request->image is what has been proven by then, for the policy is read for it.  `makes`:
 * the container will be made; else nothing at all is written. */
int decide_plan(const struct cmd_context *ctx, bool makes, struct policy_request *request,
		const struct host *host, struct decision *decision, struct plan *plan,
		struct err *err) __attribute__((warn_unused_result));
/* The trail's lines for a container about to be made: each refusal and the changes that would be,
 * then create. ret_plan_hash and ret_plan_text get the plan's where the policy has a trail, and are
 * untouched where not. */
int decide_tell(const struct cmd_context *ctx, const struct decision *decision,
		const struct policy_request *request, const struct plan *plan,
		char ret_plan_hash[SHA256_HEX_SIZE], struct str *ret_plan_text, struct err *err)
	__attribute__((warn_unused_result));
/* A bind mount, by type or option. */
bool decide_is_bind(const struct spec_mount *m);
/* The image for the trail: proven, whether or not it was let in. */
const char *decide_image(const struct policy_request *request);
/* --debug: what policy made of what was asked. */
void decide_log_changes(const struct cmd_context *ctx, const struct plan *plan);
/* LISTEN_FDS of our caller, by runc's rule: only when LISTEN_PID is us. */
int decide_listen_fds(const struct cmd_context *ctx, uint32_t *ret, const char **ret_names,
		      struct err *err) __attribute__((warn_unused_result));
/* An environment variable of the runtime's own, or NULL; set but empty is unset. */
const char *decide_env(const struct cmd_context *ctx, const char *name);

#endif
