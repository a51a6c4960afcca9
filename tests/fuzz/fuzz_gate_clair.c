/* Any bytes as Clair's report: refused, or a report that keeps every promise. */
#include "config.h"

#include "gate_promises.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct import_hints none;
	static const struct import_detected clair = {.format = FORMAT_CLAIR};
	run_importer(&clair, &none, (const char *)data, size);
	return 0;
}
