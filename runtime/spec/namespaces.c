/* Namespaces and what fills them: id mappings (of the user namespace and of mounts), clock offsets,
 * network devices.  Whether a path leads to a namespace, and to whose, is not known here.
 */
#include "config.h"

#include "spec/table.h"

#include <string.h>

#include "base/banned.h"

/* --- linux.namespaces --- */

struct namespace_entry {
	int type;
	const char *path;
};

#define AT(field) offsetof(struct namespace_entry, field)
static const struct property namespace_rows[] = {
	ROW("type", JSON_STRING, take_named, AT(type), .flags = PROPERTY_REQUIRED,
	    .rule = &namespace_names),
	/* An empty path is an error and not "create a new one": it is what an unset variable leaves
	   behind. */
	ROW("path", JSON_STRING, take_string, AT(path), .flags = PROPERTY_NOT_EMPTY,
	    .text = text_absolute_path),
};
#undef AT
TABLE(namespace_table, namespace_rows, struct namespace_entry, NULL);

int take_namespaces(struct reader *r, const struct json *v, const struct property *p, void *field)
{
	struct spec_namespace *namespaces = field;

	json_each(child, v) {
		struct namespace_entry entry = {0};
		struct spec_namespace *ns;

		if (table_read(r, child, p->child, &entry))
			return -1;
		ns = &namespaces[entry.type];
		if (ns->present)
			return json_error(child, r->err,
					  "namespace type '%s' is given twice; keep one",
					  spec_ns_name((enum spec_ns)entry.type));
		ns->present = true;
		ns->path = entry.path;
	}
	return 0;
}

/* --- id mappings --- */

static int idmap_check(struct reader *r, const struct json *v, void *obj)
{
	const struct spec_idmap *map = obj;

	if (map->size == 0)
		return json_error(v, r->err,
				  "size 0 maps nothing; remove the mapping or give its size");
	/* The last id is 4294967294: 4294967295 is "no id", and beyond it the kernel's sum wraps
	 * around. */
	if (map->container_id > UINT32_MAX - map->size || map->host_id > UINT32_MAX - map->size)
		return json_error(v, r->err,
				  "the mapping runs beyond id 4294967294; make it smaller");
	return 0;
}

#define AT(field) offsetof(struct spec_idmap, field)
static const struct property idmap_rows[] = {
	ROW("containerID", JSON_NUMBER, take_u32, AT(container_id), .flags = PROPERTY_REQUIRED),
	ROW("hostID", JSON_NUMBER, take_u32, AT(host_id), .flags = PROPERTY_REQUIRED),
	ROW("size", JSON_NUMBER, take_u32, AT(size), .flags = PROPERTY_REQUIRED),
};
#undef AT
TABLE(idmap_table, idmap_rows, struct spec_idmap, idmap_check);

/* UID_GID_MAP_MAX_EXTENTS of the kernel since 4.15. */
#define IDMAP_LINES_MAX 340

static bool ranges_overlap(uint32_t a, uint32_t a_size, uint32_t b, uint32_t b_size)
{
	return a < b + b_size && b < a + a_size; /* neither sum wraps: idmap_check */
}

int take_idmaps(struct reader *r, const struct json *v, const struct property *p, void *field)
{
	spec_idmaps *maps = field;

	if (v->n > IDMAP_LINES_MAX)
		return json_error(v, r->err, "has %zu lines; the kernel takes %d at most", v->n,
				  IDMAP_LINES_MAX);
	json_each(child, v) {
		const struct spec_idmap *map = table_append(r, child, p->child, maps);

		if (!map)
			return -1;
		for (size_t i = 0; i + 1 < maps->n; i++) {
			const struct spec_idmap *other = &maps->items[i];

			if (ranges_overlap(map->container_id, map->size, other->container_id,
					   other->size))
				return json_error(child, r->err,
						  "container ids overlap those of entry %zu", i);
			if (ranges_overlap(map->host_id, map->size, other->host_id, other->size))
				return json_error(child, r->err,
						  "host ids overlap those of entry %zu", i);
		}
	}
	return 0;
}

/* --- linux.timeOffsets --- */

static const struct range nanosecs_range = {
	0, 999999999, "nanosecs is 0 to 999999999; put whole seconds into secs"};

#define AT(field) offsetof(struct spec_time_offset, field)
static const struct property time_offset_rows[] = {
	ROW("secs", JSON_NUMBER, take_i64, AT(secs)),
	ROW("nanosecs", JSON_NUMBER, take_u32, AT(nanosecs), .rule = &nanosecs_range),
};
#undef AT
static TABLE(time_offset_table, time_offset_rows, struct spec_time_offset, NULL);

/* Two clocks, and no other, can be offset (time_namespaces(7)). */
#define AT(field) offsetof(struct spec_linux, field)
static const struct property time_offsets_rows[] = {
	ROW("boottime", JSON_OBJECT, take_object, AT(boottime), .child = &time_offset_table,
	    .mark = AT(boottime.set)),
	ROW("monotonic", JSON_OBJECT, take_object, AT(monotonic), .child = &time_offset_table,
	    .mark = AT(monotonic.set)),
};
#undef AT
TABLE(time_offsets_table, time_offsets_rows, struct spec_linux, NULL);

/* --- linux.netDevices --- */

#define AT(field) offsetof(struct spec_net_device, field)
static const struct property net_device_rows[] = {
	ROW("name", JSON_STRING, take_string, AT(name), .text = text_net_name),
};
#undef AT
TABLE(net_device_table, net_device_rows, struct spec_net_device, NULL);

static const char *name_inside(const struct spec_net_device *device)
{
	return device->name ? device->name : device->host_name;
}

/* Compared with each other below; no host has as many. */
#define NET_DEVICES_MAX 1024

int take_net_devices(struct reader *r, const struct json *v, const struct property *p, void *field)
{
	const __typeof__(((struct spec_linux *)0)->net_devices) *devices = field;

	if (v->n > NET_DEVICES_MAX)
		return json_error(v, r->err, "has %zu devices; %d at most", v->n, NET_DEVICES_MAX);
	if (take_map(r, v, p, field))
		return -1;
	for (size_t i = 0; i < devices->n; i++)
		for (size_t j = 0; j < i; j++)
			if (strcmp(name_inside(&devices->items[i]),
				   name_inside(&devices->items[j])) == 0)
				return json_error(
					v, r->err,
					"'%s' and '%s' would both be called '%s' in the container",
					devices->items[j].host_name, devices->items[i].host_name,
					name_inside(&devices->items[i]));
	return 0;
}
