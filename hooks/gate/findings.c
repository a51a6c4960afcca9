/* Owns what makes two findings one. */
#include "config.h"

#include "gate/findings.h"

#include <string.h>

#include "base/banned.h"

const char *finding_name(const struct finding *finding)
{
	return finding->alias ? finding->alias : finding->id ? finding->id : "";
}

static int compare_texts(const char *a, const char *b)
{
	if (!a || !b)
		return (a != NULL) - (b != NULL);
	return strcmp(a, b);
}

static int compare_numbers(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

static int compare_holes(const struct finding *a, const struct finding *b)
{
	int order = compare_numbers(a->scan_class, b->scan_class);

	if (!order)
		order = -compare_numbers(a->severity, b->severity);
	if (!order)
		order = strcmp(finding_name(a), finding_name(b));
	if (!order)
		order = compare_texts(a->package, b->package);
	return order ? order : compare_texts(a->version, b->version);
}

int finding_compare(const struct finding *a, const struct finding *b)
{
	int order = compare_holes(a, b);

	if (!order)
		order = compare_texts(a->id, b->id);
	if (!order)
		order = compare_texts(a->alias, b->alias);
	if (!order)
		order = compare_texts(a->fixed_version, b->fixed_version);
	if (!order)
		order = compare_numbers(a->fix, b->fix);
	if (!order)
		order = compare_texts(a->purl, b->purl);
	if (!order)
		order = compare_numbers(a->published, b->published);
	return order ? order : compare_numbers(a->known_exploited, b->known_exploited);
}

bool finding_is_same(const struct finding *a, const struct finding *b)
{
	return compare_holes(a, b) == 0;
}

bool findings_are_sorted(const finding_list *findings)
{
	for (size_t i = 1; i < findings->n; i++)
		if (finding_compare(&findings->items[i - 1], &findings->items[i]) > 0)
			return false;
	return true;
}

bool finding_is_valid(const struct finding *finding)
{
	return finding->scan_class > CLASS_NONE && finding->scan_class < CLASS_COUNT &&
	       (unsigned)finding->severity < SEVERITY_COUNT && (unsigned)finding->fix <= FIX_WONT &&
	       finding->id && *finding->id;
}

const char *severity_name(enum severity severity)
{
	static const char *const names[SEVERITY_COUNT] = {"unknown", "negligible", "low",
							  "medium",  "high",       "critical"};

	return (unsigned)severity < SEVERITY_COUNT ? names[severity] : "unknown";
}

const char *scan_class_name(enum scan_class scan_class)
{
	static const char *const names[CLASS_COUNT] = {"none", "vuln", "secret", "malware",
						       "misconfig"};

	return (unsigned)scan_class < CLASS_COUNT ? names[scan_class] : "none";
}

bool digest_is_valid(const char *digest)
{
	return digest && !strncmp(digest, "sha256:", 7) &&
	       strspn(digest + 7, "0123456789abcdef") == 64 && !digest[DIGEST_LEN];
}
