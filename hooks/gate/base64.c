/* Owns base64 (RFC 4648): one text for one value, so that nothing signed can be told in two
 * ways. */
#include "config.h"

#include "gate/dsse.h"

#include <string.h>

#include "base/banned.h"

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

enum alphabet { EITHER = 0, STANDARD, URL_SAFE };

/* 0..63, or -1; a digit that only one alphabet has settles which it is. */
static int value_of(char c, enum alphabet *alphabet)
{
	enum alphabet own = c == '+' || c == '/' ? STANDARD : c == '-' || c == '_' ? URL_SAFE : EITHER;
	char standard = c == '-' ? '+' : c == '_' ? '/' : c;
	const char *at = c ? strchr(digits, standard) : NULL;

	if (!at || (own != EITHER && *alphabet != EITHER && own != *alphabet))
		return -1;
	if (own != EITHER)
		*alphabet = own;
	return (int)(at - digits);
}

/* Without its padding, which must be what the length asks for or none. */
static bool without_padding(const char *text, size_t *len)
{
	size_t n = *len;

	while (n > 0 && *len - n < 2 && text[n - 1] == '=')
		n--;
	if (n % 4 == 1 || (n != *len && *len % 4 != 0))
		return false;
	*len = n;
	return true;
}

int base64_decode(struct arena *arena, const char *text, size_t len, const uint8_t **ret, size_t *ret_len)
{
	enum alphabet alphabet = EITHER;
	uint32_t bits = 0;
	unsigned have = 0;
	size_t n = 0;
	char *out;

	if (!without_padding(text, &len))
		return -1;
	out = arena_alloc(arena, len / 4 * 3 + 3);
	if (!out)
		return -1;
	for (size_t i = 0; i < len; i++) {
		int value = value_of(text[i], &alphabet);

		if (value < 0)
			return -1;
		bits = bits << 6 | (uint32_t)value;
		have += 6;
		if (have >= 8) {
			have -= 8;
			out[n++] = (char)(bits >> have);
			bits &= (1u << have) - 1;
		}
	}
	if (bits) /* of a byte that isn't there */
		return -1;
	out[n] = '\0';
	*ret = (const uint8_t *)out;
	*ret_len = n;
	return 0;
}

int base64_encode(const void *data, size_t len, struct str *ret)
{
	const uint8_t *in = data;

	for (size_t i = 0; i < len; i += 3) {
		size_t left = len - i;
		uint32_t bits = (uint32_t)in[i] << 16 | (left > 1 ? (uint32_t)in[i + 1] << 8 : 0) | (left > 2 ? in[i + 2] : 0);
		char four[4] = {digits[bits >> 18], digits[bits >> 12 & 63], left > 1 ? digits[bits >> 6 & 63] : '=',
				left > 2 ? digits[bits & 63] : '='};

		str_add_bytes(ret, four, sizeof(four));
	}
	return str_failed(ret) ? -1 : 0;
}
