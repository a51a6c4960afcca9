/* The table of reason.h; the man page's copy is compared by tests/lint/gate.sh. */
#include "config.h"

#include "gate/reason.h"

#include "base/banned.h"

enum status { DENIED = 10, IDENTITY = 11, UNTRUSTED = 12, BROKEN = 13, LATE = 14 };

static const struct gate_code_info codes[GATE_CODES] = {
	[E_NONE] = {"E_NONE", "nothing", BY_NOBODY, BROKEN},
	[E_INTERNAL] = {"E_INTERNAL", "the gate itself failed", BY_NOBODY, BROKEN},
	[E_TIMEOUT] = {"E_TIMEOUT", "the decision took too long", BY_NOBODY, LATE},
	[E_POLICY_INVALID] = {"E_POLICY_INVALID", "the gate's policy is missing or wrong", BY_NOBODY, BROKEN},
	[E_STORE] = {"E_STORE", "the store can't be read or isn't to be trusted", BY_NOBODY, BROKEN},
	[E_DIGEST_UNRESOLVED] = {"E_DIGEST_UNRESOLVED", "which image it is can't be proven", BY_PERMIT, IDENTITY},
	[E_DIGEST_MISMATCH] = {"E_DIGEST_MISMATCH", "two sources name different images", BY_NOBODY, IDENTITY},
	[E_DIGEST_SYNTAX] = {"E_DIGEST_SYNTAX", "what should be a digest is none", BY_NOBODY, IDENTITY},
	[E_CLASS_REFUSED] = {"E_CLASS_REFUSED", "what is started is no image, and its class isn't let in", BY_NOBODY, IDENTITY},
	[E_IDENTITY_SOURCE] = {"E_IDENTITY_SOURCE", "the digest is known from a source that isn't accepted", BY_NOBODY, IDENTITY},
	[E_REVOKED_IMAGE] = {"E_REVOKED_IMAGE", "the image is revoked", BY_NOBODY, DENIED},
	[E_REVOKED_RECORD] = {"E_REVOKED_RECORD", "the image's record is revoked", BY_NOBODY, DENIED},
	[E_REVOKED_KEY] = {"E_REVOKED_KEY", "a key that signed the record is revoked", BY_NOBODY, DENIED},
	[E_DENYLISTED] = {"E_DENYLISTED", "the image is on the deny list", BY_NOBODY, DENIED},
	[E_MALWARE] = {"E_MALWARE", "malware was found in the image", BY_NOBODY, DENIED},
	[E_NOT_ALLOWED] = {"E_NOT_ALLOWED", "the image is not on the allow list", BY_BREAKGLASS, DENIED},
	[E_NOT_SCANNED] = {"E_NOT_SCANNED", "the image was never scanned", BY_BREAKGLASS, DENIED},
	[E_RECORD_CORRUPT] = {"E_RECORD_CORRUPT", "the image's record is broken", BY_NOBODY, UNTRUSTED},
	[E_PREDICATE_TYPE] = {"E_PREDICATE_TYPE", "what is signed is no scan record", BY_NOBODY, UNTRUSTED},
	[E_SIGNATURE] = {"E_SIGNATURE", "no key of the site's has signed the record", BY_NOBODY, UNTRUSTED},
	[E_SIGNER_ROLE] = {"E_SIGNER_ROLE", "who signed has not the role for it", BY_NOBODY, UNTRUSTED},
	[E_THRESHOLD] = {"E_THRESHOLD", "too few have signed", BY_NOBODY, UNTRUSTED},
	[E_SUBJECT_MISMATCH] = {"E_SUBJECT_MISMATCH", "the record is another image's", BY_NOBODY, UNTRUSTED},
	[E_PLATFORM] = {"E_PLATFORM", "the record is of another platform's image", BY_NOBODY, UNTRUSTED},
	[E_CLOCK_ROLLBACK] = {"E_CLOCK_ROLLBACK", "the clock went back", BY_NOBODY, DENIED},
	[E_SCAN_FUTURE] = {"E_SCAN_FUTURE", "the scan lies in the future", BY_NOBODY, DENIED},
	[E_SCAN_STALE] = {"E_SCAN_STALE", "the scan is too old", BY_GRACE | BY_BREAKGLASS, DENIED},
	[E_DB_STALE] = {"E_DB_STALE", "the scanner's database was too old", BY_GRACE | BY_BREAKGLASS, DENIED},
	[E_RECORD_EXPIRED] = {"E_RECORD_EXPIRED", "the record has expired", BY_GRACE | BY_BREAKGLASS, DENIED},
	[E_CLASS_MISSING] = {"E_CLASS_MISSING", "something that must be looked for wasn't", BY_EXCEPTION | BY_BREAKGLASS, DENIED},
	[E_SCAN_INCOMPLETE] = {"E_SCAN_INCOMPLETE", "the scan left something out", BY_EXCEPTION | BY_BREAKGLASS, DENIED},
	[E_OS_UNKNOWN] = {"E_OS_UNKNOWN", "the scanner knew no operating system in the image", BY_EXCEPTION | BY_BREAKGLASS, DENIED},
	[E_OS_EOL] = {"E_OS_EOL", "the image's operating system gets no updates any more", BY_EXCEPTION | BY_BREAKGLASS, DENIED},
	[E_TOOL_MISSING] = {"E_TOOL_MISSING", "a scanner that must have run hasn't", BY_EXCEPTION | BY_BREAKGLASS, DENIED},
	[E_CVE_DENIED] = {"E_CVE_DENIED", "a vulnerability that is never accepted", BY_BREAKGLASS, DENIED},
	[E_KEV] = {"E_KEV", "vulnerabilities that are known to be exploited", BY_EXCEPTION | BY_BREAKGLASS, DENIED},
	[E_VULN] = {"E_VULN", "too many vulnerabilities", BY_EXCEPTION | BY_BREAKGLASS, DENIED},
	[E_SECRET] = {"E_SECRET", "secrets in the image", BY_EXCEPTION, DENIED},
	[E_MISCONFIG] = {"E_MISCONFIG", "the image is misconfigured", BY_EXCEPTION, DENIED},
	[E_ROLE] = {"E_ROLE", "who deploys has not the role for it", BY_BREAKGLASS, DENIED},
	[E_PERMIT_MISSING] = {"E_PERMIT_MISSING", "nobody has permitted this deployment", BY_BREAKGLASS, DENIED},
	[E_PERMIT_EXPIRED] = {"E_PERMIT_EXPIRED", "the permit has expired", BY_BREAKGLASS, DENIED},
	[E_PERMIT_SCOPE] = {"E_PERMIT_SCOPE", "the permit is for something else", BY_BREAKGLASS, DENIED},
	[W_EXCEPTION_USED] = {"W_EXCEPTION_USED", "an exception lets something stand", BY_NOBODY, 0},
	[W_EXCEPTION_EXPIRED] = {"W_EXCEPTION_EXPIRED", "an exception has expired and does nothing", BY_NOBODY, 0},
	[W_VEX_USED] = {"W_VEX_USED", "a VEX statement lets something stand", BY_NOBODY, 0},
	[W_BREAKGLASS] = {"W_BREAKGLASS", "break-glass", BY_NOBODY, 0},
	[W_GRACE] = {"W_GRACE", "it ran here before and is let in for a time", BY_NOBODY, 0},
};

const struct gate_code_info *gate_code_info(int code)
{
	return code > E_NONE && code < GATE_CODES ? &codes[code] : &codes[E_INTERNAL];
}
