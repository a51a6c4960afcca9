/* H-73: which interpreter a program of the image names, whatever is in the file; and the
 * rule set's refusals where the kernel has less than the plan needs. */
#include "config.h"

#include "act/landlock.h"

#include "act/rootfs.h"
#include "sys/kernel.h"

#include "tap.h"
#include "temp_dir.h"

#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <unistd.h>

static struct err err;
static char found[4096];
static bool script;

/* As the file says; "" for nothing. */
static const char *interpreter(const void *bytes, size_t len)
{
	int fd = open("program", O_RDWR | O_CREAT | O_TRUNC, 0700), r;

	if (fd < 0 || write(fd, bytes, len) != (ssize_t)len)
		exit(99);
	memset(found, 'x', sizeof(found));
	err = (struct err)ERR_INIT;
	r = landlock_interpreter(fd, found, &script, &err);
	close(fd);
	return r < 0 ? err.msg : r ? found : "";
}

static const char *of_text(const char *text)
{
	return interpreter(text, strlen(text));
}

static void test_scripts(void)
{
	char line[300];

	is_str(of_text("#!/bin/sh\n"), "/bin/sh", "a script");
	ok(script, "is one");
	is_str(of_text("#! \t/usr/bin/env  python3 -x\n"), "/usr/bin/env", "blanks before and after");
	is_str(of_text("#!/bin/sh"), "/bin/sh", "the end of the file ends the line");
	is_str(of_text("#!bin/sh\n"), "", "a relative name is nobody's");
	is_str(of_text("#!\n/bin/sh\n"), "", "the second line doesn't count");
	is_str(of_text("#!   "), "", "blanks only");
	is_str(of_text("#!"), "", "nothing");
	is_str(of_text("#"), "", "less");
	is_str(of_text(""), "", "an empty file");
	is_str(interpreter("#!/bin/sh\0x\n", 12), "/bin/sh", "a zero ends it");
	memset(line, 'a', sizeof(line));
	memcpy(line, "#!/", 3);
	is_str(interpreter(line, sizeof(line)), "", "a name that the kernel would cut off");
	is_str(interpreter(line, 256), "", "one that may go on");
	line[255] = '\n';
	ok(strlen(interpreter(line, sizeof(line))) == 253, "the longest");
}

struct image {
	ElfW(Ehdr) head;
	ElfW(Phdr) table[3];
	char name[32];
};

static struct image sound(void)
{
	struct image i = {.name = "/lib/ld.so"};

	memcpy(i.head.e_ident, ELFMAG, SELFMAG);
	i.head.e_ident[EI_CLASS] = sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32;
	i.head.e_ident[EI_DATA] = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? ELFDATA2LSB : ELFDATA2MSB;
	i.head.e_phoff = offsetof(struct image, table);
	i.head.e_phentsize = sizeof(i.table[0]);
	i.head.e_phnum = 3;
	i.table[1].p_type = PT_INTERP;
	i.table[1].p_offset = offsetof(struct image, name);
	i.table[1].p_filesz = sizeof("/lib/ld.so");
	return i;
}

static const char *of_image(const struct image *i)
{
	return interpreter(i, sizeof(*i));
}

#define REFUSED(change, what)                                                                                          \
	do {                                                                                                           \
		struct image i = sound();                                                                              \
		change;                                                                                                \
		is_str(of_image(&i), "", what);                                                                        \
	} while (0)

static void test_elf(void)
{
	struct image good = sound();
	char large[8192] = {0};

	is_str(of_image(&good), "/lib/ld.so", "a program with a loader");
	ok(!script, "is no script");
	is_str(interpreter(&good, sizeof(good) - sizeof(good.name) + 5), "", "cut off in the name");
	is_str(interpreter(&good, offsetof(struct image, table) + 60), "", "cut off in the table");
	is_str(interpreter(&good, 40), "", "cut off in the header");
	REFUSED(i.table[1].p_type = PT_NOTE, "none is named");
	REFUSED(i.head.e_phnum = 1, "none within the table's length");
	REFUSED(i.head.e_phnum = 0, "no table");
	REFUSED(i.head.e_phnum = 0xffff, "a table longer than is read");
	REFUSED(i.head.e_phentsize = 1, "entries of another size");
	REFUSED(i.head.e_phoff = UINT64_MAX, "a table beyond what a file can have");
	REFUSED(i.head.e_phoff = INT64_MAX, "a table at the end of that");
	REFUSED(i.table[1].p_offset = UINT64_MAX - 3, "a name beyond it");
	REFUSED(i.table[1].p_filesz = 1, "a name too short");
	REFUSED(i.table[1].p_filesz = 4097, "a name too long");
	REFUSED(i.table[1].p_filesz = 5, "a name without its end");
	REFUSED(i.name[0] = 'l', "a relative name");
	REFUSED(i.head.e_ident[EI_CLASS] = 0, "another class");
	REFUSED(i.head.e_ident[EI_DATA] = 0, "another byte order");
	memcpy(large, &good, sizeof(good));
	((struct image *)(void *)large)->head.e_phnum = 4096 / sizeof(good.table[0]);
	is_str(interpreter(large, sizeof(large)), "/lib/ld.so", "as many entries as are read");
	((struct image *)(void *)large)->head.e_phnum++;
	is_str(interpreter(large, sizeof(large)), "", "and one more, all of them there");
	good.table[0] = good.table[1];
	good.table[0].p_filesz = 1;
	is_str(of_image(&good), "", "the first counts, as in the kernel");
}

static void test_refusals(void)
{
	struct plan plan = {.landlock = {.enabled = true, .min_abi = 4000}};
	struct child child = {.landlock_fd = -1};

	err = (struct err)ERR_INIT;
	ok(landlock_build(&plan, &child, &err) < 0 && child.landlock_fd < 0, "H-70: an ABI that no kernel has");
	is_err(&err, ERR_POLICY, "Landlock ABI 4000 is needed", "is refused");
}

static void test_unreadable(void)
{
	err = (struct err)ERR_INIT;
	ok(landlock_interpreter(-1, found, &script, &err) < 0 && err.kind == ERR_SYSTEM, "what can't be read is an error");
}

int main(void)
{
	temp_dir_enter();
	test_scripts();
	test_elf();
	test_refusals();
	test_unreadable();
	return tap_done();
}
