/* kanuki-gate running: the containers of this host, and whether their images would be admitted now.
 */
#include "config.h"

#include "base/json_out.h"
#include "gate/facts.h"
#include "gate/line.h"
#include "gate/tool.h"
#include "sys/sys.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/banned.h"

struct running_args {
	bool bad, json;
	struct str_list roots;
};

static const struct tool_option options[] = {
	{"bad", TOOL_FLAG, offsetof(struct running_args, bad), NULL,
	 "only those whose image would be refused"},
	{"json", TOOL_FLAG, offsetof(struct running_args, json), NULL,
	 "as JSON, one object a line"},
	{"runtime-root", TOOL_LIST, offsetof(struct running_args, roots), "RUNTIME:DIR",
	 "where kanuki, runc or crun keep their state; may be given several times "
	 "(default: /run/kanuki, /run/runc, /run/crun, containerd's, Docker's)"},
};

static const char *const runtime_names[] = {
	[FACTS_KANUKI] = "kanuki", [FACTS_RUNC] = "runc", [FACTS_CRUN] = "crun"};

static int read_root(struct tool *tool, const char *text, facts_list *ret, struct err *err)
{
	for (unsigned i = 0; i < ARRAY_LEN(runtime_names); i++) {
		size_t len = strlen(runtime_names[i]);

		if (strncmp(text, runtime_names[i], len) == 0 && text[len] == ':' &&
		    text[len + 1] == '/')
			return facts_list_read((enum facts_runtime)i, text + len + 1, tool->arena,
					       ret, err);
	}
	return err_set(
		err, ERR_USAGE,
		"running: --runtime-root: '%s' is not kanuki:, runc: or crun: and an absolute path",
		text);
}

static int read_all(struct tool *tool, const struct running_args *args, facts_list *ret,
		    struct err *err)
{
	static const char *const usual[] = {"kanuki:/run/kanuki", "runc:/run/runc",
					    "crun:/run/crun"};
	static const char *const shims[] = {"/run/containerd/runc", "/run/docker/runtime-runc"};

	for (size_t i = 0; i < args->roots.n; i++)
		if (read_root(tool, args->roots.items[i], ret, err) < 0)
			return -1;
	for (size_t i = 0; !args->roots.n && i < ARRAY_LEN(usual); i++)
		if (read_root(tool, usual[i], ret, err) < 0)
			return -1;
	for (size_t i = 0; !args->roots.n && i < ARRAY_LEN(shims); i++)
		if (facts_list_read_spaces(shims[i], tool->arena, ret, err) < 0)
			return -1;
	return 0;
}

/* Somebody else's by now, or nobody's: then it runs no more. */
static bool is_alive(const struct identity_facts *facts)
{
	return facts->mount_pid > 0 && (sys_kill(facts->mount_pid, 0) == 0 || errno == EPERM);
}

static int print_one(const struct facts_container *one, const struct gate_request *request,
		     const struct gate_result *result, bool json, struct err *err)
{
	struct json_out o __attribute__((cleanup(json_out_release))) = JSON_OUT_INIT;
	char line[GATE_LINE_MAX], id[200];

	gate_line(result, request, line);
	gate_escape(one->facts.id, id, sizeof(id));
	if (!json) {
		printf("%s %s %s %s%s\n", runtime_names[one->runtime], id,
		       gate_exit_status(result) ? "bad" : "good",
		       strncmp(line, "kanuki: ", 8) == 0 ? line + 8 : line,
		       one->runtime == FACTS_KANUKI && !one->image ? " (no verdict recorded)" : "");
		return 0;
	}
	json_out_object(&o, NULL);
	json_out_string(&o, "runtime", runtime_names[one->runtime]);
	json_out_string(&o, "id", one->facts.id);
	json_out_i64(&o, "pid", one->facts.mount_pid);
	json_out_string(&o, "digest", request->digest);
	json_out_string(&o, "recorded", one->image);
	json_out_string(&o, "verdict", gate_verdict_name(result->verdict));
	json_out_string(&o, "line", line);
	json_out_end_object(&o);
	if (json_out_finish(&o, err) < 0)
		return -1;
	printf("%s\n", o.text.s);
	return 0;
}

static int judge_one(struct tool *tool, const struct gate_site *site, struct facts_container *one,
		     struct gate_request *request, struct gate_result *result, struct err *err)
{
	static const struct gate_policy none;
	struct err why = ERR_INIT;
	struct gate_found found;

	*request = (struct gate_request){.login_uid = UINT32_MAX};
	/* A bundle that is gone proves nothing; its image is unresolved. */
	if (facts_from_bundle(tool->arena, &one->facts, &why) < 0) {
		request->subject = SUBJECT_IMAGE;
		request->unresolved_why = arena_strdup(tool->arena, why.msg);
	} else {
		one->facts.permissions = gate_site_permissions(site, identity_claim(&one->facts));
		if (identity_resolve(site->policy ? site->policy : &none, &one->facts, tool->arena,
				     request, err) < 0)
			return -1;
	}
	request->host_platform = tool_platform(tool);
	request->max_scan_age_s = one->max_scan_age_s;
	gate_site_decide(site, request, tool->arena, &found, result);
	return 0;
}

static int run(struct tool *tool, void *v, struct err *err)
{
	const struct running_args *args = v;
	autosite site = {.store = GATE_STORE_INIT};
	facts_list list = {0};
	size_t bad = 0;

	if (tool_site(tool, NULL, &site, err) < 0 || read_all(tool, args, &list, err) < 0)
		return -1;
	for (size_t i = 0; i < list.n; i++) {
		struct gate_request request;
		struct gate_result result;

		if (!is_alive(&list.items[i].facts))
			continue;
		if (judge_one(tool, &site, &list.items[i], &request, &result, err) < 0)
			return -1;
		bad += gate_exit_status(&result) != 0;
		if ((!args->bad || gate_exit_status(&result)) &&
		    print_one(&list.items[i], &request, &result, args->json, err) < 0)
			return -1;
	}
	return bad ? EXIT_TOOL_FOUND : 0;
}

const struct verb verb_running = {
	.name = "running",
	.synopsis = "[OPTIONS]",
	.summary = "list running containers with what their images are worth now",
	.options = options,
	.n_options = ARRAY_LEN(options),
	.args_size = sizeof(struct running_args),
	.failure_status = EXIT_TOOL_BROKEN,
	.run = run};
