/* A note is a line "kanuki-policy VERSION/COMMIT STATE HASH", a line for each image that an
 * exception names, and the reduced text, which begins with a brace; its name is made of
 * the policy's path. */
#include "config.h"

#include "cmd/policy_cache.h"

#include "base/auto.h"
#include "base/sha256.h"
#include "base/str.h"
#include "sys/file.h"
#include "sys/owned.h"
#include "sys/sys.h"
#include "version.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <time.h>

#include "base/banned.h"

#define HASH_LEN  ((size_t)64)
#define IMAGE_LEN ((size_t)71) /* "sha256:" and 64 digits */
#define NAME_LEN  32
#define ZFS_SUPER_MAGIC 0x2fc12fc1u /* not in the kernel's tree */

static const struct owned_rules rules = {.what = "policy note", .kind = ERR_POLICY};

/* Whose ctimes are the kernel's own.  An image's (squashfs, erofs, one below an overlay)
 * are whatever its maker put there, and the next image can have the same; a server's come
 * late. */
static bool keeps_ctime(int fd)
{
	struct statfs fs;

	if (sys_fstatfs(fd, &fs) < 0 || ((unsigned long)fs.f_flags & ST_RDONLY))
		return false;
	switch ((unsigned long)fs.f_type) {
	case BTRFS_SUPER_MAGIC:
	case EXT4_SUPER_MAGIC:
	case F2FS_SUPER_MAGIC:
	case TMPFS_MAGIC:
	case XFS_SUPER_MAGIC:
	case ZFS_SUPER_MAGIC:
		return true;
	default:
		return false;
	}
}

bool policy_cache_key(int fd, struct policy_cache_key *ret)
{
	struct timespec now;
	struct stat st;
	int n;

	if (sys_fstat(fd, &st) < 0 || st.st_size < (off_t)CACHE_WORTH || !keeps_ctime(fd) ||
	    clock_gettime(CLOCK_REALTIME, &now) < 0)
		return false;
	ret->settled = st.st_ctim.tv_sec + CACHE_SETTLED_S < now.tv_sec;
	n = snprintf(ret->text, sizeof(ret->text),
		     "kanuki-policy " PACKAGE_VERSION "/" KANUKI_COMMIT " %ju:%ju:%jd.%09ld ",
		     (uintmax_t)st.st_dev, (uintmax_t)st.st_ino, (intmax_t)st.st_ctim.tv_sec,
		     st.st_ctim.tv_nsec);
	return n > 0 && (size_t)n < sizeof(ret->text);
}

static void name_of(const char *path, char ret[NAME_LEN + 1])
{
	char hash[SHA256_HEX_SIZE];

	sha256_hex(path, strlen(path), hash);
	(void)snprintf(ret, NAME_LEN + 1, "%.*s", NAME_LEN, hash);
}

/* All of it, or nothing.  That the text ends where it must is the parser's to see. */
static bool take_note(const char *s, size_t len, const struct policy_cache_key *key,
		      const char *image, struct policy_cache_note *ret)
{
	size_t key_len = strlen(key->text), line = key_len + HASH_LEN;
	const char *at = s + line + 1, *end = s + len;

	if (len <= line || memcmp(s, key->text, key_len) != 0 || s[line] != '\n')
		return false;
	memcpy(ret->hash, s + key_len, HASH_LEN);
	ret->hash[HASH_LEN] = '\0';
	if (strspn(ret->hash, "0123456789abcdef") != HASH_LEN)
		return false;
	for (; (size_t)(end - at) > IMAGE_LEN && at[IMAGE_LEN] == '\n'; at += IMAGE_LEN + 1)
		if (image && strlen(image) == IMAGE_LEN && !memcmp(at, image, IMAGE_LEN))
			return false;
	ret->text = at;
	ret->len = (size_t)(end - at);
	return true;
}

bool policy_cache_read(const char *path, const struct policy_cache_key *key, const char *image,
		       struct arena *arena, struct policy_cache_note *ret)
{
	char name[NAME_LEN + 1], full[sizeof(CACHE_PARENT "/" CACHE_NAME "/") + NAME_LEN], *text;
	struct err ignored = ERR_INIT; /* no note, whatever the reason */
	struct stat st;
	size_t len;

	name_of(path, name);
	(void)snprintf(full, sizeof(full), CACHE_PARENT "/" CACHE_NAME "/%s", name);
	autofd int fd = owned_open(&rules, full, full, O_RDONLY | O_NONBLOCK | O_NOCTTY, &ignored);

	/* owned_open() also takes what is nobody's in a user namespace: a note must be root's. */
	return fd >= 0 && sys_fstat(fd, &st) == 0 && st.st_uid == 0 &&
	       file_read_fd(fd, full, POLICY_MAX_BYTES, arena, &text, &len, &ignored) == 0 &&
	       take_note(text, len, key, image, ret);
}

static int open_directory(struct err *err)
{
	static const char path[] = CACHE_PARENT "/" CACHE_NAME;
	int fd = owned_open(&rules, path, path, O_PATH | O_DIRECTORY, err);

	if (fd >= 0 || err->sys_errno != ENOENT)
		return fd;
	err_clear(err);
	autofd int parent = owned_open(&rules, path, CACHE_PARENT, O_PATH | O_DIRECTORY, err);
	if (parent < 0 || (sys_mkdirat(parent, CACHE_NAME, 0700) < 0 && errno != EEXIST))
		return -1;
	return owned_open(&rules, path, path, O_PATH | O_DIRECTORY, err);
}

/* A note that can't be left is missed by nobody: the next create reads the whole file, as this one
 * did. */
void policy_cache_write(const char *path, const struct policy_cache_key *key, size_t len,
			const struct policy_conf *conf)
{
	struct err ignored = ERR_INIT;
	autostr note = STR_INIT;
	char name[NAME_LEN + 1];

	if (!key->settled)
		return;
	str_addf(&note, "%s%s\n", key->text, conf->hash);
	for (size_t i = 0; i < conf->exceptions.n; i++)
		str_addf(&note, "%s\n", conf->exceptions.items[i].image);
	if (policy_conf_reduce(conf->json, &note, &ignored) < 0 || str_failed(&note) ||
	    note.len + CACHE_WORTH > len)
		return;
	autofd int dirfd = open_directory(&ignored);
	name_of(path, name);
	if (dirfd >= 0 && file_replace(dirfd, name, note.s, note.len, 0600, &ignored) < 0)
		err_clear(&ignored);
}
