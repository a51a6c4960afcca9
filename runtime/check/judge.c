/* Evidence: short, escaped, bounded. */
#include "config.h"

#include "check/judge.h"

#include <string.h>

#include "base/banned.h"

#define QUOTED_MAX 120

void evidence_quote(struct str *evidence, const char *text)
{
	size_t len = strlen(text);
	size_t shown = len > QUOTED_MAX ? QUOTED_MAX : len;

	str_add(evidence, "'");
	str_add_printable(evidence, text, shown);
	str_add(evidence, len > shown ? "...'" : "'");
}

void evidence_next(struct str *evidence, size_t already)
{
	if (already)
		str_add(evidence, ", ");
}

void evidence_list(struct str *evidence, const struct str_list *list, uint64_t n_all)
{
	size_t shown = list->n < EVIDENCE_SHOWN ? list->n : EVIDENCE_SHOWN;

	for (size_t i = 0; i < shown; i++) {
		evidence_next(evidence, i);
		evidence_quote(evidence, list->items[i]);
	}
	if (n_all > shown)
		str_addf(evidence, " and %llu more", (unsigned long long)(n_all - shown));
}

enum check_verdict verdict_unseen(struct str *evidence, const char *what)
{
	str_addf(evidence, "%s could not be seen", what);
	return VERDICT_UNKNOWN;
}
