/* check/: the readers, on a tree of our own and on this very process; no root needed. */
#include "config.h"

#include "base/auto.h"
#include "check/probe_host.h"
#include "plan/host_sockets.h"

#include "tap.h"
#include "temp_dir.h"

#include <sys/socket.h>
#include <sys/un.h>

static struct arena arena = ARENA_INIT;
static struct str_list notes;
static const struct check_probe probe = {&arena, &notes};

static void make(const char *name, mode_t mode)
{
	char path[4096];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", temp_dir, name);
	fd = open(path, O_CREAT | O_WRONLY | O_EXCL, 0600);
	if (fd < 0 || fchmod(fd, mode) < 0)
		abort();
	close(fd);
}

static void make_dir(const char *name, mode_t mode)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/%s", temp_dir, name);
	if (mkdir(path, 0700) < 0 || chmod(path, mode) < 0)
		abort();
}

static void make_link(const char *target, const char *name)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/%s", temp_dir, name);
	if (symlink(target, path) < 0)
		abort();
}

static bool has(const struct check_rootfs *r, enum check_kind kind, const char *path)
{
	for (size_t i = 0; i < r->found[kind].paths.n; i++)
		if (!strcmp(r->found[kind].paths.items[i], path))
			return true;
	return false;
}

static void test_rootfs(void)
{
	struct check_rootfs r;
	struct err err = ERR_INIT;
	char deep[4096];
	int len;

	make_dir("bin", 0755);
	make_dir("tmp", 01777);
	make_dir("open", 0777);
	make("bin/busybox", 0755);
	make("bin/su", 04755);
	make("bin/wall", 02755);
	make("bin/apk", 0755);
	make("bin/cc", 0755);
	make("bin/curl", 0755);
	make("bin/sshd", 0755);
	make("bin/web", 0755);
	make("notes", 0666);
	make(".netrc", 0600);
	make("open/li\nne\x1b", 0666);
	make_link("busybox", "bin/sh");
	make_link("/etc", "outside");
	make_link(".", "loop");
	make_link("systemd", "bin/init");
	is_int(check_probe_rootfs(&probe, temp_dir, &r, &err), 0, "a root file system");
	ok(r.complete && !r.unreadable, "the whole of it");
	is_int((intmax_t)r.entries, 18, "each entry once: no link is followed");
	ok(has(&r, KIND_SETID, "/bin/su") && has(&r, KIND_SETID, "/bin/wall") && r.found[KIND_SETID].n == 2, "setuid, setgid");
	ok(has(&r, KIND_SHELL, "/bin/busybox") && has(&r, KIND_SHELL, "/bin/sh") && r.found[KIND_SHELL].n == 2, "shells, links to them");
	ok(has(&r, KIND_PACKAGE_MANAGER, "/bin/apk") && has(&r, KIND_COMPILER, "/bin/cc") && has(&r, KIND_NETWORK_TOOL, "/bin/curl") &&
		   has(&r, KIND_SSH_SERVER, "/bin/sshd") && has(&r, KIND_SUPER_DAEMON, "/bin/init"),
	   "the other programs");
	ok(has(&r, KIND_WORLD_WRITABLE, "/open") && has(&r, KIND_WORLD_WRITABLE, "/notes") &&
		   has(&r, KIND_WORLD_WRITABLE, "/open/li\nne\x1b") && r.found[KIND_WORLD_WRITABLE].n == 3,
	   "what is writable for all, but not the sticky directory");
	ok(has(&r, KIND_SECRET, "/.netrc") && r.found[KIND_SECRET].n == 1, "a secret's name");
	is_int((intmax_t)r.found[KIND_DEVICE].n, 0, "no device");

	len = snprintf(deep, sizeof(deep), "open");
	for (int i = 0; i < 120; i++) {
		len += snprintf(deep + len, sizeof(deep) - (size_t)len, "/d");
		make_dir(deep, 0755);
	}
	is_int(check_probe_rootfs(&probe, temp_dir, &r, &err), 0, "a tree that is too deep");
	ok(!r.complete, "is not taken for a whole one");
	ok(check_probe_rootfs(&probe, "/proc/self/status", &r, &err) < 0, "no directory");
	err = (struct err)ERR_INIT;
	ok(check_probe_rootfs(&probe, "/nowhere", &r, &err) < 0, "not there");
}

static void test_self(void)
{
	struct check_confinement c;
	struct err err = ERR_INIT;
	const struct host host = {.last_cap = 40};
	char name[64];
	bool found = false;

	if (!ok(check_probe_container(&probe, getpid(), &host, &c, &err) == 0, "this process")) {
		diag("%s", err.msg);
		return;
	}
	ok(c.ids_seen && c.caps_seen && c.rlimits_seen && c.environment_seen && c.programs_seen, "all is seen of one's own");
	is_int(c.no_new_privs != SEEN_NOT && c.filter != SEEN_NOT, 1, "no_new_privs and seccomp");
	snprintf(name, sizeof(name), "%s", program_invocation_short_name);
	for (size_t i = 0; i < c.programs.n; i++)
		found = found || strstr(c.programs.items[i], "test_check_probe");
	ok(found, "it runs %s", name);
	for (size_t i = 0; i < c.secrets.n; i++)
		if (!strchr(c.secrets.items[i], '='))
			continue;
		else
			ok(false, "a value was kept");
	is_int(c.ns[NS_NET], CHECK_NS_HOST, "in the network of the host, or what we take for it");
}

static void test_gone(void)
{
	struct check_confinement c;
	struct err err = ERR_INIT;
	const struct host host = {.last_cap = 40};

	ok(check_probe_container(&probe, 0x7ffffff0, &host, &c, &err) < 0, "no such process");
	is_err(&err, ERR_NOT_FOUND, "there is no process", "is told");
}

static void test_host(void)
{
	struct check_host h;
	struct err err = ERR_INIT;
	const struct host host = {.kernel_version = 6 << 16 | 1, .cgroup = HOST_CGROUP_V2};
	size_t engines = 0;

	for (size_t i = 0; i < plan_host_sockets_n; i++)
		engines += plan_host_sockets[i].engine;
	if (!ok(check_probe_host(&probe, &host, &h, &err) == 0, "this machine"))
		diag("%s", err.msg);
	ok(h.release && h.cgroup_v2 && h.kernel_version == (6 << 16 | 1), "kernel and cgroups");
	ok(h.sockets.n == engines || !h.sockets_seen, "each socket's place was looked at");
}

static void put(const char *name, const char *text)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/%s", temp_dir, name);
	FILE *f = fopen(path, "we");
	if (!f || fputs(text, f) < 0 || fclose(f) != 0)
		abort();
}

static struct check_host updates_of(const char *dir)
{
	struct check_host h = {.release = "6.1.0-49-amd64"};
	struct err err = ERR_INIT;
	char path[4096];

	snprintf(path, sizeof(path), "%s/%s", temp_dir, dir);
	autofd int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || check_probe_updates(&probe, fd, &h, &err) < 0)
		abort();
	return h;
}

/* A machine that has nothing but this one file. */
static void expect_update(const char *file, const char *text, enum check_seen pending,
			  enum check_seen reboot, const char *evidence)
{
	static unsigned n;
	struct check_host h;
	char dir[32], path[256];

	snprintf(dir, sizeof(dir), "u%u", n++);
	make_dir(dir, 0700);
	for (const char *at = file; (at = strchr(at, '/')); at++) {
		snprintf(path, sizeof(path), "%s/%.*s", dir, (int)(at - file), file);
		make_dir(path, 0700);
	}
	snprintf(path, sizeof(path), "%s/%s", dir, file);
	put(path, text);
	h = updates_of(dir);
	is_int(h.updates_pending, pending, file);
	is_int(h.reboot_required, reboot, "a restart");
	const char *got = reboot == SEEN_YES ? h.reboot : h.updates;
	ok(evidence ? got && strstr(got, evidence) : !got, "told: %s", got ? got : "nothing");
}

static void test_updates(void)
{
	struct check_host h;

	make_dir("none", 0700);
	h = updates_of("none");
	ok(h.updates_pending == SEEN_NOT && h.reboot_required == SEEN_NO && !h.updates && !h.reboot,
	   "where nothing tells, nothing is known");
	expect_update("var/lib/update-notifier/updates-available",
		      "\n3 updates can be applied.\n1 more.\n", SEEN_YES, SEEN_NO,
		      "3 updates can be applied.");
	expect_update("var/lib/update-notifier/updates-available", "\n0 updates can be applied.\n",
		      SEEN_NO, SEEN_NO, "0 updates");
	expect_update("var/lib/update-notifier/updates-available", "", SEEN_NO, SEEN_NO, "none");
	expect_update("var/lib/unattended-upgrades/kept-back", "libc6 openssl\n", SEEN_YES, SEEN_NO,
		      "kept back: libc6 openssl");
	expect_update("var/lib/unattended-upgrades/kept-back", "\n", SEEN_NOT, SEEN_NO, NULL);
	expect_update("system-update", "", SEEN_YES, SEEN_NO, "next start (/system-update)");
	expect_update("etc/system-update", "", SEEN_YES, SEEN_NO,
		      "next start (/etc/system-update)");
	expect_update("var/lib/PackageKit/prepared-update", "x", SEEN_YES, SEEN_NO, "PackageKit");
	expect_update("run/reboot-required", "", SEEN_NOT, SEEN_YES, "/run/reboot-required");
	expect_update("run/reboot-needed", "", SEEN_NOT, SEEN_YES, "/run/reboot-needed");
	expect_update("lib/modules/6.1.0-50-amd64/modules.dep", "", SEEN_NOT, SEEN_YES,
		      "Linux 6.1.0-50-amd64 is installed, and 6.1.0-49-amd64 runs");
	expect_update("lib/modules/6.1.0-50-cloud-amd64/modules.dep", "", SEEN_NOT, SEEN_NO, NULL);
	expect_update("lib/modules/6.1.0-9-amd64/modules.dep", "", SEEN_NOT, SEEN_NO, NULL);
	expect_update("var/lib/apt/periodic/update-success-stamp", "", SEEN_NOT, SEEN_NO,
		      "/var/lib/apt/periodic/update-success-stamp is 0 days old");
	expect_update("var/cache/dnf/last_makecache", "", SEEN_NOT, SEEN_NO, "/var/cache/dnf");
	/* a count of none doesn't hide what is prepared */
	make_dir("both", 0700);
	make_dir("both/var", 0700);
	make_dir("both/var/lib", 0700);
	make_dir("both/var/lib/update-notifier", 0700);
	put("both/var/lib/update-notifier/updates-available", "0 updates\n");
	put("both/system-update", "");
	ok(updates_of("both").updates_pending == SEEN_YES,
	   "none by count, and some prepared: some");
}

static void test_kernels(void)
{
	static const struct {
		const char *release, *than;
		bool later;
	} cases[] = {
		{"6.1.0-50-amd64", "6.1.0-49-amd64", true},
		{"6.1.0-49-amd64", "6.1.0-49-amd64", false},
		{"6.1.0-9-amd64", "6.1.0-49-amd64", false},
		{"6.12.0-1-amd64", "6.2.0-1-amd64", true},
		{"6.1.0-50-rt-amd64", "6.1.0-49-amd64", false},
		{"6.11.5-301.fc41.x86_64", "6.11.4-301.fc41.x86_64", true},
		{"6.11.5", "6.11.4", true},
		{"6.18.5-kata", "6.11.4", false},
		{"extramodules", "6.11.4", false},
		{"", "", false},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		ok(check_kernel_is_later(cases[i].release, cases[i].than) == cases[i].later,
		   "%s %s later than %s", cases[i].release, cases[i].later ? "is" : "isn't",
		   cases[i].than);
}

int main(void)
{
	temp_dir_enter();
	setenv("UNIT_TEST_TOKEN", "never shown", 1);
	test_rootfs();
	test_self();
	test_gone();
	test_host();
	test_updates();
	test_kernels();
	arena_release(&arena);
	return tap_done();
}
