/* What lies in a root file system.  Pure. */
#include "config.h"

#include "check/judge.h"

#include "base/banned.h"

static enum check_verdict judge_kind(const struct check_facts *facts, enum check_kind kind,
				     struct str *evidence)
{
	const struct check_rootfs *r = facts->rootfs;

	if (r->found[kind].n) {
		evidence_list(evidence, &r->found[kind].paths, r->found[kind].n);
		return VERDICT_VIOLATED;
	}
	if (!r->complete)
		return verdict_unseen(evidence, "a part of the tree");
	str_addf(evidence, "none among %llu entries", (unsigned long long)r->entries);
	return VERDICT_HELD;
}

#define JUDGE_KIND(name, kind)                                                         \
	enum check_verdict name(const struct check_facts *facts, struct str *evidence) \
	{                                                                              \
		return judge_kind(facts, kind, evidence);                              \
	}

JUDGE_KIND(judge_setid_files, KIND_SETID)
JUDGE_KIND(judge_file_caps, KIND_FILE_CAPS)
JUDGE_KIND(judge_device_nodes, KIND_DEVICE)
JUDGE_KIND(judge_world_writable, KIND_WORLD_WRITABLE)
JUDGE_KIND(judge_shells, KIND_SHELL)
JUDGE_KIND(judge_package_managers, KIND_PACKAGE_MANAGER)
JUDGE_KIND(judge_compilers, KIND_COMPILER)
JUDGE_KIND(judge_network_tools, KIND_NETWORK_TOOL)
JUDGE_KIND(judge_ssh_files, KIND_SSH_SERVER)
JUDGE_KIND(judge_daemon_files, KIND_SUPER_DAEMON)
JUDGE_KIND(judge_secret_files, KIND_SECRET)
