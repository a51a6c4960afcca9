/* Any bytes as config.json, process.json and resources.json: no crash, bounded memory, a clear error or a struct in which
 * everything holds that policy/ relies on.
 */
#include "config.h"

#include "spec/spec.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define must(cond)                                                                                                     \
	do {                                                                                                           \
		if (!(cond)) {                                                                                         \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #cond);                                     \
			abort();                                                                                       \
		}                                                                                                      \
	} while (0)

static void check_err(const struct err *err)
{
	must(err->kind == ERR_SPEC || err->kind == ERR_SYSTEM);
	must(err->msg[0] && memchr(err->msg, '\0', sizeof(err->msg)));
}

static void check_process(const struct spec_process *p)
{
	must(p->cwd && p->cwd[0] == '/');
	must(p->user.uid != UINT32_MAX && p->user.gid != UINT32_MAX);
	must(!p->user.umask.set || p->user.umask.v <= 0777);
	for (size_t i = 0; i < p->user.additional_gids.n; i++)
		must(p->user.additional_gids.items[i] != UINT32_MAX);
	for (size_t i = 0; i < p->env.n; i++)
		must(strchr(p->env.items[i], '=') > p->env.items[i]);
	must(p->args.n == 0 || p->args.items[0][0]);
	for (size_t i = 0; i < p->rlimits.n; i++) {
		must(p->rlimits.items[i].soft <= p->rlimits.items[i].hard);
		must(spec_rlimit_name(p->rlimits.items[i].resource));
	}
	must(!p->oom_score_adj.set || (p->oom_score_adj.v >= -1000 && p->oom_score_adj.v <= 1000));
	must(!p->user.username);
	if (p->capabilities)
		must((p->capabilities->bounding | p->capabilities->effective | p->capabilities->permitted |
		      p->capabilities->inheritable | p->capabilities->ambient) < UINT64_C(1) << 41);
}

static void check_maps(const spec_idmaps *maps)
{
	must(maps->n <= 340);
	for (size_t i = 0; i < maps->n; i++) {
		must(maps->items[i].size > 0);
		must((uint64_t)maps->items[i].container_id + maps->items[i].size <= UINT32_MAX);
		must((uint64_t)maps->items[i].host_id + maps->items[i].size <= UINT32_MAX);
	}
}

static void check_resources(const struct spec_resources *r)
{
	for (size_t i = 0; i < r->devices.n; i++) {
		const struct spec_device_rule *rule = &r->devices.items[i];

		must(rule->read || rule->write || rule->mknod);
		must(rule->type && strchr("acb", rule->type));
		must(rule->major.v <= 4095 && rule->minor.v <= 1048575);
	}
	for (size_t i = 0; i < r->unified.n; i++)
		must(r->unified.items[i].key[0] && !strchr(r->unified.items[i].key, '/'));
	for (size_t i = 0; i < r->hugepage_limits.n; i++)
		must(!strchr(r->hugepage_limits.items[i].page_size, '/'));
	must(r->memory.limit.v >= -1 && r->memory.swap.v >= -1 && r->pids_limit.v >= -1);
}

static void check_linux(const struct spec_linux *l)
{
	check_maps(&l->uid_mappings);
	check_maps(&l->gid_mappings);
	if (l->resources)
		check_resources(l->resources);
	for (int i = 0; i < SPEC_NS_COUNT; i++)
		must(!l->namespaces[i].path || (l->namespaces[i].present && l->namespaces[i].path[0] == '/'));
	for (size_t i = 0; i < l->devices.n; i++)
		must(l->devices.items[i].path[0] == '/' && strchr("cbp", l->devices.items[i].type) &&
		     l->devices.items[i].type);
	for (size_t i = 0; i < l->net_devices.n; i++)
		must(strlen(l->net_devices.items[i].host_name) <= 15);
	for (size_t i = 0; i < l->masked_paths.n; i++)
		must(l->masked_paths.items[i][0] == '/');
	must(l->boottime.nanosecs < 1000000000 && l->monotonic.nanosecs < 1000000000);
	must(!l->seccomp || l->seccomp->default_action);
}

static void check_spec(const struct spec *spec)
{
	must(strncmp(spec->oci_version, "1.", 2) == 0);
	must(!spec->root.set || spec->root.path[0]);
	must(!spec->hostname || strlen(spec->hostname) <= 64);
	if (spec->process)
		check_process(spec->process);
	if (spec->linux_)
		check_linux(spec->linux_);
	for (size_t i = 0; i < spec->mounts.n; i++) {
		must(spec->mounts.items[i].destination[0]);
		check_maps(&spec->mounts.items[i].uid_mappings);
		check_maps(&spec->mounts.items[i].gid_mappings);
	}
	for (size_t i = 0; i < spec->hooks.poststop.n; i++)
		must(spec->hooks.poststop.items[i].path[0] == '/');
	for (size_t i = 0; i < spec->annotations.n; i++)
		must(spec->annotations.items[i].key[0] && spec->annotations.items[i].value);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct spec spec = SPEC_INIT;
	struct arena arena = ARENA_INIT;
	struct spec_process *process;
	struct spec_resources *resources;
	struct err err = ERR_INIT, process_err = ERR_INIT, resources_err = ERR_INIT;

	if (spec_parse((const char *)data, size, &spec, &err) == 0)
		check_spec(&spec);
	else
		check_err(&err);
	spec_release(&spec);
	if (spec_parse_process((const char *)data, size, &arena, &process, &process_err) == 0)
		check_process(process);
	else
		check_err(&process_err);
	arena_release(&arena);
	if (spec_parse_resources((const char *)data, size, &arena, &resources, &resources_err) == 0)
		check_resources(resources);
	else
		check_err(&resources_err);
	arena_release(&arena);
	return 0;
}
