/* The rule table as text. */
#include "config.h"

#include "policy/rules.h"

#include "base/str.h"

#include <stdio.h>
#include <string.h>

#include "base/banned.h"

#define ROW(id, name, holds, serves, key) {id, name, holds, serves, key},
static const struct policy_rule rows[] = {POLICY_RULES(ROW)};

const struct policy_rule *policy_rule_find(const char *id)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (!strcmp(rows[i].id, id))
			return &rows[i];
	return NULL;
}

const char *policy_rule_changed_by(const struct policy_rule *rule, const struct err *refusal)
{
	switch ((enum err_changed_by)refusal->by) {
	case ERR_BY_LEVEL:
		return "no key but level";
	case ERR_BY_NOTHING:
		return "no key";
	case ERR_BY_KEYS:
		break;
	}
	return rule->key;
}

const char *policy_rule_note(const struct policy_rule *rule, const struct err *refusal,
			     char buf[POLICY_NOTE_SIZE])
{
	(void)snprintf(buf, POLICY_NOTE_SIZE, " [changed by: %s; serves: %s]",
		       refusal ? policy_rule_changed_by(rule, refusal) : rule->key, rule->serves);
	return buf;
}

static bool has_change(const struct plan *plan, const char *id)
{
	for (size_t i = 0; i < plan->changes.n; i++)
		if (!strcmp(plan->changes.items[i].rule, id))
			return true;
	return false;
}

static const struct plan_rule *find_asked(const struct plan *plan, const char *id)
{
	for (size_t i = 0; i < plan->rules.n; i++)
		if (!strcmp(plan->rules.items[i].id, id))
			return &plan->rules.items[i];
	return NULL;
}

static void add_rule(const struct policy_rule *rule, const char *how, const char *clause,
		     struct str *out)
{
	char note[POLICY_NOTE_SIZE];

	str_addf(out, "# %s %s: %s%s%s\n", rule->id, rule->name, how, clause,
		 policy_rule_note(rule, NULL, note));
}

void policy_print_rules(const struct plan *plan, struct str *out)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (has_change(plan, rows[i].id))
			add_rule(&rows[i], "", rows[i].holds, out);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct plan_rule *asked =
			has_change(plan, rows[i].id) ? NULL : find_asked(plan, rows[i].id);

		if (asked && asked->idle)
			add_rule(&rows[i], "nothing to do: ", asked->idle, out);
		else if (asked)
			add_rule(&rows[i], "unchanged: ", rows[i].holds, out);
	}
}
