/* program_prepare in a root of its own (a user namespace and chroot, so no
 * privilege is needed): HOME from hostile passwd files (T-CFG-9), the program by
 * the container's PATH, the working directory. */
#include "config.h"

#include "act/process.h"

#include "tap.h"
#include "temp_dir.h"

#include <errno.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/wait.h>

static struct child child;
static struct err err;

static int prepare(const char *program, const char **env, size_t n_env, uint32_t uid)
{
	struct plan plan = PLAN_INIT;

	arena_release(&child.arena);
	child = (struct child){.sync_fd = -1};
	err = (struct err)ERR_INIT;
	plan.process.args = (struct str_list){&program, 1, 1};
	plan.process.env = (struct str_list){env, n_env, n_env};
	arena_release(&child.arena);
	plan.process.cwd = "/";
	plan.process.uid = uid;
	plan.process.home = HOME_FROM_PASSWD;
	return program_prepare(&plan, &child, &err);
}

static const char *home(uint32_t uid)
{
	return prepare("/bin/good", NULL, 0, uid) == 0 && child.envp[0] && !child.envp[1] ? child.envp[0] : "(none)";
}

static void make_file(const char *name, const char *text, size_t len, mode_t mode)
{
	int fd;

	(void)unlink(name);
	fd = open(name, O_WRONLY | O_CREAT | O_EXCL, 0600);
	if (fd < 0 || write(fd, text, len) != (ssize_t)len || fchmod(fd, mode) < 0 || close(fd) < 0) {
		perror(name);
		exit(99);
	}
}

static void passwd(const char *text)
{
	make_file("/etc/passwd", text, strlen(text), 0644);
}

static void test_home(void)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{"root:x:0:0:root:/root:/bin/sh\nme:x:1000:1000::/home/me:/bin/sh\n", "HOME=/home/me"},
		{"me:x:1000:1000::/home/me:/bin/sh", "HOME=/home/me"},
		{"me:x:1000:1000::/first:\nme:x:1000:1000::/second:\n", "HOME=/first"},
		{"me:x:1000:1000::/home/me", "HOME=/home/me"},
		{"me:x:1000:1000:", "HOME=/"},
		{"me:x:1000:1000::relative:/bin/sh\n", "HOME=/"},
		{"me:x:1000:1000:::/bin/sh\n", "HOME=/"},
		{"me:x:01000:1000::/decimal:\n", "HOME=/decimal"},
		{"me:x: 1000:1000::/blank:\n", "HOME=/"},
		{"me:x:+1000:1000::/plus:\n", "HOME=/"},
		{"me:x:1000x:1000::/rest:\n", "HOME=/"},
		{"me:x:4294968296:1000::/wraps:\n", "HOME=/"},
		{"me:x:10001:1000::/longer:\n", "HOME=/"},
		{"1000:x:1:1:1000:/name:\n", "HOME=/"},
		{"me:x:1000:1000::/with\rreturn:\nme:x:1000:1000::/clean:\n", "HOME=/clean"},
		{"me:x:1000:1000::/esc\033[2J:\n", "HOME=/"},
		{"me:x:1000:1000::/del\177:\n", "HOME=/"},
		{"", "HOME=/"},
		{"\n\n\n", "HOME=/"},
		{":::::::::::::\n", "HOME=/"},
		{"+::::::\nme:x:1000:1000::/after:\n", "HOME=/after"},
		{"me:x:1000:1000::/a=b c/\xc3\xa4:\n", "HOME=/a=b c/\xc3\xa4"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char name[64];

		passwd(cases[i].text);
		snprintf(name, sizeof(name), "passwd %zu gives %.40s", i, cases[i].want);
		is_str(home(1000), cases[i].want, name);
	}
	passwd("root:x:0:0:root:/root:/bin/sh\n");
	is_str(home(0), "HOME=/root", "uid 0");
	is_str(home(UINT32_MAX), "HOME=/", "the uid that is none");
	static const char nul[] = "me:x:1000:1000::\0/nul:\nme:x:1000:1000::/behind:\n";
	make_file("/etc/passwd", nul, sizeof(nul) - 1, 0644);
	is_str(home(1000), "HOME=/", "a NUL byte ends the file");
}

/* Things in place of passwd that hang, grow or are not the image's. */
static void test_hostile_home(void)
{
	static char line[3 << 20];
	struct rusage before, after;
	int fd;

	(void)getrusage(RUSAGE_SELF, &before);
	(void)unlink("/etc/passwd");
	is_str(home(1000), "HOME=/", "no passwd");
	if (mkfifo("/etc/passwd", 0666) < 0)
		exit(99);
	is_str(home(1000), "HOME=/", "a FIFO, without waiting");
	(void)unlink("/etc/passwd");
	if (mkdir("/etc/passwd", 0755) < 0)
		exit(99);
	is_str(home(1000), "HOME=/", "a directory");
	(void)rmdir("/etc/passwd");
	if (symlink("passwd", "/etc/passwd") < 0)
		exit(99);
	is_str(home(1000), "HOME=/", "a link to itself");
	(void)unlink("/etc/passwd");
	make_file("/elsewhere", "me:x:1000:1000::/linked:\n", 25, 0644);
	if (symlink("../../../elsewhere", "/etc/passwd") < 0)
		exit(99);
	is_str(home(1000), "HOME=/linked", "a link within the root is the image's own");
	make_file("/etc/passwd", "me:x:1000:1000::/denied:\n", 25, 0);
	if (geteuid() != 0)
		is_str(home(1000), "HOME=/", "one that can't be read");
	(void)unlink("/etc/passwd");
	fd = open("/etc/passwd", O_WRONLY | O_CREAT, 0644);
	if (fd < 0 || ftruncate(fd, 8LL << 30) < 0)
		exit(99);
	close(fd);
	is_str(home(1000), "HOME=/", "eight sparse gigabytes");
	memset(line, 'x', sizeof(line));
	memcpy(line + sizeof(line) - 27, "\nme:x:1000:1000::/far:\n", 23);
	make_file("/etc/passwd", line, sizeof(line), 0644);
	is_str(home(1000), "HOME=/", "a line of three megabytes");
	memset(line, 'x', 1 << 20);
	memcpy(line + (1 << 20) - 24, "\nme:x:1000:1000::/end:\n", 23);
	make_file("/etc/passwd", line, (1 << 20) - 1, 0644);
	is_str(home(1000), "HOME=/end", "one megabyte is read to its end");
	(void)getrusage(RUSAGE_SELF, &after);
	ok(after.ru_maxrss - before.ru_maxrss < 16 << 10, "memory stays bounded");
	passwd("");
}

static void test_program(void)
{
	const char *path[] = {"PATH=/none:/dirs:/noexec:/bin"}, *denied[] = {"X=1", "PATH=/noexec:/dirs"},
		   *relative[] = {"PATH=bin:.::here"}, *empty[] = {"PATH="}, *twice[] = {"PATHX=/none", "PATH=/bin"};

	ok(prepare("good", path, 1, 0) == 0, "found by PATH");
	is_str(child.program, "/bin/good", "in the first directory that has it as a program");
	is_str(child.argv[0], "good", "argv[0] is as given");
	ok(!child.argv[1] && !strcmp(child.envp[0], path[0]) && !strncmp(child.envp[1], "HOME=", 5) && !child.envp[2],
	   "environment and arguments end");
	ok(prepare("good", twice, 2, 0) == 0 && !strcmp(child.program, "/bin/good"), "a variable that begins like PATH isn't it");
	ok(prepare("good", NULL, 0, 0) == 0 && !strcmp(child.program, "/bin/good"), "without PATH the usual directories");
	ok(prepare("good", denied, 2, 0) < 0, "there, but not executable");
	is_err(&err, ERR_EXEC, "exec 'good': permission denied", "is told as such");
	ok(prepare("nothing", path, 1, 0) < 0, "nowhere");
	is_err(&err, ERR_EXEC, "exec 'nothing': executable file not found in $PATH", "is told in the words engines know");
	ok(chdir("/bin") == 0 && prepare("good", relative, 1, 0) < 0 && err.kind == ERR_EXEC,
	   "relative entries of PATH are never used");
	ok(prepare("good", empty, 1, 0) < 0 && err.kind == ERR_EXEC, "an empty PATH has nothing");

	static const struct {
		const char *name, *part;
	} bad[] = {{"/none/x", "no such file"}, {"/dirs/good", "permission denied (is a directory)"}, {"/noexec/good", "permission denied"},
		   {"/fifo", "permission denied"}, {"/bin/good/x", "Not a directory"}, {"/dangling", "o such file"},
		   {"./none", "o such file"}};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		bool refused = prepare(bad[i].name, NULL, 0, 0) < 0 && err.kind == ERR_EXEC;

		ok(refused && strcasestr(err.msg, bad[i].part), "%s: %s", bad[i].name, err.msg);
	}
	ok(prepare("bin/good", NULL, 0, 0) == 0 && !strcmp(child.program, "bin/good"), "a relative path is of the working directory");
	ok(prepare("/link", NULL, 0, 0) == 0 && !strcmp(child.program, "/link"), "a link to a program");
}

static void test_cwd(void)
{
	struct plan plan = PLAN_INIT;
	const char *program = "/bin/good";
	char cwd[256];

	plan.process.args = (struct str_list){&program, 1, 1};
	arena_release(&child.arena);
	plan.process.cwd = "/dirs/good";
	child = (struct child){.sync_fd = -1};
	err = (struct err)ERR_INIT;
	ok(program_prepare(&plan, &child, &err) == 0 && getcwd(cwd, sizeof(cwd)) && !strcmp(cwd, "/dirs/good"), "cwd is entered");
	ok(!child.envp[0], "HOME is not touched unless asked");
	plan.process.cwd = "/none";
	ok(program_prepare(&plan, &child, &err) < 0, "one that isn't there");
	is_err(&err, ERR_SYSTEM, "process.cwd: enter '/none'", "is told");
	arena_release(&child.arena);
}

/* Outside of the new root, through a descriptor that stayed open. */
static void test_leaked_cwd(int outside)
{
	struct plan plan = PLAN_INIT;
	const char *program = "/bin/good";

	plan.process.args = (struct str_list){&program, 1, 1};
	arena_release(&child.arena);
	plan.process.cwd = ".";
	child = (struct child){.sync_fd = -1};
	err = (struct err)ERR_INIT;
	ok(fchdir(outside) == 0 && program_prepare(&plan, &child, &err) < 0, "a working directory outside the root");
	is_err(&err, ERR_EXEC, "outside the container's root", "is refused (CVE-2024-21626)");
	(void)!chdir("/");
	arena_release(&child.arena);
}

int main(void)
{
	static const char script[] = "#!/bin/sh\n";
	int outside, host = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	temp_dir_enter();
	alarm(60);
	umask(022);
	outside = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (mkdir("root", 0755) < 0 || chdir("root") < 0 || mkdir("etc", 0755) < 0 || mkdir("bin", 0755) < 0 ||
	    mkdir("dirs", 0755) < 0 || mkdir("dirs/good", 0755) < 0 || mkdir("noexec", 0755) < 0 || mkfifo("fifo", 0777) < 0 ||
	    symlink("/bin/good", "link") < 0 || symlink("/etc/hostname", "dangling") < 0)
		exit(99);
	make_file("bin/good", script, sizeof(script) - 1, 0755);
	make_file("noexec/good", script, sizeof(script) - 1, 0644);
	/* A child, so that what is to be removed at the end is still seen. */
	fflush(stdout);
	pid_t pid = fork();
	if (pid == 0) {
		if (chroot(".") < 0 && (unshare(CLONE_NEWUSER) < 0 || chroot(".") < 0))
			tap_skip_all("no user namespaces here");
		test_home();
		test_hostile_home();
		test_program();
		test_cwd();
		test_leaked_cwd(outside);
		arena_release(&child.arena);
		/* LeakSanitizer looks through /proc at the end, which the root made here has not. */
		if (fchdir(host) < 0 || chroot(".") < 0)
			exit(99);
		exit(tap_done());
	}
	int status = 0;
	(void)waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 99;
}
