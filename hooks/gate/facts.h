/* What a runtime tells of a container: the state on a hook's standard input, or the state that
 * runtimes keep; and the bundle's config.json, of which root.path, process.args
 * and the mounts are read. */
#ifndef KANUKI_GATE_FACTS_H
#define KANUKI_GATE_FACTS_H

#include "gate/identity.h"

#define FACTS_STATE_MAX	 ((size_t)1 << 20)
#define FACTS_CONFIG_MAX ((size_t)16 << 20)

/* The state of runtime-spec: id, bundle, pid, annotations. */
int facts_from_state(const char *text, size_t len, struct arena *arena, struct identity_facts *ret,
		     struct err *err) __attribute__((warn_unused_result));
/* kanuki's own question, which has what it read of the bundle itself:
 * {ociVersion, id, status, bundle, root, runtimeRoot, args[], mounts[{destination, source}],
 * annotations{}, caller{uid, gid, loginuid}}, maxScanAgeDays where its policy has one, and pid at
 * start, whose mounts show the root then; a mount that is no bind has no source; loginuid is absent
 * where the kernel has none. */
struct facts_caller {
	uint32_t uid, gid, login_uid;
	int64_t max_scan_age_s; /* 0: none */
};
int facts_from_question(const char *text, size_t len, struct arena *arena,
			struct identity_facts *ret, struct facts_caller *ret_caller,
			struct err *err) __attribute__((warn_unused_result));
/* Adds what a config.json says; facts->bundle is where its relative paths begin.  After -1 some
 * of it is added. */
int facts_from_config(const char *text, size_t len, struct arena *arena,
		      struct identity_facts *facts, struct err *err)
	__attribute__((warn_unused_result));
/* The same of config.json in facts->bundle. */
int facts_from_bundle(struct arena *arena, struct identity_facts *facts, struct err *err)
	__attribute__((warn_unused_result));

/* A container that a runtime knows. */
enum facts_runtime { FACTS_KANUKI, FACTS_RUNC, FACTS_CRUN };
struct facts_container {
	enum facts_runtime runtime;
	struct identity_facts facts;
	const char *image; /* as kanuki recorded it, or NULL */
	int64_t max_scan_age_s; /* of the question that kanuki asked; 0: none */
};
typedef LIST_OF(struct facts_container) facts_list;
/* The file in which a runtime keeps one's state; adds to *ret, and after -1 nothing. */
int facts_from_runtime(enum facts_runtime runtime, const char *text, size_t len,
		       struct arena *arena, struct facts_container *ret, struct err *err)
	__attribute__((warn_unused_result));
/* Those beneath `root` (/run/kanuki, /run/runc, /run/crun); none when there is no such
 * directory.  One that vanishes meanwhile is left out. */
int facts_list_read(enum facts_runtime runtime, const char *root, struct arena *arena,
		    facts_list *ret, struct err *err) __attribute__((warn_unused_result));
/* Those of whatever runtime beneath the directories in `above`: containerd's shim gives each
 * namespace one. */
int facts_list_read_spaces(const char *above, struct arena *arena, facts_list *ret, struct err *err)
	__attribute__((warn_unused_result));

#endif
