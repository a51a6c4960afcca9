/* Any bytes as the scan gate's answer, the first as its exit status: no answer, or one that is in form. */
#include "config.h"

#include "cmd/scan_answer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define must(cond)                                                                                                     \
	do {                                                                                                           \
		if (!(cond)) {                                                                                         \
			fprintf(stderr, "%s:%d: %s (%s)\n", __FILE__, __LINE__, #cond, err.msg);                       \
			abort();                                                                                       \
		}                                                                                                      \
	} while (0)

static bool is_digest(const char *text)
{
	return strlen(text) == 71 && !strncmp(text, "sha256:", 7) && strspn(text + 7, "0123456789abcdef") == 64;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = {.limit_bytes = 4 << 20};
	struct scan_answer answer = {.line = NULL};
	struct err err = ERR_INIT;
	/* '0' to '9' are 0 to 9, ':' and on 10 and on: a corpus can be read */
	int status = size ? (data[0] + 256 - '0') % 256 : 0;

	if (!size || scan_answer_parse((const char *)data + 1, size - 1, status, &arena, &answer, &err) < 0) {
		must(!size || ((err.kind == ERR_PROTO || err.kind == ERR_SYSTEM) && err.msg[0] && !answer.line));
		arena_release(&arena);
		return 0;
	}
	must(answer.admitted == (status == 0) && (answer.admitted || (status >= 10 && status <= 14)));
	must((strcmp(answer.verdict, "deny") != 0) == answer.admitted);
	must(!answer.image || is_digest(answer.image));
	must(!answer.record || is_digest(answer.record));
	must(strcmp(answer.verdict, "allow") != 0 || strcmp(answer.image_class, "image") != 0 || answer.image);
	must(answer.line[0] && strlen(answer.line) <= SCAN_LINE_MAX);
	for (const char *c = answer.line; *c; c++)
		must(*c >= ' ' && *c <= '~');
	arena_release(&arena);
	return 0;
}
