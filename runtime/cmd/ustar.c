/* Owns the form of a ustar archive; knows nothing of what is in it. */
#include "config.h"

#include "cmd/ustar.h"

#include "sys/file.h"
#include "sys/sys.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/banned.h"

#define BLOCK 512u

struct header {
	char name[100], mode[8], uid[8], gid[8], size[12], mtime[12], chksum[8], typeflag,
		linkname[100];
	char magic[6], version[2], uname[32], gname[32], devmajor[8], devminor[8], prefix[155],
		pad[12];
};
_Static_assert(sizeof(struct header) == BLOCK, "a header is one block");

static const char zeros[BLOCK * 2];

static bool is_clean(const char *name)
{
	static const char allowed[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._+@-";

	for (;;) {
		size_t len = strspn(name, allowed);

		if (!len || (len <= 2 && strspn(name, ".") >= len))
			return false;
		if (!name[len])
			return true;
		if (name[len] != '/')
			return false;
		name += len + 1;
	}
}

/* Where the slash is that parts prefix and name; 0: all of it is the name. */
static int split(const char *name, size_t *ret, struct err *err)
{
	size_t len = strlen(name), at;

	*ret = 0;
	if (len <= sizeof(((struct header *)0)->name))
		return 0;
	for (at = len - sizeof(((struct header *)0)->name) - 1; at < len && name[at] != '/'; at++)
		;
	if (at >= len || !at || at > sizeof(((struct header *)0)->prefix))
		return err_set(err, ERR_SYSTEM, "archive: the name '%s' is too long", name);
	*ret = at;
	return 0;
}

static int fill(const struct ustar *tar, struct header *h, struct err *err)
{
	const unsigned char *bytes = (const unsigned char *)h;
	unsigned sum = 0;
	char octal[16];
	size_t at;

	if (split(tar->name, &at, err) < 0)
		return -1;
	*h = (struct header){.mode = "0000600",
			     .uid = "0000000",
			     .gid = "0000000",
			     .chksum = "       ",
			     .typeflag = '0',
			     .magic = "ustar",
			     .version = {'0', '0'},
			     .uname = "root",
			     .gname = "root",
			     .devmajor = "0000000",
			     .devminor = "0000000"};
	h->chksum[7] = ' '; /* summed up as eight blanks */
	memcpy(h->prefix, tar->name, at);
	memcpy(h->name, tar->name + at + (at != 0), strlen(tar->name) - at - (at != 0));
	(void)snprintf(h->size, sizeof(h->size), "%011" PRIo64, tar->size & USTAR_SIZE_MAX);
	(void)snprintf(h->mtime, sizeof(h->mtime), "%011" PRIo64,
		       (uint64_t)tar->mtime & USTAR_SIZE_MAX);
	for (size_t i = 0; i < sizeof(*h); i++)
		sum += bytes[i];
	(void)snprintf(octal, sizeof(octal), "%06o", sum);
	memcpy(h->chksum, octal, 7);
	return 0;
}

static int put(const struct ustar *tar, const void *data, size_t len, struct err *err)
{
	return file_write_all(tar->fd, data, len) < 0 ? err_sys(err, "write the archive") : 0;
}

int ustar_begin(struct ustar *tar, const char *name, struct err *err)
{
	struct header h;

	if (strlen(name) > USTAR_NAME_MAX || !is_clean(name))
		return err_set(err, ERR_SYSTEM, "archive: '%s' can't be a name in it", name);
	(void)snprintf(tar->name, sizeof(tar->name), "%s", name);
	tar->size = 0;
	tar->header = sys_lseek(tar->fd, 0, SEEK_CUR);
	if (tar->header < 0)
		return err_sys(err, "seek in the archive");
	if (fill(tar, &h, err) < 0)
		return -1;
	sha256_init(&tar->sha);
	return put(tar, &h, sizeof(h), err);
}

int ustar_write(struct ustar *tar, const void *data, size_t len, struct err *err)
{
	if (len > USTAR_SIZE_MAX - tar->size)
		return err_set(err, ERR_SYSTEM, "archive: '%s' would be larger than 8 GiB",
			       tar->name);
	sha256_update(&tar->sha, data, len);
	tar->size += len;
	return put(tar, data, len, err);
}

int ustar_end(struct ustar *tar, char ret_sha256[SHA256_HEX_SIZE], uint64_t *ret_size,
	      struct err *err)
{
	struct header h;

	if (fill(tar, &h, err) < 0 || put(tar, zeros, (BLOCK - tar->size % BLOCK) % BLOCK, err) < 0)
		return -1;
	if (sys_lseek(tar->fd, tar->header, SEEK_SET) < 0)
		return err_sys(err, "seek in the archive");
	if (put(tar, &h, sizeof(h), err) < 0)
		return -1;
	if (sys_lseek(tar->fd, 0, SEEK_END) < 0)
		return err_sys(err, "seek in the archive");
	sha256_final_hex(&tar->sha, ret_sha256);
	*ret_size = tar->size;
	return 0;
}

int ustar_finish(struct ustar *tar, char ret_sha256[SHA256_HEX_SIZE], struct err *err)
{
	struct sha256 sha;
	char buf[16384];
	off_t at = 0;

	if (put(tar, zeros, sizeof(zeros), err) < 0)
		return -1;
	sha256_init(&sha);
	for (;;) {
		ssize_t n = sys_pread(tar->fd, buf, sizeof(buf), at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(err, "read the archive back");
		if (n == 0)
			break;
		sha256_update(&sha, buf, (size_t)n);
		at += n;
	}
	sha256_final_hex(&sha, ret_sha256);
	return 0;
}
