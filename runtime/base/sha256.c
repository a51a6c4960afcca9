/* The only user of libmd, whose state is FIPS 180-4's: H0..H7 as they are and the count of
 * bits, so that whole blocks can be taken in by the processor itself in between. */
#include "config.h"

#include "base/sha256.h"

#include "base/sha256_x86.h"

#include <sha2.h>
#include <string.h>

#include "base/banned.h"

_Static_assert(sizeof(SHA2_CTX) <= sizeof(struct sha256), "struct sha256 is too small");
_Static_assert(_Alignof(SHA2_CTX) <= _Alignof(struct sha256), "struct sha256 is not aligned");

static SHA2_CTX *context(struct sha256 *sha)
{
	return (SHA2_CTX *)(void *)sha->state;
}

void sha256_init(struct sha256 *sha)
{
	memset(sha, 0, sizeof(*sha));
	SHA256Init(context(sha));
}

void sha256_update(struct sha256 *sha, const void *data, size_t len)
{
	SHA2_CTX *ctx = context(sha);
	size_t blocks = len / SHA256_BLOCK_LENGTH, whole = blocks * SHA256_BLOCK_LENGTH;

	if (blocks > 0 && ctx->bitcount[0] % (SHA256_BLOCK_LENGTH * 8) == 0 && sha256_x86_is_there()) {
		sha256_x86_blocks(ctx->state.st32, data, blocks);
		ctx->bitcount[0] += (uint64_t)whole * 8;
		data = (const uint8_t *)data + whole;
		len -= whole;
	}
	if (len > 0) /* NULL for nothing is fine here, not in memcpy(3) */
		SHA256Update(ctx, data, len);
}

void sha256_final_hex(struct sha256 *sha, char ret[SHA256_HEX_SIZE])
{
	static const char digits[] = "0123456789abcdef";
	uint8_t sum[SHA256_DIGEST_LENGTH];

	SHA256Final(sum, context(sha));
	for (size_t i = 0; i < sizeof(sum); i++) {
		ret[2 * i] = digits[sum[i] >> 4];
		ret[2 * i + 1] = digits[sum[i] & 15];
	}
	ret[2 * sizeof(sum)] = '\0';
}

void sha256_hex(const void *data, size_t len, char ret[SHA256_HEX_SIZE])
{
	struct sha256 sha;

	sha256_init(&sha);
	sha256_update(&sha, data, len);
	sha256_final_hex(&sha, ret);
}
