/* What the judges share: writing evidence. Internal to check/. */
#ifndef KANUKI_CHECK_JUDGE_H
#define KANUKI_CHECK_JUDGE_H

#include "check/check.h"
#include "check/items.h"

/* 'text', escaped and cut: whatever names it is not ours. */
void evidence_quote(struct str *evidence, const char *text);
/* The first few of a list, ", and N more". */
void evidence_list(struct str *evidence, const struct str_list *list, uint64_t n_all);
/* One more in a list being written: ", " where something is there already. */
void evidence_next(struct str *evidence, size_t already);
static inline enum check_verdict verdict_unless(bool violated)
{
	return violated ? VERDICT_VIOLATED : VERDICT_HELD;
}
enum check_verdict verdict_unseen(struct str *evidence, const char *what);
#define EVIDENCE_SHOWN 8

#endif
