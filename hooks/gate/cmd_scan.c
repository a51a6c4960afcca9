/* kanuki-gate scan: the scanners that the host has look at an image, and what they say
 * becomes its record: with --key, scan and run are two commands. */
#include "config.h"

#include "base/auto.h"
#include "gate/record_make.h"
#include "gate/scan.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/banned.h"

struct scan_args {
	const char *digest, *platform, *expires, *clamav_database;
	struct str_list keys, scanners;
};

#define OPT(kind, name, member, value, help)                                                       \
	{                                                                                          \
		name, kind, offsetof(struct scan_args, member), value, help                        \
	}
static const struct tool_option options[] = {
	OPT(TOOL_STRING, "digest", digest, "DIGEST",
	    "of a directory: the config digest of the image that its files are"),
	OPT(TOOL_STRING, "platform", platform, "OS/ARCH",
	    "the image's platform, if no scanner says it (default: this machine's)"),
	OPT(TOOL_LIST, "scanners", scanners, "DIR",
	    "look for trivy, grype and clamscan here (default: the system's directories)"),
	OPT(TOOL_STRING, "clamav-database", clamav_database, "FILE",
	    "signatures for clamscan, instead of its own"),
	OPT(TOOL_STRING, "expires", expires, "TIME", "when the record ends (default: 7d)"),
	OPT(TOOL_LIST, "key", keys, "FILE",
	    "sign with this private key and let it count; else it waits for kanuki-gate sign"),
};

static int take_directories(struct tool *tool, const struct scan_args *args,
			    struct scan_options *ret, struct err *err)
{
	const char **dirs;

	if (!args->scanners.n)
		return 0;
	dirs = arena_array(tool->arena, args->scanners.n + 1, sizeof(*dirs));
	if (!dirs)
		return err_oom(err);
	memcpy(dirs, args->scanners.items, args->scanners.n * sizeof(*dirs));
	ret->dirs = dirs;
	return 0;
}

/* A scanner that is there and fails is no reason to believe the others that all is well:
 * what it looks for is then missing in the record, which says so, and the policy judges. */
static size_t collect(struct scan_outcome *outcomes, struct record_source *ret)
{
	size_t n = 0;

	for (int i = 0; i < SCAN_TOOLS; i++) {
		const struct scan_outcome *o = &outcomes[i];

		if (o->program && !o->done)
			fprintf(stderr, "kanuki-gate: scan: %s: %s\n", o->program,
				o->why ? o->why : "failed");
		if (!o->done || o->report_fd < 0)
			continue;
		printf("%s: done\n", o->program);
		ret[n++] = (struct record_source){
			.path = o->tool, .fd = o->report_fd, .report = o->report};
	}
	return n;
}

static int run_with(struct tool *tool, const struct scan_args *args, struct scan_outcome *outcomes,
		    struct err *err)
{
	struct record_make how = {.verb = "scan",
				  .told = tool->args[0],
				  .digest = args->digest,
				  .platform = args->platform,
				  .expires = args->expires,
				  .keys = args->keys};
	struct record_source sources[SCAN_TOOLS];
	autosite site = {.store = GATE_STORE_INIT};
	size_t n = collect(outcomes, sources);
	bool said = false;

	if (n == 0)
		return err_set(err, ERR_HOST, "scan: no scanner has come to an end");
	for (size_t i = 0; i < n; i++)
		said |= sources[i].report.subject.os && sources[i].report.subject.architecture;
	if (!how.platform && !said)
		how.platform = tool_platform(tool);
	return tool_site(tool, NULL, &site, err) < 0
		       ? -1
		       : record_make(tool, &how, &site, sources, n, err);
}

static int run(struct tool *tool, void *data, struct err *err)
{
	const struct scan_args *args = data;
	struct scan_options scan = {.clamav_database = args->clamav_database};
	struct scan_outcome outcomes[SCAN_TOOLS];
	const char *what = tool->args[0];
	int status;

	if (take_directories(tool, args, &scan, err) < 0)
		return -1;
	if (what[0] == '/' && !args->digest)
		return err_set(
			err, ERR_USAGE,
			"scan: of which image '%s' has the files must be said: --digest DIGEST",
			what);
	if ((what[0] == '/' ? gate_scan_rootfs(&scan, what, tool->arena, outcomes, err)
			    : gate_scan_image(&scan, what, tool->arena, outcomes, err)) < 0)
		return -1;
	status = run_with(tool, args, outcomes, err);
	gate_scan_release(outcomes);
	return status;
}

const struct verb verb_scan = {.name = "scan",
			       .synopsis = "[OPTIONS] IMAGE|DIRECTORY",
			       .summary =
				       "scan an image with what the host has, and make its record",
			       .options = options,
			       .n_options = ARRAY_LEN(options),
			       .args_size = sizeof(struct scan_args),
			       .min_args = 1,
			       .max_args = 1,
			       .failure_status = EXIT_TOOL_FAILED,
			       .run = run};
