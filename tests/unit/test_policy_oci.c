/* Stage one: the OCI semantics, as level oci shows them, and every refusal of a bundle that makes no sense. */
#include "policy_case.h"

#include <linux/seccomp.h>
#include <sys/resource.h>

#define OCI .level = LEVEL_OCI
#define USERNS NAMESPACES_ALL ",{'type':'user'}"
#define MAPS "'uidMappings':[" IDMAP(0, 1000, 10) "],'gidMappings':[" IDMAP(0, 2000, 10) "]"
#define WITH(mount) MOUNTS_ALL "," mount

static void no(struct bundle b, const char *text, const char *name)
{
	b.level = LEVEL_OCI;
	refused(&b, ERR_SPEC, NULL, text, name);
}

static void process(void)
{
	autoplan plan = PLAN_INIT, bare = PLAN_INIT, home = PLAN_INIT;
	struct host old = full_host;

	if (!resolved(&(struct bundle){OCI, .user = "'uid':0,'gid':0,'umask':63,'additionalGids':[0,5]",
				       .args = "'sh','-c','x'",
				       .process = "'env':['B=1','A=2','HOME=/h','B=3','A='],'rlimits':[{'type':'RLIMIT_NOFILE',"
						  "'soft':5,'hard':6}],'oomScoreAdj':-9,'ioPriority':{'class':"
						  "'IOPRIO_CLASS_IDLE','priority':0},'scheduler':{'policy':'SCHED_RR',"
						  "'priority':3,'flags':['SCHED_FLAG_RESET_ON_FORK']},'execCPUAffinity':"
						  "{'initial':'0-3','final':'1'},'capabilities':{'bounding':['CAP_KILL'],"
						  "'effective':['CAP_KILL'],'permitted':['CAP_KILL'],'ambient':['CAP_KILL']},"
						  "'terminal':true,'consoleSize':{'height':25,'width':80},'noNewPrivileges':true",
				       .request = {.detached = true, .console_socket = true, .preserve_fds = 3, .no_new_keyring = true}},
		      &plan, "process"))
		return;
	const struct plan_process *p = &plan.process;
	ok(p->uid == 0 && p->gid == 0 && p->umask == 077 && p->groups.n == 2 && p->groups.items[0] == 0 && p->set_groups,
	   "the user is as asked");
	is_str(joined(&p->args), "sh,-c,x", "the arguments are");
	is_str(joined(&p->env), "HOME=/h,B=3,A=", "the last value of a variable wins");
	is_int(p->home, HOME_FROM_ENV, "a HOME that is set is kept");
	ok(p->rlimits.n == 1 && p->rlimits.items[0].resource == RLIMIT_NOFILE && p->rlimits.items[0].soft == 5 &&
		   p->rlimits.items[0].hard == 6,
	   "the limits asked for and no other");
	ok(p->oom_score_adj_set && p->oom_score_adj == -9, "the oom score");
	ok(p->io_priority_set && p->io_priority == 3 << 13, "the I/O priority");
	ok(p->sched.set && p->sched.policy == 2 && p->sched.priority == 3 && p->sched.flags == 1, "the scheduling policy");
	is_str(p->affinity_initial, "0-3", "the affinity for exec");
	is_str(p->affinity_final, "1", "the affinity after it");
	ok(p->caps.bounding == 1 << 5 && p->caps.effective == 1 << 5 && p->caps.permitted == 1 << 5 && !p->caps.inheritable,
	   "the capabilities");
	is_int(p->caps.ambient, 0, "an ambient capability that is not inheritable can't be raised");
	ok(p->terminal && p->console_rows == 25 && p->console_cols == 80, "the terminal");
	ok(p->no_new_privs && plan.filter_point == FILTER_BEFORE_EXEC, "no_new_privs");
	ok(p->preserve_fds == 3 && !p->new_keyring, "what the command line says");
	ok(p->create_cwd, "a missing working directory is made");
	is_int(plan.changes.n, 0, "nothing is changed at level oci");

	if (!resolved(&(struct bundle){OCI, .process = "'env':['HOME=']"}, &bare, "bare"))
		return;
	p = &bare.process;
	ok(!(p->caps.bounding | p->caps.effective | p->caps.permitted), "no capabilities object means none");
	ok(!p->rlimits.n && !p->oom_score_adj_set && !p->sched.set && !p->io_priority_set && !p->personality_set, "nothing is set unasked");
	is_int(p->umask, 022, "the umask isn't the caller's");
	ok(p->home == HOME_FROM_PASSWD && p->env.n == 0, "an empty HOME is looked up");
	ok(!p->no_new_privs && bare.filter_point == FILTER_BEFORE_DROP, "no_new_privs is off unasked");
	if (!resolved(&(struct bundle){OCI, .process = "'terminal':false,'consoleSize':{'height':1,'width':1}"}, &home, "no terminal"))
		return;
	is_int(home.process.console_rows, 0, "a size without a terminal is nothing");

	no((struct bundle){.args = ""}, "process.args: must name the program", "no arguments refused");
	no((struct bundle){.process = "'capabilities':{'effective':['CAP_KILL']}"},
	   "process.capabilities.effective: CAP_KILL is not permitted", "an effective capability beyond the permitted refused");
	old.last_cap = 39;
	no((struct bundle){.host = &old, .process = "'capabilities':{'bounding':['CAP_CHECKPOINT_RESTORE']}"},
	   "process.capabilities.bounding: CAP_CHECKPOINT_RESTORE is unknown to this kernel", "a capability of newer kernels refused");
	no((struct bundle){.user = "'uid':11,'gid':1", .namespaces = USERNS, .lin = MAPS},
	   "process.user.uid: 11 is not mapped by linux.uidMappings", "an unmapped user refused");
	no((struct bundle){.user = "'uid':1,'gid':10", .namespaces = USERNS, .lin = MAPS},
	   "process.user.gid: 10 is not mapped by linux.gidMappings", "an unmapped group refused");
	no((struct bundle){.user = "'uid':1,'gid':1,'additionalGids':[1,77]", .namespaces = USERNS, .lin = MAPS},
	   "process.user.additionalGids[1]: 77 is not mapped", "an unmapped supplementary group refused");
	refused(&(struct bundle){OCI, .process = "'terminal':true", .request = {.detached = true}}, ERR_USAGE, NULL,
		"process.terminal: a terminal without --console-socket", "a detached terminal without a socket refused");
	refused(&(struct bundle){OCI, .request = {.detached = true, .console_socket = true}}, ERR_USAGE, NULL,
		"--console-socket is for a detached process", "a socket without a terminal refused");
	refused(&(struct bundle){OCI, .process = "'terminal':true", .request = {.console_socket = true}}, ERR_USAGE, NULL,
		"--console-socket is for a detached process", "a socket in the foreground refused");
	refused(&(struct bundle){OCI, .request = {.id = "../x"}}, ERR_USAGE, NULL, "container id '../x' is not valid",
		"a bad id refused");
}

static void namespaces(void)
{
	struct host old = full_host, rootless = full_host;
	autoplan plan = PLAN_INIT, joined_plan = PLAN_INIT, user = PLAN_INIT, without = PLAN_INIT;

	if (!resolved(&(struct bundle){OCI, .namespaces = "{'type':'mount'},{'type':'network','path':'/n'}"}, &plan, "some"))
		return;
	ok(plan.ns[NS_MNT].mode == NS_PRIVATE && plan.ns[NS_PID].mode == NS_HOST && plan.ns[NS_NET].mode == NS_JOIN,
	   "a type that is absent is the host's");
	ok(!plan.loopback_up && !plan.userns_last.enabled, "the loopback of another is left alone");

	if (!resolved(&(struct bundle){OCI, .user = "'uid':9,'gid':9,'additionalGids':[0]", .namespaces = USERNS ",{'type':'time'}",
				       .lin = MAPS ",'timeOffsets':{'boottime':{'secs':-5,'nanosecs':7},'monotonic':{'secs':9}}",
				       .top = "'hostname':'h','domainname':'d'"},
		      &user, "all"))
		return;
	ok(user.uid_maps.n == 1 && user.uid_maps.items[0].outside == 1000 && user.gid_maps.items[0].count == 10, "id maps");
	ok(user.boottime.set && user.boottime.secs == -5 && user.boottime.nanosecs == 7 && user.monotonic.secs == 9, "clock offsets");
	is_str(user.hostname, "h", "host name");
	is_str(user.domainname, "d", "domain name");
	ok(user.loopback_up && !user.deny_setgroups, "loopback and groups");

	if (!resolved(&(struct bundle){OCI, .namespaces = NAMESPACES_ALL ",{'type':'user','path':'/u'}", .lin = MAPS}, &joined_plan,
		      "joined user namespace"))
		return;
	is_int(joined_plan.uid_maps.n, 0, "maps beside a path are only information");

	rootless.euid = 1000;
	if (!resolved(&(struct bundle){OCI, .host = &rootless, .namespaces = USERNS, .lin = MAPS, .user = "'uid':0,'gid':0"}, &without,
		      "rootless"))
		return;
	ok(without.deny_setgroups && !without.process.set_groups, "without privilege there is no setgroups");
	no((struct bundle){.host = &rootless, .namespaces = USERNS, .lin = MAPS, .user = "'uid':0,'gid':0,'additionalGids':[1]"},
	   "process.user.additionalGids: supplementary groups can't be set", "groups without privilege refused");

	no((struct bundle){.namespaces = "{'type':'pid'}"}, "no mount namespace; add {\"type\": \"mount\"}", "the host's mounts refused");
	no((struct bundle){.namespaces = "{'type':'mount','path':'/m'}"}, "a mount namespace can't be joined", "joined mounts refused");
	no((struct bundle){.lin = MAPS}, "linux.uidMappings: needs a user namespace", "maps without a user namespace refused");
	no((struct bundle){.namespaces = USERNS}, "linux.uidMappings: missing", "a user namespace without maps refused");
	no((struct bundle){.namespaces = USERNS, .lin = "'uidMappings':[" IDMAP(0, 1, 1) "]"}, "linux.gidMappings: missing",
	   "a user namespace with one map refused");
	no((struct bundle){.lin = "'timeOffsets':{'boottime':{'secs':1}}"}, "linux.timeOffsets: needs a time namespace",
	   "offsets without a time namespace refused");
	no((struct bundle){.namespaces = NAMESPACES_ALL ",{'type':'time','path':'/t'}", .lin = "'timeOffsets':{'monotonic':{'secs':1}}"},
	   "linux.timeOffsets: needs a time namespace", "offsets in a joined time namespace refused");
	no((struct bundle){.namespaces = "{'type':'mount'}", .top = "'hostname':'h'"}, "hostname: would rename the host",
	   "the host's name refused");
	no((struct bundle){.namespaces = "{'type':'mount'}", .top = "'domainname':'h'"}, "domainname: would rename the host",
	   "the host's domain refused");
	no((struct bundle){.namespaces = "{'type':'mount'}", .lin = "'netDevices':{'eth0':{}}"},
	   "linux.netDevices: needs a network namespace", "a device for the host's network refused");
	old.time_ns = false;
	old.max_user_namespaces_zero = true;
	refused(&(struct bundle){OCI, .host = &old, .namespaces = NAMESPACES_ALL ",{'type':'time'}"}, ERR_HOST, NULL,
		"this kernel has no time namespaces", "no time namespaces: refused");
	refused(&(struct bundle){OCI, .host = &old, .namespaces = USERNS, .lin = MAPS}, ERR_HOST, NULL,
		"user namespaces are turned off", "no user namespaces: refused");

	autoplan nic = PLAN_INIT, pod = PLAN_INIT;
	if (!resolved(&(struct bundle){OCI, .lin = "'netDevices':{'eth0':{'name':'in0'},'eth1':{}}"}, &nic, "net devices"))
		return;
	ok(nic.net_devices.n == 2 && !strcmp(nic.net_devices.items[0].name, "in0") && !strcmp(nic.net_devices.items[1].name, "eth1"),
	   "network devices move in, and keep their name unless it is given");
	if (!resolved(&(struct bundle){OCI, .namespaces = "{'type':'mount'},{'type':'uts','path':'/u'}", .top = "'hostname':'h'"}, &pod, "pod"))
		return;
	ok(pod.ns[NS_UTS].refuse_host, "a pod's name is set only when it isn't the host's, at oci too");
}

static void root(void)
{
	autoplan plan = PLAN_INIT, absolute = PLAN_INIT;
	static const struct { const char *name; uint32_t flag; bool rec; } all[] = {
		{"private", MS_PRIVATE, false}, {"rprivate", MS_PRIVATE, true},	      {"shared", MS_SHARED, false},
		{"rshared", MS_SHARED, true},	{"slave", MS_SLAVE, false},	      {"rslave", MS_SLAVE, true},
		{"unbindable", MS_UNBINDABLE, false}, {"runbindable", MS_UNBINDABLE, true},
	};
	for (size_t i = 0; i < ARRAY_LEN(all); i++) {
		autoplan p = PLAN_INIT;
		char lin[64];
		snprintf(lin, sizeof(lin), "'rootfsPropagation':'%s'", all[i].name);
		if (resolved(&(struct bundle){OCI, .lin = lin}, &p, all[i].name))
			ok(p.root.propagation == all[i].flag && p.root.propagation_rec == all[i].rec, "rootfsPropagation %s", all[i].name);
	}
	if (!resolved(&(struct bundle){OCI, .root = "'path':'a/../b'", .request = {.no_pivot = true}}, &plan, "relative"))
		return;
	is_str(plan.root.path, "/bundle/b", "a relative root is the bundle's");
	ok(!plan.root.readonly && plan.root.no_pivot && !plan.root.attr_set, "the root is as asked");
	if (!resolved(&(struct bundle){OCI, .root = "'path':'/r','readonly':true"}, &absolute, "absolute"))
		return;
	is_str(absolute.root.path, "/r", "an absolute one isn't");
	ok(absolute.root.readonly, "read-only when asked");
	no((struct bundle){.root = "'path':'/'"}, "root.path: is the host's own root", "the host's root refused");
}

static void mounts(void)
{
	autoplan plan = PLAN_INIT, idmap = PLAN_INIT;
	const struct plan_mount *m;

	if (!resolved(&(struct bundle){OCI, .namespaces = USERNS, .lin = MAPS, .user = "'uid':0,'gid':0",
				       .mounts = WITH("{'destination':'rel/./x','type':'tmpfs','source':'','options':['size=1m','','mode=700','tmpcopyup']},"
						      "{'destination':'/a','source':'sub','options':['rbind','ro','rslave','src-nofollow']},"
						      "{'destination':'/b','type':'none','source':'/srv//b/','options':['bind','idmap']},"
						      "{'destination':'/c','type':'ext4','source':'/dev/x','options':['ro','sync','data=x']},"
						      "{'destination':'/d','type':'cgroup2','source':'c','options':['nsdelegate','ro','memory_recursiveprot']},"
						      "{'destination':'/proc/meminfo','type':'bind','source':'/srv/meminfo'},"
						      "{'destination':'/dev/pts','type':'devpts','source':'devpts','options':['gid=5']}")},
		      &plan, "mounts"))
		return;
	m = find_mount(&plan, "/rel/x");
	ok(m && m->kind == MOUNT_NEW && m->tmpcopyup && m->links == LINKS_IN_ROOT, "a relative destination is beneath /");
	is_str(m->source, "tmpfs", "no source is the type's name");
	is_str(joined(&m->data), "size=1m,mode=700", "the file system's options go to it, empty ones nowhere");
	m = find_mount(&plan, "/a");
	ok(m->kind == MOUNT_BIND && m->recursive && m->propagation == MS_SLAVE && m->propagation_rec && m->source_nofollow, "a bind by option");
	is_str(m->source, "/bundle/sub", "a relative source is the bundle's");
	is_str(mount_flags(m), "ro", "read-only");
	ok(m->refuse_procfs_target && m->on_missing == ON_MISSING_CREATE && m->mode == 0755, "never over procfs, made where missing");
	m = find_mount(&plan, "/b");
	ok(m->kind == MOUNT_BIND && !m->recursive && m->idmap && !m->uid_maps.n, "mapped as the container is");
	is_str(m->source, "/srv/b", "clean");
	is_str(joined(&find_mount(&plan, "/c")->data), "sync,data=x,ro", "a device's superblock is read-only too");
	ok(find_mount(&plan, "/d")->kind == MOUNT_CGROUP_VIEW && find_mount(&plan, "/sys/fs/cgroup")->kind == MOUNT_CGROUP_VIEW,
	   "cgroup and cgroup2 are the container's part");
	is_str(joined(&find_mount(&plan, "/d")->data), "nsdelegate,memory_recursiveprot", "whose options are the host's");
	ok(!find_mount(&plan, "/proc/meminfo")->refuse_procfs_target, "a file that may replace one of procfs");
	ok(find_mount(&plan, "/proc")->links == LINKS_REFUSED && find_mount(&plan, "/dev/pts")->links == LINKS_REFUSED &&
		   find_mount(&plan, "/dev")->links == LINKS_REFUSED && find_mount(&plan, "/sys")->links == LINKS_REFUSED &&
		   find_mount(&plan, "/d")->links == LINKS_REFUSED,
	   "kernel file systems and /dev go through no link");
	ok(&plan.mounts.items[0] == find_mount(&plan, "/proc") && plan.mounts.n == 11, "in their order");

	if (!resolved(&(struct bundle){OCI, .mounts = WITH("{'destination':'/a','type':'bind','source':'/s','uidMappings':[" IDMAP(
			      0, 5, 6) "],'gidMappings':[" IDMAP(1, 2, 3) "],'options':['ridmap']}")},
		      &idmap, "idmap"))
		return;
	m = find_mount(&idmap, "/a");
	ok(m->idmap && m->idmap_rec && m->uid_maps.items[0].outside == 5 && m->gid_maps.items[0].count == 3, "mapped as it says");

	autoplan of_host = PLAN_INIT;
	if (!resolved(&(struct bundle){OCI, .mounts = BIND("/proc", "/proc", "'rbind'")}, &of_host, "host's /proc"))
		return;
	is_int(of_host.mounts.items[0].kind, MOUNT_BIND, "a bind of procfs on /proc");

	static const struct { const char *mount, *text; } bad[] = {
		{"{'destination':'/a','source':'x'}", "mounts[4]: type: missing"},
		{"{'destination':'/a','type':'bind'}", "mounts[4]: source: missing"},
		{"{'destination':'/a/..','type':'tmpfs','source':'x'}", "mounts[4]: destination: '/' is the root itself"},
		{BIND("/s", "/a", "'size=5'"), "mounts[4]: options: 'size=5' is no option of a bind mount"},
		{BIND("/s", "/a", "'sync'"), "mounts[4]: options: 'sync' is no option of a bind mount"},
		{BIND("/s", "/a", "'ro','remount'"), "mounts[4]: options[1]: 'remount': a container's mounts are new"},
		{BIND("/s", "/a", "'copy-symlink'"), "'copy-symlink': an extension of crun"},
		{BIND("/s", "/a", "'dest-nofollow'"), "'dest-nofollow': an extension of crun"},
		{BIND("/s", "/a", "'mand'"), "'mand': Linux has no mandatory locking"},
		{BIND("/s", "/a", "'tmpcopyup'"), "options: tmpcopyup is for tmpfs only"},
		{"{'destination':'/a','type':'tmpfs','source':'t','options':['src-nofollow']}", "options: src-nofollow is for bind mounts"},
		{"{'destination':'/a','type':'tmpfs','source':'t','options':['idmap']}", "an id-mapped mount must be a bind mount"},
		{BIND("/s", "/a", "'idmap'"), "idmap without mappings takes those of the container's user namespace"},
		{"{'destination':'/a','type':'bind','source':'/s','uidMappings':[" IDMAP(0, 0, 1) "]}", "uidMappings and gidMappings go together"},
		{"{'destination':'/a','type':'cgroup','options':['nsdelegate','bogus=1']}",
		 "mounts[4]: options[1]: 'bogus=1' is no option of cgroup v2; remove it"},
		{"{'destination':'/a','type':'cgroup2','options':['ro','release_agent=/x']}", "mounts[4]: options[1]: 'release_agent=/x' is no"},
		{"{'destination':'/proc/self/attr','type':'tmpfs','source':'t'}", "'/proc/self/attr' is inside /proc"},
		{BIND("/s", "/proc/./self//attr/exec", "'bind'"), "'/proc/self/attr/exec' is inside /proc"},
		{BIND("/s", "/x/../proc/self", "'bind'"), "'/proc/self' is inside /proc"},
		{"{'destination':'/proc','type':'tmpfs','source':'t'}", "'/proc' takes type proc only"},
		{BIND("/srv", "/proc", "'bind'"), "'/proc' takes type proc only"},
		{"{'destination':'/proc/uptime','type':'tmpfs','source':'t'}", "'/proc/uptime' takes a bind mount only"},
	};
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		char text[1024], name[128];
		snprintf(text, sizeof(text), WITH("%s"), bad[i].mount);
		snprintf(name, sizeof(name), "refused: %.100s", bad[i].mount);
		no((struct bundle){.mounts = text}, bad[i].text, name);
	}
	char *many = malloc(5000 * 64), *at = many;
	for (int i = 0; i < 4097; i++)
		at += sprintf(at, "%s{'destination':'/m%d','type':'tmpfs'}", i ? "," : "", i);
	no((struct bundle){.mounts = many}, "mounts: 4097 entries; 4096 at most", "too many mounts refused");
	free(many);
}

static void paths_and_devices(void)
{
	autoplan plan = PLAN_INIT, bind = PLAN_INIT;

	if (!resolved(&(struct bundle){OCI, .lin = "'maskedPaths':['/a//b/'],'readonlyPaths':['/c/.'],'devices':[{'path':'/dev/fuse',"
						   "'type':'c','major':10,'minor':229,'fileMode':384,'uid':3,'gid':4},{'path':'/dev/null',"
						   "'type':'c','major':1,'minor':3,'fileMode':256},{'path':'/p','type':'p'},"
						   "{'path':'/dev/ptmx','type':'c','major':5,'minor':2}]"},
		      &plan, "paths and devices"))
		return;
	is_str(plan.masked.items[0].path, "/a/b", "masked paths are clean");
	is_str(plan.readonly.items[0].path, "/c", "read-only paths are");
	is_int(plan.masked.n + plan.readonly.n, 2, "and no other");
	is_int(plan.devices.n, 8, "the bundle's devices and the default ones, each once, and no ptmx");
	const struct plan_device *d = plan.devices.items;
	ok(d[0].major == 10 && d[0].mode == 0600 && d[0].uid == 3 && d[0].gid == 4, "as asked");
	ok(d[1].mode == 0400 && d[2].type == 'p' && d[2].mode == 0666, "a default one too");
	ok(plan.dev_links.n == 5 && !strcmp(plan.dev_links.items[4].target, "pts/ptmx"), "links");
	ok(!plan.dev_readonly, "/dev is as it is");
	if (!resolved(&(struct bundle){OCI, .mounts = MOUNT_PROC "," BIND("/srv/dev", "/dev", "'bind'"),
				       .lin = "'devices':[{'path':'/dev/fuse','type':'c','major':10,'minor':229}]"},
		      &bind, "own /dev"))
		return;
	ok(!bind.devices.n && !bind.dev_links.n, "nothing is made in a /dev that is brought along");

	no((struct bundle){.lin = "'maskedPaths':['/']"}, "linux.maskedPaths[0]: is the root itself", "a masked root refused");
	no((struct bundle){.lin = "'readonlyPaths':['/x/..']"}, "linux.readonlyPaths[0]: is the root itself", "a read-only root refused");
	no((struct bundle){.lin = "'devices':[{'path':'/dev/../etc/x','type':'c','major':1,'minor':3}]"},
	   "linux.devices[0].path: '/dev/../etc/x' holds '..'", "a device beside its path refused");
	no((struct bundle){.lin = "'devices':[{'path':'/','type':'c','major':1,'minor':3}]"}, "linux.devices[0].path: is the root itself",
	   "a device in the root's place refused");
}

static void seccomp(void)
{
	struct host old = full_host;
	autoplan plan = PLAN_INIT, notify = PLAN_INIT, unused = PLAN_INIT;

	if (!resolved(&(struct bundle){
			      OCI, .lin = "'seccomp':{'defaultAction':'SCMP_ACT_ERRNO','defaultErrnoRet':38,'flags':['SECCOMP_FILTER_FLAG_TSYNC'],"
					  "'syscalls':[{'names':['a','b'],'action':'SCMP_ACT_ERRNO'},{'names':['c'],'action':'SCMP_ACT_TRACE','errnoRet':9},"
					  "{'names':['d'],'action':'SCMP_ACT_KILL_PROCESS'},{'names':['e'],'action':'SCMP_ACT_KILL'},"
					  "{'names':['f'],'action':'SCMP_ACT_TRAP'},{'names':['g'],'action':'SCMP_ACT_LOG'},"
					  "{'names':['h'],'action':'SCMP_ACT_ALLOW','args':[{'index':0,'value':1,'op':'SCMP_CMP_NE'},"
					  "{'index':5,'value':15,'valueTwo':3,'op':'SCMP_CMP_MASKED_EQ'}]},"
					  "{'names':['i'],'action':'SCMP_ACT_KILL_THREAD','args':[{'index':2,'value':1,'op':'SCMP_CMP_GT'},"
					  "{'index':2,'value':9,'op':'SCMP_CMP_LT'}]}]}"},
		      &plan, "seccomp"))
		return;
	const struct plan_filter *f = &plan.filters.items[0];
	const struct plan_filter_rule *rule = f->rules.items;
	ok(f->kind == FILTER_RULES && f->default_action == (SECCOMP_RET_ERRNO | 38) && f->flags == SECCOMP_FILTER_FLAG_TSYNC, "the default");
	is_int(f->rules.n, 9, "a rule for each");
	ok(rule[0].action == (SECCOMP_RET_ERRNO | 1) && rule[0].names.n == 2, "EPERM unless said");
	ok(rule[1].action == (SECCOMP_RET_TRACE | 9) && rule[2].action == SECCOMP_RET_KILL_PROCESS &&
		   rule[3].action == SECCOMP_RET_KILL_THREAD && rule[4].action == SECCOMP_RET_TRAP && rule[5].action == SECCOMP_RET_LOG &&
		   rule[6].action == SECCOMP_RET_ALLOW,
	   "every action");
	ok(rule[6].args.n == 2 && rule[6].args.items[0].op == 1 && rule[6].args.items[1].op == 7 && rule[6].args.items[1].index == 5 &&
		   rule[6].args.items[1].a == 15 && rule[6].args.items[1].b == 3,
	   "conditions of different arguments all hold");
	ok(rule[7].args.n == 1 && rule[8].args.n == 1 && rule[7].args.items[0].op == 6 && rule[8].args.items[0].op == 2,
	   "of the same one, either");

	if (!resolved(&(struct bundle){OCI, .lin = "'seccomp':{'defaultAction':'SCMP_ACT_ALLOW','listenerPath':'/l','listenerMetadata':'m',"
						   "'flags':['SECCOMP_FILTER_FLAG_TSYNC','SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV'],"
						   "'syscalls':[{'names':['mknod'],'action':'SCMP_ACT_NOTIFY'}]}"},
		      &notify, "notify"))
		return;
	f = &notify.filters.items[0];
	is_str(f->listener_path, "/l", "the listener");
	is_str(f->listener_metadata, "m", "and what it is told");
	ok(f->rules.items[0].action == SECCOMP_RET_USER_NOTIF && f->flags == 32, "threads can't be synchronised beside a listener");
	if (!resolved(&(struct bundle){OCI, .lin = "'seccomp':{'defaultAction':'SCMP_ACT_ALLOW','listenerPath':'/l'}"}, &unused, "unused"))
		return;
	ok(!unused.filters.items[0].listener_path, "a listener that nothing notifies is none");

	no((struct bundle){.lin = "'seccomp':{'defaultAction':'SCMP_ACT_NOTIFY','listenerPath':'/l'}"},
	   "linux.seccomp: defaultAction: SCMP_ACT_NOTIFY would stop the program", "notify by default refused");
	no((struct bundle){.lin = "'seccomp':{'defaultAction':'SCMP_ACT_ALLOW','listenerPath':'/l','syscalls':[{'names':['a'],'action':"
				  "'SCMP_ACT_ALLOW'},{'names':['read','sendmsg'],'action':'SCMP_ACT_NOTIFY'}]}"},
	   "linux.seccomp: syscalls[1]: sendmsg can't have SCMP_ACT_NOTIFY", "notify of the hand-over refused");
	no((struct bundle){.lin = "'seccomp':{'defaultAction':'SCMP_ACT_ALLOW','flags':['SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV']}"},
	   "needs a rule with SCMP_ACT_NOTIFY", "a flag of listeners without one refused");
	old.kernel_version = 5 << 16 | 18;
	refused(&(struct bundle){OCI, .host = &old, .lin = "'seccomp':{'defaultAction':'SCMP_ACT_ALLOW','listenerPath':'/l','flags':["
							   "'SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV'],'syscalls':[{'names':['a'],'action':"
							   "'SCMP_ACT_NOTIFY'}]}"},
		ERR_HOST, NULL, "needs Linux 5.19", "a flag of newer kernels refused");
}

static void cgroup(void)
{
	struct host none = full_host, rootless = full_host;
	static const struct { const char *path, *want; } good[] = {
		{"/a/b", "/a/b"}, {"/a//b/", "/a/b"}, {"rel/x", "/kanuki/rel/x"}, {"", "/kanuki/c1"},
	};
	static const struct { const char *path, *text; } bad[] = {
		{"/a/../b", "holds '..'"}, {"../../x", "holds '..'"}, {"a:b:c", "has the form of the systemd manager"},
		{"/a:b", "has the form of the systemd manager"}, {"/", "is the root of the hierarchy"}, {"/a\\nb", "holds a control character"},
		{"/./", "is the root of the hierarchy"}, {"/kanuki", "is the parent of all containers' cgroups"},
		{"//kanuki/", "is the parent of all"}, {".", "is the parent of all"},
	};
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		autoplan p = PLAN_INIT;
		char lin[64];
		snprintf(lin, sizeof(lin), "'cgroupsPath':'%s'", good[i].path);
		if (resolved(&(struct bundle){OCI, .lin = lin}, &p, lin))
			is_str(p.cgroup.path, good[i].want, good[i].path);
	}
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		char lin[64], name[64];
		snprintf(lin, sizeof(lin), "'cgroupsPath':'%s'", bad[i].path);
		snprintf(name, sizeof(name), "cgroupsPath %s refused", bad[i].path);
		no((struct bundle){.lin = lin}, bad[i].text, name);
	}
	char *big = malloc(8192);
	memset(big, 'a', 8191);
	big[8191] = '\0';
	memcpy(big, "'cgroupsPath':'/", 16);
	strcpy(big + 16 + 256, "'");
	no((struct bundle){.lin = big}, "a component is longer than 255 bytes", "a long component refused");
	for (size_t i = 16; i < 4000; i++)
		big[i] = i % 2 ? '/' : 'a';
	strcpy(big + 4000, "'");
	no((struct bundle){.lin = big}, "longer than 3072 bytes", "a long path refused");
	free(big);

	refused(&(struct bundle){OCI, .request = {.cgroup_manager = "systemd"}}, ERR_HOST, NULL,
		"'systemd' is not built in yet: use --cgroup-manager=cgroupfs", "the systemd manager refused");
	refused(&(struct bundle){OCI, .request = {.cgroup_manager = "x"}}, ERR_USAGE, NULL, "'x' is none of cgroupfs, systemd, disabled",
		"an unknown manager refused");
	none.cgroup = HOST_CGROUP_NONE;
	refused(&(struct bundle){OCI, .host = &none}, ERR_HOST, NULL, "no cgroup v2 is mounted on this host", "no cgroup v2: refused");
	autoplan off = PLAN_INIT, user = PLAN_INIT, plain = PLAN_INIT;
	if (!resolved(&(struct bundle){OCI, .host = &none, .request = {.cgroup_manager = "disabled"},
				       .lin = "'resources':{'devices':[{'allow':true}]}"},
		      &off, "disabled"))
		return;
	ok(off.cgroup.manager == CGROUP_DISABLED && !off.cgroup.device_filter && !off.cgroup.devices.n, "no cgroup, no device rules");
	no((struct bundle){.request = {.cgroup_manager = "disabled"}, .lin = "'resources':{'pids':{'limit':5}}"},
	   "linux.resources: limits need a cgroup", "limits without a cgroup refused");
	rootless.euid = 1000;
	rootless.initial_userns = false;
	if (!resolved(&(struct bundle){OCI, .host = &rootless}, &user, "rootless") || !resolved(&(struct bundle){OCI}, &plain, "plain"))
		return;
	ok(user.cgroup.path_from_caller && !user.cgroup.device_filter, "rootless: beneath the caller's, without a device filter");
	ok(!plain.cgroup.path_from_caller && plain.cgroup.device_filter, "as root: from the top, with one");
	const struct plan_device_rule *d = plain.cgroup.devices.items;
	ok(d[0].mknod && !d[0].read && d[0].major == -1 && d[plain.cgroup.devices.n - 1].minor == 200, "runc's device rules");
}

static void rest(void)
{
	struct host none = full_host;
	autoplan plan = PLAN_INIT, named = PLAN_INIT;

	if (!resolved(&(struct bundle){OCI, .lin = "'intelRdt':{'l3CacheSchema':'L3:0=f','memBwSchema':'MB:0=50','schemata':['L2:0=1'],"
						   "'enableMonitoring':true},'memoryPolicy':{'mode':'MPOL_BIND','nodes':'0-1','flags':["
						   "'MPOL_F_STATIC_NODES']},'personality':{'domain':'LINUX'}",
				       .request = {.notify_dir = "/run/kanuki/c1/notify"}},
		      &plan, "machine"))
		return;
	ok(plan.intel_rdt.set && plan.intel_rdt.own_group && plan.intel_rdt.enable_monitoring, "an own class of service");
	is_str(plan.intel_rdt.clos_id, "c1", "called like the container");
	is_str(joined(&plan.intel_rdt.schemata), "L3:0=f,MB:0=50,L2:0=1", "with its lines");
	ok(plan.process.mempolicy.set && plan.process.mempolicy.mode == 2 && plan.process.mempolicy.flags == 1 << 15, "a memory policy");
	is_str(plan.process.mempolicy.nodes, "0-1", "with its nodes");
	ok(plan.process.personality_set && plan.process.personality == 0, "a personality");
	const struct plan_mount *m = find_mount(&plan, "/run/notify");
	ok(plan.notify_socket && m && !strcmp(m->source, "/run/kanuki/c1/notify"), "a notify socket");
	is_str(mount_flags(m), "ro,nosuid,nodev,noexec", "bound read-only");
	is_str(find_env(&plan.process, "NOTIFY_SOCKET"), "/run/notify/notify.sock", "and named in the environment");
	if (!resolved(&(struct bundle){OCI, .lin = "'intelRdt':{'closID':'gold'},'memoryPolicy':{'mode':'MPOL_WEIGHTED_INTERLEAVE','nodes':'0'}"},
		      &named, "named"))
		return;
	ok(!named.intel_rdt.own_group && named.process.mempolicy.mode == 6, "a class that exists, a mode of newer kernels");
	none.resctrl = false;
	refused(&(struct bundle){OCI, .host = &none, .lin = "'intelRdt':{}"}, ERR_HOST, NULL, "linux.intelRdt: this host has no resctrl",
		"no resctrl: refused");
	char *hooks = malloc(1100 * 32), *at = hooks;
	at += sprintf(at, "'hooks':{'prestart':[");
	for (int i = 0; i < 1025; i++)
		at += sprintf(at, "%s{'path':'/h'}", i ? "," : "");
	sprintf(at, "]}");
	no((struct bundle){.top = hooks}, "hooks.prestart: 1025 entries; 1024 at most", "too many hooks refused");
	free(hooks);
}

/* Neither `linux` nor `process` nor `root`: named, and nothing else happens. */
static void missing(void)
{
	static const struct { const char *json, *text; } cases[] = {
		{"{\"ociVersion\":\"1.3.0\"}", "no mount namespace"},
		{"{\"ociVersion\":\"1.3.0\",\"linux\":{\"namespaces\":[{\"type\":\"mount\"}]}}", "process: missing"},
		{"{\"ociVersion\":\"1.3.0\",\"linux\":{\"namespaces\":[{\"type\":\"mount\"}]},\"process\":{\"cwd\":\"/\",\"args\":[\"x\"],"
		 "\"user\":{\"uid\":1,\"gid\":1}}}", "root.path: missing"},
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		autoplan plan = PLAN_INIT;
		struct err err = ERR_INIT;
		int rc = resolve_text(&(struct bundle){OCI}, cases[i].json, &plan, &err);
		ok(rc == -1 && err.kind == ERR_SPEC && strstr(err.msg, cases[i].text), "refused: %s", cases[i].text);
	}
}

/* W-13: libseccomp keeps the rule without conditions only. */
static void lost_rules(void)
{
	static const char args[] = "'args':[{'index':1,'value':21522,'op':'SCMP_CMP_EQ'}]";
	static const struct { const char *by_default, *wide, *narrow; bool refused; } cases[] = {
		{"ERRNO", "ALLOW", "ERRNO", true}, /* which is the default's, and so is no rule to libseccomp */
		{"LOG", "ALLOW", "ERRNO", true},
		{"ERRNO", "ALLOW", "KILL", true},
		{"ERRNO", "ALLOW", "KILL_PROCESS", true},
		{"ALLOW", "KILL", "KILL_PROCESS", true},
		{"ALLOW", "ERRNO", "TRAP", true},
		{"ALLOW", "LOG", "TRACE", true},
		{"ALLOW", "ALLOW", "ERRNO", false}, /* the default's: the narrow one stands */
		{"ALLOW", "ERRNO", "ERRNO", false},
		{"ALLOW", "ERRNO", "ALLOW", false},
		{"KILL", "ERRNO", "ALLOW", false},
		{"ALLOW", "KILL_PROCESS", "KILL", false},
		{"ALLOW", "TRAP", "ERRNO", false},
	};
	for (size_t i = 0; i < 2 * ARRAY_LEN(cases); i++) {
		const bool narrow_first = i % 2;
		char wide[128], narrow[192], lin[512];
		autoplan plan = PLAN_INIT;
		struct err err = ERR_INIT;
		snprintf(wide, sizeof(wide), "{'names':['read','ioctl'],'action':'SCMP_ACT_%s'}", cases[i / 2].wide);
		snprintf(narrow, sizeof(narrow), "{'names':['ioctl'],'action':'SCMP_ACT_%s',%s}", cases[i / 2].narrow, args);
		snprintf(lin, sizeof(lin), "'seccomp':{'defaultAction':'SCMP_ACT_%s','syscalls':[%s,%s]}", cases[i / 2].by_default,
			 narrow_first ? narrow : wide, narrow_first ? wide : narrow);
		struct bundle b = {OCI, .lin = lin};
		char *json = bundle_text(&b);
		int rc = resolve_text(&b, json, &plan, &err);
		free(json);
		if (!cases[i / 2].refused)
			ok(!rc, "W-13: default %s, %s and some %s: taken", cases[i / 2].by_default, cases[i / 2].wide, cases[i / 2].narrow);
		else if (!ok(rc == -1 && err.kind == ERR_SPEC &&
				     strstr(err.msg, narrow_first ? "linux.seccomp: syscalls[0]: SCMP_ACT_" : "linux.seccomp: syscalls[1]: SCMP_ACT_") &&
				     strstr(err.msg, narrow_first ? "syscalls[1] says SCMP_ACT_" : "syscalls[0] says SCMP_ACT_") &&
				     strstr(err.msg, "'ioctl'") && strstr(err.msg, "opposite condition"),
			     "W-13: default %s, %s and some %s: refused", cases[i / 2].by_default, cases[i / 2].wide, cases[i / 2].narrow))
			diag("%s", err.msg);
	}
	/* podman's profile allows process_madvise and denies it further down. */
	autoplan both = PLAN_INIT;
	resolved(&(struct bundle){OCI, .lin = "'seccomp':{'defaultAction':'SCMP_ACT_ERRNO','defaultErrnoRet':38,'syscalls':[{'names':['ioctl'],"
					      "'action':'SCMP_ACT_ALLOW'},{'names':['ioctl'],'action':'SCMP_ACT_ERRNO'}]}"},
		 &both, "W-13: two rules without conditions: the first counts");
}

/* Words that the parser doesn't let through: they must not mean something here. */
static void unknown_words(void)
{
	static const struct { const char *lin, *text; size_t what; } cases[] = {
		{"'seccomp':{'defaultAction':'SCMP_ACT_ALLOW'}", "linux.seccomp: defaultAction: action: 'X' is unknown", 0},
		{"'seccomp':{'defaultAction':'SCMP_ACT_ALLOW','syscalls':[{'names':['a'],'action':'SCMP_ACT_LOG'}]}",
		 "linux.seccomp: syscalls[0]: action: 'X' is unknown", 1},
		{"'seccomp':{'defaultAction':'SCMP_ACT_ALLOW','syscalls':[{'names':['a'],'action':'SCMP_ACT_LOG','args':[{'index':0,"
		 "'value':1,'op':'SCMP_CMP_EQ'}]}]}", "linux.seccomp: syscalls[0]: args[0]: op: 'X' is unknown", 2},
		{"'seccomp':{'defaultAction':'SCMP_ACT_ALLOW','flags':['SECCOMP_FILTER_FLAG_LOG']}", "flags[0]: 'X' is unknown", 3},
		{"'memoryPolicy':{'mode':'MPOL_LOCAL'}", "linux.memoryPolicy.mode: 'X' is unknown", 4},
		{"'memoryPolicy':{'mode':'MPOL_BIND','nodes':'0','flags':['MPOL_F_STATIC_NODES']}", "linux.memoryPolicy.flags[0]: 'X' is unknown", 5},
		{"'rootfsPropagation':'slave'", "linux.rootfsPropagation: 'X' is none of private", 6},
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct bundle b = {OCI, .lin = cases[i].lin};
		struct policy_conf conf = {.level = LEVEL_OCI, .name = "builtin:oci"};
		struct policy_request request = {.id = "c1", .bundle = "/bundle"};
		struct spec spec = SPEC_INIT;
		struct err err = ERR_INIT;
		autoplan plan = PLAN_INIT;
		char *json = bundle_text(&b);
		if (spec_parse(json, strlen(json), &spec, &err))
			abort();
		struct spec_linux *l = spec.linux_;
		const char **words[] = {
			l->seccomp ? &l->seccomp->default_action : NULL,
			l->seccomp && l->seccomp->syscalls.n ? &l->seccomp->syscalls.items[0].action : NULL,
			l->seccomp && l->seccomp->syscalls.n && l->seccomp->syscalls.items[0].args.n
				? &l->seccomp->syscalls.items[0].args.items[0].op : NULL,
			l->seccomp && l->seccomp->flags.n ? &l->seccomp->flags.items[0] : NULL,
			&l->memory_policy.mode,
			l->memory_policy.flags.n ? &l->memory_policy.flags.items[0] : NULL,
			&l->rootfs_propagation,
		};
		*words[cases[i].what] = "X";
		int rc = policy_resolve(&spec, &full_host, &conf, &request, &plan, &err);
		if (!ok(rc == -1 && err.kind == ERR_SPEC && strstr(err.msg, cases[i].text), "refused: %s", cases[i].text))
			diag("%s", err.msg);
		spec_release(&spec);
		free(json);
	}
}

int main(void)
{
	unknown_words();
	process();
	namespaces();
	root();
	mounts();
	paths_and_devices();
	seccomp();
	lost_rules();
	cgroup();
	rest();
	missing();
	return tap_done();
}
