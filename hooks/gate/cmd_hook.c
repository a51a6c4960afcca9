/* kanuki-gate hook: the OCI hook.  The container's state on standard input, the answer as the exit
 * status and a line on standard error. */
#include "config.h"

#include "audit/trail.h"
#include "base/num.h"
#include "gate/facts.h"
#include "gate/gate_log.h"
#include "gate/line.h"
#include "gate/tool.h"
#include "sys/file.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/banned.h"

#define DEADLINE_MS 250
#define DETAILS	    20

struct hook_args {
	const char *runtime_root, *deadline;
};

static const struct tool_option options[] = {
	{"runtime-root", TOOL_STRING, offsetof(struct hook_args, runtime_root), "DIR", "where the runtime keeps its state"},
	{"deadline", TOOL_STRING, offsetof(struct hook_args, deadline), "MS", "refuse after so many milliseconds (default 250)"},
};

static void too_late(int signal)
{
	static const char text[] = "kanuki: image denied (unknown): E_TIMEOUT the decision took too long; see kanuki-gate(8), hook\n";

	(void)signal;
	/* Nothing can be done about a failure here, and the status says it all. */
	ssize_t n = write(STDERR_FILENO, text, sizeof(text) - 1);

	(void)n;
	_exit(gate_code_info(E_TIMEOUT)->exit_status);
}

static int start_clock(const struct hook_args *args, struct err *err)
{
	struct sigaction action = {.sa_handler = too_late};
	struct itimerval timer = {0};
	uint64_t ms = DEADLINE_MS;

	if (args->deadline && (!num_parse_u64(args->deadline, 600000, &ms) || !ms))
		return err_set(err, ERR_USAGE, "hook: --deadline: '%s' is no number of milliseconds", args->deadline);
	timer.it_value.tv_sec = (time_t)(ms / 1000);
	timer.it_value.tv_usec = (suseconds_t)(ms % 1000 * 1000);
	if (sigaction(SIGALRM, &action, NULL) < 0 || setitimer(ITIMER_REAL, &timer, NULL) < 0)
		return err_sys(err, "set a deadline");
	return 0;
}

/* Who asks, as far as the kernel knows. */
static void take_caller(struct gate_request *request)
{
	struct trail_caller caller;

	trail_caller_read(&caller);
	request->uid = caller.uid;
	request->gid = getgid();
	request->login_uid = caller.has_loginuid ? caller.loginuid : UINT32_MAX;
}

static int look(struct tool *tool, const struct hook_args *args, const struct gate_site *site, struct identity_facts *facts,
		struct gate_request *request, struct err *err)
{
	static const struct gate_policy none;
	char *text;
	size_t len;

	if (file_read_fd(STDIN_FILENO, "the state on standard input", FACTS_STATE_MAX, tool->arena, &text, &len, err) < 0 ||
	    facts_from_state(text, len, tool->arena, facts, err) < 0 || facts_from_bundle(tool->arena, facts, err) < 0)
		return -1;
	facts->runtime_root = args->runtime_root;
	facts->permissions = &site->permissions;
	if (identity_resolve(site->policy ? site->policy : &none, facts, tool->arena, request, err) < 0)
		return -1;
	request->host_platform = tool_platform(tool);
	take_caller(request);
	if (!request->digest || site->store_why)
		return 0;
	if (gate_store_seen(&site->store, request->digest, 0, &request->seen_at, err) < 0)
		return -1;
	request->is_restart = request->seen_at > 0;
	return 0;
}

static void tell(const struct gate_result *result, const struct gate_request *request)
{
	char line[GATE_LINE_MAX], text[GATE_REASON_TEXT * 4];

	gate_line(result, request, line);
	(void)fprintf(stderr, "%s\n", line);
	for (unsigned i = 0; i < result->n_reasons && i < DETAILS; i++) {
		gate_escape(result->reasons[i].text, text, sizeof(text));
		(void)fprintf(stderr, "kanuki: %s: %s: %s\n", gate_code_info(result->reasons[i].code)->name,
			      gate_code_info(result->reasons[i].code)->meaning, text);
	}
}

static int run(struct tool *tool, void *v, struct err *err)
{
	autosite site = {.store = GATE_STORE_INIT};
	struct gate_request request = {0};
	struct identity_facts facts = {0};
	struct gate_result result;
	struct gate_found found;
	int64_t seen;

	if (start_clock(v, err) < 0 || gate_site_open(&tool->paths, tool->now, tool->arena, &site, err) < 0 ||
	    look(tool, v, &site, &facts, &request, err) < 0)
		return -1;
	gate_site_decide(&site, &request, tool->arena, &found, &result);
	if (result.verdict != GATE_ALLOW)
		tell(&result, &request);
	if (gate_log_decision(&site, &request, &found, &result, facts.id, err) < 0) {
		if (!site.policy || site.policy->log_required)
			return -1;
		(void)fprintf(stderr, "kanuki-gate: warning: %s\n", err->msg);
		err_clear(err);
	}
	if (gate_exit_status(&result) == 0 && request.digest && !site.store_why &&
	    gate_store_seen(&site.store, request.digest, tool->now, &seen, err) < 0)
		return -1;
	return gate_exit_status(&result);
}

const struct verb verb_hook = {.name = "hook", .synopsis = "[OPTIONS]", .summary = "decide about the container whose state is on standard input",
			       .options = options, .n_options = ARRAY_LEN(options), .args_size = sizeof(struct hook_args),
			       .failure_status = EXIT_TOOL_BROKEN, .run = run};
