/* Owns clamscan's log (clamav: clamscan/manager.c, clamscan.c).
 *
 * Whoever built the image named the files, line breaks included: a line may be forged.
 * So lines can only make things worse.  Clean is what clamscan's exit status and the
 * last summary say together, with files scanned, nothing infected, no limit met, and
 * lines that agree.
 */
#include "config.h"

#include "gate/import_parts.h"

#include "base/num.h"
#include "base/rfc3339.h"

#include <stdio.h>
#include <string.h>

#include "base/banned.h"

#define LINE_MAX_BYTES 8192
#define ZONE_S	       (14 * 3600) /* no time zone is further from UTC */

struct summary {
	bool has_infected, has_files, no_data;
	uint64_t infected, files, errors, signatures;
	int64_t end; /* in an unknown time zone */
};

struct clamav {
	struct import *imp;
	struct scan scan;
	finding_list findings;
	struct summary last;
	size_t summaries, found_files, limits, errors, excluded, long_lines;
	const char *found_path; /* of the last FOUND line */
	char line[LINE_MAX_BYTES];
	size_t len;
	bool too_long;
};

/* ---- lines ---- */

static bool ends_with(const char *line, size_t len, const char *end)
{
	size_t n = strlen(end);
	return len >= n && !memcmp(line + len - n, end, n);
}

/* PATH: SIGNATURE FOUND; no signature has a colon and a blank in it, a path may. */
static int found(struct clamav *c, size_t len, struct err *err)
{
	const char *end = c->line + len - strlen(" FOUND"), *colon = NULL;
	const char *path = NULL, *signature;
	for (const char *p = c->line; p + 1 < end; p++)
		if (p[0] == ':' && p[1] == ' ')
			colon = p;
	const char *start = colon ? colon + 2 : c->line;
	if (import_bytes(c->imp, start, (size_t)(end - start), &signature, err) < 0 ||
	    (colon && import_bytes(c->imp, c->line, (size_t)(colon - c->line), &path, err) < 0))
		return -1;
	/* With --allmatch a file has several lines. */
	if (!path || !c->found_path || strcmp(path, c->found_path) != 0)
		c->found_files++;
	c->found_path = path;
	if (signature && !strncmp(signature, "Heuristics.Limits.Exceeded",
				  strlen("Heuristics.Limits.Exceeded"))) {
		c->limits++;
		return 0;
	}
	struct finding *f = import_finding(c->imp, &c->findings, CLASS_MALWARE, err);
	if (!f)
		return -1;
	f->id = signature ? signature : "unnamed";
	f->package = path;
	f->severity = SEVERITY_CRITICAL;
	return 0;
}

static bool number_after(const char *line, const char *name, uint64_t *ret)
{
	size_t n = strlen(name);
	return !strncmp(line, name, n) &&
	       num_parse_u64(line + n + strspn(line + n, " "), UINT64_MAX, ret);
}

static void read_end(struct clamav *c, const char *text)
{
	char utc[RFC3339_SIZE];
	unsigned y, mo, d, h, mi, s;
	if (sscanf(text, " %4u:%2u:%2u %2u:%2u:%2u", &y, &mo, &d, &h, &mi, &s) != 6)
		return;
	(void)snprintf(utc, sizeof(utc), "%04u-%02u-%02uT%02u:%02u:%02uZ", y % 10000, mo % 100,
		       d % 100, h % 100, mi % 100, s % 100);
	if (!rfc3339_parse(utc, &c->last.end))
		c->last.end = 0;
}

static int summary_line(struct clamav *c, const char *line, size_t len, struct err *err)
{
	static const char engine[] = "Engine version: ", end[] = "End Date:",
			  data[] = "Data scanned: ";
	struct summary *s = &c->last;
	if (number_after(line, "Infected files:", &s->infected))
		s->has_infected = true;
	else if (number_after(line, "Scanned files:", &s->files))
		s->has_files = true;
	else if (!strncmp(line, engine, sizeof(engine) - 1))
		return import_bytes(c->imp, line + sizeof(engine) - 1, len - (sizeof(engine) - 1),
				    &c->scan.tool_version, err);
	else if (!strncmp(line, end, sizeof(end) - 1))
		read_end(c, line + sizeof(end) - 1);
	else if (!strncmp(line, data, sizeof(data) - 1))
		s->no_data = strspn(line + sizeof(data) - 1, "0.") ==
			     strcspn(line + sizeof(data) - 1, " ");
	else if (!number_after(line, "Total errors:", &s->errors))
		(void)number_after(line, "Known viruses:", &s->signatures); /* most lines are none of these */
	return 0;
}

static int line(struct clamav *c, struct err *err)
{
	size_t len = c->len;
	if (len > 0 && c->line[len - 1] == '\r')
		len--;
	c->line[len] = '\0';
	if (c->too_long)
		c->long_lines++;
	/* Neither clamscan nor a file's name has that: it can only make things worse. */
	bool odd = memchr(c->line, '\0', len) != NULL;
	c->errors += odd;
	if (!odd && !strcmp(c->line, "----------- SCAN SUMMARY -----------")) {
		c->summaries++;
		c->last = (struct summary){0};
		return 0;
	}
	if (ends_with(c->line, len, " FOUND"))
		return found(c, len, err);
	if (ends_with(c->line, len, " ERROR") || !strncmp(c->line, "ERROR:", 6) ||
	    !strncmp(c->line, "LibClamAV Error", 15))
		c->errors++;
	else if (ends_with(c->line, len, ": Excluded"))
		c->excluded++;
	return c->summaries && !odd ? summary_line(c, c->line, len, err) : 0;
}

void *import_clamav_begin(struct import *imp, struct err *err)
{
	struct clamav *c = arena_alloc(imp->arena, sizeof(*c));
	if (!c) {
		err_oom(err);
		return NULL;
	}
	c->imp = imp;
	c->scan.tool = "clamav";
	c->scan.format = "clamav-log";
	c->scan.complete = true;
	c->scan.classes = 1u << CLASS_MALWARE;
	return c;
}

int import_clamav_feed(void *state, const char *text, size_t len, struct err *err)
{
	struct clamav *c = state;
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '\n') {
			if (line(c, err) < 0)
				return -1;
			c->len = 0;
			c->too_long = false;
		} else if (c->len == sizeof(c->line) - 1) {
			c->too_long = true;
		} else {
			c->line[c->len++] = text[i];
		}
	}
	return 0;
}

/* ---- what it comes to ---- */

static int judge_summary(struct clamav *c, struct err *err)
{
	struct import *imp = c->imp;
	struct scan *scan = &c->scan;
	const struct summary *s = &c->last;
	if (c->summaries == 0)
		return import_incomplete(imp, scan, err, "no summary: the scan didn't end");
	if (c->summaries > 1 &&
	    import_incomplete(imp, scan, err, "%zu summaries: one run, one log", c->summaries) < 0)
		return -1;
	if (!s->has_infected || !s->has_files)
		return import_incomplete(imp, scan, err, "the summary lacks the number of files");
	if (s->files == 0 && import_incomplete(imp, scan, err, "no file was scanned") < 0)
		return -1;
	if (s->files > 0 && s->no_data &&
	    import_incomplete(imp, scan, err, "no data was scanned: files above the limits?") < 0)
		return -1;
	if (s->signatures == 0 && import_incomplete(imp, scan, err, "no signatures were known") < 0)
		return -1;
	if (c->found_files != s->infected &&
	    import_incomplete(imp, scan, err, "%zu files FOUND, %llu infected in the summary",
			      c->found_files, (unsigned long long)s->infected) < 0)
		return -1;
	if (s->errors == 0)
		return 0;
	return import_incomplete(imp, scan, err, "%llu errors in the summary",
				 (unsigned long long)s->errors);
}

static int judge_exit(struct clamav *c, struct err *err)
{
	const struct import_hints *hints = c->imp->hints;
	uint64_t bad = c->findings.n + c->limits + c->last.infected;
	if (!hints->clamav_exit_said)
		return import_incomplete(c->imp, &c->scan, err,
					 "clamscan's exit status isn't said");
	if (hints->clamav_exit != 0 && hints->clamav_exit != 1)
		return import_incomplete(c->imp, &c->scan, err, "clamscan ended with status %d",
					 hints->clamav_exit);
	if ((hints->clamav_exit == 1) == (bad > 0))
		return 0;
	return import_incomplete(c->imp, &c->scan, err,
				 "clamscan's exit status %d and its log don't agree",
				 hints->clamav_exit);
}

static int judge(struct clamav *c, struct err *err)
{
	struct import *imp = c->imp;
	if (judge_summary(c, err) < 0 || judge_exit(c, err) < 0)
		return -1;
	if (!imp->hints->clamav_exceeds_max &&
	    import_incomplete(imp, &c->scan, err, "--alert-exceeds-max isn't said to be on") < 0)
		return -1;
	if (c->limits &&
	    import_incomplete(imp, &c->scan, err, "%zu files above the limits", c->limits) < 0)
		return -1;
	if (c->errors &&
	    import_incomplete(imp, &c->scan, err, "%zu errors in the log", c->errors) < 0)
		return -1;
	if (c->excluded &&
	    (import_filter(imp, &c->scan, err, "%zu excluded", c->excluded) < 0 ||
	     import_incomplete(imp, &c->scan, err, "%zu files excluded", c->excluded) < 0))
		return -1;
	if (c->long_lines == 0)
		return 0;
	return import_incomplete(imp, &c->scan, err, "lines of more than %d bytes",
				 LINE_MAX_BYTES - 1);
}

/* Its exit status or summary says that there is some, no line says which. */
static int unnamed(struct clamav *c, struct err *err)
{
	bool infected =
		c->last.infected > c->limits ||
		(c->imp->hints->clamav_exit_said && c->imp->hints->clamav_exit == 1 && !c->limits);
	if (!infected || c->findings.n > 0)
		return 0;
	struct finding *f = import_finding(c->imp, &c->findings, CLASS_MALWARE, err);
	if (!f)
		return -1;
	f->id = "unnamed";
	f->severity = SEVERITY_CRITICAL;
	return 0;
}

/* The log has local time of an unknown zone: it can contradict, and no more. */
static int check_time(const struct clamav *c, struct err *err)
{
	int64_t hint = c->imp->hints->scanned_at, end = c->last.end;
	if (!hint || !end || (hint - end <= ZONE_S && end - hint <= ZONE_S))
		return 0;
	char text[RFC3339_SIZE];
	rfc3339_format(hint, text);
	return err_set(err, ERR_SPEC, "you say that it was made %s, its End Date is another day",
		       text);
}

int import_clamav_finish(void *state, struct err *err)
{
	struct clamav *c = state;
	if (c->len > 0 && line(c, err) < 0)
		return -1;
	if (check_time(c, err) < 0 || judge(c, err) < 0 || unnamed(c, err) < 0 ||
	    import_times(c->imp, &c->scan, 0, 0, err) < 0)
		return -1;
	return import_commit(c->imp, &c->scan, &c->findings, err);
}
