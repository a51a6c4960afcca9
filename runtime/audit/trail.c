/* Owns the form of a trail's line and of its head, both ways.  Pure: reads and writes
 * nothing (append.c does). */
#include "config.h"

#include "audit/trail.h"

#include "base/json_out.h"
#include "base/num.h"
#include "base/rfc3339.h"
#include "base/sha256.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/banned.h"

#define MESSAGE_MAX ((size_t)512) /* an err's is shorter */
/* An escaped byte takes six at most: a change of five words, and what surrounds them. */
#define CHANGE_MAX (5 * 6 * (TRAIL_WORD_MAX + 3) + 64)

const char *trail_event_name(enum trail_event event)
{
	static const char *const names[TRAIL_EVENTS] = {
		[TRAIL_CREATE] = "create",	   [TRAIL_EXEC] = "exec",
		[TRAIL_START] = "start",	   [TRAIL_KILL] = "kill",
		[TRAIL_DELETE] = "delete",	   [TRAIL_REFUSED] = "refused",
		[TRAIL_WOULD_REFUSE] = "would-refuse", [TRAIL_WOULD_CHANGE] = "would-change",
		[TRAIL_ADMIT] = "admit",	   [TRAIL_BREAKGLASS] = "breakglass",
		[TRAIL_ADMIN] = "admin",
	};
	return (unsigned)event < TRAIL_EVENTS ? names[event] : "unknown";
}

static const char *const found_names[] = {
	[FOUND_SOUND] = NULL,    [FOUND_CUT] = "cut",           [FOUND_CHANGED] = "changed",
	[FOUND_AHEAD] = "ahead", [FOUND_HEADLESS] = "headless",
};
#define N_FOUND (sizeof(found_names) / sizeof(found_names[0]))

const char *trail_found_name(enum trail_found found)
{
	return (unsigned)found < N_FOUND ? found_names[found] : "unknown";
}

void trail_time_text(int64_t time_ns, char ret[32])
{
	int64_t ms = time_ns / 1000000;
	char text[RFC3339_SIZE];

	/* Not gmtime(3), which reads /etc/localtime first. */
	rfc3339_format(ms / 1000, text);
	(void)snprintf(ret, 32, "%.19s.%03dZ", text, (int)(ms < 0 ? 0 : ms % 1000));
}

/* At most `max` bytes of an untrusted string, cut between characters. */
static void put_bounded(struct json_out *o, const char *key, const char *value, size_t max)
{
	char text[MESSAGE_MAX + 4];
	size_t len = strnlen(value, max + 1);

	if (len > max) {
		len = max - 3;
		/* not within a character, where it is one */
		while (len > max - 7 && ((unsigned char)value[len] & 0xc0) == 0x80)
			len--;
		memcpy(text, value, len);
		memcpy(text + len, "...", 4);
		value = text;
	}
	json_out_string(o, key, value);
}

static void put_word(struct json_out *o, const char *key, const char *value)
{
	if (value)
		put_bounded(o, key, value, TRAIL_WORD_MAX);
}

static void put_word_or_null(struct json_out *o, const char *key, const char *value)
{
	if (value && value[0])
		put_word(o, key, value);
	else
		json_out_string(o, key, NULL);
}

static void put_caller(struct json_out *o, const struct trail_caller *caller)
{
	json_out_object(o, "engine");
	json_out_i64(o, "pid", caller->pid);
	put_word_or_null(o, "comm", caller->comm);
	put_word_or_null(o, "exe", caller->exe);
	json_out_end_object(o);
	json_out_u64(o, "uid", caller->uid);
	if (caller->has_loginuid)
		json_out_u64(o, "loginuid", caller->loginuid);
	else
		json_out_string(o, "loginuid", NULL);
}

static void put_changes(struct json_out *o, const struct trail_entry *entry)
{
	size_t i;

	if (!entry->n_changes)
		return;
	json_out_array(o, "changes");
	for (i = 0; i < entry->n_changes && i < TRAIL_CHANGES_MAX; i++) {
		const struct trail_change *change = &entry->changes[i];

		if (o->text.len + CHANGE_MAX + 64 > TRAIL_LINE_MAX)
			break;
		json_out_object(o, NULL);
		put_word(o, "rule", change->rule);
		put_word(o, "key", change->key);
		put_word(o, "outcome", change->outcome);
		put_word(o, "asked", change->asked);
		put_word(o, "given", change->given);
		json_out_end_object(o);
	}
	json_out_end_array(o);
	if (i < entry->n_changes)
		json_out_u64(o, "more", entry->n_changes - i);
}

int trail_format(const struct trail_entry *entry, const struct trail_link *link, struct str *out,
		 struct err *err)
{
	struct json_out o __attribute__((cleanup(json_out_release))) = JSON_OUT_INIT;
	char when[32];

	trail_time_text(entry->time_ns, when);
	json_out_object(&o, NULL);
	/* trail_link_parse wants these four in front, in this order */
	json_out_u64(&o, "seq", link->seq);
	json_out_string(&o, "prev", link->prev);
	if (link->torn)
		json_out_bool(&o, "torn", true);
	if (link->found != FOUND_SOUND)
		json_out_string(&o, "found", trail_found_name(link->found));
	json_out_string(&o, "time", when);
	json_out_string(&o, "event", trail_event_name(entry->event));
	put_word_or_null(&o, "id", entry->id);
	put_caller(&o, &entry->caller);
	put_word_or_null(&o, "image", entry->image);
	put_word_or_null(&o, "policy", entry->policy);
	put_word_or_null(&o, "policyHash", entry->policy_hash);
	put_word_or_null(&o, "planHash", entry->plan_hash);
	put_word(&o, "record", entry->record);
	if (entry->generation)
		json_out_u64(&o, "generation", entry->generation);
	put_word(&o, "rule", entry->rule);
	if (entry->message)
		put_bounded(&o, "message", entry->message, MESSAGE_MAX);
	put_changes(&o, entry);
	json_out_end_object(&o);
	if (json_out_finish(&o, err) < 0)
		return -1;
	str_add_bytes(out, o.text.s, o.text.len);
	str_add(out, "\n");
	return str_failed(out) ? err_oom(err) : 0;
}

/* Moves over `word` if the line goes on with it. */
static bool take(const char **p, const char *end, const char *word)
{
	size_t len = strlen(word);

	if ((size_t)(end - *p) < len || memcmp(*p, word, len) != 0)
		return false;
	*p += len;
	return true;
}

static bool is_hash(const char *p)
{
	for (size_t i = 0; i < 64; i++)
		if (!((p[i] >= '0' && p[i] <= '9') || (p[i] >= 'a' && p[i] <= 'f')))
			return false;
	return true;
}

static bool take_number(const char **p, const char *end, uint64_t *ret)
{
	char digits[21];
	size_t n = 0;

	while (*p < end && n < sizeof(digits) - 1 && **p >= '0' && **p <= '9')
		digits[n++] = *(*p)++;
	digits[n] = '\0';
	/* One number has one form. */
	return n && digits[0] != '0' && num_parse_u64(digits, UINT64_MAX, ret);
}

/* The object that begins the line ends with it, and no sooner.  A line that was cut
 * anywhere isn't whole, which is all that is asked here: whether it says what
 * was written is the hash's business. */
static bool is_whole_object(const char *line, size_t len)
{
	size_t depth = 0;
	bool quoted = false;

	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)line[i];

		if (c < 0x20)
			return false;
		if (quoted) {
			if (c == '\\')
				i++;
			else if (c == '"')
				quoted = false;
		} else if (c == '"') {
			quoted = true;
		} else if (c == '{' || c == '[') {
			depth++;
		} else if (c == '}' || c == ']') {
			if (!depth)
				return false;
			if (--depth == 0)
				return i + 1 == len;
		}
	}
	return false;
}

bool trail_link_parse(const char *line, size_t len, struct trail_link *ret)
{
	const char *p = line, *end = line + len;
	struct trail_link link = {0};

	if (len >= TRAIL_LINE_MAX || !take(&p, end, "{\"seq\":") ||
	    !take_number(&p, end, &link.seq) || !take(&p, end, ",\"prev\":\"") || end - p < 65 ||
	    !is_hash(p) || p[64] != '"')
		return false;
	memcpy(link.prev, p, 64);
	p += 65;
	link.torn = take(&p, end, ",\"torn\":true");
	if (take(&p, end, ",\"found\":\"")) {
		for (size_t i = 1; i < N_FOUND && link.found == FOUND_SOUND; i++)
			if (take(&p, end, found_names[i]))
				link.found = (enum trail_found)i;
		if (link.found == FOUND_SOUND || !take(&p, end, "\""))
			return false;
	}
	if (!take(&p, end, ",\"time\":\"") || !is_whole_object(line, len))
		return false;
	*ret = link;
	return true;
}

void trail_chain_torn(const char hash[SHA256_HEX_SIZE], const char *torn, size_t len,
		      char ret[SHA256_HEX_SIZE])
{
	struct sha256 sha;

	sha256_init(&sha);
	sha256_update(&sha, hash, 64);
	sha256_update(&sha, "\n", 1);
	sha256_update(&sha, torn, len);
	sha256_final_hex(&sha, ret);
}

void trail_head_text(uint64_t seq, const char hash[SHA256_HEX_SIZE], char ret[TRAIL_HEAD_BYTES + 1])
{
	(void)snprintf(ret, TRAIL_HEAD_BYTES + 1, "%020" PRIu64 " %.64s\n", seq, hash);
}

bool trail_head_parse(const char *text, size_t len, uint64_t *ret_seq,
		      char ret_hash[SHA256_HEX_SIZE])
{
	char digits[21];
	uint64_t seq;

	if (len != TRAIL_HEAD_BYTES || text[20] != ' ' || text[85] != '\n' || !is_hash(text + 21))
		return false;
	memcpy(digits, text, 20);
	digits[20] = '\0';
	if (strspn(digits, "0123456789") != 20 || !num_parse_u64(digits, UINT64_MAX, &seq) ||
	    seq == 0)
		return false;
	*ret_seq = seq;
	memcpy(ret_hash, text + 21, 64);
	ret_hash[64] = '\0';
	return true;
}
