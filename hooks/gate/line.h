/* The answer as people and engines see it: one line, and the exit status.  Pure. */
#ifndef KANUKI_GATE_LINE_H
#define KANUKI_GATE_LINE_H

#include "base/str.h"
#include "gate/decide.h"

#define GATE_LINE_MAX 512 /* with the NUL */

/* "kanuki: image denied sha256:... (reference): E_SCAN_STALE ...; E_VULN ...; run: kanuki-gate
 * explain sha256:..." Printable ASCII; what others chose is escaped.  What doesn't fit is left out
 * from the reasons' end, with their number; the command always fits. */
void gate_line(const struct gate_result *result, const struct gate_request *request,
	       char ret[GATE_LINE_MAX]);
/* 0, or that of the first reason that denies: 10 to 14. */
int gate_exit_status(const struct gate_result *result);
/* "allow", "deny", "allow-audit", "allow-breakglass". */
const char *gate_verdict_name(enum gate_verdict verdict);
/* What would make it go away, as a command or a phrase; NULL: nothing but another image. */
const char *gate_mend(int code);
/* Everything else than printable ASCII becomes \xNN, as does the backslash; cut at `max` bytes of
 * output. */
void gate_escape(const char *text, char *ret, size_t size);

#endif
