/* config.json as a whole: the top-level table, the linux table, the version, and the entry points.
 *
 * Pure: memory in, struct out.  Strings point into the JSON tree, which lives in the same arena.
 */
#include "config.h"

#include "spec/table.h"

#include <string.h>

#include "base/banned.h"

_Static_assert(SPEC_MAX_BYTES == JSON_MAX_BYTES, "the JSON parser enforces the limit of spec.h");

/* --- ociVersion --- */

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* "0" or digits without a leading zero; *s is moved behind them. */
static bool skip_number(const char **s)
{
	const char *start = *s;

	while (is_digit(**s))
		(*s)++;
	return *s > start && (*start != '0' || *s == start + 1);
}

/* Identifiers of letters, digits and hyphens, parted by dots. */
static bool skip_identifiers(const char **s)
{
	do {
		size_t n = strspn(
			*s, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-");

		if (n == 0)
			return false;
		*s += n;
	} while (**s == '.' && (*s)++);
	return true;
}

/* SemVer 2.0.0: 1.0.2, 1.0.0-rc2-dev, 1.3.0+dev. */
static bool is_semver(const char *s)
{
	for (int part = 0; part < 3; part++) {
		if (part > 0 && *s++ != '.')
			return false;
		if (!skip_number(&s))
			return false;
	}
	if (*s == '-') {
		s++;
		if (!skip_identifiers(&s))
			return false;
	}
	if (*s == '+') {
		s++;
		if (!skip_identifiers(&s))
			return false;
	}
	return *s == '\0';
}

/* Later 1.x versions only add properties, and what they add is refused by name where it is used. */
static int text_version(struct reader *r, const struct json *v, const char *s)
{
	if (!is_semver(s))
		return json_error(v, r->err, "'%s' is not a version; write it like 1.3.0",
				  table_show(s).s);
	if (strncmp(s, "1.", 2) != 0)
		return json_error(
			v, r->err,
			"version %s is not supported: only 1.x is, up to 1.3.0's properties",
			table_show(s).s);
	return 0;
}

/* --- linux --- */

static const struct table_entry propagation_items[] = {
	{"private", 0},
	{"shared", 0},
	{"slave", 0},
	{"unbindable", 0},
	/* Not in the specification; runc takes them, and engines pass mount options on. */
	{"rprivate", 0},
	{"rshared", 0},
	{"rslave", 0},
	{"runbindable", 0},
};
static NAME_SET(propagation_names, propagation_items, "a mount propagation");

static int take_propagation(struct reader *r, const struct json *v, const struct property *p,
			    void *field)
{
	return v->text_len == 0 ? 0 : take_word(r, v, p, field);
}

#define AT(field) offsetof(struct spec_linux, field)
static const struct property linux_rows[] = {
	ROW("devices", JSON_ARRAY, take_list, AT(devices), .child = &device_table),
	ROW("netDevices", JSON_OBJECT, take_net_devices, AT(net_devices),
	    .child = &net_device_table, .text = text_net_name),
	ROW("uidMappings", JSON_ARRAY, take_idmaps, AT(uid_mappings), .child = &idmap_table),
	ROW("gidMappings", JSON_ARRAY, take_idmaps, AT(gid_mappings), .child = &idmap_table),
	ROW("namespaces", JSON_ARRAY, take_namespaces, AT(namespaces), .child = &namespace_table),
	ROW("resources", JSON_OBJECT, take_object_ptr, AT(resources), .child = &resources_table),
	ROW("cgroupsPath", JSON_STRING, take_string, AT(cgroups_path)),
	ROW("rootfsPropagation", JSON_STRING, take_propagation, AT(rootfs_propagation),
	    .rule = &propagation_names),
	ROW("seccomp", JSON_OBJECT, take_object_ptr, AT(seccomp), .child = &seccomp_table),
	ROW("sysctl", JSON_OBJECT, take_pairs, AT(sysctl)),
	ROW("maskedPaths", JSON_ARRAY, take_strings, AT(masked_paths), .text = text_absolute_path,
	    .mark = AT(masked_paths_set)),
	ROW("readonlyPaths", JSON_ARRAY, take_strings, AT(readonly_paths),
	    .text = text_absolute_path, .mark = AT(readonly_paths_set)),
	ROW("mountLabel", JSON_STRING, take_string, AT(mount_label)),
	ROW("intelRdt", JSON_OBJECT, take_object, 0, .child = &intel_rdt_table,
	    .mark = AT(intel_rdt.set)),
	ROW("memoryPolicy", JSON_OBJECT, take_object, 0, .child = &memory_policy_table,
	    .mark = AT(memory_policy.set)),
	ROW("personality", JSON_OBJECT, take_object, 0, .child = &personality_table,
	    .mark = AT(personality.set)),
	ROW("timeOffsets", JSON_OBJECT, take_object, 0, .child = &time_offsets_table),
};
#undef AT
TABLE(linux_table, linux_rows, struct spec_linux, NULL);

/* --- config.json --- */

/* __NEW_UTS_LEN: sethostname(2) and setdomainname(2) take no more. */
#define UTS_MAX 64

static int text_uts_name(struct reader *r, const struct json *v, const char *s)
{
	size_t n = strlen(s);

	if (n > UTS_MAX)
		return json_error(v, r->err, "is %zu bytes long; Linux takes %d at most", n,
				  UTS_MAX);
	return 0;
}

#define AT(field) offsetof(struct spec, field)
static const struct property root_rows[] = {
	ROW("path", JSON_STRING, take_string, AT(root.path), .flags = PROPERTY_REQUIRED,
	    .text = text_path),
	ROW("readonly", JSON_BOOL, take_opt_bool, AT(root.readonly)),
};
static TABLE(root_table, root_rows, struct spec, NULL);

static const char other_system[] = "the object configures a container of another system";

static const struct property spec_rows[] = {
	ROW("ociVersion", JSON_STRING, take_string, AT(oci_version), .flags = PROPERTY_REQUIRED,
	    .text = text_version),
	ROW("root", JSON_OBJECT, take_object, 0, .child = &root_table, .mark = AT(root.set)),
	ROW("process", JSON_OBJECT, take_object_ptr, AT(process), .child = &process_table),
	ROW("hostname", JSON_STRING, take_string, AT(hostname), .text = text_uts_name),
	ROW("domainname", JSON_STRING, take_string, AT(domainname), .text = text_uts_name),
	ROW("mounts", JSON_ARRAY, take_list, AT(mounts), .child = &mount_table),
	ROW("hooks", JSON_OBJECT, take_object, 0, .child = &hooks_table),
	ROW("annotations", JSON_OBJECT, take_pairs, AT(annotations)),
	ROW("linux", JSON_OBJECT, take_object_ptr, AT(linux_), .child = &linux_table),
	ROW_NOT_LINUX("freebsd", JSON_OBJECT, other_system),
	ROW_NOT_LINUX("solaris", JSON_OBJECT, other_system),
	ROW_NOT_LINUX("vm", JSON_OBJECT,
		      "the object configures a virtual machine, and kanuki makes none"),
	ROW_NOT_LINUX("windows", JSON_OBJECT, other_system),
	ROW_NOT_LINUX("zos", JSON_OBJECT, other_system),
	ROW_REMOVED("platform", "it was dropped from the specification before 1.0.0; remove it"),
};
#undef AT
TABLE(spec_table, spec_rows, struct spec, NULL);

int spec_parse(const char *text, size_t len, struct spec *spec, struct err *err)
{
	struct reader r = {&spec->arena, err};
	const struct json *root;

	if (json_parse(r.arena, text, len, &root, err))
		return -1;
	return table_read(&r, root, &spec_table, spec);
}

/* A document that is one object of the specification. */
static void *parse_part(const char *text, size_t len, const struct table *t, struct arena *arena,
			struct err *err)
{
	struct reader r = {arena, err};
	const struct json *root;
	void *obj;

	if (json_parse(arena, text, len, &root, err))
		return NULL;
	obj = arena_alloc(arena, t->size);
	if (!obj) {
		err_oom(err);
		return NULL;
	}
	return table_read(&r, root, t, obj) ? NULL : obj;
}

int spec_parse_process(const char *text, size_t len, struct arena *arena, struct spec_process **ret,
		       struct err *err)
{
	struct spec_process *process = parse_part(text, len, &process_table, arena, err);

	if (!process)
		return -1;
	*ret = process;
	return 0;
}

int spec_parse_resources(const char *text, size_t len, struct arena *arena,
			 struct spec_resources **ret, struct err *err)
{
	struct spec_resources *resources = parse_part(text, len, &resources_table, arena, err);

	if (!resources)
		return -1;
	*ret = resources;
	return 0;
}

int spec_parse_seccomp(const char *text, size_t len, struct arena *arena, struct spec_seccomp **ret,
		       struct err *err)
{
	struct spec_seccomp *seccomp = parse_part(text, len, &seccomp_table, arena, err);

	if (!seccomp)
		return -1;
	*ret = seccomp;
	return 0;
}

void spec_release(struct spec *spec)
{
	arena_release(&spec->arena);
	memset(spec, 0, sizeof(*spec));
}

void spec_each_property(void (*each)(const char *path, const char *treatment, void *arg), void *arg)
{
	table_walk(&spec_table, "", each, arg);
}
