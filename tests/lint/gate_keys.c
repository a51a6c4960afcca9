/* What the gate's code knows, for tests/lint/gate.sh.  `keys`: a line for each key of the
 * policy: path, JSON type, what a list holds, which words there are, the numbers' range.
 * `defaults`: a line for each key with what holds where a file doesn't say it.
 * `codes`: a line for each reason: name, meaning, who may let it stand, exit status. */
#include "config.h"

#include "gate/policy.h"
#include "gate/policy_keys.h"
#include "gate/reason.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const types[] = {"null", "boolean", "integer", "string", "array", "object"};

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void print_words(const struct key_row *key)
{
	const char *names[16];
	size_t n = 0;

	for (const struct key_word *w = key->words; w && w->name && n < ARRAY_LEN(names); w++)
		names[n++] = w->name;
	qsort(names, n, sizeof(names[0]), by_text);
	for (size_t i = 0; i < n; i++)
		printf("%s%s", i ? "," : " ", names[i]);
	if (!n)
		printf(" -");
}

static void walk(const struct key_table *table, const char *prefix, unsigned flags);

static void print_key(const struct key_row *key, const char *prefix)
{
	bool numbers = key->type->json == JSON_NUMBER || key->type->item == JSON_NUMBER;

	printf("%s%s %s", prefix, key->path, types[key->type->json]);
	if (key->type->json == JSON_ARRAY)
		printf(" %s", types[key->type->item]);
	if (key->type->item != JSON_OBJECT)
		print_words(key);
	if (numbers)
		printf(" %" PRId64 "..%" PRId64, key->min, key->max);
	printf("\n");
}

static void walk(const struct key_table *table, const char *prefix, unsigned flags)
{
	for (size_t i = 0; i < table->n; i++) {
		const struct key_row *key = &table->rows[i];
		char deeper[128];

		if ((key->flags & flags) != flags)
			continue;
		if (key->type->json != JSON_OBJECT)
			print_key(key, prefix);
		(void)snprintf(deeper, sizeof(deeper), "%s%s%s", prefix, key->path, key->type->json == JSON_OBJECT ? "." : "[].");
		if (key->inner)
			walk(key->inner, deeper, 0);
	}
}

static void print_codes(void)
{
	static const struct { unsigned bit; const char *name; } ways[] = {
		{BY_EXCEPTION, "exception"}, {BY_GRACE, "grace"}, {BY_PERMIT, "permit"}, {BY_BREAKGLASS, "break-glass"}};

	for (int code = E_NONE + 1; code < GATE_CODES; code++) {
		const struct gate_code_info *info = gate_code_info(code);
		bool any = false;

		printf("%s|%s. ", info->name, info->meaning);
		for (size_t i = 0; i < ARRAY_LEN(ways); i++)
			if (info->waivable_by & ways[i].bit) {
				printf("%s%s", any ? ", " : "Waived by ", ways[i].name);
				any = true;
			}
		printf("%s", any ? "." : info->exit_status ? "Waived by nobody." : "Only told.");
		if (info->exit_status)
			printf(" Exit %d.", info->exit_status);
		printf("\n");
	}
}

/* As `policy show` prints them of a file that says its version only; of engines the names. */
static int print_defaults(void)
{
	struct gate_policy policy;
	struct err err = ERR_INIT;
	autostr text = STR_INIT;

	gate_policy_defaults(&policy);
	policy.scopes.n = 0;
	if (gate_policy_print(&policy, &text, &err) < 0) {
		fprintf(stderr, "%s\n", err.msg);
		return 1;
	}
	printf("%s", str_text(&text));
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "defaults"))
		return print_defaults();
	if (argc == 2 && !strcmp(argv[1], "codes")) {
		print_codes();
		return 0;
	}
	walk(&policy_keys, "", 0);
	printf("scopes[].tighten object\n");
	walk(&policy_keys, "scopes[].tighten.", KEY_IN_SCOPE);
	return 0;
}
