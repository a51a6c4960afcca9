/* The only user of libmd.  Where the processor has instructions for it, they take the place of
 * libmd's C (a twentieth of the instructions), on the same state. */
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

#define BLOCK ((size_t)SHA256_BLOCK_LENGTH)

/* Of the two, SHA-256 uses this one. */
static uint64_t *bits(SHA2_CTX *ctx)
{
	return &ctx->bitcount[0];
}

static size_t begun(SHA2_CTX *ctx)
{
	return (*bits(ctx) >> 3) % BLOCK;
}

/* As libmd's, with its state. */
static void update_x86(SHA2_CTX *ctx, const uint8_t *data, size_t len)
{
	size_t have = begun(ctx), blocks;

	*bits(ctx) += (uint64_t)len * 8;
	if (have > 0) {
		size_t rest = len < BLOCK - have ? len : BLOCK - have;

		memcpy(ctx->buffer + have, data, rest);
		data += rest;
		len -= rest;
		if (have + rest < BLOCK)
			return;
		sha256_x86_blocks(ctx->state.st32, ctx->buffer, 1);
	}
	blocks = len / BLOCK;
	sha256_x86_blocks(ctx->state.st32, data, blocks);
	memcpy(ctx->buffer, data + blocks * BLOCK, len - blocks * BLOCK);
}

/* FIPS 180-4, 5.1.1: a bit, zeros, and the length in bits at the end of a block. */
static void final_x86(SHA2_CTX *ctx, uint8_t sum[SHA256_DIGEST_LENGTH])
{
	uint8_t last[2 * BLOCK] = {0};
	size_t have = begun(ctx), blocks = have < BLOCK - 8 ? 1 : 2;

	memcpy(last, ctx->buffer, have);
	last[have] = 0x80;
	for (size_t i = 0; i < 8; i++)
		last[blocks * BLOCK - 1 - i] = (uint8_t)(*bits(ctx) >> 8 * i);
	sha256_x86_blocks(ctx->state.st32, last, blocks);
	for (size_t i = 0; i < SHA256_DIGEST_LENGTH; i++)
		sum[i] = (uint8_t)(ctx->state.st32[i / 4] >> (24 - 8 * (i % 4)));
}

void sha256_update(struct sha256 *sha, const void *data, size_t len)
{
	if (len == 0) /* NULL for nothing is fine here, not in memcpy(3) */
		return;
	if (sha256_x86_usable())
		update_x86(context(sha), data, len);
	else
		SHA256Update(context(sha), data, len);
}

void sha256_final_hex(struct sha256 *sha, char ret[SHA256_HEX_SIZE])
{
	static const char digits[] = "0123456789abcdef";
	uint8_t sum[SHA256_DIGEST_LENGTH];

	if (sha256_x86_usable())
		final_x86(context(sha), sum);
	else
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
