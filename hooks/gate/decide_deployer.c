/* Who deploys: the caller's ids and the engine's namespace against the site's roles, and
 * permits, which a key signs for those whose ids say nothing (engines that are daemons).
 */
#include "config.h"

#include "gate/judge.h"

#include "gate/glob.h"

#include <stdio.h>
#include <string.h>

#include "base/banned.h"

/* An empty list takes anybody. */
static bool has_id(const uint32_t *items, size_t n, uint32_t id)
{
	for (size_t i = 0; i < n; i++)
		if (items[i] == id)
			return true;
	return n == 0;
}

static bool is_in_namespaces(const struct deploy_role *role, const struct gate_request *request)
{
	return !role->namespaces.n || glob_match_any(&role->namespaces, request->namespace_name);
}

/* Every list that the role has must name the caller; a role without one names nobody. */
static bool has_role(const struct deploy_role *role, const struct gate_request *request)
{
	if (!role->uids.n && !role->gids.n && !role->login_uids.n && !role->namespaces.n)
		return false;
	if (role->login_uids.n && request->login_uid == UINT32_MAX)
		return false;
	return has_id(role->uids.items, role->uids.n, request->uid) &&
	       has_id(role->gids.items, role->gids.n, request->gid) &&
	       has_id(role->login_uids.items, role->login_uids.n, request->login_uid) &&
	       is_in_namespaces(role, request);
}

/* --- permits --- */

enum permit { PERMIT_MISSING, PERMIT_OF_OTHERS, PERMIT_OVER, PERMIT_GOOD };

/* The role that it gives is one of the site's, for this namespace. */
static bool gives_role(const struct judge *j, const struct permission *p)
{
	for (size_t i = 0; i < j->policy->roles.n; i++) {
		const struct deploy_role *role = &j->policy->roles.items[i];

		if (p->role && role->name && !strcmp(role->name, p->role) &&
		    is_in_namespaces(role, j->request))
			return true;
	}
	return j->policy->roles.n == 0;
}

static enum permit judge_permit(const struct judge *j, const struct permission *p)
{
	if (!judge_signed(j, &p->signers, ROLE_APPROVER | ROLE_DEPLOYER) || p->created <= 0)
		return PERMIT_MISSING;
	if (!p->images.n || !permission_fits(j, p) || !gives_role(j, p))
		return PERMIT_OF_OTHERS;
	if (permission_is_over(j, p) ||
	    seconds_between(j->in->now, p->created) > j->policy->permit_max_age_s)
		return PERMIT_OVER;
	return PERMIT_GOOD;
}

static enum permit best_permit(const struct judge *j, const struct permission **ret)
{
	const struct permission *p;
	enum permit best = PERMIT_MISSING;
	bool own;

	for (size_t i = 0; judge_permission(j, i, &p, &own); i++) {
		enum permit state =
			own || p->kind != PERMISSION_PERMIT ? PERMIT_MISSING : judge_permit(j, p);

		if (state > best) {
			best = state;
			*ret = p;
		}
	}
	return best;
}

/* --- both --- */

static void tell_caller(struct judge *j)
{
	const struct gate_request *request = j->request;
	char login[16] = "none";

	if (request->login_uid != UINT32_MAX)
		(void)snprintf(login, sizeof(login), "%u", request->login_uid);
	judge_add(j, E_ROLE, "uid %u gid %u login %s namespace %.60s has none of %zu roles",
		  request->uid, request->gid, login,
		  request->namespace_name ? request->namespace_name : "(none)", j->policy->roles.n);
}

void judge_deployer(struct judge *j)
{
	const struct permission *p = NULL;
	const char *id;
	enum permit permit;

	if (!j->policy->require_role)
		return;
	for (size_t i = 0; i < j->policy->roles.n; i++)
		if (has_role(&j->policy->roles.items[i], j->request))
			return;
	permit = best_permit(j, &p);
	if (permit == PERMIT_GOOD)
		return;
	id = p && p->id ? p->id : "?";
	tell_caller(j);
	if (permit == PERMIT_OVER)
		judge_add(j, E_PERMIT_EXPIRED, "%s", id);
	else if (permit == PERMIT_OF_OTHERS)
		judge_add(j, E_PERMIT_SCOPE, "%s is for another image, namespace or role", id);
	else
		judge_add(j, E_PERMIT_MISSING, "and no permit names %.80s",
			  j->request->digest ? j->request->digest : "it");
}
