/* Owns base64 (RFC 4648): one text for one value, so that nothing signed can be told in two
 * ways. */
#include "config.h"

#include "gate/dsse.h"

#include <string.h>

#include "base/banned.h"

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* The values of both alphabets' digits; -1: it is none. */
static void fill_values(int8_t values[256])
{
	memset(values, -1, 256);
	for (unsigned i = 0; i < 64; i++)
		values[(uint8_t)digits[i]] = (int8_t)i;
	values['-'] = 62;
	values['_'] = 63;
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

int base64_decode(struct arena *arena, const char *text, size_t len, const uint8_t **ret,
		  size_t *ret_len)
{
	bool standard = false, url_safe = false;
	int8_t values[256];
	uint32_t bits = 0;
	unsigned have = 0;
	size_t n = 0;
	char *out;

	if (!without_padding(text, &len))
		return -1;
	out = arena_alloc(arena, len / 4 * 3 + 3);
	if (!out)
		return -1;
	fill_values(values);
	for (size_t i = 0; i < len; i++) {
		int value = values[(uint8_t)text[i]];

		if (value < 0)
			return -1;
		/* Only these differ. */
		if (value >= 62) {
			standard |= text[i] == '+' || text[i] == '/';
			url_safe |= text[i] == '-' || text[i] == '_';
		}
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
	if (standard && url_safe)
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
		uint32_t bits = (uint32_t)in[i] << 16 | (left > 1 ? (uint32_t)in[i + 1] << 8 : 0) |
				(left > 2 ? in[i + 2] : 0);
		char four[4] = {digits[bits >> 18], digits[bits >> 12 & 63],
				left > 1 ? digits[bits >> 6 & 63] : '=',
				left > 2 ? digits[bits & 63] : '='};

		str_add_bytes(ret, four, sizeof(four));
	}
	return str_failed(ret) ? -1 : 0;
}
