/* Owns what both kinds of VEX share: what a product means here, and which statement is
 * the latest.
 *
 * A product that is neither a digest nor the exact purl of a package is kept as it was
 * written and matches nothing: a statement on "some image" suppresses nothing.
 */
#include "config.h"

#include "gate/import_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/banned.h"

#define MAX_STATEMENTS 65536

/* pkg:oci/name@sha256%3A..., or with a colon; -> "sha256:..." */
static bool oci_digest(const char *purl, char ret[DIGEST_LEN + 1])
{
	static const char *const colons[] = {"@sha256:", "@sha256%3A", "@sha256%3a"};
	if (strncmp(purl, "pkg:oci/", 8) != 0 && strncmp(purl, "pkg:docker/", 11) != 0)
		return false;
	for (size_t i = 0; i < ARRAY_LEN(colons); i++) {
		const char *at = strstr(purl, colons[i]);
		if (!at)
			continue;
		const char *hex = at + strlen(colons[i]);
		size_t n = strspn(hex, "0123456789abcdef");
		if (n != 64 || (hex[n] && hex[n] != '?' && hex[n] != '#'))
			return false;
		(void)snprintf(ret, DIGEST_LEN + 1, "sha256:%.64s", hex);
		return true;
	}
	return false;
}

static int keep(struct import *imp, const char *text, const char **ret, struct err *err)
{
	*ret = arena_strdup(imp->arena, text);
	return *ret ? 0 : err_oom(err);
}

int vex_product(struct import *imp, const char *id, const char *subcomponent,
		const char **ret_product, const char **ret_image, struct err *err)
{
	char digest[DIGEST_LEN + 1] = "";
	*ret_image = NULL;
	if (import_is_digest(id))
		(void)snprintf(digest, sizeof(digest), "%s", id);
	else
		(void)oci_digest(id, digest);
	if (digest[0] && keep(imp, digest, ret_image, err) < 0)
		return -1;
	if (subcomponent && digest[0])
		return keep(imp, subcomponent, ret_product, err);
	return keep(imp, digest[0] ? digest : id, ret_product, err);
}

int vex_subject(struct import *imp, const struct json *v, struct str_list *ret, struct err *err)
{
	const struct json *digest = json_get(v, "digest");
	const struct json *sha256 = digest ? json_get(digest, "sha256") : NULL;
	const char *hex;
	if (!sha256)
		return json_error(v, err, "no digest.sha256");
	if (json_as_string(sha256, &hex, err) < 0)
		return -1;
	char *text = arena_printf(imp->arena, "sha256:%s", hex);
	if (!text)
		return err_oom(err);
	if (!import_is_digest(text))
		return json_error(sha256, err, "not 64 lower-case hexadecimal digits");
	return import_add(imp, ret, text, err);
}

int vex_add(struct import *imp, const struct vex_statement *statement, struct err *err)
{
	if (imp->report->vex.n == MAX_STATEMENTS)
		return err_set(err, ERR_SPEC, "more than %d statements", MAX_STATEMENTS);
	struct vex_statement *slot = ARENA_PUSH(imp->arena, &imp->report->vex);
	if (!slot)
		return err_oom(err);
	*slot = *statement;
	return 0;
}

static int compare_text(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "");
}

static int by_subject(const struct vex_statement *a, const struct vex_statement *b)
{
	int order = compare_text(a->vulnerability, b->vulnerability);
	order = order ? order : compare_text(a->product, b->product);
	return order ? order : compare_text(a->image, b->image);
}

/* How much a status suppresses: of two at the same time the more careful stays. */
static int boldness(enum vex_status status)
{
	return status == VEX_NOT_AFFECTED || status == VEX_FIXED;
}

static int by_age(const void *a, const void *b)
{
	const struct vex_statement *x = a, *y = b;
	int order = by_subject(x, y);
	if (order)
		return order;
	if (x->at != y->at)
		return x->at > y->at ? -1 : 1;
	return boldness(x->status) - boldness(y->status);
}

void vex_keep_latest(vex_list *list)
{
	size_t n = 0;
	if (list->n)
		qsort(list->items, list->n, sizeof(*list->items), by_age);
	for (size_t i = 0; i < list->n; i++)
		if (n == 0 || by_subject(&list->items[n - 1], &list->items[i]) != 0)
			list->items[n++] = list->items[i];
	list->n = n;
}
