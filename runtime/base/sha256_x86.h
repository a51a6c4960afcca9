/* SHA-256 of whole blocks by x86's own instructions; for sha256.c alone. */
#ifndef KANUKI_BASE_SHA256_X86_H
#define KANUKI_BASE_SHA256_X86_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

bool sha256_x86_is_there(void);
/* n blocks of 64 bytes into the state (FIPS 180-4's H0..H7, in the machine's order).  Only
 * where is_there() says so. */
void sha256_x86_blocks(uint32_t state[8], const uint8_t *data, size_t n);

#endif
