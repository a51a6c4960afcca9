/* The prepared record of an image: an in-toto Statement v1 with our own predicate type,
 * carried in a DSSE envelope.  Pure. */
#ifndef KANUKI_GATE_RECORD_H
#define KANUKI_GATE_RECORD_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "gate/types.h"

#define RECORD_PREDICATE_TYPE "https://kanuki.dev/image-scan-record/v1"
/* Two scanners' 10,000 findings each are 20,000, in 4.2 MB.  What is more is refused. */
#define RECORD_MAX_BYTES    (8u << 20) /* of an envelope */
#define RECORD_MAX_FINDINGS 30000u
/* Room for the largest, as text, as a tree and as itself. */
#define RECORD_ARENA_BYTES  ((size_t)96 << 20)

/* The payload of an envelope whose signature is good -> record.  Strict: unknown and
 * duplicate keys, wrong types, digests that aren't "sha256:" and 64 lower-case digits,
 * a summary that differs from the findings, too many of them are ERR_SPEC.  *ret_wrong_type: it is
 * a statement, but not ours. */
int record_parse(struct arena *arena, const char *text, size_t len, struct record *ret,
		 bool *ret_wrong_type, struct err *err) __attribute__((warn_unused_result));
/* The statement's text, keys in a fixed order: what is signed. */
int record_print(const struct record *record, struct str *ret, struct err *err)
	__attribute__((warn_unused_result));
/* Counts the findings again, the same hole under two names once (alias). */
void record_count(const struct record *record, uint64_t ret[CLASS_COUNT][SEVERITY_COUNT]);

#endif
