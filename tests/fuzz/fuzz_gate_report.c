/* Any bytes as any report, by its content or as clamscan's log: refused, or a report
 * that keeps every promise; and a log is clean only if its last summary says so. */
/* The first byte is what is known beside the log. */
#include "config.h"

#include "gate_promises.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	const char *text = (const char *)data + 1;
	struct import_hints hints = {.clamav_exit_said = data[0] & 1,
				     .clamav_exit = data[0] >> 1 & 3,
				     .clamav_exceeds_max = data[0] >> 3 & 1,
				     .scanned_at = data[0] & 16 ? 1795222818 : 0};
	run_import(data[0] & 32 ? FORMAT_CLAMAV : FORMAT_AUTO, &hints, text, size - 1);
	return 0;
}
