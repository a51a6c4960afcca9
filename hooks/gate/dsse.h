/* DSSE envelopes (protocol v1.0.2), sigstore bundles v0.3 of key pairs, base64.  Pure:
 * whose signature is good is crypto.h's. */
#ifndef KANUKI_GATE_DSSE_H
#define KANUKI_GATE_DSSE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/list.h"
#include "base/str.h"

#define DSSE_STATEMENT_TYPE "application/vnd.in-toto+json"
#define DSSE_MAX_SIGNATURES 16

struct dsse_signature {
	const char *keyid;	/* the envelope's hint, never trusted; may be "" */
	const uint8_t *bytes;
	size_t len;
};

struct dsse {
	const char *payload_type;
	const char *payload;	/* decoded; exactly these bytes are verified and then parsed */
	size_t payload_len;
	LIST_OF(struct dsse_signature) signatures; /* none: unsigned */
};

/* Envelope, or a sigstore bundle around one (exactly one signature then).  Unknown
 * members are ignored, as the protocol says; duplicate ones are not.  A keyless bundle
 * (certificate, tlogEntries alone) is ERR_SPEC with what to do instead. */
int dsse_parse(struct arena *arena, const char *text, size_t len, struct dsse *ret, struct err *err)
	__attribute__((warn_unused_result));
/* "DSSEv1 LEN type LEN" and a space: what is hashed in front of the payload. */
int dsse_pae_head(const char *payload_type, size_t payload_len, struct str *ret, struct err *err)
	__attribute__((warn_unused_result));
int dsse_print(const struct dsse *envelope, struct str *ret, struct err *err)
	__attribute__((warn_unused_result));

/* RFC 4648, standard or URL-safe alphabet (not mixed), canonical padding or none, no
 * white space, unused bits zero.  -1 on anything else. */
int base64_decode(struct arena *arena, const char *text, size_t len, const uint8_t **ret,
		  size_t *ret_len) __attribute__((warn_unused_result));
int base64_encode(const void *data, size_t len, struct str *ret)
	__attribute__((warn_unused_result));

#endif
