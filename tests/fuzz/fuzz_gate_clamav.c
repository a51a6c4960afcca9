/* Any bytes as clamscan's log: refused, or a report that keeps every promise; and clean only if its last summary says so. The first
 * byte is what is known beside the log, as in fuzz_gate_report.c; where it is a letter, nothing is, and it is the log's own. */
#include "config.h"

#include "gate_promises.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct import_detected log = {.format = FORMAT_CLAMAV};
	static const struct import_hints none;
	if (size == 0)
		return 0;
	if (data[0] & 64) {
		run_importer(&log, &none, (const char *)data, size);
		return 0;
	}
	struct import_hints hints = clamav_hints(data[0]);
	run_importer(&log, &hints, (const char *)data + 1, size - 1);
	return 0;
}
