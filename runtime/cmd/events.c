/* kanuki events: statistics and out-of-memory events of a container, one JSON
 * object a line, as runc prints them. */
#include "config.h"

#include "base/auto.h"
#include "base/json_out.h"
#include "base/num.h"
#include "cmd/container.h"
#include "sys/sys.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/banned.h"

struct events_args {
	const char *interval;
	bool stats;
};

static const struct cmd_option options[] = {
	{"interval", 0, OPTION_STRING, offsetof(struct events_args, interval), "TIME",
	 "between two statistics, as in 5s (default) or 500ms"},
	{"stats", 0, OPTION_FLAG, offsetof(struct events_args, stats), NULL,
	 "print the statistics once"},
};

static int print_event(const char *id, const char *type, const struct cgroup *cgroup,
		       struct err *err)
{
	struct json_out o __attribute__((cleanup(json_out_release))) = JSON_OUT_INIT;

	json_out_object(&o, NULL);
	json_out_string(&o, "type", type);
	json_out_string(&o, "id", id);
	if (cgroup) {
		json_out_object(&o, "data");
		if (cgroup_stats(cgroup, &o, err) < 0)
			return -1;
		json_out_end_object(&o);
	}
	json_out_end_object(&o);
	if (json_out_finish(&o, err) < 0)
		return -1;
	if (puts(str_text(&o.text)) < 0 || fflush(stdout) != 0)
		return err_sys(err, "write to standard output");
	return 0;
}

/* "5s", "500ms", "2m": a whole number and a unit. */
static int parse_interval(const char *text, int *ret_ms, struct err *err)
{
	static const struct {
		const char *suffix;
		uint64_t ms;
	} units[] = {{"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}};
	char digits[12];
	size_t n;
	uint64_t v;

	*ret_ms = 5000;
	if (!text)
		return 0;
	n = strspn(text, "0123456789");
	if (n == 0 || n >= sizeof(digits))
		return err_set(err, ERR_USAGE, "--interval: '%s' is not a time", text);
	memcpy(digits, text, n);
	digits[n] = 0;
	for (size_t i = 0; i < ARRAY_LEN(units); i++) {
		if (strcmp(text + n, units[i].suffix) != 0)
			continue;
		if (!num_parse_u64(digits, INT32_MAX, &v) || v == 0 || v * units[i].ms > INT32_MAX)
			break;
		*ret_ms = (int)(v * units[i].ms);
		return 0;
	}
	return err_set(err, ERR_USAGE, "--interval: '%s' is not a time such as 5s or 500ms", text);
}

static int follow(const struct container *c, const struct cgroup *cgroup, int interval_ms,
		  struct err *err)
{
	autofd int events_fd = cgroup_open_events(cgroup, err);
	uint64_t seen = 0;

	if (events_fd < 0 || cgroup_oom_kills(cgroup, &seen, err) < 0)
		return -1;
	for (;;) {
		struct pollfd fds[2] = {{.fd = c->init_pidfd, .events = POLLIN},
					{.fd = events_fd, .events = POLLPRI}};
		uint64_t kills;
		int n = sys_poll(fds, 2, interval_ms);

		if (n < 0 && errno != EINTR)
			return err_sys(err, "wait for events");
		if (n > 0 && fds[0].revents)
			return 0;
		if (n == 0 && print_event(c->record.id, "stats", cgroup, err) < 0)
			return -1;
		if (n > 0) {
			/* A descriptor tells of changes since it was read: left as it
			 * is, it would be ready for ever. */
			auto_close_fd(&events_fd);
			events_fd = cgroup_open_events(cgroup, err);
			if (events_fd < 0 || cgroup_oom_kills(cgroup, &kills, err) < 0)
				return -1;
			if (kills > seen && print_event(c->record.id, "oom", NULL, err) < 0)
				return -1;
			seen = kills;
		}
	}
}

static int run(const struct cmd_context *ctx, void *data, struct err *err)
{
	const struct events_args *args = data;
	struct cgroup cgroup __attribute__((cleanup(cgroup_release))) = CGROUP_INIT;
	autocontainer container = CONTAINER_INIT;
	int interval_ms;

	if (parse_interval(args->interval, &interval_ms, err) < 0 ||
	    container_open(ctx, ctx->args[0], false, &container, err) < 0 ||
	    container_check(&container, LIFECYCLE_EVENTS, err) < 0 ||
	    container_open_cgroup(&container, &cgroup, err) < 0)
		return -1;
	cgroup.committed = true;
	if (args->stats)
		return print_event(container.record.id, "stats", &cgroup, err);
	return follow(&container, &cgroup, interval_ms, err);
}

const struct cmd cmd_events = {
	.name = "events",
	.synopsis = "[OPTIONS] CONTAINER",
	.summary = "print statistics and out-of-memory events of a container",
	.options = options,
	.n_options = ARRAY_LEN(options),
	.args_size = sizeof(struct events_args),
	.min_args = 1,
	.max_args = 1,
	.failure_status = 1,
	.run = run,
};
