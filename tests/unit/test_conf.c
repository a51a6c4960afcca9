/* The policy file: each key accepted, of the wrong type, unknown, twice, looser than its
 * level; the built-ins, exceptions, canonical text and comparison.
 */
#include "config.h"

#include "base/arena.h"
#include "base/rfc3339.h"
#include "policy/conf.h"

#include "tap.h"

#define IMAGE	"sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define IMAGE_2 "sha256:1123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

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

static int parse(const char *text, struct policy_conf *conf, struct err *err)
{
	char *json = json_of(text);
	int rc = policy_conf_parse(json, strlen(json), "/p", conf, err);
	memset(json, 'x', strlen(json)); /* nothing may point into it */
	free(json);
	return rc;
}

/* The canonical text of what must parse; "" when it doesn't. To be freed. */
static char *printed(const char *text)
{
	autoconf conf = POLICY_CONF_INIT;
	struct err err = ERR_INIT;
	struct str out = STR_INIT;

	if (parse(text, &conf, &err)) {
		diag("%s: %s", text, err.msg);
		return strdup("");
	}
	policy_conf_print(&conf, &out);
	return out.s;
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
		diag("%.400s", out);
	free(out);
}

static void expect_refusal(const char *text, const char *message)
{
	autoconf conf = POLICY_CONF_INIT;
	struct err err = ERR_INIT;
	int rc = parse(text, &conf, &err);

	if (!ok(rc == -1 && err.kind == ERR_POLICY && strstr(err.msg, message) && strstr(err.msg, "policy '/p': ") == err.msg,
		"%s: %s", text, message))
		diag("%d, %s", rc, err.msg);
}

/* --- keys --- */

#define HEAD	    "{'version':1,"
#define EX(more)    HEAD "'exceptions':[{'image':'" IMAGE "','owner':'o','reason':'r','expires':'2027-01-31T23:59:59Z'," more "}]}"
#define ALLOW(more) EX("'allow':{" more "}")
#define GRANT	    "'allow':{'rootUser':true}"

/* One row per key, in the key table's order (tests/lint/policy.sh).  text: the key with a
 * value, printed as `line`; wrong: a value of another type; looser: a value that the level
 * doesn't take ("" where any is free).  In the texts %s stands for the value. */
static const struct key_case {
	const char *key;
	const char *text, *value, *line;
	const char *wrong;
	const char *looser; /* the whole file */
} cases[] = {
	{"version", "{'version':%s}", "1", "level: hardened", "'1'", NULL},
	{"level", HEAD "'level':%s}", "'personal-data'", "level: personal-data", "1", NULL},
	{"mode", HEAD "'mode':%s}", "'audit'", "mode: audit", "true", NULL},
	{"root.request", HEAD "'root':{'request':%s}}", "'reject'", "root.request: reject", "0",
	 HEAD "'level':'personal-data','root':{'request':'demote'}}"},
	{"root.remap.first", HEAD "'root':{'request':'remap','remap':{'first':%s}}}", "200000", "root.remap.first: 200000", "'2'", NULL},
	{"root.remap.count", HEAD "'root':{'request':'remap','remap':{'count':%s}}}", "1000", "root.remap.count: 1000", "{}", NULL},
	{"seccomp", HEAD "'seccomp':%s}", "'strict'", "seccomp: strict", "{}",
	 HEAD "'level':'card-payments','seccomp':'default'}"},
	{"landlock.minimumAbi", HEAD "'landlock':{'minimumAbi':%s}}", "5", "landlock.minimumAbi: 5", "'5'",
	 HEAD "'level':'card-payments','landlock':{'minimumAbi':2}}"},
	{"limits.pids", HEAD "'limits':{'pids':%s}}", "100", "limits.pids: 100", "'100'", HEAD "'limits':{'pids':1025}}"},
	{"limits.memory", HEAD "'limits':{'memory':%s}}", "1048576", "limits.memory: 1048576", "'1m'",
	 HEAD "'level':'card-payments','limits':{'memory':4294967297}}"},
	{"limits.openFiles", HEAD "'limits':{'openFiles':%s}}", "64", "limits.openFiles: 64", "null",
	 HEAD "'level':'card-payments','limits':{'openFiles':65537}}"},
	{"superDaemons", HEAD "'superDaemons':%s}", "'refuse'", "superDaemons: refuse", "true", HEAD "'superDaemons':'allow'}"},
	{"commands.allow", HEAD "'commands':{'allow':%s}}", "['/usr/bin']", "commands.allow: /usr/bin", "'/usr/bin'", NULL},
	{"commands.deny", HEAD "'commands':{'deny':%s}}", "['/bin/sh']", "commands.deny: /bin/sh", "{}", NULL},
	{"ports.bind", HEAD "'ports':{'bind':%s}}", "[8080]", "ports.bind: 8080", "8080", NULL},
	{"ports.connect", HEAD "'ports':{'connect':%s}}", "[]", "ports.connect: none", "['443']", NULL},
	{"mounts.allow", HEAD "'mounts':{'allow':%s}}", "[{'source':'/srv/a','target':'/a','writable':true}]",
	 "mounts.allow: /srv/a at /a, writable", "['/srv/a']", NULL},
	{"mounts.encryptedVolumes", HEAD "'mounts':{'encryptedVolumes':%s}}", "true", "mounts.encryptedVolumes: yes", "1",
	 HEAD "'level':'personal-data','mounts':{'encryptedVolumes':false}}"},
	{"sysctls.allow", HEAD "'sysctls':{'allow':%s}}", "['net.ipv4.conf.eth0/1.x']", "sysctls.allow: net/ipv4/conf/eth0.1/x", "'x'", NULL},
	{"exceptionsMaxDays", HEAD "'exceptionsMaxDays':%s}", "30", "exceptionsMaxDays: 30", "30.5", HEAD "'exceptionsMaxDays':366}"},
	{"scan.maxAgeDays", HEAD "'scan':{'maxAgeDays':%s}}", "3", "scan.maxAgeDays: 3", "-3", HEAD "'scan':{'maxAgeDays':31}}"},
	{"audit.file", HEAD "'audit':{'file':%s}}", "'/var/log/x'", "audit.file: /var/log/x", "1", NULL},
	{"audit.required", HEAD "'audit':{'file':'/x','required':%s}}", "true", "audit.required: yes", "'yes'",
	 HEAD "'level':'card-payments','audit':{'required':false}}"},
	{"audit.syslog", HEAD "'audit':{'syslog':%s}}", "true", "audit.syslog: yes", "null", NULL},
	{"exceptions", HEAD "'exceptions':%s}", "[]", "exceptions: none", "{}", NULL},
	{"exceptions[].image", HEAD "'exceptions':[{'image':%s,'owner':'o','reason':'r','expires':'2027-01-31T23:59:59Z'," GRANT "}]}",
	 "'" IMAGE "'", "exceptions[0].image: " IMAGE, "5", NULL},
	{"exceptions[].owner", HEAD "'exceptions':[{'image':'" IMAGE "','owner':%s,'reason':'r','expires':'2027-01-31T23:59:59Z'," GRANT "}]}",
	 "'a\\u20ac'", "exceptions[0].owner: \"a\xe2\x82\xac\"", "[]", NULL},
	{"exceptions[].reason", HEAD "'exceptions':[{'image':'" IMAGE "','owner':'o','reason':%s,'expires':'2027-01-31T23:59:59Z'," GRANT "}]}",
	 "'it is so'", "exceptions[0].reason: \"it is so\"", "null", NULL},
	{"exceptions[].expires", HEAD "'exceptions':[{'image':'" IMAGE "','owner':'o','reason':'r','expires':%s," GRANT "}]}",
	 "'2028-02-29T00:00:00Z'", "exceptions[0].expires: 2028-02-29T00:00:00Z", "1801439999", NULL},
	{"exceptions[].allow.rootUser", ALLOW("'rootUser':%s"), "true", "exceptions[0].allow.rootUser: yes", "0", NULL},
	{"exceptions[].allow.rootGroup", ALLOW("'rootGroup':%s"), "true", "exceptions[0].allow.rootGroup: yes", "'yes'", NULL},
	{"exceptions[].allow.capabilities", ALLOW("'capabilities':%s"), "['CAP_KILL','CAP_CHOWN']",
	 "exceptions[0].allow.capabilities: CAP_CHOWN,CAP_KILL", "[5]", NULL},
	{"exceptions[].allow.exec", ALLOW("'exec':%s"), "['/plugins']", "exceptions[0].allow.exec: /plugins", "true", NULL},
	{"exceptions[].allow.writable", ALLOW("'writable':%s"), "['/var/cache']", "exceptions[0].allow.writable: /var/cache", "[{}]", NULL},
	{"exceptions[].allow.mounts", ALLOW("'mounts':%s"), "[{'source':'/run/mysqld'}]",
	 "exceptions[0].allow.mounts: /run/mysqld at any place, read-only", "{}", NULL},
	{"exceptions[].allow.syscalls", ALLOW("'syscalls':%s"), "['io_uring_setup']", "exceptions[0].allow.syscalls: io_uring_setup", "[1]", NULL},
	{"exceptions[].allow.ports.bind", ALLOW("'ports':{'bind':%s}"), "[0]", "exceptions[0].allow.ports.bind: 0", "['x']", NULL},
	{"exceptions[].allow.ports.connect", ALLOW("'ports':{'connect':%s}"), "[25]", "exceptions[0].allow.ports.connect: 25", "25", NULL},
	{"exceptions[].allow.pids", ALLOW("'pids':%s"), "4096", "exceptions[0].allow.pids: 4096", "'max'", NULL},
	{"exceptions[].allow.memory", ALLOW("'memory':%s"), "1073741824", "exceptions[0].allow.memory: 1073741824", "1e9", NULL},
	{"mounts.allow[].source", HEAD "'mounts':{'allow':[{'source':%s}]}}", "'/srv/b'", "mounts.allow: /srv/b at any place, read-only", "[]", NULL},
	{"mounts.allow[].target", HEAD "'mounts':{'allow':[{'source':'/srv','target':%s}]}}", "'/data'", "mounts.allow: /srv at /data, read-only", "false", NULL},
	{"mounts.allow[].writable", HEAD "'mounts':{'allow':[{'source':'/srv','writable':%s}]}}", "true", "mounts.allow: /srv at any place, writable", "'rw'", NULL},
};

/* `text` with `value` for its %s. */
static char *with(const char *text, const char *value)
{
	const char *at = strstr(text, "%s");
	char *ret;
	if (!at || asprintf(&ret, "%.*s%s%s", (int)(at - text), text, value, at + 2) < 0)
		abort();
	return ret;
}

/* "exceptions[].allow.pids" -> "pids"; the name as JSON has it. */
static const char *last_name(const char *key)
{
	const char *dot = strrchr(key, '.');
	return dot ? dot + 1 : key;
}

static void expect_key(const struct key_case *c)
{
	char *good = with(c->text, c->value), *bad = with(c->text, c->wrong);
	char *name, *twice, *other, *unknown, *path;

	expect_line(good, c->line);
	expect_refusal(bad, "expected ");
	/* its name once more, and with a letter more */
	if (asprintf(&name, "'%s':%s", last_name(c->key), c->value) < 0 || asprintf(&other, "%s,%s", name, name) < 0)
		abort();
	path = strstr(good, name);
	if (!path)
		abort();
	if (asprintf(&twice, "%.*s%s%s", (int)(path - good), good, other, path + strlen(name)) < 0 ||
	    asprintf(&unknown, "%.*s'%sx':%s,%s", (int)(path - good), good, last_name(c->key), c->value, path) < 0)
		abort();
	expect_refusal(twice, "duplicate");
	expect_refusal(unknown, "unknown key; here are known: ");
	if (c->looser) {
		char *text;
		if (asprintf(&text, "%s: is looser than builtin:", c->key) < 0)
			abort();
		expect_refusal(c->looser, text);
		free(text);
	}
	free(good);
	free(bad);
	free(name);
	free(twice);
	free(other);
	free(unknown);
}

int main(void)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		expect_key(&cases[i]);
	return tap_done();
}
