/* Any bytes as an envelope or bundle, and as base64: refused clearly, or what was read can be written and is the same again. */
#include "config.h"

#include "gate/dsse.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define must(cond)                                                                                                     \
	do {                                                                                                           \
		if (!(cond)) {                                                                                         \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #cond);                                     \
			abort();                                                                                       \
		}                                                                                                      \
	} while (0)

/* One value has one text but for alphabet and padding. */
static void check_base64(const uint8_t *data, size_t size)
{
	struct arena arena = ARENA_INIT;
	const uint8_t *bytes;
	size_t len;
	autostr text = STR_INIT;

	if (!base64_decode(&arena, (const char *)data, size, &bytes, &len)) {
		must(len <= size / 4 * 3 + 2 && !base64_encode(bytes, len, &text));
		must(text.len == size || text.len - size <= 2);
		for (size_t i = 0; i < size; i++)
			must((char)data[i] == text.s[i] || (data[i] == '-' && text.s[i] == '+') || (data[i] == '_' && text.s[i] == '/'));
	}
	str_release(&text);
	must(!base64_encode(data, size, &text) && !base64_decode(&arena, str_text(&text), text.len, &bytes, &len));
	must(len == size && (!size || !memcmp(bytes, data, size)));
	arena_release(&arena);
}

static void check_envelope(const struct dsse *d, struct arena *arena)
{
	autostr text = STR_INIT, again = STR_INIT, head = STR_INIT;
	struct err err = ERR_INIT;
	struct dsse read;

	must(d->signatures.n >= 1 && d->signatures.n <= DSSE_MAX_SIGNATURES && d->payload_type && d->payload);
	for (size_t i = 0; i < d->signatures.n; i++)
		must(d->signatures.items[i].len > 0 && d->signatures.items[i].keyid);
	must(!dsse_pae_head(d->payload_type, d->payload_len, &head, &err) && !strncmp(head.s, "DSSEv1 ", 7));
	must(!dsse_print(d, &text, &err) && !dsse_parse(arena, str_text(&text), text.len, &read, &err));
	must(read.payload_len == d->payload_len && !memcmp(read.payload, d->payload, d->payload_len));
	must(!dsse_print(&read, &again, &err) && text.len == again.len && !memcmp(text.s, again.s, text.len));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = ARENA_INIT;
	struct err err = ERR_INIT;
	struct dsse d;

	check_base64(data, size);
	if (dsse_parse(&arena, (const char *)data, size, &d, &err))
		must((err.kind == ERR_SPEC || err.kind == ERR_SYSTEM) && err.msg[0]);
	else
		check_envelope(&d, &arena);
	arena_release(&arena);
	return 0;
}
