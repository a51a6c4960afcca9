/* kanuki-gate policy: is it valid, and what does it say. */
#include "config.h"

#include "gate/policy.h"
#include "gate/tool.h"
#include "sys/file.h"

#include <stdio.h>
#include <string.h>

#include "base/banned.h"

struct policy_args {
	bool unused;
};

static int load(struct tool *tool, struct gate_policy *ret, struct err *err)
{
	const char *text, *path = tool->n_args > 1 ? tool->args[1] : NULL;
	size_t len;

	if (!path)
		path = arena_printf(tool->arena, "%s/" GATE_POLICY,
				    tool->paths.etc ? tool->paths.etc : GATE_ETC_DIR);
	if (!path)
		return err_oom(err);
	if (tool_read(tool, path, GATE_POLICY_MAX_BYTES, &text, &len, err) < 0)
		return -1;
	return gate_policy_parse(tool->arena, text, len, ret, err) < 0
		       ? err_context(err, "'%s'", path)
		       : 0;
}

static int run(struct tool *tool, void *args, struct err *err)
{
	struct gate_policy policy;
	autostr text = STR_INIT;
	bool show = strcmp(tool->args[0], "show") == 0;

	(void)args;
	if (!show && strcmp(tool->args[0], "check") != 0)
		return err_set(err, ERR_USAGE, "policy: '%s' is neither check nor show",
			       tool->args[0]);
	if (load(tool, &policy, err) < 0)
		return -1;
	if (!show) {
		printf("valid, sha256:%s\n", policy.hash);
		return 0;
	}
	if (gate_policy_print(&policy, &text, err) < 0)
		return -1;
	printf("%s", str_text(&text));
	return 0;
}

const struct verb verb_policy = {.name = "policy",
				 .synopsis = "check|show [FILE]",
				 .summary = "check the policy, or show every key with what holds",
				 .args_size = sizeof(struct policy_args),
				 .min_args = 1,
				 .max_args = 2,
				 .failure_status = EXIT_TOOL_BROKEN,
				 .run = run};
