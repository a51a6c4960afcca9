/* hooks_run with real programs: what they are given, how they are ended, what is
 * said about them. */
#include "config.h"

#include "act/process.h"

#include "base/json_out.h"

#include "tap.h"
#include "temp_dir.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

static struct plan plan = {.oci_version = "1.2.0", .id = "box", .bundle = "/the/bundle"};
static const struct hook_state created = {.status = "created", .pid = 4711};
static struct err err;

/* The state can't be made: the linker puts this in front. */
int __real_json_out_finish(struct json_out *o, struct err *e);
int __wrap_json_out_finish(struct json_out *o, struct err *e);
static bool no_state;

int __wrap_json_out_finish(struct json_out *o, struct err *e)
{
	return no_state ? err_oom(e) : __real_json_out_finish(o, e);
}

/* A writer that is always faster than the reader. */
ssize_t __real_sys_read(int fd, void *buf, size_t len);
ssize_t __wrap_sys_read(int fd, void *buf, size_t len);
static bool endless;

ssize_t __wrap_sys_read(int fd, void *buf, size_t len)
{
	if (!endless)
		return __real_sys_read(fd, buf, len);
	memset(buf, 'y', len);
	return (ssize_t)len;
}

static const char *content(const char *name)
{
	static char text[4096];
	int fd = open(name, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	if (fd >= 0)
		close(fd);
	if (n < 0)
		return NULL;
	text[n] = 0;
	return text;
}

/* Hooks of `kind` with these shell scripts. */
static int run_scripts(enum plan_hook_kind kind, const char *const *scripts, size_t n, uint32_t timeout_s, int dirfd)
{
	static const char *args[4][3];
	static struct plan_hook hooks[4];

	for (size_t i = 0; i < n; i++) {
		args[i][0] = "sh";
		args[i][1] = "-c";
		args[i][2] = scripts[i];
		hooks[i] = (struct plan_hook){.path = "/bin/sh", .args = {args[i], 3, 3}, .timeout_s = timeout_s};
	}
	plan.hooks[kind].items = hooks;
	plan.hooks[kind].n = n;
	err = (struct err)ERR_INIT;
	return hooks_run(&plan, kind, &created, dirfd, &err);
}

static int run_script(const char *script, uint32_t timeout_s)
{
	return run_scripts(HOOK_PRESTART, &script, 1, timeout_s, -1);
}

static int run_program(const char **argv, size_t argc, const char **envp, size_t envc)
{
	struct plan_hook hook = {.path = argv[0], .args = {argv + 1, argc - 1, argc}, .env = {envp, envc, envc}};

	plan.hooks[HOOK_POSTSTART].items = &hook;
	plan.hooks[HOOK_POSTSTART].n = 1;
	err = (struct err)ERR_INIT;
	return hooks_run(&plan, HOOK_POSTSTART, &created, -1, &err);
}

static void test_state(void)
{
	struct plan_pair pairs[] = {{"a.b", "1"}, {"quote\"", "line\n"}};
	struct hook_state stopped = {.status = "stopped"};

	is_int(hooks_run(&plan, HOOK_PRESTART, &created, -1, &err), 0, "no hook: nothing to do");
	ok(run_script("cat > state", 0) == 0, "a hook reads its state");
	is_str(content("state"),
	       "{\"ociVersion\":\"1.2.0\",\"id\":\"box\",\"status\":\"created\",\"pid\":4711,\"bundle\":\"/the/bundle\","
	       "\"annotations\":{}}",
	       "the state");
	plan.annotations.items = pairs;
	plan.annotations.n = 2;
	ok(run_script("cat > state", 0) == 0, "with annotations");
	is_str(content("state"),
	       "{\"ociVersion\":\"1.2.0\",\"id\":\"box\",\"status\":\"created\",\"pid\":4711,\"bundle\":\"/the/bundle\","
	       "\"annotations\":{\"a.b\":\"1\",\"quote\\\"\":\"line\\n\"}}",
	       "they are escaped");
	plan.annotations.n = 0;
	ok(hooks_run(&plan, HOOK_PRESTART, &stopped, -1, &err) == 0 && !strstr(content("state"), "pid"),
	   "a stopped container has no pid");

	const char *two[] = {"cat > one", "cat > two"};
	ok(run_scripts(HOOK_PRESTART, two, 2, 0, -1) == 0 && content("two") && strlen(content("two")) > 50,
	   "the second hook reads all of it, too");
	ok(run_script("true", 0) == 0, "a hook that reads nothing");
	ok(run_script("! (echo x > /proc/self/fd/0) && ! (: > /proc/self/fd/0)", 0) == 0, "the state can't be written");
}

static void test_surroundings(void)
{
	const char *env[] = {"ONLY=this", "TWO=2"};
	const char *copy_env[] = {"/bin/cp", "cp", "/proc/self/environ", "environ"};
	const char *show_args[] = {"/bin/cp", "other name", "/proc/self/cmdline", "cmdline"};
	int leaked = open("/", O_RDONLY), dir;

	setenv("LD_LIBRARY_PATH", "/nonexistent", 1);
	ok(run_program(copy_env, 4, env, 2) == 0, "a hook with an environment");
	ok(content("environ") && !memcmp(content("environ"), "ONLY=this\0TWO=2", 16) && strlen(content("environ")) == 9,
	   "has exactly that");
	struct stat st;
	ok(stat("environ", &st) == 0 && st.st_size == 16, "and not a byte more");
	unlink("environ"); /* a copy of a file nobody may write */
	ok(run_program(copy_env, 4, NULL, 0) == 0 && stat("environ", &st) == 0 && st.st_size == 0, "an empty one is empty");
	unsetenv("LD_LIBRARY_PATH");
	ok(run_program(show_args, 4, NULL, 0) == 0, "a hook with arguments");
	is_str(content("cmdline"), "other name", "gets them from argv[0] on");
	const char *plain[] = {"/bin/true"};
	struct plan_hook no_args = {.path = plain[0]};
	plan.hooks[HOOK_POSTSTART].items = &no_args;
	ok(hooks_run(&plan, HOOK_POSTSTART, &created, -1, &err) == 0, "without arguments argv[0] is the path");

	ok(leaked >= 3 && run_script("ls /proc/self/fd | tr '\\n' ' ' > fds", 0) == 0, "descriptors of ours");
	is_str(content("fds"), "0 1 2 3 ", "aren't the hook's (3 is ls's own)");
	close(leaked);

	mkdir("elsewhere", 0755);
	dir = open("elsewhere", O_PATH | O_DIRECTORY | O_CLOEXEC);
	const char *pwd[] = {"pwd -P > here"};
	ok(run_scripts(HOOK_PRESTART, pwd, 1, 0, dir) == 0 && content("elsewhere/here") && !content("here"),
	   "runs in the directory it is told");
	ok(run_scripts(HOOK_PRESTART, pwd, 1, 0, -1) == 0 && content("here"), "else in ours");
	close(dir);

	sigset_t all;
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	signal(SIGPIPE, SIG_IGN);
	ok(run_script("grep -E 'SigBlk' /proc/self/status | tr -d '\\t\\n' > mask; (exit 0)", 0) == 0, "signals are blocked here");
	is_str(content("mask"), "SigBlk:0000000000000000", "and not in the hook");
	ok(run_script("yes | head -1 > first; [ \"$(yes 2>/dev/null | (exec head -1))\" = y ]", 5) == 0,
	   "a pipe ends its programs as everywhere");
	signal(SIGPIPE, SIG_DFL);
	sigprocmask(SIG_UNBLOCK, &all, NULL);
}

static void test_failures(void)
{
	static const struct {
		const char *script, *part;
	} cases[] = {
		{"exit 3", "prestart hook 0: hook '/bin/sh' exited with status 3"},
		{"echo bad things >&2; exit 4", "exited with status 4: bad things"},
		{"echo on stdout; exit 5", "exited with status 5: on stdout"},
		{"echo one; echo two; exit 6", "exited with status 6: one"},
		{"kill -9 $$", "was killed by signal 9"},
		{"printf 'a\\0b'; exit 7", "exited with status 7: a"},
		{"exec >&- 2>&-; sleep 0.2; exit 8", "exited with status 8"},
		{"sleep 60 & echo left; exit 9", "exited with status 9: left"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ok(run_script(cases[i].script, 0) < 0, "fails: %s", cases[i].script);
		is_err(&err, ERR_SYSTEM, cases[i].part, "with the reason");
	}
	ok(run_script("exit 3", 0) < 0 && !strstr(err.msg, "3:"), "no output: no colon");
	ok(run_script("head -c 3000000 /dev/zero | tr '\\0' x; exit 1", 0) < 0, "much output doesn't block it");
	ok(strstr(err.msg, "status 1: xxxx") && strlen(err.msg) < 400, "and is cut");
	ok(run_script("echo fine", 0) == 0 && !err.kind, "output alone is no failure");

	const char *missing[] = {"/nonexistent/hook", "hook"}, *plain[] = {"/etc/passwd", "hook"};
	ok(run_program(missing, 2, NULL, 0) < 0, "a hook that isn't there");
	is_err(&err, ERR_SYSTEM, "poststart hook 0: hook '/nonexistent/hook' exited with status 127", "fails as a shell says it");
	ok(run_program(plain, 2, NULL, 0) < 0, "one that can't be executed");
	is_err(&err, ERR_SYSTEM, "status 126", "likewise");
}

static void test_order(void)
{
	const char *three[] = {"echo 1 >> order", "echo 2 >> order; exit 2", "echo 3 >> order"};
	const char *bad[] = {"echo a >> order; exit 1", "echo b >> order; exit 2", "echo c >> order"};

	ok(run_scripts(HOOK_CREATE_RUNTIME, three, 3, 0, -1) < 0, "the second of three fails");
	is_str(content("order"), "1\n2\n", "the third is not run");
	is_err(&err, ERR_SYSTEM, "createRuntime hook 1: ", "the error names it");
	unlink("order");
	ok(run_scripts(HOOK_POSTSTOP, bad, 3, 0, -1) < 0, "poststop hooks that fail");
	is_str(content("order"), "a\nb\nc\n", "are all run");
	is_str(err.msg, "poststop hook 0: hook '/bin/sh' exited with status 1; poststop hook 1: hook '/bin/sh' exited with status 2",
	       "and each error is told");
	diag("%s", err.msg);
}

static bool is_alive(pid_t pid)
{
	char path[64], state = 0;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	FILE *f = fopen(path, "r");
	if (!f)
		return false;
	bool read = fscanf(f, "%*d %*s %c", &state) == 1;
	fclose(f);
	return read && state != 'Z' && state != 'X';
}

static void test_timeout(void)
{
	struct timespec from, to;
	bool alive = true;
	int before = temp_dir_entries("/proc/self/fd");

	clock_gettime(CLOCK_MONOTONIC, &from);
	ok(run_script("sleep 120 & echo $! > grandchild; trap '' TERM INT HUP; echo $$ > leader; sleep 100; sleep 100", 1) < 0,
	   "a hook that takes too long");
	clock_gettime(CLOCK_MONOTONIC, &to);
	is_err(&err, ERR_SYSTEM, "hook '/bin/sh' ran longer than its timeout of 1 seconds", "is told");
	ok(to.tv_sec - from.tv_sec < 10, "in time");
	ok(content("leader") && !is_alive(atoi(content("leader"))), "it is dead");
	for (int i = 0; alive && i < 100; i++) { /* SIGKILL takes effect when the process is run */
		alive = content("grandchild") && is_alive(atoi(content("grandchild")));
		nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
	}
	ok(content("grandchild") && !alive, "and so is what it started");
	ok(waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD, "no child is left to reap");
	is_int(temp_dir_entries("/proc/self/fd"), before, "no descriptor is left");
	ok(run_script("sleep 0.1", 60) == 0, "a hook that is quicker than its timeout");
}

static void test_no_state(void)
{
	static const enum plan_hook_kind kinds[] = {HOOK_PRESTART, HOOK_POSTSTOP};
	const char *script = "echo ran > without-state";

	no_state = true;
	for (size_t i = 0; i < 2; i++) {
		ok(run_scripts(kinds[i], &script, 1, 0, -1) < 0 && err.kind != ERR_NONE, "%s: no state is an error",
		   plan_hook_name(kinds[i]));
		ok(!content("without-state"), "%s: and no hook runs without it", plan_hook_name(kinds[i]));
	}
	no_state = false;
}

static void test_endless_output(void)
{
	struct timespec from, to;

	clock_gettime(CLOCK_MONOTONIC, &from);
	endless = true;
	ok(run_script("exec yes", 1) < 0, "a hook that writes without an end");
	endless = false;
	clock_gettime(CLOCK_MONOTONIC, &to);
	is_err(&err, ERR_SYSTEM, "hook '/bin/sh' ran longer than its timeout of 1 seconds", "is ended by its timeout");
	ok(to.tv_sec - from.tv_sec < 5, "in time");
	ok(run_script("head -c 1000000 /dev/zero | tr '\\0' x; exit 3", 10) < 0, "one that writes a lot and fails");
	is_err(&err, ERR_SYSTEM, "exited with status 3: xxxxx", "is told with its beginning");
}

int main(void)
{
	temp_dir_enter();
	alarm(100);
	test_state();
	test_surroundings();
	test_failures();
	test_order();
	test_timeout();
	test_no_state();
	test_endless_output();
	return tap_done();
}
