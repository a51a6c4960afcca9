/* Order and sameness of findings: how often the same hole counts.  Pure. */
#ifndef KANUKI_GATE_FINDINGS_H
#define KANUKI_GATE_FINDINGS_H

#include "gate/types.h"

/* The hole's name: the alias where there is one (GHSA-... is CVE-...). */
const char *finding_name(const struct finding *finding);
/* Total; what is one hole stands together. */
int finding_compare(const struct finding *a, const struct finding *b);
/* The same hole, told twice: class, severity, name, package and version are.  One that is
 * told with two severities counts once in each, so that telling more never counts less. */
bool finding_is_same(const struct finding *a, const struct finding *b);
bool findings_are_sorted(const finding_list *findings);
/* Known class, severity and state of the fix, and a name. */
bool finding_is_valid(const struct finding *finding);

const char *severity_name(enum severity severity); /* "critical"; never NULL */
const char *scan_class_name(enum scan_class scan_class);
/* "sha256:" and 64 lower-case hexadecimal digits; NULL isn't. */
bool digest_is_valid(const char *digest);

#endif
