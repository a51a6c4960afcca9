/* Owns the memory of documents: blocks that only grow, freed together. */
#include "config.h"

#include "base/arena.h"

#include <limits.h>
#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Under AddressSanitizer memory is poisoned until it is handed out, and a gap
 * after each object stays so: an overflow within a block is seen as well. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_ASAN 1
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define ARENA_ASAN 1
#endif
#ifdef ARENA_ASAN
#include <sanitizer/asan_interface.h>
#endif

#include "base/banned.h"

#ifdef ARENA_ASAN
#define ARENA_GAP	     16
/* A function of its own: gcc would take memory that is only marked for memory that is
 * read, and say that nobody has written it. */
static void __attribute__((noinline)) arena_poison(void *p, size_t n)
{
	__asan_poison_memory_region(p, n);
}
#define arena_unpoison(p, n) __asan_unpoison_memory_region((p), (n))
#else
#define ARENA_GAP	     0
#define arena_poison(p, n)   ((void)(p), (void)(n))
#define arena_unpoison(p, n) ((void)(p), (void)(n))
#endif

#define ARENA_ALIGN	alignof(max_align_t)
#define ARENA_FIRST	((size_t)16 << 10)
#define ARENA_LARGEST	((size_t)1 << 20)

struct arena_block {
	struct arena_block *next;
	size_t size; /* of data */
	size_t used;
	alignas(max_align_t) char data[];
};

static void *block_take(struct arena_block *b, size_t size, size_t room)
{
	char *p = b->data + b->used;
	b->used += room;
	arena_unpoison(p, size);
	/* What is handed out, not the block (calloc): a page that nobody uses is never
	 * touched, and a fault costs more than all the rest here. */
	memset(p, 0, size);
	return p;
}

void *arena_alloc(struct arena *a, size_t size)
{
	size_t limit = a->limit_bytes ? a->limit_bytes : ARENA_DEFAULT_LIMIT;
	if (size > limit)
		return NULL;
	size_t room = (size + ARENA_ALIGN - 1) / ARENA_ALIGN * ARENA_ALIGN + ARENA_GAP;
	if (room == 0)
		room = ARENA_ALIGN; /* objects of size 0 still have distinct addresses */
	if (a->used > limit || room - ARENA_GAP > limit - a->used)
		return NULL;

	struct arena_block *head = a->head;
	if (!head || head->size - head->used < room) {
		size_t block = a->used < ARENA_FIRST     ? ARENA_FIRST
			       : a->used < ARENA_LARGEST ? a->used
							 : ARENA_LARGEST;
		size_t bytes = room > block / 4 ? room : block;
		struct arena_block *b = malloc(sizeof(*b) + bytes);
		if (!b)
			return NULL;
		b->used = 0;
		b->size = bytes;
		arena_poison(b->data, bytes);
		if (head && bytes == room) {
			/* A large object gets a block of its own; the open one stays in use. */
			b->next = head->next;
			head->next = b;
		} else {
			b->next = head;
			a->head = b;
		}
		head = b;
	}
	a->used += room - ARENA_GAP;
	return block_take(head, size, room);
}

void *arena_array(struct arena *a, size_t n, size_t size)
{
	size_t bytes;
	if (__builtin_mul_overflow(n, size, &bytes))
		return NULL;
	return arena_alloc(a, bytes);
}

char *arena_memdup(struct arena *a, const void *p, size_t len)
{
	if (len == SIZE_MAX)
		return NULL;
	char *copy = arena_alloc(a, len + 1);
	if (copy && len)
		memcpy(copy, p, len);
	return copy;
}

char *arena_strdup(struct arena *a, const char *s)
{
	return s ? arena_memdup(a, s, strlen(s)) : NULL;
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap, again;
	va_start(ap, fmt);
	va_copy(again, ap);
	int n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	char *text = n < 0 ? NULL : arena_alloc(a, (size_t)n + 1);
	if (text)
		(void)vsnprintf(text, (size_t)n + 1, fmt, again);
	va_end(again);
	return text;
}

void *arena_push(struct arena *a, void *items_ptr, size_t *n, size_t *cap, size_t size)
{
	/* items_ptr is the address of a pointer to some object type; memcpy reads
	 * and writes it without assuming which. */
	char *items;
	memcpy(&items, items_ptr, sizeof(items));
	if (*n == *cap) {
		size_t more = *cap ? *cap * 2 : 8;
		if (more < *cap)
			return NULL;
		char *moved = arena_array(a, more, size);
		if (!moved)
			return NULL;
		if (*n)
			memcpy(moved, items, *n * size);
		items = moved;
		memcpy(items_ptr, &items, sizeof(items));
		*cap = more;
	}
	char *slot = items + *n * size;
	++*n;
	return slot;
}

void arena_release(struct arena *a)
{
	struct arena_block *b = a->head;
	while (b) {
		struct arena_block *next = b->next;
		arena_unpoison(b->data, b->size);
		free(b);
		b = next;
	}
	a->head = NULL;
	a->used = 0;
}
