/* FIPS 180-4, 6.2.2, four rounds at a time.  The instructions want the eight words of the
 * state as (A, B, E, F) and (C, D, G, H), highest first (Intel SDM, SHA256RNDS2). */
#include "config.h"

#include "base/sha256_x86.h"

#if defined(__x86_64__) && __has_include(<sys/platform/x86.h>)

#include <immintrin.h>
#include <sys/platform/x86.h>

#include "base/banned.h"

#define WITH_SHA __attribute__((target("sha,sse4.1,ssse3")))

static const uint32_t constants[64] __attribute__((aligned(16))) = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4,
	0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe,
	0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f,
	0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7,
	0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc,
	0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
	0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116,
	0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
	0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
	0xc67178f2,
};

bool sha256_x86_usable(void)
{
	return CPU_FEATURE_ACTIVE(SHA) && CPU_FEATURE_ACTIVE(SSE4_1) && CPU_FEATURE_ACTIVE(SSSE3);
}

struct halves {
	__m128i abef, cdgh;
};

WITH_SHA static inline struct halves four_rounds(struct halves s, __m128i words, const uint32_t *k)
{
	__m128i sum = _mm_add_epi32(words, _mm_load_si128((const __m128i *)(const void *)k));

	/* Two rounds turn (A, B, E, F) into the next (C, D, G, H), so the halves change places. */
	s.cdgh = _mm_sha256rnds2_epu32(s.cdgh, s.abef, sum);
	s.abef = _mm_sha256rnds2_epu32(s.abef, s.cdgh, _mm_shuffle_epi32(sum, 0x0e));
	return s;
}

/* The schedule: the four words behind these sixteen. */
WITH_SHA static inline __m128i next_words(__m128i w0, __m128i w4, __m128i w8, __m128i w12)
{
	__m128i sum = _mm_add_epi32(_mm_sha256msg1_epu32(w0, w4), _mm_alignr_epi8(w12, w8, 4));

	return _mm_sha256msg2_epu32(sum, w12);
}

WITH_SHA static inline __m128i load_words(const uint8_t *data)
{
	const __m128i big_endian =
		_mm_set_epi8(12, 13, 14, 15, 8, 9, 10, 11, 4, 5, 6, 7, 0, 1, 2, 3);

	return _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(const void *)data), big_endian);
}

WITH_SHA static inline struct halves one_block(struct halves s, const uint8_t *data)
{
	__m128i w0 = load_words(data), w4 = load_words(data + 16), w8 = load_words(data + 32),
		w12 = load_words(data + 48);

	for (const uint32_t *k = constants;; k += 16) {
		s = four_rounds(s, w0, k);
		s = four_rounds(s, w4, k + 4);
		s = four_rounds(s, w8, k + 8);
		s = four_rounds(s, w12, k + 12);
		if (k == constants + 48)
			return s;
		w0 = next_words(w0, w4, w8, w12);
		w4 = next_words(w4, w8, w12, w0);
		w8 = next_words(w8, w12, w0, w4);
		w12 = next_words(w12, w0, w4, w8);
	}
}

WITH_SHA void sha256_x86_blocks(uint32_t state[8], const uint8_t *data, size_t n)
{
	__m128i *low = (__m128i *)(void *)state, *high = (__m128i *)(void *)(state + 4);
	__m128i badc = _mm_shuffle_epi32(_mm_loadu_si128(low), 0xb1);
	__m128i hgfe = _mm_shuffle_epi32(_mm_loadu_si128(high), 0x1b);
	struct halves s = {_mm_alignr_epi8(badc, hgfe, 8), _mm_blend_epi16(hgfe, badc, 0xf0)};

	for (; n > 0; n--, data += 64) {
		struct halves t = one_block(s, data);

		s.abef = _mm_add_epi32(s.abef, t.abef);
		s.cdgh = _mm_add_epi32(s.cdgh, t.cdgh);
	}
	badc = _mm_shuffle_epi32(s.abef, 0x1b);
	hgfe = _mm_shuffle_epi32(s.cdgh, 0xb1);
	_mm_storeu_si128(low, _mm_blend_epi16(badc, hgfe, 0xf0));
	_mm_storeu_si128(high, _mm_alignr_epi8(hgfe, badc, 8));
}

#else

#include <stdlib.h>

#include "base/banned.h"

bool sha256_x86_usable(void)
{
	return false;
}

void sha256_x86_blocks(uint32_t state[8], const uint8_t *data, size_t n)
{
	(void)state;
	(void)data;
	(void)n;
	abort();
}

#endif
