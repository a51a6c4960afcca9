/* The process object: every property as it arrives in the struct, every refusal by its message. */
#include "config.h"

#include "spec_case.h"

#include <linux/ioprio.h>
#include <linux/sched.h>
#include <sys/resource.h>

static const struct refusal refusals[] = {
	{ "'cwd2':'/'", "cwd2: unknown property (did you mean 'cwd'?)" },
	{ "'frobnicate':1", "frobnicate: unknown property; runtime-spec 1.3.0 has none of this name here, remove it" },
	{ "'commandLine':'cmd'",
	  "commandLine: not supported on Linux: a command line as one string is for Windows; use 'args'; remove it" },
	{ "'terminal':1", "terminal: expected a boolean, found a number" },
	{ "'args':'sh'", "args: expected an array, found a string" },
	{ "'args':['sh',null]", "args[1]: expected a string, found null" },
	{ "'args':['']", "args[0]: is empty; it names the program to execute" },
	{ "'env':['A=1','FOO']", "env[1]: 'FOO' has no '='; write NAME=value" },
	{ "'env':['=x']", "env[0]: '=x' has no name before '='; write NAME=value" },
	{ "'env':['']", "env[0]: '' has no '='; write NAME=value" },
	{ "'oomScoreAdj':1001", "oomScoreAdj: 1001 is out of range: oom_score_adj is -1000 to 1000" },
	{ "'oomScoreAdj':-1001", "oomScoreAdj: -1001 is out of range: oom_score_adj is -1000 to 1000" },
	{ "'oomScoreAdj':1.5", "oomScoreAdj: expected an integer from -9223372036854775808 to 9223372036854775807, "
			       "found 1.5" },
	{ "'user':{'uid':-1}", "user.uid: expected an integer from 0 to 4294967295, found -1" },
	{ "'user':{'gid':1e3}", "user.gid: expected an integer from 0 to 4294967295, found 1e3" },
	{ "'user':{'additionalGids':['0']}", "user.additionalGids[0]: expected a number, found a string" },
	{ "'noNewPrivileges':'yes'", "noNewPrivileges: expected a boolean, found a string" },

	{ "'consoleSize':{'height':1}", "consoleSize.width: is missing; the specification requires it" },
	{ "'consoleSize':{'width':1}", "consoleSize.height: is missing; the specification requires it" },
	{ "'consoleSize':{'height':65536,'width':1}",
	  "consoleSize.height: 65536 is out of range: a terminal has 65535 rows or columns at most" },
	{ "'consoleSize':{'height':1,'width':65536}",
	  "consoleSize.width: 65536 is out of range: a terminal has 65535 rows or columns at most" },
	{ "'consoleSize':{'height':1,'width':1,'depth':1}",
	  "consoleSize.depth: unknown property; runtime-spec 1.3.0 has none of this name here, remove it" },

	{ "'user':{'uid':4294967295}",
	  "user.uid: 4294967295 is no id: the kernel reads it as \"leave unchanged\"; choose another" },
	{ "'user':{'gid':4294967295}",
	  "user.gid: 4294967295 is no id: the kernel reads it as \"leave unchanged\"; choose another" },
	{ "'user':{'additionalGids':[0,4294967295]}",
	  "user.additionalGids[1]: 4294967295 is no id: the kernel reads it as \"leave unchanged\"; choose another" },
	{ "'user':{'umask':512}", "user.umask: 512 is out of range: a umask is 0 to 511 (octal 0777)" },
	{ "'user':{'username':'root'}", "user.username: not supported on Linux: a user is named by uid and gid; "
					"user names are for Windows; remove it" },
	{ "'user':{'name':'root'}",
	  "user.name: unknown property; runtime-spec 1.3.0 has none of this name here, remove it" },

	{ "'capabilities':{'bounding':['CAP_KILL','CAP_CHOWN','CAP_FOWNER','CAP_X']}",
	  "capabilities.bounding[3]: unknown capability 'CAP_X'" },
	{ "'capabilities':{'effective':['']}", "capabilities.effective[0]: unknown capability ''" },
	{ "'capabilities':{'inheritable':['CAP_']}", "capabilities.inheritable[0]: unknown capability 'CAP_'" },
	{ "'capabilities':{'permitted':['41']}", "capabilities.permitted[0]: unknown capability '41'" },
	{ "'capabilities':{'ambient':[1]}", "capabilities.ambient[0]: expected a string, found a number" },
	{ "'capabilities':['CAP_KILL']", "capabilities: expected an object, found an array" },
	{ "'capabilities':{'boundary':[]}",
	  "capabilities.boundary: unknown property; runtime-spec 1.3.0 has none of this name here, remove it" },

	{ "'rlimits':[{'type':'RLIMIT_CORE','soft':1}]",
	  "rlimits[0].hard: is missing; the specification requires it" },
	{ "'rlimits':[{'type':'RLIMIT_CORE','hard':1}]",
	  "rlimits[0].soft: is missing; the specification requires it" },
	{ "'rlimits':[{'soft':1,'hard':1}]", "rlimits[0].type: is missing; the specification requires it" },
	{ "'rlimits':[{'type':'RLIMIT_NOFILES','soft':1,'hard':1}]",
	  "rlimits[0].type: 'RLIMIT_NOFILES' is not a resource limit (did you mean 'RLIMIT_NOFILE'?)" },
	{ "'rlimits':[{'type':'NOPE','soft':1,'hard':1}]", "rlimits[0].type: 'NOPE' is not a resource limit" },
	{ "'rlimits':[{'type':'RLIMIT_CORE','soft':2,'hard':1}]",
	  "rlimits[0]: soft limit 2 is above hard limit 1; lower the one or raise the other" },
	{ "'rlimits':[{'type':'RLIMIT_CORE','soft':1,'hard':1},{'type':'RLIMIT_AS','soft':1,'hard':1},"
	  "{'type':'RLIMIT_CORE','soft':1,'hard':2}]",
	  "rlimits[2]: RLIMIT_CORE is given twice; keep one" },

	{ "'scheduler':{}", "scheduler.policy: is missing; the specification requires it" },
	{ "'scheduler':{'policy':'SCHED_OTTER'}",
	  "scheduler.policy: 'SCHED_OTTER' is not a scheduling policy (did you mean 'SCHED_OTHER'?)" },
	{ "'scheduler':{'policy':'x'}",
	  "scheduler.policy: 'x' is not a scheduling policy; use one of SCHED_OTHER, SCHED_FIFO, SCHED_RR, "
	  "SCHED_BATCH, SCHED_ISO, SCHED_IDLE, SCHED_DEADLINE" },
	{ "'scheduler':{'policy':'SCHED_ISO'}",
	  "scheduler: policy SCHED_ISO is reserved and in no Linux kernel; choose another" },
	{ "'scheduler':{'policy':'SCHED_OTHER','nice':20}", "scheduler.nice: 20 is out of range: nice is -20 to 19" },
	{ "'scheduler':{'policy':'SCHED_OTHER','nice':-21}",
	  "scheduler.nice: -21 is out of range: nice is -20 to 19" },
	{ "'scheduler':{'policy':'SCHED_FIFO','priority':100}",
	  "scheduler.priority: 100 is out of range: a scheduling priority is 0 to 99" },
	{ "'scheduler':{'policy':'SCHED_FIFO'}", "scheduler: SCHED_FIFO and SCHED_RR need a 'priority' of 1 to 99" },
	{ "'scheduler':{'policy':'SCHED_RR','priority':0}",
	  "scheduler: SCHED_FIFO and SCHED_RR need a 'priority' of 1 to 99" },
	{ "'scheduler':{'policy':'SCHED_BATCH','priority':1}",
	  "scheduler: 'priority' is for SCHED_FIFO and SCHED_RR only; remove it" },
	{ "'scheduler':{'policy':'SCHED_OTHER','flags':['SCHED_FLAG_X']}",
	  "scheduler.flags[0]: 'SCHED_FLAG_X' is not a scheduler flag; use one of SCHED_FLAG_RESET_ON_FORK, "
	  "SCHED_FLAG_RECLAIM, SCHED_FLAG_DL_OVERRUN, SCHED_FLAG_KEEP_POLICY, SCHED_FLAG_KEEP_PARAMS, "
	  "SCHED_FLAG_UTIL_CLAMP_MIN, SCHED_FLAG_UTIL_CLAMP_MAX" },
	{ "'scheduler':{'policy':'SCHED_OTHER','period':1}",
	  "scheduler: 'runtime', 'deadline' and 'period' are for SCHED_DEADLINE only; remove them" },
	{ "'scheduler':{'policy':'SCHED_FIFO','priority':1,'runtime':1}",
	  "scheduler: 'runtime', 'deadline' and 'period' are for SCHED_DEADLINE only; remove them" },
	{ "'scheduler':{'policy':'SCHED_DEADLINE','runtime':1}",
	  "scheduler: SCHED_DEADLINE needs 'runtime' and 'deadline', in nanoseconds" },
	{ "'scheduler':{'policy':'SCHED_DEADLINE','deadline':1}",
	  "scheduler: SCHED_DEADLINE needs 'runtime' and 'deadline', in nanoseconds" },
	{ "'scheduler':{'policy':'SCHED_DEADLINE','runtime':2,'deadline':1}",
	  "scheduler: SCHED_DEADLINE needs runtime <= deadline <= period" },
	{ "'scheduler':{'policy':'SCHED_DEADLINE','runtime':1,'deadline':3,'period':2}",
	  "scheduler: SCHED_DEADLINE needs runtime <= deadline <= period" },

	{ "'ioPriority':{'priority':1}", "ioPriority.class: is missing; the specification requires it" },
	{ "'ioPriority':{'class':'IOPRIO_CLASS_NONE'}",
	  "ioPriority.class: 'IOPRIO_CLASS_NONE' is not an I/O priority class; use one of IOPRIO_CLASS_RT, "
	  "IOPRIO_CLASS_BE, IOPRIO_CLASS_IDLE" },
	{ "'ioPriority':{'class':'IOPRIO_CLASS_BE','priority':8}",
	  "ioPriority.priority: 8 is out of range: an I/O priority is 0 (highest) to 7" },
	{ "'ioPriority':{'class':'IOPRIO_CLASS_BE','priority':-1}",
	  "ioPriority.priority: -1 is out of range: an I/O priority is 0 (highest) to 7" },

	{ "'execCPUAffinity':{'initial':'a'}",
	  "execCPUAffinity.initial: 'a' is no list of CPUs; write it like 0-3,7" },
	{ "'execCPUAffinity':{'final':'3-1'}",
	  "execCPUAffinity.final: '3-1' is no list of CPUs; write it like 0-3,7" },
	{ "'execCPUAffinity':{'final':'1,'}", "execCPUAffinity.final: '1,' is no list of CPUs; write it like 0-3,7" },
	{ "'execCPUAffinity':{'final':'1-'}", "execCPUAffinity.final: '1-' is no list of CPUs; write it like 0-3,7" },
	{ "'execCPUAffinity':{'final':'0-3:1/2'}",
	  "execCPUAffinity.final: '0-3:1/2' is no list of CPUs; write it like 0-3,7" },
	{ "'execCPUAffinity':{'final':'0 1'}", "execCPUAffinity.final: '0 1' is no list of CPUs; write it like 0-3,7" },
	{ "'execCPUAffinity':{'final':'0-8192'}",
	  "execCPUAffinity.final: '0-8192' is no list of CPUs; write it like 0-3,7" },
	{ "'execCPUAffinity':{'last':'1'}",
	  "execCPUAffinity.last: unknown property; runtime-spec 1.3.0 has none of this name here, remove it" },
};

/* The document helper gives cwd; these need to do without. */
static void cwd_is_absolute(void)
{
	static const struct refusal cases[] = {
		{ "{}", "cwd: is missing; the specification requires it" },
		{ "{\"cwd\":null}", "cwd: is missing; the specification requires it" },
		{ "{\"cwd\":\"\"}", "cwd: is empty; the specification requires a value" },
		{ "{\"cwd\":\"srv\"}", "cwd: 'srv' is not an absolute path; it must begin with '/'" },
		{ "[]", "expected an object, found an array" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct arena arena = ARENA_INIT;
		struct spec_process *process;
		struct err err = ERR_INIT;
		int rc = spec_parse_process(cases[i].inside, strlen(cases[i].inside), &arena, &process, &err);

		is_refusal(rc, &err, &cases[i]);
		arena_release(&arena);
	}
}

static void path_too_long(void)
{
	static char text[5000];
	struct arena arena = ARENA_INIT;
	struct spec_process *process;
	struct err err = ERR_INIT;
	int n = snprintf(text, sizeof(text), "{\"cwd\":\"/%04095d\"}", 0);

	static const struct refusal want = { "a path of 4096 bytes", "cwd: is a path of 4096 bytes; Linux takes 4095 at most" };
	is_refusal(spec_parse_process(text, (size_t)n, &arena, &process, &err), &err, &want);
	arena_release(&arena);
}

static int parse_groups(int n, struct arena *arena, struct spec_process **ret, struct err *err)
{
	char *text = malloc(2 * (size_t)n + 100);
	size_t used;
	int rc;

	if (!text)
		abort();
	used = (size_t)sprintf(text, "{\"cwd\":\"/\",\"user\":{\"additionalGids\":[1");
	for (int i = 1; i < n; i++, used += 2)
		memcpy(text + used, ",1", 2);
	memcpy(text + used, "]}}", 3);
	rc = spec_parse_process(text, used + 3, arena, ret, err);
	free(text);
	return rc;
}

static void number_of_groups(void)
{
	static const struct refusal want = { "65537 groups",
					     "user.additionalGids: has 65537 groups; a process can have 65536 at most" };
	struct arena arena = ARENA_INIT;
	struct spec_process *process = NULL;
	struct err err = ERR_INIT;

	ok(parse_groups(65536, &arena, &process, &err) == 0 && process->user.additional_gids.n == 65536,
	   "65536 groups are taken");
	arena_release(&arena);
	is_refusal(parse_groups(65537, &arena, &process, &err), &err, &want);
	arena_release(&arena);
}

static void every_property(void)
{
	struct arena arena = ARENA_INIT;
	struct spec_process *p = NULL;
	struct err err = ERR_INIT;
	int rc = parse_process(
		"'terminal':true,'consoleSize':{'height':24,'width':80},"
		"'user':{'uid':1,'gid':2,'umask':18,'additionalGids':[5,6]},"
		"'args':['sh','-c','true'],'env':['A=1','B=','C==x'],"
		"'capabilities':{'bounding':['CAP_KILL','cap_bpf','chown'],'effective':['CAP_KILL'],"
		"'inheritable':['CAP_SETUID'],'permitted':['CAP_KILL'],'ambient':['CAP_CHECKPOINT_RESTORE']},"
		"'rlimits':[{'type':'RLIMIT_NOFILE','soft':1,'hard':18446744073709551615},"
		"{'type':'RLIMIT_STACK','soft':0,'hard':0}],"
		"'noNewPrivileges':true,'apparmorProfile':'web','selinuxLabel':'a:b:c:d','oomScoreAdj':-1000,"
		"'scheduler':{'policy':'SCHED_DEADLINE','flags':['SCHED_FLAG_RESET_ON_FORK','SCHED_FLAG_RECLAIM'],"
		"'runtime':10,'deadline':20,'period':30},"
		"'ioPriority':{'class':'IOPRIO_CLASS_IDLE','priority':7},"
		"'execCPUAffinity':{'initial':'0-1, 4','final':' 7 - 9 '}",
		&arena, &p, &err);

	ok(rc == 0, "every property of process");
	if (rc) {
		diag("%s", err.msg);
		arena_release(&arena);
		return;
	}
	ok(p->terminal && p->console_size.set && p->console_size.height == 24 && p->console_size.width == 80,
	       "terminal and consoleSize");
	ok(p->user.uid == 1 && p->user.gid == 2 && p->user.umask.set && p->user.umask.v == 022, "user");
	ok(p->user.additional_gids.n == 2 && p->user.additional_gids.items[0] == 5 &&
		       p->user.additional_gids.items[1] == 6,
	       "additionalGids");
	ok(same_words(&p->args, "sh -c true"), "args");
	ok(same_words(&p->env, "A=1 B= C==x"), "env");
	ok(same(p->cwd, "/"), "cwd");
	ok(p->capabilities && p->capabilities->bounding == (1ull << 5 | 1ull << 39 | 1ull << 0) &&
		       p->capabilities->effective == 1ull << 5 && p->capabilities->permitted == 1ull << 5 &&
		       p->capabilities->inheritable == 1ull << 7 && p->capabilities->ambient == 1ull << 40,
	       "capabilities");
	ok(p->rlimits.n == 2 && p->rlimits.items[0].resource == RLIMIT_NOFILE && p->rlimits.items[0].soft == 1 &&
		       p->rlimits.items[0].hard == UINT64_MAX && same(p->rlimits.items[0].type, "RLIMIT_NOFILE") &&
		       p->rlimits.items[1].resource == RLIMIT_STACK,
	       "rlimits");
	ok(p->no_new_privileges.set && p->no_new_privileges.v, "noNewPrivileges");
	ok(same(p->apparmor_profile, "web") && same(p->selinux_label, "a:b:c:d"), "labels");
	ok(p->oom_score_adj.set && p->oom_score_adj.v == -1000, "oomScoreAdj");
	ok(p->scheduler && p->scheduler->policy == SCHED_DEADLINE && p->scheduler->flags == 3 &&
		       p->scheduler->runtime.v == 10 && p->scheduler->deadline.v == 20 &&
		       p->scheduler->period.v == 30 && !p->scheduler->nice.set,
	       "scheduler");
	ok(p->io_priority && p->io_priority->class == IOPRIO_CLASS_IDLE && p->io_priority->priority == 7,
	       "ioPriority");
	ok(same(p->exec_cpu_affinity.initial, "0-1,4") && same(p->exec_cpu_affinity.final, "7-9"),
	       "execCPUAffinity");
	arena_release(&arena);
}

static void nothing_but_cwd(void)
{
	struct arena arena = ARENA_INIT;
	struct spec_process *p = NULL;
	struct err err = ERR_INIT;
	/* Go writes null for what was not set; empty strings and arrays are as good as absent. */
	int rc = parse_process("'terminal':null,'consoleSize':null,'user':null,'args':null,'env':[],"
			       "'capabilities':null,'rlimits':[],'apparmorProfile':'','selinuxLabel':null,"
			       "'scheduler':null,'ioPriority':null,'execCPUAffinity':{'initial':'','final':null},"
			       "'commandLine':null",
			       &arena, &p, &err);

	ok(rc == 0 && !p->terminal && !p->console_size.set && p->user.uid == 0 && p->args.n == 0 &&
		       p->env.n == 0 && !p->capabilities && p->rlimits.n == 0 && !p->apparmor_profile &&
		       !p->selinux_label && !p->scheduler && !p->io_priority && !p->exec_cpu_affinity.initial &&
		       !p->no_new_privileges.set && !p->oom_score_adj.set,
	       "null and absent leave everything unset");
	arena_release(&arena);
}

static void schedulers(void)
{
	static const struct {
		const char *inside;
		int policy;
	} cases[] = {
		{ "'scheduler':{'policy':'SCHED_OTHER','nice':-20}", SCHED_NORMAL },
		{ "'scheduler':{'policy':'SCHED_BATCH','nice':19}", SCHED_BATCH },
		{ "'scheduler':{'policy':'SCHED_IDLE','priority':0}", SCHED_IDLE },
		{ "'scheduler':{'policy':'SCHED_FIFO','priority':1}", SCHED_FIFO },
		{ "'scheduler':{'policy':'SCHED_RR','priority':99}", SCHED_RR },
		{ "'scheduler':{'policy':'SCHED_DEADLINE','runtime':5,'deadline':5}", SCHED_DEADLINE },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct arena arena = ARENA_INIT;
		struct spec_process *p = NULL;
		struct err err = ERR_INIT;

		ok(parse_process(cases[i].inside, &arena, &p, &err) == 0 &&
			       p->scheduler->policy == cases[i].policy,
		       "%s", cases[i].inside);
		arena_release(&arena);
	}
}

/* The child's parser takes the kernel's own form and nothing else. */
static void canonical_lists(void)
{
	static const struct {
		const char *given, *want;
	} cases[] = {
		{ "0-3,7", "0-3,7" }, { "0, 1", "0,1" }, { " 0 - 3 , 7 ", "0-3,7" },
		{ "00000007,000", "7,0" }, { "5-5", "5" }, { "8191", "8191" }, { "", NULL },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct arena arena = ARENA_INIT;
		struct spec_process *p = NULL;
		struct err err = ERR_INIT;
		char inside[128];

		snprintf(inside, sizeof(inside), "'execCPUAffinity':{'initial':'%s','final':'%s'}", cases[i].given, cases[i].given);
		if (ok(parse_process(inside, &arena, &p, &err) == 0, "'%s' is a list of CPUs: %s", cases[i].given, err.msg))
			ok(same(p->exec_cpu_affinity.initial, cases[i].want) && same(p->exec_cpu_affinity.final, cases[i].want),
			   "and becomes '%s'", cases[i].want ? cases[i].want : "nothing");
		arena_release(&arena);
	}
}

int main(void)
{
	process_refusals(refusals, ARRAY_LEN(refusals));
	cwd_is_absolute();
	path_too_long();
	number_of_groups();
	every_property();
	nothing_but_cwd();
	schedulers();
	canonical_lists();
	return tap_done();
}
