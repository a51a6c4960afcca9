/* The line's form; gate.h's readers are people at a terminal, engines' logs, and scripts that
 * look at the exit status. */
#include "config.h"

#include "gate/line.h"

#include "base/table.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/banned.h"

#define REFERENCE_MAX 100

void gate_escape(const char *text, char *ret, size_t size)
{
	size_t len = 0;

	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;
		bool plain = c >= 0x20 && c < 0x7f && c != '\\';

		if (len + (plain ? 1 : 4) >= size)
			break;
		if (plain)
			ret[len++] = (char)c;
		else
			len += (size_t)snprintf(ret + len, size - len, "\\x%02x", c);
	}
	ret[len] = '\0';
}

const char *gate_verdict_name(enum gate_verdict verdict)
{
	static const char *const names[] = {[GATE_DENY] = "deny",
					    [GATE_ALLOW] = "allow",
					    [GATE_ALLOW_AUDIT] = "allow-audit",
					    [GATE_ALLOW_BREAKGLASS] = "allow-breakglass"};

	return (unsigned)verdict < ARRAY_LEN(names) ? names[verdict] : "deny";
}

static bool is_denial(int code)
{
	return gate_code_info(code)->exit_status != 0;
}

int gate_exit_status(const struct gate_result *result)
{
	if (result->verdict == GATE_ALLOW || result->verdict == GATE_ALLOW_AUDIT ||
	    result->verdict == GATE_ALLOW_BREAKGLASS)
		return 0;
	for (unsigned i = 0; i < result->n_reasons; i++)
		if (is_denial(result->reasons[i].code))
			return gate_code_info(result->reasons[i].code)->exit_status;
	return gate_code_info(E_INTERNAL)->exit_status;
}

static const char *opening(enum gate_verdict verdict)
{
	switch (verdict) {
	case GATE_ALLOW:
		return "image allowed";
	case GATE_ALLOW_AUDIT:
		return "image would be denied (mode audit)";
	case GATE_ALLOW_BREAKGLASS:
		return "image allowed by break-glass";
	case GATE_DENY:
		break;
	}
	return "image denied";
}

/* " E_X text;" while it fits into `room`; how many didn't. */
static unsigned put_reasons(const struct gate_result *result, char *ret, size_t room)
{
	bool all = result->verdict == GATE_ALLOW || result->verdict == GATE_ALLOW_BREAKGLASS;
	size_t len = 0;
	unsigned left = 0;

	ret[0] = '\0';
	for (unsigned i = 0; i < result->n_reasons; i++) {
		const struct gate_reason *reason = &result->reasons[i];
		char text[GATE_REASON_TEXT * 4], one[GATE_REASON_TEXT * 4 + 40];
		int n;

		/* What only notes something would take the place of what denies. */
		if (!all && !is_denial(reason->code))
			continue;
		gate_escape(reason->text, text, sizeof(text));
		n = snprintf(one, sizeof(one), " %s%s%s;", gate_code_info(reason->code)->name,
			     text[0] ? " " : "", text);
		if (left || len + (size_t)n >= room) {
			left++;
			continue;
		}
		memcpy(ret + len, one, (size_t)n + 1);
		len += (size_t)n;
	}
	return left + result->more;
}

/* As much as fits. */
static size_t put(char *to, size_t size, const char *text)
{
	size_t len = strnlen(text, size - 1);

	memcpy(to, text, len);
	to[len] = '\0';
	return len;
}

/* With what kanuki asked beyond our policy, where that is why: the command must answer alike.  Of
 * what isn't known nothing can be explained but the code. */
static void put_command(const struct gate_result *result, const struct gate_request *request,
			const char *digest, char *ret, size_t size)
{
	bool stale = false;

	for (unsigned i = 0; i < result->n_reasons; i++)
		stale |= result->reasons[i].code == E_SCAN_STALE;
	if (!digest[0])
		(void)snprintf(ret, size, " run: man kanuki-gate-policy");
	else if (stale && request->max_scan_age_s > 0)
		(void)snprintf(ret, size,
			       " run: kanuki-gate explain --max-scan-age %" PRId64 "h %s",
			       request->max_scan_age_s / 3600, digest);
	else
		(void)snprintf(ret, size, " run: kanuki-gate explain %s", digest);
}

void gate_line(const struct gate_result *result, const struct gate_request *request,
	       char ret[GATE_LINE_MAX])
{
	char reference[REFERENCE_MAX] = "", digest[DIGEST_LEN + 1] = "", reasons[GATE_LINE_MAX],
	     head[300], tail[140] = "", more[40] = "";
	bool admitted = result->verdict == GATE_ALLOW;
	size_t used;
	unsigned left;

	if (request->digest)
		gate_escape(request->digest, digest, sizeof(digest));
	if (request->reference)
		gate_escape(request->reference, reference, sizeof(reference));
	(void)snprintf(head, sizeof(head), "kanuki: %s %.19s%s%s%s%s:", opening(result->verdict),
		       digest[0] ? digest : "(unknown)", strlen(digest) > 19 ? "..." : "",
		       reference[0] ? " (" : "", reference, reference[0] ? ")" : "");
	if (!admitted)
		put_command(result, request, digest, tail, sizeof(tail));
	used = strlen(head) + strlen(tail) + sizeof(more);
	left = put_reasons(result, reasons, GATE_LINE_MAX - used);
	if (left)
		(void)snprintf(more, sizeof(more), " and %u more;", left);
	const char *const parts[] = {head, reasons, more, tail};

	used = 0;
	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		used += put(ret + used, GATE_LINE_MAX - used, parts[i]);
	/* Neither ':' nor ';' hangs at the end. */
	if (used && (ret[used - 1] == ';' || ret[used - 1] == ':'))
		ret[used - 1] = '\0';
}

const char *gate_mend(int code)
{
	static const struct {
		int code;
		const char *text;
	} mends[] = {
		{E_POLICY_INVALID, "kanuki-gate policy check"},
		{E_STORE, "kanuki-gate selftest"},
		{E_NOT_ALLOWED, "add it to allow in the policy"},
		{E_NOT_SCANNED, "scan it, then kanuki-gate import --digest DIGEST REPORT"},
		{E_RECORD_CORRUPT, "scan it again, then kanuki-gate import"},
		{E_SIGNATURE, "kanuki-gate sign --key KEY DIGEST"},
		{E_SIGNER_ROLE, "kanuki-gate keys list shows who may sign what"},
		{E_THRESHOLD, "kanuki-gate sign with one more key"},
		{E_SCAN_STALE, "scan it again, then kanuki-gate import"},
		{E_DB_STALE, "update the scanner's database, scan again, then kanuki-gate import"},
		{E_RECORD_EXPIRED, "scan it again, then kanuki-gate import"},
		{E_CLASS_MISSING, "scan for the missing class too, then kanuki-gate import"},
		{E_SCAN_INCOMPLETE,
		 "scan it without what left something out, then kanuki-gate import"},
		{E_VULN, "rebuild the image, or kanuki-gate waive --finding ID"},
		{E_KEV, "rebuild the image, or kanuki-gate waive --finding ID"},
		{E_SECRET, "rebuild the image without it, or kanuki-gate waive --finding RULE"},
		{E_MISCONFIG, "rebuild the image, or kanuki-gate waive --finding RULE"},
		{E_PERMIT_MISSING, "kanuki-gate permit --image DIGEST"},
		{E_PERMIT_EXPIRED, "kanuki-gate permit --image DIGEST"},
		{E_REVOKED_IMAGE, "kanuki-gate unrevoke image DIGEST, if it was an error"},
		{E_CLOCK_ROLLBACK, "set the clock right; if it is, remove the file clock of the "
				   "store, then kanuki-gate init"},
	};

	for (size_t i = 0; i < ARRAY_LEN(mends); i++)
		if (mends[i].code == code)
			return mends[i].text;
	return NULL;
}
