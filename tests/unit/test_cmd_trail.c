/* cmd/trail.c: what a command hands to the trail, and what a failure of it means. */
#include "config.h"

#include "cmd/trail.h"

#include "base/auto.h"
#include "base/json.h"
#include "base/sha256.h"

#include "tap.h"
#include "temp_dir.h"

static struct arena arena = ARENA_INIT;
static struct cmd_context ctx = {.arena = &arena};
static char path[128], text[1 << 16];
static const struct json *line; /* the last one */

static unsigned lines(void)
{
	struct err err = ERR_INIT;
	unsigned n = 0;
	FILE *f = fopen("trail", "r");
	while (f && fgets(text, sizeof(text), f))
		n++;
	if (f)
		fclose(f);
	if (n && json_parse(&arena, text, strlen(text) - 1, &line, &err) < 0)
		abort();
	return n;
}

static const char *word(const char *key)
{
	const struct json *value = json_get(line, key);
	return value && value->text ? value->text : "(none)";
}

/* cmd_trail with standard error in a file, which comes back in `text`. */
static int quietly(const struct policy_conf *conf, const struct cmd_trail *what, struct err *err)
{
	autofd int saved = dup(2);
	autofd int file = open("stderr", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	dup2(file, 2);
	int r = what ? cmd_trail(&ctx, conf, what, err) : cmd_trail_refused(&ctx, conf, "web", NULL, err);
	dup2(saved, 2);
	ssize_t n = pread(file, text, sizeof(text) - 1, 0);
	text[n < 0 ? 0 : n] = '\0';
	return r;
}

static void test_events(void)
{
	struct policy_conf conf = {.name = "/etc/kanuki/policy.json", .hash = "feed", .trail = path, .trail_required = true};
	struct plan_change changes[] = {
		{.rule = "H-01", .key = "user.uid", .outcome = CHANGE_FORCED, .asked = "0", .given = "65532"},
		{.rule = "H-24", .key = "mount /x", .outcome = CHANGE_EXCEPTED}};
	autoplan plan = PLAN_INIT;
	struct err err = ERR_INIT, refusal = ERR_INIT;
	struct cmd_trail what = {.event = TRAIL_CREATE, .id = "web", .image = "sha256:1", .plan = &plan};
	autostr print = STR_INIT;
	char hash[65], given[65] = "";

	what.ret_plan_hash = given;
	plan.policy_name = "x";
	plan.id = "web";
	plan.process.cwd = "/";
	plan.root.path = "/r";
	plan.changes.items = changes;
	plan.changes.n = 2;
	ok(cmd_trail(&ctx, &conf, &what, &err) == 0 && lines() == 1, "create %s", err.msg);
	plan_print(&plan, false, &print);
	ok(print.len > 500 && !strstr(print.s, "asked"), "a plan's text");
	sha256_hex(str_text(&print), print.len, hash);
	is_str(word("planHash"), hash, "the hash of the plan's text");
	is_str(given, hash, "which the caller gets, too");
	is_str(word("policy"), conf.name, "the policy");
	is_str(word("policyHash"), "feed", "its hash");
	is_str(word("image"), "sha256:1", "the image");
	is_str(word("event"), "create", "the event");
	const struct json *change = json_get(line, "changes")->first;
	ok(change && json_get(line, "changes")->n == 2 && !strcmp(json_get(change, "asked")->text, "0") &&
		   !strcmp(json_get(change, "outcome")->text, "forced") &&
		   !strcmp(json_get(change->next, "outcome")->text, "excepted"), "the changes");

	(void)err_policy(&refusal, "H-25", "mounts[3]: '/' is not for containers");
	what = (struct cmd_trail){.event = TRAIL_WOULD_REFUSE, .id = "web", .plan_hash = "cafe", .refusal = &refusal};
	ok(cmd_trail(&ctx, &conf, &what, &err) == 0 && lines() == 2, "would be refused");
	is_str(word("event"), "would-refuse", "the event");
	is_str(word("rule"), "H-25", "the rule");
	is_str(word("message"), refusal.msg, "the message");
	is_str(word("planHash"), "cafe", "the recorded plan");

	ok(cmd_trail_refused(&ctx, &conf, "web", "sha256:2", &refusal) == -1 && lines() == 3, "refused");
	is_str(word("event"), "refused", "the event");
	is_str(word("message"), refusal.msg, "the refusal");
	ok(refusal.kind == ERR_POLICY && !strncmp(refusal.msg, "mounts[3]", 9), "the refusal is as it was");
	struct err system = ERR_INIT;
	(void)err_set(&system, ERR_SYSTEM, "disk");
	ok(cmd_trail_refused(&ctx, &conf, "web", NULL, &system) == -1 && lines() == 3, "a failure is no refusal");
}

/* What a line of the plan says, the trail says as given. */
static void test_given(void)
{
	struct policy_conf conf = {.name = "p", .trail = path, .trail_required = true};
	struct plan_change changes[] = {
		{.rule = "H-01", .key = "user.uid", .outcome = CHANGE_FORCED, .asked = "0"},
		{.rule = "H-20", .key = "root.readonly", .outcome = CHANGE_FORCED, .asked = "no"},
		{.rule = "H-40", .key = "device /dev/fuse", .outcome = CHANGE_DROPPED, .asked = "c 10:229"},
		{.rule = "H-70", .key = "landlock", .outcome = CHANGE_SKIPPED, .given = "the kernel has it off"},
		{.rule = "H-16", .key = "user.gid", .outcome = CHANGE_SKIPPED},
		{.rule = "H-01", .key = "user.uid", .outcome = CHANGE_FORCED, .given = "0, which is 524288 on the host"}};
	static const char *const given[] = {"65532", "yes", NULL, "the kernel has it off", NULL, "0, which is 524288 on the host"};
	autoplan plan = PLAN_INIT;
	struct err err = ERR_INIT;
	struct cmd_trail what = {.event = TRAIL_WOULD_CHANGE, .id = "web", .plan = &plan};
	size_t i = 0;

	plan.policy_name = "x";
	plan.id = "web";
	plan.process.cwd = "/";
	plan.process.uid = 65532;
	plan.root.path = "/r";
	plan.root.readonly = true;
	plan.changes.items = changes;
	plan.changes.n = ARRAY_LEN(changes);
	unsigned before = lines();
	ok(cmd_trail(&ctx, &conf, &what, &err) == 0 && lines() == before + 1, "a line %s", err.msg);
	json_each (change, json_get(line, "changes")) {
		const struct json *value = json_get(change, "given");
		is_str(value ? value->text : "(none)", given[i] ? given[i] : "(none)", changes[i].key);
		i++;
	}
	is_int(i, ARRAY_LEN(changes), "all of them");

	/* Of what would have been refused there is no plan, so it has no hash and no values. */
	what.changes_only = true;
	ok(cmd_trail(&ctx, &conf, &what, &err) == 0 && lines() == before + 2, "changes only %s", err.msg);
	is_str(word("planHash"), "(none)", "no plan");
	const struct json *first = json_get(line, "changes")->first;
	ok(!json_get(first, "given") && !strcmp(json_get(first, "asked")->text, "0"), "what was asked, and no more");
}

static void test_failures(void)
{
	struct policy_conf conf = {.name = "p", .trail = "/proc/none/trail"};
	struct cmd_trail what = {.event = TRAIL_START, .id = "web"};
	struct err err = ERR_INIT;

	ok(quietly(&conf, &what, &err) == 0 && err.kind == ERR_NONE, "not required: it goes on");
	is_str(text, "kanuki: warning: audit trail '/proc/none/trail': make its directory: errno 2\n", "with a warning");
	conf.trail_required = true;
	ok(quietly(&conf, &what, &err) == -1, "required: it doesn't");
	is_err(&err, ERR_SYSTEM, "errno 2 (the policy requires the audit trail)", "and says why");
	is_str(text, "", "once");
	err_clear(&err);
	(void)err_policy(&err, "H-01", "no");
	ok(quietly(&conf, NULL, &err) == -1 && !strcmp(err.msg, "no"), "a refusal stays what it is");
	ok(strstr(text, "warning: audit trail"), "with a warning");
	conf.trail = NULL;
	err_clear(&err);
	ok(quietly(&conf, &what, &err) == 0 && !text[0], "no trail: nothing");
	if (access("/dev/log", F_OK) < 0) {
		conf.trail = path;
		conf.trail_syslog = true;
		unsigned before = lines();
		ok(quietly(&conf, &what, &err) == -1 && strstr(err.msg, "system log '/dev/log'"), "the log is required, too");
		is_int(lines(), before + 1, "the line is in the file");
	} else {
		tap_skip("the log is required, too", "there is one");
	}
}

int main(void)
{
	temp_dir_enter();
	snprintf(path, sizeof(path), "%s/trail", temp_dir);
	test_events();
	test_given();
	test_failures();
	arena_release(&arena);
	return tap_done();
}
