/* The decision by who deploys: roles, permits, break-glass. */
#include "config.h"

#include "gate_case.h"

static void test_roles(void)
{
	world_good(&w);
	w.policy.require_role = true;
	w.policy.roles.items = w.roles;
	w.policy.roles.n = 1;
	w.roles[0] = (struct deploy_role){.name = "deployer", .login_uids = {w.ids, 1, 1}};
	w.ids[0] = 1000;
	allows("the login uid has the role");
	w.request.login_uid = UINT32_MAX;
	denies(E_ROLE, "nobody logged in");
	ok(world_reason(&w, E_PERMIT_MISSING), "and no permit is told, too");
	w.ids[0] = UINT32_MAX;
	denies(E_ROLE, "no login is nobody's");
	w.request.login_uid = 1001;
	denies(E_ROLE, "another login");
	tells(E_ROLE, "uid 0 gid 0 login 1001 namespace prod has none of 1 roles");
	w.roles[0] = (struct deploy_role){.name = "deployer"};
	denies(E_ROLE, "a role that names nobody");
	w.list[0] = "prod";
	w.roles[0].namespaces = (struct str_list){w.list, 1, 1};
	allows("by namespace");
	w.roles[0].uids.items = w.ids;
	w.roles[0].uids.n = 1;
	w.ids[0] = 7;
	denies(E_ROLE, "each list of a role must name the caller");
	w.request.uid = 7;
	allows("and does");
	w.roles[0].gids.items = w.ids;
	w.roles[0].gids.n = 1;
	denies(E_ROLE, "the group as well");
	world_good(&w);
	w.policy.require_role = true;
	spoilt(E_ROLE, "no role, no permit", true);
	w.policy.require_role = true;
	spoilt(E_PERMIT_MISSING, "no permit", true);
}

static void test_permits(void)
{
	struct permission *p;

	world_good(&w);
	w.policy.require_role = true;
	p = world_permission(&w, PERMISSION_PERMIT, ROLE_APPROVER);
	allows("with a permit");
	w.permitters[0].roles = ROLE_DEPLOYER;
	allows("that the deployer's own key signed");
	w.permitters[0].roles = ROLE_WAIVER | ROLE_BREAKGLASS | ROLE_RECORDER;
	denies(E_PERMIT_MISSING, "that another's key signed");
	w.permitters[0].roles = ROLE_APPROVER;
	p->expires = NOW;
	denies(E_PERMIT_EXPIRED, "that is over");
	breakglass(E_PERMIT_EXPIRED);
	w.permission_list.n = 1;
	w.policy.breakglass = false;
	w.permitters[0].roles = ROLE_APPROVER;
	p->expires = NOW + 100 * DAY_S;
	p->created = NOW - DAY_S - 1;
	denies(E_PERMIT_EXPIRED, "that was signed too long ago");
	p->created = NOW - DAY_S;
	allows("that was signed a day ago");
	p->created = 0;
	denies(E_PERMIT_MISSING, "that was signed when isn't said");
	p->created = NOW + 300;
	allows("by a clock that is ahead");
	p->created = NOW - 60;
	w.list[0] = "test";
	p->namespaces = (struct str_list){w.list, 1, 1};
	denies(E_PERMIT_SCOPE, "for another namespace");
	audit(E_PERMIT_SCOPE, true);
	w.policy.mode = GATE_ENFORCE;
	w.list[0] = "prod";
	w.images[0] = OTHER;
	denies(E_PERMIT_SCOPE, "for another image");
	w.images[0] = IMAGE;
	w.policy.roles.items = w.roles;
	w.policy.roles.n = 1;
	w.list[1] = "elsewhere";
	w.roles[0] = (struct deploy_role){.name = "deployer", .namespaces = {w.list + 1, 1, 1}};
	denies(E_PERMIT_SCOPE, "without a role");
	p->role = "deployer";
	denies(E_PERMIT_SCOPE, "with a role of another namespace");
	w.list[1] = "pr*";
	w.roles[0].uids.items = w.ids;
	w.roles[0].uids.n = 1;
	w.ids[0] = 7;
	allows("with the role");
	p->role = "admin";
	denies(E_PERMIT_SCOPE, "with a role that there isn't");
	breakglass(E_PERMIT_SCOPE);
}

/* --- break-glass --- */

static void test_breakglass(void)
{
	struct permission *p;

	world_good(&w);
	w.in.record_state = RECORD_ABSENT;
	p = world_permission(&w, PERMISSION_BREAKGLASS, ROLE_BREAKGLASS);
	denies(E_NOT_SCANNED, "break-glass is off by default");
	w.policy.breakglass = true;
	ok(is_decided(GATE_ALLOW_BREAKGLASS, E_NOT_SCANNED),
	   "W_BREAKGLASS: it is used, and the reason told");
	tells(W_BREAKGLASS, "p-1 until 2026-11-21T01:00:00Z by anna ticket OPS-1: outage");
	p->expires = p->created + 4 * 3600 + 1;
	denies(E_NOT_SCANNED, "for longer than the most");
	p->expires = p->created + 4 * 3600;
	ok(is_decided(GATE_ALLOW_BREAKGLASS, E_NOT_SCANNED), "for the most");
	p->ticket = NULL;
	denies(E_NOT_SCANNED, "without a ticket");
	w.policy.breakglass_ticket = false;
	ok(is_decided(GATE_ALLOW_BREAKGLASS, E_NOT_SCANNED), "where none is required");
	p->reason = "";
	denies(E_NOT_SCANNED, "without a reason");
	p->reason = "outage";
	w.permitters[0].roles = ~(unsigned)ROLE_BREAKGLASS;
	denies(E_NOT_SCANNED, "without the role");
	w.permitters[0].roles = ROLE_BREAKGLASS;
	w.permitters[0].revoked = true;
	denies(E_NOT_SCANNED, "with a revoked key");
	w.permitters[0].revoked = false;
	p->images.n = 0;
	denies(E_NOT_SCANNED, "for everything");
	w.list[0] = "prod";
	p->namespaces = (struct str_list){w.list, 1, 1};
	ok(is_decided(GATE_ALLOW_BREAKGLASS, E_NOT_SCANNED), "for a namespace");
	w.list[0] = "test";
	denies(E_NOT_SCANNED, "for another one");
	w.list[0] = "prod";
	p->created = 0;
	denies(E_NOT_SCANNED, "made when isn't said");
	p->created = NOW + 301;
	p->expires = NOW + 400;
	denies(E_NOT_SCANNED, "of tomorrow");
	p->created = NOW - 60;
	p->expires = NOW + 60;
	w.in.image_revoked = true;
	denies(E_NOT_SCANNED, "and the image is revoked");
	world_good(&w);
	w.policy.breakglass = true;
	(void)world_permission(&w, PERMISSION_BREAKGLASS, ROLE_BREAKGLASS);
	allows("and isn't needed");
	ok(!world_reason(&w, W_BREAKGLASS), "and isn't told then");
}

int main(void)
{
	test_roles();
	test_permits();
	test_breakglass();
	return tap_done();
}
