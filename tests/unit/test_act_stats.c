/* cgroup_stats, cgroup_oom_kills and cgroup_open_events on a directory of files as
 * cgroupfs has them: every figure, in the units and the structure of runc's. */
#include "config.h"

#include "act/cgroup.h"
#include "base/json_out.h"

#include "tap.h"
#include "temp_dir.h"

static struct cgroup cg = CGROUP_INIT;

static void put(const char *name, const char *text)
{
	FILE *f = fopen(name, "w");

	if (!f || fputs(text, f) < 0 || fclose(f) != 0) {
		perror(name);
		exit(99);
	}
}

/* One top member of the statistics, as it is printed. */
static void is_part(const char *key, const char *want)
{
	struct json_out o = JSON_OUT_INIT;
	struct err err = ERR_INIT;
	char pattern[32], *at, *end;
	unsigned depth = 0;

	json_out_object(&o, NULL);
	if (!ok(cgroup_stats(&cg, &o, &err) == 0, "%s: statistics are read: %s", key, err.msg)) {
		json_out_release(&o);
		return;
	}
	json_out_end_object(&o);
	if (json_out_finish(&o, &err) < 0)
		exit(99);
	snprintf(pattern, sizeof(pattern), "\"%s\":{", key);
	at = strstr(o.text.s, pattern);
	if (!at) {
		ok(!want, "%s: there or not", key);
		json_out_release(&o);
		return;
	}
	at += strlen(pattern) - 1;
	for (end = at; *end; end++) {
		depth += *end == '{';
		depth -= *end == '}';
		if (!depth)
			break;
	}
	end[1] = 0;
	is_str(at, want, key);
	json_out_release(&o);
}

static void is_refused(const char *what, const char *part)
{
	struct json_out o = JSON_OUT_INIT;
	struct err err = ERR_INIT;

	json_out_object(&o, NULL);
	is_int(cgroup_stats(&cg, &o, &err), -1, what);
	is_err(&err, ERR_SYSTEM, part, "and the error names the file");
	json_out_release(&o);
}

static void test_empty(void)
{
	is_part("cpu", "{}");
	is_part("memory", "{\"usage\":{},\"swap\":{}}");
	is_part("pids", NULL);
	is_part("blkio", "{}");
	is_part("hugetlb", "{}");
}

static void test_cpu(void)
{
	put("cpu.stat", "usage_usec 70\nuser_usec 30\nsystem_usec 40\n");
	is_part("cpu", "{\"usage\":{\"total\":70000,\"kernel\":40000,\"user\":30000},"
		       "\"throttling\":{\"periods\":0,\"throttledPeriods\":0,\"throttledTime\":0}}");
	put("cpu.stat", "usage_usec 70\nuser_usec 30\nsystem_usec 40\nnr_periods 9\nnr_throttled 8\nthrottled_usec 7\n");
	put("cpu.pressure", "some avg10=1.50 avg60=0.25 avg300=0.00 total=1234\n");
	is_part("cpu", "{\"usage\":{\"total\":70000,\"kernel\":40000,\"user\":30000},"
		       "\"throttling\":{\"periods\":9,\"throttledPeriods\":8,\"throttledTime\":7000},"
		       "\"psi\":{\"some\":{\"avg10\":1.50,\"avg60\":0.25,\"avg300\":0.00,\"total\":1234}}}");
	put("cpu.pressure", "some avg10=1.00 avg60=what total=99999999999999999999999999999999999\n");
	is_part("cpu", "{\"usage\":{\"total\":70000,\"kernel\":40000,\"user\":30000},"
		       "\"throttling\":{\"periods\":9,\"throttledPeriods\":8,\"throttledTime\":7000},"
		       "\"psi\":{\"some\":{\"avg10\":1.00}}}");
	/* What a line lacks isn't taken from the next one. */
	put("cpu.pressure", "some avg10=1.00\nfull avg10=2.00 total=5\n");
	is_part("cpu", "{\"usage\":{\"total\":70000,\"kernel\":40000,\"user\":30000},"
		       "\"throttling\":{\"periods\":9,\"throttledPeriods\":8,\"throttledTime\":7000},"
		       "\"psi\":{\"some\":{\"avg10\":1.00},\"full\":{\"avg10\":2.00,\"total\":5}}}");
}

static void test_memory(void)
{
	put("memory.current", "1000\n");
	put("memory.max", "4000\n");
	is_part("memory", "{\"usage\":{\"limit\":4000,\"usage\":1000,\"failcnt\":0},\"swap\":{}}");
	put("memory.peak", "3000\n");
	put("memory.swap.current", "20\n");
	put("memory.swap.max", "50\n");
	/* Swap is told as cgroup v1 counts it: with memory. */
	is_part("memory", "{\"usage\":{\"limit\":4000,\"usage\":1000,\"max\":3000,\"failcnt\":0},"
			  "\"swap\":{\"limit\":4050,\"usage\":1020,\"failcnt\":0}}");
	put("memory.swap.max", "max\n");
	is_part("memory", "{\"usage\":{\"limit\":4000,\"usage\":1000,\"max\":3000,\"failcnt\":0},"
			  "\"swap\":{\"limit\":18446744073709551615,\"usage\":1020,\"failcnt\":0}}");
	put("memory.swap.max", "50\n");
	put("memory.max", "max\n");
	put("memory.stat", "anon 12\nfile 34\nbroken\nworse x\n");
	put("memory.pressure", "some avg10=0.00 avg60=0.00 avg300=0.00 total=1\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=2\n");
	is_part("memory", "{\"cache\":34,\"usage\":{\"limit\":18446744073709551615,\"usage\":1000,\"max\":3000,\"failcnt\":0},"
			  "\"swap\":{\"limit\":18446744073709551615,\"usage\":1020,\"failcnt\":0},"
			  "\"raw\":{\"anon\":12,\"file\":34},"
			  "\"psi\":{\"some\":{\"avg10\":0.00,\"avg60\":0.00,\"avg300\":0.00,\"total\":1},"
			  "\"full\":{\"avg10\":0.00,\"avg60\":0.00,\"avg300\":0.00,\"total\":2}}}");
}

static void test_pids(void)
{
	put("pids.current", "7\n");
	is_part("pids", "{\"current\":7}");
	put("pids.max", "99\n");
	is_part("pids", "{\"current\":7,\"limit\":99}");
	put("pids.max", "max\n");
	is_part("pids", "{\"current\":7,\"limit\":0}");
}

static void test_io(void)
{
	put("io.stat", "8:0 rbytes=11 wbytes=22 rios=3 wios=4 dbytes=0 dios=0\n259:1 wbytes=5\nnonsense rbytes=1\n");
	is_part("blkio", "{\"ioServiceBytesRecursive\":["
			 "{\"major\":8,\"minor\":0,\"op\":\"Read\",\"value\":11},"
			 "{\"major\":8,\"minor\":0,\"op\":\"Write\",\"value\":22},"
			 "{\"major\":259,\"minor\":1,\"op\":\"Write\",\"value\":5}],"
			 "\"ioServicedRecursive\":[{\"major\":8,\"minor\":0,\"op\":\"Read\",\"value\":3},"
			 "{\"major\":8,\"minor\":0,\"op\":\"Write\",\"value\":4}]}");
	put("io.stat", "");
	put("io.pressure", "full avg10=0.10 avg60=0.20 avg300=0.30 total=4\n");
	is_part("blkio", "{\"ioServiceBytesRecursive\":[],\"ioServicedRecursive\":[],"
			 "\"psi\":{\"full\":{\"avg10\":0.10,\"avg60\":0.20,\"avg300\":0.30,\"total\":4}}}");
}

static void test_hugetlb(void)
{
	put("hugetlb.2MB.current", "2097152\n");
	put("hugetlb.2MB.max", "max\n");
	put("hugetlb.2MB.rsvd.current", "5\n");
	put("hugetlb.current", "6\n");
	is_part("hugetlb", "{\"2MB\":{\"usage\":2097152}}");
}

/* A file that is there but can't be read is an error, not a zero. */
static void test_unreadable(void)
{
	static const char *const names[] = {"cpu.stat",	      "cpu.pressure", "memory.current",	 "memory.peak",
					    "memory.max",     "memory.stat",  "memory.pressure", "memory.swap.current",
					    "pids.current",   "pids.max",     "io.stat",	 "io.pressure",
					    "hugetlb.2MB.current"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char what[64];

		if (rename(names[i], "aside") < 0 || mkdir(names[i], 0755) < 0)
			exit(99);
		snprintf(what, sizeof(what), "%s that can't be read is an error", names[i]);
		is_refused(what, names[i]);
		if (rmdir(names[i]) < 0 || rename("aside", names[i]) < 0)
			exit(99);
	}
	is_part("pids", "{\"current\":7,\"limit\":0}");
	/* A link in place of a file would lead out of the cgroup. */
	if (rename("cpu.stat", "aside") < 0 || symlink("aside", "cpu.stat") < 0)
		exit(99);
	is_refused("a link is not followed", "cpu.stat");
}

static void test_events(void)
{
	struct err err = ERR_INIT;
	uint64_t kills = 99;
	int fd;

	is_int(cgroup_oom_kills(&cg, &kills, &err), 0, "without a memory controller nothing was killed");
	is_int(kills, 0, "none");
	is_int(cgroup_open_events(&cg, &err), -1, "a directory without events is no cgroup");
	is_err(&err, ERR_SYSTEM, "open the events of the cgroup", "and that is told");
	err_clear(&err);
	put("cgroup.events", "populated 1\nfrozen 0\n");
	fd = cgroup_open_events(&cg, &err);
	ok(fd >= 0, "the core file is there at least: %s", err.msg);
	is_int(lseek(fd, 0, SEEK_CUR), 21, "read, so that poll tells of changes only");
	close(fd);
	put("memory.events", "low 0\nhigh 0\nmax 3\noom 2\noom_kill 5\n");
	fd = cgroup_open_events(&cg, &err);
	is_int(lseek(fd, 0, SEEK_CUR), 36, "memory.events is preferred");
	close(fd);
	is_int(cgroup_oom_kills(&cg, &kills, &err), 0, "kills are read");
	is_int(kills, 5, "oom_kill, not oom");
	if (unlink("memory.events") < 0 || mkdir("memory.events", 0755) < 0)
		exit(99);
	is_int(cgroup_oom_kills(&cg, &kills, &err), -1, "an unreadable file is an error");
	is_err(&err, ERR_SYSTEM, "memory.events", "that names it");
	err_clear(&err);
	is_int(cgroup_open_events(&cg, &err), -1, "also to wait on it");
	is_err(&err, ERR_SYSTEM, "read the events", "that says so");
}

int main(void)
{
	temp_dir_enter();
	cg.dirfd = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	test_empty();
	test_cpu();
	test_memory();
	test_pids();
	test_io();
	test_hugetlb();
	test_unreadable();
	test_events();
	return tap_done();
}
