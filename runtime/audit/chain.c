/* Owns the judgement of a trail; see the header.  Must not read anything itself. */
#include "config.h"

#include "audit/chain.h"

#include "base/sha256.h"

#include <string.h>

#include "base/banned.h"

const char *chain_kind_name(enum chain_kind kind)
{
	switch (kind) {
	case CHAIN_TORN: return "torn";
	case CHAIN_CHANGED: return "changed";
	case CHAIN_REMOVED: return "removed";
	case CHAIN_INSERTED: return "inserted";
	case CHAIN_REORDERED: return "reordered";
	case CHAIN_CUT: return "cut";
	case CHAIN_AHEAD: return "ahead of the head";
	case CHAIN_HEADLESS: return "headless";
	case CHAIN_TOLD: return "found by a writer";
	}
	return "unknown";
}

static struct chain_finding *add(struct chain *chain, enum chain_kind kind,
				 const struct chain_place *at)
{
	static struct chain_finding beyond;
	struct chain_finding *f = &beyond;

	if (chain->n_findings < CHAIN_FINDINGS_MAX)
		f = &chain->findings[chain->n_findings++];
	else
		chain->n_more++;
	*f = (struct chain_finding){.kind = kind, .at = *at};
	return f;
}

static void add_range(struct chain *chain, enum chain_kind kind, const struct chain_place *at,
		      uint64_t from, uint64_t to)
{
	struct chain_finding *f = add(chain, kind, at);

	f->from = from;
	f->to = to;
}

static void add_line(struct chain *chain, enum chain_kind kind, struct chain_line *line)
{
	if (!line->judged)
		add_range(chain, kind, &line->at, line->link.seq, line->link.seq);
	line->judged = true;
}

/* A line out of its place that an earlier gap lacks: then it was moved, not removed. */
static bool fills_gap(struct chain *chain, uint64_t seq)
{
	for (size_t i = chain->n_findings; i-- > 0;) {
		struct chain_finding *f = &chain->findings[i];

		if (f->kind != CHAIN_REMOVED || seq < f->from || seq > f->to)
			continue;
		if (++f->seen == f->to - f->from + 1)
			f->kind = CHAIN_REORDERED;
		return true;
	}
	return false;
}

/* Two hashes of different texts agree in about 4 of their 64 digits.  Far more: it was
 * the hash that was touched, not the text that it is of. */
static bool is_near(const char a[SHA256_HEX_SIZE], const char b[SHA256_HEX_SIZE])
{
	unsigned same = 0;

	for (size_t i = 0; i < 64; i++)
		same += a[i] == b[i];
	return same >= 32 && same < 64;
}

/* What is known of a line from what follows it. */
enum witness { WITNESS_NONE, WITNESS_FOR, WITNESS_AGAINST };

/* `next` was chained to `line`, through torn lines or past what was put between them. */
static bool links(const struct chain_line *line, const struct chain_torn *torn,
		  const struct chain_line *next)
{
	return strcmp(next->link.prev, line->hash) == 0 ||
	       (torn->n && strcmp(next->link.prev, torn->chain) == 0);
}

static enum witness witness_next(const struct chain *chain, const struct chain_line *next)
{
	const struct chain_line *line = &chain->line;
	uint64_t due = chain->has_before ? chain->before.link.seq + 1 : line->link.seq;

	if (links(line, &chain->torn, next) || is_near(next->link.prev, line->hash))
		return WITNESS_FOR;
	/* The writer that says so took the head's word, not the line's. */
	if (next->link.seq == line->link.seq + 1 ||
	    (next->link.seq == due + 1 && line->link.seq != due))
		return WITNESS_AGAINST;
	return WITNESS_NONE;
}

/* `line` takes its place: what follows must continue from it. */
static void accept(struct chain *chain, uint64_t seq)
{
	chain->before = chain->line;
	chain->before.link.seq = seq;
	chain->has_before = true;
}

/* The first line of all: what it continues isn't here, except in the first file. */
static void judge_first(struct chain *chain)
{
	struct chain_line *line = &chain->line;
	const struct chain_torn *torn = &chain->torn_before;
	const struct trail_link *link = &line->link;

	if (torn->n && link->torn && (link->seq > 1 || strcmp(link->prev, torn->chain) == 0))
		(void)add(chain, CHAIN_TORN, &torn->end);
	else if (torn->n)
		(void)add(chain, CHAIN_CHANGED, &torn->at);
	else if (link->torn || (link->seq == 1 && strcmp(link->prev, TRAIL_NONE) != 0))
		add_line(chain, CHAIN_CHANGED, line);
	accept(chain, link->seq);
}

/* Something unreadable stands between the line before and this one. */
static void judge_torn(struct chain *chain)
{
	const struct trail_link *link = &chain->line.link;
	const struct chain_torn *torn = &chain->torn_before;
	uint64_t due = chain->before.link.seq + 1;

	if (link->seq == due && link->torn && strcmp(link->prev, torn->chain) == 0)
		(void)add(chain, CHAIN_TORN, &torn->end);
	else if (link->seq == due && !link->torn && strcmp(link->prev, chain->before.hash) == 0)
		(void)add(chain, CHAIN_INSERTED, &torn->at);
	else if (link->seq > due)
		add_range(chain, CHAIN_CHANGED, &torn->at, due, link->seq - 1);
	else
		(void)add(chain, CHAIN_CHANGED, &torn->at);
	accept(chain, link->seq);
}

/* Its number was there already, or is older. */
static void judge_behind(struct chain *chain, enum witness witness)
{
	struct chain_line *line = &chain->line;

	if (fills_gap(chain, line->link.seq))
		return;
	if (line->link.seq == chain->before.link.seq && witness == WITNESS_FOR &&
	    strcmp(line->hash, chain->before.hash) != 0) {
		add_line(chain, CHAIN_INSERTED, &chain->before);
		accept(chain, line->link.seq);
		return;
	}
	add_line(chain, CHAIN_INSERTED, line);
}

/* chain->line, with the lines before it and a witness from behind it. */
static void judge(struct chain *chain, enum witness witness)
{
	struct chain_line *line = &chain->line;
	uint64_t due = chain->before.link.seq + 1;

	if (line->link.found != FOUND_SOUND)
		add(chain, CHAIN_TOLD, &line->at)->found = line->link.found;
	if (!chain->has_before) {
		if (witness == WITNESS_AGAINST)
			add_line(chain, CHAIN_CHANGED, line);
		judge_first(chain);
	} else if (witness == WITNESS_AGAINST) {
		add_line(chain, CHAIN_CHANGED, line);
		if (chain->torn_before.n)
			judge_torn(chain);
		accept(chain, due);
	} else if (chain->torn_before.n) {
		judge_torn(chain);
	} else if (line->link.seq < due) {
		judge_behind(chain, witness);
	} else if (line->link.seq > due) {
		add_range(chain, CHAIN_REMOVED, &line->at, due, line->link.seq - 1);
		accept(chain, line->link.seq);
	} else {
		if (line->link.torn)
			add_range(chain, CHAIN_REMOVED, &line->at, due, due);
		else if (is_near(line->link.prev, chain->before.hash))
			add_line(chain, CHAIN_CHANGED, line);
		else if (strcmp(line->link.prev, chain->before.hash) != 0)
			add_line(chain, CHAIN_CHANGED, &chain->before);
		accept(chain, due);
	}
}

static void add_torn(struct chain *chain, const struct chain_place *at, const char *text,
		     size_t len, bool ended)
{
	struct chain_torn *torn = &chain->torn;
	const char *from = torn->n ? torn->chain : chain->has_line ? chain->line.hash : TRAIL_NONE;

	trail_chain_torn(from, text, len, torn->chain);
	if (!torn->n++)
		torn->at = *at;
	torn->end = *at;
	torn->end.byte += len;
	torn->open = !ended;
}

void chain_line(struct chain *chain, unsigned file, uint64_t number, uint64_t byte,
		const char *text, size_t len, bool ended)
{
	struct chain_line next = {.at = {.file = file, .line = number, .byte = byte}};

	/* All but its newline arrived: nothing is lost, if it is the last. */
	if (!trail_link_parse(text, len, &next.link)) {
		add_torn(chain, &next.at, text, len, ended);
		return;
	}
	sha256_hex(text, len, next.hash);
	if (chain->has_line)
		judge(chain, witness_next(chain, &next));
	else
		chain->first = next.link.seq;
	chain->lines++;
	chain->last = next.link.seq;
	chain->line = next;
	chain->has_line = true;
	chain->open = !ended;
	chain->torn_before = chain->torn;
	chain->torn = (struct chain_torn){0};
}

/* The head is one behind: it must be the line before's, as the newest line was chained to it. */
static bool is_one_behind(const struct chain *chain, const struct chain_line *previous,
			  const char hash[SHA256_HEX_SIZE])
{
	if (previous)
		return strcmp(previous->hash, hash) == 0;
	return chain->torn_before.n || strcmp(chain->line.link.prev, hash) == 0;
}

/* The newest line says that the one before is another than the head knew.  Where the two lines
 * themselves disagree, that is told already. */
static void add_unless_known(struct chain *chain, const struct chain_line *previous)
{
	struct chain_line line = previous ? *previous : chain->line;

	if (!chain->n_findings && !chain->n_more)
		add_line(chain, CHAIN_CHANGED, &line);
}

/* Against the head `seq`, `hash`; `previous`: the line before the newest, or NULL. */
static void judge_end(struct chain *chain, const struct chain_place *at,
		      const struct chain_line *previous, uint64_t seq,
		      const char hash[SHA256_HEX_SIZE])
{
	uint64_t last = chain->has_before ? chain->before.link.seq : 0;

	if (seq > last && chain->torn.n && !chain->torn.open)
		add_range(chain, CHAIN_CHANGED, &chain->torn.at, last + 1, seq);
	else if (seq > last)
		add_range(chain, CHAIN_CUT, chain->torn.n ? &chain->torn.end : at, last + 1, seq);
	else if (chain->open && seq == last)
		add_range(chain, CHAIN_CUT, at, last, last); /* its newline: the head came after it */
	else if (chain->torn.n || chain->open)
		(void)add(chain, CHAIN_TORN, chain->torn.n ? &chain->torn.end : at);
	if (seq + 1 < last)
		add_range(chain, CHAIN_AHEAD, &chain->line.at, seq + 1, last);
	else if (seq + 1 == last && !is_one_behind(chain, previous, hash))
		add_unless_known(chain, previous);
	else if (seq == last && chain->has_before && strcmp(chain->before.hash, hash) != 0)
		add_line(chain, CHAIN_CHANGED, &chain->before);
}

bool chain_end(struct chain *chain, const struct chain_place *at, const char *head, size_t head_len,
	       bool known)
{
	enum witness witness = WITNESS_NONE;
	struct chain_line previous = chain->before;
	bool has_previous = chain->has_before;
	uint64_t seq = 0;
	char hash[SHA256_HEX_SIZE];
	bool has_head = head && trail_head_parse(head, head_len, &seq, hash);

	if (chain->has_line) {
		if (has_head && strcmp(hash, chain->line.hash) == 0)
			witness = WITNESS_FOR;
		else if (has_head && (seq == chain->line.link.seq ||
				      (has_previous && seq == previous.link.seq + 1)))
			witness = WITNESS_AGAINST;
		judge(chain, witness);
	}
	if (has_head)
		judge_end(chain, at, has_previous ? &previous : NULL, seq, hash);
	else if (chain->torn.n || chain->open)
		(void)add(chain, CHAIN_TORN, chain->torn.n ? &chain->torn.end : at);
	/* The first line's writer may have died before it made the head. */
	if (!has_head && known && chain->has_line && !(chain->line.link.seq == 1 && head_len == 0))
		(void)add(chain, CHAIN_HEADLESS, at);
	return chain->n_findings == 0;
}
