/* kanuki plan: the decision for a bundle as text, without doing any of it. */
#include "config.h"

#include "cmd/decide.h"

#include "base/path.h"
#include "base/str.h"
#include "policy/rules.h"

#include <stdio.h>
#include <stdint.h>
#include <string.h>

#include "base/banned.h"

struct plan_args {
	bool diff;
	const char *bundle, *id, *image;
};

static const struct cmd_option options[] = {
	{"diff", 0, OPTION_FLAG, offsetof(struct plan_args, diff), NULL,
	 "show what was asked beside what will be done, and what every rule found"},
	{"bundle", 'b', OPTION_STRING, offsetof(struct plan_args, bundle), "DIR",
	 "the bundle (or as the argument)"},
	{"image", 0, OPTION_STRING, offsetof(struct plan_args, image), "DIGEST",
	 "plan as for this image, with the policy's exceptions for it"},
	{"id", 0, OPTION_STRING, offsetof(struct plan_args, id), "ID",
	 "the container id to plan for (default 'example')"},
};

/* A question, not a proof: create and run take no image from the command line, so
 * nobody gets an exception by naming one. */
static int ask_for_image(const char *image, struct policy_request *request, struct err *err)
{
	if (!image)
		return 0;
	if (strncmp(image, "sha256:", 7) != 0 || strspn(image + 7, "0123456789abcdef") != 64 ||
	    image[7 + 64])
		return err_set(err, ERR_USAGE,
			       "--image: '%s' is not a config digest, \"sha256:\" and 64 "
			       "hexadecimal digits in lower case",
			       image);
	request->image = image;
	return 0;
}

static void add_refusal(const struct err *refusal, struct str *out)
{
	const struct policy_rule *rule = policy_rule_find(refusal->rule);
	char note[POLICY_NOTE_SIZE];

	str_addf(out, "# enforce would refuse: %s%s%s", refusal->rule, refusal->rule[0] ? ": " : "",
		 refusal->msg);
	if (rule && refusal->kind == ERR_POLICY)
		str_add(out, policy_rule_note(rule, refusal, note));
	str_add(out, "\n");
}

/* Mode audit: what enforce would do. */
static void add_would(const struct decision *decision, struct str *out)
{
	const struct policy_refusals *refusals = &decision->refusals;

	if (!decision->watched)
		return;
	for (size_t i = 0; i < refusals->told.n; i++)
		add_refusal(&refusals->told.items[i], out);
	if (refusals->more)
		str_addf(out, "# enforce would refuse: and %zu refusals more\n", refusals->more);
	if (refusals->told.n) {
		str_add(out, "# enforce would change, if it didn't refuse:\n");
		plan_print_changes(&decision->would, out);
	} else {
		str_add(out, "# enforce would give:\n");
		plan_print(&decision->would, true, out);
	}
	policy_print_rules(&decision->would, out);
}

static int run(const struct cmd_context *ctx, void *data, struct err *err)
{
	const struct plan_args *args = data;
	struct policy_request request = {.id = args->id ? args->id : "example", .detached = false};
	autoplan plan = PLAN_INIT;
	autodecision decision = DECISION_INIT;
	autostr text = STR_INIT;
	struct host host;

	if (ctx->n_args && args->bundle)
		return err_set(err, ERR_USAGE, "plan: the bundle is given twice");
	if (!path_is_container_id(request.id))
		return err_set(err, ERR_USAGE, "--id: '%s' is not a container id", request.id);
	if (ask_for_image(args->image, &request, err) < 0 ||
	    decide_bundle_path(ctx, ctx->n_args ? ctx->args[0] : args->bundle, &request.bundle,
			       err) < 0 ||
	    decide_cgroup_manager(ctx, &request.cgroup_manager, err) < 0 ||
	    host_probe(&host, err) < 0 ||
	    decide_plan(ctx, false, &request, &host, &decision, &plan, err) < 0)
		return -1;
	plan_print(&plan, args->diff, &text);
	if (args->diff) {
		policy_print_rules(&plan, &text);
		add_would(&decision, &text);
	}
	if (str_failed(&text))
		return err_oom(err);
	(void)fputs(str_text(&text), stdout); /* checked at the flush */
	return 0;
}

const struct cmd cmd_plan = {
	.name = "plan",
	.synopsis = "[OPTIONS] [BUNDLE]",
	.summary = "print what would be done with a bundle, each forced value with its rule",
	.options = options,
	.n_options = ARRAY_LEN(options),
	.args_size = sizeof(struct plan_args),
	.max_args = 1,
	.failure_status = 1,
	.run = run,
};
