/* act_prepare with the N-th system call failing, for every N: an error is told,
 * nothing stays open, and the next try succeeds. */
#include "config.h"

#include "act/act.h"
#include "act/gate.h"

#include "fake_sys.h"
#include "tap.h"
#include "temp_dir.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <sys/socket.h>
#include <sys/un.h>

static struct plan plan = PLAN_INIT;
static struct plan_filter filters[2];
static struct plan_mount mounts[2];
static char socket_path[128];

static void make_plan(void)
{
	static const char *names[] = {"read", "write"};
	static struct plan_filter_rule rule = {.names = {names, 2, 2}, .action = SECCOMP_RET_ALLOW};

	plan.id = "box";
	plan.cgroup.manager = CGROUP_DISABLED;
	plan.ns[NS_NET].mode = NS_JOIN;
	plan.ns[NS_NET].path = "/proc/self/ns/net";
	plan.ns[NS_IPC].mode = NS_JOIN;
	plan.ns[NS_IPC].path = "/proc/self/ns/ipc";
	filters[0].kind = FILTER_DEFAULT;
	filters[1] = (struct plan_filter){.kind = FILTER_RULES, .default_action = SECCOMP_RET_ERRNO | EPERM};
	filters[1].rules.items = &rule;
	filters[1].rules.n = 1;
	plan.filters.items = filters;
	plan.filters.n = 2;
	mounts[0] = (struct plan_mount){.type = "tmpfs", .target = "/tmp"};
	mounts[1] = (struct plan_mount){.kind = MOUNT_BIND, .source = "/", .target = "/x"};
	plan.mounts.items = mounts;
	plan.mounts.n = 2;
}

static void fail_each(const char *what, const struct act_request *request)
{
	unsigned n, tried = 0, untold = 0, leaked = 0, forgiven = 0;
	unsigned before = fake_open_fds();

	for (n = 1;; n++) {
		struct err err = ERR_INIT;
		int r;

		(void)unlinkat(request->state_dirfd, GATE_NAME, 0);
		fake_reset();
		fake_fail(n, EIO);
		{
			autoprepared p = PREPARED_INIT;

			r = act_prepare(&plan, request, &p, &err);
			if (!fake_failed() && r == 0) {
				ok(p.n_programs == 2 && p.sync_fds[0] >= 0 && p.self_ns_dirfd >= 0 &&
					   p.join_fds[NS_NET] >= 0 && p.join_fds[NS_IPC] >= 0 && p.join_fds[NS_MNT] < 0 &&
					   p.console_fd >= 0 && p.pidfd_socket_fd >= 0 && (p.gate_fd >= 0) == request->gate,
				   "%s: without a failure everything is there", what);
			}
		}
		if (fake_open_fds() != before) {
			leaked++;
			diag("%s: call %u (%s) left %d descriptors", what, n, fake_failed() ? fake_failed() : "none",
			     (int)fake_open_fds() - (int)before);
			before = fake_open_fds();
		}
		if (!fake_failed()) {
			ok(r == 0 && !err.kind, "%s: succeeds when nothing fails: %s", what, err.msg);
			break;
		}
		tried++;
		if (r == 0) {
			forgiven++;
			diag("%s: went on after %s", what, fake_failed());
		} else if (err.kind == ERR_NONE || !err.msg[0]) {
			untold++;
			diag("%s: no reason after %s", what, fake_failed());
		}
	}
	ok(tried > 15, "%s: %u calls were made to fail", what, tried);
	is_int(untold, 0, "each with an error");
	is_int(leaked, 0, "and nothing left open");
	is_int(forgiven, 0, "none is passed over");
}

static void test_release(void)
{
	struct prepared p = PREPARED_INIT;

	act_prepared_release(&p);
	act_prepared_release(&p);
	ok(p.sync_fds[0] == -1 && !p.source_fds, "releasing nothing, twice, does nothing");
}

static void record_filter(int dirfd)
{
	struct filter_program p;
	struct err err = ERR_INIT;
	char name[FILTER_NAME_MAX];
	int fd;

	filter_name(1, name);
	fd = openat(dirfd, name, O_WRONLY | O_CREAT, 0600);
	if (filter_compile(&filters[1], &p, &err) < 0 || fd < 0 ||
	    write(fd, p.insns, p.n * sizeof(*p.insns)) != (ssize_t)(p.n * sizeof(*p.insns))) {
		printf("Bail out! %s\n", err.msg);
		exit(99);
	}
	filter_release(&p);
	close(fd);
}

int main(void)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX, .sun_path = "sock"};
	struct act_request create, exec;
	int listener;

	temp_dir_enter();
	alarm(100);
	make_plan();
	snprintf(socket_path, sizeof(socket_path), "%s/sock", temp_dir);
	listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (listener < 0 || bind(listener, (struct sockaddr *)&addr, sizeof(addr)) < 0 || listen(listener, 4000) < 0)
		exit(99);
	create = (struct act_request){.state_dirfd = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC),
				      .gate = true,
				      .init_pidfd = -1,
				      .console_socket = socket_path,
				      .pidfd_socket = socket_path};
	exec = create;
	exec.gate = false;
	exec.init_pidfd = 0; /* any: prepare doesn't use it */
	test_release();
	fail_each("create", &create);
	fake_reset();
	record_filter(create.state_dirfd);
	fail_each("exec", &exec);
	return tap_done();
}
