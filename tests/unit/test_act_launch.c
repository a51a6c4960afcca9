/* act_launch: a pid namespace that was joined for the child is left again, whether there is
 * a child or not; a child is told of its device rules when they hold. */
#include "config.h"

#include "act/act.h"
#include "act/process.h"
#include "sys/sys.h"

#include "fake_sys.h"
#include "plan_fixture.h"
#include "tap.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* Of the child that isn't there: with its end of the socket pair, or without. */
static bool child_has_ended;

static int launch(long clone_result, bool device_rules, struct err *err)
{
	autoplan plan = PLAN_INIT;
	struct prepared prepared = PREPARED_INIT;
	struct init init;
	const struct act_request request = {.state_dirfd = -1, .init_pidfd = -1};
	int fds[2], peer_fd, r;

	fixture_plan(&plan);
	plan.ns[NS_PID] = (struct plan_ns){NS_JOIN, "/proc/1/ns/pid", false};
	plan.cgroup.device_filter = device_rules;
	prepared.cgroup.n_made = 1;
	prepared.self_ns_dirfd = open("/proc/self/ns", O_PATH | O_DIRECTORY | O_CLOEXEC);
	prepared.join_fds[NS_PID] = open("/proc/self/ns/pid", O_RDONLY | O_CLOEXEC);
	if (prepared.self_ns_dirfd < 0 || prepared.join_fds[NS_PID] < 0 || 
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0)
		abort();
	peer_fd = child_has_ended ? -1 : dup(fds[1]);
	prepared.sync_fds[0] = fds[0];
	prepared.sync_fds[1] = fds[1];
	fake_reset();
	fake_pretend("setns", 0);
	fake_pretend("prctl", 0);
	fake_pretend("sched_setattr", 0);
	if (clone_result > 0)
		fake_pretend("clone3", clone_result);
	else
		fake_fail_named("clone3", 1, EAGAIN);
	if (device_rules) {
		fake_next("bpf", dup(fds[0]));
		fake_next("bpf", 0);
	}
	r = act_launch(&plan, &prepared, &request, &init, err);
	for (int i = 0; i < 2; i++)
		if (prepared.sync_fds[i] >= 0)
			close(prepared.sync_fds[i]);
	if (r == 0)
		close(init.sync_fd);
	if (peer_fd >= 0)
		close(peer_fd);
	close(prepared.join_fds[NS_PID]);
	close(prepared.self_ns_dirfd);
	return r;
}

/* The namespace of its own, opened and entered after the clone. */
static bool left(void)
{
	int cloned = fake_find(0, "clone3("), opened;

	if (cloned < 0 || fake_find(0, "setns(") > cloned)
		return false;
	opened = fake_find((unsigned)cloned, "openat(");
	return opened > 0 && strstr(fake_call((unsigned)opened), ", pid, ") && fake_find((unsigned)opened, "setns(") > opened;
}

/* Loaded and attached after the clone, then said. */
static bool told_of_rules(void)
{
	int cloned = fake_find(0, "clone3("), loaded, attached, told = fake_find(0, "sendmsg(");

	if (cloned < 0)
		return false;
	loaded = fake_find((unsigned)cloned, "bpf(");
	attached = loaded > 0 ? fake_find((unsigned)loaded + 1, "bpf(") : -1;
	return attached > loaded && told > attached;
}

int main(void)
{
	struct err err = ERR_INIT;
	unsigned fds = fake_open_fds();

	is_int(launch(12345, false, &err), 0, "a child in a joined pid namespace");
	ok(left(), "which its parent has left again");
	is_int(launch(0, false, &err), -1, "no child");
	is_err(&err, ERR_SYSTEM, "create the container process", "is told");
	ok(left(), "and the namespace is left all the same: hooks that undo a start are the host's");
	err_clear(&err);
	ok(launch(12345, true, &err) == 0, "a child with device rules: %s", err.msg);
	ok(told_of_rules(), "is told that they hold when they do, and not before");
	child_has_ended = true;
	ok(launch(12345, true, &err) == 0 && told_of_rules(), "one that has failed meanwhile says so itself: %s", err.msg);
	fake_reset();
	is_int(fake_open_fds(), fds, "no descriptor is left");
	return tap_done();
}
