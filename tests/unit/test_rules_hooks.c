/* H-80 to H-82: hooks, annotations and super daemons. */
#include "policy_case.h"

#include "policy/super_daemons.h"

static void hooks(void)
{
	static const struct { const char *path, *text; } bad[] = {
		{"/bundle/rootfs/bin/sh", "is in the container's root"},
		{"/bundle/hook", "is in the bundle"},
		{"/usr/../bundle/hook", "holds '..'"},
		{"//bundle/rootfs/./x", "is in the container's root"},
		{"/srv/w/tool", "is in '/srv/w', which the container may write as '/w'"},
	};
	static const char *const kinds[] = {"prestart", "createRuntime", "createContainer", "poststart", "poststop"};
	const char *mounts = MOUNTS_ALL "," BIND("/srv/w", "/w", "'bind'") "," BIND("/srv/r", "/r", "'bind','ro'");
	autoplan plan = PLAN_INIT, oci = PLAN_INIT;

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		char top[256], name[128];
		const char *kind = kinds[i % ARRAY_LEN(kinds)];
		snprintf(top, sizeof(top), "'hooks':{'%s':[{'path':'/bin/a'},{'path':'%s'}]}", kind, bad[i].path);
		snprintf(name, sizeof(name), "H-80: %s hook %s refused", kind, bad[i].path);
		refused(&(struct bundle){.top = top, .mounts = mounts}, ERR_POLICY, "H-80", bad[i].text, name);
		snprintf(name, sizeof(name), "H-80: and told which, %s[1]", kind);
		char where[64];
		snprintf(where, sizeof(where), "hooks.%s[1]: ", kind);
		refused(&(struct bundle){.top = top, .mounts = mounts}, ERR_POLICY, "H-80", where, name);
	}
	struct bundle b = {.mounts = mounts,
			   .top = "'hooks':{'startContainer':[{'path':'/bundle/rootfs/x'}],'createRuntime':[{'path':'/srv/r/h',"
				  "'args':['h','x'],'env':['A=1'],'timeout':5},{'path':'/usr/bin/h'}]}"};
	if (!resolved(&b, &plan, "hooks"))
		return;
	is_str(plan.hooks[HOOK_START_CONTAINER].items[0].path, "/bundle/rootfs/x", "H-80: a program in the container is free");
	const struct plan_hook *h = plan.hooks[HOOK_CREATE_RUNTIME].items;
	is_str(h[0].path, "/srv/r/h", "H-80: in something mounted read-only");
	is_str(joined(&h[0].args), "h,x", "H-80: its arguments");
	is_str(joined(&h[0].env), "A=1", "H-80: its environment");
	is_int(h[0].timeout_s, 5, "H-80: its timeout");
	is_str(joined(&h[1].args), "/usr/bin/h", "H-80: no arguments are its path");
	is_int(h[1].env.n, 0, "H-80: no environment is an empty one");

	b.level = LEVEL_OCI;
	b.top = "'hooks':{'poststop':[{'path':'/bundle/hook'}]}";
	if (!resolved(&b, &oci, "hooks at oci"))
		return;
	is_str(oci.hooks[HOOK_POSTSTOP].items[0].path, "/bundle/hook", "H-80: not at level oci");
}

static void annotations(void)
{
	autoplan plan = PLAN_INIT, bare = PLAN_INIT;

	if (!resolved(&(struct bundle){.top = "'annotations':{'a':'1','run.oci.handler':'krun','krun.x':'1','module.wasm.image':'1',"
					      "'org.criu.config':'x','org.systemd.property.SuccessAction':'reboot'}"},
		      &plan, "annotations"))
		return;
	is_int(plan.annotations.n, 6, "H-81: all are in the state");
	size_t told = 0;
	for (size_t i = 0; i < plan.changes.n; i++)
		told += !strcmp(plan.changes.items[i].rule, "H-81");
	is_int(told, 5, "H-81: those that other runtimes obey are told");
	is_change(&plan, "H-81", "annotations", CHANGE_DROPPED, "run.oci.handler", "by name");

	if (!resolved(&(struct bundle){0}, &bare, "none"))
		return;
	ok(!find_change(&bare, "H-81", "annotations"), "H-81: nothing told where there is none");
	/* The rest of the plan is the same: they change nothing. */
	autostr with = STR_INIT, without = STR_INIT;
	plan.annotations.n = bare.annotations.n = 0;
	plan.changes.n = bare.changes.n = 0;
	plan_print(&plan, false, &with);
	plan_print(&bare, false, &without);
	is_str(str_text(&with), str_text(&without), "H-81: a plan with annotations is the plan without");
}

static void super_daemons(void)
{
	static const struct { const char *args, *where; } bad[] = {
		{"'/sbin/init'", "args[0]: '/sbin/init'"},
		{"'/init'", "args[0]: '/init'"},
		{"'/usr/bin/runsvdir','-P','/etc/service'", "args[0]: '/usr/bin/runsvdir'"},
		{"'s6-svscan'", "args[0]: 's6-svscan'"},
		{"'/opt/x/circusd'", "args[0]: '/opt/x/circusd'"},
		{"'pm2-runtime','app.js'", "args[0]: 'pm2-runtime'"},
		{"'/bin/busybox','init'", "args[1]: 'init'"},
		{"'busybox','/x/busybox','/y/runsvdir','/etc/service'", "args[2]: '/y/runsvdir'"},
		{"'toybox','init'", "args[1]: 'init'"},
	};
	static const char *const good[] = {
		"'/sbin/tini','--','init'", "'dumb-init','systemd'", "'/usr/bin/catatonit'", "'/run/podman-init','--','app'",
		"'/sbin/docker-init'", "'busybox'", "'busybox','sh','init'", "'/srv/init.sh'", "'/opt/initd'", "'/opt/supervisord/app'",
	};

	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		refused(&(struct bundle){.args = bad[i].args}, ERR_POLICY, "H-82", bad[i].where, "H-82: refused");
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		autoplan plan = PLAN_INIT;
		if (!resolved(&(struct bundle){.args = good[i]}, &plan, "a small init, or none"))
			return;
		ok(has_string(&plan.landlock.no_daemons, "runsvdir") && has_string(&plan.landlock.daemon_places, "/usr/local/sbin"),
		   "H-82: %s may be it; Landlock holds what it starts", good[i]);
	}
	ok(is_super_daemon("dinit") && is_super_daemon("monit") && !is_super_daemon("") && !is_super_daemon("/sbin/init") &&
		   !is_super_daemon("INIT"),
	   "H-82: a name is a whole one");
	size_t index;
	ok(!has_super_daemon(&(struct str_list){.n = 0}, &index), "H-82: no arguments at all");
}

int main(void)
{
	hooks();
	annotations();
	super_daemons();
	return tap_done();
}
