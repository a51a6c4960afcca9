/* cmd/encrypted.c on made-up devices: what holds for a volume on dm-crypt, above it and beside it (H-27). */
#include "config.h"

#include "cmd/encrypted.h"

#include "tap.h"
#include "temp_dir.h"

#include <errno.h>

/* Without `uuid` a disk, with it a mapped device. */
static void make_device(const char *name, const char *uuid)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/dm", name);
	if (mkdir(name, 0700) < 0 || (uuid && mkdir(path, 0700) < 0))
		abort();
	if (!uuid)
		return;
	snprintf(path, sizeof(path), "%s/dm/uuid", name);
	FILE *f = fopen(path, "w");
	if (!f || fprintf(f, "%s\n", uuid) < 0 || fclose(f))
		abort();
}

static void put_on(const char *name, const char *slave)
{
	char path[256], target[256];

	snprintf(path, sizeof(path), "%s/slaves", name);
	if (mkdir(path, 0700) < 0 && errno != EEXIST)
		abort();
	snprintf(path, sizeof(path), "%s/slaves/%s", name, slave);
	snprintf(target, sizeof(target), "../../%s", slave);
	if (symlink(target, path) < 0)
		abort();
}

int main(void)
{
	temp_dir_enter();
	make_device("sda", NULL);
	make_device("sdb", NULL);
	make_device("crypt-a", "CRYPT-LUKS2-0123-a");
	put_on("crypt-a", "sda");
	make_device("crypt-b", "CRYPT-PLAIN-b");
	put_on("crypt-b", "sdb");
	ok(!encrypted_is_device("sda"), "a disk isn't");
	ok(!encrypted_is_device("sdz"), "what isn't there isn't");
	ok(encrypted_is_device("crypt-a") && encrypted_is_device("crypt-b"), "dm-crypt is");

	make_device("lv", "LVM-0123");
	ok(!encrypted_is_device("lv"), "a logical volume on nothing isn't");
	mkdir("lv/slaves", 0700);
	ok(!encrypted_is_device("lv"), "nor with an empty list");
	put_on("lv", "crypt-a");
	ok(encrypted_is_device("lv"), "a logical volume on dm-crypt is");
	put_on("lv", "crypt-b");
	ok(encrypted_is_device("lv"), "on two of them, too");
	put_on("lv", "sdb");
	ok(!encrypted_is_device("lv"), "but not with a part of it on a plain disk");

	make_device("plain", "LVM-CRYPT-");
	put_on("plain", "sda");
	ok(!encrypted_is_device("plain"), "a volume whose name says so only in the middle isn't");
	make_device("short", "CRY");
	ok(!encrypted_is_device("short"), "a name cut short isn't");
	make_device("loop", "LVM-loop");
	put_on("loop", "loop");
	ok(!encrypted_is_device("loop"), "a device on itself isn't, and ends");
	return tap_done();
}
