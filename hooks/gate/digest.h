/* 64 lower-case hexadecimal digits: ids of keys and records, and what stands behind "sha256:". */
#ifndef KANUKI_GATE_DIGEST_H
#define KANUKI_GATE_DIGEST_H

#include <stdbool.h>
#include <string.h>

static inline bool gate_is_hex64(const char *text)
{
	return text && strlen(text) == 64 && strspn(text, "0123456789abcdef") == 64;
}

#endif
