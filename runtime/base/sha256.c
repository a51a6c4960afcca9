/* The only user of libmd. */
#include "config.h"

#include "base/sha256.h"

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
	if (len > 0) /* NULL for nothing is fine here, not in memcpy(3) */
		SHA256Update(context(sha), data, len);
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
