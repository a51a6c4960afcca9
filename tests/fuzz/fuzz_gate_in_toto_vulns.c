/* Any bytes as a statement with in-toto's vulns v0.1 or v0.2: refused, or a report that keeps every promise. */
#include "config.h"

#include "gate_promises.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct import_hints none;
	static const struct import_detected vulns = {.format = FORMAT_INTOTO_VULNS, .statement = true};
	run_importer(&vulns, &none, (const char *)data, size);
	return 0;
}
