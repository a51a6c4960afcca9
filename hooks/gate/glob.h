/* Patterns of repositories and namespaces.  Pure.
 *
 * '*' stands for any run of characters within a component (what lies between slashes),
 * also for none.  A pattern that ends in "/" and a star takes any depth beneath, at least one
 * component; "*" alone takes everything.  Nothing else is special, case counts, and the
 * whole text must match. */
#ifndef KANUKI_GATE_GLOB_H
#define KANUKI_GATE_GLOB_H

#include "base/list.h"

#include <stdbool.h>

/* text NULL matches nothing. */
bool glob_match(const char *pattern, const char *text);
bool glob_match_any(const struct str_list *patterns, const char *text);
/* Printable ASCII without blanks, 1 to 512 bytes, no two stars together. */
bool glob_is_valid(const char *pattern);
/* All that `inner` matches, `outer` does; may say no where it is so. */
bool glob_is_within(const char *inner, const char *outer);

#endif
