/* Scope-bound ownership: autofd, autofree, ..., and steal_* to hand it on.
 *
 * Ownership leaves a scope with steal_fd()/steal_ptr() and in no other way.
 * Closing keeps errno, so that an error can be reported after the scope ends.
 */
#ifndef KANUKI_BASE_AUTO_H
#define KANUKI_BASE_AUTO_H

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

static inline void auto_close_fd(int *fd)
{
	if (*fd >= 0) {
		int saved = errno;
		(void)close(*fd); /* nothing written through it: no data to lose */
		errno = saved;
		*fd = -1;
	}
}

static inline void auto_free_ptr(void *p)
{
	void **pp = p;
	int saved = errno;
	free(*pp);
	errno = saved;
	*pp = NULL;
}

static inline void auto_close_dir(DIR **d)
{
	if (*d) {
		int saved = errno;
		(void)closedir(*d);
		errno = saved;
		*d = NULL;
	}
}

#define autofd __attribute__((cleanup(auto_close_fd)))
#define autofree __attribute__((cleanup(auto_free_ptr)))
#define autodir __attribute__((cleanup(auto_close_dir)))

static inline int steal_fd(int *fd)
{
	int f = *fd;
	*fd = -1;
	return f;
}

#define steal_ptr(pp)                                 \
	({                                            \
		__typeof__(*(pp)) steal_tmp_ = *(pp); \
		*(pp) = NULL;                         \
		steal_tmp_;                           \
	})

#endif
