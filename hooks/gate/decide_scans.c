/* When and by what the image was examined: ages, expiry, what must be looked for.
 *
 * For each class that is required one scan counts, the newest complete one; beside those
 * that of each tool that is required.  Others prove nothing and spoil nothing: an old
 * scan that is kept beside a fresh one is no reason.  (Its findings count all the same.)
 */
#include "config.h"

#include "gate/judge.h"

#include "base/rfc3339.h"
#include "gate/findings.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/banned.h"

int64_t seconds_between(int64_t a, int64_t b)
{
	int64_t difference;

	if (__builtin_sub_overflow(a, b, &difference))
		return a < b ? INT64_MIN : INT64_MAX;
	return difference;
}

const char *text_age(int64_t age_s, int64_t limit_s, char ret[64])
{
	static const struct {
		int64_t seconds;
		char name;
	} units[] = {{86400, 'd'}, {3600, 'h'}, {60, 'm'}, {1, 's'}};
	size_t i = 0;

	while (i + 1 < ARRAY_LEN(units) && (limit_s % units[i].seconds ||
					    age_s / units[i].seconds <= limit_s / units[i].seconds))
		i++;
	(void)snprintf(ret, 64, "%" PRId64 "%c > %" PRId64 "%c", age_s / units[i].seconds,
		       units[i].name, limit_s / units[i].seconds, units[i].name);
	return ret;
}

int64_t judge_age_limit(const struct judge *j, int64_t limit)
{
	int64_t sum;

	if (!j->request->is_restart || j->request->seen_at <= 0 || j->policy->grace_restart_s <= 0)
		return limit;
	return __builtin_add_overflow(limit, j->policy->grace_restart_s, &sum) ? INT64_MAX : sum;
}

const struct scan *judge_scan_of(const struct judge *j, enum scan_class scan_class)
{
	const struct scan *best = NULL;

	for (size_t i = 0; i < j->record->scans.n; i++) {
		const struct scan *scan = &j->record->scans.items[i];

		if (!(scan->classes & 1u << scan_class))
			continue;
		if (!best || (scan->complete == best->complete ? scan->scanned_at > best->scanned_at
							       : scan->complete))
			best = scan;
	}
	return best;
}

/* As for a class: what it left out it hasn't looked at. */
static const struct scan *scan_of_tool(const struct judge *j, const char *tool)
{
	const struct scan *best = NULL;

	for (size_t i = 0; i < j->record->scans.n; i++) {
		const struct scan *scan = &j->record->scans.items[i];

		if (strcmp(scan->tool, tool) != 0)
			continue;
		if (!best || (scan->complete == best->complete ? scan->scanned_at > best->scanned_at
							       : scan->complete))
			best = scan;
	}
	return best;
}

/* --- ages --- */

/* Denies what is older than the limit, unless the grace of a restart covers it. */
static void judge_age(struct judge *j, int code, const char *what, int64_t at, int64_t age,
		      int64_t limit)
{
	char text[64], when[RFC3339_SIZE];

	if (at > 0 && age <= limit)
		return;
	if (at <= 0) {
		judge_add(j, code, "%s: when isn't said", what);
		return;
	}
	rfc3339_format(at, when);
	(void)text_age(age, limit, text);
	if (age <= judge_age_limit(j, limit))
		judge_add(j, W_GRACE, "%s %s %s (%s)", gate_code_info(code)->name, what, when,
			  text);
	else
		judge_add(j, code, "%s %s (%s)", what, when, text);
}

/* What the runtime's policy asks beyond ours; no grace of ours is its. */
static bool is_beyond_runtime(const struct judge *j, const struct scan *scan)
{
	int64_t limit = j->request->max_scan_age_s,
		age = seconds_between(j->in->now, scan->scanned_at);

	return limit > 0 && scan->scanned_at > 0 && age > limit &&
	       age <= judge_age_limit(j, j->policy->max_scan_age_s);
}

static void judge_scan_age(struct judge *j, const struct scan *scan)
{
	int64_t age = seconds_between(j->in->now, scan->scanned_at);
	char what[64], when[RFC3339_SIZE], text[64];

	(void)snprintf(what, sizeof(what), "%.40s scanned", scan->tool);
	if (is_beyond_runtime(j, scan)) {
		rfc3339_format(scan->scanned_at, when);
		judge_add(j, E_SCAN_STALE, "%s %s (%s, scan.maxAgeDays of kanuki's policy)", what,
			  when, text_age(age, j->request->max_scan_age_s, text));
		return;
	}
	judge_age(j, E_SCAN_STALE, what, scan->scanned_at, age, j->policy->max_scan_age_s);
}

static void judge_scan(struct judge *j, const struct scan *scan)
{
	int64_t at = scan->scanned_at > 0 ? scan->scanned_at : j->in->now;
	char what[64];

	judge_scan_age(j, scan);
	/* Secrets and misconfiguration are looked for without one. */
	if (!(scan->classes & (1u << CLASS_VULN | 1u << CLASS_MALWARE)))
		return;
	(void)snprintf(what, sizeof(what), "%.40s database", scan->tool);
	judge_age(j, E_DB_STALE, what, scan->db_updated_at,
		  seconds_between(at, scan->db_updated_at), j->policy->max_db_age_s);
}

static void judge_future(struct judge *j, const char *what, int64_t at)
{
	char when[RFC3339_SIZE];

	if (seconds_between(at, j->in->now) <= j->policy->clock_skew_s)
		return;
	rfc3339_format(at, when);
	judge_add(j, E_SCAN_FUTURE, "%s %s", what, when);
}

static void judge_expiry(struct judge *j)
{
	const struct record *record = j->record;
	int64_t over = seconds_between(j->in->now, record->expires_at);
	char when[RFC3339_SIZE];

	judge_age(j, E_RECORD_EXPIRED, "issued", record->issued_at,
		  seconds_between(j->in->now, record->issued_at), j->policy->max_record_age_s);
	if (over < 0)
		return;
	rfc3339_format(record->expires_at, when);
	if (record->expires_at > 0 && over < judge_age_limit(j, 0))
		judge_add(j, W_GRACE, "E_RECORD_EXPIRED %s", when);
	else
		judge_add(j, E_RECORD_EXPIRED, "%s",
			  record->expires_at > 0 ? when : "when isn't said");
}

void judge_freshness(struct judge *j)
{
	const struct record *record = j->record;

	judge_future(j, "issued", record->issued_at);
	for (size_t i = 0; i < record->scans.n; i++) {
		judge_future(j, "scanned", record->scans.items[i].scanned_at);
		judge_future(j, "database of", record->scans.items[i].db_updated_at);
	}
	judge_expiry(j);
	for (int c = CLASS_NONE + 1; c < CLASS_COUNT; c++) {
		const struct scan *scan = j->policy->require_classes & 1u << c
						  ? judge_scan_of(j, (enum scan_class)c)
						  : NULL;

		if (scan)
			judge_scan(j, scan);
	}
	for (size_t i = 0; i < j->policy->require_tools.n; i++) {
		const struct scan *scan = scan_of_tool(j, j->policy->require_tools.items[i]);

		if (scan)
			judge_scan(j, scan);
	}
	if (!(j->policy->require_classes | j->policy->require_tools.n)) { /* whatever there is, the newest; of no class, so without a database */
		const struct scan *newest = &record->scans.items[0];

		for (size_t i = 1; i < record->scans.n; i++)
			if (record->scans.items[i].scanned_at > newest->scanned_at)
				newest = &record->scans.items[i];
		judge_scan_age(j, newest);
	}
}

/* --- coverage --- */

static void judge_complete(struct judge *j, const struct scan *scan)
{
	if (!scan->complete && j->policy->require_complete &&
	    !judge_waive(j, E_SCAN_INCOMPLETE, scan->tool))
		judge_add(j, E_SCAN_INCOMPLETE, "%.40s: %s", scan->tool,
			  scan->incomplete_why ? scan->incomplete_why : "it doesn't say why");
}

static void judge_classes(struct judge *j)
{
	for (int c = CLASS_NONE; c < 32; c++) {
		const char *name =
			c < CLASS_COUNT ? scan_class_name((enum scan_class)c) : "unknown";
		const struct scan *scan;

		if (!(j->policy->require_classes & 1u << c))
			continue;
		scan = c > CLASS_NONE && c < CLASS_COUNT ? judge_scan_of(j, (enum scan_class)c)
							 : NULL;
		if (scan)
			judge_complete(j, scan);
		else if (!judge_waive(j, E_CLASS_MISSING, name))
			judge_add(j, E_CLASS_MISSING, "%s", name);
	}
}

static void judge_os(struct judge *j)
{
	const struct scan *scan =
		j->policy->require_classes & 1u << CLASS_VULN ? judge_scan_of(j, CLASS_VULN) : NULL;

	if (j->policy->require_os && scan && !scan->os_family &&
	    !judge_waive(j, E_OS_UNKNOWN, scan->tool))
		judge_add(j, E_OS_UNKNOWN, "%.40s names none", scan->tool);
	for (size_t i = 0; j->policy->deny_eol_os && i < j->record->scans.n; i++) {
		scan = &j->record->scans.items[i];
		if (scan->os_end_of_life && !judge_waive(j, E_OS_EOL, scan->tool))
			judge_add(j, E_OS_EOL, "%.40s %.40s says %.40s",
				  scan->os_family ? scan->os_family : "?",
				  scan->os_version ? scan->os_version : "", scan->tool);
	}
}

/* Only scans that are fresh count: a tool that ran last year isn't a second opinion. */
static void judge_tools(struct judge *j)
{
	int64_t limit = judge_age_limit(j, j->policy->max_scan_age_s);
	uint32_t n = 0;

	if (j->request->max_scan_age_s > 0 && j->request->max_scan_age_s < limit)
		limit = j->request->max_scan_age_s;
	for (size_t i = 0; i < j->policy->require_tools.n; i++) {
		const char *tool = j->policy->require_tools.items[i];
		const struct scan *scan = scan_of_tool(j, tool);

		if (scan)
			judge_complete(j, scan);
		else if (!judge_waive(j, E_TOOL_MISSING, tool))
			judge_add(j, E_TOOL_MISSING, "%s", tool);
	}
	for (size_t i = 0; i < j->record->scans.n; i++) {
		const struct scan *scan = &j->record->scans.items[i];

		n += scan == scan_of_tool(j, scan->tool) &&
		     seconds_between(j->in->now, scan->scanned_at) <= limit;
	}
	if (n < j->policy->min_tools && !judge_waive(j, E_TOOL_MISSING, NULL))
		judge_add(j, E_TOOL_MISSING, "%u < %u fresh", n, j->policy->min_tools);
}

void judge_coverage(struct judge *j)
{
	judge_classes(j);
	judge_os(j);
	judge_tools(j);
}
