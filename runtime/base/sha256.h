/* SHA-256 (FIPS 180-4) over libmd: what a policy, a plan and the trail are named by.
 * sha256.c is the only file that includes libmd.  Can't fail. */
#ifndef KANUKI_BASE_SHA256_H
#define KANUKI_BASE_SHA256_H

#include <stddef.h>
#include <stdint.h>

#define SHA256_HEX_SIZE 65 /* 64 digits in lower case and a NUL */

/* libmd's own state is private to sha256.c, which checks that it fits. */
struct sha256 {
	uint64_t state[26];
};

void sha256_init(struct sha256 *sha);
void sha256_update(struct sha256 *sha, const void *data, size_t len);
/* The sum of all so far; `sha` must be initialised again before another use. */
void sha256_final_hex(struct sha256 *sha, char ret[SHA256_HEX_SIZE]);

/* All at once. */
void sha256_hex(const void *data, size_t len, char ret[SHA256_HEX_SIZE]);

#endif
