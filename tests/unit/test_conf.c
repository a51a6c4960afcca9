/* The policy file: each key accepted, of the wrong type, unknown, twice, looser than its
 * level; the built-ins and the canonical text.
 */
#include "config.h"

#include "conf_case.h"

/* --- keys --- */

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
	{"mode", HEAD "'audit':{'file':'/x'},'mode':%s}", "'audit'", "mode: audit", "true", NULL},
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
	{"gate.mode", HEAD "'gate':{'mode':%s}}", "'required'", "gate.mode: required", "true", HEAD "'level':'personal-data','gate':{'mode':'off'}}"},
	{"gate.program", HEAD "'gate':{'program':%s}}", "'/opt/gate'", "gate.program: /opt/gate", "['/opt/gate']", NULL},
	{"audit.file", HEAD "'audit':{'file':%s}}", "'/var/log/x'", "audit.file: /var/log/x", "1", NULL},
	{"audit.required", HEAD "'audit':{'file':'/x','required':%s}}", "true", "audit.required: yes", "'yes'",
	 HEAD "'level':'card-payments','audit':{'required':false}}"},
	{"audit.syslog", HEAD "'audit':{'file':'/x','syslog':%s}}", "true", "audit.syslog: yes", "null", NULL},
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
	{"exceptions[].allow.mounts[].source", ALLOW("'mounts':[{'source':%s}]"), "'/run/b'",
	 "exceptions[0].allow.mounts: /run/b at any place, read-only", "7", NULL},
	{"exceptions[].allow.mounts[].target", ALLOW("'mounts':[{'source':'/srv','target':%s}]"), "'/c'",
	 "exceptions[0].allow.mounts: /srv at /c, read-only", "{}", NULL},
	{"exceptions[].allow.mounts[].writable", ALLOW("'mounts':[{'source':'/srv','writable':%s}]"), "true",
	 "exceptions[0].allow.mounts: /srv at any place, writable", "1", NULL},
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

/* --- values, and what must hold between keys --- */

static void test_refused(void)
{
	static const struct {
		const char *text, *message;
	} refused[] = {
		{"", "ends"},
		{"[]", "expected an object, found an array"},
		{"{}", "key 'version' is missing"},
		{"{'level':'hardened'}", "key 'version' is missing"},
		{"{'version':2}", "version: 2 is unknown: this program reads version 1"},
		{"{'version':1} {}", "text after the value"},
		{HEAD "'level':'personal-data','gate':{'mode':'present'}}", "gate.mode: is looser than builtin:personal-data has it: required"},
		{HEAD "'level':'oci','gate':{'mode':'present'}}", "gate.mode: has no effect at level oci"},
		{HEAD "'gate':{'mode':'audit'}}", "gate.mode: 'audit' is not one of off, present, required"},
		{HEAD "'gate':{'program':'gate'}}", "gate.program: 'gate' is not a clean absolute path"},
		{HEAD "'gate':{'program':'/opt/../gate'}}", "is not a clean absolute path"},
		{HEAD "'Level':'oci'}", "Level: unknown key; here are known: version, level, mode, root, "},
		{HEAD "'root.request':'reject'}", "unknown key"},
		{HEAD "'root':{'request.':'reject'}}", "unknown key"},
		{HEAD "'':1}", "unknown key"},
		{HEAD "'limits':{'':1}}", "unknown key; here are known: pids, memory, openFiles"},
		{HEAD "'limits':{'pid':1}}", "limits.pid: unknown key"},
		{HEAD "'limits':[]}", "limits: expected an object, found an array"},
		{HEAD "'limits':null}", "limits: expected an object, found null"},
		{HEAD "'level':'Hardened'}", "level: 'Hardened' is not one of oci, hardened, personal-data, card-payments"},
		{HEAD "'level':''}", "level: '' is not one of"},
		{HEAD "'mode':'off'}", "mode: 'off' is not one of audit, enforce"},
		{HEAD "'root':{'request':'keep'}}", "root.request: is looser than builtin:hardened has it: demote"},
		{HEAD "'seccomp':'none'}", "seccomp: is looser than builtin:hardened has it: default"},
		{HEAD "'level':'card-payments','limits':{'pids':1024}}", "limits.pids: is looser than builtin:card-payments has it: 512"},
		{HEAD "'limits':{'pids':0}}", "limits.pids: 0 is out of range: 1 to 4194304"},
		{HEAD "'limits':{'memory':1048575}}", "limits.memory: 1048575 is out of range"},
		{HEAD "'limits':{'openFiles':15}}", "limits.openFiles: 15 is out of range"},
		{HEAD "'landlock':{'minimumAbi':1001}}", "out of range: 0 to 1000"},
		{HEAD "'root':{'remap':{'first':100000}}}", "root.remap: is for root.request 'remap' only"},
		{HEAD "'root':{'request':'remap','remap':{'first':1000}}}", "root.remap.first: 1000 is out of range"},
		{HEAD "'root':{'request':'remap','remap':{'count':0}}}", "root.remap.count: 0 is out of range"},
		{HEAD "'root':{'request':'remap','remap':{'first':4294901760,'count':65536}}}", "beyond id 4294967294"},
		{HEAD "'commands':{'allow':[]}}", "commands.allow: is empty, which would read as 'any'"},
		{HEAD "'commands':{'allow':['bin/sh']}}", "commands.allow[0]: 'bin/sh' is not a clean absolute path"},
		{HEAD "'commands':{'deny':['/bin/']}}", "is not a clean absolute path"},
		{HEAD "'commands':{'deny':['/bin/../sh']}}", "is not a clean absolute path"},
		{HEAD "'commands':{'deny':['/bin//sh']}}", "is not a clean absolute path"},
		{HEAD "'commands':{'deny':['/']}}", "is not a clean absolute path"},
		{HEAD "'commands':{'deny':['/a\\nb']}}", "is not a clean absolute path"},
		{HEAD "'ports':{'bind':[65536]}}", "ports.bind[0]: 65536 is out of range: 0 to 65535"},
		{HEAD "'ports':{'connect':[80,0]}}", "ports.connect[1]: 0 is out of range: 1 to 65535"},
		{HEAD "'ports':{'connect':[-1]}}", "ports.connect[0]: "},
		{HEAD "'sysctls':{'allow':['kernel']}}", "sysctls.allow[0]: 'kernel' is not a sysctl"},
		{HEAD "'sysctls':{'allow':['net/../kernel/x']}}", "is not a sysctl"},
		{HEAD "'sysctls':{'allow':['.net']}}", "is not a sysctl"},
		{HEAD "'sysctls':{'allow':['net..x']}}", "is not a sysctl"},
		{HEAD "'sysctls':{'allow':['']}}", "is not a sysctl"},
		{HEAD "'audit':{'required':true}}", "audit.required: there is no audit.file to write"},
		{HEAD "'audit':{'syslog':true}}", "audit.syslog: there is no audit.file whose lines to send"},
		{HEAD "'mode':'audit'}", "mode: is audit, and there is no audit.file to write"},
		{HEAD "'audit':{'file':'log'}}", "audit.file: 'log' is not a clean absolute path"},
		{HEAD "'mounts':{'allow':[{}]}}", "mounts.allow[0]: key 'source' is missing"},
		{HEAD "'mounts':{'allow':[{'source':'/srv','target':'/proc/x'}]}}", "outside of /proc, /sys and /dev"},
		{HEAD "'exceptions':[{}]}", "exceptions[0]: key 'image' is missing"},
		{EX("'allow':{}"), "exceptions[0]: allows nothing"},
		{ALLOW("'rootuser':true"), "exceptions[0].allow.rootuser: unknown key; here are known: rootUser, rootGroup, "},
		{ALLOW("'capabilities':['CAP_KILL','NET_ADMIN']"), "exceptions[0].allow.capabilities[1]: 'NET_ADMIN' is not a capability"},
		{ALLOW("'capabilities':['cap_kill']"), "is not a capability"},
		{ALLOW("'exec':['/dev/shm']"), "outside of /proc, /sys and /dev"},
		{ALLOW("'writable':['/']"), "outside of /proc, /sys and /dev"},
		{ALLOW("'syscalls':['SYS_open']"), "is not the name of a system call"},
		{ALLOW("'pids':0"), "out of range"},
	};
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		expect_refusal(refused[i].text, refused[i].message);
}

static void test_exception_texts(void)
{
	static const char form[] = HEAD "'exceptions':[{'image':'%s','owner':'%s','reason':'%s','expires':'%s'," GRANT "}]}";
	static const struct {
		const char *image, *owner, *reason, *expires, *message;
	} refused[] = {
		{"sha256:0123", "o", "r", "2027-01-31T23:59:59Z", "exceptions[0].image: 'sha256:0123' is not an image's config digest"},
		{"sha256:0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef", "o", "r", "2027-01-31T23:59:59Z", "in lower case"},
		{IMAGE "0", "o", "r", "2027-01-31T23:59:59Z", "is not an image's config digest"},
		{"docker.io/library/nginx", "o", "r", "2027-01-31T23:59:59Z", "is not an image's config digest"},
		{IMAGE, "", "r", "2027-01-31T23:59:59Z", "exceptions[0].owner: has 0 bytes: it must have 1 to 200"},
		{IMAGE, "o", "", "2027-01-31T23:59:59Z", "exceptions[0].reason: has 0 bytes"},
		{IMAGE, "o\\n", "r", "2027-01-31T23:59:59Z", "exceptions[0].owner: has a control character"},
		{IMAGE, "o", "r", "2027-02-29T00:00:00Z", "exceptions[0].expires: '2027-02-29T00:00:00Z' is not a point in time like"},
		{IMAGE, "o", "r", "2027-01-31", "is not a point in time"},
		{IMAGE, "o", "r", "2027-01-31T23:59:59+01:00", "is not a point in time"},
		{IMAGE, "o", "r", "never", "is not a point in time"},
	};
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		char *text;
		if (asprintf(&text, form, refused[i].image, refused[i].owner, refused[i].reason, refused[i].expires) < 0)
			abort();
		expect_refusal(text, refused[i].message);
		free(text);
	}
	char *text, owner[202];
	memset(owner, 'o', 201);
	owner[201] = '\0';
	if (asprintf(&text, form, IMAGE, owner, "r", "2027-01-31T23:59:59Z") < 0)
		abort();
	expect_refusal(text, "exceptions[0].owner: has 201 bytes");
	free(text);
}

/* Which sources an entry may name, and which only an exception. */
static void test_places(void)
{
	static const struct {
		const char *source;
		bool writable, entry, exception;
	} places[] = {
		{"/srv/data", true, true, true},
		{"/var/lib/postgresql", true, true, true},
		{"/home/ci", true, true, true},
		{"/usr/share/zoneinfo", false, true, true},
		{"/usr/local", true, false, true},
		{"/run/mysqld", false, false, true},
		{"/run/containerd", false, false, false},
		{"/run/containerd/containerd.sock", false, false, false},
		{"/srv/docker.sock", false, false, false},
		{"/run/podman/podman.sock", false, false, false},
		{"/run", false, false, false},
		{"/var", false, false, false},
		{"/var/lib", false, false, false},
		{"/var/run/x", false, false, false},
		{"/etc", false, false, false},
		{"/etc/ssl/certs", false, false, false},
		{"/root", false, false, false},
		{"/proc/sys", false, false, false},
		{"/sys/fs/cgroup", false, false, false},
		{"/dev/sda", false, false, false},
		{"/boot/grub", false, false, false},
		{"/var/lib/kubelet/pods", false, false, false},
		{"/var/lib/containers/storage", false, false, false},
		{"/var/lib/docker", false, false, false},
		{"/var/lib/etcd", false, false, false},
	};
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		for (int exception = 0; exception < 2; exception++) {
			autoconf conf = POLICY_CONF_INIT;
			struct err err = ERR_INIT;
			bool want = exception ? places[i].exception : places[i].entry;
			char *text;
			if (asprintf(&text, exception ? ALLOW("'mounts':[{'source':'%s','writable':%s}]")
						      : HEAD "'mounts':{'allow':[{'source':'%s','writable':%s}]}}",
				     places[i].source, places[i].writable ? "true" : "false") < 0)
				abort();
			int rc = parse(text, &conf, &err);
			if (!ok((rc == 0) == want && (want || strstr(err.msg, "reaches the host's")), "%s is %s%s%s", places[i].source,
				want ? "taken" : "refused", exception ? " by an exception" : "", places[i].writable ? ", writable" : ""))
				diag("%s", err.msg);
			free(text);
		}
	expect_refusal(HEAD "'mounts':{'allow':[{'source':'/'}]}}", "not a clean absolute path");
	expect_refusal(ALLOW("'mounts':[{'source':'/etc/shadow'}]"), "'/etc/shadow' reaches the host's /etc, which no policy can allow");
	expect_refusal(HEAD "'mounts':{'allow':[{'source':'/run/mysqld'}]}}", "only an exception for an image can allow it");
}

/* --- levels --- */

static const char *const level_names[] = {"builtin:oci", "builtin:hardened", "builtin:personal-data", "builtin:card-payments"};

static void test_builtins(void)
{
	struct policy_conf zero = POLICY_CONF_INIT, levels[4];
	struct err err = ERR_INIT;

	for (int i = 0; i < 4; i++) {
		autostr text = STR_INIT;
		char *file, *parsed;
		levels[i] = zero;
		ok(policy_conf_builtin(level_names[i], &levels[i], &err) == 0, "%s", level_names[i]);
		is_str(levels[i].name, level_names[i], "is called so");
		is_int((intmax_t)strlen(levels[i].hash), 64, "has a hash");
		ok(levels[i].mode == MODE_ENFORCE, "enforces");
		if (asprintf(&file, HEAD "'level':'%s'}", level_names[i] + 8) < 0)
			abort();
		policy_conf_print(&levels[i], &text);
		parsed = printed(file);
		is_str(parsed, str_text(&text), "a file that only names the level is the level");
		free(parsed);
		free(file);
	}
	is_int(zero.level, LEVEL_HARDENED, "the zero value is the safe one");
	for (int i = 0; i < 4; i++)
		for (int k = 0; k < 4; k++) {
			const char *key = "";
			is_int(policy_conf_is_stricter(&levels[i], &levels[k], &key), i >= k, level_names[i]);
			ok((i >= k) == !key[0], "the looser key is told: '%s'", key);
			ok(i == k || strcmp(levels[i].hash, levels[k].hash) != 0, "its hash is its own");
		}
	ok(policy_conf_builtin("builtin:strict", &zero, &err) == -1 && err.kind == ERR_USAGE &&
		   strstr(err.msg, "there are builtin:oci, builtin:sandbox, builtin:hardened, builtin:personal-data and builtin:card-payments"),
	   "an unknown one names those there are");
}

/* Nothing is forced at oci, so a key that forces is no promise there. */
static void test_oci(void)
{
	static const char *const refused[] = {
		"'root':{'request':'reject'}", "'root':{'request':'keep'}", "'seccomp':'strict'", "'landlock':{'minimumAbi':1}",
		"'limits':{'pids':5}", "'superDaemons':'allow'", "'commands':{'deny':['/x']}", "'ports':{'bind':[]}",
		"'mounts':{'allow':[]}", "'mounts':{'encryptedVolumes':true}", "'sysctls':{'allow':[]}", "'exceptionsMaxDays':1",
		"'exceptions':[]", "'scan':{'maxAgeDays':1}",
	};
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		char *text;
		if (asprintf(&text, HEAD "%s,'level':'oci'}", refused[i]) < 0)
			abort();
		expect_refusal(text, "has no effect at level oci");
		free(text);
	}
	expect_line(
		HEAD
		"'level':'oci','mode':'audit','audit':{'file':'/x','required':true,'syslog':true}}",
		"audit.required: yes");
}

static void test_lists(void)
{
	expect_line(HEAD "'sysctls':{'allow':['net.ipv4.','net/core/somaxconn']}}", "sysctls.allow: net/core/somaxconn");
	expect_line(HEAD "'sysctls':{'allow':['net.ipv4.']}}", "sysctls.allow: net/ipv4/");
	expect_line(HEAD "'level':'card-payments','sysctls':{'allow':['kernel.shmmax']}}", "sysctls.allow: kernel/shmmax");
	expect_line(HEAD "'level':'personal-data','mounts':{'allow':[{'source':'/srv/a'}]}}", "mounts.allow: /srv/a at any place, read-only");
	expect_line(HEAD "'commands':{'deny':[]}}", "commands.deny: none");
	expect_line(HEAD "'sysctls':{'allow':[]}}", "sysctls.allow: none");
	expect_line(BASE, "sysctls.allow: any");
	expect_line(BASE, "mounts.allow: none");
	expect_line("{'level':'oci','version':1}", "mounts.allow: any");
	expect_line(BASE, "commands.allow: any");
	expect_line(BASE, "ports.bind: any");
	expect_line("{'exceptions':[],'level':'card-payments','version':1}", "seccomp: strict");
	expect_line(EX("'allow':{'exec':['/a \\\"b']}"), "exceptions[0].allow.exec: \"/a \\\"b\"");
	autoconf conf = POLICY_CONF_INIT;
	struct err err = ERR_INIT;
	ok(parse(HEAD "'ports':{'bind':[80]}}", &conf, &err) == 0 && conf.bind_limited && !conf.connect_limited,
	   "ports.bind alone limits binding alone");
	ok(conf.bind.n == 1 && conf.bind.items[0] == 80, "its port");
	is_str(conf.name, "/p", "the name is kept");
	policy_conf_release(&conf);
	policy_conf_release(&conf);
	ok(!conf.name, "released twice");
	char *big = malloc(POLICY_MAX_BYTES + 1);
	if (!big)
		abort();
	memset(big, ' ', POLICY_MAX_BYTES + 1);
	ok(policy_conf_parse(big, POLICY_MAX_BYTES + 1, "/p", &conf, &err) == -1 && strstr(err.msg, "are the most"), "too long a file");
	free(big);
}

/* --- without exceptions --- */

static void expect_reduced(const char *text, const char *want)
{
	char *json = json_of(text), *wanted = json_of(want);
	struct arena arena = ARENA_INIT;
	autostr got = STR_INIT;
	struct err err = ERR_INIT;
	const struct json *root;

	ok(json_parse(&arena, json, strlen(json), &root, &err) == 0 &&
		   policy_conf_reduce(root, &got, &err) == 0,
	   "%s: reduced", text);
	is_str(str_text(&got), wanted, "its exceptions are left out");
	arena_release(&arena);
	free(json);
	free(wanted);
}

static void test_reduce(void)
{
	expect_reduced("{'version':1}", "{'version':1}");
	expect_reduced("{ 'exceptions' : [ {'a':[1,{'b':2}]} ],\n'version' : 1 }", "{'version':1}");
	expect_reduced("{'version':1,'exceptions':[]}", "{'version':1}");
	expect_reduced("{'exceptions':[1]}", "{}");
	expect_reduced("{'version':1,'exceptions':[{}],'mounts':{'allow':[{'source':'/a\\u00e9\\\\','exceptions':true},{}]},'x':[[],null,-1.5e3]}",
		       "{'version':1,'mounts':{'allow':[{'source':'/a\xc3\xa9\\\\','exceptions':true},{}]},'x':[[],null,-1.5e3]}");
	expect_reduced("[{'exceptions':1}]", "[{'exceptions':1}]");
	expect_reduced("7", "7");
}

int main(void)
{
	test_refused();
	test_exception_texts();
	test_places();
	test_builtins();
	test_oci();
	test_lists();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		expect_key(&cases[i]);
	test_reduce();
	return tap_done();
}
