/* The parts of the printed plan; internal to plan/.  See print.c for the format. */
#ifndef KANUKI_PLAN_PRINT_H
#define KANUKI_PLAN_PRINT_H

#include "base/str.h"
#include "plan/plan.h"

#define PRINT_MAX_RULES 8

/* Every line asks all owners and all changes whose it is: by its first letter, it asks few. */
#define PRINT_LETTERS 32
static inline unsigned print_letter(const char *key)
{
	return (unsigned char)key[0] % PRINT_LETTERS;
}
struct print_change {
	bool told;   /* a line has carried it */
	size_t next; /* of the same letter: its number + 1; 0: none */
};

struct printer {
	const struct plan *plan;
	bool diff;
	bool recorded; /* only lines of what plan/store.c records: the rest of `plan` is unknown, not empty */
	struct str *out;
	struct str key;			    /* of the line being written, as in plan->changes */
	const char *rules[PRINT_MAX_RULES]; /* that own the line (level hardened) */
	size_t n_rules;
	struct print_change *changes;	 /* one for each of the plan's */
	size_t first[PRINT_LETTERS];	 /* of them: its number + 1; 0: none */
	uint64_t owners[PRINT_LETTERS];	 /* by their numbers in print.c's table */
	size_t value_at; /* in `out`: where the value of the line being written begins */
	const char **values; /* per change: the value of its line, in `arena`; or NULL */
	struct arena *arena;
};

/* A line: begin, append the value to p->out, end.  `name` is untrusted text and
 * is appended to `key` (which then ends in '.' or ' '), or NULL. */
void print_begin(struct printer *p, const char *key, const char *name);
void print_begin_indexed(struct printer *p, const char *key, size_t index);
/* A rule that owns the line being written (only shown at level hardened). */
void print_owner(struct printer *p, const char *rule);
void print_end(struct printer *p);

/* Whole lines. */
void print_text(struct printer *p, const char *key, const char *trusted);
void print_word_line(struct printer *p, const char *key, const char *untrusted); /* NULL: none */
void print_yes_no(struct printer *p, const char *key, bool yes);
void print_number(struct printer *p, const char *key, int64_t n);

/* Untrusted text as one word: bare where every character is harmless, else
 * quoted and escaped.  NULL: none. */
void print_word(struct str *out, const char *untrusted);
void print_words(struct str *out, const struct str_list *list, const char *separator);
void print_idmaps(struct str *out, const plan_idmaps *maps);

void print_process(struct printer *p);
void print_namespaces(struct printer *p);
void print_mounts(struct printer *p);
void print_confinement(struct printer *p); /* filters, Landlock, cgroup, hooks */

#endif
