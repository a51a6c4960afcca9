/* The hooks object: six lists of programs, all of one form.  Whether a hook may run, and when, is
 * decided elsewhere.
 */
#include "config.h"

#include "spec/table.h"

#include "base/banned.h"

/* The kernel's clocks count milliseconds in 64 bits; a longer wait than a 32-bit number of seconds
 * (68 years) is a mistake. */
static const struct range timeout_range = {1, INT32_MAX,
					   "a timeout is 1 second or more; leave it out for none"};

#define AT(field) offsetof(struct spec_hook, field)
static const struct property hook_rows[] = {
	ROW("path", JSON_STRING, take_string, AT(path), .flags = PROPERTY_REQUIRED,
	    .text = text_absolute_path),
	ROW("args", JSON_ARRAY, take_strings, AT(args)),
	ROW("env", JSON_ARRAY, take_strings, AT(env), .text = text_env, .mark = AT(env_set)),
	ROW("timeout", JSON_NUMBER, take_opt_i64, AT(timeout), .rule = &timeout_range),
};
#undef AT
static TABLE(hook_table, hook_rows, struct spec_hook, NULL);

/* The lists live in struct spec itself. */
#define AT(field) offsetof(struct spec, hooks.field)
static const struct property hooks_rows[] = {
	ROW("prestart", JSON_ARRAY, take_list, AT(prestart), .child = &hook_table),
	ROW("createRuntime", JSON_ARRAY, take_list, AT(create_runtime), .child = &hook_table),
	ROW("createContainer", JSON_ARRAY, take_list, AT(create_container), .child = &hook_table),
	ROW("startContainer", JSON_ARRAY, take_list, AT(start_container), .child = &hook_table),
	ROW("poststart", JSON_ARRAY, take_list, AT(poststart), .child = &hook_table),
	ROW("poststop", JSON_ARRAY, take_list, AT(poststop), .child = &hook_table),
};
#undef AT
TABLE(hooks_table, hooks_rows, struct spec, NULL);
