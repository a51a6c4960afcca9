/* SHA-256's block function by the processor's own instructions (SHA-NI); internal to base/. */
#ifndef KANUKI_BASE_SHA256_X86_H
#define KANUKI_BASE_SHA256_X86_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* This processor has them.  Never on other machines, or where libc can't say: asking the
 * processor traps in a virtual machine, libc has asked already. */
bool sha256_x86_usable(void);
/* `n` blocks of 64 bytes into the state.  Only where it is usable. */
void sha256_x86_blocks(uint32_t state[8], const uint8_t *data, size_t n);

#endif
