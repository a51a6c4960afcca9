/* act_launch: a pid namespace that was joined for the child is left again, whether there is
 * a child or not; a child is handed its network namespace and told of its device rules when
 * they hold, and the runtime is back in its own network namespace whatever fails. */
#include "config.h"

#include "act/act.h"
#include "act/child.h"
#include "act/process.h"
#include "proto/sync.h"
#include "sys/sys.h"

#include "fake_sys.h"
#include "plan_fixture.h"
#include "tap.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

/* Of the child that isn't there: with its end of the socket pair, or without. */
static bool child_has_ended;
/* The call of net_make that fails, and which of its name, or NULL. */
static const char *failing;
static unsigned failing_nth;

static int launch_with(enum plan_ns_mode network, long clone_result, bool device_rules,
		       struct err *err)
{
	autoplan plan = PLAN_INIT;
	struct prepared prepared = PREPARED_INIT;
	struct init init = INIT_INIT;
	const struct act_request request = {.state_dirfd = -1, .init_pidfd = -1};
	int fds[2], peer_fd, r;

	fixture_plan(&plan);
	plan.ns[NS_PID] = (struct plan_ns){NS_JOIN, "/proc/1/ns/pid", false};
	plan.ns[NS_NET].mode = network;
	plan.loopback_up = network == NS_PRIVATE;
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
	fake_pretend("unshare", 0);
	fake_pretend("ioctl", 0);
	if (failing)
		fake_fail_named(failing, failing_nth, EMFILE);
	fake_pretend("setns", 0);
	fake_pretend("prctl", 0);
	fake_pretend("sched_setattr", 0);
	if (clone_result > 0)
		fake_pretend("clone3", clone_result);
	else if (!failing)
		fake_fail_named("clone3", 1, EAGAIN);
	if (device_rules) {
		fake_next("bpf", dup(fds[0]));
		fake_next("bpf", 0);
	}
	r = act_launch(&plan, &prepared, &request, &init, err);
	for (int i = 0; i < 2; i++)
		if (prepared.sync_fds[i] >= 0)
			close(prepared.sync_fds[i]);
	if (init.sync_fd >= 0)
		close(init.sync_fd);
	if (peer_fd >= 0)
		close(peer_fd);
	close(prepared.join_fds[NS_PID]);
	close(prepared.self_ns_dirfd);
	return r;
}

static int launch(long clone_result, bool device_rules, struct err *err)
{
	return launch_with(NS_HOST, clone_result, device_rules, err);
}

static void check_network(void)
{
	/* of each name the n-th, after which "setns" brings the runtime back */
	static const struct {
		const char *name;
		unsigned nth;
		bool left;
	} calls[] = {
		{"openat", 2, false}, {"fstat", 1, false}, {"unshare", 1, false}, {"openat", 3, true},
		{"socket", 1, true},  {"ioctl", 1, true},
	};
	struct err err = ERR_INIT;
	int cloned, made, back, handed;

	ok(launch_with(NS_PRIVATE, 12345, false, &err) == 0,
	   "a child with a network namespace of its own: %s", err.msg);
	cloned = fake_find(0, "clone3(");
	made = fake_find(0, "unshare(0x40000000)");
	ok(cloned >= 0 && made > cloned, "which is made when the child is under way");
	back = fake_find((unsigned)made, "setns(");
	handed = fake_find((unsigned)made, "sendmsg(");
	ok(back > made && handed > back,
	   "the runtime is back in its own before the child is handed it");
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		failing = calls[i].name;
		failing_nth = calls[i].nth;
		ok(launch_with(NS_PRIVATE, 12345, false, &err) == -1, "%s %u fails", failing,
		   failing_nth);
		ok(err.kind == ERR_SYSTEM && err.sys_errno == EMFILE, "is told: %s", err.msg);
		made = fake_find(0, "unshare(0x40000000)");
		ok(!calls[i].left || fake_find((unsigned)made, "setns(") > made,
		   "and the runtime is back in its own");
		ok(strcmp(failing, "ioctl") == 0 || fake_find(0, "sendmsg(") < 0,
		   "and the child is handed none but for its loopback interface");
		err_clear(&err);
	}
	failing = NULL;
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

/* The child's side: what arrives, with a descriptor or without. */
static int enter(enum sync_kind kind, bool with_fd, struct err *err)
{
	autoplan plan = PLAN_INIT;
	struct child child = {.proc_fd = -1};
	int fds[2], r;

	fixture_plan(&plan);
	plan.ns[NS_NET].mode = NS_PRIVATE;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0 ||
	    sync_send(fds[0], kind, with_fd ? fds[0] : -1, err) < 0)
		abort();
	child.sync_fd = fds[1];
	fake_reset();
	fake_pretend("setns", 0);
	r = net_enter(&plan, &child, err);
	if (r == 0)
		r = net_enter(&plan, &child, err); /* once is enough */
	close(fds[0]);
	close(fds[1]);
	return r;
}

static void check_child(void)
{
	struct err err = ERR_INIT;

	ok(enter(SYNC_NETNS, true, &err) == 0 && fake_count_named("setns") == 1 &&
		   fake_count_named("recvmsg") == 1,
	   "the child enters what it is handed, once: %s", err.msg);
	is_int(enter(SYNC_NETNS, false, &err), -1, "nothing to enter");
	is_err(&err, ERR_PROTO, "'netns'", "is refused");
	err_clear(&err);
	is_int(enter(SYNC_DEVICES, true, &err), -1, "another packet first");
	is_err(&err, ERR_PROTO, "'devices'", "is refused");
	is_int(fake_count_named("setns"), 0, "and nothing is entered");
}

/* What a child that is ready has been told before act_commit, and by it. */
struct told {
	unsigned before, in_all;
};

static unsigned waiting(int fd)
{
	enum sync_kind kind;
	struct err err = ERR_INIT;
	struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
	unsigned n = 0;

	while (poll(&poll_fd, 1, 0) == 1 && sync_recv(fd, &kind, NULL, &err) == 0 &&
	       kind == SYNC_GO)
		n++;
	return n;
}

static struct told serve(bool go_ahead, bool may_ask, struct err *err)
{
	autoplan plan = PLAN_INIT;
	struct prepared prepared = PREPARED_INIT;
	struct init init = INIT_INIT;
	const struct act_request request = {
		.state_dirfd = -1, .init_pidfd = -1, .gate = true, .go_ahead = go_ahead};
	struct told told = {0, 0};
	int fds[2];

	fixture_plan(&plan);
	plan.ns[NS_USER].mode = NS_HOST;
	plan.userns_last.enabled = false;
	plan.process.terminal = may_ask;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0 ||
	    sync_send(fds[1], SYNC_READY, -1, err) < 0)
		abort();
	init.sync_fd = fds[0];
	fake_reset();
	if (act_serve(&plan, &prepared, &request, &init, err) == 0) {
		told.before = waiting(fds[1]);
		if (act_commit(&plan, &prepared, &request, &init, err) == 0)
			told.in_all = told.before + waiting(fds[1]);
	}
	close(fds[0]);
	close(fds[1]);
	return told;
}

static void check_go_ahead(void)
{
	struct err err = ERR_INIT;
	struct told told = serve(true, false, &err);

	ok(told.before == 1 && told.in_all == 1,
	   "a child for which nothing is left to do is let go in advance, once: %s", err.msg);
	told = serve(false, false, &err);
	ok(told.before == 0 && told.in_all == 1, "not where the caller has something to do: %s",
	   err.msg);
	told = serve(true, true, &err);
	ok(told.before == 0 && told.in_all == 1,
	   "nor one that may still ask, and would take it for the answer: %s", err.msg);
}

/* A child, of a plan with a terminal, that hands one over twice; or once, when it is ready. */
static int hand_over(bool ready_first, struct err *err)
{
	autoplan plan = PLAN_INIT;
	struct prepared prepared = PREPARED_INIT;
	struct init init = INIT_INIT;
	const struct act_request request = {.state_dirfd = -1, .init_pidfd = -1};
	int fds[2], r;

	fixture_plan(&plan);
	plan.ns[NS_USER].mode = NS_HOST;
	plan.userns_last.enabled = false;
	plan.process.terminal = true;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0)
		abort();
	init.sync_fd = fds[0];
	if (sync_send(fds[1], ready_first ? SYNC_READY : SYNC_TERMINAL, ready_first ? -1 : fds[1],
		      err) < 0 ||
	    sync_send(fds[1], SYNC_TERMINAL, fds[1], err) < 0)
		abort();
	fake_reset();
	r = act_serve(&plan, &prepared, &request, &init, err);
	if (r == 0)
		r = act_commit(&plan, &prepared, &request, &init, err);
	if (init.terminal_fd >= 0)
		close(init.terminal_fd);
	close(fds[0]);
	close(fds[1]);
	return r;
}

static void check_once(void)
{
	struct err err = ERR_INIT;

	is_int(hand_over(false, &err), -1, "a terminal, and another");
	is_err(&err, ERR_PROTO, "unexpected 'terminal'", "each request is served once");
	err_clear(&err);
	is_int(hand_over(true, &err), -1, "a request of the plan's after READY");
	is_err(&err, ERR_PROTO, "unexpected 'terminal'", "is refused");
	err_clear(&err);
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
	check_network();
	check_child();
	check_go_ahead();
	check_once();
	child_has_ended = true;
	ok(launch_with(NS_PRIVATE, 12345, false, &err) == 0,
	   "one that has failed meanwhile is handed nothing: %s", err.msg);
	ok(launch(12345, true, &err) == 0 && told_of_rules(), "one that has failed meanwhile says so itself: %s", err.msg);
	fake_reset();
	is_int(fake_open_fds(), fds, "no descriptor is left");
	return tap_done();
}
