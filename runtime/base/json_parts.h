/* What the tree (json.c) and the stream (json_stream.c) share: memory for yajl that
 * never returns without, and the form of a number.  For those two only. */
#ifndef KANUKI_BASE_JSON_PARTS_H
#define KANUKI_BASE_JSON_PARTS_H

#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>

/* Every allocation of yajl, in a list, so that all can be given back although
 * yajl is left by longjmp. */
struct json_chunk_link {
	struct json_chunk_link *prev;
	struct json_chunk_link *next;
};

struct json_memory {
	struct json_chunk_link chunks; /* head of a ring */
	jmp_buf out_of_memory;	       /* where a failed allocation goes; set before yajl is called */
};

void json_memory_init(struct json_memory *m);
void json_memory_release(struct json_memory *m);
/* As yajl_alloc_funcs has them; ctx is the json_memory. */
void *json_memory_take(void *ctx, size_t size);
void *json_memory_resize(void *ctx, void *ptr, size_t size);
void json_memory_give_back(void *ctx, void *ptr);

/* RFC 8259 section 6, of at most 63 characters. */
bool json_is_number(const char *s, size_t len);

#endif
