/* A policy by name or from its file.  Whoever may write the file, or put another in its
 * place, decides what the runtime does as root: so the file and each directory above it
 * must be root's alone, which is looked at on what was opened, not on names. */
#ifndef KANUKI_CMD_POLICY_FILE_H
#define KANUKI_CMD_POLICY_FILE_H

#include "base/err.h"
#include "policy/conf.h"

#include <stdbool.h>

/* "builtin:NAME", a path (relative to the working directory if it doesn't begin with '/'), or
 * NULL: POLICY_FILE, and builtin:hardened where there is none.  *ret is POLICY_CONF_INIT.
 * No symbolic link is followed. */
int policy_file_load(const char *name_or_path, struct policy_conf *ret, struct err *err)
	__attribute__((warn_unused_result));
/* The same for one container of `image` (NULL: nothing was proven of it): exceptions for
 * other images may be missing in *ret, because a large file is not read again while it is
 * the same one that was accepted as a whole (cmd/policy_cache.h).  `keep`: leave a note of
 * that. */
int policy_file_load_for(const char *name_or_path, const char *image, bool keep,
			 struct policy_conf *ret, struct err *err)
	__attribute__((warn_unused_result));
/* The same as policy_file_load(), and the file's text (in `arena`); NULL for a built-in. */
int policy_file_read(const char *name_or_path, struct arena *arena, char **ret_text,
		     size_t *ret_len, struct policy_conf *ret, struct err *err)
	__attribute__((warn_unused_result));

#endif
