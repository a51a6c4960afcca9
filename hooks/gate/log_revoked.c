/* Reads the lines that revoke and unrevoke leave: "image HEX: why", with the verb as the rule. */
#include "config.h"

#include "gate/log_revoked.h"

#include "base/json.h"
#include "gate/digest.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/banned.h"

static const char *text_of(const struct json *root, const char *key)
{
	const struct json *v = json_get(root, key);

	return v && v->type == JSON_STRING ? v->text : "";
}

static struct log_revocation *find(log_revocation_list *list, const char *kind, const char *hex)
{
	for (size_t i = 0; i < list->n; i++)
		if (strcmp(list->items[i].kind, kind) == 0 && strcmp(list->items[i].hex, hex) == 0)
			return &list->items[i];
	return NULL;
}

/* "image HEX: why" -> "image", "HEX". */
static bool split(struct arena *arena, const char *message, const char **ret_kind,
		  const char **ret_hex)
{
	size_t kind = strcspn(message, " "),
	       hex = message[kind] ? strcspn(message + kind + 1, ":") : 0;
	char *copy = arena_strdup(arena, message);

	if (!copy || hex != 64)
		return false;
	copy[kind] = copy[kind + 1 + hex] = '\0';
	*ret_kind = copy;
	*ret_hex = copy + kind + 1;
	return gate_is_hex64(*ret_hex) && (strcmp(copy, "image") == 0 ||
					   strcmp(copy, "record") == 0 || strcmp(copy, "key") == 0);
}

static int take(const struct json *root, struct arena *arena, log_revocation_list *list,
		struct err *err)
{
	bool taken_back = strcmp(text_of(root, "rule"), "unrevoke") == 0;
	struct log_revocation *one;
	const char *kind, *hex;

	if (strcmp(text_of(root, "event"), "admin") != 0 ||
	    (!taken_back && strcmp(text_of(root, "rule"), "revoke") != 0) ||
	    !split(arena, text_of(root, "message"), &kind, &hex))
		return 0;
	one = find(list, kind, hex);
	if (!one)
		one = ARENA_PUSH(arena, list);
	if (!one)
		return err_oom(err);
	*one = (struct log_revocation){.kind = kind,
				       .hex = hex,
				       .at = arena_strdup(arena, text_of(root, "time")),
				       .taken_back = taken_back};
	return one->at ? 0 : err_oom(err);
}

int log_revoked_line(const char *text, size_t len, struct arena *arena, log_revocation_list *list,
		     struct err *err)
{
	struct arena own = ARENA_INIT;
	struct err broken = ERR_INIT; /* chain.h says what is wrong with a line */
	const struct json *root;
	int status = 0;

	/* Nearly all lines are decisions. */
	if (!memmem(text, len, "revoke\"", strlen("revoke\"")))
		return 0;
	if (json_parse(&own, text, len, &root, &broken) == 0)
		status = take(root, arena, list, err);
	else if (broken.sys_errno == ENOMEM)
		status = err_oom(err);
	arena_release(&own);
	return status;
}

int log_revoked_print_gone(const log_revocation_list *list, const struct gate_store *store,
			   size_t *ret_gone, struct err *err)
{
	*ret_gone = 0;
	for (size_t i = 0; i < list->n; i++) {
		const struct log_revocation *one = &list->items[i];
		int revoked = one->taken_back
				      ? 1
				      : gate_store_is_revoked(store, one->kind, one->hex, err);

		if (revoked < 0)
			return -1;
		if (revoked)
			continue;
		++*ret_gone;
		printf("revocation of %s %s, logged %s, is gone from the store, and no unrevoke "
		       "took it back; run: kanuki-gate revoke %s %s\n",
		       one->kind, one->hex, one->at, one->kind, one->hex);
	}
	return 0;
}
