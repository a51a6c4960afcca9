/* identify KIND ROOTS BUNDLE ROOT ID [ARGUMENT...]: what the gate makes of a bundle, as lines. KIND is storage, containerd or
 * docker; ROOTS are the engine's directories, separated by commas; CTR and CTR_ADDRESS in the environment name containerd's
 * client, PAUSE a digest of a known pause program, MOUNT_PID whose mounts are looked at, INSIDE that its "/" is the root. */
#include "config.h"

#include "gate/identity.h"
#include "gate/policy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *or_dash(const char *text)
{
	return text ? text : "-";
}

static enum engine_kind kind_of(const char *name)
{
	return !strcmp(name, "storage") ? ENGINE_STORAGE : !strcmp(name, "containerd") ? ENGINE_CONTAINERD : ENGINE_DOCKER;
}

static void print(const struct gate_request *r)
{
	static const char *const subjects[] = {"unknown", "image", "pause", "rootfs", "build", "bundle"};

	printf("subject %s\nsource %d\ndigest %s\nmanifest %s\nplatform %s\nreference %s\nrepository %s\nnamespace %s\n", subjects[r->subject],
	       r->source, or_dash(r->digest), or_dash(r->manifest), or_dash(r->platform), or_dash(r->reference), or_dash(r->repository),
	       or_dash(r->namespace_name));
	for (size_t n = 0; n < r->contradicting.n; n++)
		printf("contradicting %s\n", r->contradicting.items[n]);
	if (r->unresolved_why)
		printf("why %s\n", r->unresolved_why);
}

int main(int argc, char **argv)
{
	struct engine_place place = {.name = "engine"};
	struct gate_policy policy;
	struct identity_facts facts = {0};
	struct gate_request request = {0};
	struct arena arena = ARENA_INIT;
	struct err err = ERR_INIT;
	const char *roots[8], *pause = getenv("PAUSE"), *pid = getenv("MOUNT_PID");

	if (argc < 6)
		return 2;
	for (char *rest = argv[2], *root; place.roots.n < 8 && (root = strsep(&rest, ","));)
		roots[place.roots.n++] = root;
	place.roots.items = roots;
	place.kind = kind_of(argv[1]);
	place.client = getenv("CTR");
	place.address = getenv("CTR_ADDRESS");
	gate_policy_defaults(&policy);
	policy.engines.items = &place;
	policy.engines.n = policy.engines.cap = 1;
	if (pause)
		policy.pause_digests = (struct str_list){&pause, 1, 1};
	facts.bundle = argv[3];
	facts.root_path = argv[4];
	facts.id = argv[5];
	facts.mount_pid = pid ? (int)strtol(pid, NULL, 10) : 0;
	facts.is_inside = getenv("INSIDE") != NULL;
	facts.arguments = (struct str_list){(const char **)argv + 6, (size_t)argc - 6, 0};
	if (identity_resolve(&policy, &facts, &arena, &request, &err) < 0) {
		fprintf(stderr, "%s\n", err.msg);
		return 1;
	}
	print(&request);
	arena_release(&arena);
	return 0;
}
