/* Small reads of cgroupfs files; internal to act/cgroup*.c. */
#ifndef KANUKI_ACT_CGROUP_FILES_H
#define KANUKI_ACT_CGROUP_FILES_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The file's text, NUL-terminated, cut at size - 1.  ERR_NOT_FOUND when absent. */
int cgroup_file_read(int dirfd, const char *name, char *buf, size_t size, struct err *err)
	__attribute__((warn_unused_result));
/* The value after "key " at the start of a line; false when there is none. */
bool cgroup_text_value(const char *text, const char *key, uint64_t *ret);

#endif
