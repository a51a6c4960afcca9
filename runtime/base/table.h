/* Name <-> value tables: const arrays of struct table_entry, searched linearly
 * because none has more than a few dozen entries. */
#ifndef KANUKI_BASE_TABLE_H
#define KANUKI_BASE_TABLE_H

#include "base/list.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct table_entry {
	const char *name;
	int64_t value;
};

/* False, and *ret untouched, when the name is not in the table. */
static inline bool table_value_n(const struct table_entry *table, size_t n, const char *name,
				 int64_t *ret)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(table[i].name, name)) {
			*ret = table[i].value;
			return true;
		}
	return false;
}

/* The first name that has the value, or NULL. */
static inline const char *table_name_n(const struct table_entry *table, size_t n, int64_t value)
{
	for (size_t i = 0; i < n; i++)
		if (table[i].value == value)
			return table[i].name;
	return NULL;
}

#define table_value(table, name, ret) table_value_n((table), ARRAY_LEN(table), (name), (ret))
#define table_name(table, value)      table_name_n((table), ARRAY_LEN(table), (value))

#endif
