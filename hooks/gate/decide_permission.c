/* Waivers, permits, break-glass: whether one is good for this request, and what it covers.
 *
 * Malware, denied CVEs and doubtful evidence have no waiver; that is a matter of who asks
 * here, and of the table in reason.c.
 */
#include "config.h"

#include "gate/judge.h"

#include "base/rfc3339.h"
#include "gate/findings.h"
#include "gate/glob.h"

#include <string.h>

#include "base/banned.h"

bool judge_permission(const struct judge *j, size_t i, const struct permission **ret, bool *ret_own)
{
	const permission_list *own = &j->policy->exceptions, *given = j->in->permissions;

	*ret_own = i < own->n;
	if (*ret_own) {
		*ret = &own->items[i];
		return true;
	}
	i -= own->n;
	if (!given || i >= given->n)
		return false;
	*ret = &given->items[i];
	return true;
}

static bool is_text(const char *s)
{
	return s && *s;
}

bool permission_is_over(const struct judge *j, const struct permission *p)
{
	return p->expires <= j->in->now;
}

bool permission_fits(const struct judge *j, const struct permission *p)
{
	if (!is_text(p->owner) || seconds_between(p->created, j->in->now) > j->policy->clock_skew_s)
		return false;
	if (p->namespaces.n && !glob_match_any(&p->namespaces, j->request->namespace_name))
		return false;
	if (p->images.n)
		return str_list_has(&p->images, j->request->digest);
	return p->kind == PERMISSION_BREAKGLASS && p->namespaces.n > 0;
}

/* --- waivers --- */

static bool is_waiver(const struct judge *j, const struct permission *p, bool own)
{
	return p->kind == PERMISSION_WAIVER && p->finding && permission_fits(j, p) &&
	       (own || judge_signed(j, &p->signers, ROLE_WAIVER));
}

bool permission_waives(const struct judge *j, const struct permission *p, bool own,
		       const struct finding *finding)
{
	if (!is_waiver(j, p, own))
		return false;
	if (strcmp(p->finding, finding->id) != 0 &&
	    !(finding->alias && !strcmp(p->finding, finding->alias)))
		return false;
	if (p->package && !(finding->package && !strcmp(p->package, finding->package)))
		return false;
	/* One of unknown severity may be above any. */
	return p->severity_max == SEVERITY_UNKNOWN ||
	       (finding->severity != SEVERITY_UNKNOWN && finding->severity <= p->severity_max);
}

bool judge_is_waived(const struct judge *j, const struct finding *finding)
{
	const struct permission *p;
	bool own;

	for (size_t i = 0; judge_permission(j, i, &p, &own); i++)
		if (!permission_is_over(j, p) && permission_waives(j, p, own, finding))
			return true;
	return false;
}

bool judge_waive(struct judge *j, int code, const char *package)
{
	const char *name = gate_code_info(code)->name;
	const struct permission *p;
	bool own, waived = false;

	for (size_t i = 0; judge_permission(j, i, &p, &own); i++) {
		char until[RFC3339_SIZE];

		if (!is_waiver(j, p, own) || strcmp(p->finding, name) != 0 ||
		    p->severity_max != SEVERITY_UNKNOWN)
			continue;
		if (p->package && !(package && !strcmp(p->package, package)))
			continue;
		rfc3339_format(p->expires, until);
		judge_add(j, permission_is_over(j, p) ? W_EXCEPTION_EXPIRED : W_EXCEPTION_USED,
			  "%s: %s%s%s until %s, %s", p->id ? p->id : "?", name, package ? " " : "",
			  package ? package : "", until, p->owner);
		waived |= !permission_is_over(j, p);
	}
	return waived;
}

/* --- break-glass --- */

static bool is_breakglass(const struct judge *j, const struct permission *p, bool own)
{
	return !own && p->kind == PERMISSION_BREAKGLASS && p->created > 0 && is_text(p->reason) &&
	       (!j->policy->breakglass_ticket || is_text(p->ticket)) &&
	       seconds_between(p->expires, p->created) <= j->policy->breakglass_max_s &&
	       permission_fits(j, p) && !permission_is_over(j, p) &&
	       judge_signed(j, &p->signers, ROLE_BREAKGLASS);
}

const struct permission *judge_breakglass(const struct judge *j)
{
	const struct permission *p;
	bool own;

	for (size_t i = 0; j->policy->breakglass && judge_permission(j, i, &p, &own); i++)
		if (is_breakglass(j, p, own))
			return p;
	return NULL;
}
