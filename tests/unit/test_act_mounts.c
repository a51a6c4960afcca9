/* act/mounts.c without privilege: what is asked of the kernel for a new file system
 * with a label.  Real mounts are the business of tests/integration. */
#include "config.h"

#include "act/process.h"
#include "act/rootfs.h"
#include "proto/sync.h"

#include "fake_sys.h"
#include "tap.h"
#include "temp_dir.h"

#include <errno.h>
#include <sys/socket.h>

static struct plan_mount mounts[2] = {
	{.kind = MOUNT_NEW, .type = "tmpfs", .source = "tmpfs", .target = "/t", .mount_label = "u:r:f:s0"},
	{.kind = MOUNT_NEW, .type = "mqueue", .source = "mqueue", .target = "/q", .mount_label = "u:r:f:s0"},
};

/* Mounts the i-th alone, in a root of this test's. */
static int apply(unsigned i, struct err *err)
{
	struct plan plan = {.mounts = {.items = &mounts[i], .n = 1}};
	struct child child = {.root_fd = open("root", O_PATH | O_DIRECTORY | O_CLOEXEC)};
	int r = mounts_apply(&plan, &child, err);

	arena_release(&child.arena);
	close(child.root_fd);
	return r;
}

static int fsconfig_of(const char *key)
{
	for (unsigned i = 0; i < fake_count(); i++)
		if (!strncmp(fake_call(i), "fsconfig(", 9) && strstr(fake_call(i), key))
			return (int)i;
	return -1;
}

static void test_labels(void)
{
	struct err err = ERR_INIT;
	int at;

	fake_pretend_privileged();
	ok(apply(0, &err) == 0, "a tmpfs with a label: %s", err.msg);
	ok(fsconfig_of(", context,") >= 0 && fake_count_named("fsetxattr") == 0, "is mounted with context=");

	fake_reset();
	fake_pretend_privileged();
	fake_pretend("openat", FAKE_FD); /* the root of a mount that isn't one */
	ok(apply(1, &err) == 0, "an mqueue with a label: %s", err.msg);
	at = fake_find(0, "fsmount(");
	ok(fsconfig_of(", context,") < 0, "knows no context=");
	ok(at >= 0 && fake_find((unsigned)at, "fsetxattr(") > at && strstr(fake_call((unsigned)fake_find(0, "fsetxattr(")),
									     "security.selinux"),
	   "its root is labelled once it is there");
	ok(fake_find((unsigned)fake_find(0, "fsetxattr("), "move_mount(") > 0, "and before it is seen");

	fake_reset();
	fake_pretend_privileged();
	fake_pretend("openat", FAKE_FD);
	fake_fail_named("fsetxattr", 1, EOPNOTSUPP);
	ok(apply(1, &err) < 0 && fake_count_named("move_mount") == 0, "a label that can't be given is no mount");
	is_err(&err, ERR_SYSTEM, "mount '/q': SELinux label 'u:r:f:s0'", "and told");
	fake_reset();
}

/* The device rules decide whether it may be opened: not before they hold. */
static void test_devices(void)
{
	struct plan_mount of_type = {.kind = MOUNT_NEW, .type = "ext4", .source = "/dev/x", .target = "/t"};
	struct plan plan = {.mounts = {.items = &of_type, .n = 1}, .cgroup = {.device_filter = true}};
	struct child child = {.root_fd = open("root", O_PATH | O_DIRECTORY | O_CLOEXEC)};
	struct err err = ERR_INIT;
	int fds[2];

	if (child.root_fd < 0 || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0)
		exit(99);
	child.sync_fd = fds[0];
	fake_pretend_privileged();
	ok(sync_send(fds[1], SYNC_GO, -1, &err) == 0 && mounts_apply(&plan, &child, &err) < 0 && fake_count_named("fsopen") == 0,
	   "a file system that may be on a device, and the parent says something else");
	is_err(&err, ERR_PROTO, "waited for 'devices'", "it waits for the device rules");
	err_clear(&err);
	child.device_rules_hold = false;
	ok(sync_send(fds[1], SYNC_DEVICES, -1, &err) == 0 && mounts_apply(&plan, &child, &err) == 0,
	   "which hold: %s", err.msg);
	ok(fake_find(0, "recvmsg(") < fake_find(0, "fsopen("), "then it is opened");
	fake_reset();
	fake_pretend_privileged();
	child.device_rules_hold = false;
	of_type.type = "tmpfs";
	ok(mounts_apply(&plan, &child, &err) == 0 && fake_count_named("recvmsg") == 0, "a tmpfs waits for nothing: %s", err.msg);
	fake_reset();
	arena_release(&child.arena);
	close(child.root_fd);
	close(fds[0]);
	close(fds[1]);
}

int main(void)
{
	temp_dir_enter();
	if (mkdir("root", 0755) < 0 || mkdir("root/t", 0755) < 0 || mkdir("root/q", 0755) < 0)
		exit(99);
	test_labels();
	test_devices();
	return tap_done();
}
