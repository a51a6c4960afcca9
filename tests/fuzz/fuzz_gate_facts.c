/* Any bytes as what runtimes and bundles tell: a hook's state (S), kanuki's question (Q), a
 * bundle's config.json (B), and what kanuki, runc and crun keep of a container (K, R, C); the first
 * character chooses.  Refused clearly, or complete. */
#include "config.h"

#include "base/json_out.h"
#include "base/path.h"
#include "gate/facts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define must(cond)                                                                                 \
	do {                                                                                       \
		if (!(cond)) {                                                                     \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #cond);                 \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

static void is_clean(struct arena *arena, const char *path)
{
	const char *cleaned = path_clean_absolute(arena, path);

	must(cleaned && path[0] == '/' && !strcmp(cleaned, path));
}

/* Written as a state and read again, it says the same. */
static void check_state(const struct identity_facts *facts, struct arena *arena)
{
	struct json_out o __attribute__((cleanup(json_out_release))) = JSON_OUT_INIT;
	struct identity_facts read;
	struct err err = ERR_INIT;

	must(facts->id && facts->bundle && facts->bundle[0] == '/' && facts->mount_pid >= 0);
	json_out_object(&o, NULL);
	json_out_string(&o, "id", facts->id);
	json_out_string(&o, "bundle", facts->bundle);
	json_out_i64(&o, "pid", facts->mount_pid);
	json_out_object(&o, "annotations");
	for (size_t i = 0; i < facts->annotations.n; i++)
		json_out_string(&o, facts->annotations.items[i].key,
				facts->annotations.items[i].value);
	json_out_end_object(&o);
	json_out_end_object(&o);
	must(!json_out_finish(&o, &err) &&
	     !facts_from_state(o.text.s, o.text.len, arena, &read, &err));
	must(!strcmp(read.id, facts->id) && !strcmp(read.bundle, facts->bundle) &&
	     read.mount_pid == facts->mount_pid);
	must(read.annotations.n == facts->annotations.n && !read.root_path && !read.permissions &&
	     !read.is_inside);
	for (size_t i = 0; i < read.annotations.n; i++)
		must(!strcmp(read.annotations.items[i].key, facts->annotations.items[i].key) &&
		     !strcmp(read.annotations.items[i].value, facts->annotations.items[i].value));
}

static void check_question(const struct identity_facts *facts)
{
	must(facts->root_path && facts->runtime_root);
	for (size_t i = 0; i < facts->arguments.n; i++)
		must(facts->arguments.items[i]);
	/* what is no bind has no source */
	for (size_t i = 0; i < facts->mounts.n; i++)
		must(facts->mounts.items[i].destination);
}

/* What is compared with the mount table must be a path as the kernel has it. */
static void check_config(const struct identity_facts *facts, struct arena *arena)
{
	if (facts->root_path)
		is_clean(arena, facts->root_path);
	for (size_t i = 0; i < facts->mounts.n; i++) {
		is_clean(arena, facts->mounts.items[i].destination);
		if (facts->mounts.items[i].source)
			is_clean(arena, facts->mounts.items[i].source);
	}
}

static bool read_container(enum facts_runtime runtime, const char *text, size_t len,
			   struct arena *arena, struct err *err)
{
	struct facts_container one = {.runtime = runtime, .facts = {.id = "c1", .is_inside = true}};
	bool good = !facts_from_runtime(runtime, text, len, arena, &one, err);

	must(one.runtime == runtime && !strcmp(one.facts.id, "c1") && one.facts.is_inside);
	must(good ? one.facts.bundle && one.facts.mount_pid >= 0
		  : !one.facts.bundle && !one.facts.root_path && !one.image);
	must(!good || runtime == FACTS_CRUN || one.facts.root_path);
	return good;
}

static bool read_as(char kind, const char *text, size_t len, struct arena *arena, struct err *err)
{
	struct identity_facts facts = {.bundle = "/b"};
	struct facts_caller caller;

	switch (kind) {
	case 'S':
		if (facts_from_state(text, len, arena, &facts, err))
			return false;
		check_state(&facts, arena);
		return true;
	case 'Q':
		if (facts_from_question(text, len, arena, &facts, &caller, err))
			return false;
		check_question(&facts);
		check_state(&facts, arena);
		return true;
	case 'B':
		if (facts_from_config(text, len, arena, &facts, err))
			return false;
		check_config(&facts, arena);
		return true;
	default:
		return read_container(kind == 'K'   ? FACTS_KANUKI
				      : kind == 'R' ? FACTS_RUNC
						    : FACTS_CRUN,
				      text, len, arena, err);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = ARENA_INIT;
	struct err err = ERR_INIT;

	if (size && strchr("SQBKRC", data[0]) && data[0])
		must(read_as((char)data[0], (const char *)data + 1, size - 1, &arena, &err) ||
		     ((err.kind == ERR_SPEC || err.kind == ERR_SYSTEM) && err.msg[0]));
	arena_release(&arena);
	return 0;
}
