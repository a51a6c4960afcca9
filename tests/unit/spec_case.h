/* What the tests of runtime/spec share: documents written with ' for ", parsed whole or as one of the objects that are
 * read alone, and refusals compared with their whole message.
 */
#ifndef KANUKI_TEST_SPEC_CASE_H
#define KANUKI_TEST_SPEC_CASE_H

#include "spec/spec.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tap.h"

/* A document and the error that it must give; the document is the inside of an object. */
struct refusal {
	const char *inside;
	const char *message;
};

/* "{HEAD INSIDE}" with each ' turned into "; to be freed. */
static inline char *document(const char *head, const char *inside)
{
	size_t size = strlen(head) + strlen(inside) + 3;
	char *text = malloc(size);

	if (!text)
		abort();
	snprintf(text, size, "{%s%s}", head, inside);
	for (char *c = text; *c; c++)
		if (*c == '\'')
			*c = '"';
	return text;
}

#define HEAD_CONFIG "'ociVersion':'1.3.0',"
#define HEAD_PROCESS "'cwd':'/',"
#define HEAD_SECCOMP "'defaultAction':'SCMP_ACT_ALLOW',"

/* The `linux` object alone, as a config. */
#define IN_LINUX(text) "'linux':{" text "}"

static inline int parse_config(const char *inside, struct spec *spec, struct err *err)
{
	char *text = document(HEAD_CONFIG, inside);
	int rc = spec_parse(text, strlen(text), spec, err);

	/* The spec must not point into the text. */
	memset(text, 'x', strlen(text));
	free(text);
	return rc;
}

static inline int parse_process(const char *inside, struct arena *arena, struct spec_process **ret, struct err *err)
{
	char *text = document(HEAD_PROCESS, inside);
	int rc = spec_parse_process(text, strlen(text), arena, ret, err);

	memset(text, 'x', strlen(text));
	free(text);
	return rc;
}

static inline int parse_resources(const char *inside, struct arena *arena, struct spec_resources **ret, struct err *err)
{
	char *text = document("", inside);
	int rc = spec_parse_resources(text, strlen(text), arena, ret, err);

	memset(text, 'x', strlen(text));
	free(text);
	return rc;
}

static inline int parse_seccomp(const char *inside, struct arena *arena, struct spec_seccomp **ret, struct err *err)
{
	char *text = document(HEAD_SECCOMP, inside);
	int rc = spec_parse_seccomp(text, strlen(text), arena, ret, err);

	memset(text, 'x', strlen(text));
	free(text);
	return rc;
}

/* One result for one refusal: it failed, as an error of the bundle, with exactly this message. */
static inline void is_refusal(int rc, const struct err *err, const struct refusal *want)
{
	bool same = rc == -1 && err->kind == ERR_SPEC && strcmp(err->msg, want->message) == 0;

	ok(same, "refused: %.60s", want->inside);
	if (!same)
		diag("got  %d, kind %u, \"%s\"\nwant \"%s\"", rc, err->kind, err->msg, want->message);
}

static inline void config_refusals(const struct refusal *cases, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct spec spec = SPEC_INIT;
		struct err err = ERR_INIT;

		is_refusal(parse_config(cases[i].inside, &spec, &err), &err, &cases[i]);
		spec_release(&spec);
	}
}

static inline void process_refusals(const struct refusal *cases, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct arena arena = ARENA_INIT;
		struct spec_process *process = NULL;
		struct err err = ERR_INIT;

		is_refusal(parse_process(cases[i].inside, &arena, &process, &err), &err, &cases[i]);
		if (process)
			ok(false, "the result is untouched after a refusal");
		arena_release(&arena);
	}
}

static inline void resources_refusals(const struct refusal *cases, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct arena arena = ARENA_INIT;
		struct spec_resources *resources = NULL;
		struct err err = ERR_INIT;

		is_refusal(parse_resources(cases[i].inside, &arena, &resources, &err), &err, &cases[i]);
		if (resources)
			ok(false, "the result is untouched after a refusal");
		arena_release(&arena);
	}
}

static inline void seccomp_refusals(const struct refusal *cases, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct arena arena = ARENA_INIT;
		struct spec_seccomp *seccomp = NULL;
		struct err err = ERR_INIT;

		is_refusal(parse_seccomp(cases[i].inside, &arena, &seccomp, &err), &err, &cases[i]);
		if (seccomp)
			ok(false, "the result is untouched after a refusal");
		arena_release(&arena);
	}
}

/* Documents that must be accepted, where the value is of no interest. */
static inline void config_accepted(const char *const *cases, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct spec spec = SPEC_INIT;
		struct err err = ERR_INIT;
		int rc = parse_config(cases[i], &spec, &err);

		ok(rc == 0, "accepted: %.60s", cases[i]);
		if (rc)
			diag("%s", err.msg);
		spec_release(&spec);
	}
}

/* A string field, which may be NULL. */
static inline bool same(const char *got, const char *want)
{
	return got && want ? strcmp(got, want) == 0 : got == want;
}

/* A str_list against words parted by blanks. */
static inline bool same_words(const struct str_list *list, const char *want)
{
	char all[512] = "";
	size_t used = 0;

	for (size_t i = 0; i < list->n; i++) {
		int n = snprintf(all + used, sizeof(all) - used, "%s%s", i ? " " : "", list->items[i]);

		if (n < 0 || (size_t)n >= sizeof(all) - used)
			return false;
		used += (size_t)n;
	}
	return strcmp(all, want) == 0;
}

#endif
