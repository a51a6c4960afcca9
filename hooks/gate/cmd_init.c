/* kanuki-gate init: an empty store, a keyring, a policy to begin with. */
#include "config.h"

#include "base/auto.h"
#include "gate/tool.h"
#include "sys/file.h"
#include "sys/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/banned.h"

struct init_args {
	bool unused;
};

static const char first_policy[] = "{\"version\": 1}\n";

static int run(struct tool *tool, void *args, struct err *err)
{
	const char *store = tool->paths.store ? tool->paths.store : GATE_STORE_DIR,
		   *etc = tool->paths.etc ? tool->paths.etc : GATE_ETC_DIR;
	autofd int etc_fd = -1;
	struct stat st;

	(void)args;
	if (gate_store_create(store, etc, err) < 0)
		return -1;
	etc_fd = sys_open(etc, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	if (etc_fd < 0)
		return err_sys(err, "open '%s'", etc);
	if (sys_fstatat(etc_fd, GATE_POLICY, &st, AT_SYMLINK_NOFOLLOW) < 0) {
		if (errno != ENOENT)
			return err_sys(err, "look at '%s/" GATE_POLICY "'", etc);
		if (file_replace(etc_fd, GATE_POLICY, first_policy, strlen(first_policy), 0600,
				 err) < 0)
			return -1;
		printf("policy  %s/" GATE_POLICY "\n", etc);
	}
	printf("store   %s\nkeys    %s/keys\n", store, etc);
	return tool_log(tool, "init", NULL, store, err);
}

const struct verb verb_init = {.name = "init",
			       .synopsis = "",
			       .summary = "make an empty store, a keyring and a first policy",
			       .args_size = sizeof(struct init_args),
			       .failure_status = EXIT_TOOL_FAILED,
			       .run = run};
