/* policy_resolve_all(): what mode audit asks.  Every refusal with its rule, what else would change, and never another
 * first refusal than the one that enforce stops at. */
#include "policy_case.h"

#include "base/str.h"
#include "policy/rules.h"

static const char *conf_text; /* a policy file, or NULL: builtin:hardened */

static int resolve_all(const struct bundle *b, struct plan *plan, struct policy_refusals *refusals, struct err *err)
{
	autoconf conf = POLICY_CONF_INIT;
	struct spec spec = SPEC_INIT;
	struct policy_request request = b->request;
	char *json = bundle_text(b);
	int rc;

	if (conf_text ? policy_conf_parse(conf_text, strlen(conf_text), "p", &conf, err)
		      : policy_conf_builtin("builtin:hardened", &conf, err)) {
		diag("the test's own policy: %s", err->msg);
		abort();
	}
	if (spec_parse(json, strlen(json), &spec, err))
		abort();
	request.id = "c1";
	request.bundle = "/bundle";
	if (request.gate.answer == GATE_ABSENT)
		request.gate.answer = GATE_LATER; /* only test_policy_gate.c asks for what isn't there */
	rc = policy_resolve_all(&spec, b->host ? b->host : &full_host, &conf, &request, plan, refusals, err);
	memset(json, 'x', strlen(json));
	free(json);
	spec_release(&spec);
	return rc;
}

/* "H-10 H-10 H-25": the rules that refuse. */
static const char *all_rules(const struct policy_refusals *refusals)
{
	static char text[1024];
	size_t n = 0;

	text[0] = '\0';
	for (size_t i = 0; i < refusals->told.n; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%s", i ? " " : "", refusals->told.items[i].rule);
	return text;
}

static void all_are(const struct bundle *b, const char *want, const char *name)
{
	struct policy_refusals refusals = {0};
	autoplan plan = PLAN_INIT, first = PLAN_INIT;
	struct err err = ERR_INIT, enforced = ERR_INIT;

	ok(resolve_all(b, &plan, &refusals, &err) == 0, "%s: told %s", name, err.msg);
	is_str(all_rules(&refusals), want, name);
	int rc = resolve_all(b, &first, NULL, &enforced);
	ok((rc == -1) == (refusals.told.n > 0) &&
		   (!refusals.told.n || strstr(enforced.msg, refusals.told.items[0].msg)),
	   "%s: the first is enforce's", name);
}

static void test_every_refusal(void)
{
	const struct bundle b = {
		.args = "'/sbin/init'",
		.namespaces = "{'type':'mount'},{'type':'ipc'},{'type':'uts'},{'type':'cgroup'}",
		.user = "'uid':0,'gid':0",
		.mounts = MOUNTS_ALL "," BIND("/etc", "/a", "'bind','ro'") "," BIND("/srv", "/b", "'bind','ro'") "," BIND(
			"/", "/c", "'bind'"),
		.top = "'hooks':{'poststop':[{'path':'/bundle/h'},{'path':'/bin/h'},{'path':'/x/../h'}]}",
	};
	struct policy_refusals refusals = {0};
	autoplan plan = PLAN_INIT;
	struct err err = ERR_INIT;

	conf_text = NULL;
	/* "/" as a source holds the container's root (H-24), the host's everything (H-25) and all hooks' programs (H-80) */
	all_are(&b, "H-10 H-10 H-24 H-25 H-25 H-25 H-80 H-80 H-80 H-82", "many rules");
	ok(resolve_all(&b, &plan, &refusals, &err) == 0 && refusals.told.n == 10, "again");
	const struct err *told = refusals.told.items;
	ok(strstr(told[0].msg, "processes") && strstr(told[1].msg, "network"), "H-10 each namespace");
	ok(strstr(told[3].msg, "'/a'") && strstr(told[4].msg, "'/b'") && strstr(told[5].msg, "'/c'"), "H-25 each mount");
	ok(!strncmp(told[6].msg, "hooks.poststop[0]: ", 19) && !strncmp(told[8].msg, "hooks.poststop[2]: ", 19),
	   "H-80 each hook, with its place");
	is_change(&plan, "H-01", "user.uid", CHANGE_FORCED, "0", "what doesn't refuse still changes");
	is_change(&plan, "H-50", "filter.0", CHANGE_ADDED, NULL, "and so do rules behind a refusal");
	is_change(&plan, "H-82", "landlock.no-daemons", CHANGE_ADDED, NULL, "and the rest of a rule that refused");
}

static void test_rules_that_need_others(void)
{
	struct host old = full_host;

	/* The kernel has Landlock, so H-73 has what it needs, whatever H-70 says of its age. */
	old.landlock_abi = 2;
	conf_text = "{\"version\":1,\"landlock\":{\"minimumAbi\":3},\"commands\":{\"deny\":[\"/bin/sh\"]}}";
	all_are(&(struct bundle){.host = &old}, "H-70", "H-70 is not H-73's");
	conf_text = "{\"version\":1,\"landlock\":{\"minimumAbi\":3},\"ports\":{\"bind\":[80]}}";
	all_are(&(struct bundle){.host = &old}, "H-70 H-72", "two that the kernel is too old for");
	struct policy_refusals refusals = {0};
	autoplan plan = PLAN_INIT;
	struct err err = ERR_INIT;
	ok(resolve_all(&(struct bundle){.host = &old}, &plan, &refusals, &err) == 0, "again");
	is_err(&refusals.told.items[1], ERR_HOST, "the policy limits ports", "the host's lack has its rule");
	ok(!strncmp(refusals.told.items[1].msg, "the policy", 10), "and not twice");
	conf_text = NULL;
	old = full_host;
	old.max_user_namespaces_zero = true;
	all_are(&(struct bundle){.host = &old}, "H-12", "nothing else hangs on the user namespace");
	/* Root that is refused is not told again by what looks at ids later. */
	conf_text = "{\"version\":1,\"root\":{\"request\":\"reject\"}}";
	all_are(&(struct bundle){.user = "'uid':0,'gid':0"}, "H-01 H-02", "root refused");
}

static void test_alone(void)
{
	struct policy_refusals refusals = {0};
	autoplan plan = PLAN_INIT, other = PLAN_INIT;
	struct err err = ERR_INIT;
	struct bundle b = {.user = "'uid':0,'gid':0", .lin = "'sysctl':{'kernel.core_pattern':'|/x'}"};

	conf_text = NULL;
	ok(resolve_all(&b, &plan, &refusals, &err) == -1 && !refusals.told.n, "what level oci refuses, too, is refused");
	is_err(&err, ERR_POLICY, "core_pattern", "and says why");
	is_str(policy_rule_changed_by(policy_rule_find("H-15"), &err), "no key", "no key changes it");

	/* An exception that the policy itself doesn't allow: what would be with it, nobody can say. */
	err_clear(&err);
	conf_text = "{\"version\":1,\"exceptionsMaxDays\":1,\"root\":{\"request\":\"reject\"},\"exceptions\":[{\"image\":"
		    "\"sha256:1111111111111111111111111111111111111111111111111111111111111111\",\"owner\":\"o\",\"reason\":\"r\","
		    "\"expires\":\"2030-01-01T00:00:00Z\",\"allow\":{\"rootUser\":true}}]}";
	b = (struct bundle){.user = "'uid':0,'gid':0",
			    .request = {.image = "sha256:1111111111111111111111111111111111111111111111111111111111111111",
					.now = 1790000000}};
	ok(resolve_all(&b, &other, &refusals, &err) == 0, "a policy that is wrong: %s", err.msg);
	is_str(all_rules(&refusals), "H-84", "is the one refusal");
	is_int(other.changes.n, 0, "and nothing is changed");
}

static void test_many(void)
{
	autostr mounts = STR_INIT;
	struct policy_refusals refusals = {0};
	autoplan plan = PLAN_INIT;
	struct err err = ERR_INIT;

	conf_text = NULL;
	str_add(&mounts, MOUNTS_ALL);
	for (int i = 0; i < 100; i++)
		str_addf(&mounts, ",{'destination':'/m%d','type':'bind','source':'/etc','options':['bind']}", i);
	ok(resolve_all(&(struct bundle){.mounts = str_text(&mounts)}, &plan, &refusals, &err) == 0, "many");
	is_int(refusals.told.n, POLICY_REFUSALS_MAX, "so many are told");
	is_int(refusals.more, 100 - POLICY_REFUSALS_MAX, "the others are counted");
}

/* Too little memory is that, and never a plan without its refusals. */
static void test_small_memory(void)
{
	const struct bundle b = {.mounts = MOUNTS_ALL "," BIND("/etc", "/a", "'bind'") "," BIND("/root", "/b", "'bind'"),
				 .namespaces = "{'type':'mount'}"};
	struct policy_refusals refusals = {0};
	autoplan whole = PLAN_INIT;
	struct err err = ERR_INIT;
	size_t wrong = 0;

	ok(resolve_all(&b, &whole, &refusals, &err) == 0 && refusals.told.n == 6, "with enough memory: %s", all_rules(&refusals));
	for (size_t limit = 1; limit < whole.arena.used; limit += 8) {
		struct policy_refusals some = {0};
		autoplan plan = PLAN_INIT;
		struct err small = ERR_INIT;
		plan.arena.limit_bytes = limit;
		wrong += resolve_all(&b, &plan, &some, &small) != -1 || small.kind != ERR_SYSTEM;
	}
	is_int(wrong, 0, "every size that is too small");
}

static void changed_by(const struct bundle *b, const char *rule, const char *want, const char *name)
{
	autoplan plan = PLAN_INIT;
	struct err err = ERR_INIT;
	char note[POLICY_NOTE_SIZE], whole[POLICY_NOTE_SIZE];

	ok(resolve_all(b, &plan, NULL, &err) == -1, "%s: refused", name);
	is_str(err.rule, rule, name);
	is_str(policy_rule_changed_by(policy_rule_find(rule), &err), want, name);
	snprintf(whole, sizeof(whole), " [changed by: %s; serves: %s]", want,
		 policy_rule_find(rule)->serves);
	is_str(policy_rule_note(policy_rule_find(rule), &err, note), whole, name);
}

/* A refusal names keys that change it, and says where none does. */
static void test_keys(void)
{
	static const char none[] = "no key but level";
	static const char *const sources[] = {"/", "/proc", "/sys", "/dev", "/etc", "/boot", "/root", "/var/lib/docker"};

	conf_text = "{\"version\":1,\"root\":{\"request\":\"reject\"},\"superDaemons\":\"refuse\"}";
	changed_by(&(struct bundle){.user = "'uid':0,'gid':0"}, "H-01", "root.request, allow.rootUser", "root");
	changed_by(&(struct bundle){.args = "'/sbin/init'"}, "H-82", "superDaemons", "init");
	changed_by(&(struct bundle){.mounts = MOUNTS_ALL "," BIND("/srv", "/b", "'bind'")}, "H-25", "mounts.allow, allow.mounts",
		   "a directory");
	changed_by(&(struct bundle){.mounts = MOUNTS_ALL "," BIND("/run/app", "/b", "'bind'")}, "H-25",
		   "mounts.allow, allow.mounts", "what an exception can lend");
	for (size_t i = 0; i < ARRAY_LEN(sources); i++) {
		char mounts[1024];
		snprintf(mounts, sizeof(mounts), MOUNTS_ALL ",{'destination':'/b','type':'bind','source':'%s','options':['rbind','ro']}",
			 sources[i]);
		changed_by(&(struct bundle){.mounts = mounts}, "H-25", none, sources[i]);
	}
	changed_by(&(struct bundle){.mounts = MOUNTS_ALL "," BIND("/srv/docker.sock", "/b", "'bind','ro'")}, "H-25", none,
		   "an engine's socket");
	changed_by(&(struct bundle){.mounts = MOUNTS_ALL ",{'destination':'/b','type':'bpf','source':'x'}"}, "H-25", none,
		   "a file system of the kernel's");
	changed_by(&(struct bundle){.root = "'path':'/home'"}, "H-25", none, "a root that is the host's");
	changed_by(&(struct bundle){.mounts = MOUNTS_ALL "," BIND("/bundle/rootfs", "/b", "'bind'")}, "H-24", none,
		   "the container's root");
	changed_by(&(struct bundle){.user = "'uid':7,'gid':7",
				    .namespaces = NAMESPACES_ALL ",{'type':'user'}",
				    .lin = "'uidMappings':[" IDMAP(7, 0, 1) "],'gidMappings':[" IDMAP(7, 5, 1) "]"},
		   "H-01", none, "an id that is the host's root");
	changed_by(&(struct bundle){.lin = "'sysctl':{'kernel.panic':'1'}"}, "H-15", "no key", "a sysctl of the host's");
	changed_by(&(struct bundle){.lin = "'sysctl':{'net.ipv4.ip_forward':'1'}", .namespaces = "{'type':'mount'}"}, "H-15",
		   "no key", "a sysctl of the host's namespace");
	conf_text = "{\"version\":1,\"sysctls\":{\"allow\":[]}}";
	changed_by(&(struct bundle){.lin = "'sysctl':{'net.ipv4.ip_forward':'1'}"}, "H-15", "sysctls.allow", "a sysctl");
	changed_by(&(struct bundle){.namespaces = "{'type':'mount'}"}, "H-10", "level", "a rule without keys");
}

int main(void)
{
	test_every_refusal();
	test_rules_that_need_others();
	test_alone();
	test_many();
	test_small_memory();
	test_keys();
	return tap_done();
}
