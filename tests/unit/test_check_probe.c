/* check/: the readers, on a tree of our own and on this very process; no root needed. */
#include "config.h"

#include "base/auto.h"
#include "check/probe.h"

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

	if (!ok(check_probe_host(&probe, &host, &h, &err) == 0, "this machine"))
		diag("%s", err.msg);
	ok(h.release && h.cgroup_v2 && h.kernel_version == (6 << 16 | 1), "kernel and cgroups");
	ok(h.sockets.n == check_engine_sockets_n || !h.sockets_seen, "each socket's place was looked at");
}

int main(void)
{
	temp_dir_enter();
	setenv("UNIT_TEST_TOKEN", "never shown", 1);
	test_rootfs();
	test_self();
	test_gone();
	test_host();
	arena_release(&arena);
	return tap_done();
}
