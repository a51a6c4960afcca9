/* Owns growable strings and JSON's escaping; the latter makes any bytes safe
 * to print: the result is ASCII controls-free, valid UTF-8. */
#include "config.h"

#include "base/str.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/banned.h"

/* Makes room for `more` bytes and the terminator. */
static bool str_reserve(struct str *str, size_t more)
{
	if (str->failed)
		return false;
	size_t need;
	if (__builtin_add_overflow(str->len, more, &need) || need > SIZE_MAX / 4) {
		str->failed = true;
		return false;
	}
	if (need < str->cap)
		return true;
	size_t cap = str->cap ? str->cap : 64;
	while (cap <= need)
		cap *= 2;
	char *s = realloc(str->s, cap);
	if (!s) {
		str->failed = true;
		return false;
	}
	str->s = s;
	str->cap = cap;
	return true;
}

void str_add_bytes(struct str *str, const char *bytes, size_t len)
{
	if (!str_reserve(str, len))
		return;
	if (len)
		memcpy(str->s + str->len, bytes, len);
	str->len += len;
	str->s[str->len] = '\0';
}

void str_addf(struct str *str, const char *fmt, ...)
{
	va_list ap, again;
	if (str->failed)
		return;
	size_t room = str->cap - str->len; /* most often enough, so that it is formatted once */
	va_start(ap, fmt);
	va_copy(again, ap);
	int n = vsnprintf(str->s ? str->s + str->len : NULL, str->s ? room : 0, fmt, ap);
	va_end(ap);
	if (n >= 0 && (size_t)n < room) {
		str->len += (size_t)n;
	} else {
		if (str->s)
			str->s[str->len] = '\0';
		if (n < 0)
			str->failed = true;
		else if (str_reserve(str, (size_t)n)) {
			(void)vsnprintf(str->s + str->len, (size_t)n + 1, fmt, again);
			str->len += (size_t)n;
		}
	}
	va_end(again);
}

size_t str_utf8_char(const char *text, size_t len)
{
	const unsigned char *s = (const unsigned char *)text;
	if (len == 0)
		return 0;
	if (s[0] < 0x80)
		return 1;
	/* Table 3-7 of the Unicode standard: the second byte's range excludes
	 * overlong forms, surrogates and what is above U+10FFFF. */
	size_t n = s[0] >= 0xc2 && s[0] <= 0xdf   ? 2
		   : (s[0] & 0xf0) == 0xe0        ? 3
		   : s[0] >= 0xf0 && s[0] <= 0xf4 ? 4
						  : 0;
	if (n == 0 || n > len)
		return 0;
	unsigned char low = s[0] == 0xe0 ? 0xa0 : s[0] == 0xf0 ? 0x90 : 0x80;
	unsigned char high = s[0] == 0xed ? 0x9f : s[0] == 0xf4 ? 0x8f : 0xbf;
	if (s[1] < low || s[1] > high)
		return 0;
	for (size_t i = 2; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	return n;
}

size_t str_utf8_valid_prefix(const char *text, size_t len)
{
	size_t i = 0;
	while (i < len) {
		uint64_t word;
		if (len - i >= sizeof(word)) {
			memcpy(&word, text + i, sizeof(word));
			if (!(word & UINT64_C(0x8080808080808080))) {
				i += sizeof(word);
				continue;
			}
		}
		size_t n = str_utf8_char(text + i, len - i);
		if (n == 0)
			return i;
		i += n;
	}
	return i;
}

static void add_escaped_char(struct str *str, const char *text, size_t n, bool quotes)
{
	unsigned char c = (unsigned char)text[0];
	const char *shorthand = NULL;
	switch (c) {
	case '"':
		shorthand = quotes ? "\\\"" : NULL;
		break;
	case '\\':
		shorthand = quotes ? "\\\\" : NULL;
		break;
	case '\n':
		shorthand = "\\n";
		break;
	case '\r':
		shorthand = "\\r";
		break;
	case '\t':
		shorthand = "\\t";
		break;
	}
	if (shorthand)
		str_add(str, shorthand);
	else if (n == 0) /* not UTF-8: the replacement character, as every JSON writer does */
		str_add(str, "\\ufffd");
	else if (c < 0x20 || c == 0x7f)
		str_addf(str, "\\u%04x", c);
	else if (n == 2 && c == 0xc2 && (unsigned char)text[1] < 0xa0) /* C1: some terminals obey them */
		str_addf(str, "\\u%04x", (unsigned char)text[1]);
	else
		str_add_bytes(str, text, n);
}

/* Some byte of the eight is a control character, `"`, a backslash, or not ASCII: x - 1 has
 * its top bit set where x is 0, which needs a look, and never where none is special. */
static bool is_special_in(uint64_t word)
{
	const uint64_t ones = UINT64_C(0x0101010101010101), tops = ones << 7;
	uint64_t quote = word ^ ones * '"', backslash = word ^ ones * '\\',
		 del = word ^ ones * 0x7f;
	return (word | (word - ones * 0x20) | (quote - ones) | (backslash - ones) | (del - ones)) &
	       tops;
}

static void add_escaped(struct str *str, const char *text, size_t len, bool quotes)
{
	size_t start = 0;
	size_t i = 0;
	while (i < len) {
		uint64_t word;
		if (len - i >= sizeof(word)) {
			memcpy(&word, text + i, sizeof(word));
			if (!is_special_in(word)) {
				i += sizeof(word);
				continue;
			}
		}
		unsigned char c = (unsigned char)text[i];
		if (c >= 0x20 && c < 0x7f && c != '"' && c != '\\') {
			i++;
			continue;
		}
		str_add_bytes(str, text + start, i - start);
		size_t n = str_utf8_char(text + i, len - i);
		add_escaped_char(str, text + i, n, quotes);
		i += n ? n : 1;
		start = i;
	}
	str_add_bytes(str, text + start, len - start);
}

void str_add_escaped(struct str *str, const char *text, size_t len)
{
	add_escaped(str, text, len, true);
}

void str_add_printable(struct str *str, const char *text, size_t len)
{
	add_escaped(str, text, len, false);
}

void str_release(struct str *str)
{
	free(str->s);
	*str = (struct str)STR_INIT;
}
