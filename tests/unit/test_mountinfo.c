/* Lines of mountinfo: the documented form, escapes, and what is not one. */
#include "config.h"

#include "base/mountinfo.h"

#include "tap.h"

static bool parse(const char *text, struct mountinfo *ret)
{
	static char line[8192];

	snprintf(line, sizeof(line), "%s", text);
	return mountinfo_parse(line, ret);
}

static void test_fields(void)
{
	struct mountinfo m;

	ok(parse("36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue", &m),
	   "the line of the manual page");
	ok(m.id == 36 && m.parent == 35, "its number and its parent's");
	ok(m.major == 98 && m.minor == 0, "its device");
	is_str(m.root, "/mnt1", "its root");
	is_str(m.target, "/mnt2", "its mount point");
	is_str(m.type, "ext3", "its type");
	ok(!m.readonly && !m.nosuid && !m.nodev && !m.noexec && !m.sb_readonly && !m.peer, "it has no flag we know");

	ok(parse("1 2 0:99 / / ro,nosuid,nodev,noexec,relatime shared:7 master:3 propagate_from:2 unbindable - tmpfs tmpfs ro", &m) &&
		   m.readonly && m.nosuid && m.nodev && m.noexec && m.sb_readonly && m.peer == 7,
	   "all flags, several optional fields");
	ok(!parse("x 2 0:1 / / rw - tmpfs none rw", &m) && !parse("1 -2 0:1 / / rw - tmpfs none rw", &m) &&
		   !parse("4294967296 2 0:1 / / rw - tmpfs none rw", &m),
	   "numbers of mounts that are none");
	ok(parse("1 2 0:1 / / rw - tmpfs none rw", &m) && !m.peer, "no optional field at all");
	ok(parse("1 2 0:1 / / rw master:1 - tmpfs none ro", &m) && !m.readonly && m.sb_readonly,
	   "read-only file system, writable mount");
	ok(parse("1 2 0:1 / / ro - tmpfs none rw", &m) && m.readonly && !m.sb_readonly,
	   "read-only mount, writable file system");
	ok(parse("1 2 0:1 / / rw,ronly,xro,nosuidx - t s rw,errors=remount-ro,xro", &m) && !m.readonly && !m.nosuid &&
		   !m.sb_readonly,
	   "an option is a whole word");
	ok(parse("1 2 0:1 / / rw,relatime,ro - t s rw,x,ro", &m) && m.readonly && m.sb_readonly, "also the last one");
	ok(parse("1 2 4294967295:4294967295 / / rw - t s rw", &m) && m.major == UINT32_MAX && m.minor == UINT32_MAX,
	   "the largest numbers");
	ok(parse("1 2 0:1 / / rw - fuse.x  rw", &m) && !m.sb_readonly, "an empty source");
}

static void test_escapes(void)
{
	struct mountinfo m;

	ok(parse("1 2 0:1 /a\\040b /c\\011d\\012e\\134f\\043 rw - t s rw", &m), "escaped blanks");
	is_str(m.root, "/a b", "in the root");
	is_str(m.target, "/c\td\ne\\f#", "in the mount point");
	ok(parse("1 2 0:1 / /x\\134040 rw - t s rw", &m), "an escaped backslash before digits");
	is_str(m.target, "/x\\040", "is not unescaped twice");
	ok(parse("1 2 0:1 / /x\\04 rw - t s rw", &m), "a backslash with two digits");
	is_str(m.target, "/x\\04", "stands for itself");
	ok(parse("1 2 0:1 / /x\\ rw - t s rw", &m), "a backslash at the end");
	is_str(m.target, "/x\\", "stands for itself");
	ok(parse("1 2 0:1 / /x\\089 rw - t s rw", &m), "digits that are not octal");
	is_str(m.target, "/x\\089", "are left alone");
	ok(parse("1 2 0:1 / /\\040-\\040 rw - t s rw", &m), "a mount point that looks like the separator");
	is_str(m.target, "/ - ", "is a mount point");
	ok(parse("1 2 0:1 /a\\000b /x\\000 rw - t s rw", &m), "an escaped NUL, which the kernel never writes");
	ok(!strcmp(m.root, "/a\\000b") && !strcmp(m.target, "/x\\000"), "doesn't cut a path short");
	ok(parse("1 2 0:1 /\\777 /\\400\\377 rw - t s rw", &m), "an escape of more than a byte");
	ok(!strcmp(m.root, "/\\777") && !strcmp(m.target, "/\\400\377"), "stands for itself; the largest byte doesn't");
	ok(parse("1 2 0:1 / /\\\\\\040\\40 rw - t s rw", &m), "backslashes in a row");
	is_str(m.target, "/\\\\ \\40", "only the last is an escape");
	ok(parse("1 2 0:1 /\\057.. /\\056\\056 rw - t s rw", &m), "an escaped slash and dots");
	ok(!strcmp(m.root, "//..") && !strcmp(m.target, "/.."), "are given as they are: judging them is the caller's");
	ok(parse("1 2 0:1 / /shared:1 rw - t shared:1 rw", &m) && !m.peer, "'shared:' elsewhere is no optional field");
}

static void test_refused(void)
{
	static const char *const bad[] = {
		"",
		" ",
		"1",
		"1 2 0:1 / /",
		"1 2 0:1 / / rw",
		"1 2 0:1 / / rw shared:1",
		"1 2 0:1 / / rw -",
		"1 2 0:1 / / rw - tmpfs",
		"1 2 0:1 / / rw - tmpfs tmpfs",
		"1 2 01 / / rw - tmpfs tmpfs rw",
		"1 2 0: / / rw - tmpfs tmpfs rw",
		"1 2 :1 / / rw - tmpfs tmpfs rw",
		"1 2 a:b / / rw - tmpfs tmpfs rw",
		"1 2 0:1:2 / / rw - tmpfs tmpfs rw",
		"1 2 -1:0 / / rw - tmpfs tmpfs rw",
		"1 2 4294967296:0 / / rw - tmpfs tmpfs rw",
		"1 2 0:1 / / rw shared: - tmpfs tmpfs rw",
		"1 2 0:1 / / rw shared:0 - tmpfs tmpfs rw",
		"1 2 0:1 / / rw shared:x - tmpfs tmpfs rw",
		"1 2 0:1 / / rw shared:4294967296 - tmpfs tmpfs rw",
		"1\t2\t0:1\t/\t/\trw\t-\ttmpfs\ttmpfs\trw",
		" 1 2 0:1 / / rw - tmpfs tmpfs rw",
	};
	struct mountinfo m;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ok(!parse(bad[i], &m), "refused: '%s'", bad[i]);
}

/* The kernel's own lines, field by field as another reader takes them. */
static void test_own(void)
{
	FILE *f = fopen("/proc/self/mountinfo", "r");
	char line[8192], root[4096], target[4096], options[4096];
	unsigned lines = 0, good = 0;

	while (f && fgets(line, sizeof(line), f)) {
		struct mountinfo m;
		unsigned major, minor;

		lines++;
		line[strcspn(line, "\n")] = 0;
		if (sscanf(line, "%*d %*d %u:%u %4095s %4095s %4095s", &major, &minor, root, target, options) != 5)
			continue;
		if (!mountinfo_parse(line, &m))
			diag("not taken: %s", target);
		else
			good += m.major == major && m.minor == minor && m.readonly == !strncmp(options, "ro", 2) &&
				(strchr(target, '\\') || !strcmp(m.target, target)) &&
				(strchr(root, '\\') || !strcmp(m.root, root));
	}
	if (f)
		fclose(f);
	ok(lines > 0 && good == lines, "the %u lines of this process", lines);
}

static void test_all(void)
{
	struct arena arena = ARENA_INIT;
	struct err err = ERR_INIT;
	mountinfo_list list = {0};
	char good[] =
		"22 1 0:20 / / ro - overlay overlay rw\n\n23 22 8:1 / /data rw - ext4 /dev/sda1 rw",
	     bad[] = "22 1 0:20 / / ro - overlay overlay rw\n23 22 8:1 / /data\n";

	ok(mountinfo_parse_all(good, &arena, ERR_VERIFY, &list, &err) == 0 && list.n == 2,
	   "a table");
	is_str(list.items[1].target, "/data", "in its order");
	list.n = 0;
	ok(mountinfo_parse_all(bad, &arena, ERR_VERIFY, &list, &err) == -1,
	   "a table with half a line");
	is_err(&err, ERR_VERIFY, "line 2", "which it is, and the kind that was asked for");
	arena_release(&arena);
}

int main(void)
{
	test_all();
	test_fields();
	test_escapes();
	test_refused();
	test_own();
	return tap_done();
}
