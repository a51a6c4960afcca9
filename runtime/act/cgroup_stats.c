/* Statistics of a cgroup as JSON, in the structure of runc's `events --stats`,
 * so that what reads those reads these. */
#include "config.h"

#include "act/cgroup.h"

#include "act/cgroup_files.h"
#include "base/auto.h"
#include "base/json_out.h"
#include "base/num.h"
#include "sys/sys.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/banned.h"

#define TEXT_MAX 16384

/* 1: read, 0: no such file (its controller is not there), -1. */
static int read_file(const struct cgroup *cg, const char *name, char buf[TEXT_MAX], struct err *err)
{
	if (cgroup_file_read(cg->dirfd, name, buf, TEXT_MAX, err) == 0)
		return 1;
	if (err->kind != ERR_NOT_FOUND)
		return -1;
	err_clear(err);
	return 0;
}

static uint64_t number(char *text)
{
	uint64_t v;

	text[strcspn(text, "\n")] = 0;
	return num_parse_u64(text, UINT64_MAX, &v) ? v : 0; /* pids.max "max": 0, as runc shows it */
}

static uint64_t value(const char *text, const char *key)
{
	uint64_t v;

	return cgroup_text_value(text, key, &v) ? v : 0;
}

/* "some avg10=0.00 avg60=0.00 avg300=0.00 total=0" */
static void write_pressure_line(struct json_out *o, const char *text, const char *kind)
{
	static const char *const keys[] = {"avg10", "avg60", "avg300", "total"};
	const char *line = strstr(text, kind);
	size_t len = line ? strcspn(line, "\n") : 0;

	if (!line)
		return;
	json_out_object(o, kind);
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		const char *at = strstr(line, keys[i]);
		char word[32];
		size_t n;

		if (!at || at >= line + len || at[strlen(keys[i])] != '=')
			continue;
		at += strlen(keys[i]) + 1;
		n = strspn(at, "0123456789.");
		if (n == 0 || n >= sizeof(word))
			continue;
		memcpy(word, at, n);
		word[n] = 0;
		json_out_raw(o, keys[i], word);
	}
	json_out_end_object(o);
}

static int write_pressure(const struct cgroup *cg, const char *name, struct json_out *o,
			  struct err *err)
{
	char buf[TEXT_MAX];
	int found = read_file(cg, name, buf, err);

	if (found <= 0)
		return found;
	json_out_object(o, "psi");
	write_pressure_line(o, buf, "some");
	write_pressure_line(o, buf, "full");
	json_out_end_object(o);
	return 0;
}

static int write_cpu(const struct cgroup *cg, struct json_out *o, struct err *err)
{
	char buf[TEXT_MAX];
	int found = read_file(cg, "cpu.stat", buf, err);

	json_out_object(o, "cpu");
	if (found > 0) {
		json_out_object(o, "usage");
		json_out_u64(o, "total", value(buf, "usage_usec") * 1000);
		json_out_u64(o, "kernel", value(buf, "system_usec") * 1000);
		json_out_u64(o, "user", value(buf, "user_usec") * 1000);
		json_out_end_object(o);
		json_out_object(o, "throttling");
		json_out_u64(o, "periods", value(buf, "nr_periods"));
		json_out_u64(o, "throttledPeriods", value(buf, "nr_throttled"));
		json_out_u64(o, "throttledTime", value(buf, "throttled_usec") * 1000);
		json_out_end_object(o);
	}
	if (found >= 0)
		found = write_pressure(cg, "cpu.pressure", o, err);
	json_out_end_object(o);
	return found < 0 ? -1 : 0;
}

struct usage {
	uint64_t usage, max, limit; /* limit: UINT64_MAX for "max", as runc has it */
	bool has_usage, has_max;
};

static int read_usage(const struct cgroup *cg, const char *prefix, struct usage *ret,
		      struct err *err)
{
	char buf[TEXT_MAX], name[64];
	struct usage u = {0};
	int found;

	(void)snprintf(name, sizeof(name), "%s.current", prefix);
	found = read_file(cg, name, buf, err);
	if (found < 0)
		return -1;
	u.has_usage = found > 0;
	if (found > 0)
		u.usage = number(buf);
	(void)snprintf(name, sizeof(name), "%s.peak", prefix);
	found = read_file(cg, name, buf, err);
	if (found < 0)
		return -1;
	u.has_max = found > 0; /* Linux 5.19 */
	if (found > 0)
		u.max = number(buf);
	(void)snprintf(name, sizeof(name), "%s.max", prefix);
	found = read_file(cg, name, buf, err);
	if (found < 0)
		return -1;
	if (found > 0)
		u.limit = strncmp(buf, "max", 3) == 0 ? UINT64_MAX : number(buf);
	*ret = u;
	return 0;
}

static void write_usage(struct json_out *o, const char *key, const struct usage *u)
{
	json_out_object(o, key);
	if (u->has_usage) {
		json_out_u64(o, "limit", u->limit);
		json_out_u64(o, "usage", u->usage);
		if (u->has_max)
			json_out_u64(o, "max", u->max);
		json_out_u64(o, "failcnt", 0); /* cgroup v1's; what reads this expects the member */
	}
	json_out_end_object(o);
}

/* Its readers know cgroup v1, where swap is counted together with memory. */
static void add_memory(struct usage *swap, const struct usage *memory)
{
	if (!swap->has_usage)
		return;
	swap->usage += memory->usage;
	if (swap->limit != UINT64_MAX)
		swap->limit =
			memory->limit == UINT64_MAX ? UINT64_MAX : swap->limit + memory->limit;
}

static int write_memory(const struct cgroup *cg, struct json_out *o, struct err *err)
{
	struct usage memory, swap;
	char buf[TEXT_MAX], *line;
	int found;

	if (read_usage(cg, "memory", &memory, err) < 0 ||
	    read_usage(cg, "memory.swap", &swap, err) < 0)
		return -1;
	add_memory(&swap, &memory);
	found = read_file(cg, "memory.stat", buf, err);
	json_out_object(o, "memory");
	if (found > 0)
		json_out_u64(o, "cache", value(buf, "file"));
	write_usage(o, "usage", &memory);
	write_usage(o, "swap", &swap);
	if (found > 0) {
		json_out_object(o, "raw");
		for (char *rest = buf; (line = strsep(&rest, "\n"));) {
			char *space = strchr(line, ' ');
			uint64_t v;

			if (!space)
				continue;
			*space = 0;
			if (num_parse_u64(space + 1, UINT64_MAX, &v))
				json_out_u64(o, line, v);
		}
		json_out_end_object(o);
	}
	if (found >= 0)
		found = write_pressure(cg, "memory.pressure", o, err);
	json_out_end_object(o);
	return found < 0 ? -1 : 0;
}

static int write_pids(const struct cgroup *cg, struct json_out *o, struct err *err)
{
	char buf[TEXT_MAX];
	int found = read_file(cg, "pids.current", buf, err);

	if (found <= 0)
		return found;
	json_out_object(o, "pids");
	json_out_u64(o, "current", number(buf));
	found = read_file(cg, "pids.max", buf, err);
	if (found > 0)
		json_out_u64(o, "limit", number(buf));
	json_out_end_object(o);
	return found < 0 ? -1 : 0;
}

/* One "MAJ:MIN key=value ..." line as runc's entries of one kind. */
static void write_io_entries(struct json_out *o, const char *text, const char *key, const char *op)
{
	for (const char *line = text; line && *line;
	     line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
		unsigned major, minor;
		unsigned long long v;
		const char *at = strstr(line, key), *end = strchr(line, '\n');

		if (!at || (end && at > end) || sscanf(line, "%u:%u", &major, &minor) != 2 ||
		    sscanf(at + strlen(key), "=%llu", &v) != 1)
			continue;
		json_out_object(o, NULL);
		json_out_u64(o, "major", major);
		json_out_u64(o, "minor", minor);
		json_out_string(o, "op", op);
		json_out_u64(o, "value", v);
		json_out_end_object(o);
	}
}

static int write_io(const struct cgroup *cg, struct json_out *o, struct err *err)
{
	char buf[TEXT_MAX];
	int found = read_file(cg, "io.stat", buf, err);

	json_out_object(o, "blkio");
	if (found > 0) {
		json_out_array(o, "ioServiceBytesRecursive");
		write_io_entries(o, buf, "rbytes", "Read");
		write_io_entries(o, buf, "wbytes", "Write");
		json_out_end_array(o);
		json_out_array(o, "ioServicedRecursive");
		write_io_entries(o, buf, "rios", "Read");
		write_io_entries(o, buf, "wios", "Write");
		json_out_end_array(o);
	}
	if (found >= 0)
		found = write_pressure(cg, "io.pressure", o, err);
	json_out_end_object(o);
	return found < 0 ? -1 : 0;
}

static int write_hugetlb(const struct cgroup *cg, struct json_out *o, struct err *err)
{
	int fd = sys_openat(cg->dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	autodir DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
	char buf[TEXT_MAX], name[64];

	if (!d) {
		auto_close_fd(&fd);
		return err_sys(err, "list the cgroup");
	}
	json_out_object(o, "hugetlb");
	for (struct dirent *e; (e = readdir(d));) {
		size_t len = strlen(e->d_name);

		if (strncmp(e->d_name, "hugetlb.", 8) != 0 || len < 17 || len >= sizeof(name) ||
		    strcmp(e->d_name + len - 8, ".current") != 0 || strstr(e->d_name, ".rsvd"))
			continue;
		(void)snprintf(name, sizeof(name), "%.*s", (int)(len - 16), e->d_name + 8);
		if (read_file(cg, e->d_name, buf, err) < 0)
			return -1;
		json_out_object(o, name);
		json_out_u64(o, "usage", number(buf));
		json_out_end_object(o);
	}
	json_out_end_object(o);
	return 0;
}

int cgroup_stats(const struct cgroup *cg, struct json_out *o, struct err *err)
{
	if (write_cpu(cg, o, err) < 0 || write_memory(cg, o, err) < 0 ||
	    write_pids(cg, o, err) < 0 || write_io(cg, o, err) < 0)
		return -1;
	return write_hugetlb(cg, o, err);
}
