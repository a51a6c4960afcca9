/* A note that a policy file, as it was at a time, was accepted as a whole: its hash, the
 * images that its exceptions name, and its text without them.  They are nearly all of a large
 * policy and apply to the images they name only, so another container is decided by the
 * note, without reading, hashing and judging them at each create.
 *
 * A note is never needed: it may be removed at any time, and whatever is not as it must be
 * about it means that there is none.  It counts only
 *  - for the same file in the same state: device, inode and ctime of the opened file, on a
 *    file system that keeps these itself, and this build of the program.  Whatever is
 *    changed about a file changes its ctime, which nobody sets but by setting the clock;
 *  - if the file had been left alone for CACHE_SETTLED_S when its state was looked at:
 *    within one tick of a clock two states can look alike, and what is changed from then on,
 *    while it is read or later, has a later ctime;
 *  - if it, its directory and all above are root's alone, by the policy file's own walk.
 * What is in it is parsed and judged like any policy.
 *
 * Not seen is what root changes through a writable mapping that is older than all this.
 */
#ifndef KANUKI_CMD_POLICY_CACHE_H
#define KANUKI_CMD_POLICY_CACHE_H

#include "base/sha256.h"
#include "policy/conf.h"

#include <stdbool.h>
#include <stddef.h>

#define CACHE_PARENT	"/run"
#define CACHE_NAME	"kanuki-policy"
#define CACHE_SETTLED_S 2
#define CACHE_WORTH	((size_t)8 << 10) /* bytes that a note saves; fewer are read as fast */

/* A state of a file, as text. */
struct policy_cache_key {
	char text[160];
	bool settled;
};

struct policy_cache_note {
	const char *text; /* in the arena; not terminated */
	size_t len;
	char hash[SHA256_HEX_SIZE]; /* of the file itself */
};

/* False: too small to be worth a note, or its state can't be told. */
bool policy_cache_key(int fd, struct policy_cache_key *ret);

/* False: none that counts, or an exception names `image` (NULL: nothing was proven of it). */
bool policy_cache_read(const char *path, const struct policy_cache_key *key, const char *image,
		       struct arena *arena, struct policy_cache_note *ret);

/* A text of `len` bytes was read after `key`, and accepted as `conf`.  Does nothing where a note
 * wouldn't count or can't be left. */
void policy_cache_write(const char *path, const struct policy_cache_key *key, size_t len,
			const struct policy_conf *conf);

#endif
