/* H-01 to H-09, H-16 to H-19: the process. */
#include "policy_case.h"

#include <linux/securebits.h>
#include <sys/resource.h>

#define CAPS_SOME                                                                                                      \
	"'capabilities':{'bounding':['CAP_KILL'],'effective':['CAP_KILL'],'permitted':['CAP_KILL','CAP_CHOWN']," \
	"'inheritable':['CAP_KILL'],'ambient':['CAP_KILL']}"
#define USERNS NAMESPACES_ALL ",{'type':'user'}"

static void who(void)
{
	autoplan root = PLAN_INIT, user = PLAN_INIT, mapped = PLAN_INIT, small = PLAN_INIT;

	if (!resolved(&(struct bundle){.user = "'uid':0,'gid':0,'additionalGids':[10,0,20,0]"}, &root, "root"))
		return;
	is_int(root.process.uid, 65532, "H-01: 0 becomes 65532");
	is_change(&root, "H-01", "user.uid", CHANGE_FORCED, "0", "told");
	is_int(root.process.gid, 65532, "H-02: 0 becomes 65532");
	is_change(&root, "H-02", "user.gid", CHANGE_FORCED, "0", "told");
	ok(root.process.groups.n == 2 && root.process.groups.items[0] == 10 && root.process.groups.items[1] == 20,
	   "H-03: groups are exact, without 0");
	is_change(&root, "H-03", "user.groups", CHANGE_FORCED, "10,0,20,0", "told");

	if (!resolved(&(struct bundle){.user = "'uid':5,'gid':6,'additionalGids':[7]"}, &user, "user"))
		return;
	is_int(user.process.uid, 5, "H-01: another user stays");
	is_int(user.process.gid, 6, "H-02: another group stays");
	is_int(user.process.groups.n, 1, "H-03: other groups stay");
	ok(!find_change(&user, "H-01", "user.uid") && !find_change(&user, "H-02", "user.gid") &&
		   !find_change(&user, "H-03", "user.groups"),
	   "H-01 H-02 H-03: nothing is told where nothing changed");

	if (!resolved(&(struct bundle){.user = "'uid':0,'gid':0", .namespaces = USERNS,
				       .lin = "'uidMappings':[" IDMAP(0, 100000, 65536) "],'gidMappings':[" IDMAP(
					       0, 100000, 65536) "]"},
		      &mapped, "mapped"))
		return;
	is_int(mapped.process.uid, 65532, "H-01: 65532 where the bundle's user namespace maps it");

	if (!resolved(&(struct bundle){.user = "'uid':0,'gid':0", .namespaces = USERNS,
				       .lin = "'uidMappings':[" IDMAP(0, 100000, 1) "," IDMAP(7, 100007, 5)
				       "," IDMAP(3, 100003, 1) "],'gidMappings':[" IDMAP(0, 5, 3) "]"},
		      &small, "small maps"))
		return;
	is_int(small.process.uid, 11, "H-01: else the highest id that is mapped");
	is_int(small.process.gid, 2, "H-02: else the highest id that is mapped");

	refused(&(struct bundle){.user = "'uid':0,'gid':1", .namespaces = USERNS,
				 .lin = "'uidMappings':[" IDMAP(0, 9, 1) "],'gidMappings':[" IDMAP(0, 9, 9) "]"},
		ERR_POLICY, "H-01", "process.user.uid: is 0, and linux.uidMappings maps nothing else",
		"H-01: refused where only 0 is mapped");
	refused(&(struct bundle){.user = "'uid':1,'gid':0", .namespaces = USERNS,
				 .lin = "'uidMappings':[" IDMAP(0, 9, 9) "],'gidMappings':[" IDMAP(0, 9, 1) "]"},
		ERR_POLICY, "H-02", "process.user.gid: is 0, and linux.gidMappings maps nothing else",
		"H-02: refused where only 0 is mapped");
}

/* 0 outside is root, whatever it is called inside. */
static void root_outside(void)
{
	struct host rootless = full_host;
	autoplan plan = PLAN_INIT, other = PLAN_INIT;
	struct bundle b = {.user = "'uid':1000,'gid':1", .namespaces = USERNS,
			   .lin = "'uidMappings':[" IDMAP(1000, 0, 5) "],'gidMappings':[" IDMAP(0, 100000, 65536) "]"};

	refused(&b, ERR_POLICY, "H-01", "process.user.uid: linux.uidMappings makes 1000 the host's 0",
		"H-01: the host's root by another name refused");
	b.user = "'uid':1001,'gid':1";
	if (!resolved(&b, &other, "beside it"))
		return;
	ok(other.userns_last.uid_maps.n == 1 && other.userns_last.uid_maps.items[0].inside == 1001 &&
		   other.userns_last.uid_maps.items[0].count == 4,
	   "H-12: and it is in no map");
	is_int(other.own_binary, OWN_BINARY_UNREACHABLE, "H-19: so nothing is in reach");
	b.user = "'uid':1000,'gid':1";
	rootless.initial_userns = false;
	b.host = &rootless;
	if (!resolved(&b, &plan, "rootless"))
		return;
	is_int(plan.own_binary, OWN_BINARY_SEALED_COPY, "H-19: rootless, the caller may be inside: a sealed copy");

	b.host = NULL;
	b.lin = "'gidMappings':[" IDMAP(7, 0, 5) "],'uidMappings':[" IDMAP(0, 100000, 65536) "]";
	b.user = "'uid':1000,'gid':7";
	refused(&b, ERR_POLICY, "H-02", "process.user.gid: linux.gidMappings makes 7 the host's 0",
		"H-02: the host's root group by another name refused");
	b.user = "'uid':1000,'gid':8,'additionalGids':[9,7]";
	refused(&b, ERR_POLICY, "H-03", "makes 7 the host's 0", "H-03: among the supplementary groups too");
}

static void power(void)
{
	autoplan plan = PLAN_INIT, none = PLAN_INIT, all = PLAN_INIT;
	uint32_t want = SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_NO_SETUID_FIXUP | SECBIT_NO_SETUID_FIXUP_LOCKED |
			SECBIT_KEEP_CAPS_LOCKED | SECBIT_NO_CAP_AMBIENT_RAISE | SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED;

	if (!resolved(&(struct bundle){.process = CAPS_SOME ",'noNewPrivileges':false"}, &plan, "capabilities"))
		return;
	const struct plan_caps *c = &plan.process.caps;
	ok(!(c->bounding | c->effective | c->permitted | c->inheritable | c->ambient), "H-04: all five sets are empty");
	is_change(&plan, "H-04", "capabilities.permitted", CHANGE_FORCED, "CAP_CHOWN,CAP_KILL", "told by name");
	ok(find_change(&plan, "H-04", "capabilities.bounding") && find_change(&plan, "H-04", "capabilities.effective") &&
		   find_change(&plan, "H-04", "capabilities.inheritable") &&
		   find_change(&plan, "H-04", "capabilities.ambient"),
	   "H-04: each set is told");
	ok(plan.process.no_new_privs, "H-05: no_new_privs is on");
	is_change(&plan, "H-05", "no-new-privs", CHANGE_FORCED, "no", "told");
	is_int(plan.process.securebits, want, "H-06: uid 0 means nothing, and that is locked");
	ok(!(plan.process.securebits & SECBIT_KEEP_CAPS), "H-06: keep-caps is locked off");
	is_change(&plan, "H-06", "securebits", CHANGE_ADDED, NULL, "told");

	if (!resolved(&(struct bundle){.process = "'noNewPrivileges':true"}, &none, "none"))
		return;
	ok(!find_change(&none, "H-04", "capabilities.bounding") && !find_change(&none, "H-05", "no-new-privs"),
	   "H-04 H-05: nothing is told where nothing changed");

	/* the text of the largest set */
	if (!resolved(&(struct bundle){.process = "'capabilities':{'bounding':['CAP_CHOWN','CAP_CHECKPOINT_RESTORE']}"}, &all,
		      "ends"))
		return;
	is_change(&all, "H-04", "capabilities.bounding", CHANGE_FORCED, "CAP_CHOWN,CAP_CHECKPOINT_RESTORE", "first and last");
}

static void carried(void)
{
	autoplan plan = PLAN_INIT, zero = PLAN_INIT, some = PLAN_INIT, listen = PLAN_INIT;

	if (!resolved(&(struct bundle){.request = {.no_new_keyring = true}}, &plan, "nothing asked"))
		return;
	const struct plan_rlimit *core = find_rlimit(&plan.process, RLIMIT_CORE);
	ok(core && core->soft == 0 && core->hard == 0, "H-07: no core dumps");
	is_change(&plan, "H-07", "rlimit.CORE", CHANGE_ADDED, NULL, "added");
	ok(plan.process.new_keyring, "H-08: an own keyring");
	is_change(&plan, "H-08", "keyring", CHANGE_FORCED, "--no-new-keyring", "told");

	if (!resolved(&(struct bundle){.process = "'rlimits':[{'type':'RLIMIT_CORE','soft':5,'hard':18446744073709551615}]"},
		      &some, "core asked"))
		return;
	core = find_rlimit(&some.process, RLIMIT_CORE);
	ok(core && core->soft == 0 && core->hard == 0, "H-07: no core dumps, whatever is asked");
	is_change(&some, "H-07", "rlimit.CORE", CHANGE_FORCED, "5:unlimited", "told");
	ok(!find_change(&some, "H-08", "keyring"), "H-08: nothing told where nothing changed");

	if (!resolved(&(struct bundle){.process = "'rlimits':[{'type':'RLIMIT_CORE','soft':0,'hard':0}]"}, &zero, "core 0"))
		return;
	ok(!find_change(&zero, "H-07", "rlimit.CORE"), "H-07: 0:0 is left");

	if (!resolved(&(struct bundle){.process = "'env':['A=1']",
				       .request = {.listen_fds = 2, .listen_fdnames = "a:b", .preserve_fds = 2,
						   .notify_dir = "/run/kanuki/c1/notify"}},
		      &listen, "socket activation"))
		return;
	is_str(joined(&listen.process.env),
	       "A=1,NOTIFY_SOCKET=/run/notify/notify.sock,LISTEN_FDS=2,LISTEN_PID=1,LISTEN_FDNAMES=a:b",
	       "H-09: the bundle's environment and the service manager's protocols");
	is_change(&listen, "H-09", "env.NOTIFY_SOCKET", CHANGE_ADDED, NULL, "told");
	ok(find_mount(&listen, "/run/notify"), "H-25: our own socket may be mounted");
	is_change(&listen, "H-09", "env.LISTEN_FDS", CHANGE_ADDED, NULL, "told");
	is_change(&listen, "H-09", "env.LISTEN_PID", CHANGE_ADDED, NULL, "told");
	is_change(&listen, "H-09", "env.LISTEN_FDNAMES", CHANGE_ADDED, NULL, "told");
	is_int(listen.process.preserve_fds, 2, "H-17: as many descriptors as were asked for");
	ok(!listen.process.terminal, "H-18: no terminal that wasn't asked for");
}

static void scheduling(void)
{
	struct host rootless = full_host;
	autoplan plan = PLAN_INIT, mild = PLAN_INIT, dead = PLAN_INIT, bare = PLAN_INIT, user = PLAN_INIT, below = PLAN_INIT;

	rootless.euid = 1000;
	rootless.initial_userns = false;
	if (!resolved(&(struct bundle){.process = "'oomScoreAdj':-500,'scheduler':{'policy':'SCHED_FIFO','priority':9},"
						  "'ioPriority':{'class':'IOPRIO_CLASS_RT','priority':0}",
				       .lin = "'personality':{'domain':'LINUX32'}"},
		      &plan, "greedy"))
		return;
	is_int(plan.process.oom_score_adj, 0, "H-16: the oom score isn't below 0");
	is_change(&plan, "H-16", "oom-score-adj", CHANGE_FORCED, "-500", "told");
	ok(plan.process.sched.set && plan.process.sched.policy == 0 && plan.process.sched.priority == 0,
	   "H-16: no realtime scheduling");
	is_change(&plan, "H-16", "scheduler", CHANGE_FORCED, "fifo", "told");
	ok(plan.process.io_priority_set && plan.process.io_priority == 0, "H-16: no realtime I/O");
	is_change(&plan, "H-16", "io-priority", CHANGE_FORCED, "realtime", "told");
	is_int(plan.process.personality, 8, "H-16: a 32-bit personality is harmless");

	if (!resolved(&(struct bundle){.process = "'oomScoreAdj':300,'scheduler':{'policy':'SCHED_BATCH','nice':5},"
						  "'ioPriority':{'class':'IOPRIO_CLASS_BE','priority':7}"},
		      &mild, "modest"))
		return;
	ok(mild.process.oom_score_adj == 300 && mild.process.sched.policy == 3 && mild.process.sched.nice == 5 &&
		   mild.process.io_priority == (2 << 13 | 7),
	   "H-16: what takes from nobody stays");

	const struct plan_rlimit *rt = find_rlimit(&mild.process, RLIMIT_RTPRIO), *nice = find_rlimit(&mild.process, RLIMIT_NICE);
	ok(rt && !rt->soft && !rt->hard && nice && !nice->soft && !nice->hard, "H-16: nor can it be had later");
	is_change(&mild, "H-16", "rlimit.RTPRIO", CHANGE_ADDED, NULL, "added");
	refused(&(struct bundle){.lin = "'intelRdt':{'closID':'/','schemata':['L3:0=1']}"}, ERR_POLICY, "H-16",
		"would change the cache and memory share of class '/'", "H-16: another class of service refused");
	autoplan limits = PLAN_INIT, class = PLAN_INIT;
	if (!resolved(&(struct bundle){.process = "'rlimits':[{'type':'RLIMIT_RTPRIO','soft':5,'hard':9},{'type':'RLIMIT_NICE','soft':0,'hard':0}]"},
		      &limits, "priority limits") ||
	    !resolved(&(struct bundle){.lin = "'intelRdt':{'schemata':['L3:0=1']}"}, &class, "an own class"))
		return;
	is_change(&limits, "H-16", "rlimit.RTPRIO", CHANGE_FORCED, "5:9", "forced");
	ok(!find_change(&limits, "H-16", "rlimit.NICE"), "H-16: 0:0 is left");

	if (!resolved(&(struct bundle){.process = "'scheduler':{'policy':'SCHED_OTHER','nice':-5}"}, &below, "nice"))
		return;
	is_int(below.process.sched.nice, 0, "H-16: niceness isn't below 0");
	is_change(&below, "H-16", "nice", CHANGE_FORCED, "-5", "told");

	if (!resolved(&(struct bundle){.process = "'scheduler':{'policy':'SCHED_DEADLINE','runtime':1000000,'deadline':2000000,"
						  "'period':2000000}"},
		      &dead, "deadline"))
		return;
	ok(dead.process.sched.policy == 0 && dead.process.sched.runtime_ns == 0, "H-16: no deadline scheduling");

	if (!resolved(&(struct bundle){0}, &bare, "nothing asked"))
		return;
	ok(bare.process.oom_score_adj_set && bare.process.oom_score_adj == 0, "H-16: an engine's oom score isn't inherited");
	ok(bare.process.sched.set && bare.process.io_priority_set && bare.process.personality_set &&
		   bare.process.personality == 0,
	   "H-16: nor its scheduling, I/O priority and personality");

	if (!resolved(&(struct bundle){.host = &rootless}, &user, "without privilege"))
		return;
	ok(!user.process.oom_score_adj_set, "H-16: without privilege the oom score can't be lowered");
	is_change(&user, "H-16", "scheduler", CHANGE_SKIPPED, NULL, "skipped without privilege");
}

static void own_binary(void)
{
	autoplan hardened = PLAN_INIT, oci = PLAN_INIT;

	if (!resolved(&(struct bundle){.user = "'uid':0,'gid':0"}, &hardened, "hardened") ||
	    !resolved(&(struct bundle){.level = LEVEL_OCI, .user = "'uid':0,'gid':0"}, &oci, "oci"))
		return;
	is_int(hardened.own_binary, OWN_BINARY_UNREACHABLE, "H-19: out of reach for a user without root");
	is_int(oci.own_binary, OWN_BINARY_SEALED_COPY, "H-19: a sealed copy where root is inside");
}

int main(void)
{
	who();
	root_outside();
	power();
	carried();
	scheduling();
	own_binary();
	return tap_done();
}
