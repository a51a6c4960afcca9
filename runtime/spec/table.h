/* The table machinery of the parser: one table per JSON object of the specification.
 *
 * A row says what a property is called, which JSON type it has, where its value goes and who
 * puts it there.  A key without a row is an unknown property; a row with `refused` is a known
 * one that is not supported, which is a different error.  spec_each_property() walks the same
 * rows, so what the parser does and what it says it does can't differ.
 */
#ifndef KANUKI_SPEC_TABLE_H
#define KANUKI_SPEC_TABLE_H

#include "base/json.h"
#include "base/table.h"
#include "spec/spec.h"

#include <stddef.h>

/* Where the data goes and where the first error is written. */
struct reader {
	struct arena *arena;
	struct err *err;
};

struct property;
struct table;

/* Stores v into *field; v has the row's JSON type. */
typedef int take_fn(struct reader *r, const struct json *v, const struct property *p, void *field);
/* Judges a string (or each string of an array); NULL: anything goes. */
typedef int text_fn(struct reader *r, const struct json *v, const char *s);

enum property_flags {
	PROPERTY_REQUIRED = 1 << 0,  /* absent or null is an error */
	PROPERTY_NOT_EMPTY = 1 << 1, /* "" and [] are errors; an empty string is else read as absent */
	PROPERTY_NOT_LINUX = 1 << 2, /* in the schema, for another system */
	PROPERTY_REMOVED = 1 << 3,   /* not in 1.3.0; known so that the error can say what replaced it */
};

struct property {
	const char *key;
	enum json_type type;
	take_fn *take;
	size_t offset;		   /* of the value, in the table's struct */
	unsigned flags;		   /* enum property_flags */
	text_fn *text;		   /* strings */
	const void *rule;	   /* a struct range, a name_set or a noun, as `take` wants it */
	const struct table *child; /* objects, arrays and maps of objects */
	size_t mark;		   /* of a bool that says "present"; 0: none */
	const char *refused;	   /* why the property is not supported */
	const char *treatment;	   /* of one that is read and then always refused; NULL: "handled" */
};

struct table {
	const struct property *rows;
	size_t n;
	size_t size; /* of the struct that a row's offset counts in */
	/* What must hold between the properties; called when all have been read. */
	int (*check)(struct reader *r, const struct json *v, void *obj);
};

/* At most 64 rows: table_read keeps a bit for each. */
#define TABLE(name, array, type, check_fn)                                                         \
	const struct table name = { (array), ARRAY_LEN(array), sizeof(type), (check_fn) };         \
	_Static_assert(ARRAY_LEN(array) <= 64, "too many rows")

/* key, type, take, offset, and further members by name. */
#define ROW(key_, type_, take_, offset_, ...)                                                      \
	{ .key = (key_), .type = (type_), .take = (take_), .offset = (offset_), __VA_ARGS__ }
/* Treatments of properties that are read to tell zero, which asks for nothing, from the rest. */
#define NO_COUNTERPART "refused: no counterpart in cgroup v2"
#define NO_VALUE       "refused: the specification defines no value"

/* A refused property of another system, and one that 1.3.0 no longer has. */
#define ROW_NOT_LINUX(key_, type_, why_)                                                           \
	{ .key = (key_), .type = (type_), .flags = PROPERTY_NOT_LINUX, .refused = (why_) }
#define ROW_REMOVED(key_, why_)                                                                    \
	{ .key = (key_), .flags = PROPERTY_REMOVED, .refused = (why_) }

/* Inclusive bounds; `what` finishes the sentence "70000 is out of range: ...". */
struct range {
	int64_t min, max;
	const char *what;
};

/* A closed set of words with the number each stands for. */
struct name_set {
	const struct table_entry *items;
	size_t n;
	const char *noun; /* "a namespace type" */
};

#define NAME_SET(set, array, noun_) const struct name_set set = {(array), ARRAY_LEN(array), (noun_)}

/* Reads one object into *obj (zeroed, of t->size). */
int table_read(struct reader *r, const struct json *v, const struct table *t, void *obj)
	__attribute__((warn_unused_result));
/* Appends a zeroed element of t->size to a LIST_OF and reads v into it; NULL on error. */
void *table_append(struct reader *r, const struct json *v, const struct table *t, void *list)
	__attribute__((warn_unused_result));
/* An object's member is there and not null. */
bool table_has(const struct json *v, const char *key);
/* Adds a word to a str_list. */
int table_push(struct reader *r, struct str_list *list, const char *s)
	__attribute__((warn_unused_result));
/* spec_each_property for one table; `prefix` is the path of its object. */
void table_walk(const struct table *t, const char *prefix,
		void (*each)(const char *path, const char *treatment, void *arg), void *arg);

/* Takers.  The comment names the type of *field. */
take_fn take_string;	  /* const char *; NULL when empty */
take_fn take_strings;	  /* struct str_list */
take_fn take_word;	  /* const char *, of the name_set `rule` */
take_fn take_words;	  /* struct str_list, likewise */
take_fn take_named;	  /* int, the value of a name_set's word */
take_fn take_bool;	  /* bool */
take_fn take_opt_bool;	  /* struct opt_bool */
take_fn take_i64;	  /* int64_t, within struct range `rule` if given */
take_fn take_opt_i64;	  /* struct opt_i64, likewise */
take_fn take_u32;	  /* uint32_t, likewise */
take_fn take_opt_u32;	  /* struct opt_u32, likewise */
take_fn take_u64;	  /* uint64_t, likewise */
take_fn take_opt_u64;	  /* struct opt_u64, likewise */
take_fn take_id;	  /* uint32_t uid or gid, never 4294967295 */
take_fn take_opt_id;	  /* struct opt_u32, likewise */
take_fn take_object;	  /* the child's struct itself */
take_fn take_object_ptr;  /* pointer to the child's struct, allocated */
take_fn take_list;	  /* LIST_OF(the child's struct) */
take_fn take_map;	  /* LIST_OF(the child's struct), whose first member is the key (const char *) */
take_fn take_mask_list;	  /* const char *: "0-3,7" in the kernel's form; `rule` says of what (text.c) */
take_fn take_pairs;	  /* spec_pairs; `text` judges the keys */
take_fn take_idmaps;	  /* spec_idmaps (namespaces.c) */
take_fn take_namespaces;  /* struct spec_namespace[SPEC_NS_COUNT] (namespaces.c) */
take_fn take_net_devices; /* LIST_OF(struct spec_net_device) (namespaces.c) */

/* Judges of strings. */
text_fn text_path;	    /* fits PATH_MAX */
text_fn text_absolute_path; /* and starts with "/" */
text_fn text_env;	    /* "KEY=value", KEY not empty */
text_fn text_set_list;	    /* the kernel's list format: "0-3,7,16-31:2/4" */
text_fn text_net_name;	    /* a network device's name */

const struct table_entry *names_find(const struct name_set *set, const char *name);
/* The nearest of n names `stride` bytes apart (each record begins with its name), or NULL. */
const char *names_closest(const char *word, const void *first, size_t n, size_t stride);

/* A value as it is shown in a message: at most 64 bytes, whole UTF-8 characters,
 * no control character. */
struct shown {
	char s[72];
};
struct shown table_show(const char *s);

/* mknod(2) takes 12 bits of major and 20 of minor and cuts the rest off silently, so that a
 * number beyond would name another device. */
#define DEVICE_MAJOR_MAX 4095
#define DEVICE_MINOR_MAX 1048575
extern const struct range device_major_range, device_minor_range;

extern const struct name_set rlimit_names, namespace_names;
extern const struct name_set seccomp_action_names, seccomp_operator_names, seccomp_arch_names;
extern const struct name_set seccomp_flag_names, memory_mode_names, memory_flag_names;

extern const struct table spec_table, process_table, mount_table, hooks_table, linux_table;
extern const struct table resources_table, seccomp_table, device_table, device_rule_table;
extern const struct table time_offsets_table, net_device_table, idmap_table, namespace_table;
extern const struct table intel_rdt_table, memory_policy_table, personality_table;

#endif
