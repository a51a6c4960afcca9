/* What the gate says to kanuki itself, which starts it as the first step of create and asks
 * again at start (runtime/cmd/scan_gate.h): one JSON object on standard output.
 *
 *   verdict     "allow", "allow-audit", "allow-breakglass" with exit status 0, else "deny"
 *   class       what is started: "image", "pause", "rootfs", "build", "bundle", "unknown"
 *   image       config digest, or null where none is proven
 *   source      what proves it: "engine", "pinned", "permit", or null
 *   record      digest of the record that was decided by, or null
 *   generation  of the store
 *   reasons     codes
 *   line        what people see
 */
#ifndef KANUKI_GATE_ANSWER_H
#define KANUKI_GATE_ANSWER_H

#include "gate/site.h"

/* Appends the object and a newline. */
int gate_answer(const struct gate_result *result, const struct gate_request *request,
		const struct gate_found *found, uint64_t generation, struct str *out,
		struct err *err) __attribute__((warn_unused_result));

#endif
