/* Waivers, permits and break-glass as signed text: a strict JSON object as the payload of an
 * envelope with a type of its own, so that none can be taken for a record.  Pure. */
#ifndef KANUKI_GATE_PERMISSION_H
#define KANUKI_GATE_PERMISSION_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "gate/types.h"

#define PERMISSION_PAYLOAD_TYPE "application/vnd.kanuki.gate-permission+json"
#define PERMISSION_MAX_BYTES	(64u << 10) /* of an envelope */

/* Unknown and duplicate keys, wrong types, times and digests are ERR_SPEC; what a kind
 * must say (owner, expiry, images ...) as well.  `signers` and `id` stay empty. */
int permission_parse(struct arena *arena, const char *text, size_t len, struct permission *ret,
		     struct err *err) __attribute__((warn_unused_result));
int permission_print(const struct permission *permission, struct str *ret, struct err *err)
	__attribute__((warn_unused_result));
const char *permission_kind_name(enum permission_kind kind);

#endif
