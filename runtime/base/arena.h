/* Bump allocation for everything that lives and dies together.
 *
 * A parsed document, a spec, a plan each own one arena; nothing in them is
 * freed alone.  The arena has a hard limit, so hostile input is bounded in
 * memory whatever it says.  Not thread-safe; survives fork.
 */
#ifndef KANUKI_BASE_ARENA_H
#define KANUKI_BASE_ARENA_H

#include <stdarg.h>
#include <stddef.h>

struct arena_block;

struct arena {
	struct arena_block *head;
	size_t used;	    /* bytes asked for so far */
	size_t limit_bytes; /* 0: ARENA_DEFAULT_LIMIT */
};

#define ARENA_INIT {0}
#define ARENA_DEFAULT_LIMIT (48u << 20)

/* Zeroed memory aligned for any type; NULL when the limit is reached or memory
 * ran out (report with err_oom).  size 0 gives a valid pointer. */
void *arena_alloc(struct arena *a, size_t size) __attribute__((warn_unused_result));
/* n objects of `size`; NULL also when n * size overflows. */
void *arena_array(struct arena *a, size_t n, size_t size) __attribute__((warn_unused_result));
/* Copies; NULL as above.  arena_strdup(NULL) is NULL. */
char *arena_strdup(struct arena *a, const char *s) __attribute__((warn_unused_result));
char *arena_memdup(struct arena *a, const void *p, size_t len) __attribute__((warn_unused_result)); /* adds a NUL */
char *arena_printf(struct arena *a, const char *fmt, ...)
	__attribute__((format(printf, 2, 3), warn_unused_result));
/* Grows an array held in the arena: returns room for element number `n`
 * (appending), moving *items when its capacity *cap is used up. NULL on oom.
 * Use through ARENA_PUSH. */
void *arena_push(struct arena *a, void *items_ptr, size_t *n, size_t *cap, size_t size)
	__attribute__((warn_unused_result));
/* ARENA_PUSH(arena, list): list is a struct with fields items, n, cap;
 * evaluates to a pointer to a new zeroed element, or NULL. */
#define ARENA_PUSH(a, list)                                                                        \
	((__typeof__((list)->items))arena_push((a), &(list)->items, &(list)->n, &(list)->cap,      \
					       sizeof(*(list)->items)))

/* Gives all memory back; idempotent, accepts the zero value. */
void arena_release(struct arena *a);

#endif
