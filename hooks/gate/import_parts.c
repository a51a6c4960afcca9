/* Owns what the importers share: bounded values, times, findings.  Pure. */
#include "config.h"

#include "gate/import_parts.h"

#include "base/num.h"
#include "base/rfc3339.h"
#include "base/str.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/banned.h"

#define MAX_LIST 1000 /* digests, names, filters */

/* ---- values ---- */

static int text_of(const struct json *v, const char **ret, struct err *err)
{
	*ret = NULL;
	if (!v || v->type == JSON_NULL)
		return 0;
	if (json_as_string(v, ret, err) < 0)
		return -1;
	if (!(*ret)[0])
		*ret = NULL;
	return 0;
}

static int keep(struct import *imp, const char *text, size_t len, const char **ret, struct err *err)
{
	char *copy = arena_memdup(imp->arena, text, len);
	if (!copy)
		return err_oom(err);
	*ret = copy;
	return 0;
}

int import_string(struct import *imp, const struct json *v, size_t max, const char **ret,
		  struct err *err)
{
	const char *text;
	if (text_of(v, &text, err) < 0)
		return -1;
	if (!text) {
		*ret = NULL;
		return 0;
	}
	if (v->text_len > max)
		return json_error(v, err, "longer than %zu bytes", max);
	return keep(imp, text, v->text_len, ret, err);
}

static int keep_cut(struct import *imp, const char *text, size_t len, const char **ret,
		    struct err *err)
{
	if (len <= IMPORT_MAX_NAME)
		return keep(imp, text, len, ret, err);
	size_t n = str_utf8_valid_prefix(text, IMPORT_MAX_NAME - 3);
	char *copy = arena_printf(imp->arena, "%.*s...", (int)n, text);
	if (!copy)
		return err_oom(err);
	*ret = copy;
	return 0;
}

int import_hostile(struct import *imp, const struct json *v, const char **ret, struct err *err)
{
	const char *text;
	if (text_of(v, &text, err) < 0)
		return -1;
	if (!text) {
		*ret = NULL;
		return 0;
	}
	return keep_cut(imp, text, v->text_len, ret, err);
}

int import_bytes(struct import *imp, const char *text, size_t len, const char **ret,
		 struct err *err)
{
	autostr out = STR_INIT;
	if (len == 0) {
		*ret = NULL;
		return 0;
	}
	for (size_t i = 0; i < len && out.len <= IMPORT_MAX_NAME;) {
		size_t n = text[i] ? str_utf8_char(text + i, len - i) : 0;
		if (n > 0)
			str_add_bytes(&out, text + i, n);
		else
			str_addf(&out, "\\x%02x", (unsigned char)text[i]);
		i += n ? n : 1;
	}
	if (str_failed(&out))
		return err_oom(err);
	return keep_cut(imp, str_text(&out), out.len, ret, err);
}

int import_purl(struct import *imp, const struct json *v, const char **ret, struct err *err)
{
	const char *text;
	if (text_of(v, &text, err) < 0)
		return -1;
	*ret = NULL;
	if (!text || v->text_len > IMPORT_MAX_NAME || strncmp(text, "pkg:", 4) != 0)
		return 0;
	return keep(imp, text, v->text_len, ret, err);
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* "+05:30" -> seconds; "Z" is 0. */
static bool parse_offset(const char *s, int64_t *ret)
{
	if (!strcmp(s, "Z") || !strcmp(s, "z")) {
		*ret = 0;
		return true;
	}
	if ((s[0] != '+' && s[0] != '-') || strlen(s) != 6 || s[3] != ':' || !is_digit(s[1]) ||
	    !is_digit(s[2]) || !is_digit(s[4]) || !is_digit(s[5]))
		return false;
	int hours = (s[1] - '0') * 10 + s[2] - '0', minutes = (s[4] - '0') * 10 + s[5] - '0';
	if (hours > 23 || minutes > 59)
		return false;
	*ret = (s[0] == '-' ? -1 : 1) * (hours * 3600 + minutes * 60);
	return true;
}

static bool parse_time(const char *text, size_t len, int64_t *ret)
{
	char utc[RFC3339_SIZE];
	if (len < 20 || len > 64)
		return false;
	memcpy(utc, text, 19);
	if (utc[10] == 't' || utc[10] == ' ')
		utc[10] = 'T';
	utc[19] = 'Z';
	utc[20] = '\0';
	const char *rest = text + 19;
	if (*rest == '.') {
		size_t digits = strspn(rest + 1, "0123456789");
		if (digits == 0)
			return false;
		rest += 1 + digits;
	}
	int64_t offset, at;
	if (!parse_offset(rest, &offset) || !is_digit(utc[0]) || !is_digit(utc[1]) ||
	    !is_digit(utc[2]) || !is_digit(utc[3]))
		return false;
	if (strncmp(utc, "1970", 4) < 0) {
		*ret = 0; /* Go's zero time and its like: not said */
		return true;
	}
	if (!rfc3339_parse(utc, &at))
		return false;
	*ret = at > offset ? at - offset : 0;
	return true;
}

int import_time(const struct json *v, int64_t *ret, struct err *err)
{
	const char *text;
	int64_t at;
	if (text_of(v, &text, err) < 0)
		return -1;
	if (!text) {
		*ret = 0;
		return 0;
	}
	if (!parse_time(text, v->text_len, &at))
		return json_error(v, err, "not a time as RFC 3339 has it");
	*ret = at;
	return 0;
}

bool import_is_digest(const char *s)
{
	return strlen(s) == DIGEST_LEN && !strncmp(s, "sha256:", 7) &&
	       strspn(s + 7, "0123456789abcdef") == 64;
}

int import_digest(struct import *imp, const struct json *v, const char **ret, struct err *err)
{
	const char *text;
	if (text_of(v, &text, err) < 0)
		return -1;
	if (!text) {
		*ret = NULL;
		return 0;
	}
	if (!import_is_digest(text))
		return json_error(v, err,
				  "not a digest: sha256: and 64 lower-case hexadecimal digits");
	return keep(imp, text, v->text_len, ret, err);
}

int import_add(struct import *imp, struct str_list *list, const char *text, struct err *err)
{
	if (str_list_has(list, text))
		return 0;
	if (list->n == MAX_LIST)
		return err_set(err, ERR_SPEC, "more than %d names or digests of the image",
			       MAX_LIST);
	const char **slot = ARENA_PUSH(imp->arena, list);
	char *copy = arena_strdup(imp->arena, text);
	if (!slot || !copy)
		return err_oom(err);
	*slot = copy;
	return 0;
}

int import_repo_digests(struct import *imp, const struct json *v, struct subject *subject,
			struct err *err)
{
	if (import_expect_array(v, err) < 0)
		return -1;
	json_each (e, v) {
		const char *text;
		if (json_as_string(e, &text, err) < 0)
			return -1;
		const char *at = strrchr(text, '@');
		if (!at || !import_is_digest(at + 1) || e->text_len > IMPORT_MAX_NAME)
			return json_error(e, err, "not repository@sha256:digest");
		char *name = arena_memdup(imp->arena, text, (size_t)(at - text));
		if (!name)
			return err_oom(err);
		if (import_add(imp, &subject->indexes, at + 1, err) < 0 ||
		    (name[0] && import_add(imp, &subject->refs, name, err) < 0))
			return -1;
	}
	return 0;
}

int import_expect_array(const struct json *v, struct err *err)
{
	return v->type == JSON_NULL ? 0 : json_expect(v, JSON_ARRAY, err);
}

int import_expect_object(const struct json *v, struct err *err)
{
	return v->type == JSON_NULL ? 0 : json_expect(v, JSON_OBJECT, err);
}

bool import_is_number(const struct json *v, unsigned number)
{
	char whole[16];
	int n = snprintf(whole, sizeof(whole), "%u", number);
	if (v->type != JSON_NUMBER || strncmp(v->text, whole, (size_t)n) != 0)
		return false;
	const char *rest = v->text + n;
	return !*rest || (rest[0] == '.' && rest[1] && strspn(rest + 1, "0") == strlen(rest + 1));
}

bool import_is_text(const struct json *v, const char *text)
{
	return v->type == JSON_STRING && !strcmp(v->text, text);
}

enum severity import_severity(const char *text)
{
	static const struct {
		const char *name;
		enum severity severity;
	} names[] = {
		{"critical", SEVERITY_CRITICAL}, {"high", SEVERITY_HIGH},
		{"medium", SEVERITY_MEDIUM},     {"low", SEVERITY_LOW},
		{"none", SEVERITY_NEGLIGIBLE},   {"negligible", SEVERITY_NEGLIGIBLE},
	};
	for (size_t i = 0; text && i < ARRAY_LEN(names); i++)
		if (!strcasecmp(text, names[i].name))
			return names[i].severity;
	return SEVERITY_UNKNOWN;
}

bool import_is_cve(const char *id)
{
	size_t n = strlen(id);
	return n >= 13 && !strncmp(id, "CVE-", 4) && strspn(id + 4, "0123456789") == 4 &&
	       id[8] == '-' && strspn(id + 9, "0123456789") == n - 9;
}

/* ---- the report ---- */

struct finding *import_finding(struct import *imp, finding_list *list, enum scan_class scan_class,
			       struct err *err)
{
	if (list->n == IMPORT_MAX_FINDINGS) {
		err_set(err, ERR_SPEC, "more than %u findings", IMPORT_MAX_FINDINGS);
		return NULL;
	}
	struct finding *f = ARENA_PUSH(imp->arena, list);
	if (!f) {
		err_oom(err);
		return NULL;
	}
	f->scan_class = scan_class;
	return f;
}

__attribute__((format(printf, 2, 0))) static char *print_phrase(struct import *imp, const char *fmt,
								va_list ap)
{
	char text[256];
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	text[str_utf8_valid_prefix(text, strlen(text))] = '\0';
	return arena_strdup(imp->arena, text);
}

int import_incomplete(struct import *imp, struct scan *scan, struct err *err, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	char *why = print_phrase(imp, fmt, ap);
	va_end(ap);
	if (why && scan->incomplete_why) {
		if (strlen(scan->incomplete_why) + strlen(why) > 400)
			return 0;
		why = arena_printf(imp->arena, "%s; %s", scan->incomplete_why, why);
	}
	if (!why)
		return err_oom(err);
	scan->complete = false;
	scan->incomplete_why = why;
	return 0;
}

int import_filter(struct import *imp, struct scan *scan, struct err *err, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	char *filter = print_phrase(imp, fmt, ap);
	va_end(ap);
	if (!filter)
		return err_oom(err);
	return import_add(imp, &scan->filters, filter, err);
}

/* The older of two times that should be one; 0 is not said. */
static int one_time(const char *what, int64_t said, int64_t hint, int64_t skew, int64_t *ret,
		    struct err *err)
{
	if (!said || !hint) {
		*ret = said ? said : hint;
		return 0;
	}
	int64_t older = said < hint ? said : hint, newer = said < hint ? hint : said;
	if (newer - older > skew) {
		char a[RFC3339_SIZE], b[RFC3339_SIZE];
		rfc3339_format(said, a);
		rfc3339_format(hint, b);
		return err_set(err, ERR_SPEC,
			       "%s: the report says %s, you say %s: leave it to the report", what,
			       a, b);
	}
	*ret = older;
	return 0;
}

int import_times(struct import *imp, struct scan *scan, int64_t said, int64_t db_said,
		 struct err *err)
{
	int64_t skew = imp->hints->max_skew_s > 0 ? imp->hints->max_skew_s : IMPORT_SKEW_S;
	if (one_time("time of the scan", said, imp->hints->scanned_at, skew, &scan->scanned_at,
		     err) < 0)
		return -1;
	return one_time("time of the database", db_said, imp->hints->db_updated_at, skew,
			&scan->db_updated_at, err);
}

/* What a scanner can look for at all: of several reports given at once each is told the same. */
static unsigned able(const struct scan *scan)
{
	if (!strncmp(scan->format, "trivy-", 6))
		return 1u << CLASS_VULN | 1u << CLASS_SECRET | 1u << CLASS_MISCONFIG;
	return strcmp(scan->format, "clamav-log") ? 1u << CLASS_VULN : 1u << CLASS_MALWARE;
}

int import_commit(struct import *imp, const struct scan *scan, const finding_list *findings,
		  struct err *err)
{
	struct scan *slot = ARENA_PUSH(imp->arena, &imp->report->scans);
	if (!slot)
		return err_oom(err);
	*slot = *scan;
	slot->classes |= imp->hints->classes & able(scan);
	for (size_t i = 0; i < findings->n; i++)
		slot->classes |= 1u << findings->items[i].scan_class; /* who found some has looked for it */
	imp->report->findings = *findings;
	return 0;
}
