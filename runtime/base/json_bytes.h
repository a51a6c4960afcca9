/* What yajl doesn't check of JSON text, byte by byte, for text that comes in pieces:
 * UTF-8, NUL and surrogates in escapes, blanks, and how long strings and words are. */
#ifndef KANUKI_BASE_JSON_BYTES_H
#define KANUKI_BASE_JSON_BYTES_H

#include <stddef.h>
#include <stdint.h>

struct json_bytes {
	size_t max_string;    /* as written, without the quotation marks */
	uint8_t state;	      /* enum in json_bytes.c; 0: between values */
	uint8_t low, high;    /* bounds of the next byte of a character */
	uint8_t need;	      /* bytes that a character still lacks */
	uint8_t digits;	      /* of \uXXXX so far */
	uint8_t want_low;     /* the next escape has to be a low surrogate */
	uint16_t unit;
	size_t length;	      /* of the string or word so far */
};

/* NULL: all is well so far.  Else what is wrong, at text[*ret_at]. */
const char *json_bytes_check(struct json_bytes *b, const char *text, size_t len, size_t *ret_at)
	__attribute__((warn_unused_result));

#endif
