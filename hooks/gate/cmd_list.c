/* kanuki-gate list, reeval, rescan-list: every image of the store, judged with what is known now.
 */
#include "config.h"

#include "base/json_out.h"
#include "base/rfc3339.h"
#include "gate/line.h"
#include "gate/record.h"
#include "gate/tool.h"

#include <errno.h>
#include <inttypes.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "base/banned.h"

struct list_args {
	bool bad, stale, all, json;
	const char *expiring, *on_bad, *older;
};

static const struct tool_option list_options[] = {
	{"all", TOOL_FLAG, offsetof(struct list_args, all), NULL, "every image (the default)"},
	{"bad", TOOL_FLAG, offsetof(struct list_args, bad), NULL,
	 "only those that would be refused; exit status 20 if there are any"},
	{"stale", TOOL_FLAG, offsetof(struct list_args, stale), NULL,
	 "only those refused for their age; exit status 20 if there are any"},
	{"expiring", TOOL_STRING, offsetof(struct list_args, expiring), "DURATION",
	 "only those that will be refused then, and aren't now; exit status 20 if there are any"},
	{"json", TOOL_FLAG, offsetof(struct list_args, json), NULL, "as JSON, one object a line"},
};
static const struct tool_option reeval_options[] = {
	{"on-bad", TOOL_STRING, offsetof(struct list_args, on_bad), "PROGRAM",
	 "run it (absolute path, no shell) with the digest and the codes of each refused image"},
};
static const struct tool_option rescan_options[] = {
	{"older", TOOL_STRING, offsetof(struct list_args, older), "DURATION",
	 "whose newest scan is older than that (default 24h)"},
};

static int64_t newest(const struct gate_found *found)
{
	int64_t at = 0;

	for (size_t i = 0; found->state == RECORD_GOOD && i < found->record.scans.n; i++)
		if (found->record.scans.items[i].scanned_at > at)
			at = found->record.scans.items[i].scanned_at;
	return at;
}

/* One image judged; the record's platform is its own here, for stores hold other machines' images,
 * too. */
struct judged {
	struct gate_request request;
	struct gate_found found;
	struct gate_result result;
	bool bad, stale;
};

static void judge(struct tool *tool, const struct gate_site *site, const char *digest,
		  struct arena *arena, struct judged *ret)
{
	ret->request = tool_request(tool, site, digest);
	gate_site_find(site, digest, NULL, arena, &ret->found);
	if (ret->found.state == RECORD_GOOD)
		ret->request.platform = ret->found.record.image.platform;
	gate_site_decide(site, &ret->request, arena, &ret->found, &ret->result);
	ret->bad = gate_exit_status(&ret->result) != 0;
	ret->stale = false;
	for (unsigned i = 0; i < ret->result.n_reasons; i++) {
		int code = ret->result.reasons[i].code;

		ret->stale |=
			code == E_SCAN_STALE || code == E_DB_STALE || code == E_RECORD_EXPIRED;
	}
}

static void codes(const struct gate_result *result, struct str *ret)
{
	for (unsigned i = 0; i < result->n_reasons; i++)
		str_addf(ret, "%s%s", ret->len ? "," : "",
			 gate_code_info(result->reasons[i].code)->name);
}

static int print_one(const struct judged *judged, bool json, struct err *err)
{
	struct json_out o __attribute__((cleanup(json_out_release))) = JSON_OUT_INIT;
	char at[RFC3339_SIZE] = "-";
	autostr all = STR_INIT;
	autostr ref = STR_INIT;

	codes(&judged->result, &all);
	if (newest(&judged->found))
		rfc3339_format(newest(&judged->found), at);
	if (judged->found.state == RECORD_GOOD && judged->found.record.image.refs.n)
		str_add_printable(&ref, judged->found.record.image.refs.items[0],
				  strlen(judged->found.record.image.refs.items[0]));
	if (!json) {
		printf("%s %-6s %s %s %s\n", judged->request.digest, judged->bad ? "bad" : "good",
		       at, all.len ? str_text(&all) : "-", str_text(&ref));
		return 0;
	}
	json_out_object(&o, NULL);
	json_out_string(&o, "digest", judged->request.digest);
	json_out_string(&o, "verdict", gate_verdict_name(judged->result.verdict));
	json_out_string(&o, "scanned", at);
	json_out_string(&o, "codes", str_text(&all));
	json_out_string(&o, "ref", ref.len ? str_text(&ref) : NULL);
	json_out_end_object(&o);
	if (json_out_finish(&o, err) < 0)
		return -1;
	printf("%s\n", o.text.s);
	return 0;
}

static int run_list(struct tool *tool, void *v, struct err *err)
{
	const struct list_args *args = v;
	autosite site = {.store = GATE_STORE_INIT};
	struct str_list digests = {0};
	int64_t ahead = 0, now;
	bool some = args->bad || args->stale || args->expiring;
	size_t shown = 0;

	if (args->expiring && tool_duration("expiring", args->expiring, &ahead, err) < 0)
		return -1;
	if (tool_site(tool, NULL, &site, err) < 0 ||
	    gate_store_digests(&site.store, tool->arena, &digests, err) < 0)
		return -1;
	now = site.now;
	for (size_t i = 0; i < digests.n; i++) {
		struct arena arena = {.limit_bytes = RECORD_ARENA_BYTES};
		struct judged judged;
		bool bad_now;

		judge(tool, &site, digests.items[i], &arena, &judged);
		bad_now = judged.bad;
		if (args->expiring && !bad_now) {
			site.now = site.highest_seen = now + ahead;
			judge(tool, &site, digests.items[i], &arena, &judged);
			site.now = site.highest_seen = now;
		}
		if (!some || args->all || (args->bad && bad_now) || (args->stale && judged.stale) ||
		    (args->expiring && !bad_now && judged.bad)) {
			shown++;
			if (print_one(&judged, args->json, err) < 0) {
				arena_release(&arena);
				return -1;
			}
		}
		arena_release(&arena);
	}
	return some && !args->all && shown ? EXIT_TOOL_FOUND : 0;
}

/* The program's failure is told and stops nothing: the next image may be worse. */
static int run_program(const char *program, const struct judged *judged)
{
	autostr all = STR_INIT;
	char *argv[4] = {(char *)(uintptr_t)program, (char *)(uintptr_t)judged->request.digest,
			 NULL, NULL};
	char path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
	char *envp[] = {path, NULL};
	int failed, status = 0;
	pid_t pid;

	codes(&judged->result, &all);
	if (str_failed(&all))
		return -1;
	argv[2] = all.s;
	(void)fflush(stdout); /* before the program's own lines; checked at the end */
	failed = posix_spawn(&pid, program, NULL, NULL, argv, envp);
	while (!failed && waitpid(pid, &status, 0) < 0)
		failed = errno == EINTR ? 0 : errno;
	if (!failed && WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	(void)fprintf(stderr, "kanuki-gate: warning: %s %s failed\n", program,
		      judged->request.digest);
	return -1;
}

static int run_reeval(struct tool *tool, void *v, struct err *err)
{
	const struct list_args *args = v;
	autosite site = {.store = GATE_STORE_INIT};
	struct str_list digests = {0};
	size_t bad = 0, failed = 0;
	char text[160];

	if (args->on_bad && args->on_bad[0] != '/')
		return err_set(err, ERR_USAGE, "reeval: --on-bad: '%s' is no absolute path",
			       args->on_bad);
	if (tool_site(tool, NULL, &site, err) < 0 ||
	    gate_store_digests(&site.store, tool->arena, &digests, err) < 0)
		return -1;
	for (size_t i = 0; i < digests.n; i++) {
		struct arena arena = {.limit_bytes = RECORD_ARENA_BYTES};
		struct judged judged;
		int status = 0;

		judge(tool, &site, digests.items[i], &arena, &judged);
		if (judged.bad) {
			bad++;
			status = print_one(&judged, false, err);
			failed += args->on_bad && run_program(args->on_bad, &judged) < 0;
		}
		arena_release(&arena);
		if (status < 0)
			return -1;
	}
	(void)snprintf(text, sizeof(text),
		       "%zu images judged, %zu are refused, %zu programs failed", digests.n, bad,
		       failed);
	printf("%s\n", text);
	if (tool_log(tool, "reeval", NULL, text, err) < 0)
		return -1;
	return bad ? EXIT_TOOL_FOUND : 0;
}

/* The digest, the file of its packages or "-", a name. */
static int print_rescan(const struct tool *tool, const struct gate_site *site, const char *digest,
			const struct gate_found *found, struct arena *arena, struct err *err)
{
	const struct record_image *image =
		found->state == RECORD_GOOD ? &found->record.image : NULL;
	const char *sbom = NULL, *store = tool->paths.store ? tool->paths.store : GATE_STORE_DIR;
	autostr ref = STR_INIT;

	if (image && image->sbom &&
	    gate_store_object(&site->store, image->sbom, arena, &sbom, err) < 0)
		return -1;
	if (image && image->refs.n)
		str_add_printable(&ref, image->refs.items[0], strlen(image->refs.items[0]));
	printf("%s %s%s%s%s%s\n", digest, sbom ? store : "-", sbom ? "/" : "", sbom ? sbom : "",
	       ref.len ? " " : "", str_text(&ref));
	return 0;
}

static int run_rescan(struct tool *tool, void *v, struct err *err)
{
	const struct list_args *args = v;
	autosite site = {.store = GATE_STORE_INIT};
	struct str_list digests = {0};
	int64_t older;

	if (tool_duration("older", args->older ? args->older : "24h", &older, err) < 0 ||
	    tool_site(tool, NULL, &site, err) < 0 ||
	    gate_store_digests(&site.store, tool->arena, &digests, err) < 0)
		return -1;
	for (size_t i = 0; i < digests.n; i++) {
		struct arena arena = {.limit_bytes = RECORD_ARENA_BYTES};
		struct gate_found found;
		int status = 0;

		gate_site_find(&site, digests.items[i], NULL, &arena, &found);
		if (site.now - newest(&found) > older)
			status = print_rescan(tool, &site, digests.items[i], &found, &arena, err);
		arena_release(&arena);
		if (status < 0)
			return -1;
	}
	return 0;
}

const struct verb verb_list = {
	.name = "list",
	.synopsis = "[OPTIONS]",
	.summary = "list images that were scanned, with what they are worth now",
	.options = list_options,
	.n_options = ARRAY_LEN(list_options),
	.args_size = sizeof(struct list_args),
	.failure_status = EXIT_TOOL_BROKEN,
	.run = run_list};
const struct verb verb_reeval = {.name = "reeval",
				 .synopsis = "[OPTIONS]",
				 .summary =
					 "judge all images anew; exit status 20 if one is refused",
				 .options = reeval_options,
				 .n_options = ARRAY_LEN(reeval_options),
				 .args_size = sizeof(struct list_args),
				 .failure_status = EXIT_TOOL_BROKEN,
				 .run = run_reeval};
const struct verb verb_rescan_list = {.name = "rescan-list",
				      .synopsis = "[OPTIONS]",
				      .summary = "list images that should be scanned again",
				      .options = rescan_options,
				      .n_options = ARRAY_LEN(rescan_options),
				      .args_size = sizeof(struct list_args),
				      .failure_status = EXIT_TOOL_BROKEN,
				      .run = run_rescan};
