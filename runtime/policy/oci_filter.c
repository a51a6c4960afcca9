/* Stage one, seccomp: the bundle's filter as rules of numbers.  Owns
 * plan->filters and filter_point.  libseccomp is not here: compiling is act's. */
#include "config.h"

#include "policy/resolve.h"

#include "base/auto.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>

#include "base/banned.h"

#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5) /* Linux 5.19 */
#endif
#define LINUX_5_19 ((5u << 16) | 19u)

static const struct action {
	const char *name;
	uint32_t value;
	bool has_data;
} actions[] = {
	{"SCMP_ACT_KILL", SECCOMP_RET_KILL_THREAD, false},
	{"SCMP_ACT_KILL_THREAD", SECCOMP_RET_KILL_THREAD, false},
	{"SCMP_ACT_KILL_PROCESS", SECCOMP_RET_KILL_PROCESS, false},
	{"SCMP_ACT_TRAP", SECCOMP_RET_TRAP, false},
	{"SCMP_ACT_ERRNO", SECCOMP_RET_ERRNO, true},
	{"SCMP_ACT_TRACE", SECCOMP_RET_TRACE, true},
	{"SCMP_ACT_ALLOW", SECCOMP_RET_ALLOW, false},
	{"SCMP_ACT_LOG", SECCOMP_RET_LOG, false},
	{"SCMP_ACT_NOTIFY", SECCOMP_RET_USER_NOTIF, false},
};

static int take_action(const char *name, struct opt_u32 data, uint32_t *ret, struct err *err)
{
	for (size_t i = 0; i < ARRAY_LEN(actions); i++) {
		if (strcmp(name, actions[i].name))
			continue;
		*ret = actions[i].value;
		if (actions[i].has_data)
			*ret |= (data.set ? data.v : EPERM) & SECCOMP_RET_DATA;
		return 0;
	}
	return err_set(err, ERR_SPEC, "action: '%s' is unknown", name);
}

/* enum scmp_compare; plan.h stores its numbers. */
static int take_operator(const char *name, int *ret, struct err *err)
{
	static const char *const names[] = {"",
					    "SCMP_CMP_NE",
					    "SCMP_CMP_LT",
					    "SCMP_CMP_LE",
					    "SCMP_CMP_EQ",
					    "SCMP_CMP_GE",
					    "SCMP_CMP_GT",
					    "SCMP_CMP_MASKED_EQ"};
	for (int i = 1; i < (int)ARRAY_LEN(names); i++) {
		if (!strcmp(name, names[i])) {
			*ret = i;
			return 0;
		}
	}
	return err_set(err, ERR_SPEC, "op: '%s' is unknown", name);
}

static struct plan_filter_rule *add_rule(struct resolve *r, struct plan_filter *filter,
					 const struct spec_seccomp_rule *from, uint32_t action)
{
	struct plan_filter_rule *rule = RESOLVE_PUSH(r, &filter->rules);
	if (!rule)
		return NULL;
	rule->action = action;
	for (size_t i = 0; i < from->names.n; i++)
		list_add(r, &rule->names, from->names.items[i]);
	return rule;
}

static int add_arg(struct resolve *r, struct plan_filter_rule *rule,
		   const struct spec_seccomp_arg *from, struct err *err)
{
	struct plan_filter_arg *arg = RESOLVE_PUSH(r, &rule->args);
	if (!arg)
		return err_oom(err);
	arg->index = from->index;
	arg->a = from->value;
	arg->b = from->value_two;
	return take_operator(from->op, &arg->op, err);
}

static bool repeats_an_argument(const struct spec_seccomp_rule *rule)
{
	uint32_t seen = 0;
	for (size_t i = 0; i < rule->args.n; i++) {
		uint32_t bit = UINT32_C(1) << (rule->args.items[i].index & 31);
		if (seen & bit)
			return true;
		seen |= bit;
	}
	return false;
}

static int take_rule(struct resolve *r, struct plan_filter *filter,
		     const struct spec_seccomp_rule *from, struct err *err)
{
	uint32_t action;
	if (take_action(from->action, from->errno_ret, &action, err))
		return -1;
	/* libseccomp takes one condition per argument and rule; conditions on the same argument are
	 * alternatives with runc, so each becomes a rule of its own. */
	bool alternatives = repeats_an_argument(from);
	struct plan_filter_rule *rule = NULL;
	for (size_t i = 0; i < from->args.n; i++) {
		if (!rule || alternatives)
			rule = add_rule(r, filter, from, action);
		if (!rule)
			return err_oom(err);
		if (add_arg(r, rule, &from->args.items[i], err))
			return err_context(err, "args[%zu]", i);
	}
	if (!from->args.n && !add_rule(r, filter, from, action))
		return err_oom(err);
	return 0;
}

static uint32_t action_of(const struct spec_seccomp_rule *rule)
{
	struct err none = ERR_INIT;
	uint32_t action = 0;
	(void)take_action(rule->action, rule->errno_ret, &action, &none); /* it was taken before */
	return action;
}

/* As the kernel orders them (ACTION_ONLY of kernel/seccomp.c): less is stricter. */
static bool is_stricter(uint32_t action, uint32_t other)
{
	return (int32_t)(action & SECCOMP_RET_ACTION_FULL) <
	       (int32_t)(other & SECCOMP_RET_ACTION_FULL);
}

/* A rule without conditions, for one of its names. */
struct wide {
	const char *name;
	uint32_t action;
	size_t rule;
};

/* By name; of one name the laxest first, and of those the first. */
static int compare_wide(const void *a, const void *b)
{
	const struct wide *x = a, *y = b;
	int by_name = strcmp(x->name, y->name);
	if (by_name)
		return by_name;
	if (is_stricter(x->action, y->action) != is_stricter(y->action, x->action))
		return is_stricter(x->action, y->action) ? 1 : -1;
	return (x->rule > y->rule) - (x->rule < y->rule);
}

/* Of those with that name the laxest, or NULL. */
static const struct wide *find_wide(const struct wide *wide, size_t n, const char *name)
{
	size_t low = 0;
	for (size_t high = n; low < high;) {
		size_t middle = low + (high - low) / 2;
		if (strcmp(wide[middle].name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < n && !strcmp(wide[low].name, name) ? &wide[low] : NULL;
}

/* Fills `ret` if it isn't NULL; how many there are, and the laxest action of all.  libseccomp
 * isn't given a rule with the default action. */
static size_t list_wide(const struct plan_filter *filter, const struct spec_seccomp *from,
			struct wide *ret, uint32_t *ret_laxest)
{
	size_t n = 0;
	for (size_t i = 0; i < from->syscalls.n; i++) {
		const struct spec_seccomp_rule *rule = &from->syscalls.items[i];
		uint32_t action = action_of(rule);
		if (rule->args.n || action == filter->default_action)
			continue;
		if (n == 0 || is_stricter(*ret_laxest, action))
			*ret_laxest = action;
		for (size_t k = 0; k < rule->names.n; k++, n++)
			if (ret)
				ret[n] = (struct wide){rule->names.items[k], action, i};
	}
	return n;
}

static int check_rule_lost(const struct spec_seccomp *from, const struct spec_seccomp_rule *narrow,
			   const struct wide *wide, size_t n, struct err *err)
{
	uint32_t action = action_of(narrow);
	for (size_t k = 0; k < narrow->names.n; k++) {
		const char *name = narrow->names.items[k];
		const struct wide *over = find_wide(wide, n, name);
		if (over && is_stricter(action, over->action))
			return err_set(err, ERR_SPEC,
				       "%s for some arguments of '%s' would be lost, for "
				       "syscalls[%zu] says %s for all of them; give that "
				       "the opposite condition",
				       narrow->action, name, over->rule,
				       from->syscalls.items[over->rule].action);
	}
	return 0;
}

/* A rule without conditions is all that libseccomp keeps of a call, whichever comes first, so
 * what is denied under a condition would silently be allowed (W-13).  Only under a condition:
 * the engines' own profiles allow a call and deny it further down, and there the first counts.
 * Most profiles have no stricter rule with conditions, and are not sorted for it. */
static int check_lost(const struct plan_filter *filter, const struct spec_seccomp *from,
		      struct err *err)
{
	uint32_t laxest = 0;
	size_t n = list_wide(filter, from, NULL, &laxest);
	autofree struct wide *wide = NULL;
	for (size_t i = 0; n && i < from->syscalls.n; i++) {
		const struct spec_seccomp_rule *narrow = &from->syscalls.items[i];
		if (!narrow->args.n || !is_stricter(action_of(narrow), laxest))
			continue;
		if (!wide) {
			wide = calloc(n, sizeof(*wide));
			if (!wide)
				return err_oom(err);
			(void)list_wide(filter, from, wide, &laxest);
			qsort(wide, n, sizeof(*wide), compare_wide);
		}
		if (check_rule_lost(from, narrow, wide, n, err))
			return err_context(err, "syscalls[%zu]", i);
	}
	return 0;
}

static int take_flags(struct resolve *r, const struct spec_seccomp *from,
		      struct plan_filter *filter, struct err *err)
{
	static const struct {
		const char *name;
		uint32_t flag;
	} flags[] = {
		{"SECCOMP_FILTER_FLAG_TSYNC", SECCOMP_FILTER_FLAG_TSYNC},
		{"SECCOMP_FILTER_FLAG_LOG", SECCOMP_FILTER_FLAG_LOG},
		{"SECCOMP_FILTER_FLAG_SPEC_ALLOW", SECCOMP_FILTER_FLAG_SPEC_ALLOW},
		{"SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV", SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV},
	};
	for (size_t i = 0; i < from->flags.n; i++) {
		size_t f = 0;
		while (f < ARRAY_LEN(flags) && strcmp(flags[f].name, from->flags.items[i]))
			f++;
		if (f == ARRAY_LEN(flags))
			return err_set(err, ERR_SPEC, "flags[%zu]: '%s' is unknown", i,
				       from->flags.items[i]);
		filter->flags |= flags[f].flag;
	}
	if ((filter->flags & SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV) &&
	    r->host->kernel_version < LINUX_5_19)
		return err_set(err, ERR_HOST,
			       "linux.seccomp.flags: SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV needs "
			       "Linux 5.19");
	return 0;
}

static int take_listener(struct resolve *r, const struct spec_seccomp *from,
			 struct plan_filter *filter, struct err *err)
{
	bool used = false;
	if (filter->default_action == SECCOMP_RET_USER_NOTIF)
		return err_set(
			err, ERR_SPEC,
			"defaultAction: SCMP_ACT_NOTIFY would stop the program before it starts");
	for (size_t i = 0; i < from->syscalls.n; i++) {
		const struct spec_seccomp_rule *rule = &from->syscalls.items[i];
		if (strcmp(rule->action, "SCMP_ACT_NOTIFY"))
			continue;
		used = true;
		/* This call hands the listener over, when the filter stands and nobody would answer
		 * yet. */
		if (str_list_has(&rule->names, "sendmsg"))
			return err_set(err, ERR_SPEC,
				       "syscalls[%zu]: sendmsg can't have SCMP_ACT_NOTIFY", i);
	}
	if (!used && (filter->flags & SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV))
		return err_set(err, ERR_SPEC,
			       "flags: SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV needs a rule with "
			       "SCMP_ACT_NOTIFY");
	if (!used)
		return 0; /* a listener without a rule that notifies would wait for nothing */
	filter->listener_path = keep(r, from->listener_path);
	filter->listener_metadata = keep(r, from->listener_metadata);
	/* seccomp(2) takes a listener or thread synchronisation, and there is one thread only. */
	filter->flags &= ~(uint32_t)SECCOMP_FILTER_FLAG_TSYNC;
	return 0;
}

static int take_filter(struct resolve *r, const struct spec_seccomp *from, struct err *err)
{
	struct plan_filter *filter = RESOLVE_PUSH(r, &r->plan->filters);
	if (!filter)
		return err_oom(err);
	filter->kind = FILTER_RULES;
	if (take_action(from->default_action, from->default_errno_ret, &filter->default_action,
			err))
		return err_context(err, "defaultAction");
	for (size_t i = 0; i < from->architectures.n; i++)
		list_add(r, &filter->archs, from->architectures.items[i]);
	for (size_t i = 0; i < from->syscalls.n; i++)
		if (take_rule(r, filter, &from->syscalls.items[i], err))
			return err_context(err, "syscalls[%zu]", i);
	if (check_lost(filter, from, err))
		return -1;
	if (take_flags(r, from, filter, err))
		return -1;
	return take_listener(r, from, filter, err);
}

int oci_filter(struct resolve *r, struct err *err)
{
	if (r->lin->seccomp && take_filter(r, r->lin->seccomp, err))
		return err_context(err, "linux.seccomp");
	/* Without no_new_privs only CAP_SYS_ADMIN may load a filter (seccomp(2)). */
	r->plan->filter_point =
		r->plan->process.no_new_privs ? FILTER_BEFORE_EXEC : FILTER_BEFORE_DROP;
	return 0;
}
