/* Any bytes as a CycloneDX document and as a statement with one: refused, or a report that keeps every promise. */
#include "config.h"

#include "gate_promises.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct import_hints none;
	static const struct import_detected bare = {.format = FORMAT_CYCLONEDX_VEX}, predicate = {.format = FORMAT_CYCLONEDX_VEX, .statement = true};
	run_importer(&bare, &none, (const char *)data, size);
	run_importer(&predicate, &none, (const char *)data, size);
	return 0;
}
