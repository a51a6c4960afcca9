/* What a policy says, no bundle and no annotation relaxes, key by key; where a bundle has a word of
 * its own, it tightens.
 *
 * A row for each key of a policy file (tests/lint/policy.sh compares them with the parser's table):
 * a policy that says it, a bundle that asks for more, and what becomes of that: a refusal by a
 * rule, or a line of the plan. The same must come of it whatever annotations by the key's name say.
 * Keys that are about no container (the trail, the gate's program) have the annotations alone.
 */
#include "policy_case.h"

#define A   "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B   "sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define NOW INT64_C(1790000000) /* 2026-09-21 */

#define EXCEPTION_FOR(image, allow)                                                                \
	"'exceptions':[{'image':'" image                                                           \
	"','owner':'o','reason':'r','expires':'2026-10-01T00:00:00Z','allow':{" allow "}}]"
#define EXCEPTION(allow) EXCEPTION_FOR(A, allow)
#define SRV              "'mounts':{'allow':[{'source':'/srv','writable':true}]}"
#define ROOT             "'uid':0,'gid':0"
#define ALL_CAPS                                                                                   \
	"'capabilities':{'bounding':['CAP_KILL','CAP_SYS_ADMIN'],'effective':['CAP_KILL','CAP_"    \
	"SYS_ADMIN'],"                                                                             \
	"'permitted':['CAP_KILL','CAP_SYS_ADMIN']}"
#define OWN_USERNS NAMESPACES_ALL ",{'type':'user'}"
#define MAPS                                                                                       \
	"'uidMappings':[" IDMAP(0, 100000, 65536) "],'gidMappings':[" IDMAP(0, 100000, 65536) "]"
#define TMPFS(target, options)                                                                     \
	"{'destination':'" target "','type':'tmpfs','source':'tmpfs','options':[" options "]}"
#define ALLOWS_ALL_CALLS "'seccomp':{'defaultAction':'SCMP_ACT_ALLOW'}"

static const struct row {
	const char *path, *policy; /* behind {'version':1, */
	struct bundle bundle;
	const char *rule,
		*want;       /* refused by it, with these words; or rule NULL: a line of the plan */
	struct bundle tight; /* asks for less than the policy gives ... */
	const char *given;   /* ... and gets this line; NULL: no bundle has a word for it */
} rows[] = {
	{"version",
	 "",
	 {.user = ROOT},
	 NULL,
	 "user.uid: 65532",
	 {.user = "'uid':7,'gid':7"},
	 "user.uid: 7"},
	{"level",
	 "'level':'hardened'",
	 {.process = "'noNewPrivileges':false", .root = "'path':'rootfs','readonly':false"},
	 NULL,
	 "root.readonly: yes",
	 {.root = "'path':'rootfs','readonly':true"},
	 "root.readonly: yes"},
	{"mode", "'mode':'enforce'", {.user = ROOT}, NULL, "user.uid: 65532", {0}, NULL},
	{"root.request",
	 "'root':{'request':'reject'}",
	 {.user = ROOT},
	 "H-01",
	 "process.user.uid",
	 {.user = "'uid':7,'gid':7"},
	 "user.uid: 7"},
	{"root.remap.first",
	 "'root':{'request':'remap','remap':{'first':600000}}",
	 {.user = ROOT},
	 NULL,
	 "userns-last.uid-map: 0:600000:65536",
	 {.user = "'uid':7,'gid':7"},
	 "user.uid: 7"},
	{"root.remap.count",
	 "'root':{'request':'remap','remap':{'count':100}}",
	 {.user = "'uid':0,'gid':5000"},
	 "H-12",
	 "root.remap.count",
	 {.user = "'uid':0,'gid':50"},
	 "user.gid: 50"},
	{"seccomp",
	 "'seccomp':'strict'",
	 {.lin = ALLOWS_ALL_CALLS},
	 NULL,
	 "filter.0: strict",
	 {.lin = "'seccomp':{'defaultAction':'SCMP_ACT_ERRNO'}"},
	 "filter.1: rules otherwise=errno(1) archs=native unknown=skipped"},
	{"landlock.minimumAbi",
	 "'landlock':{'minimumAbi':3}",
	 {.process = "'noNewPrivileges':false"},
	 NULL,
	 "landlock: yes min-abi=3",
	 {0},
	 NULL},
	{"limits.pids",
	 "'limits':{'pids':100}",
	 {.lin = "'resources':{'pids':{'limit':5000},'unified':{'pids.max':'max'}}"},
	 NULL,
	 "cgroup.pids.max: 100",
	 {.lin = "'resources':{'pids':{'limit':9}}"},
	 "cgroup.pids.max: 9"},
	{"limits.memory",
	 "'limits':{'memory':2097152}",
	 {.lin = "'resources':{'memory':{'limit':-1},'unified':{'memory.max':'max'}}"},
	 NULL,
	 "cgroup.memory.max: 2097152",
	 {.lin = "'resources':{'memory':{'limit':1048576}}"},
	 "cgroup.memory.max: 1048576"},
	{"limits.openFiles",
	 "'limits':{'openFiles':100}",
	 {.process = "'rlimits':[{'type':'RLIMIT_NOFILE','soft':5000,'hard':9000}]"},
	 NULL,
	 "rlimit.NOFILE: 100:100",
	 {.process = "'rlimits':[{'type':'RLIMIT_NOFILE','soft':20,'hard':30}]"},
	 "rlimit.NOFILE: 20:30"},
	{"superDaemons",
	 "'superDaemons':'refuse'",
	 {.args = "'/sbin/init'"},
	 "H-82",
	 "process.args[0]",
	 {0},
	 NULL},
	{"commands.allow",
	 "'commands':{'allow':['/bin/true']}",
	 {.args = "'/bin/sh'"},
	 NULL,
	 "landlock.exec-only: /bin/true",
	 {0},
	 NULL},
	{"commands.deny",
	 "'commands':{'deny':['/bin/sh']}",
	 {.args = "'/bin/sh'"},
	 NULL,
	 "landlock.no-exec: /tmp /var/tmp /run /proc /dev /sys /bin/sh",
	 {0},
	 NULL},
	{"ports.bind",
	 "'ports':{'bind':[80]}",
	 {.lin = "'sysctl':{'net.ipv4.ip_unprivileged_port_start':'0'}"},
	 NULL,
	 "landlock.bind: 80",
	 {0},
	 NULL},
	{"ports.connect",
	 "'ports':{'connect':[443]}",
	 {.namespaces = "{'type':'mount'},{'type':'pid'},{'type':'network','path':'/"
			"n'},{'type':'ipc'},{'type':'uts'}"},
	 NULL,
	 "landlock.connect: 443",
	 {0},
	 NULL},
	{"mounts.allow",
	 "'mounts':{'allow':[]}",
	 {.mounts = BIND("/srv/a", "/a", "'bind','ro'")},
	 "H-25",
	 "mount '/a'",
	 {.mounts = MOUNTS_ALL},
	 "mounts.from-host: 0"},
	{"mounts.allow[].source",
	 "'mounts':{'allow':[{'source':'/srv/a'}]}",
	 {.mounts = BIND("/srv/b", "/b", "'bind','ro'")},
	 "H-25",
	 "mount '/b'",
	 {.mounts = BIND("/srv/a/x", "/b", "'bind','ro'")},
	 "mounts.from-host: 1"},
	{"mounts.allow[].target",
	 "'mounts':{'allow':[{'source':'/srv/a','target':'/a'}]}",
	 {.mounts = BIND("/srv/a", "/b", "'bind','ro'")},
	 "H-25",
	 "mount '/b'",
	 {.mounts = BIND("/srv/a", "/a", "'bind','ro'")},
	 "mounts.from-host: 1"},
	{"mounts.allow[].writable",
	 "'mounts':{'allow':[{'source':'/srv/a','writable':false}]}",
	 {.mounts = BIND("/srv/a", "/a", "'bind','rw'")},
	 "H-25",
	 "mount '/a'",
	 {.mounts = BIND("/srv/a", "/a", "'bind','ro'")},
	 "mounts.from-host: 1"},
	{"mounts.encryptedVolumes",
	 "'mounts':{'allow':[{'source':'/srv','writable':true}],'encryptedVolumes':true}",
	 {.mounts = BIND("/srv/a", "/a", "'bind','rw'")},
	 "H-27",
	 "mount '/a'",
	 {.mounts = BIND("/srv/a", "/a", "'bind','ro'")},
	 "mounts.from-host: 1"},
	{"sysctls.allow",
	 "'sysctls':{'allow':['net.ipv4.ip_forward']}",
	 {.lin = "'sysctl':{'kernel.shmmax':'1'}"},
	 "H-15",
	 "kernel/shmmax",
	 {.lin = "'sysctl':{'net.ipv4.ip_forward':'1'}"},
	 "sysctl.net/ipv4/ip_forward: 1"},
	{"exceptionsMaxDays",
	 "'exceptionsMaxDays':3," EXCEPTION("'rootGroup':true"),
	 {.user = ROOT, .request.image = A},
	 "",
	 "exceptionsMaxDays",
	 {0},
	 NULL},
	{"scan.maxAgeDays",
	 "'scan':{'maxAgeDays':1}",
	 {.user = ROOT},
	 NULL,
	 "user.uid: 65532",
	 {0},
	 NULL},
	{"gate.mode",
	 "'gate':{'mode':'required'}",
	 {.user = ROOT},
	 "H-85",
	 "no scan gate",
	 {0},
	 NULL},
	{"gate.program",
	 "'gate':{'program':'/usr/local/sbin/gate','mode':'required'}",
	 {.user = ROOT},
	 "H-85",
	 "no scan gate",
	 {0},
	 NULL},
	{"audit.file", "'audit':{'file':'/t'}", {.user = ROOT}, NULL, "user.uid: 65532", {0}, NULL},
	{"audit.required",
	 "'audit':{'file':'/t','required':true}",
	 {.user = ROOT},
	 NULL,
	 "user.uid: 65532",
	 {0},
	 NULL},
	{"audit.syslog",
	 "'audit':{'file':'/t','syslog':true}",
	 {.user = ROOT},
	 NULL,
	 "user.uid: 65532",
	 {0},
	 NULL},
	{"exceptions",
	 EXCEPTION("'rootGroup':true"),
	 {.user = ROOT},
	 NULL,
	 "user.gid: 65532",
	 {0},
	 NULL},
	{"exceptions[].image",
	 EXCEPTION_FOR(B, "'rootGroup':true"),
	 {.user = ROOT, .request.image = A},
	 NULL,
	 "user.gid: 65532",
	 {0},
	 NULL},
	{"exceptions[].owner",
	 EXCEPTION("'rootGroup':true"),
	 {.user = ROOT, .request.image = A},
	 NULL,
	 "exception.owner: o",
	 {0},
	 NULL},
	{"exceptions[].reason",
	 EXCEPTION("'rootGroup':true"),
	 {.user = ROOT, .request.image = A},
	 NULL,
	 "exception.reason: r",
	 {0},
	 NULL},
	{"exceptions[].expires",
	 "'exceptions':[{'image':'" A
	 "','owner':'o','reason':'r','expires':'2026-01-01T00:00:00Z','allow':{'rootGroup':true}}]",
	 {.user = ROOT, .request.image = A},
	 NULL,
	 "user.gid: 65532",
	 {0},
	 NULL},
	{"exceptions[].allow.rootUser",
	 EXCEPTION("'rootUser':true"),
	 {.user = ROOT, .request.image = A},
	 NULL,
	 "user.uid: 65532",
	 {.user = "'uid':7,'gid':7", .request.image = A},
	 "user.uid: 7"},
	{"exceptions[].allow.rootGroup",
	 EXCEPTION("'rootGroup':true"),
	 {.user = ROOT, .request.image = A},
	 NULL,
	 "user.uid: 65532",
	 {.user = "'uid':7,'gid':7", .request.image = A},
	 "user.gid: 7"},
	{"exceptions[].allow.capabilities",
	 EXCEPTION("'capabilities':['CAP_KILL','CAP_CHOWN']"),
	 {.process = ALL_CAPS, .request.image = A},
	 NULL,
	 "capabilities.bounding: CAP_KILL",
	 {.process = "", .request.image = A},
	 "capabilities.bounding: none"},
	{"exceptions[].allow.exec",
	 EXCEPTION("'exec':['/a']"),
	 {.mounts = TMPFS("/b", "'exec','suid','dev'"), .request.image = A},
	 NULL,
	 "mount /b: new type=tmpfs source=tmpfs flags=rw,nosuid,nodev,noexec links=in-root "
	 "missing=create(0755) on-procfs=refused",
	 {.mounts = TMPFS("/a", "'ro','noexec'"), .request.image = A},
	 "mount /a: new type=tmpfs source=tmpfs flags=ro,nosuid,nodev,noexec links=in-root "
	 "missing=create(0755) on-procfs=refused"},
	{"exceptions[].allow.writable",
	 EXCEPTION("'writable':['/a']"),
	 {.root = "'path':'rootfs','readonly':false", .request.image = A},
	 NULL,
	 "root.readonly: yes",
	 {0},
	 NULL},
	{"exceptions[].allow.mounts",
	 EXCEPTION("'mounts':[]"),
	 {.mounts = BIND("/srv/a", "/a", "'bind','ro'"), .request.image = A},
	 "H-25",
	 "mount '/a'",
	 {0},
	 NULL},
	{"exceptions[].allow.mounts[].source",
	 EXCEPTION("'mounts':[{'source':'/srv/a'}]"),
	 {.mounts = BIND("/srv/b", "/b", "'bind','ro'"), .request.image = A},
	 "H-25",
	 "mount '/b'",
	 {.mounts = BIND("/srv/a/x", "/b", "'bind','ro'"), .request.image = A},
	 "mounts.from-host: 1"},
	{"exceptions[].allow.mounts[].target",
	 EXCEPTION("'mounts':[{'source':'/srv/a','target':'/a'}]"),
	 {.mounts = BIND("/srv/a", "/b", "'bind','ro'"), .request.image = A},
	 "H-25",
	 "mount '/b'",
	 {.mounts = BIND("/srv/a", "/a", "'bind','ro'"), .request.image = A},
	 "mounts.from-host: 1"},
	{"exceptions[].allow.mounts[].writable",
	 EXCEPTION("'mounts':[{'source':'/srv/a','writable':false}]"),
	 {.mounts = BIND("/srv/a", "/a", "'bind','rw'"), .request.image = A},
	 "H-25",
	 "mount '/a'",
	 {.mounts = BIND("/srv/a", "/a", "'bind','ro'"), .request.image = A},
	 "mounts.from-host: 1"},
	{"exceptions[].allow.syscalls",
	 EXCEPTION("'syscalls':['bpf']"),
	 {.lin = ALLOWS_ALL_CALLS, .request.image = A},
	 NULL,
	 "filter.0: default and bpf",
	 {.lin = "'seccomp':{'defaultAction':'SCMP_ACT_ERRNO'}", .request.image = A},
	 "filter.1: rules otherwise=errno(1) archs=native unknown=skipped"},
	{"exceptions[].allow.ports.bind",
	 "'ports':{'bind':[80]}," EXCEPTION("'ports':{'bind':[81]}"),
	 {.request.image = A},
	 NULL,
	 "landlock.bind: 80 81",
	 {0},
	 NULL},
	{"exceptions[].allow.ports.connect",
	 "'ports':{'connect':[80]}," EXCEPTION("'ports':{'connect':[81]}"),
	 {.request.image = A},
	 NULL,
	 "landlock.connect: 80 81",
	 {0},
	 NULL},
	{"exceptions[].allow.pids",
	 "'limits':{'pids':100}," EXCEPTION("'pids':200"),
	 {.lin = "'resources':{'pids':{'limit':5000},'unified':{'pids.max':'max'}}",
	  .request.image = A},
	 NULL,
	 "cgroup.pids.max: 200",
	 {.lin = "'resources':{'pids':{'limit':9}}", .request.image = A},
	 "cgroup.pids.max: 9"},
	{"exceptions[].allow.memory",
	 "'limits':{'memory':2097152}," EXCEPTION("'memory':4194304"),
	 {.lin = "'resources':{'memory':{'limit':-1}}", .request.image = A},
	 NULL,
	 "cgroup.memory.max: 4194304",
	 {.lin = "'resources':{'memory':{'limit':1048576}}", .request.image = A},
	 "cgroup.memory.max: 1048576"},
};

static char *quoted(char *text)
{
	for (char *c = text; *c; c++)
		if (*c == '\'')
			*c = '"';
	return text;
}

/* As it would be done, or the refusal: "H-01: why". */
static char *outcome(const struct row *row, const struct bundle *from, const char *annotations)
{
	autoconf conf = POLICY_CONF_INIT;
	autoplan plan = PLAN_INIT;
	autostr text = STR_INIT;
	struct bundle b = *from;
	struct policy_request request = b.request;
	struct spec spec = SPEC_INIT;
	struct err err = ERR_INIT;
	char *policy, *json, *top = NULL;

	if (asprintf(&policy, "{'version':1%s%s}", *row->policy ? "," : "", row->policy) < 0 ||
	    asprintf(&top, "'annotations':{%s}", annotations) < 0)
		abort();
	quoted(policy);
	b.top = top;
	json = bundle_text(&b);
	request.id = "c1";
	request.bundle = "/bundle";
	request.now = NOW;
	if (policy_conf_parse(policy, strlen(policy), "/p", &conf, &err) ||
	    spec_parse(json, strlen(json), &spec, &err)) {
		diag("%s: the test's own text: %s", row->path, err.msg);
		fflush(stdout);
		abort();
	}
	/* Only its own keys are about a gate that isn't there. */
	request.gate.answer = !strncmp(row->path, "gate.", 5) ? GATE_ABSENT : GATE_LATER;
	if (policy_resolve(&spec, &full_host, &conf, &request, &plan, &err))
		str_addf(&text, "refused %s: %s\n", err.rule, err.msg);
	else
		plan_print(&plan, false, &text);
	spec_release(&spec);
	free(policy);
	free(json);
	free(top);
	if (str_failed(&text))
		abort();
	return strdup(str_text(&text));
}

/* "key: value" alone on its line, but for notes. */
static bool has_line(const char *text, const char *line)
{
	size_t n = strlen(line);

	for (const char *at = text; at; at = strchr(at, '\n') ? strchr(at, '\n') + 1 : NULL)
		if (!strncmp(at, line, n) && (at[n] == '\n' || !strncmp(at + n, "  # ", 4) ||
					      !strncmp(at + n, " (where the controller", 22)))
			return true;
	return false;
}

static bool is_refused(const char *text, const char *rule, const char *words)
{
	size_t n = strlen(rule);

	return !strncmp(text, "refused ", 8) && !strncmp(text + 8, rule, n) && text[8 + n] == ':' &&
	       strstr(text, words);
}

static void check(const struct row *row, const struct bundle *b, const char *rule, const char *want,
		  const char *name)
{
	static const char *const values[] = {"",
					     "true",
					     "false",
					     "0",
					     "-1",
					     "max",
					     "*",
					     "/",
					     "oci",
					     "builtin:oci",
					     "allow",
					     "keep",
					     "off",
					     "audit",
					     "default",
					     "/bin/sh",
					     "2999-01-01T00:00:00Z",
					     A};
	static const char *const prefixes[] = {"", "kanuki.", "io.kanuki.", "run.oci.", "policy."};
	char *plain = outcome(row, b, ""), *annotated, *last;
	size_t changed = 0;

	if (!ok(rule ? is_refused(plain, rule, want) : has_line(plain, want), "%s: %s", row->path,
		name))
		diag("want %s%s%s\n%s", rule ? rule : "", rule ? ": " : "", want, plain);
	for (size_t i = 0; i < ARRAY_LEN(values); i++) {
		autostr annotations = STR_INIT;

		for (size_t k = 0; k < ARRAY_LEN(prefixes); k++)
			str_addf(&annotations, "%s'%s%s':'%s'", k ? "," : "", prefixes[k],
				 row->path, values[i]);
		annotated = outcome(row, b, str_text(&annotations));
		/* how many there are is all that they change */
		last = strstr(annotated, "\nannotations: ");
		if (last)
			last[strlen("\nannotations: ")] = '0';
		changed += strcmp(plain, annotated) != 0;
		free(annotated);
	}
	is_int(changed, 0, "whatever annotations by its name say");
	free(plain);
}

int main(void)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct row *row = &rows[i];

		check(row, &row->bundle, row->rule, row->want,
		      "a bundle that asks for more doesn't get it");
		if (row->given)
			check(row, &row->tight, NULL, row->given,
			      "one that asks for less gets that");
	}
	return tap_done();
}
