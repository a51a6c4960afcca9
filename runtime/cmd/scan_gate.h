/* The scan gate as the runtime uses it (H-85): a program of the host's that is asked before
 * anything is made, and once more at start.  It runs as a process of its own: a crash, a hang
 * or a hole in what reads scanners' records and checks signatures is not ours, and libcrypto
 * stays out of the runtime.
 *
 * The program, and every directory above it, is root's alone and no link; what was looked at
 * is what is executed.  It gets an environment of ours, no descriptor but its standard
 * streams, SCAN_GATE_LIMIT_S seconds and SCAN_ANSWER_MAX bytes.  Whatever it does that isn't an
 * answer in form refuses.
 */
#ifndef KANUKI_CMD_SCAN_GATE_H
#define KANUKI_CMD_SCAN_GATE_H

#include "cmd/cmd.h"
#include "cmd/scan_answer.h"
#include "policy/policy.h"
#include "state/record.h"

#define SCAN_GATE_POLICY  "/etc/kanuki/gate/policy.json" /* there: the site has set the gate up */
#define SCAN_GATE_LIMIT_S 10

struct scan_gate {
	const char *program;	   /* that was asked; NULL: nobody was */
	const char *question;	   /* what it was asked: start asks the same again */
	struct scan_answer answer; /* where it was admitted */
};

/* H-85's fact for a container that is about to be made, as conf->gate wants it, to
 * request->gate; with an admission request->image is the digest if the image is bound to it, else
 * NULL.  Fails only for what is our own fault; a gate that fails has refused. */
int scan_gate_ask(const struct cmd_context *ctx, const struct spec *spec,
		  const struct policy_conf *conf, struct policy_request *request,
		  struct scan_gate *ret, struct err *err) __attribute__((warn_unused_result));

/* The same question again of the gate that create asked, for the container that was made: of the
 * root that its process has now.  ERR_POLICY by H-85: it is refused now, or is of another image. */
int scan_gate_ask_again(const struct cmd_context *ctx, const struct record *r, const char *question,
			struct err *err) __attribute__((warn_unused_result));

/* Whether the site has set one up: a program in its policy, or the gate's own policy. */
bool scan_gate_is_set_up(const struct policy_conf *conf);
/* That, and the policy wants it to be asked. */
bool scan_gate_is_asked(const struct policy_conf *conf);
/* Whom it asks then: the policy's program, or the one that is installed. */
const char *scan_gate_program(const struct policy_conf *conf);
/* The program that is asked, opened: *ret is its path.  ERR_POLICY when it isn't root's alone. */
int scan_gate_open(const struct policy_conf *conf, const char **ret, struct err *err)
	__attribute__((warn_unused_result));

#endif
