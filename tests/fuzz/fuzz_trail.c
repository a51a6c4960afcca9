/* A trail that was tampered with.  First byte even: the rest is a head and a file; what is
 * verified holds for a reader who knows nothing but the rule.  Odd: the rest are
 * edits of an honest trail; verified is that trail, or its later part, and nothing else. */
#include "config.h"

#include "audit/chain.h"
#include "base/sha256.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define must(cond)                                                                                                     \
	do {                                                                                                           \
		if (!(cond)) {                                                                                         \
			fprintf(stderr, "line %d: %s\n", __LINE__, #cond);                                             \
			abort();                                                                                       \
		}                                                                                                      \
	} while (0)

static bool judge(struct chain *chain, const char *text, size_t len, const char *head, size_t head_len)
{
	struct chain_place at = {0};
	bool good;
	*chain = (struct chain)CHAIN_INIT;
	while (at.byte < len) {
		const char *line = text + at.byte, *newline = memchr(line, '\n', len - at.byte);
		size_t n = newline ? (size_t)(newline - line) : len - at.byte;
		chain_line(chain, 0, ++at.line, at.byte, line, n, newline != NULL);
		at.byte += n + (newline != NULL);
	}
	good = chain_end(chain, &at, head, head_len, true);
	must(good == (chain->n_findings == 0));
	must(chain->n_findings <= CHAIN_FINDINGS_MAX && (chain->n_more == 0 || chain->n_findings == CHAIN_FINDINGS_MAX));
	for (size_t i = 0; i < chain->n_findings; i++) {
		const struct chain_finding *f = &chain->findings[i];
		must(f->at.byte <= len && f->at.line <= at.line && f->from <= f->to);
		must(strcmp(chain_kind_name(f->kind), "unknown") != 0);
	}
	return good;
}

/* The rule in its plainest form. */
static void holds(const char *text, size_t len, const char *head, size_t head_len)
{
	char hash[65] = "", before[65] = "", hex[65];
	uint64_t last = 0, seq;
	for (size_t at = 0; at < len;) {
		const char *newline = memchr(text + at, '\n', len - at);
		char prev[65], copy[256] = "";
		must(newline);
		size_t n = (size_t)(newline - text) - at;
		memcpy(copy, text + at, n < 255 ? n : 255);
		must(sscanf(copy, "{\"seq\":%" SCNu64 ",\"prev\":\"%64[0-9a-f]\",", &seq, prev) == 2);
		must(last == 0 || seq == last + 1);
		must(last == 0 || strcmp(prev, hash) == 0);
		must(seq != 1 || strcmp(prev, TRAIL_NONE) == 0);
		memcpy(before, prev, 65);
		sha256_hex(text + at, n, hash);
		last = seq;
		at += n + 1;
	}
	if (!last) {
		must(!trail_head_parse(head, head_len, &seq, hex));
		return;
	}
	if (!trail_head_parse(head, head_len, &seq, hex)) {
		must(last == 1 && head_len == 0);
		return;
	}
	must((seq == last && strcmp(hex, hash) == 0) || (seq + 1 == last && strcmp(hex, before) == 0));
}

#define LINES 8

static char honest[8192], honest_head[TRAIL_HEAD_BYTES + 1];
static size_t honest_len, starts[LINES + 1];

static void write_honest(void)
{
	char prev[65] = TRAIL_NONE;
	for (unsigned i = 0; i < LINES; i++) {
		struct trail_entry entry = {.event = (enum trail_event)(i % TRAIL_EVENTS), .time_ns = i, .id = "c"};
		struct trail_link link = {.seq = i + 1};
		struct err err = ERR_INIT;
		autostr line = STR_INIT;
		memcpy(link.prev, prev, 65);
		must(trail_format(&entry, &link, &line, &err) == 0 && honest_len + line.len <= sizeof(honest));
		starts[i] = honest_len;
		memcpy(honest + honest_len, line.s, line.len);
		honest_len += line.len;
		sha256_hex(line.s, line.len - 1, prev);
	}
	starts[LINES] = honest_len;
	trail_head_text(LINES, prev, honest_head);
}

/* Four bytes an edit: what, where (two), with what. */
static size_t edit(char *text, size_t len, const uint8_t *e)
{
	size_t at = len ? (size_t)(e[1] << 8 | e[2]) % len : 0, line = e[1] % LINES, n = starts[line + 1] - starts[line];
	if (!len)
		return 0;
	switch (e[0] % 6) {
	case 0: /* a byte */
		text[at] ^= (char)e[3];
		return len;
	case 1: /* bytes away */
		n = e[3] < len - at ? e[3] : len - at;
		memmove(text + at, text + at + n, len - at - n);
		return len - n;
	case 2: /* the end away */
		return at;
	case 3: /* an honest line once more, anywhere */
		if (len + n > 2 * sizeof(honest))
			return len;
		memmove(text + at + n, text + at, len - at);
		memcpy(text + at, honest + starts[line], n);
		return len + n;
	case 4: /* the same at a line's end, where it does most */
		if (len + n > 2 * sizeof(honest) || starts[e[2] % LINES] > len)
			return len;
		at = starts[e[2] % LINES];
		memmove(text + at + n, text + at, len - at);
		memcpy(text + at, honest + starts[line], n);
		return len + n;
	default: /* one away */
		if (starts[line + 1] > len)
			return len;
		memmove(text + starts[line], text + starts[line + 1], len - starts[line + 1]);
		return len - n;
	}
}

static bool is_later_part(const char *text, size_t len)
{
	for (size_t i = 0; i < LINES; i++)
		if (len == honest_len - starts[i] && memcmp(text, honest + starts[i], len) == 0)
			return true;
	return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char text[2 * sizeof(honest)];
	static struct chain chain;
	if (!honest_len)
		write_honest();
	if (!size)
		return 0;
	if (!(data[0] & 1)) {
		size_t head = size - 1 < TRAIL_HEAD_BYTES ? 0 : TRAIL_HEAD_BYTES;
		const char *rest = (const char *)data + 1;
		if (judge(&chain, rest + head, size - 1 - head, rest, head))
			holds(rest + head, size - 1 - head, rest, head);
		return 0;
	}
	size_t len = honest_len;
	memcpy(text, honest, len);
	for (size_t i = 1; i + 4 <= size && i < 1 + 4 * 16; i += 4)
		len = edit(text, len, data + i);
	must(judge(&chain, text, len, honest_head, TRAIL_HEAD_BYTES) == is_later_part(text, len));
	return 0;
}
