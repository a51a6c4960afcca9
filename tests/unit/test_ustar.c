/* cmd/ustar.c: the bytes of an archive, its names, sizes and hashes.  What tar(1) makes of it
 * is in tests/integration/evidence.bats. */
#include "config.h"

#include "cmd/ustar.h"

#include "base/auto.h"

#include "tap.h"
#include "temp_dir.h"

static char bytes[64 << 10];
static size_t n_bytes;

static int open_archive(void)
{
	return open("archive", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
}

static void read_archive(int fd)
{
	ssize_t n = pread(fd, bytes, sizeof(bytes), 0);

	n_bytes = n < 0 ? 0 : (size_t)n;
}

/* The sum that the header at `at` should have: all its bytes, the field itself as blanks. */
static unsigned sum_of(size_t at)
{
	unsigned sum = 8 * ' ';

	for (size_t i = 0; i < 512; i++)
		if (i < 148 || i >= 156)
			sum += (unsigned char)bytes[at + i];
	return sum;
}

static void is_header(size_t at, const char *prefix, const char *name, const char *size)
{
	char want[8];

	ok(strncmp(bytes + at + 345, prefix, 155) == 0 && strncmp(bytes + at, name, 100) == 0, "the name %s", name);
	is_str(bytes + at + 124, size, "its size");
	ok(!memcmp(bytes + at + 257, "ustar\0" "00", 8) && bytes[at + 156] == '0', "magic, version and type");
	is_str(bytes + at + 100, "0000600", "its mode");
	is_str(bytes + at + 136, "00000001750", "its time");
	snprintf(want, sizeof(want), "%06o", sum_of(at));
	ok(!memcmp(bytes + at + 148, want, 7) && bytes[at + 155] == ' ', "its sum");
}

static void test_files(void)
{
	autofd int fd = open_archive();
	struct ustar tar = {.fd = fd, .mtime = 1000};
	char hash[SHA256_HEX_SIZE], whole[SHA256_HEX_SIZE];
	struct err err = ERR_INIT;
	uint64_t size = 0;

	ok(ustar_begin(&tar, "a/b.txt", &err) == 0 && ustar_write(&tar, "ab", 2, &err) == 0 &&
		   ustar_write(&tar, "c", 1, &err) == 0 && ustar_end(&tar, hash, &size, &err) == 0,
	   "a file in two pieces");
	is_str(hash, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", "its hash");
	is_int((intmax_t)size, 3, "and size");
	ok(ustar_begin(&tar, "empty", &err) == 0 && ustar_end(&tar, hash, &size, &err) == 0, "an empty one");
	is_str(hash, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "its hash");
	char block[512];
	memset(block, 'x', sizeof(block));
	ok(ustar_begin(&tar, "block", &err) == 0 && ustar_write(&tar, block, sizeof(block), &err) == 0 &&
		   ustar_end(&tar, hash, &size, &err) == 0,
	   "one of a block");
	ok(ustar_finish(&tar, whole, &err) == 0, "the end");
	read_archive(fd);
	is_int((intmax_t)n_bytes, 512 * (2 + 1 + 2 + 2), "blocks: two, one, two, and two of zeros");
	is_header(0, "", "a/b.txt", "00000000003");
	ok(!memcmp(bytes + 512, "abc\0", 4) && !bytes[1023], "the data, and zeros to the end of the block");
	is_header(1024, "", "empty", "00000000000");
	is_header(1536, "", "block", "00000001000");
	sha256_hex(bytes, n_bytes, hash);
	is_str(whole, hash, "the archive's hash");
}

static bool takes(const char *name)
{
	autofd int fd = open_archive();
	struct ustar tar = {.fd = fd, .mtime = 1000};
	struct err err = ERR_INIT;
	bool r = ustar_begin(&tar, name, &err) == 0;

	if (!r && err.kind != ERR_SYSTEM)
		ok(false, "an error without a kind");
	read_archive(fd);
	if (!r && n_bytes)
		ok(false, "bytes of a file that was refused");
	return r;
}

static void test_names(void)
{
	static const char *const bad[] = {"", "/", "/a", "a/", "a//b", ".", "..", "a/..", "../a", "a/./b", "a b", "a\nb",
					  "a\\b", "\xc3\xa4", "a*"};
	char name[USTAR_NAME_MAX + 2];

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		ok(!takes(bad[i]), "no name: '%s'", bad[i]);
	ok(takes("...") && takes("a/.b/..c/+@_-"), "names with dots and signs");
	memset(name, 'n', sizeof(name));
	name[100] = '\0';
	ok(takes(name), "100 bytes");
	memset(name, 'n', sizeof(name));
	name[101] = '\0';
	ok(!takes(name), "101 without a slash");
	name[101] = 'n';
	name[155] = '/';
	name[255] = '\0';
	ok(takes(name), "prefix and name, 155 and 99 bytes");
	ok(strlen(bytes + 345) == 155 && strlen(bytes) == 99, "parted");
	name[255] = 'n';
	name[256] = '\0';
	ok(!takes(name), "256 bytes");
	name[155] = 'n';
	name[156] = '/';
	name[200] = '\0';
	ok(!takes(name), "a prefix of 156");
}

static void test_failures(void)
{
	autofd int full = open("/dev/full", O_RDWR | O_CLOEXEC);
	autofd int fd = open_archive();
	autofd int read_only = open("archive", O_RDONLY | O_CLOEXEC);
	struct ustar tar = {.fd = fd, .size = USTAR_SIZE_MAX}, to_full = {.fd = full}, to_none = {.fd = read_only};
	struct err err = ERR_INIT;

	ok(ustar_write(&tar, "x", 1, &err) == -1 && strstr(err.msg, "larger than 8 GiB"), "more than a header can say");
	err_clear(&err);
	ok(ustar_begin(&to_full, "a", &err) == -1 && err.sys_errno == ENOSPC, "a full disk");
	err_clear(&err);
	ok(ustar_begin(&to_none, "a", &err) == -1 && err.kind == ERR_SYSTEM, "a file that can't be written");
}

int main(void)
{
	temp_dir_enter();
	test_files();
	test_names();
	test_failures();
	return tap_done();
}
