/* The policy parser's key table, a line for each key: path, JSON type, what a list holds or
 * which words there are, the numbers' range.  tests/lint/policy.sh compares it. */
#include "config.h"

#include "policy/conf_keys.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Those that a file can say: a key that means nothing at level oci takes no word that is
 * looser than hardened's, unless a file at hardened may. */
static void print_words(const struct key_row *key)
{
	struct policy_conf hardened;
	const char *names[16];
	unsigned least = 0;
	size_t n = 0;

	policy_conf_of_level(LEVEL_HARDENED, &hardened);
	for (const struct key_word *w = key->words; w->name; w++)
		if (!(key->flags & (KEY_AT_OCI | KEY_FREE_AT_HARDENED)) && w->value == key_load(key, &hardened))
			least = w->rank;
	for (const struct key_word *w = key->words; w->name && n < ARRAY_LEN(names); w++)
		if (w->rank >= least)
			names[n++] = w->name;
	qsort(names, n, sizeof(names[0]), by_text);
	for (size_t i = 0; i < n; i++)
		printf("%s%s", i ? "," : " ", names[i]);
}

static void walk(const struct key_table *table, const char *prefix)
{
	static const char *const types[] = {"null", "boolean", "integer", "string", "array", "object"};

	for (size_t i = 0; i < table->n; i++) {
		const struct key_row *key = &table->rows[i];
		const struct key_table *inner = key->type == &type_mounts	 ? &conf_mount_keys
						 : key->type == &type_exceptions ? &conf_exception_keys
										 : NULL;

		printf("%s%s %s", prefix, key->path, types[key->type->json]);
		if (key->words)
			print_words(key);
		else if (key->type->json == JSON_ARRAY)
			printf(" %s", types[key->type->item]);
		else
			printf(" -");
		if (key->type->json == JSON_NUMBER || key->type->item == JSON_NUMBER)
			printf(" %" PRId64 "..%" PRId64, key->min, key->max);
		printf("\n");
		if (inner) {
			char deeper[128];
			(void)snprintf(deeper, sizeof(deeper), "%s%s[].", prefix, key->path);
			walk(inner, deeper);
		}
	}
}

int main(void)
{
	walk(&conf_keys, "");
	return 0;
}
