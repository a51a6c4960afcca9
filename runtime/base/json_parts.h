/* What the tree (json.c) and the stream (json_stream.c) share: yajl as both want it, with
 * memory that never returns without, and what both say of names, numbers and places.  For
 * those two only. */
#ifndef KANUKI_BASE_JSON_PARTS_H
#define KANUKI_BASE_JSON_PARTS_H

#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <yajl/yajl_parse.h>

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

/* A handle that lives in `m`; without memory it goes where m->out_of_memory says.  Strings
 * and what follows the root value are not validated: that is the caller's. */
yajl_handle json_yajl_new(struct json_memory *m, const yajl_callbacks *callbacks, void *ctx);
/* Why yajl_parse() of text[len] has failed, if no callback did: its words in one line,
 * which live in the handle's memory, and the offset where. */
const char *json_yajl_why(yajl_handle yajl, const char *text, size_t len, size_t *ret_offset);

/* Moves a place, both counted from 1, on by text[0..offset); columns are characters. */
void json_place_advance(const char *text, size_t offset, size_t *line, size_t *column);
/* Of a name; anybody can make two that have the same. */
uint64_t json_name_hash(const void *name, size_t len);

/* RFC 8259 section 6, of at most 63 characters. */
bool json_is_number(const char *s, size_t len);

#endif
