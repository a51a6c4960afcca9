/* A report as one page: nothing is fetched, nothing is run, it prints.
 *
 * Every string that is not a literal goes through add_text: names of files, processes and
 * variables come from whoever is being checked.  The page forbids scripts and any
 * resource by itself (Content-Security-Policy), so that a mistake there stays text. */
#include "config.h"

#include "check/check.h"

#include <string.h>

#include "base/banned.h"

static const char head[] =
	"<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
	"'unsafe-inline'\">\n"
	"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n";

static const char style[] =
	"<style>\n"
	":root{--ink:#1d2530;--soft:#5b6673;--line:#dfe3e8;--paper:#fff;--wash:#f5f6f8;"
	"--held:#2f6b4a;--held-bg:#e8f2ec;--bad:#a3341f;--bad-bg:#fbeae6;--odd:#85600d;--odd-bg:#"
	"faf2de;--na:#5b6673;--na-bg:#eef0f3}\n"
	"*{box-sizing:border-box}\n"
	"body{margin:0;background:var(--wash);color:var(--ink);font:15px/1.5 system-ui,\"Segoe "
	"UI\",\"DejaVu Sans\",Helvetica,Arial,sans-serif}\n"
	"main{max-width:68rem;margin:0 auto;padding:2.5rem 2rem 4rem;background:var(--paper)}\n"
	"h1{font-size:1.7rem;line-height:1.25;margin:0 0 "
	".3rem;font-weight:650;overflow-wrap:anywhere}\n"
	"h2{font-size:1.15rem;margin:2.8rem 0 .8rem;padding-bottom:.35rem;border-bottom:2px solid "
	"var(--ink)}\n"
	"h3{font-size:1rem;margin:0;font-weight:600}\n"
	"p{margin:.25rem 0}\n"
	".about,.soft{color:var(--soft)}\n"
	".about{font-size:.92rem;overflow-wrap:anywhere}\n"
	"code{font:.86em/1.5 ui-monospace,\"DejaVu Sans "
	"Mono\",Menlo,Consolas,monospace;overflow-wrap:anywhere}\n"
	".sum{display:flex;flex-wrap:wrap;gap:.8rem;margin:1.4rem 0 .4rem}\n"
	".sum div{flex:1 1 8rem;border:1px solid "
	"var(--line);border-left-width:5px;border-radius:4px;padding:.55rem .9rem}\n"
	".sum b{display:block;font-size:1.7rem;line-height:1.2;font-weight:650}\n"
	".sum .held{border-left-color:var(--held)}.sum .bad{border-left-color:var(--bad)}.sum "
	".odd{border-left-color:var(--odd)}\n"
	".bar{display:flex;height:.55rem;border-radius:3px;overflow:hidden;background:var(--na-bg);"
	"margin:.2rem 0 .6rem}\n"
	".bar i{display:block}.bar .held{background:var(--held)}.bar "
	".bad{background:var(--bad)}.bar .odd{background:#c9992e}\n"
	".v{display:inline-block;min-width:6.2rem;text-align:center;font-size:.78rem;font-weight:"
	"650;letter-spacing:.02em;padding:.1rem .5rem;"
	"border-radius:3px;white-space:nowrap}\n"
	".v.held{background:var(--held-bg);color:var(--held)}.v.bad{background:var(--bad-bg);color:"
	"var(--bad)}"
	".v.odd{background:var(--odd-bg);color:var(--odd)}.v.na{background:var(--na-bg);color:var(-"
	"-na)}\n"
	".f{border:1px solid var(--line);border-radius:4px;padding:.75rem 1rem;margin:.6rem "
	"0;break-inside:avoid}\n"
	".f.bad{border-left:5px solid var(--bad)}.f.odd{border-left:5px solid #c9992e}\n"
	".f header{display:flex;gap:.8rem;align-items:baseline}.f header h3{flex:1}.f header "
	".id{color:var(--soft);font-size:.85rem}\n"
	".f dl{display:grid;grid-template-columns:6.5rem 1fr;gap:.15rem .8rem;margin:.45rem 0 0}\n"
	".f dt{color:var(--soft);font-size:.86rem}.f dd{margin:0;overflow-wrap:anywhere}\n"
	"table{border-collapse:collapse;width:100%;font-size:.9rem}\n"
	"th{text-align:left;font-weight:600;color:var(--soft);font-size:.8rem;padding:.3rem "
	".6rem;border-bottom:1px solid var(--ink)}\n"
	"td{padding:.34rem .6rem;border-bottom:1px solid "
	"var(--line);vertical-align:top;overflow-wrap:anywhere}\n"
	"td:first-child{white-space:nowrap;font-variant-numeric:tabular-nums}tr{break-inside:avoid}"
	"\n"
	"td.st{white-space:nowrap;width:8rem}.refused{border-left:5px solid "
	"var(--bad);background:var(--bad-bg);padding:.6rem 1rem;margin:1rem 0}\n"
	"td.refs{width:17rem;font-size:.82rem}.std{margin-top:1.4rem}.std "
	"td:not(:first-child),.std th:not(:first-child){text-align:right}\n"
	".v.part{background:none;box-shadow:inset 0 0 0 1px var(--held)}\n"
	"a{color:inherit;text-decoration-color:var(--line);text-underline-offset:.2em}\n"
	"@media "
	"print{body{background:#fff;font-size:10.5pt}main{max-width:none;padding:0}h2{break-after:"
	"avoid}thead{display:table-header-group}"
	".v,.bar,.bar i,.refused,.sum "
	"div{-webkit-print-color-adjust:exact;print-color-adjust:exact}@page{margin:16mm 14mm}}\n"
	"@media (max-width:40rem){main{padding:1.2rem 1rem}.f dl{grid-template-columns:1fr}}\n"
	"</style>\n";

static const char *const classes[VERDICT_COUNT] = {[VERDICT_UNKNOWN] = "odd",
						   [VERDICT_VIOLATED] = "bad",
						   [VERDICT_HELD] = "held",
						   [VERDICT_NOT_APPLICABLE] = "na"};

/* Control characters are escaped as for a terminal, then what HTML gives a meaning. */
static void add_text(struct str *out, const char *text)
{
	autostr clean = STR_INIT;

	str_add_printable(&clean, text, strlen(text));
	out->failed = out->failed || str_failed(&clean);
	for (const char *c = str_text(&clean); *c; c++) {
		switch (*c) {
		case '<':
			str_add(out, "&lt;");
			break;
		case '>':
			str_add(out, "&gt;");
			break;
		case '&':
			str_add(out, "&amp;");
			break;
		case '"':
			str_add(out, "&quot;");
			break;
		case '\'':
			str_add(out, "&#39;");
			break;
		default:
			str_add_bytes(out, c, 1);
		}
	}
}

static void add_verdict(struct str *out, enum check_verdict verdict)
{
	str_addf(out, "<span class=\"v %s\">%s</span>", classes[verdict],
		 check_verdict_name(verdict));
}

static void add_tile(struct str *out, const char *class, size_t n, const char *name)
{
	str_addf(out, "<div class=\"%s\"><b>%zu</b>%s</div>\n", class, n, name);
}

static void add_bar(struct str *out, const size_t counts[VERDICT_COUNT])
{
	static const enum check_verdict parts[] = {VERDICT_HELD, VERDICT_VIOLATED, VERDICT_UNKNOWN};

	str_add(out, "<div class=\"bar\" role=\"presentation\">");
	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		if (counts[parts[i]])
			str_addf(out, "<i class=\"%s\" style=\"flex:%zu\"></i>", classes[parts[i]],
				 counts[parts[i]]);
	str_add(out, "</div>\n");
}

static void add_about(const struct check_report *report, struct str *out)
{
	str_addf(out, "<h1>%s ", check_subject_name(report->subject));
	add_text(out, report->name);
	str_add(out, "</h1>\n<p class=\"about\">Security check by kanuki ");
	add_text(out, PACKAGE_VERSION);
	str_add(out, ", ");
	add_text(out, report->time);
	if (report->machine) {
		str_add(out, ", on ");
		add_text(out, report->machine);
	}
	str_add(out, ". Nothing was changed by it.</p>\n");
}

static void add_summary(const struct check_report *report, struct str *out)
{
	str_add(out, "<div class=\"sum\">\n");
	add_tile(out, "held", report->counts[VERDICT_HELD], "held");
	add_tile(out, "bad", report->counts[VERDICT_VIOLATED], "violated");
	add_tile(out, "odd", report->counts[VERDICT_UNKNOWN], "unknown");
	add_tile(out, "na", report->counts[VERDICT_NOT_APPLICABLE], "not applicable");
	str_add(out, "</div>\n");
	add_bar(out, report->counts);
	if (report->has_plan) {
		str_add(out, "<p>What <code>");
		add_text(out, report->policy);
		str_addf(out,
			 "</code> makes of it: <b>%zu</b> held, <b>%zu</b> violated, <b>%zu</b> "
			 "unknown.</p>\n",
			 report->planned_counts[VERDICT_HELD],
			 report->planned_counts[VERDICT_VIOLATED],
			 report->planned_counts[VERDICT_UNKNOWN]);
		add_bar(out, report->planned_counts);
	} else if (report->refusal) {
		str_add(out, "<p class=\"refused\"><code>");
		add_text(out, report->policy);
		str_add(out, "</code> refuses it: ");
		add_text(out, report->refusal);
		str_add(out, "</p>\n");
	}
	for (size_t i = 0; i < report->notes.n; i++) {
		str_add(out, "<p class=\"soft\">Note: ");
		add_text(out, report->notes.items[i]);
		str_add(out, "</p>\n");
	}
}

static void add_pair(struct str *out, const char *name, const char *text)
{
	str_addf(out, "<dt>%s</dt><dd>", name);
	add_text(out, text);
	str_add(out, "</dd>\n");
}

static void add_reference(struct str *out, const char *name, const char *numbers, bool *some)
{
	if (!*numbers)
		return;
	str_addf(out, "%s%s%s", *some ? " · " : "", name, *name ? " " : "");
	add_text(out, numbers);
	*some = true;
}

static void add_finding(const struct check_report *report, const struct check_finding *f,
			struct str *out)
{
	const struct check_item *item = f->item;
	bool some = false;

	str_addf(out, "<article class=\"f %s\" id=\"%s\"><header><h3>", classes[f->verdict],
		 item->id);
	add_text(out, item->title);
	str_addf(out, "</h3><span class=\"id\">%s</span>", item->id);
	add_verdict(out, f->verdict);
	str_add(out, "</header>\n<dl>\n");
	add_pair(out, "Evidence", f->evidence);
	if (report->has_plan) {
		str_add(out, "<dt>By policy</dt><dd>");
		add_verdict(out, f->planned);
		str_add(out, " ");
		add_text(out, f->planned_evidence);
		if (*item->rules && f->planned == VERDICT_HELD) {
			str_add(out, " <span class=\"soft\">(");
			add_text(out, item->rules);
			str_add(out, ")</span>");
		}
		str_add(out, "</dd>\n");
	}
	add_pair(out, "Meaning", item->means);
	if (f->verdict == VERDICT_VIOLATED || f->verdict == VERDICT_UNKNOWN)
		add_pair(out, "How to mend", item->mend);
	str_add(out, "<dt>Serves</dt><dd class=\"soft\">");
	add_reference(out, "Requirements", item->reqs, &some);
	add_reference(out, "CIS", item->cis, &some);
	add_reference(out, "NIST", item->nist, &some);
	add_reference(out, "PCI DSS", item->pci, &some);
	str_add(out, "</dd>\n</dl></article>\n");
}

static void add_findings(const struct check_report *report, enum check_verdict verdict,
			 const char *title, struct str *out)
{
	if (!report->counts[verdict])
		return;
	str_addf(out, "<h2>%s (%zu)</h2>\n", title, report->counts[verdict]);
	for (size_t i = 0; i < report->findings.n; i++)
		if (report->findings.items[i].verdict == verdict)
			add_finding(report, &report->findings.items[i], out);
}

static void add_short_finding(const struct check_report *report, const struct check_finding *f,
			      struct str *out)
{
	const struct check_item *item = f->item;
	bool some = false;

	str_addf(out, "<tr id=\"%s\"><td>%s</td><td>", item->id, item->id);
	add_text(out, item->title);
	str_add(out, "<div class=\"soft\">");
	add_text(out, f->evidence);
	if (report->has_plan && f->planned != f->verdict) {
		str_add(out, "; by policy ");
		add_verdict(out, f->planned);
		str_add(out, " ");
		add_text(out, f->planned_evidence);
	}
	str_add(out, "</div></td><td class=\"soft refs\">");
	add_reference(out, "", item->reqs, &some);
	add_reference(out, "CIS", item->cis, &some);
	add_reference(out, "NIST", item->nist, &some);
	add_reference(out, "PCI", item->pci, &some);
	str_add(out, "</td></tr>\n");
}

/* What needs no reading beyond its line. */
static void add_short_findings(const struct check_report *report, enum check_verdict verdict,
			       const char *title, struct str *out)
{
	if (!report->counts[verdict])
		return;
	str_addf(out,
		 "<h2>%s (%zu)</h2>\n<table><thead><tr><th>Item</th><th>What, and "
		 "evidence</th><th>Serves</th></tr></thead><tbody>\n",
		 title, report->counts[verdict]);
	for (size_t i = 0; i < report->findings.n; i++)
		if (report->findings.items[i].verdict == verdict)
			add_short_finding(report, &report->findings.items[i], out);
	str_add(out, "</tbody></table>\n");
}

static void add_standards(const struct check_report *report, struct str *out)
{
	str_add(out, "<table class=\"std\"><thead><tr><th>Set against</th><th>held</th><th>held in "
		     "part</th><th>violated</th><th>unknown</th>"
		     "<th>not applicable</th><th>told "
		     "elsewhere</th><th>outside</th></tr></thead><tbody>\n");
	for (enum check_standard s = 0; s < STANDARD_COUNT; s++) {
		struct check_standard_counts c = check_count_standard(report, s);

		str_addf(out,
			 "<tr><td><a "
			 "href=\"#s%d\">%s</a></td><td>%zu</td><td>%zu</td><td>%zu</td><td>%zu</"
			 "td><td>%zu</td><td>%zu</td><td>%zu</td></tr>\n",
			 (int)s, check_standard_name(s), c.verdicts[VERDICT_HELD] - c.held_partly,
			 c.held_partly, c.verdicts[VERDICT_VIOLATED], c.verdicts[VERDICT_UNKNOWN],
			 c.verdicts[VERDICT_NOT_APPLICABLE], c.elsewhere, c.outside);
	}
	str_add(out, "</tbody></table>\n");
}

static void add_row(const struct check_report *report, const struct check_demand *d,
		    struct str *out)
{
	struct check_row row = check_row_of(report, d);
	char subjects[64];

	str_addf(out, "<tr><td>%s</td><td>", d->number);
	add_text(out, d->title);
	if (strcmp(d->source, "unverified") == 0)
		str_add(out, " <span class=\"soft\">(wording unverified)</span>");
	str_add(out, "</td><td class=\"st\">");
	switch (row.standing) {
	case STANDING_OUTSIDE:
		str_add(out, "<span class=\"v na\">outside</span></td><td class=\"soft\">");
		add_text(out, d->outside);
		break;
	case STANDING_ELSEWHERE:
		str_addf(out,
			 "<span class=\"v na\">not here</span></td><td class=\"soft\">kanuki check "
			 "%s",
			 check_subject_names(row.subjects, subjects));
		break;
	case STANDING_JUDGED:
		if (row.partly && row.verdict == VERDICT_HELD)
			str_add(out, "<span class=\"v held part\">held in part</span>");
		else
			add_verdict(out, row.verdict);
		str_addf(out, "</td><td>%s<span class=\"soft\">", row.items);
		if (row.others)
			str_addf(out, "; kanuki check %s",
				 check_subject_names(row.others, subjects));
		if (d->outside) {
			str_add(out, "; beyond that ");
			add_text(out, d->outside);
		}
		str_add(out, "</span>");
		break;
	}
	str_add(out, "</td></tr>\n");
}

static void add_standard(const struct check_report *report, enum check_standard standard,
			 struct str *out)
{
	str_addf(out,
		 "<h2 "
		 "id=\"s%d\">%s</h2>\n<table><thead><tr><th>No</th><th>Demand</th><th>Status</"
		 "th><th>Findings, or who is responsible</th>"
		 "</tr></thead><tbody>\n",
		 (int)standard, check_standard_name(standard));
	for (size_t i = 0; i < check_demands_n; i++)
		if (check_demands[i].standard == standard)
			add_row(report, &check_demands[i], out);
	str_add(out, "</tbody></table>\n");
}

void check_print_html(const struct check_report *report, struct str *out)
{
	str_add(out, head);
	str_addf(out, "<title>kanuki check: %s ", check_subject_name(report->subject));
	add_text(out, report->name);
	str_add(out, "</title>\n");
	str_add(out, style);
	str_add(out, "</head>\n<body>\n<main>\n");
	add_about(report, out);
	add_summary(report, out);
	add_standards(report, out);
	add_findings(report, VERDICT_VIOLATED, "Violated", out);
	add_findings(report, VERDICT_UNKNOWN, "Could not be told", out);
	add_short_findings(report, VERDICT_HELD, "Held", out);
	add_short_findings(report, VERDICT_NOT_APPLICABLE, "Not applicable", out);
	for (enum check_standard s = 0; s < STANDARD_COUNT; s++)
		add_standard(report, s, out);
	str_add(out, "<p class=\"soft\" style=\"margin-top:2rem\">Outside: a container runtime can "
		     "neither see nor do it; the last column names who "
		     "can. Not here: told by another kanuki check. Held in part: what this report "
		     "can see of it is held; the rest is told elsewhere or is outside. CIS titles "
		     "and NIST and some PCI DSS numbers are from secondary sources, "
		     "not from the documents themselves; those marked unverified were compared "
		     "with nothing.</p>\n</main>\n</body>\n</html>\n");
}
