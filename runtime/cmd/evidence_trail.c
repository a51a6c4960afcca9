/* Owns the part of kanuki evidence that is about the trail: all of it is verified, and the
 * lines from the first one that is late enough on are copied, unbroken, so that they can be
 * verified again from the archive. */
#include "config.h"

#include "cmd/evidence.h"

#include "audit/verify.h"
#include "base/json.h"
#include "sys/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/banned.h"

#define PENDING_MAX (1u << 20)
#define OUT_BYTES   (64u << 10)

struct trail_copy {
	struct chain *chain;
	struct str_list files;
	bool begun;	    /* a line since `since` was seen: all behind it belongs to the evidence */
	bool in_file;	    /* this file has its member */
	struct str pending; /* not lines of a trail, before the first one that is */
	struct str out;	    /* to be written */
	struct str verdict;
};

static void trail_copy_release(struct trail_copy *t)
{
	str_release(&t->pending);
	str_release(&t->out);
	str_release(&t->verdict);
}

/* The time of a line as trail_time_text() writes it, compared as text. */
static bool is_since(const struct evidence *e, const struct trail_text *line, bool *ret_is_line)
{
	struct arena arena = ARENA_INIT;
	struct err own = ERR_INIT;
	const struct json *entry, *time;
	bool r = false;

	*ret_is_line = false;
	if (json_parse(&arena, line->text, line->len, &entry, &own) == 0) {
		time = json_get(entry, "time");
		*ret_is_line = time && time->type == JSON_STRING;
		r = *ret_is_line && strncmp(time->text, e->since, strcspn(e->since, "Z")) >= 0;
	}
	arena_release(&arena);
	return r;
}

static void add_line(struct str *out, const struct trail_text *line)
{
	str_add_bytes(out, line->text, line->len);
	str_add(out, line->ended ? "\n" : "");
}

static void drop(struct str *text)
{
	str_release(text);
	*text = (struct str)STR_INIT;
}

static int flush(struct evidence *e, struct str *out, struct err *err)
{
	int r = str_failed(out) ? err_oom(err) : ustar_write(&e->tar, str_text(out), out->len, err);

	drop(out);
	return r;
}

static int copy_line(struct evidence *e, struct trail_copy *t, const struct trail_text *line,
		     const char *member, struct err *err)
{
	bool is_line;

	if (!t->begun) {
		t->begun = !e->since[0] || is_since(e, line, &is_line);
		if (!t->begun) {
			if (is_line || t->pending.len > PENDING_MAX)
				drop(&t->pending);
			else
				add_line(&t->pending, line);
			return 0;
		}
	}
	if (!t->in_file) {
		t->in_file = true;
		if (evidence_begin(e, member, err) < 0 || flush(e, &t->pending, err) < 0)
			return -1;
	}
	add_line(&t->out, line);
	return t->out.len < OUT_BYTES ? 0 : flush(e, &t->out, err);
}

/* One file into the chain, and what is of use into the archive. */
static int copy_file(struct evidence *e, struct trail_copy *t, unsigned number, bool last,
		     struct err *err)
{
	const char *member = arena_printf(e->ctx->arena, "audit/trail-%u.jsonl", number + 1);
	const char *head = arena_printf(e->ctx->arena, "audit/trail-%u.jsonl.head", number + 1);
	autoreader reader = TRAIL_READER_INIT;
	struct trail_text line;
	bool good;

	if (!member || !head)
		return err_oom(err);
	t->in_file = false;
	if (trail_reader_open(t->files.items[number], &reader, err) < 0)
		return -1;
	for (;;) {
		if (verify_next(t->chain, number, &reader, &line, err) < 0)
			return -1;
		if (!line.text)
			break;
		if (copy_line(e, t, &line, member, err) < 0)
			return -1;
	}
	if (t->in_file && (flush(e, &t->out, err) < 0 || evidence_end(e, member, err) < 0))
		return -1;
	str_add(&t->verdict, t->in_file ? member : "nothing of it is here");
	str_add(&t->verdict, ": ");
	str_add_printable(&t->verdict, reader.name, strlen(reader.name));
	str_add(&t->verdict, "\n");
	if (!last)
		return 0;
	good = verify_end(t->chain, number, &reader, true);
	chain_print(t->chain, t->files.items, good, &t->verdict);
	e->doubtful = !good;
	return t->in_file && reader.has_head
		       ? evidence_add(e, head, reader.head, reader.head_len, err)
		       : 0;
}

/* Neither the file nor its head: no event yet, or somebody took both away. */
static bool is_missing(const struct evidence *e, const char *path)
{
	const char *head = arena_printf(e->ctx->arena, "%s.head", path);

	return head && sys_faccessat2(AT_FDCWD, path, F_OK, 0) < 0 && errno == ENOENT &&
	       sys_faccessat2(AT_FDCWD, head, F_OK, 0) < 0 && errno == ENOENT;
}

static void tell_others(const struct evidence *e, struct trail_copy *t)
{
	for (size_t i = 0; i < e->trails.n; i++) {
		if (str_list_has(&t->files, e->trails.items[i]))
			continue;
		str_add(&t->verdict, "not here, though a container has its lines in it: ");
		str_add_printable(&t->verdict, e->trails.items[i], strlen(e->trails.items[i]));
		str_add(&t->verdict, "\n");
	}
}

static int copy_trail(struct evidence *e, struct trail_copy *t, struct err *err)
{
	for (size_t i = 0; i < e->ctx->n_args; i++)
		if (evidence_remember(e, &t->files, e->ctx->args[i], err) < 0)
			return -1;
	if (!t->files.n && evidence_remember(e, &t->files, e->conf.trail, err) < 0)
		return -1;
	t->chain = arena_alloc(e->ctx->arena, sizeof(*t->chain));
	if (!t->chain)
		return err_oom(err);
	if (!t->files.n) {
		str_add(&t->verdict, "the policy in force has no audit trail\n");
	} else if (!e->ctx->n_args && is_missing(e, t->files.items[0])) {
		e->doubtful = true;
		str_add(&t->verdict, "no event has been written, or the trail was taken away: ");
		str_add_printable(&t->verdict, t->files.items[0], strlen(t->files.items[0]));
		str_add(&t->verdict, "\n");
	} else {
		for (size_t i = 0; i < t->files.n; i++)
			if (copy_file(e, t, (unsigned)i, i + 1 == t->files.n, err) < 0)
				return -1;
	}
	tell_others(e, t);
	return evidence_add_text(e, "audit/verify.txt", &t->verdict, err);
}

int evidence_add_trail(struct evidence *e, struct err *err)
{
	struct trail_copy t = {0};
	int r = copy_trail(e, &t, err);

	trail_copy_release(&t);
	return r;
}
