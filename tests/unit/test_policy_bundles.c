/* Whole bundles: those of real engines at both levels; and every size of memory that is too small. */
#include "policy_case.h"

static char *read_all(const char *name)
{
	char path[512];
	const char *top = getenv("top_srcdir");
	size_t n;

	snprintf(path, sizeof(path), "%s/tests/unit/data/%s", top ? top : ".", name);
	FILE *f = fopen(path, "re");
	char *text = calloc(1, 1 << 20);
	if (!f || !text)
		abort();
	n = fread(text, 1, (1 << 20) - 1, f);
	text[n] = '\0';
	fclose(f);
	return text;
}

/* The engines' bundles are for the systemd manager; its slice:prefix:name becomes a path. */
static void for_cgroupfs(char *json)
{
	char *value = strstr(json, "\"cgroupsPath\"");
	if (!value)
		return;
	value = strchr(value + strlen("\"cgroupsPath\""), '"') + 1;
	for (char *end = strchr(value, '"'); value < end; value++)
		if (*value == ':')
			*value = '/';
}

/* Engines that make a terminal's socket say so in the request. */
static struct bundle bundle_for(const char *json, enum plan_level level)
{
	struct bundle b = {.level = level, .request = {.detached = true, .bundle = "/bundle"}};
	b.request.console_socket = strstr(json, "\"terminal\": true") || strstr(json, "\"terminal\":true");
	return b;
}

static void engines(void)
{
	static const struct { const char *file, *refusal; } cases[] = {
		{"runc-spec.json", NULL}, {"podman-default.json", NULL}, {"buildah.json", NULL}, {"ctr.json", NULL},
		{"containerd-cri.json", NULL}, {"crio.json", NULL}, {"docker.json", NULL},
	};
	const enum plan_level levels[] = {LEVEL_HARDENED, LEVEL_OCI};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char *json = read_all(cases[i].file);
		for_cgroupfs(json);
		for (size_t l = 0; l < ARRAY_LEN(levels); l++) {
			autoplan plan = PLAN_INIT;
			struct err err = ERR_INIT;
			struct bundle b = bundle_for(json, levels[l]);
			int rc = resolve_text(&b, json, &plan, &err);
			if (!ok(rc == 0, "%s at level %s", cases[i].file, l ? "oci" : "hardened"))
				diag("%s %s", err.rule, err.msg);
			if (levels[l] == LEVEL_OCI)
				is_int(plan.changes.n, 0, "nothing is changed at level oci");
		}
		free(json);
	}
}

/* Every limit below what is needed is an error and nothing else; what is needed is enough. */
static void small_memory(const char *what, const struct bundle *b, const char *json)
{
	autoplan whole = PLAN_INIT;
	struct err err = ERR_INIT;
	size_t wrong = 0, tried = 0;

	if (resolve_text(b, json, &whole, &err)) {
		ok(false, "%s: %s", what, err.msg);
		return;
	}
	for (size_t limit = 1; limit < whole.arena.used; limit += 8, tried++) {
		autoplan plan = PLAN_INIT;
		struct err small = ERR_INIT;
		plan.arena.limit_bytes = limit;
		wrong += resolve_text(b, json, &plan, &small) != -1 || small.kind != ERR_SYSTEM;
	}
	ok(wrong == 0, "%s: %zu sizes of memory that are too small", what, tried);
	autoplan plan = PLAN_INIT;
	plan.arena.limit_bytes = whole.arena.used;
	ok(resolve_text(b, json, &plan, &err) == 0, "%s: enough is enough", what);
}

static const struct bundle everything = {
	.user = "'uid':0,'gid':0,'additionalGids':[0,7]",
	.process = "'env':['A=1'],'rlimits':[{'type':'RLIMIT_NPROC','soft':9,'hard':9999},{'type':'RLIMIT_CORE','soft':9,'hard':9}],"
		   "'capabilities':{'bounding':['CAP_KILL']},'oomScoreAdj':-9,'apparmorProfile':'a','selinuxLabel':'b',"
		   "'scheduler':{'policy':'SCHED_OTHER','nice':-3},'execCPUAffinity':{'initial':'0'}",
	.mounts = MOUNTS_ALL "," BIND("/srv/a", "/a", "'rbind','rshared'") "," BIND("/srv/a", "/b", "'bind','ro'")
			     ",{'destination':'/i','type':'bind','source':'/s','uidMappings':[" IDMAP(0, 5, 6) "],'gidMappings':[" IDMAP(
				     1, 2, 3) "]}",
	.namespaces = "{'type':'mount'},{'type':'pid'},{'type':'network'},{'type':'ipc','path':'/i'},{'type':'uts'},{'type':'user'}",
	.lin = "'uidMappings':[" IDMAP(0, 1000, 70000) "],'gidMappings':[" IDMAP(0, 2000, 70000) "],'sysctl':{'net.ipv4.ip_forward':'1'},"
	       "'devices':[{'path':'/dev/null','type':'c','major':1,'minor':3}],'maskedPaths':['/x'],"
	       "'readonlyPaths':['/y'],'mountLabel':'l','cgroupsPath':'rel','resources':{'devices':[{'allow':true}],'memory':{'limit':9,'swap':12},"
	       "'cpu':{'shares':9,'cpus':'0'},'pids':{'limit':5000},'blockIO':{'weight':10},'hugepageLimits':[{'pageSize':'2MB','limit':5}],"
	       "'unified':{'memory.high':'9'}},'seccomp':{'defaultAction':'SCMP_ACT_ALLOW','architectures':['SCMP_ARCH_X86'],"
	       "'flags':['SECCOMP_FILTER_FLAG_SPEC_ALLOW'],'listenerPath':'/l','listenerMetadata':'m','syscalls':[{'names':['a'],'action':"
	       "'SCMP_ACT_NOTIFY','args':[{'index':0,'value':1,'op':'SCMP_CMP_EQ'},{'index':0,'value':2,'op':'SCMP_CMP_EQ'}]}]},"
	       "'intelRdt':{'l3CacheSchema':'L3:0=f','schemata':['x'],'memBwSchema':'MB:0=1'},'memoryPolicy':{'mode':'MPOL_BIND','nodes':'0'},"
	       "'personality':{'domain':'LINUX32'}",
	.top = "'hostname':'h','domainname':'d','annotations':{'run.oci.x':'1'},'hooks':{'poststop':[{'path':'/h','env':['A=1']}]}",
	.request = {.listen_fds = 1, .listen_fdnames = "n"},
};

int main(void)
{
	engines();
	struct bundle b = everything;
	char *json = bundle_text(&b);
	small_memory("hardened", &b, json);
	b.level = LEVEL_OCI;
	small_memory("oci", &b, json);
	free(json);
	return tap_done();
}
