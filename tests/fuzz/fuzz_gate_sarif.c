/* Any bytes as Trivy's SARIF: refused, or a report that keeps every promise. */
#include "config.h"

#include "gate_promises.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct import_hints none;
	static const struct import_detected sarif = {.format = FORMAT_SARIF};
	run_importer(&sarif, &none, (const char *)data, size);
	return 0;
}
