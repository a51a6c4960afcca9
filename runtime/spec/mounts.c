/* The mounts array.  Options stay text: what they mean is decided by policy/, in one place.
 */
#include "config.h"

#include "spec/table.h"

#include "base/banned.h"

#define AT(field) offsetof(struct spec_mount, field)
static const struct property mount_rows[] = {
	ROW("destination", JSON_STRING, take_string, AT(destination), .flags = PROPERTY_REQUIRED,
	    .text = text_path),
	ROW("type", JSON_STRING, take_string, AT(type)),
	ROW("source", JSON_STRING, take_string, AT(source), .text = text_path),
	ROW("options", JSON_ARRAY, take_strings, AT(options)),
	ROW("uidMappings", JSON_ARRAY, take_idmaps, AT(uid_mappings), .child = &idmap_table),
	ROW("gidMappings", JSON_ARRAY, take_idmaps, AT(gid_mappings), .child = &idmap_table),
};
#undef AT
TABLE(mount_table, mount_rows, struct spec_mount, NULL);
