/* Digests as text: "sha256:" and 64 lower-case hexadecimal digits, and no other form. */
#ifndef KANUKI_GATE_DIGEST_H
#define KANUKI_GATE_DIGEST_H

#include <stdbool.h>
#include <string.h>

static inline bool gate_is_hex64(const char *text)
{
	return text && strlen(text) == 64 && strspn(text, "0123456789abcdef") == 64;
}

static inline bool gate_is_digest(const char *text)
{
	return text && strncmp(text, "sha256:", 7) == 0 && gate_is_hex64(text + 7);
}

#endif
