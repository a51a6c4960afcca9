/* A policy's defaults, durations, and which policies hold for a request. */
#include "config.h"

#include "gate/policy.h"

#include "gate/glob.h"

#include <string.h>

#include "base/banned.h"

#define HOUR INT64_C(3600)
#define DAY  (24 * HOUR)

/* --- defaults --- */

static void limits(int64_t ret[SEVERITY_COUNT], int64_t critical, int64_t high)
{
	for (int s = 0; s < SEVERITY_COUNT; s++)
		ret[s] = NO_LIMIT;
	ret[SEVERITY_CRITICAL] = critical;
	ret[SEVERITY_HIGH] = high;
	ret[SEVERITY_UNKNOWN] = 0; /* it may be any */
}

/* Where engines of Debian and Fedora keep their data. */
static const char *storage_roots[] = {"/var/lib/containers/storage", "/run/containers/storage"};
static const char *containerd_roots[] = {"/run/containerd", "/var/lib/containerd"};
static const char *docker_roots[] = {"/var/lib/docker", "/run/docker"};
static struct engine_place engines[] = {
	{.kind = ENGINE_STORAGE, .name = "podman", .roots = {storage_roots, 2, 2}},
	{.kind = ENGINE_CONTAINERD,
	 .name = "containerd",
	 .roots = {containerd_roots, 2, 2},
	 .client = "/usr/bin/ctr",
	 .address = "/run/containerd/containerd.sock"},
	{.kind = ENGINE_DOCKER, .name = "docker", .roots = {docker_roots, 2, 2}},
};

void gate_policy_defaults(struct gate_policy *ret)
{
	memset(ret, 0, sizeof(*ret));
	ret->identity_accept = 1u << IDENTITY_ENGINE | 1u << IDENTITY_PINNED;
	ret->require_platform = true;
	ret->max_scan_age_s = 7 * DAY;
	ret->max_db_age_s = 3 * DAY;
	ret->clock_skew_s = 5 * 60;
	ret->max_record_age_s = 30 * DAY;
	ret->require_classes = 1u << CLASS_VULN;
	ret->min_tools = 1;
	ret->require_complete = ret->require_os = ret->deny_eol_os = true;
	limits(ret->limit[CLASS_VULN], 0, 0);
	limits(ret->limit[CLASS_SECRET], 0, 0);
	limits(ret->limit[CLASS_MISCONFIG], 0, NO_LIMIT);
	ret->signers_required = true;
	ret->threshold_recorder = 1;
	ret->vex_accept = true;
	ret->vex_max_age_s = 180 * DAY;
	ret->permit_max_age_s = DAY;
	ret->breakglass_max_s = 4 * HOUR;
	ret->breakglass_ticket = true;
	ret->engines.items = engines;
	ret->engines.n = ret->engines.cap = ARRAY_LEN(engines);
	ret->hook_deadline_s = GATE_DEADLINE_S;
	ret->log_path = "/var/log/kanuki/gate.jsonl";
	ret->log_required = true;
}

/* --- durations --- */

int gate_duration_parse(const char *text, int64_t *ret_seconds)
{
	static const struct {
		char name;
		int64_t seconds;
	} units[] = {{'s', 1}, {'m', 60}, {'h', HOUR}, {'d', DAY}};
	size_t digits = strspn(text, "0123456789");
	int64_t n = 0, seconds;

	if (!digits || (text[0] == '0' && digits > 1) || !text[digits] || text[digits + 1])
		return -1;
	for (size_t i = 0; i < digits; i++)
		if (__builtin_mul_overflow(n, 10, &n) ||
		    __builtin_add_overflow(n, text[i] - '0', &n))
			return -1;
	for (size_t i = 0; i < ARRAY_LEN(units); i++)
		if (units[i].name == text[digits] &&
		    !__builtin_mul_overflow(n, units[i].seconds, &seconds)) {
			*ret_seconds = seconds;
			return 0;
		}
	return -1;
}

/* --- scopes --- */

static bool is_within(const struct tightening *scope, const struct gate_request *request)
{
	if (scope->namespace_glob && !glob_match(scope->namespace_glob, request->namespace_name))
		return false;
	if (scope->repository_glob && !glob_match(scope->repository_glob, request->repository))
		return false;
	return !scope->engine || (request->engine && !strcmp(scope->engine, request->engine));
}

/* A scope whose question can't be answered holds: what isn't known is no way around it. */
static bool holds(const struct tightening *scope, const struct gate_request *request)
{
	struct gate_request known = *request;

	if (!scope->policy)
		return false;
	if (scope->repository_glob && !request->repository)
		known.repository = scope->repository_glob;
	if (scope->engine && !request->engine)
		known.engine = scope->engine;
	return is_within(scope, &known);
}

const struct gate_policy *gate_policy_within(const struct gate_policy *policy,
					     const struct gate_request *request, size_t nth)
{
	size_t n = 0;

	for (size_t i = 0; i < policy->scopes.n; i++)
		if (holds(&policy->scopes.items[i], request) && n++ == nth)
			return policy->scopes.items[i].policy;
	return n == 0 && nth == 0 ? policy : NULL;
}
