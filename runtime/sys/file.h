/* Whole-file operations, on descriptors; no policy. */
#ifndef KANUKI_SYS_FILE_H
#define KANUKI_SYS_FILE_H

#include "base/arena.h"
#include "base/err.h"

#include <stddef.h>
#include <sys/types.h>

/* Opens path beneath dirfd (AT_FDCWD allowed) with O_NONBLOCK|O_NOCTTY|O_CLOEXEC,
 * refuses anything but a regular file, reads at most `limit` bytes (more is an
 * error) into the arena, NUL-terminated.  A FIFO or device can't hang it. */
int file_read(int dirfd, const char *path, size_t limit, struct arena *arena, char **ret_text,
	      size_t *ret_len, struct err *err) __attribute__((warn_unused_result));
/* The same from an open descriptor of any kind (stdin, pipe), until EOF. */
int file_read_fd(int fd, const char *name, size_t limit, struct arena *arena, char **ret_text,
		 size_t *ret_len, struct err *err) __attribute__((warn_unused_result));
/* All of fd from where it stands, in pieces that live until `take` returns; its -1, with err
 * filled, ends the reading. */
typedef int file_piece(void *to, const char *text, size_t len, struct err *err);
int file_read_pieces(int fd, file_piece *take, void *to, struct err *err)
	__attribute__((warn_unused_result));
/* write(2) until done; EINTR retried; short writes continued. */
int file_write_all(int fd, const void *data, size_t len) __attribute__((warn_unused_result));
/* fcntl(2), F_ADD_SEALS, on a memory file that nothing of ours has mapped.
 * F_SEAL_WRITE still is EBUSY when the kernel itself holds one of its pages (mm/memfd.c
 * waits a moment for it and gives up; to migrate a page is one reason): tried again,
 * 50 times in all, 5 ms apart.  -1 and errno. */
int file_seal(int fd, int seals) __attribute__((warn_unused_result));
/* One write(2) of the whole text to an existing kernel file (cgroupfs, proc);
 * opened O_WRONLY|O_NOFOLLOW|O_CLOEXEC beneath dirfd.  -1 and errno. */
int file_write_once(int dirfd, const char *path, const char *text)
	__attribute__((warn_unused_result));
/* Temporary file in the same directory (O_EXCL|O_NOFOLLOW), write, rename over
 * `name`: readers see the old or the new content, never a part. The temporary
 * is removed on failure. */
int file_replace(int dirfd, const char *name, const void *data, size_t len, mode_t mode,
		 struct err *err) __attribute__((warn_unused_result));
/* mkdir -p for an absolute host path; existing directories are accepted. */
int file_mkdir_parents(const char *path, mode_t mode, struct err *err)
	__attribute__((warn_unused_result));

#endif
