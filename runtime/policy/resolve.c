/* The small tools of a decision: text in the plan's arena, the record of
 * changes.  Decides nothing. */
#include "config.h"

#include "policy/resolve.h"

#include "base/path.h"
#include "base/str.h"
#include "policy/rules.h"

#include <linux/mount.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/banned.h"

const char *keep(struct resolve *r, const char *s)
{
	if (!s)
		return NULL;
	const char *copy = arena_strdup(&r->plan->arena, s);
	if (!copy)
		r->oom = true;
	return copy;
}

const char *text(struct resolve *r, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	char stack[128];
	int n = vsnprintf(stack, sizeof(stack), fmt, ap);
	va_end(ap);
	char *s = n < 0 ? NULL
			: arena_memdup(&r->plan->arena, stack,
				       (size_t)n < sizeof(stack) ? (size_t)n : 0);
	if (n >= (int)sizeof(stack)) {
		s = arena_alloc(&r->plan->arena, (size_t)n + 1);
		va_start(ap, fmt);
		if (s)
			(void)vsnprintf(s, (size_t)n + 1, fmt,
					ap); /* the same text as measured above */
		va_end(ap);
	}
	if (!s)
		r->oom = true;
	return s;
}

const char *clean_path(struct resolve *r, const char *path)
{
	if (!path)
		return NULL;
	const char *clean = path_clean_absolute(&r->plan->arena, path);
	if (!clean)
		r->oom = true;
	return clean;
}

void list_add(struct resolve *r, struct str_list *list, const char *s)
{
	const char *copy = keep(r, s);
	const char **slot = copy ? RESOLVE_PUSH(r, list) : NULL;
	if (slot)
		*slot = copy;
}

void note(struct resolve *r, const char *rule, enum plan_outcome outcome, const char *key,
	  const char *asked, const char *given)
{
	struct plan_change *change = RESOLVE_PUSH(r, &r->plan->changes);
	if (change)
		*change = (struct plan_change){rule, key, outcome, asked, given};
}

int idle(struct resolve *r, const char *why)
{
	r->idle = why;
	return 0;
}

/* "H-70: the policy wants ..." names its rule in the text, not in err->rule: ERR_HOST has none. */
static void name_rule(const struct resolve *r, struct err *err)
{
	size_t n;
	if (err->rule[0] || !r->rule)
		return;
	(void)snprintf(err->rule, sizeof(err->rule), "%s", r->rule);
	n = strlen(r->rule);
	if (!strncmp(err->msg, r->rule, n) && !strncmp(err->msg + n, ": ", 2))
		memmove(err->msg, err->msg + n + 2, strlen(err->msg + n + 2) + 1);
}

void tell_expired(const struct resolve *r, struct err *err)
{
	const struct policy_rule *rule =
		err->kind == ERR_POLICY ? policy_rule_find(err->rule) : NULL;
	if (r->expired && rule && err->by == ERR_BY_KEYS && strstr(rule->key, "allow."))
		err_append(err, "; the exception for its image expired %s", r->expired);
}

int refused(struct resolve *r, struct err *err)
{
	struct policy_refusals *all = r->refusals;
	if (!all || (err->kind != ERR_POLICY && err->kind != ERR_HOST))
		return -1;
	if (all->told.n < POLICY_REFUSALS_MAX) {
		struct err *slot = RESOLVE_PUSH(r, &all->told);
		if (!slot) {
			err_clear(err);
			return err_oom(err);
		}
		name_rule(r, err);
		tell_expired(r, err);
		*slot = *err;
	} else {
		all->more++;
	}
	err_clear(err);
	return 0;
}

struct plan_rlimit *process_rlimit(struct resolve *r, int resource, bool *ret_existed)
{
	struct plan_process *process = &r->plan->process;
	*ret_existed = false;
	for (size_t i = 0; i < process->rlimits.n; i++) {
		if (process->rlimits.items[i].resource == resource) {
			*ret_existed = true;
			return &process->rlimits.items[i];
		}
	}
	struct plan_rlimit *limit = RESOLVE_PUSH(r, &process->rlimits);
	if (limit)
		*limit = (struct plan_rlimit){resource, UINT64_MAX, UINT64_MAX};
	return limit;
}

bool has_dev_mount(const struct plan *plan, bool *ret_is_bind)
{
	bool found = false;
	*ret_is_bind = false;
	for (size_t i = 0; i < plan->mounts.n; i++) {
		if (strcmp(plan->mounts.items[i].target, "/dev"))
			continue;
		found = true;
		*ret_is_bind |= plan->mounts.items[i].kind == MOUNT_BIND;
	}
	return found;
}

bool is_readonly_mount(const struct plan_mount *mount)
{
	return plan_mount_attrs(mount) & MOUNT_ATTR_RDONLY;
}
