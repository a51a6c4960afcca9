/* exec: runc's semantics at level oci, the container's plan as the ceiling at hardened. */
#include "policy_case.h"

#include <linux/securebits.h>
#include <sys/resource.h>

#define CAPS_ALL                                                                                                       \
	"'capabilities':{'bounding':['CAP_KILL','CAP_SYS_ADMIN'],'effective':['CAP_KILL'],'permitted':['CAP_KILL'],"   \
	"'inheritable':['CAP_KILL'],'ambient':['CAP_KILL']}"
#define OWN_FILTER                                                                                                     \
	"'seccomp':{'defaultAction':'SCMP_ACT_ALLOW','architectures':['SCMP_ARCH_X86'],'syscalls':[{'names':['kill'],'action':" \
	"'SCMP_ACT_ERRNO','args':[{'index':0,'value':1,'op':'SCMP_CMP_EQ'}]}]}"

/* A container's plan as `exec` finds it: printed and read again. */
static void recorded(const struct bundle *b, struct plan *ret)
{
	autoplan plan = PLAN_INIT;
	autostr text = STR_INIT;
	struct err err = ERR_INIT;

	if (resolve(b, &plan, &err) || plan_store_write(&plan, &text, &err) ||
	    plan_store_parse(str_text(&text), strlen(str_text(&text)), ret, &err)) {
		diag("the test's own container: %s", err.msg);
		fflush(stdout);
		abort();
	}
}

static struct spec_process *process_of(const char *json, struct arena *arena)
{
	struct spec_process *process = NULL;
	struct err err = ERR_INIT;
	char *text;

	if (asprintf(&text, "{'cwd':'/',%s}", json) < 0)
		abort();
	for (char *c = text; *c; c++)
		if (*c == '\'')
			*c = '"';
	if (spec_parse_process(text, strlen(text), arena, &process, &err)) {
		diag("the test's own process: %s", err.msg);
		fflush(stdout);
		abort();
	}
	free(text);
	return process;
}

#define ARGS(...) {.items = (const char *[]){__VA_ARGS__}, .n = sizeof((const char *[]){__VA_ARGS__}) / sizeof(char *)}

static bool exec_plan(const struct policy_exec_request *request, const struct plan *ceiling, struct plan *plan, const char *name)
{
	struct err err = ERR_INIT;

	if (policy_resolve_exec(request, ceiling, &full_host, plan, &err) == 0)
		return true;
	ok(false, "%s: a plan", name);
	diag("%s %s", err.rule, err.msg);
	return false;
}

static void refused_exec(const struct policy_exec_request *request, const struct plan *ceiling, const struct host *host,
			 enum err_kind kind, const char *text, const char *name)
{
	autoplan plan = PLAN_INIT;
	struct err err = ERR_INIT;
	int rc = policy_resolve_exec(request, ceiling, host ? host : &full_host, &plan, &err);

	if (!ok(rc == -1 && err.kind == (uint32_t)kind && strstr(err.msg, text) && !has_errno_phrase(err.msg), "%s", name))
		diag("got %d, kind %u, %s %s", rc, err.kind, err.rule, err.msg);
}

static void oci(void)
{
	autoplan ceiling = PLAN_INIT, plain = PLAN_INIT, flags = PLAN_INIT, file = PLAN_INIT, bare = PLAN_INIT;
	struct arena arena = ARENA_INIT;
	uint32_t gids[] = {8, 9};

	recorded(&(struct bundle){.level = LEVEL_OCI, .user = "'uid':0,'gid':3,'additionalGids':[4]",
				  .process = "'env':['A=1','HOME=/h'],'noNewPrivileges':true,'oomScoreAdj':7,'rlimits':[{'type':'RLIMIT_NOFILE',"
					     "'soft':3,'hard':4}],'apparmorProfile':'p','selinuxLabel':'l','ioPriority':{'class':'IOPRIO_CLASS_BE',"
					     "'priority':1},'scheduler':{'policy':'SCHED_BATCH'}," CAPS_ALL,
				  .lin = OWN_FILTER ",'personality':{'domain':'LINUX32'},'memoryPolicy':{'mode':'MPOL_BIND','nodes':'0'}"},
		 &ceiling);
	if (!exec_plan(&(struct policy_exec_request){.args = ARGS("ls", "-l")}, &ceiling, &plain, "plain"))
		return;
	const struct plan_process *p = &plain.process;
	is_str(joined(&p->args), "ls,-l", "the arguments of the command line");
	is_str(joined(&p->env), "A=1,HOME=/h", "the container's environment");
	ok(p->uid == 0 && p->gid == 3 && p->groups.n == 1 && p->groups.items[0] == 4, "its user");
	ok(p->caps.effective == 1 << 5 && p->caps.ambient == 1 << 5 && p->no_new_privs, "its capabilities");
	ok(find_rlimit(p, RLIMIT_NOFILE) && find_rlimit(p, RLIMIT_NOFILE)->hard == 4, "its limits");
	ok(p->oom_score_adj == 7 && p->io_priority == (2 << 13 | 1) && p->sched.policy == 3 && p->personality == 8, "its scheduling");
	ok(p->mempolicy.set && p->mempolicy.mode == 2 && !strcmp(p->mempolicy.nodes, "0"), "its memory policy");
	is_str(p->apparmor_profile, "p", "its AppArmor profile");
	is_str(p->selinux_label, "l", "its SELinux label");
	ok(p->new_keyring, "a keyring of its own");
	ok(!p->create_cwd, "no directory is made for it");
	ok(plain.ns[NS_PID].mode == NS_JOIN && !plain.ns[NS_PID].path && plain.ns[NS_USER].mode == NS_HOST,
	   "its namespaces are joined, those of its process and not by path");
	is_int(plain.filters.n, 1, "its filter");
	ok(plain.filter_point == FILTER_BEFORE_EXEC && plain.changes.n == 0 && plain.level == LEVEL_OCI, "nothing is changed");
	is_str(plain.cgroup.path, "/kanuki/c1", "its cgroup");

	if (!exec_plan(&(struct policy_exec_request){.args = ARGS("x"), .env = ARGS("A=2", "B=3"), .cwd = "/a/./b", .user = "5:6",
						     .caps = ARGS("CAP_CHOWN", "kill"), .additional_gids = {.items = gids, .n = 2},
						     .tty = true, .console_socket = true, .detached = true, .apparmor = "q",
						     .process_label = "m", .preserve_fds = 2},
		       &ceiling, &flags, "flags"))
		return;
	p = &flags.process;
	is_str(joined(&p->env), "HOME=/h,A=2,B=3", "--env wins");
	is_str(p->cwd, "/a/b", "--cwd");
	ok(p->uid == 5 && p->gid == 6 && p->groups.n == 3 && p->groups.items[2] == 9, "--user, --additional-gids");
	ok(p->caps.bounding == (1 | 1 << 5 | 1 << 21) && p->caps.effective == (1 | 1 << 5) && p->caps.permitted == (1 | 1 << 5) &&
		   p->caps.inheritable == 1 << 5 && p->caps.ambient == 1 << 5,
	   "--cap is neither inheritable nor ambient");
	ok(p->terminal && p->preserve_fds == 2, "--tty, --preserve-fds");
	is_str(p->apparmor_profile, "q", "--apparmor");
	is_str(p->selinux_label, "m", "--process-label");

	if (!exec_plan(&(struct policy_exec_request){
			       .process = process_of("'args':['y'],'user':{'uid':7,'gid':8},'env':['Z=1'],'noNewPrivileges':false," CAPS_ALL, &arena)},
		       &ceiling, &file, "process file"))
		return;
	p = &file.process;
	is_str(joined(&p->args), "y", "a process file's arguments");
	is_str(joined(&p->env), "Z=1", "its environment and no other");
	ok(p->uid == 7 && p->gid == 8 && p->groups.n == 0 && p->caps.bounding == (1 << 5 | 1 << 21), "its user and capabilities");
	ok(!p->no_new_privs && file.filter_point == FILTER_BEFORE_DROP, "its no_new_privs, and the filter's place with it");
	is_int(p->home, HOME_FROM_PASSWD, "HOME is looked up for it");
	ok(find_rlimit(p, RLIMIT_NOFILE) && p->oom_score_adj == 7 && !strcmp(p->apparmor_profile, "p"), "what it doesn't say is the container's");
	if (!exec_plan(&(struct policy_exec_request){.no_new_privs = true, .process = process_of("'args':['y'],'rlimits':[{'type':'RLIMIT_CORE',"
												 "'soft':1,'hard':1}]", &arena)},
		       &ceiling, &bare, "bare process file"))
		return;
	ok(bare.process.caps.effective == 1 << 5, "without a capabilities object it has the container's");
	ok(bare.process.rlimits.n == 1 && find_rlimit(&bare.process, RLIMIT_CORE), "limits of its own");
	ok(bare.process.no_new_privs, "--no-new-privs");
	arena_release(&arena);
}

static void hardened(void)
{
	autoplan ceiling = PLAN_INIT, plan = PLAN_INIT, user = PLAN_INIT;
	struct arena arena = ARENA_INIT;

	recorded(&(struct bundle){.user = "'uid':1000,'gid':100", .process = "'apparmorProfile':'p','selinuxLabel':'l'", .lin = OWN_FILTER}, &ceiling);
	if (!exec_plan(&(struct policy_exec_request){
			       .process = process_of("'args':['y'],'user':{'uid':0,'gid':0,'additionalGids':[0,7]},'oomScoreAdj':-5,'rlimits':[{'type':"
						     "'RLIMIT_NPROC','soft':99999,'hard':99999}],'scheduler':{'policy':'SCHED_FIFO','priority':1}," CAPS_ALL,
						     &arena),
			       .caps = ARGS("CAP_SYS_ADMIN"), .apparmor = "other"},
		       &ceiling, &plan, "all that podman passes"))
		return;
	const struct plan_process *p = &plan.process;
	is_int(p->uid, 1000, "H-01: root becomes the container's user");
	is_change(&plan, "H-01", "user.uid", CHANGE_FORCED, "0", "told");
	is_int(p->gid, 100, "H-02: and its group");
	ok(p->groups.n == 1 && p->groups.items[0] == 7, "H-03: group 0 goes");
	ok(!(p->caps.bounding | p->caps.effective | p->caps.permitted | p->caps.inheritable | p->caps.ambient),
	   "H-04: no capability beyond the container's");
	ok(p->no_new_privs && plan.filter_point == FILTER_BEFORE_EXEC, "H-05: no_new_privs");
	is_int(p->securebits, ceiling.process.securebits, "H-06: the container's securebits");
	ok(find_rlimit(p, RLIMIT_CORE) && find_rlimit(p, RLIMIT_CORE)->hard == 0, "H-07: no core dumps");
	is_int(find_rlimit(p, RLIMIT_NPROC)->hard, 1024, "H-60: the container's limits");
	ok(p->new_keyring, "H-08: the container's keyring");
	ok(p->oom_score_adj == 0 && p->sched.policy == 0, "H-16: scheduling as the container's");
	is_str(p->apparmor_profile, "p", "H-71: the container's profile whatever is asked");
	is_change(&plan, "H-71", "apparmor", CHANGE_FORCED, "other", "told");
	is_str(p->selinux_label, "l", "H-71: the container's label where none is asked");
	ok(plan.filters.n == 2 && plan.filters.items[0].kind == FILTER_DEFAULT && plan.filters.items[1].kind == FILTER_RULES,
	   "H-50: the container's filters");
	ok(plan.landlock.enabled && has_string(&plan.landlock.writable, "/tmp") && has_string(&plan.landlock.no_exec, "/tmp"),
	   "H-70: its Landlock rules");
	ok(plan.userns_last.enabled && plan.userns_last.uid_maps.n == 1, "H-12: its user namespace");
	ok(plan.verify, "H-90: read back");
	ok(plan.ns[NS_NET].mode == NS_JOIN && plan.ns[NS_NET].refuse_host, "H-11: its namespaces, and not the host's");

	is_change(&plan, "H-60", "rlimit.NPROC", CHANGE_FORCED, "99999:99999", "told");
	if (!exec_plan(&(struct policy_exec_request){.args = ARGS("x"), .user = "5"}, &ceiling, &user, "another user"))
		return;
	ok(user.process.uid == 5 && user.process.gid == 100, "another user than root may be");
	arena_release(&arena);
}

#define LIMIT(name, soft, hard) "{'type':'RLIMIT_" name "','soft':" soft ",'hard':" hard "}"
#define NO_LIMIT                "18446744073709551615"

/* Of each resource the lower of what is asked and what the container has, soft and hard. */
static void limits(void)
{
	static const struct {
		int resource;
		uint64_t soft, hard;
		const char *rule, *key, *asked; /* told, or NULL */
	} want[] = {
		{RLIMIT_NOFILE, 20, 30, NULL, "rlimit.NOFILE", NULL},
		{RLIMIT_NPROC, 7, 500, "H-60", "rlimit.NPROC", "7:99999"},
		{RLIMIT_CORE, 0, 0, "H-07", "rlimit.CORE", "unlimited:unlimited"},
		{RLIMIT_STACK, 4096, 8192, "H-16", "rlimit.STACK", "5000:unlimited"},
		{RLIMIT_DATA, 1, 2, NULL, "rlimit.DATA", NULL},
		{RLIMIT_CPU, 9, 9, NULL, "rlimit.CPU", NULL},
	};
	autoplan ceiling = PLAN_INIT, plan = PLAN_INIT, higher = PLAN_INIT;
	struct arena arena = ARENA_INIT;
	struct err err = ERR_INIT;
	bool right = true;

	recorded(&(struct bundle){.process = "'rlimits':[" LIMIT("NOFILE", "100", "200") "," LIMIT("NPROC", "400", "500") ","
						     LIMIT("STACK", "4096", "8192") "," LIMIT("CPU", "9", "9") "]"}, &ceiling);
	if (!exec_plan(&(struct policy_exec_request){
			       .process = process_of("'args':['y'],'rlimits':[" LIMIT("NOFILE", "20", "30") "," LIMIT("NPROC", "7", "99999") ","
						     LIMIT("CORE", NO_LIMIT, NO_LIMIT) "," LIMIT("STACK", "5000", NO_LIMIT) ","
						     LIMIT("DATA", "1", "2") "," LIMIT("MEMLOCK", "5", NO_LIMIT) "]", &arena)},
		       &ceiling, &plan, "limits of its own"))
		return;
	for (size_t i = 0; i < ARRAY_LEN(want); i++) {
		const struct plan_rlimit *limit = find_rlimit(&plan.process, want[i].resource);

		ok(limit && limit->soft == want[i].soft && limit->hard == want[i].hard, "%s", want[i].key);
		if (want[i].rule)
			is_change(&plan, want[i].rule, want[i].key, CHANGE_FORCED, want[i].asked, "told");
		for (size_t k = 0; k < plan.changes.n && !want[i].rule; k++)
			right &= strcmp(plan.changes.items[k].key, want[i].key) != 0;
	}
	ok(right, "what isn't cut isn't told to be");
	ok(!find_rlimit(&plan.process, RLIMIT_MEMLOCK), "no limit where the container has none asked for is no limit of the exec's");
	is_change(&plan, "H-16", "rlimit.MEMLOCK", CHANGE_DROPPED, "5:unlimited", "told");
	if (!exec_plan(&(struct policy_exec_request){.args = ARGS("x")}, &ceiling, &higher, "none of its own"))
		return;
	ok(find_rlimit(&higher.process, RLIMIT_STACK)->hard == 8192 && !find_rlimit(&higher.process, RLIMIT_DATA),
	   "without any it has the container's");
	((struct plan_rlimit *)find_rlimit(&higher.process, RLIMIT_STACK))->hard++;
	ok(plan_check_exec(&higher, &ceiling, &err) < 0 && strstr(err.msg, "STACK"), "a plan with a higher one isn't carried out");
	arena_release(&arena);
}

static void users(void)
{
	static const struct { const char *text; int64_t uid, gid; } cases[] = {
		{"1", 1, 3}, {"1:2", 1, 2}, {"4294967294:0", 4294967294, 0},
		{"", -1, 0}, {":", -1, 0}, {"1:", -1, 0}, {":1", -1, 0}, {" 1", -1, 0}, {"1 ", -1, 0}, {"+1", -1, 0}, {"-1", -1, 0},
		{"0x1", -1, 0}, {"1:2:3", -1, 0}, {"1,2", -1, 0}, {"4294967295", -1, 0}, {"4294967296", -1, 0},
		{"18446744073709551616", -1, 0}, {"root", -1, 0}, {"1\n", -1, 0}, {"1:4294967295", -1, 0},
		{"99999999999999999999999999", -1, 0}, {"1.5", -1, 0}, {"1e3", -1, 0},
	};
	autoplan ceiling = PLAN_INIT;

	recorded(&(struct bundle){.level = LEVEL_OCI, .user = "'uid':9,'gid':3"}, &ceiling);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		autoplan plan = PLAN_INIT;
		struct err err = ERR_INIT;
		struct policy_exec_request request = {.args = ARGS("x"), .user = cases[i].text};
		int rc = policy_resolve_exec(&request, &ceiling, &full_host, &plan, &err);
		if (cases[i].uid < 0)
			ok(rc == -1 && err.kind == ERR_USAGE && strstr(err.msg, "--user"), "--user '%s' refused", cases[i].text);
		else
			ok(rc == 0 && plan.process.uid == cases[i].uid && plan.process.gid == cases[i].gid, "--user '%s'", cases[i].text);
	}
}

static void refusals(void)
{
	autoplan oci = PLAN_INIT, hard = PLAN_INIT, rootless_plan = PLAN_INIT, mapped = PLAN_INIT;
	struct host none = full_host, rootless = full_host;
	uint32_t seven = 7;

	recorded(&(struct bundle){.level = LEVEL_OCI}, &oci);
	recorded(&(struct bundle){0}, &hard);
	refused_exec(&(struct policy_exec_request){0}, &oci, NULL, ERR_USAGE, "the program to run is missing", "no program refused");
	refused_exec(&(struct policy_exec_request){.args = ARGS("")}, &oci, NULL, ERR_USAGE, "has an empty name", "an empty program refused");
	refused_exec(&(struct policy_exec_request){.args = ARGS("x"), .cwd = "a"}, &oci, NULL, ERR_USAGE, "--cwd 'a': must be absolute",
		     "a relative directory refused");
	refused_exec(&(struct policy_exec_request){.args = ARGS("x"), .caps = ARGS("CAP_X")}, &oci, NULL, ERR_USAGE, "--cap 'CAP_X'",
		     "an unknown capability refused");
	none.last_cap = 20;
	refused_exec(&(struct policy_exec_request){.args = ARGS("x"), .caps = ARGS("CAP_SYS_ADMIN")}, &oci, &none, ERR_USAGE, "--cap 'CAP_SYS_ADMIN'",
		     "a capability this kernel hasn't got refused");
	refused_exec(&(struct policy_exec_request){.args = ARGS("x"), .env = ARGS("A")}, &oci, NULL, ERR_USAGE,
		     "environment entry 'A' must have the form", "a variable without a value refused");
	refused_exec(&(struct policy_exec_request){.args = ARGS("x"), .env = ARGS("=A")}, &oci, NULL, ERR_USAGE,
		     "environment entry '=A' must have the form", "a variable without a name refused");
	refused_exec(&(struct policy_exec_request){.args = ARGS("x"), .tty = true, .detached = true}, &oci, NULL, ERR_USAGE,
		     "--console-socket", "a detached terminal without a socket refused");
	none = full_host;
	none.apparmor = none.selinux = false;
	refused_exec(&(struct policy_exec_request){.args = ARGS("x"), .apparmor = "p"}, &oci, &none, ERR_HOST, "AppArmor profile 'p' can't be applied",
		     "a profile that can't be applied refused");
	refused_exec(&(struct policy_exec_request){.args = ARGS("x"), .process_label = "l"}, &oci, &none, ERR_HOST,
		     "SELinux label 'l' can't be applied", "a label that can't be applied refused");

	rootless.initial_userns = false;
	recorded(&(struct bundle){.host = &rootless}, &rootless_plan);
	refused_exec(&(struct policy_exec_request){.args = ARGS("x"), .user = "5"}, &rootless_plan, &rootless, ERR_SPEC,
		     "user 5 is not mapped", "an unmapped user refused");
	refused_exec(&(struct policy_exec_request){.args = ARGS("x"), .user = "1000:5"}, &rootless_plan, &rootless, ERR_SPEC,
		     "group 5 is not mapped", "an unmapped group refused");
	refused_exec(&(struct policy_exec_request){.args = ARGS("x"), .additional_gids = {.items = &seven, .n = 1}}, &rootless_plan, &rootless,
		     ERR_SPEC, "group 7 is not mapped", "an unmapped supplementary group refused");
	recorded(&(struct bundle){.level = LEVEL_OCI, .user = "'uid':1,'gid':1", .namespaces = NAMESPACES_ALL ",{'type':'user'}",
				  .lin = "'uidMappings':[" IDMAP(0, 1000, 5) "],'gidMappings':[" IDMAP(0, 1000, 5) "]"},
		 &mapped);
	autoplan root = PLAN_INIT;
	if (exec_plan(&(struct policy_exec_request){.args = ARGS("x"), .user = "0:0"}, &mapped, &root, "root of a user namespace"))
		ok(root.process.uid == 0 && root.ns[NS_USER].mode == NS_JOIN, "root of the container's user namespace, at oci");
}

/* Every limit of memory below what is needed is an error and nothing else. */
static void small_memory(void)
{
	autoplan ceiling = PLAN_INIT, whole = PLAN_INIT;
	struct policy_exec_request request = {.args = ARGS("x", "y"), .env = ARGS("A=1"), .cwd = "/a", .user = "5", .apparmor = "q"};
	size_t wrong = 0, tried = 0;

	recorded(&(struct bundle){.user = "'uid':1000,'gid':100,'additionalGids':[3]", .lin = OWN_FILTER ",'memoryPolicy':{'mode':'MPOL_BIND','nodes':'0'}"},
		 &ceiling);
	if (!exec_plan(&request, &ceiling, &whole, "whole"))
		return;
	for (size_t limit = 1; limit < whole.arena.used; limit += 8, tried++) {
		autoplan plan = PLAN_INIT;
		struct err err = ERR_INIT;
		plan.arena.limit_bytes = limit;
		wrong += policy_resolve_exec(&request, &ceiling, &full_host, &plan, &err) != -1 || err.kind != ERR_SYSTEM;
	}
	ok(wrong == 0, "%zu sizes of memory that are too small", tried);
}

int main(void)
{
	oci();
	hardened();
	limits();
	users();
	refusals();
	small_memory();
	return tap_done();
}
