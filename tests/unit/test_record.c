/* state/record.c: what is written reads back the same; anything else is refused;
 * the recorded init is told from a later process with its pid. */
#include "config.h"

#include "state/record.h"

#include "base/auto.h"
#include "state/dir.h"
#include "sys/sys.h"

#include "fake_sys.h"
#include "tap.h"
#include "temp_dir.h"

#include <signal.h>
#include <sys/wait.h>

static struct record_pair pairs[] = {{"a.b/c", "value \"quoted\"\n"}, {"", ""}};

static struct record sample(void)
{
	struct record r = {
		.id = "web-1",
		.pid = 4711,
		.pid_start_time = UINT64_MAX,
		.status = RECORD_CREATED,
		.oci_version = "1.3.0",
		.bundle = "/var/lib/\xc3\xa4 bundle",
		.rootfs = "/var/lib/rootfs",
		.created = "2024-05-06T07:08:09.000000001Z",
		.owner = "root",
		.owner_uid = 4294967294U,
		.policy = "builtin:hardened",
		.cgroup_manager = 1,
		.cgroup_root = "/sys/fs/cgroup",
		.cgroup_path = "/kanuki/web-1",
		.cgroup_made = 2,
		.own_pid_namespace = true,
		.intel_rdt_clos_id = "group1",
		.would_refuse = "H-25",
		.gate_program = "/usr/sbin/kanuki-gate",
		.image_class = "image",
		.scan_record = "sha256:1",
		.gate_generation = UINT64_MAX,
	};
	r.annotations.items = pairs;
	r.annotations.n = 2;
	return r;
}

static void same(const struct record *got, const struct record *want, const char *name)
{
	autostr a = STR_INIT;
	autostr b = STR_INIT;
	struct err err = ERR_INIT;
	ok(record_print(got, &a, &err) == 0 && record_print(want, &b, &err) == 0, "%s: both print", name);
	is_str(str_text(&a), str_text(&b), name);
}

static void test_round_trip(void)
{
	struct arena a = ARENA_INIT;
	struct err err = ERR_INIT;
	struct record r = sample();
	struct record got = {0};
	autostr text = STR_INIT;
	is_int(record_print(&r, &text, &err), 0, "printed");
	if (!ok(record_parse(str_text(&text), text.len, &a, &got, &err) == 0, "parsed"))
		diag("%s", err.msg);
	same(&got, &r, "round trip");
	is_str(got.would_refuse, "H-25", "what is optional comes back");
	is_int(got.pid_start_time == UINT64_MAX, 1, "64 bits survive");
	is_str(got.annotations.items[0].value, "value \"quoted\"\n", "annotation");
	is_int(got.status, RECORD_CREATED, "status");

	r.cgroup_path = r.intel_rdt_clos_id = r.would_refuse = r.gate_program = r.image_class = r.scan_record = NULL;
	r.gate_generation = 0;
	r.annotations.n = 0;
	r.own_pid_namespace = false;
	autostr least = STR_INIT;
	is_int(record_print(&r, &least, &err), 0, "without the optional parts");
	got = (struct record){0};
	ok(record_parse(str_text(&least), least.len, &a, &got, &err) == 0, "parsed");
	ok(!strstr(str_text(&least), "gate") && !got.gate_program && !got.gate_generation, "no gate, no word of it");
	ok(!got.cgroup_path && !got.intel_rdt_clos_id && !got.would_refuse, "absent is NULL");
	arena_release(&a);
}

/* The sample's text with the first `from` replaced by `to`. */
static char *changed(const char *from, const char *to)
{
	struct record r = sample();
	struct err err = ERR_INIT;
	autostr text = STR_INIT;
	(void)!record_print(&r, &text, &err);
	const char *at = strstr(str_text(&text), from);
	char *out = NULL;
	if (!at || asprintf(&out, "%.*s%s%s", (int)(at - text.s), text.s, to, at + strlen(from)) < 0)
		abort();
	return out;
}

static void test_refused(void)
{
	static const struct {
		const char *from, *to, *message;
	} cases[] = {
		{"{\"version\":1,", "{", "no version"},
		{"\"version\":1", "\"version\":2", "version 2 is another kanuki's"},
		{"\"version\":1", "\"version\":\"1\"", "version: expected a number"},
		{"\"version\":1", "\"version\":1.0", "version: expected an integer"},
		{"\"id\":\"web-1\",", "", "no id"},
		{"\"id\":\"web-1\"", "\"id\":\"../x\"", "not a container id"},
		{"\"id\":\"web-1\"", "\"id\":7", "id: expected a string"},
		{"\"pid\":4711", "\"pid\":0", "pid: not a process"},
		{"\"pid\":4711", "\"pid\":-1", "pid: expected an integer"},
		{"\"pid\":4711", "\"pid\":4294967296", "pid: expected an integer"},
		{"\"pid\":4711", "\"pid\":\"1\"", "pid: expected a number"},
		{"\"status\":\"created\"", "\"status\":\"stopped\"", "unknown status"},
		{"\"ownerUid\":4294967294", "\"ownerUid\":4294967296", "ownerUid: expected an integer"},
		{"\"cgroupManager\":1", "\"cgroupManager\":99", "cgroupManager: expected an integer"},
		{"\"cgroupPath\":\"/kanuki/web-1\"", "\"cgroupPath\":\"/a/../../b\"", "cgroupPath: not a clean"},
		{"\"cgroupPath\":\"/kanuki/web-1\"", "\"cgroupPath\":\"a\"", "cgroupPath: not a clean"},
		{"\"cgroupPath\":\"/kanuki/web-1\"", "\"cgroupPath\":null", "cgroupPath: expected a string"},
		{"\"cgroupRoot\":\"/sys/fs/cgroup\"", "\"cgroupRoot\":\"..\"", "cgroupRoot: not a clean"},
		{"\"intelRdtClosId\":\"group1\"", "\"intelRdtClosId\":\"a/b\"", "not a file name"},
		{"\"gateProgram\":\"/usr", "\"gateProgram\":\"usr", "gateProgram: not a clean absolute path"},
		{"\"gateProgram\":\"/usr", "\"gateProgram\":\"/usr/..", "gateProgram: not a clean absolute path"},
		{"\"imageClass\":\"image\",", "", "without imageClass"},
		{"\"gateGeneration\":18446744073709551615", "\"gateGeneration\":-1", "gateGeneration"},
		{"\"intelRdtClosId\":\"group1\"", "\"intelRdtClosId\":\"..\"", "not a file name"},
		{"\"ownPidNamespace\":true", "\"ownPidNamespace\":1", "ownPidNamespace: expected a boolean"},
		{"\"annotations\":{", "\"annotations\":{\"x\":1,", "annotations.x: expected a string"},
		{"\"bundle\":", "\"bundel\":", "bundel: unknown key"},
		{"\"bundle\":", "\"extra\":1,\"bundle\":", "extra: unknown key"},
		{"\"bundle\":", "\"bundle\":\"/x\",\"bundle\":", "duplicate key"},
		{"}}\n", "}", "ends too early"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		autofree char *text = changed(cases[i].from, cases[i].to);
		struct arena a = ARENA_INIT;
		struct err err = ERR_INIT;
		struct record got = {0};
		bool refused = record_parse(text, strlen(text), &a, &got, &err) == -1 && err.kind == ERR_STATE &&
			       strstr(err.msg, cases[i].message) && !got.id;
		if (!ok(refused, "refused: %s", cases[i].to))
			diag("kind %u '%s'", err.kind, err.msg);
		arena_release(&a);
	}
}

static void test_print_refuses(void)
{
	struct record r = sample();
	struct err err = ERR_INIT;
	autostr text = STR_INIT;
	r.bundle = "/var/\xff";
	is_int(record_print(&r, &text, &err), -1, "a bundle path that JSON can't hold");
	is_err(&err, ERR_SPEC, "bundle is not valid UTF-8", "says so");
	err_clear(&err);
	r = sample();
	r.rootfs = NULL;
	is_int(record_print(&r, &text, &err), -1, "a missing string");
	is_err(&err, ERR_STATE, "no rootfs", "says which");
	err_clear(&err);
	r = sample();
	r.status = (enum record_status)9;
	is_int(record_print(&r, &text, &err), -1, "an unknown status");
	err_clear(&err);
	r = sample();
	pairs[1].key = "\xfe";
	is_int(record_print(&r, &text, &err), -1, "an annotation that JSON can't hold");
	pairs[1].key = "";
	is_str(str_text(&text), "", "nothing is printed then");
}

static void test_file(void)
{
	struct arena a = ARENA_INIT;
	struct err err = ERR_INIT;
	struct record r = sample();
	struct record got = {0};
	struct stat st;
	autofd int dirfd = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	is_int(record_read(dirfd, &a, &got, &err), -1, "no record yet");
	is_int(err.kind, ERR_NOT_FOUND, "told apart");
	err_clear(&err);
	is_int(record_write(dirfd, &r, &err), 0, "written");
	ok(stat(STATE_RECORD_NAME, &st) == 0 && (st.st_mode & 07777) == 0600, "mode 0600 (T-LC-5)");
	is_int(record_read(dirfd, &a, &got, &err), 0, "read");
	same(&got, &r, "through the file");
	r.status = RECORD_RUNNING;
	is_int(record_write(dirfd, &r, &err), 0, "replaced");
	ok(record_read(dirfd, &a, &got, &err) == 0 && got.status == RECORD_RUNNING, "new status");
	is_int(temp_dir_entries("."), 1, "one file");

	if (rename(STATE_RECORD_NAME, "elsewhere") < 0 || symlink("elsewhere", STATE_RECORD_NAME) < 0)
		abort();
	is_int(record_read(dirfd, &a, &got, &err), -1, "a link to a valid record is not followed");
	is_int(err.sys_errno, ELOOP, "for that reason");
	err_clear(&err);
	unlink("elsewhere");
	unlink(STATE_RECORD_NAME);
	if (mkfifo(STATE_RECORD_NAME, 0600) < 0)
		abort();
	is_int(record_read(dirfd, &a, &got, &err), -1, "a FIFO does not hang");
	unlink(STATE_RECORD_NAME);
	arena_release(&a);
}

static void test_created(void)
{
	struct arena a = ARENA_INIT;
	struct err err = ERR_INIT;
	struct record r = {0};
	is_int(record_fill_created(&r, &a, &err), 0, "filled");
	is_int(r.owner_uid, geteuid(), "uid");
	ok(r.owner && r.owner[0], "owner '%s'", r.owner);
	unsigned y, mo, d, h, mi, s, ns;
	char z = 0;
	ok(r.created && strlen(r.created) == 30 &&
		   sscanf(r.created, "%4u-%2u-%2uT%2u:%2u:%2u.%9u%c", &y, &mo, &d, &h, &mi, &s, &ns, &z) == 8 && z == 'Z',
	   "RFC 3339 with nanoseconds: %s", r.created);
	arena_release(&a);
}

/* The owner's name comes from /etc/passwd, without the C library's modules. */
static void test_owner(void)
{
	if (geteuid() != 0) {
		tap_skip("owner by name", "needs root to become others");
		tap_skip("owner without a name", "needs root to become others");
		return;
	}
	static const struct {
		uid_t uid;
		const char *name;
	} users[] = {{1, "daemon"}, {3999999999U, "#3999999999"}};
	for (size_t i = 0; i < sizeof(users) / sizeof(users[0]); i++) {
		pid_t pid = fork();
		if (pid == 0) {
			struct arena a = ARENA_INIT;
			struct err err = ERR_INIT;
			struct record r = {0};
			if (sys_setresuid(users[i].uid, users[i].uid, users[i].uid) < 0)
				_exit(2);
			int good = record_fill_created(&r, &a, &err) == 0 && r.owner_uid == users[i].uid &&
				   !strcmp(r.owner, users[i].name);
			arena_release(&a);
			_exit(good ? 0 : 1);
		}
		int status;
		waitpid(pid, &status, 0);
		is_int(WIFEXITED(status) ? WEXITSTATUS(status) : -1, 0, users[i].name);
	}
}

static void test_process(void)
{
	struct err err = ERR_INIT;
	uint64_t mine = 0;
	uint64_t again = 0;
	is_int(record_pid_start_time(getpid(), &mine, &err), 0, "own start time");
	ok(mine > 0 && record_pid_start_time(getpid(), &again, &err) == 0 && mine == again, "stays the same");
	is_int(record_pid_start_time(INT32_MAX, &again, &err), -1, "no such process");
	is_int(err.kind, ERR_NOT_FOUND, "told apart");
	err_clear(&err);

	pid_t child = fork();
	if (child == 0) {
		/* a name that would confuse a reader that counts blanks */
		sys_prctl(PR_SET_NAME, (unsigned long)"a) R 1 (b", 0, 0, 0);
		pause();
		_exit(0);
	}
	struct record r = {.pid = child};
	int pidfd = -1;
	usleep(50000); /* lets the child name itself; the start time does not depend on it */
	is_int(record_pid_start_time(child, &r.pid_start_time, &err), 0, "a child with an odd name");
	ok(record_open_init(&r, &pidfd, &err) == 0 && pidfd >= 0, "lives");
	auto_close_fd(&pidfd);
	r.pid_start_time++;
	ok(record_open_init(&r, &pidfd, &err) == 0 && pidfd == -1, "another start time is another process (T-LC-2)");
	r.pid_start_time--;
	kill(child, SIGKILL);
	siginfo_t info;
	waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT);
	ok(record_open_init(&r, &pidfd, &err) == 0 && pidfd == -1, "a zombie is dead");
	waitpid(child, NULL, 0);
	ok(record_open_init(&r, &pidfd, &err) == 0 && pidfd == -1, "gone");
	r.pid = 0;
	ok(record_open_init(&r, &pidfd, &err) == 0 && pidfd == -1, "never launched");
}

static int do_write(struct err *err)
{
	struct record r = sample();
	autofd int dirfd = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return record_write(dirfd, &r, err);
}

static int do_read(struct err *err)
{
	struct arena a = ARENA_INIT;
	struct record r;
	autofd int dirfd = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int result = record_read(dirfd, &a, &r, err);
	arena_release(&a);
	return result;
}

static int do_init(struct err *err)
{
	struct record r = {.pid = getpid(), .pid_start_time = 1};
	int pidfd;
	int result = record_open_init(&r, &pidfd, err);
	if (result == 0)
		auto_close_fd(&pidfd);
	return result;
}

static void test_faults(const char *name, int (*run)(struct err *))
{
	unsigned tried = 0;
	for (unsigned n = 1;; n++) {
		struct err err = ERR_INIT;
		unsigned fds = fake_open_fds();
		int files = temp_dir_entries(".");
		fake_reset();
		fake_fail(n, EIO);
		int r = run(&err);
		if (!fake_failed())
			break;
		tried++;
		bool good = r == -1 && err.kind == ERR_SYSTEM && fake_open_fds() == fds &&
			    temp_dir_entries(".") == files;
		if (!ok(good, "%s: %s fails", name, fake_failed()))
			diag("r %d '%s'", r, err.msg);
	}
	fake_reset();
	ok(tried >= 3, "%s: %u calls failed", name, tried);
}

int main(void)
{
	temp_dir_enter();
	test_round_trip();
	test_refused();
	test_print_refuses();
	test_file();
	test_created();
	test_owner();
	test_process();
	test_faults("write", do_write);
	struct err err = ERR_INIT;
	is_int(do_write(&err), 0, "a record to read");
	test_faults("read", do_read);
	test_faults("init", do_init);
	return tap_done();
}
