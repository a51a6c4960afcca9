/* Statement -> record: the strict reader.  One table per object; a finding is a row, so
 * that a thousand of them stay small:
 *
 *   [id, severity letter, package, version, fixed version, fix, alias, purl, published, exploited]
 *
 * with null for what isn't said, and without what follows the last that is.
 */
#include "config.h"

#include "gate/record_form.h"

#include "base/rfc3339.h"
#include "gate/findings.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/banned.h"

const struct table_entry record_fixes[4] = {
	{"fixed", FIX_FIXED}, {"none", FIX_NONE}, {"wont", FIX_WONT}, {"unknown", FIX_UNKNOWN}};
const struct table_entry record_vex_states[4] = {{"not_affected", VEX_NOT_AFFECTED},
						 {"fixed", VEX_FIXED},
						 {"affected", VEX_AFFECTED},
						 {"under_investigation", VEX_INVESTIGATED}};

struct reader {
	struct arena *arena;
	struct err *err;
};

struct field {
	const char *key;
	int (*take)(struct reader *r, const struct json *v, void *field);
	size_t offset;
	bool required;
};

static int read_fields(struct reader *r, const struct json *v, const struct field *fields, size_t n,
		       void *obj)
{
	uint64_t given = 0;

	if (json_expect(v, JSON_OBJECT, r->err))
		return -1;
	json_each(child, v) {
		size_t i = 0;

		while (i < n && strcmp(fields[i].key, child->key) != 0)
			i++;
		if (i == n)
			return json_error(child, r->err, "unknown key");
		given |= UINT64_C(1) << i;
		if (fields[i].take(r, child, (char *)obj + fields[i].offset))
			return -1;
	}
	for (size_t i = 0; i < n; i++)
		if (fields[i].required && !(given & UINT64_C(1) << i))
			return json_error(v, r->err, "key '%s' is missing", fields[i].key);
	return 0;
}

#define READ(r, v, fields, obj) read_fields((r), (v), (fields), ARRAY_LEN(fields), (obj))

/* Room for all of v's children at once. */
#define START(r, list, v)                                                         \
	((list)->n = 0, (list)->cap = (v)->n,                                     \
	 (list)->items = arena_array((r)->arena, (v)->n, sizeof(*(list)->items)), \
	 (list)->items ? 0 : err_oom((r)->err))

/* --- single values --- */

static int take_text(struct reader *r, const struct json *v, void *field)
{
	if (json_as_string(v, field, r->err))
		return -1;
	if (v->text_len < 1 || v->text_len > RECORD_MAX_TEXT)
		return json_error(v, r->err, "has %zu bytes: it must have 1 to %u", v->text_len,
				  RECORD_MAX_TEXT);
	return 0;
}

static int take_digest(struct reader *r, const struct json *v, void *field)
{
	const char *s;

	if (json_as_string(v, &s, r->err))
		return -1;
	if (!digest_is_valid(s))
		return json_error(v, r->err,
				  "is not 'sha256:' and 64 lower-case hexadecimal digits");
	*(const char **)field = s;
	return 0;
}

static int take_time(struct reader *r, const struct json *v, void *field)
{
	const char *s;

	if (json_as_string(v, &s, r->err))
		return -1;
	if (!rfc3339_parse(s, field) || *(int64_t *)field == 0)
		return json_error(v, r->err, "is not a point in time like 2027-01-31T23:59:59Z");
	return 0;
}

static int take_bool(struct reader *r, const struct json *v, void *field)
{
	return json_as_bool(v, field, r->err);
}

static int take_number(struct reader *r, const struct json *v, void *field)
{
	return json_as_i64(v, 0, INT64_MAX, field, r->err);
}

static int take_schema(struct reader *r, const struct json *v, void *field)
{
	int64_t schema;

	(void)field;
	if (json_as_i64(v, INT64_MIN, INT64_MAX, &schema, r->err))
		return -1;
	return schema == 1 ? 0 : json_error(v, r->err, "is unknown: this program reads schema 1");
}

static int take_list(struct reader *r, const struct json *v, struct str_list *list,
		     int (*take)(struct reader *, const struct json *, void *))
{
	if (json_expect(v, JSON_ARRAY, r->err) || START(r, list, v))
		return -1;
	json_each(child, v)
		if (take(r, child, &list->items[list->n++]))
			return -1;
	return 0;
}

static int take_texts(struct reader *r, const struct json *v, void *field)
{
	return take_list(r, v, field, take_text);
}

static int take_digests(struct reader *r, const struct json *v, void *field)
{
	return take_list(r, v, field, take_digest);
}

/* --- scans --- */

static int find_class(struct reader *r, const struct json *v, const char *s, int *ret)
{
	for (int c = CLASS_NONE + 1; c < CLASS_COUNT; c++)
		if (!strcmp(scan_class_name((enum scan_class)c), s)) {
			*ret = c;
			return 0;
		}
	return json_error(v, r->err, "is not one of vuln, secret, malware, misconfig");
}

static int take_classes(struct reader *r, const struct json *v, void *field)
{
	unsigned *classes = field;

	if (json_expect(v, JSON_ARRAY, r->err))
		return -1;
	json_each(child, v) {
		const char *s;
		int c = 0;

		if (json_as_string(child, &s, r->err) || find_class(r, child, s, &c))
			return -1;
		if (*classes & 1u << c)
			return json_error(child, r->err, "is there twice");
		*classes |= 1u << c;
	}
	return 0;
}

static int take_os(struct reader *r, const struct json *v, void *field)
{
	static const struct field fields[] = {
		{"family", take_text, offsetof(struct scan, os_family), true},
		{"version", take_text, offsetof(struct scan, os_version), false},
		{"eol", take_bool, offsetof(struct scan, os_end_of_life), true},
	};
	return READ(r, v, fields, field);
}

static int take_scans(struct reader *r, const struct json *v, void *field)
{
	static const struct field fields[] = {
		{"tool", take_text, offsetof(struct scan, tool), true},
		{"version", take_text, offsetof(struct scan, tool_version), false},
		{"format", take_text, offsetof(struct scan, format), false},
		{"classes", take_classes, offsetof(struct scan, classes), true},
		{"scannedAt", take_time, offsetof(struct scan, scanned_at), false},
		{"dbUpdatedAt", take_time, offsetof(struct scan, db_updated_at), false},
		{"complete", take_bool, offsetof(struct scan, complete), true},
		{"incomplete", take_text, offsetof(struct scan, incomplete_why), false},
		{"os", take_os, 0, false},
		{"filters", take_texts, offsetof(struct scan, filters), false},
		{"evidence", take_digest, offsetof(struct scan, evidence), false},
		{"signer", take_text, offsetof(struct scan, signer), false},
	};
	scan_list *scans = field;

	if (json_expect(v, JSON_ARRAY, r->err) || START(r, scans, v))
		return -1;
	json_each(child, v)
		if (READ(r, child, fields, &scans->items[scans->n++]))
			return -1;
	return 0;
}

/* --- findings --- */

static int take_severity(struct reader *r, const struct json *v, void *field)
{
	const char *s, *at;

	if (json_as_string(v, &s, r->err))
		return -1;
	at = s[0] && !s[1] ? strchr(RECORD_SEVERITIES, s[0]) : NULL;
	if (!at)
		return json_error(v, r->err, "is not one of the letters " RECORD_SEVERITIES);
	*(enum severity *)field = (enum severity)(at - RECORD_SEVERITIES);
	return 0;
}

static int take_fix(struct reader *r, const struct json *v, void *field)
{
	const char *s;
	int64_t fix;

	if (json_as_string(v, &s, r->err))
		return -1;
	if (!table_value(record_fixes, s, &fix))
		return json_error(v, r->err, "is not one of fixed, none, wont, unknown");
	*(enum fix_state *)field = (enum fix_state)fix;
	return 0;
}

static int take_finding(struct reader *r, const struct json *v, struct finding *finding)
{
	static const struct field columns[] = {
		{"id", take_text, offsetof(struct finding, id), true},
		{"severity", take_severity, offsetof(struct finding, severity), true},
		{"package", take_text, offsetof(struct finding, package), false},
		{"version", take_text, offsetof(struct finding, version), false},
		{"fixedVersion", take_text, offsetof(struct finding, fixed_version), false},
		{"fix", take_fix, offsetof(struct finding, fix), false},
		{"alias", take_text, offsetof(struct finding, alias), false},
		{"purl", take_text, offsetof(struct finding, purl), false},
		{"published", take_number, offsetof(struct finding, published), false},
		{"exploited", take_bool, offsetof(struct finding, known_exploited), false},
	};
	size_t i = 0;

	if (json_expect(v, JSON_ARRAY, r->err))
		return -1;
	if (v->n < 2 || v->n > ARRAY_LEN(columns))
		return json_error(v, r->err, "has %zu columns: it must have 2 to %zu", v->n,
				  ARRAY_LEN(columns));
	json_each(child, v) {
		const struct field *column = &columns[i++];

		if (child->type == JSON_NULL && !column->required)
			continue;
		if (column->take(r, child, (char *)finding + column->offset))
			return -1;
	}
	return 0;
}

static int by_order(const void *a, const void *b)
{
	return finding_compare(a, b);
}

static int take_findings(struct reader *r, const struct json *v, void *field)
{
	finding_list *findings = field;
	size_t total = 0;

	if (json_expect(v, JSON_OBJECT, r->err))
		return -1;
	json_each(group, v)
		total += group->n;
	if (total > RECORD_MAX_FINDINGS)
		return json_error(v, r->err, "has %zu findings; %u are the most", total,
				  RECORD_MAX_FINDINGS);
	findings->cap = total;
	findings->items = arena_array(r->arena, total, sizeof(*findings->items));
	if (!findings->items)
		return err_oom(r->err);
	json_each(group, v) {
		int c = 0;

		if (find_class(r, group, group->key, &c) || json_expect(group, JSON_ARRAY, r->err))
			return -1;
		json_each(row, group) {
			struct finding *finding = &findings->items[findings->n++];

			finding->scan_class = (enum scan_class)c;
			if (take_finding(r, row, finding))
				return -1;
		}
	}
	qsort(findings->items, findings->n, sizeof(*findings->items), by_order);
	return 0;
}

static int take_summary(struct reader *r, const struct json *v, void *field)
{
	uint64_t(*counted)[SEVERITY_COUNT] = field;

	if (json_expect(v, JSON_OBJECT, r->err))
		return -1;
	json_each(group, v) {
		int c = 0;

		if (find_class(r, group, group->key, &c) || json_expect(group, JSON_OBJECT, r->err))
			return -1;
		json_each(child, group) {
			int s = 0;

			while (s < SEVERITY_COUNT &&
			       strcmp(severity_name((enum severity)s), child->key) != 0)
				s++;
			if (s == SEVERITY_COUNT)
				return json_error(child, r->err, "is no severity");
			if (json_as_u64(child, UINT64_MAX, &counted[c][s], r->err))
				return -1;
		}
		if (group->n != SEVERITY_COUNT)
			return json_error(group, r->err, "doesn't count each severity");
	}
	if (v->n != CLASS_COUNT - 1)
		return json_error(v, r->err, "doesn't count each class");
	return 0;
}

/* --- VEX, the image --- */

static int take_state(struct reader *r, const struct json *v, void *field)
{
	const char *s;
	int64_t state;

	if (json_as_string(v, &s, r->err))
		return -1;
	if (!table_value(record_vex_states, s, &state))
		return json_error(
			v, r->err,
			"is not one of not_affected, fixed, affected, under_investigation");
	*(enum vex_status *)field = (enum vex_status)state;
	return 0;
}

static int take_vex(struct reader *r, const struct json *v, void *field)
{
	static const struct field fields[] = {
		{"vulnerability", take_text, offsetof(struct vex_statement, vulnerability), true},
		{"status", take_state, offsetof(struct vex_statement, status), true},
		{"justification", take_text, offsetof(struct vex_statement, justification), false},
		{"product", take_text, offsetof(struct vex_statement, product), false},
		{"at", take_time, offsetof(struct vex_statement, at), false},
		{"evidence", take_digest, offsetof(struct vex_statement, evidence), false},
		{"signer", take_text, offsetof(struct vex_statement, signer), false},
	};
	vex_list *list = field;

	if (json_expect(v, JSON_ARRAY, r->err) || START(r, list, v))
		return -1;
	json_each(child, v)
		if (READ(r, child, fields, &list->items[list->n++]))
			return -1;
	return 0;
}

static int take_image(struct reader *r, const struct json *v, void *field)
{
	static const struct field fields[] = {
		{"config", take_digest, offsetof(struct record_image, config), true},
		{"manifest", take_digest, offsetof(struct record_image, manifest), false},
		{"indexes", take_digests, offsetof(struct record_image, indexes), false},
		{"platform", take_text, offsetof(struct record_image, platform), false},
		{"refs", take_texts, offsetof(struct record_image, refs), false},
		{"sbom", take_digest, offsetof(struct record_image, sbom), false},
	};
	return READ(r, v, fields, field);
}

static int take_predicate(struct reader *r, const struct json *v, void *field)
{
	static const struct field fields[] = {
		{"schema", take_schema, 0, true},
		{"sequence", take_number, offsetof(struct record, sequence), true},
		{"issuedAt", take_time, offsetof(struct record, issued_at), true},
		{"expiresAt", take_time, offsetof(struct record, expires_at), true},
		{"image", take_image, offsetof(struct record, image), true},
		{"scans", take_scans, offsetof(struct record, scans), true},
		{"summary", take_summary, offsetof(struct record, counted), true},
		{"findings", take_findings, offsetof(struct record, findings), true},
		{"vex", take_vex, offsetof(struct record, vex), false},
	};
	return READ(r, v, fields, field);
}

/* --- the statement --- */

struct statement {
	const char *type, *predicate_type;
	const struct json *subject;
	struct record record;
};

static int take_subject(struct reader *r, const struct json *v, void *field)
{
	*(const struct json **)field = v;
	return json_expect(v, JSON_ARRAY, r->err);
}

/* {"name": "config", "digest": {"sha256": "<64>"}} is `digest`; the name is no evidence. */
static int check_subject(struct reader *r, const struct json *v, const char *digest)
{
	const struct json *set = json_get(v, "digest"), *name = json_get(v, "name");
	const char *hex;

	if (!set || !name || v->n != 2)
		return json_error(v, r->err, "is not a name and a digest");
	if (json_expect(set, JSON_OBJECT, r->err) || json_expect(name, JSON_STRING, r->err))
		return -1;
	if (set->n != 1 || strcmp(set->first->key, "sha256") != 0)
		return json_error(set, r->err, "is not one digest, sha256");
	if (json_as_string(set->first, &hex, r->err))
		return -1;
	if (!digest || strcmp(hex, digest + 7) != 0)
		return json_error(set, r->err, "is not the image's");
	return 0;
}

static int check_subjects(struct reader *r, const struct json *v, const struct record_image *image)
{
	if (v->n != (image->manifest ? 2u : 1u))
		return json_error(v, r->err,
				  "names %zu things: it must name the image's config and its "
				  "manifest, if known",
				  v->n);
	if (check_subject(r, v->first, image->config))
		return -1;
	return image->manifest ? check_subject(r, v->first->next, image->manifest) : 0;
}

/* A statement, but of another kind: nothing more is read of it. */
static bool is_foreign(const struct json *root)
{
	const struct json *type = json_get(root, "_type"),
			  *predicate = json_get(root, "predicateType");

	if (!type || !predicate || type->type != JSON_STRING || predicate->type != JSON_STRING ||
	    strncmp(type->text, RECORD_STATEMENTS, sizeof(RECORD_STATEMENTS) - 1) != 0)
		return false;
	return strcmp(type->text, RECORD_STATEMENT) != 0 ||
	       strcmp(predicate->text, RECORD_PREDICATE_TYPE) != 0;
}

static int parse(struct reader *r, const struct json *root, struct statement *s)
{
	static const struct field fields[] = {
		{"_type", take_text, offsetof(struct statement, type), true},
		{"subject", take_subject, offsetof(struct statement, subject), true},
		{"predicateType", take_text, offsetof(struct statement, predicate_type), true},
		{"predicate", take_predicate, offsetof(struct statement, record), true},
	};
	uint64_t counted[CLASS_COUNT][SEVERITY_COUNT];

	if (READ(r, root, fields, s))
		return -1;
	if (strcmp(s->type, RECORD_STATEMENT) != 0)
		return json_error(json_get(root, "_type"), r->err, "is not '%s'", RECORD_STATEMENT);
	if (check_subjects(r, s->subject, &s->record.image))
		return -1;
	record_count(&s->record, counted);
	if (memcmp(counted, s->record.counted, sizeof(counted)) != 0)
		return err_set(r->err, ERR_SPEC, "predicate.summary: differs from the findings");
	return 0;
}

int record_parse(struct arena *arena, const char *text, size_t len, struct record *ret,
		 bool *ret_wrong_type, struct err *err)
{
	struct reader r = {arena, err};
	struct statement s = {0};
	const struct json *root;

	*ret_wrong_type = false;
	if (len > RECORD_MAX_BYTES)
		return err_set(err, ERR_SPEC, "has %zu bytes; %u are the most", len,
			       RECORD_MAX_BYTES);
	if (json_parse(arena, text, len, &root, err) || json_expect(root, JSON_OBJECT, err))
		return -1;
	if (is_foreign(root)) {
		*ret_wrong_type = true;
		return err_set(err, ERR_SPEC, "predicateType: is not '%s'", RECORD_PREDICATE_TYPE);
	}
	if (parse(&r, root, &s))
		return -1;
	*ret = s.record;
	return 0;
}

void record_count(const struct record *record, uint64_t ret[CLASS_COUNT][SEVERITY_COUNT])
{
	const struct finding *items = record->findings.items;
	bool sorted = findings_are_sorted(&record->findings);

	memset(ret, 0, sizeof(uint64_t[CLASS_COUNT][SEVERITY_COUNT]));
	for (size_t i = 0; i < record->findings.n; i++) {
		bool is_new = true;

		if (!finding_is_valid(&items[i]))
			continue;
		for (size_t k = i; is_new && k-- > (sorted && i ? i - 1 : 0);)
			is_new = !finding_is_same(&items[k], &items[i]);
		ret[items[i].scan_class][items[i].severity] += is_new;
	}
}
