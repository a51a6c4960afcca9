/* kanuki-gate verify, explain: the decision about an image, in one line or in full. */
#include "config.h"

#include "base/json_out.h"
#include "base/rfc3339.h"
#include "gate/findings.h"
#include "gate/line.h"
#include "gate/tool.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/banned.h"

struct verify_args {
	const char *at, *policy, *platform, *namespace_name, *repository, *max_scan_age;
	bool json;
};

#define TEXT(name, member, value, help)								\
	{name, TOOL_STRING, offsetof(struct verify_args, member), value, help}
#define COMMON											\
	TEXT("at", at, "TIME", "as if it were then: 2027-01-31T00:00:00Z, or 48h from now"),	\
	TEXT("policy", policy, "FILE", "with this policy"),					\
	TEXT("platform", platform, "OS/ARCH", "of the image (default: this machine's)"),	\
	TEXT("namespace", namespace_name, "NAME", "as if started in it"),			\
	TEXT("repository", repository, "NAME", "as if it came from there"),			\
	TEXT("max-scan-age", max_scan_age, "DURATION",						\
	     "as if kanuki's policy had this scan.maxAgeDays")

static const struct tool_option verify_options[] = {COMMON};
static const struct tool_option explain_options[] = {
	COMMON,
	{"json", TOOL_FLAG, offsetof(struct verify_args, json), NULL, "as JSON"},
};

static int decide(struct tool *tool, const struct verify_args *args, struct gate_site *site,
		  struct gate_request *request, struct gate_found *found,
		  struct gate_result *result, struct err *err)
{
	const char *digest;

	if (tool_digest(tool, tool->args[0], &digest, err) < 0)
		return -1;
	if (args->at && tool_time(tool, "at", args->at, &tool->now, err) < 0)
		return -1;
	tool->paths.policy = args->policy;
	tool->paths.as_if = args->at != NULL;
	if (gate_site_open(&tool->paths, tool->now, tool->arena, site, err) < 0)
		return -1;
	*request = tool_request(tool, site, digest);
	if (args->platform)
		request->platform = args->platform;
	request->namespace_name = args->namespace_name;
	request->repository = args->repository;
	if (args->max_scan_age &&
	    tool_duration("max-scan-age", args->max_scan_age, &request->max_scan_age_s, err) < 0)
		return -1;
	gate_site_decide(site, request, tool->arena, found, result);
	return 0;
}

static int run_verify(struct tool *tool, void *v, struct err *err)
{
	autosite site = {.store = GATE_STORE_INIT};
	struct gate_request request;
	struct gate_result result;
	struct gate_found found;
	char line[GATE_LINE_MAX];

	if (decide(tool, v, &site, &request, &found, &result, err) < 0)
		return -1;
	gate_line(&result, &request, line);
	printf("%s\n", line);
	return gate_exit_status(&result);
}

static void print_scan(const struct scan *scan, int64_t now)
{
	char at[RFC3339_SIZE], db[RFC3339_SIZE] = "not said";
	autostr text = STR_INIT;

	if (scan->db_updated_at)
		rfc3339_format(scan->db_updated_at, db);
	str_add_printable(&text, scan->tool, strlen(scan->tool));
	if (scan->tool_version) {
		str_add(&text, " ");
		str_add_printable(&text, scan->tool_version, strlen(scan->tool_version));
	}
	printf("scan     %s:", str_text(&text));
	for (unsigned class = CLASS_NONE + 1; class < CLASS_COUNT; class++)
		if (scan->classes & 1u << class)
			printf(" %s", scan_class_name((enum scan_class)class));
	if (scan->scanned_at) {
		rfc3339_format(scan->scanned_at, at);
		printf("; of %s (%" PRId64 " h ago)", at, (now - scan->scanned_at) / 3600);
	} else {
		printf("; when isn't said");
	}
	printf(", database of %s%s\n", db, scan->complete ? "" : "; incomplete");
}

static void print_counts(const struct record *record)
{
	for (unsigned class = CLASS_NONE + 1; class < CLASS_COUNT; class++) {
		bool any = false;

		for (unsigned severity = SEVERITY_COUNT; severity-- > 0;)
			if (record->counted[class][severity]) {
				if (any)
					printf(", ");
				else
					printf("found    %s: ",
					       scan_class_name((enum scan_class) class));
				printf("%s %" PRIu64, severity_name((enum severity)severity),
				       record->counted[class][severity]);
				any = true;
			}
		if (any)
			printf("\n");
	}
}

static void print_found(const struct gate_site *site, const struct gate_found *found)
{
	char at[RFC3339_SIZE];

	if (found->state != RECORD_GOOD) {
		printf("record   %s\n", found->state == RECORD_ABSENT ? "none" : found->why);
		return;
	}
	rfc3339_format(found->record.expires_at, at);
	printf("record   %s, until %s\n", found->record_digest, at);
	for (size_t i = 0; i < found->signers.n; i++)
		printf("signed   by %s%s%s\n", found->signers.items[i].keyid,
		       found->signers.items[i].revoked ? ", REVOKED" : "",
		       found->signers.items[i].out_of_time ? ", OUT OF TIME" : "");
	for (size_t i = 0; i < found->record.scans.n; i++)
		print_scan(&found->record.scans.items[i], site->now);
	if (found->record.image.sbom)
		printf("sbom     %s\n", found->record.image.sbom);
	print_counts(&found->record);
}

/* What would mend it, with the image's own digest in the command: to be copied as it is.  NULL:
 * nothing known, or no memory. */
static const char *mend_of(struct arena *arena, int code, const char *digest)
{
	static const char word[] = "DIGEST";
	const char *mend = gate_mend(code), *at = mend && digest ? strstr(mend, word) : NULL;

	return at ? arena_printf(arena, "%.*s%s%s", (int)(at - mend), mend, digest,
				 at + sizeof(word) - 1)
		  : mend;
}

static int print_json(const struct gate_site *site, const struct gate_request *request,
		      const struct gate_found *found, const struct gate_result *result,
		      struct err *err)
{
	struct json_out o __attribute__((cleanup(json_out_release))) = JSON_OUT_INIT;
	char at[RFC3339_SIZE];

	rfc3339_format(site->now, at);
	o.pretty = true;
	json_out_object(&o, NULL);
	json_out_string(&o, "verdict", gate_verdict_name(result->verdict));
	json_out_i64(&o, "exit", gate_exit_status(result));
	json_out_string(&o, "digest", request->digest);
	json_out_string(&o, "at", at);
	json_out_string(&o, "record", found->record_digest[0] ? found->record_digest : NULL);
	json_out_u64(&o, "generation", site->generation);
	json_out_string(&o, "policy", site->policy ? site->policy->hash : NULL);
	json_out_array(&o, "reasons");
	for (unsigned i = 0; i < result->n_reasons; i++) {
		json_out_object(&o, NULL);
		json_out_string(&o, "code", gate_code_info(result->reasons[i].code)->name);
		json_out_string(&o, "meaning", gate_code_info(result->reasons[i].code)->meaning);
		json_out_bool(&o, "denies",
			      gate_code_info(result->reasons[i].code)->exit_status != 0);
		json_out_string(&o, "text", result->reasons[i].text);
		json_out_string(&o, "mend",
				mend_of(site->arena, result->reasons[i].code, request->digest));
		json_out_end_object(&o);
	}
	json_out_end_array(&o);
	json_out_bool(&o, "more", result->more);
	json_out_end_object(&o);
	if (json_out_finish(&o, err) < 0)
		return -1;
	printf("%s\n", o.text.s);
	return gate_exit_status(result);
}

static bool is_pending(struct tool *tool, const struct gate_site *site, const char *digest)
{
	struct err ignored = ERR_INIT; /* only a note */
	const char *text;
	size_t len;

	return !site->store_why &&
	       gate_store_pending(&site->store, digest, tool->arena, &text, &len, &ignored) == 1;
}

static int run_explain(struct tool *tool, void *v, struct err *err)
{
	const struct verify_args *args = v;
	autosite site = {.store = GATE_STORE_INIT};
	struct gate_request request;
	struct gate_result result;
	struct gate_found found;

	if (decide(tool, args, &site, &request, &found, &result, err) < 0)
		return -1;
	if (args->json)
		return print_json(&site, &request, &found, &result, err);
	printf("image    %s\nverdict  %s\n", request.digest, gate_verdict_name(result.verdict));
	print_found(&site, &found);
	for (unsigned i = 0; i < result.n_reasons; i++) {
		const struct gate_code_info *info = gate_code_info(result.reasons[i].code);
		const char *mend = mend_of(tool->arena, result.reasons[i].code, request.digest);

		printf("reason   %s: %s: %s\n", info->name, info->meaning, result.reasons[i].text);
		if (mend)
			printf("         mend: %s\n", mend);
	}
	if (is_pending(tool, &site, request.digest))
		printf("note     a record waits: kanuki-gate sign --key FILE %s\n", request.digest);
	if (gate_site_bad_permissions(&site))
		printf("note     %u permissions in the store are broken or signed by nobody "
		       "known\n",
		       gate_site_bad_permissions(&site));
	return gate_exit_status(&result);
}

const struct verb verb_verify = {.name = "verify",
				 .synopsis = "[OPTIONS] DIGEST",
				 .summary = "decide about an image, in one line",
				 .options = verify_options,
				 .n_options = ARRAY_LEN(verify_options),
				 .args_size = sizeof(struct verify_args),
				 .min_args = 1,
				 .max_args = 1,
				 .failure_status = EXIT_TOOL_BROKEN,
				 .run = run_verify};
const struct verb verb_explain = {
	.name = "explain",
	.synopsis = "[OPTIONS] DIGEST",
	.summary = "decide about an image, with every reason and what would mend it",
	.options = explain_options,
	.n_options = ARRAY_LEN(explain_options),
	.args_size = sizeof(struct verify_args),
	.min_args = 1,
	.max_args = 1,
	.failure_status = EXIT_TOOL_BROKEN,
	.run = run_explain};
