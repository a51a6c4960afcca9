/* A growable string.  Appending is sticky: after a failed allocation every
 * append does nothing and str_failed() is true, so callers check once. */
#ifndef KANUKI_BASE_STR_H
#define KANUKI_BASE_STR_H

#include "base/err.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct str {
	char *s; /* NUL-terminated, NULL while empty */
	size_t len;
	size_t cap;
	bool failed;
};

#define STR_INIT {0}

void str_add_bytes(struct str *str, const char *bytes, size_t len);
/* Here, so that a literal's length is the compiler's work. */
static inline void str_add(struct str *str, const char *text)
{
	str_add_bytes(str, text, strlen(text));
}
void str_addf(struct str *str, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Escapes control characters, backslash and `"` as JSON does. */
void str_add_escaped(struct str *str, const char *text, size_t len);
/* The same for a reader who sees no quotes around it: quotation marks and
 * backslashes stay as they are. */
void str_add_printable(struct str *str, const char *text, size_t len);
/* Length of the UTF-8 character that text[len] begins with; 0 when it begins
 * with none (overlong, surrogate, cut short, stray byte) or is empty. */
size_t str_utf8_char(const char *text, size_t len);
/* How many leading bytes of text[len] are valid UTF-8; len when all are. */
size_t str_utf8_valid_prefix(const char *text, size_t len);
/* Never NULL. */
static inline const char *str_text(const struct str *str)
{
	return str->s ? str->s : "";
}
static inline bool str_failed(const struct str *str)
{
	return str->failed;
}
void str_release(struct str *str);
#define autostr __attribute__((cleanup(str_release))) struct str

#endif
