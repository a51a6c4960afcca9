/* kanuki-gate hook: decides about a container.  As an OCI hook: the container's state on standard
 * input, the answer as the exit status and a line on standard error.  With --runtime it is kanuki
 * that asks, and gets the answer on standard output (answer.h). */
#include "config.h"

#include "audit/trail.h"
#include "base/num.h"
#include "gate/answer.h"
#include "gate/facts.h"
#include "gate/gate_log.h"
#include "gate/line.h"
#include "gate/policy.h"
#include "gate/tool.h"
#include "sys/file.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/banned.h"

#define DETAILS		    20

struct hook_args {
	bool runtime;
	const char *runtime_root, *deadline;
};

static const struct tool_option options[] = {
	{"runtime", TOOL_FLAG, offsetof(struct hook_args, runtime), NULL,
	 "kanuki asks: its question on standard input, JSON on standard output"},
	{"runtime-root", TOOL_STRING, offsetof(struct hook_args, runtime_root), "DIR",
	 "where the runtime keeps its state"},
	{"deadline", TOOL_STRING, offsetof(struct hook_args, deadline), "MS",
	 "refuse after so many milliseconds, if the policy's hook.deadline isn't shorter"},
};

/* What is said when it is too late.  Made before the clock starts: a signal's handler can't. */
static struct {
	char text[512];
	size_t len;
	int fd;
} late;

static void too_late(int signal)
{
	ssize_t n = write(late.fd, late.text, late.len);

	(void)signal;
	(void)n; /* nothing can be done about a failure here, and the status says it all */
	_exit(gate_code_info(E_TIMEOUT)->exit_status);
}

static void prepare_late(bool runtime, const char *limit)
{
	char line[200];
	int n;

	(void)snprintf(
		line, sizeof(line),
		"kanuki: image denied (unknown): E_TIMEOUT the decision took too long (%s); "
		"see kanuki-gate(8), hook",
		limit);
	n = runtime ? snprintf(late.text, sizeof(late.text),
			       "{\"verdict\":\"deny\",\"class\":\"unknown\",\"image\":null,"
			       "\"source\":null,\"record\":null,\"generation\":0,"
			       "\"reasons\":[\"E_TIMEOUT\"],\"line\":\"%s\"}\n", line) :
		      snprintf(late.text, sizeof(late.text), "%s\n", line);
	late.len = n > 0 ? (size_t)n : 0;
	late.fd = runtime ? STDOUT_FILENO : STDERR_FILENO;
}

static int set_alarm(uint64_t ms, struct err *err)
{
	struct itimerval timer = {.it_value = {.tv_sec = (time_t)(ms / 1000),
					       .tv_usec = (suseconds_t)(ms % 1000 * 1000)}};

	return setitimer(ITIMER_REAL, &timer, NULL) < 0 ? err_sys(err, "set a deadline") : 0;
}

/* --deadline, or without it the longest that a policy can say: which it says isn't known yet. */
static int start_clock(const struct hook_args *args, uint64_t *ret_ms, struct err *err)
{
	struct sigaction action = {.sa_handler = too_late};
	sigset_t alarm;

	*ret_ms = GATE_DEADLINE_MAX_S * 1000;
	if (args->deadline && (!num_parse_u64(args->deadline, 600000, ret_ms) || !*ret_ms))
		return err_set(err, ERR_USAGE,
			       "hook: --deadline: '%s' is no number of milliseconds",
			       args->deadline);
	prepare_late(args->runtime,
		     args->deadline ? "--deadline" : "the policy couldn't be read in time");
	/* crun starts hooks with all signals blocked; these two can't fail. */
	(void)sigemptyset(&alarm);
	(void)sigaddset(&alarm, SIGALRM);
	if (sigprocmask(SIG_UNBLOCK, &alarm, NULL) < 0 || sigaction(SIGALRM, &action, NULL) < 0)
		return err_sys(err, "set a deadline");
	return set_alarm(*ret_ms, err);
}

/* The policy's limit, counted from the start as well. */
static int shorten_clock(const struct hook_args *args, const struct gate_policy *policy,
			 uint64_t ms, struct err *err)
{
	uint64_t limit = (uint64_t)(policy ? policy->hook_deadline_s : GATE_DEADLINE_S) * 1000,
		 left, gone;
	struct itimerval timer = {0};
	char text[64];

	if (limit >= ms)
		return 0;
	if (getitimer(ITIMER_REAL, &timer) < 0)
		return err_sys(err, "read the deadline");
	left = (uint64_t)timer.it_value.tv_sec * 1000 + (uint64_t)timer.it_value.tv_usec / 1000;
	gone = left < ms ? ms - left : 0;
	(void)snprintf(text, sizeof(text), "hook.deadline of the policy: %" PRIu64 "s",
		       limit / 1000);
	/* Between two texts neither is whole: without the alarm, which comes at once where its time
	 * has passed. */
	if (set_alarm(0, err) < 0)
		return -1;
	prepare_late(args->runtime, text);
	return set_alarm(gone < limit ? limit - gone : 1, err);
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

static int take_state(struct tool *tool, const struct hook_args *args, struct identity_facts *facts,
		      struct gate_request *request, struct err *err)
{
	struct facts_caller caller;
	char *text;
	size_t len;

	if (file_read_fd(STDIN_FILENO, "the state on standard input", FACTS_STATE_MAX, tool->arena,
			 &text, &len, err) < 0)
		return -1;
	if (!args->runtime) {
		take_caller(request);
		if (facts_from_state(text, len, tool->arena, facts, err) < 0 ||
		    facts_from_bundle(tool->arena, facts, err) < 0)
			return -1;
		facts->runtime_root = args->runtime_root;
		return 0;
	}
	if (facts_from_question(text, len, tool->arena, facts, &caller, err) < 0)
		return -1;
	request->uid = caller.uid;
	request->gid = caller.gid;
	request->login_uid = caller.login_uid;
	request->max_scan_age_s = caller.max_scan_age_s;
	return 0;
}

static int look(struct tool *tool, const struct hook_args *args, const struct gate_site *site,
		struct identity_facts *facts, struct gate_request *request, struct err *err)
{
	static const struct gate_policy none;

	if (take_state(tool, args, facts, request, err) < 0)
		return -1;
	facts->permissions = gate_site_permissions(site, identity_claim(facts));
	if (identity_resolve(site->policy ? site->policy : &none, facts, tool->arena, request,
			     err) < 0)
		return -1;
	request->host_platform = tool_platform(tool);
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
		(void)fprintf(stderr, "kanuki: %s: %s: %s\n",
			      gate_code_info(result->reasons[i].code)->name,
			      gate_code_info(result->reasons[i].code)->meaning, text);
	}
}

struct answer {
	struct gate_request request;
	struct gate_result result;
	struct gate_found found;
	uint64_t generation;
};

/* The decision, and what must be written down of it before it counts. */
static int decide(struct tool *tool, const struct hook_args *args, uint64_t deadline_ms,
		  struct answer *ret, struct err *err)
{
	autosite site = {.store = GATE_STORE_INIT};
	struct identity_facts facts = {0};
	int64_t seen;

	if (gate_site_open(&tool->paths, tool->now, tool->arena, &site, err) < 0 ||
	    shorten_clock(args, site.policy, deadline_ms, err) < 0 ||
	    look(tool, args, &site, &facts, &ret->request, err) < 0)
		return -1;
	ret->generation = site.generation;
	gate_site_decide(&site, &ret->request, tool->arena, &ret->found, &ret->result);
	if (gate_log_decision(&site, &ret->request, &ret->found, &ret->result, facts.id, err) < 0) {
		if (!site.policy || site.policy->log_required)
			return -1;
		(void)fprintf(stderr, "kanuki-gate: warning: %s\n", err->msg);
		err_clear(err);
	}
	if (gate_exit_status(&ret->result) == 0 && ret->request.digest && !site.store_why)
		return gate_store_seen(&site.store, ret->request.digest, tool->now, &seen, err);
	return 0;
}

/* A failure of ours has the form of any other refusal. */
static void refuse(struct answer *ret, struct err *why)
{
	*ret = (struct answer){.result = {.verdict = GATE_DENY, .n_reasons = 1}};
	ret->result.reasons[0].code = E_INTERNAL;
	gate_escape(why->msg, ret->result.reasons[0].text, GATE_REASON_TEXT);
	err_clear(why);
}

static int run(struct tool *tool, void *v, struct err *err)
{
	const struct hook_args *args = v;
	struct answer answer = {0};
	autostr text = STR_INIT;
	uint64_t deadline_ms;

	if (start_clock(args, &deadline_ms, err) < 0)
		return -1;
	if (decide(tool, args, deadline_ms, &answer, err) < 0)
		refuse(&answer, err);
	if (args->runtime) {
		if (gate_answer(&answer.result, &answer.request, &answer.found, answer.generation,
				&text, err) < 0)
			return -1;
		(void)fputs(str_text(&text), stdout); /* checked at the flush */
	} else if (answer.result.verdict != GATE_ALLOW) {
		tell(&answer.result, &answer.request);
	}
	return gate_exit_status(&answer.result);
}

const struct verb verb_hook = {
	.name = "hook",
	.synopsis = "[OPTIONS]",
	.summary = "decide about the container whose state is on standard input",
	.options = options,
	.n_options = ARRAY_LEN(options),
	.args_size = sizeof(struct hook_args),
	.failure_status = EXIT_TOOL_BROKEN,
	.run = run};
