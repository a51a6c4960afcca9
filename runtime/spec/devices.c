/* Devices to make (linux.devices) and device access rules (linux.resources.devices).
 */
#include "config.h"

#include "spec/table.h"

#include <string.h>
#include <sys/stat.h>

#include "base/banned.h"

const struct range device_major_range = {0, DEVICE_MAJOR_MAX, "a major number is 0 to 4095"};
const struct range device_minor_range = {0, DEVICE_MINOR_MAX, "a minor number is 0 to 1048575"};
static const struct range rule_major_range = {-1, DEVICE_MAJOR_MAX,
					      "a major number is 0 to 4095, or -1 for any"};
static const struct range rule_minor_range = {-1, DEVICE_MINOR_MAX,
					      "a minor number is 0 to 1048575, or -1 for any"};

/* --- linux.devices --- */

static int take_device_type(struct reader *r, const struct json *v, const struct property *p,
			    void *field)
{
	(void)p;
	if (v->text_len != 1 || !strchr("cbup", v->text[0]))
		return json_error(v, r->err, "'%s' is not a device type; use one of c, b, u, p",
				  table_show(v->text).s);
	/* u is an unbuffered character device: the same thing on Linux (mknod(1)). */
	*(char *)field = v->text[0] == 'u' ? 'c' : v->text[0];
	return 0;
}

/* The schema has access bits only.  podman writes what stat(2) says of the host's node, the
 * file type with it: taken if it is that of 'type', and left out. */
static int mode_check(struct reader *r, const struct json *v, struct spec_device *device)
{
	unsigned kind = device->type == 'c' ? S_IFCHR : device->type == 'b' ? S_IFBLK : S_IFIFO;
	unsigned asked = device->file_mode.v;

	if (asked & ~0777U && (asked & ~0777U) != kind)
		return json_error(
			v, r->err,
			"fileMode %u is none of a device of type '%c': access bits are 0 to 511 "
			"(octal 0777), written in decimal",
			asked, device->type);
	device->file_mode.v = asked & 0777;
	return 0;
}

static int device_check(struct reader *r, const struct json *v, void *obj)
{
	struct spec_device *device = obj;

	if (mode_check(r, v, device) < 0)
		return -1;
	if (device->type != 'p' && !(table_has(v, "major") && table_has(v, "minor")))
		return json_error(v, r->err, "a device of type '%c' needs 'major' and 'minor'",
				  device->type);
	return 0;
}

#define AT(field) offsetof(struct spec_device, field)
static const struct property device_rows[] = {
	ROW("type", JSON_STRING, take_device_type, AT(type), .flags = PROPERTY_REQUIRED),
	ROW("path", JSON_STRING, take_string, AT(path), .flags = PROPERTY_REQUIRED,
	    .text = text_absolute_path),
	ROW("fileMode", JSON_NUMBER, take_opt_u32, AT(file_mode)),
	ROW("major", JSON_NUMBER, take_i64, AT(major), .rule = &device_major_range),
	ROW("minor", JSON_NUMBER, take_i64, AT(minor), .rule = &device_minor_range),
	ROW("uid", JSON_NUMBER, take_opt_id, AT(uid)),
	ROW("gid", JSON_NUMBER, take_opt_id, AT(gid)),
};
#undef AT
TABLE(device_table, device_rows, struct spec_device, device_check);

/* --- linux.resources.devices --- */

static int take_rule_type(struct reader *r, const struct json *v, const struct property *p,
			  void *field)
{
	(void)p;
	if (v->text_len == 0)
		return 0;
	if (v->text_len != 1 || !strchr("acb", v->text[0]))
		return json_error(v, r->err,
				  "'%s' is not a device type of a rule; use one of a, c, b",
				  table_show(v->text).s);
	*(char *)field = v->text[0];
	return 0;
}

static int take_access(struct reader *r, const struct json *v, const struct property *p,
		       void *field)
{
	struct spec_device_rule *rule = field;

	(void)p;
	for (const char *c = v->text; *c; c++) {
		bool *bit = *c == 'r'   ? &rule->read
			    : *c == 'w' ? &rule->write
			    : *c == 'm' ? &rule->mknod
					: NULL;

		if (!bit)
			return json_error(v, r->err, "'%s' is no device access; use letters of rwm",
					  table_show(v->text).s);
		*bit = true;
	}
	return 0;
}

static int device_rule_check(struct reader *r, const struct json *v, void *obj)
{
	struct spec_device_rule *rule = obj;

	(void)r;
	(void)v;
	if (!rule->type)
		rule->type = 'a';
	if (!rule->read && !rule->write && !rule->mknod)
		rule->read = rule->write = rule->mknod = true;
	return 0;
}

#define AT(field) offsetof(struct spec_device_rule, field)
static const struct property device_rule_rows[] = {
	ROW("allow", JSON_BOOL, take_bool, AT(allow), .flags = PROPERTY_REQUIRED),
	ROW("type", JSON_STRING, take_rule_type, AT(type)),
	ROW("major", JSON_NUMBER, take_opt_i64, AT(major), .rule = &rule_major_range),
	ROW("minor", JSON_NUMBER, take_opt_i64, AT(minor), .rule = &rule_minor_range),
	ROW("access", JSON_STRING, take_access, 0),
};
#undef AT
TABLE(device_rule_table, device_rule_rows, struct spec_device_rule, device_rule_check);
