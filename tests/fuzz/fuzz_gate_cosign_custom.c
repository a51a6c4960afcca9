/* Any bytes as a statement with cosign's custom predicate, whose report is a string: refused, or a report that keeps every promise. */
#include "config.h"

#include "gate_promises.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct import_hints none;
	static const struct import_detected custom = {.format = FORMAT_COSIGN_VULN, .statement = true, .custom = true};
	run_importer(&custom, &none, (const char *)data, size);
	return 0;
}
