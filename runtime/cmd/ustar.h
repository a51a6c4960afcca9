/* Writes a tar archive in the ustar format (POSIX.1-2001, pax(1)): regular files of root,
 * mode 0600, and nothing else.  A file's size need not be known when it begins: its
 * header is put right at its end, so the archive is a file, not a pipe. */
#ifndef KANUKI_CMD_USTAR_H
#define KANUKI_CMD_USTAR_H

#include "base/err.h"
#include "base/sha256.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define USTAR_NAME_MAX 255u
#define USTAR_SIZE_MAX UINT64_C(077777777777) /* bytes of a file: 8 GiB */

struct ustar {
	int fd; /* readable too, at offset 0, the caller's */
	int64_t mtime;
	/* internal */
	char name[USTAR_NAME_MAX + 1];
	off_t header;
	uint64_t size;
	struct sha256 sha;
};

/* The name is relative and clean: letters, digits and "._+@-" between single slashes, no "."
 * and "..", and has a slash where ustar can part it (155 bytes, slash, 100 bytes). */
int ustar_begin(struct ustar *tar, const char *name, struct err *err)
	__attribute__((warn_unused_result));
int ustar_write(struct ustar *tar, const void *data, size_t len, struct err *err)
	__attribute__((warn_unused_result));
/* The file's hash and size, of what was written here. */
int ustar_end(struct ustar *tar, char ret_sha256[SHA256_HEX_SIZE], uint64_t *ret_size,
	      struct err *err) __attribute__((warn_unused_result));
/* The archive's end, and the hash of all of it as it is read back. */
int ustar_finish(struct ustar *tar, char ret_sha256[SHA256_HEX_SIZE], struct err *err)
	__attribute__((warn_unused_result));

#endif
