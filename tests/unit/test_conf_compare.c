/* The policy file: what its exceptions grant, and which of two is the stricter. */
#include "config.h"

#include "base/rfc3339.h"

#include "conf_case.h"

/* --- exceptions --- */

static const char three[] = HEAD "'exceptions':["
	AT(IMAGE, "2027-01-10T00:00:00Z", "'capabilities':['CAP_KILL'],'pids':2000,'ports':{'bind':[80]},'exec':['/a']") ","
	AT(IMAGE_2, "2027-01-10T00:00:00Z", "'rootUser':true") ","
	AT(IMAGE, "2027-01-20T00:00:00Z",
	   "'capabilities':['CAP_CHOWN'],'pids':3000,'rootGroup':true,'exec':['/b'],'mounts':[{'source':'/srv','target':'/t'}]") "]}";

static int64_t at(const char *time)
{
	int64_t ret = 0;
	if (!rfc3339_parse(time, &ret))
		abort();
	return ret;
}

static void test_grant(void)
{
	autoconf conf = POLICY_CONF_INIT;
	struct arena arena = ARENA_INIT;
	const struct policy_exception *e, *expired;
	struct err err = ERR_INIT;

	if (!ok(parse(three, &conf, &err) == 0, "three exceptions"))
		diag("%s", err.msg);
	ok(!policy_conf_grant(&conf, NULL, 0, &arena, &e, &expired, &err) && !e && !expired, "no image: none");
	ok(!policy_conf_grant(&conf, "sha256:0", at("2027-01-01T00:00:00Z"), &arena, &e, &expired, &err) && !e && !expired, "another image: none");
	ok(!policy_conf_grant(&conf, IMAGE, at("2027-01-09T23:59:59Z"), &arena, &e, &expired, &err) && e && !expired, "both apply");
	ok(e->capabilities == (1u << 5 | 1u << 0) && e->root_group && !e->root_user && e->pids_max == 3000, "merged");
	ok(e->exec_on.n == 2 && e->bind.n == 1 && e->mounts.n == 1 && !e->memory_max, "lists too");
	is_str(e->expires_text, "2027-01-10T00:00:00Z", "until the first ends");
	is_str(e->owner, "o-2027-01-10T00:00:00Z; o-2027-01-20T00:00:00Z", "both answer for it");
	ok(!policy_conf_grant(&conf, IMAGE, at("2027-01-10T00:00:00Z"), &arena, &e, &expired, &err) && e && expired,
	   "from its end on an exception no longer applies");
	ok(e->capabilities == 1 && e->pids_max == 3000, "the other does");
	is_str(expired->expires_text, "2027-01-10T00:00:00Z", "and it says so");
	ok(!policy_conf_grant(&conf, IMAGE, at("2027-01-20T00:00:00Z"), &arena, &e, &expired, &err) && !e && expired, "both have ended");
	policy_conf_release(&conf);
	is_str(expired->owner, "o-2027-01-10T00:00:00Z", "the result doesn't point into the policy");
	arena_release(&arena);
}

static void test_bound(void)
{
	autoconf conf = POLICY_CONF_INIT;
	struct arena arena = ARENA_INIT;
	const struct policy_exception *e, *expired;
	struct err err = ERR_INIT;

	ok(parse(HEAD "'level':'card-payments','exceptions':[" AT(IMAGE, "2027-04-01T00:00:00Z", "'pids':600") "]}", &conf, &err) == 0,
	   "at card-payments");
	ok(!policy_conf_grant(&conf, IMAGE, at("2027-01-01T00:00:00Z"), &arena, &e, &expired, &err) && e, "90 days ahead");
	ok(!policy_conf_check_dates(&conf, at("2027-01-01T00:00:00Z"), &err), "by date, too");
	ok(policy_conf_grant(&conf, IMAGE, at("2026-12-31T23:59:59Z"), &arena, &e, &expired, &err) == -1, "a second more");
	is_err(&err, ERR_POLICY, "policy '/p': exceptions[0].expires: 2027-04-01T00:00:00Z is more than 90 days ahead", "is refused");
	err_clear(&err);
	ok(policy_conf_check_dates(&conf, at("2026-12-31T23:59:59Z"), &err) == -1, "by date, too");
	err_clear(&err);
	ok(!policy_conf_grant(&conf, IMAGE_2, 0, &arena, &e, &expired, &err) && !e, "of no concern to another image");
	ok(!policy_conf_check_dates(&conf, at("2028-01-01T00:00:00Z"), &err), "what has expired isn't ahead");
	arena_release(&arena);
}

/* --- comparison --- */

static void expect_stricter(const char *text, const char *than, const char *looser_key)
{
	autoconf a = POLICY_CONF_INIT, b = POLICY_CONF_INIT;
	struct err err = ERR_INIT;
	const char *key = "";

	if (parse(text, &a, &err) || parse(than, &b, &err)) {
		ok(false, "%s: %s", text, err.msg);
		return;
	}
	bool stricter = policy_conf_is_stricter(&a, &b, &key);
	if (!ok(stricter == !looser_key && (!looser_key || !strcmp(key, looser_key)), "%s %s %s", text,
		looser_key ? "is looser than" : "is as strict as", than))
		diag("looser in '%s'", key);
}

static void test_stricter(void)
{
	static const struct {
		const char *strict, *loose, *key;
	} pairs[] = {
		{HEAD "'audit':{'file':'/x'}}", HEAD "'mode':'audit','audit':{'file':'/x'}}", "mode"},
		{HEAD "'root':{'request':'reject'}}", BASE, "root.request"},
		{HEAD "'seccomp':'strict'}", BASE, "seccomp"},
		{HEAD "'landlock':{'minimumAbi':2}}", BASE, "landlock.minimumAbi"},
		{HEAD "'limits':{'pids':5}}", HEAD "'limits':{'pids':6}}", "limits.pids"},
		{HEAD "'limits':{'memory':1125899906842624}}", BASE, "limits.memory"},
		{HEAD "'limits':{'openFiles':500}}", BASE, "limits.openFiles"},
		{HEAD "'commands':{'allow':['/bin']}}", BASE, "commands.allow"},
		{HEAD "'commands':{'allow':['/bin/ls']}}", HEAD "'commands':{'allow':['/bin']}}", "commands.allow"},
		{HEAD "'commands':{'deny':['/bin']}}", HEAD "'commands':{'deny':['/bin/ls']}}", "commands.deny"},
		{HEAD "'ports':{'bind':[]}}", BASE, "ports.bind"},
		{HEAD "'ports':{'bind':[80]}}", HEAD "'ports':{'bind':[80,443]}}", "ports.bind"},
		{HEAD "'ports':{'connect':[]}}", HEAD "'ports':{'connect':[25]}}", "ports.connect"},
		{BASE, HEAD "'mounts':{'allow':[{'source':'/srv'}]}}", "mounts.allow"},
		{HEAD "'mounts':{'allow':[{'source':'/srv/a'}]}}", HEAD "'mounts':{'allow':[{'source':'/srv'}]}}", "mounts.allow"},
		{HEAD "'mounts':{'allow':[{'source':'/srv'}]}}", HEAD "'mounts':{'allow':[{'source':'/srv','writable':true}]}}", "mounts.allow"},
		{HEAD "'mounts':{'allow':[{'source':'/srv','target':'/a'}]}}", HEAD "'mounts':{'allow':[{'source':'/srv'}]}}", "mounts.allow"},
		{HEAD "'mounts':{'encryptedVolumes':true}}", BASE, "mounts.encryptedVolumes"},
		{HEAD "'sysctls':{'allow':[]}}", BASE, "sysctls.allow"},
		{HEAD "'sysctls':{'allow':['net.ipv4.x']}}", HEAD "'sysctls':{'allow':['net.ipv4.']}}", "sysctls.allow"},
		{HEAD "'sysctls':{'allow':['net.ipv4.x']}}", HEAD "'sysctls':{'allow':['net.ipv4.x','net.ipv4.xy']}}", "sysctls.allow"},
		{HEAD "'exceptionsMaxDays':30}", BASE, "exceptionsMaxDays"},
		{HEAD "'scan':{'maxAgeDays':3}}", BASE, "scan.maxAgeDays"},
		{BASE, HEAD "'gate':{'mode':'present'}}", "gate.mode"},
		{HEAD "'gate':{'mode':'present'}}", HEAD "'gate':{'mode':'off'}}", "gate.mode"},
		{HEAD "'audit':{'file':'/x'}}", BASE, "audit.file"},
		{HEAD "'audit':{'file':'/x','required':true}}", HEAD "'audit':{'file':'/x'}}", "audit.required"},
		{HEAD "'audit':{'file':'/x','syslog':true}}", HEAD "'audit':{'file':'/x'}}", "audit.syslog"},
		{BASE, ALLOW("'rootUser':true"), "exceptions"},
		{ALLOW("'rootUser':true"), ALLOW("'rootUser':true,'rootGroup':true"), "exceptions"},
		{ALLOW("'capabilities':['CAP_KILL']"), ALLOW("'capabilities':['CAP_KILL','CAP_CHOWN']"), "exceptions"},
		{ALLOW("'exec':['/a']"), ALLOW("'exec':['/b','/a']"), "exceptions"},
		{ALLOW("'writable':['/a']"), ALLOW("'exec':['/b'],'writable':['/a']"), "exceptions"},
		{ALLOW("'mounts':[{'source':'/srv/a'}]"), ALLOW("'mounts':[{'source':'/srv'}]"), "exceptions"},
		{ALLOW("'syscalls':['bpf']"), ALLOW("'syscalls':['bpf','perf_event_open']"), "exceptions"},
		{ALLOW("'ports':{'bind':[1]}"), ALLOW("'ports':{'bind':[1],'connect':[1]}"), "exceptions"},
		{ALLOW("'pids':2000"), ALLOW("'pids':2001"), "exceptions"},
		{ALLOW("'memory':2000000,'pids':1"), ALLOW("'memory':2000001,'pids':1"), "exceptions"},
		{HEAD "'exceptions':[" AT(IMAGE, "2027-01-01T00:00:00Z", "'pids':1") "]}",
		 HEAD "'exceptions':[" AT(IMAGE, "2027-01-01T00:00:01Z", "'pids':1") "]}", "exceptions"},
	};
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		expect_stricter(pairs[i].strict, pairs[i].loose, NULL);
		expect_stricter(pairs[i].loose, pairs[i].strict, pairs[i].key);
		expect_stricter(pairs[i].loose, pairs[i].loose, NULL);
	}
	expect_stricter(HEAD "'root':{'request':'remap'}}", BASE, "root.request");
	expect_stricter(BASE, HEAD "'root':{'request':'remap'}}", "root.request");
	expect_stricter(HEAD "'root':{'request':'reject'}}", HEAD "'root':{'request':'remap'}}", NULL);
	expect_stricter(HEAD "'root':{'request':'remap'}}", HEAD "'root':{'request':'remap','remap':{'first':100000}}}",
			"root.request");
	expect_stricter(HEAD "'exceptions':[" AT(IMAGE_2, "2027-01-01T00:00:00Z", "'pids':1") "]}",
			HEAD "'exceptions':[" AT(IMAGE, "2027-01-01T00:00:00Z", "'pids':1") "]}", "exceptions");
	expect_stricter("{'version':1,'level':'oci'}", BASE, "level");
	expect_stricter(BASE, "{'version':1,'level':'oci'}", NULL);
}

int main(void)
{
	test_grant();
	test_bound();
	test_stricter();
	return tap_done();
}
