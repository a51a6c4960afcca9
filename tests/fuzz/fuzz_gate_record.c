/* Any bytes as a record: refused clearly, or a record that is sound, prints, and is the same when read again. */
#include "config.h"

#include "gate/findings.h"
#include "gate/record.h"

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

static void check_record(const struct record *record, struct arena *arena)
{
	autostr text = STR_INIT, again = STR_INIT;
	uint64_t counted[CLASS_COUNT][SEVERITY_COUNT];
	struct err err = ERR_INIT;
	struct record read;
	bool foreign;

	must(digest_is_valid(record->image.config) && record->sequence >= 0 && record->issued_at > 0 && record->expires_at > 0);
	must(findings_are_sorted(&record->findings));
	for (size_t i = 0; i < record->findings.n; i++)
		must(finding_is_valid(&record->findings.items[i]));
	for (size_t i = 0; i < record->scans.n; i++)
		must(record->scans.items[i].tool && !(record->scans.items[i].classes >> CLASS_COUNT));
	record_count(record, counted);
	must(!memcmp(counted, record->counted, sizeof(counted)));
	must(!record_print(record, &text, &err));
	if (text.len > RECORD_MAX_BYTES) /* escaped, it may be longer than it was */
		return;
	must(!record_parse(arena, str_text(&text), text.len, &read, &foreign, &err) && !foreign);
	must(!memcmp(read.counted, record->counted, sizeof(counted)) && read.findings.n == record->findings.n);
	must(!record_print(&read, &again, &err) && text.len == again.len && !memcmp(text.s, again.s, text.len));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = ARENA_INIT;
	struct err err = ERR_INIT;
	struct record record;
	bool foreign;

	if (record_parse(&arena, (const char *)data, size, &record, &foreign, &err))
		must((err.kind == ERR_SPEC || err.kind == ERR_SYSTEM) && err.msg[0]);
	else
		check_record(&record, &arena);
	arena_release(&arena);
	return 0;
}
