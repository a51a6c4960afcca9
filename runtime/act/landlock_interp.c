/* Which other file the kernel opens, with the right to execute it, for a program: the
 * loader that an ELF file names (fs/binfmt_elf.c), a script's interpreter
 * (fs/binfmt_script.c).
 *
 * The file is the image's and may be anything: nothing in it is believed but what is
 * looked at here, reads are bounded, and what isn't understood names nothing.  Then no
 * right is given, and its execution is refused.
 */
#include "config.h"

#include "act/landlock.h"

#include "sys/sys.h"

#include <elf.h>
#include <errno.h>
#include <link.h>
#include <string.h>

#include "base/banned.h"

#define HEAD 4096	/* bytes of the file's beginning, of its program headers, and of a path */
#define SCRIPT_LINE 256 /* BINPRM_BUF_SIZE: as much of the first line as the kernel reads */

/* As many bytes as there are, at most `len`.  An offset beyond what a file can have is
 * none. */
static ssize_t read_at(int fd, void *to, size_t len, uint64_t offset, struct err *err)
{
	ssize_t n = offset > INT64_MAX ? 0 : sys_pread(fd, to, len, (off_t)offset);

	if (n < 0 && errno == EINVAL)
		return 0;
	return n < 0 ? err_sys(err, "Landlock: read a program's header") : n;
}

static bool is_native(const ElfW(Ehdr) *header)
{
	const unsigned char class = sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32;
	const unsigned char order =
		__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? ELFDATA2LSB : ELFDATA2MSB;

	/* Other ABIs are killed by the filter (H-51). */
	return header->e_ident[EI_CLASS] == class && header->e_ident[EI_DATA] == order &&
	       header->e_phentsize == sizeof(ElfW(Phdr)) && header->e_phnum > 0 &&
	       header->e_phnum <= HEAD / sizeof(ElfW(Phdr));
}

static int elf_loader(int fd, const ElfW(Ehdr) *header, char path[HEAD], struct err *err)
{
	ElfW(Phdr) table[HEAD / sizeof(ElfW(Phdr))];
	size_t len = header->e_phnum * sizeof(table[0]);
	ssize_t n;

	if (!is_native(header))
		return 0;
	n = read_at(fd, table, len, header->e_phoff, err);
	if (n != (ssize_t)len)
		return n < 0 ? -1 : 0;
	for (size_t i = 0; i < header->e_phnum; i++) {
		if (table[i].p_type != PT_INTERP)
			continue;
		/* The first one counts; the kernel takes no longer one either. */
		if (table[i].p_filesz < 2 || table[i].p_filesz > HEAD)
			return 0;
		n = read_at(fd, path, table[i].p_filesz, table[i].p_offset, err);
		if (n < 0)
			return -1;
		return n == (ssize_t)table[i].p_filesz && path[n - 1] == '\0' && path[0] == '/';
	}
	return 0;
}

static bool script_interpreter(const char *head, size_t len, char path[HEAD])
{
	size_t at = 2, end;
	bool whole = len < SCRIPT_LINE; /* else what was read may end within the name */

	if (!whole)
		len = SCRIPT_LINE;
	while (at < len && (head[at] == ' ' || head[at] == '\t'))
		at++;
	for (end = at; end < len && head[end] && !strchr(" \t\n", head[end]); end++)
		;
	if (end == at || head[at] != '/' || (end == len && !whole))
		return false;
	memcpy(path, head + at, end - at);
	path[end - at] = '\0';
	return true;
}

int landlock_interpreter(int fd, char path[4096], bool *ret_script, struct err *err)
{
	union {
		ElfW(Ehdr) elf;
		char bytes[HEAD];
	} head;
	ssize_t n = read_at(fd, head.bytes, sizeof(head.bytes), 0, err);

	if (n < 0)
		return -1;
	*ret_script = n > 2 && head.bytes[0] == '#' && head.bytes[1] == '!';
	if (*ret_script)
		return script_interpreter(head.bytes, (size_t)n, path);
	if ((size_t)n < sizeof(head.elf) || memcmp(head.elf.e_ident, ELFMAG, SELFMAG) != 0)
		return 0;
	return elf_loader(fd, &head.elf, path, err);
}
