/* Typed growable lists in an arena: fields items, n, cap; grow with ARENA_PUSH. */
#ifndef KANUKI_BASE_LIST_H
#define KANUKI_BASE_LIST_H

#include <stddef.h>

#define LIST_OF(type)                                                                                                  \
	struct {                                                                                                       \
		type *items;                                                                                           \
		size_t n;                                                                                              \
		size_t cap;                                                                                            \
	}

struct str_list {
	const char **items;
	size_t n;
	size_t cap;
};

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#endif
