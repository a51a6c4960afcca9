/* Reads sysfs to tell whether a block device is encrypted; what that means for a volume is H-27's.
 */
#include "config.h"

#include "cmd/encrypted.h"

#include "base/auto.h"
#include "sys/sys.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/banned.h"

/* File system, logical volume, array, dm-crypt, partition: with room to spare. */
#define LAYERS_MAX 8

/* A mapped device names itself; cryptsetup's names begin so. */
static bool is_dm_crypt(const char *device)
{
	char path[PATH_MAX], uuid[6];
	int n = snprintf(path, sizeof(path), "%s/dm/uuid", device);

	if (n < 0 || (size_t)n >= sizeof(path))
		return false;
	autofd int fd = sys_open(path, O_RDONLY | O_CLOEXEC, 0);
	return fd >= 0 && sys_read(fd, uuid, sizeof(uuid)) == (ssize_t)sizeof(uuid) &&
	       !memcmp(uuid, "CRYPT-", sizeof(uuid));
}

/* One unencrypted disk of several is enough to lose what lies on it. */
static bool is_encrypted(const char *device, unsigned layers)
{
	char path[PATH_MAX];
	size_t slaves = 0;
	int n;

	if (is_dm_crypt(device))
		return true;
	n = snprintf(path, sizeof(path), "%s/slaves", device);
	if (!layers || n < 0 || (size_t)n >= sizeof(path))
		return false;
	autodir DIR *dir = opendir(path);
	for (struct dirent *e; dir && (e = readdir(dir));) {
		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
			continue;
		slaves++;
		n = snprintf(path, sizeof(path), "%s/slaves/%s", device, e->d_name);
		if (n < 0 || (size_t)n >= sizeof(path) || !is_encrypted(path, layers - 1))
			return false;
	}
	return slaves > 0;
}

bool encrypted_is_device(const char *device)
{
	return is_encrypted(device, LAYERS_MAX);
}
