/* The gate's policy: each key taken, of the wrong type, printed, and in a scope tightened
 * but not loosened; durations, patterns, which policies hold.
 */
#include "config.h"

#include "gate_world.h"
#include "gate/glob.h"

#include "tap.h"

/* ' is " in the cases. */
static char *json_of(const char *text)
{
	char *json = strdup(text);
	if (!json)
		abort();
	for (char *c = json; *c; c++)
		if (*c == '\'')
			*c = '"';
	return json;
}

static int parse(struct arena *arena, const char *text, struct gate_policy *policy, struct err *err)
{
	char *json = json_of(text);
	int rc = gate_policy_parse(arena, json, strlen(json), policy, err);

	memset(json, 'x', strlen(json)); /* nothing may point into it */
	free(json);
	return rc;
}

/* The printed policy of what must parse; "" when it doesn't. To be freed. */
static char *printed(const char *text)
{
	struct arena arena = ARENA_INIT;
	struct err err = ERR_INIT;
	struct gate_policy policy;
	struct str out = STR_INIT;

	if (parse(&arena, text, &policy, &err) || gate_policy_print(&policy, &out, &err))
		diag("%s: %s", text, err.msg);
	arena_release(&arena);
	return out.s ? out.s : strdup("");
}

static bool has_line(const char *text, const char *line)
{
	size_t len = strlen(line);

	for (const char *at = text; (at = strstr(at, line)); at++)
		if ((at == text || at[-1] == '\n') && at[len] == '\n')
			return true;
	return false;
}

static void expect_line(const char *text, const char *line)
{
	char *out = printed(text);

	if (!ok(has_line(out, line), "%s: %s", text, line))
		diag("%.3000s", out);
	free(out);
}

static void expect_refusal(const char *text, const char *message)
{
	struct arena arena = ARENA_INIT;
	struct err err = ERR_INIT;
	struct gate_policy policy;
	int rc = parse(&arena, text, &policy, &err);

	if (!ok(rc == -1 && err.kind == ERR_POLICY && strstr(err.msg, message), "refused: %s: %s", text, message))
		diag("%d, %s", rc, err.msg);
	arena_release(&arena);
}

/* --- keys --- */

#define HEAD	      "{'version':1,"
#define D1	      "'" IMAGE "'"
#define D2	      "'" OTHER "'"
#define EX(more)      HEAD "'exceptions':[{'id':'e1','finding':'CVE-2026-1','images':[" D1 "],'owner':'anna','reason':'r'," more "}]}"
#define EXPIRES	      "'expires':'2027-01-31T23:59:59Z'"
#define ENGINE(more)  HEAD "'engines':[{'name':'podman','kind':'storage','roots':['/var/lib/c']" more "}]}"
#define ROLE(more)    HEAD "'deploy':{'roles':[{'name':'deployer'," more "}]}}"
#define SCOPE(more)   HEAD "'scopes':[{" more ",'tighten':{}}]}"
#define SEV(cls, sev) HEAD "'thresholds':{'" cls "':{'" sev "':%s}}}"

/* One row per key (tests/lint/gate.sh).  In the texts %s stands for the value; `line` is how
 * it is printed; wrong: of another type; site and looser: a value of the site's and one that
 * a scope can't have then ("" where the key isn't for scopes). */
static const struct key_case {
	const char *key, *text, *value, *line, *wrong, *site, *looser;
} cases[] = {
	{"version", "{'version':%s}", "1", "mode: enforce", "'1'", NULL, ""},
	{"mode", HEAD "'mode':%s}", "'audit'", "mode: audit", "true", "'enforce'", "'audit'"},
	{"on_error", HEAD "'on_error':%s}", "'deny'", "mode: enforce", "'allow'", NULL, ""},
	{"identity.accept", HEAD "'identity':{'accept':%s}}", "['permit','engine']", "identity.accept: engine, permit", "['claim']",
	 "['engine']", "['engine','pinned']"},
	{"identity.require_platform", HEAD "'identity':{'require_platform':%s}}", "false", "identity.require_platform: no", "0", "true", "false"},
	{"identity.classes", HEAD "'identity':{'classes':%s}}", "['build']", "identity.classes: build", "['image']", "['build']",
	 "['build','rootfs']"},
	{"engines", HEAD "'engines':%s}", "[]", "engines: none", "{}", NULL, ""},
	{"engines[].name", HEAD "'engines':[{'kind':'storage','roots':['/r'],'name':%s}]}", "'p'", "engines[0].name: p", "'a b'", NULL, NULL},
	{"engines[].kind", HEAD "'engines':[{'name':'p','roots':['/r'],'kind':%s}]}", "'docker'", "engines[0].kind: docker", "'crio'", NULL, NULL},
	{"engines[].roots", HEAD "'engines':[{'name':'p','kind':'storage','roots':%s}]}", "['/r']", "engines[0].roots: /r", "['r']", NULL, NULL},
	{"engines[].additional", ENGINE(",'additional':%s"), "['/usr/lib/c']", "engines[0].additional: /usr/lib/c", "['/a/../b']", NULL, NULL},
	{"engines[].client", HEAD "'engines':[{'name':'c','kind':'containerd','roots':['/r'],'address':'/s','client':%s}]}", "'/usr/bin/ctr'",
	 "engines[0].client: /usr/bin/ctr", "'ctr'", NULL, NULL},
	{"engines[].address", HEAD "'engines':[{'name':'c','kind':'containerd','roots':['/r'],'client':'/c','address':%s}]}", "'/run/c.sock'",
	 "engines[0].address: /run/c.sock", "'tcp://x'", NULL, NULL},
	{"freshness.max_scan_age", HEAD "'freshness':{'max_scan_age':%s}}", "'48h'", "freshness.max_scan_age: 2d", "48", "'1d'", "'25h'"},
	{"freshness.max_db_age", HEAD "'freshness':{'max_db_age':%s}}", "'90m'", "freshness.max_db_age: 90m", "'90'", "'1d'", "'2d'"},
	{"freshness.clock_skew", HEAD "'freshness':{'clock_skew':%s}}", "'10s'", "freshness.clock_skew: 10s", "'2h'", "'1m'", "'61s'"},
	{"freshness.grace_restart", HEAD "'freshness':{'grace_restart':%s}}", "'1d'", "freshness.grace_restart: 1d", "'-1d'", "'0s'", "'1s'"},
	{"require.classes", HEAD "'require':{'classes':%s}}", "['malware','vuln']", "require.classes: vuln, malware", "['none']",
	 "['vuln','secret']", "['vuln']"},
	{"require.tools", HEAD "'require':{'tools':%s}}", "['trivy']", "require.tools: trivy", "['']", "['trivy']", NULL},
	{"require.min_tools", HEAD "'require':{'min_tools':%s}}", "2", "require.min_tools: 2", "0", "3", "2"},
	{"require.complete", HEAD "'require':{'complete':%s}}", "false", "require.complete: no", "'no'", "true", "false"},
	{"require.os_detected", HEAD "'require':{'os_detected':%s}}", "false", "require.os_detected: no", "null", "true", "false"},
	{"require.deny_eol_os", HEAD "'require':{'deny_eol_os':%s}}", "false", "require.deny_eol_os: no", "[]", "true", "false"},
	{"thresholds.vuln.critical", SEV("vuln", "critical"), "1", "thresholds.vuln.critical: 1", "-2", "0", "1"},
	{"thresholds.vuln.high", SEV("vuln", "high"), "-1", "thresholds.vuln.high: no limit", "'1'", "5", "-1"},
	{"thresholds.vuln.medium", SEV("vuln", "medium"), "3", "thresholds.vuln.medium: 3", "1.0", "5", "6"},
	{"thresholds.vuln.low", SEV("vuln", "low"), "3", "thresholds.vuln.low: 3", "1e1", "5", "6"},
	{"thresholds.vuln.negligible", SEV("vuln", "negligible"), "3", "thresholds.vuln.negligible: 3", "{}", "5", "6"},
	{"thresholds.vuln.unknown", SEV("vuln", "unknown"), "3", "thresholds.vuln.unknown: 3", "99999999999999999999", "0", "1"},
	{"thresholds.secret.critical", SEV("secret", "critical"), "1", "thresholds.secret.critical: 1", "true", "0", "1"},
	{"thresholds.secret.high", SEV("secret", "high"), "1", "thresholds.secret.high: 1", "true", "0", "1"},
	{"thresholds.secret.medium", SEV("secret", "medium"), "1", "thresholds.secret.medium: 1", "true", "0", "1"},
	{"thresholds.secret.low", SEV("secret", "low"), "1", "thresholds.secret.low: 1", "true", "0", "1"},
	{"thresholds.secret.negligible", SEV("secret", "negligible"), "1", "thresholds.secret.negligible: 1", "true", "0", "1"},
	{"thresholds.secret.unknown", SEV("secret", "unknown"), "1", "thresholds.secret.unknown: 1", "true", "0", "1"},
	{"thresholds.misconfig.critical", SEV("misconfig", "critical"), "1", "thresholds.misconfig.critical: 1", "true", "0", "1"},
	{"thresholds.misconfig.high", SEV("misconfig", "high"), "1", "thresholds.misconfig.high: 1", "true", "0", "1"},
	{"thresholds.misconfig.medium", SEV("misconfig", "medium"), "1", "thresholds.misconfig.medium: 1", "true", "0", "1"},
	{"thresholds.misconfig.low", SEV("misconfig", "low"), "1", "thresholds.misconfig.low: 1", "true", "0", "1"},
	{"thresholds.misconfig.negligible", SEV("misconfig", "negligible"), "1", "thresholds.misconfig.negligible: 1", "true", "0", "1"},
	{"thresholds.misconfig.unknown", SEV("misconfig", "unknown"), "1", "thresholds.misconfig.unknown: 1", "true", "0", "1"},
	{"thresholds.malware", HEAD "'thresholds':{'malware':%s}}", "0", "mode: enforce", "1", NULL, ""},
	{"thresholds.kev", HEAD "'thresholds':{'kev':%s}}", "2", "thresholds.kev: 2", "-2", "0", "-1"},
	{"unfixed.ignore", HEAD "'unfixed':{'ignore':%s}}", "true", "unfixed.ignore: yes", "1", "false", "true"},
	{"unfixed.grace", HEAD "'unfixed':{'grace':%s}}", "'30d'", "unfixed.grace: 30d", "30", "'30d'", "'0s'"},
	{"deny_cves", HEAD "'deny_cves':%s}", "['CVE-2021-44228']", "deny_cves: CVE-2021-44228", "['']", "['CVE-1']", NULL},
	{"signers.required", HEAD "'signers':{'required':%s}}", "false", "signers.required: no", "0", "true", "false"},
	{"signers.threshold.recorder", HEAD "'signers':{'threshold':{'recorder':%s}}}", "2", "signers.threshold.recorder: 2", "0", "2", "1"},
	{"signers.threshold.scanner", HEAD "'signers':{'threshold':{'scanner':%s}}}", "1", "signers.threshold.scanner: 1", "17", "1", "0"},
	{"signers.max_record_age", HEAD "'signers':{'max_record_age':%s}}", "'7d'", "signers.max_record_age: 7d", "'7w'", "'7d'", "'8d'"},
	{"allow.mode", HEAD "'allow':{'digests':[" D1 "],'repositories':['*'],'mode':%s}}", "'both'", "allow.mode: both", "'off'", "'digest'",
	 "'repository'"},
	{"allow.digests", HEAD "'allow':{'mode':'digest','digests':%s}}", "[" D1 "]", "allow.digests: " IMAGE, "['sha256:a']", "[" D1 "]",
	 "[" D1 "," D2 "]"},
	{"allow.repositories", HEAD "'allow':{'mode':'repository','repositories':%s}}", "['r/*']", "allow.repositories: r/*", "['r/**']",
	 "['r/prod/*']", "['r/*']"},
	{"allow.pause", HEAD "'allow':{'pause':%s}}", "[" D1 "]", "allow.pause: " IMAGE, "['pause']", "[]", "[" D1 "]"},
	{"deny.digests", HEAD "'deny':{'digests':%s}}", "[" D1 "]", "deny.digests: " IMAGE, "[1]", "[" D1 "]", NULL},
	{"deny.repositories", HEAD "'deny':{'repositories':%s}}", "['r/x']", "deny.repositories: r/x", "['a b']", "['r/x']", NULL},
	{"vex.accept", HEAD "'vex':{'accept':%s}}", "false", "vex.accept: no", "''", "false", "true"},
	{"vex.max_age", HEAD "'vex':{'max_age':%s}}", "'30d'", "vex.max_age: 30d", "'0s'", "'30d'", "'31d'"},
	{"exceptions", HEAD "'exceptions':%s}", "[]", "exceptions: none", "{}", NULL, ""},
	{"exceptions[].id", HEAD "'exceptions':[{'finding':'C','images':[" D1 "],'owner':'a','reason':'r'," EXPIRES ",'id':%s}]}", "'e2'",
	 "exceptions[0].id: e2", "''", NULL, NULL},
	{"exceptions[].finding", HEAD "'exceptions':[{'id':'e','images':[" D1 "],'owner':'a','reason':'r'," EXPIRES ",'finding':%s}]}",
	 "'E_OS_EOL'", "exceptions[0].finding: E_OS_EOL", "'a b'", NULL, NULL},
	{"exceptions[].package", EX(EXPIRES ",'package':%s"), "'/a b'", "exceptions[0].package: /a b", "''", NULL, NULL},
	{"exceptions[].severity_max", EX(EXPIRES ",'severity_max':%s"), "'high'", "exceptions[0].severity_max: high", "'unknown'", NULL, NULL},
	{"exceptions[].images", HEAD "'exceptions':[{'id':'e','finding':'C','owner':'a','reason':'r'," EXPIRES ",'images':%s}]}", "[" D2 "]",
	 "exceptions[0].images: " OTHER, "[]", NULL, NULL},
	{"exceptions[].namespaces", EX(EXPIRES ",'namespaces':%s"), "['prod']", "exceptions[0].namespaces: prod", "[]", NULL, NULL},
	{"exceptions[].owner", HEAD "'exceptions':[{'id':'e','finding':'C','images':[" D1 "],'reason':'r'," EXPIRES ",'owner':%s}]}", "'Anna B'",
	 "exceptions[0].owner: Anna B", "''", NULL, NULL},
	{"exceptions[].reason", HEAD "'exceptions':[{'id':'e','finding':'C','images':[" D1 "],'owner':'o'," EXPIRES ",'reason':%s}]}", "'why'",
	 "exceptions[0].reason: why", "7", NULL, NULL},
	{"exceptions[].ticket", EX(EXPIRES ",'ticket':%s"), "'OPS-1'", "exceptions[0].ticket: OPS-1", "1", NULL, NULL},
	{"exceptions[].created", EX(EXPIRES ",'created':%s"), "'2026-01-01T00:00:00Z'", "exceptions[0].created: 2026-01-01T00:00:00Z",
	 "'2026-01-01'", NULL, NULL},
	{"exceptions[].expires", EX("'expires':%s"), "'2027-01-01T00:00:00Z'", "exceptions[0].expires: 2027-01-01T00:00:00Z", "'never'", NULL, NULL},
	{"deploy.require_role", HEAD "'deploy':{'require_role':%s}}", "true", "deploy.require_role: yes", "'x'", "true", "false"},
	{"deploy.roles", HEAD "'deploy':{'roles':%s}}", "[]", "deploy.roles: none", "{}", NULL, ""},
	{"deploy.roles[].name", HEAD "'deploy':{'roles':[{'uids':[1],'name':%s}]}}", "'ops'", "deploy.roles[0].name: ops", "''", NULL, NULL},
	{"deploy.roles[].uids", ROLE("'uids':%s"), "[0,7]", "deploy.roles[0].uids: 7", "[4294967295]", NULL, NULL},
	{"deploy.roles[].gids", ROLE("'gids':%s"), "[7]", "deploy.roles[0].gids: 7", "[-1]", NULL, NULL},
	{"deploy.roles[].login_uids", ROLE("'login_uids':%s"), "[1000]", "deploy.roles[0].login_uids: 1000", "['anna']", NULL, NULL},
	{"deploy.roles[].namespaces", ROLE("'namespaces':%s"), "['prod-*']", "deploy.roles[0].namespaces: prod-*", "[]", NULL, NULL},
	{"deploy.permit_max_age", HEAD "'deploy':{'permit_max_age':%s}}", "'2h'", "deploy.permit_max_age: 2h", "2", "'2h'", "'3h'"},
	{"breakglass.enabled", HEAD "'breakglass':{'enabled':%s}}", "true", "breakglass.enabled: yes", "1", "false", "true"},
	{"breakglass.max_ttl", HEAD "'breakglass':{'max_ttl':%s}}", "'1h'", "breakglass.max_ttl: 1h", "'25h'", "'1h'", "'2h'"},
	{"breakglass.require_ticket", HEAD "'breakglass':{'require_ticket':%s}}", "false", "breakglass.require_ticket: no", "0", "true", "false"},
	{"hook.deadline", HEAD "'hook':{'deadline':%s}}", "'9s'", "hook.deadline: 9s", "'10s'", NULL, ""},
	{"log.path", HEAD "'log':{'path':%s}}", "'/var/log/g'", "log.path: /var/log/g", "'g'", NULL, ""},
	{"log.syslog", HEAD "'log':{'syslog':%s}}", "true", "log.syslog: yes", "1", NULL, ""},
	{"log.required", HEAD "'log':{'required':%s}}", "false", "log.required: no", "1", NULL, ""},
	{"scopes", HEAD "'scopes':%s}", "[]", "scopes: none", "{}", NULL, NULL},
	{"scopes[].namespace", SCOPE("'namespace':%s"), "'prod*'", "scopes[0].namespace: prod*", "''", NULL, NULL},
	{"scopes[].repository", SCOPE("'repository':%s"), "'r/*'", "scopes[0].repository: r/*", "'a b'", NULL, NULL},
	{"scopes[].engine", SCOPE("'engine':%s"), "'podman'", "scopes[0].engine: podman", "1", NULL, NULL},
	{"scopes[].tighten", HEAD "'scopes':[{'engine':'docker','tighten':%s}]}", "{'mode':'enforce'}", "scopes[0].engine: docker", "[]", NULL, NULL},
};

/* `text` with its %s replaced. */
static char *with(const char *text, const char *value)
{
	const char *at = strstr(text, "%s");
	struct str out = STR_INIT;

	str_add_bytes(&out, text, (size_t)(at - text));
	str_add(&out, value);
	str_add(&out, at + 2);
	return out.s;
}

/* The file's own text without "{'version':1," as what a scope tightens. */
static char *scoped(const char *text, const char *site, const char *value)
{
	char *outer = with(text, site), *inner = with(text, value);
	struct str out = STR_INIT;

	str_add_bytes(&out, outer, strlen(outer) - 1);
	str_addf(&out, ",'scopes':[{'namespace':'prod','tighten':{%s}]}", inner + strlen(HEAD));
	free(outer);
	free(inner);
	return out.s;
}

static void try_scope(const struct key_case *c)
{
	char *text;

	if (!c->site && !c->looser)
		return;
	if (c->looser && !*c->looser) {
		if (!strncmp(c->text, HEAD, strlen(HEAD))) {
			text = scoped(c->text, c->value, c->value);
			expect_refusal(text, "unknown key");
			free(text);
		}
		return;
	}
	text = scoped(c->text, c->site, c->site);
	expect_line(text, "scopes[0].namespace: prod");
	free(text);
	if (!c->looser)
		return;
	text = scoped(c->text, c->site, c->looser);
	expect_refusal(text, "is looser than the site has it");
	expect_refusal(text, "scopes[0].tighten.");
	free(text);
}

static void test_keys(void)
{
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct key_case *c = &cases[i];
		char *text = with(c->text, c->value), *wrong = with(c->text, c->wrong);

		expect_line(text, c->line);
		expect_refusal(wrong, "");
		try_scope(c);
		free(text);
		free(wrong);
	}
}

static void test_file(void)
{
	struct arena arena = ARENA_INIT;
	struct err err = ERR_INIT;
	struct gate_policy policy;
	autostr large = STR_INIT;

	expect_refusal("{}", "key 'version' is missing");
	expect_refusal("", "");
	expect_refusal("[]", "expected");
	expect_refusal("{'version':2}", "version: 2 is out of range");
	expect_refusal(HEAD "'version':1}", "duplicate");
	expect_refusal(HEAD "'x':1}", "x: unknown key; here are known: version, mode, on_error, identity, engines");
	expect_refusal(HEAD "'freshness':{'max_age':'1h'}}", "freshness.max_age: unknown key; here are known: max_scan_age, max_db_age");
	expect_refusal(HEAD "'freshness.max_scan_age':'1h'}", "unknown key");
	expect_refusal(HEAD "'freshness':1}", "freshness: expected");
	expect_refusal(HEAD "'thresholds':{'vuln':{'worst':0}}}", "thresholds.vuln.worst: unknown key");
	expect_refusal(HEAD "'identity':{'accept':['claim']}}", "'claim' is not one of engine, pinned, permit");
	expect_refusal(HEAD "'identity':{'accept':[]}}", "is empty");
	expect_refusal(HEAD "/* x */'mode':'audit'}", "");
	expect_refusal(HEAD "'mode':'aud\\u0000it'}", "NUL");
	while (large.len <= GATE_POLICY_MAX_BYTES)
		str_add(&large, "                                                                ");
	str_add(&large, "{'version':1}");
	expect_refusal(str_text(&large), "are the most");
	if (ok(!parse(&arena, "{'version':1}", &policy, &err), "the least"))
		is_str(policy.hash, "2430f1a2ad2982d0067885488a4c89e21ad1d7c83b115ba8f1b20acc88dfaea8", "named by its bytes");
	arena_release(&arena);
}

static void test_between(void)
{
	expect_refusal(HEAD "'allow':{'mode':'digest'}}", "allow.digests: is empty");
	expect_refusal(HEAD "'allow':{'mode':'both','digests':[" D1 "]}}", "allow.repositories: is empty");
	expect_refusal(HEAD "'deploy':{'roles':[{'name':'r'}]}}", "deploy.roles[0]: names nobody");
	expect_refusal(HEAD "'engines':[{'name':'c','kind':'containerd','roots':['/r']}]}", "is asked through 'client'");
	expect_refusal(ENGINE(",'client':'/c'"), "are for kind containerd");
	expect_refusal(HEAD "'engines':[{'name':'p','kind':'docker','roots':['/r']},{'name':'p','kind':'docker','roots':['/r']}]}", "is there twice");
	expect_refusal(HEAD "'engines':[{'name':'p','kind':'docker'}]}", "engines[0]: key 'roots' is missing");
	expect_refusal(HEAD "'engines':[{'name':'c','kind':'containerd','roots':['/r'],'client':'/c'}]}", "is asked through 'client'");
	expect_refusal(HEAD "'exceptions':[{'id':'e1','finding':'C','images':[" D1 "],'owner':'a','reason':'r'," EXPIRES "},"
			    "{'id':'e1','finding':'D','images':[" D1 "],'owner':'a','reason':'r'," EXPIRES "}]}", "exceptions[1].id: is there twice");
	expect_line(HEAD "'exceptions':[{'id':'e1','finding':'C','images':[" D1 "],'owner':'a','reason':'r'," EXPIRES "},"
			 "{'id':'e2','finding':'C','images':[" D1 "],'owner':'a','reason':'r'," EXPIRES "}]}", "exceptions[1].id: e2");
	expect_refusal(HEAD "'allow':{'mode':'repository','repositories':['*'],'digests':[" D1 "]},'scopes':[{'namespace':'p','tighten':{'allow':"
			    "{'mode':'digest'}}}]}", "scopes[0].tighten.allow.mode: is looser");
	expect_line(HEAD "'allow':{'mode':'repository','repositories':['*'],'digests':[" D1 "]},'scopes':[{'namespace':'p','tighten':{'allow':"
			 "{'mode':'both'}}}]}", "scopes[0].tighten.allow.mode: both");
	expect_refusal(EX("'ticket':'t'"), "key 'expires' is missing");
	expect_refusal(EX(EXPIRES ",'created':'2027-01-31T23:59:59Z'"), "is not after 'created'");
	expect_refusal(HEAD "'scopes':[{'tighten':{}}]}", "is for everything");
	expect_refusal(HEAD "'scopes':[{'namespace':'p'}]}", "key 'tighten' is missing");
	expect_refusal(HEAD "'scopes':[{'uid':1,'tighten':{}}]}", "scopes[0].uid: unknown key");
	expect_refusal(HEAD "'scopes':[{'namespace':'p','tighten':{'scopes':[]}}]}", "scopes[0].tighten.scopes: unknown key");
	expect_refusal(HEAD "'scopes':[{'namespace':'p','tighten':{'exceptions':[]}}]}", "unknown key; here (in a scope) are known");
	expect_refusal(HEAD "'scopes':[{'namespace':'p','tighten':{'allow':{'mode':'digest'}}}]}", "scopes[0].tighten.allow.digests: is empty");
	expect_refusal(HEAD "'scopes':[1]}", "expected");
	expect_refusal(HEAD "'scopes':[{'namespace':'p','tighten':{'freshness':{'max_scan_age':'8d'}}}]}",
		       "scopes[0].tighten.freshness.max_scan_age: is looser than the site has it (freshness.max_scan_age: 7d)");
	/* before or behind, scopes tighten what the whole file says */
	expect_refusal(HEAD "'scopes':[{'namespace':'p','tighten':{'freshness':{'max_scan_age':'2d'}}}],'freshness':{'max_scan_age':'1d'}}",
		       "is looser");
	expect_line(HEAD "'scopes':[{'namespace':'p','tighten':{'freshness':{'max_scan_age':'1h'}}}]}",
		    "scopes[0].tighten.freshness.max_scan_age: 1h");
	/* what a scope denies or demands is beside what the site does */
	expect_line(HEAD "'deny_cves':['CVE-1'],'scopes':[{'namespace':'p','tighten':{'deny_cves':['CVE-2']}}]}", "scopes[0].tighten.deny_cves: CVE-1");
	expect_line(HEAD "'deny_cves':['CVE-1'],'scopes':[{'namespace':'p','tighten':{'deny_cves':['CVE-2']}}]}", "scopes[0].tighten.deny_cves: CVE-2");
	expect_line(HEAD "'allow':{'mode':'repository','repositories':['r/*']},'scopes':[{'namespace':'p','tighten':{'allow':{'repositories':"
		    "['r/prod/*']}}}]}", "scopes[0].tighten.allow.repositories: r/prod/*");
}

/* --- defaults, durations, patterns --- */

/* As kanuki-gate-policy(5) says them. */
static void test_defaults(void)
{
	static const char *const lines[] = {
		"identity.accept: engine, pinned", "identity.require_platform: yes", "identity.classes: none", "freshness.max_scan_age: 7d",
		"freshness.max_db_age: 3d", "freshness.clock_skew: 5m", "freshness.grace_restart: 0s", "require.classes: vuln",
		"require.min_tools: 1", "require.complete: yes", "require.os_detected: yes", "require.deny_eol_os: yes",
		"thresholds.vuln.critical: 0", "thresholds.vuln.high: 0", "thresholds.vuln.medium: no limit", "thresholds.vuln.unknown: 0",
		"thresholds.secret.high: 0", "thresholds.misconfig.critical: 0", "thresholds.misconfig.high: no limit", "thresholds.kev: 0",
		"unfixed.ignore: no", "signers.required: yes", "signers.threshold.recorder: 1", "signers.threshold.scanner: 0",
		"allow.mode: any", "vex.accept: yes", "deploy.require_role: no", "breakglass.enabled: no", "breakglass.max_ttl: 4h",
		"breakglass.require_ticket: yes", "log.required: yes", "engines[0].name: podman", "engines[1].client: /usr/bin/ctr"};

	for (size_t i = 0; i < ARRAY_LEN(lines); i++)
		expect_line("{'version':1}", lines[i]);
}

static void test_durations(void)
{
	static const struct { const char *text; int64_t seconds; } good[] = {
		{"0s", 0}, {"10s", 10}, {"5m", 300}, {"168h", 604800}, {"30d", 2592000}, {"9223372036854775807s", INT64_MAX}};
	static const char *const bad[] = {"", "5", "m", "05m", "5 m", "5M", "-5m", "+5m", "5m ", " 5m", "5min", "5.0m", "1e3s",
					  "9223372036854775808s", "153722867280912931m", "106751991167301d", "0x5s"};
	int64_t seconds;

	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		ok(!gate_duration_parse(good[i].text, &seconds) && seconds == good[i].seconds, "duration '%s'", good[i].text);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		seconds = 42;
		ok(gate_duration_parse(bad[i], &seconds) == -1 && seconds == 42, "no duration: '%s'", bad[i]);
	}
}

static void test_globs(void)
{
	char longest[514];
	static const struct { const char *pattern, *text; bool matches; } globs[] = {
		{"a", "a", true}, {"a", "A", false}, {"a", "ab", false}, {"*", "a/b/c", true}, {"*", "", false}, {"r/*", "r/a", true},
		{"r/*", "r/a/b/c", true}, {"r/*", "r", false}, {"r/*", "r/", false}, {"r/*", "rr/a", false}, {"r/a*", "r/abc", true},
		{"r/a*", "r/a", true}, {"r/a*", "r/a/b", false}, {"r/*/x", "r/a/x", true}, {"r/*/x", "r/a/b/x", false}, {"r/*/x", "r//x", true},
		{"*.example.com/*", "a.example.com/x/y", true}, {"*.example.com/*", "evil/a.example.com/x", false}, {"a*b*c", "aXbYbc", true},
		{"a*b*c", "aXbYb", false}, {"a*b/c*", "aab/cd", true}, {"a*b/c*", "aab/d", false}, {"", "", true}, {"a*", "", false},
		{"r/*", "r/*", true}, {"a?", "ab", false}, {"r/[a]", "r/a", false}};
	static const struct { const char *inner, *outer; bool is; } within[] = {
		{"r/prod/*", "r/*", true}, {"r/*", "r/prod/*", false}, {"*", "r/*", false}, {"*", "*", true}, {"r/a*", "r/a*", true},
		{"r/a*b", "r/a*", true}, {"r/a*", "r/a*b", false}, {"r/a/*", "r/a*", false}, {"r/*/x", "r/*", true}, {"r/x", "*", true}};

	for (size_t i = 0; i < ARRAY_LEN(globs); i++)
		ok(glob_match(globs[i].pattern, globs[i].text) == globs[i].matches, "'%s' %s '%s'", globs[i].pattern,
		   globs[i].matches ? "matches" : "doesn't match", globs[i].text);
	for (size_t i = 0; i < ARRAY_LEN(within); i++)
		ok(glob_is_within(within[i].inner, within[i].outer) == within[i].is, "'%s' %s within '%s'", within[i].inner,
		   within[i].is ? "is" : "isn't", within[i].outer);
	memset(longest, 'a', sizeof(longest));
	longest[513] = '\0';
	ok(!glob_is_valid(longest), "513 bytes");
	longest[512] = '\0';
	ok(glob_is_valid(longest) && glob_is_valid("~") && !glob_is_valid("\x7f"), "512 bytes; the last character");
	ok(!glob_match("*", NULL), "nothing is matched by nothing");
	ok(glob_is_valid("a/*") && !glob_is_valid("") && !glob_is_valid("a/**") && !glob_is_valid("a b") && !glob_is_valid("\xc3\xa9"), "valid ones");
}

/* --- which hold --- */

static void test_within(void)
{
	struct arena arena = ARENA_INIT;
	struct err err = ERR_INIT;
	struct gate_policy policy;
	struct gate_request request = {.namespace_name = "prod", .repository = "r/app", .engine = "podman"};

	if (!ok(!parse(&arena,
		       HEAD "'scopes':[{'namespace':'pr*','tighten':{'require':{'min_tools':2}}},{'repository':'r/*','engine':'podman','tighten':"
			    "{'require':{'min_tools':3}}}]}", &policy, &err), "two scopes"))
		return;
	is_int(gate_policy_within(&policy, &request, 0)->min_tools, 2, "the first");
	is_int(gate_policy_within(&policy, &request, 1)->min_tools, 3, "the second");
	ok(!gate_policy_within(&policy, &request, 2), "and no more: they contain the site's");
	request.namespace_name = NULL;
	is_int(gate_policy_within(&policy, &request, 0)->min_tools, 3, "no namespace, no scope of one");
	request.engine = "docker";
	is_int(gate_policy_within(&policy, &request, 0)->min_tools, 1, "none: the site's");
	ok(!gate_policy_within(&policy, &request, 1), "and no more");
	request.engine = request.repository = NULL;
	is_int(gate_policy_within(&policy, &request, 0)->min_tools, 3, "what isn't known is no way around a scope");
	arena_release(&arena);
}

int main(void)
{
	test_keys();
	test_file();
	test_between();
	test_defaults();
	test_durations();
	test_globs();
	test_within();
	return tap_done();
}
