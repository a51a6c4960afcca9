/* Is a trail what its writers wrote?  Lines in, findings out; pure.
 *
 * A line is judged when the one after it is known: whether the next line's prev
 * fits it tells a line that was changed from one whose neighbour was.  Memory is
 * bounded whatever the trail's length.
 */
#ifndef KANUKI_AUDIT_CHAIN_H
#define KANUKI_AUDIT_CHAIN_H

#include "audit/trail.h"
#include "base/sha256.h"

#define CHAIN_FINDINGS_MAX 100u /* kept; the rest is counted */

enum chain_kind {
	CHAIN_TORN,	 /* a writer was stopped within the line; the chain goes on after it */
	CHAIN_CHANGED,
	CHAIN_REMOVED,	 /* lines from..to are missing before this one */
	CHAIN_INSERTED,
	CHAIN_REORDERED, /* lines from..to are there, but behind this one */
	CHAIN_CUT,	 /* the end is missing: lines from..to */
	CHAIN_AHEAD,	 /* lines behind the head: put there by no writer, or the head is an old one */
	CHAIN_HEADLESS,	 /* no head, or an unreadable one: the end can't be judged */
	CHAIN_TOLD,	 /* a writer found it wrong and said so */
};
const char *chain_kind_name(enum chain_kind kind);

struct chain_place {
	unsigned file;	 /* as given to chain_line */
	uint64_t line;	 /* from 1 */
	uint64_t byte;	 /* where the line begins, from 0; CHAIN_TORN, CHAIN_CUT: where it ends */
};

struct chain_finding {
	enum chain_kind kind;
	struct chain_place at;
	uint64_t from, to;	/* seq; 0: none */
	uint64_t seen;		/* of from..to, so many turned up later */
	enum trail_found found; /* CHAIN_TOLD */
};

struct chain_line {
	struct chain_place at;
	struct trail_link link;
	char hash[SHA256_HEX_SIZE];
	bool judged; /* it is among the findings */
};

/* Lines between two whole ones that are no lines of a trail. */
struct chain_torn {
	size_t n;
	bool open;		     /* the last one has no newline */
	char chain[SHA256_HEX_SIZE]; /* what prev must be behind them */
	struct chain_place at, end;
};

struct chain {
	struct chain_finding findings[CHAIN_FINDINGS_MAX];
	size_t n_findings, n_more;
	uint64_t lines, first, last; /* whole lines; seq of the first and the last */
	/* internal */
	bool has_before, has_line;
	struct chain_line before; /* the last line in its place */
	struct chain_line line;	  /* the newest whole line, to be judged */
	bool open;		  /* `line` has no newline */
	struct chain_torn torn_before, torn; /* what stands before `line`, and behind it */
};

#define CHAIN_INIT {0}

/* The next line, the `number`th of its file, without its newline; `ended`: it had one. */
void chain_line(struct chain *chain, unsigned file, uint64_t number, uint64_t byte,
		const char *text, size_t len, bool ended);
/* The end. `head` is the head's text, NULL when there is none; `known` false: nobody
 * expects one (a rotated file alone). `at` is the end of the last file. True: no findings. */
bool chain_end(struct chain *chain, const struct chain_place *at, const char *head, size_t head_len,
	       bool known);

/* What chain_end found, as text: a line for each finding, or how many lines are verified.
 * `files` are the names by number.  chain_print.c */
void chain_print(const struct chain *chain, const char *const *files, bool good, struct str *out);

#endif
