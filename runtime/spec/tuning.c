/* The objects that place a process on the machine: intelRdt, memoryPolicy, personality.
 */
#include "config.h"

#include "spec/table.h"

#include <string.h>
#include <sys/personality.h>

#include "base/banned.h"

/* --- linux.intelRdt --- */

/* The name of one directory in resctrl; "/" alone is its root, the default class (1.3.0). */
static int text_clos_id(struct reader *r, const struct json *v, const char *s)
{
	if (strcmp(s, "/") == 0)
		return 0;
	if (strcmp(s, ".") == 0 || strcmp(s, "..") == 0 || strpbrk(s, "/\n"))
		return json_error(
			v, r->err,
			"'%s' is no name of a class of service: one directory name, or '/'",
			table_show(s).s);
	return 0;
}

/* Each is one line of the file `schemata`: a second line in it could set any other resource. */
static int text_one_line(struct reader *r, const struct json *v, const char *s)
{
	if (strchr(s, '\n'))
		return json_error(v, r->err, "holds a line break; give one line");
	return 0;
}

static int text_mb_schema(struct reader *r, const struct json *v, const char *s)
{
	if (strncmp(s, "MB:", 3) != 0)
		return json_error(v, r->err, "'%s' does not begin with 'MB:'", table_show(s).s);
	return text_one_line(r, v, s);
}

#define AT(field) offsetof(struct spec_linux, intel_rdt.field)
static const struct property intel_rdt_rows[] = {
	ROW("closID", JSON_STRING, take_string, AT(clos_id), .text = text_clos_id),
	ROW("schemata", JSON_ARRAY, take_strings, AT(schemata), .text = text_one_line),
	ROW("l3CacheSchema", JSON_STRING, take_string, AT(l3_cache_schema), .text = text_one_line),
	ROW("memBwSchema", JSON_STRING, take_string, AT(mem_bw_schema), .text = text_mb_schema),
	ROW("enableMonitoring", JSON_BOOL, take_bool, AT(enable_monitoring)),
	ROW_REMOVED("enableCMT", "it is part of enableMonitoring since 1.3.0"),
	ROW_REMOVED("enableMBM", "it is part of enableMonitoring since 1.3.0"),
};
#undef AT
TABLE(intel_rdt_table, intel_rdt_rows, struct spec_linux, NULL);

/* --- linux.memoryPolicy --- */

static const struct table_entry mode_items[] = {
	/* The value says whether nodes are needed: 0 none may be given, 1 may, 2 must. */
	{"MPOL_DEFAULT", 0},    {"MPOL_BIND", 2},
	{"MPOL_INTERLEAVE", 2}, {"MPOL_WEIGHTED_INTERLEAVE", 2},
	{"MPOL_PREFERRED", 1},  {"MPOL_PREFERRED_MANY", 2},
	{"MPOL_LOCAL", 0},
};
NAME_SET(memory_mode_names, mode_items, "a memory policy mode");

static const struct table_entry mode_flag_items[] = {
	{"MPOL_F_NUMA_BALANCING", 1},
	{"MPOL_F_RELATIVE_NODES", 2},
	{"MPOL_F_STATIC_NODES", 4},
};
NAME_SET(memory_flag_names, mode_flag_items, "a memory policy flag");

/* What set_mempolicy(2) would answer with EINVAL, which says nothing. */
static int memory_policy_check(struct reader *r, const struct json *v, void *obj)
{
	const struct spec_linux *l = obj;
	int64_t need = names_find(&memory_mode_names, l->memory_policy.mode)->value;
	int64_t flags = 0;

	if (need == 0 && l->memory_policy.nodes)
		return json_error(v, r->err, "%s takes no 'nodes'; remove them",
				  l->memory_policy.mode);
	if (need == 2 && !l->memory_policy.nodes)
		return json_error(v, r->err, "%s needs 'nodes'", l->memory_policy.mode);
	for (size_t i = 0; i < l->memory_policy.flags.n; i++)
		flags |= names_find(&memory_flag_names, l->memory_policy.flags.items[i])->value;
	if ((flags & 6) == 6)
		return json_error(
			v, r->err,
			"MPOL_F_RELATIVE_NODES and MPOL_F_STATIC_NODES exclude each other");
	return 0;
}

#define AT(field) offsetof(struct spec_linux, memory_policy.field)
static const struct property memory_policy_rows[] = {
	ROW("mode", JSON_STRING, take_word, AT(mode), .flags = PROPERTY_REQUIRED,
	    .rule = &memory_mode_names),
	ROW("nodes", JSON_STRING, take_mask_list, AT(nodes), .rule = "memory nodes"),
	ROW("flags", JSON_ARRAY, take_words, AT(flags), .rule = &memory_flag_names),
};
#undef AT
TABLE(memory_policy_table, memory_policy_rows, struct spec_linux, memory_policy_check);

/* --- linux.personality --- */

static const struct table_entry domain_items[] = {
	{"LINUX", PER_LINUX},
	{"LINUX32", PER_LINUX32},
};
static NAME_SET(domain_names, domain_items, "an execution domain");

static int take_domain(struct reader *r, const struct json *v, const struct property *p,
		       void *field)
{
	int domain;

	if (take_named(r, v, p, &domain))
		return -1;
	*(uint32_t *)field = (uint32_t)domain;
	return 0;
}

/* The specification has the array, and no value for it. */
static int text_no_flag(struct reader *r, const struct json *v, const char *s)
{
	return json_error(v, r->err,
			  "'%s' is not supported: runtime-spec 1.3.0 defines no personality flag",
			  table_show(s).s);
}

#define AT(field) offsetof(struct spec_linux, personality.field)
static const struct property personality_rows[] = {
	ROW("domain", JSON_STRING, take_domain, AT(domain), .flags = PROPERTY_REQUIRED,
	    .rule = &domain_names),
	ROW("flags", JSON_ARRAY, take_strings, AT(flags), .text = text_no_flag,
	    .treatment = NO_VALUE),
};
#undef AT
TABLE(personality_table, personality_rows, struct spec_linux, NULL);
