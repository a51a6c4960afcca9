/* Makes the N-th allocation fail, in a test program that is linked with
 * -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc.  Only calls made by our own
 * objects are seen; the C library's inner ones are not. */
#ifndef KANUKI_TESTS_FAKE_ALLOC_H
#define KANUKI_TESTS_FAKE_ALLOC_H

#include <stdbool.h>

/* The n-th allocation from now on fails, and only it; 0: none. */
void fake_alloc_fail(unsigned n);
/* That has happened. */
bool fake_alloc_failed(void);

#endif
