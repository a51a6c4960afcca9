/* Appends N lines to a trail as fast as it can; with --time it says how long a line
 * takes.  tests/integration/audit.bats kills it. */
#include "config.h"

#include "audit/trail.h"
#include "base/num.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static int64_t now_ns(clockid_t id)
{
	struct timespec t;

	if (clock_gettime(id, &t) < 0)
		abort();
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static int compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

int main(int argc, char **argv)
{
	struct trail_change changes[40];
	struct trail_entry entry = {.event = TRAIL_CREATE, .policy = "builtin:hardened", .policy_hash = TRAIL_NONE,
				    .plan_hash = TRAIL_NONE, .image = "sha256:" TRAIL_NONE, .changes = changes};
	bool timed = argc == 6 && strcmp(argv[5], "--time") == 0;
	uint64_t lines, n_changes, options;
	int64_t *took;
	char id[32];

	if (argc < 5 || !num_parse_u64(argv[2], 1000000, &lines) || !num_parse_u64(argv[3], 40, &n_changes) ||
	    !num_parse_u64(argv[4], 1, &options)) {
		(void)fprintf(stderr, "usage: trail_writer FILE LINES CHANGES OPTIONS [--time]\n");
		return 2;
	}
	for (size_t i = 0; i < n_changes; i++)
		changes[i] = (struct trail_change){"H-24", "mount /usr/share/zoneinfo", "forced", "rw,exec", "ro,nosuid,nodev,noexec"};
	entry.n_changes = n_changes;
	took = calloc(lines + 1, sizeof(*took));
	if (!took)
		return 1;
	for (uint64_t i = 0; i < lines; i++) {
		struct err err = ERR_INIT;
		int64_t start = now_ns(CLOCK_MONOTONIC);

		(void)snprintf(id, sizeof(id), "c-%d-%llu", (int)getpid(), (unsigned long long)i);
		entry.id = id;
		entry.time_ns = now_ns(CLOCK_REALTIME);
		trail_caller_read(&entry.caller);
		if (trail_append(argv[1], &entry, (unsigned)options, NULL, NULL, &err) < 0) {
			(void)fprintf(stderr, "trail_writer: line %llu: %s\n", (unsigned long long)i, err.msg);
			return 1;
		}
		took[i] = now_ns(CLOCK_MONOTONIC) - start;
	}
	if (timed && lines) {
		qsort(took, lines, sizeof(*took), compare);
		printf("%llu lines with %llu changes: median %.1f us, 90 %% %.1f us, most %.1f us\n", (unsigned long long)lines,
		       (unsigned long long)n_changes, (double)took[lines / 2] / 1e3, (double)took[lines * 9 / 10] / 1e3,
		       (double)took[lines - 1] / 1e3);
	}
	free(took);
	return 0;
}
