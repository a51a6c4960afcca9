/* Any bytes as any report, by its content or as clamscan's log: refused, or a report
 * that keeps every promise; and a log is clean only if its last summary says so. */
/* The first byte is what is known beside the log; where it is '{' or another letter it is the
 * report's own, of which nothing else is known: so the reports of tests/gate/reports are seeds as
 * they are. */
#include "config.h"

#include "gate_promises.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	static const struct import_hints none;
	const char *text = (const char *)data + 1;
	if (data[0] & 64) {
		run_import(FORMAT_AUTO, &none, text - 1, size);
		return 0;
	}
	struct import_hints hints = clamav_hints(data[0]);
	run_import(data[0] & 32 ? FORMAT_CLAMAV : FORMAT_AUTO, &hints, text, size - 1);
	return 0;
}
