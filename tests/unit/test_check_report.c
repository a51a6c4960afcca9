/* check/: the tables fit together, demands stand as their items do, and what is printed is
 * escaped. */
#include "config.h"

#include "base/json.h"
#include "check/check.h"

#include "tap.h"

static struct arena arena = ARENA_INIT;

static const char *numbers_of(const struct check_item *item, enum check_standard s)
{
	const char *const numbers[STANDARD_COUNT] = {item->reqs, item->cis, item->nist, item->pci};
	return numbers[s];
}

static const struct check_demand *find_demand(enum check_standard s, const char *number)
{
	for (size_t i = 0; i < check_demands_n; i++)
		if (check_demands[i].standard == s && !strcmp(check_demands[i].number, number))
			return &check_demands[i];
	return NULL;
}

static void test_numbers(void)
{
	for (size_t i = 0; i < check_items_n; i++) {
		const struct check_item *item = &check_items[i];

		ok(item->title[0] && item->means[0] && item->mend[0] && item->subjects, "%s is complete", item->id);
		for (enum check_standard s = 0; s < STANDARD_COUNT; s++) {
			char copy[128], *rest = copy, *word;

			snprintf(copy, sizeof(copy), "%s", numbers_of(item, s));
			while ((word = strsep(&rest, " ")))
				ok(!*word || find_demand(s, word), "%s: %s is a demand", item->id, word);
		}
		for (size_t k = 0; k < i; k++)
			if (!strcmp(check_items[k].id, item->id))
				ok(false, "%s is there twice", item->id);
	}
}

static void test_demands(void)
{
	size_t counts[STANDARD_COUNT] = {0};
	const struct check_report none = {.subject = CHECK_HOST};

	for (size_t i = 0; i < check_demands_n; i++) {
		const struct check_demand *d = &check_demands[i];
		struct check_row row = check_row_of(&none, d);

		counts[d->standard]++;
		ok(d->outside || row.subjects, "%s %s: items, or who is responsible", d->number, d->title);
		ok(find_demand(d->standard, d->number) == d, "%s is there once", d->number);
	}
	is_int((intmax_t)counts[STANDARD_REQUIREMENTS], 29, "R-01 to R-29");
	is_int((intmax_t)counts[STANDARD_CIS], 12 + 32, "CIS 4.1 to 4.12 and 5.1 to 5.32");
	is_int((intmax_t)counts[STANDARD_NIST], 24, "NIST 4.1.1 to 4.6");
}

#define HOSTILE "<script>alert(\"1\")</script>&'\x1b[2J\n\xff"

static void add_note(struct check_report *report, const char *text)
{
	const char **slot = ARENA_PUSH(&arena, &report->notes);
	if (!slot)
		abort();
	*slot = text;
}

/* A report of a bundle of which nothing is known, but what is wrong. */
static struct check_report a_report(struct check_confinement *asked, struct check_confinement *given)
{
	struct check_report report = {.arena = &arena, .subject = CHECK_BUNDLE, .name = HOSTILE, .time = "2026-11-22T00:00:00Z",
				      .machine = HOSTILE, .policy = "builtin:hardened"};
	const struct check_facts facts = {.confinement = asked}, planned = {.confinement = given};
	struct err err = ERR_INIT;
	const char **slot;

	*asked = (struct check_confinement){.no_new_privs = SEEN_NO, .filter = SEEN_YES, .devices_seen = true};
	slot = ARENA_PUSH(&arena, &asked->devices);
	if (!slot)
		abort();
	*slot = HOSTILE;
	*given = (struct check_confinement){.no_new_privs = SEEN_YES, .filter = SEEN_YES, .devices_seen = true};
	add_note(&report, HOSTILE);
	if (check_judge_all(&report, &facts, &planned, &err) < 0)
		abort();
	return report;
}

static void test_rows(void)
{
	struct check_confinement asked, given;
	struct check_report report = a_report(&asked, &given);
	struct check_row row = check_row_of(&report, find_demand(STANDARD_CIS, "5.26"));

	ok(row.standing == STANDING_JUDGED && row.verdict == VERDICT_VIOLATED, "5.26 is violated by K-06");
	is_str(row.items, "K-06", "its items");
	row = check_row_of(&report, find_demand(STANDARD_CIS, "5.22"));
	ok(row.standing == STANDING_JUDGED && row.verdict == VERDICT_HELD, "5.22 is held by K-07");
	row = check_row_of(&report, find_demand(STANDARD_CIS, "4.8"));
	is_int(row.verdict, VERDICT_VIOLATED, "violated beside unknown is violated");
	row = check_row_of(&report, find_demand(STANDARD_CIS, "5.16"));
	is_int(row.verdict, VERDICT_UNKNOWN, "unknown");
	row = check_row_of(&report, find_demand(STANDARD_CIS, "5.8"));
	ok(row.standing == STANDING_ELSEWHERE && row.subjects == CHECK_CONTAINER, "5.8 is told by a running container");
	row = check_row_of(&report, find_demand(STANDARD_CIS, "5.1"));
	is_int(row.standing, STANDING_OUTSIDE, "5.1 is the engine's");
	row = check_row_of(&report, find_demand(STANDARD_CIS, "5.22"));
	ok(row.partly && row.others == CHECK_POLICY, "5.22 is told by policies, too");
	row = check_row_of(&report, find_demand(STANDARD_CIS, "5.13"));
	ok(!row.partly && !row.others, "5.13 is told by this alone");
	row = check_row_of(&report, find_demand(STANDARD_REQUIREMENTS, "R-15"));
	ok(row.partly && row.others == CHECK_ROOTFS && row.demand->outside, "R-15 by what is in the image, and by its scanner");
	is_int((intmax_t)report.counts[VERDICT_VIOLATED], 2, "two are violated");
	is_int((intmax_t)report.planned_counts[VERDICT_VIOLATED], 0, "none as planned");
	ok(check_has_number("5.1 5.10", "5.10") && !check_has_number("5.10", "5.1") && !check_has_number("", ""), "whole numbers");
}

static void test_json(void)
{
	struct check_confinement asked, given;
	struct check_report report = a_report(&asked, &given);
	autostr out = STR_INIT;
	struct err err = ERR_INIT;
	const struct json *root, *findings;
	bool found = false;

	is_int(check_print_json(&report, &out, &err), 0, "JSON");
	if (!ok(json_parse(&arena, str_text(&out), out.len, &root, &err) == 0, "is JSON"))
		return;
	is_str(json_get(root, "subject")->text, "bundle", "subject");
	is_str(json_get(json_get(root, "counts"), "violated")->text, "2", "counts");
	findings = json_get(root, "findings");
	json_each(f, findings)
		if (!strcmp(json_get(f, "id")->text, "K-06")) {
			found = true;
			is_str(json_get(f, "verdict")->text, "violated", "K-06");
			is_str(json_get(json_get(f, "planned"), "verdict")->text, "held", "K-06 as planned");
			is_str(json_get(f, "rules")->first->text, "H-05", "its rule");
			is_int((intmax_t)json_get(f, "cis")->n, 2, "its numbers");
		}
	ok(found, "K-06 is there");
	is_int((intmax_t)json_get(json_get(root, "standards"), "cis")->n, 44, "every demand is there");
	json_each(d, json_get(json_get(root, "standards"), "cis"))
		if (!strcmp(json_get(d, "number")->text, "5.1"))
			is_str(json_get(d, "status")->text, "outside", "who is responsible is told");
}

/* The whole of it for one made-up report: tests/unit/data/check-report.json; UPDATE=1 writes it anew. */
static void test_golden(void)
{
	struct check_confinement asked, given;
	struct check_report report = a_report(&asked, &given);
	const char *top = getenv("top_srcdir"), *update = getenv("UPDATE");
	autostr out = STR_INIT;
	struct err err = ERR_INIT;
	char path[4096];
	static char want[1 << 20];
	size_t len;
	FILE *file;

	if (!top) {
		tap_skip("the golden report", "top_srcdir is not set");
		return;
	}
	report.name = "/srv/web";
	report.machine = "node-1";
	is_int(check_print_json(&report, &out, &err), 0, "JSON");
	snprintf(path, sizeof(path), "%s/tests/unit/data/check-report.json", top);
	file = fopen(path, update && *update ? "w+" : "r");
	if (!ok(file != NULL, "%s is there", path))
		return;
	if (update && *update && (fputs(str_text(&out), file) < 0 || fseek(file, 0, SEEK_SET)))
		abort();
	len = fread(want, 1, sizeof(want) - 1, file);
	want[len] = 0;
	fclose(file);
	if (ok(!strcmp(want, str_text(&out)), "the golden report"))
		return;
	for (size_t i = 0, line = 1; i < len; line += want[i++] == '\n')
		if (want[i] != str_text(&out)[i]) {
			diag("first difference in line %zu; UPDATE=1 writes it anew", line);
			break;
		}
}

static void test_html(void)
{
	struct check_confinement asked, given;
	struct check_report report = a_report(&asked, &given);
	autostr html = STR_INIT, refused = STR_INIT;
	const char *text;

	check_print_html(&report, &html);
	text = str_text(&html);
	ok(!str_failed(&html) && strstr(text, "</html>"), "a whole page");
	ok(!strstr(text, "<script") && strstr(text, "&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;&#39;"), "HTML is escaped");
	ok(!strchr(text, '\x1b') && !strchr(text, '\xff'), "control characters and broken UTF-8 are");
	ok(!strstr(text, "http://") && !strstr(text, "https://") && !strstr(text, "src=") && !strstr(text, "@import") &&
		   !strstr(text, "url("),
	   "nothing is fetched");
	ok(strstr(text, "Content-Security-Policy\" content=\"default-src 'none'"), "and the page forbids it");
	ok(strstr(text, "the engine and whoever deploys with it") && strstr(text, "kanuki check container"),
	   "who is responsible for what is outside, which check tells what is told elsewhere");
	for (size_t i = 0; i < check_demands_n; i++) {
		char cell[32];
		snprintf(cell, sizeof(cell), "<td>%s</td>", check_demands[i].number);
		if (!strstr(text, cell))
			ok(false, "%s is missing", check_demands[i].number);
	}
	report.has_plan = false;
	report.refusal = HOSTILE;
	check_print_html(&report, &refused);
	ok(strstr(str_text(&refused), "refuses it: &lt;script"), "a refusal is told, escaped");
}

static void test_table(void)
{
	struct check_confinement asked, given;
	struct check_report report = a_report(&asked, &given);
	autostr out = STR_INIT;

	check_print_table(&report, &out);
	ok(!strchr(str_text(&out), '\x1b') && !strchr(str_text(&out), '\xff'), "a terminal is not written to by what is checked");
	ok(strstr(str_text(&out), "VIOLATED  K-06") && strstr(str_text(&out), "by builtin:hardened held: no_new_privs is on  # H-05"),
	   "both columns, with the rule");
	ok(strstr(str_text(&out), "VIOLATED") < strstr(str_text(&out), "unknown  "), "what is violated comes first");
}

int main(void)
{
	test_numbers();
	test_demands();
	test_rows();
	test_json();
	test_golden();
	test_html();
	test_table();
	arena_release(&arena);
	return tap_done();
}
