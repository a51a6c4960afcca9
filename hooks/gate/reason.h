/* Why the gate refuses: one table of codes, the same in code, man page and tests. */
#ifndef KANUKI_GATE_REASON_H
#define KANUKI_GATE_REASON_H

#include "gate/types.h"

/* Who may let it stand.  Nobody: malware, revocation, and whatever makes the evidence
 * itself doubtful. */
enum waivable_by {
	BY_NOBODY = 0,
	BY_EXCEPTION = 1 << 0,
	BY_BREAKGLASS = 1 << 1,
	BY_PERMIT = 1 << 2,
	BY_GRACE = 1 << 3
};

/* In the order in which they are told: what can't be helped first. */
enum gate_code {
	E_NONE = 0,
	E_INTERNAL,
	E_TIMEOUT,
	E_POLICY_INVALID,
	E_STORE,
	E_DIGEST_UNRESOLVED,
	E_DIGEST_MISMATCH,
	E_DIGEST_SYNTAX,
	E_CLASS_REFUSED,
	E_IDENTITY_SOURCE,
	E_REVOKED_IMAGE,
	E_REVOKED_RECORD,
	E_REVOKED_KEY,
	E_DENYLISTED,
	E_MALWARE,
	E_NOT_ALLOWED,
	E_NOT_SCANNED,
	E_RECORD_CORRUPT,
	E_PREDICATE_TYPE,
	E_SIGNATURE,
	E_SIGNER_ROLE,
	E_THRESHOLD,
	E_SUBJECT_MISMATCH,
	E_PLATFORM,
	E_CLOCK_ROLLBACK,
	E_SCAN_FUTURE,
	E_SCAN_STALE,
	E_DB_STALE,
	E_RECORD_EXPIRED,
	E_CLASS_MISSING,
	E_SCAN_INCOMPLETE,
	E_OS_UNKNOWN,
	E_OS_EOL,
	E_TOOL_MISSING,
	E_CVE_DENIED,
	E_KEV,
	E_VULN,
	E_SECRET,
	E_MISCONFIG,
	E_ROLE,
	E_PERMIT_MISSING,
	E_PERMIT_EXPIRED,
	E_PERMIT_SCOPE,
	W_EXCEPTION_USED,
	W_EXCEPTION_EXPIRED,
	W_VEX_USED,
	W_BREAKGLASS,
	W_GRACE,
	GATE_CODES
};

struct gate_code_info {
	const char *name;	/* "E_SCAN_STALE" */
	const char *meaning;	/* one phrase, as the man page has it */
	unsigned waivable_by;	/* enum waivable_by bits */
	int exit_status;	/* of the hook: 10 denied, 11 identity, 12 record not trusted, 13 store or policy, 14 time */
};

/* Never NULL: an unknown code is E_INTERNAL's. */
const struct gate_code_info *gate_code_info(int code);

#endif
