/* Owns the checks of single bytes of JSON text.  Knows strings from what lies between
 * them, and nothing of the grammar: that is yajl's. */
#include "config.h"

#include "base/json_bytes.h"

#include <stdbool.h>

#include "base/banned.h"

#define MAX_WORD 63 /* json_is_number() */

enum { BETWEEN = 0, STRING, ESCAPE, DIGITS };

static bool is_plain(unsigned char c)
{
	return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

/* The first byte of a character beyond ASCII (Unicode 15, table 3-7). */
static bool begin_character(struct json_bytes *b, unsigned char c)
{
	b->low = 0x80;
	b->high = 0xbf;
	if (c >= 0xc2 && c <= 0xdf)
		b->need = 1;
	else if (c >= 0xe0 && c <= 0xef)
		b->need = 2;
	else if (c >= 0xf0 && c <= 0xf4)
		b->need = 3;
	else
		return false;
	if (c == 0xe0)
		b->low = 0xa0;
	else if (c == 0xed)
		b->high = 0x9f;
	else if (c == 0xf0)
		b->low = 0x90;
	else if (c == 0xf4)
		b->high = 0x8f;
	return true;
}

static const char *in_string(struct json_bytes *b, unsigned char c)
{
	static const char lone[] = "lone surrogate in a string";
	if (b->need > 0) {
		if (c < b->low || c > b->high)
			return "invalid UTF-8";
		b->low = 0x80;
		b->high = 0xbf;
		b->need--;
		return NULL;
	}
	if (b->want_low && c != '\\')
		return lone;
	if (c == '"') {
		b->state = BETWEEN;
		b->length = 0;
	} else if (c == '\\') {
		b->state = ESCAPE;
	} else if (c >= 0x80) {
		return begin_character(b, c) ? NULL : "invalid UTF-8";
	} else if (c < 0x20) {
		return "control character in a string";
	}
	return NULL;
}

static const char *in_escape(struct json_bytes *b, unsigned char c)
{
	if (c == 'u') {
		b->state = DIGITS;
		b->digits = 0;
		b->unit = 0;
		return NULL;
	}
	b->state = STRING;
	if (c < 0x20 || c >= 0x80)
		return "no escape";
	return b->want_low ? "lone surrogate in a string" : NULL;
}

static const char *in_digits(struct json_bytes *b, unsigned char c)
{
	unsigned digit = c >= '0' && c <= '9'	? (unsigned)c - '0'
			 : c >= 'a' && c <= 'f' ? (unsigned)c - 'a' + 10
			 : c >= 'A' && c <= 'F' ? (unsigned)c - 'A' + 10
						: 16;
	if (digit > 15)
		return "\\u needs four hexadecimal digits";
	b->unit = (uint16_t)(b->unit << 4 | digit);
	if (++b->digits < 4)
		return NULL;
	b->state = STRING;
	bool low = b->unit >= 0xdc00 && b->unit <= 0xdfff;
	if (b->unit == 0)
		return "a string may not hold NUL (\\u0000)";
	if (low != (b->want_low != 0))
		return "lone surrogate in a string";
	b->want_low = b->unit >= 0xd800 && b->unit <= 0xdbff;
	return NULL;
}

static const char *between(struct json_bytes *b, unsigned char c)
{
	switch (c) {
	case '"':
		b->state = STRING;
		b->length = 0;
		return NULL;
	case ' ':
	case '\t':
	case '\r':
	case '\n':
	case '[':
	case ']':
	case '{':
	case '}':
	case ',':
	case ':':
		b->length = 0;
		return NULL;
	default:
		/* The same for all that is no number and no word: that is yajl's to say. */
		if (c <= 0x20 || c >= 0x7f)
			return "invalid character";
		return ++b->length > MAX_WORD ? "not a number, or one of more than 63 characters"
					      : NULL;
	}
}

const char *json_bytes_check(struct json_bytes *b, const char *text, size_t len, size_t *ret_at)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];
		const char *wrong;
		if (b->state == BETWEEN) {
			wrong = between(b, c);
		} else {
			/* The way of most bytes. */
			if (b->state == STRING && !b->need && !b->want_low) {
				size_t start = i;
				while (i < len && is_plain((unsigned char)text[i]))
					i++;
				b->length += i - start;
				if (i == len)
					i--;
				else
					b->length++;
				c = (unsigned char)text[i];
				if (b->length > b->max_string && c != '"') {
					*ret_at = i;
					return "string too long";
				}
				if (is_plain(c))
					continue; /* the piece ended within the string */
			} else {
				b->length++;
			}
			wrong = b->state == STRING   ? in_string(b, c)
				: b->state == ESCAPE ? in_escape(b, c)
						     : in_digits(b, c);
		}
		if (wrong) {
			*ret_at = i;
			return wrong;
		}
	}
	return NULL;
}
