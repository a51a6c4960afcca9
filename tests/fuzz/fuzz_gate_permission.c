/* Any bytes as a permission: refused clearly, or one that says all that its kind must, prints, and
 * is the same when read again. */
#include "config.h"

#include "gate/findings.h"
#include "gate/permission.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define must(cond)                                                                                 \
	do {                                                                                       \
		if (!(cond)) {                                                                     \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #cond);                 \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

static void check_permission(const struct permission *p, struct arena *arena)
{
	autostr text = STR_INIT, again = STR_INIT;
	struct err err = ERR_INIT;
	struct permission read;

	must(p->kind == PERMISSION_WAIVER || p->kind == PERMISSION_PERMIT ||
	     p->kind == PERMISSION_BREAKGLASS);
	must(p->owner && p->owner[0] && p->created > 0 && p->expires > p->created && !p->id &&
	     !p->signers.n);
	must(p->images.n || (p->kind == PERMISSION_BREAKGLASS && p->namespaces.n));
	for (size_t i = 0; i < p->images.n; i++)
		must(digest_is_valid(p->images.items[i]));
	must(p->kind != PERMISSION_WAIVER || (p->finding && p->finding[0]));
	must(p->kind != PERMISSION_BREAKGLASS || (p->reason && p->reason[0]));
	must((unsigned)p->severity_max < SEVERITY_COUNT);
	must(!permission_print(p, &text, &err) &&
	     !permission_parse(arena, str_text(&text), text.len, &read, &err));
	must(read.kind == p->kind && read.images.n == p->images.n &&
	     read.namespaces.n == p->namespaces.n);
	must(read.created == p->created && read.expires == p->expires &&
	     read.severity_max == p->severity_max);
	must(!permission_print(&read, &again, &err) && text.len == again.len &&
	     !memcmp(text.s, again.s, text.len));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = ARENA_INIT;
	struct err err = ERR_INIT;
	struct permission permission;

	if (permission_parse(&arena, (const char *)data, size, &permission, &err))
		must((err.kind == ERR_SPEC || err.kind == ERR_SYSTEM) && err.msg[0]);
	else
		check_permission(&permission, &arena);
	arena_release(&arena);
	return 0;
}
