/* The gate is root's program, but what it prints has come near what others wrote: names of
 * images, findings.  Nothing of it is taken that isn't exactly in form. */
#include "config.h"

#include "cmd/scan_answer.h"

#include "base/json.h"
#include "base/table.h"

#include <string.h>
#include <strings.h>

#include "base/banned.h"

#define DIGEST_LEN 71u

static const char *const verdicts[] = {"allow", "allow-audit", "allow-breakglass", "deny"};
static const char *const classes[] = {"image", "pause", "rootfs", "build", "bundle", "unknown"};
static const char *const sources[] = {"engine", "pinned", "permit"};

enum {
	KEY_VERDICT,
	KEY_CLASS,
	KEY_IMAGE,
	KEY_SOURCE,
	KEY_RECORD,
	KEY_GENERATION,
	KEY_REASONS,
	KEY_LINE,
	KEYS
};
static const char *const keys[KEYS] = {"verdict", "class",      "image",   "source",
				       "record",  "generation", "reasons", "line"};

static int take_word(const struct json *v, const char *const *words, size_t n, const char **ret,
		     struct err *err)
{
	const char *text;

	if (json_as_string(v, &text, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (strcmp(text, words[i]) == 0) {
			*ret = words[i];
			return 0;
		}
	return json_error(v, err, "is none of its words");
}

static int take_digest(const struct json *v, const char **ret, struct err *err)
{
	*ret = NULL;
	if (v->type == JSON_NULL)
		return 0;
	if (json_as_string(v, ret, err) < 0)
		return -1;
	if (v->text_len == DIGEST_LEN && strncmp(*ret, "sha256:", 7) == 0 &&
	    strspn(*ret + 7, "0123456789abcdef") == 64)
		return 0;
	return json_error(v, err, "is no digest");
}

static int check_reasons(const struct json *v, struct err *err)
{
	if (json_expect(v, JSON_ARRAY, err) < 0)
		return -1;
	json_each(code, v) {
		const char *text;

		if (json_as_string(code, &text, err) < 0)
			return -1;
		if (code->text_len < 3 || code->text_len > 40 ||
		    strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_") != code->text_len)
			return json_error(code, err, "is no code");
	}
	return 0;
}

/* --- the line --- */

/* What engines take for a missing program or one that may not be executed (podman: 127, 126). */
static void name_errnos(char *text)
{
	static const char *const phrases[][2] = {{"no such file or directory", "ENOENT"},
						 {"permission denied", "EACCES"},
						 {"operation not permitted", "EPERM"},
						 {"does not exist", "is absent"},
						 {"is a directory", "EISDIR"},
						 {"not a directory", "ENOTDIR"},
						 {"executable file not found", "ENOENT"},
						 {"open executable", "open program"}};

	for (size_t i = 0; i < ARRAY_LEN(phrases); i++)
		for (char *at; (at = strcasestr(text, phrases[i][0]));) {
			size_t from = strlen(phrases[i][0]), to = strlen(phrases[i][1]);

			memcpy(at, phrases[i][1], to);
			memmove(at + to, at + from, strlen(at + from) + 1);
		}
}

/* The gate prints ASCII; what looks like a letter and is another has no business in the line. */
static void make_ascii(char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text > '~')
			*text = '?';
}

/* What doesn't fit is taken from before the command, which is how the line ends. */
static void cut(char *line)
{
	static const char mark[] = " run: ", dots[] = "...;";
	size_t len = strlen(line), tail;
	char *at = NULL;

	if (len <= SCAN_LINE_MAX)
		return;
	for (char *next = strstr(line, mark); next; next = strstr(next + 1, mark))
		at = next;
	tail = at ? strlen(at) : 0;
	if (tail > SCAN_LINE_MAX / 2)
		tail = 0;
	memcpy(line + SCAN_LINE_MAX - tail - strlen(dots), dots, strlen(dots));
	memmove(line + SCAN_LINE_MAX - tail, line + len - tail, tail);
	line[SCAN_LINE_MAX] = '\0';
}

static int take_line(const struct json *v, struct arena *arena, const char **ret, struct err *err)
{
	static const char who[] = "kanuki: ";
	const char *text;
	autostr line = STR_INIT;
	char *copy;

	if (json_as_string(v, &text, err) < 0)
		return -1;
	if (strncmp(text, who, strlen(who)) == 0) /* the runtime says so itself */
		text += strlen(who);
	if (!*text)
		return json_error(v, err, "says nothing");
	str_add_printable(&line, text, strlen(text));
	copy = str_failed(&line) ? NULL : arena_strdup(arena, str_text(&line));
	if (!copy)
		return err_oom(err);
	make_ascii(copy);
	name_errnos(copy);
	cut(copy);
	*ret = copy;
	return 0;
}

/* --- all of it --- */

static int take(const struct json *const v[KEYS], int status, struct arena *arena,
		struct scan_answer *ret, struct err *err)
{
	const char *source = NULL;

	if (take_word(v[KEY_VERDICT], verdicts, ARRAY_LEN(verdicts), &ret->verdict, err) < 0 ||
	    take_word(v[KEY_CLASS], classes, ARRAY_LEN(classes), &ret->image_class, err) < 0 ||
	    take_digest(v[KEY_IMAGE], &ret->image, err) < 0 ||
	    take_digest(v[KEY_RECORD], &ret->record, err) < 0 ||
	    (v[KEY_SOURCE]->type != JSON_NULL &&
	     take_word(v[KEY_SOURCE], sources, ARRAY_LEN(sources), &source, err) < 0) ||
	    json_as_u64(v[KEY_GENERATION], UINT64_MAX, &ret->generation, err) < 0 ||
	    check_reasons(v[KEY_REASONS], err) < 0 ||
	    take_line(v[KEY_LINE], arena, &ret->line, err) < 0)
		return -1;
	ret->admitted = strcmp(ret->verdict, "deny") != 0;
	ret->claimed = source && strcmp(source, "permit") == 0;
	if (ret->admitted ? status != 0 : status < 10 || status > 14)
		return err_set(err, ERR_PROTO, "its verdict is '%s', its exit status %d",
			       ret->verdict, status);
	/* Only mode audit and break-glass let in an image that isn't known. */
	if (strcmp(ret->verdict, "allow") == 0 && strcmp(ret->image_class, "image") == 0 &&
	    !ret->image)
		return err_set(err, ERR_PROTO, "it allows an image and names none");
	if (ret->image && !source)
		return err_set(err, ERR_PROTO, "it names an image and not what proves it");
	return 0;
}

int scan_answer_parse(const char *text, size_t len, int status, struct arena *arena,
		      struct scan_answer *ret, struct err *err)
{
	const struct json *root, *v[KEYS] = {NULL};
	struct scan_answer answer = {.admitted = false};

	if (json_parse(arena, text, len, &root, err) < 0 || json_expect(root, JSON_OBJECT, err) < 0)
		goto broken;
	for (size_t i = 0; i < KEYS; i++) {
		v[i] = json_get(root, keys[i]);
		if (!v[i] && json_error(root, err, "key '%s' is missing", keys[i]) < 0)
			goto broken;
	}
	if (root->n != KEYS) {
		(void)json_error(root, err, "there is a key that it doesn't have");
		goto broken;
	}
	if (take(v, status, arena, &answer, err) < 0)
		goto broken;
	*ret = answer;
	return 0;
broken:
	if (err->kind == ERR_SPEC)
		err->kind = ERR_PROTO; /* base/json's word for any text */
	return -1;
}
