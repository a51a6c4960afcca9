/* Typed growable lists in an arena: fields items, n, cap; grow with ARENA_PUSH. */
#ifndef KANUKI_BASE_LIST_H
#define KANUKI_BASE_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#define LIST_OF(type)                                                                              \
	struct {                                                                                   \
		type *items;                                                                       \
		size_t n;                                                                          \
		size_t cap;                                                                        \
	}

struct str_list {
	const char **items;
	size_t n;
	size_t cap;
};

/* Texts in no order; NULL is never among them. */
static inline bool texts_have(const char *const *texts, size_t n, const char *text)
{
	for (size_t i = 0; text && i < n; i++)
		if (!strcmp(texts[i], text))
			return true;
	return false;
}

static inline bool str_list_has(const struct str_list *list, const char *text)
{
	return texts_have((const char *const *)list->items, list->n, text);
}

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#endif
